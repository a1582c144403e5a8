"""Steps on applications by programs (the API), by a token that was made for the desk, each safe to repeat with a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from sqlalchemy import Connection

from registry.accounts.policy import Action, Actor, require
from registry.services.applying import steps
from registry.services.applying.steps import StatedStep
from registry.services.bootstrap import Registry
from registry.services.people.tokens import (
    KeyedRequest,
    ProgramAnswer,
    TokenBearer,
    answer_once,
    require_desk_scope,
)

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

    def make(connection: Connection) -> ProgramAnswer:
        made = steps.make_in_transaction(connection, actor, application_id, step)
        told = {"application": application_id, "step": made.id, "state": made.state}
        return ProgramAnswer.of(201, told)

    return answer_once(registry, actor, request, make)


def act_on_step_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, act: StepAct, *, request: KeyedRequest
) -> ProgramAnswer:
    """Take a prepared step, return it or take it back. Raises as the functions of `steps` do, and `Invalid` as above."""
    require(actor, Action.TAKE_DECISIONS)
    require_desk_scope(bearer, acts=True)

    def end(connection: Connection) -> ProgramAnswer:
        if act.name == "take":
            steps.take_in_transaction(connection, actor, act.application, act.step)
        elif act.name == "return":
            steps.return_in_transaction(connection, actor, act.application, act.step, reply=act.reply)
        else:
            steps.take_back_in_transaction(connection, actor, act.application, act.step)
        state = {"take": "taken", "return": "returned", "take-back": "taken_back"}[act.name]
        told = {"application": act.application, "step": act.step, "state": state}
        return ProgramAnswer.of(200, told)

    return answer_once(registry, actor, request, end)
