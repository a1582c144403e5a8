"""API tokens: shown once, stored as hashes, never with more rights than their person has."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, select, text, update

from registry import clock
from registry.accounts.api_tokens import ApiToken
from registry.accounts.membership import Membership
from registry.accounts.policy import ANONYMOUS, SYSTEM, Actor
from registry.errors import Forbidden, Invalid, NotFound, TooManyAttempts
from registry.services.bootstrap import Registry
from registry.services.people import own_account, registration, staff_accounts, tokens
from registry.services.people.memberships import Represented
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people
from tests.services.filers import firm
from tests.services.members import MEI, SLUG, sign_up_member, sign_up_owner
from tests.services.people import NETWORK, PASSWORD, read_mails, token_of

__all__ = ["firm"]


def create_token(
    registry: Registry, user: UserSession, organisation: str = "", scope: str = "declare", days: int = 30
) -> str:
    return tokens.create_token(
        registry, user.actor, PASSWORD, tokens.TokenRequest("our ERP", scope, days, organisation)
    )


def test_a_key_identifies_its_person_and_is_not_stored(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    key = create_token(firm, mei, SLUG)
    assert key.startswith("pz_")
    bearer = tokens.authenticate_token(firm, ANONYMOUS, key)
    assert bearer is not None
    assert (bearer.actor, bearer.filer, bearer.scope) == (
        mei.actor,
        Represented("organisations", SLUG),
        "declare",
    )
    with read_transaction(firm.engine) as connection:
        stored = str(
            [connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("api_token", "audit")]
        )
    assert key not in stored
    assert "token_made" in stored
    [view] = tokens.list_tokens(firm, mei.actor).tokens
    assert (view.name, view.own, view.last_used_at is None) == ("our ERP", True, False)


@pytest.mark.parametrize("key", ["", "pz_", "pz_nothing", "Bearer", "pz_" + "x" * 10_000])
def test_an_invalid_key_identifies_no_person(firm: Registry, key: str) -> None:
    assert tokens.authenticate_token(firm, ANONYMOUS, key) is None


def test_a_token_ends_by_expiry_revocation_or_a_password_reset(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    key, other = create_token(firm, mei), create_token(firm, mei, days=365)
    with clock.frozen_at(clock.now() + dt.timedelta(days=31)):
        assert tokens.authenticate_token(firm, ANONYMOUS, key) is None
        assert tokens.authenticate_token(firm, ANONYMOUS, other) is not None
    tokens.revoke_token(firm, mei.actor, tokens.list_tokens(firm, mei.actor).tokens[-1].id)
    assert tokens.authenticate_token(firm, ANONYMOUS, key) is None
    registration.request_password_reset(firm, ANONYMOUS, MEI, lang="en", network=NETWORK)
    registration.reset_password(firm, ANONYMOUS, token_of(read_mails(firm)[-1]), "another seven quiet herons")
    assert tokens.authenticate_token(firm, ANONYMOUS, other) is None


def valid_tokens(registry: Registry, user: UserSession) -> list[str]:
    return [token.name for token in tokens.list_tokens(registry, user.actor).tokens]


def test_a_new_token_is_told_by_mail(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    with clock.frozen_at(dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)):
        create_token(firm, mei)
        mail = read_mails(firm)[-1]
    assert (mail["To"], mail["Subject"]) == (mei.email, "A token for a program was made")
    assert "“our ERP”" in mail.get_content()


@pytest.mark.parametrize(("choice", "kept"), [({}, 0), ({"end_tokens": True}, 0), ({"end_tokens": False}, 1)])
def test_tokens_end_with_a_new_password_unless_they_are_kept_by_choice(
    firm: Registry, choice: dict[str, bool], kept: int
) -> None:
    mei = sign_up_owner(firm)
    create_token(firm, mei)
    own_account.change_password(
        firm,
        mei.actor,
        mei.session_id,
        current_password=PASSWORD,
        new_password="长亭外，古道边，芳草碧连天",
        **choice,
    )
    assert len(valid_tokens(firm, mei)) == kept
    assert f"ended: {1 - kept}" in read_mails(firm)[-1].get_content()


@pytest.mark.parametrize(("choice", "kept"), [({}, 0), ({"end_tokens": False}, 1)])
def test_tokens_end_with_a_second_factor_set_up_or_removed(
    firm: Registry, choice: dict[str, bool], kept: int
) -> None:
    mei = sign_up_owner(firm)
    create_token(firm, mei)
    setup = own_account.begin_second_factor(firm, mei.actor, mei.session_id)
    code = people.totp_code(setup.secret, clock.now())
    own_account.confirm_second_factor(firm, mei.actor, mei.session_id, code, **choice)
    assert len(valid_tokens(firm, mei)) == kept
    create_token(firm, mei)
    own_account.remove_second_factor(firm, mei.actor, PASSWORD, **choice)
    assert len(valid_tokens(firm, mei)) == 2 * kept


def test_tokens_end_when_the_operator_removes_a_factor_or_changes_a_role(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    people.set_up_second_factor(firm, mei)
    create_token(firm, mei)
    staff_accounts.reset_second_factor(firm, SYSTEM, mei.email)
    assert valid_tokens(firm, mei) == []
    create_token(firm, mei)
    staff_accounts.assign_account_role(firm, SYSTEM, mei.email, "registrar", lang="zh")
    assert valid_tokens(firm, mei) == []


def test_creating_a_token_requires_the_password_and_a_name(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    for password, name, scope, days, expected in (
        ("wrong", "x", "declare", 30, [("password_wrong", "password")]),
        (
            PASSWORD,
            " ",
            "all",
            7,
            [("required", "name"), ("unknown_value", "scope"), ("unknown_value", "days")],
        ),
        (PASSWORD, "x" * 81, "check", 30, [("too_long", "name")]),
        (PASSWORD, "see https://evil.example", "check", 30, [("link_in_name", "name")]),
    ):
        with pytest.raises(Invalid) as refused:
            tokens.create_token(firm, mei.actor, password, tokens.TokenRequest(name, scope, days))
        assert [(issue.code, issue.field) for issue in refused.value.issues] == expected
    for _ in range(tokens.MAX_TOKENS):
        create_token(firm, mei)
    with pytest.raises(Invalid) as refused:
        create_token(firm, mei)
    assert refused.value.issues[0].code == "too_many_tokens"


def test_owners_manage_the_tokens_of_their_organisation_only(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wei = sign_up_member(firm, mei, "wei@example.com", "editor")
    stranger = people.sign_up(firm, "zhou@example.com")
    create_token(firm, wei, SLUG)
    create_token(firm, wei)
    assert len(tokens.list_tokens(firm, wei.actor).tokens) == 2
    [visible] = tokens.list_tokens(firm, mei.actor).tokens  # not the personal one
    assert (visible.own, visible.person) == (False, "李梅 Li Mei")
    assert tokens.list_tokens(firm, stranger.actor).tokens == ()
    for user in (stranger, mei):
        personal = next(
            token for token in tokens.list_tokens(firm, wei.actor).tokens if token.organisation is None
        )
        with pytest.raises(NotFound):
            tokens.revoke_token(firm, user.actor, personal.id)
    tokens.revoke_token(firm, mei.actor, visible.id)
    assert tokens.list_tokens(firm, mei.actor).tokens == ()
    with pytest.raises(NotFound):
        create_token(firm, stranger, SLUG)
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Membership).where(Membership.user_id == wei.user_id).values(role="viewer"))
    with pytest.raises(Forbidden):
        create_token(firm, wei, SLUG)


def test_requests_per_token_are_limited(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = sign_up_owner(firm)
    key = create_token(firm, mei)
    monkeypatch.setattr(tokens, "REQUESTS_PER_TOKEN", tokens.RateLimit("api", 3, dt.timedelta(minutes=1)))
    for _ in range(3):
        assert tokens.authenticate_token(firm, ANONYMOUS, key) is not None
    with pytest.raises(TooManyAttempts):
        tokens.authenticate_token(firm, ANONYMOUS, key)
    with clock.frozen_at(clock.now() + dt.timedelta(minutes=2)):
        assert tokens.authenticate_token(firm, ANONYMOUS, key) is not None


def test_the_time_of_last_use_is_written_once_a_minute(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    key = create_token(firm, mei)
    times = []
    for seconds in (0, 60, 61):
        with clock.frozen_at(dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)):
            with unit_of_work(firm.engine) as connection:
                connection.execute(update(ApiToken).values(expires_at=clock.now() + dt.timedelta(days=1)))
            tokens.authenticate_token(firm, ANONYMOUS, key)
        with read_transaction(firm.engine) as connection:
            times.append(connection.execute(select(ApiToken.last_used_at)).scalar_one())
    assert times[0] == times[1] < times[2]


def test_a_token_outlives_the_membership_of_its_person(firm: Registry) -> None:
    """It identifies the person still; what they may not do any more, it may not do either (see the API's tests)."""
    mei = sign_up_owner(firm)
    key = create_token(firm, mei, SLUG)
    with unit_of_work(firm.engine) as connection:
        connection.execute(delete(Membership))
    bearer = tokens.authenticate_token(firm, ANONYMOUS, key)
    assert bearer is not None
    assert bearer.actor == mei.actor


@pytest.mark.parametrize("days", tokens.TOKEN_LIFETIMES)
def test_a_token_is_valid_until_its_last_second(firm: Registry, days: int) -> None:
    now = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
    with clock.frozen_at(now):
        key = create_token(firm, sign_up_owner(firm), days=days)
    expiry = now + dt.timedelta(days=days)
    with clock.frozen_at(expiry - dt.timedelta(seconds=1)):
        assert tokens.authenticate_token(firm, ANONYMOUS, key) is not None
    with clock.frozen_at(expiry):
        assert tokens.authenticate_token(firm, ANONYMOUS, key) is None


def test_expired_and_revoked_tokens_do_not_count_against_the_maximum(
    firm: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "MAX_TOKENS", 2)
    mei = sign_up_owner(firm)
    create_token(firm, mei)
    create_token(firm, mei, days=365)
    with pytest.raises(Invalid):
        create_token(firm, mei)
    tokens.revoke_token(firm, mei.actor, tokens.list_tokens(firm, mei.actor).tokens[0].id)
    create_token(firm, mei)
    with clock.frozen_at(clock.now() + dt.timedelta(days=30, seconds=1)):
        assert tokens.list_tokens(firm, mei.actor).tokens == ()
        create_token(firm, mei)


def test_the_longest_name_of_a_token_is_accepted(firm: Registry) -> None:
    name = "x" * tokens.MAX_TOKEN_NAME_LENGTH
    mei = sign_up_owner(firm)
    tokens.create_token(firm, mei.actor, PASSWORD, tokens.TokenRequest(f" {name} ", "check", 30))
    assert [view.name for view in tokens.list_tokens(firm, mei.actor).tokens] == [name]


# Tokens of the desk

LATER = dt.timedelta(minutes=1)  # when the code of the set-up is not taken any more, and the next one is


def desk_user(registry: Registry, role: str) -> UserSession:
    """Somebody of the staff with both factors."""
    address = f"{role}@example.com"
    people.create_staff_account(registry, address, role)
    return people.sign_in_staff(registry, address)


def make_desk_token(
    registry: Registry,
    user: UserSession,
    code: str,
    scope: str = "decide",
    days: int = 30,
    organisation: str = "",
) -> str:
    wanted = tokens.TokenRequest("cases", scope, days, organisation)
    return tokens.create_token(registry, user.actor, PASSWORD, wanted, code=code)


def test_a_token_of_the_desk_takes_password_and_a_new_code(firm: Registry) -> None:
    wang = desk_user(firm, "reviewer_national")
    secret = people.secret_of(firm, wang.email)
    with clock.frozen_at(clock.now() + LATER):
        code = people.totp_code(secret, clock.now())
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        for given in ("", wrong, "123"):
            with pytest.raises(Invalid) as refused:
                make_desk_token(firm, wang, given)
            assert people.issue_of(refused) == ("factor_wrong", "code")
        key = make_desk_token(firm, wang, code)
        with pytest.raises(Invalid, match="factor_wrong"):  # each code once
            make_desk_token(firm, wang, code)
        bearer = tokens.authenticate_token(firm, ANONYMOUS, key)
        assert bearer is not None
        assert (bearer.actor, bearer.scope, bearer.filer) == (wang.actor, "decide", None)
        mail = read_mails(firm)[-1]
    assert (mail["To"], mail["Subject"]) == (wang.email, "已创建程序令牌")  # an account in Chinese
    assert "办理业务，包括作出决定" in mail.get_content()
    with read_transaction(firm.engine) as connection:
        acts = [row.action for row in connection.execute(text("SELECT action FROM audit ORDER BY id"))]
    assert (acts.count("token_code_failed"), acts.count("token_made")) == (4, 1)
    [view] = tokens.list_tokens(firm, wang.actor).tokens
    assert (view.of_desk, view.organisation) == (True, None)


def test_codes_cannot_be_guessed(firm: Registry) -> None:
    wang = desk_user(firm, "reviewer_national")
    for _each in range(5):
        with pytest.raises(Invalid, match="factor_wrong"):
            make_desk_token(firm, wang, "000000")
    with clock.frozen_at(clock.now() + LATER):
        code = people.totp_code(people.secret_of(firm, wang.email), clock.now())
        with pytest.raises(TooManyAttempts):
            make_desk_token(firm, wang, code)


@pytest.mark.parametrize(
    ("days", "organisation", "expected"),
    [
        (365, "", ("unknown_value", "days")),
        (30, SLUG, ("desk_token_for_no_organisation", "organisation")),
    ],
)
def test_a_token_of_the_desk_is_short_and_of_the_account(
    firm: Registry, days: int, organisation: str, expected: tuple[str, str]
) -> None:
    wang = desk_user(firm, "reviewer_national")
    with pytest.raises(Invalid) as refused:
        make_desk_token(firm, wang, "000000", days=days, organisation=organisation)
    assert people.issue_of(refused) == expected


def test_an_account_without_a_second_factor_makes_no_token_of_the_desk(firm: Registry) -> None:
    people.create_staff_account(firm, "new@example.com", "auditor")
    with read_transaction(firm.engine) as connection:
        user = registration.find_user(connection, "new@example.com")
    assert user is not None
    wanted = tokens.TokenRequest("cases", "see_desk", 30)
    with pytest.raises(Forbidden, match="factor_wanted"):
        tokens.create_token(firm, Actor("auditor", user.id), PASSWORD, wanted, code="000000")
