"""Two sources of one record: which of them counts, what is told of the other, and whose the record is from then on."""

from __future__ import annotations

from typing import Any

import pytest

from registry.kit.issues import Issue
from registry.kit.schema import LoadResult
from registry.registers import catalogue
from registry.services.publication import sources
from registry.services.publication.existing_records import ExistingRecord
from registry.services.publication.sources import Source, Weighed

ORGANISATIONS = catalogue()["organisations"]
OLD, NEW = {"source": "登记公报", "source_date": "2020"}, {"source": "企业年报", "source_date": "2022"}
OLD_TEXT, NEW_TEXT = "登记公报, 2020", "企业年报, 2022"


def record(*doubts: Issue, **values: Any) -> ExistingRecord:
    return ExistingRecord("1", "1", "active", 1, values, doubts)


def row(**values: Any) -> LoadResult:
    return ORGANISATIONS.schema.load_values(values, complete=False)


def weighed(present: ExistingRecord, **values: Any) -> Weighed:
    return sources.weigh(ORGANISATIONS, row(**values), present)


def told(found: Weighed) -> list[tuple[str, Any, Any]]:
    assert all(
        (each.code, each.severity, each.of_source) == ("sources_differ", "warns", True)
        for each in found.doubts
    )
    return [(each.field, each.params["value"], each.params["source"]) for each in found.doubts]


def doubt(value: str, source: str, field: str = "address") -> Issue:
    return Issue("sources_differ", field, {"value": value, "source": source}, "warns", of_source=True)


@pytest.mark.parametrize(
    ("one", "other", "before", "confirmed"),
    [
        ("2020", "2021", True, True),
        ("2021", "2020", False, False),
        ("2020", "2020-05", False, False),  # it may be the later one
        ("2020-05-01", "2020-05-01", False, False),
        ("2020-05-01", "2020-05-02", True, True),
        ("2020-12-31", "2021", True, True),
        ("", "2021", False, True),
        ("2020", "", False, False),
        ("", "", False, False),
    ],
)
def test_the_order_of_two_sources(one: str, other: str, *, before: bool, confirmed: bool) -> None:
    assert Source("A", one).is_before(Source("B", other)) is before
    assert Source("A", one).is_confirmed_by(Source("B", other)) is confirmed


@pytest.mark.parametrize(
    ("one", "other", "another"),
    [
        (("登记公报", "2020"), ("登记公报", "2021"), False),  # a later edition
        (("登记（公报）", "2020"), ("登记(公报)", ""), False),
        (("A", "2020"), ("B", "2020"), True),
        (("", "2020"), ("B", "2020"), True),
        (("", "2020"), ("", "2020"), False),
        (("", "2020"), ("", "2021"), True),
    ],
)
def test_another_publication(one: tuple[str, str], other: tuple[str, str], *, another: bool) -> None:
    assert Source(*one).is_another(Source(*other)) is another


def test_a_source_in_words_and_as_it_is_stored() -> None:
    for source, text, stored in (
        (Source("A", "2020"), "A, 2020", {"source": "A", "source_date": "2020"}),
        (Source("A", ""), "A", {"source": "A"}),
        (Source("", ""), "", {}),
    ):
        assert (source.text, source.as_json()) == (text, stored)
        assert sources.source_of(stored) == source


def test_a_field_has_a_source_of_its_own_or_that_of_the_record() -> None:
    values = {**OLD, "field_sources": {"address": NEW, "products": {}}}
    assert sources.source_of_field(values, "address").text == NEW_TEXT
    assert sources.source_of_field(values, "products").text == ""  # the word of the registrar
    assert sources.source_of_field(values, "founded_on").text == OLD_TEXT


@pytest.mark.parametrize(
    ("source", "status", "cleared"),
    [
        (Source("A", "2019"), "", {"products"}),  # of which no source has said anything
        (Source("A", "2021"), "revoked", {"products"}),  # later than the record, earlier than the address
        (Source("A", "2023"), "revoked", {"products", "address"}),
        (Source("A", ""), "revoked", {"products", "address"}),  # the last one counts
    ],
)
def test_what_an_earlier_source_says_of_status_and_empty_fields(
    source: Source, status: str, cleared: set[str]
) -> None:
    present = record(**OLD, address="一路", field_sources={"address": NEW})
    counting = sources.counting_status("revoked", frozenset({"products", "address"}), source, present)
    assert counting == (status, cleared)


def test_a_later_source_counts_and_the_earlier_one_is_told() -> None:
    found = weighed(record(**OLD, address="一路"), address="二路", **NEW)
    assert found.loaded.values["address"] == "二路"
    assert told(found) == [("address", "一路", OLD_TEXT)]
    assert (found.record_source.text, found.dropped) == (NEW_TEXT, {"source_url", "source_status"})


def test_an_earlier_source_fills_gaps_only() -> None:
    found = weighed(record(**NEW, address="二路"), address="一路", products="糕点", **OLD)
    assert found.loaded.values == {"products": "糕点"}
    assert told(found) == [("address", "一路", OLD_TEXT)]
    assert (found.record_source.text, found.dropped) == (NEW_TEXT, set())


def test_what_a_later_source_has_emptied_an_earlier_one_does_not_fill() -> None:
    present = record(**NEW, name_zh="甲", field_sources={"address": NEW})
    assert "address" not in weighed(present, address="一路", **OLD).loaded.values
    later = {"source": "C", "source_date": "2023"}
    assert weighed(present, address="三路", **later).loaded.values["address"] == "三路"


def test_two_sources_that_agree_are_no_doubt() -> None:
    assert told(weighed(record(**OLD, address="一路"), address="一路", **NEW)) == []
    later_edition = {**OLD, "source_date": "2021"}
    assert told(weighed(record(**OLD, address="一路"), address="二路", **later_edition)) == []
    assert told(weighed(record(address="一路"), address="二路", **NEW)) == []  # nothing to name
    assert told(weighed(record(**OLD, address="一路"), address="二路")) == [("address", "一路", OLD_TEXT)]


def test_a_statement_that_was_doubted_before_does_not_come_back() -> None:
    undated = {"source": "行业名录"}
    present = record(doubt("三路", "行业名录"), **OLD, address="一路")
    again = weighed(present, address="三路", **undated)
    assert "address" not in again.loaded.values
    assert told(again) == [("address", "三路", "行业名录")]
    for other in ({"address": "四路", **undated}, {"address": "三路", "source": "B"}):
        assert weighed(present, **other).loaded.values["address"] == other["address"]
    # A row that says no source is a correction, and counts.
    nameless = record(doubt("三路", ""), **OLD, address="一路")
    assert weighed(nameless, address="三路").loaded.values["address"] == "三路"


def test_a_source_that_brings_nothing_new_does_not_become_that_of_the_record() -> None:
    present = record(
        **NEW, address="二路", products="糕点", field_sources={"products": {"source": "行业名录"}}
    )
    again = weighed(present, products="糕点", source="行业名录")
    assert again.record_source.text == NEW_TEXT
    assert again.loaded.values == {"products": "糕点"}
    more = weighed(present, products="茶叶", source="行业名录")
    assert more.record_source.text == "行业名录"
    assert "source_date" in more.dropped  # the date was that of another source
    states_more = sources.weigh(
        ORGANISATIONS, row(products="糕点", source="行业名录"), present, states_more=True
    )
    assert states_more.record_source.text == "行业名录"


def test_a_row_without_a_source_leaves_that_of_the_record() -> None:
    found = weighed(record(**OLD, source_url="https://example.org/", address="一路"), address="二路")
    assert (found.record_source.text, found.dropped) == (OLD_TEXT, set())


def test_a_doubt_stands_until_the_sources_agree() -> None:
    def standing(values: dict[str, Any], **stated: Any) -> bool:
        present = record(doubt("一路", OLD_TEXT), **NEW, address="二路")
        return bool(sources.standing_doubts(ORGANISATIONS, present, row(**stated), values))

    assert standing({"address": "二路"})
    assert standing({"address": "二路"}, address="二路", **NEW)  # the other source says nothing new
    assert not standing({"address": "一路"}, address="一路", **NEW)
    assert not standing({"address": "二路"}, address="二路", **OLD)
    assert not standing({"address": "三路"}, address="三路", **OLD)


def test_a_doubt_quotes_so_much_of_a_value() -> None:
    long = "路" * (sources.MAX_QUOTED + 1)
    found = weighed(record(**OLD, address=long), address="二路", **NEW)
    assert told(found) == [("address", long[:-1], OLD_TEXT)]


def test_a_gap_that_a_source_fills_makes_it_the_source_of_the_record() -> None:
    present = record(**NEW, products="糕点", field_sources={"products": {"source": "行业名录"}})
    assert weighed(present, address="一路", source="行业名录").record_source.text == "行业名录"
    assert weighed(present, products="糕点", source="行业名录").record_source.text == NEW_TEXT


def test_an_earlier_source_leaves_the_facts_about_the_source_of_the_record_alone() -> None:
    earlier = {**OLD, "source_url": "https://example.org/", "source_status": "在业"}
    assert weighed(record(**NEW, address="二路"), products="糕点", **earlier).loaded.values == {
        "products": "糕点"
    }
    # A record that names no source takes them.
    nameless = record(address="一路", products="糕点", field_sources={"products": {"source": "行业名录"}})
    assert weighed(nameless, products="糕点", source="行业名录").loaded.values["source"] == "行业名录"


def test_a_doubt_about_a_field_that_is_gone_stands() -> None:
    present = record(doubt("一路", OLD_TEXT, field="gone"), **NEW)
    assert sources.standing_doubts(ORGANISATIONS, present, row(), dict(present.values))


def after(
    present: ExistingRecord, status: str = "", emptied: tuple[str, ...] = (), **stated: Any
) -> dict[str, Any]:
    """The values of a record with the sources of its fields, once a row has come in."""
    found = weighed(present, **stated)
    gone = {*found.dropped, *emptied}
    kept = {name: value for name, value in present.values.items() if name not in gone}
    values = ORGANISATIONS.schema.complete_with(found.loaded, kept).values
    return sources.with_sources(ORGANISATIONS, present, found, values, status=status, emptied=emptied)


def test_fields_keep_the_source_that_stated_them() -> None:
    done = after(record(**OLD, name_zh="甲", address="一路", products="糕点"), address="二路", **NEW)
    assert done["field_sources"] == dict.fromkeys(("name_zh", "products", "status"), OLD)
    assert done["other_sources"] == [OLD_TEXT]
    assert (done["source"], done["address"]) == (NEW["source"], "二路")
    again = record(**done)
    assert after(again, address="二路", **NEW) == done  # the same row again
    third = after(again, products="糕点", source="行业名录", source_date="2021")
    assert third["field_sources"]["products"] == {"source": "行业名录", "source_date": "2021"}  # confirms it
    assert third["other_sources"] == [OLD_TEXT, "行业名录, 2021"]
    assert third["source"] == NEW["source"]
    back = after(record(**third), address="三路", source="行业名录", source_date="2023")
    assert (back["source"], back["source_date"]) == ("行业名录", "2023")
    assert back["other_sources"] == [OLD_TEXT, "行业名录, 2021"]


def test_a_correction_without_a_source_leaves_the_sources_as_they_are() -> None:
    done = after(record(**OLD, name_zh="甲", address="一路", field_sources={"name_zh": NEW}), address="二路")
    assert done["field_sources"] == {"name_zh": NEW}
    assert done["other_sources"] == [NEW_TEXT]


MIDDLE = {"source": "行业名录", "source_date": "2021"}


@pytest.mark.parametrize(
    ("status", "source", "of_status"),
    [
        ("deregistered", MIDDLE, MIDDLE),
        ("active", MIDDLE, MIDDLE),  # confirms it
        ("active", {**MIDDLE, "source_date": "2019"}, OLD),
        ("", MIDDLE, OLD),
        ("active", {"source": "行业名录"}, OLD),
        ("deregistered", NEW, None),  # that of the record itself
    ],
)
def test_the_source_of_the_status(
    status: str, source: dict[str, str], of_status: dict[str, str] | None
) -> None:
    present = record(**NEW, name_zh="甲", field_sources={"status": OLD})
    done = after(present, status, name_zh="甲", **source)
    assert done.get("field_sources", {}).get("status") == (of_status if source.get("source_date") else OLD)


def test_a_status_that_was_assumed_has_no_source() -> None:
    assumed = Issue("status_assumed", "status", {"value": "Active"}, "warns", of_source=True)
    other = Issue("date_shape", "founded_on", {}, "warns", of_source=True)
    assert (
        "status"
        not in after(record(assumed, other, **OLD, name_zh="甲"), address="二路", **NEW)["field_sources"]
    )
    assert after(record(other, **OLD, name_zh="甲"), address="二路", **NEW)["field_sources"]["status"] == OLD


def test_what_a_source_has_emptied_is_named_with_it() -> None:
    present = record(**OLD, name_zh="甲", products="糕点")
    done = after(present, "", ("products",), name_zh="甲", **NEW)
    assert "products" not in done
    assert done["field_sources"]["products"] == NEW
    assert "products" not in after(present, "", ("products",), name_zh="甲", source="B").get(
        "field_sources", {}
    )


def test_a_row_that_names_the_sources_of_fields_has_the_last_word() -> None:
    stated = {"name_zh": {"source": "C"}}
    done = after(record(**OLD, name_zh="甲", address="一路"), address="二路", field_sources=stated, **NEW)
    assert done["field_sources"] == stated
    assert "other_sources" not in done
    others = after(record(**OLD, name_zh="甲"), address="二路", other_sources=["D"], **NEW)
    assert others["other_sources"] == ["D"]


def test_a_source_without_a_date_is_that_of_what_it_changes_alone() -> None:
    present = record(**OLD, name_zh="甲", address="一路")
    done = after(present, address="二路", name_zh="甲", source="行业名录")
    assert (done["source"], done["field_sources"]) == ("行业名录", {"name_zh": OLD, "status": OLD})
