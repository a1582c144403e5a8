"""Following a search: its news in feeds and letters; no sealed entry is missed, none is told twice."""

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
from registry.services.finding import requests
from registry.services.finding.requests import SearchRequest
from registry.services.finding.scope import search_scope
from registry.services.finding.subscriptions import following, saved_searches, search_letters
from registry.services.operations import relay
from registry.services.people import registration
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people, samples

FURNITURE = SearchRequest("家具")


@pytest.fixture
def registry(filled: Registry) -> Registry:
    """The store of every test here, with every sample."""
    return filled


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


def test_news_are_the_entries_of_the_records_that_the_search_finds(filled: Registry, tmp_path: Path) -> None:
    before = following.list_search_news(filled, ANONYMOUS, SearchRequest("松涛阁"), "zh")
    enter(filled, tmp_path)
    [newest, *others] = following.list_search_news(filled, ANONYMOUS, SearchRequest("松涛阁"), "zh")
    assert (newest.title.zh, newest.version, others) == ("松涛阁", 1, before)
    everything = following.list_search_news(filled, ANONYMOUS, SearchRequest(), "zh", limit=1000)
    assert [each.index for each in everything] == sorted((each.index for each in everything), reverse=True)
    assert everything[0] == newest
    assert {
        each.register.slug
        for each in following.list_search_news(
            filled, ANONYMOUS, SearchRequest(scope=search_scope("brands")), "zh"
        )
    } == {"brands"}


def test_searches_with_many_and_with_few_records_list_the_same_news(
    filled: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for search in (
        FURNITURE,
        SearchRequest(),
        SearchRequest(scope=search_scope("green-products")),
        SearchRequest(since="2024"),
    ):
        few = following.list_search_news(filled, ANONYMOUS, search, "zh", limit=500)
        with monkeypatch.context() as small:
            small.setattr(following, "MAX_DIRECT_RECORDS", 0)
            small.setattr(following, "BATCH_SIZE", 3)
            small.setattr(following, "MAX_BATCHES", 1000)
            assert following.list_search_news(filled, ANONYMOUS, search, "zh", limit=500) == few
        assert few


def test_a_letter_covers_all_entries_and_a_feed_only_the_latest_batches(
    filled: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("MAX_DIRECT_RECORDS", 1), ("BATCH_SIZE", 1), ("MAX_BATCHES", 1)):
        monkeypatch.setattr(following, name, value)
    search = SearchRequest(scope=search_scope("brands"))
    assert len(following.list_search_news(filled, ANONYMOUS, search, "zh")) == 1
    assert (
        len(following.list_news_since(filled, search, "zh", after_index=-1))
        == filled.search.find(Query("", filters={"register": ("brands",)}, include_ended=True)).total
    )


@pytest.mark.parametrize(
    "search", [SearchRequest("此物从来没有"), SearchRequest("家俱椅"), SearchRequest(until="1900")]
)
def test_relaxed_matches_are_no_news(filled: Registry, search: SearchRequest) -> None:
    assert following.list_search_news(filled, ANONYMOUS, search, "zh") == []


def test_a_searchsurvives_the_round_trip_through_its_query_string() -> None:
    search = SearchRequest(
        "家具 & Co",
        search_scope("brands"),
        {"status": ("listed", "removed")},
        "name",
        include_ended=True,
        as_words=("北京",),
        since="2024",
        until="2024-05",
    )
    assert requests.parse_saved_query("brands", search.query_string()) == search
    assert search.date_range() == (20240000, 20240599)
    assert requests.describe_request(
        SearchRequest("a", search_scope("brands"), {"region": ("110000",)}), "en"
    ) == ("a, Time-honoured brands, Region: Beijing")


@pytest.mark.parametrize(
    ("since", "until", "codes"),
    [
        ("soon", "", {"from": "date_shape"}),
        ("2024-02-30", "x", {"from": "date_does_not_exist", "to": "date_shape"}),
        ("2025", "2024", {"to": "ends_before_start"}),
    ],
)
def test_a_date_that_does_not_exist_is_reported_by_field(
    since: str, until: str, codes: dict[str, str]
) -> None:
    with pytest.raises(Invalid) as refused:
        SearchRequest(since=since, until=until).date_range()
    assert {issue.field: issue.code for issue in refused.value.issues} == codes


def move_clock(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    today = dt.datetime.now(clock.SHANGHAI).date()
    monkeypatch.setattr(clock, "today", lambda: today + dt.timedelta(days=days))


def test_letters_report_each_entry_once(
    filled: Registry, mei: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved_searches.save_search(
        filled, mei, SearchRequest("松涛阁"), name="松涛阁的消息", mail=search_letters.DAILY
    )
    enter(filled, tmp_path)
    assert saved_searches.write_search_letters(filled) == 0  # not before tomorrow
    move_clock(monkeypatch, 1)
    assert saved_searches.write_search_letters(filled) == 1
    assert saved_searches.write_search_letters(filled) == 0
    [mail] = people.read_mails(filled)
    assert mail["To"] == "mei@example.com"
    assert "松涛阁的消息" in mail["Subject"]
    assert "- 松涛阁 (" in mail.get_content()
    assert "/zh/search?q=%E6%9D%BE" in mail.get_content()
    move_clock(monkeypatch, 2)
    assert saved_searches.write_search_letters(filled) == 0  # nothing new
    enter(filled, tmp_path, founded_year="1890")
    move_clock(monkeypatch, 3)
    assert saved_searches.write_search_letters(filled) == 1


def test_weekly_letters_wait_seven_days_and_none_are_written_when_mail_is_off(
    filled: Registry, mei: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly = saved_searches.save_search(
        filled, mei, SearchRequest("松涛阁"), name="weekly", mail=search_letters.WEEKLY
    )
    saved_searches.save_search(filled, mei, SearchRequest("松涛阁"), name="never", mail=saved_searches.NEVER)
    enter(filled, tmp_path)
    move_clock(monkeypatch, 6)
    assert saved_searches.write_search_letters(filled) == 0
    saved_searches.set_mail_interval(filled, mei, weekly, saved_searches.NEVER)
    move_clock(monkeypatch, 7)
    assert saved_searches.write_search_letters(filled) == 0
    saved_searches.set_mail_interval(
        filled, mei, weekly, search_letters.WEEKLY
    )  # what was meanwhile is not told
    move_clock(monkeypatch, 30)
    assert saved_searches.write_search_letters(filled) == 0


def test_users_cannot_reach_the_saved_searches_of_others(registry: Registry, mei: Actor) -> None:
    search_id = saved_searches.save_search(registry, mei, FURNITURE, name="mine", mail=search_letters.DAILY)
    with unit_of_work(registry.engine) as connection:
        other = Actor(
            "enterprise",
            registration.create_user(connection, "wei@example.com", name="Wei", lang="zh", role="enterprise"),
        )
    assert saved_searches.list_saved_searches(registry, other) == []
    for act in (
        lambda: saved_searches.set_mail_interval(registry, other, search_id, saved_searches.NEVER),
        lambda: saved_searches.delete_saved_search(registry, other, search_id),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(Forbidden):
        saved_searches.save_search(registry, ANONYMOUS, FURNITURE, name="x", mail=search_letters.DAILY)
    saved_searches.delete_saved_search(registry, mei, search_id)
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
def test_a_saved_search_needs_a_name_and_a_mail_interval(
    registry: Registry, mei: Actor, name: str, mail: str, fields: set[str]
) -> None:
    with pytest.raises(Invalid) as refused:
        saved_searches.save_search(registry, mei, FURNITURE, name=name, mail=mail)
    assert {issue.field for issue in refused.value.issues} == fields


def test_the_name_of_a_saved_search_may_have_a_hundred_and_twenty_characters(
    registry: Registry, mei: Actor
) -> None:
    saved_searches.save_search(registry, mei, FURNITURE, name="n" * 120, mail=search_letters.WEEKLY)
    [view] = saved_searches.list_saved_searches(registry, mei)
    assert (view.name, view.mail) == ("n" * 120, "weekly")


@pytest.mark.parametrize(("limit", "listed"), [(0, 0), (1, 1), (2, 2)])
def test_news_are_the_entries_after_an_index_up_to_a_limit(filled: Registry, limit: int, listed: int) -> None:
    everything = following.list_search_news(filled, ANONYMOUS, FURNITURE, "zh", limit=1000)
    last, newest = everything[-1], everything[0]
    news = following.list_news_since(filled, FURNITURE, "zh", after_index=-1, limit=limit)
    assert news == everything[:limit]
    assert len(news) == listed
    after_last = following.list_news_since(filled, FURNITURE, "zh", after_index=last.index, limit=1000)
    assert after_last == everything[:-1]
    assert following.list_news_since(filled, FURNITURE, "zh", after_index=newest.index) == []


def test_the_number_of_saved_searches_is_limited(
    registry: Registry, mei: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_searches, "MAX_SAVED_SEARCHES", 1)
    saved_searches.save_search(registry, mei, FURNITURE, name="one", mail=search_letters.DAILY)
    with pytest.raises(Invalid):
        saved_searches.save_search(
            registry, mei, SearchRequest("床垫"), name="two", mail=search_letters.DAILY
        )


def test_a_search_saved_again_is_the_same_one_with_another_name(registry: Registry, mei: Actor) -> None:
    def save(name: str, mail: str, **filters: tuple[str, ...]) -> int:
        request = SearchRequest("家具", filters=filters)
        return saved_searches.save_search(registry, mei, request, name=name, mail=mail)

    first = save("one", search_letters.DAILY, region=("330000", "310000"))
    assert save("two", search_letters.WEEKLY, region=("310000", "330000")) == first
    [view] = saved_searches.list_saved_searches(registry, mei)
    assert (view.name, view.mail) == ("two", "weekly")
    assert save("three", search_letters.WEEKLY, region=("310000",)) != first
