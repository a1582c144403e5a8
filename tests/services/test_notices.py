"""Notices: records that name one are joined to it whichever came first, stay so after later decisions, and leave by a correction."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete, select

from registry.accounts.policy import ANONYMOUS, REGISTRAR, Actor
from registry.kit.record import Link, Record
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionDraft
from registry.services.exchange import import_files
from registry.services.operations import relay
from registry.services.publication import lasting_links
from registry.services.records import reading
from registry.services.records.numbers.checked_numbers import list_checked_numbers
from registry.services.records.views import RecordView
from registry.store.state import write_state
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.deciders import EVIDENCE, staff

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
