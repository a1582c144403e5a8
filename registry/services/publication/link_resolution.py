"""Resolve links when both ends are in the store, whichever came first, and bump the versions of the pages concerned."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, or_, select, update

from registry.kit.definition import RegisterDefinition
from registry.kit.record import Identifier, Link, Record
from registry.outbox.model import RECORD_TOPIC, enqueue
from registry.registers import catalogue
from registry.services.publication import caution_links, existing_records
from registry.services.publication.record_columns import LinkKey
from registry.store.batching import batches
from registry.store.insertion import insert_rows

RESOLVE_LINK = (
    update(Link.__table__)  # type: ignore[arg-type]
    .where(Link.__table__.c.id == bindparam("link_id"))
    .values(to_id=bindparam("target"))
)
CHUNK_SIZE = 500


class RecordKey(NamedTuple):
    """A record by its register and natural key."""

    register: str
    key: str


TargetIds = Mapping[RecordKey, int]  # to record id


def find_targets(connection: Connection, links: Iterable[LinkKey]) -> dict[RecordKey, int]:
    """Find the ids of those targets of links that are in the store."""
    by_register: dict[str, set[str]] = {}
    for link in links:
        by_register.setdefault(link.register, set()).add(link.key)
    targets: dict[RecordKey, int] = {}
    for register, keys in by_register.items():
        rows = connection.execute(
            select(Record.natural_key, Record.id).where(
                Record.register == register, Record.natural_key.in_(keys)
            )
        )
        targets.update({RecordKey(register, row.natural_key): row.id for row in rows})
        if is_found_by_identifier(register):
            rows = connection.execute(
                select(Identifier.key, Record.id)
                .join(Record, Record.id == Identifier.record_id)
                .where(Record.register == register, Identifier.key.in_(keys))
                .order_by(Record.id.desc())  # two records with one identifier: the older one
            )
            targets = {RecordKey(register, row.key): row.id for row in rows} | targets
        former = existing_records.find_former_keys(
            connection, register, {key for key in keys if RecordKey(register, key) not in targets}
        )
        targets |= {RecordKey(register, key): row.id for key, row in former.items()}
    return targets


@functools.cache
def is_found_by_identifier(register: str) -> bool:
    """Return True if other records name those of this register by an identifier instead of the natural key."""
    return any(
        link.by_identifier and link.register == register
        for definition in catalogue().values()
        for link in definition.links
    )


def party_columns(
    definition: RegisterDefinition, links: Iterable[LinkKey], target_ids: TargetIds
) -> dict[str, int | None]:
    """Return the columns `holder_id` and `issuer_id` for a document's links; None for one that is not in the store."""
    columns: dict[str, int | None] = {"holder_id": None, "issuer_id": None}
    for link in links:
        for column, party in (("holder_id", definition.holder), ("issuer_id", definition.issuer)):
            if party and link.relation == party.relation and link.register == party.register:
                columns[column] = columns[column] or target_ids.get(RecordKey(link.register, link.key))
    return columns


def write_links(
    connection: Connection,
    definition: RegisterDefinition,
    links: Mapping[int, list[LinkKey]],
    target_ids: TargetIds,
) -> None:
    """Insert the links of records (record id → links), resolved where the target is in the store."""
    rows = [
        {
            "from_id": record_id,
            "from_register": definition.slug,
            "relation": link.relation,
            "to_register": link.register,
            "to_key": link.key,
            "to_id": None
            if target == record_id
            else target,  # itself: by the key of one that was merged into it
        }
        for record_id, of_record in links.items()
        for link in of_record
        for target in (target_ids.get(RecordKey(link.register, link.key)),)
    ]
    insert_rows(connection, Link, rows)


def resolve_pending_links(
    connection: Connection, definition: RegisterDefinition, new: Mapping[str, int]
) -> None:
    """Resolve the links to these new records (key → id) that were pending, and bump the versions of both ends.

    Keys are natural keys, and identifiers where `is_found_by_identifier`.
    """
    pending = connection.execute(
        select(Link.id, Link.from_id, Link.from_register, Link.relation, Link.to_key).where(
            Link.to_register == definition.slug, Link.to_key.in_(list(new)), Link.to_id.is_(None)
        )
    ).all()
    if not pending:
        return
    connection.execute(RESOLVE_LINK, [{"link_id": row.id, "target": new[row.to_key]} for row in pending])
    for column in ("holder", "issuer"):
        rows = [
            {"record_id": row.from_id, "target": new[row.to_key]}
            for row in pending
            if (party := getattr(catalogue()[row.from_register], column)) and party.relation == row.relation
        ]
        if rows:
            connection.execute(
                update(Record.__table__)  # type: ignore[arg-type]
                .where(Record.__table__.c.id == bindparam("record_id"))
                .values({f"{column}_id": bindparam("target")}),
                rows,
            )
    _bump_versions(connection, {row.from_id for row in pending}, index_too=True)
    _bump_versions(connection, set(new.values()), index_too=False)  # their pages list who links to them


def bump_page_versions(connection: Connection, *, touched: set[int], retitled: set[int]) -> None:
    """Bump the page version of records that show the change: those linked to, and those linked with the retitled.

    `retitled`: records of which others show title, status, region or, in cautions, more.
    """
    _bump_versions(connection, touched, index_too=False)
    if not retitled:
        return
    ids = list(retitled)
    connection.execute(
        update(Record)
        .where(
            or_(
                Record.id.in_(select(Link.from_id).where(Link.to_id.in_(ids))),
                Record.id.in_(select(Link.to_id).where(Link.from_id.in_(ids))),
            )
        )
        .values(page_version=Record.page_version + 1)
    )
    of_party = connection.execute(
        select(Record.id).where(or_(Record.holder_id.in_(ids), Record.issuer_id.in_(ids)))
    ).scalars()
    cautioned = connection.execute(
        select(Link.from_id).where(
            Link.to_id.in_(ids), Link.relation.in_(caution_links.all_caution_relations())
        )
    ).scalars()
    # search knows a record by its holder's name and by its cautions too
    _bump_versions(connection, {*of_party, *cautioned}, index_too=True)


def bump_shown_records(connection: Connection, record_ids: set[int]) -> None:
    """Bump page and index of records of which something has changed that is not in their documents."""
    _bump_versions(connection, record_ids, index_too=True)


def _bump_versions(connection: Connection, record_ids: set[int], *, index_too: bool) -> None:
    ids = sorted(record_ids)
    columns: dict[str, Any] = {"page_version": Record.page_version + 1}
    if index_too:
        columns["index_version"] = Record.index_version + 1
    for chunk in batches(ids, CHUNK_SIZE):
        connection.execute(update(Record).where(Record.id.in_(chunk)).values(columns))
    if index_too:
        enqueue(connection, RECORD_TOPIC, ids)
