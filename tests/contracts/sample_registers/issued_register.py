"""Run in a process of its own, with PINZHENG_REGISTERS set: a register that bodies file to, through every door."""

from __future__ import annotations

import datetime as dt
import io
import json
import sys
from pathlib import Path
from typing import Any

from portal.app import create_app
from registry import clock
from registry.accounts.policy import REGISTRAR, SYSTEM, Actor
from registry.config import Settings
from registry.services import watch_lists
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.filing.by_sheet import sheet_jobs
from registry.services.operations import initialise, relay
from registry.services.people import claims, tokens
from registry.services.people.memberships import Represented
from registry.services.people.tokens import TokenRequest
from registry.services.watch_lists import WatchQuery
from tests.contracts.sample_registers.filed_register import answer, hidden
from tests.portal.people import Person
from tests.services import people
from tests.services.members import FIRM_NUMBER, upload_proof
from tests.services.people import PASSWORD

NUMBER = "CNCA-R-2099-101"
BODY = Represented("bodies", NUMBER)
BASE = f"workspace/bodies/{NUMBER}"
FILED = f"{BASE}/attestations"
BODIES = f"""approval_no,name_zh,scope,valid_from,valid_to,status
{NUMBER},青衡认证（演示）有限公司,仓库,2020-01-01,2099-12-31,valid
CNCA-R-2099-102,旧机构（演示）,仓库,2020-01-01,2099-12-31,valid
"""
FIRMS = f"""uscc,name_zh,name_en,status
{FIRM_NUMBER},杭州青屿家具有限公司（演示）,Hangzhou Qingyu,active
91110000101461180X,旧公司,,deregistered
"""
PAPER = {"paper_no": "AT-1", "subject": "warehouse", "title_zh": "一号仓库"}
OWNER = {"owner_no": FIRM_NUMBER, "owner_zh": "", "owner_en": ""}
PERIOD = {"attested_on": "2026-01-05", "valid_until": "2099-12-31", "visit_by": "2026-01-31"}
SHEET = f"""paper_no,subject,title_zh,owner_no,owner_en,attested_on,valid_until
AT-2,warehouse,二号仓库,F-DE-HRB12345,Muster GmbH,2026-01-05,2099-12-31
AT-3,kitchen,三号厨房,{FIRM_NUMBER},,2026-01-05,2099-12-31
AT-4,warehouse,四号仓库,{FIRM_NUMBER},,2019-01-05,2099-12-31
AT-5,warehouse,五号仓库,F-DE-HRB99999,,2026-01-05,2099-12-31
AT-6,warehouse,六号仓库,91110000101461180X,,2026-01-05,2099-12-31
"""


def sign_up_body(registry: Registry, person: Person, address: str) -> Actor:
    """A person of the body, who signs in with a second factor."""
    user = people.sign_up(registry, address)
    form = claims.ClaimForm(NUMBER, "", "", "技术负责人", upload_proof(registry, user), "bodies")
    claims.decide_claim(registry, SYSTEM, claims.submit_claim(registry, user.actor, form), confirmed=True)
    person.send("account/sign-in", email=address, password=PASSWORD)
    person.set_up_factor()
    return Actor("body", user.user_id)


def file_by_form(person: Person) -> dict[str, Any]:
    """Questions, check and receipt; a subject outside the scope is refused on the page."""
    draft = str(person.send(f"{FILED}/begin").location)
    seen = {"tasks": person.text(draft)}
    answer(person, f"{draft}/paper", {**PAPER, "subject": "kitchen"})
    answer(person, f"{draft}/owner", OWNER)
    answer(person, f"{draft}/period", PERIOD)
    seen["outside"] = person.text(f"{draft}/check")
    answer(person, f"{draft}/paper", PAPER)
    check = person.text(f"{draft}/check")
    receipt = str(person.send(f"{draft}/check", revision=hidden("revision", check), signer="王强").location)
    return {**seen, "number": receipt.split("/")[-2], "receipt": person.text(receipt)}


def amend(person: Person, number: str, **answers: str) -> int:
    """The status of the answer to an amendment of one page."""
    draft = str(person.send(f"{FILED}/begin", amend=number).location)
    answer(person, f"{draft}/paper", {**PAPER, **answers})
    check = person.text(f"{draft}/check")
    if 'name="seen"' not in check:
        return 0
    sent = person.send(
        f"{draft}/check", revision=hidden("revision", check), seen=hidden("seen", check), signer="王强"
    )
    person.send(f"{draft}/discard")
    return sent.status_code


def file_by_program(person: Person, registry: Registry, actor: Actor) -> dict[str, Any]:
    """Filings with a token of the body, and with one of another account."""
    key = tokens.create_token(registry, actor, PASSWORD, TokenRequest("LIMS", "declare", 30, BODY))
    document = {**PAPER, "paper_no": "AT-7", "owner_no": FIRM_NUMBER, **PERIOD}

    def send(**changes: str) -> tuple[int, Any]:
        sent = person.browser.application.test_client().post(
            "/api/v1/registers/attestations/records",
            json={"document": {**document, **changes}, "signer": "王强"},
            headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"},
        )
        return sent.status_code, sent.get_json()

    return {"api": send(), "api outside": send(subject="kitchen", paper_no="AT-8")}


def suspended(registry: Registry, folder: Path, person: Person) -> int:
    """What a form answers when the approval of the body is suspended between draft and act."""
    draft = str(person.send(f"{FILED}/begin").location)
    answer(person, f"{draft}/paper", {**PAPER, "paper_no": "AT-9"})
    answer(person, f"{draft}/owner", OWNER)
    answer(person, f"{draft}/period", PERIOD)
    sheet = folder / "suspended.csv"
    sheet.write_text(
        f"approval_no,status,legal_basis,sanctions[1].kind,sanctions[1].from_on,sanctions[1].decision\n"
        f"{NUMBER},suspended,演示〔2026〕1号,暂停,2026-01-06,演示〔2026〕1号\n",
        encoding="utf-8",
    )
    import_files(registry, REGISTRAR, "bodies", [sheet])
    check = person.text(f"{draft}/check")
    sent = person.send(f"{draft}/check", revision="4", signer="王强")
    return sent.status_code if "is not valid today" in check else 0


def watched(registry: Registry, actor: Actor, person: Person) -> dict[str, Any]:
    """What stands on the watch lists of the body: a visit that was not made, and towards the end the end; and the letter."""
    relay.run_relay_once(registry, confirmed=True)
    with clock.frozen_at(dt.datetime(2099, 12, 30, 9, tzinfo=clock.SHANGHAI)):
        view = watch_lists.get_own_watch_lists(registry, actor, WatchQuery())
    letters = [
        mail.get_content() for mail in people.read_mails(registry) if "Due on records" in mail["Subject"]
    ]
    return {
        "due": person.text("workspace/watch"),
        "due at the desk": person.text("desk/watch"),
        "due at the end": sorted({(row.watch, row.due) for row in view.rows}),
        "due letters": letters,
    }


def main(folder: Path) -> dict[str, Any]:
    settings = Settings.from_environment()
    initialise(settings)
    registry = open_registry(settings)
    app = create_app(registry=registry)
    for slug, text in (("bodies", BODIES), ("organisations", FIRMS)):
        sheet = folder / f"{slug}.csv"
        sheet.write_text(text, encoding="utf-8")
        import_files(registry, REGISTRAR, slug, [sheet])
    person, stranger = Person(app), Person(app)
    actor = sign_up_body(registry, person, "mei@example.com")
    stranger.sign_up(registry, "lin@example.com")
    seen: dict[str, Any] = {"home": person.text("workspace/home"), "empty list": person.text(FILED)}
    seen |= file_by_form(person)
    seen["amended"] = [
        amend(person, seen["number"], title_zh="一号仓库（东区）"),
        amend(person, seen["number"], subject="kitchen"),
    ]
    handed_in = person.send(
        f"{BASE}/sheets",
        register="attestations",
        file=(io.BytesIO(SHEET.encode()), "a.csv"),
        what="publish",
        signer="王",
    )
    sheet_jobs.run_sheet_jobs_once(registry)
    seen["sheet"] = person.text(str(handed_in.location))
    seen |= file_by_program(person, registry, actor)
    seen["list"] = person.text(FILED)
    seen["own data"] = person.text(f"{FILED}.csv")
    seen["page"] = stranger.text(f"attestations/{seen['number']}")
    seen["others"] = [
        stranger.open(page).status_code for page in (FILED, f"{BASE}/declarations", f"{BASE}/sheets")
    ]
    seen["not theirs"] = person.open(f"{BASE}/declarations").status_code
    artwork = f"workspace/artwork/attestations/{seen['number']}"
    seen["artwork"] = [person.text(artwork), person.open(f"{artwork}/code.svg").status_code]
    case = f"desk/attestations/{seen['number']}"
    seen["desk"] = person.text(case)
    seen |= watched(registry, actor, person)
    seen["suspended"] = suspended(registry, folder, person)
    registry.search.close()
    return seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), default=str))
