"""Publishing: one transaction for record, entry and message; hashes that anyone can compute again; links."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
import rfc8785
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError

from registry.accounts.policy import REGISTRAR
from registry.kit.record import Link, Record
from registry.ledger.canonical import format_instant
from registry.ledger.model import Entry, Item
from registry.outbox.model import Message
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import relay
from registry.services.publication import publishing
from registry.services.publication.batch_writer import Authority
from registry.services.publication.existing_records import find_existing_records
from registry.services.publication.numbering import number_names_another
from registry.services.publication.validation import PreparedDocument, rule_context, validate_row
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import samples


def count(registry: Registry, table: type) -> int:
    with read_transaction(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def test_an_exception_leaves_nothing_behind(registry: Registry) -> None:
    definition = catalogue()["bodies"]

    def fail() -> None:
        with unit_of_work(registry.engine) as connection:
            ready = validate_row(
                definition, 1, dict(definition.samples[0]), rule_context(connection), registrar=True
            )
            assert isinstance(ready, PreparedDocument)
            publishing.publish(connection, definition, [ready], Authority("registrar"))
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        fail()
    assert [count(registry, table) for table in (Record, Entry, Item, Message)] == [0, 0, 0, 0]


def test_leaf_and_document_hashes_can_be_computed_again(filled: Registry) -> None:
    with read_transaction(filled.engine) as connection:
        rows = connection.execute(
            select(*Entry.__table__.c, Item.document).join(Item, Item.hash == Entry.document_hash)
        ).all()
    assert rows
    names = (
        "register",
        "number",
        "version",
        "schema_version",
        "status",
        "reason",
        "legal_basis",
        "actor_role",
    )
    for row in rows:
        leaf = {name: getattr(row, name) for name in names}
        leaf |= {"recorded_at": format_instant(row.recorded_at), "document_hash": row.document_hash}
        assert hashlib.sha256(b"\x00" + rfc8785.dumps(leaf)).hexdigest() == row.leaf_hash
        assert hashlib.sha256(rfc8785.dumps(json.loads(row.document))).hexdigest() == row.document_hash


def test_the_log_has_no_gaps_and_the_order_of_entries(filled: Registry) -> None:
    with read_transaction(filled.engine) as connection:
        indexes = [
            row.entry_index
            for row in connection.execute(select(Entry.index.label("entry_index")).order_by(Entry.id))
        ]
    assert indexes == list(range(len(indexes)))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM entry",
        "UPDATE entry SET status = 'x'",
        "UPDATE entry SET log_index = 99, leaf_hash = 'x'",
        "DELETE FROM item",
        "UPDATE item SET document = '{}'",
    ],
)
def test_the_database_refuses_to_change_what_was_published(
    registry: Registry, tmp_path: Path, statement: str
) -> None:
    samples.load(registry, tmp_path, ["bodies"])
    relay.run_relay_once(registry)

    def tamper() -> None:
        with unit_of_work(registry.engine) as connection:
            connection.execute(text(statement))

    with pytest.raises(DBAPIError, match="never"):
        tamper()


@pytest.mark.parametrize("order", [("organisations", "bodies", "standards"), ()])
def test_links_are_resolved_in_any_order_of_arrival(
    registry: Registry, tmp_path: Path, order: tuple[str, ...]
) -> None:
    others = [slug for slug in samples.REFERENCES_LAST if slug not in order]
    samples.load(registry, tmp_path, [*order, *others])
    with read_transaction(registry.engine) as connection:
        resolved = {
            (row.from_register, row.relation)
            for row in connection.execute(
                select(Link.from_register, Link.relation).where(Link.to_id.is_not(None))
            )
        }
        holder = connection.execute(
            select(Record.holder_id).where(Record.register == "brands", Record.number.like("TB-2006-%"))
        ).scalar_one()
    assert ("green-products", "based_on") in resolved
    assert ("green-products", "certified_by") in resolved
    assert ("standards", "supersedes") in resolved
    assert holder is not None


def test_a_change_of_a_linked_record_bumps_page_and_index_version(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path)
    relay.run_relay_once(registry)

    def versions(slug: str, number: str) -> tuple[int, int]:
        with read_transaction(registry.engine) as connection:
            row = connection.execute(
                select(Record.page_version, Record.index_version).where(
                    Record.register == slug, Record.number == number
                )
            ).one()
        return row.page_version, row.index_version

    brand = samples.number_of(registry, "brands")
    before = versions("brands", brand)
    rows = [dict(catalogue()["organisations"].samples[0], name_zh="改名后的公司")]
    path = samples.write_sheet(tmp_path / "renamed.csv", "organisations", rows)
    assert import_files(registry, REGISTRAR, "organisations", [path]).updated == 1
    after = versions("brands", brand)
    assert after[0] > before[0]
    assert after[1] > before[1]
    assert relay.count_pending(registry) > 0


def test_a_record_does_not_get_the_key_that_another_has(registry: Registry) -> None:
    """Checked once more under the lock: another writer may have come between check and publication."""
    brands = catalogue()["brands"]

    def ready(connection: Connection, *names: str) -> list[PreparedDocument]:
        made = [
            validate_row(brands, row, {**brands.samples[0], "number": "", "brand_name_zh": name}, rule_context(connection), registrar=True)
            for row, name in enumerate(names, start=1)
        ]  # fmt: skip
        assert all(isinstance(each, PreparedDocument) for each in made)
        return made  # type: ignore[return-value]

    with unit_of_work(registry.engine) as connection:
        for names in (("甲号", "乙号"), ("丙号", "丁号")):  # each batch has ids of its own
            outcomes = publishing.publish(
                connection, brands, ready(connection, *names), Authority("registrar")
            )
            assert [each.result for each in outcomes] == ["created", "created"]
        one, other, third = ready(connection, "甲号", "乙号", "戊号")
        known = find_existing_records(connection, brands, [one.key, other.key], [])
        amends = known.by_key[one.key]
        moved = [
            replace(each, row=row, amends=amends, stated=frozenset(each.values))
            for row, each in enumerate((other, third), start=1)
        ]
        (refused,) = publishing.publish(connection, brands, moved[:1], Authority("registrar"))
        (renamed,) = publishing.publish(connection, brands, moved[1:2], Authority("registrar"))
    assert refused.issue == number_names_another(amends.number, known.by_key[other.key].number)
    assert renamed.result == "updated"
