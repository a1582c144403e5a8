"""Reports of errors and fakes, and objections: the form, without an account, and the page on which its sender sees the answer."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace

from flask import Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from portal.web import access, forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry import i18n
from registry.accounts.policy import ANONYMOUS
from registry.errors import BeingExamined, Conflict, Invalid, NotFound
from registry.i18n import Lang, _
from registry.services import reports
from registry.services.issue_messages import issue_message, message_of_code
from registry.services.reports import ReportDraft, SentFile

SUBJECT, REGISTER, STAMP, TRAP = "n", "register", "opened", "website"  # fields beside the questions
EXAMINED = "examined"  # the token of a file that was being examined
MAX_TOKEN = 80  # characters
STATEMENT = Field(
    "statement",
    _("What is wrong, and how do you know?"),
    _(
        "Name what can be checked: a document, a date, an address. At most 4,000 characters. It is not published."
    ),
    "long",
)
FAKE = Field(
    "statement",
    _("What did you see, and why do you take it for a fake?"),
    _(
        "Name what can be checked: the number on it, what differs from this page, who sells it. At most 4,000 characters. "
        "It is not published."
    ),
    "long",
)
OBJECTION = Field(
    "statement",
    _("What do you object to, and on what grounds?"),
    _(
        "Name what can be checked: a document, a date, a witness. At most 4,000 characters. It is not published."
    ),
    "long",
)
SEEN_AT = Field(
    "seen_at",
    _("Where did you see it? (if you like)"),
    _("Shop, address, link, day. At most 500 characters."),
    "long",
)
FILE = Field(
    "file",
    _("A photograph or document (if you like)"),
    _("PDF, OFD, JPEG or PNG, at most 10 MB. It is checked for malware and never published."),
    "file",
)
EMAIL = Field(
    "email",
    _("E-mail address (if you like)"),
    _("You are told when it is answered. Staff do not see the address; it is deleted with the report."),
    "email",
    "email",
    width="30",
)
SEND = _("Send")
FORMS = {
    "error": Form(_("Report an error"), SEND, (STATEMENT, FILE, EMAIL)),
    "fake": Form(_("Report a fake"), SEND, (FAKE, SEEN_AT, FILE, EMAIL)),
    "objection": Form(_("Object to this proposal"), SEND, (OBJECTION, FILE, EMAIL)),
}
FILE_EXAMINED = _("The file is still being examined. Send the form again in a moment; the file is kept.")


def report_form(site: Site, lang: Lang, kind: str) -> Response:
    """Show the form of a report or an objection, and take what was sent."""
    if kind not in FORMS:
        raise NotFound("report", kind)
    about = request.values.get(SUBJECT, "")[:200], request.values.get(REGISTER, "")[:60]
    try:
        view = reports.open_form(site.registry, ANONYMOUS, kind, register=about[1], number=about[0])
    except Invalid as problem:
        words = " ".join(issue_message(issue, lang) for issue in problem.issues)
        return forms.private_page(
            site,
            lang,
            f"/report/{kind}",
            "public/report_refused.html",
            status=409,
            title=FORMS[kind].title,
            words=words,
            instead=reports.form_path("error", about[1], about[0]),
        )
    examined = request.form.get(EXAMINED, "")[:MAX_TOKEN]
    state = _take(site, lang, kind, examined) if forms.is_submitted() else None
    if isinstance(state, Response):
        return state
    if isinstance(state, BeingExamined):
        examined = state.token
        waiting = {"file": i18n.gettext(FILE_EXAMINED, lang)}
        state = FormState(forms.submitted_values(FORMS[kind]), waiting, 202)
    hidden = {
        SUBJECT: about[0],
        REGISTER: about[1],
        STAMP: reports.keep_stamp(site.registry, ANONYMOUS, forms.field_text(STAMP)),
        EXAMINED: examined,
    }
    page = FormPage(
        site,
        lang,
        f"/report/{kind}",
        FORMS[kind],
        template="public/report.html",
        context={"view": view, "hidden_fields": hidden, "trap": TRAP},
    )
    return forms.show_form(page, state)


def own_report(site: Site, lang: Lang, number: str, token: str) -> Response:
    """Show what became of a report to who has its link; withdraw it where its sender says so."""
    path = f"/reports/{number}/{token}"
    told = ""
    if forms.is_submitted() and request.form.get("do") == "withdraw":
        try:
            reports.withdraw_report(site.registry, ANONYMOUS, number, token)
            return redirect_see_other(f"/{lang}{path}?done=withdrawn")
        except Conflict as refusal:
            told = message_of_code(refusal.reason, lang, refusal.params)
        except NotFound:
            pass  # the page says so
    try:
        view = reports.get_own_report(site.registry, ANONYMOUS, number, token)
    except NotFound:
        return forms.private_page(
            site,
            lang,
            "/report/error",
            "public/report_void.html",
            status=404,
            title=_("No report at this address"),
        )
    return forms.private_page(
        site,
        lang,
        path,
        "public/report_receipt.html",
        status=409 if told else 200,
        report=view,
        done=request.args.get("done", ""),
        told=told,
        action=path,
    )


def _take(site: Site, lang: Lang, kind: str, examined: str) -> FormState | Response | BeingExamined:
    """Hand in what was sent; return where its page is, or the state of the form with what is wrong."""
    form = FORMS[kind]
    with ExitStack() as open_files:
        try:
            values = forms.submitted_values(form)
            uploaded = request.files.get("file")
        except RequestEntityTooLarge:
            return redirect_see_other(f"{request.path}?{access.TOO_LARGE_PARAMETER}=1")
        file = SentFile(token=examined)
        if uploaded is not None and uploaded.filename:
            open_files.callback(uploaded.close)
            file = SentFile(uploaded.filename[:200], uploaded.stream)
        draft = ReportDraft(
            kind=kind,
            register=request.values.get(REGISTER, "")[:60],
            subject=request.values.get(SUBJECT, "")[:200],
            statement=values["statement"],
            seen_at=values.get("seen_at", ""),
            email=values["email"],
            lang=lang,
            network=access.client_network(site, request),
            stamp=forms.field_text(STAMP),
            trap=forms.field_text(TRAP),
            file=file,
        )
        try:
            handed_in = forms.attempt(
                lang, values, lambda: reports.hand_in_report(site.registry, ANONYMOUS, draft)
            )
        except BeingExamined as unfinished:
            return unfinished
    if isinstance(handed_in, FormState):
        return replace(handed_in, values=values)
    return redirect_see_other(f"{handed_in}?done=sent")
