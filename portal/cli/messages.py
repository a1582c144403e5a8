"""The words of the codes that commands raise."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "relay_stuck": _("Another relay is at work, but does not get on."),
    "training_in_public": _(
        "Accounts for training are made only where this machine alone reaches the register; this one is at %(address)s."
    ),
}

declare(__name__, MESSAGES)
