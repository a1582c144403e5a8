"""Successions: results of one thing, of which the newest counts. They are found by what they are about, and linked.

A register says in its `Succession` what a record is about (holder, model and scheme). The keys of these things are kept
beside the identifiers of the record, so that one statement a batch finds the other results; what a reader types can never
be such a key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select

from registry.kit.definition import RegisterDefinition, Succession
from registry.kit.record import Identifier, Link, Record
from registry.services.publication import link_resolution
from registry.store.batching import batches

CHUNK_SIZE = 500
KEY_LENGTH = 200
MARK = "\x1f"  # begins a key, and parts it: a control character, which no typed text keeps


class _Result(NamedTuple):
    """One of several results: `key` its natural key, `date` as written."""

    id: int
    key: str
    date: str
    about: frozenset[str]


def relations(definition: RegisterDefinition) -> tuple[str, ...]:
    """Return the relations that link newer results with older ones."""
    succession = definition.succession
    return (succession.relation, succession.partial) if succession else ()


def subject_keys(definition: RegisterDefinition, values: Mapping[str, Any]) -> set[str]:
    """Return the keys of what a record is about; none where its register has no succession."""
    if definition.succession is None:
        return set()
    return {
        (MARK + MARK.join((definition.slug, *subject)))[:KEY_LENGTH]
        for subject in definition.succession.subjects(values)
    }


def link_results(
    connection: Connection, definition: RegisterDefinition, documents: Mapping[int, Mapping[str, Any]]
) -> set[int]:
    """Link the results just written (record id → values) with older and newer ones; return the ids of the older ones.

    A newer result takes the place of an older one that is about nothing else; otherwise of a part of it.
    """
    succession = definition.succession
    if succession is None or not documents:
        return set()
    keys = {key for values in documents.values() for key in subject_keys(definition, values)}
    ids = _records_about(connection, keys)
    if len(ids) < 2:
        return set()
    results = _results(connection, ids)
    pairs = [
        (newer, older)
        for newer in results
        for older in results
        if newer.about & older.about
        and _is_newer(newer, older)
        and (newer.id in documents or older.id in documents)
    ]
    written = _write_links(connection, definition, succession, pairs)
    if written:
        link_resolution.bump_page_versions(connection, touched=written, retitled=set())
    return {older.id for newer, older in pairs if newer.about >= older.about}


def _is_newer(newer: _Result, older: _Result) -> bool:
    """True if the dates say so; dates that do not tell (2026 and 2026-05) say nothing."""
    shared = min(len(newer.date), len(older.date))
    return bool(shared) and newer.date[:shared] > older.date[:shared]


def _records_about(connection: Connection, keys: Iterable[str]) -> list[int]:
    found: set[int] = set()
    shared: dict[str, set[int]] = {}
    for chunk in batches(sorted(keys), CHUNK_SIZE):
        rows = connection.execute(
            select(Identifier.key, Identifier.record_id).where(Identifier.key.in_(chunk))
        )
        for row in rows:
            shared.setdefault(row.key, set()).add(row.record_id)
    for ids in shared.values():
        if len(ids) > 1:
            found |= ids
    return sorted(found)


def _results(connection: Connection, ids: list[int]) -> list[_Result]:
    about: dict[int, set[str]] = {}
    facts: dict[int, tuple[str, str]] = {}
    for chunk in batches(ids, CHUNK_SIZE):
        keys = connection.execute(
            select(Identifier.record_id, Identifier.key).where(
                Identifier.record_id.in_(chunk), Identifier.key.startswith(MARK)
            )
        )
        for row in keys:
            about.setdefault(row.record_id, set()).add(row.key)
        records = connection.execute(
            select(Record.id, Record.natural_key, Record.valid_from).where(Record.id.in_(chunk))
        )
        facts |= {row.id: (row.natural_key, row.valid_from) for row in records}
    return [_Result(record_id, *facts[record_id], frozenset(about[record_id])) for record_id in ids]


def _write_links(
    connection: Connection,
    definition: RegisterDefinition,
    succession: Succession,
    pairs: Iterable[tuple[_Result, _Result]],
) -> set[int]:
    """Insert the links that are not there yet; return the ids of all records concerned."""
    wanted = {
        (
            newer.id,
            succession.relation if newer.about >= older.about else succession.partial,
            older.key,
        ): older.id
        for newer, older in pairs
    }
    if not wanted:
        return set()
    present = {
        (row.from_id, row.relation, row.to_key)
        for row in connection.execute(
            select(Link.from_id, Link.relation, Link.to_key).where(
                Link.from_id.in_({from_id for from_id, _relation, _key in wanted}),
                Link.relation.in_((succession.relation, succession.partial)),
            )
        )
    }
    rows = [
        {
            "from_id": from_id,
            "from_register": definition.slug,
            "relation": relation,
            "to_register": definition.slug,
            "to_key": key,
            "to_id": to_id,
        }
        for (from_id, relation, key), to_id in wanted.items()
        if (from_id, relation, key) not in present
    ]
    if rows:
        connection.execute(insert(Link), rows)
    return {end for (from_id, _relation, _key), to_id in wanted.items() for end in (from_id, to_id)}
