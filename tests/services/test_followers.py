"""Following a search with an address alone: nothing before it is confirmed, nothing after it is ended."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import func, select

from registry import clock
from registry.accounts.model import EmailLink
from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid, NotFound, TooManyAttempts
from registry.i18n import Lang
from registry.search.words.model import SearchFollower
from registry.services.bootstrap import Registry
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.finding.scope import search_scope
from registry.services.finding.subscriptions import followed_records, followers
from registry.services.finding.subscriptions.followed_records import FollowedView
from registry.services.finding.subscriptions.followers import FollowRequest
from registry.services.mail import sending_limits
from registry.store.unit_of_work import read_transaction
from tests.services.people import read_mails, token_of
from tests.services.test_following import enter, move_clock

ADDRESS = "buyer@example.com"
NOW = dt.datetime(2026, 5, 4, 2, tzinfo=dt.UTC)


def ask(
    registry: Registry,
    email: str = ADDRESS,
    find: str = "松涛阁",
    mail: str = "daily",
    network: str = "192.0.2.0/24",
) -> str:
    wanted = FollowRequest(SearchRequest(find), email, mail, "en", network)
    return followers.request_following(registry, ANONYMOUS, wanted)


def count(registry: Registry) -> int:
    with read_transaction(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(SearchFollower)).scalar_one())


def count_links(registry: Registry) -> int:
    with read_transaction(registry.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(EmailLink)).scalar_one())


def test_letters_come_after_the_confirmation_and_end_with_one_link(
    filled: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ask(filled, " Buyer@EXAMPLE.com ") == "Buyer@example.com"
    enter(filled, tmp_path)
    move_clock(monkeypatch, 1)
    assert followers.write_follower_letters(filled) == 0  # not confirmed
    [asked] = read_mails(filled)
    token = token_of(asked)
    assert (
        "松涛阁" not in asked["Subject"] + asked.get_content()
    )  # no words of anyone before the address has confirmed
    assert asked["List-Unsubscribe"].endswith(f"/en/account/follow/{token}>")
    assert not followers.get_followed_search(filled, ANONYMOUS, token).confirmed
    for _time in range(2):
        followers.confirm_following(filled, ANONYMOUS, token)
    view = followers.get_followed_search(filled, ANONYMOUS, token)
    assert (view.name, view.path, view.confirmed) == ("松涛阁", "/search?q=%E6%9D%BE%E6%B6%9B%E9%98%81", True)
    move_clock(monkeypatch, 2)
    assert followers.write_follower_letters(filled) == 0  # what was before the confirmation is no news
    enter(filled, tmp_path, founded_year="1890")
    move_clock(monkeypatch, 3)
    assert followers.write_follower_letters(filled) == 1
    assert followers.write_follower_letters(filled) == 0
    news = read_mails(filled)[-1]
    assert (news["To"], token_of(news)) == ("Buyer@example.com", token)
    assert "- Songtaoge (" in news.get_content()
    enter(filled, tmp_path, founded_year="1891")
    move_clock(monkeypatch, 4)
    assert followers.write_follower_letters(filled) == 1
    followers.end_following(filled, ANONYMOUS, token)
    assert len(read_mails(filled)) == 2  # the queued one is not sent any more
    assert (count(filled), count_links(filled)) == (0, 0)
    for act in (followers.get_followed_search, followers.confirm_following, followers.end_following):
        with pytest.raises(NotFound):
            act(filled, ANONYMOUS, token)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_search_for_the_number_of_a_record_follows_that_record(
    filled: Registry, tmp_path: Path, lang: Lang, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(filled, tmp_path)
    [row] = search.find_records(filled, ANONYMOUS, SearchRequest("松涛阁"), lang).rows
    brands, everywhere = search_scope("brands"), search_scope("")
    words = {"zh": f"松涛阁，{row.number}", "en": f"Songtaoge, {row.number}"}
    wanted = SearchRequest(row.number, scope=brands)
    assert followed_records.describe_followed(filled, ANONYMOUS, wanted, lang) == FollowedView(
        words[lang], f"/brands/{row.number}"
    )
    for other in (
        SearchRequest(row.number, scope=everywhere),
        SearchRequest("松涛阁", scope=brands),
        SearchRequest(row.number, scope=brands, include_ended=True),
        SearchRequest("TB-2006-00001-B", scope=brands),
        SearchRequest("", scope=brands),
    ):
        assert followed_records.describe_followed(filled, ANONYMOUS, other, lang).path == ""
    followers.request_following(
        filled, ANONYMOUS, FollowRequest(wanted, ADDRESS, "daily", lang, "192.0.2.0/24")
    )
    asked = read_mails(filled)[-1]
    assert row.number not in asked["Subject"] + asked.get_content()
    followers.confirm_following(filled, ANONYMOUS, token_of(asked))
    view = followers.get_followed_search(filled, ANONYMOUS, token_of(asked))
    assert (view.name, view.path, view.is_record) == (words[lang], f"/brands/{row.number}", True)
    enter(filled, tmp_path, founded_year="1890")
    move_clock(monkeypatch, 1)
    assert followers.write_follower_letters(filled) == 1
    assert words[lang] in read_mails(filled)[-1]["Subject"]


def test_a_wish_that_is_not_confirmed_is_forgotten_after_a_week(registry: Registry) -> None:
    with clock.frozen_at(NOW):
        ask(registry)
        token = token_of(read_mails(registry)[-1])
    with clock.frozen_at(NOW + dt.timedelta(days=7, seconds=-1)):
        assert followers.purge_unconfirmed(registry) == 0
        followers.get_followed_search(registry, ANONYMOUS, token)
    with clock.frozen_at(NOW + dt.timedelta(days=7)):
        with pytest.raises(NotFound):
            followers.confirm_following(registry, ANONYMOUS, token)
        assert followers.purge_unconfirmed(registry) == 1
        assert (count(registry), count_links(registry)) == (0, 0)


def test_the_same_search_is_followed_once_and_only_by_a_genuine_link(registry: Registry) -> None:
    ask(registry)
    ask(registry, ADDRESS.upper())
    first, second = (token_of(mail) for mail in read_mails(registry))
    assert (first == second, count(registry)) == (True, 1)
    for forged in (
        first[:-1] + ("A" if first[-1] != "A" else "B"),
        "1",
        "",
        "9999." + first.partition(".")[2],
    ):
        with pytest.raises(NotFound):
            followers.confirm_following(registry, ANONYMOUS, forged)


@pytest.mark.parametrize(
    ("email", "mail", "field"),
    [
        ("", "daily", "email"),
        ("no address", "daily", "email"),
        (ADDRESS, "never", "mail"),
        (ADDRESS, "hourly", "mail"),
    ],
)
def test_what_cannot_be_followed_is_told_by_field(
    registry: Registry, email: str, mail: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(registry, email, mail=mail)
    assert [issue.field for issue in refused.value.issues] == [field]
    assert read_mails(registry) == []


def test_mails_to_one_address_and_from_one_network_are_limited(registry: Registry) -> None:
    for number in range(sending_limits.MAILS_PER_RECIPIENT.max_attempts):
        ask(registry, find=f"search {number}", network=f"192.0.{number}.0/24")
    with pytest.raises(TooManyAttempts):
        ask(registry, find="another", network="203.0.113.0/24")
    ask(registry, "other@example.com", network="203.0.113.0/24")
    assert count_links(registry) == sending_limits.MAILS_PER_RECIPIENT.max_attempts + 1


def test_an_address_follows_so_many_searches_and_wishes_of_strangers_do_not_count(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(followers, "MAX_FOLLOWED", 1)
    ask(registry, find="of a stranger")
    ask(registry, find="own")
    assert count(registry) == 2
    followers.confirm_following(registry, ANONYMOUS, token_of(read_mails(registry)[-1]))
    assert ask(registry, find="one more") == ADDRESS  # looks the same, mails nothing
    assert (count(registry), len(read_mails(registry))) == (2, 2)


def test_wishes_for_one_address_are_limited_by_the_day(registry: Registry) -> None:
    most, an_hour = sending_limits.WISHES_PER_RECIPIENT.max_attempts, dt.timedelta(hours=1)
    for number in range(most):
        with clock.frozen_at(NOW + number * an_hour):
            ask(registry, network=f"192.0.{number}.0/24")
    with clock.frozen_at(NOW + most * an_hour), pytest.raises(TooManyAttempts):
        ask(registry, network="203.0.113.0/24")
    with clock.frozen_at(NOW + most * an_hour + dt.timedelta(days=1)):
        ask(registry, network="203.0.113.0/24")
