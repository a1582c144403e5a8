"""Models of a certificate by decision: what is taken out of the list stays with its day, what comes back leaves that table."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import Actor
from registry.errors import Invalid
from registry.kit.life_cycle import EndedValues
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import read_transaction
from tests.services.deciders import draft, set_status, staff
from tests.services.members import issue_codes

SLUG, KEY = "green-products", "scope_changed"
BASIS = {"legal_basis": "演示〔2026〕1号"}
KEPT = EndedValues(field="models", table="ended", column="model", day_column="on")
DAY = dt.date(2026, 11, 30)


def values_of(registry: Registry, number: str) -> dict[str, Any]:
    with read_transaction(registry.engine) as connection:
        documents = select(Item.document).join(Record, Record.document_hash == Item.hash)
        of_number = documents.where(Record.register == SLUG, Record.number == number)
        found: dict[str, Any] = json.loads(connection.execute(of_number).scalar_one())
    return found


def decide(registry: Registry, pair: tuple[Actor, Actor], number: str, models: str) -> None:
    prepared = deciding.prepare_decision(
        registry, pair[0], draft(SLUG, KEY, number, stated={**BASIS, "models": models})
    )
    assert deciding.take_decision(registry, pair[1], prepared) == ()


@pytest.mark.parametrize(
    ("before", "listed", "after"),
    [
        ({"models": ["A", "B"]}, ["A"], [{"model": "B", "on": "2026-11-30"}]),
        ({"models": ["A", "B"]}, ["B", "A", "C"], []),
        ({"models": ["A"], "ended": [{"model": "B", "on": "2020-01-01"}]}, ["A", "B"], []),
        (
            {"models": ["A", "B"], "ended": [{"model": "B", "on": "2020-01-01"}]},  # as a source stated it
            ["A"],
            [{"model": "B", "on": "2020-01-01"}],
        ),
        (
            {"models": ["A", "B"], "ended": [{"model": "C", "on": "2020-01-01"}]},
            ["B"],
            [{"model": "C", "on": "2020-01-01"}, {"model": "A", "on": "2026-11-30"}],
        ),
        ({}, ["A"], []),
    ],
)
def test_what_leaves_a_list_is_kept_with_its_day(
    before: dict[str, Any], listed: list[str], after: list[dict[str, str]]
) -> None:
    assert KEPT.table_after(before, listed, DAY) == after


def test_a_certificate_is_narrowed_and_extended_and_the_models_keep_their_days(store: Registry) -> None:
    pair = staff(store, "registrar"), staff(store, "registrar")
    number = set_status(store, SLUG, "valid")
    before = values_of(store, number)
    models, ended = before["models"], before.get("models_ended", [])
    wide = [*models, "ZZ-9000"]
    decide(store, pair, number, "|".join(wide))
    assert values_of(store, number)["models"] == wide
    assert values_of(store, number).get("models_ended", []) == ended
    decide(store, pair, number, "|".join(wide[1:]))
    narrowed = values_of(store, number)
    assert narrowed["models"] == wide[1:]
    today = clock.today().isoformat()
    assert narrowed["models_ended"] == [*ended, {"model": wide[0], "ended_on": today}]
    with pytest.raises(Invalid) as same:
        decide(store, pair, number, "|".join(wide[1:]))
    assert issue_codes(same) == [("decision_changes_nothing", "")]
    decide(store, pair, number, "|".join(wide))
    assert values_of(store, number).get("models_ended", []) == ended
