"""Former names of organisations and former holders of brands stay on record, are shown and found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.exchange.importer import import_files
from registry.services.exchange.results import ImportResult
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.operations import relay
from registry.services.records import projections, reading
from tests.shared_data import SHARED, needs_shared

BRAND = "scheme,brand_name_zh,holder_name_zh,region_code"
BEFORE, AFTER = "杭州旧名实验有限公司", "杭州新称实验股份有限公司"
CODE, OTHER_CODE = "91330106MA2000019C", "91330106MA2000000F"
Importer = Callable[..., ImportResult]


@pytest.fixture
def bring(registry: Registry, tmp_path: Path) -> Importer:
    """Import a text as a sheet of a register."""

    def run(slug: str, text: str) -> ImportResult:
        path = tmp_path / "sheet.csv"
        path.write_text(text, "utf-8")
        return import_files(registry, REGISTRAR, slug, [path])

    return run


def only(registry: Registry, slug: str) -> tuple[str, dict[str, Any]]:
    [(number, _status, values)] = export.iterate_documents(registry, slug)
    return number, values


def organisation(name: str, more: str = "") -> str:
    header = "uscc,name_zh,region_code,status" + (",source,source_date" if more else "")
    return f"{header}\n{CODE},{name},330106,active{more}\n"


def test_a_renamed_organisation_keeps_its_former_name(bring: Importer, registry: Registry) -> None:
    bring("organisations", organisation(BEFORE))
    assert bring("organisations", organisation(AFTER)).updated == 1
    today = clock.today().isoformat()
    number, values = only(registry, "organisations")
    assert values["name_zh"] == AFTER
    assert values["former_names"] == [{"name_zh": BEFORE, "replaced_on": today}]
    assert bring("organisations", organisation(AFTER)).unchanged == 1
    relay.run_relay_once(registry)
    found = search.find_records(registry, ANONYMOUS, SearchRequest(BEFORE), "zh")
    assert [row.number for row in found.rows] == [number]
    pointer = reading.locate_record(registry, ANONYMOUS, "organisations", number)
    assert projections.record_json(registry, ANONYMOUS, pointer)["document"]["former_names"]
    [table] = [
        table
        for section in reading.get_record(registry, ANONYMOUS, pointer, "zh").sections
        for table in section.tables
    ]
    assert BEFORE in {piece.text for row in table.rows for cell in row for piece in cell.pieces}


def test_a_stale_name_does_not_come_back(bring: Importer, registry: Registry) -> None:
    bring("organisations", organisation(BEFORE))
    bring("organisations", organisation(AFTER))
    result = bring("organisations", organisation(BEFORE))
    assert result.summary() == "created 0, updated 0, unchanged 1, refused 0"
    assert ("name_zh", "former_value_stated") in result.warning_groups
    assert only(registry, "organisations")[1]["name_zh"] == AFTER
    bring("organisations", organisation(AFTER))
    assert ("name_zh", "former_value_stated") not in bring(
        "organisations", organisation(AFTER)
    ).warning_groups


@pytest.mark.parametrize(("days", "name"), [(0, AFTER), (1, BEFORE)])
def test_a_name_comes_back_by_a_later_source(
    bring: Importer, registry: Registry, *, days: int, name: str
) -> None:
    bring("organisations", organisation(BEFORE))
    bring("organisations", organisation(AFTER))
    day = clock.today().fromordinal(clock.today().toordinal() + days)
    bring("organisations", organisation(BEFORE, f",变更公告,{day.isoformat()}"))
    assert only(registry, "organisations")[1]["name_zh"] == name


def test_another_spelling_is_no_former_name(bring: Importer, registry: Registry) -> None:
    bring("organisations", organisation("杭州旧名(实验)有限公司"))
    bring("organisations", organisation("杭州旧名（实验）有限公司"))
    assert "former_names" not in only(registry, "organisations")[1]


def test_a_brand_that_changes_hands_is_transferred(bring: Importer, registry: Registry) -> None:
    header = f"{BRAND},holder_uscc,holder_from,status\n"
    bring("brands", f"{header}national,试样堂,{BEFORE},330106,{CODE},1990,listed\n")
    number, _values = only(registry, "brands")
    sheet = f"number,{header}{number},national,试样堂,乙糖果有限公司,330106,{OTHER_CODE},2020-05-01,\n"
    result = bring("brands", sheet)
    assert (result.created, result.updated) == (0, 1)
    values = only(registry, "brands")[1]
    assert (values["holder_name_zh"], values["holder_uscc"]) == ("乙糖果有限公司", OTHER_CODE)
    assert values["former_holders"] == [
        {
            "name_zh": BEFORE,
            "uscc": CODE,
            "held_from": "1990",
            "held_to": "2020-05-01",
            "replaced_on": clock.today().isoformat(),
        }
    ]
    pointer = reading.locate_record(registry, ANONYMOUS, "brands", number)
    history = reading.get_history(registry, ANONYMOUS, pointer, "zh").history
    assert history[0].reason == "主体变更"
    assert bring("brands", sheet).unchanged == 1


@pytest.mark.parametrize(
    ("holder", "code", "former"),
    [
        ("杭州旧名实验股份有限公司", "", False),  # its legal form
        ("杭州旧明实验有限公司", "", False),  # a corrected spelling
        ("乙糖果有限公司", CODE, False),  # renamed: the code is the same
        ("乙糖果有限公司", "", True),
        ("杭州旧名实验一厂", OTHER_CODE, True),
    ],
)
def test_a_holder_is_another_one_by_code_else_by_name(
    bring: Importer, registry: Registry, *, holder: str, code: str, former: bool
) -> None:
    header = f"{BRAND},holder_uscc,status\n"
    bring("brands", f"{header}national,试样堂,{BEFORE},330106,{CODE},listed\n")
    number, _values = only(registry, "brands")
    bring("brands", f"number,{header}{number},national,试样堂,{holder},330106,{code},\n")
    values = only(registry, "brands")[1]
    assert values["holder_name_zh"] == holder
    assert bool(values.get("former_holders")) is former
    assert values.get("holder_uscc") == (code or (None if former else CODE))


@needs_shared
@pytest.mark.parametrize(
    ("sheet", "name", "former"),
    [
        ("b02", AFTER, BEFORE),
        ("b07", "浙江康旺控股集团有限公司", "绍兴阿白饮料厂"),
    ],
)
def test_the_renamed_firms_of_the_cases(registry: Registry, *, sheet: str, name: str, former: str) -> None:
    for part in ("before", "after"):
        import_files(registry, REGISTRAR, "organisations", [SHARED / "cases" / f"{sheet}_{part}.csv"])
    values = only(registry, "organisations")[1]
    assert (values["name_zh"], values["former_names"][0]["name_zh"]) == (name, former)
