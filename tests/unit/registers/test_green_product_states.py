"""The life cycle of green certificates: its table, its reasons, its end by date."""

from __future__ import annotations

import datetime as dt

import pytest

from registry.registers.green_products import REGISTER, codes


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "reported_draft"),
        ("reported_draft", "valid"),
        ("valid", "suspended"),
        ("suspended", "valid"),
        ("suspended", "revoked"),
        ("valid", "revoked"),
        ("valid", "cancelled"),
        ("suspended", "cancelled"),
        ("valid", "expired"),
        ("suspended", "expired"),
        ("expired", "valid"),
        ("valid", "valid"),
    ],
)
def test_the_table_of_the_life_cycle(before: str, after: str) -> None:
    assert REGISTER.life_cycle.find_transition(before, after) is not None


def test_every_reason_belongs_to_one_state() -> None:
    of = codes.REASONS_OF
    assert sorted(reason for reasons in of.values() for reason in reasons) == sorted(
        code.code for code in codes.REASONS
    )
    assert {state for state in of if REGISTER.life_cycle.has_state(state)} == set(of)


@pytest.mark.parametrize("ended", ["revoked", "cancelled"])
def test_revoked_and_cancelled_are_final(ended: str) -> None:
    assert not [move for move in REGISTER.life_cycle.transitions if move.before == ended]


def test_changes_that_keep_the_state_have_names_of_their_own() -> None:
    same = {move.name for move in REGISTER.life_cycle.transitions if move.before == move.after == "valid"}
    assert same == {"changed", "scope_changed", "surveilled"}
    assert REGISTER.life_cycle.names_amendments("valid")
    assert not REGISTER.life_cycle.names_amendments("suspended")


def test_a_certificate_ends_on_the_day_after_its_last() -> None:
    cycle, values = REGISTER.life_cycle, {"valid_to": "2025-10-14"}
    assert cycle.status_on("valid", values, dt.date(2025, 10, 14)) == "valid"
    assert cycle.status_on("valid", values, dt.date(2025, 10, 15)) == "expired"
    assert cycle.status_on("suspended", values, dt.date(2025, 10, 15)) == "expired"
    assert cycle.status_on("revoked", values, dt.date(2025, 10, 15)) == "revoked"
    assert cycle.status_on("valid", {"valid_to": "2025"}, dt.date(2025, 12, 31)) == "valid"
    assert cycle.status_on("valid", {}, dt.date(2099, 1, 1)) == "valid"
