"""What the first page tells of the log: its newest entry, changes of status, and an old record for each day."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, case, func, select
from sqlalchemy.orm import aliased

from registry import clock, i18n
from registry.accounts.policy import Action, Actor, require
from registry.kit.definition import RegisterDefinition, Showcase
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services.bootstrap import NewestEntry, Registry
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.services.records.numbers import lookup
from registry.services.records.translations import text_pieces
from registry.services.records.views import ChangeOfStatusView, RecordOfTheDayView, StatusView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

CHANGES_WINDOW = (
    20_000  # newest entries among which changes are looked for: some two weeks of a large register
)
MAX_CHANGES = 6
COUNTED_DAYS = 7  # of the log, today among them
KINDS_OF_CHANGE = ("new", "amended", "restored", "status")  # in the order in which they are shown
SHOWCASE_BATCH = 50  # documents that are read at a time to find one that tells enough


class ChangeCountView(NamedTuple):
    """How many `real` and `demo` records changed in one way. `kind`: new, amended, restored, or status: came to be `status`."""

    kind: str
    status: StatusView | None
    real: int
    demo: int


class RecentChangesView(NamedTuple):
    """What was entered on the last `days` days, from `since` to `until` in ISO form."""

    days: int
    since: str
    until: str
    counts: tuple[ChangeCountView, ...]


def get_newest_entry(registry: Registry, actor: Actor) -> NewestEntry | None:
    """Return the newest entry of the log, None while there is none; at most two seconds old. The first page hangs on it."""
    require(actor, Action.READ)
    return registry.newest_entry.get(lambda: _read_newest_entry(registry))


def _read_newest_entry(registry: Registry) -> NewestEntry | None:
    newest = (
        select(Entry.id, Entry.index.label("log_index"), Entry.recorded_at).order_by(Entry.id.desc()).limit(1)
    )
    with read_transaction(registry.engine) as connection:
        row = connection.execute(newest).first()
    return NewestEntry(row.id, row.log_index, row.recorded_at) if row else None


class _Way(NamedTuple):
    """A way in which records of one register have changed within the window: `before` None for new records.

    `newest`: the last entry of the way; `recent`: how many entries are of the days that are counted.
    """

    demo: bool
    register: str
    status: str
    before: str | None
    newest: int
    recent: int


class _Line(NamedTuple):
    """A way of change that the first page tells. `number`: how many records changed so on the day of the newest entry."""

    way: _Way
    record_id: int
    recorded_at: dt.datetime
    number: int


class _Latest(NamedTuple):
    """What the newest entries say, the same in every language. `first_day`: of those that are counted."""

    lines: tuple[_Line, ...]
    ways: tuple[_Way, ...]
    first_day: dt.date


def _read_latest(registry: Registry) -> _Latest:
    """Return what the newest entries say; the log is looked through once for each entry at its end and each day."""
    today = clock.today()
    with read_transaction(registry.engine) as connection:
        newest = connection.execute(select(func.max(Entry.id))).scalar() or 0

        def make(_before: _Latest | None) -> _Latest:
            first_id = newest - CHANGES_WINDOW + 1
            first_day = _first_counted(connection, first_id, today)
            ways = _ways_of_change(connection, first_id, first_day)
            return _Latest(_lines_of_changes(connection, ways, first_id), ways, first_day)

        latest: _Latest = registry.latest_changes.get_or_make((newest, today, CHANGES_WINDOW), make)
    return latest


def _ways_of_change(connection: Connection, first_id: int, first_day: dt.date) -> tuple[_Way, ...]:
    before = aliased(Entry)
    kind = (Record.demo, Entry.register, Entry.status, before.status)
    start = dt.datetime.combine(first_day, dt.time.min, clock.SHANGHAI)
    rows = connection.execute(
        select(*kind, func.max(Entry.id), func.sum(case((Entry.recorded_at >= start, 1), else_=0)))
        .join(Record, Record.id == Entry.record_id)
        .outerjoin(before, (before.record_id == Entry.record_id) & (before.version == Entry.version - 1))
        .where(Entry.id >= first_id)
        .group_by(*kind)
    )
    return tuple(way for way in map(_Way._make, rows) if way.register in catalogue())


def _lines_of_changes(connection: Connection, ways: Sequence[_Way], first_id: int) -> tuple[_Line, ...]:
    """Return the ways that the first page tells: changes of status before new records, real ones before invented ones."""
    newest_first = sorted(ways, key=lambda way: (way.demo, -way.newest))
    changed = [way for way in newest_first if way.before is not None and way.before != way.status]
    new = [way for way in newest_first if way.before is None]
    told = [*changed, *new][:MAX_CHANGES]
    entries = {
        row.id: row
        for row in connection.execute(
            select(Entry.id, Entry.record_id, Entry.recorded_at).where(
                Entry.id.in_([way.newest for way in told])
            )
        )
    }
    starts = [_start_of_day(entries[way.newest].recorded_at) for way in told]
    numbers = _numbers_since(connection, told, starts, first_id)
    return tuple(
        _Line(way, entries[way.newest].record_id, entries[way.newest].recorded_at, number)
        for way, number in zip(told, numbers, strict=True)
    )


def _start_of_day(moment: dt.datetime) -> dt.datetime:
    return dt.datetime.combine(moment.astimezone(clock.SHANGHAI).date(), dt.time.min, clock.SHANGHAI)


def _numbers_since(
    connection: Connection, ways: Sequence[_Way], starts: Sequence[dt.datetime], first_id: int
) -> Sequence[int]:
    """Return how many entries of each way there are from its start on."""
    if not ways:
        return ()
    before = aliased(Entry)
    numbers = [
        func.sum(
            case(
                (
                    and_(
                        Entry.recorded_at >= start,
                        Record.demo == way.demo,
                        Entry.register == way.register,
                        Entry.status == way.status,
                        before.status.is_(None) if way.before is None else before.status == way.before,
                    ),
                    1,
                ),
                else_=0,
            )
        )
        for way, start in zip(ways, starts, strict=True)
    ]
    return connection.execute(
        select(*numbers)
        .select_from(Entry)
        .join(Record, Record.id == Entry.record_id)
        .outerjoin(before, (before.record_id == Entry.record_id) & (before.version == Entry.version - 1))
        .where(Entry.id >= first_id, Entry.recorded_at >= min(starts))
    ).one()


def list_changes(registry: Registry, actor: Actor, lang: str) -> tuple[ChangeOfStatusView, ...]:
    """List what has changed lately, newest first: changes of status before new records, real ones before invented ones.

    Records of one register that changed in the same way on the same day in Shanghai are one line, which shows the newest of them; of
    each way the last day. At most `MAX_CHANGES` lines, of the newest `CHANGES_WINDOW` entries.
    """
    require(actor, Action.READ)
    lines = _read_latest(registry).lines
    if not lines:
        return ()
    with read_transaction(registry.engine) as connection:
        record_ids = list(dict.fromkeys(line.record_id for line in lines))
        records = {row.id: row for row in record_queries.fetch_records(connection, record_ids)}
    return tuple(
        _change_view(line, records[line.record_id], lang) for line in lines if line.record_id in records
    )


def _change_view(line: _Line, record: FetchedRow, lang: str) -> ChangeOfStatusView:
    way = line.way
    life_cycle = catalogue()[way.register].life_cycle
    [linked] = lookup.linked_views([record])
    local = line.recorded_at.astimezone(clock.SHANGHAI)
    return ChangeOfStatusView(
        record=linked,
        before=life_cycle.state(way.before).view() if way.before else None,
        after=life_cycle.state(way.status).view(),
        others=line.number - 1,
        day=i18n.format_day(local.date().isoformat(), lang),
        date=local.date().isoformat(),
    )


def count_recent_changes(registry: Registry, actor: Actor) -> RecentChangesView | None:
    """Count what was entered within the past seven days: new records, amendments, restored ones, other changes of status.

    Days of Shanghai, whole ones among the newest `CHANGES_WINDOW` entries: fewer than seven of a log that grows faster. None
    where not even today is among them, and where nothing was entered.
    """
    require(actor, Action.READ)
    latest, today = _read_latest(registry), clock.today()
    counted = [way for way in latest.ways if way.recent]
    if latest.first_day > today or not counted:
        return None
    states: dict[tuple[str, str], StatusView] = {}
    numbers: dict[tuple[str, str], list[int]] = {}
    for way in counted:
        kind, state = _kind_of_change(way)
        key = (kind, state.zh if kind == "status" else "")
        states.setdefault(key, state)
        numbers.setdefault(key, [0, 0])[bool(way.demo)] += way.recent
    ordered = sorted(numbers, key=lambda key: (KINDS_OF_CHANGE.index(key[0]), -sum(numbers[key]), key[1]))
    counts = (
        ChangeCountView(key[0], states[key] if key[0] == "status" else None, *numbers[key]) for key in ordered
    )
    days = (today - latest.first_day).days + 1
    return RecentChangesView(days, latest.first_day.isoformat(), today.isoformat(), tuple(counts))


def _first_counted(connection: Connection, first_id: int, today: dt.date) -> dt.date:
    """Return the first day that is counted: entries from the first one on have all of it."""
    first_day = today - dt.timedelta(COUNTED_DAYS - 1)
    before = select(Entry.recorded_at).where(Entry.id < first_id).order_by(Entry.id.desc()).limit(1)
    left_out = connection.execute(before).scalar()
    if left_out is None:
        return first_day
    return max(first_day, left_out.astimezone(clock.SHANGHAI).date() + dt.timedelta(1))


def _kind_of_change(way: _Way) -> tuple[str, StatusView]:
    life_cycle = catalogue()[way.register].life_cycle
    after = life_cycle.state(way.status).view()
    if way.before is None or way.before == way.status:
        return "new" if way.before is None else "amended", after
    came_back = life_cycle.state(way.before).standing in ("restricted", "ended")
    return "restored" if came_back and after.standing == "in_force" else "status", after


def find_record_of_the_day(registry: Registry, actor: Actor, lang: str) -> RecordOfTheDayView | None:
    """Return the record that the first page tells of on this day in Shanghai; None if there is none to tell of.

    Only real records in force, old enough by their register's `Showcase`. A day has the same one as long as it qualifies:
    the order in which they come up depends on nothing but day and number.
    """
    require(actor, Action.READ)
    today = clock.today()
    day, record_id = registry.record_of_the_day.get(lambda: (today, _choose(registry, today)))
    if day != today:
        record_id = _choose(registry, today)
    if record_id is None:
        return None
    with read_transaction(registry.engine) as connection:
        rows = record_queries.fetch_records(connection, [record_id])
    return next((_day_view(row, today, lang) for row in rows if _qualifies(row, today)), None)


def _choose(registry: Registry, day: dt.date) -> int | None:
    for definition in catalogue().values():
        if definition.showcase:
            with read_transaction(registry.engine) as connection:
                if (chosen := _choose_in(connection, definition, day)) is not None:
                    return chosen
    return None


def _choose_in(connection: Connection, definition: RegisterDefinition, day: dt.date) -> int | None:
    """Return the first record, in the order of the day, whose document tells enough."""
    in_force = [state.code for state in definition.life_cycle.states if state.standing == "in_force"]
    found = connection.execute(
        select(Record.id, Record.number).where(
            Record.register == definition.slug, ~Record.demo, Record.status.in_(in_force)
        )
    ).all()
    ordered = [row.id for row in sorted(found, key=lambda row: _place(day, row.number))]
    for start in range(0, len(ordered), SHOWCASE_BATCH):
        rows: Sequence[FetchedRow] = record_queries.fetch_records(
            connection, ordered[start : start + SHOWCASE_BATCH]
        )
        for row in rows:
            if _qualifies(row, day):
                return int(row.id)
    return None


def _place(day: dt.date, number: str) -> bytes:
    return hashlib.sha256(f"{day.isoformat()} {number}".encode()).digest()


def _showcase_of(row: FetchedRow) -> Showcase | None:
    return catalogue()[row.register].showcase


def _qualifies(row: FetchedRow, day: dt.date) -> bool:
    definition, showcase, values = (
        catalogue()[row.register],
        _showcase_of(row),
        record_queries.document_of(row),
    )
    if showcase is None or row.demo:
        return False
    founded = values.get(showcase.founded)
    is_old = isinstance(founded, int) and day.year - founded >= showcase.least_years
    return is_old and titles.status_on_day(definition, row.status, values, day).standing == "in_force"


def _day_view(row: FetchedRow, day: dt.date, lang: str) -> RecordOfTheDayView:
    showcase, values = _showcase_of(row), record_queries.document_of(row)
    assert showcase is not None
    [linked] = lookup.linked_views([row])
    founded = int(values[showcase.founded])
    own, other = showcase.stories if lang == "zh" else showcase.stories[::-1]
    story = str(values.get(own) or values.get(other) or "")
    dated = str(values.get("source_date") or "")
    return RecordOfTheDayView(
        title=showcase.title,
        record=linked,
        region=titles.region_of_record(row),
        founded=founded,
        years=day.year - founded,
        story=text_pieces(story, lang) if story else (),
        source=i18n.gettext(str(values.get("source") or ""), lang) if values.get("source") else "",
        source_day=i18n.format_day(dated, lang) if dated else "",
    )
