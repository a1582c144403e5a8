"""What requests with a token have in common: who sends them, their body as JSON, the key with which they may come again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any, Literal

import orjson
from flask import Response, request

from portal.web.control_characters import find_in_json
from portal.web.errors import problem_response, request_lang
from portal.web.responses import NO_STORE
from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import MAX_ISSUES, Issue
from registry.kit.schema import unknown_field
from registry.observing.work import note_user
from registry.services import filing, people
from registry.services.bootstrap import Registry
from registry.services.issue_messages import issue_message
from registry.services.people import KeyedRequest, ProgramAnswer, TokenBearer

JSON = "application/json"
IDEMPOTENCY_KEY = re.compile(r"[\x21-\x7e]{1,255}")
BEARER_SCHEME = "bearer "
BEARER_CHALLENGE = 'Bearer realm="Pinzheng"'
# Codes of a request that is wrong as such: 400; what is wrong with what it says is 422.
MALFORMED = frozenset(
    {"not_json", "fields_wanted", "idempotency_key_form", "unknown_parameter", "unknown_value"}
)
BodyKind = Literal["text", "flag", "number", "texts", "values", "object", "objects"]
MAX_VALUES = 200  # of a part of a body that names fields
MAX_QUOTED = 60  # characters
LARGEST_NUMBER = 2**31 - 1


def authenticate(registry: Registry) -> TokenBearer | Response:
    """Return the bearer of the request's token, or 401 with what is missing. Cookies are ignored here."""
    given = request.headers.get("Authorization", "")
    bearer = None
    if given[: len(BEARER_SCHEME)].lower() == BEARER_SCHEME:
        bearer = people.authenticate_token(registry, ANONYMOUS, given[len(BEARER_SCHEME) :].strip()[:200])
    if bearer is not None:
        note_user("program")
        return bearer
    why = (
        "This token is unknown, revoked or past its time."
        if given
        else "Send Authorization: Bearer and a token."
    )
    response = problem_response(401, detail=why)
    response.headers["WWW-Authenticate"] = (
        f'{BEARER_CHALLENGE}, error="invalid_token"' if given else BEARER_CHALLENGE
    )
    return response


def insufficient_scope(scope: str) -> str:
    """Return the header that says which scope a token would need (RFC 6750, 3.1)."""
    return f'{BEARER_CHALLENGE}, error="insufficient_scope", scope="{scope}"'


def read_json() -> tuple[bytes, Any]:
    """Return the body of the request, as it came and as JSON. Raises `Invalid`."""
    body = request.get_data()
    try:
        return body, orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Invalid((Issue("not_json"),)) from None


def read_fields(kinds: Mapping[str, BodyKind]) -> tuple[bytes, dict[str, Any]]:
    """Return the body of the request, as it came and its fields by name; of those left out nothing.

    `kinds`: of every field that there is. Values of `values` are texts or numbers, which become texts. An empty body has no
    field. Raises `Invalid`.
    """
    if not request.get_data():
        return b"", {}
    sent, body = read_json()
    if not isinstance(body, dict):
        raise Invalid((Issue("fields_wanted"),))
    unknown = (name for name in body if name not in kinds)
    if issues := tuple(map(unknown_field, islice(unknown, MAX_ISSUES))):
        raise Invalid(issues)
    if issues := find_in_json(sent, body):
        raise Invalid(issues)
    wrong = tuple(
        Issue("wrong_type", name, {"value": str(value)[:MAX_QUOTED]})
        for name, value in body.items()
        if not _is_of_kind(kinds[name], value)
    )
    if wrong:
        raise Invalid(wrong)
    as_text = {name: _as_texts(value) for name, value in body.items() if kinds[name] == "values"}
    return sent, {**body, **as_text}


def fields_of(body: Mapping[str, Any], kinds: Mapping[str, BodyKind], place: str) -> dict[str, Any]:
    """Return the fields of an object inside a body, as `read_fields` does; `place`: where it stands. Raises `Invalid`."""
    issues = [
        Issue("unknown_field", f"{place}.{name}"[:MAX_QUOTED], {"name": str(name)[:MAX_QUOTED]})
        for name in body
        if name not in kinds
    ]
    issues += [
        Issue("wrong_type", f"{place}.{name}", {"value": str(value)[:MAX_QUOTED]})
        for name, value in body.items()
        if name in kinds and not _is_of_kind(kinds[name], value)
    ]
    if issues:
        raise Invalid(tuple(issues[:MAX_ISSUES]))
    return {name: _as_texts(value) if kinds[name] == "values" else value for name, value in body.items()}


def _is_of_kind(kind: BodyKind, value: Any) -> bool:
    if kind == "flag":
        return isinstance(value, bool)
    if kind == "number":
        return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= LARGEST_NUMBER
    if kind == "object":
        return isinstance(value, dict)
    if kind == "texts":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if kind == "objects":
        return isinstance(value, list) and all(isinstance(each, dict) for each in value)
    if kind == "values":
        return (
            isinstance(value, dict)
            and len(value) <= MAX_VALUES
            and all(
                isinstance(each, str | int | float) and not isinstance(each, bool) for each in value.values()
            )
        )
    return isinstance(value, str)


def _as_texts(values: Mapping[str, str | float]) -> dict[str, str]:
    return {
        name: value if isinstance(value, str) else orjson.dumps(value).decode()
        for name, value in values.items()
    }


def idempotency_key() -> str:
    """Return the key with which the request may come again, "" for none. Raises `Invalid`."""
    key = request.headers.get("Idempotency-Key", "")
    if "Idempotency-Key" in request.headers and not IDEMPOTENCY_KEY.fullmatch(key):
        raise Invalid((Issue("idempotency_key_form", "Idempotency-Key"),))
    return key


def fingerprint_of(body: bytes) -> str:
    """Return what must be the same when a request comes again with its key: method, address and body."""
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + body).hexdigest()


def keyed_request(bearer: TokenBearer, body: bytes) -> KeyedRequest:
    """Return the request as one that may come again. Raises `Invalid`."""
    return KeyedRequest(bearer.token_id, idempotency_key(), fingerprint_of(body))


def versions_to_match(letter: str) -> frozenset[int] | Response | None:
    """Return the versions that `If-Match` names, None for any (`*`), or 428 where there is no such header (RFC 6585).

    `letter`: with which the ETags of what is changed begin, before the version and a hyphen.
    """
    header = request.headers.get("If-Match")
    if header is None:
        detail = (
            "Send If-Match with the ETag of the record as you have read it, or * for whatever it says now."
        )
        return problem_response(428, detail=detail)
    pattern = re.compile(rf'\s*(?:"{letter}([0-9]{{1,9}})-[0-9a-z-]*"|(\*))\s*')
    tags = [pattern.fullmatch(tag) for tag in header.split(",")]
    if any(tag and tag[2] for tag in tags):
        return None
    return frozenset(int(tag[1]) for tag in tags if tag and tag[1])


def issues_with_words(
    issues: Iterable[Issue], definition: RegisterDefinition | None
) -> list[dict[str, object]]:
    """Return issues as a problem document has them, in the words of the reader's language; `definition`: of the register that they are about."""
    lang = request_lang()
    fields = definition.schema.register_fields() if definition else {}
    described = []
    for issue in issues:
        told: dict[str, object] = {**issue.as_json()}
        if definition is not None and issue.field in fields:
            told["message"] = filing.describe_issue(issue, definition.slug, lang)
            if possible := filing.possible_answers(issue, definition.slug):
                told["possible"] = possible
        else:
            told["message"] = issue_message(issue, lang, definition)
        described.append(told)
    return described


def json_response(body: bytes, status: int = 200) -> Response:
    """Return a response in JSON that no cache keeps."""
    return Response(body, status, [("Content-Type", JSON), ("Cache-Control", NO_STORE)])


def program_response(answer: ProgramAnswer, location: str = "") -> Response:
    """Return the answer to a request of a program, which says whether it was given before under the same key. `location`: of what was made."""
    response = json_response(answer.body, answer.status)
    if location:
        response.headers["Location"] = location
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response
