"""Applications by programs of their holders: handed in, read, returned, corrected, withdrawn; who may, and what is refused by field."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from portal.api import applications as door
from portal.app import create_app
from registry import clock
from registry.accounts.model import AuditEntry
from registry.accounts.policy import Actor
from registry.errors import BeingExamined
from registry.kit.application_case import Application, HolderReport
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services import applying
from registry.services.applying import evidence, submission
from registry.services.bootstrap import Registry
from registry.services.people import tokens
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import applicants, test_grade_applications
from tests.services.applicants import ANSWERS, BRAND, EVIDENCE, brands, mei, monday, people, step
from tests.services.deciders import staff
from tests.services.members import FIRM_NUMBER, SLUG, firm, sign_up_member, sign_up_owner
from tests.services.people import ONE_PIXEL_PNG, PASSWORD, read_mails, sign_up
from tests.services.test_bodies_acted_for import sign_up_body_owner
from tests.services.test_grades_filed import with_bodies

__all__ = ["firm", "mei", "monday", "people", "with_bodies"]
BRANDS = "/api/v1/registers/brands/applications"
HASH = hashlib.sha256(ONE_PIXEL_PNG).hexdigest()
DOCUMENT: dict[str, Any] = {
    **{name: value for name, value in ANSWERS.items() if name not in ("products", "founded_year")},
    "products": ["红木家具", "竹器"],
    "founded_year": 1903,
}
FILES = [{"kind": kind, "sha256": HASH, "public": kind == "licence"} for kind in EVIDENCE]


class Holder:
    """A program with a token that files."""

    def __init__(self, app: Flask, key: str) -> None:
        self._client, self._key = app.test_client(), key

    def send(self, method: str, address: str, body: Any = None, **headers: str) -> TestResponse:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self._key:
            given.setdefault("Authorization", f"Bearer {self._key}")
        data = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else b""
        return self._client.open(address, method=method, data=data, headers=given)

    def upload(self, content: bytes = ONE_PIXEL_PNG, name: str = "licence.png") -> TestResponse:
        return self.send("POST", f"/api/v1/files?name={name}", content)

    def apply(self, address: str = BRANDS, /, document: Any = DOCUMENT, **more: Any) -> TestResponse:
        headers = {name: more.pop(name) for name in list(more) if name[0].isupper()}
        body = {"document": document, "signer": "王强", "files": FILES, **more}
        return self.send("POST", address, body, **headers)

    def read(self, address: str) -> Any:
        answer = self.send("GET", address)
        assert answer.status_code == 200, answer.text
        return answer.get_json()


def holder(app: Flask, registry: Registry, user: UserSession, *, scope: str = "declare") -> Holder:
    request = tokens.TokenRequest("erp", scope, 30, SLUG)
    return Holder(app, tokens.create_token(registry, user.actor, PASSWORD, request))


def told(answer: TestResponse) -> set[tuple[str, str]]:
    return {(issue["code"], issue["field"]) for issue in answer.get_json()["issues"]}


def count(registry: Registry, model: type) -> int:
    with read_transaction(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(model)).scalar_one())


@pytest.fixture
def app(firm: Registry) -> Flask:
    return create_app(registry=firm)


@pytest.fixture
def program(app: Flask, firm: Registry, mei: UserSession) -> Holder:
    """The program of the owner, which has uploaded a file."""
    found = holder(app, firm, mei)
    assert found.upload().status_code == 201
    return found


@pytest.fixture
def described(app: Flask) -> dict[str, Any]:
    document: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json(force=True)
    return document


def problems(described: dict[str, Any], path: str, answer: TestResponse, method: str = "get") -> list[str]:
    """Where an answer is not as the description of the API says."""
    (content,) = described["paths"][path][method]["responses"][str(answer.status_code)]["content"].values()
    schema = {**content["schema"], "components": described["components"]}
    return [
        each.message[:200] for each in Draft202012Validator(schema).iter_errors(answer.get_json(force=True))
    ]


def test_from_the_upload_to_the_public_notice(
    app: Flask, firm: Registry, program: Holder, people: dict[str, Actor], described: dict[str, Any]
) -> None:
    """Each answer is as described; the record says what was handed in, and only the file that was to be public."""
    uploaded = program.upload()
    assert uploaded.get_json() == {
        "sha256": HASH, "size": len(ONE_PIXEL_PNG), "kind": "png", "name": "licence.png", "examined": True,
    }  # fmt: skip
    assert problems(described, "/files", uploaded, "post") == []
    made = program.apply()
    assert (made.status_code, made.get_json()["status"]) == (201, "submitted"), made.text
    assert problems(described, "/registers/{register}/applications", made, "post") == []
    address = made.headers["Location"]
    application = made.get_json()["application"]
    assert address == f"{BRANDS}/{application}"
    listed = program.send("GET", BRANDS)
    assert problems(described, "/registers/{register}/applications", listed) == []
    assert [each["id"] for each in listed.get_json()["items"]] == [application]
    one = program.send("GET", address)
    assert problems(described, "/registers/{register}/applications/{application}", one) == []
    view = one.get_json()
    assert view["document"]["products"] == ["红木家具", "竹器"]
    assert (view["document"]["scheme"], view["document"]["founded_year"]) == ("national", "1903")
    assert (view["correctable"], view["withdrawable"], view["record"]) == (False, True, None)
    assert {"zh", "en"} == set(view["waits_for"][0])
    kinds = {each["kind"]: each for each in view["files"]}
    assert [file["sha256"] for file in kinds["licence"]["files"]] == [HASH]
    sent = program.send("GET", f"{address}/files/{kinds['licence']['files'][0]['id']}")
    assert (sent.get_data(), sent.headers["Content-Disposition"][:10]) == (ONE_PIXEL_PNG, "attachment")
    assert brands(firm) == []
    applicants.propose(firm, people, application)
    view = program.read(address)
    assert (view["over"], view["withdrawable"], view["waits_for"]) == (True, False, [])
    record = app.test_client().get(view["record"]).get_json()
    assert (record["status"], record["title"]["zh"], record["holder"]["number"]) == (
        "publicity",
        BRAND,
        FIRM_NUMBER,
    )
    assert record["document"]["products"] == ["红木家具", "竹器"]
    assert [(each["kind"], each["sha256"]) for each in record["document"]["published_evidence"]] == [
        ("licence", HASH)
    ]
    with read_transaction(firm.engine) as connection:
        audit = select(AuditEntry.door).where(AuditEntry.action == "application_submitted")
        assert connection.execute(audit).scalars().all() == ["api"]
    assert any(
        "received" in str(mail["Subject"]) or "收到" in str(mail["Subject"]) for mail in read_mails(firm)
    )


def test_form_and_program_make_the_same_application(
    firm: Registry, mei: UserSession, program: Holder
) -> None:
    """What the desk reads does not tell through which door it came."""
    by_form = applicants.apply_for(firm, mei)
    first = applying.get_own_application(firm, mei.actor, SLUG, by_form, lang="zh")
    applying.withdraw_application(firm, mei.actor, SLUG, by_form)
    document = {**DOCUMENT, "products": ["红木家具"]}
    made = program.apply(BRANDS, document)
    assert made.status_code == 201, made.text
    second = applying.get_own_application(firm, mei.actor, SLUG, made.get_json()["application"], lang="zh")
    same = {**first.typed, "scheme": "national"}  # the code of the word that was chosen in the form
    assert {name: str(value) for name, value in second.typed.items()} == {
        name: str(value) for name, value in same.items()
    }
    files = [
        [(kind.code, file.sha256, file.public) for kind in view.evidence for file in kind.files]
        for view in (first, second)
    ]
    assert files[0] == files[1]
    assert (first.signer, first.line.title) == (second.signer, second.line.title)


def test_what_stands_against_it_is_told_by_field_and_nothing_is_kept(firm: Registry, program: Holder) -> None:
    wrong: dict[str, Any] = {**DOCUMENT, "founded_year": "old", "nonsense": 1, "holder_name_zh": "别的公司"}
    del wrong["category"]
    files = [
        {"kind": "licence", "sha256": HASH},
        {"kind": "letter", "sha256": HASH},
        {"kind": "figures", "sha256": "0" * 64},
    ]
    for query in ("", "?dry_run=1"):
        refused = program.apply(f"{BRANDS}{query}", wrong, files=files, signer="")
        assert refused.status_code == 422, refused.text
        assert {
            ("unknown_field", "nonsense"),
            ("filled_in", "holder_name_zh"),
            ("required", "category"),
            ("unknown_value", "files[2].kind"),
            ("file_not_uploaded", "files[3].sha256"),
            ("evidence_missing", "evidence.trademark"),
            ("evidence_missing", "evidence.founding"),
            ("required", "signer"),
        } <= told(refused), refused.text
        assert any(field == "founded_year" for _code, field in told(refused))
        assert all(issue["message"] for issue in refused.get_json()["issues"])
    for body, status in (
        ({"document": []}, 422),
        ({"files": FILES}, 400),
        ({"document": {}, "more": 1}, 422),
        ({"document": {}, "files": [{"kind": 1}]}, 422),
        ({"document": {}, "files": [{"kind": "licence", "path": "/etc"}]}, 422),
        ([], 400),
    ):
        assert program.send("POST", BRANDS, body).status_code == status, body
    assert program.send("POST", BRANDS, b"{").status_code == 400
    assert program.send("POST", f"{BRANDS}?sry_run=1", {"document": {}}).status_code == 400
    assert count(firm, Application) == 0


def test_an_item_that_a_form_would_divide_is_refused(program: Holder) -> None:
    refused = program.apply(BRANDS, {**DOCUMENT, "products": ["红木、竹器", "漆器"]})
    assert (refused.status_code, told(refused)) == (422, {("separator_in_item", "products")})


def test_a_dry_run_keeps_nothing_and_needs_no_right_to_publish(
    app: Flask, firm: Registry, mei: UserSession, program: Holder
) -> None:
    checks = holder(app, firm, mei, scope="check")
    tried = checks.apply(f"{BRANDS}?dry_run=1")
    assert (tried.status_code, tried.get_json()["would"]) == (200, "apply"), tried.text
    assert count(firm, Application) == 0
    refused = checks.apply()
    assert (refused.status_code, refused.get_json()["code"]) == (403, "forbidden")
    assert 'scope="declare"' in refused.headers["WWW-Authenticate"]
    assert checks.upload().status_code == 403


def test_the_same_request_again_hands_in_once(firm: Registry, program: Holder) -> None:
    one, two = (program.apply(Idempotency_Key="erp-1") for _again in range(2))
    assert (one.status_code, two.status_code, one.get_json()) == (201, 201, two.get_json())
    assert two.headers["Idempotent-Replayed"] == "true"
    assert (
        program.apply(BRANDS, {**DOCUMENT, "brand_name_zh": "另一"}, Idempotency_Key="erp-1").status_code
        == 422
    )
    assert count(firm, Application) == 1
    again = program.apply()
    assert (again.status_code, told(again)) == (422, {("application_open", "")})


def test_returned_corrected_and_moved_on(
    firm: Registry, program: Holder, mei: UserSession, people: dict[str, Actor], described: dict[str, Any]
) -> None:
    made = program.apply().get_json()
    application, address = made["application"], f"{BRANDS}/{made['application']}"
    early = program.send("PUT", address, {"signer": "王强", "document": DOCUMENT}, If_Match="*")
    assert (early.status_code, told(early)) == (409, {("application_not_open", "")})
    reasons = {"story_zh": "太短", "evidence.licence": "看不清"}
    step(firm, people["city"], application, "returned", opinion="请补正", reasons=reasons)
    one = program.send("GET", address)
    view = one.get_json()
    assert (view["status"]["code"], view["correctable"], view["opinion"], view["to_correct"]) == (
        "returned", True, "请补正", reasons,
    )  # fmt: skip
    assert view["waits_for"] == []
    assert all("prepared_by" not in each for each in view["steps"])
    longer = {**view["document"], "story_zh": "金丝雀故事。又一段。"}
    assert program.send("PUT", address, {"signer": "王强"}).status_code == 428
    stale = program.send("PUT", address, {"signer": "王强", "document": longer}, If_Match='"r1-abc"')
    assert stale.status_code == 412
    etag = one.headers["ETag"]
    tried = program.send("PUT", f"{address}?dry_run=1", {"signer": "王强", "document": longer}, If_Match=etag)
    assert (tried.status_code, tried.get_json()["would"]) == (200, "correct")
    done = program.send(
        "PUT", address, {"signer": "李娜", "document": longer}, If_Match=etag, Idempotency_Key="c1"
    )
    assert (done.status_code, done.get_json()["status"]) == (200, "submitted"), done.text
    assert problems(described, "/registers/{register}/applications/{application}", done, "put") == []
    replayed = program.send(
        "PUT", address, {"signer": "李娜", "document": longer}, If_Match=etag, Idempotency_Key="c1"
    )
    assert (replayed.status_code, replayed.get_json()) == (200, done.get_json())
    view = program.read(address)
    assert (view["document"]["story_zh"], view["signer"]) == ("金丝雀故事。又一段。", "李娜")
    assert sum(len(kind["files"]) for kind in view["files"]) == len(EVIDENCE)  # left out: as they were
    desk = applying.get_application(firm, people["city"], application, lang="zh")
    assert desk.before["story_zh"] == "金丝雀故事。"
    step(firm, people["city"], application, "returned", reasons={"evidence.licence": "仍看不清"})
    files = [*FILES[1:], {"kind": "licence", "sha256": HASH, "public": False}]
    done = program.send("PUT", address, {"signer": "李娜", "files": files}, If_Match="*")
    assert done.status_code == 200, done.text
    view = program.read(address)
    assert view["document"]["story_zh"] == "金丝雀故事。又一段。"
    assert not any(file["public"] for kind in view["files"] for file in kind["files"])


def test_a_correction_begun_in_the_browser_is_not_overtaken(
    firm: Registry, program: Holder, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = program.apply().get_json()["application"]
    step(firm, people["city"], application, "returned", reasons={"story_zh": "太短"})
    draft = applying.open_correction(firm, mei.actor, SLUG, application)
    body = {"signer": "王强", "document": DOCUMENT}
    refused = program.send("PUT", f"{BRANDS}/{application}", body, If_Match="*")
    assert (refused.status_code, told(refused)) == (409, {("correction_begun", "")})
    assert applicants.submit(firm, mei, draft) == application


def test_withdrawn_before_anything_is_public(
    firm: Registry, program: Holder, people: dict[str, Actor]
) -> None:
    made = program.apply().get_json()
    address = f"{BRANDS}/{made['application']}"
    done = program.send("POST", f"{address}/withdraw", Idempotency_Key="w1")
    assert (done.status_code, done.get_json()["status"]) == (200, "withdrawn"), done.text
    assert program.send("POST", f"{address}/withdraw", Idempotency_Key="w1").status_code == 200
    again = program.send("POST", f"{address}/withdraw")
    assert (again.status_code, told(again)) == (409, {("application_not_open", "")})
    view = program.read(address)
    assert (view["over"], view["withdrawable"], view["appeal"]) == (True, False, None)
    second = program.apply().get_json()["application"]  # it may be applied for again
    applicants.propose(firm, people, second)
    late = program.send("POST", f"{BRANDS}/{second}/withdraw")
    assert late.status_code == 409
    assert [status for _number, status in brands(firm)] == ["publicity"]


def test_whose_applications_a_token_sees(
    app: Flask, firm: Registry, mei: UserSession, program: Holder
) -> None:
    made = program.apply().get_json()
    address = f"{BRANDS}/{made['application']}"
    file = program.read(address)["files"][0]["files"]
    wei = sign_up(firm, "wei@example.com")
    strangers = Holder(
        app, tokens.create_token(firm, wei.actor, PASSWORD, tokens.TokenRequest("other", "declare", 30))
    )
    viewer = sign_up_member(firm, mei, "lin@example.com", "viewer")
    sees = Holder(
        app, tokens.create_token(firm, viewer.actor, PASSWORD, tokens.TokenRequest("reads", "declare", 30))
    )
    assert strangers.read(BRANDS)["items"] == []
    assert strangers.send("GET", address).status_code == 404
    assert strangers.send("GET", f"{address}/files/{file[0]['id'] if file else 1}").status_code == 404
    assert strangers.send("PUT", address, {"signer": "x"}, If_Match="*").status_code == 404
    assert strangers.send("POST", f"{address}/withdraw").status_code == 404
    named = strangers.apply(BRANDS, {**DOCUMENT, "holder_uscc": FIRM_NUMBER})
    assert named.status_code == 403
    assert (sees.send("GET", address).status_code, sees.read(address)["withdrawable"]) == (200, False)
    assert sees.send("POST", f"{address}/withdraw").status_code == 403
    assert sees.apply(BRANDS, {**DOCUMENT, "holder_uscc": FIRM_NUMBER}).status_code == 403
    for method, path in (
        ("GET", BRANDS), ("POST", BRANDS), ("GET", address), ("PUT", address), ("POST", f"{address}/withdraw"),
        ("POST", "/api/v1/files?name=a.png"), ("GET", "/api/v1/files/1-0"),
    ):  # fmt: skip
        answer = Holder(app, "").send(method, path, {})
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
    assert (
        program.send("GET", f"/api/v1/registers/grades/applications/{made['application']}").status_code == 404
    )
    for slug, code in (("declarations", "nothing_applied_for"), ("nothing", "register_unknown")):
        answer = program.send("GET", f"/api/v1/registers/{slug}/applications")
        assert (answer.status_code, answer.get_json()["code"]) == (404, code)


def test_a_file_is_named_by_who_uploaded_it_and_a_proof_of_a_claim_by_nobody(
    app: Flask, firm: Registry, mei: UserSession, program: Holder
) -> None:
    """`mei` has handed in the same bytes as a proof of her claim; only an upload of her own counts."""
    colleague = sign_up_member(firm, mei, "lin@example.com", "editor")
    other = holder(app, firm, colleague)
    refused = other.apply()
    assert {code for code, _field in told(refused)} >= {"file_not_uploaded"}
    assert other.upload().status_code == 201
    assert other.apply().status_code == 201
    wang = sign_up_owner(firm, "wang@example.com")  # has uploaded the bytes as a proof only
    assert ("file_not_uploaded", "files[1].sha256") in told(holder(app, firm, wang).apply())


def test_what_is_uploaded_is_examined_and_bounded(program: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (
        told(program.upload(b"hello", "a.pdf")) == {("file_kind", "file")}
        or program.upload(b"hello", "a.pdf").status_code == 422
    )
    assert program.send("POST", "/api/v1/files", ONE_PIXEL_PNG).status_code == 422
    monkeypatch.setattr(door, "MAX_FILE_BODY", 10)
    assert program.upload().status_code == 413

    def busy(*_given: Any, **_named: Any) -> Any:
        raise BeingExamined("7-" + "0" * 32, "licence.png")

    monkeypatch.setattr(door, "MAX_FILE_BODY", 1_000_000)
    monkeypatch.setattr(door.people, "upload_attachment", busy)
    taken = program.upload()
    assert (taken.status_code, taken.get_json()["examined"], taken.headers["Location"]) == (
        202, False, "/api/v1/files/7-" + "0" * 32,
    )  # fmt: skip
    lost = program.send("GET", taken.headers["Location"])
    assert (lost.status_code, told(lost)) == (422, {("file_lost", "file")})


def test_bounds_of_files_and_applications(program: Holder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "MAX_FILES", len(FILES) - 1)
    assert told(program.apply()) == {("too_much_evidence", "files")}
    monkeypatch.setattr(evidence, "MAX_FILES", len(FILES))
    monkeypatch.setattr(submission, "MAX_OPEN", 1)
    assert program.apply().status_code == 201
    more = program.apply(BRANDS, {**DOCUMENT, "brand_name_zh": "另一坊"})
    assert ("too_many_applications", "") in told(more)


def test_the_list_goes_on_behind_a_line(firm: Registry, program: Holder) -> None:
    made = [
        program.apply(BRANDS, {**DOCUMENT, "brand_name_zh": f"青屿坊{sign}"}).get_json()["application"]
        for sign in "甲乙丙"
    ]
    seen, address = [], f"{BRANDS}?limit=2"
    while address:
        page = program.send("GET", address)
        seen += [each["id"] for each in page.get_json()["items"]]
        following = page.get_json()["next"]
        address = f"{BRANDS}?limit=2&next={following}" if following else ""
        assert bool(following) == ("Link" in page.headers)
    assert seen == made[::-1]
    assert program.send("GET", f"{BRANDS}?next=b25l").status_code == 400


def test_a_year_is_reported_by_program(
    app: Flask, firm: Registry, program: Holder, people: dict[str, Actor]
) -> None:
    application = program.apply().get_json()["application"]
    applicants.propose(firm, people, application)
    [(number, _status)] = brands(firm)
    address = "/api/v1/registers/brands/reports"
    filing = catalogue()["brands"].filing
    assert filing is not None
    assert filing.reports is not None
    codes = [code.code for code in filing.reports.figures]
    figures = dict.fromkeys(codes, 12.5)
    year = clock.today().year - 1
    assert (
        program.send("POST", address, {"number": number, "year": year, "figures": figures}).status_code == 409
    )  # not recognised yet
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Record).where(Record.number == number).values(status="listed"))
    refused = program.send(
        "POST", address, {"number": number, "year": year + 1, "figures": {codes[0]: "many"}}
    )
    assert {("year_not_to_report", "year"), ("figure_unreadable", codes[0])} <= told(refused)
    done = program.send(
        "POST", address, {"number": number, "year": year, "figures": figures}, Idempotency_Key="y"
    )
    assert (done.status_code, done.get_json()) == (
        201,
        {"register": "brands", "number": number, "year": year},
    )
    again = program.send(
        "POST", address, {"number": number, "year": year, "figures": figures}, Idempotency_Key="y"
    )
    assert (again.status_code, count(firm, HolderReport)) == (201, 1)
    public = app.test_client().get(f"/api/v1/registers/brands/records/{number}").text
    assert "12.5" not in public
    assert program.send("POST", address, {"number": "TB-2026-99999-9", "year": year}).status_code == 404


def test_a_grade_is_applied_for_while_the_body_files_at_the_same_register(
    with_bodies: Registry,
) -> None:
    """The address is that of the register; a body's token files records there, and hands in no applications."""
    app = create_app(registry=with_bodies)
    mei = sign_up_owner(with_bodies)
    body = sign_up_body_owner(with_bodies, "body@example.com")
    program = holder(app, with_bodies, mei)
    program.upload()
    grades = "/api/v1/registers/grades/applications"
    document = {**test_grade_applications.ANSWERS, "models": ["QY-350"], "qualified": True}
    files = [{"kind": "report", "sha256": HASH}]
    better = program.apply(grades, {**document, "grade_claimed": "AAAAA"}, files=files)
    assert ("marked_higher", "grade_claimed") in told(better)
    made = program.apply(grades, document, files=files)
    assert made.status_code == 201, made.text
    application = made.get_json()["application"]
    view = program.read(f"{grades}/{application}")
    assert (view["register"], view["document"]["qualified"]) == ("grades", "true")
    assert test_grade_applications.confirm(with_bodies, body, application) == "taken"
    publisher = staff(with_bodies, "publisher")
    assert [line.id for line in applying.list_applications(with_bodies, publisher)] == [application]
    of_body = Holder(
        app, tokens.create_token(with_bodies, body, PASSWORD, tokens.TokenRequest("body", "declare", 30))
    )
    assert of_body.read(grades)["items"] == []
    assert of_body.apply(grades, document, files=files).status_code in (403, 422)
    assert of_body.send("GET", f"{grades}/{application}").status_code == 404
