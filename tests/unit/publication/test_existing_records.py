"""The records that rows are about: by key, by number, and what they say now."""

from __future__ import annotations

from sqlalchemy import Connection

from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.publication.existing_records import ExistingRecord, find_existing_records
from tests.unit.publication.stored import DAY, add

BODIES = catalogue()["bodies"]
ONE, OTHER = ({"approval_no": f"N-{number}", "name_zh": "甲机构"} for number in (1, 2))


def test_records_are_found_by_key_and_by_number(connection: Connection) -> None:
    doubt = Issue("date_shape", "valid_from", {"value": "x"}, "warns", of_source=True)
    plain = Issue("date_shape", "valid_to", {"value": "y"}, "warns")
    add(connection, "bodies", ONE)
    add(connection, "bodies", {**ONE, "cma_no": "X"}, warnings=(doubt, plain), status="suspended", later=DAY)
    add(connection, "bodies", OTHER)
    add(connection, "grades", {"result_no": "N-3"})
    one = ExistingRecord("N-1", "N1", "suspended", 2, {**ONE, "cma_no": "X"}, (doubt,))
    other = ExistingRecord("N-2", "N2", "valid", 1, OTHER)
    found = find_existing_records(connection, BODIES, ["N1", "N3"], ["N-2", "N-3"])
    assert found.by_key == {"N1": one}
    assert found.by_number == {"N-1": one, "N-2": other}
    assert find_existing_records(connection, BODIES, ["N1", "N2"], ["N-1"]).by_number == {
        "N-1": one, "N-2": other,
    }  # fmt: skip
    by_number = find_existing_records(connection, BODIES, [], ["N-1", "N-2"])
    assert (by_number.by_key, by_number.by_number) == ({}, {"N-1": one, "N-2": other})
    nothing = find_existing_records(connection, BODIES, [], [])
    assert (nothing.by_key, nothing.by_number) == ({}, {})
    assert nothing.find("N1", "N-1") is None
