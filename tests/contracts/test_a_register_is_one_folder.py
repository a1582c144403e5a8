"""A register is one folder: no migration, no route, no other file. Two samples go through every door."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.config import Settings

pytestmark = pytest.mark.once  # what a register brings is the same on both databases

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
Run = Callable[[str, str], dict[str, Any]]


@pytest.fixture
def run(settings: Settings, tmp_path: Path) -> Run:
    """Run a script of `sample_registers` in a process that has the named register besides the shipped ones."""

    def run_script(script: str, register: str) -> dict[str, Any]:
        shutil.copytree(HERE / "sample_registers" / register, tmp_path / "registers" / register)
        environment = {
            **os.environ,
            "PINZHENG_REGISTERS": str(tmp_path / "registers"),
            "PINZHENG_DATA_DIR": str(settings.data_dir),
            "PINZHENG_DATABASE_URL": settings.database_url,
            "PINZHENG_SEARCH_MEANING": "off",
            "PINZHENG_SECRET_KEY": settings.secret_key,
        }
        done = subprocess.run(
            [sys.executable, "-m", f"tests.contracts.sample_registers.{script}", str(tmp_path)],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        seen: dict[str, Any] = json.loads(done.stdout)
        return seen

    return run_script


def test_one_folder_gives_import_pages_api_search_and_export(run: Run) -> None:
    seen = run("imported_register", "recalls")
    assert seen["first"] == [1, "created 2, updated 0, unchanged 0, refused 1"]
    assert seen["second"] == [1, "created 0, updated 0, unchanged 2, refused 1"]
    items = seen["api"]["items"]
    assert [item["title"]["zh"] for item in items] == ["折叠童车", "电热水壶"]
    assert items[0]["number"].startswith("RC-2026-00001-")
    assert items[0]["document"]["measure"] == "replace"
    assert items[0]["identifiers"] == {"notice_no": "ZH-2026-1"}
    for path, (status, text) in seen["pages"].items():
        assert status == 200, path
        on_first_page = (
            "Product recalls" in text and path == "/zh/"
        )  # it tells changes of status, not new records
        assert "折叠童车" in text or "Folding pram" in text or on_first_page, path
    assert "召回中" in seen["pages"]["/zh/recalls"][1]
    assert "Product recalls" in seen["pages"]["/en/recalls"][1]
    assert seen["search"]["total"] == 1
    assert {facet["value"] for facet in seen["search"]["facets"]["measure"]} == {"replace"}
    assert "折叠童车" in seen["exported"]
    assert "number" in seen["exported"].splitlines()[0]
    desk = seen["desk"]
    assert desk["table"] == [["running"], []]  # each role is offered what the table of the folder gives it
    assert "Product recalls" in desk["start"]
    assert 'name="f-legal_basis"' in desk["form"]
    assert all(words in desk["check"] for words in ("This recall ended on", "Closed"))
    assert (desk["own"], desk["taken"]) == (403, 303)
    assert "Closed" in desk["page"]
    assert "召回条例第二十条" in desk["history"]


def test_one_folder_gives_filing_by_form_sheet_and_program(run: Run) -> None:
    seen = run("filed_register", "commitments")
    assert "Nothing is filed yet." in seen["empty list"]
    assert "Make a commitment" in seen["empty list"]
    # the form
    assert all(words in seen["tasks"] for words in ("What is promised", "For how long", "Make a commitment"))
    assert "Commitment in short: " in seen["too early"]
    assert 'name="text"' in seen["promise"]
    assert 'name="valid_until"' in seen["period"]
    # the receipt
    number = seen["number"]
    assert number.startswith("QC-20")
    assert all(words in seen["receipt"] for words in (number, "The record is public", "王强", "总经理"))
    assert "filed by mistake" not in seen["receipt"]
    assert f"Receipt: {number}" in seen["file"]
    assert f"/commitments/{number}/receipt" in seen["letter"]
    # the amendment
    assert "Wording changed" in seen["check"]
    assert seen["amended"] == 303
    # sheet and program
    assert seen["template"].startswith("\ufeff") or "Commitment in short" in seen["template"]
    assert "1" in seen["sheet"]
    assert "Valid until" in seen["sheet"]
    status, record = seen["api"]
    assert (status, record["register"], record["document"]["post"]) == (201, "commitments", "总经理")
    # list and own data
    for title in ("七天无理由退货", "三年保修", "以旧换新"):
        assert title in seen["list"]
        assert title in seen["own data"]
    assert len(list(csv.DictReader(io.StringIO(seen["own data"].removeprefix("\ufeff"))))) == 3
    assert "still-true" not in seen["list"]
    # withdrawal; what the register does not foresee is not there
    assert "Withdraw the record" in seen["withdraw form"]
    assert seen["withdrawn"] == [303, 409]
    assert seen["not foreseen"] == [404, 404]
    assert "Given up" in seen["page"]
    assert "改为三十天" in seen["page"]
    assert "Wording changed" in seen["history"]
    assert "三年" in seen["search"]
    assert "/commitments" in seen["home"]


def test_one_folder_gives_filing_by_bodies(run: Run) -> None:
    """A register whose records are filed by the bodies that issue them, for holders anywhere."""
    seen = run("issued_register", "attestations")
    assert "File an attestation" in seen["home"]
    assert "Nothing is filed yet." in seen["empty list"]
    # the form: outside the scope it is told at the question
    assert all(words in seen["tasks"] for words in ("The paper", "The owner", "For how long"))
    assert "only within its scope (仓库)" in seen["outside"]
    assert "/paper?checked=1" in seen["outside"]
    number = seen["number"]
    assert number.startswith("AP-2026-")
    assert all(words in seen["receipt"] for words in (number, "CNCA-R-2099-101"))
    assert "Hangzhou Qingyu" in seen["page"]
    # what an amendment may not touch
    assert seen["amended"][0] == 303
    assert seen["amended"][1] != 303
    # the sheet: a holder abroad is taken, what the body may not issue comes back with the field
    assert all(
        words in seen["sheet"]
        for words in (
            "only within its scope",
            "not approved on that day",
            "Owner (English)",
            "has been deregistered",
        )
    )
    # the program
    status, record = seen["api"]
    assert (status, record["register"]) == (201, "attestations")
    status, problem = seen["api outside"]
    assert (status, [(each["code"], each["field"]) for each in problem["issues"]]) == (
        422,
        [("issuer_scope_exceeded", "subject")],
    )
    for title in ("一号仓库（东区）", "二号仓库"):
        assert title in seen["list"]
        assert title in seen["own data"]
    assert "三号厨房" not in seen["list"]
    # what its dates make due stands on the watch lists and is told by letter
    for page in ("due", "due at the desk"):
        assert "Visit overdue" in seen[page]
        assert number in seen[page]
    assert "/taken_back" in seen["due at the desk"]
    assert ["ends", "2099-12-31"] in seen["due at the end"]
    assert ["surveillance", "2026-01-31"] in seen["due at the end"]
    assert any(f"overdue: {number}" in letter for letter in seen["due letters"])
    # what may be printed with it
    assert "Only at the place that it names." in seen["artwork"][0]
    assert seen["artwork"][1] == 200
    # members only, and only what a body files
    assert seen["others"] == [404, 404, 404]
    assert seen["not theirs"] == 404
    assert "Taken back" in seen["desk"]
    # an approval that ended between draft and act
    assert seen["suspended"] not in (0, 303)


def test_one_folder_gives_applications_from_the_draft_to_the_first_publication(run: Run) -> None:
    seen = run("applied_register", "honours")
    assert "Propose a workshop" in seen["home"]
    assert all(
        words in seen["tasks"] for words in ("The workshop", "1 file is missing", "Propose a workshop")
    )
    assert "A file is missing: Plan of the workshop." in seen["too early"]
    assert "青屿榫卯工坊" in seen["desk"]
    assert "请写明木材" in seen["reason"]
    assert seen["again"] == seen["path"]
    assert seen["steps"] == [303, 303, 303]
    assert "青屿榫卯工坊" not in seen["before"]
    assert (seen["own"], seen["taken"]) == (403, 303)
    assert "青屿榫卯工坊" in seen["public"]
    for words in ("received", "To be corrected", "Visited", "Named"):
        assert any(words in subject for subject in seen["letters"]), words
    assert seen["not by sheet"] == 404


def test_doubles_of_one_folder_are_merged_and_a_key_of_it_corrected(run: Run) -> None:
    """By two persons, with history, identifiers, sheets and letters as in every other register."""
    seen = run("merged_register", "recalls")
    remaining, merged, kettle = seen["numbers"]
    for words in (merged, "Producer", "differs", "Measure"):
        assert words in seen["candidates"], words
    assert kettle not in seen["candidates"]
    assert "Both agree in" in seen["side by side"]
    assert (seen["merged"], seen["corrected"]) == ([303, 403, 303], [303, 403, 303])
    assert seen["moved"][0] == 301
    assert seen["moved"][1].endswith(f"/en/recalls/{remaining}")
    assert seen["by the old number"]["number"] == seen["record"]["number"] == remaining
    assert merged in str(seen["record"]["former_numbers"])
    assert seen["record"]["document"]["quantity"] == 1200
    assert "同一次召回登记了两次" in seen["history"]
    assert seen["kettle"]["document"]["notice_no"] == "ZH-2026-31"
    assert [[each["number"] for each in records] for records in seen["check"]] == [
        [remaining],
        [kettle],
        [kettle],
    ]
    assert set(seen["sheets"]) == {"former_key"}
    assert seen["total"] == 2
    assert any(remaining in subject for subject in seen["letters"]), seen["letters"]
    assert any(kettle in subject for subject in seen["letters"])
