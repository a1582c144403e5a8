"""Statistics: the pages of all registers and of each, and every chart as CSV, SVG and PNG."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Response, abort, request
from markupsafe import Markup

from portal.public import as_of_day
from portal.public.as_of_day import DayRequest
from portal.web import charts
from portal.web.charts import Caption
from portal.web.downloads import CSV, content_disposition
from portal.web.responses import CACHE_REVALIDATE, NO_STORE, Page
from portal.web.site import Site
from registry import clock, i18n
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang, _, gettext
from registry.services import statistics
from registry.services.statistics import ORIGINS, ChartView, StatisticsView

MAX_AGE = 60.0  # seconds: the index may follow an entry a moment later
ALL = "all"  # in the addresses of charts over all registers
SVG, PNG = "image/svg+xml; charset=utf-8", "image/png"


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart as its page shows it. `files`: the address of its files without their ending."""

    chart: ChartView
    title: str
    svg: Markup
    files: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: of which register ("": all), of which records, as of which day."""

    lang: Lang
    slug: str
    origin: str
    on: DayRequest

    def read(self, site: Site) -> StatisticsView:
        """Return the statistics."""
        return statistics.read_statistics(
            site.registry, ANONYMOUS, self.slug, origin=self.origin, day=self.on.day
        )

    def key(self, site: Site) -> tuple[object, ...]:
        """Return all that the answer depends on."""
        day: dt.date | None = self.on.day
        entry = statistics.last_entry(site.registry, ANONYMOUS)
        return (self.lang, self.slug, self.origin, day, clock.today(), entry, site.has_demo())


def over_all(site: Site, lang: Lang) -> Response:
    """Show the statistics of all registers together."""
    return _statistics_page(site, _asked(lang, ""))


def of_register(site: Site, lang: Lang, slug: str) -> Response:
    """Show the statistics of one register."""
    return _statistics_page(site, _asked(lang, slug))


def chart_of_all(site: Site, lang: Lang, *, chart: str, ending: str) -> Response:
    """Serve a chart over all registers as a file."""
    return _chart_file(site, _asked(lang, ""), chart, ending)


def chart_of_register(site: Site, lang: Lang, slug: str, *, chart: str, ending: str) -> Response:
    """Serve a chart of one register as a file."""
    return _chart_file(site, _asked(lang, slug), chart, ending)


def _asked(lang: Lang, slug: str) -> Asked:
    """Return what the request asks for; an origin that there is not means the real records."""
    origin, at = request.args.get("origin", ""), request.args.get("at", "")
    today = DayRequest(None, "", as_of_day.day_parts(clock.today()))
    return Asked(
        lang, slug, origin if origin in ORIGINS else ORIGINS[0], as_of_day.from_address(at) if at else today
    )


def _statistics_page(site: Site, asked: Asked) -> Response:
    if asked.on.problem:
        return _render(site, asked).respond(request, 400)
    page = site.pages.get_or_make(("statistics", *asked.key(site)), lambda: _render(site, asked), MAX_AGE)
    return page.respond(request)


def _render(site: Site, asked: Asked) -> Page:
    view, lang, slug = asked.read(site), asked.lang, asked.slug
    path = f"/statistics/{slug}" if slug else "/statistics"
    pairs = _pairs(view)
    return site.page(
        "public/statistics.html",
        lang,
        path,
        kept_query=urlencode(pairs),
        cache=NO_STORE if asked.on.problem else CACHE_REVALIDATE,
        view=view,
        drawn=tuple(_drawn(chart, asked) for chart in view.charts),
        own_path=path,
        day_pair=f"&at={view.day.isoformat()}" if view.is_past else "",
        query=f"?{urlencode(pairs)}" if pairs else "",
        problem=gettext(asked.on.problem, lang),
        today=clock.today().isoformat(),
    )


def _drawn(chart: ChartView, asked: Asked) -> DrawnChart:
    title = statistics.chart_title(chart, asked.lang)
    svg = Markup(charts.chart_on_page(chart, asked.lang, title))  # noqa: S704 - the drawing escapes its texts
    return DrawnChart(chart, title, svg, f"/statistics/{asked.slug or ALL}/{chart.name}")


def _pairs(view: StatisticsView) -> list[tuple[str, str]]:
    """Return the parameters that lead to these statistics."""
    pairs = [("origin", view.origin)] if view.origin != ORIGINS[0] else []
    return [*pairs, ("at", view.day.isoformat())] if view.is_past else pairs


def _chart_file(site: Site, asked: Asked, name: str, ending: str) -> Response:
    if asked.on.problem:
        abort(404)
    key = ("chart", name, ending, *asked.key(site))
    page = site.pages.get_or_make(key, lambda: _draw_file(site, asked, name, ending), MAX_AGE)
    response = page.respond(request)
    if response.status_code == 200:
        filename = f"{asked.slug or ALL}-{name}-{asked.lang}.{ending}"
        response.headers.set(*content_disposition(filename))
    return response


def _draw_file(site: Site, asked: Asked, name: str, ending: str) -> Page:
    view = asked.read(site)
    chart = view.chart(name)
    if chart is None:
        abort(404)
    if ending == "csv":
        return Page(statistics.chart_csv(chart, asked.lang), CSV)
    svg = charts.chart_file(chart, asked.lang, _caption(view, chart, asked.lang))
    if ending == "svg":
        return Page(svg.encode(), SVG)
    return Page(charts.png_of(svg), PNG)


def _caption(view: StatisticsView, chart: ChartView, lang: Lang) -> Caption:
    subject = gettext(view.register.label if view.register else _("All registers"), lang)
    origin = next(each.words for each in view.origins if each.origin == view.origin)
    counted = gettext(
        _("%(origin)s: %(total)s records counted"),
        lang,
        origin=origin.zh if lang == "zh" else origin.en,
        total=i18n.format_number(chart.total, lang),
    )
    day = i18n.format_day(view.day.isoformat(), lang)
    source = gettext(_("Pinzheng, as of %(day)s"), lang, day=day)
    if view.entry is not None:
        number = i18n.format_number(view.entry, lang)
        source += gettext(_(", "), lang) + gettext(_("entry no. %(index)s"), lang, index=number)
    return Caption(subject + gettext(_(": "), lang) + statistics.chart_title(chart, lang), counted, source)
