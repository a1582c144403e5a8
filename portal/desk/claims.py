"""Claims at the desk: the list, one claim with its proof, the decision."""

from __future__ import annotations

from flask import Response, request

from portal.desk import looks
from portal.desk.looks import LookPage
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services import people
from registry.services.confidential import LookReason
from registry.services.people import UserSession

LIST_PATH = "/desk/claims"
DECISION = Form(
    _("Decide over the claim"),
    _("Refuse"),
    (Field("reason", _("Reason, if refused"), _("The person reads it in the mail."), "long"),),
)


def list_claims(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the claims that wait for a decision."""
    cases = people.list_claims(site.registry, user.actor)
    decided = request.args.get("decided", "")
    return forms.private_page(
        site,
        lang,
        LIST_PATH,
        "desk/claims.html",
        cases=cases,
        mails_are_sent=bool(site.registry.settings.mail_url),
        done=next(
            (case for case in cases if str(case.id) == decided and case.status in ("confirmed", "refused")),
            None,
        ),
    )


def decide(site: Site, lang: Lang, user: UserSession, claim: int) -> Response:
    """Show a claim; ask whether the decision that was sent is meant, with what it will do; decide when that is answered."""
    case = people.get_claim(site.registry, user.actor, claim)
    confirmed = request.form.get("decision") == "confirm"
    reason = request.form.get("reason", "").strip()
    asks = forms.is_submitted() and "sure" not in request.form and (confirmed or reason)
    if asks and case.status == "waiting" and not case.own:
        return forms.private_page(
            site,
            lang,
            f"{LIST_PATH}/{claim}",
            "desk/claim_decision.html",
            case=case,
            confirmed=confirmed,
            reason="" if confirmed else reason,
            mails_are_sent=bool(site.registry.settings.mail_url),
        )
    return forms.handle_form(
        FormPage(
            site, lang, f"{LIST_PATH}/{claim}", DECISION, template="desk/claim.html", context={"case": case}
        ),
        lambda typed: people.decide_claim(
            site.registry, user.actor, claim, confirmed=confirmed, reason=typed["reason"]
        ),
        lambda _done: redirect_see_other(f"/{lang}{LIST_PATH}?decided={claim}"),
    )


def proof(site: Site, lang: Lang, user: UserSession, claim: int) -> Response:
    """Serve the proof as a download: a browser never shows it as a page of this site (ASVS 12.5.2)."""
    page = _look_page(site, lang, user, claim, what=_("Document of proof"), last="proof")
    return looks.send_confidential(
        page, lambda reason: people.open_claim_proof(site.registry, user.actor, claim, reason=reason)
    )


def claimant(site: Site, lang: Lang, user: UserSession, claim: int) -> Response:
    """Show the name and address of who has made a claim, which its page masks."""

    def look(reason: LookReason) -> tuple[tuple[str, str], ...]:
        person = people.open_claimant(site.registry, user.actor, claim, reason=reason)
        return ((_("Name"), person.person), (_("E-mail address"), person.email), (_("Post"), person.post))

    page = _look_page(site, lang, user, claim, what=_("Person"), last="person")
    return looks.show_confidential(page, look)


def _look_page(site: Site, lang: Lang, user: UserSession, claim: int, *, what: str, last: str) -> LookPage:
    case = people.get_claim(site.registry, user.actor, claim)
    path = f"{LIST_PATH}/{claim}"
    return LookPage(site, lang, f"{path}/{last}", path, what, case.number)
