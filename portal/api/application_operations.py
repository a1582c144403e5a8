"""The operations of applications by their holders: what their addresses take and answer, for the description of the API."""

from __future__ import annotations

from portal.api import application_answers as answers
from portal.api.desk_answers import NothingSchema
from portal.api.operations import (
    DRY_RUN,
    IDEMPOTENCY,
    IF_MATCH,
    LIMIT,
    NEXT,
    Operation,
    Parameter,
)
from registry.i18n import _

APPLICATIONS = "/registers/{register}/applications"
APPLICATION = f"{APPLICATIONS}/{{application}}"
READING = (400, 401, 403, 404, 429, 503)
ACTING = (400, 401, 403, 404, 409, 422, 429, 503)
APPLICATION_PATH_PARAMETERS = {
    "token": _("Of a file that is being examined, as the address in Location has it.")
}
NAME = Parameter("name", _("Name of the file, for display."))

APPLICATION_OPERATIONS = (
    Operation(
        "post", "/files", _("Upload a file for an application"), answers.UploadedFileSchema,
        _("The body is the file: PDF, OFD, JPEG or PNG, at most 20 MB, 20 files an hour. It is examined first; 202 while that lasts. A file that no application names is deleted after 7 days."),
        (NAME,), None, 201, (202, 400, 401, 403, 413, 422, 429, 503), needs_token=True, takes_file=True,
    ),
    Operation(
        "get", "/files/{token}", _("A file that is being examined"), answers.UploadedFileSchema,
        others=(202, 400, 401, 403, 422, 429, 503), needs_token=True,
    ),
    Operation(
        "get", APPLICATIONS, _("Your applications in a register"), answers.OwnApplicationListSchema, parameters=(LIMIT, NEXT),
        others=READING, needs_token=True,
    ),
    Operation(
        "post", APPLICATIONS, _("Submit an application"), answers.HandedInSchema,
        _("Where the authority decides before a record is published. Nothing of it is public before."),
        (DRY_RUN,), answers.SentApplicationSchema, 201, ACTING, needs_token=True, headers=(IDEMPOTENCY,),
    ),
    Operation(
        "get", APPLICATION, _("One of your applications: where it stands and what it needs"), answers.OwnApplicationSchema,
        others=READING, needs_token=True,
    ),
    Operation(
        "put", APPLICATION, _("Correct an application that was returned"), answers.HandedInSchema,
        _("What is left out, document or files, stays as it was submitted."),
        (DRY_RUN,), answers.SentApplicationSchema, 200, (*ACTING[:5], 412, *ACTING[5:6], 428, *ACTING[6:]), needs_token=True,
        headers=(IF_MATCH, IDEMPOTENCY),
    ),
    Operation(
        "post", f"{APPLICATION}/withdraw", _("Withdraw an application"), answers.HandedInSchema,
        _("As long as nothing of it is public."), (), NothingSchema, 200, ACTING, needs_token=True, headers=(IDEMPOTENCY,),
    ),
    Operation(
        "get", f"{APPLICATION}/files/{{file}}", _("A file of one of your applications"), None, others=READING, needs_token=True,
        media_type="application/octet-stream",
    ),
    Operation(
        "post", "/registers/{register}/reports", _("Report the figures of a year"), answers.ReportedYearSchema,
        _("Of a record that takes annual reports. That the year was reported is public, the figures never are."),
        (), answers.YearReportSchema, 201, ACTING, needs_token=True, headers=(IDEMPOTENCY,),
    ),
)  # fmt: skip
