"""The frozen views of random checks. Labels stay message ids; words of registers and of what was typed come in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from registry.kit.display import StatusView, Words
from registry.services.deciding.views import TitledRecordView
from registry.services.filing import QuestionView
from registry.services.random_checks.results import ResultDraft
from registry.services.records.views import RegisterView


@dataclass(frozen=True, slots=True)
class CheckLineView:
    """A check in a list. `state`: announced, drawn, concluded or cancelled; `published`: how many of `drawn` results are public.

    `page_version`: rises with the check and with every record that was drawn, which its page shows as it is today.
    """

    id: int
    number: str
    register: RegisterView
    title: Words
    state: str
    announced_on: dt.date
    seed_on: dt.date
    results_until: dt.date
    drawn: int
    published: int
    page_version: int

    @property
    def path(self) -> str:
        """The address of its page, without the language."""
        return f"/checks/{self.number}"


@dataclass(frozen=True, slots=True)
class LogEntryView:
    """An entry about a check. `index`: in the log, None before it is sealed."""

    status: str
    recorded_at: dt.datetime
    index: int | None
    leaf_hash: str
    document_hash: str


@dataclass(frozen=True, slots=True)
class PublicResultView:
    """A result that is public. `order_ends_on`: ISO, the last day of the order to correct, "" for none.

    `no_order`: a problem was found, and the state of the record takes no order any more.
    """

    result: str
    words: Words
    done_on: str
    findings: Words
    article: str
    reason: Words | None
    order_ends_on: str
    published_on: dt.date
    no_order: bool


@dataclass(frozen=True, slots=True)
class DrawnRecordView:
    """A record of a sample as it is now. `inspectors`: their labels; `excluded`: how many were excluded from it."""

    place: int
    record: TitledRecordView
    path: str
    inspectors: tuple[str, ...]
    excluded: int
    result: PublicResultView | None


@dataclass(frozen=True, slots=True)
class DrawView:
    """A draw. `exclusions`: of inspectors from records, because of conflicts of interest."""

    drawn_at: dt.datetime
    figure: str
    source: str
    seed: str
    checkpoint_index: int
    checkpoint_hash: str
    checkpoint_path: str
    exclusions: int


@dataclass(frozen=True, slots=True)
class CheckPageView:
    """A check as its page shows it. `rule`: in words; `list_path`: the list of its population; `basis`: legal basis."""

    line: CheckLineView
    region: Words | None
    rule: Mapping[str, str]
    list_path: str
    basis: str
    population: int
    population_hash: str
    sample: int
    percent: str
    inspectors: int
    per_record: int
    pool_hash: str
    figure: Words
    figure_count: int
    source: str
    draw: DrawView | None
    records: tuple[DrawnRecordView, ...]
    counts: tuple[tuple[Words, int], ...]
    cancelled_because: str
    entries: tuple[LogEntryView, ...]


@dataclass(frozen=True, slots=True)
class RecordCheckView:
    """That a record was drawn for a check, and what it came to, None while that is not public."""

    number: str
    path: str
    title: Words
    drawn_on: dt.date
    result: PublicResultView | None


@dataclass(frozen=True, slots=True)
class DeskCheckView:
    """A check at the desk. `waiting`: how many results the reader may record or publish. `obstacle`: why they may not draw it."""

    line: CheckLineView
    waiting: int
    obstacle: str
    obstacle_params: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class DeskDrawnView:
    """A drawn record at the desk. `state`: open, recorded, returned or published; `publish_by`: the last day to publish it.

    `inspectors`: names; `mine`: the reader was drawn for it.
    """

    place: int
    record: TitledRecordView
    state: str
    inspectors: tuple[str, ...]
    mine: bool
    result: Words | None
    recorded_by: str
    publish_by: dt.date | None
    days_left: int


@dataclass(frozen=True, slots=True)
class ResultFormView:
    """The result of one record. `questions`: about fields of the register, for a problem found; `suggested`: field → text.

    `stated`: what was recorded. `follows`: what publishing it leads to. `obstacle`: why the reader may not act on it.
    """

    check: CheckLineView
    drawn: DeskDrawnView
    questions: tuple[QuestionView, ...]
    suggested: Mapping[str, str]
    stated: ResultDraft | None
    stated_words: tuple[tuple[str, str], ...]
    follows: tuple[StatusView, ...]
    reply: str
    own: bool
    obstacle: str
    obstacle_params: Mapping[str, object]
