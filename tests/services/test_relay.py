"""The relay: delivers at least once, mends the index, lets dates take effect, and works alone."""

from __future__ import annotations

import dataclasses
import datetime as dt
import shutil
from pathlib import Path

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Conflict
from registry.search.port import Query
from registry.services import finding, indexing, reading, relay, upkeep
from registry.services.finding import SearchRequest
from registry.services.imports import import_files
from registry.services.wiring import Registry
from tests.services import samples


def total(registry: Registry) -> int:
    return registry.search.find(Query(include_ended=True)).total


def test_what_is_published_is_found(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path)
    assert relay.run_once(registry) >= 0
    found = finding.find(registry, ANONYMOUS, SearchRequest("同仁堂"), "zh")
    assert found.rows[0].title.zh == "同仁堂"
    assert relay.waiting(registry) == 0
    assert relay.run_once(registry) == 0


def test_messages_killed_before_they_were_forgotten_come_again(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path, ["bodies"])
    relay.run_once(registry)
    samples.load(registry, tmp_path, ["standards"])
    with_messages = relay.waiting(registry)
    registry.search.write(
        list(indexing.all_documents(registry)), []
    )  # written, but the messages are still there
    assert relay.waiting(registry) == with_messages
    relay.run_once(registry)
    assert indexing.verify(registry) == {"missing": 0, "stale": 0, "extra": 0, "repaired": 0}


def test_a_lost_index_costs_a_rebuild(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path)
    relay.run_once(registry)
    before = total(registry)
    registry.search.close()
    shutil.rmtree(registry.settings.index_dir)
    view = finding.find(registry, ANONYMOUS, SearchRequest("同仁堂"), "zh")
    assert (view.stale, view.rows) == (True, ())
    relay.run_once(registry)
    assert total(registry) == before


def test_verify_mends_missing_stale_and_extra(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path)
    relay.run_once(registry)
    documents = list(indexing.all_documents(registry))
    stale = dataclasses.replace(documents[1], stamp=0)
    extra = dataclasses.replace(documents[2], id=999_999)
    registry.search.write([stale, extra], [documents[0].id])
    assert indexing.verify(registry) == {"missing": 1, "stale": 1, "extra": 1, "repaired": 3}
    assert indexing.verify(registry)["repaired"] == 0


def test_dates_take_effect_once_and_imports_do_not_undo_them(registry: Registry, tmp_path: Path) -> None:
    rows = [
        {
            "approval_no": "CNCA-R-2099-301",
            "name_zh": "甲",
            "valid_from": "2020-01-01",
            "valid_to": "2025-06-30",
        }
        | {"status": "valid"}
    ]
    path = samples.write_sheet(tmp_path / "b.csv", "bodies", rows)
    with clock.fixed(dt.datetime(2025, 6, 1, tzinfo=clock.SHANGHAI)):
        import_files(registry, REGISTRAR, "bodies", [path])
        assert relay.expire(registry) == 0
    with clock.fixed(dt.datetime(2025, 7, 1, 0, 1, tzinfo=clock.SHANGHAI)):
        pointer = reading.locate(registry, ANONYMOUS, "bodies", "CNCA-R-2099-301")
        assert reading.record(registry, ANONYMOUS, pointer, "en").status.code == "expired"  # before the relay
        assert relay.expire(registry) == 1
        assert relay.expire(registry) == 0
        again = import_files(registry, REGISTRAR, "bodies", [path])
        assert again.summary() == "created 0, updated 0, unchanged 1, refused 0"
        view = reading.history(registry, ANONYMOUS, pointer, "en")
    assert [version.status.code for version in view.history] == ["expired", "valid"]


def test_only_one_relay_works(registry: Registry) -> None:
    with relay.held_lock(registry), pytest.raises(Conflict):
        relay.run_once(registry)


def test_the_store_is_sound_and_says_when_it_is_not(registry: Registry, tmp_path: Path) -> None:
    samples.load(registry, tmp_path)
    relay.run_once(registry)
    assert list(upkeep.check_store(registry)) == []
    assert upkeep.is_ready(registry) == {"database": True, "index": True}
