"""Many rows inserted into one table: compiled once for each set of columns, converted by the types of the columns, run by the driver.

SQLAlchemy compiles the statement and knows the types; executed by it, each row of a batch is looked at again parameter by parameter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

COMPARED = frozenset({dt.date, dt.datetime, bool})  # types of values whose conversion is kept


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement for one dialect. `order`: names of the columns where the driver takes them by position, else empty.

    `converters`: by place in `order`, or by name, for types that the driver does not take by itself.
    """

    sql: str
    order: tuple[str, ...]
    converters: tuple[tuple[Any, Callable[[Any], Any]], ...]

    def parameters(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The rows as the driver takes them; what says the same in many of them is converted once."""
        converters = [(place, _converted_once(convert)) for place, convert in self.converters]
        if not self.order:
            return [{**row, **{name: convert(row[name]) for name, convert in converters}} for row in rows]
        found = []
        for row in rows:
            values = [row[name] for name in self.order]
            for place, convert in converters:
                values[place] = convert(values[place])
            found.append(tuple(values))
        return found


def _converted_once(convert: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The same for values that can be compared; it keeps as many as one batch has."""
    known: dict[Any, Any] = {}

    def converted(value: Any) -> Any:
        if type(value) not in COMPARED:
            return convert(value)
        if value not in known:
            known[value] = convert(value)
        return known[value]

    return converted


_plans: dict[tuple[type[DeclarativeBase], tuple[str, ...], bool, str], _Plan] = {}


def insert_rows(
    connection: Connection,
    model: type[DeclarativeBase],
    rows: Sequence[Mapping[str, Any]],
    *,
    skip_known: bool = False,
) -> None:
    """Insert rows (column → value) into the table of a model, in the transaction at hand; all have the columns of the first one.

    `skip_known`: a row whose key is there already is left out. Raises as SQLAlchemy does, such as `IntegrityError`, and
    `ValueError` where a column that the rows lack has a default that Python computes.
    """
    if not rows:
        return
    names = tuple(rows[0])
    asked = (model, names, skip_known, connection.dialect.name)
    plan = _plans.get(asked)
    if plan is None:
        plan = _plans[asked] = _compile(model, names, connection.dialect, skip_known=skip_known)
    connection.exec_driver_sql(plan.sql, plan.parameters(rows))


def _compile(
    model: type[DeclarativeBase], names: tuple[str, ...], dialect: Dialect, *, skip_known: bool
) -> _Plan:
    insert = (postgresql if dialect.name == "postgresql" else sqlite).insert(model)
    statement = insert.on_conflict_do_nothing() if skip_known else insert
    compiled = statement.compile(dialect=dialect, column_keys=list(names))
    if compiled.insert_prefetch:
        raise ValueError(f"{model.__tablename__}: a default computed by Python is not filled in")
    order = tuple(compiled.positiontup or ())
    columns = model.__table__.columns
    bind = {name: columns[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names}
    places = {name: order.index(name) if order else name for name in names}
    converters = tuple((places[name], convert) for name, convert in bind.items() if convert is not None)
    return _Plan(str(compiled), order, converters)
