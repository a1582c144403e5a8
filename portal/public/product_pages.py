"""The page of a product: `/{lang}/products/{GTIN}`, or `/{lang}/products?maker=…&model=…`."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from flask import Response, request

from portal.web.responses import redirect
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.errors import NotFound
from registry.i18n import Lang
from registry.services import products

MAX_TYPED = 120


def product_form(site: Site, lang: Lang) -> Response:
    """Show the product of `maker` and `model`, go to that of `gtin`, or ask for either."""
    gtin, maker, model = (
        request.args.get(name, "").strip()[:MAX_TYPED] for name in ("gtin", "maker", "model")
    )
    if gtin:
        return redirect(f"/{lang}/products/{quote(gtin, safe='')}", 303)
    view = None
    if maker and model:
        try:
            view = products.find_product_by_model(site.registry, ANONYMOUS, maker, model, lang=lang)
        except NotFound:
            view = None
    kept = urlencode([(name, value) for name, value in (("maker", maker), ("model", model)) if value])
    typed = {"gtin": "", "maker": maker, "model": model}
    page = site.page("public/product.html", lang, "/products", kept_query=kept, product=view, typed=typed)
    return page.respond(request, 404 if maker and model and view is None else 200)


def product_of_barcode(site: Site, lang: Lang, gtin: str) -> Response:
    """Show the product of a barcode; one of 8, 12 or 13 digits leads to the address with 14."""
    typed = {"gtin": gtin[:MAX_TYPED], "maker": "", "model": ""}
    try:
        view = products.find_product_by_barcode(site.registry, ANONYMOUS, gtin[:MAX_TYPED], lang)
    except NotFound:
        page = site.page(
            "public/product.html", lang, f"/products/{gtin[:MAX_TYPED]}", product=None, typed=typed
        )
        return page.respond(request, 404)
    if view.gtin != gtin:
        return redirect(f"/{lang}/products/{view.gtin}")
    page = site.page("public/product.html", lang, f"/products/{view.gtin}", product=view, typed=typed)
    return page.respond(request)
