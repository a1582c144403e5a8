"""Filter inference: words of a search that mean a filter: a place, a register, a state, a time, an age, a grade.

There is no query language. Where the words name a record, they are a name and nothing else. What is left once the filters
are taken out must be found within them; if it is not, `search.run_query` asks for all the words as text. The page shows every filter and lets the
reader take it back.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from registry import clock
from registry.reference.code_lists import regions
from registry.reference.text.folding import fold_name
from registry.search.analysis import word_weights
from registry.search.analysis.tokens import fold_text
from registry.services.finding.query_understanding.filter_vocabulary import (
    Meaning,
    date_vocabulary,
    is_role,
    statuses_of,
    vocabulary,
    vocabulary_key,
)
from registry.services.finding.query_understanding.search_words import (
    FROM,
    TO,
    Token,
    join_words,
    split_words,
)
from registry.services.finding.scope import STANDING
from registry.services.records.facets.facet_names import FOUNDED, VALID_UNTIL

MAX_CACHED_TEXTS = 1024
MAX_TOKENS = 7  # of a text that together mean one filter
QUOTED_OR_EXCLUDED = re.compile(r"[\"“”「」『』]|(?:^|\s)[-−－]\S")
# A reader who asks whether something is in force wants to see it, whatever the answer; one who asks which are, or whether there
# are any, only these: do you have …, have any … been, 有没有还有效的….
ASKS_WHETHER = re.compile(
    r"吗|是不是|是否|有没有(?:有效|失效|过期|到期|作废|废止|被|撤)|能不能"
    r"|^(?:(?:is|are)(?! (?:there|any)\b)|was|(?:does|do|can|has|have)(?! (?:you|we|i|they|any|anyone|anybody|some|someone)\b)|whether)\b"
)
QUESTION_MARK = re.compile(r"[?？]")
ASKS_WHICH = re.compile(r"哪(?!里|儿)|谁|多少|^(?:which|who|whose|what|how many|(?:is|are) there)\b")
ASKED_AT_END = ("吗", "吧", "呢", "么")
JOINED_BY = ("和", "与", "及", "或", "或者", "以及")
SECONDARY = 0.5  # words that tell less than this may be left out where filters say the rest


@dataclass(frozen=True, slots=True)
class InferredFilter:
    """A filter that was inferred from `words` as they were typed. `from` and `to` are dates of records."""

    words: str
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilterInference:
    """The filters that were inferred from a text, and `rest`: its other words.

    `rest_is_secondary`: these tell little. `asks_whether`: it is asked whether something is in force.
    """

    rest: str
    filters: tuple[InferredFilter, ...] = field(default=())
    rest_is_secondary: bool = False
    asks_whether: bool = False

    def merged_with(self, chosen: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        """Return the filters together with those that the reader chose: of one facet, any of either; without dates."""
        merged = dict(chosen)
        for inferred in self.filters:
            if inferred.name not in (FROM, TO):
                values = (*merged.get(inferred.name, ()), *inferred.values)
                merged[inferred.name] = tuple(dict.fromkeys(values))
        return merged

    def date(self, name: str) -> str:
        """Return the date of the filter `from` or `to`; "" where there is none."""
        return next((each.values[0] for each in self.filters if each.name == name), "")

    def without_roles(self) -> FilterInference:
        """Return it without the registers that words for a maker or a seller name: whatever is sold, a company sells it."""
        filters = tuple(each for each in self.filters if each.name != "register" or not is_role(each.words))
        return replace(self, filters=filters)

    @property
    def places(self) -> tuple[str, ...]:
        """Codes of the regions that are filtered by."""
        return tuple(value for each in self.filters if each.name == "region" for value in each.values)


def infer_filters(
    text: str, register: str, as_words: Iterable[str] = (), *, alone: bool = False
) -> FilterInference:
    """Return which words of a text mean a filter.

    `register`: the one that is searched, or ""; `as_words`: words that the reader does not want taken for filters.
    `alone`: also where the whole text is one name of a place or a register, which is looked for as a word first.
    A value of a register's own facet counts only where that register is searched or named, and where its word fits no
    other of the registers named.
    """
    return _infer_filters(text, register, tuple(as_words), alone=alone, today=clock.today())


@functools.lru_cache(MAX_CACHED_TEXTS)
def _infer_filters(
    text: str, register: str, as_words: tuple[str, ...], *, alone: bool, today: dt.date
) -> FilterInference:
    del today  # what 去年 means changes with it
    if QUOTED_OR_EXCLUDED.search(text):
        return FilterInference(text)
    tokens = list(split_words(text))
    if not tokens or any(token.is_number for token in tokens):
        return FilterInference(text)
    matches = list(_find_meanings(tokens, {fold_name(word) for word in as_words}))
    if len(tokens) < 2 and not alone:
        matches = [match for match in matches if match.stands_alone]
    matches = _last_registers(tokens, _without_roles(tokens, matches))
    if not register:
        matches = _with_register_of_date(tokens, matches, as_words)
    chosen = {register} if register else _named_registers(matches)
    asks_whether = _asks_whether(fold_text(text))
    filters: list[InferredFilter] = []
    used: set[int] = set()
    asked = False
    for match in matches:
        fitting = {meaning.register for meaning in match.meanings} & chosen
        for meaning in match.meanings:
            if meaning.name == "register" and register:
                continue  # already chosen: the word stays a word
            if meaning.register and fitting != {meaning.register}:
                continue
            used.update(range(match.start, match.end))
            if asks_whether and meaning.name == STANDING and meaning.values == ("in_force",):
                asked = True
                continue
            words = join_words(tokens[match.start : match.end])
            values = statuses_of(chosen, meaning.values) if meaning.name == "status" else meaning.values
            filters.append(InferredFilter(words, meaning.name, values))
    if not filters and not asked:
        return FilterInference(text)
    rest = [
        token
        for index, token in enumerate(tokens)
        if index not in used and token.weight >= word_weights.LIGHT and token.text not in ASKED_AT_END
    ]
    return FilterInference(
        join_words(rest),
        _innermost_regions(filters),
        all(token.weight < SECONDARY for token in rest),
        asked,
    )


def _asks_whether(folded: str) -> bool:
    """Return True for a question that is answered by yes or no; a question mark alone does not make 哪些…有效？ one."""
    if ASKS_WHETHER.search(folded):
        return True
    return bool(QUESTION_MARK.search(folded)) and not ASKS_WHICH.search(folded)


def _without_roles(tokens: Sequence[Token], matches: list[_Match]) -> list[_Match]:
    """Leave out a word such as 企业 that names a register, where another word names one."""
    named = [match for match in matches if match.names_register]
    roles = [match for match in named if is_role(join_words(tokens[match.start : match.end]))]
    return [match for match in matches if match not in roles] if len(roles) < len(named) else matches


def _last_registers(tokens: Sequence[Token], matches: list[_Match]) -> list[_Match]:
    """Of registers named in one run without blanks leave the last one, of which the others speak: 认证依据的国标."""
    kept: list[_Match] = []
    for match in matches:
        if match.names_register:
            kept = [
                each
                for each in kept
                if not each.registers - match.registers
                or not all(token.joined for token in tokens[each.end : match.start + 1])
                or any(token.text in JOINED_BY for token in tokens[each.end : match.start])
            ]
        kept.append(match)
    return kept


def _with_register_of_date(
    tokens: Sequence[Token], matches: list[_Match], as_words: Sequence[str]
) -> list[_Match]:
    """Add the register of which the words beside a time tell: *effective from February 2025*, unless another one is named."""
    if not any(match.is_time for match in matches):
        return matches
    words = date_vocabulary()
    keys = [vocabulary_key(token.text) for token in tokens]
    spans = [
        (start, end)
        for start in range(len(tokens))
        for end in range(min(start + MAX_TOKENS, len(tokens)), start, -1)
        if "".join(keys[start:end]) in words and join_words(tokens[start:end]) not in as_words
    ]
    if not spans:
        return matches
    start, end = max(spans, key=lambda span: span[1] - span[0])
    meaning = words["".join(keys[start:end])]
    if any(match.names_register and match.registers != set(meaning.values) for match in matches):
        return matches
    others = [match for match in matches if match.end <= start or match.start >= end]
    named = _Match(start, end, (meaning,))
    return sorted([*others, named], key=lambda match: match.start)


def _innermost_regions(filters: list[InferredFilter]) -> tuple[InferredFilter, ...]:
    """Drop a region where another one lies within it: 浙江 杭州 means 杭州, 北京 朝阳区 the one in Beijing."""
    places = [each for each in filters if each.name == "region"]
    kept: list[InferredFilter] = []
    for inferred in filters:
        if inferred.name != "region":
            kept.append(inferred)
            continue
        others = [each for each in places if each is not inferred]
        inside = [
            value
            for value in inferred.values
            if all(_lies_in_any(value, other.values) or not _may_hold(inferred, other) for other in others)
        ]
        if any(_lies_in_any(value, inferred.values) for other in others for value in other.values):
            continue
        kept.append(
            InferredFilter(inferred.words, inferred.name, tuple(inside) if inside else inferred.values)
        )
    return tuple(kept)


def _lies_in_any(code: str, outer: Iterable[str]) -> bool:
    return any(value != code and value in regions.ancestors(code) for value in outer)


def _may_hold(inner: InferredFilter, outer: InferredFilter) -> bool:
    """Return True if a region of `outer` holds one of `inner`."""
    return any(_lies_in_any(value, outer.values) for value in inner.values)


@dataclass(frozen=True, slots=True)
class _Match:
    """Tokens from `start` to before `end`, with what they mean together."""

    start: int
    end: int
    meanings: tuple[Meaning, ...]
    is_time: bool = False

    @property
    def registers(self) -> set[str]:
        """Return the registers that the words name."""
        return {value for meaning in self.meanings if meaning.name == "register" for value in meaning.values}

    @property
    def names_register(self) -> bool:
        return bool(self.registers)

    @property
    def stands_alone(self) -> bool:
        """Return True for what is a filter though nothing else was typed: a change of state, a time."""
        return self.is_time or all(
            meaning.name in ("status", FOUNDED, VALID_UNTIL, FROM, TO, "year")
            or (meaning.name == STANDING and meaning.values != ("in_force",))
            for meaning in self.meanings
        )


def _find_meanings(tokens: Sequence[Token], as_words: set[str]) -> Iterator[_Match]:
    """Yield the longest runs of tokens that mean something, from left to right."""
    words = vocabulary()
    keys = [vocabulary_key(token.text) for token in tokens]
    start = 0
    while start < len(tokens):
        if tokens[start].meanings:
            if fold_name(tokens[start].text) not in as_words:
                yield _Match(start, start + 1, tokens[start].meanings, is_time=True)
            start += 1
            continue
        for end in range(min(start + MAX_TOKENS, len(tokens)), start, -1):
            meanings = words.get("".join(keys[start:end]), ())
            if end - start == 1 and len(keys[start]) == 1 and not tokens[start].is_whole:
                meanings = ()
            if meanings and fold_name(join_words(tokens[start:end])) not in as_words:
                yield _Match(start, end, meanings)
                start = end
                break
        else:
            start += 1


def _named_registers(matches: Iterable[_Match]) -> set[str]:
    """Return the registers that the words name."""
    return {register for match in matches for register in match.registers}
