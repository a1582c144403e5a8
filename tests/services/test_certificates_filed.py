"""Certification bodies file certificates: inside their approval, for holders anywhere; what a change may touch, and by whom."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, SYSTEM, Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import by_program, drafts, filed_lists
from registry.services.filing.by_program import FilingRequest
from registry.services.filing.by_sheet import sheet_jobs, sheet_uploads, sheet_views
from registry.services.filing.by_sheet.sheet_uploads import SheetUpload
from registry.services.filing.drafts import NewDraft
from registry.services.people import claims, invitations, standing_aside
from registry.services.people.memberships import Represented
from registry.services.people.tokens import TokenBearer
from registry.services.records import reading
from registry.services.records.views import RecordView
from tests.services import people, samples
from tests.services.members import FIRM_NUMBER, SLUG, firm, issue_codes, sign_up_owner, upload_proof
from tests.services.people import read_mails, token_of

__all__ = ["firm"]
SLUGS = "green-products"
NUMBER = "CNCA-R-2099-101"
BODY = Represented("bodies", NUMBER)
ROW = {
    "approval_no": NUMBER,
    "name_zh": "青衡认证（演示）有限公司",
    "kind": "认证机构",
    "scope": "绿色产品、节水（演示）",
    "valid_from": "2020-01-01",
    "valid_to": "2027-12-31",
    "status": "valid",
}
CERTIFICATE: dict[str, Any] = {
    "cert_no": "DEMO-CGP-2026-000901",
    "scheme": "green_product",
    "route": "1",
    "standard_edition": "GB/T 35607-2024",
    "rule_no": "CNCA-CGP-13:2025",
    "mode": "初始检查+产品抽样检验+获证后监督",
    "issued_on": "2026-03-01",
    "valid_to": "2031-02-28",
    "applicant_uscc": FIRM_NUMBER,
    "manufacturer": "杭州青屿家具有限公司（演示）",
    "factory": "第一工厂，浙江省杭州市",
    "product_name_zh": "实木餐桌",
    "unit_code": "木家具（实木家具）",
    "models": ["QY-350", "QY-242A"],
    "attributes": ["resource", "energy", "environment", "quality"],
    "indicators": [
        {"name_zh": "甲醛释放量", "operator": "<=", "limit": 0.05, "value": 0.02, "unit": "mg/m³", "method": "GB/T 17657-2022"}
    ],
    "test_body": "北辰质检（演示）有限公司",
    "report_no": "R-1",
    "report_date": "2026-02-01",
    "surveillance": [{"due_on": "2027-03-01"}],
}  # fmt: skip


@pytest.fixture
def with_bodies(firm: Registry, tmp_path: Path) -> Registry:
    rows: dict[str, list[dict[str, Any]]] = {
        "standards": [dict(each) for each in catalogue()["standards"].samples[:2]],
        "bodies": [ROW, ROW | {"approval_no": "CNCA-R-2099-102", "name_zh": "别的机构（演示）"}],
        "organisations": [{"uscc": "91110000101461180X", "name_zh": "旧公司", "status": "deregistered"}],
    }
    for slug, each in rows.items():
        import_files(firm, REGISTRAR, slug, [samples.write_sheet(tmp_path / f"{slug}.csv", slug, each)])
    return firm


def member(registry: Registry, address: str = "mei@example.com") -> Actor:
    """An owner of the body."""
    user = people.sign_up(registry, address)
    form = claims.ClaimForm(NUMBER, "", "", "技术负责人", upload_proof(registry, user), "bodies")
    claims.decide_claim(registry, SYSTEM, claims.submit_claim(registry, user.actor, form), confirmed=True)
    return Actor("body", user.user_id)


def send(registry: Registry, actor: Actor, *, number: str = "", **changes: Any) -> str:
    """File a certificate, or change one; returns the number of its record."""
    bearer = TokenBearer(actor, 1, BODY, "declare")
    document = {name: value for name, value in {**CERTIFICATE, **changes}.items() if value is not None}
    request = FilingRequest(SLUGS, document, "王强", number)
    answer = by_program.file_request(registry, actor, bearer, request)
    return str(json.loads(answer.body)["number"])


def refused(registry: Registry, actor: Actor, *, number: str = "", **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as issues:
        send(registry, actor, number=number, **changes)
    return issue_codes(issues)


def page(registry: Registry, number: str) -> RecordView:
    pointer = reading.locate_record(registry, ANONYMOUS, SLUGS, number)
    return reading.get_history(registry, ANONYMOUS, pointer, "en")


def test_a_certificate_is_in_force_when_its_body_reports_it(with_bodies: Registry) -> None:
    mei = member(with_bodies)
    number = send(with_bodies, mei)
    view = page(with_bodies, number)
    assert view.status.code == "valid"
    assert view.history[0].reason == "Reported"
    filed = filed_lists.list_filed_records(with_bodies, mei, BODY, SLUGS)
    assert [row.number for row in filed.rows] == [number]
    assert filed.rows[0].subject == CERTIFICATE["cert_no"]
    assert refused(with_bodies, mei) == [("filed_already", "body_approval_no")]


@pytest.mark.parametrize(
    ("changes", "issue"),
    [
        ({"scheme": "organic", "route": "2"}, ("scheme_out_of_scope", "scheme")),
        (
            {"issued_on": "2019-12-31", "valid_to": "2024-12-30"},
            ("body_not_yet_approved", "body_approval_no"),
        ),
        ({"standard_edition": "GB/T 35607-2017"}, ("edition_not_in_force", "standard_edition")),
        ({"standard_edition": "GB/T 99999-2024"}, ("standard_not_known", "standard_edition")),
        ({"issued_on": "2099-01-01"}, ("after_today", "issued_on")),
        ({"valid_to": "2031-03-02"}, ("valid_too_long", "valid_to")),
        ({"body_approval_no": "CNCA-R-2099-102"}, ("other_organisation", "body_approval_no")),
        ({"applicant_uscc": "91110000101461180X"}, ("holder_ended", "applicant_uscc")),
        ({"applicant_uscc": "F-DE-HRB12345"}, ("required", "applicant_name_en")),
        ({"applicant_uscc": "914403001922038216"}, ("required", "applicant_name_zh")),
        ({"applicant_name_zh": "另一个名字"}, ("filled_in", "applicant_name_zh")),
        ({"status": "suspended"}, ("status_not_filed", "status")),
        ({"status_reason": "mark_misused"}, ("not_filed", "status_reason")),
    ],
)
def test_what_is_outside_the_approval_is_told_by_field(
    with_bodies: Registry, changes: dict[str, Any], issue: tuple[str, str]
) -> None:
    assert issue in refused(with_bodies, member(with_bodies), **changes)


def test_a_holder_abroad_is_named(with_bodies: Registry) -> None:
    number = send(
        with_bodies, member(with_bodies), applicant_uscc="F-DE-HRB12345", applicant_name_en="Muster GmbH"
    )
    view = page(with_bodies, number)
    assert view.holder is not None
    assert "Muster GmbH" in (view.holder.name.en, view.holder.name.zh)


def test_an_approval_that_ended_files_nothing(with_bodies: Registry, tmp_path: Path) -> None:
    mei = member(with_bodies)
    number = send(with_bodies, mei)
    ended = ROW | {"valid_to": "2026-10-31"}
    sheet = samples.write_sheet(tmp_path / "ended.csv", "bodies", [ended])
    import_files(with_bodies, REGISTRAR, "bodies", [sheet])
    assert ("filer_not_approved", "") in refused(with_bodies, mei, cert_no="DEMO-CGP-2026-000902")
    assert ("filer_not_approved", "") in refused(with_bodies, mei, number=number, factory="第二工厂")


def test_a_change_keeps_validity_and_says_what_it_is(with_bodies: Registry) -> None:
    mei = member(with_bodies)
    number = send(with_bodies, mei)
    assert refused(with_bodies, mei, number=number, valid_to="2031-02-27") == [("validity_kept", "valid_to")]
    assert refused(with_bodies, mei, number=number, factory="第二工厂") == [
        ("reissue_undated", "reissued_on")
    ]
    assert refused(with_bodies, mei, number=number, models=["QY-350"]) == [("model_dropped", "models")]
    send(with_bodies, mei, number=number, factory="第二工厂", reissued_on="2026-06-01")
    renamed = {"factory": "第二工厂", "reissued_on": "2026-06-01", "models": ["QY-350", "QY-242B"]}
    send(with_bodies, mei, number=number, **renamed)  # written otherwise: a correction
    ended = [{"model": "QY-242B", "ended_on": "2026-07-01"}]
    send(with_bodies, mei, number=number, **renamed | {"models": ["QY-350"], "models_ended": ended})
    assert [entry.reason for entry in page(with_bodies, number).history][:3] == [
        "Scope narrowed or extended",
        "Facts amended",
        "Changed and re-issued",
    ]


def test_a_certificate_moves_to_an_edition_that_came_after_it(with_bodies: Registry, tmp_path: Path) -> None:
    """The day of its re-issue decides, not that of its first issue."""
    mei = member(with_bodies)
    number = send(with_bodies, mei)
    newer = {
        "number": "GB/T 35607-2026",
        "title_zh": "绿色产品评价 家具",
        "in_force_on": "2026-06-01",
        "status": "in_force",
    }
    import_files(
        with_bodies, REGISTRAR, "standards", [samples.write_sheet(tmp_path / "s.csv", "standards", [newer])]
    )
    moved = {"standard_edition": newer["number"], "reissued_on": "2026-05-31"}
    assert refused(with_bodies, mei, number=number, **moved) == [("edition_not_in_force", "standard_edition")]
    send(with_bodies, mei, number=number, **moved | {"reissued_on": "2026-06-01"})
    assert page(with_bodies, number).document["standard_edition"] == newer["number"]


def test_only_accounts_of_the_body_file_for_it(with_bodies: Registry) -> None:
    mei = member(with_bodies)
    lin = sign_up_owner(with_bodies, "lin@example.com")
    with pytest.raises(Forbidden) as stranger:
        send(with_bodies, lin.actor)
    assert stranger.value.reason == "token_of_another_organisation"
    with pytest.raises(NotFound):
        drafts.open_draft(with_bodies, lin.actor, SLUG, NewDraft(SLUGS))  # an enterprise files none
    with pytest.raises(NotFound):
        drafts.open_draft(with_bodies, mei, BODY, NewDraft("declarations"))
    wei = people.sign_up(with_bodies, "wei@example.com")
    invitations.invite_member(with_bodies, mei, BODY, email="wei@example.com", role="viewer", agent=False)
    invitations.accept_invitation(with_bodies, wei.actor, token_of(read_mails(with_bodies)[-1]))
    with pytest.raises(Forbidden) as viewer:
        drafts.open_draft(with_bodies, Actor("body", wei.user_id), BODY, NewDraft(SLUGS))
    assert viewer.value.reason == "membership_role_too_low"
    with pytest.raises(Forbidden):  # the role of the account counts as well
        drafts.open_draft(with_bodies, Actor("registrar", mei.user_id), BODY, NewDraft(SLUGS))


def test_nobody_files_about_an_interest_of_their_own(with_bodies: Registry) -> None:
    mei = member(with_bodies)
    standing_aside.declare_interest(with_bodies, mei, FIRM_NUMBER, "")
    assert refused(with_bodies, mei) == [("holder_is_own", "applicant_uscc")]


def test_a_sheet_of_a_body_gives_bad_rows_back(with_bodies: Registry) -> None:
    mei = member(with_bodies)
    text = "cert_no,applicant_uscc," + ",".join(name for name in CERTIFICATE if isinstance(CERTIFICATE[name], str) and name not in ("cert_no", "applicant_uscc")) + ",models,attributes,indicators[1].name_zh,indicators[1].operator,indicators[1].limit,indicators[1].value,indicators[1].unit,indicators[1].method,surveillance[1].due_on\n"  # fmt: skip
    facts = ",".join(value for name, value in CERTIFICATE.items() if isinstance(value, str) and name not in ("cert_no", "applicant_uscc"))  # fmt: skip
    rest = "QY-1,资源|能源|环境|品质,甲醛释放量,≤,0.05,0.02,mg/m³,GB/T 17657-2022,2027-03-01"
    for number, holder in (
        ("DEMO-CGP-2026-000911", FIRM_NUMBER),
        ("DEMO-CGP-2026-000912", "91110000101461180X"),
    ):
        text += f"{number},{holder},{facts},{rest}\n"
    upload = SheetUpload(SLUGS, "a.csv", io.BytesIO(text.encode()), "王强", dry_run=False)
    job = sheet_uploads.hand_in_sheet(with_bodies, mei, BODY, upload)
    sheet_jobs.run_sheet_jobs_once(with_bodies)
    view = sheet_views.get_sheet(with_bodies, mei, BODY, job)
    assert (view.job.created, view.job.refused) == (1, 1)
    assert [(issue.code, issue.field) for issue in view.refused[0].issues] == [
        ("holder_ended", "applicant_uscc")
    ]


def test_a_body_files_the_result_of_a_surveillance(with_bodies: Registry) -> None:
    """By the same change as any other, without a new issue; the history names it, and a failed one stands on the record."""
    with clock.frozen_at(dt.datetime(2026, 11, 30, 9, tzinfo=clock.SHANGHAI)):
        mei = member(with_bodies)
        number = send(with_bodies, mei)
        passed = {
            "due_on": "2027-03-01",
            "done_on": "2026-05-20",
            "result": "nonconformities",
            "report": "J-2026-1",
        }
        send(with_bodies, mei, number=number, surveillance=[passed])
        view = page(with_bodies, number)
        assert view.history[0].reason == "Surveillance recorded"
        assert view.document["surveillance"] == [passed]
        assert [each.code for each in view.cautions] == []
        failed = {"done_on": "2026-06-20", "result": "fail"}
        send(with_bodies, mei, number=number, surveillance=[passed, failed])
        view = page(with_bodies, number)
        assert view.status.code == "valid"  # what follows is decided by two persons
        assert [each.code for each in view.cautions] == ["surveillance_failed"]
        assert refused(with_bodies, mei, number=number, surveillance=[{**failed, "result": "好"}])
