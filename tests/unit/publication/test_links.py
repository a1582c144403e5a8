"""Links: found by key and by identifier, resolved when the other end comes, and what is shown anew."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from registry.kit.record import Identifier, Link, Record
from registry.outbox.model import Message
from registry.services.publication import caution_links, link_resolution
from registry.services.publication.link_resolution import RecordKey
from registry.services.publication.record_columns import LinkKey

PARTY = SimpleNamespace(relation="held_by", register="firms")
DEFINITION: Any = SimpleNamespace(
    slug="things", holder=PARTY, issuer=SimpleNamespace(relation="issued_by", register="bodies")
)
CATALOGUE: Any = {"things": DEFINITION, "notes": SimpleNamespace(holder=None, issuer=None)}


@pytest.fixture(autouse=True)
def _two_registers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_resolution, "catalogue", lambda: CATALOGUE)
    monkeypatch.setattr(link_resolution, "is_found_by_identifier", lambda register: register == "firms")
    monkeypatch.setattr(caution_links, "all_caution_relations", lambda: ("held_by", "cautioned_by"))


def add_records(connection: Connection, *records: tuple[int, str, str], **columns: Any) -> None:
    rows = [
        {
            "id": number, "register": register, "number": key, "slug": key, "natural_key": key, "status": "valid",
            "status_since": dt.date(2026, 1, 1), "version": 1, "entry_id": 1, "document_hash": "", **columns,
        }
        for number, register, key in records
    ]  # fmt: skip
    connection.execute(insert(Record), rows)


def link(
    connection: Connection, from_id: int, relation: str, to_id: int | None, register: str = "things"
) -> None:
    row = {
        "from_id": from_id, "from_register": register, "relation": relation, "to_register": "firms", "to_key": "A",
        "to_id": to_id,
    }  # fmt: skip
    connection.execute(insert(Link), [row])


def versions(connection: Connection) -> dict[int, tuple[int, int]]:
    """Record → how often its page and its index version have risen."""
    rows = connection.execute(select(Record.id, Record.page_version, Record.index_version))
    return {row.id: (row.page_version - 1, row.index_version - 1) for row in rows}


def announced(connection: Connection) -> list[int]:
    return sorted(connection.execute(select(Message.subject)).scalars())


def test_targets_are_found_by_key_and_where_agreed_by_identifier(connection: Connection) -> None:
    add_records(connection, (1, "firms", "A"), (2, "firms", "B"), (3, "bodies", "A"), (4, "firms", "C"))
    connection.execute(
        insert(Identifier),
        [{"record_id": 2, "key": "X"}, {"record_id": 4, "key": "X"}, {"record_id": 2, "key": "A"},
         {"record_id": 3, "key": "X"}],
    )  # fmt: skip
    links = [LinkKey("r", "firms", key) for key in ("A", "X", "missing")]
    assert link_resolution.find_targets(connection, [*links, LinkKey("r", "bodies", "X")]) == {
        RecordKey("firms", "A"): 1,  # its own key comes before an identifier of another one
        RecordKey("firms", "X"): 2,  # of two with one identifier the older one
    }
    assert link_resolution.find_targets(connection, [LinkKey("r", "bodies", "A")]) == {
        RecordKey("bodies", "A"): 3
    }
    assert link_resolution.find_targets(connection, []) == {}


def test_the_parties_of_a_document() -> None:
    targets = {RecordKey("firms", "A"): 1, RecordKey("bodies", "B"): 2, RecordKey("firms", "B"): 3}
    holder, issuer = LinkKey("held_by", "firms", "A"), LinkKey("issued_by", "bodies", "B")
    columns = link_resolution.party_columns(DEFINITION, [holder, issuer], targets)
    assert columns == {"holder_id": 1, "issuer_id": 2}
    for other in (
        LinkKey("made_by", "firms", "A"), LinkKey("held_by", "bodies", "B"), LinkKey("held_by", "firms", "Z"),
    ):  # fmt: skip
        assert link_resolution.party_columns(DEFINITION, [other], targets) == {
            "holder_id": None,
            "issuer_id": None,
        }
    # Of two holders the first one that is in the store.
    two = [LinkKey("held_by", "firms", key) for key in ("Z", "B", "A")]
    assert link_resolution.party_columns(DEFINITION, two, targets)["holder_id"] == 3
    assert link_resolution.party_columns(CATALOGUE["notes"], [holder], targets)["holder_id"] is None


def test_links_are_written_with_the_target_that_is_there(connection: Connection) -> None:
    add_records(connection, (1, "firms", "A"), (2, "things", "T"))
    links = {2: [LinkKey("held_by", "firms", "A"), LinkKey("held_by", "firms", "B")]}
    link_resolution.write_links(connection, DEFINITION, links, {RecordKey("firms", "A"): 1})
    rows = connection.execute(
        select(Link.from_id, Link.from_register, Link.to_key, Link.to_id).order_by(Link.to_key)
    )
    assert [tuple(row) for row in rows] == [(2, "things", "A", 1), (2, "things", "B", None)]
    link_resolution.write_links(connection, DEFINITION, {2: []}, {})


def test_a_link_is_resolved_when_its_target_comes(connection: Connection) -> None:
    add_records(connection, (1, "firms", "A"), (2, "things", "T"), (3, "things", "U"), (4, "notes", "N"))
    link(connection, 2, "held_by", None)
    link(connection, 3, "made_by", None)
    link(connection, 4, "held_by", None, register="notes")
    firms: Any = SimpleNamespace(slug="firms")
    link_resolution.resolve_pending_links(connection, firms, {"Z": 9})  # none waits for it
    assert versions(connection) == dict.fromkeys((1, 2, 3, 4), (0, 0))
    link_resolution.resolve_pending_links(connection, firms, {"A": 1})
    assert set(connection.execute(select(Link.to_id)).scalars()) == {1}
    holders = connection.execute(select(Record.id, Record.holder_id).order_by(Record.id))
    assert [row.holder_id for row in holders] == [None, 1, None, None]  # made by it is not held by it
    assert versions(connection) == {1: (1, 0), 2: (1, 1), 3: (1, 1), 4: (1, 1)}
    assert announced(connection) == [2, 3, 4]
    link_resolution.resolve_pending_links(connection, firms, {"A": 1})  # the second time nothing waits
    assert versions(connection) == {1: (1, 0), 2: (1, 1), 3: (1, 1), 4: (1, 1)}


def test_the_pages_that_show_a_changed_record_are_made_anew(connection: Connection) -> None:
    names = [(number, "firms" if number == 1 else "things", f"k{number}") for number in range(1, 8)]
    add_records(connection, *names[:5])
    add_records(connection, names[5], holder_id=1)
    add_records(connection, names[6], issuer_id=1)
    link(connection, 2, "made_by", 1)  # links to it
    link(connection, 1, "owns", 3)  # it links to
    link(connection, 4, "cautioned_by", 1)  # a caution looks along
    link_resolution.bump_page_versions(connection, touched={5}, retitled={1})
    assert versions(connection) == {
        1: (0, 0), 2: (1, 0), 3: (1, 0), 4: (2, 1), 5: (1, 0), 6: (1, 1), 7: (1, 1),
    }  # fmt: skip
    assert announced(connection) == [4, 6, 7]
    link_resolution.bump_page_versions(connection, touched={5}, retitled=set())
    assert versions(connection)[5] == (2, 0)
    assert announced(connection) == [4, 6, 7]
    link_resolution.bump_shown_records(connection, {5})
    assert versions(connection)[5] == (3, 1)
    assert announced(connection) == [4, 5, 6, 7]


def test_more_records_than_one_statement_takes(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_resolution, "CHUNK_SIZE", 2)
    add_records(connection, *((number, "things", f"k{number}") for number in range(1, 6)))
    link_resolution.bump_shown_records(connection, {1, 2, 3, 4, 5})
    assert versions(connection) == dict.fromkeys(range(1, 6), (1, 1))
    assert announced(connection) == [1, 2, 3, 4, 5]
