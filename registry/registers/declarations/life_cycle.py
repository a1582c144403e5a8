"""Life cycle of a declaration (Standardization Law, Arts. 38, 39, 42). Deletion does not exist."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import DateChange, LifeCycle, LinkedChange, State, Transition
from registry.registers.declarations.codes import RETRACTION_HOURS

HOLDER_ROLES = ("enterprise", "registrar")
AUTHORITY_ROLES = ("registrar",)
PROVINCE_ROLES = ("reviewer_province", "reviewer_national", "registrar")
ENDABLE = ("active", "scheduled", "standard_ended", "under_check", "correction_ordered", "publicised")
AUTOMATIC_ROLES = ("system", "registrar")

ENTRY_PUBLISHED = _("The entry at once, with time and hash.")
ENTRY_SCHEDULED = _("The entry, and the day on which it comes into use.")
IN_USE = _("The declaration is in force; the day stands in the history.")
AMENDED = _("The current text, and what has changed in its indicators.")
EDITIONS_LINKED = _("A link to the newer edition, and back.")
WITHDRAWN = _("A grey banner; products sold before stay covered by the version of their day of production.")
STANDARD_ENDED = _("A banner: the standard has ended and the enterprise is asked to update.")
CHECKING = _("A badge while nothing is concluded.")
NO_PROBLEM = _("When it was checked, and that no problem was found.")
CORRECTION_ORDERED = _("A badge from the day of the order.")
CORRECTED = _("The corrected version; the order stays in the history.")
ON_PUBLIC_NOTICE = _("Listed on the public notice of what was not corrected.")
ENDED_BY_ORDER = _("A red banner, and listed on the public notice.")
ENDED_WITH_ENTERPRISE = _("A grey banner: the enterprise no longer exists.")
FILED_BY_MISTAKE = _("Visible by direct link only, marked as filed by mistake.")

LIFE_CYCLE = LifeCycle(
    states=(
        State("draft", "草稿", "Draft", "unpublished", ""),
        State(
            "active",
            "现行有效",
            "In force",
            "in_force",
            "live",
            _("Today (%(today)s) the enterprise declares that this product meets this standard."),
            ("现行有效(已公开)", "已公开", "有效"),
        ),
        State(
            "scheduled",
            "即将实施",
            "Upcoming",
            "pending",
            "soon",
            _("This declaration is published but the standard is not yet in use today (%(today)s)."),
        ),
        State(
            "standard_ended",
            "所执行标准已废止",
            "Underlying standard withdrawn",
            "restricted",
            "act",
            _(
                "The standard declared here has ended. Today (%(today)s) the declaration has not been updated."
            ),
        ),
        State(
            "under_check",
            "监督检查中",
            "Under check",
            "restricted",
            "open",
            _("The authority is checking this declaration today (%(today)s). Nothing has been concluded."),
        ),
        State(
            "correction_ordered",
            "责令限期改正",
            "Correction ordered",
            "restricted",
            "act",
            _(
                "The authority has ordered the enterprise to correct this declaration. Not corrected as of %(today)s."
            ),
        ),
        State(
            "publicised",
            "逾期未改正",
            "Not corrected in time (published)",
            "restricted",
            "stop",
            _("The enterprise did not correct this declaration in time. Published since %(since)s."),
            ("逾期未改正公示", "公示"),
        ),
        State(
            "superseded",
            "被代替",
            "Superseded",
            "ended",
            "past",
            _("The enterprise declares a newer edition in place of this one. Shown since %(since)s."),
        ),
        State(
            "withdrawn",
            "废止",
            "Withdrawn",
            "ended",
            "past",
            _(
                "The enterprise no longer works to this standard. Products sold before stay covered by the version "
                "of their day of production. Shown since %(since)s."
            ),
            ("停止执行",),
        ),
        State(
            "number_revoked",
            "编号撤销",
            "Number revoked",
            "ended",
            "stop",
            _("The authority revoked the number of this own standard. Shown since %(since)s."),
        ),
        State(
            "abolished",
            "责令废止",
            "Abolished by order",
            "ended",
            "stop",
            _("The authority abolished this own standard. Shown since %(since)s."),
            ("废止(责令)",),
        ),
        State(
            "ended",
            "主体注销",
            "Enterprise deregistered",
            "ended",
            "past",
            _("The enterprise has been deregistered; its declaration has ended. Shown since %(since)s."),
        ),
        State(
            "misfiled",
            "公开有误",
            "Filed by mistake",
            "ended",
            "past",
            _(
                "The enterprise marked this declaration as filed by mistake, within a day. Shown since %(since)s."
            ),
        ),
    ),
    transitions=(
        Transition("drafted", "", "draft", "草稿", "Drafted", ("enterprise",)),
        Transition(
            "declared",
            "draft",
            "active",
            "声明",
            "Declared",
            ("enterprise",),
            (_("Commitment"),),
            ENTRY_PUBLISHED,
        ),
        Transition(
            "announced",
            "draft",
            "scheduled",
            "预告",
            "Declared for later",
            ("enterprise",),
            (_("Commitment"),),
            ENTRY_SCHEDULED,
        ),
        Transition(
            "entered", "", "active", "登记", "Entered", AUTHORITY_ROLES, public_notice=ENTRY_PUBLISHED
        ),
        Transition(
            "came_into_use",
            "scheduled",
            "active",
            "实施",
            "Came into use",
            AUTOMATIC_ROLES,
            public_notice=IN_USE,
        ),
        Transition(
            "amended", "active", "active", "修改", "Amended", HOLDER_ROLES, (_("Change note"),), AMENDED
        ),
        *(
            Transition(
                "superseded",
                before,
                "superseded",
                "被代替",
                "Superseded",
                (*HOLDER_ROLES, "system"),
                (_("New edition"),),
                EDITIONS_LINKED,
            )
            for before in ("active", "standard_ended")
        ),
        *(
            Transition(
                "withdrawn", before, "withdrawn", "废止", "Withdrawn", HOLDER_ROLES, (_("Reason"),), WITHDRAWN
            )
            for before in ("active", "scheduled", "standard_ended")
        ),
        Transition(
            "standard_ended",
            "active",
            "standard_ended",
            "标准废止",
            "Standard ended",
            AUTOMATIC_ROLES,
            (_("Catalogue of standards"),),
            STANDARD_ENDED,
        ),
        Transition(
            "updated",
            "standard_ended",
            "active",
            "更新",
            "Updated",
            HOLDER_ROLES,
            (_("New edition"),),
            AMENDED,
        ),
        Transition(
            "check_opened",
            "active",
            "under_check",
            "抽查",
            "Check opened",
            AUTHORITY_ROLES,
            (_("Check order"),),
            CHECKING,
        ),
        Transition(
            "check_passed",
            "under_check",
            "active",
            "检查合格",
            "Check passed",
            AUTHORITY_ROLES,
            (_("Report"),),
            NO_PROBLEM,
        ),
        Transition(
            "correction_ordered",
            "under_check",
            "correction_ordered",
            "责令限期改正",
            "Correction ordered",
            AUTHORITY_ROLES,
            (_("Order with deadline"),),
            CORRECTION_ORDERED,
        ),
        *(
            Transition(
                "corrected",
                before,
                "active",
                "已改正",
                "Corrected",
                AUTHORITY_ROLES,
                (_("New version"),),
                CORRECTED,
            )
            for before in ("correction_ordered", "publicised")
        ),
        Transition(
            "publicised",
            "correction_ordered",
            "publicised",
            "逾期公示",
            "Published as not corrected",
            AUTHORITY_ROLES,
            (_("Order with deadline"),),
            ON_PUBLIC_NOTICE,
        ),
        *(
            Transition(
                "number_revoked",
                before,
                "number_revoked",
                "撤销编号",
                "Number revoked",
                PROVINCE_ROLES,
                (_("Decision"),),
                ENDED_BY_ORDER,
            )
            for before in ("correction_ordered", "publicised")
        ),
        *(
            Transition(
                "abolished",
                before,
                "abolished",
                "责令废止",
                "Abolished",
                PROVINCE_ROLES,
                (_("Decision"),),
                ENDED_BY_ORDER,
            )
            for before in ("correction_ordered", "publicised")
        ),
        *(
            Transition(
                "ended",
                before,
                "ended",
                "主体注销",
                "Ended with the enterprise",
                AUTOMATIC_ROLES,
                (_("Notice of the enterprise register"),),
                ENDED_WITH_ENTERPRISE,
            )
            for before in ENDABLE
        ),
        Transition(
            "misfiled",
            "active",
            "misfiled",
            "公开有误",
            "Marked as filed by mistake",
            HOLDER_ROLES,
            public_notice=FILED_BY_MISTAKE,
            within_hours=RETRACTION_HOURS,
        ),
    ),
    default_status="active",
    date_changes=(DateChange("came_into_use", ("scheduled",), "active", "effective_from", on_the_day=True),),
    linked_changes=(
        LinkedChange("ended", ENDABLE, "ended", "held_by", ("deregistered",)),
        LinkedChange(
            "standard_ended", ("active",), "standard_ended", "declares_to", ("superseded", "withdrawn")
        ),
        LinkedChange(
            "superseded",
            ("active", "standard_ended"),
            "superseded",
            "takes_place_of",
            ("active",),
            incoming=True,
        ),
    ),
)
