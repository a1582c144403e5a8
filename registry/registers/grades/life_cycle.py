"""Life cycle of a grading result; a downgraded result stays in force with its new grade."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import (
    DateChange,
    Deadline,
    LifeCycle,
    LinkedChange,
    Refinement,
    State,
    Transition,
    until,
)

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

OBJECTIONS_TAKEN = _("This grade is proposed and not in force. Objections are taken until %(day)s.")
OBJECTIONS_OVER = _(
    "This grade was proposed; the time for objections ended on %(day)s. The register knows of no decision since."
)

LIFE_CYCLE = LifeCycle(
    states=(
        State(code="draft", zh="草稿", en="Draft", standing="unpublished", badge=""),
        State(code="submitted", zh="已提交", en="Submitted", standing="unpublished", badge=""),
        State(code="returned", zh="退回", en="Returned", standing="unpublished", badge=""),
        State(code="confirmed", zh="机构确认", en="Confirmed by the body", standing="unpublished", badge=""),
        State(
            code="publicity",
            zh="公示",
            en="Proposed",
            standing="pending",
            badge="open",
            takes_objections=True,
            meaning=_(
                "Proposed and open for objections. The grade may not be marked yet; it takes effect only if published as final."
            ),
            explanation=_(
                "This grade is proposed and not in force. The source does not say until when objections are taken."
            ),
            explain=until("objections_until", ahead=OBJECTIONS_TAKEN, passed=OBJECTIONS_OVER),
            aliases=("公示中", "open for objections"),
        ),
        State(
            code="valid",
            zh="有效",
            en="Valid",
            standing="in_force",
            badge="live",
            meaning=_("The grade is in force and may be marked on the product until its end."),
            explanation=_("Today (%(today)s) this grade is in force. End date: %(until)s."),
            sourced=_(
                "According to the source of %(source)s, this grade holds. Its end date: %(until)s. The register has no later source."
            ),
            decided=("decided_on", "graded_on"),
        ),
        State(
            code="under_check",
            zh="核查中",
            en="Under check",
            standing="restricted",
            badge="open",
            meaning=_(
                "Being checked, for example after a complaint. The grade stands and may be marked until that is decided; then it is kept, lowered or revoked."
            ),
            explanation=_("This grade is being checked. It stands until the check is decided."),
            decided=("decided_on",),
            aliases=("核查",),
        ),
        State(
            code="downgraded",
            zh="已降级",
            en="Downgraded",
            standing="in_force",
            badge="act",
            meaning=_(
                "Lowered after a check: only the grade now shown may be marked. Goods with the former grade may still be on sale; compare before you buy."
            ),
            explanation=_(
                "This product was graded down. The grade shown is the one in force, until %(until)s."
            ),
            decided=("decided_on",),
            aliases=("降级",),
        ),
        State(
            code="suspended",
            zh="暂停",
            en="Suspended",
            standing="restricted",
            badge="hold",
            meaning=_(
                "Stopped for a time: the grade may not be marked. It can be restored, also at a lower grade, or revoked."
            ),
            explanation=_("This grade is suspended. The mark must not be used."),
            decided=("decided_on",),
        ),
        State(
            code="revoked",
            zh="取消",
            en="Revoked",
            standing="ended",
            badge="stop",
            meaning=_(
                "Taken away after a check: the grade may not be marked, and goods that carry it should not be relied on. It cannot come back; a new grading is needed."
            ),
            explanation=_("This grade was revoked and does not hold. The mark must not be used."),
            decided=("decided_on",),
            aliases=("撤销", "已取消"),
        ),
        State(
            code="superseded",
            zh="已换版",
            en="Replaced",
            standing="ended",
            badge="past",
            meaning=_(
                "A newer result for the same model has taken its place and counts for products made since. Products made before keep their grade."
            ),
            explanation=_("A newer result for the same model has taken the place of this one."),
            decided=("decided_on",),
            aliases=("被代替", "换版"),
        ),
        State(
            code="withdrawn",
            zh="企业退出",
            en="Withdrawn by the enterprise",
            standing="ended",
            badge="past",
            meaning=_(
                "Given up by the enterprise; this means no fault. New products may not be marked with it. It cannot come back; a new grading is possible."
            ),
            explanation=_("The enterprise withdrew from grading: this grade no longer holds."),
            decided=("decided_on",),
            aliases=("退出",),
        ),
        State(
            code="expired",
            zh="过期",
            en="Expired",
            standing="ended",
            badge="past",
            meaning=_(
                "The validity ran out: new products may not be marked with it, products made before keep their grade. A new grading is needed."
            ),
            explanation=_("This grade ran out and does not hold. End date: %(until)s."),
            aliases=("过期失效",),
        ),
    ),
    transitions=(
        Transition(name="drafted", before="", after="draft", zh="草稿", en="Drafted", roles=("enterprise",)),
        Transition(
            name="submitted",
            before="draft",
            after="submitted",
            zh="提交",
            en="Submitted",
            roles=("enterprise",),
            evidence=(_("Product"), _("Evidence")),
        ),
        Transition(
            name="returned",
            before="submitted",
            after="returned",
            zh="退回",
            en="Returned",
            roles=("body",),
            evidence=(_("Reason"),),
        ),
        Transition(
            name="resubmitted",
            before="returned",
            after="submitted",
            zh="重新提交",
            en="Submitted again",
            roles=("enterprise",),
        ),
        Transition(
            name="confirmed",
            before="submitted",
            after="confirmed",
            zh="确认",
            en="Confirmed",
            roles=("body",),
            needs=("result_no", "graded_on", "valid_to"),
            evidence=(_("Calculation sheet"),),
        ),
        Transition(
            name="announced",
            before="confirmed",
            after="publicity",
            zh="公示",
            en="Announced",
            roles=PUBLISHER_ROLES,
            evidence=(_("Notice"),),
            public_notice=_("Name, grade and objection form are public."),
        ),
        Transition(  # a grade that its body files by itself, without an application of the enterprise here
            name="proposed",
            before="",
            after="publicity",
            zh="机构报送公示",
            en="Proposed by the body",
            roles=("body",),
            evidence=(_("Calculation sheet"),),
            public_notice=_("Name, grade and objection form are public."),
        ),
        *(
            Transition(
                name="published",
                before=before,
                after="valid",
                zh="公布",
                en="Published",
                roles=PUBLISHER_ROLES,
                public_notice=ENTRY,
            )
            for before in ("confirmed", "publicity")
        ),
        Transition(
            name="entered",
            before="",
            after="valid",
            zh="登记",
            en="Entered",
            roles=PUBLISHER_ROLES,
            public_notice=ENTRY,
        ),
        # A downgraded result is in force, so whatever may befall a valid one may befall it too.
        *(
            Transition(
                name="check_opened",
                before=before,
                after="under_check",
                zh="立案核查",
                en="Check opened",
                roles=AUTHORITY_ROLES,
                evidence=(_("Opened case"),),
                public_notice=CHECKED,
            )
            for before in ("valid", "downgraded")
        ),
        Transition(
            name="kept",
            before="under_check",
            after="valid",
            zh="维持",
            en="Grade kept",
            roles=DECIDING_ROLES,
            evidence=(_("Test report"),),
            public_notice=KEPT,
        ),
        *(
            Transition(
                name="downgraded",
                before=before,
                after="downgraded",
                zh="降级",
                en="Downgraded",
                roles=DECIDING_ROLES,
                fields=("grade", "grade_before", "status_reason"),
                evidence=(_("Test report"),),
                public_notice=LOWERED,
            )
            for before in ("under_check", "valid")
        ),
        *(
            Transition(
                name="revoked",
                before=before,
                after="revoked",
                zh="取消",
                en="Revoked",
                roles=DECIDING_ROLES,
                needs=("status_reason", "legal_basis"),
                evidence=(_("Decision"),),
                public_notice=REVOKED,
            )
            for before in ("under_check", "suspended")
        ),
        *(
            Transition(
                name="suspended",
                before=before,
                after="suspended",
                zh="暂停",
                en="Suspended",
                roles=BODY_ROLES,
                needs=("status_reason", "legal_basis"),
                evidence=(_("Order"),),
                public_notice=SUSPENDED,
            )
            for before in ("valid", "downgraded")
        ),
        *(
            Transition(
                name="restored",
                before="suspended",
                after=after,
                zh="恢复",
                en="Restored",
                roles=BODY_ROLES,
                on_request=True,
                fields=("grade", "grade_before") if after == "downgraded" else (),
                evidence=(_("Decision"),),
                public_notice=KEPT,
            )
            for after in ("valid", "downgraded")
        ),
        *(
            Transition(
                name="replaced",
                before=before,
                after="superseded",
                zh="换版",
                en="Replaced",
                roles=("system", "registrar"),
                public_notice=REPLACED,
            )
            for before in ("valid", "downgraded")
        ),
        *(
            Transition(
                name="withdrawn",
                before=before,
                after="withdrawn",
                zh="企业退出",
                en="Withdrawn",
                roles=("enterprise", "registrar"),
                on_request=True,
                needs=("status_reason", "legal_basis"),
                evidence=(_("Request"),),
                public_notice=ENDED,
            )
            for before in ("valid", "downgraded")
        ),
        *(
            Transition(
                name="expired",
                before=before,
                after="expired",
                zh="过期",
                en="Expired",
                roles=("system",),
                public_notice=ENDED,
            )
            for before in ("valid", "downgraded", "suspended", "under_check")
        ),
    ),
    default_status="valid",
    date_changes=(
        DateChange(
            transition="expired",
            before=("valid", "downgraded", "suspended", "under_check"),
            after="expired",
            field="valid_to",
        ),
    ),
    deadlines=(
        Deadline(
            code="objections_over",
            watch="publicity",
            resolved_by=("published", "withdrawn"),
            states=("publicity",),
            field="objections_until",
            zh="公示期已满",
            en="Time for objections over",
            meaning=_(
                "The time for objections ended on %(due)s, and the register knows of no decision since: whether the "
                "grade came into force is not known here."
            ),
        ),
    ),
    linked_changes=(
        LinkedChange(
            transition="replaced",
            before=("valid", "downgraded"),
            after="superseded",
            relation="supersedes",
            when=("valid", "downgraded"),
            incoming=True,
        ),
    ),
    # What was graded down and then checked or suspended stays graded down when the check or the suspension ends.
    refinements=(Refinement(status="valid", field="grade_before", means="downgraded"),),
)
