"""What a list shows is what a single look would let somebody act on: for any regions, memberships and conflicts.

Lists ask the database, a single record is held against the bounds in memory; both must say the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update

from registry import clock
from registry.accounts.bounds import LEVELS_OF_ROLE, fits_role
from registry.kit.application_case import Application
from registry.kit.record import Record
from registry.reference.code_lists import regions
from registry.services.applying import cases
from registry.services.bootstrap import Registry
from registry.services.people import deciding_rights
from registry.services.people.deciding_rights import ActorBounds, within_bounds
from registry.store.unit_of_work import unit_of_work
from tests.databases import Template
from tests.services import samples

NEAR = ("330106", "330108", "330400", "330482", "330000", "320100", "320106", "110101", "100000", "")
CODES = sorted(
    code for code, each in regions.all_regions().items() if each.level not in ("bracket", "country")
)
OWN = {role: [code for code in CODES if fits_role(code, role)] for role in LEVELS_OF_ROLE}
CLOSE = {role: [code for code in codes if code[:2] in ("33", "32", "11")] for role, codes in OWN.items()}
reviewers = st.sampled_from(sorted(LEVELS_OF_ROLE)).flatmap(
    lambda role: st.tuples(st.just(role), st.lists(st.sampled_from(CLOSE[role]), min_size=1, max_size=2))
)
unbounded = st.sampled_from(("reviewer_national", "publisher", "registrar", "inspector")).map(
    lambda role: (role, [])
)
places = st.lists(st.one_of(st.sampled_from(NEAR), st.sampled_from(CODES)), min_size=6, max_size=6)
ours = st.sets(st.integers(0, 5), max_size=2)


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path_factory.mktemp("bounds")) as opened:
        yield opened


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(reviewers, unbounded), places, ours, ours)
def test_a_list_of_records_and_one_record_say_the_same(
    store: Registry,
    reviewer: tuple[str, list[str]],
    places: list[str],
    acts_for: set[int],
    conflicts: set[int],
) -> None:
    role, own = reviewer
    with unit_of_work(store.engine, commit=False) as connection:
        brands = connection.execute(
            select(Record.id, Record.holder_id)
            .where(Record.register == "brands")
            .order_by(Record.id)
            .limit(6)
        ).all()
        for row, region in zip(brands, places, strict=False):
            connection.execute(update(Record).where(Record.id == row.id).values(region_code=region))
        holders = [row.holder_id or row.id for row in brands]
        bounds = ActorBounds(
            role,
            999_999,
            regions=tuple(own),
            memberships={holders[each % len(holders)]: "viewer" for each in acts_for},
            interests=frozenset(holders[each % len(holders)] for each in conflicts),
            drawn=frozenset(row.id for row in brands[:2]),
        )
        ids = [row.id for row in brands]
        listed = set(
            connection.execute(select(Record.id).where(Record.id.in_(ids), within_bounds(bounds))).scalars()
        )
        facts = deciding_rights.read_facts_of_many(connection, ids)
    alone = {
        each for each in ids if deciding_rights.find_hindrance(bounds, facts[each], clock.today()) is None
    }
    assert listed == alone


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(reviewers, unbounded, st.just(("body", []))), places, ours, ours)
def test_a_list_of_applications_and_one_application_say_the_same(
    store: Registry,
    reviewer: tuple[str, list[str]],
    places: list[str],
    acts_for: set[int],
    conflicts: set[int],
) -> None:
    role, own = reviewer
    with unit_of_work(store.engine, commit=False) as connection:
        firms = list(
            connection.execute(
                select(Record.id).where(Record.register == "organisations").order_by(Record.id).limit(3)
            ).scalars()
        )
        now = clock.now()
        for index, region in enumerate(places):
            values = {
                "register": "brands",
                "organisation_id": firms[index % len(firms)],
                "status": "submitted",
            }
            values |= {"natural_key": uuid.uuid4().hex, "title": "x", "region_code": region, "typed": "{}"}
            values |= {"revision": 1, "submitted_at": now, "changed_at": now}
            connection.execute(insert(Application).values(**values))
        bounds = ActorBounds(
            role,
            999_999,
            regions=tuple(own),
            memberships={firms[each % len(firms)]: "editor" for each in acts_for},
            interests=frozenset(firms[each % len(firms)] for each in conflicts),
        )
        rows = connection.execute(cases.select_applications()).all()
        listed = set(connection.execute(select(Application.id).where(cases.within_bounds(bounds))).scalars())
    alone = {
        row.id
        for row in rows
        if deciding_rights.find_hindrance(bounds, cases.facts_of(row), clock.today()) is None
    }
    assert listed == alone
