"""Notices: records that name one are joined to it whichever came first, stay so after later decisions, and leave by a correction."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from registry.accounts.model import AuditEntry
from registry.accounts.policy import ANONYMOUS, REGISTRAR, ROLES, Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.record import Link, Record
from registry.registers import catalogue
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionDraft, EntryDraft, HandedInEntryFile
from registry.services.exchange import import_files
from registry.services.operations import relay
from registry.services.publication import lasting_links
from registry.services.records import reading
from registry.services.records.numbers.checked_numbers import list_checked_numbers
from registry.services.records.views import RecordView
from registry.store.state import write_state
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.deciders import EVIDENCE, staff
from tests.services.people import DECIDING, ONE_PIXEL_PNG

pytestmark = pytest.mark.usefixtures("noon")

FACTORIES = "kind,holder_name_zh,batch,listed_on,status,legal_basis,source,source_date\n"


@pytest.fixture(scope="module")
def pair(store: Registry) -> tuple[Actor, Actor]:
    return staff(store, "registrar", "王强"), staff(store, "registrar", "Lin Mei")


def import_rows(store: Registry, folder: Path, slug: str, text: str) -> None:
    sheet = folder / f"{slug}.csv"
    sheet.write_text(text)
    result = import_files(store, REGISTRAR, slug, [sheet])
    assert result.first_issues == []


def notice(store: Registry, folder: Path, number: str, *, authority: str = "演示部") -> str:
    """Import a notice with this number; return the number of its record."""
    header = "notice_no,title_zh,authority_zh,issued_on,text_zh\n"
    import_rows(store, folder, "notices", f"{header}{number},关于名单的公告,{authority},2026-01-05,正文\n")
    with read_transaction(store.engine) as connection:
        newest = select(Record.number).where(Record.register == "notices").order_by(Record.id.desc()).limit(1)
        return str(connection.execute(newest).scalar_one())


def factory(store: Registry, folder: Path, name: str, *, basis: str = "", source: str = "") -> str:
    """Import an entry of the green manufacturing lists; return its number."""
    row = f"factory,{name},2021,2022-01-15,listed,{basis},{source},{'2022-01-15' if source else ''}\n"
    import_rows(store, folder, "green-manufacturing", FACTORIES + row)
    with read_transaction(store.engine) as connection:
        found = select(Record.number).where(Record.holder_zh == name)
        return str(connection.execute(found).scalar_one())


def page(store: Registry, slug: str, number: str) -> RecordView:
    return reading.get_record(store, ANONYMOUS, reading.locate_record(store, ANONYMOUS, slug, number), "en")


def joined(store: Registry, notice_number: str) -> set[str]:
    """The numbers of the records that the page of a notice lists."""
    view = page(store, "notices", notice_number)
    return {item.number for group in view.links for item in (*group.items, *group.ended)}


def decide(store: Registry, pair: tuple[Actor, Actor], key: str, number: str, **stated: str) -> None:
    draft = DecisionDraft("green-manufacturing", key, (number,), stated, EVIDENCE, "写错了")
    prepared = deciding.prepare_decision(store, pair[0], draft)
    assert deciding.take_decision(store, pair[1], prepared) == ()


def test_records_are_joined_whichever_came_first_and_however_it_is_written(
    store: Registry, tmp_path: Path
) -> None:
    first = factory(store, tmp_path, "先来一厂", basis="演示部公告2026年第11号")
    number = notice(store, tmp_path, "公告〔2026〕11号")
    later = factory(store, tmp_path, "后来二厂", source="依据演示部 2026年第11号公告 及附件")
    other = factory(store, tmp_path, "无关三厂", basis="演示部公告2026年第111号")
    assert joined(store, number) == {first, later}
    assert other not in joined(store, number)
    for each in (first, later):
        [group] = [
            group
            for group in page(store, "green-manufacturing", each).links
            if group.relation == "under_notice"
        ]
        assert ([item.number for item in group.items], group.label) == ([number], "Notices")
    relay.run_relay_once(store)
    for written in (number, "演示部公告2026年第11号", "公告〔2026〕11号"):
        [answer] = list_checked_numbers(store, ANONYMOUS, [written])
        assert number in {found.number for found in answer.records}, written


def test_a_later_decision_keeps_the_notice_of_the_earlier_and_a_correction_takes_out_a_wrong_one(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    listing, removal, wrong = (
        notice(store, tmp_path, f"演示部公告2026年第{each}号") for each in (21, 22, 23)
    )
    number = factory(store, tmp_path, "变动工厂", basis="演示部公告2026年第21号")
    decide(store, pair, "removed", number, removed_on="2026-05-01", legal_basis="演示部公告2026年第23号")
    assert [number in joined(store, each) for each in (listing, removal, wrong)] == [True, False, True]
    decide(
        store, pair, "facts_corrected", number, removed_on="2026-05-02", legal_basis="演示部公告2026年第22号"
    )
    assert [number in joined(store, each) for each in (listing, removal, wrong)] == [True, True, True]


def test_records_from_before_are_joined_by_the_daily_job_once(store: Registry, tmp_path: Path) -> None:
    number = notice(store, tmp_path, "演示部公告2026年第31号")
    entry = factory(store, tmp_path, "旧有工厂", basis="演示部公告2026年第31号")
    with unit_of_work(store.engine) as connection:
        connection.execute(delete(Link).where(Link.relation == "under_notice"))
        write_state(connection, lasting_links.STATE_NAME, "of an earlier version")
    assert entry not in joined(store, number)
    assert lasting_links.link_all_records(store) > 0
    assert entry in joined(store, number)
    assert lasting_links.link_all_records(store) == 0
    with unit_of_work(store.engine) as connection:  # again, with nothing missing
        write_state(connection, lasting_links.STATE_NAME, "of an earlier version")
    assert lasting_links.link_all_records(store) == 0


STATED = {
    "notice_no": "演示部公告2026年第51号",
    "title_zh": "关于移出名单的公告",
    "authority_zh": "演示部",
    "issued_on": "2026-11-20",
    "text_zh": "现将有关企业移出名单。\n特此公告。",
}


def entry_draft(**stated: str) -> EntryDraft:
    return EntryDraft("notices", {**STATED, **stated}, EVIDENCE, "请核对")


def test_an_entry_is_published_by_a_second_person_with_its_file(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    first, second = pair
    entry = factory(store, tmp_path, "移出工厂", basis="演示部公告2026年第51号")
    with pytest.raises(Invalid) as refused:
        deciding.prepare_entry(store, first, EntryDraft("notices", {"notice_no": "演示部公告2026年第51号"}))
    assert {issue.field for issue in refused.value.issues} >= {"evidence", "authority_zh", "issued_on"}
    prepared = deciding.prepare_entry(store, first, entry_draft())
    with pytest.raises(Invalid) as twice:
        deciding.prepare_entry(store, second, entry_draft(notice_no="演示部 公告〔2026〕51号"))
    assert [issue.code for issue in twice.value.issues] == ["entry_waits"]
    stream = io.BytesIO(ONE_PIXEL_PNG)
    deciding.attach_file(store, first, prepared, HandedInEntryFile("gonggao.png", stream))
    with pytest.raises(Forbidden) as own:
        deciding.take_entry(store, first, prepared)
    assert own.value.reason == "decision_is_own"
    view = deciding.get_entry(store, second, prepared, "zh")
    assert (view.obstacle, view.issues, view.file and view.file.name) == ("", (), "gonggao.png")
    assert "发文机关" in view.sentences["zh"]
    with pytest.raises(Forbidden):
        deciding.attach_file(store, second, prepared, HandedInEntryFile("x.png", stream))
    number = deciding.take_entry(store, second, prepared)
    assert joined(store, number) == {entry}
    record = page(store, "notices", number)
    assert [file.name for file in record.files] == ["gonggao.png"]
    assert deciding.get_entry(store, second, prepared, "en").record_number == number
    with pytest.raises(Conflict):
        deciding.take_entry(store, second, prepared)
    with pytest.raises(Invalid) as known:
        deciding.prepare_entry(store, first, entry_draft())
    assert [issue.code for issue in known.value.issues] == ["entry_known"]
    with read_transaction(store.engine) as connection:
        acts = connection.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars().all()
    assert acts[-3:] == ["entry_prepared", "entry_file", "entry_taken"]
    [newest] = record.history[:1]
    assert (newest.reason, newest.actor_role) == ("Issued", "Registrar")


def test_what_is_returned_or_taken_back_leaves_nothing_public(
    store: Registry, pair: tuple[Actor, Actor]
) -> None:
    first, second = pair
    for end in ("returned", "back"):
        prepared = deciding.prepare_entry(store, first, entry_draft(notice_no="演示部公告2026年第61号"))
        if end == "returned":
            with pytest.raises(Invalid):
                deciding.return_entry(store, second, prepared, "  ")
            deciding.return_entry(store, second, prepared, "请补全文")
            assert prepared in {line.id for line in deciding.list_entries(store, first)}
            assert prepared not in {line.id for line in deciding.list_entries(store, second)}
        else:
            with pytest.raises(Forbidden):
                deciding.take_back_entry(store, second, prepared)
            deciding.take_back_entry(store, first, prepared)
        with pytest.raises(Conflict):
            deciding.take_entry(store, second, prepared)
        assert deciding.get_own_entry(store, first, prepared).stated["title_zh"] == STATED["title_zh"]
    with read_transaction(store.engine) as connection:
        texts = connection.execute(select(Record.natural_key).where(Record.register == "notices")).scalars()
        assert not any("第61号" in text for text in texts)


@pytest.mark.parametrize("role", sorted(ROLES - {"system"}))
def test_the_roles_of_the_table_enter_notices_within_their_region(store: Registry, role: str) -> None:
    region = {"reviewer_county": "330102", "reviewer_city": "330100", "reviewer_province": "330000"}.get(
        role, ""
    )
    actor = Actor(role) if role == "visitor" else staff(store, role, region=region)
    enters = (
        role in {move.name: move.roles for move in catalogue()["notices"].life_cycle.transitions}["issued"]
    )
    draft = entry_draft(notice_no=f"演示部公告2026年第{700 + len(role)}号")
    if not enters:
        with pytest.raises(Forbidden):
            deciding.get_entry_form(store, actor, "notices")
        with pytest.raises(Forbidden):
            deciding.prepare_entry(store, actor, draft)
        return
    assert deciding.get_entry_form(store, actor, "notices").fields
    if region:
        for given in ({}, {"region_code": "440000"}):
            with pytest.raises(Forbidden):
                deciding.preview_entry(
                    store, actor, EntryDraft("notices", {**draft.stated, **given}, EVIDENCE), "en"
                )
        within = EntryDraft("notices", {**draft.stated, "region_code": region}, EVIDENCE)
        assert deciding.preview_entry(store, actor, within, "en").sentences
    else:
        assert deciding.preview_entry(store, actor, draft, "en").sentences


def test_an_entry_out_of_ones_region_is_not_found(store: Registry, pair: tuple[Actor, Actor]) -> None:
    first, second = pair
    draft = entry_draft(notice_no="演示部公告2026年第81号", region_code="330100")
    prepared = deciding.prepare_entry(store, first, draft)
    near, far = (staff(store, "reviewer_city", region=region) for region in ("330100", "440100"))
    auditor = staff(store, "auditor")
    assert deciding.get_entry(store, near, prepared, "en").obstacle == ""
    later = deciding.prepare_entry(
        store, first, entry_draft(notice_no="演示部公告2026年第82号", region_code="440100")
    )
    for reader, seen in ((far, later), (near, prepared)):  # what others decide on does not fill the list
        assert [line.id for line in deciding.list_entries(store, reader, limit=1)] == [seen]
    assert deciding.get_entry(store, auditor, prepared, "en").obstacle == "desk_reads_only"
    for act in (
        lambda: deciding.get_entry(store, far, prepared, "en"),
        lambda: deciding.get_entry_file(store, far, prepared, reason=DECIDING),
        lambda: deciding.get_entry_file(store, near, prepared, reason=DECIDING),  # it has none
        lambda: deciding.get_entry(store, second, prepared + 1_000, "en"),
        lambda: deciding.get_entry_form(store, first, "brands"),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Forbidden):
        deciding.take_entry(store, far, prepared)
    assert deciding.take_entry(store, near, prepared)


def test_a_correction_keeps_the_earlier_text(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    number = notice(store, tmp_path, "演示部公告2026年第91号")
    draft = DecisionDraft(
        "notices",
        "facts_corrected",
        (number,),
        {"text_zh": "更正后的正文", "legal_basis": "校对"},
        EVIDENCE,
        "漏字",
    )
    prepared = deciding.prepare_decision(store, pair[0], draft)
    assert deciding.take_decision(store, pair[1], prepared) == ()
    record = page(store, "notices", number)
    assert record.document["text_zh"] == "更正后的正文"
    pointer = reading.locate_record(store, ANONYMOUS, "notices", number)
    history = reading.get_history(store, ANONYMOUS, pointer, "en")
    assert "正文" in str(history)


def test_a_notice_is_chosen_by_words_or_number(
    store: Registry, pair: tuple[Actor, Actor], tmp_path: Path
) -> None:
    """What is offered is the text by which the links of a basis find the notice; nothing else is."""
    notice(store, tmp_path, "演示部公告2026年第71号")
    notice(store, tmp_path, "公告2026年第72号", authority="国家市场监督管理总局")

    def offered(find: str, fields: tuple[str, ...] = ("legal_basis",)) -> list[str]:
        found = deciding.list_named_choices(store, pair[0], "brands", fields, find=find)
        return [choice.text for view in found for choice in view.found]

    definition = catalogue()["brands"]
    [link] = [each for each in definition.links if each.parts and each.field == "legal_basis"]
    assert {"演示部公告2026年第71号"} <= set(offered(""))
    assert len(offered("")) <= 10
    assert offered("演示部 公告2026年第71号") == ["演示部公告2026年第71号"]
    [other] = offered("2026年第72号")
    assert link.parts is not None
    assert len(list(link.parts(f"依据{other}"))) == 1
    assert set(offered("名单的公告")) >= {"演示部公告2026年第71号", other}
    assert offered("%") == offered("没有这样的公告") == []
    assert deciding.list_named_choices(store, pair[0], "brands", ("removed_reason",), find="") == ()
    with pytest.raises(Forbidden):
        deciding.list_named_choices(store, Actor("auditor", 1), "brands", ("legal_basis",), find="")
