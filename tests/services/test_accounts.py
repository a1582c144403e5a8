"""Accounts: signing up by mail, sessions, addresses, roles, and what each act leaves behind."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from registry import clock
from registry.accounts.model import AuditEntry, EmailLink, RecoveryCode, Session, User
from registry.accounts.policy import ANONYMOUS
from registry.errors import ConcurrentWrite, Forbidden, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.mail import email_links
from registry.services.people import own_account, registration, sessions
from registry.store.base import Base
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people
from tests.services.people import NETWORK, PASSWORD, issue_of, read_mails, secret_of, token_of, with_factor

MEI, WEI = "Mei@Example.com", "wei@example.com"
OTHER = "nine slow barges under 月亮"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)


def test_from_the_first_mail_to_a_session(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    assert (who.email, who.name, who.stage, who.actor.role) == (
        "Mei@example.com",
        "李梅 Li Mei",
        "complete",
        "enterprise",
    )
    again = people.session_of(registry, people.sign_in(registry, "mei@EXAMPLE.com"))
    assert (again.user_id, again.session_id != who.session_id) == (who.user_id, True)
    view = own_account.get_account(registry, again.actor, again.session_id)
    assert [session.is_current for session in view.sessions] == [True, False]
    assert view.sessions[0].browser == "Firefox · Windows"
    assert [act.words for act in view.audit_events] == ["Signed in", "Signed in", "Account made"]


def test_a_link_is_good_once_for_its_purpose_and_in_time(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        registration.request_sign_up(registry, ANONYMOUS, MEI, lang="zh", network=NETWORK)
        older = token_of(read_mails(registry)[-1])
        registration.request_sign_up(registry, ANONYMOUS, MEI, lang="zh", network=NETWORK)
        token = token_of(read_mails(registry)[-1])
        assert (
            registration.check_link(registry, ANONYMOUS, email_links.SIGN_UP_LINK, older).email
            == "Mei@example.com"
        )
    for wrong in ("", "1", "x.y", token[:-1] + ("A" if token[-1] != "A" else "B"), "999999." + token):
        with clock.frozen_at(NOW), pytest.raises(NotFound):
            registration.check_link(registry, ANONYMOUS, email_links.SIGN_UP_LINK, wrong)
    with clock.frozen_at(NOW), pytest.raises(NotFound):
        registration.reset_password(registry, ANONYMOUS, token, PASSWORD)
    with clock.frozen_at(NOW + dt.timedelta(days=1)), pytest.raises(NotFound):
        registration.complete_sign_up(
            registry, ANONYMOUS, token, registration.NewAccount("Mei", PASSWORD, "zh")
        )
    with clock.frozen_at(NOW + dt.timedelta(hours=23)):
        assert (
            registration.complete_sign_up(
                registry, ANONYMOUS, token, registration.NewAccount("Mei", PASSWORD, "zh")
            )
            == "Mei@example.com"
        )
        for used in (token, older):
            with pytest.raises(NotFound):
                registration.complete_sign_up(
                    registry, ANONYMOUS, used, registration.NewAccount("Mei", PASSWORD, "zh")
                )


def test_who_asks_again_keeps_the_links_that_are_on_their_way(registry: Registry) -> None:
    """Three of them; with the first that is used all are void."""
    people.sign_up(registry, MEI)
    for _turn in range(4):
        registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    sent = [token_of(mail) for mail in read_mails(registry) if "new-password" in mail.get_content()]
    assert len(sent) == 3  # the first was void before it was sent
    assert [
        registration.check_link(registry, ANONYMOUS, email_links.PASSWORD_LINK, each).email for each in sent
    ] == ["Mei@example.com"] * 3
    registration.reset_password(registry, ANONYMOUS, sent[0], OTHER)
    for each in sent:
        with pytest.raises(NotFound):
            registration.reset_password(registry, ANONYMOUS, each, PASSWORD)


def test_sessions_end_by_themselves_and_at_will(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        keys = [people.sign_in(registry, MEI) for _turn in range(4)]
    half_a_day = dt.timedelta(hours=11)
    with clock.frozen_at(NOW + half_a_day):
        assert sessions.resolve_session(registry, ANONYMOUS, keys[0])
    with clock.frozen_at(NOW + 2 * half_a_day):
        held = [sessions.resolve_session(registry, ANONYMOUS, key) for key in keys]
        assert [who is not None for who in held] == [True, False, False, False]
        new = people.session_of(registry, people.sign_in(registry, MEI))
        own_account.end_session(registry, new.actor, people.session_of(registry, keys[0]).session_id)
        assert sessions.resolve_session(registry, ANONYMOUS, keys[0]) is None
        last = people.sign_in(registry, MEI)
        own_account.end_other_sessions(registry, new.actor, new.session_id)
        assert sessions.resolve_session(registry, ANONYMOUS, last) is None
        sessions.purge_expired(registry)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Session)).scalar() == 1


def test_no_session_outlives_two_weeks_though_it_is_used(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        key = people.sign_in(registry, MEI)
    for hours in range(11, 15 * 24, 11):
        with clock.frozen_at(NOW + dt.timedelta(hours=hours)):
            held = sessions.resolve_session(registry, ANONYMOUS, key) is not None
            assert held == (hours <= 14 * 24), hours


def test_one_account_does_not_end_the_sessions_of_another(registry: Registry) -> None:
    mei, wei = people.sign_up(registry, MEI), people.sign_up(registry, WEI)
    own_account.end_session(registry, wei.actor, mei.session_id)
    own_account.end_other_sessions(registry, wei.actor, wei.session_id)
    view = own_account.get_account(registry, mei.actor, mei.session_id)
    assert len(view.sessions) == 1
    assert "A session was ended" not in [act.words for act in view.audit_events]


def test_the_password_is_asked_again_for_what_matters(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    key = people.sign_in(registry, MEI)
    with pytest.raises(Invalid) as refused:
        own_account.change_password(
            registry, who.actor, who.session_id, current_password="wrong", new_password=OTHER
        )
    assert issue_of(refused) == ("password_wrong", "present")
    own_account.change_password(
        registry, who.actor, who.session_id, current_password=PASSWORD, new_password=OTHER
    )
    assert sessions.resolve_session(registry, ANONYMOUS, key) is None
    assert own_account.get_account(registry, who.actor, who.session_id).sessions[0].is_current
    for act in (own_account.remove_second_factor, own_account.renew_recovery_codes):
        with pytest.raises(Invalid):
            act(registry, who.actor, PASSWORD)
    with pytest.raises(Forbidden):
        own_account.renew_recovery_codes(registry, who.actor, OTHER)


def test_another_address_counts_when_its_mail_is_answered(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    people.sign_up(registry, WEI)
    with pytest.raises(Invalid) as same:
        own_account.request_email_change(registry, who.actor, PASSWORD, "MEI@example.com")
    assert issue_of(same) == ("address_same", "email")
    assert own_account.request_email_change(registry, who.actor, PASSWORD, WEI) == WEI
    assert [mail["Subject"] for mail in read_mails(registry)[-2:]] == [
        "You have an account with Pinzheng already",
        "Your e-mail address is to be changed",
    ]
    own_account.request_email_change(registry, who.actor, PASSWORD, "new@example.com")
    [confirm, told] = read_mails(registry)[-2:]
    assert (confirm["To"], told["To"]) == ("new@example.com", "Mei@example.com")
    people.sign_in(registry, MEI)
    assert registration.confirm_email_change(registry, ANONYMOUS, token_of(confirm)) == "new@example.com"
    assert read_mails(registry)[-1]["To"] == "Mei@example.com"
    assert people.sign_in(registry, "new@example.com")
    with pytest.raises(Invalid):
        people.sign_in(registry, MEI)


def test_an_address_that_was_taken_meanwhile_is_not_taken_twice(registry: Registry) -> None:
    who = people.sign_up(registry, MEI)
    own_account.request_email_change(registry, who.actor, PASSWORD, WEI)
    token = token_of(next(mail for mail in read_mails(registry) if mail["To"] == WEI))
    people.sign_up(registry, WEI)
    with pytest.raises(Invalid) as taken:
        registration.confirm_email_change(registry, ANONYMOUS, token)
    assert issue_of(taken) == ("address_taken", "email")


def test_a_new_password_voids_every_other_way_in(registry: Registry) -> None:
    """Whoever had asked to change the address, or for a link, before the owner set a new password, has nothing."""
    who = people.sign_up(registry, MEI)
    own_account.request_email_change(registry, who.actor, PASSWORD, "evil@example.com")
    evil = token_of(next(mail for mail in read_mails(registry) if mail["To"] == "evil@example.com"))
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    registration.reset_password(registry, ANONYMOUS, token_of(read_mails(registry)[-1]), OTHER)
    with pytest.raises(NotFound):
        registration.confirm_email_change(registry, ANONYMOUS, evil)
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    old = token_of(read_mails(registry)[-1])
    own_account.request_email_change(registry, who.actor, OTHER, "new@example.com")
    new = token_of(next(mail for mail in read_mails(registry) if mail["To"] == "new@example.com"))
    registration.confirm_email_change(registry, ANONYMOUS, new)
    with pytest.raises(NotFound):
        registration.reset_password(registry, ANONYMOUS, old, PASSWORD)


def test_a_dormant_account_asks_for_a_new_password(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
    with clock.frozen_at(NOW + dt.timedelta(days=366)):
        with pytest.raises(Invalid) as asleep:
            people.sign_in(registry, MEI)
        assert issue_of(asleep) == ("dormant", "email")
        with pytest.raises(Invalid) as wrong:
            people.sign_in(registry, MEI, "wrong")
        assert issue_of(wrong) == ("sign_in_wrong", "email")
        registration.reset_password(registry, ANONYMOUS, token_of(read_mails(registry)[-1]), OTHER)
        assert people.sign_in(registry, MEI, OTHER)


def test_visitors_have_no_account_of_their_own() -> None:
    for act in (own_account.get_account, own_account.end_session, own_account.end_other_sessions):
        with pytest.raises(Forbidden):
            act(None, ANONYMOUS, 1)  # type: ignore[arg-type] - asked before anything is opened
    with pytest.raises(Forbidden):
        own_account.begin_second_factor(None, ANONYMOUS, 1)  # type: ignore[arg-type]


def test_the_trail_cannot_be_changed(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    for statement in (update(AuditEntry).values(action="nothing"), delete(AuditEntry)):
        with pytest.raises(DBAPIError), unit_of_work(registry.engine) as connection:
            connection.execute(statement)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(AuditEntry)).scalar() == 2


def test_no_secret_lies_in_the_database(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    codes = with_factor(registry, MEI)
    secret = secret_of(registry, MEI)
    key = people.sign_in(registry, MEI)
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    with read_transaction(registry.engine) as connection:
        kept = "\n".join(
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(*table.columns))
        )
        tokens = [
            email_links.link_token(registry, row).partition(".")[2]
            for row in connection.execute(select(*EmailLink.__table__.columns))
        ]
    assert "Mei@example.com" in kept
    secrets = [PASSWORD, secret, key, NETWORK, *codes, *tokens]
    assert [hidden for hidden in secrets if hidden in kept] == []


def test_a_lost_secret_makes_old_links_and_factors_void_and_no_new_ones_weak(registry: Registry) -> None:
    with unit_of_work(registry.engine) as connection:
        made = email_links.create_link(connection, email_links.SIGN_UP_LINK, WEI)
        ticket = email_links.find_link(connection, made)
    assert ticket is not None
    settings = type(registry.settings)(
        registry.settings.data_dir, registry.settings.database_url, "", "http://x"
    )
    bare = dataclasses.replace(registry, settings=settings)
    with pytest.raises(ValueError, match="secret"):
        email_links.link_token(bare, ticket)


def test_two_accounts_cannot_share_an_address(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    with pytest.raises(ConcurrentWrite), unit_of_work(registry.engine) as connection:
        registration.create_user(connection, "mei@EXAMPLE.com", name="Another", lang="zh", role="enterprise")
    with unit_of_work(registry.engine) as connection:
        values = {"user_id": 1, "code_hash": "a" * 64}
        connection.execute(insert(RecoveryCode).values(**values))
        assert connection.execute(select(func.count()).select_from(User)).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM recovery_code")).scalar() == 1
