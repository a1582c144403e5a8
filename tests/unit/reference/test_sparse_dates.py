from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.reference.text import sparse_dates


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        ("2023-06-08", "2023-06-08"),
        ("2023/6/8", "2023-06-08"),
        ("2023.6.8", "2023-06-08"),
        ("20230608", "2023-06-08"),
        ("2023年6月8日", "2023-06-08"),
        (" 2023 年 6 月 8 日 ", "2023-06-08"),
        ("２０２３年６月８日", "2023-06-08"),
        ("2023-06-08 00:00:00", "2023-06-08"),
        ("2023-06-08T09:30:00+08:00", "2023-06-08"),
        ("2023—06—08", "2023-06-08"),
        ("2024-04", "2024-04"),
        ("2024/4", "2024-04"),
        ("2024年4月", "2024-04"),
        ("2024年4月份", "2024-04"),
        ("1903年", "1903"),
        ("1903", "1903"),
        ("618年", "0618"),
        ("0001", "0001"),
        ("9999-12-31", "9999-12-31"),
        ("2024-02-29", "2024-02-29"),
        (dt.date(1669, 1, 1), "1669-01-01"),
        (dt.datetime(2023, 6, 8, 23, 59, tzinfo=dt.UTC), "2023-06-08"),
    ],
)
def test_dates_as_sheets_write_them(written: str | dt.date, iso: str) -> None:
    assert sparse_dates.parse(written) == iso


@pytest.mark.parametrize(
    "written",
    ["2023-02-30", "2023-13", "2023年13月", "2023-00-10", "0000", "2023-02-29", "2024年6月31日", "20231301"],
)
def test_dates_that_do_not_exist(written: str) -> None:
    with pytest.raises(sparse_dates.DateDoesNotExistError) as caught:
        sparse_dates.parse(written)
    assert caught.value.code == "date_does_not_exist"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "12/08/2014",
        "08.12.2014",
        "2023-6/8",
        "约1903年",
        "康熙八年",
        "2023-06-",
        "202306",
        "19031",
        "٢٠٢٣",
        "June 2023",
    ],
)
def test_texts_that_are_no_date(written: str) -> None:
    with pytest.raises(ValueError, match="date_shape") as caught:
        sparse_dates.parse(written)
    assert caught.value.code == "date_shape"  # type: ignore[attr-defined]


def test_a_year_at_the_end_is_read_only_when_told_how() -> None:
    assert sparse_dates.parse("12/08/2014", order="mdy") == "2014-12-08"
    assert sparse_dates.parse("12/08/2014", order="dmy") == "2014-08-12"
    assert sparse_dates.parse("2014-12-08", order="mdy") == "2014-12-08"
    with pytest.raises(sparse_dates.DateDoesNotExistError):
        sparse_dates.parse("13/08/2014", order="mdy")


@pytest.mark.parametrize(
    ("iso", "first", "last"),
    [
        ("1903", dt.date(1903, 1, 1), dt.date(1903, 12, 31)),
        ("2024-02", dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("2023-06-08", dt.date(2023, 6, 8), dt.date(2023, 6, 8)),
        ("0001", dt.date.min, dt.date(1, 12, 31)),
        ("9999-12", dt.date(9999, 12, 1), dt.date.max),
    ],
)
def test_days_a_sparse_date_may_mean(iso: str, first: dt.date, last: dt.date) -> None:
    assert (sparse_dates.first_day(iso), sparse_dates.last_day(iso)) == (first, last)


@pytest.mark.parametrize("iso", ["2023-6-8", "", "2023-13", "2023-02-30", "0000", "2023-00", "2023-00-01"])
def test_other_texts_have_no_first_and_last_day(iso: str) -> None:
    for day in (sparse_dates.first_day, sparse_dates.last_day):
        with pytest.raises(sparse_dates.DateError):
            day(iso)


@given(st.dates())
def test_every_day_is_parsed_in_every_form(day: dt.date) -> None:
    iso = sparse_dates.parse(day)
    assert sparse_dates.parse(iso) == iso
    assert sparse_dates.first_day(iso) == sparse_dates.last_day(iso) == day
    assert sparse_dates.parse(f"{day.year:04}年{day.month}月{day.day}日") == iso
    assert sparse_dates.parse(f"{day.month}/{day.day}/{day.year:04}", order="mdy") == iso


@given(st.text(alphabet="0123456789-/.年月日 T:", max_size=14))
def test_anything_is_either_an_iso_date_or_an_error_with_a_code(text: str) -> None:
    try:
        iso = sparse_dates.parse(text)
    except sparse_dates.DateError as error:
        iso, code = "", error.code
    else:
        code = ""
    if iso:
        assert sparse_dates.parse(iso) == iso
        assert sparse_dates.first_day(iso) <= sparse_dates.last_day(iso)
    else:
        assert code in ("date_shape", "date_does_not_exist")
