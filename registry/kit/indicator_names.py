"""When two indicators are the same: equal names, and the usual names of what limits are set for."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, TypeVar

from registry.reference.text.folding import fold_name

Named = TypeVar("Named")
# Names of one quantity. A name may stand for several: 甲醛 alone is what is given off, or what is contained.
SAME = (
    ("甲醛释放量", "甲醛释放", "甲醛排放量", "甲醛", "formaldehyde emission", "formaldehyde release", "formaldehyde"),
    ("甲醛含量", "游离甲醛", "游离甲醛含量", "甲醛", "formaldehyde content", "free formaldehyde", "formaldehyde"),
    ("挥发性有机化合物含量", "挥发性有机化合物", "挥发性有机物", "挥发性有机物含量", "VOC", "VOCs", "VOC含量", "volatile organic compounds",
     "volatile organic compound content", "VOC content"),
    ("总挥发性有机化合物释放量", "总挥发性有机化合物", "TVOC", "TVOC释放量", "total volatile organic compounds"),
    ("铅含量", "铅", "总铅", "总铅含量", "Pb", "lead", "lead content", "total lead"),
    ("镉含量", "镉", "总镉", "总镉含量", "Cd", "cadmium", "cadmium content", "total cadmium"),
    ("汞含量", "汞", "总汞", "Hg", "mercury", "mercury content"),
    ("总砷", "砷", "砷含量", "As", "arsenic", "total arsenic"),
    ("pH值", "pH", "酸碱度", "pH value"),
)  # fmt: skip
ENDINGS = re.compile(r"(?:的)?(?:最大|最高|最小|最低)?(?:限量值|限量要求|限量|限值|指标值|指标)$")
BRACKETS = re.compile(r"[（(\[【]([^（）()\[\]【】]*)[）)\]】]")


def _fold(name: str) -> str:
    return ENDINGS.sub("", fold_name(name))


_QUANTITIES: dict[str, frozenset[int]] = {}
for _place, _names in enumerate(SAME):
    for _name in _names:
        _key = _fold(_name)
        _QUANTITIES[_key] = _QUANTITIES.get(_key, frozenset()) | {_place}


@functools.lru_cache(maxsize=4096)
def quantities(name: str) -> frozenset[object]:
    """What a name may stand for: known quantities, else the name itself. Empty for no name."""
    if not name:
        return frozenset()
    inside = [part for part in BRACKETS.findall(name) if part]
    spellings = [_fold(name), _fold(BRACKETS.sub("", name)), *(_fold(part) for part in inside)]
    known = [_QUANTITIES[each] for each in spellings if each in _QUANTITIES]
    if known:
        return frozenset[object]().union(*known)
    return frozenset(spelling for spelling in spellings[:2] if spelling)


def quantities_of_row(row: Mapping[str, Any]) -> frozenset[object]:
    """What the names of a row of a table may stand for, in either language."""
    return quantities(str(row.get("name_zh") or "")) | quantities(str(row.get("name_en") or ""))


def are_same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True if the rows of two tables are about one indicator, by their names in either language."""
    return not quantities_of_row(one).isdisjoint(quantities_of_row(other))


def joined_by_quantity(
    named: Iterable[Named], row_of: Callable[[Named], Mapping[str, Any]]
) -> Collection[list[Named]]:
    """Return what is about one indicator together, also over a third one, in the order given; in almost linear time.

    Rows belong together if `are_same` says so of a chain between them. `row_of`: the row of a table of each.
    """
    joined_to: dict[object, object] = {}

    def group(quantity: object) -> object:
        while (nearer := joined_to.setdefault(quantity, quantity)) != quantity:
            joined_to[quantity] = quantity = joined_to[nearer]
        return quantity

    keyed: list[tuple[object, Named]] = []
    for each in named:
        first, *others = quantities_of_row(row_of(each)) or {("nameless", len(keyed))}
        for other in others:
            joined_to[group(other)] = group(first)
        keyed.append((first, each))
    groups: dict[object, list[Named]] = {}
    for key, each in keyed:
        groups.setdefault(group(key), []).append(each)
    return groups.values()


class IndicatorIndex:
    """Finds the rows of a table that are about the indicator of another row, by their names in either language."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._places: dict[object, list[int]] = {}
        for place, row in enumerate(rows):
            for quantity in quantities_of_row(row):
                self._places.setdefault(quantity, []).append(place)

    def places(self, row: Mapping[str, Any]) -> list[int]:
        """The places, from 0, of the rows about the same indicator as this one, in order."""
        return sorted({place for each in quantities_of_row(row) for place in self._places.get(each, ())})
