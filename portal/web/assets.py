"""Static files: read once, served from memory, addressed by their content."""

from __future__ import annotations

import hashlib
from pathlib import Path

from portal.web.responses import CACHE_IMMUTABLE, TEXT, Page

FOLDER = Path(__file__).resolve().parent.parent / "static"
TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": TEXT,
}
CACHE_ONE_DAY = "public, max-age=86400"


class Assets:
    """The files below a folder. `url(name)` carries a hash of the content, so caches may keep it for ever."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._versions: dict[str, str] = {}
        self._revalidated: dict[str, Page] = {}
        self._immutable: dict[str, Page] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix not in TYPES or not path.is_file():
                continue
            name = path.relative_to(folder).as_posix()
            body = path.read_bytes()
            self._versions[name] = hashlib.blake2b(body, digest_size=6).hexdigest()
            self._revalidated[name] = Page(body, TYPES[path.suffix], CACHE_ONE_DAY)
            self._immutable[name] = Page(body, TYPES[path.suffix], CACHE_IMMUTABLE)

    def url(self, name: str) -> str:
        """Return the address of a file. Raises `KeyError` for a file that is not there."""
        return f"/static/{name}?v={self._versions[name]}"

    def page(self, name: str, version: str = "") -> Page | None:
        """Return the file, None if there is none; cached for ever if it was requested by its present version."""
        if version and version == self._versions.get(name):
            return self._immutable[name]
        return self._revalidated.get(name)

    def names(self) -> list[str]:
        """Return the names of all files, relative to the folder."""
        return list(self._versions)
