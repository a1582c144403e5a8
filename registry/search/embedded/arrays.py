"""Files of named arrays, mapped into memory: a head with a checksum, a directory, and the arrays behind it.

magic (4 bytes) · CRC-32 of all behind the head (4) · size of all behind the head (8)
size of the directory (8) · directory (JSON, padded to 8 bytes) · arrays, each padded to 8 bytes
"""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

MAGIC = b"PZ02"
HEADER_SIZE = 16
Array = NDArray[Any]


def write_arrays(path: Path, arrays: Mapping[str, Array], metadata: Any = None) -> None:
    """Write arrays with metadata (as JSON). The array of a name always has the same type."""
    directory: dict[str, tuple[str, int, int]] = {}
    offset = 0
    for name, array in arrays.items():
        directory[name] = array.dtype.str, len(array), offset
        offset += _padded(array.nbytes)
    header = orjson.dumps({"arrays": directory, "facts": metadata})
    header += b" " * (_padded(len(header)) - len(header))
    parts: list[Any] = [len(header).to_bytes(8, "little"), header]
    for array in arrays.values():
        parts += [
            np.ascontiguousarray(array).view(np.uint8).data,
            bytes(_padded(array.nbytes) - array.nbytes),
        ]
    crc, size = 0, 0
    for part in parts:
        crc, size = zlib.crc32(part, crc), size + len(part)
    with path.open("wb") as file:
        file.write(MAGIC + crc.to_bytes(4, "little") + size.to_bytes(8, "little"))
        for part in parts:
            file.write(part)


class ArrayFile:
    """A file of arrays, mapped into memory until nothing refers to it. Raises `ValueError` if it is incomplete."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        with path.open("rb") as file:
            self.mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._body = memoryview(self.mapped)
        size = int.from_bytes(self._body[8:HEADER_SIZE], "little")
        if self._body[:4] != MAGIC or size != len(self._body) - HEADER_SIZE:
            raise ValueError(f"{self.name} is not whole")
        end = HEADER_SIZE + 8 + int.from_bytes(self._body[HEADER_SIZE : HEADER_SIZE + 8], "little")
        if end > len(self._body):
            raise ValueError(f"{self.name} is not whole")
        header = orjson.loads(self._body[HEADER_SIZE + 8 : end])
        self.metadata: Any = header["facts"]
        self._directory: dict[str, tuple[str, int, int]] = header["arrays"]
        self._arrays_offset = end

    def __getitem__(self, name: str) -> Array:
        dtype, count, _offset = self._directory[name]
        return np.frombuffer(self._body, np.dtype(dtype), count, self.offset_of(name))

    def offset_of(self, name: str) -> int:
        """Return where an array begins in the file, in bytes."""
        return self._arrays_offset + self._directory[name][2]

    def verify(self) -> None:
        """Read everything. Raises `ValueError` for what is not as it was written."""
        if zlib.crc32(self._body[HEADER_SIZE:]) != int.from_bytes(self._body[4:8], "little"):
            raise ValueError(f"{self.name} has been changed")


def _padded(size: int) -> int:
    """Return the size rounded up to 8 bytes."""
    return -(-size // 8) * 8
