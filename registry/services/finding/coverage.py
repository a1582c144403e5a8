"""What is covered: every register's sources with their records, numbers in reality beside those here, and what is missing."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from registry import i18n
from registry.accounts.policy import Action, Actor, require
from registry.errors import Unavailable
from registry.kit.coverage import CoveredSource, NumberInReality
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.registers import catalogue
from registry.search.analysis.document import INVENTED, ORIGIN_FACET, SOURCE_FACET, UNSTATED
from registry.search.port import Query
from registry.services.bootstrap import Registry
from registry.services.records import PlatformView, list_registers
from registry.services.records.views import RegisterView

FILED_HERE = Words(
    "由持有人在此填报，或未注明来源", "Filed here by its holder, or without a named source", "platform"
)
NOT_STATED = Words("", "")


class CoveredSourceView(NamedTuple):
    """A source in words. `records`: those on record that are not invented, None without an index; `query`: of their list."""

    name: str
    authority: Words
    covers: Words
    as_of: str
    next_update: Words
    records: int | None
    query: str


class NumberInRealityView(NamedTuple):
    """How many there are by a notice, and how many are here. `query`: of the list of those here."""

    what: Words
    number: int
    as_of: str
    source: Words
    records: int | None
    query: str


class NotCoveredView(NamedTuple):
    """What is not loaded, and where it can be looked up."""

    what: Words
    platform: PlatformView | None


class RegisterCoverageView(NamedTuple):
    """What a register covers. `invented`: its demonstration records, with the query of their list."""

    register: RegisterView
    sources: tuple[CoveredSourceView, ...]
    numbers: tuple[NumberInRealityView, ...]
    not_covered: tuple[NotCoveredView, ...]
    invented: int
    invented_query: str


def list_coverage(registry: Registry, actor: Actor, lang: str) -> tuple[RegisterCoverageView, ...]:
    """List what every register covers, source by source; at most one search a register and one a number in reality."""
    require(actor, Action.READ)
    views = {view.slug: view for view in list_registers(registry, actor)}
    return tuple(
        _coverage(registry, definition, views[slug], lang) for slug, definition in catalogue().items()
    )


def _coverage(
    registry: Registry, definition: RegisterDefinition, register: RegisterView, lang: str
) -> RegisterCoverageView:
    counts = _records_by_source(registry, definition.slug)
    covered = definition.coverage
    known = {source.name for source in covered.sources}
    others = sorted((name for name in counts or () if name not in known), key=lambda name: name == UNSTATED)
    return RegisterCoverageView(
        register,
        (
            *(_source_view(source, counts, lang) for source in covered.sources),
            *(_other_source_view(name, counts or {}, lang) for name in others),
        ),
        tuple(_number_view(registry, definition.slug, each, lang) for each in covered.numbers),
        tuple(
            NotCoveredView(each.what, PlatformView.of(each.platform) if each.platform else None)
            for each in covered.not_covered
        ),
        sum(register.demo_standings.values()),
        urlencode({"ended": 1, ORIGIN_FACET: INVENTED}),
    )


def _records_by_source(registry: Registry, slug: str) -> dict[str, int] | None:
    """Source → records that are not invented; None without an index."""
    query = Query(filters={"register": (slug,)}, include_ended=True, limit=1, facets=(SOURCE_FACET,))
    try:
        result = registry.search.find(query)
    except Unavailable:
        return None
    invented = result.demo_facets.get(SOURCE_FACET, {})
    real = {name: count - invented.get(name, 0) for name, count in result.facets.get(SOURCE_FACET, ())}
    return {name: count for name, count in real.items() if count}


def _source_view(source: CoveredSource, counts: dict[str, int] | None, lang: str) -> CoveredSourceView:
    return CoveredSourceView(
        i18n.gettext(source.name, lang),
        source.authority,
        source.covers,
        i18n.format_day(source.as_of, lang) if source.as_of else "",
        source.next_update,
        None if counts is None else counts.get(source.name, 0),
        _query_of(source.name),
    )


def _other_source_view(name: str, counts: dict[str, int], lang: str) -> CoveredSourceView:
    """A source that the folder of the register does not describe: its name and its records are all that is known."""
    words = (
        (FILED_HERE.zh if lang == "zh" else FILED_HERE.en) if name == UNSTATED else i18n.gettext(name, lang)
    )
    return CoveredSourceView(words, NOT_STATED, NOT_STATED, "", NOT_STATED, counts[name], _query_of(name))


def _query_of(name: str) -> str:
    return urlencode({"ended": 1, SOURCE_FACET: name})


def _number_view(registry: Registry, slug: str, each: NumberInReality, lang: str) -> NumberInRealityView:
    filters = {name: (value,) for name, value in each.filters.items()}
    query = Query(
        filters={"register": (slug,), **filters}, include_ended=True, limit=1, facets=(ORIGIN_FACET,)
    )
    try:
        result = registry.search.find(query)
        invented = dict(result.facets.get(ORIGIN_FACET, ())).get(INVENTED, 0)
        here = result.total - invented
    except Unavailable:
        here = None
    return NumberInRealityView(
        each.what,
        each.number,
        i18n.format_day(each.as_of, lang),
        each.source,
        here,
        urlencode({"ended": 1, **each.filters}),
    )
