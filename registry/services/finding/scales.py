"""Grades in lists: counted, filtered by and ordered only where all of them are of one scale."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.kit.grading import Scheme
from registry.registers import catalogue
from registry.services.finding.scope import SearchScope

RANK_SORT = "rank"
Filters = Mapping[str, Sequence[str]]


def chosen_scheme(scope: SearchScope, filters: Filters) -> Scheme | None:
    """Return a scheme whose scale is that of all schemes filtered by; None where there is none or they differ."""
    definition = catalogue().get(scope.register)
    if definition is None or definition.schemes is None:
        return None
    return definition.schemes.same_scale(filters.get(definition.schemes.scheme_field, ()))


def level_facet(scope: SearchScope) -> str:
    """Return the name of the facet of grades, "" for a scope whose records have none, or none with schemes."""
    definition = catalogue().get(scope.register)
    return definition.schemes.level_field if definition and definition.schemes else ""


def counted_facets(scope: SearchScope, filters: Filters) -> tuple[str, ...]:
    """Return the facets of a scope; that of grades only where the filters leave one scale."""
    level = level_facet(scope)
    if not level or chosen_scheme(scope, filters):
        return scope.facets
    return tuple(name for name in scope.facets if name != level)


def may_rank(scope: SearchScope, filters: Filters) -> bool:
    """True if records may be ordered by grade: in a register that grades, within one scale."""
    definition = catalogue().get(scope.register)
    if definition is None or definition.search.rank is None:
        return False
    if definition.schemes is None:
        return len(filters.get(definition.search.rank_within, ())) == 1
    return chosen_scheme(scope, filters) is not None
