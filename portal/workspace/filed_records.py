"""What an organisation has filed to a register: the list, receipts, and the actions that follow publication."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from portal.web import forms, qr
from portal.web.access import redirect_see_other
from portal.web.downloads import content_disposition, download
from portal.web.forms import Field, Form, FormPage
from portal.web.responses import NO_STORE, TEXT, Page
from portal.web.site import Site
from portal.workspace.draft_urls import draft_path, filed_path, organisation_path
from registry import clock
from registry.errors import Conflict, Invalid, NotFound
from registry.i18n import Lang, _, gettext
from registry.kit.issues import Issue
from registry.registers import catalogue, filed_registers
from registry.services import filing
from registry.services.filing import (
    FiledListRequest,
    FiledRecordAddress,
    FiledRecordState,
    NewDraft,
    filing_of,
)
from registry.services.issue_messages import issue_message
from registry.services.people import Represented, UserSession

UNSEALED_MESSAGE = _("Waiting to be sealed into the log")
RETRACTION_PATH, CONFIRMATION_PATH = "misfiled", "still-true"
WITHDRAW = Form("", _("Withdraw it"), (Field("reason", _("Reason"), kind="long"),))
RETRACT = Form(_("Mark it as filed by mistake"), _("Mark it"))
CONFIRM = Form(
    _("Confirm that it still holds"),
    _("Confirm"),
    intro=(_("The public page shows the date of the confirmation."),),
)
TABS = (
    ("all", _("All")),
    ("act", _("Need action")),
    ("open", _("In force or upcoming")),
    ("ended", _("Ended")),
    ("drafts", _("Drafts")),
)
ORDERS = (
    ("urgent", _("What needs action first")),
    ("newest", _("Newest first")),
    ("oldest", _("Oldest first")),
)
CONFIRMED_TODAY_MESSAGE = _(
    "It was filed, amended or confirmed today: there is nothing to confirm yet. You are asked when a year has passed."
)
UNDER_REVIEW_MESSAGE = _("The authority has it in hand. It can be changed here again when that is concluded.")
ENDED_MESSAGE = _(
    "It has ended: it cannot be amended, confirmed or withdrawn any more. Its page and its history stay."
)


def list_filed_records(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str
) -> Response:
    """Show what an organisation has filed to one register, and its drafts."""
    return _render_list(site, lang, user, org=org, register=register)


def _render_list(
    site: Site,
    lang: Lang,
    user: UserSession,
    *,
    org: Represented,
    register: str,
    problems: tuple[Issue, ...] = (),
) -> Response:
    wanted = _requested_list()
    view = filing.list_filed_records(site.registry, user.actor, org, register, wanted=wanted)
    drafts = filing.list_drafts(site.registry, user.actor, org, register, find=wanted.find)
    here = f"/{lang}{filed_path(org, register)}"
    return forms.private_page(
        site,
        lang,
        filed_path(org, register),
        "workspace/filed_records.html",
        status=400 if problems else 200,
        kept_query=_list_query(wanted),
        list=view,
        tabs=[
            (
                tab,
                label,
                len(drafts) if tab == "drafts" else view.counts[tab],
                here + _list_link(wanted, tab=tab),
            )
            for tab, label in TABS
        ],
        orders=ORDERS,
        page_url=lambda add: here + _list_link(wanted, page=dict(add)["page"]),
        done=_record_just_changed(site, user, org, register),
        drafts=drafts,
        problems=[issue_message(issue, lang, catalogue()[register]) for issue in problems],
        sheets_query="" if register == filed_registers(org.register)[0].slug else f"?register={register}",
    )


def _requested_list() -> FiledListRequest:
    """Return which records the address asks for."""
    given = request.args.get("page", "1")
    page = int(given) if given.isascii() and given.isdecimal() and len(given) < 6 else 1
    tab, find, order = (request.args.get(name, "") for name in ("tab", "find", "order"))
    return FiledListRequest.read(tab, find, order, page)


def _list_query(wanted: FiledListRequest) -> str:
    """Return the query of the address of a list, without what goes without saying."""
    usual = FiledListRequest()
    parts = ((name, getattr(wanted, name)) for name in ("tab", "find", "order", "page"))
    return urlencode([(name, value) for name, value in parts if value != getattr(usual, name)])


def _list_link(wanted: FiledListRequest, **changes: Any) -> str:
    """Return the query of the same list with another tab or page, with its question mark; a list begins on page one."""
    query = _list_query(replace(wanted, **{"page": 1, **changes}))
    return f"?{query}" if query else "?"


def _record_just_changed(
    site: Site, user: UserSession, org: Represented, register: str
) -> FiledRecordState | None:
    """The record that the reader has just withdrawn, confirmed or marked, as it stands now."""
    number = request.args.get("done", "")[:120]
    if not number:
        return None
    try:
        return filing.get_filed_record_state(
            site.registry, user.actor, FiledRecordAddress(org, register, number)
        )
    except NotFound:
        return None


def begin(site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str) -> Response:
    """Open a draft and redirect to it; if none can be opened, show the page that says why."""
    names = ("copy", "amend", "new_edition")
    new = NewDraft(register, *(request.form.get(name, "")[:120] for name in names))
    try:
        draft = filing.open_draft(site.registry, user.actor, org, new)
    except Invalid as refused:
        return _render_list(site, lang, user, org=org, register=register, problems=tuple(refused.issues))
    except Conflict:
        address = FiledRecordAddress(org, register, new.source)
        state = filing.get_filed_record_state(site.registry, user.actor, address)
        return _render_closed(site, lang, state, "amend", status=409)
    return redirect_see_other(f"/{lang}{draft_path(org, draft)}")


def receipt(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str, number: str
) -> Response:
    """Show the receipt of a filing."""
    view = filing.get_receipt(site.registry, user.actor, FiledRecordAddress(org, register, number))
    return forms.private_page(
        site,
        lang,
        f"{filed_path(org, register)}/{number}/receipt",
        "workspace/receipt.html",
        receipt=view,
        qr=qr.qr_code(view.permalink),
    )


def receipt_file(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str, number: str
) -> Response:
    """Serve the receipt as plain text, line by line what the page shows."""
    view = filing.get_receipt(site.registry, user.actor, FiledRecordAddress(org, register, number))
    title, holder = (name.in_language(lang) for name in (view.title, view.organisation.name))
    sealed = gettext(UNSEALED_MESSAGE, lang) if view.index is None else str(view.index)
    lines = (
        (_("Receipt"), view.number),
        (view.words.title_label, title),
        (_("Organisation"), f"{holder} ({view.organisation.number})"),
        *([(view.subject_label, view.subject)] if view.subject else []),
        (_("Status"), getattr(view.status, lang)),
        *([(_("Reason"), view.reason)] if view.reason else []),
        (_("Recorded"), view.recorded_at.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")),
        (_("Version"), str(view.version)),
        (_("Log entry"), sealed),
        (_("Hash of the document (SHA-256)"), view.hash),
        (_("Permalink"), view.permalink),
    )
    body = "".join(f"{gettext(label, lang)}{gettext(_(': '), lang)}{value}\r\n" for label, value in lines)
    page = Page(body.encode("utf-8-sig"), TEXT, NO_STORE)
    response = page.respond(request)
    response.headers.set(*content_disposition(f"receipt-{view.number}.txt"))
    return response


def full_text(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str, number: str
) -> Response:
    """The full text, public or not, for its own enterprise."""
    del lang
    address = FiledRecordAddress(org, register, number)
    view = filing.get_own_full_text(site.registry, user.actor, address)
    return download(view.name, view.path, NO_STORE)


def withdraw(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str, number: str
) -> Response:
    """The form that ends a record. Raises `NotFound` where the register knows no withdrawal."""
    address = FiledRecordAddress(org, register, number)
    parts = filing_of(catalogue()[register])
    if parts.withdrawal is None:
        raise NotFound("page", "withdraw")
    [reason] = WITHDRAW.fields
    form = replace(
        WITHDRAW, title=parts.words.withdraw, fields=(replace(reason, hint=parts.withdrawal.hint),)
    )

    def perform(typed: dict[str, str]) -> None:
        filing.withdraw_record(site.registry, user.actor, address, typed["reason"])

    return _run_action(site, lang, user, address, action=_Action("withdraw", form, perform))


def retract(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str, number: str
) -> Response:
    """The form that marks a record as filed by mistake. Raises `NotFound` where the register knows no such mark."""
    address = FiledRecordAddress(org, register, number)
    retraction = filing_of(catalogue()[register]).retraction
    if retraction is None:
        raise NotFound("page", RETRACTION_PATH)
    form = replace(RETRACT, intro=(retraction.explanation,))

    def perform(_typed: dict[str, str]) -> None:
        filing.retract_record(site.registry, user.actor, address)

    return _run_action(site, lang, user, address, action=_Action(RETRACTION_PATH, form, perform))


def confirm_one(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str, number: str
) -> Response:
    """The form that confirms one record. Raises `NotFound` where the register asks for no confirmation."""
    address = FiledRecordAddress(org, register, number)
    if filing_of(catalogue()[register]).confirmation is None:
        raise NotFound("page", CONFIRMATION_PATH)

    def perform(_typed: dict[str, str]) -> None:
        filing.confirm_record(site.registry, user.actor, address)

    return _run_action(site, lang, user, address, action=_Action(CONFIRMATION_PATH, CONFIRM, perform))


def confirm_due(site: Site, lang: Lang, user: UserSession, *, org: Represented) -> Response:
    """The records that their enterprise has left alone for too long, to be confirmed together."""
    view = filing.list_due_confirmations(site.registry, user.actor, org)
    numbers = request.form.getlist("numbers")[: filing.MAX_CONFIRMATIONS_SHOWN]
    registers = filed_registers(org.register)
    register = view.rows[0].register if view.rows else registers[0].slug
    try:
        return forms.handle_form(
            FormPage(
                site,
                lang,
                f"{organisation_path(org)}/confirm",
                CONFIRM,
                template="workspace/confirm.html",
                context={
                    "due": view,
                    "chosen": numbers if request.method == "POST" else [row.slug for row in view.rows],
                    "registers": registers,
                },
            ),
            lambda _typed: filing.confirm_records(site.registry, user.actor, org, numbers),
            lambda _done: redirect_see_other(f"/{lang}{filed_path(org, register)}"),
        )
    except Conflict:  # one of them ended while this was sent
        return redirect_see_other(f"/{lang}{organisation_path(org)}/confirm")


@dataclass(frozen=True, slots=True)
class _Action:
    """What can be done with one record: the last part of its address, its form, and the call that does it."""

    path: str
    form: Form
    perform: Callable[[dict[str, str]], None]


def _run_action(
    site: Site, lang: Lang, user: UserSession, address: FiledRecordAddress, *, action: _Action
) -> Response:
    """Show the page of an action and perform it, or show the state of the record if it does not allow the action."""
    state = filing.get_filed_record_state(site.registry, user.actor, address)
    possible = {RETRACTION_PATH: state.retractable, CONFIRMATION_PATH: state.confirmable}
    if not possible.get(action.path, state.amendable):
        return _render_closed(site, lang, state, action.path, status=409 if forms.is_submitted() else 200)
    title = state.title.zh if lang == "zh" and state.title.zh else state.title.en
    list_path = f"{state.organisation.path}/{address.register}"
    try:
        return forms.handle_form(
            FormPage(
                site,
                lang,
                f"{list_path}/{address.number}/{action.path}",
                action.form,
                context={
                    "organisation": state.organisation,
                    "about": f"{state.number} {title}",
                    "back": list_path,
                },
            ),
            action.perform,
            lambda _done: redirect_see_other(f"/{lang}{list_path}?done={state.slug}"),
        )
    except Conflict:  # it ended while this was sent
        state = filing.get_filed_record_state(site.registry, user.actor, address)
        return _render_closed(site, lang, state, action.path, status=409)


def _render_closed(site: Site, lang: Lang, state: FiledRecordState, action: str, *, status: int) -> Response:
    """Return the page with the state of a record and why it does not allow the action."""
    if state.status.standing == "ended":
        why = ENDED_MESSAGE
    elif state.closed_hint:
        why = state.closed_hint
    elif action == CONFIRMATION_PATH and state.amendable:
        why = CONFIRMED_TODAY_MESSAGE
    elif state.amendable and (retraction := filing_of(catalogue()[state.register]).retraction):
        why = retraction.too_late
    else:
        why = UNDER_REVIEW_MESSAGE
    path = f"{state.organisation.path}/{state.register}"
    if action != "amend":  # which has no page of its own
        path = f"{path}/{state.slug}/{action}"
    return forms.private_page(site, lang, path, "workspace/closed.html", status=status, state=state, why=why)
