"""Filing with a token: `POST` a declaration, `PUT` another version of it (RFC 6750, RFC 9110, RFC 9457)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Any

import orjson
from flask import Response, request

from portal.api.requests import (
    JSON,
    MALFORMED,
    authenticate,
    fingerprint_of,
    idempotency_key,
    insufficient_scope,
    issues_with_words,
    json_response,
    program_response,
    read_json,
    versions_to_match,
)
from portal.web.control_characters import find_in_json
from portal.web.errors import problem_response
from portal.web.responses import NO_STORE, Page
from registry.errors import Forbidden, Invalid, Stale
from registry.kit.issues import MAX_ISSUES, Issue
from registry.kit.life_cycle import STATUS_REASON
from registry.kit.schema import unknown_field
from registry.registers import catalogue
from registry.services import filing, records
from registry.services.bootstrap import Registry
from registry.services.filing import (
    AMENDMENT_NOTE,
    AMENDMENT_REASON,
    FilingRequest,
)
from registry.services.people import ProgramAnswer

STATUS, GROUNDS = "status", (STATUS_REASON, "legal_basis")  # of a withdrawal
TEXT_FIELDS = ("signer", AMENDMENT_REASON, AMENDMENT_NOTE, STATUS, *GROUNDS)  # beside the document
BODY_FIELDS = frozenset({"document", *TEXT_FIELDS})


def etag_prefix(version: int) -> str:
    """Return the beginning of the ETag of a record: sealing changes the response, but not what may be amended."""
    return f"v{version}-"


def create(registry: Registry, slug: str) -> Response:
    """Publish a new record."""
    return _file(registry, lambda: _read_request(slug))


def amend(registry: Registry, slug: str, number: str) -> Response:
    """Publish another version of a record; `If-Match` says which version the program has seen."""
    versions = versions_to_match("v")
    if isinstance(versions, Response):
        return versions
    return _file(registry, lambda: _read_request(slug, number, versions))


def _file(registry: Registry, read: Callable[[], FilingRequest]) -> Response:
    """File or, with `dry_run=1`, check what a program has sent, and return the response in the form of the API."""
    slug = records.get_definition(str((request.view_args or {})["slug"])).slug
    bearer = authenticate(registry)
    if isinstance(bearer, Response):
        return bearer
    dry_run = request.args.get("dry_run", "0")
    try:
        _check_parameters(dry_run)
        sent = read()
        if dry_run == "1":
            checked = filing.check_request(registry, bearer.actor, bearer, sent)
            body = {
                "would": checked.operation,
                "issues": [],
                "notices": issues_with_words(checked.notices, catalogue()[slug]),
            }
            return json_response(orjson.dumps(body))
        return _record_response(filing.file_request(registry, bearer.actor, bearer, sent), slug)
    except Invalid as refused:
        malformed = MALFORMED | {"document_wanted"}
        status = 400 if {issue.code for issue in refused.issues} <= malformed else 422
        return problem_response(status, refused, issues=issues_with_words(refused.issues, catalogue()[slug]))
    except Stale as stale:
        return problem_response(412, stale)
    except Forbidden as forbidden:
        response = problem_response(403, forbidden)
        if bearer.scope != "declare" and dry_run != "1":
            response.headers["WWW-Authenticate"] = insufficient_scope("declare")
        return response


def _read_request(slug: str, number: str = "", versions: frozenset[int] | None = None) -> FilingRequest:
    """Return the body of the request. Raises `Invalid`."""
    body_bytes, body = read_json()
    nothing: dict[str, Any] | None = (
        {} if isinstance(body, dict) and body.get(STATUS) else None
    )  # a withdrawal needs no facts
    document = body.get("document", nothing) if isinstance(body, dict) else None
    texts = {name: body.get(name, "") for name in TEXT_FIELDS} if isinstance(body, dict) else {}
    if not isinstance(document, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise Invalid((Issue("document_wanted", "document"),))
    unknown = (name for name in body if name not in BODY_FIELDS)
    if not_asked := tuple(map(unknown_field, islice(unknown, MAX_ISSUES))):
        raise Invalid(not_asked)
    if issues := (*find_in_json(body_bytes, document), *find_in_json(body_bytes, texts)):
        raise Invalid(issues)
    key, fingerprint = idempotency_key(), fingerprint_of(body_bytes)
    return FilingRequest(
        slug,
        document,
        texts["signer"],
        number,
        versions,
        key,
        fingerprint,
        texts[AMENDMENT_REASON],
        texts[AMENDMENT_NOTE],
        status=texts[STATUS],
        grounds={name: texts[name] for name in GROUNDS if texts[name]},
    )


def _check_parameters(dry_run: str) -> None:
    unknown = [name for name in request.args if name != "dry_run"]
    if unknown:
        raise Invalid((Issue("unknown_parameter", unknown[0], {"name": unknown[0], "known": "dry_run"}),))
    if dry_run not in ("0", "1"):
        raise Invalid((Issue("unknown_value", "dry_run", {"value": dry_run[:20], "known": "0, 1"}),))


def _record_response(answer: ProgramAnswer, slug: str) -> Response:
    """Return the record as it was published, with its address and ETag."""
    record: dict[str, Any] = orjson.loads(answer.body)
    page = Page(answer.body, JSON, NO_STORE, etag_prefix=etag_prefix(record["version"]))
    response = program_response(answer, f"/api/v1/registers/{slug}/records/{record['number']}")
    response.headers["ETag"] = f'"{page.etag}"'
    return response
