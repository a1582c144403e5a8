"""Files that a decision is based on, at the desk: added and taken out by who prepared it, sent to those who see it."""

from __future__ import annotations

from flask import Response, request

from portal.desk import looks
from portal.desk.looks import LookPage
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import BeingExamined, NotFound
from registry.i18n import Lang, _
from registry.services import deciding
from registry.services.deciding import DecisionFileUpload
from registry.services.people import UserSession

EXAMINED_FIELD, KEPT_NAME, REMOVE = "examined", "kept_name", "remove"
MAX_TOKEN = 80  # characters
MAX_DIGITS = 12  # of the number of a file
FILE_OF_DECISION = _("File of a decision")
ADD = Form(
    _("Files the decision is based on"),
    _("Add the file"),
    (Field("file", _("File"), _("PDF, OFD, JPEG or PNG, at most 20 MB"), "file"),),
)


def show_files(site: Site, lang: Lang, user: UserSession, decision: int) -> Response:
    """Show the files of a decision; add one, take one out."""
    path = f"/desk/decisions/{decision}/files"
    registry, actor = site.registry, user.actor
    view = deciding.get_decision(registry, actor, decision, lang)
    if not view.own:
        raise NotFound("decision", str(decision))  # the others open its files on its page
    written = forms.field_text(REMOVE)
    if forms.is_submitted() and written.isascii() and written.isdecimal() and len(written) < MAX_DIGITS:
        deciding.remove_decision_file(registry, actor, decision, int(written))
        return redirect_see_other(f"/{lang}{path}")
    state, hidden = None, {}
    if forms.is_submitted():
        file = _upload()
        try:
            done = forms.attempt(
                lang, {}, lambda: deciding.add_decision_file(registry, actor, decision, file)
            )
        except BeingExamined as examined:
            state = FormState({}, {})
            hidden = {EXAMINED_FIELD: examined.token, KEPT_NAME: examined.name}
        else:
            if not isinstance(done, FormState):
                return redirect_see_other(f"/{lang}{path}")
            state = done
    context = {
        "decision": view,
        "files": deciding.list_decision_files(registry, actor, decision),
        "hidden_fields": hidden,
    }
    page = FormPage(site, lang, path, ADD, template="desk/decision_files.html", context=context)
    return forms.show_form(page, state)


def send_file(site: Site, lang: Lang, user: UserSession, decision: int, *, file: int) -> Response:
    """Send a file of a decision as a download; who has looked stands in the audit log."""
    back = f"/desk/decisions/{decision}"
    page = LookPage(site, lang, f"{back}/files/{file}", back, FILE_OF_DECISION, str(decision))
    return looks.send_confidential(
        page,
        lambda reason: deciding.get_decision_file(site.registry, user.actor, decision, file, reason=reason),
    )


def _upload() -> DecisionFileUpload:
    token = request.form.get(EXAMINED_FIELD, "")[:MAX_TOKEN]
    given = request.files.get("file")
    if given is None or not given.filename:
        return DecisionFileUpload(token=token)
    return DecisionFileUpload(given.filename, given.stream)
