"""Links: resolved when both ends are there, whichever came first; and whose pages change when a neighbour does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from registry.kit.definition import RegisterDefinition
from registry.kit.record import Link, Record
from registry.outbox.model import RECORD_TOPIC, enqueue
from registry.registers import catalogue
from registry.services.publication.record_columns import LinkKey

RESOLVE_LINK = (
    update(Link.__table__)  # type: ignore[arg-type]
    .where(Link.__table__.c.id == bindparam("link_id"))
    .values(to_id=bindparam("target"))
)
CHUNK_SIZE = 500

TargetIds = Mapping[tuple[str, str], int]


def find_targets(connection: Connection, links: Iterable[LinkKey]) -> dict[tuple[str, str], int]:
    """(register, key) → record id, for those targets that are in the store."""
    by_register: dict[str, set[str]] = {}
    for link in links:
        by_register.setdefault(link.register, set()).add(link.key)
    found = {}
    for register, keys in by_register.items():
        rows = connection.execute(
            select(Record.natural_key, Record.id).where(
                Record.register == register, Record.natural_key.in_(keys)
            )
        )
        found.update({(register, row.natural_key): row.id for row in rows})
    return found


def party_columns(
    definition: RegisterDefinition, links: Iterable[LinkKey], target_ids: TargetIds
) -> dict[str, int | None]:
    """The spine's holder and issuer for a document's links."""
    columns: dict[str, int | None] = {"holder_id": None, "issuer_id": None}
    for link in links:
        for column, party in (("holder_id", definition.holder), ("issuer_id", definition.issuer)):
            if party and link.relation == party.relation and link.register == party.register:
                columns[column] = columns[column] or target_ids.get((link.register, link.key))
    return columns


def write_links(
    connection: Connection,
    definition: RegisterDefinition,
    links: Mapping[int, list[LinkKey]],
    target_ids: TargetIds,
) -> None:
    rows = [
        {
            "from_id": record_id,
            "from_register": definition.slug,
            "relation": link.relation,
            "to_register": link.register,
            "to_key": link.key,
            "to_id": target_ids.get((link.register, link.key)),
        }
        for record_id, found in links.items()
        for link in found
    ]
    if rows:
        connection.execute(insert(Link), rows)


def resolve_pending_links(
    connection: Connection, definition: RegisterDefinition, new: Mapping[str, int]
) -> None:
    """Resolve the links that waited for these records (natural key → id), and tell whoever made them."""
    waiting = connection.execute(
        select(Link.id, Link.from_id, Link.from_register, Link.relation, Link.to_key).where(
            Link.to_register == definition.slug, Link.to_key.in_(list(new)), Link.to_id.is_(None)
        )
    ).all()
    if not waiting:
        return
    connection.execute(RESOLVE_LINK, [{"link_id": row.id, "target": new[row.to_key]} for row in waiting])
    for column in ("holder", "issuer"):
        rows = [
            {"record_id": row.from_id, "target": new[row.to_key]}
            for row in waiting
            if (party := getattr(catalogue()[row.from_register], column)) and party.relation == row.relation
        ]
        if rows:
            connection.execute(
                update(Record.__table__)  # type: ignore[arg-type]
                .where(Record.__table__.c.id == bindparam("record_id"))
                .values({f"{column}_id": bindparam("target")}),
                rows,
            )
    _bump_versions(connection, {row.from_id for row in waiting}, index_too=True)
    _bump_versions(connection, set(new.values()), index_too=False)  # their pages list who links to them


def bump_page_versions(connection: Connection, *, touched: set[int], retitled: set[int]) -> None:
    """Raise `shown` of records whose page shows the change: those linked to, and neighbours of the retitled."""
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
    held = connection.execute(
        select(Record.id).where(or_(Record.holder_id.in_(ids), Record.issuer_id.in_(ids)))
    ).scalars()
    _bump_versions(connection, set(held), index_too=True)  # search knows a record by its holder's name too


def _bump_versions(connection: Connection, record_ids: set[int], *, index_too: bool) -> None:
    ids = sorted(record_ids)
    columns: dict[str, Any] = {"page_version": Record.page_version + 1}
    if index_too:
        columns["index_version"] = Record.index_version + 1
    for start in range(0, len(ids), CHUNK_SIZE):
        connection.execute(
            update(Record).where(Record.id.in_(ids[start : start + CHUNK_SIZE])).values(columns)
        )
    if index_too:
        enqueue(connection, RECORD_TOPIC, ids)
