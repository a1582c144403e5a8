"""Every transition of every life cycle, for every role: possible exactly where the table says, and refused for the rest.

The doors are sampled in `tests/api/test_every_door.py`; here the services decide, which stand behind all of them.
"""

from __future__ import annotations

import datetime as dt

import pytest

from registry.accounts.policy import ROLES, Action, Actor, may
from registry.errors import Forbidden, Invalid, NotFound
from registry.registers import applied_registers, catalogue
from registry.services import applying, deciding
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.people import tokens
from registry.services.people.tokens import DESK_SCOPES, TokenRequest
from tests.contracts import role_tables
from tests.services import transition_tables
from tests.services.transition_tables import (
    ACCOUNTS,
    DECIDING,
    READING,
    Offered,
    application_in,
    every_state,
    expected,
    expected_steps,
    offered,
    private_states,
    sample_in,
)

pytestmark = pytest.mark.usefixtures("noon")
CASES = [(slug, status) for slug in sorted(catalogue()) for status in every_state(slug)]
STEPS = [(each.slug, status) for each in applied_registers() for status in private_states(each)]


@pytest.fixture(scope="module")
def people(store: Registry) -> dict[str, Actor]:
    return transition_tables.accounts(store)


def test_who_decides_is_what_the_policy_says() -> None:
    assert {role for role in ROLES if may(Actor(role), Action.TAKE_DECISIONS)} == DECIDING | {"system"}
    assert {role for role in ROLES if may(Actor(role), Action.SEE_DESK)} == DECIDING | READING | {"system"}


@pytest.mark.parametrize(("slug", "status"), CASES)
def test_the_desk_offers_each_role_what_the_table_gives_it(
    store: Registry, people: dict[str, Actor], slug: str, status: str
) -> None:
    number = sample_in(store, slug, status)
    definition = catalogue()[slug]
    for role in ACCOUNTS:
        actor = people[role]
        if role not in DECIDING | READING:
            with pytest.raises(Forbidden, match="role_may_not"):
                deciding.list_decision_forms(store, actor, slug, number, lang="en")
            continue
        wanted = expected(definition, status, role)
        assert offered(store, actor, slug, number) == wanted, role
        case = deciding.get_case_of_record(store, actor, slug, number, lang="en")
        assert len(case.mine) == len(wanted), role


@pytest.mark.parametrize(("slug", "status"), STEPS)
def test_an_application_offers_each_role_what_the_table_gives_it(
    store: Registry, people: dict[str, Actor], slug: str, status: str
) -> None:
    application = application_in(store, slug, status, people["enterprise"])
    definition = catalogue()[slug]
    for role in ACCOUNTS:
        actor, wanted = people[role], expected_steps(definition, status, role)
        listed = (
            [line.id for line in applying.list_applications(store, actor)]
            if role in DECIDING | READING
            else []
        )
        if role not in DECIDING | READING:
            with pytest.raises(Forbidden, match="role_may_not"):
                applying.get_application(store, actor, application, lang="en")
        elif role in READING or any(
            expected_steps(definition, each, role) for each in private_states(definition)
        ):
            view = applying.get_application(store, actor, application, lang="en")
            assert {Offered(move.key, move.after.code) for move in view.moves} == wanted, role
        else:
            with pytest.raises(NotFound):
                applying.get_application(store, actor, application, lang="en")
        assert (application in listed) == (bool(wanted) or role in READING), role
    holder = people["enterprise"]
    with pytest.raises(
        NotFound
    ):  # who has submitted it for an organisation that they do not act for any more
        applying.get_own_application(store, holder, "91110000101461180X", application, lang="en")


@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_publication_lets_each_role_make_the_transitions_of_the_table(slug: str) -> None:
    """The last gate, behind every door: sheet, form, program, decision."""
    life_cycle = catalogue()[slug].life_cycle
    ends = [state.code for state in life_cycle.states]
    for before in ("", *ends):
        for after in ends:
            rows = [move for move in life_cycle.transitions if (move.before, move.after) == (before, after)]
            for role in ROLES:
                found = life_cycle.allowed_transition(before, after, role=role, age=dt.timedelta(0))
                assert (found is not None) == any(role in move.roles for move in rows)
                late = life_cycle.allowed_transition(before, after, role=role, age=dt.timedelta(days=3650))
                open_ended = any(role in move.roles and move.within_hours is None for move in rows)
                assert (late is not None) == open_ended


def test_every_transition_has_a_door() -> None:
    missing = {
        (slug, move.name)
        for slug, definition in catalogue().items()
        for move in definition.life_cycle.transitions
        if move.roles != ("system",) and not role_tables.doors(definition, move)
    }
    assert missing == set()


def test_sheets_of_the_authority_are_the_registrars(store: Registry, people: dict[str, Actor]) -> None:
    for role in ACCOUNTS:
        if role != "registrar":
            with pytest.raises(Forbidden, match="role_may_not"):
                import_files(store, people[role], "brands", [])


@pytest.mark.parametrize("role", ACCOUNTS)
def test_a_token_of_the_desk_is_made_by_who_sees_the_desk(
    store: Registry, people: dict[str, Actor], role: str
) -> None:
    for scope in DESK_SCOPES:
        allowed = role in DECIDING or (role in READING and scope == "see_desk")
        with pytest.raises(
            Invalid if allowed else Forbidden, match="password_wrong" if allowed else "role_may_not"
        ):
            tokens.create_token(store, people[role], "not the password", TokenRequest("cases", scope, 30))


def test_every_register_with_a_life_cycle_was_looked_at() -> None:
    assert {slug for slug, _status in CASES} == {
        slug for slug in catalogue() if any(transition_tables.decisions(catalogue()[slug]))
    }
    assert {"brands", "green-products", "grades", "declarations"} <= {slug for slug, _status in CASES}
    assert len(CASES) >= 30
    assert len(STEPS) >= 4
