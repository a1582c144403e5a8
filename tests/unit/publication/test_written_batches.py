"""What publication writes beside the records: parties, links, identifiers, warnings, and what is shown anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection, select

from registry.kit.issues import Issue
from registry.kit.life_cycle import LinkedChange
from registry.kit.record import StandingWarning
from registry.registers import catalogue
from registry.services.publication import batch_writer
from tests.unit.publication.stored import (
    DAY,
    add,
    announced,
    document,
    entries,
    identifiers,
    known,
    links,
    publish,
    record,
    statuses,
    versions,
)

FIRM, OTHER_FIRM = "91330100MAWY010175", "91330482MAXD00594U"
BODY, OTHER_BODY = "CNCA-R-2099-301", "CNCA-R-2099-302"
BRAND = {"scheme": "national", "brand_name_zh": "试样堂", "holder_name_zh": "杭州试样堂有限公司", "holder_uscc": FIRM}  # fmt: skip
RESULT = {"scheme": "家具质量分级", "org_uscc": FIRM, "models": ["M-1"]}


def add_firms(connection: Connection) -> None:
    """Two organisations, records 1 and 2."""
    for uscc in (FIRM, OTHER_FIRM):
        add(connection, "organisations", {"uscc": uscc, "name_zh": f"{uscc}公司"})


def add_bodies(connection: Connection) -> None:
    """Two bodies, the next two records."""
    for number in (BODY, OTHER_BODY):
        add(connection, "bodies", {"approval_no": number, "name_zh": f"{number}机构"})


def risen(connection: Connection, before: dict[int, tuple[int, int]]) -> dict[int, tuple[int, int]]:
    """The records of which page or index are made anew since then: how often each."""
    now = versions(connection)
    differences = {
        each: (now[each][0] - page, now[each][1] - index) for each, (page, index) in before.items()
    }
    return {each: by for each, by in differences.items() if by != (0, 0)}


def test_a_record_has_the_parties_that_it_names(connection: Connection) -> None:
    add_firms(connection)
    add_bodies(connection)
    add(connection, "grades", {**RESULT, "result_no": "N-1", "grader_approval_no": BODY})
    made = record(connection, 5)
    assert (made.holder_id, made.issuer_id) == (1, 3)
    assert links(connection, 5) == {("held_by", 1), ("graded_by", 3)}
    add(
        connection, "grades",
        {**RESULT, "result_no": "N-1", "org_uscc": OTHER_FIRM, "grader_approval_no": OTHER_BODY}, later=DAY,
    )  # fmt: skip
    made = record(connection, 5)
    assert (made.holder_id, made.issuer_id) == (2, 4)
    assert links(connection, 5) == {("held_by", 2), ("graded_by", 4)}
    assert (
        len(identifiers(connection, 5)) == 5
    )  # number, result, model, and two of the succession and of doubles


def test_records_that_are_no_longer_linked_to_are_shown_anew(connection: Connection) -> None:
    add_bodies(connection)
    add(connection, "grades", {"result_no": "N-1", "grader_approval_no": BODY})
    before = versions(connection)
    add(connection, "grades", {"result_no": "N-1", "grader_approval_no": OTHER_BODY})
    assert risen(connection, before) == {1: (1, 0), 2: (1, 0), 3: (1, 1)}
    before = versions(connection)
    add(connection, "grades", {"result_no": "N-1", "grader_approval_no": "CNCA-R-2099-399"})  # not here
    assert risen(connection, before) == {2: (1, 0), 3: (1, 1)}
    before = versions(connection)
    add(connection, "grades", {"result_no": "N-1"})
    assert risen(connection, before) == {3: (1, 1)}
    assert links(connection, 3) == set()


def test_what_names_a_new_record_is_linked_to_it(connection: Connection) -> None:
    add(connection, "grades", {"result_no": "N-1", "grader_approval_no": BODY})
    assert links(connection, 1) == {("graded_by", None)}
    add(connection, "bodies", {"approval_no": OTHER_BODY, "name_zh": "甲机构", "cma_no": BODY})
    assert links(connection, 1) == {("graded_by", None)}  # bodies are known by their own number alone
    add(connection, "bodies", {"approval_no": BODY, "name_zh": "乙机构"})
    assert (links(connection, 1), record(connection, 1).issuer_id) == ({("graded_by", 3)}, 3)
    assert announced(connection) == [1, 2, 1, 3]


def test_a_brand_is_known_by_its_identifiers_too(connection: Connection) -> None:
    add(connection, "brands", {**BRAND, "promoted_from": "330-0001"})
    add(connection, "brands", {**BRAND, "scheme": "provincial:330000"})
    assert links(connection, 1) == {("held_by", None), ("promoted_from", None)}
    add(connection, "brands", {**BRAND, "scheme": "provincial:330000", "plaque_no": "330-0001"})
    assert links(connection, 1) == {("held_by", None), ("promoted_from", 2)}


def test_what_names_the_new_key_of_a_record_is_linked_to_it(connection: Connection) -> None:
    add(connection, "grades", {"result_no": "N-1", "grader_approval_no": BODY})
    add(connection, "bodies", {"approval_no": OTHER_BODY, "name_zh": "甲机构"})
    read = known(connection, "bodies", {"approval_no": OTHER_BODY})
    moved = document("bodies", {"approval_no": BODY, "name_zh": "甲机构"}, amends=read)
    publish(connection, "bodies", moved)
    assert record(connection, 2).natural_key == moved.key
    assert links(connection, 1) == {("graded_by", 2)}


@pytest.mark.parametrize(
    ("status", "index"), [("listed", 1), ("suspended", 0), ("publicity", 0), ("removed", 0)]
)
def test_a_holder_is_found_by_what_it_has_in_force(connection: Connection, status: str, index: int) -> None:
    add_firms(connection)
    before = versions(connection)
    add(connection, "brands", BRAND, status=status, legal_basis="决定")
    assert risen(connection, before) == {1: (1 + index, index)}


def test_a_holder_is_found_anew_where_a_record_comes_into_force_or_ends(connection: Connection) -> None:
    add_firms(connection)
    add(connection, "brands", BRAND)
    add(connection, "brands", {**BRAND, "brand_name_zh": "无主号", "holder_uscc": ""})

    def shown(values: dict[str, Any], status: str = "", **more: Any) -> dict[int, tuple[int, int]]:
        before = versions(connection)
        add(connection, "brands", values, status=status, legal_basis="决定", **more)
        return {firm: by for firm, by in risen(connection, before).items() if firm in (1, 2)}

    linked = (1, 0)
    assert shown({**BRAND, "category": "医药"}) == {1: linked}
    assert shown({**BRAND, "category": "医药"}, "suspended") == {1: (3, 1)}
    assert shown({**BRAND, "category": "食品"}) == {1: linked}
    assert shown({**BRAND, "category": "食品"}, "listed") == {1: (3, 1)}
    moved = {**BRAND, "category": "食品", "holder_uscc": OTHER_FIRM}
    assert shown(moved) == {1: (2, 1), 2: (2, 1)}
    assert shown({**BRAND, "brand_name_zh": "无主号", "holder_uscc": ""}, "suspended") == {}


def test_holders_of_new_and_of_known_records_in_one_batch(connection: Connection) -> None:
    add_firms(connection)
    other = {**BRAND, "brand_name_zh": "另号", "holder_uscc": OTHER_FIRM}
    add(connection, "brands", other, status="suspended", legal_basis="决定")
    before = versions(connection)
    publish(
        connection, "brands",
        document("brands", BRAND, row=1, status="listed"), document("brands", other, row=2, status="listed"),
        legal_basis="决定",
    )  # fmt: skip
    indexed = {firm: index for firm, (_page, index) in risen(connection, before).items()}
    assert indexed == {1: 1, 2: 1, 3: 1}


def test_pages_with_the_name_or_status_of_a_record_are_shown_anew(connection: Connection) -> None:
    firm = {"uscc": FIRM, "name_zh": "甲公司"}
    add(connection, "organisations", firm)
    add(connection, "brands", BRAND)

    def shown(values: dict[str, Any], status: str = "") -> tuple[int, int]:
        before = versions(connection)
        add(connection, "organisations", values, status=status)
        return risen(connection, before).get(2, (0, 0))

    assert shown({**firm, "address": "一路"}) == (0, 0)  # no other page has it
    for values, status in (
        ({**firm, "name_en": "First"}, ""),
        ({**firm, "name_en": "First", "name_zh": "乙公司"}, ""),
        ({**firm, "name_en": "First", "name_zh": "乙公司"}, "deregistered"),
    ):
        assert shown(values, status) == (2, 1)


def test_pages_with_cautions_that_read_a_record_are_shown_anew(connection: Connection) -> None:
    standard = {"number": "GB/T 99901-2017"}
    add(connection, "standards", standard)
    add(connection, "green-products", {"cert_no": "C-1", "body_approval_no": BODY, "standard_edition": standard["number"]})  # fmt: skip
    before = versions(connection)
    add(connection, "standards", {**standard, "withdrawn_on": "2027-01-01"})
    assert risen(connection, before)[2] == (2, 1)
    before = versions(connection)
    add(connection, "standards", {**standard, "withdrawn_on": "2027-01-01"})
    assert risen(connection, before) == {}


def test_the_table_of_warnings_has_each_kind_once_and_in_its_width(connection: Connection) -> None:
    add(connection, "bodies", {"approval_no": BODY, "name_zh": "甲机构"})
    add(connection, "bodies", {"approval_no": OTHER_BODY, "name_zh": "甲机构"})

    def write(record_id: int, *issues: Issue, new: bool = False) -> list[tuple[int, str, str, str]]:
        batch_writer.write_warnings(
            connection, "bodies", {record_id: issues}, new_ids={record_id} if new else set()
        )
        rows = connection.execute(
            select(StandingWarning.record_id, StandingWarning.field, StandingWarning.code, StandingWarning.register)
            .order_by(StandingWarning.record_id, StandingWarning.field)
        )  # fmt: skip
        return [tuple(row) for row in rows]

    first, twice = Issue("c" * 61, "f" * 61), Issue("c" * 60 + "d", "f" * 60)
    assert write(1, first, twice, new=True) == [(1, "f" * 60, "c" * 60, "bodies")]
    assert write(2, Issue("b", "a"), new=True) == [(1, "f" * 60, "c" * 60, "bodies"), (2, "a", "b", "bodies")]
    assert write(1, Issue("d", "a")) == [(1, "a", "d", "bodies"), (2, "a", "b", "bodies")]
    assert write(1) == [(2, "a", "b", "bodies")]


def result(number: str, day: str, model: str = "M-1", **more: Any) -> dict[str, Any]:
    return {**RESULT, "result_no": number, "graded_on": day, "models": [model], **more}


def add_pairs_beside(connection: Connection) -> None:
    """Results of other models: of the first pair the newer one is suspended, and the second are of two firms. Records 1 to 4."""
    add(connection, "grades", result("P-1", "2025-01-01", "M-8"), status="valid")
    add(connection, "grades", result("P-2", "2026-01-01", "M-8"), status="suspended", legal_basis="决定")
    add(connection, "grades", result("P-3", "2025-01-01", "M-9"), status="valid")
    add(connection, "grades", result("P-4", "2026-01-01", "M-9", org_uscc=OTHER_FIRM), status="valid")
    assert statuses(connection) == {1: "valid", 2: "suspended", 3: "valid", 4: "valid"}


@pytest.mark.parametrize(
    ("of_older", "of_newer", "becomes"),
    [
        ("valid", "valid", "superseded"),
        ("downgraded", "valid", "superseded"),
        ("valid", "downgraded", "superseded"),
        ("valid", "suspended", "valid"),
        ("valid", "publicity", "valid"),
        ("suspended", "valid", "suspended"),
        ("revoked", "valid", "revoked"),
    ],
)
@pytest.mark.parametrize("is_older_first", [True, False])
def test_a_newer_result_in_force_replaces_an_older_one(
    connection: Connection, *, of_older: str, of_newer: str, becomes: str, is_older_first: bool
) -> None:
    add_pairs_beside(connection)
    both = [(result("N-1", "2025-01-01"), of_older), (result("N-2", "2026-01-01"), of_newer)]
    for values, status in both if is_older_first else reversed(both):
        add(connection, "grades", values, status=status, legal_basis="决定")
    older, newer = (5, 6) if is_older_first else (6, 5)
    assert statuses(connection) == {
        1: "valid", 2: "suspended", 3: "valid", 4: "valid", older: becomes, newer: of_newer,
    }  # fmt: skip
    last = entries(connection, older)[-1]
    expected = ("replaced", "system") if becomes == "superseded" else ("imported", "registrar")
    assert (last.reason, last.actor_role) == expected


def test_an_older_result_of_more_models_is_replaced_in_part_only(connection: Connection) -> None:
    both = {**result("N-1", "2025-01-01"), "models": ["M-1", "M-2"]}
    add(connection, "grades", both, status="valid")
    add(connection, "grades", result("N-2", "2026-01-01"), status="valid")
    assert statuses(connection) == {1: "valid", 2: "valid"}
    assert links(connection, 2) >= {("supersedes_in_part", 1)}


def test_other_rules_of_the_life_cycle_replace_no_older_result(connection: Connection) -> None:
    """Only the one whose link is that of the succession, from the newer to the older result."""
    grades = catalogue()["grades"]
    rules = tuple(
        LinkedChange(
            transition="replaced", before=("valid",), after="suspended", relation=relation, when=("valid",),
            incoming=incoming,
        )
        for relation, incoming in (("supersedes", False), ("supersedes_in_part", True), ("held_by", False))
    )  # fmt: skip
    definition = replace(grades, life_cycle=replace(grades.life_cycle, linked_changes=rules))
    two = {**result("N-1", "2025-01-01"), "models": ["M-1", "M-2"]}
    add(connection, "grades", two, status="valid", definition=definition)
    add(connection, "grades", result("N-2", "2026-01-01"), status="valid", definition=definition)
    publish(
        connection, "grades",
        document("grades", {**two, "result_no": "N-3", "graded_on": "2026-03-01"}, row=1, status="valid"),
        document("grades", result("N-4", "2026-02-01", "M-2"), row=2, status="valid"),
        definition=definition,
    )  # fmt: skip
    assert set(statuses(connection).values()) == {"valid"}
    assert {("supersedes", 1), ("supersedes", 2)} <= links(connection, 3)
    assert ("supersedes_in_part", 1) in links(connection, 4)
