"""Two records of one thing are merged by two registrars: both numbers name the one that remains, and nothing counts it twice."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.policy import ANONYMOUS, REGISTRAR, ROLES, Action, Actor, may
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.record import Link, Record
from registry.ledger.model import Entry
from registry.outbox.model import Message
from registry.registers import catalogue
from registry.services import deciding, statistics
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionDraft, moves
from registry.services.exchange import export, import_files
from registry.services.finding.projections import PageOfItems, search_json
from registry.services.finding.requests import SearchRequest
from registry.services.operations import indexing, relay
from registry.services.operations.integrity_check import check_store
from registry.services.publication import merges
from registry.services.records import projections, reading
from registry.services.records.numbers import lookup
from registry.store.base import Base
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.deciders import EVIDENCE, staff
from tests.services.samples import NOON, write_sheet

pytestmark = pytest.mark.usefixtures("noon")

KEY = "merged_here"
BASIS, WORDS = "《行政许可法》第六十九条", "同一字号登记了两次"
HEAD = "scheme,brand_name_zh,holder_name_zh,region_code,plaque_no,relics,status\n"
FIRST = "national,同仁堂,杭州同仁堂有限公司,330106,DEMO-339-0001,,listed\n"
SECOND = "national,同仁堂,杭州同仁堂有限责任公司,330106,DEMO-339-0002,匾额一方,listed\n"


@pytest.fixture(scope="module")
def pair(store: Registry) -> tuple[Actor, Actor]:
    return staff(store, "registrar", "王强"), staff(store, "registrar", "Lin Mei")


def draft(slug: str, remaining: str, merged: str, note: str = WORDS, **stated: str) -> DecisionDraft:
    return DecisionDraft(slug, KEY, (remaining, merged), {"legal_basis": BASIS, **stated}, EVIDENCE, note)


def merge(store: Registry, pair: tuple[Actor, Actor], slug: str, *numbers: str, **stated: str) -> int:
    prepared = deciding.prepare_decision(store, pair[0], draft(slug, *numbers, **stated))
    assert deciding.take_decision(store, pair[1], prepared) == ()
    return prepared


def bring(store: Registry, folder: Path, text: str, slug: str = "brands") -> Any:
    sheet = folder / "sheet.csv"
    sheet.write_text(text, "utf-8")
    return import_files(store, REGISTRAR, slug, [sheet])


def two_brands(store: Registry, folder: Path, rows: str = FIRST + SECOND) -> tuple[str, str]:
    assert bring(store, folder, HEAD + rows).created == 2
    with read_transaction(store.engine) as connection:
        newest = select(Record.number).where(Record.register == "brands").order_by(Record.id.desc())
        second, first = connection.execute(newest.limit(2)).scalars().all()
    return first, second


def shown(store: Registry, slug: str, number: str) -> dict[str, Any]:
    pointer = reading.locate_record(store, ANONYMOUS, slug, number)
    return projections.record_json(store, ANONYMOUS, pointer)


def codes(problem: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(issue.field, issue.code) for issue in problem.value.issues}


def test_both_numbers_name_the_record_that_remains(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    first, second = two_brands(store, tmp_path)
    form = deciding.get_merge_form(store, pair[0], ("brands", first), "", stated={}, lang="en")
    offered = {each.record.number: {fact.label: fact for fact in each.facts} for each in form.candidates}
    told = offered[second]
    assert {fact.differs for fact in told.values()} == {True, False}, told
    form = deciding.get_merge_form(store, pair[0], ("brands", first), second, stated={}, lang="en")
    choices = {fact.name: fact.from_merged for fact in form.facts}
    assert choices == {"holder_name_zh": False, "plaque_no": False, "relics": True}
    preview = deciding.preview_decision(store, pair[0], draft("brands", first, second), "en")
    assert (preview.possible, preview.refused) == (2, ())
    assert {each.record.number: each.merged_into for each in preview.effects} == {first: "", second: first}
    entries_before = latest_entry(store)
    prepared = merge(store, pair, "brands", first, second)
    for named in (first, second, first.lower(), "DEMO-339-0001", "DEMO-339-0002"):
        found = shown(store, "brands", named)
        assert found["number"] == first
    document = found["document"]
    assert (document["relics"], document["holder_name_zh"]) == ("匾额一方", "杭州同仁堂有限公司")
    assert document["former_numbers"] == [second, "DEMO-339-0002"]
    [answer] = projections_check(store, second)
    assert (answer["number"], [each["number"] for each in answer["records"]]) == (second, [first])
    with read_transaction(store.engine) as connection:
        entries = connection.execute(select(Entry).where(Entry.id > entries_before).order_by(Entry.id)).all()
        subjects = set(connection.execute(select(Message.subject)).scalars())
    assert [(each.number, each.reason, each.legal_basis) for each in entries] == [
        (second, "merged", f"{BASIS}\n{WORDS}"),
        (first, KEY, f"{BASIS}\n{WORDS}"),
    ]
    assert len({each.recorded_at for each in entries}) == 1
    assert {each.record_id for each in entries} <= subjects
    history = reading.get_record(
        store, ANONYMOUS, reading.locate_record(store, ANONYMOUS, "brands", first), "en"
    ).history
    assert (history[0].reason, history[0].words) == ("A double was merged into this record", WORDS)
    old = reading.get_history(store, ANONYMOUS, reading.find_merged(store, ANONYMOUS, "brands", second), "en")
    assert (old.number, old.document["merged_into"], len(old.history)) == (second, first, 2)
    assert [(each.label, each.after) for each in old.history[0].changes] == [("Merged into", first)]
    view = deciding.get_decision(store, pair[0], prepared, "en")
    assert [each.number for each in view.records] == [first, second]
    again = bring(store, tmp_path, HEAD + FIRST + SECOND)
    assert (again.created, again.refused) == (0, 1)
    assert [each.code for each in again.first_issues] == ["former_key"]
    numbered = bring(store, tmp_path, f"number,story_zh\n{second},新的说明\n")
    assert (numbered.created, numbered.updated, numbered.refused) == (0, 0, 1)
    assert list(check_store(store)) == []


def latest_entry(store: Registry) -> int:
    with read_transaction(store.engine) as connection:
        return int(connection.execute(select(Entry.id).order_by(Entry.id.desc()).limit(1)).scalar_one())


def projections_check(store: Registry, *numbers: str) -> list[dict[str, Any]]:
    return projections.check_json(store, ANONYMOUS, list(numbers))


@pytest.mark.once
@pytest.mark.parametrize("slug", list(catalogue()))
def test_every_register_is_merged_and_shows_one_record(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path, slug: str
) -> None:
    if slug == "bodies":
        bring(
            store,
            tmp_path,
            "approval_no,name_zh,kind,status\nCNCA-R-2099-176,甲认证,认证,valid\nCNCA-R-2099-177,乙认证,认证,valid\n",
            slug,
        )
    numbers = [number for number, _status, _values in export.iterate_documents(store, slug)]
    if len(numbers) < 2:
        double = {**catalogue()[slug].samples[0], catalogue()[slug].key.fields[-1]: "另一名称"}
        sheet = write_sheet(tmp_path / "double.csv", slug, [double])
        assert import_files(store, REGISTRAR, slug, [sheet]).created == 1
        numbers = [number for number, _status, _values in export.iterate_documents(store, slug)]
    remaining, merged = numbers[0], numbers[1]
    with read_transaction(store.engine) as connection:
        [gone] = connection.execute(
            select(Record.id).where(Record.register == slug, Record.number == merged)
        ).scalars()
        [stays] = connection.execute(
            select(Record.id).where(Record.register == slug, Record.number == remaining)
        ).scalars()
        naming = set(connection.execute(select(Link.from_id).where(Link.to_id == gone)).scalars())
        held = set(
            connection.execute(
                select(Record.id).where((Record.holder_id == gone) | (Record.issuer_id == gone))
            ).scalars()
        )
    form = deciding.get_merge_form(store, pair[0], (slug, remaining), merged, stated={}, lang="en")
    assert form.merged is not None
    merge(store, pair, slug, remaining, merged, **{fact.name: "remaining" for fact in form.facts})
    relay.run_relay_once(store, confirmed=True)
    assert list(check_store(store)) == []
    assert indexing.verify_index(store).repaired == 0
    assert [each for each, _status, _values in export.iterate_documents(store, slug)] == [
        each for each in numbers if each != merged
    ]
    for typed in (remaining, merged):
        with read_transaction(store.engine) as connection:
            [answer] = lookup.answer_numbers(connection, [typed])
        assert {row.number for row in answer.records if row.register == slug} == {remaining}
    with read_transaction(store.engine) as connection:
        links = select(Link.from_id).where(Link.to_id == stays)
        assert naming - {stays, gone} <= set(connection.execute(links).scalars())
        parties = select(Record.id).where((Record.holder_id == stays) | (Record.issuer_id == stays))
        assert held - {gone} <= set(connection.execute(parties).scalars())
        assert connection.execute(select(Link.id).where(Link.to_id == gone)).first() is None
    request = SearchRequest(q=merged, include_ended=True)
    found = search_json(store, ANONYMOUS, request, PageOfItems(50), lang="en")
    assert merged not in {item["number"] for item in found["items"] if item["register"] == slug}
    paths = set(reading.iterate_record_paths(store, ANONYMOUS))
    assert not [path for path in paths if path.startswith("/merged")]
    today = statistics.read_statistics(store, ANONYMOUS, slug, origin=statistics.ORIGINS[0], day=None)
    later = NOON + dt.timedelta(days=9999)
    with clock.frozen_at(later):
        day = later.date() - dt.timedelta(days=1)
        past = statistics.read_statistics(store, ANONYMOUS, slug, origin=statistics.ORIGINS[0], day=day)
    assert today.total == past.total
    form = deciding.get_merge_form(store, pair[0], (slug, merged), "", stated={}, lang="en")
    assert form.record.number == remaining


def test_chains_end_at_the_last_and_loops_are_refused(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    rows = "".join(f"national,宝成,甲{each}有限公司,330106,DEMO-331-000{each},,listed\n" for each in range(3))
    bring(store, tmp_path, HEAD + rows)
    with read_transaction(store.engine) as connection:
        named = select(Record.number).where(Record.register == "brands", Record.title_zh == "宝成")
        first, second, third = connection.execute(named.order_by(Record.id)).scalars().all()
    merge(store, pair, "brands", second, first)
    for wrong in (draft("brands", first, second), draft("brands", second, first)):
        with pytest.raises(Invalid) as problem:
            deciding.prepare_decision(store, pair[0], wrong)
        assert codes(problem) == {("numbers", "former_key")}
    for numbers in ((second, second), (second,), (second, third, first)):
        with pytest.raises(Invalid):
            deciding.prepare_decision(
                store, pair[0], DecisionDraft("brands", KEY, numbers, {"legal_basis": BASIS}, EVIDENCE, WORDS)
            )
    merge(store, pair, "brands", third, second)
    for number in (first, second, "DEMO-331-0000", "DEMO-331-0001"):
        assert shown(store, "brands", number)["number"] == third
    assert reading.find_merged(store, ANONYMOUS, "brands", first).merged_into == third
    assert list(check_store(store)) == []


def test_the_key_of_the_double_may_be_the_right_one(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    text = (
        "scheme,brand_name_zh,holder_name_zh,region_code,status\n"
        "national,万隆号,甲食品有限公司,330106,listed\nnational,万隆,甲食品有限公司,330106,listed\n"
    )
    bring(store, tmp_path, text)
    with read_transaction(store.engine) as connection:
        named = select(Record.number).where(Record.title_zh.in_(("万隆号", "万隆")))
        wrong, right = connection.execute(named.order_by(Record.id)).scalars().all()
    merge(store, pair, "brands", wrong, right, brand_name_zh="merged")
    assert shown(store, "brands", right)["title"]["zh"] == "万隆"
    again = bring(store, tmp_path, text)
    assert (again.created, again.unchanged, again.refused) == (0, 1, 1)
    assert list(check_store(store)) == []


def test_who_may_not_decide_on_one_of_both_merges_nothing(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    rows = (FIRST + SECOND).replace("同仁堂", "四远香").replace("DEMO-339", "DEMO-332")
    first, second = two_brands(store, tmp_path, rows)
    wanted = draft("brands", first, second)
    for role in sorted(ROLES - {"system"}):
        actor = ANONYMOUS if role == "visitor" else staff(store, role)
        if not may(actor, Action.IMPORT):
            with pytest.raises(Forbidden):
                deciding.prepare_decision(store, actor, wanted)
    interested = staff(store, "registrar")
    with unit_of_work(store.engine) as connection:
        record = connection.execute(select(Record.id).where(Record.number == second)).scalar_one()
        connection.execute(
            insert(Membership).values(
                record_id=record, user_id=interested.user_id, role="owner", agent=False, since=clock.now()
            )
        )
    with pytest.raises(Invalid) as problem:
        deciding.prepare_decision(store, interested, wanted)
    assert codes(problem) == {("", "own_organisation")}
    prepared = deciding.prepare_decision(store, pair[0], wanted)
    with pytest.raises(Forbidden):
        deciding.take_decision(store, pair[0], prepared)
    assert deciding.take_decision(store, interested, prepared, leave_out=True) != ()
    with pytest.raises(Invalid) as problem:  # of two who prepare for one of both records, one is told
        deciding.prepare_decision(store, pair[1], draft("brands", second, first))
    assert {code for _field, code in codes(problem)} == {"decision_waits"}
    bring(store, tmp_path, f"number,story_zh\n{second},变了\n")
    refused = deciding.take_decision(store, pair[1], prepared, leave_out=True)
    assert [(each.number, [issue.code for issue in each.issues]) for each in refused] == [
        (second, ["record_changed"])
    ]
    assert shown(store, "brands", second)["number"] == second
    deciding.take_back_decision(store, pair[0], prepared)
    with pytest.raises(Conflict):
        deciding.take_decision(store, pair[1], prepared)


@pytest.mark.once
def test_what_is_missing_is_told(store: Registry, pair: tuple[Actor, Actor], tmp_path: Path) -> None:
    rows = "national,三和,甲三和,330106,,,listed\nnational,三和,乙三和,330106,,,listed\n"
    first, second = two_brands(store, tmp_path, rows)

    def refused(wanted: DecisionDraft) -> set[tuple[str, str]]:
        with pytest.raises(Invalid) as problem:
            deciding.prepare_decision(store, pair[0], wanted)
        return codes(problem)

    assert refused(draft("brands", first, second, note=" ")) == {("note", "correction_words_wanted")}
    assert refused(draft("brands", first, second, legal_basis=" ")) == {("legal_basis", "required")}
    assert refused(draft("brands", first, second, holder_name_zh="both")) == {
        ("holder_name_zh", "merge_choice")
    }
    assert refused(draft("brands", first, second, source="merged")) == {("", "field_not_of_decision")}
    assert refused(draft("brands", first, "TB-1999-99999-X")) == {("numbers", "number_unknown_here")}
    with pytest.raises(NotFound):
        deciding.get_batch_form(store, pair[0], "brands", KEY)
    assert not [each for each in moves.desk_moves(catalogue()["brands"]) if each.name == KEY]


@pytest.mark.once
def test_every_column_that_names_a_record_has_its_place() -> None:
    named = {
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "record" for key in column.foreign_keys)
    }
    placed = [
        (column.class_.__tablename__, column.key)
        for column in (
            *merges.MOVED,
            *(column for column, _once in merges.MOVED_UNLESS_THERE),
            *merges.DELETED,
            *merges.KEPT,
        )
    ]
    assert len(placed) == len(set(placed))
    assert set(placed) == named | {("record", "merged_into_id")}
