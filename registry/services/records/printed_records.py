"""A record on paper: what a door has put into words, typeset as PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.accounts.policy import Action, Actor, require
from registry.printing import typesetting

TEMPLATE = "record"


def typeset_record(actor: Actor, content: Mapping[str, Any]) -> bytes:
    """Return the PDF of a record; `content` has the names that the template reads. Raises `Unavailable`."""
    require(actor, Action.READ)
    return typesetting.typeset(TEMPLATE, content)
