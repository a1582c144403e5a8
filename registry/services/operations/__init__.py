"""Running the registry: the relay that seals and indexes, daily jobs, the index, maintenance and the integrity check.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.operations.messages  # noqa: F401 - declares the words of the codes raised here
from registry.services.operations.backup.archive import parse_identities
from registry.services.operations.backup.making import Backup, list_backups, make_backup, verify_backup
from registry.services.operations.backup.restoring import restore_backup, try_restoring
from registry.services.operations.backup_state import BackupState
from registry.services.operations.daily_work import permit_daily_work
from registry.services.operations.due_changes import apply_due_changes
from registry.services.operations.gauges import read_gauges
from registry.services.operations.maintenance import (
    NumberCheck,
    check_number_file,
    check_store,
    check_typed_numbers,
    index_rebuild,
    index_status,
    index_verify,
    initialise,
)
from registry.services.operations.migrating import (
    SchemaChange,
    SchemaReport,
    migrate_down,
    migrate_up,
    report_schema,
)
from registry.services.operations.readiness import (
    OperationReport,
    Readiness,
    check_readiness,
    report_operation,
)
from registry.services.operations.relay import (
    count_pending,
    run_relay,
    run_relay_once,
)
from registry.services.operations.undone_changes import undo_wrong_changes

__all__ = [
    "Backup",
    "BackupState",
    "NumberCheck",
    "OperationReport",
    "Readiness",
    "SchemaChange",
    "SchemaReport",
    "apply_due_changes",
    "check_number_file",
    "check_readiness",
    "check_store",
    "check_typed_numbers",
    "count_pending",
    "index_rebuild",
    "index_status",
    "index_verify",
    "initialise",
    "list_backups",
    "make_backup",
    "migrate_down",
    "migrate_up",
    "parse_identities",
    "permit_daily_work",
    "read_gauges",
    "report_operation",
    "report_schema",
    "restore_backup",
    "run_relay",
    "run_relay_once",
    "try_restoring",
    "undo_wrong_changes",
    "verify_backup",
]
