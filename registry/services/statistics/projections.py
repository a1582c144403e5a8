"""Statistics as JSON for the API, and the rows of one chart for a sheet."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from registry.i18n import Lang, _, gettext
from registry.services.statistics.views import ChartView, CountView, StatisticsView
from registry.tabular.writing import csv_chunks

Json = dict[str, Any]


def statistics_json(view: StatisticsView) -> Json:
    """Return statistics as the API gives them. `list`: the path of the list behind a number, None where there is none."""
    return {
        "register": view.register.slug if view.register else None,
        "origin": view.origin,
        "origins": {each.origin: each.count for each in view.origins},
        "day": view.day.isoformat(),
        "entry": {
            "index": view.entry,
            "recorded_at": view.recorded_at.isoformat() if view.recorded_at else None,
        },
        "total": view.total,
        "standings": [_count_json(each) for each in view.standings],
        "charts": [_chart_json(each) for each in view.charts],
        "shares": [
            {
                "name": each.name,
                "title": _both(each.title),
                "part": each.part,
                "whole": each.whole,
                "percent": each.percent,
                "list": each.part_path or None,
                "whole_list": each.whole_path or None,
            }
            for each in view.shares
        ],
    }


def _chart_json(chart: ChartView) -> Json:
    return {
        "name": chart.name,
        "title": {lang: chart_title(chart, lang) for lang in ("zh", "en")},
        "total": chart.total,
        "unknown": chart.unknown,
        "unknown_list": chart.unknown_path or None,
        "overlaps": chart.overlaps,
        "values": [_count_json(each) for each in chart.counts],
    }


def _count_json(each: CountView) -> Json:
    label = {lang: count_label(each, lang) for lang in ("zh", "en")}
    return {"value": each.value, "label": label, "count": each.count, "list": each.path or None}


def _both(message: str) -> Json:
    return {lang: gettext(message, lang) for lang in ("zh", "en")}


def count_label(each: CountView, lang: str) -> str:
    """Return a value in words of the language; names of registers are messages."""
    if lang == "zh":
        return gettext(each.words.zh, "zh")
    return each.words.en or each.words.zh


def chart_title(chart: ChartView, lang: str) -> str:
    """Return the title of a chart, with what it is about where several have one title."""
    title = gettext(chart.title, lang)
    if chart.subject is None:
        return title
    return chart.subject.in_language(lang) + gettext(_(": "), lang) + title


def chart_csv(chart: ChartView, lang: Lang) -> bytes:
    """Return the numbers of a chart as a CSV file with a byte order mark; no cell can become a formula."""
    header = [gettext(message, lang) for message in (_("Item code"), _("Item"), _("Records"))]
    return b"".join(csv_chunks(header, _rows(chart, lang)))


def _rows(chart: ChartView, lang: Lang) -> Iterator[tuple[str, str, int]]:
    """Yield code, words and number of each value; then of those that do not tell, and of all."""
    yield from ((each.value, count_label(each, lang), each.count) for each in chart.counts)
    if chart.unknown:
        yield "", gettext(_("not known"), lang), chart.unknown
    yield "", gettext(_("all records counted"), lang), chart.total
