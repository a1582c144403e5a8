"""Addresses with control characters are malformed, whatever page they would lead to."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize("octet", ["%00", "%01", "%09", "%0A", "%1F", "%7F", "%C2%80", "%C2%9F"])
@pytest.mark.parametrize(
    "path",
    [
        "/texts/{}",
        "/r/{}",
        "/en/{}",
        "/zh/green-certificates/{}",
        "/en/workspace/organisations/{}/people",
        "/static/{}",
    ],
)
def test_a_control_character_in_a_path_is_400(client: FlaskClient, path: str, octet: str) -> None:
    answer = client.get(path.format(f"a{octet}b"))
    assert (answer.status_code, answer.mimetype) == (400, "text/html")


def test_programs_get_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/api/v1/registers/%00/records")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_what_is_no_control_character_is_looked_up(client: FlaskClient) -> None:
    for text in ("%C2%A0", "%E2%80%8B", "%EF%BF%BD", "%FF", "%20"):
        assert client.get(f"/r/a{text}b").status_code == 404
