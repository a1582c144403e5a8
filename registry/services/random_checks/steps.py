"""What the life cycle of a register makes of a result: the transitions that follow from it, checked and published.

Which they are says the register (`CheckRules`). A record that has ended since it was drawn takes no transition: its result stands
in the log all the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.life_cycle import STATUS_REASON, Transition
from registry.kit.random_check import FAILED, PASSED, CheckRules
from registry.registers import catalogue
from registry.services.deciding import cases, moves
from registry.services.deciding.checking import CheckedCase, StatedDecision, check_case
from registry.services.publication import publishing, validation
from registry.services.publication.batch_writer import Authority
from registry.store.base import FetchedRow


@dataclass(frozen=True, slots=True)
class Grounds:
    """A result, and what it gives the transitions that follow from it. `fields`: what the form asks besides, as typed."""

    result: str
    done_on: str
    article: str
    findings: str
    fields: Mapping[str, str]


def steps_of(definition: RegisterDefinition, result: str, status: str) -> tuple[Transition, ...]:
    """Return the transitions that lead a record in `status` to where a result wants it: none, one, or the opening before it."""
    rules = definition.checks
    name = {PASSED: rules.passed, FAILED: rules.failed}.get(result, "") if rules else ""
    if not rules or not name:
        return ()
    all_moves = moves.desk_moves(definition)
    if direct := _named(all_moves, name, status):
        return (direct,)
    opening = _named(all_moves, rules.opened, status)
    following = _named(all_moves, name, opening.after) if opening else None
    return (opening, following) if opening and following else ()


def asked_fields(definition: RegisterDefinition, status: str) -> tuple[str, ...]:
    """Return the fields that a failed result states besides its findings and article, such as the last day of an order."""
    steps = steps_of(definition, FAILED, status)
    if not steps:
        return ()
    given = {moves.LEGAL_BASIS, moves.day_field(definition, steps[-1])}
    if _takes_findings(definition):
        given.add(STATUS_REASON)
    return tuple(name for name in moves.form_fields(definition, steps[-1]) if name not in given)


def deadline_of(rules: CheckRules, fields: Mapping[str, str]) -> str:
    """Return the last day of the order that a result states, "" for none."""
    return fields.get(rules.deadline, "") if rules.deadline else ""


def publish_steps(
    connection: Connection,
    actor: Actor,
    record_id: int,
    *,
    grounds: Grounds,
    any_role: bool = False,
) -> tuple[Transition, ...]:
    """Publish the transitions of a result on a record, one entry each; return them. The publish lock must be held.

    `any_role`: for a trial, as a role that has the transition where the actor has not. Raises `Invalid` with what stands against it.
    """
    require(actor, Action.RECORD_CHECKS)
    [record] = cases.fetch_cases(connection, [record_id])
    definition = catalogue()[record.register]
    steps = steps_of(definition, grounds.result, record.status)
    for number, step in enumerate(steps):
        [record] = cases.fetch_cases(connection, [record_id])
        last = number == len(steps) - 1
        stated = _stated(definition, step, grounds) if last else {}
        role = actor.role if actor.role in step.roles or not any_role else _role_of(step)
        _publish(
            connection, StatedDecision(definition, moves.move_key(definition, step), stated), record, role
        )
    return steps


def _named(all_moves: Sequence[Transition], name: str, status: str) -> Transition | None:
    return next((move for move in all_moves if move.name == name and move.before == status), None)


def _takes_findings(definition: RegisterDefinition) -> bool:
    """True if the reason of a state is a text of the register's own, which the findings are."""
    field = definition.schema.register_fields().get(STATUS_REASON)
    return field is not None and field.kind == "text"


def _stated(definition: RegisterDefinition, step: Transition, grounds: Grounds) -> dict[str, str]:
    """What the result states of the transition: only fields that the transition may state."""
    day = moves.day_field(definition, step)
    may_state = {*moves.form_fields(definition, step), day}
    stated = {moves.LEGAL_BASIS: grounds.article if grounds.result == FAILED else "", **grounds.fields}
    if day:
        stated[day] = grounds.done_on if grounds.result == PASSED else clock.today().isoformat()
    if grounds.result == FAILED and _takes_findings(definition):
        stated[STATUS_REASON] = grounds.findings
    return {name: text for name, text in stated.items() if text and name in may_state}


def _role_of(step: Transition) -> str:
    return next((role for role in step.roles if role in moves.DESK_ROLES), step.roles[0])


def _publish(connection: Connection, decision: StatedDecision, record: FetchedRow, role: str) -> None:
    entered = cases.first_entries(connection, [record.id])
    context = validation.rule_context(connection)
    case: CheckedCase = check_case(decision, record, context, role=role, first_entry=entered.get(record.id))
    if case.document is None:
        raise Invalid(case.issues)
    [outcome] = publishing.publish(connection, decision.definition, [case.document], Authority(role))
    wanted = decision.definition.life_cycle.refined(decision.after, case.document.values)
    if outcome.issue is not None:
        raise Invalid((outcome.issue,))
    if outcome.result != publishing.UPDATED or outcome.status != wanted:
        raise Invalid((Issue("status_kept", "status", {"before": record.status, "after": decision.after}),))
