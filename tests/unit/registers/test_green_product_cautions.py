"""Cautions of green certificates: surveillance, edition, holder and manufacturer."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.cautions import LinkedFacts, Subject, find_cautions, next_caution_day
from registry.kit.display import Words
from registry.registers.green_products import REGISTER
from registry.registers.green_products import codes as green
from registry.registers.green_products.cautions import next_surveillance

DUE = dt.date(2026, 2, 22)
ONE_DAY = dt.timedelta(days=1)


def codes(values: dict[str, Any], today: dt.date, *linked: LinkedFacts, status: str = "valid") -> list[str]:
    standing = REGISTER.life_cycle.state(status).standing
    found = find_cautions(REGISTER.cautions, Subject(values, status, today, linked), standing)
    return [each.code for each in found]


def link(relation: str, status: str, key: str = "A", **values: Any) -> LinkedFacts:
    return LinkedFacts(relation, "", key, key, status, "", Words("甲", "A"), values)


@pytest.mark.parametrize(
    ("row", "today", "expected"),
    [
        ({"due_on": "2026-02-22"}, DUE - ONE_DAY, []),
        ({"due_on": "2026-02-22"}, DUE, []),
        ({"due_on": "2026-02-22"}, DUE + ONE_DAY, ["surveillance_overdue"]),
        ({"due_on": "2026-02-22", "result": "pending"}, DUE.replace(year=2027), ["surveillance_overdue"]),
        ({"due_on": "2026-02", "result": "pending"}, dt.date(2026, 2, 28), []),
        ({"due_on": "2026-02", "result": "pending"}, dt.date(2026, 3, 1), ["surveillance_overdue"]),
        ({"due_on": "2026-02-22", "done_on": "2026-02-20", "result": "pass"}, DUE + ONE_DAY, []),
        (
            {"due_on": "2026-02-22", "done_on": "2026-02-20", "result": "fail"},
            DUE,
            ["surveillance_failed"],
        ),
        (
            {"due_on": "2026-02-22", "done_on": "2027-07-27", "result": "pass"},
            DUE + ONE_DAY,
            ["surveillance_overdue"],
        ),
    ],
)
def test_surveillance(row: dict[str, Any], today: dt.date, expected: list[str]) -> None:
    assert codes({"surveillance": [row]}, today) == expected


def test_a_later_surveillance_makes_good_an_earlier_one() -> None:
    failed = {"due_on": "2025-02-22", "done_on": "2025-02-20", "result": "fail"}
    missed = {"due_on": "2024-02-22"}
    passed = {"due_on": "2026-02-22", "done_on": "2026-02-20", "result": "pass"}
    assert codes({"surveillance": [failed, missed, passed]}, DUE) == []
    assert codes({"surveillance": [passed, failed | {"done_on": "2026-02-21"}]}, DUE) == [
        "surveillance_failed"
    ]


@pytest.mark.parametrize(
    ("values", "last"),
    [
        ({"issued_on": "2025-02-22"}, dt.date(2026, 2, 22)),
        ({"issued_on": "2024-02-22", "surveillance": [{"done_on": "2025-01-31", "result": "pass"}]}, dt.date(2026, 1, 31)),
        ({"issued_on": "2024-02-22", "surveillance": [{"done_on": "2025-01-31", "result": "nonconformities"}]}, dt.date(2026, 1, 31)),
        ({"issued_on": "2025-02"}, dt.date(2026, 2, 28)),
        # a plan goes before the interval
        ({"issued_on": "2025-02-22", "surveillance": [{"due_on": "2026-06-30"}]}, dt.date(2026, 6, 30)),
    ],
)  # fmt: skip
def test_by_the_stated_interval_a_surveillance_is_overdue_the_day_after(
    values: dict[str, Any], last: dt.date
) -> None:
    stated = {**values, "surveillance_months": 12, "valid_to": "2027-12-31"}
    assert codes(stated, last) == []
    assert codes(stated, last + ONE_DAY) == ["surveillance_overdue"]
    assert next_surveillance(stated) == last
    assert next_caution_day(REGISTER.cautions, stated, last) == last + ONE_DAY
    if "surveillance" not in values:  # no interval, no plan: the register knows of none that was due
        assert codes(values, dt.date(2027, 12, 1)) == []
        assert next_surveillance(values) is None


DONE = {"issued_on": "2024-02-22", "surveillance": [{"done_on": "2025-01-31", "result": "pass"}]}


@pytest.mark.parametrize(
    ("values", "last"),
    [
        ({**DONE, "scheme": "green_product"}, dt.date(2026, 1, 31)),
        ({**DONE, "scheme": "energy_saving"}, dt.date(2026, 1, 31)),
        ({**DONE, "scheme": "energy_saving", "surveillance_months": 6}, dt.date(2025, 7, 31)),
        ({**DONE, "scheme": "water_saving"}, dt.date(2025, 10, 31)),
        ({**DONE, "scheme": "foreign"}, None),
        ({**DONE, "scheme": "green_product", "valid_to": "2026-01-30"}, None),
        ({"scheme": "green_product", "issued_on": "2024-02-22"}, None),  # its source tells of none at all
    ],
)
def test_the_interval_is_that_of_the_scheme_unless_the_certificate_states_one(
    values: dict[str, Any], last: dt.date | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(green.SCHEME_RULES, "water_saving", green.SchemeRules(surveillance_months=9))
    assert next_surveillance(values) == last
    overdue = ["surveillance_overdue"] if last else []
    today = last or dt.date(2026, 3, 1)
    assert [code for code in codes(values, today) if code == "surveillance_overdue"] == []
    assert [code for code in codes(values, today + ONE_DAY) if code == "surveillance_overdue"] == overdue


def test_the_page_tells_the_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    [plan] = [fact for fact in REGISTER.derived if fact.name == "surveillance_plan"]
    values, day = {**DONE, "scheme": "water_saving"}, dt.date(2025, 6, 1)
    monkeypatch.setitem(green.SCHEME_RULES, "water_saving", green.SchemeRules(surveillance_months=9))
    told = plan.words(values, "valid", day)
    assert told == Words(
        "每9个月一次（认证制度规定）；下一次不晚于2025年10月31日",
        "every 9 months, as the scheme lays down; the next one by 31 October 2025",
    )
    stated = plan.words({**values, "surveillance_months": 6}, "valid", day)
    assert stated == Words("下一次不晚于2025年7月31日", "the next one by 31 July 2025")
    assert plan.words({**values, "surveillance_months": 6}, "valid", dt.date(2025, 7, 31)) == stated
    assert plan.words({**values, "surveillance_months": 6}, "valid", dt.date(2025, 8, 1)) is None
    assert plan.words({**values, "surveillance_months": 6}, "revoked", day) is None
    assert plan.words({"scheme": "water_saving"}, "valid", day) is None


def test_the_form_proposes_the_interval_of_the_scheme(monkeypatch: pytest.MonkeyPatch) -> None:
    assert REGISTER.filing is not None
    proposed = REGISTER.filing.default_answers
    monkeypatch.setitem(green.SCHEME_RULES, "water_saving", green.SchemeRules(surveillance_months=9))
    assert proposed({"scheme": "water_saving"}) == {"surveillance_months": "9"}
    assert proposed({"scheme": "organic"}) == proposed({}) == {"surveillance_months": "12"}
    assert proposed({"scheme": "foreign"}) == proposed({"surveillance_months": "6"}) == {}


def test_no_surveillance_is_due_by_the_interval_once_the_certificate_ends() -> None:
    values = {"issued_on": "2025-02-22", "surveillance_months": 12}
    assert next_surveillance({**values, "valid_to": "2026-02-23"}) == dt.date(2026, 2, 22)
    assert next_surveillance({**values, "valid_to": "2026-02-22"}) is None
    assert codes({**values, "valid_to": "2026-02-22"}, dt.date(2026, 3, 1)) == []


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ([], [{"due_on": "2026-02-22"}], False),
        ([{"due_on": "2026-02-22"}], [{"due_on": "2026-02-22", "done_on": "2026-02-20", "result": "pass"}], True),
        ([{"done_on": "2026-02-20", "result": "pass"}], [{"done_on": "2026-02-20", "result": "fail"}], True),
        ([{"done_on": "2026-02-20", "result": "pass"}], [{"done_on": "2026-02-20", "result": "pass"}], False),
        ([{"done_on": "2026-02-20", "result": "pass"}], [], False),
    ],
)  # fmt: skip
def test_an_amendment_that_brings_a_result_is_named(before: Any, after: Any, shown: bool) -> None:
    name = REGISTER.life_cycle.named_amendment(
        "valid", {"surveillance": before}, {"surveillance": after}, "body"
    )
    assert name == ("surveilled" if shown else "")


def test_a_suspended_certificate_is_not_marked_for_its_surveillance() -> None:
    assert codes({"surveillance": [{"due_on": "2020-01-01"}]}, DUE, status="suspended") == []


def test_the_day_after_a_surveillance_is_due_changes_the_record() -> None:
    values = {"surveillance": [{"due_on": "2026-02-22"}]}
    assert next_caution_day(REGISTER.cautions, values, DUE) == DUE + ONE_DAY
    assert next_caution_day(REGISTER.cautions, values, DUE + ONE_DAY) is None


def test_holder_and_manufacturer() -> None:
    assert codes({}, DUE, link("held_by", "deregistered")) == ["holder_deregistered"]
    assert codes({}, DUE, link("held_by", "active")) == []
    assert codes({}, DUE, link("made_by", "deregistered")) == ["maker_deregistered"]
    both = (link("held_by", "deregistered"), link("made_by", "deregistered"))
    assert codes({}, DUE, *both) == ["holder_deregistered"]
    assert codes({}, DUE, link("held_by", "deregistered"), status="revoked") == []


@pytest.mark.parametrize(
    ("issued", "standard", "expected"),
    [
        ("2024-12-31", {"withdrawn_on": "2025-01-01"}, ["superseded_edition"]),
        ("2025-01-01", {"withdrawn_on": "2025-01-01"}, ["edition_ended_before_issue"]),
        (
            "2025-06-01",
            {"withdrawn_on": "2025-01-01", "transition_until": "2025-06-01"},
            ["superseded_edition"],
        ),
        (
            "2025-06-02",
            {"withdrawn_on": "2025-01-01", "transition_until": "2025-06-01"},
            ["edition_ended_before_issue"],
        ),
        ("2025-06-02", {}, ["superseded_edition"]),
    ],
)
def test_the_edition_on_the_day_of_issue(issued: str, standard: dict[str, Any], expected: list[str]) -> None:
    assert codes({"issued_on": issued}, DUE, link("based_on", "superseded", **standard)) == expected


def test_the_edition_of_a_reissue_counts() -> None:
    values = {"issued_on": "2024-06-01", "reissued_on": "2025-06-01"}
    old = link("based_on", "superseded", withdrawn_on="2025-01-01")
    assert codes(values, DUE, old) == ["edition_ended_before_issue"]
