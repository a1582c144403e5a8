"""Near in meaning through the services: filled by the relay, the last stage of a search, and never a wrong record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from registry.accounts.policy import ANONYMOUS
from registry.kit.record import Record
from registry.search.words.model import ZeroResultSearch
from registry.services.bootstrap import Registry, open_registry
from registry.services.finding import search
from registry.services.finding.projections import PageOfItems, search_json
from registry.services.finding.requests import SearchRequest
from registry.services.finding.views import ResultsView
from registry.services.operations import indexing, meanings, relay
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.databases import Template
from tests.services import samples


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Every sample, indexed and encoded; the tests of this module do not write to it."""
    with template.copy(tmp_path_factory.mktemp("near")) as settings:
        opened = open_registry(replace(settings, search_meaning=True))
        samples.load(opened, tmp_path_factory.mktemp("near_sheets"))
        relay.run_relay_once(opened)
        yield opened
        opened.search.close()


@pytest.fixture
def loaded(template: Template, tmp_path: Path, store: Registry) -> Iterator[Registry]:
    """Every sample, neither indexed nor encoded, with a model."""
    with template.copy(tmp_path / "data") as settings:
        opened = open_registry(replace(settings, search_meaning=True))
        share_model(store, opened)
        samples.load(opened, tmp_path)
        yield opened
        opened.search.close()


def find(registry: Registry, typed: str, lang: str = "en", **more: object) -> ResultsView:
    return search.find_records(registry, ANONYMOUS, SearchRequest(typed, **more), lang)  # type: ignore[arg-type]


NEAR = "drugstore"  # a word of no record: 医药 is the category of one


def test_a_search_finds_what_is_near_in_meaning_and_says_so_on_each_line(store: Registry) -> None:
    found = find(store, NEAR)
    assert found.relaxed
    assert found.did_you_mean == ()
    for row in found.rows:
        assert row.near_match is not None
        assert row.near_match[0] == NEAR


def test_the_api_names_the_stage_and_the_text_that_is_near(store: Registry) -> None:
    found = search_json(store, ANONYMOUS, SearchRequest(NEAR), PageOfItems(10), lang="en")
    assert found["stage"] == "meaning"
    assert all(item["near_text"] for item in found["items"])
    by_words = search_json(store, ANONYMOUS, SearchRequest("餐桌"), PageOfItems(10), lang="zh")
    assert by_words["stage"] in ("exact", "words")
    assert {item["near_text"] for item in by_words["items"][:1]} == {None}


def test_where_words_find_enough_or_are_quoted_or_another_order_is_asked_for_nothing_else_comes(
    store: Registry,
) -> None:
    assert not any(row.near_match for row in find(store, "家具", "zh").rows)
    assert find(store, f'"{NEAR}"').total == 0
    assert find(store, NEAR, sort="name").total == 0


def test_filters_chosen_and_inferred_apply(store: Registry) -> None:
    [row] = find(store, NEAR).rows
    slug = row.register.slug
    assert find(store, NEAR, filters={"register": (slug,)}).total == 1
    others = tuple(each for each in ("brands", "standards", "bodies") if each != slug)
    assert find(store, NEAR, filters={"register": others}).total == 0


def test_a_search_that_only_meaning_answers_stays_one_that_words_are_wanted_for(store: Registry) -> None:
    find(store, NEAR)
    store.zero_result_log.flush()
    with read_transaction(store.engine) as connection:
        logged = connection.execute(select(ZeroResultSearch.text)).scalars().all()
    assert NEAR in logged


def test_what_is_not_encoded_is_not_near_until_the_relay_was_there(loaded: Registry) -> None:
    relay.ensure_index(loaded)
    relay.drain(loaded)
    assert find(loaded, NEAR).total == 0
    meanings.encode_all(loaded)
    assert loaded.near_texts.count() > 10
    assert find(open_registry(loaded.settings), NEAR).total == 1


def test_a_rebuilt_index_needs_nothing_encoded_again(
    loaded: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.run_relay_once(loaded)
    before = loaded.near_texts.count()
    indexing.rebuild_index(loaded)
    monkeypatch.setattr(meanings, "FEW_TEXTS", 0)
    assert not meanings.MeaningWork().run_step(loaded)
    assert loaded.near_texts.count() == before


def test_what_is_withdrawn_is_not_near_any_more_and_is_dropped_in_time(
    loaded: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.run_relay_once(loaded)
    assert find(loaded, NEAR).total == 1
    with unit_of_work(loaded.engine) as connection:
        connection.execute(update(Record).values(index_version=Record.index_version + 1))
    ids = [record_id for record_id, _version in loaded.search.index_versions()]
    loaded.search.write([], ids)
    loaded.search.status()
    assert find(loaded, NEAR).total == 0
    loaded.search.rebuild(())
    monkeypatch.setattr(meanings, "FEW_TEXTS", 0)
    meanings.encode_all(loaded)
    assert loaded.near_texts.count() == 0


def test_the_step_ends_when_its_time_is_over_and_the_next_goes_on(
    loaded: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    relay.ensure_index(loaded)
    relay.drain(loaded)
    monkeypatch.setattr("registry.search.meaning.near_texts.BATCH", 3)
    monkeypatch.setattr(meanings, "STEP_SECONDS", 0.0)
    work, steps = meanings.MeaningWork(), 1
    while work.run_step(loaded):
        steps += 1
        assert loaded.near_texts.count() <= 3 * steps
    assert steps > 3
    assert work.run_step(loaded, lambda: False) is False


def test_a_disk_that_takes_nothing_stops_neither_the_relay_nor_searches(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    on = replace(registry, near_texts=type(registry.near_texts)(registry.settings.meaning_dir, is_on=True))
    registry.settings.data_dir.mkdir(parents=True, exist_ok=True)
    registry.settings.meaning_dir.write_text("a file where the folder should be", "ascii")
    assert meanings.MeaningWork().run_step(on) is False
    assert find(on, "酱油").total == 0


def share_model(store: Registry, registry: Registry) -> None:
    """Give a registry the model of another one: to write it takes two seconds."""
    registry.settings.meaning_dir.mkdir(parents=True)
    for path in store.settings.meaning_dir.glob("*.model"):
        (registry.settings.meaning_dir / path.name).hardlink_to(path)
