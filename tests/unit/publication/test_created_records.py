"""Documents that become new records: columns, entry, number and message; what is refused leaves nothing behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Connection

from registry.errors import ConcurrentWrite
from registry.kit.issues import Issue
from registry.kit.record import DEMO_FLAG
from registry.services.publication.existing_records import ExistingRecord
from registry.services.publication.publishing import CREATED, REFUSED, UPDATED, PublishOutcome
from registry.store.state import FLAG_SET, read_state
from tests.unit.publication.stored import (
    DAY,
    NOON,
    add,
    announced,
    document,
    entries,
    identifiers,
    known,
    publish,
    record,
    statuses,
    values_of,
    warnings,
)

BODY = {"approval_no": "CNCA-R-2099-301", "name_zh": "甲机构", "valid_to": "2027-05-04"}
BRAND = {"scheme": "national", "brand_name_zh": "试样堂", "holder_name_zh": "杭州试样堂有限公司", "region_code": "330106"}  # fmt: skip
FIRM = "91330100MAWY010175"
DECLARATION = {"org_uscc": FIRM, "std_no": "GB/T 99901-2017", "product_name_zh": "演示实木餐桌椅"}


def body(number: int, **more: Any) -> dict[str, Any]:
    return {**BODY, "approval_no": f"CNCA-R-2099-{number}", **more}


def test_a_new_record_with_its_entry(connection: Connection) -> None:
    outcome = add(connection, "bodies", {**BODY, "legal_basis": "演示〔2026〕1号"})
    assert outcome == PublishOutcome(1, CREATED, status="valid", number=BODY["approval_no"])
    made = record(connection)
    assert (made.id, made.register, made.number, made.slug) == (
        1, "bodies", "CNCA-R-2099-301", "CNCA-R-2099-301",
    )  # fmt: skip
    assert (made.version, made.page_version, made.index_version) == (1, 1, 1)
    assert (made.status, made.status_since, made.due_on) == ("valid", NOON.date(), dt.date(2027, 5, 5))
    assert (made.title_zh, made.natural_key, made.warnings) == ("甲机构", "CNCAR2099301", "[]")
    [entry] = entries(connection)
    assert (entry.id, entry.version, entry.number, entry.status, entry.reason) == (
        made.entry_id, 1, made.number, "valid", "imported",
    )  # fmt: skip
    assert (entry.recorded_at, entry.actor_role, entry.legal_basis) == (NOON, "registrar", "演示〔2026〕1号")
    assert entry.document_hash == made.document_hash
    assert values_of(connection) == {**BODY, "legal_basis": "演示〔2026〕1号"}
    assert identifiers(connection, 1) == {"CNCAR2099301"}
    assert announced(connection) == [1]


def test_a_record_is_in_its_status_since_the_day_that_it_states(connection: Connection) -> None:
    add(connection, "bodies", {**BODY, "valid_from": "2020-03-01"})
    assert record(connection).status_since == dt.date(2020, 3, 1)


def test_the_entry_names_the_basis_of_the_decision_before_that_of_the_document(
    connection: Connection,
) -> None:
    add(connection, "bodies", {**body(1), "legal_basis": "所载"}, legal_basis="决定", reason="registered")
    add(connection, "bodies", body(2))
    assert [(each.legal_basis, each.reason) for each in entries(connection, 1)] == [("决定", "registered")]
    assert [(each.legal_basis, each.reason) for each in entries(connection, 2)] == [("", "imported")]


def test_the_records_of_a_batch_have_ids_of_their_own(connection: Connection) -> None:
    for first in (1, 3):
        outcomes = publish(
            connection, "bodies", *(document("bodies", body(first + index), row=index) for index in range(2))
        )
        assert [(each.row, each.result) for each in outcomes] == [(0, CREATED), (1, CREATED)]
    assert [record(connection, number).number[-1] for number in range(1, 5)] == ["1", "2", "3", "4"]
    assert [entries(connection, number)[0].id for number in range(1, 5)] == [1, 2, 3, 4]
    assert announced(connection) == [1, 2, 3, 4]
    assert publish(connection, "bodies") == []


def test_new_and_known_records_in_one_batch(connection: Connection) -> None:
    add(connection, "bodies", body(1))
    new, known_one = document("bodies", body(2), row=1), document("bodies", body(1, name_zh="乙机构"), row=2)
    outcomes = publish(connection, "bodies", new, known_one, later=DAY)
    assert [(each.row, each.result) for each in outcomes] == [(1, CREATED), (2, UPDATED)]
    assert (record(connection, 1).version, record(connection, 2).version) == (2, 1)
    assert [record(connection, number).entry_id for number in (1, 2)] == [
        entries(connection, number)[-1].id for number in (1, 2)
    ]
    assert announced(connection) == [1, 2, 1]


def test_what_a_role_may_not_begin_leaves_nothing_behind(connection: Connection) -> None:
    refused = add(connection, "bodies", BODY, role="enterprise")
    assert (refused.result, refused.issue) == (
        REFUSED, Issue("transition_not_allowed", "status", {"after": "valid"}),
    )  # fmt: skip
    assert (statuses(connection), announced(connection)) == ({}, [])


def test_a_refused_document_has_none_of_the_doubts_of_its_batch(connection: Connection) -> None:
    """Two declarations that may be one are told on both; one that is refused has no record."""
    alike = {**DECLARATION, "product_name_zh": "演示实木餐卓椅"}
    other = {**DECLARATION, "product_name_zh": "演示书柜"}
    outcomes = publish(
        connection, "declarations",
        document("declarations", other, row=1, status="withdrawn"),
        document("declarations", DECLARATION, row=2, status="active"),
        document("declarations", alike, row=3, status="active"),
        role="enterprise",
    )  # fmt: skip
    assert [each.result for each in outcomes] == [REFUSED, CREATED, CREATED]
    assert [[issue.code for issue in each.warnings] for each in outcomes] == [[], ["near_double"], ["near_double"]]  # fmt: skip
    assert statuses(connection) == {1: "active", 2: "active"}
    assert outcomes[1].warnings[0].params == {"number": outcomes[2].number}


def test_who_decides_gives_the_grounds_and_who_records_may_lack_them(connection: Connection) -> None:
    removed = document("brands", BRAND, status="removed")
    [refused] = publish(connection, "brands", removed, role="admin")
    assert refused.issue == Issue("decision_incomplete", "removed_reason")
    assert statuses(connection) == {}
    [recorded] = publish(connection, "brands", removed)
    lacking = [("decision_incomplete", "removed_reason"), ("decision_incomplete", "legal_basis")]
    assert [(issue.code, issue.field) for issue in recorded.warnings] == lacking
    assert {(issue.severity, issue.of_source) for issue in recorded.warnings} == {("warns", False)}
    [made] = statuses(connection)
    assert warnings(connection, made) == lacking
    grounds = {"removed_reason": "bankrupt", "legal_basis": "商办流通函〔2023〕1号"}
    other = document("brands", {**BRAND, "brand_name_zh": "另号", **grounds}, status="removed")
    [decided] = publish(connection, "brands", other, role="admin")
    assert (decided.result, decided.warnings) == (CREATED, ())


def test_grounds_that_the_sender_does_not_state_are_of_an_earlier_decision(connection: Connection) -> None:
    values = {**BRAND, "removed_reason": "bankrupt"}
    stated = frozenset(BRAND)
    outcome = add(connection, "brands", values, status="removed", stated=stated)
    assert [(issue.field, issue.of_source) for issue in outcome.warnings] == [
        ("removed_reason", True),
        ("legal_basis", False),
    ]


def test_a_number_that_another_record_has_is_told_with_what_was_told_before(connection: Connection) -> None:
    first = add(connection, "brands", BRAND)
    own = Issue("date_shape", "founded_year", {}, "warns")
    second = add(
        connection, "brands", {**BRAND, "brand_name_zh": "另号"}, number=first.number, warnings=(own,)
    )
    assert [issue.code for issue in second.warnings] == ["number_not_kept"]
    assert warnings(connection, 2) == [("date_shape", "founded_year"), ("number_not_kept", "number")]
    assert warnings(connection, 1) == []


def test_a_record_that_another_writer_has_changed_meanwhile_is_not_published(connection: Connection) -> None:
    """A document that amends was made for one version of its record, or for none."""
    new = document("bodies", body(1), stated=frozenset(BODY))
    assert publish(connection, "bodies", new)[0].result == CREATED
    with pytest.raises(ConcurrentWrite):
        publish(connection, "bodies", new)  # there is one now
    read = known(connection, "bodies", body(1))
    amending = document("bodies", body(1, name_zh="乙机构"), stated=frozenset(BODY), amends=read)
    assert publish(connection, "bodies", amending)[0].result == UPDATED
    whole = document("bodies", body(2))
    with pytest.raises(ConcurrentWrite):
        publish(connection, "bodies", whole, amending)  # it has another version now
    gone = ExistingRecord("CNCA-R-2099-3", "CNCAR20993", "valid", 1, {})
    with pytest.raises(ConcurrentWrite):
        publish(connection, "bodies", document("bodies", body(3), stated=frozenset(BODY), amends=gone))


def test_records_of_another_register_with_the_same_key_are_others(connection: Connection) -> None:
    add(connection, "grades", {"result_no": "N-1"})
    assert add(connection, "bodies", {**BODY, "approval_no": "N-1"}).result == CREATED
    assert record(connection, 1).natural_key == record(connection, 2).natural_key


def test_the_store_knows_that_it_has_demonstration_records(connection: Connection) -> None:
    add(connection, "bodies", body(1))
    assert read_state(connection, DEMO_FLAG) is None
    add(connection, "bodies", body(2, demo=True))
    assert read_state(connection, DEMO_FLAG) == FLAG_SET
