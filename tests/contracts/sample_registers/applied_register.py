"""Run in a process of its own, with PINZHENG_REGISTERS set: a second register in which holders apply, through every page."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import update

from portal.app import create_app
from registry.accounts.model import User
from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.operations import initialise, relay
from registry.store.unit_of_work import unit_of_work
from tests.contracts.sample_registers.filed_register import BASE, FIRM, answer, hidden
from tests.portal.people import Person
from tests.services.deciders import EVIDENCE as PAPERS
from tests.services.members import FIRM_NUMBER, sign_up_owner
from tests.services.people import ONE_PIXEL_PNG, PASSWORD, read_mails

APPLIED = f"{BASE}/honours"
WORKSHOP = {"title_zh": "青屿榫卯工坊", "craft": "不用一钉的榫卯。"}


def submit(person: Person, draft: str) -> str:
    check = person.text(f"{draft}/check")
    return str(person.send(f"{draft}/check", revision=hidden("revision", check), signer="王强").location)


def apply_by_form(person: Person) -> dict[str, Any]:
    """List of tasks, questions, evidence, check and the application."""
    draft = str(person.send(f"{APPLIED}/begin").location)
    seen = {"tasks": person.text(draft), "too early": person.text(f"{draft}/check")}
    answer(person, f"{draft}/workshop", WORKSHOP)
    file = (io.BytesIO(ONE_PIXEL_PNG), "plan.png")
    person.send(f"{draft}/evidence", kind="plan", file=file)
    return {**seen, "path": submit(person, draft)}


def staff(registry: Registry, app: Any, name: str) -> Person:
    person = Person(app)
    person.appointed(registry, f"{name}@example.com", "reviewer_province")
    return person


def step(person: Person, page: str, key: str, **typed: str) -> int:
    form = person.text(f"{page}/{key}")
    papers = dict.fromkeys(re.findall(r'<textarea[^>]* name="(paper-\d)"', form), PAPERS)
    sent = person.send(f"{page}/{key}", revision=hidden("revision", form), **papers, **typed)
    return sent.status_code


def main(folder: Path) -> dict[str, Any]:
    settings = Settings.from_environment()
    initialise(settings)
    registry = open_registry(settings)
    app = create_app(registry=registry)
    sheet = folder / "organisations.csv"
    sheet.write_text(FIRM.format(number=FIRM_NUMBER), encoding="utf-8")
    import_files(registry, REGISTRAR, "organisations", [sheet])
    mei = sign_up_owner(registry)
    person = Person(app)
    person.send("account/sign-in", email=mei.email, password=PASSWORD)
    seen: dict[str, Any] = {"home": person.text("workspace/home"), **apply_by_form(person)}
    one, two = (staff(registry, app, name) for name in ("one", "two"))
    with_region(registry)
    page = f"desk/applications/{seen['path'].rpartition('/')[2]}"
    visitor = Person(app)
    seen["desk"] = one.text("desk")
    seen["steps"] = [step(one, page, "sent_back", **{"reason-craft": "请写明木材"})]
    again = str(person.send(f"{seen['path']}/correct").location)
    seen["reason"] = person.text(f"{again}/workshop")
    answer(person, f"{again}/workshop", {**WORKSHOP, "craft": "红木，不用一钉的榫卯。"})
    seen["again"] = submit(person, again)
    seen["steps"].append(step(one, page, "visited"))
    relay.run_relay_once(registry)
    seen["before"] = visitor.text("/zh/honours") + visitor.text("/api/v1/registers/honours/records")
    stated = {"f-given_on": "2026-01-05", "f-legal_basis": "浙字〔2026〕1号"}
    seen["steps"].append(step(one, page, "named", **stated))
    pending = re.findall(r'name="step" value="(\d+)"', one.text(page))[0]
    seen["own"] = one.send(page, act="taken", step=pending).status_code
    seen["taken"] = two.send(page, act="taken", step=pending).status_code
    relay.run_relay_once(registry)
    seen["public"] = visitor.text("/zh/honours")
    seen["letters"] = [str(mail["Subject"]) for mail in read_mails(registry)]
    seen["not by sheet"] = person.open(f"{BASE}/sheets/template.csv?register=honours").status_code
    registry.search.close()
    return seen


def with_region(registry: Registry) -> None:
    """Bound the reviewers to the province of the firm."""
    with unit_of_work(registry.engine) as connection:
        reviewers = User.role == "reviewer_province"
        connection.execute(update(User).where(reviewers).values(region_code="330000"))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), default=str))
