"""The public glossary: Chinese terms and their English, with notes on pairs that are often confused."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from registry.i18n import _
from registry.reference.code_lists import laws, units
from registry.reference.code_lists.tables import read_rows
from registry.reference.text.folding import fold_name

MAX_TRANSLATED_LENGTH = 200  # characters; longer texts are sentences, not terms
# What joins known words to a text, in the order tried, and what stands for it in English.
JOINTS = (
    (re.compile(r"[；;]"), "; "),
    (re.compile(r"[、，]|, "), ", "),
    (re.compile(r"\s*[+＋]\s*"), " + "),
)
BRACKETED = re.compile(r"([^()（）]+)[（(]([^()（）]+)[）)]")
MEASURED = re.compile(r"(约|≤ ?|≥ ?|每|)(\d[\d,.]*|)\s*([^\d\s装]+)(装|)")
SIGNS = {"约": "about", "每": "per"}
CHINESE = re.compile(r"[\u3400-\u9fff]")
MAX_SYMBOL_LENGTH = 3  # letters; longer units are words
PIECES_OF_ONE = {"batches": "batch", "boxes": "box"}

GROUP_TITLES = {
    "brands": _("Quality and time-honoured brands"),
    "green": _("Green products"),
    "certificates": _("Certification and testing"),
    "grades": _("Quality grading"),
    "standards": _("Standards and declarations"),
    "supervision": _("Measurement, supervision and rights"),
    "organisations": _("Organisations and authorities"),
    "indicators": _("Indicators"),
}
NOTES = {
    "认证": _(
        "Not accreditation (认可): certification is of products and systems, accreditation of the bodies."
    ),
    "认可": _("Not certification (认证)."),
    "撤销": _("Not cancelled (注销) and not withdrawn (废止, of standards)."),
    "注销": _("Not revoked (撤销)."),
    "取消": _("Of a grade what 撤销 is of a certificate."),
    "过期": _("Of a grade what 过期失效 is of a certificate."),
    "监督检查中": _("Of a declaration what 核查中 is of a grade."),
    "移出名单": _("Of a green manufacturing list what 移出名录 is of a list of brands."),
    "废止": _("Of a standard: no longer in use. Of a declaration: the enterprise has ended it."),
    "公示": _("Not publication (公布): a period in which anyone may object."),
    "绿色食品": _("Another scheme: green food is not a green product (绿色产品)."),
    "绿色建材": _("A part of the green products."),
    "监督抽查": _("Of products; for food the word is 抽检."),
}


@dataclass(frozen=True, slots=True)
class Definition:
    """What a term means, in both languages, and the law and article or the standard that says so."""

    zh: str
    en: str
    source_zh: str
    source_en: str


@dataclass(frozen=True, slots=True)
class Term:
    """One term. `official`: its English is official or well established; otherwise the register recommends it."""

    zh: str
    en: str
    official: bool
    note: str = ""  # message id
    definition: Definition | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """The terms of one part of the field. `key`: in addresses."""

    key: str
    title: str  # message id
    terms: tuple[Term, ...]


@functools.cache
def load_glossary() -> tuple[Group, ...]:
    """All terms in their groups, in the order of the list."""
    groups: dict[str, list[Term]] = {key: [] for key in GROUP_TITLES}
    definitions = _definitions()
    for row in read_rows("glossary"):
        zh = row["zh"]
        groups[row["group"]].append(
            Term(zh, row["en"], row["source"] == "official", NOTES.get(zh, ""), definitions.get(zh))
        )
    return tuple(Group(key, GROUP_TITLES[key], tuple(terms)) for key, terms in groups.items())


def _definitions() -> dict[str, Definition]:
    """Definitions by Chinese term; the English of a source that is a law comes from the list of laws."""
    return {
        row["term"]: Definition(
            row["zh"],
            row["en"],
            row["source_zh"],
            row["source_en"] or laws.legal_basis_in_english(row["source_zh"]),
        )
        for row in read_rows("definitions")
    }


def english_of(zh: str) -> str:
    """The English of a whole term or common word, "" if no list has it."""
    return _by_chinese().get(fold_name(zh), "")


@functools.lru_cache(8192)
def translate(zh: str) -> str:
    """The English of a text that consists of known words: a term, a list of terms, a number with its unit.

    `床垫、书柜`, `型式试验+工厂检查`, `地板（实木）`, `6 件`. Gives "" unless every part of it is known: half a
    translation would be worse than none.
    """
    text = zh.strip()
    if not text or len(text) > MAX_TRANSLATED_LENGTH:
        return ""
    if en := english_of(text):
        return en
    for sign, joined in JOINTS:
        parts = [part for part in sign.split(text) if part.strip()]
        if len(parts) > 1:
            words = [translate(part) for part in parts]
            return joined.join(words) if all(words) else ""
    if bracketed := BRACKETED.fullmatch(text):
        words = [translate(part) for part in bracketed.groups()]
        return f"{words[0]} ({words[1]})" if all(words) else ""
    if measured := MEASURED.fullmatch(text):
        return _measured(measured)
    return text if text.isascii() else ""


def _measured(match: re.Match[str]) -> str:
    """A number with its unit or counting word; `6 件装` is a pack of six, `每件` per piece."""
    sign, figure, unit, packed = match.groups()
    if not figure and sign != "每":
        return ""
    en = units.unit_in(unit, "en")
    if CHINESE.search(en):
        return ""
    if figure in ("", "1") and en.isalpha() and len(en) > MAX_SYMBOL_LENGTH:
        en = PIECES_OF_ONE.get(en, en.removesuffix("s"))
    text = " ".join(part for part in (SIGNS.get(sign, sign.strip()), figure, en) if part)
    return f"pack of {text}" if packed else text


@functools.cache
def _by_chinese() -> dict[str, str]:
    """English words by folded Chinese ones: common words, and terms with as many words in both languages, without brackets."""
    english_words = {fold_name(row["zh"]): row["en"] for row in read_rows("common_words")}
    for group in load_glossary():
        for term in group.terms:
            chinese = term.zh.split(" / ")
            english = re.sub(r"\s*\([^()]*\)", "", term.en).split(" / ")
            if len(chinese) == len(english):
                english_words |= {fold_name(zh): en for zh, en in zip(chinese, english, strict=True)}
    return english_words
