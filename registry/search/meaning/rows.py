"""Rows of a large array in a file, read one by one: a map would draw the pages around each row into memory as well."""

from __future__ import annotations

import os
import weakref
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.search.embedded.arrays import ArrayFile


class VectorRowReader:
    """The rows of an array of single bytes in a file of arrays, `width` values in each. Any thread may read."""

    def __init__(self, path: Path, array: str, dtype: Any, width: int) -> None:
        self._handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        weakref.finalize(self, os.close, self._handle)
        self._offset = ArrayFile(path).offset_of(array)
        self._dtype, self._width = dtype, width

    def __getitem__(self, positions: NDArray[Any]) -> NDArray[Any]:
        """Return these rows. Raises `ValueError` if the file ends before one of them."""
        handle, width = self._handle, self._width
        parts = [os.pread(handle, width, self._offset + position * width) for position in positions.tolist()]
        rows: NDArray[Any] = np.frombuffer(b"".join(parts), self._dtype).reshape(len(parts), width)
        return rows
