"""Second factors and staff: what a password alone does not open."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from registry import clock
from registry.accounts import second_factor
from registry.accounts.policy import ANONYMOUS, REGISTRAR, STAFF, SYSTEM
from registry.errors import Forbidden, Invalid, TooOften
from registry.services.bootstrap import Registry
from registry.services.people import own_account, registration, sessions, staff_accounts
from tests.services import people
from tests.services.people import NETWORK, PASSWORD, code_of, mails, secret_of, with_factor

MEI, WEI = "Mei@Example.com", "wei@example.com"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)


def test_a_browser_left_signed_in_is_not_given_a_second_factor_by_somebody_else(registry: Registry) -> None:
    with clock.fixed(NOW):
        people.sign_up(registry, MEI)
        key = people.sign_in(registry, MEI)
        who = people.signed(registry, key)
        own_account.begin_factor(registry, who.actor, who.session_id)
    with clock.fixed(NOW + dt.timedelta(minutes=11)):
        code = second_factor.code_now(secret_of(registry, MEI), clock.now())
        for act in (
            lambda: own_account.begin_factor(registry, who.actor, who.session_id),
            lambda: own_account.confirm_factor(registry, who.actor, who.session_id, code),
        ):
            with pytest.raises(Invalid) as asked:
                act()
            assert code_of(asked) == ("password_again", "password")
        with pytest.raises(Invalid) as wrong:
            own_account.sign_in_again(registry, who.actor, who.session_id, "wrong")
        assert code_of(wrong) == ("password_wrong", "password")
        again = own_account.sign_in_again(registry, who.actor, who.session_id, PASSWORD)
        assert sessions.holder(registry, ANONYMOUS, key) is None
        renewed = people.signed(registry, again)
        codes, _key = own_account.confirm_factor(registry, renewed.actor, renewed.session_id, code)
        assert len(codes) == 10


def test_the_operator_removes_a_factor_that_was_lost(registry: Registry) -> None:
    people.appoint(registry, MEI, "registrar")
    who = people.complete(registry, MEI)
    with pytest.raises(Forbidden):
        staff_accounts.reset_factor(registry, who.actor, MEI)
    registration.ask_for_password(registry, ANONYMOUS, MEI, "zh", NETWORK)
    assert staff_accounts.reset_factor(registry, SYSTEM, MEI.upper())
    assert "Second factor removed" in [mail["Subject"] for mail in mails(registry)] or "已取消二次验证" in [
        mail["Subject"] for mail in mails(registry)
    ]
    again = people.signed(registry, people.sign_in(registry, MEI))
    assert (again.stage, again.actor.role) == ("set_up", "enterprise")
    acts = own_account.account(registry, again.actor, again.session_id).acts
    assert "Second factor removed by the operator" in [act.words for act in acts]
    assert not staff_accounts.reset_factor(registry, SYSTEM, MEI)
    with pytest.raises(Invalid) as unknown:
        staff_accounts.reset_factor(registry, SYSTEM, WEI)
    assert code_of(unknown) == ("account_unknown", "email")


def test_one_code_is_good_for_one_of_two_sessions_at_one_moment(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    with_factor(registry, MEI)
    keys = [people.sign_in(registry, MEI) for _turn in range(2)]
    code = second_factor.code_now(secret_of(registry, MEI), clock.now() + dt.timedelta(seconds=30))
    start = threading.Barrier(2)

    def give(key: str) -> bool:
        start.wait()
        try:
            sessions.give_factor(registry, ANONYMOUS, key, code)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(give, keys)) == [False, True]


def test_with_a_second_factor_a_password_is_not_enough(registry: Registry) -> None:
    with clock.fixed(NOW):
        people.sign_up(registry, MEI)
        with_factor(registry, MEI)
        key = people.sign_in(registry, MEI)
        who = people.signed(registry, key)
        assert (who.stage, who.actor) == ("factor", ANONYMOUS)
        used = second_factor.code_now(secret_of(registry, MEI), NOW)
        for wrong in (used, "000000", "", "١٢٣٤٥٦", "12345"):  # the first was used to set the factor up
            with pytest.raises(Invalid) as refused:
                sessions.give_factor(registry, ANONYMOUS, key, wrong)
            assert code_of(refused) == ("factor_wrong", "code")
        with pytest.raises(TooOften):
            sessions.give_factor(registry, ANONYMOUS, key, "000000")
    later = NOW + dt.timedelta(minutes=20)
    with clock.fixed(later):
        assert sessions.holder(registry, ANONYMOUS, key) is None  # half a session does not wait so long
        key = people.sign_in(registry, MEI)
        code = second_factor.code_now(secret_of(registry, MEI), later)
        new = sessions.give_factor(registry, ANONYMOUS, key, f"{code[:3]} {code[3:]}")
        assert sessions.holder(registry, ANONYMOUS, key) is None
        assert people.signed(registry, new).stage == "complete"
        with pytest.raises(Forbidden):
            sessions.give_factor(registry, ANONYMOUS, new, code)


def test_a_recovery_code_is_good_once(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    codes = with_factor(registry, MEI)
    assert len(set(codes)) == 10
    key = sessions.give_factor(
        registry, ANONYMOUS, people.sign_in(registry, MEI), codes[3].lower().replace("-", " ")
    )
    who = people.signed(registry, key)
    assert own_account.account(registry, who.actor, who.session_id).codes_left == 9
    with pytest.raises(Invalid):
        sessions.give_factor(registry, ANONYMOUS, people.sign_in(registry, MEI), codes[3])
    renewed = own_account.renew_codes(registry, who.actor, PASSWORD)
    assert not set(renewed) & set(codes)
    with pytest.raises(Invalid):
        sessions.give_factor(registry, ANONYMOUS, people.sign_in(registry, MEI), codes[4])
    own_account.remove_factor(registry, who.actor, PASSWORD)
    assert people.signed(registry, people.sign_in(registry, MEI)).stage == "complete"


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_have_no_rights_before_their_second_factor(registry: Registry, role: str) -> None:
    people.appoint(registry, MEI, role)
    who = people.signed(registry, people.sign_in(registry, MEI))
    assert (who.stage, who.actor.role) == ("set_up", "enterprise")
    own_account.begin_factor(registry, who.actor, who.session_id)
    code = second_factor.code_now(secret_of(registry, MEI), clock.now())
    _codes, key = own_account.confirm_factor(registry, who.actor, who.session_id, code)
    complete = people.signed(registry, key)
    assert (complete.stage, complete.actor.role) == ("complete", role)
    with pytest.raises(Invalid) as kept:
        own_account.remove_factor(registry, complete.actor, PASSWORD)
    assert code_of(kept) == ("factor_compulsory", "password")


def test_staff_sessions_are_short(registry: Registry) -> None:
    with clock.fixed(NOW):
        people.appoint(registry, MEI, "registrar")
        who = people.signed(registry, people.sign_in(registry, MEI))
        own_account.begin_factor(registry, who.actor, who.session_id)
        code = second_factor.code_now(secret_of(registry, MEI), NOW)
        _codes, key = own_account.confirm_factor(registry, who.actor, who.session_id, code)
    with clock.fixed(NOW + dt.timedelta(minutes=61)):
        assert sessions.holder(registry, ANONYMOUS, key) is None


def test_a_new_role_ends_the_sessions_of_the_old_one(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    key = people.sign_in(registry, MEI)
    assert staff_accounts.appoint(registry, SYSTEM, MEI, "registrar", "zh") == ""
    assert sessions.holder(registry, ANONYMOUS, key) is None
    assert people.signed(registry, people.sign_in(registry, MEI)).stage == "set_up"
    for wrong in ("emperor", "system", "visitor"):
        with pytest.raises(Invalid):
            staff_accounts.appoint(registry, SYSTEM, WEI, wrong, "zh")
    for actor in (ANONYMOUS, REGISTRAR, who.actor):
        with pytest.raises(Forbidden):
            staff_accounts.appoint(registry, actor, WEI, "admin", "zh")
