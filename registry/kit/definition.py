"""The definition of a register: one frozen object, composed in the register's folder and checked at start-up."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from registry.kit.approvals import IssuerDuties
from registry.kit.cautions import CautionRule, next_caution_day
from registry.kit.conflicts import ConflictRule
from registry.kit.coverage import Coverage, read_coverage
from registry.kit.display import Words
from registry.kit.filing import Filing
from registry.kit.former_values import FormerValues
from registry.kit.grading import Schemes
from registry.kit.kinds import Rows
from registry.kit.letter_text import LetterText
from registry.kit.life_cycle import AddedRow, Deadline, DueDate, LifeCycle
from registry.kit.links import LinkSpec, NamedInTexts, Party
from registry.kit.marking import Marking
from registry.kit.near_doubles import NearDouble
from registry.kit.random_check import CheckRules
from registry.kit.representation import Representation
from registry.kit.rules import Rule
from registry.kit.schema import ORIGIN_FIELDS, RecordSchema
from registry.kit.statistics import Statistics
from registry.kit.watch_lists import WATCH_LISTS, CopiedText, LinkedDueDate
from registry.messages import Messages, find_message

COMMON_FILTERS = ("status", "standing", "region", "year", "caution", "founded", "valid_until")


class KeyMissing(ValueError):
    """Part of the natural key is missing; `fields` names the parts."""

    def __init__(self, *fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class NaturalKey:
    """How a register tells its records apart.

    `compute(values)` gives the key of a record, or raises `KeyMissing`. `parse` turns the text with which another record
    names one (a credit code, a standard number) into the key.
    """

    fields: tuple[str, ...]
    compute: Callable[[Mapping[str, Any]], str]
    parse: Callable[[str], str] = str


def key_of(*fields: str, fold: Callable[[str], str], optional: Sequence[str] = ()) -> NaturalKey:
    """A key of folded fields joined by `|`; `optional` ones may be empty, the others are required."""

    def compute(values: Mapping[str, Any]) -> str:
        missing = [name for name in fields if name not in optional and not values.get(name)]
        if missing:
            raise KeyMissing(*missing)
        return "|".join(fold(str(values.get(name) or "")) for name in fields)

    return NaturalKey(fields, compute, fold)


@dataclass(frozen=True, slots=True)
class Numbering:
    """How records get their numbers: issued by us, or derived from the values of the record (`derive`).

    An issued number has the prefix, the year of the date in `year_field`, else of the first publication, and a sequence of
    at least `digits` digits.
    """

    prefix: str = ""
    digits: int = 6
    year_field: str = ""
    derive: Callable[[Mapping[str, Any]], str] | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """The fields that name a record in each language; the first one that is not empty counts.

    `default_en_source`: where the English comes from if the field `en_source` does not say. `distinguish_by_region`:
    result lines show the region where records have the same name. `romanise`: how a missing English name is made; words
    (common nouns, titles of standards) never are. Where many records have the same name, the value of a field stands behind
    the title in lists and headings: that of `told_apart_by` (models), else with `told_apart_by_holder` the holder.
    """

    zh: tuple[str, ...]
    en: tuple[str, ...]
    default_en_source: str = "enterprise"
    distinguish_by_region: bool = False
    romanise: Literal["name", "company", "words"] = "words"
    told_apart_by: str = ""
    told_apart_by_holder: bool = False


@dataclass(frozen=True, slots=True)
class DeskEntry:
    """How staff enter new records at the desk, each prepared by one person and published by another.

    `transition`: the one that begins such a record; its roles may do so. `files`: the table of the document that names the
    public file handed in with it, with the columns `name` and `sha256`, "" where there is none.
    """

    transition: str
    files: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the record page with its fields in order; a field of type `Rows` is shown as a table."""

    key: str
    title: str  # message id
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparisonTables:
    """The fields of two tables of indicators: promised values, and values of other standards to compare them with."""

    own: str
    benchmarks: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Which fields stand where.

    `result_fields`: on a result line. `kicker`: the field beside the name of the register (tier, scheme). `key_facts`:
    fields and derived facts under the status, few of which a record has at one time. `emphasised`: fields that the law
    wants to be stated plainly. `only_in_states`: field → the states in which it is shown, such as the end of a suspension.
    `struck_through`: tables of what is no longer so, whose first column is struck through.
    """

    sections: tuple[Section, ...]
    result_fields: tuple[str, ...] = ()
    kicker: str = ""
    key_facts: tuple[str, ...] = ()
    emphasised: tuple[str, ...] = ()
    comparison: ComparisonTables | None = None
    only_in_states: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    struck_through: tuple[str, ...] = ()

    def is_shown(self, name: str, status: str) -> bool:
        """True unless the field tells of a state that the record is not in: the reason of a suspension that is over."""
        states = self.only_in_states.get(name)
        return states is None or status in states


@dataclass(frozen=True, slots=True)
class SearchSpec:
    """How records are searched, beyond what the fields say.

    `facets`: fields that are facets besides register, status, region and year. `computed_facets(values)`: further ones,
    with their labels in order (message ids) and the words of their values. `rank(values)`: of a grade, 1 for the best.
    `rank_within`: the facet by whose one value ranks may be compared, in a register without grading schemes.
    `parents`: of facets whose values are a tree, the value above one, "" at the top; records have all those above theirs.
    `date_field`: the date for sorting and for the facet of years; `date_label`: message id of a range of it. `extra_names(values)`: further names of the record.
    `asks_for_adoption(number, text)`: whether a text with the number of a record means those that adopt it.
    `subjects`: fields that say what a record is about: a search is compared with them in meaning.
    `date_words`: words that beside a time say that the date of this register is meant. `register_words`: words that mean this
    register in a search, besides its label. `meanings`: words that mean values of
    facets, as (facet, value). `year(values)`: the year of a record that states no date, "" for none. `founded`: the field with the year or the date in which what a record is about was founded,
    by which records are filtered in ranges of years.
    """

    facets: tuple[str, ...] = ()
    computed_facets: Callable[[Mapping[str, Any]], Mapping[str, tuple[str, ...]]] | None = None
    computed_labels: Mapping[str, str] = field(default_factory=dict)
    computed_words: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)
    rank: Callable[[Mapping[str, Any]], int] | None = None
    rank_within: str = ""
    parents: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    date_field: str = ""
    date_label: str = ""
    year: Callable[[Mapping[str, Any]], str] | None = None
    extra_names: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None
    asks_for_adoption: Callable[[str, str], bool] | None = None
    subjects: tuple[str, ...] = ()
    register_words: tuple[str, ...] = ()
    date_words: tuple[str, ...] = ()
    meanings: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    founded: str = ""


@dataclass(frozen=True, slots=True)
class Showcase:
    """Which records the first page may tell of, one a day: those founded at least `least_years` ago.

    `title`: message id of the heading; `founded`: the field with the year; `stories`: the fields with their story in
    Chinese and in English.
    """

    title: str
    founded: str
    least_years: int
    stories: tuple[str, str]


@dataclass(frozen=True, slots=True)
class ProductFields:
    """Which fields say what product a record is about: its models, its barcodes (GTIN), and the links to who makes it."""

    models: str
    barcodes: str = ""
    makers: tuple[str, ...] = ()  # relations


@dataclass(frozen=True, slots=True)
class Succession:
    """How the newest of several results of one thing takes the place of the older ones.

    `subjects(values)`: what a record is about, each as a tuple of folded texts; none where the document says too little.
    The newer result is that with the later date of `valid_from`. `relation`: the link from the newer to the older one;
    `partial`: where the older one is about further things, which the newer one does not touch.
    """

    relation: str
    partial: str
    subjects: Callable[[Mapping[str, Any]], Iterable[tuple[str, ...]]]


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """A line of the page that is no field of the document but follows from values and status (use of the mark).

    `compute(values, status)` gives None if there is nothing to say; with `takes_day` it is given the day for which it is
    asked as well. `of_field`: the field whose value it tells in some states, "" for words of its own.
    """

    name: str
    label: str  # message id
    compute: Callable[..., Words | None]
    takes_day: bool = False
    of_field: str = ""

    def words(self, values: Mapping[str, Any], status: str, day: dt.date) -> Words | None:
        """The fact of a record in `status` on a day."""
        return self.compute(values, status, day) if self.takes_day else self.compute(values, status)


@dataclass(frozen=True)
class RegisterDefinition:
    """All that makes a register: fields, rules, life cycle, presentation, search, filing, samples.

    `mark`: a character that stands for it on pages. `label`, `label_one` (plural and singular), `about` and `not_covered`
    (what people look for here but is kept elsewhere): message ids. `region`, `valid_from`, `valid_to`: names of fields.
    `identifiers`: fields of the API's `identifiers`; `exact_lookup_fields`: those that name the record itself, besides
    fields whose form does (`names_record`), and `further_numbers(values)`. `kept_completely`: codes of the families
    (`reference.identifiers.number_families`) of which every number is here, so that an unknown one was never issued.
    `group_keys(values)`: keys that records share, by which rules of other registers find all of them. `derived`
    facts may stand in sections like fields. `cautions`: what stands beside the status. `conflicts`: with records of other
    registers. `messages`: of codes that only rules of this register raise. `position`: the
    order in lists of registers; equal ones are ordered by slug. `representation`: how people act for its records, as for
    organisations. `duties`: what is asked of the bodies that issue its records. `letters`: kind → text of letters about its records. `former_values`: values whose former ones are kept.
    `near_doubles`: how records are noticed that may be one. `schemes`: by which its records are graded.
    `succession`: how newer records take the place of older ones. `showcase`: which records the first page may tell of.
    `due_dates`, `linked_due_dates`: what stands on the watch lists beside the deadlines of the life cycle.
    `statistics`: what is counted beside the facets. `checks`: how its records are checked at random, None where they are not.
    `marking`: what its holders may print beside goods and papers, None where that is nothing.
    `named_in_texts`: how texts of other registers name its records. `desk_entry`: how staff enter new ones.
    `application_filing`: how holders apply where a body files (`catalogue()` has it by a slug of its own, `applies_to` this one).
    `copied_text`: which of its texts are compared with those of other holders.
    """

    slug: str
    mark: str
    kind: Literal["core", "reference"]
    label: str
    label_one: str
    about: str
    schema: type[RecordSchema]
    key: NaturalKey
    numbering: Numbering
    title: Title
    life_cycle: LifeCycle
    layout: Layout
    folder: Path
    holder: Party | None = None
    issuer: Party | None = None
    region: str = "region_code"
    valid_from: str = ""
    valid_to: str = ""
    identifiers: tuple[str, ...] = ()
    exact_lookup_fields: tuple[str, ...] = ()
    further_numbers: Callable[[Mapping[str, Any]], Iterable[str]] | None = None
    kept_completely: tuple[str, ...] = ()
    group_keys: Callable[[Mapping[str, Any]], Iterable[str]] | None = None
    links: tuple[LinkSpec, ...] = ()
    rules: tuple[Rule, ...] = ()
    search: SearchSpec = field(default_factory=SearchSpec)
    cautions: tuple[CautionRule, ...] = ()
    conflicts: tuple[ConflictRule, ...] = ()
    derived: tuple[DerivedFact, ...] = ()
    samples: tuple[Mapping[str, Any], ...] = ()
    messages: Messages = field(default_factory=dict)
    not_covered: str = ""
    filing: Filing | None = None
    application_filing: Filing | None = None
    applies_to: str = ""
    position: int = 100
    representation: Representation | None = None
    duties: IssuerDuties | None = None
    letters: Mapping[str, LetterText] = field(default_factory=dict)
    former_values: tuple[FormerValues, ...] = ()
    near_doubles: tuple[NearDouble, ...] = ()
    schemes: Schemes | None = None
    succession: Succession | None = None
    product: ProductFields | None = None
    checks: CheckRules | None = None
    marking: Marking | None = None
    showcase: Showcase | None = None
    statistics: Statistics = field(default_factory=Statistics)
    due_dates: tuple[DueDate, ...] = ()
    linked_due_dates: tuple[LinkedDueDate, ...] = ()
    named_in_texts: NamedInTexts | None = None
    desk_entry: DeskEntry | None = None
    copied_text: CopiedText | None = None

    @property
    def package(self) -> str:
        """The name of the register's folder."""
        return self.folder.name

    @property
    def published_in(self) -> str:
        """The slug of the register in which its records stand."""
        return self.applies_to or self.slug

    @property
    def filer(self) -> Party | None:
        """The party of a record that files it, None where records are not filed."""
        if self.filing is None:
            return None
        return self.issuer if self.filing.filer == "issuer" else self.holder

    @property
    def coverage(self) -> Coverage:
        """What the register covers, as `coverage.toml` in its folder says."""
        return read_coverage(self.folder)

    def mapping_path(self, name: str) -> Path:
        """The file of a mapping that comes with the register; it need not exist."""
        return self.folder / "mappings" / f"{name}.toml"

    def mappings(self) -> list[str]:
        """The names of the mappings that come with the register."""
        return sorted(path.stem for path in (self.folder / "mappings").glob("*.toml"))

    def message_for(self, code: str) -> str:
        """The message id of an issue's code in this register; the code itself if nothing declares it."""
        message = self.messages.get(code) or find_message(code)
        if message is None:
            return code
        return message if isinstance(message, str) else message.text

    def next_day_of_change(self, status: str, values: Mapping[str, Any], today: dt.date) -> dt.date | None:
        """The day on which a date next changes the status, or what stands beside it; None if no day is ahead.

        A change of status whose day has passed is still ahead; what stands beside the status by `today` is not.
        """
        change = self.life_cycle.next_date_change(status, values)
        days = [change[0] if change else None, next_caution_day(self.cautions, values, today)]
        return min((day for day in days if day), default=None)

    def declared_dues(self) -> tuple[Deadline | DueDate | LinkedDueDate, ...]:
        """All that stands on a watch list by a day."""
        return (*self.life_cycle.deadlines, *self.due_dates, *self.linked_due_dates)

    def all_links(self) -> tuple[LinkSpec, ...]:
        """The links that fields make, those to holder and issuer first."""
        return self._all_links

    @functools.cached_property
    def _all_links(self) -> tuple[LinkSpec, ...]:
        parties = tuple(
            LinkSpec(party.relation, party.register, party.key, "", "", role=party.role)
            for party in self._parties()
        )
        return parties + self.links

    def _parties(self) -> tuple[Party, ...]:
        return tuple(party for party in (self.holder, self.issuer) if party is not None)

    def self_check(self) -> list[str]:
        """What contradicts itself in this definition and what is wrong with its samples; empty when all is well."""
        return [*self.contradictions(), *self._sample_problems()]

    def contradictions(self) -> list[str]:
        """What contradicts itself in this definition. Samples, of which no process makes use, are left to `self_check`."""
        relations = {link.relation for link in self.all_links()}
        return [
            *(f"life cycle: {problem}" for problem in self.life_cycle.problems()),
            *self._unknown_fields(),
            *self._layout_problems(),
            *self._field_problems(),
            *self._filing_problems(relations),
            *self._linked_change_problems(relations),
            *self._caution_problems(relations),
            *self._watch_problems(relations),
            *self.statistics.problems(self._filter_names()),
            *(self.checks.problems(self.life_cycle) if self.checks else ()),
            *(self.marking.problems(self.life_cycle) if self.marking else ()),
            *self._desk_entry_problems(),
        ]

    def _desk_entry_problems(self) -> Iterator[str]:
        """A way to enter records at the desk that no transition begins."""
        begun = {move.name for move in self.life_cycle.transitions if not move.before}
        if self.desk_entry and self.desk_entry.transition not in begun:
            yield f"entry at the desk: no transition {self.desk_entry.transition} begins a record"

    def _filter_names(self) -> tuple[str, ...]:
        """Names by which lists are filtered in every register, and the facets of this one."""
        return (*COMMON_FILTERS, *self.search.facets, *self.search.computed_labels)

    def _unknown_fields(self) -> Iterator[str]:
        """Names of fields that the schema does not have, by the part of the definition that uses them."""
        derived = {fact.name for fact in self.derived}
        layout = self.layout
        used: dict[str, Iterable[str]] = {
            "key": self.key.fields,
            "product": (self.product.models, self.product.barcodes) if self.product else (),
            "title": (*self.title.zh, *self.title.en, self.title.told_apart_by),
            "identifiers": (*self.identifiers, *self.exact_lookup_fields),
            "result line": (*layout.result_fields, layout.kicker),
            "key facts": (name for name in layout.key_facts if name not in derived),
            "sections": (
                name for section in layout.sections for name in section.fields if name not in derived
            ),
            "emphasised": layout.emphasised,
            "shown in states": layout.only_in_states,
            "struck through": layout.struck_through,
            "comparison": (layout.comparison.own, layout.comparison.benchmarks) if layout.comparison else (),
            "facets": self.search.facets,
            "subjects": self.search.subjects,
            "links": (link.field for link in self.all_links()),
            "showcase": (self.showcase.founded, *self.showcase.stories) if self.showcase else (),
            "marking": self.marking.named_fields() if self.marking else (),
            "schemes": (self.schemes.scheme_field, self.schemes.level_field) if self.schemes else (),
            "filing": self.filing.named_fields() if self.filing else (),
            "dates": (self.valid_from, self.valid_to, self.numbering.year_field, self.search.date_field),
            "date changes": (
                name
                for change in self.life_cycle.date_changes
                for name in (change.field, change.only_if_given, change.only_if_missing)
            ),
            "former values": (
                name
                for each in self.former_values
                for name in (*each.fields, *each.columns.values(), each.code, each.table, each.began)
            ),
            "near doubles": (each.field for each in self.near_doubles),
            "decisions": (
                name
                for move in self.life_cycle.transitions
                for name in (
                    *(*move.needs, *move.fields, move.date_field, *_names_of_row(move.adds_row)),
                    *((move.ended_values.field, move.ended_values.table) if move.ended_values else ()),
                )
            ),
            "deadlines": (each.field for each in self.life_cycle.deadlines),
            "due dates": (each.field for each in self.due_dates),
            "days of decisions": (name for state in self.life_cycle.states for name in state.decided),
            "rules": (name for rule in self.rules for name in rule.fields),
            "entry at the desk": (self.desk_entry.files,) if self.desk_entry else (),
        }
        known = {*self.schema.register_fields(), "number", ""}
        for part, names in used.items():
            yield from (f"{part}: no field {name}" for name in names if name not in known)

    def _layout_problems(self) -> Iterator[str]:
        """Public fields and derived facts that no page shows."""
        fields = self.schema.register_fields()
        on_page = {name for section in self.layout.sections for name in section.fields}
        elsewhere = {*ORIGIN_FIELDS, "number", "status", *self.title.zh, *self.title.en}
        elsewhere |= {name for party in self._parties() for name in (party.key, party.zh, party.en)}
        for name, each in fields.items():
            if each.info.audience == "public" and name not in on_page | elsewhere:
                yield f"layout: public field {name} is on no page"
        for fact in self.derived:
            if fact.name in fields:
                yield f"derived {fact.name}: is a field"
            if fact.name not in on_page and fact.name not in self.layout.key_facts:
                yield f"derived {fact.name}: is on no page"

    def _field_problems(self) -> Iterator[str]:
        for name, each in self.schema.register_fields().items():
            if not each.info.label:
                yield f"field {name}: no label"
            if isinstance(each, Rows) and each.info.facet:
                yield f"field {name}: a table cannot be a facet"
        if not (self.numbering.prefix or self.numbering.derive):
            yield "numbering: neither issued nor derived"

    def _linked_change_problems(self, relations: Collection[str]) -> Iterator[str]:
        for change in self.life_cycle.linked_changes:
            if change.relation not in relations:
                yield f"linked change {change.transition}: no link {change.relation}"
            if change.letter and change.letter not in self.letters:
                yield f"linked change {change.transition}: no letter {change.letter}"

    def _caution_problems(self, relations: Collection[str]) -> Iterator[str]:
        codes = [kind.code for rule in self.cautions for kind in rule.kinds]
        yield from (
            f"deadline {deadline.code}: no caution shows it"
            for deadline in self.life_cycle.deadlines
            if deadline.code not in codes
        )
        yield from (f"caution {code}: declared twice" for code in sorted(set(codes)) if codes.count(code) > 1)
        for rule in self.cautions:
            yield from (f"caution: no link {name}" for name in rule.relations if name not in relations)

    def _watch_problems(self, relations: Collection[str]) -> Iterator[str]:
        """Watch lists, states, transitions and links that due dates name and that do not exist."""
        moves = {move.name for move in self.life_cycle.transitions}
        for each in self.declared_dues():
            if each.watch not in WATCH_LISTS:
                yield f"due date {each.code}: no watch list {each.watch}"
            yield from (
                f"due date {each.code}: no state {code}"
                for code in each.states
                if not self.life_cycle.has_state(code)
            )
            yield from (
                f"due date {each.code}: no transition {name}"
                for name in each.resolved_by
                if name not in moves
            )
        yield from (
            f"due date {each.code}: no link {each.relation}"
            for each in self.linked_due_dates
            if each.relation not in relations
        )
        yield from (
            f"caution {kind.code}: no watch list {kind.watch}"
            for rule in self.cautions
            for kind in rule.kinds
            if kind.watch and kind.watch not in WATCH_LISTS
        )

    def _sample_problems(self) -> Iterator[str]:
        """Samples that are not valid, and fields that no sample has."""
        for index, sample in enumerate(self.samples):
            values = {name: value for name, value in sample.items() if name != "status"}
            for issue in self.schema.load_values(values, complete=True).issues:
                yield f"sample {index}: {issue.field} {issue.code}"
            status = str(sample.get("status", self.life_cycle.default_status))
            if not self.life_cycle.has_state(status):
                yield f"sample {index}: unknown status {status}"
        if self.samples:
            exercised = {name for sample in self.samples for name in sample}
            unused = set(self.schema.register_fields()) - exercised - set(ORIGIN_FIELDS)
            yield from (f"samples: no sample exercises {name}" for name in sorted(unused))

    def _filing_problems(self, relations: Collection[str]) -> list[str]:
        """What contradicts itself in the filing, besides names of fields."""
        filing = self.filing
        if filing is None:
            return []
        problems = [
            f"filing: no state {state}"
            for state in filing.named_states()
            if not self.life_cycle.has_state(state)
        ]
        if self.filer is None or self.filer.key not in filing.organisation_fields:
            problems.append(f"filing: the key of the {filing.filer} is not filled in from the filer's record")
        if filing.filer == "issuer" and self.duties is None:
            problems.append("filing: nothing says what the bodies that file may issue")
        public = {state.code for state in self.life_cycle.public_states()}
        if not problems and (filing.application is not None) == (filing.start.status in public):
            problems.append(
                "filing: an application begins in a state that is not public, and nothing else does"
            )
        if filing.application and not self.life_cycle.first_publication():
            problems.append("filing: no transition publishes an application")
        transitions = {move.name for move in self.life_cycle.transitions}
        if filing.retraction and filing.retraction.transition not in transitions:
            problems.append(f"filing: no transition {filing.retraction.transition}")
        if filing.correction and filing.correction.transition not in transitions:
            problems.append(f"filing: no transition {filing.correction.transition}")
        if filing.retraction and filing.retraction.transition not in filing.words.events:
            problems.append(f"filing: no words for the event {filing.retraction.transition}")
        if filing.ending_link and filing.ending_link.relation not in relations:
            problems.append(f"filing: no link {filing.ending_link.relation}")
        if filing.confirmation and filing.confirmation.letter not in self.letters:
            problems.append(f"filing: no letter {filing.confirmation.letter}")
        return problems


def _names_of_row(added: AddedRow | None) -> tuple[str, ...]:
    """The fields that a row which a decision adds is made from, with its table."""
    return (added.table, *added.from_fields.values(), *added.former.values()) if added else ()
