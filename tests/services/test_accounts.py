"""Accounts: signing up by mail, signing in, what is never told, the second factor, and what each act leaves behind."""

from __future__ import annotations

import datetime as dt
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from registry import clock
from registry.accounts import passwords, second_factor
from registry.accounts.model import Attempts, Audit, Letter, RecoveryCode, Session, Ticket, User
from registry.accounts.policy import ANONYMOUS, REGISTRAR, STAFF, SYSTEM
from registry.errors import Forbidden, Invalid, NotFound, TooOften
from registry.services import appointing, entering, guessing, own_account, signing_in, tickets
from registry.services.wiring import Registry
from registry.store.base import Base
from registry.store.unit_of_work import reading, unit_of_work
from tests.services import people
from tests.services.people import NETWORK, PASSWORD, mails, token_of

MEI, WEI = "Mei@Example.com", "wei@example.com"
OTHER = "nine slow barges under 月亮"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)


def code_of(invalid: pytest.ExceptionInfo[Invalid]) -> tuple[str, str]:
    [issue] = invalid.value.issues
    return issue.code, issue.field


def secret_of(registry: Registry, email: str) -> str:
    with reading(registry.engine) as work:
        user = entering.by_address(work, email)
    assert user is not None
    return second_factor.secret_of(registry.settings.secret_key, user.id, user.factor_nonce)


def with_factor(registry: Registry, email: str) -> list[str]:
    """Set up a second factor; gives the recovery codes."""
    who = people.signed(registry, people.sign_in(registry, email))
    own_account.begin_factor(registry, who.actor, who.session_id)
    code = second_factor.code_now(secret_of(registry, email), clock.now())
    return own_account.confirm_factor(registry, who.actor, who.session_id, code)[0]


def test_from_the_first_mail_to_a_session(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    assert (who.email, who.name, who.stage, who.actor.role) == (
        "Mei@example.com",
        "李梅 Li Mei",
        "complete",
        "enterprise",
    )
    again = people.signed(registry, people.sign_in(registry, "mei@EXAMPLE.com"))
    assert (again.user_id, again.session_id != who.session_id) == (who.user_id, True)
    view = own_account.account(registry, again.actor, again.session_id)
    assert [session.here for session in view.sessions] == [True, False]
    assert view.sessions[0].browser == "Firefox · Windows"
    assert [act.words for act in view.acts] == ["Signed in", "Signed in", "Account made"]


def test_a_link_is_good_once_for_its_purpose_and_in_time(registry: Registry) -> None:
    with clock.fixed(NOW):
        entering.ask_to_sign_up(registry, ANONYMOUS, MEI, "zh", NETWORK)
        older = token_of(mails(registry)[-1])
        entering.ask_to_sign_up(registry, ANONYMOUS, MEI, "zh", NETWORK)
        token = token_of(mails(registry)[-1])
        assert entering.link(registry, ANONYMOUS, tickets.SIGN_UP, older).email == "Mei@example.com"
    for wrong in ("", "1", "x.y", token[:-1] + ("A" if token[-1] != "A" else "B"), "999999." + token):
        with clock.fixed(NOW), pytest.raises(NotFound):
            entering.link(registry, ANONYMOUS, tickets.SIGN_UP, wrong)
    with clock.fixed(NOW), pytest.raises(NotFound):
        entering.set_password(registry, ANONYMOUS, token, PASSWORD)
    with clock.fixed(NOW + dt.timedelta(days=1)), pytest.raises(NotFound):
        entering.finish_sign_up(registry, ANONYMOUS, token, "Mei", PASSWORD, "zh")
    with clock.fixed(NOW + dt.timedelta(hours=23)):
        assert entering.finish_sign_up(registry, ANONYMOUS, token, "Mei", PASSWORD, "zh") == "Mei@example.com"
        for used in (token, older):
            with pytest.raises(NotFound):
                entering.finish_sign_up(registry, ANONYMOUS, used, "Mei", PASSWORD, "zh")


def test_who_asks_again_keeps_the_links_that_are_on_their_way(registry: Registry) -> None:
    """Three of them; with the first that is used all are void."""
    people.sign_up(registry, MEI)
    for _turn in range(4):
        entering.ask_for_password(registry, ANONYMOUS, MEI, "en", NETWORK)
    sent = [token_of(mail) for mail in mails(registry) if "new-password" in mail.get_content()]
    assert len(sent) == 3  # the first was void before it was sent
    assert [entering.link(registry, ANONYMOUS, tickets.PASSWORD, each).email for each in sent] == [
        "Mei@example.com"
    ] * 3
    entering.set_password(registry, ANONYMOUS, sent[0], OTHER)
    for each in sent:
        with pytest.raises(NotFound):
            entering.set_password(registry, ANONYMOUS, each, PASSWORD)


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
        assert signing_in.holder(registry, ANONYMOUS, key) is None
        renewed = people.signed(registry, again)
        codes, _key = own_account.confirm_factor(registry, renewed.actor, renewed.session_id, code)
        assert len(codes) == 10


def test_the_operator_removes_a_factor_that_was_lost(registry: Registry) -> None:
    people.appoint(registry, MEI, "registrar")
    who = people.complete(registry, MEI)
    with pytest.raises(Forbidden):
        appointing.reset_factor(registry, who.actor, MEI)
    entering.ask_for_password(registry, ANONYMOUS, MEI, "zh", NETWORK)
    assert appointing.reset_factor(registry, SYSTEM, MEI.upper())
    assert "Second factor removed" in [mail["Subject"] for mail in mails(registry)] or "已取消二次验证" in [
        mail["Subject"] for mail in mails(registry)
    ]
    again = people.signed(registry, people.sign_in(registry, MEI))
    assert (again.stage, again.actor.role) == ("set_up", "enterprise")
    acts = own_account.account(registry, again.actor, again.session_id).acts
    assert "Second factor removed by the operator" in [act.words for act in acts]
    assert not appointing.reset_factor(registry, SYSTEM, MEI)
    with pytest.raises(Invalid) as unknown:
        appointing.reset_factor(registry, SYSTEM, WEI)
    assert code_of(unknown) == ("account_unknown", "email")


def test_the_page_never_tells_who_has_an_account(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    for address in (MEI, WEI):
        assert entering.ask_to_sign_up(registry, ANONYMOUS, address, "en", NETWORK)
        assert entering.ask_for_password(registry, ANONYMOUS, address, "en", NETWORK)
    sent = [(mail["To"], mail["Subject"]) for mail in mails(registry)[1:]]
    assert sent == [
        ("Mei@example.com", "You have an account with Pinzheng already"),
        ("Mei@example.com", "Set a new password for Pinzheng"),
        ("wei@example.com", "Finish your sign-up with Pinzheng"),
    ]
    answers = set()
    for address in (MEI, WEI, "no address at all"):
        with pytest.raises(Invalid) as refused:
            people.sign_in(registry, address, "wrong")
        answers.add(str(refused.value))
    assert answers == {"email: sign_in_wrong"}


def test_an_unknown_address_takes_as_long_as_a_wrong_password(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both look at one Argon2 hash: the ratio would be some hundreds if one of them did not."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher())
    passwords._nobodys.cache_clear()
    people.sign_up(registry, MEI)
    taken: dict[str, list[float]] = {MEI: [], WEI: []}
    for turn in range(5):
        for address, times in taken.items():
            start = time.process_time()
            with pytest.raises(Invalid):
                people.sign_in(registry, address, "wrong", f"192.0.2.{turn}")
            times.append(time.process_time() - start)
    known, unknown = (statistics.median(times) for times in taken.values())
    assert 1 / 5 < known / unknown < 5


@pytest.mark.parametrize("address", [MEI, WEI])
def test_guessing_is_locked_out_and_that_tells_nothing(registry: Registry, address: str) -> None:
    with clock.fixed(NOW):
        people.sign_up(registry, MEI)
        for _turn in range(guessing.BY_PAIR.allowed):
            with pytest.raises(Invalid):
                people.sign_in(registry, address, "wrong")
        with pytest.raises(TooOften) as locked:
            people.sign_in(registry, address, PASSWORD)
        assert locked.value.until == NOW + guessing.BY_PAIR.window
    with clock.fixed(NOW + guessing.BY_PAIR.window):
        with pytest.raises(Invalid):
            people.sign_in(registry, WEI)
        assert people.sign_in(registry, MEI)


def test_who_guesses_locks_out_himself_and_not_the_owner(registry: Registry) -> None:
    with clock.fixed(NOW):
        people.sign_up(registry, MEI)
        for turn in range(guessing.BY_ACCOUNT.allowed):
            with pytest.raises(Invalid):
                people.sign_in(registry, MEI, "wrong", f"198.51.100.{turn // 9}")
        assert people.sign_in(registry, MEI)  # from where the owner has signed in before
        with pytest.raises(TooOften) as slowed:
            people.sign_in(registry, MEI, PASSWORD, "203.0.113.1")
        assert slowed.value.until == NOW + dt.timedelta(minutes=5)
        assert people.sign_up(registry, WEI)
    with clock.fixed(NOW + dt.timedelta(minutes=5)):
        assert people.sign_in(registry, MEI, PASSWORD, "203.0.113.1")


def test_one_network_has_a_limit_over_all_accounts(registry: Registry) -> None:
    with clock.fixed(NOW):
        people.sign_up(registry, MEI)
        for turn in range(guessing.BY_NETWORK.allowed):
            with pytest.raises(Invalid):
                people.sign_in(registry, f"somebody{turn}@example.com", "wrong", "203.0.113.9")
        for address in (MEI, WEI):  # known and unknown
            with pytest.raises(TooOften):
                people.sign_in(registry, address, PASSWORD, "203.0.113.9")
        assert people.sign_in(registry, MEI)


def test_an_unknown_address_leaves_the_same_behind_as_a_known_one(registry: Registry) -> None:
    """The same statements, so the same time: rows of the trail and of attempts."""
    people.sign_up(registry, MEI)
    written = []
    for network, address in (("192.0.2.1", MEI), ("192.0.2.2", WEI)):
        with reading(registry.engine) as work:
            before = [
                work.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (Audit, Attempts)
            ]
        with pytest.raises(Invalid):
            people.sign_in(registry, address, "wrong", network)
        with reading(registry.engine) as work:
            after = [
                work.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (Audit, Attempts)
            ]
        written.append([now - then for then, now in zip(before, after, strict=True)])
    assert written[0] == written[1]


def test_a_new_password_by_mail_opens_the_lock_and_ends_every_session(registry: Registry) -> None:
    key = people.sign_in(registry, people.sign_up(registry, MEI).email)
    for _turn in range(guessing.BY_PAIR.allowed):
        with pytest.raises(Invalid):
            people.sign_in(registry, MEI, "wrong")
    with pytest.raises(TooOften):
        people.sign_in(registry, MEI)
    entering.ask_for_password(registry, ANONYMOUS, MEI, "en", NETWORK)
    entering.set_password(registry, ANONYMOUS, token_of(mails(registry)[-1]), OTHER)
    assert signing_in.holder(registry, ANONYMOUS, key) is None
    assert mails(registry)[-1]["Subject"] == "Your password was changed"
    assert people.sign_in(registry, MEI, OTHER)
    with pytest.raises(Invalid):
        people.sign_in(registry, MEI, PASSWORD)


def test_mails_are_not_sent_without_end(registry: Registry) -> None:
    with clock.fixed(NOW):
        for _turn in range(entering.LETTERS_TO_ONE.allowed):
            entering.ask_to_sign_up(registry, ANONYMOUS, WEI, "en", NETWORK)
        with pytest.raises(TooOften):
            entering.ask_for_password(registry, ANONYMOUS, WEI, "en", "198.51.100.1")
        assert entering.ask_to_sign_up(registry, ANONYMOUS, MEI, "en", NETWORK)
    with reading(registry.engine) as work:
        assert work.execute(select(func.count()).select_from(Letter)).scalar() == 6


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short one 1", "password_short"),
        ("p" * 129, "password_long"),
        ("passwordpassword", "password_guessable"),
        ("123456789012", "password_guessable"),
        ("mei@example.com", "password_guessable"),
        ("iloveyou1234", "password_guessable"),
    ],
)
def test_weak_passwords_are_refused_by_length_and_guessability(
    registry: Registry, password: str, code: str
) -> None:
    entering.ask_to_sign_up(registry, ANONYMOUS, "mei@example.com", "en", NETWORK)
    token = token_of(mails(registry)[-1])
    with pytest.raises(Invalid) as refused:
        entering.finish_sign_up(registry, ANONYMOUS, token, "Mei", password, "en")
    assert code_of(refused) == (code, "password")
    assert entering.finish_sign_up(registry, ANONYMOUS, token, "Mei", "长亭外，古道边，芳草碧连天", "en")


def test_sessions_end_by_themselves_and_at_will(registry: Registry) -> None:
    with clock.fixed(NOW):
        people.sign_up(registry, MEI)
        keys = [people.sign_in(registry, MEI) for _turn in range(4)]
    half_a_day = dt.timedelta(hours=11)
    with clock.fixed(NOW + half_a_day):
        assert signing_in.holder(registry, ANONYMOUS, keys[0])
    with clock.fixed(NOW + 2 * half_a_day):
        held = [signing_in.holder(registry, ANONYMOUS, key) for key in keys]
        assert [who is not None for who in held] == [True, False, False, False]
        new = people.signed(registry, people.sign_in(registry, MEI))
        own_account.end_session(registry, new.actor, people.signed(registry, keys[0]).session_id)
        assert signing_in.holder(registry, ANONYMOUS, keys[0]) is None
        last = people.sign_in(registry, MEI)
        own_account.end_other_sessions(registry, new.actor, new.session_id)
        assert signing_in.holder(registry, ANONYMOUS, last) is None
        signing_in.sweep(registry)
    with reading(registry.engine) as work:
        assert work.execute(select(func.count()).select_from(Session)).scalar() == 1


def test_no_session_outlives_two_weeks_though_it_is_used(registry: Registry) -> None:
    with clock.fixed(NOW):
        people.sign_up(registry, MEI)
        key = people.sign_in(registry, MEI)
    for hours in range(11, 15 * 24, 11):
        with clock.fixed(NOW + dt.timedelta(hours=hours)):
            held = signing_in.holder(registry, ANONYMOUS, key) is not None
            assert held == (hours <= 14 * 24), hours


def test_one_account_does_not_end_the_sessions_of_another(registry: Registry) -> None:
    mei, wei = people.sign_up(registry, MEI), people.sign_up(registry, WEI)
    own_account.end_session(registry, wei.actor, mei.session_id)
    own_account.end_other_sessions(registry, wei.actor, wei.session_id)
    view = own_account.account(registry, mei.actor, mei.session_id)
    assert len(view.sessions) == 1
    assert "A session was ended" not in [act.words for act in view.acts]


def test_the_password_is_asked_again_for_what_matters(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    key = people.sign_in(registry, MEI)
    with pytest.raises(Invalid) as refused:
        own_account.change_password(registry, who.actor, who.session_id, "wrong", OTHER)
    assert code_of(refused) == ("password_wrong", "present")
    own_account.change_password(registry, who.actor, who.session_id, PASSWORD, OTHER)
    assert signing_in.holder(registry, ANONYMOUS, key) is None
    assert own_account.account(registry, who.actor, who.session_id).sessions[0].here
    for act in (own_account.remove_factor, own_account.renew_codes):
        with pytest.raises(Invalid):
            act(registry, who.actor, PASSWORD)
    with pytest.raises(Forbidden):
        own_account.renew_codes(registry, who.actor, OTHER)


def test_another_address_counts_when_its_mail_is_answered(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    people.sign_up(registry, WEI)
    with pytest.raises(Invalid) as same:
        own_account.ask_address(registry, who.actor, PASSWORD, "MEI@example.com")
    assert code_of(same) == ("address_same", "email")
    assert own_account.ask_address(registry, who.actor, PASSWORD, WEI) == WEI
    assert [mail["Subject"] for mail in mails(registry)[-2:]] == [
        "You have an account with Pinzheng already",
        "Your e-mail address is to be changed",
    ]
    own_account.ask_address(registry, who.actor, PASSWORD, "new@example.com")
    [confirm, told] = mails(registry)[-2:]
    assert (confirm["To"], told["To"]) == ("new@example.com", "Mei@example.com")
    people.sign_in(registry, MEI)
    assert entering.confirm_address(registry, ANONYMOUS, token_of(confirm)) == "new@example.com"
    assert mails(registry)[-1]["To"] == "Mei@example.com"
    assert people.sign_in(registry, "new@example.com")
    with pytest.raises(Invalid):
        people.sign_in(registry, MEI)


def test_an_address_that_was_taken_meanwhile_is_not_taken_twice(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    own_account.ask_address(registry, who.actor, PASSWORD, WEI)
    token = token_of(next(mail for mail in mails(registry) if mail["To"] == WEI))
    people.sign_up(registry, WEI)
    with pytest.raises(Invalid) as taken:
        entering.confirm_address(registry, ANONYMOUS, token)
    assert code_of(taken) == ("address_taken", "email")


def test_a_new_password_voids_every_other_way_in(registry: Registry) -> None:
    """Whoever had asked to change the address, or for a link, before the owner set a new password, has nothing."""
    who = people.sign_up(registry, MEI)
    own_account.ask_address(registry, who.actor, PASSWORD, "evil@example.com")
    evil = token_of(next(mail for mail in mails(registry) if mail["To"] == "evil@example.com"))
    entering.ask_for_password(registry, ANONYMOUS, MEI, "en", NETWORK)
    entering.set_password(registry, ANONYMOUS, token_of(mails(registry)[-1]), OTHER)
    with pytest.raises(NotFound):
        entering.confirm_address(registry, ANONYMOUS, evil)
    entering.ask_for_password(registry, ANONYMOUS, MEI, "en", NETWORK)
    old = token_of(mails(registry)[-1])
    own_account.ask_address(registry, who.actor, OTHER, "new@example.com")
    new = token_of(next(mail for mail in mails(registry) if mail["To"] == "new@example.com"))
    entering.confirm_address(registry, ANONYMOUS, new)
    with pytest.raises(NotFound):
        entering.set_password(registry, ANONYMOUS, old, PASSWORD)


def test_one_code_is_good_for_one_of_two_sessions_at_one_moment(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    with_factor(registry, MEI)
    keys = [people.sign_in(registry, MEI) for _turn in range(2)]
    code = second_factor.code_now(secret_of(registry, MEI), clock.now() + dt.timedelta(seconds=30))
    start = threading.Barrier(2)

    def give(key: str) -> bool:
        start.wait()
        try:
            signing_in.give_factor(registry, ANONYMOUS, key, code)
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
                signing_in.give_factor(registry, ANONYMOUS, key, wrong)
            assert code_of(refused) == ("factor_wrong", "code")
        with pytest.raises(TooOften):
            signing_in.give_factor(registry, ANONYMOUS, key, "000000")
    later = NOW + dt.timedelta(minutes=20)
    with clock.fixed(later):
        assert signing_in.holder(registry, ANONYMOUS, key) is None  # half a session does not wait so long
        key = people.sign_in(registry, MEI)
        code = second_factor.code_now(secret_of(registry, MEI), later)
        new = signing_in.give_factor(registry, ANONYMOUS, key, f"{code[:3]} {code[3:]}")
        assert signing_in.holder(registry, ANONYMOUS, key) is None
        assert people.signed(registry, new).stage == "complete"
        with pytest.raises(Forbidden):
            signing_in.give_factor(registry, ANONYMOUS, new, code)


def test_a_recovery_code_is_good_once(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    codes = with_factor(registry, MEI)
    assert len(set(codes)) == 10
    key = signing_in.give_factor(
        registry, ANONYMOUS, people.sign_in(registry, MEI), codes[3].lower().replace("-", " ")
    )
    who = people.signed(registry, key)
    assert own_account.account(registry, who.actor, who.session_id).codes_left == 9
    with pytest.raises(Invalid):
        signing_in.give_factor(registry, ANONYMOUS, people.sign_in(registry, MEI), codes[3])
    renewed = own_account.renew_codes(registry, who.actor, PASSWORD)
    assert not set(renewed) & set(codes)
    with pytest.raises(Invalid):
        signing_in.give_factor(registry, ANONYMOUS, people.sign_in(registry, MEI), codes[4])
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
        assert signing_in.holder(registry, ANONYMOUS, key) is None


def test_a_new_role_ends_the_sessions_of_the_old_one(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    key = people.sign_in(registry, MEI)
    assert appointing.appoint(registry, SYSTEM, MEI, "registrar", "zh") == ""
    assert signing_in.holder(registry, ANONYMOUS, key) is None
    assert people.signed(registry, people.sign_in(registry, MEI)).stage == "set_up"
    for wrong in ("emperor", "system", "visitor"):
        with pytest.raises(Invalid):
            appointing.appoint(registry, SYSTEM, WEI, wrong, "zh")
    for actor in (ANONYMOUS, REGISTRAR, who.actor):
        with pytest.raises(Forbidden):
            appointing.appoint(registry, actor, WEI, "admin", "zh")


def test_a_dormant_account_asks_for_a_new_password(registry: Registry) -> None:
    with clock.fixed(NOW):
        people.sign_up(registry, MEI)
    with clock.fixed(NOW + dt.timedelta(days=366)):
        with pytest.raises(Invalid) as asleep:
            people.sign_in(registry, MEI)
        assert code_of(asleep) == ("dormant", "email")
        with pytest.raises(Invalid) as wrong:
            people.sign_in(registry, MEI, "wrong")
        assert code_of(wrong) == ("sign_in_wrong", "email")
        entering.set_password(registry, ANONYMOUS, token_of(mails(registry)[-1]), OTHER)
        assert people.sign_in(registry, MEI, OTHER)


def test_visitors_have_no_account_of_their_own() -> None:
    for act in (own_account.account, own_account.end_session, own_account.end_other_sessions):
        with pytest.raises(Forbidden):
            act(None, ANONYMOUS, 1)  # type: ignore[arg-type] - asked before anything is opened
    with pytest.raises(Forbidden):
        own_account.begin_factor(None, ANONYMOUS, 1)  # type: ignore[arg-type]


def test_the_trail_cannot_be_changed(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    for statement in (update(Audit).values(action="nothing"), delete(Audit)):
        with pytest.raises(DBAPIError), unit_of_work(registry.engine) as work:
            work.execute(statement)
    with reading(registry.engine) as work:
        assert work.execute(select(func.count()).select_from(Audit)).scalar() == 2


def test_no_secret_lies_in_the_database(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    codes = with_factor(registry, MEI)
    secret = secret_of(registry, MEI)
    key = people.sign_in(registry, MEI)
    entering.ask_for_password(registry, ANONYMOUS, MEI, "en", NETWORK)
    with reading(registry.engine) as work:
        kept = "\n".join(
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in work.execute(select(*table.columns))
        )
        tokens = [
            tickets.token(registry, row).partition(".")[2]
            for row in work.execute(select(*Ticket.__table__.columns))
        ]
    assert "Mei@example.com" in kept
    secrets = [PASSWORD, secret, key, NETWORK, *codes, *tokens]
    assert [hidden for hidden in secrets if hidden in kept] == []


def test_a_lost_secret_makes_old_links_and_factors_void_and_no_new_ones_weak(registry: Registry) -> None:
    with unit_of_work(registry.engine) as work:
        made = tickets.make(work, tickets.SIGN_UP, WEI)
        ticket = tickets.by_id(work, made)
    assert ticket is not None
    bare = Registry(
        type(registry.settings)(registry.settings.data_dir, registry.settings.database_url, "", "http://x"),
        registry.engine,
        registry.search,
        registry.synonyms,
        registry.missed,
    )
    with pytest.raises(ValueError, match="secret"):
        tickets.token(bare, ticket)


def test_two_accounts_cannot_share_an_address(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    with pytest.raises(DBAPIError), unit_of_work(registry.engine) as work:
        entering.add_user(work, "mei@EXAMPLE.com", "Another", "zh", "enterprise")
    with unit_of_work(registry.engine) as work:
        values = {"user_id": 1, "code_hash": "a" * 64}
        work.execute(insert(RecoveryCode).values(**values))
        assert work.execute(select(func.count()).select_from(User)).scalar() == 1
        assert work.execute(text("SELECT count(*) FROM recovery_code")).scalar() == 1
