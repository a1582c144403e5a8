"""Life cycle of a grading result; a downgraded result stays in force with its new grade."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import DateChange, LifeCycle, State, Transition

PUBLISHER_ROLES = ("publisher", "registrar")
BODY_ROLES = ("body", "registrar")
AUTHORITY_ROLES = ("registrar",)
DECIDING_ROLES = ("registrar", "body")

ENTRY = _("The whole entry with mark and comparison.")
CHECKED = _("A badge while the check is open.")
KEPT = _("A line in the history: checked, the grade stands.")
LOWERED = _("The new grade with its date; the one before stands in the history.")
SUSPENDED = _("A badge: the mark must not be used.")
REVOKED = _("A banner with date and reason.")
REPLACED = _("A link to the newer result.")
ENDED = _("A grey banner with the date.")

LIFE_CYCLE = LifeCycle(
    states=(
        State("draft", "草稿", "Draft", "unpublished", ""),
        State("submitted", "已提交", "Submitted", "unpublished", ""),
        State("returned", "退回", "Returned", "unpublished", ""),
        State("confirmed", "机构确认", "Confirmed by the body", "unpublished", ""),
        State(
            "publicity",
            "公示中",
            "Open for objections",
            "pending",
            "open",
            _("This grade is open for objections and not yet in force today (%(today)s)."),
            ("公示",),
        ),
        State(
            "valid",
            "有效",
            "Valid",
            "in_force",
            "live",
            _("Today (%(today)s) this grade is in force. End date: %(until)s."),
        ),
        State(
            "under_check",
            "核查中",
            "Under check",
            "restricted",
            "open",
            _("This grade is being checked today (%(today)s). It stands until the check is decided."),
            ("核查",),
        ),
        State(
            "downgraded",
            "已降级",
            "Downgraded",
            "in_force",
            "act",
            _("This product was graded down. The grade shown is the one in force today (%(today)s)."),
            ("降级",),
        ),
        State(
            "suspended",
            "暂停",
            "Suspended",
            "restricted",
            "hold",
            _("This grade is suspended today (%(today)s). The mark must not be used."),
        ),
        State(
            "revoked",
            "取消",
            "Revoked",
            "ended",
            "stop",
            _("This grade was revoked and does not hold. The register has shown this since %(since)s."),
            ("撤销", "已取消"),
        ),
        State(
            "superseded",
            "已换版",
            "Replaced",
            "ended",
            "past",
            _("A newer result for the same model has taken the place of this one. Shown since %(since)s."),
            ("被代替", "换版"),
        ),
        State(
            "withdrawn",
            "企业退出",
            "Withdrawn by the enterprise",
            "ended",
            "past",
            _("The enterprise withdrew from grading. The register has shown this since %(since)s."),
            ("退出",),
        ),
        State(
            "expired",
            "过期",
            "Expired",
            "ended",
            "past",
            _("This grade has run out and does not hold today (%(today)s). End date: %(until)s."),
            ("过期失效",),
        ),
    ),
    transitions=(
        Transition("drafted", "", "draft", "草稿", "Drafted", ("enterprise",)),
        Transition(
            "submitted",
            "draft",
            "submitted",
            "提交",
            "Submitted",
            ("enterprise",),
            (_("Product"), _("Evidence")),
        ),
        Transition("returned", "submitted", "returned", "退回", "Returned", ("body",), (_("Reason"),)),
        Transition("resubmitted", "returned", "submitted", "重新提交", "Submitted again", ("enterprise",)),
        Transition(
            "confirmed", "submitted", "confirmed", "确认", "Confirmed", ("body",), (_("Calculation sheet"),)
        ),
        Transition(
            "announced",
            "confirmed",
            "publicity",
            "公示",
            "Announced",
            PUBLISHER_ROLES,
            (_("Notice"),),
            _("Name, grade and objection form are public."),
        ),
        *(
            Transition(
                "published", before, "valid", "公布", "Published", PUBLISHER_ROLES, public_notice=ENTRY
            )
            for before in ("confirmed", "publicity")
        ),
        Transition("entered", "", "valid", "登记", "Entered", PUBLISHER_ROLES, public_notice=ENTRY),
        # A downgraded result is in force, so whatever may befall a valid one may befall it too.
        *(
            Transition(
                "check_opened",
                before,
                "under_check",
                "立案核查",
                "Check opened",
                AUTHORITY_ROLES,
                (_("Opened case"),),
                CHECKED,
            )
            for before in ("valid", "downgraded")
        ),
        Transition(
            "kept", "under_check", "valid", "维持", "Grade kept", DECIDING_ROLES, (_("Test report"),), KEPT
        ),
        *(
            Transition(
                "downgraded",
                before,
                "downgraded",
                "降级",
                "Downgraded",
                DECIDING_ROLES,
                (_("Test report"),),
                LOWERED,
            )
            for before in ("under_check", "valid")
        ),
        *(
            Transition(
                "revoked", before, "revoked", "取消", "Revoked", DECIDING_ROLES, (_("Decision"),), REVOKED
            )
            for before in ("under_check", "suspended")
        ),
        *(
            Transition(
                "suspended", before, "suspended", "暂停", "Suspended", BODY_ROLES, (_("Order"),), SUSPENDED
            )
            for before in ("valid", "downgraded")
        ),
        Transition("restored", "suspended", "valid", "恢复", "Restored", BODY_ROLES, (_("Decision"),), KEPT),
        *(
            Transition(
                "replaced",
                before,
                "superseded",
                "换版",
                "Replaced",
                ("system", "registrar"),
                public_notice=REPLACED,
            )
            for before in ("valid", "downgraded")
        ),
        *(
            Transition(
                "withdrawn",
                before,
                "withdrawn",
                "企业退出",
                "Withdrawn",
                ("enterprise", "registrar"),
                (_("Request"),),
                ENDED,
            )
            for before in ("valid", "downgraded")
        ),
        *(
            Transition("expired", before, "expired", "过期", "Expired", ("system",), public_notice=ENDED)
            for before in ("valid", "downgraded", "suspended", "under_check")
        ),
    ),
    default_status="valid",
    date_changes=(
        DateChange("expired", ("valid", "downgraded", "suspended", "under_check"), "expired", "valid_to"),
    ),
)
