"""What becomes of a brand that was applied for: objections, refusals, promotion, another holder, the next application."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import insert, select, update

from registry import clock
from registry.accounts.policy import ANONYMOUS, STAFF, Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.services import applying, deciding, filing, records
from registry.services.applying import StatedStep
from registry.services.bootstrap import Registry
from registry.services.filing import DraftSubmission, get_draft
from registry.services.operations import relay
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import applicants, deciders, filing_sheets
from tests.services.applicants import (
    MONDAY,
    apply_for,
    begin,
    brands,
    decide,
    mei,
    monday,
    people,
    prepare_notice,
    propose,
    step,
    submit,
    take,
)
from tests.services.members import SLUG, firm

__all__ = ["firm", "mei", "monday", "people"]
AFTER_THE_NOTICE = dt.datetime(2026, 12, 22, 9, tzinfo=clock.SHANGHAI)  # fifteen working days later, and one
BASIS = "演商字〔2026〕9号"
LOCAL = {"scheme": "浙江老字号", "business_since": "1951"}
NEW_HOLDER = {
    "holder_name_zh": "杭州听松家具有限公司（演示）",
    "holder_uscc": "91330100MAWY02001Q",
    "holder_from": "2026-12-01",
}


@pytest.fixture
def number(firm: Registry, mei: UserSession, people: dict[str, Actor]) -> str:
    """A brand whose notice is open for objections."""
    propose(firm, people, apply_for(firm, mei))
    [(found, _status)] = brands(firm)
    return found


def entries(registry: Registry, number: str) -> list[str]:
    with read_transaction(registry.engine) as connection:
        of_record = select(Entry.reason).where(Entry.number == number).order_by(Entry.version)
        return list(connection.execute(of_record).scalars())


def document(registry: Registry, number: str) -> dict[str, object]:
    with read_transaction(registry.engine) as connection:
        joined = select(Item.document).join(Record, Record.document_hash == Item.hash)
        values: dict[str, object] = json.loads(
            connection.execute(joined.where(Record.number == number)).scalar_one()
        )
    return values


def first_words(registry: Registry, number: str) -> str:
    pointer = reading.locate_record(registry, ANONYMOUS, "brands", number)
    return repr(reading.get_record(registry, ANONYMOUS, pointer, "en"))


# Objections


def test_a_notice_is_held_for_an_objection_and_goes_on_when_it_is_dismissed(
    firm: Registry, people: dict[str, Actor], number: str
) -> None:
    decide(firm, people, number, "objected")
    assert brands(firm) == [(number, "publicity_hold")]
    with clock.frozen_at(AFTER_THE_NOTICE):
        with pytest.raises(NotFound):  # nothing leads from an objection to a recognition
            decide(firm, people, number, "listed", recognised_on="2026-12-22")
        decide(firm, people, number, "objection_dropped")
        decide(firm, people, number, "listed", recognised_on="2026-12-22")
    assert entries(firm, number) == ["announced", "objected", "objection_dropped", "listed"]


def test_a_brand_refused_after_an_objection_is_proposed_again_under_its_number(
    firm: Registry, mei: UserSession, people: dict[str, Actor], number: str
) -> None:
    decide(firm, people, number, "objected")
    decide(firm, people, number, "rejected")
    assert brands(firm) == [(number, "rejected")]
    again = apply_for(firm, mei)
    assert brands(firm) == [(number, "rejected")]  # an application shows nothing
    propose(firm, people, again)
    assert brands(firm) == [(number, "publicity")]
    assert len(entries(firm, number)) == 4
    line = applying.get_own_application(firm, mei.actor, SLUG, again, lang="en").line
    assert line.record_path == f"/brands/{number}"


# Files


def test_a_published_file_may_be_had_while_the_record_names_it(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    [file] = [
        file
        for kind in applying.get_own_application(firm, mei.actor, SLUG, application, lang="en").evidence
        for file in kind.files
        if file.public
    ]
    with pytest.raises(NotFound):
        records.find_public_text(firm, ANONYMOUS, file.sha256)
    propose(firm, people, application)
    assert records.find_public_text(firm, ANONYMOUS, file.sha256).name == file.name
    [(number, _status)] = brands(firm)
    pointer = reading.locate_record(firm, ANONYMOUS, "brands", number)
    assert [each.sha256 for each in reading.get_record(firm, ANONYMOUS, pointer, "zh").files] == [file.sha256]
    with unit_of_work(firm.engine) as connection:  # as if the authority had corrected the record
        corrected = json.dumps(document(firm, number)).replace(file.sha256, "0" * 64)
        connection.execute(insert(Item).values(hash="1" * 64, document=corrected))
        of_brand = Record.number == number
        connection.execute(update(Record).where(of_brand).values(document_hash="1" * 64))
    with pytest.raises(NotFound):
        records.find_public_text(firm, ANONYMOUS, file.sha256)
    with pytest.raises(NotFound):
        records.find_public_text(firm, ANONYMOUS, "0" * 64)
    assert reading.get_record(firm, ANONYMOUS, pointer, "zh").files == ()


def test_the_name_of_a_published_file_tells_no_number_of_a_person(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    """A name with a valid identity number would bar the publication when nothing can be corrected any more."""
    draft = begin(firm, mei)
    names = ("法人11010519491231002X.png", "王强13812345678.png", "13812345678.png")
    for name in names:
        applicants.hand_in(firm, mei.actor, draft, "other", public=True, name=name)
    propose(firm, people, submit(firm, mei, draft))
    [(number, _status)] = brands(firm)
    named = document(firm, number)["published_evidence"]
    assert isinstance(named, list)
    shown = ["licence.png", "法人.png", "王强.png", "file.png"]
    assert [row["name"] for row in named] == shown
    pointer = reading.locate_record(firm, ANONYMOUS, "brands", number)
    [file] = reading.get_record(firm, ANONYMOUS, pointer, "zh").files  # the same picture four times
    assert file.name in shown
    assert records.find_public_text(firm, ANONYMOUS, file.sha256).name in shown


# Titles


def test_a_local_title_leads_to_the_national_one_and_back(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    local = apply_for(firm, mei, **LOCAL)
    propose(firm, people, local, objections_until="2026-12-11")  # this title lays down no number of days
    [(first, _status)] = brands(firm)
    with clock.frozen_at(AFTER_THE_NOTICE):
        decide(firm, people, first, "listed", recognised_on="2026-12-22", plaque_no="浙-2026-0012")
        national = apply_for(firm, mei, promoted_from=first)
        propose(firm, people, national)
    numbers = [number for number, _status in brands(firm)]
    assert len(numbers) == 2
    with clock.frozen_at(AFTER_THE_NOTICE + dt.timedelta(days=40)):
        decide(firm, people, numbers[1], "listed", recognised_on="2027-01-31")
        relay.run_relay_once(firm)
        assert first in first_words(firm, numbers[1])
        assert numbers[1] in first_words(firm, first)
    assert brands(firm) == [(numbers[0], "listed"), (numbers[1], "listed")]


def test_a_title_that_another_brand_of_the_holder_has_bars_nothing(
    firm: Registry, mei: UserSession, number: str
) -> None:
    assert number
    assert apply_for(firm, mei, brand_name_zh="听松轩") > 0
    assert apply_for(firm, mei, **LOCAL) > 0


def test_a_title_on_record_without_its_holders_number_is_not_applied_for_again(
    firm: Registry, mei: UserSession, number: str
) -> None:
    """A list names holders without numbers: no organisation is linked, and an application for it could not be published."""
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Record).where(Record.number == number).values(holder_id=None))
    draft = begin(firm, mei)
    [issue] = applying.find_bars(firm, mei.actor, SLUG, draft)
    assert (issue.code, issue.params["number"]) == ("title_held_already", number)


def test_another_holder_takes_the_brand_over(
    firm: Registry, mei: UserSession, people: dict[str, Actor], number: str
) -> None:
    with clock.frozen_at(AFTER_THE_NOTICE):
        decide(firm, people, number, "listed", recognised_on="2026-12-22")
        province, registrar = people["province"], deciders.staff(firm, "registrar")
        transfer = deciders.draft("brands", "transferred", number, stated=NEW_HOLDER)
        decision = deciding.prepare_decision(firm, province, transfer)
        assert deciding.take_decision(firm, registrar, decision) == ()
    assert document(firm, number)["holder_name_zh"] == NEW_HOLDER["holder_name_zh"]
    assert entries(firm, number)[-1] == "transferred"
    with pytest.raises(NotFound):  # it is no record of theirs any more
        applying.get_report_form(firm, mei.actor, SLUG, register="brands", number=number)
    assert applying.list_own_applications(firm, mei.actor, SLUG, "brands").records == ()


def test_a_removed_brand_waits_until_the_day_after_its_time_and_keeps_its_number(
    firm: Registry, mei: UserSession, people: dict[str, Actor], number: str
) -> None:
    with clock.frozen_at(AFTER_THE_NOTICE):
        decide(firm, people, number, "listed", recognised_on="2026-12-22")
        decide(firm, people, number, "removed", removed_reason="review_failed", legal_basis=BASIS)
    last_day = dt.datetime(2032, 12, 22, 9, tzinfo=clock.SHANGHAI)  # two application periods of three years
    with clock.frozen_at(last_day):
        draft = begin(
            firm, mei, trademarks=[{**applicants.ANSWERS["trademarks"][0], "valid_to": "2040-01-01"}]
        )
        assert [issue.code for issue in applying.find_bars(firm, mei.actor, SLUG, draft)] == [
            "barred_after_removal"
        ]
    with clock.frozen_at(last_day + dt.timedelta(days=1)):
        assert applying.find_bars(firm, mei.actor, SLUG, draft) == ()
        application = submit(firm, mei, draft)
        assert brands(firm) == [(number, "removed")]
        step(firm, people["city"], application, "passed_city")
        step(firm, people["province"], application, "passed_locally")
        step(firm, people["national"], application, "passed_experts")
        step(firm, people["national"], application, "announced", stated={"batch": "5"})
        take(firm, people["second"], application)
    assert brands(firm) == [(number, "publicity")]


# Who may do what


def reached(registry: Registry, mei: UserSession, people: dict[str, Actor]) -> Iterator[tuple[str, int]]:
    """An application in each state from which the authority leads on: (state, application)."""
    application = apply_for(registry, mei)
    yield "submitted", application
    step(registry, people["city"], application, "passed_city")
    yield "city_ok", application
    step(registry, people["province"], application, "passed_locally")
    yield "local_ok", application
    step(registry, people["national"], application, "passed_experts")
    yield "expert_ok", application


def test_every_step_is_made_by_the_roles_of_the_table_and_by_no_other(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    life_cycle = catalogue()["brands"].life_cycle
    regions = {"reviewer_county": "330106", "reviewer_city": "330100", "reviewer_province": "330000"}
    accounts = {role: deciders.staff(firm, role, region=regions.get(role, "")) for role in STAFF}
    names = {move.name for move in life_cycle.transitions}
    seen = set()
    for status, application in reached(firm, mei, people):
        for role, actor in accounts.items():
            for name in names:
                allowed = any(
                    role in move.roles
                    for move in life_cycle.transitions
                    if (move.name, move.before) == (name, status)
                )
                try:
                    applying.get_step_form(firm, actor, application, name, lang="en")
                except (Forbidden, NotFound):
                    assert not allowed, (status, role, name)
                    with pytest.raises((Forbidden, NotFound)):
                        applying.make_step(firm, actor, application, StatedStep(name, 1))
                else:
                    assert allowed, (status, role, name)
                    seen.add((status, name))
    of_table = {
        (move.before, move.name)
        for move in life_cycle.transitions
        if move.before in ("submitted", "city_ok", "local_ok", "expert_ok") and "enterprise" not in move.roles
    }
    assert seen == of_table


def test_an_application_is_withdrawn_from_every_private_state_and_made_again(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    withdrawn = []
    for wanted in ("submitted", "city_ok", "local_ok", "expert_ok"):
        for status, application in reached(firm, mei, people):
            if status == wanted:
                applying.withdraw_application(firm, mei.actor, SLUG, application)
                with pytest.raises(Conflict):  # the second time
                    applying.withdraw_application(firm, mei.actor, SLUG, application)
                withdrawn.append(application)
                break
    lines = applying.list_own_applications(firm, mei.actor, SLUG, "brands").applications
    assert [line.id for line in lines] == withdrawn[::-1]
    assert {line.status.code for line in lines} == {"withdrawn"}
    assert (brands(firm), applying.list_applications(firm, people["auditor"])) == ([], ())


def test_what_is_public_is_not_withdrawn(
    firm: Registry, mei: UserSession, people: dict[str, Actor], number: str
) -> None:
    [line] = applying.list_own_applications(firm, mei.actor, SLUG, "brands").applications
    assert line.over
    with pytest.raises(Conflict):
        applying.withdraw_application(firm, mei.actor, SLUG, line.id)
    assert brands(firm) == [(number, "publicity")]


def test_returned_applications_wait_for_those_who_may_correct_them(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    assert applying.list_returned(firm, mei.actor) == {}
    step(firm, people["city"], application, "returned", opinion="请补正")
    found = applying.list_returned(firm, mei.actor)
    assert [line.id for line in found[SLUG]] == [application]
    draft = applying.open_correction(firm, mei.actor, SLUG, application)
    assert applying.list_returned(firm, mei.actor) == found  # until it is submitted
    submit(firm, mei, draft)
    assert applying.list_returned(firm, mei.actor) == {}


def test_waiting_is_counted_in_working_days(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    apply_for(firm, mei)
    waits = []
    for day in ("2026-11-30", "2026-12-01", "2026-12-04", "2026-12-06", "2026-12-07"):
        with clock.frozen_at(dt.datetime.fromisoformat(f"{day}T09:00:00+08:00")):
            [line] = applying.list_applications(firm, people["city"])
            waits.append(line.working_days)
    assert waits == [0, 1, 4, 4, 5]


def test_a_decision_that_is_prepared_does_not_begin_the_wait_again(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    step(firm, people["city"], application, "passed_city")
    step(firm, people["province"], application, "passed_locally")
    with clock.frozen_at(MONDAY + dt.timedelta(days=4)):
        step(firm, people["national"], application, "declined", opinion="理由")
        [prepared] = applying.list_applications(firm, people["second"])
        assert prepared.step is not None
        applying.return_step(firm, people["second"], application, prepared.step, reply="理由不足")
        [returned] = applying.list_applications(firm, people["second"])
        own = applying.get_own_application(firm, mei.actor, SLUG, application, lang="en").line
    assert [(line.since, line.working_days) for line in (prepared, returned, own)] == [(MONDAY, 4)] * 3


# No other way leads to a record


def test_a_draft_of_an_application_is_not_published_as_a_filing(firm: Registry, mei: UserSession) -> None:
    draft = begin(firm, mei)
    submitted = DraftSubmission(get_draft(firm, mei.actor, SLUG, draft).revision, "王强")
    with pytest.raises(Forbidden) as refused:
        filing.file_draft(firm, mei.actor, SLUG, draft, submitted=submitted)
    assert refused.value.reason == "not_filed_by_enterprises"
    assert brands(firm) == []
    assert submit(firm, mei, draft) > 0  # it is as it was


def test_applications_are_not_handed_in_by_sheet(firm: Registry, mei: UserSession) -> None:
    with pytest.raises(Forbidden) as refused:
        filing_sheets.hand_in(firm, mei, [{"品牌名称": "青屿坊"}], register="brands")
    assert refused.value.reason == "not_filed_by_enterprises"


def test_what_only_the_authority_states_is_no_answer(firm: Registry, mei: UserSession) -> None:
    foreign = {"status": "listed", "plaque_no": "假-1", "recognised_on": "2026-01-01"}
    application = apply_for(firm, mei, **foreign)
    typed = applying.get_own_application(firm, mei.actor, SLUG, application, lang="en").typed
    assert not set(foreign) & set(typed)


def test_a_notice_is_not_published_when_its_time_is_over(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    """Prepared in time; the second person comes to it on the last day, or on the day after."""
    application = apply_for(firm, mei)
    prepare_notice(firm, people, application)
    with clock.frozen_at(AFTER_THE_NOTICE):
        view = applying.get_application(firm, people["second"], application, lang="en")
        assert [issue.code for issue in view.publication_issues] == ["time_passed_already"]
        with pytest.raises(Invalid) as late:
            take(firm, people["second"], application)
        assert [(issue.code, issue.params["due"]) for issue in late.value.issues] == [
            ("time_passed_already", "2026-12-21")
        ]
        assert brands(firm) == []
    with clock.frozen_at(AFTER_THE_NOTICE - dt.timedelta(days=1)):
        take(firm, people["second"], application)
    assert [status for _number, status in brands(firm)] == ["publicity"]


def test_a_notice_whose_time_is_over_is_not_prepared(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    over = {"notice_date": "2026-10-12", "objections_until": "2026-11-29"}
    application = apply_for(firm, mei)
    with pytest.raises(Invalid) as late:
        prepare_notice(firm, people, application, **over)
    assert [issue.code for issue in late.value.issues] == ["time_passed_already"]
    last_day = over | {"objections_until": MONDAY.date().isoformat()}
    step(firm, people["national"], application, "announced", stated={"batch": "4", **last_day})
    take(firm, people["second"], application)
    assert [status for _number, status in brands(firm)] == ["publicity"]


def test_a_holder_that_has_ended_meanwhile_is_not_proposed(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    prepare_notice(firm, people, application)
    with unit_of_work(firm.engine) as connection:
        holder = (Record.register == "organisations") & (Record.slug == SLUG)
        connection.execute(update(Record).where(holder).values(status="deregistered"))
    with pytest.raises(Invalid) as ended:
        take(firm, people["second"], application)
    assert [issue.code for issue in ended.value.issues] == ["organisation_ended"]
    assert brands(firm) == []
