"""Imports at the desk: the list, handing a sheet in, how its columns are read, its check, its run, its report."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.downloads import CSV, XLSX, content_disposition
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from registry.i18n import Lang, _
from registry.registers import catalogue
from registry.services import importing
from registry.services.filing import ResultsRequest
from registry.services.importing import ImportColumnView, ImportReadingView, ImportRequest, Reading
from registry.services.issue_messages import issue_message, refusal_message
from registry.services.people import UserSession

PATH = "/desk/imports"
LOOK_AGAIN_SECONDS = 2  # after which a page of unfinished work loads again
COLUMN, MAX_TYPED = (
    "c-",
    500,
)  # before the place of a column in the name of its input; characters of an answer
MAPPING, SAVED, SHIPPED = "mapping", "saved:", "shipped:"
MAX_DIGITS = 6  # of the number of a page
HAND_IN = Form(
    _("Import a sheet"),
    _("Submit the sheet"),
    (
        Field("register", _("Register"), kind="choice"),
        Field(
            "file",
            _("The sheet"),
            _(
                "CSV or XLSX, up to 50,000 rows and 60 MB. Nothing is published before a second person runs it."
            ),
            "file",
            accept=".csv,.xlsx,.jsonl",
        ),
        Field(
            importing.SOURCE,
            _("Where its facts come from"),
            _(
                "Such as the notice with its number, or the register it was copied from. Counts for rows that name no source."
            ),
        ),
        Field(
            importing.SOURCE_DATE,
            _("Date of this source"),
            _("If it is known, such as 2026-03-31. Of two sources the later one counts."),
            width="10",
        ),
    ),
)
COLUMNS = Form(_("How the columns are read"), _("Check the rows"))


@dataclass(frozen=True, slots=True)
class ImportPage:
    """The page of an import for a reader."""

    site: Site
    lang: Lang
    user: UserSession
    job: int

    @property
    def path(self) -> str:
        """Its address without the language."""
        return f"{PATH}/{self.job}"


def list_imports(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the imports, and take another sheet."""
    token = request.args.get("next")
    view = importing.list_imports(site.registry, user.actor, token)
    choices = tuple((each.slug, each.label) for each in view.registers)
    fields = (replace(HAND_IN.fields[0], choices=choices), *HAND_IN.fields[1:])
    form = replace(HAND_IN, fields=fields)
    state = forms.initial_state(**forms.submitted_values(form))
    if forms.is_submitted():
        values = forms.submitted_values(form)
        uploaded = request.files.get("file")
        name = (uploaded.filename if uploaded else "") or ""
        if uploaded is None or not name:
            state = FormState(values, {"file": forms.required_message(lang)}, 400)
        else:
            upload = importing.ImportUpload(
                values["register"],
                name,
                uploaded.stream,
                values[importing.SOURCE],
                values[importing.SOURCE_DATE],
            )
            result = forms.attempt(
                lang, values, lambda: importing.hand_in_import(site.registry, user.actor, upload)
            )
            if not isinstance(result, FormState):
                return redirect_see_other(f"/{lang}{PATH}/{result}")
            state = result
    context = {"imports": view, "first": token is None}
    page = FormPage(site, lang, PATH, form, template="desk/imports.html", context=context)
    return forms.show_form(page, state)


def show_import(site: Site, lang: Lang, user: UserSession, job: int) -> Response:
    """Show an import; choose how it is read, check it, run it, or end it."""
    page = ImportPage(site, lang, user, job)
    errors: dict[str, str] = {}
    status = 200
    if forms.is_submitted():
        try:
            _act(page)
            return redirect_see_other(f"/{lang}{page.path}")
        except Invalid as problem:
            errors, status = _errors(page, problem), 400
        except (Conflict, Forbidden) as refusal:  # the page says why: of two people who act, one is told
            errors = {"": refusal_message(refusal, lang)}
            status = 409 if isinstance(refusal, Conflict) else 403
    return _show(page, FormState(_typed() if request.method == "POST" else {}, errors, status))


def results(site: Site, lang: Lang, user: UserSession, *, job: int, kind: str) -> Response:
    """Serve the sheet with the results of its rows, or only the refused ones (`?only=refused`)."""
    only = request.args.get("only") == "refused"
    if kind not in ("csv", "xlsx"):
        raise NotFound("sheet", str(job))
    wanted = ResultsRequest("csv" if kind == "csv" else "xlsx", lang, refused_only=only)
    try:
        chunks = importing.export_import_results(site.registry, user.actor, job, request=wanted)
    except Unavailable:
        return _being_made(ImportPage(site, lang, user, job), kind, only=only)
    headers = [
        ("Content-Type", CSV if kind == "csv" else XLSX),
        content_disposition(f"import-{job}-{'refused' if only else 'rows'}.{kind}"),
        ("Cache-Control", NO_STORE),
    ]
    return Response(chunks, 200, headers)


def _act(page: ImportPage) -> None:
    """Do what the button of the form says. Raises what the service raises."""
    registry, actor = page.site.registry, page.user.actor
    act = forms.field_text("act")
    if act == "run":
        importing.run_import(registry, actor, page.job)
    elif act == "cancel":
        importing.cancel_import(registry, actor, page.job)
    elif act == "forget":
        view = importing.get_import(registry, actor, page.job, ImportRequest(page.lang))
        name = forms.field_text(MAPPING).removeprefix(SAVED)
        importing.delete_mapping(registry, actor, view.line.register.slug, name)
    elif act == "read":
        importing.choose_reading(registry, actor, page.job, _reading(page))
    else:
        importing.check_import(registry, actor, page.job, _reading(page))


def _reading(page: ImportPage) -> Reading:
    """How the form says that the sheet is read."""
    shown = _reading_shown(page)
    mapping = forms.field_text(MAPPING)
    return Reading(
        {column.name: _meaning(column) for column in shown.columns} if shown else {},
        mapping=mapping.removeprefix(SHIPPED) if mapping.startswith(SHIPPED) else "",
        saved=mapping.removeprefix(SAVED) if mapping.startswith(SAVED) else "",
        header_row=forms.field_text("header_row")[:MAX_TYPED],
        clear_empty=forms.field_text("clear_empty") == forms.TICKED,
        save_as=forms.field_text("save_as")[:MAX_TYPED],
    )


def _reading_shown(page: ImportPage) -> ImportReadingView | None:
    registry, actor = page.site.registry, page.user.actor
    return importing.get_import(registry, actor, page.job, ImportRequest(page.lang)).reading


def _meaning(column: ImportColumnView) -> str:
    return request.form.get(f"{COLUMN}{column.index}", column.meaning)[:MAX_TYPED]


def _errors(page: ImportPage, problem: Invalid) -> dict[str, str]:
    """What stands against a reading, by the input that it is about."""
    shown = _reading_shown(page)
    anchors = {column.name: f"{COLUMN}{column.index}" for column in shown.columns} if shown else {}
    view = importing.get_import(page.site.registry, page.user.actor, page.job, ImportRequest(page.lang))
    definition = catalogue()[view.line.register.slug]
    own = (MAPPING, "header_row", "save_as")
    return {
        anchors.get(issue.field, issue.field if issue.field in own else ""): issue_message(
            issue, page.lang, definition
        )
        for issue in problem.issues
    }


def _typed() -> dict[str, str]:
    return {name: forms.field_text(name)[:MAX_TYPED] for name in request.form}


def _show(page: ImportPage, state: FormState) -> Response:
    shown = request.args.get("page", "")
    wanted = ImportRequest(
        page.lang,
        request.args.get("show", ""),
        int(shown) if shown.isascii() and shown.isdecimal() and len(shown) <= MAX_DIGITS else 1,
    )
    view = importing.get_import(page.site.registry, page.user.actor, page.job, wanted)
    meanings = {
        column.index: state.values.get(f"{COLUMN}{column.index}", column.meaning)
        for column in (view.reading.columns if view.reading else ())
    }
    response = forms.show_form(
        FormPage(
            page.site,
            page.lang,
            page.path,
            COLUMNS,
            template="desk/import.html",
            context={
                "sheet": view,
                "meanings": meanings,
                "labels": {
                    f"{COLUMN}{column.index}": column.name
                    for column in (view.reading.columns if view.reading else ())
                },
                "obstacle": issue_message(view.obstacle, page.lang) if view.obstacle else "",
            },
        ),
        state,
    )
    if view.line.at_work and request.method == "GET":
        response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response


def _being_made(page: ImportPage, kind: str, *, only: bool) -> Response:
    """Say that the results are being put together; the page asks for them again by itself."""
    again = f"/{page.lang}{page.path}/rows.{kind}{'?only=refused' if only else ''}"
    response = forms.private_page(
        page.site,
        page.lang,
        page.path,
        "workspace/results_being_made.html",
        status=202,
        sheet=page.path,
        again=again,
    )
    response.headers["Refresh"] = f"{LOOK_AGAIN_SECONDS}; url={again}"
    return response
