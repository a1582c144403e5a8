"""The JSON of lists, searches and suggestions of the API; `records.projections` makes the records in them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import select

from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.i18n import LOCALES, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.registers import catalogue
from registry.search.port import SearchResult
from registry.services.bootstrap import Registry
from registry.services.finding import numbers_in_searches, search
from registry.services.finding.explanations import (
    RecordedSearch,
    explained_row_json,
    explanation_json,
    with_recorded_search,
)
from registry.services.finding.facets import facet_value_words
from registry.services.finding.filter_values import filter_issues
from registry.services.finding.near_in_meaning import add_near_in_meaning
from registry.services.finding.query_understanding.filter_inference import FilterInference
from registry.services.finding.requests import MAX_QUERY_LENGTH, SORTS, SearchRequest
from registry.services.finding.results.result_lines import fetch_passages, result_rows
from registry.services.finding.results.result_pages import read_position
from registry.services.finding.scales import RANK_SORT, counted_facets, may_rank
from registry.services.finding.scope import SearchScope
from registry.services.finding.suggestions import suggest_records
from registry.services.records.projections import Json, number_json, records_json
from registry.services.records.reading import get_definition
from registry.store.unit_of_work import read_transaction

MAX_TOKEN_LENGTH = 40
MAX_HIGHLIGHTED_WORDS = 16
MAX_POSITION = 2**63 - 1


@dataclass(frozen=True, slots=True)
class PageOfItems:
    """Which part of a list is asked for. `limit`: most items; `token`: `next` of the page before, None for the first."""

    limit: int
    token: str | None = None


def list_json(registry: Registry, actor: Actor, request: SearchRequest, page: PageOfItems) -> Json:
    """Return records of one register, in order of first publication or as `sort` says; `next` leads to the next page.

    Without filters the database answers; with filters the index names the records and the database gives them.
    Raises `Invalid` (filter or token), `Unavailable` (index away).
    """
    require(actor, Action.READ)
    definition = get_definition(request.scope.register)
    _check_filters(request)
    if request.sort:
        return _sorted_list_json(registry, request, page)
    last = _decode_token(page.token)
    if request.filters.keys() <= {"status"} and request.include_ended:
        ids = _record_ids(
            registry, definition, request.filters.get("status"), last=last, limit=page.limit + 1
        )
    else:
        query = search.build_query(registry, request, "en", offset=0, limit=page.limit + 1)
        ids = registry.search.ids_after(query, last)
    items = records_json(registry, ids[: page.limit], document=True)
    return {"items": items, "next": _encode_token(ids[page.limit - 1]) if len(ids) > page.limit else None}


def _sorted_list_json(registry: Registry, request: SearchRequest, page: PageOfItems) -> Json:
    """Records of one register in the order of `request.sort`, which the index knows."""
    _check_sort(request)
    position = read_position(page.token)
    query = search.build_query(
        registry, request, "en", offset=position.window_offset, limit=position.window_limit(page.limit)
    )
    result = registry.search.find(query)
    start = position.start_in(result.ids) if position.offset else 0
    shown = result.ids[start : start + page.limit]
    reached = position.window_offset + start + len(shown)
    following = position.after(shown, reached).token() if shown and reached < result.total else None
    return {"items": records_json(registry, shown, document=True), "next": following}


def _check_sort(request: SearchRequest) -> None:
    """Raises `Invalid` for an unknown order, and for one by rank across scales."""
    if request.sort and request.sort not in SORTS:
        raise Invalid(
            (Issue("unknown_value", "sort", {"value": request.sort[:40], "known": ", ".join(SORTS)}),)
        )
    if request.sort == RANK_SORT and not may_rank(request.scope, request.filters):
        raise Invalid((Issue("order_needs_one_scale", "sort", {"value": RANK_SORT}),))


def _record_ids(
    registry: Registry,
    definition: RegisterDefinition,
    statuses: Iterable[str] | None,
    *,
    last: int,
    limit: int,
) -> list[int]:
    statement = select(Record.id).where(Record.register == definition.slug, Record.id > last)
    if statuses is not None:
        known = [status for status in statuses if definition.life_cycle.has_state(status)]
        statement = statement.where(Record.status.in_(known))
    with read_transaction(registry.engine) as connection:
        return list(connection.execute(statement.order_by(Record.id).limit(limit)).scalars())


def search_json(
    registry: Registry, actor: Actor, request: SearchRequest, page: PageOfItems, *, lang: str
) -> Json:
    """Return a search as JSON. Raises `Invalid` for an unknown filter, sort or token, `Unavailable` without an index."""
    require(actor, Action.READ)
    scope = request.scope
    _check_filters(request)
    _check_sort(request)
    recorded: RecordedSearch | None = None
    if request.explain:
        registry, recorded = with_recorded_search(registry)
    position = read_position(page.token)
    facets = counted_facets(scope, request.filters)
    query = search.build_query(
        registry,
        request,
        lang,
        offset=position.window_offset,
        limit=position.window_limit(page.limit),
        facets=facets,
    )
    named = numbers_in_searches.number_named(registry, actor, request, is_first_page=not position.offset)
    query = replace(query, text=named.search_text(query.text))
    outcome = search.run_named_query(registry, query, request, named)
    if not named.is_sure:
        near = add_near_in_meaning(registry, outcome.query, outcome.result)
        outcome = replace(outcome, result=near)
    result = named.add_to(outcome.result, size=page.limit)
    is_number = named.is_sure or named.is_said(result)
    start = position.start_in(result.ids) if position.offset else 0
    shown = result.ids[start : start + page.limit]
    extras: dict[int, Json] = {
        record_id: {"near_text": result.near_texts.get(record_id)} for record_id in shown
    }
    if result.explanation is not None:
        for record_id, explained in (result.explanation.rows or {}).items():
            extras.setdefault(record_id, {})["explanation"] = explained_row_json(explained)
    items = records_json(registry, shown, document=False, extras=extras)
    for item in items:
        item["highlights"] = title_highlights(item, request.q)
    _add_passages(registry, items, shown, result)
    first_rows = result_rows(registry, shown[: search.MAX_SUGGESTED_NAMES], lang)
    reached = position.window_offset + start + len(shown)
    following = position.after(shown, reached).token() if shown and reached < result.total else None
    not_held = search.places_not_held(registry, outcome)
    return {
        "total": result.total,
        "demo_total": result.demo_total,
        "stage": result.stage,
        "items": items,
        "facets": {
            name: [
                {
                    "value": value,
                    "label": _label(request, name, value),
                    "count": count,
                    "demo": result.demo_facets.get(name, {}).get(value, 0),
                }
                for value, count in result.facets.get(name, ())
            ]
            for name in scope.facets
        },
        "filters_understood": [*_applied_json(request), *_inferred_json(scope, outcome.inference)],
        "did_you_mean": list(search.did_you_mean(result, first_rows, request.q)),
        "next": following,
        **({"explanation": explanation_json(recorded, result)} if recorded is not None else {}),
        **(
            {"places_not_held": [_label_pair(words, message=False) for words in not_held]} if not_held else {}
        ),
        **({"number": number_json(named.answer)} if named.answer and is_number else {}),
    }


def _add_passages(
    registry: Registry, items: Sequence[Json], ids: Sequence[int], result: SearchResult
) -> None:
    """Add `full_text` to items that are found by words of a full text: its page, a passage, where the words stand."""
    with_texts = {slug for slug, each in catalogue().items() if each.filing and each.filing.full_text}
    if not any(item["register"] in with_texts for item in items):
        return
    passages = fetch_passages(registry, ids, result.highlights, result.synonyms)
    for item in items:
        passage = passages.get(item["number"]) if item["register"] in with_texts else None
        if passage:
            item["full_text"] = {
                "page": passage.page,
                "passage": passage.text,
                "highlights": [list(mark) for mark in passage.marks],
            }


def suggest_json(registry: Registry, actor: Actor, typed: str, lang: str) -> Json:
    """Return what may be meant by what was typed so far: records, each with what tells it from others of its name.

    `records`: how many have the name, `demo_records` of them invented; of several, `address` is the path of their list and
    the rest that of the first of them.
    """
    return {
        "items": [
            {
                "register": each.row.register.slug,
                "register_label": {lang: gettext(each.row.register.label_one, lang) for lang in LOCALES},
                "number": each.row.number,
                "title": {
                    "zh": each.row.title.zh or None,
                    "en": each.row.title.en or None,
                    "en_source": each.row.title.en_source if each.row.title.en else None,
                },
                "region": {"zh": each.row.region.zh, "en": each.row.region.en} if each.row.region else None,
                "status": {"zh": each.row.status.zh, "en": each.row.status.en},
                "standing": each.row.status.standing,
                "demo": each.row.demo,
                "holder": {"zh": each.holder.zh or None, "en": each.holder.en or None}
                if each.holder
                else None,
                "told_apart_by": _label_pair(each.row.told_apart_by, message=False)
                if each.row.told_apart_by and each.records == 1
                else None,
                "records": each.records,
                "demo_records": each.demo_records,
                "address": f"/{lang}{each.path}",
            }
            for each in suggest_records(registry, actor, typed, lang)
        ]
    }


def _inferred_json(scope: SearchScope, inference: FilterInference) -> list[Json]:
    """Return the filters that words were taken for; `words` says which words."""
    return [
        {
            "name": view.name,
            "value": value,
            "label": _label_pair(words, message=view.name == "register"),
            "words": view.typed,
        }
        for view in search.inferred_filter_views(scope, inference)
        for value, words in view.values
    ]


def _applied_json(request: SearchRequest) -> list[Json]:
    """Return the filters that were applied; also the query where only its beginning was: nothing is cut silently."""
    scope = request.scope
    chosen = [("register", scope.register)] if scope.register else []
    chosen += [(name, value) for name, values in request.filters.items() for value in values]
    applied = [
        {"name": name, "value": value, "label": _label(request, name, value)} for name, value in chosen
    ]
    if len(request.q) > MAX_QUERY_LENGTH:
        words = {
            lang: gettext("Only the first %(most)s characters were used.", lang, most=MAX_QUERY_LENGTH)
            for lang in LOCALES
        }
        applied.append({"name": "q", "value": request.q[:MAX_QUERY_LENGTH], "label": words})
    return applied


def title_highlights(item: Json, q: str) -> dict[str, list[list[int]]]:
    """Return where the words of the query stand in the titles: `{"zh": [[start, end], …]}`, in characters."""
    highlights: dict[str, list[list[int]]] = {}
    for lang in ("zh", "en"):
        text = (item["title"][lang] or "").lower()
        ranges = []
        for word in q.lower().replace('"', " ").split()[:MAX_HIGHLIGHTED_WORDS]:
            start = text.find(word)
            if start >= 0:
                ranges.append([start, start + len(word)])
        if ranges:
            highlights[lang] = sorted(ranges)
    return highlights


def _label(request: SearchRequest, name: str, value: str) -> Json:
    words = facet_value_words(request.scope, name, value, request.filters)
    return _label_pair(words, message=name == "register")


def _label_pair(words: Words, *, message: bool) -> Json:
    if message:
        return {"zh": gettext(words.zh, "zh"), "en": gettext(words.en, "en")}
    return {"zh": words.zh, "en": words.en}


def _check_filters(request: SearchRequest) -> None:
    """Raises `Invalid` for filters and values that the scope does not have: a misspelt one must not pass for no match."""
    if issues := filter_issues(request):
        raise Invalid(issues)


def _encode_token(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def _decode_token(token: str | None) -> int:
    """Return the position of a `next` token, 0 for none. Raises `Invalid` for what `_encode_token` has not made."""
    if token is None:
        return 0
    typed = token[:MAX_TOKEN_LENGTH]
    try:
        position = int(base64.urlsafe_b64decode(typed + "=" * (-len(typed) % 4)))
    except ValueError:
        position = -1
    if not 0 < position <= MAX_POSITION or _encode_token(position) != token:
        raise Invalid((Issue("bad_token", "next", {"value": typed}),))
    return position
