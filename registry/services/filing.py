"""Filing: an enterprise's own declaration becomes a public record at once, without anybody's approval.

What was typed, what its organisation's record says and what the catalogue says are put together and checked as any
other row; for enterprises every rule blocks (Standardization Law 2017, Art. 27; Order No. 83, Art. 14).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts import trail
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.definition import Filing, RegisterDefinition
from registry.kit.draft import Receipt
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services import intake, publishing
from registry.services.intake import Refused
from registry.services.publishing import Authority, Prepared
from registry.store.base import Fetched

ENTERPRISE = "enterprise"
LONGEST_SIGNER = 80
OPEN = ("active", "scheduled", "standard_ended")  # what the enterprise itself may still change


@dataclass(frozen=True, slots=True)
class Checked:
    """A filing as it stands: complete values, what blocks it, and the document that may be published."""

    values: Mapping[str, Any]  # what was typed with what is filled in, texts as they are
    issues: tuple[Issue, ...]
    prepared: Prepared | None


def filing_of(definition: RegisterDefinition) -> Filing:
    """How this register is filed by enterprises. Raises ValueError where it is not."""
    if definition.filing is None:
        raise ValueError(f"nobody files to {definition.slug} himself")
    return definition.filing


def check(
    work: Connection,
    slug: str,
    organisation: Fetched,
    typed: Mapping[str, Any],
    *,
    amends: Fetched | None = None,
) -> Checked:
    """Check what was typed for an organisation, as of today. `amends`: the record that it is to change."""
    definition = catalogue()[slug]
    filing = filing_of(definition)
    context = intake.context_for(work)
    own = json.loads(organisation.document)
    typed = {name: value for name, value in typed.items() if name in filing.fields()}
    values: dict[str, Any] = dict(typed)
    values |= {name: own[source] for name, source in filing.organisation.items() if own.get(source)}
    assert context.others is not None
    values |= filing.follows(values, context.others)
    kept = _kept(amends, filing)
    today = clock.today().isoformat()
    later = amends is not None and amends.status == "active" and begins_after(values, filing, today)
    ended: tuple[Issue, ...] = (Issue("begins_later", filing.begins),) if later else ()
    ended += (Issue("organisation_ended"),) if organisation.status == "deregistered" else ()
    values |= {filing.filed_on: kept.get(filing.filed_on, today)}
    status = (filing.later if begins_after(values, filing, today) else filing.now)[0]
    present = amends.status if amends is not None else status
    raw = {**kept, **values, "status": present}
    found = intake.check(definition, 1, raw, context, registrar=False)
    if isinstance(found, Refused):
        blocking = tuple(
            each for each in found.issues if each.severity == "blocks" and each.code != "key_missing"
        )  # the parts of the key are missing fields like others
        return Checked(values, (*ended, *blocking), None)
    issues = ended + _same_record(work, definition, found, amends)
    return Checked(values, issues, None if issues else found)


def begins_after(values: Mapping[str, Any], filing: Filing, today: str) -> bool:
    """True where what is filed applies from a later day on."""
    return str(values.get(filing.begins) or "") > today


def publish(
    work: Connection,
    actor: Actor,
    slug: str,
    organisation: Fetched,
    prepared: Prepared,
    signer: str,
) -> str:
    """Publish a checked filing with its receipt; returns the record's number. Raises `Invalid`."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[slug]
    filing = filing_of(definition)
    reason = next(
        (reason for state, reason in (filing.now, filing.later) if state == prepared.status), filing.now[1]
    )
    [outcome] = publishing.publish(
        work, definition, [prepared], Authority(ENTERPRISE, filing.legal_basis), reason
    )
    if outcome.issue is not None:
        raise Invalid((outcome.issue,))
    record = work.execute(
        select(Record.id, Record.number, Record.version).where(
            Record.register == slug, Record.natural_key == prepared.key
        )
    ).one()
    made = {"record_id": record.id, "version": record.version, "organisation_id": organisation.id}
    work.execute(insert(Receipt).values(**made, user_id=actor.user_id, signer=signer, made_at=clock.now()))
    trail.note(work, actor.role, "filed", actor.user_id, str(record.number))
    return str(record.number)


def signer_issues(signer: str) -> tuple[Issue, ...]:
    """What stands against the name of who commits himself; it is never published."""
    if not signer.strip():
        return (Issue("required", "signer"),)
    if len(signer) > LONGEST_SIGNER:
        return (Issue("too_long", "signer", {"length": len(signer), "at_most": LONGEST_SIGNER}),)
    return ()


def _kept(amends: Fetched | None, filing: Filing) -> dict[str, Any]:
    """What an amended record says that nobody is asked for: the day of its filing, findings of the authority."""
    if amends is None:
        return {}
    asked = {*filing.fields(), *filing.organisation}
    return {name: value for name, value in json.loads(amends.document).items() if name not in asked}


def _same_record(
    work: Connection, definition: RegisterDefinition, found: Prepared, amends: Fetched | None
) -> tuple[Issue, ...]:
    """A new filing must not overwrite an older one of the same key, an amendment must stay with its own."""
    there = work.execute(
        select(Record.number).where(Record.register == definition.slug, Record.natural_key == found.key)
    ).scalar()
    field = definition.key.fields[-1]
    if amends is not None and amends.status not in OPEN:
        return (Issue("not_open", field, {"number": amends.number}),)
    if amends is None:
        return () if there is None else (Issue("filed_already", field, {"number": there}),)
    return () if there == amends.number else (Issue("another_record", field, {"number": amends.number}),)


def document_of(work: Connection, register: str, slug: str) -> Fetched | None:
    """A record with its document, for filing about it."""
    return work.execute(
        select(
            Record.id,
            Record.number,
            Record.slug,
            Record.status,
            Record.version,
            Record.holder_id,
            Item.document,
        )
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.register == register, Record.slug == slug[:120])
    ).one_or_none()
