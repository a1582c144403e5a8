"""From values to columns, identifiers and links: empty and missing values, lengths, lists, and doubts that were stored."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from registry.kit import fields as f
from registry.kit.definition import KeyMissing
from registry.kit.issues import Issue
from registry.kit.schema import RecordSchema
from registry.services.publication import record_columns
from registry.services.publication.existing_records import ExistingRecord, ExistingRecords, load_doubts
from registry.services.publication.record_columns import LinkKey


def spec(relation: str, field: str, key: Any = str.upper) -> Any:
    """A link whose key is made from the values; by default of the text itself."""
    return SimpleNamespace(relation=relation, register="firms", field=field, key=key, parts=None)


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


PARTIES: dict[str, Any] = {
    "holder": SimpleNamespace(zh="holder_zh", en="holder_en"), "issuer": SimpleNamespace(zh="body_zh", en=""),
}  # fmt: skip


def plain_definition(**more: Any) -> Any:
    title = SimpleNamespace(
        zh=("name_zh", "brand"), en=("name_en", "brand_en"), default_en_source="enterprise"
    )
    dates = {"region": "region_code", "valid_from": "from", "valid_to": "to"}
    return SimpleNamespace(
        slug="things", title=title, **{"holder": None, "issuer": None, "product": None, **dates, **more}
    )


def test_columns_are_what_the_document_says() -> None:
    values = {
        "name_zh": "椅", "name_en": "", "brand_en": "Chair", "en_sources": {"brand_en": "platform-of-a-long-name"},
        "holder_zh": "甲", "holder_en": "A", "body_zh": "乙", "region_code": "330106001", "from": "2026", "to": None,
        "demo": 1,
    }  # fmt: skip
    assert record_columns.columns_of(plain_definition(**PARTIES), values) == {
        "title_zh": "椅", "title_en": "Chair", "en_source": "platform-of-a-long-n", "holder_zh": "甲", "holder_en": "A",
        "issuer_zh": "乙", "region_code": "330106", "valid_from": "2026", "valid_to": "", "demo": True,
    }  # fmt: skip


def test_columns_of_a_document_that_says_nothing() -> None:
    empty = {
        "title_zh": "", "title_en": "", "en_source": "missing", "holder_zh": "", "holder_en": "", "issuer_zh": "",
        "region_code": "", "valid_from": "", "valid_to": "", "demo": False,
    }  # fmt: skip
    assert record_columns.columns_of(plain_definition(), {"holder_zh": "甲"}) == empty
    assert record_columns.columns_of(plain_definition(**PARTIES), {"en_source": "official"}) == empty


class Numbered(RecordSchema):
    """The fields whose numbers name a record, and others."""

    code = f.barcode("Barcode")
    note = f.text("Note")
    codes = f.many(f.barcode("Barcode"))
    rows = f.rows("Rows", columns={"code": f.barcode("Barcode"), "note": f.text("Note")})


def test_every_number_that_names_a_record() -> None:
    definition: Any = plain_definition(
        schema=Numbered, exact_lookup_fields=("note", "others"), further_numbers=lambda values: values["more"],
        group_keys=lambda values: values["groups"], product=SimpleNamespace(models="note"),
        near_doubles=(SimpleNamespace(keys=lambda _values: ("k",)),),
    )  # fmt: skip
    values = {
        "note": "N1", "others": ["N2", 3], "code": "C1", "codes": ["C2", ""], "more": ["M", "N1"], "groups": ("g",),
        "rows": [{"code": "C3", "note": "words"}, {"note": "words"}],
    }  # fmt: skip
    texts = record_columns.identifying_texts(definition, "T-1", values)
    assert sorted(texts) == ["3", "C1", "C2", "C3", "M", "N1", "N2", "T-1"]
    assert texts[0] == "T-1"
    keys = {"3", "C1", "C2", "C3", "M", "N1", "N2", "T1"}
    assert record_columns.identifier_keys(definition, "T-1", values) == keys | {
        "#things:g", "#things:model:N1", "#things:~0:k",
    }  # fmt: skip
    none = plain_definition(
        schema=Numbered, exact_lookup_fields=("note",), further_numbers=None, group_keys=None, near_doubles=()
    )
    assert record_columns.identifying_texts(none, "T-1", {"note": ""}) == ["T-1"]
    assert record_columns.identifier_keys(none, "T-1", {}) == {"T1"}


def test_records_of_one_model_share_a_key() -> None:
    definition = plain_definition(product=SimpleNamespace(models="models"))
    models = {"models": ["XY-1", "xy 1", "—", "Z2"]}
    assert record_columns.model_keys(definition, models) == {"#things:model:XY1", "#things:model:Z2"}
    assert record_columns.model_keys(definition, {"models": "XY-1"}) == {"#things:model:XY1"}
    assert record_columns.model_keys(definition, {}) == set()
    assert record_columns.model_keys(plain_definition(), models) == set()


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


def test_a_sentence_names_each_record_within_it() -> None:
    link: Any = SimpleNamespace(field="basis", parts=lambda text: text.split("and"))
    assert record_columns.link_texts(link, {"basis": ["aandb", "c"]}) == ["a", "b", "c"]
    assert record_columns.link_texts(link, {}) == []
