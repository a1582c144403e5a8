"""Amending what is public: why it is done, and that it is done knowingly (Order No. 83, Art. 14: changes are updated)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from registry import clock
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
    """Why a record is amended: a code of the register's reasons, a note, and the version that the filer looked at."""

    reason: str = ""
    note: str = ""
    seen_version: int = 0


def read_amendment(definition: RegisterDefinition, reason: object, note: object) -> Amendment:
    """Return what a sheet or a program says of an amendment; an unknown reason stays as it was written."""
    written = clean_cell(str(reason or ""))
    amendments = filing_of(definition).amendments
    code = amendments.reasons.find(written) if amendments else None
    return Amendment(code or written, clean_cell(str(note or "")))


def amendment_issues(
    definition: RegisterDefinition, record: FetchedRow, amendment: Amendment, *, required: bool
) -> Iterator[Issue]:
    """Yield what stands against the reason itself.

    Not `required`: it may be left out, and the entry says only "amended". A register without reasons takes none. While an
    order of the authority stands, the amendment is the answer to it and needs no other reason.
    """
    filing = filing_of(definition)
    amendments = filing.amendments
    if amendments is None:
        yield from misplaced_amendment_issues(amendment)
        return
    if filing.correction and filing.takes_corrections(record.status):
        if amendment.reason not in ("", filing.correction.accepted_reason):
            yield Issue("corrects_an_order", AMENDMENT_REASON, {"number": record.number})
    elif amendment.reason not in amendments.reasons and (required or amendment.reason or amendment.note):
        yield Issue("amended_because", AMENDMENT_REASON)
    elif amendment.reason == amendments.reason_needing_note and not amendment.note.strip():
        yield Issue("amended_how", AMENDMENT_NOTE)
    loaded = definition.schema.load_values({amendments.note_field: amendment.note}, complete=False)
    yield from (Issue(issue.code, AMENDMENT_NOTE, issue.params) for issue in loaded.issues)


def misplaced_amendment_issues(amendment: Amendment) -> Iterator[Issue]:
    """Yield what stands against a reason where nothing is amended."""
    if amendment.reason or amendment.note:
        yield Issue("amends_nothing", AMENDMENT_REASON)


def stale_amendment_issues(record: FetchedRow, amendment: Amendment) -> Iterator[Issue]:
    """Yield an issue where the record has changed since the filer looked at it."""
    if amendment.seen_version != record.version:
        yield Issue("record_moved", "", {"number": record.number, "version": record.version})


def unanswered_order_issues(definition: RegisterDefinition, record: FetchedRow) -> Iterator[Issue]:
    """Yield an issue for an amendment without changes where an order stands that was not answered before."""
    correction = filing_of(definition).correction
    if correction is not None and record.status in correction.states:
        document = json.loads(record.document)
        submitted, decided = (
            str(document.get(name) or "") for name in (correction.submitted_field, correction.decided_field)
        )
        if not submitted or submitted < decided:
            yield Issue("nothing_changed", "", {"number": record.number})


def apply_amendment(
    definition: RegisterDefinition, record: FetchedRow, prepared: PreparedDocument, amendment: Amendment
) -> PreparedDocument | None:
    """Return the next version of a record with its reason and note; None where it says nothing new.

    While an order of the authority stands, the version says on which day the order was answered.
    """
    filing = filing_of(definition)
    amendments = filing.amendments
    note_field = amendments.note_field if amendments else ""
    values = {name: value for name, value in prepared.values.items() if name != note_field}
    before = {name: value for name, value in json.loads(record.document).items() if name != note_field}
    if values == before:
        return None
    if amendments is None:
        return prepared
    loaded = definition.schema.load_values({note_field: amendment.note}, complete=False)
    reason = amendment.reason
    if filing.correction and filing.takes_corrections(record.status):
        values[filing.correction.submitted_field] = clock.today().isoformat()
        reason = filing.correction.transition
    return replace(prepared, values={**values, **loaded.values}, amendment_reason=reason)
