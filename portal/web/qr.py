"""QR codes (ISO/IEC 18004) as one SVG path, coloured by the style sheet."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import segno

BORDER_MODULES = 1  # light modules drawn here; the style sheet adds the rest of the quiet zone
MASK = 3  # choosing the best of eight masks costs more than the whole page, and any is readable


@dataclass(frozen=True, slots=True)
class QrCode:
    """`size`: modules on each side with the border; `path`: the dark modules as strokes of an SVG path, row by row."""

    size: int
    path: str


@functools.lru_cache(maxsize=4096)
def qr_code(text: str) -> QrCode:
    """Return the QR code of a text."""
    code = segno.make(text, micro=False, error="m", boost_error=False, mask=MASK)
    strokes = []
    for y, row in enumerate(code.matrix, start=BORDER_MODULES):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            start = x
            while x < len(row) and row[x]:
                x += 1
            strokes.append(f"M{start + BORDER_MODULES} {y}.5h{x - start}")
    return QrCode(len(code.matrix) + 2 * BORDER_MODULES, "".join(strokes))
