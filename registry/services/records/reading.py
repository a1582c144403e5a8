"""Reading: one record for its page, as of today or of a past day. At most four statements (hubs: eight)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import bindparam, func, select

from registry import clock, i18n
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.reference.text import romanise
from registry.registers import catalogue
from registry.services.bootstrap import RecordCounts, Registry
from registry.services.publication import record_columns, record_queries
from registry.services.records import as_of, full_texts, presentation, related_records, titles, versions
from registry.services.records.views import (
    EntryView,
    IssueView,
    LatestView,
    LinkedRecordView,
    LinkGroupView,
    PlateView,
    RecordView,
    RegisterView,
    SourceView,
    StatusView,
)
from registry.store.base import FetchedRow
from registry.store.prepared import PreparedSelect, read_only_transaction
from registry.store.unit_of_work import read_transaction

SOURCE_DATE = "source_date"


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a record is, and the counter on which page cache and ETag hang."""

    record_id: int
    register: str
    slug_number: str
    page_version: int
    document_hash: str


LOCATE = select(Record.id, Record.slug, Record.page_version, Record.document_hash)
BY_SLUG = PreparedSelect(
    LOCATE.where(Record.register == bindparam("register"), Record.slug == bindparam("slug")).limit(1)
)


def get_definition(slug: str) -> RegisterDefinition:
    """Raises `NotFound` with code `register_unknown`."""
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug, code="register_unknown")
    return definition


def locate_record(registry: Registry, actor: Actor, slug: str, number: str) -> Pointer:
    """Find a record by its number as it stands in an address, or in any other spelling.

    Raises `NotFound`: `register_unknown`, or `never_registered` (then `lookup.missing` explains).
    """
    require(actor, Action.READ)
    definition = get_definition(slug)
    number = number.replace("\0", "")  # PostgreSQL takes no such character, not even to compare with
    row = BY_SLUG.first_autocommit(registry.engine, register=slug, slug=number)
    if row is None:
        keys = record_columns.identifier_keys(definition, number, {})
        with read_transaction(registry.engine) as connection:
            row = connection.execute(
                LOCATE.where(Record.register == slug, Record.id.in_(record_queries.select_ids_by_keys(keys)))
                .order_by(Record.id)
                .limit(1)
            ).first()
    if row is None:
        raise NotFound("record", number)
    return Pointer(row.id, slug, row.slug, row.page_version, row.document_hash)


def get_record(
    registry: Registry,
    actor: Actor,
    pointer: Pointer,
    lang: str,
    at: dt.date | None = None,
    *,
    max_versions: int | None = versions.MAX_VERSIONS_ON_PAGE,
) -> RecordView:
    """The record as its page shows it, in the reader's language, with at most `shown` versions (None: all).

    `at`: as of the end of that day in Shanghai, without the versions.

    Raises `NotFound` with code `before_first_entry` when nothing had been recorded by then.
    """
    require(actor, Action.READ)
    definition = get_definition(pointer.register)
    if at is not None:
        return _record_at(registry, definition, pointer, lang, at)
    with read_only_transaction(registry.engine) as connection:
        row = record_queries.fetch_record(connection, pointer.record_id)
        if row is None:
            raise NotFound("record", pointer.slug_number)
        links = related_records.links_in_both_directions(connection, definition.slug, pointer.record_id)
        groups = related_records.group_links(connection, definition, pointer.record_id, row.slug, links, lang)
        so_far = versions.list_versions(connection, definition, row, lang, limit=max_versions)
    values = record_queries.document_of(row)
    text = full_texts.find_page_text(registry, definition, row.id, values)
    view = _record_view(registry, definition, row, values, links, groups, so_far, lang)
    if definition.filing and versions.confirmation_overdue(definition, row.status, so_far):
        words = definition.filing.unconfirmed_label
        mark = StatusView("unconfirmed", words.zh, words.en, "", "act")
        view = replace(view, badges=(*view.badges, mark))
    return replace(view, full_text_hash=text.sha256, full_text_size=text.size) if text else view


def get_history(registry: Registry, actor: Actor, pointer: Pointer, lang: str) -> RecordView:
    """The record with all its versions."""
    return get_record(registry, actor, pointer, lang, max_versions=None)


def _record_at(
    registry: Registry, definition: RegisterDefinition, pointer: Pointer, lang: str, at: dt.date
) -> RecordView:
    with read_transaction(registry.engine) as connection:
        row = record_queries.fetch_record(connection, pointer.record_id)
        if row is None:
            raise NotFound("record", pointer.slug_number)
        then, values, links = as_of.record_as_of(connection, definition, row, at)
    today = titles.status_on_day(definition, row.status, record_queries.document_of(row), clock.today())
    status = titles.status_on_day(definition, then.status, values, at)
    view = _record_view(registry, definition, then, values, links, (), (), lang)
    return replace(
        view,
        status=status,
        badges=(),  # made of what linked records are today
        at=at.isoformat(),
        plate=replace(
            view.plate,
            status=status,
            sentence=_("On %(at)s the register showed this status: %(status)s."),
            params={
                "at": i18n.format_day(at.isoformat(), lang),
                "status": status.zh if lang == "zh" else status.en,
            },
            today_status=today,
        ),
    )


def _record_view(
    registry: Registry,
    definition: RegisterDefinition,
    row: FetchedRow,
    values: Mapping[str, Any],
    links: Sequence[Any],
    groups: tuple[LinkGroupView, ...],
    history: Any,
    lang: str,
) -> RecordView:
    today = clock.today()
    status = titles.status_on_day(definition, row.status, values, today)
    linked = {(link.relation, link.status) for link in links if link.direction == "out" and link.status}
    title = titles.title_of(definition, row)
    return RecordView(
        register=titles.register_view(definition),
        number=row.number,
        slug=row.slug,
        path=titles.record_path(definition.slug, row.slug),
        version=row.version,
        title=title,
        romanised=romanise.pinyin_toned(row.title_zh)
        if definition.title.romanise == "name" and row.title_zh and not romanise.is_company_name(row.title_zh)
        else "",
        kicker=_kicker(definition, values),
        region=titles.region_of_record(row),
        status=status,
        badges=titles.badges_of(definition, linked, status.standing),
        holder=titles.holder_view(row),
        issuer=titles.issuer_view(row),
        valid_from=row.valid_from or None,
        valid_to=row.valid_to or None,
        plate=_plate_view(definition, row, values, status.code, lang),
        sections=presentation.section_views(
            definition, values, status.code, lang, related_records.paths_by_text(definition, values, links)
        ),
        links=groups,
        warnings=_warning_views(definition, row.warnings, lang),
        history=history,
        source=_source_view(values, lang),
        entry=_entry_view(row, row.log_size, lang),
        permalink=f"{registry.settings.base_url}/r/{row.slug}",
        demo=row.demo,
        at=None,
        document=values,
        identifiers=identifiers_of(definition, row.number, values),
    )


def identifiers_of(definition: RegisterDefinition, number: str, values: Mapping[str, Any]) -> dict[str, str]:
    return {
        name: str(values.get(name) or (number if name == "number" else ""))
        for name in definition.identifiers
        if values.get(name) or name == "number"
    }


def _kicker(definition: RegisterDefinition, values: Mapping[str, Any]) -> Words | None:
    name = definition.layout.kicker
    if not name or not values.get(name):
        return None
    return presentation.code_words(definition.schema.register_fields()[name], values[name])


def _plate_view(
    definition: RegisterDefinition, row: FetchedRow, values: Mapping[str, Any], status: str, lang: str
) -> PlateView:
    state = definition.life_cycle.state(status)
    since = row.status_since.isoformat() if status == row.status else ""
    kept = definition.schema.register_fields()
    facts = tuple(
        (kept[name].info.label, presentation.value_text(name, kept[name], values[name], lang))
        for name in (
            *definition.layout.key_facts,
            SOURCE_DATE,
        )  # what is "today" is so by a source of that day
        if name in values
    )
    until = row.valid_to
    return PlateView(
        state.view(),
        state.explanation,
        presentation.status_sentence_params(clock.today(), since or until, until, lang),
        facts,
    )


def _entry_view(row: FetchedRow, log_size: int | None, lang: str) -> EntryView:
    local = row.recorded_at.astimezone(clock.SHANGHAI)
    return EntryView(
        index=row.entry_index,
        recorded_at=row.recorded_at,
        day=i18n.format_day(local.date().isoformat(), lang),
        time=local.time().isoformat("seconds"),
        hash=row.document_hash,
        leaf_hash=row.leaf_hash,
        log_size=log_size or 0,
        version=row.version,
    )


def _source_view(values: Mapping[str, Any], lang: str) -> SourceView | None:
    if not any(values.get(name) for name in ("source", "source_url", "source_status", "legal_basis")):
        return None
    dated = str(values.get("source_date") or "")
    address = str(values.get("source_url") or "")
    return SourceView(
        i18n.gettext(str(values.get("source") or ""), lang) or address,
        address,
        i18n.format_day(dated, lang) if dated else "",
        str(values.get("source_status") or ""),
        str(values.get("legal_basis") or ""),
    )


def _warning_views(definition: RegisterDefinition, written: str, lang: str) -> tuple[IssueView, ...]:
    del lang
    kept = definition.schema.register_fields()
    return tuple(
        IssueView(
            code=each["code"],
            field=each["field"],
            field_label=kept[each["field"]].info.label
            if each["field"] in kept
            else COLUMN_LABELS.get(each["field"], ""),
            params=each["params"],
            severity="warns",
            message=definition.message_for(each["code"]),
        )
        for each in json.loads(written)
    )


COLUMN_LABELS = {"status": _("Status"), "number": _("Number")}


def has_demo_records(registry: Registry, actor: Actor) -> bool:
    """True if demonstration records were ever published here: pages then say so. Costs nothing once it is so."""
    require(actor, Action.READ)
    return registry.demo_flag.is_set()


def _count_by_standing(registry: Registry) -> RecordCounts:
    counts: RecordCounts = {}
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(Record.register, Record.status, func.count()).group_by(Record.register, Record.status)
        ).all()
    for slug, status, number in rows:
        if definition := catalogue().get(slug):
            standing = definition.life_cycle.state(status).standing
            of_register = counts.setdefault(slug, {})
            of_register[standing] = of_register.get(standing, 0) + number
    return counts


def list_registers(registry: Registry, actor: Actor) -> tuple[RegisterView, ...]:
    """Every register with its numbers, core registers first."""
    require(actor, Action.READ)
    counts = registry.record_counts.get(lambda: _count_by_standing(registry))
    return tuple(
        titles.register_view(definition, counts.get(slug)) for slug, definition in catalogue().items()
    )


def list_latest_entries(
    registry: Registry, actor: Actor, lang: str, limit: int = 8
) -> tuple[LatestView, ...]:
    """The newest entries, newest first."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        newest = connection.execute(
            select(Entry.record_id).order_by(Entry.id.desc()).limit(limit * 3)
        ).scalars()
        found = record_queries.fetch_records(connection, list(dict.fromkeys(newest))[:limit])
    views = []
    for row in found:
        definition = catalogue()[row.register]
        entry = _entry_view(row, row.log_size, lang)
        holder = titles.holder_view(row)
        views.append(
            LatestView(
                record=LinkedRecordView(
                    register=titles.register_view(definition),
                    number=row.number,
                    path=titles.record_path(row.register, row.slug),
                    title=titles.title_of(definition, row),
                    status=titles.status_on_day(
                        definition, row.status, record_queries.document_of(row), clock.today()
                    ),
                ),
                holder=holder.name if holder else None,
                day=entry.day,
                time=entry.time,
                index=entry.index,
            )
        )
    return tuple(views)


def iterate_record_paths(registry: Registry, actor: Actor) -> Iterator[str]:
    """Paths of all records, streamed, for the site map."""
    require(actor, Action.READ)
    last = 0
    with read_transaction(registry.engine) as connection:
        while found := connection.execute(
            select(Record.id, Record.register, Record.slug)
            .where(Record.id > last)
            .order_by(Record.id)
            .limit(5000)
        ).all():
            yield from (titles.record_path(row.register, row.slug) for row in found)
            last = found[-1].id
