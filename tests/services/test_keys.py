"""Secrets rotate: the first of a list signs, all verify; secrets of second factors are kept under keys of their own."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from registry import clock
from registry.accounts import second_factor
from registry.accounts.model import User
from registry.accounts.policy import ANONYMOUS
from registry.accounts.sealed_secrets import KeyRing, make_wrapped_key
from registry.errors import Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.people import factor_secrets, own_account, registration, sessions
from registry.services.people.factor_secrets import FactorKeys, report_keys, rotate_keys, seal_derived
from registry.store.state import StateValue
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people

MEI = "mei@example.com"
NEW = "the secret that comes after it: thirty-two"


def with_secrets(registry: Registry, *secrets: str) -> Registry:
    settings = replace(registry.settings, secret_key=secrets[0], former_secret_keys=secrets[1:])
    return replace(registry, settings=settings)


def old(registry: Registry) -> str:
    return registry.settings.secret_key


def stored(registry: Registry) -> str:
    with read_transaction(registry.engine) as connection:
        return str(connection.execute(select(User.factor_secret)).scalar_one())


def sign_in(registry: Registry, secret: str, *, later: int) -> bool:
    """Whether the code of an authenticator app completes a sign-in, so many steps from now."""
    moment = clock.now() + later * 30 * second
    with clock.frozen_at(moment):
        key = people.sign_in(registry, MEI)
        try:
            sessions.verify_second_factor(registry, ANONYMOUS, key, people.totp_code(secret, moment))
        except Invalid:
            return False
    return True


second = dt.timedelta(seconds=1)


@pytest.fixture
def secret(registry: Registry) -> str:
    """What an authenticator app holds of an account with a second factor."""
    user = people.sign_up(registry, MEI)
    setup = own_account.begin_second_factor(registry, user.actor, user.session_id)
    assert own_account.begin_second_factor(registry, user.actor, user.session_id) == setup
    own_account.confirm_second_factor(
        registry, user.actor, user.session_id, people.totp_code(setup.secret, clock.now())
    )
    return setup.secret


def forget_kept(registry: Registry) -> None:
    """As the version before leaves an account: nothing is kept, the secret is derived."""
    with unit_of_work(registry.engine) as connection:
        connection.execute(update(User).values(factor_secret=""))
        connection.execute(delete(StateValue).where(StateValue.name == factor_secrets.STATE_NAME))


def test_a_secret_is_kept_encrypted_and_outlives_the_secret_of_the_server(
    registry: Registry, secret: str
) -> None:
    assert secret not in stored(registry)
    assert people.secret_of(registry, MEI) == secret  # the version before, started again, derives the same
    assert report_keys(registry) == FactorKeys(1, 1, 0, 0, wrapped_by_first=True)
    both = with_secrets(registry, NEW, old(registry))
    assert not report_keys(both).first_suffices
    assert sign_in(both, secret, later=2)
    assert rotate_keys(both) == FactorKeys(1, 1, 0, 0, wrapped_by_first=True)
    alone = with_secrets(registry, NEW)
    assert sign_in(alone, secret, later=4)
    assert not sign_in(registry, secret, later=6)  # the old secret alone opens nothing any more


def test_without_rotation_the_new_secret_alone_opens_nothing_and_nothing_is_destroyed(
    registry: Registry, secret: str
) -> None:
    alone = with_secrets(registry, NEW)
    assert not sign_in(alone, secret, later=2)
    assert report_keys(alone).unreadable == 1
    other = people.sign_up(alone, "wei@example.com")
    own_account.begin_second_factor(
        alone, other.actor, other.session_id
    )  # under a key that this secret wraps
    assert rotate_keys(alone).unreadable == 1
    assert sign_in(with_secrets(registry, NEW, old(registry)), secret, later=4)


def test_a_derived_secret_is_kept_from_its_next_use_on(registry: Registry, secret: str) -> None:
    forget_kept(registry)
    both = with_secrets(registry, NEW, old(registry))
    assert report_keys(both) == FactorKeys(1, 0, 1, 0, wrapped_by_first=True)
    assert seal_derived(both) == 0  # of which secret it was derived is not certain
    assert rotate_keys(both).derived == 1
    assert not sign_in(both, second_factor.totp_secret(NEW, 1, "x"), later=2)
    assert stored(registry) == ""
    assert sign_in(both, secret, later=4)
    assert stored(registry) != ""
    assert sign_in(with_secrets(registry, NEW), secret, later=6)


def test_daily_work_keeps_what_is_derived(registry: Registry, secret: str) -> None:
    forget_kept(registry)
    assert (seal_derived(registry), seal_derived(registry)) == (1, 0)
    assert sign_in(registry, secret, later=2)


def test_a_sealed_secret_is_of_use_in_its_own_row_only() -> None:
    ring = KeyRing([make_wrapped_key(NEW)], [NEW])
    sealed = ring.seal("1", "SECRET")
    assert (ring.open("1", sealed), ring.open("2", sealed), ring.open("1", sealed[:-2])) == (
        "SECRET",
        None,
        None,
    )
    assert not KeyRing([make_wrapped_key(NEW)], ["another"])


def test_links_of_a_former_secret_still_open_and_new_ones_are_signed_by_the_first(registry: Registry) -> None:
    registration.request_sign_up(registry, ANONYMOUS, MEI, lang="en", network="192.0.2.1")
    token = people.token_of(people.read_mails(registry)[-1])
    both, alone = with_secrets(registry, NEW, old(registry)), with_secrets(registry, NEW)
    assert registration.check_link(both, ANONYMOUS, "sign_up", token).email == MEI
    with pytest.raises(NotFound):
        registration.check_link(alone, ANONYMOUS, "sign_up", token)
    registration.request_sign_up(both, ANONYMOUS, "wei@example.com", lang="en", network="192.0.2.1")
    token = people.token_of(people.read_mails(both)[-1])
    assert registration.check_link(alone, ANONYMOUS, "sign_up", token).email == "wei@example.com"
