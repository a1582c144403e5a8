"""The transitions of a life cycle as the desk offers them: to which role, by which name, with which fields.

Everything follows from the register's tables; nothing here knows a register.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from registry.accounts.policy import STAFF, Action, Actor, may
from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.kinds import Rows
from registry.kit.life_cycle import LifeCycle, Transition
from registry.kit.schema import ORIGIN_FIELDS
from registry.services.publication.transitions import FACTS_CORRECTED, MERGED_HERE

DESK_ROLES = frozenset(role for role in STAFF if may(Actor(role), Action.TAKE_DECISIONS))
CORRECTING_ROLES = tuple(sorted(role for role in DESK_ROLES if may(Actor(role), Action.IMPORT)))
LEGAL_BASIS = "legal_basis"
NOT_ASKED = frozenset(ORIGIN_FIELDS) - {LEGAL_BASIS}  # where a record comes from is no part of a decision


def desk_moves(definition: RegisterDefinition, role: str = "") -> tuple[Transition, ...]:
    """The transitions between public states that the desk has, in the order of the table; `role`: that role's only."""
    return tuple(move for _each, move in _keyed_moves(definition) if not role or role in move.roles)


def _keyed_moves(definition: RegisterDefinition) -> tuple[tuple[str, Transition], ...]:
    """The transitions of the desk, each with its name in an address."""
    life_cycle = definition.life_cycle
    named = frozenset(each.transition for each in definition.former_values if each.transition)
    found = [move for move in life_cycle.transitions if _is_of_desk(life_cycle, move, named)]
    targets: dict[str, set[str]] = defaultdict(set)
    for move in found:
        targets[move.name].add(move.after)
    return tuple(
        (move.name if len(targets[move.name]) == 1 else f"{move.name}-{move.after}", move) for move in found
    )


def _is_of_desk(life_cycle: LifeCycle, move: Transition, named: frozenset[str]) -> bool:
    """Between two public states, for a role of the desk. One that keeps the status is a decision where the table says of what."""
    if not move.before or DESK_ROLES.isdisjoint(move.roles):
        return False
    if not (life_cycle.state(move.before).is_public and life_cycle.state(move.after).is_public):
        return False
    return move.before != move.after or bool(move.fields or move.adds_row) or move.name in named


def corrections(definition: RegisterDefinition) -> tuple[Transition, ...]:
    """The correction of facts, from each public state to itself: for the roles that bring facts in, whatever the life cycle.

    It may state every field but tables and where the record comes from.
    """
    fields = definition.schema.register_fields()
    facts = Transition(
        name=FACTS_CORRECTED,
        before="",
        after="",
        zh="更正登记内容",
        en="Correct facts",
        roles=CORRECTING_ROLES,
        evidence=(_("Paper that shows what is right"),),
        public_notice=_(
            "The record as corrected; in its history what stood there before, the reason and the basis."
        ),
        needs=(LEGAL_BASIS,),
        fields=tuple(
            name
            for name, field in fields.items()
            if name not in ORIGIN_FIELDS and not isinstance(field, Rows)
        ),
    )
    return _in_each_public_state(definition, facts)


def merges(definition: RegisterDefinition) -> tuple[Transition, ...]:
    """The merging of another record into one, from each public state to itself, for the roles that bring facts in.

    It may state of every field whether it is taken from the other record, but of where facts come from, and of what a number is made of.
    """
    fixed = {*ORIGIN_FIELDS, *(definition.key.fields if definition.numbering.derive else ())}
    merge = Transition(
        name=MERGED_HERE,
        before="",
        after="",
        zh="合并重复登记",
        en="Merge with a double",
        roles=CORRECTING_ROLES,
        evidence=(_("Paper that shows that both are one"),),
        public_notice=_(
            "One record. The number of the other one leads to it and keeps its history; both say why."
        ),
        needs=(LEGAL_BASIS,),
        fields=tuple(name for name in definition.schema.register_fields() if name not in fixed),
    )
    return _in_each_public_state(definition, merge)


def _in_each_public_state(definition: RegisterDefinition, move: Transition) -> tuple[Transition, ...]:
    """A decision that is possible in every public state and leaves the record in it."""
    states = definition.life_cycle.public_states()
    return tuple(replace(move, before=state.code, after=state.code) for state in states)


def facts_of_states(definition: RegisterDefinition) -> frozenset[str]:
    """Return the fields that belong to a state of a record: grounds, days, deadlines, and what is shown in single states only."""
    life_cycle = definition.life_cycle
    names = set(definition.layout.only_in_states)
    for move in life_cycle.transitions:
        names |= {*move.needs, *move.fields, move.date_field}
    for state in life_cycle.states:
        names |= {*state.decided, *life_cycle.deadline_fields(state.code)}
    names |= {change.field for change in life_cycle.date_changes}
    return frozenset(names - set(definition.key.fields))


def is_correction(move: Transition) -> bool:
    """Return True for a correction of facts, which is no transition of a life cycle."""
    return move.name == FACTS_CORRECTED


def is_merge(move: Transition) -> bool:
    """Return True for the merging of another record, which is no transition of a life cycle."""
    return move.name == MERGED_HERE


def move_key(definition: RegisterDefinition, move: Transition) -> str:
    """The name of a transition in an address; with the state that it leads to where several have that name."""
    if is_correction(move) or is_merge(move):
        return move.name
    return next(
        key for key, each in _keyed_moves(definition) if (each.name, each.after) == (move.name, move.after)
    )


def moves_by_key(definition: RegisterDefinition, key: str) -> tuple[Transition, ...]:
    """The transitions that an address means: of one name to one state, from each state where it begins."""
    if key == FACTS_CORRECTED:
        return corrections(definition)
    if key == MERGED_HERE:
        return merges(definition)
    return tuple(move for each, move in _keyed_moves(definition) if each == key)


def move_from(moves: Iterable[Transition], status: str) -> Transition | None:
    """The one of these transitions that leads on from a status."""
    return next((move for move in moves if move.before == status), None)


def ends_publicity(definition: RegisterDefinition, move: Transition) -> bool:
    """True for a transition that brings into force what was announced for objections."""
    life_cycle = definition.life_cycle
    return (
        life_cycle.state(move.before).takes_objections and life_cycle.state(move.after).standing == "in_force"
    )


def form_fields(definition: RegisterDefinition, move: Transition) -> tuple[str, ...]:
    """The fields that a decision may state, in the order of the form.

    Grounds and legal basis, the day of the decision, the deadlines of the state that it leads to and what is shown in
    that state only, what the table names, and the values that change hands. Tables of values are not among them, but the
    columns of a row that the decision adds are, as `table.column`.
    """
    fields = definition.schema.register_fields()
    names = dict.fromkeys(
        name
        for name in _named_fields(definition, move)
        if name in fields and name not in NOT_ASKED and not isinstance(fields[name], Rows)
    )
    return (*(move.adds_row.questions() if move.adds_row else ()), *names)


def _named_fields(definition: RegisterDefinition, move: Transition) -> Iterator[str]:
    life_cycle, layout = definition.life_cycle, definition.layout
    yield from move.needs
    if move.before != move.after:
        yield from life_cycle.state(move.after).decided
        yield move.date_field
        yield from life_cycle.deadline_fields(move.after)
        yield from (name for name, states in layout.only_in_states.items() if move.after in states)
    yield from move.fields
    yield from chain.from_iterable(
        each.fields for each in definition.former_values if each.transition == move.name
    )
    yield LEGAL_BASIS


def day_field(definition: RegisterDefinition, move: Transition) -> str:
    """The field for the day of the decision, "" where the register keeps none: then the day of the entry counts."""
    if move.before == move.after:
        return move.date_field
    decided = (*definition.life_cycle.state(move.after).decided, move.date_field)
    return next((name for name in decided if name and name != definition.valid_from), "")


def is_day_of_today(
    definition: RegisterDefinition, move: Transition, name: str, values: Mapping[str, object]
) -> bool:
    """True if a field is for the day of the decision, and what the record says there is no fact that stays.

    A state to which a record comes back, such as that of a notice, keeps the day that it had.
    """
    if name != day_field(definition, move):
        return False
    return not values.get(name) or name in definition.life_cycle.state(move.before).decided


def emptied_fields(definition: RegisterDefinition, move: Transition, stated: Iterable[str]) -> frozenset[str]:
    """The fields that a decision empties unless it states them: grounds, deadlines and facts of the state before.

    They stay in the history of the record. A day that the table asks for and that is left open does not stay either.
    """
    if move.before == move.after:
        replaces = move.adds_row is not None and bool(move.adds_row.former)
        return frozenset(move.fields).difference(stated) if replaces else frozenset()
    life_cycle, layout = definition.life_cycle, definition.layout
    fields = definition.schema.register_fields()
    grounds = chain.from_iterable(each.needs for each in life_cycle.transitions if each.after == move.before)
    shown_before = (
        name
        for name, states in layout.only_in_states.items()
        if move.before in states and move.after not in states
    )
    days = [name for name in move.fields if fields[name].kind == "date"]
    ended_before, ended_after = (
        life_cycle.state(code).standing == "ended" for code in (move.before, move.after)
    )
    if ended_before and not ended_after:  # the day that has ended it would end it again
        days += [change.field for change in life_cycle.date_changes if change.after == move.before]
    kept = {*stated, *definition.key.fields, definition.valid_from, definition.valid_to}
    found = {*grounds, *life_cycle.deadline_fields(move.before), *shown_before, *days} - kept
    return frozenset(name for name in found if not definition.schema.is_required(name))
