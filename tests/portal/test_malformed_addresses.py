"""Addresses with control characters are malformed, whatever page they would lead to."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import NotFound


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
    for text in ("a%C2%A0b", "a%E2%80%8Bb", "a%EF%BF%BDb", "a%FFb", "a%20b", "copied%0A", "copied%0D%0A"):
        assert client.get(f"/r/{text}").status_code == 404


@pytest.mark.parametrize("digits", ["٣", "३", "３", "03", "+3", "3.0", "99999999999"])
def test_the_id_of_a_row_has_one_spelling(app: Flask, digits: str) -> None:
    urls = app.url_map.bind("127.0.0.1")
    path = "/en/workspace/organisations/x/drafts/{}/check"
    assert urls.match(path.format(3))[1]["draft"] == 3
    with pytest.raises(NotFound):
        urls.match(path.format(digits))


def test_a_redirect_after_a_form_says_once_how_it_is_kept(client: FlaskClient) -> None:
    moved = client.get("/en/account/overview")
    assert (moved.status_code, moved.headers.getlist("Cache-Control")) == (303, ["no-store"])
