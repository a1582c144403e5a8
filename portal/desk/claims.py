"""Claims at the desk: what waits, one claim with its proof, the decision."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import see
from portal.web.downloads import download
from portal.web.forms import Field, Form
from portal.web.responses import NEVER
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services.people import claims
from registry.services.people.sessions import Signed

LIST = "/desk/claims"
DECISION = Form(
    _("Decide over the claim"),
    _("Refuse"),
    (Field("reason", _("Reason, if refused"), _("The person reads it in the mail."), "long"),),
)


def waiting(site: Site, lang: Lang, who: Signed) -> Response:
    return forms.page(site, lang, LIST, "desk/claims.html", cases=claims.cases(site.registry, who.actor))


def one(site: Site, lang: Lang, who: Signed, claim: int) -> Response:
    case = claims.case(site.registry, who.actor, claim)
    confirmed = request.form.get("decision") == "confirm"
    return forms.run(
        site,
        lang,
        f"{LIST}/{claim}",
        DECISION,
        lambda typed: claims.decide(
            site.registry, who.actor, claim, confirmed=confirmed, reason=typed["reason"]
        ),
        lambda _done: see(f"/{lang}{LIST}"),
        template="desk/claim.html",
        case=case,
    )


def proof(site: Site, lang: Lang, who: Signed, claim: int) -> Response:
    """The file as a download: never shown by the browser as a page of ours (ASVS 12.5.2)."""
    del lang
    name, place = claims.proof(site.registry, who.actor, claim)
    return download(name, place, NEVER)
