"""Run in a process of its own, with PINZHENG_REGISTERS set: doubles of a register in a scratch folder merged, and a key of it corrected."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from portal.app import create_app
from registry.accounts.policy import REGISTRAR
from registry.config import Settings
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.operations import initialise, relay
from tests.contracts.sample_registers.filed_register import FIRM
from tests.portal.people import Person
from tests.services.deciders import EVIDENCE
from tests.services.members import FIRM_NUMBER, sign_up_owner
from tests.services.people import read_mails

HEAD = "notice_no,product_name_zh,producer_uscc,defect,measure,quantity,announced_on,status\n"
ROWS = f"""ZH-2026-11,折叠童车,{FIRM_NUMBER},刹车失灵,replace,1200,2026-03-04,running
ZH-2026-12,折叠童车,{FIRM_NUMBER},刹车失灵,repair,,2026-03-05,running
ZH-2026-13,电热水壶,{FIRM_NUMBER},底座过热,refund,30,2026-04-05,running
"""
GROUNDS = {"evidence": EVIDENCE, "note": "同一次召回登记了两次"}


def bring(registry: Registry, folder: Path, slug: str, text: str) -> list[str]:
    sheet = folder / f"{slug}.csv"
    sheet.write_text(text, encoding="utf-8")
    return [issue.code for issue in import_files(registry, REGISTRAR, slug, [sheet]).first_issues]


def decide(people: tuple[Person, Person], page: str, **typed: str) -> list[int]:
    """A form sent by one registrar and taken by another: the answers to both, and to the first who would take it."""
    prepared = people[0].send(page, go="prepare", version="1", **typed)
    decision = str(prepared.location).partition("?")[0]
    acts = [person.send(decision, act="taken").status_code for person in people]
    return [prepared.status_code, *acts]


def main(folder: Path) -> dict[str, Any]:
    settings = Settings.from_environment()
    initialise(settings)
    registry = open_registry(settings)
    app = create_app(registry=registry)
    bring(registry, folder, "organisations", FIRM.format(number=FIRM_NUMBER))
    sign_up_owner(registry)
    bring(registry, folder, "recalls", HEAD + ROWS)
    relay.run_relay_once(registry)
    outside = app.test_client()
    listed = outside.get("/api/v1/registers/recalls/records?limit=100").get_json()["items"]
    numbers = {each["identifiers"]["notice_no"]: each["number"] for each in listed}
    remaining, merged, kettle = (numbers[f"ZH-2026-1{place}"] for place in (1, 2, 3))
    one, two = Person(app), Person(app)
    for name, person in (("wang", one), ("lin", two)):
        person.appointed(registry, f"{name}@example.com", "registrar")
    page = f"desk/recalls/{remaining}/merged_here"
    chosen = {"other": merged, "f-legal_basis": "", "legal_basis": "召回条例第五条", **GROUNDS}
    seen: dict[str, Any] = {"numbers": [remaining, merged, kettle], "candidates": one.text(page)}
    seen["side by side"] = one.text(f"{page}?other={merged}")
    seen["merged"] = decide((one, two), page, **chosen)
    corrected = {"f-notice_no": "ZH-2026-31", "f-legal_basis": "召回条例第五条", **GROUNDS}
    seen["corrected"] = decide((one, two), f"desk/recalls/{kettle}/facts_corrected", **corrected)
    relay.run_relay_once(registry)
    moved = outside.get(f"/en/recalls/{merged}")
    seen["moved"] = [moved.status_code, str(moved.location)]
    seen["record"] = outside.get(f"/api/v1/registers/recalls/records/{remaining}").get_json()
    seen["by the old number"] = outside.get(
        f"/api/v1/registers/recalls/records/{merged}", follow_redirects=True
    ).get_json()
    seen["history"] = outside.get(f"/en/recalls/{merged}/history", follow_redirects=True).text
    seen["kettle"] = outside.get(f"/api/v1/registers/recalls/records/{kettle}").get_json()
    asked = {"numbers": ["ZH-2026-12", "ZH-2026-13", "ZH-2026-31"]}
    seen["check"] = [
        each["records"] for each in outside.post("/api/v1/check", json=asked).get_json()["items"]
    ]
    seen["sheets"] = bring(registry, folder, "recalls", HEAD + ROWS)
    seen["total"] = len(outside.get("/api/v1/registers/recalls/records?limit=100").get_json()["items"])
    seen["letters"] = [str(mail["Subject"]) for mail in read_mails(registry)]
    registry.search.close()
    return seen


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1])), default=str))
