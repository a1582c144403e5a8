"""The description of the API: for programs as OpenAPI, for people as a page in both languages."""

from __future__ import annotations

from flask import Blueprint, Response, request

from portal.api import description
from portal.web.errors import request_lang
from portal.web.locale import VARY_BY_LANGUAGE
from portal.web.responses import CACHE_REVALIDATE, Page
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import LOCALES, Lang
from registry.registers import filed_registers
from registry.services import records

PATH = "/api/v1/docs"
OPENAPI = "application/openapi+json; version=3.1; charset=utf-8"
EXAMPLES = {  # path of an operation → what to send to try it
    "/registers": "",
    "/search": "?q=GB/T+35607&lang=en",
    "/suggest": "?q=tong&lang=en",
    "/statistics": "",
}


def blueprint(site: Site) -> Blueprint:
    """Return the blueprint of the description; it stands beside the API, whose prefix it is given."""
    pages = Blueprint("api_description", __name__)
    pages.add_url_rule("/openapi.json", "openapi", _openapi, methods=["GET"])
    pages.add_url_rule("/docs", "docs", lambda: _docs(site), methods=["GET"])
    return pages


def _openapi() -> Response:
    return Page(description.openapi_json(), OPENAPI, CACHE_REVALIDATE).respond(request)


def _docs(site: Site) -> Response:
    """Show the description in the language of `?lang=`, else in the reader's."""
    asked = request.args.get("lang", "")
    lang: Lang = next((each for each in LOCALES if each == asked), request_lang())

    def make() -> Page:
        return site.page(
            "public/api_docs.html",
            lang,
            PATH,
            vary="" if asked == lang else VARY_BY_LANGUAGE,
            addresses={each: f"{PATH}?lang={each}" for each in LOCALES},
            operations=description.OPERATIONS,
            path_parameters=description.PATH_PARAMETERS,
            prefix=description.SERVER,
            base_url=site.registry.settings.base_url,
            examples=EXAMPLES,
            registers=records.list_registers(site.registry, ANONYMOUS),
            filed=[each.slug for each in filed_registers()],
        )

    return site.pages.get_or_make(("api-docs", lang, asked == lang), make).respond(request)
