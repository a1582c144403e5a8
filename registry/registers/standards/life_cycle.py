"""States of an edition: 即将实施, 现行, 被代替, 废止."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import DateChange, LifeCycle, LinkedChange, State, Transition

REGISTRAR_ROLES = ("registrar",)
AUTOMATIC_ROLES = ("system", "registrar")
ANNOUNCED = _("The edition with the day from which it is in force.")
CURRENT = _("The edition is current; records based on older ones say so.")
SUPERSEDED = _("A banner and a link to the newer edition; records based on this one say so.")
WITHDRAWN = _("A banner; records based on this standard say so.")

LIFE_CYCLE = LifeCycle(
    states=(
        State(
            "upcoming",
            "即将实施",
            "Upcoming",
            "pending",
            "soon",
            _("This edition is not in force yet today (%(today)s)."),
            ("未实施", "已发布"),
        ),
        State(
            "in_force",
            "现行",
            "Current",
            "in_force",
            "live",
            _("Today (%(today)s) this edition is in force."),
            ("现行有效", "有效", "in force"),
        ),
        State(
            "superseded",
            "被代替",
            "Superseded",
            "ended",
            "past",
            _(
                "A newer edition has taken the place of this one. The register has shown this since %(since)s."
            ),
            ("已代替", "被替代", "作废被代替", "replaced"),
        ),
        State(
            "withdrawn",
            "废止",
            "Withdrawn",
            "ended",
            "past",
            _(
                "This standard was withdrawn and is no longer in force. The register has shown this since %(since)s."
            ),
            ("作废", "已废止", "abolished"),
        ),
    ),
    transitions=(
        Transition("announced", "", "upcoming", "发布", "Issued", REGISTRAR_ROLES, public_notice=ANNOUNCED),
        Transition("entered", "", "in_force", "登记", "Entered", REGISTRAR_ROLES, public_notice=CURRENT),
        Transition(
            "came_into_force",
            "upcoming",
            "in_force",
            "实施",
            "Came into force",
            ("system", "registrar"),
            public_notice=CURRENT,
        ),
        Transition(
            "superseded",
            "in_force",
            "superseded",
            "被新版代替",
            "Superseded",
            AUTOMATIC_ROLES,
            (_("Announcement"),),
            SUPERSEDED,
        ),
        Transition(
            "withdrawn",
            "in_force",
            "withdrawn",
            "废止",
            "Withdrawn",
            AUTOMATIC_ROLES,
            (_("Announcement"),),
            WITHDRAWN,
        ),
        Transition(
            "withdrawn_unused",
            "upcoming",
            "withdrawn",
            "未实施即废止",
            "Withdrawn before use",
            REGISTRAR_ROLES,
            (_("Announcement"),),
            WITHDRAWN,
        ),
        Transition(
            "withdrawn_after",
            "superseded",
            "withdrawn",
            "代替后废止",
            "Withdrawn",
            REGISTRAR_ROLES,
            (_("Announcement"),),
            WITHDRAWN,
        ),
        Transition(
            "named_successor",
            "withdrawn",
            "superseded",
            "补记代替标准",
            "Successor recorded",
            REGISTRAR_ROLES,
            (_("Announcement"),),
            SUPERSEDED,
        ),
        Transition(
            "restored",
            "superseded",
            "in_force",
            "恢复",
            "Restored",
            REGISTRAR_ROLES,
            (_("Announcement"),),
            CURRENT,
        ),
    ),
    default_status="in_force",
    date_changes=(
        DateChange("came_into_force", ("upcoming",), "in_force", "in_force_on", on_the_day=True),
        DateChange(
            "superseded",
            ("in_force",),
            "superseded",
            "withdrawn_on",
            on_the_day=True,
            only_if_given="replaced_by",
        ),
        DateChange(
            "withdrawn",
            ("in_force",),
            "withdrawn",
            "withdrawn_on",
            on_the_day=True,
            only_if_missing="replaced_by",
        ),
    ),
    linked_changes=(LinkedChange("superseded", ("in_force",), "superseded", "superseded_by", ("in_force",)),),
)
