"""Decisions by programs (the API): the acts of the desk by a token that was made for it, each safe to repeat with a key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection

from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.deciding import decision_files, entering, preparing, settling
from registry.services.deciding.entering import EntryDraft
from registry.services.deciding.preparing import DecisionDraft
from registry.services.deciding.settling import NotPossible
from registry.services.deciding.views import DecisionPreview, RefusedCaseView
from registry.services.people.tokens import (
    KeyedRequest,
    ProgramAnswer,
    TokenBearer,
    answer_once,
    find_answer,
    keep_answer,
    require_desk_scope,
)
from registry.services.publication import publishing
from registry.store.unit_of_work import read_transaction, unit_of_work

ActName = Literal["take", "return", "take-back", "claim", "release"]
ACTS: tuple[ActName, ...] = get_args(ActName)


@dataclass(frozen=True, slots=True)
class DecisionAct:
    """What a program does with a prepared decision. `reply`: of a return; `leave_out`: the records on which it is not possible any more."""

    name: ActName
    reply: str = ""
    leave_out: bool = False


EntryActName = Literal["take", "return", "take-back"]
ENTRY_ACTS: tuple[EntryActName, ...] = get_args(EntryActName)
ENTRY_STATES: dict[EntryActName, str] = {"take": "taken", "return": "returned", "take-back": "taken_back"}


@dataclass(frozen=True, slots=True)
class EntryAct:
    """What a program does with a prepared new record. `reply`: of a return."""

    entry: int
    name: EntryActName
    reply: str = ""


@dataclass(frozen=True, slots=True)
class ProgramOutcome:
    """What a request has come to. `answer`: None where nothing was done, because it is not possible on the records `refused`."""

    answer: ProgramAnswer | None
    refused: tuple[RefusedCaseView, ...] = ()


def preview_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, draft: DecisionDraft, *, lang: str
) -> DecisionPreview:
    """Return what a decision would do; nothing is kept. Raises as `preparing.preview_decision`, and `Invalid` for a file that was not uploaded."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=False)
    with read_transaction(registry.engine) as connection:
        decision_files.find_uploaded_files(registry, connection, actor, draft.files)
    return preparing.preview_decision(registry, actor, draft, lang)


def prepare_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    draft: DecisionDraft,
    *,
    request: KeyedRequest,
    leave_out: bool,
) -> ProgramOutcome:
    """Keep a decision for a second person. Without `leave_out` nothing is kept where it is not possible on a record.

    Raises as `preparing.prepare_decision`, and `Invalid` where the key was sent with another request, or a file was not uploaded.
    """
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)
    with read_transaction(registry.engine) as connection:
        if known := find_answer(connection, request):
            return ProgramOutcome(known)
        decision_files.find_uploaded_files(registry, connection, actor, draft.files)
    as_read = preparing.check_draft(registry, actor, draft)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        if known := find_answer(connection, request):
            return ProgramOutcome(known)
        prepared = preparing.prepare_in_transaction(
            connection, actor, draft, leave_out=leave_out, as_read=as_read
        )
        if prepared.id is None:
            return ProgramOutcome(None, prepared.refused)
        if draft.files:
            decision_files.add_uploaded_in_transaction(
                registry, connection, actor, prepared.id, hashes=draft.files
            )
        told = {
            "decision": prepared.id,
            "state": "prepared",
            "records": prepared.records,
            "left_out": [each.number for each in prepared.refused],
        }
        answer = ProgramAnswer.of(201, told)
        keep_answer(connection, request, answer)
    return ProgramOutcome(answer)


def act_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    decision_id: int,
    *,
    act: DecisionAct,
    request: KeyedRequest,
) -> ProgramOutcome:
    """Take a prepared decision, return it, take it back, take it up or let go of it.

    Raises as the functions of `settling` do, and `Invalid` where the key was sent with another request.
    """
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)
    try:
        with unit_of_work(registry.engine) as connection:
            if act.name == "take":
                publishing.acquire_publish_lock(connection)
            if known := find_answer(connection, request):
                return ProgramOutcome(known)
            left_out: tuple[RefusedCaseView, ...] = ()
            if act.name == "take":
                left_out = settling.take_in_transaction(
                    connection, actor, decision_id, leave_out=act.leave_out
                )
            elif act.name == "return":
                settling.return_in_transaction(connection, actor, decision_id, act.reply)
            elif act.name == "take-back":
                settling.take_back_in_transaction(connection, actor, decision_id)
            elif act.name == "claim":
                settling.claim_in_transaction(connection, actor, decision_id)
            else:
                settling.release_in_transaction(connection, actor, decision_id)
            state = settling.load_decision(connection, decision_id, lock=False).state
            told = {
                "decision": decision_id,
                "state": state,
                "left_out": [each.number for each in left_out],
            }
            answer = ProgramAnswer.of(200, told)
            keep_answer(connection, request, answer)
    except NotPossible as problem:
        return ProgramOutcome(None, problem.refused)
    return ProgramOutcome(answer)


def add_files_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    decision_id: int,
    *,
    hashes: Sequence[str],
    request: KeyedRequest,
) -> ProgramAnswer:
    """Keep files that were uploaded before with a decision of the actor. Raises as `decision_files.add_uploaded_in_transaction`."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)
    if not hashes:
        raise Invalid((Issue("required", decision_files.FILES),))

    def add(connection: Connection) -> ProgramAnswer:
        decision_files.add_uploaded_in_transaction(registry, connection, actor, decision_id, hashes=hashes)
        return _files_answer(connection, decision_id, 201)

    return answer_once(registry, actor, request, add)


def remove_file_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    decision_id: int,
    *,
    file_id: int,
    request: KeyedRequest,
) -> ProgramAnswer:
    """Take a file out of a decision of the actor. Raises as `decision_files.remove_decision_file`."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)

    def remove(connection: Connection) -> ProgramAnswer:
        decision_files.remove_in_transaction(connection, actor, decision_id, file_id)
        return _files_answer(connection, decision_id, 200)

    return answer_once(registry, actor, request, remove)


def _files_answer(connection: Connection, decision_id: int, status: int) -> ProgramAnswer:
    files = [
        {"id": each.id, "name": each.name, "size": each.size, "sha256": each.sha256}
        for each in decision_files.files_of(connection, decision_id)
    ]
    return ProgramAnswer.of(status, {"decision": decision_id, "files": files})


def prepare_entry_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, draft: EntryDraft, *, request: KeyedRequest
) -> ProgramAnswer:
    """Keep a new record, such as a notice, for a second person. Raises as `entering.prepare_entry`, and `Invalid` for a file that was not uploaded."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)

    def prepare(connection: Connection) -> ProgramAnswer:
        entry = entering.prepare_in_transaction(registry, connection, actor, draft)
        return ProgramAnswer.of(201, {"entry": entry, "state": "prepared", "number": None})

    return answer_once(registry, actor, request, prepare)


def act_on_entry_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, act: EntryAct, *, request: KeyedRequest
) -> ProgramAnswer:
    """Publish a new record that another person has prepared, return it, or take it back. Raises as the functions of `entering` do."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)

    def end(connection: Connection) -> ProgramAnswer:
        number: str | None = None
        if act.name == "take":
            number = entering.take_in_transaction(connection, actor, act.entry)
        elif act.name == "return":
            entering.return_in_transaction(connection, actor, act.entry, act.reply)
        else:
            entering.take_back_in_transaction(connection, actor, act.entry)
        return ProgramAnswer.of(200, {"entry": act.entry, "state": ENTRY_STATES[act.name], "number": number})

    return answer_once(registry, actor, request, end)
