"""Register numbers: issued per register and year, never twice; or taken from the document (reference registers)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, select

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.reference.identifiers import register_numbers
from registry.store import counters


class UnnumberedDocument(Protocol):
    """A document that waits for its number."""

    @property
    def key(self) -> str: ...
    @property
    def number(self) -> str: ...
    @property
    def values(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class AssignedNumber:
    number: str
    warnings: tuple[Issue, ...] = ()


def number_not_kept(number: str) -> Issue:
    return Issue("number_not_kept", "number", {"value": number}, "warns")


def assign_numbers(
    connection: Connection, definition: RegisterDefinition, documents: Sequence[UnnumberedDocument]
) -> dict[str, AssignedNumber]:
    """Natural key → number. A number the sheet brings is kept when it is free."""
    if definition.numbering.derive:
        return {each.key: AssignedNumber(definition.numbering.derive(each.values)) for each in documents}
    wanted = {each.number for each in documents if each.number}
    taken = (
        set(
            connection.execute(
                select(Record.number).where(Record.register == definition.slug, Record.number.in_(wanted))
            ).scalars()
        )
        if wanted
        else set()
    )
    assigned: dict[str, AssignedNumber] = {}
    issue: dict[int, list[UnnumberedDocument]] = {}
    highest: dict[int, int] = {}
    for each in documents:
        if each.number and each.number not in taken:
            assigned[each.key] = AssignedNumber(each.number)
            taken.add(each.number)
            _prefix, year, sequence, _check = each.number.split("-")
            highest[int(year)] = max(highest.get(int(year), 0), int(sequence))
        else:
            issue.setdefault(_number_year(definition, each.values), []).append(each)
    for of_year in sorted({*highest, *issue}):  # in one order: two imports must not wait for each other
        if of_year in highest:
            counters.raise_to(connection, _counter_name(definition, of_year), highest[of_year])
        group = issue.get(of_year, [])
        if not group:
            continue
        first = counters.take(connection, _counter_name(definition, of_year), len(group))
        for place, each in enumerate(group, start=first):
            number = register_numbers.make_number(
                definition.numbering.prefix, of_year, place, digits=definition.numbering.digits
            )
            assigned[each.key] = AssignedNumber(
                number, (number_not_kept(each.number),) if each.number else ()
            )
    return assigned


def _number_year(definition: RegisterDefinition, values: Any) -> int:
    written = str(values.get(definition.numbering.year_field) or "")[:4]
    return int(written) if written.isdecimal() else clock.today().year


def _counter_name(definition: RegisterDefinition, year: int) -> str:
    return f"{definition.slug}/{year}"
