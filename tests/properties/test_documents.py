"""Documents: what goes into a cell comes out of it, one document has one hash, and no text breaks a door."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import rfc8785
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.kit.list_cells import join_cell, split_cell
from registry.ledger.canonical import canonical_json
from registry.registers import catalogue

items = st.lists(st.text(st.sampled_from("ab\\|同 "), min_size=1, max_size=6), min_size=1, max_size=5)
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e15, 1e15)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), inner, max_size=4)
    ),
    max_leaves=12,
)
documents = st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), values, max_size=6)
typed = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)
A_CLIENT = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@given(items)
def test_items_of_a_cell_are_read_back_unchanged(written: list[str]) -> None:
    assert split_cell(join_cell(written)) == written


@given(documents)
def test_canonical_json_is_that_of_rfc_8785(document: dict[str, Any]) -> None:
    assert canonical_json(document) == rfc8785.dumps(document)
    reordered = dict(reversed(list(document.items())))
    assert canonical_json(reordered) == canonical_json(document)
    assert json.loads(canonical_json(document)) == document


@settings(max_examples=200)
@given(st.sampled_from(list(catalogue())), st.data())
def test_a_schema_accepts_any_text_without_raising(slug: str, data: st.DataObject) -> None:
    schema = catalogue()[slug].schema
    names = data.draw(st.lists(st.sampled_from(list(schema.register_fields())), unique=True, max_size=4))
    loaded = schema.load_values({name: data.draw(typed) for name in names}, complete=True)
    again = schema.load_values(loaded.values, complete=True)
    assert again.values == loaded.values
    assert not [issue for issue in again.issues if issue.code == "wrong_type"]


@A_CLIENT
@given(typed, st.sampled_from(["zh", "en"]))
def test_no_text_breaks_the_search(client: FlaskClient, text: str, lang: str) -> None:
    assert client.get(f"/{lang}/search", query_string={"q": text}).status_code == 200


@A_CLIENT
@given(typed, st.sampled_from(list(catalogue())))
def test_no_number_breaks_a_page(client: FlaskClient, text: str, slug: str) -> None:
    answer = client.get(f"/en/{slug}/{quote(text, safe='')}")
    assert answer.status_code in (200, 301, 308, 400, 404)  # 400: control characters
    assert b"Traceback" not in answer.data
