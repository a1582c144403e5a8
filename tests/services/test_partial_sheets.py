"""A sheet changes the facts that it states: what it lacks stays, what is empty stays, what is cleared is said."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.exchange.importer import CHUNK_SIZE, ImportOptions, import_files
from registry.services.exchange.results import ImportResult
from registry.services.records import projections, reading
from tests.shared_data import SHARED, needs_shared

FULL = "uscc,name_zh,region_code,founded_on,industry_code,address,demo,status\n"
FIRM = "91330106MA2000000F,杭州半行试样有限公司,330106,2010-05-06,C14,文一路1号,true,active\n"
BRAND = "scheme,brand_name_zh,holder_name_zh,region_code"
Importer = Callable[..., ImportResult]


@pytest.fixture
def bring(registry: Registry, tmp_path: Path) -> Importer:
    """Import a text as a sheet of a register."""

    def run(slug: str, text: str, *, name: str = "sheet.csv", **options: Any) -> ImportResult:
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return import_files(registry, REGISTRAR, slug, [path], options=ImportOptions(**options))

    return run


def records(registry: Registry, slug: str) -> dict[str, dict[str, Any]]:
    """Number → values and status."""
    return {
        number: {**values, "status": status}
        for number, status, values in export.iterate_documents(registry, slug)
    }


def only(registry: Registry, slug: str) -> dict[str, Any]:
    [values] = records(registry, slug).values()
    return values


def record_json(registry: Registry, slug: str) -> dict[str, Any]:
    [number] = records(registry, slug)
    return projections.record_json(
        registry, ANONYMOUS, reading.locate_record(registry, ANONYMOUS, slug, number)
    )


def warnings(registry: Registry, slug: str) -> set[tuple[str, str]]:
    return {(each["field"], each["code"]) for each in record_json(registry, slug)["warnings"]}


def changes(result: ImportResult) -> list[str]:
    return [changed.changes for changed in result.first_changes]


def test_a_sheet_changes_the_facts_whose_columns_it_has(bring: Importer, registry: Registry) -> None:
    bring("organisations", FULL + FIRM)
    before = only(registry, "organisations")
    sheet = "统一社会信用代码,名称,地址\n91330106MA2000000F,杭州半行试样有限公司,文二路2号\n"
    result = bring("organisations", sheet)
    assert result.summary() == "created 0, updated 1, unchanged 0, refused 0"
    assert changes(result) == ["Address: 文一路1号 → 文二路2号"]
    assert only(registry, "organisations") == {**before, "address": "文二路2号"}
    assert bring("organisations", sheet).summary() == "created 0, updated 0, unchanged 1, refused 0"


def test_an_empty_cell_changes_nothing_and_a_dash_clears(bring: Importer, registry: Registry) -> None:
    bring("organisations", FULL + FIRM)
    before = only(registry, "organisations")
    sheet = "uscc,founded_on,address,demo,status\n91330106MA2000000F,{},{},,\n"
    assert bring("organisations", sheet.format("", "")).unchanged == 1
    result = bring("organisations", sheet.format("-", "－"))
    assert changes(result) == ["Address: 文一路1号 → (empty); Founded: 2010-05-06 → (empty)"]
    del before["founded_on"], before["address"]
    assert only(registry, "organisations") == before
    assert bring("organisations", sheet.format("-", "-")).unchanged == 1


def test_an_empty_cell_clears_where_the_import_says_so(bring: Importer, registry: Registry) -> None:
    bring("organisations", FULL + FIRM)
    before = only(registry, "organisations")
    bring("organisations", "uscc,address,founded_on\n91330106MA2000000F,,2011\n", clear_empty=True)
    del before["address"]
    assert only(registry, "organisations") == {**before, "founded_on": "2011"}


def test_what_a_key_needs_cannot_be_cleared(bring: Importer, registry: Registry) -> None:
    bring("brands", f"{BRAND},status\nnational,试样堂,杭州试样堂有限公司,330106,listed\n")
    [number] = records(registry, "brands")
    refused = bring("brands", f"number,scheme\n{number},-\n")
    assert [(issue.field, issue.code) for issue in refused.first_issues] == [("scheme", "key_missing")]


def test_key_and_status_are_enough_to_change_a_state(bring: Importer, registry: Registry) -> None:
    row = "national,试样堂,杭州试样堂有限公司,330106"
    bring(
        "brands",
        f"{BRAND},founded_year,products,story_zh,legal_basis,demo,status\n"
        f"{row},1875,糕点|月饼,始于清末。,商流通函〔2011〕1号,true,listed\n",
    )
    before = only(registry, "brands")
    result = bring("brands", f"{BRAND},status\n{row},removed\n")
    assert changes(result) == ["Status: Listed → Removed from the list"]
    assert only(registry, "brands") == {**before, "status": "removed"}
    record = record_json(registry, "brands")
    assert record["demo"] is True
    doubts = {("removed_reason", "decision_incomplete"), ("legal_basis", "decision_incomplete")}
    assert doubts <= warnings(registry, "brands")
    assert bring("brands", f"{BRAND},status\n{row},removed\n").unchanged == 1
    assert doubts <= warnings(registry, "brands")
    bring("brands", f"{BRAND},removed_reason,legal_basis\n{row},破产,商办流通函〔2023〕1号\n")
    assert not doubts & warnings(registry, "brands")


def test_a_decision_is_not_based_on_what_an_earlier_one_was(bring: Importer, registry: Registry) -> None:
    row = "national,试样堂,杭州试样堂有限公司,330106"
    bring("brands", f"{BRAND},legal_basis,status\n{row},商流通函〔2011〕1号,listed\n")
    bring("brands", f"{BRAND},status\n{row},suspended\n")
    [number] = records(registry, "brands")
    pointer = reading.locate_record(registry, ANONYMOUS, "brands", number)
    history = reading.get_history(registry, ANONYMOUS, pointer, "en").history
    assert [step.legal_basis for step in history] == ["", "商流通函〔2011〕1号"]


def test_json_lines_state_what_they_hold(bring: Importer, registry: Registry) -> None:
    bring("organisations", FULL + FIRM)
    before = only(registry, "organisations")
    line = {"number": "91330106MA2000000F", "document": {"address": "文二路2号", "founded_on": None}}
    result = bring("organisations", json.dumps(line), name="sheet.jsonl")
    assert result.updated == 1
    assert only(registry, "organisations") == {**before, "address": "文二路2号"}


def test_a_mapped_sheet_states_what_its_mapping_fills(
    bring: Importer, registry: Registry, tmp_path: Path
) -> None:
    bring("organisations", FULL + FIRM)
    before = only(registry, "organisations")
    mapping = tmp_path / "own.toml"
    mapping.write_text('[columns]\nuscc = "代码"\naddress = "住所"\nproducts = "产品"\n', "utf-8")
    sheet = "代码,住所,产品\n91330106MA2000000F,文二路2号,\n"
    bring("organisations", sheet, mapping=str(mapping))
    assert only(registry, "organisations") == {**before, "address": "文二路2号"}
    bring("organisations", sheet.replace("文二路2号", ""), mapping=str(mapping), clear_empty=True)
    del before["address"]
    assert only(registry, "organisations") == before


def test_a_number_names_the_record_where_the_key_differs(bring: Importer, registry: Registry) -> None:
    bring("brands", f"{BRAND},founded_year,status\nnational,试样堂,杭州试样堂有限公司,330106,1875,listed\n")
    [number] = records(registry, "brands")
    result = bring("brands", f"number,{BRAND}\n{number},national,试样堂,杭州试样堂股份有限公司,330100\n")
    assert (result.created, result.updated) == (0, 1)
    values = records(registry, "brands")[number]
    assert (values["holder_name_zh"], values["region_code"], values["founded_year"]) == (
        "杭州试样堂股份有限公司",
        "330100",
        1875,
    )
    again = bring("brands", f"{BRAND}\nnational,试样堂,杭州试样堂股份有限公司,330100\n")
    assert (again.created, again.unchanged) == (0, 1)


def test_a_number_alone_is_enough_where_numbers_are_codes(bring: Importer, registry: Registry) -> None:
    bring("organisations", FULL + FIRM)
    assert bring("organisations", "number,address\n91330106ma2000000f,文二路2号\n").updated == 1
    refused = bring(
        "organisations",
        "number,uscc,name_zh\n91330106MA2000000F,91330106MA2000019C,杭州新称实验股份有限公司\n",
    )
    assert [(issue.field, issue.code) for issue in refused.first_issues] == [("uscc", "number_names_another")]


def test_two_rows_about_one_record_must_say_the_same(bring: Importer, registry: Registry) -> None:
    bring("brands", f"{BRAND},status\nnational,试样堂,杭州试样堂有限公司,330106,listed\n")
    [number] = records(registry, "brands")
    sheet = (
        f"number,{BRAND},batch\n{number},national,试样堂,乙有限公司,330106,1\n"
        ",national,试样堂,杭州试样堂有限公司,330106,2\n"
        f"{number},national,试样堂,乙有限公司,330106,1\n"
    )
    result = bring("brands", sheet)
    assert result.summary() == "created 0, updated 1, unchanged 1, refused 1"
    assert [(issue.row, issue.code) for issue in result.first_issues] == [(3, "duplicate_key")]


def test_a_dry_run_foresees_what_the_files_before_have_left(registry: Registry, tmp_path: Path) -> None:
    first, second = tmp_path / "1.csv", tmp_path / "2.csv"
    first.write_text(FULL + FIRM, "utf-8")
    second.write_text("uscc,address\n91330106MA2000000F,文二路2号\n", "utf-8")
    options = ImportOptions(dry_run=True)
    result = import_files(registry, REGISTRAR, "organisations", [first, second, second], options=options)
    assert result.summary() == "created 1, updated 1, unchanged 1, refused 0"
    assert changes(result) == ["Address: 文一路1号 → 文二路2号"]
    assert records(registry, "organisations") == {}


def test_a_report_on_demand_tells_what_has_changed(
    bring: Importer, registry: Registry, tmp_path: Path
) -> None:
    bring("organisations", FULL + FIRM)
    report = tmp_path / "report.csv"
    sheet = "uscc,name_zh,address\n91330106MA2000000F,,文二路2号\n91330106MA2000019D,甲,\n"
    bring("organisations", sheet, report=report, lang="zh")
    with report.open(encoding="utf-8-sig", newline="") as file:
        updated, refused = csv.DictReader(file)
    assert (updated["field"], updated["code"], updated["message"]) == (
        "address",
        "updated",
        "地址：文一路1号 → 文二路2号",
    )
    assert refused["code"] == "credit_code_check_digit"
    assert bring("organisations", report.read_text("utf-8-sig")).summary() == (
        "created 0, updated 0, unchanged 1, refused 1"
    )


def test_a_doubt_about_a_source_stands_until_the_source_states_the_field(
    bring: Importer, registry: Registry
) -> None:
    bring("organisations", "uscc,name_zh\n91330106MA2000000F,杭州半行试样有限公司\n")
    assert ("status", "status_assumed") in warnings(registry, "organisations")
    bring("organisations", "uscc,address\n91330106MA2000000F,文二路2号\n")
    assert ("status", "status_assumed") in warnings(registry, "organisations")
    bring("organisations", "uscc,status\n91330106MA2000000F,active\n")
    assert ("status", "status_assumed") not in warnings(registry, "organisations")


def test_rows_of_later_chunks_know_those_before(bring: Importer, registry: Registry) -> None:
    bring("organisations", FULL + FIRM)
    fill = "".join(",甲,\n" for _row in range(CHUNK_SIZE))
    sheet = (
        f"uscc,name_zh,address\n91330106MA2000000F,,文二路2号\n{fill}"
        "91330106MA2000000F,,文二路2号\n91330106MA2000000F,,文三路3号\n"
    )
    result = bring("organisations", sheet)
    assert (result.updated, result.unchanged, result.refused) == (1, 1, CHUNK_SIZE + 1)
    assert only(registry, "organisations")["address"] == "文二路2号"


@needs_shared
@pytest.mark.parametrize(("before", "after"), [("b01_full", "b01_partial")])
def test_a_sheet_of_three_columns_keeps_the_other_facts(registry: Registry, before: str, after: str) -> None:
    cases = SHARED / "cases"
    import_files(registry, REGISTRAR, "organisations", [cases / f"{before}.csv"])
    facts = only(registry, "organisations")
    result = import_files(registry, REGISTRAR, "organisations", [cases / f"{after}.csv"])
    assert changes(result) == ["Address: 文一路1号 → 文二路2号"]
    assert only(registry, "organisations") == {**facts, "address": "文二路2号"}
