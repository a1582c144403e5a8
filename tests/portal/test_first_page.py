"""The first page: who runs it, the check, changes, doors; made anew only when there is something new."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from registry.services.bootstrap import Registry
from tests.portal.pages import parse_page
from tests.statements import asked

pytestmark = pytest.mark.once


def test_it_is_made_once_for_an_entry_and_then_asks_for_the_newest_alone(
    client: FlaskClient, filled: Registry
) -> None:
    first = client.get("/en/")
    filled.newest_entry._computed = None
    with asked(filled.engine) as later:
        again = client.get("/en/")
    with asked(filled.engine) as at_once:
        client.get("/en/")
    selects = [statement for statement in later if statement.lstrip().upper().startswith("SELECT")]
    assert len(selects) == 1
    assert at_once == []
    assert again.data == first.data


def test_it_says_who_runs_it_and_has_the_check_and_the_doors(client: FlaskClient) -> None:
    text = client.get("/en/").text
    assert "Run by Example operator (demonstration)." in text
    page = parse_page(text)
    [form] = [each for each in page.all("form") if each.get("method") == "post"]
    assert (form["action"], form["enctype"]) == ("/en/verify", "multipart/form-data")
    assert {each["href"] for each in page.all("a")} >= {"/en/workspace/home", "/en/statistics", "/en/quality"}
    assert "A hundred-year brand" not in text  # none of these records says when it was founded
