"""The frozen views of the desk. Labels stay message ids; words of registers come in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from registry.kit.display import StatusView, Words
from registry.kit.issues import Issue
from registry.services.records.views import ChangeView, LabelledText, RecordView, RegisterView

CaseKind = Literal["overdue", "soon", "waiting"]


@dataclass(frozen=True, slots=True)
class MoveView:
    """A transition of a life cycle. `roles`: message ids of those who may take it; `mine`: the reader's role is one of them.

    `evidence`, `public_notice`: message ids. `keeps_status`: it leads back to the state where it begins.
    """

    key: str
    name: Words
    after: StatusView
    roles: tuple[str, ...]
    mine: bool
    evidence: tuple[str, ...]
    public_notice: str
    hours: int | None
    keeps_status: bool
    corrects: bool = False  # it is a correction of facts
    merges: bool = False  # it merges another record into this one

    @property
    def has_public_words(self) -> bool:
        """True where the public reads in words why it was decided."""
        return self.corrects or self.merges


@dataclass(frozen=True, slots=True)
class DecisionFieldView:
    """A question of the form. `name`: of the field; `now`: what the record says, in the reader's language; `required` by the table.

    `fitting`: the codes that the state to come takes, None for all of the list.
    """

    name: str
    now: str
    required: bool
    suggested: str = ""
    fitting: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class TitledRecordView:
    """A record as a line of the desk."""

    register: RegisterView
    number: str
    slug: str
    title: Words
    status: StatusView
    version: int

    @property
    def desk_path(self) -> str:
        """The address of its page at the desk, without the language."""
        return f"/desk/{self.register.slug}/{self.slug}"


@dataclass(frozen=True, slots=True)
class NamedChoiceView:
    """A record that a text may name, such as a notice in a legal basis. `text`: by which it is named; `path`: of its page."""

    text: str
    title: Words
    status: StatusView
    path: str


@dataclass(frozen=True, slots=True)
class NamedChoicesView:
    """Records that the text of a field may name. `field`: its name; `register`: theirs; `found`: those found, or the newest ones."""

    field: str
    register: RegisterView
    found: tuple[NamedChoiceView, ...]


@dataclass(frozen=True, slots=True)
class RefusedCaseView:
    """A record on which a decision is not possible, and why. `record`: None where the number names none."""

    number: str
    record: TitledRecordView | None
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class EffectView:
    """What a decision does to a record: field by field, and what its page then says first, by language.

    `merged_into`: number of the record to which its number leads afterwards, "" where it stays.
    """

    record: TitledRecordView
    after: StatusView
    changes: tuple[ChangeView, ...]
    sentences: Mapping[str, str]
    merged_into: str = ""


@dataclass(frozen=True, slots=True)
class DecisionPreview:
    """What a decision would do. `effects`: of the first records; `possible`: on how many it is; `refused`: on which it is not."""

    move: MoveView
    effects: tuple[EffectView, ...]
    possible: int
    refused: tuple[RefusedCaseView, ...]


@dataclass(frozen=True, slots=True)
class DecisionLineView:
    """A decision in a list. `record`: the first of its records; `total`: how many it has; `prepared_by`: a name."""

    id: int
    register: RegisterView
    move: MoveView
    state: str
    record: TitledRecordView
    total: int
    prepared_by: str
    prepared_at: dt.datetime
    claimed_by: str
    reply: str


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision as its page shows it.

    `state`: prepared, returned, taken or taken_back. `stated`: what it states, in words. `records`: the first ones. `effects`
    and `refused`: as things are now, only while it is prepared. `obstacle`: why the reader may not take it, "" where they may.
    `merged_number`: of the record that is merged into the other one, "" for any other decision.
    """

    id: int
    register: RegisterView
    move: MoveView
    state: str
    stated: tuple[LabelledText, ...]
    evidence: str
    note: str
    reply: str
    records: tuple[TitledRecordView, ...]
    total: int
    left_out: tuple[str, ...]
    effects: tuple[EffectView, ...]
    refused: tuple[RefusedCaseView, ...]
    prepared_by: str
    prepared_at: dt.datetime
    claimed_by: str
    claimed_at: dt.datetime | None
    settled_by: str
    settled_at: dt.datetime | None
    own: bool
    claimed_by_reader: bool
    obstacle: str
    obstacle_params: Mapping[str, object]
    merged_number: str = ""


@dataclass(frozen=True, slots=True)
class DeskCaseView:
    """A record that waits for a decision.

    `kind`: a deadline has passed (`overdue`), ends within weeks (`soon`), or its state waits for a decision (`waiting`).
    `mark`: of the deadline; `due`: its last day, ISO; `working_days`: until then, negative since then. `since`: ISO day on which the state began.
    `decision`: the prepared decision that waits already, None for none.
    """

    record: TitledRecordView
    kind: CaseKind
    mark: Words | None
    due: str
    working_days: int
    since: str
    decision: int | None


@dataclass(frozen=True, slots=True)
class DeskRegisterView:
    """What a role decides in one register: its transitions, each once."""

    register: RegisterView
    moves: tuple[MoveView, ...]


@dataclass(frozen=True, slots=True)
class DeskView:
    """What waits for a person. `all_looked_at`: False where more records wait than were looked at.

    `to_take`, `returned`, `prepared`: decisions that they may take, that came back to them, and theirs that wait for another.
    """

    role: str
    reads_only: bool
    to_take: tuple[DecisionLineView, ...]
    returned: tuple[DecisionLineView, ...]
    prepared: tuple[DecisionLineView, ...]
    cases: tuple[DeskCaseView, ...]
    counts: Mapping[CaseKind, int]
    total: int
    page: int
    pages: int
    all_looked_at: bool
    registers: tuple[DeskRegisterView, ...]


@dataclass(frozen=True, slots=True)
class CaseOfRecordView:
    """A record at the desk. `mine`: transitions that the reader may take; `others`: those that other roles may take.

    `correction`: of facts, and `merge`, where the reader may make one.
    """

    record_id: int
    record: RecordView
    mine: tuple[MoveView, ...]
    others: tuple[MoveView, ...]
    decisions: tuple[DecisionLineView, ...]
    obstacle: Issue | None
    correction: MoveView | None = None
    merge: MoveView | None = None


@dataclass(frozen=True, slots=True)
class FieldGroupView:
    """Questions of a long form that stand together, as on the record's page. `title`: a message id; `names`: of the fields."""

    title: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionFormView:
    """The form of a decision. `record`: None for many; `fields`: its questions, by the names of the register's fields.

    `groups`: of those questions, where they are many; what is in none of them stands after them.
    """

    register: RegisterView
    record: TitledRecordView | None
    move: MoveView
    fields: tuple[DecisionFieldView, ...]
    groups: tuple[FieldGroupView, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryFormView:
    """The form of a new record. `fields`: its questions, by the names of the register's fields."""

    register: RegisterView
    move: MoveView
    fields: tuple[DecisionFieldView, ...]


@dataclass(frozen=True, slots=True)
class EntryPreview:
    """What a new record would say: field by field, and first on its page, by language. `warnings`: what to look at again."""

    move: MoveView
    stated: tuple[LabelledText, ...]
    sentences: Mapping[str, str]
    warnings: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class EntryFileView:
    """The file that becomes public with a new record. `size` in bytes."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class EntryLineView:
    """A new record that waits, in a list. `title`: as far as it is stated; `named`: what tells it apart, such as its number."""

    id: int
    register: RegisterView
    title: Words
    named: str
    state: str
    prepared_by: str
    prepared_at: dt.datetime
    reply: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """A new record as its page at the desk shows it.

    `takes_file`: a file may be public with it. `sentences`, `issues`: what its page would say first, and what stands against
    it, as things are now; only while it is prepared. `record_path`: of the page of what was published, "" before.
    `obstacle`: why the reader may not publish it, "" where they may.
    """

    line: EntryLineView
    move: MoveView
    stated: tuple[LabelledText, ...]
    evidence: str
    note: str
    file: EntryFileView | None
    takes_file: bool
    sentences: Mapping[str, str]
    issues: tuple[Issue, ...]
    settled_by: str
    settled_at: dt.datetime | None
    own: bool
    record_path: str
    record_number: str
    obstacle: str
    obstacle_params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RequestView:
    """What a holder asks for. `state`: open, granted, refused, withdrawn, or void where the record has left the state that it was asked in.

    `name`: of the transition, `key`: of its form at the desk, "" where there is none any more; `party`: for whom it is asked;
    `reads_only`: the reader decides nothing.
    """

    id: int
    record: TitledRecordView
    name: Words
    after: StatusView
    key: str
    party: Words
    text: str
    state: str
    made_on: str
    ended_on: str
    reply: str
    reads_only: bool = False
