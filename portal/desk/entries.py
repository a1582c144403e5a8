"""New records at the desk, such as a notice: the form and its check, the file, and the second person who publishes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, request

from portal.desk import looks
from portal.desk.looks import LookPage
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import BeingExamined, Conflict, Forbidden, Invalid
from registry.i18n import Lang, _
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import deciding, filing
from registry.services.deciding import EntryDraft, EntryFormView, HandedInEntryFile
from registry.services.filing import QuestionView
from registry.services.issue_messages import issue_message, message_of_code
from registry.services.people import UserSession

NEW, ENTRIES = "/desk/new", "/desk/entries"
PREFIX = "f-"  # of the names of inputs for fields of the register: others stand beside them
EVIDENCE, NOTE = "evidence", "note"
CHECKED = "checked"  # a hidden field of the check page: in the other language it is the check page again
EXAMINED, KEPT_NAME = "examined", "kept_name"  # of a file that is still being examined
MAX_TOKEN, MAX_DIGITS = 200, 10
DONE = {  # what was done, as the address of the page says afterwards
    "prepared": _("The entry is prepared. Another person publishes it; nothing is public before."),
    "taken": _("It is published."),
    "returned": _("The entry is returned to the person who prepared it."),
    "back": _("The entry is taken back. Nothing has changed."),
    "file": _("The file is kept with the entry. It becomes public with it."),
}
RETURN = Form(
    _("Return the entry"),
    _("Return it"),
    (Field("reply", _("What is to be changed"), _("The person who prepared it reads this."), "long"),),
)
HAND_IN = Form(
    _("File of the entry"),
    _("Add the file"),
    (
        Field(
            "file",
            _("File"),
            _("PDF, OFD, JPEG or PNG. It becomes public with the record; an earlier file is replaced."),
            "file",
        ),
    ),
)


def enter_record(site: Site, lang: Lang, user: UserSession, *, slug: str) -> Response:
    """Show the form of a new record, what it would say, and prepare it for a second person."""
    form = deciding.get_entry_form(site.registry, user.actor, slug)
    typed = {name: forms.field_text(name).replace("\r\n", "\n") for name in _inputs(form)}
    if request.method == "GET":
        typed |= {PREFIX + each.name: each.suggested for each in form.fields} | _typed_before(
            site, user, form
        )
    if not forms.is_submitted() and forms.field_text("stage") != CHECKED:
        return _show_form(site, lang, form, typed=typed)
    go = forms.field_text("go")
    if go == "change":
        return _show_form(site, lang, form, typed=typed)
    draft = EntryDraft(
        slug, {each.name: typed[PREFIX + each.name] for each in form.fields}, typed[EVIDENCE], typed[NOTE]
    )
    try:
        if go == "prepare":
            prepared = deciding.prepare_entry(site.registry, user.actor, draft)
            return redirect_see_other(f"/{lang}{ENTRIES}/{prepared}?done=prepared")
        preview = deciding.preview_entry(site.registry, user.actor, draft, lang)
    except Invalid as problem:
        return _show_form(site, lang, form, typed=typed, issues=problem.issues)
    except Forbidden as refusal:
        issue = Issue(refusal.reason, "", dict(refusal.params))
        return _show_form(site, lang, form, typed=typed, issues=(issue,), status=403)
    definition = catalogue()[slug]
    return forms.private_page(
        site,
        lang,
        f"{NEW}/{slug}",
        "desk/entry_check.html",
        entry_form=form,
        preview=preview,
        typed=typed,
        doubts=[issue_message(issue, lang, definition) for issue in preview.warnings],
        action=f"{NEW}/{slug}",
    )


def show_entry(site: Site, lang: Lang, user: UserSession, entry: int) -> Response:
    """Show a new record that is prepared; publish it, return it, take it back, or add its file."""
    path = f"{ENTRIES}/{entry}"
    registry, actor = site.registry, user.actor
    act = forms.field_text("act") if forms.is_submitted() else ""
    acts: Mapping[str, tuple[Form, Callable[[], Any]]] = {
        "taken": (RETURN, lambda: deciding.take_entry(registry, actor, entry)),
        "back": (RETURN, lambda: deciding.take_back_entry(registry, actor, entry)),
        "returned": (
            RETURN,
            lambda: deciding.return_entry(registry, actor, entry, forms.field_text("reply")),
        ),
        "file": (HAND_IN, lambda: deciding.attach_file(registry, actor, entry, _handed_in())),
    }
    state, problem, hidden = None, "", {}
    form = acts[act][0] if act in acts else RETURN
    if act in acts:
        try:
            done = forms.attempt(lang, forms.submitted_values(form), acts[act][1])
            if not isinstance(done, FormState):
                return redirect_see_other(f"/{lang}{path}?done={act}")
            state = done
        except BeingExamined as examined:
            state = FormState({}, {})
            hidden = {EXAMINED: examined.token, KEPT_NAME: examined.name}
        except (Conflict, Forbidden) as refusal:  # of two people who act, one is told
            state = FormState({}, {}, 409 if isinstance(refusal, Conflict) else 403)
            problem = issue_message(Issue(refusal.reason, "", dict(refusal.params)), lang)
    view = deciding.get_entry(registry, actor, entry, lang)
    if view.own and act not in acts:
        form = HAND_IN
    definition = catalogue()[view.line.register.slug]
    return forms.show_form(
        FormPage(
            site,
            lang,
            path,
            form,
            template="desk/entry.html",
            context={
                "entry": view,
                "done": DONE.get(request.args.get("done", ""), ""),
                "problem": problem,
                "hidden_fields": {"act": "file", **hidden} if form is HAND_IN else {},
                "against": [issue_message(issue, lang, definition) for issue in view.issues],
                "obstacle": message_of_code(view.obstacle, lang, view.obstacle_params)
                if view.obstacle
                else "",
            },
        ),
        state,
    )


def send_file(site: Site, lang: Lang, user: UserSession, entry: int) -> Response:
    """Send the file of an entry as a download; who has looked stands in the audit log."""
    back = f"/desk/entries/{entry}"
    page = LookPage(site, lang, f"{back}/file", back, _("File of a new record"), str(entry))
    return looks.send_confidential(
        page, lambda reason: deciding.get_entry_file(site.registry, user.actor, entry, reason=reason)
    )


def _inputs(form: EntryFormView) -> tuple[str, ...]:
    return (*(PREFIX + each.name for each in form.fields), EVIDENCE, NOTE)


def _questions(form: EntryFormView) -> tuple[QuestionView, ...]:
    found = filing.list_questions(form.register.slug, tuple(each.name for each in form.fields))
    return tuple(
        replace(question, required=each.required) for question, each in zip(found, form.fields, strict=True)
    )


def _handed_in() -> HandedInEntryFile:
    sent = request.files.get("file")
    token = request.form.get(EXAMINED, "")[:MAX_TOKEN]
    if sent is None or not sent.filename:
        return HandedInEntryFile(token=token)
    return HandedInEntryFile(sent.filename, sent.stream)


def _typed_before(site: Site, user: UserSession, form: EntryFormView) -> dict[str, str]:
    """What an entry of this person stated that was returned or taken back, where the address names one."""
    named = request.args.get("from", "")
    if not (named.isascii() and named.isdecimal() and len(named) < MAX_DIGITS):
        return {}
    draft = deciding.get_own_entry(site.registry, user.actor, int(named))
    if draft.register != form.register.slug:
        return {}
    stated = {PREFIX + name: text for name, text in draft.stated.items()}
    return {**stated, EVIDENCE: draft.evidence, NOTE: draft.note}


def _show_form(
    site: Site,
    lang: Lang,
    form: EntryFormView,
    *,
    typed: Mapping[str, str],
    issues: tuple[Issue, ...] = (),
    status: int = 400,
) -> Response:
    slug = form.register.slug
    own = {each.name for each in form.fields}
    errors: dict[str, str] = {}
    for issue in issues:
        anchor = PREFIX + issue.field if issue.field in own else issue.field
        anchor = anchor if anchor in typed else ""
        words = (
            filing.describe_issue(issue, slug, lang, beside_question=True)
            if issue.field in own
            else issue_message(issue, lang, catalogue()[slug])
        )
        errors[anchor] = f"{errors[anchor]} {words}" if anchor in errors else words
    questions = _questions(form)
    return forms.private_page(
        site,
        lang,
        f"{NEW}/{slug}",
        "desk/entry_form.html",
        status=status if errors else 200,
        entry_form=form,
        questions=questions,
        labels={PREFIX + question.name: question.label for question in questions},
        typed=typed,
        errors=errors,
        action=f"{NEW}/{slug}",
    )
