"""What the first page tells of the log: its newest entry, changes of status, and an old record for each day."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, literal, select, union_all
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


def list_changes(registry: Registry, actor: Actor, lang: str) -> tuple[ChangeOfStatusView, ...]:
    """List what has changed lately, newest first: changes of status before new records, real ones before invented ones.

    Records of one register that changed in the same way on the same day in Shanghai are one line, which shows the newest of them; of
    each way the last day. At most `MAX_CHANGES` lines, of the newest `CHANGES_WINDOW` entries.
    """
    require(actor, Action.READ)
    before = aliased(Entry)
    kind = (Record.demo, Entry.register, Entry.status)
    columns = (*kind, func.max(Entry.id).label("newest"))
    newest_first = (Record.demo, func.max(Entry.id).desc())  # real records before invented ones
    with read_transaction(registry.engine) as connection:
        since = (connection.execute(select(func.max(Entry.id))).scalar() or 0) - CHANGES_WINDOW
        changed = connection.execute(
            select(*columns, before.status.label("before"))
            .join(Record, Record.id == Entry.record_id)
            .join(before, (before.record_id == Entry.record_id) & (before.version == Entry.version - 1))
            .where(Entry.id > since, before.status != Entry.status)
            .group_by(*kind, before.status)
            .order_by(*newest_first)
            .limit(MAX_CHANGES)
        ).all()
        new = connection.execute(
            select(*columns)
            .join(Record, Record.id == Entry.record_id)
            .where(Entry.id > since, Entry.version == 1)
            .group_by(*kind)
            .order_by(*newest_first)
            .limit(max(0, MAX_CHANGES - len(changed)))
        ).all()
        lines = [row for row in (*changed, *new) if row.register in catalogue()]
        entries = {
            row.id: row
            for row in connection.execute(
                select(Entry.id, Entry.record_id, Entry.recorded_at).where(
                    Entry.id.in_([row.newest for row in lines])
                )
            )
        }
        numbers = _numbers_of_the_day(connection, lines, entries, since)
        record_ids = list(dict.fromkeys(entry.record_id for entry in entries.values()))
        records = {row.id: row for row in record_queries.fetch_records(connection, record_ids)}
    return tuple(
        _change_view(
            row,
            records[entries[row.newest].record_id],
            entries[row.newest].recorded_at,
            lang,
            others=numbers[row.newest] - 1,
        )
        for row in lines
        if entries[row.newest].record_id in records
    )


def _numbers_of_the_day(
    connection: Connection, lines: Sequence[FetchedRow], entries: Mapping[int, FetchedRow], since: int
) -> dict[int, int]:
    """Return how many records of each line changed on the day of its newest entry, by the id of that entry."""
    if not lines:
        return {}
    before = aliased(Entry)
    parts = []
    for line in lines:
        local = entries[line.newest].recorded_at.astimezone(clock.SHANGHAI)
        start = dt.datetime.combine(local.date(), dt.time.min, clock.SHANGHAI)
        was = getattr(line, "before", None)
        parts.append(
            select(literal(line.newest).label("newest"), func.count().label("number"))
            .select_from(Entry)
            .join(Record, Record.id == Entry.record_id)
            .outerjoin(before, (before.record_id == Entry.record_id) & (before.version == Entry.version - 1))
            .where(
                Entry.id > since,
                Entry.recorded_at >= start,
                Entry.register == line.register,
                Entry.status == line.status,
                Record.demo == line.demo,
                before.status == was if was else Entry.version == 1,
            )
        )
    return {row.newest: row.number for row in connection.execute(union_all(*parts))}


def _change_view(
    line: FetchedRow, record: FetchedRow, recorded_at: dt.datetime, lang: str, *, others: int
) -> ChangeOfStatusView:
    definition = catalogue()[line.register]
    [linked] = lookup.linked_views([record])
    before = getattr(line, "before", "")
    local = recorded_at.astimezone(clock.SHANGHAI)
    return ChangeOfStatusView(
        record=linked,
        before=definition.life_cycle.state(before).view() if before else None,
        after=definition.life_cycle.state(line.status).view(),
        others=others,
        day=i18n.format_day(local.date().isoformat(), lang),
        date=local.date().isoformat(),
    )


def count_recent_changes(registry: Registry, actor: Actor) -> RecentChangesView | None:
    """Count what was entered within the past seven days: new records, amendments, restored ones, other changes of status.

    Days of Shanghai, whole ones among the newest `CHANGES_WINDOW` entries: fewer than seven of a log that grows faster. None
    where not even today is among them, and where nothing was entered.
    """
    require(actor, Action.READ)
    today = clock.today()
    with read_transaction(registry.engine) as connection:
        first_id, first_day = _first_counted(connection, today)
        counted = _count_changes(connection, first_id, first_day) if first_day <= today else []
    if not counted:
        return None
    states: dict[tuple[str, str], StatusView] = {}
    numbers: dict[tuple[str, str], list[int]] = {}
    for row in counted:
        if row.register in catalogue():
            kind, state = _kind_of_change(row)
            key = (kind, state.zh if kind == "status" else "")
            states.setdefault(key, state)
            numbers.setdefault(key, [0, 0])[bool(row.demo)] += row.number
    ordered = sorted(numbers, key=lambda key: (KINDS_OF_CHANGE.index(key[0]), -sum(numbers[key]), key[1]))
    counts = (
        ChangeCountView(key[0], states[key] if key[0] == "status" else None, *numbers[key]) for key in ordered
    )
    days = (today - first_day).days + 1
    return RecentChangesView(days, first_day.isoformat(), today.isoformat(), tuple(counts))


def _first_counted(connection: Connection, today: dt.date) -> tuple[int, dt.date]:
    """Return the first entry and the first day that are counted; entries from that one on have all of the day."""
    newest = connection.execute(select(func.max(Entry.id))).scalar() or 0
    first_id, first_day = newest - CHANGES_WINDOW + 1, today - dt.timedelta(COUNTED_DAYS - 1)
    before = select(Entry.recorded_at).where(Entry.id < first_id).order_by(Entry.id.desc()).limit(1)
    left_out = connection.execute(before).scalar()
    if left_out is not None:
        next_day = left_out.astimezone(clock.SHANGHAI).date() + dt.timedelta(1)
        first_day = max(first_day, next_day)
    return first_id, first_day


def _count_changes(connection: Connection, first_id: int, first_day: dt.date) -> Sequence[FetchedRow]:
    before = aliased(Entry)
    start = dt.datetime.combine(first_day, dt.time.min, clock.SHANGHAI)
    kind = (Record.demo, Entry.register, Entry.status, before.status.label("before"))
    return connection.execute(
        select(*kind, func.count().label("number"))
        .join(Record, Record.id == Entry.record_id)
        .outerjoin(before, (before.record_id == Entry.record_id) & (before.version == Entry.version - 1))
        .where(Entry.id >= first_id, Entry.recorded_at >= start)
        .group_by(Record.demo, Entry.register, Entry.status, before.status)
    ).all()


def _kind_of_change(row: FetchedRow) -> tuple[str, StatusView]:
    life_cycle = catalogue()[row.register].life_cycle
    after = life_cycle.state(row.status).view()
    if row.before is None or row.before == row.status:
        return "new" if row.before is None else "amended", after
    came_back = life_cycle.state(row.before).standing in ("restricted", "ended")
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
