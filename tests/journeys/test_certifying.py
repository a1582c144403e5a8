"""A certificate in the browser: filed by a body, changed to a new edition of its standard, suspended, restored and revoked, and looked at from outside.

One of the body works in Chinese without a script, the other in English on a phone; so do two registrars who bring the edition in.
"""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from registry import clock
from registry.registers.green_products.codes import REASONS_OF
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
from tests.journeys.test_importing import check, hand_in, run
from tests.services.members import FIRM_NUMBER

pytestmark = pytest.mark.browser
STANDARD, EDITION, NEW_EDITION = "绿色产品评价 木塑制品", "GB/T 35612-2017", "GB/T 35612-2099"
BASIS = "《绿色产品标识使用管理办法》"
FACTORY = "第一工厂，浙江省杭州市"


def years_after(start: str, years: int) -> str:
    """The last day of so many years from a day on."""
    first = dt.date.fromisoformat(start)
    return (first.replace(year=first.year + years) - dt.timedelta(days=1)).isoformat()


def questions(number: str) -> dict[str, dict[str, str | list[str]]]:
    """The answers of a certificate, by the parts of its form."""
    issued = day(-60)
    return {
        "certificate": {
            "cert_no": number,
            "scheme": "green_product",
            "route": "1",
            "standard_edition": EDITION,
            "rule_no": "CNCA-CGP-13:2025",
            "mode": "初始检查+产品抽样检验+获证后监督",
            "issued_on": issued,
            "valid_to": years_after(issued, 5),
        },
        "holder": {"applicant_uscc": FIRM_NUMBER, "manufacturer_uscc": FIRM_NUMBER, "factory": FACTORY},
        "product": {
            "product_name_zh": f"木塑栈道板{number[-4:]}",
            "unit_code": "木塑制品",
            "models": ["MS-350", "MS-242A"],
            "attributes": ["resource", "energy", "environment", "quality"],
        },
        "assessment": {
            "test_body": "北辰质检（演示）有限公司",
            "report_no": "R-1",
            "report_date": day(-90),
            "indicators-0-name_zh": "甲醛释放量",
            "indicators-0-operator": "<=",
            "indicators-0-limit": "0.05",
            "indicators-0-value": "0.02",
            "indicators-0-unit": "mg/m³",
            "indicators-0-method": "GB/T 17657-2022",
            "surveillance-0-due_on": day(300),
        },
    }


def file_certificate(wang: Person, lin: Person, number: str) -> str:
    """File a certificate without a script, each page looked at in both languages; returns the path of its record."""
    wang.open("/workspace/home")
    wang.press(f"form[action$='/bodies/{BODY}/green-products/begin'] button")
    wang.look()
    draft = wang.address
    for part, answers in questions(number).items():
        wang.open(f"{draft}/{part}")
        wang.fill(answers)
        wang.press(".pz-button-row button[value=next]")
        lin.open(f"{draft}/{part}")
    lin.open(draft, "5 of 5")
    wang.open(f"{draft}/check", number, "品质")
    lin.open(f"{draft}/check", number, "quality")
    wang.fill({"signer": "王强"})
    wang.press("button.pz-button--seal")
    wang.look()
    lin.open(wang.address, "The certificate is public")
    return f"/green-products/{wang.page.inner_text('.pz-receipt__top b')}"


def new_edition() -> str:
    """The sheet of an edition that takes the place of another, which may be used for two months more."""
    return (
        "标准号,标准名称,实施日期,被替代日期,过渡期截止,代替,被替代,状态\n"
        f"{NEW_EDITION},{STANDARD},{day(-20)},,,{EDITION},,现行\n"
        f"{EDITION},{STANDARD},,{day(-20)},{day(60)},,{NEW_EDITION},被代替\n"
    )


def change_edition(wang: Person, lin: Person, path: str) -> None:
    """Re-issue the certificate to the new edition; who has filed it takes no decision on it."""
    wang.open(f"/workspace/records{path}")
    wang.press("main a:has-text('申报变更')")
    wang.look()
    wang.press(f"button[name=amend][value='{path.rpartition('/')[2]}']")
    draft = wang.address
    wang.open(f"{draft}/certificate")
    wang.fill({"standard_edition": NEW_EDITION, "reissued_on": day(0)})
    wang.press(".pz-button-row button[value=next]")
    wang.open(f"{draft}/check", EDITION, NEW_EDITION)
    lin.open(f"{draft}/check", EDITION, NEW_EDITION)
    wang.fill({"signer": "王强"})
    wang.press("button.pz-button--seal")
    lin.open(wang.address, "The changed certificate is public")


def test_a_certificate_from_its_filing_over_a_new_edition_to_its_revocation(
    server: str, demonstrated: Path, browser: Browser, tmp_path: Path
) -> None:
    bring_in(demonstrated, tmp_path, {"organisations": FIRM})
    number = f"DEMO-CGP-{clock.today().year}-{uuid.uuid4().int % 1_000_000:06}"
    with (
        window(browser, server, "zh", scripted=False) as wang,
        window(browser, server, "en", scripted=True) as lin,
        window(browser, server, "en", scripted=False) as one,
        window(browser, server, "zh", scripted=True) as other,
        readers(browser, server) as both,
    ):
        for person in (wang, lin):
            sign_in_staff(person, demonstrated, "body", BODY)
        for person in (one, other):
            sign_in_staff(person, demonstrated, "registrar")
        path = file_certificate(wang, lin, number)
        public = Public(both, path, number)
        public.see("valid", ("今天", EDITION), ("in force", EDITION), ("有效", "Valid"))
        # a new edition: who must move is listed, inside and outside
        sheet = hand_in(one, "standards", new_edition())
        check(one, sheet)
        other.open(sheet, EDITION)
        run(other, sheet)
        other.look()
        public.see(
            "valid",
            ("依据旧版标准", NEW_EDITION),
            ("Based on a superseded edition", NEW_EDITION),
            ("有效", "Valid"),
        )
        for person in (wang, lin, other):
            where = "/workspace/watch" if person is lin else "/desk/watch"
            person.open(f"{where}?watch=standard", number[-4:])
        change_edition(wang, lin, path)
        public.see("valid", ("变更换证",), ("Changed and re-issued",), ("有效", "Valid"))
        assert number[-4:] not in wang.open("/desk/watch?watch=standard")
        # suspended, restored, revoked: each by two of the body
        suspended = {"status_reason": "surveillance_failed", "legal_basis": BASIS, "suspended_until": day(90)}
        decide(wang, lin, path, "suspended", suspended)
        public.see("suspended", ("不具效力",), ("Suspended",), ("暂停", "Suspended"))
        decide(wang, lin, path, "restored")
        public.see("valid", ("恢复有效",), ("Restored",), ("有效", "Valid"))
        wang.open(f"/desk{path}/revoked")
        offered = wang.page.locator("[name=f-status_reason] option").all()
        assert {str(each.get_attribute("value")) for each in offered} - {""} == REASONS_OF["revoked"]
        decide(wang, lin, path, "revoked", {"status_reason": "serious_quality_problem", "legal_basis": BASIS})
        public.see("revoked", ("撤销",), ("revoked",), ("撤销", "Revoked"))
