"""The full text of an own standard: kept with its hash, and public only where its enterprise says so.

Number, title and indicators are what must be disclosed (Standardization Law 2017, Art. 27); formulas and processes in
the text stay trade secrets. The hash of a text that is not public lets its holder show later which text he had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select, update

from registry.accounts.policy import Action, Actor, require
from registry.attachments import store
from registry.attachments.model import Attachment
from registry.errors import NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.draft import Receipt
from registry.registers import catalogue
from registry.services.filing import filing_of
from registry.services.memberships import DECLARATIONS
from registry.services.wiring import Registry
from registry.store.base import Fetched
from registry.store.unit_of_work import reading

COLUMNS = (Attachment.id, Attachment.sha256, Attachment.size, Attachment.name, Attachment.published)


@dataclass(frozen=True, slots=True)
class TextView:
    """A text that is kept: as it was called, its size in bytes, and where its bytes lie."""

    name: str
    size: int
    sha256: str
    place: Path


def public(registry: Registry, actor: Actor, sha256: str) -> TextView:
    """A text that its enterprise has made public. Raises `NotFound`: of a private one nobody is told."""
    require(actor, Action.READ)
    with reading(registry.engine) as work:
        filed = select(Receipt.text_id)
        found = work.execute(
            select(*COLUMNS)
            .where(Attachment.sha256 == sha256[:64], Attachment.published.is_(True), Attachment.id.in_(filed))
            .limit(1)
        ).one_or_none()
    if found is None:
        raise NotFound("text", sha256[:64])
    return view(registry, found)


def settle(work: Connection, receipt_id: int, text_id: int | None, document: Mapping[str, Any]) -> None:
    """The receipt of a filing knows its text: that of its draft, else that of the filing before it."""
    filing = filing_of(catalogue()[DECLARATIONS])
    record_id = work.execute(select(Receipt.record_id).where(Receipt.id == receipt_id)).scalar_one()
    found = _kept(work, text_id) if text_id else of_record(work, record_id, document)
    if found is None or found.sha256 != document.get(filing.hashed):
        return
    work.execute(update(Receipt).where(Receipt.id == receipt_id).values(text_id=found.id))
    public = bool(document.get(filing.disclosed))
    work.execute(update(Attachment).where(Attachment.id == found.id).values(published=public))


def public_size(
    registry: Registry, definition: RegisterDefinition, record_id: int, document: Mapping[str, Any]
) -> int:
    """Bytes of a record's text that anybody may have; 0 where there is none. Most records cost no look at the store."""
    filing = definition.filing
    if filing is None or not (document.get(filing.disclosed) and document.get(filing.hashed)):
        return 0
    with reading(registry.engine) as work:
        found = of_record(work, record_id, document)
    return int(found.size) if found is not None and found.published else 0


def hash_of(definition: RegisterDefinition, document: Mapping[str, Any]) -> str:
    return str(document.get(definition.filing.hashed) or "") if definition.filing else ""


def of_record(work: Connection, record_id: int, document: Mapping[str, Any]) -> Fetched | None:
    """The newest text that was filed with a record, where the record has its hash still."""
    hashed = document.get(filing_of(catalogue()[DECLARATIONS]).hashed)
    found: Fetched | None = work.execute(
        select(*COLUMNS)
        .join(Receipt, Receipt.text_id == Attachment.id)
        .where(Receipt.record_id == record_id, Attachment.sha256 == str(hashed))
        .order_by(Receipt.id.desc())
        .limit(1)
    ).one_or_none()
    return found


def _kept(work: Connection, text_id: int) -> Fetched | None:
    found: Fetched | None = work.execute(select(*COLUMNS).where(Attachment.id == text_id)).one_or_none()
    return found


def view(registry: Registry, row: Fetched) -> TextView:
    """`row`: has `COLUMNS`."""
    place = store.path_of(registry.settings.attachments_dir, row.sha256)
    return TextView(row.name, row.size, row.sha256, place)
