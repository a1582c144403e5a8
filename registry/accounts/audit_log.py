"""The audit log: every act on an account, written in the transaction of the act.

An entry holds codes and identifiers, never a secret and never text that was filed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, get_args

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts.model import AuditEntry
from registry.accounts.policy import SYSTEM, Actor
from registry.observing.work import work_at_hand

RECENT_LIMIT = 20
REQUEST_ID_LENGTH = 64
ARROW = " → "  # between what was before and after, in the details of an act
Door = Literal["page", "api", "command", "background"]
DOORS: tuple[Door, ...] = get_args(Door)  # through which an act came


class AuditEvent(NamedTuple):
    """One entry as its owner sees it. `subject`: what it concerns, such as the number of an organisation, or ""."""

    at: dt.datetime
    action: str
    subject: str


def record(
    connection: Connection,
    actor: Actor,
    action: str,
    account: int | None = None,
    *,
    subject: str = "",
    details: str = "",
) -> None:
    """Record one act. `account`: the one that it concerns, by default that of the actor."""
    concerned = actor.user_id if account is None else account
    line = _line(actor, action)
    connection.execute(insert(AuditEntry).values(**line, user_id=concerned, subject=subject, details=details))


def change_of(before: str, after: str) -> str:
    """Return the details of an act that changed a value: both as codes, with an arrow between; – for none."""
    return f"{before or '–'}{ARROW}{after or '–'}"


def record_all(
    connection: Connection, actor: Actor, action: str, subjects: Sequence[str], *, details: str = ""
) -> None:
    """Record one act of the actor on many subjects, a line for each."""
    line = {**_line(actor, action), "user_id": actor.user_id, "details": details}
    lines = [{**line, "subject": subject} for subject in subjects]
    if lines:
        connection.execute(insert(AuditEntry), lines)


def _line(actor: Actor, action: str) -> dict[str, Any]:
    """Return what each line of an act says of who did it, when and from where."""
    work = work_at_hand()
    return {
        "at": clock.now(),
        "acted_by": actor.user_id,
        "actor_role": actor.role,
        "action": action,
        "door": _door(actor, work.path if work else None),
        "request_id": work.request_id[:REQUEST_ID_LENGTH] if work else "",
    }


def _door(actor: Actor, path: str | None) -> Door:
    """Return the door of an act. `path`: the pattern of the address that was asked for, None outside the web."""
    if path is None:
        return "background" if actor == SYSTEM else "command"
    return "api" if path.startswith("/api/") else "page"


def recent_events(connection: Connection, user_id: int) -> list[AuditEvent]:
    """Return the latest events of one account, newest first, at most `RECENT_LIMIT`."""
    rows = connection.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.subject)
        .where(AuditEntry.user_id == user_id)
        .order_by(AuditEntry.id.desc())
        .limit(RECENT_LIMIT)
    )
    return [AuditEvent(*row) for row in rows]
