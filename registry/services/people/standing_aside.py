"""Who does not decide, and who does instead: conflicts of interest that people declare, substitutes that administrators name."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, insert, select, update

from registry import clock
from registry.accounts import audit_log, borrowed_words
from registry.accounts.bounds import takes_region
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.accounts.standing_aside import DeclaredInterest, Substitution
from registry.errors import Invalid, NotFound
from registry.kit.issues import Issue
from registry.reference.code_lists import regions
from registry.reference.text import sparse_dates
from registry.registers import represented_registers
from registry.services.bootstrap import Registry
from registry.services.mail import letters
from registry.services.people import memberships
from registry.services.people.account_bounds import load_account
from registry.services.people.registration import find_user, require_email
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

MAX_REASON_LENGTH = 500  # characters
MAX_INTERESTS = 200  # that hold, of one account
MAX_SUBSTITUTION = dt.timedelta(days=366)


def declare_interest(registry: Registry, actor: Actor, number: str, reason: str) -> None:
    """Declare that the actor must not decide on the records of an organisation or a body. Only an administrator ends it.

    `number`: credit code or number of approval. Does nothing where it is declared already. Raises `Invalid` (`required`,
    `party_unknown`, `too_long`, `too_many_interests`).
    """
    require(actor, Action.SEE_DESK)
    reason = " ".join(reason.split())
    if len(reason) > MAX_REASON_LENGTH:
        raise Invalid((Issue("too_long", "reason", {"length": len(reason), "at_most": MAX_REASON_LENGTH}),))
    if not number.strip():
        raise Invalid((Issue("required", "number"),))
    with unit_of_work(registry.engine) as connection:
        connection.execute(select(User.id).where(User.id == actor.user_id).with_for_update())
        party = _find_party(connection, number)
        if party is None:
            raise Invalid((Issue("party_unknown", "number", {"value": number.strip()[:120]}),))
        holding = (DeclaredInterest.user_id == actor.user_id) & DeclaredInterest.ended_at.is_(None)
        declared = connection.execute(select(DeclaredInterest.record_id).where(holding)).scalars().all()
        if party.id in declared:
            return
        if len(declared) >= MAX_INTERESTS:
            raise Invalid((Issue("too_many_interests", "number", {"at_most": MAX_INTERESTS}),))
        row = {"user_id": actor.user_id, "record_id": party.id, "reason": reason, "declared_at": clock.now()}
        connection.execute(insert(DeclaredInterest).values(**row))
        audit_log.record(connection, actor, "interest_declared", subject=party.number)


def end_interest(registry: Registry, actor: Actor, account: int, interest: int) -> None:
    """End a declared conflict of another account, which may decide again. Raises `NotFound` and `Invalid` (`account_is_own`)."""
    require(actor, Action.MANAGE_ACCOUNTS)
    with unit_of_work(registry.engine) as connection:
        row = load_account(connection, account)
        if row.id == actor.user_id:
            raise Invalid((Issue("account_is_own", ""),))
        holding = (
            (DeclaredInterest.id == interest)
            & (DeclaredInterest.user_id == row.id)
            & DeclaredInterest.ended_at.is_(None)
        )
        if connection.execute(update(DeclaredInterest).where(holding).values(ended_at=clock.now())).rowcount:
            audit_log.record(connection, actor, "interest_ended", row.id)
        else:
            raise NotFound("interest", str(interest))


def name_substitute(
    registry: Registry, actor: Actor, account: int, email: str, *, from_on: str, until_on: str
) -> None:
    """Let another reviewer of the same role stand in for an account, in its region, from one day to another; a letter tells them.

    `from_on`, `until_on`: days as people write them, both included. Raises `NotFound` and `Invalid` (`account_is_own`,
    `role_takes_no_substitute`, `required`, `email_form`, `account_unknown`, `substitute_is_same`,
    `substitute_of_another_role`, `substitute_without_region`, `account_is_suspended`, `date_shape`, `day_past`,
    `ends_before_start`, `substitution_too_long`).
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    first, last = _period(from_on, until_on)
    with unit_of_work(registry.engine) as connection:
        row = load_account(connection, account)
        substitute = _find_substitute(connection, actor, row, email)
        named = {"from_on": first, "until_on": last, "named_at": clock.now()}
        connection.execute(insert(Substitution).values(user_id=row.id, substitute_id=substitute.id, **named))
        letters.enqueue_letter(
            connection,
            "substitute_named",
            substitute.lang,
            substitute.email,
            person=borrowed_words.quoted_person(row.name, row.email, substitute.lang),
            region=regions.label(row.region_code, substitute.lang),
            first=first.isoformat(),
            last=last.isoformat(),
        )
        details = f"{first.isoformat()}/{last.isoformat()}"
        audit_log.record(
            connection,
            actor,
            "substitute_named",
            substitute.id,
            subject=row.region_code,
            details=details,
        )


def end_substitution(registry: Registry, actor: Actor, account: int, substitution: int) -> None:
    """End that another stands in for an account. Raises `NotFound`."""
    require(actor, Action.MANAGE_ACCOUNTS)
    with unit_of_work(registry.engine) as connection:
        holding = (
            (Substitution.id == substitution)
            & (Substitution.user_id == account)
            & Substitution.ended_at.is_(None)
        )
        row = connection.execute(select(Substitution.substitute_id).where(holding)).one_or_none()
        if row is None:
            raise NotFound("substitution", str(substitution))
        connection.execute(
            update(Substitution).where(Substitution.id == substitution).values(ended_at=clock.now())
        )
        audit_log.record(connection, actor, "substitution_ended", row.substitute_id)


def _find_party(connection: Connection, number: str) -> FetchedRow | None:
    """The organisation or body of a number, in any spelling; None where the register holds none."""
    for definition in represented_registers():
        found: FetchedRow | None = memberships.find_represented(connection, definition, number)
        if found is not None:
            return found
    return None


def _find_substitute(connection: Connection, actor: Actor, row: FetchedRow, email: str) -> FetchedRow:
    """Return who is to stand in. Raises `Invalid` where they may not."""
    if row.id == actor.user_id:
        raise Invalid((Issue("account_is_own", ""),))
    if not takes_region(row.role):
        raise Invalid((Issue("role_takes_no_substitute", "substitute"),))
    if not row.region_code:
        raise Invalid((Issue("substitute_without_region", "substitute"),))
    address = require_email(email, "substitute")
    found = find_user(connection, address)
    if found is None:
        raise Invalid((Issue("account_unknown", "substitute", {"value": address}),))
    if found.id == row.id:
        raise Invalid((Issue("substitute_is_same", "substitute"),))
    if found.role != row.role:
        raise Invalid((Issue("substitute_of_another_role", "substitute"),))
    if found.suspended_at is not None:
        raise Invalid((Issue("account_is_suspended", "substitute"),))
    return found


def _period(from_on: str, until_on: str) -> tuple[dt.date, dt.date]:
    """Return the first and the last day. Raises `Invalid` with all that is wrong with them."""
    days: list[str] = []
    issues: list[Issue] = []
    for field, typed in (("from_on", from_on), ("until_on", until_on)):
        try:
            days.append(sparse_dates.parse(typed))
        except sparse_dates.DateError as problem:
            code = problem.code if typed.strip() else "required"
            issues.append(Issue(code, field, {"value": typed.strip()[:40]} if typed.strip() else {}))
    if issues:
        raise Invalid(tuple(issues))
    first, last = sparse_dates.first_day(days[0]), sparse_dates.last_day(days[1])
    if last < first:
        issues.append(Issue("ends_before_start", "until_on", {"start": days[0], "end": days[1]}))
    elif last < clock.today():
        issues.append(Issue("day_past", "until_on", {"value": days[1]}))
    elif last - first > MAX_SUBSTITUTION:
        issues.append(Issue("substitution_too_long", "until_on", {"at_most": MAX_SUBSTITUTION.days}))
    if issues:
        raise Invalid(tuple(issues))
    return first, last
