"""The query of a request in UTF-8, whatever a browser or a program has sent.

Old browsers and address bars percent-encode Chinese in GBK, and some programs send raw bytes (RFC 3986, 2.1, asks for
percent-encoded UTF-8). Both are read as what they mean, so that the words are searched for and not refused.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

LEGACY_ENCODING = "gb18030"
KEPT_SIGNS = "%&=+;/?:@!$'()*,-._~"  # signs that separate parameters, or mean themselves in a query


def repair_query(environ: dict[str, Any]) -> None:
    """Write the query of a WSGI environment as percent-encoded UTF-8. What is neither UTF-8 nor GB18030 stays."""
    query: str = environ.get("QUERY_STRING", "")
    if query.isascii():
        if "%" in query:
            environ["QUERY_STRING"] = "&".join(map(_repaired, query.split("&")))
        return
    raw = query.encode("latin-1", "replace")  # WSGI hands over bytes as Latin-1 (PEP 3333)
    environ["QUERY_STRING"] = quote_from_bytes(_as_utf8(raw), KEPT_SIGNS)


def _repaired(parameter: str) -> str:
    """One parameter, encoded again if its octets are not UTF-8."""
    name, sign, value = parameter.partition("=")
    octets = unquote_to_bytes(value)
    repaired = _as_utf8(octets)
    return parameter if repaired is octets else f"{name}{sign}{quote_from_bytes(repaired)}"


def _as_utf8(octets: bytes) -> bytes:
    """The same octets if they are UTF-8 or nothing that is known, else what they mean in GB18030."""
    try:
        octets.decode()
    except UnicodeDecodeError:
        try:
            return octets.decode(LEGACY_ENCODING).encode()
        except UnicodeDecodeError:
            return octets
    return octets
