"""Applications as their holder and the desk see them: lists, one with its answers, files and steps, the form of a step."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, false, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.model import User, name_or_address
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.application_case import TAKEN, Application
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.draft import Draft
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.kit.record import Record
from registry.reference import working_days
from registry.reference.identifiers import personal
from registry.registers import applied_registers, catalogue, organisation_register
from registry.services.applying import cases, evidence, moves, publication, steps
from registry.services.applying.views import (
    AnswerInWords,
    ApplicationLine,
    ApplicationView,
    DraftLineView,
    OwnApplications,
    RecordLine,
    StepFormView,
    StepView,
)
from registry.services.bootstrap import Registry
from registry.services.confidential.looks import Look, LookReason, record_look
from registry.services.deciding import persons, previews
from registry.services.deciding.desk_lists import MAX_ID, decode_place, encode_place
from registry.services.deciding.views import DecisionFieldView
from registry.services.filing import draft_views, filing_of, list_questions
from registry.services.people import deciding_rights
from registry.services.people.memberships import FilerAddress, organisation_view, require_membership
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.services.records.past.versions import ROLE_MESSAGES
from registry.services.records.views import LabelledText
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_LISTED = 500  # applications of one organisation, or that wait at the desk
MAX_RECORDS_LISTED = 200


def list_own_applications(
    registry: Registry, actor: Actor, org: FilerAddress, register: str
) -> OwnApplications:
    """Return what an organisation has applied for in a register and holds there, newest first. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[register]
    reports = filing_of(definition).reports
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        rows = connection.execute(
            cases.select_applications()
            .where(Application.organisation_id == mine.id, Application.register == register)
            .order_by(Application.id.desc())
            .limit(MAX_LISTED)
        ).all()
        records = connection.execute(
            select(*TITLE_COLUMNS, Record.status)
            .where(Record.register == definition.published_in, Record.holder_id == mine.id)
            .order_by(Record.id.desc())
            .limit(MAX_RECORDS_LISTED)
        ).all()
        drafts = connection.execute(
            select(*Draft.__table__.columns, name_or_address().label("editor"))
            .join(User, User.id == Draft.changed_by)
            .where(Draft.organisation_id == mine.id, Draft.register == register)
            .order_by(Draft.changed_at.desc())
        ).all()
    return OwnApplications(
        organisation=organisation_view(mine),
        register=titles.register_view(definition),
        words=filing_of(definition).words,
        drafts=tuple(
            DraftLineView(
                row.id,
                draft_views.draft_title(definition, json.loads(row.typed))[0],
                row.changed_at,
                row.editor,
                row.application_id,
            )
            for row in drafts
        ),
        applications=tuple(application_line(row) for row in rows),
        records=tuple(
            RecordLine(
                row.number,
                f"/{definition.published_in}/{row.slug}",
                titles.title_of(definition, row),
                definition.life_cycle.state(row.status).view(),
                f"/{row.slug}/report" if reports and row.status in reports.states else "",
            )
            for row in records
        ),
    )


def get_own_application(
    registry: Registry, actor: Actor, org: FilerAddress, application_id: int, *, lang: str
) -> ApplicationView:
    """Return an application of an organisation to its members. Who acted on it at the authority is not told. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        row = cases.load_own(connection, mine, application_id)
        may_act = mine.role in deciding_rights.ACTING_ROLES
        return _view(connection, row, lang, may_act=may_act)


def view_for_holder(connection: Connection, row: FetchedRow, lang: str, *, may_act: bool) -> ApplicationView:
    """Return an application as its holder sees it. `may_act`: they may correct and withdraw it, where its state lets them."""
    return _view(connection, row, lang, may_act=may_act)


def list_returned(registry: Registry, actor: Actor) -> dict[str, tuple[ApplicationLine, ...]]:
    """Return the applications that their holders have to correct, by the slug of the organisation that the actor acts for."""
    require(actor, Action.ACT_FOR)
    returned = [
        (Application.register == definition.slug) & (Application.status == state.code)
        for definition in applied_registers()
        for state in definition.life_cycle.states
        if moves.submission_from(definition, state.code) is not None
    ]
    with read_transaction(registry.engine) as connection:
        bounds = deciding_rights.bounds_of(connection, actor)
        mine = [each for each, role in bounds.memberships.items() if role in deciding_rights.ACTING_ROLES]
        rows = connection.execute(
            cases.select_applications()
            .where(Application.organisation_id.in_(mine), or_(false(), *returned))
            .order_by(Application.changed_at, Application.id)
            .limit(MAX_LISTED)
        ).all()
    found: dict[str, tuple[ApplicationLine, ...]] = {}
    for row in rows:
        found[row.org_slug] = (*found.get(row.org_slug, ()), application_line(row))
    return found


def examines(actor: Actor) -> bool:
    """Return True if a life cycle gives the actor's role a step on applications."""
    require(actor, Action.ACT_FOR)
    return may(actor, Action.TAKE_DECISIONS) and any(
        moves.desk_steps(definition, actor.role) for definition in applied_registers()
    )


def list_applications(
    registry: Registry, actor: Actor, *, limit: int = MAX_LISTED
) -> tuple[ApplicationLine, ...]:
    """Return the applications that wait for the actor's role within their bounds, the longest waiting first; for who only reads, all open ones."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        return _waiting(connection, actor, true(), limit=limit)


def list_applications_from(
    registry: Registry, actor: Actor, token: str | None, *, limit: int
) -> tuple[tuple[ApplicationLine, ...], str | None]:
    """Return a page of `list_applications`, and the token of the next one, None at the end. Raises `Invalid` for a wrong token."""
    require(actor, Action.SEE_DESK)
    behind: ColumnElement[bool] = true()
    if token is not None:
        moment, found = _place(token)
        same = (Application.changed_at == moment) & (Application.id > found)
        behind = (Application.changed_at > moment) | same
    with read_transaction(registry.engine) as connection:
        lines = _waiting(connection, actor, behind, limit=limit + 1)
    page = lines[:limit]
    if len(lines) <= limit:
        return page, None
    return page, encode_place(f"{page[-1].since.isoformat()}~{page[-1].id}")


def _place(token: str) -> tuple[dt.datetime, int]:
    """Return moment and application behind which a page begins. Raises `Invalid`."""
    moment, _tilde, found = decode_place(token).partition("~")
    try:
        place = dt.datetime.fromisoformat(moment), int(found)
    except ValueError:
        place = None
    if place is None or place[0].tzinfo is None or not 0 < place[1] <= MAX_ID:
        raise Invalid((Issue("bad_token", "next", {"value": token[:40]}),))
    return place


def _waiting(
    connection: Connection, actor: Actor, condition: ColumnElement[bool], *, limit: int
) -> tuple[ApplicationLine, ...]:
    """The applications that wait for the actor and meet a condition."""
    require(actor, Action.SEE_DESK)
    reads_only = not may(actor, Action.TAKE_DECISIONS)
    wanted = {
        (definition.slug, move.before)
        for definition in applied_registers()
        for move in moves.desk_steps(definition, "" if reads_only else actor.role)
    }
    waits = [
        (Application.register == slug) & (Application.status == status) for slug, status in sorted(wanted)
    ]
    within = true() if reads_only else cases.within_bounds(deciding_rights.bounds_of(connection, actor))
    rows = connection.execute(
        cases.select_applications()
        .where(Application.record_id.is_(None), or_(false(), *waits), within, condition)
        .order_by(Application.changed_at, Application.id)
        .limit(limit)
    ).all()
    pending = cases.pending_steps(connection, [row.id for row in rows])
    return tuple(application_line(row, pending.get(row.id)) for row in rows)


def get_application(registry: Registry, actor: Actor, application_id: int, *, lang: str) -> ApplicationView:
    """Return an application to those who examine it. Raises `NotFound`, also outside the reader's bounds."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        row = cases.load_application(connection, application_id)
        if not cases.may_look(actor, deciding_rights.bounds_of(connection, actor), row):
            raise NotFound("application", str(application_id))
        return _view(connection, row, lang, actor=actor)


def open_signer(registry: Registry, actor: Actor, application_id: int, *, reason: LookReason) -> str:
    """Return the name of who signed an application, to those who examine it; the look and its reason stand in the audit log.

    Raises `NotFound`, also outside the reader's bounds, and `Invalid` as `record_look`.
    """
    require(actor, Action.SEE_DESK)
    with unit_of_work(registry.engine) as connection:
        row = cases.load_application(connection, application_id)
        signer = cases.submissions(cases.steps_of(connection, row.id))[-1].signer
        if not signer or not cases.may_look(actor, deciding_rights.bounds_of(connection, actor), row):
            raise NotFound("application", str(application_id))
        record_look(connection, actor, Look("signer", f"{row.register} {row.id}"), reason)
    return str(signer)


def get_step_form(
    registry: Registry, actor: Actor, application_id: int, key: str, *, lang: str
) -> StepFormView:
    """Return the form of a step. Raises `NotFound` and `Forbidden` as `steps.make_step`."""
    require(actor, Action.TAKE_DECISIONS)
    with read_transaction(registry.engine) as connection:
        row = cases.load_application(connection, application_id)
        if not cases.may_look(actor, deciding_rights.bounds_of(connection, actor), row):
            raise NotFound("application", str(application_id))
        definition = catalogue()[row.register]
        of_case = cases.steps_of(connection, row.id)
        move = steps.require_step(connection, actor, row, of_case, key=key)
        public = definition.life_cycle.state(move.after).is_public
        return StepFormView(
            application=_view(connection, row, lang, actor=actor),
            move=moves.step_view(definition, move, actor.role),
            fields=publication.asked_fields(connection, actor, row, move)
            if public
            else tuple(
                DecisionFieldView(name, "", name in move.needs, "")
                for name in publication.stated_fields(move)
            ),
            asks_reasons=moves.returns_it(definition, move),
            opinion_required=steps.opinion_required(definition, move),
            second_person=moves.needs_second_person(definition, move),
        )


def _view(
    connection: Connection,
    row: FetchedRow,
    lang: str,
    *,
    actor: Actor | None = None,
    may_act: bool = False,
) -> ApplicationView:
    """An application. `actor`: of the desk, None for its holder; `may_act`: the holder may correct and withdraw."""
    definition = catalogue()[row.register]
    of_case = cases.steps_of(connection, row.id)
    submitted = cases.submissions(of_case)
    people = persons.names_of(
        connection, [each for step in of_case for each in (step.prepared_by, step.settled_by)]
    )
    views = {step.id: _step(definition, step, people if actor else {}, lang) for step in of_case}
    pending = cases.pending_step(of_case)
    last = of_case[-1]
    possible, refusals = _possible(connection, actor, row, of_case) if actor else ([], {})
    obstacle = next(iter(refusals.values()), None) if actor and not possible else None
    pending_obstacle: Issue | None = None
    sentences: Mapping[str, str] = {}
    problems: tuple[Issue, ...] = ()
    if actor and pending is not None:
        pending_obstacle = _hindrance(connection, actor, row, of_case, key=pending.transition, taken=pending)
        move = moves.desk_step(definition, pending.transition, row.status)
        if move is not None and definition.life_cycle.state(move.after).is_public:
            stated = json.loads(pending.stated)
            document = publication.prepare(connection, actor, row, move, stated=stated)
            if isinstance(document, tuple):
                problems = document
            else:
                sentences = publication.said_first(definition, move, document)
    refused = (
        row.record_id is None and moves.is_over(definition, row.status) and not submitted_by_holder(last)
    )
    shown = [step for step in of_case if actor or step.state == TAKEN]
    return ApplicationView(
        line=application_line(row, pending.id if pending is not None else None),
        forgotten_at=row.forgotten_at,
        organisation_path=f"/{organisation_register().slug}/{row.org_slug}",
        organisation_number=row.org_number,
        revision=row.revision,
        typed=json.loads(row.typed),
        before=json.loads(submitted[-2].typed) if len(submitted) > 1 else {},
        words=_in_words(definition, json.loads(row.typed), lang),
        signer=personal.mask_name(submitted[-1].signer) if actor else submitted[-1].signer,
        evidence=evidence.kind_views(row.register, evidence.files_of_step(connection, submitted[-1].id), {}),
        steps=tuple(views[step.id] for step in reversed(shown)),
        moves=tuple(moves.step_view(definition, move, actor.role) for move in possible) if actor else (),
        others=tuple(
            moves.step_view(definition, move, actor.role)
            for move in moves.desk_steps(definition)
            if move.before == row.status and move not in possible
        )
        if actor
        else (),
        waits_for=moves.roles_awaited(definition, row.status),
        pending=views[pending.id] if actor and pending is not None else None,
        pending_obstacle=pending_obstacle,
        pending_is_own=bool(actor and pending is not None and pending.prepared_by == actor.user_id),
        obstacle=obstacle,
        notices=publication.notices(connection, actor, row) if actor else (),
        sentences=sentences,
        publication_issues=problems,
        correctable=may_act
        and row.forgotten_at is None
        and moves.submission_from(definition, row.status) is not None,
        withdrawable=may_act
        and row.record_id is None
        and moves.withdrawal_from(definition, row.status) is not None,
        appeal=moves.applications_of(row.register).appeal if refused else "",
        reads_only=bool(actor) and not may(actor, Action.TAKE_DECISIONS) if actor else False,
    )


def _in_words(
    definition: RegisterDefinition, typed: Mapping[str, Any], lang: str
) -> dict[str, AnswerInWords]:
    """What answers mean that do not say so themselves: a code, a name of a region or a title, a date; in the reader's language."""
    raw = draft_views.typed_as_raw(definition, typed)
    values = definition.schema.load_values(raw, complete=False).values
    answers: dict[str, AnswerInWords] = {}
    for name, field in definition.schema.register_fields().items():
        if not isinstance(typed.get(name), str):
            continue
        written = str(typed[name]).strip()
        text = previews.value_text(name, field, values, lang)
        if text and text != written:
            says_more = written != str(values.get(name)) and written not in text
            answers[name] = AnswerInWords(text, written if says_more else "")
    return answers


def submitted_by_holder(step: FetchedRow) -> bool:
    """Return True for a step of the holder, such as taking the application back."""
    return bool(step.role == moves.HOLDER_ROLE)


def _possible(
    connection: Connection, actor: Actor, row: FetchedRow, of_case: Sequence[FetchedRow]
) -> tuple[list[Transition], dict[str, Issue]]:
    """The steps that the actor may take now, and why not those of their role that they may not."""
    require(actor, Action.SEE_DESK)
    possible, refusals = [], {}
    if cases.pending_step(of_case) is not None or not may(actor, Action.TAKE_DECISIONS):
        return [], {}
    for move in moves.desk_steps(catalogue()[row.register], actor.role):
        if move.before == row.status:
            hindrance = _hindrance(connection, actor, row, of_case, key=move.name)
            if hindrance is None:
                possible.append(move)
            else:
                refusals[move.name] = hindrance
    return possible, refusals


def _hindrance(
    connection: Connection,
    actor: Actor,
    row: FetchedRow,
    of_case: Sequence[FetchedRow],
    *,
    key: str,
    taken: FetchedRow | None = None,
) -> Issue | None:
    """Why the actor may not make a step, None where they may."""
    require(actor, Action.SEE_DESK)
    if not may(actor, Action.TAKE_DECISIONS):
        return Issue("desk_reads_only")
    try:
        steps.require_step(connection, actor, row, of_case, key=key, taken=taken)
    except Forbidden as refusal:
        return Issue(refusal.reason, "", dict(refusal.params))
    except NotFound:
        return Issue("application_moved")
    return None


def application_line(row: FetchedRow, step: int | None = None) -> ApplicationLine:
    """Return an application as a line. `row`: as `cases.select_applications` gives it; `step`: one that waits for a second person."""
    definition = catalogue()[row.register]
    since: dt.datetime = row.changed_at
    return ApplicationLine(
        id=row.id,
        register=titles.register_view(definition),
        title=cases.title_of(row),
        organisation=titles.linked_title(
            organisation_register().slug, row.title_zh, row.title_en, row.en_source
        ),
        status=moves.state_view(definition, row.status),
        over=row.record_id is not None or moves.is_over(definition, row.status),
        submitted_at=row.submitted_at,
        since=since,
        working_days=working_days.count_working_days(since.astimezone(clock.SHANGHAI).date(), clock.today()),
        record_path=f"/{definition.published_in}/{row.record_slug}" if row.record_slug else "",
        step=step,
    )


def _step(
    definition: RegisterDefinition, step: FetchedRow, people: Mapping[int | None, str], lang: str
) -> StepView:
    """A step in words. `people`: names by account; none for the holder, who is not told papers and replies either."""
    labels = {
        question.name: question.label
        for question in list_questions(definition.slug, filing_of(definition).fields())
    }
    kinds: dict[str, Words] = {
        evidence.reason_key(code.code): Words(code.zh, code.en)
        for code in moves.applications_of(definition.slug).evidence
    }
    reasons: dict[str, Any] = json.loads(step.reasons)
    return StepView(
        id=step.id,
        name=moves.step_name(definition, step.transition, step.after),
        after=moves.state_view(definition, step.after),
        state=step.state,
        role=ROLE_MESSAGES[step.role],
        opinion=step.opinion,
        reasons=tuple(
            LabelledText(labels.get(name) or getattr(kinds[name], lang), text)
            for name, text in reasons.items()
            if name in labels or name in kinds
        ),
        papers=tuple(LabelledText(name, text) for name, text in json.loads(step.papers).items())
        if people
        else (),
        stated=previews.stated_in_words(definition, json.loads(step.stated), lang) if people else (),
        prepared_by=people.get(step.prepared_by, ""),
        prepared_at=step.prepared_at,
        settled_by=people.get(step.settled_by, ""),
        settled_at=step.settled_at,
        reply=step.reply if people else "",
    )
