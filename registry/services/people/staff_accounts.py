"""Staff accounts: administrators make accounts, assign roles and memberships, suspend and restore, and reset lost second factors.

The operator does the same by a command. Nobody changes their own account so: another administrator does.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, or_, select, update

from registry import clock
from registry.accounts import api_tokens, audit_log
from registry.accounts.bounds import BOUND_OF, Bound, fits_role, takes_region
from registry.accounts.membership import Membership
from registry.accounts.model import RecoveryCode, Session, User
from registry.accounts.policy import ROLES, STAFF, Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.i18n import Lang, _, gettext
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.registers import organisation_register, represented_registers
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.people import memberships
from registry.services.people.account_bounds import (
    BOUND_LABELS,
    parse_region,
    region_words,
    set_account_region,
)
from registry.services.people.factor_secrets import NO_FACTOR
from registry.services.people.registration import create_user, find_user, require_email
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

ASSIGNABLE_ROLES = tuple(sorted(ROLES - {"visitor", "system"}))
MAX_REASON_LENGTH = 500  # characters
MAX_LISTED = 500  # accounts: a register has some dozens of staff
ROLE_LABELS = {  # message ids
    "enterprise": _("Enterprise: no part of the staff"),
    "body": _("Certification or grading body"),
    "reviewer_county": _("Reviewer, county"),
    "reviewer_city": _("Reviewer, city"),
    "reviewer_province": _("Reviewer, province"),
    "reviewer_national": _("Reviewer, national"),
    "publisher": _("Publisher: makes decisions public"),
    "inspector": _("Inspector: records random checks"),
    "auditor": _("Auditor: reads, changes nothing"),
    "admin": _("Administrator: accounts and claims"),
    "registrar": _("Registrar: keeps the registers"),
}


@dataclass(frozen=True, slots=True)
class StaffAccountView:
    """An account as administrators see it.

    `own`: theirs; `seen_at`: the last sign-in; `has_password` False until the first one was chosen.
    """

    id: int
    email: str
    name: str
    role: str
    lang: Lang
    has_password: bool
    has_factor: bool
    created_at: dt.datetime
    seen_at: dt.datetime
    suspended_at: dt.datetime | None
    own: bool
    region: Words | None = None
    lacks_bound: bool = False  # a region or a body, without which it acts on no record

    @property
    def role_label(self) -> str:
        """The message id of the role."""
        return ROLE_LABELS[self.role]


def list_staff_accounts(registry: Registry, actor: Actor) -> tuple[StaffAccountView, ...]:
    """Return the accounts of the staff, and those of others that are suspended, by name; at most `MAX_LISTED`."""
    require(actor, Action.MANAGE_ACCOUNTS)
    listed = or_(User.role.in_(STAFF), User.suspended_at.is_not(None))
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(*User.__table__.columns)
            .where(listed)
            .order_by(User.role, User.email_key)
            .limit(MAX_LISTED)
        ).all()
        represented = _act_for_bodies(connection)
    return tuple(
        replace(
            view,
            lacks_bound=(takes_region(view.role) and view.region is None)
            or (BOUND_OF[view.role] is Bound.ISSUER and view.id not in represented),
        )
        for view in (_view(row, actor) for row in rows)
    )


def get_account_by_id(registry: Registry, actor: Actor, account: int) -> StaffAccountView:
    """Return an account, of staff or not. Raises `NotFound`."""
    require(actor, Action.MANAGE_ACCOUNTS)
    with read_transaction(registry.engine) as connection:
        return _view(_row_of(connection, account), actor)


def find_account_by_email(registry: Registry, actor: Actor, email: str) -> int:
    """Return the id of the account with this address. Raises `Invalid` (`email_form`, `account_unknown`)."""
    require(actor, Action.MANAGE_ACCOUNTS)
    address = require_email(email)
    with read_transaction(registry.engine) as connection:
        user = find_user(connection, address)
    if user is None:
        raise Invalid((Issue("account_unknown", "email", {"value": address}),))
    return int(user.id)


def make_staff_account(
    registry: Registry, actor: Actor, email: str, role: str, *, lang: Lang, region: str = ""
) -> int:
    """Make an account with a role of the staff; its owner gets a link to choose a password. Returns its id.

    `region`: code or name, of a reviewer; it can be set later. Raises `Invalid`: `required`, `email_form`, `role_unknown`,
    `account_exists` where its role can be changed instead, and as `account_bounds.parse_region`.
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    address = require_email(email)
    if not role:
        raise Invalid((Issue("required", "role"),))
    if role not in STAFF:
        raise Invalid(
            (Issue("role_unknown", "role", {"value": role[:40], "known": ", ".join(sorted(STAFF))}),)
        )
    code = parse_region(region, role) if region.strip() else ""
    with read_transaction(registry.engine) as connection:
        if find_user(connection, address) is not None:
            raise Invalid((Issue("account_exists", "email", {"value": address}),))
    assign_account_role(registry, actor, address, role, lang=lang)
    account = find_account_by_email(registry, actor, address)
    if code:
        set_account_region(registry, actor, account, code)
    return account


def change_account_role(registry: Registry, actor: Actor, account: int, role: str) -> None:
    """Give an account another role; its sessions and tokens end. Raises `Invalid`, `NotFound`."""
    view = get_account_by_id(registry, actor, account)
    _refuse_own(view)
    if view.suspended_at is not None:
        raise Invalid((Issue("account_is_suspended", "role"),))
    if role != view.role:
        assign_account_role(registry, actor, view.email, role, lang=view.lang)


def suspend_account(registry: Registry, actor: Actor, account: int, reason: str) -> None:
    """Let nobody sign in with an account until it is restored; its sessions, tokens and links end, and a letter gives the reason.

    Does nothing where it is suspended already. Raises `Invalid`, `NotFound`.
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    if not reason:
        raise Invalid((Issue("reason_wanted", "reason"),))
    if len(reason) > MAX_REASON_LENGTH:
        raise Invalid((Issue("too_long", "reason", {"length": len(reason), "at_most": MAX_REASON_LENGTH}),))
    with unit_of_work(registry.engine) as connection:
        row = _row_of(connection, account)
        _refuse_own(_view(row, actor))
        active = (User.id == account) & User.suspended_at.is_(None)
        if not connection.execute(update(User).where(active).values(suspended_at=clock.now())).rowcount:
            return
        ended = str(_end_access(connection, account))
        letters.enqueue_letter(
            connection, "account_suspended", row.lang, row.email, reason=reason, ended=ended
        )
        audit_log.record(connection, actor, "suspended", account, details=reason)


def restore_account(registry: Registry, actor: Actor, account: int) -> None:
    """Let the owner of a suspended account sign in again; a letter tells them. Raises `Invalid`, `NotFound`."""
    require(actor, Action.MANAGE_ACCOUNTS)
    with unit_of_work(registry.engine) as connection:
        row = _row_of(connection, account)
        suspended = (User.id == account) & User.suspended_at.is_not(None)
        if connection.execute(update(User).where(suspended).values(suspended_at=None)).rowcount:
            letters.enqueue_letter(connection, "account_restored", row.lang, row.email)
            audit_log.record(connection, actor, "restored", account)


def assign_account_role(
    registry: Registry, actor: Actor, email: str, role: str, *, lang: Lang, organisation: str = ""
) -> str:
    """Assign a role to an account, which is created if there is none; its owner gets a link to choose a password.

    All sessions of an account whose role changes end, and a region that the new role cannot have is taken from it.
    `organisation`: number of one (of a body, for the role of one) that the account becomes a member of, as owner if it has no owner of its own, else as editor. Returns the path of the link, "" for an account that has
    a password. Raises `Invalid`.
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    address = require_email(email)
    if role not in ASSIGNABLE_ROLES:
        raise Invalid((Issue("role_unknown", "role", {"value": role, "known": ", ".join(ASSIGNABLE_ROLES)}),))
    with unit_of_work(registry.engine) as connection:
        user = find_user(connection, address)
        user_id = user.id if user else create_user(connection, address, name="", lang=lang, role=role)
        ended = 0
        if user is not None and user.role != role:
            region = user.region_code if fits_role(user.region_code, role) else ""
            connection.execute(update(User).where(User.id == user_id).values(role=role, region_code=region))
            connection.execute(delete(Session).where(Session.user_id == user_id))
            ended = api_tokens.revoke_tokens(connection, user_id)
        details = audit_log.change_of(user.role if user else "", role)
        audit_log.record(connection, actor, "appointed", user_id, details=details)
        if organisation:
            _add_to_organisation(
                connection,
                actor,
                organisation,
                user_id=user_id,
                email=user.email if user else address,
                lang=user.lang if user else lang,
            )
        told_in: Lang = user.lang if user else lang
        given = _role_in_words(role, told_in)
        if user is not None and user.password_hash:
            if user.role != role:
                letters.enqueue_letter(
                    connection, "role_changed", told_in, user.email, role_given=given, ended=str(ended)
                )
            return ""
        link_id = email_links.create_link(
            connection,
            email_links.PASSWORD_LINK,
            address,
            user_id=user_id,
            lifetime=email_links.FIRST_PASSWORD_LIFETIME,
        )
        letters.enqueue_letter(connection, "appointed", told_in, address, link_id=link_id, role_given=given)
        link = email_links.find_link(connection, link_id)
        assert link is not None
        return email_links.link_path(registry, link, lang)


def _role_in_words(role: str, lang: Lang) -> str:
    """What a letter says of a role: its name, and on which records it acts."""
    parts = [
        gettext(_("Role of the account: %(role)s."), lang, role=gettext(ROLE_LABELS[role], lang)),
        gettext(_("Bounds: %(bounds)s."), lang, bounds=gettext(BOUND_LABELS[BOUND_OF[role]], lang)),
    ]
    if takes_region(role):
        parts.append(gettext(_("Your region is told in a letter of its own, as soon as it is set."), lang))
    return "\n".join(parts)


def reset_second_factor(registry: Registry, actor: Actor, email: str) -> bool:
    """Remove a second factor that its owner has lost; every session and API token ends, and the owner is notified by mail.

    Staff must set up a new one at their next sign-in. Returns False if none was set up. Raises `Invalid`
    (`account_unknown`).
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    address = require_email(email)
    with unit_of_work(registry.engine) as connection:
        user = find_user(connection, address)
        if user is None:
            raise Invalid((Issue("account_unknown", "email", {"value": address}),))
        if user.factor_since is None:
            return False
        connection.execute(update(User).where(User.id == user.id).values(**NO_FACTOR))
        connection.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        ended = str(_end_access(connection, user.id))
        letters.enqueue_letter(connection, "factor_reset", user.lang, user.email, ended=ended)
        audit_log.record(connection, actor, "factor_reset", user.id)
    return True


def _row_of(connection: Connection, account: int) -> FetchedRow:
    row = connection.execute(select(*User.__table__.columns).where(User.id == account)).one_or_none()
    if row is None or not row.email:  # of a deleted account no more than its number is kept
        raise NotFound("account", str(account))
    return row


def _view(row: FetchedRow, actor: Actor) -> StaffAccountView:
    return StaffAccountView(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        lang=row.lang,
        has_password=bool(row.password_hash),
        has_factor=row.factor_since is not None,
        created_at=row.created_at,
        seen_at=row.seen_at,
        suspended_at=row.suspended_at,
        own=row.id == actor.user_id,
        region=region_words(row.region_code) if row.region_code else None,
    )


def _act_for_bodies(connection: Connection) -> frozenset[int]:
    """Return the ids of the accounts that act for a body."""
    issuing = [each.slug for each in represented_registers() if each is not organisation_register()]
    members = select(Membership.user_id).join(Record, Record.id == Membership.record_id)
    return frozenset(connection.execute(members.where(Record.register.in_(issuing))).scalars())


def _refuse_own(view: StaffAccountView) -> None:
    """Raise `Invalid` for the account of the actor: so that there is always an administrator who can sign in."""
    if view.own:
        raise Invalid((Issue("account_is_own", ""),))


def _end_access(connection: Connection, user_id: int) -> int:
    """End the sessions, links and tokens of an account. Returns how many tokens were valid."""
    connection.execute(delete(Session).where(Session.user_id == user_id))
    email_links.revoke_links(connection, user_id)
    return api_tokens.revoke_tokens(connection, user_id)


def _add_to_organisation(
    connection: Connection, actor: Actor, number: str, *, user_id: int, email: str, lang: str
) -> None:
    """Make the account a member of an organisation and notify it. Raises `Invalid` (`organisation_unknown`)."""
    role_of_account = connection.execute(select(User.role).where(User.id == user_id)).scalar_one()
    registers = sorted(
        represented_registers(),
        key=lambda each: each.representation is None or each.representation.role != role_of_account,
    )
    found = (memberships.find_represented(connection, each, number) for each in registers)
    record: FetchedRow | None = next(filter(None, found), None)
    if record is None:
        raise Invalid((Issue("organisation_unknown", "organisation", {"value": number[:120]}),))
    role = "editor" if memberships.has_owner(connection, record.id) else "owner"
    memberships.add_member(connection, record.id, user_id, role, agent=False)
    letters.enqueue_letter(
        connection, "member_added", lang, email, organisation=memberships.organisation_name(record, lang)
    )
    audit_log.record(connection, actor, "joined", user_id, subject=record.number, details=role)
