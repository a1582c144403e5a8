"""Authorisation: which role may perform which action. Every service calls `require` first, with the actor it was given.

Which role may make which transition of a record is data of its register: `kit.life_cycle.LifeCycle.allowed_transition`.
On which records: `bounds`, held against record and account by `services.people.deciding_rights.require_may_decide`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from registry.errors import Forbidden


class Action(enum.Enum):
    """What an actor wants to do. The values name the action in messages."""

    READ = "read"  # published records
    IMPORT = "import"  # publish from a sheet, as the registrar
    SEE_IMPORTS = "see_imports"  # see sheets that are imported, before and after
    EXPORT = "export"  # download published records
    RELAY = "relay"  # background work: seal, deliver, apply dates
    BACK_UP = "back_up"  # copy the whole store, or bring a copy back
    SIGN_IN = "sign_in"  # sign up, sign in, set a forgotten password
    OWN_ACCOUNT = "own_account"  # change one's own password, address, second factor, sessions
    ACT_FOR = "act_for"  # claim organisations, and use one's memberships
    DECIDE = "decide"  # on claims and filings of others
    SEE_DESK = "see_desk"  # see what waits for a decision on records, and decisions that are prepared
    TAKE_DECISIONS = (
        "take_decisions"  # prepare and take decisions on records, by the transitions of one's role
    )
    ANNOUNCE_CHECKS = "announce_checks"  # announce random checks, draw them, cancel them
    RECORD_CHECKS = "record_checks"  # record what a check of a drawn record came to, and publish it
    SEE_CHECKS = "see_checks"  # see drawn records and results that are not public yet
    ATTACH = "attach"  # upload files
    REPORT = "report"  # report an error or a fake, object to what is proposed
    SEE_REPORTS = "see_reports"  # see what was reported, and how it was answered
    ANSWER_REPORTS = "answer_reports"  # take reports up, let them challenge a record, answer them
    MANAGE_SYNONYMS = "manage_synonyms"  # edit synonyms, and which searches the public page shows
    EXPLAIN = "explain"  # see on pages why results stand where they do; in the API anyone may
    MANAGE_ACCOUNTS = "manage_accounts"  # create accounts for others, assign roles
    READ_AUDIT = "read_audit"  # search and export the audit log
    LOOK = "look"  # open what is confidential in a case of one's own, for a reason


@dataclass(frozen=True, slots=True)
class Actor:
    """Who performs a service call. `role` is all that an entry shows of them, never a name; `user_id`: their account."""

    role: str
    user_id: int | None = None

    @property
    def is_staff(self) -> bool:
        """True for a role that decides on records or accounts of others."""
        return self.role in STAFF


# The roles that a life cycle may name. `ALLOWED` below says what each may do on this platform.
ROLES = frozenset(
    {
        "visitor", "enterprise", "body", "reviewer_county", "reviewer_city", "reviewer_province",
        "reviewer_national", "publisher", "inspector", "auditor", "admin", "registrar", "system",
    }
)  # fmt: skip
ANONYMOUS = Actor("visitor")
REGISTRAR = Actor("registrar")
SYSTEM = Actor("system")

# Roles that decide on others' records or accounts: they must sign in with two factors.
STAFF = ROLES - {"visitor", "enterprise", "system"}
_SIGNED_IN = frozenset(
    {
        Action.READ, Action.EXPORT, Action.SIGN_IN, Action.OWN_ACCOUNT, Action.ACT_FOR, Action.ATTACH,
        Action.REPORT,
    }
)  # fmt: skip
_OF_STAFF = _SIGNED_IN | {Action.EXPLAIN, Action.LOOK}
_DECIDES = {Action.SEE_DESK, Action.TAKE_DECISIONS}
_ANSWERS = {Action.SEE_REPORTS, Action.ANSWER_REPORTS}  # for the authority, never for who is reported
_INSPECTS = {Action.RECORD_CHECKS, Action.SEE_CHECKS}
_SUPERVISES = _INSPECTS | {Action.ANNOUNCE_CHECKS}
_REVIEWERS = ("reviewer_county", "reviewer_city", "reviewer_province", "reviewer_national")
ALLOWED: dict[str, frozenset[Action]] = {
    "enterprise": _SIGNED_IN,
    **dict.fromkeys(STAFF, _OF_STAFF | _DECIDES | _ANSWERS),
    **dict.fromkeys(_REVIEWERS, _OF_STAFF | _DECIDES | _ANSWERS | _SUPERVISES),
    "inspector": _OF_STAFF | _INSPECTS,
    "body": _OF_STAFF | _DECIDES,
    "auditor": _OF_STAFF
    | {Action.SEE_DESK, Action.SEE_CHECKS, Action.SEE_REPORTS, Action.SEE_IMPORTS, Action.READ_AUDIT},
    "visitor": frozenset({Action.READ, Action.EXPORT, Action.SIGN_IN, Action.REPORT}),
    "registrar": _OF_STAFF
    | _DECIDES
    | _ANSWERS
    | _SUPERVISES
    | {Action.IMPORT, Action.SEE_IMPORTS, Action.DECIDE, Action.MANAGE_SYNONYMS},
    "admin": _OF_STAFF | {Action.MANAGE_ACCOUNTS, Action.DECIDE, Action.MANAGE_SYNONYMS},
    "system": frozenset(Action),
}


def may(actor: Actor, action: Action) -> bool:
    """Return True if the actor's role includes the action. For what a page offers; services call `require`."""
    return action in ALLOWED.get(actor.role, frozenset())


def require(actor: Actor, action: Action) -> None:
    """Raise `Forbidden` unless the actor's role includes the action."""
    if not may(actor, action):
        raise Forbidden("role_may_not", role=actor.role, action=action.value)
