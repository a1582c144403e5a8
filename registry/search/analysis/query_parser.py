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
from registry.search.analysis.synonyms import Other, Synonyms, built_in

LONGEST = 500
KEPT = 2048  # texts that were understood lately
MOST_GROUPS = 16
QUOTED = re.compile(r"[\"“”「」『』]([^\"“”「」『』]{1,200})[\"“”「」『』]")
WITHOUT = re.compile(r"(?:^|(?<=\s))[-−－]([^\s\d\"-][^\s\"]*)")
SYNONYM_WORTH = 0.6
APART_WORTH = 0.8
MOST_JOINED = 5  # words of a Chinese run that may together be one term of the field
SHORTEST_PART, LONGEST_PART = 5, 40
CONFUSED = str.maketrans("OI", "01")
IDLE = frozenset(
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
    tokens.latin(word) if word.isascii() else word
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
    worth: float = 1.0
    shown: str = ""  # what to highlight


@dataclass(frozen=True, slots=True)
class Group:
    """One thing asked for: any of its alternatives will do."""

    text: str
    alternatives: tuple[Alternative, ...]


@dataclass(frozen=True, slots=True)
class Question:
    whole: str  # everything as one folded name
    numbers: tuple[str, ...]  # the whole text as an identifier, in its spellings
    groups: tuple[Group, ...]
    phrases: tuple[Group, ...] = ()
    without: tuple[Group, ...] = ()
    asks_ended: bool = False
    pinyin: str = ""  # the whole as pinyin typed in Latin letters
    terms: tuple[str, ...] = field(default=())
    number_parts: tuple[str, ...] = ()  # parts of identifiers, should nothing have them whole
    meant: tuple[tuple[str, str], ...] = ()  # words as typed, and others that they were taken for as well
    apart: tuple[int, ...] = ()  # of a Chinese text with blanks: which of its parts each group is of

    @property
    def asks_nothing(self) -> bool:
        """Whether there is nothing to find but everything."""
        return not (self.groups or self.phrases or self.whole or self.numbers)


def ask(text: str, synonyms: Synonyms | None = None) -> Question:
    """Understand a text of any kind. `synonyms`: the built-in ones, unless others are given."""
    return _understood(text[:LONGEST], synonyms or built_in())


@functools.lru_cache(KEPT)
def _understood(text: str, synonyms: Synonyms) -> Question:
    bare = QUOTED.sub(" ", text)
    without = [word for match in WITHOUT.finditer(bare) for word in [match.group(1)]]
    bare = WITHOUT.sub(" ", bare)
    placed = _each_once(_groups(bare, synonyms))
    useful = [group for _part, group in placed]
    phrases = tuple(_phrase(match.group(1)) for match in QUOTED.finditer(text))
    left = tokens.runs(bare)
    latin_only = bool(left) and all(not tokens.is_chinese(run) for run in left)
    return Question(
        whole=fold_name(text)[: tokens.LONGEST_TERM],
        numbers=tuple(dict.fromkeys(tokens.number_terms(text[:120])))
        if any(c.isdigit() for c in text)
        else (),
        groups=tuple(useful),
        phrases=tuple(group for group in phrases[:4] if group.alternatives),
        without=tuple(group for word in without[:8] for _part, group in _groups(word, synonyms)),
        asks_ended=any(
            term in ENDED_WORDS for group in useful for term in (group.text, *group.alternatives[0].terms)
        ),
        pinyin="".join(left) if latin_only else "",
        number_parts=_number_parts(text),
        meant=tuple(
            (group.text, other.shown)
            for group in useful
            for other in group.alternatives[1:]
            if other.worth == SYNONYM_WORTH
        ),
        apart=tuple(part for part, _group in placed) if not latin_only and " " in bare.strip() else (),
        terms=tuple(
            dict.fromkeys(each.shown for group in useful for each in group.alternatives if each.shown)
        )[:MOST_GROUPS],
    )


def forget() -> None:
    """Understand every text anew: for measuring."""
    _understood.cache_clear()


def _each_once(placed: list[tuple[int, Group]]) -> list[tuple[int, Group]]:
    """Groups without idle words and without those that were asked for before."""
    first: dict[Group, int] = {}
    for part, group in placed:
        if group.text not in IDLE:
            first.setdefault(group, part)
    return [(part, group) for group, part in first.items()][:MOST_GROUPS]


def _number_parts(text: str) -> tuple[str, ...]:
    """A piece of an identifier, and what it reads like when letters were taken for figures (O, I)."""
    key = fold_number(text[:120])
    if (
        not SHORTEST_PART <= len(key) <= LONGEST_PART
        or not any(c.isdigit() for c in key)
        or not key.isascii()
    ):
        return ()
    return tuple(dict.fromkeys((key, key.translate(CONFUSED))))


def _groups(text: str, synonyms: Synonyms) -> list[tuple[int, Group]]:
    """Groups, each with the number of the word, between blanks, that it begins in."""
    groups: list[tuple[int, Group]] = []
    words = tokens.folded(text).split()
    place = 0
    while place < len(words) and len(groups) < MOST_GROUPS * 2:
        number, taken = _standard(words, place)
        if number is not None:
            groups.append((place, number))
        else:
            taken, found = _words(words, place, synonyms)
            groups += ((place, group) for group in found)
        place += taken
    return groups


def _standard(words: list[str], place: int) -> tuple[Group | None, int]:
    """A standard's number that begins here, over up to three words."""
    for taken in (3, 2, 1):
        part = " ".join(words[place : place + taken])
        if place + taken <= len(words) and any(c.isdigit() for c in part):
            parsed = standard_numbers.parse(part)
            if parsed is not None:
                term = fold_number(parsed.canonical if parsed.year else parsed.without_year)
                return Group(part, (Alternative((term,), NUMBER_FIELDS, shown=parsed.canonical),)), taken
    return None, 0


def _words(words: list[str], place: int, synonyms: Synonyms) -> tuple[int, list[Group]]:
    """Groups of the word here; several English words may be one term of the field."""
    for taken in range(min(synonyms.longest, len(words) - place), 1, -1):
        part = words[place : place + taken]
        terms = tuple(tokens.latin(run) for word in part for run in tokens.runs(word))
        if others := synonyms.of(terms):
            own = Alternative(terms, shown=" ".join(part))
            return taken, [Group(" ".join(part), (own, *map(_other, others)))]
    return 1, _word(words[place], synonyms)


def _word(word: str, synonyms: Synonyms) -> list[Group]:
    groups: list[Group] = []
    for run in tokens.runs(word):
        if tokens.is_chinese(run):
            groups += _chinese(tokens.words_of(run), synonyms)
            continue
        terms = (tokens.latin(run),)
        groups.append(Group(run, (Alternative(terms, shown=run), *map(_other, synonyms.of(terms)))))
    if any(c.isdigit() for c in word) and len(groups) > 1:  # a number with signs in it: whole, or its parts
        whole = fold_number(word)[: tokens.LONGEST_TERM]
        parts = tuple(term for group in groups for term in group.alternatives[0].terms)
        return [
            Group(
                word,
                (Alternative((whole,), NUMBER_FIELDS, shown=word), Alternative(parts, worth=0.8, shown=word)),
            )
        ]
    if any(c.isdigit() for c in word) and groups:
        whole = fold_number(word)[: tokens.LONGEST_TERM]
        return [Group(word, (Alternative((whole,), NUMBER_FIELDS, shown=word), *groups[0].alternatives))]
    return groups


def _chinese(words: list[str], synonyms: Synonyms) -> Iterator[Group]:
    """A group for each word of a run; several that together have synonyms are one, which may also stand apart."""
    place = 0
    while place < len(words):
        for taken in range(min(MOST_JOINED, len(words) - place), 0, -1):
            part = words[place : place + taken]
            whole = "".join(part)
            others = synonyms.of((whole,))
            if others or taken == 1:
                apart = tuple(gram for word in part for gram in tokens.grams(word))
                own = [Alternative(tuple(tokens.grams(whole)), shown=whole)]
                own += [Alternative(apart, worth=APART_WORTH, shown=whole)] if taken > 1 else []
                yield Group(whole, (*own, *map(_other, others)))
                place += taken
                break


def _other(word: Other) -> Alternative:
    """Other words of the same meaning: worth less than those that were typed."""
    runs = [tokens.grams(term) if tokens.is_chinese(term) else [term] for term in word.terms]
    return Alternative(tuple(gram for run in runs for gram in run), worth=SYNONYM_WORTH, shown=word.written)


def _phrase(text: str) -> Group:
    """Words in quotation marks: all of them, in one field."""
    terms = [
        term
        for run in tokens.runs(text)
        for term in (tokens.grams(run) if tokens.is_chinese(run) else [tokens.latin(run)])
    ]
    return Group(text, (Alternative(tuple(terms), shown=text.strip()),) if terms else ())
