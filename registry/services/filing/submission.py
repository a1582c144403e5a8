"""Filing: an enterprise's own declaration becomes a public record at once, without anybody's approval.

What was typed, what its organisation's record says and what the catalogue says are put together and checked as any
other row; for enterprises every rule blocks (Standardization Law 2017, Art. 27; Order No. 83, Art. 14).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.definition import Filing, RegisterDefinition
from registry.kit.draft import Receipt
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.reference.text.folding import clean_cell
from registry.registers import catalogue
from registry.services.publication import cascades, publishing, validation
from registry.services.publication.publishing import Authority, Prepared
from registry.services.publication.record_columns import target_key
from registry.services.publication.validation import Refused
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
    followed: Mapping[str, Any] = field(default_factory=dict)  # of the values what other records say
    notices: tuple[Issue, ...] = ()  # what the filer should look at once more; they block nothing


@dataclass(frozen=True, slots=True)
class Filed:
    """What became of a filing, and the number of its record."""

    outcome: publishing.Outcome
    number: str


def filing_of(definition: RegisterDefinition) -> Filing:
    """How this register is filed by enterprises. Raises ValueError where it is not."""
    if definition.filing is None:
        raise ValueError(f"nobody files to {definition.slug} himself")
    return definition.filing


def check(
    connection: Connection,
    slug: str,
    organisation: Fetched,
    typed: Mapping[str, Any],
    *,
    amends: Fetched | None = None,
) -> Checked:
    """Check what was typed for an organisation, as of today. `amends`: the record that it is to change."""
    desk = Desk(connection, slug, organisation)
    checked = desk.check(typed, amends=amends)
    return replace(checked, notices=desk.notices(checked.values))


class Desk:
    """Checks the filings of one organisation within one transaction, as of today: one draft, or the rows of a sheet."""

    def __init__(self, connection: Connection, slug: str, organisation: Fetched) -> None:
        self.definition = catalogue()[slug]
        self.filing = filing_of(self.definition)
        self._asked = frozenset(self.filing.fields())
        self._connection = connection
        self._context = validation.context_for(connection)
        self._ended = organisation.status == "deregistered"
        own = json.loads(organisation.document)
        self._own = {
            name: own[source] for name, source in self.filing.organisation.items() if own.get(source)
        }
        self._today = clock.today().isoformat()

    def check(self, typed: Mapping[str, Any], *, amends: Fetched | None = None) -> Checked:
        """Everything that stands against a filing, another record of the same key among it."""
        checked = self.examine(typed, amends=amends)
        if checked.prepared is None:
            return checked
        key = checked.prepared.key
        issues = checked.issues + self.same_record(checked.prepared, self.numbers([key]).get(key), amends)
        return replace(checked, issues=issues, prepared=None if issues else checked.prepared)

    def examine(
        self,
        typed: Mapping[str, Any],
        *,
        amends: Fetched | None = None,
        row: int = 1,
        found: Sequence[Issue] = (),
    ) -> Checked:
        """What stands against a filing by itself. `found`: what reading its row of a sheet has brought already."""
        filing = self.filing
        before = [*found, *self._of_another(typed)]
        before += [Issue("begins_later", filing.begins)] if self._put_off(typed, amends) else []
        before += [Issue("organisation_ended")] if self._ended else []
        values: dict[str, Any] = {name: value for name, value in typed.items() if name in self._asked}
        values |= self._own
        assert self._context.others is not None
        followed = filing.follows(values, self._context.others)
        values |= followed
        values |= {name: value for name, value in filing.presumed.items() if not values.get(name)}
        kept = _kept(amends, filing)
        values |= {filing.filed_on: kept.get(filing.filed_on, self._today)}
        status = (filing.later if begins_after(values, filing, self._today) else filing.now)[0]
        raw = {**kept, **values, "status": amends.status if amends is not None else status}
        checked = validation.check(self.definition, row, raw, self._context, registrar=False, found=before)
        if isinstance(checked, Refused):
            blocking = tuple(
                each for each in checked.issues if each.severity == "blocks" and each.code != "key_missing"
            )  # the parts of the key are missing fields like others
            return Checked(values, blocking, None, followed)
        return Checked(values, (), checked, followed)

    def notices(self, values: Mapping[str, Any]) -> tuple[Issue, ...]:
        """What the filer should look at once more."""
        assert self._context.others is not None
        told = self.filing.notices
        return tuple(told(values, self._context.others)) if told else ()

    def numbers(self, keys: Sequence[str]) -> dict[str, str]:
        """Numbers of the records that have these natural keys."""
        same = (Record.register == self.definition.slug) & Record.natural_key.in_(keys)
        found = self._connection.execute(select(Record.natural_key, Record.number).where(same))
        return {row.natural_key: row.number for row in found}

    def same_record(self, found: Prepared, there: str | None, amends: Fetched | None) -> tuple[Issue, ...]:
        """A new filing must not overwrite an older one of the same key (`there`), an amendment must stay with its own."""
        last = self.definition.key.fields[-1]
        if amends is not None and amends.status not in OPEN:
            return (Issue("not_open", last, {"number": amends.number}),)
        if amends is None:
            return () if there is None else (Issue("filed_already", last, {"number": there}),)
        if there == amends.number:
            return ()
        moved = _moved(self.definition, found, amends)
        return (Issue("another_record", moved, {"number": amends.number}),)

    def _of_another(self, typed: Mapping[str, Any]) -> Iterator[Issue]:
        """Where a sheet or a program names an enterprise, it must be the one that files."""
        holder = self.definition.holder
        written = clean_cell(str(typed.get(holder.key) or "")) if holder else ""
        own = str(self._own.get(holder.key) or "") if holder else ""
        if holder and written and target_key(holder.register, written) != target_key(holder.register, own):
            yield Issue("other_organisation", holder.key, {"value": written[:60], "own": own})

    def _put_off(self, typed: Mapping[str, Any], amends: Fetched | None) -> bool:
        return (
            amends is not None and amends.status == "active" and begins_after(typed, self.filing, self._today)
        )


def begins_after(values: Mapping[str, Any], filing: Filing, today: str) -> bool:
    """True where what is filed applies from a later day on."""
    return str(values.get(filing.begins) or "") > today


def publish(
    connection: Connection,
    actor: Actor,
    slug: str,
    organisation: Fetched,
    prepared: Prepared,
    signer: str,
) -> str:
    """Publish a checked filing with its receipt; returns the record's number. Raises `Invalid`."""
    [filed] = publish_rows(connection, actor, slug, organisation, [prepared], signer)
    if filed.outcome.issue is not None:
        raise Invalid((filed.outcome.issue,))
    audit_log.note(connection, actor.role, "filed", actor.user_id, filed.number)
    return filed.number


def publish_rows(
    connection: Connection,
    actor: Actor,
    slug: str,
    organisation: Fetched,
    prepared: Sequence[Prepared],
    signer: str,
) -> list[Filed]:
    """Publish checked filings with their receipts, in the caller's transaction. Their natural keys must differ."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[slug]
    filing = filing_of(definition)
    authority = Authority(ENTERPRISE, filing.legal_basis)
    outcomes: list[publishing.Outcome] = []
    later = filing.later[0]
    for state, reason in (filing.now, filing.later):  # the reason of a new record is that of its state
        some = [each for each in prepared if (each.status == later) == (state == later)]
        outcomes += publishing.publish(connection, definition, some, authority, reason) if some else []
    keys = {each.row: each.key for each in prepared}
    found = connection.execute(
        select(Record.id, Record.number, Record.version, Record.natural_key).where(
            Record.register == slug, Record.natural_key.in_(keys.values())
        )
    )
    records = {row.natural_key: row for row in found}
    made = [
        {"record_id": record.id, "version": record.version, "organisation_id": organisation.id}
        | {"user_id": actor.user_id, "signer": signer, "made_at": clock.now()}
        for outcome in outcomes
        if outcome.result in (publishing.CREATED, publishing.UPDATED)
        for record in (records[keys[outcome.row]],)
    ]
    if made:
        connection.execute(insert(Receipt), made)
        cascades.of_filed(connection, definition, [each["record_id"] for each in made], authority)
    return [
        Filed(outcome, str(records[keys[outcome.row]].number) if keys[outcome.row] in records else "")
        for outcome in sorted(outcomes, key=lambda one: one.row)
    ]


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


def _moved(definition: RegisterDefinition, found: Prepared, amends: Fetched) -> str:
    """The part of the key in which an amendment differs from its record."""
    before = json.loads(amends.document)
    parts = definition.key.fields
    return next((name for name in parts if found.values.get(name) != before.get(name)), parts[-1])


def document_of(connection: Connection, register: str, slug: str) -> Fetched | None:
    """A record with its document, for filing about it."""
    return documents_of(connection, register, (slug[:120],)).get(slug[:120])


def documents_of(connection: Connection, register: str, slugs: Collection[str]) -> dict[str, Fetched]:
    """Records with their documents, by slug."""
    if not slugs:
        return {}
    rows = connection.execute(
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
        .where(Record.register == register, Record.slug.in_(slugs))
    )
    return {row.slug: row for row in rows}
