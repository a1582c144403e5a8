"""Run in a process of its own, with PINZHENG_REGISTERS set: a second filed register through every door."""

from __future__ import annotations

import io
import json
import re
import sys
import time
from pathlib import Path
from typing import Any

from portal.app import create_app
from registry.accounts.policy import REGISTRAR, Actor
from registry.config import Settings
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.filing.by_sheet import sheet_jobs
from registry.services.operations import initialise, relay
from registry.services.people import tokens
from registry.services.people.tokens import TokenRequest
from tests.portal.people import Person
from tests.services.members import FIRM_NUMBER, SLUG, sign_up_owner
from tests.services.people import PASSWORD, read_mails

BASE = f"workspace/organisations/{SLUG}"
FILED = f"{BASE}/commitments"
FIRM = "uscc,name_zh,name_en,region_code\n{number},杭州青屿家具有限公司（演示）,Hangzhou Qingyu,330100\n"
PROMISE = {"title_zh": "七天无理由退货", "text": "售出七天内可以退货。", "scope": "services"}
PERIOD = {"valid_until": "2099-12-31", "post": "总经理"}
SHEET = """title_zh,text,scope,valid_until,post
三年保修,三年内免费维修。,goods,2099-12-31,总经理
坏的,,goods,soon,
"""
DOCUMENT = {"title_zh": "以旧换新", "text": "旧家具免费回收。", "scope": "services", **PERIOD}


def hidden(name: str, page: str) -> str:
    """The value of a hidden field of a page."""
    return re.findall(rf'name="{name}" value="(\d+)"', page)[0]


def answer(person: Person, page: str, answers: dict[str, str]) -> None:
    """Answer one page of questions."""
    person.send(page, revision=hidden("revision", person.text(page)), go="next", **answers)


def file_by_form(person: Person) -> dict[str, Any]:
    """List of tasks, questions, check and receipt."""
    draft = str(person.send(f"{FILED}/begin").location)
    seen = {"tasks": person.text(draft), "too early": person.text(f"{draft}/check")}
    for step, answers in (("promise", PROMISE), ("period", PERIOD)):
        seen[step] = person.text(f"{draft}/{step}")
        answer(person, f"{draft}/{step}", answers)
    check = person.text(f"{draft}/check")
    receipt = str(person.send(f"{draft}/check", revision=hidden("revision", check), signer="王强").location)
    number = receipt.split("/")[-2]
    return {**seen, "number": number, "receipt": person.text(receipt), "file": person.text(f"{receipt}.txt")}


def amend(person: Person, number: str) -> dict[str, Any]:
    """An amendment, of which the reason is asked."""
    draft = str(person.send(f"{FILED}/begin", amend=number).location)
    answer(person, f"{draft}/promise", {**PROMISE, "scope": "goods"})
    check = person.text(f"{draft}/check")
    sent = person.send(
        f"{draft}/check",
        revision=hidden("revision", check),
        seen=hidden("seen", check),
        amended_because="wording",
        amended_note="",
        signer="王强",
    )
    return {"check": check, "amended": sent.status_code}


def file_by_sheet(person: Person, registry: Registry) -> dict[str, Any]:
    """The empty sheet, and one with a right and a wrong row."""
    template = person.text(f"{BASE}/sheets/template.csv?register=commitments")
    handed_in = person.send(
        f"{BASE}/sheets",
        register="commitments",
        file=(io.BytesIO(SHEET.encode()), "a.csv"),
        what="publish",
        signer="王强",
    )
    sheet_jobs.run_sheet_jobs_once(registry)
    return {"template": template, "sheet": person.text(str(handed_in.location))}


def file_by_program(person: Person, registry: Registry, actor: Actor) -> dict[str, Any]:
    """A filing with a token."""
    key = tokens.create_token(registry, actor, PASSWORD, TokenRequest("ERP", "declare", 30, SLUG))
    sent = person.browser.application.test_client().post(
        "/api/v1/registers/commitments/records",
        json={"document": DOCUMENT, "signer": "王强"},
        headers={"Authorization": f"Bearer {key}"},
    )
    return {"api": [sent.status_code, sent.get_json()]}


def withdraw(person: Person, number: str) -> dict[str, Any]:
    """The end of a record, and actions that the register does not foresee."""
    page = f"{FILED}/{number}"
    return {
        "list": person.text(f"/zh/{FILED}"),
        "own data": person.text(f"{FILED}.csv"),
        "withdraw form": person.text(f"{page}/withdraw"),
        "withdrawn": [person.send(f"{page}/withdraw", reason="改为三十天").status_code for _turn in range(2)],
        "not foreseen": [person.open(f"{page}/{path}").status_code for path in ("misfiled", "still-true")],
        "home": person.text("workspace/home"),
    }


def look(visitor: Person, number: str) -> dict[str, Any]:
    """What the public sees. A new generation of the index is looked for a few times a second."""
    search = ""
    for _turn in range(50):
        search = visitor.text("/zh/commitments?q=%E4%BF%9D%E4%BF%AE")
        if "三年" in search:
            break
        time.sleep(0.1)
    page = f"commitments/{number}"
    return {"page": visitor.text(page), "history": visitor.text(f"{page}/history"), "search": search}


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
    seen: dict[str, Any] = {"empty list": person.text(FILED), **file_by_form(person)}
    seen["letter"] = read_mails(registry)[-1].get_content()
    seen |= amend(person, seen["number"])
    seen |= file_by_sheet(person, registry)
    seen |= file_by_program(person, registry, mei.actor)
    seen |= withdraw(person, seen["number"])
    relay.run_relay_once(registry)
    seen |= look(Person(app), seen["number"])
    registry.search.close()
    return seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), default=str))
