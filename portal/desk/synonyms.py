"""The words of searches at the desk: synonyms are added and taken out, searches in vain kept off the public page."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import see
from portal.web.forms import Field, Form
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services.finding import synonym_admin
from registry.services.people.sessions import Signed

LIST = "/desk/words"
NEW = Form(
    _("Words of searches"),
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


def listed(site: Site, lang: Lang, who: Signed) -> Response:
    missed = synonym_admin.missed_at_all(site.registry, who.actor)
    return forms.run(
        site,
        lang,
        LIST,
        NEW,
        lambda typed: synonym_admin.add(site.registry, who.actor, typed["words"]),
        lambda _done: see(f"/{lang}{LIST}#added"),
        forms.untouched(words=request.args.get("words", "")[:60]),
        template="desk/words.html",
        added=synonym_admin.added(site.registry, who.actor),
        missed=missed,
    )


def remove(site: Site, lang: Lang, who: Signed, synonym: int) -> Response:
    synonym_admin.remove(site.registry, who.actor, synonym)
    return see(f"/{lang}{LIST}#added")


def hide(site: Site, lang: Lang, who: Signed) -> Response:
    hidden = request.form.get("hidden") == "1"
    synonym_admin.hide(site.registry, who.actor, forms.text_of("text"), hidden=hidden)
    return see(f"/{lang}{LIST}#missed")
