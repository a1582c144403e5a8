"""Filing by enterprises: drafts and their check, filing by form, sheet and program, and what follows a filing.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.filing.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.filing.amendment_reasons import (
    AMENDMENT_HINTS,
    AMENDMENT_LABELS,
    AMENDMENT_NOTE,
    AMENDMENT_REASON,
    Amendment,
)
from registry.services.filing.annual_confirmation import (
    MAX_CONFIRMATIONS_SHOWN,
    confirm_record,
    confirm_records,
    list_due_confirmations,
)
from registry.services.filing.by_program import FilingRequest, check_request, file_request
from registry.services.filing.by_sheet.sheet_jobs import run_sheet_jobs_forever, run_sheet_jobs_once
from registry.services.filing.by_sheet.sheet_results import ResultsRequest, export_sheet_results
from registry.services.filing.by_sheet.sheet_template import empty_sheet_csv, empty_sheet_xlsx
from registry.services.filing.by_sheet.sheet_uploads import (
    SheetUpload,
    cancel_sheet,
    hand_in_sheet,
    publish_checked_sheet,
)
from registry.services.filing.by_sheet.sheet_views import describe_row_changes, get_sheet, list_sheets
from registry.services.filing.draft_differences import (
    DifferencesView,
    compare_draft_with_record,
    rebase_draft,
)
from registry.services.filing.draft_texts import (
    UploadedFile,
    attach_full_text,
    get_own_full_text,
    has_private_text,
    has_unsettled_text,
    open_private_text,
    remove_full_text,
    settle_full_text,
)
from registry.services.filing.draft_views import (
    DraftView,
    OrderView,
    StepView,
    cells_as_typed,
    typed_as_cells,
)
from registry.services.filing.drafts import (
    DraftSubmission,
    NewDraft,
    PublishedDraft,
    accept_suggestions,
    discard_draft,
    document_as_typed,
    file_draft,
    find_published_draft,
    get_draft,
    get_draft_register,
    list_drafts,
    open_draft,
    save_draft,
)
from registry.services.filing.filed_lists import FiledListRequest, FiledRecordsView, list_filed_records
from registry.services.filing.filed_records import (
    FiledRecordAddress,
    FiledRecordState,
    get_filed_record_state,
    retract_record,
    withdraw_record,
)
from registry.services.filing.pending_tasks import PendingTasks, list_pending_tasks
from registry.services.filing.pictures import (
    PictureForm,
    list_pictures,
    remove_picture,
    supply_picture,
    take_down_picture,
)
from registry.services.filing.questions import (
    QuestionView,
    describe_issue,
    issue_anchor,
    list_amendment_reasons,
    list_questions,
    possible_answers,
)
from registry.services.filing.receipts import get_receipt, list_recent_receipts
from registry.services.filing.submission import filing_of

__all__ = [
    "AMENDMENT_HINTS",
    "AMENDMENT_LABELS",
    "AMENDMENT_NOTE",
    "AMENDMENT_REASON",
    "MAX_CONFIRMATIONS_SHOWN",
    "Amendment",
    "DifferencesView",
    "DraftSubmission",
    "DraftView",
    "FiledListRequest",
    "FiledRecordAddress",
    "FiledRecordState",
    "FiledRecordsView",
    "FilingRequest",
    "NewDraft",
    "OrderView",
    "PendingTasks",
    "PictureForm",
    "PublishedDraft",
    "QuestionView",
    "ResultsRequest",
    "SheetUpload",
    "StepView",
    "UploadedFile",
    "accept_suggestions",
    "attach_full_text",
    "cancel_sheet",
    "cells_as_typed",
    "check_request",
    "compare_draft_with_record",
    "confirm_record",
    "confirm_records",
    "describe_issue",
    "describe_row_changes",
    "discard_draft",
    "document_as_typed",
    "empty_sheet_csv",
    "empty_sheet_xlsx",
    "export_sheet_results",
    "file_draft",
    "file_request",
    "filing_of",
    "find_published_draft",
    "get_draft",
    "get_draft_register",
    "get_filed_record_state",
    "get_own_full_text",
    "get_receipt",
    "get_sheet",
    "hand_in_sheet",
    "has_private_text",
    "has_unsettled_text",
    "issue_anchor",
    "list_amendment_reasons",
    "list_drafts",
    "list_due_confirmations",
    "list_filed_records",
    "list_pending_tasks",
    "list_pictures",
    "list_questions",
    "list_recent_receipts",
    "list_sheets",
    "open_draft",
    "open_private_text",
    "possible_answers",
    "publish_checked_sheet",
    "rebase_draft",
    "remove_full_text",
    "remove_picture",
    "retract_record",
    "run_sheet_jobs_forever",
    "run_sheet_jobs_once",
    "save_draft",
    "settle_full_text",
    "supply_picture",
    "take_down_picture",
    "typed_as_cells",
    "withdraw_record",
]
