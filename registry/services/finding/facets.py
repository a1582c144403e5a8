"""Facets: what a list can be narrowed by, and the words for their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.i18n import _
from registry.kit import kinds
from registry.kit.display import StatusView, Words
from registry.reference.code_lists import regions
from registry.registers import catalogue
from registry.search.port import SearchResult
from registry.services.records import presentation
from registry.services.records.views import FacetValueView, FacetView

FACET_LABELS = {
    "register": _("Register"),
    "status": _("Status"),
    "region": _("Region"),
    "year": _("Year"),
    "linked": _("Linked to"),
    "q": _("Words"),
}


def facet_views(
    register: str, applied: Mapping[str, tuple[str, ...]], result: SearchResult, names: Sequence[str]
) -> tuple[FacetView, ...]:
    """The facets with their values, counts and what is `applied`; provinces only, unless a place within one is."""
    views = []
    for name in names:
        chosen = applied.get(name, ())
        counted = dict(result.facets.get(name, ()))
        values = [*counted, *(value for value in chosen if value not in counted)]
        if name == "region":
            values = [value for value in values if value.endswith("0000") or value in chosen]
        if name == "year":
            values.sort(reverse=True)
        options = tuple(
            FacetValueView(
                value,
                *_pair(facet_value_words(register, name, value)),
                counted.get(value, 0),
                value in chosen,
                message=name == "register",
            )
            for value in values
        )
        if options:
            views.append(FacetView(name, facet_label(register, name), options))
    return tuple(views)


def _pair(words: Words) -> tuple[str, str]:
    return words.zh, words.en


def facet_label(register: str, name: str) -> str:
    """Message id of a facet's name."""
    if name in FACET_LABELS:
        return FACET_LABELS[name]
    definition = catalogue()[register]
    return definition.search.computed_labels.get(name) or definition.schema.info(name).label


def facet_value_words(register: str, name: str, value: str) -> Words:
    """A facet's value in words; for registers `en` is a message id."""
    if name == "register":
        definition = catalogue().get(value)
        return Words(definition.label, definition.label) if definition else Words(value, value)
    if name == "status":
        return _status_words(register, value)
    if name == "region":
        region = regions.region(value)
        return Words(region.zh, region.en, region.en_source) if region else Words(value, value)
    definition = catalogue().get(register)
    if definition is None or name in ("year", "linked"):
        return Words(value, value)
    if name in definition.search.computed_words:
        return definition.search.computed_words[name].get(value, Words(value, value))
    kept = definition.schema.register_fields().get(name)
    if kept is None:
        return Words(value, value)
    words = presentation.code_words(kept.inner if isinstance(kept, kinds.Many) else kept, value)
    return Words(words.zh, presentation.sentence_case(words) or words.zh)


def _status_words(register: str, value: str) -> Words:
    """A status in one register, or in the first that knows it."""
    definitions = [catalogue()[register]] if register else list(catalogue().values())
    for definition in definitions:
        if definition.life_cycle.has_state(value):
            state: StatusView = definition.life_cycle.state(value).view()
            return Words(state.zh, state.en)
    return Words(value, value)
