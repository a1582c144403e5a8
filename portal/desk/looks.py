"""Confidential parts at the desk: the question why they are needed, then the file, or the page with what was masked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from flask import Response, request

from portal.web import forms
from portal.web.downloads import download
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry.errors import Invalid
from registry.i18n import Lang, _
from registry.kit.display import Words
from registry.services import confidential
from registry.services.confidential import NO_REASON, LookReason

Shown = TypeVar("Shown")
REASON, WORDS = "reason", "words"
CHOOSE = ("", _("Choose"))
OPEN_FILE, SHOW = _("Open a confidential file"), _("See what is masked")


@dataclass(frozen=True, slots=True)
class LookPage:
    """What is looked at, at its address. `path`, `back`: without the language; `what`: message id of what it is; `case`: which case, in words."""

    site: Site
    lang: Lang
    path: str
    back: str
    what: str
    case: str


def send_confidential(page: LookPage, look: Callable[[LookReason], confidential.StoredFile]) -> Response:
    """Send a file as a download, once a reason for the look is given. `look` raises `Invalid` where none holds."""
    return _look(page, look, lambda file: download(file.name, file.path, NO_STORE), title=OPEN_FILE)


def show_confidential(
    page: LookPage, look: Callable[[LookReason], tuple[tuple[str, str | Words], ...]]
) -> Response:
    """Show a page with what is masked elsewhere, once a reason is given. `look` returns (label as message id or in words, text)."""

    def respond(facts: tuple[tuple[str, str | Words], ...]) -> Response:
        return forms.private_page(page.site, page.lang, page.path, "desk/looked.html", page=page, facts=facts)

    return _look(page, look, respond, title=SHOW)


def _look(
    page: LookPage,
    look: Callable[[LookReason], Shown],
    respond: Callable[[Shown], Response],
    *,
    title: str,
) -> Response:
    form = _form(page.lang, title)
    asked = FormPage(page.site, page.lang, page.path, form, template="desk/look.html", context={"page": page})
    if request.method == "GET":
        try:
            return respond(look(NO_REASON))
        except Invalid:  # no reason of this hour holds
            return forms.show_form(asked, FormState({REASON: "", WORDS: ""}, {}))
    return forms.handle_form(asked, lambda typed: look(LookReason(typed[REASON], typed[WORDS])), respond)


def _form(lang: Lang, title: str) -> Form:
    reasons = tuple((each.code, each.zh if lang == "zh" else each.en) for each in confidential.LOOK_REASONS)
    return Form(
        title,
        _("Open it") if title == OPEN_FILE else _("Show in full"),
        (
            Field(REASON, _("Why you need it"), kind="choice", choices=(CHOOSE, *reasons)),
            Field(
                WORDS,
                _("In your words"),
                _("Not needed where you decide or answer this very case. Name no person here."),
            ),
        ),
    )
