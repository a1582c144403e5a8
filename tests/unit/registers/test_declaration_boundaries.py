"""Declarations on their last day and the day after: orders and answers, editions, first use, sentences."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.life_cycle import Sentence
from registry.kit.rules import Rule, RuleContext
from registry.registers.declarations import rules, sentences
from tests.unit.registers.test_certificate_boundaries import standards
from tests.unit.registers.test_grade_boundaries import TODAY

Values = dict[str, Any]
DAY = dt.timedelta(days=1)


def codes(rule: Rule, values: Values, status: str = "", records: Any = None) -> list[str]:
    return [issue.code for issue in rule.check(values, RuleContext(TODAY, records, status))]


@pytest.mark.parametrize(
    ("submitted", "decided", "answered"),
    [
        ("2026-05-01", "2026-05-01", "2026-05-01"),  # on the day of the order
        ("2026-04-30", "2026-05-01", ""),  # an answer to an earlier one
        ("2026-05-02", "2026-05-01", "2026-05-02"),
        ("", "2026-05-01", ""),
        ("2026-05-01", "", "2026-05-01"),
        ("", "", ""),
    ],
)
def test_an_answer_is_to_the_order_that_stands(submitted: str, decided: str, answered: str) -> None:
    values = {"correction_submitted_on": submitted, "decided_on": decided, "correct_until": "2026-06"}
    assert sentences.submission_day(values) == answered
    assert sentences.correction_due(values) == (None if answered else dt.date(2026, 6, 30))
    assert codes(rules.order_answered, values, "active") == (
        [] if answered else ["corrected_without_version"]
    )
    assert codes(rules.order_answered, values, "correction_ordered") == []
    assert codes(rules.order_answered, {**values, "correct_until": ""}, "active") == []


@pytest.mark.parametrize(
    ("deadline", "today", "message"),
    [
        ("2026-06-30", dt.date(2026, 6, 30), sentences.CORRECTION_ORDERED),
        ("2026-06-30", dt.date(2026, 7, 1), sentences.CORRECTION_OVERDUE),
        ("2026-06", dt.date(2026, 6, 30), sentences.CORRECTION_ORDERED),
        ("2026-06", dt.date(2026, 7, 1), sentences.CORRECTION_OVERDUE),
    ],
)
def test_an_order_is_overdue_from_the_day_after(deadline: str, today: dt.date, message: str) -> None:
    values = {"correct_until": deadline, "decided_on": "2026-05-01"}
    assert sentences.correction_sentence(values, today) == Sentence(message, {"deadline": deadline})
    assert sentences.correction_sentence({"decided_on": "2026-05-01"}, today) is None
    answered = {**values, "correction_submitted_on": "2026-05-02"}
    assert sentences.correction_sentence(answered, today) == Sentence(
        sentences.CORRECTION_SUBMITTED, {"submitted": "2026-05-02"}
    )
    assert sentences.publicised_sentence(answered, today) == Sentence(
        sentences.CORRECTED_LATE, {"submitted": "2026-05-02"}
    )
    assert sentences.publicised_sentence(values, today) is None


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, None),
        ({"declared_on": "2026"}, Sentence(sentences.DECLARED, {"declared": "2026"})),
        (
            {"declared_on": "2026", "checked_on": "2026-05"},
            Sentence(sentences.CHECKED, {"declared": "2026", "checked": "2026-05"}),
        ),
        (
            {"declared_on": "2026", "checked_on": "2026-05", "correct_until": "2026-06"},
            Sentence(sentences.CORRECTED, {"declared": "2026"}),
        ),
        ({"checked_on": "2026-05"}, None),
    ],
)
def test_what_is_said_of_a_declaration_in_force(values: Values, sentence: Sentence | None) -> None:
    assert sentences.active_sentence(values, TODAY) == sentence


@pytest.mark.parametrize(
    ("withdrawn", "effective", "message"),
    [
        ("2026-05-01", "2026-05-02", sentences.WITHDRAWN_UNUSED),
        ("2026-05-01", "2026-05-01", sentences.WITHDRAWN),  # it was in use on that day
        ("2026-05-02", "2026-05-01", sentences.WITHDRAWN),
        ("2026-05", "2026-05-20", sentences.WITHDRAWN),  # the month does not tell
        ("2026-04", "2026-05-20", sentences.WITHDRAWN_UNUSED),
        ("2026-05-01", "", sentences.WITHDRAWN),
    ],
)
def test_a_declaration_withdrawn_before_its_use(withdrawn: str, effective: str, message: str) -> None:
    found = sentences.withdrawn_sentence({"withdrawn_on": withdrawn, "effective_from": effective}, TODAY)
    assert found is not None
    assert found.message == message
    assert sentences.withdrawn_sentence({"effective_from": effective}, TODAY) is None


def test_a_scheduled_declaration_tells_both_days() -> None:
    days = {"declared_on": "2026-05-01", "effective_from": "2026-06-01"}
    assert sentences.scheduled_sentence(days, TODAY) == Sentence(
        sentences.SCHEDULED, {"declared": "2026-05-01", "effective": "2026-06-01"}
    )
    for name in days:
        assert sentences.scheduled_sentence({**days, name: ""}, TODAY) is None
    explain = sentences.decision_sentence("x")
    assert explain({"decided_on": "2026"}, TODAY) == Sentence("x", {"decided": "2026"})
    assert explain({}, TODAY) is None


@pytest.mark.parametrize(
    ("new", "old", "expected"),
    [
        ("Q/ABC 001-2025", "Q/ABC 001-2024", []),
        ("Q/ABC 001-2025", "Q/ABC 001-2025", ["no_earlier_edition"]),  # of one year
        ("Q/ABC 001-2024", "Q/ABC 001-2025", ["no_earlier_edition"]),
        ("Q/ABC 001-2025", "Q/ABC 002-2024", ["no_earlier_edition"]),
        ("Q/ABC 001-2025", "Q/ABC 001", []),
        ("Q/ABC 001", "Q/ABC 001-2024", []),
        ("企业标准", "Q/ABC 001-2024", []),
        ("Q/ABC 001-2025", "", []),
    ],
)
def test_an_edition_follows_an_earlier_one(new: str, old: str, expected: list[str]) -> None:
    assert codes(rules.follows_edition, {"std_no": new, "edition_of": old}) == expected


@pytest.mark.parametrize(
    ("issued", "expected"),
    [("2025-12-31", []), ("2025", []), ("2024-12-31", ["year_differs"]), ("2026-01-01", ["year_differs"]), ("", [])],
)  # fmt: skip
def test_the_year_of_an_own_number_is_that_of_its_issue(issued: str, expected: list[str]) -> None:
    values = {"std_kind": "enterprise", "std_no": "Q/ABC 001-2025", "issued_on": issued}
    assert codes(rules.own_number_of_year, values) == expected
    assert codes(rules.own_number_of_year, {**values, "std_kind": "association"}) == []
    assert codes(rules.own_number_of_year, {**values, "std_no": "Q/ABC 001"}) == []


@pytest.mark.parametrize(
    ("begins", "issued", "catalogue", "expected"),
    [
        ("2026-05-01", "2026-05-01", "", []),
        ("2026-04-30", "2026-05-01", "", ["used_before_issue"]),
        ("2026-05", "2026-05-20", "", []),
        ("2026-04", "2026-05-20", "", ["used_before_issue"]),
        ("2026-04-30", "", "2026-05-01", ["used_before_issue"]),
        ("2026-05-01", "", "2026-05-01", []),
        ("2026-04-30", "2026-04-30", "2026-05-01", []),  # what it states itself comes first
        ("2026-04-30", "", "", []),
        ("", "2026-05-01", "", []),
    ],
)
def test_a_standard_is_in_use_from_its_issue(
    begins: str, issued: str, catalogue: str, expected: list[str]
) -> None:
    records = standards(**{"GB/T 1-2020": {"issued_on": catalogue}})
    values = {"std_no": "GB/T 1-2020", "effective_from": begins, "issued_on": issued}
    assert codes(rules.not_before_standard, values, records=records) == expected
    assert codes(rules.not_before_standard, {**values, "std_no": ""}, records=records) == []


@pytest.mark.parametrize(
    ("standard", "declared", "expected"),
    [
        ({"status": "in_force"}, "2026-05-01", []),
        ({"status": "upcoming"}, "2026-05-01", []),
        ({"status": "superseded"}, "2026-05-01", ["standard_ended"]),
        ({"status": "withdrawn", "withdrawn_on": "2026-05-02"}, "2026-05-01", []),
        ({"status": "withdrawn", "withdrawn_on": "2026-05-01"}, "2026-05-01", ["standard_ended"]),
        ({"status": "withdrawn", "withdrawn_on": "2026-05-02"}, "", ["standard_ended"]),
        (None, "2026-05-01", ["standard_not_known"]),
    ],
)
def test_a_state_standard_was_in_force_when_it_was_declared(
    standard: Values | None, declared: str, expected: list[str]
) -> None:
    records = standards(**({"GB/T 1-2020": standard} if standard else {}))
    values = {"std_kind": "enterprise", "std_no": "GB/T 1-2020", "declared_on": declared}
    # The number knows better than the kind that is stated.
    assert codes(rules.standard_in_catalogue, values, records=records) == expected
    assert codes(rules.standard_in_catalogue, values) == []
    own = {**values, "std_kind": "national_voluntary", "std_no": "Q/ABC 1-2020"}
    assert codes(rules.standard_in_catalogue, own, records=records) == []


@pytest.mark.parametrize(
    ("status", "values", "expected"),
    [
        ("standard_ended", {"std_kind": "enterprise"}, ["own_standard_ends_with_declaration"]),
        ("standard_ended", {"std_kind": "sector"}, []),
        ("correction_ordered", {}, ["required"]),
        ("correction_ordered", {"correct_until": "2026"}, []),
        ("withdrawn", {}, ["required"]),
        ("withdrawn", {"status_reason": "x"}, []),
        ("abolished", {"status_reason": "x"}, ["required"]),
        ("abolished", {"status_reason": "x", "decided_on": "2026", "std_kind": "enterprise"}, []),
        ("number_revoked", {"status_reason": "x", "decided_on": "2026", "std_kind": "sector"}, ["own_standards_only"]),
        ("active", {}, []),
    ],
)  # fmt: skip
def test_states_of_declarations_that_need_an_explanation(
    status: str, values: Values, expected: list[str]
) -> None:
    assert codes(rules.status_explained, values, status) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"joint_with": ["B"], "org_uscc": "A"}, []),
        ({"joint_with": ["A", "B"], "org_uscc": "A"}, ["joint_with_itself"]),
        ({"joint_with": ["B"], "org_uscc": "A", "std_kind": "enterprise"}, []),
        ({"joint_with": ["B"], "org_uscc": "A", "std_kind": "sector"}, ["joint_own_standards_only"]),
        ({"joint_with": [], "std_kind": "sector"}, []),
    ],
)
def test_a_standard_of_several_enterprises(values: Values, expected: list[str]) -> None:
    assert codes(rules.jointly_with_others, values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"channel": "other"}, ["channel_address", "required"]),
        ({"channel": "other", "channel_url": "http://a.example/", "channel_snapshot": "x"}, ["channel_address"]),
        ({"channel": "other", "channel_url": "https://a.example/", "channel_snapshot": "x"}, []),
        ({"channel": "platform"}, []),
    ],
)  # fmt: skip
def test_another_channel_is_named_and_kept(values: Values, expected: list[str]) -> None:
    assert codes(rules.channel_known, values) == expected
