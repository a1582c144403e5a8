"""The policy for sheets of the registrar at the desk: that of the registrar, within what the accounts may act on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from registry.accounts.policy import Actor
from registry.kit.desk_import import DeskImportRow
from registry.kit.issues import first_issues
from registry.services.exchange.duplicate_keys import SeenRow
from registry.services.exchange.pipeline import CheckedRow, PublishedRow
from registry.services.exchange.policies import RegistrarPolicy
from registry.services.importing import importers
from registry.services.publication.publishing import PreparedDocument
from registry.store.base import FetchedRow
from registry.tabular.rows import Row

ISSUES_OF_ROW = 10  # kept of a row that is refused
MAX_REFUSED_IN_FULL = 2000  # rows of a sheet; of further ones a single issue is kept


@dataclass(frozen=True, slots=True)
class DeskPolicy:
    """Takes one sheet at the desk. `job`: its row in the table of imports; `accounts`: who prepared and who runs it.

    Earlier rows of the sheet are found by their stored results, so that a run goes on after its process was killed.
    """

    job: FetchedRow
    registrar: RegistrarPolicy
    accounts: Sequence[Actor]
    dry_run: bool

    def check(self, connection: Connection, rows: Sequence[Row]) -> list[CheckedRow]:
        """Each row as the registrar's policy has it; one that an account may not act on is refused."""
        at_most = ISSUES_OF_ROW if self.job.refused < MAX_REFUSED_IN_FULL else 1
        checked_rows = self.registrar.check(connection, rows)
        hindered = importers.find_hindrances(
            connection, self.registrar.definition, checked_rows, self.accounts
        )
        return [
            CheckedRow(row.row, None, (hindered[row.row],))
            if row.row in hindered
            else row._replace(issues=first_issues(row.issues, at_most))
            for row in checked_rows
        ]

    def content_of(self, document: PreparedDocument) -> str:
        """A text that is equal for rows of one key that say the same."""
        return self.registrar.content_of(document)

    def earlier_rows(self, connection: Connection, keys: Collection[str]) -> dict[str, SeenRow]:
        """Rows of earlier chunks of this sheet, by natural key."""
        rows = connection.execute(
            select(
                DeskImportRow.natural_key, DeskImportRow.row, DeskImportRow.content, DeskImportRow.number
            ).where(
                DeskImportRow.job_id == self.job.id,
                DeskImportRow.dry_run.is_(self.dry_run),
                DeskImportRow.natural_key.in_(keys),
            )
        )
        return {str(row.natural_key): SeenRow(row.row, row.content, row.number) for row in rows}

    def remember(self, rows: Mapping[str, SeenRow]) -> None:
        """The results of the rows are stored, and found by `earlier_rows`."""

    def publish(self, connection: Connection, documents: Sequence[PreparedDocument]) -> list[PublishedRow]:
        """Publish as the registrar."""
        return self.registrar.publish(connection, documents)
