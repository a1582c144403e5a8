"""Numbers of notices: found in sentences, one spelling for all ways of writing them, and none where there is none."""

from __future__ import annotations

import pytest

from registry.reference.identifiers.notice_numbers import (
    MAX_FOUND,
    canonical_number,
    find_numbers,
    is_known_form,
    key_of,
)

OFFICE, ANNOUNCED = "商流通规发〔2023〕6号", "商务部公告2023年第65号"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("商流通规发〔2023〕6号", (OFFICE,)),
        ("《中华老字号示范创建管理办法》（商流通规发[2023]6号）第九条", (OFFICE,)),
        ("商流通規發（2023）第 6 號", (OFFICE,)),
        ("商流通规发【２０２３】６号", (OFFICE,)),
        ("依据商务部公告 2023 年第65号", (ANNOUNCED,)),
        ("中华人民共和国商务部公告2023年第065号", (ANNOUNCED,)),
        ("商务部2023年第65号公告", (ANNOUNCED,)),
        ("商务部公告〔2023〕65号", (ANNOUNCED,)),
        ("已列入商务部公告2023年第65号（商流通规发〔2023〕6号）", (ANNOUNCED, OFFICE)),
        ("商务部公告2023年第65号，另见商务部公告2023年第65号", (ANNOUNCED,)),
        ("市场监管总局公告2019年第20号", ("国家市场监督管理总局公告2019年第20号",)),
        ("农业部公告第2384号", ("农业部公告第2384号",)),
        ("公告2023年第65号", ()),  # whose it is, is not said
        ("GB/T 35607-2024", ()),
        ("第65号", ()),
        ("2023年6月8日", ()),
        ("商流通规发〔1823〕6号", ()),
        ("", ()),
    ],
)
def test_a_number_is_found_in_one_spelling(text: str, found: tuple[str, ...]) -> None:
    assert find_numbers(text) == found


def test_a_number_without_its_authority_takes_that_of_the_notice() -> None:
    assert canonical_number("公告2023年第65号", "中华人民共和国商务部") == ANNOUNCED
    assert key_of("公告 2023年 第65号", "商务部") == key_of(ANNOUNCED)
    assert (is_known_form("公告2023年第65号", "商务部"), is_known_form("公告2023年第65号")) == (True, False)
    assert canonical_number(" No. 65 ") == "No. 65"


def test_neighbours_have_other_keys() -> None:
    numbers = (OFFICE, ANNOUNCED, "商流通规发〔2023〕65号", "商流通规发〔2022〕6号", "商务部公告2023年第6号")
    assert len({key_of(number) for number in numbers}) == len(numbers)


def test_a_long_text_gives_a_bounded_answer() -> None:
    text = "；".join(f"商务部公告2023年第{number}号" for number in range(1, 200))
    assert len(find_numbers(text)) == MAX_FOUND
    assert find_numbers("商" * 100_000 + OFFICE) == ()
