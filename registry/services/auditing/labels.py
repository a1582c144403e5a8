"""Words for what the audit log holds as codes."""

from __future__ import annotations

from registry.i18n import _
from registry.registers import filed_registers
from registry.services.people.own_account import AUDIT_LABELS, event_label
from registry.services.people.staff_accounts import ROLE_LABELS as ACCOUNT_ROLE_LABELS

DOOR_LABELS = {  # message ids, by `audit_log.DOORS`
    "page": _("Page"),
    "api": _("API"),
    "command": _("Command on the server"),
    "background": _("The register itself"),
}
ROLE_LABELS = {  # message ids, by `policy.ROLES`
    **ACCOUNT_ROLE_LABELS,
    "visitor": _("Not signed in"),
    "system": _("The register itself"),
}


def known_actions() -> dict[str, str]:
    """Return the acts that the log may hold: code → message id, those of accounts first."""
    actions = {action: event_label(action, "") for action in AUDIT_LABELS}
    for definition in filed_registers():
        assert definition.filing is not None
        for action, label in definition.filing.words.events.items():
            actions.setdefault(action, label)
    return actions
