"""A grade in the browser: values entered by a body until the grade is proposed; another from its publication to a check that lowers it, seen from outside.

One works in Chinese on a phone, the other in English on a wide screen without a script.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from registry import clock
from tests.journeys.persons import (
    BODY,
    FIRM,
    Person,
    Public,
    bring_in,
    day,
    decide,
    readers,
    sign_in_staff,
    window,
)
from tests.services.members import FIRM_NUMBER
from tests.services.test_grades_filed import FORMALDEHYDE, STRENGTH

pytestmark = pytest.mark.browser
WORKED_OUT = {
    "zh": "甲醛释放量 0.02mg/m³ → AAAA; 抗弯强度 40MPa → AAAAA",
    "en": "Formaldehyde emission 0.02mg/m³ → AAAA; Bending strength 40MPa → AAAAA",
}
REASON = "抽查复测甲醛释放量 0.04 mg/m³（演示）"


def announced(number: str) -> dict[str, Any]:
    """A grade for which the time for objections is over."""
    return {
        "result_no": number,
        "scheme": "家具质量分级",
        "subject_type": "product",
        "org_uscc": FIRM_NUMBER,
        "org_name_zh": FIRM["name_zh"],
        "product_name_zh": f"实木书柜{number[-4:]}",
        "models": ["SG-1"],
        "grade": "AAAA",
        "grade_claimed": "AAAA",
        "grader_approval_no": BODY,
        "standard_edition": "GB/T 44211-2024",
        "qualified": True,
        "conformity_report": "R-11",
        "overall_rule": "min",
        "indicators": [FORMALDEHYDE, STRENGTH],
        "evidence": [{"type": "test_report", "number": "R-12", "date": day(-40)}],
        "graded_on": day(-30),
        "valid_to": day(300),
        "objections_until": day(-2),
        "status": "publicity",
    }


def questions(number: str) -> dict[str, dict[str, str | list[str]]]:
    """The answers of a grade, by the parts of its form; the level is claimed too high."""
    rows = {
        f"indicators-{place}-{column}": str(value)
        for place, row in enumerate((FORMALDEHYDE, STRENGTH))
        for column, value in row.items()
    }
    return {
        "result": {
            "result_no": number,
            "scheme": "家具质量分级",
            "subject_type": "product",
            "standard_edition": "GB/T 44211-2024",
            "graded_on": day(0),
            "valid_to": day(300),
        },
        "subject": {
            "org_uscc": FIRM_NUMBER,
            "product_name_zh": f"实木餐桌{number[-4:]}",
            "models": ["QY-350"],
        },
        "values": {"overall_rule": "min", **rows, "grade_claimed": "AAAAA"},
        "evidence": {
            "evidence-0-type": "test_report",
            "evidence-0-number": "R-12",
            "evidence-0-date": day(-5),
            "qualified": "true",
            "conformity_report": "R-11",
        },
    }


def file_grade(mei: Person, tom: Person, number: str) -> str:
    """File a grade on a phone; a level better than the one worked out is refused. Returns the path of its record."""
    mei.open("/workspace/home")
    mei.press(f"form[action$='/bodies/{BODY}/grades/begin'] button")
    draft = mei.address
    for part, answers in questions(number).items():
        mei.open(f"{draft}/{part}")
        if part == "values":
            mei.press("button[value=add-indicators]")
            mei.look()
        mei.fill(answers)
        mei.press(".pz-button-row button[value=look]")
        mei.look()
        tom.open(f"{draft}/{part}?checked=1")
    refused = mei.open(f"{draft}/check", "产品标注AAAAA，而确认等级为AAAA")
    assert mei.page.locator("button.pz-button--seal").count() == 0, refused
    tom.open(f"{draft}/check", "The product is marked AAAAA but was graded AAAA")
    tom.open(f"{draft}/values")
    tom.fill({"grade_claimed": "AAAA"})
    tom.press(".pz-button-row button[value=look]")
    tom.look("Worked out", WORKED_OUT["en"], "The worst indicator decides: AAAA")
    mei.open(f"{draft}/check", f"核算：{WORKED_OUT['zh']}。以最低项定级：AAAA")
    mei.fill({"signer": "王强"})
    mei.press("button.pz-button--seal")
    mei.look()
    tom.open(mei.address, "The grade is proposed")
    return f"/grades/{mei.page.inner_text('.pz-receipt__top b')}"


def test_a_grade_from_its_values_to_what_lowered_it(
    server: str, demonstrated: Path, browser: Browser, tmp_path: Path
) -> None:
    filed, older = (f"DEMO-ZLFJ-{clock.today().year}-{uuid.uuid4().int % 1_000_000:06}" for _ in range(2))
    path = bring_in(demonstrated, tmp_path, {"organisations": FIRM, "grades": announced(older)})["grades"]
    with (
        window(browser, server, "zh", scripted=True) as mei,
        window(browser, server, "en", scripted=False) as tom,
        window(browser, server, "en", scripted=True) as one,
        window(browser, server, "zh", scripted=False) as other,
        readers(browser, server) as both,
    ):
        for person in (mei, tom):
            sign_in_staff(person, demonstrated, "body", BODY)
        for person in (one, other):
            sign_in_staff(person, demonstrated, "registrar")
        proposed = file_grade(mei, tom, filed)
        words = ("尚未生效", "提出异议"), ("is proposed and not in force", "Object")
        Public(both, proposed, filed).see("publicity", *words, ("公示", "Proposed"))
        # another one: published after its notice, checked, and lowered by its body
        public = Public(both, path, older)
        decide(one, other, path, "published")
        public.see("valid", ("AAAA",), ("this grade is in force",), ("有效", "Valid"))
        decide(other, one, path, "check_opened")
        public.see("under_check", ("正在核查",), ("is being checked",), ("核查中", "Under check"))
        lowered = {"grade": "AAA", "grade_before": "AAAA", "status_reason": REASON}
        decide(mei, tom, path, "downgraded", lowered)
        public.see(
            "downgraded",
            ("已降级", "AAAA", REASON),
            ("graded down", "AAAA", REASON),
            ("已降级", "Downgraded"),
        )
