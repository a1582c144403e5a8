"""The files of an application by program: sent as downloads, to those within whose bounds it lies, and each look is noted."""

from __future__ import annotations

import hashlib

from sqlalchemy import select

from portal.app import create_app
from registry.accounts.model import AuditEntry
from registry.services.bootstrap import Registry
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction
from tests.api.programs import program_of
from tests.services.applicants import apply_for, mei, monday
from tests.services.deciders import staff
from tests.services.members import firm

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
    sent = here.get(path)
    assert (sent.status_code, sent.mimetype) == (200, "application/octet-stream")
    assert sent.headers["Content-Disposition"].startswith("attachment")
    assert hashlib.sha256(sent.get_data()).hexdigest() == file["sha256"]
    assert elsewhere.get(path).status_code == 404
    assert here.get(f"applications/{application}/files/999999").status_code == 404
    with read_transaction(firm.engine) as connection:
        newest = select(AuditEntry.door, AuditEntry.subject).order_by(AuditEntry.id.desc()).limit(1)
        door, subject = connection.execute(newest).one()
    assert (door, str(application) in subject) == ("api", True)
