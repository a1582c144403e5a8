"""Life cycle of a declaration (Standardization Law, Arts. 38, 39, 42). Deletion does not exist."""

from __future__ import annotations

import datetime as dt

from registry.i18n import _
from registry.kit.life_cycle import DateChange, Deadline, LifeCycle, LinkedChange, State, Transition
from registry.registers.declarations.codes import ORDERED_STATES, RETRACTION_PERIOD
from registry.registers.declarations.letters import STANDARD_ENDED_LETTER
from registry.registers.declarations.sentences import (
    CORRECTION_ORDERED_WITHOUT_DATES,
    DECLARED_WITHOUT_DAY,
    NOT_CORRECTED_IN_TIME,
    NOT_YET_IN_USE,
    WITHDRAWN_BY_ENTERPRISE,
    active_sentence,
    correction_due,
    correction_sentence,
    decision_sentence,
    publicised_sentence,
    scheduled_sentence,
    withdrawn_sentence,
)

HOLDER_ROLES = ("enterprise", "registrar")
AUTHORITY_ROLES = ("registrar",)
REVIEWER_ROLES = ("reviewer_county", "reviewer_city", "reviewer_province", "reviewer_national", "registrar")
INSPECTION_ROLES = ("inspector", *REVIEWER_ROLES)
PROVINCE_ROLES = ("reviewer_province", "reviewer_national", "registrar")
ENDABLE = ("active", "scheduled", "standard_ended", "under_check", "correction_ordered", "publicised")
AUTOMATIC_ROLES = ("system", "registrar")

ENTRY_PUBLISHED = _("The entry immediately, with time and hash.")
ENTRY_SCHEDULED = _("The entry, and the day on which it comes into use.")
IN_USE = _("The declaration is in force; the day stands in the history.")
AMENDED = _("The current text, and what has changed in its indicators.")
EDITIONS_LINKED = _("A link to the newer edition, and back.")
WITHDRAWN = _("A grey banner; products sold before stay covered by the version of their day of production.")
STANDARD_ENDED = _("A banner: the standard has ended and the enterprise is asked to update.")
CHECKING = _("A badge while nothing is concluded.")
NO_PROBLEM = _("When it was checked, and that no problem was found.")
CORRECTION_ORDERED = _("A badge from the day of the order.")
CORRECTION_SUBMITTED = _(
    "The corrected version immediately, and that the authority has not confirmed it yet."
)
CORRECTED = _("The corrected version; the order stays in the history.")
ON_PUBLIC_NOTICE = _("Listed on the public notice of what was not corrected.")
ENDED_BY_ORDER = _("A red banner, and listed on the public notice.")
ENDED_WITH_ENTERPRISE = _("A grey banner: the enterprise no longer exists.")
FILED_BY_MISTAKE = _("Visible by direct link only, marked as filed by mistake.")

LIFE_CYCLE = LifeCycle(
    states=(
        State(code="draft", zh="草稿", en="Draft", standing="unpublished", badge=""),
        State(
            code="active",
            zh="现行有效",
            en="In force",
            standing="in_force",
            badge="stated",
            meaning=_(
                "The enterprise itself says that the product meets this standard; this has not been approved by anyone. You may hold the enterprise to it."
            ),
            explanation=DECLARED_WITHOUT_DAY,
            explain=active_sentence,
            aliases=("现行有效(已公开)", "已公开", "有效"),
        ),
        State(
            code="scheduled",
            zh="即将实施",
            en="Upcoming",
            standing="pending",
            badge="soon",
            meaning=_("Declared for a later day. Products made before that day are not covered."),
            explanation=NOT_YET_IN_USE,
            explain=scheduled_sentence,
        ),
        State(
            code="standard_ended",
            zh="所执行标准已废止",
            en="Underlying standard withdrawn",
            standing="restricted",
            badge="act",
            meaning=_(
                "The declared standard has been withdrawn or replaced, and the enterprise should update the declaration. Products made before stay covered."
            ),
            explanation=_(
                "The standard declared here has ended. Today (%(today)s) the declaration has not been updated."
            ),
        ),
        State(
            code="under_check",
            zh="监督检查中",
            en="Under check",
            standing="restricted",
            badge="open",
            meaning=_(
                "The authority is examining the declaration and has decided nothing yet. It then stands, or must be corrected."
            ),
            explanation=_(
                "The authority has been checking this declaration since %(since)s. Nothing has been concluded."
            ),
        ),
        State(
            code="correction_ordered",
            zh="责令限期改正",
            en="Correction ordered",
            standing="restricted",
            badge="act",
            meaning=_(
                "The authority found a fault and ordered a correction by a deadline. Until that is confirmed, do not rely on what is declared."
            ),
            explanation=CORRECTION_ORDERED_WITHOUT_DATES,
            explain=correction_sentence,
            decided=("decided_on",),
        ),
        State(
            code="publicised",
            zh="逾期未改正",
            en="Not corrected in time (published)",
            standing="restricted",
            badge="stop",
            meaning=_(
                "The deadline passed without a correction, and the authority made that public. Do not rely on the declaration; it can still be corrected."
            ),
            explanation=NOT_CORRECTED_IN_TIME,
            explain=publicised_sentence,
            aliases=("逾期未改正公示", "公示"),
        ),
        State(
            code="superseded",
            zh="被代替",
            en="Superseded",
            standing="ended",
            badge="past",
            meaning=_(
                "The enterprise declares a newer edition instead. Products made before stay covered by the version of their day of production."
            ),
            explanation=_(
                "The enterprise declares a newer edition in place of this one. Shown since %(since)s."
            ),
        ),
        State(
            code="withdrawn",
            zh="废止",
            en="Withdrawn",
            standing="ended",
            badge="past",
            meaning=_(
                "The enterprise no longer works to this standard. Products made before stay covered; the product can be declared again."
            ),
            explanation=WITHDRAWN_BY_ENTERPRISE,
            explain=withdrawn_sentence,
            decided=("withdrawn_on",),
            aliases=("停止执行",),
        ),
        State(
            code="number_revoked",
            zh="编号撤销",
            en="Number revoked",
            standing="ended",
            badge="stop",
            meaning=_(
                "The authority took away the number of the enterprise's own standard: products may no longer refer to it. It cannot come back."
            ),
            explanation=_("The authority revoked the number of this own standard. Shown since %(since)s."),
            explain=decision_sentence(
                _("The authority revoked the number of this own standard on %(decided)s.")
            ),
            decided=("decided_on",),
        ),
        State(
            code="abolished",
            zh="责令废止",
            en="Abolished by order",
            standing="ended",
            badge="stop",
            meaning=_(
                "The authority ordered the enterprise's own standard to be abolished: products may no longer refer to it. It cannot come back."
            ),
            explanation=_("The authority abolished this own standard. Shown since %(since)s."),
            explain=decision_sentence(_("The authority abolished this own standard on %(decided)s.")),
            decided=("decided_on",),
            aliases=("废止(责令)",),
        ),
        State(
            code="ended",
            zh="主体注销",
            en="Enterprise deregistered",
            standing="ended",
            badge="past",
            meaning=_(
                "The enterprise has been deregistered: no one is responsible for the declaration any longer. Products sold before were covered by it."
            ),
            explanation=_(
                "The enterprise has been deregistered; its declaration has ended. Shown since %(since)s."
            ),
        ),
        State(
            code="misfiled",
            zh="公开有误",
            en="Filed by mistake",
            standing="ended",
            badge="past",
            meaning=_("Published by mistake and marked so within a day: it never applied."),
            explanation=_(
                "The enterprise marked this declaration as filed by mistake, within a day. Shown since %(since)s."
            ),
        ),
    ),
    transitions=(
        Transition(name="drafted", before="", after="draft", zh="草稿", en="Drafted", roles=("enterprise",)),
        Transition(
            name="declared",
            before="draft",
            after="active",
            zh="声明",
            en="Declared",
            roles=("enterprise",),
            evidence=(_("Commitment"),),
            public_notice=ENTRY_PUBLISHED,
        ),
        Transition(
            name="announced",
            before="draft",
            after="scheduled",
            zh="预告",
            en="Declared for later",
            roles=("enterprise",),
            evidence=(_("Commitment"),),
            public_notice=ENTRY_SCHEDULED,
        ),
        Transition(
            name="entered",
            before="",
            after="active",
            zh="登记",
            en="Entered",
            roles=AUTHORITY_ROLES,
            public_notice=ENTRY_PUBLISHED,
        ),
        Transition(
            name="came_into_use",
            before="scheduled",
            after="active",
            zh="实施",
            en="Came into use",
            roles=AUTOMATIC_ROLES,
            public_notice=IN_USE,
        ),
        Transition(
            name="amended",
            before="active",
            after="active",
            zh="修改",
            en="Amended",
            roles=HOLDER_ROLES,
            evidence=(_("Change note"),),
            public_notice=AMENDED,
        ),
        *(
            Transition(
                name="superseded",
                before=before,
                after="superseded",
                zh="被代替",
                en="Superseded",
                roles=(*HOLDER_ROLES, "system"),
                evidence=(_("New edition"),),
                public_notice=EDITIONS_LINKED,
            )
            for before in ("active", "standard_ended")
        ),
        *(
            Transition(
                name="withdrawn",
                before=before,
                after="withdrawn",
                zh="废止",
                en="Withdrawn",
                roles=HOLDER_ROLES,
                needs=("status_reason", "legal_basis"),
                evidence=(_("Reason"),),
                public_notice=WITHDRAWN,
            )
            for before in ("active", "scheduled", "standard_ended")
        ),
        Transition(
            name="standard_ended",
            before="active",
            after="standard_ended",
            zh="标准废止",
            en="Standard ended",
            roles=AUTOMATIC_ROLES,
            evidence=(_("Catalogue of standards"),),
            public_notice=STANDARD_ENDED,
        ),
        Transition(
            name="updated",
            before="standard_ended",
            after="active",
            zh="更新",
            en="Updated",
            roles=HOLDER_ROLES,
            evidence=(_("New edition"),),
            public_notice=AMENDED,
        ),
        Transition(
            name="check_opened",
            before="active",
            after="under_check",
            zh="抽查",
            en="Check opened",
            roles=INSPECTION_ROLES,
            evidence=(_("Check order"),),
            public_notice=CHECKING,
        ),
        Transition(
            name="check_passed",
            before="under_check",
            after="active",
            zh="检查合格",
            en="Check passed",
            roles=INSPECTION_ROLES,
            evidence=(_("Report"),),
            public_notice=NO_PROBLEM,
            date_field="checked_on",
        ),
        Transition(
            name="correction_ordered",
            before="under_check",
            after="correction_ordered",
            zh="责令限期改正",
            en="Correction ordered",
            roles=INSPECTION_ROLES,
            fields=("status_reason", "correct_until", "ordered_by"),
            evidence=(_("Order with deadline"),),
            public_notice=CORRECTION_ORDERED,
        ),
        *(
            Transition(
                name="corrected",
                before=before,
                after="active",
                zh="已改正",
                en="Corrected",
                roles=REVIEWER_ROLES,
                evidence=(_("New version"),),
                public_notice=CORRECTED,
            )
            for before in ORDERED_STATES
        ),
        *(
            Transition(
                name="correction_submitted",
                before=state,
                after=state,
                zh="提交改正",
                en="Correction submitted",
                roles=HOLDER_ROLES,
                evidence=(_("New version"),),
                public_notice=CORRECTION_SUBMITTED,
            )
            for state in ORDERED_STATES
        ),
        Transition(
            name="publicised",
            before="correction_ordered",
            after="publicised",
            zh="逾期公示",
            en="Published as not corrected",
            roles=REVIEWER_ROLES,
            fields=("status_reason", "ordered_by"),
            evidence=(_("Order with deadline"),),
            public_notice=ON_PUBLIC_NOTICE,
        ),
        *(
            Transition(
                name="number_revoked",
                before=before,
                after="number_revoked",
                zh="撤销编号",
                en="Number revoked",
                roles=PROVINCE_ROLES,
                fields=("ordered_by",),
                needs=("status_reason", "legal_basis"),
                evidence=(_("Decision"),),
                public_notice=ENDED_BY_ORDER,
            )
            for before in ORDERED_STATES
        ),
        *(
            Transition(
                name="abolished",
                before=before,
                after="abolished",
                zh="责令废止",
                en="Abolished",
                roles=PROVINCE_ROLES,
                fields=("ordered_by",),
                needs=("status_reason", "legal_basis"),
                evidence=(_("Decision"),),
                public_notice=ENDED_BY_ORDER,
            )
            for before in ORDERED_STATES
        ),
        *(
            Transition(
                name="ended",
                before=before,
                after="ended",
                zh="主体注销",
                en="Ended with the enterprise",
                roles=AUTOMATIC_ROLES,
                evidence=(_("Notice of the enterprise register"),),
                public_notice=ENDED_WITH_ENTERPRISE,
            )
            for before in ENDABLE
        ),
        Transition(
            name="misfiled",
            before="active",
            after="misfiled",
            zh="公开有误",
            en="Marked as filed by mistake",
            roles=HOLDER_ROLES,
            public_notice=FILED_BY_MISTAKE,
            within_hours=RETRACTION_PERIOD // dt.timedelta(hours=1),
        ),
    ),
    default_status="active",
    deadlines=(
        Deadline(
            code="correction_overdue",
            watch="correction",
            resolved_by=("corrected", "publicised"),
            states=("correction_ordered",),
            zh="逾期未提交改正",
            en="Correction overdue",
            meaning=_(
                "The correction was due on %(due)s and none has been submitted. The authority may publish this on the public notice."
            ),
            last_day=correction_due,
            badge="stop",
        ),
    ),
    date_changes=(
        DateChange(
            transition="came_into_use",
            before=("scheduled",),
            after="active",
            field="effective_from",
            on_the_day=True,
        ),
    ),
    linked_changes=(
        LinkedChange(
            transition="ended", before=ENDABLE, after="ended", relation="held_by", when=("deregistered",)
        ),
        LinkedChange(
            transition="standard_ended",
            before=("active",),
            after="standard_ended",
            relation="declares_to",
            when=("superseded", "withdrawn"),
            letter=STANDARD_ENDED_LETTER,
        ),
        LinkedChange(
            transition="superseded",
            before=("active", "standard_ended"),
            after="superseded",
            relation="takes_place_of",
            when=("active",),
            incoming=True,
        ),
    ),
)
