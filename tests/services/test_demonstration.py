"""The demonstration data: deterministic, marked, and complete over every state and field."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from registry.registers import catalogue
from registry.services import demonstration, exports, invented, upkeep
from registry.services.wiring import Registry, open_registry
from tests.databases import Template


@pytest.fixture(scope="module")
def loaded(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with template.copy(tmp_path_factory.mktemp("demo") / "data") as settings:
        registry = open_registry(settings)
        demonstration.load(registry)
        yield registry
        registry.search.close()


def test_every_state_and_every_field_can_be_seen(loaded: Registry) -> None:
    marked = 0
    for slug, definition in catalogue().items():
        states, fields = set(), set()
        for _number, status, values in exports.documents(loaded, slug):
            states.add(status)
            fields |= set(values)
            marked += values.get("demo", False)
        assert {state.code for state in definition.life_cycle.public_states()} - states == set(), slug
        assert set(definition.schema.kept()) - fields == set(), slug
    assert marked >= 2000


def test_real_records_name_their_source_and_are_not_marked(loaded: Registry) -> None:
    for slug in catalogue():
        for number, _status, values in exports.documents(loaded, slug):
            assert values.get("demo") or values.get("source"), number


def test_a_second_load_changes_nothing_and_the_store_is_sound(loaded: Registry) -> None:
    before = {slug: list(exports.documents(loaded, slug)) for slug in catalogue()}
    assert demonstration.is_loaded(loaded)
    demonstration.load(loaded)
    assert {slug: list(exports.documents(loaded, slug)) for slug in catalogue()} == before
    assert list(upkeep.check_store(loaded)) == []


def test_the_inventions_are_the_same_every_time() -> None:
    for make in invented.ROWS.values():
        assert list(make()) == list(make())
