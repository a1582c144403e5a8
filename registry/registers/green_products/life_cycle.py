"""Life cycle of a certificate (the national look-up knows 有效, 暂停, 撤销, 注销, 过期)."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import DateChange, LifeCycle, State, Transition

BODY_ROLES = ("body", "registrar")

ENTRY = _("The whole entry, with QR code and label.")
LINE = _("A line in the history.")
SUSPENDED = _("A banner with reason and end: the label must not be used on new products.")
REVOKED = _("A banner with date and reason; it never comes back.")
CANCELLED = _("A banner with the date; it never comes back.")
EXPIRED = _("A banner with the end date; a renewal links to it.")

LIFE_CYCLE = LifeCycle(
    states=(
        State("reported_draft", "待报送", "Waiting to be reported", "unpublished", ""),
        State(
            "valid",
            "有效",
            "Valid",
            "in_force",
            "live",
            _("Today (%(today)s) this certificate is in force. Its end date: %(until)s."),
        ),
        State(
            "suspended",
            "暂停",
            "Suspended",
            "restricted",
            "hold",
            _(
                "This certificate is suspended and not valid today (%(today)s). The mark must not be used on new "
                "products until it is restored."
            ),
        ),
        State(
            "revoked",
            "撤销",
            "Revoked",
            "ended",
            "stop",
            _("This certificate was revoked and is not valid. The register has shown this since %(since)s."),
        ),
        State(
            "cancelled",
            "注销",
            "Cancelled",
            "ended",
            "past",
            _(
                "This certificate was cancelled and is not valid. The register has shown this since %(since)s."
            ),
        ),
        State(
            "expired",
            "过期失效",
            "Expired",
            "ended",
            "past",
            _("This certificate has run out and is not valid today (%(today)s). Its end date: %(until)s."),
            ("过期", "失效"),
        ),
    ),
    transitions=(
        Transition("drafted", "", "reported_draft", "待报送", "Drafted", ("body",)),
        Transition(
            "reported",
            "reported_draft",
            "valid",
            "报送",
            "Reported",
            ("body",),
            (_("Certificate"), _("Test report"), _("Items assessed")),
            ENTRY,
        ),
        Transition("entered", "", "valid", "登记", "Entered", BODY_ROLES, public_notice=ENTRY),
        Transition(
            "suspended",
            "valid",
            "suspended",
            "暂停",
            "Suspended",
            (*BODY_ROLES, "enterprise"),
            (_("Notice with reason and end"),),
            SUSPENDED,
        ),
        Transition(
            "restored",
            "suspended",
            "valid",
            "恢复有效",
            "Restored",
            BODY_ROLES,
            (_("Corrective evidence"),),
            LINE,
        ),
        *(
            Transition("revoked", before, "revoked", "撤销", "Revoked", BODY_ROLES, (_("Decision"),), REVOKED)
            for before in ("suspended", "valid")
        ),
        *(
            Transition(
                "cancelled", before, "cancelled", "注销", "Cancelled", BODY_ROLES, (_("Request"),), CANCELLED
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
            "renewed",
            "expired",
            "valid",
            "续证",
            "Renewed under the same number",
            BODY_ROLES,
            (_("Certificate"),),
            _("A new issue of the same number."),
        ),
        Transition(
            "changed",
            "valid",
            "valid",
            "变更换证",
            "Changed and re-issued",
            BODY_ROLES,
            (_("Change evaluation"),),
            _("The same number with the day of re-issue, and what has changed."),
        ),
        Transition(
            "scope_changed",
            "valid",
            "valid",
            "缩小/扩大范围",
            "Scope narrowed or extended",
            BODY_ROLES,
            (_("Request"),),
            _("Models no longer covered are shown with their date."),
        ),
    ),
    default_status="valid",
    date_changes=(DateChange("expired", ("valid", "suspended"), "expired", "valid_to"),),
)
