"""Entries of CC-CEDICT, cut down to what can name goods, trades, materials, services and places.

Format: https://cc-cedict.org/wiki/format:syntax, one entry a line: 冰箱 冰箱 [bing1 xiang1] /refrigerator/(old) icebox/
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LINE = re.compile(r"(\S+) (\S+) \[([^\]]*)\] /(.*)/\s*$")
HAN_WORD = re.compile(r"[\u3400-\u9fff]+")
REFERENCE = re.compile(r"(?:[\u3400-\u9fff]+\|)?([\u3400-\u9fff]+)\[")
# Before a word of the same meaning: 雪糕 "also called 冰棒".
SAME = re.compile(
    r"^\(?(?:old |erhua |Taiwan |Tw )?(?:also called|also written|also known as|also|variant|variant of|same as|equivalent to"
    r"|abbr\. for|abbr\. to|see|used in|another name for|another word for|Taiwan term for|equivalent of)\b"
)
NOT_SAME = re.compile(r"\b(?:see also|antonym|opposite|cf|used in)\b")
DROPPED = re.compile(
    r"\((?:[^)]*\b)?(?:vulgar|slang|idiom|proverb|derog|archaic|Buddhism|onom|honorific|grammar|constellation"
    r"|Internet|surname|humble|chess|golf|mahjong|math|fig|lit|linguistics|astronomy|sexual)\b",
    re.IGNORECASE,
)
SKIPPED = re.compile(
    r"^(?:CL:|surname|Japanese |old name|variant|see |Kangxi|radical|classifier|abbr|used in|Taiwan pr|also pr|erhua"
    r"|\(idiom|lit\.|fig\.|name of|a surname|one of|interj|particle|prefix|suffix|district|county|city|town|province)",
    re.IGNORECASE,
)
OF_PLACE_OR_PERSON = re.compile(
    r"\b(?:surname|dynasty|emperor|prefecture|county|district|township|city in|province|river in|mountain|person|politician"
    r"|novelist|writer|actor|singer|president|general|capital of|U\.S\. state|island|poet|painter|footballer)\b|\(\d{3,4}-"
)
BRACKETS = re.compile(r"\s*\([^)]*\)|\s*\[[^\]]*\]")
# Before a noun: to get a haircut, a kind of tea.
ARTICLE = re.compile(
    r"^(?:(?:get|have|make|take|give|do|play|use) (?=an? ))?(?:an? |the |some )?(?:(?:type|kind|sort) of )?"
)
PLAIN = re.compile(r"[A-Za-z][A-Za-z' -]*[A-Za-z]|[A-Za-z]")
NOT_PINYIN = re.compile(r"[^a-z]+")
LOANWORD = "(loanword"
EXPLAINED = re.compile(
    r"([^(]+) \(([^)]*)\)"
)  # shumai (shao mai) steamed dumpling; guzheng (large zither with 13 strings)
# Where the noun ends that says what a thing is: vermicelli made from starch, zither with 13 strings.
NOUN_END = re.compile(
    r" (?:of|for|with|without|and|or|in|on|at|by|from|to|that|which|who|whose|as|used|made|eaten|similar|like|having"
    r"|containing|consisting|especially|esp|typically|usually|often|etc|played|worn|served|such)\b.*"
)
MAX_OWN_WORDS = 2  # words before an explanation that are a name of the thing
MIN_GENERAL = 4  # letters of a word for the thing in general
VERB = "to "
MAX_CHINESE, MAX_WORDS, MAX_GLOSS = 7, 4, 40
STRONG, LATER, WEAK, GENERAL = 3, 2, 1, 0
BOUND = frozenset(
    [
        "of",
        "for",
        "with",
        "and",
        "or",
        "in",
        "on",
        "at",
        "by",
        "from",
        "that",
        "which",
        "who",
        "used",
        "one's",
        "sb",
        "sth",
        "as",
    ]
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A Chinese word with its English ones, and Chinese words of the same meaning. `pinyin`: joined, without tones."""

    chinese: str
    pinyin: str
    english: tuple[tuple[str, int], ...]
    same: tuple[str, ...]


def read_entries(lines: Iterable[str]) -> Iterator[Entry]:
    """Yield the entries that are kept; those of one Chinese word come one by one."""
    for line in lines:
        match = LINE.match(line)
        if match is None:
            continue
        _traditional, chinese, pinyin, glosses = match.groups()
        if len(chinese) > MAX_CHINESE or not HAN_WORD.fullmatch(chinese) or not is_usual(chinese):
            continue
        senses = [each.strip() for gloss in glosses.split("/") for each in gloss.split(";") if each.strip()]
        if not senses or (pinyin[:1].isupper() and OF_PLACE_OR_PERSON.search(glosses)):
            continue
        same = [
            word
            for sense in senses
            if SAME.match(BRACKETS.sub("", sense) if sense.startswith("(Tw") else sense)
            and not NOT_SAME.search(sense)
            for word in REFERENCE.findall(sense)[:1]
        ]
        english = list(_english(chinese, senses))
        is_word = len(chinese) > 1 and not pinyin[:1].isupper()
        if (english or same or is_word) and "(idiom" not in glosses:
            typed = NOT_PINYIN.sub("", pinyin.lower().replace("u:", "v"))
            others = tuple(word for word in dict.fromkeys(same) if word != chinese)
            yield Entry(chinese, typed, tuple(english), others)


def is_usual(chinese: str) -> bool:
    """Return True if all characters are of the 6,763 of GB 2312: words with rarer ones are names or out of use."""
    try:
        chinese.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _english(chinese: str, senses: list[str]) -> Iterator[tuple[str, int]]:
    """Yield (English word or phrase, strength) of the senses that may name something."""
    place = names = 0
    for sense in senses:
        if SKIPPED.match(sense) or DROPPED.search(sense):
            continue
        place += 1
        bare = BRACKETS.sub("", sense).strip().rstrip(".")
        is_verb = bare.startswith(VERB)
        if len(chinese) == 1 and (is_verb or names):
            continue  # of a character only the first thing that it names: further ones are rarely meant
        names += not is_verb
        for part in bare.removeprefix(VERB).split(", "):
            phrase = ARTICLE.sub("", part.strip())
            words = phrase.split()
            if not _is_name(phrase):
                continue
            strength = STRONG if place <= 2 else LATER
            if is_verb or len(chinese) == 1:
                strength = WEAK
            yield phrase.lower(), strength
            if LOANWORD in sense and len(words) > 1:
                yield (
                    words[-1].lower(),
                    strength,
                )  # its characters say nothing of what it is: 席梦思 is a mattress
        if not is_verb and len(chinese) > 1:
            yield from _explanations(sense, bare)


def _is_name(phrase: str) -> bool:
    """Return True for an English word or phrase that can be looked up."""
    words = phrase.split()
    if not (PLAIN.fullmatch(phrase) and 0 < len(words) <= MAX_WORDS and len(phrase) <= MAX_GLOSS):
        return False
    if len(words) > 1 and BOUND.intersection(words[-1:] + words[:1]):
        return False
    return not (phrase[0].isupper() and len(words) == 1 and not phrase.isupper())  # a proper name


def _explanations(sense: str, bare: str) -> Iterator[tuple[str, int]]:
    """Yield what a sense says of a thing beside its names: its name before a bracket (WEAK), and the thing in general (GENERAL).

    shumai (shao mai) steamed dumpling: shumai, dumpling; guzheng (large zither with 13 strings): zither.
    """
    general = [bare, *bare.split(", ")]
    if explained := EXPLAINED.match(sense):
        own = explained[1].strip()
        if explained.end() < len(sense.strip()) and len(own.split()) <= MAX_OWN_WORDS and _is_name(own):
            yield own.lower(), WEAK
        if len(own.split()) == 1 and explained[2][:1].islower():  # not "Hong Kong usage"
            general.append(explained[2])
    for text in general:
        words = NOUN_END.sub("", ARTICLE.sub("", text.strip().lower())).split()
        for first in range(1 if " ".join(words) == text.lower() else 0, len(words)):
            phrase = " ".join(words[first:])
            if len(phrase) >= MIN_GENERAL and _is_name(phrase):
                yield phrase, GENERAL
