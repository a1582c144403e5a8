"""Check and publish filings: an enterprise's own record becomes public immediately, without approval.

What was typed, what its organisation's record says and what other records say are put together and checked as any
other row; for enterprises every rule blocks (for declarations: Standardization Law 2017, Art. 27; Order No. 83, Art. 14).
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden, Invalid
from registry.kit import english_sources
from registry.kit.approvals import APPROVED, approval_on
from registry.kit.definition import RegisterDefinition
from registry.kit.draft import Receipt
from registry.kit.filing import Filing, Start
from registry.kit.issues import Issue, first_issues
from registry.kit.limits import LimitComparison
from registry.kit.record import Record
from registry.kit.rules import RecordLookup, RuleContext
from registry.kit.schema import EMPTY_VALUES
from registry.ledger.model import Item
from registry.reference.text.folding import clean_cell, fold_name
from registry.registers import catalogue
from registry.services.people import deciding_rights, memberships
from registry.services.people.memberships import FOREIGN_NUMBER_PREFIX
from registry.services.publication import cascades, publishing, validation
from registry.services.publication.batch_writer import Authority
from registry.services.publication.existing_records import find_former_keys
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.record_columns import target_key
from registry.services.publication.validation import RefusedRow
from registry.store.base import FetchedRow
from registry.store.insertion import insert_rows

MAX_SIGNER_LENGTH = 80
MAX_LIMITS = 1000  # comparisons with limits of standards that a page shows
OF_WHAT_IS_SENT = ("filled_in", "not_filed")  # issues of fields that are not asked for
UNKNOWN_NAMES = ("industry_unknown", "region_unknown", "country_unknown")


@dataclass(frozen=True, slots=True)
class CheckedFiling:
    """A filing after its check: complete values, the issues that block it, and the document that may be published."""

    values: Mapping[str, Any]  # what was typed with what is filled in, texts as they are
    issues: tuple[Issue, ...]
    prepared: PreparedDocument | None
    derived: Mapping[str, Any] = field(default_factory=dict)  # of the values those that other records give
    limits: tuple[LimitComparison, ...] = ()  # what is promised, against the limits of standards
    notices: tuple[Issue, ...] = ()  # what the filer should look at again; they block nothing


@dataclass(frozen=True, slots=True)
class FilingOutcome:
    """The result of publishing a filing, and the number of its record ("" where it was refused)."""

    outcome: publishing.PublishOutcome
    number: str


@dataclass(frozen=True, slots=True)
class Filer:
    """On whose behalf something is published: the actor, their organisation's record, and the name that signs.

    The name is kept with the receipt and never published.
    """

    actor: Actor
    organisation: FetchedRow
    signer: str


def filing_of(definition: RegisterDefinition) -> Filing:
    """Return how a register is filed. Raises ValueError where it is not."""
    if definition.filing is None:
        raise ValueError(f"{definition.slug} is not filed")
    return definition.filing


def require_published_when_filed(definition: RegisterDefinition) -> None:
    """Return if what is filed in a register is published when it is filed.

    Raises `Forbidden` where nothing is filed, or where the authority decides on it first.
    """
    if definition.filing is None or definition.filing.application is not None:
        raise Forbidden("not_filed_by_enterprises", register=definition.slug)


def filer_register(definition: RegisterDefinition) -> RegisterDefinition:
    """Return the register of those who file a register: organisations or bodies."""
    party = definition.filer
    if party is None:
        raise ValueError(f"{definition.slug} is not filed")
    return catalogue()[party.register]


def authority_of(definition: RegisterDefinition, legal_basis: str = "") -> Authority:
    """Return in which role those who file a register act, and on which legal basis: that of the filing if none is given."""
    representation = filer_register(definition).representation
    assert representation is not None  # the catalogue has been checked
    return Authority(representation.role, legal_basis or filing_of(definition).legal_basis)


def open_validator(
    connection: Connection,
    actor: Actor,
    slug: str,
    organisation: FetchedRow,
    *,
    shows_derived: bool = False,
) -> FilingValidator:
    """Return what checks the filings of this actor for an organisation or body, whose record with its document is given."""
    require(actor, Action.ACT_FOR)
    interests = frozenset[tuple[str, str]]()
    if filing_of(catalogue()[slug]).filer == "issuer":
        interests = deciding_rights.find_interests(connection, actor, besides=organisation.id)
    return FilingValidator(connection, slug, organisation, interests=interests, shows_derived=shows_derived)


def check_filing(
    validator: FilingValidator, typed: Mapping[str, Any], *, amends: FetchedRow | None = None
) -> CheckedFiling:
    """Check one filing, with all that a page tells of it. `amends`: the record that it is to change."""
    checked = validator.check(typed, amends=amends)
    return replace(
        checked,
        issues=first_issues(checked.issues),
        notices=first_issues(validator.notices(checked.values)),
        limits=validator.limits(checked.values)[:MAX_LIMITS],
    )


class FilingValidator:
    """Checks the filings of one organisation or body within one transaction, as of today: one draft, or the rows of a sheet.

    `interests`: register and key of what the person has an interest in, about which they file nothing for a body. `shows_derived`: the door shows what other records answer in the place of what was typed before. Others that send
    something else are told so.
    """

    def __init__(
        self,
        connection: Connection,
        slug: str,
        organisation: FetchedRow,
        *,
        interests: frozenset[tuple[str, str]] = frozenset(),
        shows_derived: bool = False,
    ) -> None:
        self.definition = catalogue()[slug]
        self.filing = filing_of(self.definition)
        self._asked = frozenset(self.filing.fields())
        self._connection = connection
        self._context = validation.rule_context(connection)
        own_register = filer_register(self.definition)
        self._organisation_ended = own_register.life_cycle.state(organisation.status).standing == "ended"
        own = json.loads(organisation.document)
        self._own = {
            name: own[source] for name, source in self.filing.organisation_fields.items() if own.get(source)
        }
        own_source = own.get("en_source") or own_register.title.default_en_source
        self._own_sources = dict.fromkeys(self._own, own_source)
        if own.get("demo"):  # what an invented organisation files is invented
            self._own["demo"] = True
        self._today = clock.today().isoformat()
        self._shows_derived = shows_derived
        self._issuer: Issuer | None = None
        if self.filing.filer == "issuer":
            self._issuer = Issuer(self.definition, own, organisation.status, interests)

    @property
    def context(self) -> RuleContext:
        """What rules may ask about: the day, and other records as this transaction sees them."""
        return self._context

    def check(self, typed: Mapping[str, Any], *, amends: FetchedRow | None = None) -> CheckedFiling:
        """Everything that stands against a filing, another record of the same key among it."""
        checked = self.check_alone(typed, amends=amends)
        if checked.prepared is None:
            return checked
        key = checked.prepared.key
        number = self.numbers_of_keys([key]).get(key)
        if number is None and amends is None:
            number = self.former_numbers_of_keys([key]).get(key)
        issues = checked.issues + self.key_conflicts(checked.prepared, number, amends)
        return replace(checked, issues=issues, prepared=None if issues else checked.prepared)

    def check_alone(
        self,
        typed: Mapping[str, Any],
        *,
        amends: FetchedRow | None = None,
        row: int = 1,
        prior_issues: Sequence[Issue] = (),
    ) -> CheckedFiling:
        """Return a filing with the issues of its own fields and rules; other records of its key are not looked at.

        `row`: its number in a sheet; `prior_issues`: what reading that row has brought already.
        """
        filing = self.filing
        issues = [*prior_issues, *self._other_organisation_issues(typed)]
        if too_large := tuple(self.definition.schema.size_issues(typed)):
            return CheckedFiling({}, (*issues, *too_large), None)
        if filing.postponement and self._postpones_active(typed, amends):
            issues.append(Issue("begins_later", filing.postponement.field))
        if self._organisation_ended:
            issues.append(Issue("organisation_ended"))
        elif self._issuer and not self._issuer.is_approved(self._today):
            issues.append(Issue("filer_not_approved"))
        values: dict[str, Any] = {name: value for name, value in typed.items() if name in self._asked}
        values |= self._own
        assert self._context.records is not None
        derived = dict(filing.derive(values, self._context.records))
        known_sources = dict(derived.pop(english_sources.FIELD, {}))
        values |= derived
        values |= filing.default_answers(values)
        unasked = _unasked_values(amends, filing)
        issues += self._not_filed_issues(typed, {**unasked, **self._own, **derived})
        if filing.filing_date_field:
            values[filing.filing_date_field] = unasked.get(filing.filing_date_field, self._today)
        if filing.notice and amends is None:
            last_day = clock.today() + dt.timedelta(days=filing.notice.days)
            values[filing.notice.field] = last_day.isoformat()
        accepted = typed.get(english_sources.ACCEPTED_ENGLISH)
        unasked.pop(english_sources.FIELD, None)
        if sources := english_sources.english_sources_of(
            values, accepted, {**self._own_sources, **known_sources}
        ):
            values[english_sources.FIELD] = sources
        status = amends.status if amends is not None else self._first_status(values)
        checked = validation.validate_row(
            self.definition,
            row,
            {**unasked, **values, "status": status},
            self._context._replace(may_stand=filing.may_stand) if amends is not None else self._context,
            registrar=False,
            prior_issues=issues,
        )
        if isinstance(checked, RefusedRow):
            blocking = tuple(
                issue
                for issue in checked.issues
                if issue.severity == "blocks" and issue.code != "key_missing"
            )  # the parts of the key are missing fields like others
            if filing.application:  # what the authority states when it publishes is not asked of the holder
                known = {*self._asked, *self._own, ""}
                blocking = tuple(issue for issue in blocking if issue.field in known)
            blocking = tuple(_as_asked(filing, values, _asked_issues(filing, blocking)))
            return CheckedFiling(values, blocking, None, derived)
        if self._issuer and (
            of_issuer := tuple(
                self._issuer.issues(checked.values, self._context.records, is_new=amends is None)
            )
        ):
            return CheckedFiling(values, of_issuer, None, derived)
        if amends is not None and filing.check_amendment:
            changes = tuple(filing.check_amendment(json.loads(amends.document), checked.values))
            if changes:
                return CheckedFiling(values, changes, None, derived)
        return CheckedFiling(values, (), checked, derived)

    def _first_status(self, values: Mapping[str, Any]) -> str:
        """The public state by which a new filing is checked: its own, or the first one of what is applied for."""
        status = start_of(values, self.filing, self._today).status
        return self.definition.life_cycle.first_publication() if self.filing.application else status

    def notices(self, values: Mapping[str, Any]) -> tuple[Issue, ...]:
        """Return what the filer should look at again; it blocks nothing."""
        assert self._context.records is not None
        advise, disclosure = self.filing.advise, self.filing.disclosure
        notices = tuple(advise(values, self._context.records)) if advise else ()
        if disclosure is None or not (
            days := disclosure.days_late(values, dt.date.fromisoformat(self._today))
        ):
            return notices
        params = {"value": str(values[disclosure.field]), "days": days, "allowed": disclosure.days}
        return (Issue(disclosure.code, disclosure.field, params), *notices)

    def limits(self, values: Mapping[str, Any]) -> tuple[LimitComparison, ...]:
        """Return what is promised, as far as it can be read, against the limits of standards."""
        assert self._context.records is not None
        compare_limits = self.filing.compare_limits
        if compare_limits is None:
            return ()
        loaded = self.definition.schema.load_values(values, complete=False)
        readable = {**loaded.partial_tables, **loaded.values}
        return compare_limits(readable, self._context.records, self._today)

    def numbers_of_keys(self, keys: Sequence[str]) -> dict[str, str]:
        """Numbers of the records that have these natural keys."""
        same_key = (Record.register == self.definition.slug) & Record.natural_key.in_(keys)
        rows = self._connection.execute(select(Record.natural_key, Record.number).where(same_key))
        return {row.natural_key: row.number for row in rows}

    def former_numbers_of_keys(self, keys: Collection[str]) -> dict[str, str]:
        """Numbers of the records that had these natural keys before and have others now."""
        former = find_former_keys(self._connection, self.definition.slug, keys)
        return {key: row.number for key, row in former.items()}

    def key_conflicts(
        self, prepared: PreparedDocument, existing_number: str | None, amends: FetchedRow | None
    ) -> tuple[Issue, ...]:
        """Return the conflict with another record of the same key: at most one issue.

        A new filing must not overwrite the record that has its key already, or had it before (`existing_number`); an
        amendment must keep the key of the record that it amends.
        """
        last = self.definition.key.fields[-1]
        if amends is None:
            if existing_number is None:
                return ()
            return (Issue("filed_already", last, {"number": existing_number}),)
        if not self.filing.takes_amendments(amends.status):
            return (Issue("not_open", last, {"number": amends.number}),)
        if existing_number == amends.number:
            return ()
        changed = _changed_key_field(self.definition, prepared, amends)
        return (Issue("another_record", changed, {"number": amends.number}),)

    def _other_organisation_issues(self, typed: Mapping[str, Any]) -> Iterator[Issue]:
        """Where a sheet or a program names who files, it must be the one that does."""
        filer = self.definition.filer
        assert filer is not None
        written = clean_cell(str(typed.get(filer.key) or ""))
        own = str(self._own.get(filer.key) or "")
        if written and target_key(filer.register, written) != target_key(filer.register, own):
            yield Issue("other_organisation", filer.key, {"value": written[:60], "own": own})

    def _not_filed_issues(self, typed: Mapping[str, Any], filled_in: Mapping[str, Any]) -> Iterator[Issue]:
        """Fields that are sent but not filed: one may say what the register fills in, nothing else, and none is dropped.

        `filled_in`: what the register puts there.
        """
        fields = self.definition.schema.register_fields()
        filer_key = self.definition.filer.key if self.definition.filer else ""
        for name, value in typed.items():
            answered = name not in self._asked or (name in filled_in and not self._shows_derived)
            if value in EMPTY_VALUES or name not in fields or name == filer_key or not answered:
                continue
            if name == self.filing.filing_date_field and name not in filled_in:
                expected: Any = self._today
            else:
                expected = filled_in.get(name)
            if expected is None:
                yield Issue("not_filed", name)
            elif not says_the_same(self.definition, name, value, expected):
                yield Issue("filled_in", name, {"value": str(fields[name].as_printed(expected))[:120]})

    def _postpones_active(self, typed: Mapping[str, Any], amends: FetchedRow | None) -> bool:
        """True where an amendment would make a record begin later that applies already."""
        postponement = self.filing.postponement
        return (
            postponement is not None
            and amends is not None
            and amends.status in postponement.begun_states
            and is_postponed(typed, self.filing, self._today)
        )


@dataclass(frozen=True, slots=True)
class Issuer:
    """A body that files, and what it may file: its record's `values` and `status`, and whom the person has an interest in."""

    definition: RegisterDefinition
    values: Mapping[str, Any]
    status: str
    interests: frozenset[tuple[str, str]]

    def is_approved(self, day: str) -> bool:
        """True if the body is approved on a day (ISO), so that it may file at all."""
        return approval_on(self.values, self.status, day).state == APPROVED

    def issues(self, values: Mapping[str, Any], records: RecordLookup, *, is_new: bool) -> Iterator[Issue]:
        """Yield what stands against a record of this body: outside its approval, or a holder for whom it may not file.

        A holder that the register does not hold is named, in English where it is one abroad.
        """
        assert self.definition.duties is not None  # the catalogue has been checked
        yield from self.definition.duties.filing_issues(values, self.values, self.status)
        holder, issuer = self.definition.holder, self.definition.issuer
        number = str(values.get(holder.key) or "") if holder else ""
        if holder is None or issuer is None or not number:
            return
        if (holder.register, target_key(holder.register, number)) in self.interests:
            yield Issue("holder_is_own", holder.key, {"value": number})
        known = records.find_record(holder.register, number)
        names = {str(values.get(name) or "") for name in (holder.zh, holder.en)}
        if fold_name(str(values.get(issuer.zh) or "")) in {fold_name(name) for name in names if name}:
            yield Issue("issued_to_itself", holder.key, {"value": number})
        if known is None:
            if not any(names):
                abroad = number.startswith(FOREIGN_NUMBER_PREFIX) and holder.en
                yield Issue("required", holder.en if abroad else holder.zh)
        elif is_new and catalogue()[holder.register].life_cycle.state(known["status"]).standing == "ended":
            yield Issue("holder_ended", holder.key, {"value": number})


def says_the_same(definition: RegisterDefinition, name: str, sent: Any, expected: Any) -> bool:
    """True if two values of a field are the same when they are read; names may differ in blanks and width."""
    load = definition.schema.load_values
    one, other = (load({name: value}, complete=False).values.get(name) for value in (sent, expected))
    if isinstance(one, str) and isinstance(other, str):
        return one == other or fold_name(one) == fold_name(other) != ""
    return bool(one == other)


def is_postponed(values: Mapping[str, Any], filing: Filing, today: str) -> bool:
    """True where what is filed applies from a day after `today` (ISO) on."""
    return filing.postponement is not None and str(values.get(filing.postponement.field) or "") > today


def start_of(values: Mapping[str, Any], filing: Filing, today: str) -> Start:
    """Return the state and reason with which a new filing of these values enters the register."""
    if filing.postponement is not None and is_postponed(values, filing, today):
        return filing.postponement.start
    return filing.start


def publish_filing(
    connection: Connection, slug: str, prepared: PreparedDocument, filer: Filer, *, action: str = ""
) -> str:
    """Publish a checked filing with its receipt; return the record's number. Raises `Invalid`.

    `action`: for the audit log, where it is neither a filing nor an amendment.
    """
    [filed] = publish_filings(connection, slug, [prepared], filer)
    if filed.outcome.issue is not None:
        raise Invalid((filed.outcome.issue,))
    actor = filer.actor
    action = action or ("amended" if filed.outcome.result == publishing.UPDATED else "filed")
    audit_log.record(connection, actor, action, subject=filed.number)
    return filed.number


def publish_filings(
    connection: Connection, slug: str, prepared: Sequence[PreparedDocument], filer: Filer
) -> list[FilingOutcome]:
    """Publish checked filings with their receipts, in the caller's transaction. Their natural keys must differ.

    Raises `Forbidden` in a register in which holders apply: the authority publishes there.
    """
    require(filer.actor, Action.ACT_FOR)
    definition = catalogue()[slug]
    require_published_when_filed(definition)
    filing = filing_of(definition)
    outcomes: list[publishing.PublishOutcome] = []
    for (reason, basis), documents in _by_grounds(filing, prepared).items():
        decided = authority_of(definition, basis)
        outcomes += publishing.publish(connection, definition, documents, decided, reason=reason)
    keys = {document.row: document.key for document in prepared}
    rows = connection.execute(
        select(Record.id, Record.number, Record.version, Record.natural_key).where(
            Record.register == slug, Record.natural_key.in_(keys.values())
        )
    )
    records = {row.natural_key: row for row in rows}
    signed = {
        "organisation_id": filer.organisation.id,
        "user_id": filer.actor.user_id,
        "signer": filer.signer,
        "made_at": clock.now(),
    }
    receipts = [
        {"record_id": record.id, "version": record.version, **signed}
        for outcome in outcomes
        if outcome.result in (publishing.CREATED, publishing.UPDATED)
        for record in (records[keys[outcome.row]],)
    ]
    if receipts:
        insert_rows(connection, Receipt, receipts)
        cascades.cascade_from_filed(
            connection,
            definition,
            [receipt["record_id"] for receipt in receipts],
            authority_of(definition),
            notify=memberships.notify_holder,
        )
    return [
        FilingOutcome(outcome, str(records[keys[outcome.row]].number) if keys[outcome.row] in records else "")
        for outcome in sorted(outcomes, key=lambda outcome: outcome.row)
    ]


def _by_grounds(
    filing: Filing, prepared: Sequence[PreparedDocument]
) -> dict[tuple[str, str], list[PreparedDocument]]:
    """Documents by the reason of the first entry of a new record, which is that of its state, and by legal basis."""
    starts = [filing.start, *([filing.postponement.start] if filing.postponement else [])]
    reasons = {start.status: start.reason for start in starts}
    groups: dict[tuple[str, str], list[PreparedDocument]] = {}
    for document in prepared:
        grounds = (
            reasons.get(document.status, filing.start.reason),
            document.legal_basis or filing.legal_basis,
        )
        groups.setdefault(grounds, []).append(document)
    return groups


def signer_issues(signer: str) -> tuple[Issue, ...]:
    """Return what stands against the name of the person who signs; it is never published."""
    if not signer.strip():
        return (Issue("required", "signer"),)
    if len(signer) > MAX_SIGNER_LENGTH:
        return (Issue("too_long", "signer", {"length": len(signer), "at_most": MAX_SIGNER_LENGTH}),)
    return ()


def _asked_issues(filing: Filing, issues: Sequence[Issue]) -> Iterator[Issue]:
    """Issues with fields that are asked: what a missing answer leaves open elsewhere is told of that answer alone.

    A field that is sent though it is not asked keeps its own name.
    """
    told = {issue.field for issue in issues}
    for issue in issues:
        source = filing.derived_from.get(issue.field)
        if source is None or issue.code in OF_WHAT_IS_SENT:
            yield issue
        elif source not in told:
            told.add(source)
            yield replace(issue, field=source)


def _as_asked(filing: Filing, values: Mapping[str, Any], issues: Iterable[Issue]) -> Iterator[Issue]:
    """Issues of answers that must be given and are not: that they are missing, whatever a rule says of a source without them."""
    told: set[str] = set()
    issues = tuple(issues)
    unknown = {issue.field for issue in issues if issue.code in UNKNOWN_NAMES}
    for issue in issues:
        if issue.code == "too_long" and issue.field in unknown:  # it was measured as a code, which it is not
            continue
        if issue.field in filing.required_by_rules and values.get(issue.field) in (None, "", []):
            if issue.field not in told:
                told.add(issue.field)
                yield Issue("required", issue.field, {}, issue.severity)
        else:
            yield issue


def _unasked_values(amends: FetchedRow | None, filing: Filing) -> dict[str, Any]:
    """What an amended record says that is not asked for: the day of its filing, findings of the authority."""
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
            Record.register,
            Record.number,
            Record.slug,
            Record.status,
            Record.version,
            Record.holder_id,
            Record.issuer_id,
            Item.document,
        )
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.register == register, Record.slug.in_(slugs))
    )
    return {row.slug: row for row in rows}
