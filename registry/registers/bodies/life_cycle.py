"""States of a body's approval."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import DateChange, LifeCycle, State, Transition

REGISTRAR_ROLES = ("registrar",)
ENTRY = _("The entry with scope and validity.")
SUSPENDED = _("A badge; the day stands in the history.")
REVOKED = _("A red banner with the date; what it certified keeps its page.")
EXPIRED = _("A grey banner with the end date.")

LIFE_CYCLE = LifeCycle(
    states=(
        State(
            "valid",
            "有效",
            "Valid",
            "in_force",
            "live",
            _("Today (%(today)s) this body is listed with a valid approval."),
        ),
        State(
            "suspended",
            "暂停",
            "Suspended",
            "restricted",
            "hold",
            _("The approval of this body is suspended. The register has shown this since %(since)s."),
        ),
        State(
            "revoked",
            "撤销",
            "Revoked",
            "ended",
            "stop",
            _("The approval of this body was revoked. The register has shown this since %(since)s."),
            ("吊销",),
        ),
        State(
            "expired",
            "过期失效",
            "Expired",
            "ended",
            "past",
            _("The approval of this body has run out. It was valid until %(until)s."),
            ("过期",),
        ),
    ),
    transitions=(
        Transition("entered", "", "valid", "登记", "Entered", REGISTRAR_ROLES, public_notice=ENTRY),
        Transition(
            "suspended",
            "valid",
            "suspended",
            "暂停",
            "Suspended",
            REGISTRAR_ROLES,
            (_("Decision"),),
            SUSPENDED,
        ),
        Transition(
            "restored", "suspended", "valid", "恢复有效", "Restored", REGISTRAR_ROLES, (_("Decision"),), ENTRY
        ),
        *(
            Transition(
                "revoked", before, "revoked", "撤销", "Revoked", REGISTRAR_ROLES, (_("Decision"),), REVOKED
            )
            for before in ("valid", "suspended")
        ),
        *(
            Transition(
                "expired", before, "expired", "过期失效", "Expired", ("system",), public_notice=EXPIRED
            )
            for before in ("valid", "suspended")
        ),
        Transition(
            "renewed", "expired", "valid", "续期", "Renewed", REGISTRAR_ROLES, (_("New approval"),), ENTRY
        ),
    ),
    default_status="valid",
    date_changes=(DateChange("expired", ("valid", "suspended"), "expired", "valid_to"),),
)
