"""Cautions of a record on a past day: linked records as they were on record by its end, and what was learned since.

At most four statements, whatever the record links to: the linked records of that day, entries of the record made later,
and one for each kind of conflict that its register knows.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from registry import clock
from registry.i18n import _
from registry.kit.cautions import CautionKind, CautionView, Day, Since, caution_view
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.services.publication import caution_links, conflicts
from registry.services.records import cautions, titles
from registry.services.records.cautions import LinkForCautions
from registry.services.records.past.entries_on_day import (
    IS_LAST_BY_END,
    STATUS_SINCE,
    EntryOnDay,
    entries_on_day,
    status_since,
)
from registry.services.records.related_records import StatedLink
from registry.store.base import FetchedRow

MAX_LATER_ENTRIES = 50  # entries made after the day in which a decision of before is looked for
MAX_OF_HOLDER = 500  # records of one holder that are looked through for conflicts
OF_HOLDER = (
    select(
        Record.number,
        Record.title_zh,
        Record.title_en,
        Record.en_source,
        Entry.status,
        STATUS_SINCE.label("since"),
        Item.document,
    )
    .join(Entry, Entry.record_id == Record.id)
    .join(Item, Item.hash == Entry.document_hash)
    .where(
        Record.holder_id == bindparam("holder"),
        Record.register == bindparam("register"),
        Entry.status.in_(bindparam("statuses", expanding=True)),
        IS_LAST_BY_END,
    )
    .order_by(Record.id)
    .limit(MAX_OF_HOLDER)
)
NOT_KNOWN_THEN = CautionKind(
    code="linked_not_known_then",
    zh="关联记录当日情况不明",
    en="Linked record not known on that day",
    sentence=_(
        "On that day the register had nothing on record of %(titles)s. Whether that was in order then is not known here."
    ),
    not_plain=True,
)
STATED_LATER = CautionKind(
    code="status_stated_later",
    zh="事后登记的当日状态不同",
    en="Recorded differently later",
    sentence=_(
        "An entry of %(recorded)s, made after that day, states another status for it: “%(status)s”, since %(since)s."
    ),
    not_plain=True,
)


class PastSubject(NamedTuple):
    """A record on a past day: `status` with what dates had changed, the document and links of the entry in force then."""

    record_id: int
    version: int
    status: str
    values: Mapping[str, Any]
    links: Sequence[StatedLink]


def cautions_on_day(
    connection: Connection, definition: RegisterDefinition, subject: PastSubject, at: dt.date
) -> tuple[CautionView, ...]:
    """Return the cautions of a record on a past day, those first that the register could have told then.

    A record on which nothing depends is not looked up.
    """
    relations = caution_links.caution_relations(definition.slug)
    concerned = [link for link in subject.links if link.relation in relations]
    known = entries_on_day(connection, {link.target_id for link in concerned if link.target_id}, at)
    then = [_link_then(link, known) for link in concerned]
    later = [_link_by_later_knowledge(link, known, at) for link in concerned]
    status, values = subject.status, subject.values
    found = cautions.cautions_of(definition, status, values, links=_present(then), day=at)
    learned = cautions.cautions_of(definition, status, values, links=_present(later), day=at)
    codes = {each.code for each in found}
    is_over = definition.life_cycle.state(status).standing == "ended"
    unknown = [
        link
        for link, past, since in zip(concerned, then, later, strict=True)
        if past is None and since is None
    ]
    return (
        *found,
        *_conflicts(connection, definition, subject, at),
        *(each._replace(learned_later=True) for each in learned if each.code not in codes),
        *_unknown([] if is_over else unknown),
        *_status_stated_later(connection, definition, subject, at),
    )


def _present(links: Sequence[LinkForCautions | None]) -> list[LinkForCautions]:
    return [link for link in links if link is not None]


def _link_then(link: StatedLink, known: Mapping[int, EntryOnDay]) -> LinkForCautions | None:
    """The link with what was on record of its target by the end of the day; None if the target came later."""
    if link.target_id is None:
        return _with_facts(link, None)
    entry = known.get(link.target_id)
    return _with_facts(link, entry) if entry else None


def _link_by_later_knowledge(
    link: StatedLink, known: Mapping[int, EntryOnDay], at: dt.date
) -> LinkForCautions | None:
    """The link with what is known today of its target on that day; None where that is nothing.

    The target's document of today dates more than the one of that day; its status is that of today if it had it by then.
    """
    if link.target_id is None:
        return _with_facts(link, None)
    assert link.status is not None and link.status_since is not None  # noqa: PT018 - of a record in the store
    entry = known.get(link.target_id)
    if link.status_since <= at:
        today = EntryOnDay(link.target_id, link.status, link.status_since, link.target_document or "{}")
        return _with_facts(link, today)
    return _with_facts(link, entry._replace(document=link.target_document or "{}")) if entry else None


def _with_facts(link: StatedLink, entry: EntryOnDay | None) -> LinkForCautions:
    return LinkForCautions(
        0,
        0,
        link.relation,
        link.to_register,
        link.to_key,
        link.number,
        link.title_zh,
        link.title_en,
        link.en_source,
        entry and entry.status,
        entry and entry.since,
        entry and entry.document,
    )


def _unknown(links: Sequence[StatedLink]) -> list[CautionView]:
    """One caution for all linked records of which nothing is known for the day."""
    if not links:
        return []
    names = [
        titles.linked_title(link.to_register, link.title_zh or "", link.title_en or "", link.en_source or "")
        for link in links
    ]
    labels = [
        Words(words.zh or words.en or link.to_key, words.en or words.zh or link.to_key)
        for words, link in zip(names, links, strict=True)
    ]
    joined = Words(
        "、".join(dict.fromkeys(each.zh for each in labels)),
        ", ".join(dict.fromkeys(each.en for each in labels)),
    )
    return [caution_view(NOT_KNOWN_THEN, {"titles": joined})]


def _status_stated_later(
    connection: Connection, definition: RegisterDefinition, subject: PastSubject, at: dt.date
) -> list[CautionView]:
    """A change of status that was entered after the day and decided by it."""
    rows = connection.execute(
        select(Entry.status, Entry.recorded_at, Item.document)
        .join(Item, Item.hash == Entry.document_hash)
        .where(Entry.record_id == subject.record_id, Entry.version > subject.version)
        .order_by(Entry.version)
        .limit(MAX_LATER_ENTRIES)
    ).all()
    before, last_status = subject.values, subject.status
    stated: tuple[FetchedRow, dt.date] | None = None
    for row in rows:
        values = json.loads(row.document)
        recorded = row.recorded_at.astimezone(clock.SHANGHAI).date()
        if row.status != last_status:
            decided = definition.life_cycle.decision_day(row.status, values, before, recorded)
            if decided is not None and decided <= at:
                stated = row, decided
        before, last_status = values, row.status
    if stated is None or stated[0].status == subject.status:
        return []
    row, decided = stated
    state: StatusView = definition.life_cycle.state(row.status).view()
    params = {
        "recorded": row.recorded_at.astimezone(clock.SHANGHAI).date(),
        "status": Words(state.zh, state.en),
        "since": Day(decided.isoformat()),
    }
    return [caution_view(STATED_LATER, params)]


def _conflicts(
    connection: Connection, definition: RegisterDefinition, subject: PastSubject, at: dt.date
) -> list[CautionView]:
    """The records of the same holder that contradicted this one by the end of the day."""
    holder = next(
        (
            link.target_id
            for link in subject.links
            if definition.holder and link.relation == definition.holder.relation and link.target_id
        ),
        None,
    )
    if holder is None:
        return []
    views = []
    for side in conflicts.sides_of(definition.slug, subject.status):
        other = catalogue()[side.opposite_register]
        rows = connection.execute(
            OF_HOLDER,
            {
                "holder": holder,
                "register": side.opposite_register,
                "statuses": side.opposite_statuses,
                "end": clock.end_of_day(at),
            },
        )
        for row in rows:
            values = json.loads(row.document)
            status = other.life_cycle.status_on(row.status, values, at)
            if status in side.opposite_statuses and side.is_about_same(subject.values, values):
                title = titles.linked_title(side.opposite_register, row.title_zh, row.title_en, row.en_source)
                since = status_since(other, row, at)
                is_decided = other.life_cycle.is_decision_day(status, values, since)
                params = {"number": row.number, "title": title, "since": Since(since.isoformat(), is_decided)}
                views.append(caution_view(side.kind, params))
                break
    return views
