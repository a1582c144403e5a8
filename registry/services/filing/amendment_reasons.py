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
from registry.services.publication.publishing import Prepared
from registry.store.base import Fetched

REASON, NOTE = "amended_because", "amended_note"  # the questions, as forms, sheets and programs call them
LABELS = {REASON: _("Reason of the amendment"), NOTE: _("Note on the amendment")}
HINTS = {
    REASON: _("It stands in the public history."),
    NOTE: _("What has changed and why, in a sentence; it is public. Needed only for another reason."),
}


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why a record is amended. `reason`: a code of the filing's `amendments`; `seen`: the version that was looked at."""

    reason: str = ""
    note: str = ""
    seen: int = 0


def understood(definition: RegisterDefinition, reason: object, note: object) -> Amendment:
    """What a sheet or a program says of an amendment; a reason that is no word of ours stays as it was written."""
    written = clean_cell(str(reason or ""))
    return Amendment(filing_of(definition).amendments.find(written) or written, clean_cell(str(note or "")))


def issues(definition: RegisterDefinition, given: Amendment, *, wanted: bool) -> Iterator[Issue]:
    """What stands against the reason itself. Not `wanted`: it may be left out, and the entry says only "amended"."""
    filing = filing_of(definition)
    if given.reason not in filing.amendments and (wanted or given.reason or given.note):
        yield Issue("amended_because", REASON)
    if given.reason == filing.explained and not given.note.strip():
        yield Issue("amended_how", NOTE)
    loaded = definition.schema.load_values({filing.note: given.note}, complete=False)
    yield from (Issue(each.code, NOTE, each.params) for each in loaded.issues)


def misplaced(given: Amendment) -> Iterator[Issue]:
    """What stands against a reason where nothing is amended."""
    if given.reason or given.note:
        yield Issue("amends_nothing", REASON)


def moved(record: Fetched, given: Amendment) -> Iterator[Issue]:
    """A record that has moved on since it was looked at."""
    if given.seen != record.version:
        yield Issue("record_moved", "", {"number": record.number, "version": record.version})


def applied(
    definition: RegisterDefinition, record: Fetched, prepared: Prepared, given: Amendment
) -> Prepared | None:
    """The next version with its reason and note; None where it says nothing new."""
    note = filing_of(definition).note
    without = {name: value for name, value in prepared.values.items() if name != note}
    before = {name: value for name, value in json.loads(record.document).items() if name != note}
    if without == before:
        return None
    loaded = definition.schema.load_values({note: given.note}, complete=False)
    return replace(prepared, values={**without, **loaded.values}, why=given.reason)
