"""Uploaded files as downloads: a browser never shows them as a page of this site (ASVS 12.5.2)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from flask import Response


def download(filename: str, path: Path, cache: str) -> Response:
    """Return the bytes at `path` as a file to be saved under this name, whatever they are."""
    return Response(
        path.read_bytes(),
        200,
        [
            ("Content-Type", "application/octet-stream"),
            ("Content-Disposition", f"attachment; filename*=UTF-8''{quote(filename, safe='')}"),
            ("Cache-Control", cache),
        ],
    )
