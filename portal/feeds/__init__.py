"""Atom feeds (RFC 4287): new entries of a register, or of the records that a search finds, in pages (RFC 5005)."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import NamedTuple
from urllib.parse import quote
from xml.etree import ElementTree as ET

from flask import Blueprint, Response, request

from portal.web.responses import Page
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import HTML_LANG, Lang, _, gettext
from registry.services import finding, records
from registry.services.finding import NewsView

ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
ATOM_TYPE = "application/atom+xml; charset=utf-8"
CACHE_ONE_MINUTE = "public, max-age=60"
NEVER_CHANGED = "1970-01-01T00:00:00Z"  # of a feed without entries
PAGE_LENGTH = 50
BEFORE = "before"  # parameter of the pages after the first: the index that they end at
MAX_DIGITS = 18
REGISTER_NAME = _("Pinzheng")


def blueprint(site: Site) -> Blueprint:
    """Return the blueprint of the feeds."""
    feeds = Blueprint("feeds", __name__)
    feeds.add_url_rule("/<lang:lang>/feeds/search.atom", "search", partial(feed, site, slug=""))
    feeds.add_url_rule("/<lang:lang>/feeds/<register:slug>.atom", "register", partial(feed, site))
    feeds.add_url_rule(
        "/<lang:lang>/feeds/<register:slug>/<number:number>.atom", "record", partial(record_feed, site)
    )
    return feeds


def feed(site: Site, lang: Lang, slug: str) -> Response:
    """Serve the newest entries of a search, whose parameters are those of the pages."""
    requested = finding.parse_request(finding.search_scope(slug), request.args.items(multi=True))
    before = _before()
    news = finding.list_search_news(
        site.registry, ANONYMOUS, requested, lang, limit=PAGE_LENGTH + 1, before=before
    )
    name = requested.scope.register or "search"
    source = FeedSource(
        finding.describe_request(requested, lang), f"/{name}", f"/feeds/{name}.atom", requested.query_string()
    )
    body = _atom(site, lang, source, news, before=before)
    return Page(body, ATOM_TYPE, CACHE_ONE_MINUTE).respond(request)


def record_feed(site: Site, lang: Lang, slug: str, number: str) -> Response:
    """Serve the newest entries of one record."""
    pointer = records.locate_record(site.registry, ANONYMOUS, slug, number)
    before = _before()
    news = finding.list_record_news(
        site.registry, ANONYMOUS, pointer.record_id, lang, limit=PAGE_LENGTH + 1, before=before
    )
    path = quote(f"/{slug}/{pointer.slug_number}")
    source = FeedSource(pointer.slug_number, path, f"/feeds{path}.atom")
    body = _atom(site, lang, source, news, before=before)
    return Page(body, ATOM_TYPE, CACHE_ONE_MINUTE).respond(request)


def _before() -> int | None:
    written = request.args.get(BEFORE, "")
    return int(written) if written.isascii() and written.isdecimal() and len(written) < MAX_DIGITS else None


class FeedSource(NamedTuple):
    """What a feed tells of: its title, and the paths of page and feed without the language, with their query."""

    title: str
    page: str
    feed: str
    query: str = ""


def _atom(site: Site, lang: Lang, source: FeedSource, found: list[NewsView], *, before: int | None) -> bytes:
    """`found`: one entry more than a page holds where there are older ones; `before`: as of the request, None on the first page."""
    news, more = found[:PAGE_LENGTH], len(found) > PAGE_LENGTH
    base = site.registry.settings.base_url
    query = f"?{source.query}" if source.query else ""
    page = f"{base}/{lang}{source.page}{query}"
    own = f"{base}/{lang}{source.feed}{query}"
    root = ET.Element("feed", {"xmlns": ATOM_NAMESPACE, "xml:lang": HTML_LANG[lang]})
    _put(root, "id", own)
    _put(
        root,
        "title",
        f"{gettext(REGISTER_NAME, lang)}{gettext(_(': '), lang)}{source.title}",
    )
    _put(root, "updated", _instant(news[0].at) if news else NEVER_CHANGED)
    _put(_put(root, "author"), "name", gettext(REGISTER_NAME, lang))
    joint = "&" if query else "?"
    this = own if before is None else f"{own}{joint}{BEFORE}={before}"
    _put(root, "link", rel="self", type="application/atom+xml", href=this)
    if before is not None:
        _put(root, "link", rel="first", type="application/atom+xml", href=own)
    if more:
        older = f"{own}{joint}{BEFORE}={news[-1].index}"
        _put(root, "link", rel="next", type="application/atom+xml", href=older)
    _put(root, "link", rel="alternate", type="text/html", href=page)
    for item in news:
        _entry(_put(root, "entry"), item, base, lang)
    document: bytes = ET.tostring(root, "utf-8", xml_declaration=True)
    return document


def _entry(entry: ET.Element, news: NewsView, base: str, lang: Lang) -> None:
    title = news.title.in_language(lang)
    status = news.status.zh if lang == "zh" else news.status.en
    _put(entry, "id", f"{base}/r/{quote(news.slug)}#{news.version}")
    invented = [gettext(_("demonstration data"), lang)] if news.demo else []
    said = gettext(_(", "), lang).join([status, *invented])
    _put(entry, "title", f"{title}{gettext(_(': '), lang)}{said}")
    _put(entry, "updated", _instant(news.at))
    _put(entry, "published", _instant(news.at))
    _put(entry, "link", rel="alternate", type="text/html", href=f"{base}/{lang}{quote(news.path)}")
    _put(entry, "category", term=news.register.slug, label=gettext(news.register.label_one, lang))
    if news.demo:
        _put(entry, "category", term="demonstration", label=invented[0])
    _put(
        entry,
        "summary",
        gettext(_(", "), lang).join(
            (
                gettext(news.reason, lang),
                news.number,
                gettext(_("entry no. %(index)s"), lang, index=news.index),
            )
        ),
    )


def _put(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, name, attributes)
    element.text = _without_control_characters(text) or None
    return element


def _without_control_characters(text: str) -> str:
    """Return the text without characters that XML 1.0 does not allow."""
    return "".join(
        character
        for character in text
        if character >= " " and not "\ud800" <= character <= "\udfff" and character not in "\ufffe\uffff"
    )


def _instant(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
