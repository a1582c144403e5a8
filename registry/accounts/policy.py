"""Who may do what. Every service asks here first, with the actor it was given."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from registry.errors import Forbidden


class Action(enum.Enum):
    READ = "read"  # what is published
    IMPORT = "import"  # publish from a sheet, as the registrar
    EXPORT = "export"  # carry away what is published
    RELAY = "relay"  # seal, deliver, let dates take effect


@dataclass(frozen=True, slots=True)
class Actor:
    """Who performs a service call. `role` is what an entry shows of him; never a name."""

    role: str


# Who a life cycle may name. What each may do on this platform stands in `ALLOWED` below.
ROLES = frozenset(
    {
        "visitor", "enterprise", "body", "reviewer_county", "reviewer_city", "reviewer_province",
        "reviewer_national", "publisher", "auditor", "admin", "registrar", "system",
    }
)  # fmt: skip
ANONYMOUS = Actor("visitor")
REGISTRAR = Actor("registrar")
SYSTEM = Actor("system")

ALLOWED: dict[str, frozenset[Action]] = {
    "visitor": frozenset({Action.READ, Action.EXPORT}),
    "registrar": frozenset({Action.READ, Action.EXPORT, Action.IMPORT}),
    "system": frozenset(Action),
}


def require(actor: Actor, action: Action) -> None:
    """Raises `Forbidden` when the actor's role does not include the action."""
    if action not in ALLOWED.get(actor.role, frozenset()):
        raise Forbidden(f"{actor.role} may not {action.value}")
