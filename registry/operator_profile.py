"""Who runs this register: names, addresses and supervising authority, read from a file of the operator.

docs/settings.md shows the file. Without one a register on this machine shows an example that says so, and a public one says
that its operator has not been named.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from registry.errors import Misconfigured
from registry.i18n import LOCALES, Lang

SETTING = "PINZHENG_OPERATOR"
OPERATOR_FILE = "operator.toml"  # its name in the data directory
MAX_LENGTH = 500  # characters of one value
REQUIRED_WORDS, REQUIRED_CONTACTS = ("name",), ("email",)
ADDRESSES = ("data_licence_url", "security_key_url")
OFFICIAL, LEGAL_BASIS = "official", "legal_basis"  # who says that it is official says by which rule


@dataclass(frozen=True, slots=True)
class OperatorWords:
    """What is said of the operator in one language; "" where the operator states nothing."""

    name: str = ""
    address: str = ""
    hours: str = ""  # at which somebody answers the telephone
    authority: str = ""  # that supervises the operator
    legal_basis: str = ""  # on which the register is kept: a law, a rule, a mandate
    data_licence: str = ""  # name of the licence of the published data


@dataclass(frozen=True, slots=True)
class Operator:
    """Who runs the register. `is_example`: invented, for a register on one machine only."""

    words: Mapping[Lang, OperatorWords]
    email: str
    telephone: str = ""
    security_email: str = ""  # for reports of weaknesses; "": `email`
    security_key_url: str = ""  # of the key with which such reports are encrypted
    data_licence_url: str = ""
    icp_filing: str = ""  # 备案号 of the site (Measures for the Administration of Internet Information Services, Article 12)
    is_example: bool = False
    is_official: bool = False  # kept by an authority or on its behalf; `legal_basis` then says by which rule


EXAMPLE = Operator(
    words={
        "zh": OperatorWords(
            "示例运营单位（演示）", "示例市示例路1号", "工作日 9:00–17:00", "示例主管部门（演示）"
        ),
        "en": OperatorWords(
            "Example operator (demonstration)",
            "1 Example Road, Example City",
            "Working days, 9:00 to 17:00 (Beijing)",
            "Example supervising authority (demonstration)",
        ),
    },
    email="operator@pinzheng.example",
    telephone="010-0000 0000",
    is_example=True,
)


def load_operator(path: Path, *, production: bool) -> Operator | None:
    """Return who runs the register; without a file the example, and None for a register that the public can reach.

    Raises `Misconfigured`, naming table and key, for a file that cannot be used.
    """
    try:
        given = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return None if production else EXAMPLE
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise Misconfigured(SETTING, f"names a file that cannot be read: {problem}") from problem
    official = given.pop(OFFICIAL, False)
    if not isinstance(official, bool):
        raise Misconfigured(SETTING, f"{OFFICIAL} must be true or false")
    contacts = _texts({key: value for key, value in given.items() if key not in LOCALES}, "", _CONTACTS)
    _require(contacts, "", REQUIRED_CONTACTS)
    words: dict[Lang, OperatorWords] = {}
    for lang in LOCALES:
        table = given.get(lang, {})
        if not isinstance(table, dict):
            raise Misconfigured(SETTING, f"[{lang}] must be a table")
        texts = _texts(table, lang, _WORDS)
        _require(texts, lang, (*REQUIRED_WORDS, *((LEGAL_BASIS,) if official else ())))
        words[lang] = OperatorWords(**texts)
    for key in ADDRESSES:
        if not contacts.get(key, "https://").startswith("https://"):
            raise Misconfigured(SETTING, f"{key} must begin with https://")
    return Operator(words=words, is_official=official, **contacts)


_WORDS = {field.name for field in fields(OperatorWords)}
_CONTACTS = {field.name for field in fields(Operator)} - {"words", "is_example", "is_official"}


def _texts(table: Mapping[str, Any], lang: str, known: set[str]) -> dict[str, Any]:
    """Return the texts of a table without blanks around them; refuse unknown keys and what is no short line."""
    for key, value in table.items():
        if key not in known:
            raise Misconfigured(
                SETTING, f"{_place(key, lang)} is not known; known are {', '.join(sorted(known))}"
            )
        if not isinstance(value, str) or len(value) > MAX_LENGTH or not value.isprintable():
            raise Misconfigured(
                SETTING, f"{_place(key, lang)} must be one line of at most {MAX_LENGTH} characters"
            )
    return {key: value.strip() for key, value in table.items()}


def _require(texts: Mapping[str, str], lang: str, keys: tuple[str, ...]) -> None:
    for key in keys:
        if not texts.get(key):
            raise Misconfigured(SETTING, f"{_place(key, lang)} is missing")


def _place(key: str, lang: str) -> str:
    return f"[{lang}] {key}" if lang else key
