"""Reports of errors and fakes, and objections to what is proposed: handed in without an account, answered by staff.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.reports.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.reports.answering import (
    ReportAnswer,
    admit_report,
    answer_report,
    asks_for_public_answer,
    claim_report,
    open_report_file,
    open_reporter,
    release_report,
)
from registry.services.reports.handing_in import (
    MOST_SEEN_AT,
    MOST_STATEMENT,
    ReportDraft,
    SentFile,
    hand_in_report,
    keep_stamp,
)
from registry.services.reports.listing import (
    STATES,
    ReportsRequest,
    get_report,
    list_reports,
    list_reports_of_record,
)
from registry.services.reports.own_reports import get_own_report, withdraw_report
from registry.services.reports.public_answers import get_challenge, list_report_figures
from registry.services.reports.subjects import form_path, open_form
from registry.services.reports.terms import ANSWER_WORKING_DAYS, RETENTION
from registry.services.reports.views import PutReportView, ReportFiguresView

__all__ = [
    "ANSWER_WORKING_DAYS",
    "MOST_SEEN_AT",
    "MOST_STATEMENT",
    "RETENTION",
    "STATES",
    "PutReportView",
    "ReportAnswer",
    "ReportDraft",
    "ReportFiguresView",
    "ReportsRequest",
    "SentFile",
    "admit_report",
    "answer_report",
    "asks_for_public_answer",
    "claim_report",
    "form_path",
    "get_challenge",
    "get_own_report",
    "get_report",
    "hand_in_report",
    "keep_stamp",
    "list_report_figures",
    "list_reports",
    "list_reports_of_record",
    "open_form",
    "open_report_file",
    "open_reporter",
    "release_report",
    "withdraw_report",
]
