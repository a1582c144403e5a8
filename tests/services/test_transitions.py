"""Which status a document may give its record: role, date and time limit; and since when the status holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange import importer
from registry.services.operations import due_changes
from registry.services.publication import publishing, validation
from registry.services.publication.batch_writer import Authority
from registry.services.publication.existing_records import find_existing_records
from registry.services.publication.publishing import PreparedDocument, PublishOutcome
from registry.services.publication.transitions import NextStatus, RecordState, first_status, next_status
from registry.services.records import projections, reading
from registry.store.unit_of_work import unit_of_work
from tests.services import samples

NOON = dt.datetime(2026, 5, 4, 12, tzinfo=clock.SHANGHAI)
BODY = {"approval_no": "CNCA-R-2099-301", "name_zh": "甲", "valid_to": "2027-05-04", "status": "valid"}


def step(register: str, current: str, stated: str, **values: Any) -> NextStatus | Issue:
    """The registrar's step at noon of 4 May 2026."""
    return next_status(
        catalogue()[register], values, stated, RecordState(current), role="registrar", moment=NOON
    )


@pytest.mark.parametrize("valid_to", ["2026-05-03", None])
def test_a_source_may_report_what_a_date_has_brought(valid_to: str | None) -> None:
    values = {"valid_to": valid_to} if valid_to else {}
    assert step("grades", "valid", "expired", **values) == ("expired", "expired")


@pytest.mark.parametrize("valid_to", ["2026-05-04", "2029-01-01", "2026-05", "2026"])
def test_a_source_may_not_expire_a_record_before_its_date(valid_to: str) -> None:
    assert step("grades", "valid", "expired", valid_to=valid_to) == Issue(
        "transition_not_allowed", "status", {"after": "expired"}
    )


def test_the_system_may_take_its_own_transition() -> None:
    definition = catalogue()["grades"]
    taken = next_status(
        definition, {"valid_to": "2029-01-01"}, "expired", RecordState("valid"), role="system", moment=NOON
    )
    assert taken == ("expired", "expired")


@pytest.mark.parametrize("role", ["enterprise", "body", "visitor", ""])
def test_a_role_that_a_transition_does_not_name_is_refused(role: str) -> None:
    definition = catalogue()["brands"]
    refused = next_status(definition, {}, "suspended", RecordState("listed"), role=role, moment=NOON)
    assert isinstance(refused, Issue)
    assert refused.code == "transition_not_allowed"
    allowed = next_status(
        definition, {}, "suspended", RecordState("listed"), role="reviewer_national", moment=NOON
    )
    assert allowed == ("suspended", "suspended")


def test_a_state_that_no_transition_leads_to_is_refused() -> None:
    refused = step("brands", "removed", "listed")
    assert refused == Issue("not_a_transition", "status", {"before": "removed", "after": "listed"})


@pytest.mark.parametrize("stated", ["", "listed"])
def test_without_another_status_a_document_amends(stated: str) -> None:
    assert step("brands", "listed", stated) == ("listed", "amended")


@pytest.mark.parametrize(
    ("age", "possible"),
    [
        (dt.timedelta(0), True),
        (dt.timedelta(hours=24) - dt.timedelta(seconds=1), True),
        (dt.timedelta(hours=24), False),
        (dt.timedelta(days=3), False),
    ],
)
def test_a_transition_with_a_time_limit_ends_with_it(age: dt.timedelta, possible: bool) -> None:
    state = RecordState("active", first_entry_at=NOON - age)
    taken = next_status(catalogue()["declarations"], {}, "misfiled", state, role="enterprise", moment=NOON)
    if possible:
        assert taken == ("misfiled", "misfiled")
    else:
        assert isinstance(taken, Issue)
        assert (taken.code, taken.params["hours"]) == ("transition_too_late", 24)


@pytest.mark.parametrize(
    ("register", "stated", "role", "possible"),
    [
        ("declarations", "active", "enterprise", True),
        ("declarations", "scheduled", "enterprise", True),
        ("declarations", "withdrawn", "enterprise", False),
        ("declarations", "withdrawn", "registrar", True),
        ("declarations", "withdrawn", "admin", True),
        ("brands", "", "enterprise", False),
        ("brands", "", "registrar", True),
    ],
)
def test_a_record_begins_in_a_state_that_its_filer_may_give_it(
    register: str, stated: str, role: str, possible: bool
) -> None:
    definition = catalogue()[register]
    status = first_status(definition, stated, role)
    if possible:
        assert status == (stated or definition.life_cycle.default_status)
    else:
        assert isinstance(status, Issue)
        assert status.code == "transition_not_allowed"


def publish(registry: Registry, role: str, row: Mapping[str, Any]) -> PublishOutcome:
    definition = catalogue()["bodies"]
    with unit_of_work(registry.engine) as connection:
        context = validation.rule_context(connection)
        document = validation.validate_row(definition, 1, row, context, registrar=True)
        assert isinstance(document, PreparedDocument)
        [outcome] = publishing.publish(connection, definition, [document], Authority(role))
    return outcome


def test_publishing_refuses_what_the_role_may_not_do_and_leaves_nothing_behind(registry: Registry) -> None:
    refused = publish(registry, "enterprise", BODY)
    assert refused.result == publishing.REFUSED
    assert refused.issue is not None
    assert refused.issue.code == "transition_not_allowed"
    assert publish(registry, "registrar", BODY).result == publishing.CREATED
    assert publish(registry, "body", {**BODY, "status": "suspended"}).result == publishing.REFUSED
    assert publish(registry, "registrar", {**BODY, "status": "suspended"}).result == publishing.UPDATED


def test_publishing_knows_when_the_first_entry_was_made(registry: Registry, tmp_path: Path) -> None:
    row = {"org_uscc": "91330100MAWY010175", "std_no": "GB/T 99901-2017", "product_name_zh": "桌"}
    row |= {"declared_on": "2026-01-05", "status": "active"}

    def bring(status: str) -> str:
        sheet = samples.write_sheet(tmp_path / "d.csv", "declarations", [{**row, "status": status}])
        return importer.import_files(registry, REGISTRAR, "declarations", [sheet]).summary()

    with clock.frozen_at(NOON):
        assert bring("active") == "created 1, updated 0, unchanged 0, refused 0"
    with clock.frozen_at(NOON + dt.timedelta(hours=24)):
        assert bring("misfiled") == "created 0, updated 0, unchanged 0, refused 1"
    with clock.frozen_at(NOON + dt.timedelta(hours=23)):
        assert bring("misfiled") == "created 0, updated 1, unchanged 0, refused 0"


def test_a_status_holds_since_it_began_not_since_the_last_amendment(
    registry: Registry, tmp_path: Path
) -> None:
    def bring(day: int, **changed: str) -> str:
        with clock.frozen_at(dt.datetime(2026, 5, day, 9, tzinfo=clock.SHANGHAI)):
            sheet = samples.write_sheet(tmp_path / "b.csv", "bodies", [{**BODY, **changed}])
            importer.import_files(registry, REGISTRAR, "bodies", [sheet])
            pointer = reading.locate_record(registry, ANONYMOUS, "bodies", BODY["approval_no"])
            shown = projections.record_json(registry, ANONYMOUS, pointer)
            view = reading.get_record(registry, ANONYMOUS, pointer, "en")
        assert view.version == shown["version"]
        return f"{shown['version']} {shown['status']} {shown['status_since']}"

    assert bring(1) == "1 valid 2026-05-01"
    assert bring(2, name_zh="甲乙") == "2 valid 2026-05-01"  # amended tomorrow
    assert bring(3, name_zh="甲乙", status="suspended") == "3 suspended 2026-05-03"
    assert bring(4, name_zh="甲乙丙", status="suspended") == "4 suspended 2026-05-03"
    assert bring(5, name_zh="甲乙丙", status="valid") == "5 valid 2026-05-05"
    assert bring(6, name_zh="甲乙丙", status="valid") == "5 valid 2026-05-05"


@pytest.mark.parametrize(
    ("moment", "changed"),
    [
        (dt.datetime(2027, 5, 4, 23, 59, 59, tzinfo=clock.SHANGHAI), 0),
        (dt.datetime(2027, 5, 5, 0, 0, tzinfo=clock.SHANGHAI), 1),
    ],
)
def test_a_record_is_valid_until_the_end_of_its_last_day(
    registry: Registry, moment: dt.datetime, changed: int
) -> None:
    with clock.frozen_at(NOON):
        publish(registry, "registrar", BODY)
    with clock.frozen_at(moment):
        assert due_changes.apply_due_changes(registry) == changed
        assert due_changes.apply_due_changes(registry) == 0


BRAND = {
    "scheme": "national",
    "brand_name_zh": "试样堂",
    "holder_name_zh": "杭州试样堂有限公司",
    "region_code": "330106",
    "recognised_on": "2011-03-01",
    "legal_basis": "商流通函〔2011〕1号",
}


def publish_brand(registry: Registry, role: str, row: Mapping[str, Any]) -> PublishOutcome:
    """Publish what a row states of the brand."""
    definition = catalogue()["brands"]
    with unit_of_work(registry.engine) as connection:
        stated = validation.read_row(definition, 1, row)
        existing = find_existing_records(connection, definition, [stated.key], []).find(stated.key, "")
        context = validation.rule_context(connection)
        document = validation.check_row(definition, stated, context, registrar=True, existing=existing)
        assert isinstance(document, PreparedDocument)
        [outcome] = publishing.publish(connection, definition, [document], Authority(role))
    return outcome


def lacking(outcome: PublishOutcome) -> list[str]:
    return [issue.field for issue in outcome.warnings if issue.code == "decision_incomplete"]


KEY = {name: BRAND[name] for name in ("scheme", "brand_name_zh", "holder_name_zh", "region_code")}


def test_a_decision_without_its_grounds_is_a_doubt_for_the_registrar_and_a_refusal_for_those_who_decide(
    registry: Registry,
) -> None:
    publish_brand(registry, "registrar", {**BRAND, "status": "listed"})
    removal = {**KEY, "status": "removed"}  # the basis on record is that of the recognition
    refused = publish_brand(registry, "reviewer_national", removal)
    assert refused.issue == Issue("decision_incomplete", "removed_reason")
    recorded = publish_brand(registry, "registrar", removal)
    assert recorded.result == publishing.UPDATED
    assert lacking(recorded) == ["removed_reason", "legal_basis"]


def test_a_decision_with_its_grounds_is_taken_without_a_doubt(registry: Registry) -> None:
    publish_brand(registry, "registrar", {**BRAND, "status": "listed"})
    removal = {
        **KEY,
        "status": "removed",
        "removed_reason": "bankrupt",
        "legal_basis": "商办流通函〔2023〕1号",
    }
    outcome = publish_brand(registry, "reviewer_national", removal)
    assert outcome.result == publishing.UPDATED
    assert lacking(outcome) == []


def test_a_record_that_enters_as_removed_lacks_the_grounds_until_they_are_stated(registry: Registry) -> None:
    removed = {**KEY, "status": "removed"}
    assert lacking(publish_brand(registry, "registrar", removed)) == ["removed_reason", "legal_basis"]
    assert lacking(publish_brand(registry, "registrar", removed)) == ["removed_reason", "legal_basis"]
    stated = {**removed, "removed_reason": "bankrupt", "legal_basis": "商办流通函〔2023〕1号"}
    assert lacking(publish_brand(registry, "registrar", stated)) == []
