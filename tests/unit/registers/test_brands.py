"""Time-honoured brands: titles, rules with an example on each side, the table of the life cycle, the example sheet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry import clock
from registry.kit.definition import KeyMissing
from registry.registers.brands import REGISTER, eras, schemes
from registry.registers.brands.source_notes import SourceNote
from tests.shared_data import needs_shared, sheet
from tests.unit.registers.trial import found, load, unworded

Values = dict[str, Any]


def test_the_definition_does_not_contradict_itself() -> None:
    assert REGISTER.self_check() == []
    assert unworded(REGISTER) == set()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("国家级", "national"),
        ("中华老字号", "national"),
        ("national", "national"),
        ("China Time-honored Brand", "national"),
        ("江苏老字号", "provincial:320000"),
        ("三晋老字号", "provincial:140000"),
        ("浙江老字号（省级）", "provincial:330000"),
        ("常州老字号（市级）", "city:320400"),
        ("Provincial:510000", "provincial:510000"),
        ("吉林老字号（市级）", "吉林老字号（市级）"),  # names the province: kept rather than guessed
        ("著名商标", "著名商标"),
    ],
)
def test_a_title_is_kept_in_one_form(written: str, kept: str) -> None:
    assert schemes.normalise(written) == kept
    assert schemes.normalise(kept) == kept


@pytest.mark.parametrize("scheme", ["national", "provincial:330000", "city:320400", "provincial:140000"])
def test_the_words_of_a_title_lead_back_to_it(scheme: str) -> None:
    assert schemes.check_scheme(scheme) is None
    assert schemes.normalise(schemes.scheme_words(scheme).zh) == scheme


def test_titles_are_offered_under_names_that_lead_to_them() -> None:
    offered = schemes.offered()
    assert [offered[0].code, len({each.code for each in offered})] == ["national", len(offered)]
    assert {"provincial:330000", "provincial:140000", "city:320400"} <= {each.code for each in offered}
    assert not {"provincial:710000", "provincial:810000"} & {each.code for each in offered}
    for each in offered:
        assert schemes.normalise(each.zh) == schemes.normalise(each.en) == each.code
        assert schemes.check_scheme(each.code) is None


@pytest.mark.parametrize(
    ("scheme", "doubt"),
    [
        ("著名商标", "scheme_form"),
        ("provincial:33", "scheme_form"),
        ("provincial:320400", "scheme_form"),
        ("city:330000", "scheme_form"),
        ("city:329900", "region_unknown"),
    ],
)
def test_a_doubtful_title_is_kept_with_a_warning(scheme: str, doubt: str) -> None:
    assert schemes.check_scheme(scheme) == doubt
    values, blocking, warnings = load(REGISTER, {"scheme": scheme, "brand_name_zh": "演示记"})
    assert values["scheme"] == scheme
    assert blocking == []
    assert (doubt, "scheme") in {(issue.code, issue.field) for issue in warnings}


@pytest.mark.parametrize(
    ("written", "years"),
    [
        ("清康熙八年", (1669, 1670)),
        ("清乾隆年间", (1736, 1795)),
        ("民国廿三年", (1934, 1935)),
        ("光绪元年", (1875, 1876)),
        ("明永乐14年", (1416, 1417)),
        ("宣统九年", None),  # there were three
        ("1903年", None),
    ],
)
def test_era_names(written: str, years: tuple[int, int] | None) -> None:
    assert eras.years_of(written) == years


RULES: list[tuple[str, str, Values, Values]] = [
    # code, field, values that obey, values that do not
    (
        "brand_name_missing",
        "brand_name_zh",
        {"brand_name_zh": "全聚德", "holder_name_zh": "某店"},
        {"holder_name_zh": "某店"},
    ),
    (
        "not_stated",
        "holder_name_zh",
        {"brand_name_zh": "全聚德", "holder_name_zh": "某店"},
        {"brand_name_zh": "全聚德"},
    ),
    (
        "too_young",
        "founded_year",
        {"scheme": "national", "founded_year": 1973, "recognised_on": "2023"},
        {"scheme": "national", "founded_year": 1980, "recognised_on": "2023"},
    ),
    (
        "too_young",
        "founded_year",
        {"scheme": "city:320400", "founded_year": 1980, "recognised_on": "2015"},
        {"scheme": "provincial:510000", "founded_year": 1980, "recognised_on": "2015"},
    ),
    (
        "business_too_young",
        "business_since",
        {"scheme": "provincial:330000", "business_since": 2000, "recognised_on": "2023"},
        {"scheme": "national", "business_since": 2000, "recognised_on": "2023"},
    ),
    (
        "region_not_of_title",
        "region_code",
        {"scheme": "provincial:330000", "region_code": "330100"},
        {"scheme": "provincial:330000", "region_code": "320100"},
    ),
    ("after_today", "founded_year", {"founded_year": 1669}, {"founded_year": 2030}),
    ("not_stated", "founded_year", {"founded_raw": "清末"}, {}),
    (
        "era_differs",
        "founded_era",
        {"founded_year": 1669, "founded_era": "清康熙八年"},
        {"founded_year": 1680, "founded_era": "清康熙八年"},
    ),
    ("right_not_proved", "trademarks", {"right_basis": "trade_name"}, {"right_basis": "trademark_owned"}),
    (
        "trademarks_expired",
        "trademarks",
        {"trademarks": [{"number": "171188", "valid_to": "2020"}, {"number": "171189"}]},
        {"trademarks": [{"number": "171188", "valid_to": "2020"}]},
    ),
    (
        "holders_overlap",
        "former_holders",
        {"former_holders": [{"held_from": "1951", "held_to": "2001"}], "holder_from": "2001-05-01"},
        {"former_holders": [{"held_from": "1951", "held_to": "2005"}], "holder_from": "2001-05-01"},
    ),
    (
        "holders_overlap",
        "former_holders",
        {"former_holders": [{"held_from": "1951", "held_to": "1999"}], "holder_from": "2001"},
        {"former_holders": [{"held_from": "1951"}], "holder_from": "2001"},
    ),
    ("superlative", "story_zh", {"story_zh": "前门老店。"}, {"story_zh": "国家级产品，人人称赞。"}),
    ("superlative", "story_en", {"story_en": "A duck house."}, {"story_en": "The Best in the World."}),
    (
        "removed_and_rectifying",
        "rectify_until",
        {"removed_reason": "bankrupt"},
        {"removed_reason": "bankrupt", "rectify_until": "2024-05-01"},
    ),
    (
        "rectification_too_long",
        "rectify_until",
        {"scheme": "provincial:370000", "decided_on": "2023-11-30", "rectify_until": "2024-11-30"},
        {"scheme": "national", "decided_on": "2023-11-30", "rectify_until": "2024-06-01"},
    ),
    (
        "rectification_too_long",
        "rectify_until",
        {
            "scheme": "national",
            "decided_on": "2023-11-13",
            "rectify_until": "2024-05-13",
            "source_status": "附条件通过",
        },
        {"scheme": "national", "decided_on": "2023-11-13", "rectify_until": "2024-05-13"},  # a breach
    ),
    (
        "rectification_too_long",
        "rectify_until",
        {"scheme": "national", "rectify_until": "2027-02-24"},
        {"scheme": "national", "rectify_until": "2028-11-24"},
    ),
    (
        "rectification_too_long",
        "review",
        {"scheme": "national", "review": [{"year": 2023, "result": "conditional", "deadline": "2024-06-30"}]},
        {"scheme": "national", "review": [{"year": 2023, "result": "conditional", "deadline": "2025-12-31"}]},
    ),
    (
        "review_failed_yet_listed",
        "review",
        {"status": "listed", "review": [{"year": 2020, "result": "fail"}, {"year": 2023, "result": "pass"}]},
        {"status": "listed", "review": [{"year": 2023, "result": "fail"}]},
    ),
    (
        "review_conditional_yet_listed",
        "review",
        {"status": "rectifying", "review": [{"year": 2023, "result": "conditional", "deadline": "2024"}]},
        {"status": "listed", "review": [{"year": 2023, "result": "conditional", "deadline": "2024"}]},
    ),
    (
        "review_without_deadline",
        "review",
        {"review": [{"year": 2023, "result": "conditional", "deadline": "2024-06-30"}]},
        {"review": [{"year": 2023, "result": "conditional"}]},
    ),
    ("after_today", "review", {"review": [{"year": 2026}]}, {"review": [{"year": 2027}]}),
    (
        "holder_time_ended",
        "holder_to",
        {"status": "listed", "holder_to": "2026-11-24"},
        {"status": "listed", "holder_to": "2026-11-23"},
    ),
    (
        "title_ran_out",
        "recognised_on",
        {"status": "listed", "scheme": "provincial:370000", "recognised_on": "2021-11-24"},
        {"status": "listed", "scheme": "provincial:370000", "recognised_on": "2010-05-01"},
    ),
    (
        "title_ran_out",
        "recognised_on",
        {"status": "listed", "scheme": "provincial:330000", "recognised_on": "2010-05-01"},
        {
            "status": "listed",
            "scheme": "provincial:370000",
            "recognised_on": "2010-05-01",
            "review": [{"year": 2015, "result": "pass"}],
        },
    ),
    (
        "publicity_too_short",
        "objections_until",
        {"scheme": "national", "notice_date": "2023-12-21", "objections_until": "2024-01-12"},
        {"scheme": "national", "notice_date": "2023-12-21", "objections_until": "2023-12-23"},
    ),
    (
        "working_days_estimated",
        "objections_until",
        {"scheme": "national", "notice_date": "2025-12-01", "objections_until": "2025-12-22"},
        {"scheme": "national", "notice_date": "2098-12-01", "objections_until": "2099-12-22"},
    ),
    (
        "heritage_code_form",
        "ich",
        {"ich": [{"level": "national", "code": "Ⅸ-7"}, {"code": "IX-7"}, {"level": "city", "code": "HZ-12"}]},
        {"ich": [{"level": "national", "code": "乱写"}]},
    ),
    (
        "heritage_code_form",
        "ich",
        {"ich": [{"level": "county"}]},
        {"ich": [{"level": "county", "code": "乱写"}]},
    ),
    ("after_today", "annual_reports", {"annual_reports": [2026]}, {"annual_reports": [2025, 2030]}),
    ("promoted_from_form", "promoted_from", {"promoted_from": "浙-2015-0012"}, {"promoted_from": "随便写的"}),
    (
        "promoted_from_form",
        "promoted_from",
        {"promoted_from": "DEMO-330-0001"},
        {"promoted_from": "DEMO-330-0001", "plaque_no": "DEMO-330-0001"},
    ),
    (
        "promoted_from_number",
        "promoted_from",
        {"promoted_from": "TB-2015-00016-6"},
        {"promoted_from": "TB-2015-00016-7"},
    ),
    (
        "name_years_reversed",
        "former_name_years",
        {"former_name_years": [{"name": "屿记", "from_year": 1903, "to_year": 1903}]},
        {"former_name_years": [{"name": "屿记", "from_year": 1951, "to_year": 1903}]},
    ),
    (
        "barred_after_removal",
        "removed_reason",
        {"removed_reason": "closed", "scheme": "national", "decided_on": "2023-11-13"}
        | {"status": "publicity", "notice_date": "2029-11-14"},
        {"removed_reason": "closed", "scheme": "national", "decided_on": "2023-11-13"}
        | {"status": "publicity", "notice_date": "2029-11-13"},
    ),
    ("after_today", "recognised_on", {"recognised_on": "2026-11-24"}, {"recognised_on": "2026-11-25"}),
    (
        "ends_before_start",
        "holder_to",
        {"holder_from": "2001-05-01", "holder_to": "2001"},
        {"holder_from": "2001-05-01", "holder_to": "2000"},
    ),
    ("required", "industry_code", {"industry_code": "C1462"}, {}),
    ("required", "holder_from", {"holder_from": "2001"}, {}),
    ("required", "founded_place", {"founded_place": "北京"}, {}),
    ("required", "business_since", {"scheme": "provincial:330000"}, {"scheme": "national"}),
    ("required", "recognised_on", {"status": "publicity"}, {"status": "listed"}),
    ("required", "recognised_on", {"status": "rejected"}, {"status": "removed"}),
    (
        "required",
        "objections_until",
        {"status": "publicity", "objections_until": "2026-12-01"},
        {"status": "publicity"},
    ),
    (
        "ends_before_start",
        "objections_until",
        {"notice_date": "2026-11-10", "objections_until": "2026-12-01"},
        {"notice_date": "2026-11-10", "objections_until": "2026-11-01"},
    ),
    ("required", "removed_reason", {"status": "removed", "removed_reason": "closed"}, {"status": "removed"}),
    (
        "required",
        "rectify_until",
        {"status": "rectifying", "rectify_until": "2027"},
        {"status": "rectifying"},
    ),
    (
        "pinyin_differs",
        "pinyin",
        {"brand_name_zh": "便宜坊", "pinyin": "Biànyífāng"},
        {"brand_name_zh": "便宜坊", "pinyin": "Piányifāng"},
    ),
    (
        "pinyin_differs",
        "pinyin",
        {"brand_name_zh": "吕记 TP", "pinyin": "lv ji tp"},
        {"brand_name_zh": "同仁堂", "pinyin": "trt"},
    ),
]


@pytest.mark.parametrize(("code", "name", "good", "bad"), RULES)
def test_each_rule_holds_and_fails(code: str, name: str, good: Values, bad: Values) -> None:
    assert (code, name) not in found(REGISTER, good)
    assert (code, name) in found(REGISTER, bad)
    assert "%(" in REGISTER.message_for(code) or REGISTER.message_for(code) != code


TABLE = [
    ("", "draft"),
    ("draft", "submitted"),
    ("submitted", "returned"),
    ("submitted", "city_ok"),
    ("city_ok", "returned"),
    ("city_ok", "local_ok"),
    ("submitted", "local_ok"),
    ("local_ok", "expert_ok"),
    ("local_ok", "declined"),
    ("expert_ok", "publicity"),
    ("publicity", "publicity_hold"),
    ("publicity_hold", "publicity"),
    ("publicity_hold", "rejected"),
    ("publicity", "listed"),
    ("listed", "rectifying"),
    ("rectifying", "listed"),
    ("rectifying", "suspended"),
    ("listed", "suspended"),
    ("suspended", "listed"),
    ("listed", "removed"),
    ("rectifying", "removed"),
    ("suspended", "removed"),
    ("listed", "listed"),
    ("removed", "draft"),
]


@pytest.mark.parametrize(("before", "after"), TABLE)
def test_the_table_of_the_life_cycle(before: str, after: str) -> None:
    assert REGISTER.life_cycle.find_transition(before, after) is not None


@pytest.mark.parametrize(
    ("before", "after"),
    [("removed", "listed"), ("draft", "listed"), ("rejected", "listed"), ("removed", "suspended")],
)
def test_no_way_round_the_table(before: str, after: str) -> None:
    assert REGISTER.life_cycle.find_transition(before, after) is None


def test_only_what_was_announced_is_public() -> None:
    hidden = {state.code for state in REGISTER.life_cycle.states if not state.is_public}
    before = {"draft", "submitted", "returned", "city_ok", "local_ok", "expert_ok"}
    assert hidden == before | {"declined", "withdrawn"}
    assert REGISTER.life_cycle.find_status("整改中") == "rectifying"
    assert REGISTER.life_cycle.find_status("不予认定") == "rejected"
    assert REGISTER.life_cycle.find_status("草稿") is None


def test_a_brand_known_by_its_holder_alone_goes_by_the_holders_name() -> None:
    raw = {"scheme": "国家级", "holder_name_zh": "某某 (集团) 有限公司", "region_code": "110000"}
    values, blocking, warnings = load(REGISTER, raw)
    assert blocking == []
    assert ("brand_name_missing", "brand_name_zh") in {(each.code, each.field) for each in warnings}
    assert REGISTER.key.compute(values) == REGISTER.key.compute(
        {**values, "holder_name_zh": "某某（集团）有限公司"}
    )
    assert REGISTER.search.extra_names is not None
    assert REGISTER.search.extra_names(values) == ("某某 (集团) 有限公司",)
    with pytest.raises(KeyMissing):
        REGISTER.key.compute({"scheme": "national"})


def test_namesakes_of_two_places_have_two_keys() -> None:
    beijing = {"scheme": "national", "brand_name_zh": "稻香村", "region_code": "110000"}
    assert REGISTER.key.compute(beijing) != REGISTER.key.compute({**beijing, "region_code": "320500"})
    assert REGISTER.key.compute(beijing) != REGISTER.key.compute({**beijing, "scheme": "provincial:110000"})


@pytest.mark.parametrize(
    ("status", "use"),
    [
        ("listed", "may be used"),
        ("rectifying", "may be used"),
        ("suspended", "suspended"),
        ("removed", "must not be used"),
        ("publicity", "must not be used"),
    ],
)
def test_the_use_of_the_mark_follows_from_the_status(status: str, use: str) -> None:
    derived = {each.name: each.compute for each in REGISTER.derived}
    words = derived["mark_use"]({}, status)
    assert words is not None
    assert words.en == use


def test_who_gives_the_title_is_named_where_it_is_known() -> None:
    derived = {each.name: each.compute for each in REGISTER.derived}
    words = derived["authority"]({"scheme": "national"}, "listed")
    assert words is not None
    assert "商务部" in words.zh
    assert derived["authority"]({"scheme": "city:320400"}, "listed") is not None
    assert derived["authority"]({"scheme": "city:330100"}, "listed") is None


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"brand_name_zh": ""}, "brand_name_missing"),
        ({"holder_name_zh": "某"}, "too_short"),
        ({"founded_year": "599"}, "below_least"),
        ({"industry_code": "X12"}, "industry_unknown"),
        ({"industry_code": "C"}, "industry_too_broad"),
        ({"trademarks": [{"number": "171188", "nice_class": 46}]}, "above_most"),
        ({"trademarks": [{"number": "一号"}]}, "trademark_form"),
        ({"story_zh": "演" * 3001}, "too_long"),
    ],
)
def test_values_that_a_field_doubts(raw: Values, code: str) -> None:
    _values, blocking, warnings = load(REGISTER, {"scheme": "national", **raw})
    assert blocking == []
    assert code in {issue.code for issue in warnings}


def test_values_that_a_field_takes() -> None:
    raw = {
        "industry_code": "C1462",
        "founded_year": "1669",
        "trademarks": [{"number": "171188", "nice_class": 30}],
    }
    _values, _blocking, warnings = load(REGISTER, raw)
    assert {each.field for each in warnings}.isdisjoint(raw)


@pytest.mark.parametrize(
    ("values", "today", "text", "end"),
    [
        ({"objections_until": "2023-06-15"}, "2023-06-15", "taken until", "2023-06-15"),
        ({"objections_until": "2023-06-15"}, "2023-06-16", "time for objections ended on", "2023-06-15"),
        ({"objections_until": "2023-06-15"}, "2026-11-29", "No later source", "2023-06-15"),
        # A province that recommends brands: the notice of Hubei names 30 June 2023 itself, that of Hainan 18 August 2023.
        ({"source_status": "拟推荐"}, "2023-06-30", "Counted in working days", "2023-06-30"),
        ({"source_status": "拟推荐"}, "2023-07-01", "counted in working days", "2023-06-30"),
        (
            {"source_status": "拟推荐", "notice_date": "2023-07-28"},
            "2026-11-29",
            "counted in working days",
            "2023-08-18",
        ),
        ({"source_status": "拟认定"}, "2023-07-03", "counted in working days", "2023-06-30"),
        ({"notice_date": "2026-12-21"}, "2026-12-22", "until about", "2027-01-11"),
        ({"scheme": "provincial:330000"}, "2026-11-29", "until when objections were taken is not held", None),
    ],
)
def test_a_notice_says_what_is_true_on_the_day(
    values: Values, today: str, text: str, end: str | None
) -> None:
    proposed = {"scheme": "national", "notice_date": "2023-06-08"} | values
    state = REGISTER.life_cycle.state("publicity")
    sentence = state.sentence(proposed, dt.date.fromisoformat(today))
    assert text in sentence.message
    assert sentence.days.get("end") == end
    assert sentence.days["notice"] == proposed["notice_date"]
    assert "today" not in sentence.message


@pytest.mark.parametrize(
    ("status", "values", "told"),
    [
        ("publicity", {"objections_until": "2026-11-24"}, True),
        ("publicity", {"objections_until": "2026-11-23"}, False),
        ("listed", {}, True),
        ("listed", {"source_date": "2026-03-01"}, True),
        ("listed", {"source_date": "2023-11-08"}, False),
        ("listed", {"holder_to": "2020"}, False),
        ("removed", {"source_date": "2023-11-08"}, True),
    ],
)
def test_an_old_source_says_nothing_on_the_use_of_the_mark(status: str, values: Values, told: bool) -> None:
    derived = {each.name: each.compute for each in REGISTER.derived}
    with clock.frozen_at(dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)):
        assert (derived["mark_use"](values, status) is not None) is told


def test_the_age_condition_is_told_where_the_title_has_one() -> None:
    derived = {each.name: each.compute for each in REGISTER.derived}
    old, young = (
        derived["age_condition"](
            {"scheme": "national", "founded_year": year, "recognised_on": "2023"}, "listed"
        )
        for year in (1973, 1980)
    )
    assert old is not None
    assert young is not None
    assert old.en == "met: 50 years when recognised, 50 required"
    assert young.en == "not met: 43 years when recognised, 50 required"
    assert derived["age_condition"]({"scheme": "national", "founded_year": 1973}, "listed") is None
    assert derived["age_condition"]({"scheme": "provincial:330000"}, "listed") is None


def test_batch_and_industry_are_filters() -> None:
    search = REGISTER.search
    assert "batch" in search.facets
    assert search.computed_facets is not None
    assert search.computed_facets({"industry_code": "C1462"}) == {"industry": ("C", "C14")}
    assert search.computed_words["industry"]["C14"].zh == "食品制造业"


@pytest.mark.parametrize(
    ("note", "zh", "en"),
    [
        ("enterprise only", "来源只列企业", "enterprise only"),
        (
            "brand only; traditional characters",
            "来源只列品牌；来源为繁体字",
            "brand only; traditional characters",
        ),
        (
            "brand only (https://a.example/1 ; https://b.example/2)",
            "来源只列品牌 (https://a.example/1 ; https://b.example/2)",
            "brand only (https://a.example/1 ; https://b.example/2)",
        ),
        ("brand only; unheard of", "brand only; unheard of", "brand only; unheard of"),
        ("演示备注。", "演示备注。", ""),
        ("", "", ""),
    ],
)
def test_notes_of_the_source_read_in_either_language(note: str, zh: str, en: str) -> None:
    words = SourceNote.words(note)
    assert (words.zh, words.en) == (zh, en)


def test_a_century_is_a_facet() -> None:
    assert REGISTER.search.computed_facets is not None
    with clock.frozen_at(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)):
        assert REGISTER.search.computed_facets({"founded_year": 1926}) == {"age": ("century",)}
        assert REGISTER.search.computed_facets({"founded_year": 1927}) == {"age": ("younger",)}
        assert REGISTER.search.computed_facets({}) == {}


@needs_shared
def test_every_example_row_loads_and_keys_differ() -> None:
    keys = set()
    rows = sheet("brands")
    for row in rows:
        assert REGISTER.life_cycle.has_state(row.pop("status"))
        values, blocking, _warnings = load(REGISTER, row)
        assert blocking == []
        keys.add(REGISTER.key.compute(values))
    assert len(keys) == len(rows)
