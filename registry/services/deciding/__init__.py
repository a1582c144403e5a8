"""Decisions on published records, by the life cycles: what waits, preparing, and the second person who takes it.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.deciding.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.deciding.by_program import (
    ACTS,
    ActName,
    DecisionAct,
    ProgramOutcome,
    act_by_program,
    prepare_by_program,
    preview_by_program,
)
from registry.services.deciding.desk import (
    KINDS,
    DeskRequest,
    get_batch_form,
    get_case_of_record,
    get_decision,
    get_decision_form,
    get_desk,
    get_own_draft,
    list_decision_forms,
    list_desk_registers,
)
from registry.services.deciding.desk_lists import (
    QUEUES,
    ListRequest,
    list_cases,
    list_decisions,
)
from registry.services.deciding.preparing import (
    MAX_RECORDS,
    DecisionDraft,
    prepare_decision,
    preview_decision,
)
from registry.services.deciding.saved_views import (
    SAVED_PAGES,
    SavedViewLink,
    filters_of,
    list_views,
    remove_view,
    save_view,
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
    DecisionLineView,
    DecisionPreview,
    DecisionView,
    DeskCaseView,
    DeskRegisterView,
    DeskView,
    EffectView,
    MoveView,
    RefusedCaseView,
    TitledRecordView,
)

__all__ = [
    "ACTS",
    "KINDS",
    "MAX_RECORDS",
    "QUEUES",
    "SAVED_PAGES",
    "ActName",
    "CaseOfRecordView",
    "DecisionAct",
    "DecisionDraft",
    "DecisionFieldView",
    "DecisionFormView",
    "DecisionLineView",
    "DecisionPreview",
    "DecisionView",
    "DeskCaseView",
    "DeskRegisterView",
    "DeskRequest",
    "DeskView",
    "EffectView",
    "ListRequest",
    "MoveView",
    "ProgramOutcome",
    "RefusedCaseView",
    "SavedViewLink",
    "TitledRecordView",
    "act_by_program",
    "claim_decision",
    "filters_of",
    "get_batch_form",
    "get_case_of_record",
    "get_decision",
    "get_decision_form",
    "get_desk",
    "get_own_draft",
    "list_cases",
    "list_decision_forms",
    "list_decisions",
    "list_desk_registers",
    "list_views",
    "prepare_by_program",
    "prepare_decision",
    "preview_by_program",
    "preview_decision",
    "release_decision",
    "remove_view",
    "return_decision",
    "save_view",
    "take_back_decision",
    "take_decision",
]
