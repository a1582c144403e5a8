"""The operations of records by their parties: what their addresses take and answer, for the description of the API."""

from __future__ import annotations

from portal.api import own_record_answers as answers
from portal.api.application_operations import ACTING, READING
from portal.api.desk_answers import NothingSchema
from portal.api.operations import IDEMPOTENCY, LIMIT, NEXT, Operation, Parameter
from registry.i18n import _

OWN_RECORD = "/own-records/{register}/{number}"
OWN_RECORD_PATH_PARAMETERS = {
    "request": _("Number of a request, as the record has it."),
    "challenge": _("Number of a challenge, as the record has it."),
}
REGISTER = Parameter("register", _("Short name of a register, to see only that one."))
NEEDING = Parameter(
    "needing",
    _("1 for records on which something is due, challenged, or asked for and not yet decided."),
    values=("0", "1"),
)

OWN_RECORD_OPERATIONS = (
    Operation(
        "get", "/own-records", _("Your records in all registers"), answers.OwnRecordListSchema,
        _("What your organisation holds, and what your body has issued."), (REGISTER, NEEDING, LIMIT, NEXT), others=READING,
        needs_token=True,
    ),
    Operation(
        "get", OWN_RECORD, _("One of your records: what it needs, what you may ask for and answer"), answers.OwnRecordSchema,
        others=READING, needs_token=True,
    ),
    Operation(
        "post", f"{OWN_RECORD}/requests", _("Ask for a decision on your record"), answers.AskedSchema,
        _("Such as suspension or an end. It waits for those who decide; nothing changes before."),
        (), answers.AskedDecisionSchema, 201, ACTING, needs_token=True, headers=(IDEMPOTENCY,),
    ),
    Operation(
        "post", f"{OWN_RECORD}/requests/{{request}}/withdraw", _("Withdraw a request"), answers.AskedSchema,
        body=NothingSchema, others=ACTING, needs_token=True, headers=(IDEMPOTENCY,),
    ),
    Operation(
        "post", f"{OWN_RECORD}/challenges/{{challenge}}/statements", _("Answer a challenge of your record"), answers.StatedSchema,
        _("Not public, and not shown to who reported it."), (), answers.SentStatementSchema, 201, ACTING, needs_token=True,
        headers=(IDEMPOTENCY,),
    ),
)  # fmt: skip
