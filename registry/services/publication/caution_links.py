"""Which links cautions look along: what must be fetched with a record, and shown anew when the other end changes."""

from __future__ import annotations

import functools

from registry.registers import catalogue


@functools.cache
def caution_relations(register: str) -> frozenset[str]:
    """Return the relations along which the cautions of a register's records look, and what is due on them."""
    definition = catalogue()[register]
    due = (each.relation for each in definition.linked_due_dates)
    return frozenset((*(relation for rule in definition.cautions for relation in rule.relations), *due))


@functools.cache
def all_caution_relations() -> tuple[str, ...]:
    """Return the relations along which the cautions of any register look."""
    return tuple(sorted({relation for slug in catalogue() for relation in caution_relations(slug)}))


@functools.cache
def read_relations() -> frozenset[str]:
    """Return those of these relations along which cautions or due dates read the values of the other record, not its status only."""
    definitions = catalogue().values()
    rules = (rule for definition in definitions for rule in definition.cautions if rule.reads_values)
    due = (each.relation for definition in definitions for each in definition.linked_due_dates)
    return frozenset((*(relation for rule in rules for relation in rule.relations), *due))


@functools.cache
def dated_states() -> tuple[str, ...]:
    """Return the states of linked records whose documents state since when: cautions tell that day.

    Those of records in force are left out: nothing is said of them.
    """
    registers = {
        link.register
        for slug, definition in catalogue().items()
        for link in definition.all_links()
        if link.relation in caution_relations(slug)
    }
    states = (state for slug in registers for state in catalogue()[slug].life_cycle.public_states())
    return tuple(
        sorted(
            {state.code for state in states if state.decided and state.standing in ("restricted", "ended")}
        )
    )


def is_read(register: str, status: str) -> bool:
    """Return True if cautions of other records read the document of a record in this state."""
    return register in read_registers() or status in dated_states()


@functools.cache
def read_registers() -> frozenset[str]:
    """Return the registers whose records' values are read by the cautions of others."""
    return frozenset(
        link.register
        for definition in catalogue().values()
        for link in definition.all_links()
        if link.relation in read_relations() & caution_relations(definition.slug)
    )
