"""May this person act on this record: by role, region, body, membership, declared conflict and substitution."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, insert, select, update

from registry.accounts.bounds import BOUND_OF
from registry.accounts.membership import Membership
from registry.accounts.model import User
from registry.accounts.policy import REGISTRAR, ROLES, SYSTEM, Actor
from registry.accounts.standing_aside import DeclaredInterest, Substitution
from registry.errors import Forbidden, NotFound
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.issue_messages import refusal_message
from registry.services.people import deciding_rights, registration
from registry.services.people.deciding_rights import RecordFacts, read_facts, require_may_decide
from registry.store.unit_of_work import unit_of_work
from tests.databases import Template
from tests.services import samples

TODAY = dt.date(2026, 11, 30)
ADDRESSES = itertools.count()


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path_factory.mktemp("deciding")) as registry:
        with unit_of_work(registry.engine) as connection:  # the samples name holders that are not on record
            firm = select(Record.id).where(Record.register == "organisations").limit(1).scalar_subquery()
            held = Record.register.in_(("brands", "green-products", "declarations"))
            connection.execute(update(Record).where(held).values(holder_id=firm))
        yield registry


@pytest.fixture
def connection(store: Registry) -> Iterator[Connection]:
    """A transaction that is undone."""
    with unit_of_work(store.engine, commit=False) as connection:
        yield connection


def account(connection: Connection, role: str, region: str = "") -> Actor:
    address = f"{next(ADDRESSES)}@example.com"
    user = registration.create_user(connection, address, name="", lang="zh", role=role)
    connection.execute(update(User).where(User.id == user).values(region_code=region))
    return Actor(role, user)


def joins(connection: Connection, actor: Actor, record: int, role: str = "owner") -> None:
    row = {"record_id": record, "user_id": actor.user_id, "role": role, "agent": False}
    connection.execute(insert(Membership).values(**row, since=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)))


def record(connection: Connection, register: str, region: str = "") -> RecordFacts:
    """A record of the samples; with another region where one is given."""
    ids = select(Record.id).where(Record.register == register).order_by(Record.id).limit(1)
    facts = read_facts(connection, connection.execute(ids).scalar_one())
    return replace(facts, region=region) if region else facts


def refusal(connection: Connection, actor: Actor, facts: RecordFacts, day: dt.date = TODAY) -> str:
    """The code with which an actor is refused, "" if they may act; its words are in both languages."""
    try:
        require_may_decide(connection, actor, facts, day=day)
    except Forbidden as forbidden:
        zh, en = (refusal_message(forbidden, lang) for lang in ("zh", "en"))
        assert zh.isascii() is False
        assert zh != en
        assert "%(" not in zh + en
        assert "{" not in zh + en
        return forbidden.reason
    return ""


@pytest.mark.parametrize(
    ("role", "own", "of_record", "expected"),
    [
        ("reviewer_province", "330000", "330482", ""),
        ("reviewer_province", "320000", "330482", "outside_region"),
        ("reviewer_city", "330400", "330482", ""),
        ("reviewer_city", "330100", "330482", "outside_region"),
        ("reviewer_county", "330482", "330482", ""),
        ("reviewer_county", "330482", "330400", "outside_region"),
        ("reviewer_province", "330000", "100000", "outside_region"),
        ("reviewer_county", "", "330482", "bound_region_missing"),
        ("reviewer_national", "", "330482", ""),
        ("publisher", "", "330482", ""),
        ("registrar", "", "330482", ""),
        ("auditor", "", "330482", "role_may_not"),
        ("admin", "", "330482", "role_may_not"),
    ],
)
def test_a_role_acts_within_its_region(
    connection: Connection, role: str, own: str, of_record: str, expected: str
) -> None:
    actor = account(connection, role, own)
    assert refusal(connection, actor, record(connection, "brands", of_record)) == expected


def test_a_record_without_region_takes_that_of_its_holder(connection: Connection) -> None:
    facts = record(connection, "brands")
    connection.execute(update(Record).where(Record.id == facts.record_id).values(region_code=""))
    connection.execute(update(Record).where(Record.id == facts.holder_id).values(region_code="320500"))
    assert facts.record_id is not None
    assert read_facts(connection, facts.record_id).region == "320500"
    connection.execute(update(Record).where(Record.id == facts.holder_id).values(region_code=""))
    nowhere = read_facts(connection, facts.record_id)
    reviewer = account(connection, "reviewer_province", "330000")
    assert (nowhere.region, refusal(connection, reviewer, nowhere)) == ("", "record_without_region")
    assert refusal(connection, account(connection, "reviewer_national"), nowhere) == ""


def test_a_body_acts_on_what_it_has_issued(connection: Connection) -> None:
    facts = record(connection, "green-products")
    assert facts.issuer_id is not None
    actor = account(connection, "body")
    assert refusal(connection, actor, facts) == "bound_body_missing"
    joins(connection, actor, facts.issuer_id, "viewer")
    assert refusal(connection, actor, facts) == "membership_role_too_low"
    connection.execute(update(Membership).where(Membership.user_id == actor.user_id).values(role="editor"))
    assert refusal(connection, actor, facts) == ""
    assert refusal(connection, actor, replace(facts, issuer_id=None)) == "issued_by_another"


def test_a_body_acts_only_while_it_is_approved_and_within_its_scope(connection: Connection) -> None:
    facts = record(connection, "green-products")
    actor = account(connection, "body")
    assert facts.issuer_id is not None
    joins(connection, actor, facts.issuer_id)
    assert refusal(connection, actor, facts, dt.date(2019, 3, 1)) == "body_not_approved"  # suspended then
    assert refusal(connection, actor, facts, dt.date(2018, 12, 31)) == "body_not_approved"
    assert refusal(connection, actor, facts, dt.date(2019, 5, 1)) == ""
    connection.execute(update(Record).where(Record.id == facts.issuer_id).values(status="revoked"))
    assert refusal(connection, actor, facts) == "body_not_approved"


def test_a_body_has_no_say_beyond_its_kind_and_scope(connection: Connection) -> None:
    facts = record(connection, "green-products")
    assert facts.issuer_id is not None
    actor = account(connection, "body")
    joins(connection, actor, facts.issuer_id)
    bounds = deciding_rights.bounds_of(connection, actor, day=TODAY)
    body = bounds.bodies[facts.issuer_id]
    for changed, expected in (
        ({"scope": "有机"}, "body_scope_exceeded"),
        ({"kind": "testing"}, "body_not_entitled"),
        ({}, ""),
    ):
        other = replace(bounds, bodies={facts.issuer_id: replace(body, values={**body.values, **changed})})
        found = deciding_rights.find_hindrance(other, facts, TODAY)
        assert (found.code if found else "") == expected
    itself = replace(facts, holder_name=body.name.zh)
    found = deciding_rights.find_hindrance(bounds, itself, TODAY)
    assert found is not None
    assert found.code == "own_organisation"


@pytest.mark.parametrize("role", ["registrar", "reviewer_national", "publisher", "reviewer_province"])
@pytest.mark.parametrize("party", ["holder_id", "issuer_id", "record_id"])
def test_who_acts_for_a_party_does_not_decide(connection: Connection, role: str, party: str) -> None:
    facts = record(connection, "green-products")
    actor = account(connection, role, "330000" if role == "reviewer_province" else "")
    assert refusal(connection, actor, facts) == ""
    joins(connection, actor, getattr(facts, party), "viewer")
    assert refusal(connection, actor, facts) == "own_organisation"


def test_a_body_does_not_decide_on_its_own_enterprise(connection: Connection) -> None:
    facts = record(connection, "green-products")
    actor = account(connection, "body")
    assert facts.issuer_id is not None
    assert facts.holder_id is not None
    joins(connection, actor, facts.issuer_id)
    joins(connection, actor, facts.holder_id, "viewer")
    assert refusal(connection, actor, facts) == "own_organisation"


def test_a_declared_conflict_holds_until_it_is_ended(connection: Connection) -> None:
    facts = record(connection, "brands")
    actor = account(connection, "registrar")
    moment = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    row = {"user_id": actor.user_id, "record_id": facts.holder_id, "declared_at": moment}
    connection.execute(insert(DeclaredInterest).values(**row))
    assert refusal(connection, actor, facts) == "conflict_declared"
    connection.execute(update(DeclaredInterest).values(ended_at=moment))
    assert refusal(connection, actor, facts) == ""


def test_who_prepared_it_does_not_decide(connection: Connection) -> None:
    facts = record(connection, "brands")
    actor = account(connection, "registrar")
    assert actor.user_id is not None
    prepared = replace(facts, prepared_by=frozenset({actor.user_id}))
    assert refusal(connection, actor, prepared) == "prepared_by_decider"
    assert refusal(connection, account(connection, "registrar"), prepared) == ""


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 11, 30), "outside_region"),
        (dt.date(2026, 12, 1), ""),
        (dt.date(2026, 12, 31), ""),
        (dt.date(2027, 1, 1), "outside_region"),
    ],
)
def test_a_substitute_acts_in_the_others_region_on_these_days(
    connection: Connection, day: dt.date, expected: str
) -> None:
    absent, stands_in = (account(connection, "reviewer_city", each) for each in ("330400", "330100"))
    stranger = account(connection, "reviewer_county", "330102")
    for each in (stands_in, stranger):
        connection.execute(
            insert(Substitution).values(
                user_id=absent.user_id,
                substitute_id=each.user_id,
                from_on=dt.date(2026, 12, 1),
                until_on=dt.date(2026, 12, 31),
                named_at=dt.datetime(2026, 11, 1, tzinfo=dt.UTC),
            )
        )
    facts = record(connection, "brands", "330482")
    assert refusal(connection, stands_in, facts, day) == expected
    assert refusal(connection, stands_in, record(connection, "brands", "330101"), day) == ""
    assert refusal(connection, stranger, facts, day) == "outside_region"  # of another role
    connection.execute(update(Substitution).values(ended_at=dt.datetime(2026, 11, 2, tzinfo=dt.UTC)))
    assert refusal(connection, stands_in, facts, day) == "outside_region"


def test_an_enterprise_acts_on_what_it_holds(connection: Connection) -> None:
    facts = record(connection, "declarations")
    actor = account(connection, "enterprise")
    assert refusal(connection, actor, facts) == "held_by_another"
    assert facts.holder_id is not None
    joins(connection, actor, facts.holder_id, "editor")
    assert refusal(connection, actor, facts) == ""


def test_the_register_itself_and_the_operator_have_no_bounds(connection: Connection) -> None:
    for actor in (SYSTEM, REGISTRAR):
        assert refusal(connection, actor, record(connection, "brands")) == ""
    with pytest.raises(Forbidden):
        require_may_decide(connection, Actor("visitor"), record(connection, "brands"))
    with pytest.raises(NotFound):
        read_facts(connection, 0)


def test_an_application_is_judged_by_what_it_states(connection: Connection) -> None:
    published = record(connection, "green-products")
    definition = catalogue()["green-products"]
    facts = deciding_rights.facts_of_values(connection, definition, published.values)
    stated = str(published.values["applicant_name_zh"])
    assert facts == replace(published, record_id=None, holder_id=None, holder_name=stated)
    number = connection.execute(select(Record.number).where(Record.id == published.holder_id)).scalar_one()
    known = {**published.values, "applicant_uscc": number, "region_code": ""}
    facts = deciding_rights.facts_of_values(connection, definition, known)
    assert (facts.holder_id, facts.region) == (published.holder_id, "110000")
    empty = deciding_rights.facts_of_values(connection, catalogue()["green-products"], {})
    assert empty == RecordFacts("green-products")


@pytest.mark.parametrize("role", sorted(ROLES - {"system", "visitor"}))
def test_lists_show_what_may_be_decided(connection: Connection, role: str) -> None:
    """The condition of the lists and the answer for each record agree; only approval and scope are asked of each."""
    actor = account(
        connection, role, {"reviewer_city": "330100", "reviewer_province": "330000"}.get(role, "")
    )
    green, declared = record(connection, "green-products"), record(connection, "declarations")
    assert green.issuer_id is not None
    assert declared.holder_id is not None
    if role == "body":
        joins(connection, actor, green.issuer_id)
    else:
        joins(connection, actor, declared.holder_id)
    bounds = deciding_rights.bounds_of(connection, actor, day=TODAY)
    ids = connection.execute(select(Record.id)).scalars().all()
    listed = set(connection.execute(select(Record.id).where(deciding_rights.within_bounds(bounds))).scalars())
    all_facts = deciding_rights.read_facts_of_many(connection, ids)
    allowed = {
        each for each, facts in all_facts.items() if not deciding_rights.find_hindrance(bounds, facts, TODAY)
    }
    assert listed == allowed
    assert bool(listed) == (role not in ("auditor", "admin", "inspector", "reviewer_county"))


def test_every_role_has_a_bound() -> None:
    assert set(BOUND_OF) == ROLES
