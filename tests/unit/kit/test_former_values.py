"""Former values: when a source is behind the record, when it brings a new value, and what is kept of the old one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.former_values import SAME_SPELLING, FormerValues

TODAY = dt.date(2026, 5, 4)
NAMES = FormerValues(
    fields=("name", "name_en"), table="former_names", replaced_on="replaced_on", ended="to_on", began="named_on",
    columns={"name": "name", "name_en": "name_en"},
)  # fmt: skip
HOLDERS = FormerValues(
    fields=("holder", "holder_code", "holder_note"), table="former_holders", replaced_on="replaced_on",
    columns={"holder": "holder", "also": "holder", "code": "holder_code"}, code="holder_code", drops_unstated=True,
    unless="group",
)  # fmt: skip


def former(name: str, replaced_on: str = "") -> dict[str, str]:
    return {"name": name, **({"replaced_on": replaced_on} if replaced_on else {})}


RECORD = {"name": "新名称", "former_names": [former("旧名称", "2026-03-10")]}


@pytest.mark.parametrize(
    ("record", "stated", "behind"),
    [
        (RECORD, {"name": "旧名称"}, True),
        (RECORD, {"name": " 旧名称 ", "source_date": "2026-03-09"}, True),
        (RECORD, {"name": "旧名称", "source_date": "2026-03-10"}, True),  # of the day of the change itself
        (RECORD, {"name": "旧名称", "source_date": "2026-03-11"}, False),  # named so again
        (RECORD, {"name": "旧名称", "source_date": "2026-03"}, True),  # the month may mean a day before
        (RECORD, {"name": "旧名称", "source_date": "2026-04"}, False),
        (RECORD, {"name": "新名称"}, False),
        ({"name": "旧名称", "former_names": [former("旧名称", "2026-03-10")]}, {"name": "旧名称"}, False),  # has it again
        (RECORD, {"name": "另一名称"}, False),
        (RECORD, {"name": ""}, False),
        (RECORD, {}, False),
        ({"name": "新名称"}, {"name": "旧名称"}, False),
        ({**RECORD, "former_names": [former("旧名称", "2026-03")]}, {"name": "旧名称", "source_date": "2026-03-31"}, True),
        ({**RECORD, "former_names": [former("旧名称", "2026-03")]}, {"name": "旧名称", "source_date": "2026-04-01"}, False),
        # Two changes away from the name: the later one counts.
        (
            {**RECORD, "former_names": [former("旧名称", "2020-01-01"), former("旧名称", "2026-03-10")]},
            {"name": "旧名称", "source_date": "2025-01-01"},
            True,
        ),
        # Names only are names: the English one of a former name is none of the record's.
        ({**RECORD, "former_names": [{"name_en": "旧名称"}]}, {"name": "旧名称"}, False),
    ],
)  # fmt: skip
def test_a_source_that_is_behind_the_record(
    record: dict[str, Any], stated: dict[str, Any], behind: bool
) -> None:
    assert NAMES.is_former(record, stated) is behind


def test_a_former_value_is_known_by_each_of_its_names() -> None:
    record = {"holder": "甲公司", "former_holders": [{"also": "乙公司"}]}
    assert HOLDERS.is_former(record, {"holder": "乙公司"})
    assert not HOLDERS.is_former({**record, "group": "丙集团"}, {"holder": "乙公司"})


@pytest.mark.parametrize(
    ("record", "stated", "changed"),
    [
        ({"name": "甲"}, {"name": "乙"}, True),
        ({"name": "甲"}, {"name": " 甲 "}, False),
        ({"name": "甲"}, {"name": ""}, False),
        ({"name": "甲"}, {}, False),
        ({}, {"name": "乙"}, False),  # the first value is no change
    ],
)
def test_another_name_is_a_new_value_where_no_code_says_more(
    record: dict[str, Any], stated: dict[str, Any], changed: bool
) -> None:
    assert NAMES.has_changed(record, stated) is changed


@pytest.mark.parametrize(
    ("record", "stated", "changed"),
    [
        ({"holder": "甲公司", "holder_code": "1"}, {"holder": "乙公司", "holder_code": "1"}, False),
        ({"holder": "甲公司", "holder_code": "1"}, {"holder": "乙公司", "holder_code": "2"}, True),
        # Without both codes the names tell: three of four characters are one spelling.
        ({"holder": "杭州青屿有限公司"}, {"holder": "杭州青与有限公司"}, False),
        ({"holder": "杭州青屿有限公司", "holder_code": "1"}, {"holder": "杭州青与有限公司"}, False),
        ({"holder": "杭州青屿有限公司"}, {"holder": "杭州青与有限公司", "holder_code": "1"}, False),
        ({"holder": "杭州青屿有限公司", "holder_code": "1"}, {"holder": "杭州清与厂"}, True),
        ({"holder": "青屿股份有限公司"}, {"holder": "青屿集团"}, False),  # the legal form aside
        ({"holder": "甲公司", "group": "丙"}, {"holder": "乙公司"}, False),
    ],
)
def test_a_code_tells_a_new_value_from_a_new_name(
    record: dict[str, Any], stated: dict[str, Any], changed: bool
) -> None:
    assert HOLDERS.has_changed(record, stated) is changed
    assert SAME_SPELLING == 0.75


def test_the_former_value_goes_into_the_table() -> None:
    record = {"name": "旧", "name_en": "", "former_names": [former("更旧", "2020-01-01")], "since": 1}
    values = {**record, "name": "新", "name_en": "New", "named_on": "2026-04-01"}
    replaced = NAMES.replace(record, values, {"name", "named_on"}, TODAY)
    assert replaced == {
        **values,
        "former_names": [
            former("更旧", "2020-01-01"),
            {"name": "旧", "to_on": "2026-04-01", "replaced_on": "2026-05-04"},
        ],
    }
    # The day of a name that the source does not state is that of an earlier change.
    assert "to_on" not in NAMES.replace(record, values, {"name"}, TODAY)["former_names"][-1]
    assert (
        "to_on" not in NAMES.replace(record, {"name": "新"}, {"name", "named_on"}, TODAY)["former_names"][-1]
    )


def test_what_is_not_stated_of_the_new_value_is_not_that_of_the_old_one() -> None:
    record = {"holder": "甲公司", "holder_code": "1", "holder_note": "x", "other": 1}
    replaced = HOLDERS.replace(record, {**record, "holder": "乙公司"}, {"holder"}, TODAY)
    assert replaced == {
        "holder": "乙公司",
        "other": 1,
        "former_holders": [{"holder": "甲公司", "also": "甲公司", "code": "1", "replaced_on": "2026-05-04"}],
    }
    assert HOLDERS.replace(record, {**record}, {"holder", "holder_note"}, TODAY)["holder_note"] == "x"
    assert NAMES.replace({"name": "旧"}, {"name": "新", "name_en": "x"}, {"name"}, TODAY)["name_en"] == "x"
