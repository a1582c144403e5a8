"""Finding: a search request becomes a page of results, facets with counts, and honest words about both.

Whatever the index says is re-read from the database before it is shown: a stale index may miss, it never lies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import Unavailable
from registry.i18n import _
from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.kit.display import CHINESE, StatusView, Words
from registry.reference import regions
from registry.registers import catalogue
from registry.search.port import Found, Query
from registry.services import naming, presentation, rows
from registry.services.understanding import Understood, understand
from registry.services.views import FacetValueView, FacetView, ResultsView, RowView, UnderstoodView
from registry.services.wiring import Registry
from registry.store.base import Fetched
from registry.store.unit_of_work import reading

LONGEST_QUERY = 500
PAGE = 20
SUGGESTED = 8
DEEPEST = 10_000  # results that can be paged through; further ones need a narrower question
COMMON_FACETS = ("register", "status", "region", "year")
FACET_LABELS = {
    "register": _("Register"),
    "status": _("Status"),
    "region": _("Region"),
    "year": _("Year"),
    "linked": _("Linked to"),
    "q": _("Words"),
}
SORTS = ("relevance", "date", "-date", "name", "rank")


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search as a door understood it. `filters`: facet → chosen values (any of them); `register` narrows.

    `as_words`: what is not to be understood as a filter.
    """

    q: str = ""
    register: str = ""
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: str = ""
    page: int = 1
    size: int = PAGE
    ended: bool = False
    as_words: tuple[str, ...] = ()


WHOLLY = ("exact", "words", "browse")  # stages in which every word was found
NEARLY = ("spelling", "most")  # stages in which other words than those typed were taken


def facets_of(register: str) -> tuple[str, ...]:
    """Names of the facets that a search in this register (or in all, "") can be narrowed by."""
    if not register:
        return COMMON_FACETS
    definition = catalogue()[register]
    return (*(name for name in COMMON_FACETS if name != "register"), *facet_names(definition))


def facet_names(definition: RegisterDefinition) -> tuple[str, ...]:
    """The register's own facets: of fields, and those it works out."""
    return (*definition.search.facets, *definition.search.computed_labels)


def has_ranks(register: str) -> bool:
    """Whether the records of a register have a rank to sort by."""
    return bool(register) and catalogue()[register].search.rank is not None


def query_of(request: SearchRequest, lang: str, *, facets: Sequence[str], offset: int, limit: int) -> Query:
    """The request for the search port. Unknown filters never reach it."""
    filters = dict(request.filters)
    if request.register:
        filters["register"] = (request.register,)
    known = {*COMMON_FACETS, "standing", "linked", *(facets_of(request.register) if request.register else ())}
    return Query(
        text=request.q[:LONGEST_QUERY],
        lang="zh" if lang == "zh" else "en",
        filters={name: values for name, values in filters.items() if values and name in known},
        include_ended=request.ended,
        sort=request.sort if request.sort in SORTS else ("relevance" if request.q.strip() else "-date"),
        offset=offset,
        limit=limit,
        facets=tuple(facets),
    )


def find(registry: Registry, actor: Actor, request: SearchRequest, lang: str) -> ResultsView:
    """One page of results. With the index away: an empty page that says so (`stale`), never an error."""
    require(actor, Action.READ)
    size = max(1, min(request.size, 100))
    page = max(1, min(request.page, DEEPEST // size))
    names = facets_of(request.register)
    query = query_of(request, lang, facets=names, offset=(page - 1) * size, limit=size)
    stale, understood = False, Understood(query.text)
    try:
        found, understood = answer(registry, query, request)
    except Unavailable:
        found, stale = Found(), True
    shown = result_rows(registry, found.ids, lang, found.terms, found.meant)
    return ResultsView(
        query=query.text,
        cut=len(request.q) > LONGEST_QUERY,
        total=found.total,
        rows=tuple(shown),
        facets=_facet_views(request, understood, found, names),
        chips=_chips(request),
        understood=understood_views(request.register, understood),
        did_you_mean=suggestions(found, shown, request.q),
        page=page,
        pages=max(1, -(-min(found.total, DEEPEST) // size)),
        size=size,
        first=(page - 1) * size + 1 if shown else 0,
        sort=query.sort,
        ended=request.ended,
        ended_hidden=found.ended_hidden,
        stale=stale,
        nearly=found.stage in NEARLY,
    )


def answer(registry: Registry, query: Query, request: SearchRequest) -> tuple[Found, Understood]:
    """What the index finds, and which words were taken for filters. Raises `Unavailable`.

    They are filters only where the text names no record, and where what is left of it is found within them.
    """
    understood = understand(query.text, request.register, request.as_words)
    if understood.filters:
        plain = registry.search.find(
            Query(query.text, query.lang, query.filters, include_ended=True, limit=1)
        )
        if plain.stage != "exact" and not (plain.named and " " not in query.text):
            narrowed = replace(query, text=understood.rest, filters=understood.over(query.filters))
            if not understood.rest and not request.sort:
                narrowed = replace(narrowed, sort="-date")
            found = registry.search.find(narrowed)
            if found.total and found.stage in WHOLLY:
                return found, understood
    return registry.search.find(query), Understood(query.text)


def understood_views(register: str, understood: Understood) -> tuple[UnderstoodView, ...]:
    """The filters that words were taken for."""
    return tuple(
        UnderstoodView(
            each.words,
            each.name,
            facet_label(_knowing(register, understood, each.name), each.name),
            tuple(
                (value, value_words(_knowing(register, understood, each.name), each.name, value))
                for value in each.values
            ),
        )
        for each in understood.filters
    )


def _knowing(register: str, understood: Understood, name: str) -> str:
    """The register that knows a facet: the one that is searched, else one that the words speak of."""
    if register or name in COMMON_FACETS:
        return register
    spoken = [value for each in understood.filters if each.name == "register" for value in each.values]
    return next(slug for slug in spoken if name in facet_names(catalogue()[slug]))


def suggest(registry: Registry, actor: Actor, typed: str, lang: str) -> list[RowView]:
    """Records that may be meant while a search is being typed; none while the index is away."""
    require(actor, Action.READ)
    typed = " ".join(typed.split())
    if not typed:
        return []
    try:
        found = registry.search.suggest(typed, lang, SUGGESTED)
    except Unavailable:
        return []
    return result_rows(registry, found, lang)


def suggestions(found: Found, shown: Sequence[RowView], typed: str) -> tuple[str, ...]:
    """Names of the register that the reader may have meant, when nothing has the words as typed."""
    if found.stage not in NEARLY:
        return ()
    chinese = bool(CHINESE.search(typed))
    names = [(row.title.zh if chinese else row.title.en) or row.title.zh or row.title.en for row in shown[:3]]
    return tuple(name for name in dict.fromkeys(names) if name and name != typed)


def result_rows(
    registry: Registry,
    record_ids: Sequence[int],
    lang: str,
    terms: tuple[str, ...] = (),
    meant: tuple[tuple[str, str], ...] = (),
) -> list[RowView]:
    """Result lines of these records, in this order, re-read from the database; `terms` are highlighted, and where one of
    the words `meant` stands in a record instead of the one that was typed, its line says so."""
    if not record_ids:
        return []
    with reading(registry.engine) as work:
        found = rows.by_ids(work, record_ids)
        marked = {definition.slug for definition in catalogue().values() if definition.marks}
        with_marks = [row.id for row in found if row.register in marked]
        relations = sorted({mark.relation for slug in marked for mark in catalogue()[slug].marks})
        linked = rows.linked_statuses(work, with_marks, relations) if with_marks else {}
    titles = [(row.register, row.title_zh) for row in found if row.title_zh]
    return [
        replace(
            _row(row, linked.get(row.id, set()), titles.count((row.register, row.title_zh)) > 1, lang, terms),
            meant=_meant(row, meant) if meant else (),
        )
        for row in found
    ]


def _meant(row: Fetched, meant: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Of each word that was typed and does not stand in the record, the first other one that does."""
    parts = (*_texts(rows.values_of(row)), row.title_zh, row.title_en, row.holder_zh, row.holder_title_zh)
    text = " ".join(part for part in parts if part).lower()
    found: dict[str, str] = {}
    for typed, other in meant:
        if typed not in found and typed.lower() not in text and other.lower() in text:
            found[typed] = other
    return tuple(found.items())


def _texts(value: Any) -> Iterator[str]:
    """Every text in a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for each in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(each)


def _row(
    row: Fetched, linked: set[tuple[str, str]], same_name: bool, lang: str, terms: tuple[str, ...]
) -> RowView:
    definition = catalogue()[row.register]
    values = rows.values_of(row)
    status = naming.status_on(definition, row.status, values, clock.today())
    return RowView(
        register=naming.register_view(definition),
        number=row.number,
        path=naming.path_of(row.register, row.slug),
        title=naming.title(definition, row),
        place=naming.region_of(row),
        status=status,
        badges=naming.marks(definition, linked, status.standing),
        holder=naming.holder(row),
        issuer=naming.issuer(row),
        meta=_meta(definition, values, lang),
        matched=terms,
        demo=row.demo,
        same_name=same_name and definition.title.place_name,
    )


def _meta(
    definition: RegisterDefinition, values: Mapping[str, Any], lang: str
) -> tuple[tuple[str, str], ...]:
    kept = definition.schema.kept()
    return tuple(
        (kept[name].facts.label, presentation.text_of(name, kept[name], values[name], lang))
        for name in definition.layout.row
        if name in values
    )


def _facet_views(
    request: SearchRequest, understood: Understood, found: Found, names: Sequence[str]
) -> tuple[FacetView, ...]:
    views = []
    applied = understood.over(request.filters)
    for name in names:
        chosen = applied.get(name, ())
        counted = dict(found.facets.get(name, ()))
        values = [*counted, *(value for value in chosen if value not in counted)]
        if name == "region":
            values = [value for value in values if value.endswith("0000") or value in chosen]
        if name == "year":
            values.sort(reverse=True)
        options = tuple(
            FacetValueView(
                value,
                *_pair(value_words(request.register, name, value)),
                counted.get(value, 0),
                value in chosen,
                message=name == "register",
            )
            for value in values
        )
        if options:
            views.append(FacetView(name, facet_label(request.register, name), options))
    return tuple(views)


def _pair(words: Words) -> tuple[str, str]:
    return words.zh, words.en


def facet_label(register: str, name: str) -> str:
    """Message id of a facet's name."""
    if name in FACET_LABELS:
        return FACET_LABELS[name]
    definition = catalogue()[register]
    return definition.search.computed_labels.get(name) or definition.schema.facts(name).label


def value_words(register: str, name: str, value: str) -> Words:
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
    kept = definition.schema.kept().get(name)
    if kept is None:
        return Words(value, value)
    words = presentation.code_words(kept.inner if isinstance(kept, kinds.Many) else kept, value)
    return Words(words.zh, presentation.sentence_case(words) or words.zh)


def _status_words(register: str, value: str) -> Words:
    """A status in one register, or in the first that knows it."""
    definitions = [catalogue()[register]] if register else list(catalogue().values())
    for definition in definitions:
        if definition.life_cycle.has(value):
            state: StatusView = definition.life_cycle.state(value).view()
            return Words(state.zh, state.en)
    return Words(value, value)


def _chips(request: SearchRequest) -> tuple[tuple[str, Words, str, str], ...]:
    return tuple(
        (facet_label(request.register, name), value_words(request.register, name, value), name, value)
        for name, values in request.filters.items()
        for value in values
        if name in facets_of(request.register) or name == "linked"
    )
