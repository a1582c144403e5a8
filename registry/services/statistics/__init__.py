"""Statistics: how many records there are of each kind, by what the lists of today show or by the entries of a past day.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

import registry.services.statistics.messages  # noqa: F401 - declares the words of the codes of this room
from registry.printing import FONT as CHART_FONT
from registry.printing import FONT_FAMILY as CHART_FONT_FAMILY
from registry.services.statistics.counting import ORIGINS, last_entry, read_statistics
from registry.services.statistics.entry_blocks import drop_history, extend_history
from registry.services.statistics.projections import (
    chart_csv,
    chart_title,
    count_label,
    statistics_json,
)
from registry.services.statistics.views import ChartView, CountView, ShareView, StatisticsView

__all__ = [
    "CHART_FONT",
    "CHART_FONT_FAMILY",
    "ORIGINS",
    "ChartView",
    "CountView",
    "ShareView",
    "StatisticsView",
    "chart_csv",
    "chart_title",
    "count_label",
    "drop_history",
    "extend_history",
    "last_entry",
    "read_statistics",
    "statistics_json",
]
