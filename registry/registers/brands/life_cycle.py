"""Life cycle of a brand's title."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import AddedRow, LifeCycle, State, Transition
from registry.registers.brands import sentences
from registry.registers.brands.deadlines import DEADLINES

NATIONAL_ROLES = ("reviewer_national", "registrar")
PROVINCE_ROLES = ("reviewer_province", "registrar")
LOCAL_ROLES = ("reviewer_city", "reviewer_province", "registrar")
REVIEWER_ROLES = ("reviewer_province", "reviewer_national", "registrar")

ENTRY = _("The whole entry; the mark may be used.")
OBJECTIONS = _("Name, holder, region and objection form, until the day the notice names.")
HISTORY = _("A line in the history; the badge is gone.")
RECTIFYING = _("A badge with the deadline.")
SUSPENDED = _("A badge: the mark must not be used.")
REVIEWED = _("The result of the review, with its year.")
REMOVED = _("The entry stays, with date and ground; lists leave it out unless asked.")
REJECTED = _("The entry stays and says that the brand was not recognised.")

LIFE_CYCLE = LifeCycle(
    states=(
        State(code="draft", zh="草稿", en="Draft", standing="unpublished", badge=""),
        State(code="submitted", zh="已申报", en="Submitted", standing="unpublished", badge=""),
        State(code="returned", zh="退回补正", en="Returned", standing="unpublished", badge=""),
        State(code="city_ok", zh="市级初审通过", en="Passed city review", standing="unpublished", badge=""),
        State(code="local_ok", zh="省级初审通过", en="Passed local review", standing="unpublished", badge=""),
        # Turned down before any notice named it, and so never public.
        State(code="declined", zh="评审未通过", en="Not passed in review", standing="unpublished", badge=""),
        State(
            code="expert_ok", zh="专家评审通过", en="Passed expert review", standing="unpublished", badge=""
        ),
        State(
            code="withdrawn", zh="申报已撤回", en="Application withdrawn", standing="unpublished", badge=""
        ),
        State(
            code="publicity",
            zh="公示",
            en="Proposed",
            standing="pending",
            badge="open",
            takes_objections=True,
            meaning=_(
                "Proposed in a public notice; anyone may object. The mark may not be used until the brand is recognised."
            ),
            explanation=_(
                "Proposed for this title. No source with a day is held here; not known to be recognised."
            ),
            explain=sentences.proposed,
            decided=("notice_date",),
            aliases=("公示中", "拟认定", "拟推荐", "open for objections"),
        ),
        State(
            code="publicity_hold",
            zh="异议核查",
            en="Objection under examination",
            standing="pending",
            badge="open",
            meaning=_(
                "An objection is being examined. The mark may not be used; the brand is recognised or not once that is decided."
            ),
            explanation=_("An objection to this brand is being examined. It is not recognised so far."),
            sourced=_(
                "According to the source of %(source)s, an objection to this brand was being examined. No later source is held here."
            ),
            decided=("decided_on",),
        ),
        State(
            code="rejected",
            zh="不予认定",
            en="Not recognised",
            standing="ended",
            badge="stop",
            meaning=_(
                "Proposed, but not recognised. The mark may not be used; the goods may be sold without it."
            ),
            explanation=_("This brand was proposed but not recognised."),
            decided=("decided_on",),
            decided_by="authority",
        ),
        State(
            code="listed",
            zh="在册",
            en="Listed",
            standing="in_force",
            badge="live",
            meaning=_(
                "Recognised and on the list: the holder may use the mark. The brand is reviewed at intervals and can be suspended or removed."
            ),
            explanation=_(
                "Today (%(today)s) this brand is on the list; its holder may use the mark as the rules say."
            ),
            sourced=_(
                "According to the source of %(source)s, this brand is on the list. No later source is held here."
            ),
            decided=("decided_on", "recognised_on"),
            aliases=("在册(已认定)", "认定", "通过"),
        ),
        State(
            code="rectifying",
            zh="整改中",
            en="Under rectification",
            standing="restricted",
            badge="act",
            meaning=_(
                "The holder must put things right by a deadline; the brand stays on the list and the mark may be used meanwhile. After that it is confirmed, suspended or removed."
            ),
            explanation=_("This brand is on the list, but its holder has been ordered to put things right."),
            sourced=_(
                "According to the source of %(source)s, this brand is on the list, but its holder has to put things right. No "
                "later source is held here."
            ),
            explain=sentences.rectifying,
            decided=("decided_on", "notice_date"),
            decided_by="authority",
            aliases=("约谈整改", "附条件通过"),
        ),
        State(
            code="suspended",
            zh="暂停",
            en="Suspended",
            standing="restricted",
            badge="hold",
            meaning=_(
                "The title is suspended and the mark may not be used. The title can be restored, or the brand removed."
            ),
            explanation=_("The title is suspended. The mark must not be used until the title is restored."),
            sourced=_(
                "According to the source of %(source)s, the title is suspended. No later source is held here."
            ),
            decided=("decided_on", "notice_date"),
            decided_by="authority",
        ),
        State(
            code="removed",
            zh="移出名录",
            en="Removed from the list",
            standing="ended",
            badge="stop",
            meaning=_(
                "Taken off the list: neither mark nor title may be used. The goods may still be sold without them; the brand may apply again later."
            ),
            explanation=_("This brand was removed from the list. Neither mark nor title may be used."),
            decided=("decided_on", "notice_date"),
            decided_by="authority",
            aliases=("不通过",),
        ),
    ),
    transitions=(
        Transition(name="drafted", before="", after="draft", zh="草稿", en="Drafted", roles=("enterprise",)),
        Transition(
            name="submitted",
            before="draft",
            after="submitted",
            zh="申报",
            en="Submitted",
            roles=("enterprise",),
            evidence=(
                _("Application form"),
                _("Licence"),
                _("Trademark proof"),
                _("Founding proof"),
                _("Audited figures"),
                _("Commitment"),
            ),
        ),
        *(
            Transition(
                name="returned",
                before=before,
                after="returned",
                zh="退回补正",
                en="Returned",
                roles=roles,
                evidence=(_("Check list"), _("Opinion")),
            )
            for before, roles in (  # what is found late can be corrected too; it begins at the city again then
                ("submitted", LOCAL_ROLES),
                ("city_ok", PROVINCE_ROLES),
                ("local_ok", NATIONAL_ROLES),
                ("expert_ok", NATIONAL_ROLES),
            )
        ),
        Transition(
            name="resubmitted",
            before="returned",
            after="submitted",
            zh="补正后申报",
            en="Submitted again",
            roles=("enterprise",),
        ),
        Transition(
            name="passed_city",
            before="submitted",
            after="city_ok",
            zh="市级初审通过",
            en="Passed city review",
            roles=("reviewer_city", "registrar"),
            evidence=(_("Check list"), _("Opinion")),
        ),
        *(
            Transition(  # a province passes on what no city has looked at, too: some have none
                name="passed_locally",
                before=before,
                after="local_ok",
                zh="省级初审通过",
                en="Passed local review",
                roles=PROVINCE_ROLES,
                evidence=(_("Check list"), _("Opinion")),
            )
            for before in ("submitted", "city_ok")
        ),
        *(
            Transition(
                name="application_withdrawn",
                before=before,
                after="withdrawn",
                zh="撤回申报",
                en="Application withdrawn",
                roles=("enterprise",),
            )
            for before in ("submitted", "returned", "city_ok", "local_ok", "expert_ok")
        ),
        Transition(
            name="passed_experts",
            before="local_ok",
            after="expert_ok",
            zh="评审通过",
            en="Passed expert review",
            roles=NATIONAL_ROLES,
            evidence=(_("Minutes"), _("Score")),
        ),
        Transition(
            name="declined",
            before="local_ok",
            after="declined",
            zh="不予认定",
            en="Not recognised",
            roles=NATIONAL_ROLES,
            evidence=(_("Minutes"), _("Score")),
        ),
        Transition(
            name="announced",
            before="expert_ok",
            after="publicity",
            zh="公示",
            en="Announced",
            roles=NATIONAL_ROLES,
            needs=("legal_basis",),
            fields=("objections_until",),
            evidence=(_("Notice"),),
            public_notice=OBJECTIONS,
        ),
        Transition(
            name="objected",
            before="publicity",
            after="publicity_hold",
            zh="异议核查",
            en="Objection examined",
            roles=NATIONAL_ROLES,
            evidence=(_("Objection"),),
            public_notice=_("That an objection is being examined; never who objected."),
        ),
        Transition(
            name="objection_dropped",
            before="publicity_hold",
            after="publicity",
            zh="异议不成立",
            en="Objection dismissed",
            roles=NATIONAL_ROLES,
            evidence=(_("Finding"),),
            public_notice=OBJECTIONS,
        ),
        Transition(
            name="rejected",
            before="publicity_hold",
            after="rejected",
            zh="不予认定",
            en="Not recognised",
            roles=NATIONAL_ROLES,
            evidence=(_("Finding"),),
            public_notice=REJECTED,
        ),
        Transition(
            name="rejected",
            before="publicity",
            after="rejected",
            zh="不予认定",
            en="Not recognised",
            roles=NATIONAL_ROLES,
            evidence=(_("Finding"),),
            public_notice=REJECTED,
        ),
        Transition(
            name="listed",
            before="publicity",
            after="listed",
            zh="认定",
            en="Recognised",
            roles=NATIONAL_ROLES,
            fields=("recognised_on", "plaque_no", "batch", "batch_document"),
            evidence=(_("Decision"), _("Plaque number")),
            public_notice=ENTRY,
        ),
        Transition(
            name="entered",
            before="",
            after="listed",
            zh="登记",
            en="Entered",
            roles=("registrar",),
            public_notice=ENTRY,
        ),
        Transition(
            name="rectify",
            before="listed",
            after="rectifying",
            zh="约谈整改",
            en="Ordered to rectify",
            roles=REVIEWER_ROLES,
            fields=("status_reason", "rectify_until"),
            evidence=(_("Order with deadline"),),
            public_notice=RECTIFYING,
        ),
        Transition(
            name="rectified",
            before="rectifying",
            after="listed",
            zh="整改合格",
            en="Rectified",
            roles=REVIEWER_ROLES,
            on_request=True,
            evidence=(_("On-site report"),),
            public_notice=HISTORY,
        ),
        *(
            Transition(
                name="suspended",
                before=before,
                after="suspended",
                zh="暂停",
                en="Suspended",
                roles=NATIONAL_ROLES,
                needs=("status_reason", "legal_basis"),
                evidence=(_("Decision"),),
                public_notice=SUSPENDED,
            )
            for before in ("rectifying", "listed")
        ),
        Transition(
            name="restored",
            before="suspended",
            after="listed",
            zh="恢复",
            en="Restored",
            roles=NATIONAL_ROLES,
            on_request=True,
            evidence=(_("Decision"),),
            public_notice=HISTORY,
        ),
        *(
            Transition(
                name="removed",
                before=before,
                after="removed",
                zh="移出名录",
                en="Removed",
                roles=NATIONAL_ROLES,
                needs=("removed_reason", "legal_basis"),
                evidence=(_("Decision with ground"),),
                public_notice=REMOVED,
            )
            for before in ("listed", "rectifying", "suspended")
        ),
        Transition(
            name="transferred",
            before="listed",
            after="listed",
            zh="主体变更",
            en="Transferred",
            roles=PROVINCE_ROLES,
            on_request=True,
            evidence=(_("Transfer deed"),),
            public_notice=_("The new holder; the one before stands in the history."),
        ),
        *(
            Transition(
                name="reported",
                before=state,
                after=state,
                zh="年度报告",
                en="Annual report",
                roles=("enterprise",),
                public_notice=_("That the year was reported; never the figures."),
            )
            for state in ("listed", "rectifying", "suspended")
        ),
        Transition(
            name="renamed",
            before="listed",
            after="listed",
            zh="品牌更名",
            en="Renamed",
            roles=PROVINCE_ROLES,
            on_request=True,
            needs=("brand_name_zh", "legal_basis"),
            fields=("brand_name_en", "pinyin", "trad_name"),
            adds_row=AddedRow(
                table="former_name_years", columns=("to_year",), former={"name": "brand_name_zh"}
            ),
            evidence=(_("Proof of the new name"),),
            public_notice=_("The new name; the one before stands among the former names."),
        ),
        Transition(
            name="review_passed",
            before="listed",
            after="listed",
            zh="复核通过",
            en="Review passed",
            roles=REVIEWER_ROLES,
            adds_row=AddedRow(table="review", columns=("year",), fixed={"result": "pass"}),
            evidence=(_("Result of the review"),),
            public_notice=REVIEWED,
        ),
        Transition(
            name="review_conditional",
            before="listed",
            after="rectifying",
            zh="复核附条件通过",
            en="Review passed on a condition",
            roles=REVIEWER_ROLES,
            needs=("status_reason", "rectify_until"),
            adds_row=AddedRow(
                table="review",
                columns=("year",),
                fixed={"result": "conditional"},
                from_fields={"deadline": "rectify_until"},
            ),
            evidence=(_("Result of the review"), _("Order with deadline")),
            public_notice=RECTIFYING,
        ),
        Transition(
            name="condition_met",
            before="rectifying",
            after="listed",
            zh="整改复核通过",
            en="Condition of the review met",
            roles=REVIEWER_ROLES,
            on_request=True,
            adds_row=AddedRow(table="review", columns=("year",), fixed={"result": "pass"}),
            evidence=(_("On-site report"),),
            public_notice=REVIEWED,
        ),
        *(
            Transition(
                name="review_failed",
                before=before,
                after="removed",
                zh="复核不通过",
                en="Review failed",
                roles=NATIONAL_ROLES,
                needs=("removed_reason", "legal_basis"),
                adds_row=AddedRow(table="review", columns=("year",), fixed={"result": "fail"}),
                evidence=(_("Result of the review"), _("Decision with ground")),
                public_notice=REMOVED,
            )
            for before in ("listed", "rectifying", "suspended")
        ),
        Transition(
            name="proposed_again",
            before="rejected",
            after="publicity",
            zh="重新公示",
            en="Proposed again",
            roles=NATIONAL_ROLES,
            fields=("objections_until",),
            evidence=(_("Notice"),),
            public_notice=OBJECTIONS,
        ),
        Transition(
            name="proposed_again",
            before="removed",
            after="publicity",
            zh="重新公示",
            en="Proposed again",
            roles=NATIONAL_ROLES,
            fields=("objections_until",),
            evidence=(_("Notice"),),
            public_notice=OBJECTIONS,
        ),
        # A removed brand may apply again after the application periods that the title bars; what was published stays.
        Transition(
            name="applied_again",
            before="removed",
            after="draft",
            zh="重新申报",
            en="Applied again",
            roles=("enterprise",),
        ),
    ),
    default_status="listed",
    deadlines=DEADLINES,
)
