"""What programs request: static files, full texts, pictures, robots.txt, sitemap."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.utils import parseaddr
from itertools import chain, islice
from urllib.parse import quote

from flask import Response, abort, request

from portal.public.information_pages import OPERATOR_PAGES
from portal.web.downloads import download
from portal.web.errors import request_lang
from portal.web.locale import VARY_BY_LANGUAGE
from portal.web.responses import TEXT, Page, redirect
from portal.web.site import Site
from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.i18n import HTML_LANG, LOCALES
from registry.services import random_checks, records

XML = "application/xml; charset=utf-8"
CACHE_ONE_MINUTE = "public, max-age=60"  # short: a text may be made private again
CACHE_FIVE_MINUTES = "public, max-age=300"  # a picture may be taken down
CACHE_ONE_HOUR = "public, max-age=3600"
SECURITY_CONTACT_HOLDS = dt.timedelta(days=180)  # RFC 9116 asks for less than a year
MAX_URLS = 50_000  # of one sitemap (sitemaps.org protocol 0.9)
MAX_REGISTERS = 100  # lists of registers in the first part
RECORDS_PER_PART = MAX_URLS // len(LOCALES) - MAX_REGISTERS
FIXED_PATHS = (
    "/",
    "/registers",
    "/quality",
    "/statistics",
    "/checks",
    "/glossary",
    "/searches",
    "/about",
    "/status",
    *(f"/{name}" for name in OPERATOR_PAGES),
)
XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
XHTML_NAMESPACE = 'xmlns:xhtml="http://www.w3.org/1999/xhtml"'


def static(site: Site, name: str) -> Response:
    """Serve a static file."""
    page = site.assets.page(name, request.args.get("v", ""))
    if page is None:
        abort(404)
    return page.respond(request)


def full_text(site: Site, digest: str) -> Response:
    """Serve the full text of a standard, or a file of an application, by its hash, if its holder has made it public."""
    view = records.find_public_text(site.registry, ANONYMOUS, digest)
    return download(view.name, view.path, CACHE_ONE_MINUTE)


def show_picture(site: Site, picture: str) -> Response:
    """Serve the picture of a record by its hash, while a record shows it."""
    kind, path = records.find_picture(site.registry, ANONYMOUS, picture)
    return Page(path.read_bytes(), f"image/{kind}", CACHE_FIVE_MINUTES).respond(request)


def show_small_picture(site: Site, picture: str) -> Response:
    """Serve the picture of a record as lists show it."""
    drawn = records.find_small_picture(site.registry, ANONYMOUS, picture)
    return Page(drawn, "image/webp", CACHE_FIVE_MINUTES).respond(request)


def favicon(site: Site) -> Response:
    """Serve the icon under its traditional address."""
    return static(site, "favicon.svg")


def robots(site: Site) -> Response:
    """Serve robots.txt: everything may be indexed but searches and past days, each of which is worked out anew."""
    lines = (
        "User-agent: *",
        *(f"Disallow: /{lang}/search" for lang in LOCALES),
        "Disallow: /*?at=",
        f"Sitemap: {site.registry.settings.base_url}/sitemap.xml",
    )
    return Page(("\n".join(lines) + "\n").encode(), TEXT, CACHE_ONE_HOUR).respond(request)


def security_contact(site: Site) -> Response:
    """Serve security.txt (RFC 9116): where to report a weakness."""
    base = site.registry.settings.base_url
    operator = site.operator
    contact = operator.security_email or operator.email if operator and not operator.is_example else ""
    expires = dt.datetime.combine(clock.today() + SECURITY_CONTACT_HOLDS, dt.time(), dt.UTC)
    key_url = operator.security_key_url if operator else ""
    lines = (
        f"Contact: mailto:{contact or parseaddr(site.registry.settings.mail_from)[1]}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        *([f"Encryption: {key_url}"] if key_url else []),
        "Preferred-Languages: zh, en",
        f"Canonical: {base}/.well-known/security.txt",
        f"Policy: {base}/en/security",
    )
    return Page(("\n".join(lines) + "\n").encode(), TEXT, CACHE_ONE_HOUR).respond(request)


def change_password(site: Site) -> Response:  # noqa: ARG001
    """Lead password managers to the page that changes the password (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect(f"/{request_lang()}/account/password", 302, (("Vary", VARY_BY_LANGUAGE),))


def sitemap(site: Site) -> Response:
    """Serve the sitemap, or an index of its parts if the addresses do not fit in one file.

    A part holds the records with ids of a range, so that no part is made by walking through those before it.
    """
    parts = -(-records.latest_record_id(site.registry, ANONYMOUS) // RECORDS_PER_PART)
    if parts <= 1:
        return _streamed(_addresses(site, 1))
    base = site.registry.settings.base_url
    entries = "".join(
        f"<sitemap><loc>{base}/sitemap-{part}.xml</loc></sitemap>\n" for part in range(1, parts + 1)
    )
    body = f'{XML_DECLARATION}<sitemapindex xmlns="{NAMESPACE}">\n{entries}</sitemapindex>\n'
    return Page(body.encode(), XML, CACHE_ONE_HOUR).respond(request)


def sitemap_part(site: Site, part: int) -> Response:
    """Serve one part of the sitemap; 404 behind the last."""
    addresses = _addresses(site, part) if part else iter(())
    first = next(addresses, None)
    if first is None:
        abort(404)
    return _streamed(chain((first,), addresses))


def _addresses(site: Site, part: int) -> Iterator[str]:
    """Yield a `url` element for each language of each path of a part."""
    base = site.registry.settings.base_url
    after = (part - 1) * RECORDS_PER_PART
    paths = records.iterate_record_paths(
        site.registry, ANONYMOUS, after=after, until=after + RECORDS_PER_PART
    )
    if part == 1:
        slugs = (f"/{register.slug}" for register in records.list_registers(site.registry, ANONYMOUS))
        checks = random_checks.list_check_paths(site.registry, ANONYMOUS)
        paths = chain(FIXED_PATHS, slugs, checks, paths)
    for path in paths:
        quoted = quote(path)
        twins = "".join(
            f'<xhtml:link rel="alternate" hreflang="{HTML_LANG[lang]}" href="{base}/{lang}{quoted}"/>'
            for lang in LOCALES
        )
        for lang in LOCALES:
            yield f"<url><loc>{base}/{lang}{quoted}</loc>{twins}</url>\n"


def _streamed(addresses: Iterator[str]) -> Response:
    def chunks() -> Iterator[bytes]:
        yield f'{XML_DECLARATION}<urlset xmlns="{NAMESPACE}" {XHTML_NAMESPACE}>\n'.encode()
        while chunk := "".join(islice(addresses, 1000)):
            yield chunk.encode()
        yield b"</urlset>\n"

    return Response(chunks(), 200, [("Content-Type", XML), ("Cache-Control", CACHE_ONE_HOUR)])
