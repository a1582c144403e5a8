"""The elements of which charts are drawn: bars, texts and lines that have a class for the style sheet and colours of their own.

A style sheet outweighs presentation attributes: on a page the classes decide, in a file of its own the attributes do. No
element has a `style`, which the content security policy of the site would not let through.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import drawsvg

FONTS = "'Source Sans 3','Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif"
INK, GREY, HAIR, PAPER = "#1c1916", "#5c564c", "#ddd5c5", "#fbf8f2"
BAR, RUNNING = "#4a4238", "#a89e8c"
WASHES = ("#fbf8f2", "#efe9dc", "#d6cdbb", "#b0a692", "#746b5c", "#2b2620")
DARK_WASH = 4  # from this one on text is white
TONES = {
    "live": "#0c6549",
    "stated": "#0c6549",
    "abroad": "#746b5c",
    "soon": "#746b5c",
    "open": "#746b5c",
    "hold": "#e0a526",
    "act": "#e0a526",
    "stop": "#8a1b12",
    "past": "#a89e8c",
}
LABEL_SIZE, SMALL_SIZE = 14, 12  # pixels
NARROW_EM = 0.56  # width of a Latin letter or a figure, roughly
WIDE = ("W", "F")
Box = tuple[float | str, float, float | str, float]  # x and width may be in per cent


class Description(drawsvg.Title):  # type: ignore[misc]
    """The long description of a drawing, for screen readers."""

    TAG_NAME = "desc"


def text(words: str, x: float | str, y: float, css: str, **attributes: Any) -> drawsvg.Text:
    """Return a text at a place. `css`: its class; `x` may be in per cent."""
    size = attributes.pop("size", LABEL_SIZE)
    fill = attributes.pop("fill", INK)
    return drawsvg.Text(one_line(words), size, x, y, class_=css, fill=fill, **attributes)


def rectangle(box: Box, css: str, fill: str, **attributes: Any) -> drawsvg.Rectangle:
    """Return a rectangle. `box`: its left and upper edge, width and height."""
    return drawsvg.Rectangle(*box, class_=css, fill=fill, **attributes)


def rule(x: str, width: str, y: float, *, is_axis: bool) -> drawsvg.Rectangle:
    """Return a horizontal line, as a flat rectangle: the library writes lines as paths, which know no per cent."""
    return rectangle((x, y - 0.5, width, 1), "ax" if is_axis else "g", INK if is_axis else HAIR)


def one_line(words: str) -> str:
    """Return a text on one line, without characters that XML 1.0 does not allow."""
    return "".join(
        character
        for character in " ".join(words.split())
        if unicodedata.category(character) not in ("Cc", "Cs")
    )


def width_of(words: str, size: float) -> float:
    """Return how wide a text is in pixels, roughly."""
    return sum(
        size if unicodedata.east_asian_width(character) in WIDE else size * NARROW_EM for character in words
    )


def shortened(words: str, size: float, most: float) -> str:
    """Return a text cut to a width in pixels, with an ellipsis where it is cut."""
    if width_of(words, size) <= most:
        return words
    while words and width_of(words + "…", size) > most:
        words = words[:-1]
    return words.rstrip() + "…"


def ticks(largest: int) -> list[int]:
    """Return round numbers from 0 to at least `largest`, at most six, whole ones."""
    step = 1
    while True:
        for factor in (1, 2, 5):
            if step * factor * 5 >= largest:
                width = step * factor
                return list(range(0, -(-max(largest, 1) // width) * width + 1, width))
        step *= 10


def compact(number: int, lang: str) -> str:
    """Return a number in few characters: 12k, 1.2万."""
    if lang == "zh":
        return f"{number / 10_000:.3g}万" if number >= 10_000 else f"{number:,}"
    if number >= 1_000_000:
        return f"{number / 1_000_000:.2g}m"
    if number >= 100_000:
        return f"{number // 1000}k"
    return f"{number / 1000:.2g}k" if number >= 10_000 else f"{number:,}"


def wash_bounds(largest: int) -> list[int]:
    """Return the least number of each of at most five washes; each begins at a round number."""
    shares = (0.05, 0.15, 0.4, 0.7)
    bounds = [1]
    for share in shares:
        bound = _rounded(largest * share)
        if bounds[-1] < bound <= largest:
            bounds.append(bound)
    return bounds


def _rounded(value: float) -> int:
    """Return a number with one figure that is not 0: 1, 2, 3, 5 or 7 of its power of ten."""
    power = 1
    while value >= power * 10:
        power *= 10
    return max((factor for factor in (1, 2, 3, 5, 7) if factor * power <= value), default=1) * power
