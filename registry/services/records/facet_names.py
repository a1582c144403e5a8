"""Names of the facets by which records of a register can be narrowed."""

from __future__ import annotations

from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue

COMMON_FACETS = ("register", "status", "region", "year")


def available_facets(register: str) -> tuple[str, ...]:
    """Names of the facets that a search in this register (or in all, "") can be narrowed by."""
    if not register:
        return COMMON_FACETS
    definition = catalogue()[register]
    return (*(name for name in COMMON_FACETS if name != "register"), *own_facets(definition))


def own_facets(definition: RegisterDefinition) -> tuple[str, ...]:
    """The register's own facets: of fields, and those it works out."""
    return (*definition.search.facets, *definition.search.computed_labels)
