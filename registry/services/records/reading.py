"""Read records for their pages, as of today or of a past day. At most four statements a page (hubs: eight)."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import bindparam, func, select, true
from sqlalchemy.orm import aliased

from registry import clock, i18n
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import _
from registry.kit.cautions import CautionView, qualified_status
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Piece, Words
from registry.kit.life_cycle import ISSUER, State
from registry.kit.record import Record, merged_register
from registry.kit.schema import FORMER_NUMBERS
from registry.ledger.model import Entry
from registry.reference.text import romanise
from registry.registers import catalogue
from registry.services.bootstrap import CountsByStanding, RecordCounts, Registry
from registry.services.publication import record_columns, record_queries
from registry.services.records import (
    cautions,
    doubts,
    full_texts,
    presentation,
    published_files,
    related_records,
    titles,
)
from registry.services.records.numbers import lookup
from registry.services.records.past import as_of, versions
from registry.services.records.pictures import picture_of
from registry.services.records.presentation import StatusOnDay
from registry.services.records.related_records import LinkRow
from registry.services.records.translations import LinkedTexts
from registry.services.records.views import (
    EntryView,
    FactView,
    LinkGroupView,
    NumberYearView,
    PlateView,
    RecordView,
    RegisterView,
    SourceView,
    StatusView,
    VersionView,
)
from registry.store.base import FetchedRow
from registry.store.prepared import PreparedSelect, one_reading, read_only_transaction
from registry.store.unit_of_work import read_transaction

SOURCE_DATE = "source_date"
UNCONFIRMED = _("The enterprise has not said in time that this declaration still holds.")
QUALIFIED = _(
    "The source states this status. The register does not confirm it, for the reason below. Read it before you rely "
    "on this record."
)
DECIDED_STANDINGS = ("restricted", "ended")  # somebody or some date has brought them about
SINCE, SHOWN_SINCE, DECIDED_BY = _("Since"), _("Shown here since"), _("Decided by")
AS_OF = _(
    "This is the status that the register had on record at the end of that day. Holder, body and standard are judged as "
    "they were on record then; what was learned later is marked so. It does not tell the status of today."
)
PATHS_BATCH = 5000
VIEWS_KEPT = 256  # of some ten thousand characters each, of hubs five times that
FOREIGN_NUMBER_PREFIX = "F-"  # how the numbers of bodies abroad begin


@dataclass(frozen=True, slots=True)
class Pointer:
    """Where a record is, and the counter on which page cache and ETag depend."""

    record_id: int
    register: str
    slug_number: str
    page_version: int
    document_hash: str


@dataclass(frozen=True, slots=True)
class MergedPointer(Pointer):
    """Where a record is that was merged. `merged_into`, `into_slug`: of the record that its number names now; `merged_on`: ISO."""

    merged_into: str
    into_slug: str
    merged_on: str


LOCATE = select(Record.id, Record.slug, Record.page_version, Record.document_hash)
BY_SLUG = PreparedSelect(
    LOCATE.where(Record.register == bindparam("register"), Record.slug == bindparam("slug")).limit(1)
)

Remaining = aliased(Record, name="remaining")
MERGED_BY_SLUG = (
    LOCATE.add_columns(
        Remaining.number.label("merged_into"), Remaining.slug.label("into_slug"), Entry.recorded_at
    )
    .join(Remaining, Remaining.id == Record.merged_into_id)
    .join(Entry, Entry.id == Record.entry_id)
    .where(Record.register == bindparam("register"), Record.slug == bindparam("slug"))
)


@contextlib.contextmanager
def one_moment(registry: Registry, actor: Actor) -> Iterator[None]:
    """Let what the rooms say of a record within the block be of one moment: record, random checks, reports."""
    require(actor, Action.READ)
    with one_reading(registry.engine):
        yield


def get_definition(slug: str) -> RegisterDefinition:
    """Return the definition of a register. Raises `NotFound` with code `register_unknown`."""
    definition = catalogue().get(slug)
    if definition is None:
        raise NotFound("register", slug, code="register_unknown")
    return definition


def locate_record(registry: Registry, actor: Actor, slug: str, number: str) -> Pointer:
    """Find a record by its number as it stands in an address, or in any other spelling.

    Raises `NotFound`: `register_unknown`, or one that `explain_not_found` explains.
    """
    require(actor, Action.READ)
    get_definition(slug)
    number = number.replace("\0", "")  # PostgreSQL takes no such character, not even to compare with
    row = BY_SLUG.first_autocommit(registry.engine, register=slug, slug=number)
    if row is None:
        with read_transaction(registry.engine) as connection:
            row = lookup.find_in_register(connection, slug, number)
    if row is None:
        raise NotFound("record", number)
    return Pointer(row.id, slug, row.slug, row.page_version, row.document_hash)


def find_merged(registry: Registry, actor: Actor, slug: str, number: str) -> MergedPointer:
    """Find a record that was merged into another one, by its number in any spelling. Raises `NotFound` for any other record."""
    require(actor, Action.READ)
    get_definition(slug)
    address = lookup.address_of(number.replace("\0", ""))
    with read_transaction(registry.engine) as connection:
        row = connection.execute(MERGED_BY_SLUG, {"register": merged_register(slug), "slug": address}).first()
    if row is None:
        raise NotFound("record", number)
    merged_on = row.recorded_at.astimezone(clock.SHANGHAI).date().isoformat()
    found = (row.id, slug, row.slug, row.page_version, row.document_hash)
    return MergedPointer(*found, row.merged_into, row.into_slug, merged_on)


def locate_on_day(registry: Registry, actor: Actor, slug: str, number: str, *, at: dt.date | None) -> Pointer:
    """Find what a number named on a day (None: today): before it was merged a record stood by itself. Raises as `locate_record`."""
    require(actor, Action.READ)
    pointer = locate_record(registry, actor, slug, number)
    if at is None or pointer.slug_number == number:
        return pointer
    try:
        merged = find_merged(registry, actor, slug, number)
    except NotFound:
        return pointer
    return merged if at.isoformat() < merged.merged_on else pointer


def get_record(
    registry: Registry,
    actor: Actor,
    pointer: Pointer,
    lang: str,
    *,
    at: dt.date | None = None,
    max_versions: int | None = versions.MAX_VERSIONS_ON_PAGE,
) -> RecordView:
    """Read a record for its page, in the reader's language, with its newest versions (`max_versions` None: all).

    `at`: as of the end of that day in Shanghai, without the versions; as of today it is today's page.

    Raises `NotFound` with code `before_first_entry` when nothing had been recorded by then.
    """
    require(actor, Action.READ)
    definition = get_definition(pointer.register)
    if at is not None and at != clock.today():
        return _record_at(registry, pointer, lang, at)
    with read_only_transaction(registry.engine) as connection:
        row = record_queries.fetch_record(connection, pointer.record_id)
        if row is None:
            raise NotFound("record", pointer.slug_number)
        links = related_records.links_in_both_directions(connection, definition.slug, pointer.record_id)
        counted = related_records.count_incoming(connection, definition.slug, pointer.record_id, links)
        entries = versions.fetch_entries(connection, row, max_versions)
    fetched = _Fetched(row, tuple(links), counted, tuple(entries), max_versions)
    view = _view_today(registry.settings.base_url, fetched, lang, clock.today())
    text = full_texts.find_page_text(registry, definition, row.id, view.document)
    if files := published_files.list_published_files(registry, definition, row.id, view.document):
        view = replace(view, files=files)
    confirmation = definition.filing.confirmation if definition.filing else None
    if confirmation and versions.confirmation_overdue(definition, row.status, view.history):
        words = confirmation.overdue_label
        mark = StatusView("unconfirmed", words.zh, words.en, "", "act")
        caution = CautionView(mark.code, mark, UNCONFIRMED, {}, not_plain=False)
        view = replace(view, badges=(*view.badges, mark), cautions=(*view.cautions, caution))
    return replace(view, full_text_hash=text.sha256, full_text_size=text.size) if text else view


def get_history(registry: Registry, actor: Actor, pointer: Pointer, lang: str) -> RecordView:
    """Read a record with all its versions."""
    return get_record(registry, actor, pointer, lang, max_versions=None)


class _Fetched(NamedTuple):
    """All that the database has for the page of a record as of today; `max_versions`: how many are shown, None for all."""

    row: FetchedRow
    links: tuple[FetchedRow, ...]
    counted: related_records.Counted
    entries: tuple[FetchedRow, ...]
    max_versions: int | None


@functools.lru_cache(VIEWS_KEPT)
def _view_today(base_url: str, fetched: _Fetched, lang: str, day: dt.date) -> RecordView:
    """Return what hangs on nothing but these: a record is put into words anew only when it, a linked record or the day has changed."""
    row, links, counted, entries, max_versions = fetched
    definition = get_definition(row.register)
    values = record_queries.document_of(row)
    content = _PageContent(
        definition=definition,
        row=row,
        values=values,
        links=links,
        groups=related_records.group_links(row, links, counted, lang, day=day),
        versions=versions.version_views(definition, row, entries, lang, values=values, limit=max_versions),
    )
    view = _record_view(base_url, content, lang, day=day)
    return replace(view, picture=picture_of(row)) if row.picture_sha256 else view


@dataclass(frozen=True, slots=True)
class _PageContent:
    """What the database holds for a page: the record with its latest entry (of the day), its document and links."""

    definition: RegisterDefinition
    row: FetchedRow
    values: Mapping[str, Any]
    links: Sequence[LinkRow]
    groups: tuple[LinkGroupView, ...] = ()
    versions: tuple[VersionView, ...] = ()
    past_cautions: tuple[CautionView, ...] | None = None  # of a past day; None: those of today

    def cautions_on(self, status: str, day: dt.date) -> tuple[CautionView, ...]:
        """The cautions of the record in `status` on a day."""
        if self.past_cautions is not None:
            return self.past_cautions
        outgoing = [link for link in self.links if link.direction != "in"]
        return cautions.cautions_of(self.definition, status, self.values, links=outgoing, day=day)


def _record_at(registry: Registry, pointer: Pointer, lang: str, at: dt.date) -> RecordView:
    definition = get_definition(pointer.register)
    with read_transaction(registry.engine) as connection:
        row = record_queries.fetch_record(connection, pointer.record_id)
        if row is None:
            raise NotFound("record", pointer.slug_number)
        then = as_of.record_as_of(connection, definition, row, at)
        links_today = cautions.fetch_links_for_cautions(connection, [row]).get(row.id, ())
    values_today = record_queries.document_of(row)
    today = titles.status_on_day(definition, row.status, values_today, clock.today())
    cautions_today = cautions.cautions_of(
        definition, today.code, values_today, links=links_today, day=clock.today()
    )
    content = _PageContent(definition, then.row, then.values, then.links, past_cautions=then.cautions)
    view = _record_view(registry.settings.base_url, content, lang, day=at)
    return replace(
        view,
        at=at.isoformat(),
        permalink=f"{view.permalink}?at={at.isoformat()}",
        plate=replace(
            view.plate,
            sentence=AS_OF,
            params={},
            at=at.isoformat(),
            today_status=qualified_status(today, cautions_today),
        ),
    )


def _record_view(base_url: str, content: _PageContent, lang: str, *, day: dt.date) -> RecordView:
    """`day`: today, or the past day by whose end everything is judged."""
    definition, row, values = content.definition, content.row, content.values
    status = titles.status_on_day(definition, row.status, values, day)
    found = content.cautions_on(status.code, day)
    status = qualified_status(status, found)
    is_personal_name = definition.title.romanise == "name" and not romanise.is_company_name(row.title_zh)
    linked_texts = related_records.linked_texts(definition, values, content.links)
    plate = _plate_view(content, status, found, lang, day=day, linked=linked_texts)
    told = frozenset(name for fact in plate.facts for name in fact.fields)
    return RecordView(
        register=titles.register_view(definition),
        number=row.number,
        slug=row.slug,
        path=titles.record_path(definition.slug, row.slug),
        version=row.version,
        title=titles.title_of(definition, row),
        romanised=romanise.pinyin_toned(row.title_zh) if is_personal_name and row.title_zh else "",
        kicker=_kicker(definition, values),
        region=titles.region_of_record(row),
        status=status,
        badges=tuple(each.mark for each in found),
        cautions=found,
        holder=titles.holder_view(row),
        issuer=titles.issuer_view(row),
        valid_from=row.valid_from or None,
        valid_to=row.valid_to or None,
        plate=plate,
        sections=presentation.section_views(
            definition, values, lang, on=StatusOnDay(status.code, day), linked=linked_texts, told=told
        ),
        links=content.groups,
        warnings=doubts.warning_views(definition, row.warnings, lang),
        history=content.versions,
        source=_source_view(values, lang, told),
        entry=_entry_view(row, row.log_size, lang),
        permalink=f"{base_url}/r/{row.slug}",
        demo=row.demo,
        at=None,
        document=values,
        number_year=_number_year(definition, row.number, values),
        identifiers=identifiers_of(definition, row.number, values),
        paths=_paths_by_number(content.links) if found else {},
        told_apart_by=titles.told_apart_by(definition, row, values),
        stored_status=row.status,
        has_reports=bool(row.has_reports),
        was_drawn=bool(row.was_drawn),
        may_be_printed=definition.marking is not None,
        former_numbers=_former_numbers(definition, values, lang),
    )


def _paths_by_number(links: Sequence[LinkRow]) -> dict[str, str]:
    """Return where the records are that this one links to, by their numbers."""
    return {
        link.number: titles.record_path(link.to_register, link.slug)
        for link in links
        if link.direction == "out" and link.number and link.slug
    }


def identifiers_of(definition: RegisterDefinition, number: str, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the identifiers that the API gives for a record: field → text, those that it has."""
    return {
        name: str(values.get(name) or (number if name == "number" else ""))
        for name in definition.identifiers
        if values.get(name) or name == "number"
    }


def _former_numbers(
    definition: RegisterDefinition, values: Mapping[str, Any], lang: str
) -> tuple[Piece, ...]:
    """The other numbers that lead to a record; numbers of the register with the history under them."""
    texts = [str(text) for text in values.get(FORMER_NUMBERS) or ()]
    prefix = f"{definition.numbering.prefix}-"
    return tuple(
        presentation.piece(
            text,
            lang,
            path=f"{titles.record_path(definition.slug, record_columns.number_slug(text))}/history"
            if definition.numbering.derive or text.startswith(prefix)
            else "",
        )
        for text in texts
    )


def _number_year(
    definition: RegisterDefinition, number: str, values: Mapping[str, Any]
) -> NumberYearView | None:
    """The year in an issued number where it is that of the first publication; None where it is that of the event."""
    field = definition.numbering.year_field
    if not field or definition.numbering.derive or number.count("-") < 2:
        return None
    year, stated = number.split("-")[1], str(values.get(field) or "")
    if stated[:4] == year:
        return None
    label = definition.schema.register_fields()[field].info.label
    return NumberYearView(year, label, bool(stated))


def _kicker(definition: RegisterDefinition, values: Mapping[str, Any]) -> Words | None:
    name = definition.layout.kicker
    if not name or not values.get(name):
        return None
    return presentation.code_words(definition.schema.register_fields()[name], values[name])


def _plate_view(
    content: _PageContent,
    status: StatusView,
    found: Sequence[CautionView],
    lang: str,
    *,
    day: dt.date,
    linked: LinkedTexts,
) -> PlateView:
    definition, row, values = content.definition, content.row, content.values
    _code, by_date = definition.life_cycle.status_and_since_on(row.status, values, day)
    since = by_date or row.status_since
    qualified = any(each.not_plain for each in found)
    state = definition.life_cycle.state(status.code)
    sentence = state.sentence(values, day)
    decided = status.standing in DECIDED_STANDINGS
    begins = definition.valid_from if decided and definition.valid_from != definition.valid_to else ""
    deadlines = definition.life_cycle.deadline_fields(status.code)
    names = (
        *(name for name in definition.layout.key_facts if name not in (begins, *deadlines)),
        *(("legal_basis",) if decided else ()),
        SOURCE_DATE,  # a status is not known to be newer than its source
    )
    until, facts = (
        presentation.labelled_facts(
            definition, dict.fromkeys(each), values, lang, on=StatusOnDay(status.code, day), linked=linked
        )
        for each in (deadlines, names)
    )
    if decided:
        is_decided = by_date or definition.life_cycle.is_decision_day(status.code, values, since)
        days = tuple(name for name in state.decided if str(values.get(name) or "") == since.isoformat())
        day_fact = FactView(
            SINCE if is_decided else SHOWN_SINCE, (Piece(i18n.format_day(since.isoformat(), lang)),), days
        )
        until = (day_fact, *until, *_decider(content, state, lang, linked=linked))
    is_told = not qualified and not any(each.in_force for each in found)
    # What a source proposed long ago may have been decided since: nothing is said of what may be done under it today.
    is_told = is_told and not (status.standing == "pending" and values.get(SOURCE_DATE))
    return PlateView(
        status=status,
        sentence=QUALIFIED if qualified else sentence.message,
        params=presentation.status_sentence_params(
            day, since=since.isoformat(), until=row.valid_to, lang=lang
        )
        | {name: i18n.format_day(day, lang) for name, day in sentence.days.items()},
        facts=(*until, *facts),
        meaning=state.meaning if is_told else "",
    )


def _decider(content: _PageContent, state: State, lang: str, *, linked: LinkedTexts) -> tuple[FactView, ...]:
    """Return who has decided on a state, linked where that is on record; nothing where the record does not say."""
    if state.decided_by == ISSUER:
        party = titles.issuer_view(content.row)
        if party is None:
            return ()
        text = (party.name.zh or party.name.en) if lang == "zh" else (party.name.en or party.name.zh)
        return (FactView(DECIDED_BY, (presentation.piece(text, lang, path=party.path),)),)
    value = content.values.get(state.decided_by) if state.decided_by else None
    if not value:
        return ()
    field = content.definition.schema.register_fields()[state.decided_by]
    pieces = presentation.field_pieces(state.decided_by, field, content.values, lang, linked=linked)
    return (FactView(DECIDED_BY, pieces, (state.decided_by,)),)


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


def _source_view(values: Mapping[str, Any], lang: str, told: Collection[str]) -> SourceView | None:
    """`told`: fields that the page tells already."""
    names = ("source", "source_url", "source_status", "legal_basis", "other_sources")
    if not any(values.get(name) for name in names if name not in told):
        return None
    dated = "" if SOURCE_DATE in told else str(values.get(SOURCE_DATE) or "")
    address = str(values.get("source_url") or "")
    return SourceView(
        i18n.gettext(str(values.get("source") or ""), lang) or address,
        address,
        i18n.format_day(dated, lang) if dated else "",
        str(values.get("source_status") or ""),
        "" if "legal_basis" in told else str(values.get("legal_basis") or ""),
        tuple(map(str, values.get("other_sources") or ())),
    )


def has_demo_records(registry: Registry, actor: Actor) -> bool:
    """True if demonstration records were ever published here: pages then say so. Costs nothing once it is so."""
    require(actor, Action.READ)
    return registry.demo_flag.is_set()


def _count_by_standing(registry: Registry) -> RecordCounts:
    columns = (Record.register, Record.status, func.count().label("number"))
    grouped = select(*columns).group_by(Record.register, Record.status)
    bodies_abroad = aliased(Record)
    with read_transaction(registry.engine) as connection:
        everything = connection.execute(grouped).all()
        invented = connection.execute(grouped.where(Record.demo)).all() if registry.demo_flag.is_set() else ()
        issuers = select(bodies_abroad.id).where(bodies_abroad.number.startswith(FOREIGN_NUMBER_PREFIX))
        abroad = connection.execute(grouped.where(Record.issuer_id.in_(issuers), ~Record.demo)).all()
    return RecordCounts(*(_by_standing(rows) for rows in (everything, invented, abroad)))


def _by_standing(rows: Iterable[FetchedRow]) -> CountsByStanding:
    counts: CountsByStanding = {}
    for slug, status, number in rows:
        if definition := catalogue().get(slug):
            standing = definition.life_cycle.state(status).standing
            of_register = counts.setdefault(slug, {})
            of_register[standing] = of_register.get(standing, 0) + number
    return counts


def list_registers(
    registry: Registry, actor: Actor, *, counted_now: bool = False
) -> tuple[RegisterView, ...]:
    """List every register with its numbers of records, core registers first. `counted_now`: not as of two seconds ago."""
    require(actor, Action.READ)
    counts = (
        _count_by_standing(registry)
        if counted_now
        else registry.record_counts.get(lambda: _count_by_standing(registry))
    )
    return tuple(
        titles.counted_register_view(
            definition,
            counts.all.get(slug, {}),
            demo=counts.demo.get(slug),
            foreign=counts.foreign.get(slug),
        )
        for slug, definition in catalogue().items()
    )


def latest_record_id(registry: Registry, actor: Actor) -> int:
    """Return the highest id of a record, 0 where there is none; ids are given in order, with few gaps."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        return connection.execute(select(func.max(Record.id))).scalar_one() or 0


def iterate_record_paths(
    registry: Registry, actor: Actor, *, after: int = 0, until: int | None = None
) -> Iterator[str]:
    """Yield the paths of the records with ids above `after` and up to `until`, without language, for the site map."""
    require(actor, Action.READ)
    last = after
    with read_transaction(registry.engine) as connection:
        while rows := connection.execute(
            select(Record.id, Record.register, Record.slug)
            .where(Record.id > last, true() if until is None else Record.id <= until)
            .where(record_queries.IS_PRESENT)
            .order_by(Record.id)
            .limit(PATHS_BATCH)
        ).all():
            yield from (titles.record_path(row.register, row.slug) for row in rows)
            last = rows[-1].id
