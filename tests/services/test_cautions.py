"""Cautions at every door: page, list, API, index; and the conflicts that the daily run finds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services import records
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.finding import requests, scope, search
from registry.services.finding.results.result_lines import result_rows
from registry.services.operations import indexing, relay
from registry.services.publication import conflicts
from registry.services.records import projections, reading
from registry.services.records.views import RecordView
from tests.databases import Template
from tests.services import samples
from tests.statements import asked

FIRM, OTHER_FIRM = "91330100MAWY010175", "91330482MAXD00594U"
CERTIFIER, LABORATORY, REVOKED_BODY = "CNCA-R-2099-101", "CNCA-R-2099-102", "CNCA-R-2099-105"
MORNING = dt.datetime(2026, 11, 29, 9, tzinfo=clock.SHANGHAI)
BODIES = (
    {
        "approval_no": CERTIFIER,
        "name_zh": "青衡认证（演示）有限公司",
        "kind": "certification",
        "status": "valid",
    },
    {"approval_no": LABORATORY, "name_zh": "北辰质检（演示）有限公司", "kind": "testing", "status": "valid"},
    {
        "approval_no": REVOKED_BODY,
        "name_zh": "东垣认证（演示）有限公司",
        "kind": "certification",
        "sanctions": [{"kind": "revoked", "from_on": "2024-06-03", "decision": "演示〔2024〕12号"}],
        "status": "revoked",
    },
)
ORGANISATIONS = (
    {"uscc": FIRM, "name_zh": "杭州青屿家具有限公司（演示）", "status": "active"},
    {"uscc": OTHER_FIRM, "name_zh": "嘉兴某某家具有限公司（演示）", "status": "deregistered"},
    {
        "country": "DE",
        "foreign_reg_no": "HRB12345",
        "name_en": "Demo Holzwerke GmbH",
        "status": "active",
    },
)


def certificate(number: str, body: str = CERTIFIER, **more: Any) -> dict[str, Any]:
    return {
        "cert_no": number,
        "scheme": "water_saving",
        "body_approval_no": body,
        "applicant_uscc": FIRM,
        "product_name_zh": "节水水嘴",
        "models": f"M-{number}",
        "standard_edition": "GB/T 99901-2017",
        "issued_on": "2026-10-01",
        "valid_to": "2030-09-30",
        "status": "valid",
    } | more


CERTIFICATES = (
    certificate("DEMO-PLAIN-1"),
    certificate("DEMO-REVOKED-BODY", REVOKED_BODY),
    certificate("DEMO-BEFORE-REVOCATION", REVOKED_BODY, issued_on="2024-06-02", valid_to="2029-06-01"),
    certificate("DEMO-LABORATORY", LABORATORY),
    certificate("DEMO-UNKNOWN-BODY", "CNCA-R-2099-199"),
    certificate("DEMO-DEREGISTERED", applicant_uscc=OTHER_FIRM),
    certificate("DEMO-FOREIGN", applicant_uscc="F-DE-HRB12345", manufacturer_uscc="f-de-hrb 12345"),
    certificate(
        "DEMO-OVERDUE", surveillance=[{"due_on": "2026-11-28", "result": "pending"}], issued_on="2025-10-01"
    ),
)
EXPECTED = {
    "DEMO-PLAIN-1": ([], "live"),
    "DEMO-REVOKED-BODY": (["issuer_revoked_on_day"], "act"),
    "DEMO-BEFORE-REVOCATION": (["issuer_revoked_since"], "act"),
    "DEMO-LABORATORY": (["issuer_not_entitled"], "act"),
    "DEMO-UNKNOWN-BODY": (["issuer_unknown"], "act"),
    "DEMO-DEREGISTERED": (["holder_deregistered"], "act"),
    "DEMO-FOREIGN": ([], "live"),
    "DEMO-OVERDUE": (["surveillance_overdue"], "live"),
}


def bring(registry: Registry, folder: Path, slug: str, *rows: Mapping[str, Any]) -> str:
    path = samples.write_sheet(folder / f"{slug}.csv", slug, rows)
    return import_files(registry, REGISTRAR, slug, [path]).summary()


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("cautions")
    with template.copy(folder / "data") as settings, clock.frozen_at(MORNING):
        registry = open_registry(settings)
        assert "refused 0" in bring(registry, folder, "green-products", *CERTIFICATES)
        assert "refused 0" in bring(registry, folder, "organisations", *ORGANISATIONS)
        assert "refused 0" in bring(registry, folder, "bodies", *BODIES)
        relay.run_relay_once(registry)
        yield registry
        registry.search.close()


def pages(registry: Registry, slug: str = "green-products", key: str = "cert_no") -> dict[str, RecordView]:
    found = {}
    for number in _numbers(registry, slug):
        pointer = reading.locate_record(registry, ANONYMOUS, slug, number)
        view = reading.get_record(registry, ANONYMOUS, pointer, "en")
        found[str(view.document[key])] = view
    return found


def _numbers(registry: Registry, slug: str) -> list[str]:
    paths = reading.iterate_record_paths(registry, ANONYMOUS)
    return [path.rsplit("/", 1)[1] for path in paths if path.startswith(f"/{slug}/")]


def test_a_page_tells_what_its_status_alone_does_not(store: Registry) -> None:
    views = pages(store)
    told = {key: ([each.code for each in view.cautions], view.status.badge) for key, view in views.items()}
    assert told == EXPECTED
    doubted = views["DEMO-REVOKED-BODY"]
    assert doubted.plate.status == doubted.status
    assert doubted.plate.sentence == reading.QUALIFIED
    assert "3 June 2024" in doubted.cautions[0].message("en")


def test_lists_and_the_api_tell_the_same(store: Registry) -> None:
    ids = {}
    for number in _numbers(store, "green-products"):
        pointer = reading.locate_record(store, ANONYMOUS, "green-products", number)
        ids[pointer.record_id] = projections.record_json(store, ANONYMOUS, pointer)
    lines = result_rows(store, list(ids), "en")
    for line, told in zip(lines, ids.values(), strict=True):
        codes, badge = EXPECTED[told["document"]["cert_no"]]
        assert ([mark.code for mark in line.badges], line.status.badge) == (codes, badge)
        assert [each["code"] for each in told["cautions"]] == codes
        assert all(each["message"] and each["message_zh"] for each in told["cautions"])


def test_records_are_found_by_their_cautions(store: Registry) -> None:
    def found(**filters: tuple[str, ...]) -> int:
        request = requests.SearchRequest(scope=scope.search_scope("green-products"), filters=filters)
        return search.run_query(
            store, search.build_query(store, request, "en", offset=0, limit=20), request
        ).result.total

    assert found() == len(CERTIFICATES)
    assert found(caution=("any",)) == sum(bool(codes) for codes, _badge in EXPECTED.values())
    assert found(caution=("issuer_unknown",)) == 1


def test_a_page_costs_no_more_statements(store: Registry) -> None:
    number = _numbers(store, "green-products")[0]
    with asked(store.engine) as statements:
        pointer = reading.locate_record(store, ANONYMOUS, "green-products", number)
        reading.get_record(store, ANONYMOUS, pointer, "en")
    assert len(statements) <= 4


def test_a_foreign_holder_is_linked_by_country_and_number(store: Registry) -> None:
    view = pages(store)["DEMO-FOREIGN"]
    assert view.holder is not None
    assert (view.holder.number, view.holder.name.en) == ("F-DE-HRB12345", "Demo Holzwerke GmbH")


def test_the_page_changes_when_the_body_does(registry: Registry, tmp_path: Path) -> None:
    """The change of another record, and of its sanctions alone, makes the page and the search document anew."""
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "bodies", BODIES[0])
        bring(registry, tmp_path, "green-products", CERTIFICATES[0])
        relay.run_relay_once(registry)
        number = samples.number_of(registry, "green-products")
        before = reading.locate_record(registry, ANONYMOUS, "green-products", number)
        assert pages(registry)["DEMO-PLAIN-1"].status.badge == "live"
        suspended = {"kind": "suspended", "from_on": "2026-09-01", "to_on": "2026-10-31"}
        bring(registry, tmp_path, "bodies", {**BODIES[0], "sanctions": [suspended]})
        after = reading.locate_record(registry, ANONYMOUS, "green-products", number)
        assert after.page_version > before.page_version
        assert [each.code for each in pages(registry)["DEMO-PLAIN-1"].cautions] == ["issuer_suspended_on_day"]
        bring(registry, tmp_path, "bodies", {**BODIES[0], "sanctions": [suspended], "status": "revoked"})
        assert pages(registry)["DEMO-PLAIN-1"].status.badge == "act"


def test_lists_follow_linked_records_and_the_day(registry: Registry, tmp_path: Path) -> None:
    """Lines and JSON that were made before are not shown again once a linked record or the day is another."""

    def told() -> tuple[list[str], str, list[str], str]:
        pointer = reading.locate_record(
            registry, ANONYMOUS, "green-products", samples.number_of(registry, "green-products")
        )
        [line] = result_rows(registry, [pointer.record_id], "en")
        [json] = projections.records_json(registry, [pointer.record_id], document=False)
        codes = [each["code"] for each in json["cautions"]]
        return [mark.code for mark in line.badges], line.status.code, codes, json["status"]

    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "bodies", BODIES[0])
        bring(registry, tmp_path, "green-products", certificate("DEMO-PLAIN-1", valid_to="2026-12-31"))
        relay.run_relay_once(registry)
        assert told() == told() == ([], "valid", [], "valid")
        suspended = {"kind": "suspended", "from_on": "2026-09-01", "to_on": "2026-10-31"}
        bring(registry, tmp_path, "bodies", {**BODIES[0], "sanctions": [suspended]})
        marked = ["issuer_suspended_on_day"]
        assert told() == (marked, "valid", marked, "valid")
    with clock.frozen_at(dt.datetime(2026, 12, 31, 12, tzinfo=clock.SHANGHAI)):
        assert told() == (marked, "valid", marked, "valid")
    with clock.frozen_at(dt.datetime(2027, 1, 1, 12, tzinfo=clock.SHANGHAI)):
        assert told() == ([], "expired", [], "expired")


def test_pages_follow_linked_records_and_the_day(registry: Registry, tmp_path: Path) -> None:
    """A page that was put into words before is not shown again once its record, a linked one or the day is another."""

    def page(slug: str, lang: str = "en") -> RecordView:
        pointer = reading.locate_record(registry, ANONYMOUS, slug, samples.number_of(registry, slug))
        return reading.get_record(registry, ANONYMOUS, pointer, lang)

    def listed(slug: str) -> list[str]:
        """The states in which a page shows the records that link to its own."""
        return [
            each.status.code
            for group in page(slug).links
            for each in (*group.items, *group.ended)
            if each.status
        ]

    firm = {**ORGANISATIONS[0], "name_en": "Demo Firm"}
    written = certificate("DEMO-PLAIN-1", valid_to="2026-12-31")
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "organisations", firm)
        bring(registry, tmp_path, "bodies", BODIES[0])
        bring(registry, tmp_path, "green-products", written)
        before = page("green-products")
        assert page("green-products") is before
        assert page("green-products", "zh").plate.params["today"] != before.plate.params["today"]
        assert (len(before.history), before.entry.log_size, before.entry.index) == (1, 0, None)
        relay.run_relay_once(registry)
        sealed = page("green-products")
        assert sealed.entry.index is not None
        assert sealed.entry.log_size > 0

        bring(registry, tmp_path, "organisations", {**firm, "name_en": "Demo Firm Ltd"})
        renamed = page("green-products")
        assert (sealed.holder, renamed.holder) != (None, sealed.holder)
        assert renamed.holder is not None
        assert renamed.holder.name.en == "Demo Firm Ltd"

        bring(registry, tmp_path, "green-products", {**written, "product_name_zh": "演示长桌"})
        amended = page("green-products")
        assert (amended.version, len(amended.history)) == (2, 2)
        assert amended.title.zh == "演示长桌"
        assert listed("organisations") == ["valid"]
    with clock.frozen_at(dt.datetime(2026, 12, 31, 12, tzinfo=clock.SHANGHAI)):
        assert (page("green-products").status.code, listed("organisations")) == ("valid", ["valid"])
    with clock.frozen_at(dt.datetime(2027, 1, 1, 12, tzinfo=clock.SHANGHAI)):
        assert (page("green-products").status.code, listed("organisations")) == ("expired", ["expired"])


def test_a_removed_brand_and_a_certificate_in_its_name(registry: Registry, tmp_path: Path) -> None:
    brand = {
        "scheme": "national",
        "brand_name_zh": "青屿斋",
        "holder_name_zh": "杭州青屿家具有限公司（演示）",
        "holder_uscc": FIRM,
        "region_code": "330100",
        "status": "listed",
    }
    grade = {
        "result_no": "DEMO-ZLFJ-2026-1",
        "scheme": "演示分级",
        "org_uscc": FIRM,
        "product_name_zh": "餐桌",
        "models": "m–demo–revoked",
        "grade": "AAA",
        "status": "valid",
    }
    named = certificate("DEMO-NAMED", product_name_zh="青屿斋实木餐桌")
    revoked = certificate("DEMO-REVOKED", models="M-DEMO-REVOKED", status="revoked")
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "organisations", ORGANISATIONS[0])
        bring(registry, tmp_path, "bodies", BODIES[0])
        bring(registry, tmp_path, "brands", brand)
        bring(registry, tmp_path, "grades", grade)
        bring(registry, tmp_path, "green-products", named, revoked)
        assert conflicts.find_conflicts(registry) == 2  # the grade of a model whose certificate was revoked
        bring(registry, tmp_path, "brands", {**brand, "status": "removed"})
        assert conflicts.find_conflicts(registry) == 2
        assert conflicts.find_conflicts(registry) == 0
        certificates = pages(registry)
        assert [each.code for each in certificates["DEMO-NAMED"].cautions] == ["brand_removed"]
        assert [each.code for each in certificates["DEMO-REVOKED"].cautions] == ["grade_outlives_certificate"]
        (brand_page,) = pages(registry, "brands", "brand_name_zh").values()
        assert [each.code for each in brand_page.cautions] == ["certificate_names_removed_brand"]
        assert "DEMO-NAMED" not in brand_page.cautions[0].message("en")  # its own number of this register
        (grade_page,) = pages(registry, "grades", "result_no").values()
        assert "certificate_of_model_ended" in [each.code for each in grade_page.cautions]
        told = projections.record_json(
            registry, ANONYMOUS, records.locate_record(registry, ANONYMOUS, "brands", brand_page.number)
        )
        assert [each["code"] for each in told["cautions"]] == ["certificate_names_removed_brand"]
        assert all(link["relation"] != "certificate_names_removed_brand" for link in told["links"])
        # a change is told before the next run finds it
        bring(registry, tmp_path, "green-products", {**named, "status": "cancelled"})
        (brand_page,) = pages(registry, "brands", "brand_name_zh").values()
        assert brand_page.cautions == ()
        assert conflicts.find_conflicts(registry) == 2


def test_a_body_lists_what_it_certified_with_its_marks(store: Registry) -> None:
    (number,) = (number for number in _numbers(store, "bodies") if number == REVOKED_BODY)
    with asked(store.engine) as statements:
        pointer = reading.locate_record(store, ANONYMOUS, "bodies", number)
        view = reading.get_record(store, ANONYMOUS, pointer, "en")
    (certified,) = view.links
    assert {
        (item.status and item.status.badge, *(mark.code for mark in item.marks)) for item in certified.items
    } == {
        ("act", "issuer_revoked_on_day"),
        ("act", "issuer_revoked_since"),
    }
    assert len(statements) <= 4


def test_marks_survive_a_new_index(store: Registry) -> None:
    indexing.rebuild_index(store)
    test_a_body_lists_what_it_certified_with_its_marks(store)
