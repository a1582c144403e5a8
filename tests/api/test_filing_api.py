"""Filing with a token: responses, refusals, idempotency, versions; the same rules as the form."""

from __future__ import annotations

import datetime as dt
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update
from werkzeug.test import TestResponse

from portal.app import create_app
from registry import clock
from registry.accounts.api_tokens import IdempotentResponse
from registry.accounts.membership import Membership
from registry.accounts.model import AuditEntry
from registry.accounts.policy import ANONYMOUS
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import applied_registers, catalogue
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from registry.services.people import memberships, sessions, tokens
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from registry.store.unit_of_work import read_transaction as read
from registry.store.unit_of_work import unit_of_work
from tests.services.filers import INDICATORS, INVALID_AMENDMENTS, OTHER_FIRM_NUMBER, OWN_STANDARD, firm
from tests.services.members import FIRM_NUMBER, SLUG, sign_up_owner
from tests.services.people import PASSWORD

__all__ = ["firm"]
RECORDS = "/api/v1/registers/declarations/records"
DOCUMENT: dict[str, Any] = {
    **OWN_STANDARD,
    "models": ["QY-10", "QY-20"],
    "indicators": [{**row, "value": float(row["value"])} for row in INDICATORS],
}


class Program:
    """A program with its token."""

    def __init__(self, app: Flask, key: str) -> None:
        self._client, self._key = app.test_client(), key

    def send(self, method: str, address: str, body: Any, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._key:
            given.setdefault("Authorization", f"Bearer {self._key}")
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self._client.open(
            address, method=method, data=data, headers=given, content_type="application/json"
        )

    def post(self, document: Any, address: str = RECORDS, **headers: str) -> TestResponse:
        return self.send("POST", address, {"document": document, "signer": "王强"}, **headers)

    def put(self, number: str, document: Any, **headers: str) -> TestResponse:
        return self.send("PUT", f"{RECORDS}/{number}", {"document": document, "signer": "王强"}, **headers)

    def get(self, number: str) -> TestResponse:
        return self._client.get(f"{RECORDS}/{number}")


@pytest.fixture
def app(firm: Registry) -> Flask:
    return create_app(registry=firm)


@pytest.fixture
def mei(firm: Registry) -> UserSession:
    return sign_up_owner(firm)


@pytest.fixture
def program(app: Flask, firm: Registry, mei: UserSession) -> Program:
    return Program(
        app, tokens.create_token(firm, mei.actor, PASSWORD, tokens.TokenRequest("ERP", "declare", 30, SLUG))
    )


def codes(response: TestResponse) -> set[tuple[str, str]]:
    return {(issue["code"], issue["field"]) for issue in response.get_json()["issues"]}


def count(registry: Registry, model: type) -> int:
    with read(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(model)).scalar_one())


def declarations(registry: Registry) -> int:
    with read(registry.engine) as connection:
        return int(
            connection.execute(select(func.count()).where(Record.register == "declarations")).scalar_one()
        )


def test_a_declaration_is_public_at_once(program: Program, firm: Registry) -> None:
    answer = program.post(DOCUMENT)
    assert answer.status_code == 201
    record = answer.get_json()
    assert answer.headers["Location"] == f"{RECORDS}/{record['number']}"
    assert (record["status"], record["version"], record["holder"]["number"]) == ("active", 1, FIRM_NUMBER)
    assert record["document"]["indicators"][0]["value"] == 0.04
    read_back = program.get(record["number"])
    assert read_back.get_json() == record
    assert read_back.headers["ETag"] == answer.headers["ETag"]
    assert answer.headers["Cache-Control"] == "no-store"


def test_amending_takes_the_version_that_was_read(program: Program, firm: Registry) -> None:
    number = program.post(DOCUMENT).get_json()["number"]
    tag = program.get(number).headers["ETag"]
    relay.run_relay_once(firm)  # sealing changes the answer and its tag, not what may be amended
    assert program.get(number).headers["ETag"] != tag
    better = {**DOCUMENT, "category": "0708"}
    assert program.put(number, better).status_code == 428
    for stale in ('"v2-0000"', '"nonsense"', f"W/{tag}", ""):
        assert program.put(number, better, If_Match=stale).status_code == 412
    done = program.put(number, better, If_Match=tag)
    assert (done.status_code, done.get_json()["version"]) == (200, 2)
    assert program.put(number, {**better, "category": "0701"}, If_Match=tag).status_code == 412
    assert program.put(number, {**better, "category": "0701"}, If_Match="*").status_code == 200
    whole = program.get(number).get_json()[
        "document"
    ]  # what is read may be sent back, filled-in fields and all
    again = program.put(number, whole, If_Match="*")
    assert (again.status_code, again.get_json()["version"]) == (200, 3)
    history = program._client.get(f"{RECORDS}/{number}").get_json()
    assert history["document"]["declared_on"] == clock.today().isoformat()


def test_a_declaration_is_withdrawn_with_its_reason(program: Program, firm: Registry) -> None:
    number = program.post(DOCUMENT).get_json()["number"]
    address, body = f"{RECORDS}/{number}", {"signer": "王强", "status": "withdrawn"}
    refused: list[tuple[dict[str, Any], tuple[str, str]]] = [
        ({}, ("reason_public", "status_reason")),
        ({"status_reason": " "}, ("reason_public", "status_reason")),
        ({"status_reason": "停" * 301}, ("too_long", "status_reason")),
        ({"status": "misfiled", "status_reason": "误"}, ("withdrawal_changes_facts", "status_reason")),
        ({"status": "ended", "status_reason": "误"}, ("status_not_filed", "status")),
        (
            {"status_reason": "停产", "document": {"category": "0704"}},
            ("withdrawal_changes_facts", "category"),
        ),
        ({"status_reason": "停产", "document": {"colour": "red"}}, ("unknown_field", "colour")),
        ({"status_reason": "停产", "amended_note": "改"}, ("amends_nothing", "amended_because")),
    ]
    for change, wanted in refused:
        answer = program.send("PUT", address, {**body, **change}, If_Match="*")
        assert (answer.status_code, wanted in codes(answer)) == (422, True), change
    new = program.send("POST", RECORDS, {**body, "document": DOCUMENT, "status_reason": "停产"})
    assert codes(new) == {("withdraws_nothing", "status")}
    good = {**body, "status_reason": "产品停产", "document": DOCUMENT}  # the facts may be sent as they are
    checked = program.send("PUT", f"{address}?dry_run=1", good, If_Match="*")
    assert (checked.get_json()["would"], program.get(number).get_json()["status"]) == ("withdraw", "active")
    assert program.send("PUT", address, good, If_Match='"v9-0"').status_code == 412
    basis = "《企业标准化促进办法》第十四条"
    done = program.send(
        "PUT", address, {**body, "status_reason": "产品停产", "legal_basis": basis}, If_Match="*"
    )
    assert done.status_code == 200
    record = done.get_json()
    assert (record["status"], record["version"]) == ("withdrawn", 2)
    assert record["document"]["status_reason"] == "产品停产"
    assert record["document"]["withdrawn_on"] == clock.today().isoformat()
    again = program.send("PUT", address, {**body, "status_reason": "产品停产"}, If_Match="*")
    assert (again.status_code, again.get_json()["version"]) == (200, 2)
    other = program.send("PUT", address, {**body, "status_reason": "另一原因"}, If_Match="*")
    assert codes(other) == {("not_open", "status")}
    with read(firm.engine) as connection:
        entry = connection.execute(select(Entry.reason, Entry.legal_basis).where(Entry.version == 2)).one()
    assert entry == ("withdrawn", basis)


def test_a_declaration_is_marked_as_filed_by_mistake_within_a_day(program: Program, firm: Registry) -> None:
    filed = clock.now()
    with clock.frozen_at(filed):
        early, late = (
            program.post({**DOCUMENT, "product_name_zh": name}).get_json()["number"] for name in ("早", "晚")
        )
    body = {"signer": "王强", "status": "misfiled"}
    with clock.frozen_at(filed + dt.timedelta(hours=24, microseconds=-1)):
        checked = program.send("PUT", f"{RECORDS}/{early}?dry_run=1", body, If_Match="*")
        assert (checked.get_json()["would"], program.get(early).get_json()["status"]) == ("retract", "active")
        fact = {**body, "document": {"product_name_zh": "另一"}}
        refused = program.send("PUT", f"{RECORDS}/{early}", fact, If_Match="*")
        assert codes(refused) == {("withdrawal_changes_facts", "product_name_zh")}
        done = program.send("PUT", f"{RECORDS}/{early}", body, If_Match="*").get_json()
        assert (done["status"], done["version"]) == ("misfiled", 2)
        again = program.send("PUT", f"{RECORDS}/{early}", body, If_Match="*")
        assert (again.status_code, again.get_json()["version"]) == (200, 2)
    with clock.frozen_at(filed + dt.timedelta(hours=24)):
        too_late = program.send("PUT", f"{RECORDS}/{late}", body, If_Match="*")
        assert (too_late.status_code, codes(too_late)) == (422, {("retraction_too_late", "status")})
        assert "24" in too_late.get_json()["issues"][0]["message"]
    with read(firm.engine) as connection:
        entry = connection.execute(select(Entry.reason, Entry.actor_role).where(Entry.version == 2)).one()
        acts = (
            connection.execute(select(AuditEntry.action).where(AuditEntry.subject == early)).scalars().all()
        )
    assert entry == ("misfiled", "enterprise")
    assert "misfiled" in acts


def test_an_amendment_may_say_why(program: Program, firm: Registry) -> None:
    number = program.post(DOCUMENT).get_json()["number"]
    address, body = f"{RECORDS}/{number}", {"signer": "王强", "document": {**DOCUMENT, "category": "0708"}}
    for reason, note, wanted in INVALID_AMENDMENTS:
        said = {**body, "amended_because": reason, "amended_note": note}
        refused = program.send("PUT", address, said, If_Match="*")
        assert (refused.status_code, codes(refused)) == (422, {wanted}), reason
    assert program.send("PUT", address, {**body, "amended_because": 1}, If_Match="*").status_code == 400
    said = {**body, "amended_because": "amended_otherwise", "amended_note": "换了分类"}
    new = program.send("POST", RECORDS, {**said, "document": {**DOCUMENT, "product_name_zh": "椅"}})
    assert codes(new) == {("amends_nothing", "amended_because")}
    done = program.send("PUT", address, said, If_Match="*")
    assert done.get_json()["document"]["change_note"] == "换了分类"
    again = program.send("PUT", address, said, If_Match="*")  # says nothing new
    assert (again.status_code, again.get_json()["version"]) == (200, 2)
    plain = program.put(number, DOCUMENT, If_Match="*").get_json()["document"]
    assert "change_note" not in plain  # a note belongs to its own amendment
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
    history = reading.get_history(firm, ANONYMOUS, pointer, "en").history
    assert [step.reason for step in history] == ["Facts amended", "Another reason", "Declared"]


def test_all_issues_are_returned_together_in_the_language_of_the_request(
    program: Program, firm: Registry
) -> None:
    wrong = {**DOCUMENT, "std_no": "", "colour": "red", "effective_from": "2026-02-31"}
    wrong["indicators"] = [{**INDICATORS[0], "value": "viel"}]
    refused = program.post(wrong, Accept_Language="zh")
    assert (refused.status_code, refused.mimetype) == (422, "application/problem+json")
    assert codes(refused) >= {
        ("required", "std_no"),
        ("unknown_field", "colour"),
        ("date_does_not_exist", "effective_from"),
        ("not_a_number", "indicators"),
    }
    words = {issue["code"]: issue["message"] for issue in refused.get_json()["issues"]}
    assert words["not_a_number"].startswith("第 1 行，")
    english = program.post(wrong, Accept_Language="en").get_json()
    assert "Row 1, Value: “viel” is not a number." in {issue["message"] for issue in english["issues"]}
    assert declarations(firm) == 0


def test_an_unknown_code_is_refused_with_the_possible_ones(program: Program) -> None:
    rows = [{**DOCUMENT["indicators"][0], "operator": "about"}]
    refused = program.post({**DOCUMENT, "production_mode": "magic", "indicators": rows})
    possible = {issue["field"]: issue.get("possible") for issue in refused.get_json()["issues"]}
    assert possible["production_mode"] == ["own", "commissioned", "import_agent"]
    assert ">=" in possible["indicators"]


STRANGE: dict[str, Any] = {
    "empty list": [], "empty object": {}, "yes": True, "a huge number": 10**18, "beyond floats": 1e308, "NUL": "\x00",
    "nested lists": [[[]]], "an object in a list": [{"a": 1}], "an object": {"a": {}}, "null in a list": [None],
    "negative": -1, "long": "长" * 10_000, "blank": "\u3000", "turned round": "\u202eabc",
}  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("case", STRANGE)
def test_no_value_breaks_it(program: Program, case: str) -> None:
    answer = program.post(dict.fromkeys(DOCUMENT, STRANGE[case]))
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_malformed_bodies_are_refused(program: Program) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"document": []}',
        b'{"document": {}, "signer": 7}',
        b"\xff",
        b"[" * 900_000,
    ):
        answer = program.send("POST", RECORDS, body)
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json"), body[:20]
    assert program.send("POST", RECORDS, b'"' + b"x" * 1_100_000 + b'"').status_code == 413


def test_filing_needs_a_token(app: Flask, firm: Registry, mei: UserSession) -> None:
    nobody = Program(app, "")
    answer = nobody.post(DOCUMENT)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Pinzheng"')
    for given in ("Bearer pz_wrong", "Basic abc", "Bearer", "pz_wrong"):
        answer = nobody.post(DOCUMENT, Authorization=given)
        assert answer.status_code == 401
        assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    client = app.test_client()
    with client.session_transaction() as session:
        session["key"] = sessions.sign_in(
            firm, sessions.SYSTEM, "mei@example.com", PASSWORD, user_agent="Firefox", network="192.0.2.9"
        )
    assert client.post(RECORDS, json={"document": DOCUMENT, "signer": "王强"}).status_code == 401
    assert declarations(firm) == 0


def test_a_token_does_what_its_scope_and_its_person_may(app: Flask, firm: Registry, mei: UserSession) -> None:
    checking = Program(
        app, tokens.create_token(firm, mei.actor, PASSWORD, tokens.TokenRequest("t", "check", 30))
    )
    answer = checking.post({**DOCUMENT, "org_uscc": FIRM_NUMBER})
    assert (answer.status_code, 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]) == (
        403,
        True,
    )
    dry = checking.post({**DOCUMENT, "org_uscc": FIRM_NUMBER}, f"{RECORDS}?dry_run=1")
    assert (dry.status_code, dry.get_json()["would"]) == (200, "create")
    personal = Program(
        app, tokens.create_token(firm, mei.actor, PASSWORD, tokens.TokenRequest("t", "declare", 30))
    )
    assert personal.post(DOCUMENT, f"{RECORDS}?dry_run=1").status_code == 200  # for their only organisation
    with unit_of_work(firm.engine) as connection:
        other = select(Record.id).where(Record.natural_key == OTHER_FIRM_NUMBER)
        memberships.add_member(
            connection, connection.execute(other).scalar_one(), mei.actor.user_id or 0, "viewer", agent=True
        )
    assert personal.post(DOCUMENT, f"{RECORDS}?dry_run=1").status_code == 200  # of the other they see only
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Membership).where(Membership.agent).values(role="editor"))
    assert codes(personal.post(DOCUMENT)) == {("required", "org_uscc")}
    with unit_of_work(firm.engine) as connection:
        connection.execute(delete(Membership).where(Membership.agent))
    assert personal.post({**DOCUMENT, "org_uscc": OTHER_FIRM_NUMBER}).status_code == 403
    assert personal.post({**DOCUMENT, "org_uscc": FIRM_NUMBER.lower()}).status_code == 201
    of_firm = Program(
        app, tokens.create_token(firm, mei.actor, PASSWORD, tokens.TokenRequest("t", "declare", 30, SLUG))
    )
    refused = of_firm.post({**DOCUMENT, "product_name_zh": "椅", "org_uscc": OTHER_FIRM_NUMBER})
    assert codes(refused) == {("other_organisation", "org_uscc")}
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Membership).values(role="viewer"))
    assert of_firm.post({**DOCUMENT, "product_name_zh": "椅"}).status_code == 403
    with unit_of_work(firm.engine) as connection:
        connection.execute(delete(Membership))
    assert of_firm.post({**DOCUMENT, "product_name_zh": "椅"}).status_code == 403
    assert declarations(firm) == 1


def test_records_of_other_organisations_are_not_found(
    program: Program, firm: Registry, mei: UserSession, app: Flask
) -> None:
    number = program.post(DOCUMENT).get_json()["number"]
    with unit_of_work(firm.engine) as connection:
        other = connection.execute(
            select(Record.id).where(Record.natural_key == OTHER_FIRM_NUMBER)
        ).scalar_one()
        connection.execute(update(Membership).values(record_id=other))
    theirs = Program(
        app,
        tokens.create_token(
            firm, mei.actor, PASSWORD, tokens.TokenRequest("t", "declare", 30, OTHER_FIRM_NUMBER)
        ),
    )
    for address in (number, "SD-2026-999999-9", "nothing"):
        assert theirs.put(address, DOCUMENT, If_Match="*").status_code == 404
    assert program._client.post("/api/v1/registers/nothing/records").status_code == 404
    brands = theirs.send("POST", "/api/v1/registers/brands/records", {"document": {}, "signer": "x"})
    assert brands.status_code == 403


def test_what_is_applied_for_is_not_filed_by_program(program: Program) -> None:
    """The authority decides first: neither a record nor a dry run nor another version, whatever the document says."""
    for definition in applied_registers():
        records = f"/api/v1/registers/{definition.slug}/records"
        expected = (
            403 if definition.slug in set(catalogue()) else 404
        )  # what is filed before a record is no register
        sample = {name: value for name, value in definition.samples[0].items() if name != "status"}
        for document in ({}, sample):
            body = {"document": document, "signer": "王强"}
            for address in (records, f"{records}?dry_run=1"):
                refused = program.send("POST", address, body)
                assert refused.status_code == expected
                if expected == 403:  # and told where it is applied for
                    assert f"{definition.slug}/applications" in refused.get_json()["detail"]
            changed = program.send("PUT", f"{records}/TB-2026-000001-1", body, If_Match="*")
            assert changed.status_code == expected


def test_a_dry_run_stores_nothing(program: Program, firm: Registry) -> None:
    recent = {**DOCUMENT, "effective_from": clock.today().isoformat()}
    told = program.post(recent, f"{RECORDS}?dry_run=1", Idempotency_Key="a").get_json()
    assert (told["would"], told["issues"], told["notices"]) == (
        "create",
        [],
        [],
    )  # its methods are not on record
    first, *others = DOCUMENT["indicators"]
    mistyped = {**recent, "indicators": [{**first, "method": "GB/T 17657-20222"}, *others]}
    told = program.post(mistyped, f"{RECORDS}?dry_run=1", Idempotency_Key="b").get_json()
    assert [(each["code"], each["params"]["value"]) for each in told["notices"]] == [
        ("method_form", "GB/T 17657-20222")
    ]
    english = program.post(mistyped, f"{RECORDS}?dry_run=1", Accept_Language="en").get_json()
    assert english["notices"][0]["message"].startswith("Row 1, “Formaldehyde emission”: ")
    assert program.post({**DOCUMENT, "models": []}, f"{RECORDS}?dry_run=1").status_code == 422
    assert program.post(DOCUMENT, f"{RECORDS}?dry_run=maybe").status_code == 400
    assert program.post(DOCUMENT, f"{RECORDS}?dryrun=1").status_code == 400
    assert (declarations(firm), count(firm, IdempotentResponse)) == (0, 0)
    number = program.post(DOCUMENT, Idempotency_Key="a").get_json()["number"]
    would = program.put(f"{number}?dry_run=1", {**DOCUMENT, "category": "0708"}, If_Match="*")
    assert would.get_json()["would"] == "amend"
    assert program.get(number).get_json()["version"] == 1


def test_the_same_request_twice_publishes_once(program: Program, firm: Registry) -> None:
    first = program.post(DOCUMENT, Idempotency_Key="order-1")
    again = program.post(DOCUMENT, Idempotency_Key="order-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.get_data() == again.get_data()
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    other = program.post({**DOCUMENT, "product_name_zh": "椅"}, Idempotency_Key="order-1")
    assert (other.status_code, codes(other)) == (422, {("idempotency_key_reused", "")})
    assert codes(program.post(DOCUMENT)) == {("filed_already", "product_name_zh")}
    for key in ("", "x" * 256, "钥匙".encode().decode("latin-1"), "a b"):
        assert program.post(DOCUMENT, Idempotency_Key=key).status_code == 400
    assert declarations(firm) == 1
    with clock.frozen_at(clock.now() + dt.timedelta(days=8)):
        sessions.purge_expired(firm)
    assert count(firm, IdempotentResponse) == 0


def test_what_was_refused_can_be_sent_again_under_its_key(program: Program) -> None:
    assert program.post({**DOCUMENT, "models": []}, Idempotency_Key="k").status_code == 422
    assert program.post(DOCUMENT, Idempotency_Key="k").status_code == 201


def test_two_concurrent_requests_publish_once(
    app: Flask, firm: Registry, mei: UserSession, program: Program
) -> None:
    key = tokens.create_token(firm, mei.actor, PASSWORD, tokens.TokenRequest("t", "declare", 30, SLUG))
    before = count(firm, Entry)
    together = threading.Barrier(4)

    def send() -> TestResponse:
        one = Program(app, key)
        together.wait(10)
        return one.post(DOCUMENT, Idempotency_Key="at-once")

    with ThreadPoolExecutor(4) as pool:
        answers = [each.result() for each in [pool.submit(send) for _ in range(4)]]
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.get_data() for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == 3
    assert count(firm, Entry) == before + 1


def test_too_many_requests_are_refused_with_retry_after(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "REQUESTS_PER_TOKEN", tokens.RateLimit("api", 1, dt.timedelta(minutes=1)))
    program.post(DOCUMENT)
    answer = program.post(DOCUMENT)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 60


def test_nothing_is_filed_without_a_signer(program: Program, firm: Registry) -> None:
    answer = program.send("POST", RECORDS, {"document": DOCUMENT})
    assert (answer.status_code, codes(answer)) == (422, {("required", "signer")})
    assert declarations(firm) == 0


@pytest.mark.once
@pytest.mark.parametrize("bad", ["\x00", "\x07", "\x7f", "\x9b", "\u202e", "\u2066"])
def test_control_characters_are_named_by_field(program: Program, firm: Registry, bad: str) -> None:
    models = ["A", f"B{bad}"]
    rows = [{**DOCUMENT["indicators"][0], "value": f"1{bad}"}]
    refused = program.post({**DOCUMENT, "models": models, "indicators": rows, f"x{bad}": 1})
    found = {issue["field"]: issue["code"] for issue in refused.get_json()["issues"]}
    assert refused.status_code == 422
    assert found == dict.fromkeys(("models[2]", "indicators[1].value", ""), "control_characters")
    body = {"document": DOCUMENT, "signer": f"王{bad}强"}
    answer = program.send("POST", RECORDS, json.dumps(body, ensure_ascii=bad == "\x7f").encode())
    assert [issue["field"] for issue in answer.get_json()["issues"]] == ["signer"]
    assert declarations(firm) == 0


def test_a_tab_and_a_line_end_are_no_control_characters(program: Program) -> None:
    body = json.dumps(
        {"document": {**DOCUMENT, "product_name_zh": "实木\t餐椅\n"}, "signer": "王强"}
    ).encode()
    assert program.send("POST", RECORDS, body).status_code in (200, 201)
