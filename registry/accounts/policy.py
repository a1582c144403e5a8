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
    ENTER = "enter"  # sign up, sign in, set a forgotten password
    OWN_ACCOUNT = "own_account"  # one's own password, address, second factor, sessions
    APPOINT = "appoint"  # make accounts for others, with their roles


@dataclass(frozen=True, slots=True)
class Actor:
    """Who performs a service call. `role` is what an entry shows of him, never a name; `user_id` is his account."""

    role: str
    user_id: int | None = None


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

# Roles that decide over others' records or accounts: they sign in with two factors.
STAFF = ROLES - {"visitor", "enterprise", "system"}
_SIGNED_IN = frozenset({Action.READ, Action.EXPORT, Action.ENTER, Action.OWN_ACCOUNT})
ALLOWED: dict[str, frozenset[Action]] = {
    **dict.fromkeys(STAFF | {"enterprise"}, _SIGNED_IN),
    "visitor": frozenset({Action.READ, Action.EXPORT, Action.ENTER}),
    "registrar": _SIGNED_IN | {Action.IMPORT},
    "admin": _SIGNED_IN | {Action.APPOINT},
    "system": frozenset(Action),
}


def require(actor: Actor, action: Action) -> None:
    """Raises `Forbidden` when the actor's role does not include the action."""
    if action not in ALLOWED.get(actor.role, frozenset()):
        raise Forbidden(f"{actor.role} may not {action.value}")
