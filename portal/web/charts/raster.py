"""A chart as PNG, with the font that the program brings: the same picture on every server."""

from __future__ import annotations

import resvg_py

from portal.web.charts.drawing import PNG_WIDTH
from registry.services import statistics


def png_of(svg: str) -> bytes:
    """Return an SVG as PNG, 1,280 pixels wide."""
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            width=PNG_WIDTH,
            languages=["zh", "en"],
            skip_system_fonts=True,  # to look for them takes longer than to draw
            font_files=[str(statistics.CHART_FONT)],
            font_family=statistics.CHART_FONT_FAMILY,
            sans_serif_family=statistics.CHART_FONT_FAMILY,
        )
    )
