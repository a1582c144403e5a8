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
    SIGN_IN = "enter"  # sign up, sign in, set a forgotten password
    OWN_ACCOUNT = "own_account"  # one's own password, address, second factor, sessions
    ACT_FOR = "act_for"  # claim organisations, and what one's memberships in them allow
    DECIDE = "decide"  # over claims and filings of others
    ATTACH = "attach"  # hand in files
    MANAGE_SYNONYMS = (
        "word"  # say by which words records are found, and which searches are shown to the public
    )
    MANAGE_ACCOUNTS = "appoint"  # make accounts for others, with their roles


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
_SIGNED_IN = frozenset(
    {Action.READ, Action.EXPORT, Action.SIGN_IN, Action.OWN_ACCOUNT, Action.ACT_FOR, Action.ATTACH}
)
ALLOWED: dict[str, frozenset[Action]] = {
    **dict.fromkeys(STAFF | {"enterprise"}, _SIGNED_IN),
    "visitor": frozenset({Action.READ, Action.EXPORT, Action.SIGN_IN}),
    "registrar": _SIGNED_IN | {Action.IMPORT, Action.DECIDE, Action.MANAGE_SYNONYMS},
    "admin": _SIGNED_IN | {Action.MANAGE_ACCOUNTS, Action.DECIDE, Action.MANAGE_SYNONYMS},
    "system": frozenset(Action),
}


def may(actor: Actor, action: Action) -> bool:
    """True where the actor's role includes the action: what pages offer, never what services rely on."""
    return action in ALLOWED.get(actor.role, frozenset())


def require(actor: Actor, action: Action) -> None:
    """Raises `Forbidden` when the actor's role does not include the action."""
    if not may(actor, action):
        raise Forbidden(f"{actor.role} may not {action.value}")
