"""Numbers that are easily confused: letters typed for figures, figures for letters, and letters of other alphabets.

The pairs are those that print and handwriting confuse most: O, Q and 0; I, L and 1; B and 8; S and 5; Z and 2.
"""

from __future__ import annotations

import re

from registry.reference.text.folding import fold_number

TO_FIGURES = str.maketrans("OQILBSZ", "0011852")
TO_LETTERS = str.maketrans("01852", "OIBSZ")
# Letters of other alphabets that look like Latin ones.
TO_LATIN = str.maketrans("АВЕКМНОРСТХІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTXISJABEZHIKMNOPTYX")
CONFUSABLE = re.compile("[OQILBSZ01852]|[^\\x00-\\x7f]")
PARTS = re.compile("[A-Z0-9.]+")
FIGURE_OR_LIKE_ONE = frozenset("0123456789OILBSZ")
LETTERS_NEAR_FIGURE = re.compile(r"(?<=[0-9])[OQILBSZ]+|[OQILBSZ]+(?=[0-9])")
FIGURE_BETWEEN_LETTERS = re.compile(r"(?<=[A-Z])[01852](?=[A-Z])")
FIGURE_BESIDE_LETTER = re.compile(r"(?<=[A-Z])[01852]|[01852](?=[A-Z])")
LETTER = re.compile("[A-Z]")
LETTER_LIKE_FIGURE = re.compile("[OQILBSZ]")
CHINESE_SIGN = re.compile("[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
MAX_LENGTH = 40  # characters of a number for which keys of others are made
MAX_KEYS = 40


def skeleton(text: str) -> str:
    """Return a text in upper case with one sign in the place of all that are confused: `5D` and `SD` have the same one."""
    return as_figures(text)


def as_figures(text: str) -> str:
    """Return a text in upper case with figures in the place of the letters that look like them."""
    return text.translate(TO_LATIN).translate(TO_FIGURES)


def twins(sign: str) -> str:
    """Return the signs that one sign may have been typed for, the sign itself first."""
    alike = [other for other in "0O1IL8B5S2Z" if other != sign and skeleton(other) == skeleton(sign)]
    return sign + "".join(alike)


def confused_keys(written: str) -> tuple[str, ...]:
    """Return the folded keys of numbers that look like one, likeliest first; none for a text with Chinese in it.

    Either every doubtful sign is read as its neighbours are, or just one is changed.
    """
    if CONFUSABLE.search(written) is None or CHINESE_SIGN.search(written):
        return ()
    latin = written.translate(TO_LATIN)
    whole = fold_number(latin)
    if len(whole) > MAX_LENGTH:
        return ()
    first, *others = PARTS.findall(latin) or [""]
    behind = "".join(_as_its_signs(part) for part in others)
    code_first = first.translate(TO_LETTERS) + behind if LETTER.search(first) else ""  # 1S0 9001
    near_figures = LETTERS_NEAR_FIGURE.sub(lambda match: match[0].translate(TO_FIGURES), whole)
    near_letters = FIGURE_BETWEEN_LETTERS.sub(lambda match: match[0].translate(TO_LETTERS), near_figures)
    singly = [
        whole[: match.start()] + changed + whole[match.end() :]
        for pattern in (LETTER_LIKE_FIGURE, FIGURE_BESIDE_LETTER)
        for match in pattern.finditer(whole)
        for changed in twins(match[0])[1:]
    ]
    variants = (
        whole,
        _as_its_signs(first) + behind,
        code_first,
        near_figures,
        near_letters,
        whole.translate(TO_FIGURES),
        *singly,
    )
    own = fold_number(written)
    return tuple(dict.fromkeys(key for key in variants if key != own and key))[:MAX_KEYS]


def _as_its_signs(part: str) -> str:
    """Return a part of a number as figures where most of its signs are, else as letters."""
    figures = sum(sign.isdigit() for sign in part)
    ends_as_number = part[-1:].isdigit() and part[:1] in FIGURE_OR_LIKE_ONE
    return part.translate(TO_FIGURES if figures * 2 >= len(part) or ends_as_number else TO_LETTERS)
