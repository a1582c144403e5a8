"""The values by which one record is counted and filtered, from its document: for the search index and for past days."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from registry.kit.definition import RegisterDefinition
from registry.reference.code_lists import regions
from registry.search.analysis.document import ABROAD, INVENTED, REAL, UNSTATED
from registry.services.records.facets.facet_names import FOUNDED, ISSUER, MONTH, VALID_UNTIL, stated_facets
from registry.services.records.reading import FOREIGN_NUMBER_PREFIX

YEAR_LENGTH, MONTH_LENGTH, LAST_MONTH = 4, 7, "12"
Facets = dict[str, tuple[str, ...]]


def facets_of(definition: RegisterDefinition, values: Mapping[str, Any], *, region: str, date: str) -> Facets:
    """Return facet → values of a document. `region`: of the record or its holder; `date`: sparse ISO.

    A facet by which lists are narrowed is `UNSTATED` where the document does not say.
    """
    facets: Facets = {}
    for name in definition.search.facets:
        value = values.get(name)
        if value is not None:
            facets[name] = tuple(str(item) for item in value) if isinstance(value, list) else (str(value),)
    if definition.search.computed_facets:
        facets.update(definition.search.computed_facets(values))
    for grouping in definition.statistics.groupings:
        if codes := grouping.values_of(values):
            facets[grouping.name] = codes
    if definition.issuer and (issuer := str(values.get(definition.issuer.key) or "")):
        facets[ISSUER] = (issuer,)
    founded = str(values.get(definition.search.founded) or "")[:YEAR_LENGTH]
    if founded.isdecimal():
        facets[FOUNDED] = (founded,)
    if month := _month_of(str(values.get(definition.valid_to) or "")):
        facets[VALID_UNTIL] = (month,)
    if region:
        facets["region"] = _region_codes(region)
    if date[:YEAR_LENGTH].isdecimal():
        facets["year"] = (date[:YEAR_LENGTH],)
        if len(date) >= MONTH_LENGTH:
            facets[MONTH] = (date[:MONTH_LENGTH],)
    elif definition.search.year and (year := definition.search.year(values)):
        facets["year"] = (year,)
    for name in stated_facets(definition.slug):
        if not facets.get(name):
            facets[name] = (UNSTATED,)
    return facets


def date_of(definition: RegisterDefinition, values: Mapping[str, Any], valid_from: str | None = None) -> str:
    """Return the date by which a record is sorted, as a sparse ISO date; "" for none."""
    stated = values.get(definition.search.date_field)
    return str(stated or valid_from or values.get(definition.valid_from) or "")


def origin_of(*, demo: bool, issuer_number: str | None) -> str:
    """Return whether a record is real, invented, or issued by a body abroad."""
    if demo:
        return INVENTED
    return ABROAD if (issuer_number or "").startswith(FOREIGN_NUMBER_PREFIX) else REAL


def _month_of(date: str) -> str:
    """Return the month of a sparse ISO date as figures, 202701; of a year alone its last one; "" for none."""
    figures = date.replace("-", "")[:6]
    return figures.ljust(6, "0")[:4] + (figures[4:] or LAST_MONTH) if figures.isdecimal() else ""


@functools.lru_cache(4096)
def _region_codes(region: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*regions.ancestors(region), region)))
