"""Forms: the fields of a page, what was typed into them, and the messages about it.

A form of a few questions is data: its fields are listed by the door, and one template shows them all. The language
switch of a page with a form sends the form, so that nothing typed is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeVar

from flask import Response, request

from portal.web import access
from portal.web.access import TOO_LARGE_PARAMETER
from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry import clock, i18n
from registry.errors import Invalid, TooManyAttempts
from registry.i18n import Lang, _
from registry.kit.issues import Issue
from registry.services.issue_messages import issue_message

Kind = Literal["text", "email", "password", "choice", "long", "file", "tick"]
TICKED = "yes"  # the value of a box that is ticked
T = TypeVar("T")
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
PENDING_FORM_FIELD = "carried"  # the hidden field with a form that waits for a sign-in
RESUME_PARAMETER = "resume"  # in an address: where that form is to be sent
MAX_PENDING_FORM = 300_000  # characters
NEVER_REPLAYED = frozenset({"password", "present", "code", "form", "next", PENDING_FORM_FIELD})
LANGUAGE_SWITCH = "switch"  # the button of the language switch
TOO_MANY_ATTEMPTS = _("Too many attempts. Please try again after %(time)s (Beijing time).")


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `label`, `hint`: message ids; `choices`: (value, message id)."""

    name: str
    label: str
    hint: str = ""
    kind: Kind = "text"
    autocomplete: str = "off"
    numeric: bool = False
    width: str = ""  # a class of GOV.UK's: "20", "10"
    choices: tuple[tuple[str, str], ...] = ()
    accept: str = ".pdf,.ofd,.jpg,.jpeg,.png"  # of a file


@dataclass(frozen=True, slots=True)
class Form:
    """A page with some questions and one button. `title`, `button`, `intro`: message ids."""

    title: str
    button: str
    fields: tuple[Field, ...] = ()
    intro: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # (path, message id)

    @property
    def files(self) -> bool:
        """True if a file can be uploaded with it."""
        return any(question.kind == "file" for question in self.fields)


@dataclass(frozen=True, slots=True)
class FormState:
    """What a form shows: what was typed, error messages by field, and the status of the response."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    status: int = 200
    retry_after: int = 0  # seconds


def initial_state(**values: str) -> FormState:
    """Return the state of a form that is shown for the first time."""
    return FormState(values, {})


def submitted_values(form: Form) -> dict[str, str]:
    """Return what was typed into each field, as it was typed; of a file its name."""
    return {
        question.name: _file_name(question.name) if question.kind == "file" else field_text(question.name)
        for question in form.fields
    }


def _file_name(name: str) -> str:
    """The name of a file that was sent, "" for none."""
    sent = request.files.get(name)
    return sent.filename[:200] if sent is not None and sent.filename else ""


def field_text(name: str) -> str:
    """Return one field of the form that was sent, without control characters and marks of writing direction."""
    return INVISIBLE.sub("", request.form.get(name, ""))


def field_texts(name: str) -> list[str]:
    """Return all values of one field of the form that was sent, such as boxes that are ticked, as `field_text` returns one."""
    return [INVISIBLE.sub("", value) for value in request.form.getlist(name)]


def is_submitted() -> bool:
    """Return True if the form was sent to be acted on, not only to be shown in the other language."""
    return (
        request.method == "POST"
        and LANGUAGE_SWITCH not in request.form
        and RESUME_PARAMETER not in request.args
    )


def replayable_fields() -> list[tuple[str, str]]:
    """Return every field of the form that was sent, but secrets and what belongs to the page it came from."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_REPLAYED]


def parse_pending_form(written: str) -> list[tuple[str, str]]:
    """Return the fields of a form that waited for a sign-in."""
    try:
        given = json.loads(written[:MAX_PENDING_FORM] or "[]")
        return [(str(name), str(value)) for name, value in given if str(name) not in NEVER_REPLAYED]
    except (ValueError, TypeError):
        return []


def _pending_form() -> tuple[str, str]:
    """Return the next page and the serialised form that waits for it, of this request or passed on by it."""
    if request.method == "POST" and RESUME_PARAMETER in request.args:
        written = json.dumps(replayable_fields(), ensure_ascii=False)
        return request.args[RESUME_PARAMETER][:500], written if len(written) <= MAX_PENDING_FORM else ""
    return request.values.get("next", "")[:500], request.form.get(PENDING_FORM_FIELD, "")[:MAX_PENDING_FORM]


def required_message(lang: Lang) -> str:
    """Return the message for a question that was left open."""
    return issue_message(Issue("required"), lang)


def attempt(lang: Lang, values: Mapping[str, str], act: Callable[[], T]) -> T | FormState:
    """What `act` returns, or the state of the form with the issues, if it raised `Invalid` or `TooManyAttempts`."""
    try:
        return act()
    except Invalid as problem:
        issues: tuple[Issue, ...] = problem.issues
        return FormState(values, {issue.field: issue_message(issue, lang) for issue in issues}, 400)
    except TooManyAttempts as problem:
        at = problem.retry_at.astimezone(clock.SHANGHAI)
        wait = max(1, round((problem.retry_at - clock.now()).total_seconds()))
        return FormState(values, {"": i18n.gettext(TOO_MANY_ATTEMPTS, lang, time=f"{at:%H:%M}")}, 429, wait)


@dataclass(frozen=True, slots=True)
class FormPage:
    """A form at its address. `path`: without the language; `context`: what the template is given besides."""

    site: Site
    lang: Lang
    path: str
    form: Form
    template: str = "account/form.html"
    context: Mapping[str, Any] = field(default_factory=dict)


def handle_form(
    page: FormPage,
    act: Callable[[dict[str, str]], T],
    respond: Callable[[T], Response],
    initial: FormState | None = None,
) -> Response:
    """Handle every request for a form: show it (as `initial` has it), act on it, or show it again with its errors.

    `act` is given what was typed and raises `Invalid` or `TooManyAttempts`; `respond` is given what `act` returned.
    """
    state = initial if request.method == "GET" else None
    if is_submitted():
        values = submitted_values(page.form)
        result = attempt(page.lang, values, lambda: act(values))
        if not isinstance(result, FormState):
            return respond(result)
        state = result
    return show_form(page, state)


def show_form(page: FormPage, state: FormState | None = None) -> Response:
    """Return the page of a form. Without a state it shows what was typed, or nothing.

    Passwords and codes are never written back into the page.
    """
    form = page.form
    if RESUME_PARAMETER in request.args:
        state = initial_state()
    elif state is None:
        state = initial_state(**submitted_values(form))
    files = [question.name for question in form.fields if question.kind == "file"]
    if files and request.args.get(TOO_LARGE_PARAMETER) == "1":
        limit = access.MAX_UPLOAD_MEGABYTES[str(request.endpoint)]
        message = issue_message(Issue("file_too_large", files[0], {"at_most": limit}), page.lang)
        state = FormState(state.values, {files[0]: message})
    secret = {question.name for question in form.fields if question.kind == "password" or question.numeric}
    shown = replace(state, values={name: value for name, value in state.values.items() if name not in secret})
    next_page, pending = _pending_form()
    response = private_page(
        page.site,
        page.lang,
        page.path,
        page.template,
        status=shown.status,
        action=page.path,
        form=form,
        form_state=shown,
        next=next_page,
        pending_form=pending,
        **page.context,
    )
    if shown.retry_after:
        response.headers["Retry-After"] = str(shown.retry_after)
    return response


def private_page(
    site: Site, lang: Lang, path: str, template: str, *, status: int = 200, **context: Any
) -> Response:
    """Return a page for one user alone, with the CSRF token for its forms; no cache keeps it."""
    user = access.current_user(site)
    page = site.page(
        template,
        lang,
        path,
        cache=NO_STORE,
        user=user,
        form_token=access.csrf_token(),
        no_mail=not site.registry.settings.mail_url,
        **context,
    )
    return page.respond(request, status)
