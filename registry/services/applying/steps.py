"""Steps of the authority: an opinion or a return by one person; a publication or a refusal by two.

Every step is checked when it is prepared and again when it is taken: state, role, bounds, and that nobody acts on what they
have filed or prepared.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from sqlalchemy import Connection, insert, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.application_case import PREPARED, RETURNED, TAKEN, TAKEN_BACK, ApplicationStep
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.reference.identifiers import personal
from registry.registers import catalogue
from registry.services.applying import cases, evidence, moves, publication
from registry.services.bootstrap import Registry
from registry.services.deciding import persons
from registry.services.filing import filing_of
from registry.services.people import deciding_rights
from registry.services.publication import publishing
from registry.services.publication.publishing import PreparedDocument
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

MAX_OPINION, MAX_REASON, MAX_PAPER, MAX_REPLY = 2_000, 500, 300, 500  # characters
MAX_NOT_ASKED, MAX_QUOTED = 10, 60  # names that are told of what no form asks for; characters of one
OPINION, REPLY = "opinion", "reply"
REASON_PREFIX, PAPER_PREFIX = "reason-", "paper-"


@dataclass(frozen=True, slots=True)
class StatedStep:
    """A step as it is typed. `key`: of its transition; `revision`: of the application as it was looked at.

    `opinion`: for the holder; `reasons`: field, or `evidence.` with the kind, → what is to be corrected; `papers`: the message ids
    of what the life cycle asks for → which paper it is, or `papers_in_order`, as the life cycle names them; `stated`: field → text,
    of a publication.
    """

    key: str
    revision: int
    opinion: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)
    papers: Mapping[str, str] = field(default_factory=dict)
    stated: Mapping[str, str] = field(default_factory=dict)
    papers_in_order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MadeStep:
    """A step as it was made: its id and state."""

    id: int
    state: str


def make_step(registry: Registry, actor: Actor, application_id: int, step: StatedStep) -> str:
    """Take a step, or prepare it for a second person where it publishes or refuses. Returns the state of the step.

    Raises `NotFound` (no such application, or not within the reader's bounds; no such step from its state), `Forbidden`
    (another role's, one's own), `Conflict` (moved on meanwhile, a step waits), `Invalid`.
    """
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        return make_in_transaction(connection, actor, application_id, step).state


def make_in_transaction(
    connection: Connection, actor: Actor, application_id: int, step: StatedStep
) -> MadeStep:
    """Make a step in the caller's transaction, which holds the publish lock from here on. Raises as `make_step`."""
    require(actor, Action.TAKE_DECISIONS)
    publishing.acquire_publish_lock(connection)
    person = persons.require_person(connection, actor)
    row = cases.load_application(connection, application_id, lock=True)
    definition = catalogue()[row.register]
    steps = cases.steps_of(connection, row.id)
    move = require_step(connection, actor, row, steps, key=step.key)
    if row.revision != step.revision:
        raise Conflict("application_moved")
    if cases.pending_step(steps) is not None:
        raise Conflict("step_waits")
    step = _with_named_papers(move, step)
    issues = tuple(_problems(definition, move, step))
    document = _document(connection, actor, row, move, stated=step.stated)
    if isinstance(document, tuple):
        issues += document
    elif document is None:
        issues += publication.stated_problems(connection, actor, row, move, stated=step.stated)
    if issues:
        raise Invalid(issues)
    state = PREPARED if moves.needs_second_person(definition, move) else TAKEN
    now = clock.now()
    settled = {"settled_by": person, "settled_at": now} if state == TAKEN else {}
    made = insert(ApplicationStep).values(
        application_id=row.id,
        transition=move.name,
        before=move.before,
        after=move.after,
        state=state,
        role=actor.role,
        stated=_as_json(step.stated),
        papers=_as_json(step.papers),
        opinion=personal.mask_resident_ids(step.opinion.strip()),
        reasons=_as_json(step.reasons),
        prepared_by=person,
        prepared_at=now,
        **settled,
    )
    step_id = int(connection.execute(made.returning(ApplicationStep.id)).scalar_one())
    if state == TAKEN:
        _lead_on(connection, row, move, None, role=actor.role)
    else:
        cases.move_on(connection, row, {})
    _audit(connection, actor, "application_step" if state == TAKEN else "application_step_prepared", row)
    return MadeStep(step_id, state)


def take_step(registry: Registry, actor: Actor, application_id: int, step_id: int) -> None:
    """Take a step that another person has prepared: publish the application, or refuse it. Raises as `make_step`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        take_in_transaction(connection, actor, application_id, step_id)


def take_in_transaction(connection: Connection, actor: Actor, application_id: int, step_id: int) -> None:
    """Take a step in the caller's transaction, which holds the publish lock from here on. Raises as `take_step`."""
    require(actor, Action.TAKE_DECISIONS)
    publishing.acquire_publish_lock(connection)
    persons.require_person(connection, actor)
    row, steps, step = _load_pending(connection, application_id, step_id)
    move = require_step(connection, actor, row, steps, key=step.transition, taken=step)
    stated = json.loads(step.stated)
    document = _document(connection, actor, row, move, stated=stated)
    if isinstance(document, tuple):
        raise Invalid(document)
    _settle(connection, actor, step, TAKEN)
    _lead_on(connection, row, move, document, role=actor.role)
    _audit(connection, actor, "application_step_taken", row)


def return_step(registry: Registry, actor: Actor, application_id: int, step_id: int, *, reply: str) -> None:
    """Return a prepared step to the person who prepared it. Raises as `take_step`, and `Invalid` without a note."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        return_in_transaction(connection, actor, application_id, step_id, reply=reply)


def return_in_transaction(
    connection: Connection, actor: Actor, application_id: int, step_id: int, *, reply: str
) -> None:
    """Return a step in the caller's transaction. Raises as `return_step`."""
    require(actor, Action.TAKE_DECISIONS)
    reply = persons.require_reply(" ".join(reply.split()), at_most=MAX_REPLY)
    persons.require_person(connection, actor)
    row, steps, step = _load_pending(connection, application_id, step_id)
    require_step(connection, actor, row, steps, key=step.transition, taken=step)
    _settle(connection, actor, step, RETURNED, reply=personal.mask_resident_ids(reply))
    cases.move_on(connection, row, {})
    _audit(connection, actor, "application_step_returned", row)


def take_back_step(registry: Registry, actor: Actor, application_id: int, step_id: int) -> None:
    """Take back a step that the actor has prepared. Raises `NotFound`, `Conflict`, `Forbidden` (another person's)."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        take_back_in_transaction(connection, actor, application_id, step_id)


def take_back_in_transaction(connection: Connection, actor: Actor, application_id: int, step_id: int) -> None:
    """Take back a step in the caller's transaction. Raises as `take_back_step`."""
    require(actor, Action.TAKE_DECISIONS)
    person = persons.require_person(connection, actor)
    row, _steps, step = _load_pending(connection, application_id, step_id)
    if step.prepared_by != person:
        raise Forbidden("decision_of_another")
    _settle(connection, actor, step, TAKEN_BACK)
    cases.move_on(connection, row, {})
    _audit(connection, actor, "application_step_taken_back", row)


def require_step(
    connection: Connection,
    actor: Actor,
    row: FetchedRow,
    steps: Sequence[FetchedRow],
    *,
    key: str,
    taken: FetchedRow | None = None,
) -> Transition:
    """Return the transition that the actor may make now. `taken`: the prepared step that it would take.

    Raises `NotFound` (nothing of the kind leads on, or not within their bounds) and `Forbidden`.
    """
    require(actor, Action.TAKE_DECISIONS)
    definition = catalogue()[row.register]
    bounds = deciding_rights.bounds_of(connection, actor)
    move = moves.desk_step(definition, key, row.status)
    if move is None or not moves.desk_steps(definition, actor.role):
        raise NotFound("application", str(row.id))
    if actor.role not in move.roles:
        raise Forbidden("step_of_others")
    prepared_by = {step.prepared_by for step in steps if step.typed}
    if taken is not None:
        if taken.prepared_by == actor.user_id:
            raise Forbidden("decision_is_own")
        prepared_by.add(taken.prepared_by)
    facts = cases.facts_of(row, prepared_by)
    hindrance = deciding_rights.find_hindrance(bounds, facts, clock.today())
    if hindrance is not None:
        raise Forbidden(hindrance.code, **hindrance.params)
    if taken is None and actor.user_id in _gave_opinions(definition, steps, move):
        raise Forbidden("opinion_given_already")
    return move


def opinion_required(definition: RegisterDefinition, move: Transition) -> bool:
    """True for a step whose reasons the holder must be told: it refuses the application."""
    return moves.ends_it(definition, move)


def _gave_opinions(definition: RegisterDefinition, steps: Sequence[FetchedRow], move: Transition) -> set[int]:
    """Who has given an opinion since the last submission, for a further one: each level is another person's."""
    if moves.needs_second_person(definition, move) or moves.returns_it(definition, move):
        return set()
    since = max((index for index, step in enumerate(steps) if step.typed), default=0)
    return {step.prepared_by for step in steps[since + 1 :] if step.state == TAKEN}


def _with_named_papers(move: Transition, step: StatedStep) -> StatedStep:
    """A step whose papers came in the order of the life cycle, with each under its name. Raises `Invalid` for too many."""
    count, at_most = len(step.papers_in_order), len(move.evidence)
    if count > at_most:
        raise Invalid((Issue("too_many_items", "papers", {"count": count, "at_most": at_most}),))
    named = dict(zip(move.evidence, step.papers_in_order, strict=False))
    return replace(step, papers={**step.papers, **named}, papers_in_order=())


def _problems(definition: RegisterDefinition, move: Transition, step: StatedStep) -> Iterator[Issue]:
    """What is wrong with a step as it is typed: what it lacks, what is too long, and what it does not ask for."""
    yield from _not_asked(definition, move, step)
    yield from _too_long(OPINION, step.opinion, MAX_OPINION)
    for paper in move.evidence:
        name = f"{PAPER_PREFIX}{move.evidence.index(paper)}"
        if not step.papers.get(paper, "").strip():
            yield Issue("paper_wanted", name)
        yield from _too_long(name, step.papers.get(paper, ""), MAX_PAPER)
    for name in _reason_names(definition):
        yield from _too_long(REASON_PREFIX + name, step.reasons.get(name, ""), MAX_REASON)
    if moves.returns_it(definition, move):
        named = (step.reasons.get(name, "").strip() for name in _reason_names(definition))
        if not step.opinion.strip() and not any(named):
            yield Issue("reasons_wanted", OPINION)
    elif opinion_required(definition, move) and not step.opinion.strip():
        yield Issue("opinion_wanted", OPINION)


def _not_asked(definition: RegisterDefinition, move: Transition, step: StatedStep) -> Iterator[Issue]:
    """What is stated and is no part of this step: nothing is kept that no form asks for."""
    asked = {
        "reasons": _reason_names(definition) if moves.returns_it(definition, move) else frozenset(),
        "papers": frozenset(move.evidence),
    }
    given = {"reasons": step.reasons, "papers": step.papers}
    if not definition.life_cycle.state(move.after).is_public:  # what a publication may state, it says itself
        asked["stated"] = frozenset(publication.stated_fields(move))
        given["stated"] = step.stated
    for part, texts in given.items():
        foreign = (name for name, text in texts.items() if text.strip() and name not in asked[part])
        for name in islice(foreign, MAX_NOT_ASKED):
            yield Issue("not_asked_in_step", part, {"name": name[:MAX_QUOTED]})


def _reason_names(definition: RegisterDefinition) -> frozenset[str]:
    """What a return may be about: the questions, and the kinds of evidence."""
    return frozenset((*filing_of(definition).fields(), *map(evidence.reason_key, _kinds(definition))))


def _kinds(definition: RegisterDefinition) -> list[str]:
    return [code.code for code in moves.applications_of(definition.slug).evidence]


def _too_long(name: str, text: str, at_most: int) -> Iterator[Issue]:
    if len(text.strip()) > at_most:
        yield Issue("too_long", name, {"length": len(text.strip()), "at_most": at_most})


def _document(
    connection: Connection,
    actor: Actor,
    row: FetchedRow,
    move: Transition,
    *,
    stated: Mapping[str, str],
) -> PreparedDocument | tuple[Issue, ...] | None:
    """What a step publishes, what stands against that, None for a step that publishes nothing."""
    if not catalogue()[row.register].life_cycle.state(move.after).is_public:
        return None
    return publication.prepare(connection, actor, row, move, stated=stated)


def _lead_on(
    connection: Connection, row: FetchedRow, move: Transition, document: PreparedDocument | None, *, role: str
) -> None:
    """Bring an application into the next state, and tell its holder."""
    definition = catalogue()[row.register]
    values: dict[str, object] = {"status": move.after}
    if document is not None:
        values["record_id"] = publication.publish(connection, row, move, document, role=role)
    cases.move_on(connection, row, values)
    if document is not None:
        kind = "application_published"
    elif moves.returns_it(definition, move):
        kind = "application_returned"
    else:
        kind = "application_refused" if moves.ends_it(definition, move) else "application_passed"
    cases.tell_holder(connection, row, kind, after=move.after)


def _load_pending(
    connection: Connection, application_id: int, step_id: int
) -> tuple[FetchedRow, Sequence[FetchedRow], FetchedRow]:
    """An application with a step that waits for a second person. Raises `NotFound`, `Conflict`."""
    row = cases.load_application(connection, application_id, lock=True)
    steps = cases.steps_of(connection, row.id)
    step = next((each for each in steps if each.id == step_id), None)
    if step is None:
        raise NotFound("application", str(application_id))
    if step.state != PREPARED:
        raise Conflict("step_settled")
    if step.before != row.status:
        raise Conflict("application_moved")
    return row, steps, step


def _settle(connection: Connection, actor: Actor, step: FetchedRow, state: str, *, reply: str = "") -> None:
    """End a prepared step: of two people who do, one is told."""
    require(actor, Action.TAKE_DECISIONS)
    still = (ApplicationStep.id == step.id) & (ApplicationStep.state == PREPARED)
    values = {"state": state, "settled_by": actor.user_id, "settled_at": clock.now(), "reply": reply}
    if not connection.execute(update(ApplicationStep).where(still).values(**values)).rowcount:
        raise Conflict("step_settled")


def _as_json(texts: Mapping[str, str]) -> str:
    kept = {name: text.strip() for name, text in texts.items() if text.strip()}
    return personal.mask_resident_ids(json.dumps(kept, ensure_ascii=False))


def _audit(connection: Connection, actor: Actor, action: str, row: FetchedRow) -> None:
    require(actor, Action.TAKE_DECISIONS)
    audit_log.record(connection, actor, action, subject=f"{row.register} {row.id}", details=row.status)
