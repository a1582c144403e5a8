"""What came to nothing is deleted after its time: answers, files and signers of applications, and drafts that were left."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.accounts.model import AuditEntry
from registry.accounts.policy import Actor
from registry.attachments.model import Attachment
from registry.config import Settings
from registry.errors import Conflict, Misconfigured
from registry.kit.application_case import Application, ApplicationFile, ApplicationStep
from registry.kit.draft import Draft
from registry.services import applying, filing
from registry.services.applying import retention
from registry.services.bootstrap import Registry
from registry.services.filing import NewDraft, drafts
from registry.services.people import attachments
from registry.services.people.sessions import UserSession
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction
from tests.services.applicants import (
    MONDAY,
    apply_for,
    begin,
    brands,
    decide,
    mei,
    monday,
    people,
    propose,
    step,
)
from tests.services.members import SLUG, firm

__all__ = ["firm", "mei", "monday", "people"]
KEPT = dt.timedelta(days=200)
MOMENT = dt.timedelta(seconds=1)


def row_of(registry: Registry, application: int) -> FetchedRow:
    with read_transaction(registry.engine) as connection:
        found = select(*Application.__table__.columns).where(Application.id == application)
        row: FetchedRow = connection.execute(found).one()
        return row


def number_of(registry: Registry, table: type) -> int:
    with read_transaction(registry.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def signers(registry: Registry) -> set[str]:
    with read_transaction(registry.engine) as connection:
        return set(connection.execute(select(ApplicationStep.signer)).scalars())


def withdraw(registry: Registry, people: dict[str, Actor], application: int) -> None:
    with read_transaction(registry.engine) as connection:
        holder = connection.execute(
            select(ApplicationStep.prepared_by).where(ApplicationStep.application_id == application)
        ).scalar_one()
    applying.withdraw_application(registry, Actor("enterprise", holder), SLUG, application)


def send_back(registry: Registry, people: dict[str, Actor], application: int) -> None:
    step(registry, people["city"], application, "returned", opinion="请补正")


@pytest.mark.parametrize("end", [withdraw, send_back])
def test_what_came_to_nothing_is_forgotten_after_its_time_and_its_hashes_are_kept(
    firm: Registry, mei: UserSession, people: dict[str, Actor], end: object
) -> None:
    application = apply_for(firm, mei)
    answers = row_of(firm, application).typed
    assert callable(end)
    end(firm, people, application)
    with clock.frozen_at(MONDAY + KEPT):
        assert retention.forget_applications(firm) == 0
    with clock.frozen_at(MONDAY + KEPT + MOMENT):
        assert retention.forget_applications(firm) == 1
        assert retention.forget_applications(firm) == 0
        attachments.purge_attachments(firm)
    row = row_of(firm, application)
    assert (row.typed, row.title, row.forgotten_at) == ("{}", "青屿坊", MONDAY + KEPT + MOMENT)
    assert (number_of(firm, ApplicationFile), number_of(firm, Attachment), signers(firm)) == (0, 1, {""})
    with read_transaction(firm.engine) as connection:
        entry = connection.execute(
            select(AuditEntry.subject, AuditEntry.details, AuditEntry.actor_role).where(
                AuditEntry.action == "application_forgotten"
            )
        ).one()
        everything = json.dumps(
            [
                [str(cell) for cell in each]
                for each in connection.execute(select(*ApplicationStep.__table__.columns))
            ]
        )
    assert (entry.subject, entry.actor_role) == (f"brands {application}", "system")
    assert hashlib.sha256(answers.encode()).hexdigest() in entry.details
    assert len(entry.details.partition("files ")[2].split()) >= 1
    assert "王强" not in everything
    own = applying.get_own_application(firm, mei.actor, SLUG, application, lang="zh")
    assert (own.forgotten_at, own.correctable, own.signer) == (MONDAY + KEPT + MOMENT, False, "")
    desk = applying.get_application(firm, people["auditor"], application, lang="en")
    assert desk.forgotten_at == own.forgotten_at
    with pytest.raises(Conflict):
        applying.open_correction(firm, mei.actor, SLUG, application)
    with clock.frozen_at(MONDAY + KEPT + MOMENT):
        assert apply_for(firm, mei) > application  # the same may be applied for again


def test_what_is_examined_or_was_published_or_is_being_corrected_stays(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    with clock.frozen_at(MONDAY + 2 * KEPT):
        assert retention.forget_applications(firm) == 0
    send_back(firm, people, application)
    draft = applying.open_correction(firm, mei.actor, SLUG, application)
    with clock.frozen_at(MONDAY + 2 * KEPT):
        assert retention.forget_applications(firm) == 0
        assert drafts.purge_old_drafts(firm) == 1  # the draft goes first, in the same night
        assert retention.forget_applications(firm) == 1
    assert draft


def test_what_is_refused_after_its_announcement_is_forgotten_and_what_was_recognised_is_not(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    propose(firm, people, application)
    [(number, _status)] = brands(firm)
    files = number_of(firm, ApplicationFile)
    with clock.frozen_at(MONDAY + 2 * KEPT):  # announced, and not decided
        assert retention.forget_applications(firm) == 0
    decide(firm, people, number, "rejected")
    with clock.frozen_at(MONDAY + KEPT):
        assert retention.forget_applications(firm) == 0
    with clock.frozen_at(MONDAY + KEPT + dt.timedelta(days=1)):
        assert retention.forget_applications(firm) == 1
    assert number_of(firm, ApplicationFile) == 1 < files  # the one that was published with the record
    assert (row_of(firm, application).typed, signers(firm)) == ("{}", {""})


def test_a_recognised_one_keeps_its_files_also_after_its_end(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    propose(firm, people, apply_for(firm, mei))
    [(number, _status)] = brands(firm)
    files = number_of(firm, ApplicationFile)
    with clock.frozen_at(MONDAY + dt.timedelta(days=60)):
        decide(firm, people, number, "listed", recognised_on="2027-01-29")
        decide(firm, people, number, "removed", removed_reason="closed", legal_basis="演商字〔2027〕3号")
    with clock.frozen_at(MONDAY + 3 * KEPT):
        assert retention.forget_applications(firm) == 0
    assert number_of(firm, ApplicationFile) == files


def test_a_draft_that_nothing_is_done_with_is_deleted(firm: Registry, mei: UserSession) -> None:
    left = begin(firm, mei)
    with clock.frozen_at(MONDAY + dt.timedelta(days=1)):
        touched = filing.open_draft(firm, mei.actor, SLUG, NewDraft("declarations"))
    with clock.frozen_at(MONDAY + KEPT):
        assert drafts.purge_old_drafts(firm) == 0
    with clock.frozen_at(MONDAY + KEPT + MOMENT):
        assert drafts.purge_old_drafts(firm) == 1
        attachments.purge_attachments(firm)
    with read_transaction(firm.engine) as connection:
        assert connection.execute(select(Draft.id)).scalars().all() == [touched]
        line = select(AuditEntry.subject, AuditEntry.details).where(AuditEntry.action == "draft_forgotten")
        assert tuple(connection.execute(line).one()) == (SLUG, f"brands {left}")
    assert (number_of(firm, ApplicationFile), number_of(firm, Attachment)) == (0, 1)  # the proof of the claim


def test_the_operator_sets_the_time(firm: Registry, mei: UserSession) -> None:
    begin(firm, mei)
    shorter = replace(firm, settings=replace(firm.settings, retention_days=30))
    with clock.frozen_at(MONDAY + dt.timedelta(days=30) + MOMENT):
        assert drafts.purge_old_drafts(shorter) == 1
    for days in ("29", "3651", "soon"):
        with pytest.raises(Misconfigured, match="PINZHENG_RETENTION_DAYS"):
            Settings.from_environment({"PINZHENG_RETENTION_DAYS": days})
    for days in ("30", "3650"):
        settings = Settings.from_environment({"PINZHENG_RETENTION_DAYS": days})
        assert settings.retention_days == int(days)
