"""Files as downloads: their names, their types, and uploaded files that a browser never shows as a page of this site."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from flask import Response

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON_LINES = "application/jsonl; charset=utf-8"


def content_disposition(name: str) -> tuple[str, str]:
    """Return the header that lets a browser save a response as a file of this name (RFC 6266).

    A name with other signs than ASCII letters, digits, `-`, `.` and `_` is told twice: as it is, and in ASCII for old
    programs.
    """
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-._") else "-" for sign in name)
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return ("Content-Disposition", f'attachment; filename="{plain}"{exact}')


def download(filename: str, path: Path, cache: str) -> Response:
    """Return the bytes at `path` as a file to be saved under this name, whatever they are (ASVS 12.5.2)."""
    return Response(
        path.read_bytes(),
        200,
        [
            ("Content-Type", "application/octet-stream"),
            content_disposition(filename),
            ("Cache-Control", cache),
        ],
    )
