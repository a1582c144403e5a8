"""Synonyms at the desk: adding and removing them, and hiding searches without a result from the public page."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services import finding
from registry.services.people import UserSession

LIST_PATH = "/desk/words"
ADD_FORM = Form(
    _("Search synonyms"),
    _("Add"),
    (
        Field(
            "words",
            _("Words that mean the same"),
            _(
                "Two to ten words, in either language, with = between them: sofa = couch = 沙发. "
                "From then on each finds the records of the others."
            ),
        ),
    ),
)


def list_words(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the synonyms and the searches without a result, and add a synonym."""
    zero_results = finding.list_all_zero_results(site.registry, user.actor)
    return forms.handle_form(
        FormPage(
            site,
            lang,
            LIST_PATH,
            ADD_FORM,
            template="desk/words.html",
            context={"added": finding.list_staff_synonyms(site.registry, user.actor), "missed": zero_results},
        ),
        lambda typed: finding.add_synonym(site.registry, user.actor, typed["words"]),
        lambda _done: redirect_see_other(f"/{lang}{LIST_PATH}#added"),
        forms.initial_state(words=request.args.get("words", "")[:60]),
    )


def remove_synonym(site: Site, lang: Lang, user: UserSession, synonym: int) -> Response:
    """Remove a synonym."""
    finding.remove_synonym(site.registry, user.actor, synonym)
    return redirect_see_other(f"/{lang}{LIST_PATH}#added")


def hide_search(site: Site, lang: Lang, user: UserSession) -> Response:
    """Let a search without a result stand on the public page, or keep it off."""
    hidden = request.form.get("hidden") == "1"
    finding.hide_zero_result(site.registry, user.actor, forms.field_text("text"), hidden=hidden)
    return redirect_see_other(f"/{lang}{LIST_PATH}#missed")
