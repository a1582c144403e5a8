"""Handing in: a report or an objection of anyone, without an account and without a riddle to solve.

What keeps programs out: a field that people leave empty, a time too short for a person to type in, and limits for each network.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts import email_addresses
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.errors import Invalid, NotFound
from registry.i18n import Lang
from registry.kit.issues import Issue
from registry.kit.report import FAKE, KINDS, OBJECTION, OPEN, Report
from registry.reference.identifiers import register_numbers
from registry.services.bootstrap import Registry
from registry.services.mail import letters, report_links
from registry.services.mail.sending_limits import MAILS_PER_NETWORK, MAILS_PER_RECIPIENT, enforce_limits
from registry.services.people import attachments
from registry.services.people.attachments import Stream
from registry.services.reports import form_stamps, subjects
from registry.services.reports.form_stamps import Stamp
from registry.services.reports.terms import due_on
from registry.store import counters
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

NUMBER_PREFIX = "RP"
LEAST_STATEMENT, MOST_STATEMENT = 10, 4000  # characters
MOST_SEEN_AT = 500
REPORTS_AN_HOUR = RateLimit("reports", 10, dt.timedelta(hours=1))  # of one network
REPORTS_A_DAY = RateLimit("reports_day", 40, dt.timedelta(days=1))
FILE_TOKEN_PREFIX = "0-"  # noqa: S105 - of the tokens of files that came without an account


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file that came with a form: as a stream with its name, or as the token of one that was being examined."""

    name: str = ""
    stream: Stream | None = None
    token: str = ""


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What was typed. `register`: "" where the number may be of any; `stamp`: of the form; `trap`: of the field for programs.

    `network`: of the client, for the limits.
    """

    kind: str
    register: str
    subject: str
    statement: str
    seen_at: str
    email: str
    lang: Lang
    network: str
    stamp: str
    trap: str = ""
    file: SentFile = field(default_factory=SentFile)


def keep_stamp(registry: Registry, actor: Actor, written: str) -> str:
    """Return the stamp that a form is shown with: the one it had while that is good, else a new one."""
    require(actor, Action.REPORT)
    stamp = form_stamps.read_stamp(registry, written)
    return written if stamp is not None and not stamp.is_old else form_stamps.make_stamp(registry)


def hand_in_report(registry: Registry, actor: Actor, draft: ReportDraft) -> str:
    """Keep a report, and return the address of the page on which its reporter sees what becomes of it.

    The same form sent twice is one report. Raises `Invalid`, `NotFound` (unknown kind), `TooManyAttempts`,
    `BeingExamined` (its file) and `Unavailable` (no verdict of a virus scanner).
    """
    require(actor, Action.REPORT)
    if draft.kind not in KINDS:
        raise NotFound("report", draft.kind)
    stamp = _check_form(registry, draft)
    if before := _find_by_nonce(registry, stamp.nonce):
        return report_links.report_path(registry, before.number, before.nonce, draft.lang)
    statement, seen_at = _in_lines(draft.statement), _in_lines(draft.seen_at) if draft.kind == FAKE else ""
    address = _check_texts(statement, seen_at, draft.email)
    if stamp.is_too_quick:  # not before: who forgot a field is told which one
        raise Invalid((Issue("report_too_quick", ""),))
    row = subjects.find_subject(registry, actor, draft.register, draft.subject)
    if draft.kind == OBJECTION:
        subjects.require_objections_open(row)
    _spend(registry, draft, address)
    file = _store_file(registry, draft.file)
    today = clock.today()
    due = due_on(draft.kind, today)
    values = {
        "nonce": stamp.nonce,
        "kind": draft.kind,
        "state": OPEN,
        "register": row.register if row else "",
        "record_id": row.id if row else None,
        "subject": row.number if row else " ".join(draft.subject.split())[: subjects.MAX_SUBJECT_LENGTH],
        "status": row.status if row else "",
        "lang": draft.lang,
        "statement": statement,
        "seen_at": seen_at,
        "email": address,
        "attachment_id": file,
        "received_at": clock.now(),
        "due_on": due,
    }
    with unit_of_work(registry.engine) as connection:
        # A second press of the button waits here, and then finds what the first one has written.
        sequence = counters.take(connection, f"report/{today.year}")
        kept = connection.execute(select(Report.number).where(Report.nonce == stamp.nonce)).scalar()
        number = kept or register_numbers.make_number(NUMBER_PREFIX, today.year, sequence)
        if kept is None:
            connection.execute(insert(Report).values(number=number, **values))
            _tell(connection, number, stamp, draft.lang, address=address, due=due)
    return report_links.report_path(registry, number, stamp.nonce, draft.lang)


def _check_form(registry: Registry, draft: ReportDraft) -> Stamp:
    """Return the stamp of a form that no program filled in and that is not a day old. Raises `Invalid` for any other."""
    if draft.trap:
        raise Invalid((Issue("report_trap", "website"),))
    stamp = form_stamps.read_stamp(registry, draft.stamp)
    if stamp is None or stamp.is_old:
        raise Invalid((Issue("report_form_old", ""),))
    return stamp


def _check_texts(statement: str, seen_at: str, email: str) -> str:
    """Return the address as it is understood, "" for none. Raises `Invalid`."""
    issues = []
    if len(statement) < LEAST_STATEMENT:
        short = Issue("statement_short", "statement", {"at_least": LEAST_STATEMENT})
        issues.append(short if statement else Issue("required", "statement"))
    for name, text, most in (("statement", statement, MOST_STATEMENT), ("seen_at", seen_at, MOST_SEEN_AT)):
        if len(text) > most:
            issues.append(Issue("too_long", name, {"length": len(text), "at_most": most}))
    address = email_addresses.normalise_email(email) if email.strip() else ""
    if address is None:
        issues.append(Issue("email_form", "email", {"value": email.strip()[:80]}))
    if address is None or issues:
        raise Invalid(tuple(issues))
    return address


def _spend(registry: Registry, draft: ReportDraft, address: str) -> None:
    """Count one report of this network, and one mail if there is an address. Raises `TooManyAttempts`."""
    limits = [(REPORTS_AN_HOUR, draft.network), (REPORTS_A_DAY, draft.network)]
    if address:
        limits += [(MAILS_PER_RECIPIENT, address), (MAILS_PER_NETWORK, draft.network)]
    with unit_of_work(registry.engine) as connection:
        enforce_limits(registry, connection, tuple(limits))


def _store_file(registry: Registry, file: SentFile) -> int | None:
    """Return the id of the stored file, None where there is none. Raises as `people.attachments` does."""
    if file.stream is not None:
        return attachments.upload_attachment(registry, SYSTEM, file.name, file.stream).id
    if not file.token:
        return None
    if not file.token.startswith(FILE_TOKEN_PREFIX):
        raise Invalid((Issue("file_lost", attachments.FILE_FIELD),))
    return attachments.collect_attachment(registry, SYSTEM, file.token).id


def _tell(
    connection: Connection, number: str, stamp: Stamp, lang: Lang, *, address: str, due: dt.date
) -> None:
    if address:
        letters.enqueue_letter(
            connection,
            "report_received",
            lang,
            address,
            report=number,
            report_nonce=stamp.nonce,
            due=due.isoformat(),
        )


def _find_by_nonce(registry: Registry, nonce: str) -> FetchedRow | None:
    with read_transaction(registry.engine) as connection:
        found = select(Report.number, Report.nonce).where(Report.nonce == nonce)
        row: FetchedRow | None = connection.execute(found).one_or_none()
        return row


def _in_lines(text: str) -> str:
    """Return a text with its lines, without blanks at their ends and more than one empty line."""
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").replace("\r", "\n").strip().split("\n"))
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept)
