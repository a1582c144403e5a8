"""The versions of a record, with what changed from one to the next, field by field."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, select

from registry import clock, i18n
from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.kinds import Rows
from registry.ledger.canonical import canonical_json
from registry.ledger.model import Entry, Item
from registry.services.publication.publishing import IMPORTED
from registry.services.publication.transitions import (
    AMENDED,
    BEFORE_WORDS,
    CHANGE_UNDONE,
    FACTS_CORRECTED,
    MERGED_AWAY,
    MERGED_HERE,
    MERGED_INTO,
)
from registry.services.records import presentation
from registry.services.records.views import ChangeView, LabelledText, VersionView, foreign_language
from registry.store.base import FetchedRow
from registry.store.prepared import PreparedConnection, PreparedSelect

MAX_VERSIONS_ON_PAGE = 5  # versions on the record's own page; all of them on its history page
NO_LIMIT = 1_000_000
VERSIONS_NEWEST_FIRST = PreparedSelect(
    select(
        Entry.version,
        Entry.status,
        Entry.reason,
        Entry.actor_role,
        Entry.recorded_at,
        Entry.index.label("entry_index"),
        Entry.document_hash,
        Entry.legal_basis,
        Item.document,
    )
    .join(Item, Item.hash == Entry.document_hash)
    .where(Entry.record_id == bindparam("record_id"))
    .order_by(Entry.version.desc())
    .limit(bindparam("limit", type_=Integer))
)

REASON_MESSAGES = {
    IMPORTED: _("Entered from its source"),
    AMENDED: _("Facts amended"),
    FACTS_CORRECTED: _("Facts corrected"),
    MERGED_HERE: _("A double was merged into this record"),
    MERGED_AWAY: _("Merged into another record"),
    CHANGE_UNDONE: _("Change of status undone: its date had not come"),
}
WITH_WORDS = (
    FACTS_CORRECTED,
    MERGED_HERE,
    MERGED_AWAY,
)  # reasons of entries with words that the public reads
EFFECTIVE_FROM = _("Effective from")
ROLE_MESSAGES = {
    "registrar": _("Registrar"),
    "system": _("System"),
    "enterprise": _("Enterprise"),
    "body": _("Certification body"),
    "reviewer_county": _("Reviewer, county"),
    "reviewer_city": _("Reviewer, city"),
    "reviewer_province": _("Reviewer, province"),
    "reviewer_national": _("Reviewer, national"),
    "publisher": _("Publisher"),
    "inspector": _("Inspector"),
    "visitor": _("Visitor"),
}


def fetch_entries(connection: PreparedConnection, row: FetchedRow, limit: int | None) -> Sequence[FetchedRow]:
    """Fetch the newest entries of a record: `limit` (None: all), and one more to compare the last of them with.

    `row` is the record with its latest entry; where that is also the first one, the database is not asked.
    """
    if row.version == 1:
        return ()
    return VERSIONS_NEWEST_FIRST.all(
        connection, record_id=row.id, limit=NO_LIMIT if limit is None else limit + 1
    )


def version_views(
    definition: RegisterDefinition,
    row: FetchedRow,
    entries: Sequence[FetchedRow],
    lang: str,
    *,
    values: Mapping[str, Any],
    limit: int | None,
) -> tuple[VersionView, ...]:
    """Return the newest versions, at most `limit` (None: all), each with its differences from the version before.

    `row` is the record with its latest entry, `values` its document, `entries` those of `fetch_entries`.
    """
    if row.version == 1:
        return (_first_version_view(definition, row, values, lang),)
    views = [
        _version_view(definition, entry, before, lang)
        if before is not None
        else _first_version_view(definition, entry, json.loads(entry.document), lang)
        for entry, before in itertools.zip_longest(entries, entries[1:])
    ]
    return tuple(views[:limit])


def confirmation_overdue(
    definition: RegisterDefinition, status: str, versions: Sequence[VersionView]
) -> bool:
    """Return True if a filed, amendable record has had no change by its owner for the interval of its confirmation.

    `versions`: newest first. Changes by the register itself do not count.
    """
    filing = definition.filing
    if filing is None or filing.confirmation is None or status not in filing.amendable_states:
        return False
    system = ROLE_MESSAGES["system"]
    last = next((version.recorded_at for version in versions if version.actor_role != system), None)
    return last is not None and last <= clock.now() - filing.confirmation.interval


def _first_version_view(
    definition: RegisterDefinition, now: FetchedRow, values: Mapping[str, Any], lang: str
) -> VersionView:
    effective = _effective(definition, now, values, None, lang=lang)
    return _entry_of_version(definition, now, lang, effective=effective)


def _version_view(
    definition: RegisterDefinition, now: FetchedRow, before: FetchedRow, lang: str
) -> VersionView:
    """A version with its differences from the one before; of a new status the day since which it holds."""
    effective: LabelledText | None = None
    changes: tuple[ChangeView, ...] = ()
    if now.status != before.status:
        state, old = definition.life_cycle.state(now.status), definition.life_cycle.state(before.status)
        changes = (ChangeView(_("Status"), getattr(old, lang), getattr(state, lang)),)
    if now.document_hash != before.document_hash or changes:
        old_values, values = json.loads(before.document), json.loads(now.document)
        changes = (*changes, *document_differences(definition, old_values, values, lang))
        if now.status != before.status:
            effective = _effective(definition, now, values, old_values, lang=lang)
    return _entry_of_version(definition, now, lang, effective=effective, changes=changes)


def _effective(
    definition: RegisterDefinition,
    now: FetchedRow,
    values: Mapping[str, Any],
    before: Mapping[str, Any] | None,
    *,
    lang: str,
) -> LabelledText | None:
    """The day since which the status of a version holds, as its document states it or as a date has brought it about."""
    life_cycle = definition.life_cycle
    recorded = now.recorded_at.astimezone(clock.SHANGHAI).date()
    day = life_cycle.decision_day(now.status, values, before, recorded)
    if day is None:
        return None
    stated = life_cycle.stated_day(now.status, values, before)
    if stated is None:
        return LabelledText(EFFECTIVE_FROM, i18n.format_day(day.isoformat(), lang))
    label = definition.schema.register_fields()[stated].info.label
    return LabelledText(label, i18n.format_day(str(values[stated]), lang))


def _entry_of_version(
    definition: RegisterDefinition,
    now: FetchedRow,
    lang: str,
    *,
    effective: LabelledText | None,
    changes: tuple[ChangeView, ...] = (),
) -> VersionView:
    local = now.recorded_at.astimezone(clock.SHANGHAI)
    return VersionView(
        version=now.version,
        status=definition.life_cycle.state(now.status).view(),
        reason=reason_text(definition, now.reason, lang),
        actor_role=ROLE_MESSAGES.get(now.actor_role, now.actor_role),
        recorded_at=now.recorded_at,
        day=i18n.format_day(local.date().isoformat(), lang),
        time=local.time().isoformat("seconds"),
        index=now.entry_index,
        hash=now.document_hash,
        legal_basis=now.legal_basis.partition(BEFORE_WORDS)[0],
        words=now.legal_basis.partition(BEFORE_WORDS)[2] if now.reason in WITH_WORDS else "",
        changes=changes,
        effective=effective,
    )


def reason_text(definition: RegisterDefinition, reason: str, lang: str) -> str:
    """Return a message id, or the words of a transition or of an amendment's reason in the reader's language."""
    if reason in REASON_MESSAGES:
        return REASON_MESSAGES[reason]
    amendments = definition.filing.amendments if definition.filing else None
    amendment = amendments.reasons.get(reason) if amendments else None
    transition = next((each for each in definition.life_cycle.transitions if each.name == reason), None)
    words = amendment or transition
    return reason if words is None else words.zh if lang == "zh" else words.en


def document_differences(
    definition: RegisterDefinition,
    old_document: Mapping[str, Any],
    new_document: Mapping[str, Any],
    lang: str,
) -> tuple[ChangeView, ...]:
    """Compare two documents field by field; of tables only the rows that differ are told."""
    changes = []
    for name, field in definition.schema.register_fields().items():
        if old_document.get(name) == new_document.get(name):
            continue
        old, new = old_document.get(name), new_document.get(name)
        if isinstance(field, Rows) and isinstance(old, list) and isinstance(new, list):
            old, new = _rows_not_in(new, old), _rows_not_in(old, new)
        before, after = (
            presentation.field_text(name, field, {**document, name: value}, lang)
            if value not in (None, [])
            else ""
            for document, value in ((old_document, old), (new_document, new))
        )
        if before != after:  # rows in another order say the same
            changes.append(
                ChangeView(field.info.label, before, after, foreign_language(f"{before}; {after}", lang))
            )
    if into := new_document.get(MERGED_INTO):
        changes.append(ChangeView(_("Merged into"), "", str(into)))
    return tuple(changes)


def _rows_not_in(others: list[Any], rows: list[Any]) -> list[Any]:
    """The rows of a table that another state of it does not have."""
    known = {canonical_json(row) for row in others}
    return [row for row in rows if canonical_json(row) not in known]
