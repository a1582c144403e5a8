"""`docs/roles.md` says what the policy and the life cycles say, of every role."""

from __future__ import annotations

import pytest

from registry.accounts.policy import ALLOWED, ROLES
from registry.registers import applied_registers, catalogue
from tests.contracts import role_tables

pytestmark = pytest.mark.once


def test_the_page_of_roles_is_up_to_date() -> None:
    written = role_tables.PAGE.read_text("utf-8")
    assert written == role_tables.page(), "`python -m tests.contracts.role_tables > docs/roles.md` renews it"


def test_every_role_is_in_the_policy_and_on_the_page() -> None:
    assert set(role_tables.ORDER) == ROLES == set(ALLOWED)


def test_every_transition_of_every_register_stands_on_the_page() -> None:
    page = role_tables.page()
    for slug, definition in catalogue().items():
        section = page.partition(f"## Register `{slug}`")[2].partition("\n## ")[0]
        for transition in definition.life_cycle.transitions:
            assert f"(`{transition.name}`)" in section, (slug, transition.name)


def test_every_transition_of_what_is_applied_for_has_a_door() -> None:
    registers = applied_registers()
    assert registers
    for definition in registers:
        for move in definition.life_cycle.transitions:
            assert role_tables.doors(catalogue()[definition.published_in], move), (
                definition.slug,
                move.name,
                move.before,
            )
