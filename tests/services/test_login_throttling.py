"""Guessing: passwords and addresses are not found out, locks and limits tell nothing."""

from __future__ import annotations

import datetime as dt
import statistics
import time

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from registry import clock
from registry.accounts import passwords
from registry.accounts.model import AttemptCounter, AuditEntry, Letter
from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid, TooManyAttempts
from registry.services.bootstrap import Registry
from registry.services.people import login_throttling, registration, sessions
from registry.store.unit_of_work import read_transaction
from tests.services import people
from tests.services.people import NETWORK, PASSWORD, issue_of, read_mails, token_of

MEI, WEI = "Mei@Example.com", "wei@example.com"
OTHER = "nine slow barges under 月亮"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)


def test_the_page_never_tells_who_has_an_account(registry: Registry) -> None:
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
    """Both look at one Argon2 hash: the ratio would be some hundreds if one of them did not."""
    monkeypatch.setattr(passwords, "HASHER", PasswordHasher())
    passwords._dummy_hash.cache_clear()
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


def test_who_guesses_locks_out_himself_and_not_the_owner(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        for turn in range(login_throttling.ACCOUNT_LIMIT.max_attempts):
            with pytest.raises(Invalid):
                people.sign_in(registry, MEI, "wrong", f"198.51.100.{turn // 9}")
        assert people.sign_in(registry, MEI)  # from where the owner has signed in before
        with pytest.raises(TooManyAttempts) as slowed:
            people.sign_in(registry, MEI, PASSWORD, "203.0.113.1")
        assert slowed.value.retry_at == NOW + dt.timedelta(minutes=5)
        assert people.sign_up(registry, WEI)
    with clock.frozen_at(NOW + dt.timedelta(minutes=5)):
        assert people.sign_in(registry, MEI, PASSWORD, "203.0.113.1")


def test_one_network_has_a_limit_over_all_accounts(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        for turn in range(login_throttling.NETWORK_LIMIT.max_attempts):
            with pytest.raises(Invalid):
                people.sign_in(registry, f"somebody{turn}@example.com", "wrong", "203.0.113.9")
        for address in (MEI, WEI):  # known and unknown
            with pytest.raises(TooManyAttempts):
                people.sign_in(registry, address, PASSWORD, "203.0.113.9")
        assert people.sign_in(registry, MEI)


def test_an_unknown_address_leaves_the_same_behind_as_a_known_one(registry: Registry) -> None:
    """The same statements, so the same time: rows of the trail and of attempts."""
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
        written.append([now - then for then, now in zip(before, after, strict=True)])
    assert written[0] == written[1]


def test_a_new_password_by_mail_opens_the_lock_and_ends_every_session(registry: Registry) -> None:
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


def test_mails_are_not_sent_without_end(registry: Registry) -> None:
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
        ("passwordpassword", "password_guessable"),
        ("123456789012", "password_guessable"),
        ("mei@example.com", "password_guessable"),
        ("iloveyou1234", "password_guessable"),
    ],
)
def test_weak_passwords_are_refused_by_length_and_guessability(
    registry: Registry, password: str, code: str
) -> None:
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
