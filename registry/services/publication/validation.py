"""Validation: one raw row or form, checked by schema, rules and life cycle, becomes a document or a list of issues.

Every door comes through here, so that no rule holds for one door only.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, bindparam, select

from registry import clock
from registry.kit import rules
from registry.kit.definition import KeyMissing, RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import MAX_KEY_LENGTH, Record
from registry.ledger.model import Item
from registry.reference.identifiers import register_numbers
from registry.reference.text.folding import clean_cell
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.record_columns import target_key

MAX_NUMBER_LENGTH = 120  # characters; a longer "number" is some other text in the wrong column

# Built once: a sheet asks for another record in every row.
OTHER_RECORD = (
    select(Record.status, Item.document)
    .join(Item, Item.hash == Record.document_hash)
    .where(Record.register == bindparam("register"), Record.natural_key == bindparam("key"))
)


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is not published, with everything found about it; what blocks it comes first."""

    row: int
    issues: tuple[Issue, ...]


class OtherRecords:
    """What rules may ask about other records. Each is read once in a transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._records: dict[tuple[str, str], Mapping[str, Any] | None] = {}

    def find_record(self, register: str, key: str) -> Mapping[str, Any] | None:
        """Return a record's values with its `status`, by what another record writes of it; None when not here."""
        natural_key = target_key(register, key)
        if (register, natural_key) not in self._records:
            row = self._connection.execute(OTHER_RECORD, {"register": register, "key": natural_key}).first()
            values = None if row is None else {**json.loads(row.document), "status": row.status}
            self._records[register, natural_key] = values
        return self._records[register, natural_key]


def validate_row(
    definition: RegisterDefinition,
    row: int,
    raw: Mapping[str, Any],
    context: rules.RuleContext,
    *,
    registrar: bool,
    prior_issues: Iterable[Issue] = (),
) -> PreparedDocument | RefusedRow:
    """Validate one row.

    `registrar`: most findings about a source are standing warnings; for others they all block. `prior_issues`: found
    while the row was read or mapped.
    """
    issues = list(prior_issues)
    fields = dict(raw)
    status, number = "", ""
    if "number" not in definition.schema.register_fields():
        number = _read_number(definition, fields.pop("number", None), issues)
    status = _read_status(definition, fields.pop("status", None), issues)
    loaded = definition.schema.load_values(fields, complete=True)
    issues += loaded.issues
    context = replace(
        context,
        status=status or definition.life_cycle.default_status,
        unreadable_cells=loaded.unreadable_cells,
    )
    issues += rules.run(
        definition.rules,
        loaded.values,
        context,
        refused_fields=loaded.refused_fields,
        partial_tables=loaded.partial_tables,
    )
    key = ""
    try:
        key = definition.key.compute(loaded.values)
    except KeyMissing as missing:
        absent = [name for name in missing.fields if name not in loaded.refused_fields]
        if absent:
            issues.append(Issue("key_missing", absent[0], {"fields": ", ".join(absent)}))
    derive = definition.numbering.derive
    if key and derive and len(derive(loaded.values)) > MAX_NUMBER_LENGTH:
        issues.append(Issue("number_shape", definition.key.fields[0], {"value": derive(loaded.values)[:60]}))
    blocking, warnings = rules.split_by_severity(issues, registrar=registrar)
    if blocking or not key:
        return RefusedRow(row, (*blocking, *warnings))
    return PreparedDocument(row, key[:MAX_KEY_LENGTH], loaded.values, status, number, _deduplicate(warnings))


def rule_context(connection: Connection) -> rules.RuleContext:
    """Return what rules may ask about: the day, and other records as this transaction sees them."""
    return rules.RuleContext(clock.today(), OtherRecords(connection))


def _read_status(definition: RegisterDefinition, written: Any, issues: list[Issue]) -> str:
    word = clean_cell(str(written or ""))
    if not word:
        state = definition.life_cycle.state(definition.life_cycle.default_status)
        issues.append(Issue("status_assumed", "status", {"value": state.en}, "warns"))
        return ""
    code = definition.life_cycle.find_status(word)
    if code is None:
        issues.append(Issue("status_unknown", "status", {"value": word[:60]}))
        return ""
    return code


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


def _deduplicate(warnings: Iterable[Issue]) -> tuple[Issue, ...]:
    """The first warning for each field and code: the tenth bad item of a list says no more than the first."""
    return tuple({(issue.field, issue.code): issue for issue in reversed(list(warnings))}.values())[::-1]
