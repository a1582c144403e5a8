"""The query parser: from a typed text to clauses for the index. There is no query language: no text can fail.

Quotation marks keep words together, a minus leaves a word out; everything else is words.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from registry.reference.identifiers import standard_numbers
from registry.reference.text.folding import fold_name, fold_number, to_plain
from registry.reference.text.syllables import are_syllables, leading_syllables
from registry.search.analysis import tokens, word_weights
from registry.search.analysis.synonyms import Synonym, Synonyms, built_in

MAX_QUERY_LENGTH = 500
MAX_CACHED_QUERIES = 2048
MAX_CLAUSES = 16
MAX_PHRASES, MAX_EXCLUDED = 4, 8
MAX_NUMBER_TEXT = 120  # characters of a text that may be an identifier
QUOTED_PATTERN = re.compile(r"[\"“”「」『』]([^\"“”「」『』]{1,200})[\"“”「」『』]")
EXCLUDED_PATTERN = re.compile(r"(?:^|(?<=\s))[-−－]([^\s\d\"-][^\s\"]*)")
SPLIT_WEIGHT = 0.8
ACROSS_WEIGHT = 0.5
MAX_JOINED_WORDS = 5  # words of a Chinese run that may have synonyms together
MIN_NUMBER_PART, MAX_NUMBER_PART = 5, 40
# The serial number at the end of an identifier, behind letters and a year, as it is typed without the zeros before it.
WITHOUT_ZEROS = re.compile(r"[A-Z](?:19|20)\d\d([1-9]\d{0,4})$")
FILLED_LENGTHS = (6, 5, 4, 7)  # figures of a serial number, the most usual first
CONFUSED_CHARACTERS = str.maketrans("OI", "01")
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
FULL_TEXT = "full_text"
TEXT_FIELDS = ("names", "pinyin", "parties", "mentions", "words", FULL_TEXT)
NUMBER_FIELDS = ("code", "mentions")
PINYIN_FIELDS = ("pinyin", "parties")


@dataclass(frozen=True, slots=True)
class Alternative:
    """Terms that must stand together in one field. `weight`: below 1 for a translation; `highlight`: what is marked."""

    terms: tuple[str, ...]
    fields: tuple[str, ...] = TEXT_FIELDS
    weight: float = 1.0
    highlight: str = ""
    is_synonym: bool = False

    @property
    def is_one_character(self) -> bool:
        """Return True for a synonym of one Chinese character."""
        return self.is_synonym and len(self.highlight) == 1


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing that a record must have, by any of its alternatives. `weight`: what it tells, from 0 to 1."""

    text: str
    alternatives: tuple[Alternative, ...]
    weight: float = word_weights.FULL

    def without_full_text(self) -> Clause:
        """Return the clause for the fields of records alone: a long text has some of the words of any search."""
        own = tuple(
            replace(each, fields=tuple(name for name in each.fields if name != FULL_TEXT))
            if FULL_TEXT in each.fields
            else each
            for each in self.alternatives
        )
        return replace(self, alternatives=own)


@dataclass(frozen=True, slots=True)
class ParsedQuery:
    """A text as it is put to the index."""

    folded_name: str  # everything as one folded name
    numbers: tuple[str, ...]  # the whole text as an identifier, in its spellings
    clauses: tuple[Clause, ...]
    phrases: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()
    mentions_ended: bool = False  # ended records are asked for by a word
    pinyin: str = ""  # the whole as pinyin typed in Latin letters
    highlights: tuple[str, ...] = field(default=())
    number_parts: tuple[str, ...] = ()  # parts of identifiers, should no record have them as a whole
    synonyms: tuple[tuple[str, str], ...] = ()  # (word as typed, synonym that is searched for as well)
    # Of a Chinese text with blanks: index of the part that each clause is of.
    clause_parts: tuple[int, ...] = ()
    across: tuple[Clause, ...] = ()  # neighbouring characters of a Chinese run that the segmenter took apart
    light: tuple[
        Clause, ...
    ] = ()  # words that tell little: no record must have them, those that do come first

    @property
    def is_match_all(self) -> bool:
        """Return True if the query has no condition."""
        return not (self.clauses or self.phrases or self.folded_name or self.numbers)


def parse_query(text: str, synonyms: Synonyms | None = None) -> ParsedQuery:
    """Parse a text of any kind; never fails. `synonyms`: the built-in ones, unless others are given."""
    return _parse(to_plain(tokens.part_codes(text[:MAX_QUERY_LENGTH])), synonyms or built_in())


@functools.lru_cache(MAX_CACHED_QUERIES)
def _parse(text: str, synonyms: Synonyms) -> ParsedQuery:
    unquoted = QUOTED_PATTERN.sub(" ", text)
    excluded = [match.group(1) for match in EXCLUDED_PATTERN.finditer(unquoted)]
    bare = EXCLUDED_PATTERN.sub(" ", unquoted)
    numbered = _distinct_clauses(_clauses(bare, synonyms))
    said = [clause for _part, clause in numbered]
    weighty = [(part, clause) for part, clause in numbered if clause.weight >= word_weights.LIGHT]
    numbered = weighty or numbered
    clauses = [clause for _part, clause in numbered]
    phrases = tuple(_phrase_clause(match.group(1)) for match in QUOTED_PATTERN.finditer(text))
    runs = tokens.split_runs(bare)
    latin_only = bool(runs) and all(not tokens.is_chinese(run) for run in runs)
    has_digit = any(c.isdigit() for c in text)
    in_parts = not latin_only and " " in bare.strip()
    return ParsedQuery(
        folded_name=fold_name(text)[: tokens.MAX_TERM_LENGTH],
        numbers=tuple(dict.fromkeys(tokens.number_terms(text[:MAX_NUMBER_TEXT]))) if has_digit else (),
        clauses=tuple(clauses),
        phrases=tuple(clause for clause in phrases[:MAX_PHRASES] if clause.alternatives),
        excluded=tuple(
            clause for word in excluded[:MAX_EXCLUDED] for _part, clause in _clauses(word, synonyms)
        ),
        mentions_ended=any(
            term in ENDED_WORDS for clause in said for term in (clause.text, *clause.alternatives[0].terms)
        ),
        pinyin="".join(runs) if latin_only else "",
        number_parts=_number_parts(text),
        synonyms=tuple(
            (clause.text, alternative.highlight)
            for clause in clauses
            for alternative in clause.alternatives[1:]
            if alternative.is_synonym
        ),
        clause_parts=tuple(part for part, _clause in numbered) if in_parts else (),
        across=tuple(itertools.islice(_across_words(bare), MAX_CLAUSES)),
        light=tuple(clause for clause in said if clause not in clauses),
        highlights=tuple(
            dict.fromkeys(
                alternative.highlight
                for clause in said
                for alternative in clause.alternatives
                if alternative.highlight
            )
        )[:MAX_CLAUSES],
    )


def clear_cache() -> None:
    """Forget every parsed query: for benchmarks."""
    _parse.cache_clear()


def _distinct_clauses(numbered: list[tuple[int, Clause]]) -> list[tuple[int, Clause]]:
    """Drop words that tell nothing, and clauses that came before."""
    first: dict[Clause, int] = {}
    for part, clause in numbered:
        if clause.weight > word_weights.NONE:
            first.setdefault(clause, part)
    return [(part, clause) for clause, part in first.items()][:MAX_CLAUSES]


def _across_words(text: str) -> Iterator[Clause]:
    """Yield, for each two neighbouring words of a Chinese run that tell something, the characters where they meet."""
    for run in filter(tokens.is_chinese, tokens.split_runs(text)):
        words = word_weights.tagged_words(run)
        for (left, tag), (right, next_tag) in itertools.pairwise(words):
            weight = min(word_weights.chinese_weight(left, tag), word_weights.chinese_weight(right, next_tag))
            if weight >= word_weights.LIGHT:
                yield Clause(left[-1] + right[0], (Alternative((left[-1] + right[0],)),), ACROSS_WEIGHT)


def _number_parts(text: str) -> tuple[str, ...]:
    """Return a part of an identifier, and how it reads when letters (O, I) were typed for figures."""
    key = fold_number(text[:MAX_NUMBER_TEXT])
    if (
        not MIN_NUMBER_PART <= len(key) <= MAX_NUMBER_PART
        or not any(c.isdigit() for c in key)
        or not key.isascii()
    ):
        return ()
    without_zeros = WITHOUT_ZEROS.search(key)
    filled = (
        [key[: without_zeros.start(1)] + without_zeros[1].zfill(length) for length in FILLED_LENGTHS]
        if without_zeros
        else []
    )
    return tuple(dict.fromkeys((key, key.translate(CONFUSED_CHARACTERS), *filled)))


def _clauses(text: str, synonyms: Synonyms) -> list[tuple[int, Clause]]:
    """Return the clauses of a text, each with the index of the word, between blanks, in which it begins."""
    clauses: list[tuple[int, Clause]] = []
    words = tokens.fold_text(text).split()
    index = 0
    while index < len(words) and len(clauses) < MAX_CLAUSES * 2:
        number, taken = _standard_number(words, index)
        if number is not None:
            clauses.append((index, number))
        else:
            taken, of_words = _pinyin_clause(words, index, synonyms) or _clauses_at(words, index, synonyms)
            clauses += ((index, clause) for clause in of_words)
        index += taken
    return clauses


def _standard_number(words: list[str], index: int) -> tuple[Clause | None, int]:
    """Return the clause of a standard's number that begins here and the number of its words, up to three."""
    for taken in (3, 2, 1):
        part = " ".join(words[index : index + taken])
        if index + taken <= len(words) and any(c.isdigit() for c in part):
            parsed = standard_numbers.parse(part)
            if parsed is not None:
                term = fold_number(parsed.canonical if parsed.year else parsed.without_year)
                alternative = Alternative((term,), NUMBER_FIELDS, highlight=parsed.canonical)
                return Clause(part, (alternative,)), taken
    return None, 0


def _pinyin_clause(words: list[str], index: int, synonyms: Synonyms) -> tuple[int, list[Clause]] | None:
    """Return how many syllables of pinyin stand here, two at least, and their clause; None where none do.

    They are found side by side and in order; as words of English all in one field.
    """
    typed = words[index : index + tokens.MAX_PINYIN_NAME_LENGTH]
    if not are_syllables(words):  # can you find … has two, but is English
        typed = list(
            itertools.takewhile(lambda word: word_weights.latin_weight(word) >= word_weights.LIGHT, typed)
        )
    most = leading_syllables(typed)
    if not most:
        return None
    known = (
        taken for taken in range(most, 1, -1) if synonyms.lookup(_latin_terms(words[index : index + taken]))
    )
    taken = next(known, most)
    part = words[index : index + taken]
    terms, text = _latin_terms(part), " ".join(part)
    side_by_side = Alternative(tuple(tokens.syllable_pairs(part)), PINYIN_FIELDS, highlight=text)
    english = tuple(name for name in TEXT_FIELDS if name not in PINYIN_FIELDS)
    others = map(_synonym_alternative, synonyms.lookup(terms))
    weight = max(map(word_weights.latin_weight, part))
    return taken, [Clause(text, (side_by_side, Alternative(terms, english, highlight=text), *others), weight)]


def _latin_terms(words: list[str]) -> tuple[str, ...]:
    return tuple(map(tokens.latin_term, words))


def _clauses_at(words: list[str], index: int, synonyms: Synonyms) -> tuple[int, list[Clause]]:
    """Return how many words are taken here, and their clauses: several English words may have synonyms together."""
    for taken in range(min(synonyms.max_terms, len(words) - index), 0, -1):
        part = words[index : index + taken]
        terms = tuple(tokens.latin_term(run) for word in part for run in tokens.split_runs(word))
        if len(terms) > 1 and (others := synonyms.lookup(terms)):
            own = Alternative(terms, highlight=" ".join(part))
            weight = max(map(word_weights.latin_weight, part))
            return taken, [Clause(" ".join(part), (own, *map(_synonym_alternative, others)), weight)]
    return 1, _word_clauses(words[index], synonyms)


def _word_clauses(word: str, synonyms: Synonyms) -> list[Clause]:
    clauses: list[Clause] = []
    for run in tokens.split_runs(word):
        if tokens.is_chinese(run):
            clauses += _chinese_clauses(word_weights.tagged_words(run), synonyms)
            continue
        terms = (tokens.latin_term(run),)
        own = Alternative(terms, highlight=run)
        alternatives = (own, *map(_synonym_alternative, synonyms.lookup(terms)))
        clauses.append(Clause(run, alternatives, word_weights.latin_weight(run)))
    if not clauses or not any(c.isdigit() for c in word):
        return clauses
    number = fold_number(word)[: tokens.MAX_TERM_LENGTH]
    as_number = Alternative((number,), NUMBER_FIELDS, highlight=word)
    if len(clauses) == 1:
        return [Clause(word, (as_number, *clauses[0].alternatives))]
    # A number with other characters in it: as a whole, or all its parts.
    parts = tuple(term for clause in clauses for term in clause.alternatives[0].terms)
    return [Clause(word, (as_number, Alternative(parts, weight=SPLIT_WEIGHT, highlight=word)))]


def _chinese_clauses(tagged: list[tuple[str, str]], synonyms: Synonyms) -> Iterator[Clause]:
    """Yield a clause for each word of a run.

    Several words that have synonyms together are one clause, whose words may also stand apart.
    """
    words = [word for word, _tag in tagged]
    index = 0
    while index < len(words):
        for taken in range(min(MAX_JOINED_WORDS, len(words) - index), 0, -1):
            part = words[index : index + taken]
            whole = "".join(part)
            others = synonyms.lookup((whole,))
            if others or taken == 1:
                apart = tuple(gram for word in part for gram in tokens.bigrams(word))
                own = [Alternative(tuple(tokens.bigrams(whole)), highlight=whole)]
                own += [Alternative(apart, weight=SPLIT_WEIGHT, highlight=whole)] if taken > 1 else []
                weight = max(word_weights.chinese_weight(*each) for each in tagged[index : index + taken])
                yield Clause(whole, (*own, *map(_synonym_alternative, others)), weight)
                index += taken
                break


def _synonym_alternative(synonym: Synonym) -> Alternative:
    """Return a synonym as an alternative: of less weight than the word that was typed."""
    terms = tuple(
        gram
        for term in synonym.terms
        for gram in (tokens.bigrams(term) if tokens.is_chinese(term) else [term])
    )
    return Alternative(terms, weight=synonym.weight, highlight=synonym.text, is_synonym=True)


def _phrase_clause(text: str) -> Clause:
    """Return words in quotation marks as a clause: all of them, in one field."""
    terms = [
        term
        for run in tokens.split_runs(text)
        for term in (tokens.bigrams(run) if tokens.is_chinese(run) else [tokens.latin_term(run)])
    ]
    return Clause(text, (Alternative(tuple(terms), highlight=text.strip()),) if terms else ())
