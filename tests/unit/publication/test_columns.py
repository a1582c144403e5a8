"""From values to columns, identifiers and links: empty and missing values, lengths, lists, and doubts that were stored."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from registry.kit.definition import KeyMissing
from registry.kit.issues import Issue
from registry.services.publication import record_columns
from registry.services.publication.existing_records import ExistingRecord, ExistingRecords, load_doubts
from registry.services.publication.record_columns import LinkKey


def spec(relation: str, field: str, key: Any = str.upper) -> Any:
    """A link whose key is made from the values; by default of the text itself."""
    return SimpleNamespace(relation=relation, register="firms", field=field, key=key)


def test_the_first_stated_value_counts() -> None:
    assert record_columns.first_value({"a": "", "b": 7, "c": "x"}, ("a", "b", "c")) == "7"
    assert record_columns.first_value({"a": None}, ("a", "b")) == ""
    assert record_columns.first_value({"a": "x"}, ()) == ""


@pytest.mark.parametrize(
    ("written", "texts"),
    [("a", ["a"]), (["a", "b"], ["a", "b"]), (7, ["7"]), ("", []), ([], []), (None, [])],
)
def test_the_texts_of_a_link(written: Any, texts: list[str]) -> None:
    assert record_columns.link_texts(spec("r", "f"), {"f": written}) == texts


def test_keys_that_are_shared_are_of_their_register_and_bounded() -> None:
    assert record_columns.group_identifier("things", "k") == "#things:k"
    longest = record_columns.group_identifier("things", "k" * 300)
    assert len(longest) == 200
    assert record_columns.group_identifier("things", "k" * 192) == longest


def test_a_document_that_says_too_little_for_a_key_has_no_link() -> None:
    def key(values: Any) -> str:
        if "name" not in values:
            raise KeyMissing("name")
        return str(values["name"])

    assert record_columns.link_key(spec("r", "f", key), {}, "x") == ""
    assert record_columns.link_key(spec("r", "f", key), {"name": "n" * 201}, "x") == "n" * 200
    definition: Any = SimpleNamespace(all_links=lambda: [spec("r", "f", key), spec("s", "f", key)])
    assert list(record_columns.link_keys(definition, {"f": ["x", "y"], "name": "n"})) == [
        LinkKey("r", "firms", "n"),  # two texts that mean one record: one link
        LinkKey("s", "firms", "n"),
    ]
    assert list(record_columns.link_keys(definition, {"f": ["x"]})) == []
    assert list(record_columns.link_keys(definition, {"name": "n"})) == []


def test_near_doubles_meet_under_keys_of_their_own_kind() -> None:
    kinds = [
        SimpleNamespace(keys=lambda values: values["first"]),
        SimpleNamespace(keys=lambda _values: ("k",)),
    ]
    definition: Any = SimpleNamespace(slug="things", near_doubles=kinds)
    assert record_columns.near_double_keys(definition, {"first": ("k", "l")}) == {
        "#things:~0:k", "#things:~0:l", "#things:~1:k",
    }  # fmt: skip
    assert record_columns.near_double_keys(definition, {"first": ()}) == {"#things:~1:k"}


def test_records_of_a_model_meet_under_one_key_in_any_spelling() -> None:
    definition: Any = SimpleNamespace(slug="things", product=SimpleNamespace(models="models"))
    assert record_columns.model_keys(definition, {"models": ["QY 1", "qy-1", "—"]}) == {"#things:model:QY1"}
    assert record_columns.model_keys(definition, {}) == set()
    assert record_columns.model_keys(SimpleNamespace(product=None), {"models": ["QY 1"]}) == set()  # type: ignore[arg-type]


def existing(number: str, key: str) -> ExistingRecord:
    return ExistingRecord(number, key, "valid", 1, {})


def test_a_row_is_about_the_record_with_its_number_before_that_with_its_key() -> None:
    one, other = existing("1", "a"), existing("2", "b")
    records = ExistingRecords({"a": one, "b": other}, {"1": one, "2": other})
    assert records.find("a", "2") is other
    assert records.find("a", "") is one
    assert records.find("a", "3") is one
    assert records.find("c", "") is None
    assert records.find("c", "3") is None


def test_only_doubts_about_sources_are_carried_on() -> None:
    doubt = {"code": "x", "field": "f", "params": {"a": 1}, "of_source": True}
    plain = {"code": "y", "field": "f", "params": {}}
    stored = orjson.dumps([doubt, plain, {**plain, "of_source": False}]).decode()
    assert load_doubts(stored) == (Issue("x", "f", {"a": 1}, "warns", of_source=True),)
    assert load_doubts(orjson.dumps([plain]).decode()) == ()
    assert load_doubts("[]") == ()
