"""Records as pages fetch them: in the order asked for, without those that are gone."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from registry.kit.random_check import DrawnRecord
from registry.kit.report import Report
from registry.services.publication import record_queries
from tests.unit.publication.stored import NOON, add, entries

FIRM = "91330100MAWY010175"
BRAND = {"scheme": "national", "brand_name_zh": "试样堂", "holder_name_zh": "杭州试样堂有限公司", "holder_uscc": FIRM}  # fmt: skip


def fill(connection: Connection) -> None:
    add(connection, "organisations", {"uscc": FIRM, "name_zh": "甲公司"})
    add(connection, "brands", BRAND)


def test_records_come_in_the_order_asked_for(connection: Connection) -> None:
    fill(connection)
    for fetch in (record_queries.fetch_records, record_queries.fetch_lines):
        assert [row.id for row in fetch(connection, [2, 99, 1])] == [2, 1]
        assert [row.id for row in fetch(connection, [1, 2])] == [1, 2]
        assert fetch(connection, []) == []


def test_a_record_with_document_holder_and_entry(connection: Connection) -> None:
    fill(connection)
    row = record_queries.fetch_record(connection, 2)
    assert row is not None
    assert (row.holder_number, row.holder_title_zh, row.issuer_number) == (FIRM, "甲公司", None)
    assert record_queries.document_of(row) == BRAND
    assert (row.reason, row.recorded_at) == ("imported", entries(connection, 2)[0].recorded_at)
    assert row.picture_sha256 is None
    assert record_queries.fetch_record(connection, 99) is None


def test_whether_reports_or_checks_name_a_record(connection: Connection) -> None:
    fill(connection)

    def named() -> list[tuple[bool, bool]]:
        rows = [record_queries.fetch_record(connection, each) for each in (1, 2)]
        return [(bool(row.has_reports), bool(row.was_drawn)) for row in rows if row]

    assert named() == [(False, False), (False, False)]
    connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")  # neither account nor check is on record here
    received = {"received_at": NOON, "due_on": NOON.date(), "nonce": "a", "number": "R-1", "statement": "b"}
    report = {"kind": "error", "state": "closed", "subject": "c", "lang": "zh", "record_id": 2, **received}
    connection.execute(insert(Report), [report])
    assert named() == [(False, False), (True, False)]
    drawn = {"check_id": 1, "place": 1, "record_id": 1, "state": "drawn"}
    connection.execute(insert(DrawnRecord), [drawn])
    assert named() == [(False, True), (True, False)]


def test_records_that_a_key_names(connection: Connection) -> None:
    fill(connection)
    keys = record_queries.select_ids_by_keys([FIRM, "NONE"])
    assert set(connection.execute(keys).scalars()) == {1}
    assert set(connection.execute(record_queries.select_ids_by_keys([])).scalars()) == set()
