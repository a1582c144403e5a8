"""Days that follow from the rules of a title: what is stated comes first, and which day is the last one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.registers.brands import dates, eras, schemes

Values = dict[str, Any]
NATIONAL = {"scheme": "national"}
SHANDONG = {"scheme": "provincial:370000"}  # holds for five years
UNKNOWN = {"scheme": "provincial:330000"}  # of which no rule is known


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({**NATIONAL, "objections_until": "2026-03-10", "notice_date": "2026-01-05"}, (dt.date(2026, 3, 10), False, False)),
        ({**NATIONAL, "objections_until": "2026-03"}, (dt.date(2026, 3, 31), False, False)),
        ({**NATIONAL, "notice_date": "2023-12-21"}, (dt.date(2024, 1, 12), True, False)),  # 15, without New Year
        ({**NATIONAL, "notice_date": "2998-01-01"}, (dt.date(2998, 1, 22), True, True)),
        ({**UNKNOWN, "notice_date": "2023-12-21"}, None),
        ({**NATIONAL, "notice_date": ""}, None),
        (NATIONAL, None),
    ],
)  # fmt: skip
def test_objections_end(values: Values, end: tuple[dt.date, bool, bool] | None) -> None:
    assert dates.objections_end(values) == end
    assert dates.objections_last_day(values) == (end[0] if end else None)


REVIEWS = [
    {"year": 2024, "result": "pass", "deadline": "2099"},
    {"year": 2026, "result": "conditional", "deadline": "2026-11"},
    {"result": "conditional", "deadline": "2099"},
]


def test_the_newest_review_that_states_its_year_counts() -> None:
    assert dates.last_review({"review": REVIEWS}) == REVIEWS[1]
    assert dates.last_review({"review": REVIEWS[2:]}) is None
    assert dates.last_review({}) is None


@pytest.mark.parametrize(
    ("values", "condition", "rectification"),
    [
        ({"review": REVIEWS}, dt.date(2026, 11, 30), dt.date(2026, 11, 30)),
        ({"review": REVIEWS, "rectify_until": "2026-08-01"}, dt.date(2026, 11, 30), dt.date(2026, 8, 1)),
        ({"review": REVIEWS[:1]}, None, None),  # passed
        ({"review": [{"year": 2026, "result": "conditional"}]}, None, None),
        ({}, None, None),
    ],
)
def test_what_a_review_asks_is_due(
    values: Values, condition: dt.date | None, rectification: dt.date | None
) -> None:
    assert dates.condition_due(values) == condition
    assert dates.rectification_due(values) == rectification


@pytest.mark.parametrize(
    ("values", "due"),
    [
        ({**NATIONAL, "recognised_on": "2006-11"}, 2026),  # reviews began in 2023
        ({**NATIONAL, "recognised_on": "2023"}, 2026),
        ({**NATIONAL, "recognised_on": "2024-02-01"}, 2027),
        ({**NATIONAL, "recognised_on": "2024", "review": REVIEWS}, 2029),
        ({**NATIONAL, "review": REVIEWS[:1]}, 2027),
        (NATIONAL, 2026),
        ({"scheme": "provincial:110000", "recognised_on": "2020"}, 2023),
        ({"scheme": "provincial:110000"}, None),  # since when is not known
        ({**UNKNOWN, "recognised_on": "2020"}, None),
        ({**NATIONAL, "review": [{"year": 9998}]}, 9999),  # within the calendar
    ],
)
def test_the_next_review_is_due_by_the_end_of_its_year(values: Values, due: int | None) -> None:
    assert dates.review_due(values) == (dt.date(due, 12, 31) if due else None)


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({**SHANDONG, "recognised_on": "2020-02-29"}, dt.date(2025, 2, 28)),
        ({**SHANDONG, "recognised_on": "2020"}, dt.date(2025, 12, 31)),
        ({**SHANDONG, "recognised_on": "2020-02-29", "review": REVIEWS}, dt.date(2029, 12, 31)),  # 2024 was passed
        ({**SHANDONG, "review": REVIEWS[1:]}, None),  # one with conditions does not renew
        (SHANDONG, None),
        ({**NATIONAL, "recognised_on": "2020"}, None),
    ],
)  # fmt: skip
def test_a_title_holds_for_its_years_from_recognition_or_review(values: Values, end: dt.date | None) -> None:
    assert dates.validity_end(values) == end


@pytest.mark.parametrize(
    ("values", "end"),
    [
        ({"trademarks": [{"valid_to": "2026-05-01"}, {"valid_to": "2027"}]}, dt.date(2027, 12, 31)),
        ({"trademarks": [{"valid_to": "2026-12-31"}, {"valid_to": "2026"}]}, dt.date(2026, 12, 31)),
        ({"trademarks": [{"valid_to": "2026-05-01"}, {}]}, None),
        ({"trademarks": []}, None),
        ({}, None),
        ({"trademarks": [{"valid_to": "2026-05-01"}], "right_basis": "trade_name"}, None),
        ({"trademarks": [{"valid_to": "2026-05-01"}], "right_basis": "trademark"}, dt.date(2026, 5, 1)),
    ],
)
def test_the_last_trademark_counts(values: Values, end: dt.date | None) -> None:
    assert dates.trademarks_end(values) == end


@pytest.mark.parametrize(
    ("values", "until"),
    [
        ({**NATIONAL, "decided_on": "2024-02-29"}, dt.date(2030, 2, 28)),  # two periods of three years
        ({**NATIONAL, "decided_on": "2024"}, dt.date(2030, 12, 31)),
        (NATIONAL, None),
        ({**SHANDONG, "decided_on": "2024"}, None),
    ],
)
def test_a_removed_brand_waits_for_two_periods(values: Values, until: dt.date | None) -> None:
    assert dates.barred_until(values) == until


@pytest.mark.parametrize(
    ("written", "year"),
    [("2026-05-01", 2026), ("2026", 2026), (2026, 2026), ("", None), (None, None), ("清末", None)],
)
def test_the_year_of_a_sparse_date(written: object, year: int | None) -> None:
    assert dates.year_of(written) == year


@pytest.mark.parametrize(
    ("written", "years"),
    [
        ("宣统元年", (1909, 1910)),
        ("宣统三年", (1911, 1912)),  # the last one
        ("宣统四年", None),
        ("宣统零年", (1909, 1911)),  # no year in this form: the reign
        ("光绪十年", (1884, 1885)),
        ("光绪二十年", (1894, 1895)),
        ("光绪廿年", (1894, 1895)),
        ("光绪卅四年", (1908, 1909)),
        ("光绪34年", (1908, 1909)),
        ("光绪35年", None),
        ("光绪0年", None),
        ("光绪十一年", (1885, 1886)),
    ],
)
def test_years_of_eras(written: str, years: tuple[int, int] | None) -> None:
    assert eras.years_of(written) == years


@pytest.mark.parametrize(
    ("written", "english"),
    [
        ("清光绪28年", "Guangxu 28 (Qing)"),
        ("清·光绪廿八年", "Guangxu 28 (Qing)"),
        ("明朝永乐元年", "Yongle 1 (Ming)"),
        ("光绪", "Guangxu"),
        ("民國20年", "year 20 of the Republic of China"),
        ("民国", "Republic of China"),
        ("约光绪28年", ""),
        ("1903年", ""),
    ],
)
def test_era_dates_in_english(written: str, english: str) -> None:
    assert eras.english_of(written) == english
    assert eras.EraDate.words(written).en == english


@pytest.mark.parametrize(
    ("scheme", "doubt"),
    [
        ("national", None),
        ("provincial:330000", None),
        ("city:330100", None),
        ("provincial:330100", "scheme_form"),  # a city is no province
        ("city:330000", "scheme_form"),
        ("provincial:990000", "scheme_form"),
        ("provincial:390000", "region_unknown"),
        ("provincial:33000", "scheme_form"),
        ("county:330106", "scheme_form"),
        ("", "scheme_form"),
    ],
)
def test_forms_of_titles(scheme: str, doubt: str | None) -> None:
    assert schemes.check_scheme(scheme) == doubt


def test_the_region_of_a_local_title() -> None:
    titles = ("provincial:330000", "city:330100", "national", "county:330106", "provincial:33000")
    assert [schemes.region_of(title) for title in titles] == ["330000", "330100", "", "", ""]
