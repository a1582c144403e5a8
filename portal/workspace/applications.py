"""What an organisation has applied for: the list, one application, its evidence, correcting and withdrawing it."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.answers import answer_groups
from portal.web.downloads import download
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.responses import NO_STORE
from portal.web.site import Site
from portal.workspace.draft_urls import (
    application_path,
    draft_or_published,
    draft_path,
    filed_path,
    redirect_to_receipt,
)
from registry.errors import BeingExamined, NotFound
from registry.i18n import Lang, _
from registry.registers import applied_registers, catalogue, organisation_register
from registry.services import applying, filing
from registry.services.applying import ApplicationView, DraftEvidence, HandedInFile
from registry.services.filing import NewDraft, PublishedDraft, UploadedFile, filing_of
from registry.services.people import Represented, UserSession

EXAMINED_FIELD, KEPT_NAME = "examined", "kept_name"
MAX_TOKEN = 80  # characters
CHANGES: dict[str, bool | None] = {"public": True, "private": False, "remove": None}  # None takes a file out
HAND_IN = Form(
    _("Supporting files"),
    _("Add the file"),
    (
        Field("kind", _("Kind of evidence"), kind="choice"),
        Field("file", _("File"), _("PDF, OFD, JPEG or PNG, at most 20 MB"), "file"),
        Field(
            "public",
            _("Publish this file with the record"),
            _(
                "Anybody may have it then, once the application has led to a public notice. Files without this mark stay with the authority."
            ),
            "tick",
        ),
    ),
)
WITHDRAW = Form(
    _("Withdraw the application"),
    _("Withdraw the application"),
    intro=(
        _(
            "It is not examined any further. Nothing of it was public, and nothing will be. You can apply again."
        ),
    ),
)


def of(org: str) -> Represented:
    """Return the organisation of an address: holders apply, and holders are organisations."""
    return Represented(organisation_register().slug, org)


def list_applications(site: Site, lang: Lang, user: UserSession, *, org: str, register: str) -> Response:
    """Show what an organisation has applied for in a register, its drafts, and what it holds there."""
    view = applying.list_own_applications(site.registry, user.actor, org, register)
    return forms.private_page(
        site, lang, filed_path(of(org), register), "workspace/applications.html", list=view
    )


def begin(site: Site, lang: Lang, user: UserSession, *, org: str, register: str) -> Response:
    """Open a draft of an application."""
    draft = filing.open_draft(site.registry, user.actor, org, NewDraft(register))
    return redirect_see_other(f"/{lang}{draft_path(of(org), draft)}")


def show_application(
    site: Site, lang: Lang, user: UserSession, *, org: str, register: str, application: int
) -> Response:
    """Show an application: where it stands, what was said of it, and what was submitted."""
    view = _own(site, lang, user, org=org, register=register, application=application)
    path = application_path(of(org), register, application)
    return forms.private_page(
        site,
        lang,
        path,
        "workspace/application.html",
        application=view,
        base=path,
        files_path=f"/workspace/organisations/{org}/files",
        groups=answer_groups(register),
    )


def correct(
    site: Site, lang: Lang, user: UserSession, *, org: str, register: str, application: int
) -> Response:
    """Open a draft with what was submitted, to correct it."""
    _own(site, lang, user, org=org, register=register, application=application)
    draft = applying.open_correction(site.registry, user.actor, org, application)
    return redirect_see_other(f"/{lang}{draft_path(of(org), draft)}")


def withdraw(
    site: Site, lang: Lang, user: UserSession, *, org: str, register: str, application: int
) -> Response:
    """Ask for confirmation, then withdraw an application."""
    view = _own(site, lang, user, org=org, register=register, application=application)
    path = application_path(of(org), register, application)
    if not view.withdrawable:
        return redirect_see_other(f"/{lang}{path}")
    return forms.handle_form(
        FormPage(
            site,
            lang,
            f"{path}/withdraw",
            WITHDRAW,
            context={"back": path, "about": view.line.title.in_language(lang)},
        ),
        lambda _typed: applying.withdraw_application(site.registry, user.actor, org, application),
        lambda _done: redirect_see_other(f"/{lang}{path}"),
    )


def send_file(site: Site, lang: Lang, user: UserSession, *, org: str, file: int) -> Response:
    """Send a file of a draft or an application as a download."""
    del lang
    stored = applying.get_own_file(site.registry, user.actor, org, file)
    return download(stored.name, stored.path, NO_STORE)


def evidence(site: Site, lang: Lang, user: UserSession, *, org: str, draft: int) -> Response:
    """Show the files of a draft; add one, take one out, make one public or not."""
    view = draft_or_published(site, user, of(org), draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(lang, of(org), view)
    if view.register not in {each.slug for each in applied_registers()}:
        raise NotFound("evidence", str(draft))
    path = f"{draft_path(of(org), draft)}/evidence"
    change, _dash, file = forms.field_text("change").partition("-")
    if forms.is_submitted() and change in CHANGES and file.isascii() and file.isdecimal() and len(file) < 12:
        applying.change_evidence(
            site.registry, user.actor, org, draft, file_id=int(file), public=CHANGES[change]
        )
        return redirect_see_other(f"/{lang}{path}")
    state, hidden = None, {}
    if forms.is_submitted():
        values = forms.submitted_values(HAND_IN)
        handed_in = HandedInFile(
            values["kind"],
            values["public"] == forms.TICKED,
            _upload(),
            request.form.get(EXAMINED_FIELD, "")[:MAX_TOKEN],
        )
        try:
            done = forms.attempt(
                lang,
                values,
                lambda: applying.attach_evidence(site.registry, user.actor, org, draft, file=handed_in),
            )
        except BeingExamined as examined:
            state = FormState(values, {})
            hidden = {EXAMINED_FIELD: examined.token, KEPT_NAME: examined.name}
        else:
            if not isinstance(done, FormState):
                return redirect_see_other(f"/{lang}{path}")
            state = done
    found = applying.get_draft_evidence(site.registry, user.actor, org, draft)
    return forms.show_form(
        FormPage(
            site,
            lang,
            path,
            _form(found, lang),
            template="workspace/evidence.html",
            context={"draft": view, "evidence": found, "hidden_fields": hidden},
        ),
        state,
    )


def report_year(
    site: Site, lang: Lang, user: UserSession, *, org: str, register: str, number: str
) -> Response:
    """Ask for the figures of a year, and publish that it was reported."""
    registry, actor = site.registry, user.actor
    found = applying.get_report_form(registry, actor, org, register=register, number=number)
    back = filed_path(of(org), register)
    years = tuple((str(year), str(year)) for year in found.years)
    figures = tuple(Field(code, getattr(words, lang), width="10") for code, words in found.figures)
    form = Form(
        _("Annual report"),
        _("Submit the report"),
        (Field("year", _("Year"), kind="choice", choices=years), *figures),
        (found.hint,),
        ((back, filing_of(catalogue()[register]).words.all_records),),
    )
    return forms.handle_form(
        FormPage(
            site,
            lang,
            f"{back}/{found.slug}/report",
            form,
            context={"about": f"{found.title.in_language(lang)} {found.number}"},
        ),
        lambda typed: applying.submit_report(
            registry, actor, org, register=register, number=number, typed=typed
        ),
        lambda _year: redirect_see_other(f"/{lang}{back}"),
    )


def _form(found: DraftEvidence, lang: Lang) -> Form:
    """Return the form for a file, with the kinds of the register; the first one that is missing stands first."""
    kinds = sorted(found.kinds, key=lambda each: not (each.required and not each.files))
    choices = tuple((each.code, getattr(each.words, lang)) for each in kinds)
    fields = tuple(
        Field(each.name, each.label, each.hint, each.kind, choices=choices) if each.name == "kind" else each
        for each in HAND_IN.fields
    )
    return Form(HAND_IN.title, HAND_IN.button, fields)


def _upload() -> UploadedFile | None:
    sent = request.files.get("file")
    return UploadedFile(sent.filename, sent.stream) if sent is not None and sent.filename else None


def _own(
    site: Site, lang: Lang, user: UserSession, *, org: str, register: str, application: int
) -> ApplicationView:
    """Return an application at its address. Raises `NotFound`, also where it is one of another register."""
    view = applying.get_own_application(site.registry, user.actor, org, application, lang=lang)
    if view.line.register.slug != register:
        raise NotFound("application", str(application))
    return view
