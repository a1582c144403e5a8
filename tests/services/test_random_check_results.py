"""Results of random checks: recorded by one person, published by another with what follows, counted, for every register that has checks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.accounts.model import AuditEntry
from registry.accounts.policy import ANONYMOUS, Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.random_check import RandomCheck
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services import deciding, random_checks, statistics
from registry.services.bootstrap import Registry, open_registry
from registry.services.filing.amendment_reasons import Amendment
from registry.services.operations import relay
from registry.services.operations.integrity_check import check_store
from registry.services.people.sessions import UserSession
from registry.services.random_checks import populations
from registry.services.records import reading
from registry.store.unit_of_work import read_transaction
from tests.services.checks import (
    CHECK_DAY,
    DRAW_DAY,
    FAILED,
    FIGURE,
    NOT_POSSIBLE,
    PASSED,
    announce,
    codes,
    drawn_check,
    fixed_now,
    numbers,
    on_check_day,
    owner,
    page_of,
    reviewers,
)
from tests.services.deciders import draft, staff, status_of
from tests.services.filers import (
    DECLARATIONS,
    STRICTER_INDICATORS,
    amend_declaration,
    firm,
)
from tests.services.people import read_mails

__all__ = ["firm", "fixed_now", "numbers", "owner", "reviewers"]


def test_a_result_is_recorded_by_one_inspector_and_published_by_the_other(
    firm: Registry, owner: UserSession, numbers: list[str]
) -> None:
    del owner
    pool = [staff(firm, "inspector") for _each in range(2)]
    other = staff(firm, "inspector")
    check, first, _second = drawn_check(firm, names="", accounts=tuple(each.user_id for each in pool))
    with clock.frozen_at(CHECK_DAY):
        [place, number] = next(
            (each.place, each.record.number) for each in page_of(firm, first, check).records
        )
        passed = on_check_day(PASSED)
        with pytest.raises(Forbidden) as refused:
            random_checks.record_result(firm, other, check, place, draft=passed)
        assert refused.value.reason == "not_drawn_for_record"
        with pytest.raises(Conflict):
            random_checks.publish_result(firm, pool[1], check, place)
        assert [view.waiting for view in random_checks.list_desk_checks(firm, pool[0])] == [2]
        random_checks.record_result(firm, pool[0], check, place, draft=passed)
        assert [view.waiting for view in random_checks.list_desk_checks(firm, pool[0])] == [1]
        with pytest.raises(Forbidden) as own:
            random_checks.publish_result(firm, pool[0], check, place)
        assert own.value.reason == "result_is_own"
        assert page_of(firm, first, check).records[place - 1].result is None
        random_checks.return_result(firm, pool[1], check, place, reply="日期有误（演示）")
        form = random_checks.get_result_form(firm, pool[0], check, place, lang="zh")
        assert (form.drawn.state, form.reply) == ("returned", "日期有误（演示）")
        random_checks.record_result(firm, pool[0], check, place, draft=passed)
        letters = len(read_mails(firm))
        random_checks.publish_result(firm, pool[1], check, place)
        relay.run_relay_once(firm)
        assert len(read_mails(firm)) == letters + 1
        assert "no problem found" in read_mails(firm)[-1].get_content().lower()
        with pytest.raises(Conflict):
            random_checks.publish_result(firm, pool[1], check, place)
    pointer = reading.locate_record(firm, ANONYMOUS, DECLARATIONS, number)
    view = reading.get_record(firm, ANONYMOUS, pointer, "en")
    assert view.was_drawn
    assert (view.status.code, view.document["checked_on"]) == ("active", "2026-05-09")
    assert [step.reason for step in view.history[:2]] == ["Check passed", "Check opened"]
    [of_record] = random_checks.list_checks_of_record(firm, ANONYMOUS, pointer.record_id)
    assert of_record.result is not None
    assert (of_record.drawn_on, of_record.result.result) == (dt.date(2026, 5, 7), "passed")
    [then] = random_checks.list_checks_of_record(firm, ANONYMOUS, pointer.record_id, at=dt.date(2026, 5, 8))
    assert then.result is None
    assert (
        random_checks.list_checks_of_record(firm, ANONYMOUS, pointer.record_id, at=dt.date(2026, 5, 6)) == ()
    )
    assert number in numbers


def test_from_a_problem_found_to_the_correction_and_its_publicity(
    firm: Registry, owner: UserSession, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    del numbers
    check, _first, _second = drawn_check(firm)
    with clock.frozen_at(CHECK_DAY):
        [one, two] = [each.record.number for each in page_of(firm, reviewers[0], check).records]
        for place in (1, 2):
            random_checks.record_result(firm, reviewers[0], check, place, draft=on_check_day(FAILED))
            random_checks.publish_result(firm, reviewers[1], check, place)
        page = page_of(firm, reviewers[0], check)
        assert page.line.state == "concluded"
        assert [count for _words, count in page.counts] == [0, 2, 0]
        result = page.records[0].result
        assert result is not None
        assert (result.order_ends_on, result.no_order) == ("2026-06-08", False)
        assert status_of(firm, DECLARATIONS, one) == "correction_ordered"
        amend_declaration(
            firm, owner, one, {"indicators": STRICTER_INDICATORS}, Amendment(note="更正试验方法。")
        )
    later = dt.datetime(2026, 6, 10, 9, tzinfo=clock.SHANGHAI)
    with clock.frozen_at(later):
        for number, key in ((one, "corrected"), (two, "publicised")):
            decision = deciding.prepare_decision(firm, reviewers[0], draft(DECLARATIONS, key, number))
            assert deciding.take_decision(firm, reviewers[1], decision) == ()
        revoked = {"status_reason": "编号有误（演示）", "legal_basis": "《标准化法》第四十二条"}
        decision = deciding.prepare_decision(
            firm, reviewers[0], draft(DECLARATIONS, "number_revoked", two, stated=revoked)
        )
        assert deciding.take_decision(firm, reviewers[1], decision) == ()
        relay.run_relay_once(firm)
        assert [status_of(firm, DECLARATIONS, number) for number in (one, two)] == [
            "active",
            "number_revoked",
        ]
        page = page_of(firm, reviewers[0], check)
        assert {each.record.status.code for each in page.records} == {"active", "number_revoked"}
        assert list(check_store(firm)) == []
    with read_transaction(firm.engine) as connection:
        acts = connection.execute(
            select(AuditEntry.action, func.count())
            .where(AuditEntry.action.like("check_%"))
            .group_by(AuditEntry.action)
        ).all()
    assert dict(acts) == {  # type: ignore[arg-type]
        "check_announced": 1,
        "check_drawn": 1,
        "check_result_recorded": 2,
        "check_result_published": 2,
    }


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"result": ""}, ("result", "result_wanted")),
        ({"findings": " "}, ("findings", "required")),
        ({"findings": "误" * 501}, ("findings", "too_long")),
        ({"article": ""}, ("article", "required")),
        ({"done_on": ""}, ("done_on", "required")),
        ({"done_on": "2026-05"}, ("done_on", "whole_day")),
        ({"done_on": "x"}, ("done_on", "date_shape")),
        ({"done_on": "2026-05-10"}, ("done_on", "after_today")),
        ({"done_on": "2026-05-06"}, ("done_on", "check_day_before_draw")),
        ({"result": "not_possible"}, ("reason", "required")),
        ({"result": "not_possible", "reason": "other", "findings": ""}, ("findings", "required")),
        ({"fields": {"product_name_zh": "别的"}}, ("", "field_not_of_decision")),
        ({"fields": {"correct_until": "soon"}}, ("correct_until", "date_shape")),
    ],
)
def test_what_cannot_be_recorded_is_told(
    firm: Registry,
    numbers: list[str],
    reviewers: tuple[Actor, Actor],
    changes: dict[str, Any],
    problem: tuple[str, str],
) -> None:
    del numbers
    check, _first, _second = drawn_check(firm)
    with clock.frozen_at(CHECK_DAY), pytest.raises(Invalid) as refused:
        random_checks.record_result(
            firm, reviewers[0], check, 1, draft=replace(on_check_day(FAILED), **changes)
        )
    assert problem in codes(refused)
    with read_transaction(firm.engine) as connection:
        assert connection.execute(select(func.count()).select_from(RandomCheck)).scalar_one() == 1
        assert (
            connection.execute(
                select(func.count()).select_from(Entry).where(Entry.reason == "check_opened")
            ).scalar_one()
            == 0
        )


def test_a_check_that_could_not_be_done_leaves_the_record(
    firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    del numbers
    check, _first, _second = drawn_check(firm, size="1")
    with clock.frozen_at(CHECK_DAY):
        random_checks.record_result(firm, reviewers[0], check, 1, draft=on_check_day(NOT_POSSIBLE))
        random_checks.publish_result(firm, reviewers[1], check, 1)
        [drawn] = page_of(firm, reviewers[0], check).records
        assert drawn.result is not None
        assert drawn.result.reason is not None
        assert drawn.result.reason.zh == "通过登记的住所（经营场所）无法联系"
        assert drawn.record.status.code == "active"
        with pytest.raises(NotFound):
            random_checks.publish_result(firm, reviewers[1], check, 2)


def test_results_are_counted_with_their_denominators(
    firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    del numbers
    check, _first, _second = drawn_check(firm)
    with clock.frozen_at(CHECK_DAY):
        for place, result in ((1, PASSED), (2, FAILED)):
            random_checks.record_result(firm, reviewers[0], check, place, draft=on_check_day(result))
            random_checks.publish_result(firm, reviewers[1], check, place)
        relay.run_relay_once(firm)
        another = open_registry(firm.settings)  # with the index as it is now
        figures = statistics.read_statistics(another, ANONYMOUS, DECLARATIONS)
        another.search.close()
        [share] = [each for each in figures.shares if each.name == "check"]
        assert (share.part, share.whole) == (1, 2)


def test_a_cancelled_check_says_why(
    firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    del numbers
    check = announce(firm, reviewers[0])
    with pytest.raises(Invalid):
        random_checks.cancel_check(firm, reviewers[0], check, " ")
    random_checks.cancel_check(firm, reviewers[0], check, "当日休市（演示）")
    page = page_of(firm, reviewers[0], check)
    assert (page.line.state, page.cancelled_because) == ("cancelled", "当日休市（演示）")
    with clock.frozen_at(DRAW_DAY), pytest.raises(Conflict):
        random_checks.draw_check(firm, reviewers[1], check, FIGURE)


# Every register


def test_every_register_with_checks_is_drawn_from_by_its_own_rules(filled: Registry) -> None:
    now = dt.datetime.now(dt.UTC)  # as the entries of the samples
    first, second = staff(filled, "reviewer_national"), staff(filled, "reviewer_national")
    days = [(now + dt.timedelta(days=days)).astimezone(clock.SHANGHAI).date() for days in (2, 3, 60)]
    drawn_on, done_on, until = (day.isoformat() for day in days)
    tried = {}
    for definition in populations.checked_registers():
        with clock.frozen_at(now):
            try:
                check = announce(
                    filled, first, register=definition.slug, size="1", seed_on=drawn_on, results_until=until
                )
            except Invalid as none_there:
                assert [issue.code for issue in none_there.issues] == ["population_empty"]
                continue
        with clock.frozen_at(now + dt.timedelta(days=3)):
            random_checks.draw_check(filled, second, check, FIGURE)
            form = random_checks.get_result_form(filled, first, check, 1, lang="en")
            before = form.drawn.record.status.code
            fields = {question.name: form.suggested.get(question.name, "") for question in form.questions}
            of_register = definition.schema.register_fields()
            typed = {
                name: suggested or (until if of_register[name].kind == "date" else "演示")
                for name, suggested in fields.items()
            }
            attempt = replace(FAILED, done_on=done_on, fields=typed)
            random_checks.record_result(filled, first, check, 1, draft=attempt)
            follows = random_checks.get_result_form(filled, first, check, 1, lang="en").follows
            try:
                random_checks.publish_result(filled, second, check, 1)
            except Invalid as refused:  # the life cycle gives the transition to other roles
                assert {issue.code for issue in refused.issues} == {"transition_not_allowed"}
                assert follows
                tried[definition.slug] = "refused"
                continue
            after = page_of(filled, first, check).records[0].record.status.code
            assert after == (follows[-1].code if follows else before)
            tried[definition.slug] = after
    assert len(tried) >= 2
    assert set(tried) < set(catalogue())
