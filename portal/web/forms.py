"""Forms: what a page asks for, what was typed, and what is wrong with it, in words.

A form of a few questions is data: its fields are listed by the door, and one template shows them all. The language
switch of a page with a form sends the form, so that nothing typed is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar

from flask import Response, request

from portal.web.access import form_token
from portal.web.responses import NEVER
from portal.web.site import Site
from registry import clock, i18n
from registry.errors import Invalid, TooOften
from registry.i18n import Lang, _
from registry.kit.issues import Issue
from registry.services.issue_words import in_words

Kind = Literal["text", "email", "password", "choice"]
T = TypeVar("T")
SWITCH = "switch"  # the button of the language switch
TOO_OFTEN = _("Too many attempts. Please try again after %(time)s (Beijing time).")


@dataclass(frozen=True, slots=True)
class Field:
    """One question. `label`, `hint`: message ids; `choices`: (value, words in their own language)."""

    name: str
    label: str
    hint: str = ""
    kind: Kind = "text"
    autocomplete: str = "off"
    numeric: bool = False
    width: str = ""  # a class of GOV.UK's: "20", "10"
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """A page with some questions and one button. `title`, `button`, `intro`: message ids."""

    title: str
    button: str
    fields: tuple[Field, ...] = ()
    intro: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()  # (path, message id)
    weighty: bool = False  # the one button in seal red: what it does takes effect for others


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a form fared: what was typed, what is wrong by field, and the status of the answer."""

    values: Mapping[str, str]
    errors: Mapping[str, str]
    status: int = 200
    wait: int = 0  # seconds


def untouched(**values: str) -> Outcome:
    """The form as it is first shown."""
    return Outcome(values, {})


def typed(form: Form) -> dict[str, str]:
    """What was typed into each field, as it was typed."""
    return {field.name: request.form.get(field.name, "") for field in form.fields}


def wanted() -> bool:
    """True where the form was sent to be done, not only to be shown in the other language."""
    return request.method == "POST" and SWITCH not in request.form


def attempt(lang: Lang, values: Mapping[str, str], act: Callable[[], T]) -> T | Outcome:
    """What `act` returns, or how the form fared when it raised `Invalid` or `TooOften`."""
    try:
        return act()
    except Invalid as problem:
        issues: tuple[Issue, ...] = problem.issues
        return Outcome(values, {issue.field: in_words(issue, lang) for issue in issues}, 400)
    except TooOften as problem:
        at = problem.until.astimezone(clock.SHANGHAI)
        wait = max(1, round((problem.until - clock.now()).total_seconds()))
        return Outcome(values, {"": i18n.gettext(TOO_OFTEN, lang, time=f"{at:%H:%M}")}, 429, wait)


def show(
    site: Site,
    lang: Lang,
    path: str,
    form: Form,
    outcome: Outcome | None = None,
    template: str = "account/form.html",
    **context: Any,
) -> Response:
    """The page of a form; never kept by anybody. Without an outcome: as it was typed, or empty."""
    if outcome is None:
        outcome = untouched(**typed(form))
    secret = {field.name for field in form.fields if field.kind == "password" or field.numeric}
    shown = replace(outcome, values={k: v for k, v in outcome.values.items() if k not in secret})
    page = site.page(
        template,
        lang,
        path,
        cache=NEVER,
        action=path,
        form=form,
        outcome=shown,
        form_token=form_token(),
        next=request.values.get("next", "")[:500],
        private=True,
        **context,
    )
    response = page.answer(request, shown.status)
    if shown.wait:
        response.headers["Retry-After"] = str(shown.wait)
    return response
