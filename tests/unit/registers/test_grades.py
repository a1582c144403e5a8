"""Quality grades: scales, rules with an example on each side, the table of the life cycle, dates, the example sheet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.grading import Scheme
from registry.registers.grades import REGISTER, scales
from tests.shared_data import needs_shared, sheet
from tests.unit.registers.trial import Others, found, load, unworded

Values = dict[str, Any]
FURNITURE = "家具质量分级"
BODY = ("bodies", "CNCA-R-2099-101")


def test_the_definition_does_not_contradict_itself() -> None:
    assert REGISTER.self_check() == []
    assert unworded(REGISTER) == set()


@pytest.mark.parametrize("scheme", scales.SCHEMES.schemes, ids=lambda scheme: scheme.code)
def test_ranks_of_a_scale_run_from_one_without_gaps(scheme: Scheme) -> None:
    assert sorted(level.rank for level in scheme.levels) == list(range(1, len(scheme.levels) + 1))
    assert len({level.code for level in scheme.levels}) == len(scheme.levels)
    assert scheme.en.isascii()


@pytest.mark.parametrize(
    ("scheme", "best"),
    [
        (FURNITURE, "AAAAA"),
        ("产品等级品", "优等品"),
        ("能效等级", "1"),
        ("水效等级", "1"),
        ("绿色建材星级", "★★★"),
        ("养老机构等级", "五级"),
        ("旅游饭店星级", "五星级"),
        ("旅游景区质量等级", "AAAAA"),
        ("领跑者", "先进水平"),
        ("茶叶分等", "特级"),
    ],
)
def test_the_best_of_each_scale(scheme: str, best: str) -> None:
    level = scales.find_level(scheme, best)
    assert level is not None
    assert level.rank == 1
    assert REGISTER.search.rank is not None
    assert REGISTER.search.rank({"scheme": scheme, "grade": best}) == 1


def test_an_unknown_scheme_is_kept_without_a_rank() -> None:
    raw = {"scheme": "演示分级", "grade": "金牌"}
    values, blocking, warnings = load(REGISTER, raw)
    assert values == raw
    assert blocking == []
    assert ("scheme_unknown", "scheme") in {(each.code, each.field) for each in warnings}
    assert REGISTER.search.rank is not None
    assert REGISTER.search.rank(values) == 0
    assert scales.scheme_words("演示分级").en_source == "missing"


@pytest.mark.parametrize(
    ("written", "kept"), [("5A", "AAAAA"), ("4a级", "AAAA"), ("aaa", "AAA"), ("一级", "一级")]
)
def test_usual_names_of_grades(written: str, kept: str) -> None:
    assert load(REGISTER, {"grade": written})[0] == {"grade": kept}


def measured(value: float, level: str, thresholds: str = "") -> Values:
    """A row of indicators."""
    row = {"name_zh": "甲醛释放量", "value": value, "unit": "mg/m³", "level": level}
    return row | ({"thresholds": thresholds} if thresholds else {})


def weighted(grade: str, *levels: tuple[str, float | None]) -> Values:
    """A grade that follows from the weighted mean of (level, weight)."""
    rows = [{"level": level} | ({} if weight is None else {"weight": weight}) for level, weight in levels]
    return {"scheme": FURNITURE, "overall_rule": "weighted", "grade": grade, "indicators": rows}


THRESHOLDS = [
    {"level": level, "name_zh": "甲醛释放量", "operator": "<=", "limit": limit}
    for level, limit in (("AAAAA", 0.01), ("AAAA", 0.03), ("AAA", 0.05))
]
ANNUAL_FACTOR = {"name_zh": "全年能源消耗效率（热泵型，额定制冷量≤ 4500 W）", "unit": "W·h/(W·h)"}


RULES: list[tuple[str, str, Values, Values]] = [
    # code, field, values that obey, values that do not
    (
        "ends_before_start",
        "valid_to",
        {"graded_on": "2026-01-28", "valid_to": "2026-01-28"},
        {"graded_on": "2026-01-28", "valid_to": "2026-01-27"},
    ),
    ("after_today", "graded_on", {"graded_on": "2026-11"}, {"graded_on": "2026-12"}),
    ("scheme_unknown", "scheme", {"scheme": FURNITURE, "grade": "A"}, {"scheme": "演示分级", "grade": "A"}),
    (
        "grade_not_of_scale",
        "grade",
        {"scheme": FURNITURE, "grade": "AAAA"},
        {"scheme": FURNITURE, "grade": "4A级优"},
    ),
    (
        "marked_higher",
        "grade_claimed",
        {"scheme": FURNITURE, "grade": "AAAA", "grade_claimed": "AAA"},
        {"scheme": FURNITURE, "grade": "AAAA", "grade_claimed": "AAAAA"},
    ),
    (
        "marked_higher",
        "grade_claimed",
        {"scheme": "能效等级", "grade": "1", "grade_claimed": "2"},
        {"scheme": "能效等级", "grade": "2", "grade_claimed": "1"},
    ),
    (
        "evidence_too_old",
        "evidence",
        {"scheme": FURNITURE, "graded_on": "2026-01-28", "evidence": [{"date": "2025-01-28"}]},
        {"scheme": FURNITURE, "graded_on": "2026-01-28", "evidence": [{"date": "2025-01-27"}]},
    ),
    (
        "valid_too_long",
        "valid_to",
        {"scheme": "养老机构等级", "graded_on": "2026-01-28", "valid_to": "2029-01-28"},
        {"scheme": FURNITURE, "graded_on": "2026-01-28", "valid_to": "2027-01-29"},
    ),
    ("required", "models", {"subject_type": "product", "models": ["QY-1"]}, {"subject_type": "product"}),
    ("required", "service_site", {"subject_type": "product"}, {"subject_type": "service"}),
    (
        "subject_not_of_scheme",
        "subject_type",
        {"scheme": "养老机构等级", "subject_type": "service"},
        {"scheme": "茶叶分等", "subject_type": "product"},
    ),
    (
        "indicator_below_grade",
        "indicators",
        {"scheme": FURNITURE, "overall_rule": "min", "grade": "AAA", "indicators": [{"level": "AAAA"}]},
        {"scheme": FURNITURE, "overall_rule": "min", "grade": "AAAA", "indicators": [{"level": "AAA"}]},
    ),
    (
        "indicator_below_grade",
        "indicators",
        {
            "scheme": "养老机构等级",
            "overall_rule": "weighted",
            "grade": "五级",
            "indicators": [{"level": "四级"}],
        },
        {"scheme": "养老机构等级", "overall_rule": "min", "grade": "五级", "indicators": [{"level": "四级"}]},
    ),
    (
        "grade_not_of_scale",
        "grade_claimed",
        {"scheme": FURNITURE, "grade_claimed": "AAAA"},
        {"scheme": FURNITURE, "grade_claimed": "一级"},
    ),
    (
        "grade_not_of_scale",
        "indicators",
        {"scheme": FURNITURE, "indicators": [{"level": "AAAA"}]},
        {"scheme": FURNITURE, "indicators": [{"level": "一级"}]},
    ),
    (
        "evidence_after_grading",
        "evidence",
        {"scheme": FURNITURE, "graded_on": "2026-01-28", "evidence": [{"date": "2026-01-28"}]},
        {"scheme": FURNITURE, "graded_on": "2026-01-28", "evidence": [{"date": "2026-01-29"}]},
    ),
    (
        "evidence_after_grading",
        "evidence",
        {"scheme": FURNITURE, "graded_on": "2026-01", "evidence": [{"date": "2026-01-31"}]},
        {"scheme": FURNITURE, "graded_on": "2026-01", "evidence": [{"date": "2026-02"}]},
    ),
    (
        "evidence_ended",
        "evidence",
        {"scheme": FURNITURE, "graded_on": "2026-01-28", "evidence": [{"valid_to": "2026-01-28"}]},
        {"scheme": FURNITURE, "graded_on": "2026-01-28", "evidence": [{"valid_to": "2026-01-27"}]},
    ),
    (
        "outlives_evidence",
        "valid_to",
        {"scheme": FURNITURE, "valid_to": "2026-12-31", "evidence": [{"valid_to": "2026-12-31"}]},
        {"scheme": FURNITURE, "valid_to": "2027-01-01", "evidence": [{"valid_to": "2026-12-31"}]},
    ),
    (
        "outlives_evidence",
        "valid_to",
        {"scheme": FURNITURE, "valid_to": "2027-03-01", "evidence": [{"date": "2025-03-01"}]},
        {"scheme": FURNITURE, "valid_to": "2027-03-02", "evidence": [{"date": "2025-03-01"}]},
    ),
    (
        "level_not_reached",
        "indicators",
        {"scheme": FURNITURE, "indicators": [measured(0.03, "AAAA", "AAAA ≤ 0.03")]},
        {"scheme": FURNITURE, "indicators": [measured(0.045, "AAAA", "AAAA ≤ 0.03")]},
    ),
    (
        "level_differs",
        "indicators",
        {"scheme": FURNITURE, "indicators": [measured(0.05, "AAA", "AAAAA ≤ 0.01; AAAA ≤ 0.03；AAA ≤ 0.05")]},
        {
            "scheme": FURNITURE,
            "indicators": [measured(0.05, "AAAA", "AAAAA ≤ 0.01; AAAA ≤ 0.03；AAA ≤ 0.05")],
        },
    ),
    (
        "level_differs",
        "indicators",
        {"scheme": FURNITURE, "indicators": [measured(0.02, "AAAA")], "level_thresholds": THRESHOLDS},
        {"scheme": FURNITURE, "indicators": [measured(0.04, "AAAA")], "level_thresholds": THRESHOLDS},
    ),
    (  # the thresholds of the scheme itself
        "level_differs",
        "indicators",
        {"scheme": "房间空气调节器能效等级", "indicators": [{**ANNUAL_FACTOR, "value": 4.5, "level": "2"}]},
        {"scheme": "房间空气调节器能效等级", "indicators": [{**ANNUAL_FACTOR, "value": 4.49, "level": "2"}]},
    ),
    (
        "indicator_below_grade",
        "indicators",
        {
            "scheme": FURNITURE,
            "overall_rule": "min",
            "grade": "AAA",
            "indicators": [measured(0.04, "AAAA")],
            "level_thresholds": THRESHOLDS,
        },
        {
            "scheme": FURNITURE,
            "overall_rule": "min",
            "grade": "AAAA",
            "indicators": [measured(0.04, "AAAA")],
            "level_thresholds": THRESHOLDS,
        },
    ),
    ("weight_missing", "indicators", weighted("A", ("A", 1)), weighted("A", ("A", None))),
    # The mean of AAAAA (1) and AAA (3) is 2; of AAAA (2) and AAA (3) 2.5, which is rounded to the worse one.
    (
        "weighted_below_grade",
        "grade",
        weighted("AAAA", ("AAAAA", 0.5), ("AAA", 0.5)),
        weighted("AAAAA", ("AAAAA", 0.5), ("AAA", 0.5)),
    ),
    (
        "weighted_below_grade",
        "grade",
        weighted("AAA", ("AAAA", 1), ("AAA", 1)),
        weighted("AAAA", ("AAAA", 1), ("AAA", 1)),
    ),
    ("weighted_below_grade", "grade", weighted("AAAA", ("AAAA", 3), ("AAA", 1)), weighted("AAAA", ("A", 1))),
    ("weighted_below_grade", "grade", weighted("A", ("A", None)), weighted("AAAA", ("A", None))),
    (
        "standard_not_of_scheme",
        "standard_edition",
        {"scheme": FURNITURE, "standard_edition": "GB/T 44211-2024"},
        {"scheme": FURNITURE, "standard_edition": "GB/T 45353-2025"},
    ),
    (
        "standard_not_of_scheme",
        "standard_edition",
        {"scheme": "茶叶分等", "standard_edition": "GB/T 14456.1-2017"},
        {"scheme": "茶叶分等", "standard_edition": "GB/T 37276-2018"},
    ),
    (
        "mark_outside_validity",
        "mark_download",
        {"graded_on": "2026-01-28", "valid_to": "2027-01-27", "mark_download": "2026-01"},
        {"graded_on": "2026-01-28", "valid_to": "2027-01-27", "mark_download": "2026-01-27"},
    ),
    (
        "mark_outside_validity",
        "mark_download",
        {"valid_to": "2027-01-27", "mark_download": "2027-01-27"},
        {"valid_to": "2027-01-27", "mark_download": "2027-01-28"},
    ),
    ("required", "status_reason", {"status": "valid"}, {"status": "suspended"}),
    (
        "required",
        "grade_before",
        {"status": "downgraded", "grade_before": "AAAA"},
        {"status": "downgraded"},
    ),
    (
        "required",
        "objections_until",
        {"status": "publicity", "objections_until": "2026-12-01"},
        {"status": "publicity"},
    ),
    (
        "not_lowered",
        "grade",
        {"scheme": FURNITURE, "status": "downgraded", "grade": "AAA", "grade_before": "AAAA"},
        {"scheme": FURNITURE, "status": "downgraded", "grade": "AAAA", "grade_before": "AAAA"},
    ),
    ("not_qualified", "qualified", {"qualified": True}, {"qualified": False}),
    (
        "graded_itself",
        "grader_name_zh",
        {"grader_name_zh": "甲机构", "org_name_zh": "乙公司"},
        {"grader_name_zh": "乙(演示)公司", "org_name_zh": "乙（演示）公司"},
    ),
    ("required", "evidence", {"evidence": [{"number": "R-1"}]}, {}),
    (
        "unit_missing",
        "indicators",
        {"indicators": [{"name_zh": "甲醛", "value": 0.02, "unit": "mg/m³"}]},
        {"indicators": [{"name_zh": "甲醛", "value": 0.02}]},
    ),
]


@pytest.mark.parametrize(("code", "name", "good", "bad"), RULES)
def test_each_rule_holds_and_fails(code: str, name: str, good: Values, bad: Values) -> None:
    assert (code, name) not in found(REGISTER, good)
    assert (code, name) in found(REGISTER, bad)
    assert REGISTER.message_for(code) != code


LINKED: list[tuple[str, Values, Values, Others]] = [
    (
        "body_not_known",
        {"grader_approval_no": "CNCA-R-2099-101"},
        {"grader_approval_no": "CNCA-R-2099-999"},
        Others({BODY: {"status": "valid"}}),
    ),
    (
        "body_not_approved_then",
        {"grader_approval_no": "CNCA-R-2099-101", "graded_on": "2024-12-31"},
        {"grader_approval_no": "CNCA-R-2099-101", "graded_on": "2025-01-01"},
        Others({BODY: {"valid_from": "2019-01-01", "valid_to": "2024-12-31"}}),
    ),
    (
        "body_not_approved_then",
        {"grader_approval_no": "CNCA-R-2099-101", "graded_on": "2019-01"},
        {"grader_approval_no": "CNCA-R-2099-101", "graded_on": "2018-12"},
        Others({BODY: {"valid_from": "2019-01-01"}}),
    ),
    (
        "graded_itself",
        {"grader_approval_no": "CNCA-R-2099-101", "org_uscc": "91330100MAWY010175"},
        {"grader_approval_no": "CNCA-R-2099-101", "org_uscc": "91110000101461180X"},
        Others({BODY: {"uscc": "91110000101461180X"}}),
    ),
]


@pytest.mark.parametrize(
    ("code", "name", "scheme", "good", "bad"),
    [
        (
            "grader_of_wrong_kind",
            "grader_approval_no",
            FURNITURE,
            {"kind": "certification"},
            {"kind": "inspection"},
        ),
        (
            "grader_of_wrong_kind",
            "grader_approval_no",
            FURNITURE,
            {"kind": "testing", "cma_no": "990000000001"},
            {"kind": "testing"},
        ),
        (
            "grader_of_wrong_kind",
            "grader_approval_no",
            "养老机构等级",
            {"kind": "assessment"},
            {"kind": "testing"},
        ),
        ("grading_out_of_scope", "scheme", FURNITURE, {"scope": "质量分级"}, {"scope": "绿色产品"}),
        ("grading_out_of_scope", "scheme", FURNITURE, {"scope": ""}, {"scope": "有机产品"}),
    ],
)
def test_who_may_grade(code: str, name: str, scheme: str, good: Values, bad: Values) -> None:
    values = {"grader_approval_no": "CNCA-R-2099-101", "scheme": scheme}
    assert (code, name) not in found(REGISTER, values, Others({BODY: good}))
    assert (code, name) in found(REGISTER, values, Others({BODY: bad}))
    assert REGISTER.message_for(code) != code


@pytest.mark.parametrize(
    ("status", "use"),
    [
        ("valid", "may be used"),
        ("suspended", "suspended"),
        ("revoked", "must not be used"),
        ("publicity", "must not be used"),
    ],
)
def test_the_use_of_the_mark_follows_from_the_status(status: str, use: str) -> None:
    words = REGISTER.derived[0].compute({}, status)
    assert words is not None
    assert words.en == use


@pytest.mark.parametrize(("code", "good", "bad", "others"), LINKED)
def test_rules_that_ask_the_register_of_bodies(code: str, good: Values, bad: Values, others: Others) -> None:
    assert (code, "grader_approval_no") not in found(REGISTER, good, others)
    assert (code, "grader_approval_no") in found(REGISTER, bad, others)
    assert REGISTER.message_for(code) != code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "draft"),
        ("draft", "submitted"),
        ("submitted", "confirmed"),
        ("submitted", "returned"),
        ("confirmed", "publicity"),
        ("confirmed", "valid"),
        ("publicity", "valid"),
        ("valid", "under_check"),
        ("under_check", "valid"),
        ("under_check", "downgraded"),
        ("under_check", "revoked"),
        ("valid", "suspended"),
        ("suspended", "valid"),
        ("suspended", "revoked"),
        ("valid", "superseded"),
        ("valid", "withdrawn"),
        ("valid", "expired"),
        ("suspended", "expired"),
        ("downgraded", "expired"),
        ("downgraded", "under_check"),
    ],
)
def test_the_table_of_the_life_cycle(before: str, after: str) -> None:
    assert REGISTER.life_cycle.find_transition(before, after) is not None


@pytest.mark.parametrize("ended", ["revoked", "superseded", "withdrawn", "expired"])
def test_what_has_ended_stays_so(ended: str) -> None:
    assert not [move for move in REGISTER.life_cycle.transitions if move.before == ended]
    assert REGISTER.life_cycle.state(ended).standing == "ended"


def test_a_downgraded_result_stays_in_force_until_its_end() -> None:
    cycle, values = REGISTER.life_cycle, {"valid_to": "2026-08-08"}
    assert cycle.state("downgraded").standing == "in_force"
    assert cycle.status_on("downgraded", values, dt.date(2026, 8, 8)) == "downgraded"
    for status in ("valid", "downgraded", "suspended", "under_check"):
        assert cycle.status_on(status, values, dt.date(2026, 8, 9)) == "expired"
    assert cycle.status_on("superseded", values, dt.date(2026, 8, 9)) == "superseded"


@pytest.mark.parametrize(
    ("written", "warned"),
    [("ZLFJ-2026-000123", False), ("DEMO-ZLFJ-2026-000123", False), ("2026年第123号", True)],
)
def test_result_numbers_of_another_form_are_kept_with_a_warning(written: str, *, warned: bool) -> None:
    values, blocking, warnings = load(REGISTER, {"result_no": written})
    assert values == {"result_no": written}
    assert blocking == []
    assert (("pattern", "result_no") in {(each.code, each.field) for each in warnings}) is warned


@needs_shared
def test_every_example_row_loads_and_keys_differ() -> None:
    keys = set()
    rows = sheet("grades")
    for row in rows:
        assert REGISTER.life_cycle.has_state(row.pop("status"))
        values, blocking, _warnings = load(REGISTER, row)
        assert blocking == []
        assert REGISTER.search.rank is not None
        assert REGISTER.search.rank(values) > 0
        keys.add(REGISTER.key.compute(values))
    assert len(keys) == len(rows)


@pytest.mark.parametrize(
    ("scheme", "grade", "zh", "en"),
    [
        ("养老机构等级", "一级", "一级（共五个等级，最低）", "level 1, the lowest of five"),
        ("养老机构等级", "二级", "二级（共五个等级，从低到高第二）", "level 2, second lowest of five"),
        ("养老机构等级", "三级", "三级（共五个等级，从高到低第三）", "level 3, third highest of five"),
        ("养老机构等级", "五级", "五级（共五个等级，最高）", "level 5, the highest of five"),
        ("农产品分等", "二级", "二级（共三个等级，最低）", "grade 2, the lowest of three"),
        ("坐便器水效等级", "3", "3级（共三个等级，最低）", "grade 3, the lowest of three"),
        ("水效等级", "3", "3级（最高为1级）", "grade 3; the highest is grade 1"),
        ("水效等级", "1", "1级（最高等级）", "grade 1, the highest level"),
        (FURNITURE, "AAAA", "AAAA（共五个等级，从高到低第二）", "AAAA, second highest of five"),
    ],
)
def test_the_words_of_a_grade_are_those_of_its_scheme_and_say_its_place(
    scheme: str, grade: str, zh: str, en: str
) -> None:
    words = scales.SCHEMES.placed_words(scheme, grade)
    assert (words.zh, words.en) == (zh, en)


@pytest.mark.parametrize(("scheme", "grade"), [("演示分级", "二级"), ("", "二级"), ("养老机构等级", "特级")])
def test_a_grade_without_its_scheme_has_no_words_of_another(scheme: str, grade: str) -> None:
    words = scales.SCHEMES.placed_words(scheme, grade)
    assert (words.zh, words.en, words.en_source) == (grade, "", "missing")


@pytest.mark.parametrize(
    "written",
    ["养老机构等级", "Elderly-care institution level", "elderly-care institution level", "elderly-care"],
)
def test_a_scheme_is_known_by_its_name_in_either_language_and_its_code(written: str) -> None:
    assert load(REGISTER, {"scheme": written})[0] == {"scheme": "养老机构等级"}


def test_a_label_is_read_by_the_scheme_of_its_record() -> None:
    assert load(REGISTER, {"scheme": "能效等级", "grade": "一级"})[0]["grade"] == "1"
    assert load(REGISTER, {"scheme": "养老机构等级", "grade": "一级"})[0]["grade"] == "一级"
