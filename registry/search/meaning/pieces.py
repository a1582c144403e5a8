"""The pieces into which the model cuts a text: the likeliest way to cut it, found in a mapped table of pieces.

The same cut as the model's own tokenizer makes (SentencePiece, unigram), whose dictionaries take 60 MB in each process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SPACE = "\u2581"  # how pieces write a blank
UNKNOWN, BEGIN, END = 0, 1, 2  # ids of pieces
FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no bit of a hash is lost
UNKNOWN_PENALTY = 10.0  # below the score of the rarest piece
WORST = -1e38


def piece_table(pieces: Sequence[str], scores: Sequence[float]) -> dict[str, Array]:
    """Return the table of these pieces as arrays: hashes, ascending, with the id and the score of each piece.

    Raises `ValueError` when two pieces share a hash.
    """
    hashes = np.array([_hash_of(piece) for piece in pieces], np.uint64)
    order = np.argsort(hashes, kind="stable")
    if len(np.unique(hashes)) != len(hashes):
        raise ValueError("two pieces have one hash")
    lengths = np.array([max(map(len, pieces))], np.uint32)
    return {
        "piece_hashes": hashes[order],
        "piece_ids": order.astype(np.uint32),
        "piece_scores": np.array(scores, np.float32)[order],
        "piece_lengths": lengths,
    }


def _hash_of(piece: str) -> np.uint64:
    points = _code_points(piece)
    value = points[:1]
    for point in points[1:]:
        value = value * FACTOR + point
    return np.uint64(value[0])


def _code_points(text: str) -> NDArray[np.uint64]:
    return np.frombuffer(text.encode("utf-32-le", "ignore"), np.uint32).astype(np.uint64) + np.uint64(1)


class PieceTable:
    """Cuts texts by the arrays of `piece_table`. Nothing is copied: they may be views of a mapped file."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._hashes, self._ids = arrays["piece_hashes"], arrays["piece_ids"]
        self._scores = arrays["piece_scores"]
        self._max_length = int(arrays["piece_lengths"][0])
        self._unknown_score = float(self._scores.min()) - UNKNOWN_PENALTY

    def encode(self, text: str, **_options: Any) -> list[int]:
        """Return the ids of a folded text's pieces, between those of its begin and end."""
        if not text:
            return [BEGIN, UNKNOWN, END]
        return [BEGIN, *self._cut(SPACE + text.replace(" ", SPACE)), END]

    def _cut(self, text: str) -> list[int]:
        points = _code_points(text)
        found = self._pieces_in(points)
        best = [0.0] + [WORST] * len(points)
        came_from, piece_at = [0] * (len(points) + 1), [UNKNOWN] * (len(points) + 1)
        for start in range(len(points)):
            has_single = False
            for end, piece, score in found[start]:
                has_single |= end == start + 1
                if best[start] + score > best[end]:
                    best[end], came_from[end], piece_at[end] = best[start] + score, start, piece
            if not has_single and best[start] + self._unknown_score > best[start + 1]:
                best[start + 1] = best[start] + self._unknown_score
                came_from[start + 1], piece_at[start + 1] = start, UNKNOWN
        ids, end = [], len(points)
        while end:
            ids.append(piece_at[end])
            end = came_from[end]
        return ids[::-1]

    def _pieces_in(self, points: NDArray[np.uint64]) -> list[list[tuple[int, int, float]]]:
        """Return, for each position, the pieces that begin there, shortest first: (end, id, score)."""
        found: list[list[tuple[int, int, float]]] = [[] for _point in points]
        hashes = points
        for length in range(1, min(self._max_length, len(points)) + 1):
            if length > 1:
                hashes = hashes[:-1] * FACTOR + points[length - 1 :]
            places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
            starts = np.flatnonzero(self._hashes[places] == hashes)
            of_pieces = places[starts]
            for start, piece, score in zip(
                starts.tolist(), self._ids[of_pieces].tolist(), self._scores[of_pieces].tolist(), strict=True
            ):
                found[start].append((start + length, piece, score))
        return found
