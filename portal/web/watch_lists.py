"""What the pages of watch lists at the desk and in the workspace share: the question of the address, the context, the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from portal.web.downloads import TableFormat, table_file
from registry import clock
from registry.registers import catalogue
from registry.services.watch_lists import WHENS, WatchListsView, WatchQuery

FILTERS = ("watch", "register", "region", "when", "named")
MAX_TYPED = 120  # characters of a number
MAX_LIST = 30  # characters of the name of a list
MAX_DIGITS = 5  # of a page


def asked() -> WatchQuery:
    """Return what the address asks for; what no list has is left out."""
    register, when, region = (request.args.get(name, "") for name in ("register", "when", "region"))
    page = request.args.get("page", "")
    return WatchQuery(
        watch=request.args.get("watch", "")[:MAX_LIST],
        register=register if register in catalogue() else "",
        region=region if region.isascii() and region.isdecimal() and len(region) == 2 else "",
        when=when if when in WHENS else "",
        named=request.args.get("named", "").strip()[:MAX_TYPED],
        page=int(page) if page.isascii() and page.isdecimal() and len(page) <= MAX_DIGITS else 1,
    )


def page_context(view: WatchListsView, query: WatchQuery) -> dict[str, Any]:
    """Return what the templates of the lists need."""
    pairs = [(name, value) for name in FILTERS if (value := getattr(query, name))]
    return {"lists": view, "query": query, "pairs": urlencode(pairs), "whens": WHENS}


def list_file(chunks: Iterator[bytes], file_format: TableFormat) -> Response:
    """Return the lists as a file."""
    return table_file(chunks, f"pinzheng-due-{clock.today().isoformat()}", file_format)
