"""Published records as their holders and the bodies that issued them see them: all of them, one with what is asked and answered, what may be printed.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.own_records.messages  # noqa: F401 - declares the words of the codes of this room
from registry.services.own_records.artwork import (
    KINDS,
    ArtworkFile,
    ArtworkSize,
    ArtworkView,
    draw_artwork,
    get_artwork,
)
from registry.services.own_records.asking import AskedDecision, ask_for_decision, withdraw_request
from registry.services.own_records.by_program import (
    ask_by_program,
    get_own_record_by_program,
    list_own_by_program,
    state_by_program,
    withdraw_request_by_program,
)
from registry.services.own_records.parties import Party, RecordAddress
from registry.services.own_records.reading import (
    AskableView,
    ChallengeStatement,
    DueView,
    OwnRecordLine,
    OwnRecordsRequest,
    OwnRecordsView,
    OwnRecordView,
    get_askable,
    get_own_record,
    list_own_records,
    state_on_challenge,
)

__all__ = [
    "KINDS",
    "ArtworkFile",
    "ArtworkSize",
    "ArtworkView",
    "AskableView",
    "AskedDecision",
    "ChallengeStatement",
    "DueView",
    "OwnRecordLine",
    "OwnRecordView",
    "OwnRecordsRequest",
    "OwnRecordsView",
    "Party",
    "RecordAddress",
    "ask_by_program",
    "ask_for_decision",
    "draw_artwork",
    "get_artwork",
    "get_askable",
    "get_own_record",
    "get_own_record_by_program",
    "list_own_by_program",
    "list_own_records",
    "state_by_program",
    "state_on_challenge",
    "withdraw_request",
    "withdraw_request_by_program",
]
