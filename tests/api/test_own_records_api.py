"""Records of their parties by program: listed, read, a decision asked for, a challenge answered; who may, at the page and by program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from portal.app import create_app
from registry import clock
from registry.accounts.api_tokens import ApiToken
from registry.accounts.membership import Membership
from registry.accounts.model import AuditEntry
from registry.accounts.policy import Actor
from registry.errors import Forbidden, NotFound
from registry.kit.party_acts import DecisionRequest, ReportStatement
from registry.kit.record import Record
from registry.kit.report import Report
from registry.services import deciding, own_records, reports
from registry.services.bootstrap import Registry, open_registry
from registry.services.own_records import RecordAddress
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.api.programs import DeskProgram, codes_of, program_of
from tests.api.test_applications_api import problems
from tests.databases import Template
from tests.services.deciders import set_status, staff
from tests.services.test_own_records import challenge
from tests.services.test_watch_lists import member
from tests.services.watched import (
    CERTIFICATES,
    FIRM,
    NOW,
    OTHER_BODY,
    OTHER_FIRM,
    certificate,
    day,
    load,
    world,
)

pytestmark = pytest.mark.once
OWN = "/api/v1/own-records"
BODY = "CNCA-R-2099-101"
TEXT = "产线检修，自12月1日起暂停。"


@pytest.fixture
def owned(template: Template, tmp_path: Path) -> Iterator[Registry]:
    with clock.frozen_at(NOW), template.copy(tmp_path / "data") as settings:
        registry = open_registry(settings)
        world(registry, tmp_path)
        rows = [
            certificate("DEMO-CGP-2025-00100", valid_to=day(20)),
            certificate("DEMO-CGP-2025-00101"),
            certificate("DEMO-CGP-2025-00102", applicant_uscc=OTHER_FIRM),
        ]
        load(registry, tmp_path, CERTIFICATES, rows)
        yield registry
        registry.search.close()


@pytest.fixture
def app(owned: Registry) -> Flask:
    return create_app(registry=owned)


@pytest.fixture
def number(owned: Registry) -> str:
    return set_status(owned, CERTIFICATES, "valid")


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    document: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json(force=True)
    return document


def program(
    app: Flask, registry: Registry, actor: Actor, scope: str = "declare", of: str = ""
) -> DeskProgram:
    """A program with a token of this scope, of the organisation with this number or of all of the account's."""
    made = program_of(app, registry, actor, scope)
    if of:
        with unit_of_work(registry.engine) as connection:
            organisation = select(Record.id).where(Record.number == of).scalar_subquery()
            connection.execute(
                update(ApiToken).where(ApiToken.user_id == actor.user_id).values(organisation_id=organisation)
            )
    return made


def ask(sent_by: DeskProgram, number: str, key: str = "suspended", **headers: str) -> TestResponse:
    body = {"transition": key, "text": TEXT}
    return sent_by.post(f"{OWN}/{CERTIFICATES}/{number}/requests", body, **headers)


def rows_of(registry: Registry, model: type) -> int:
    with read_transaction(registry.engine) as connection:
        return len(connection.execute(select(model)).all())


def test_asked_listed_withdrawn_and_refused_as_described(
    app: Flask, owned: Registry, number: str, described: dict[str, Any]
) -> None:
    """Each answer is as described; the request waits at the desk as one of the browser does."""
    firm = program(app, owned, member(owned, FIRM), of=FIRM)
    one = f"{OWN}/{CERTIFICATES}/{number}"
    listed = firm.get(OWN)
    assert problems(described, "/own-records", listed) == []
    assert [each["number"][-5:] for each in listed.get_json()["items"]] == [FIRM[-5:], "001-3", "002-1"]
    due = firm.read(f"{OWN}?needing=1&register={CERTIFICATES}")["items"]
    assert [(each["number"], each["due"][0]["days_left"]) for each in due] == [(number, 20)]
    first = firm.read(f"{OWN}?limit=2")
    rest = firm.read(f"{OWN}?limit=2&next={first['next']}")
    assert (len(first["items"]), [each["number"][-5:] for each in rest["items"]], rest["next"]) == (
        2, ["002-1"], None,
    )  # fmt: skip
    read = firm.get(one)
    assert problems(described, "/own-records/{register}/{number}", read) == []
    told = read.get_json()
    assert (told["party"]["side"], told["party"]["acts"], told["challenges"]) == ("holder", True, [])
    assert {each["transition"] for each in told["may_ask_for"]} == {
        "suspended", "cancelled", "scope_changed", "changed",
    }  # fmt: skip
    assert firm.get(due[0]["own_record"]).get_json() == told

    made = ask(firm, number, Idempotency_Key="erp-1")
    assert (made.status_code, made.get_json()["state"]) == (201, "open"), made.text
    assert problems(described, "/own-records/{register}/{number}/requests", made, "post") == []
    again = ask(firm, number, Idempotency_Key="erp-1")
    assert (again.status_code, again.get_json()) == (201, made.get_json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert ask(firm, number, "cancelled", Idempotency_Key="erp-1").status_code == 422  # another request
    waits = ask(firm, number)
    assert (waits.status_code, codes_of(waits)) == (409, {("request_waits", "")})
    body = member(owned, BODY, account="body")
    [line] = deciding.list_requests(owned, body)
    assert (line.id, line.text) == (made.get_json()["request"], TEXT)
    with read_transaction(owned.engine) as connection:
        door = select(AuditEntry.door).where(AuditEntry.action == "decision_requested")
        assert connection.execute(door).scalars().all() == ["api"]
    assert firm.read(f"{OWN}?needing=1")["items"][0]["open_requests"] == 1

    taken_back = firm.post(f"{one}/requests/{line.id}/withdraw", {}, Idempotency_Key="erp-2")
    assert (taken_back.status_code, taken_back.get_json()["state"]) == (200, "withdrawn"), taken_back.text
    path = "/own-records/{register}/{number}/requests/{request}/withdraw"
    assert problems(described, path, taken_back, "post") == []
    ended = firm.post(f"{one}/requests/{line.id}/withdraw", {})
    assert (ended.status_code, codes_of(ended)) == (409, {("request_ended", "")})
    assert firm.post(f"{one}/requests/999/withdraw", {}).status_code == 404
    second = ask(firm, number).get_json()["request"]
    deciding.refuse_request(owned, body, second, "证书尚在抽查之中。")
    states = [(each["state"], each["reply"]) for each in firm.read(one)["requests"]]
    assert states == [("refused", "证书尚在抽查之中。"), ("withdrawn", "")]


def test_a_challenge_is_answered_by_program_and_who_reported_is_not_told(
    app: Flask, owned: Registry, number: str, described: dict[str, Any]
) -> None:
    firm = program(app, owned, member(owned, FIRM))
    issuer = program(app, owned, member(owned, BODY))
    report = challenge(owned, RecordAddress(CERTIFICATES, number))
    address = f"{OWN}/{CERTIFICATES}/{number}/challenges/{report}/statements"
    assert firm.post(address, {"text": "太早"}).status_code == 404
    reports.admit_report(owned, staff(owned, "registrar"), report, "型号QY-100是否仍在生产？")
    assert [each["challenged"] for each in firm.read(f"{OWN}?needing=1")["items"]] == [True]
    for text, code in (("", "statement_wanted"), ("长" * 4001, "too_long")):
        refused = firm.post(address, {"text": text})
        assert (refused.status_code, codes_of(refused)) == (422, {(code, "text")})
    for sent_by in (firm, issuer):
        done = [sent_by.post(address, {"text": "仍在生产。"}, Idempotency_Key="a") for _again in range(2)]
        assert [each.status_code for each in done] == [201, 201], done[0].text
        path = "/own-records/{register}/{number}/challenges/{challenge}/statements"
        assert problems(described, path, done[0], "post") == []
        read = sent_by.get(f"{OWN}/{CERTIFICATES}/{number}")
        assert problems(described, "/own-records/{register}/{number}", read) == []
        [told] = read.get_json()["challenges"]
        assert (told["put"], len(told["statements"])) == ("型号QY-100是否仍在生产？", 1)
        assert "举报人的话" not in read.text
    assert rows_of(owned, ReportStatement) == 2
    with unit_of_work(owned.engine) as connection:
        connection.execute(update(Report).values(state="answered"))
    ended = firm.post(address, {"text": "太晚"})
    assert (ended.status_code, codes_of(ended)) == (409, {("report_ended", "")})


def test_who_may_ask_is_the_same_at_the_page_and_by_program(app: Flask, owned: Registry, number: str) -> None:
    """Role by role; and a token acts for its own organisation only, within its scope."""
    address = RecordAddress(CERTIFICATES, number)
    both = member(owned, FIRM)
    with unit_of_work(owned.engine) as connection:
        other = connection.execute(select(Record.id).where(Record.number == OTHER_FIRM)).scalar_one()
        values = {"record_id": other, "user_id": both.user_id, "role": "owner", "agent": False}
        connection.execute(insert(Membership).values(**values, since=clock.now()))
    cases: tuple[tuple[Actor, str, str, int, int, str], ...] = (
        (member(owned, FIRM, role="viewer"), "declare", "", 200, 403, "membership_role_too_low"),
        (member(owned, BODY), "declare", "", 200, 404, ""),  # it decides, and asks for nothing
        (member(owned, OTHER_FIRM), "declare", "", 403, 403, "record_of_others"),
        (member(owned, OTHER_BODY), "declare", "", 403, 403, "record_of_others"),
        (staff(owned, "registrar"), "decide", "", 403, 403, "token_does_not_file"),
        (member(owned, FIRM), "check", "", 200, 403, "token_only_checks"),
        (member(owned, FIRM), "see_desk", "", 403, 403, "token_does_not_file"),
        (both, "declare", OTHER_FIRM, 403, 403, "record_of_others"),  # a token of the other organisation
        (member(owned, FIRM, role="editor"), "declare", FIRM, 200, 201, ""),
    )
    for actor, scope, of, may_read, may_ask, code in cases:
        sent_by = program(app, owned, actor, scope, of)
        assert sent_by.get(f"{OWN}/{CERTIFICATES}/{number}").status_code == may_read, (actor, scope)
        answer = ask(sent_by, number)
        assert answer.status_code == may_ask, answer.text
        assert code in answer.text, answer.text
        if scope == "declare" and may_ask != 201 and not of:
            with pytest.raises((Forbidden, NotFound)) as refused:  # the page of the same account
                own_records.ask_for_decision(owned, actor, address, "suspended", text=TEXT)
            assert code in str(refused.value)
    assert rows_of(owned, DecisionRequest) == 1
    assert DeskProgram(app, "").get(OWN).status_code == 401
    assert ask(DeskProgram(app, ""), number).status_code == 401
    assert DeskProgram(app, "").open("GET", OWN).headers["WWW-Authenticate"].startswith("Bearer")


def test_what_is_wrong_with_a_request_is_told_by_field(app: Flask, owned: Registry, number: str) -> None:
    firm = program(app, owned, member(owned, FIRM))
    one = f"{OWN}/{CERTIFICATES}/{number}"
    for key in ("restored", "revoked", "nothing", ""):
        assert ask(firm, number, key).status_code == 404
    for body, status in (
        ({"transition": "suspended", "text": " "}, 422),
        ({"transition": "suspended", "text": "长" * 2001}, 422),
        ({"transition": "suspended"}, 422),
        ({"transition": "suspended", "text": TEXT, "more": 1}, 422),
        ({"transition": 1, "text": TEXT}, 422),
        ([], 400),
        (b"{", 400),
    ):
        assert firm.post(f"{one}/requests", body).status_code == status, body
    for address, status in (
        (f"{OWN}/nothing/1", 404),
        (f"{OWN}/{CERTIFICATES}/nothing", 404),
        (f"{OWN}?register=nothing", 404),
        (f"{OWN}?needing=2", 400),
        (f"{OWN}?next=zzz", 400),
        (f"{OWN}?limit=1000", 400),
        (f"{one}?sry=1", 400),
    ):
        assert firm.get(address).status_code == status, address
    assert firm.read(f"{OWN}?register=brands")["items"] == []
    assert rows_of(owned, DecisionRequest) == 0
