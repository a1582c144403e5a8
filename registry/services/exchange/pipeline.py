"""The way of a sheet into a register, the same for every door: check, repeated keys, conflicts, publication, results.

A door differs from another in its policy alone: what it lets in with a warning and what it refuses, whose records a row
may change, where earlier rows are remembered. The caller owns the transaction, and does a chunk of rows in each.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import Connection

from registry.kit.issues import Issue
from registry.services.exchange.duplicate_keys import SeenRow
from registry.services.publication.publishing import CREATED, REFUSED, UNCHANGED, UPDATED, PreparedDocument
from registry.services.publication.sources import STATUS_ASSUMED
from registry.tabular.rows import Row


class FieldChange(NamedTuple):
    """A fact that a row has changed: values as documents hold them, None for none. `field`: `status` too."""

    field: str
    before: Any
    after: Any


class CheckedRow(NamedTuple):
    """A row after its checks. `document` None: it is refused, for `issues`.

    `conflicts`: issues with records that exist, unless an earlier row of the sheet has its key already.
    `expected`: what publication will make of it; `number`: of the record that it concerns, "" for a new one; `changes`:
    what it is expected to change there, where the document does not tell. `needs_publishing`: False if the record already has this content.
    """

    row: int
    document: PreparedDocument | None
    issues: tuple[Issue, ...] = ()
    conflicts: tuple[Issue, ...] = ()
    expected: str = CREATED
    number: str = ""
    needs_publishing: bool = True
    changes: tuple[FieldChange, ...] = ()


class PublishedRow(NamedTuple):
    """What publication has made of a document: created, updated, unchanged, or refused for `issue`."""

    row: int
    result: str
    number: str = ""
    issue: Issue | None = None
    warnings: tuple[Issue, ...] = ()  # besides those of the document
    status: str = ""  # of the record afterwards


class RowResult(NamedTuple):
    """What became of a row. `natural_key`, `content`: by which later rows are compared with it; None and "": refused.

    `warnings`: with which its document was taken to publication. `changes`: of an updated record, where they are known.
    """

    row: int
    result: str
    number: str = ""
    natural_key: str | None = None
    content: str = ""
    issues: tuple[Issue, ...] = ()
    warnings: tuple[Issue, ...] = ()
    changes: tuple[FieldChange, ...] = ()

    @property
    def doubts(self) -> tuple[Issue, ...]:
        """The warnings about what the cells of the row hold, not about what its source leaves out."""
        return tuple(issue for issue in self.warnings if issue.of_source and issue.code != STATUS_ASSUMED)


class SheetPolicy(Protocol):
    """What a door decides about the rows of one sheet."""

    def check(self, connection: Connection, rows: Sequence[Row]) -> list[CheckedRow]:
        """Each row by itself and beside the register, in the order given."""

    def content_of(self, document: PreparedDocument) -> str:
        """A text that is equal for rows of one key that say the same."""

    def earlier_rows(self, connection: Connection, keys: Collection[str]) -> Mapping[str, SeenRow]:
        """Rows of earlier chunks of this sheet, by natural key."""

    def remember(self, rows: Mapping[str, SeenRow]) -> None:
        """Keep these rows for `earlier_rows`, where storing their results does not do that by itself."""

    def publish(self, connection: Connection, documents: Sequence[PreparedDocument]) -> list[PublishedRow]:
        """Publish documents whose natural keys differ. Rows that are left out keep the expected result."""


def process_chunk(
    connection: Connection,
    rows: Sequence[Row],
    policy: SheetPolicy,
    *,
    checked_rows: Sequence[CheckedRow] | None = None,
) -> list[RowResult]:
    """Check a chunk of rows, and publish those that nothing stands against, inside the caller's transaction.

    Of rows with the same natural key the first counts: one that says the same is unchanged, another is refused. The
    same chunk may be processed again after its transaction was rolled back. `checked_rows`: what the policy has said of
    them already, while nothing was published since. Returns a result for each row, in order.
    """
    if checked_rows is None:
        checked_rows = policy.check(connection, rows)
    earlier = dict(policy.earlier_rows(connection, _keys(checked_rows)))
    results: dict[int, RowResult] = {}
    documents: list[PreparedDocument] = []
    seen: dict[str, SeenRow] = {}
    for checked in checked_rows:
        document = checked.document
        if document is None:
            results[checked.row] = RowResult(checked.row, REFUSED, issues=checked.issues)
            continue
        content = policy.content_of(document)
        first = earlier.get(document.former_key) or earlier.get(document.key)
        if first is not None and first.row != checked.row:
            results[checked.row] = _repeated(checked.row, first, content)
            continue
        if checked.conflicts:
            results[checked.row] = RowResult(checked.row, REFUSED, issues=checked.conflicts)
            continue
        for key in {
            document.key,
            document.former_key,
        }:  # a record may get another key and stays the same record
            earlier[key] = seen[key] = SeenRow(checked.row, content, checked.number)
        results[checked.row] = RowResult(
            checked.row,
            checked.expected,
            checked.number,
            document.key,
            content,
            warnings=document.new_warnings,
            changes=checked.changes,
        )
        if checked.needs_publishing:
            documents.append(document)
    policy.remember(seen)
    by_row = {document.row: document for document in documents}
    for published in policy.publish(connection, documents):
        results[published.row] = _published(results[published.row], published, by_row[published.row])
    return [results[row.number] for row in rows]


def _repeated(row: int, first: SeenRow, content: str) -> RowResult:
    """A row whose key an earlier one of the sheet has already."""
    if first.content == content:
        return RowResult(row, UNCHANGED, first.number)
    return RowResult(row, REFUSED, issues=(Issue("duplicate_key", "", {"row": first.row}),))


def _keys(checked_rows: Sequence[CheckedRow]) -> set[str]:
    documents = [row.document for row in checked_rows if row.document]
    return {key for document in documents for key in (document.key, document.former_key)}


def changed_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[FieldChange]:
    """Yield each fact in which two documents differ."""
    for name in (*after, *(name for name in before if name not in after)):
        if before.get(name) != after.get(name):
            yield FieldChange(name, before.get(name), after.get(name))


def _changes(document: PreparedDocument, status: str) -> tuple[FieldChange, ...]:
    """What a document has changed of its record, field by field."""
    record = document.amends
    if record is None:
        return ()
    changed = () if status in ("", record.status) else (FieldChange("status", record.status, status),)
    return (*changed, *changed_facts(record.values, document.values))


def _published(expected: RowResult, published: PublishedRow, document: PreparedDocument) -> RowResult:
    if published.issue is not None:
        return RowResult(expected.row, REFUSED, issues=(published.issue,), warnings=expected.warnings)
    return expected._replace(
        result=published.result,
        number=published.number or expected.number,
        warnings=expected.warnings + published.warnings,
        changes=(_changes(document, published.status) or expected.changes)
        if published.result == UPDATED
        else (),
    )
