"""Figures of reports: how many are open, overdue and answered, after how many days, and how many records they challenge."""

from __future__ import annotations

import datetime as dt

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.kit.report import KINDS
from registry.services import reports
from registry.services.bootstrap import Registry
from registry.services.reports import ReportAnswer, ReportsRequest
from tests.services.deciders import set_status, staff
from tests.services.reporters import hand_in
from tests.services.samples import NOON

pytestmark = pytest.mark.usefixtures("noon")


def test_figures_count_what_is_open_overdue_and_answered(
    registry: Registry,
) -> None:
    actor = staff(registry, "registrar")
    assert [
        (each.kind, each.open, each.median_days) for each in reports.list_report_figures(registry, ANONYMOUS)
    ] == [(kind, 0, None) for kind in KINDS]
    rows = [hand_in(registry, "error", f"x{index}") for index in range(4)]
    for days, row in zip(
        (0, 1, 7), rows, strict=False
    ):  # 24 November 2026 is a Tuesday: 0, 1 and 5 working days
        with clock.frozen_at(NOON + dt.timedelta(days=days)):
            reports.answer_report(registry, actor, row.id, ReportAnswer("not_upheld", "不成立。"))
    overdue = dt.datetime.combine(rows[3].due_on, dt.time(12), clock.SHANGHAI)
    with clock.frozen_at(overdue):
        [figures] = [
            each for each in reports.list_report_figures(registry, ANONYMOUS) if each.kind == "error"
        ]
        assert (figures.open, figures.overdue, figures.answered, figures.median_days) == (1, 0, 3, 1)
        assert figures.outcomes == {"not_upheld": 3}
    with clock.frozen_at(overdue + dt.timedelta(days=1)):
        [figures] = [
            each for each in reports.list_report_figures(registry, ANONYMOUS) if each.kind == "error"
        ]
        assert figures.overdue == 1
        assert reports.list_reports(registry, actor, ReportsRequest()).lines[0].days_left < 0
    with clock.frozen_at(NOON + dt.timedelta(days=365, minutes=1)):
        [figures] = [
            each for each in reports.list_report_figures(registry, ANONYMOUS) if each.kind == "error"
        ]
        assert figures.answered == 2


def test_a_record_that_two_reports_challenge_is_counted_once(filled: Registry) -> None:
    store, wang = filled, staff(filled, "reviewer_national", "王强")

    def challenged() -> int:
        [figures] = [each for each in reports.list_report_figures(store, ANONYMOUS) if each.kind == "fake"]
        return figures.challenging

    before, number = challenged(), set_status(store, "grades", "valid", index=0)
    for _each in range(2):
        reports.admit_report(store, wang, hand_in(store, "fake", number, register="grades").id)
    assert challenged() == before + 1
