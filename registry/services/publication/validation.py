"""Validation: one raw row or form, checked by schema, rules and life cycle, becomes a document or a list of issues.

Every door comes through here, so that no rule holds for one door only.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from registry import clock
from registry.kit import english_sources, rules
from registry.kit.definition import KeyMissing, RegisterDefinition
from registry.kit.issues import Issue, without_repetition
from registry.kit.record import MAX_KEY_LENGTH, Identifier, Record
from registry.kit.schema import FORMER_NUMBERS, LoadResult
from registry.ledger.model import Item
from registry.reference.identifiers import register_numbers
from registry.reference.text.folding import clean_cell
from registry.services.publication import sources
from registry.services.publication.existing_records import ExistingRecord, by_present_or_former_key
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.record_columns import group_identifier, target_key
from registry.services.publication.sources import SOURCES_DIFFER, STATUS_ASSUMED, source_of
from registry.store.prepared import PreparedSelect

MAX_NUMBER_LENGTH = 120  # characters; a longer "number" is some other text in the wrong column

# Built once: a sheet asks for another record in every row.
OTHER_RECORD = PreparedSelect(
    by_present_or_former_key(
        select(Record.status, Item.document).join(Item, Item.hash == Record.document_hash)
    )
)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not published, with everything found about it; what blocks it comes first."""

    row: int
    issues: tuple[Issue, ...]


RECORDS_OF_GROUP = (
    select(Record.status, Item.document)
    .join(Item, Item.hash == Record.document_hash)
    .join(Identifier, Identifier.record_id == Record.id)
    .where(Identifier.key == bindparam("key"), Record.register == bindparam("register"))
    .order_by(Record.number)
)


class OtherRecords:
    """What rules may ask about other records. Each is read once in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._records: dict[tuple[str, str], Mapping[str, Any] | None] = {}
        self._asked: dict[tuple[str, str], Mapping[str, Any] | None] = {}  # by what was asked for, as written
        self._groups: dict[tuple[str, str], tuple[Mapping[str, Any], ...]] = {}

    def find_record(self, register: str, key: str) -> Mapping[str, Any] | None:
        """Return a record's values with its `status`, by what another record writes of it; None when not here."""
        if (register, key) in self._asked:
            return self._asked[register, key]
        natural_key = target_key(register, key)
        if (register, natural_key) not in self._records:
            row = OTHER_RECORD.first(self._connection, register=register, key=natural_key)
            values = None if row is None else {**json.loads(row.document), "status": row.status}
            self._records[register, natural_key] = values
        self._asked[register, key] = self._records[register, natural_key]
        return self._records[register, natural_key]

    def find_group(self, register: str, key: str) -> Sequence[Mapping[str, Any]]:
        """Return values, with `status`, of the records that share a key of the register's `group_keys`."""
        if (register, key) not in self._groups:
            rows = self._connection.execute(
                RECORDS_OF_GROUP, {"register": register, "key": group_identifier(register, key)}
            )
            self._groups[register, key] = tuple(
                {**json.loads(row.document), "status": row.status} for row in rows
            )
        return self._groups[register, key]


class StatedRow(NamedTuple):
    """What one row states, read by the schema and not yet checked beside the register.

    `key`: the natural key that its own values give, "" where they lack a part of it. `number`: that of a record, well
    formed; `number_key`: the natural key that a number names where numbers are derived, `written_number` as it is written. `cleared`: fields that it empties.
    `status`: "" where it states none. `issues`: what reading it has brought up. `is_whole`: it states all that its record is to say.
    """

    row: int
    loaded: LoadResult
    key: str
    status: str = ""
    number: str = ""
    number_key: str = ""
    cleared: frozenset[str] = frozenset()
    issues: tuple[Issue, ...] = ()
    written_number: str = ""
    is_whole: bool = False

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it states, those that it empties among them."""
        more = [name for name, given in (("status", self.status), ("number", self.number)) if given]
        return self.cleared.union(self.loaded.values, more)


def read_row(
    definition: RegisterDefinition,
    row: int,
    raw: Mapping[str, Any],
    *,
    cleared: frozenset[str] = frozenset(),
    prior_issues: Iterable[Issue] = (),
) -> StatedRow:
    """Read what one row states. Fields that it lacks or leaves empty are not stated; `cleared` ones are to be emptied."""
    issues = list(prior_issues)
    fields = dict(raw)
    number, number_key, written_number = "", "", ""
    if "number" not in definition.schema.register_fields():
        written = fields.pop("number", None)
        number = _read_number(definition, written, issues)
        if definition.numbering.derive and (word := clean_cell(str(written or ""))):
            number_key = definition.key.parse(word)
            written_number = word[:60]
    status = _read_status(definition, fields.pop("status", None), issues)
    loaded = definition.schema.load_values(fields, complete=True)
    try:
        key = definition.key.compute(loaded.values)[:MAX_KEY_LENGTH]
    except KeyMissing:
        key = ""
    return StatedRow(
        row, loaded, key, status, number, number_key, cleared, tuple(issues), written_number=written_number
    )


def check_row(
    definition: RegisterDefinition,
    stated: StatedRow,
    context: rules.RuleContext,
    *,
    registrar: bool,
    existing: ExistingRecord | None = None,
    may_rekey: bool = False,
) -> PreparedDocument | RefusedRow:
    """Check what a row makes of its record; what it does not state stays as `existing` says it.

    `registrar`: most findings about a source are standing warnings; for others they all block. `may_rekey`: two persons have
    decided that a key of which the number of the record is made was stated wrongly.
    """
    if existing is not None or not registrar:  # they come with an export that is brought in as new records
        stated = _without_former_numbers(stated)
    if existing is not None and (stated.status or stated.cleared):
        source = source_of(stated.loaded.values)
        counting = sources.counting_status(stated.status, stated.cleared, source, existing)
        if counting != (stated.status, stated.cleared):
            stated = stated._replace(status=counting[0], cleared=counting[1])
    issues = [replace(issue, of_source=True) for issue in stated.issues]
    if not stated.status and existing is None:
        issues += _assumed_status(definition, issues)
    loaded, reason = stated.loaded, ""
    if existing is not None:
        loaded, reason = _complete(definition, stated, existing, context.today)
    issues += loaded.issues
    current = existing.status if existing else definition.life_cycle.default_status
    context = context._replace(status=stated.status or current, unreadable_cells=loaded.unreadable_cells)
    issues += rules.run(
        definition.rules,
        loaded.values,
        context,
        refused_fields=loaded.refused_fields,
        partial_tables=loaded.partial_tables,
    )
    key = stated.key if existing is None else ""
    of_key: list[Issue] = []
    try:
        key = key or definition.key.compute(loaded.values)
    except KeyMissing as missing:
        issues, of_key = _key_issues(issues, missing.fields, loaded)
        told = [issue for issue in of_key if issue.code != "key_missing"]
        if stated.written_number and existing is None and len(told) < len(of_key):
            of_key = [*told, Issue("number_not_on_record", "number", {"value": stated.written_number})]
    issues += _number_issues(definition, existing, loaded.values, key, may_rekey=may_rekey)
    if not key:  # what is doubtful in a part of the key leaves the row without one
        issues = [
            replace(issue, severity="blocks") if issue.severity == "doubts" else issue for issue in issues
        ]
    blocking, warnings = rules.split_by_severity(issues, registrar=registrar)
    if blocking or not key:
        return RefusedRow(stated.row, (*of_key, *blocking, *warnings))
    key = key[:MAX_KEY_LENGTH]
    fields = stated.fields
    kept = [issue for issue in existing.doubts if is_kept(issue, fields)] if existing else []
    warnings += kept
    return PreparedDocument(
        stated.row,
        key,
        loaded.values,
        stated.status,
        stated.number,
        without_repetition(warnings),
        reason,
        stated=None if stated.is_whole else fields,
        amends=existing,
        kept_doubts=tuple(kept),
    )


def _without_former_numbers(stated: StatedRow) -> StatedRow:
    """The row without numbers that its record is said to have had: those follow from decisions."""
    if FORMER_NUMBERS not in stated.loaded.values and FORMER_NUMBERS not in stated.cleared:
        return stated
    values = {name: value for name, value in stated.loaded.values.items() if name != FORMER_NUMBERS}
    loaded = stated.loaded._replace(values=values)
    return stated._replace(loaded=loaded, cleared=stated.cleared - {FORMER_NUMBERS})


def _key_issues(
    issues: Iterable[Issue], fields: Sequence[str], loaded: LoadResult
) -> tuple[list[Issue], list[Issue]]:
    """The issues of a row whose key these fields do not give: other ones, and those that refuse it.

    What is wrong with a field that is stated says more than that a part of the key is missing.
    """
    others: list[Issue] = []
    of_key: list[Issue] = []
    for issue in issues:
        told = issue.field in fields and issue.field in loaded.values and issue.code != "too_long"
        (of_key if told else others).append(replace(issue, severity="blocks") if told else issue)
    known = {issue.field for issue in of_key} | loaded.refused_fields
    of_key += [Issue("key_missing", name) for name in fields if name not in known]
    return others, of_key


def is_kept(issue: Issue, stated: Collection[str]) -> bool:
    """True for a doubt about a source that stands although a row comes in: the row is silent on its field."""
    return issue.of_source and issue.code != SOURCES_DIFFER and issue.field not in stated


def _complete(
    definition: RegisterDefinition, stated: StatedRow, existing: ExistingRecord, today: dt.date
) -> tuple[LoadResult, str]:
    """What a row states, completed by its record, and the name of the change where it is more than an amendment.

    A former name or holder stays what it is where a source states it again, and becomes one where a source states another.
    """
    if not existing.doubts and stated.loaded.values == existing.values:
        return stated.loaded, ""  # most rows of a sheet that comes in again
    reason = ""
    states_more = stated.status not in ("", existing.status) or any(
        name in existing.values for name in stated.cleared
    )
    weighed = sources.weigh(definition, stated.loaded, existing, states_more=states_more)
    loaded, doubts = weighed.loaded, list(weighed.doubts)
    for each in definition.former_values:
        if each.table not in stated.fields and each.is_former(existing.values, loaded.values):
            value = loaded.values[each.fields[0]]
            doubts.append(
                Issue("former_value_stated", each.fields[0], {"value": value}, "warns", of_source=True)
            )
            current = {name: value for name, value in loaded.values.items() if name not in each.fields}
            loaded = loaded._replace(values=current)
    gone = stated.cleared | weighed.dropped
    kept = {name: value for name, value in existing.values.items() if name not in gone}
    completed = definition.schema.complete_with(loaded, kept)
    for each in definition.former_values:
        if each.table not in stated.fields and each.has_changed(existing.values, loaded.values):
            values = each.replace(existing.values, completed.values, loaded.values, today)
            dropped = [name for name in completed.values if name not in values]
            doubts += [Issue("required", name) for name in dropped if definition.schema.is_required(name)]
            completed = completed._replace(values=values)
            if definition.life_cycle.has_transition(each.transition, existing.status):
                reason = each.transition
    if weighed.source.text or sources.FIELD_SOURCES in existing.values:
        sourced = sources.with_sources(
            definition,
            existing,
            weighed,
            completed.values,
            status=stated.status,
            emptied=stated.cleared,
        )
        completed = completed._replace(values=sourced)
    if english_sources.FIELD not in stated.fields:
        with_sources = english_sources.without_outdated(existing.values, completed.values)
        completed = completed._replace(values=dict(with_sources))
    doubts += sources.standing_doubts(definition, existing, stated.loaded, completed.values)
    return completed._replace(issues=(*completed.issues, *doubts)), reason


def validate_row(
    definition: RegisterDefinition,
    row: int,
    raw: Mapping[str, Any],
    context: rules.RuleContext,
    *,
    registrar: bool,
    prior_issues: Iterable[Issue] = (),
) -> PreparedDocument | RefusedRow:
    """Validate one row that states a whole record.

    `registrar`: most findings about a source are standing warnings; for others they all block. `prior_issues`: found
    while the row was read or mapped.
    """
    stated = read_row(definition, row, raw, prior_issues=prior_issues)._replace(is_whole=True)
    return check_row(definition, stated, context, registrar=registrar)


def _number_issues(
    definition: RegisterDefinition,
    existing: ExistingRecord | None,
    values: Mapping[str, Any],
    key: str,
    *,
    may_rekey: bool = False,
) -> Iterator[Issue]:
    """What stands against a number that is derived from the values: it is too long, or not that of the record."""
    derive = definition.numbering.derive
    if not derive or not key:
        return
    number, named = derive(values), definition.key.fields[0]
    if existing is not None and not may_rekey and existing.natural_key != key[:MAX_KEY_LENGTH]:
        yield Issue("number_names_another", named, {"number": existing.number, "other": number[:60]})
    if len(number) > MAX_NUMBER_LENGTH:
        yield Issue("number_shape", named, {"value": number[:60]})


def rule_context(connection: Connection) -> rules.RuleContext:
    """Return what rules may ask about: the day, and other records as this transaction sees them."""
    return rules.RuleContext(clock.today(), OtherRecords(connection))


def _read_status(definition: RegisterDefinition, written: Any, issues: list[Issue]) -> str:
    word = clean_cell(str(written or ""))
    if not word:
        return ""
    code = definition.life_cycle.find_status(word)
    if code is None:
        issues.append(Issue("status_unknown", "status", {"value": word[:60]}))
        return ""
    return code


def _assumed_status(definition: RegisterDefinition, issues: Iterable[Issue]) -> Iterator[Issue]:
    """The warning that a new record takes the default status, unless its source states one that cannot be read."""
    if not any(issue.code == "status_unknown" for issue in issues):
        state = definition.life_cycle.state(definition.life_cycle.default_status)
        yield Issue(STATUS_ASSUMED, "status", {"value": state.en}, "warns", of_source=True)


def _read_number(definition: RegisterDefinition, written: Any, issues: list[Issue]) -> str:
    word = clean_cell(str(written or ""))
    if not word or definition.numbering.derive:
        return ""
    problem = register_numbers.error_code(word)
    if problem:
        issues.append(Issue(problem, "number", {"value": word[:60]}))
        return ""
    number = register_numbers.normalise(word) or ""
    if not number.startswith(definition.numbering.prefix + "-"):
        issues.append(Issue("number_of_other_register", "number", {"value": word[:60]}, "warns"))
        return ""
    return number
