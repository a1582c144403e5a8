"""The frozen views in which records reach the doors; rows of the database never do.

Texts are made for the language that was asked for; labels of fields, sections and reasons stay message ids, which the door translates.
"""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from registry.kit.cautions import CautionView
from registry.kit.display import (
    Cell,
    FieldView,
    LimitBar,
    Piece,
    SectionView,
    StatusView,
    TableView,
    Words,
    foreign_language,
)
from registry.reference.code_lists import platforms
from registry.reference.identifiers import number_families

__all__ = [
    "CautionView",
    "Cell",
    "ChangeOfStatusView",
    "ChangeView",
    "CheckedNumberView",
    "EntryView",
    "FieldView",
    "IssueView",
    "LabelledText",
    "LimitBar",
    "LinkGroupView",
    "LinkedRecordView",
    "NotFoundView",
    "PartyView",
    "Piece",
    "PlateView",
    "PlatformView",
    "QualityGapView",
    "RecordOfTheDayView",
    "RecordView",
    "RegionView",
    "RegisterView",
    "ResultRowView",
    "SectionView",
    "SourceView",
    "StatusCountView",
    "StatusView",
    "TableView",
    "VersionView",
    "Words",
    "foreign_language",
]

WORDS = re.compile(r"[\u3400-\u9fff]+|[^\s\u3400-\u9fff]+|\s+")  # Chinese between two other signs is one word
MAX_COMPARED_WORDS = 400  # of a text whose changed words are marked
LEAST_SHARED = 0.5  # of the words of two texts; below, the one stands for the other as a whole


class LabelledText(NamedTuple):
    """A fact as a line of text, in the reader's language."""

    label: str  # message id
    text: str


class FactView(NamedTuple):
    """A fact of a banner, in the reader's language as far as its words are known."""

    label: str  # message id
    pieces: tuple[Piece, ...]
    fields: tuple[str, ...] = ()  # that it tells

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class RegisterView:
    """A register with its numbers of records by standing.

    `total`, `in_force` and `standings` count all of them. `demo_standings`: those that are invented; `foreign_standings`:
    the others that bodies abroad have issued; `own_standings`: those that are neither.
    """

    slug: str
    mark: str  # one character, always beside the written name
    label: str  # message id, plural: "Time-honoured brands"
    label_one: str  # message id, singular: "Time-honoured brand"
    kind: str  # core | reference
    about: str = ""  # message id, one sentence
    total: int = 0
    in_force: int = 0
    standings: Mapping[str, int] = field(default_factory=dict)  # standing -> number of records
    own_standings: Mapping[str, int] = field(default_factory=dict)
    demo_standings: Mapping[str, int] = field(default_factory=dict)
    foreign_standings: Mapping[str, int] = field(default_factory=dict)


class RegionView(NamedTuple):
    """A region by its code, with its name in both languages."""

    code: str
    zh: str
    en: str
    en_source: str = "official"


class PartyView(NamedTuple):
    """Holder or issuer: linked where it is in the register, else as the source wrote it."""

    label: str  # message id
    name: Words
    path: str = ""
    number: str = ""
    region: RegionView | None = None


@dataclass(frozen=True, slots=True)
class PlateView:
    """The answer to what the record is worth today, first on its page. `meaning`: what its status means, for buyers ("": not said)."""

    status: StatusView
    sentence: str  # message id, takes `params`
    params: Mapping[str, str] = field(default_factory=dict)
    facts: tuple[FactView, ...] = ()
    meaning: str = ""  # message id
    at: str = ""  # ISO day of a page as of a past day
    today_status: StatusView | None = None  # only on such a page


class LinkedRecordView(NamedTuple):
    """A record as a line in a list of links."""

    register: RegisterView
    number: str
    path: str
    title: Words
    status: StatusView | None
    holder: Words | None = None  # None where the page says it already
    date: str = ""  # first day of validity, in words
    marks: tuple[StatusView, ...] = ()  # of its cautions
    roles: tuple[
        str, ...
    ] = ()  # message ids: what the record of the page is to this one, where that differs in a list
    demo: bool = False


class StatusCountView(NamedTuple):
    """How many records of a list have a status, with the path of the list of them."""

    status: StatusView
    total: int
    path: str


@dataclass(frozen=True, slots=True)
class LinkGroupView:
    """A list of linked records.

    What another register has of the record (`register`) is counted in all by `statuses`; `items` are those that are not
    ended, `ended` the others. `more_path`: of the full list, "" where all are here; `ended_path`: of all ended ones.
    """

    relation: str
    label: str  # message id: "Declares to this standard"
    total: int
    items: tuple[LinkedRecordView, ...]
    more_path: str = ""
    register: RegisterView | None = None
    statuses: tuple[StatusCountView, ...] = ()
    ended: tuple[LinkedRecordView, ...] = ()
    ended_total: int = 0
    ended_path: str = ""

    @property
    def current_total(self) -> int:
        return self.total - self.ended_total

    @property
    def current_statuses(self) -> tuple[StatusCountView, ...]:
        return tuple(each for each in self.statuses if each.status.standing != "ended")


class IssueView(NamedTuple):
    code: str
    field: str
    field_label: str  # message id
    params: Mapping[str, object]
    severity: str  # blocks | warns
    message: str = ""  # message id; params fit it


@dataclass(frozen=True, slots=True)
class ChangeView:
    """What a field said before and after. `label`: message id; `lang`: of both texts where they are not in the reader's."""

    label: str
    before: str
    after: str
    lang: str = ""

    @property
    def words_before(self) -> Iterator[tuple[str, bool]]:
        """Yield the text before in pieces, each with whether it is gone."""
        return _marked_words(self.before, self.after)

    @property
    def words_after(self) -> Iterator[tuple[str, bool]]:
        """Yield the text after in pieces, each with whether it is new."""
        return _marked_words(self.after, self.before)


def _marked_words(text: str, other: str) -> Iterator[tuple[str, bool]]:
    """Yield a text in pieces, each with whether the other one lacks it, word by word; as a whole where they share too little."""
    words, others = WORDS.findall(text), WORDS.findall(other)
    if len(words) > MAX_COMPARED_WORDS or len(others) > MAX_COMPARED_WORDS:
        yield text, True
        return
    if not words:
        return
    matcher = difflib.SequenceMatcher(None, others, words, autojunk=False)
    if matcher.ratio() < LEAST_SHARED:
        yield text, True
        return
    for kind, _start, _end, first, last in matcher.get_opcodes():
        if last > first:
            yield "".join(words[first:last]), kind != "equal"


@dataclass(frozen=True, slots=True)
class VersionView:
    version: int
    status: StatusView
    reason: str  # message id
    actor_role: str  # message id
    recorded_at: dt.datetime
    day: str  # of the entry, in words, Shanghai
    time: str  # hh:mm:ss, Shanghai
    index: int | None
    hash: str
    legal_basis: str
    changes: tuple[ChangeView, ...]
    words: str = ""  # why facts were corrected, or records merged
    effective: LabelledText | None = None  # the day of the decision, or since which the status holds


@dataclass(frozen=True, slots=True)
class EntryView:
    index: int | None  # None: not yet sealed
    recorded_at: dt.datetime
    day: str
    time: str
    hash: str  # document hash, hex
    leaf_hash: str | None
    log_size: int
    version: int


@dataclass(frozen=True, slots=True)
class SourceView:
    name: str
    url: str = ""
    date: str = ""  # in words
    status: str = ""  # as the source wrote it
    legal_basis: str = ""
    others: tuple[str, ...] = ()  # further sources of the record


class NumberYearView(NamedTuple):
    """The year in a number that is not the year of its event: `label` of the field that would state the day, and whether it does."""

    year: str
    label: str  # message id
    is_stated: bool


@dataclass(frozen=True, slots=True)
class PictureView:
    """A logo or product picture that the holder has supplied. `alt`: what can be seen on it."""

    sha256: str
    width: int  # dots
    height: int
    alt: Words

    @property
    def path(self) -> str:
        """Where it is served, without a language."""
        return f"/pictures/{self.sha256}"

    @property
    def small_path(self) -> str:
        """Where it is served as lists show it."""
        return f"{self.path}/small"


@dataclass(frozen=True, slots=True)
class PublishedFileView:
    """A file of an application that anybody may have, at the address of its hash."""

    name: str
    size: int  # bytes
    sha256: str


@dataclass(frozen=True, slots=True)
class RecordView:
    register: RegisterView
    number: str
    slug: str  # number as it stands in an address
    path: str  # "/brands/TB-2006-00001-A"
    version: int
    title: Words
    romanised: str  # pinyin with tones for Chinese names, "" where none
    kicker: Words | None  # tier, scheme: beside the register's name
    region: RegionView | None
    status: StatusView
    badges: tuple[StatusView, ...]  # marks of the cautions: based on a superseded edition …
    cautions: tuple[CautionView, ...]
    holder: PartyView | None
    issuer: PartyView | None
    valid_from: str | None  # ISO, sparse
    valid_to: str | None
    plate: PlateView
    sections: tuple[SectionView, ...]
    links: tuple[LinkGroupView, ...]
    warnings: tuple[IssueView, ...]
    history: tuple[VersionView, ...]
    source: SourceView | None
    entry: EntryView
    permalink: str  # of an `?at=` page with its day
    demo: bool
    at: str | None  # ISO day of an `?at=` page
    document: Mapping[str, object]
    identifiers: Mapping[str, str]
    number_year: NumberYearView | None = None
    paths: Mapping[str, str] = field(default_factory=dict)  # numbers of records that this one links to
    full_text_hash: str = ""  # hash of the full text, where anybody may have it
    full_text_size: int = 0  # bytes
    files: tuple[PublishedFileView, ...] = ()  # of an application, where anybody may have them
    told_apart_by: Words | None = None  # stands behind the title: the model, else the holder
    former_numbers: tuple[Piece, ...] = ()  # that lead to it too
    picture: PictureView | None = None  # as of today only
    stored_status: str = ""  # without what the dates of the document make of it
    has_reports: bool = False  # public or not
    was_drawn: bool = False  # for a random check
    may_be_printed: bool = False  # its register says what holders may print beside goods


@dataclass(frozen=True, slots=True)
class PassageView:
    """A passage of a full text. `page`: of the file, from 1; `marks`: (start, end) of the words in `text`."""

    page: int
    text: str
    marks: tuple[tuple[int, int], ...]

    @property
    def pieces(self) -> Iterator[tuple[str, bool]]:
        """Yield the passage in pieces, each with whether it is one of the words."""
        at = 0
        for start, end in self.marks:
            yield self.text[at:start], False
            yield self.text[start:end], True
            at = end
        yield self.text[at:], False


@dataclass(frozen=True, slots=True)
class ResultRowView:
    """One line of a result list."""

    register: RegisterView
    number: str
    path: str
    title: Words
    region: RegionView | None
    status: StatusView
    badges: tuple[StatusView, ...]
    holder: PartyView | None
    issuer: PartyView | None
    meta: tuple[LabelledText, ...]  # standard, valid until, grade …
    matched: tuple[str, ...]  # terms to highlight
    demo: bool = False
    same_name: bool = False  # shares its name with another row: shown side by side
    told_apart_by: Words | None = None  # stands behind the title: the model, else the holder
    near_match: tuple[str, str] | None = (
        None  # (search as typed, text of the record near it): no word finds it
    )
    synonym_matches: tuple[tuple[str, str], ...] = ()  # (word as typed, word of the record of that meaning)
    passage: PassageView | None = None  # of the public full text, where words stand that the record lacks
    picture: PictureView | None = None

    @property
    def matched_issuer(self) -> PartyView | None:
        """The issuer where the search has a word of its name: else the line does without."""
        if self.issuer is None or not self.matched:
            return None
        name = f"{self.issuer.name.zh} {self.issuer.name.en}".lower()
        return self.issuer if any(term and term.lower() in name for term in self.matched) else None


class PlatformView(NamedTuple):
    """A public look-up elsewhere: its address, its name, and what it is good for."""

    address: str
    name: Words
    keeper: Words
    purpose: Words

    @classmethod
    def of(cls, code: str) -> PlatformView:
        """Return the platform of a code of `code_lists.platforms`. Raises `KeyError`."""
        return cls.shown(platforms.platform(code))

    @classmethod
    def shown(cls, platform: platforms.Platform) -> PlatformView:
        """Return a platform in words."""
        return cls(
            platform.address,
            Words(platform.name_zh, platform.name_en),
            Words(platform.keeper_zh, platform.keeper_en),
            Words(platform.purpose_zh, platform.purpose_en),
        )


NATIONAL_LOOK_UPS = tuple(map(PlatformView.of, number_families.NATIONAL_LOOK_UPS))
REPORT_AT = PlatformView.of(number_families.REPORT_AT)


@dataclass(frozen=True, slots=True)
class NumberFamilyView:
    """The family of a number that is not on record: its name, who keeps it, and where to look it up (None: nowhere)."""

    code: str
    name: Words
    keeper: Words
    platform: PlatformView | None


@dataclass(frozen=True, slots=True)
class NotFoundView:
    """Why there is no such record.

    `answer`: register_unknown, check_digit, near, number_shape, other_register, several, never_registered,
    edition_missing, not_covered or before_first_entry. `near` and `elsewhere`: records that may be meant, `elsewhere` in
    other registers. `family`: of a number that is not kept here; `kept_in_part`: some numbers of its kind are.
    `parts_not_held`: of a text with two numbers, those that no record has.
    `look_ups`: where certificates and standards can be looked up; `report_at`: where fakes are reported.
    """

    typed: str
    answer: str
    register: RegisterView | None
    near: tuple[LinkedRecordView, ...] = ()
    elsewhere: tuple[LinkedRecordView, ...] = ()
    message: str = ""  # message id
    params: Mapping[str, str] = field(default_factory=dict)
    dates: tuple[LabelledText, ...] = ()  # what the source itself dates
    family: NumberFamilyView | None = None
    kept_in_part: bool = False
    parts_not_held: tuple[str, ...] = ()
    look_ups: tuple[PlatformView, ...] = NATIONAL_LOOK_UPS
    report_at: PlatformView = REPORT_AT


@dataclass(frozen=True, slots=True)
class CheckedNumberView:
    """What the check of one of many numbers found. `answer`: as `POST /check` gives it; `words`: a message id.

    `missing` is None where the number names records.
    """

    typed: str
    answer: str
    words: str
    records: tuple[LinkedRecordView, ...]
    missing: NotFoundView | None


@dataclass(frozen=True, slots=True)
class QualityGapView:
    """A kind of gap in a register's records: how many of them have it."""

    register: RegisterView
    code: str
    field_label: str  # message id
    message: str  # in words, without the particulars of one record
    count: int
    share: float  # of the register's records, from 0 to 1
    filter: str  # value of the filter by which the register lists these records


class ChangeOfStatusView(NamedTuple):
    """A line of what has changed lately: `record` and `others` more of its register that changed in the same way.

    `before` is None for new records. `day`: of the entry, in words; `date`: in ISO form.
    """

    record: LinkedRecordView
    before: StatusView | None
    after: StatusView
    others: int
    day: str
    date: str


class RecordOfTheDayView(NamedTuple):
    """An old record that the first page tells of. `title`: message id; `story`: empty where the source tells none.

    `source`, `source_day`: where the facts are from, in words; "" where the record does not say.
    """

    title: str
    record: LinkedRecordView
    region: RegionView | None
    founded: int
    years: int
    story: tuple[Piece, ...]
    source: str
    source_day: str


class SchemeLineView(NamedTuple):
    """A grading scheme in the list of schemes. `levels`: from the best; `closed`: there are no further ones."""

    words: Words
    path: str
    levels: tuple[Words, ...]
    closed: bool


class LevelView(NamedTuple):
    """A level of a scale. `placed`: its words with its place; `rank`: 1 for the best."""

    code: str
    words: Words
    placed: Words
    rank: int


class SchemeStandardView(NamedTuple):
    """A standard that a scheme applies, with its page and title where it is on record."""

    number: str
    path: str
    title: Words | None


class SchemeIndicatorView(NamedTuple):
    """What the levels ask of one indicator, from the best level to the worst; "" where a level asks nothing."""

    name: str
    unit: str
    thresholds: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class SchemeView:
    """A grading scheme as its page shows it.

    `version`: edition, or the day of a draft (`is_draft`); "" where none is stated. `subject`, `graders`: message ids.
    `records_query`: parameters of the list of its records.
    """

    register: RegisterView
    code: str
    path: str
    records_query: Mapping[str, str]
    words: Words
    version: str
    is_draft: bool
    publisher: Words
    source: Words
    source_url: str
    standards: tuple[SchemeStandardView, ...]
    subject: str
    graders: tuple[str, ...]
    validity_months: int
    evidence_months: int
    levels: tuple[LevelView, ...]
    closed: bool
    indicators: tuple[SchemeIndicatorView, ...]

    @property
    def lacks_thresholds(self) -> bool:
        """True if some level of an indicator has no threshold here."""
        return any("" in each.thresholds for each in self.indicators)
