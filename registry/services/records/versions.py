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
from registry.ledger.model import Entry, Item
from registry.services.publication.publishing import IMPORTED
from registry.services.publication.transitions import AMENDED, CHANGE_UNDONE
from registry.services.records import presentation
from registry.services.records.views import ChangeView, VersionView, foreign_language
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
    CHANGE_UNDONE: _("Change of status undone: its date had not come"),
}
ROLE_MESSAGES = {
    "registrar": _("Registrar"),
    "system": _("System"),
    "enterprise": _("Enterprise"),
    "body": _("Certification body"),
    "visitor": _("Visitor"),
}


def list_versions(
    connection: PreparedConnection,
    definition: RegisterDefinition,
    row: FetchedRow,
    lang: str,
    *,
    limit: int | None,
) -> tuple[VersionView, ...]:
    """List the newest versions, at most `limit` (None: all), each with its differences from the version before.

    `row` is the record with its latest entry; where that is also the first one, the database is not asked.
    """
    if row.version == 1:
        return (_version_view(definition, row, None, lang),)
    # One more than shown, to compare the last one with.
    entries = VERSIONS_NEWEST_FIRST.all(
        connection, record_id=row.id, limit=NO_LIMIT if limit is None else limit + 1
    )
    views = [
        _version_view(definition, entry, before, lang)
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


def _version_view(
    definition: RegisterDefinition, now: FetchedRow, before: FetchedRow | None, lang: str
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
        legal_basis=now.legal_basis,
        changes=_changes(definition, now, before, lang) if before is not None else (),
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


def _changes(
    definition: RegisterDefinition, now: FetchedRow, before: FetchedRow, lang: str
) -> tuple[ChangeView, ...]:
    changes = []
    if now.status != before.status:
        old, new = definition.life_cycle.state(before.status), definition.life_cycle.state(now.status)
        changes.append(ChangeView(_("Status"), getattr(old, lang), getattr(new, lang)))
    if now.document_hash == before.document_hash:
        return tuple(changes)
    return (
        *changes,
        *document_differences(definition, json.loads(before.document), json.loads(now.document), lang),
    )


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
            old, new = [row for row in old if row not in new], [row for row in new if row not in old]
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
    return tuple(changes)
