"""Which values a filter can have: a misspelt one is told from one that no record has."""

from __future__ import annotations

from registry.kit.issues import Issue
from registry.kit.kinds import Choice, Many
from registry.kit.life_cycle import STANDINGS
from registry.reference.code_lists import regions
from registry.registers import catalogue
from registry.search.analysis.document import ABROAD, INVENTED, ORIGIN_FACET, REAL, UNSTATED
from registry.search.analysis.ranges import parse_range
from registry.services.finding.requests import SearchRequest
from registry.services.finding.scope import STANDING, SearchScope
from registry.services.records.cautions import caution_words
from registry.services.records.facets.facet_names import (
    ANY_CAUTION,
    CAUTION,
    FOUNDED,
    HOLDS,
    VALID_UNTIL,
    registers_held_by,
)
from registry.services.records.reading import get_definition

# Filters by whole numbers, and how values of each are written.
RANGES = (
    (FOUNDED, "1851, 1851..1861, ..1900, 1949.."),
    (VALID_UNTIL, "202701, 202701..202712, ..202706, 202801.."),
)


def filter_issues(request: SearchRequest) -> tuple[Issue, ...]:
    """Return what is wrong with the filters of a search: names and values that its scope does not have.

    A value of an open list, such as a product, is never wrong: it may be in tomorrow's records.
    """
    known = request.scope.filters
    words = ", ".join(sorted(known))
    issues = [
        Issue("unknown_parameter", name, {"name": name, "known": words})
        for name in request.filters
        if name not in known
    ]
    issues += [
        Issue("unknown_value", name, {"value": value[:40], "known": ", ".join(possible)})
        for name, possible in _known_values(request.scope).items()
        for value in request.filters.get(name, ())
        if value not in possible
    ]
    issues += [
        Issue("unknown_value", name, {"value": value[:40], "known": written})
        for name, written in RANGES
        for value in request.filters.get(name, ())
        if not value.isdecimal() and parse_range(value) is None
    ]
    issues += [
        Issue("region_unknown", "region", {"value": value[:40]})
        for value in request.filters.get("region", ())
        if value != UNSTATED and regions.region(value) is None
    ]
    return tuple(issues)


def _known_values(scope: SearchScope) -> dict[str, list[str]]:
    """The values that a filter can have, for those with a closed list."""
    definitions = [get_definition(scope.register)] if scope.register else list(catalogue().values())
    states = [state.code for each in definitions for state in each.life_cycle.public_states()]
    known: dict[str, list[str]] = {"status": list(dict.fromkeys(states)), STANDING: list(STANDINGS)}
    known[ORIGIN_FACET] = [REAL, INVENTED, ABROAD]
    known[CAUTION] = [ANY_CAUTION, *caution_words()]
    known[HOLDS] = list(registers_held_by(scope.register))
    if not scope.register:
        known["register"] = list(catalogue())
    else:
        fields = definitions[0].schema.register_fields()
        for name in definitions[0].search.facets:
            field = fields[name]
            choice = field.inner if isinstance(field, Many) else field
            if isinstance(choice, Choice) and not choice.open_list:
                known[name] = [*choice.codes.codes, UNSTATED]
        known |= {each.name: list(each.words) for each in definitions[0].statistics.groupings}
    return known
