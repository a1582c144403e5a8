"""One step of a draft, a page of questions: shown, saved right or wrong, helped with, shown again.

A request loads the draft at most once: saving needs no more of it than its register, and only a page that is shown
again after that shows what was saved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, request

from portal.web import forms
from portal.web.access import MAX_UPLOAD_MEGABYTES, TOO_LARGE_PARAMETER, redirect_see_other
from portal.web.responses import NO_STORE
from portal.web.site import Site
from portal.workspace.draft_pages import evidence_of
from portal.workspace.draft_urls import (
    draft_or_published,
    draft_path,
    hidden_number,
    redirect_to_receipt,
    register_or_published,
)
from registry import clock
from registry.errors import Invalid, NotFound, Stale
from registry.i18n import Lang, _, gettext
from registry.kit import indicator_comparison
from registry.kit.issues import Issue
from registry.kit.kinds import MAX_ROWS
from registry.registers import catalogue
from registry.services import filing, finding
from registry.services.filing import (
    DraftView,
    PublishedDraft,
    QuestionView,
    StepView,
    UploadedFile,
    describe_issue,
    filing_of,
    issue_anchor,
    list_questions,
)
from registry.services.finding import ResultsView, SearchRequest
from registry.services.people import Represented, UserSession

MAX_MATCHES = 10
AUTOSAVE = "keep"  # no button: the script of the page saves by itself
BACK_TO_CHECK = "check"  # where a page of questions leads that was opened to change one answer
SAVED_MESSAGE = _("Saved at %(time)s (Beijing time)")
# Buttons that lead back to the page.
STAY_ON_PAGE = ("look", "add", "remove", "discard", "find", "take", "suggest", "english")
CONFLICT_MESSAGE = _(
    "%(person)s has saved this part meanwhile. Your answers are in the form, the others beside them; save again to keep yours."
)
OWN_CONFLICT_MESSAGE = _(
    "This part was saved in another window of yours meanwhile. What you typed here is in the form, the other answers beside it; save again to keep what is in the form."
)


@dataclass(frozen=True, slots=True)
class StepRequest:
    """A request for a step of a draft. `key`: of the step."""

    site: Site
    lang: Lang
    user: UserSession
    org: Represented
    draft: int
    key: str

    @property
    def path(self) -> str:
        """The address of the step, without the language."""
        return f"{draft_path(self.org, self.draft)}/{self.key}"


@dataclass(frozen=True, slots=True)
class PressedButton:
    """The button that sent the form: `take-std_no-GB/T 1` is the action "take" for a question with an argument."""

    action: str
    question: str = ""
    argument: str = ""


@dataclass(frozen=True, slots=True)
class StepPage:
    """A step as it is shown. `saved_meanwhile`: answers that another editor has saved; `matches`: question → records."""

    view: DraftView
    step: StepView
    answers: Mapping[str, Any]
    show_issues: bool = False
    saved_meanwhile: Mapping[str, Any] = field(default_factory=dict)
    problem: str = ""
    matches: Mapping[str, ResultsView | None] = field(default_factory=dict)
    refused: tuple[Issue, ...] = ()  # what keeps an answer or a file from being stored
    examined: str = ""  # the name of a file that is being examined
    unsuggested: str = ""  # the question whose English neither the glossary nor an earlier filing has
    shows_suggestions: bool = False  # English was asked for

    @property
    def questions(self) -> tuple[QuestionView, ...]:
        """The questions of the step."""
        return list_questions(self.view.register, self.step.fields)


def step(site: Site, lang: Lang, user: UserSession, *, org: Represented, draft: int, key: str) -> Response:
    """Show a page of questions, or save it, right or wrong, whatever button was pressed: issues never keep from saving."""
    requested = StepRequest(site, lang, user, org, draft, key)
    return _save(requested) if request.method == "POST" else _show(requested)


def _settle_text(requested: StepRequest) -> tuple[str, tuple[Issue, ...]]:
    """The name of a file that is still being examined, or what is wrong with one that has been."""
    try:
        settled = filing.settle_full_text(
            requested.site.registry, requested.user.actor, requested.org, requested.draft
        )
    except Invalid as refused:
        return "", tuple(refused.issues)
    return settled, ()


def _show(requested: StepRequest) -> Response:
    examined, refused = _settle_text(requested)
    view = draft_or_published(requested.site, requested.user, requested.org, requested.draft)
    if isinstance(view, PublishedDraft):
        return redirect_to_receipt(requested.lang, requested.org, view)
    page = StepPage(
        view,
        _step_of(view, requested.key),
        view.typed,
        show_issues=request.args.get("checked") == "1",
        refused=refused,
        examined=examined,
    )
    if request.args.get(TOO_LARGE_PARAMETER) == "1":
        limit = MAX_UPLOAD_MEGABYTES["workspace.step"]
        files = [question.name for question in page.questions if question.kind == "file"]
        page = replace(
            page, refused=tuple(Issue("file_too_large", name, {"at_most": limit}) for name in files)
        )
    return _render(requested, page)


def _save(requested: StepRequest) -> Response:
    """Save the answers and lead on, or show the page again if its button stays on it."""
    site, lang, actor = requested.site, requested.lang, requested.user.actor
    org, draft = requested.org, requested.draft
    register = register_or_published(site, requested.user, org, draft)
    if isinstance(register, PublishedDraft):
        return redirect_to_receipt(lang, org, register)
    steps = {part.key: part.fields for part in filing_of(catalogue()[register]).steps}
    if requested.key not in steps:
        raise NotFound("step", requested.key)
    questions = list_questions(register, steps[requested.key])
    typed = {question.name: _read_answer(question) for question in questions if _is_answerable(question)}
    button = _pressed_button()
    if button.action == "take" and button.question in typed:
        typed[button.question] = button.argument
    elif button.action == "english" and button.question in typed:
        typed |= filing.accept_suggestions(
            site.registry, actor, org, draft, typed=typed, name=button.question
        )
    try:
        revision = filing.save_draft(
            site.registry, actor, org, draft, revision=hidden_number("revision"), typed=typed
        )
    except Stale:
        return _show_conflict(requested, button, typed)
    except Invalid as refused:
        return _show_refused(requested, button, typed, issues=refused.issues)
    file_issues = _update_full_text(requested, button, questions)
    examined, late_issues = _settle_text(requested)
    file_issues += late_issues
    if button.action == AUTOSAVE:
        time = clock.now().astimezone(clock.SHANGHAI)
        message = gettext(SAVED_MESSAGE, lang, time=f"{time:%H:%M}")
        return _autosave_response({"said": message, "revision": revision})
    stays = forms.LANGUAGE_SWITCH in request.form or button.action in STAY_ON_PAGE or file_issues or examined
    if not stays:
        return redirect_see_other(f"/{lang}{_next_path(requested, list(steps), button)}")
    view = filing.get_draft(site.registry, actor, org, draft)
    page = StepPage(
        view,
        _step_of(view, requested.key),
        {**view.typed, **typed},
        show_issues=button.action == "look",
        matches=_find_matches(requested, questions, button, typed),
        refused=file_issues,
        examined=examined,
        shows_suggestions=button.action in ("suggest", "english"),
        unsuggested=button.question if button.action == "suggest" and not _is_suggested(view, button) else "",
    )
    return _render(requested, page)


def _show_refused(
    requested: StepRequest, button: PressedButton, typed: dict[str, Any], *, issues: tuple[Issue, ...]
) -> Response:
    """Show what was typed again where it is more than a draft keeps: nothing of the page was saved."""
    view = filing.get_draft(requested.site.registry, requested.user.actor, requested.org, requested.draft)
    if button.action == AUTOSAVE:
        return _autosave_response({"said": describe_issue(issues[0], view.register, requested.lang)}, 409)
    page = StepPage(view, _step_of(view, requested.key), {**view.typed, **typed}, refused=issues)
    return _render(requested, page)


def _show_conflict(requested: StepRequest, button: PressedButton, typed: dict[str, Any]) -> Response:
    """Show what was typed beside what another editor, or another window of the same one, has saved meanwhile."""
    lang = requested.lang
    view = filing.get_draft(requested.site.registry, requested.user.actor, requested.org, requested.draft)
    message = OWN_CONFLICT_MESSAGE if view.saved_by_reader else CONFLICT_MESSAGE
    problem = gettext(message, lang, person=view.changed_by)
    if button.action == AUTOSAVE:
        return _autosave_response({"said": problem}, 409)
    saved = {name: view.typed.get(name) for name in typed}
    page = StepPage(
        view,
        _step_of(view, requested.key),
        {**view.typed, **typed},
        show_issues=request.args.get("checked") == "1",
        saved_meanwhile={
            name: value for name, value in saved.items() if value not in (None, "", typed[name])
        },
        problem=problem,
    )
    return _render(requested, page)


def _step_of(view: DraftView, key: str) -> StepView:
    """Return a step of a draft by its key. Raises `NotFound`."""
    for candidate in view.steps:
        if candidate.key == key:
            return candidate
    raise NotFound("step", key)


def _pressed_button() -> PressedButton:
    """Return the button that sent the form; one without a name counts as none."""
    action, _dash, rest = forms.field_text("go").partition("-")
    if action != "take":
        return PressedButton(action, rest)
    question, _dash, argument = rest.partition("-")
    return PressedButton(action, question, argument)


def _is_suggested(view: DraftView, button: PressedButton) -> bool:
    """True if there is English for the question of a button, or for a cell of its table."""
    return any(anchor.partition("-")[0] == button.question for anchor in view.suggestions)


def _autosave_response(body: dict[str, Any], status: int = 200) -> Response:
    """Return what the script that saves the page shows: `said`, a message, and `revision`, the one to save next."""
    return Response(
        json.dumps(body, ensure_ascii=False),
        status,
        content_type="application/json",
        headers={"Cache-Control": NO_STORE},
    )


def _find_matches(
    requested: StepRequest,
    questions: tuple[QuestionView, ...],
    button: PressedButton,
    typed: Mapping[str, Any],
) -> dict[str, ResultsView | None]:
    """Return the records that answer a question: those in force or to come that have the words typed into it.

    None where no words were typed, nothing if the button does not search.
    """
    lookup = next((question.lookup for question in questions if question.name == button.question), None)
    if button.action != "find" or lookup is None:
        return {}
    words = str(typed.get(button.question) or "").strip()
    if not words:
        return {button.question: None}
    search = SearchRequest(q=words, scope=finding.search_scope(lookup.register), size=MAX_MATCHES)
    registry, actor = requested.site.registry, requested.user.actor
    return {button.question: finding.find_records(registry, actor, search, requested.lang)}


def _render(requested: StepRequest, page: StepPage) -> Response:
    lang, register = requested.lang, page.view.register
    evidence = evidence_of(requested.site, requested.user, requested.org, page.view)
    issues = (*page.refused, *(page.step.issues if page.show_issues else ()))
    errors: dict[str, list[str]] = {}
    summary = [
        (describe_issue(issue, register, lang, in_summary=True), issue_anchor(issue, register))
        for issue in issues
    ]
    for issue in issues:
        message = describe_issue(issue, register, lang, beside_question=True)
        errors.setdefault(issue.field, []).append(message)
    rows = {
        question.name: _table_rows(question.name, page.answers.get(question.name))
        for question in page.questions
        if question.kind == "rows"
    }
    return forms.private_page(
        requested.site,
        lang,
        requested.path,
        "workspace/step.html",
        status=400 if errors else 200,
        draft=page.view,
        step=page.step,
        questions=page.questions,
        answers=page.answers,
        rows=rows,
        errors=errors,
        summary=summary,
        saved_meanwhile=page.saved_meanwhile,
        problem=page.problem,
        examined=page.examined,
        matches=page.matches,
        notices=[
            (describe_issue(issue, register, lang), "")
            for issue in page.view.notices
            if page.show_issues and issue.field in page.step.fields
        ],
        comparison_lines=indicator_comparison.comparison_lines(
            catalogue()[register], page.view.comparisons, lang
        )
        | indicator_comparison.limit_lines(catalogue()[register], page.view.limits, lang),
        anchors=[
            *(anchor for _message, anchor in summary),
            *(page.view.suggestions if page.shows_suggestions else ()),
        ],
        back=request.values.get("back") == BACK_TO_CHECK,
        returned=evidence.reasons if evidence else {},
        asks_files=evidence is not None,
        unsuggested=page.unsuggested,
        action=requested.path,
    )


def _is_answerable(question: QuestionView) -> bool:
    """Return False for a question whose answer another record gives: what was typed before stays stored."""
    return (
        question.kind in ("rows", "radio")
        or question.is_ticked
        or (question.kind != "file" and question.name in request.form)
    )


def _update_full_text(
    requested: StepRequest, button: PressedButton, questions: tuple[QuestionView, ...]
) -> tuple[Issue, ...]:
    """Store the full text that was sent with the page, or remove it; return what is wrong with the file."""
    registry, actor = requested.site.registry, requested.user.actor
    name = next((question.name for question in questions if question.kind == "file"), "")
    if name and button.action == "discard":
        filing.remove_full_text(registry, actor, requested.org, requested.draft)
    sent = request.files.get(name)
    if sent is not None and sent.filename:
        file = UploadedFile(sent.filename, sent.stream)
        try:
            filing.attach_full_text(registry, actor, requested.org, requested.draft, file=file)
        except Invalid as refused:
            return tuple(refused.issues)
    return ()


def _read_answer(question: QuestionView) -> Any:
    """Return what was typed into one question; of a table its rows, without those that are empty or were removed."""
    if question.is_ticked:
        return "\n".join(forms.field_texts(question.name)).replace("\r\n", "\n")
    if question.kind != "rows":
        return forms.field_text(question.name).replace("\r\n", "\n")
    removed = request.form.get("go", "")
    rows = []
    for index in range(MAX_ROWS):
        cells = {
            column.name: forms.field_text(f"{question.name}-{index}-{column.name}").strip()
            for column in question.columns
        }
        if any(cells.values()) and removed != f"remove-{question.name}-{index}":
            rows.append({name: cell for name, cell in cells.items() if cell})
    return rows


def _table_rows(name: str, answer: Any) -> list[dict[str, str]]:
    """Return the rows of a table: an empty one in an empty table, and after "add" one more than the page had."""
    rows = list(answer) if isinstance(answer, list) else []
    shown = max(1, len(rows))
    if request.form.get("go") == f"add-{name}":
        sent = (key.split("-") for key in request.form if key.startswith(f"{name}-"))
        indexes = [
            int(parts[1])
            for parts in sent
            if len(parts) == 3 and parts[1].isascii() and parts[1].isdecimal() and len(parts[1]) < 4
        ]
        shown = min(max(shown, max(indexes, default=0) + 1) + 1, MAX_ROWS)
    return [*rows, *({} for _row in range(shown - len(rows)))]


def _next_path(requested: StepRequest, keys: list[str], button: PressedButton) -> str:
    """Return where a saved step leads: to the list of tasks, back to the check, or to the next step; after the last one comes the check."""
    path = draft_path(requested.org, requested.draft)
    if button.action == "list":
        return path
    if request.form.get("back") == BACK_TO_CHECK:
        return f"{path}/check"
    following = keys.index(requested.key) + 1
    return f"{path}/{keys[following]}" if following < len(keys) else f"{path}/check"
