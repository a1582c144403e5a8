"""Routes of /api/v1. Unknown parameters are refused, nothing is cut silently, errors are problem details."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.exceptions import UnsupportedMediaType

from portal.api import applications, document_schema, filing, own_records, quality
from portal.api.description import SCHEMA_JSON
from portal.api.parameters import check_parameters, limit_parameter, link_to_next, switch
from portal.web.responses import NO_STORE, Page
from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid, NotFound
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import finding, records, statistics
from registry.services.bootstrap import Registry
from registry.services.finding import PageOfItems, SearchRequest, SearchScope

JSON = "application/json"
CORS_HEADER = ("Access-Control-Allow-Origin", "*")  # public data, read without credentials
LIST_PARAMETERS = frozenset({"limit", "next", "ended", "sort"})
SEARCH_PARAMETERS = frozenset(
    {"q", "lang", "register", "sort", "limit", "next", "ended", "from", "to", "as_words", "explain"}
)
MAX_NUMBER_LENGTH = 200
ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def blueprint(registry: Registry) -> Blueprint:
    """Return the blueprint of the API: reading, and filing with a token."""
    api = Blueprint("api", __name__)

    def registers() -> Response:
        check_parameters(())
        return _json(records.registers_json(registry, ANONYMOUS))

    def register(slug: str) -> Response:
        check_parameters(())
        return _json(records.register_json(registry, ANONYMOUS, slug))

    def list_records(slug: str) -> Response:
        if request.method == "POST":
            return filing.create(registry, slug)
        scope = finding.search_scope(slug)
        filters = _filters(scope, LIST_PARAMETERS)
        requested = SearchRequest(
            scope=scope, filters=filters, include_ended=switch("ended"), sort=request.args.get("sort", "")
        )
        result = finding.list_json(registry, ANONYMOUS, requested, _page())
        return _json(result, next_token=result["next"])

    def record(slug: str, number: str) -> Response:
        if request.method == "PUT":
            return filing.amend(registry, slug, number)
        check_parameters(("at",))
        at = _day(request.args.get("at"))
        records.get_definition(slug)
        try:
            pointer = records.locate_on_day(registry, ANONYMOUS, slug, number, at=at)
            record_json = records.record_json(registry, ANONYMOUS, pointer, at)
            return _json(record_json, etag_prefix=filing.etag_prefix(record_json["version"]))
        except NotFound as missing:
            raise records.not_found_error(registry, ANONYMOUS, slug, number, at=at) from missing

    def search() -> Response:
        slug, register_filter = _registers()
        scope = finding.search_scope(slug)
        lang = _lang()
        requested = SearchRequest(
            q=request.args.get("q", ""),
            scope=scope,
            filters=register_filter | _filters(scope, SEARCH_PARAMETERS),
            sort=request.args.get("sort", ""),
            include_ended=switch("ended"),
            as_words=tuple(request.args.getlist("as_words")[: finding.MAX_FILTER_VALUES]),
            since=request.args.get("from", "").strip(),
            until=request.args.get("to", "").strip(),
            explain=switch("explain"),
        )
        result = finding.search_json(registry, ANONYMOUS, requested, _page(), lang=lang)
        return _json(result, next_token=result["next"])

    def count(slug: str = "") -> Response:
        check_parameters(("at", "origin"))
        at = _day(request.args.get("at"))
        origin = request.args.get("origin", statistics.ORIGINS[0])
        view = statistics.read_statistics(registry, ANONYMOUS, slug, origin=origin, day=at)
        return _json(statistics.statistics_json(view))

    def suggest() -> Response:
        check_parameters(("q", "lang"))
        typed, lang = request.args.get("q", ""), _lang()
        return _json(finding.suggest_json(registry, ANONYMOUS, typed, lang))

    def check() -> Response:
        check_parameters(())
        return _json({"items": records.check_json(registry, ANONYMOUS, _numbers())}, cached=False)

    api.after_request(_allow_other_origins)
    api.add_url_rule("/registers", "registers", registers)
    api.add_url_rule("/registers/<slug>", "register", register)
    api.add_url_rule("/registers/<slug>/schema.json", "schema", lambda slug: _schema(registry, slug))
    api.add_url_rule("/registers/<slug>/records", "records", list_records, methods=["GET", "POST"])
    api.add_url_rule("/registers/<slug>/records/<path:number>", "record", record, methods=["GET", "PUT"])
    api.add_url_rule("/search", "search", search)
    api.add_url_rule("/statistics", "statistics", count)
    api.add_url_rule("/statistics/<slug>", "register_statistics", count)
    api.add_url_rule("/suggest", "suggest", suggest)
    api.add_url_rule("/check", "check", check, methods=["POST"])
    _add_other_rules(api, registry)
    return api


def _add_other_rules(api: Blueprint, registry: Registry) -> None:
    """Add the figures of the quality page, and the addresses that take a token which files, beside those of records."""

    def figures() -> Response:
        check_parameters(())
        return _json(quality.quality_json(registry))

    api.add_url_rule("/quality", "quality", figures)
    applications.add_rules(api, registry)
    own_records.add_rules(api, registry)


def _schema(registry: Registry, slug: str) -> Response:
    check_parameters(())
    address = f"{registry.settings.base_url}{request.path}"
    described = document_schema.document_schema(records.get_definition(slug), address)
    return _json(described, content_type=SCHEMA_JSON)


def _json(
    body: Any,
    *,
    next_token: str | None = None,
    cached: bool = True,
    etag_prefix: str = "",
    content_type: str = JSON,
) -> Response:
    """Return a JSON response with a strong ETag that begins with `etag_prefix`; `next_token` becomes a Link to the next page."""
    data = orjson.dumps(body)
    if not cached:
        return Response(data, 200, [("Content-Type", JSON), ("Cache-Control", NO_STORE), CORS_HEADER])
    response = Page(data, content_type, etag_prefix=etag_prefix).respond(request)
    response.headers.add(*CORS_HEADER)
    return link_to_next(response, next_token)


def _allow_other_origins(response: Response) -> Response:
    """Answer the question that a browser asks before a page of another site may read or check (Fetch, CORS preflight)."""
    if request.method == "OPTIONS":
        readable = (response.allow or ()) if request.endpoint == "api.check" else ("GET", "HEAD", "OPTIONS")
        response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(readable))
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "86400"
    if CORS_HEADER[0] not in response.headers:
        response.headers.add(*CORS_HEADER)
    return response


def _filters(scope: SearchScope, others: frozenset[str]) -> dict[str, tuple[str, ...]]:
    known = scope.filters
    check_parameters((*sorted(known), *sorted(others)))
    return {
        name: tuple(request.args.getlist(name))
        for name in request.args
        if name in known and name != "register"
    }


def _registers() -> tuple[str, dict[str, tuple[str, ...]]]:
    """Return the one register to search in, or several as a filter, or ("", {}) for all.

    Raises `Invalid` for an unknown one.
    """
    chosen = tuple(dict.fromkeys(request.args.getlist("register")))
    known = tuple(catalogue())
    unknown = [slug for slug in chosen if slug not in known]
    if unknown:
        words = {"value": unknown[0][:60], "known": ", ".join(known)}
        raise Invalid((Issue("unknown_value", "register", {**words}),))
    if len(chosen) == 1:
        return chosen[0], {}
    return "", {"register": chosen} if chosen else {}


def _lang() -> str:
    lang = request.args.get("lang", "zh")
    if lang not in ("zh", "en"):
        raise Invalid((Issue("unknown_value", "lang", {"value": lang[:20], "known": "zh, en"}),))
    return lang


def _page() -> PageOfItems:
    """The part of a list that the parameters `limit` and `next` ask for."""
    return PageOfItems(limit_parameter(), request.args.get("next"))


def _day(written: str | None) -> dt.date | None:
    """Return the day of `?at=YYYY-MM-DD`; a future one is refused, as on the page. Raises `Invalid`."""
    if written is None:
        return None
    if not ISO_DAY.fullmatch(written):
        raise Invalid((Issue("date_shape", "at", {"value": written[:40]}),))
    try:
        day = dt.date.fromisoformat(written)
    except ValueError:
        raise Invalid((Issue("date_does_not_exist", "at", {"value": written}),)) from None
    if day > clock.today():
        raise Invalid((Issue("after_today", "at", {"value": written}),))
    return day


def _numbers() -> list[str]:
    """Return the numbers in the body. Raises `Invalid`, `UnsupportedMediaType` for a body that says it is not JSON."""
    if request.mimetype not in ("", JSON) and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType(f"Send {JSON}, not {request.mimetype[:60]}.")
    try:
        body = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        raise Invalid((Issue("not_json", ""),)) from None
    numbers = body.get("numbers") if isinstance(body, dict) else None
    if not isinstance(numbers, list) or not all(isinstance(number, str) for number in numbers):
        raise Invalid((Issue("numbers_wanted", "numbers"),))
    if not 1 <= len(numbers) <= records.MAX_CHECKED_NUMBERS:
        raise Invalid(
            (
                Issue(
                    "too_many_numbers",
                    "numbers",
                    {"count": len(numbers), "most": records.MAX_CHECKED_NUMBERS},
                ),
            )
        )
    too_long = [index for index, number in enumerate(numbers, start=1) if len(number) > MAX_NUMBER_LENGTH]
    if too_long:
        raise Invalid(
            tuple(
                Issue("number_too_long", f"numbers[{index}]", {"most": MAX_NUMBER_LENGTH})
                for index in too_long[:10]
            )
        )
    return numbers
