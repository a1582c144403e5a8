"""Analysis: how text becomes terms, the same for index and query and for every engine.

Chinese becomes single characters and bigrams; Latin words lose case, accents, endings and spelling variants;
names also get their pinyin: word by word, syllable by syllable, and initials. Numbers are folded whole.
"""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator

from whoosh.lang.porter import stem

from registry.late_imports import rjieba
from registry.reference.identifiers import standard_numbers
from registry.reference.text import romanise
from registry.reference.text.folding import fold_name, fold_number, to_plain

MAX_TERM_LENGTH = 60
MAX_PINYIN_NAME_LENGTH = 8  # characters of a name that is also found as a whole by its pinyin
MIN_INITIALS, MAX_INITIALS = 2, 8  # syllables of a name that is found by its initials
MIN_STEMMED_LENGTH = 4
PINYIN_MARK = "~"  # before a whole name in pinyin, and before two syllables: no folded name begins with it
SHORT_NAME_MARK = "^"  # before a short form of a name
MIN_LONG_NAME = 4  # characters of a name that has short forms
LEGAL_FORMS = frozenset(["股份", "有限", "责任", "集团", "控股", "公司", "总公司"])  # end the name of a firm
SHORT_NAME_WORDS = 3  # at its beginning, of which a short form is made
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
RUN_PATTERN = re.compile(rf"[{HAN}]+|[a-z0-9]+(?:[.'’][a-z0-9]+)*|[★☆]+")
CHINESE_PATTERN = re.compile(rf"[{HAN}]")
# A model or a number beside a Chinese word of two characters or more. Shorter ones belong together: 第3批, 2024年, 5A级.
CODE = r"[A-Za-z0-9][A-Za-z0-9./_\-–—－]+[A-Za-z0-9]"
UNITS = "年月日号级批届期版"
WORD_THEN_CODE = re.compile(rf"([{HAN}]{{2}})({CODE})")
CODE_THEN_WORD = re.compile(rf"({CODE})((?![{UNITS}])[{HAN}]{{2}})")
# Letters that Unicode does not take apart into a plain letter and a mark.
WHOLE_LETTERS = str.maketrans(
    {
        "ø": "o",
        "æ": "ae",
        "œ": "oe",
        "ß": "ss",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ł": "l",
        "ħ": "h",
        "ı": "i",
        "ŧ": "t",
    }
)
SPELLING_VARIANTS = {
    "aluminum": "aluminium",
    "gray": "grey",
    "license": "licence",
    "catalog": "catalogue",
    "jewelry": "jewellery",
    "tire": "tyre",
    "mold": "mould",
    "molding": "moulding",
    "molded": "moulded",
    "moldings": "moulding",
    "yogurt": "yoghurt",
    "yogurts": "yoghurt",
    "yoghourt": "yoghurt",
    "whiskey": "whisky",
    "pajamas": "pyjamas",
    "donut": "doughnut",
    "donuts": "doughnut",
    "cozy": "cosy",
    "program": "programme",
    "programs": "programme",
    "defense": "defence",
    "skillful": "skilful",
    "airplane": "aeroplane",
    "soya": "soy",
    "chilli": "chili",
    "chillies": "chili",
    "chilies": "chili",
    "plow": "plough",
}
# From American to British, of every word that is written so: the terms of an index are in one spelling.
SPELLING_RULES = (
    (re.compile(r"iz(e[ds]?|ing|ation|ations|er|ers)$"), r"is\1"),
    (re.compile(r"yz(e[ds]?|ing|er|ers)$"), r"ys\1"),
    (
        re.compile(
            r"^(arm|behavi|col|endeav|fav|flav|harb|hon|hum|lab|misdemean|neighb|od|parl|rum|sav|splend|tum|vap|vig)or"
        ),
        r"\1our",
    ),
    (re.compile(r"^(calib|cent|epicent|fib|lit|lust|millilit|sab|spect|theat)ers?$"), r"\1re"),
    (
        re.compile(r"(cance|chise|labe|leve|marve|mode|pane|swive|trave|tunne|woo)l(ed|ing|er|ers|en|ery)$"),
        r"\1ll\2",
    ),
    (re.compile(r"sulf"), "sulph"),
    (
        re.compile(r"(?<=[bcdfghjklmnpqrstvwxyz])ae(?=[cmns])|(?<=[gp])ae(?=d)"),
        "e",
    ),  # haemo, leukaemia, anaesthetic, faeces
    (re.compile(r"(?<=rrh)oe|^oe(?=[ds])"), "e"),  # diarrhoea, oedema, oesophagus
)


def fold_text(text: str) -> str:
    """Return the text in NFKC, Simplified characters and lower case, without accents of Latin letters."""
    plain = to_plain(unicodedata.normalize("NFKC", text)).lower()
    if plain.isascii():
        return plain
    parts = unicodedata.normalize("NFD", plain)
    bare = "".join(c for c in parts if not "\u0300" <= c <= "\u036f")
    return unicodedata.normalize("NFC", bare.translate(WHOLE_LETTERS))


def part_codes(text: str) -> str:
    """Return a text with a blank between a model or a number and the Chinese word that it was typed together with."""
    if text.isascii():
        return text
    return CODE_THEN_WORD.sub(r"\1 \2", WORD_THEN_CODE.sub(r"\1 \2", text))


def split_runs(text: str) -> list[str]:
    """Return the runs of Chinese, the Latin words and the numbers of a text, in order."""
    return RUN_PATTERN.findall(fold_text(text))


def is_chinese(run: str) -> bool:
    """Return True if a run begins with a Chinese character."""
    return bool(CHINESE_PATTERN.match(run))


@functools.lru_cache(maxsize=65536)
def latin_term(word: str) -> str:
    """Return the term of a Latin word or a number: without ending, in British spelling."""
    word = word.replace("’", "'").removesuffix("'s").replace("'", "")
    if not word.isalpha():
        return word[:MAX_TERM_LENGTH]
    if len(word) < MIN_STEMMED_LENGTH:
        return word
    return str(stem(_one_spelling(word)))[:MAX_TERM_LENGTH]


def _one_spelling(word: str) -> str:
    if (variant := SPELLING_VARIANTS.get(word)) is not None:
        return variant
    for pattern, spelling in SPELLING_RULES:
        word = pattern.sub(spelling, word)
    return word


def bigrams(run: str) -> list[str]:
    """Return the terms of a Chinese run in a query: its bigrams, or the one character."""
    return [run] if len(run) == 1 else [run[index : index + 2] for index in range(len(run) - 1)]


def text_terms(text: str) -> Iterator[str]:
    """Yield the index terms of running text."""
    for run in split_runs(text):
        if is_chinese(run):
            yield from run
            if len(run) > 1:
                yield from bigrams(run)
        else:
            yield latin_term(run)
            if "." in run:
                yield from run.split(".")


def pinyin_terms(name: str) -> Iterator[str]:
    """Yield the pinyin of a name: syllables, alone and two by two, words joined, the whole joined, and initials."""
    for run in split_runs(name):
        if not is_chinese(run):
            continue
        syllables = [plain_syllable(syllable) for syllable in romanise.pinyin_words(run)]
        yield from map(latin_term, syllables)
        yield latin_term("".join(syllables))
        yield from syllable_pairs(syllables)
        if MIN_INITIALS <= len(syllables) <= MAX_INITIALS:
            yield latin_term("".join(syllable[0] for syllable in syllables if syllable))
        for word in segment_words(run):
            if 1 < len(word) < len(run):
                yield latin_term(joined_pinyin(word))


def syllable_pairs(syllables: Iterable[str]) -> Iterator[str]:
    """Yield the terms by which syllables are found side by side and in order, as bigrams of characters are."""
    for left, right in itertools.pairwise(syllables):
        yield PINYIN_MARK + left + right


def joined_pinyin(text: str) -> str:
    """Return the pinyin of a Chinese text as one word, as people type it."""
    return "".join(plain_syllable(syllable) for syllable in romanise.pinyin_words(text))


def plain_syllable(syllable: str) -> str:
    """Return a syllable as it is typed: ü becomes v."""
    return fold_text(syllable.replace("ü", "v")).replace("'", "")


def segment_words(run: str) -> list[str]:
    """Return the words of a Chinese run."""
    return list(rjieba.cut(run))


def number_terms(code: str) -> Iterator[str]:
    """Yield the terms by which an identifier is found: whole; a standard's number also without year and as digits."""
    whole = fold_number(code)
    if whole:
        yield whole[:MAX_TERM_LENGTH]
    parsed = standard_numbers.parse(code)
    if parsed is not None:
        for form in parsed.search_forms():
            yield fold_number(form)[:MAX_TERM_LENGTH]


def short_names(name: str) -> Iterator[str]:
    """Yield what people call a firm of two or three words for short: 招行 for 招商银行, 工行 for 中国工商银行, 重百 for 重庆百货.

    The first character of each word, of the last word also its last; with and without a first word that says where.
    """
    runs = split_runs(name)
    if not runs or len(runs[0]) < MIN_LONG_NAME or not is_chinese(runs[0]):
        return
    pairs = (pair for word in segment_words(runs[0]) for pair in _word_pairs(word))
    own = itertools.takewhile(lambda word: len(word) > 1 and word not in LEGAL_FORMS, pairs)
    words = list(itertools.islice(own, SHORT_NAME_WORDS + 1))
    found: dict[str, None] = {}
    for first in range(2):
        part = words[first : first + SHORT_NAME_WORDS]
        for count in range(2, len(part) + 1):
            begin = "".join(word[0] for word in part[: count - 1])
            found |= dict.fromkeys((begin + part[count - 1][0], begin + part[count - 1][-1]))
    yield from found


def _word_pairs(word: str) -> Iterator[str]:
    """Yield the words of two characters of a longer one, which the segmenter knows as a whole: 招商银行."""
    if len(word) < MIN_LONG_NAME:
        yield word
    else:
        yield from (word[place : place + 2] for place in range(0, len(word), 2))


def exact_terms(names: Iterable[str]) -> Iterator[str]:
    """Yield whole names, folded; short Chinese ones again in pinyin, after `PINYIN_MARK`; short forms of long ones."""
    for name in names:
        whole = fold_name(to_plain(name))
        if whole:
            yield whole[:MAX_TERM_LENGTH]
            if len(whole) <= MAX_PINYIN_NAME_LENGTH and is_chinese(whole):
                yield PINYIN_MARK + joined_pinyin(whole)[:MAX_TERM_LENGTH]
            yield from (SHORT_NAME_MARK + short for short in short_names(name))
