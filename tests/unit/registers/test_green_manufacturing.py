"""The green manufacturing lists: what an entry names, removal, keys, and how the sheets of the ministry are read."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from registry.kit.definition import KeyMissing
from registry.registers.green_manufacturing import REGISTER
from registry.registers.green_manufacturing.demonstration import DEMONSTRATION
from registry.tabular.mapping import load_mapping
from registry.tabular.reading import open_sheet
from tests.unit.registers.trial import found, load, unworded

Values = dict[str, Any]
LISTED: Values = {
    "kind": "product",
    "product_name_zh": "电冰箱",
    "models": ["BCD-500"],
    "holder_name_zh": "某某电器有限公司",
    "batch": "5",
    "listed_on": "2020-10-16",
    "status": "listed",
}


def test_the_definition_does_not_contradict_itself() -> None:
    assert REGISTER.self_check() == []
    assert unworded(REGISTER) == set()


@pytest.mark.parametrize(
    ("change", "issue"),
    [
        ({}, None),
        ({"product_name_zh": ""}, ("list_product_missing", "product_name_zh")),
        ({"kind": "factory"}, ("list_product_unexpected", "product_name_zh")),
        ({"kind": "factory", "product_name_zh": ""}, None),
        ({"status": "removed"}, ("removal_without_day", "removed_on")),
        ({"status": "removed", "removed_on": "2024-05-06"}, None),
        ({"removed_on": "2024-05-06"}, ("removal_of_listed", "removed_on")),
        ({"status": "removed", "removed_on": "2020-10-15"}, ("ends_before_start", "removed_on")),
        ({"status": "removed", "removed_on": "2020-10-16"}, None),
    ],
)
def test_an_entry_names_its_subject_and_a_removal_its_day(
    change: Values, issue: tuple[str, str] | None
) -> None:
    assert found(REGISTER, LISTED | change) == ({issue} if issue else set())


def test_entries_differ_by_list_batch_enterprise_product_and_models() -> None:
    first = REGISTER.key.compute(LISTED)
    assert first == REGISTER.key.compute(LISTED | {"highlights_zh": "节能"})
    for change in (
        {"batch": "4"},
        {"models": ["BCD-501"]},
        {"holder_name_zh": "别家"},
        {"category_zh": "家电"},
    ):
        assert REGISTER.key.compute(LISTED | change) != first
    with pytest.raises(KeyMissing):
        REGISTER.key.compute(LISTED | {"holder_name_zh": ""})


@pytest.mark.parametrize("sheet", DEMONSTRATION.sheets, ids=lambda sheet: sheet.path.stem)
def test_the_lists_of_the_ministry_are_read_whole(sheet: Any) -> None:
    assert REGISTER.folder is not None
    mapping = load_mapping(Path(REGISTER.folder) / "mappings" / f"{sheet.mapping}.toml")
    opened = open_sheet(sheet.path)
    mapping.check_header(opened.header)
    rows = [mapping.apply(row) for row in opened]
    assert all(row.values["holder_name_zh"] and row.values["listed_on"] for row in rows)
    placed = sum(1 for row in rows if str(row.values.get("region_code") or "").isdigit())
    assert placed >= 0.99 * len(rows)
    blocking = Counter(
        issue.code
        for row in rows[::29]
        for issue in load(REGISTER, {name: value for name, value in row.values.items() if name != "status"})[
            1
        ]
    )
    assert blocking == Counter()


def test_kinds_and_standards_of_products_are_read_without_their_numbers() -> None:
    (sheet, *_others) = DEMONSTRATION.sheets
    mapping = load_mapping(Path(REGISTER.folder) / "mappings" / f"{sheet.mapping}.toml")
    rows = [mapping.apply(row).values for row in open_sheet(sheet.path)]
    kinds = {str(row["category_zh"]) for row in rows}
    assert "家用洗涤剂" in kinds
    assert "印制电路板" in kinds  # “31. 印制电路板（122种）” and “二十六、印制电路板（75种）”
    assert not [kind for kind in kinds if re.match(r"\d+\s*[.．、]", kind) or "种）" in kind]
    assert Counter(len(row.get("standards") or ()) for row in rows)[0] < 0.05 * len(rows)
