"""Look up records by number: permalinks, answers that say which kind of "not found", and checks of many numbers."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein
from sqlalchemy import Connection, select

from registry import clock, i18n
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.life_cycle import STANDINGS
from registry.kit.record import Identifier, Record
from registry.ledger.model import Entry
from registry.reference.identifiers import credit_codes, register_numbers, standard_numbers
from registry.reference.text.folding import fold_number
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.services.records.views import LabelledText, LinkedRecordView, NotFoundView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_NEAR_NUMBERS = 5
MAX_NEAR_DISTANCE = 2  # characters put in, left out or replaced
MAX_NEAR_CANDIDATES = 2000
MAX_EDITION_CANDIDATES = 100  # numbers that begin alike, among which a standard's editions are looked for
MAX_CHECKED_NUMBERS = 1000
MIN_NEAR_LENGTH = 6  # characters of a key; shorter ones have too many others near them
MIN_NUMBER_LENGTH = 6  # letters and digits of a number whose form others choose: certificates, trademarks
NUMBER_START = re.compile(r"([A-Z]{2,4})[0-9]")

ANSWER_MESSAGES = {
    "check_digit": _(
        "“%(typed)s” has the form of a number of this register, but one character is wrong: "
        "the check character does not fit. Please compare it with the original."
    ),
    "number_shape": _("“%(typed)s” does not have the form of any number that this register knows."),
    "other_register": _("“%(typed)s” is not in this register, but it is in another one."),
    "never_registered": _(
        "Nothing has ever been entered here under “%(typed)s”. "
        "A certificate that names it is not confirmed by this register."
    ),
    "edition_missing": _("“%(typed)s” names a standard without the year of an edition."),
    "not_covered": _("This kind of number is not kept here."),
    "before_first_entry": _(
        "This record was not yet in the register on %(at)s: its first entry was made on %(first)s."
    ),
    "register_unknown": _("There is no register “%(typed)s”."),
}


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """What the check of a number found: `records` that it names and the best of their standings as `answer`, or a
    kind of "not found" as `answer` and `near` records."""

    number: str
    answer: str
    records: tuple[FetchedRow, ...] = ()
    near: tuple[FetchedRow, ...] = ()


def find_permalink(registry: Registry, actor: Actor, number: str) -> str:
    """Return the path, without language, of the record that a printed number or identifier names.

    Raises `NotFound`.
    """
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        records = find_exact(connection, number, limit=1)
    if not records:
        raise NotFound("record", number)
    return titles.record_path(records[0].register, records[0].slug)


def find_exact(connection: Connection, text: str, limit: int = MAX_NEAR_NUMBERS) -> list[FetchedRow]:
    """Return the records that a text names exactly, in any spelling; those of core registers first."""
    keys = _lookup_keys(text)
    if not keys:
        return []
    records = connection.execute(
        record_queries.select_records()
        .where(Record.id.in_(record_queries.select_ids_by_keys(keys)))
        .order_by(Record.id)
        .limit(limit * 4)
    ).all()
    order = list(catalogue())
    return sorted(records, key=lambda row: order.index(row.register))[:limit]


def explain_not_found(
    registry: Registry,
    actor: Actor,
    slug: str | None,
    typed: str,
    *,
    lang: str,
    at: dt.date | None = None,
) -> NotFoundView:
    """Explain why there is no record under a number in a register (None: in any), and show near ones.

    `at`: the day of a page as of the past, where that was asked for.
    """
    require(actor, Action.READ)
    typed = typed[:120]
    definition = catalogue().get(slug) if slug else None
    if slug and definition is None:
        return NotFoundView(
            typed=slug,
            answer="register_unknown",
            register=None,
            message=ANSWER_MESSAGES["register_unknown"],
            params={"typed": slug},
        )
    with read_transaction(registry.engine) as connection:
        exact = find_exact(connection, typed)
        if at is not None and definition is not None:
            row = next((row for row in exact if row.register == definition.slug), None)
            if row is not None:
                return _before_first_entry(connection, row, typed, at=at, lang=lang)
        elsewhere = [row for row in exact if not definition or row.register != definition.slug]
        editions = [] if elsewhere else _find_editions(connection, typed)
        near = editions or _find_near_numbers(connection, typed, definition)
        if editions:
            typed = standard_numbers.canonical_or_written(typed)[0]
    answer = "other_register" if elsewhere else "edition_missing" if editions else classify_number(typed)
    message = ANSWER_MESSAGES[answer]
    if answer == "number_shape" and definition is not None and definition.not_covered:
        message = definition.not_covered
    return NotFoundView(
        typed=typed,
        answer=answer,
        register=titles.register_view(definition) if definition else None,
        near=_linked_views(near),
        elsewhere=_linked_views(elsewhere),
        message=message,
        params={"typed": typed},
    )


def _before_first_entry(
    connection: Connection, row: FetchedRow, typed: str, *, at: dt.date, lang: str
) -> NotFoundView:
    """The day lies before the record's first entry: says when that was made, and which dates the source gives."""
    definition = catalogue()[row.register]
    first = _first_entry_day(connection, row.id)
    return NotFoundView(
        typed=typed,
        answer="before_first_entry",
        register=titles.register_view(definition),
        near=_linked_views([row]),
        message=ANSWER_MESSAGES["before_first_entry"],
        params={
            "at": i18n.format_day(at.isoformat(), lang),
            "first": i18n.format_day(first.isoformat(), lang),
        },
        dates=tuple(
            LabelledText(definition.schema.info(name).label, i18n.format_day(written, lang))
            for name, written in source_dates(definition, record_queries.document_of(row)).items()
        ),
    )


def source_dates(definition: RegisterDefinition, values: Mapping[str, Any]) -> dict[str, str]:
    """Return the dates that the source itself gives for a record: field → sparse ISO date, as the source wrote it."""
    names = (
        definition.numbering.year_field,
        definition.search.date_field,
        definition.valid_from,
        definition.valid_to,
        "source_date",
    )
    return {name: str(values[name]) for name in dict.fromkeys(names) if name and values.get(name)}


def not_found_error(
    registry: Registry, actor: Actor, slug: str, typed: str, *, at: dt.date | None = None
) -> NotFound:
    """Make the exception that tells a program what `explain_not_found` tells a reader: codes, ISO dates, numbers."""
    view = explain_not_found(registry, actor, slug, typed, lang="en", at=at)
    params: dict[str, Any] = {"typed": view.typed}
    if view.answer == "before_first_entry" and at is not None:
        definition = catalogue()[slug]
        with read_transaction(registry.engine) as connection:
            row = next(row for row in find_exact(connection, typed) if row.register == slug)
            first = _first_entry_day(connection, row.id)
        params |= {"at": at.isoformat(), "first": first.isoformat()}
        params |= {"source_dates": source_dates(definition, record_queries.document_of(row))}
    for name, linked in (("near", view.near), ("elsewhere", view.elsewhere)):
        if linked:
            params[name] = [{"register": record.register.slug, "number": record.number} for record in linked]
    return NotFound("record", view.typed, code=view.answer, params=params)


def not_found_sentence(error: NotFound, lang: str) -> str:
    """Put a "not found" into a sentence; "" where there is no more to say than that."""
    message = ANSWER_MESSAGES.get(error.code)
    return i18n.gettext(message, lang, **error.params) if message else ""


def check_numbers(registry: Registry, actor: Actor, numbers: Sequence[str]) -> list[NumberAnswer]:
    """Check numbers: one answer for each, in the order of `numbers`.

    A standard without its year names every edition; the answer is that of the best, for such a reference means
    the edition in force (GB/T 1.1-2020, 9.5.4.2).

    At most `MAX_CHECKED_NUMBERS` numbers: the door has counted them.
    """
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        by_key = _records_by_key(connection, numbers)
        return [_check_number(connection, number, by_key) for number in numbers]


def _check_number(
    connection: Connection, number: str, by_key: Mapping[str, Sequence[FetchedRow]]
) -> NumberAnswer:
    named = {row.id: row for key in _lookup_keys(number) for row in by_key.get(key, ())}
    records = tuple(named.values() or _find_editions(connection, number))
    if records:
        today = clock.today()
        standings = [
            titles.status_on_day(
                catalogue()[row.register], row.status, record_queries.document_of(row), today
            ).standing
            for row in records
        ]
        return NumberAnswer(number, min(standings, key=STANDINGS.index), records)
    answer = classify_number(number)
    is_near_ours = answer == "check_digit" or has_our_prefix(number)
    near = tuple(_find_near_numbers(connection, number, None)) if is_near_ours else ()
    return NumberAnswer(number, "not_covered" if answer == "number_shape" else answer, near=near)


def classify_number(typed: str) -> str:
    """Classify a number that names no record by its form alone: check_digit, number_shape or never_registered."""
    number = register_numbers.normalise(typed)
    if number is not None and number.partition("-")[0] in _our_prefixes():
        problem = register_numbers.error_code(typed)
        return "check_digit" if problem else "never_registered"
    code = credit_codes.normalise(typed)
    if len(code) == 18:
        return {None: "never_registered", "credit_code_check_digit": "check_digit"}.get(
            credit_codes.error_code(code), "number_shape"
        )
    if standard_numbers.parse(typed) is not None:
        return "never_registered"
    # Bodies number their certificates as they like: a digit is all that such numbers have in common.
    signs = fold_number(typed)
    numbered = len(signs) >= MIN_NUMBER_LENGTH and any(sign.isdigit() for sign in signs)
    return "never_registered" if numbered else "number_shape"


def has_our_prefix(typed: str) -> bool:
    """True if a text begins as the numbers that are issued here do, whatever follows."""
    start = NUMBER_START.match(register_numbers.compact(typed))
    return start is not None and start[1] in _our_prefixes()


@functools.cache
def _our_prefixes() -> frozenset[str]:
    """What the numbers issued here begin with; another scheme's number may have the same form."""
    return frozenset(
        definition.numbering.prefix for definition in catalogue().values() if definition.numbering.prefix
    )


def _lookup_keys(text: str) -> list[str]:
    """The folded forms under which a text may be stored: as typed, and as a standard number."""
    parsed = standard_numbers.parse(text[:120])
    keys = [fold_number(text[:200]), fold_number(parsed.canonical) if parsed else ""]
    return list(dict.fromkeys(key for key in keys if key))


def _records_by_key(connection: Connection, numbers: Iterable[str]) -> dict[str, list[FetchedRow]]:
    keys = list({key for number in numbers for key in _lookup_keys(number)})
    pairs = connection.execute(
        select(Identifier.key, Identifier.record_id).where(Identifier.key.in_(keys))
    ).all()
    records = {
        row.id: row
        for row in record_queries.fetch_records(connection, list({pair.record_id for pair in pairs}))
    }
    by_key: dict[str, list[FetchedRow]] = {}
    for pair in pairs:
        if pair.record_id in records:
            by_key.setdefault(pair.key, []).append(records[pair.record_id])
    return by_key


def _find_editions(connection: Connection, typed: str) -> list[FetchedRow]:
    """The editions on record that a standard's number without a year may mean, newest first."""
    number = standard_numbers.parse(typed[:120])
    if number is None or number.year:
        return []
    key = fold_number(number.canonical)
    alike = select(Identifier.record_id).where(Identifier.key.between(key + "0", key + "9~"))
    candidates = record_queries.fetch_records(
        connection, connection.execute(alike.limit(MAX_EDITION_CANDIDATES)).scalars().all()
    )
    editions = [
        (edition.full_year or 0, row.id, row)
        for row in candidates
        if (edition := standard_numbers.parse(row.number))
        and edition.year
        and edition.without_year == number.without_year
    ]
    editions.sort(key=lambda edition: edition[:2], reverse=True)
    return [row for _year, _id, row in editions]


def _find_near_numbers(
    connection: Connection, typed: str, definition: RegisterDefinition | None
) -> list[FetchedRow]:
    """Records of a register (None: of any) whose key begins as the typed one does and differs in few characters."""
    key = fold_number(typed)
    if len(key) < MIN_NEAR_LENGTH:
        return []
    start = key[: len(key) // 2]
    statement = select(Identifier.record_id, Identifier.key).where(
        Identifier.key.between(start, start + "\U0010ffff")
    )
    candidates = connection.execute(statement.limit(MAX_NEAR_CANDIDATES)).all()
    scored = sorted(
        (distance, row.record_id)
        for row in candidates
        if (distance := Levenshtein.distance(key, row.key, score_cutoff=MAX_NEAR_DISTANCE))
        <= MAX_NEAR_DISTANCE
    )
    nearest = list(dict.fromkeys(record_id for _distance, record_id in scored))[: MAX_NEAR_NUMBERS * 2]
    records = record_queries.fetch_records(connection, nearest)
    return [row for row in records if definition is None or row.register == definition.slug][
        :MAX_NEAR_NUMBERS
    ]


def _first_entry_day(connection: Connection, record_id: int) -> dt.date:
    """The day in Shanghai on which a record's first entry was made."""
    first: dt.datetime = connection.execute(
        select(Entry.recorded_at).where(Entry.record_id == record_id).order_by(Entry.version).limit(1)
    ).scalar_one()
    return first.astimezone(clock.SHANGHAI).date()


def _linked_views(records: Iterable[FetchedRow]) -> tuple[LinkedRecordView, ...]:
    today = clock.today()
    views = []
    for row in records:
        definition = catalogue()[row.register]
        holder = titles.holder_view(row)
        views.append(
            LinkedRecordView(
                register=titles.register_view(definition),
                number=row.number,
                path=titles.record_path(row.register, row.slug),
                title=titles.title_of(definition, row),
                holder=holder.name if holder else None,
                status=titles.status_on_day(definition, row.status, record_queries.document_of(row), today),
            )
        )
    return tuple(views)
