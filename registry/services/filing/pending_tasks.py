"""What waits in an organisation for its people, beyond what its row on the first page of the workspace counts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from registry import clock
from registry.accounts.membership import Invitation, Membership
from registry.accounts.policy import Action, Actor, require
from registry.kit.job import CANCELLED, DONE, ImportJob
from registry.kit.record import Link, Record
from registry.services.bootstrap import Registry
from registry.services.filing import annual_confirmation
from registry.services.people.memberships import DECLARATIONS
from registry.store.unit_of_work import read_transaction

NOTICE_PERIOD = dt.timedelta(days=90)  # in which a standard's end is announced to those who declare to it
FILING_ROLES = ("editor", "owner")  # who can mend what waits; who only looks on is not bothered
LinkedRecord = aliased(Record)


@dataclass(frozen=True, slots=True)
class PendingTasks:
    """What waits in one organisation. `sheet`: the last one, where rows of it were refused; 0 for none."""

    sheet: int = 0
    refused: int = 0  # rows of that sheet
    due: int = 0  # declarations to be confirmed as still true
    ending: int = 0  # declarations whose standard ends soon
    invited: int = 0  # people who have not answered; owners see to it


def list_pending_tasks(registry: Registry, actor: Actor) -> dict[str, PendingTasks]:
    """What waits, by the slug of the organisation that one files for; nothing for those where nothing waits."""
    require(actor, Action.ACT_FOR)
    today = clock.today()
    soon = LinkedRecord.valid_to.between(today.isoformat(), (today + NOTICE_PERIOD).isoformat())
    with read_transaction(registry.engine) as connection:
        mine = connection.execute(
            select(Record.id, Record.slug, Membership.role)
            .join(Membership, Membership.record_id == Record.id)
            .where(Membership.user_id == actor.user_id, Membership.role.in_(FILING_ROLES))
        ).all()
        ids = [row.id for row in mine]
        due = annual_confirmation.count_due_confirmations(connection, ids)
        newest = (
            select(func.max(ImportJob.id))
            .where(ImportJob.organisation_id.in_(ids), ImportJob.state != CANCELLED)
            .group_by(ImportJob.organisation_id)
        )
        sheets = {
            row.organisation_id: row
            for row in connection.execute(
                select(ImportJob.organisation_id, ImportJob.id, ImportJob.refused).where(
                    ImportJob.id.in_(newest), ImportJob.state == DONE, ImportJob.refused > 0
                )
            )
        }
        ending = {
            int(row[0] or 0): int(row[1])
            for row in connection.execute(
                select(Record.holder_id, func.count(Record.id.distinct()))
                .join(Link, (Link.from_id == Record.id) & (Link.relation == "declares_to"))
                .join(LinkedRecord, LinkedRecord.id == Link.to_id)
                .where(Record.register == DECLARATIONS, Record.holder_id.in_(ids), Record.status == "active")
                .where(LinkedRecord.status == "in_force", soon)
                .group_by(Record.holder_id)
            )
        }
        invited = {
            int(row[0]): int(row[1])
            for row in connection.execute(
                select(Invitation.record_id, func.count())
                .where(Invitation.record_id.in_(ids), Invitation.ended == "")
                .group_by(Invitation.record_id)
            )
        }
    found = {
        row.slug: PendingTasks(
            sheets[row.id].id if row.id in sheets else 0,
            sheets[row.id].refused if row.id in sheets else 0,
            due.get(row.id, 0),
            ending.get(row.id, 0),
            invited.get(row.id, 0) if row.role == "owner" else 0,
        )
        for row in mine
    }
    return {slug: each for slug, each in found.items() if each != PendingTasks()}
