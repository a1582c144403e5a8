"""The frozen views of reports: of the form, for the reporter, for the desk, for the public."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from registry.kit.display import StatusView, Words
from registry.services.records.views import RegisterView


@dataclass(frozen=True, slots=True)
class ReportedRecordView:
    """The record that a report is about, as it is today. `path`, `desk_path`: addresses without the language."""

    id: int
    register: RegisterView
    number: str
    path: str
    title: Words
    status: StatusView

    @property
    def desk_path(self) -> str:
        """The address of its page at the desk."""
        return f"/desk{self.path}"


@dataclass(frozen=True, slots=True)
class ReportFormView:
    """What a form is about. `record`: None where no record has that number; `due_on`: by when the answer comes if sent today.

    `objections_until`: of an objection, "" where no end is known.
    """

    kind: str
    subject: str
    record: ReportedRecordView | None
    due_on: str
    working_days: int
    kept_days: int
    objections_until: str = ""


@dataclass(frozen=True, slots=True)
class OwnReportView:
    """A report as its reporter sees it. `statement` is "" once it is forgotten.

    `admitted_on`: since when the record says that it is challenged, "" for not. `outcome`: "" while it is open.
    """

    number: str
    kind: str
    state: str
    subject: str
    record: ReportedRecordView | None
    received_at: dt.datetime
    due_on: str
    days_left: int
    admitted_on: str
    is_taken_up: bool
    statement: str
    seen_at: str
    file_name: str
    told_by_mail: bool
    outcome: str
    reply: str
    sent_to: str
    ended_at: dt.datetime | None
    forgotten_at: dt.datetime | None
    kept_days: int


@dataclass(frozen=True, slots=True)
class ReportLineView:
    """A report in a list of the desk. `days_left`: working days, negative where it is overdue; `claimed_by`: a name or ""."""

    id: int
    number: str
    kind: str
    state: str
    subject: str
    record: ReportedRecordView | None
    received_on: str
    due_on: str
    days_left: int
    admitted_on: str
    outcome: str
    claimed_by: str


@dataclass(frozen=True, slots=True)
class ReportListView:
    """A page of the list, most overdue first. `counts`: open reports by kind; `reads_only`: the reader answers none."""

    lines: tuple[ReportLineView, ...]
    counts: dict[str, int]
    total: int
    page: int
    pages: int
    reads_only: bool


@dataclass(frozen=True, slots=True)
class ReportView:
    """A report at the desk. `address`: of the reporter, masked; "" where none was given, and of who objects.

    `obstacle`: the code of why the reader may not act on it, "" where they may, with `obstacle_params`. `others`: further reports about the
    same record or number.
    """

    line: ReportLineView
    statement: str
    seen_at: str
    file_name: str
    lang: str
    told_by_mail: bool
    address: str
    status_then: StatusView | None
    reply: str
    public: Words
    sent_to: str
    ended_at: dt.datetime | None
    ended_by: str
    forgotten: bool
    claimed_by_reader: bool
    obstacle: str
    obstacle_params: dict[str, object]
    others: tuple[ReportLineView, ...]
    needs_public_answer: bool
    put_to_parties: str = ""
    statements: tuple[StatementView, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicAnswerView:
    """What came of a report, as the page of the record tells it; never who reported."""

    kind: str
    outcome: str
    day: str
    words: Words
    sent_to: str


@dataclass(frozen=True, slots=True)
class ChallengeView:
    """What the page of a record says of reports. `since`: the day since which it is challenged, "" for not; `kinds`: by what.

    `takes_objections`: it is in publicity and the time for objections has not ended.
    """

    since: str
    kinds: tuple[str, ...]
    answers: tuple[PublicAnswerView, ...]
    takes_objections: bool


@dataclass(frozen=True, slots=True)
class ReportFiguresView:
    """Figures of one kind: open ones, overdue ones among them, and what came of those answered in the last year.

    `median_days`: working days from report to answer, None while none is answered; `outcomes`: outcome → number.
    """

    kind: str
    open: int
    overdue: int
    challenging: int
    answered: int
    median_days: int | None
    outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class StatementView:
    """What a party of a record has stated on a report."""

    party_id: int
    party: Words
    text: str
    made_at: dt.datetime


@dataclass(frozen=True, slots=True)
class PutReportView:
    """A report that challenges a record, as a party of the record sees it: never who reported, nor their words.

    `put`: what staff ask the party, "" for nothing; `statements`: of this party.
    """

    id: int
    number: str
    kind: str
    since: str
    due_on: str
    put: str
    statements: tuple[StatementView, ...]
