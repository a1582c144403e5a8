"""The records of an organisation or a body in all registers, and one of them: what is due, asked, answered, and how to appeal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from portal.workspace.artwork import record_of_others
from registry.errors import Conflict, Forbidden, NotFound
from registry.i18n import Lang, _
from registry.services import own_records
from registry.services.issue_messages import refusal_message
from registry.services.own_records import OwnRecordsRequest, OwnRecordView, RecordAddress
from registry.services.people import Represented, UserSession

PATH = "/workspace/records"
ASK = Form(
    "",
    _("Send the request"),
    (
        Field(
            "text",
            _("What you ask for, and why"),
            hint=_(
                "With the day from which it is to hold, and the papers that show it. Not public; those who decide read it."
            ),
            kind="long",
        ),
    ),
)
ANSWER = Form(
    _("Answer the challenge"),
    _("Send the statement"),
    (
        Field(
            "text",
            _("What you state"),
            hint=_(
                "Facts and papers that can be checked. Not public, and not shown to who reported; those who decide read it."
            ),
            kind="long",
        ),
    ),
)
DONE = {
    "asked": _("The request is sent. You get an e-mail when it is decided."),
    "withdrawn": _("The request is withdrawn."),
    "stated": _("The statement is sent."),
}
MAX_PAGE_DIGITS = 5


def list_records(site: Site, lang: Lang, user: UserSession, *, register: str, org: str) -> Response:
    """Show what an organisation holds and a body has issued in all registers."""
    page = request.args.get("page", "")
    wanted = OwnRecordsRequest(
        request.args.get("register", ""),
        request.args.get("needing", "") == forms.TICKED,
        int(page) if page.isascii() and page.isdecimal() and len(page) <= MAX_PAGE_DIGITS else 1,
    )
    view = own_records.list_own_records(site.registry, user.actor, Represented(register, org), wanted)
    return forms.private_page(
        site, lang, f"{view.organisation.path}/records", "workspace/own_records.html", found=view
    )


def show_record(site: Site, lang: Lang, user: UserSession, *, register: str, number: str) -> Response:
    """Show a record for one of its parties."""
    return _render(site, lang, user, RecordAddress(register, number))


def ask(site: Site, lang: Lang, user: UserSession, *, register: str, number: str, key: str) -> Response:
    """Show the form that asks for a decision on a record, and send it."""
    address = RecordAddress(register, number)
    try:
        view, wanted = own_records.get_askable(site.registry, user.actor, address, key, lang=lang)
    except Forbidden:
        return _refused(site, lang, user, address)
    page = _form_page(
        site, lang, view, path=f"ask/{key}", form=replace(ASK, title=wanted.name.in_language(lang))
    )
    page = replace(page, context={**page.context, "wanted": wanted})
    return _handle(
        page,
        user,
        lambda typed: own_records.ask_for_decision(
            site.registry, user.actor, address, key, text=typed["text"]
        ),
        done="asked",
    )


def answer(site: Site, lang: Lang, user: UserSession, *, register: str, number: str, report: int) -> Response:
    """Show the form that answers a challenge of a record, and send it."""
    address = RecordAddress(register, number)
    try:
        view = own_records.get_own_record(site.registry, user.actor, address, lang)
    except Forbidden:
        return _refused(site, lang, user, address)
    challenge = next((each for each in view.challenges if each.id == report), None)
    if challenge is None or not view.party.acts:
        raise NotFound("report", str(report))
    page = _form_page(site, lang, view, path=f"answer/{report}", form=ANSWER)
    page = replace(page, context={**page.context, "challenge": challenge})
    return _handle(
        page,
        user,
        lambda typed: own_records.state_on_challenge(
            site.registry, user.actor, address, report, text=typed["text"]
        ),
        done="stated",
    )


def withdraw(
    site: Site, lang: Lang, user: UserSession, *, register: str, number: str, asked: int
) -> Response:
    """Withdraw a request."""
    address = RecordAddress(register, number)
    try:
        own_records.withdraw_request(site.registry, user.actor, address, asked)
    except Forbidden:
        return _refused(site, lang, user, address)
    except Conflict as refusal:
        return _render(site, lang, user, address, told=refusal_message(refusal, lang))
    return redirect_see_other(f"/{lang}{PATH}/{register}/{number}?done=withdrawn")


def _form_page(site: Site, lang: Lang, view: OwnRecordView, *, path: str, form: Form) -> FormPage:
    record = f"{PATH}/{view.record.register.slug}/{view.record.slug}"
    return FormPage(
        site,
        lang,
        f"{record}/{path}",
        form,
        template="workspace/own_record_form.html",
        context={"own": view, "back": record, "wanted": None, "challenge": None},
    )


def _handle(
    page: FormPage, user: UserSession, act: Callable[[dict[str, str]], object], *, done: str
) -> Response:
    view: OwnRecordView = page.context["own"]
    address = RecordAddress(view.record.register.slug, view.record.slug)
    try:
        return forms.handle_form(
            page,
            act,
            lambda _done: redirect_see_other(f"/{page.lang}{page.context['back']}?done={done}"),
        )
    except Conflict as refusal:  # another member was first, or it has ended meanwhile
        return _render(page.site, page.lang, user, address, told=refusal_message(refusal, page.lang))


def _refused(site: Site, lang: Lang, user: UserSession, address: RecordAddress) -> Response:
    """The record for a member who may only look; for all others that it is not theirs."""
    return _render(site, lang, user, address, status=403)


def _render(
    site: Site,
    lang: Lang,
    user: UserSession,
    address: RecordAddress,
    *,
    told: str = "",
    status: int = 200,
) -> Response:
    path = f"{PATH}/{address.register}/{address.number}"
    try:
        view = own_records.get_own_record(site.registry, user.actor, address, lang)
    except Forbidden:
        return record_of_others(site, lang, path, address)
    return forms.private_page(
        site,
        lang,
        f"{PATH}/{address.register}/{view.record.slug}",
        "workspace/own_record.html",
        status=409 if told else status,
        own=view,
        told=told,
        done=DONE.get(request.args.get("done", ""), ""),
    )
