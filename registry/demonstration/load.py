"""Load the demonstration data: invented records that carry `demo`, and sheets of real public data.

Every register brings its own (`registry.registers.demonstration_of`); this room knows no register by name.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Sequence

from registry import clock
from registry.accounts.policy import REGISTRAR
from registry.demonstration.staging import STAGES, Stage, reference_stages, rows_by_stage
from registry.demonstration.world import invented_world
from registry.kit.definition import RegisterDefinition
from registry.kit.demonstration import Row
from registry.registers import catalogue, demonstration_of
from registry.services.bootstrap import Registry
from registry.services.exchange import ImportOptions, import_files
from registry.services.operations import apply_due_changes
from registry.services.publication import (
    Authority,
    PreparedDocument,
    RefusedRow,
    publish,
    rule_context,
    validate_row,
)
from registry.services.records import list_registers
from registry.store.batching import batches
from registry.store.state import read_state, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work

# What a source says of itself, on the first invented record of each register, so that it can be seen there.
SOURCE_FIELDS: Row = {
    "legal_basis": "演示依据（演示）",
    "source": "演示来源 Demonstration source",
    "source_url": "https://demo.example/",
    "source_date": "2024-05",
    "other_sources": "演示来源二 Second demonstration source",
    "field_sources": '{"status": {"source": "演示来源二 Second demonstration source", "source_date": "2023"}}',
    "source_status": "演示",
}
LEGAL_BASIS = "演示决定〔2026〕1号（演示）"
LOADED_STATE = "demonstration"  # in the store: the fingerprint of the data that are loaded
CHUNK_SIZE = 500
FIRST_MOMENT = STAGES[0]

Progress = Callable[[int], object]  # told how many rows more have been loaded


def load_demonstration(registry: Registry, progress: Progress | None = None) -> dict[str, int]:
    """Load everything that is not loaded yet; returns the number of records of each register afterwards.

    Loading the same data again changes nothing, and is recognised before any of it is read.
    """
    if not is_loaded(registry):
        _load(registry, progress or (lambda _rows: None))
        with unit_of_work(registry.engine) as connection:
            write_state(connection, LOADED_STATE, fingerprint())
    return {view.slug: view.total for view in list_registers(registry, REGISTRAR)}


def is_loaded(registry: Registry) -> bool:
    """True if this very demonstration data is in the store."""
    with read_transaction(registry.engine) as connection:
        return read_state(connection, LOADED_STATE) == fingerprint()


def fingerprint() -> str:
    """A text that changes with the data: a SHA-256 over all rows and sheets, in hex."""
    digest = hashlib.sha256()
    for definition in catalogue().values():
        digest.update(json.dumps(demonstration_rows(definition), sort_keys=True).encode())
        for sheet in demonstration_of(definition).sheets:
            digest.update(sheet.path.read_bytes())
    return digest.hexdigest()


def demonstration_rows(definition: RegisterDefinition) -> list[Row]:
    """The samples of a register that are for demonstration, then its invented records; the first names a source."""
    invent = demonstration_of(definition).rows
    rows = [dict(sample) for sample in definition.samples if sample.get("demo")]
    rows += invent(invented_world()) if invent else ()
    rows = [_with_grounds(definition, row) for row in rows]
    return [rows[0] | SOURCE_FIELDS, *rows[1:]] if rows else []


def _with_grounds(definition: RegisterDefinition, row: Row) -> Row:
    """The row with a legal basis where the decision on its status must state one."""
    needs = definition.life_cycle.needs_of_state(str(row.get("status") or ""))
    return {"legal_basis": LEGAL_BASIS, **row} if "legal_basis" in needs else row


def _load(registry: Registry, progress: Progress) -> None:
    """Stage by stage, reference registers first at each; their sheets with the first stage, the other ones at the end."""
    definitions = sorted(catalogue().values(), key=lambda definition: definition.kind != "reference")
    stages: dict[dt.datetime, list[tuple[RegisterDefinition, Stage]]] = {}
    for definition in definitions:
        demonstration, rows = demonstration_of(definition), demonstration_rows(definition)
        of_register = (
            reference_stages(demonstration, rows)
            if definition.kind == "reference"
            else rows_by_stage(definition, demonstration, rows)
        )
        for stage in of_register:
            stages.setdefault(stage.moment, []).append((definition, stage))
    for moment in sorted(stages):
        told = stages.pop(moment)
        for definition, stage in told:
            if definition.kind == "reference":
                _publish_stage(registry, definition, stage, progress)
        if moment == FIRST_MOMENT:
            for definition in definitions:
                if definition.kind == "reference":
                    _import_sheets(registry, definition, progress)
        for definition, stage in told:
            if definition.kind != "reference":
                _publish_stage(registry, definition, stage, progress)
        with clock.frozen_at(moment):
            apply_due_changes(registry)
    apply_due_changes(registry)  # what has run out since the last stage
    for definition in definitions:
        if definition.kind != "reference":
            _import_sheets(registry, definition, progress)


def _import_sheets(registry: Registry, definition: RegisterDefinition, progress: Progress) -> None:
    for sheet in demonstration_of(definition).sheets:
        import_files(
            registry,
            REGISTRAR,
            definition.slug,
            [sheet.path],
            options=ImportOptions(mapping=sheet.mapping or None, progress=progress),
        )


def _publish_stage(
    registry: Registry, definition: RegisterDefinition, stage: Stage, progress: Progress
) -> None:
    with clock.frozen_at(stage.moment):
        for chunk in batches(stage.rows, CHUNK_SIZE):
            _publish_chunk(registry, definition, chunk)
            progress(len(chunk))


def _publish_chunk(registry: Registry, definition: RegisterDefinition, rows: Sequence[Row]) -> None:
    """Publish rows in one transaction. Raises `ValueError` for a row that is refused."""
    with unit_of_work(registry.engine) as connection:
        context = rule_context(connection)
        checked = [
            validate_row(definition, number, row, context, registrar=True)
            for number, row in enumerate(rows, start=1)
        ]
        documents: dict[str, PreparedDocument] = {}
        for document in checked:
            if isinstance(document, PreparedDocument):  # a sample goes before an invented record of its key
                documents.setdefault(document.key, document)
        outcomes = publish(connection, definition, list(documents.values()), Authority(REGISTRAR.role))
        issues = [issue for row in checked if isinstance(row, RefusedRow) for issue in row.issues]
        # A record that a date has ended meanwhile stays ended: its planned transition falls away.
        issues += [issue for each in outcomes if (issue := each.issue) and issue.code != "not_a_transition"]
        if issues:
            raise ValueError(f"demonstration data of {definition.slug}: {issues[0]}")
