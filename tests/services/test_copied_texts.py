"""Copied texts: own standards with nearly the same facts as another enterprise's stand on the list of the staff, and nowhere else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, update

from registry.accounts.policy import ANONYMOUS, REGISTRAR, Actor
from registry.errors import Conflict, Forbidden
from registry.kit.record import Record
from registry.kit.text_signature import AlikeText, TextBand, TextSignature
from registry.kit.watch_lists import COPIED
from registry.kit.watched import WatchItem
from registry.services import operations, watch_lists
from registry.services.bootstrap import Registry
from registry.services.exchange import import_files
from registry.services.operations import relay
from registry.services.records import reading
from registry.services.watch_lists import WatchQuery, copied_texts
from registry.services.watch_lists import text_signatures as texts
from registry.services.watch_lists.text_signatures import FACTS
from registry.store.locks import hold_lock
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import samples
from tests.services.deciders import staff

pytestmark = pytest.mark.usefixtures("noon")

CODES = {"甲厂": "91330100MAWY010175", "乙厂": "91110000101461180X", "丙厂": "91110100MADEM01XXB"}
NAMES = ("甲醛释放量", "含水率", "漆膜附着力", "抗冲击强度", "耐磨性能", "表面耐热循环")


APART = ("静曲强度", "握螺钉力", "表面胶合性能", "吸水厚度膨胀率", "浸渍剥离性能", "色泽稳定性")


def indicators(*, apart: bool = False) -> list[dict[str, object]]:
    """The indicators of an own standard, or of another one that was written apart from it."""
    return [
        {
            "name_zh": f"{name}的{'出厂抽样' if apart else '型式检验'}项目",
            "operator": ">=" if apart else "<=",
            "value": index + (70 if apart else 1),
            "unit": "MPa" if apart else "mg/m³",
            "conditions": "每批随机取六块试件，由质量部门逐件记录并复核"
            if apart
            else "温度二十三摄氏度下放置七昼夜后由实验室测定",
            "method": f"GB/T 1{index}{'999-2019' if apart else '657-2022'}",
        }
        for index, name in enumerate(APART if apart else NAMES)
    ]


def declare(
    store: Registry, folder: Path, enterprise: str, number: str, rows: list[dict[str, object]]
) -> int:
    """Import a declaration of an enterprise (its name) to a standard; return the id of its record."""
    row = {
        "org_uscc": CODES[enterprise],
        "org_name_zh": enterprise,
        "std_no": number,
        "std_name_zh": "木家具技术要求",
        "product_name_zh": "餐桌",
        "declared_on": "2026-03-02",
        "indicators": rows,
        "status": "active",
    }
    sheet = samples.write_sheet(folder / "declarations.csv", "declarations", [row])
    result = import_files(store, REGISTRAR, "declarations", [sheet])
    assert result.refused == 0, result.first_issues
    with read_transaction(store.engine) as connection:
        of_row = select(Record.id).where(Record.register == "declarations", Record.holder_zh == enterprise)
        return int(connection.execute(of_row.order_by(Record.id.desc()).limit(1)).scalar_one())


def listed(store: Registry) -> set[int]:
    with read_transaction(store.engine) as connection:
        return set(connection.execute(select(WatchItem.record_id).where(WatchItem.watch == COPIED)).scalars())


def number_of(store: Registry, record_id: int) -> str:
    with read_transaction(store.engine) as connection:
        return str(connection.execute(select(Record.number).where(Record.id == record_id)).scalar_one())


@pytest.fixture
def copied(filled: Registry, tmp_path: Path) -> tuple[Registry, dict[str, int]]:
    made = {
        "first": declare(filled, tmp_path, "甲厂", "Q/JIA 001-2026", indicators()),
        "copy": declare(filled, tmp_path, "乙厂", "Q/YI 777-2026", indicators()),
        "own": declare(filled, tmp_path, "丙厂", "Q/BING 5-2026", indicators(apart=True)),
    }
    copied_texts.find_copied_texts(filled)
    return filled, made


def test_a_copy_is_listed_with_its_source_and_what_was_written_apart_is_not(
    copied: tuple[Registry, dict[str, int]],
) -> None:
    store, made = copied
    assert listed(store) == {made["first"], made["copy"]}
    officer = staff(store, "registrar")
    [alike] = watch_lists.list_alike_texts(store, officer, made["copy"])
    assert (alike.number, alike.kind, alike.percent) == (number_of(store, made["first"]), "facts", 100)
    view = watch_lists.get_desk_watch_lists(store, officer, WatchQuery(watch=COPIED))
    assert {row.number for row in view.rows} == {
        number_of(store, each) for each in (made["first"], made["copy"])
    }
    [mark] = {row.mark and row.mark.en for row in view.rows}
    assert mark == "Text nearly the same as another enterprise's"
    relay.run_relay_once(store)  # what is indexed again stays on the list
    assert listed(store) == {made["first"], made["copy"]}


def test_none_of_it_is_public(copied: tuple[Registry, dict[str, int]]) -> None:
    store, made = copied
    number = number_of(store, made["copy"])
    record = reading.get_record(
        store, ANONYMOUS, reading.locate_record(store, ANONYMOUS, "declarations", number), "en"
    )
    assert "another enterprise's" not in str(record)
    for role in ("visitor", "enterprise"):
        with pytest.raises(Forbidden):
            watch_lists.list_alike_texts(store, Actor(role), made["copy"])
    far = staff(store, "reviewer_city", region="440100")
    assert watch_lists.list_alike_texts(store, far, made["copy"]) == ()


def test_only_what_changed_is_compared_again_and_the_list_follows(
    copied: tuple[Registry, dict[str, int]], tmp_path: Path
) -> None:
    store, made = copied
    assert copied_texts.find_copied_texts(store) == 0
    declare(store, tmp_path, "乙厂", "Q/YI 777-2026", indicators(apart=True))
    assert copied_texts.find_copied_texts(store) == 1
    assert listed(store) == {made["copy"], made["own"]}
    declare(store, tmp_path, "乙厂", "GB/T 3324-2017", indicators())  # a standard of somebody else
    copied_texts.find_copied_texts(store)
    assert listed(store) == {made["copy"], made["own"]}
    with unit_of_work(store.engine) as connection:
        connection.execute(update(Record).where(Record.id == made["own"]).values(status="withdrawn"))
    copied_texts.find_copied_texts(store)
    assert listed(store) == {made["copy"]}


def test_all_are_compared_again_by_the_command_whatever_the_store_says(
    copied: tuple[Registry, dict[str, int]],
) -> None:
    """Bands that are lost, a copy that is named and is none, one that is missing: told by the check with the command, and mended by it."""
    store, made = copied
    with unit_of_work(store.engine) as connection:
        connection.execute(delete(TextBand).where(TextBand.record_id == made["own"]))
        connection.execute(delete(AlikeText))
        connection.execute(
            insert(AlikeText).values(
                record_id=made["own"], other_id=made["first"], kind=FACTS, common=texts.SIZE
            )
        )
    assert copied_texts.find_copied_texts(store) == 0  # nothing has changed, as it seems
    problems = list(operations.check_store(store))
    assert len(problems) >= 2
    assert all("pinzheng compare-texts makes it again" in each for each in problems), problems
    compared = copied_texts.compare_texts_again(store)
    assert compared >= 3
    assert list(operations.check_store(store)) == []
    assert listed(store) == {made["first"], made["copy"]}
    assert copied_texts.compare_texts_again(store) == compared  # safe to repeat
    assert listed(store) == {made["first"], made["copy"]}


def test_two_processes_do_not_compare_at_the_same_time(
    copied: tuple[Registry, dict[str, int]], tmp_path: Path
) -> None:
    store, _made = copied
    declare(store, tmp_path, "丙厂", "Q/BING 6-2026", indicators(apart=True))
    with hold_lock(copied_texts.COMPARISON_LOCK, store.settings.data_dir, store.engine):
        assert copied_texts.find_copied_texts(store) == 0  # the night leaves it to the other
        with pytest.raises(Conflict, match="lock_held"):
            copied_texts.compare_texts_again(store)
    assert copied_texts.find_copied_texts(store) > 0


def test_a_text_of_ones_own_is_no_copy_and_another_algorithm_begins_again(
    copied: tuple[Registry, dict[str, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, made = copied
    declare(store, tmp_path, "丙厂", "Q/BING 6-2026", indicators(apart=True))
    copied_texts.find_copied_texts(store)
    assert listed(store) == {made["first"], made["copy"]}
    with read_transaction(store.engine) as connection:
        before = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (TextSignature, TextBand, AlikeText)
        ]
    monkeypatch.setattr(copied_texts.texts, "algorithm", lambda: json.dumps("another"))
    assert copied_texts.find_copied_texts(store) >= 4
    with read_transaction(store.engine) as connection:
        after = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (TextSignature, TextBand, AlikeText)
        ]
    assert before == after


def test_words_that_a_trade_has_in_common_hide_no_copy(
    filled: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of three texts alike each band is shared by more than tell something; they are found all the same."""
    monkeypatch.setattr(copied_texts, "MAX_SHARING", 1)
    monkeypatch.setattr(
        copied_texts, "_sharing_any_band", copied_texts._sharing_any_band.__wrapped__
    )  # written again for this limit
    made = {
        declare(filled, tmp_path, enterprise, f"Q/X{place} 1-2026", indicators())
        for place, enterprise in enumerate(CODES)
    }
    assert copied_texts.find_copied_texts(filled) >= len(made)
    assert listed(filled) == made
