"""What a search covers: one register or all of them, the facets that narrow it, and the labels of those facets."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from registry.i18n import _, in_context
from registry.reference.code_lists import regions
from registry.search.analysis.document import GAP_FACET, ORIGIN_FACET, SOURCE_FACET
from registry.services.records.facets.facet_names import (
    CAUTION,
    COMMON_FACETS,
    FOUNDED,
    HOLDS,
    ISSUER,
    VALID_UNTIL,
    available_facets,
    statistical_filters,
)
from registry.services.records.reading import get_definition

LINKED = "linked"  # filter by the slug of a linked record; never counted as a facet
STANDING = "standing"  # filter of addresses; lists show the status instead
FURTHER_FILTERS = (
    LINKED,
    STANDING,
    ORIGIN_FACET,
    SOURCE_FACET,
    GAP_FACET,
    FOUNDED,
    VALID_UNTIL,
)  # never counted as facets
COMMON_LABELS = {
    "register": _("Register"),
    "status": _("Status"),
    "region": _("Region"),
    "year": in_context("filter", "Year"),
    LINKED: _("Linked to"),
    STANDING: _("Standing"),
    ORIGIN_FACET: _("Records"),
    SOURCE_FACET: _("Source"),
    GAP_FACET: _("Gaps and doubts"),
    CAUTION: _("Cautions"),
    FOUNDED: _("Year founded"),
    VALID_UNTIL: _("Valid until"),
    HOLDS: _("Holds in force"),
    ISSUER: _("Issued by"),
    "from": _("From"),
    "to": _("To"),
}
DATED_BETWEEN = _("Dated between")


def _region_above(code: str) -> str:
    """Return the code of the division above a region, "" for a province."""
    path = regions.ancestors(code)
    return path[-2] if len(path) > 1 else ""


COMMON_PARENTS = {"region": _region_above}


@dataclass(frozen=True, slots=True)
class SearchScope:
    """Made once for a search by `search_scope`.

    `register`: slug of the one register that is searched, or "" for all; `facets`: names in display order;
    `labels`: name of a facet, or `linked` → message id; `parents`: of facets whose values are a tree, the value above one.
    `further`: filters that are never counted in lists. `date_label`: message id of a range of dates; `has_founded`: records have a year of foundation besides their date.
    """

    register: str
    facets: tuple[str, ...] = field(compare=False)
    labels: Mapping[str, str] = field(compare=False, repr=False)
    parents: Mapping[str, Callable[[str], str]] = field(compare=False, repr=False)
    date_label: str = field(compare=False, repr=False, default=DATED_BETWEEN)
    has_founded: bool = field(compare=False, repr=False, default=False)
    further: tuple[str, ...] = field(default=FURTHER_FILTERS, compare=False)

    @property
    def filters(self) -> frozenset[str]:
        """Every name that a filter may have in this scope."""
        return frozenset((*self.facets, *self.further))

    def covers(self, facet: str) -> bool:
        """Return True if the values of this facet can be put into words here."""
        return bool(self.register) or facet in COMMON_LABELS


@functools.cache
def search_scope(register: str = "") -> SearchScope:
    """Return the scope of one register, or of all ("").

    Raises `NotFound` for a register that does not exist.
    """
    if not register:
        return SearchScope("", COMMON_FACETS, COMMON_LABELS, COMMON_PARENTS)
    definition = get_definition(register)
    own = {name: definition.schema.info(name).label for name in definition.search.facets}
    grouped = {each.name: each.label for each in definition.statistics.groupings}
    labels = {**own, **definition.search.computed_labels, **grouped, **COMMON_LABELS}
    return SearchScope(
        register,
        available_facets(register),
        labels,
        {**definition.search.parents, **COMMON_PARENTS},
        definition.search.date_label or DATED_BETWEEN,
        definition.search.founded not in ("", definition.search.date_field),
        (*FURTHER_FILTERS, *statistical_filters(definition)),
    )
