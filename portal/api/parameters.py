"""Parameters of addresses of the API. One that an address does not have is refused: a misspelt filter must not be ignored."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request

from registry.errors import Invalid
from registry.kit.issues import Issue

MAX_LIMIT = 100
DEFAULT_LIMIT = 20


def check_parameters(known: tuple[str, ...]) -> None:
    """Raise `Invalid` for parameters that this address does not have: a misspelt filter must not be ignored."""
    unknown = [name for name in request.args if name not in known]
    if unknown:
        words = ", ".join(known) or "—"
        raise Invalid(
            tuple(Issue("unknown_parameter", name, {"name": name, "known": words}) for name in unknown)
        )


def limit_parameter() -> int:
    """Return how many items a page of a list has. Raises `Invalid`."""
    written = request.args.get("limit", str(DEFAULT_LIMIT))
    digits = written.isascii() and written.isdecimal() and len(written) <= len(str(MAX_LIMIT))
    if not (digits and 1 <= int(written) <= MAX_LIMIT):
        raise Invalid((Issue("limit_range", "limit", {"value": written[:20], "most": MAX_LIMIT}),))
    return int(written)


def switch(name: str) -> bool:
    """Return whether a parameter is 1. Raises `Invalid` for anything but 0 and 1."""
    written = request.args.get(name, "0")
    if written not in ("0", "1"):
        raise Invalid((Issue("unknown_value", name, {"value": written[:20], "known": "0, 1"}),))
    return written == "1"


def link_to_next(response: Response, token: str | None) -> Response:
    """Return the response with a Link to the next page of a list, with the parameters of this one; without a token as it is (RFC 8288)."""
    if token:
        pairs = [(name, value) for name, value in request.args.items(multi=True) if name != "next"]
        query = urlencode([*pairs, ("next", token)])
        response.headers.add("Link", f'<{request.path}?{query}>; rel="next"')
    return response
