"""States of an edition: 即将实施, 现行, 被代替, 废止."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import DateChange, LifeCycle, LinkedChange, State, Transition, until

REGISTRAR_ROLES = ("registrar",)
AUTOMATIC_ROLES = ("system", "registrar")
ANNOUNCED = _("The edition with the day from which it is in force.")
CURRENT = _("The edition is current; records based on older ones say so.")
SUPERSEDED = _("A banner and a link to the newer edition; records based on this one say so.")
WITHDRAWN = _("A banner; records based on this standard say so.")

COMES_INTO_FORCE = _("This edition comes into force on %(day)s.")
CAME_INTO_FORCE = _("This edition came into force on %(day)s.")

LIFE_CYCLE = LifeCycle(
    states=(
        State(
            code="upcoming",
            zh="即将实施",
            en="Upcoming",
            standing="pending",
            badge="soon",
            meaning=_("Published, but not yet in force: the edition before still applies."),
            explanation=_("This edition is not in force yet. The source does not say from when it will be."),
            explain=until("in_force_on", ahead=COMES_INTO_FORCE, passed=CAME_INTO_FORCE),
            decided=("issued_on",),
            aliases=("未实施", "已发布"),
        ),
        State(
            code="in_force",
            zh="现行",
            en="Current",
            standing="in_force",
            badge="live",
            meaning=_("The current edition: products and certificates are judged by it."),
            explanation=_("Today (%(today)s) this edition is in force."),
            sourced=_(
                "According to the source of %(source)s, this edition is in force. The register has no later source."
            ),
            decided=("in_force_on",),
            aliases=("现行有效", "有效", "in force"),
        ),
        State(
            code="superseded",
            zh="被代替",
            en="Superseded",
            standing="ended",
            badge="past",
            meaning=_(
                "A newer edition has taken its place. Products made before may still refer to this one; new ones should follow the newer edition."
            ),
            explanation=_("A newer edition has taken the place of this one."),
            decided=("withdrawn_on",),
            aliases=("已代替", "被替代", "作废被代替", "replaced"),
        ),
        State(
            code="withdrawn",
            zh="废止",
            en="Withdrawn",
            standing="ended",
            badge="past",
            meaning=_("Withdrawn without a successor, or out of use: new products should not refer to it."),
            explanation=_("This standard was withdrawn and is no longer in force."),
            decided=("withdrawn_on",),
            aliases=("作废", "已废止", "abolished"),
        ),
    ),
    transitions=(
        Transition(
            name="announced",
            before="",
            after="upcoming",
            zh="发布",
            en="Issued",
            roles=REGISTRAR_ROLES,
            public_notice=ANNOUNCED,
        ),
        Transition(
            name="entered",
            before="",
            after="in_force",
            zh="登记",
            en="Entered",
            roles=REGISTRAR_ROLES,
            public_notice=CURRENT,
        ),
        Transition(
            name="came_into_force",
            before="upcoming",
            after="in_force",
            zh="实施",
            en="Came into force",
            roles=("system", "registrar"),
            public_notice=CURRENT,
        ),
        Transition(
            name="superseded",
            before="in_force",
            after="superseded",
            zh="被新版代替",
            en="Superseded",
            roles=AUTOMATIC_ROLES,
            evidence=(_("Announcement"),),
            public_notice=SUPERSEDED,
        ),
        Transition(
            name="withdrawn",
            before="in_force",
            after="withdrawn",
            zh="废止",
            en="Withdrawn",
            roles=AUTOMATIC_ROLES,
            needs=("legal_basis",),
            evidence=(_("Announcement"),),
            public_notice=WITHDRAWN,
        ),
        Transition(
            name="withdrawn_unused",
            before="upcoming",
            after="withdrawn",
            zh="未实施即废止",
            en="Withdrawn before use",
            roles=REGISTRAR_ROLES,
            needs=("legal_basis",),
            evidence=(_("Announcement"),),
            public_notice=WITHDRAWN,
        ),
        Transition(
            name="withdrawn_after",
            before="superseded",
            after="withdrawn",
            zh="代替后废止",
            en="Withdrawn",
            roles=REGISTRAR_ROLES,
            needs=("legal_basis",),
            evidence=(_("Announcement"),),
            public_notice=WITHDRAWN,
        ),
        Transition(
            name="named_successor",
            before="withdrawn",
            after="superseded",
            zh="补记代替标准",
            en="Successor recorded",
            roles=REGISTRAR_ROLES,
            evidence=(_("Announcement"),),
            public_notice=SUPERSEDED,
        ),
        Transition(
            name="restored",
            before="superseded",
            after="in_force",
            zh="恢复",
            en="Restored",
            roles=REGISTRAR_ROLES,
            evidence=(_("Announcement"),),
            public_notice=CURRENT,
        ),
    ),
    default_status="in_force",
    date_changes=(
        DateChange(
            transition="came_into_force",
            before=("upcoming",),
            after="in_force",
            field="in_force_on",
            on_the_day=True,
        ),
        DateChange(
            transition="superseded",
            before=("in_force",),
            after="superseded",
            field="withdrawn_on",
            on_the_day=True,
            only_if_given="replaced_by",
        ),
        DateChange(
            transition="withdrawn",
            before=("in_force",),
            after="withdrawn",
            field="withdrawn_on",
            on_the_day=True,
            only_if_missing="replaced_by",
        ),
    ),
    linked_changes=(
        LinkedChange(
            transition="superseded",
            before=("in_force",),
            after="superseded",
            relation="superseded_by",
            when=("in_force",),
        ),
    ),
)
