"""Counters: the first number, blocks of numbers, and numbers that came from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from registry.store import counters
from registry.store.batching import batches
from registry.store.engine import engine_for
from registry.store.unit_of_work import unit_of_work


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    with unit_of_work(engine_for(f"sqlite:///{tmp_path / 'counters.sqlite3'}")) as connection:
        counters.Counter.__table__.create(connection)  # type: ignore[attr-defined]
        yield connection


def test_a_counter_begins_at_one_and_gives_blocks(connection: Connection) -> None:
    assert counters.peek(connection, "a") == 0
    assert counters.take(connection, "a") == 1
    assert counters.take(connection, "a", 3) == 2
    assert counters.take(connection, "a") == 5
    assert counters.take(connection, "b") == 1
    assert counters.peek(connection, "a") == 5


@pytest.mark.parametrize(("minimum", "following"), [(0, 3), (1, 3), (2, 3), (3, 4), (100, 101)])
def test_numbers_up_to_one_from_elsewhere_are_not_given_again(
    connection: Connection, minimum: int, following: int
) -> None:
    counters.take(connection, "a", 2)
    counters.raise_to(connection, "a", minimum)
    assert counters.take(connection, "a") == following


def test_a_new_counter_can_be_raised(connection: Connection) -> None:
    counters.raise_to(connection, "a", 7)
    assert counters.take(connection, "a") == 8


@pytest.mark.parametrize(
    ("count", "sizes"), [(0, []), (1, [1]), (2, [2]), (3, [2, 1]), (4, [2, 2]), (5, [2, 2, 1])]
)
def test_batches_are_full_but_for_the_last(count: int, sizes: list[int]) -> None:
    items = list(range(count))
    made = list(batches(items, 2))
    assert [len(batch) for batch in made] == sizes
    assert [item for batch in made for item in batch] == items
