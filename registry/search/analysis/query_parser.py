"""From what a person typed to what is asked of the index. There is no query language: nothing here can fail.

Quotation marks keep words together, a minus leaves a word out; everything else is words.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from registry.reference.identifiers import standard_numbers
from registry.reference.text.folding import fold_name, fold_number
from registry.search.analysis import tokens
from registry.search.analysis.synonyms import Synonym, Synonyms, built_in

MAX_QUERY_LENGTH = 500
MAX_CACHED_QUERIES = 2048  # texts that were understood lately
MAX_CLAUSES = 16
QUOTED_PATTERN = re.compile(r"[\"“”「」『』]([^\"“”「」『』]{1,200})[\"“”「」『』]")
EXCLUDED_PATTERN = re.compile(r"(?:^|(?<=\s))[-−－]([^\s\d\"-][^\s\"]*)")
SYNONYM_WEIGHT = 0.6
SPLIT_WEIGHT = 0.8
MAX_JOINED_WORDS = 5  # words of a Chinese run that may together be one term of the field
MIN_NUMBER_PART, MAX_NUMBER_PART = 5, 40
CONFUSED_CHARACTERS = str.maketrans("OI", "01")
STOP_WORDS = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "and",
        "or",
        "in",
        "on",
        "for",
        "to",
        "is",
        "are",
        "was",
        "who",
        "what",
        "which",
        "where",
        "how",
        "all",
        "any",
        "my",
        "me",
        "show",
        "find",
        "with",
        "from",
        "by",
        "this",
        "that",
        "does",
        "best",
        "make",
        "makes",
        "made",
        "have",
        "has",
        "there",
        "please",
        "do",
        "it",
        "its",
        "的",
        "了",
        "吗",
        "呢",
        "是",
        "有",
        "和",
        "与",
        "在",
        "哪",
        "哪些",
        "哪家",
        "哪个",
        "什么",
        "怎么",
        "查",
        "查询",
        "请问",
        "是否",
        "是不是",
        "这",
        "这个",
        "家",
        "我",
        "及",
        "等",
    ]
)
ENDED_WORDS = frozenset(
    tokens.latin_term(word) if word.isascii() else word
    for word in [
        "revoked",
        "cancelled",
        "canceled",
        "expired",
        "withdrawn",
        "superseded",
        "removed",
        "abolished",
        "ended",
        "lapsed",
        "撤销",
        "注销",
        "过期",
        "失效",
        "废止",
        "移出",
        "移出名录",
        "被代替",
        "作废",
        "已撤销",
        "已注销",
        "摘牌",
        "取消",
    ]
)
TEXT_FIELDS = ("names", "pinyin", "parties", "mentions", "words")
NUMBER_FIELDS = ("code", "mentions")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Terms that must stand together in one field; `worth` is below 1 for a translation."""

    terms: tuple[str, ...]
    fields: tuple[str, ...] = TEXT_FIELDS
    weight: float = 1.0
    highlight: str = ""  # what to highlight


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked for: any of its alternatives will do."""

    text: str
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    folded_name: str  # everything as one folded name
    numbers: tuple[str, ...]  # the whole text as an identifier, in its spellings
    clauses: tuple[Clause, ...]
    phrases: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    mentions_ended: bool = False
    pinyin: str = ""  # the whole as pinyin typed in Latin letters
    highlights: tuple[str, ...] = field(default=())
    number_parts: tuple[str, ...] = ()  # parts of identifiers, should nothing have them whole
    synonyms: tuple[tuple[str, str], ...] = ()  # words as typed, and others that they were taken for as well
    clause_parts: tuple[int, ...] = ()  # of a Chinese text with blanks: which of its parts each group is of

    @property
    def is_match_all(self) -> bool:
        """Whether there is nothing to find but everything."""
        return not (self.clauses or self.phrases or self.folded_name or self.numbers)


def parse_query(text: str, synonyms: Synonyms | None = None) -> ParsedQuery:
    """Understand a text of any kind. `synonyms`: the built-in ones, unless others are given."""
    return _parse(text[:MAX_QUERY_LENGTH], synonyms or built_in())


@functools.lru_cache(MAX_CACHED_QUERIES)
def _parse(text: str, synonyms: Synonyms) -> ParsedQuery:
    bare = QUOTED_PATTERN.sub(" ", text)
    without = [word for match in EXCLUDED_PATTERN.finditer(bare) for word in [match.group(1)]]
    bare = EXCLUDED_PATTERN.sub(" ", bare)
    placed = _distinct_clauses(_clauses(bare, synonyms))
    useful = [group for _part, group in placed]
    phrases = tuple(_phrase_clause(match.group(1)) for match in QUOTED_PATTERN.finditer(text))
    left = tokens.split_runs(bare)
    latin_only = bool(left) and all(not tokens.is_chinese(run) for run in left)
    return ParsedQuery(
        folded_name=fold_name(text)[: tokens.MAX_TERM_LENGTH],
        numbers=tuple(dict.fromkeys(tokens.number_terms(text[:120])))
        if any(c.isdigit() for c in text)
        else (),
        clauses=tuple(useful),
        phrases=tuple(group for group in phrases[:4] if group.alternatives),
        excluded=tuple(group for word in without[:8] for _part, group in _clauses(word, synonyms)),
        mentions_ended=any(
            term in ENDED_WORDS for group in useful for term in (group.text, *group.alternatives[0].terms)
        ),
        pinyin="".join(left) if latin_only else "",
        number_parts=_number_parts(text),
        synonyms=tuple(
            (group.text, other.highlight)
            for group in useful
            for other in group.alternatives[1:]
            if other.weight == SYNONYM_WEIGHT
        ),
        clause_parts=tuple(part for part, _group in placed) if not latin_only and " " in bare.strip() else (),
        highlights=tuple(
            dict.fromkeys(each.highlight for group in useful for each in group.alternatives if each.highlight)
        )[:MAX_CLAUSES],
    )


def clear_cache() -> None:
    """Understand every text anew: for measuring."""
    _parse.cache_clear()


def _distinct_clauses(numbered: list[tuple[int, Clause]]) -> list[tuple[int, Clause]]:
    """Groups without idle words and without those that were asked for before."""
    first: dict[Clause, int] = {}
    for part, group in numbered:
        if group.text not in STOP_WORDS:
            first.setdefault(group, part)
    return [(part, group) for group, part in first.items()][:MAX_CLAUSES]


def _number_parts(text: str) -> tuple[str, ...]:
    """A piece of an identifier, and what it reads like when letters were taken for figures (O, I)."""
    key = fold_number(text[:120])
    if (
        not MIN_NUMBER_PART <= len(key) <= MAX_NUMBER_PART
        or not any(c.isdigit() for c in key)
        or not key.isascii()
    ):
        return ()
    return tuple(dict.fromkeys((key, key.translate(CONFUSED_CHARACTERS))))


def _clauses(text: str, synonyms: Synonyms) -> list[tuple[int, Clause]]:
    """Groups, each with the number of the word, between blanks, that it begins in."""
    groups: list[tuple[int, Clause]] = []
    words = tokens.fold_text(text).split()
    place = 0
    while place < len(words) and len(groups) < MAX_CLAUSES * 2:
        number, taken = _standard_number(words, place)
        if number is not None:
            groups.append((place, number))
        else:
            taken, found = _clauses_at(words, place, synonyms)
            groups += ((place, group) for group in found)
        place += taken
    return groups


def _standard_number(words: list[str], index: int) -> tuple[Clause | None, int]:
    """A standard's number that begins here, over up to three words."""
    for taken in (3, 2, 1):
        part = " ".join(words[index : index + taken])
        if index + taken <= len(words) and any(c.isdigit() for c in part):
            parsed = standard_numbers.parse(part)
            if parsed is not None:
                term = fold_number(parsed.canonical if parsed.year else parsed.without_year)
                return Clause(part, (Alternative((term,), NUMBER_FIELDS, highlight=parsed.canonical),)), taken
    return None, 0


def _clauses_at(words: list[str], index: int, synonyms: Synonyms) -> tuple[int, list[Clause]]:
    """Groups of the word here; several English words may be one term of the field."""
    for taken in range(min(synonyms.max_terms, len(words) - index), 1, -1):
        part = words[index : index + taken]
        terms = tuple(tokens.latin_term(run) for word in part for run in tokens.split_runs(word))
        if others := synonyms.lookup(terms):
            own = Alternative(terms, highlight=" ".join(part))
            return taken, [Clause(" ".join(part), (own, *map(_synonym_alternative, others)))]
    return 1, _word_clauses(words[index], synonyms)


def _word_clauses(word: str, synonyms: Synonyms) -> list[Clause]:
    groups: list[Clause] = []
    for run in tokens.split_runs(word):
        if tokens.is_chinese(run):
            groups += _chinese_clauses(tokens.segment_words(run), synonyms)
            continue
        terms = (tokens.latin_term(run),)
        groups.append(
            Clause(
                run, (Alternative(terms, highlight=run), *map(_synonym_alternative, synonyms.lookup(terms)))
            )
        )
    if any(c.isdigit() for c in word) and len(groups) > 1:  # a number with signs in it: whole, or its parts
        whole = fold_number(word)[: tokens.MAX_TERM_LENGTH]
        parts = tuple(term for group in groups for term in group.alternatives[0].terms)
        return [
            Clause(
                word,
                (
                    Alternative((whole,), NUMBER_FIELDS, highlight=word),
                    Alternative(parts, weight=0.8, highlight=word),
                ),
            )
        ]
    if any(c.isdigit() for c in word) and groups:
        whole = fold_number(word)[: tokens.MAX_TERM_LENGTH]
        return [Clause(word, (Alternative((whole,), NUMBER_FIELDS, highlight=word), *groups[0].alternatives))]
    return groups


def _chinese_clauses(words: list[str], synonyms: Synonyms) -> Iterator[Clause]:
    """A group for each word of a run; several that together have synonyms are one, which may also stand apart."""
    place = 0
    while place < len(words):
        for taken in range(min(MAX_JOINED_WORDS, len(words) - place), 0, -1):
            part = words[place : place + taken]
            whole = "".join(part)
            others = synonyms.lookup((whole,))
            if others or taken == 1:
                apart = tuple(gram for word in part for gram in tokens.bigrams(word))
                own = [Alternative(tuple(tokens.bigrams(whole)), highlight=whole)]
                own += [Alternative(apart, weight=SPLIT_WEIGHT, highlight=whole)] if taken > 1 else []
                yield Clause(whole, (*own, *map(_synonym_alternative, others)))
                place += taken
                break


def _synonym_alternative(word: Synonym) -> Alternative:
    """Other words of the same meaning: worth less than those that were typed."""
    runs = [tokens.bigrams(term) if tokens.is_chinese(term) else [term] for term in word.terms]
    return Alternative(
        tuple(gram for run in runs for gram in run), weight=SYNONYM_WEIGHT, highlight=word.text
    )


def _phrase_clause(text: str) -> Clause:
    """Words in quotation marks: all of them, in one field."""
    terms = [
        term
        for run in tokens.split_runs(text)
        for term in (tokens.bigrams(run) if tokens.is_chinese(run) else [tokens.latin_term(run)])
    ]
    return Clause(text, (Alternative(tuple(terms), highlight=text.strip()),) if terms else ())
