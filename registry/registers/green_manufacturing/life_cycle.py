"""States of an entry: on the list, or removed from it.

Source: 《绿色工厂梯度培育及管理暂行办法》 (工信部节〔2024〕13号), dynamic management of the lists; before it the notices of each batch.
"""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import LifeCycle, State, Transition

REGISTRAR_ROLES = ("registrar",)

LIFE_CYCLE = LifeCycle(
    states=(
        State(
            code="listed",
            zh="在列",
            en="On the list",
            standing="in_force",
            badge="live",
            meaning=_(
                "The Ministry of Industry and Information Technology has put it on its list. It is a listing, not a certificate: it has no end date and ends when the ministry removes it."
            ),
            explanation=_("Today (%(today)s) the register has it on the list of the ministry."),
            sourced=_(
                "According to the source of %(source)s, it was put on the list of the ministry. The register has no later source, and does not know whether it has been removed since."
            ),
            decided=("listed_on",),
        ),
        State(
            code="removed",
            zh="移出名单",
            en="Removed from the list",
            standing="ended",
            badge="stop",
            meaning=_(
                "The ministry has removed it from the list: it may no longer be called so. It can come back only by a new application."
            ),
            explanation=_("The ministry has removed it from the list."),
            aliases=("移出", "撤销"),
            decided=("removed_on",),
        ),
    ),
    transitions=(
        Transition(
            name="listed",
            before="",
            after="listed",
            zh="列入名单",
            en="Listed",
            roles=REGISTRAR_ROLES,
            evidence=(_("Notice of the list"),),
            public_notice=_("The entry with the notice and its day."),
        ),
        Transition(
            name="removed",
            before="listed",
            after="removed",
            zh="移出名单",
            en="Removed",
            roles=REGISTRAR_ROLES,
            on_request=True,
            needs=("legal_basis",),
            evidence=(_("Notice of the removal"),),
            public_notice=_("A banner with the day and the reason; its page stays."),
        ),
    ),
    default_status="listed",
)
