"""Running the registry: the relay that seals and indexes, daily jobs, the index, maintenance and the integrity check.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.operations.messages  # noqa: F401 - declares the words of the codes raised here
from registry.services.operations.daily_work import daily_work_state, permit_daily_work
from registry.services.operations.due_changes import apply_due_changes
from registry.services.operations.maintenance import (
    NumberCheck,
    check_number_file,
    check_readiness,
    check_store,
    check_typed_numbers,
    index_rebuild,
    index_status,
    index_verify,
    initialise,
)
from registry.services.operations.relay import (
    count_pending,
    lag_seconds,
    run_relay,
    run_relay_once,
)
from registry.services.operations.undone_changes import undo_wrong_changes

__all__ = [
    "NumberCheck",
    "apply_due_changes",
    "check_number_file",
    "check_readiness",
    "check_store",
    "check_typed_numbers",
    "count_pending",
    "daily_work_state",
    "index_rebuild",
    "index_status",
    "index_verify",
    "initialise",
    "lag_seconds",
    "permit_daily_work",
    "run_relay",
    "run_relay_once",
    "undo_wrong_changes",
]
