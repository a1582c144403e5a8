"""What follows a recognition: reviews with their conditions, a new name, annual reports whose figures nobody outside sees."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.record import Record
from registry.ledger.model import Entry, Item
from registry.services import applying, deciding
from registry.services.bootstrap import Registry
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction
from tests.services import applicants, deciders
from tests.services.applicants import apply_for, decide, propose
from tests.services.members import SLUG, firm, sign_up_member, sign_up_owner
from tests.services.people import DECIDING

__all__ = ["firm"]
MONDAY = dt.datetime(2026, 11, 30, 9, tzinfo=clock.SHANGHAI)
BASIS = "演商字〔2027〕3号"
FIGURES = {"revenue": "1234.5", "profit": "-3", "staff": "42"}


@pytest.fixture(autouse=True)
def next_year() -> Iterator[None]:
    with clock.frozen_at(dt.datetime(2027, 3, 1, 9, tzinfo=clock.SHANGHAI)):
        yield


@pytest.fixture
def people(firm: Registry) -> dict[str, Actor]:
    return applicants.examiners(firm)


@pytest.fixture
def mei(firm: Registry) -> UserSession:
    return sign_up_owner(firm)


@pytest.fixture
def number(firm: Registry, mei: UserSession, people: dict[str, Actor]) -> str:
    """A brand that was proposed on a Monday and recognised later."""
    with clock.frozen_at(MONDAY):
        propose(firm, people, apply_for(firm, mei))
    with read_transaction(firm.engine) as connection:
        found = str(connection.execute(select(Record.number).where(Record.register == "brands")).scalar_one())
    with clock.frozen_at(MONDAY + dt.timedelta(days=30)):
        decide(firm, people, found, "listed", recognised_on="2026-12-30")
    return found


def document(registry: Registry, number: str) -> dict[str, object]:
    with read_transaction(registry.engine) as connection:
        text = connection.execute(
            select(Item.document)
            .join(Record, Record.document_hash == Item.hash)
            .where(Record.number == number)
        ).scalar_one()
    values: dict[str, object] = json.loads(text)
    return values


def reasons(registry: Registry, number: str) -> list[str]:
    with read_transaction(registry.engine) as connection:
        found = select(Entry.reason).where(Entry.number == number).order_by(Entry.version)
        return list(connection.execute(found).scalars())


def test_a_review_passed_on_a_condition_is_met_in_the_same_year(
    firm: Registry, people: dict[str, Actor], number: str
) -> None:
    with pytest.raises(Invalid) as without:
        decide(
            firm, people, number, "review_conditional", status_reason="经营下滑", rectify_until="2027-08-31"
        )
    assert ("required", "review.year") in {(issue.code, issue.field) for issue in without.value.issues}
    decide(
        firm,
        people,
        number,
        "review_conditional",
        status_reason="经营下滑",
        rectify_until="2027-08-31",
        review__year="2027",
    )
    assert deciders.status_of(firm, "brands", number) == "rectifying"
    assert document(firm, number)["review"] == [
        {"year": 2027, "result": "conditional", "deadline": "2027-08-31"}
    ]
    decide(firm, people, number, "condition_met", review__year="2027")
    assert deciders.status_of(firm, "brands", number) == "listed"
    met = document(firm, number)
    assert [row["result"] for row in met["review"]] == ["conditional", "pass"]  # type: ignore[attr-defined]
    assert "rectify_until" not in met
    assert reasons(firm, number)[-2:] == ["review_conditional", "condition_met"]


def test_a_passed_review_keeps_the_title_and_a_failed_one_ends_it(
    firm: Registry, people: dict[str, Actor], number: str
) -> None:
    decide(firm, people, number, "review_passed", review__year="2027")
    assert deciders.status_of(firm, "brands", number) == "listed"
    with pytest.raises(Invalid) as ahead:
        decide(firm, people, number, "review_passed", review__year="2028")
    assert "after_today" in [issue.code for issue in ahead.value.issues]
    failed = {"removed_reason": "review_failed", "legal_basis": BASIS, "review__year": "2027"}
    decide(firm, people, number, "review_failed", **failed)
    assert deciders.status_of(firm, "brands", number) == "removed"
    assert reasons(firm, number)[-2:] == ["review_passed", "review_failed"]


def test_a_new_name_keeps_the_record_and_the_old_one_stays_findable(
    firm: Registry, people: dict[str, Actor], number: str
) -> None:
    stated = {"brand_name_zh": "青屿老坊", "legal_basis": BASIS, "former_name_years__to_year": "2027"}
    draft = {name.replace("__", "."): text for name, text in stated.items()}
    province = people["province"]
    registrar = deciders.staff(firm, "registrar")
    prepared = deciding.prepare_decision(
        firm, province, deciders.draft("brands", "renamed", number, stated=draft)
    )
    assert deciding.take_decision(firm, registrar, prepared) == ()
    renamed = document(firm, number)
    assert renamed["brand_name_zh"] == "青屿老坊"
    assert renamed["former_name_years"] == [{"name": "青屿坊", "to_year": 2027}]
    assert reasons(firm, number)[-1] == "renamed"
    with read_transaction(firm.engine) as connection:
        of_register = select(Record.number).where(Record.register == "brands")
        assert list(connection.execute(of_register).scalars()) == [number]


def test_a_year_is_reported_once_and_its_figures_stay_inside(
    firm: Registry, mei: UserSession, people: dict[str, Actor], number: str
) -> None:
    slug = number
    form = applying.get_report_form(firm, mei.actor, SLUG, register="brands", number=slug)
    assert form.years[0] == 2026

    def report(user: UserSession, **typed: str) -> int:
        return applying.submit_report(
            firm, user.actor, SLUG, register="brands", number=slug, typed={"year": "2026", **FIGURES, **typed}
        )

    with pytest.raises(Invalid) as wrong:
        report(mei, year="2027", revenue="1,234", profit="٣", staff=" ")
    assert {(issue.code, issue.field) for issue in wrong.value.issues} == {
        ("year_not_to_report", "year"),
        ("figure_unreadable", "revenue"),
        ("figure_unreadable", "profit"),
        ("required", "staff"),
    }
    viewer = sign_up_member(firm, mei, "lin@example.com", "viewer")
    with pytest.raises(Forbidden):
        report(viewer)
    assert report(mei, staff="４２") == 2026
    with pytest.raises(Invalid):
        report(mei)
    assert document(firm, number)["annual_reports"] == [2026]
    assert reasons(firm, number)[-1] == "reported"
    with read_transaction(firm.engine) as connection:
        kept = "".join(connection.execute(select(Item.document)).scalars())
    assert "1234.5" not in kept
    [seen] = applying.open_figures(firm, people["national"], "brands", number, reason=DECIDING)
    assert [figure for _words, figure in seen.figures] == ["1234.5", "-3", "42"]
    assert applying.list_reported_years(firm, people["other"], "brands", number) == ()
    assert applying.list_reported_years(firm, people["national"], "brands", number) == (seen.year,)
    with pytest.raises(NotFound):
        applying.open_figures(firm, people["other"], "brands", number, reason=DECIDING)
    decide(firm, people, number, "removed", removed_reason="closed", legal_basis=BASIS)
    with pytest.raises(Conflict):
        applying.get_report_form(firm, mei.actor, SLUG, register="brands", number=slug)
    with pytest.raises(NotFound):
        applying.get_report_form(firm, mei.actor, SLUG, register="brands", number="TB-2026-00009-X")
