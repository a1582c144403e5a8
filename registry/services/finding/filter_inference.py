"""Filter inference: words of a search that mean a filter: a region, a register, a status, a year, a grade.

There is no query language. Where the words name a record, they are a name and nothing else. What is left once the filters
are taken out must be found within them; if it is not, `search.run_query` asks for all the words as text. The page shows every filter and lets the
reader take it back.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from registry.i18n import LOCALES, gettext
from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.reference.code_lists import regions
from registry.reference.text.folding import fold_name
from registry.registers import catalogue
from registry.search.analysis.query_parser import STOP_WORDS
from registry.search.analysis.tokens import fold_text, is_chinese, segment_words

MAX_TOKENS = 5  # of a text that together mean one filter
ALREADY, CHANGED = "已", ("restricted", "ended")  # 已撤销, 已暂停: what has been done to a record
MIN_WORD_LENGTH = 2  # of a word that means a status or a code
YEAR_PATTERN = re.compile(r"(?:19|20)\d\d年?")
LONG_NUMBER, CENTURY = re.compile(r"\d{3,}"), "100"
YEAR_PREPOSITIONS = frozenset(["in", "from", "since", "of", "year"])  # before a year without 年 behind it
QUOTED_OR_EXCLUDED = re.compile(r"[\"“”「」『』]|(?:^|\s)[-−－]\S")
RUN_PATTERN = re.compile(r"(?:19|20)\d\d年|[\u3400-\u9fff]+|[^\s\u3400-\u9fff，。！？、；：,;:!?()（）]+")
ABOVE_COUNTY = ("province", "prefecture")


@dataclass(frozen=True, slots=True)
class Meaning:
    """A filter that a word may mean. `register`: the only one in which it is one; "": it is one everywhere."""

    name: str
    values: tuple[str, ...]
    register: str = ""


@dataclass(frozen=True, slots=True)
class InferredFilter:
    """A filter that was inferred from `words` as they were typed."""

    words: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilterInference:
    """The filters that were inferred from a text, and `rest`: its other words."""

    rest: str
    filters: tuple[InferredFilter, ...] = field(default=())

    def merged_with(self, chosen: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Return the filters together with those that the reader chose: of one facet, any of either."""
        merged = dict(chosen)
        for inferred in self.filters:
            merged[inferred.name] = tuple(dict.fromkeys((*merged.get(inferred.name, ()), *inferred.values)))
        return merged


def infer_filters(text: str, register: str, as_words: Iterable[str] = ()) -> FilterInference:
    """Return which words of a text mean a filter.

    `register`: the one that is searched, or ""; `as_words`: words that the reader does not want taken for filters.
    A value of a register's own facet counts only where that register is searched or named, and where its word fits no
    other of the registers named.
    """
    if QUOTED_OR_EXCLUDED.search(text):
        return FilterInference(text)
    tokens = list(_tokens(text))
    if len(tokens) < 2 or any(token.is_number for token in tokens):
        return FilterInference(text)
    matches = list(_find_meanings(tokens, {fold_name(word) for word in as_words}))
    chosen = {register} if register else _named_registers(matches)
    filters: list[InferredFilter] = []
    used: set[int] = set()
    for match in matches:
        fitting = {meaning.register for meaning in match.meanings} & chosen
        for meaning in match.meanings:
            if meaning.name == "register" and register:
                continue  # already chosen: the word stays a word
            if meaning.register and fitting != {meaning.register}:
                continue
            filters.append(
                InferredFilter(_join(tokens[match.start : match.end]), meaning.name, meaning.values)
            )
            used.update(range(match.start, match.end))
    if not filters:
        return FilterInference(text)
    rest = (token for index, token in enumerate(tokens) if index not in used and not token.is_stop_word)
    return FilterInference(_join(rest), _innermost_regions(filters))


def _innermost_regions(filters: list[InferredFilter]) -> tuple[InferredFilter, ...]:
    """Drop a region where another one lies within it: 浙江 杭州 means 杭州."""
    outer = {
        code
        for inferred in filters
        if inferred.name == "region"
        for value in inferred.values
        for code in regions.ancestors(value)
        if code != value
    }
    return tuple(
        inferred
        for inferred in filters
        if inferred.name != "region" or not outer.intersection(inferred.values)
    )


# --- tokens of a text --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Token:
    """A word. `joined`: no blank before it."""

    text: str
    joined: bool

    @property
    def is_stop_word(self) -> bool:
        return self.text in STOP_WORDS

    @property
    def is_number(self) -> bool:
        """Return True for digits that are neither a year nor a hundred years: numbers are looked up, not understood."""
        return (
            bool(LONG_NUMBER.search(self.text))
            and not YEAR_PATTERN.fullmatch(self.text)
            and self.text != CENTURY
        )


def _tokens(text: str) -> Iterator[Token]:
    for word in fold_text(text).split():
        joined = False
        for run in RUN_PATTERN.findall(word):
            for part in segment_words(run) if is_chinese(run) else (run,):
                yield Token(part, joined)
                joined = True


def _join(tokens: Iterable[Token]) -> str:
    return "".join(token.text if token.joined else f" {token.text}" for token in tokens).strip()


@dataclass(frozen=True, slots=True)
class _Match:
    """Tokens from `start` to before `end`, with what they mean together."""

    start: int
    end: int
    meanings: tuple[Meaning, ...]


def _find_meanings(tokens: Sequence[Token], as_words: set[str]) -> Iterator[_Match]:
    """Yield the longest runs of tokens that mean something, from left to right."""
    vocabulary = _vocabulary()
    start = 0
    while start < len(tokens):
        for end in range(min(start + MAX_TOKENS, len(tokens)), start, -1):
            key = fold_name(_join(tokens[start:end]))
            meanings = vocabulary.get(key) or _year_meanings(tokens, start, end)
            if meanings and key not in as_words:
                yield _Match(start, end, meanings)
                start = end
                break
        else:
            start += 1


def _named_registers(matches: Iterable[_Match]) -> set[str]:
    """Return the registers that the words name."""
    return {
        value
        for match in matches
        for meaning in match.meanings
        if meaning.name == "register"
        for value in meaning.values
    }


def _year_meanings(tokens: Sequence[Token], start: int, end: int) -> tuple[Meaning, ...]:
    text = tokens[start].text
    if end - start != 1 or not YEAR_PATTERN.fullmatch(text):
        return ()
    if not text.endswith("年") and not (start and tokens[start - 1].text in YEAR_PREPOSITIONS):
        return ()
    return (Meaning("year", (text[:4],)),)


# --- what words mean ---------------------------------------------------------------------------------------------


@functools.cache
def _vocabulary() -> dict[str, tuple[Meaning, ...]]:
    """Return folded words → the filters they mean, of all registers and regions."""
    collected: dict[str, list[Meaning]] = {}

    def add(word: str, *meanings: Meaning) -> None:
        if key := fold_name(word):
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
    for word, code in _region_words():
        add(word, Meaning("region", (code,)))
    return {
        word: resolved for word, meanings in collected.items() if (resolved := _resolve_ambiguity(meanings))
    }


def _resolve_ambiguity(meanings: list[Meaning]) -> tuple[Meaning, ...]:
    """Join statuses of several registers into one filter; of regions of one name leave one or none."""
    by_name: dict[str, list[Meaning]] = {}
    for meaning in dict.fromkeys(meanings):
        by_name.setdefault(meaning.name, []).append(meaning)
    if "region" in by_name:
        return _resolve_regions(by_name["region"])
    if "status" in by_name:
        values = dict.fromkeys(value for meaning in by_name.pop("status") for value in meaning.values)
        by_name["status"] = [Meaning("status", tuple(values))]
    return tuple(meaning for same_name in by_name.values() for meaning in same_name)


def _resolve_regions(meanings: list[Meaning]) -> tuple[Meaning, ...]:
    """Return the region of a name; of two the outer one, where the other lies in it (吉林), else neither."""
    for meaning in meanings:
        if all(
            meaning is other or meaning.values[0] in regions.ancestors(other.values[0]) for other in meanings
        ):
            return (meaning,)
    return ()


def _status_words(definition: RegisterDefinition) -> Iterator[tuple[str, str]]:
    """Yield (word, status) of the public statuses."""
    for state in definition.life_cycle.states:
        if state.is_public:
            for word in (state.zh, state.en, *state.aliases):
                if len(word) >= MIN_WORD_LENGTH:
                    yield word, state.code
                    if is_chinese(word) and not word.startswith(ALREADY) and state.standing in CHANGED:
                        yield ALREADY + word, state.code


def _code_words(definition: RegisterDefinition) -> Iterator[tuple[str, str, str]]:
    """Yield (word, facet, value) of the register's own facets."""
    fields = definition.schema.register_fields()
    for name in definition.search.facets:
        facet_field = fields.get(name)
        inner = facet_field.inner if isinstance(facet_field, kinds.Many) else facet_field
        if isinstance(inner, kinds.Choice):
            for code in inner.codes:
                # Other words of a grade are that grade; those of a kind of goods may be a part of it only.
                for word in (code.zh, code.en, *(code.aliases if code.rank else ())):
                    if len(word) >= MIN_WORD_LENGTH:
                        yield word, name, code.code


def _region_words() -> Iterator[tuple[str, str]]:
    """Yield (name, code) of provinces and prefectures, with and without the kind of region, in both languages."""
    for region in regions.all_regions().values():
        if region.level in ABOVE_COUNTY and not region.abolished:
            names = {region.zh, regions.short_form(region.zh), region.en}
            yield from ((name, region.code) for name in names)
