"""Acting on reports: taking one up, letting it challenge its record, answering it. Each act is in the audit log.

A report changes nothing by itself. What has to change on the record is decided at the desk, by two persons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.attachments import file_store
from registry.attachments.model import Attachment
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.report import ANSWERED, OBJECTION, OPEN, OUTCOMES, PARTLY, SENT_ON, UPHELD, Report
from registry.reference.identifiers import personal
from registry.services.bootstrap import Registry
from registry.services.confidential.looks import Look, LookReason, record_look
from registry.services.mail import letters
from registry.services.publication import link_resolution
from registry.services.reports import answering_rights, listing, statements
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

MAX_REPLY, MAX_PUBLIC, MAX_AUTHORITY = 4000, 1000, 200  # characters


@dataclass(frozen=True, slots=True)
class ReportAnswer:
    """An answer as it was typed. `reply`: to the reporter; `public_zh`, `public_en`: on the page of the record."""

    outcome: str
    reply: str
    public_zh: str = ""
    public_en: str = ""
    sent_to: str = ""


@dataclass(frozen=True, slots=True)
class ReportFile:
    """The file that came with a report. `name`: for display only."""

    name: str
    path: Path


def claim_report(registry: Registry, actor: Actor, report_id: int) -> None:
    """Take a report up, so that others see that somebody is at it.

    Raises `NotFound`, `Conflict` (ended, or taken up by another) and `Forbidden` (bounds, conflict of interest).
    """
    require(actor, Action.ANSWER_REPORTS)
    with unit_of_work(registry.engine) as connection:
        row = _open_report(connection, actor, report_id)
        _write(connection, row, claimed_by=actor.user_id, claimed_at=clock.now())
        _audit(connection, actor, "report_claimed", row)


def release_report(registry: Registry, actor: Actor, report_id: int) -> None:
    """Let go of a report that the actor has taken up; do nothing for any other. Raises `NotFound`."""
    require(actor, Action.ANSWER_REPORTS)
    with unit_of_work(registry.engine) as connection:
        row = listing.load_report(connection, actor, report_id, lock=True)
        if row.state == OPEN and row.claimed_by == actor.user_id:
            _write(connection, row, claimed_by=None, claimed_at=None)
            _audit(connection, actor, "report_released", row)


def admit_report(registry: Registry, actor: Actor, report_id: int, put: str = "") -> None:
    """Find a report admissible: until it ends, the page of its record says that it is challenged.

    `put`: what holder and issuing body are asked to answer; they are told by letter. Raises as `claim_report`, `Conflict` where
    it names no record or challenges it already, and `Invalid` where `put` is too long or names a person.
    """
    require(actor, Action.ANSWER_REPORTS)
    put = put.strip()
    if len(put) > MAX_PUBLIC:
        raise Invalid((Issue("too_long", "put", {"length": len(put), "at_most": MAX_PUBLIC}),))
    if _naming({"put": put}, ("put",)):
        raise Invalid((Issue("names_the_reporter", "put"),))
    with unit_of_work(registry.engine) as connection:
        row = _open_report(connection, actor, report_id)
        if row.record_id is None:
            raise Conflict("report_names_no_record")
        if row.admitted_at is not None:
            raise Conflict("report_admitted")
        _write(connection, row, admitted_by=actor.user_id, admitted_at=clock.now(), put_to_parties=put)
        statements.tell_parties(connection, row.record_id, "record_challenged")
        _audit(connection, actor, "report_admitted", row)
        link_resolution.bump_page_versions(connection, touched={row.record_id}, retitled=set())


def answer_report(registry: Registry, actor: Actor, report_id: int, answer: ReportAnswer) -> None:
    """Answer a report: its reporter reads the reply, the page of the record what is for the public.

    What is for the public is asked for where the record is wrong, and of every objection. Raises as `claim_report`,
    and `Invalid`.
    """
    require(actor, Action.ANSWER_REPORTS)
    with unit_of_work(registry.engine) as connection:
        row = _open_report(connection, actor, report_id)
        stated = _check(row, answer)
        ended = {"state": ANSWERED, "ended_at": clock.now(), "ended_by": actor.user_id}
        _write(connection, row, **stated, **ended)
        _audit(connection, actor, "report_answered", row, details=answer.outcome)
        if row.record_id is not None:
            link_resolution.bump_page_versions(connection, touched={row.record_id}, retitled=set())
            if row.admitted_at is not None:
                statements.tell_parties(connection, row.record_id, "challenge_ended")
        if row.email:
            letters.enqueue_letter(
                connection,
                "report_answered",
                row.lang,
                row.email,
                report=row.number,
                report_nonce=row.nonce,
            )


def open_report_file(registry: Registry, actor: Actor, report_id: int, *, reason: LookReason) -> ReportFile:
    """Return the file that came with a report; the look and its reason stand in the audit log.

    Raises `NotFound`, and `Invalid` as `record_look`.
    """
    require(actor, Action.SEE_REPORTS)
    with unit_of_work(registry.engine) as connection:
        row = listing.load_report(connection, actor, report_id)
        named = select(Attachment.name, Attachment.sha256).where(Attachment.id == row.attachment_id)
        file = connection.execute(named).one_or_none()
        if file is None:
            raise NotFound("report", str(report_id))
        record_look(connection, actor, Look("report_file", row.number, file.sha256), reason)
    return ReportFile(file.name, file_store.path_of(registry.settings.attachments_dir, file.sha256))


def open_reporter(registry: Registry, actor: Actor, report_id: int, *, reason: LookReason) -> str:
    """Return the address that a reporter gave, to those who may answer the report; the look and its reason stand in the audit log.

    Raises `NotFound`, also where none was given; `Forbidden` for an objection, whose sender is never shown, and for who may
    not answer it; and `Invalid` as `record_look`.
    """
    require(actor, Action.ANSWER_REPORTS)
    with unit_of_work(registry.engine) as connection:
        row = listing.load_report(connection, actor, report_id)
        if not row.email:
            raise NotFound("report", str(report_id))
        if row.kind == OBJECTION:
            raise Forbidden("objector_never_shown")
        answering_rights.require_may_answer(connection, actor, row)
        record_look(connection, actor, Look("reporter", row.number), reason)
    return str(row.email)


def asks_for_public_answer(kind: str, outcome: str) -> bool:
    """Return True if the public is told what came of a report about a record."""
    return kind == OBJECTION or outcome in (UPHELD, PARTLY)


def _open_report(connection: Connection, actor: Actor, report_id: int) -> FetchedRow:
    """Return an open report on which the actor may act now, locked."""
    row = listing.load_report(connection, actor, report_id, lock=True)
    answering_rights.require_may_answer(connection, actor, row)
    if row.state != OPEN:
        raise Conflict("report_ended")
    if answering_rights.is_claimed(row) and row.claimed_by != actor.user_id:
        person = connection.execute(select(User.name, User.email).where(User.id == row.claimed_by)).one()
        raise Conflict("report_claimed", name=person.name or person.email)
    return row


def _check(row: FetchedRow, answer: ReportAnswer) -> dict[str, str]:
    """Return what an answer states. Raises `Invalid` with what is missing, too long or not for the public."""
    texts = {
        "reply": answer.reply.strip(),
        "public_zh": " ".join(answer.public_zh.split()),
        "public_en": " ".join(answer.public_en.split()),
        "sent_to": " ".join(answer.sent_to.split()),
    }
    issues = [] if answer.outcome in OUTCOMES else [Issue("outcome_wanted", "outcome")]
    if not texts["reply"]:
        issues.append(Issue("reply_to_reporter_wanted", "reply"))
    if answer.outcome == SENT_ON and not texts["sent_to"]:
        issues.append(Issue("authority_wanted", "sent_to"))
    if row.record_id is None or not asks_for_public_answer(row.kind, answer.outcome):
        texts["public_zh"] = texts["public_en"] = ""
    elif not texts["public_zh"]:
        issues.append(Issue("public_answer_wanted", "public_zh"))
    if answer.outcome != SENT_ON:
        texts["sent_to"] = ""
    limits = {"reply": MAX_REPLY, "public_zh": MAX_PUBLIC, "public_en": MAX_PUBLIC, "sent_to": MAX_AUTHORITY}
    for name, most in limits.items():
        if len(texts[name]) > most:
            issues.append(Issue("too_long", name, {"length": len(texts[name]), "at_most": most}))
    issues += [Issue("names_the_reporter", name) for name in _naming(texts)]
    if issues:
        raise Invalid(tuple(issues))
    return {**texts, "outcome": answer.outcome}


def _naming(texts: dict[str, str], names: Sequence[str] = ("public_zh", "public_en")) -> Sequence[str]:
    """The texts for others in which an e-mail address or a number of a person stands."""
    return [name for name in names if "@" in texts[name] or personal.mask_numbers(texts[name]) != texts[name]]


def _write(connection: Connection, row: FetchedRow, **values: Any) -> None:
    connection.execute(update(Report).where(Report.id == row.id).values(**values))


def _audit(connection: Connection, actor: Actor, action: str, row: FetchedRow, *, details: str = "") -> None:
    audit_log.record(connection, actor, action, subject=row.number, details=details)
