"""Run in a process of its own, with PINZHENG_REGISTERS set: a register that is only imported, through every door."""

from __future__ import annotations

import json
import sys
from contextvars import copy_context
from pathlib import Path

from click.testing import CliRunner, Result
from flask import Flask

from portal.app import create_app
from portal.cli import pinzheng
from registry.config import Settings
from registry.services.bootstrap import open_registry
from tests.portal.people import Person
from tests.services import transition_tables

SHEET = """notice_no,product_name_zh,product_name_en,producer_name_zh,producer_uscc,std_no,defect,measure,quantity,announced_on,status
ZH-2026-1,折叠童车,Folding pram,北京同仁堂,91110000101461180X,gbt 35607-2024,刹车失灵,更换,1200,2026-03-04,running
ZH-2026-2,电热水壶,,,91110000101461180X,,底座过热,refund,30,2026年4月5日,召回中
ZH-2026-3,坏的行,,,911100001014611800,,缺陷,repair,1,2026-04-05,running
"""


def command(*words: str) -> Result:
    """A command in this process, which has the register already."""
    return copy_context().run(CliRunner().invoke, pinzheng, words)


def decided(app: Flask, number: str) -> dict[str, object]:
    """One of the recalls is closed at the desk: prepared by one registrar, taken by another."""
    registry = open_registry(Settings.from_environment())
    wang, lin = Person(app), Person(app)
    wang.appointed(registry, "wang@example.com", "registrar")
    lin.appointed(registry, "lin@example.com", "registrar")
    table = [transition_tables.every_state("recalls"), transition_tables.differences(registry, "recalls")]
    case = f"desk/recalls/{number}"
    form = wang.text(f"{case}/closed")
    typed = {"f-legal_basis": "召回条例第二十条", "evidence": "召回总结，2026年5月1日"}
    check = wang.send(f"{case}/closed", go="check", **typed)
    prepared = wang.send(f"{case}/closed", go="prepare", version="1", **typed)
    decision = str(prepared.location).partition("?")[0]
    own = wang.send(decision, act="taken")
    taken = lin.send(decision, act="taken")
    outside = app.test_client()
    return {
        "table": table,
        "start": wang.text("desk"),
        "case": wang.text(case),
        "form": form,
        "check": check.text,
        "own": own.status_code,
        "taken": taken.status_code,
        "page": outside.get(f"/en/recalls/{number}").text,
        "history": outside.get(f"/en/recalls/{number}/history").text,
    }


def main(folder: Path) -> dict[str, object]:
    sheet = folder / "recalls.csv"
    sheet.write_text(SHEET, encoding="utf-8")
    assert command("init").exit_code == 0
    first = command("import", "recalls", str(sheet))
    second = command("import", "recalls", str(sheet))
    assert command("relay", "--once").exit_code == 0
    exported = command("export", "recalls", "--format", "csv").stdout
    app = create_app(Settings.from_environment())
    client = app.test_client()
    api = client.get("/api/v1/registers/recalls/records").get_json()
    number = api["items"][0]["number"]
    return {
        "first": [first.exit_code, first.stdout.splitlines()[-1]],
        "second": [second.exit_code, second.stdout.splitlines()[-1]],
        "exported": exported,
        "api": api,
        "pages": {
            path: [(answer := client.get(path)).status_code, answer.text]
            for path in (
                "/zh/recalls",
                "/en/recalls",
                f"/zh/recalls/{number}",
                f"/en/recalls/{number}",
                f"/en/recalls/{number}/history",
                "/en/search?q=folding+pram",
                "/zh/search?q=%E7%AB%A5%E8%BD%A6",
                "/zh/",
            )
        },
        "desk": decided(app, number),
        "search": client.get("/api/v1/search?q=pram&register=recalls").get_json(),
    }


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
