"""Words of a search that mean a filter: a place, a register, a status, a year, a grade. There is no query language.

Where the words name a record, they are a name and nothing else. What is left once the filters are taken out must be found
within them; if it is not, all words are words again. The page shows every filter and lets the reader take it back.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from registry.i18n import LOCALES, gettext
from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.reference.code_lists import regions
from registry.reference.text.folding import fold_name
from registry.registers import catalogue
from registry.search.analysis import query_parser, tokens

MAX_TOKENS = 5  # pieces of a text that together mean one filter
YEAR_PATTERN = re.compile(r"(?:19|20)\d\d年?")
LONG_NUMBER, CENTURY = re.compile(r"\d{3,}"), "100"
YEAR_PREPOSITIONS = frozenset(["in", "from", "since", "of", "year"])  # before a year that has no 年 behind it
QUOTED_OR_EXCLUDED = re.compile(r"[\"“”「」『』]|(?:^|\s)[-−－]\S")
ABOVE_COUNTY = ("province", "prefecture")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A filter that a word may mean. `registers`: where it is one; none: everywhere."""

    name: str
    values: tuple[str, ...]
    registers: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class InferredFilter:
    """A filter that was understood from `words` as they were typed."""

    words: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilterInference:
    """`rest`: the words that are left."""

    rest: str
    filters: tuple[InferredFilter, ...] = field(default=())

    def merged_with(self, chosen: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """The filters together with those that the reader chose: of one facet, any of either."""
        merged = dict(chosen)
        for each in self.filters:
            merged[each.name] = tuple(dict.fromkeys((*merged.get(each.name, ()), *each.values)))
        return merged


def infer_filters(text: str, register: str, as_words: Iterable[str] = ()) -> FilterInference:
    """What of a text means a filter. `register`: the one that is searched, or ""; `as_words`: what the reader took back."""
    if QUOTED_OR_EXCLUDED.search(text):
        return FilterInference(text)
    pieces = list(_tokens(text))
    if len(pieces) < 2 or any(piece.is_number for piece in pieces):
        return FilterInference(text)
    kept = {fold_name(word) for word in as_words}
    found = list(_find_meanings(pieces, kept))
    chosen = {register} if register else _named_registers(found)
    taken: list[InferredFilter] = []
    used: set[int] = set()
    for first, end, meaning in found:
        if meaning.name == "register" and register:
            continue  # already chosen: the word stays a word
        if (
            meaning.registers
            and meaning.name not in ("register", "status")
            and len(meaning.registers & chosen) != 1
        ):
            continue
        words = _join(pieces[first:end])
        taken.append(InferredFilter(words, meaning.name, meaning.values))
        used.update(range(first, end))
    if not taken:
        return FilterInference(text)
    rest = (piece for place, piece in enumerate(pieces) if place not in used and not piece.is_stop_word)
    return FilterInference(_join(rest), _innermost_regions(taken))


def _innermost_regions(filters: list[InferredFilter]) -> tuple[InferredFilter, ...]:
    """Of a place and one within it only the inner one: 浙江 杭州 means 杭州."""
    outer = {
        code
        for each in filters
        if each.name == "region"
        for value in each.values
        for code in regions.ancestors(value)
        if code != value
    }
    return tuple(each for each in filters if each.name != "region" or not outer.intersection(each.values))


def _named_registers(found: Iterable[tuple[int, int, Meaning]]) -> set[str]:
    """The registers that the words speak of."""
    chosen: set[str] = set()
    for _first, _end, meaning in found:
        if meaning.name == "register":
            chosen.update(meaning.values)
    return chosen


# --- pieces of a text --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """A word. `glued`: no blank before it."""

    text: str
    joined: bool

    @property
    def is_stop_word(self) -> bool:
        return self.text in query_parser.STOP_WORDS

    @property
    def is_number(self) -> bool:
        """Figures that are no year nor a grade: numbers are looked up, not understood."""
        return (
            bool(LONG_NUMBER.search(self.text))
            and not YEAR_PATTERN.fullmatch(self.text)
            and self.text != CENTURY
        )


def _tokens(text: str) -> Iterator[Token]:
    for word in tokens.fold_text(text).split():
        glued = False
        for run in re.findall(
            r"(?:19|20)\d\d年|[\u3400-\u9fff]+|[^\s\u3400-\u9fff，。！？、；：,;:!?()（）]+", word
        ):
            for part in tokens.segment_words(run) if tokens.is_chinese(run) else (run,):
                yield Token(part, glued)
                glued = True


def _join(tokens: Iterable[Token]) -> str:
    return "".join(piece.text if piece.joined else f" {piece.text}" for piece in tokens).strip()


def _find_meanings(tokens: list[Token], as_words: set[str]) -> Iterator[tuple[int, int, Meaning]]:
    """Filters of the longest runs of pieces, from left to right."""
    vocabulary = _vocabulary()
    place = 0
    while place < len(tokens):
        for end in range(min(place + MAX_TOKENS, len(tokens)), place, -1):
            key = fold_name(_join(tokens[place:end]))
            meaning = vocabulary.get(key) or _year_meanings(tokens, place, end)
            if meaning and key not in as_words:
                for each in meaning:
                    yield place, end, each
                place = end
                break
        else:
            place += 1


def _year_meanings(tokens: list[Token], start: int, end: int) -> tuple[Meaning, ...]:
    text = tokens[start].text
    if end - start != 1 or not YEAR_PATTERN.fullmatch(text):
        return ()
    if not text.endswith("年") and not (start and tokens[start - 1].text in YEAR_PREPOSITIONS):
        return ()
    return (Meaning("year", (text[:4],)),)


# --- what words mean ---------------------------------------------------------------------------------------------


@functools.cache
def _vocabulary() -> dict[str, tuple[Meaning, ...]]:
    """Folded words → the filters they mean. A word that means two things of one kind means neither, but states add up."""
    found: dict[str, list[Meaning]] = {}

    def add(word: str, *meanings: Meaning) -> None:
        if key := fold_name(word):
            found.setdefault(key, []).extend(meanings)

    for definition in catalogue().values():
        for word in (
            *definition.search.register_words,
            *(gettext(definition.label, lang) for lang in LOCALES),
        ):
            add(word, Meaning("register", (definition.slug,)))
        for word, code in _status_words(definition):
            add(word, Meaning("status", (code,), frozenset([definition.slug])))
        for word, meanings in definition.search.meanings.items():
            own = Meaning("register", (definition.slug,))
            add(
                word,
                own,
                *(Meaning(name, (value,), frozenset([definition.slug])) for name, value in meanings),
            )
        for word, name, code in _code_words(definition):
            add(word, Meaning(name, (code,), frozenset([definition.slug])))
    for word, code in _region_words():
        add(word, Meaning("region", (code,)))
    return {word: settled for word, meanings in found.items() if (settled := _resolve_ambiguity(meanings))}


def _resolve_ambiguity(meanings: list[Meaning]) -> tuple[Meaning, ...]:
    by_name: dict[str, list[Meaning]] = {}
    for each in dict.fromkeys(meanings):
        by_name.setdefault(each.name, []).append(each)
    if "status" in by_name:
        values = dict.fromkeys(value for each in by_name.pop("status") for value in each.values)
        by_name["status"] = [Meaning("status", tuple(values))]
    if "region" in by_name:
        return _resolve_regions(by_name["region"]) if len(by_name) == 1 else ()
    return tuple(each for same in by_name.values() for each in same)


def _resolve_regions(meanings: list[Meaning]) -> tuple[Meaning, ...]:
    """The place of a name; of two the outer one, where the other lies in it (吉林), else neither."""
    for each in meanings:
        if all(each is other or each.values[0] in regions.ancestors(other.values[0]) for other in meanings):
            return (each,)
    return ()


def _status_words(definition: RegisterDefinition) -> Iterator[tuple[str, str]]:
    for state in definition.life_cycle.states:
        if state.is_public:
            for word in (state.zh, state.en, *state.aliases):
                if len(word) > 1:
                    yield word, state.code


def _code_words(definition: RegisterDefinition) -> Iterator[tuple[str, str, str]]:
    """Words of the values of the register's own facets."""
    kept = definition.schema.register_fields()
    for name in definition.search.facets:
        field_ = kept.get(name)
        inner = field_.inner if isinstance(field_, kinds.Many) else field_
        if isinstance(inner, kinds.Choice):
            for code in inner.codes:
                # Other words of a grade are that grade; those of a kind of goods may be a part of it only.
                for word in (code.zh, code.en, *(code.aliases if code.rank else ())):
                    if len(word) > 1:
                        yield word, name, code.code


def _region_words() -> Iterator[tuple[str, str]]:
    """Provinces and prefectures, with and without the kind of place, in both languages."""
    for place in regions.all_regions().values():
        if place.level in ABOVE_COUNTY and not place.abolished:
            names = {place.zh, regions.short_form(place.zh), place.en}
            yield from ((name, place.code) for name in names)
