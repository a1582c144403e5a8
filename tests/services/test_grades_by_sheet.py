"""Grading results by sheet: every transition, the rules of grading, and newer results that take the place of older ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.kit.record import Link, Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.operations import apply_due_changes, integrity_check
from registry.services.records import projections, reading
from registry.store.unit_of_work import read_transaction
from tests.databases import Template
from tests.services import samples

NOW = dt.datetime(2026, 9, 1, 9, tzinfo=clock.SHANGHAI)
CYCLE = catalogue()["grades"].life_cycle
PUBLIC = [state.code for state in CYCLE.public_states()]
GRADE: dict[str, Any] = {
    "scheme": "家具质量分级",
    "subject_type": "product",
    "org_uscc": "91330100MAWY010175",
    "product_name_zh": "实木餐桌",
    "models": "QY-350|QY-242A",
    "grade": "AAAA",
    "grader_approval_no": "CNCA-R-2099-101",
    "graded_on": "2026-01-28",
    "valid_to": "2027-01-27",
}


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A store without records; each test here grades models of its own."""
    with template.copy(tmp_path_factory.mktemp("grades") / "data") as settings, clock.frozen_at(NOW):
        registry = open_registry(settings)
        yield registry
        registry.search.close()


def bring(registry: Registry, folder: Path, *rows: Mapping[str, Any]) -> str:
    sheet = samples.write_sheet(folder / "grades.csv", "grades", [GRADE | row for row in rows])
    return importer.import_files(registry, REGISTRAR, "grades", [sheet]).summary()


def shown(registry: Registry, result_no: str) -> dict[str, Any]:
    pointer = reading.locate_record(registry, ANONYMOUS, "grades", result_no)
    return projections.record_json(registry, ANONYMOUS, pointer)


def last_reason(registry: Registry, result_no: str) -> str:
    pointer = reading.locate_record(registry, ANONYMOUS, "grades", result_no)
    return reading.get_record(registry, ANONYMOUS, pointer, "en").history[0].reason


def linked(registry: Registry, result_no: str) -> dict[str, list[str]]:
    """Heading of a group of links on the page → numbers of the records."""
    pointer = reading.locate_record(registry, ANONYMOUS, "grades", result_no)
    groups = reading.get_record(registry, ANONYMOUS, pointer, "en").links
    return {group.label: sorted(item.number for item in group.items) for group in groups}


PAIRS = [(before, after) for before in PUBLIC for after in PUBLIC if before != after]
DATED = {state for change in CYCLE.date_changes for state in change.before}
OWN_FACTS = {
    "downgraded": {"grade": "AAA", "grade_before": "AAAA", "status_reason": "复查"},
    "expired": {"valid_to": "2026-08-31", "graded_on": "2025-09-01"},
}


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=lambda state: state)
def test_every_move_between_public_states_by_sheet(
    store: Registry, tmp_path: Path, before: str, after: str
) -> None:
    number = f"ZLFJ-2026-{PAIRS.index((before, after)):06d}"
    one = {"result_no": number, "models": number, **OWN_FACTS.get(before, {})}
    bring(store, tmp_path, {**one, "status": before})
    summary = bring(store, tmp_path, {**one, **OWN_FACTS.get(after, {}), "status": after})
    move = CYCLE.find_transition(before, after)
    if move is None:
        # What a date has ended stays so, and a grade that was lowered stays lowered, whatever a source still says.
        kept = (before == "expired" and after in DATED) or (before, after) == ("downgraded", "valid")
        assert summary.endswith("refused 0" if kept else "refused 1")
        assert shown(store, number)["status"] == before
    else:
        meant = CYCLE.refined(after, one)
        assert summary == "created 0, updated 1, unchanged 0, refused 0"
        assert shown(store, number)["status"] == meant
        assert last_reason(store, number) == move.en
    assert bring(store, tmp_path, {**one, **OWN_FACTS.get(after, {}), "status": after}).startswith(
        "created 0, updated 0"
    )


@pytest.mark.parametrize("before", ["under_check", "suspended"])
def test_what_was_graded_down_stays_so_after_a_check(store: Registry, tmp_path: Path, before: str) -> None:
    one = {"result_no": f"ZLFJ-2026-8000{len(before):02d}", "models": before, **OWN_FACTS["downgraded"]}
    bring(store, tmp_path, {**one, "status": "downgraded"})
    bring(store, tmp_path, {**one, "status": before})
    bring(store, tmp_path, {**one, "status": "valid"})
    assert shown(store, one["result_no"])["status"] == "downgraded"
    assert (
        last_reason(store, one["result_no"]) == {"under_check": "Grade kept", "suspended": "Restored"}[before]
    )
    again = bring(store, tmp_path, {**one, "status": "valid"})
    assert again == "created 0, updated 0, unchanged 1, refused 0"


@pytest.mark.parametrize(
    ("code", "row"),
    [
        ("evidence_after_grading", {"evidence": [{"number": "R-1", "date": "2026-01-29"}]}),
        ("evidence_too_old", {"evidence": [{"number": "R-1", "date": "2025-01-27"}]}),
        ("outlives_evidence", {"evidence": [{"number": "C-1", "valid_to": "2026-12-31"}]}),
        ("valid_too_long", {"valid_to": "2027-02-28"}),
        (
            "level_not_reached",
            {"indicators": [{"name_zh": "甲醛", "value": 0.045, "unit": "mg/m³", "level": "AAAA", "thresholds": "AAAA ≤ 0.03"}]},
        ),
        ("weighted_below_grade", {"overall_rule": "weighted", "indicators": [{"name_zh": "甲醛", "level": "A"}]}),
        ("standard_not_of_scheme", {"standard_edition": "GB/T 45353-2025"}),
        ("grade_not_of_scale", {"grade": "4A级优"}),
        ("marked_higher", {"grade_claimed": "AAAAA"}),
        ("not_qualified", {"qualified": "否"}),
        ("body_not_known", {}),
    ],
)  # fmt: skip
def test_a_rule_that_is_broken_is_a_standing_doubt(
    store: Registry, tmp_path: Path, code: str, row: Mapping[str, Any]
) -> None:
    number = f"ZLFJ-2026-9{sum(code.encode()):05d}"
    bring(store, tmp_path, {"result_no": number, "models": code, **row})
    assert code in {warning["code"] for warning in shown(store, number)["warnings"]}


@pytest.mark.parametrize("newer_first", [False, True])
def test_a_newer_result_of_the_same_model_takes_the_place_of_the_older(
    store: Registry, tmp_path: Path, *, newer_first: bool
) -> None:
    tail = "11" if newer_first else "22"
    older = {"result_no": f"ZLFJ-2026-7000{tail}", "models": f"TB-{tail}|tb {tail}a"}
    newer = {
        "result_no": f"ZLFJ-2026-7100{tail}",
        "models": f"TB-{tail}A|TB-{tail}|TB-{tail}C",
        "graded_on": "2026-06-01",
        "valid_to": "2027-05-31",
    }
    for row in (newer, older) if newer_first else (older, newer):
        bring(store, tmp_path, row)
    assert shown(store, older["result_no"])["status"] == "superseded"
    assert shown(store, newer["result_no"])["status"] == "valid"
    numbers = {
        name: shown(store, row["result_no"])["number"] for name, row in (("old", older), ("new", newer))
    }
    assert linked(store, older["result_no"])["Its place has been taken by the newer result"] == [
        numbers["new"]
    ]
    assert linked(store, newer["result_no"])["Takes the place of the older result"] == [numbers["old"]]
    assert bring(store, tmp_path, older, newer) == "created 0, updated 0, unchanged 2, refused 0"
    assert shown(store, older["result_no"])["status"] == "superseded"


def test_a_newer_result_for_some_of_the_models_leaves_the_older_one_in_force(
    store: Registry, tmp_path: Path
) -> None:
    older = {"result_no": "ZLFJ-2026-720001", "models": "TC-1|TC-2"}
    newer = {
        "result_no": "ZLFJ-2026-720002",
        "models": "TC-1",
        "graded_on": "2026-06-01",
        "valid_to": "2027-05-31",
    }
    bring(store, tmp_path, older, newer)
    assert shown(store, older["result_no"])["status"] == "valid"
    assert list(linked(store, older["result_no"])) == [
        "A newer result takes its place for some of the models"
    ]


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("scheme", {"scheme": "产品质量分级"}),
        ("holder", {"org_uscc": "91110000101461180X"}),
        ("model", {"models": "TD-9"}),
        ("day", {"graded_on": "2026-01-28", "valid_to": "2027-01-27"}),
        ("status", {"status": "publicity"}),
    ],
)
def test_what_is_another_thing_or_not_yet_in_force_takes_no_place(
    store: Registry, tmp_path: Path, name: str, other: Mapping[str, Any]
) -> None:
    first = {"result_no": f"ZLFJ-2026-73{sum(name.encode()):04d}", "models": f"TD-{name}"}
    second = {**first, "graded_on": "2026-06-01", "valid_to": "2027-05-31", **other}
    bring(store, tmp_path, first, {**second, "result_no": f"ZLFJ-2026-74{sum(name.encode()):04d}"})
    assert shown(store, first["result_no"])["status"] == "valid"


def test_a_result_that_comes_into_force_later_takes_the_place_then(store: Registry, tmp_path: Path) -> None:
    older = {"result_no": "ZLFJ-2026-750001", "models": "TE-1"}
    newer = {**older, "result_no": "ZLFJ-2026-750002", "graded_on": "2026-06-01", "valid_to": "2027-05-31"}
    bring(store, tmp_path, older, {**newer, "status": "publicity"})
    assert shown(store, older["result_no"])["status"] == "valid"
    bring(store, tmp_path, {**newer, "status": "valid"})
    assert shown(store, older["result_no"])["status"] == "superseded"
    assert apply_due_changes(store) == 0


def test_a_link_that_a_source_states_takes_the_place_too(store: Registry, tmp_path: Path) -> None:
    older = {"result_no": "ZLFJ-2026-760001", "models": "TF-1"}
    newer = {"result_no": "ZLFJ-2026-760002", "models": "TF-1 (2026)", "supersedes": "ZLFJ-2026-760001"}
    bring(store, tmp_path, older, newer)
    apply_due_changes(store)
    assert shown(store, older["result_no"])["status"] == "superseded"


def test_the_store_agrees_with_its_documents(store: Registry) -> None:
    assert list(integrity_check.check_store(store)) == []
    with read_transaction(store.engine) as connection:
        assert connection.execute(Link.__table__.select()).first() is not None
        assert connection.execute(Record.__table__.select()).first() is not None


def test_levels_in_tables_are_in_the_words_of_the_scheme(store: Registry, tmp_path: Path) -> None:
    row = {
        "result_no": "ZLFJ-2026-770001",
        "scheme": "养老机构等级",
        "models": "",
        "service_site": "杭州市演示路1号",
        "grade": "二级",
        "valid_to": "2028-01-27",
        "indicators": [{"name_zh": "环境", "level": "二级"}],
        "level_thresholds": [
            {"name_zh": "环境", "level": "二级", "operator": ">=", "limit": 60, "unit": "分"}
        ],
    }
    bring(store, tmp_path, row)
    pointer = reading.locate_record(store, ANONYMOUS, "grades", row["result_no"])
    view = reading.get_record(store, ANONYMOUS, pointer, "en")
    tables = {table.name: table for section in view.sections for table in section.tables}
    words = {
        name: [cell.pieces[0].text for line in table.rows for cell in line if cell.pieces]
        for name, table in tables.items()
    }
    assert "Level 2" in words["indicators"]
    assert "Level 2" in words["level_thresholds"]
