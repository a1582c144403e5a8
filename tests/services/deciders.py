"""Staff who decide, and records brought into a state, for tests of the desk."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping

from sqlalchemy import insert, select, update

from registry import clock
from registry.accounts import tokens_and_hashes
from registry.accounts.api_tokens import ApiToken
from registry.accounts.model import User
from registry.accounts.policy import Actor
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionDraft
from registry.services.people import registration
from registry.store.unit_of_work import read_transaction, unit_of_work

EVIDENCE = "演示决定书〔2026〕1号，2026年11月20日，存档案室"


def staff(registry: Registry, role: str, name: str = "", *, region: str = "") -> Actor:
    """A new account with this role; `region`: of a reviewer."""
    with unit_of_work(registry.engine) as connection:
        address = f"{uuid.uuid4()}@example.com"
        user = registration.create_user(connection, address, name=name or role, lang="en", role=role)
        if region:
            connection.execute(update(User).where(User.id == user).values(region_code=region))
    return Actor(role, user)


def desk_key(registry: Registry, actor: Actor, scope: str = "decide") -> str:
    """The key of a token with which a program works at the desk for an account that has a second factor."""
    key, now = f"pz_{tokens_and_hashes.generate_key()}", clock.now()
    row = {
        "key_hash": tokens_and_hashes.hash_key(key),
        "user_id": actor.user_id,
        "name": "cases",
        "scope": scope,
    }
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(User).where(User.id == actor.user_id).values(factor_since=now))
        times = {"created_at": now, "expires_at": now + dt.timedelta(days=30)}
        connection.execute(insert(ApiToken).values(**row, **times))
    return key


def set_status(registry: Registry, slug: str, status: str, *, index: int = 0) -> str:
    """Bring a sample of a register into a state, without an entry; returns its number."""
    with unit_of_work(registry.engine) as connection:
        of_register = select(Record.id, Record.number).where(Record.register == slug).order_by(Record.id)
        row = connection.execute(of_register.offset(index).limit(1)).one()
        connection.execute(update(Record).where(Record.id == row.id).values(status=status))
    return str(row.number)


def status_of(registry: Registry, slug: str, number: str) -> str:
    with read_transaction(registry.engine) as connection:
        found = select(Record.status).where(Record.register == slug, Record.number == number)
        return str(connection.execute(found).scalar_one())


def filled_in(registry: Registry, actor: Actor, slug: str, number: str, key: str) -> dict[str, str]:
    """What a form may hold that asks for these fields: the first of a list, today for a day, a word for a text."""
    form = deciding.get_decision_form(registry, actor, slug, number, key=key, lang="en")
    schema = catalogue()[slug].schema
    stated = {}
    for each in form.fields:
        field = schema.find_column(each.name) or schema.register_fields()[each.name]
        codes = getattr(field, "codes", None)
        if each.suggested:
            stated[each.name] = each.suggested
        elif codes is not None:
            stated[each.name] = next(iter(codes)).code
        elif field.kind == "date":
            stated[each.name] = clock.today().isoformat()
        elif each.name not in schema.register_fields():  # the year of a row
            stated[each.name] = str(clock.today().year)
        elif field.kind == "text":
            stated[each.name] = "演示"
    return stated


def draft(
    slug: str, key: str, *numbers: str, stated: Mapping[str, str] | None = None, version: int | None = None
) -> DecisionDraft:
    return DecisionDraft(slug, key, numbers, dict(stated or {}), EVIDENCE, "", version)
