"""Rows inserted by the driver: converted by the types of their columns, left out where they are known, refused as a database refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, String, create_engine, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from registry.store.base import AutoId, FetchedRow, UtcDateTime
from registry.store.insertion import insert_rows

MOMENT = dt.datetime(2026, 11, 30, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))


class OwnBase(DeclarativeBase):
    pass


class Sample(OwnBase):
    __tablename__ = "sample_of_insertion"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    renamed: Mapped[str] = mapped_column("stored", String(20), key="renamed", server_default="as declared")
    day: Mapped[dt.date | None]
    moment: Mapped[dt.datetime | None] = mapped_column(UtcDateTime)
    flag: Mapped[bool | None]


class Computed(OwnBase):
    __tablename__ = "computed_of_insertion"

    id: Mapped[int] = mapped_column(AutoId, primary_key=True)
    made: Mapped[str] = mapped_column(String(20), default=lambda: "made by Python")


WHOLE = {"id": 1, "renamed": "第一", "day": dt.date(2026, 11, 30), "moment": MOMENT, "flag": True}


@pytest.fixture
def connection() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as opened:
        for table in OwnBase.metadata.sorted_tables:
            table.create(opened)
        yield opened


def rows_of(connection: Connection) -> list[FetchedRow]:
    return list(connection.execute(select(*Sample.__table__.columns).order_by(Sample.id)))


def test_values_are_stored_as_sqlalchemy_stores_them(connection: Connection) -> None:
    empty = {"id": 2, "renamed": "", "day": None, "moment": None, "flag": None}
    insert_rows(connection, Sample, [WHOLE, empty])
    by_driver = rows_of(connection)
    connection.exec_driver_sql("delete from sample_of_insertion")
    connection.execute(insert(Sample), [WHOLE, empty])
    assert rows_of(connection) == by_driver
    assert by_driver[0].moment == MOMENT
    assert by_driver[1].day is None


def test_columns_that_rows_lack_have_what_the_table_declares(connection: Connection) -> None:
    insert_rows(connection, Sample, [{"day": None}, {"day": dt.date(2026, 1, 1)}])
    insert_rows(connection, Sample, [{"renamed": "second set of columns"}])
    assert [row.renamed for row in rows_of(connection)] == [
        "as declared",
        "as declared",
        "second set of columns",
    ]
    assert [row.id for row in rows_of(connection)] == [1, 2, 3]


def test_known_rows_are_left_out_only_where_it_is_asked_for(connection: Connection) -> None:
    insert_rows(connection, Sample, [WHOLE])
    insert_rows(connection, Sample, [{**WHOLE, "renamed": "other"}, {**WHOLE, "id": 2}], skip_known=True)
    assert [(row.id, row.renamed) for row in rows_of(connection)] == [(1, "第一"), (2, "第一")]
    with pytest.raises(IntegrityError):
        insert_rows(connection, Sample, [{**WHOLE, "id": 3}, WHOLE])


def test_no_rows_are_no_statement(connection: Connection) -> None:
    insert_rows(connection, Sample, [])
    assert rows_of(connection) == []


def test_a_naive_instant_and_a_row_without_a_column_are_refused(connection: Connection) -> None:
    with pytest.raises(ValueError, match="without time zone"):
        insert_rows(connection, Sample, [{"moment": dt.datetime(2026, 11, 30)}])  # noqa: DTZ001
    with pytest.raises(KeyError):
        insert_rows(connection, Sample, [{"day": None, "flag": True}, {"day": None}])
    assert rows_of(connection) == []


def test_a_default_of_python_is_not_forgotten(connection: Connection) -> None:
    with pytest.raises(ValueError, match="computed_of_insertion"):
        insert_rows(connection, Computed, [{"id": 1}])
    insert_rows(connection, Computed, [{"id": 1, "made": "stated"}])


def test_the_same_instant_in_two_zones_is_stored_once_converted_and_a_naive_one_never(
    connection: Connection,
) -> None:
    rows = [
        {**WHOLE, "id": 1},
        {**WHOLE, "id": 2, "moment": MOMENT.astimezone(dt.UTC), "flag": False},
        {**WHOLE, "id": 3, "day": dt.date(2026, 12, 1), "flag": None},
    ]
    insert_rows(connection, Sample, rows)
    assert [(row.moment, row.day.day, row.flag) for row in rows_of(connection)] == [
        (MOMENT, 30, True),
        (MOMENT, 30, False),
        (MOMENT, 1, None),
    ]
    naive = {**WHOLE, "id": 5, "moment": MOMENT.replace(tzinfo=None)}
    with pytest.raises(ValueError, match="time zone"):
        insert_rows(connection, Sample, [{**WHOLE, "id": 4}, naive])
