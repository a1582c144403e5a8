"""Looking up by number: permalinks, honest "not found" answers, and the check of many numbers at once."""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, or_, select

from registry import clock, i18n
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Identifier, Record
from registry.ledger.model import Entry
from registry.reference.identifiers import credit_codes, register_numbers, standard_numbers
from registry.reference.text.folding import fold_number
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.services.records.views import LinkedRecordView, NotFoundView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_NEAR_NUMBERS = 5
MAX_EDITION_CANDIDATES = (
    100  # numbers that begin alike, among which the editions of a standard are looked for
)
MAX_CHECKED_NUMBERS = 1000
MIN_NEAR_LENGTH = 6  # characters that near numbers share at the beginning
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


def find_permalink(registry: Registry, actor: Actor, number: str) -> str:
    """Path, without language, of the record that a printed number or identifier names.

    Raises `NotFound`.
    """
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        found = find_exact(connection, number, limit=1)
    if not found:
        raise NotFound("record", number)
    return titles.record_path(found[0].register, found[0].slug)


def find_exact(connection: Connection, text: str, limit: int = MAX_NEAR_NUMBERS) -> list[FetchedRow]:
    """Records that a text names exactly, in any spelling; those of core registers first."""
    keys = _lookup_keys(text)
    if not keys:
        return []
    found = connection.execute(
        record_queries.select_records()
        .where(Record.id.in_(record_queries.select_ids_by_keys(keys)))
        .order_by(Record.id)
        .limit(limit * 4)
    ).all()
    order = list(catalogue())
    return sorted(found, key=lambda row: order.index(row.register))[:limit]


def explain_not_found(
    registry: Registry, actor: Actor, slug: str | None, typed: str, lang: str, at: dt.date | None = None
) -> NotFoundView:
    """Why there is no such record: which kind of "not found" this is, with near numbers."""
    require(actor, Action.READ)
    typed = typed[:120]
    definition = catalogue().get(slug) if slug else None
    view = titles.register_view(definition) if definition else None
    if slug and definition is None:
        return NotFoundView(
            slug, "register_unknown", None, (), (), ANSWER_MESSAGES["register_unknown"], {"typed": slug}
        )
    with read_transaction(registry.engine) as connection:
        found = find_exact(connection, typed)
        if at is not None and definition is not None:
            row = next((row for row in found if row.register == definition.slug), None)
            if row is not None:
                return _before_first_entry(connection, definition, row, typed, at, lang)
        elsewhere = [row for row in found if not definition or row.register != definition.slug]
        editions = [] if elsewhere else _find_editions(connection, typed)
        near = editions or _find_near_numbers(connection, typed, definition)
        if editions:
            typed = standard_numbers.canonical_or_written(typed)[0]
    answer = "other_register" if elsewhere else "edition_missing" if editions else classify_number(typed)
    message = ANSWER_MESSAGES[answer]
    if answer == "number_shape" and definition is not None and definition.not_covered:
        message = definition.not_covered
    return NotFoundView(
        typed, answer, view, _linked_views(near), _linked_views(elsewhere), message, {"typed": typed}
    )


def _before_first_entry(
    connection: Connection,
    definition: RegisterDefinition,
    row: FetchedRow,
    typed: str,
    at: dt.date,
    lang: str,
) -> NotFoundView:
    """The day lies before the record's first entry: says when that was, and which dates the source gives."""
    first = _first_entry_day(connection, row.id)
    return NotFoundView(
        typed,
        "before_first_entry",
        titles.register_view(definition),
        _linked_views([row]),
        (),
        ANSWER_MESSAGES["before_first_entry"],
        {
            "at": i18n.format_day(at.isoformat(), lang),
            "first": i18n.format_day(first.isoformat(), lang),
        },
        tuple(
            (definition.schema.info(name).label, i18n.format_day(written, lang))
            for name, written in source_dates(definition, record_queries.document_of(row)).items()
        ),
    )


def source_dates(definition: RegisterDefinition, values: Mapping[str, Any]) -> dict[str, str]:
    """The dates that the source itself gives for a record, as it gives them: field → sparse ISO date."""
    names = (
        definition.numbering.year_field,
        definition.search.date_field,
        definition.valid_from,
        definition.valid_to,
        "source_date",
    )
    return {name: str(values[name]) for name in dict.fromkeys(names) if name and values.get(name)}


def not_found_error(
    registry: Registry, actor: Actor, slug: str, typed: str, at: dt.date | None = None
) -> NotFound:
    """The same answer as `missing` for a program: codes, ISO dates and numbers."""
    view = explain_not_found(registry, actor, slug, typed, "en", at)
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
            params[name] = [{"register": each.register.slug, "number": each.number} for each in linked]
    return NotFound("record", view.typed, code=view.answer, params=params)


def not_found_sentence(problem: NotFound, lang: str) -> str:
    """A "not found" as a sentence; "" where there is nothing to say but that."""
    message = ANSWER_MESSAGES.get(problem.code)
    return i18n.gettext(message, lang, **problem.params) if message else ""


def check_numbers(registry: Registry, actor: Actor, numbers: Sequence[str]) -> list[dict[str, Any]]:
    """For each number: the records it names with an answer, else which kind of "not found", and near numbers.

    A standard without its year names every edition; the answer is that of the best, for such a reference means
    the edition in force (GB/T 1.1-2020, 9.5.4.2).

    At most `CHECK_LIMIT` numbers: the door has counted them.
    """
    require(actor, Action.READ)
    answers = []
    today = clock.today()
    with read_transaction(registry.engine) as connection:
        known = _records_by_key(connection, numbers)
        for number in numbers:
            found = list({row.id: row for key in _lookup_keys(number) for row in known.get(key, ())}.values())
            found = found or _find_editions(connection, number)
            if found:
                standings = [
                    titles.status_on_day(
                        catalogue()[row.register], row.status, record_queries.document_of(row), today
                    ).standing
                    for row in found
                ]
                best = min(standings, key=("in_force", "restricted", "pending", "ended").index)
                answers.append({"number": number, "answer": best, "rows": found, "near": []})
            else:
                answer = classify_number(number)
                near = (
                    _find_near_numbers(connection, number, None)
                    if answer == "check_digit" or has_our_prefix(number)
                    else []
                )
                answer = "not_covered" if answer == "number_shape" else answer
                answers.append({"number": number, "answer": answer, "rows": [], "near": near})
    return answers


def classify_number(typed: str) -> str:
    """What a number that names nothing is, judged by its form alone."""
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
    """True where a text begins as the numbers that are issued here do, whatever follows."""
    start = NUMBER_START.match(register_numbers.compact(typed))
    return start is not None and start[1] in _our_prefixes()


@functools.cache
def _our_prefixes() -> frozenset[str]:
    """What the numbers issued here begin with; another scheme's number may have the same form."""
    return frozenset(each.numbering.prefix for each in catalogue().values() if each.numbering.prefix)


def _lookup_keys(text: str) -> list[str]:
    """Folded forms under which a text may be kept: as typed, and as a standard number."""
    parsed = standard_numbers.parse(text[:120])
    keys = [fold_number(text[:200]), fold_number(parsed.canonical) if parsed else ""]
    return list(dict.fromkeys(key for key in keys if key))


def _records_by_key(connection: Connection, numbers: Iterable[str]) -> dict[str, list[FetchedRow]]:
    keys = list({key for number in numbers for key in _lookup_keys(number)})
    pairs = connection.execute(
        select(Identifier.key, Identifier.record_id).where(Identifier.key.in_(keys))
    ).all()
    found = {
        row.id: row
        for row in record_queries.fetch_records(connection, list({pair.record_id for pair in pairs}))
    }
    by_key: dict[str, list[FetchedRow]] = {}
    for pair in pairs:
        if pair.record_id in found:
            by_key.setdefault(pair.key, []).append(found[pair.record_id])
    return by_key


def _find_editions(connection: Connection, typed: str) -> list[FetchedRow]:
    """What a standard's number without a year may mean: the editions on record, newest first."""
    asked = standard_numbers.parse(typed[:120])
    if asked is None or asked.year:
        return []
    key = fold_number(asked.canonical)
    alike = select(Identifier.record_id).where(Identifier.key.between(key + "0", key + "9~"))
    found = record_queries.fetch_records(
        connection, connection.execute(alike.limit(MAX_EDITION_CANDIDATES)).scalars().all()
    )
    parsed = [(standard_numbers.parse(row.number), row) for row in found]
    editions = [
        (number.full_year or 0, row.id, row)
        for number, row in parsed
        if number and number.year and number.without_year == asked.without_year
    ]
    return [row for _year, _id, row in sorted(editions, key=lambda each: each[:2], reverse=True)]


def _find_near_numbers(
    connection: Connection, typed: str, definition: RegisterDefinition | None
) -> list[FetchedRow]:
    """Records whose key differs from the typed one in one character, or begins alike."""
    key = fold_number(typed)
    if len(key) < MIN_NEAR_LENGTH:
        return []
    half = len(key) // 2
    ranges = [(key[:half], key[:half] + "\U0010ffff")]
    statement = select(Identifier.record_id, Identifier.key).where(
        or_(*(Identifier.key.between(low, high) for low, high in ranges))
    )
    candidates = connection.execute(statement.limit(2000)).all()
    scored = sorted(
        (distance, row.record_id) for row in candidates if (distance := _distance(key, row.key)) <= 2
    )
    found = record_queries.fetch_records(
        connection, [record_id for _distance_, record_id in scored[: MAX_NEAR_NUMBERS * 2]]
    )
    return [row for row in found if definition is None or row.register == definition.slug][:MAX_NEAR_NUMBERS]


def _distance(left: str, right: str) -> int:
    """Characters that differ between two keys of one length; 99 for other lengths (but one)."""
    if len(left) == len(right):
        return sum(a != b for a, b in zip(left, right, strict=True))
    if abs(len(left) - len(right)) == 1:
        short, long = sorted((left, right), key=len)
        return 1 if any(long[:at] + long[at + 1 :] == short for at in range(len(long))) else 99
    return 99


def _first_entry_day(connection: Connection, record_id: int) -> dt.date:
    """The day in Shanghai of a record's first entry."""
    first: dt.datetime = connection.execute(
        select(Entry.recorded_at).where(Entry.record_id == record_id).order_by(Entry.version).limit(1)
    ).scalar_one()
    return first.astimezone(clock.SHANGHAI).date()


def _linked_views(found: Iterable[FetchedRow]) -> tuple[LinkedRecordView, ...]:
    today = clock.today()
    views = []
    for row in found:
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
