"""The files of applications and decisions by program: sent as downloads, to those within whose bounds they lie, and each look is noted."""

from __future__ import annotations

import hashlib
import io

from sqlalchemy import select

from portal.app import create_app
from registry.accounts.model import AuditEntry
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionFileUpload
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction
from tests.api.programs import program_of
from tests.services.applicants import apply_for, mei, monday
from tests.services.deciders import draft, set_status, staff
from tests.services.members import firm
from tests.services.people import ONE_PIXEL_PNG

__all__ = ["firm", "mei", "monday"]


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
