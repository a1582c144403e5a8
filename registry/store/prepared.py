"""Prepared SELECTs: the few statements that every record page needs, compiled once and run by the driver.

SQLAlchemy compiles them and knows the types of their columns; executed by it, they take three times as long.
"""

from __future__ import annotations

import contextlib
import time
from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import CompoundSelect, Dialect, Engine

from registry.observing.work import add_statement
from registry.store.base import FetchedRow, SelectStatement
from registry.store.error_translation import driver_error_of, translate_errors


@dataclass(frozen=True, slots=True)
class _Plan:
    """A statement compiled for one dialect.

    `parameter_order`: names of the parameters if the driver takes them by position, else empty. `constants`: literals
    of the statement, which the driver takes as parameters too. `converters`: by index of the column, for types that
    the driver does not give by itself.
    """

    sql: str
    parameter_order: tuple[str, ...]
    constants: Mapping[str, Any]
    make_row: Callable[[Any], Any]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]


class PreparedConnection(Protocol):
    """Where prepared statements run: a connection of SQLAlchemy, or a `ReadOnlyTransaction`."""

    @property
    def dialect(self) -> Dialect: ...

    @property
    def connection(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class ReadOnlyTransaction:
    """A transaction that runs prepared statements only."""

    dialect: Dialect
    connection: Any


_at_hand: ContextVar[tuple[Engine, ReadOnlyTransaction] | None] = ContextVar("transaction", default=None)


@contextlib.contextmanager
def one_reading(engine: Engine) -> Iterator[None]:
    """Make all that is read by `read_only_transaction` within the block one transaction: of one moment, and with one connection.

    Raises `DatabaseUnavailable`.
    """
    with read_only_transaction(engine) as transaction:
        token = _at_hand.set((engine, transaction))
        try:
            yield
        finally:
            _at_hand.reset(token)


@contextlib.contextmanager
def read_only_transaction(engine: Engine) -> Iterator[ReadOnlyTransaction]:
    """One consistent view of the database for prepared statements; half the cost of `read_transaction`.

    Raises `DatabaseUnavailable`.
    """
    at_hand = _at_hand.get()
    if at_hand is not None and at_hand[0] is engine:
        yield at_hand[1]
        return
    connection = _raw_connection(engine)
    try:
        if engine.dialect.name == "sqlite":  # other drivers begin by themselves
            with translate_errors(driver_error_of(engine.dialect)):
                connection.cursor().execute("BEGIN")
        yield ReadOnlyTransaction(engine.dialect, connection)
    finally:
        connection.close()  # returns it to the pool, which rolls back


def _raw_connection(engine: Engine) -> Any:
    """A connection of the driver, to be closed. Raises `DatabaseUnavailable` where none can be had."""
    with translate_errors(driver_error_of(engine.dialect)):
        return engine.raw_connection()


class PreparedSelect:
    """A SELECT with `bindparam`s (none of them expanding), compiled once for each dialect."""

    def __init__(self, statement: SelectStatement | CompoundSelect[Any]) -> None:
        self._statement = statement
        self._plans: dict[str, _Plan] = {}

    def all(self, connection: PreparedConnection, **parameters: Any) -> list[FetchedRow]:
        """All rows, read by attribute, in the transaction at hand. Raises `DatabaseUnavailable`."""
        return self._run(connection.dialect, connection.connection, parameters)

    def first(self, connection: PreparedConnection, **parameters: Any) -> FetchedRow | None:
        """The first row, or None."""
        return next(iter(self.all(connection, **parameters)), None)

    def first_autocommit(self, engine: Engine, **parameters: Any) -> FetchedRow | None:
        """The first row, or None, read in a transaction of its own."""
        connection = _raw_connection(engine)
        try:
            return next(iter(self._run(engine.dialect, connection, parameters)), None)
        finally:
            connection.close()  # returns it to the pool, which rolls back

    def _run(self, dialect: Dialect, connection: Any, parameters: Mapping[str, Any]) -> list[FetchedRow]:
        plan = self._plans.get(dialect.name) or self._compile(dialect)
        given = {**plan.constants, **parameters}
        cursor = connection.cursor()
        begun = time.perf_counter()
        try:
            with translate_errors(driver_error_of(dialect)):
                cursor.execute(
                    plan.sql,
                    [given[name] for name in plan.parameter_order] if plan.parameter_order else given,
                )
                return [plan.make_row(_convert_columns(line, plan.converters)) for line in cursor.fetchall()]
        finally:
            cursor.close()
            add_statement(time.perf_counter() - begun)

    def _compile(self, dialect: Dialect) -> _Plan:
        compiled = self._statement.compile(dialect=dialect)
        columns = list(self._statement.selected_columns)
        convert = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
        names = [str(column.key) for column in columns]
        row: Any = namedtuple("Fetched", names)  # type: ignore[misc]  # noqa: PYI024 - known only here
        plan = _Plan(
            sql=str(compiled),
            parameter_order=tuple(compiled.positiontup or ()),
            constants=dict(compiled.params),
            make_row=row._make,
            converters=tuple((index, each) for index, each in enumerate(convert) if each is not None),
        )
        self._plans[dialect.name] = plan
        return plan


def _convert_columns(line: Any, converters: tuple[tuple[int, Callable[[Any], Any]], ...]) -> Any:
    """A fetched line with those columns converted whose type the driver does not give by itself."""
    if not converters:
        return line
    values = list(line)
    for index, convert in converters:
        values[index] = convert(values[index])
    return values
