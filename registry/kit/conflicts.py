"""Conflicts between registers: two records of one holder that cannot both be right.

A brand was removed while a certificate in its name is in force; a certificate was revoked while a grade of the same model
goes on. The registers do not decide which is right: the daily run finds such pairs, and both records say so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.kit.cautions import CautionKind

MAX_SHOWN = 5  # conflicts of one record; the sentence of the first stands for all of a kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ConflictRule:
    """A record here in one of `statuses` contradicts one of `other_register` in one of `other_statuses`.

    Both have the same holder, and `is_about_same(values here, values there)`. `caution` stands on the record here,
    `other_caution` on the other one; their sentences may name the record opposite by `%(number)s` and `%(title)s`.
    """

    statuses: tuple[str, ...]
    other_register: str
    other_statuses: tuple[str, ...]
    is_about_same: Callable[[Mapping[str, Any], Mapping[str, Any]], bool]
    caution: CautionKind
    other_caution: CautionKind
