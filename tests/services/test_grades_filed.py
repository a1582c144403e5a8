"""Grading bodies file grades: the level is worked out from the values, and the publisher decides after the notice."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import REGISTRAR, Actor
from registry.errors import Forbidden, Invalid
from registry.kit.display import CHINESE
from registry.kit.grading import Scheme
from registry.kit.rules import RecordLookup
from registry.registers import catalogue
from registry.registers.grades.filing import NOTICE_DAYS, derive_values, tell_working, work_out
from registry.registers.grades.scales import SCHEMES
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import by_program
from registry.services.filing.by_program import FilingRequest
from registry.services.issue_messages import issue_message
from registry.services.people.tokens import TokenBearer
from registry.services.records.presentation import field_text
from tests.services import samples
from tests.services.deciders import draft, staff, status_of
from tests.services.members import FIRM_NUMBER, firm, issue_codes
from tests.services.test_bodies_acted_for import BODY, NUMBER, sign_up_body_owner

__all__ = ["firm"]
ROW = {
    "approval_no": NUMBER,
    "name_zh": "青衡认证（演示）有限公司",
    "kind": "认证机构",
    "scope": "质量分级（演示）",
    "valid_from": "2020-01-01",
    "status": "valid",
}
FORMALDEHYDE = {
    "name_zh": "甲醛释放量",
    "value": 0.02,
    "unit": "mg/m³",
    "thresholds": "AAAAA ≤ 0.01; AAAA ≤ 0.03; AAA ≤ 0.05",
}
STRENGTH = {"name_zh": "抗弯强度", "value": 40, "unit": "MPa", "thresholds": "AAAAA ≥ 38; AAAA ≥ 35"}
TODAY = clock.today()
GRADE: dict[str, Any] = {
    "result_no": "DEMO-ZLFJ-2026-000901",
    "scheme": "家具质量分级",
    "subject_type": "product",
    "org_uscc": FIRM_NUMBER,
    "product_name_zh": "实木餐桌",
    "models": ["QY-350"],
    "grade_claimed": "AAAA",
    "standard_edition": "GB/T 44211-2024",
    "qualified": True,
    "conformity_report": "R-11",
    "overall_rule": "min",
    "indicators": [FORMALDEHYDE, STRENGTH],
    "evidence": [{"type": "test_report", "number": "R-12", "date": TODAY.isoformat()}],
    "graded_on": TODAY.isoformat(),
    "valid_to": (TODAY + dt.timedelta(days=300)).isoformat(),
}


class NoRecords:
    """Registers that hold nothing."""

    def find_record(self, register: str, key: str) -> None:
        del register, key

    def find_group(self, register: str, key: str) -> tuple[()]:
        del register, key
        return ()


NOTHING: RecordLookup = NoRecords()


@pytest.fixture
def with_bodies(firm: Registry, tmp_path: Path) -> Registry:
    import_files(firm, REGISTRAR, "bodies", [samples.write_sheet(tmp_path / "bodies.csv", "bodies", [ROW])])
    return firm


def send(registry: Registry, actor: Actor, **changes: Any) -> dict[str, Any]:
    document = {**GRADE, **changes}
    request = FilingRequest("grades", document, "王强")
    answer = by_program.file_request(registry, actor, TokenBearer(actor, 1, BODY, "declare"), request)
    found: dict[str, Any] = json.loads(answer.body)
    return found


def refused(registry: Registry, actor: Actor, **changes: Any) -> list[tuple[str, str]]:
    with pytest.raises(Invalid) as issues:
        send(registry, actor, **changes)
    return issue_codes(issues)


def test_the_level_is_worked_out_from_the_values(with_bodies: Registry) -> None:
    mei = sign_up_body_owner(with_bodies)
    assert ("filled_in", "grade") in refused(with_bodies, mei, grade="AAAAA")
    assert ("marked_higher", "grade_claimed") in refused(with_bodies, mei, grade_claimed="AAAAA")
    record = send(with_bodies, mei)
    assert (record["document"]["grade"], record["status"]) == ("AAAA", "publicity")
    last_day = TODAY + dt.timedelta(days=NOTICE_DAYS)
    assert record["document"]["objections_until"] == last_day.isoformat()


def test_outside_its_scope_a_body_grades_nothing(with_bodies: Registry, tmp_path: Path) -> None:
    mei = sign_up_body_owner(with_bodies)
    sheet = samples.write_sheet(tmp_path / "scope.csv", "bodies", [ROW | {"scope": "有机产品"}])
    import_files(with_bodies, REGISTRAR, "bodies", [sheet])
    assert refused(with_bodies, mei) == [("grading_out_of_scope", "scheme")]


def test_the_publisher_decides_whether_a_proposed_grade_comes_into_force(with_bodies: Registry) -> None:
    mei = sign_up_body_owner(with_bodies)
    number = str(send(with_bodies, mei)["number"])
    with pytest.raises((Forbidden, Invalid)):
        deciding.prepare_decision(with_bodies, mei, draft("grades", "published", number, version=1))
    publisher, second = staff(with_bodies, "publisher"), staff(with_bodies, "publisher")
    published = draft("grades", "published", number, version=1)
    with pytest.raises(Invalid, match="objections_still_taken"):
        deciding.prepare_decision(with_bodies, publisher, published)
    with clock.frozen_at(clock.now() + dt.timedelta(days=NOTICE_DAYS + 1)):
        decision = deciding.prepare_decision(with_bodies, publisher, published)
        deciding.take_decision(with_bodies, second, decision)
        assert status_of(with_bodies, "grades", number) == "valid"
        # lowered: what the enterprise claimed when it was graded stays on record and is no obstacle
        lowered = {"grade": "AAA", "grade_before": "AAAA", "status_reason": "抽查不符（演示）"}
        registrar, other = staff(with_bodies, "registrar"), staff(with_bodies, "registrar")
        wanted = draft("grades", "downgraded", number, stated=lowered)
        assert (
            deciding.take_decision(
                with_bodies, other, deciding.prepare_decision(with_bodies, registrar, wanted)
            )
            == ()
        )
    assert status_of(with_bodies, "grades", number) == "downgraded"


@pytest.mark.parametrize(
    ("weights", "level"),
    [
        ((1, 1), "AAAA"),
        ((1, 3), "AAAAA"),
        ((3, 1), "AAAA"),
        ((0, 1), "AAAAA"),
    ],  # a half is rounded to the worse level
)
def test_the_weighted_mean_is_rounded_to_the_worse_level(weights: tuple[int, int], level: str) -> None:
    rows = [{**row, "weight": weight} for row, weight in zip((FORMALDEHYDE, STRENGTH), weights, strict=True)]
    values = {**GRADE, "overall_rule": "weighted", "indicators": rows}
    assert derive_values(values, NOTHING)["grade"] == level
    [told] = tell_working(values, NOTHING)
    assert told.code == "grade_by_weights"
    assert "甲醛释放量 0.02mg/m³ → AAAA × " in str(told.params["lines"])
    english = issue_message(told, "en", catalogue()["grades"])
    assert "Formaldehyde emission 0.02mg/m³ → AAAA × " in english
    assert not CHINESE.search(english)


@pytest.mark.parametrize(
    "scheme", [each for each in SCHEMES.schemes if CHINESE.search(each.best.code)], ids=lambda each: each.code
)
def test_the_arithmetic_names_levels_and_indicators_in_english(scheme: Scheme) -> None:
    row = {"name_zh": FORMALDEHYDE["name_zh"], "value": 1, "level": scheme.best.code}
    [told] = tell_working({"scheme": scheme.name, "overall_rule": "min", "indicators": [row]}, NOTHING)
    chinese, english = (issue_message(told, lang, catalogue()["grades"]) for lang in ("zh", "en"))
    assert f"甲醛释放量 1 → {scheme.best.code}" in chinese
    assert f"Formaldehyde emission 1 → {scheme.best.en_alone}" in english
    assert f"decides: {scheme.best.en_alone}." in english
    assert not CHINESE.search(english)
    table = catalogue()["grades"].schema.register_fields()["indicators"]
    values = {"scheme": scheme.name, "indicators": [row]}
    assert field_text("indicators", table, values, "en") == f"Formaldehyde emission 1 {scheme.best.en_alone}"
    assert field_text("indicators", table, values, "zh") == f"甲醛释放量 1 {scheme.best.zh}"


@pytest.mark.parametrize(
    "changes",
    [
        {"overall_rule": None},
        {"scheme": "没有的方案"},
        {"indicators": []},
        {"indicators": [FORMALDEHYDE, {"name_zh": "外观", "value": 1}]},
        {"overall_rule": "weighted"},
    ],
)
def test_what_cannot_be_worked_out_is_left_to_the_body(changes: dict[str, Any]) -> None:
    values = {**GRADE, **changes}
    assert work_out(values) is None
    assert "grade" not in derive_values(values, NOTHING)
    assert list(tell_working(values, NOTHING)) == []
