"""Free wording: times, ages, states, places and grades as people say them become filters; what is not held is said."""

from __future__ import annotations

import datetime as dt

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.services.bootstrap import Registry
from registry.services.finding import search
from registry.services.finding.projections import PageOfItems, search_json
from registry.services.finding.query_understanding.filter_inference import infer_filters
from registry.services.finding.query_understanding.times_in_words import find_times
from registry.services.finding.requests import SearchRequest, parse_request
from registry.services.finding.scope import search_scope

TODAY = dt.date(2026, 6, 30)


@pytest.fixture(autouse=True)
def _on_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: TODAY)


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("去年公布的", "year", 2025, 2025),
        ("前年", "year", 2024, 2024),
        ("last year", "year", 2025, 2025),
        ("2012年以前认定", "date", 0, 20119999),
        ("2012年以来", "date", 20120000, 0),
        ("since 2012", "date", 20120000, 0),
        ("after 2012", "date", 20130000, 0),
        ("before 2012", "date", 0, 20119999),
        ("between 2012 and 2014", "date", 20120000, 20149999),
        ("2023年4月", "date", 20230400, 20230499),
        ("in april 2023", "date", 20230400, 20230499),
        ("2023年4月5日", "date", 20230405, 20230405),
        ("上世纪八十年代", "date", 19800000, 19899999),
        ("in the eighties", "date", 19800000, 19899999),
        ("近五年", "date", 20210000, 0),
        ("founded before 1850", "founded", 0, 1849),
        ("founded in 1850", "founded", 1850, 1850),
        ("1850年创办", "founded", 1850, 1850),
        ("dating back to the 18th century", "founded", 1701, 1800),
        ("同治年间", "founded", 1862, 1874),
        ("乾隆五年", "founded", 1740, 1741),
        ("清代", "founded", 1644, 1911),
        ("qianlong reign", "founded", 1736, 1795),
        ("民国时期", "founded", 1912, 1949),
        ("解放前", "founded", 0, 1948),
        ("三百年以上", "founded", 0, 1726),
        ("超过一百二十年", "founded", 0, 1906),
        ("over 120 years old", "founded", 0, 1906),
        ("more than three hundred years old", "founded", 0, 1726),
        ("centuries-old", "founded", 0, 1826),
        ("不到六十年", "founded", 1967, 0),
    ],
)
def test_times_in_words(text: str, kind: str, first: int, last: int) -> None:
    [found] = find_times(text)
    assert (found.kind, found.first, found.last) == (kind, first, last)


@pytest.mark.parametrize("text", ["家具 2024", "gb 3100-1993", "年间", "同治", "3 years", "song", "may"])
def test_what_is_no_time(text: str) -> None:
    assert find_times(text) == []


@pytest.mark.parametrize(
    ("text", "rest", "filters"),
    [
        ("已作废的标准", "", {"standing": ("ended",), "register": ("standards",)}),
        ("还没生效的标准", "", {"status": ("upcoming",), "register": ("standards",)}),
        ("standards no longer in force", "", {"register": ("standards",), "standing": ("ended",)}),
        ("粤 茶叶", "茶叶", {"region": ("440000",)}),
        ("沪 老字号", "", {"region": ("310000",), "register": ("brands",)}),
        ("Canton tea", "tea", {"region": ("440100",)}),
        ("Hongkong tea", "tea", {"region": ("810000",)}),
        ("臺灣 茶叶", "茶叶", {"region": ("710000",)}),
        ("江浙 丝绸", "丝绸", {"region": ("320000", "330000")}),
        ("北京朝阳区 餐饮", "餐饮", {"region": ("110105",)}),
        ("吉林长春 人参", "人参", {"region": ("220100",)}),
        ("第二批老字号", "", {"batch": ("2",), "register": ("brands",)}),
        ("4个A的沙发", "沙发", {"grade": ("AAAA",), "register": ("grades",)}),
        ("二级能效 空调", "空调", {"grade": ("2",), "register": ("grades",)}),
        ("companies that make furniture in Hangzhou", "furniture", {"region": ("330100",), "register": ("organisations",)}),
    ],
)  # fmt: skip
def test_words_become_filters(text: str, rest: str, filters: dict[str, tuple[str, ...]]) -> None:
    inference = infer_filters(text, "")
    assert inference.rest == rest
    assert {name: set(values) for name, values in inference.merged_with({}).items()} == {
        name: set(values) for name, values in filters.items()
    }


def test_times_of_records_are_dates_and_ages_are_years_of_foundation() -> None:
    inference = infer_filters("2012年以前的老字号 两百年以上", "")
    assert (inference.date("from"), inference.date("to")) == ("", "2011")
    assert inference.merged_with({})["founded"] == ("..1826",)


@pytest.mark.parametrize(
    "text",
    [
        "这张证书还有效吗",
        "is this certificate still valid?",
        "certificate for furniture still valid?",
        "家具标准是不是现行有效",
        "家具证书有效？",
    ],
)
def test_who_asks_whether_something_is_in_force_sees_what_has_ended_too(text: str) -> None:
    inference = infer_filters(text, "")
    assert inference.asks_whether
    assert "standing" not in inference.merged_with({})


@pytest.mark.parametrize(
    "text",
    [
        "which furniture makers in Hangzhou have a valid green certificate?",
        "Who holds a valid furniture certificate?",
        "are there valid certificates for furniture?",
        "杭州哪些家具厂的证书有效？",
        "有效的家具证书有多少？",
    ],
)
def test_who_asks_which_are_in_force_sees_only_these(text: str) -> None:
    inference = infer_filters(text, "")
    assert not inference.asks_whether
    assert inference.merged_with({})["standing"] == ("in_force",)


@pytest.mark.parametrize(
    "text",
    [
        "furniture Zhejiang",
        "suppliers of furniture Zhejiang",
        "who makes furniture in Zhejiang",
        "where can I find a list of furniture manufacturers in Zhejiang",
    ],
)
def test_what_is_only_said_to_ask_changes_nothing(filled: Registry, text: str) -> None:
    found = find(filled, text, "en")
    assert {row.number for row in found.rows} == {
        row.number for row in find(filled, "furniture Zhejiang", "en").rows
    }
    assert not found.relaxed
    assert found.total


def find(registry: Registry, text: str, lang: str = "zh", **more: object) -> search.ResultsView:
    return search.find_records(registry, ANONYMOUS, SearchRequest(text, size=50, **more), lang)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["宿州", "宿州 家具", "西双版纳 老字号"])
def test_a_place_of_which_nothing_is_held_is_said(filled: Registry, text: str) -> None:
    found = find(filled, text)
    assert (found.total, len(found.places_not_held)) == (0, 1)
    api = search_json(filled, ANONYMOUS, SearchRequest(text), PageOfItems(10), lang="zh")
    assert [each["zh"] for each in api["places_not_held"]] == [found.places_not_held[0].zh]


def test_ages_filter_by_the_year_of_foundation(filled: Registry) -> None:
    found = find(filled, "一百五十年以上的老字号", include_ended=True)
    [chip] = [each for each in found.inferred_filters if each.name == "founded"]
    assert chip.values[0][1].en == "1876 or earlier"
    younger = find(filled, "不到一百五十年的老字号", include_ended=True)
    assert found.total
    assert younger.total
    assert not {row.number for row in found.rows} & {row.number for row in younger.rows}
    chosen = parse_request(search_scope("brands"), [("founded", "..1876"), ("ended", "1")])
    assert search.find_records(filled, ANONYMOUS, chosen, "zh").total == found.total


def test_a_filter_that_is_taken_back_is_words_again(filled: Registry) -> None:
    found = find(filled, "两百年以上的老字号")
    [chip] = [each for each in found.inferred_filters if each.name == "founded"]
    again = find(filled, "两百年以上的老字号", as_words=(chip.typed,))
    assert "founded" not in {each.name for each in again.inferred_filters}


@pytest.mark.parametrize("text", ["潜水艇门票", "trampoline rental", "杭州 降落伞"])
def test_an_unknown_word_that_tells_something_finds_nothing(filled: Registry, text: str) -> None:
    assert find(filled, text).total == 0


@pytest.mark.parametrize(
    ("text", "months"),
    [
        ("that expire in 2027", "202701..202712"),
        ("ending this year", "202601..202612"),
        ("ending 2027", "202701..202712"),
        ("expiring in march 2027", "202703..202703"),
        ("expire by 2027", "..202712"),
        ("expiry after 2027", "202801.."),
        ("valid until 2028", "202801..202812"),
        ("valid until march 2028", "202803..202803"),
        ("expire next month", "202607..202607"),
        ("expiring soon", "202606..202609"),
        ("expiring within 6 months", "202606..202612"),
        ("due for renewal in the next two years", "202606..202806"),
        ("2027年到期", "202701..202712"),
        ("明年到期的", "202701..202712"),
        ("2027年6月到期", "202706..202706"),
        ("2027年底前到期", "202710..202712"),
        ("三个月内到期", "202606..202609"),
        ("下个月到期", "202607..202607"),
        ("快到期的", "202606..202609"),
        ("有效期至2028年", "202801..202812"),
    ],
)
def test_when_something_ends_is_a_range_of_months(text: str, months: str) -> None:
    assert infer_filters(text, "").merged_with({}) == {"valid_until": (months,)}


@pytest.mark.parametrize("text", ["end tables", "证书到期", "expired certificates", "west end 1990"])
def test_an_end_without_a_time_is_no_range(text: str) -> None:
    assert "valid_until" not in infer_filters(text, "").merged_with({})


@pytest.mark.parametrize(
    ("text", "asks_whether"),
    [
        ("do you have furniture certificates still in force", False),
        ("have any of the certificates been in force", False),
        ("are any certificates in force", False),
        ("is this certificate in force", True),
        ("有没有有效的家具证书", True),
        ("有没有家具证书有效", False),
    ],
)
def test_whether_there_are_any_is_another_question_than_whether_one_is_in_force(
    text: str, asks_whether: bool
) -> None:
    assert infer_filters(text, "").asks_whether is asks_whether


@pytest.mark.parametrize(
    ("text", "place", "rest"), [("四平小吃", "220300", "小吃"), ("北京小吃", "110000", "小吃")]
)
def test_a_place_and_a_thing_in_one_word_are_taken_apart(text: str, place: str, rest: str) -> None:
    inference = infer_filters(text, "")
    assert (inference.places, inference.rest) == ((place,), rest)
