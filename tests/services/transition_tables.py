"""What the tables of the life cycles allow to each role at each door, worked out from the tables alone; and accounts within every bound.

The tests hold the doors against this. It does not ask the code of the desk which transitions there are.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import insert, select, update

from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.model import User
from registry.accounts.policy import ROLES, Actor
from registry.kit.application_case import TAKEN, Application, ApplicationStep
from registry.kit.definition import RegisterDefinition
from registry.kit.life_cycle import Transition
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.people import registration
from registry.store.unit_of_work import unit_of_work

COUNTY = "330106"
REGION_OF_ROLE = {"reviewer_county": COUNTY, "reviewer_city": "330100", "reviewer_province": "330000"}
# Who takes decisions on records and applications; inspectors act on drawn records only, at the page of their check.
DECIDING = frozenset(
    {
        "body",
        "reviewer_county",
        "reviewer_city",
        "reviewer_province",
        "reviewer_national",
        "publisher",
        "registrar",
    }
)
READING = frozenset({"auditor"})
ACCOUNTS = tuple(sorted(ROLES - {"visitor", "system"}))


class Offered(NamedTuple):
    """A transition as a door names it: its name and the state that it leads to."""

    name: str
    after: str


def is_decision(definition: RegisterDefinition, move: Transition) -> bool:
    """True for a change between two public states, and for one that keeps the state and says something with it."""
    life_cycle = definition.life_cycle
    if not move.before or not (
        life_cycle.state(move.before).is_public and life_cycle.state(move.after).is_public
    ):
        return False
    named = {each.transition for each in definition.former_values}
    return move.before != move.after or bool(move.fields or move.adds_row) or move.name in named


def decisions(definition: RegisterDefinition) -> Iterator[Transition]:
    """The transitions that the desk has: those of a role that decides there."""
    for move in definition.life_cycle.transitions:
        if is_decision(definition, move) and DECIDING.intersection(move.roles):
            yield move


def expected(definition: RegisterDefinition, status: str, role: str) -> set[Offered]:
    """The decisions that the table gives a role from a state."""
    if role not in DECIDING:
        return set()
    return {
        Offered(move.name, move.after)
        for move in decisions(definition)
        if move.before == status and role in move.roles
    }


def private_states(definition: RegisterDefinition) -> list[str]:
    """The states of an application from which the authority leads on."""
    life_cycle = definition.life_cycle
    return sorted(
        {
            move.before
            for move in life_cycle.transitions
            if move.before
            and not life_cycle.state(move.before).is_public
            and DECIDING.intersection(move.roles)
        }
    )


def expected_steps(definition: RegisterDefinition, status: str, role: str) -> set[Offered]:
    """The steps on an application that the table gives a role from a state that is not public."""
    if role not in DECIDING:
        return set()
    return {
        Offered(move.name, move.after)
        for move in definition.life_cycle.transitions
        if move.before == status and role in move.roles
    }


def accounts(registry: Registry) -> dict[str, Actor]:
    """An account of each role, and a second one under `<role> 2`, within the bounds of every sample.

    The samples lie in one county; bodies act for every body that has issued one.
    """
    found = {f"{role}{again}": _account(registry, role) for role in ACCOUNTS for again in ("", " 2")}
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Record).values(region_code=COUNTY))
        issuers = select(Record.issuer_id).where(Record.issuer_id.is_not(None)).distinct()
        rows = [
            {
                "record_id": issuer,
                "user_id": found[who].user_id,
                "role": "owner",
                "agent": False,
                "since": clock.now(),
            }
            for issuer in connection.execute(issuers).scalars()
            for who in ("body", "body 2")
        ]
        if rows:
            connection.execute(insert(Membership), rows)
    return found


def _account(registry: Registry, role: str) -> Actor:
    with unit_of_work(registry.engine) as connection:
        address = f"{uuid.uuid4()}@example.com"
        user = registration.create_user(connection, address, name=role, lang="en", role=role)
        region = REGION_OF_ROLE.get(role, "")
        values = {"region_code": region, "factor_since": clock.now()}
        connection.execute(update(User).where(User.id == user).values(**values))
    return Actor(role, user)


def sample_in(registry: Registry, slug: str, status: str) -> str:
    """Bring one sample of a register into a state, without an entry: one that its issuer may still act on; return its number."""
    with unit_of_work(registry.engine) as connection:
        of_register = select(Record.id, Record.number).where(Record.register == slug)
        row = connection.execute(of_register.order_by(Record.issuer_id.is_(None), Record.id).limit(1)).one()
        connection.execute(update(Record).where(Record.id == row.id).values(status=status))
    return str(row.number)


def application_in(registry: Registry, slug: str, status: str, holder: Actor) -> int:
    """An application of the first organisation in a state, submitted by an account."""
    with unit_of_work(registry.engine) as connection:
        organisations = select(Record.id).where(Record.register == "organisations").order_by(Record.id)
        now = clock.now()
        values = {"register": slug, "organisation_id": connection.execute(organisations).scalars().first()}
        values |= {
            "status": status,
            "natural_key": uuid.uuid4().hex,
            "title": "青屿坊",
            "region_code": COUNTY,
        }
        definition = catalogue()[slug]
        typed = "{}"
        if definition.issuer is not None:  # the body that it asks, within whose scope it lies
            issued = select(Record.issuer_id).where(Record.register == definition.published_in)
            issued = issued.where(Record.issuer_id.is_not(None)).order_by(Record.id)
            values["issuer_id"] = connection.execute(issued).scalars().first()
            in_force = {"status": catalogue()[definition.issuer.register].life_cycle.default_status}
            connection.execute(update(Record).where(Record.id == values["issuer_id"]).values(**in_force))
            typed = json.dumps({"scheme": "家具质量分级"}, ensure_ascii=False)
        values |= {"typed": typed, "revision": 1, "submitted_at": now, "changed_at": now}
        made = insert(Application).values(**values).returning(Application.id)
        application = int(connection.execute(made).scalar_one())
        step = {
            "application_id": application,
            "transition": "submitted",
            "before": "draft",
            "after": "submitted",
        }
        step |= {"state": TAKEN, "role": "enterprise", "typed": "{}", "signer": "王强"}
        people = {"prepared_by": holder.user_id, "settled_by": holder.user_id}
        connection.execute(insert(ApplicationStep).values(**step, **people, prepared_at=now, settled_at=now))
    return application


def every_state(slug: str) -> list[str]:
    """The public states of a register from which a decision leads on."""
    return sorted({move.before for move in decisions(catalogue()[slug])})


def offered(registry: Registry, actor: Actor, slug: str, number: str) -> set[Offered]:
    """The decisions that the desk offers somebody on a record."""
    forms = deciding.list_decision_forms(registry, actor, slug, number, lang="en")
    return {Offered(form.move.key.partition("-")[0], form.move.after.code) for form in forms}


def differences(registry: Registry, slug: str) -> list[str]:
    """Where the desk offers a role something else than the table of a register gives it."""
    people, found = accounts(registry), []
    for status in every_state(slug):
        number = sample_in(registry, slug, status)
        for role in sorted(DECIDING | READING):
            wanted = expected(catalogue()[slug], status, role)
            if offered(registry, people[role], slug, number) != wanted:
                found.append(f"{role} from {status}: not {sorted(wanted)}")
    return found
