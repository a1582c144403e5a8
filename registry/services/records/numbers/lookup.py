"""Look up records by number: one answer for every door, the search box, addresses, permalinks and checks of many numbers.

`reference.identifiers.recognition` says what a text may name; here the store says what it does name.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from rapidfuzz.distance import Levenshtein
from sqlalchemy import Connection, select

from registry import clock, i18n
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.life_cycle import STANDINGS
from registry.kit.record import Identifier
from registry.kit.schema import FORMER_NUMBERS
from registry.ledger.model import Entry
from registry.reference.identifiers import number_families, recognition, register_numbers, standard_numbers
from registry.reference.identifiers.number_families import NumberFamily
from registry.reference.identifiers.recognition import Reading, RecognisedText
from registry.reference.text.folding import fold_number
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import record_columns, record_queries
from registry.services.records import cautions, titles
from registry.services.records.views import (
    LabelledText,
    LinkedRecordView,
    NotFoundView,
    NumberFamilyView,
    PlatformView,
)
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.unit_of_work import read_transaction

MAX_NEAR_NUMBERS = 5
MAX_NEAR_DISTANCE = 2  # characters put in, left out or replaced
MAX_NEAR_CANDIDATES = 2000
MAX_KEYS_IN_STATEMENT = 10_000  # bound values of one statement; both databases take more
MAX_NAMED_RECORDS = 100  # of one number: a barcode may stand on several certificates
MAX_CHECKED_NUMBERS = 1000
MIN_NEAR_LENGTH = 6  # characters of a key; shorter ones have too many others near them
# One of our numbers with characters too few or too many; a model such as SD128 is none.
LIKE_OUR_NUMBERS = re.compile(r"([A-Z]{2,4})(?:19|20)[0-9]{5,24}[0-9A-Z]{0,4}")

ANSWER_MESSAGES = {
    "check_digit": _(
        "“%(typed)s” has the form of a number of this register, but one character is wrong: "
        "the check character does not fit. Please compare it with the original."
    ),
    "near": _("Nothing is on record under “%(typed)s”, but under a number that is easily confused with it."),
    "number_shape": _("“%(typed)s” does not have the form of any number that this register knows."),
    "other_register": _("“%(typed)s” is not in this register, but it is in another one."),
    "several": _("“%(typed)s” is on several records."),
    "never_registered": _(
        "Nothing has ever been entered here under “%(typed)s”. "
        "A certificate that names it is not confirmed by this register."
    ),
    "edition_missing": _("“%(typed)s” names a standard without the year of an edition."),
    "not_covered": _("“%(typed)s” is not on record here. That says nothing about whether it is genuine."),
    "before_first_entry": _(
        "This record was not yet in the register on %(at)s: its first entry was made on %(first)s."
    ),
    "register_unknown": _("There is no register “%(typed)s”."),
}
# Answers that are no standing: no record has the number.
NOT_FOUND_ANSWERS = ("near", "check_digit", "not_covered", "never_registered")


@dataclass(frozen=True, slots=True)
class NumberAnswer:
    """What the check of a number found: `records` that it names and the best of their standings as `answer`, or a
    kind of "not found" (`NOT_FOUND_ANSWERS`) as `answer` and `near` records.

    `reading`: how the number was read, None for a text without one. `is_number_only`: nothing else stands in the text;
    `is_about_number`: a number is meant, though words may stand beside it.
    `parts_not_held`: other numbers that stand before it in the text, such as the first half of a dual number, and that no
    record has.
    """

    number: str
    answer: str
    records: tuple[FetchedRow, ...] = ()
    near: tuple[FetchedRow, ...] = ()
    reading: Reading | None = None
    is_number_only: bool = False
    is_about_number: bool = False
    parts_not_held: tuple[str, ...] = ()

    @property
    def read_as(self) -> str:
        """The number in its canonical spelling, "" for a text without one."""
        return self.reading.number if self.reading else ""

    @property
    def family(self) -> NumberFamily | None:
        """The family whose form the number has; None for a number of our own form and for no number."""
        return number_families.family(self.reading.family) if self.reading and self.reading.family else None

    @property
    def is_sure(self) -> bool:
        """True if the text was read as a number whose form is known, not merely as letters and figures."""
        return self.reading is not None and self.reading.is_sure


def recognise(text: str) -> RecognisedText:
    """Return what a text may name, with the prefixes of the numbers issued here."""
    return recognition.recognise(text, _our_prefixes())


def search_text(typed: str) -> str:
    """Return what the search index is asked for: the number alone where a label, brackets or an address stand around it."""
    text = recognise(typed)
    is_sure = text.first is not None and text.first.kind != "other"
    return text.first.number if text.first and is_sure and text.is_number_only else typed


def address_of(typed: str) -> str:
    """Return a number as the address of its record has it, in any spelling; what is no number of a known form as typed."""
    first = recognise(typed).first
    if first is None or first.kind not in ("own", "standard", "credit_code"):
        return typed
    return record_columns.number_slug(first.number)


def answer_numbers(connection: Connection, numbers: Sequence[str]) -> list[NumberAnswer]:
    """Answer what each of some texts names: the one place where every door asks.

    Two statements for any number of texts, one or two more where some name no record, and one for each whose near numbers
    are worth looking for.
    """
    recognised = [recognise(number) for number in numbers]
    by_key = _records_by_key(
        connection, {key for text in recognised for each in text.readings for key in each.keys}
    )
    held = [_answer_held(number, text, by_key) for number, text in zip(numbers, recognised, strict=True)]
    unheld = [text for text, answer in zip(recognised, held, strict=True) if answer is None]
    by_key |= _records_by_key(
        connection, {key for text in unheld for each in text.readings for key in each.near}
    )
    return [
        answer or _answer_near(number, text, by_key) or _answer_not_held(connection, number, text)
        for number, text, answer in zip(numbers, recognised, held, strict=True)
    ]


def answer_typed(registry: Registry, actor: Actor, typed: str) -> NumberAnswer | None:
    """Answer a text from the search box; None where it has no number in it, which costs no statement."""
    require(actor, Action.READ)
    first = recognise(typed).first
    if first is None or not first.is_number:
        return None
    with read_transaction(registry.engine) as connection:
        return answer_numbers(connection, [typed])[0]


def _answer_held(
    number: str, text: RecognisedText, by_key: Mapping[str, Sequence[FetchedRow]]
) -> NumberAnswer | None:
    """Answer a text by the first of its readings that names records; None where none does."""
    for place, reading in enumerate(text.readings):
        if records := _named(reading, by_key):
            return NumberAnswer(
                number,
                _best_standing(records),
                tuple(records[:MAX_NAMED_RECORDS]),
                reading=reading,
                is_number_only=text.is_number_only,
                is_about_number=text.is_about_number,
                parts_not_held=tuple(each.shown for each in text.readings[:place] if each.is_sure),
            )
    return None


def _answer_near(
    number: str, text: RecognisedText, by_key: Mapping[str, Sequence[FetchedRow]]
) -> NumberAnswer | None:
    """Answer a text by the records whose numbers are easily confused with its own; None where there are none."""
    for reading in text.readings:
        if near := _easily_confused(reading, by_key):
            return NumberAnswer(
                number,
                "near",
                near=tuple(near[:MAX_NEAR_NUMBERS]),
                reading=reading,
                is_number_only=text.is_number_only,
                is_about_number=text.is_about_number,
            )
    return None


def _answer_not_held(connection: Connection, number: str, text: RecognisedText) -> NumberAnswer:
    """Answer a text that names no record, nor comes near one: by the form of its number."""
    first = text.first
    answer = _answer_by_form(first, first.number if first else number)
    worth_looking = answer in ("check_digit", "never_registered")
    near = _find_near_numbers(connection, first.number if first else number, None) if worth_looking else ()
    return NumberAnswer(
        number,
        answer,
        near=tuple(near),
        reading=first,
        is_number_only=text.is_number_only,
        is_about_number=text.is_about_number,
    )


def _answer_by_form(reading: Reading | None, typed: str) -> str:
    """Return the answer for a number that no record has.

    "Never registered" is said only of the form of our own numbers and of families that are kept completely.
    """
    if reading is None:
        return "not_covered"
    if reading.is_wrong:
        return "check_digit"
    begins_as_ours = reading.kind == "other" and has_our_prefix(typed)
    if reading.kind == "own" or reading.family in _families_kept_completely() or begins_as_ours:
        return "never_registered"
    return "not_covered"


def _named(reading: Reading, by_key: Mapping[str, Sequence[FetchedRow]]) -> list[FetchedRow]:
    """Return the records that a reading names; a standard without its year names its editions, newest first."""
    rows = {row.id: row for key in reading.keys for row in by_key.get(key, ())}
    if reading.standard is None:
        order = list(catalogue())
        return sorted(rows.values(), key=lambda row: (order.index(row.register), row.id))
    year = reading.standard.full_year
    named = [
        (edition.full_year or 0, row.id, row)
        for row in rows.values()
        for edition in _numbers_of_standard(row)
        if edition.without_year == reading.standard.without_year
        and (reading.names_editions or edition.full_year == year)
    ]
    unique = {row.id: (full_year, row_id, row) for full_year, row_id, row in named}
    return [row for _year, _id, row in sorted(unique.values(), key=lambda each: each[:2], reverse=True)]


def _numbers_of_standard(row: FetchedRow) -> list[standard_numbers.StandardNumber]:
    """Return the numbers of standards that name a record: keys alone cannot tell GB/T 1-2025 from GB/T 12025."""
    is_known_otherwise = f'"{FORMER_NUMBERS}"' in row.document
    if (parsed := standard_numbers.parse(row.number)) and not is_known_otherwise:
        return [parsed]
    texts = record_columns.identifying_texts(
        catalogue()[row.register], row.number, record_queries.document_of(row)
    )
    return [parsed for text in texts if (parsed := standard_numbers.parse(text))]


def _easily_confused(reading: Reading, by_key: Mapping[str, Sequence[FetchedRow]]) -> list[FetchedRow]:
    """Return the records that a reading was probably copied from: of a standard its editions and sibling codes, of any
    other number those of the one number that is held; two that look like it are a guess."""
    held = [key for key in reading.near if by_key.get(key)]
    rows = {row.id: row for key in held for row in by_key[key]}
    if reading.standard is None:
        alike = {frozenset(row.id for row in by_key[key]) for key in held}
        return list(rows.values()) if len(alike) == 1 else []
    editions = [
        (edition.full_year or 0, row.id, row)
        for row in rows.values()
        for edition in _numbers_of_standard(row)
        if edition.number == reading.standard.number
    ]
    same_year = [each for each in editions if each[0] == reading.standard.full_year]
    ordered = sorted(same_year or editions, key=lambda each: each[:2], reverse=True)
    return list({row.id: row for _year, _id, row in ordered}.values())


def _best_standing(records: Iterable[FetchedRow]) -> str:
    today = clock.today()
    standings = [
        titles.status_on_day(
            catalogue()[row.register], row.status, record_queries.document_of(row), today
        ).standing
        for row in records
    ]
    return min(standings, key=STANDINGS.index)


def find_in_register(connection: Connection, slug: str, typed: str) -> FetchedRow | None:
    """Return the one record of a register that a text names; None where it names none, several or editions."""
    [answer] = answer_numbers(connection, [typed])
    records = [row for row in answer.records if row.register == slug]
    by_edition = answer.reading is not None and answer.reading.names_editions
    return records[0] if len(records) == 1 and not by_edition else None


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
    typed = typed[: recognition.MAX_LENGTH]
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
        [found] = answer_numbers(connection, [typed])
        if at is not None and definition is not None:
            row = next((row for row in found.records if row.register == definition.slug), None)
            if row is not None:
                return _before_first_entry(connection, row, typed, at=at, lang=lang)
        view = not_found_view(found, definition)
        if not view.near and not view.elsewhere:
            near = _find_near_numbers(connection, found.read_as or typed, definition)
            view = replace(view, near=linked_views(near))
    return view


def not_found_view(found: NumberAnswer, definition: RegisterDefinition | None) -> NotFoundView:
    """Return a "not found" as a page shows it: of a register (None: of all)."""
    here = [row for row in found.records if definition is None or row.register == definition.slug]
    elsewhere = [row for row in found.records if definition is not None and row.register != definition.slug]
    reading = found.reading
    by_edition = reading is not None and reading.names_editions
    near: Sequence[FetchedRow] = here or found.near
    if here:
        answer = "edition_missing" if by_edition else "several"
    elif elsewhere:
        answer, near = ("other_register", ())
    elif found.answer == "not_covered" and (reading is None or not reading.family):
        answer = "number_shape"
    else:
        answer = found.answer
        if definition is not None:
            near = [row for row in near if row.register == definition.slug] or near
    message = ANSWER_MESSAGES[answer]
    if answer == "number_shape" and definition is not None and definition.not_covered:
        message = definition.not_covered
    typed = shown_number(found)
    return NotFoundView(
        typed=typed,
        answer=answer,
        register=titles.register_view(definition) if definition else None,
        near=linked_views(near),
        elsewhere=linked_views(elsewhere),
        message=message,
        params={"typed": typed},
        family=_family_view(found.family) if answer == "not_covered" else None,
        kept_in_part=found.family is not None and found.family in number_families.KEPT_IN_PART,
        parts_not_held=found.parts_not_held,
    )


def shown_number(found: NumberAnswer) -> str:
    """Return a number as a page repeats it: as it was read, one of a person masked; other texts as typed."""
    if found.reading is not None and (found.is_sure or found.is_number_only):
        return found.reading.shown
    return found.number[: recognition.MAX_LENGTH]


def _family_view(family: NumberFamily | None) -> NumberFamilyView | None:
    if family is None:
        return None
    return NumberFamilyView(
        family.code,
        Words(family.name_zh, family.name_en),
        Words(family.keeper_zh, family.keeper_en),
        PlatformView.of(family.platform) if family.platform else None,
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
        near=linked_views([row]),
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
            [found] = answer_numbers(connection, [typed])
            row = next(row for row in found.records if row.register == slug)
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
        return answer_numbers(connection, numbers)


def has_our_prefix(typed: str) -> bool:
    """True if a text is like the numbers that are issued here, with characters too few or too many."""
    like_ours = LIKE_OUR_NUMBERS.fullmatch(register_numbers.compact(typed))
    return like_ours is not None and like_ours[1] in _our_prefixes()


@functools.cache
def _our_prefixes() -> frozenset[str]:
    """What the numbers issued here begin with; another scheme's number may have the same form."""
    return frozenset(
        definition.numbering.prefix for definition in catalogue().values() if definition.numbering.prefix
    )


@functools.cache
def _families_kept_completely() -> frozenset[str]:
    return frozenset(code for definition in catalogue().values() for code in definition.kept_completely)


def _records_by_key(connection: Connection, keys: Collection[str]) -> dict[str, list[FetchedRow]]:
    """Fetch the records that some folded keys name: one statement for the keys, one for the records, none without keys."""
    pairs = [
        pair
        for some in batches(sorted(keys), MAX_KEYS_IN_STATEMENT)
        for pair in connection.execute(
            select(Identifier.key, Identifier.record_id).where(Identifier.key.in_(some))
        )
    ]
    if not pairs:
        return {}
    ids = sorted({pair.record_id for pair in pairs})
    rows = [
        row
        for some in batches(ids, MAX_KEYS_IN_STATEMENT)
        for row in record_queries.fetch_records(connection, some)
    ]
    records = {row.id: row for row in rows}
    by_key: dict[str, list[FetchedRow]] = {}
    for pair in pairs:
        if pair.record_id in records:
            by_key.setdefault(pair.key, []).append(records[pair.record_id])
    return by_key


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


def linked_views(records: Iterable[FetchedRow]) -> tuple[LinkedRecordView, ...]:
    """Return records as lines of a list, in the status that they have today."""
    today, views = clock.today(), []
    for row in records:
        definition = catalogue()[row.register]
        holder = titles.holder_view(row)
        today_status = titles.status_on_day(definition, row.status, record_queries.document_of(row), today)
        status, marks = cautions.stored_marks(today_status, row.caution_codes)
        views.append(
            LinkedRecordView(
                register=titles.register_view(definition),
                number=row.number,
                path=titles.record_path(row.register, row.slug),
                title=titles.title_of(definition, row),
                holder=holder.name if holder else None,
                status=status,
                marks=marks,
                demo=row.demo,
            )
        )
    return tuple(views)
