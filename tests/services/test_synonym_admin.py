"""Synonyms that staff add take effect immediately; searches without results are counted without personal data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

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
from registry.services.finding import search, synonym_admin, zero_results
from registry.services.finding.requests import SearchRequest
from registry.services.finding.synonym_admin import WordsDraft
from registry.services.finding.synonym_previews import preview_words
from registry.services.people import registration
from registry.services.records import look_up_words
from registry.store.unit_of_work import read_transaction, unit_of_work

WHY = "Readers search for it."


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
    made = synonym_admin.add_synonym(filled, registrar, WordsDraft(f"{name} = wardropia＝家具", WHY))
    found = search.find_records(filled, ANONYMOUS, SearchRequest("wardropia"), "en")
    assert found.total == total(filled, "家具")
    assert any(("wardropia", "家具") in row.synonym_matches for row in found.rows)
    assert total(filled, name) == found.total
    [entry] = synonym_admin.list_staff_synonyms(filled, ANONYMOUS)
    assert (entry.english, entry.chinese) == (("wardropia",), (name, "家具"))
    synonym_admin.remove_synonym(filled, registrar, made, WHY)
    assert (total(filled, "wardropia"), synonym_admin.list_staff_synonyms(filled, ANONYMOUS)) == (0, [])
    with pytest.raises(Conflict):
        synonym_admin.remove_synonym(filled, registrar, made, WHY)
    with read_transaction(filled.engine) as connection:
        acts = connection.execute(select(AuditEntry.action).order_by(AuditEntry.id)).scalars().all()
    assert acts[-2:] == ["synonym_added", "synonym_removed"]


def test_another_process_sees_an_added_synonym_within_a_second(
    filled: Registry, registrar: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = open_registry(filled.settings)
    try:
        assert total(other, "wardropia") == 0
        synonym_admin.add_synonym(filled, registrar, WordsDraft("wardropia = 家具", WHY))
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
        synonym_admin.add_synonym(registry, registrar, WordsDraft(written, WHY))
        found = set()
    except Invalid as problem:
        found = {issue.code for issue in problem.issues}
    assert found == codes


def test_words_are_changed_ended_and_restored_with_a_history(filled: Registry, registrar: Actor) -> None:
    made = synonym_admin.add_synonym(filled, registrar, WordsDraft("wardropia = 家具", "Asked for."))
    change = WordsDraft("garderobia = 家具", "Misspelled.")
    synonym_admin.change_synonym(filled, registrar, made, change, version=1)
    assert (total(filled, "wardropia"), total(filled, "garderobia")) == (0, total(filled, "家具"))
    for version, code in ((1, "synonyms_changed_meanwhile"), (2, "words_unchanged")):
        with pytest.raises((Conflict, Invalid)) as refused:
            synonym_admin.change_synonym(filled, registrar, made, change, version=version)
        assert code in str(refused.value)
    with pytest.raises(Conflict):
        synonym_admin.restore_synonym(filled, registrar, made, WHY)
    synonym_admin.remove_synonym(filled, registrar, made, "Nobody asks for it.")
    assert total(filled, "garderobia") == 0
    with pytest.raises(Conflict):
        synonym_admin.change_synonym(filled, registrar, made, WordsDraft("a1b = 家具", WHY), version=3)
    [ended] = synonym_admin.list_staff_synonyms(filled, registrar, "GARDERO", ended=True)
    assert (ended.id, ended.ended_at is None) == (made, False)
    other = synonym_admin.add_synonym(filled, registrar, change)
    with pytest.raises(Invalid):  # the same words count already
        synonym_admin.restore_synonym(filled, registrar, made, WHY)
    synonym_admin.remove_synonym(filled, registrar, other, WHY)
    synonym_admin.restore_synonym(filled, registrar, made, "Asked for again.")
    assert total(filled, "garderobia") == total(filled, "家具")
    history = synonym_admin.get_staff_words(filled, registrar, made).history
    assert [(act.act, act.by, act.reason) for act in history] == [
        ("restored", "Registrar", "Asked for again."),
        ("ended", "Registrar", "Nobody asks for it."),
        ("changed", "Registrar", "Misspelled."),
        ("added", "Registrar", "Asked for."),
    ]
    changed = history[2]
    assert changed.before is not None
    assert (changed.before.english, changed.after.english) == ("wardropia", "garderobia")
    assert (changed.changed, history[0].changed) == (("english",), ())
    with read_transaction(filled.engine) as connection:
        lines = connection.execute(
            select(AuditEntry.action, AuditEntry.details)
            .where(AuditEntry.subject == str(made), AuditEntry.action.startswith("synonym"))
            .order_by(AuditEntry.id)
        ).all()
    assert [line.action for line in lines] == [
        "synonym_added",
        "synonym_changed",
        "synonym_removed",
        "synonym_restored",
    ]
    assert lines[1].details == "家具 = wardropia → 家具 = garderobia; Misspelled."


def test_a_preview_shows_what_searches_find_before_and_after_and_keeps_nothing(
    filled: Registry, registrar: Actor
) -> None:
    registered = total(filled, "家具")
    filled.zero_result_log.record("wardropia sale", "en")
    filled.zero_result_log.flush()
    draft = WordsDraft("wardropia = 家具", WHY)
    preview = preview_words(filled, registrar, "en", draft=draft)
    by_text = {each.text: (each.before.total, each.after.total) for each in preview.searches}
    assert (by_text["wardropia"], by_text["家具"]) == ((0, registered), (registered, registered))
    assert [each.text for each in preview.searches if each.missed] == ["wardropia sale"]
    [first] = [each.after.first for each in preview.searches if each.text == "wardropia"]
    assert len(first) == 3
    assert (preview.before, synonym_admin.list_staff_synonyms(filled, ANONYMOUS)) == (None, [])
    filled.zero_result_log.flush()
    texts = [each.text for each in zero_results.list_all_zero_results(filled, registrar)]
    assert texts == ["wardropia sale"]
    made = synonym_admin.add_synonym(filled, registrar, draft)
    ending = preview_words(filled, registrar, "en", synonym_id=made, reason=WHY)
    by_text = {each.text: (each.before.total, each.after.total) for each in ending.searches}
    assert (by_text["wardropia"], ending.after) == ((registered, 0), None)
    synonym_admin.remove_synonym(filled, registrar, made, WHY)
    restoring = preview_words(filled, registrar, "en", synonym_id=made, reason=WHY)
    assert (restoring.before, restoring.after, restoring.searches[-1].missed) == (None, ending.before, True)
    for wrong in ({"draft": WordsDraft("wardropia", WHY)}, {"synonym_id": made, "reason": " "}):
        with pytest.raises(Invalid):
            preview_words(filled, registrar, "en", **wrong)  # type: ignore[arg-type]


TERM = WordsDraft(
    "产品护照 = product passport",
    WHY,
    part="green",
    definition_zh="载有产品信息的数据集。",
    definition_en="A set of data about a product.",
    source_zh="《示例办法》第三条",
    source_en="Example Measures, article 3",
)


def test_a_term_of_the_glossary_is_a_synonym_too_and_replaces_the_given_one(
    filled: Registry, registrar: Actor
) -> None:
    def found(word: str) -> list[str]:
        terms = synonym_admin.list_staff_terms(filled, ANONYMOUS)
        return [term.en for group in look_up_words(word, terms).groups for term in group.terms]

    assert found("产品护照") == []
    made = synonym_admin.add_synonym(filled, registrar, TERM)
    assert (found("产品护照"), found("about a product")) == (["product passport"], ["product passport"])
    assert ("product passport",) in {entry.english for entry in filled.synonyms.current().entries}
    assert synonym_admin.list_staff_synonyms(filled, ANONYMOUS)[0].part == "Green products"
    synonym_admin.add_synonym(
        filled, registrar, WordsDraft("碳足迹 = footprint of carbon", WHY, part="green")
    )
    assert found("碳足迹") == ["footprint of carbon"]
    with pytest.raises(Invalid) as refused:
        synonym_admin.add_synonym(filled, registrar, WordsDraft("碳足迹 = carbon trace", WHY, part="green"))
    assert [issue.code for issue in refused.value.issues] == ["term_known"]
    synonym_admin.remove_synonym(filled, registrar, made, WHY)
    assert found("产品护照") == []


@pytest.mark.parametrize(
    ("draft", "codes"),
    [
        (replace(TERM, reason=" "), {("reason", "required")}),
        (replace(TERM, reason="x" * 501), {("reason", "too_long")}),
        (replace(TERM, reason="x" * 500), set()),
        (replace(TERM, part="kitchen"), {("part", "unknown_glossary_part")}),
        (
            replace(TERM, part=""),
            {
                (name, "text_needs_glossary_part")
                for name in ("definition_zh", "definition_en", "source_zh", "source_en")
            },
        ),
        (replace(TERM, source_en=""), {("source_en", "required")}),
        (replace(TERM, words="产品护照 = 产品档案"), {("words", "term_needs_both_languages")}),
        (replace(TERM, definition_zh="长" * 1001), {("definition_zh", "too_long")}),
        (replace(TERM, source_zh="长" * 200), set()),
    ],
)
def test_terms_are_complete(
    registry: Registry, registrar: Actor, draft: WordsDraft, codes: set[tuple[str, str]]
) -> None:
    try:
        synonym_admin.add_synonym(registry, registrar, draft)
        found = set()
    except Invalid as problem:
        found = {(issue.field, issue.code) for issue in problem.issues}
    assert found == codes


def test_the_same_words_are_entered_once(registry: Registry, registrar: Actor) -> None:
    made = synonym_admin.add_synonym(registry, registrar, WordsDraft("沙发 = sofa = couch", WHY))
    for again in ("沙发 = sofa = couch", "couch = 沙发"):
        with pytest.raises(Invalid) as refused:
            synonym_admin.add_synonym(registry, registrar, WordsDraft(again, WHY))
        assert [(issue.code, issue.params["number"]) for issue in refused.value.issues] == [
            ("synonyms_known", made)
        ]
    synonym_admin.add_synonym(registry, registrar, WordsDraft("沙发 = sofa = settee", WHY))


def test_only_staff_may_change_synonyms(registry: Registry) -> None:
    for actor in (ANONYMOUS, Actor("enterprise", 1), Actor("reviewer_city", 1)):
        with pytest.raises(Forbidden):
            synonym_admin.add_synonym(registry, actor, WordsDraft("沙发 = sofa", WHY))
        with pytest.raises(Forbidden):
            synonym_admin.remove_synonym(registry, actor, 1, WHY)
        with pytest.raises(Forbidden):
            synonym_admin.restore_synonym(registry, actor, 1, WHY)
        with pytest.raises(Forbidden):
            synonym_admin.change_synonym(registry, actor, 1, WordsDraft("沙发 = sofa", WHY), version=1)
        with pytest.raises(Forbidden):
            synonym_admin.get_staff_words(registry, actor, 1)
        with pytest.raises(Forbidden):
            preview_words(registry, actor, "zh", draft=WordsDraft("沙发 = sofa", WHY))
        with pytest.raises(Forbidden):
            zero_results.list_all_zero_results(registry, actor)
        with pytest.raises(Forbidden):
            zero_results.hide_zero_result(registry, actor, "x", hidden=True)


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
    assert zero_results.list_zero_results(registry, ANONYMOUS) == []  # staff have not looked yet
    for text in ("茶壶盖", "只在两天"):
        zero_results.hide_zero_result(registry, registrar, text, hidden=False)
    [found] = zero_results.list_zero_results(registry, ANONYMOUS)
    assert (found.text, found.count, found.days) == ("茶壶盖", 4, 3)
    assert {each.text for each in zero_results.list_all_zero_results(registry, registrar)} == {
        "茶壶盖",
        "只在两天",
    }
    zero_results.hide_zero_result(registry, registrar, "茶壶盖", hidden=True)
    search_on_days("茶壶盖", 6)
    assert zero_results.list_zero_results(registry, ANONYMOUS) == []
    zero_results.hide_zero_result(registry, registrar, "茶壶盖", hidden=False)
    search_on_days("茶壶盖", 7)
    [again] = zero_results.list_zero_results(registry, ANONYMOUS)
    assert again.days == 5  # what was looked at need not be looked at again each day
    search_on_days("又一个", 0)
    assert [each.text for each in zero_results.list_all_zero_results(registry, registrar)] == [
        "又一个",
        "茶壶盖",
        "只在两天",
    ]
    with pytest.raises(NotFound):
        zero_results.hide_zero_result(registry, registrar, "nothing", hidden=True)
    zero_results.purge_zero_results(registry)
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
    first = synonym_admin.add_synonym(registry, registrar, WordsDraft("沙发 = sofa", WHY))
    synonym_admin.add_synonym(registry, registrar, WordsDraft("柜子 = cupboard", WHY))
    with pytest.raises(Invalid) as refused:
        synonym_admin.add_synonym(registry, registrar, WordsDraft("桌子 = desk", WHY))
    assert [issue.code for issue in refused.value.issues] == ["too_many_synonyms"]
    synonym_admin.remove_synonym(registry, registrar, first, WHY)  # removed ones do not count
    synonym_admin.add_synonym(registry, registrar, WordsDraft("桌子 = desk", WHY))


def test_zero_result_texts_count_for_thirty_days_and_are_stored_for_sixty_two(
    registry: Registry, registrar: Actor, search_on_days: Callable[..., None]
) -> None:
    search_on_days("刚好三十天", 29, 28, 27)
    search_on_days("过了三十天", 30, 29, 28)
    search_on_days("最老的一天", 62, 63)
    for text in ("刚好三十天", "过了三十天", "最老的一天"):
        zero_results.hide_zero_result(registry, registrar, text, hidden=False)
    assert [view.text for view in zero_results.list_zero_results(registry, ANONYMOUS)] == ["刚好三十天"]
    zero_results.purge_zero_results(registry)
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
