"""Corrections of facts at the desk: with reason and basis, by two registrars, in the history of the record with their words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.accounts.policy import ANONYMOUS, REGISTRAR, ROLES, Action, Actor, may
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.kinds import Rows
from registry.kit.life_cycle import DECIDED_HERE
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionDraft, DeskRequest, moves
from registry.services.exchange import import_files
from registry.services.records import reading
from registry.services.records.views import RecordView
from registry.store.unit_of_work import read_transaction
from tests.services.deciders import EVIDENCE, set_status, staff, status_of

pytestmark = pytest.mark.usefixtures("noon")

KEY = "facts_corrected"
WORDS, BASIS = "录入时漏了一个字，身份证 11010519491231002X 除外", "《行政许可法》第六十九条"


@pytest.fixture(scope="module")
def pair(store: Registry) -> tuple[Actor, Actor]:
    return staff(store, "registrar", "王强"), staff(store, "registrar", "Lin Mei")


@pytest.fixture
def listed(store: Registry) -> str:
    return set_status(store, "brands", "listed")


def draft(slug: str, number: str, note: str = WORDS, **stated: str) -> DecisionDraft:
    return DecisionDraft(slug, KEY, (number,), {"legal_basis": BASIS, **stated}, EVIDENCE, note)


def correct(store: Registry, pair: tuple[Actor, Actor], slug: str, number: str, **stated: str) -> int:
    prepared = deciding.prepare_decision(store, pair[0], draft(slug, number, **stated))
    assert deciding.take_decision(store, pair[1], prepared) == ()
    return prepared


def document(store: Registry, slug: str, number: str) -> dict[str, object]:
    with read_transaction(store.engine) as connection:
        found = select(Item.document).join(Record, Record.document_hash == Item.hash)
        found = found.where(Record.register == slug, Record.number == number)
        return dict(json.loads(connection.execute(found).scalar_one()))


def codes(problem: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(issue.field, issue.code) for issue in problem.value.issues}


def test_a_correction_is_in_the_history_with_its_words(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    before = document(store, "brands", listed)
    prepared = deciding.prepare_decision(store, pair[0], draft("brands", listed, story_zh="新的说明"))
    waiting = deciding.get_desk(store, pair[1], DeskRequest("en")).to_take
    assert prepared in {line.id for line in waiting}
    assert document(store, "brands", listed) == before
    with pytest.raises(Forbidden) as refused:
        deciding.take_decision(store, pair[0], prepared)
    assert refused.value.reason == "decision_is_own"
    view = deciding.get_decision(store, pair[1], prepared, "en")
    [effect] = view.effects
    assert (view.move.corrects, view.refused) == (True, ())
    assert "新的说明" in {change.after for change in effect.changes}
    assert deciding.take_decision(store, pair[1], prepared) == ()
    after = document(store, "brands", listed)
    assert after["story_zh"] == "新的说明"
    origin = ("legal_basis", "source", "source_date", "source_status")
    assert [after.get(name) for name in origin] == [before.get(name) for name in origin]
    assert status_of(store, "brands", listed) == "listed"
    record = reading.get_record(
        store, ANONYMOUS, reading.locate_record(store, ANONYMOUS, "brands", listed), "en"
    )
    newest = record.history[0]
    assert (newest.reason, newest.legal_basis) == ("Facts corrected", BASIS)
    assert newest.words.startswith("录入时漏了一个字")
    assert "11010519491231002X" not in newest.words
    assert newest.actor_role == "Registrar"
    assert all(not step.words for step in record.history[1:])
    with read_transaction(store.engine) as connection:
        entry = connection.execute(select(Entry).order_by(Entry.id.desc()).limit(1)).one()
    assert (entry.reason, entry.legal_basis) == (KEY, f"{BASIS}\n{newest.words}")


def test_a_field_is_emptied_and_the_key_changes_with_its_facts(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    correct(store, pair, "brands", listed, relics="匾额一方")
    correct(store, pair, "brands", listed, relics="-", pinyin="-", brand_name_zh="改正后的字号")
    after = document(store, "brands", listed)
    assert ("relics" in after, after["brand_name_zh"]) == (False, "改正后的字号")


def test_it_is_the_source_of_what_it_states_alone_and_an_earlier_sheet_does_not_undo_it(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    sheet = tmp_path / "bodies.csv"
    sheet.write_text(
        "approval_no,name_zh,kind,valid_from,valid_to,status,source,source_date\n"
        "CNCA-R-2099-077,甲认正,认证,2020-01-01,2099-12-31,valid,名录,2026-01-31\n"
    )
    assert import_files(store, REGISTRAR, "bodies", [sheet]).created == 1
    number = "CNCA-R-2099-077"
    plate = read(store, "bodies", number).plate
    correct(store, pair, "bodies", number, name_zh="甲认证")
    after = document(store, "bodies", number)
    assert (after["name_zh"], after["source"], after["source_date"]) == ("甲认证", "名录", "2026-01-31")
    assert after["field_sources"] == {"name_zh": {"source": DECIDED_HERE, "source_date": "2026-11-24"}}
    corrected = read(store, "bodies", number)
    assert (corrected.plate.sentence, corrected.plate.params) == (plate.sentence, plate.params)
    assert import_files(store, REGISTRAR, "bodies", [sheet]).refused == 0
    assert document(store, "bodies", number)["name_zh"] == "甲认证"


def read(store: Registry, slug: str, number: str) -> RecordView:
    return reading.get_record(store, ANONYMOUS, reading.locate_record(store, ANONYMOUS, slug, number), "en")


@pytest.mark.once
def test_only_those_who_bring_facts_in_correct_them(store: Registry, listed: str) -> None:
    for role in sorted(ROLES - {"system"}):
        actor = ANONYMOUS if role == "visitor" else staff(store, role)
        if may(actor, Action.IMPORT):
            assert deciding.preview_decision(
                store, actor, draft("brands", listed, story_zh="乙"), "en"
            ).possible
            continue
        with pytest.raises(Forbidden):
            deciding.preview_decision(store, actor, draft("brands", listed, story_zh="乙"), "en")
        with pytest.raises(Forbidden):
            deciding.prepare_decision(store, actor, draft("brands", listed, story_zh="乙"))


@pytest.mark.once
def test_what_is_missing_or_changes_nothing_is_told(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    def refused(wanted: DecisionDraft) -> set[tuple[str, str]]:
        with pytest.raises(Invalid) as problem:
            deciding.prepare_decision(store, pair[0], wanted)
        return codes(problem)

    correct(store, pair, "brands", listed, story_zh="甲")
    assert refused(draft("brands", listed, note=" ", story_zh="乙")) == {("note", "correction_words_wanted")}
    assert refused(draft("brands", listed, legal_basis=" ", story_zh="乙")) == {("legal_basis", "required")}
    assert refused(draft("brands", listed, story_zh="甲")) == {("", "decision_changes_nothing")}
    assert refused(draft("brands", listed)) == {("", "decision_changes_nothing")}
    assert refused(draft("brands", listed, brand_name_zh="-")) != set()
    for foreign in ("source", "former_holders", "nothing"):
        assert ("", "field_not_of_decision") in refused(draft("brands", listed, **{foreign: "x"}))
    two = DecisionDraft(
        "brands", KEY, (listed, "x"), {"legal_basis": BASIS, "story_zh": "乙"}, EVIDENCE, WORDS
    )
    assert refused(two) == {("numbers", "too_many_records")}
    with pytest.raises(NotFound):
        deciding.get_batch_form(store, pair[0], "brands", KEY)


@pytest.mark.once
@pytest.mark.parametrize("slug", list(catalogue()))
def test_every_register_is_corrected_in_each_of_its_states(
    store: Registry, pair: tuple[Actor, Actor], slug: str
) -> None:
    definition = catalogue()[slug]
    assert {move.before for move in moves.corrections(definition)} == {
        state.code for state in definition.life_cycle.public_states()
    }
    for state in definition.life_cycle.public_states():
        number = set_status(store, slug, state.code)
        form = deciding.get_decision_form(store, pair[0], slug, number, key=KEY, lang="en")
        assert form.move.corrects
        names = {each.name for each in form.fields}
        fields = definition.schema.register_fields()
        assert not names & moves.NOT_ASKED
        assert not any(isinstance(fields[name], Rows) for name in names)
        assert [each.name for each in form.fields if each.required] == ["legal_basis"]
        case = deciding.get_case_of_record(store, pair[0], slug, number, lang="en")
        assert case.correction is not None
        assert case.correction.key == KEY
        assert KEY not in {move.key for move in (*case.mine, *case.others)}
