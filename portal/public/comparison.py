"""Records of one register side by side: `/{lang}/compare?n=…&n=…`, as a page, for print, and as CSV."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request

from portal.web.downloads import CSV, content_disposition
from portal.web.responses import CACHE_REVALIDATE, Page
from portal.web.site import Site
from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang
from registry.services import products
from registry.services.products import SideBySideView

NUMBER_PARAMETER = "n"
STATUS_OF_ANSWER = {"unknown": 404, "too_many": 400, "registers": 400}


def compare(site: Site, lang: Lang) -> Response:
    """Show the records that `n` names side by side, or say why they cannot be compared."""
    view = _view(site, lang)
    numbers = [each.number for each in view.records] if view.answer == "compared" else []
    typed = _typed()
    page = site.page(
        "public/compare.html",
        lang,
        "/compare",
        kept_query=urlencode([(NUMBER_PARAMETER, number) for number in typed]),
        comparison=view,
        typed=typed,
        most=products.MAX_COMPARED,
        today=clock.today().isoformat(),
        sheet=f"/{lang}/compare.csv?{_query(numbers)}",
        without={number: _query([each for each in numbers if each != number]) for number in numbers},
    )
    return page.respond(request, STATUS_OF_ANSWER.get(view.answer, 200))


def compare_sheet(site: Site, lang: Lang) -> Response:
    """Return the comparison as CSV; a redirect to its page where there is nothing to compare."""
    view = _view(site, lang)
    if view.answer != "compared":
        location = f"/{lang}/compare?{_query(_typed())}"
        return Response(b"", 303, [("Location", location), ("Cache-Control", CACHE_REVALIDATE)])
    response = Page(products.comparison_csv(view, lang), CSV).respond(request)
    response.headers.set(*content_disposition(f"compare-{clock.today().isoformat()}.csv"))
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _view(site: Site, lang: Lang) -> SideBySideView:
    return products.compare_records(site.registry, ANONYMOUS, _typed(), lang)


def _typed() -> list[str]:
    """Return the numbers of the address, those that are not empty, a few more than can be looked at."""
    given = request.args.getlist(NUMBER_PARAMETER)[: 2 * products.MAX_ASKED]
    return [number for each in given if (number := each.strip()[: products.MAX_NUMBER_LENGTH])]


def _query(numbers: list[str]) -> str:
    return urlencode([(NUMBER_PARAMETER, number) for number in numbers])
