"""Login throttling: guessing is limited, the owner is not locked out, and limits do not reveal accounts."""

from __future__ import annotations

import dataclasses
import datetime as dt
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from registry import clock
from registry.accounts import passwords, rate_limits
from registry.accounts.model import AttemptCounter, AuditEntry, Letter
from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid, TooManyAttempts
from registry.services.bootstrap import Registry
from registry.services.people import login_throttling, own_account, registration, sessions
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people
from tests.services.people import NETWORK, PASSWORD, issue_of, read_mails, token_of

MEI, WEI = "Mei@Example.com", "wei@example.com"
OTHER = "nine slow barges under 月亮"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
HOUR = dt.timedelta(hours=1)


def test_answers_do_not_reveal_whether_an_account_exists(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    for address in (MEI, WEI):
        assert registration.request_sign_up(registry, ANONYMOUS, address, lang="en", network=NETWORK)
        assert registration.request_password_reset(registry, ANONYMOUS, address, lang="en", network=NETWORK)
    sent = [(mail["To"], mail["Subject"]) for mail in read_mails(registry)[1:]]
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
    """Both verify one Argon2 hash: the ratio would be some hundreds if one of them did not."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher())
    passwords._dummy_hash.cache_clear()
    people.sign_up(registry, MEI)
    durations: dict[str, list[float]] = {MEI: [], WEI: []}
    for turn in range(5):
        for address, times in durations.items():
            start = time.process_time()
            with pytest.raises(Invalid):
                people.sign_in(registry, address, "wrong", f"192.0.2.{turn}")
            times.append(time.process_time() - start)
    known, unknown = (statistics.median(times) for times in durations.values())
    assert 1 / 5 < known / unknown < 5


@pytest.mark.parametrize("address", [MEI, WEI])
def test_an_account_is_blocked_for_one_network_whether_it_exists_or_not(
    registry: Registry, address: str
) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        for _turn in range(login_throttling.ACCOUNT_AND_NETWORK_LIMIT.max_attempts):
            with pytest.raises(Invalid):
                people.sign_in(registry, address, "wrong")
        with pytest.raises(TooManyAttempts) as locked:
            people.sign_in(registry, address, PASSWORD)
        assert locked.value.retry_at == NOW + login_throttling.ACCOUNT_AND_NETWORK_LIMIT.window
    with clock.frozen_at(NOW + login_throttling.ACCOUNT_AND_NETWORK_LIMIT.window):
        with pytest.raises(Invalid):
            people.sign_in(registry, WEI)
        assert people.sign_in(registry, MEI)


def test_guessing_from_many_networks_does_not_lock_out_the_owner(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        for turn in range(login_throttling.ACCOUNT_LIMIT.max_attempts):
            with pytest.raises(Invalid):
                people.sign_in(registry, MEI, "wrong", f"198.51.100.{turn // 9}")
        assert people.sign_in(registry, MEI)  # from a network where the owner has signed in before
        with pytest.raises(TooManyAttempts) as slowed:
            people.sign_in(registry, MEI, PASSWORD, "203.0.113.1")
        assert slowed.value.retry_at == NOW + dt.timedelta(minutes=5)
        assert people.sign_up(registry, WEI)
    with clock.frozen_at(NOW + dt.timedelta(minutes=5)):
        assert people.sign_in(registry, MEI, PASSWORD, "203.0.113.1")


def test_one_network_has_a_limit_over_all_accounts(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = dataclasses.replace(login_throttling.NETWORK_LIMIT, max_attempts=12)  # the same, sooner
    monkeypatch.setattr(login_throttling, "NETWORK_LIMIT", limit)
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        for turn in range(limit.max_attempts):
            with pytest.raises(Invalid):
                people.sign_in(registry, f"somebody{turn}@example.com", "wrong", "203.0.113.9")
        for address in (MEI, WEI):  # known and unknown
            with pytest.raises(TooManyAttempts):
                people.sign_in(registry, address, PASSWORD, "203.0.113.9")
        assert people.sign_in(registry, MEI)


def test_an_address_in_full_width_is_the_same_account_with_the_same_limit(registry: Registry) -> None:
    full_width = MEI.replace("@", "＠").replace(".", "．")
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        assert people.sign_in(registry, full_width)
        for _turn in range(login_throttling.ACCOUNT_AND_NETWORK_LIMIT.max_attempts):
            with pytest.raises(Invalid):
                people.sign_in(registry, full_width, "wrong", "203.0.113.9")
        with pytest.raises(TooManyAttempts):
            people.sign_in(registry, MEI, PASSWORD, "203.0.113.9")


def test_a_failed_sign_in_writes_the_same_rows_whether_the_account_exists_or_not(registry: Registry) -> None:
    """The same statements take the same time."""
    people.sign_up(registry, MEI)
    written = []
    for network, address in (("192.0.2.1", MEI), ("192.0.2.2", WEI)):
        with read_transaction(registry.engine) as connection:
            before = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (AuditEntry, AttemptCounter)
            ]
        with pytest.raises(Invalid):
            people.sign_in(registry, address, "wrong", network)
        with read_transaction(registry.engine) as connection:
            after = [
                connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in (AuditEntry, AttemptCounter)
            ]
        written.append([new - old for old, new in zip(before, after, strict=True)])
    assert written[0] == written[1]


def test_a_password_reset_lifts_the_block_and_ends_every_session(registry: Registry) -> None:
    key = people.sign_in(registry, people.sign_up(registry, MEI).email)
    for _turn in range(login_throttling.ACCOUNT_AND_NETWORK_LIMIT.max_attempts):
        with pytest.raises(Invalid):
            people.sign_in(registry, MEI, "wrong")
    with pytest.raises(TooManyAttempts):
        people.sign_in(registry, MEI)
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    registration.reset_password(registry, ANONYMOUS, token_of(read_mails(registry)[-1]), OTHER)
    assert sessions.resolve_session(registry, ANONYMOUS, key) is None
    assert read_mails(registry)[-1]["Subject"] == "Your password was changed"
    assert people.sign_in(registry, MEI, OTHER)
    with pytest.raises(Invalid):
        people.sign_in(registry, MEI, PASSWORD)


def test_mails_to_one_recipient_are_limited(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        for _turn in range(registration.MAILS_PER_RECIPIENT.max_attempts):
            registration.request_sign_up(registry, ANONYMOUS, WEI, lang="en", network=NETWORK)
        with pytest.raises(TooManyAttempts):
            registration.request_password_reset(registry, ANONYMOUS, WEI, lang="en", network="198.51.100.1")
        assert registration.request_sign_up(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Letter)).scalar() == 6


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short one 1", "password_short"),
        ("p" * 129, "password_long"),
        ("7kQ!vz#Wm4T", "password_short"),
        ("passwordpassword", "password_guessable"),
        ("123456789012", "password_guessable"),
        ("mei@example.com", "password_guessable"),
        ("iloveyou1234", "password_guessable"),
    ],
)
def test_weak_passwords_are_refused(registry: Registry, password: str, code: str) -> None:
    registration.request_sign_up(registry, ANONYMOUS, "mei@example.com", lang="en", network=NETWORK)
    token = token_of(read_mails(registry)[-1])
    with pytest.raises(Invalid) as refused:
        registration.complete_sign_up(
            registry, ANONYMOUS, token, registration.NewAccount("Mei", password, "en")
        )
    assert issue_of(refused) == (code, "password")
    assert registration.complete_sign_up(
        registry, ANONYMOUS, token, registration.NewAccount("Mei", "长亭外，古道边，芳草碧连天", "en")
    )


@pytest.mark.parametrize("password", ["7kQ!vz#Wm4Tx", "7kQ!vz#Wm4Tx" * 11])
def test_passwords_of_the_shortest_and_the_longest_length_are_accepted(password: str) -> None:
    length = max(passwords.MIN_LENGTH, min(len(password), passwords.MAX_LENGTH))
    assert length in (passwords.MIN_LENGTH, passwords.MAX_LENGTH)
    assert passwords.rejection_code(password[:length]) is None


def test_one_failure_below_the_limit_blocks_nothing(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        for _turn in range(login_throttling.ACCOUNT_AND_NETWORK_LIMIT.max_attempts - 1):
            with pytest.raises(Invalid):
                people.sign_in(registry, MEI, "wrong")
        assert people.sign_in(registry, MEI)
        for _turn in range(login_throttling.ACCOUNT_AND_NETWORK_LIMIT.max_attempts - 1):
            with pytest.raises(Invalid):  # the success has reset the count
                people.sign_in(registry, MEI, "wrong")
        assert people.sign_in(registry, MEI)


def test_a_block_lasts_to_the_last_second_of_its_pause(registry: Registry) -> None:
    limit = login_throttling.ACCOUNT_AND_NETWORK_LIMIT
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        for _turn in range(limit.max_attempts):
            with pytest.raises(Invalid):
                people.sign_in(registry, MEI, "wrong")
    with clock.frozen_at(NOW + limit.window - dt.timedelta(seconds=1)), pytest.raises(TooManyAttempts):
        people.sign_in(registry, MEI)
    with clock.frozen_at(NOW + limit.window):
        assert people.sign_in(registry, MEI)


@pytest.mark.parametrize(
    ("pause", "expected"), [(None, HOUR), (dt.timedelta(minutes=5), dt.timedelta(minutes=5))]
)
def test_attempts_are_counted_within_a_window(
    registry: Registry, pause: dt.timedelta | None, expected: dt.timedelta
) -> None:
    limit = rate_limits.RateLimit("test", 2, HOUR, pause)
    second = dt.timedelta(seconds=1)

    def record_at(moment: dt.datetime) -> dt.datetime | None:
        with clock.frozen_at(moment), unit_of_work(registry.engine) as connection:
            rate_limits.count_attempt(connection, limit, "key")
            return rate_limits.blocked_until(connection, ["key", "another"])

    assert record_at(NOW) is None
    assert record_at(NOW + HOUR) is None  # the window is over: the count begins anew
    blocked = NOW + 2 * HOUR - second
    assert record_at(blocked) == blocked + expected
    with clock.frozen_at(blocked + expected), read_transaction(registry.engine) as connection:
        assert rate_limits.blocked_until(connection, ["key"]) is None


def test_a_network_is_known_for_thirty_days(registry: Registry) -> None:
    window = login_throttling.KNOWN_NETWORK.window
    with clock.frozen_at(NOW), unit_of_work(registry.engine) as connection:
        rate_limits.mark_seen(connection, "key")
    for moment, known in ((NOW + window - dt.timedelta(seconds=1), True), (NOW + window, False)):
        with clock.frozen_at(moment), read_transaction(registry.engine) as connection:
            assert rate_limits.seen_within(connection, "key", window) is known


def test_keys_of_limits_hold_no_address_and_ignore_case() -> None:
    limit = rate_limits.RateLimit("test", 1, HOUR)
    assert limit.key("secret", "Mei@Example.com") == limit.key("secret", "mei@example.COM")
    assert len({limit.key("secret", "a", "b"), limit.key("secret", "ab"), limit.key("other", "a", "b")}) == 3
    assert "mei" not in limit.key("secret", "mei@example.com")


def test_attempts_that_come_together_are_counted_before_they_are_looked_at(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two dozen guesses wait until all of them are on their way: no more than the limit reach the password."""
    people.sign_up(registry, MEI)
    guesses = 2 * login_throttling.ACCOUNT_AND_NETWORK_LIMIT.max_attempts + 4
    start = threading.Barrier(guesses)
    looked_at: list[str] = []

    def verify(_hash: str, password: str) -> bool:
        looked_at.append(password)
        return False

    def guess(number: int) -> type[Exception]:
        start.wait()
        with pytest.raises((Invalid, TooManyAttempts)) as refused:
            people.sign_in(registry, MEI, f"guess {number}")
        return refused.type

    monkeypatch.setattr(passwords, "verify", verify)
    with ThreadPoolExecutor(guesses) as pool:
        outcomes = list(pool.map(guess, range(guesses)))
    assert len(looked_at) == login_throttling.ACCOUNT_AND_NETWORK_LIMIT.max_attempts
    assert outcomes.count(TooManyAttempts) == guesses - len(looked_at)


def test_the_password_asked_again_is_counted_before_it_is_looked_at(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = people.sign_up(registry, MEI)
    limit = login_throttling.REAUTHENTICATION_LIMIT.max_attempts
    for _turn in range(limit + 2):  # successes are given back
        own_account.require_password(registry, user.actor, PASSWORD)
    seen = []

    def verify(_hash: str, _password: str) -> bool:
        key = login_throttling.REAUTHENTICATION_LIMIT.key(registry.settings.secret_key, str(user.user_id))
        with read_transaction(registry.engine) as connection:
            counted = select(AttemptCounter.count, AttemptCounter.until).where(AttemptCounter.key == key)
            seen.append(tuple(connection.execute(counted).one()))
        return False

    monkeypatch.setattr(passwords, "verify", verify)
    for _turn in range(limit):
        with pytest.raises(Invalid):
            own_account.require_password(registry, user.actor, "wrong")
    assert [count for count, _until in seen] == [*range(1, limit), 0]
    assert [until is not None for _count, until in seen] == [False] * (limit - 1) + [True]
    with pytest.raises(TooManyAttempts):
        own_account.require_password(registry, user.actor, PASSWORD)
    assert len(seen) == limit


def test_a_success_that_completed_a_block_ends_it(registry: Registry) -> None:
    limit = rate_limits.RateLimit("test", 2, HOUR)
    with clock.frozen_at(NOW), unit_of_work(registry.engine) as connection:
        rate_limits.give_back(connection, limit, "key")  # nothing was counted
        assert rate_limits.count_attempt(connection, limit, "key") is None
        assert rate_limits.count_attempt(connection, limit, "key") is None
        assert rate_limits.count_attempt(connection, limit, "key") == NOW + HOUR
        rate_limits.give_back(connection, limit, "key")
        assert rate_limits.count_attempt(connection, limit, "key") is None  # the second anew
        assert rate_limits.count_attempt(connection, limit, "key") == NOW + HOUR
    with clock.frozen_at(NOW + HOUR), unit_of_work(registry.engine) as connection:
        rate_limits.give_back(connection, limit, "key")  # after the block: not below nothing
        for _turn in range(2):
            assert rate_limits.count_attempt(connection, limit, "key") is None
