"""Bounds of accounts: administrators set the region of a reviewer and the bodies of a body account; everyone sees their own.

What the bounds mean for a record: `deciding_rights`.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.orm import aliased

from registry import clock
from registry.accounts import audit_log
from registry.accounts.bounds import BOUND_OF, LEVELS_OF_ROLE, Bound, fits_role, takes_region
from registry.accounts.membership import Membership
from registry.accounts.model import User, name_or_address
from registry.accounts.policy import Action, Actor, require
from registry.accounts.standing_aside import DeclaredInterest, Substitution
from registry.errors import Invalid, NotFound
from registry.i18n import _
from registry.kit.approvals import scope_of
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.reference.code_lists import regions
from registry.registers import catalogue, represented_registers
from registry.services.bootstrap import Registry
from registry.services.mail import letters
from registry.services.people import memberships
from registry.services.people.deciding_rights import is_approved, read_bodies
from registry.services.people.memberships import ROLE_NAMES
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_REGION_LENGTH = 60  # characters of a name or code of a region as typed
BOUND_LABELS = {  # message ids, by bound
    Bound.NONE: _("Acts on no record"),
    Bound.HOLDER: _("Acts on records of the organisations that it files for"),
    Bound.ISSUER: _("Acts on what its body has issued, while the body is approved and within its scope"),
    Bound.REGION: _("Acts on records of its region"),
    Bound.DRAWN: _("Acts on records for whose random check it was drawn, until the result is public"),
    Bound.ALL: _("Acts on records of the whole country"),
}
OtherUser = aliased(User, name="other_user")


@dataclass(frozen=True, slots=True)
class BodyBoundView:
    """A body for which an account acts. `valid_to`: sparse ISO, "" where the register does not state it."""

    membership: int
    slug: str
    register: str
    number: str
    name: Words
    role_words: str
    approved: bool
    valid_to: str
    scope: str


@dataclass(frozen=True, slots=True)
class InterestView:
    """A conflict of interest that an account has declared with an organisation or a body, and that holds."""

    id: int
    register: str
    slug: str
    number: str
    name: Words
    reason: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class SubstitutionView:
    """One stands in for another. `person`: name or address of the other one; `begun`: it holds today."""

    id: int
    person: str
    region: Words
    from_on: dt.date
    until_on: dt.date
    begun: bool


@dataclass(frozen=True, slots=True)
class AccountBoundsView:
    """Within what an account may act.

    `region`: None where the role takes none, or none is set. `missing`: the code of what is lacking, "" where nothing is.
    `substitutes`: who stands in for it; `stands_in_for`: for whom it does; both today or later.
    """

    role: str
    bound: str  # message id
    takes_region: bool
    takes_body: bool
    region: Words | None
    region_code: str
    bodies: tuple[BodyBoundView, ...]
    missing: str
    interests: tuple[InterestView, ...]
    substitutes: tuple[SubstitutionView, ...]
    stands_in_for: tuple[SubstitutionView, ...]


def get_own_bounds(registry: Registry, actor: Actor) -> AccountBoundsView:
    """Return within what the actor may act, who decides on records of others."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        return _view(connection, load_account(connection, actor.user_id or 0))


def get_account_bounds(registry: Registry, actor: Actor, account: int) -> AccountBoundsView:
    """Return within what an account may act. Raises `NotFound`."""
    require(actor, Action.MANAGE_ACCOUNTS)
    with read_transaction(registry.engine) as connection:
        return _view(connection, load_account(connection, account))


def set_account_region(registry: Registry, actor: Actor, account: int, region: str) -> None:
    """Set the region of a reviewer, by its code or name; a letter tells them. Does nothing where it is the region already.

    Raises `NotFound` and `Invalid` (`account_is_own`, and as `parse_region`).
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    with unit_of_work(registry.engine) as connection:
        row = load_account(connection, account)
        if row.id == actor.user_id:
            raise Invalid((Issue("account_is_own", ""),))
        code = parse_region(region, row.role)
        if code == row.region_code:
            return
        connection.execute(update(User).where(User.id == row.id).values(region_code=code))
        letters.enqueue_letter(
            connection, "region_set", row.lang, row.email, region=regions.label(code, row.lang)
        )
        details = audit_log.change_of(row.region_code, code)
        audit_log.record(connection, actor, "region_set", row.id, subject=code, details=details)


def parse_region(typed: str, role: str) -> str:
    """Return the code of the region that an account of this role may be bound to, from its code or its name.

    Raises `Invalid`: `region_not_taken` (a role without a region), `required`, `bound_region_unknown`, `region_of_another_level`,
    `region_ambiguous`.
    """
    text = " ".join(unicodedata.normalize("NFKC", typed).split())[:MAX_REGION_LENGTH]
    if not takes_region(role):
        raise Invalid((Issue("region_not_taken", "region"),))
    if not text:
        raise Invalid((Issue("required", "region"),))
    found = [text] if text.isascii() and text.isdecimal() else _codes_of_name(text, role)
    if len(found) > 1:
        raise Invalid((Issue("region_ambiguous", "region", {"value": text, "known": ", ".join(found[:8])}),))
    if not found or regions.region(found[0]) is None:
        raise Invalid((Issue("bound_region_unknown", "region", {"value": text}),))
    if not fits_role(found[0], role):
        raise Invalid((Issue("region_of_another_level", "region", {"value": text}),))
    return found[0]


def add_body(registry: Registry, actor: Actor, account: int, number: str) -> None:
    """Let an account act for a body, by the number of its approval; a letter tells the person.

    As owner where the body has no owner of its own, else as editor. Raises `NotFound` and `Invalid` (`account_is_own`,
    `role_takes_no_body`, `required`, `body_unknown`, `body_ended`, `member_already_there`).
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    with unit_of_work(registry.engine) as connection:
        row = load_account(connection, account)
        if row.id == actor.user_id:
            raise Invalid((Issue("account_is_own", ""),))
        if BOUND_OF[row.role] is not Bound.ISSUER:
            raise Invalid((Issue("role_takes_no_body", "body"),))
        if not number.strip():
            raise Invalid((Issue("required", "body"),))
        issuing = (each for each in represented_registers() if _issues(each.slug))
        found = (memberships.find_represented(connection, each, number) for each in issuing)
        body = next(filter(None, found), None)
        if body is None:
            raise Invalid((Issue("body_unknown", "body", {"value": number.strip()[:120]}),))
        definition = catalogue()[body.register]
        if definition.life_cycle.state(body.status).standing == "ended":
            raise Invalid((Issue("body_ended", "body"),))
        known = (Membership.record_id == body.id) & (Membership.user_id == row.id)
        if connection.execute(select(Membership.id).where(known)).scalar() is not None:
            raise Invalid((Issue("member_already_there", "body"),))
        role = "editor" if memberships.has_owner(connection, body.id) else "owner"
        memberships.add_member(connection, body.id, row.id, role, agent=False)
        name = titles.title_of(definition, body).in_language(row.lang)
        letters.enqueue_letter(connection, "member_added", row.lang, row.email, organisation=name)
        audit_log.record(connection, actor, "joined", row.id, subject=body.number, details=role)


def remove_body(registry: Registry, actor: Actor, account: int, membership: int) -> None:
    """End that an account acts for a body; a letter tells the person. Raises `NotFound` and `Invalid` (`account_is_own`)."""
    require(actor, Action.MANAGE_ACCOUNTS)
    with unit_of_work(registry.engine) as connection:
        row = load_account(connection, account)
        if row.id == actor.user_id:
            raise Invalid((Issue("account_is_own", ""),))
        body = connection.execute(
            select(*TITLE_COLUMNS)
            .join(Membership, Membership.record_id == Record.id)
            .where(Membership.id == membership, Membership.user_id == row.id)
        ).one_or_none()
        if body is None or not _issues(body.register):
            raise NotFound("member", str(membership))
        connection.execute(delete(Membership).where(Membership.id == membership))
        name = titles.title_of(catalogue()[body.register], body).in_language(row.lang)
        letters.enqueue_letter(connection, "body_removed", row.lang, row.email, organisation=name)
        audit_log.record(connection, actor, "member_removed", row.id, subject=body.number)


def load_account(connection: Connection, account: int) -> FetchedRow:
    """Return an account that is not deleted. Raises `NotFound`."""
    row = connection.execute(select(*User.__table__.columns).where(User.id == account)).one_or_none()
    if row is None or not row.email:
        raise NotFound("account", str(account))
    return row


def region_words(code: str) -> Words:
    """Return the name of a region in both languages."""
    source = "official" if regions.en_is_official(code) else "romanised"
    return Words(regions.label(code, "zh"), regions.label(code, "en"), source)


def _codes_of_name(text: str, role: str) -> list[str]:
    """The codes that a name means: those of the level of the role first, else the one of any level."""
    folded = text.casefold()
    named = [
        each.code
        for each in regions.all_regions().values()
        if each.level in LEVELS_OF_ROLE[role]
        and not each.abolished
        and (
            folded
            in {each.zh, regions.short_form(each.zh), each.en.casefold(), regions.label(each.code, "zh")}
            or folded == regions.label(each.code, "en").casefold()
        )
    ]
    if named:
        return named
    other = regions.find_code(text)
    return [other] if other else []


def _issues(register: str) -> bool:
    """True for a register whose members act on what they have issued, not on what they file."""
    representation = catalogue()[register].representation
    return representation is not None and not representation.files


def _view(connection: Connection, row: FetchedRow) -> AccountBoundsView:
    bound = BOUND_OF[row.role]
    bodies = _bodies(connection, row.id)
    substitutes, stands_in_for = (
        _substitutions(connection, row.id, own=own) if takes_region(row.role) else () for own in (True, False)
    )
    missing = ""
    if takes_region(row.role) and not row.region_code and not any(each.begun for each in stands_in_for):
        missing = "bound_region_missing"
    elif bound is Bound.ISSUER and not bodies:
        missing = "bound_body_missing"
    return AccountBoundsView(
        role=row.role,
        bound=BOUND_LABELS[bound],
        takes_region=takes_region(row.role),
        takes_body=bound is Bound.ISSUER,
        region=region_words(row.region_code) if row.region_code else None,
        region_code=row.region_code,
        bodies=bodies,
        missing=missing,
        interests=_interests(connection, row.id),
        substitutes=substitutes,
        stands_in_for=stands_in_for,
    )


def _bodies(connection: Connection, user_id: int) -> tuple[BodyBoundView, ...]:
    rows = connection.execute(
        select(Membership.id, Membership.record_id, Membership.role, Record.register)
        .join(Record, Record.id == Membership.record_id)
        .where(Membership.user_id == user_id)
    ).all()
    mine = {row.record_id: row for row in rows if _issues(row.register)}
    if not mine:
        return ()
    today = clock.today()
    facts = read_bodies(connection, list(mine), {each: row.role for each, row in mine.items()})
    return tuple(
        BodyBoundView(
            membership=mine[record_id].id,
            slug=body.slug,
            register=mine[record_id].register,
            number=body.number,
            name=body.name,
            role_words=ROLE_NAMES[body.membership],
            approved=is_approved(body, today),
            valid_to=str(body.values.get(catalogue()[mine[record_id].register].valid_to) or ""),
            scope=scope_of(body.values),
        )
        for record_id, body in facts.items()
    )


def _interests(connection: Connection, user_id: int) -> tuple[InterestView, ...]:
    rows = connection.execute(
        select(*TITLE_COLUMNS, DeclaredInterest.reason, DeclaredInterest.declared_at)
        .add_columns(DeclaredInterest.id.label("interest"))
        .join(DeclaredInterest, DeclaredInterest.record_id == Record.id)
        .where(DeclaredInterest.user_id == user_id, DeclaredInterest.ended_at.is_(None))
        .order_by(DeclaredInterest.id)
    )
    return tuple(
        InterestView(
            id=row.interest,
            register=row.register,
            slug=row.slug,
            number=row.number,
            name=titles.title_of(catalogue()[row.register], row),
            reason=row.reason,
            at=row.declared_at,
        )
        for row in rows
    )


def _substitutions(connection: Connection, user_id: int, *, own: bool) -> tuple[SubstitutionView, ...]:
    """Who stands in for an account (`own`), or for whom it stands in; today or later."""
    today = clock.today()
    of, other = (
        (Substitution.user_id, Substitution.substitute_id)
        if own
        else (Substitution.substitute_id, Substitution.user_id)
    )
    rows = connection.execute(
        select(
            Substitution.id, Substitution.from_on, Substitution.until_on, name_or_address().label("person")
        )
        .add_columns(OtherUser.region_code)
        .join(User, User.id == other)
        .join(OtherUser, OtherUser.id == Substitution.user_id)
        .where(of == user_id, Substitution.ended_at.is_(None), Substitution.until_on >= today)
        .order_by(Substitution.from_on, Substitution.id)
    )
    return tuple(
        SubstitutionView(
            row.id, row.person, region_words(row.region_code), row.from_on, row.until_on, row.from_on <= today
        )
        for row in rows
    )
