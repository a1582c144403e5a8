"""The audit trail: every act on an account, written in the transaction of the act. Never a secret, never a text."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts.model import Audit

SHOWN = 20


class Act(NamedTuple):
    at: dt.datetime
    action: str
    subject: str


def note(
    connection: Connection, role: str, action: str, user_id: int | None, subject: str = "", details: str = ""
) -> None:
    """Write down one act. `role`: of who did it; `user_id`: the account that it touches."""
    connection.execute(
        insert(Audit).values(
            at=clock.now(), user_id=user_id, actor_role=role, action=action, subject=subject, details=details
        )
    )


def latest(connection: Connection, user_id: int) -> list[Act]:
    """What was last done with one account, newest first."""
    found = connection.execute(
        select(Audit.at, Audit.action, Audit.subject)
        .where(Audit.user_id == user_id)
        .order_by(Audit.id.desc())
        .limit(SHOWN)
    )
    return [Act(*row) for row in found]
