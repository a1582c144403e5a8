"""Forms: what a page asks for, what was typed, and what is wrong with it, in words.

A form of a few questions is data: its fields are listed by the door, and one template shows them all. The language
switch of a page with a form sends the form, so that nothing typed is lost.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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

Kind = Literal["text", "email", "password", "choice", "long", "file"]
T = TypeVar("T")
INVISIBLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
PENDING_FORM_FIELD = "carried"  # the hidden field with a form that waits for a sign-in
RESUME_PARAMETER = "resume"  # in an address: where that form was meant for
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
        """True where a file is asked for."""
        return any(field.kind == "file" for field in self.fields)


@dataclass(frozen=True, slots=True)
class FormState:
    """How a form fared: what was typed, what is wrong by field, and the status of the answer."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    status: int = 200
    retry_after: int = 0  # seconds


def initial_state(**values: str) -> FormState:
    """The form as it is first shown."""
    return FormState(values, {})


def submitted_values(form: Form) -> dict[str, str]:
    """What was typed into each field, as it was typed."""
    return {field.name: field_text(field.name) for field in form.fields}


def field_text(name: str) -> str:
    """One field of the form that was sent, without signs that nobody types: controls, and what turns writing round."""
    return INVISIBLE.sub("", request.form.get(name, ""))


def is_submitted() -> bool:
    """True where the form was sent to be done, not only to be shown in the other language."""
    return (
        request.method == "POST"
        and LANGUAGE_SWITCH not in request.form
        and RESUME_PARAMETER not in request.args
    )


def replayable_fields() -> list[tuple[str, str]]:
    """Every field of the form that was sent, but secrets and what belongs to the page it came from."""
    return [(name, value) for name, value in request.form.items(multi=True) if name not in NEVER_REPLAYED]


def parse_pending_form(written: str) -> list[tuple[str, str]]:
    """The fields of a form that waited for a sign-in."""
    try:
        given = json.loads(written[:MAX_PENDING_FORM] or "[]")
        return [(str(name), str(value)) for name, value in given if str(name) not in NEVER_REPLAYED]
    except (ValueError, TypeError):
        return []


def _carried() -> tuple[str, str]:
    """Where to go on, and the form that waits for that: of this request, or handed on by it."""
    if request.method == "POST" and RESUME_PARAMETER in request.args:
        written = json.dumps(replayable_fields(), ensure_ascii=False)
        return request.args[RESUME_PARAMETER][:500], written if len(written) <= MAX_PENDING_FORM else ""
    return request.values.get("next", "")[:500], request.form.get(PENDING_FORM_FIELD, "")[:MAX_PENDING_FORM]


def required_message(lang: Lang) -> str:
    """The words for a question that was left open."""
    return issue_message(Issue("required"), lang)


def attempt(lang: Lang, values: Mapping[str, str], act: Callable[[], T]) -> T | FormState:
    """What `act` returns, or how the form fared when it raised `Invalid` or `TooOften`."""
    try:
        return act()
    except Invalid as problem:
        issues: tuple[Issue, ...] = problem.issues
        return FormState(values, {issue.field: issue_message(issue, lang) for issue in issues}, 400)
    except TooManyAttempts as problem:
        at = problem.retry_at.astimezone(clock.SHANGHAI)
        wait = max(1, round((problem.retry_at - clock.now()).total_seconds()))
        return FormState(values, {"": i18n.gettext(TOO_MANY_ATTEMPTS, lang, time=f"{at:%H:%M}")}, 429, wait)


def handle_form(
    site: Site,
    lang: Lang,
    path: str,
    form: Form,
    act: Callable[[dict[str, str]], T],
    then: Callable[[T], Response],
    first: FormState | None = None,
    template: str = "account/form.html",
    **context: Any,
) -> Response:
    """The whole life of a form: shown (as `first` has it), done, or shown again with what is wrong.

    `act` is given what was typed and raises `Invalid` or `TooOften`; `then` answers when it was done.
    """
    outcome = first if request.method == "GET" else None
    if is_submitted():
        values = submitted_values(form)
        done = attempt(lang, values, lambda: act(values))
        if not isinstance(done, FormState):
            return then(done)
        outcome = done
    return show_form(site, lang, path, form, outcome, template, **context)


def show_form(
    site: Site,
    lang: Lang,
    path: str,
    form: Form,
    outcome: FormState | None = None,
    template: str = "account/form.html",
    **context: Any,
) -> Response:
    """The page of a form. Without an outcome: as it was typed, or empty."""
    if RESUME_PARAMETER in request.args:
        outcome = initial_state()
    elif outcome is None:
        outcome = initial_state(**submitted_values(form))
    files = [field.name for field in form.fields if field.kind == "file"]
    if files and request.args.get(TOO_LARGE_PARAMETER) == "1":
        words = issue_message(
            Issue(
                "file_too_large", files[0], {"at_most": access.MAX_UPLOAD_MEGABYTES[str(request.endpoint)]}
            ),
            lang,
        )
        outcome = FormState(outcome.values, {files[0]: words})
    secret = {field.name for field in form.fields if field.kind == "password" or field.numeric}
    shown = replace(outcome, values={k: v for k, v in outcome.values.items() if k not in secret})
    onward, carried = _carried()
    response = private_page(
        site,
        lang,
        path,
        template,
        shown.status,
        action=path,
        form=form,
        outcome=shown,
        next=onward,
        carried=carried,
        **context,
    )
    if shown.retry_after:
        response.headers["Retry-After"] = str(shown.retry_after)
    return response


def private_page(
    site: Site, lang: Lang, path: str, template: str, status: int = 200, **context: Any
) -> Response:
    """A page for one person alone, with the token for its forms; never kept by anybody."""
    who = access.current_user(site)
    made = site.page(template, lang, path, cache=NO_STORE, who=who, form_token=access.csrf_token(), **context)
    return made.respond(request, status)
