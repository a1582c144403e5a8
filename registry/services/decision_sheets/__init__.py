"""Sheets of decisions: each row a decision on one record; read, prepared together, taken by a second person in one act or one by one.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.decision_sheets.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.decision_sheets.by_program import (
    SHEET_ACTS,
    RefusedRow,
    SentRow,
    SentSheet,
    SheetAct,
    SheetActName,
    SheetOutcome,
    act_on_sheet_by_program,
    prepare_sheet_by_program,
)
from registry.services.decision_sheets.columns import PAPERS, TRANSITION
from registry.services.decision_sheets.report import empty_decision_sheet, export_decision_sheet
from registry.services.decision_sheets.sheets import (
    MAX_ROWS,
    DecisionUpload,
    cancel_sheet,
    hand_in_decisions,
    prepare_sheet,
    read_sheets,
)
from registry.services.decision_sheets.taking import return_sheet, take_back_sheet, take_sheet
from registry.services.decision_sheets.views import (
    DecisionRowView,
    DecisionSheetLine,
    DecisionSheetList,
    DecisionSheetRequest,
    DecisionSheetView,
    get_decision_sheet,
    list_decision_sheets,
    list_sheets_to_take,
)

__all__ = [
    "MAX_ROWS",
    "PAPERS",
    "SHEET_ACTS",
    "TRANSITION",
    "DecisionRowView",
    "DecisionSheetLine",
    "DecisionSheetList",
    "DecisionSheetRequest",
    "DecisionSheetView",
    "DecisionUpload",
    "RefusedRow",
    "SentRow",
    "SentSheet",
    "SheetAct",
    "SheetActName",
    "SheetOutcome",
    "act_on_sheet_by_program",
    "cancel_sheet",
    "empty_decision_sheet",
    "export_decision_sheet",
    "get_decision_sheet",
    "hand_in_decisions",
    "list_decision_sheets",
    "list_sheets_to_take",
    "prepare_sheet",
    "prepare_sheet_by_program",
    "read_sheets",
    "return_sheet",
    "take_back_sheet",
    "take_sheet",
]
