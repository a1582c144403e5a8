"""What a register is: one frozen definition, put together in the register's folder and checked at start-up."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from registry.i18n import _
from registry.kit.display import Words
from registry.kit.filing import Filing
from registry.kit.kinds import Rows
from registry.kit.letter_texts import LetterText
from registry.kit.life_cycle import LifeCycle
from registry.kit.rules import Rule
from registry.kit.schema import ORIGIN_FIELDS, RecordSchema
from registry.messages import Messages, as_message, find_message


class KeyMissing(ValueError):
    """Part of the natural key is missing; `fields` names the parts."""

    def __init__(self, *fields: str) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


@dataclass(frozen=True, slots=True)
class NaturalKey:
    """How a register tells its records apart. `of(values)` may raise `KeyMissing`.

    `from_text` turns what another record wrote (a credit code, a standard number) into this register's key.
    """

    fields: tuple[str, ...]
    compute: Callable[[Mapping[str, Any]], str]
    parse: Callable[[str], str] = str


def key_of(*fields: str, fold: Callable[[str], str], optional: Sequence[str] = ()) -> NaturalKey:
    """A key made of folded fields; `optional` parts may be empty, the others must be there."""

    def of(values: Mapping[str, Any]) -> str:
        missing = [name for name in fields if name not in optional and not values.get(name)]
        if missing:
            raise KeyMissing(*missing)
        return "|".join(fold(str(values.get(name) or "")) for name in fields)

    return NaturalKey(fields, of, fold)


@dataclass(frozen=True, slots=True)
class Numbering:
    """Either issued (`prefix`, `digits`, the date whose year counts) or taken from the values (`given`)."""

    prefix: str = ""
    digits: int = 6
    year_field: str = ""
    derive: Callable[[Mapping[str, Any]], str] | None = None


@dataclass(frozen=True, slots=True)
class Title:
    """Fields that give the bare name, first non-empty wins."""

    zh: tuple[str, ...]
    en: tuple[str, ...]
    default_en_source: str = "enterprise"  # where English comes from when `en_source` does not say
    distinguish_by_region: bool = False
    romanise: Literal["name", "company", "words"] = "words"


@dataclass(frozen=True, slots=True)
class Party:
    """Holder or issuer: the field with its key, and the names the source wrote beside it."""

    relation: str
    register: str
    key: str
    zh: str = ""
    en: str = ""
    label: str = _("Held by")  # message id: what the party is to the record


@dataclass(frozen=True, slots=True)
class LinkSpec:
    """A link that a field makes. `outgoing`, `incoming`: message ids for the two directions.

    `key`: of the other record, where the field alone does not name it; else the register reads it from the field's text.
    """

    relation: str
    register: str
    field: str
    outgoing: str
    incoming: str
    key: Callable[[Mapping[str, Any]], str] | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the record page, in order: names of fields; tables (Rows fields) get a table each."""

    key: str
    title: str  # message id
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ComparisonTables:
    """Two tables of indicators: the promised ones, and the values of other standards that they are measured by."""

    own: str
    benchmarks: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Presentation: sections of the record page and the facts of a result line."""

    sections: tuple[Section, ...]
    result_fields: tuple[str, ...] = ()  # fields shown on a result line
    kicker: str = ""  # field named beside the register (tier, scheme)
    key_facts: tuple[str, ...] = ()  # up to four fields under the answer
    emphasised: tuple[str, ...] = ()  # fields that the law wants stated plainly
    comparison: ComparisonTables | None = None


@dataclass(frozen=True, slots=True)
class SearchSpec:
    """Facets beyond register, status, region and year; and what cannot be read off a field."""

    facets: tuple[str, ...] = ()
    computed_facets: Callable[[Mapping[str, Any]], Mapping[str, tuple[str, ...]]] | None = (
        None  # extra facets
    )
    computed_labels: Mapping[str, str] = field(default_factory=dict)  # their message ids, in order
    computed_words: Mapping[str, Mapping[str, Words]] = field(default_factory=dict)  # words of their values
    rank: Callable[[Mapping[str, Any]], int] | None = None  # grade rank, 1 = best
    date_field: str = ""  # the main date: sorting and the year facet
    extra_names: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None  # further names
    register_words: tuple[str, ...] = ()  # by which a search means this register, besides its label
    meanings: Mapping[str, tuple[tuple[str, str], ...]] = field(
        default_factory=dict
    )  # words → (facet, value) of it


@dataclass(frozen=True, slots=True)
class LinkedMark:
    """A further mark beside the status ("Based on a superseded edition"), worked out from linked records."""

    code: str
    zh: str
    en: str
    badge: str
    relation: str  # the link that is looked at
    linked_statuses: tuple[str, ...]  # statuses of the linked record that set the mark


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """A line of the page that follows from values and status and is no field of the document (use of the mark).

    `of(values, status)` gives None where there is nothing to say.
    """

    name: str
    label: str  # message id
    compute: Callable[[Mapping[str, Any], str], Words | None]


@dataclass(frozen=True)
class RegisterDefinition:
    slug: str
    mark: str
    kind: Literal["core", "reference"]
    label: str  # message id, plural
    label_one: str  # message id, singular
    about: str  # message id
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
    identifiers: tuple[str, ...] = ()  # fields of the API's `identifiers`
    exact_lookup_fields: tuple[str, ...] = ()  # those that name this very record (exact look-up)
    links: tuple[LinkSpec, ...] = ()
    rules: tuple[Rule, ...] = ()
    search: SearchSpec = field(default_factory=SearchSpec)
    marks: tuple[LinkedMark, ...] = ()
    derived: tuple[DerivedFact, ...] = ()  # may stand in sections like fields
    samples: tuple[Mapping[str, Any], ...] = ()
    messages: Messages = field(default_factory=dict)  # of the codes that only this register's rules raise
    not_covered: str = ""  # message id: what people look for here that lives elsewhere
    filing: Filing | None = None  # where enterprises file themselves
    position: int = (
        100  # place in lists of registers; those with the same one stand in the order of their slugs
    )
    has_members: bool = False  # people act for its records: the register of organisations, and no other
    letters: Mapping[str, LetterText] = field(
        default_factory=dict
    )  # kind → words of letters about its records

    @property
    def package(self) -> str:
        return self.folder.name

    def mapping_path(self, name: str) -> Path:
        return self.folder / "mappings" / f"{name}.toml"

    def mappings(self) -> list[str]:
        return sorted(path.stem for path in (self.folder / "mappings").glob("*.toml"))

    def message_for(self, code: str) -> str:
        """The message id of an issue's code in this register; the code itself where nothing declares it."""
        message = self.messages.get(code) or find_message(code)
        return as_message(message).text if message else code

    def all_links(self) -> tuple[LinkSpec, ...]:
        """Links of fields plus those to holder and issuer."""
        parties = tuple(
            LinkSpec(party.relation, party.register, party.key, "", "")
            for party in (self.holder, self.issuer)
            if party is not None
        )
        return parties + self.links

    def self_check(self) -> list[str]:
        """What contradicts itself in this definition; empty when all is well."""
        names = set(self.schema.register_fields())
        found = [f"life cycle: {problem}" for problem in self.life_cycle.problems()]
        wanted: dict[str, Sequence[str]] = {
            "key": self.key.fields,
            "title": (*self.title.zh, *self.title.en),
            "identifiers": (*self.identifiers, *self.exact_lookup_fields),
            "layout row": (
                *self.layout.result_fields,
                *filter(None, (self.layout.kicker,)),
                *self.layout.key_facts,
            ),
            "sections": [
                name
                for section in self.layout.sections
                for name in section.fields
                if name not in {each.name for each in self.derived}
            ],
            "bold": self.layout.emphasised,
            "compared": (self.layout.comparison.own, self.layout.comparison.benchmarks)
            if self.layout.comparison
            else (),
            "facets": self.search.facets,
            "links": [link.field for link in self.all_links()],
            "filing": tuple(self.filing.named_fields()) if self.filing else (),
            "dates": [
                *filter(
                    None, (self.valid_from, self.valid_to, self.numbering.year_field, self.search.date_field)
                )
            ],
            "due": [
                name
                for due in self.life_cycle.date_changes
                for name in filter(None, (due.field, due.only_if_given, due.only_if_missing))
            ],
            "rules": [name for each in self.rules for name in each.fields],
        }
        for part, fields in wanted.items():
            found += [f"{part}: no field {name}" for name in fields if name not in names and name != "number"]
        shown = {name for section in self.layout.sections for name in section.fields}
        hidden = {*ORIGIN_FIELDS, "number", "status"}
        titled = {*self.title.zh, *self.title.en}
        parties = {
            name
            for party in (self.holder, self.issuer)
            if party
            for name in (party.key, party.zh, party.en)
            if name
        }
        found += [
            f"layout: public field {name} is on no page"
            for name, kept in self.schema.register_fields().items()
            if kept.info.audience == "public" and name not in shown | hidden | titled | parties
        ]
        found += [
            f"derived {each.name}: {problem}"
            for each in self.derived
            for problem in (
                *(("is a field",) if each.name in names else ()),
                *(() if each.name in shown else ("is on no page",)),
            )
        ]
        found += [
            f"field {name}: no label"
            for name, kept in self.schema.register_fields().items()
            if not kept.info.label
        ]
        found += [
            f"field {name}: a table cannot be a facet"
            for name, kept in self.schema.register_fields().items()
            if isinstance(kept, Rows) and kept.info.facet
        ]
        relations = {link.relation for link in self.all_links()}
        found += self._filing_problems(relations)
        found += [
            f"follows {each.transition}: no link {each.relation}"
            for each in self.life_cycle.linked_changes
            if each.relation not in relations
        ]
        found += [
            f"follows {each.transition}: no letter {each.letter}"
            for each in self.life_cycle.linked_changes
            if each.letter and each.letter not in self.letters
        ]
        if not (self.numbering.prefix or self.numbering.derive):
            found.append("numbering: neither issued nor given")
        for place, sample in enumerate(self.samples):
            loaded = self.schema.load_values(
                {k: v for k, v in sample.items() if k != "status"}, complete=True
            )
            found += [f"sample {place}: {issue.field} {issue.code}" for issue in loaded.issues]
            if not self.life_cycle.has_state(str(sample.get("status", self.life_cycle.default_status))):
                found.append(f"sample {place}: unknown status {sample['status']}")
        exercised = {name for sample in self.samples for name in sample}
        if self.samples:
            found += [
                f"samples: no sample exercises {name}"
                for name in sorted(names - exercised - set(ORIGIN_FIELDS))
            ]
        return found

    def _filing_problems(self, relations: Collection[str]) -> list[str]:
        """What contradicts itself in the filing, beyond names of fields."""
        filing = self.filing
        if filing is None:
            return []
        found = [
            f"filing: no state {state}"
            for state in filing.named_states()
            if not self.life_cycle.has_state(state)
        ]
        if self.holder is None or self.holder.key not in filing.organisation_fields:
            found.append("filing: the key of the holder is not filled in from the filer's organisation")
        transitions = {move.name for move in self.life_cycle.transitions}
        if filing.retraction and filing.retraction.transition not in transitions:
            found.append(f"filing: no transition {filing.retraction.transition}")
        if filing.ending_link and filing.ending_link.relation not in relations:
            found.append(f"filing: no link {filing.ending_link.relation}")
        if filing.confirmation and filing.confirmation.letter not in self.letters:
            found.append(f"filing: no letter {filing.confirmation.letter}")
        return found
