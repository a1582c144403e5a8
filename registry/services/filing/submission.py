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
from registry.services.people import memberships
from registry.services.publication import cascades, publishing, validation
from registry.services.publication.publishing import Authority, PreparedDocument
from registry.services.publication.record_columns import target_key
from registry.services.publication.validation import RefusedRow
from registry.store.base import FetchedRow

ENTERPRISE_ROLE = "enterprise"
MAX_SIGNER_LENGTH = 80


@dataclass(frozen=True, slots=True)
class CheckedFiling:
    """A filing as it stands: complete values, what blocks it, and the document that may be published."""

    values: Mapping[str, Any]  # what was typed with what is filled in, texts as they are
    issues: tuple[Issue, ...]
    prepared: PreparedDocument | None
    derived: Mapping[str, Any] = field(default_factory=dict)  # of the values what other records say
    notices: tuple[Issue, ...] = ()  # what the filer should look at once more; they block nothing


@dataclass(frozen=True, slots=True)
class FilingOutcome:
    """What became of a filing, and the number of its record."""

    outcome: publishing.PublishOutcome
    number: str


def filing_of(definition: RegisterDefinition) -> Filing:
    """How this register is filed by enterprises. Raises ValueError where it is not."""
    if definition.filing is None:
        raise ValueError(f"nobody files to {definition.slug} himself")
    return definition.filing


def check_filing(
    connection: Connection,
    slug: str,
    organisation: FetchedRow,
    typed: Mapping[str, Any],
    *,
    amends: FetchedRow | None = None,
) -> CheckedFiling:
    """Check what was typed for an organisation, as of today. `amends`: the record that it is to change."""
    desk = FilingValidator(connection, slug, organisation)
    checked = desk.check(typed, amends=amends)
    return replace(checked, notices=desk.notices(checked.values))


class FilingValidator:
    """Checks the filings of one organisation within one transaction, as of today: one draft, or the rows of a sheet."""

    def __init__(self, connection: Connection, slug: str, organisation: FetchedRow) -> None:
        self.definition = catalogue()[slug]
        self.filing = filing_of(self.definition)
        self._asked = frozenset(self.filing.fields())
        self._connection = connection
        self._context = validation.rule_context(connection)
        self._organisation_ended = organisation.status == "deregistered"
        own = json.loads(organisation.document)
        self._own = {
            name: own[source] for name, source in self.filing.organisation_fields.items() if own.get(source)
        }
        self._today = clock.today().isoformat()

    def check(self, typed: Mapping[str, Any], *, amends: FetchedRow | None = None) -> CheckedFiling:
        """Everything that stands against a filing, another record of the same key among it."""
        checked = self.check_alone(typed, amends=amends)
        if checked.prepared is None:
            return checked
        key = checked.prepared.key
        issues = checked.issues + self.key_conflicts(
            checked.prepared, self.numbers_of_keys([key]).get(key), amends
        )
        return replace(checked, issues=issues, prepared=None if issues else checked.prepared)

    def check_alone(
        self,
        typed: Mapping[str, Any],
        *,
        amends: FetchedRow | None = None,
        row: int = 1,
        prior_issues: Sequence[Issue] = (),
    ) -> CheckedFiling:
        """What stands against a filing by itself. `found`: what reading its row of a sheet has brought already."""
        filing = self.filing
        before = [*prior_issues, *self._other_organisation_issues(typed)]
        before += (
            [Issue("begins_later", filing.effective_date_field)]
            if self._postpones_active(typed, amends)
            else []
        )
        before += [Issue("organisation_ended")] if self._organisation_ended else []
        values: dict[str, Any] = {name: value for name, value in typed.items() if name in self._asked}
        values |= self._own
        assert self._context.records is not None
        followed = filing.derive(values, self._context.records)
        values |= followed
        values |= {name: value for name, value in filing.defaults.items() if not values.get(name)}
        kept = _unasked_values(amends, filing)
        values |= {filing.filing_date_field: kept.get(filing.filing_date_field, self._today)}
        status = (filing.scheduled if takes_effect_after(values, filing, self._today) else filing.immediate)[
            0
        ]
        raw = {**kept, **values, "status": amends.status if amends is not None else status}
        checked = validation.validate_row(
            self.definition, row, raw, self._context, registrar=False, prior_issues=before
        )
        if isinstance(checked, RefusedRow):
            blocking = tuple(
                each for each in checked.issues if each.severity == "blocks" and each.code != "key_missing"
            )  # the parts of the key are missing fields like others
            return CheckedFiling(values, blocking, None, followed)
        return CheckedFiling(values, (), checked, followed)

    def notices(self, values: Mapping[str, Any]) -> tuple[Issue, ...]:
        """What the filer should look at once more."""
        assert self._context.records is not None
        told = self.filing.advise
        return tuple(told(values, self._context.records)) if told else ()

    def numbers_of_keys(self, keys: Sequence[str]) -> dict[str, str]:
        """Numbers of the records that have these natural keys."""
        same = (Record.register == self.definition.slug) & Record.natural_key.in_(keys)
        found = self._connection.execute(select(Record.natural_key, Record.number).where(same))
        return {row.natural_key: row.number for row in found}

    def key_conflicts(
        self, prepared: PreparedDocument, existing_number: str | None, amends: FetchedRow | None
    ) -> tuple[Issue, ...]:
        """A new filing must not overwrite an older one of the same key (`there`), an amendment must stay with its own."""
        last = self.definition.key.fields[-1]
        if amends is not None and amends.status not in filing_of(self.definition).amendable_states:
            return (Issue("not_open", last, {"number": amends.number}),)
        if amends is None:
            return (
                ()
                if existing_number is None
                else (Issue("filed_already", last, {"number": existing_number}),)
            )
        if existing_number == amends.number:
            return ()
        moved = _changed_key_field(self.definition, prepared, amends)
        return (Issue("another_record", moved, {"number": amends.number}),)

    def _other_organisation_issues(self, typed: Mapping[str, Any]) -> Iterator[Issue]:
        """Where a sheet or a program names an enterprise, it must be the one that files."""
        holder = self.definition.holder
        written = clean_cell(str(typed.get(holder.key) or "")) if holder else ""
        own = str(self._own.get(holder.key) or "") if holder else ""
        if holder and written and target_key(holder.register, written) != target_key(holder.register, own):
            yield Issue("other_organisation", holder.key, {"value": written[:60], "own": own})

    def _postpones_active(self, typed: Mapping[str, Any], amends: FetchedRow | None) -> bool:
        return (
            amends is not None
            and amends.status == "active"
            and takes_effect_after(typed, self.filing, self._today)
        )


def takes_effect_after(values: Mapping[str, Any], filing: Filing, today: str) -> bool:
    """True where what is filed applies from a later day on."""
    return str(values.get(filing.effective_date_field) or "") > today


def publish_filing(
    connection: Connection,
    actor: Actor,
    slug: str,
    organisation: FetchedRow,
    prepared: PreparedDocument,
    signer: str,
) -> str:
    """Publish a checked filing with its receipt; returns the record's number. Raises `Invalid`."""
    [filed] = publish_filings(connection, actor, slug, organisation, [prepared], signer)
    if filed.outcome.issue is not None:
        raise Invalid((filed.outcome.issue,))
    audit_log.record(connection, actor.role, "filed", actor.user_id, subject=filed.number)
    return filed.number


def publish_filings(
    connection: Connection,
    actor: Actor,
    slug: str,
    organisation: FetchedRow,
    prepared: Sequence[PreparedDocument],
    signer: str,
) -> list[FilingOutcome]:
    """Publish checked filings with their receipts, in the caller's transaction. Their natural keys must differ."""
    require(actor, Action.ACT_FOR)
    definition = catalogue()[slug]
    filing = filing_of(definition)
    authority = Authority(ENTERPRISE_ROLE, filing.legal_basis)
    outcomes: list[publishing.PublishOutcome] = []
    later = filing.scheduled[0]
    for state, reason in (
        filing.immediate,
        filing.scheduled,
    ):  # the reason of a new record is that of its state
        some = [each for each in prepared if (each.status == later) == (state == later)]
        outcomes += publishing.publish(connection, definition, some, authority, reason=reason) if some else []
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
        cascades.cascade_from_filed(
            connection,
            definition,
            [each["record_id"] for each in made],
            authority,
            notify=memberships.notify_holder,
        )
    return [
        FilingOutcome(outcome, str(records[keys[outcome.row]].number) if keys[outcome.row] in records else "")
        for outcome in sorted(outcomes, key=lambda one: one.row)
    ]


def signer_issues(signer: str) -> tuple[Issue, ...]:
    """What stands against the name of who commits himself; it is never published."""
    if not signer.strip():
        return (Issue("required", "signer"),)
    if len(signer) > MAX_SIGNER_LENGTH:
        return (Issue("too_long", "signer", {"length": len(signer), "at_most": MAX_SIGNER_LENGTH}),)
    return ()


def _unasked_values(amends: FetchedRow | None, filing: Filing) -> dict[str, Any]:
    """What an amended record says that nobody is asked for: the day of its filing, findings of the authority."""
    if amends is None:
        return {}
    asked = {*filing.fields(), *filing.organisation_fields}
    return {name: value for name, value in json.loads(amends.document).items() if name not in asked}


def _changed_key_field(definition: RegisterDefinition, prepared: PreparedDocument, amends: FetchedRow) -> str:
    """The part of the key in which an amendment differs from its record."""
    before = json.loads(amends.document)
    parts = definition.key.fields
    return next((name for name in parts if prepared.values.get(name) != before.get(name)), parts[-1])


def find_record_document(connection: Connection, register: str, slug: str) -> FetchedRow | None:
    """A record with its document, for filing about it."""
    return find_record_documents(connection, register, (slug[:120],)).get(slug[:120])


def find_record_documents(
    connection: Connection, register: str, slugs: Collection[str]
) -> dict[str, FetchedRow]:
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
