"""The words that may mean a filter, of all registers and regions: names of registers, states, codes, grades and places."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from registry.i18n import LOCALES, gettext
from registry.kit import kinds, state_words
from registry.kit.definition import RegisterDefinition
from registry.reference.code_lists import regions, tables
from registry.registers import catalogue
from registry.search.analysis import word_weights
from registry.search.analysis.tokens import SPELLING_VARIANTS, is_chinese, split_runs
from registry.services.finding.scope import STANDING

ALREADY, CHANGED = "已", ("restricted", "ended")  # 已撤销, 已暂停: what has been done to a record
MIN_WORD_LENGTH = 2  # of a word that means a status or a code
ABOVE_COUNTY = ("province", "prefecture")
MIN_PLURAL_LENGTH = 3
MAX_NAMESAKES = 6  # districts of one name: 朝阳区, 鼓楼区


@dataclass(frozen=True, slots=True)
class Meaning:
    """A filter that a word may mean. `register`: the only one in which it is one; "": it is one everywhere."""

    name: str
    values: tuple[str, ...]
    register: str = ""


def vocabulary_key(text: str) -> str:
    """Return the key of words: Chinese and `★` as they are, Latin words without the s of a plural, nothing between them."""
    return "".join(run if is_chinese(run) else _singular(run) for run in split_runs(text))


def _singular(word: str) -> str:
    """Return a Latin word without the s of a plural; *listed* and *list* stay different words."""
    word = SPELLING_VARIANTS.get(word, word).removesuffix("'s")
    is_plural = len(word) > MIN_PLURAL_LENGTH and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if is_plural else word


@functools.cache
def vocabulary() -> dict[str, tuple[Meaning, ...]]:
    """Return key → the filters that its words mean."""
    collected: dict[str, list[Meaning]] = {}

    def add(word: str, *meanings: Meaning) -> None:
        if key := vocabulary_key(word):
            collected.setdefault(key, []).extend(meanings)

    for definition in catalogue().values():
        slug = definition.slug
        named = Meaning("register", (slug,))
        labels = (gettext(definition.label, lang) for lang in LOCALES)
        for word in (*definition.search.register_words, *labels):
            add(word, named)
        for word, code in _status_words(definition):
            add(word, Meaning("status", (code,), slug))
        for word, pairs in definition.search.meanings.items():
            add(word, named, *(Meaning(name, (value,), slug) for name, value in pairs))
        for word, name, code in _code_words(definition):
            add(word, Meaning(name, (code,), slug))
    for word, codes in _region_words():
        add(word, *(Meaning("region", (code,)) for code in codes))
    resolved_words = {
        key: resolved for key, meanings in collected.items() if (resolved := _resolve_ambiguity(meanings))
    }
    for standing, words in state_words.OF_STANDING.items():
        for word in words:
            resolved_words[vocabulary_key(word)] = (Meaning(STANDING, (standing,)),)
    for key, codes in _areas():
        resolved_words.setdefault(key, (Meaning("region", codes),))
    return resolved_words


@functools.cache
def date_vocabulary() -> dict[str, Meaning]:
    """Return key → the register whose date the words mean, where a time stands beside them: in force since 2015."""
    return {
        vocabulary_key(word): Meaning("register", (definition.slug,))
        for definition in catalogue().values()
        for word in definition.search.date_words
    }


def statuses_of(registers: Iterable[str], statuses: tuple[str, ...]) -> tuple[str, ...]:
    """Return the statuses that one of the registers has; all of them where none has any, or no register is named."""
    life_cycles = [catalogue()[slug].life_cycle for slug in registers if slug in catalogue()]
    known = tuple(code for code in statuses if any(each.has_state(code) for each in life_cycles))
    return known or statuses


def is_role(word: str) -> bool:
    """Return True for a word for a maker or a seller: it names a register only if no other word does."""
    weigh = word_weights.chinese_weight(word, "n") if is_chinese(word) else word_weights.latin_weight(word)
    return weigh <= word_weights.ROLE


def _resolve_ambiguity(meanings: list[Meaning]) -> tuple[Meaning, ...]:
    """Join statuses of all registers, other values of one register, into one filter; of regions leave one or none."""
    by_name: dict[str, list[Meaning]] = {}
    for meaning in dict.fromkeys(meanings):
        by_name.setdefault(meaning.name, []).append(meaning)
    if "region" in by_name:
        return _resolve_regions(by_name["region"])
    if "status" in by_name:
        values = dict.fromkeys(value for meaning in by_name.pop("status") for value in meaning.values)
        by_name["status"] = [Meaning("status", tuple(values))]
    joined: dict[tuple[str, str], tuple[str, ...]] = {}
    for meaning in (each for same_name in by_name.values() for each in same_name):
        if meaning.name == "register":
            joined[meaning.name, meaning.values[0]] = meaning.values
        else:
            key = (meaning.name, meaning.register)
            joined[key] = (*joined.get(key, ()), *meaning.values)
    return tuple(
        Meaning(name, values, "" if name == "register" else register)
        for (name, register), values in joined.items()
    )


def _resolve_regions(meanings: list[Meaning]) -> tuple[Meaning, ...]:
    """Return the region of a name.

    Of two the outer one, where the other lies in it (吉林); else districts of one name together, other places not at all.
    """
    for meaning in meanings:
        if all(
            meaning is other or meaning.values[0] in regions.ancestors(other.values[0]) for other in meanings
        ):
            return (meaning,)
    codes = tuple(value for meaning in meanings for value in meaning.values)
    of_counties = all((found := regions.region(code)) and found.level == "county" for code in codes)
    return (Meaning("region", codes),) if of_counties and len(codes) <= MAX_NAMESAKES else ()


def _status_words(definition: RegisterDefinition) -> Iterator[tuple[str, str]]:
    """Yield (word, status) of the public statuses."""
    for state in definition.life_cycle.states:
        if state.is_public:
            for word in (state.zh, state.en, *state.aliases):
                if len(word) >= MIN_WORD_LENGTH:
                    yield word, state.code
                    if is_chinese(word) and not word.startswith(ALREADY) and state.standing in CHANGED:
                        yield ALREADY + word, state.code
            yield from ((word, state.code) for word in state_words.words_for_state(state.code))


def _code_words(definition: RegisterDefinition) -> Iterator[tuple[str, str, str]]:
    """Yield (word, facet, value) of the register's own facets; a word that fits two is of the one that comes first."""
    seen: dict[str, str] = {}
    for word, name, code in _all_code_words(definition):
        if len(word) >= MIN_WORD_LENGTH and seen.setdefault(vocabulary_key(word), name) == name:
            yield word, name, code


def _all_code_words(definition: RegisterDefinition) -> Iterator[tuple[str, str, str]]:
    fields = definition.schema.register_fields()
    for name in definition.search.facets:
        facet_field = fields.get(name)
        inner = facet_field.inner if isinstance(facet_field, kinds.Many) else facet_field
        if isinstance(inner, kinds.Choice):
            for code in inner.codes:
                # Other words of a grade are that grade; those of a kind of goods may be a part of it only.
                for word in (code.zh, code.en, *(code.aliases if code.rank else ())):
                    yield word, name, code.code
    if definition.schemes is not None and definition.schemes.level_field in definition.search.facets:
        for scheme in definition.schemes.schemes:
            for level in scheme.levels:
                for word in (level.code, level.zh, level.en, *level.aliases):
                    yield word, definition.schemes.level_field, level.code


def _region_words() -> Iterator[tuple[str, Iterable[str]]]:
    """Yield (name, codes) of regions in both languages; without the kind of region above the county only."""
    for region in regions.all_regions().values():
        if region.abolished or region.level == "zone":
            continue
        if region.level in ABOVE_COUNTY:
            names = {region.zh, regions.short_form(region.zh), region.en}
        elif region.level == "county" and len(region.zh) > MIN_WORD_LENGTH:
            names = {region.zh, region.en}
            if region.zh.endswith("市"):
                names.add(regions.short_form(region.zh))
        else:
            continue
        yield from ((name, (region.code,)) for name in names if name)


@functools.cache
def _other_place_names() -> dict[str, tuple[str, tuple[str, ...]]]:
    return {
        row["name"]: (row["kind"], tuple(row["codes"].split()))
        for row in tables.read_rows("other_place_names")
    }


@functools.cache
def abbreviations() -> dict[str, tuple[str, ...]]:
    """Return one-character names of regions, such as 浙, with their codes."""
    return {name: codes for name, (kind, codes) in _other_place_names().items() if kind == "abbreviation"}


def _areas() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield old spellings, bynames and names of areas with the codes of their regions."""
    yield from ((vocabulary_key(name), codes) for name, (_kind, codes) in _other_place_names().items())
