"""What the state of a record brings upon those linked to it: only along its link, only in the states named, until all is done."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Connection

from registry import clock
from registry.kit.life_cycle import LinkedChange
from registry.registers import catalogue
from registry.services.publication import cascades
from registry.services.publication.batch_writer import Authority
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.unit.publication.stored import NOON, add, entries, record, statuses

FIRM, OTHER_FIRM = "91330100MAWY010175", "91330482MAXD00594U"
OLD, NEW, UPCOMING, WAITING = (f"GB/T 9990{number}" for number in ("1-2017", "1-2024", "2-2024", "2-2017"))
DECLARATIONS = catalogue()["declarations"]
Letters = list[tuple[int, str, str]]


def declaration(product: str, standard: str, firm: str = FIRM, **more: str) -> dict[str, Any]:
    return {"org_uscc": firm, "std_no": standard, "product_name_zh": product, **more}


def notify_into(letters: Letters) -> cascades.NotifyHolder:
    def notify(_connection: Connection, record_id: int, kind: str, number: str) -> None:
        letters.append((record_id, kind, number))

    return notify


def apply(registry: Any) -> tuple[int, Letters]:
    letters: Letters = []
    with clock.frozen_at(NOON + dt.timedelta(days=1)):
        return cascades.apply_cascades(registry, notify_into(letters)), letters


def fill(registry: Any) -> None:
    """An edition that is to be superseded with what is declared to it, and others beside it that stay as they are."""
    with unit_of_work(registry.engine) as connection:
        add(connection, "standards", {"number": NEW}, status="in_force")  # 1
        add(connection, "standards", {"number": OLD, "replaced_by": NEW}, status="in_force")
        add(connection, "standards", {"number": UPCOMING}, status="upcoming")
        add(connection, "standards", {"number": WAITING, "replaced_by": UPCOMING}, status="in_force")
        add(connection, "organisations", {"uscc": FIRM, "name_zh": "甲公司"}, status="active")  # 5
        add(connection, "organisations", {"uscc": OTHER_FIRM, "name_zh": "乙公司"}, status="deregistered")
        add(connection, "declarations", declaration("桌", OLD), status="active")  # 7
        add(connection, "declarations", declaration("椅", OLD), status="under_check")
        add(connection, "declarations", declaration("柜", NEW, compared_std=OLD), status="active")
        add(connection, "declarations", declaration("床", NEW, OTHER_FIRM), status="under_check")  # 10
        add(connection, "declarations", declaration("架", NEW, OTHER_FIRM), status="withdrawn", legal_basis="决定")  # fmt: skip


def test_changes_follow_their_causes_until_nothing_follows(registry: Any) -> None:
    fill(registry)
    changed, letters = apply(registry)
    with read_transaction(registry.engine) as connection:
        assert statuses(connection) == {
            1: "in_force", 2: "superseded", 3: "upcoming", 4: "in_force", 5: "active", 6: "deregistered",
            7: "standard_ended", 8: "under_check", 9: "active", 10: "ended", 11: "withdrawn",
        }  # fmt: skip
        last = entries(connection, 7)[-1]
        assert (last.reason, last.actor_role, last.version) == ("standard_ended", "system", 2)
        number = record(connection, 7).number
    assert changed == 3
    # Only a change that its holder must answer is told.
    rule = next(each for each in DECLARATIONS.life_cycle.linked_changes if each.letter)
    assert letters == [(7, rule.letter, number)]
    assert apply(registry) == (0, [])


def test_more_records_than_one_transaction_changes(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cascades, "BATCH_SIZE", 2)
    with unit_of_work(registry.engine) as connection:
        add(connection, "standards", {"number": OLD}, status="superseded")
        for number in range(5):
            add(connection, "declarations", declaration(f"桌{number}", OLD), status="active")
    changed, letters = apply(registry)
    assert (changed, len(letters)) == (5, 5)
    with read_transaction(registry.engine) as connection:
        assert set(statuses(connection).values()) == {"superseded", "standard_ended"}


def test_a_new_edition_that_is_filed_replaces_the_one_before_in_the_same_transaction(
    connection: Connection,
) -> None:
    for product in ("桌", "椅"):  # records 1 and 2, 3 and 4
        add(connection, "declarations", declaration(product, OLD), status="active")
        add(connection, "declarations", declaration(product, NEW, edition_of=OLD), status="active")
    add(connection, "declarations", declaration("柜", OLD), status="withdrawn", legal_basis="决定")
    add(connection, "declarations", declaration("柜", NEW, edition_of=OLD), status="active")  # 6
    letters: Letters = []
    authority = Authority("enterprise", "备案办法")
    cascades.cascade_from_filed(connection, DECLARATIONS, [2, 6], authority, notify=notify_into(letters))
    assert statuses(connection) == {
        1: "superseded", 2: "active", 3: "active", 4: "active", 5: "withdrawn", 6: "active",
    }  # fmt: skip
    last = entries(connection, 1)[-1]
    assert (last.reason, last.actor_role, last.legal_basis) == ("superseded", "enterprise", "备案办法")
    assert letters == []


def test_a_filed_record_brings_nothing_upon_what_it_links_to_otherwise(connection: Connection) -> None:
    """Rules whose link leads from the changed record to its cause are left to the relay."""
    add(connection, "standards", {"number": OLD}, status="superseded")
    add(connection, "declarations", declaration("桌", OLD), status="active")
    add(connection, "declarations", declaration("桌", NEW, edition_of=OLD), status="scheduled")
    cascades.cascade_from_filed(
        connection, DECLARATIONS, [2, 3], Authority("enterprise"), notify=notify_into([])
    )
    assert statuses(connection) == {1: "superseded", 2: "active", 3: "scheduled"}


def test_whether_a_record_has_a_cause(connection: Connection) -> None:
    add(connection, "standards", {"number": OLD}, status="superseded")
    add(connection, "standards", {"number": NEW}, status="in_force")
    add(connection, "declarations", declaration("桌", OLD), status="active")
    add(connection, "declarations", declaration("椅", NEW, compared_std=OLD), status="active")
    add(connection, "declarations", declaration("床", NEW, edition_of=OLD), status="active")
    ends, replaces = (
        next(each for each in DECLARATIONS.life_cycle.linked_changes if each.relation == relation)
        for relation in ("declares_to", "takes_place_of")
    )

    def caused(rule: LinkedChange) -> list[int]:
        return [each for each in range(1, 7) if cascades.has_cause(connection, rule, each)]

    assert (caused(ends), caused(replaces)) == ([3], [])
    add(connection, "declarations", declaration("床", OLD), status="active")
    assert (caused(ends), caused(replaces)) == ([3, 6], [6])
