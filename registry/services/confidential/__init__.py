"""Confidential parts: opened for a reason only, each look in the audit log, and counted for the public by year.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

from registry.services.confidential.figures import (
    LookFigureView,
    LookYearView,
    ReasonFigureView,
    list_look_figures,
)
from registry.services.confidential.looks import NO_REASON, LookReason, StoredFile
from registry.services.confidential.messages import MESSAGES
from registry.services.confidential.reasons import LOOK_REASONS, MAX_WORDS, SPEAKS_FOR_ITSELF

__all__ = [
    "LOOK_REASONS",
    "MAX_WORDS",
    "MESSAGES",
    "NO_REASON",
    "SPEAKS_FOR_ITSELF",
    "LookFigureView",
    "LookReason",
    "LookYearView",
    "ReasonFigureView",
    "StoredFile",
    "list_look_figures",
]
