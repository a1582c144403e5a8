"""The records that rows of a sheet are about, found by number or natural key, present or former, with what they say now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.orm import aliased

from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import FormerKey, Link, Record, merged_register
from registry.kit.schema import FORMER_NUMBERS
from registry.ledger.model import Entry, Item
from registry.reference.text.folding import fold_name
from registry.services.publication.record_columns import columns_of, identifying_texts
from registry.store.base import FetchedRow, SelectStatement
from registry.store.batching import batches

COLUMNS = (Record.number, Record.natural_key, Record.status, Record.version, Record.warnings, Item.document)
BY_KEY = (
    select(*COLUMNS)
    .join(Item, Item.hash == Record.document_hash)
    .where(
        Record.register == bindparam("register"), Record.natural_key.in_(bindparam("keys", expanding=True))
    )
)
BY_NUMBER = (
    select(*COLUMNS)
    .join(Item, Item.hash == Record.document_hash)
    .where(Record.register == bindparam("register"), Record.number.in_(bindparam("numbers", expanding=True)))
)

Remaining = aliased(Record, name="remaining")
MERGED = (
    select(Record.number, Remaining.number.label("into"))
    .join(Remaining, Remaining.id == Record.merged_into_id)
    .where(Record.register == bindparam("register"), Record.number.in_(bindparam("numbers", expanding=True)))
)


@dataclass(frozen=True, slots=True)
class ExistingRecord:
    """A record before a row changes it: what it says, its status, and the doubts about its sources.

    `version`: the one that was read, so that publication can tell that another writer has been there meanwhile.
    """

    number: str
    natural_key: str
    status: str
    version: int
    values: Mapping[str, Any]
    doubts: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class ExistingRecords:
    """Records of one register by natural key and by number.

    `merged`: numbers of records that were merged, each with the number of the record that it names now.
    """

    by_key: Mapping[str, ExistingRecord]
    by_number: Mapping[str, ExistingRecord]
    merged: Mapping[str, str] = field(default_factory=dict)

    def find(self, key: str, number: str) -> ExistingRecord | None:
        """The record that a row is about: the one with its number, else the one with its key."""
        return self.by_number.get(number) or self.by_key.get(key)

    def why_not(self, number: str, number_key: str) -> Issue | None:
        """What is said of a row that names a record which was merged, by its number or by the key that its number is."""
        named = number if number in self.merged else number_key
        if named not in self.merged:
            return None
        return Issue("former_key", "number", {"number": self.merged[named]})


def find_existing_records(
    connection: Connection,
    definition: RegisterDefinition,
    keys: Collection[str],
    numbers: Collection[str],
) -> ExistingRecords:
    """Find the records that have one of these natural keys or numbers; three statements at most."""
    by_key = {}
    if keys:
        rows = connection.execute(BY_KEY, {"register": definition.slug, "keys": list(keys)})
        by_key = {record.natural_key: record for record in _records(rows)}
    by_number = {record.number: record for record in by_key.values()}
    if missing := [number for number in numbers if number not in by_number]:
        rows = connection.execute(BY_NUMBER, {"register": definition.slug, "numbers": missing})
        by_number |= {record.number: record for record in _records(rows)}
    unknown = [number for number in numbers if number not in by_number]
    merged = find_merged_numbers(connection, definition, unknown)
    if definition.numbering.derive and (free := set(keys) - set(by_key)):  # their numbers are their keys
        former = find_former_keys(connection, definition.slug, free)
        merged |= {key: row.number for key, row in former.items()}
    return ExistingRecords(by_key, by_number, merged)


def find_merged_numbers(
    connection: Connection, definition: RegisterDefinition, numbers: Collection[str]
) -> dict[str, str]:
    """Return which of these numbers are of records that were merged: number → number of the record that it names now."""
    if not numbers:
        return {}
    rows = connection.execute(
        MERGED, {"register": merged_register(definition.slug), "numbers": list(numbers)}
    )
    return {row.number: row.into for row in rows}


def _records(rows: Iterable[FetchedRow]) -> Sequence[ExistingRecord]:
    return [
        ExistingRecord(
            row.number,
            row.natural_key,
            row.status,
            row.version,
            orjson.loads(row.document),
            load_doubts(row.warnings),
        )
        for row in rows
    ]


def load_doubts(text: str) -> tuple[Issue, ...]:
    """The doubts about its sources among the standing warnings of a record; `text`: as its column holds them."""
    if '"of_source"' not in text:
        return ()
    return tuple(
        Issue(each["code"], each["field"], each["params"], "warns", of_source=True)
        for each in orjson.loads(text)
        if each.get("of_source")
    )


def find_pinned_by_link(
    connection: Connection, definition: RegisterDefinition, records: Collection[FetchedRow]
) -> set[int]:
    """Return the records in a state that a linked record has brought them to, as long as that one has not changed back."""
    pinned: set[int] = set()
    for rule in definition.life_cycle.linked_changes:
        ids = [record.id for record in records if record.status == rule.after]
        if ids:
            this, other = (Link.to_id, Link.from_id) if rule.incoming else (Link.from_id, Link.to_id)
            brought = (Link.relation == rule.relation) & Record.status.in_(rule.when)
            rows = connection.execute(
                select(this).join(Record, Record.id == other).where(this.in_(ids), brought)
            )
            pinned |= set(ids) & set(rows.scalars())
    return pinned


def fetch_first_entries(connection: Connection, record_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return record id → when its first entry was recorded."""
    if not record_ids:
        return {}
    rows = connection.execute(
        select(Entry.record_id, Entry.recorded_at).where(Entry.record_id.in_(record_ids), Entry.version == 1)
    )
    return {row.record_id: row.recorded_at for row in rows}


CHUNK_SIZE = 500
FORMER = (
    select(FormerKey.natural_key, FormerKey.title_zh.label("former_title"))
    .add_columns(Record.id, Record.number, Record.slug, Record.title_zh)
    .join(Record, Record.id == FormerKey.record_id)
    .where(
        FormerKey.register == bindparam("register"),
        FormerKey.natural_key.in_(bindparam("keys", expanding=True)),
    )
)
# The id of the record that had a key; for one statement that asks by the present key as well.
ID_BY_FORMER_KEY = (
    select(FormerKey.record_id)
    .where(FormerKey.register == bindparam("register"), FormerKey.natural_key == bindparam("key"))
    .scalar_subquery()
)


def find_former_keys(connection: Connection, register: str, keys: Collection[str]) -> dict[str, FetchedRow]:
    """Return the records that had these natural keys before: key → id, number, slug, `title_zh`, and `former_title`, "" of a merged one."""
    found: dict[str, FetchedRow] = {}
    for chunk in batches(sorted(keys), CHUNK_SIZE):
        rows = connection.execute(FORMER, {"register": register, "keys": chunk})
        found |= {row.natural_key: row for row in rows}
    return found


def by_present_or_former_key(statement: SelectStatement) -> SelectStatement:
    """Narrow a statement on records to the one that has a key of a register (`register`, `key`), else the one that had it before."""
    has_it = (Record.register == bindparam("register")) & (Record.natural_key == bindparam("key"))
    return statement.where(has_it | (Record.id == ID_BY_FORMER_KEY)).order_by(has_it.desc()).limit(1)


def keep_former_key(
    connection: Connection, register: str, key: str, *, record_id: int, title_zh: str = ""
) -> None:
    """Let a key that no record has any more mean this record. `title_zh`: of the record when it had the key, "" of one that was merged."""
    drop_former_keys(connection, register, [key])
    row = {"register": register, "natural_key": key, "record_id": record_id, "title_zh": title_zh}
    connection.execute(insert(FormerKey), [row])


def drop_former_keys(connection: Connection, register: str, keys: Collection[str]) -> None:
    """Forget that records had these keys: others have them now."""
    for chunk in batches(sorted(keys), CHUNK_SIZE):
        connection.execute(
            delete(FormerKey).where(FormerKey.register == register, FormerKey.natural_key.in_(chunk))
        )


def move_former_keys(connection: Connection, from_id: int, to_id: int) -> None:
    """Let the former keys of a record mean another one."""
    connection.execute(update(FormerKey).where(FormerKey.record_id == from_id).values(record_id=to_id))


def former_key_issue(
    definition: RegisterDefinition, former: FetchedRow, values: Mapping[str, Any], *, number: str
) -> Issue:
    """Return what is said of a new record with a key that another one had: a refusal, or a doubt where the titles tell two things apart.

    `number`: that the row states; one of its own tells them apart too. Of a key that was merged the refusal stands whatever the title.
    """
    issue = Issue("former_key", definition.key.fields[0], {"number": former.number})
    title = fold_name(columns_of(definition, values)["title_zh"])
    known = {fold_name(former.former_title), fold_name(former.title_zh)}
    has_own = bool(number) and number != former.number and definition.numbering.derive is None
    if former.former_title and (has_own or (title and title not in known)):
        return Issue("former_key_of_another", issue.field, issue.params, "warns")
    return issue


def with_former_numbers(
    definition: RegisterDefinition,
    values: Mapping[str, Any],
    texts: Collection[str],
    *,
    number: str,
) -> dict[str, Any]:
    """Return a document whose record is found by these numbers as well, those that it does not have already. `number`: of the record."""
    present = set(identifying_texts(definition, number, values))
    more = [text for text in dict.fromkeys(texts) if text and text not in present]
    kept = [text for text in values.get(FORMER_NUMBERS) or () if text != number]
    rest = {name: value for name, value in values.items() if name != FORMER_NUMBERS}
    return rest | ({FORMER_NUMBERS: [*kept, *more]} if kept or more else {})


def numbers_of_key(definition: RegisterDefinition, number: str, values: Mapping[str, Any]) -> list[str]:
    """Return those parts of a record's natural key by which it is looked up, such as the number of a certificate.

    Where the number is made of the key, all by which the record itself is looked up, with its number.
    """
    derived = definition.numbering.derive is not None
    names = (*definition.key.fields, *(definition.exact_lookup_fields if derived else ()))
    parts = {str(values[name]) for name in names if values.get(name)} | ({number} if derived else set())
    return [text for text in identifying_texts(definition, number, values) if text in parts]
