"""Drafts of declarations at the door: the list of tasks, the pages of questions, the check, and publication."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, request

from portal.web import forms
from portal.web.access import see
from portal.web.forms import Field, Form
from portal.web.site import Site
from registry.errors import NotFound, Stale
from registry.i18n import Lang, _, gettext
from registry.kit.issues import Issue
from registry.services import draft_differences, drafts
from registry.services.amending import NOTE, REASON, Amendment
from registry.services.draft_differences import DifferencesView
from registry.services.drafts import DraftView
from registry.services.memberships import DECLARATIONS
from registry.services.questions import QuestionView, anchor_of, issue_in_words, questions, reasons
from registry.services.signing_in import Signed

MOST_ROWS = 200
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
WHY = Field(REASON, _("Reason of the amendment"), _("It stands in the public history."), "choice")
HOW = Field(
    NOTE,
    _("Note on the amendment"),
    _("What has changed and why, in a sentence; it is public. Needed only for another reason."),
    "long",
)
DISCARD = Form(
    _("Throw the draft away"),
    _("Throw it away"),
    intro=(_("What was typed into it is gone for good. Nothing public changes."),),
)
BEHIND = _(
    "%(person)s has saved this part meanwhile. Your answers are in the form, the others beside them; save again to keep yours."
)
BEHIND_ONESELF = _(
    "This part was saved in another window of yours meanwhile. What you typed here is in the form, the other answers beside it; save again to keep what is in the form."
)


def tasks(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    view = _open(site, who, org, draft)
    if isinstance(view, str):
        return _published(lang, org, view)
    return forms.page(site, lang, _draft(org, draft), "workspace/tasks.html", draft=view)


def step(site: Site, lang: Lang, who: Signed, org: str, draft: int, key: str) -> Response:
    """One page of questions: saved right or wrong, whatever button is pressed; issues are shown, never in the way."""
    view = _open(site, who, org, draft)
    if isinstance(view, str):
        return _published(lang, org, view)
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
            drafts.save(site.registry, who.actor, org, draft, _counted("revision"), typed)
        except Stale:
            beside = {
                name: view.typed.get(name)
                for name in typed
                if view.typed.get(name) not in (None, "", typed[name])
            }
            behind = BEHIND_ONESELF if view.own_save else BEHIND
            problem = gettext(behind, lang, person=view.changed_by)
            answers |= typed
        else:
            pressed = request.form.get("go", "")
            if (
                forms.SWITCH not in request.form
                and pressed != "look"
                and not pressed.startswith(("add", "remove"))
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
    summary = [(issue_in_words(issue, DECLARATIONS, lang), anchor_of(issue)) for issue in shown]
    for issue, (words, _anchor) in zip(shown, summary, strict=True):
        errors.setdefault(issue.field, []).append(words)
    rows = {
        question.name: _rows(question.name, answers.get(question.name))
        for question in asked
        if question.kind == "rows"
    }
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
        summary=summary,
        beside=beside,
        problem=problem,
        action=path,
    )


def check(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    """Every answer on one page, what is still wrong or differs, and the one button that publishes."""
    view = _open(site, who, org, draft)
    if isinstance(view, str):
        return _published(lang, org, view)
    differences = draft_differences.look(site.registry, who.actor, org, draft, lang)
    asked = {name: each.key for each in view.steps for name in each.fields}

    def linked(issues: tuple[Issue, ...]) -> list[tuple[str, str]]:
        """Issues in words, each with the place where it is mended."""
        return [
            (
                issue_in_words(issue, DECLARATIONS, lang),
                f"{_draft(org, draft)}/{asked[issue.field]}?checked=1#{anchor_of(issue)}"
                if issue.field in asked
                else "",
            )
            for issue in issues
        ]

    return forms.run(
        site,
        lang,
        _draft(org, draft) + "/check",
        _signing(differences, lang),
        lambda typed: drafts.file(
            site.registry, who.actor, org, draft, _counted("revision"), typed["signer"], _amendment(typed)
        ),
        lambda number: _published(lang, org, number),
        template="workspace/check.html",
        draft=view,
        differences=differences,
        groups=tuple(
            (each, questions(DECLARATIONS, each.fields), linked(each.issues)) for each in view.steps
        ),
        others=linked(tuple(issue for issue in view.issues if issue.field not in asked)),
    )


def follow(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    """Take over what changed in the record since the draft was begun."""
    draft_differences.follow(site.registry, who.actor, org, draft)
    return see(f"/{lang}{_draft(org, draft)}/check")


def discard(site: Site, lang: Lang, who: Signed, org: str, draft: int) -> Response:
    """Asked once more before what was typed is gone."""
    view = _open(site, who, org, draft)
    if isinstance(view, str):
        return _published(lang, org, view)
    return forms.run(
        site,
        lang,
        _draft(org, draft) + "/discard",
        DISCARD,
        lambda _typed: drafts.discard(site.registry, who.actor, org, draft),
        lambda _done: see(f"/{lang}{_base(org)}/declarations"),
        organisation=view.organisation,
        back=_draft(org, draft),
        about=f"{view.title} {view.amends or view.subject}".strip(),
    )


def _open(site: Site, who: Signed, org: str, draft: int) -> DraftView | str:
    """The draft, or the number of what was published from it: a second press of the button leads to the receipt."""
    try:
        return drafts.draft(site.registry, who.actor, org, draft)
    except NotFound:
        number = drafts.published_as(site.registry, who.actor, org, draft)
        if not number:
            raise
        return number


def _published(lang: Lang, org: str, number: str) -> Response:
    return see(f"/{lang}{_base(org)}/declarations/{number}/receipt")


def _signing(differences: DifferencesView | None, lang: Lang) -> Form:
    """What is asked at the end; of who amends also why."""
    if differences is None:
        return SIGNER
    choices = (("", ""), *((code, getattr(words, lang)) for code, words in reasons(DECLARATIONS)))
    return replace(
        SIGNER,
        button=_("Publish the amendment"),
        fields=(replace(WHY, choices=choices), HOW, *SIGNER.fields),
    )


def _amendment(typed: dict[str, str]) -> Amendment | None:
    if REASON not in typed:
        return None
    return Amendment(typed[REASON], typed[NOTE], _counted("seen"))


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


def _rows(name: str, given: Any) -> list[dict[str, str]]:
    """The rows of a table: one empty one in an empty table, and after "add" one more than the page had."""
    rows = list(given) if isinstance(given, list) else []
    wanted = max(1, len(rows))
    if request.form.get("go") == f"add-{name}":
        sent = (key.split("-") for key in request.form if key.startswith(f"{name}-"))
        places = [
            int(parts[1])
            for parts in sent
            if len(parts) == 3 and parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 4
        ]
        wanted = min(max(wanted, max(places, default=0) + 1) + 1, MOST_ROWS)
    return [*rows, *({} for _place in range(wanted - len(rows)))]


def _counted(name: str) -> int:
    """A number that a page carried along: the revision of a draft, the version of a record; else 0."""
    given = request.form.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0


def _after(org: str, draft: int, keys: list[str], key: str, pressed: str) -> str:
    """Where a page of questions leads: to the list, or to the next page."""
    following = keys.index(key) + 1
    if pressed == "list":
        return _draft(org, draft)
    return (
        f"{_draft(org, draft)}/{keys[following]}" if following < len(keys) else f"{_draft(org, draft)}/check"
    )


def _base(org: str) -> str:
    return f"/workspace/organisations/{org}"


def _draft(org: str, draft: int) -> str:
    return f"{_base(org)}/drafts/{draft}"
