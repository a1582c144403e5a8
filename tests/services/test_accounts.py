"""Accounts: sign-up by mail, e-mail links, sessions, change of address and password, the audit log."""

from __future__ import annotations

import dataclasses
import datetime as dt

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from registry import clock
from registry.accounts import audit_log, borrowed_words
from registry.accounts.api_tokens import ApiToken, IdempotentResponse
from registry.accounts.model import AuditEntry, EmailLink, RecoveryCode, Session, User
from registry.accounts.policy import ANONYMOUS
from registry.errors import ConcurrentWrite, Forbidden, Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.people import own_account, registration, sessions, tokens
from registry.store.base import Base
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people
from tests.services.people import (
    NETWORK,
    PASSWORD,
    issue_of,
    read_mails,
    secret_of,
    token_of,
    with_second_factor,
)
from tests.statements import asked

MEI, WEI = "Mei@Example.com", "wei@example.com"
OTHER = "nine slow barges under 月亮"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)


def test_sign_up_and_sign_in(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    assert (user.email, user.name, user.stage, user.actor.role) == (
        "Mei@example.com",
        "李梅 Li Mei",
        "complete",
        "enterprise",
    )
    again = people.session_of(registry, people.sign_in(registry, "mei@EXAMPLE.com"))
    assert (again.user_id, again.session_id != user.session_id) == (user.user_id, True)
    view = own_account.get_account(registry, again.actor, again.session_id)
    assert [session.is_current for session in view.sessions] == [True, False]
    assert view.sessions[0].browser == "Firefox · Windows"
    assert [event.words for event in view.audit_events] == ["Signed in", "Signed in", "Account made"]


def test_a_link_is_valid_once_for_its_purpose_until_it_expires(registry: Registry) -> None:
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
    with clock.frozen_at(NOW + dt.timedelta(days=1) - dt.timedelta(seconds=1)):
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


def test_a_second_request_does_not_void_links_sent_before(registry: Registry) -> None:
    """The newest three stay valid; using one voids the others."""
    people.sign_up(registry, MEI)
    for _turn in range(4):
        registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    sent = [token_of(mail) for mail in read_mails(registry) if "new-password" in mail.get_content()]
    assert len(sent) == 3  # the first was voided before it was sent
    assert [
        registration.check_link(registry, ANONYMOUS, email_links.PASSWORD_LINK, token).email for token in sent
    ] == ["Mei@example.com"] * 3
    registration.reset_password(registry, ANONYMOUS, sent[0], OTHER)
    for token in sent:
        with pytest.raises(NotFound):
            registration.reset_password(registry, ANONYMOUS, token, PASSWORD)


def test_sessions_expire_and_can_be_ended(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        keys = [people.sign_in(registry, MEI) for _turn in range(4)]
    used_every = dt.timedelta(hours=11)
    with clock.frozen_at(NOW + used_every):
        assert sessions.resolve_session(registry, ANONYMOUS, keys[0])
    with clock.frozen_at(NOW + 2 * used_every):
        resolved = [sessions.resolve_session(registry, ANONYMOUS, key) for key in keys]
        assert [session is not None for session in resolved] == [True, False, False, False]
        new = people.session_of(registry, people.sign_in(registry, MEI))
        own_account.end_session(registry, new.actor, people.session_of(registry, keys[0]).session_id)
        assert sessions.resolve_session(registry, ANONYMOUS, keys[0]) is None
        last = people.sign_in(registry, MEI)
        own_account.end_other_sessions(registry, new.actor, new.session_id)
        assert sessions.resolve_session(registry, ANONYMOUS, last) is None
        sessions.purge_expired(registry)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Session)).scalar() == 1


def test_a_session_expires_after_two_weeks_though_it_is_used(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        key = people.sign_in(registry, MEI)
    for hours in range(11, 15 * 24, 11):
        with clock.frozen_at(NOW + dt.timedelta(hours=hours)):
            valid = sessions.resolve_session(registry, ANONYMOUS, key) is not None
            assert valid == (hours <= 14 * 24), hours


def test_a_user_cannot_end_sessions_of_another_user(registry: Registry) -> None:
    mei, wei = people.sign_up(registry, MEI), people.sign_up(registry, WEI)
    own_account.end_session(registry, wei.actor, mei.session_id)
    own_account.end_other_sessions(registry, wei.actor, wei.session_id)
    view = own_account.get_account(registry, mei.actor, mei.session_id)
    assert len(view.sessions) == 1
    assert "A session was ended" not in [event.words for event in view.audit_events]


def test_changes_require_the_password_again(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    key = people.sign_in(registry, MEI)
    with pytest.raises(Invalid) as refused:
        own_account.change_password(
            registry, user.actor, user.session_id, current_password="wrong", new_password=OTHER
        )
    assert issue_of(refused) == ("password_wrong", "present")
    own_account.change_password(
        registry, user.actor, user.session_id, current_password=PASSWORD, new_password=OTHER
    )
    assert sessions.resolve_session(registry, ANONYMOUS, key) is None
    assert own_account.get_account(registry, user.actor, user.session_id).sessions[0].is_current
    for act in (own_account.remove_second_factor, own_account.renew_recovery_codes):
        with pytest.raises(Invalid):
            act(registry, user.actor, PASSWORD)
    with pytest.raises(Forbidden):
        own_account.renew_recovery_codes(registry, user.actor, OTHER)


def test_a_new_address_takes_effect_when_its_link_is_confirmed(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    people.sign_up(registry, WEI)
    with pytest.raises(Invalid) as same:
        own_account.request_email_change(registry, user.actor, PASSWORD, "MEI@example.com")
    assert issue_of(same) == ("address_same", "email")
    assert own_account.request_email_change(registry, user.actor, PASSWORD, WEI) == WEI
    assert [mail["Subject"] for mail in read_mails(registry)[-2:]] == [
        "You have an account with Pinzheng already",
        "Your e-mail address is to be changed",
    ]
    own_account.request_email_change(registry, user.actor, PASSWORD, "new@example.com")
    [confirm, notice] = read_mails(registry)[-2:]
    assert (confirm["To"], notice["To"]) == ("new@example.com", "Mei@example.com")
    people.sign_in(registry, MEI)
    assert registration.confirm_email_change(registry, ANONYMOUS, token_of(confirm)) == "new@example.com"
    assert read_mails(registry)[-1]["To"] == "Mei@example.com"
    assert people.sign_in(registry, "new@example.com")
    with pytest.raises(Invalid):
        people.sign_in(registry, MEI)


def test_an_address_taken_meanwhile_is_refused(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    own_account.request_email_change(registry, user.actor, PASSWORD, WEI)
    token = token_of(next(mail for mail in read_mails(registry) if mail["To"] == WEI))
    people.sign_up(registry, WEI)
    with pytest.raises(Invalid) as taken:
        registration.confirm_email_change(registry, ANONYMOUS, token)
    assert issue_of(taken) == ("address_taken", "email")


def test_a_new_password_voids_pending_links(registry: Registry) -> None:
    """Links that an attacker requested before the owner set a new password are void."""
    user = people.sign_up(registry, MEI)
    own_account.request_email_change(registry, user.actor, PASSWORD, "evil@example.com")
    attackers_link = token_of(next(mail for mail in read_mails(registry) if mail["To"] == "evil@example.com"))
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    registration.reset_password(registry, ANONYMOUS, token_of(read_mails(registry)[-1]), OTHER)
    with pytest.raises(NotFound):
        registration.confirm_email_change(registry, ANONYMOUS, attackers_link)
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    old = token_of(read_mails(registry)[-1])
    own_account.request_email_change(registry, user.actor, OTHER, "new@example.com")
    new = token_of(next(mail for mail in read_mails(registry) if mail["To"] == "new@example.com"))
    registration.confirm_email_change(registry, ANONYMOUS, new)
    with pytest.raises(NotFound):
        registration.reset_password(registry, ANONYMOUS, old, PASSWORD)


def test_a_dormant_account_must_set_a_new_password(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
    with clock.frozen_at(NOW + dt.timedelta(days=366)):
        with pytest.raises(Invalid) as dormant:
            people.sign_in(registry, MEI)
        assert issue_of(dormant) == ("dormant", "email")
        with pytest.raises(Invalid) as wrong:
            people.sign_in(registry, MEI, "wrong")
        assert issue_of(wrong) == ("sign_in_wrong", "email")
        registration.reset_password(registry, ANONYMOUS, token_of(read_mails(registry)[-1]), OTHER)
        assert people.sign_in(registry, MEI, OTHER)


def test_visitors_have_no_account() -> None:
    for act in (own_account.get_account, own_account.end_session, own_account.end_other_sessions):
        with pytest.raises(Forbidden):
            act(None, ANONYMOUS, 1)  # type: ignore[arg-type] - refused before the registry is used
    with pytest.raises(Forbidden):
        own_account.begin_second_factor(None, ANONYMOUS, 1)  # type: ignore[arg-type]


def test_the_audit_log_cannot_be_changed(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    for statement in (update(AuditEntry).values(action="nothing"), delete(AuditEntry)):
        with pytest.raises(DBAPIError), unit_of_work(registry.engine) as connection:
            connection.execute(statement)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(AuditEntry)).scalar() == 2


def test_no_secret_is_stored_in_the_database(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    codes = with_second_factor(registry, MEI)
    secret = secret_of(registry, MEI)
    key = people.sign_in(registry, MEI)
    registration.request_password_reset(registry, ANONYMOUS, MEI, lang="en", network=NETWORK)
    with read_transaction(registry.engine) as connection:
        stored = "\n".join(
            repr(tuple(row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(*table.columns))
        )
        tokens = [
            email_links.link_token(registry, row).partition(".")[2]
            for row in connection.execute(select(*EmailLink.__table__.columns))
        ]
    assert "Mei@example.com" in stored
    secrets = [PASSWORD, secret, key, NETWORK, *codes, *tokens]
    assert [secret for secret in secrets if secret in stored] == []


def test_without_the_server_secret_no_link_can_be_made(registry: Registry) -> None:
    with unit_of_work(registry.engine) as connection:
        link = email_links.find_link(
            connection, email_links.create_link(connection, email_links.SIGN_UP_LINK, WEI)
        )
    assert link is not None
    settings = type(registry.settings)(
        registry.settings.data_dir, registry.settings.database_url, "", "http://x"
    )
    without_secret = dataclasses.replace(registry, settings=settings)
    with pytest.raises(ValueError, match="secret"):
        email_links.link_token(without_secret, link)


def test_two_accounts_cannot_share_an_address(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    with pytest.raises(ConcurrentWrite), unit_of_work(registry.engine) as connection:
        registration.create_user(connection, "mei@EXAMPLE.com", name="Another", lang="zh", role="enterprise")
    with unit_of_work(registry.engine) as connection:
        values = {"user_id": 1, "code_hash": "a" * 64}
        connection.execute(insert(RecoveryCode).values(**values))
        assert connection.execute(select(func.count()).select_from(User)).scalar() == 1
        assert connection.execute(text("SELECT count(*) FROM recovery_code")).scalar() == 1


@pytest.mark.parametrize("purpose", sorted(email_links.LINK_LIFETIMES))
def test_each_link_is_valid_until_its_last_second(registry: Registry, purpose: str) -> None:
    with clock.frozen_at(NOW), unit_of_work(registry.engine) as connection:
        link = email_links.find_link(connection, email_links.create_link(connection, purpose, WEI))
    assert link is not None
    token = email_links.link_token(registry, link)
    expiry = NOW + email_links.LINK_LIFETIMES[purpose]
    with clock.frozen_at(expiry - dt.timedelta(seconds=1)):
        assert registration.check_link(registry, ANONYMOUS, purpose, token).email == WEI
    with clock.frozen_at(expiry), pytest.raises(NotFound):
        registration.check_link(registry, ANONYMOUS, purpose, token)


def test_a_session_lasts_to_the_last_second_of_its_timeouts(registry: Registry) -> None:
    second, idle = dt.timedelta(seconds=1), sessions.USER_LIFETIME.idle_timeout
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        key, unused = people.sign_in(registry, MEI), people.sign_in(registry, MEI)
    with clock.frozen_at(NOW + idle + second):
        assert sessions.resolve_session(registry, ANONYMOUS, unused) is None
    end = NOW + sessions.USER_LIFETIME.absolute_timeout
    used_at = NOW
    while used_at < end:
        used_at = min(used_at + idle, end)
        with clock.frozen_at(used_at):
            session = sessions.resolve_session(registry, ANONYMOUS, key)
            assert session is not None
            assert session.seconds_left == (min(used_at + idle, end) - used_at).total_seconds()
    with clock.frozen_at(end + second):
        assert sessions.resolve_session(registry, ANONYMOUS, key) is None


@pytest.mark.parametrize(
    ("role", "complete", "expected"),
    [
        ("enterprise", True, sessions.USER_LIFETIME),
        ("registrar", True, sessions.STAFF_LIFETIME),
        ("enterprise", False, sessions.INCOMPLETE_LIFETIME),
        ("registrar", False, sessions.INCOMPLETE_LIFETIME),
    ],
)
def test_timeouts_depend_on_role_and_second_factor(
    role: str, complete: bool, expected: sessions.SessionLifetime
) -> None:
    assert sessions.session_lifetime(role, complete) == expected


def test_an_account_is_dormant_after_a_year(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        people.sign_up(registry, WEI)
    with clock.frozen_at(NOW + sessions.DORMANT_AFTER):
        assert people.sign_in(registry, MEI)
    with clock.frozen_at(NOW + sessions.DORMANT_AFTER + dt.timedelta(seconds=1)):
        with pytest.raises(Invalid) as dormant:
            people.sign_in(registry, WEI)
        assert issue_of(dormant) == ("dormant", "email")
        assert people.sign_in(registry, MEI)  # counted from the last sign-in


def test_the_time_of_use_is_written_once_a_minute(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        people.sign_up(registry, MEI)
        key = people.sign_in(registry, MEI)
    written = []
    for seconds in (60, 61, 121, 122):
        with clock.frozen_at(NOW + dt.timedelta(seconds=seconds)):
            sessions.resolve_session(registry, ANONYMOUS, key)
        with read_transaction(registry.engine) as connection:
            newest = connection.execute(select(func.max(Session.seen_at))).scalar_one()
        written.append((newest - NOW).total_seconds())
    assert written == [0, 61, 61, 122]


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("", ["required"]),
        (" \t\n", ["required"]),
        ("  李  梅 ", []),
        ("x" * borrowed_words.MAX_NAME_LENGTH, []),
        ("x" * (borrowed_words.MAX_NAME_LENGTH + 1), ["too_long"]),
        ("请登录 https://verify.example/login", ["link_in_name"]),
        ("【品证安全中心】", ["foreign_signs_in_name"]),
    ],
)
def test_names_are_checked(name: str, codes: list[str]) -> None:
    normalised, issues = registration.validate_name(name)
    assert [issue.code for issue in issues] == codes
    assert normalised == " ".join(name.split())


def test_links_are_purged_after_their_retention_and_not_while_a_letter_is_queued(registry: Registry) -> None:
    with clock.frozen_at(NOW), unit_of_work(registry.engine) as connection:
        email_links.create_link(connection, email_links.INVITATION_LINK, MEI)
        queued = email_links.create_link(connection, email_links.INVITATION_LINK, WEI)
        letters.enqueue_letter(connection, "invitation", "en", WEI, link_id=queued)
    purged_from = NOW + email_links.LINK_LIFETIMES[email_links.INVITATION_LINK] + sessions.EXPIRED_RETENTION
    for late, remaining in ((0, 2), (1, 1)):
        with clock.frozen_at(purged_from + dt.timedelta(seconds=late)):
            sessions.purge_expired(registry)
        with read_transaction(registry.engine) as connection:
            assert len(connection.execute(select(EmailLink.id)).all()) == remaining


def test_the_audit_log_shows_the_latest_events(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    for number in range(audit_log.RECENT_LIMIT + 1):
        own_account.update_profile(registry, user.actor, f"Mei {number}", "en")
    events = own_account.get_account(registry, user.actor, user.session_id).audit_events
    assert [event.words for event in events] == ["Name changed"] * audit_log.RECENT_LIMIT


def test_expired_sessions_are_not_listed_and_are_purged(registry: Registry) -> None:
    second = dt.timedelta(seconds=1)
    with clock.frozen_at(NOW):
        user = people.sign_up(registry, MEI)
        people.sign_in(registry, MEI)

    def listed_at(moment: dt.datetime) -> int:
        with clock.frozen_at(moment):
            return len(own_account.get_account(registry, user.actor, user.session_id).sessions)

    def stored_at(moment: dt.datetime) -> int:
        with clock.frozen_at(moment):
            sessions.purge_expired(registry)
        with read_transaction(registry.engine) as connection:
            return connection.execute(select(func.count()).select_from(Session)).scalar_one()

    idle_end = NOW + sessions.USER_LIFETIME.idle_timeout
    absolute_end = NOW + sessions.USER_LIFETIME.absolute_timeout
    assert listed_at(idle_end) == 2
    assert listed_at(idle_end + second) == 0
    assert stored_at(idle_end) == 2
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(Session).where(Session.id == user.session_id).values(seen_at=absolute_end))
    assert stored_at(idle_end + second) == 1
    assert listed_at(absolute_end) == 1
    assert listed_at(absolute_end + second) == 0
    assert stored_at(absolute_end) == 1
    assert stored_at(absolute_end + second) == 0


def test_stored_responses_are_purged_after_a_week(registry: Registry) -> None:
    user = people.sign_up(registry, MEI)
    request = tokens.TokenRequest("ERP", "check", 30)
    with clock.frozen_at(NOW):
        tokens.create_token(registry, user.actor, PASSWORD, request)
    with unit_of_work(registry.engine) as connection:
        token_id = connection.execute(select(ApiToken.id)).scalar_one()
        connection.execute(
            insert(IdempotentResponse).values(
                token_id=token_id, key="key", request_hash="", status=201, body="{}", made_at=NOW
            )
        )
    for late, remaining in ((0, 1), (1, 0)):
        with clock.frozen_at(NOW + dt.timedelta(days=7, seconds=late)):
            sessions.purge_expired(registry)
        with read_transaction(registry.engine) as connection:
            assert len(connection.execute(select(IdempotentResponse.key)).all()) == remaining


def test_a_forgotten_password_is_as_much_work_without_an_account(registry: Registry) -> None:
    people.sign_up(registry, MEI)
    work = []
    for address in (MEI, "unknown@example.com"):
        with asked(registry.engine) as statements:
            registration.request_password_reset(registry, ANONYMOUS, address, lang="en", network=NETWORK)
        work.append([each for each in statements if "SAVEPOINT" not in each.upper()])
    assert work[0] == work[1]
    assert [mail["To"].casefold() for mail in read_mails(registry)][-1:] == [MEI.casefold()]
    with read_transaction(registry.engine) as connection:
        assert (
            connection.execute(select(EmailLink).where(EmailLink.email == "unknown@example.com")).all() == []
        )
