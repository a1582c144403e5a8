"""The entries of the audit log that a question asks for, newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, or_, select
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts import audit_log, email_addresses
from registry.accounts.model import AuditEntry, User
from registry.accounts.policy import STAFF, Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.reference.identifiers import personal
from registry.reference.text import sparse_dates
from registry.registers import catalogue
from registry.services.auditing.days import COLUMNS
from registry.services.auditing.labels import DOOR_LABELS, ROLE_LABELS
from registry.services.auditing.places import page_of
from registry.services.bootstrap import Registry
from registry.services.confidential import looks
from registry.services.confidential.looks import Look, LookReason
from registry.services.confidential.reasons import LOOK_REASONS
from registry.services.people.own_account import event_label
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

PAGE_SIZE = 50
MAX_ACCOUNT_DIGITS = 19
MAX_TYPED = 200  # characters of one field of the question


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """A question to the audit log; "" leaves a part open.

    `since`, `until`: days in Shanghai, a month or a year too; `account`: an e-mail address or the number of an account, of the person who acted
    or of the account concerned; `subject`: what was acted on, as the log has it, such as the number of a record; `before`: the id that a
    page ends above, 0 for the newest.
    """

    since: str = ""
    until: str = ""
    account: str = ""
    subject: str = ""
    action: str = ""
    role: str = ""
    door: str = ""
    before: int = 0


@dataclass(frozen=True, slots=True)
class AuditEntryView:
    """One entry. `action`, `role`, `door`: message ids; `by`, `account`: address or number of an account, "" for none.

    `account` is "" where it is the account of the person who acted. The address of an account that is not of staff is masked, with its
    number behind it: `by_masked`, `account_masked` are that number then, else 0. `change`: of an account's role, before and after as
    message ids. `reason`, `words`: of a look at something
    confidential; `register`: message id of the register that the subject begins with, "" for others, and `behind` what stands behind it;
    `page`: where the desk shows what was acted on, without the language, "" for nowhere.
    """

    id: int
    at: dt.datetime
    action: str
    role: str
    by: str
    account: str
    subject: str
    details: str
    door: str
    request_id: str
    reason: Words | None = None
    words: str = ""
    page: str = ""
    by_masked: int = 0
    account_masked: int = 0
    change: tuple[str, str] | None = None
    register: str = ""
    behind: str = ""


class ShownPerson(NamedTuple):
    """Whose account it is: name, "" for none, and address."""

    name: str
    email: str


class _ShownAccount(NamedTuple):
    text: str
    masked: int


@dataclass(frozen=True, slots=True)
class AuditTrailView:
    """One page of entries. `older`: for `AuditQuery.before` of the next page, 0 on the last one."""

    entries: tuple[AuditEntryView, ...]
    older: int


def get_audit_trail(registry: Registry, actor: Actor, query: AuditQuery) -> AuditTrailView:
    """Return a page of the entries that a question asks for, newest first.

    Raises `Invalid`: `date_shape`, `date_does_not_exist`, `ends_before_start`, `account_unknown`.
    """
    require(actor, Action.READ_AUDIT)
    with read_transaction(registry.engine) as connection:
        conditions = conditions_of(connection, query)
        rows = connection.execute(
            select(*COLUMNS).where(*conditions).order_by(AuditEntry.id.desc()).limit(PAGE_SIZE + 1)
        ).all()
        views = tuple(entry_views(connection, rows[:PAGE_SIZE]))
    return AuditTrailView(views, rows[PAGE_SIZE - 1].id if len(rows) > PAGE_SIZE else 0)


def conditions_of(connection: Connection, query: AuditQuery) -> list[ColumnElement[bool]]:
    """Return what an entry must meet. Raises as `get_audit_trail`, for all fields together."""
    issues: list[Issue] = []
    first, last = (
        _day(name, typed, issues) for name, typed in (("since", query.since), ("until", query.until))
    )
    if first and last and first > last:
        issues.append(Issue("ends_before_start", "until", {"start": query.since, "end": query.until}))
    conditions: list[ColumnElement[bool]] = []
    if first:
        conditions.append(AuditEntry.at >= clock.end_of_day(first - dt.timedelta(days=1)))
    if last:
        conditions.append(AuditEntry.at < clock.end_of_day(last))
    if query.account:
        account = _account_id(connection, query.account)
        if account is None:
            issues.append(Issue("account_unknown", "account", {"value": query.account[:MAX_TYPED]}))
        conditions.append(or_(AuditEntry.user_id == account, AuditEntry.acted_by == account))
    exact: tuple[tuple[Any, str], ...] = (
        (AuditEntry.subject, query.subject),
        (AuditEntry.action, query.action),
        (AuditEntry.actor_role, query.role),
        (AuditEntry.door, query.door),
    )
    conditions += [column == typed for column, typed in exact if typed]
    if query.before:
        conditions.append(AuditEntry.id < query.before)
    if issues:
        raise Invalid(tuple(issues))
    return conditions


def entry_views(connection: Connection, rows: Iterable[FetchedRow]) -> Iterable[AuditEntryView]:
    """Yield entries with the addresses of their accounts as these are today, masked where they are not of staff."""
    rows = list(rows)
    wanted = {each for row in rows for each in (row.user_id, row.acted_by) if each is not None}
    found = connection.execute(select(User.id, User.email, User.role).where(User.id.in_(wanted)))
    known = {each.id: each for each in found}
    for row in rows:
        by, account = (_shown(known.get(each), each) for each in (row.acted_by, row.user_id))
        details, given = looks.split_reason(row.details)
        reason = LOOK_REASONS.get(given.code)
        first, _blank, behind = row.subject.partition(" ")
        yield AuditEntryView(
            row.id,
            row.at,
            event_label(row.action, row.subject),
            ROLE_LABELS.get(row.actor_role, row.actor_role),
            by.text,
            "" if account == by else account.text,
            row.subject,
            details,
            DOOR_LABELS.get(row.door, row.door),
            row.request_id,
            reason=Words(reason.zh, reason.en) if reason else None,
            words=given.words,
            page=page_of(row.action, row.subject, details),
            by_masked=by.masked,
            account_masked=0 if account == by else account.masked,
            change=_change_of_role(row.action, details),
            register=catalogue()[first].label if first in catalogue() else "",
            behind=behind,
        )


def _change_of_role(action: str, details: str) -> tuple[str, str] | None:
    """What an account was before and after, in words; None of other acts, and of those before changes were kept."""
    before, arrow, after = details.partition(audit_log.ARROW)
    if action != "appointed" or not arrow:
        return None
    return ROLE_LABELS.get(before, before), ROLE_LABELS.get(after, after)


def open_account(registry: Registry, actor: Actor, account: int, *, reason: LookReason) -> ShownPerson:
    """Return name and address of an account that the audit log masks; the look and its reason stand in the log.

    Raises `NotFound`, also for a deleted account, and `Invalid` as `record_look`.
    """
    require(actor, Action.READ_AUDIT)
    with unit_of_work(registry.engine) as connection:
        person = connection.execute(select(User.name, User.email).where(User.id == account)).one_or_none()
        if person is None or not person.email:
            raise NotFound("account", str(account)[:MAX_TYPED])
        looks.record_look(connection, actor, Look("account", f"#{account}", "", account), reason)
    return ShownPerson(person.name, person.email)


def _shown(person: FetchedRow | None, account: int | None) -> _ShownAccount:
    if account is None:
        return _ShownAccount("", 0)
    if person is None or not person.email:
        return _ShownAccount(f"#{account}", 0)
    if person.role in STAFF:
        return _ShownAccount(person.email, 0)
    return _ShownAccount(f"{personal.mask_email(person.email)} #{account}", account)


def _day(name: str, typed: str, issues: list[Issue]) -> dt.date | None:
    if not typed:
        return None
    try:
        written = sparse_dates.parse(typed[:MAX_TYPED])
    except sparse_dates.DateError as problem:
        issues.append(Issue(problem.code, name, {"value": typed[:MAX_TYPED]}))
        return None
    return sparse_dates.first_day(written) if name == "since" else sparse_dates.last_day(written)


def _account_id(connection: Connection, typed: str) -> int | None:
    """Return the account of an address, or of a number (`#12`), that of a deleted account too; None for none."""
    number = typed.removeprefix("#")
    if number.isascii() and number.isdecimal() and len(number) < MAX_ACCOUNT_DIGITS:
        return int(number)
    address = email_addresses.normalise_email(typed[:MAX_TYPED])
    if address is None:
        return None
    key = email_addresses.email_key(address)
    found = connection.execute(select(User.id).where(User.email_key == key)).scalar()
    return None if found is None else int(found)
