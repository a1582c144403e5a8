"""Two states: an organisation is there, or its registration has ended."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import LifeCycle, State, Transition

LIFE_CYCLE = LifeCycle(
    states=(
        State(
            "active",
            "存续",
            "Active",
            "in_force",
            "live",
            _("Today (%(today)s) nothing here says that this organisation has been deregistered."),
            ("在业", "开业", "正常", "存续（在营、开业、在册）"),
        ),
        State(
            "deregistered",
            "已注销",
            "Deregistered",
            "ended",
            "past",
            _("This organisation was deregistered. The register has shown this since %(since)s."),
            ("注销", "吊销", "主体注销"),
        ),
    ),
    transitions=(
        Transition(
            "entered",
            "",
            "active",
            "登记",
            "Entered",
            ("registrar",),
            public_notice=_("The entry, and everything that names the organisation."),
        ),
        Transition(
            "deregistered",
            "active",
            "deregistered",
            "注销",
            "Deregistered",
            ("registrar", "system"),
            (_("Notice of the enterprise register"),),
            _("The page stays and says that the organisation has ended."),
        ),
        Transition(
            "restored",
            "deregistered",
            "active",
            "恢复",
            "Restored",
            ("registrar",),
            (_("Decision"),),
            _("The banner is gone; the history keeps it."),
        ),
    ),
    default_status="active",
)
