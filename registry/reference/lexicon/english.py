"""Keys of English words: one for British and American spelling, singular and plural, joined, spaced and hyphenated forms."""

from __future__ import annotations

import functools
import re

WORD = re.compile(r"[a-z0-9]+")
MIN_RULE_LENGTH = 5  # letters of a word that the rules below change
IRREGULAR = {
    "men": "man", "women": "woman", "children": "child", "feet": "foot", "teeth": "tooth", "geese": "goose",
    "mice": "mouse", "oxen": "ox", "knives": "knife", "wives": "wife", "lives": "life", "leaves": "leaf",
    "loaves": "loaf", "shelves": "shelf", "halves": "half", "scarves": "scarf", "calves": "calf", "wolves": "wolf",
    "hooves": "hoof", "thieves": "thief", "moulds": "mold", "mould": "mold", "tyre": "tire", "tyres": "tire",
    "grey": "gray", "plough": "plow", "ploughs": "plow", "aluminium": "aluminum", "jewellery": "jewelry",
    "woollen": "woolen", "yoghurt": "yogurt", "yoghourt": "yogurt", "doughnut": "donut", "doughnuts": "donut",
    "whiskey": "whisky", "pyjamas": "pajama", "pajamas": "pajama", "kerb": "curb", "soya": "soy", "cosy": "cozy",
    "programme": "program", "programmes": "program", "draught": "draft", "storey": "story", "carat": "karat",
    "chilli": "chili", "chillies": "chili", "chilies": "chili", "chile": "chili",
}  # fmt: skip
# Words that mean something else without their last letter.
PLURAL_ONLY = frozenset(
    ["glasses", "goods", "spirits", "greens", "jeans", "arms", "customs", "news", "gas", "lens", "series"]
)
ENDINGS = ("ss", "us", "is")  # of words that are no plural
SPELLINGS = (
    (re.compile(r"ise(d|s|r|rs)?$"), r"ize\1"),
    (re.compile(r"is(ing|ation|ations)$"), r"iz\1"),
    (re.compile(r"yse(d|s|r|rs)?$"), r"yze\1"),
    (re.compile(r"(?<=[^aeiou])our(s|ed|ing|less|ful|ful)?$"), r"or\1"),
    (re.compile(r"([bt])re$"), r"\1er"),
    (re.compile(r"ogue$"), "og"),
    (re.compile(r"(?<=.)ae(?=[^rl])"), "e"),
    (re.compile(r"^oe(?=[ds])|(?<=rrh)oe|oe(?=dema)"), "e"),
    (re.compile(r"sulph"), "sulf"),
    (re.compile(r"ll(ing|ed|er|ers)$"), r"l\1"),
)


@functools.lru_cache(4096)
def word_key(word: str) -> str:
    """Return the key of one word in small letters: singular, in one spelling."""
    if word in PLURAL_ONLY:
        return word
    if word in IRREGULAR:
        return IRREGULAR[word]
    word = _singular(word)
    if len(word) >= MIN_RULE_LENGTH:
        for pattern, spelling in SPELLINGS:
            word = pattern.sub(spelling, word)
    return IRREGULAR.get(word, word)


def _singular(word: str) -> str:
    if len(word) < 4 or not word.endswith("s") or word.endswith(ENDINGS):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("ches", "shes", "xes", "sses", "zes", "oes")) and len(word) > 5:
        return word[:-2]
    return word[:-1]


def key(phrase: str) -> str:
    """Return the key of a word or phrase: the keys of its words, joined: washbasin, wash basin, wash-basins are one."""
    return "".join(
        word_key(word) for word in WORD.findall(phrase.lower().replace("'s", "").replace("’s", ""))
    )
