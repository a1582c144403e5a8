"""The JSON of lists, searches and suggestions of the API; the records in them as `projections` gives them."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping

from sqlalchemy import select

from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.i18n import LOCALES, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.services.bootstrap import Registry
from registry.services.finding import facets, requests, search
from registry.services.finding.filter_inference import FilterInference
from registry.services.finding.requests import SearchRequest
from registry.services.finding.result_lines import result_rows
from registry.services.records import facet_names
from registry.services.records.projections import Json, records_json
from registry.services.records.reading import get_definition
from registry.store.unit_of_work import read_transaction


def list_json(
    registry: Registry,
    actor: Actor,
    slug: str,
    filters: Mapping[str, tuple[str, ...]],
    limit: int,
    after: str | None,
    *,
    ended: bool = False,
) -> Json:
    """Records of a register in order of first publication; `next` goes on where this page ends.

    Without filters the database answers; with filters the index names the records and the database gives them.
    Raises `NotFound` (register), `Invalid` (filter or token), `Unavailable` (index away).
    """
    require(actor, Action.READ)
    definition = get_definition(slug)
    _check_filter_names(slug, filters)
    last = _decode_token(after)
    if filters.keys() <= {"status"} and ended:
        ids = _record_ids(registry, definition, filters.get("status"), last, limit + 1)
    else:
        request = SearchRequest("", slug, filters, include_ended=ended)
        query = search.build_query(registry, request, "en", facets=(), offset=0, limit=limit + 1)
        ids = registry.search.ids_after(query, last)
    items = records_json(registry, ids[:limit], document=True)
    return {"items": items, "next": _encode_token(ids[limit - 1]) if len(ids) > limit else None}


def _record_ids(
    registry: Registry, definition: RegisterDefinition, statuses: Iterable[str] | None, last: int, limit: int
) -> list[int]:
    statement = select(Record.id).where(Record.register == definition.slug, Record.id > last)
    if statuses is not None:
        known = [status for status in statuses if definition.life_cycle.has_state(status)]
        statement = statement.where(Record.status.in_(known))
    with read_transaction(registry.engine) as connection:
        return list(connection.execute(statement.order_by(Record.id).limit(limit)).scalars())


def search_json(
    registry: Registry, actor: Actor, request: SearchRequest, limit: int, after: str | None, lang: str
) -> Json:
    """Search as JSON. Raises `Invalid` for an unknown filter or token, `Unavailable` when the index is away."""
    require(actor, Action.READ)
    if request.register:
        get_definition(request.register)
    _check_filter_names(request.register, request.filters)
    if request.sort and request.sort not in requests.SORTS:
        raise Invalid(
            (
                Issue(
                    "unknown_value",
                    "sort",
                    {"value": request.sort[:40], "known": ", ".join(requests.SORTS)},
                ),
            )
        )
    offset = _decode_token(after)
    names = facet_names.available_facets(request.register)
    query = search.build_query(registry, request, lang, facets=names, offset=offset, limit=limit)
    taken = search.run_query(registry, query, request)
    found, understood = taken.result, taken.inference
    items = records_json(registry, found.ids, document=False)
    for item in items:
        item["highlights"] = title_highlights(item, request.q)
    following = offset + limit
    return {
        "total": found.total,
        "items": items,
        "facets": {
            name: [
                {"value": value, "label": _label(request.register, name, value), "count": count}
                for value, count in found.facets.get(name, ())
            ]
            for name in names
        },
        "filters_understood": [*_applied_json(request), *_inferred_json(request, understood)],
        "did_you_mean": list(
            search.did_you_mean(found, result_rows(registry, found.ids[:3], lang), request.q)
        ),
        "next": _encode_token(following) if following < found.total else None,
    }


def suggest_json(registry: Registry, actor: Actor, typed: str, lang: str) -> Json:
    """Records for what was typed so far, each with what tells it from others of its name. `address` is its page."""
    return {
        "items": [
            {
                "register": row.register.slug,
                "register_label": {each: gettext(row.register.label_one, each) for each in LOCALES},
                "number": row.number,
                "title": {"zh": row.title.zh or None, "en": row.title.en or None},
                "region": {"zh": row.region.zh, "en": row.region.en} if row.region else None,
                "status": {"zh": row.status.zh, "en": row.status.en},
                "standing": row.status.standing,
                "address": f"/{lang}{row.path}",
            }
            for row in search.suggest_records(registry, actor, typed, lang)
        ]
    }


def _inferred_json(request: SearchRequest, understood: FilterInference) -> list[Json]:
    """The filters that words were taken for; `words` says which."""
    return [
        {
            "name": view.name,
            "value": value,
            "label": _label_pair(words, message=view.name == "register"),
            "words": view.typed,
        }
        for view in search.inferred_filter_views(request.register, understood)
        for value, words in view.values
    ]


def _applied_json(request: SearchRequest) -> list[Json]:
    """The filters that were applied; the query too where only its beginning was: nothing is cut silently."""
    chosen = [("register", request.register)] if request.register else []
    chosen += [(name, value) for name, values in request.filters.items() for value in values]
    understood = [
        {"name": name, "value": value, "label": _label(request.register, name, value)}
        for name, value in chosen
    ]
    if len(request.q) > requests.MAX_QUERY_LENGTH:
        words = {
            lang: gettext(
                "Only the first %(most)s characters were used.", lang, most=requests.MAX_QUERY_LENGTH
            )
            for lang in LOCALES
        }
        understood.append({"name": "q", "value": request.q[: requests.MAX_QUERY_LENGTH], "label": words})
    return understood


def title_highlights(item: Json, q: str) -> dict[str, list[list[int]]]:
    """Where the words of the query stand in the titles: `{"zh": [[start, end], …]}`, in characters."""
    marks: dict[str, list[list[int]]] = {}
    for lang in ("zh", "en"):
        text = (item["title"][lang] or "").lower()
        found = []
        for word in q.lower().replace('"', " ").split()[:16]:
            start = text.find(word)
            if start >= 0:
                found.append([start, start + len(word)])
        if found:
            marks[lang] = sorted(found)
    return marks


def _label(register: str, name: str, value: str) -> Json:
    return _label_pair(facets.facet_value_words(register, name, value), message=name == "register")


def _label_pair(words: Words, *, message: bool) -> Json:
    if message:
        return {"zh": gettext(words.zh, "zh"), "en": gettext(words.en, "en")}
    return {"zh": words.zh, "en": words.en}


def _check_filter_names(register: str, filters: Mapping[str, tuple[str, ...]]) -> None:
    known = {*facet_names.available_facets(register), "linked", "standing"}
    unknown = [name for name in filters if name not in known]
    if unknown:
        raise Invalid(
            tuple(
                Issue("unknown_parameter", name, {"name": name, "known": ", ".join(sorted(known))})
                for name in unknown
            )
        )


def _encode_token(position: int) -> str:
    return base64.urlsafe_b64encode(str(position).encode()).decode().rstrip("=")


def _decode_token(token: str | None) -> int:
    """A place from an earlier answer's `next`. Raises `Invalid` for anything that `_token` has not made."""
    if token is None:
        return 0
    try:
        place = int(base64.urlsafe_b64decode(token[:40] + "=" * (-len(token[:40]) % 4)))
    except ValueError:
        place = -1
    if not 0 < place < 2**63 or _encode_token(place) != token:
        raise Invalid((Issue("bad_token", "next", {"value": token[:40]}),))
    return place
