"""The public pages: everything a reader without an account can see."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from portal.public import (
    checking,
    comparison,
    csp_reports,
    display,
    downloads,
    home,
    information_pages,
    product_pages,
    random_checks,
    records,
    registers,
    reports,
    robots_sitemap_health,
    search,
    service_status,
    statistics,
    watching,
)
from portal.web.security import CSP_REPORT_PATH
from portal.web.site import Site

View = Callable[..., Any]
CHART = "<chart>.<any(csv, svg, png):ending>"
ROUTES: tuple[tuple[str, str, View], ...] = (
    ("/", "entrance", home.redirect_to_language),
    ("/<lang:lang>", "home_bare", home.home_without_slash),
    ("/<lang:lang>/", "home", home.home),
    ("/<lang:lang>/search", "search", search.search),
    ("/<lang:lang>/searches", "searches", information_pages.searches),
    ("/<lang:lang>/registers", "registers", registers.registers),
    ("/<lang:lang>/quality", "quality", information_pages.quality),
    ("/<lang:lang>/glossary", "glossary", information_pages.glossary),
    ("/<lang:lang>/status", "status", service_status.service_status),
    ("/<lang:lang>/about", "about", information_pages.about),
    ("/<lang:lang>/open-data", "open_data", downloads.open_data),
    ("/<lang:lang>/statistics", "statistics", statistics.over_all),
    (f"/<lang:lang>/statistics/all/{CHART}", "statistics_chart", statistics.chart_of_all),
    ("/<lang:lang>/statistics/<register:slug>", "register_statistics", statistics.of_register),
    (
        f"/<lang:lang>/statistics/<register:slug>/{CHART}",
        "register_statistics_chart",
        statistics.chart_of_register,
    ),
    ("/<lang:lang>/products", "products", product_pages.product_form),
    ("/<lang:lang>/products/<gtin>", "product", product_pages.product_of_barcode),
    ("/<lang:lang>/checks", "checks", random_checks.list_checks),
    ("/<lang:lang>/checks/<check>", "check", random_checks.show_check),
    ("/checks.json", "checks_file", random_checks.list_file),
    ("/checks/recompute_draw.py", "recompute_draw", random_checks.script_file),
    ("/checks/<check>/check.json", "check_file", random_checks.check_file),
    ("/checks/<check>/population.json", "population_file", random_checks.population_file),
    ("/<lang:lang>/compare", "compare", comparison.compare),
    ("/<lang:lang>/compare.csv", "compare_sheet", comparison.compare_sheet),
    ("/<lang:lang>/<register:slug>", "register", search.register),
    ("/<lang:lang>/<register:slug>/<number:number>", "record", records.record),
    ("/r/<number:number>", "permalink", records.permalink),
    ("/texts/<digest>", "text", robots_sitemap_health.full_text),
    ("/pictures/<picture>", "picture", robots_sitemap_health.show_picture),
    ("/pictures/<picture>/small", "small_picture", robots_sitemap_health.show_small_picture),
    ("/static/<path:name>", "static", robots_sitemap_health.static),
    ("/favicon.ico", "favicon", robots_sitemap_health.favicon),
    ("/robots.txt", "robots", robots_sitemap_health.robots),
    ("/.well-known/security.txt", "security_contact", robots_sitemap_health.security_contact),
    ("/.well-known/change-password", "change_password", robots_sitemap_health.change_password),
    ("/sitemap.xml", "sitemap", robots_sitemap_health.sitemap),
    ("/sitemap-<int:part>.xml", "sitemap_part", robots_sitemap_health.sitemap_part),
    ("/healthz", "alive", watching.answer_alive),
    ("/readyz", "ready", watching.answer_ready),
    ("/metrics", "metrics", watching.show_metrics),
)


def blueprint(site: Site) -> Blueprint:
    """Return the blueprint of the public pages; every view takes the site first."""
    pages = Blueprint("public", __name__)
    for rule, endpoint, view in ROUTES:
        pages.add_url_rule(rule, endpoint, partial(view, site), methods=["GET"])
    check = partial(checking.check_page, site)
    pages.add_url_rule("/<lang:lang>/verify", "verify", check, methods=["GET", "POST"])
    choose = partial(display.display_page, site)
    pages.add_url_rule("/<lang:lang>/display", "display", choose, methods=["GET", "POST"])
    for rule, endpoint, page in (
        ("report/<kind>", "report", reports.report_form),
        ("reports/<number>/<token>", "own_report", reports.own_report),
    ):
        view = partial(page, site)
        pages.add_url_rule(f"/<lang:lang>/{rule}", endpoint, view, methods=["GET", "POST"])
    report = partial(csp_reports.take_csp_report, site)
    pages.add_url_rule(CSP_REPORT_PATH, "csp_reports", report, methods=["POST"])
    for name in information_pages.OPERATOR_PAGES:
        view = partial(information_pages.operator_page, site, name)
        pages.add_url_rule(f"/<lang:lang>/{name}", name, view, methods=["GET"])
    pages.register_blueprint(downloads.blueprint(site))
    return pages
