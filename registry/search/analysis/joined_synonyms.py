"""Synonyms of a text joined with the words of one index: a word that occurs in no record is no synonym there.

The registry's own synonyms stand first. Where the index has none of them for a word, the bilingual lexicon gives others, less
weighty: the translations of an English word; for a word of either language that no record has, other names of it, words that
share a translation, then narrower and broader ones; and the Chinese words that a text in Latin letters is the pinyin of.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace

from registry.reference.lexicon import table, wordnet
from registry.reference.lexicon.table import Lexicon
from registry.reference.text.syllables import are_syllables
from registry.search.analysis import tokens, word_weights
from registry.search.analysis.query_parser import QUOTED_PATTERN
from registry.search.analysis.synonyms import Synonym, Synonyms
from registry.search.analysis.translated_searches import SHOP_ENDINGS

Terms = tuple[str, ...]
# Which of these are there: terms that one field of the index has, if not of one record.
FindOccurring = Callable[[Collection[Terms]], Collection[Terms]]

MAIN_WEIGHT, FURTHER_WEIGHT, PART_WEIGHT = 0.5, 0.4, 0.3  # by how strongly a word is translated
SAME_WEIGHT, ALIAS_WEIGHT, SHARED_WEIGHT, NEAR_WEIGHT = 0.5, 0.4, 0.35, 0.25
WEIGHTS = {3: MAIN_WEIGHT, 2: FURTHER_WEIGHT, 1: PART_WEIGHT, 0: NEAR_WEIGHT}
PINYIN_WEIGHT = 0.5
MAX_TEXT = 200  # characters of a text that words are looked up in
MAX_RUNS = 24  # words of it
MAX_LATIN_WORDS, MAX_CHINESE_WORDS = 3, 5  # of a phrase
MAX_SYNONYMS = 12  # of a word
MAX_SHARING = 8  # English words of the same Chinese ones
MAX_NEAR_WORDS = 40  # English words that lead to others
MAX_PARTS = 3  # translations of each word of a phrase that are put together
MIN_PINYIN = 4  # letters of a pinyin
MAIN_MEANING, FURTHER_MEANING = 3, 2
NOUN_ENDINGS = ("子", "儿")
MIN_LATIN = 3  # letters of a word
MIN_CHINESE = 2  # characters of a word that others stand for


@dataclass(frozen=True)
class JoinedSynonyms(Synonyms):
    """Synonyms, and further ones of the words of one text. Equal where both are."""

    base: Synonyms
    further: tuple[tuple[Terms, tuple[Synonym, ...]], ...]
    max_terms: int = field(init=False)

    def __post_init__(self) -> None:
        longest = max(len(terms) for terms, _synonyms in self.further)
        object.__setattr__(self, "max_terms", max(self.base.max_terms, longest))
        object.__setattr__(self, "entries", self.base.entries)

    def lookup(self, terms: Terms) -> tuple[Synonym, ...]:
        others = next((synonyms for known, synonyms in self.further if known == terms), ())
        return (*self.base.lookup(terms), *others)


@dataclass(slots=True)
class _Phrase:
    """Consecutive words of a text. `words`: as typed; `terms`: as the parser looks them up."""

    words: Terms
    terms: Terms
    is_chinese: bool
    direct: list[Synonym]  # as good as the word
    others: list[
        Synonym
    ]  # for a word that no record has, and none of `direct`: weak translations, or by its pinyin

    is_in_lexicon: bool

    def overlaps(self, other: _Phrase) -> bool:
        """Return True if a phrase has a word in common with another one of several words."""
        return len(other.words) > 1 and not set(self.words).isdisjoint(other.words)

    @property
    def grams(self) -> Terms:
        """The terms of the index by which the phrase is found: syllables of pinyin stand side by side."""
        is_pinyin = not self.is_chinese and are_syllables(self.words)
        return tuple(tokens.syllable_pairs(self.words)) if is_pinyin else _grams(self.terms)

    @property
    def text(self) -> str:
        return ("" if self.is_chinese else " ").join(self.words)


def join_synonyms(text: str, synonyms: Synonyms, find_occurring: FindOccurring) -> Synonyms:
    """Return synonyms for the words of a text, of which the index has each that comes from the lexicon."""
    phrases = list(_phrases(text[:MAX_TEXT], table.lexicon(), synonyms))
    if not phrases:
        return synonyms
    candidates = {phrase.grams for phrase in phrases}
    candidates |= {
        _grams(other.terms)
        for phrase in phrases
        for other in (*phrase.direct, *phrase.others, *synonyms.lookup(phrase.terms))
    }
    occurring = set(find_occurring(candidates))
    found: dict[Terms, list[Synonym]] = {}
    unknown = []
    of_registry = [
        phrase
        for phrase in phrases
        if any(_grams(other.terms) in occurring for other in synonyms.lookup(phrase.terms))
    ]
    for phrase in phrases:
        if phrase in of_registry or (len(phrase.words) > 1 and any(map(phrase.overlaps, of_registry))):
            continue
        is_there = phrase.grams in occurring
        chosen = [] if phrase.is_chinese and is_there else phrase.direct
        chosen = [other for other in chosen if _grams(other.terms) in occurring]
        if not chosen and not is_there:
            chosen = [other for other in phrase.others if _grams(other.terms) in occurring]
        if chosen:
            found[phrase.terms] = chosen
        elif not is_there:
            unknown.append(phrase)
    _add_parts(phrases, found)
    near = _near_synonyms(unknown, find_occurring)
    covered = {
        word for phrase in phrases if phrase.terms in found or phrase.terms in near for word in phrase.words
    }
    if not any(len(phrase.words) == 1 and phrase.words[0] not in covered for phrase in unknown):
        found |= (
            near  # else a thing that is in no record is asked for: nothing like the other words answers that
        )
    if not found:
        return synonyms
    return JoinedSynonyms(
        synonyms, tuple((terms, tuple(others[:MAX_SYNONYMS])) for terms, others in found.items())
    )


def _grams(terms: Terms) -> Terms:
    """Return the terms of the index for those of a synonym, in which a Chinese word stands whole."""
    return tuple(
        gram for term in terms for gram in (tokens.bigrams(term) if tokens.is_chinese(term) else (term,))
    )


def _latin_terms(words: Iterable[str]) -> Terms:
    return tuple(map(tokens.latin_term, words))


def _synonym(word: str, weight: float) -> Synonym:
    terms = (word,) if tokens.is_chinese(word) else _latin_terms(tokens.split_runs(word))
    return Synonym(terms, word, weight)


# --- the phrases of a text ----------------------------------------------------------------------------------------


def _phrases(text: str, lexicon: Lexicon, synonyms: Synonyms) -> Iterator[_Phrase]:
    """Yield the words of a text, and words that stand together, longest first, with what the lexicon has for them."""
    runs = tokens.split_runs(QUOTED_PATTERN.sub(" ", text))[:MAX_RUNS]
    for is_chinese, group in itertools.groupby(runs, tokens.is_chinese):
        if is_chinese:
            for run in group:
                yield from _chinese_phrases(word_weights.tagged_words(run), lexicon, synonyms)
        else:
            yield from _latin_phrases(list(group), lexicon, synonyms)


def _windows(words: list[str], weights: list[float], most: int) -> Iterator[Terms]:
    """Yield runs of words, longest first, that neither begin nor end with a function word; single words that tell enough."""
    for size in range(min(most, len(words)), 0, -1):
        least = word_weights.LIGHT if size == 1 else word_weights.NEXT_TO_NOTHING
        for start in range(len(words) - size + 1):
            end = start + size
            if min(weights[start], weights[end - 1]) >= least:
                yield tuple(words[start:end])


def _chinese_phrases(
    tagged: list[tuple[str, str]], lexicon: Lexicon, synonyms: Synonyms
) -> Iterator[_Phrase]:
    words = [word for word, _tag in tagged]
    weights = [word_weights.chinese_weight(word, tag) for word, tag in tagged]
    for window in _windows(words, weights, MAX_CHINESE_WORDS):
        whole = "".join(window)
        if len(whole) >= MIN_CHINESE:
            direct = [_synonym(other, SAME_WEIGHT) for other in lexicon.same(whole)]
            known = bool(direct or lexicon.english_of(whole) or lexicon.aliases(whole))
            if known or len(window) == 1 or synonyms.lookup((whole,)):
                known = known or (len(window) == 1 and bool(lexicon.other_endings(whole)))
                yield _Phrase(window, (whole,), True, direct, [], known)


def _latin_phrases(words: list[str], lexicon: Lexicon, synonyms: Synonyms) -> Iterator[_Phrase]:
    for window in _windows(words, list(map(word_weights.latin_weight, words)), MAX_LATIN_WORDS):
        phrase, joined = " ".join(window), "".join(window)
        if not joined.isalpha() or len(joined) < MIN_LATIN:
            continue
        known = lexicon.is_english(phrase)
        direct, others = _translations(phrase, lexicon) if known else ([], [])
        if not known and len(joined) >= MIN_PINYIN:
            others = [_synonym(other, PINYIN_WEIGHT) for other in lexicon.chinese_of_pinyin(joined)]
        terms = _latin_terms(window)
        if others or known or len(window) == 1 or synonyms.lookup(terms):
            yield _Phrase(window, terms, False, direct, others, known)


def _translations(phrase: str, lexicon: Lexicon) -> tuple[list[Synonym], list[Synonym]]:
    """Return the Chinese words of an English one that stand for it, and those that only may: of one character, or actions."""
    strong: list[Synonym] = []
    weak: list[Synonym] = []
    for word, strength in lexicon.translations(phrase):
        (strong if strength > 1 else weak).append(_synonym(word, WEIGHTS[strength]))
        if (
            strength > 1 and word.endswith(NOUN_ENDINGS) and lexicon.is_thing(phrase)
        ):  # 扇子 is 扇 in compounds
            strong += [_synonym(other, PART_WEIGHT) for other in lexicon.same(word) if other == word[:-1]]
        if strength > 1:
            weak += [_synonym(other, PART_WEIGHT) for other in lexicon.other_endings(word)]
        if len(word) > MIN_CHINESE and word.endswith(SHOP_ENDINGS):  # a bakery, 面包房, has bread, 面包
            weak.append(_synonym(word[:-1], PART_WEIGHT))
    return strong, weak


# --- words that no record has ---------------------------------------------------------------------------------------


def _near_synonyms(phrases: list[_Phrase], find_occurring: FindOccurring) -> dict[Terms, list[Synonym]]:
    """Return words that are near to those that no record has: of each, the nearest kind that occurs."""
    lexicon = table.lexicon()
    by_phrase = [
        (phrase.terms, list((_near_chinese if phrase.is_chinese else _near_english)(phrase.text, lexicon)))
        for phrase in phrases
        if phrase.is_in_lexicon
    ]
    candidates = {_grams(other.terms) for _terms, kinds in by_phrase for kind in kinds for other in kind}
    occurring = set(find_occurring(candidates)) if candidates else set()
    found: dict[Terms, list[Synonym]] = {}
    for terms, kinds in by_phrase:
        for kind in kinds:
            known = [other for other in dict.fromkeys(kind) if _grams(other.terms) in occurring]
            found.setdefault(terms, []).extend(known)
            if any(len(other.terms) == 1 for other in known):
                break  # words of a phrase may occur apart only: more is tried
    return {terms: others for terms, others in found.items() if others}


def _is_character(other: Synonym) -> bool:
    """Return True for a single Chinese character: alone it is a part of too many words to be near to one."""
    return len(other.text) == 1 and tokens.is_chinese(other.text)


def _near_chinese(word: str, lexicon: Lexicon) -> Iterator[list[Synonym]]:
    """Yield words near to a Chinese one: what a shop of that name sells; with another ending, and its other names in an encyclopedia;
    words that share its English; words of nearly the same English, and of the thing in general, that also share a character.
    """
    if len(word) > MIN_CHINESE and word.endswith(SHOP_ENDINGS):
        yield [_synonym(word[:-1], SAME_WEIGHT)]
    yield [_synonym(other, ALIAS_WEIGHT) for other in (*lexicon.other_endings(word), *lexicon.aliases(word))]
    own = [each.word for each in lexicon.english_of(word) if each.strength == MAIN_MEANING]
    yield [other for other in _with_translations(own, lexicon, SHARED_WEIGHT) if other.text != word]
    near = [other.word for each in own for other in lexicon.near(each) if other.kind == wordnet.SYNONYM]
    heads = [each.split()[-1] for each in own if " " in each]  # running shoes are shoes
    heads = [head for head in heads if lexicon.is_thing(head)]
    for words in (near, heads):
        others = _with_translations(words, lexicon, NEAR_WEIGHT)
        yield [other for other in others if not set(word).isdisjoint(other.text)]


def _near_english(phrase: str, lexicon: Lexicon) -> Iterator[list[Synonym]]:
    """Yield words of the same meaning as an English one, then those that share its Chinese, narrower ones, and broader ones, in
    both languages.
    """
    near = lexicon.near(phrase)
    own = [each.word for each in lexicon.translations(phrase) if each.strength == MAIN_MEANING]
    sharing = [
        each.word for word in own for each in lexicon.english_of(word) if each.strength >= FURTHER_MEANING
    ]
    shared = [
        other
        for word in list(dict.fromkeys(sharing))[:MAX_SHARING]
        for other in (_synonym(word, NEAR_WEIGHT), *itertools.chain(*_translations(word, lexicon)))
    ]
    for kind, weight in (
        (wordnet.SYNONYM, SHARED_WEIGHT),
        (wordnet.NARROWER, NEAR_WEIGHT),
        (wordnet.BROADER, NEAR_WEIGHT),
    ):
        others = _with_translations([other.word for other in near if other.kind == kind], lexicon, weight)
        yield [other for other in others if not _is_character(other)]
        if kind == wordnet.SYNONYM:
            yield [replace(other, weight=NEAR_WEIGHT) for other in shared if not _is_character(other)]


def _with_translations(words: list[str], lexicon: Lexicon, weight: float) -> list[Synonym]:
    synonyms = []
    for word in words[:MAX_NEAR_WORDS]:
        synonyms.append(_synonym(word, weight))
        synonyms += [replace(other, weight=weight) for other in _translations(word, lexicon)[0]]
    return synonyms


def _add_parts(phrases: list[_Phrase], found: dict[Terms, list[Synonym]]) -> None:
    """Add to English phrases what their words make together: sesame oil is 香油, and 芝麻 beside 油."""
    for phrase in phrases:
        if len(phrase.terms) > 1 and not phrase.is_chinese and phrase.terms in found:
            parts = [
                [other for other in found.get((term,), ()) if tokens.is_chinese(other.text)][:MAX_PARTS]
                for term in phrase.terms
            ]
            found[phrase.terms] += [
                Synonym(
                    tuple(term for other in made for term in other.terms),
                    "".join(other.text for other in made),
                    PART_WEIGHT,
                )
                for made in itertools.product(*parts)
            ]
