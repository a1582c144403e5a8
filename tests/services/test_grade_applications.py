"""An enterprise applies for a grade: the body that it names confirms or returns it, the publisher announces and publishes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.services import applying, deciding
from registry.services.applying import StatedStep
from registry.services.bootstrap import Registry
from registry.services.filing import NewDraft, get_draft, open_draft, save_draft
from registry.services.people import standing_aside
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from tests.services import applicants, reporters
from tests.services.deciders import draft, staff, status_of
from tests.services.members import FIRM_NUMBER, SLUG, firm, issue_codes, sign_up_owner
from tests.services.test_bodies_acted_for import NUMBER, sign_up_body_owner
from tests.services.test_grades_filed import with_bodies

__all__ = ["firm", "with_bodies"]
REGISTER = "grades-applications"
DAY = dt.datetime(2026, 11, 30, 9, tzinfo=clock.SHANGHAI)
ANSWERS: dict[str, Any] = {
    "grader_approval_no": NUMBER,
    "scheme": "家具质量分级",
    "subject_type": "product",
    "standard_edition": "GB/T 44211-2024",
    "product_name_zh": "实木餐桌",
    "models": "QY-350",
    "overall_rule": "min",
    "indicators": [
        {"name_zh": "甲醛释放量", "value": "0.02", "unit": "mg/m³", "thresholds": "AAAAA ≤ 0.01; AAAA ≤ 0.03; AAA ≤ 0.05"},
        {"name_zh": "抗弯强度", "value": "40", "unit": "MPa", "thresholds": "AAAAA ≥ 38; AAAA ≥ 35"},
    ],
    "grade_claimed": "AAAA",
    "evidence": [{"type": "test_report", "number": "R-12", "date": "2026-11-02"}],
    "qualified": "true",
    "conformity_report": "R-11",
}  # fmt: skip
CONFIRMED = {"result_no": "DEMO-ZLFJ-2026-000901", "graded_on": "2026-11-30", "valid_to": "2027-11-29"}


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.frozen_at(DAY):
        yield


@pytest.fixture
def mei(with_bodies: Registry) -> UserSession:
    """The owner of the enterprise that applies."""
    return sign_up_owner(with_bodies)


@pytest.fixture
def body(with_bodies: Registry) -> Actor:
    """The owner of the body that is asked."""
    return sign_up_body_owner(with_bodies, "body@example.com")


@pytest.fixture
def publishers(with_bodies: Registry) -> tuple[Actor, Actor]:
    return staff(with_bodies, "publisher"), staff(with_bodies, "publisher")


def begin(registry: Registry, user: UserSession, **answers: Any) -> int:
    opened = open_draft(registry, user.actor, SLUG, NewDraft(REGISTER))
    save_draft(registry, user.actor, SLUG, opened, revision=1, typed={**ANSWERS, **answers})
    applicants.hand_in(registry, user.actor, opened, "report")
    return opened


def apply_for(registry: Registry, user: UserSession, **answers: Any) -> int:
    return applicants.submit(registry, user, begin(registry, user, **answers))


def confirm(registry: Registry, actor: Actor, application: int, **stated: str) -> str:
    return applicants.step(registry, actor, application, "confirmed", stated={**CONFIRMED, **stated})


def published(registry: Registry, publishers: tuple[Actor, Actor], application: int, key: str) -> str:
    """The number of the record that a step of the publishers makes public."""
    applicants.step(registry, publishers[0], application, key)
    applicants.take(registry, publishers[1], application)
    view = applying.get_application(registry, publishers[0], application, lang="en")
    return view.line.record_path.rpartition("/")[2]


def test_from_the_values_to_a_grade_in_force(
    with_bodies: Registry, mei: UserSession, body: Actor, publishers: tuple[Actor, Actor]
) -> None:
    opened = begin(with_bodies, mei)
    view = get_draft(with_bodies, mei.actor, SLUG, opened)
    assert view.derived["grade"] == "AAAA"
    assert [notice.code for notice in view.notices] == ["grade_by_worst"]
    application = applicants.submit(with_bodies, mei, opened)
    assert [line.id for line in applying.list_applications(with_bodies, body)] == [application]
    assert applying.list_applications(with_bodies, publishers[0]) == ()
    shown = applying.get_application(with_bodies, body, application, lang="en")
    assert [notice.code for notice in shown.notices] == ["grade_by_worst"]
    form = applying.get_step_form(with_bodies, body, application, "confirmed", lang="en")
    assert [(field.name, field.required) for field in form.fields] == [(name, True) for name in CONFIRMED]
    assert confirm(with_bodies, body, application) == "taken"
    assert [line.id for line in applying.list_applications(with_bodies, publishers[0])] == [application]
    number = published(with_bodies, publishers, application, "announced")
    pointer = reading.locate_record(with_bodies, ANONYMOUS, "grades", number)
    record = reading.get_record(with_bodies, ANONYMOUS, pointer, "en")
    assert (record.status.code, record.document["grade"], record.document["objections_until"]) == (
        "publicity",
        "AAAA",
        "2026-12-07",
    )
    assert record.document["result_no"] == CONFIRMED["result_no"]
    assert (record.document["org_uscc"], record.document["grader_approval_no"]) == (FIRM_NUMBER, NUMBER)
    with pytest.raises(Invalid) as too_early:
        deciding.prepare_decision(with_bodies, publishers[0], draft("grades", "published", number))
    assert issue_codes(too_early) == [("objections_still_taken", "")]
    with clock.frozen_at(DAY + dt.timedelta(days=7)), pytest.raises(Invalid):  # the last day
        deciding.prepare_decision(with_bodies, publishers[0], draft("grades", "published", number))
    with clock.frozen_at(DAY + dt.timedelta(days=8)):
        prepared = deciding.prepare_decision(with_bodies, publishers[0], draft("grades", "published", number))
        assert deciding.take_decision(with_bodies, publishers[1], prepared) == ()
    assert status_of(with_bodies, "grades", number) == "valid"


def test_an_objection_that_is_not_answered_keeps_it_from_coming_into_force(
    with_bodies: Registry, mei: UserSession, body: Actor, publishers: tuple[Actor, Actor]
) -> None:
    application = apply_for(with_bodies, mei)
    confirm(with_bodies, body, application)
    number = published(with_bodies, publishers, application, "announced")
    reporters.hand_in(with_bodies, "objection", number, register="grades")
    with clock.frozen_at(DAY + dt.timedelta(days=8)), pytest.raises(Invalid, match="objections_open"):
        deciding.prepare_decision(with_bodies, publishers[0], draft("grades", "published", number))


def test_a_confirmed_grade_may_be_published_without_a_notice(
    with_bodies: Registry, mei: UserSession, body: Actor, publishers: tuple[Actor, Actor]
) -> None:
    application = apply_for(with_bodies, mei)
    confirm(with_bodies, body, application)
    number = published(with_bodies, publishers, application, "published")
    pointer = reading.locate_record(with_bodies, ANONYMOUS, "grades", number)
    record = reading.get_record(with_bodies, ANONYMOUS, pointer, "en")
    assert (record.status.code, "objections_until" in record.document) == ("valid", False)


def test_returned_corrected_and_confirmed(with_bodies: Registry, mei: UserSession, body: Actor) -> None:
    application = apply_for(with_bodies, mei)
    applicants.step(with_bodies, body, application, "returned", reasons={"conformity_report": "编号有误"})
    corrected = applying.open_correction(with_bodies, mei.actor, SLUG, application)
    assert applicants.submit(with_bodies, mei, corrected) == application
    assert confirm(with_bodies, body, application) == "taken"
    own = applying.get_own_application(with_bodies, mei.actor, SLUG, application, lang="en")
    assert own.line.status.code == "confirmed"


@pytest.mark.parametrize(
    ("answers", "issue"),
    [
        ({"grade_claimed": "AAAAA"}, ("marked_higher", "grade_claimed")),
        ({"grade": "AAAAA"}, None),
        ({"grader_approval_no": ""}, ("required", "grader_approval_no")),
        ({"qualified": ""}, ("required", "qualified")),
    ],
)
def test_what_the_enterprise_may_not_submit(
    with_bodies: Registry, mei: UserSession, answers: dict[str, str], issue: tuple[str, str] | None
) -> None:
    opened = begin(with_bodies, mei, **answers)
    if issue is None:  # the level is worked out, whatever is typed
        assert get_draft(with_bodies, mei.actor, SLUG, opened).derived["grade"] == "AAAA"
        return
    with pytest.raises(Invalid) as problem:
        applicants.submit(with_bodies, mei, opened)
    assert issue in issue_codes(problem)


@pytest.mark.parametrize(
    ("stated", "issue"),
    [
        ({"result_no": ""}, ("required", "result_no")),
        ({"valid_to": "2026-11-01"}, ("ends_before_start", "valid_to")),
        ({"graded_on": "2028-01-01", "valid_to": "2028-06-01"}, ("after_today", "graded_on")),
        ({"grade": "AAAAA"}, ("not_asked_in_step", "stated")),
    ],
)
def test_what_the_body_may_not_confirm(
    with_bodies: Registry, mei: UserSession, body: Actor, stated: dict[str, str], issue: tuple[str, str]
) -> None:
    application = apply_for(with_bodies, mei)
    with pytest.raises(Invalid) as problem:
        confirm(with_bodies, body, application, **stated)
    assert issue in issue_codes(problem)


def test_whose_it_is(
    with_bodies: Registry, mei: UserSession, body: Actor, publishers: tuple[Actor, Actor]
) -> None:
    application = apply_for(with_bodies, mei)
    other = staff(with_bodies, "body")
    with pytest.raises((Forbidden, NotFound)):
        confirm(with_bodies, other, application)
    with pytest.raises((Forbidden, NotFound)):
        confirm(with_bodies, publishers[0], application)
    with pytest.raises((Forbidden, NotFound)):
        applicants.step(with_bodies, body, application, "announced")
    standing_aside.declare_interest(with_bodies, body, FIRM_NUMBER, "亲属")
    assert applying.list_applications(with_bodies, body) == ()
    with pytest.raises((Forbidden, NotFound)):
        confirm(with_bodies, body, application)
    wrong = StatedStep("published", 1)
    with pytest.raises((Forbidden, NotFound)):
        applying.make_step(with_bodies, publishers[0], application, wrong)


def test_one_publisher_alone_announces_nothing(
    with_bodies: Registry, mei: UserSession, body: Actor, publishers: tuple[Actor, Actor]
) -> None:
    application = apply_for(with_bodies, mei)
    confirm(with_bodies, body, application)
    applicants.step(with_bodies, publishers[0], application, "announced")
    with pytest.raises(Forbidden, match="decision_is_own"):
        applicants.take(with_bodies, publishers[0], application)
