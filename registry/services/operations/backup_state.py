"""When the last backup and the last restore drill succeeded: noted in the store, told by /readyz, metrics and status page."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

from sqlalchemy import Connection

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.services.bootstrap import Registry
from registry.store.state import read_state, write_state
from registry.store.unit_of_work import unit_of_work

BACKUP_STATE, DRILL_STATE = "last backup", "last restore drill"


class BackupState(NamedTuple):
    """Moments of the last success; None: never."""

    backup_at: dt.datetime | None
    drill_at: dt.datetime | None


def note_backup(registry: Registry) -> None:
    """Note that a backup has just been made and checked."""
    _note(registry, BACKUP_STATE)


def note_restore_drill(registry: Registry) -> None:
    """Note that a backup has just been restored elsewhere and found equal."""
    _note(registry, DRILL_STATE)


def read_backup_state(connection: Connection) -> BackupState:
    """Return the moments of the last backup and drill."""
    backup_at, drill_at = (read_state(connection, name) for name in (BACKUP_STATE, DRILL_STATE))
    return BackupState(
        dt.datetime.fromisoformat(backup_at) if backup_at else None,
        dt.datetime.fromisoformat(drill_at) if drill_at else None,
    )


def _note(registry: Registry, name: str) -> None:
    require(SYSTEM, Action.RELAY)
    with unit_of_work(registry.engine) as connection:
        write_state(connection, name, clock.now().isoformat())
