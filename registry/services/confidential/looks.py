"""One look at something confidential: only for a reason, written to the audit log, and counted.

Every door to a private file or to masked personal data calls `record_look` in the transaction that reads it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import AuditEntry, ConfidentialLook
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.issues import Issue
from registry.reference.identifiers import personal
from registry.services.confidential.reasons import LOOK_REASONS, MAX_WORDS, MIN_WORDS, SPEAKS_FOR_ITSELF

HOLDS = dt.timedelta(
    hours=1
)  # a reason given for one thing holds for further looks of its kind in the same case
REASON, WORDS = "reason", "words"
SIGN = " reason="  # between the details of a look and its reason, in the audit log


@dataclass(frozen=True, slots=True)
class LookReason:
    """Why somebody looks. `code`: of `LOOK_REASONS`; `words`: "" where the code says enough."""

    code: str = ""
    words: str = ""


class StoredFile(Protocol):
    """A private file as a look returns it: its name for display, and where its bytes are."""

    @property
    def name(self) -> str: ...

    @property
    def path(self) -> Path: ...


NO_REASON = LookReason()  # the one that was given for the case within the hour is taken


@dataclass(frozen=True, slots=True)
class Look:
    """What is looked at. `kind`: of `LOOKS`; `subject`: the case, as the audit log names it; `account`: whose data it is, None where it is of no account."""

    kind: str
    subject: str
    details: str = ""
    account: int | None = None


def record_look(connection: Connection, actor: Actor, look: Look, reason: LookReason) -> None:
    """Record that the actor looks at something, and why; in the transaction that reads it.

    Raises `Invalid`: `look_reason_wanted` where none is given and none holds, `look_reason_unknown`, `look_words_wanted`, `too_long`.
    """
    require(actor, Action.LOOK)
    given = (
        _checked(reason)
        if reason.code or reason.words.strip()
        else _reason_that_holds(connection, actor, look)
    )
    if given is None:
        raise Invalid((Issue("look_reason_wanted", REASON),))
    details = f"{look.details}{SIGN}{given.code} {given.words}".strip()
    audit_log.record(connection, actor, _act(look.kind), look.account, subject=look.subject, details=details)
    connection.execute(
        insert(ConfidentialLook).values(year=clock.today().year, kind=look.kind, reason=given.code)
    )


def split_reason(details: str) -> tuple[str, LookReason]:
    """Return the details of an entry of the audit log without the reason of the look, and that reason; an empty one of other entries."""
    rest, sign, written = f" {details}".rpartition(SIGN)
    code, _blank, words = written.partition(" ")
    if not sign or code not in LOOK_REASONS:
        return details, NO_REASON
    return rest.strip(), LookReason(code, words)


def _act(kind: str) -> str:
    return f"{kind}_seen"


def _checked(reason: LookReason) -> LookReason:
    words = personal.mask_numbers(" ".join(reason.words.split())).replace("reason=", "reason ")
    if not reason.code:
        raise Invalid((Issue("look_reason_wanted", REASON),))
    if reason.code not in LOOK_REASONS:
        raise Invalid((Issue("look_reason_unknown", REASON, {"value": reason.code[:40]}),))
    if len(words) > MAX_WORDS:
        raise Invalid((Issue("too_long", WORDS, {"length": len(words), "at_most": MAX_WORDS}),))
    if reason.code not in SPEAKS_FOR_ITSELF and len(words) < MIN_WORDS:
        raise Invalid((Issue("look_words_wanted", WORDS, {"at_least": MIN_WORDS}),))
    return LookReason(reason.code, words)


def _reason_that_holds(connection: Connection, actor: Actor, look: Look) -> LookReason | None:
    """Return the reason that the actor has given within the hour, in the same role, for a look of this kind in this case."""
    if actor.user_id is None:
        return None
    own = (AuditEntry.acted_by == actor.user_id) & (AuditEntry.actor_role == actor.role)
    details = connection.execute(
        select(AuditEntry.details)
        .where(
            own,
            AuditEntry.subject == look.subject,
            AuditEntry.action == _act(look.kind),
            AuditEntry.at > clock.now() - HOLDS,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
    ).scalar()
    _rest, found = split_reason(details or "")
    return found if found.code else None
