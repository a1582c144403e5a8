"""Ending an account (Personal Information Protection Law, Article 47): what is personal goes, what proves filings stays.

The row of the account stays without name, address, password and factor: receipts, decisions and the audit log name it by its number. Entries
never named anyone: they carry roles.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute

from registry import clock
from registry.accounts import audit_log, email_addresses
from registry.accounts.api_tokens import ApiToken, IdempotentResponse
from registry.accounts.membership import WAITING, WITHDRAWN, Claim, Invitation, Membership
from registry.accounts.model import EmailLink, Letter, RecoveryCode, Session, User
from registry.accounts.policy import STAFF, Action, Actor, require
from registry.accounts.standing_aside import DeclaredInterest, Substitution
from registry.attachments.model import Attachment
from registry.errors import Invalid
from registry.kit.application_case import ApplicationFile
from registry.kit.draft import Draft
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.kit.saved_view import SavedView
from registry.kit.sheet_job import CANCELLED, UNFINISHED, ImportJob
from registry.search.words.model import SavedSearch
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.people import memberships
from registry.services.people.attachments import is_unused
from registry.services.people.factor_secrets import NO_FACTOR
from registry.services.people.memberships import OrganisationView
from registry.services.people.own_account import require_password
from registry.services.people.registration import find_user
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

NO_RIGHTS = "visitor"


@dataclass(frozen=True, slots=True)
class DeletionPreview:
    """What stands in the way of ending an account, and what would end with it.

    `staff`: only the operator ends such an account. `to_hand_over`: organisations whose only owner it is, and for which others act too;
    `left_alone`: those without another member.
    """

    email: str
    staff: bool
    to_hand_over: tuple[OrganisationView, ...]
    left_alone: tuple[OrganisationView, ...]

    @property
    def is_possible(self) -> bool:
        """True if the account may be ended now by its owner."""
        return not self.staff and not self.to_hand_over


def preview_deletion(registry: Registry, actor: Actor) -> DeletionPreview:
    """Return what ending the actor's account would mean."""
    require(actor, Action.OWN_ACCOUNT)
    with read_transaction(registry.engine) as connection:
        user = connection.execute(
            select(User.id, User.email, User.role).where(User.id == actor.user_id)
        ).one()
        to_hand_over, left_alone = _sort_organisations(connection, user.id)
    return DeletionPreview(
        user.email,
        user.role in STAFF,
        tuple(memberships.organisation_view(row) for row in to_hand_over),
        tuple(memberships.organisation_view(row) for row in left_alone),
    )


def delete_account(registry: Registry, actor: Actor, password: str) -> None:
    """End the actor's own account for good; a last letter confirms it.

    Raises `Invalid` (`password_wrong`, `staff_account`, `only_owner` for each organisation to hand over) and `TooManyAttempts`.
    """
    require(actor, Action.OWN_ACCOUNT)
    user = require_password(registry, actor, password)
    if user.role in STAFF:
        raise Invalid((Issue("staff_account", "password"),))
    with unit_of_work(registry.engine) as connection:
        _delete(connection, actor, user)


def delete_account_of(registry: Registry, actor: Actor, email: str) -> None:
    """End the account of somebody who has asked the operator for it, also one of staff.

    Raises `Invalid` (`account_unknown`, `only_owner`).
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    with unit_of_work(registry.engine) as connection:
        user = find_user(connection, email_addresses.normalise_email(email) or email)
        if user is None:
            raise Invalid((Issue("account_unknown", "email", {"value": email.strip()[:80]}),))
        _delete(connection, actor, user)


def _delete(connection: Connection, actor: Actor, user: FetchedRow) -> None:
    connection.execute(select(User.id).where(User.id == user.id).with_for_update())
    own = select(Membership.record_id).where(Membership.user_id == user.id)
    # Of two owners who go at the same moment, the second sees that they are the last.
    connection.execute(select(Record.id).where(Record.id.in_(own)).with_for_update())
    to_hand_over, left_alone = _sort_organisations(connection, user.id)
    if to_hand_over:
        names = [memberships.organisation_name(row, user.lang) for row in to_hand_over]
        raise Invalid(tuple(Issue("only_owner", "password", {"name": name}) for name in names))
    for row in connection.execute(select(Record.number).where(Record.id.in_(own))).all():
        audit_log.record(connection, actor, "left", user.id, subject=row.number)
    _end_work(connection, user.id, [row.id for row in left_alone])
    _end_access(connection, user)
    letters.enqueue_letter(connection, "account_deleted", user.lang, user.email)
    nothing = {
        "email": "",
        "email_key": f"deleted:{user.id}",
        "name": "",
        "password_hash": "",
        "role": NO_RIGHTS,
        "region_code": "",
    }
    connection.execute(update(User).where(User.id == user.id).values(**nothing, **NO_FACTOR))
    audit_log.record(connection, actor, "account_deleted", user.id)


def _end_work(connection: Connection, user_id: int, left_alone: list[int]) -> None:
    """End claims, sheets at work and files that were never sent; and drafts of organisations without any member left."""
    waiting = (Claim.user_id == user_id) & (Claim.status == WAITING)
    connection.execute(update(Claim).where(waiting).values(status=WITHDRAWN))
    connection.execute(update(Claim).where(Claim.user_id == user_id).values(post=""))
    at_work = (ImportJob.user_id == user_id) & ImportJob.state.in_(UNFINISHED)
    connection.execute(update(ImportJob).where(at_work).values(state=CANCELLED, ended_at=clock.now()))
    left = select(Draft.id).where(Draft.organisation_id.in_(left_alone))
    connection.execute(delete(ApplicationFile).where(ApplicationFile.draft_id.in_(left)))
    connection.execute(delete(Draft).where(Draft.organisation_id.in_(left_alone)))
    connection.execute(delete(Attachment).where(Attachment.uploaded_by == user_id, is_unused()))


def _end_access(connection: Connection, user: FetchedRow) -> None:
    """End every way in, everything saved, and every letter that would still go to the address."""
    tokens = select(ApiToken.id).where(ApiToken.user_id == user.id)
    connection.execute(delete(IdempotentResponse).where(IdempotentResponse.token_id.in_(tokens)))
    for owned in (
        ApiToken,
        Session,
        RecoveryCode,
        SavedSearch,
        SavedView,
        Membership,
        DeclaredInterest,
        Substitution,
    ):
        connection.execute(delete(owned).where(owned.user_id == user.id))
    connection.execute(delete(Substitution).where(Substitution.substitute_id == user.id))
    links = select(EmailLink.id).where(or_(EmailLink.user_id == user.id, _is_address(EmailLink.email, user)))
    connection.execute(delete(Invitation).where(Invitation.ticket_id.in_(links)))
    email_links.delete_links(connection, links)  # with the searches that are followed by them
    connection.execute(delete(Letter).where(_is_address(Letter.recipient, user)))


def _is_address(column: InstrumentedAttribute[str], user: FetchedRow) -> ColumnElement[bool]:
    return or_(column == user.email, func.lower(column) == user.email_key)


def _sort_organisations(connection: Connection, user_id: int) -> tuple[list[FetchedRow], list[FetchedRow]]:
    """The organisations that would be without an owner though others act for them, and those without another member."""
    to_hand_over, left_alone = [], []
    for row in connection.execute(
        memberships.select_memberships().where(Membership.user_id == user_id).order_by(Record.id)
    ).all():
        others = (Membership.record_id == row.id) & (Membership.user_id != user_id)
        roles = connection.execute(select(Membership.role, Membership.agent).where(others)).all()
        if not roles:
            left_alone.append(row)
        elif row.role == "owner" and not any(role == "owner" and not agent for role, agent in roles):
            to_hand_over.append(row)
    return to_hand_over, left_alone
