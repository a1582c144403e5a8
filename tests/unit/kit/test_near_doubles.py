"""Names that may be one name, and numbers with letters that are taken for figures."""

from __future__ import annotations

import pytest

from registry.kit.near_doubles import same_name, without_confused_letters


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("同仁堂", "同仁堂", True),
        ("同仁堂", "同任堂", True),  # sounds alike
        ("榮寶齋", "荣宝斋", True),
        ("稻香村(北京)", "稻香村（北京）", True),
        ("同仁堂", "同仁斋", False),
        ("内墙乳胶漆005系列", "内墙乳胶漆007系列", False),
        ("A型实木复合地板", "B型实木复合地板", False),
        ("实木复合地板系列", "实木复台地板系列", True),
        ("实木复合地板系列", "实术复台地板系列", False),
        ("", "", False),
    ],
)
def test_two_spellings_of_one_name(first: str, second: str, *, same: bool) -> None:
    assert same_name(first, second) is same
    assert same_name(second, first) is same


@pytest.mark.parametrize("written", ["DEMO-2OO888-I", "demo-200888-1", "ＤＥＭ0 200888 l"])
def test_letters_that_are_taken_for_figures(written: str) -> None:
    assert without_confused_letters(written) == without_confused_letters("DEMO-200888-1")
