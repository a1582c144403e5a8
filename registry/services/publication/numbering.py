"""Register numbers: issued per register and year, never twice; or taken from the document (reference registers)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, select

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import Record, merged_register
from registry.reference.identifiers import register_numbers
from registry.store import counters


class NumberSource(Protocol):
    """Where numbers come from: `registry.store.counters`, or `ForeseenNumbers`, which takes none."""

    def take(self, connection: Connection, name: str, count: int = 1) -> int: ...
    def raise_to(self, connection: Connection, name: str, minimum: int) -> None: ...


class ForeseenNumbers:
    """The numbers that would be next, read without taking them: two dry runs are told the same ones."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def take(self, connection: Connection, name: str, count: int = 1) -> int:
        """The first of `count` numbers after the last one that was taken or foreseen."""
        first = self._last_of(connection, name) + 1
        self._last[name] = first + count - 1
        return first

    def raise_to(self, connection: Connection, name: str, minimum: int) -> None:
        """Foresee none up to `minimum` from now on."""
        self._last[name] = max(self._last_of(connection, name), minimum)

    def _last_of(self, connection: Connection, name: str) -> int:
        if name not in self._last:
            self._last[name] = counters.peek(connection, name)
        return self._last[name]


class UnnumberedDocument(Protocol):
    """A document that has no number yet; its `number` is one that the sheet states, "" for none."""

    @property
    def key(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def values(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class AssignedNumber:
    """A number for a new record, with the warnings that it brings."""

    number: str
    warnings: tuple[Issue, ...] = ()


def number_not_kept(number: str) -> Issue:
    """Return the warning that a number in the sheet was not taken."""
    return Issue("number_not_kept", "number", {"value": number}, "warns", of_source=True)


def number_differs(number: str, kept: str) -> Issue:
    """Return the warning that a sheet gives a record another number than the one that it has."""
    return Issue("number_differs", "number", {"value": number, "number": kept}, "warns", of_source=True)


def number_names_another(number: str, other: str) -> Issue:
    """Return the issue that a number names one record and the fields of the key another one."""
    return Issue("number_names_another", "number", {"number": number, "other": other})


def assign_numbers(
    connection: Connection,
    definition: RegisterDefinition,
    documents: Sequence[UnnumberedDocument],
    source: NumberSource = counters,
) -> dict[str, AssignedNumber]:
    """Give each document a number: natural key → number. A number that the sheet states is taken where it is free."""
    derive = definition.numbering.derive
    if derive:
        return {document.key: AssignedNumber(derive(document.values)) for document in documents}
    taken = _taken_numbers(connection, definition, {document.number for document in documents})
    assigned: dict[str, AssignedNumber] = {}
    to_issue: dict[int, list[UnnumberedDocument]] = {}
    highest: dict[int, int] = {}  # year → highest sequence among the numbers taken from the sheet
    for document in documents:
        if document.number and document.number not in taken:
            assigned[document.key] = AssignedNumber(document.number)
            taken.add(document.number)
            _prefix, of_year, number, _check = document.number.split("-")
            highest[int(of_year)] = max(highest.get(int(of_year), 0), int(number))
        else:
            to_issue.setdefault(_number_year(definition, document.values), []).append(document)
    for year in sorted({*highest, *to_issue}):  # in one order: two imports must not wait for each other
        counter = _counter_name(definition, year)
        if year in highest:
            source.raise_to(connection, counter, highest[year])
        if year not in to_issue:
            continue
        first = source.take(connection, counter, len(to_issue[year]))
        for sequence, document in enumerate(to_issue[year], start=first):
            number = register_numbers.make_number(
                definition.numbering.prefix, year, sequence, digits=definition.numbering.digits
            )
            warnings = (number_not_kept(document.number),) if document.number else ()
            assigned[document.key] = AssignedNumber(number, warnings)
    return assigned


def _taken_numbers(connection: Connection, definition: RegisterDefinition, stated: set[str]) -> set[str]:
    """Those of the stated numbers that records of the register have, those that were merged among them."""
    stated = stated - {""}
    if not stated:
        return set()
    registers = (definition.slug, merged_register(definition.slug))
    statement = select(Record.number).where(Record.register.in_(registers), Record.number.in_(stated))
    return set(connection.execute(statement).scalars())


def _number_year(definition: RegisterDefinition, values: Any) -> int:
    written = str(values.get(definition.numbering.year_field) or "")[:4]
    return int(written) if written.isdecimal() else clock.today().year


def _counter_name(definition: RegisterDefinition, year: int) -> str:
    return f"{definition.slug}/{year}"
