"""Columns of a sheet at the desk: chosen, kept by name, found again, and the mappings that a register has."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from registry.accounts.policy import Actor
from registry.errors import Invalid, NotFound
from registry.kit.desk_import import SavedMapping
from registry.services import importing
from registry.services.bootstrap import Registry
from registry.services.importing import (
    Reading,
    desk_imports,
)
from registry.store.unit_of_work import read_transaction
from tests.services.desk_importers import THREE, counts, hand_in, look, pair, work

__all__ = ["pair"]


def test_columns_are_chosen_kept_by_name_and_found_again(
    registry: Registry, pair: tuple[Actor, Actor]
) -> None:
    one, _other = pair
    foreign = "批准号,字号,说明\nCNCA-R-2099-001,甲,x\n"
    job = hand_in(registry, one, foreign)
    work(registry)
    reading = look(registry, one, job).reading
    assert reading is not None
    meanings = {each.name: each.meaning for each in reading.columns}
    offered = [field for field, _label in reading.meanings]
    assert offered[:3] == [
        "number",
        "status",
        "approval_no",
    ]  # then its other fields, and last where facts come from
    assert offered.index("sanctions") < offered.index("source")
    twice = {**dict.fromkeys(meanings, ""), "批准号": "name_zh", "字号": "name_zh"}
    with pytest.raises(Invalid) as refused:
        importing.check_import(registry, one, job, Reading(twice))
    assert {(each.field, each.code) for each in refused.value.issues} == {
        ("批准号", "meaning_repeated"), ("字号", "meaning_repeated"), ("", "key_columns_missing"),
    }  # fmt: skip
    with pytest.raises(Invalid) as refused:
        importing.check_import(registry, one, job, Reading({"批准号": "nothing"}))
    assert [each.code for each in refused.value.issues] == ["meaning_unknown"]
    chosen = {"批准号": "approval_no", "字号": "name_zh", "说明": ""}
    importing.check_import(registry, one, job, Reading(chosen, save_as=" 月报 "))
    work(registry)
    assert counts(look(registry, one, job)) == (1, 0, 0, 0)
    again = hand_in(registry, one, foreign.replace("001,甲", "002,乙"))
    work(registry)
    reading = look(registry, one, again).reading
    assert reading is not None
    assert (reading.found, {each.name: each.meaning for each in reading.columns}) == ("月报", chosen)
    importing.choose_reading(registry, one, again, Reading({"说明": "name_en"}, header_row="2"))
    work(registry)
    reading = look(registry, one, again).reading
    assert reading is not None
    assert [each.name for each in reading.columns] == ["CNCA-R-2099-002", "乙", "x"]
    for wrong in ("0", "x", "1001", "²"):
        with pytest.raises(Invalid):
            importing.choose_reading(registry, one, again, Reading({}, header_row=wrong))
    importing.choose_reading(registry, one, again, Reading({}, saved="月报"))
    work(registry)
    importing.delete_mapping(registry, one, "bodies", "月报")
    with pytest.raises(NotFound):
        importing.delete_mapping(registry, one, "bodies", "月报")
    with pytest.raises(Invalid):
        importing.choose_reading(registry, one, again, Reading({}, saved="月报"))
    with pytest.raises(Invalid):
        importing.choose_reading(registry, one, again, Reading({}, mapping="月报"))


@pytest.mark.once
def test_mappings_by_name_are_replaced_and_limited(
    registry: Registry, pair: tuple[Actor, Actor], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _other = pair
    monkeypatch.setattr(desk_imports, "MAX_MAPPINGS", 1)
    for name, fits in (("甲", True), ("甲", True), ("乙", False), ("丙" * 81, False)):
        job = hand_in(registry, one, THREE)
        work(registry)
        if fits:
            importing.check_import(registry, one, job, Reading({}, save_as=name))
        else:
            with pytest.raises(Invalid) as refused:
                importing.check_import(registry, one, job, Reading({}, save_as=name))
            assert [each.field for each in refused.value.issues] == ["save_as"]
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(SavedMapping.name)).scalars().all() == ["甲"]


def test_a_mapping_of_the_register_is_found_by_its_columns(
    registry: Registry, pair: tuple[Actor, Actor]
) -> None:
    from_source = "xydm,gsmc,gpywjc,gpjc,zcdz,gssx,sf,cs,hydm,clrq\n"
    listed = (
        from_source
        + "91110000101461180X,甲股份有限公司,JIA,甲,北京市海淀区1号,民营企业,北京市,北京市,C39,1999-01-01\n"
    )
    job = hand_in(registry, pair[0], listed, "organisations")
    work(registry)
    reading = look(registry, pair[0], job).reading
    assert reading is not None
    assert reading.mapping == "listed_companies"
    fills = {each.name: each.fills for each in reading.columns}
    assert (fills["xydm"], len(fills["sf"]), reading.left_out) == (("Unified social credit code",), 1, 0)
    importing.check_import(registry, pair[0], job, Reading({}, mapping="listed_companies"))
    work(registry)
    assert counts(look(registry, pair[0], job)) == (1, 0, 0, 0)
    importing.choose_reading(registry, pair[0], job, Reading({}))
    work(registry)
    reading = look(registry, pair[0], job).reading
    assert reading is not None
    assert (reading.mapping, {each.meaning for each in reading.columns}) == ("", {""})
    importing.choose_reading(registry, pair[0], job, Reading({}, mapping="listed_companies"))
    work(registry)
    importing.run_import(registry, pair[1], _checked_again(registry, pair[0], job))
    work(registry)
    assert look(registry, pair[0], job).line.state == "done"


def _checked_again(registry: Registry, actor: Actor, job: int) -> int:
    importing.check_import(registry, actor, job, Reading({}, mapping="listed_companies"))
    work(registry)
    return job
