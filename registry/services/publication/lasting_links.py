"""Links that outlast the version that made them: the notices of all decisions on a record, not of the last one alone.

A link goes again only where a correction of facts takes it out: the notice was named by mistake.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, delete, select

from registry.accounts.policy import SYSTEM, Action, require
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Link, Record
from registry.ledger.model import ENTRY_ID_COUNTER, Entry, Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import link_resolution, record_columns
from registry.services.publication.record_columns import LinkKey
from registry.store import counters
from registry.store.state import read_state, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 500
STATE_NAME = "lasting_links"  # what registers declared when all records were last looked at


def add_those_of_entries(
    definition: RegisterDefinition, links: Mapping[int, list[LinkKey]], entries: Iterable[Mapping[str, Any]]
) -> None:
    """Add the links that the legal bases of entries make to those that the documents of their records make."""
    for entry in entries:
        of_record = links.get(entry["record_id"])
        if of_record is None:
            continue
        named = record_columns.links_named_in(definition, str(entry["legal_basis"] or ""))
        of_record += sorted(named.difference(of_record))


def delete_corrected(
    connection: Connection,
    definition: RegisterDefinition,
    links: Mapping[int, list[LinkKey]],
    corrected: Mapping[int, Mapping[str, Any]],
) -> None:
    """Delete the lasting links of corrected records (id → values before) that a correction took out."""
    lasting = record_columns.lasting_relations(definition.slug)
    for record_id, before in corrected.items():
        for link in record_columns.link_keys(definition, before):
            if link.relation in lasting and link not in links.get(record_id, ()):
                connection.execute(
                    delete(Link).where(
                        Link.from_id == record_id,
                        Link.relation == link.relation,
                        Link.to_register == link.register,
                        Link.to_key == link.key,
                    )
                )


def leave_out_kept(
    connection: Connection,
    definition: RegisterDefinition,
    links: Mapping[int, list[LinkKey]],
    record_ids: Collection[int],
) -> None:
    """Leave out of `links` those that records (`record_ids`) have already and that stayed."""
    lasting = record_columns.lasting_relations(definition.slug)
    if not (lasting and record_ids):
        return
    kept = connection.execute(
        select(Link.from_id, Link.relation, Link.to_register, Link.to_key).where(
            Link.from_id.in_(record_ids), Link.relation.in_(lasting)
        )
    )
    for row in kept:
        link = LinkKey(row.relation, row.to_register, row.to_key)
        if link in links[row.from_id]:
            links[row.from_id].remove(link)


def link_all_records(registry: Registry) -> int:
    """Make the lasting links of all records where registers declare others than when that was last done; return how many records got some.

    Records that were published before their register had such links are joined by it.
    """
    require(SYSTEM, Action.RELAY)
    declared = _declared()
    with read_transaction(registry.engine) as connection:
        if read_state(connection, STATE_NAME) == declared:
            return 0
    count, last = 0, 0
    while True:
        with unit_of_work(registry.engine) as connection:
            counters.lock(connection, ENTRY_ID_COUNTER)  # nothing is published meanwhile
            found, last = _link_batch(connection, last)
        if last == 0:
            break
        count += found
    with unit_of_work(registry.engine) as connection:
        write_state(connection, STATE_NAME, declared)
    return count


def _link_batch(connection: Connection, after: int) -> tuple[int, int]:
    """Link the next records behind an id; return how many got links and the last id, 0 where there were none left."""
    rows = connection.execute(
        select(Record.id, Record.register, Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.id > after)
        .order_by(Record.id)
        .limit(BATCH_SIZE)
    ).all()
    if not rows:
        return 0, 0
    ids = [row.id for row in rows]
    stated = select(Entry.record_id, Entry.legal_basis).where(
        Entry.record_id.in_(ids), Entry.legal_basis != ""
    )
    bases = [dict(row) for row in connection.execute(stated).mappings()]
    changed: set[int] = set()
    for slug, definition in catalogue().items():
        lasting = record_columns.lasting_relations(slug)
        links = {
            row.id: [
                link
                for link in record_columns.link_keys(definition, orjson.loads(row.document))
                if link.relation in lasting
            ]
            for row in rows
            if row.register == slug and lasting
        }
        add_those_of_entries(definition, links, [basis for basis in bases if basis["record_id"] in links])
        leave_out_kept(connection, definition, links, list(links))
        named = {link for of_record in links.values() for link in of_record}
        targets = link_resolution.find_targets(connection, named)
        link_resolution.write_links(connection, definition, links, targets)
        changed |= {record_id for record_id, of_record in links.items() if of_record}
        link_resolution.bump_page_versions(connection, touched=set(targets.values()), retitled=set())
    link_resolution.bump_shown_records(connection, changed)
    return len(changed), ids[-1]


def _declared() -> str:
    """Return what all registers declare, as a hash."""
    parts = [
        (slug, link.relation, link.register, link.field)
        for slug, definition in sorted(catalogue().items())
        for link in definition.all_links()
        if link.lasting
    ]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
