"""Export of personal data: all that is stored about one person (Personal Information Protection Law, Article 45)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import or_, select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.membership import Claim, Membership
from registry.accounts.model import AuditEntry, Session, User
from registry.accounts.policy import Action, Actor, require
from registry.accounts.standing_aside import DeclaredInterest, Substitution
from registry.attachments.model import Attachment
from registry.kit.application_case import ApplicationStep
from registry.kit.decision import Decision
from registry.kit.draft import Receipt
from registry.kit.random_check import CheckInspector, RandomCheck
from registry.kit.record import Record
from registry.kit.report import Report
from registry.kit.saved_view import SavedView
from registry.search.words.model import SavedSearch
from registry.services.bootstrap import Registry
from registry.store.base import SelectStatement
from registry.store.unit_of_work import read_transaction, unit_of_work

BATCH_SIZE = 500
FORMAT_VERSION = 1


def export_personal_data(registry: Registry, actor: Actor) -> Iterator[bytes]:
    """Stream one JSON object: profile, sessions, memberships, claims, receipts, decisions, answers to reports, files, saved searches and views, audit log.

    It contains no secret. The export is recorded in the audit log.
    """
    require(actor, Action.OWN_ACCOUNT)
    with unit_of_work(registry.engine) as connection:
        audit_log.record(connection, actor, "data_carried_away")
    return _stream_json(registry, actor)


def _stream_json(registry: Registry, actor: Actor) -> Iterator[bytes]:
    profile = select(
        User.id, User.email, User.name, User.lang, User.role, User.created_at, User.seen_at, User.factor_since
    ).add_columns(User.region_code, User.due_letters)
    with read_transaction(registry.engine) as connection:
        account = dict(connection.execute(profile.where(User.id == actor.user_id)).mappings().one())
    head = {"form": FORMAT_VERSION, "made_at": clock.now(), "profile": account}
    yield _json(head)[:-1].encode()
    for name, statement, column in _sections(actor):
        yield f',"{name}":['.encode()
        last_id, comma = 0, ""
        # Each batch has a transaction of its own: a slow reader holds none open.
        while True:
            with read_transaction(registry.engine) as connection:
                batch = statement.where(column > last_id).order_by(column).limit(BATCH_SIZE)
                rows = connection.execute(batch).mappings().all()
            for row in rows:
                yield (comma + _json(dict(row))).encode()
                comma = ","
            if len(rows) < BATCH_SIZE:
                break
            last_id = rows[-1]["id"]
        yield b"]"
    yield b"}\n"


def _sections(actor: Actor) -> tuple[tuple[str, SelectStatement, Any], ...]:
    """Return what is stored, by name: a statement, and the column by which its rows are ordered."""
    user_id = actor.user_id
    organisation = (Record.number.label("organisation"), Record.title_zh, Record.title_en)
    memberships = select(Membership.id, *organisation, Membership.role, Membership.agent, Membership.since)
    proof = (Attachment.name.label("file"), Attachment.sha256)
    claims = select(
        Claim.id, Claim.number, Claim.name, Claim.post, Claim.status, Claim.reason, Claim.created_at, *proof
    ).add_columns(Claim.decided_at)
    return (
        (
            "sessions",
            select(Session.id, Session.created_at, Session.seen_at, Session.agent).where(
                Session.user_id == user_id
            ),
            Session.id,
        ),
        (
            "memberships",
            memberships.join(Record, Record.id == Membership.record_id).where(Membership.user_id == user_id),
            Membership.id,
        ),
        (
            "declared_interests",
            select(DeclaredInterest.id, *organisation, DeclaredInterest.reason, DeclaredInterest.declared_at)
            .add_columns(DeclaredInterest.ended_at)
            .join(Record, Record.id == DeclaredInterest.record_id)
            .where(DeclaredInterest.user_id == user_id),
            DeclaredInterest.id,
        ),
        (
            "substitutions",
            select(Substitution.id, Substitution.from_on, Substitution.until_on, Substitution.named_at)
            .add_columns(Substitution.ended_at)
            .where(or_(Substitution.user_id == user_id, Substitution.substitute_id == user_id)),
            Substitution.id,
        ),
        (
            "claims",
            claims.join(Attachment, Attachment.id == Claim.attachment_id).where(Claim.user_id == user_id),
            Claim.id,
        ),
        (
            "receipts",
            select(Receipt.id, Record.number, Receipt.version, Receipt.signer, Receipt.made_at)
            .join(Record, Record.id == Receipt.record_id)
            .where(Receipt.user_id == user_id),
            Receipt.id,
        ),
        (
            "random_checks",
            select(RandomCheck.id, RandomCheck.number, CheckInspector.label, CheckInspector.name)
            .join(CheckInspector, CheckInspector.check_id == RandomCheck.id)
            .where(CheckInspector.user_id == user_id),
            RandomCheck.id,
        ),
        (
            "decisions",
            select(Decision.id, Decision.register, Decision.transition, Decision.state)
            .add_columns(Decision.evidence, Decision.note, Decision.prepared_at, Decision.settled_at)
            .where(or_(Decision.prepared_by == user_id, Decision.settled_by == user_id)),
            Decision.id,
        ),
        (
            "reports_answered",
            select(Report.id, Report.number, Report.kind, Report.outcome, Report.reply)
            .add_columns(Report.public_zh, Report.public_en, Report.ended_at)
            .where(Report.ended_by == user_id),
            Report.id,
        ),
        (
            "application_steps",
            select(ApplicationStep.id, ApplicationStep.transition, ApplicationStep.state)
            .add_columns(ApplicationStep.signer, ApplicationStep.opinion, ApplicationStep.prepared_at)
            .where(or_(ApplicationStep.prepared_by == user_id, ApplicationStep.settled_by == user_id)),
            ApplicationStep.id,
        ),
        (
            "files",
            select(
                Attachment.id,
                Attachment.name,
                Attachment.kind,
                Attachment.size,
                Attachment.sha256,
                Attachment.created_at,
            ).where(Attachment.uploaded_by == user_id),
            Attachment.id,
        ),
        (
            "saved_searches",
            select(
                SavedSearch.id,
                SavedSearch.name,
                SavedSearch.register,
                SavedSearch.query,
                SavedSearch.mail,
                SavedSearch.made_at,
            ).where(SavedSearch.user_id == user_id),
            SavedSearch.id,
        ),
        (
            "saved_views",
            select(SavedView.id, SavedView.name, SavedView.page, SavedView.query, SavedView.made_at).where(
                SavedView.user_id == user_id
            ),
            SavedView.id,
        ),
        (
            "trail",
            select(
                AuditEntry.id,
                AuditEntry.at,
                AuditEntry.action,
                AuditEntry.subject,
                AuditEntry.details,
                AuditEntry.actor_role,
            ).where(AuditEntry.user_id == user_id),
            AuditEntry.id,
        ),
    )


def _json(values: dict[str, Any]) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_instant)


def _instant(value: object) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value).__name__)
