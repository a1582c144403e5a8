"""The folder of a build as Whoosh's storage."""

from __future__ import annotations

from pathlib import Path

from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import FileIndex, Index


class BuildFolder(FileStorage):  # type: ignore[misc]  # Whoosh states no types
    """A folder that raises OSError where it cannot be listed; Whoosh's own then passes for one without an index."""

    def list(self) -> list[str]:
        return [path.name for path in Path(self.folder).iterdir()]


def create_index(folder: Path, schema: Schema) -> Index:
    """Return a new index without documents in this folder. Raises OSError where it cannot be written."""
    return BuildFolder(str(folder)).create_index(schema)


def open_index(folder: Path, *, readonly: bool = False) -> Index:
    """Return the index in this folder. Raises `EmptyIndexError` where there is none, OSError where it cannot be read."""
    return FileIndex(BuildFolder(str(folder), readonly=readonly))
