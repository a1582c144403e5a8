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
            code="valid",
            zh="有效",
            en="Valid",
            standing="in_force",
            badge="live",
            meaning=_("The body is approved and may certify, test or assess within its scope."),
            explanation=_("Today (%(today)s) this body is listed with a valid approval."),
            sourced=_(
                "According to the source of %(source)s, this body has a valid approval. The register has no later source."
            ),
            decided=("valid_from",),
        ),
        State(
            code="suspended",
            zh="暂停",
            en="Suspended",
            standing="restricted",
            badge="hold",
            meaning=_(
                "The approval is suspended: the body may issue nothing new meanwhile. What it issued before stands; the approval is restored or revoked."
            ),
            explanation=_(
                "The approval of this body is suspended: meanwhile it may not certify, test or assess under it."
            ),
        ),
        State(
            code="revoked",
            zh="撤销",
            en="Revoked",
            standing="ended",
            badge="stop",
            meaning=_(
                "The approval was taken away: the body may issue nothing more, and no longer oversees what it issued. It cannot come back."
            ),
            explanation=_(
                "The approval of this body was revoked: it may no longer certify, test or assess under it."
            ),
            aliases=("吊销",),
        ),
        State(
            code="expired",
            zh="过期失效",
            en="Expired",
            standing="ended",
            badge="past",
            meaning=_(
                "The approval ran out: the body may issue nothing more until it is renewed. What it issued before stands."
            ),
            explanation=_("The approval of this body ran out. It was valid until %(until)s."),
            aliases=("过期",),
        ),
    ),
    transitions=(
        Transition(
            name="entered",
            before="",
            after="valid",
            zh="登记",
            en="Entered",
            roles=REGISTRAR_ROLES,
            public_notice=ENTRY,
        ),
        Transition(
            name="suspended",
            before="valid",
            after="suspended",
            zh="暂停",
            en="Suspended",
            roles=REGISTRAR_ROLES,
            on_request=True,
            needs=("legal_basis",),
            evidence=(_("Decision"),),
            public_notice=SUSPENDED,
        ),
        Transition(
            name="restored",
            before="suspended",
            after="valid",
            zh="恢复有效",
            en="Restored",
            roles=REGISTRAR_ROLES,
            on_request=True,
            evidence=(_("Decision"),),
            public_notice=ENTRY,
        ),
        *(
            Transition(
                name="revoked",
                before=before,
                after="revoked",
                zh="撤销",
                en="Revoked",
                roles=REGISTRAR_ROLES,
                needs=("legal_basis",),
                evidence=(_("Decision"),),
                public_notice=REVOKED,
            )
            for before in ("valid", "suspended")
        ),
        *(
            Transition(
                name="expired",
                before=before,
                after="expired",
                zh="过期失效",
                en="Expired",
                roles=("system",),
                public_notice=EXPIRED,
            )
            for before in ("valid", "suspended")
        ),
        Transition(
            name="renewed",
            before="expired",
            after="valid",
            zh="续期",
            en="Renewed",
            roles=REGISTRAR_ROLES,
            on_request=True,
            fields=("valid_to",),
            evidence=(_("New approval"),),
            public_notice=ENTRY,
        ),
    ),
    default_status="valid",
    date_changes=(
        DateChange(transition="expired", before=("valid", "suspended"), after="expired", field="valid_to"),
    ),
)
