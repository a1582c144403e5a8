"""Amending what is public: why it is done, and that it is done knowingly (Order No. 83, Art. 14: changes are updated)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.services.filing import filing_of
from registry.services.publishing import Prepared
from registry.store.base import Fetched

REASON, NOTE = "amended_because", "amended_note"  # the questions, as forms call them


@dataclass(frozen=True, slots=True)
class Amendment:
    """Why a record is amended. `reason`: a code of the filing's `amendments`; `seen`: the version that was looked at."""

    reason: str = ""
    note: str = ""
    seen: int = 0


def issues(definition: RegisterDefinition, record: Fetched, given: Amendment) -> Iterator[Issue]:
    """What stands against the reason itself, and a record that has moved on unseen."""
    filing = filing_of(definition)
    if given.reason not in filing.amendments:
        yield Issue("amended_because", REASON)
    if given.reason == filing.explained and not given.note.strip():
        yield Issue("amended_how", NOTE)
    loaded = definition.schema.load_values({filing.note: given.note}, complete=False)
    yield from (Issue(each.code, NOTE, each.params) for each in loaded.issues)
    if given.seen != record.version:
        yield Issue("record_moved", "", {"number": record.number, "version": record.version})


def applied(
    definition: RegisterDefinition, record: Fetched, prepared: Prepared, given: Amendment
) -> Prepared | Issue:
    """The next version with its reason and note, or the issue that it says nothing new."""
    note = filing_of(definition).note
    without = {name: value for name, value in prepared.values.items() if name != note}
    before = {name: value for name, value in json.loads(record.document).items() if name != note}
    if without == before:
        return Issue("nothing_changed", "", {"number": record.number})
    loaded = definition.schema.load_values({note: given.note}, complete=False)
    return replace(prepared, values={**without, **loaded.values}, why=given.reason)
