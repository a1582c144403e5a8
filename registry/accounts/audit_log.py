"""The audit trail: every act on an account, written in the transaction of the act. Never a secret, never a text."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts.model import AuditEntry

RECENT_LIMIT = 20


class AuditEvent(NamedTuple):
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
    """Write down one act. `role`: of who did it; `user_id`: the account that it touches."""
    connection.execute(
        insert(AuditEntry).values(
            at=clock.now(), user_id=user_id, actor_role=role, action=action, subject=subject, details=details
        )
    )


def recent_events(connection: Connection, user_id: int) -> list[AuditEvent]:
    """What was last done with one account, newest first."""
    found = connection.execute(
        select(AuditEntry.at, AuditEntry.action, AuditEntry.subject)
        .where(AuditEntry.user_id == user_id)
        .order_by(AuditEntry.id.desc())
        .limit(RECENT_LIMIT)
    )
    return [AuditEvent(*row) for row in found]
