"""Synonyms that staff add take effect immediately; searches without results are counted without personal data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.model import AuditEntry
from registry.accounts.policy import ANONYMOUS, Actor
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.search.words import zero_result_log
from registry.search.words.model import ZeroResultSearch
from registry.search.words.zero_result_log import storable_text
from registry.services.bootstrap import Registry, open_registry
from registry.services.finding import search, synonym_admin
from registry.services.finding.requests import SearchRequest
from registry.services.people import registration
from registry.store.unit_of_work import read_transaction, unit_of_work


@pytest.fixture
def registry(filled: Registry) -> Registry:
    """The store of every test here, with every sample."""
    return filled


@pytest.fixture
def registrar(registry: Registry) -> Actor:
    with unit_of_work(registry.engine) as connection:
        return Actor(
            "registrar",
            registration.create_user(
                connection, "r@example.com", name="Registrar", lang="zh", role="registrar"
            ),
        )


def total(registry: Registry, text: str, lang: str = "zh") -> int:
    return search.find_records(registry, ANONYMOUS, SearchRequest(text), lang).total


def test_an_added_synonym_takes_effect_until_it_is_removed(filled: Registry, registrar: Actor) -> None:
    name = "嘎玛堂号"
    assert (total(filled, name), total(filled, "wardropia")) == (0, 0)
    made = synonym_admin.add_synonym(filled, registrar, f"{name} = wardropia＝家具")
    found = search.find_records(filled, ANONYMOUS, SearchRequest("wardropia"), "en")
    assert found.total == total(filled, "家具")
    assert any(("wardropia", "家具") in row.synonym_matches for row in found.rows)
    assert total(filled, name) == found.total
    [entry] = synonym_admin.list_staff_synonyms(filled, ANONYMOUS)
    assert (entry.english, entry.chinese) == (("wardropia",), (name, "家具"))
    synonym_admin.remove_synonym(filled, registrar, made)
    assert (total(filled, "wardropia"), synonym_admin.list_staff_synonyms(filled, ANONYMOUS)) == (0, [])
    with pytest.raises(Conflict):
        synonym_admin.remove_synonym(filled, registrar, made)
    with read_transaction(filled.engine) as connection:
        acts = connection.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars().all()
    assert acts[-2:] == ["synonym_added", "synonym_removed"]


def test_another_process_sees_an_added_synonym_within_a_second(
    filled: Registry, registrar: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_registry(filled.settings)
    try:
        assert total(other, "wardropia") == 0
        synonym_admin.add_synonym(filled, registrar, "wardropia = 家具")
        monkeypatch.setattr(
            "registry.search.words.staff_synonyms.REFRESH_SECONDS", 0.0
        )  # as if a second had passed
        assert total(other, "wardropia")
    finally:
        other.search.close()
        other.engine.dispose()


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("", {"too_few_words"}),
        ("沙发", {"too_few_words"}),
        ("沙发 = 沙发 = ＳＯＦＡ = sofa", set()),
        ("Sofa, sofa", {"too_few_words"}),
        ("的 = sofa", {"word_without_meaning"}),
        ("柜 = cupboard", {"word_without_meaning"}),
        ("the = 沙发", {"word_without_meaning"}),
        ("!!! = 沙发", {"word_without_meaning"}),
        ("x" * 61 + " = 沙发", {"too_long"}),
        ("\n".join(f"word{n}" for n in range(10)), set()),
        ("\n".join(f"word{n}" for n in range(11)), {"too_many_words"}),
        ("x" * 60 + " = 沙发", set()),
        ("沙发 = 柜子", set()),
    ],
)
def test_synonyms_that_would_match_everything_are_refused(
    registry: Registry, registrar: Actor, written: str, codes: set[str]
) -> None:
    try:
        synonym_admin.add_synonym(registry, registrar, written)
        found = set()
    except Invalid as problem:
        found = {issue.code for issue in problem.issues}
    assert found == codes


def test_only_staff_may_change_synonyms(registry: Registry) -> None:
    for actor in (ANONYMOUS, Actor("enterprise", 1), Actor("reviewer_city", 1)):
        with pytest.raises(Forbidden):
            synonym_admin.add_synonym(registry, actor, "沙发 = sofa")
        with pytest.raises(Forbidden):
            synonym_admin.remove_synonym(registry, actor, 1)
        with pytest.raises(Forbidden):
            synonym_admin.list_all_zero_results(registry, actor)
        with pytest.raises(Forbidden):
            synonym_admin.hide_zero_result(registry, actor, "x", hidden=True)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Teapot   LID ", "teapot lid"),
        ("茶壺蓋", "茶壶盖"),
        ("13800138000", ""),
        ("张三 13800138000", ""),
        ("zhang@example.com", ""),
        ("<script>", ""),
        ("https://example.com", ""),
        ("二〇二四", ""),
        ("三星 百年 九千", "三星 百年 九千"),
        ("①号店", ""),
        ("word " * 6, "word word word word word word"),
        ("word " * 7, ""),
        ("长" * 60, "长" * 60),
        ("长" * 61, ""),
        ("二〇二 年", "二〇二 年"),
        ("!?", ""),
        ("a\x00b", ""),
    ],
)
def test_numbers_and_addresses_are_never_stored(typed: str, stored: str) -> None:
    assert storable_text(typed) == stored


@pytest.fixture
def search_on_days(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Searches on several days before today."""

    def search(text: str, *ago: int) -> None:
        for each in ago:
            with monkeypatch.context() as then:
                then.setattr(clock, "today", lambda each=each: clock_today() - dt.timedelta(days=each))
                registry.zero_result_log.record(text, "zh")
                registry.zero_result_log.flush()

    clock_today = clock.today
    return search


def test_zero_result_texts_are_published_when_searched_on_three_days(
    registry: Registry, registrar: Actor, search_on_days: Callable[..., None]
) -> None:
    search_on_days("茶壶盖", 0, 0, 3, 5)
    search_on_days("只在两天", 1, 2)
    search_on_days("很久以前", 31, 40, 50, 70)
    assert synonym_admin.list_zero_results(registry, ANONYMOUS) == []  # staff have not looked yet
    for text in ("茶壶盖", "只在两天"):
        synonym_admin.hide_zero_result(registry, registrar, text, hidden=False)
    [found] = synonym_admin.list_zero_results(registry, ANONYMOUS)
    assert (found.text, found.count, found.days) == ("茶壶盖", 4, 3)
    assert {each.text for each in synonym_admin.list_all_zero_results(registry, registrar)} == {
        "茶壶盖",
        "只在两天",
    }
    synonym_admin.hide_zero_result(registry, registrar, "茶壶盖", hidden=True)
    search_on_days("茶壶盖", 6)
    assert synonym_admin.list_zero_results(registry, ANONYMOUS) == []
    synonym_admin.hide_zero_result(registry, registrar, "茶壶盖", hidden=False)
    search_on_days("茶壶盖", 7)
    [again] = synonym_admin.list_zero_results(registry, ANONYMOUS)
    assert again.days == 5  # what was looked at need not be looked at again each day
    search_on_days("又一个", 0)
    assert [each.text for each in synonym_admin.list_all_zero_results(registry, registrar)] == [
        "又一个",
        "茶壶盖",
        "只在两天",
    ]
    with pytest.raises(NotFound):
        synonym_admin.hide_zero_result(registry, registrar, "nothing", hidden=True)
    synonym_admin.purge_zero_results(registry)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(
            select(ZeroResultSearch.day).order_by(ZeroResultSearch.day)
        ).scalars().first() == (clock.today() - dt.timedelta(days=50))


def test_only_unfiltered_searches_without_results_are_logged(filled: Registry) -> None:
    for text, filters in (("家具", {}), ("无此物", {"status": ("valid",)}), ("DEMO-CGP-0000", {}), ("", {})):
        search.find_records(filled, ANONYMOUS, SearchRequest(text, filters=filters), "zh")
    search.find_records(filled, ANONYMOUS, SearchRequest("挖掘机"), "zh")
    filled.zero_result_log.flush()
    with read_transaction(filled.engine) as connection:
        assert connection.execute(select(ZeroResultSearch.text, ZeroResultSearch.number)).all() == [
            ("挖掘机", 1)
        ]


def test_the_number_of_staff_synonyms_is_limited(
    registry: Registry, registrar: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synonym_admin, "MAX_STAFF_SYNONYMS", 2)
    first = synonym_admin.add_synonym(registry, registrar, "沙发 = sofa")
    synonym_admin.add_synonym(registry, registrar, "柜子 = cupboard")
    with pytest.raises(Invalid) as refused:
        synonym_admin.add_synonym(registry, registrar, "桌子 = desk")
    assert [issue.code for issue in refused.value.issues] == ["too_many_synonyms"]
    synonym_admin.remove_synonym(registry, registrar, first)  # removed ones do not count
    synonym_admin.add_synonym(registry, registrar, "桌子 = desk")


def test_zero_result_texts_count_for_thirty_days_and_are_stored_for_sixty_two(
    registry: Registry, registrar: Actor, search_on_days: Callable[..., None]
) -> None:
    search_on_days("刚好三十天", 29, 28, 27)
    search_on_days("过了三十天", 30, 29, 28)
    search_on_days("最老的一天", 62, 63)
    for text in ("刚好三十天", "过了三十天", "最老的一天"):
        synonym_admin.hide_zero_result(registry, registrar, text, hidden=False)
    assert [view.text for view in synonym_admin.list_zero_results(registry, ANONYMOUS)] == ["刚好三十天"]
    synonym_admin.purge_zero_results(registry)
    with read_transaction(registry.engine) as connection:
        days = connection.execute(
            select(ZeroResultSearch.day).where(ZeroResultSearch.text == "最老的一天")
        ).scalars()
        assert list(days) == [clock.today() - dt.timedelta(days=62)]


def test_no_more_texts_are_counted_than_may_be_pending(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zero_result_log, "MAX_PENDING_TEXTS", 2)
    for text in ("沙发", "柜子", "桌子", "沙发"):
        registry.zero_result_log.record(text, "zh")
    registry.zero_result_log.flush()
    with read_transaction(registry.engine) as connection:
        counts = connection.execute(select(ZeroResultSearch.text, ZeroResultSearch.number)).all()
    assert sorted(counts) == [("柜子", 1), ("沙发", 2)]
