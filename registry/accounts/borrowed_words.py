"""Words of one user that another reads in a letter or on a page of the register: they must not pass for its own.

A name that holds a link, or brackets such as 【】 with which services sign their messages, would let anybody send mail
that seems to come from the register (phishing). Such names are refused where they are typed; those of a time before
this rule are left out where they would be shown.
"""

from __future__ import annotations

import re
import unicodedata

MAX_NAME_LENGTH = 40
# What mail programs make a link of: a scheme, `www.`, an address with @, labels joined by a full stop, numbers of hosts.
# `J.R. Li` and `ERP 2.1` are none; `J.Li` could be one.
LINK = re.compile(r"//|\\\\|@|www\.|[^\W_]\.[^\W\d_]{2}|\d\.\d+\.\d+\.\d", re.IGNORECASE)
STOPS = str.maketrans(
    "。｡．․", "...."
)  # read as full stops in names of hosts (UTS 46), and one that looks like it
BRACKETS = frozenset('【】〖〗〔〕［］[]{}｛｝<>＜＞〈〉《》「」『』｢｣“”„‟"＂«»〝〞〟|｜')


def find_link(text: str) -> str:
    """Return the part of a text that programs would show as a link, or "" if there is none."""
    plain = unicodedata.normalize("NFKC", text.translate(STOPS)).translate(STOPS)
    match = LINK.search(plain)
    if match is None:
        return ""
    before, after = plain[: match.start()].rpartition(" ")[2], plain[match.start() :].partition(" ")[0]
    return (before + after)[:MAX_NAME_LENGTH]


def find_foreign_signs(text: str) -> str:
    """Return the brackets and invisible characters of a text that no name has, each once; invisible ones as `U+202E`."""
    found = []
    for sign in dict.fromkeys(text):
        if sign in BRACKETS:
            found.append(sign)
        elif sign != " " and unicodedata.category(sign)[0] in "CZ":
            found.append(f"U+{ord(sign):04X}")
    return " ".join(found[:10])


def speaks_plainly(text: str) -> bool:
    """Return True if a text of somebody else can be quoted in a letter: no link, no brackets, nothing invisible."""
    return not find_link(text) and not find_foreign_signs(text)


def quoted_person(name: str, email: str, lang: str) -> str:
    """Return how a letter or page names a person to another: the name in quotation marks with the proven address.

    The address alone where there is no name, or one that would not be accepted today.
    """
    if not name or len(name) > MAX_NAME_LENGTH or not speaks_plainly(name):
        return email
    return f"“{name}”（{email}）" if lang == "zh" else f"“{name}” ({email})"
