"""Tokens of programs: made once, kept as hashes, never more than their person may do."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import delete, select, text, update

from registry import clock
from registry.accounts.api_tokens import ApiToken
from registry.accounts.membership import Membership
from registry.accounts.policy import ANONYMOUS
from registry.errors import Forbidden, Invalid, NotFound, TooManyAttempts
from registry.services.bootstrap import Registry
from registry.services.people import registration, tokens
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction as read
from registry.store.unit_of_work import unit_of_work
from tests.services import people
from tests.services.filers import firm
from tests.services.members import MEI, SLUG, sign_up_member, sign_up_owner
from tests.services.people import NETWORK, PASSWORD, read_mails, token_of

__all__ = ["firm"]


def made(
    registry: Registry, user: UserSession, organisation: str = "", scope: str = "declare", days: int = 30
) -> str:
    return tokens.create_token(
        registry, user.actor, PASSWORD, tokens.TokenRequest("our ERP", scope, days, organisation)
    )


def test_a_key_stands_for_its_person_and_lies_nowhere(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    key = made(firm, mei, SLUG)
    assert key.startswith("pz_")
    found = tokens.authenticate_token(firm, ANONYMOUS, key)
    assert found is not None
    assert (found.actor, found.organisation, found.scope) == (mei.actor, SLUG, "declare")
    with read(firm.engine) as connection:
        everything = str(
            [connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("api_token", "audit")]
        )
    assert key not in everything
    assert "token_made" in everything
    [view] = tokens.list_tokens(firm, mei.actor).tokens
    assert (view.name, view.own, view.last_used_at is None) == ("our ERP", True, False)


@pytest.mark.parametrize("key", ["", "pz_", "pz_nothing", "Bearer", "pz_" + "x" * 10_000])
def test_what_is_no_key_stands_for_nobody(firm: Registry, key: str) -> None:
    assert tokens.authenticate_token(firm, ANONYMOUS, key) is None


def test_a_token_ends_with_its_time_by_revocation_and_with_a_new_password(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    key, other = made(firm, mei), made(firm, mei, days=365)
    with clock.frozen_at(clock.now() + dt.timedelta(days=31)):
        assert tokens.authenticate_token(firm, ANONYMOUS, key) is None
        assert tokens.authenticate_token(firm, ANONYMOUS, other) is not None
    tokens.revoke_token(firm, mei.actor, tokens.list_tokens(firm, mei.actor).tokens[-1].id)
    assert tokens.authenticate_token(firm, ANONYMOUS, key) is None
    registration.request_password_reset(firm, ANONYMOUS, MEI, lang="en", network=NETWORK)
    registration.reset_password(firm, ANONYMOUS, token_of(read_mails(firm)[-1]), "another seven quiet herons")
    assert tokens.authenticate_token(firm, ANONYMOUS, other) is None


def test_who_makes_a_token_gives_the_password_and_names_it(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    for password, name, scope, days, wanted in (
        ("wrong", "x", "declare", 30, [("password_wrong", "password")]),
        (
            PASSWORD,
            " ",
            "all",
            7,
            [("required", "name"), ("unknown_value", "scope"), ("unknown_value", "days")],
        ),
        (PASSWORD, "x" * 81, "check", 30, [("too_long", "name")]),
    ):
        with pytest.raises(Invalid) as refused:
            tokens.create_token(firm, mei.actor, password, tokens.TokenRequest(name, scope, days))
        assert [(issue.code, issue.field) for issue in refused.value.issues] == wanted
    for _ in range(tokens.MAX_TOKENS):
        made(firm, mei)
    with pytest.raises(Invalid) as refused:
        made(firm, mei)
    assert refused.value.issues[0].code == "too_many_tokens"


def test_owners_see_and_end_the_tokens_of_their_organisation_and_nobody_elses(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wei = sign_up_member(firm, mei, "wei@example.com", "editor")
    stranger = people.sign_up(firm, "zhou@example.com")
    made(firm, wei, SLUG)
    made(firm, wei)
    assert len(tokens.list_tokens(firm, wei.actor).tokens) == 2
    [seen] = tokens.list_tokens(firm, mei.actor).tokens  # not the personal one
    assert (seen.own, seen.person) == (False, "李梅 Li Mei")
    assert tokens.list_tokens(firm, stranger.actor).tokens == ()
    for user in (stranger, mei):
        personal = next(
            each for each in tokens.list_tokens(firm, wei.actor).tokens if each.organisation is None
        )
        with pytest.raises(NotFound):
            tokens.revoke_token(firm, user.actor, personal.id)
    tokens.revoke_token(firm, mei.actor, seen.id)
    assert tokens.list_tokens(firm, mei.actor).tokens == ()
    with pytest.raises(NotFound):
        made(firm, stranger, SLUG)
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Membership).where(Membership.user_id == wei.user_id).values(role="viewer"))
    with pytest.raises(Forbidden):
        made(firm, wei, SLUG)


def test_a_program_that_asks_too_often_waits(firm: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    mei = sign_up_owner(firm)
    key = made(firm, mei)
    monkeypatch.setattr(tokens, "REQUESTS_PER_TOKEN", tokens.RateLimit("api", 3, dt.timedelta(minutes=1)))
    for _ in range(3):
        assert tokens.authenticate_token(firm, ANONYMOUS, key) is not None
    with pytest.raises(TooManyAttempts):
        tokens.authenticate_token(firm, ANONYMOUS, key)
    with clock.frozen_at(clock.now() + dt.timedelta(minutes=2)):
        assert tokens.authenticate_token(firm, ANONYMOUS, key) is not None


def test_its_last_use_is_written_once_a_minute(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    key = made(firm, mei)
    times = []
    for seconds in (0, 30, 90):
        with clock.frozen_at(dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)):
            with unit_of_work(firm.engine) as connection:
                connection.execute(update(ApiToken).values(expires_at=clock.now() + dt.timedelta(days=1)))
            tokens.authenticate_token(firm, ANONYMOUS, key)
        with read(firm.engine) as connection:
            times.append(connection.execute(select(ApiToken.last_used_at)).scalar_one())
    assert times[0] == times[1] < times[2]


def test_a_membership_that_ended_leaves_the_token_without_power(firm: Registry) -> None:
    """The token stands for its person; what he may not do any more it may not do either (see the API's tests)."""
    mei = sign_up_owner(firm)
    key = made(firm, mei, SLUG)
    with unit_of_work(firm.engine) as connection:
        connection.execute(delete(Membership))
    found = tokens.authenticate_token(firm, ANONYMOUS, key)
    assert found is not None
    assert found.actor == mei.actor
