"""Cautions of green certificates: what a reader must know beside the status."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.cautions import CautionKind, linked_in_state

SUPERSEDED_EDITION = CautionKind(
    code="superseded_edition",
    zh="依据旧版标准",
    en="Based on a superseded edition",
    sentence=_(
        "The standard %(number)s, on which this certificate is based, is no longer the current edition: what was "
        "assessed may differ from what the current edition asks."
    ),
)

CAUTIONS = (linked_in_state(SUPERSEDED_EDITION, "based_on", ("superseded", "withdrawn")),)
