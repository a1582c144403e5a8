"""English names of authorities: national ones by name, local ones by their place and the kind of authority."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from registry.reference.code_lists import glossary, regions
from registry.reference.code_lists.tables import read_rows

MAX_LENGTH = 80  # characters; a longer text is no name of an authority
JOINT = re.compile(r"[、，,；;]")
BRACKETED = re.compile(r"(.+?)[（(]([^()（）]+)[）)]")


class AuthorityName(NamedTuple):
    """The English name of an authority. `is_romanised`: the name of its place is in pinyin."""

    en: str
    is_romanised: bool = False


@functools.lru_cache(2048)
def authority_in_english(written: str) -> AuthorityName | None:
    """The English of one or several authorities: `杭州市市场监督管理局` as `Administration for Market Regulation of Hangzhou`.

    None unless every one of them is known, with its place.
    """
    text = written.strip()
    if not text or len(text) > MAX_LENGTH:
        return None
    if one := _one(text):
        return one
    parts = [part for part in JOINT.split(text) if part]
    if len(parts) < 2:
        return None
    names = [_one(part) for part in parts]
    known = [name for name in names if name is not None]
    if len(known) != len(names):
        return None
    return AuthorityName("; ".join(name.en for name in known), any(name.is_romanised for name in known))


@functools.cache
def names_of_national_authorities() -> dict[str, str]:
    """Every Chinese name of a national authority → the first name of the same one in the list."""
    first: dict[str, str] = {}
    rows = [row for row in read_rows("authorities") if not row["of_region"]]
    for row in rows:
        first.setdefault(row["en"], row["zh"])
    return {row["zh"]: first[row["en"]] for row in rows}


def _one(text: str) -> AuthorityName | None:
    if bracketed := BRACKETED.fullmatch(text):
        name, note = _one(bracketed[1]), glossary.translate(bracketed[2])
        return AuthorityName(f"{name.en} ({note})", name.is_romanised) if name and note else None
    national, local = _authorities()
    if text in national:
        return AuthorityName(national[text])
    kind = next((kind for kind in local if text.endswith(kind)), "")
    code = regions.find_code(text.removesuffix(kind)) if kind and kind != text else None
    if code is None:
        return None
    region = regions.region(code)
    assert region is not None
    return AuthorityName(f"{local[kind]} of {regions.label(code, 'en')}", region.en_source == "romanised")


@functools.cache
def _authorities() -> tuple[dict[str, str], dict[str, str]]:
    """English by Chinese: whole names, and kinds of authorities that stand behind a place, the longest first."""
    rows = sorted(read_rows("authorities"), key=lambda row: -len(row["zh"]))
    return (
        {row["zh"]: row["en"] for row in rows if not row["of_region"]},
        {row["zh"]: row["en"] for row in rows if row["of_region"]},
    )
