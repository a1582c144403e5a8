"""The files of applications and decisions by program: sent as downloads, to those within whose bounds they lie, and each look is noted."""

from __future__ import annotations

import hashlib
import io

from jsonschema import Draft202012Validator
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.app import create_app
from registry.accounts.model import AuditEntry
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionFileUpload
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction
from tests.api.programs import codes_of, program_of
from tests.api.test_applications_api import problems
from tests.services.applicants import apply_for, mei, monday
from tests.services.deciders import EVIDENCE, draft, set_status, staff
from tests.services.members import firm
from tests.services.people import ONE_PIXEL_PNG
from tests.services.test_notices import STATED

__all__ = ["firm", "mei", "monday"]
SHA256 = hashlib.sha256(ONE_PIXEL_PNG).hexdigest()


def test_a_file_is_sent_to_who_examines_it_and_the_look_is_noted(firm: Registry, mei: UserSession) -> None:
    application = apply_for(firm, mei)
    app = create_app(registry=firm)
    here, elsewhere = (
        program_of(app, firm, staff(firm, "reviewer_city", region=region), "see_desk")
        for region in ("330100", "320100")
    )
    kinds = here.read(f"applications/{application}")["files"]
    [file] = next(each for each in kinds if each["kind"] == "licence")["files"]
    path = f"applications/{application}/files/{file['id']}"
    assert here.get(path).get_json()["issues"][0]["code"] == "look_reason_wanted"
    assert here.get(f"{path}?reason=other&words=no").status_code == 422
    sent = here.get(f"{path}?reason=deciding")
    assert (sent.status_code, sent.mimetype) == (200, "application/octet-stream")
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert hashlib.sha256(sent.get_data()).hexdigest() == file["sha256"]
    assert elsewhere.get(f"{path}?reason=deciding").status_code == 404
    assert here.get(f"applications/{application}/files/999999").status_code == 404
    with read_transaction(firm.engine) as connection:
        newest = select(AuditEntry.door, AuditEntry.subject).order_by(AuditEntry.id.desc()).limit(1)
        door, subject = connection.execute(newest).one()
    assert (door, str(application) in subject) == ("api", True)


def test_the_files_of_a_decision_are_listed_and_sent(store: Registry) -> None:
    wang, lin = staff(store, "reviewer_national"), staff(store, "reviewer_national")
    number = set_status(store, "brands", "listed")
    grounds = {"removed_reason": "review_failed", "legal_basis": "演商字〔2026〕1号"}
    decision = deciding.prepare_decision(store, wang, draft("brands", "removed", number, stated=grounds))
    program = program_of(create_app(registry=store), store, lin)
    assert program.read(f"decisions/{decision}")["files"] == []
    deciding.add_decision_file(store, wang, decision, DecisionFileUpload("a.png", io.BytesIO(ONE_PIXEL_PNG)))
    [file] = program.read(f"decisions/{decision}")["files"]
    sha256 = hashlib.sha256(ONE_PIXEL_PNG).hexdigest()
    assert (file["name"], file["size"], file["sha256"]) == ("a.png", len(ONE_PIXEL_PNG), sha256)
    sent = program.get(f"decisions/{decision}/files/{file['id']}?reason=deciding")
    assert (sent.get_data(), sent.headers["Content-Disposition"][:10]) == (ONE_PIXEL_PNG, "attachment")
    assert program.get(f"decisions/{decision}/files/999999").status_code == 404
    with read_transaction(store.engine) as connection:
        looks = select(AuditEntry.door).where(AuditEntry.action == "decision_file_seen")
        assert connection.execute(looks).scalars().all() == ["api"]


def test_files_go_with_a_decision_by_program_as_in_the_browser(store: Registry) -> None:
    """Uploaded first, named by hash; by the person who prepared it and while it waits; never public."""
    app = create_app(registry=store)
    wang, lin = staff(store, "reviewer_national"), staff(store, "reviewer_national")
    one, two = program_of(app, store, wang), program_of(app, store, lin)
    described = app.test_client().get("/api/v1/openapi.json").get_json(force=True)
    number = set_status(store, "brands", "listed", index=1)
    grounds = {"removed_reason": "review_failed", "legal_basis": "演商字〔2026〕1号"}
    body = {
        "register": "brands",
        "transition": "removed",
        "numbers": [number],
        "stated": grounds,
        "evidence": EVIDENCE,
        "files": [SHA256.upper(), SHA256],
    }
    for path in ("decisions?dry_run=1", "decisions"):
        early = one.post(path, body)
        assert (early.status_code, codes_of(early)) == (422, {("file_not_uploaded", "files[1]")}), early.text
    assert one.post("/api/v1/files?name=bao.png", ONE_PIXEL_PNG).status_code == 201
    assert one.post("decisions?dry_run=1", body).status_code == 200
    made, again = (one.post("decisions", body, Idempotency_Key="d1") for _again in range(2))
    assert (made.status_code, again.get_json()) == (201, made.get_json()), made.text
    address = f"decisions/{made.get_json()['decision']}"
    [file] = two.read(address)["files"]
    assert (file["name"], file["sha256"]) == ("bao.png", SHA256)
    added = one.post(f"{address}/files", {"files": [SHA256]})  # it is there already
    assert (added.status_code, added.get_json()["files"]) == (201, [file])
    assert problems(described, "/desk/decisions/{decision}/files", added, "post") == []
    for hashes, code in (([], "required"), (["0" * 64], "file_not_uploaded")):
        refused = one.post(f"{address}/files", {"files": hashes})
        assert (refused.status_code, {each for each, _field in codes_of(refused)}) == (422, {code})
    many = one.post(f"{address}/files", {"files": [f"{each:064x}" for each in range(21)]})
    assert codes_of(many) == {("too_many_decision_files", "files")}
    assert two.post(f"{address}/files", {"files": [SHA256]}).status_code == 403  # another person's
    assert two.post(f"{address}/files/{file['id']}/remove").status_code == 403
    sees = program_of(app, store, staff(store, "auditor"), "see_desk")
    assert sees.post(f"{address}/files", {"files": [SHA256]}).status_code == 403
    assert one.post(f"{address}/files/999999/remove").status_code == 404
    assert one.post("decisions/999999/files", {"files": [SHA256]}).status_code == 404
    removed = one.post(f"{address}/files/{file['id']}/remove")
    assert (removed.status_code, removed.get_json()["files"]) == (200, [])
    assert problems(described, "/desk/decisions/{decision}/files/{file}/remove", removed, "post") == []
    assert len(one.post(f"{address}/files", {"files": [SHA256]}).get_json()["files"]) == 1
    assert two.post(f"{address}/take").status_code == 200
    late = one.post(f"{address}/files", {"files": [SHA256]})
    assert (late.status_code, codes_of(late)) == (409, {("decision_settled", "")})
    public = app.test_client().get(f"/api/v1/registers/brands/records/{number}").text
    assert SHA256 not in public


def test_a_notice_is_entered_by_two_programs_with_its_file(store: Registry) -> None:
    """The file is uploaded first and named by its hash; one program prepares, another publishes; the answers are as described."""
    app = create_app(registry=store)
    wang, lin = staff(store, "registrar"), staff(store, "registrar")
    one, two = program_of(app, store, wang), program_of(app, store, lin)
    described = app.test_client().get("/api/v1/openapi.json").get_json(force=True)

    def as_described(path: str, answer: TestResponse, method: str = "get") -> bool:
        (content,) = described["paths"][path][method]["responses"][str(answer.status_code)][
            "content"
        ].values()
        schema = {**content["schema"], "components": described["components"]}
        return not list(Draft202012Validator(schema).iter_errors(answer.get_json()))

    listed = one.get("entries")
    assert as_described("/desk/entries", listed)
    [form] = [each for each in listed.get_json()["registers"] if each["register"] == "notices"]
    assert {"notice_no", "legal_basis"} <= {each["name"] for each in form["transition"]["fields"]}
    stated = {**STATED, "notice_no": "演示部公告2026年第81号"}
    body = {"register": "notices", "stated": stated, "evidence": "签发稿", "sha256": SHA256}
    early = one.post("entries", body)
    assert (early.status_code, codes_of(early)) == (422, {("file_not_uploaded", "sha256")})
    assert one.post("/api/v1/files?name=gonggao.png", ONE_PIXEL_PNG).status_code == 201
    tried = one.post("entries?dry_run=1", body)
    assert (tried.status_code, tried.get_json()["would"], as_described("/desk/entries", tried, "post")) == (
        200, "prepare", True,
    )  # fmt: skip
    refused = one.post("entries", {**body, "stated": {"notice_no": "1", "nonsense": "x"}, "evidence": ""})
    assert {("evidence_wanted", "evidence"), ("required", "authority_zh")} <= codes_of(refused)
    made, again = (one.post("entries", body, Idempotency_Key="n1") for _again in range(2))
    assert (made.status_code, again.get_json()) == (201, made.get_json())
    assert again.headers["Idempotent-Replayed"] == "true"
    entry = made.get_json()["entry"]
    view = two.get(f"entries/{entry}")
    assert as_described("/desk/entries/{entry}", view)
    assert (view.get_json()["file"]["sha256"], view.get_json()["own"]) == (SHA256, False)
    assert two.get(f"entries/{entry}/file?reason=deciding").get_data() == ONE_PIXEL_PNG
    assert one.post(f"entries/{entry}/take").status_code == 403  # prepared by the same person
    sees = program_of(app, store, staff(store, "auditor"), "see_desk")
    assert sees.get(f"entries/{entry}").status_code == 200
    assert (sees.post(f"entries/{entry}/take").status_code, sees.post("entries", body).status_code) == (
        403,
        403,
    )
    assert sees.post("/api/v1/files?name=a.png", ONE_PIXEL_PNG).status_code == 403
    back = two.post(f"entries/{entry}/return", {"reply": "日期不对"})
    assert (back.status_code, back.get_json()["state"]) == (200, "returned")
    second = one.post("entries", body).get_json()["entry"]
    done = two.post(f"entries/{second}/take")
    assert as_described("/desk/entries/{entry}/take", done, "post")
    number = done.get_json()["number"]
    record = app.test_client().get(f"/api/v1/registers/notices/records/{number}").get_json()
    assert (record["document"]["notice_no"], record["document"]["files"][0]["sha256"]) == (
        stated["notice_no"], SHA256,
    )  # fmt: skip
    assert two.post(f"entries/{second}/take").status_code == 409
    county = program_of(app, store, staff(store, "body"))
    assert county.post("entries", body).status_code == 403
    third = one.post(
        "entries", {**body, "stated": {**stated, "notice_no": "演示部公告2026年第82号"}, "sha256": ""}
    )
    assert one.post(f"entries/{third.get_json()['entry']}/take-back").get_json()["state"] == "taken_back"
