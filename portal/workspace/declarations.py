"""Declaring a standard: drafts as a task list, the pages of questions, the check, publication and what follows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, request

from portal.web import forms, qr
from portal.web.access import see
from portal.web.forms import Field, Form
from portal.web.responses import NEVER, TEXT, Page
from portal.web.site import Site
from registry.errors import NotFound, Stale
from registry.i18n import Lang, _, gettext
from registry.services import declared, drafts
from registry.services.drafts import DraftView
from registry.services.memberships import DECLARATIONS
from registry.services.questions import QuestionView, issue_in_words, questions
from registry.services.signing_in import Signed

FIRST_ROWS = 3  # of a table that is empty yet
MOST_ROWS = 200
UNSEALED = _("Waiting to be sealed into the log")
SIGNER = Form(
    _("Check your answers"),
    _("Publish the declaration"),
    (
        Field(
            "signer",
            _("Name of who commits"),
            _("Kept with the receipt, never published; the post is public."),
            autocomplete="name",
            width="20",
        ),
    ),
)
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
BEHIND = _(
    "%(person)s has saved this part meanwhile. Your answers are in the form, the others beside them; save again to keep yours."
)


def listed(site: Site, lang: Lang, who: Signed, org: str) -> Response:
    page = request.args.get("page", "1")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1
    view = declared.listed(site.registry, who.actor, org, number)
    begun = drafts.lines(site.registry, who.actor, org)
    return forms.page(
        site, lang, _base(org) + "/declarations", "workspace/declarations.html", list=view, drafts=begun
    )


def begin(site: Site, lang: Lang, who: Signed, org: str) -> Response:
    copy, amend = request.form.get("copy", "")[:120], request.form.get("amend", "")[:120]
    made = drafts.begin(site.registry, who.actor, org, copy=copy, amend=amend)
    return see(f"/{lang}{_draft(org, made)}")


def tasks(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    view = drafts.draft(site.registry, who.actor, org, draft)
    return forms.page(site, lang, _draft(org, draft), "workspace/tasks.html", draft=view)


def step(site: Site, lang: Lang, who: Signed, org: str, draft: int, key: str) -> Response:
    """One page of questions: saved right or wrong, whatever button is pressed; issues are shown, never in the way."""
    view = drafts.draft(site.registry, who.actor, org, draft)
    keys = [each.key for each in view.steps]
    if key not in keys:
        raise NotFound("step", key)
    asked = questions(DECLARATIONS, _fields(view, key))
    answers: dict[str, Any] = dict(view.typed)
    beside: dict[str, Any] = {}
    problem, checked = "", request.args.get("checked") == "1"
    if request.method == "POST":
        typed = {question.name: _answer(question) for question in asked}
        try:
            drafts.save(site.registry, who.actor, org, draft, _revision(), typed)
        except Stale:
            beside = {
                name: view.typed.get(name)
                for name in typed
                if view.typed.get(name) not in (None, "", typed[name])
            }
            problem = gettext(BEHIND, lang, person=view.changed_by)
            answers |= typed
        else:
            pressed = request.form.get("go", "")
            if (
                forms.SWITCH not in request.form
                and pressed not in ("add", "look")
                and not pressed.startswith("remove")
            ):
                return see(f"/{lang}" + _after(org, draft, keys, key, pressed))
            view = drafts.draft(site.registry, who.actor, org, draft)
            answers = {**view.typed, **typed}
            checked = pressed == "look"
    return _step(site, lang, org, view, key, asked, answers, beside, problem, checked=checked)


def _step(
    site: Site,
    lang: Lang,
    org: str,
    view: DraftView,
    key: str,
    asked: tuple[QuestionView, ...],
    answers: dict[str, Any],
    beside: dict[str, Any],
    problem: str,
    *,
    checked: bool,
) -> Response:
    place = [each.key for each in view.steps].index(key)
    shown = [] if not checked else list(view.steps[place].issues)
    errors: dict[str, list[str]] = {}
    for issue in shown:
        errors.setdefault(issue.field, []).append(issue_in_words(issue, DECLARATIONS, lang))
    rows = {question.name: _rows(answers.get(question.name)) for question in asked if question.kind == "rows"}
    path = f"{_draft(org, view.id)}/{key}"
    return forms.page(
        site,
        lang,
        path,
        "workspace/step.html",
        400 if errors else 200,
        draft=view,
        step=view.steps[place],
        questions=asked,
        answers=answers,
        rows=rows,
        errors=errors,
        beside=beside,
        problem=problem,
        action=path,
    )


def check(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    """Every answer on one page, what is still wrong, and the one button that publishes."""
    view = drafts.draft(site.registry, who.actor, org, draft)
    asked = {name for each in view.steps for name in each.fields}
    return forms.run(
        site,
        lang,
        _draft(org, draft) + "/check",
        SIGNER,
        lambda typed: drafts.file(site.registry, who.actor, org, draft, _revision(), typed["signer"]),
        lambda number: see(f"/{lang}{_base(org)}/declarations/{number}/receipt"),
        template="workspace/check.html",
        draft=view,
        groups=tuple(
            (each, questions(DECLARATIONS, each.fields), _worded(each.issues, lang)) for each in view.steps
        ),
        others=_worded([issue for issue in view.issues if issue.field not in asked], lang),
    )


def discard(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    drafts.discard(site.registry, who.actor, org, draft)
    return see(f"/{lang}{_base(org)}/declarations")


def receipt(site: Site, lang: Lang, who: Signed, org: str, number: str) -> Response:
    view = declared.receipt(site.registry, who.actor, org, number)
    path = f"{_base(org)}/declarations/{number}/receipt"
    return forms.page(site, lang, path, "workspace/receipt.html", receipt=view, qr=qr.code(view.permalink))


def receipt_file(site: Site, lang: Lang, who: Signed, org: str, number: str) -> Response:
    """The receipt as a plain text to keep: line by line what the page shows."""
    view = declared.receipt(site.registry, who.actor, org, number)
    title, holder = (
        each.zh if lang == "zh" and each.zh else each.en for each in (view.title, view.organisation.name)
    )
    sealed = gettext(UNSEALED, lang) if view.index is None else str(view.index)
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
    page = Page(body.encode("utf-8-sig"), TEXT, NEVER)
    response = page.answer(request)
    response.headers["Content-Disposition"] = f"attachment; filename=receipt-{view.number}.txt"
    return response


def withdraw(site: Site, lang: Lang, who: Signed, org: str, number: str) -> Response:
    def act(typed: dict[str, str]) -> None:
        declared.withdraw(site.registry, who.actor, org, number, typed["reason"])

    return _order(site, lang, who, org, number, WITHDRAW, "withdraw", act)


def misfiled(site: Site, lang: Lang, who: Signed, org: str, number: str) -> Response:
    def act(_typed: dict[str, str]) -> None:
        declared.mark_misfiled(site.registry, who.actor, org, number)

    return _order(site, lang, who, org, number, MISFILED, "misfiled", act)


def still_true(site: Site, lang: Lang, who: Signed, org: str, number: str) -> Response:
    def act(_typed: dict[str, str]) -> None:
        declared.confirm_still_true(site.registry, who.actor, org, number)

    return _order(site, lang, who, org, number, STILL_TRUE, "still-true", act)


def _order(
    site: Site,
    lang: Lang,
    who: Signed,
    org: str,
    number: str,
    form: Form,
    path: str,
    act: Callable[[dict[str, str]], None],
) -> Response:
    """A page with one order about one declaration."""
    about = declared.listed(site.registry, who.actor, org).organisation
    address = f"{_base(org)}/declarations/{number}/{path}"
    done = f"/{lang}{_base(org)}/declarations"
    return forms.run(
        site, lang, address, form, act, lambda _done: see(done), organisation=about, about=number
    )


def _fields(view: DraftView, key: str) -> tuple[str, ...]:
    return next(each.fields for each in view.steps if each.key == key)


def _answer(question: QuestionView) -> Any:
    """What was typed into one question; of a table its rows, without those that are empty or were removed."""
    if question.kind != "rows":
        return forms.text_of(question.name).replace("\r\n", "\n")
    removed = request.form.get("go", "")
    rows = []
    for place in range(MOST_ROWS):
        cells = {
            column.name: forms.text_of(f"{question.name}-{place}-{column.name}").strip()
            for column in question.columns
        }
        if any(cells.values()) and removed != f"remove-{question.name}-{place}":
            rows.append({name: cell for name, cell in cells.items() if cell})
    return rows


def _rows(given: Any) -> list[dict[str, str]]:
    """The rows of a table with empty ones to go on: one more after "add", some in an empty table."""
    rows = list(given) if isinstance(given, list) else []
    more = 1 if rows else FIRST_ROWS
    if request.form.get("go") == "add":
        more += 2
    return [*rows, *({} for _place in range(min(more, MOST_ROWS - len(rows))))]


def _revision() -> int:
    given = request.form.get("revision", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _after(org: str, draft: int, keys: list[str], key: str, pressed: str) -> str:
    """Where a page of questions leads: to the list, or to the next page."""
    following = keys.index(key) + 1
    if pressed == "list":
        return _draft(org, draft)
    return (
        f"{_draft(org, draft)}/{keys[following]}" if following < len(keys) else f"{_draft(org, draft)}/check"
    )


def _worded(issues: Any, lang: Lang) -> list[str]:
    return [issue_in_words(issue, DECLARATIONS, lang) for issue in issues]


def _base(org: str) -> str:
    return f"/workspace/organisations/{org}"


def _draft(org: str, draft: int) -> str:
    return f"{_base(org)}/drafts/{draft}"
