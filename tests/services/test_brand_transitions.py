"""Every change of a brand's state by sheet: accepted, doubted or refused as the table says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import relay
from registry.services.records import reading
from registry.services.records.views import RecordView
from tests.services import samples

DAY = dt.datetime(2026, 11, 24, 12, tzinfo=clock.SHANGHAI)
LIFE_CYCLE = catalogue()["brands"].life_cycle
PUBLIC = [state.code for state in LIFE_CYCLE.public_states()]
MOVES = [
    move
    for move in LIFE_CYCLE.transitions
    if move.before in PUBLIC
    and move.after in PUBLIC
    and move.before != move.after
    # a sheet names no transition: of several between two states it means the first one of the table
    and LIFE_CYCLE.find_transition(move.before, move.after) is move
]
KEY = {
    "scheme": "provincial:330000",
    "brand_name_zh": "青屿坊",
    "holder_name_zh": "杭州青屿家具有限公司（演示）",
    "region_code": "330100",
}
FACTS = KEY | {
    "holder_uscc": "91330100MAWY010175",
    "founded_year": "1903",
    "category": "工艺美术",
    "products": "红木家具",
    "demo": "true",
}
DECISION = {
    "decided_on": "2026-11-20",
    "status_reason": "演示",
    "removed_reason": "复核不通过",
    "legal_basis": "演商字〔2026〕1号",
}


def bring(registry: Registry, folder: Path, row: dict[str, str]) -> str:
    """Import one row; returns what became of it."""
    header = ",".join(row)
    sheet = folder / "brands.csv"
    sheet.write_text(f"{header}\n{','.join(row.values())}\n", encoding="utf-8")
    return import_files(registry, REGISTRAR, "brands", [sheet]).summary()


def shown(registry: Registry) -> RecordView:
    pointer = reading.locate_record(registry, ANONYMOUS, "brands", samples.number_of(registry, "brands"))
    return reading.get_record(registry, ANONYMOUS, pointer, "en")


@pytest.mark.parametrize("move", MOVES, ids=lambda move: f"{move.before}-{move.after}")
def test_a_change_of_state_needs_a_row_of_key_and_status(
    registry: Registry, tmp_path: Path, move: object
) -> None:
    before, after, name = move.before, move.after, move.name  # type: ignore[attr-defined]
    with clock.frozen_at(DAY):
        assert bring(registry, tmp_path, FACTS | {"status": before}).startswith("created 1")
        row = KEY | {"status": after} | DECISION
        assert bring(registry, tmp_path, row) == "created 0, updated 1, unchanged 0, refused 0"
        view = shown(registry)
    assert view.status.code == after
    assert view.document["products"] == ["红木家具"]
    assert view.demo
    versions = view.history
    words = next(each for each in LIFE_CYCLE.transitions if each.name == name)
    assert versions[0].reason == words.en


@pytest.mark.parametrize("before", PUBLIC)
def test_what_is_no_transition_is_refused(registry: Registry, tmp_path: Path, before: str) -> None:
    forbidden = [
        after for after in PUBLIC if after != before and LIFE_CYCLE.find_transition(before, after) is None
    ]
    with clock.frozen_at(DAY):
        bring(registry, tmp_path, FACTS | {"status": before})
        for after in forbidden:
            assert bring(registry, tmp_path, KEY | {"status": after} | DECISION).endswith("refused 1")
        assert shown(registry).status.code == before


@pytest.mark.parametrize("state", [each.code for each in LIFE_CYCLE.states if not each.is_public])
def test_what_is_not_public_cannot_be_named_by_a_sheet(
    registry: Registry, tmp_path: Path, state: str
) -> None:
    assert bring(registry, tmp_path, FACTS | {"status": state}).endswith("refused 1")


@pytest.mark.parametrize("after", ["suspended", "removed"])
def test_a_decision_without_basis_is_doubted(registry: Registry, tmp_path: Path, after: str) -> None:
    with clock.frozen_at(DAY):
        bring(registry, tmp_path, FACTS | {"status": "listed"})
        bring(registry, tmp_path, KEY | {"status": after})
        assert "legal_basis" in {issue.field for issue in shown(registry).warnings}


def test_a_title_leads_to_the_local_one_it_rose_from_whichever_came_first(
    registry: Registry, tmp_path: Path
) -> None:
    local = FACTS | {"plaque_no": "浙-2010-0012", "status": "listed"}
    national = local | {"scheme": "national", "plaque_no": "国-2023-0077", "promoted_from": "浙-2010-0012"}
    with clock.frozen_at(DAY):
        bring(registry, tmp_path, national)
        bring(registry, tmp_path, local)
        relay.run_relay_once(registry)
        pointer = reading.locate_record(registry, ANONYMOUS, "brands", "国-2023-0077")
        view = reading.get_record(registry, ANONYMOUS, pointer, "en")
    groups = {group.label: group.items for group in view.links}
    assert [item.number for item in groups["Rose from this title"]] != []
    pieces = [
        piece
        for section in view.sections
        for field in section.fields
        if field.name == "promoted_from"
        for piece in field.pieces
    ]
    assert [piece.text for piece in pieces] == ["浙-2010-0012"]
    assert pieces[0].path.startswith("/brands/TB-")


def test_a_past_day_is_judged_by_itself_and_says_so_first(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(DAY - dt.timedelta(days=100)):
        bring(registry, tmp_path, FACTS | {"status": "listed", "recognised_on": "2015-06-01"})
    with clock.frozen_at(DAY):
        bring(registry, tmp_path, KEY | {"status": "removed"} | DECISION)
        pointer = reading.locate_record(registry, ANONYMOUS, "brands", samples.number_of(registry, "brands"))
        then = reading.get_record(registry, ANONYMOUS, pointer, "en", at=DAY.date() - dt.timedelta(days=50))
        now = reading.get_record(registry, ANONYMOUS, pointer, "en")
    assert (then.plate.at, then.status.code) == ("2026-10-05", "listed")
    assert then.plate.today_status is not None
    assert then.plate.today_status.code == "removed"
    uses = [
        field.pieces[0].text
        for view in (then, now)
        for section in view.sections
        for field in section.fields
        if field.name == "mark_use"
    ]
    assert uses == ["May be used", "Must not be used"]
    assert ("Since", "20 November 2026") in [(fact.label, fact.text) for fact in now.plate.facts]
