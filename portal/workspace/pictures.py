"""The logos and product pictures of an organisation: supplied, replaced and removed on one page."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from portal.workspace.claims import EXAMINED_FIELD, row_id
from portal.workspace.draft_urls import organisation_path
from registry.errors import BeingExamined
from registry.i18n import Lang, _
from registry.services import filing, people
from registry.services.filing import PictureForm
from registry.services.people import Represented, UserSession

KEPT_FIELD, NAME_FIELD = (
    "kept",
    "kept_name",
)  # hidden: the id of a file that was examined before, and its name
PICTURES = Form(
    _("Logo and pictures"),
    _("Show it"),
    (
        Field(
            "number",
            _("Number of the record"),
            _(
                "Of a record that the organisation holds, for a picture of the product. Empty: the logo of the organisation."
            ),
            width="20",
        ),
        Field("file", _("Picture"), _("JPEG or PNG, at most 10 MB."), "file", accept=".jpg,.jpeg,.png"),
        Field(
            "alt_zh",
            _("What can be seen on it (Chinese)"),
            _("For people who cannot see it, for example “a solid wood dining table with four chairs”."),
            width="30",
        ),
        Field("alt_en", _("What can be seen on it (English)"), width="30"),
        Field(
            "rights",
            _("The organisation may publish this picture and lets everybody see it here"),
            kind="tick",
        ),
    ),
)


def pictures_path(org: Represented) -> str:
    """Return the address of the page, without the language."""
    return f"{organisation_path(org)}/pictures"


def show_pictures(site: Site, lang: Lang, user: UserSession, org: Represented) -> Response:
    """Show the pictures of an organisation with a form for another one, and take what is sent.

    A file that is still being examined, or stands beside another mistake, stays with the form.
    """
    view = filing.list_pictures(site.registry, user.actor, org)
    kept: dict[str, str] = {}
    state = forms.initial_state(number=request.args.get("number", "")[:120])
    if request.method == "POST":
        values = forms.submitted_values(PICTURES)
        state = FormState(values, {})
        if forms.is_submitted():
            outcome, kept = _take(site, lang, user, org=org, values=values)
            if not isinstance(outcome, FormState):
                return redirect_see_other(f"/{lang}{outcome}")
            state = outcome
    context = {"view": view, "hidden_fields": kept}
    page = FormPage(
        site, lang, pictures_path(org), PICTURES, template="workspace/pictures.html", context=context
    )
    return forms.show_form(page, state)


def remove_picture(site: Site, lang: Lang, user: UserSession, *, org: Represented, record: int) -> Response:
    """Take a picture away."""
    filing.remove_picture(site.registry, user.actor, org, record)
    return redirect_see_other(f"/{lang}{pictures_path(org)}")


def _take(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, values: dict[str, str]
) -> tuple[str | FormState, dict[str, str]]:
    """Return the path of the record that shows the picture, or the form with what is wrong; and what goes along with it."""
    kept = {name: request.form.get(name, "")[:200] for name in (KEPT_FIELD, NAME_FIELD)}
    try:
        stored = forms.attempt(lang, values, lambda: _uploaded(site, user))
    except BeingExamined as examined:
        return FormState(values, {}), {EXAMINED_FIELD: examined.token, NAME_FIELD: examined.name}
    if isinstance(stored, FormState):
        return stored, {}
    if stored is not None:
        kept = {KEPT_FIELD: str(stored.id), NAME_FIELD: stored.name}
    form = PictureForm(
        values["number"],
        values["alt_zh"],
        values["alt_en"],
        has_rights=bool(values["rights"]),
        file_id=row_id(kept[KEPT_FIELD]),
    )
    supplied = forms.attempt(
        lang, values, lambda: filing.supply_picture(site.registry, user.actor, org, form)
    )
    return supplied, kept if kept[KEPT_FIELD] else {}


def _uploaded(site: Site, user: UserSession) -> people.AttachmentView | None:
    """Return the picture that was sent, or that was being examined before; None for none. Raises `BeingExamined`, `Invalid`."""
    uploaded = request.files.get("file")
    if uploaded is not None and uploaded.filename:
        name, stream = uploaded.filename, uploaded.stream
        return people.upload_attachment(site.registry, user.actor, name, stream, is_picture=True)
    if token := request.form.get(EXAMINED_FIELD, ""):
        return people.collect_attachment(site.registry, user.actor, token[:80])
    return None
