"""Numbers of people in sheets: refused, kept nowhere, and masked wherever they would be shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet import sheet_jobs
from tests.services.filers import firm
from tests.services.filing_sheets import hand_in, results, table_row
from tests.services.made_sheets import FIRST, RESIDENT, SECOND, THIRD, Bring, bring_into
from tests.services.members import sign_up_owner

__all__ = ["firm"]


@pytest.fixture
def bring(registry: Registry) -> Bring:
    return bring_into(registry)


def test_a_number_of_a_person_is_refused_and_masked_in_the_report(bring: Bring, tmp_path: Path) -> None:
    lines = [
        "uscc,name_zh,address,source,法人身份证号",
        f"{FIRST},试样有限公司,联系人 110105 19491231 002x,,",
        f"{SECOND},试样有限公司,,见 {RESIDENT}.pdf,",
        f"{THIRD},试样有限公司,,,{RESIDENT}",
        f"{RESIDENT},某人,,,",
    ]
    (tmp_path / "sheet.csv").write_text("\n".join(lines), encoding="utf-8")
    report = tmp_path / "report.csv"
    brought = bring(tmp_path / "sheet.csv", report=report)
    assert list(brought.documents) == [THIRD]  # a column that is no field is left out
    assert brought.refused == [
        (2, "address", "personal_number"),
        (3, "source", "personal_number"),
        (5, "uscc", "personal_number"),
    ]
    written = report.read_text(encoding="utf-8-sig")
    assert "19491231" not in written
    assert written.count("1101**********002X") >= 3
    assert RESIDENT not in str(brought)


def test_a_number_of_a_person_in_a_draft_is_masked(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    job = hand_in(firm, mei, [{**table_row("甲"), "产品或服务名称": f"床 {RESIDENT}"}])
    sheet_jobs.run_sheet_jobs_once(firm)
    assert [row["code"] for row in results(firm, mei, job)] == ["personal_number"]
