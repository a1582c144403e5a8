"""Filing by sheet: the empty sheet, uploading one, its progress, the results of its rows; own data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.downloads import CSV, JSON_LINES, XLSX, content_disposition
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.responses import NO_STORE
from portal.web.site import Site
from portal.workspace.draft_urls import organisation_path
from registry.errors import NotFound, Unavailable
from registry.i18n import Lang, _
from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue, filed_registers
from registry.services import exchange, filing
from registry.services.filing import describe_issue, describe_row_changes, filing_of
from registry.services.people import Represented, UserSession

LOOK_AGAIN_SECONDS = 3  # after which a page of unfinished work loads again
ONLY_CHECK, PUBLISH = "check", "publish"
SIGNER_FIELD = Field(
    "signer",
    _("Name of who commits"),
    _("Kept with the receipt, never published."),
    autocomplete="name",
    width="20",
)
HAND_IN = Form(
    "",
    _("Submit the sheet"),
    (
        Field(
            "file",
            _("Your sheet"),
            _(
                "CSV or XLSX, up to 50,000 rows and 60 MB. Good rows are taken, the others come back with reasons."
            ),
            "file",
            accept=".csv,.xlsx",
        ),
        Field(
            "what",
            _("What to do with it"),
            kind="choice",
            choices=(
                (ONLY_CHECK, _("Only check it: nothing is published")),
                (PUBLISH, _("Check it and publish every row that is right")),
            ),
        ),
        Field(
            "signer",
            _("Name of who commits"),
            _("Needed to publish. Kept with the receipts, never published."),
            autocomplete="name",
            width="20",
        ),
    ),
)
PUBLISH_CHECKED = Form(_("Publish the rows that are right"), _("Publish them"), (SIGNER_FIELD,))
CONTENT_TYPES = {
    "csv": CSV,
    "xlsx": XLSX,
    "jsonl": JSON_LINES,
}


def list_sheets(site: Site, lang: Lang, user: UserSession, org: Represented) -> Response:
    """Show the sheets of an organisation and the form to hand in another one."""
    definition = _register_of_request(org)
    words = filing_of(definition).words
    view = filing.list_sheets(site.registry, user.actor, org, definition.slug)
    state = forms.initial_state(what=ONLY_CHECK)
    if forms.is_submitted():
        values = forms.submitted_values(HAND_IN)
        uploaded = request.files.get("file")
        name = uploaded.filename if uploaded else ""
        if uploaded is None or not name:
            state = FormState(values, {"file": forms.required_message(lang)}, 400)
        else:
            stream = uploaded.stream
            result = forms.attempt(
                lang,
                values,
                lambda: filing.hand_in_sheet(
                    site.registry,
                    user.actor,
                    org,
                    filing.SheetUpload(
                        definition.slug, name, stream, values["signer"], dry_run=values["what"] != PUBLISH
                    ),
                ),
            )
            if not isinstance(result, FormState):
                return redirect_see_other(f"/{lang}{_sheets_path(org)}/{result}")
            state = result
    elif request.method == "POST":
        state = forms.initial_state(**forms.submitted_values(HAND_IN))
    return forms.show_form(
        FormPage(
            site,
            lang,
            _sheets_path(org),
            replace(HAND_IN, title=words.by_sheet),
            template="workspace/sheets.html",
            context={
                "sheets": view,
                "definition": definition,
                "words": words,
                "query": ""
                if definition == filed_registers(org.register)[0]
                else f"?register={definition.slug}",
            },
        ),
        state,
    )


def _register_of_request(org: Represented) -> RegisterDefinition:
    """The filed register that the parameter `register` names, the first one without it. Raises `NotFound`."""
    registers = {definition.slug: definition for definition in filed_registers(org.register)}
    slug = request.values.get("register", next(iter(registers), ""))
    if slug not in registers:
        raise NotFound("register", slug[:60], code="register_unknown")
    return registers[slug]


def show_sheet(site: Site, lang: Lang, user: UserSession, *, org: Represented, job: int) -> Response:
    """Show the progress of a sheet; after a mere check also the form to publish it."""
    view = filing.get_sheet(site.registry, user.actor, org, job)
    state = forms.initial_state()
    if forms.is_submitted():
        values = forms.submitted_values(PUBLISH_CHECKED)
        result = forms.attempt(
            lang,
            values,
            lambda: filing.publish_checked_sheet(
                site.registry, user.actor, org, job, signer=values["signer"]
            ),
        )
        if not isinstance(result, FormState):
            return redirect_see_other(f"/{lang}{_sheets_path(org)}/{result}")
        state = result
    refused = [
        (
            view.place_of(row.row),
            [describe_issue(issue, view.job.register, lang, with_field=True) for issue in row.issues],
        )
        for row in view.refused
    ]
    changed = [
        (view.place_of(row.row), row.number, describe_row_changes(row.changes, view.job.register, lang))
        for row in view.changed
    ]
    problem = describe_issue(view.job.problem, view.job.register, lang) if view.job.problem else ""
    response = forms.show_form(
        FormPage(
            site,
            lang,
            f"{_sheets_path(org)}/{job}",
            PUBLISH_CHECKED,
            template="workspace/sheet.html",
            context={
                "sheet": view,
                "refused": refused,
                "changed": changed,
                "problem": problem,
                "notices": [describe_issue(notice, view.job.register, lang) for notice in view.notices],
                "words": filing_of(catalogue()[view.job.register]).words,
            },
        ),
        state,
    )
    if view.job.open and view.job.total is None and request.method == "GET":
        response.headers["Refresh"] = str(LOOK_AGAIN_SECONDS)
    return response


def cancel(site: Site, lang: Lang, user: UserSession, *, org: Represented, job: int) -> Response:
    """Cancel a sheet: rows that are not filed yet stay unfiled."""
    filing.cancel_sheet(site.registry, user.actor, org, job)
    return redirect_see_other(f"/{lang}{_sheets_path(org)}/{job}")


def results(site: Site, lang: Lang, user: UserSession, *, org: Represented, job: int, kind: str) -> Response:
    """Serve the sheet with the results of its rows, or only the refused ones (`?only=refused`)."""
    only = request.args.get("only") == "refused"
    if kind not in ("csv", "xlsx"):
        raise NotFound("sheet", str(job))
    request_of = filing.ResultsRequest("csv" if kind == "csv" else "xlsx", lang, refused_only=only)
    try:
        chunks = filing.export_sheet_results(site.registry, user.actor, org, job, request=request_of)
    except Unavailable:
        return _being_made(site, lang, org=org, job=job)
    return _download(chunks, f"{'refused' if only else 'results'}-{job}.{kind}", kind)


def _being_made(site: Site, lang: Lang, *, org: Represented, job: int) -> Response:
    """Say that the results are being put together; the page asks for them again by itself."""
    address = f"{_sheets_path(org)}/{job}"
    query = request.query_string.decode("ascii", "replace")
    again = f"/{lang}{address}/results.{(request.view_args or {})['kind']}{f'?{query}' if query else ''}"
    response = forms.private_page(
        site, lang, address, "workspace/results_being_made.html", status=202, sheet=address, again=again
    )
    response.headers["Refresh"] = f"{LOOK_AGAIN_SECONDS}; url={again}"
    return response


def template(site: Site, lang: Lang, user: UserSession, *, org: Represented, kind: str) -> Response:
    """Serve the empty sheet."""
    definition = _register_of_request(org)
    # Only for members of the organisation, like every page here.
    filing.list_sheets(site.registry, user.actor, org, definition.slug)
    if kind not in ("csv", "xlsx"):
        raise NotFound("template", kind)
    chunks = (filing.empty_sheet_csv if kind == "csv" else filing.empty_sheet_xlsx)(
        user.actor, definition.slug, lang
    )
    return _download(chunks, f"{definition.slug}-{lang}.{kind}", kind)


def own_data(
    site: Site, lang: Lang, user: UserSession, *, org: Represented, register: str, kind: str
) -> Response:
    """Serve everything that the organisation has filed, ended or not, as it is published."""
    del lang
    if kind not in CONTENT_TYPES:
        raise NotFound("export", kind)
    chunks = exchange.export_filer(
        site.registry,
        user.actor,
        org,
        slug=register,
        file_format="csv" if kind == "csv" else "xlsx" if kind == "xlsx" else "jsonl",
    )
    return _download(chunks, f"{register}-{org.slug}.{kind}", kind)


def _download(chunks: Iterator[bytes], name: str, kind: str) -> Response:
    """Return a download that no cache keeps."""
    headers = [
        ("Content-Type", CONTENT_TYPES[kind]),
        content_disposition(name),
        ("Cache-Control", NO_STORE),
    ]
    return Response(chunks, 200, headers)


def _sheets_path(org: Represented) -> str:
    return f"{organisation_path(org)}/sheets"
