"""New records at the desk, such as a notice: prepared by one person, looked at and published by another.

A register says by `desk_entry` that staff enter its records; the roles of the transition that begins one may do so, within
their bounds. Checked when it is looked at, prepared and published, by one function.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, may, require
from registry.attachments.model import Attachment
from registry.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from registry.kit.decision import PREPARED, RETURNED, TAKEN, TAKEN_BACK
from registry.kit.definition import DeskEntry as EntryRules
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.issues import Issue, without_repetition
from registry.kit.kinds import Rows
from registry.kit.life_cycle import Transition
from registry.kit.record import Record
from registry.kit.record_entry import DeskEntry
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.confidential.looks import Look, LookReason, record_look
from registry.services.deciding import moves, persons, previews
from registry.services.deciding.preparing import (
    EVIDENCE,
    MAX_EVIDENCE_LENGTH,
    MAX_NOTE_LENGTH,
    NOTE,
)
from registry.services.deciding.views import (
    DecisionFieldView,
    EntryFileView,
    EntryFormView,
    EntryLineView,
    EntryPreview,
    EntryView,
    MoveView,
)
from registry.services.people import attachments, deciding_rights
from registry.services.publication import publishing, validation
from registry.services.publication.batch_writer import Authority
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.validation import RefusedRow
from registry.services.records import full_texts, published_files, titles
from registry.services.records.full_texts import TextView
from registry.services.records.past.versions import ROLE_MESSAGES
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_LISTED = 50
FILE, REPLY, SHA256 = "file", "reply", "sha256"
_COLUMNS = select(
    *DeskEntry.__table__.columns,
    Attachment.sha256,
    Attachment.size,
    Attachment.name,
    Attachment.kind.label("file_kind"),
    Record.slug.label("record_slug"),
    Record.number.label("record_number"),
)
ENTRIES = _COLUMNS.outerjoin(Attachment, Attachment.id == DeskEntry.attachment_id).outerjoin(
    Record, Record.id == DeskEntry.record_id
)


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """A new record as it is typed. `stated`: field → text; `sha256`: of a file that was uploaded before, where a program names one."""

    register: str
    stated: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    note: str = ""
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class HandedInEntryFile:
    """A file on its way to an entry. `token`: of one that was sent before and is being examined; else `stream`."""

    name: str = ""
    stream: attachments.Stream | None = None
    token: str = ""


def list_entered_registers(registry: Registry, actor: Actor) -> tuple[EntryFormView, ...]:
    """Return the registers in which the actor may enter new records, without the questions of their forms."""
    require(actor, Action.SEE_DESK)
    del registry
    found = (definition for definition in catalogue().values() if definition.desk_entry)
    return tuple(
        EntryFormView(titles.register_view(definition), _move_view(definition, actor.role), ())
        for definition in found
        if may(actor, Action.TAKE_DECISIONS) and actor.role in _move_of(definition).roles
    )


def get_entry_form(registry: Registry, actor: Actor, slug: str) -> EntryFormView:
    """Return the form of a new record. Raises `NotFound` (staff enter none there) and `Forbidden` (other roles do)."""
    require(actor, Action.TAKE_DECISIONS)
    del registry
    definition, move = _require_entered(actor, slug)
    required = {name for name in entered_fields(definition, move) if definition.schema.is_required(name)}
    return EntryFormView(
        titles.register_view(definition),
        _move_view(definition, actor.role),
        tuple(
            DecisionFieldView(name, "", name in required, _suggested(definition, move, name))
            for name in entered_fields(definition, move)
        ),
    )


def preview_entry(registry: Registry, actor: Actor, draft: EntryDraft, lang: str) -> EntryPreview:
    """Return what a new record would say. Nothing is kept. Raises `NotFound`, `Forbidden`, `Invalid`."""
    require(actor, Action.TAKE_DECISIONS)
    definition, move = _require_entered(actor, draft.register)
    with read_transaction(registry.engine) as connection:
        persons.require_person(connection, actor)
        document = _require_possible(connection, actor, definition, draft)
    return EntryPreview(
        _move_view(definition, actor.role),
        previews.stated_in_words(definition, _stated(draft), lang),
        previews.first_sentences(definition, move.after, document.values, clock.today()),
        document.warnings,
    )


def prepare_entry(registry: Registry, actor: Actor, draft: EntryDraft) -> int:
    """Keep a new record for a second person; return its id. Raises as `preview_entry`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)  # of two people who enter the same one, one is told
        return prepare_in_transaction(registry, connection, actor, draft)


def prepare_in_transaction(
    registry: Registry, connection: Connection, actor: Actor, draft: EntryDraft
) -> int:
    """Keep a new record for a second person, with the publish lock held; return its id. Raises as `preview_entry`."""
    require(actor, Action.TAKE_DECISIONS)
    definition, _move = _require_entered(actor, draft.register)
    person = persons.require_person(connection, actor)
    document = _require_possible(connection, actor, definition, draft)
    row = {
        "register": definition.slug,
        "natural_key": document.key,
        "stated": json.dumps(_stated(draft), ensure_ascii=False),
        "evidence": draft.evidence.strip(),
        "note": draft.note.strip(),
        "attachment_id": _uploaded(registry, connection, actor, definition, draft=draft),
        "state": PREPARED,
        "prepared_by": person,
        "prepared_at": clock.now(),
    }
    entry_id = int(connection.execute(insert(DeskEntry).values(**row).returning(DeskEntry.id)).scalar_one())
    audit_log.record(
        connection,
        actor,
        "entry_prepared",
        subject=f"{definition.slug} {entry_id}",
        details=draft.sha256,
    )
    return entry_id


def _uploaded(
    registry: Registry,
    connection: Connection,
    actor: Actor,
    definition: RegisterDefinition,
    *,
    draft: EntryDraft,
) -> int | None:
    """The file that a draft names by its hash, None for none. Raises `Invalid`."""
    require(actor, Action.TAKE_DECISIONS)
    if not draft.sha256:
        return None
    if not _rules_of(definition).files:
        raise Invalid((Issue("unknown_field", SHA256, {"name": SHA256}),))
    root = registry.settings.attachments_dir
    found = attachments.find_uploaded(connection, actor, (draft.sha256,), root=root)
    if draft.sha256 not in found:
        raise Invalid((Issue("file_not_uploaded", SHA256, {"value": draft.sha256[:64]}),))
    return int(found[draft.sha256].id)


def attach_file(registry: Registry, actor: Actor, entry_id: int, file: HandedInEntryFile) -> None:
    """Examine the file of an entry that the actor has prepared, and keep it in the place of an earlier one.

    Raises `Invalid` (of `file`), `BeingExamined`, `NotFound`,
    `Forbidden` (another person's), `Conflict` (settled), `Unavailable` (the scanner).
    """
    require(actor, Action.TAKE_DECISIONS)
    with read_transaction(registry.engine) as connection:
        _own_prepared(connection, actor, entry_id)
    if file.token:
        stored = attachments.collect_attachment(registry, actor, file.token)
    elif file.stream is not None:
        stored = attachments.upload_attachment(registry, actor, file.name, file.stream)
    else:
        raise Invalid((Issue("required", FILE),))
    with unit_of_work(registry.engine) as connection:
        row = _own_prepared(connection, actor, entry_id)
        _write(connection, row, attachment_id=stored.id)
        audit_log.record(
            connection, actor, "entry_file", subject=f"{row.register} {row.id}", details=stored.sha256
        )


def get_entry(registry: Registry, actor: Actor, entry_id: int, lang: str) -> EntryView:
    """Return an entry; while it is prepared, with what it would say now. Raises `NotFound`, also out of the reader's bounds."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        row = _load_seen(connection, actor, entry_id)
        definition = catalogue()[row.register]
        stated = json.loads(row.stated)
        names = persons.names_of(connection, [row.prepared_by, row.settled_by])
        refusal = _obstacle(connection, actor, row)
        document = _check(connection, definition, stated, row)
    move = _move_of(definition)
    possible = row.state == PREPARED and not isinstance(document, tuple)
    return EntryView(
        line=_line(row, names),
        move=_move_view(definition, actor.role),
        stated=previews.stated_in_words(definition, stated, lang),
        evidence=row.evidence,
        note=row.note,
        file=_file_view(row),
        takes_file=bool(_rules_of(definition).files),
        sentences=previews.first_sentences(definition, move.after, document.values, clock.today())
        if possible and not isinstance(document, tuple)
        else {},
        issues=document if isinstance(document, tuple) and row.state == PREPARED else (),
        settled_by=names.get(row.settled_by, "") if row.settled_by else "",
        settled_at=row.settled_at,
        own=row.prepared_by == actor.user_id,
        record_path=titles.record_path(row.register, row.record_slug) if row.record_slug else "",
        record_number=row.record_number or "",
        obstacle=refusal.reason if refusal else "",
        obstacle_params=refusal.params if refusal else {},
    )


def list_entries(registry: Registry, actor: Actor, *, limit: int = MAX_LISTED) -> tuple[EntryLineView, ...]:
    """Return the entries that wait within the reader's bounds, and those that came back to them; the oldest first."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        waiting = connection.execute(
            ENTRIES.where(
                (DeskEntry.state == PREPARED)
                | ((DeskEntry.state == RETURNED) & (DeskEntry.prepared_by == actor.user_id))
            ).order_by(DeskEntry.id)
        ).all()
        # Whether one is within the reader's bounds follows from what is stated, so that the database cannot count to the limit.
        seen = list(islice((row for row in waiting if _may_see(connection, actor, row)), limit))
        names = persons.names_of(connection, [row.prepared_by for row in seen])
    return tuple(_line(row, names) for row in seen)


def get_own_entry(registry: Registry, actor: Actor, entry_id: int) -> EntryDraft:
    """Return what an entry of the actor states, to prepare it again. Raises `NotFound` and `Forbidden` (another person's)."""
    require(actor, Action.TAKE_DECISIONS)
    with read_transaction(registry.engine) as connection:
        row = _load(connection, entry_id)
    if row.prepared_by != actor.user_id:
        raise Forbidden("decision_of_another")
    return EntryDraft(row.register, json.loads(row.stated), row.evidence, row.note)


def get_entry_file(registry: Registry, actor: Actor, entry_id: int, *, reason: LookReason) -> TextView:
    """Return the file of an entry to those who see it; the look and its reason stand in the audit log.

    Raises `NotFound`, and `Invalid` as `record_look`.
    """
    require(actor, Action.SEE_DESK)
    with unit_of_work(registry.engine) as connection:
        row = _load_seen(connection, actor, entry_id)
        if row.sha256 is None:
            raise NotFound("file", str(entry_id))
        look = Look("entry_file", f"{row.register} {row.id}", row.sha256)
        record_look(connection, actor, look, reason)
    return full_texts.make_text_view(registry, row)


def take_entry(registry: Registry, actor: Actor, entry_id: int) -> str:
    """Publish a record that another person has prepared; return its number.

    Raises `NotFound`, `Forbidden` (one's own, another role's, out of bounds), `Conflict` (settled), `Invalid`.
    """
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        return take_in_transaction(connection, actor, entry_id)


def take_in_transaction(connection: Connection, actor: Actor, entry_id: int) -> str:
    """Publish a record that another person has prepared, with the publish lock held; return its number. Raises as `take_entry`."""
    require(actor, Action.TAKE_DECISIONS)
    row = _load(connection, entry_id, lock=True)
    definition, move = _require_entered(actor, row.register)
    _require_second_person(connection, actor, row)
    document = _check(connection, definition, json.loads(row.stated), row)
    if isinstance(document, tuple):
        raise Invalid(document)
    [outcome] = publishing.publish(
        connection, definition, [document], Authority(actor.role), reason=move.name
    )
    if outcome.issue is not None:
        raise Invalid((outcome.issue,))
    same = (Record.register == definition.slug) & (Record.natural_key == document.key)
    record = connection.execute(select(Record.id, Record.number).where(same)).one()
    _settle(connection, row, actor, TAKEN, record_id=record.id)
    audit_log.record(
        connection, actor, "entry_taken", subject=record.number, details=f"{definition.slug} {row.id}"
    )
    return str(record.number)


def return_entry(registry: Registry, actor: Actor, entry_id: int, reply: str) -> None:
    """Return an entry to the person who prepared it, with what is to be changed. Raises as `take_entry`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        return_in_transaction(connection, actor, entry_id, reply)


def return_in_transaction(connection: Connection, actor: Actor, entry_id: int, reply: str) -> None:
    """Return an entry to the person who prepared it. Raises as `return_entry`."""
    require(actor, Action.TAKE_DECISIONS)
    reply = persons.require_reply(reply.strip(), at_most=MAX_NOTE_LENGTH)
    row = _load(connection, entry_id, lock=True)
    _require_entered(actor, row.register)
    _require_second_person(connection, actor, row)
    _settle(connection, row, actor, RETURNED, reply=reply.strip())
    audit_log.record(connection, actor, "entry_returned", subject=f"{row.register} {row.id}")


def take_back_entry(registry: Registry, actor: Actor, entry_id: int) -> None:
    """Take back an entry that the actor has prepared. Raises `NotFound`, `Forbidden` (another person's), `Conflict`."""
    require(actor, Action.TAKE_DECISIONS)
    with unit_of_work(registry.engine) as connection:
        take_back_in_transaction(connection, actor, entry_id)


def take_back_in_transaction(connection: Connection, actor: Actor, entry_id: int) -> None:
    """Take back an entry that the actor has prepared. Raises as `take_back_entry`."""
    require(actor, Action.TAKE_DECISIONS)
    row = _own_prepared(connection, actor, entry_id)
    _settle(connection, row, actor, TAKEN_BACK)
    audit_log.record(connection, actor, "entry_taken_back", subject=f"{row.register} {row.id}")


def entered_fields(definition: RegisterDefinition, move: Transition) -> tuple[str, ...]:
    """Return the fields that the form of a new record asks for: no tables, nothing of another state or of where it comes from."""
    shown = definition.layout.is_shown
    return (
        *(
            name
            for name, each in definition.schema.register_fields().items()
            if name not in moves.NOT_ASKED
            and name != moves.LEGAL_BASIS
            and not isinstance(each, Rows)
            and shown(name, move.after)
        ),
        moves.LEGAL_BASIS,
    )


def _rules_of(definition: RegisterDefinition) -> EntryRules:
    if definition.desk_entry is None:
        raise NotFound("entry", definition.slug)
    return definition.desk_entry


def _move_of(definition: RegisterDefinition) -> Transition:
    """The transition that begins a record at the desk."""
    name = _rules_of(definition).transition
    return next(move for move in definition.life_cycle.transitions if move.name == name and not move.before)


def _require_entered(actor: Actor, slug: str) -> tuple[RegisterDefinition, Transition]:
    require(actor, Action.TAKE_DECISIONS)
    definition = catalogue().get(slug)
    if definition is None or definition.desk_entry is None:
        raise NotFound("entry", slug[:60])
    move = _move_of(definition)
    if actor.role not in move.roles:
        raise Forbidden("transition_of_others", role=actor.role, transition=move.name)
    return definition, move


def _move_view(definition: RegisterDefinition, role: str) -> MoveView:
    move = _move_of(definition)
    return MoveView(
        key=move.name,
        name=Words(move.zh, move.en),
        after=definition.life_cycle.state(move.after).view(),
        roles=tuple(ROLE_MESSAGES[each] for each in move.roles),
        mine=role in move.roles,
        evidence=move.evidence,
        public_notice=move.public_notice,
        hours=None,
        keeps_status=False,
    )


def _suggested(definition: RegisterDefinition, move: Transition, name: str) -> str:
    """Today, for the day of the decision."""
    decided = definition.life_cycle.state(move.after).decided
    return clock.today().isoformat() if decided and name == decided[0] else ""


def _stated(draft: EntryDraft) -> dict[str, str]:
    return {name: text.strip() for name, text in draft.stated.items() if text.strip()}


def _require_possible(
    connection: Connection, actor: Actor, definition: RegisterDefinition, draft: EntryDraft
) -> PreparedDocument:
    """The document of a draft. Raises `Invalid`, `Forbidden` (out of the actor's bounds)."""
    require(actor, Action.TAKE_DECISIONS)
    move = _move_of(definition)
    stated = _stated(draft)
    foreign = sorted(set(stated).difference(entered_fields(definition, move)))
    issues = [Issue("field_not_of_decision", "", {"name": name[:60]}) for name in foreign]
    if move.evidence and not draft.evidence.strip():
        issues.append(Issue("evidence_wanted", EVIDENCE))
    for name, text, at_most in (
        (EVIDENCE, draft.evidence, MAX_EVIDENCE_LENGTH),
        (NOTE, draft.note, MAX_NOTE_LENGTH),
    ):
        if len(text.strip()) > at_most:
            issues.append(Issue("too_long", name, {"length": len(text.strip()), "at_most": at_most}))
    document = _check(connection, definition, stated, None)
    if isinstance(document, tuple):
        raise Invalid((*issues, *document))
    waiting = select(DeskEntry.id).where(
        DeskEntry.register == definition.slug,
        DeskEntry.natural_key == document.key,
        DeskEntry.state == PREPARED,
    )
    if (other := connection.execute(waiting).scalar()) is not None:
        issues.append(Issue("entry_waits", definition.key.fields[0], {"entry": other}))
    if issues:
        raise Invalid(tuple(issues))
    _require_within_bounds(connection, actor, definition, document.values)
    return document


def _check(
    connection: Connection,
    definition: RegisterDefinition,
    stated: Mapping[str, str],
    row: FetchedRow | None,
) -> PreparedDocument | tuple[Issue, ...]:
    """The document that would be published, or what stands against it. `row`: of an entry that is kept, with its file."""
    move, files = _move_of(definition), _rules_of(definition).files
    raw: dict[str, Any] = {**stated, "status": move.after}
    if row is not None and row.sha256 and files:
        raw[files] = [{"name": published_files.public_name(row.name, row.file_kind), "sha256": row.sha256}]
    checked = validation.validate_row(
        definition, 1, raw, validation.rule_context(connection), registrar=False
    )
    if isinstance(checked, RefusedRow):
        found = (issue for issue in checked.issues if issue.severity != "warns")
        # A form has no rows that are told apart: what lacks is missing.
        return without_repetition(
            Issue("required", issue.field) if issue.code == "key_missing" else issue for issue in found
        )
    same = (Record.register == definition.slug) & (Record.natural_key == checked.key)
    known = connection.execute(select(Record.number).where(same)).scalar()
    if known is not None and (row is None or row.state == PREPARED):
        return (Issue("entry_known", definition.key.fields[0], {"number": known}),)
    return checked


def _require_within_bounds(
    connection: Connection, actor: Actor, definition: RegisterDefinition, values: Mapping[str, Any]
) -> None:
    require(actor, Action.TAKE_DECISIONS)
    facts = deciding_rights.facts_of_values(connection, definition, values)
    deciding_rights.require_may_decide(connection, actor, facts)


def _require_second_person(connection: Connection, actor: Actor, row: FetchedRow) -> None:
    require(actor, Action.TAKE_DECISIONS)
    if row.state != PREPARED:
        raise Conflict("decision_settled")
    person = persons.require_person(connection, actor)
    if row.prepared_by == person:
        raise Forbidden("decision_is_own")
    definition = catalogue()[row.register]
    if actor.role not in _move_of(definition).roles:
        raise Forbidden("transition_of_others", role=actor.role, transition=_move_of(definition).name)
    loaded = definition.schema.load_values(json.loads(row.stated), complete=False)
    _require_within_bounds(connection, actor, definition, loaded.values)


def _obstacle(connection: Connection, actor: Actor, row: FetchedRow) -> Refusal | None:
    """Why the actor may not end this entry, None where they may."""
    if not may(actor, Action.TAKE_DECISIONS):
        return Forbidden("desk_reads_only")
    try:
        _require_second_person(connection, actor, row)
    except (Conflict, Forbidden) as refusal:
        return refusal
    return None


def _may_see(connection: Connection, actor: Actor, row: FetchedRow) -> bool:
    """True for one's own, for who only reads, and for those who may publish it."""
    if row.prepared_by == actor.user_id or not may(actor, Action.TAKE_DECISIONS):
        return True
    definition = catalogue()[row.register]
    if actor.role not in _move_of(definition).roles:
        return False
    loaded = definition.schema.load_values(json.loads(row.stated), complete=False)
    try:
        _require_within_bounds(connection, actor, definition, loaded.values)
    except Forbidden:
        return False
    return True


def _load(connection: Connection, entry_id: int, *, lock: bool = False) -> FetchedRow:
    if lock:  # an outer join cannot be locked as a whole
        connection.execute(select(DeskEntry.id).where(DeskEntry.id == entry_id).with_for_update())
    row = connection.execute(ENTRIES.where(DeskEntry.id == entry_id)).one_or_none()
    if row is None or row.register not in catalogue() or catalogue()[row.register].desk_entry is None:
        raise NotFound("entry", str(entry_id))
    return row


def _load_seen(connection: Connection, actor: Actor, entry_id: int) -> FetchedRow:
    row = _load(connection, entry_id)
    if not _may_see(connection, actor, row):
        raise NotFound("entry", str(entry_id))
    return row


def _own_prepared(connection: Connection, actor: Actor, entry_id: int) -> FetchedRow:
    require(actor, Action.TAKE_DECISIONS)
    row = _load(connection, entry_id, lock=True)
    persons.require_person(connection, actor)
    if row.prepared_by != actor.user_id:
        raise Forbidden("decision_of_another")
    if row.state != PREPARED:
        raise Conflict("decision_settled")
    return row


def _settle(connection: Connection, row: FetchedRow, actor: Actor, state: str, **values: object) -> None:
    require(actor, Action.TAKE_DECISIONS)
    _write(connection, row, state=state, settled_by=actor.user_id, settled_at=clock.now(), **values)


def _write(connection: Connection, row: FetchedRow, **values: object) -> None:
    """Change an entry that is still prepared: of two people who end it, one is told."""
    still = (DeskEntry.id == row.id) & (DeskEntry.state == PREPARED)
    if not connection.execute(update(DeskEntry).where(still).values(**values)).rowcount:
        raise Conflict("decision_settled")


def _file_view(row: FetchedRow) -> EntryFileView | None:
    if row.sha256 is None:
        return None
    return EntryFileView(row.name, row.size, row.sha256)


def _line(row: FetchedRow, names: Mapping[int | None, str]) -> EntryLineView:
    definition = catalogue()[row.register]
    values = definition.schema.load_values(json.loads(row.stated), complete=False).values
    return EntryLineView(
        id=row.id,
        register=titles.register_view(definition),
        title=Words(*(_first(values, each) for each in (definition.title.zh, definition.title.en))),
        named=str(values.get(definition.key.fields[0]) or ""),
        state=row.state,
        prepared_by=names.get(row.prepared_by, ""),
        prepared_at=row.prepared_at,
        reply=row.reply,
    )


def _first(values: Mapping[str, Any], names: Sequence[str]) -> str:
    return next((str(values[name]) for name in names if values.get(name)), "")
