"""Organisations are filtered by the registers of which they hold a record in force: by what is so on that day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid
from registry.kit.record import Record
from registry.search.embedded import engine as embedded
from registry.search.postgresql import engine as postgresql
from registry.services.bootstrap import Registry, open_registry
from registry.services.finding import PageOfItems, find_records, list_json, parse_request, search_scope
from registry.services.operations import due_changes, indexing, relay
from registry.store.unit_of_work import read_transaction
from tests.databases import Template
from tests.services.test_certificate_transitions import SUSPENDED
from tests.services.test_record_limits import bring
from tests.services.test_side_by_side import FIRM, certificate
from tests.statements import asked

OTHER = "91110000101461180X"
FIRMS = [
    {"uscc": FIRM, "name_zh": "杭州演示家具有限公司", "region_code": "330100", "status": "active"},
    {"uscc": OTHER, "name_zh": "北京演示家具有限公司", "region_code": "110000", "status": "active"},
]
MORNING = dt.datetime(2026, 11, 2, 9, tzinfo=clock.SHANGHAI)
LAST_DAY = dt.datetime(2029, 3, 1, 12, tzinfo=clock.SHANGHAI)
CERTIFICATES = "green-products"


@pytest.fixture
def registry(template: Template, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    for engine in (
        embedded,
        postgresql,
    ):  # what has just been indexed is searched, however fast the test runs
        monkeypatch.setattr(engine, "REFRESH_SECONDS", 0.0)
    with template.copy(tmp_path / "data") as settings:
        opened = open_registry(settings)
        yield opened
        opened.search.close()


def holders(registry: Registry, register: str = CERTIFICATES, **filters: str) -> set[str]:
    """The numbers of the organisations that hold a record of a register in force, once all messages are delivered."""
    relay.drain(registry)
    pairs = [("holds", register), *filters.items()]
    found = find_records(registry, ANONYMOUS, parse_request(search_scope("organisations"), pairs), "en")
    return {row.number for row in found.rows}


def test_an_organisation_is_found_by_what_it_holds_as_long_as_it_is_in_force(
    registry: Registry, tmp_path: Path
) -> None:
    held = certificate(1, 1, "mg/L")
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, CERTIFICATES, held)  # before its holder: the link waits for it
        bring(registry, tmp_path, "organisations", *FIRMS)
        relay.ensure_index(registry)
        assert holders(registry) == {FIRM}
        assert holders(registry, region="330000") == {FIRM}
        assert holders(registry, region="110000") == holders(registry, "declarations") == set()
        bring(registry, tmp_path, CERTIFICATES, held | SUSPENDED)
        assert holders(registry) == set()
        bring(registry, tmp_path, CERTIFICATES, held)
        assert holders(registry) == {FIRM}
        bring(registry, tmp_path, CERTIFICATES, held | {"applicant_uscc": OTHER})
        assert holders(registry) == {OTHER}
        bring(registry, tmp_path, CERTIFICATES, held | {"applicant_uscc": OTHER})  # for the second time
        assert holders(registry) == {OTHER}
    with clock.frozen_at(LAST_DAY):
        due_changes.apply_due_changes(registry)
        assert holders(registry) == {OTHER}
    with clock.frozen_at(LAST_DAY + dt.timedelta(days=1)):
        due_changes.apply_due_changes(registry)
        assert holders(registry) == set()
        assert indexing.verify_index(registry) == indexing.IndexRepair()


def test_the_filter_is_in_pages_and_in_the_api_and_costs_one_statement(
    registry: Registry, tmp_path: Path
) -> None:
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "organisations", *FIRMS)
        bring(registry, tmp_path, CERTIFICATES, *(certificate(number, 1, "mg/L") for number in (1, 2, 3)))
        relay.ensure_index(registry)
        relay.drain(registry)
        scope = search_scope("organisations")
        shown = find_records(registry, ANONYMOUS, parse_request(scope, []), "en").facets
        [facet] = [each for each in shown if each.name == "holds"]
        assert [(each.value, each.zh, each.en, each.count) for each in facet.first] == [
            (CERTIFICATES, "绿色产品认证", "Green-product certificates", 1)
        ]
        assert "holds" not in search_scope(CERTIFICATES).facets
        in_zhejiang = parse_request(scope, [("holds", CERTIFICATES), ("region", "330000")])
        listed = list_json(registry, ANONYMOUS, in_zhejiang, PageOfItems(10))
        assert [item["number"] for item in listed["items"]] == [FIRM]
        unknown = parse_request(scope, [("holds", "x")])
        with pytest.raises(Invalid):
            list_json(registry, ANONYMOUS, unknown, PageOfItems(10))
        with read_transaction(registry.engine) as connection:
            ids = {
                slug: list(connection.execute(select(Record.id).where(Record.register == slug)).scalars())
                for slug in ("organisations", CERTIFICATES)
            }
            statements = {}
            for slug, of_register in ids.items():
                with asked(registry.engine) as seen:
                    indexing.build_documents(connection, of_register)
                statements[slug] = len([each for each in seen if "DISTINCT record.holder_id" in each])
        assert statements == {"organisations": 1, CERTIFICATES: 0}
