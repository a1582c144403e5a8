"""Decisions on published records, by the life cycles: what waits, preparing, and the second person who takes it.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.deciding.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.deciding.desk import (
    KINDS,
    DeskRequest,
    get_batch_form,
    get_case_of_record,
    get_decision,
    get_decision_form,
    get_desk,
    get_own_draft,
    list_desk_registers,
)
from registry.services.deciding.preparing import (
    MAX_RECORDS,
    DecisionDraft,
    prepare_decision,
    preview_decision,
)
from registry.services.deciding.settling import (
    claim_decision,
    release_decision,
    return_decision,
    take_back_decision,
    take_decision,
)
from registry.services.deciding.views import (
    CaseOfRecordView,
    DecisionFieldView,
    DecisionFormView,
    DecisionPreview,
    DecisionView,
    DeskView,
    RefusedCaseView,
)

__all__ = [
    "KINDS",
    "MAX_RECORDS",
    "CaseOfRecordView",
    "DecisionDraft",
    "DecisionFieldView",
    "DecisionFormView",
    "DecisionPreview",
    "DecisionView",
    "DeskRequest",
    "DeskView",
    "RefusedCaseView",
    "claim_decision",
    "get_batch_form",
    "get_case_of_record",
    "get_decision",
    "get_decision_form",
    "get_desk",
    "get_own_draft",
    "list_desk_registers",
    "prepare_decision",
    "preview_decision",
    "release_decision",
    "return_decision",
    "take_back_decision",
    "take_decision",
]
