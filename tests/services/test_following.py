"""Following a search: its news, in feeds and letters; nothing sealed is missed, nothing told twice."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.search.port import Query
from registry.search.words.model import SavedSearch
from registry.services.bootstrap import Registry
from registry.services.exchange import importer
from registry.services.finding import following, requests, saved_searches
from registry.services.finding.requests import SearchRequest
from registry.services.operations import relay
from registry.services.people import registration
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people, samples

FURNITURE = SearchRequest("家具")


@pytest.fixture
def mei(registry: Registry) -> Actor:
    with unit_of_work(registry.engine) as connection:
        return Actor(
            "enterprise",
            registration.create_user(connection, "mei@example.com", name="Mei", lang="zh", role="enterprise"),
        )


def enter(registry: Registry, folder: Path, **facts: str) -> None:
    row = {"brand_name_zh": "松涛阁", "scheme": "national", "region_code": "330100"} | facts
    sheet = samples.write_sheet(folder / "new.csv", "brands", [row])
    importer.import_files(registry, REGISTRAR, "brands", [sheet])
    relay.run_relay_once(registry)
    registry.search.status()  # looks at the newest state


def test_news_are_the_entries_of_what_the_search_finds(filled: Registry, tmp_path: Path) -> None:
    before = following.list_search_news(filled, ANONYMOUS, SearchRequest("松涛阁"), "zh")
    enter(filled, tmp_path)
    [newest, *others] = following.list_search_news(filled, ANONYMOUS, SearchRequest("松涛阁"), "zh")
    assert (newest.title.zh, newest.version, others) == ("松涛阁", 1, before)
    everything = following.list_search_news(filled, ANONYMOUS, SearchRequest(), "zh", 1000)
    assert [each.index for each in everything] == sorted((each.index for each in everything), reverse=True)
    assert everything[0] == newest
    assert {
        each.register.slug
        for each in following.list_search_news(filled, ANONYMOUS, SearchRequest(register="brands"), "zh")
    } == {"brands"}


def test_many_and_few_records_have_the_same_news(filled: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    for asked in (
        FURNITURE,
        SearchRequest(),
        SearchRequest(register="green-products"),
        SearchRequest(since="2024"),
    ):
        few = following.list_search_news(filled, ANONYMOUS, asked, "zh", 500)
        with monkeypatch.context() as small:
            small.setattr(following, "FEW", 0)
            small.setattr(following, "STEP", 3)
            small.setattr(following, "MOST_STEPS", 1000)
            assert following.list_search_news(filled, ANONYMOUS, asked, "zh", 500) == few
        assert few


def test_a_letter_looks_through_all_entries_and_a_feed_through_the_last(
    filled: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FEW", 1), ("STEP", 1), ("MOST_STEPS", 1)):
        monkeypatch.setattr(following, name, value)
    asked = SearchRequest(register="brands")
    assert len(following.list_search_news(filled, ANONYMOUS, asked, "zh")) == 1
    assert (
        len(following.list_news_since(filled, asked, "zh", -1))
        == filled.search.find(Query("", filters={"register": ("brands",)}, include_ended=True)).total
    )


@pytest.mark.parametrize(
    "asked", [SearchRequest("此物从来没有"), SearchRequest("家俱椅"), SearchRequest(until="1900")]
)
def test_what_only_comes_near_is_no_news(filled: Registry, asked: SearchRequest) -> None:
    assert following.list_search_news(filled, ANONYMOUS, asked, "zh") == []


def test_a_search_is_said_by_its_address_and_read_back() -> None:
    asked = SearchRequest(
        "家具 & Co",
        "brands",
        {"status": ("listed", "removed")},
        "name",
        include_ended=True,
        as_words=("北京",),
        since="2024",
        until="2024-05",
    )
    assert requests.parse_saved_query("brands", asked.query_string()) == asked
    assert asked.date_range() == (20240000, 20240599)
    assert requests.describe_request(SearchRequest("a", "brands", {"region": ("110000",)}), "en") == (
        "a, Time-honoured brands, Region: Beijing"
    )


@pytest.mark.parametrize(
    ("since", "until", "codes"),
    [
        ("soon", "", {"from": "date_shape"}),
        ("2024-02-30", "x", {"from": "date_does_not_exist", "to": "date_shape"}),
        ("2025", "2024", {"to": "ends_before_start"}),
    ],
)
def test_a_date_that_is_none_is_named(since: str, until: str, codes: dict[str, str]) -> None:
    with pytest.raises(Invalid) as refused:
        SearchRequest(since=since, until=until).date_range()
    assert {issue.field: issue.code for issue in refused.value.issues} == codes


def on(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    today = dt.datetime.now(clock.SHANGHAI).date()
    monkeypatch.setattr(clock, "today", lambda: today + dt.timedelta(days=days))


def test_letters_tell_once_what_is_new(
    filled: Registry, mei: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_searches.save_search(filled, mei, SearchRequest("松涛阁"), "松涛阁的消息", saved_searches.DAILY)
    enter(filled, tmp_path)
    assert saved_searches.write_search_letters(filled) == 0  # not before tomorrow
    on(monkeypatch, 1)
    assert saved_searches.write_search_letters(filled) == 1
    assert saved_searches.write_search_letters(filled) == 0
    [mail] = people.read_mails(filled)
    assert mail["To"] == "mei@example.com"
    assert "松涛阁的消息" in mail["Subject"]
    assert "- 松涛阁 (" in mail.get_content()
    assert "/zh/search?q=%E6%9D%BE" in mail.get_content()
    on(monkeypatch, 2)
    assert saved_searches.write_search_letters(filled) == 0  # nothing new
    enter(filled, tmp_path, founded_year="1890")
    on(monkeypatch, 3)
    assert saved_searches.write_search_letters(filled) == 1


def test_weekly_letters_wait_a_week_and_none_are_written_where_none_are_wanted(
    filled: Registry, mei: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly = saved_searches.save_search(filled, mei, SearchRequest("松涛阁"), "weekly", saved_searches.WEEKLY)
    saved_searches.save_search(filled, mei, SearchRequest("松涛阁"), "never", saved_searches.NEVER)
    enter(filled, tmp_path)
    on(monkeypatch, 6)
    assert saved_searches.write_search_letters(filled) == 0
    saved_searches.set_mail_interval(filled, mei, weekly, saved_searches.NEVER)
    on(monkeypatch, 7)
    assert saved_searches.write_search_letters(filled) == 0
    saved_searches.set_mail_interval(
        filled, mei, weekly, saved_searches.WEEKLY
    )  # what was meanwhile is not told
    on(monkeypatch, 30)
    assert saved_searches.write_search_letters(filled) == 0


def test_nobody_reaches_the_searches_of_others(registry: Registry, mei: Actor) -> None:
    made = saved_searches.save_search(registry, mei, FURNITURE, "mine", saved_searches.DAILY)
    with unit_of_work(registry.engine) as connection:
        other = Actor(
            "enterprise",
            registration.create_user(connection, "wei@example.com", name="Wei", lang="zh", role="enterprise"),
        )
    assert saved_searches.list_saved_searches(registry, other) == []
    for act in (
        lambda: saved_searches.set_mail_interval(registry, other, made, saved_searches.NEVER),
        lambda: saved_searches.delete_saved_search(registry, other, made),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Forbidden):
        saved_searches.save_search(registry, ANONYMOUS, FURNITURE, "x", saved_searches.DAILY)
    saved_searches.delete_saved_search(registry, mei, made)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(SavedSearch.id)).all() == []


@pytest.mark.parametrize(
    ("name", "mail", "fields"),
    [
        ("", "daily", {"name"}),
        ("n" * 121, "daily", {"name"}),
        ("n", "hourly", {"mail"}),
        (" ", "", {"name", "mail"}),
    ],
)
def test_a_search_needs_a_name_and_a_rhythm(
    registry: Registry, mei: Actor, name: str, mail: str, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        saved_searches.save_search(registry, mei, FURNITURE, name, mail)
    assert {issue.field for issue in refused.value.issues} == fields


def test_there_is_an_end_to_saving(registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_searches, "MOST", 1)
    saved_searches.save_search(registry, mei, FURNITURE, "one", saved_searches.DAILY)
    with pytest.raises(Invalid):
        saved_searches.save_search(registry, mei, FURNITURE, "two", saved_searches.DAILY)
