"""What a body was allowed to do on a day: validity and sanctions, with the day before, the day and the day after."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.approvals import IssuerDuties, approval_on
from registry.kit.cautions import CautionView, LinkedFacts, Since, Subject, find_cautions
from registry.kit.display import Words

TODAY = dt.date(2026, 11, 29)
BODY: dict[str, Any] = {
    "kind": "certification",
    "scope": "节水",
    "valid_from": "2019-01-01",
    "valid_to": "2029-12-31",
    "sanctions": [
        {"kind": "suspended", "from_on": "2021-03-01", "to_on": "2021-05-31"},
        {"kind": "warned", "from_on": "2020-01-01"},
        {"kind": "revoked", "from_on": "2024-06-03"},
    ],
}
DUTIES = IssuerDuties(
    relation="certified_by",
    day_fields=("issued_on", "reissued_on"),
    may_issue=lambda _values, body: body["kind"] == "certification",
    covers=lambda values, scope: not scope or values.get("scheme", "节水") in scope,
)


@pytest.mark.parametrize(
    ("day", "state", "since"),
    [
        ("2018-12-31", "not_yet", "2019-01-01"),
        ("2019-01-01", "approved", ""),
        ("2020-06-01", "approved", ""),  # a warning takes nothing away
        ("2021-02-28", "approved", ""),
        ("2021-03-01", "suspended", "2021-03-01"),
        ("2021-05-31", "suspended", "2021-03-01"),
        ("2021-06-01", "approved", ""),
        ("2024-06-02", "approved", ""),
        ("2024-06-03", "revoked", "2024-06-03"),
        ("2030-01-01", "revoked", "2024-06-03"),
        ("2024", "approved", ""),  # the year may mean a day before
    ],
)
def test_the_approval_on_a_day(day: str, state: str, since: str) -> None:
    assert approval_on(BODY, "revoked", day) == (state, since)


def test_an_approval_ends_with_its_last_day() -> None:
    body = {"valid_to": "2025-12-31"}
    assert approval_on(body, "expired", "2025-12-31").state == "approved"
    assert approval_on(body, "expired", "2026-01-01").state == "ended"
    assert approval_on({"valid_to": "2025"}, "expired", "2025-12-31").state == "approved"


def test_a_sanction_without_a_day_may_have_run_on_any() -> None:
    assert approval_on({"kind": "certification"}, "revoked", "2026-10-01") == ("revoked", "")
    undated = {"sanctions": [{"kind": "suspended"}]}
    assert approval_on(undated, "suspended", "2026-10-01") == ("suspended", "")
    assert approval_on(undated, "valid", "2026-10-01").state == "suspended"


def test_a_suspension_without_an_end_runs_on() -> None:
    body = {"sanctions": [{"kind": "suspended", "from_on": "2026-01-01"}]}
    assert approval_on(body, "suspended", "2026-11-29").state == "suspended"
    assert approval_on(body, "suspended", "2025-12-31").state == "approved"


def test_each_sanction_of_a_kind_counts_for_itself() -> None:
    rows = [("revoked", "2025-01-01", ""), ("revoked", "2022-01-01", ""), ("suspended", "2020-01-01", "2020-02-29"),
            ("suspended", "2021-01-01", "2021")]  # fmt: skip
    body = {"sanctions": [dict(zip(("kind", "from_on", "to_on"), row, strict=True)) for row in rows]}
    assert approval_on(body, "valid", "2023-05-01") == ("revoked", "2022-01-01")
    assert approval_on(body, "valid", "2020-03-01").state == "approved"
    assert approval_on(body, "valid", "2021-12-31") == ("suspended", "2021-01-01")


def cautions(values: dict[str, Any], body: dict[str, Any] | None, status: str = "valid") -> list[CautionView]:
    linked = LinkedFacts(
        "certified_by", "bodies", "B", "B-1", status, "", Words("甲中心", "Centre A"), body or {}
    )
    if body is None:
        linked = linked._replace(status="")
    return list(find_cautions(DUTIES.rules(), Subject(values, "valid", TODAY, [linked]), "in_force"))


def test_what_a_reader_is_told_of_the_body() -> None:
    def codes(values: dict[str, Any], body: dict[str, Any] | None, status: str = "valid") -> list[str]:
        return [each.code for each in cautions(values, body, status)]

    issued = {"issued_on": "2025-01-01"}
    assert codes(issued, BODY, "revoked") == ["issuer_revoked_on_day"]
    assert codes({"issued_on": "2020-01-01"}, BODY, "revoked") == ["issuer_revoked_since"]
    assert codes({"issued_on": "2021-04-01"}, BODY, "revoked") == ["issuer_suspended_on_day"]
    assert codes({"issued_on": "2018-01-01"}, BODY) == ["issuer_not_approved_on_day"]
    assert codes(issued, None) == ["issuer_unknown"]
    assert codes(issued, {"kind": "testing"}) == ["issuer_not_entitled"]
    assert codes(issued, {"kind": "certification", "scope": "有机"}) == ["issuer_out_of_scope"]
    assert codes(issued, {"kind": "certification"}, "revoked") == ["issuer_sanction_undated"]
    assert codes(issued, {"valid_to": "2025-12-31"}, "expired") == ["issuer_approval_ended"]
    suspended = {"sanctions": [{"kind": "suspended", "from_on": "2026-01-01"}]}
    assert codes(issued, suspended, "suspended") == ["issuer_suspended"]
    assert codes(issued, {"kind": "certification", "valid_from": "2019"}) == []
    # Without a day of issue it cannot be said what came before it.
    assert codes({}, {"valid_to": "2025-12-31"}, "expired") == []
    assert codes({}, suspended, "suspended") == []
    # A sanction that its record dates counts although its status does not tell it yet.
    assert codes(issued, suspended) == ["issuer_suspended"]


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"valid_to": "2025-12-31"}, "expired", "ran out on 31 December 2025, after this was issued"),
        ({}, "expired", "has run out since this was issued, and the register knows of no renewal. Shown here since 2 May 2026."),
        (
            {"sanctions": [{"kind": "suspended", "from_on": "2026-01-01"}, {"kind": "suspended", "from_on": "2026-03"}]},
            "suspended",
            "has been suspended since March 2026",
        ),
    ],
)  # fmt: skip
def test_since_when_a_body_has_lost_its_approval(body: dict[str, Any], status: str, sentence: str) -> None:
    linked = LinkedFacts(
        "certified_by", "bodies", "B", "B-1", status, "", Words("甲", "A"), body, Since("2026-05-02", is_decided=False)
    )  # fmt: skip
    (found,) = find_cautions(
        DUTIES.rules(), Subject({"issued_on": "2025-01-01"}, "valid", TODAY, [linked]), "in_force"
    )
    assert sentence in found.message("en")


def test_a_reissue_needs_the_approval_too() -> None:
    values = {"issued_on": "2020-01-01", "reissued_on": "2025-01-01"}
    assert [each.code for each in cautions(values, BODY, "revoked")] == ["issuer_revoked_on_day"]


def test_the_sentence_names_body_and_days_in_both_languages() -> None:
    (caution,) = cautions({"issued_on": "2025-01-01"}, BODY, "revoked")
    assert "Centre A" in caution.message("en")
    assert "3 June 2024" in caution.message("en")
    assert "甲中心" in caution.message("zh")
    assert "2024年6月3日" in caution.message("zh")
    assert caution.not_plain


@pytest.mark.parametrize(
    ("body", "bounds"),
    [
        ({"valid_from": "2026-01-01", "valid_to": "2029"}, "for 1 January 2026 to 2029."),
        ({"valid_from": "2026-01-01"}, "for 1 January 2026 to a day not stated."),
        ({"valid_to": "2024-12-31"}, "for a day not stated to 31 December 2024."),
    ],
)
def test_an_approval_that_did_not_hold_is_told_with_its_days(body: dict[str, Any], bounds: str) -> None:
    (found,) = cautions({"issued_on": "2025-01-01"}, body)
    assert (found.code, found.message("en").endswith(bounds)) == ("issuer_not_approved_on_day", True)
