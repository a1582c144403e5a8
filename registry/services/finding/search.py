"""Finding: a search request becomes a page of results, facets with counts, and honest words about both.

Whatever the index says is re-read from the database before it is shown: a stale index may miss, it never lies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid, Unavailable
from registry.kit.display import CHINESE, Words
from registry.registers import catalogue
from registry.search.port import NEARLY, WHOLLY, Found, Query
from registry.services.bootstrap import Registry
from registry.services.finding.facets import (
    COMMON_FACETS,
    facet_label,
    facet_names,
    facet_views,
    facets_of,
    value_words,
)
from registry.services.finding.filter_inference import Understood, understand
from registry.services.finding.requests import LONGEST_QUERY, SORTS, SearchRequest
from registry.services.finding.result_lines import result_rows
from registry.services.issue_messages import in_words
from registry.services.records.views import ResultsView, RowView, UnderstoodView

SUGGESTED = 8
DEEPEST = 10_000  # results that can be paged through; further ones need a narrower question
MOST_PARTS = 5  # of a search without an answer, each of which is left out once


def query_of(
    registry: Registry, request: SearchRequest, lang: str, *, facets: Sequence[str], offset: int, limit: int
) -> Query:
    """The request for the search port. Unknown filters never reach it. Raises `Invalid` for dates that are none."""
    since, until = request.days()
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
        synonyms=registry.synonyms.present(),
        since=since,
        until=until,
    )


def find(registry: Registry, actor: Actor, request: SearchRequest, lang: str) -> ResultsView:
    """One page of results. With the index away: an empty page that says so (`stale`), never an error."""
    require(actor, Action.READ)
    size = max(1, min(request.size, 100))
    page = max(1, min(request.page, DEEPEST // size))
    names = facets_of(request.register)
    wrong: dict[str, str] = {}
    try:
        request.days()
    except Invalid as problem:
        wrong = {issue.field: in_words(issue, lang) for issue in problem.issues}
    dated = replace(request, since="", until="") if wrong else request
    query = query_of(registry, dated, lang, facets=names, offset=(page - 1) * size, limit=size)
    stale, taken = False, Answer(Found(), Understood(query.text), query)
    wider: tuple[tuple[str, str, int], ...] = ()
    try:
        taken = answer(registry, query, request)
        if not taken.found.total:
            wider = _wider(registry, query, request, taken.understood)
    except Unavailable:
        stale = True
    found, understood = taken.found, taken.understood
    if not found.total and not stale and page == 1 and not request.filters:
        registry.missed.note(query.text, query.lang)
    shown = result_rows(registry, found.ids, lang, found.terms, found.meant)
    return ResultsView(
        query=query.text,
        cut=len(request.q) > LONGEST_QUERY,
        total=found.total,
        rows=tuple(shown),
        facets=facet_views(request.register, understood.over(request.filters), found, names),
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
        wider=wider,
        since=request.since,
        until=request.until,
        wrong=wrong,
    )


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, which words were taken for filters, and what was asked of the index so."""

    found: Found
    understood: Understood
    query: Query


def answer(registry: Registry, query: Query, request: SearchRequest) -> Answer:
    """What the index finds, and which words were taken for filters. Raises `Unavailable`.

    They are filters only where the text names no record, and where what is left of it is found within them.
    """
    understood = understand(query.text, request.register, request.as_words)
    if understood.filters:
        exactly, begun = registry.search.named(query.text)
        if not exactly and not (begun and " " not in query.text):
            narrowed = replace(query, text=understood.rest, filters=understood.over(query.filters))
            if not understood.rest and not request.sort:
                narrowed = replace(narrowed, sort="-date")
            found = registry.search.find(narrowed)
            if found.total and found.stage in WHOLLY:
                return Answer(found, understood, narrowed)
            as_words = registry.search.find(query)
            if not as_words.total:
                return Answer(found, understood, narrowed)
            return Answer(as_words, Understood(query.text), query)
    return Answer(registry.search.find(query), Understood(query.text), query)


def _wider(
    registry: Registry, query: Query, request: SearchRequest, understood: Understood
) -> tuple[tuple[str, str, int], ...]:
    """The search without one of the words that no record has together: (word, what is left, how many records)."""
    parts = list(dict.fromkeys([each.words for each in understood.filters]))
    parts += [understood.rest] if understood.rest else []
    wider = []
    for part in parts[:MOST_PARTS]:
        left = " ".join(each for each in parts if each != part)
        if left:
            shorter = replace(query, text=left, facets=(), offset=0, limit=1)
            found = answer(registry, shorter, request).found
            if found.total and found.stage in WHOLLY:
                wider.append((part, left, found.total))
    return tuple(wider)


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


def _chips(request: SearchRequest) -> tuple[tuple[str, Words, str, str], ...]:
    return tuple(
        (facet_label(request.register, name), value_words(request.register, name, value), name, value)
        for name, values in request.filters.items()
        for value in values
        if name in facets_of(request.register) or name == "linked"
    )
