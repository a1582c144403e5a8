"""Steps on applications by programs (the API), by a token that was made for the desk, each safe to repeat with a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

import orjson

from registry.accounts.policy import Action, Actor, require
from registry.services.applying import steps
from registry.services.applying.steps import StatedStep
from registry.services.bootstrap import Registry
from registry.services.people.tokens import (
    KeyedRequest,
    ProgramAnswer,
    TokenBearer,
    find_answer,
    keep_answer,
    require_desk_scope,
)
from registry.services.publication import publishing
from registry.store.unit_of_work import unit_of_work

StepActName = Literal["take", "return", "take-back"]
STEP_ACTS: tuple[StepActName, ...] = get_args(StepActName)


@dataclass(frozen=True, slots=True)
class StepAct:
    """What a program does with a prepared step of an application. `reply`: of a return."""

    application: int
    step: int
    name: StepActName
    reply: str = ""


def make_step_by_program(
    registry: Registry,
    actor: Actor,
    bearer: TokenBearer,
    application_id: int,
    *,
    step: StatedStep,
    request: KeyedRequest,
) -> ProgramAnswer:
    """Take a step on an application, or prepare it. Raises as `steps.make_step`, and `Invalid` where the key was sent with another request."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        if known := find_answer(connection, request):
            return known
        made = steps.make_in_transaction(connection, actor, application_id, step)
        answer = _answer(201, {"application": application_id, "step": made.id, "state": made.state})
        keep_answer(connection, request, answer)
    return answer


def act_on_step_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, act: StepAct, *, request: KeyedRequest
) -> ProgramAnswer:
    """Take a prepared step, return it or take it back. Raises as the functions of `steps` do, and `Invalid` as above."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        if known := find_answer(connection, request):
            return known
        if act.name == "take":
            steps.take_in_transaction(connection, actor, act.application, act.step)
        elif act.name == "return":
            steps.return_in_transaction(connection, actor, act.application, act.step, reply=act.reply)
        else:
            steps.take_back_in_transaction(connection, actor, act.application, act.step)
        state = {"take": "taken", "return": "returned", "take-back": "taken_back"}[act.name]
        answer = _answer(200, {"application": act.application, "step": act.step, "state": state})
        keep_answer(connection, request, answer)
    return answer


def _answer(status: int, told: dict[str, Any]) -> ProgramAnswer:
    return ProgramAnswer(status, orjson.dumps(told))
