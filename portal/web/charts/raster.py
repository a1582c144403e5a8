"""A chart as PNG. Its letters come from the fonts of the server: without one that has Chinese characters there is no Chinese PNG."""

from __future__ import annotations

import functools
import re

import resvg_py

from portal.web.charts.drawing import PNG_WIDTH

CHINESE = re.compile("[\u3400-\u9fff]")
# Families with Chinese characters first: one font for both scripts looks best.
FAMILIES = (
    "Noto Sans CJK SC",
    "Noto Sans SC",
    "Source Han Sans SC",
    "Source Han Sans CN",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "Microsoft YaHei",
    "PingFang SC",
    "Source Sans 3",
    "DejaVu Sans",
    "Liberation Sans",
    "Arial",
)
PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40">'
    '<text x="4" y="32" font-size="28" font-family="{family}">{character}</text></svg>'
)


class FontMissingError(Exception):
    """No font of the server has the characters of the chart."""


def png_of(svg: str) -> bytes:
    """Return an SVG as PNG, 1,280 pixels wide. Raises `FontMissingError` where letters would be missing."""
    family = family_for("证" if CHINESE.search(svg) else "A")
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg, width=PNG_WIDTH, languages=["zh", "en"], sans_serif_family=family
        )
    )


@functools.cache
def family_for(character: str) -> str:
    """Return the first family of the server that has a character. Raises `FontMissingError`."""
    for family in FAMILIES:
        shown, nothing = (_probe(family, each) for each in (character, " "))
        if shown != nothing:
            return family
    raise FontMissingError


def _probe(family: str, character: str) -> bytes:
    svg = PROBE.format(family=family, character=character)
    return bytes(resvg_py.svg_to_bytes(svg_string=svg))
