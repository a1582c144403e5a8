"""Which links cautions look along, and whose documents they read."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from registry.registers import catalogue
from registry.services.publication import caution_links

CACHED = (
    caution_links.caution_relations, caution_links.all_caution_relations, caution_links.read_relations,
    caution_links.dated_states, caution_links.read_registers,
)  # fmt: skip


def rule(*relations: str, reads_values: bool = False) -> Any:
    return SimpleNamespace(relations=relations, reads_values=reads_values)


def register(slug: str, *rules: Any, links: dict[str, str] | None = None, states: Any = ()) -> Any:
    """A register; `links`: relation → the other register; `states`: (code, standing, whether a field holds its day)."""
    made = [SimpleNamespace(relation=relation, register=other) for relation, other in (links or {}).items()]
    public = [
        SimpleNamespace(code=code, standing=standing, decided=("day",) if decided else ())
        for code, standing, decided in states
    ]
    return SimpleNamespace(
        slug=slug, cautions=rules, all_links=lambda: made, life_cycle=SimpleNamespace(public_states=lambda: public),
        linked_due_dates=(),
    )  # fmt: skip


PAPERS = register(
    "papers", rule("held_by"), rule("based_on", reads_values=True), rule(),
    links={"held_by": "firms", "based_on": "norms", "kept_in": "places"},
)  # fmt: skip
NOTES = register("notes", rule("held_by"), links={"based_on": "books", "held_by": "firms"})
FIRMS = register(
    "firms",
    states=[
        ("active", "in_force", True), ("gone", "ended", True), ("barred", "restricted", True), ("lost", "ended", False),
        ("planned", "pending", True),
    ],
)  # fmt: skip
OTHERS = [register(slug, states=[(f"{slug}-ended", "ended", True)]) for slug in ("norms", "places", "books")]


@pytest.fixture(autouse=True)
def _registers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    registers = {each.slug: each for each in (PAPERS, NOTES, FIRMS, *OTHERS)}
    monkeypatch.setattr(caution_links, "catalogue", lambda: registers)
    for cached in CACHED:
        cached.cache_clear()
    yield
    for cached in CACHED:
        cached.cache_clear()


def test_the_relations_that_cautions_name() -> None:
    assert caution_links.caution_relations("papers") == {"held_by", "based_on"}
    assert caution_links.caution_relations("firms") == frozenset()
    assert caution_links.all_caution_relations() == ("based_on", "held_by")
    assert caution_links.read_relations() == {"based_on"}


def test_the_registers_whose_documents_are_read() -> None:
    """Notes have such a link too, but no caution that looks along it."""
    assert caution_links.read_registers() == {"norms"}


def test_the_states_of_which_cautions_tell_the_day() -> None:
    assert caution_links.dated_states() == ("barred", "gone", "norms-ended")


@pytest.mark.parametrize(
    ("slug", "status", "is_read"),
    [
        ("norms", "anything", True),
        ("firms", "gone", True),
        ("firms", "active", False),
        ("firms", "lost", False),
        ("places", "places-ended", False),
    ],
)
def test_whose_document_is_read_in_which_state(slug: str, status: str, *, is_read: bool) -> None:
    assert caution_links.is_read(slug, status) is is_read


def test_relations_that_cautions_name_are_links(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caution_links, "catalogue", catalogue)
    for definition in catalogue().values():
        named = caution_links.caution_relations(definition.slug)
        assert named <= {link.relation for link in definition.all_links()}
