"""The operations of the desk: what its addresses take and answer, for the description of the API."""

from __future__ import annotations

from portal.api import desk_answers as answers
from portal.api.operations import DRY_RUN, IDEMPOTENCY, LIMIT, NEXT, Operation, Parameter
from registry.i18n import _
from registry.services.confidential import LOOK_REASONS

REGISTER = Parameter("register", _("Short name of a register, to see only that one."))
KIND = Parameter(
    "kind",
    _("Only records whose deadline has passed, ends within 30 days, or whose state only a decision ends."),
    values=("overdue", "soon", "waiting"),
)
QUEUE = Parameter(
    "queue",
    _("Decisions that you may take, that came back to you, or yours that wait for another person."),
    values=("to_take", "returned", "prepared"),
)
CHECK = Parameter(
    "check", _("1 to check each of many records, not the first twenty only."), values=("0", "1")
)
LOOK = (
    Parameter(
        "reason",
        _(
            "Why it is needed. One given within the hour for a file of the same case holds, if it is left out."
        ),
        values=tuple(each.code for each in LOOK_REASONS),
    ),
    Parameter("words", _("The reason in words of yours; not needed with deciding. Name no person here.")),
)
READING = (400, 401, 403, 429, 503)
READING_ONE = (400, 401, 403, 404, 429, 503)
LOOKING = (400, 401, 403, 404, 422, 429, 503)
ACTING = (400, 401, 403, 404, 409, 422, 429, 503)
TOLD = _("By the rules of the page of the desk; each act stands in the audit log.")
DECISION, APPLICATION = "/desk/decisions/{decision}", "/desk/applications/{application}"
SHEET = "/desk/sheets/{sheet}"
ENTRY = "/desk/entries/{entry}"
STEP = f"{APPLICATION}/steps/{{step}}"
DESK_PATH_PARAMETERS = {
    "decision": _("Number of a decision."),
    "sheet": _("Number of a sheet of decisions."),
    "entry": _("Number of a new record that waits."),
    "application": _("Number of an application."),
    "step": _("Number of a step of the application."),
    "file": _("Number of a file of the application."),
}


def _read(path: str, summary: str, answer: type, parameters: tuple[Parameter, ...] = ()) -> Operation:
    others = READING_ONE if "{" in path else READING
    return Operation(
        "get", path, summary, answer, parameters=parameters, others=others, needs_token=True, of_desk=True
    )


def _act(path: str, summary: str, answer: type, body: type, *, status: int = 200) -> Operation:
    return Operation(
        "post", path, summary, answer, TOLD, body=body, status=status, others=ACTING, needs_token=True, of_desk=True,
        headers=(IDEMPOTENCY,),
    )  # fmt: skip


DESK_OPERATIONS = (
    _read("/desk/registers", _("What your role decides"), answers.DeskRegisterListSchema),
    _read("/desk/cases", _("Records that wait for a decision"), answers.WaitingListSchema, (REGISTER, KIND, LIMIT, NEXT)),
    _read(
        "/desk/registers/{register}/records/{number}", _("One record with the decisions that are possible"), answers.CaseSchema
    ),
    _read("/desk/decisions", _("Prepared decisions"), answers.DecisionListSchema, (QUEUE, REGISTER, LIMIT, NEXT)),
    Operation(
        "post", "/desk/decisions", _("Prepare a decision"), answers.PreparedDecisionSchema,
        _("On one record or up to 1,000. It waits for a second person; nothing is public before. With dry_run=1: what it would do."),
        (DRY_RUN,), answers.DecisionDraftSchema, 201, ACTING, needs_token=True, of_desk=True, headers=(IDEMPOTENCY,),
        dry_run_answer=answers.DecisionPreviewSchema,
    ),
    _read(DECISION, _("One decision"), answers.DecisionSchema, (CHECK,)),
    Operation(
        "get", f"{DECISION}/files/{{file}}", _("A file of a decision"), None, _("Each look stands in the audit log with its reason."),
        parameters=LOOK, others=LOOKING, needs_token=True, of_desk=True, media_type="application/octet-stream",
    ),
    _act(f"{DECISION}/files", _("Add files to a decision that you have prepared"), answers.DecisionFilesSchema, answers.AddedFilesSchema, status=201),
    _act(f"{DECISION}/files/{{file}}/remove", _("Take a file out of a decision"), answers.DecisionFilesSchema, answers.NothingSchema),
    _act(f"{DECISION}/take", _("Take a decision, as the second person"), answers.SettledDecisionSchema, answers.TakeSchema),
    _act(f"{DECISION}/return", _("Return a decision to the person who prepared it"), answers.SettledDecisionSchema, answers.ReplySchema),
    _act(f"{DECISION}/take-back", _("Take back a decision that you have prepared"), answers.SettledDecisionSchema, answers.NothingSchema),
    _act(f"{DECISION}/claim", _("Take a decision up, so that others see it"), answers.SettledDecisionSchema, answers.NothingSchema),
    _act(f"{DECISION}/release", _("Let go of a decision"), answers.SettledDecisionSchema, answers.NothingSchema),
    _read("/desk/entries", _("New records that wait"), answers.EntryListSchema),
    Operation(
        "post", "/desk/entries", _("Prepare a new record, such as a notice"), answers.PreparedEntrySchema,
        _("It waits for a second person; nothing is public before. With dry_run=1: what it would say. A file is uploaded first, and named by its SHA-256."),
        (DRY_RUN,), answers.EntryDraftSchema, 201, ACTING, needs_token=True, of_desk=True, headers=(IDEMPOTENCY,),
        dry_run_answer=answers.EntryPreviewSchema,
    ),
    _read(ENTRY, _("One new record"), answers.DeskEntrySchema),
    Operation(
        "get", f"{ENTRY}/file", _("The file of a new record"), None, _("Each look stands in the audit log with its reason."),
        parameters=LOOK, others=LOOKING, needs_token=True, of_desk=True, media_type="application/octet-stream",
    ),
    _act(f"{ENTRY}/take", _("Publish a new record, as the second person"), answers.PreparedEntrySchema, answers.NothingSchema),
    _act(f"{ENTRY}/return", _("Return a new record to the person who prepared it"), answers.PreparedEntrySchema, answers.ReplySchema),
    _act(f"{ENTRY}/take-back", _("Take back a new record that you have prepared"), answers.PreparedEntrySchema, answers.NothingSchema),
    _act("/desk/sheets", _("Prepare decisions with grounds of their own for each record"), answers.PreparedSheetSchema, answers.SheetDraftSchema, status=201),
    _act(f"{SHEET}/take", _("Take all decisions of a sheet, as the second person"), answers.SettledSheetSchema, answers.TakeSchema),
    _act(f"{SHEET}/return", _("Return all decisions of a sheet"), answers.SettledSheetSchema, answers.ReplySchema),
    _act(f"{SHEET}/take-back", _("Take back all decisions of a sheet that you have prepared"), answers.SettledSheetSchema, answers.NothingSchema),
    _read("/desk/applications", _("Applications that wait"), answers.ApplicationListSchema, (LIMIT, NEXT)),
    _read(APPLICATION, _("One application"), answers.ApplicationSchema),
    Operation(
        "get", f"{APPLICATION}/files/{{file}}", _("A file of an application"), None, _("Each look stands in the audit log with its reason."),
        parameters=LOOK, others=LOOKING, needs_token=True, of_desk=True, media_type="application/octet-stream",
    ),
    _act(f"{APPLICATION}/steps", _("Take a step on an application, or prepare it"), answers.MadeStepSchema, answers.StepDraftSchema, status=201),
    _act(f"{STEP}/take", _("Take a prepared step, as the second person"), answers.MadeStepSchema, answers.NothingSchema),
    _act(f"{STEP}/return", _("Return a prepared step"), answers.MadeStepSchema, answers.ReplySchema),
    _act(f"{STEP}/take-back", _("Take back a step that you have prepared"), answers.MadeStepSchema, answers.NothingSchema),
)  # fmt: skip
