"""Decisions at the desk: a record with its transitions, the form and its check, many records in one act, taking and returning."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, request

from portal.desk import looks, merging, named_choices
from portal.desk.looks import LookPage
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry import i18n
from registry.errors import Conflict, Forbidden, Invalid
from registry.i18n import Lang, _
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import applying, deciding, filing, reports, watch_lists
from registry.services.confidential import LookReason
from registry.services.deciding import DecisionDraft, DecisionFormView, DecisionPreview, RefusedCaseView
from registry.services.filing import QuestionView
from registry.services.issue_messages import issue_message, message_of_code
from registry.services.people import UserSession

DESK = "/desk"
BETWEEN_NUMBERS = re.compile(r"[\s,;，；、]+")
BETWEEN_LINES = re.compile(r"[\r\n\t,;，；、]+")  # of numbers that have blanks in them
MAX_NUMBERS_TYPED = 200_000  # characters
MAX_DIGITS = 10  # of the number of a decision
PREFIX = "f-"  # of the names of inputs for fields of the register: others stand beside them
EVIDENCE, NOTE, NUMBERS = "evidence", "note", "numbers"
CHECKED = "checked"  # a hidden field of the check page: in the other language it is the check page again
RETURN = Form(
    _("Return the decision"),
    _("Return it"),
    (
        Field(
            "reply",
            _("What is to be changed"),
            _("The person who prepared it reads this."),
            "long",
        ),
    ),
)
DONE = {  # what was done, as the address of the page says afterwards
    "prepared": _("The decision is prepared. Another person takes it; nothing is public before."),
    "taken": _("The decision is taken and published."),
    "returned": _("The decision is returned to the person who prepared it."),
    "back": _("The decision is taken back. Nothing has changed."),
    "claimed": _("You have taken this decision up. Others see that you are looking at it."),
    "released": _("You have let go of this decision."),
}


@dataclass(frozen=True, slots=True)
class DecisionPage:
    """A form of a decision at its address. `back`: where it leads without one."""

    site: Site
    lang: Lang
    user: UserSession
    form: DecisionFormView
    path: str
    back: str

    @property
    def register(self) -> str:
        """The slug of the register."""
        return self.form.register.slug

    @property
    def questions(self) -> tuple[QuestionView, ...]:
        """The questions of the form, in its order."""
        found = filing.list_questions(self.register, tuple(each.name for each in self.form.fields))
        return tuple(
            replace(_with_fitting_choices(question, each.fitting), required=each.required)
            for question, each in zip(found, self.form.fields, strict=True)
        )


def _with_fitting_choices(question: QuestionView, fitting: frozenset[str] | None) -> QuestionView:
    if fitting is None:
        return question
    choices = tuple((code, words) for code, words in question.choices if code in fitting)
    return replace(question, choices=choices, choice_groups=())


def show_case(site: Site, lang: Lang, user: UserSession, *, slug: str, number: str) -> Response:
    """Show a record with its history, what waits for it, and the decisions that are possible."""
    case = deciding.get_case_of_record(site.registry, user.actor, slug, number, lang=lang)
    return forms.private_page(
        site,
        lang,
        f"{DESK}/{slug}/{case.record.slug}",
        "desk/case.html",
        case=case,
        requests=deciding.list_requests_of_record(site.registry, user.actor, case.record_id),
        reported=reports.list_reports_of_record(site.registry, user.actor, case.record_id),
        alike=watch_lists.list_alike_texts(site.registry, user.actor, case.record_id),
        reported_years=applying.list_reported_years(site.registry, user.actor, slug, case.record.number),
        has_private_text=filing.has_private_text(site.registry, user.actor, case.record_id),
        obstacle=issue_message(case.obstacle, lang) if case.obstacle else "",
    )


def show_figures(site: Site, lang: Lang, user: UserSession, *, slug: str, number: str) -> Response:
    """Show the figures of the annual reports of a record."""

    def look(reason: LookReason) -> tuple[tuple[str, str | Words], ...]:
        reported = applying.open_figures(site.registry, user.actor, slug, number, reason=reason)
        return tuple(
            (f"{report.year} {getattr(words, lang)}", figure)
            for report in reported
            for words, figure in report.figures
        )

    return looks.show_confidential(
        _look_page(site, lang, slug, number, what=_("Figures of annual reports"), last="figures"), look
    )


def send_text(site: Site, lang: Lang, user: UserSession, *, slug: str, number: str) -> Response:
    """Send the full text of a record that is not public."""
    record = deciding.get_case_of_record(site.registry, user.actor, slug, number, lang=lang).record_id
    return looks.send_confidential(
        _look_page(site, lang, slug, number, what=_("Full text that is not public"), last="text"),
        lambda reason: filing.open_private_text(site.registry, user.actor, record, reason=reason),
    )


def _look_page(site: Site, lang: Lang, slug: str, number: str, *, what: str, last: str) -> LookPage:
    path = f"{DESK}/{slug}/{number}"
    return LookPage(site, lang, f"{path}/{last}", path, what, number)


def decide(site: Site, lang: Lang, user: UserSession, *, slug: str, number: str, key: str) -> Response:
    """Show the form of a decision on a record, what it would do, and prepare it."""
    if key == deciding.MERGED_HERE:
        return merging.merge(site, lang, user, slug=slug, number=number)
    form = deciding.get_decision_form(site.registry, user.actor, slug, number, key=key, lang=lang)
    assert form.record is not None
    page = DecisionPage(site, lang, user, form, f"{form.record.desk_path}/{key}", form.record.desk_path)
    return _handle(page, (form.record.number,), form.record.version)


def decide_on_many(site: Site, lang: Lang, user: UserSession, *, slug: str, key: str) -> Response:
    """Show the form of a decision on many records, what it would do and where it is not possible, and prepare it."""
    numbers = _numbers_typed(slug)
    form = deciding.get_batch_form(site.registry, user.actor, slug, key, numbers=numbers)
    return _handle(DecisionPage(site, lang, user, form, f"{DESK}/batch/{slug}/{key}", DESK), numbers, None)


def choose_batch(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show which decisions may be taken on many records, or lead to the form of the one chosen."""
    registers = deciding.list_desk_registers(site.registry, user.actor)
    slug, _slash, key = request.args.get("choice", "").partition("/")
    if any(
        each.register.slug == slug and key in {move.key for move in each.moves if move.mine}
        for each in registers
    ):
        return redirect_see_other(f"/{lang}{DESK}/batch/{slug}/{key}")
    return forms.private_page(
        site, lang, f"{DESK}/batch", "desk/batch.html", registers=registers, at_most=deciding.MAX_RECORDS
    )


def show_decision(site: Site, lang: Lang, user: UserSession, decision: int) -> Response:
    """Show a decision; take it, return it, take it back, take it up or let go of it."""
    path = f"{DESK}/decisions/{decision}"
    registry, actor = site.registry, user.actor
    acts: Mapping[str, Callable[[], object]] = {
        "back": lambda: deciding.take_back_decision(registry, actor, decision),
        "claimed": lambda: deciding.claim_decision(registry, actor, decision),
        "released": lambda: deciding.release_decision(registry, actor, decision),
    }
    act = forms.field_text("act") if forms.is_submitted() else ""
    refused: tuple[RefusedCaseView, ...] = ()
    status = 200
    try:
        if act == "taken":
            leave_out = forms.field_text("leave_out") == forms.TICKED
            refused = deciding.take_decision(registry, actor, decision, leave_out=leave_out)
        elif act in acts:
            acts[act]()
    except (Conflict, Forbidden) as refusal:  # the page says why: of two people who act, one is told
        status = 409 if isinstance(refusal, Conflict) else 403
    if act and act != "returned" and not refused and status == 200:
        return redirect_see_other(f"/{lang}{path}?done={act}")
    view = deciding.get_decision(registry, actor, decision, lang, check_all=request.args.get("check") == "1")
    state = None
    if act == "returned":
        typed = forms.submitted_values(RETURN)
        result = forms.attempt(
            lang, typed, lambda: deciding.return_decision(registry, actor, decision, typed["reply"])
        )
        if not isinstance(result, forms.FormState):
            return redirect_see_other(f"/{lang}{path}?done=returned")
        state = result
    return forms.show_form(
        FormPage(
            site,
            lang,
            path,
            RETURN,
            template="desk/decision.html",
            context={
                "decision": view,
                "files": deciding.list_decision_files(registry, actor, decision),
                "done": DONE.get(request.args.get("done", ""), ""),
                "refused": refused_lines(refused or view.refused, view.register.slug, lang),
                "nothing_done": bool(refused),
                "obstacle": message_of_code(view.obstacle, lang, view.obstacle_params)
                if view.obstacle
                else "",
            },
        ),
        state or forms.FormState({}, {}, 409 if refused else status),
    )


def _handle(page: DecisionPage, numbers: tuple[str, ...], version: int | None) -> Response:
    """Show a form, check what was typed, and prepare the decision when that is confirmed."""
    typed = _typed(page)
    if request.method == "GET":
        suggested = filing.cells_as_typed(
            page.register, {each.name: each.suggested for each in page.form.fields}
        )
        typed |= {PREFIX + name: text for name, text in suggested.items()} | _typed_before(page)
    if not forms.is_submitted() and forms.field_text("stage") != CHECKED:
        return _show_form(page, typed, ())
    draft = DecisionDraft(
        register=page.register,
        key=page.form.move.key,
        numbers=numbers,
        stated=filing.typed_as_cells(
            page.register, {each.name: typed[PREFIX + each.name] for each in page.form.fields}
        ),
        evidence=typed[EVIDENCE],
        note=typed[NOTE],
        version=version,
    )
    go = forms.field_text("go")
    if go == "change" or (go != "prepare" and named_choices.is_looking()):
        return _show_form(page, named_choices.with_chosen(typed), ())
    registry, actor = page.site.registry, page.user.actor
    try:
        if go == "prepare":
            seen = forms.field_text("version")
            if seen.isdecimal() and version is not None:
                draft = replace(draft, version=int(seen[:9]))
            prepared = deciding.prepare_decision(registry, actor, draft)
            return redirect_see_other(f"/{page.lang}{DESK}/decisions/{prepared}?done=prepared")
        preview = deciding.preview_decision(registry, actor, draft, page.lang)
    except Invalid as problem:
        return _show_form(page, typed, tuple(problem.issues))
    if version is not None and preview.refused:
        return _show_form(page, typed, preview.refused[0].issues)
    return _show_check(page, typed, preview)


def _typed_before(page: DecisionPage) -> dict[str, str]:
    """What a decision of this person stated that was returned or taken back, where the address names one."""
    named = request.args.get("from", "")
    if not (named.isascii() and named.isdecimal() and len(named) < MAX_DIGITS):
        return {}
    draft = deciding.get_own_draft(page.site.registry, page.user.actor, int(named))
    if (draft.register, draft.key) != (page.register, page.form.move.key):
        return {}
    stated = filing.cells_as_typed(page.register, draft.stated)
    typed = {PREFIX + name: text for name, text in stated.items()}
    many = {} if page.form.record else {NUMBERS: "\n".join(draft.numbers)}
    return {**typed, **many, EVIDENCE: draft.evidence, NOTE: draft.note}


def _numbers_typed(register: str) -> tuple[str, ...]:
    """The numbers of a form for many records; those that are issued here have no blanks in them."""
    derived = catalogue()[register].numbering.derive is not None
    between = BETWEEN_LINES if derived else BETWEEN_NUMBERS
    parts = between.split(forms.field_text(NUMBERS)[:MAX_NUMBERS_TYPED])
    return tuple(part.strip() for part in parts if part.strip())


def _typed(page: DecisionPage) -> dict[str, str]:
    names = [PREFIX + each.name for each in page.form.fields]
    if page.form.record is None:
        names.append(NUMBERS)
    return {name: forms.field_text(name).replace("\r\n", "\n") for name in (*names, EVIDENCE, NOTE)}


def _show_form(page: DecisionPage, typed: Mapping[str, str], issues: Sequence[Issue]) -> Response:
    definition = catalogue()[page.register]
    own = {each.name for each in page.form.fields}
    errors: dict[str, str] = {}
    for issue in issues:
        anchor = PREFIX + issue.field if issue.field in own else issue.field
        anchor = anchor if anchor in typed else ""
        words = (
            filing.describe_issue(issue, page.register, page.lang, beside_question=True)
            if issue.field in own
            else issue_message(issue, page.lang, definition)
        )
        errors[anchor] = f"{errors[anchor]} {words}" if anchor in errors else words
    labels = {PREFIX + question.name: question.label for question in page.questions}
    return _private(
        page,
        "desk/decision_form.html",
        status=400 if errors else 200,
        errors=errors,
        labels=labels,
        typed=typed,
        questions=page.questions,
        now={each.name: each.now for each in page.form.fields},
        double=next((str(issue.params["number"]) for issue in issues if issue.code == "key_of_another"), ""),
        at_most=deciding.MAX_RECORDS,
        choices=deciding.list_named_choices(
            page.site.registry, page.user.actor, page.register, own, find=named_choices.looked_for()
        ),
        looked_for=named_choices.looked_for(),
    )


def _show_check(page: DecisionPage, typed: Mapping[str, str], preview: DecisionPreview) -> Response:
    return _private(
        page,
        "desk/decision_check.html",
        typed=typed,
        preview=preview,
        refused=refused_lines(preview.refused, page.register, page.lang),
    )


def _private(page: DecisionPage, template: str, *, status: int = 200, **context: Any) -> Response:
    return forms.private_page(
        page.site,
        page.lang,
        page.path,
        template,
        status=status,
        decision_form=page.form,
        action=page.path,
        back=page.back,
        **context,
    )


def refused_lines(
    refused: Sequence[RefusedCaseView], register: str, lang: Lang
) -> list[tuple[RefusedCaseView, str]]:
    """Return the records on which a decision is not possible, each with its reasons in words."""
    definition = catalogue()[register]
    fields = definition.schema.register_fields()

    def words(issue: Issue) -> str:
        message = issue_message(issue, lang, definition)
        if issue.field not in fields:
            return message
        colon = "：" if lang == "zh" else ": "
        return f"{i18n.gettext(fields[issue.field].info.label, lang)}{colon}{message}"

    return [(each, " ".join(map(words, each.issues))) for each in refused]
