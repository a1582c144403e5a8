"""One page of questions of a draft: answered, saved right or wrong, helped with, shown again."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request

from portal.web import forms
from portal.web.access import MAX_UPLOAD_MEGABYTES, TOO_LARGE_PARAMETER, redirect_see_other
from portal.web.responses import NO_STORE
from portal.web.site import Site
from portal.workspace.draft_urls import draft_or_published, draft_path, hidden_number, redirect_to_receipt
from registry import clock
from registry.errors import Invalid, NotFound, Stale
from registry.i18n import Lang, _, gettext
from registry.kit import indicator_comparison
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import filing, finding
from registry.services.filing import (
    DraftView,
    PublishedDraft,
    QuestionView,
    StepView,
    UploadedFile,
    describe_issue,
    issue_anchor,
    list_questions,
)
from registry.services.finding import ResultsView, SearchRequest
from registry.services.people import UserSession

MAX_ROWS = 200
MAX_MATCHES = 10
AUTOSAVE = "keep"  # no button: the page saves by itself
SAVED_MESSAGE = _("Saved at %(time)s (Beijing time)")
# Buttons that lead back to the page.
STAY_ON_PAGE = ("look", "add", "remove", "discard", "find", "take", "suggest", "english")
CONFLICT_MESSAGE = _(
    "%(person)s has saved this part meanwhile. Your answers are in the form, the others beside them; save again to keep yours."
)
OWN_CONFLICT_MESSAGE = _(
    "This part was saved in another window of yours meanwhile. What you typed here is in the form, the other answers beside it; save again to keep what is in the form."
)


def step(site: Site, lang: Lang, user: UserSession, *, org: str, draft: int, key: str) -> Response:
    """One page of questions: saved right or wrong, whatever button is pressed; issues are shown, never in the way."""
    view = draft_or_published(site, user, org, draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(lang, org, view)
    keys = [each.key for each in view.steps]
    if key not in keys:
        raise NotFound("step", key)
    page = QuestionPage(view, key, dict(view.typed), show_issues=request.args.get("checked") == "1")
    if request.args.get(TOO_LARGE_PARAMETER) == "1":
        files = (each.name for each in page.questions if each.kind == "file")
        at_most = MAX_UPLOAD_MEGABYTES["workspace.step"]
        page.file_issues = tuple(Issue("file_too_large", name, {"at_most": at_most}) for name in files)
    if request.method == "POST":
        typed = {each.name: _answer(each) for each in page.questions if _asked(each)}
        pressed, _sign, name = forms.field_text("go").partition("-")
        if pressed == "take":
            name, _sign, number = name.partition("-")
            typed |= {name: number} if name in typed else {}
        try:
            revision = filing.save_draft(
                site.registry, user.actor, org, draft, revision=hidden_number("revision"), typed=typed
            )
            if pressed == "english" and name in typed:
                view = filing.get_draft(site.registry, user.actor, org, draft)
                typed[name] = filing.apply_suggestion(view.register, view.typed, view.suggestions, name)
                filing.save_draft(
                    site.registry, user.actor, org, draft, revision=revision, typed={name: typed[name]}
                )
        except Stale:
            page.saved_meanwhile = {
                name: view.typed.get(name)
                for name in typed
                if view.typed.get(name) not in (None, "", typed[name])
            }
            behind = OWN_CONFLICT_MESSAGE if view.saved_by_reader else CONFLICT_MESSAGE
            page.problem = gettext(behind, lang, person=view.changed_by)
            if pressed == AUTOSAVE:
                return _kept({"said": page.problem}, 409)
            page.answers |= typed
        else:
            page.file_issues = _text(site, user, org, draft, pressed, page.questions)
            if pressed == AUTOSAVE:
                at = clock.now().astimezone(clock.SHANGHAI)
                return _kept({"said": gettext(SAVED_MESSAGE, lang, time=f"{at:%H:%M}"), "revision": revision})
            if (
                forms.LANGUAGE_SWITCH not in request.form
                and pressed not in STAY_ON_PAGE
                and not page.file_issues
            ):
                return redirect_see_other(f"/{lang}" + _after(org, draft, keys, key, pressed))
            page.view = filing.get_draft(site.registry, user.actor, org, draft)
            page.answers = {**page.view.typed, **typed}
            page.show_issues = pressed == "look"
            page.matches = _found(site, lang, user, page.questions, typed, name) if pressed == "find" else {}
    return _step(site, lang, org, page)


def _kept(told: dict[str, Any], status: int = 200) -> Response:
    """What the page says that saves by itself."""
    body = json.dumps(told, ensure_ascii=False)
    return Response(body, status, content_type="application/json", headers={"Cache-Control": NO_STORE})


@dataclass
class QuestionPage:
    """A page of questions as it is shown. `found`: question → what the register has for the words typed into it."""

    view: DraftView
    key: str
    answers: dict[str, Any]
    show_issues: bool
    saved_meanwhile: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    matches: dict[str, ResultsView | None] = field(default_factory=dict)
    file_issues: tuple[Issue, ...] = ()  # what stands against a file

    @property
    def step(self) -> StepView:
        return next(each for each in self.view.steps if each.key == self.key)

    @property
    def questions(self) -> tuple[QuestionView, ...]:
        return list_questions(self.view.register, self.step.fields)


def _found(
    site: Site,
    lang: Lang,
    user: UserSession,
    asked: tuple[QuestionView, ...],
    typed: dict[str, Any],
    name: str,
) -> dict[str, ResultsView | None]:
    """What can be taken as the answer to a question: records in force or to come, that have the words typed into it.

    None where no words were typed.
    """
    lookup = next((question.lookup for question in asked if question.name == name), None)
    words = str(typed.get(name) or "").strip()
    if lookup is None:
        return {}
    wanted = SearchRequest(q=words, scope=finding.search_scope(lookup.register), size=MAX_MATCHES)
    return {name: finding.find_records(site.registry, user.actor, wanted, lang) if words else None}


def _step(site: Site, lang: Lang, org: str, page: QuestionPage) -> Response:
    shown = (*page.file_issues, *(page.step.issues if page.show_issues else ()))
    errors: dict[str, list[str]] = {}
    summary = [
        (describe_issue(issue, page.view.register, lang), issue_anchor(issue, page.view.register))
        for issue in shown
    ]
    for issue, (words, _anchor) in zip(shown, summary, strict=True):
        errors.setdefault(issue.field, []).append(words)
    rows = {
        question.name: _rows(question.name, page.answers.get(question.name))
        for question in page.questions
        if question.kind == "rows"
    }
    path = f"{draft_path(org, page.view.id)}/{page.key}"
    return forms.private_page(
        site,
        lang,
        path,
        "workspace/step.html",
        400 if errors else 200,
        draft=page.view,
        step=page.step,
        questions=page.questions,
        answers=page.answers,
        rows=rows,
        errors=errors,
        summary=summary,
        beside=page.saved_meanwhile,
        problem=page.problem,
        found=page.matches,
        notices=[
            (describe_issue(issue, page.view.register, lang), "")
            for issue in page.view.notices
            if page.show_issues and issue.field in page.step.fields
        ],
        worked_out=indicator_comparison.comparison_lines(
            catalogue()[page.view.register], page.view.comparisons, lang
        ),
        action=path,
    )


def _asked(question: QuestionView) -> bool:
    """False where the page showed another record's answer: what had been typed there before is kept."""
    return question.kind in ("rows", "radio") or (question.kind != "file" and question.name in request.form)


def _text(
    site: Site, user: UserSession, org: str, draft: int, pressed: str, asked: tuple[QuestionView, ...]
) -> tuple[Issue, ...]:
    """Take the full text that was sent with the page, or throw it away; gives what stands against the file."""
    name = next((question.name for question in asked if question.kind == "file"), "")
    if name and pressed == "discard":
        filing.remove_full_text(site.registry, user.actor, org, draft)
    sent = request.files.get(name)
    if sent is not None and sent.filename:
        try:
            filing.attach_full_text(
                site.registry, user.actor, org, draft, file=UploadedFile(sent.filename, sent.stream)
            )
        except Invalid as refused:
            return tuple(refused.issues)
    return ()


def _answer(question: QuestionView) -> Any:
    """What was typed into one question; of a table its rows, without those that are empty or were removed."""
    if question.kind != "rows":
        return forms.field_text(question.name).replace("\r\n", "\n")
    removed = request.form.get("go", "")
    rows = []
    for place in range(MAX_ROWS):
        cells = {
            column.name: forms.field_text(f"{question.name}-{place}-{column.name}").strip()
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
        wanted = min(max(wanted, max(places, default=0) + 1) + 1, MAX_ROWS)
    return [*rows, *({} for _place in range(wanted - len(rows)))]


def _after(org: str, draft: int, keys: list[str], key: str, pressed: str) -> str:
    """Where a page of questions leads: to the list, or to the next page."""
    following = keys.index(key) + 1
    if pressed == "list":
        return draft_path(org, draft)
    return (
        f"{draft_path(org, draft)}/{keys[following]}"
        if following < len(keys)
        else f"{draft_path(org, draft)}/check"
    )
