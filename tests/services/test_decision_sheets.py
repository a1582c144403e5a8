"""Sheets of decisions: each row a decision; refused rows come back, a second person takes all of them in one act or one by one."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping

import pytest
from sqlalchemy import update

from registry import clock
from registry.accounts.policy import Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.decision import PREPARED, TAKEN_BACK, Decision
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services import deciding, decision_sheets
from registry.services.bootstrap import Registry
from registry.services.deciding import moves
from registry.services.decision_sheets import DecisionSheetRequest, DecisionSheetView, DecisionUpload, columns
from registry.services.decision_sheets.sheets import purge_old_decision_sheets
from registry.services.people import standing_aside
from registry.store.unit_of_work import read_transaction, unit_of_work
from registry.tabular.xlsx_stream import xlsx_stream_chunks
from tests.descriptors import no_descriptor_left
from tests.services.deciders import EVIDENCE, draft, set_status, staff, status_of

pytestmark = pytest.mark.usefixtures("noon")
GROUNDS = {"status_reason": "拒绝整改", "legal_basis": "演示决定〔2026〕1号"}


@pytest.fixture(autouse=True)
def nothing_waits(store: Registry) -> None:
    """The store is that of all tests here: what an earlier one has prepared is taken back."""
    with unit_of_work(store.engine) as connection:
        connection.execute(update(Decision).where(Decision.state == PREPARED).values(state=TAKEN_BACK))


@pytest.fixture
def mei(store: Registry) -> Actor:
    return staff(store, "registrar", "mei")


@pytest.fixture
def wei(store: Registry) -> Actor:
    return staff(store, "registrar", "wei")


def written(rows: Iterable[Mapping[str, str]]) -> io.BytesIO:
    table = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in table for name in row)), restval="")
    writer.writeheader()
    writer.writerows(table)
    return io.BytesIO(text.getvalue().encode("utf-8-sig"))


def hand_in(
    registry: Registry,
    actor: Actor,
    rows: Iterable[Mapping[str, str]],
    *,
    register: str = "brands",
    **more: object,
) -> int:
    upload = DecisionUpload(register, "决定.csv", written(rows), **more)  # type: ignore[arg-type]
    sheet = decision_sheets.hand_in_decisions(registry, actor, upload)
    assert decision_sheets.read_sheets(registry) == 1
    return sheet


def seen(registry: Registry, actor: Actor, sheet: int, lang: str = "en") -> DecisionSheetView:
    request = DecisionSheetRequest("zh" if lang == "zh" else "en")
    return decision_sheets.get_decision_sheet(registry, actor, sheet, request)


def brands(registry: Registry) -> tuple[str, str]:
    return set_status(registry, "brands", "listed"), set_status(registry, "brands", "rectifying", index=1)


def report(
    registry: Registry, actor: Actor, sheet: int, *, refused_only: bool = True
) -> list[dict[str, str]]:
    chunks = decision_sheets.export_decision_sheet(
        registry, actor, sheet, lang="en", file_format="csv", refused_only=refused_only
    )
    return list(csv.DictReader(io.StringIO(b"".join(chunks).decode("utf-8-sig"))))


def test_rows_become_decisions_that_another_person_takes_in_one_act(
    store: Registry, mei: Actor, wei: Actor
) -> None:
    listed, rectifying = brands(store)
    chinese = moves.moves_by_key(catalogue()["brands"], "suspended")[0].zh
    rows = [
        {"number": listed, "decision": "suspended", **GROUNDS, "decided_on": "2026-11-23"},
        {"number": rectifying, "decision": chinese, **GROUNDS, "decision_papers": "会议纪要"},
        {"number": "TB-2006-99999-9", "decision": "suspended"},
        {"number": listed, "decision": "rectify"},
    ]
    sheet = hand_in(store, mei, rows, evidence=EVIDENCE)
    view = seen(store, mei, sheet)
    assert (view.line.rows, view.line.refused, view.possible) == (4, 2, 2), [
        row.problems for row in view.rows
    ]
    assert [row.effect.after.code if row.effect else "" for row in view.rows] == [
        "suspended",
        "suspended",
        "",
        "",
    ]
    assert decision_sheets.prepare_sheet(store, mei, sheet) == 2
    assert status_of(store, "brands", listed) == "listed"  # nothing is public before
    assert [line.id for line in decision_sheets.list_sheets_to_take(store, wei)] == [sheet]
    assert decision_sheets.list_sheets_to_take(store, mei) == ()
    desk = deciding.get_desk(store, wei, deciding.DeskRequest("en"))
    assert desk.to_take == ()  # one line, for the sheet
    with pytest.raises(Forbidden, match="decision_is_own"):
        decision_sheets.take_sheet(store, mei, sheet)
    assert decision_sheets.take_sheet(store, wei, sheet) == ()
    assert [status_of(store, "brands", number) for number in (listed, rectifying)] == [
        "suspended",
        "suspended",
    ]
    with pytest.raises(Conflict, match="decision_settled"):
        decision_sheets.take_sheet(store, wei, sheet)
    assert seen(store, wei, sheet).line.badge.code == "taken"


def test_each_refused_row_says_where_and_why_and_can_be_sent_again(store: Registry, mei: Actor) -> None:
    listed, rectifying = brands(store)
    sheet = hand_in(
        store,
        mei,
        [
            {"number": "", "decision": "suspended"},
            {"number": listed, "decision": ""},
            {"number": listed, "decision": "祝福"},
            {"number": rectifying, "decision": "restored", "decision_papers": EVIDENCE},
            {
                "number": listed,
                "decision": "suspended",
                "status_reason": "拒绝整改",
                "decision_papers": EVIDENCE,
            },
            {"number": rectifying, "decision": "rectified"},
        ],
    )
    told = [(row["row"], row["code"], row["field"]) for row in report(store, mei, sheet)]
    assert told == [
        ("2", "evidence_wanted; required", "What it is based on; Register number"),
        ("3", "required", "Decision"),
        ("4", "decision_unknown", "Decision"),
        ("5", "not_a_transition", ""),
        ("6", "required", "Legal basis"),
        ("7", "evidence_wanted; row_repeats_record", "What it is based on; Register number"),
    ]
    with pytest.raises(Invalid, match="no_row_possible"):
        decision_sheets.prepare_sheet(store, mei, sheet)
    corrected = [
        {**row, "Legal basis": "演示〔2026〕1号", "Decision": "suspended"}
        for row in report(store, mei, sheet)
        if row["row"] == "6"
    ]
    again = hand_in(store, mei, corrected)
    assert seen(store, mei, again).possible == 1, seen(store, mei, again).rows


def two(registry: Registry, actor: Actor) -> tuple[int, tuple[str, str]]:
    """A prepared sheet that suspends two brands."""
    numbers = brands(registry)
    rows = [{"number": number, **GROUNDS} for number in numbers]
    sheet = hand_in(registry, actor, rows, key="suspended", evidence=EVIDENCE)
    assert decision_sheets.prepare_sheet(registry, actor, sheet) == 2
    return sheet, numbers


def decisions_of(view: DecisionSheetView) -> list[int]:
    return [row.decision for row in view.rows if row.decision is not None]


def test_all_of_them_or_none_and_what_is_left_out_waits_on(store: Registry, mei: Actor, wei: Actor) -> None:
    sheet, (listed, rectifying) = two(store, mei)
    with unit_of_work(store.engine) as connection:
        changed = update(Record).where(Record.number == rectifying).values(version=Record.version + 1)
        connection.execute(changed)
    refused = decision_sheets.take_sheet(store, wei, sheet)
    assert [(each.number, each.issues[0].code) for each in refused] == [(rectifying, "record_changed")]
    assert status_of(store, "brands", listed) == "listed"  # nothing half done
    assert decision_sheets.take_sheet(store, wei, sheet, leave_out=True) == ()
    assert status_of(store, "brands", listed) == "suspended"
    view = seen(store, wei, sheet)
    assert (view.line.waiting, view.mine) == (1, 1)
    with pytest.raises(Invalid, match="reply_wanted"):
        decision_sheets.return_sheet(store, wei, sheet, " ")
    decision_sheets.return_sheet(store, wei, sheet, "请核对版本")
    assert deciding.get_decision(store, mei, decisions_of(view)[-1], "en").state == "returned"


def test_row_by_row_beside_one_act(store: Registry, mei: Actor, wei: Actor) -> None:
    sheet, (listed, rectifying) = two(store, mei)
    first, _second = decisions_of(seen(store, wei, sheet))
    assert deciding.take_decision(store, wei, first) == ()
    assert decision_sheets.take_sheet(store, wei, sheet) == ()
    assert {status_of(store, "brands", number) for number in (listed, rectifying)} == {"suspended"}


def test_somebody_at_one_of_them_and_its_own_preparer(store: Registry, mei: Actor, wei: Actor) -> None:
    sheet, (listed, _rectifying) = two(store, mei)
    first, _second = decisions_of(seen(store, wei, sheet))
    deciding.claim_decision(store, staff(store, "registrar", "lin"), first)
    refused = decision_sheets.take_sheet(store, wei, sheet)
    assert [(each.number, each.issues[0].code) for each in refused] == [(listed, "decision_claimed")]
    assert seen(store, mei, sheet).obstacle.code == "decision_is_own"  # type: ignore[union-attr]
    decision_sheets.take_back_sheet(store, mei, sheet)
    assert deciding.get_decision(store, mei, first, "en").state == "taken_back"
    with pytest.raises(Conflict, match="decision_settled"):
        decision_sheets.take_back_sheet(store, mei, sheet)


def test_what_waits_already_and_what_came_between(store: Registry, mei: Actor, wei: Actor) -> None:
    listed, rectifying = brands(store)
    rows = [{"number": number, **GROUNDS} for number in (listed, rectifying)]
    sheet = hand_in(store, mei, rows, key="suspended", evidence=EVIDENCE)
    other = deciding.prepare_decision(store, wei, draft("brands", "suspended", listed, stated=GROUNDS))
    assert [bool(row.problems) for row in seen(store, mei, sheet).rows] == [True, False]
    assert decision_sheets.prepare_sheet(store, mei, sheet) == 1
    assert [row["code"] for row in report(store, mei, sheet)] == ["decision_waits"]
    with pytest.raises(Conflict, match="decision_sheet_moved"):
        decision_sheets.prepare_sheet(store, mei, sheet)
    deciding.take_back_decision(store, wei, other)


def test_a_conflict_declared_since_it_was_read(store: Registry, mei: Actor) -> None:
    listed, _rectifying = brands(store)
    sheet = hand_in(store, mei, [{"number": listed, **GROUNDS}], key="suspended", evidence=EVIDENCE)
    standing_aside.declare_interest(store, mei, "91110000101461180X", "亲属")
    with pytest.raises(Invalid, match="no_row_possible"):
        decision_sheets.prepare_sheet(store, mei, sheet)


def test_whose_they_are(store: Registry, mei: Actor) -> None:
    sheet, _numbers = two(store, mei)
    for role in ("auditor", "publisher"):
        other = staff(store, role)
        if role == "auditor":
            assert seen(store, other, sheet).obstacle.code == "desk_reads_only"  # type: ignore[union-attr]
        with pytest.raises(Forbidden):
            decision_sheets.take_sheet(store, other, sheet)
    with pytest.raises(NotFound):
        decision_sheets.prepare_sheet(store, staff(store, "registrar"), sheet)
    with pytest.raises(Forbidden, match="transition_of_others"):
        hand_in(store, staff(store, "publisher"), [{"number": "1"}])
    with pytest.raises(NotFound):
        hand_in(store, staff(store, "reviewer_province", region="330000"), [{"number": "1"}], key="suspended")
    open_one = hand_in(store, mei, [{"number": "1"}])
    with pytest.raises(NotFound):
        seen(store, staff(store, "registrar"), open_one)
    decision_sheets.cancel_sheet(store, mei, open_one)
    with pytest.raises(Conflict):
        decision_sheets.prepare_sheet(store, mei, open_one)


@pytest.mark.parametrize("register", ["brands", "grades", "declarations"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_sheet_is_understood_when_it_comes_back(
    store: Registry, mei: Actor, register: str, lang: str
) -> None:
    definition = catalogue()[register]
    for key in dict.fromkeys(moves.move_key(definition, move) for move in moves.desk_moves(definition)):
        chunks = decision_sheets.empty_decision_sheet(
            store, mei, register, key, lang="zh" if lang == "zh" else "en", file_format="csv"
        )
        [header] = list(csv.reader(io.StringIO(b"".join(chunks).decode("utf-8-sig"))))
        move = moves.moves_by_key(definition, key)[0]
        number = set_status(store, register, move.before)
        name = columns.name_of_transition(definition, move, "zh" if lang == "zh" else "en")
        row = dict.fromkeys(header, "") | {header[0]: number, header[1]: name}
        sheet = hand_in(store, mei, [row], register=register)
        view = seen(store, mei, sheet)
        codes = {each["code"] for each in report(store, mei, sheet)}
        assert view.notices == ()
        assert not any("decision_un" in code or "number_unknown" in code for code in codes), (key, codes)
        decision_sheets.cancel_sheet(store, mei, sheet)


def test_a_workbook_and_sheets_that_cannot_be_read(store: Registry, mei: Actor) -> None:
    number, _other = brands(store)
    header = ["number", "decision", "status_reason", "legal_basis", "decided_on", "nonsense"]
    lines = [[number, "suspended", "拒绝整改", "演示〔2026〕1号", dt.date(2026, 11, 24), "x"]]
    book = io.BytesIO(b"".join(xlsx_stream_chunks(header, iter(lines))))
    sheet = decision_sheets.hand_in_decisions(
        store, mei, DecisionUpload("brands", "a.xlsx", book, evidence=EVIDENCE)
    )
    assert not seen(store, mei, sheet).line.is_read
    assert decision_sheets.read_sheets(store) == 1
    view = seen(store, mei, sheet)
    assert (view.possible, len(view.notices)) == (1, 1), view.rows
    with pytest.raises(Invalid, match="key_columns_missing"):
        decision_sheets.hand_in_decisions(
            store, mei, DecisionUpload("brands", "b.csv", io.BytesIO("决定\n暂停\n".encode()))
        )
    many = written([{"number": str(each)} for each in range(decision_sheets.MAX_ROWS + 1)])
    sheet = decision_sheets.hand_in_decisions(store, mei, DecisionUpload("brands", "c.csv", many))
    decision_sheets.read_sheets(store)
    assert "1000" in seen(store, mei, sheet).problem


def test_a_sheet_that_cannot_be_opened_for_the_moment_is_read_later(store: Registry, mei: Actor) -> None:
    number, _other = brands(store)
    header = ["number", "decision", "status_reason", "legal_basis", "decided_on"]
    lines = [[number, "suspended", "拒绝整改", "演示〔2026〕1号", dt.date(2026, 11, 24)]]
    book = io.BytesIO(b"".join(xlsx_stream_chunks(header, iter(lines))))
    sheet = decision_sheets.hand_in_decisions(
        store, mei, DecisionUpload("brands", "a.xlsx", book, evidence=EVIDENCE)
    )
    with read_transaction(store.engine):
        pass  # leaves an open connection for the next one
    with no_descriptor_left(), pytest.raises(OSError, match="Too many open files"):
        decision_sheets.read_sheets(store)
    assert not seen(store, mei, sheet).line.is_read
    assert decision_sheets.read_sheets(store) == 1
    assert seen(store, mei, sheet).possible == 1


def test_numbers_of_persons_are_not_kept(store: Registry, mei: Actor) -> None:
    number, _other = brands(store)
    person = "110101199003070134"
    sheet = hand_in(
        store,
        mei,
        [{"number": number, "decision": "suspended", **GROUNDS, "decision_note": f"经办人 {person}"}],
    )
    [row] = report(store, mei, sheet, refused_only=False)
    assert "personal_number" in row["code"]
    assert person not in str(row)


def test_old_sheets_are_deleted_and_what_waits_stays(store: Registry, mei: Actor) -> None:
    waiting, _numbers = two(store, mei)
    left = hand_in(store, mei, [{"number": "1"}])
    with clock.frozen_at(clock.now() + dt.timedelta(days=89)):
        assert purge_old_decision_sheets(store) == 0
    with clock.frozen_at(clock.now() + dt.timedelta(days=91)):
        assert purge_old_decision_sheets(store) >= 1
    with pytest.raises(NotFound):
        seen(store, mei, left)
    assert seen(store, mei, waiting).line.waiting == 2
