"""Which of several results of one thing is the newer one, and what links them: equal, sparse and missing dates."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from registry.kit.definition import Succession
from registry.kit.record import Identifier, Link, Record
from registry.services.publication import successions

DEFINITION: Any = SimpleNamespace(
    slug="results",
    succession=Succession(
        relation="newer", partial="newer_in_part", subjects=lambda values: [(each,) for each in values["about"]]
    ),
)  # fmt: skip
NO_SUCCESSION: Any = SimpleNamespace(slug="others", succession=None)


class Results:
    """Results in the store, each linked as it is written."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.count = 0

    def write(self, date: str, *about: str) -> int:
        self.count += 1
        row = {
            "id": self.count, "register": "results", "number": f"n{self.count}", "slug": f"s{self.count}",
            "natural_key": f"k{self.count}", "status": "valid", "status_since": dt.date(2026, 1, 1), "version": 1,
            "entry_id": 1, "document_hash": "", "valid_from": date,
        }  # fmt: skip
        self.connection.execute(insert(Record), [row])
        keys = successions.subject_keys(DEFINITION, {"about": about})
        if keys:
            self.connection.execute(
                insert(Identifier), [{"record_id": self.count, "key": key} for key in sorted(keys)]
            )
        return self.count

    def link(self, **documents: tuple[str, ...]) -> set[int]:
        return successions.link_results(
            self.connection,
            DEFINITION,
            {int(key.removeprefix("r")): {"about": value} for key, value in documents.items()},
        )

    def links(self) -> list[tuple[int, str, int | None]]:
        rows = self.connection.execute(select(Link.from_id, Link.relation, Link.to_id))
        return sorted((row.from_id, row.relation, row.to_id) for row in rows)

    def page_versions(self) -> list[int]:
        return list(self.connection.execute(select(Record.page_version).order_by(Record.id)).scalars())


@pytest.fixture
def results(connection: Connection) -> Results:
    return Results(connection)


@pytest.mark.parametrize(
    ("first", "second", "newer"),
    [
        ("2026-05-01", "2026-05-02", 2),
        ("2026-05-02", "2026-05-01", 1),
        ("2026-05-01", "2026-05-01", 0),  # of one day: neither
        ("2026", "2026-05", 0),  # the dates do not tell
        ("2025", "2026-05", 2),
        ("2026-05", "2025-12-31", 1),
        ("", "2026", 0),
        ("", "", 0),
    ],
)
def test_the_newer_result_has_the_later_date(results: Results, first: str, second: str, newer: int) -> None:
    results.write(first, "chair")
    results.write(second, "chair")
    older = {1: 2, 2: 1}.get(newer)
    assert results.link(r2=("chair",)) == ({older} if older else set())
    assert results.links() == ([(newer, "newer", older)] if older else [])
    assert results.page_versions() == ([2, 2] if older else [1, 1])


@pytest.mark.parametrize(
    ("of_newer", "relation", "replaced"),
    [
        (("chair",), "newer", True),
        (("chair", "table"), "newer", True),
        (("table",), None, False),
        ((), None, False),
    ],
)
def test_an_older_result_is_replaced_where_it_is_about_nothing_else(
    results: Results, of_newer: tuple[str, ...], relation: str | None, replaced: bool
) -> None:
    results.write("2025", "chair")
    results.write("2026", *of_newer)
    assert results.link(r2=of_newer) == ({1} if replaced else set())
    assert results.links() == ([(2, relation, 1)] if relation else [])


def test_an_older_result_about_more_is_replaced_in_part(results: Results) -> None:
    results.write("2025", "chair", "table")
    results.write("2026", "chair")
    assert results.link(r2=("chair",)) == set()
    assert results.links() == [(2, "newer_in_part", 1)]


def test_an_older_result_that_comes_later_is_linked_too_and_once(results: Results) -> None:
    results.write("2026", "chair")
    results.write("2025", "chair")
    assert results.link(r2=("chair",)) == {2}
    assert results.link(r1=("chair",)) == {2}
    assert results.link(r1=("chair",), r2=("chair",)) == {2}
    assert results.links() == [(1, "newer", 2)]


def test_results_that_were_there_before_are_left_alone(results: Results) -> None:
    for date in ("2024", "2025", "2026"):
        results.write(date, "chair")
    assert results.link(r2=("chair",)) == {1, 2}
    assert results.links() == [(2, "newer", 1), (3, "newer", 2)]


def test_nothing_to_link(results: Results, connection: Connection) -> None:
    results.write("2026", "chair")
    assert results.link(r1=("chair",)) == set()
    assert results.link() == set()
    assert successions.link_results(connection, NO_SUCCESSION, {1: {"about": ("chair",)}}) == set()
    assert results.links() == []
    assert successions.subject_keys(NO_SUCCESSION, {"about": ("chair",)}) == set()
    assert successions.relations(NO_SUCCESSION) == ()
    assert successions.relations(DEFINITION) == ("newer", "newer_in_part")


def test_keys_of_what_a_result_is_about_are_of_its_register_and_bounded() -> None:
    assert successions.subject_keys(DEFINITION, {"about": ("chair", "chair", "table")}) == {
        "\x1fresults\x1fchair",
        "\x1fresults\x1ftable",
    }
    (key,) = successions.subject_keys(DEFINITION, {"about": ("x" * 300,)})
    assert len(key) == successions.KEY_LENGTH
