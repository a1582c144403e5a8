"""The search use case: a request becomes a page of results, facets with counts, and honest words about both.

Whatever the index says is read again from the database before it is shown: a stale index may miss a record, it never
shows one that is no longer so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Invalid, Unavailable
from registry.kit.display import CHINESE, Words
from registry.registers import catalogue
from registry.search.port import NEAR_STAGE, RELAXED_STAGES, STRICT_STAGES, Query, SearchResult
from registry.services.bootstrap import Registry
from registry.services.finding import numbers_in_searches
from registry.services.finding.explanations import RecordedSearch, explanation_view, with_recorded_search
from registry.services.finding.facets import facet_value_words, facet_views
from registry.services.finding.filter_values import filter_issues
from registry.services.finding.near_in_meaning import add_near_in_meaning, near_matches
from registry.services.finding.numbers_in_searches import NumberInSearch
from registry.services.finding.query_understanding.filter_inference import (
    FilterInference,
    InferredFilter,
    infer_filters,
)
from registry.services.finding.query_understanding.search_words import FROM, TO
from registry.services.finding.requests import MAX_QUERY_LENGTH, SORTS, SearchRequest, date_number
from registry.services.finding.results.result_lines import result_rows
from registry.services.finding.scales import RANK_SORT, may_rank
from registry.services.finding.scope import LINKED, SearchScope, search_scope
from registry.services.finding.views import (
    BroaderSearchView,
    ChosenFilterView,
    InferredFilterView,
    ResultsView,
)
from registry.services.issue_messages import issue_message
from registry.services.records.facets.facet_names import COMMON_FACETS, own_facets
from registry.services.records.numbers import lookup
from registry.services.records.views import ResultRowView

MAX_PAGE_SIZE = 100
MAX_RESULT_DEPTH = 10_000  # results that can be paged through; further ones need a narrower search
MAX_BROADER_SEARCHES = 5  # of a search without an answer: parts that are left out one at a time
MAX_SUGGESTED_NAMES = 3


def build_query(
    registry: Registry,
    request: SearchRequest,
    lang: str,
    *,
    offset: int,
    limit: int,
    facets: Sequence[str] = (),
) -> Query:
    """Return the request as a query for the search port. Unknown filters never reach it.

    Raises `Invalid` for dates that do not exist.
    """
    since, until = request.date_range()
    filters = dict(request.filters)
    if LINKED in filters:
        filters[LINKED] = tuple(lookup.address_of(typed) for typed in filters[LINKED])
    if request.scope.register:
        filters["register"] = (request.scope.register,)
    known = {*COMMON_FACETS, *request.scope.filters}
    sort = request.sort if request.sort in SORTS else ""
    if sort == RANK_SORT and not may_rank(request.scope, filters):
        sort = ""
    return Query(
        text=lookup.search_text(request.q[:MAX_QUERY_LENGTH]),
        lang="zh" if lang == "zh" else "en",
        filters={name: values for name, values in filters.items() if values and name in known},
        include_ended=request.include_ended,
        # Without words all are equally relevant: real ones come first, then the newest.
        sort=sort or "relevance",
        offset=offset,
        limit=limit,
        facets=tuple(facets),
        synonyms=registry.synonyms.current(),
        since=since,
        until=until,
    )


def find_records(registry: Registry, actor: Actor, request: SearchRequest, lang: str) -> ResultsView:
    """Return one page of results. Without an index: an empty page that says so (`index_stale`), never an error."""
    require(actor, Action.READ)
    recorded: RecordedSearch | None = None
    if request.explain and may(actor, Action.EXPLAIN):
        registry, recorded = with_recorded_search(registry)
    scope = request.scope
    size = max(1, min(request.size, MAX_PAGE_SIZE))
    page = max(1, min(request.page, MAX_RESULT_DEPTH // size))
    date_errors = _date_errors(request, lang)
    searched = replace(request, since="", until="") if date_errors else request
    query = build_query(registry, searched, lang, offset=(page - 1) * size, limit=size, facets=scope.facets)
    named = numbers_in_searches.number_named(registry, actor, request)
    query = replace(query, text=named.search_text(query.text))
    index_stale, found_by_words = False, 0
    outcome = SearchOutcome(SearchResult(), FilterInference(query.text), query)
    broader: tuple[BroaderSearchView, ...] = ()
    try:
        outcome = run_named_query(registry, query, request, named)
        if not outcome.result.total and not named.is_said(outcome.result):
            broader = _broader_searches(registry, query, request, outcome.inference)
        found_by_words = outcome.result.total
        if not named.is_sure:
            typed = request.q if outcome.query.text != query.text else ""
            near = add_near_in_meaning(registry, outcome.query, outcome.result, typed)
            outcome = replace(outcome, result=near)
    except Unavailable:
        index_stale = True
    inference = outcome.inference
    result = named.add_to(outcome.result, size=size + numbers_in_searches.MAX_PINNED)
    if not found_by_words and not index_stale and page == 1 and not request.filters and not named.is_sure:
        registry.zero_result_log.record(query.text, query.lang)
    rows = result_rows(
        registry,
        result.ids,
        lang,
        highlights=result.highlights,
        synonyms=result.synonyms,
        near=near_matches(outcome.query, result),
    )
    return ResultsView(
        query=request.q[:MAX_QUERY_LENGTH],
        query_truncated=len(request.q) > MAX_QUERY_LENGTH,
        total=result.total,
        demo_total=result.demo_total,
        rows=tuple(rows),
        facets=facet_views(scope, inference.merged_with(request.filters), result, request.find),
        chosen_filters=_chosen_filters(request),
        inferred_filters=inferred_filter_views(scope, inference),
        did_you_mean=did_you_mean(result, rows, request.q),
        page=page,
        pages=max(1, -(-min(result.total, MAX_RESULT_DEPTH) // size)),
        size=size,
        first=(page - 1) * size + 1 if rows else 0,
        sort=query.sort,
        ended=request.include_ended,
        ended_hidden=result.ended_hidden,
        may_rank=may_rank(scope, inference.merged_with(request.filters)),
        index_stale=index_stale,
        relaxed=result.stage in (*RELAXED_STAGES, NEAR_STAGE),
        broader_searches=broader,
        since=request.since,
        until=request.until,
        parameter_errors=date_errors,
        explanation=explanation_view(registry, recorded, result, rows) if recorded else None,
        number=named.view(scope, result),
        number_parts=named.parts(),
        product_path=named.product_path(),
        places_not_held=places_not_held(registry, outcome),
        most_words=result.stage == "most",
        date_label=scope.date_label,
        founded=request.founded_years(),
    )


def _date_errors(request: SearchRequest, lang: str) -> dict[str, str]:
    """Return parameter → what is wrong with its date, in words."""
    try:
        request.date_range()
    except Invalid as problem:
        return {issue.field: issue_message(issue, lang) for issue in problem.issues}
    return {}


@dataclass(frozen=True, slots=True)
class SearchOutcome:
    """What was found, which words were taken for filters, and the query that was run for it."""

    result: SearchResult
    inference: FilterInference
    query: Query

    @property
    def is_strict(self) -> bool:
        """True if something has all that was asked for."""
        return bool(self.result.total) and self.result.stage in STRICT_STAGES


def run_query(registry: Registry, query: Query, request: SearchRequest) -> SearchOutcome:
    """Run a query, with words of it taken for filters where that finds something. Raises `Unavailable`.

    Words become filters only where the text names no record, and where what is left of it is found within them.
    """
    inference = infer_filters(query.text, request.scope.register, request.as_words)
    by_words = SearchOutcome(SearchResult(), FilterInference(query.text), query)
    if not inference.filters and not inference.asks_whether:
        by_words = replace(by_words, result=registry.search.find(query))
        if by_words.is_strict:
            return by_words
        inference = infer_filters(query.text, request.scope.register, request.as_words, alone=True)
        if not inference.filters:
            return by_words
    else:
        names = registry.search.count_name_matches(query.text)
        if names.exact or (names.prefix and " " not in query.text):
            return replace(by_words, result=registry.search.find(query))
    within_filters = _search_within(registry, query, inference)
    if within_filters.is_strict:
        return within_filters
    if not by_words.result.total:
        by_words = replace(by_words, result=registry.search.find(query))
    if by_words.is_strict:
        return by_words
    if inference.rest and inference.rest_is_secondary:
        near = registry.near_texts.near(inference.rest)
        if (
            near and query.sort == "relevance"
        ):  # 停产: the certificates that ended since it is "no longer made"
            narrowed = replace(within_filters.query, near=near, near_first=True, near_within=False)
            near_rest = registry.search.find(narrowed)
            if near_rest.total:
                return SearchOutcome(near_rest, inference, narrowed)
        filters_alone = _search_within(registry, query, replace(inference, rest=""))
        if filters_alone.result.total:
            return filters_alone
    by_any = inference.without_roles()
    if not within_filters.result.total and by_any.rest and by_any != inference:
        within_filters = _search_within(registry, query, by_any)
    # What lies in another place, or founded at another time, is no answer.
    return within_filters if within_filters.result.total or inference.filters else by_words


def run_named_query(
    registry: Registry, query: Query, request: SearchRequest, named: NumberInSearch
) -> SearchOutcome:
    """Run a query. Where a number in it names a record and no record has the other words too, the number alone is searched for:
    what adopts or cites it has it as well. Raises `Unavailable`.
    """
    outcome = run_query(registry, query, request)
    if outcome.is_strict or not named.pinned or named.answer is None or named.answer.read_as == query.text:
        return outcome
    by_number = run_query(registry, replace(query, text=named.answer.read_as), request)
    return by_number if by_number.is_strict else outcome


def _search_within(registry: Registry, query: Query, inference: FilterInference) -> SearchOutcome:
    """Search for the rest of a text within the filters that its other words mean."""
    since, until = (date_number(inference.date(name), last=name == TO) for name in (FROM, TO))
    narrowed = replace(
        query,
        text=inference.rest,
        filters=inference.merged_with(query.filters),
        since=query.since or since,
        until=query.until or until,
        include_ended=query.include_ended or inference.asks_whether,
        near_within=True,
    )
    return SearchOutcome(registry.search.find(narrowed), inference, narrowed)


def places_not_held(registry: Registry, outcome: SearchOutcome) -> tuple[Words, ...]:
    """Return the places that words of an empty search mean, of which the registers hold nothing at all."""
    if outcome.result.total or not outcome.inference.places:
        return ()
    scope = search_scope()
    return tuple(
        facet_value_words(scope, "region", code)
        for code in outcome.inference.places
        if not registry.search.find(Query(filters={"region": (code,)}, include_ended=True, limit=1)).total
    )


def _broader_searches(
    registry: Registry, query: Query, request: SearchRequest, inference: FilterInference
) -> tuple[BroaderSearchView, ...]:
    """Return the searches without one part of a text that no record has as a whole, as far as they find something."""
    parts = list(dict.fromkeys([inferred.words for inferred in inference.filters]))
    parts += [inference.rest] if inference.rest else []
    broader = []
    for left_out in parts[:MAX_BROADER_SEARCHES]:
        text = " ".join(part for part in parts if part != left_out)
        if text:
            shorter = replace(query, text=text, facets=(), offset=0, limit=1)
            result = run_query(registry, shorter, request).result
            if result.total and result.stage in STRICT_STAGES:
                broader.append(BroaderSearchView(left_out, text, result.total))
    return tuple(broader)


def inferred_filter_views(scope: SearchScope, inference: FilterInference) -> tuple[InferredFilterView, ...]:
    """Return the filters that words were taken for, with the words for their values."""
    return tuple(
        _inferred_filter_view(_scope_with_facet(scope, inference, inferred.name), inferred)
        for inferred in inference.filters
    )


def _inferred_filter_view(scope: SearchScope, inferred: InferredFilter) -> InferredFilterView:
    values = tuple((value, facet_value_words(scope, inferred.name, value)) for value in inferred.values)
    return InferredFilterView(inferred.words, inferred.name, scope.labels[inferred.name], values)


def _scope_with_facet(scope: SearchScope, inference: FilterInference, facet: str) -> SearchScope:
    """Return the scope that has a facet: the one that is searched, else that of a register that the words name."""
    if scope.covers(facet):
        return scope
    named = [
        value for inferred in inference.filters if inferred.name == "register" for value in inferred.values
    ]
    return search_scope(next(slug for slug in named if facet in own_facets(catalogue()[slug])))


def did_you_mean(result: SearchResult, rows: Sequence[ResultRowView], typed: str) -> tuple[str, ...]:
    """Return names of records that the reader may have meant, when no record has the words as typed."""
    if result.stage not in RELAXED_STAGES:
        return ()
    chinese = bool(CHINESE.search(typed))
    names = [
        (row.title.zh if chinese else row.title.en) or row.title.zh or row.title.en
        for row in rows[:MAX_SUGGESTED_NAMES]
    ]
    return tuple(name for name in dict.fromkeys(names) if name and name != typed)


def _chosen_filters(request: SearchRequest) -> tuple[ChosenFilterView, ...]:
    scope = request.scope
    impossible = {(each.field, each.params.get("value")) for each in filter_issues(request)}
    return tuple(
        ChosenFilterView(
            scope.labels[name],
            facet_value_words(scope, name, value, request.filters),
            name,
            value,
            is_possible=(name, value[:40]) not in impossible,
        )
        for name, values in request.filters.items()
        for value in values
        if name in scope.filters
    )
