"""Many declarations at once: the empty sheet, handing one in, how far it is, what became of its rows; own data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormState
from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry.errors import NotFound
from registry.i18n import Lang, _
from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue, filed_registers
from registry.services import exchange, filing
from registry.services.filing import describe_issue, filing_of
from registry.services.people import UserSession

ONLY_CHECK, PUBLISH = "check", "publish"
SIGNER_FIELD = Field(
    "signer",
    _("Name of who commits"),
    _("Kept with the receipt, never published; the post is public."),
    autocomplete="name",
    width="20",
)
HAND_IN = Form(
    "",
    _("Hand in the sheet"),
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
            _("Needed to publish. Kept with the receipts, never published; the post is public."),
            autocomplete="name",
            width="20",
        ),
    ),
)
PUBLISH_CHECKED = Form(_("Publish the rows that are right"), _("Publish them"), (SIGNER_FIELD,))
CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "jsonl": "application/x-ndjson",
}


def list_sheets(site: Site, lang: Lang, user: UserSession, org: str) -> Response:
    """The sheets of an organisation, and the form for another one."""
    definition = _register_of_request()
    words = filing_of(definition).words
    view = filing.list_sheets(site.registry, user.actor, org, definition.slug)
    outcome = forms.initial_state(what=ONLY_CHECK)
    if forms.is_submitted():
        values = forms.submitted_values(HAND_IN)
        uploaded = request.files.get("file")
        name = uploaded.filename if uploaded else ""
        if uploaded is None or not name:
            outcome = FormState(values, {"file": forms.required_message(lang)}, 400)
        else:
            stream = uploaded.stream
            done = forms.attempt(
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
            if not isinstance(done, FormState):
                return redirect_see_other(f"/{lang}{_base(org)}/{done}")
            outcome = done
    elif request.method == "POST":
        outcome = forms.initial_state(**forms.submitted_values(HAND_IN))
    return forms.show_form(
        site,
        lang,
        _base(org),
        replace(HAND_IN, title=words.by_sheet),
        outcome,
        "workspace/sheets.html",
        sheets=view,
        definition=definition,
        words=words,
        query="" if definition == filed_registers()[0] else f"?register={definition.slug}",
    )


def _register_of_request() -> RegisterDefinition:
    """The filed register that the parameter `register` names, the first one without it. Raises `NotFound`."""
    registers = {definition.slug: definition for definition in filed_registers()}
    slug = request.values.get("register", next(iter(registers)))
    if slug not in registers:
        raise NotFound("register", slug[:60], code="register_unknown")
    return registers[slug]


def show_sheet(site: Site, lang: Lang, user: UserSession, org: str, job: int) -> Response:
    """How far a sheet is; after a mere check also the form to publish it."""
    view = filing.get_sheet(site.registry, user.actor, org, job)
    outcome = forms.initial_state()
    if forms.is_submitted():
        values = forms.submitted_values(PUBLISH_CHECKED)
        done = forms.attempt(
            lang,
            values,
            lambda: filing.publish_checked_sheet(
                site.registry, user.actor, org, job, signer=values["signer"]
            ),
        )
        if not isinstance(done, FormState):
            return redirect_see_other(f"/{lang}{_base(org)}/{done}")
        outcome = done
    refused = [
        (row.row, [describe_issue(issue, view.job.register, lang, with_field=True) for issue in row.issues])
        for row in view.refused
    ]
    problem = describe_issue(view.job.problem, view.job.register, lang) if view.job.problem else ""
    return forms.show_form(
        site,
        lang,
        f"{_base(org)}/{job}",
        PUBLISH_CHECKED,
        outcome,
        "workspace/sheet.html",
        sheet=view,
        refused=refused,
        problem=problem,
        words=filing_of(catalogue()[view.job.register]).words,
    )


def cancel(site: Site, lang: Lang, user: UserSession, org: str, job: int) -> Response:
    filing.cancel_sheet(site.registry, user.actor, org, job)
    return redirect_see_other(f"/{lang}{_base(org)}/{job}")


def results(site: Site, lang: Lang, user: UserSession, org: str, job: int, kind: str) -> Response:
    """The sheet with what became of its rows: all of them, or only those that were refused (`?only=refused`)."""
    only = request.args.get("only") == "refused"
    if kind not in ("csv", "xlsx"):
        raise NotFound("sheet", str(job))
    made = filing.export_sheet_results(
        site.registry,
        user.actor,
        org,
        job,
        request=filing.ResultsRequest("csv" if kind == "csv" else "xlsx", lang, refused_only=only),
    )
    return _file(made, f"{'refused' if only else 'results'}-{job}.{kind}", kind)


def template(site: Site, lang: Lang, user: UserSession, org: str, kind: str) -> Response:
    """The empty sheet."""
    definition = _register_of_request()
    filing.list_sheets(
        site.registry, user.actor, org, definition.slug
    )  # only for its members, like every page here
    if kind not in ("csv", "xlsx"):
        raise NotFound("template", kind)
    made = (filing.empty_sheet_csv if kind == "csv" else filing.empty_sheet_xlsx)(
        user.actor, definition.slug, lang
    )
    return _file(made, f"{definition.slug}-{lang}.{kind}", kind)


def own_data(site: Site, lang: Lang, user: UserSession, *, org: str, register: str, kind: str) -> Response:
    """Everything that the organisation has declared, ended or not, as it is published."""
    del lang
    if kind not in CONTENT_TYPES:
        raise NotFound("export", kind)
    made = exchange.export_holder(
        site.registry,
        user.actor,
        org,
        slug=register,
        file_format="csv" if kind == "csv" else "xlsx" if kind == "xlsx" else "jsonl",
    )
    return _file(made, f"{register}-{org}.{kind}", kind)


def _file(chunks: Iterator[bytes], name: str, kind: str) -> Response:
    """A download that nobody keeps. Names are made of letters of ours only."""
    headers = [
        ("Content-Type", CONTENT_TYPES[kind]),
        ("Content-Disposition", f'attachment; filename="{name}"'),
        ("Cache-Control", NO_STORE),
    ]
    return Response(chunks, 200, headers)


def _base(org: str) -> str:
    return f"/workspace/organisations/{org}/sheets"
