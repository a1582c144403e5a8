"""Reports and objections at the desk: what waits, one of them, taking it up, letting it challenge its record, the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response, request

from portal.desk import looks
from portal.desk.looks import LookPage
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import Conflict, Forbidden, Invalid
from registry.i18n import Lang, _
from registry.services import reports
from registry.services.confidential import LookReason
from registry.services.issue_messages import issue_message, message_of_code, refusal_message
from registry.services.people import UserSession
from registry.services.reports import ReportAnswer, ReportsRequest

LIST_PATH = "/desk/reports"
MAX_PAGE_DIGITS = 5
OUTCOMES = (
    ("", _("Choose")),
    ("upheld", _("Upheld")),
    ("partly", _("Partly upheld")),
    ("not_upheld", _("Not upheld")),
    ("sent_on", _("Sent on to an authority")),
    ("not_examined", _("Not examined: it states nothing that can be checked")),
)
OUTCOME = Field("outcome", _("What came of it"), kind="choice", choices=OUTCOMES)
REPLY = Field(
    "reply",
    _("Answer to the sender"),
    _("What was found, and on what grounds. Only the sender reads it, on their page."),
    "long",
)
SENT_TO = Field(
    "sent_to",
    _("Sent on to"),
    _("The authority that has it now, if it was sent on. The sender reads it."),
    width="30",
)
PUBLIC = (
    Field(
        "public_zh",
        _("For the public, in Chinese"),
        _(
            "Shown on the page of the record where the report is upheld, also in part, and of every objection. It names no sender."
        ),
        "long",
    ),
    Field(
        "public_en",
        _("For the public, in English"),
        _("Without it the English page shows the Chinese."),
        "long",
    ),
)
ANSWER = _("Answer it")
DONE = {
    "claimed": _("You have taken this report up. Others see that you are looking at it."),
    "released": _("You have let go of this report."),
    "admitted": _("The page of the record says now that it is under challenge."),
    "answered": _("The report is answered."),
}


def list_reports(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the reports and objections that wait for the person, or those that have ended."""
    page = request.args.get("page", "")
    wanted = ReportsRequest(
        request.args.get("kind", ""),
        request.args.get("state", "open"),
        int(page) if page.isascii() and page.isdecimal() and len(page) <= MAX_PAGE_DIGITS else 1,
    )
    return forms.private_page(
        site,
        lang,
        LIST_PATH,
        "desk/reports.html",
        found=reports.list_reports(site.registry, user.actor, wanted),
        wanted=wanted,
        states=reports.STATES,
    )


def show_report(site: Site, lang: Lang, user: UserSession, report: int) -> Response:
    """Show a report; take it up, let go of it, let it challenge its record, answer it."""
    path = f"{LIST_PATH}/{report}"
    registry, actor = site.registry, user.actor
    acts: Mapping[str, Callable[[], None]] = {
        "claimed": lambda: reports.claim_report(registry, actor, report),
        "released": lambda: reports.release_report(registry, actor, report),
        "admitted": lambda: reports.admit_report(registry, actor, report, forms.field_text("put")),
    }
    view = reports.get_report(registry, actor, report)
    form = Form(ANSWER, ANSWER, (OUTCOME, REPLY, *(PUBLIC if view.needs_public_answer else ()), SENT_TO))
    act = forms.field_text("act") if forms.is_submitted() else ""
    state: FormState | None = None
    told, status = "", 200
    try:
        if act in acts:
            acts[act]()
            return redirect_see_other(f"/{lang}{path}?done={act}")
        if act == "answered":
            state = _answer(site, lang, user, report, form=form)
            if state is None:
                return redirect_see_other(f"/{lang}{path}?done={act}")
    except Invalid as refused:  # what was to be put to the parties
        told, status = issue_message(refused.issues[0], lang), 400
    except (Conflict, Forbidden) as refusal:  # of two people who act, one is told
        told, status = refusal_message(refusal, lang), 409 if isinstance(refusal, Conflict) else 403
        view = reports.get_report(registry, actor, report)
    return forms.show_form(
        FormPage(
            site,
            lang,
            path,
            form,
            template="desk/report.html",
            context={
                "report": view,
                "done": DONE.get(request.args.get("done", ""), ""),
                "told": told,
                "put_typed": forms.field_text("put"),
                "obstacle": message_of_code(view.obstacle, lang, view.obstacle_params)
                if view.obstacle
                else "",
            },
        ),
        state or FormState(forms.submitted_values(form), {}, status),
    )


def report_file(site: Site, lang: Lang, user: UserSession, report: int) -> Response:
    """Serve the file of a report as a download: a browser never shows it as a page of this site (ASVS 12.5.2)."""
    return looks.send_confidential(
        _look_page(site, lang, user, report, what=_("File of a report"), last="file"),
        lambda reason: reports.open_report_file(site.registry, user.actor, report, reason=reason),
    )


def show_reporter(site: Site, lang: Lang, user: UserSession, report: int) -> Response:
    """Show the address that a reporter gave, which the page of the report masks."""
    page = _look_page(site, lang, user, report, what=_("Address of the sender"), last="sender")

    def look(reason: LookReason) -> tuple[tuple[str, str], ...]:
        return (
            (_("E-mail address"), reports.open_reporter(site.registry, user.actor, report, reason=reason)),
        )

    return looks.show_confidential(page, look)


def _look_page(site: Site, lang: Lang, user: UserSession, report: int, *, what: str, last: str) -> LookPage:
    path = f"{LIST_PATH}/{report}"
    number = reports.get_report(site.registry, user.actor, report).line.number
    return LookPage(site, lang, f"{path}/{last}", path, what, number)


def _answer(site: Site, lang: Lang, user: UserSession, report: int, *, form: Form) -> FormState | None:
    """Answer a report with what was sent; return the state of the form where that is not possible."""
    typed = forms.submitted_values(form)
    answer = ReportAnswer(
        typed["outcome"],
        typed["reply"],
        typed.get("public_zh", ""),
        typed.get("public_en", ""),
        typed["sent_to"],
    )
    result = forms.attempt(
        lang, typed, lambda: reports.answer_report(site.registry, user.actor, report, answer)
    )
    return result if isinstance(result, FormState) else None
