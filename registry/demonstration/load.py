"""Demonstration data: real public data with their sources named, and invented records that carry `demo`.

The invented ones are loaded as if over two years, so that histories and past days have something to show.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from registry import clock
from registry.accounts.policy import REGISTRAR
from registry.demonstration import invented
from registry.kit.definition import RegisterDefinition
from registry.kit.life_cycle import LifeCycle
from registry.registers import catalogue
from registry.services import operations
from registry.services.bootstrap import Registry
from registry.services.exchange import import_files
from registry.services.publication import (
    Authority,
    PreparedDocument,
    RefusedRow,
    publish,
    rule_context,
    validate_row,
)
from registry.services.records import list_registers
from registry.store.state import read_state, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work

DATA_DIR = Path(__file__).parent / "data"
REAL_SOURCES = (
    ("standards", "standards_named.csv", None),
    ("standards", "standards_gmt_filenames.csv", "standards_gmt_filenames"),
    ("bodies", "bodies_foreign.csv", None),
    ("green-products", "energystar_refrigerators.csv", "energystar_refrigerators"),
    ("brands", "laozihao_notices.csv", "laozihao_notices"),
)
STAGES = tuple(
    dt.datetime(*day, tzinfo=clock.SHANGHAI)
    for day in ((2024, 6, 3, 9, 0), (2025, 9, 1, 9, 0), (2026, 6, 1, 9, 0), (2026, 9, 9, 9, 0))
)
# What only the present state of a record brought; in its history it comes with that state.
BROUGHT_LATER = frozenset(
    {
        "status_reason", "suspended_until", "decided_on", "rectify_until", "removed_reason", "correct_until",
        "withdrawn_on", "grade_before", "complaints", "holder_to",
    }
)  # fmt: skip
LOADED_STATE = "demonstration"  # in the store: the fingerprint of the data that are loaded
CHUNK_SIZE = 500


def load_demonstration(registry: Registry, progress: Callable[[int], object] | None = None) -> dict[str, int]:
    """Load everything that is not loaded yet; returns the number of records of each register afterwards.

    The same data twice change nothing; data already there are recognised at once.
    """
    if not is_loaded(registry):
        _load(registry, progress or (lambda _rows: None))
        with unit_of_work(registry.engine) as connection:
            write_state(connection, LOADED_STATE, fingerprint())
    return {view.slug: view.total for view in list_registers(registry, REGISTRAR)}


def is_loaded(registry: Registry) -> bool:
    """Whether this very demonstration data is in the store."""
    with read_transaction(registry.engine) as connection:
        return read_state(connection, LOADED_STATE) == fingerprint()


def fingerprint() -> str:
    """A text that changes with the data."""
    digest = hashlib.sha256()
    for path in (*sorted(Path(__file__).parent.glob("*.py")), *sorted(DATA_DIR.glob("*.csv"))):
        digest.update(path.read_bytes())
    for definition in catalogue().values():
        digest.update(repr(definition.samples).encode())
    return digest.hexdigest()


def _load(registry: Registry, progress: Callable[[int], object]) -> None:
    rows = {slug: _register_rows(definition) for slug, definition in catalogue().items()}
    for slug in ("organisations", "bodies", "standards"):
        with clock.frozen_at(STAGES[0]):
            _publish(registry, catalogue()[slug], rows[slug], progress)
    named = DATA_DIR / "standards_named.csv"
    import_files(registry, REGISTRAR, "standards", [named])
    for slug in ("brands", "green-products", "grades", "declarations"):
        for moment, group in rows_by_stage(catalogue()[slug], rows[slug]):
            with clock.frozen_at(moment):
                _publish(registry, catalogue()[slug], group, progress)
                operations.apply_due_changes(registry)
    operations.apply_due_changes(registry)  # what has run out since the last stage; the real data come last
    for slug, name, mapping in REAL_SOURCES:
        import_files(registry, REGISTRAR, slug, [DATA_DIR / name], mapping=mapping, progress=progress)


def _register_rows(definition: RegisterDefinition) -> list[dict[str, Any]]:
    """The demonstration samples of a register and what is invented for it; the first one states its origin."""
    make = invented.ROWS.get(definition.slug)
    rows = [dict(sample) for sample in definition.samples if sample.get("demo")] + list(
        make() if make else ()
    )
    return [rows[0] | invented.SOURCE_FIELDS, *rows[1:]] if rows else []


def rows_by_stage(
    definition: RegisterDefinition, rows: Iterable[dict[str, Any]]
) -> Iterator[tuple[dt.datetime, list[dict[str, Any]]]]:
    """Each stage's moment and rows. A record enters at the first stage after its date; its last moves come last."""
    stages: list[list[dict[str, Any]]] = [[] for _stage in STAGES]
    for row in rows:
        written = str(row.get(definition.search.date_field) or "")
        first = next(
            (place for place, moment in enumerate(STAGES) if written[:10] <= moment.date().isoformat()),
            len(STAGES) - 1,
        )
        moves = transition_path(definition.life_cycle, str(row["status"]))
        room = len(STAGES) - first
        moves = moves[-room:] if len(moves) > room else moves
        if len(moves) == 1:
            stages[first].append({**row, "status": moves[0]})
            continue
        stages[first].append(earlier_version(row, moves[0]))
        for place, status in enumerate(moves[1:-1], start=len(STAGES) - len(moves) + 1):
            stages[place].append(earlier_version(row, status))
        stages[-1].append(row)
    yield from zip(STAGES, stages, strict=True)


def earlier_version(row: Mapping[str, Any], status: str) -> dict[str, Any]:
    """The record as it stood in an earlier state: without what its present state brought."""
    earlier = {name: value for name, value in row.items() if name not in BROUGHT_LATER}
    if row.get("grade_before"):
        earlier["grade"] = row["grade_before"]
    return {**earlier, "status": status}


def transition_path(cycle: LifeCycle, goal: str) -> list[str]:
    """Public states from the default one to `goal`, a step each; the goal alone where no way leads there."""
    waiting = deque([[cycle.default_status]])
    seen = {cycle.default_status}
    while waiting:
        way = waiting.popleft()
        if way[-1] == goal:
            return way
        for move in cycle.transitions:
            if move.before == way[-1] and move.after not in seen and cycle.state(move.after).is_public:
                seen.add(move.after)
                waiting.append([*way, move.after])
    return [goal]


def _publish(
    registry: Registry,
    definition: RegisterDefinition,
    rows: list[dict[str, Any]],
    progress: Callable[[int], object],
) -> None:
    for start in range(0, len(rows), CHUNK_SIZE):
        chunk = rows[start : start + CHUNK_SIZE]
        with unit_of_work(registry.engine) as connection:
            context = rule_context(connection)
            checked = [
                validate_row(definition, place, row, context, registrar=True)
                for place, row in enumerate(chunk, start=1)
            ]
            refused = [each for each in checked if isinstance(each, RefusedRow)]
            if refused:
                raise ValueError(f"demonstration data of {definition.slug}: {refused[0]}")
            ready: dict[str, PreparedDocument] = {}  # a sample goes before an invented record of the same key
            for each in checked:
                if not isinstance(each, RefusedRow):
                    ready.setdefault(each.key, each)
            outcomes = publish(connection, definition, list(ready.values()), Authority(REGISTRAR.role))
            # A record that a date has ended meanwhile stays ended: its planned move falls away.
            wrong = [each.issue for each in outcomes if each.issue and each.issue.code != "not_a_transition"]
            if wrong:
                raise ValueError(f"demonstration data of {definition.slug}: {wrong[0]}")
        progress(len(chunk))
