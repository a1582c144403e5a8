"""The next version of a record: what it amends or decides, since when its status holds, and what stands in its entry."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Connection

from registry import clock
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.registers import catalogue
from registry.services.publication import publishing
from registry.services.publication.publishing import (
    CREATED,
    REFUSED,
    UNCHANGED,
    UPDATED,
    Authority,
    PublishOutcome,
    StatusChange,
)
from tests.unit.publication.stored import (
    DAY,
    NOON,
    add,
    announced,
    document,
    entries,
    identifiers,
    known,
    links,
    publish,
    record,
    statuses,
    values_of,
    versions,
    warnings,
)

BODY = {"approval_no": "CNCA-R-2099-301", "name_zh": "甲机构"}
FIRM = "91330100MAWY010175"
BRAND = {"scheme": "national", "brand_name_zh": "试样堂", "holder_name_zh": "杭州试样堂有限公司", "region_code": "330106"}  # fmt: skip
DECLARATION = {"org_uscc": FIRM, "std_no": "GB/T 99901-2017", "product_name_zh": "演示实木餐桌椅"}
CERTIFICATE = {"cert_no": "DEMO-CGP-2025-000900", "body_approval_no": "CNCA-R-2099-101", "valid_to": "2027-05-31"}  # fmt: skip


def reasons(connection: Connection) -> list[str]:
    return [entry.reason for entry in entries(connection)]


def test_an_amendment_is_the_next_version(connection: Connection) -> None:
    add(connection, "bodies", BODY)
    outcome = add(connection, "bodies", {**BODY, "name_zh": "乙机构", "cma_no": "X-1"}, later=DAY)
    assert outcome == PublishOutcome(1, UPDATED, status="valid")
    now = record(connection)
    assert (now.version, now.title_zh, now.status_since) == (2, "乙机构", NOON.date())
    assert versions(connection) == {1: (1, 1)}
    first, second = entries(connection)
    assert (first.version, second.version, second.reason) == (1, 2, "amended")
    assert (second.id, second.document_hash, second.recorded_at) == (now.entry_id, now.document_hash, NOON + DAY)  # fmt: skip
    assert identifiers(connection, 1) == {"CNCAR2099301", "X1"}
    assert announced(connection) == [1, 1]


def test_the_same_document_again_is_no_version(connection: Connection) -> None:
    add(connection, "bodies", BODY)
    assert add(connection, "bodies", BODY, later=DAY) == PublishOutcome(1, UNCHANGED, status="valid")
    assert add(connection, "bodies", BODY, status="valid").result == UNCHANGED
    assert (len(entries(connection)), versions(connection), announced(connection)) == (1, {1: (0, 0)}, [1])


def test_other_warnings_of_the_same_document_are_written_without_a_version(connection: Connection) -> None:
    add(connection, "bodies", {**BODY, "cma_no": "X-1"})
    doubt = Issue("date_shape", "valid_from", {}, "warns")
    for _time in range(2):  # the second time nothing is new
        again = add(connection, "bodies", {**BODY, "cma_no": "X-1"}, warnings=(doubt,))
        assert again == PublishOutcome(1, UNCHANGED, status="valid")
        assert warnings(connection) == [("date_shape", "valid_from")]
        assert versions(connection) == {1: (1, 0)}
    assert (len(entries(connection)), announced(connection)) == (1, [1])
    assert identifiers(connection, 1) == {"CNCAR2099301", "X1"}


def test_warnings_alone_and_a_new_version_in_one_batch(connection: Connection) -> None:
    other = {**BODY, "approval_no": "CNCA-R-2099-302"}
    publish(connection, "bodies", document("bodies", BODY), document("bodies", other, row=2))
    doubt = Issue("date_shape", "valid_from", {}, "warns")
    outcomes = publish(
        connection, "bodies",
        document("bodies", BODY, warnings=(doubt,)), document("bodies", {**other, "name_zh": "乙机构"}, row=2),
        later=DAY,
    )  # fmt: skip
    assert [each.result for each in outcomes] == [UNCHANGED, UPDATED]
    assert versions(connection) == {1: (1, 0), 2: (1, 1)}
    assert (warnings(connection, 1), warnings(connection, 2)) == ([("date_shape", "valid_from")], [])
    assert announced(connection) == [1, 2, 2]


def test_another_status_holds_from_the_day_of_its_entry(connection: Connection) -> None:
    add(connection, "bodies", BODY)
    outcome = add(connection, "bodies", BODY, status="suspended", legal_basis="决定", later=DAY)
    assert outcome == PublishOutcome(1, UPDATED, status="suspended")
    now = record(connection)
    assert (now.version, now.status, now.status_since) == (2, "suspended", (NOON + DAY).date())
    assert [(each.reason, each.legal_basis) for each in entries(connection)] == [
        ("imported", ""), ("suspended", "决定"),
    ]  # fmt: skip
    add(connection, "bodies", {**BODY, "name_zh": "乙机构"}, later=2 * DAY)
    assert record(connection).status_since == (NOON + DAY).date()  # an amendment leaves it


def test_another_status_holds_from_the_day_of_the_decision_that_is_new(connection: Connection) -> None:
    """What the document stated before is the day of an earlier decision."""
    firm = {"uscc": FIRM, "name_zh": "甲公司", "deregistered_on": "2026-01-10"}
    add(connection, "organisations", firm, status="active")
    add(connection, "organisations", firm, status="deregistered", later=DAY)
    assert record(connection).status_since == (NOON + DAY).date()
    add(connection, "organisations", firm, status="active", later=2 * DAY)
    again = {**firm, "deregistered_on": "2026-03-15"}
    add(connection, "organisations", again, status="deregistered", later=3 * DAY)
    assert record(connection).status_since == dt.date(2026, 3, 15)


def test_a_decision_lacks_its_grounds_until_they_are_stated(connection: Connection) -> None:
    add(connection, "brands", BRAND)
    lacking = [("decision_incomplete", "removed_reason"), ("decision_incomplete", "legal_basis")]
    [refused] = publish(
        connection, "brands", document("brands", BRAND, status="removed"), role="reviewer_national"
    )
    assert (refused.result, refused.issue) == (REFUSED, Issue("decision_incomplete", "removed_reason"))
    assert (statuses(connection), len(entries(connection))) == ({1: "listed"}, 1)
    recorded = add(connection, "brands", BRAND, status="removed")
    assert recorded.result == UPDATED
    assert [(issue.code, issue.field) for issue in recorded.warnings] == lacking
    assert warnings(connection) == lacking
    # An amendment of the record lacks them still, also of what it does not state, until the document has them.
    amended = {**BRAND, "removed_reason": "bankrupt", "category": "医药"}
    read = known(connection, "brands", BRAND)
    add(connection, "brands", amended, stated=frozenset({"category"}), amends=read)
    assert warnings(connection) == lacking[1:]
    by_reviewer = document("brands", {**amended, "legal_basis": "商办流通函〔2023〕1号"})
    [complete] = publish(connection, "brands", by_reviewer, role="reviewer_national")
    assert (complete.result, complete.warnings, warnings(connection)) == (UPDATED, (), [])


def test_who_decides_with_all_grounds_is_not_refused(connection: Connection) -> None:
    add(connection, "brands", BRAND)
    grounds = {"removed_reason": "bankrupt", "legal_basis": "商办流通函〔2023〕1号"}
    [decided] = publish(
        connection, "brands", document("brands", {**BRAND, **grounds}, status="removed"), role="reviewer_national"
    )  # fmt: skip
    assert (decided.result, decided.status, reasons(connection)) == (UPDATED, "removed", ["imported", "removed"])  # fmt: skip


def test_a_new_decision_ends_the_doubt_about_the_grounds_of_the_last_one(connection: Connection) -> None:
    add(connection, "brands", BRAND, status="suspended")
    doubts = (
        Issue("decision_incomplete", "status_reason", {}, "warns", of_source=True),
        Issue("date_shape", "founded_year", {}, "warns", of_source=True),
    )
    add(connection, "brands", {**BRAND, "category": "医药"}, warnings=doubts)
    assert ("decision_incomplete", "status_reason") in warnings(connection)
    add(connection, "brands", BRAND, status="listed", warnings=doubts)
    assert warnings(connection) == [("date_shape", "founded_year")]


def test_the_basis_of_a_decision_is_not_what_was_known_before(connection: Connection) -> None:
    values = {**BODY, "legal_basis": "前一决定"}
    add(connection, "bodies", values)
    name = {**values, "name_zh": "乙机构"}
    for stated, status, basis in (
        ({"name_zh"}, "", "前一决定"),  # an amendment
        ({"name_zh"}, "suspended", ""),
        ({"legal_basis"}, "valid", "前一决定"),
        (None, "suspended", "前一决定"),  # a whole document states it
    ):
        read = known(connection, "bodies", BODY)
        fields = None if stated is None else frozenset(stated)
        add(connection, "bodies", name, status=status, stated=fields, amends=read)
        assert entries(connection)[-1].legal_basis == basis
        name = {**name, "name_zh": f"{name['name_zh']}甲"}


def test_an_amendment_has_the_name_that_its_sender_or_the_life_cycle_gives_it(connection: Connection) -> None:
    add(connection, "bodies", BODY)
    add(connection, "bodies", {**BODY, "name_zh": "乙机构"}, amendment_reason="renamed")
    add(connection, "bodies", BODY, status="suspended", amendment_reason="renamed")
    assert reasons(connection) == ["imported", "renamed", "suspended"]


@pytest.mark.parametrize("is_whole", [True, False])
def test_a_reissue_is_no_mere_amendment(connection: Connection, *, is_whole: bool) -> None:
    add(connection, "green-products", CERTIFICATE)

    def bring(values: dict[str, Any], role: str = "registrar") -> str:
        read = None if is_whole else known(connection, "green-products", CERTIFICATE)
        add(connection, "green-products", values, amends=read, role=role)
        return reasons(connection)[-1]

    reissued = {**CERTIFICATE, "reissued_on": "2026-04-01"}
    assert bring({**CERTIFICATE, "rule_no": "R-1"}) == "amended"
    assert bring(reissued) == "changed"
    assert bring({**reissued, "rule_no": "R-2"}) == "amended"  # the day is that of the last one


def test_a_number_that_is_not_that_of_the_record_is_told(connection: Connection) -> None:
    number = add(connection, "brands", BRAND).number
    assert add(connection, "brands", {**BRAND, "category": "医药"}, number=number).warnings == ()
    assert add(connection, "brands", {**BRAND, "category": "食品"}).warnings == ()
    told = add(connection, "brands", BRAND, number="TB-2026-00009-X").warnings
    assert [(issue.code, issue.params) for issue in told] == [
        ("number_differs", {"value": "TB-2026-00009-X", "number": number})
    ]
    assert warnings(connection) == [("number_differs", "number")]


def test_of_warnings_alike_the_first_is_kept(connection: Connection) -> None:
    def issue(code: str, **params: Any) -> Issue:
        return Issue(code, "address", params, "warns")

    add(connection, "bodies", BODY)
    told = (
        issue("too_long", value="first"), issue("sources_differ", source="A"), issue("too_long", value="second"),
        issue("sources_differ", source="B"),
    )  # fmt: skip
    add(connection, "bodies", BODY, warnings=told)
    assert warnings(connection) == [("too_long", "address"), *[("sources_differ", "address")] * 2]
    assert "first" in record(connection).warnings


def test_a_step_that_is_none_is_refused_and_leaves_the_record(connection: Connection) -> None:
    add(connection, "bodies", BODY, status="revoked", legal_basis="决定")
    refused = add(connection, "bodies", BODY, status="valid")
    assert (refused.result, refused.issue) == (
        REFUSED, Issue("not_a_transition", "status", {"before": "revoked", "after": "valid"}),
    )  # fmt: skip
    assert (statuses(connection), len(entries(connection))) == ({1: "revoked"}, 1)


@pytest.mark.parametrize(("hours", "result"), [(23, UPDATED), (24, REFUSED)])
def test_a_limit_of_hours_begins_with_the_first_entry(
    connection: Connection, hours: int, result: str
) -> None:
    add(connection, "declarations", DECLARATION)
    add(connection, "declarations", {**DECLARATION, "spec": "大"}, later=dt.timedelta(hours=20))
    late = add(connection, "declarations", DECLARATION, status="misfiled", later=dt.timedelta(hours=hours))
    assert late.result == result
    assert (late.issue.code if late.issue else "") == ("transition_too_late" if result == REFUSED else "")


@pytest.mark.parametrize(
    ("stated", "written"),
    [(None, "2026-05-06"), ("2026-05-04", "2026-05-06"), ("2026-05-05", "2026-05-05"), ("2026-05-06", "2026-05-06")],
)  # fmt: skip
def test_a_check_that_is_passed_has_its_day(connection: Connection, stated: str | None, written: str) -> None:
    """The day of the change is written where none is stated, or that of an earlier check, before the status began."""
    values = {**DECLARATION, "checked_on": stated} if stated else DECLARATION
    add(connection, "declarations", values)
    add(connection, "declarations", values, status="under_check", later=DAY)
    assert "checked_on" not in values_of(connection) or stated
    add(connection, "declarations", values, status="active", later=2 * DAY)
    assert values_of(connection)["checked_on"] == written
    assert record(connection).status == "active"


def test_a_day_is_written_for_the_transition_that_was_made(connection: Connection) -> None:
    """Of two that lead to one status, by different roles, only one has its day."""
    bodies = catalogue()["bodies"]
    restored = next(each for each in bodies.life_cycle.transitions if each.name == "restored")
    resumed = Transition(
        name="resumed", before="suspended", after="valid", zh="", en="", roles=("body",), date_field="cma_no"
    )
    life_cycle = bodies.life_cycle
    others = tuple(each for each in life_cycle.transitions if each is not restored)
    definition = replace(bodies, life_cycle=replace(life_cycle, transitions=(resumed, restored, *others)))
    add(connection, "bodies", BODY, status="suspended", definition=definition, legal_basis="决定")
    add(connection, "bodies", BODY, status="valid", definition=definition)
    assert (reasons(connection)[-1], values_of(connection)) == ("restored", BODY)
    add(connection, "bodies", BODY, status="suspended", definition=definition, legal_basis="决定")
    add(connection, "bodies", BODY, status="valid", definition=definition, role="body")
    assert (reasons(connection)[-1], values_of(connection)) == ("resumed", {**BODY, "cma_no": "2026-05-04"})


OLD, NEW = {"number": "GB/T 99901-2017", "replaced_by": "GB/T 99901-2024"}, {"number": "GB/T 99901-2024"}


@pytest.mark.parametrize(
    ("of_newer", "of_older"),
    [("in_force", "superseded"), ("upcoming", "in_force"), ("withdrawn", "in_force")],
)
def test_a_status_that_a_linked_record_has_brought_stays_while_that_one_is_as_it_was(
    connection: Connection, of_newer: str, of_older: str
) -> None:
    # Bystanders: a pair whose newer one is the other way round, and one in force that nothing replaces.
    other = "upcoming" if of_newer == "in_force" else "in_force"
    add(connection, "standards", {"number": "GB/T 99902-2024"}, status=other)
    add(
        connection, "standards", {"number": "GB/T 99902-2017", "replaced_by": "GB/T 99902-2024"}, status="superseded"
    )  # fmt: skip
    newer = add(connection, "standards", NEW, status=of_newer, legal_basis="公告")
    add(connection, "standards", OLD, status="superseded")
    assert (newer.result, links(connection, 4)) == (CREATED, {("superseded_by", 3)})
    again = add(connection, "standards", OLD, status="in_force")
    assert again.status == of_older
    assert statuses(connection)[4] == of_older
    assert again.result == (UNCHANGED if of_older == "superseded" else UPDATED)


def test_a_result_that_a_newer_one_has_replaced_stays_so(connection: Connection) -> None:
    """The link leads from the newer record to the one that it pins."""
    result = {"scheme": "家具质量分级", "org_uscc": FIRM, "models": ["M-1"]}
    older = {**result, "result_no": "N-1", "graded_on": "2025-01-01"}
    add(connection, "grades", older, status="valid")
    add(connection, "grades", {**result, "result_no": "N-2", "graded_on": "2026-01-01"}, status="valid")
    assert statuses(connection) == {1: "superseded", 2: "valid"}
    assert add(connection, "grades", older, status="valid").result == UNCHANGED
    add(connection, "grades", {**result, "result_no": "N-2", "graded_on": "2026-01-01"}, status="suspended")
    refused = add(connection, "grades", older, status="valid")
    assert refused.issue == Issue("not_a_transition", "status", {"before": "superseded", "after": "valid"})


def test_a_rule_changes_the_status_and_leaves_the_document(connection: Connection) -> None:
    doubt = Issue("date_shape", "valid_from", {}, "warns")
    add(connection, "bodies", {**BODY, "cma_no": "X-1", "legal_basis": "前一决定"}, warnings=(doubt,))
    add(connection, "bodies", {**BODY, "approval_no": "CNCA-R-2099-302"})
    definition = catalogue()["bodies"]

    def change(record_id: int, status: str, since: dt.date | None = None) -> None:
        existing = connection.execute(
            publishing.EXISTING_RECORDS.where(publishing.Record.id == record_id)
        ).one()
        to = StatusChange(
            definition, values_of(connection, record_id), status, "expired", Authority("system"), since
        )
        with clock.frozen_at(NOON + DAY):
            publishing.change_status(connection, existing, to)

    change(1, "expired", dt.date(2026, 2, 1))
    now = record(connection, 1)
    assert (now.status, now.status_since, now.version) == ("expired", dt.date(2026, 2, 1), 2)
    assert (now.natural_key, now.title_zh) == ("CNCAR2099301", "甲机构")
    assert warnings(connection, 1) == [("date_shape", "valid_from")]
    assert identifiers(connection, 1) == {"CNCAR2099301", "X1"}
    first, second = entries(connection, 1)
    assert (second.document_hash, second.actor_role, second.legal_basis) == (first.document_hash, "system", "前一决定")  # fmt: skip
    assert announced(connection) == [1, 2, 1]
    change(2, "expired")
    assert record(connection, 2).status_since == (NOON + DAY).date()
    assert entries(connection, 2)[-1].legal_basis == ""


def test_the_state_of_what_is_published_changes_with_each_entry_and_day(connection: Connection) -> None:
    with clock.frozen_at(NOON):
        before = publishing.published_state(connection)
        assert before == (0, NOON.date())
    add(connection, "bodies", BODY)
    with clock.frozen_at(NOON):
        assert publishing.published_state(connection) == (1, NOON.date())
