"""Near doubles: records that may be one thing, written twice with another holder, place or spelling."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import Levenshtein

from registry.reference.text import romanise
from registry.reference.text.folding import fold_name, fold_number

Values = Mapping[str, Any]
MIN_LENGTH_OF_A_SLIP = 6  # characters of a name in which one may be wrong; shorter ones must sound alike
MODEL = re.compile("[0-9a-z]+")
CONFUSED = str.maketrans({"O": "0", "I": "1", "L": "1"})


def _always(first: Values, second: Values) -> bool:
    del first, second
    return True


@dataclass(frozen=True, slots=True)
class NearDouble:
    """Records of one register that share a key and are alike are told as doubtful, unless all of them have ended.

    `code`: of the doubt, which names the number of another such record; `field`: where it stands. `key(values)`: under
    which records meet, "" for none, or several keys; it need not tell much. `alike(values, values)`: True for two that may
    be one. `both_stand`: two of which one has ended are no doubt.
    """

    code: str
    field: str
    key: Callable[[Values], str | tuple[str, ...]]
    alike: Callable[[Values, Values], bool] = _always
    both_stand: bool = False

    def keys(self, values: Values) -> tuple[str, ...]:
        """Every key under which a record meets others."""
        found = self.key(values)
        return found if isinstance(found, tuple) else (found,) if found else ()


def same_name(first: str, second: str) -> bool:
    """True for two spellings of one name: they sound alike, or one character of a longer name differs.

    Figures and Latin letters tell models and series apart: where they differ, the names do.
    """
    one, other = fold_name(first), fold_name(second)
    if not one or not other or MODEL.findall(one) != MODEL.findall(other):
        return False
    if one == other or romanise.pinyin_words(one) == romanise.pinyin_words(other):
        return True
    shorter = min(len(one), len(other))
    return shorter >= MIN_LENGTH_OF_A_SLIP and Levenshtein.distance(one, other, score_cutoff=1) <= 1


def without_confused_letters(number: str) -> str:
    """A number in which O and 0, I, L and 1 count as the same."""
    return fold_number(number).upper().translate(CONFUSED)
