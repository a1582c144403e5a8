"""Charts as SVG, drawn on the server: for pages, as files of their own, and as PNG."""

from __future__ import annotations

from portal.web.charts.drawing import PNG_WIDTH, Caption, chart_file, chart_on_page
from portal.web.charts.raster import png_of

__all__ = ["PNG_WIDTH", "Caption", "chart_file", "chart_on_page", "png_of"]
