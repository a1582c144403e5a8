"""All records that a search finds, by their ids: for files of results, which hold more than a page shows."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from registry.accounts.policy import Action, Actor, require
from registry.services.bootstrap import Registry
from registry.services.finding import numbers_in_searches
from registry.services.finding.near_in_meaning import add_near_in_meaning
from registry.services.finding.requests import SearchRequest
from registry.services.finding.search import build_query, run_query


class ResultIds(NamedTuple):
    """Ids in the order of the list, and how many records the list has in all."""

    ids: tuple[int, ...]
    total: int


def list_result_ids(
    registry: Registry, actor: Actor, request: SearchRequest, lang: str, *, limit: int
) -> ResultIds:
    """Return the first `limit` records of a list, whatever page of it is asked for.

    Raises `Invalid` (dates), `Unavailable` (index away).
    """
    require(actor, Action.EXPORT)
    first_page = replace(request, page=1)
    query = build_query(registry, first_page, lang, offset=0, limit=limit)
    named = numbers_in_searches.number_named(registry, actor, first_page)
    query = replace(query, text=named.search_text(query.text))
    outcome = run_query(registry, query, first_page)
    result = outcome.result
    if not named.is_sure:
        result = add_near_in_meaning(registry, outcome.query, result)
    result = named.add_to(result, size=limit)
    return ResultIds(tuple(result.ids[:limit]), max(result.total, len(result.ids)))
