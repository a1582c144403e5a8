"""Names of the facets by which records of a register can be narrowed."""

from __future__ import annotations

import functools

from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue
from registry.services.publication import conflicts

CAUTION = "caution"  # what stands beside the status, by its code; `ANY_CAUTION` for one whatever
ANY_CAUTION = "any"
FOUNDED = "founded"  # year of foundation, filtered by in ranges (`1851..1861`), never counted
VALID_UNTIL = "valid_until"  # month in which a record ends (`202701`), filtered by in ranges, never counted
HOLDS = (
    "holds"  # registers of which an organisation holds a record in force: not of its document, but of theirs
)
ISSUER = "issuer"  # the body that issued a record, by the number that its document states
MONTH = "month"  # of the date by which records are sorted; counted, never filtered by
COMMON_FACETS = ("register", "status", "region", "year")


def available_facets(register: str) -> tuple[str, ...]:
    """Return the names of the facets by which a search in a register ("": in all) can be narrowed."""
    if not register:
        return COMMON_FACETS
    definition = catalogue()[register]
    common = (name for name in COMMON_FACETS if name != "register")
    held = (HOLDS,) if registers_held_by(register) else ()
    return (*common, *held, *own_facets(definition))


@functools.cache
def registers_held_by(register: str) -> tuple[str, ...]:
    """Return the registers whose records have their holder in this register, in the order of the registers."""
    return tuple(
        definition.slug
        for definition in catalogue().values()
        if definition.holder and definition.holder.register == register
    )


@functools.cache
def stated_facets(register: str) -> tuple[str, ...]:
    """Return the names of the facets of which a record of this register has a value, or does not say: those that tell of
    other records, or of the day, are not among them."""
    others = ("register", "status", CAUTION, HOLDS)
    return tuple(name for name in available_facets(register) if name not in others)


def own_facets(definition: RegisterDefinition) -> tuple[str, ...]:
    """Return the names of a register's own facets: of its fields, computed ones, and its cautions."""
    has_cautions = bool(definition.cautions) or definition.slug in conflicts.registers_with_conflicts()
    own = (*definition.search.facets, *definition.search.computed_labels)
    return (*own, CAUTION) if has_cautions else own


def statistical_filters(definition: RegisterDefinition) -> tuple[str, ...]:
    """Return the names of filters that statistics lead to and that lists do not offer."""
    groupings = tuple(each.name for each in definition.statistics.groupings)
    return (*groupings, ISSUER) if definition.issuer else groupings
