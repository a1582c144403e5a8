"""Published records as their holders and the bodies that issued them see them: what may be printed.

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
from registry.services.own_records.parties import Party, RecordAddress

__all__ = [
    "KINDS",
    "ArtworkFile",
    "ArtworkSize",
    "ArtworkView",
    "Party",
    "RecordAddress",
    "draw_artwork",
    "get_artwork",
]
