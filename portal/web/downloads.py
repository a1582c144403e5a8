"""Files as downloads: their names, their types, and uploaded files that a browser never shows as a page of this site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import quote

from flask import Response

from portal.web.responses import NO_STORE
from registry.errors import NotFound

CSV = "text/csv; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
JSON_LINES = "application/jsonl; charset=utf-8"
TableFormat: TypeAlias = Literal["csv", "xlsx"]


def content_disposition(name: str) -> tuple[str, str]:
    """Return the header that lets a browser save a response as a file of this name (RFC 6266).

    A name with other signs than ASCII letters, digits, `-`, `.` and `_` is told twice: as it is, and in ASCII for old
    programs.
    """
    plain = "".join(sign if sign.isascii() and (sign.isalnum() or sign in "-._") else "-" for sign in name)
    exact = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return ("Content-Disposition", f'attachment; filename="{plain}"{exact}')


def table_format(written: str) -> TableFormat:
    """Return the format that the end of an address names. Raises `NotFound` for another one."""
    if written == "csv":
        return "csv"
    if written == "xlsx":
        return "xlsx"
    raise NotFound("format", written[:20])


def table_file(chunks: Iterator[bytes], name: str, file_format: TableFormat) -> Response:
    """Return a table for one person alone as a file of this name, to which the ending is added; no cache keeps it."""
    content_type = CSV if file_format == "csv" else XLSX
    disposition = content_disposition(f"{name}.{file_format}")
    return Response(chunks, 200, [("Content-Type", content_type), disposition, ("Cache-Control", NO_STORE)])


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
