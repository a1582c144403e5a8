"""A sheet of decisions to learn with: prepared by a colleague, so that the registrar takes it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from itertools import islice

from sqlalchemy import select

from registry import clock
from registry.accounts.policy import SYSTEM, Actor
from registry.errors import Forbidden, Invalid
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services import deciding, decision_sheets, people
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionDraft
from registry.services.decision_sheets import DecisionUpload
from registry.store.unit_of_work import read_transaction

ROLE = "registrar"
ROWS = 3
LOOKED_AT = 12  # invented records of a register
NAME = "演示决定表格.csv"
EVIDENCE = "演示决定书〔2026〕1号（演示），存演示档案室 (demonstration)"
STATED = "演示 (demonstration)"


def make_sheet(registry: Registry, email: str) -> int | None:
    """Hand in a sheet as a colleague with this address does, and prepare it; returns it, None where no invented record takes a decision."""
    people.assign_account_role(registry, SYSTEM, email, ROLE, lang="zh")
    colleague = Actor(ROLE, people.find_account_by_email(registry, SYSTEM, email))
    for register in deciding.list_desk_registers(registry, colleague):
        slug = register.register.slug
        found = (_line(registry, colleague, slug, number) for number in _numbers(registry, slug))
        lines = list(islice(filter(None, found), ROWS))
        if lines and (sheet := _hand_in(registry, colleague, slug, lines)):
            return sheet
    return None


def _numbers(registry: Registry, slug: str) -> list[str]:
    """The latest invented records of a register."""
    latest = select(Record.slug).where(Record.register == slug, Record.demo).order_by(Record.id.desc())
    with read_transaction(registry.engine) as connection:
        return list(connection.execute(latest.limit(LOOKED_AT)).scalars())


def stated_for(slug: str, suggested: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what a decision states: what is suggested, the first of a list, today for a day, a word for a text."""
    schema = catalogue()[slug].schema
    for name, text in suggested.items():
        column = schema.find_column(name)
        field = column or schema.register_fields()[name]
        codes = getattr(field, "codes", None)
        if text:
            yield name, text
        elif codes is not None:
            yield name, next(iter(codes)).code
        elif field.kind == "date":
            yield name, clock.today().isoformat()
        elif field.kind == "text":
            yield name, STATED
        elif column is not None:  # the year of a row
            yield name, str(clock.today().year)


def _line(registry: Registry, actor: Actor, slug: str, number: str) -> dict[str, str]:
    """A decision that the account may prepare on a record and that the rules let through, as a row; nothing where there is none."""
    for form in deciding.list_decision_forms(registry, actor, slug, number, lang="zh"):
        assert form.record is not None
        stated = dict(stated_for(slug, {each.name: each.suggested for each in form.fields}))
        draft = DecisionDraft(slug, form.move.key, (form.record.number,), stated, EVIDENCE)
        try:
            if deciding.preview_decision(registry, actor, draft, "zh").possible:
                return {
                    "number": form.record.number,
                    decision_sheets.TRANSITION: form.move.key,
                    **stated,
                }
        except (Forbidden, Invalid):  # the rules want more than can be made up
            continue
    return {}


def _hand_in(registry: Registry, actor: Actor, slug: str, lines: list[dict[str, str]]) -> int | None:
    """Hand in rows, with one that names no record, and prepare what is possible."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for line in lines for name in line)), restval="")
    writer.writeheader()
    writer.writerows([*lines, {"number": "-"}])
    upload = DecisionUpload(slug, NAME, io.BytesIO(text.getvalue().encode("utf-8-sig")), evidence=EVIDENCE)
    sheet = decision_sheets.hand_in_decisions(registry, actor, upload)
    decision_sheets.read_sheets(registry)
    try:
        decision_sheets.prepare_sheet(registry, actor, sheet)
    except Invalid:  # the rules want more than can be made up
        decision_sheets.cancel_sheet(registry, actor, sheet)
        return None
    return sheet
