"""What an organisation has declared: the list, receipts, and the orders that follow publication."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, request

from portal.web import forms, qr
from portal.web.access import redirect_see_other
from portal.web.downloads import download
from portal.web.forms import Field, Form
from portal.web.responses import NO_STORE, TEXT, Page
from portal.web.site import Site
from registry.errors import Conflict, Invalid
from registry.i18n import Lang, _, gettext
from registry.kit.issues import Issue
from registry.services import filing
from registry.services.filing import FiledRecordState
from registry.services.issue_messages import issue_message
from registry.services.people import UserSession

UNSEALED_MESSAGE = _("Waiting to be sealed into the log")
WITHDRAW = Form(
    _("Withdraw the declaration"),
    _("Withdraw it"),
    (
        Field(
            "reason",
            _("Reason"),
            _("It is public. Products sold before stay covered by what was declared then."),
            "long",
        ),
    ),
)
MISFILED = Form(
    _("Mark it as filed by mistake"),
    _("Mark it"),
    intro=(
        _(
            "Within 24 hours of its filing. It is hidden from lists and search and says that it was filed by mistake; its link stays good."
        ),
    ),
)
STILL_TRUE = Form(
    _("Confirm that it is still true"),
    _("Confirm"),
    intro=(_("The day of the confirmation stands on the public page."),),
)
UNDER_REVIEW_MESSAGE = _("The authority has it in hand. It can be changed here again when that is concluded.")
ENDED_MESSAGE = _(
    "It has ended: it cannot be amended, confirmed or withdrawn any more. Its page and its history stay."
)
TOO_LATE_MESSAGE = _(
    "It cannot be marked as filed by mistake: that is possible within 24 hours of its filing, while it is in force. Amend or withdraw it instead."
)


def list_declarations(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    return _listed(site, lang, user, org)


def _listed(
    site: Site, lang: Lang, user: UserSession, org: str, problems: tuple[Issue, ...] = ()
) -> Response:
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    view = filing.list_filed_records(site.registry, user.actor, org, number)
    return forms.private_page(
        site,
        lang,
        _base(org) + "/declarations",
        "workspace/declarations.html",
        400 if problems else 200,
        list=view,
        drafts=filing.list_drafts(site.registry, user.actor, org),
        problems=[issue_message(issue, lang) for issue in problems],
    )


def begin(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    """A new draft; where none can be begun, the page that says why."""
    names = ("copy", "amend", "new_edition")
    copy, amend, new_edition = (request.form.get(name, "")[:120] for name in names)
    try:
        made = filing.open_draft(
            site.registry, user.actor, org, copy=copy, amend=amend, new_edition=new_edition
        )
    except Invalid as refused:
        return _listed(site, lang, user, org, tuple(refused.issues))
    except Conflict:
        return _closed(
            site,
            lang,
            filing.get_filed_record_state(site.registry, user.actor, org, amend or new_edition),
            "amend",
            409,
        )
    return redirect_see_other(f"/{lang}{_base(org)}/drafts/{made}")


def receipt(site: Site, lang: Lang, user: UserSession, org: str, number: str) -> Response:
    view = filing.get_receipt(site.registry, user.actor, org, number)
    path = f"{_base(org)}/declarations/{number}/receipt"
    return forms.private_page(
        site, lang, path, "workspace/receipt.html", receipt=view, qr=qr.qr_code(view.permalink)
    )


def receipt_file(site: Site, lang: Lang, user: UserSession, org: str, number: str) -> Response:
    """The receipt as a plain text to keep: line by line what the page shows."""
    view = filing.get_receipt(site.registry, user.actor, org, number)
    title, holder = (
        each.zh if lang == "zh" and each.zh else each.en for each in (view.title, view.organisation.name)
    )
    sealed = gettext(UNSEALED_MESSAGE, lang) if view.index is None else str(view.index)
    lines = (
        (_("Receipt"), view.number),
        (_("Product or service"), title),
        (_("Organisation"), f"{holder} ({view.organisation.number})"),
        (_("Recorded"), view.recorded_at.isoformat(timespec="seconds")),
        (_("Version"), str(view.version)),
        (_("Log entry"), sealed),
        (_("Hash of the document (SHA-256)"), view.hash),
        (_("Permalink"), view.permalink),
    )
    body = "".join(f"{gettext(label, lang)}{gettext(_(': '), lang)}{value}\r\n" for label, value in lines)
    page = Page(body.encode("utf-8-sig"), TEXT, NO_STORE)
    response = page.respond(request)
    response.headers["Content-Disposition"] = f"attachment; filename=receipt-{view.number}.txt"
    return response


def full_text(site: Site, lang: Lang, user: UserSession, org: str, number: str) -> Response:
    """The full text, public or not, for its own enterprise."""
    del lang
    view = filing.get_own_full_text(site.registry, user.actor, org, number)
    return download(view.name, view.path, NO_STORE)


def withdraw(site: Site, lang: Lang, user: UserSession, org: str, number: str) -> Response:
    def act(typed: dict[str, str]) -> None:
        filing.withdraw_record(site.registry, user.actor, org, number, typed["reason"])

    return _order(site, lang, user, org, number, WITHDRAW, "withdraw", act)


def mark_misfiled(site: Site, lang: Lang, user: UserSession, org: str, number: str) -> Response:
    def act(_typed: dict[str, str]) -> None:
        filing.retract_record(site.registry, user.actor, org, number)

    return _order(site, lang, user, org, number, MISFILED, "misfiled", act)


def confirm_one(site: Site, lang: Lang, user: UserSession, org: str, number: str) -> Response:
    def act(_typed: dict[str, str]) -> None:
        filing.confirm_records(site.registry, user.actor, org, (number,))

    return _order(site, lang, user, org, number, STILL_TRUE, "still-true", act)


def confirm_due(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    """Those that nobody has looked after for a year, to be confirmed all at once."""
    view = filing.list_due_confirmations(site.registry, user.actor, org)
    numbers = request.form.getlist("numbers")[: filing.MAX_CONFIRMATIONS_SHOWN]
    try:
        return forms.handle_form(
            site,
            lang,
            _base(org) + "/confirm",
            STILL_TRUE,
            lambda _typed: filing.confirm_records(site.registry, user.actor, org, numbers),
            lambda _done: redirect_see_other(f"/{lang}{_base(org)}/declarations"),
            template="workspace/confirm.html",
            due=view,
            chosen=numbers if request.method == "POST" else [row.slug for row in view.rows],
        )
    except Conflict:  # one of them ended while this was sent
        return redirect_see_other(f"/{lang}{_base(org)}/confirm")


def _order(
    site: Site,
    lang: Lang,
    user: UserSession,
    org: str,
    number: str,
    form: Form,
    path: str,
    act: Callable[[dict[str, str]], None],
) -> Response:
    """A page with one order about one declaration, or what state it is in where the order cannot be given."""
    state = filing.get_filed_record_state(site.registry, user.actor, org, number)
    if not (state.retractable if path == "misfiled" else state.amendable):
        return _closed(site, lang, state, path, 409 if forms.is_submitted() else 200)
    title = state.title.zh if lang == "zh" and state.title.zh else state.title.en
    try:
        return forms.handle_form(
            site,
            lang,
            f"{_base(org)}/declarations/{number}/{path}",
            form,
            act,
            lambda _done: redirect_see_other(f"/{lang}{_base(org)}/declarations"),
            organisation=state.organisation,
            about=f"{state.number} {title}",
        )
    except Conflict:  # it ended while this was sent
        return _closed(
            site,
            lang,
            filing.get_filed_record_state(site.registry, user.actor, org, number),
            path,
            409,
        )


def _closed(site: Site, lang: Lang, state: FiledRecordState, path: str, status: int) -> Response:
    """What state a declaration is in, and why the order does not fit it."""
    why = (
        ENDED_MESSAGE
        if state.status.standing == "ended"
        else TOO_LATE_MESSAGE
        if state.amendable
        else UNDER_REVIEW_MESSAGE
    )
    address = f"{_base(state.organisation.slug)}/declarations/{state.slug}/{path}"
    if path == "amend":  # an order without a page of its own
        address = f"{_base(state.organisation.slug)}/declarations"
    return forms.private_page(site, lang, address, "workspace/closed.html", status, state=state, why=why)


def _base(org: str) -> str:
    return f"/workspace/organisations/{org}"
