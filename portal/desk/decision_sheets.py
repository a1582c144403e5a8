"""Sheets of decisions at the desk: the list, handing one in, its rows, preparing them, taking or returning them in one act."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from flask import Response, request

from portal.desk.decisions import RETURN, refused_lines
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.downloads import CSV, XLSX, content_disposition
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry import i18n
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.i18n import Lang, _
from registry.services import decision_sheets
from registry.services.deciding import DeskRegisterView, RefusedCaseView
from registry.services.decision_sheets import DecisionSheetRequest, DecisionUpload
from registry.services.issue_messages import issue_message, refusal_message
from registry.services.people import UserSession

PATH = "/desk/sheets"
LOOK_AGAIN_SECONDS = 2  # after which a page of unfinished work loads again
MAX_DIGITS = 6  # of the number of a page
CHOICE, LEGAL_BASIS = "choice", "legal_basis"
ROWS_HINT = _(
    "CSV or XLSX, up to %(at_most)s rows. Each row is a decision on one record; you see before what each would do."
)
HAND_IN = Form(
    _("Submit a sheet of decisions"),
    _("Submit the sheet"),
    (
        Field(
            CHOICE,
            _("What is decided"),
            _("Or only the register, where a column of the sheet says it row by row."),
            "choice",
        ),
        Field("file", _("The sheet"), ROWS_HINT, "file", accept=".csv,.xlsx"),
        Field(
            LEGAL_BASIS,
            _("Legal basis or notice of the whole sheet"),
            _("With its number, for rows that leave it empty. It is public."),
        ),
        Field(
            decision_sheets.PAPERS,
            _("What it is based on"),
            _("Papers with number, date and place, for rows that leave it empty. Not public."),
            "long",
        ),
    ),
)
DONE = {
    "prepared": _("The decisions are prepared. Another person takes them; nothing is public before."),
    "taken": _("The decisions are taken and published."),
    "returned": _("The decisions are returned to the person who prepared them."),
    "back": _("The decisions are taken back. Nothing has changed."),
    "cancelled": _("The sheet is cancelled. Nothing has changed."),
}


@dataclass(frozen=True, slots=True)
class SheetPage:
    """The page of a sheet for a reader."""

    site: Site
    lang: Lang
    user: UserSession
    sheet: int

    @property
    def path(self) -> str:
        """Its address without the language."""
        return f"{PATH}/{self.sheet}"


def list_sheets(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the sheets of decisions, the empty ones to fill in, and take another."""
    token = request.args.get("next")
    view = decision_sheets.list_decision_sheets(site.registry, user.actor, token)
    hint = i18n.gettext(ROWS_HINT, lang, at_most=i18n.format_number(decision_sheets.MAX_ROWS, lang))
    fields = (
        replace(HAND_IN.fields[0], choices=tuple(_choices(view.registers, lang))),
        replace(HAND_IN.fields[1], hint=hint),
        *HAND_IN.fields[2:],
    )
    form = replace(HAND_IN, fields=fields)
    state = forms.initial_state(**forms.submitted_values(form))
    if forms.is_submitted():
        values = forms.submitted_values(form)
        uploaded = request.files.get("file")
        name = (uploaded.filename if uploaded else "") or ""
        missing = {
            field: forms.required_message(lang)
            for field, given in ((CHOICE, values[CHOICE]), ("file", name))
            if not given
        }
        if missing or uploaded is None:
            state = FormState(values, missing, 400)
        else:
            slug, _slash, key = values[CHOICE].partition("/")
            stated = {LEGAL_BASIS: values[LEGAL_BASIS]} if values[LEGAL_BASIS] else {}
            upload = DecisionUpload(slug, name, uploaded.stream, key, stated, values[decision_sheets.PAPERS])
            result = forms.attempt(
                lang, values, lambda: decision_sheets.hand_in_decisions(site.registry, user.actor, upload)
            )
            if not isinstance(result, FormState):
                return redirect_see_other(f"/{lang}{PATH}/{result}")
            state = result
    context = {"sheets": view, "first": token is None}
    page = FormPage(site, lang, PATH, form, template="desk/decision_sheets.html", context=context)
    return forms.show_form(page, state)


def show_sheet(site: Site, lang: Lang, user: UserSession, sheet: int) -> Response:
    """Show a sheet of decisions; prepare its rows, take, return or take back its decisions, or cancel it."""
    page = SheetPage(site, lang, user, sheet)
    registry, actor = site.registry, user.actor
    acts: Mapping[str, Callable[[], object]] = {
        "prepared": lambda: decision_sheets.prepare_sheet(registry, actor, sheet),
        "cancelled": lambda: decision_sheets.cancel_sheet(registry, actor, sheet),
        "back": lambda: decision_sheets.take_back_sheet(registry, actor, sheet),
    }
    act = forms.field_text("act") if forms.is_submitted() else ""
    refused: tuple[RefusedCaseView, ...] = ()
    status, told = 200, ""
    state = None
    try:
        if act == "taken":
            leave_out = forms.field_text("leave_out") == forms.TICKED
            refused = decision_sheets.take_sheet(registry, actor, sheet, leave_out=leave_out)
        elif act == "returned":
            typed = forms.submitted_values(RETURN)
            result = forms.attempt(
                lang, typed, lambda: decision_sheets.return_sheet(registry, actor, sheet, typed["reply"])
            )
            state = result if isinstance(result, FormState) else None
        elif act in acts:
            acts[act]()
    except (Conflict, Forbidden) as refusal:  # the page says why: of two people who act, one is told
        status, told = 409 if isinstance(refusal, Conflict) else 403, refusal_message(refusal, lang)
    except Invalid as problem:
        status, told = 400, " ".join(issue_message(issue, lang) for issue in problem.issues)
    if act in DONE and not refused and status == 200 and state is None:
        return redirect_see_other(f"/{lang}{page.path}?done={act}")
    return _show(page, state, told=told, refused=refused, status=409 if refused else status)


def rows_file(site: Site, lang: Lang, user: UserSession, *, sheet: int, kind: str) -> Response:
    """Send the rows with what became of them, or the refused ones alone."""
    if kind not in ("csv", "xlsx"):
        raise NotFound("page", kind[:10])
    chunks = decision_sheets.export_decision_sheet(
        site.registry,
        user.actor,
        sheet,
        lang=lang,
        file_format="csv" if kind == "csv" else "xlsx",
        refused_only=request.args.get("only") == "refused",
    )
    return _file(chunks, f"decisions-{sheet}", kind)


def empty_sheet(site: Site, lang: Lang, user: UserSession, *, slug: str, key: str, kind: str) -> Response:
    """Send the empty sheet of a decision."""
    if kind not in ("csv", "xlsx"):
        raise NotFound("page", kind[:10])
    chunks = decision_sheets.empty_decision_sheet(
        site.registry, user.actor, slug, key, lang=lang, file_format="csv" if kind == "csv" else "xlsx"
    )
    return _file(chunks, f"{slug}-{key}", kind)


def _file(chunks: Iterator[bytes], name: str, kind: str) -> Response:
    headers = [
        ("Content-Type", CSV if kind == "csv" else XLSX),
        content_disposition(f"{name}.{kind}"),
        ("Cache-Control", NO_STORE),
    ]
    return Response(chunks, 200, headers)


def _show(
    page: SheetPage,
    state: FormState | None,
    *,
    told: str,
    refused: tuple[RefusedCaseView, ...],
    status: int,
) -> Response:
    shown = request.args.get("page", "")
    wanted = DecisionSheetRequest(
        page.lang,
        request.args.get("show", ""),
        int(shown) if shown.isascii() and shown.isdecimal() and len(shown) <= MAX_DIGITS else 1,
    )
    view = decision_sheets.get_decision_sheet(page.site.registry, page.user.actor, page.sheet, wanted)
    response = forms.show_form(
        FormPage(
            page.site,
            page.lang,
            page.path,
            RETURN,
            template="desk/decision_sheet.html",
            context={
                "sheet": view,
                "done": DONE.get(request.args.get("done", ""), ""),
                "told": told,
                "refused": refused_lines(refused, view.line.register.slug, page.lang),
                "obstacle": issue_message(view.obstacle, page.lang) if view.obstacle else "",
            },
        ),
        state or FormState({}, {}, status),
    )
    if not view.line.is_read and request.method == "GET":
        response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response


def _choices(registers: Iterable[DeskRegisterView], lang: Lang) -> Iterator[tuple[str, str]]:
    """What a sheet may decide: each register, and each decision of it that the reader's role has."""
    for each in registers:
        label = i18n.gettext(each.register.label, lang)
        yield each.register.slug, label
        for move in each.moves:
            name = getattr(move.name, lang)
            after = "" if move.keeps_status else f" → {getattr(move.after, lang)}"
            yield f"{each.register.slug}/{move.key}", f"{label}{'：' if lang == 'zh' else ': '}{name}{after}"
