"""What is counted of a register beside its facets: data of the register's folder; nothing is needed for the usual charts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.kit.display import Words


@dataclass(frozen=True, slots=True)
class Grouping:
    """A way in which records are told apart for counting, and by which lists are filtered too.

    `name`: of the filter, as addresses have it; `label`: a message id; `values_of(values)`: the codes of a record, none
    where its document does not tell; `words`: code → words, in the order in which they are shown.
    """

    name: str
    label: str
    values_of: Callable[[Mapping[str, Any]], tuple[str, ...]]
    words: Mapping[str, Words]


@dataclass(frozen=True, slots=True)
class Share:
    """A part of some records, never told without how many they are.

    `part` and `whole`: filters as lists take them, name → values; every record of the part is one of the whole. `title`,
    `about`: message ids, what is counted, and what it says and does not say.
    """

    name: str
    title: str
    about: str
    part: Mapping[str, tuple[str, ...]]
    whole: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the statistics of a register show besides state, region, dates and facets, which follow from its definition.

    `groupings`: each becomes a chart, unless named in `without`, which may name facets as well. `shares`: in order.
    `reasons`: the grouping that says what ended a record. `note`: a message id: how the figures are to be read.
    """

    groupings: tuple[Grouping, ...] = ()
    shares: tuple[Share, ...] = ()
    without: tuple[str, ...] = ()
    reasons: str = ""
    note: str = ""

    def grouping(self, name: str) -> Grouping | None:
        """Return the grouping of a name, None if there is none."""
        return next((each for each in self.groupings if each.name == name), None)

    def problems(self, facets: tuple[str, ...]) -> list[str]:
        """Return what contradicts itself. `facets`: the names by which lists of the register are filtered."""
        names = [each.name for each in self.groupings]
        known = {*names, *facets}
        used = {
            "without": self.without,
            "reasons": (self.reasons,) if self.reasons else (),
            **{f"share {share.name}": (*share.part, *share.whole) for share in self.shares},
        }
        return [
            *(f"statistics: {name} is a facet already" for name in names if name in facets),
            *(
                f"statistics: {part}: no facet {name}"
                for part, used_names in used.items()
                for name in used_names
                if name not in known
            ),
        ]
