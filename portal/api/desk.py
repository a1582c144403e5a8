"""The desk by program: what waits, one case, preparing and taking decisions, steps on applications; with a token of the desk.

Every rule is the service's: the same as of the pages of the desk. Refusals are problem documents.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, request

from portal.api import desk_json
from portal.api.parameters import check_parameters, limit_parameter, link_to_next, switch
from portal.api.requests import (
    MALFORMED,
    BodyKind,
    authenticate,
    fields_of,
    insufficient_scope,
    issues_with_words,
    json_response,
    keyed_request,
    program_response,
    read_fields,
)
from portal.web.downloads import download
from portal.web.errors import problem_response, request_lang
from portal.web.responses import NO_STORE
from registry.errors import Conflict, Forbidden, Invalid
from registry.kit.issues import first_issues
from registry.registers import catalogue
from registry.services import applying, deciding, decision_sheets, people, records
from registry.services.applying import StatedStep, StepAct
from registry.services.bootstrap import Registry
from registry.services.confidential import LookReason
from registry.services.deciding import (
    DecisionAct,
    DecisionDraft,
    EntryAct,
    EntryDraft,
    ListRequest,
    ProgramOutcome,
)
from registry.services.decision_sheets import SentRow, SentSheet, SheetAct, SheetOutcome
from registry.services.issue_messages import refusal_message
from registry.services.people import ProgramAnswer, TokenBearer

PREFIX = "/desk"
DECISION_FIELDS: dict[str, BodyKind] = {
    "register": "text",
    "transition": "text",
    "numbers": "texts",
    "stated": "values",
    "evidence": "text",
    "note": "text",
    "version": "number",
    "files": "texts",
    "leave_out": "flag",
}
FILES_FIELDS: dict[str, BodyKind] = {"files": "texts"}
ROW_FIELDS: dict[str, BodyKind] = {
    "number": "text",
    "transition": "text",
    "stated": "values",
    "evidence": "text",
    "note": "text",
}
SHEET_FIELDS: dict[str, BodyKind] = {
    "register": "text",
    "transition": "text",
    "stated": "values",
    "evidence": "text",
    "rows": "objects",
    "leave_out": "flag",
}
ENTRY_FIELDS: dict[str, BodyKind] = {
    "register": "text",
    "stated": "values",
    "evidence": "text",
    "note": "text",
    "sha256": "text",
}
STEP_FIELDS: dict[str, BodyKind] = {
    "transition": "text",
    "revision": "number",
    "opinion": "text",
    "reasons": "values",
    "papers": "texts",
    "stated": "values",
}
ACT_FIELDS: dict[str, dict[str, BodyKind]] = {"take": {"leave_out": "flag"}, "return": {"reply": "text"}}
STEP_ACT_FIELDS: dict[str, dict[str, BodyKind]] = {"return": {"reply": "text"}}
LOOK_PARAMETERS = ("reason", "words")
Act = Callable[[TokenBearer], Response]


def blueprint(registry: Registry) -> Blueprint:
    """Return the blueprint of the desk below the prefix of the API."""
    desk = Blueprint("api_desk", __name__)

    def add(rule: str, endpoint: str, view: Callable[..., Act], *methods: str) -> None:
        def answer(**arguments: Any) -> Response:
            return _answer(registry, view(registry, **arguments), register=str(arguments.get("slug", "")))

        desk.add_url_rule(f"{PREFIX}/{rule}", endpoint, answer, methods=methods or ("GET",))

    add("registers", "registers", _registers)
    add("cases", "cases", _cases)
    add("registers/<slug>/records/<path:number>", "case", _case)
    add("decisions", "decisions", _decisions, "GET", "POST")
    add("decisions/<int:decision>", "decision", _decision)
    for act in deciding.ACTS:
        add(f"decisions/<int:decision>/{act}", f"decision_{act}", _acting(act), "POST")
    add("decisions/<int:decision>/files", "decision_files", _add_files, "POST")
    add("decisions/<int:decision>/files/<int:file>", "decision_file", _decision_file)
    add("decisions/<int:decision>/files/<int:file>/remove", "remove_decision_file", _remove_file, "POST")
    add("entries", "entries", _entries, "GET", "POST")
    add("entries/<int:entry>", "entry", _entry)
    add("entries/<int:entry>/file", "entry_file", _entry_file)
    for entry_act in deciding.ENTRY_ACTS:
        add(f"entries/<int:entry>/{entry_act}", f"entry_{entry_act}", _acting_on_entry(entry_act), "POST")
    add("sheets", "sheets", _sheets, "POST")
    for sheet_act in decision_sheets.SHEET_ACTS:
        add(f"sheets/<int:sheet>/{sheet_act}", f"sheet_{sheet_act}", _acting_on_sheet(sheet_act), "POST")
    add("applications", "applications", _applications)
    add("applications/<int:application>", "application", _application)
    add("applications/<int:application>/files/<int:file>", "file", _file)
    add("applications/<int:application>/steps", "step", _step, "POST")
    for step_act in applying.STEP_ACTS:
        add(
            f"applications/<int:application>/steps/<int:step>/{step_act}",
            f"step_{step_act}",
            _acting_on_step(step_act),
            "POST",
        )
    return desk


def _answer(registry: Registry, act: Act, *, register: str) -> Response:
    """Do what the bearer of the token asks for, and put a refusal in the form of the API."""
    bearer = authenticate(registry)
    if isinstance(bearer, Response):
        return bearer
    try:
        people.require_desk_scope(bearer, acts=False)
        return act(bearer)
    except Invalid as refused:
        codes = {issue.code for issue in refused.issues}
        status = 400 if codes <= MALFORMED | {"limit_range", "bad_token"} else 422
        issues = first_issues(refused.issues)
        return problem_response(
            status, refused, issues=issues_with_words(issues, catalogue().get(register or _register_sent()))
        )
    except Forbidden as forbidden:
        response = problem_response(403, forbidden)
        if forbidden.reason in ("token_not_of_desk", "token_only_reads"):
            scope = "see_desk" if forbidden.reason == "token_not_of_desk" else "decide"
            response.headers["WWW-Authenticate"] = insufficient_scope(scope)
        return response


def _register_sent() -> str:
    """The register that the body names, for the words of its fields; "" for none."""
    sent = request.get_json(silent=True, force=True)
    named = sent.get("register") if isinstance(sent, dict) else ""
    return named if isinstance(named, str) else ""


def _json(body: Any, *, next_token: str | None = None) -> Response:
    return link_to_next(json_response(orjson.dumps(body)), next_token)


def _registers(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        found = deciding.list_desk_registers(registry, bearer.actor)
        return _json({"items": [desk_json.desk_register(each) for each in found]})

    return act


def _cases(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(("register", "kind", "limit", "next"))
        wanted = _list_request(request.args.get("kind", ""))
        found = deciding.list_cases(registry, bearer.actor, wanted)
        body = {
            "items": [desk_json.case_line(each) for each in found.cases],
            "counts": dict(found.counts),
            "total": found.total,
            "complete": found.all_looked_at,
            "next": found.next,
        }
        return _json(body, next_token=found.next)

    return act


def _case(registry: Registry, slug: str, number: str) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        lang, actor = request_lang(), bearer.actor
        records.get_definition(slug)
        case = deciding.get_case_of_record(registry, actor, slug, number, lang=lang)
        forms = deciding.list_decision_forms(registry, actor, slug, number, lang=lang)
        pointer = records.locate_record(registry, actor, slug, number)
        body = {
            "record": records.record_json(registry, actor, pointer, None),
            "transitions": [desk_json.decision_form(form) for form in forms],
            "others": [desk_json.transition(move) for move in case.others],
            "decisions": [desk_json.decision_line(line) for line in case.decisions],
            "obstacle": desk_json.obstacle(case.obstacle, lang),
        }
        return _json(body)

    return act


def _decisions(registry: Registry) -> Act:
    return _prepare(registry) if request.method == "POST" else _list_decisions(registry)


def _list_decisions(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(("queue", "register", "limit", "next"))
        queue = request.args.get("queue", deciding.QUEUES[0])
        found = deciding.list_decisions(registry, bearer.actor, queue, _list_request())
        body = {"items": [desk_json.decision_line(line) for line in found.decisions], "next": found.next}
        return _json(body, next_token=found.next)

    return act


def _prepare(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(("dry_run",))
        dry_run, lang = switch("dry_run"), request_lang()
        sent, body = read_fields(DECISION_FIELDS)
        draft = DecisionDraft(
            register=body.get("register", ""),
            key=body.get("transition", ""),
            numbers=tuple(body.get("numbers", ())),
            stated=body.get("stated", {}),
            evidence=body.get("evidence", ""),
            note=body.get("note", ""),
            version=body.get("version"),
            files=_hashes(body),
        )
        if dry_run:
            preview = deciding.preview_by_program(registry, bearer.actor, bearer, draft, lang=lang)
            return _json(desk_json.preview(preview, lang))
        outcome = deciding.prepare_by_program(
            registry,
            bearer.actor,
            bearer,
            draft,
            request=keyed_request(bearer, sent),
            leave_out=body.get("leave_out", False),
        )
        return _outcome(outcome, 422)

    return act


def _outcome(outcome: ProgramOutcome, status: int) -> Response:
    """What an act has come to. `status`: where it is not possible on a record."""
    if outcome.answer is None:
        issues = desk_json.refused_issues(outcome.refused, request_lang())
        told = Conflict("not_possible_on_all", count=len(outcome.refused))
        error = told if status == 409 else Invalid(())
        return problem_response(status, error, refusal_message(told, request_lang()), issues)
    decision = orjson.loads(outcome.answer.body)["decision"]
    return program_response(outcome.answer, f"/api/v1{PREFIX}/decisions/{decision}")


def _decision(registry: Registry, decision: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(("check",))
        lang = request_lang()
        view = deciding.get_decision(registry, bearer.actor, decision, lang, check_all=switch("check"))
        files = deciding.list_decision_files(registry, bearer.actor, decision)
        return _json(desk_json.decision(view, files, lang))

    return act


def _decision_file(registry: Registry, decision: int, file: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(LOOK_PARAMETERS)
        stored = deciding.get_decision_file(registry, bearer.actor, decision, file, reason=_look_reason())
        return download(stored.name, stored.path, NO_STORE)

    return act


def _hashes(body: dict[str, Any]) -> tuple[str, ...]:
    """The SHA-256 of the files that a body names, each once."""
    return tuple(dict.fromkeys(each.lower() for each in body.get("files", ())))


def _add_files(registry: Registry, decision: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, body = read_fields(FILES_FIELDS)
        answer = deciding.add_files_by_program(
            registry,
            bearer.actor,
            bearer,
            decision,
            hashes=_hashes(body),
            request=keyed_request(bearer, sent),
        )
        return program_response(answer)

    return act


def _remove_file(registry: Registry, decision: int, file: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, _nothing = read_fields({})
        answer = deciding.remove_file_by_program(
            registry, bearer.actor, bearer, decision, file_id=file, request=keyed_request(bearer, sent)
        )
        return program_response(answer)

    return act


def _look_reason() -> LookReason:
    """Return why a program looks at something confidential, as its address says."""
    return LookReason(request.args.get("reason", ""), request.args.get("words", ""))


def _acting(name: deciding.ActName) -> Callable[..., Act]:
    def view(registry: Registry, decision: int) -> Act:
        def act(bearer: TokenBearer) -> Response:
            check_parameters(())
            sent, body = read_fields(ACT_FIELDS.get(name, {}))
            wanted = DecisionAct(name, body.get("reply", ""), body.get("leave_out", False))
            outcome = deciding.act_by_program(
                registry, bearer.actor, bearer, decision, act=wanted, request=keyed_request(bearer, sent)
            )
            return _outcome(outcome, 409)

        return act

    return view


def _entries(registry: Registry) -> Act:
    return _prepare_entry(registry) if request.method == "POST" else _list_entries(registry)


def _list_entries(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        actor = bearer.actor
        entered = deciding.list_entered_registers(registry, actor)
        forms = [deciding.get_entry_form(registry, actor, each.register.slug) for each in entered]
        body = {
            "registers": [desk_json.entry_form(form) for form in forms],
            "items": [desk_json.entry_line(line) for line in deciding.list_entries(registry, actor)],
        }
        return _json(body)

    return act


def _prepare_entry(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(("dry_run",))
        dry_run, lang = switch("dry_run"), request_lang()
        sent, body = read_fields(ENTRY_FIELDS)
        draft = EntryDraft(
            body.get("register", ""),
            body.get("stated", {}),
            body.get("evidence", ""),
            body.get("note", ""),
            body.get("sha256", "").lower(),
        )
        if dry_run:
            preview = deciding.preview_entry(registry, bearer.actor, draft, lang)
            return _json(desk_json.entry_preview(preview, draft.register, lang))
        answer = deciding.prepare_entry_by_program(
            registry, bearer.actor, bearer, draft, request=keyed_request(bearer, sent)
        )
        return _done_entry(answer)

    return act


def _done_entry(answer: ProgramAnswer) -> Response:
    return program_response(answer, f"/api/v1{PREFIX}/entries/{orjson.loads(answer.body)['entry']}")


def _entry(registry: Registry, entry: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        lang = request_lang()
        return _json(desk_json.entry(deciding.get_entry(registry, bearer.actor, entry, lang), lang))

    return act


def _entry_file(registry: Registry, entry: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(LOOK_PARAMETERS)
        stored = deciding.get_entry_file(registry, bearer.actor, entry, reason=_look_reason())
        return download(stored.name, stored.path, NO_STORE)

    return act


def _acting_on_entry(name: deciding.EntryActName) -> Callable[..., Act]:
    def view(registry: Registry, entry: int) -> Act:
        def act(bearer: TokenBearer) -> Response:
            check_parameters(())
            sent, body = read_fields(STEP_ACT_FIELDS.get(name, {}))
            wanted = EntryAct(entry, name, body.get("reply", ""))
            answer = deciding.act_on_entry_by_program(
                registry, bearer.actor, bearer, wanted, request=keyed_request(bearer, sent)
            )
            return _done_entry(answer)

        return act

    return view


def _sheets(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, body = read_fields(SHEET_FIELDS)
        rows = [
            fields_of(row, ROW_FIELDS, f"rows[{place}]") for place, row in enumerate(body.get("rows", ()), 1)
        ]
        sheet = SentSheet(
            register=body.get("register", ""),
            rows=tuple(
                SentRow(
                    number=row.get("number", ""),
                    transition=row.get("transition", ""),
                    stated=row.get("stated", {}),
                    evidence=row.get("evidence", ""),
                    note=row.get("note", ""),
                )
                for row in rows
            ),
            key=body.get("transition", ""),
            stated=body.get("stated", {}),
            evidence=body.get("evidence", ""),
            leave_out=body.get("leave_out", False),
        )
        outcome = decision_sheets.prepare_sheet_by_program(
            registry, bearer.actor, bearer, sheet, request=keyed_request(bearer, sent)
        )
        return _sheet_outcome(outcome, 422)

    return act


def _acting_on_sheet(name: decision_sheets.SheetActName) -> Callable[..., Act]:
    def view(registry: Registry, sheet: int) -> Act:
        def act(bearer: TokenBearer) -> Response:
            check_parameters(())
            sent, body = read_fields(ACT_FIELDS.get(name, {}))
            wanted = SheetAct(name, body.get("reply", ""), body.get("leave_out", False))
            outcome = decision_sheets.act_on_sheet_by_program(
                registry, bearer.actor, bearer, sheet, act=wanted, request=keyed_request(bearer, sent)
            )
            return _sheet_outcome(outcome, 409)

        return act

    return view


def _sheet_outcome(outcome: SheetOutcome, status: int) -> Response:
    """What an act on a sheet has come to. `status`: where it is not possible on a row."""
    if outcome.answer is None:
        told = Conflict("not_possible_on_all", count=len(outcome.refused))
        issues = desk_json.refused_rows(outcome.refused, request_lang())
        error = told if status == 409 else Invalid(())
        return problem_response(status, error, refusal_message(told, request_lang()), issues)
    return program_response(outcome.answer)


def _applications(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(("limit", "next"))
        lines, following = applying.list_applications_from(
            registry, bearer.actor, request.args.get("next"), limit=limit_parameter()
        )
        body = {"items": [desk_json.application_line(line) for line in lines], "next": following}
        return _json(body, next_token=following)

    return act


def _application(registry: Registry, application: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        lang, actor = request_lang(), bearer.actor
        view = applying.get_application(registry, actor, application, lang=lang)
        forms = [
            applying.get_step_form(registry, actor, application, move.key, lang=lang) for move in view.moves
        ]
        return _json(desk_json.application(view, forms, lang))

    return act


def _file(registry: Registry, application: int, file: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(LOOK_PARAMETERS)
        stored = applying.get_file_for_desk(registry, bearer.actor, application, file, reason=_look_reason())
        return download(stored.name, stored.path, NO_STORE)

    return act


def _step(registry: Registry, application: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, body = read_fields(STEP_FIELDS)
        step = StatedStep(
            body.get("transition", ""),
            body.get("revision", 0),
            opinion=body.get("opinion", ""),
            reasons=body.get("reasons", {}),
            stated=body.get("stated", {}),
            papers_in_order=tuple(body.get("papers", ())),
        )
        answer = applying.make_step_by_program(
            registry, bearer.actor, bearer, application, step=step, request=keyed_request(bearer, sent)
        )
        return program_response(answer, f"/api/v1{PREFIX}/applications/{application}")

    return act


def _acting_on_step(name: applying.StepActName) -> Callable[..., Act]:
    def view(registry: Registry, application: int, step: int) -> Act:
        def act(bearer: TokenBearer) -> Response:
            check_parameters(())
            sent, body = read_fields(STEP_ACT_FIELDS.get(name, {}))
            wanted = StepAct(application, step, name, body.get("reply", ""))
            answer = applying.act_on_step_by_program(
                registry, bearer.actor, bearer, wanted, request=keyed_request(bearer, sent)
            )
            return program_response(answer, f"/api/v1{PREFIX}/applications/{application}")

        return act

    return view


def _list_request(kind: str = "") -> ListRequest:
    return ListRequest(request.args.get("register", ""), kind, limit_parameter(), request.args.get("next"))
