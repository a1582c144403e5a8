"""Second factors: setting up, verifying, recovery codes, and what staff may do without one."""

from __future__ import annotations

import datetime as dt
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, STAFF, SYSTEM
from registry.errors import Forbidden, Invalid, TooManyAttempts
from registry.services.bootstrap import Registry
from registry.services.people import own_account, registration, sessions, staff_accounts
from tests.services import people
from tests.services.people import (
    NETWORK,
    PASSWORD,
    issue_of,
    read_mails,
    secret_of,
    totp_code,
    with_second_factor,
)

MEI, WEI = "Mei@Example.com", "wei@example.com"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)


def test_setting_up_a_second_factor_requires_a_recent_password(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        key = people.sign_in(registry, MEI)
        user = people.session_of(registry, key)
        own_account.begin_second_factor(registry, user.actor, user.session_id)
    with clock.frozen_at(NOW + dt.timedelta(minutes=11)):
        code = totp_code(secret_of(registry, MEI), clock.now())
        for act in (
            lambda: own_account.begin_second_factor(registry, user.actor, user.session_id),
            lambda: own_account.confirm_second_factor(registry, user.actor, user.session_id, code),
        ):
            with pytest.raises(Invalid) as refused:
                act()
            assert issue_of(refused) == ("password_again", "password")
        with pytest.raises(Invalid) as wrong:
            own_account.reauthenticate(registry, user.actor, user.session_id, "wrong")
        assert issue_of(wrong) == ("password_wrong", "password")
        again = own_account.reauthenticate(registry, user.actor, user.session_id, PASSWORD)
        assert sessions.resolve_session(registry, ANONYMOUS, key) is None
        renewed = people.session_of(registry, again)
        factor = own_account.confirm_second_factor(registry, renewed.actor, renewed.session_id, code)
        assert len(factor.recovery_codes) == 10


@pytest.mark.parametrize(("late", "accepted"), [(0, True), (1, False)])
def test_a_password_is_recent_for_ten_minutes(registry: Registry, late: int, accepted: bool) -> None:
    with clock.frozen_at(NOW):
        user = people.sign_up(registry, MEI)
    with clock.frozen_at(NOW + own_account.REAUTHENTICATION_WINDOW + dt.timedelta(seconds=late)):
        if accepted:
            assert own_account.begin_second_factor(registry, user.actor, user.session_id).secret
        else:
            with pytest.raises(Invalid):
                own_account.begin_second_factor(registry, user.actor, user.session_id)


def test_the_operator_resets_a_lost_second_factor(registry: Registry) -> None:
    people.create_staff_account(registry, MEI, "registrar")
    user = people.sign_in_staff(registry, MEI)
    with pytest.raises(Forbidden):
        staff_accounts.reset_second_factor(registry, user.actor, MEI)
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="zh", network=NETWORK)
    assert staff_accounts.reset_second_factor(registry, SYSTEM, MEI.upper())
    assert "Second factor removed" in [
        mail["Subject"] for mail in read_mails(registry)
    ] or "已取消二次验证" in [mail["Subject"] for mail in read_mails(registry)]
    again = people.session_of(registry, people.sign_in(registry, MEI))
    assert (again.stage, again.actor.role) == ("set_up", "enterprise")
    events = own_account.get_account(registry, again.actor, again.session_id).audit_events
    assert "Second factor removed by the operator" in [event.words for event in events]
    assert not staff_accounts.reset_second_factor(registry, SYSTEM, MEI)
    with pytest.raises(Invalid) as unknown:
        staff_accounts.reset_second_factor(registry, SYSTEM, WEI)
    assert issue_of(unknown) == ("account_unknown", "email")


def test_two_concurrent_sessions_cannot_use_the_same_code(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    with_second_factor(registry, MEI)
    keys = [people.sign_in(registry, MEI) for _turn in range(2)]
    code = totp_code(secret_of(registry, MEI), clock.now() + dt.timedelta(seconds=30))
    start = threading.Barrier(2)

    def verify(key: str) -> bool:
        start.wait()
        try:
            sessions.verify_second_factor(registry, ANONYMOUS, key, code)
        except Invalid:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(verify, keys)) == [False, True]


def test_a_session_without_its_second_factor_has_no_rights(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        with_second_factor(registry, MEI)
        key = people.sign_in(registry, MEI)
        user = people.session_of(registry, key)
        assert (user.stage, user.actor) == ("factor", ANONYMOUS)
        used = totp_code(secret_of(registry, MEI), NOW)
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
        )  # an incomplete session expires early
        key = people.sign_in(registry, MEI)
        code = totp_code(secret_of(registry, MEI), later)
        new = sessions.verify_second_factor(registry, ANONYMOUS, key, f"{code[:3]} {code[3:]}")
        assert sessions.resolve_session(registry, ANONYMOUS, key) is None
        assert people.session_of(registry, new).stage == "complete"
        with pytest.raises(Forbidden):
            sessions.verify_second_factor(registry, ANONYMOUS, new, code)


def test_a_recovery_code_can_be_used_once(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    codes = with_second_factor(registry, MEI)
    assert len(set(codes)) == 10
    key = sessions.verify_second_factor(
        registry, ANONYMOUS, people.sign_in(registry, MEI), codes[3].lower().replace("-", " ")
    )
    user = people.session_of(registry, key)
    assert own_account.get_account(registry, user.actor, user.session_id).recovery_codes_left == 9
    used = read_mails(registry)[-1]
    assert used["Subject"] == "A recovery code was used"
    assert "left: 9." in used.get_content()
    with pytest.raises(Invalid):
        sessions.verify_second_factor(registry, ANONYMOUS, people.sign_in(registry, MEI), codes[3])
    renewed = own_account.renew_recovery_codes(registry, user.actor, PASSWORD)
    assert read_mails(registry)[-1]["Subject"] == "New recovery codes were made"
    assert not set(renewed) & set(codes)
    with pytest.raises(Invalid):
        sessions.verify_second_factor(registry, ANONYMOUS, people.sign_in(registry, MEI), codes[4])
    own_account.remove_second_factor(registry, user.actor, PASSWORD)
    assert people.session_of(registry, people.sign_in(registry, MEI)).stage == "complete"


@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_have_no_rights_before_their_second_factor(registry: Registry, role: str) -> None:
    people.create_staff_account(registry, MEI, role)
    user = people.session_of(registry, people.sign_in(registry, MEI))
    assert (user.stage, user.actor.role) == ("set_up", "enterprise")
    complete = people.session_of(registry, people.set_up_second_factor(registry, user).session_key)
    assert (complete.stage, complete.actor.role) == ("complete", role)
    with pytest.raises(Invalid) as refused:
        own_account.remove_second_factor(registry, complete.actor, PASSWORD)
    assert issue_of(refused) == ("factor_compulsory", "password")


def test_staff_sessions_are_short(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.create_staff_account(registry, MEI, "registrar")
        user = people.session_of(registry, people.sign_in(registry, MEI))
        key = people.set_up_second_factor(registry, user).session_key
    with clock.frozen_at(NOW + dt.timedelta(minutes=61)):
        assert sessions.resolve_session(registry, ANONYMOUS, key) is None


@pytest.mark.parametrize("attempts", [4, 5])
def test_wrong_codes_are_counted_to_the_limit(registry: Registry, attempts: int) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        codes = with_second_factor(registry, MEI)
        key = people.sign_in(registry, MEI)
        for _attempt in range(attempts):
            with pytest.raises(Invalid):
                sessions.verify_second_factor(registry, ANONYMOUS, key, "000000")
        if attempts < sessions.SECOND_FACTOR_LIMIT.max_attempts:
            assert sessions.verify_second_factor(registry, ANONYMOUS, key, codes[0])
            return
        with pytest.raises(TooManyAttempts):
            sessions.verify_second_factor(registry, ANONYMOUS, key, codes[0])
    pause = sessions.SECOND_FACTOR_LIMIT.window
    with clock.frozen_at(NOW + pause - dt.timedelta(seconds=1)):
        key = people.sign_in(registry, MEI)
        with pytest.raises(TooManyAttempts):
            sessions.verify_second_factor(registry, ANONYMOUS, key, codes[0])
    with clock.frozen_at(NOW + pause):
        assert sessions.verify_second_factor(registry, ANONYMOUS, key, codes[0])


def test_a_new_role_ends_the_sessions_of_the_old_one(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    key = people.sign_in(registry, MEI)
    assert staff_accounts.assign_account_role(registry, SYSTEM, MEI, "registrar", lang="zh") == ""
    assert sessions.resolve_session(registry, ANONYMOUS, key) is None
    assert people.session_of(registry, people.sign_in(registry, MEI)).stage == "set_up"
    for wrong in ("emperor", "system", "visitor"):
        with pytest.raises(Invalid):
            staff_accounts.assign_account_role(registry, SYSTEM, WEI, wrong, lang="zh")
    for actor in (ANONYMOUS, REGISTRAR, user.actor):
        with pytest.raises(Forbidden):
            staff_accounts.assign_account_role(registry, actor, WEI, "admin", lang="zh")
