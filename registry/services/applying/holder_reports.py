"""Reports of holders: that a year was reported is public, the figures are for those who examine the record."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound
from registry.kit.application import HolderReports
from registry.kit.application_case import HolderReport
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.applying.moves import HOLDER_ROLE
from registry.services.bootstrap import Registry
from registry.services.confidential.looks import Look, LookReason, record_look
from registry.services.deciding import cases as decided_cases
from registry.services.filing import drafts, filing_of, submission
from registry.services.people import deciding_rights
from registry.services.people.memberships import FilerAddress, Represented, require_membership
from registry.services.people.tokens import (
    KeyedRequest,
    ProgramAnswer,
    TokenBearer,
    answer_once,
    require_filing_scope,
)
from registry.services.publication import publishing, validation
from registry.services.publication.batch_writer import Authority
from registry.services.publication.record_columns import number_slug
from registry.services.publication.validation import RefusedRow
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

FIGURE = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,4})?")
YEAR, FIRST_YEAR, MAX_YEARS_BACK = "year", 2000, 5


@dataclass(frozen=True, slots=True)
class ReportForm:
    """What the holder of a record is asked to report. `years`: those that may be reported, the newest first; `hint`: message id."""

    number: str
    slug: str
    title: Words
    years: tuple[int, ...]
    reported: tuple[int, ...]
    figures: tuple[tuple[str, Words], ...]
    hint: str


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report as the desk sees it: its year, and the figures in words."""

    year: int
    figures: tuple[tuple[Words, str], ...]


@dataclass(frozen=True, slots=True)
class SentReport:
    """What is reported of a record. `typed`: `year`, and figure → number."""

    register: str
    number: str
    typed: Mapping[str, str]


def get_report_form(
    registry: Registry, actor: Actor, org: FilerAddress, *, register: str, number: str
) -> ReportForm:
    """Return what may be reported of a record. Raises `NotFound`, also where the register knows no reports, and `Conflict`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        return _form(connection, actor, org, register=register, number=number)


def submit_report(
    registry: Registry,
    actor: Actor,
    org: FilerAddress,
    *,
    register: str,
    number: str,
    typed: Mapping[str, str],
) -> int:
    """Keep the figures of a year and publish that it was reported; returns the year. `typed`: `year`, and figure → number.

    Raises `Invalid`, `NotFound`, `Forbidden` (viewers), `Conflict` for a record that takes no reports now.
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        return _report(connection, actor, org, SentReport(register, number, typed))


def submit_report_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, sent: SentReport, *, request: KeyedRequest
) -> ProgramAnswer:
    """Keep what a program reports of a year. The answer is kept with the key of the request. Raises as `submit_report`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=True)

    def submit(connection: Connection) -> ProgramAnswer:
        definition = catalogue().get(sent.register)
        if definition is None:
            raise NotFound("register", sent.register[:60], code="register_unknown")
        if definition.filing is None:
            raise NotFound("reports", sent.register)
        record = submission.find_record_document(connection, sent.register, number_slug(sent.number))
        if record is None or record.holder_id is None:
            raise NotFound("record", sent.number[:120])
        party = definition.holder
        assert party is not None
        holder = connection.execute(select(Record.slug).where(Record.id == record.holder_id)).scalar_one()
        where = bearer.filer or Represented(party.register, holder)
        year = _report(connection, actor, where, replace(sent, number=record.slug))
        return ProgramAnswer.of(201, {"register": sent.register, "number": record.number, "year": year})

    return answer_once(registry, actor, request, submit)


def _report(connection: Connection, actor: Actor, org: FilerAddress, sent: SentReport) -> int:
    """Write the report of a year and publish that there is one; the publish lock is held."""
    require(actor, Action.ACT_FOR)
    register, typed = sent.register, sent.typed
    require_membership(connection, actor, org, "editor")
    form = _form(connection, actor, org, register=register, number=sent.number)
    if issues := tuple(_problems(form, typed)):
        raise Invalid(issues)
    definition, parts = catalogue()[register], _parts(register)
    year = int(typed[YEAR])
    [row] = decided_cases.find_cases(connection, definition, (form.number,)).records
    existing = decided_cases.existing_record(row)
    stated = validation.read_row(definition, 1, {parts.years_field: sorted({*form.reported, year})})
    checked = validation.check_row(
        definition, stated, validation.rule_context(connection), registrar=True, existing=existing
    )
    if isinstance(checked, RefusedRow):
        raise Invalid(checked.issues)
    document = replace(checked, amendment_reason=parts.transition)
    [outcome] = publishing.publish(connection, definition, [document], Authority(HOLDER_ROLE))
    if outcome.issue is not None:
        raise Invalid((outcome.issue,))
    figures = {code: _figure(typed, code) for code, _words in form.figures}
    kept = insert(HolderReport).values(record_id=row.id, year=year, figures=json.dumps(figures))
    connection.execute(kept.values(made_by=actor.user_id, made_at=clock.now()))
    audit_log.record(connection, actor, "year_reported", subject=form.number)
    return year


def list_reported_years(registry: Registry, actor: Actor, register: str, number: str) -> tuple[int, ...]:
    """Return the years of which figures were reported to those who may open them, the newest first. Raises `NotFound`."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        return tuple(row.year for row in _reports_for_desk(connection, actor, register, number)[1])


def open_figures(
    registry: Registry, actor: Actor, register: str, number: str, *, reason: LookReason
) -> tuple[ReportView, ...]:
    """Return the reports of a record to those who may decide on it or read everything, the newest first.

    The look and its reason stand in the audit log. Raises `NotFound`, also where there is none for the actor, and `Invalid` as
    `record_look`.
    """
    require(actor, Action.SEE_DESK)
    with unit_of_work(registry.engine) as connection:
        written, rows = _reports_for_desk(connection, actor, register, number)
        if not rows:
            raise NotFound("report", number[:120])
        years = " ".join(str(row.year) for row in rows)
        record_look(connection, actor, Look("figures", written, years), reason)
    filing = catalogue()[register].filing
    assert filing is not None
    assert filing.reports is not None
    codes = filing.reports.figures
    return tuple(
        ReportView(
            row.year,
            tuple(
                (Words(code.zh, code.en), figure)
                for name, figure in json.loads(row.figures).items()
                if (code := codes.get(name))
            ),
        )
        for row in rows
    )


def _reports_for_desk(
    connection: Connection, actor: Actor, register: str, number: str
) -> tuple[str, Sequence[FetchedRow]]:
    """Return the number of a record and its reports, none for who may not see them. Raises `NotFound`."""
    require(actor, Action.SEE_DESK)
    definition = catalogue()[register]
    if definition.filing is None or definition.filing.reports is None:
        return "", ()
    found = decided_cases.find_cases(connection, definition, (number,)).records
    if not found:
        raise NotFound("record", number[:120])
    if not deciding_rights.may_read(connection, actor, found[0].id):
        return "", ()
    rows = connection.execute(
        select(HolderReport.year, HolderReport.figures)
        .where(HolderReport.record_id == found[0].id)
        .order_by(HolderReport.year.desc())
    ).all()
    return str(found[0].number), rows


def _form(
    connection: Connection, actor: Actor, org: FilerAddress, *, register: str, number: str
) -> ReportForm:
    require(actor, Action.ACT_FOR)
    mine = require_membership(connection, actor, org)
    definition, parts = catalogue()[register], _parts(register)
    record = drafts.require_filed_record(connection, mine.id, definition, number)
    if record.status not in parts.states:
        raise Conflict("record_takes_no_reports", number=record.number)
    document = json.loads(record.document)
    reported = tuple(document.get(parts.years_field) or ())
    newest = clock.today().year - 1
    years = range(newest, max(FIRST_YEAR, newest - MAX_YEARS_BACK), -1)
    return ReportForm(
        number=record.number,
        slug=record.slug,
        title=titles.title_of_answers(definition, document),
        years=tuple(year for year in years if year not in reported),
        reported=reported,
        figures=tuple((code.code, Words(code.zh, code.en)) for code in parts.figures),
        hint=parts.hint,
    )


def _problems(form: ReportForm, typed: Mapping[str, str]) -> Iterator[Issue]:
    if typed.get(YEAR, "") not in map(str, form.years):
        yield Issue("year_not_to_report", YEAR)
    for code, _words in form.figures:
        text = _figure(typed, code)
        if not text:
            yield Issue("required", code)
        elif not FIGURE.fullmatch(text):
            yield Issue("figure_unreadable", code, {"value": text[:40]})


def _figure(typed: Mapping[str, str], code: str) -> str:
    """A figure as it was typed, in half width."""
    return unicodedata.normalize("NFKC", typed.get(code, "")).strip()


def _parts(register: str) -> HolderReports:
    parts = filing_of(catalogue()[register]).reports
    if parts is None:
        raise NotFound("reports", register)
    return parts
