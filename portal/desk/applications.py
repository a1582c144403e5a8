"""Applications at the desk: one with its answers, files and steps, the form of a step, and the step that a second person takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, request

from portal.desk import looks, named_choices
from portal.desk.looks import LookPage
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.answers import answer_groups
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry.errors import Conflict, Forbidden, Invalid
from registry.i18n import Lang, _, gettext
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import applying, deciding, filing
from registry.services.applying import ApplicationView, StatedStep, StepFormView
from registry.services.filing import QuestionView
from registry.services.issue_messages import issue_message
from registry.services.people import UserSession

APPLICATIONS = "/desk/applications"
APPLICATIONS_ON_PAGE = 100
FIELD_PREFIX = "f-"  # of the names of inputs for what a publication states
DONE = {  # what was done, as the address of the page says afterwards
    "taken": _("Done. The holder is told by e-mail."),
    "prepared": _("The decision is prepared. Another person takes it; nothing is public before."),
    "returned": _("The decision is returned to the person who prepared it."),
    "back": _("The decision is taken back. Nothing has changed."),
}
RETURN = Form(
    _("Return the decision"),
    _("Return it"),
    (Field("reply", _("What is to be changed"), _("The person who prepared it reads this."), "long"),),
)


def list_applications(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the applications that wait for the reader, the longest waiting first, page by page."""
    token = request.args.get("next")
    lines, following = applying.list_applications_from(
        site.registry, user.actor, token, limit=APPLICATIONS_ON_PAGE
    )
    return forms.private_page(
        site,
        lang,
        APPLICATIONS,
        "desk/applications.html",
        lines=lines,
        following=following,
        first=token is None,
    )


def show_application(site: Site, lang: Lang, user: UserSession, application: int) -> Response:
    """Show an application; take, return or take back the decision that is prepared on it."""
    path = f"{APPLICATIONS}/{application}"
    registry, actor = site.registry, user.actor
    act = forms.field_text("act") if forms.is_submitted() else ""
    written = forms.field_text("step")
    step = int(written) if written.isascii() and written.isdecimal() and len(written) < 12 else 0
    acts: Mapping[str, Callable[[], None]] = {
        "taken": lambda: applying.take_step(registry, actor, application, step),
        "back": lambda: applying.take_back_step(registry, actor, application, step),
        "returned": lambda: applying.return_step(
            registry, actor, application, step, reply=forms.field_text("reply")
        ),
    }
    problem, status = "", 200
    state = None
    if act in acts:
        try:
            acts[act]()
            return redirect_see_other(f"/{lang}{path}?done={act}")
        except Invalid as refused:
            status, problem = 400, " ".join(issue_message(each, lang) for each in refused.issues)
            state = forms.FormState({"reply": forms.field_text("reply")}, {}, 400)
        except (Conflict, Forbidden) as refusal:
            status = 409 if isinstance(refusal, Conflict) else 403
            problem = issue_message(Issue(refusal.reason, "", dict(refusal.params)), lang)
            state = forms.FormState({}, {}, status)
    view = applying.get_application(registry, actor, application, lang=lang)
    page = FormPage(
        site,
        lang,
        path,
        RETURN,
        template="desk/application.html",
        context=_context(view, lang)
        | {"done": DONE.get(request.args.get("done", ""), ""), "problem": problem},
    )
    return forms.show_form(page, state)


def take_step(site: Site, lang: Lang, user: UserSession, application: int, *, key: str) -> Response:
    """Show the form of a step, and make the step or prepare it for a second person."""
    form = applying.get_step_form(site.registry, user.actor, application, key, lang=lang)
    typed = _typed(form)
    issues: tuple[Issue, ...] = ()
    if forms.is_submitted() and named_choices.is_looking():
        typed = named_choices.with_chosen(typed)
    elif forms.is_submitted():
        try:
            state = applying.make_step(site.registry, user.actor, application, _stated(form, key, typed))
            return redirect_see_other(f"/{lang}{APPLICATIONS}/{application}?done={state}")
        except Invalid as refused:
            issues = refused.issues
    elif request.method == "GET":
        typed |= {FIELD_PREFIX + each.name: each.suggested for each in form.fields}
    required = {each.name: each.required for each in form.fields}
    questions = tuple(
        replace(question, required=required[question.name])
        for question in filing.list_questions(form.application.line.register.slug, tuple(required))
    )
    return forms.private_page(
        site,
        lang,
        f"{APPLICATIONS}/{application}/{key}",
        "desk/application_step.html",
        status=400 if issues else 200,
        form=form,
        typed=typed,
        questions=questions,
        errors=_errors(form, questions, issues, lang=lang),
        labels=_labels(form, questions, lang),
        action=f"{APPLICATIONS}/{application}/{key}",
        choices=deciding.list_named_choices(
            site.registry,
            user.actor,
            form.application.line.register.slug,
            tuple(required),
            find=named_choices.looked_for(),
        ),
        looked_for=named_choices.looked_for(),
        **_context(form.application, lang),
    )


def send_file(site: Site, lang: Lang, user: UserSession, application: int, *, file: int) -> Response:
    """Send a file of an application as a download; who has looked stands in the audit log."""
    return looks.send_confidential(
        _look_page(site, lang, application, what=_("File of an application"), last=f"files/{file}"),
        lambda reason: applying.get_file_for_desk(
            site.registry, user.actor, application, file, reason=reason
        ),
    )


def show_signer(site: Site, lang: Lang, user: UserSession, application: int) -> Response:
    """Show the name of who signed an application, which its page masks."""
    return looks.show_confidential(
        _look_page(site, lang, application, what=_("Signed for the applicant"), last="signer"),
        lambda reason: (
            (_("Name"), applying.open_signer(site.registry, user.actor, application, reason=reason)),
        ),
    )


def _look_page(site: Site, lang: Lang, application: int, *, what: str, last: str) -> LookPage:
    path = f"{APPLICATIONS}/{application}"
    return LookPage(
        site,
        lang,
        f"{path}/{last}",
        path,
        what,
        gettext(_("Application %(number)s"), lang, number=application),
    )


def _context(view: ApplicationView, lang: Lang) -> dict[str, Any]:
    register = view.line.register.slug
    obstacle, waiting = view.obstacle, view.pending_obstacle
    return {
        "application": view,
        "groups": answer_groups(register),
        "files_path": f"{APPLICATIONS}/{view.line.id}/files",
        "obstacle": issue_message(obstacle, lang) if obstacle else "",
        "pending_obstacle": issue_message(waiting, lang) if waiting else "",
        "publication_problems": [
            filing.describe_issue(issue, register, lang, with_field=True) for issue in view.publication_issues
        ],
        "to_look_at": [
            filing.describe_issue(issue, register, lang, with_field=True) for issue in view.notices
        ],
        "reason_key": applying.reason_key,
    }


def _typed(form: StepFormView) -> dict[str, str]:
    """What was typed into the form of a step."""
    names = [applying.OPINION, *(FIELD_PREFIX + each.name for each in form.fields)]
    names += [f"{applying.PAPER_PREFIX}{index}" for index in range(len(form.move.evidence))]
    names += [applying.REASON_PREFIX + name for name in _reason_names(form)]
    return {name: forms.field_text(name).replace("\r\n", "\n") for name in names}


def _reason_names(form: StepFormView) -> list[str]:
    """What a return may be about: the questions, and the kinds of evidence."""
    if not form.asks_reasons:
        return []
    register = form.application.line.register.slug
    fields = filing.filing_of(catalogue()[register]).fields()
    return [*fields, *(applying.reason_key(kind.code) for kind in form.application.evidence)]


def _stated(form: StepFormView, key: str, typed: Mapping[str, str]) -> StatedStep:
    seen = forms.field_text("revision")
    return StatedStep(
        key,
        int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 10 else 0,
        opinion=typed[applying.OPINION],
        reasons={name: typed[applying.REASON_PREFIX + name] for name in _reason_names(form)},
        papers={
            paper: typed[f"{applying.PAPER_PREFIX}{index}"] for index, paper in enumerate(form.move.evidence)
        },
        stated={each.name: typed[FIELD_PREFIX + each.name] for each in form.fields},
    )


def _errors(
    form: StepFormView, questions: tuple[QuestionView, ...], issues: tuple[Issue, ...], *, lang: Lang
) -> dict[str, str]:
    """Messages by the input they are about, "" for those about none."""
    register = form.application.line.register.slug
    asked = {question.name for question in questions}
    own = set(_typed(form))
    errors: dict[str, str] = {}
    for issue in issues:
        if issue.field in asked:
            anchor, words = (
                FIELD_PREFIX + issue.field,
                filing.describe_issue(issue, register, lang, beside_question=True),
            )
        elif issue.field in own:
            anchor, words = issue.field, issue_message(issue, lang)
        else:
            anchor, words = "", issue_message(issue, lang, catalogue()[register])
        errors[anchor] = f"{errors[anchor]} {words}" if anchor in errors else words
    return errors


def _labels(form: StepFormView, questions: tuple[QuestionView, ...], lang: Lang) -> dict[str, str]:
    """Message ids of what the inputs are called, for the summary of errors."""
    register = form.application.line.register.slug
    fields = filing.list_questions(register, filing.filing_of(catalogue()[register]).fields())
    papers = enumerate(form.move.evidence)
    return {
        applying.OPINION: _("Opinion for the holder"),
        **{FIELD_PREFIX + question.name: question.label for question in questions},
        **{f"{applying.PAPER_PREFIX}{index}": paper for index, paper in papers},
        **{applying.REASON_PREFIX + question.name: question.label for question in fields},
        **{
            applying.REASON_PREFIX + applying.reason_key(kind.code): getattr(kind.words, lang)
            for kind in form.application.evidence
        },
    }
