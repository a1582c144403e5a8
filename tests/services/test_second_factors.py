"""Second factors and staff: what a password alone does not open."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from registry import clock
from registry.accounts import second_factor
from registry.accounts.policy import ANONYMOUS, REGISTRAR, STAFF, SYSTEM
from registry.errors import Forbidden, Invalid, TooManyAttempts
from registry.services.bootstrap import Registry
from registry.services.people import own_account, registration, sessions, staff_accounts
from tests.services import people
from tests.services.people import NETWORK, PASSWORD, issue_of, read_mails, secret_of, with_factor

MEI, WEI = "Mei@Example.com", "wei@example.com"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)


def test_a_browser_left_signed_in_is_not_given_a_second_factor_by_somebody_else(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        key = people.sign_in(registry, MEI)
        who = people.session_of(registry, key)
        own_account.begin_second_factor(registry, who.actor, who.session_id)
    with clock.frozen_at(NOW + dt.timedelta(minutes=11)):
        code = second_factor.current_code(secret_of(registry, MEI), clock.now())
        for act in (
            lambda: own_account.begin_second_factor(registry, who.actor, who.session_id),
            lambda: own_account.confirm_second_factor(registry, who.actor, who.session_id, code),
        ):
            with pytest.raises(Invalid) as asked:
                act()
            assert issue_of(asked) == ("password_again", "password")
        with pytest.raises(Invalid) as wrong:
            own_account.reauthenticate(registry, who.actor, who.session_id, "wrong")
        assert issue_of(wrong) == ("password_wrong", "password")
        again = own_account.reauthenticate(registry, who.actor, who.session_id, PASSWORD)
        assert sessions.resolve_session(registry, ANONYMOUS, key) is None
        renewed = people.session_of(registry, again)
        codes, _key = own_account.confirm_second_factor(registry, renewed.actor, renewed.session_id, code)
        assert len(codes) == 10


def test_the_operator_removes_a_factor_that_was_lost(registry: Registry) -> None:
    people.create_staff_account(registry, MEI, "registrar")
    who = people.sign_in_staff(registry, MEI)
    with pytest.raises(Forbidden):
        staff_accounts.reset_second_factor(registry, who.actor, MEI)
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="zh", network=NETWORK)
    assert staff_accounts.reset_second_factor(registry, SYSTEM, MEI.upper())
    assert "Second factor removed" in [
        mail["Subject"] for mail in read_mails(registry)
    ] or "已取消二次验证" in [mail["Subject"] for mail in read_mails(registry)]
    again = people.session_of(registry, people.sign_in(registry, MEI))
    assert (again.stage, again.actor.role) == ("set_up", "enterprise")
    acts = own_account.get_account(registry, again.actor, again.session_id).audit_events
    assert "Second factor removed by the operator" in [act.words for act in acts]
    assert not staff_accounts.reset_second_factor(registry, SYSTEM, MEI)
    with pytest.raises(Invalid) as unknown:
        staff_accounts.reset_second_factor(registry, SYSTEM, WEI)
    assert issue_of(unknown) == ("account_unknown", "email")


def test_one_code_is_good_for_one_of_two_sessions_at_one_moment(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    with_factor(registry, MEI)
    keys = [people.sign_in(registry, MEI) for _turn in range(2)]
    code = second_factor.current_code(secret_of(registry, MEI), clock.now() + dt.timedelta(seconds=30))
    start = threading.Barrier(2)

    def give(key: str) -> bool:
        start.wait()
        try:
            sessions.verify_second_factor(registry, ANONYMOUS, key, code)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(give, keys)) == [False, True]


def test_with_a_second_factor_a_password_is_not_enough(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        with_factor(registry, MEI)
        key = people.sign_in(registry, MEI)
        who = people.session_of(registry, key)
        assert (who.stage, who.actor) == ("factor", ANONYMOUS)
        used = second_factor.current_code(secret_of(registry, MEI), NOW)
        for wrong in (used, "000000", "", "١٢٣٤٥٦", "12345"):  # the first was used to set the factor up
            with pytest.raises(Invalid) as refused:
                sessions.verify_second_factor(registry, ANONYMOUS, key, wrong)
            assert issue_of(refused) == ("factor_wrong", "code")
        with pytest.raises(TooManyAttempts):
            sessions.verify_second_factor(registry, ANONYMOUS, key, "000000")
    later = NOW + dt.timedelta(minutes=20)
    with clock.frozen_at(later):
        assert (
            sessions.resolve_session(registry, ANONYMOUS, key) is None
        )  # half a session does not wait so long
        key = people.sign_in(registry, MEI)
        code = second_factor.current_code(secret_of(registry, MEI), later)
        new = sessions.verify_second_factor(registry, ANONYMOUS, key, f"{code[:3]} {code[3:]}")
        assert sessions.resolve_session(registry, ANONYMOUS, key) is None
        assert people.session_of(registry, new).stage == "complete"
        with pytest.raises(Forbidden):
            sessions.verify_second_factor(registry, ANONYMOUS, new, code)


def test_a_recovery_code_is_good_once(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    codes = with_factor(registry, MEI)
    assert len(set(codes)) == 10
    key = sessions.verify_second_factor(
        registry, ANONYMOUS, people.sign_in(registry, MEI), codes[3].lower().replace("-", " ")
    )
    who = people.session_of(registry, key)
    assert own_account.get_account(registry, who.actor, who.session_id).recovery_codes_left == 9
    with pytest.raises(Invalid):
        sessions.verify_second_factor(registry, ANONYMOUS, people.sign_in(registry, MEI), codes[3])
    renewed = own_account.renew_recovery_codes(registry, who.actor, PASSWORD)
    assert not set(renewed) & set(codes)
    with pytest.raises(Invalid):
        sessions.verify_second_factor(registry, ANONYMOUS, people.sign_in(registry, MEI), codes[4])
    own_account.remove_second_factor(registry, who.actor, PASSWORD)
    assert people.session_of(registry, people.sign_in(registry, MEI)).stage == "complete"


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_have_no_rights_before_their_second_factor(registry: Registry, role: str) -> None:
    people.create_staff_account(registry, MEI, role)
    who = people.session_of(registry, people.sign_in(registry, MEI))
    assert (who.stage, who.actor.role) == ("set_up", "enterprise")
    own_account.begin_second_factor(registry, who.actor, who.session_id)
    code = second_factor.current_code(secret_of(registry, MEI), clock.now())
    _codes, key = own_account.confirm_second_factor(registry, who.actor, who.session_id, code)
    complete = people.session_of(registry, key)
    assert (complete.stage, complete.actor.role) == ("complete", role)
    with pytest.raises(Invalid) as kept:
        own_account.remove_second_factor(registry, complete.actor, PASSWORD)
    assert issue_of(kept) == ("factor_compulsory", "password")


def test_staff_sessions_are_short(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.create_staff_account(registry, MEI, "registrar")
        who = people.session_of(registry, people.sign_in(registry, MEI))
        own_account.begin_second_factor(registry, who.actor, who.session_id)
        code = second_factor.current_code(secret_of(registry, MEI), NOW)
        _codes, key = own_account.confirm_second_factor(registry, who.actor, who.session_id, code)
    with clock.frozen_at(NOW + dt.timedelta(minutes=61)):
        assert sessions.resolve_session(registry, ANONYMOUS, key) is None


def test_a_new_role_ends_the_sessions_of_the_old_one(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    key = people.sign_in(registry, MEI)
    assert staff_accounts.assign_role(registry, SYSTEM, MEI, "registrar", lang="zh") == ""
    assert sessions.resolve_session(registry, ANONYMOUS, key) is None
    assert people.session_of(registry, people.sign_in(registry, MEI)).stage == "set_up"
    for wrong in ("emperor", "system", "visitor"):
        with pytest.raises(Invalid):
            staff_accounts.assign_role(registry, SYSTEM, WEI, wrong, lang="zh")
    for actor in (ANONYMOUS, REGISTRAR, who.actor):
        with pytest.raises(Forbidden):
            staff_accounts.assign_role(registry, actor, WEI, "admin", lang="zh")
