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
from registry.search.port import RELAXED_STAGES, STRICT_STAGES, Query, SearchResult
from registry.services.bootstrap import Registry
from registry.services.finding.facets import (
    facet_label,
    facet_value_words,
    facet_views,
)
from registry.services.finding.filter_inference import FilterInference, infer_filters
from registry.services.finding.requests import MAX_QUERY_LENGTH, SORTS, SearchRequest
from registry.services.finding.result_lines import result_rows
from registry.services.issue_messages import issue_message
from registry.services.records.facet_names import COMMON_FACETS, available_facets, own_facets
from registry.services.records.views import InferredFilterView, ResultRowView, ResultsView

MAX_SUGGESTIONS = 8
MAX_RESULT_DEPTH = 10_000  # results that can be paged through; further ones need a narrower question
MAX_BROADER_SEARCHES = 5  # of a search without an answer, each of which is left out once


def build_query(
    registry: Registry, request: SearchRequest, lang: str, *, facets: Sequence[str], offset: int, limit: int
) -> Query:
    """The request for the search port. Unknown filters never reach it. Raises `Invalid` for dates that are none."""
    since, until = request.date_range()
    filters = dict(request.filters)
    if request.register:
        filters["register"] = (request.register,)
    known = {
        *COMMON_FACETS,
        "standing",
        "linked",
        *(available_facets(request.register) if request.register else ()),
    }
    return Query(
        text=request.q[:MAX_QUERY_LENGTH],
        lang="zh" if lang == "zh" else "en",
        filters={name: values for name, values in filters.items() if values and name in known},
        include_ended=request.include_ended,
        sort=request.sort if request.sort in SORTS else ("relevance" if request.q.strip() else "-date"),
        offset=offset,
        limit=limit,
        facets=tuple(facets),
        synonyms=registry.synonyms.current(),
        since=since,
        until=until,
    )


def find_records(registry: Registry, actor: Actor, request: SearchRequest, lang: str) -> ResultsView:
    """One page of results. With the index away: an empty page that says so (`stale`), never an error."""
    require(actor, Action.READ)
    size = max(1, min(request.size, 100))
    page = max(1, min(request.page, MAX_RESULT_DEPTH // size))
    names = available_facets(request.register)
    wrong: dict[str, str] = {}
    try:
        request.date_range()
    except Invalid as problem:
        wrong = {issue.field: issue_message(issue, lang) for issue in problem.issues}
    dated = replace(request, since="", until="") if wrong else request
    query = build_query(registry, dated, lang, facets=names, offset=(page - 1) * size, limit=size)
    stale, taken = False, SearchOutcome(SearchResult(), FilterInference(query.text), query)
    wider: tuple[tuple[str, str, int], ...] = ()
    try:
        taken = run_query(registry, query, request)
        if not taken.result.total:
            wider = _broader_searches(registry, query, request, taken.inference)
    except Unavailable:
        stale = True
    found, understood = taken.result, taken.inference
    if not found.total and not stale and page == 1 and not request.filters:
        registry.zero_result_log.record(query.text, query.lang)
    shown = result_rows(registry, found.ids, lang, found.highlights, found.synonyms)
    return ResultsView(
        query=query.text,
        query_truncated=len(request.q) > MAX_QUERY_LENGTH,
        total=found.total,
        rows=tuple(shown),
        facets=facet_views(request.register, understood.merged_with(request.filters), found, names),
        chosen_filters=_chosen_filters(request),
        inferred_filters=inferred_filter_views(request.register, understood),
        did_you_mean=did_you_mean(found, shown, request.q),
        page=page,
        pages=max(1, -(-min(found.total, MAX_RESULT_DEPTH) // size)),
        size=size,
        first=(page - 1) * size + 1 if shown else 0,
        sort=query.sort,
        ended=request.include_ended,
        ended_hidden=found.ended_hidden,
        index_stale=stale,
        relaxed=found.stage in RELAXED_STAGES,
        broader_searches=wider,
        since=request.since,
        until=request.until,
        parameter_errors=wrong,
    )


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What was found, which words were taken for filters, and what was asked of the index so."""

    result: SearchResult
    inference: FilterInference
    query: Query


def run_query(registry: Registry, query: Query, request: SearchRequest) -> SearchOutcome:
    """What the index finds, and which words were taken for filters. Raises `Unavailable`.

    They are filters only where the text names no record, and where what is left of it is found within them.
    """
    understood = infer_filters(query.text, request.register, request.as_words)
    if understood.filters:
        exactly, begun = registry.search.count_name_matches(query.text)
        if not exactly and not (begun and " " not in query.text):
            narrowed = replace(query, text=understood.rest, filters=understood.merged_with(query.filters))
            if not understood.rest and not request.sort:
                narrowed = replace(narrowed, sort="-date")
            found = registry.search.find(narrowed)
            if found.total and found.stage in STRICT_STAGES:
                return SearchOutcome(found, understood, narrowed)
            as_words = registry.search.find(query)
            if not as_words.total:
                return SearchOutcome(found, understood, narrowed)
            return SearchOutcome(as_words, FilterInference(query.text), query)
    return SearchOutcome(registry.search.find(query), FilterInference(query.text), query)


def _broader_searches(
    registry: Registry, query: Query, request: SearchRequest, understood: FilterInference
) -> tuple[tuple[str, str, int], ...]:
    """The search without one of the words that no record has together: (word, what is left, how many records)."""
    parts = list(dict.fromkeys([each.words for each in understood.filters]))
    parts += [understood.rest] if understood.rest else []
    wider = []
    for part in parts[:MAX_BROADER_SEARCHES]:
        left = " ".join(each for each in parts if each != part)
        if left:
            shorter = replace(query, text=left, facets=(), offset=0, limit=1)
            found = run_query(registry, shorter, request).result
            if found.total and found.stage in STRICT_STAGES:
                wider.append((part, left, found.total))
    return tuple(wider)


def inferred_filter_views(register: str, inference: FilterInference) -> tuple[InferredFilterView, ...]:
    """The filters that words were taken for."""
    return tuple(
        InferredFilterView(
            each.words,
            each.name,
            facet_label(_register_with_facet(register, inference, each.name), each.name),
            tuple(
                (
                    value,
                    facet_value_words(_register_with_facet(register, inference, each.name), each.name, value),
                )
                for value in each.values
            ),
        )
        for each in inference.filters
    )


def _register_with_facet(register: str, inference: FilterInference, name: str) -> str:
    """The register that knows a facet: the one that is searched, else one that the words speak of."""
    if register or name in COMMON_FACETS:
        return register
    spoken = [value for each in inference.filters if each.name == "register" for value in each.values]
    return next(slug for slug in spoken if name in own_facets(catalogue()[slug]))


def suggest_records(registry: Registry, actor: Actor, typed: str, lang: str) -> list[ResultRowView]:
    """Records that may be meant while a search is being typed; none while the index is away."""
    require(actor, Action.READ)
    typed = " ".join(typed.split())
    if not typed:
        return []
    try:
        found = registry.search.suggest(typed, lang, MAX_SUGGESTIONS)
    except Unavailable:
        return []
    return result_rows(registry, found, lang)


def did_you_mean(result: SearchResult, rows: Sequence[ResultRowView], typed: str) -> tuple[str, ...]:
    """Names of the register that the reader may have meant, when nothing has the words as typed."""
    if result.stage not in RELAXED_STAGES:
        return ()
    chinese = bool(CHINESE.search(typed))
    names = [(row.title.zh if chinese else row.title.en) or row.title.zh or row.title.en for row in rows[:3]]
    return tuple(name for name in dict.fromkeys(names) if name and name != typed)


def _chosen_filters(request: SearchRequest) -> tuple[tuple[str, Words, str, str], ...]:
    return tuple(
        (facet_label(request.register, name), facet_value_words(request.register, name, value), name, value)
        for name, values in request.filters.items()
        for value in values
        if name in available_facets(request.register) or name == "linked"
    )
