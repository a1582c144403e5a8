"""Own records by program: listed with what they need, read, a decision asked for, a challenge answered; with a token that files."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson
from flask import Blueprint, Response, request

from portal.api import own_record_json
from portal.api.applications import answer_holder
from portal.api.parameters import check_parameters, limit_parameter, link_to_next, switch
from portal.api.requests import BodyKind, json_response, keyed_request, program_response, read_fields
from portal.web.errors import request_lang
from registry.services import own_records
from registry.services.bootstrap import Registry
from registry.services.own_records import (
    AskedDecision,
    ChallengeStatement,
    OwnRecordsRequest,
    RecordAddress,
)
from registry.services.people import TokenBearer

OWN_RECORDS = "/own-records"
OWN_RECORD = f"{OWN_RECORDS}/<slug>/<path:number>"
ASKED_FIELDS: dict[str, BodyKind] = {"transition": "text", "text": "text"}
STATED_FIELDS: dict[str, BodyKind] = {"text": "text"}
Act = Callable[[TokenBearer], Response]


def add_rules(api: Blueprint, registry: Registry) -> None:
    """Add the addresses of own records to the API."""

    def add(rule: str, endpoint: str, view: Callable[..., Act], method: str = "GET") -> None:
        def answer(**arguments: Any) -> Response:
            return answer_holder(registry, view(registry, **arguments))

        api.add_url_rule(rule, endpoint, answer, methods=(method,))

    add(OWN_RECORDS, "own_records", _list)
    add(OWN_RECORD, "own_record", _read)
    add(f"{OWN_RECORD}/requests", "ask_for_decision", _ask, "POST")
    add(f"{OWN_RECORD}/requests/<int:asked>/withdraw", "withdraw_request", _withdraw, "POST")
    add(f"{OWN_RECORD}/challenges/<int:challenge>/statements", "answer_challenge", _state, "POST")


def _list(registry: Registry) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(("register", "needing", "limit", "next"))
        wanted = OwnRecordsRequest(request.args.get("register", ""), needing=switch("needing"))
        lines, following = own_records.list_own_by_program(
            registry, bearer.actor, bearer, wanted, token=request.args.get("next"), limit=limit_parameter()
        )
        items = [own_record_json.own_record_line(line) for line in lines]
        return link_to_next(json_response(orjson.dumps({"items": items, "next": following})), following)

    return act


def _read(registry: Registry, slug: str, number: str) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        address = RecordAddress(slug, number)
        found = own_records.get_own_record_by_program(
            registry, bearer.actor, bearer, address, lang=request_lang()
        )
        return json_response(orjson.dumps(own_record_json.own_record(found)))

    return act


def _ask(registry: Registry, slug: str, number: str) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, body = read_fields(ASKED_FIELDS)
        answer = own_records.ask_by_program(
            registry,
            bearer.actor,
            bearer,
            RecordAddress(slug, number),
            asked=AskedDecision(body.get("transition", ""), body.get("text", "")),
            request=keyed_request(bearer, sent),
        )
        return program_response(answer)

    return act


def _withdraw(registry: Registry, slug: str, number: str, asked: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, _nothing = read_fields({})
        answer = own_records.withdraw_request_by_program(
            registry,
            bearer.actor,
            bearer,
            RecordAddress(slug, number),
            request_id=asked,
            request=keyed_request(bearer, sent),
        )
        return program_response(answer)

    return act


def _state(registry: Registry, slug: str, number: str, challenge: int) -> Act:
    def act(bearer: TokenBearer) -> Response:
        check_parameters(())
        sent, body = read_fields(STATED_FIELDS)
        answer = own_records.state_by_program(
            registry,
            bearer.actor,
            bearer,
            RecordAddress(slug, number),
            statement=ChallengeStatement(challenge, body.get("text", "")),
            request=keyed_request(bearer, sent),
        )
        return program_response(answer)

    return act
