"""Past days: linked records as they were on record then, what was learned later, and what is not known for the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.records import projections, reading
from registry.services.records.views import RecordView
from tests.databases import Template
from tests.services import samples
from tests.statements import asked

FIRM, LATE_FIRM = "91330100MAWY010175", "91330482MAXD00594U"
BODY = {"approval_no": "CNCA-R-2099-101", "name_zh": "青衡认证（演示）有限公司", "kind": "certification"}
STANDARD = {"number": "GB/T 99901-2017", "title_zh": "演示标准", "in_force_on": "2018-01-01"}
CERTIFICATE = {
    "cert_no": "DEMO-PAST-1",
    "scheme": "water_saving",
    "body_approval_no": "CNCA-R-2099-101",
    "applicant_uscc": FIRM,
    "product_name_zh": "青屿斋节水水嘴",
    "models": "M-1",
    "standard_edition": "GB/T 99901-2017",
    "issued_on": "2023-12-01",
    "valid_to": "2030-09-30",
    "status": "valid",
}
BRAND = {
    "scheme": "national",
    "brand_name_zh": "青屿斋",
    "holder_name_zh": "杭州青屿家具有限公司（演示）",
    "holder_uscc": FIRM,
    "region_code": "330100",
    "status": "listed",
}
SANCTION = {"kind": "revoked", "from_on": "2024-09-01", "decision": "演示〔2024〕12号"}
REMOVAL = {
    "status": "removed",
    "removed_reason": "经营异常",
    "legal_basis": "《中华老字号示范创建管理办法》第二十一条",
    "decided_on": "2024-05-06",
}
HISTORY = (  # what was entered on which day
    ("2024-01-10", "bodies", BODY | {"status": "valid"}),
    (
        "2024-01-10",
        "organisations",
        {"uscc": FIRM, "name_zh": "杭州青屿家具有限公司（演示）", "status": "active"},
    ),
    ("2024-01-10", "standards", STANDARD | {"status": "in_force"}),
    ("2024-01-10", "brands", BRAND),
    ("2024-01-10", "green-products", CERTIFICATE),
    ("2024-01-10", "green-products", CERTIFICATE | {"cert_no": "DEMO-PAST-2", "applicant_uscc": LATE_FIRM}),
    (
        "2024-02-10",
        "organisations",
        {"uscc": LATE_FIRM, "name_zh": "后来有限公司（演示）", "status": "active"},
    ),
    ("2024-05-06", "brands", BRAND | REMOVAL),
    ("2024-07-01", "standards", STANDARD | {"status": "superseded", "withdrawn_on": "2024-06-01"}),
    (
        "2024-08-05",
        "organisations",
        {
            "uscc": FIRM,
            "name_zh": "杭州青屿家具有限公司（演示）",
            "status": "deregistered",
            "deregistered_on": "2024-08-03",
        },
    ),
    ("2024-09-05", "bodies", BODY | {"status": "revoked", "sanctions": [SANCTION]}),
    (
        "2024-11-05",
        "green-products",
        CERTIFICATE
        | {
            "status": "revoked",
            "status_reason": "持证人注销",
            "decided_on": "2024-11-01",
            "legal_basis": "《中华人民共和国认证认可条例》第二十七条",
        },
    ),
)


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("past")
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        for day, slug, row in HISTORY:
            with clock.frozen_at(dt.datetime.fromisoformat(f"{day}T09:00+08:00")):
                bring(registry, folder, slug, row)
        yield registry
        registry.search.close()


def bring(registry: Registry, folder: Path, slug: str, row: Mapping[str, Any]) -> None:
    path = samples.write_sheet(folder / f"{slug}.csv", slug, [row])
    assert import_files(registry, REGISTRAR, slug, [path]).refused == 0


def shown(registry: Registry, day: str, *, index: int = 0, slug: str = "green-products") -> RecordView:
    number = samples.number_of(registry, slug, index)
    pointer = reading.locate_record(registry, ANONYMOUS, slug, number)
    return reading.get_record(registry, ANONYMOUS, pointer, "en", at=dt.date.fromisoformat(day))


def told(view: RecordView) -> dict[str, bool]:
    """The cautions by code: True where the register learned it later."""
    return {each.code: each.learned_later for each in view.cautions}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2024-01-10", {}),
        ("2024-05-05", {}),
        ("2024-05-06", {"brand_removed": False}),
        ("2024-05-31", {"brand_removed": False}),
        ("2024-06-01", {"brand_removed": False, "superseded_edition": True}),
        ("2024-06-30", {"brand_removed": False, "superseded_edition": True}),
        ("2024-07-01", {"brand_removed": False, "superseded_edition": False}),
        ("2024-08-02", {"brand_removed": False, "superseded_edition": False}),
        (
            "2024-08-03",
            {"brand_removed": False, "superseded_edition": False, "holder_deregistered": True},
        ),
        (
            "2024-08-05",
            {"brand_removed": False, "superseded_edition": False, "holder_deregistered": False},
        ),
        (
            "2024-09-01",
            {
                "brand_removed": False,
                "superseded_edition": False,
                "holder_deregistered": False,
                "issuer_revoked_since": True,
            },
        ),
        (
            "2024-09-05",
            {
                "brand_removed": False,
                "superseded_edition": False,
                "holder_deregistered": False,
                "issuer_revoked_since": False,
            },
        ),
    ],
)
def test_linked_records_are_judged_as_they_were_on_the_day(
    store: Registry, day: str, expected: dict[str, bool]
) -> None:
    view = shown(store, day)
    assert told(view) == expected
    plain = not {"holder_deregistered", "issuer_revoked_since"} & set(expected)
    assert (view.status.code, view.status.badge == "live") == ("valid", plain)
    assert view.plate.status == view.status
    number = samples.number_of(store, "green-products")
    pointer = reading.locate_record(store, ANONYMOUS, "green-products", number)
    answer = projections.record_json(store, ANONYMOUS, pointer, dt.date.fromisoformat(day))
    assert {each["code"]: each["learned_later"] for each in answer["cautions"]} == expected
    assert answer["permalink_at"] == f"{answer['permalink']}?at={day}"
    assert view.permalink == answer["permalink_at"]


def test_the_sentences_tell_the_days(store: Registry) -> None:
    sentences = {each.code: each.message("en") for each in shown(store, "2024-09-05").cautions}
    assert "was deregistered on 3 August 2024" in sentences["holder_deregistered"]
    assert "revoked on 1 September 2024" in sentences["issuer_revoked_since"]
    assert "since 1 June 2024" in sentences["superseded_edition"]
    assert "removed from the list on 6 May 2024" in sentences["brand_removed"]
    later = {each.code: each for each in shown(store, "2024-08-03").cautions}["holder_deregistered"]
    assert later.message("en").endswith("The register learned this only after that day.")
    assert later.message("zh").endswith("本平台在该日之后才获知。")


def test_a_status_decided_by_the_day_but_entered_later_is_told(store: Registry) -> None:
    before, after = shown(store, "2024-10-31"), shown(store, "2024-11-04")
    assert "status_stated_later" not in told(before)
    assert after.status.code == "valid"
    assert after.status.badge == "act"
    sentence = {each.code: each.message("en") for each in after.cautions}["status_stated_later"]
    assert "5 November 2024" in sentence
    assert "“Revoked”, since 1 November 2024" in sentence
    assert told(shown(store, "2024-11-05")) == {}  # ended: nothing is said of it


def test_a_holder_that_came_on_record_later_is_not_known_for_the_day(store: Registry) -> None:
    view = shown(store, "2024-02-09", index=1)
    assert told(view) == {"linked_not_known_then": False}
    assert view.status.badge == "act"
    assert "后来有限公司" in view.cautions[0].message("zh")
    assert told(shown(store, "2024-02-10", index=1)) == {}


def test_a_removed_brand_names_the_certificate_of_that_day(store: Registry) -> None:
    assert told(shown(store, "2024-05-05", slug="brands")) == {}
    ended = shown(store, "2024-06-10", slug="brands")
    assert told(ended)["certificate_names_removed_brand"] is False
    assert "certificate_names_removed_brand" not in told(shown(store, "2024-11-06", slug="brands"))


def test_the_history_tells_when_a_status_began_and_when_it_was_entered(store: Registry) -> None:
    number = samples.number_of(store, "green-products")
    pointer = reading.locate_record(store, ANONYMOUS, "green-products", number)
    revoked, first = reading.get_history(store, ANONYMOUS, pointer, "en").history
    assert (revoked.effective, revoked.day) == (("Decided on", "1 November 2024"), "5 November 2024")
    assert (first.effective, first.day) == (("Date of issue", "1 December 2023"), "10 January 2024")
    number = samples.number_of(store, "organisations")
    pointer = reading.locate_record(store, ANONYMOUS, "organisations", number)
    gone, entered = reading.get_history(store, ANONYMOUS, pointer, "zh").history
    assert (gone.effective, gone.day) == (("Deregistered on", "2024年8月3日"), "2024年8月5日")
    assert entered.effective is None


def test_the_day_of_today_is_today(store: Registry) -> None:
    with clock.frozen_at(dt.datetime.fromisoformat("2024-12-01T09:00+08:00")):
        number = samples.number_of(store, "green-products", 1)
        pointer = reading.locate_record(store, ANONYMOUS, "green-products", number)
        today = reading.get_record(store, ANONYMOUS, pointer, "en")
        assert reading.get_record(store, ANONYMOUS, pointer, "en", at=clock.today()) == today
        assert today.at is None
        assert projections.record_json(store, ANONYMOUS, pointer, clock.today()) == projections.record_json(
            store, ANONYMOUS, pointer
        )


def test_a_past_day_costs_a_bounded_number_of_statements(store: Registry) -> None:
    number = samples.number_of(store, "green-products")
    pointer = reading.locate_record(store, ANONYMOUS, "green-products", number)
    with asked(store.engine) as seen:
        reading.get_record(store, ANONYMOUS, pointer, "en", at=dt.date(2024, 9, 5))
    assert len(seen) <= 9


def test_the_year_in_a_number_is_explained_where_the_source_states_no_day(store: Registry) -> None:
    brand = shown(store, "2024-06-10", slug="brands")
    assert brand.number_year is not None
    assert (brand.number_year.year, brand.number_year.is_stated) == ("2024", False)
    assert shown(store, "2024-06-10").number_year is None
