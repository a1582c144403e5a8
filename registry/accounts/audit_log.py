"""The audit log: every act on an account, written in the transaction of the act.

An entry holds codes and identifiers, never a secret and never text that was filed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts.model import AuditEntry
from registry.accounts.policy import Actor

RECENT_LIMIT = 20


class AuditEvent(NamedTuple):
    """One entry as its owner sees it. `subject`: what it concerns, such as the number of an organisation, or ""."""

    at: dt.datetime
    action: str
    subject: str


def record(
    connection: Connection,
    role: str,
    action: str,
    user_id: int | None,
    *,
    subject: str = "",
    details: str = "",
) -> None:
    """Record one act. `role`: the actor's; `user_id`: the account concerned."""
    connection.execute(
        insert(AuditEntry).values(
            at=clock.now(), user_id=user_id, actor_role=role, action=action, subject=subject, details=details
        )
    )


def record_all(
    connection: Connection, actor: Actor, action: str, subjects: Sequence[str], *, details: str = ""
) -> None:
    """Record one act of the actor on many subjects, a line for each."""
    line = {"at": clock.now(), "user_id": actor.user_id, "actor_role": actor.role, "action": action}
    lines = [{**line, "subject": subject, "details": details} for subject in subjects]
    if lines:
        connection.execute(insert(AuditEntry), lines)


def recent_events(connection: Connection, user_id: int) -> list[AuditEvent]:
    """Return the latest events of one account, newest first, at most `RECENT_LIMIT`."""
    rows = connection.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.subject)
        .where(AuditEntry.user_id == user_id)
        .order_by(AuditEntry.id.desc())
        .limit(RECENT_LIMIT)
    )
    return [AuditEvent(*row) for row in rows]
