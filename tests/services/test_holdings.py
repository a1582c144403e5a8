"""What registers have on record of an organisation: counted by status as SQL counts it, each record once, the newest first."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.kit.record import Link, Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import import_files
from registry.services.records import holdings, reading
from registry.services.records.views import RecordView
from registry.store.unit_of_work import read_transaction
from tests.databases import Template
from tests.services import samples
from tests.statements import asked

FIRM = "91330100MAWY010175"
BODY = "CNCA-R-2099-101"
STATES = ("active", "withdrawn", "correction_ordered")
DECLARATIONS = [
    {
        "org_uscc": FIRM,
        "std_no": "GB/T 3324-2017",
        "std_kind": "national_voluntary",
        "product_name_zh": f"餐桌{number}",
        "declared_on": f"2025-{number % 12 + 1:02}-05",
        "status": STATES[number % 3],
    }
    for number in range(75)
]
CERTIFICATES = [
    {
        "cert_no": f"DEMO-CGP-2025-0003{number:02}",
        "scheme": "绿色产品",
        "body_approval_no": BODY,
        "applicant_uscc": FIRM,
        "manufacturer_uscc": FIRM if number % 2 else "",
        "test_body_approval_no": BODY,
        "product_name_zh": f"椅子{number}",
        "models": f"C-{number}",
        "standard_edition": "GB/T 35607-2024",
        "issued_on": "2025-03-01",
        "valid_to": f"20{28 + number % 3}-01-01",
        "demo": "true",
        "status": "valid",
    }
    for number in range(6)
]


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("holdings")
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        samples.load(registry, folder, ["organisations", "bodies"])
        firm = [{"uscc": FIRM, "name_zh": "杭州青屿家具有限公司（演示）", "status": "active"}]
        for slug, rows in (
            ("organisations", firm),
            ("declarations", DECLARATIONS),
            ("green-products", CERTIFICATES),
        ):
            sheet = samples.write_sheet(folder / f"{slug}.csv", slug, rows)
            result = import_files(registry, REGISTRAR, slug, [sheet])
            assert result.summary() == f"created {len(rows)}, updated 0, unchanged 0, refused 0"
        yield registry
        registry.search.close()


def page(registry: Registry, slug: str, number: str) -> RecordView:
    return reading.get_record(
        registry, ANONYMOUS, reading.locate_record(registry, ANONYMOUS, slug, number), "en"
    )


def statuses_by_sql(registry: Registry, number: str, day: dt.date) -> dict[str, Counter[str]]:
    """Count the records that link to a record by register and status, each once, one row at a time."""
    with read_transaction(registry.engine) as connection:
        target = connection.execute(select(Record.id).where(Record.number == number)).scalar_one()
        linking = select(Link.from_id).where(Link.to_id == target)
        rows = connection.execute(
            select(Record.register, Record.status, Record.valid_to).where(Record.id.in_(linking))
        ).all()
    counts: dict[str, Counter[str]] = {}
    for register, status, valid_to in rows:
        definition = catalogue()[register]
        code = definition.life_cycle.status_on(status, {definition.valid_to: valid_to}, day)
        counts.setdefault(register, Counter())[code] += 1
    return counts


@pytest.mark.parametrize(
    "day", [dt.date(2026, 11, 29), dt.date(2028, 1, 1), dt.date(2028, 1, 2), dt.date(2031, 1, 1)]
)
def test_counts_are_those_of_sql_on_any_day(store: Registry, day: dt.date) -> None:
    with clock.frozen_at(dt.datetime(day.year, day.month, day.day, 12, tzinfo=clock.SHANGHAI)):
        for slug, number in (("organisations", FIRM), ("bodies", BODY)):
            shown = {
                group.register.slug: Counter({each.status.code: each.total for each in group.statuses})
                for group in page(store, slug, number).links
                if group.register
            }
            assert shown == statuses_by_sql(store, number, day)


def test_what_is_in_force_comes_first_and_the_newest_of_it_at_the_top(store: Registry) -> None:
    declarations = next(
        group for group in page(store, "organisations", FIRM).links if group.relation == "declarations"
    )
    assert (declarations.total, declarations.ended_total, declarations.current_total) == (75, 25, 50)
    assert len(declarations.items) == holdings.MAX_LISTED
    assert {item.status.standing for item in declarations.items if item.status} == {"in_force"}
    assert {item.status.standing for item in declarations.ended if item.status} <= {"ended"}
    assert declarations.items[0].date == "5 October 2025"
    assert declarations.more_path == f"/declarations?linked={FIRM}"
    assert declarations.ended_path.startswith(f"/declarations?linked={FIRM}&standing=ended")


def test_what_a_firm_holds_and_makes_is_listed_once_with_its_roles(store: Registry) -> None:
    certificates = next(
        group for group in page(store, "organisations", FIRM).links if group.relation == "green-products"
    )
    assert certificates.total == len(certificates.items) == 6
    assert Counter(item.roles for item in certificates.items) == {
        ("holder",): 3,
        ("holder", "manufacturer"): 3,
    }
    certified = next(
        group for group in page(store, "bodies", BODY).links if group.relation == "green-products"
    )
    assert {item.roles for item in certified.items} == {("certification body", "laboratory")}


def test_a_long_page_costs_one_statement_more_than_a_short_one(store: Registry) -> None:
    with asked(store.engine) as statements:
        page(store, "organisations", FIRM)
    assert len(statements) <= 5
