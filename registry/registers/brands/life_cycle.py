"""Life cycle of a brand's title."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import LifeCycle, State, Transition

NATIONAL_ROLES = ("reviewer_national", "registrar")
PROVINCE_ROLES = ("reviewer_province", "registrar")
LOCAL_ROLES = ("reviewer_city", "reviewer_province", "registrar")
REVIEWER_ROLES = ("reviewer_province", "reviewer_national", "registrar")

ENTRY = _("The whole entry; the mark may be used.")
OBJECTIONS = _("Name, holder, region and objection form, until the day the notice names.")
HISTORY = _("A line in the history; the badge is gone.")
RECTIFYING = _("A badge with the deadline.")
SUSPENDED = _("A badge: the mark must not be used.")
REMOVED = _("The entry stays, with date and ground; lists leave it out unless asked.")
REJECTED = _("The entry stays and says that the brand was not recognised.")

LIFE_CYCLE = LifeCycle(
    states=(
        State("draft", "草稿", "Draft", "unpublished", ""),
        State("submitted", "已申报", "Submitted", "unpublished", ""),
        State("returned", "退回补正", "Returned", "unpublished", ""),
        State("local_ok", "初审通过", "Passed local review", "unpublished", ""),
        # Turned down before any notice named it, and so never public.
        State("declined", "评审未通过", "Not passed in review", "unpublished", ""),
        State("expert_ok", "专家评审通过", "Passed expert review", "unpublished", ""),
        State(
            "publicity",
            "公示中",
            "Open for objections",
            "pending",
            "open",
            _(
                "A notice proposes this brand. It is open for objections and not recognised today (%(today)s)."
            ),
            ("公示", "拟认定", "拟推荐"),
        ),
        State(
            "publicity_hold",
            "异议核查",
            "Objection under examination",
            "pending",
            "open",
            _("An objection to this brand is being examined. It is not recognised today (%(today)s)."),
        ),
        State(
            "rejected",
            "不予认定",
            "Not recognised",
            "ended",
            "stop",
            _("This brand was announced but not recognised. The register has shown this since %(since)s."),
        ),
        State(
            "listed",
            "在册",
            "Listed",
            "in_force",
            "live",
            _("Today (%(today)s) this brand is on the list; its holder may use the mark as the rules say."),
            ("在册(已认定)", "认定", "通过"),
        ),
        State(
            "rectifying",
            "整改中",
            "Under rectification",
            "restricted",
            "act",
            _(
                "Today (%(today)s) this brand is on the list but its holder has been ordered to put things right."
            ),
            ("约谈整改", "附条件通过"),
        ),
        State(
            "suspended",
            "暂停",
            "Suspended",
            "restricted",
            "hold",
            _("The title is suspended today (%(today)s). The mark must not be used."),
        ),
        State(
            "removed",
            "移出名录",
            "Removed from the list",
            "ended",
            "stop",
            _(
                "This brand was removed from the list. Neither mark nor title may be used. Shown since %(since)s."
            ),
            ("不通过",),
        ),
    ),
    transitions=(
        Transition("drafted", "", "draft", "草稿", "Drafted", ("enterprise",)),
        Transition(
            "submitted",
            "draft",
            "submitted",
            "申报",
            "Submitted",
            ("enterprise",),
            (
                _("Application form"),
                _("Licence"),
                _("Trademark proof"),
                _("Founding proof"),
                _("Audited figures"),
                _("Commitment"),
            ),
        ),
        Transition(
            "returned",
            "submitted",
            "returned",
            "退回补正",
            "Returned",
            LOCAL_ROLES,
            (_("Check list"), _("Opinion")),
        ),
        Transition("resubmitted", "returned", "submitted", "补正后申报", "Submitted again", ("enterprise",)),
        Transition(
            "passed_locally",
            "submitted",
            "local_ok",
            "初审通过",
            "Passed local review",
            LOCAL_ROLES,
            (_("Check list"), _("Opinion")),
        ),
        Transition(
            "passed_experts",
            "local_ok",
            "expert_ok",
            "评审通过",
            "Passed expert review",
            NATIONAL_ROLES,
            (_("Minutes"), _("Score")),
        ),
        Transition(
            "declined",
            "local_ok",
            "declined",
            "不予认定",
            "Not recognised",
            NATIONAL_ROLES,
            (_("Minutes"), _("Score")),
        ),
        Transition(
            "announced",
            "expert_ok",
            "publicity",
            "公示",
            "Announced",
            NATIONAL_ROLES,
            (_("Notice"),),
            OBJECTIONS,
        ),
        Transition(
            "objected",
            "publicity",
            "publicity_hold",
            "异议核查",
            "Objection examined",
            NATIONAL_ROLES,
            (_("Objection"),),
            _("That an objection is being examined; never who objected."),
        ),
        Transition(
            "objection_dropped",
            "publicity_hold",
            "publicity",
            "异议不成立",
            "Objection dismissed",
            NATIONAL_ROLES,
            (_("Finding"),),
            OBJECTIONS,
        ),
        Transition(
            "rejected",
            "publicity_hold",
            "rejected",
            "不予认定",
            "Not recognised",
            NATIONAL_ROLES,
            (_("Finding"),),
            REJECTED,
        ),
        Transition(
            "rejected",
            "publicity",
            "rejected",
            "不予认定",
            "Not recognised",
            NATIONAL_ROLES,
            (_("Finding"),),
            REJECTED,
        ),
        Transition(
            "listed",
            "publicity",
            "listed",
            "认定",
            "Recognised",
            NATIONAL_ROLES,
            (_("Decision"), _("Plaque number")),
            ENTRY,
        ),
        Transition("entered", "", "listed", "登记", "Entered", ("registrar",), public_notice=ENTRY),
        Transition(
            "rectify",
            "listed",
            "rectifying",
            "约谈整改",
            "Ordered to rectify",
            REVIEWER_ROLES,
            (_("Order with deadline"),),
            RECTIFYING,
        ),
        Transition(
            "rectified",
            "rectifying",
            "listed",
            "整改合格",
            "Rectified",
            REVIEWER_ROLES,
            (_("On-site report"),),
            HISTORY,
        ),
        *(
            Transition(
                "suspended",
                before,
                "suspended",
                "暂停",
                "Suspended",
                NATIONAL_ROLES,
                (_("Decision"),),
                SUSPENDED,
            )
            for before in ("rectifying", "listed")
        ),
        Transition(
            "restored", "suspended", "listed", "恢复", "Restored", NATIONAL_ROLES, (_("Decision"),), HISTORY
        ),
        *(
            Transition(
                "removed",
                before,
                "removed",
                "移出名录",
                "Removed",
                NATIONAL_ROLES,
                (_("Decision with ground"),),
                REMOVED,
            )
            for before in ("listed", "rectifying", "suspended")
        ),
        Transition(
            "transferred",
            "listed",
            "listed",
            "主体变更",
            "Transferred",
            PROVINCE_ROLES,
            (_("Transfer deed"),),
            _("The new holder; the one before stands in the history."),
        ),
        # A new application is a new record, after the applications that the title bars; what was published stays.
        Transition("applied_again", "removed", "draft", "重新申报", "Applied again", ("enterprise",)),
    ),
    default_status="listed",
)
