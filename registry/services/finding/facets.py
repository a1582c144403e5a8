"""Facets of a result list, and the words for their values."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import replace

from registry import i18n
from registry.kit import kinds
from registry.kit.display import StatusView, Words
from registry.kit.grading import unknown_level_words
from registry.reference.code_lists import regions
from registry.registers import catalogue
from registry.search.analysis.document import (
    ABROAD,
    GAP_FACET,
    INVENTED,
    ORIGIN_FACET,
    REAL,
    SOURCE_FACET,
    UNSTATED,
)
from registry.search.analysis.ranges import parse_range
from registry.search.port import SearchResult
from registry.services.finding.scales import Filters, chosen_scheme, counted_facets, level_facet
from registry.services.finding.scope import LINKED, STANDING, SearchScope
from registry.services.finding.views import FacetValueView, FacetView
from registry.services.records import presentation
from registry.services.records.cautions import caution_words
from registry.services.records.facets.facet_names import ANY_CAUTION, CAUTION, FOUNDED, HOLDS, VALID_UNTIL
from registry.services.records.quality import gap_words

NO_FILTERS: Filters = {}
NOTHING_TYPED: Mapping[str, str] = {}
FIRST_VALUES = 5  # of a facet that are shown without being asked for
LONG_FACET = 10  # values from which they can be looked for by their names
SHOWN_LEVELS = 2  # of a tree: provinces and cities

WORDS_KEPT = 8192  # values in words; those of one register are some hundred
CLOSED_WORDS = {
    STANDING: {
        "in_force": Words("有效", "In force"),
        "restricted": Words("受限", "Restricted"),
        "pending": Words("尚未生效", "Not yet in force"),
        "ended": Words("已失效", "Ended"),
    },
    ORIGIN_FACET: {
        REAL: Words("真实记录", "Real"),
        INVENTED: Words("演示数据", "Demonstration data"),
        ABROAD: Words("境外机构颁发", "Issued by bodies abroad"),
    },
}
ANY_CAUTION_WORDS = Words("有提示", "Any caution")
UNSTATED_WORDS = Words("未注明", "Not stated")


def facet_views(
    scope: SearchScope,
    applied: Mapping[str, tuple[str, ...]],
    result: SearchResult,
    find: Mapping[str, str] = NOTHING_TYPED,
) -> tuple[FacetView, ...]:
    """Return the facets of the scope that have values, with counts and what is `applied`.

    Values that are a tree are shown to `SHOWN_LEVELS`, deeper ones only where they are applied. `find`: facet → text that
    its values must have to be listed; those that are applied are listed whatever it is.
    """
    views = []
    scheme, level = chosen_scheme(scope, applied), level_facet(scope)
    for name in counted_facets(scope, applied):
        chosen = applied.get(name, ())
        counts = dict(result.facets.get(name, ()))
        values = [*counts, *(value for value in chosen if value not in counts)]
        if name == "year":
            values.sort(reverse=True)
        if name == level and scheme:
            ranks = {each.code: each.rank for each in scheme.levels}
            values.sort(key=lambda value: ranks.get(value, len(ranks) + 1))
        invented = result.demo_facets.get(name, {})
        options = {
            value: FacetValueView(
                value,
                *facet_value_words(scope, name, value, applied)[:2],
                count=counts.get(value, 0),
                chosen=value in chosen,
                message=name == "register",
                demo=invented.get(value, 0),
            )
            for value in values
        }
        if options:
            views.append(_facet_view(scope, name, options, find.get(name, "")))
    return tuple(views)


def _facet_view(scope: SearchScope, name: str, options: dict[str, FacetValueView], find: str) -> FacetView:
    """Return a facet with its values as a tree, the first of them apart from the others."""
    unstated = options.pop(UNSTATED, None)
    parent_of = scope.parents.get(name)
    top = _tree(options, parent_of) if parent_of else tuple(options.values())
    is_long = sum(1 + len(value.children) for value in top) > LONG_FACET
    first: list[FacetValueView] = []
    more: list[FacetValueView] = []
    for value in top:
        (first if len(first) < FIRST_VALUES or value.chosen or value.opened else more).append(value)
    if find:
        more = [narrowed for value in more if (narrowed := _with_text(value, find.casefold()))]
    return FacetView(name, scope.labels[name], tuple(first), tuple(more), unstated, find, is_long)


def _tree(
    options: Mapping[str, FacetValueView], parent_of: Callable[[str], str]
) -> tuple[FacetValueView, ...]:
    """Return the values at the top, each with those below it, in the order of `options`."""
    below: dict[str, list[str]] = {}
    depths: dict[str, int] = {}
    for value, option in options.items():
        above, depth = parent_of(value), 1
        while above and above not in options:
            above = parent_of(above)
        parent = above
        while above:
            depth += above in options
            above = parent_of(above)
        if depth <= SHOWN_LEVELS or option.chosen:
            depths[value] = depth
            below.setdefault(parent, []).append(value)

    def branch(value: str) -> FacetValueView:
        option = options[value]
        children = tuple(branch(child) for child in below.get(value, ()))
        return replace(option, children=children) if children else option

    return tuple(branch(value) for value in below.get("", ()))


def _with_text(value: FacetValueView, text: str) -> FacetValueView | None:
    """Return a value whose name has this text, or with those values below it that have it; None for neither."""
    if text in value.zh.casefold() or text in value.en.casefold():
        return value
    children = tuple(child for each in value.children if (child := _with_text(each, text)))
    return replace(value, children=children) if children else None


def facet_value_words(scope: SearchScope, name: str, value: str, filters: Filters = NO_FILTERS) -> Words:
    """Return a facet's value in words: itself where there are none. For registers `zh` and `en` are a message id.

    `filters`: the others that are applied; a grade has words only where they name its scheme.
    """
    if value == UNSTATED:
        return UNSTATED_WORDS
    if name == level_facet(scope):
        scheme = chosen_scheme(scope, filters)
        words = scheme.level_words(value) if scheme else unknown_level_words(value)
        return _on_its_own(words)
    return _value_words(scope, name, value)


@functools.lru_cache(WORDS_KEPT)
def _value_words(scope: SearchScope, name: str, value: str) -> Words:
    """Return the words of a value that needs no other filter to be understood."""
    if name == "register":
        definition = catalogue().get(value)
        return Words(definition.label, definition.label) if definition else Words(value, value)
    if name in CLOSED_WORDS:
        return CLOSED_WORDS[name].get(value, Words(value, value))
    if name == "status":
        return _status_words(scope, value)
    if name == "region":
        region = regions.region(value)
        return Words(region.zh, region.en, region.en_source) if region else Words(value, value)
    if name in (FOUNDED, "year"):
        return _years_words(value)
    if name == VALID_UNTIL:
        return _months_words(value)
    if name == HOLDS and (held := catalogue().get(value)):
        return Words(i18n.gettext(held.label, "zh"), i18n.gettext(held.label, "en"))
    if name == SOURCE_FACET:
        return Words(i18n.gettext(value, "zh"), i18n.gettext(value, "en"))
    definition = catalogue().get(scope.register)
    if definition is not None and name == GAP_FACET:
        return gap_words(definition, value)
    if definition is None or name in ("from", "to", LINKED, GAP_FACET, HOLDS):
        return Words(value, value)
    if name == CAUTION:
        return ANY_CAUTION_WORDS if value == ANY_CAUTION else caution_words().get(value, Words(value, value))
    if grouping := definition.statistics.grouping(name):
        return grouping.words.get(value, Words(value, value))
    if name in definition.search.computed_words:
        return definition.search.computed_words[name].get(value, Words(value, value))
    field = definition.schema.register_fields().get(name)
    if field is None:
        return Words(value, value)
    return _on_its_own(
        presentation.code_words(field.inner if isinstance(field, kinds.Many) else field, value)
    )


def _on_its_own(words: Words) -> Words:
    return Words(words.zh, presentation.sentence_case(words) or words.zh)


def _years_words(value: str) -> Words:
    """Return years, or a range of them, in words."""
    within = parse_range(value)
    if within is None or value == "..":
        return Words(value, value)
    first, _dots, last = value.partition("..")
    if not first:
        return Words(f"{last}年或更早", f"{last} or earlier")
    if not last:
        return Words(f"{first}年或更晚", f"{first} or later")
    return Words(value, value) if first == last else Words(f"{first}至{last}年", f"{first} to {last}")


def _months_words(value: str) -> Words:
    """Return months, or a range of them, in words: 202701..202712 is the year."""
    first, _dots, last = value.partition("..") if parse_range(value) else (value, "", value)
    if not first.isdecimal() and not last.isdecimal():
        return Words(value, value)
    if first[:4] == last[:4] and first.endswith("01") and last.endswith("12"):
        return Words(f"{first[:4]}年", first[:4])
    (first_zh, first_en), (last_zh, last_en) = _month_words(first), _month_words(last)
    if not first:
        return Words(f"{last_zh}或更早", f"{last_en} or earlier")
    if not last:
        return Words(f"{first_zh}或更晚", f"{first_en} or later")
    return (
        Words(first_zh, first_en)
        if first == last
        else Words(f"{first_zh}至{last_zh}", f"{first_en} to {last_en}")
    )


def _month_words(month: str) -> tuple[str, str]:
    """Return a month such as 202701 in words of both languages."""
    number = int(month[4:] or 0)
    return f"{month[:4]}年{number}月", f"{month[:4]}-{number:02}"


def _status_words(scope: SearchScope, value: str) -> Words:
    """Return a status in the words of the scope's register, or of the first register that has it."""
    definitions = [catalogue()[scope.register]] if scope.register else list(catalogue().values())
    for definition in definitions:
        if definition.life_cycle.has_state(value):
            state: StatusView = definition.life_cycle.state(value).view()
            return Words(state.zh, state.en)
    return Words(value, value)
