"""The registrar's policy for sheets: lenient. What the source does not state or states oddly comes in with a warning.

The strict policy, for enterprises that file, is in the filing room.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.ledger.canonical import canonical_json, document_hash
from registry.services.exchange.duplicate_keys import DuplicateKeyStore, SeenRow
from registry.services.exchange.headers import (
    HeaderVocabulary,
    RawRow,
    RowReader,
    alias_words,
    header_words,
    missing_key_fields,
)
from registry.services.exchange.pipeline import CheckedRow, PublishedRow
from registry.services.exchange.results import REPORT_COLUMNS
from registry.services.publication import publishing
from registry.services.publication.publishing import Authority, PreparedDocument
from registry.services.publication.transitions import RecordState, next_status
from registry.services.publication.validation import RefusedRow, rule_context, validate_row
from registry.tabular.rows import Row

REGISTER_COLUMN = "register"  # of JSON lines: the register that a line was exported from


def registrar_vocabulary(definition: RegisterDefinition, metadata: Sequence[str] = ()) -> HeaderVocabulary:
    """All fields of the register. `metadata`: columns of the file that say something about the row itself."""
    return HeaderVocabulary(
        header_words(definition),
        ignored=(*REPORT_COLUMNS, *metadata),
        aliases=alias_words(definition),
        missing=functools.partial(missing_key_fields, definition),
    )


@dataclass(frozen=True, slots=True)
class RegistrarPolicy:
    """Takes one sheet of the registrar.

    `checks_register`: rows name their register, and another one's are refused. `seen`: keys of this sheet.
    `dry_run_state`: what the files before this one would have left in the register; None where the import counts.
    """

    definition: RegisterDefinition
    reader: RowReader
    authority: Authority
    seen: DuplicateKeyStore
    checks_register: bool = False
    dry_run_state: DuplicateKeyStore | None = None

    def check(self, connection: Connection, rows: Sequence[Row]) -> list[CheckedRow]:
        context = rule_context(connection)
        checked_rows = []
        for row in rows:
            raw = self._read(row)
            checked = validate_row(
                self.definition, row.number, raw.values, context, registrar=True, prior_issues=raw.issues
            )
            if isinstance(checked, RefusedRow):
                blocking = tuple(issue for issue in checked.issues if issue.severity == "blocks")
                checked_rows.append(CheckedRow(row.number, None, blocking))
            else:
                checked_rows.append(CheckedRow(row.number, checked))
        return checked_rows

    def content_of(self, document: PreparedDocument) -> str:
        return document_hash(canonical_json({"values": document.values, "status": document.status}))

    def earlier_rows(self, connection: Connection, keys: Collection[str]) -> dict[str, SeenRow]:
        del connection
        return self.seen.find(keys)

    def remember(self, rows: Mapping[str, SeenRow]) -> None:
        self.seen.remember(rows)

    def publish(self, connection: Connection, documents: Sequence[PreparedDocument]) -> list[PublishedRow]:
        """Publish; a dry run asks the register only for what no file before this one would have changed there."""
        foreseen = (
            self.dry_run_state.find(document.key for document in documents) if self.dry_run_state else {}
        )
        new = [document for document in documents if document.key not in foreseen]
        outcomes = publishing.publish(connection, self.definition, new, self.authority)
        outcomes += [
            self._predict_outcome(document, foreseen[document.key])
            for document in documents
            if document.key in foreseen
        ]
        if self.dry_run_state:
            self._record_dry_run(self.dry_run_state, documents, outcomes)
        return [
            PublishedRow(each.row, each.result, issue=each.issue, warnings=each.warnings) for each in outcomes
        ]

    def _read(self, row: Row) -> RawRow:
        raw = self.reader.read(row)
        named = row.cells.get(REGISTER_COLUMN) if self.checks_register else None
        if named and named != self.definition.slug:
            raw.issues.append(Issue("not_of_this_register", REGISTER_COLUMN, {"reason": str(named)[:60]}))
        return raw

    def _predict_outcome(self, document: PreparedDocument, earlier: SeenRow) -> publishing.PublishOutcome:
        """What publication would make of a document that a file before this one has already created or updated."""
        digest, _blank, status = earlier.content.partition(" ")
        step = next_status(
            self.definition,
            document.values,
            document.status,
            RecordState(status),
            role=self.authority.role,
            moment=clock.now(),
        )
        if isinstance(step, Issue):
            return publishing.PublishOutcome(document.row, publishing.REFUSED, step)
        same = (step.status, document_hash(canonical_json(document.values))) == (status, digest)
        result = publishing.UNCHANGED if same else publishing.UPDATED
        return publishing.PublishOutcome(document.row, result, status=step.status)

    def _record_dry_run(
        self,
        state: DuplicateKeyStore,
        documents: Sequence[PreparedDocument],
        outcomes: Sequence[publishing.PublishOutcome],
    ) -> None:
        by_row = {document.row: document for document in documents}
        changed = {}
        for outcome in outcomes:
            if outcome.result in (publishing.CREATED, publishing.UPDATED):
                document = by_row[outcome.row]
                digest = document_hash(canonical_json(document.values))
                changed[document.key] = SeenRow(document.row, f"{digest} {outcome.status}")
        state.remember(changed)
