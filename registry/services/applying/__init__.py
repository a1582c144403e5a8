"""Applications for a decision of the authority: submitted, returned and corrected, examined, and published for the first time.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.applying.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.applying.by_program import (
    STEP_ACTS,
    StepAct,
    StepActName,
    act_on_step_by_program,
    make_step_by_program,
)
from registry.services.applying.evidence import (
    MAX_FILES,
    HandedInFile,
    attach_evidence,
    change_evidence,
    get_draft_evidence,
    get_file_for_desk,
    get_own_file,
    reason_key,
)
from registry.services.applying.holder_reports import (
    ReportForm,
    ReportView,
    SentReport,
    get_report_form,
    list_reports,
    submit_report,
    submit_report_by_program,
)
from registry.services.applying.own_by_program import (
    OwnApplication,
    get_own_by_program,
    get_own_file_by_program,
    list_own_by_program,
)
from registry.services.applying.reading import (
    examines,
    get_application,
    get_own_application,
    get_step_form,
    list_applications,
    list_applications_from,
    list_own_applications,
    list_returned,
)
from registry.services.applying.sent_by_program import (
    ApplicationAddress,
    SentApplication,
    SentFile,
    check_by_program,
    hand_in_by_program,
    require_applied,
    withdraw_by_program,
)
from registry.services.applying.steps import (
    OPINION,
    PAPER_PREFIX,
    REASON_PREFIX,
    StatedStep,
    make_step,
    return_step,
    take_back_step,
    take_step,
)
from registry.services.applying.submission import (
    find_bars,
    find_submitted,
    open_correction,
    submit_application,
    withdraw_application,
)
from registry.services.applying.views import (
    ApplicationLine,
    ApplicationView,
    DraftEvidence,
    EvidenceKindView,
    OwnApplications,
    StepFormView,
    StepView,
)

__all__ = [
    "MAX_FILES",
    "OPINION",
    "PAPER_PREFIX",
    "REASON_PREFIX",
    "STEP_ACTS",
    "ApplicationAddress",
    "ApplicationLine",
    "ApplicationView",
    "DraftEvidence",
    "EvidenceKindView",
    "HandedInFile",
    "OwnApplication",
    "OwnApplications",
    "ReportForm",
    "ReportView",
    "SentApplication",
    "SentFile",
    "SentReport",
    "StatedStep",
    "StepAct",
    "StepActName",
    "StepFormView",
    "StepView",
    "act_on_step_by_program",
    "attach_evidence",
    "change_evidence",
    "check_by_program",
    "examines",
    "find_bars",
    "find_submitted",
    "get_application",
    "get_draft_evidence",
    "get_file_for_desk",
    "get_own_application",
    "get_own_by_program",
    "get_own_file",
    "get_own_file_by_program",
    "get_report_form",
    "get_step_form",
    "hand_in_by_program",
    "list_applications",
    "list_applications_from",
    "list_own_applications",
    "list_own_by_program",
    "list_reports",
    "list_returned",
    "make_step",
    "make_step_by_program",
    "open_correction",
    "reason_key",
    "require_applied",
    "return_step",
    "submit_application",
    "submit_report",
    "submit_report_by_program",
    "take_back_step",
    "take_step",
    "withdraw_application",
    "withdraw_by_program",
]
