"""Letters of what is due: one letter a day for each person, about what has reached a threshold since the last one.

A thing is told once at each threshold, to those whom its list concerns: members of the holder and the issuer, and staff within
their bounds whose role decides on the record. What was told is written in the transaction of the letters.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, String, and_, case, cast, exists, func, insert, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.model import User
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.i18n import _, format_day, gettext, ngettext
from registry.kit.record import Record
from registry.kit.watch_lists import OVERDUE_THRESHOLD, STAFF, THRESHOLDS, WATCH_LISTS
from registry.kit.watched import WatchItem, WatchNotice
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import moves, persons
from registry.services.mail import letters
from registry.services.people.deciding_rights import ACTING_ROLES
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.services.watch_lists.items import marks_of_register
from registry.services.watch_lists.lists import concerning
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

LETTER = "due_digest"
MAX_LINES = 20  # of one letter; the list has all
OF_STAFF = tuple(code for code, each in WATCH_LISTS.items() if STAFF in each.concerns)
DUE = func.coalesce(cast(WatchItem.due_on, String), "")


def write_digests(registry: Registry) -> int:
    """Write to everybody whom something concerns that has reached a threshold; return the number of letters.

    All letters of a day are queued in one transaction with the note of what they tell: a second run finds nothing to tell.
    """
    require(SYSTEM, Action.RELAY)
    with unit_of_work(registry.engine) as connection:
        told_at = _moment_of_run(connection)
        if not _note_new(connection, told_at):
            return 0
        return sum(_write_to(connection, user, told_at) for user in _readers(connection))


def _moment_of_run(connection: Connection) -> dt.datetime:
    """The moment by which this run knows what it notes: now, later than that of every run before."""
    last = connection.execute(select(func.max(WatchNotice.told_at))).scalar()
    return max(clock.now(), last + dt.timedelta(microseconds=1)) if last else clock.now()


def _note_new(connection: Connection, told_at: dt.datetime) -> bool:
    """Note each thing at the threshold that it has reached, where that was not told yet; True if there were some."""
    today = clock.today()
    threshold = case(
        (WatchItem.due_on.is_(None) | (WatchItem.due_on < today), OVERDUE_THRESHOLD),
        *((WatchItem.due_on <= today + dt.timedelta(days=days), days) for days in sorted(THRESHOLDS)),
        else_=-1,
    )
    told = exists(
        select(WatchNotice.record_id)
        .where(
            WatchNotice.record_id == WatchItem.record_id,
            WatchNotice.watch == WatchItem.watch,
            WatchNotice.code == WatchItem.code,
            WatchNotice.due == DUE,
            WatchNotice.threshold == threshold,
        )
        .correlate(WatchItem)
    )
    new = select(
        WatchItem.record_id,
        WatchItem.watch,
        WatchItem.code,
        DUE,
        threshold,
        literal(told_at, type_=WatchNotice.told_at.type),
    ).where(WatchItem.listed_from <= today, threshold >= 0, ~told)
    columns = ("record_id", "watch", "code", "due", "threshold", "told_at")
    connection.execute(insert(WatchNotice).from_select(list(columns), new))
    # Not every driver counts the rows of such an insert.
    noted = select(WatchNotice.record_id).where(WatchNotice.told_at == told_at).limit(1)
    return connection.execute(noted).first() is not None


def _readers(connection: Connection) -> list[FetchedRow]:
    """Those who may get such letters: members who act for an organisation or body, and staff who decide."""
    acting = select(Membership.user_id).where(Membership.role.in_(ACTING_ROLES))
    rows = connection.execute(
        select(User.id, User.email, User.lang, User.role)
        .where(User.due_letters, User.suspended_at.is_(None), User.email != "")
        .where(or_(User.id.in_(acting), User.role.in_(sorted(moves.DESK_ROLES))))
        .order_by(User.id)
    )
    return list(rows.all())


def _write_to(connection: Connection, user: FetchedRow, told_at: dt.datetime) -> bool:
    """Queue the letter to one person; False where nothing new concerns them."""
    actor = Actor(user.role, user.id)
    as_staff = _concerns_staff(connection, actor)
    condition = and_(
        WatchNotice.told_at == told_at, or_(concerning(user.id, as_role=ACTING_ROLES), *as_staff)
    )
    from_items = (
        (WatchNotice.record_id == WatchItem.record_id)
        & (WatchNotice.watch == WatchItem.watch)
        & (WatchNotice.code == WatchItem.code)
        & (WatchNotice.due == DUE)
    )
    joined = (
        select(*TITLE_COLUMNS, WatchItem.watch, WatchItem.code, WatchItem.due_on)
        .join(WatchItem, WatchItem.record_id == Record.id)
        .join(WatchNotice, from_items)
        .where(condition)
    )
    total = connection.execute(select(func.count()).select_from(joined.subquery())).scalar_one()
    if not total:
        return False
    rows = connection.execute(
        joined.order_by(WatchItem.due_on.is_(None), WatchItem.due_on, Record.id, WatchItem.watch).limit(
            MAX_LINES
        )
    ).all()
    lines = [_line(row, user.lang) for row in rows]
    if total > len(lines):
        more = total - len(lines)
        lines.append(
            ngettext(
                "… and %(more)s more on the list",
                "… and %(more)s more on the list",
                more,
                user.lang,
                more=more,
            )
        )
    page = "desk/watch" if as_staff else "workspace/watch"
    letters.enqueue_letter(
        connection, LETTER, user.lang, user.email, lines="\n".join(lines), page=page, count=str(total)
    )
    return True


def _concerns_staff(connection: Connection, actor: Actor) -> tuple[ColumnElement[bool], ...]:
    """The condition for what concerns a person as one who decides, none for others."""
    if actor.role not in moves.DESK_ROLES:
        return ()
    decided = [
        (Record.register == slug) & Record.status.in_(starts)
        for slug, definition in catalogue().items()
        if (starts := {move.before for move in moves.desk_moves(definition, actor.role)})
    ]
    if not decided:
        return ()
    bounds = persons.records_in_bounds(connection, actor)
    return (and_(WatchItem.watch.in_(OF_STAFF), or_(*decided), bounds),)


def _line(row: FetchedRow, lang: str) -> str:
    """A thing in one line: what is due, until when, on which record."""
    definition = catalogue()[row.register]
    label = gettext(WATCH_LISTS[row.watch].label, lang)
    name = getattr(titles.title_of(definition, row), lang) or row.title_zh or row.title_en
    record = f"{row.number} {name}"
    if row.due_on is None:
        mark = marks_of_register(row.register).get(row.code)
        what = getattr(mark, lang) if mark else label
        return f"{what}{gettext(_(': '), lang)}{record}"
    day = format_day(row.due_on.isoformat(), lang)
    days = (row.due_on - clock.today()).days
    if days < 0:
        return gettext(
            _("%(what)s, due by %(day)s, overdue: %(record)s"), lang, what=label, day=day, record=record
        )
    return gettext(_("%(what)s, by %(day)s: %(record)s"), lang, what=label, day=day, record=record)
