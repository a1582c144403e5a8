"""The public glossary: Chinese terms and their English, with notes on pairs that are often confused."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

from registry.i18n import _
from registry.reference.code_lists.tables import read_rows
from registry.reference.text.folding import fold_name

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
    "公示": _("Not publication (公布): a period in which anyone may object."),
    "绿色食品": _("Another scheme: green food is not a green product (绿色产品)."),
    "绿色建材": _("A part of the green products."),
    "监督抽查": _("Of products; for food the word is 抽检."),
}


@dataclass(frozen=True, slots=True)
class Term:
    """One term. `official`: its English is official or well established; otherwise the register recommends it."""

    zh: str
    en: str
    official: bool
    note: str = ""  # message id


@dataclass(frozen=True, slots=True)
class Group:
    """The terms of one part of the field."""

    title: str  # message id
    terms: tuple[Term, ...]


@functools.cache
def load_glossary() -> tuple[Group, ...]:
    """All terms in their groups, in the order of the list."""
    groups: dict[str, list[Term]] = {key: [] for key in GROUP_TITLES}
    for row in read_rows("glossary"):
        groups[row["group"]].append(
            Term(row["zh"], row["en"], row["source"] == "official", NOTES.get(row["zh"], ""))
        )
    return tuple(Group(GROUP_TITLES[key], tuple(terms)) for key, terms in groups.items())


def english_of(zh: str) -> str:
    """The English of a whole term, "" if the glossary does not have it."""
    return _by_chinese().get(fold_name(zh), "")


@functools.cache
def _by_chinese() -> dict[str, str]:
    """English words by folded Chinese ones, of terms with as many words in both languages; without brackets."""
    english_words: dict[str, str] = {}
    for group in load_glossary():
        for term in group.terms:
            chinese = term.zh.split(" / ")
            english = re.sub(r"\s*\([^()]*\)", "", term.en).split(" / ")
            if len(chinese) == len(english):
                english_words |= {fold_name(zh): en for zh, en in zip(chinese, english, strict=True)}
    return english_words
