"""Applications from the draft to the first publication: by whom, in which order, what is refused, who is told."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.accounts.model import AuditEntry
from registry.accounts.policy import ANONYMOUS, Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from registry.kit.issues import Issue
from registry.ledger.model import Entry, Item
from registry.services import applying, deciding
from registry.services.applying import StatedStep
from registry.services.bootstrap import Registry
from registry.services.filing import (
    DraftSubmission,
    NewDraft,
    describe_issue,
    discard_draft,
    get_draft,
    open_draft,
    save_draft,
)
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from registry.store.unit_of_work import read_transaction
from tests.services import deciders
from tests.services.applicants import (
    BRAND,
    MONDAY,
    apply_for,
    begin,
    brands,
    mei,
    monday,
    people,
    propose,
    step,
    submit,
    take,
)
from tests.services.members import SLUG, firm, sign_up_member
from tests.services.people import DECIDING, read_mails, sign_up

__all__ = ["firm", "mei", "monday", "people"]


def codes(problem: pytest.ExceptionInfo[Invalid]) -> list[str]:
    return [issue.code for issue in problem.value.issues]


def status(registry: Registry, user: UserSession, application: int) -> str:
    return applying.get_own_application(registry, user.actor, SLUG, application, lang="en").line.status.code


def decide(registry: Registry, people: dict[str, Actor], number: str, key: str, **stated: str) -> None:
    """A decision on the published record by two people."""
    filled = deciders.filled_in(registry, people["national"], "brands", number, key) | stated
    decision = deciding.prepare_decision(
        registry, people["national"], deciders.draft("brands", key, number, stated=filled)
    )
    assert deciding.take_decision(registry, people["second"], decision) == ()


def test_from_draft_to_recognition(firm: Registry, mei: UserSession, people: dict[str, Actor]) -> None:
    application = apply_for(firm, mei)
    assert status(firm, mei, application) == "submitted"
    assert brands(firm) == []
    step(
        firm,
        people["city"],
        application,
        "returned",
        reasons={"founded_year": "请补充方志页码", "evidence.founding": "不清晰"},
    )
    view = applying.get_own_application(firm, mei.actor, SLUG, application, lang="zh")
    assert (view.line.status.code, view.correctable) == ("returned", True)
    assert {each.text for each in view.steps[0].reasons} == {"请补充方志页码", "不清晰"}
    assert view.steps[0].prepared_by == ""
    draft = applying.open_correction(firm, mei.actor, SLUG, application)
    assert applying.open_correction(firm, mei.actor, SLUG, application) == draft
    evidence = applying.get_draft_evidence(firm, mei.actor, SLUG, draft)
    assert evidence.issues == ()
    assert evidence.reasons["founded_year"] == "请补充方志页码"
    save_draft(firm, mei.actor, SLUG, draft, revision=1, typed={"founded_year": "1902"})
    assert submit(firm, mei, draft) == application
    assert (
        applying.get_application(firm, people["city"], application, lang="zh").before["founded_year"]
        == "1903"
    )
    propose(firm, people, application)
    [(number, now)] = brands(firm)
    assert now == "publicity"
    with clock.frozen_at(dt.datetime(2026, 12, 22, 9, tzinfo=clock.SHANGHAI)):
        decide(firm, people, number, "listed", plaque_no="DEMO-330-0009")
    assert brands(firm) == [(number, "listed")]
    subjects = [str(mail["Subject"]) for mail in read_mails(firm)]
    for words in ("received", "corrected", "Passed city review", "Passed expert review", "Proposed"):
        assert any(words in subject for subject in subjects), words


def test_what_is_missing_is_told_before_anything_is_submitted(firm: Registry, mei: UserSession) -> None:
    draft = open_draft(firm, mei.actor, SLUG, NewDraft("brands"))
    with pytest.raises(Invalid) as nothing:
        submit(firm, mei, draft)
    assert codes(nothing).count("evidence_missing") == 4
    assert {("required", "products"), ("required", "founded_year")} & {
        (issue.code, issue.field) for issue in nothing.value.issues
    }
    stale = DraftSubmission(7, "王强")
    with pytest.raises(Stale):
        applying.submit_application(firm, mei.actor, SLUG, draft, submitted=stale)
    full = begin(firm, mei)
    without_name = DraftSubmission(get_draft(firm, mei.actor, SLUG, full).revision, " ")
    with pytest.raises(Invalid) as unsigned:
        applying.submit_application(firm, mei.actor, SLUG, full, submitted=without_name)
    assert codes(unsigned) == ["required"]


def test_an_answer_that_lacks_is_told_as_such(firm: Registry, mei: UserSession) -> None:
    """Rules speak of what a source states; who fills a form in has not stated it yet."""
    draft = open_draft(firm, mei.actor, SLUG, NewDraft("brands"))
    assert open_draft(firm, mei.actor, SLUG, NewDraft("brands")) == draft  # the button was pressed twice
    view = get_draft(firm, mei.actor, SLUG, draft)
    told = {issue.field: issue.code for issue in view.issues}
    asked = ("brand_name_zh", "founded_year", "industry_code", "founded_place", "right_basis")
    assert {told[name] for name in asked} == {"required"}
    assert len(view.issues) == len({(issue.field, issue.code) for issue in view.issues})
    typed = {"industry_code": "开一家茶馆", "scheme": "浙江老字号", "founded_region_code": "杭州市"}
    save_draft(firm, mei.actor, SLUG, draft, revision=1, typed=typed)
    assert open_draft(firm, mei.actor, SLUG, NewDraft("brands")) > draft  # the first one is begun
    begun = get_draft(firm, mei.actor, SLUG, draft)
    assert [issue.code for issue in begun.issues if issue.field == "industry_code"] == ["industry_unknown"]
    [unknown] = [issue for issue in begun.issues if issue.field == "industry_code"]
    said = describe_issue(unknown, "brands", "zh", in_summary=True)
    assert said.startswith("行业：“开一家茶馆”既不是")
    dated = Issue(
        "date_does_not_exist", "trademarks", {"value": "2020-13-45", "row": 1, "column": "valid_to"}
    )
    said = describe_issue(dated, "brands", "en", in_summary=True)
    assert said.startswith("Registered trademarks, row 1, Valid until: ")
    assert describe_issue(dated, "brands", "en").startswith("Row 1, Valid until: ")
    assert begun.understood["scheme"].zh == "浙江老字号（省级）"
    assert begun.understood["founded_region_code"].en.startswith("Hangzhou")
    assert "industry_code" not in begun.understood


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ({"founded_year": "1976", "business_since": "1996"}, {}),  # 50 and 30 years in 2026
        ({"founded_year": "1977", "business_since": "1996"}, {"founded_year": "too_young_to_apply"}),
        (
            {"founded_year": "1976", "business_since": "1997"},
            {"business_since": "business_too_young_to_apply"},
        ),
        (
            {"scheme": "浙江老字号", "founded_year": "1999", "business_since": "1999"},
            {},
        ),  # its rules state no years
        ({"founded_year": "1951", "business_since": "1950"}, {"business_since": "business_before_founding"}),
        ({"founded_year": "1951", "founded_circa": "true", "business_since": "1950"}, {}),
        ({"holder_from": "2026-12-01"}, {"holder_from": "after_today"}),
    ],
)
def test_conditions_of_the_title_are_told_while_it_is_applied_for(
    firm: Registry, mei: UserSession, answers: dict[str, str], told: dict[str, str]
) -> None:
    view = get_draft(firm, mei.actor, SLUG, begin(firm, mei, **answers))
    assert {issue.field: issue.code for issue in view.issues} == told


def test_answers_say_what_they_mean_and_who_examines_them(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei, industry_code="木质家具制造", founded_region_code="杭州")
    own = applying.get_own_application(firm, mei.actor, SLUG, application, lang="zh")
    words = {name: (answer.text, answer.written) for name, answer in own.words.items()}
    assert words["industry_code"] == ("C2110 木质家具制造", "")
    assert words["holder_from"] == ("2001年5月1日", "")
    assert words["founded_region_code"] == ("浙江省杭州市 330100", "")
    assert own.waits_for
    step(firm, people["city"], application, "returned", opinion="请补正")
    assert applying.get_own_application(firm, mei.actor, SLUG, application, lang="zh").waits_for == ()


def test_a_second_press_gives_the_same_application(firm: Registry, mei: UserSession) -> None:
    draft = begin(firm, mei)
    submitted = DraftSubmission(get_draft(firm, mei.actor, SLUG, draft).revision, "王强")
    first = applying.submit_application(firm, mei.actor, SLUG, draft, submitted=submitted)
    assert applying.submit_application(firm, mei.actor, SLUG, draft, submitted=submitted) == first
    assert applying.find_submitted(firm, mei.actor, SLUG, draft) == ("brands", first)
    other = begin(firm, mei)
    assert other > draft  # an id that came again would lead to the application of the first draft
    with pytest.raises(Invalid) as twice:
        submit(firm, mei, other)
    assert "application_open" in codes(twice)


def test_viewers_look_and_strangers_see_nothing(firm: Registry, mei: UserSession) -> None:
    application = apply_for(firm, mei)
    viewer = sign_up_member(firm, mei, "lin@example.com", "viewer")
    view = applying.get_own_application(firm, viewer.actor, SLUG, application, lang="en")
    assert (view.withdrawable, view.correctable) == (False, False)
    with pytest.raises(Forbidden):
        applying.withdraw_application(firm, viewer.actor, SLUG, application)
    stranger = sign_up(firm, "somebody@example.com")
    with pytest.raises(NotFound):
        applying.get_own_application(firm, stranger.actor, SLUG, application, lang="en")
    file = view.evidence[0].files[0].id
    with pytest.raises(NotFound):
        applying.get_own_file(firm, stranger.actor, SLUG, file)
    assert applying.get_own_file(firm, viewer.actor, SLUG, file).sha256 == view.evidence[0].files[0].sha256


def test_each_step_belongs_to_its_roles_and_their_region(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    lines = {name: applying.list_applications(firm, actor) for name, actor in people.items()}
    assert {name for name, found in lines.items() if found} == {"city", "province", "auditor"}
    with pytest.raises(NotFound):
        applying.get_application(firm, people["other"], application, lang="en")
    with pytest.raises(Forbidden):
        step(firm, people["national"], application, "passed_city")
    with pytest.raises(NotFound):  # no such step from here
        step(firm, people["national"], application, "passed_experts")
    with pytest.raises(Forbidden):
        applying.make_step(firm, people["auditor"], application, StatedStep("passed_city", 1))
    assert status(firm, mei, application) == "submitted"
    step(firm, people["city"], application, "passed_city")
    with pytest.raises(NotFound):
        step(firm, people["city"], application, "passed_city")
    assert status(firm, mei, application) == "city_ok"


def test_two_opinions_are_those_of_two_people(firm: Registry, mei: UserSession) -> None:
    application = apply_for(firm, mei)
    one, two = deciders.staff(firm, "registrar"), deciders.staff(firm, "registrar")
    step(firm, one, application, "passed_city")
    with pytest.raises(Forbidden) as refused:
        step(firm, one, application, "passed_locally")
    assert refused.value.reason == "opinion_given_already"
    step(firm, two, application, "passed_locally")


def test_papers_and_reasons_are_asked_for(firm: Registry, mei: UserSession, people: dict[str, Actor]) -> None:
    application = apply_for(firm, mei)
    with pytest.raises(Invalid) as bare:
        applying.make_step(firm, people["city"], application, StatedStep("returned", 1))
    assert sorted(codes(bare)) == ["paper_wanted", "paper_wanted", "reasons_wanted"]
    with pytest.raises(Invalid) as long:
        step(firm, people["city"], application, "returned", opinion="长" * 2001)
    assert codes(long) == ["too_long"]
    assert step(firm, people["city"], application, "returned", opinion="长" * 2000) == "taken"


def test_a_refusal_is_two_peoples_and_says_how_to_appeal(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    step(firm, people["city"], application, "passed_city")
    step(firm, people["province"], application, "passed_locally")
    with pytest.raises(Invalid) as silent:
        step(firm, people["national"], application, "declined")
    assert codes(silent) == ["opinion_wanted"]
    assert step(firm, people["national"], application, "declined", opinion="传承脉络不清") == "prepared"
    assert status(firm, mei, application) == "local_ok"
    with pytest.raises(Forbidden) as own:
        take(firm, people["national"], application)
    assert own.value.reason == "decision_is_own"
    with pytest.raises(Conflict):  # one waits already
        step(firm, people["second"], application, "passed_experts")
    take(firm, people["second"], application)
    view = applying.get_own_application(firm, mei.actor, SLUG, application, lang="en")
    assert (view.line.status.code, view.line.over) == ("declined", True)
    assert "reconsideration" in view.appeal
    assert view.steps[0].opinion == "传承脉络不清"
    with pytest.raises(Conflict):
        applying.withdraw_application(firm, mei.actor, SLUG, application)
    assert brands(firm) == []
    assert apply_for(firm, mei) != application  # it may be applied for again


def test_a_prepared_decision_is_returned_or_taken_back(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    step(firm, people["city"], application, "passed_city")
    step(firm, people["province"], application, "passed_locally")
    step(firm, people["national"], application, "declined", opinion="理由")
    pending = applying.get_application(firm, people["second"], application, lang="en").pending
    assert pending is not None
    with pytest.raises(Invalid):
        applying.return_step(firm, people["second"], application, pending.id, reply=" ")
    applying.return_step(
        firm, people["second"], application, pending.id, reply="身份证 11010519491231002X，理由不足"
    )
    [returned] = [
        step
        for step in applying.get_application(firm, people["second"], application, lang="en").steps
        if step.id == pending.id
    ]
    assert returned.reply == "身份证 1101**********002X，理由不足"
    with pytest.raises(Conflict):
        applying.take_step(firm, people["second"], application, pending.id)
    step(firm, people["national"], application, "declined", opinion="理由更详")
    again = applying.get_application(firm, people["second"], application, lang="en").pending
    assert again is not None
    with pytest.raises(Forbidden):
        applying.take_back_step(firm, people["second"], application, again.id)
    applying.take_back_step(firm, people["national"], application, again.id)
    step(firm, people["national"], application, "passed_experts")
    assert status(firm, mei, application) == "expert_ok"


def test_of_two_who_act_at_the_same_time_one_is_told(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    form = applying.get_step_form(firm, people["city"], application, "passed_city", lang="en")
    applying.withdraw_application(firm, mei.actor, SLUG, application)
    papers = dict.fromkeys(form.move.evidence, "一号")
    late = StatedStep("passed_city", form.application.revision, papers=papers)
    with pytest.raises(NotFound):
        applying.make_step(firm, people["city"], application, late)
    assert status(firm, mei, application) == "withdrawn"
    assert applying.get_own_application(firm, mei.actor, SLUG, application, lang="en").appeal == ""
    assert applying.list_applications(firm, people["auditor"]) == ()


def test_a_withdrawn_application_ends_the_decision_that_is_prepared_on_it(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    step(firm, people["city"], application, "passed_city")
    step(firm, people["province"], application, "passed_locally")
    step(firm, people["national"], application, "passed_experts")
    step(firm, people["national"], application, "announced", stated={"batch": "4"})
    pending = applying.get_application(firm, people["second"], application, lang="en").pending
    assert pending is not None
    withdrawn_at = MONDAY + dt.timedelta(days=1)
    with clock.frozen_at(withdrawn_at):
        applying.withdraw_application(firm, mei.actor, SLUG, application)
    with pytest.raises(Conflict):
        applying.take_step(firm, people["second"], application, pending.id)
    assert brands(firm) == []
    steps = applying.get_application(firm, people["second"], application, lang="en").steps
    assert [step.settled_at for step in steps if step.id == pending.id] == [withdrawn_at]


def test_the_notice_lasts_fifteen_working_days_and_recognition_comes_after(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    step(firm, people["province"], application, "passed_locally")  # a province without a city's opinion
    step(firm, people["national"], application, "passed_experts")
    with pytest.raises(Invalid) as short:
        step(
            firm,
            people["national"],
            application,
            "announced",
            stated={"batch": "4", "objections_until": "2026-12-20"},
        )
    assert codes(short) == ["publicity_too_short"]
    with pytest.raises(Invalid) as ahead:
        step(
            firm,
            people["national"],
            application,
            "announced",
            stated={"batch": "4", "notice_date": "2026-12-01"},
        )
    assert "after_today" in codes(ahead)
    with pytest.raises(Invalid) as foreign:
        step(
            firm,
            people["national"],
            application,
            "announced",
            stated={"batch": "4", "holder_name_zh": "别家"},
        )
    assert codes(foreign) == ["field_not_of_decision"]
    with pytest.raises(Invalid) as undated:  # a notice without a day is of the day of its publication
        step(
            firm,
            people["national"],
            application,
            "announced",
            stated={"batch": "4", "notice_date": "", "objections_until": "2026-12-01"},
        )
    assert codes(undated) == ["publicity_too_short"]
    step(firm, people["national"], application, "announced", stated={"batch": "4"})
    take(firm, people["second"], application)
    [(number, now)] = brands(firm)
    assert now == "publicity"
    pointer = reading.locate_record(firm, ANONYMOUS, "brands", number)
    record = reading.get_record(firm, ANONYMOUS, pointer, "en")
    text = repr(record)
    assert "15 working days left" in text
    assert "Objections are taken until" in text
    last = dt.datetime(2026, 12, 21, 9, tzinfo=clock.SHANGHAI)
    with clock.frozen_at(last):
        with pytest.raises(Invalid) as early:
            decide(firm, people, number, "listed")
        assert "recognised_too_early" in codes(early)
    with clock.frozen_at(last + dt.timedelta(days=1)):
        decide(firm, people, number, "listed")


def test_only_files_marked_public_are_named_by_the_record(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    propose(firm, people, application)
    with read_transaction(firm.engine) as connection:
        documents = list(connection.execute(select(Item.document)).scalars())
    [named] = [json.loads(each)["published_evidence"] for each in documents if "published_evidence" in each]
    assert [(row["kind"], row["name"]) for row in named] == [("licence", "licence.png")]


def test_who_looks_at_a_file_stands_in_the_audit_log(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    file = applying.get_application(firm, people["city"], application, lang="en").evidence[0].files[0]
    with pytest.raises(NotFound):
        applying.get_file_for_desk(firm, people["other"], application, file.id, reason=DECIDING)
    assert (
        applying.get_file_for_desk(firm, people["city"], application, file.id, reason=DECIDING).sha256
        == file.sha256
    )
    with read_transaction(firm.engine) as connection:
        looked = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "evidence_seen")
        assert connection.execute(looked).scalar_one() == 1


def test_a_title_that_is_held_or_barred_is_not_applied_for(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    propose(firm, people, apply_for(firm, mei))
    draft = begin(firm, mei)
    assert [issue.code for issue in applying.find_bars(firm, mei.actor, SLUG, draft)] == [
        "title_held_already"
    ]
    discard_draft(firm, mei.actor, SLUG, draft)
    [(number, _status)] = brands(firm)
    with clock.frozen_at(MONDAY + dt.timedelta(days=30)):
        decide(firm, people, number, "listed")
        decide(
            firm, people, number, "removed", removed_reason="review_failed", legal_basis="演商字〔2026〕9号"
        )
        with pytest.raises(Invalid) as barred:
            submit(firm, mei, begin(firm, mei))
        assert codes(barred) == ["barred_after_removal"]


def test_nothing_of_an_application_is_in_the_ledger_before_it_is_public(
    firm: Registry, mei: UserSession, people: dict[str, Actor]
) -> None:
    application = apply_for(firm, mei)
    for actor, key in (
        ("city", "passed_city"),
        ("province", "passed_locally"),
        ("national", "passed_experts"),
    ):
        step(firm, people[actor], application, key)
        with read_transaction(firm.engine) as connection:
            kept = connection.execute(select(Item.document)).scalars().all()
            assert not any(BRAND in str(each) for each in kept)
            assert (
                connection.execute(select(func.count()).select_from(Entry)).scalar_one() == 1
            )  # of the firm
