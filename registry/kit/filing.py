"""How enterprises or bodies file records of a register themselves: the part of a definition that makes form, sheet and API of it.

All that differs from one filed register to another is data here or a hook; services and doors name no register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from registry.i18n import _, in_context
from registry.kit.application import Applications, HolderReports
from registry.kit.codes import CodeList
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.limits import LimitComparison
from registry.kit.rules import RecordLookup

Plural = tuple[str, str]  # message ids: one, many; `%(total)s` is filled in


@dataclass(frozen=True, slots=True)
class FilingStep:
    """One page of questions on the way to a filing. `title`, `hint`: message ids.

    `depends_on`: fields of other pages; until they are answered it is open whether anything is needed here.
    """

    key: str
    title: str
    hint: str
    fields: tuple[str, ...]
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """The state and the reason of the first entry of what is filed."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Postponement:
    """Filing something that applies from a later day: `field` names the day, `start` is what is published until then.

    A record in one of `begun_states` applies already and cannot be amended to begin later.
    """

    field: str
    start: Start
    begun_states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Notice:
    """What is filed is a proposal that others may object to: `field` takes the last day for that, `days` after the filing."""

    field: str
    days: int


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Filing something that should have been filed when it began to apply: `field` names the day, `days` how many may pass.

    Who files later is told so, with the issue `code`; it keeps nothing from being filed and is not public.
    """

    field: str
    days: int
    code: str

    def days_late(self, values: Mapping[str, Any], filed: dt.date) -> int:
        """Return how many days before it was filed it began to apply; 0 where that is within the days allowed."""
        try:
            began = dt.date.fromisoformat(str(values.get(self.field) or ""))
        except ValueError:  # not a day
            return 0
        passed = (filed - began).days
        return passed if passed > self.days else 0


@dataclass(frozen=True, slots=True)
class Amendments:
    """Why a holder amends: the reasons of the entries, the one that says nothing without a note, the note's field."""

    reasons: CodeList
    reason_needing_note: str
    note_field: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """How a holder ends a record: its state then, the fields that take the day and the public reason.

    `hint`: message id, what the page says of the reason.
    """

    status: str
    date_field: str
    reason_field: str
    hint: str = _("It is public.")


@dataclass(frozen=True, slots=True)
class Retraction:
    """How a holder marks a record as filed by mistake: from which states, to which, for how long after its first entry.

    `transition`: the move of the life cycle and the word of the audit log. `explanation`, `too_late`: message ids.
    """

    from_states: tuple[str, ...]
    status: str
    transition: str
    period: dt.timedelta
    explanation: str
    too_late: str


@dataclass(frozen=True, slots=True)
class Correction:
    """How a holder answers the authority's order to correct a record: by amending it while the order stands.

    `states`: those in which an order stands; the record stays in them until the authority confirms. `transition`: names the
    move, and is the reason of the entry; `accepted_reason`: the reason of an amendment that says the same.
    `deadline_field`, `authority_field`, `order_field`: until when, by whom, and what was ordered; `decided_field`: the day
    of the order; `submitted_field` takes the day of the answer.
    `title`, `button`, `note_hint`: message ids of the page that submits.
    """

    states: tuple[str, ...]
    transition: str
    accepted_reason: str
    deadline_field: str
    authority_field: str
    order_field: str
    decided_field: str
    submitted_field: str
    title: str
    button: str
    note_hint: str


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A record that its holder has not touched for `interval` is to be confirmed as still true.

    `field` takes the day of the confirmation, `overdue_label` marks the public page, `letter` asks for it, `waiting` is
    what the workspace says.
    """

    field: str
    interval: dt.timedelta
    overdue_label: Words
    letter: str
    waiting: Plural


@dataclass(frozen=True, slots=True)
class NewEdition:
    """A record may be filed anew for the next edition of the document that `edition_field` names.

    `previous_field` takes the edition before; `own_fields` are left open; `applies(document)`: there may be one.
    """

    edition_field: str
    previous_field: str
    own_fields: tuple[str, ...]
    applies: Callable[[Mapping[str, Any]], bool]


@dataclass(frozen=True, slots=True)
class FullText:
    """A file handed in with the filing: the field of its hash, and the flag that makes the file public.

    `label`, `hint`: message ids of the question.
    """

    hash_field: str
    public_field: str
    label: str
    hint: str


@dataclass(frozen=True, slots=True)
class AnswerLookup:
    """A question whose answer is the number of a record of another register, which can be looked up by words.

    `hint`, `heading`, `not_found`: message ids. `ended`: told of records that match but have ended.
    """

    register: str
    hint: str
    heading: str
    not_found: str
    ended: Plural


@dataclass(frozen=True, slots=True)
class Attention:
    """Records that need their holder: those in `states`, within `period` of coming into them.

    `message`: what the workspace says of all of them, `of_one`: of one of them (message ids).
    """

    states: tuple[str, ...]
    message: Plural
    of_one: str = _("Something it refers to has ended")
    period: dt.timedelta | None = None


@dataclass(frozen=True, slots=True)
class EndingLink:
    """Records in `states` whose linked record, now in `linked_states`, ends within `period` (its `valid_to`).

    `message`: what the workspace says of all of them, `of_one`: of one of them, with `%(day)s` (message ids).
    """

    relation: str
    states: tuple[str, ...]
    linked_states: tuple[str, ...]
    period: dt.timedelta
    message: Plural
    of_one: str = _("Something it refers to ends on %(day)s")


@dataclass(frozen=True, slots=True)
class FilingWords:
    """What pages and letters call the filing: message ids. The defaults speak of a record."""

    file: str = _("File a record")
    amend: str = _("Amend a record")
    correct: str = _("Submit the correction")
    publish: str = _("Publish the record")
    goal: str = _("Publish")
    check: str = _("Check your answers and publish")
    before: str = _("Before you publish")
    not_yet: str = _("This cannot be published yet: what is marked below comes first.")
    withdraw: str = _("Withdraw the record")
    published: str = _("The record is public")
    amended: str = _("The amendment is public")
    corrected: str = _("The correction is public")
    withdrawn: str = _("The record is withdrawn")
    public_at_once: str = _("The record is public immediately and stays on record.")
    changed_meanwhile: str = _("The public record has changed since this draft was begun")
    all_records: str = _("All records of the organisation")
    records: str = _("Records")
    none_yet: str = _("Nothing is filed yet.")
    title_label: str = in_context("column", "Title")
    derived_answer: str = _("Taken from another record; it cannot be changed here.")
    by_sheet: str = _("File many in one sheet")
    sheet_rows: str = _("Fill it in, one record a row. Yellow columns are compulsory.")
    sheet_number_hint: str = _(
        "Only to amend or withdraw a record: its number. Leave it empty to file again."
    )
    sheet_status_hint: str = _(
        "Only to withdraw a record. Its number and the reason are needed, other columns are not."
    )
    filed: str = _("Filed")
    can_be_filed: str = _("Can be filed")
    credit_code_needed: str = _("Without a unified social credit code nothing can be filed here.")
    foreign_organisation: str = _("Without a credit code: it cannot file records here.")
    events: Mapping[str, str] = field(default_factory=dict)  # action of the audit log → what it says
    before_publishing: tuple[str, ...] = (
        _(
            "A record is public immediately, without approval. It cannot be deleted, only amended or withdrawn; what it said before stays on record."
        ),
    )


def derive_nothing(values: Mapping[str, Any], records: RecordLookup) -> Mapping[str, Any]:
    """For registers in which no other record answers a question."""
    del values, records
    return {}


@dataclass(frozen=True, slots=True)
class Filing:
    """How a record of this register is filed: by whom, what they are asked, what is filled in, what may follow.

    `filer`: the party of a record that files it: the organisation that holds it, or the body that issues it. A body files
    what its approval covers, on days on which it is approved (`RegisterDefinition.duties`), and names the holder.
    `organisation_fields`: field → field of the filer's own record. `derive(values, records)` gives what other records say
    of the values typed so far (the title of a standard of the catalogue). What these two fill in cannot be typed.
    `defaults`: answers that hold until others are typed; one may follow from the other answers. `advise` yields what a filer should look at again; it keeps
    nothing from being filed. `check_amendment(before, after)` yields what an amendment may not change; `may_stand`: codes of issues
    that an amendment may bring, such as a check that was failed: they are told on the record. `compare_limits(values, records, today)` holds what is promised against what standards limit.
    What is None or empty the register does not have: its pages do not offer it.
    """

    steps: tuple[FilingStep, ...]
    organisation_fields: Mapping[str, str]
    start: Start
    legal_basis: str
    amendable_states: tuple[str, ...]  # in which the filer may amend, confirm and withdraw the record
    filer: Literal["holder", "issuer"] = "holder"
    filing_date_field: str = ""  # takes the day of filing, where the register keeps it
    derive: Callable[[Mapping[str, Any], RecordLookup], Mapping[str, Any]] = derive_nothing
    subject_field: str = ""  # names what the record is about, beside its title
    signer_post_field: str = ""  # the public post of who signs
    postponement: Postponement | None = None
    notice: Notice | None = None
    disclosure: Disclosure | None = None
    amendments: Amendments | None = None
    withdrawal: Withdrawal | None = None
    retraction: Retraction | None = None
    correction: Correction | None = None
    closed_hints: Mapping[str, str] = field(
        default_factory=dict
    )  # state → message id: why the filer can do nothing with the record in it
    confirmation: Confirmation | None = None
    new_edition: NewEdition | None = None
    full_text: FullText | None = None
    application: Applications | None = None  # what is filed is decided on before it is public
    reports: HolderReports | None = None
    attention: Attention | None = None
    ending_link: EndingLink | None = None
    derived_from: Mapping[str, str] = field(
        default_factory=dict
    )  # field that is not asked → the question from which `derive` answers it
    required_by_rules: tuple[str, ...] = ()  # fields that rules ask for, though the schema lets them lack
    required_hints: Mapping[str, str] = field(
        default_factory=dict
    )  # field → message id: when a rule asks for it
    not_copied: tuple[str, ...] = ()  # fields that a copy of an earlier filing leaves open
    defaults: Mapping[str, str | Callable[[Mapping[str, Any]], str]] = field(default_factory=dict)
    sheet_table_rows: Mapping[str, int] = field(
        default_factory=dict
    )  # table → for how many of its rows the empty sheet has columns, where more than two
    folded_columns: Mapping[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # table → the columns that its form shows on demand, under the others of the row
    lookups: Mapping[str, AnswerLookup] = field(default_factory=dict)
    issue_columns: Mapping[str, str] = field(
        default_factory=dict
    )  # code of an issue about a row of a table, or `table.code` → the column where it is mended
    compare_limits: Callable[[Mapping[str, Any], RecordLookup, str], tuple[LimitComparison, ...]] | None = (
        None
    )
    advise: Callable[[Mapping[str, Any], RecordLookup], Iterable[Issue]] | None = None
    check_amendment: Callable[[Mapping[str, Any], Mapping[str, Any]], Iterable[Issue]] | None = None
    may_stand: frozenset[str] = frozenset()
    words: FilingWords = field(default_factory=FilingWords)

    def fields(self) -> tuple[str, ...]:
        """The fields that are asked for, in the order of the questions."""
        return tuple(name for step in self.steps for name in step.fields)

    def default_answers(self, values: Mapping[str, Any]) -> dict[str, str]:
        """Return the answers that hold where none is typed, for the values stated so far."""
        answers = {
            name: given if isinstance(given, str) else given(values)
            for name, given in self.defaults.items()
            if not values.get(name)
        }
        return {name: answer for name, answer in answers.items() if answer}

    def takes_amendments(self, status: str) -> bool:
        """True for a state in which the filer may amend, be it on an order."""
        return status in self.amendable_states or self.takes_corrections(status)

    def takes_corrections(self, status: str) -> bool:
        """True for a state in which an order of the authority stands."""
        return self.correction is not None and status in self.correction.states

    def named_fields(self) -> Iterator[str]:
        """Every field that this filing names, for the check at start-up."""
        yield from self.fields()
        yield from (*self.organisation_fields, *self.lookups, *self.defaults, *self.not_copied)
        yield from (*self.derived_from, *self.derived_from.values())
        yield from (name for step in self.steps for name in step.depends_on)
        yield from (*self.required_by_rules, *self.required_hints)
        yield from filter(None, (self.filing_date_field, self.subject_field, self.signer_post_field))
        if self.postponement:
            yield self.postponement.field
        if self.notice:
            yield self.notice.field
        if self.amendments:
            yield self.amendments.note_field
        if self.withdrawal:
            yield from (self.withdrawal.date_field, self.withdrawal.reason_field)
        if self.correction:
            yield from (self.correction.deadline_field, self.correction.authority_field)
            yield from (self.correction.order_field, self.correction.decided_field)
            yield self.correction.submitted_field
        if self.confirmation:
            yield self.confirmation.field
        if self.new_edition:
            yield from (
                self.new_edition.edition_field,
                self.new_edition.previous_field,
                *self.new_edition.own_fields,
            )
        if self.full_text:
            yield from (self.full_text.hash_field, self.full_text.public_field)
        if self.application:
            yield self.application.evidence_field
        if self.reports:
            yield self.reports.years_field

    def named_states(self) -> Iterator[str]:
        """Every state that this filing names, for the check at start-up."""
        yield from (self.start.status, *self.amendable_states)
        if self.postponement:
            yield from (self.postponement.start.status, *self.postponement.begun_states)
        if self.withdrawal:
            yield self.withdrawal.status
        if self.retraction:
            yield from (self.retraction.status, *self.retraction.from_states)
        if self.attention:
            yield from self.attention.states
        if self.ending_link:
            yield from self.ending_link.states
        if self.correction:
            yield from self.correction.states
        if self.reports:
            yield from self.reports.states
        yield from self.closed_hints

    def messages(self) -> Iterator[str]:
        """Every message id of this filing but those of the fields."""
        for step in self.steps:
            yield from (step.title, step.hint)
        yield from self.required_hints.values()
        for lookup in self.lookups.values():
            yield from (lookup.hint, lookup.heading, lookup.not_found, *lookup.ended)
        if self.full_text:
            yield from (self.full_text.label, self.full_text.hint)
        if self.withdrawal:
            yield self.withdrawal.hint
        if self.retraction:
            yield from (self.retraction.explanation, self.retraction.too_late)
        if self.correction:
            yield from (self.correction.title, self.correction.button, self.correction.note_hint)
        if self.application:
            yield from self.application.messages()
        if self.reports:
            yield self.reports.hint
        yield from self.closed_hints.values()
        for part in (self.attention, self.ending_link):
            if part:
                yield from (*part.message, part.of_one)
        if self.confirmation:
            yield from self.confirmation.waiting
