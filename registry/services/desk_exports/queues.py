"""The queues of the desk as tables: of each what may be asked for, its columns, and its lines as the reader's page has them.

Each line comes from the function that the page of the queue calls, so that a file has no line that its reader does not see there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlalchemy.sql.elements import ColumnElement

from registry.accounts.membership import WAITING
from registry.accounts.policy import Action, Actor, require
from registry.i18n import Lang, _, gettext
from registry.kit.decision import PREPARED, RETURNED, Decision
from registry.kit.display import Words
from registry.registers import catalogue
from registry.services import applying, decision_sheets, importing, people, reports
from registry.services.bootstrap import Registry
from registry.services.deciding import desk, entering, persons, requests, waiting
from registry.services.deciding.views import DecisionLineView, DeskCaseView
from registry.services.deciding.waiting import WaitingPart
from registry.store.unit_of_work import read_transaction

MAX_READ = 20_000  # lines of one queue
CHUNK = 500
KIND_WORDS = {
    "overdue": _("Deadline passed"),
    "soon": _("Deadline ends soon"),
    "waiting": _("State waits for a decision"),
}
DECISION_STATES = {PREPARED: _("Prepared"), RETURNED: _("Returned")}
REPORT_KINDS = {
    "error": _("Report of an error"),
    "fake": _("Report of a fake"),
    "objection": _("Objection"),
}
REPORT_STATES = {
    "open": _("Open"),
    "answered": _("Answered"),
    "withdrawn": _("Withdrawn by its sender"),
}
OUTCOMES = {
    "upheld": _("Upheld"),
    "partly": _("Partly upheld"),
    "not_upheld": _("Not upheld"),
    "sent_on": _("Sent on to an authority"),
    "not_examined": _("Not examined: it states nothing that can be checked"),
}
RECORD = (_("Register"), _("Number"), _("Title"), _("Status"))


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked of a queue: the filters of its page that are set, and the language of the words."""

    filters: Mapping[str, str]
    lang: Lang

    def text(self, words: Words | None) -> str:
        """Return words in the language of the file, or in the one that they have."""
        return (getattr(words, self.lang) or words.zh or words.en) if words else ""

    def message(self, message_id: str) -> str:
        """Return a message in the language of the file, "" for none."""
        return gettext(message_id, self.lang) if message_id else ""


Line = tuple[object, ...]
Lines = Callable[[Registry, Actor, Asked], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Queue:
    """One queue. `action`: who sees it; `filters`: names of those of its page; `header`: message ids."""

    action: Action
    header: tuple[str, ...]
    lines: Lines
    filters: tuple[str, ...] = ()


def _cases(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """Records that wait for a decision."""
    require(actor, Action.SEE_DESK)
    register, kind = (asked.filters.get(name, "") for name in ("register", "kind"))
    part = WaitingPart(
        register if register in catalogue() else "",
        kind if kind in waiting.KIND_ORDER else "",
        limit=MAX_READ,
    )
    with read_transaction(registry.engine) as connection:
        found = waiting.list_waiting(connection, actor, part).cases
        held = _held_by(connection, [case.decision for case in found if case.decision])
    for case in found:
        yield (*_record_cells(case, asked), *held.get(case.decision, ("", "")))


def _record_cells(case: DeskCaseView, asked: Asked) -> Line:
    record = case.record
    return (
        asked.message(record.register.label),
        record.number,
        asked.text(record.title),
        getattr(record.status, asked.lang),
        case.since,
        asked.message(KIND_WORDS[case.kind]),
        asked.text(case.mark),
        case.due,
        case.working_days,
        case.decision or "",
    )


def _held_by(connection: Connection, decisions: list[int]) -> dict[int | None, tuple[str, str]]:
    """Return who prepared a decision and who has taken it up, by its number."""
    found: dict[int | None, tuple[str, str]] = {}
    for start in range(0, len(decisions), CHUNK):
        ids = decisions[start : start + CHUNK]
        rows = connection.execute(
            select(Decision.id, Decision.prepared_by, Decision.claimed_by).where(Decision.id.in_(ids))
        ).all()
        names = persons.names_of(connection, [user for row in rows for user in row[1:]])
        found |= {row.id: (names.get(row[1], ""), names.get(row[2], "")) for row in rows}
    return found


def _decisions(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """Decisions that the reader may take, that came back to them, and theirs that wait for another person."""
    require(actor, Action.SEE_DESK)
    conditions: list[ColumnElement[bool]] = [
        Decision.id.not_in(desk.ROWS_OF_SHEETS)
    ]  # they are one line, for their sheet
    if (register := asked.filters.get("register", "")) in catalogue():
        conditions.append(Decision.register == register)
    mine = Decision.prepared_by == actor.user_id
    with read_transaction(registry.engine) as connection:
        queues = (
            (_("To take"), desk.waits_for_others(connection, actor)),
            (_("Returned to you"), (Decision.state == RETURNED) & mine),
            (_("Prepared by you"), (Decision.state == PREPARED) & mine),
        )
        found = [
            (queue, line)
            for queue, condition in queues
            for line in desk.decision_lines(connection, actor, (*conditions, condition), limit=MAX_READ)
        ]
    for queue, line in found:
        yield (asked.message(queue), *_decision_cells(line, asked))


def _decision_cells(line: DecisionLineView, asked: Asked) -> Line:
    return (
        line.id,
        asked.message(DECISION_STATES.get(line.state, "")),
        asked.text(line.move.name),
        asked.message(line.register.label),
        line.record.number,
        asked.text(line.record.title),
        line.total,
        line.prepared_by,
        line.prepared_at,
        line.claimed_by,
        line.reply,
    )


def _requests(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """What holders ask for."""
    require(actor, Action.SEE_DESK)
    for each in requests.list_requests(registry, actor, limit=MAX_READ):
        record = each.record
        yield (
            asked.message(record.register.label),
            record.number,
            asked.text(record.title),
            getattr(record.status, asked.lang),
            asked.text(each.name),
            asked.text(each.party),
            each.text,
            each.made_on,
        )


def _entries(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """New records that are prepared."""
    require(actor, Action.SEE_DESK)
    for each in entering.list_entries(registry, actor, limit=MAX_READ):
        yield (
            asked.message(each.register.label),
            each.named,
            asked.text(each.title),
            asked.message(DECISION_STATES.get(each.state, "")),
            each.prepared_by,
            each.prepared_at,
            each.reply,
        )


def _applications(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """Applications that wait for the reader's role."""
    require(actor, Action.SEE_DESK)
    for each in applying.list_applications(registry, actor, limit=MAX_READ):
        yield (
            each.id,
            asked.message(each.register.label),
            asked.text(each.title),
            asked.text(each.organisation),
            getattr(each.status, asked.lang),
            each.submitted_at,
            each.since,
            each.working_days,
            each.step or "",
        )


def _reports(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """Reports and objections, as the list is filtered."""
    require(actor, Action.SEE_REPORTS)
    kind, state = asked.filters.get("kind", ""), asked.filters.get("state", "")
    page, pages = 1, 1
    while page <= pages:
        found = reports.list_reports(
            registry, actor, reports.ReportsRequest(kind, state or reports.STATES[0], page)
        )
        pages, page = found.pages, page + 1
        for line in found.lines:
            record = line.record
            yield (
                line.number,
                asked.message(REPORT_KINDS[line.kind]),
                asked.message(REPORT_STATES[line.state]),
                asked.message(record.register.label) if record else "",
                record.number if record else line.subject,
                asked.text(record.title) if record else "",
                line.received_on,
                line.due_on,
                line.days_left if line.state == reports.STATES[0] else "",
                line.admitted_on,
                asked.message(OUTCOMES.get(line.outcome, "")),
                line.claimed_by,
            )


def _imports(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """The latest imports, those that wait for a second person among them."""
    require(actor, Action.SEE_IMPORTS)
    for each in importing.list_imports(registry, actor, limit=MAX_READ).imports:
        yield (
            each.id,
            asked.message(each.register.label),
            each.name,
            getattr(each.badge, asked.lang),
            "" if each.total is None else each.total,
            each.made_by,
            each.made_at,
        )


def _sheets(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """Sheets with decisions that the reader may take, and the latest of their own."""
    require(actor, Action.SEE_DESK)
    for each in decision_sheets.list_sheets_to_take(registry, actor, limit=MAX_READ):
        yield (
            each.id,
            asked.message(each.register.label),
            each.name,
            getattr(each.badge, asked.lang),
            each.rows,
            each.refused,
            each.waiting,
            each.made_by,
            each.made_at,
        )


def _claims(registry: Registry, actor: Actor, asked: Asked) -> Iterator[Line]:
    """Claims of organisations: for which one and until when, without the person who claims."""
    require(actor, Action.DECIDE)
    for each in people.list_claims(registry, actor):
        if each.status == WAITING:
            yield (
                each.id,
                asked.message(each.kind),
                each.number,
                asked.text(each.name),
                getattr(each.badge, asked.lang),
                each.at,
                each.days_left,
            )


PREPARED_BY = (_("Prepared by"), _("Prepared at"))
QUEUES = {
    "cases": Queue(
        Action.SEE_DESK,
        (
            *RECORD,
            _("In this state since"),
            _("Why it waits"),
            _("Deadline"),
            _("Last day"),
            _("Working days left"),
            _("Prepared decision"),
            _("Prepared by"),
            _("Taken up by"),
        ),
        _cases,
        ("register", "kind"),
    ),
    "decisions": Queue(
        Action.SEE_DESK,
        (
            _("Queue"),
            _("Decision"),
            _("State"),
            _("What is decided"),
            _("Register"),
            _("Number of the first record"),
            _("Title"),
            _("Records"),
            *PREPARED_BY,
            _("Taken up by"),
            _("Note"),
        ),
        _decisions,
        ("register",),
    ),
    "requests": Queue(
        Action.SEE_DESK,
        (*RECORD, _("What is asked for"), _("Asked by"), _("Reasons"), _("Asked on")),
        _requests,
    ),
    "entries": Queue(
        Action.SEE_DESK,
        (_("Register"), _("Number"), _("Title"), _("State"), *PREPARED_BY, _("Note")),
        _entries,
    ),
    "applications": Queue(
        Action.SEE_DESK,
        (
            _("Application"),
            _("Register"),
            _("Title"),
            _("Organisation"),
            _("Status"),
            _("Submitted"),
            _("In this state since"),
            _("Working days in this state"),
            _("Prepared step"),
        ),
        _applications,
    ),
    "reports": Queue(
        Action.SEE_REPORTS,
        (
            _("Report"),
            _("Kind"),
            _("State"),
            _("Register"),
            _("Number"),
            _("Title"),
            _("Received"),
            _("To be answered by"),
            _("Working days left"),
            _("Challenges the record since"),
            _("What came of it"),
            _("Taken up by"),
        ),
        _reports,
        ("kind", "state"),
    ),
    "imports": Queue(
        Action.SEE_IMPORTS,
        (_("Import"), _("Register"), _("File"), _("State"), _("Rows"), *PREPARED_BY),
        _imports,
    ),
    "sheets": Queue(
        Action.SEE_DESK,
        (
            _("Sheet"),
            _("Register"),
            _("File"),
            _("State"),
            _("Rows"),
            _("Refused"),
            _("Decisions that wait"),
            *PREPARED_BY,
        ),
        _sheets,
    ),
    "claims": Queue(
        Action.DECIDE,
        (
            _("Claim"),
            _("Kind"),
            _("Number"),
            _("Organisation"),
            _("State"),
            _("Made at"),
            _("Working days left"),
        ),
        _claims,
    ),
}
