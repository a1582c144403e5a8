"""What the parties of a record see, ask for and answer; what becomes of it at the desk."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, update

from registry import clock
from registry.accounts.model import Letter
from registry.accounts.policy import Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.appeals import AGAINST_AUTHORITY, AGAINST_BODY, appeal_against
from registry.kit.record import Record
from registry.kit.report import OPEN, Report
from registry.registers import catalogue
from registry.services import deciding, own_records, reports
from registry.services.bootstrap import Registry
from registry.services.deciding import moves
from registry.services.own_records import OwnRecordsRequest, RecordAddress
from registry.services.people import Represented
from registry.services.reports import ReportAnswer, retention, statements
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.deciders import draft, filled_in, set_status, staff
from tests.services.people import read_mails
from tests.services.test_watch_lists import member
from tests.services.watched import (
    CERTIFICATES,
    FIRM,
    NOW,
    OTHER_BODY,
    OTHER_FIRM,
    certificate,
    day,
    load,
    world,
)

BODY = "CNCA-R-2099-101"
HOLDERS = Represented("organisations", FIRM)


@pytest.fixture
def owned(registry: Registry, tmp_path: Path) -> Iterator[tuple[Registry, RecordAddress]]:
    with clock.frozen_at(NOW):
        world(registry, tmp_path)
        rows = [
            certificate("DEMO-CGP-2025-00100"),
            certificate("DEMO-CGP-2025-00101", valid_to=day(20)),
            certificate("DEMO-CGP-2025-00102", applicant_uscc=OTHER_FIRM),
        ]
        load(registry, tmp_path, CERTIFICATES, rows)
        yield registry, RecordAddress(CERTIFICATES, set_status(registry, CERTIFICATES, "valid"))


def ask(registry: Registry, actor: Actor, address: RecordAddress, key: str = "suspended") -> int:
    return own_records.ask_for_decision(registry, actor, address, key, text="产线检修，自12月1日起暂停。")


def letters(registry: Registry) -> list[str]:
    with read_transaction(registry.engine) as connection:
        return sorted(connection.execute(select(Letter.kind)).scalars())


def take(registry: Registry, address: RecordAddress, key: str, people: tuple[Actor, Actor]) -> None:
    """Prepare and take a decision on the record."""
    first, second = people
    stated = filled_in(registry, first, address.register, address.number, key)
    prepared = deciding.prepare_decision(
        registry, first, draft(address.register, key, address.number, stated=stated)
    )
    assert deciding.take_decision(registry, second, prepared) == ()


def test_what_may_be_asked_for_is_what_the_tables_say_and_the_desk_has() -> None:
    asked = {
        (slug, move.name)
        for slug, definition in catalogue().items()
        for move in definition.life_cycle.transitions
        if move.on_request
    }
    on_desk = {
        (slug, move.name) for slug, definition in catalogue().items() for move in moves.desk_moves(definition)
    }
    assert {
        ("green-products", "suspended"),
        ("green-products", "cancelled"),
        ("grades", "withdrawn"),
    } <= asked
    assert asked <= on_desk


def test_all_records_of_a_party_in_all_registers_with_what_needs_something_first(
    owned: tuple[Registry, RecordAddress],
) -> None:
    registry, address = owned
    holder, body, stranger = (member(registry, each) for each in (FIRM, BODY, OTHER_BODY))
    view = own_records.list_own_records(registry, holder, HOLDERS, OwnRecordsRequest())
    assert view.counts == {CERTIFICATES: 2, "organisations": 1}
    first = view.lines[0]
    assert (first.register.slug, [each.days_left for each in first.due]) == (CERTIFICATES, [20])
    needing = own_records.list_own_records(
        registry, holder, HOLDERS, OwnRecordsRequest(CERTIFICATES, needing=True, page=99)
    )
    assert [line.number for line in needing.lines] == [first.number]
    issued = own_records.list_own_records(registry, body, Represented("bodies", BODY), OwnRecordsRequest())
    assert issued.counts == {CERTIFICATES: 3, "bodies": 1}
    with pytest.raises(NotFound):
        own_records.list_own_records(registry, stranger, HOLDERS, OwnRecordsRequest())
    with pytest.raises(Forbidden, match="record_of_others"):
        own_records.get_own_record(registry, stranger, address, "en")


def test_a_request_waits_at_the_desk_and_the_decision_grants_it(
    owned: tuple[Registry, RecordAddress],
) -> None:
    registry, address = owned
    holder = member(registry, FIRM)
    body, colleague = (member(registry, BODY, account="body") for _each in range(2))
    elsewhere = member(registry, OTHER_BODY, account="body")
    before = own_records.get_own_record(registry, holder, address, "en")
    assert {each.key for each in before.askable} == {"suspended", "cancelled", "scope_changed", "changed"}
    request = ask(registry, holder, address)
    assert letters(registry) == ["request_made", "request_made"]
    with pytest.raises(Conflict, match="request_waits"):
        ask(registry, holder, address)
    [line] = deciding.list_requests(registry, body)
    assert (line.id, line.key, line.record.number, line.state) == (
        request,
        "suspended",
        address.number,
        "open",
    )
    assert [each.id for each in deciding.list_requests(registry, staff(registry, "registrar"))] == [request]
    assert [each.id for each in deciding.list_requests(registry, staff(registry, "auditor"))] == [request]
    for actor in (elsewhere, staff(registry, "publisher")):
        assert deciding.list_requests(registry, actor) == ()
        with pytest.raises(NotFound):
            deciding.get_request(registry, actor, request)
    with pytest.raises(Forbidden, match="role_may_not"):
        deciding.list_requests(registry, holder)

    take(registry, address, "suspended", (body, colleague))
    assert deciding.get_request(registry, body, request).state == "granted"
    assert deciding.list_requests(registry, body) == ()
    after = own_records.get_own_record(registry, holder, address, "en")
    assert [each.state for each in after.requests] == ["granted"]
    assert after.appeal == AGAINST_BODY
    assert after.decision is not None
    assert {each.key for each in after.askable} == {"restored", "cancelled"}
    with pytest.raises(Conflict, match="request_ended"):
        deciding.refuse_request(registry, body, request, "nein")


def test_a_refusal_has_reasons_and_is_told_and_a_request_can_be_withdrawn(
    owned: tuple[Registry, RecordAddress],
) -> None:
    registry, address = owned
    holder, body = member(registry, FIRM), member(registry, BODY, account="body")
    request = ask(registry, holder, address, "cancelled")
    for reply, code in (("  ", "reply_wanted"), ("长" * 2001, "too_long")):
        with pytest.raises(Invalid, match=code):
            deciding.refuse_request(registry, body, request, reply)
    with pytest.raises(Forbidden):
        deciding.refuse_request(registry, staff(registry, "auditor"), request, "no")
    deciding.refuse_request(registry, body, request, "证书尚在抽查之中。")
    assert letters(registry).count("request_refused") == 1
    [told] = own_records.get_own_record(registry, holder, address, "zh").requests
    assert (told.state, told.reply) == ("refused", "证书尚在抽查之中。")
    again = ask(registry, holder, address, "cancelled")
    other = member(registry, FIRM)
    own_records.withdraw_request(registry, other, address, again)
    with pytest.raises(Conflict, match="request_ended"):
        own_records.withdraw_request(registry, holder, address, again)
    with pytest.raises(NotFound):
        own_records.withdraw_request(registry, holder, address, 999)
    assert deciding.list_requests(registry, body) == ()


def test_who_may_not_ask_is_told_and_a_record_that_has_left_its_state_voids_the_request(
    owned: tuple[Registry, RecordAddress],
) -> None:
    registry, address = owned
    holder, viewer = member(registry, FIRM), member(registry, FIRM, role="viewer")
    body = member(registry, BODY, account="body")
    assert own_records.get_own_record(registry, viewer, address, "en").askable == ()
    assert own_records.get_own_record(registry, body, address, "en").askable == ()  # it decides
    for actor, refusal in ((viewer, Forbidden), (body, NotFound), (member(registry, OTHER_FIRM), Forbidden)):
        with pytest.raises(refusal):
            ask(registry, actor, address)
    for key in ("restored", "revoked", "expired", "nothing"):
        with pytest.raises(NotFound):
            ask(registry, holder, address, key)
    for text, code in (("", "request_words_wanted"), ("长" * 2001, "too_long")):
        with pytest.raises(Invalid, match=code):
            own_records.ask_for_decision(registry, holder, address, "suspended", text=text)
    request = ask(registry, holder, address)
    set_status(registry, CERTIFICATES, "revoked")
    assert deciding.list_requests(registry, body) == ()
    assert deciding.get_request(registry, body, request).state == "void"
    assert own_records.get_own_record(registry, holder, address, "en").askable == ()


def test_an_authority_is_appealed_against_otherwise_than_a_body() -> None:
    brand = catalogue()["brands"].life_cycle.state("suspended")
    certificate_state = catalogue()[CERTIFICATES].life_cycle.state("revoked")
    roles = moves.DESK_ROLES
    assert appeal_against(brand, "reviewer_national", roles) == AGAINST_AUTHORITY
    assert appeal_against(certificate_state, "registrar", roles) == AGAINST_BODY
    assert appeal_against(brand, "system", roles) == ""
    listed = catalogue()["brands"].life_cycle.state("listed")
    assert appeal_against(listed, "reviewer_national", roles) == ""


def challenge(registry: Registry, address: RecordAddress) -> int:
    """An open report about the record, of which nothing is said to its parties yet."""
    with unit_of_work(registry.engine) as connection:
        record = connection.execute(select(Record.id).where(Record.number == address.number)).scalar_one()
        values = {
            "number": "RP-2026-000001-Q",
            "nonce": "0" * 32,
            "kind": "error",
            "state": OPEN,
            "register": address.register,
            "record_id": record,
            "subject": address.number,
            "status": "valid",
            "lang": "zh",
            "statement": "举报人的话",
            "received_at": clock.now(),
            "due_on": NOW.date() + dt.timedelta(days=20),
        }
        return int(
            connection.execute(Report.__table__.insert().values(**values).returning(Report.id)).scalar_one()
        )


def test_both_parties_answer_a_challenge_and_never_see_who_reported(
    owned: tuple[Registry, RecordAddress],
) -> None:
    registry, address = owned
    holder, body, registrar = member(registry, FIRM), member(registry, BODY), staff(registry, "registrar")
    report = challenge(registry, address)
    assert own_records.get_own_record(registry, holder, address, "zh").challenges == ()
    with pytest.raises(NotFound):
        own_records.state_on_challenge(registry, holder, address, report, text="太早")
    for put, code in (("长" * 1001, "too_long"), ("见 mei@example.com", "names_the_reporter")):
        with pytest.raises(Invalid, match=code):
            reports.admit_report(registry, registrar, report, put)
    reports.admit_report(registry, registrar, report, "型号QY-100是否仍在生产？")
    assert letters(registry) == ["record_challenged", "record_challenged"]
    [seen] = own_records.get_own_record(registry, holder, address, "zh").challenges
    assert (seen.kind, seen.put, seen.statements) == ("error", "型号QY-100是否仍在生产？", ())
    for text, code in (("", "statement_wanted"), ("长" * 4001, "too_long")):
        with pytest.raises(Invalid, match=code):
            own_records.state_on_challenge(registry, holder, address, report, text=text)
    with pytest.raises(Forbidden, match="membership_role_too_low"):
        own_records.state_on_challenge(
            registry, member(registry, FIRM, role="viewer"), address, report, text="看客"
        )
    own_records.state_on_challenge(registry, holder, address, report, text="仍在生产。")
    own_records.state_on_challenge(registry, body, address, report, text="监督合格。")
    [of_holder] = own_records.get_own_record(registry, holder, address, "zh").challenges
    assert [each.text for each in of_holder.statements] == ["仍在生产。"]
    told = reports.get_report(registry, registrar, report)
    assert [each.text for each in told.statements] == ["仍在生产。", "监督合格。"]
    line = next(
        each
        for each in own_records.list_own_records(registry, holder, HOLDERS, OwnRecordsRequest()).lines
        if each.number == address.number
    )
    assert line.challenged

    reports.answer_report(registry, registrar, report, ReportAnswer("not_upheld", "查无此事。"))
    assert letters(registry).count("challenge_ended") == 2
    assert own_records.get_own_record(registry, holder, address, "zh").challenges == ()
    with pytest.raises(Conflict, match="report_ended"):
        own_records.state_on_challenge(registry, holder, address, report, text="太晚")
    with clock.frozen_at(NOW + dt.timedelta(days=181)):
        assert retention.forget_reports(registry) == 1
        told = reports.get_report(registry, registrar, report)
    assert ({each.text for each in told.statements}, told.put_to_parties) == ({""}, "")


def test_statements_on_one_report_are_bounded(
    owned: tuple[Registry, RecordAddress], monkeypatch: pytest.MonkeyPatch
) -> None:
    registry, address = owned
    holder, report = member(registry, FIRM), challenge(registry, address)
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Report).values(admitted_at=clock.now()))
    monkeypatch.setattr(statements, "MAX_STATEMENTS", 2)
    for _each in range(2):
        own_records.state_on_challenge(registry, holder, address, report, text="事实")
    with pytest.raises(Conflict, match="statements_enough"):
        own_records.state_on_challenge(registry, holder, address, report, text="事实")


def test_the_letter_of_a_decision_tells_to_stop_printing_and_how_to_appeal(
    owned: tuple[Registry, RecordAddress],
) -> None:
    registry, address = owned
    member(registry, FIRM)
    take(registry, address, "suspended", (staff(registry, "registrar"), staff(registry, "registrar")))
    [mail] = [each for each in read_mails(registry) if address.number in str(each["Subject"])]
    text = mail.get_content()
    assert "Stop printing: the mark and this artwork may not be put on new products" in text
    assert "Appeal to the body that has decided" in text
    assert f"/en/workspace/records/{CERTIFICATES}/" in text
