"""The pages of the desk: what waits for a person, a record with its transitions, the form of a decision, a decision."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select, true
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Forbidden, NotFound
from registry.i18n import _
from registry.kit import list_cells
from registry.kit.decision import (
    LEFT_OUT,
    PREPARED,
    RETURNED,
    DecidedRecord,
    Decision,
    DecisionSheetRow,
)
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.kit.links import LinkSpec
from registry.kit.record import Record
from registry.kit.rules import RuleContext
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, merging, moves, persons, preparing, previews, settling, waiting
from registry.services.deciding.checking import CheckedCase, StatedDecision, asked_fields
from registry.services.deciding.merging import MERGED_NUMBER, is_merged
from registry.services.deciding.preparing import DecisionDraft
from registry.services.deciding.views import (
    CaseOfRecordView,
    DecisionFieldView,
    DecisionFormView,
    DecisionLineView,
    DecisionView,
    DeskRegisterView,
    DeskView,
    FieldGroupView,
    MoveView,
    NamedChoicesView,
    NamedChoiceView,
)
from registry.services.deciding.waiting import WaitingPart
from registry.services.people.staff_accounts import ROLE_LABELS
from registry.services.publication import validation
from registry.services.publication.transitions import FACTS_CORRECTED, MERGED_HERE
from registry.services.records import reading, titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

PAGE_SIZE = 25
MAX_DECISIONS_LISTED = 50  # of each list on the first page
MAX_RECORDS_LISTED = 100  # of one decision
MAX_ASKED_ABOUT = 5  # records of many by which the rules say what the form asks for
MAX_CHECKED_ON_PAGE = 20  # records of a decision that its page checks without being asked
MAX_CHOICES = 10  # records that are offered to be named in a text
MAX_FOUND_LENGTH = 100  # characters of what is looked for among them
KINDS = waiting.KIND_ORDER
ROWS_OF_SHEETS = select(DecisionSheetRow.decision_id).where(DecisionSheetRow.decision_id.is_not(None))
OUTSIDE_SECTIONS = _("Name and heading")  # of the record's page


@dataclass(frozen=True, slots=True)
class DeskRequest:
    """What is asked of the desk. `register`, `kind`: "" for all; `page` from 1."""

    lang: str
    register: str = ""
    kind: str = ""
    page: int = 1


def get_desk(registry: Registry, actor: Actor, wanted: DeskRequest) -> DeskView:
    """Return what waits for the actor, most overdue first; for who only reads, what waits for anyone."""
    require(actor, Action.SEE_DESK)
    register = wanted.register if wanted.register in catalogue() else ""
    kind = wanted.kind if wanted.kind in KINDS else ""
    page = max(1, wanted.page)
    reads_only = not may(actor, Action.TAKE_DECISIONS)
    with read_transaction(registry.engine) as connection:
        part = WaitingPart(register, kind, offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE)
        found = waiting.list_waiting(connection, actor, part)
        of_register: list[ColumnElement[bool]] = [Decision.register == register] if register else []
        of_register.append(Decision.id.not_in(ROWS_OF_SHEETS))  # they are one line, for their sheet
        mine = Decision.prepared_by == actor.user_id
        prepared = Decision.state == PREPARED
        others = waits_for_others(connection, actor)
        to_take, returned, own = (
            decision_lines(connection, actor, (*of_register, condition))
            for condition in (others, (Decision.state == RETURNED) & mine, prepared & mine)
        )
    return DeskView(
        role=ROLE_LABELS.get(actor.role, actor.role),
        reads_only=reads_only,
        to_take=to_take,
        returned=returned,
        prepared=own,
        cases=found.cases,
        counts=found.counts,
        total=found.total,
        page=page,
        pages=max(1, -(-found.total // PAGE_SIZE)),
        all_looked_at=found.all_looked_at,
        registers=tuple(_registers_of(actor.role, reads_only=reads_only)),
    )


def get_case_of_record(
    registry: Registry, actor: Actor, slug: str, number: str, *, lang: str
) -> CaseOfRecordView:
    """Return a record as it stands, with its history, open decisions, and the transitions that lead on. Raises `NotFound`."""
    require(actor, Action.SEE_DESK)
    pointer = reading.locate_record(registry, actor, slug, number)
    record = reading.get_record(registry, actor, pointer, lang)
    definition = catalogue()[slug]
    with read_transaction(registry.engine) as connection:
        [row] = cases.fetch_cases(connection, [pointer.record_id])
        of_record = select(DecidedRecord.decision_id).where(DecidedRecord.record_id == row.id)
        recent = Decision.state.in_((PREPARED, RETURNED)) & Decision.id.in_(of_record)
        obstacle = _obstacle(connection, actor, row)
        seen = recent & decisions_within_bounds(connection, actor)
        decisions = decision_lines(connection, actor, (seen,))
    views = [
        previews.move_view(definition, move, actor.role)
        for move in moves.desk_moves(definition)
        if move.before == row.status
    ]
    correction = moves.move_from(moves.corrections(definition), row.status)
    corrected = previews.move_view(definition, correction, actor.role) if correction else None
    merge = moves.move_from(moves.merges(definition), row.status)
    merged = previews.move_view(definition, merge, actor.role) if merge else None
    return CaseOfRecordView(
        record_id=pointer.record_id,
        record=record,
        correction=corrected if corrected and corrected.mine and not obstacle else None,
        merge=merged if merged and merged.mine and not obstacle else None,
        mine=tuple(view for view in views if view.mine and not obstacle),
        others=tuple(view for view in views if not view.mine or obstacle),
        decisions=decisions,
        obstacle=obstacle,
    )


def get_decision_form(
    registry: Registry, actor: Actor, slug: str, number: str, *, key: str, lang: str
) -> DecisionFormView:
    """Return the form of a decision on one record.

    Raises `NotFound` (no such record, or no such transition from its state) and `Forbidden` (another role's).
    """
    require(actor, Action.TAKE_DECISIONS)
    pointer = reading.locate_record(registry, actor, slug, number)
    decision = StatedDecision(catalogue()[slug], key, {})
    with read_transaction(registry.engine) as connection:
        [row] = cases.fetch_cases(connection, [pointer.record_id])
        move = moves.move_from(decision.moves, row.status)
        if move is None:
            raise NotFound("transition", key)
        if actor.role not in move.roles:
            raise Forbidden("transition_of_others", role=actor.role, transition=key)
        return _form_of(decision, move, row, validation.rule_context(connection), role=actor.role, lang=lang)


def list_decision_forms(
    registry: Registry, actor: Actor, slug: str, number: str, *, lang: str
) -> tuple[DecisionFormView, ...]:
    """Return the forms of all decisions that the actor may prepare on a record; none where something stands against that.

    Raises `NotFound`.
    """
    require(actor, Action.SEE_DESK)
    pointer = reading.locate_record(registry, actor, slug, number)
    definition = catalogue()[slug]
    with read_transaction(registry.engine) as connection:
        [row] = cases.fetch_cases(connection, [pointer.record_id])
        if _obstacle(connection, actor, row) is not None:
            return ()
        context = validation.rule_context(connection)
        return tuple(
            _form_of(
                StatedDecision(definition, moves.move_key(definition, move), {}),
                move,
                row,
                context,
                role=actor.role,
                lang=lang,
            )
            for move in moves.desk_moves(definition, actor.role)
            if move.before == row.status
        )


def _form_of(
    decision: StatedDecision,
    move: Transition,
    row: FetchedRow,
    context: RuleContext,
    *,
    role: str,
    lang: str,
) -> DecisionFormView:
    """The form of a decision on a record, with what the rules of the register want of the state that it leads to."""
    definition = decision.definition
    names = asked_fields(decision, row, context)
    return DecisionFormView(
        register=titles.register_view(definition),
        record=previews.titled(row),
        move=previews.move_view(definition, move, role),
        fields=_field_views(definition, move, names, json.loads(row.document), lang=lang),
        groups=_groups(definition, names) if decision.corrects else (),
    )


def _groups(definition: RegisterDefinition, names: Sequence[str]) -> tuple[FieldGroupView, ...]:
    """The fields as the sections of the record's page have them; before them those that are in none, such as its name."""
    asked = [name for name in names if name != moves.LEGAL_BASIS]
    sections = [(each.title, set(each.fields)) for each in definition.layout.sections]
    elsewhere = [name for name in asked if not any(name in fields for _title, fields in sections)]
    found = [(OUTSIDE_SECTIONS, elsewhere)]
    placed = set(elsewhere)
    for title, fields in sections:
        found.append((title, [name for name in asked if name in fields and name not in placed]))
        placed |= fields
    return tuple(FieldGroupView(title, tuple(of_group)) for title, of_group in found if of_group)


def get_batch_form(
    registry: Registry, actor: Actor, slug: str, key: str, *, numbers: Sequence[str] = ()
) -> DecisionFormView:
    """Return the form of a decision on many records; the rules are asked about the first ones of them.

    Raises `NotFound` (no such transition) and `Forbidden` (another role's).
    """
    require(actor, Action.TAKE_DECISIONS)
    decision = preparing.stated_decision(DecisionDraft(slug, key, ()))
    definition = decision.definition
    mine = [move for move in decision.moves if actor.role in move.roles]
    if not mine:
        raise Forbidden("transition_of_others", role=actor.role, transition=key)
    if decision.has_public_words:  # what is wrong in a record is said of that record
        raise NotFound("transition", key)
    names = dict.fromkeys(moves.form_fields(definition, mine[0]))
    if numbers:
        with read_transaction(registry.engine) as connection:
            found = cases.find_cases(connection, definition, numbers[:MAX_ASKED_ABOUT])
            context = validation.rule_context(connection)
            for row in found.records:
                names |= dict.fromkeys(asked_fields(decision, row, context))
    return DecisionFormView(
        register=titles.register_view(definition),
        record=None,
        move=previews.move_view(definition, mine[0], actor.role),
        fields=_field_views(definition, mine[0], tuple(names), {}, lang="zh"),
    )


def list_desk_registers(registry: Registry, actor: Actor) -> tuple[DeskRegisterView, ...]:
    """Return what the actor's role decides, register by register; for who only reads, what any role decides."""
    require(actor, Action.SEE_DESK)
    del registry
    return tuple(_registers_of(actor.role, reads_only=not may(actor, Action.TAKE_DECISIONS)))


def get_decision(
    registry: Registry, actor: Actor, decision_id: int, lang: str, *, check_all: bool = False
) -> DecisionView:
    """Return a decision; while it is prepared, with what it would do now. `check_all`: on each of many records.

    Raises `NotFound`, also where none of its records lies within the reader's bounds.
    """
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        row = settling.load_decision(connection, decision_id, lock=False)
        seen = select(Decision.id).where(
            Decision.id == decision_id, decisions_within_bounds(connection, actor)
        )
        if connection.execute(seen).first() is None:
            raise NotFound("decision", str(decision_id))
        decision = settling.decision_of_row(row)
        total = _count_records(connection, decision_id)
        records = settling.decided_records(connection, decision_id, None if check_all else MAX_RECORDS_LISTED)
        obstacle = settling.obstacle_of(connection, actor, row)
        checked: list[CheckedCase] = []
        if row.state == PREPARED and any(actor.role in move.roles for move in decision.moves):
            looked_at = records if check_all else records[:MAX_CHECKED_ON_PAGE]
            checked = settling.check_again(connection, actor, row, looked_at)
        names = persons.names_of(connection, [row.prepared_by, row.claimed_by, row.settled_by])
        claimed = row.claimed_by == actor.user_id or settling.is_claimed_by_another(row, actor.user_id)
    definition = decision.definition
    return DecisionView(
        id=row.id,
        register=titles.register_view(definition),
        move=previews.move_view(definition, decision.moves[0], actor.role),
        state=row.state,
        stated=previews.stated_in_words(definition, merging.stated_facts(decision), lang),
        evidence=row.evidence,
        note=row.note,
        reply=row.reply,
        records=tuple(
            previews.titled(each)
            for each in sorted(records[:MAX_RECORDS_LISTED], key=lambda each: is_merged(decision, each))
        ),
        merged_number=decision.stated.get(MERGED_NUMBER, ""),
        total=total,
        left_out=tuple(each.number for each in records if each.outcome == LEFT_OUT),
        effects=tuple(
            previews.effect_of(decision, case, lang)
            for case in checked[:MAX_CHECKED_ON_PAGE]
            if case.document is not None
        ),
        refused=preparing.refused_views(checked),
        prepared_by=names.get(row.prepared_by, ""),
        prepared_at=row.prepared_at,
        claimed_by=names.get(row.claimed_by, "") if claimed and row.claimed_by else "",
        claimed_at=row.claimed_at,
        settled_by=names.get(row.settled_by, "") if row.settled_by else "",
        settled_at=row.settled_at,
        own=row.prepared_by == actor.user_id,
        claimed_by_reader=row.claimed_by is not None and row.claimed_by == actor.user_id,
        obstacle=obstacle.reason if obstacle else "",
        obstacle_params=obstacle.params if obstacle else {},
    )


def get_own_draft(registry: Registry, actor: Actor, decision_id: int) -> DecisionDraft:
    """Return what a decision of the actor states, to prepare it again. Raises `NotFound` and `Forbidden` (another person's)."""
    require(actor, Action.TAKE_DECISIONS)
    with read_transaction(registry.engine) as connection:
        row = settling.load_decision(connection, decision_id, lock=False)
        if row.prepared_by != actor.user_id:
            raise Forbidden("decision_of_another")
        records = settling.decided_records(connection, decision_id)
    decision = settling.decision_of_row(row)
    ordered = sorted(records, key=lambda each: is_merged(decision, each))
    numbers = tuple(record.number for record in ordered)
    return DecisionDraft(row.register, decision.key, numbers, decision.stated, row.evidence, row.note)


def _obstacle(connection: Connection, actor: Actor, row: FetchedRow) -> Issue | None:
    """Why the actor decides nothing on this record, None where they may."""
    require(actor, Action.SEE_DESK)
    if not may(actor, Action.TAKE_DECISIONS):
        return Issue("desk_reads_only")
    found = persons.find_hindrances(connection, actor, [row])
    return found.get(row.id)


def waits_for_others(connection: Connection, actor: Actor) -> ColumnElement[bool]:
    """Return the condition for the decisions that the actor may take; for who only reads, for all that are prepared."""
    require(actor, Action.SEE_DESK)
    prepared = Decision.state == PREPARED
    if not may(actor, Action.TAKE_DECISIONS):
        return prepared
    of_others = Decision.prepared_by != actor.user_id
    return prepared & of_others & _of_role(actor.role) & decisions_within_bounds(connection, actor)


def decisions_within_bounds(connection: Connection, actor: Actor) -> ColumnElement[bool]:
    """Return the condition for decisions on a record within the actor's bounds, and for their own; for all, where they only read."""
    require(actor, Action.SEE_DESK)
    if not may(actor, Action.TAKE_DECISIONS):
        return true()
    within = (
        select(DecidedRecord.decision_id)
        .join(Record, Record.id == DecidedRecord.record_id)
        .where(persons.records_in_bounds(connection, actor))
    )
    return (Decision.prepared_by == actor.user_id) | Decision.id.in_(within)


def _of_role(role: str) -> ColumnElement[bool]:
    """The condition for decisions whose transition the table gives to a role."""
    conditions: list[ColumnElement[bool]] = []
    if role in moves.CORRECTING_ROLES:
        conditions.append(Decision.transition.in_((FACTS_CORRECTED, MERGED_HERE)))
    for slug, definition in catalogue().items():
        for name, after in {(move.name, move.after) for move in moves.desk_moves(definition, role)}:
            conditions.append(
                (Decision.register == slug) & (Decision.transition == name) & (Decision.after == after)
            )
    return or_(*conditions) if conditions else Decision.id.is_(None)


def decision_lines(
    connection: Connection,
    actor: Actor,
    conditions: Iterable[ColumnElement[bool]],
    *,
    limit: int = MAX_DECISIONS_LISTED,
) -> tuple[DecisionLineView, ...]:
    """Return decisions as lines, the oldest first."""
    require(actor, Action.SEE_DESK)
    rows = connection.execute(
        select(*Decision.__table__.columns).where(*conditions).order_by(Decision.id).limit(limit)
    ).all()
    ids = [row.id for row in rows]
    if not ids:
        return ()
    counted = connection.execute(
        select(
            DecidedRecord.decision_id,
            func.count().label("total"),
            func.min(DecidedRecord.record_id).label("first"),
        )
        .where(DecidedRecord.decision_id.in_(ids))
        .group_by(DecidedRecord.decision_id)
    ).all()
    of_decision = {each.decision_id: each for each in counted}
    records = {each.id: each for each in cases.fetch_cases(connection, [each.first for each in counted])}
    names = persons.names_of(connection, [user for row in rows for user in (row.prepared_by, row.claimed_by)])
    return tuple(
        DecisionLineView(
            id=row.id,
            register=titles.register_view(catalogue()[row.register]),
            move=_move_of_row(row, actor.role),
            state=row.state,
            record=previews.titled(records[of_decision[row.id].first]),
            total=of_decision[row.id].total,
            prepared_by=names.get(row.prepared_by, ""),
            prepared_at=row.prepared_at,
            claimed_by=names.get(row.claimed_by, "") if settling.is_claimed_by_another(row, None) else "",
            reply=row.reply,
        )
        for row in rows
        if row.id in of_decision
    )


def _move_of_row(row: FetchedRow, role: str) -> MoveView:
    decision = settling.decision_of_row(row)
    return previews.move_view(decision.definition, decision.moves[0], role)


def _registers_of(role: str, *, reads_only: bool) -> Iterable[DeskRegisterView]:
    for definition in catalogue().values():
        found = moves.desk_moves(definition, "" if reads_only else role)
        by_key = {moves.move_key(definition, move): move for move in found}
        if by_key:
            views = tuple(previews.move_view(definition, move, role) for move in by_key.values())
            yield DeskRegisterView(titles.register_view(definition), views)


def _field_views(
    definition: RegisterDefinition,
    move: Transition,
    names: Sequence[str],
    values: dict[str, object],
    *,
    lang: str,
) -> tuple[DecisionFieldView, ...]:
    fields = definition.schema.register_fields()
    today = clock.today().isoformat()
    of_row = move.adds_row.questions() if move.adds_row else ()
    fitting = definition.life_cycle.state(move.after).fitting
    return tuple(
        DecisionFieldView(
            name,
            previews.value_text(name, fields[name], values, lang) if name in fields else "",
            name in (*move.needs, *of_row),
            today
            if moves.is_day_of_today(definition, move, name, values)
            else _list_as_it_is(move, name, values),
            fitting.get(name),
        )
        for name in names
    )


def _list_as_it_is(move: Transition, name: str, values: dict[str, object]) -> str:
    """A list that a decision changes, as a cell of a sheet: what stays in it need not be written again. "" for other fields."""
    listed = values.get(name)
    if (
        moves.is_correction(move)
        or not isinstance(listed, list)
        or not all(isinstance(each, str) for each in listed)
    ):
        return ""
    return list_cells.join_cell(listed)


def _count_records(connection: Connection, decision_id: int) -> int:
    counted = select(func.count()).where(DecidedRecord.decision_id == decision_id)
    return int(connection.execute(counted).scalar_one())


def list_named_choices(
    registry: Registry, actor: Actor, slug: str, fields: Collection[str], *, find: str
) -> tuple[NamedChoicesView, ...]:
    """Return what the legal basis may name where it is one of these fields, such as notices, the newest first.

    `slug`: of the register that is decided on; `find`: words of the title, or a number in any spelling; "" for the newest ones.
    """
    require(actor, Action.TAKE_DECISIONS)
    links = {
        link.register: link
        for link in catalogue()[slug].links
        if link.parts is not None
        and link.lasting
        and link.field in fields
        and link.field == moves.LEGAL_BASIS
    }
    with read_transaction(registry.engine) as connection:
        return tuple(
            NamedChoicesView(
                link.field,
                titles.register_view(catalogue()[link.register]),
                tuple(_choices(connection, link, find)),
            )
            for link in links.values()
        )


def _choices(connection: Connection, link: LinkSpec, find: str) -> Iterator[NamedChoiceView]:
    """The records of a register that a text can name, by the words that are looked for."""
    definition = catalogue()[link.register]
    words = " ".join(find.split())[:MAX_FOUND_LENGTH]
    wanted: ColumnElement[bool] = Record.register == definition.slug
    if words:
        number = definition.key.parse(words) or words
        alike = (
            Record.title_zh.contains(words, autoescape=True),
            func.lower(Record.title_en).contains(words.lower(), autoescape=True),
            Record.natural_key.contains(number, autoescape=True),
            Record.number == words.upper(),
        )
        wanted &= or_(*alike)
    ids = connection.execute(
        select(Record.id)
        .where(wanted)
        .order_by(Record.valid_from.desc(), Record.id.desc())
        .limit(MAX_CHOICES)
    ).scalars()
    chosen = list(ids)
    rows = {row.id: row for row in cases.fetch_cases(connection, chosen)}
    for each in chosen:
        row = rows[each]
        texts = definition.further_numbers(json.loads(row.document)) if definition.further_numbers else ()
        text = next((text for text in texts if link.parts and tuple(link.parts(text))), "")
        if text:
            shown = previews.titled(row)
            yield NamedChoiceView(
                text, shown.title, shown.status, titles.record_path(definition.slug, row.slug)
            )
