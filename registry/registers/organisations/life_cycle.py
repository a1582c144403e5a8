"""Two states: an organisation is there, or its registration has ended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit.life_cycle import LifeCycle, Sentence, State, Transition

DEREGISTERED_ON = _(
    "This organisation was deregistered on %(day)s: it no longer exists as a holder of rights and duties."
)


def deregistered_sentence(values: Mapping[str, Any], today: dt.date) -> Sentence | None:
    """With the day of deregistration where it is stated."""
    del today
    day = str(values.get("deregistered_on") or "")
    return Sentence(DEREGISTERED_ON, {"day": day}) if day else None


LIFE_CYCLE = LifeCycle(
    states=(
        State(
            code="active",
            zh="存续",
            en="Active",
            standing="in_force",
            badge="live",
            meaning=_(
                "No deregistration is known here. That says nothing about the quality of its products."
            ),
            explanation=_("The register knows of no deregistration of this organisation."),
            sourced=_(
                "According to the source of %(source)s, this organisation is registered. The register has no later source."
            ),
            aliases=("在业", "开业", "正常", "存续（在营、开业、在册）"),
        ),
        State(
            code="deregistered",
            zh="已注销",
            en="Deregistered",
            standing="ended",
            badge="past",
            meaning=_(
                "The organisation no longer exists: no one is responsible for its certificates and declarations. It comes back only if its registration is restored."
            ),
            explanation=_(
                "This organisation was deregistered: it no longer exists as a holder of rights and duties."
            ),
            explain=deregistered_sentence,
            decided=("deregistered_on",),
            aliases=("注销", "吊销", "主体注销"),
        ),
    ),
    transitions=(
        Transition(
            name="entered",
            before="",
            after="active",
            zh="登记",
            en="Entered",
            roles=("registrar",),
            public_notice=_("The entry, and everything that names the organisation."),
        ),
        Transition(
            name="deregistered",
            before="active",
            after="deregistered",
            zh="注销",
            en="Deregistered",
            roles=("registrar", "system"),
            evidence=(_("Notice of the enterprise register"),),
            public_notice=_("The page stays and says that the organisation has ended."),
        ),
        Transition(
            name="restored",
            before="deregistered",
            after="active",
            zh="恢复",
            en="Restored",
            roles=("registrar",),
            evidence=(_("Decision"),),
            public_notice=_("The banner is gone; the history keeps it."),
        ),
    ),
    default_status="active",
)
