"""Draws a chart: the tile map of the provinces, bars, columns over time.

Bars and columns are measured in per cent of their width and texts in pixels, so that a chart on a phone has letters of the
same size as on a desktop; a file of its own has a fixed width.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import drawsvg

from portal.web.charts import elements
from portal.web.charts.elements import (
    BAR,
    DARK_WASH,
    GREY,
    HAIR,
    INK,
    PAPER,
    RUNNING,
    SMALL_SIZE,
    TONES,
    WASHES,
    Description,
    compact,
    one_line,
    rectangle,
    rule,
    shortened,
    text,
    ticks,
    wash_bounds,
)
from registry import i18n
from registry.i18n import HTML_LANG, Lang, _, gettext
from registry.reference.code_lists.province_tiles import province_tiles
from registry.services import statistics
from registry.services.statistics import ChartView, CountView

TILE, GAP = 68, 2
TILE_COLUMNS, TILE_ROWS = 10, 11
MAP_WIDTH = TILE_COLUMNS * (TILE + GAP) - GAP
MAP_HEIGHT = TILE_ROWS * (TILE + GAP) - GAP
LEGEND_HEIGHT, LEGEND_STEP = 46, 104
ROW, BAR_HEIGHT = 44, 14
FULL_BAR = 80  # per cent: beyond it the number stands
SHORT_LABEL, LONG_LABEL = (
    272,
    470,
)  # pixels that a label has on the narrowest phone, and in a column of a page
COLUMNS_HEIGHT, COLUMNS_TOP, AXIS_BELOW = 190, 18, 40
GUTTER = 10.0  # per cent, for the numbers of the axis
MAX_NUMBERED = 12  # columns that have their number on top
MAX_AXIS_LABELS = 8
FILE_WIDTH, FILE_MARGIN, FILE_HEAD, FILE_FOOT = 640, 24, 64, 34
PNG_WIDTH = 1280
NAMED_IN_DESCRIPTION = 4
Add = Callable[[drawsvg.DrawingElement], None]


@dataclass(frozen=True, slots=True)
class Caption:
    """What a chart says in a file of its own: its title, the line under it, and where it comes from."""

    title: str
    subtitle: str
    source: str


def chart_on_page(chart: ChartView, lang: Lang, title: str) -> str:
    """Return the SVG of a chart as a part of a page, with a title and a description for screen readers."""
    height = chart_height(chart)
    fixed = chart.kind == "map"
    drawing = drawsvg.Drawing(MAP_WIDTH if fixed else FILE_WIDTH, height, id_prefix=f"c-{chart.name}-")
    drawing.svg_args = {
        "width": "100%",
        "height": None if fixed else height,
        "viewBox": f"0 0 {MAP_WIDTH} {height}" if fixed else None,
        "class": f"pz-chart pz-chart--{chart.kind}",
        "role": "img",
        "aria-labelledby": f"c-{chart.name}-t c-{chart.name}-d",
        "font-family": elements.FONTS,
    }
    drawing.append(drawsvg.Title(one_line(title), id=f"c-{chart.name}-t"))
    drawing.append(Description(describe(chart, lang), id=f"c-{chart.name}-d"))
    _draw(chart, lang, drawing.append, is_on_page=True)
    return _markup(drawing, header="")


def chart_file(chart: ChartView, lang: Lang, caption: Caption) -> str:
    """Return the SVG of a chart as a file of its own, with its caption on it."""
    inner_width = FILE_WIDTH - 2 * FILE_MARGIN
    scale = inner_width / MAP_WIDTH if chart.kind == "map" else 1.0
    inner_height = chart_height(chart) * scale
    height = round(FILE_HEAD + inner_height + FILE_FOOT)
    drawing = drawsvg.Drawing(FILE_WIDTH, height)
    drawing.svg_args = {"font-family": elements.FONTS, "xml:lang": HTML_LANG[lang], "role": "img"}
    drawing.append(drawsvg.Title(one_line(caption.title)))
    drawing.append(Description(describe(chart, lang)))
    drawing.append(rectangle((0, 0, FILE_WIDTH, height), "bg", PAPER))
    drawing.append(
        text(shortened(caption.title, 19, inner_width), FILE_MARGIN, 30, "h", size=19, font_weight="bold")
    )
    drawing.append(
        text(shortened(caption.subtitle, 13, inner_width), FILE_MARGIN, 50, "q", size=13, fill=GREY)
    )
    # An inner viewport: what is in per cent is measured by it.
    box = f"0 0 {MAP_WIDTH} {chart_height(chart)}" if chart.kind == "map" else None
    inner = Viewport(
        x=FILE_MARGIN,
        y=FILE_HEAD,
        width=inner_width,
        height=round(inner_height, 1),
        viewBox=box,
        overflow="visible",  # else all of it is drawn twice, to be cut at edges that nothing crosses
    )
    _draw(chart, lang, inner.append, is_on_page=False)
    drawing.append(inner)
    drawing.append(
        text(
            shortened(caption.source, SMALL_SIZE, inner_width),
            FILE_MARGIN,
            height - 12,
            "q",
            size=SMALL_SIZE,
            fill=GREY,
        )
    )
    return _markup(drawing, header='<?xml version="1.0" encoding="UTF-8"?>\n')


class Viewport(drawsvg.DrawingParentElement):  # type: ignore[misc]
    """A drawing within a drawing."""

    TAG_NAME = "svg"
    has_content = True

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.args["viewBox"] = attributes["viewBox"]
        self.args.pop("view-box", None)


def chart_height(chart: ChartView) -> int:
    """Return the height of a chart in pixels, of a map in units of its width."""
    if chart.kind == "map":
        return MAP_HEIGHT + LEGEND_HEIGHT
    if chart.kind == "columns":
        return COLUMNS_TOP + COLUMNS_HEIGHT + AXIS_BELOW
    return ROW * len(chart.counts)


def describe(chart: ChartView, lang: Lang) -> str:
    """Return what a chart shows in a sentence or two: how much, of what most."""
    most = sorted((each for each in chart.counts if each.count), key=lambda each: -each.count)
    number = i18n.format_number(chart.total, lang)
    sentences = [gettext(_("%(total)s records are counted."), lang, total=number)]
    if most:
        named = gettext(_(", "), lang).join(
            f"{one_line(statistics.count_label(each, lang))} {i18n.format_number(each.count, lang)}"
            for each in most[:NAMED_IN_DESCRIPTION]
        )
        sentences.append(gettext(_("Most: %(named)s."), lang, named=named))
    if chart.kind == "map":
        sentences.append(gettext(_("Equal tiles show position, not area or boundaries."), lang))
    sentences.append(gettext(_("The table beside it has every number."), lang))
    return ("" if lang == "zh" else " ").join(sentences)


def _markup(drawing: drawsvg.Drawing, header: str) -> str:
    written = io.StringIO()
    drawing.as_svg(written, header=header, skip_js=True, skip_css=True)
    return written.getvalue().replace("<defs>\n</defs>\n", "")


def _draw(chart: ChartView, lang: Lang, add: Add, *, is_on_page: bool) -> None:
    if chart.kind == "map":
        _draw_map(chart, lang, add)
    elif chart.kind == "bars":
        _draw_bars(chart, lang, add, is_on_page=is_on_page)
    else:
        _draw_columns(chart, lang, add)


def _draw_map(chart: ChartView, lang: Lang, add: Add) -> None:
    by_code = {each.value: each for each in chart.counts}
    bounds = wash_bounds(chart.largest)
    for tile in province_tiles():
        each = by_code[tile.code]
        wash = sum(each.count >= bound for bound in bounds)
        x, y = tile.column * (TILE + GAP), tile.row * (TILE + GAP)
        edge = {} if wash else {"stroke": HAIR, "stroke_width": 1}
        square = rectangle((x + 0.5, y + 0.5, TILE - 1, TILE - 1), f"w{wash}", WASHES[wash], rx=2, **edge)
        number = i18n.format_number(each.count, lang)
        square.append_title(one_line(f"{statistics.count_label(each, lang)}: {number}"))
        add(square)
        on, fill = (" on", "#ffffff") if wash >= DARK_WASH else ("", INK)
        name = tile.character if lang == "zh" else tile.letters
        add(text(name, x + 7, y + 22, f"tt{on}", size=16, font_weight="bold", fill=fill))
        if lang != "zh":
            add(
                text(
                    tile.character,
                    x + TILE - 7,
                    y + 22,
                    f"tz{on}",
                    size=14,
                    text_anchor="end",
                    fill=fill,
                    lang="zh-Hans",
                )
            )
        add(text(compact(each.count, lang), x + 7, y + 58, f"tn{on}", size=17, fill=fill))
    _draw_legend(bounds if chart.largest else [], lang, add)


def _draw_legend(bounds: list[int], lang: Lang, add: Add) -> None:
    starts = [0, *bounds]
    y = MAP_HEIGHT + 10
    for wash, start in enumerate(starts):
        x = wash * LEGEND_STEP
        edge = {} if wash else {"stroke": HAIR, "stroke_width": 1}
        add(rectangle((x + 0.5, y, LEGEND_STEP - 5, 12), f"w{wash}", WASHES[wash], **edge))
        following = starts[wash + 1] if wash + 1 < len(starts) else 0
        if not start:
            words = "0"
        elif not following:
            words = f"{compact(start, lang)}+" if start > 1 or wash > 1 else "1+"
        elif following == start + 1:
            words = compact(start, lang)
        else:
            words = f"{compact(start, lang)}–{compact(following - 1, lang)}"
        add(text(words, x, y + 32, "tl", size=16, fill=GREY))


def _draw_bars(chart: ChartView, lang: Lang, add: Add, *, is_on_page: bool) -> None:
    """Draw bars. On a page a long label is there twice: the style sheet shows the one that fits."""
    largest = max(chart.largest, 1)
    for index, each in enumerate(chart.counts):
        y = index * ROW
        label = statistics.count_label(each, lang)
        long, short = (shortened(label, elements.LABEL_SIZE, most) for most in (LONG_LABEL, SHORT_LABEL))
        add(text(long, 0, y + 15, "l" if long == short else "l l--long"))
        if short != long and is_on_page:
            add(text(short, 0, y + 15, "l l--short"))
        width = max(FULL_BAR * each.count / largest, 0.4) if each.count else 0
        tone = each.tone if each.tone in TONES else ""
        css = f"b b--{tone}" if tone else "b"
        if width:
            add(rectangle((0, y + 21, f"{width:.2f}%", BAR_HEIGHT), css, TONES.get(tone, BAR)))
        number = i18n.format_number(each.count, lang)
        add(text(number, f"{width:.2f}%", y + 33, "n", dx=6 if width else 0))


def _draw_columns(chart: ChartView, lang: Lang, add: Add) -> None:
    marks = ticks(chart.largest)
    foot = COLUMNS_TOP + COLUMNS_HEIGHT

    def y_of(number: int) -> float:
        return round(foot - COLUMNS_HEIGHT * number / marks[-1], 1)

    for mark in marks:
        add(rule(f"{GUTTER}%", f"{100 - GUTTER}%", y_of(mark), is_axis=not mark))
        words = compact(mark, lang)
        add(
            text(
                words,
                f"{GUTTER - 1.2}%",
                y_of(mark) + 4,
                "q",
                size=SMALL_SIZE,
                text_anchor="end",
                fill=GREY,
            )
        )
    slot = (100 - GUTTER) / len(chart.counts)
    every = -(-len(chart.counts) // MAX_AXIS_LABELS) if len(chart.counts) > MAX_NUMBERED else 1
    year_before = ""
    for index, each in enumerate(chart.counts):
        left = GUTTER + index * slot
        middle = f"{left + slot / 2:.2f}%"
        if each.count:
            css, fill = ("b b--now", RUNNING) if each.is_running else ("b", BAR)
            top = min(y_of(each.count), foot - 1.0)
            box = (f"{left + slot * 0.12:.2f}%", top, f"{slot * 0.76:.2f}%", round(foot - top, 1))
            column = rectangle(box, css, fill)
            number = i18n.format_number(each.count, lang)
            column.append_title(one_line(f"{statistics.count_label(each, lang)}: {number}"))
            add(column)
            if len(chart.counts) <= MAX_NUMBERED:
                add(_centred(compact(each.count, lang), middle, top - 5, "n"))
        if index % every == 0:
            upper, lower = _axis_words(each, lang)
            add(_centred(upper, middle, foot + 16, "q"))
            if lower != year_before and lower == _year_after(chart, index + every, lang):
                add(_centred(lower, middle, foot + 32, "q"))
            year_before = lower


def _centred(words: str, x: str, y: float, css: str) -> drawsvg.Text:
    fill = INK if css == "n" else GREY
    return text(words, x, y, css, size=SMALL_SIZE, text_anchor="middle", fill=fill)


def _year_after(chart: ChartView, index: int, lang: Lang) -> str:
    """Return the year under the next column that has one: two years side by side would run together on a phone and on paper."""
    return _axis_words(chart.counts[min(index, len(chart.counts) - 1)], lang)[1]


def _axis_words(each: CountView, lang: Lang) -> tuple[str, str]:
    """Return the one or two words under a column: a month and its year, or a year."""
    year, _dash, month = each.value.partition("-")
    label = statistics.count_label(each, lang)
    if not month:
        return (label, "")
    return (f"{int(month)}月", year) if lang == "zh" else (label.split(" ", 1)[0], year)
