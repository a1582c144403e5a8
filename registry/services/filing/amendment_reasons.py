"""Amending what is public: why it is done, and that it is done knowingly (Order No. 83, Art. 14: changes are updated)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.reference.text.folding import clean_cell
from registry.services.filing.submission import filing_of
from registry.services.publication.publishing import PreparedDocument
from registry.store.base import FetchedRow

AMENDMENT_REASON, AMENDMENT_NOTE = (
    "amended_because",
    "amended_note",
)  # the questions, as forms, sheets and programs call them
AMENDMENT_LABELS = {
    AMENDMENT_REASON: _("Reason of the amendment"),
    AMENDMENT_NOTE: _("Note on the amendment"),
}
AMENDMENT_HINTS = {
    AMENDMENT_REASON: _("It stands in the public history."),
    AMENDMENT_NOTE: _(
        "What has changed and why, in a sentence; it is public. Needed only for another reason."
    ),
}


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why a record is amended. `reason`: a code of the filing's `amendments`; `seen`: the version that was looked at."""

    reason: str = ""
    note: str = ""
    seen_version: int = 0


def read_amendment(definition: RegisterDefinition, reason: object, note: object) -> Amendment:
    """What a sheet or a program says of an amendment; a reason that is no word of ours stays as it was written."""
    written = clean_cell(str(reason or ""))
    return Amendment(
        filing_of(definition).amendment_reasons.find(written) or written, clean_cell(str(note or ""))
    )


def amendment_issues(
    definition: RegisterDefinition, amendment: Amendment, *, required: bool
) -> Iterator[Issue]:
    """What stands against the reason itself. Not `wanted`: it may be left out, and the entry says only "amended"."""
    filing = filing_of(definition)
    if amendment.reason not in filing.amendment_reasons and (required or amendment.reason or amendment.note):
        yield Issue("amended_because", AMENDMENT_REASON)
    if amendment.reason == filing.reason_needing_note and not amendment.note.strip():
        yield Issue("amended_how", AMENDMENT_NOTE)
    loaded = definition.schema.load_values({filing.note_field: amendment.note}, complete=False)
    yield from (Issue(each.code, AMENDMENT_NOTE, each.params) for each in loaded.issues)


def misplaced_amendment_issues(amendment: Amendment) -> Iterator[Issue]:
    """What stands against a reason where nothing is amended."""
    if amendment.reason or amendment.note:
        yield Issue("amends_nothing", AMENDMENT_REASON)


def stale_amendment_issues(record: FetchedRow, amendment: Amendment) -> Iterator[Issue]:
    """A record that has moved on since it was looked at."""
    if amendment.seen_version != record.version:
        yield Issue("record_moved", "", {"number": record.number, "version": record.version})


def apply_amendment(
    definition: RegisterDefinition, record: FetchedRow, prepared: PreparedDocument, amendment: Amendment
) -> PreparedDocument | None:
    """The next version with its reason and note; None where it says nothing new."""
    note = filing_of(definition).note_field
    without = {name: value for name, value in prepared.values.items() if name != note}
    before = {name: value for name, value in json.loads(record.document).items() if name != note}
    if without == before:
        return None
    loaded = definition.schema.load_values({note: amendment.note}, complete=False)
    return replace(prepared, values={**without, **loaded.values}, amendment_reason=amendment.reason)
