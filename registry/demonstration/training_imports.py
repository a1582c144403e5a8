"""An import to learn at: a sheet that a colleague has prepared and checked, for the registrar to look at and run."""

from __future__ import annotations

import csv
import io
import json

from sqlalchemy import select

from registry.accounts.policy import SYSTEM, Actor
from registry.kit.record import Record
from registry.kit.schema import ORIGIN_FIELDS
from registry.ledger.model import Item
from registry.registers import organisation_register
from registry.services import importing, people
from registry.services.bootstrap import Registry
from registry.services.importing import ImportUpload, Reading
from registry.store.unit_of_work import read_transaction

ROLE = "registrar"
ROWS = 3  # of the sheet
TURNS = 5  # of the work: opening, the rows, their end, and some to spare
NAME = "演示更正表.csv"
SOURCE = "演示公告〔2026〕1号 (demonstration)"
CORRECTED = "（演示更正）"


def make_import(registry: Registry, email: str) -> int | None:
    """Hand in a sheet as a colleague with this address does, and check it; returns its import, None where there is no invented record."""
    sheet = _sheet(registry)
    if not sheet:
        return None
    people.assign_account_role(registry, SYSTEM, email, ROLE, lang="zh")
    colleague = Actor(ROLE, people.find_account_by_email(registry, SYSTEM, email))
    upload = ImportUpload(organisation_register().slug, NAME, io.BytesIO(sheet), SOURCE)
    job = importing.hand_in_import(registry, colleague, upload)
    work = importing.ImportWork(registry)
    try:
        work.turn()
        importing.check_import(registry, colleague, job, Reading({}))
        for _turn in range(TURNS):
            work.turn()
    finally:
        work.end()
    return job


def _sheet(registry: Registry) -> bytes:
    """A sheet that changes a text of some invented records, and has one row that names no record; b"" where there are none."""
    definition = organisation_register()
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(Record.number, Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(Record.register == definition.slug, Record.demo)
            .order_by(Record.number)
            .limit(ROWS)
        ).all()
    documents = {row.number: json.loads(row.document) for row in rows}
    fixed = {*definition.key.fields, *ORIGIN_FIELDS}
    texts = [
        name
        for name, field in definition.schema.register_fields().items()
        if field.kind == "text"
        and name not in fixed
        and documents
        and all(isinstance(document.get(name), str) for document in documents.values())
    ]
    if not texts:
        return b""
    written = io.StringIO()
    writer = csv.writer(written)
    writer.writerow(["number", texts[-1]])
    writer.writerows((number, f"{document[texts[-1]]}{CORRECTED}") for number, document in documents.items())
    writer.writerow(["-", CORRECTED])
    return written.getvalue().encode("utf-8-sig")
