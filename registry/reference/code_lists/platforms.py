"""Where else to look: public platforms of authorities and bodies, with their addresses and what each is for.

The one table of such addresses: pages and number families name a platform by its code.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from registry.reference.code_lists.tables import read_rows


class Platform(NamedTuple):
    """A public look-up. `purpose`: what it is good for; `is_listed`: in the short list that readers are shown."""

    code: str
    address: str
    name_zh: str
    name_en: str
    keeper_zh: str
    keeper_en: str
    purpose_zh: str
    purpose_en: str
    is_listed: bool


@functools.cache
def _by_code() -> dict[str, Platform]:
    return {
        row["code"]: Platform(
            **{name: text for name, text in row.items() if name != "listed"}, is_listed=row["listed"] == "1"
        )
        for row in read_rows("platforms")
    }


def platform(code: str) -> Platform:
    """Return the platform of a code. Raises `KeyError`."""
    return _by_code()[code]


def listed_platforms() -> tuple[Platform, ...]:
    """Return the platforms that readers are shown, in the order of the table."""
    return tuple(each for each in _by_code().values() if each.is_listed)
