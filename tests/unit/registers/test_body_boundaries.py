"""Bodies: a sanction told with its day and decision, in order, and none that still runs beside a valid approval."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.registers.bodies import REGISTER
from tests.unit.registers.trial import TODAY, found

YESTERDAY, TOMORROW = ((TODAY + dt.timedelta(days=days)).isoformat() for days in (-1, 1))
NOW = TODAY.isoformat()


def sanctions(status: str, *rows: dict[str, str]) -> set[str]:
    """The codes of what the rules find in the sanctions of a body."""
    values: dict[str, Any] = {"status": status, "sanctions": list(rows)}
    return {code for code, field in found(REGISTER, values) if field == "sanctions"}


def sanction(kind: str, begun: str = "", until: str = "", **more: str) -> dict[str, str]:
    return {"kind": kind, "from_on": begun, "to_on": until, **more}


DAY, DECISION = "sanction_without_day", "sanction_without_decision"


@pytest.mark.parametrize(
    ("status", "rows", "codes"),
    [
        ("revoked", [], {DAY, DECISION}),
        ("revoked", [sanction("revoked", "2024")], {DECISION}),
        ("revoked", [sanction("revoked", decision="1")], {DAY}),
        ("revoked", [sanction("revoked", "2024"), sanction("revoked", decision="1")], set()),
        ("revoked", [sanction("suspended", "2024", decision="1")], {DAY, DECISION}),
        ("suspended", [sanction("suspended", "2024", decision="1")], set()),
        ("valid", [], set()),
        ("expired", [], set()),
    ],
)
def test_a_sanction_is_stated_with_its_day_and_decision(
    status: str, rows: list[dict[str, str]], codes: set[str]
) -> None:
    assert sanctions(status, *rows) == codes


@pytest.mark.parametrize(
    ("begun", "until", "codes"),
    [
        ("2024-05-02", "2024-05-01", {"ends_before_start"}),
        ("2024-05-02", "2024-05-02", set()),
        ("2024-05-02", "2024-05", set()),  # the month may mean a later day
        ("2024-05-02", "2024-04", {"ends_before_start"}),
        ("2024", "2024-01-01", set()),
        ("", "2024-01-01", set()),
        ("2024-05-02", "", set()),
        (NOW, "", set()),
        (TOMORROW, "", {"after_today"}),
        (NOW[:4], "", set()),
    ],
)
def test_the_days_of_a_sanction(begun: str, until: str, codes: set[str]) -> None:
    assert sanctions("expired", sanction("warned", begun, until)) == codes


@pytest.mark.parametrize(
    ("row", "running"),
    [
        (sanction("suspended", "2026-01-01"), True),
        (sanction("suspended", "2026-01-01", YESTERDAY), False),
        (sanction("suspended", "2026-01-01", NOW), True),
        (sanction("suspended", NOW, TOMORROW), True),
        (sanction("suspended"), False),
        (sanction("suspended", until=YESTERDAY), False),
        (sanction("revoked", "2026-01-01", YESTERDAY), True),  # a revocation has no end
        (sanction("warned", "2026-01-01"), False),
    ],
)
def test_a_body_under_a_sanction_has_no_valid_approval(row: dict[str, str], *, running: bool) -> None:
    assert sanctions("valid", row) == ({"sanction_still_running"} if running else set())
    assert "sanction_still_running" not in sanctions("revoked", row)
