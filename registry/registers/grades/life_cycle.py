"""Life cycle of a grading result; a downgraded result stays in force with its new grade."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import Due, LifeCycle, State, Transition

PUBLISHER = ("publisher", "registrar")
BODY = ("body", "registrar")

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
        Transition("submitted", "draft", "submitted", "提交", "Submitted", ("enterprise",), (_("Evidence"),)),
        Transition("returned", "submitted", "returned", "退回", "Returned", ("body",)),
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
            PUBLISHER,
            (_("Notice"),),
            _("Name, grade and objection form are public."),
        ),
        Transition("published", "confirmed", "valid", "公布", "Published", PUBLISHER),
        Transition("published", "publicity", "valid", "公布", "Published", PUBLISHER),
        Transition("entered", "", "valid", "登记", "Entered", PUBLISHER),
        Transition(
            "check_opened",
            "valid",
            "under_check",
            "立案核查",
            "Check opened",
            ("registrar",),
            (_("Opened case"),),
        ),
        Transition("kept", "under_check", "valid", "维持", "Grade kept", ("registrar",), (_("Test report"),)),
        Transition(
            "downgraded",
            "under_check",
            "downgraded",
            "降级",
            "Downgraded",
            ("registrar",),
            (_("Test report"),),
        ),
        Transition(
            "downgraded", "valid", "downgraded", "降级", "Downgraded", ("registrar",), (_("Test report"),)
        ),
        Transition("revoked", "under_check", "revoked", "取消", "Revoked", ("registrar",), (_("Decision"),)),
        Transition("suspended", "valid", "suspended", "暂停", "Suspended", BODY, (_("Order"),)),
        # A downgraded result is in force, so whatever may befall a valid one may befall it too.
        Transition(
            "check_opened",
            "downgraded",
            "under_check",
            "立案核查",
            "Check opened",
            ("registrar",),
            (_("Opened case"),),
        ),
        Transition("suspended", "downgraded", "suspended", "暂停", "Suspended", BODY, (_("Order"),)),
        Transition("restored", "suspended", "valid", "恢复", "Restored", BODY),
        Transition("revoked", "suspended", "revoked", "取消", "Revoked", BODY, (_("Decision"),)),
        Transition("replaced", "valid", "superseded", "换版", "Replaced", ("system", "registrar")),
        Transition("replaced", "downgraded", "superseded", "换版", "Replaced", ("system", "registrar")),
        Transition(
            "withdrawn",
            "valid",
            "withdrawn",
            "企业退出",
            "Withdrawn",
            ("enterprise", "registrar"),
            (_("Request"),),
        ),
        Transition(
            "withdrawn", "downgraded", "withdrawn", "企业退出", "Withdrawn", ("enterprise", "registrar")
        ),
        Transition("expired", "valid", "expired", "过期", "Expired", ("system",)),
        Transition("expired", "downgraded", "expired", "过期", "Expired", ("system",)),
        Transition("expired", "suspended", "expired", "过期", "Expired", ("system",)),
        Transition("expired", "under_check", "expired", "过期", "Expired", ("system",)),
    ),
    default="valid",
    due=(Due("expired", ("valid", "downgraded", "suspended", "under_check"), "expired", "valid_to"),),
)
