"""Checks at the desk: which there are and what waits, the form of an announcement, drawn records and the form of a result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Conflict, Forbidden, Refusal
from registry.kit.definition import RegisterDefinition
from registry.kit.random_check import (
    ANNOUNCED,
    FAILED,
    OPEN,
    PUBLISHED,
    RECORDED,
    RETURNED,
    DrawnInspector,
    DrawnRecord,
    RandomCheck,
)
from registry.reference import working_days
from registry.registers import catalogue
from registry.services import filing
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, previews
from registry.services.finding.search import find_records
from registry.services.finding.views import FacetView
from registry.services.people import deciding_rights
from registry.services.people.deciding_rights import ActorBounds, RecordFacts
from registry.services.random_checks import persons, populations, results, steps
from registry.services.random_checks.announcing import load_check
from registry.services.random_checks.outcomes import OUTCOMES, words_of
from registry.services.random_checks.public_pages import LINES, line_view
from registry.services.random_checks.results import ResultDraft
from registry.services.random_checks.views import (
    DeskCheckView,
    DeskDrawnView,
    ResultFormView,
)
from registry.services.records import titles
from registry.services.records.views import RegisterView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_LISTED = 100  # checks on the page of the desk
DRAWN_RECORDS = select(*DrawnRecord.__table__.columns).order_by(DrawnRecord.place)


def list_desk_checks(registry: Registry, actor: Actor) -> tuple[DeskCheckView, ...]:
    """Return the newest checks, those first in which something waits for the actor."""
    require(actor, Action.SEE_CHECKS)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(LINES.order_by(RandomCheck.id.desc()).limit(MAX_LISTED)).all()
        views = [_desk_check(connection, actor, row) for row in rows]
    return tuple(sorted(views, key=lambda view: (view.waiting == 0, -view.line.id)))


def list_checked_registers(actor: Actor) -> tuple[RegisterView, ...]:
    """Return the registers whose records may be checked at random."""
    require(actor, Action.ANNOUNCE_CHECKS)
    return tuple(titles.register_view(definition) for definition in populations.checked_registers())


def list_population_filters(
    registry: Registry, actor: Actor, register: str, query: str
) -> tuple[tuple[FacetView, ...], int]:
    """Return the filters by which the population may be narrowed, with their values, and how many records fit now.

    Raises `NotFound`, `Invalid` and `Unavailable`.
    """
    require(actor, Action.ANNOUNCE_CHECKS)
    request = populations.parse_rule(register, query).request
    found = find_records(registry, actor, request, "zh")
    return found.facets, found.total


def list_pool(registry: Registry, actor: Actor) -> tuple[tuple[int, str], ...]:
    """Return the accounts among which inspectors may be drawn, with their names."""
    require(actor, Action.ANNOUNCE_CHECKS)
    with read_transaction(registry.engine) as connection:
        return tuple((row.id, row.name) for row in persons.list_inspectors(connection))


def get_desk_check(
    registry: Registry, actor: Actor, check_id: int
) -> tuple[DeskCheckView, tuple[DeskDrawnView, ...]]:
    """Return a check at the desk with its drawn records. Raises `NotFound`."""
    require(actor, Action.SEE_CHECKS)
    with read_transaction(registry.engine) as connection:
        number = load_check(connection, check_id, lock=False).number
        row = connection.execute(LINES.where(RandomCheck.number == number)).one()
        drawn = connection.execute(DRAWN_RECORDS.where(DrawnRecord.check_id == check_id)).all()
        return _desk_check(connection, actor, row), tuple(_drawn_views(connection, actor, drawn))


def get_result_form(
    registry: Registry, actor: Actor, check_id: int, place: int, *, lang: str
) -> ResultFormView:
    """Return the result of a drawn record: what was recorded, what may be, and who may do it. Raises `NotFound`."""
    require(actor, Action.SEE_CHECKS)
    with read_transaction(registry.engine) as connection:
        check = load_check(connection, check_id, lock=False)
        row = connection.execute(LINES.where(RandomCheck.number == check.number)).one()
        drawn = results.find_drawn(connection, check_id, place)
        [view] = _drawn_views(connection, actor, [drawn])
        [record] = cases.fetch_cases(connection, [drawn.record_id])
        hindrance = (
            persons.find_hindrance(connection, actor, drawn.record_id)
            if may(actor, Action.RECORD_CHECKS)
            else deciding_rights.Hindrance("desk_reads_only")
        )
    definition = catalogue()[check.register]
    stated = results.stated_result(drawn)
    taken = steps.steps_of(definition, stated.result, record.status) if stated else ()
    names = steps.asked_fields(definition, record.status)
    return ResultFormView(
        check=line_view(row),
        drawn=view,
        questions=tuple(
            replace(question, required=question.name == _deadline(definition))
            for question in filing.list_questions(definition.slug, names)
        ),
        suggested=_suggested(definition),
        stated=stated,
        stated_words=_stated_words(definition, stated, lang),
        follows=tuple(definition.life_cycle.state(step.after).view() for step in taken),
        reply=drawn.reply,
        own=drawn.recorded_by is not None and drawn.recorded_by == actor.user_id,
        obstacle=hindrance.code if hindrance else "",
        obstacle_params=hindrance.params if hindrance else {},
    )


def _desk_check(connection: Connection, actor: Actor, row: FetchedRow) -> DeskCheckView:
    require(actor, Action.SEE_CHECKS)
    obstacle = _draw_obstacle(connection, actor, row)
    waiting = 0
    if row.drawn > row.published and may(actor, Action.RECORD_CHECKS):
        open_records = connection.execute(
            select(DrawnRecord.record_id).where(
                DrawnRecord.check_id == row.id,
                DrawnRecord.state.in_((OPEN, RETURNED))
                | ((DrawnRecord.state == RECORDED) & (DrawnRecord.recorded_by != actor.user_id)),
            )
        ).scalars()
        facts = deciding_rights.read_facts_of_many(connection, open_records.all())
        bounds = deciding_rights.bounds_of(connection, actor)
        waiting = sum(_is_free(bounds, each) for each in facts.values())
    return DeskCheckView(
        line_view(row), waiting, obstacle.reason if obstacle else "", obstacle.params if obstacle else {}
    )


def _is_free(bounds: ActorBounds, facts: RecordFacts) -> bool:
    return deciding_rights.find_hindrance(bounds, facts, clock.today()) is None


def _draw_obstacle(connection: Connection, actor: Actor, row: FetchedRow) -> Refusal | None:
    """Why the actor may not draw a check now, None where they may."""
    require(actor, Action.SEE_CHECKS)
    if row.state != ANNOUNCED:
        return Conflict("check_settled")
    if not may(actor, Action.ANNOUNCE_CHECKS):
        return Forbidden("desk_reads_only")
    if not persons.may_announce_for(connection, actor, row.region_code):
        return Forbidden("check_outside_region")
    if clock.today() < row.seed_on:
        return Conflict("draw_too_early", day=row.seed_on.isoformat())
    return Forbidden("check_is_own") if row.announced_by == actor.user_id else None


def _drawn_views(connection: Connection, actor: Actor, rows: Sequence[FetchedRow]) -> list[DeskDrawnView]:
    require(actor, Action.SEE_CHECKS)
    if not rows:
        return []
    records = {row.id: row for row in cases.fetch_cases(connection, [row.record_id for row in rows])}
    names = {member.label: member for member in persons.pool_of(connection, rows[0].check_id)}
    drawn: dict[int, list[str]] = {}
    for each in connection.execute(
        select(DrawnInspector.place, DrawnInspector.label)
        .where(DrawnInspector.check_id == rows[0].check_id)
        .order_by(DrawnInspector.label)
    ):
        drawn.setdefault(each.place, []).append(each.label)
    recorders = persons.names_of(connection, [row.recorded_by for row in rows])
    today = clock.today()
    views = []
    for row in rows:
        stated = results.stated_result(row)
        last = results.publish_by(stated) if stated and row.state != PUBLISHED else None
        labels = drawn.get(row.place, [])
        views.append(
            DeskDrawnView(
                place=row.place,
                record=previews.titled(records[row.record_id]),
                state=row.state,
                inspectors=tuple(names[label].account_name or names[label].name for label in labels),
                mine=any(names[label].user_id == actor.user_id for label in labels),
                result=words_of(OUTCOMES, stated.result) if stated else None,
                recorded_by=recorders.get(row.recorded_by, ""),
                publish_by=last,
                days_left=_days_between(today, last) if last else 0,
            )
        )
    return views


def _days_between(today: dt.date, last: dt.date) -> int:
    """Working days left, negative where the day has passed."""
    if last >= today:
        return working_days.count_working_days(today, last)
    return -working_days.count_working_days(last, today)


def _deadline(definition: RegisterDefinition) -> str:
    return definition.checks.deadline if definition.checks else ""


def _suggested(definition: RegisterDefinition) -> Mapping[str, str]:
    """The last day of an order as the register suggests it."""
    rules = definition.checks
    if not rules or not rules.deadline or not rules.working_days:
        return {}
    return {rules.deadline: working_days.add_working_days(clock.today(), rules.working_days).isoformat()}


def _stated_words(
    definition: RegisterDefinition, stated: ResultDraft | None, lang: str
) -> tuple[tuple[str, str], ...]:
    """What was recorded of the register's fields: label, text."""
    if stated is None or stated.result != FAILED:
        return ()
    return tuple(
        (each.label, each.text) for each in previews.stated_in_words(definition, stated.fields, lang)
    )
