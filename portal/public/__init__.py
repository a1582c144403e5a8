"""The public pages: everything a reader without an account can see."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from portal.public import entrance, machines, records, searching, texts
from portal.web.site import Site

View = Callable[..., Any]
ROUTES: tuple[tuple[str, str, View], ...] = (
    ("/", "entrance", entrance.entrance),
    ("/<lang:lang>", "home_bare", entrance.home_bare),
    ("/<lang:lang>/", "home", entrance.home),
    ("/<lang:lang>/search", "search", searching.search),
    ("/<lang:lang>/searches", "searches", texts.searches),
    ("/<lang:lang>/quality", "quality", texts.quality),
    ("/<lang:lang>/glossary", "glossary", texts.glossary),
    ("/<lang:lang>/about", "about", texts.about),
    ("/<lang:lang>/<register:slug>", "register", searching.register),
    ("/<lang:lang>/<register:slug>/<number:number>", "record", records.record),
    ("/r/<number:number>", "permalink", records.permalink),
    ("/texts/<digest>", "text", machines.text),
    ("/static/<path:name>", "static", machines.static),
    ("/favicon.ico", "favicon", machines.favicon),
    ("/robots.txt", "robots", machines.robots),
    ("/sitemap.xml", "sitemap", machines.sitemap),
    ("/sitemap-<int:part>.xml", "sitemap_part", machines.sitemap_part),
    ("/healthz", "alive", machines.alive),
    ("/readyz", "ready", machines.ready),
)


def blueprint(site: Site) -> Blueprint:
    """The public pages over this site; every view takes the site first."""
    made = Blueprint("public", __name__)
    for rule, endpoint, view in ROUTES:
        made.add_url_rule(rule, endpoint, partial(view, site), methods=["GET"])
    return made
