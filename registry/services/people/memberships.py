"""Memberships: who acts for an organisation or a body, in which role; changing roles, removing members, leaving.

Organisations stand for both here: whatever register has a `Representation`.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import api_tokens, audit_log
from registry.accounts.membership import ROLES, WAITING, Claim, Invitation, Membership
from registry.accounts.model import Session, User
from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden, Invalid, NotFound
from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.kit.draft import Draft
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.kit.sheet_job import UNFINISHED, ImportJob
from registry.reference import working_days
from registry.registers import catalogue, organisation_register
from registry.services.bootstrap import Registry
from registry.services.mail import letters
from registry.services.publication.existing_records import by_present_or_former_key
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.store.base import FetchedRow, SelectStatement
from registry.store.unit_of_work import read_transaction, unit_of_work

CLAIM_DECISION_DAYS = 5  # working days within which the registrar decides on a claim
FOREIGN_NUMBER_PREFIX = "F-"  # how the numbers of organisations without a credit code begin
ROLE_DESCRIPTIONS = {
    "viewer": _("Viewer: sees everything of the organisation here"),
    "editor": _("Editor: files and amends as well"),
    "owner": _("Owner: decides as well who acts for the organisation"),
}
ROLE_NAMES = {"viewer": _("Viewer"), "editor": _("Editor"), "owner": _("Owner")}


@dataclass(frozen=True, slots=True)
class Represented:
    """What somebody acts for, by its register and its slug. Where a slug alone is given, an organisation is meant."""

    register: str
    slug: str


FilerAddress = str | Represented  # who files: the slug of an organisation, else register and slug


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """An organisation or a body for which somebody acts. `role`: message id."""

    slug: str
    number: str
    name: Words
    role: str
    role_words: str
    agent: bool
    people: int
    drafts: int = 0
    sheets: int = 0  # that are being filed
    register: str = ""

    @property
    def path(self) -> str:
        """The address of its pages in the workspace, without the language."""
        return f"/workspace/{self.register}/{self.slug}"

    @property
    def is_foreign(self) -> bool:
        """An organisation without a credit code: Order No. 83 is not for it."""
        return is_without_credit_code(self.register, self.number)


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim as the person sees it who made it. `status`: waiting, confirmed, refused or withdrawn.

    `decide_by`: the day by which the registrar decides, ISO.
    """

    id: int
    number: str
    name: Words
    status: str
    badge: StatusView
    at: dt.datetime
    reason: str
    decide_by: str


@dataclass(frozen=True, slots=True)
class WorkspaceHome:
    """What a user sees first: the organisations that they file for, by name, their claims, newest first, and their bodies."""

    organisations: tuple[OrganisationView, ...]
    claims: tuple[ClaimView, ...]
    bodies: tuple[OrganisationView, ...] = ()


@dataclass(frozen=True, slots=True)
class MemberView:
    """A member of an organisation. `is_self`: the person who looks."""

    id: int
    name: str
    email: str
    role: str
    role_words: str
    agent: bool
    since: dt.datetime
    is_self: bool


@dataclass(frozen=True, slots=True)
class PendingInvitationView:
    """An invitation that is open."""

    id: int
    email: str
    role_words: str
    agent: bool
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class MembersView:
    """The members of an organisation, and those who are invited."""

    organisation: OrganisationView
    members: tuple[MemberView, ...]
    invited: tuple[PendingInvitationView, ...]


def is_without_credit_code(register: str, number: str) -> bool:
    """True for the number of an organisation from abroad, which no credit code names. Bodies have other numbers."""
    representation = catalogue()[register].representation
    files = representation is not None and representation.files
    return files and number.startswith(FOREIGN_NUMBER_PREFIX)


CLAIM_BADGES = {
    "waiting": StatusView("waiting", "待核验", "Waiting for the registrar", "pending", "open"),
    "confirmed": StatusView("confirmed", "已确认", "Confirmed", "in_force", "live"),
    "refused": StatusView("refused", "未通过", "Refused", "ended", "stop"),
    "withdrawn": StatusView("withdrawn", "已撤回", "Withdrawn", "ended", "past"),
}


def get_workspace_home(registry: Registry, actor: Actor) -> WorkspaceHome:
    """Return the organisations and bodies that the actor acts for, and their claims."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        memberships = connection.execute(
            select_memberships().where(Membership.user_id == actor.user_id)
        ).all()
        ids = [row.id for row in memberships]
        people = _count_by_organisation(connection, Membership.record_id, Membership.record_id.in_(ids))
        drafts = _count_by_organisation(connection, Draft.organisation_id, Draft.organisation_id.in_(ids))
        unfinished = ImportJob.organisation_id.in_(ids) & ImportJob.state.in_(UNFINISHED)
        sheets = _count_by_organisation(connection, ImportJob.organisation_id, unfinished)
        claims = connection.execute(
            select(
                Claim.id, Claim.number, Claim.name, Claim.status, Claim.created_at, Claim.reason, Claim.values
            )
            .where(Claim.user_id == actor.user_id)
            .order_by(Claim.id.desc())
            .limit(20)
        ).all()
    views = [
        organisation_view(row, *(counts.get(row.id, 0) for counts in (people, drafts, sheets)))
        for row in sorted(memberships, key=lambda row: str(row.title_zh))
    ]
    filing = organisation_register().slug
    return WorkspaceHome(
        tuple(view for view in views if view.register == filing),
        tuple(
            ClaimView(
                row.id,
                row.number,
                claimed_organisation_name(row),
                row.status,
                CLAIM_BADGES[row.status],
                row.created_at,
                row.reason,
                claim_due(row.created_at).isoformat(),
            )
            for row in claims
        ),
        tuple(view for view in views if view.register != filing),
    )


def claim_due(made_at: dt.datetime) -> dt.date:
    """Return the last day on which a claim is decided in time: working days, counted from the day after it."""
    return working_days.add_working_days(made_at.astimezone(clock.SHANGHAI).date(), CLAIM_DECISION_DAYS)


def working_days_left(made_at: dt.datetime) -> int:
    """Return how many working days are left until a claim should be decided, negative when they have passed."""
    today, due = clock.today(), claim_due(made_at)
    if today <= due:
        return working_days.count_working_days(today, due)
    return -working_days.count_working_days(due, today)


def list_members(registry: Registry, actor: Actor, slug: str | Represented) -> MembersView:
    """Return the members of an organisation or body. Raises `NotFound` unless the actor is one of them."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        organisation = require_membership(connection, actor, slug)
        members = connection.execute(
            select(
                Membership.id,
                Membership.user_id,
                Membership.role,
                Membership.agent,
                Membership.since,
                User.name,
                User.email,
            )
            .join(User, User.id == Membership.user_id)
            .where(Membership.record_id == organisation.id)
            .order_by(Membership.agent, Membership.id)
        ).all()
        invited = connection.execute(
            select(
                Invitation.id, Invitation.email, Invitation.role, Invitation.agent, Invitation.created_at
            ).where(Invitation.record_id == organisation.id, Invitation.ended == "")
        ).all()
    return MembersView(
        organisation_view(organisation, len(members)),
        tuple(
            MemberView(
                row.id,
                row.name or row.email,
                row.email,
                row.role,
                ROLE_NAMES[row.role],
                row.agent,
                row.since,
                row.user_id == actor.user_id,
            )
            for row in members
        ),
        tuple(
            PendingInvitationView(row.id, row.email, ROLE_NAMES[row.role], row.agent, row.created_at)
            for row in invited
        ),
    )


def change_member_role(
    registry: Registry, actor: Actor, slug: str | Represented, membership_id: int, *, role: str
) -> None:
    """Change the role of a member; an organisation keeps an owner of its own.

    To hand over, an owner makes another member owner first, then changes their own role or leaves. Raises `NotFound`,
    `Forbidden` unless the actor is an owner, and `Invalid` (`last_owner`, `unknown_value`).
    """
    require(actor, Action.ACT_FOR)
    if role not in ROLES:
        raise Invalid((Issue("unknown_value", "role", {"value": role[:20], "known": ", ".join(ROLES)}),))
    with unit_of_work(registry.engine) as connection:
        organisation = require_membership(connection, actor, slug, "owner")
        _lock_organisation(connection, organisation.id)
        member = _load_member(connection, organisation.id, membership_id)
        if member.agent and role == "owner":
            raise Invalid((Issue("agent_no_owner", "role"),))
        connection.execute(update(Membership).where(Membership.id == member.id).values(role=role))
        _require_an_owner(connection, organisation.id)
        audit_log.record(
            connection,
            actor,
            "role_changed",
            member.user_id,
            subject=organisation.number,
            details=audit_log.change_of(member.role, role),
        )


def remove_member(registry: Registry, actor: Actor, slug: str | Represented, membership_id: int) -> None:
    """End the membership of a person, who is notified by mail. Raises as `change_member_role`."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        organisation = require_membership(connection, actor, slug, "owner")
        _lock_organisation(connection, organisation.id)
        member = _load_member(connection, organisation.id, membership_id)
        connection.execute(delete(Membership).where(Membership.id == member.id))
        _require_an_owner(connection, organisation.id)
        if member.user_id != actor.user_id:
            name = organisation_name(organisation, member.lang)
            letters.enqueue_letter(connection, "member_removed", member.lang, member.email, organisation=name)
        audit_log.record(connection, actor, "member_removed", member.user_id, subject=organisation.number)


def leave_organisation(registry: Registry, actor: Actor, slug: str | Represented) -> None:
    """End the actor's own membership. Raises `NotFound` and `Invalid` (`last_owner`)."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        organisation = require_membership(connection, actor, slug)
        _lock_organisation(connection, organisation.id)
        own = (Membership.record_id == organisation.id) & (Membership.user_id == actor.user_id)
        connection.execute(delete(Membership).where(own))
        _require_an_owner(connection, organisation.id)
        audit_log.record(connection, actor, "left", subject=organisation.number)


def require_membership(
    connection: Connection, actor: Actor, slug: str | Represented, minimum_role: str = "viewer"
) -> FetchedRow:
    """Return the organisation, with the actor's role in it. `slug`: of an organisation, else register and slug.

    Raises `NotFound` unless the actor is a member, whether or not there are others; `Forbidden` for a role below
    `minimum_role`.
    """
    require(actor, Action.ACT_FOR)
    where = Represented(organisation_register().slug, slug) if isinstance(slug, str) else slug
    membership = connection.execute(
        select_memberships().where(
            Record.register == where.register,
            Record.slug == where.slug[:120],
            Membership.user_id == actor.user_id,
        )
    ).one_or_none()
    if membership is None:
        raise NotFound("organisation", where.slug[:120])
    if ROLES.index(membership.role) < ROLES.index(minimum_role):
        raise Forbidden("membership_role_too_low", role=membership.role)
    return membership


def require_filer(
    connection: Connection,
    actor: Actor,
    filer: str | Represented,
    register: str,
    *,
    minimum_role: str = "viewer",
) -> FetchedRow:
    """Return the organisation or body, with the actor's role in it, if records of this register are filed for it by the actor.

    Raises `NotFound` unless the actor is a member and the register is filed by organisations or bodies as this one is;
    `Forbidden` for a role below `minimum_role`, and where an account of another role would file for a body.
    """
    where = require_membership(connection, actor, filer, minimum_role)
    party = catalogue()[register].filer
    if party is None or party.register != where.register:
        raise NotFound("register", register, code="register_unknown")
    if minimum_role != "viewer" and where.register != organisation_register().slug:
        representation = catalogue()[where.register].representation
        if representation is None or actor.role != representation.role:
            raise Forbidden("role_may_not", role=actor.role, action=Action.ACT_FOR.value)
    return where


def add_member(connection: Connection, record_id: int, user_id: int, role: str, *, agent: bool) -> None:
    """Make a user a member; one who is a member already gets the higher of both roles."""
    existing = connection.execute(
        select(Membership.id, Membership.role).where(
            Membership.record_id == record_id, Membership.user_id == user_id
        )
    ).one_or_none()
    if existing is None:
        values = {"record_id": record_id, "user_id": user_id, "role": role, "agent": agent}
        connection.execute(insert(Membership).values(**values, since=clock.now()))
    elif ROLES.index(role) > ROLES.index(existing.role):
        connection.execute(
            update(Membership).where(Membership.id == existing.id).values(role=role, agent=agent)
        )


def give_role(connection: Connection, record_id: int, user_id: int, given_by: Actor) -> None:
    """Give an account of an enterprise the role of those who act for a record of this register; others keep theirs.

    Its sessions and tokens end where the role changes, so that what the role asks for (a second factor) is asked for.
    `given_by`: who has decided it, for the audit log.
    """
    register = connection.execute(select(Record.register).where(Record.id == record_id)).scalar_one()
    representation, usual = catalogue()[register].representation, organisation_register().representation
    if representation is None or usual is None or representation.role == usual.role:
        return
    changed = (User.id == user_id) & (User.role == usual.role)
    if connection.execute(update(User).where(changed).values(role=representation.role)).rowcount:
        connection.execute(delete(Session).where(Session.user_id == user_id))
        api_tokens.revoke_tokens(connection, user_id)
        details = audit_log.change_of(usual.role, representation.role)
        audit_log.record(connection, given_by, "appointed", user_id, details=details)


def find_organisation(connection: Connection, number: str) -> FetchedRow | None:
    """Return the record of an organisation by its number, in any spelling, or None."""
    return find_represented(connection, organisation_register(), number)


def find_represented(
    connection: Connection, definition: RegisterDefinition, number: str
) -> FetchedRow | None:
    """Return the record of a register for whose records people act by its number, in any spelling, or None."""
    key = definition.key.parse(" ".join(number.split())[:120])
    found = by_present_or_former_key(select(*TITLE_COLUMNS, Record.status))
    return connection.execute(found, {"register": definition.slug, "key": key}).one_or_none()


def find_only_filer(connection: Connection, user_id: int | None, register: str) -> str:
    """Return the slug of the one organisation or body of a register that a user files for, "" for none or several."""
    own = select(Record.slug).join(Membership, Membership.record_id == Record.id)
    filed_for = own.where(
        Record.register == register,
        Membership.user_id == user_id,
        Membership.role.in_(("editor", "owner")),
    )
    slugs = connection.execute(filed_for.limit(2)).scalars().all()
    return str(slugs[0]) if len(slugs) == 1 else ""


def has_owner(connection: Connection, record_id: int) -> bool:
    """Return True if the organisation has an owner who is no agent."""
    own = (Membership.record_id == record_id) & (Membership.role == "owner") & Membership.agent.is_(False)
    return connection.execute(select(Membership.id).where(own).limit(1)).scalar() is not None


def notify_holder(connection: Connection, record_id: int, kind: str, number: str) -> None:
    """Mail the editors and owners of the holder of a record about that record."""
    record = connection.execute(select(Record.holder_id, Record.register).where(Record.id == record_id)).one()
    if record.holder_id is not None:
        notify_members(connection, record.holder_id, kind, number=number, register=record.register)


def notify_members(connection: Connection, organisation_id: int, kind: str, **details: str | Words) -> None:
    """Mail the editors and owners of an organisation. `details`: placeholders of the letter; words in the reader's language."""
    holder = connection.execute(select(*TITLE_COLUMNS).where(Record.id == organisation_id)).one()
    filing = (Membership.record_id == holder.id) & Membership.role.in_(("editor", "owner"))
    for user in connection.execute(
        select(User.email, User.lang).join(Membership, Membership.user_id == User.id).where(filing)
    ):
        organisation = organisation_name(holder, user.lang)
        letters.enqueue_letter(
            connection,
            kind,
            user.lang,
            user.email,
            organisation=organisation,
            link_id=None,
            slug=holder.slug,
            **{
                name: value if isinstance(value, str) else value.in_language(user.lang)
                for name, value in details.items()
            },
        )


def organisation_name(row: FetchedRow, lang: str) -> str:
    """Return the name of an organisation in one language. `row`: has the columns of `TITLE_COLUMNS`."""
    name = titles.title_of(catalogue()[row.register], row)
    return name.zh if lang == "zh" and name.zh else name.en


def claimed_organisation_name(row: FetchedRow) -> Words:
    """Return the name of the organisation of a claim, as it was when the claim was made."""
    return titles.bilingual_name(row.name, json.loads(row.values).get("name_en", ""), "enterprise", "company")


def count_waiting_claims(connection: Connection, user_id: int | None) -> int:
    """Return how many claims of one person wait for a decision."""
    waiting = (Claim.user_id == user_id) & (Claim.status == WAITING)
    return int(connection.execute(select(func.count()).select_from(Claim).where(waiting)).scalar_one())


def select_memberships() -> SelectStatement:
    """Select organisations with the role of a member; the caller says of whom."""
    return select(*TITLE_COLUMNS, Membership.role, Membership.agent).join(
        Membership, Membership.record_id == Record.id
    )


def _count_by_organisation(
    connection: Connection, column: Any, condition: ColumnElement[bool]
) -> dict[int, int]:
    """Return how many rows that meet the condition belong to each organisation."""
    counts = connection.execute(select(column, func.count()).where(condition).group_by(column))
    return {int(organisation): int(count) for organisation, count in counts}


def organisation_view(row: FetchedRow, *counts: int) -> OrganisationView:
    """Return an organisation with the actor's role. `row`: of `require_membership`; `counts`: in the order of the fields."""
    people, drafts, sheets = (*counts, 0, 0, 0)[:3]
    return OrganisationView(
        slug=row.slug,
        number=row.number,
        name=titles.title_of(catalogue()[row.register], row),
        role=row.role,
        role_words=ROLE_NAMES[row.role],
        agent=row.agent,
        people=people,
        drafts=drafts,
        sheets=sheets,
        register=row.register,
    )


def _load_member(connection: Connection, record_id: int, membership_id: int) -> FetchedRow:
    member = connection.execute(
        select(Membership.id, Membership.user_id, Membership.role, Membership.agent, User.email, User.lang)
        .join(User, User.id == Membership.user_id)
        .where(Membership.id == membership_id, Membership.record_id == record_id)
    ).one_or_none()
    if member is None:
        raise NotFound("member", str(membership_id))
    return member


def _lock_organisation(connection: Connection, record_id: int) -> None:
    """Lock the organisation: of two owners who leave concurrently, the second sees that they are the last."""
    connection.execute(select(Record.id).where(Record.id == record_id).with_for_update())


def _require_an_owner(connection: Connection, record_id: int) -> None:
    """Raise `Invalid` (`last_owner`) if the organisation has no owner of its own any more."""
    if not has_owner(connection, record_id):
        raise Invalid((Issue("last_owner"),))
