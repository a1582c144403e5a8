"""Limits per network on reads that cost, generous enough for an office behind one address.

`RateLimit` and `RateLimit-Policy` tell a program where it stands (draft-ietf-httpapi-ratelimit-headers). Who is signed in, and
a program with a token, has an allowance of its own. Networks of the operator have a thousandfold one.
"""

from __future__ import annotations

import functools
import math
import socket
import threading
from datetime import timedelta

from cachetools import TTLCache
from flask import Flask, Response, g, request

from portal.web import access
from portal.web.shared_counts import Allowance, SharedCounts, Usage
from portal.web.site import Site
from registry import clock
from registry.accounts import networks
from registry.accounts.policy import ANONYMOUS
from registry.errors import RegistryError, TooManyAttempts
from registry.services import people

WINDOW = 60.0  # seconds, of all allowances
KIND_OF_ENDPOINT = {
    "public.search": "search",
    "public.register": "search",
    "public.compare": "search",
    "public.product": "search",
    "api.search": "search",
    "api.records": "search",
    "api.suggest": "suggest",
    "public.verify": "check",
    "api.check": "check",
    "feeds.search": "feeds",
    "feeds.register": "feeds",
    "feeds.record": "feeds",
    "public.exports.all": "exports",
    "public.exports.search": "exports",
    "public.exports.register": "exports",
    "public.compare_sheet": "exports",
    "public.sitemap": "exports",
    "public.sitemap_part": "exports",
}
PAST_DAYS = frozenset(
    {
        "public.statistics",
        "public.register_statistics",
        "public.statistics_chart",
        "public.register_statistics_chart",
        "api.statistics",
        "api.register_statistics",
    }
)
RECORD, TYPESET = "public.record", "/record.pdf"  # the address of a record, and its end where it is typeset
FAVOUR = 1000  # how many times as much the networks of the operator may ask
KNOWN_SECONDS, MOST_KNOWN = 60, 4096  # for how long, and of how many keys, it is kept whose they are
BEARER = "bearer "
COUNTED_METHODS = frozenset({"GET", "HEAD", "POST"})


def install(app: Flask, site: Site) -> None:
    """Count the reads that cost; answer 429 to who has used the allowance up, and tell all where they stand."""
    if not site.registry.settings.reading_limits:
        return
    readers = Readers(app, site)
    counts = SharedCounts(
        site.registry.settings.data_dir / f"reading-counts-{socket.gethostname()}",
        site.registry.settings.secret_key,
    )

    def count() -> None:
        kind = kind_of_request()
        quota = site.registry.settings.reading_limits.get(kind, 0)
        if not quota:
            return
        key, favour = readers.identify()
        allowance = Allowance(quota * favour, WINDOW)
        usage = counts.use(f"{kind} {key}", allowance)
        g.reading_limit = (kind, allowance, usage)
        if usage.wait:
            raise TooManyAttempts(clock.now() + timedelta(seconds=math.ceil(usage.wait)))

    app.before_request(count)
    app.after_request(tell)


def kind_of_request() -> str:
    """Return the kind of the allowance that this request uses, "" for none."""
    endpoint = request.endpoint or ""
    if request.method not in COUNTED_METHODS or (endpoint == "api.records" and request.method == "POST"):
        return ""  # filing counts by token
    if endpoint == RECORD and request.path.endswith(TYPESET):
        return "documents"
    if endpoint in PAST_DAYS:
        return "statistics" if request.args.get("at") else ""
    return KIND_OF_ENDPOINT.get(endpoint, "")


def tell(response: Response) -> Response:
    """Add the headers that say what is left of the allowance."""
    if "reading_limit" in g:
        kind, allowance, usage = g.reading_limit
        add_headers(response, kind, allowance, usage)
    return response


def add_headers(response: Response, kind: str, allowance: Allowance, usage: Usage) -> None:
    """Add `RateLimit-Policy` and `RateLimit`. `t`: seconds until the whole allowance is there again."""
    response.headers["RateLimit-Policy"] = f'"{kind}";q={allowance.quota};w={allowance.window:.0f}'
    response.headers["RateLimit"] = f'"{kind}";r={usage.left};t={math.ceil(usage.reset)}'


class Readers:
    """Who a request is counted for: a signed-in person, a token, or a network."""

    def __init__(self, app: Flask, site: Site) -> None:
        self._app, self._site = app, site
        self._known: TTLCache[tuple[str, str], int] = TTLCache(MOST_KNOWN, KNOWN_SECONDS)  # 0: of no one
        self._lock = threading.Lock()
        self._network = functools.lru_cache(4096)(self._network_of)

    def identify(self) -> tuple[str, int]:
        """Return the key of this request's allowance, and how many times as large it is as usual."""
        if request.headers.get("Authorization", "")[: len(BEARER)].lower() == BEARER:
            key = request.headers["Authorization"][len(BEARER) :].strip()[:200]
            if owner := self._owner("token", key):
                return f"token {owner}", 1
        if self._app.config["SESSION_COOKIE_NAME"] in request.cookies:
            # Opened apart: the session of the request would make caches ask who is signed in.
            opened = self._app.session_interface.open_session(self._app, request)
            key = str(opened.get(access.SESSION_KEY, "")) if opened else ""
            if key and (owner := self._owner("person", key)):
                return f"person {owner}", 1
        forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))[-1000:]
        return self._network(request.remote_addr or "", forwarded)

    def _network_of(self, peer: str, forwarded: str) -> tuple[str, int]:
        settings = self._site.registry.settings
        address = networks.client_address(peer, forwarded, settings.trusted_proxies)
        favoured = networks.is_in(address, settings.favoured_networks)
        return f"network {networks.network_of(address)}", FAVOUR if favoured else 1

    def _owner(self, kind: str, key: str) -> int:
        """The id of the person or token with this key, 0 if there is none; looked up at most once a minute."""
        with self._lock:
            known = self._known.get((kind, key))
        if known is None:
            find = people.find_token if kind == "token" else people.find_reader
            try:
                known = find(self._site.registry, ANONYMOUS, key) or 0
            except RegistryError:  # the page itself will say so
                return 0
            with self._lock:
                self._known[kind, key] = known
        return known
