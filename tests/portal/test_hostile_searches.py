"""Any search text gets a page, never an error; echoed text is escaped."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from markupsafe import escape

from tests.bench.search.hostile import HOSTILE


def test_there_are_many_kinds_of_hostile_text() -> None:
    assert len(HOSTILE) >= 40
    assert len(set(HOSTILE.values())) == len(HOSTILE)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_search_gets_a_well_formed_page(client: FlaskClient, kind: str) -> None:
    text = HOSTILE[kind].encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for address in (
        "/zh/search",
        "/en/search",
        "/zh/brands",
        "/api/v1/search",
        "/api/v1/suggest",
        "/zh/feeds/search.atom",
    ):
        answer = client.get(address, query_string={"q": text})
        assert answer.status_code == 200, address
        if "<" in text and answer.mimetype == "text/html":
            page = answer.get_data(as_text=True)
            assert "<script>alert" not in page
            assert str(escape(text)) in page


@pytest.mark.parametrize("raw", [b"%", b"%zz", b"%ff%fe", b"%ed%a0%80", b"q", b"&&==&q=%00", b"q=1&q=2&q=3"])
def test_a_query_string_that_is_not_text_gets_a_page(client: FlaskClient, raw: bytes) -> None:
    for page in ("zh/search", "en/search"):
        assert client.get(f"/{page}?q={raw.decode('ascii')}").status_code == 200
