"""Synonyms that staff manage, and searches without results, which show what synonyms are missing."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, delete, func, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound
from registry.kit.issues import Issue
from registry.search.analysis import query_parser
from registry.search.analysis.synonyms import SynonymEntry, built_in
from registry.search.analysis.tokens import fold_text, split_runs
from registry.search.words.model import StaffSynonym, ZeroResultSearch
from registry.search.words.staff_synonyms import contains_chinese
from registry.search.words.zero_result_log import storable_text
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_WORD_LENGTH, MIN_WORDS, MAX_WORDS, MIN_CHINESE_LENGTH = 60, 2, 10, 2
MAX_STAFF_SYNONYMS = 2_000
SEPARATORS = re.compile(r"[\n=＝/、，,;；]+")
PUBLISHED_DAYS, MIN_DAYS_SEARCHED = (
    30,
    3,
)  # a text that staff have looked at is published when it was searched for on 3 of the last 30 days
MAX_LISTED = 100
RETENTION_DAYS = 62


@dataclass(frozen=True, slots=True)
class StaffSynonymView:
    """Words of one meaning that staff have added."""

    id: int
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class ZeroResultView:
    """A text without results: how often and on how many days it was searched for.

    `shown`, `hidden`: how staff have decided; with neither it waits for them, and is not on the public page.
    """

    text: str
    lang: str
    count: int
    days: int
    hidden: bool
    shown: bool


# --- synonyms ---------------------------------------------------------------------------------------------------


def list_staff_synonyms(registry: Registry, actor: Actor) -> list[StaffSynonymView]:
    """Return the synonyms that staff have added, newest first."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(StaffSynonym.id, StaffSynonym.english, StaffSynonym.chinese, StaffSynonym.added_at)
            .where(StaffSynonym.removed_at.is_(None))
            .order_by(StaffSynonym.id.desc())
        ).all()
    return [
        StaffSynonymView(
            row.id, tuple(row.english.splitlines()), tuple(row.chinese.splitlines()), row.added_at
        )
        for row in rows
    ]


def list_built_in_synonyms(actor: Actor) -> tuple[SynonymEntry, ...]:
    """Return the synonyms that come with the registry."""
    require(actor, Action.READ)
    return built_in().entries


def add_synonym(registry: Registry, actor: Actor, text: str) -> int:
    """Add words of one meaning, by any of which records are found from now on; return the id of the entry.

    `text`: the words with `=`, commas or line breaks between them. Raises `Invalid` and `Forbidden`.
    """
    require(actor, Action.MANAGE_SYNONYMS)
    words = _parse_words(text)
    english = [word for word in words if not contains_chinese(word)]
    chinese = [word for word in words if contains_chinese(word)]
    with unit_of_work(registry.engine) as connection:
        count = connection.execute(
            select(func.count()).select_from(StaffSynonym).where(StaffSynonym.removed_at.is_(None))
        ).scalar_one()
        if count >= MAX_STAFF_SYNONYMS:
            raise Invalid((Issue("too_many_synonyms", "words", {"at_most": MAX_STAFF_SYNONYMS}),))
        synonym_id = connection.execute(
            insert(StaffSynonym)
            .values(
                english="\n".join(english),
                chinese="\n".join(chinese),
                added_by=actor.user_id,
                added_at=clock.now(),
            )
            .returning(StaffSynonym.id)
        ).scalar_one()
        audit_log.record(
            connection,
            actor,
            "synonym_added",
            subject=str(synonym_id),
            details=" = ".join(words),
        )
    registry.synonyms.invalidate()
    return int(synonym_id)


def remove_synonym(registry: Registry, actor: Actor, synonym_id: int) -> None:
    """Remove words that staff have added. Raises `NotFound`, and `Conflict` if they are removed already."""
    require(actor, Action.MANAGE_SYNONYMS)
    with unit_of_work(registry.engine) as connection:
        row = connection.execute(select(StaffSynonym.removed_at).where(StaffSynonym.id == synonym_id)).first()
        if row is None:
            raise NotFound("synonym", str(synonym_id))
        if row.removed_at is not None:
            raise Conflict("synonyms_removed")
        connection.execute(
            update(StaffSynonym)
            .where(StaffSynonym.id == synonym_id)
            .values(removed_at=clock.now(), removed_by=actor.user_id)
        )
        audit_log.record(connection, actor, "synonym_removed", subject=str(synonym_id))
    registry.synonyms.invalidate()


def _parse_words(text: str) -> list[str]:
    """Return the distinct words of a text. Raises `Invalid` with all that is wrong."""
    words = [" ".join(part.split()) for part in SEPARATORS.split(text)]
    words = list({fold_text(word): word for word in words if word}.values())
    issues = list(_word_issues(words))
    if issues:
        raise Invalid(tuple(issues))
    return words


def _word_issues(words: list[str]) -> Iterable[Issue]:
    if len(words) < MIN_WORDS:
        yield Issue("too_few_words", "words")
    if len(words) > MAX_WORDS:
        yield Issue("too_many_words", "words", {"at_most": MAX_WORDS, "number": len(words)})
    for word in words:
        parts = split_runs(word)
        short = contains_chinese(word) and len(word) < MIN_CHINESE_LENGTH
        if not parts or short or not query_parser.parse_query(word).clauses:
            yield Issue("word_without_meaning", "words", {"value": word[:MAX_WORD_LENGTH]})
        elif len(word) > MAX_WORD_LENGTH:
            yield Issue("too_long", "words", {"length": len(word), "at_most": MAX_WORD_LENGTH})


# --- searches without results --------------------------------------------------------------------------------------


def list_zero_results(registry: Registry, actor: Actor) -> list[ZeroResultView]:
    """Return the published texts without results that staff have looked at, of the last `PUBLISHED_DAYS`, most frequent first."""
    require(actor, Action.READ)
    return [view for view in _query_zero_results(registry, MIN_DAYS_SEARCHED) if view.shown]


def list_all_zero_results(registry: Registry, actor: Actor) -> list[ZeroResultView]:
    """Return all texts without results of the last `PUBLISHED_DAYS`, most frequent first; those that wait for a decision come first."""
    require(actor, Action.MANAGE_SYNONYMS)
    return sorted(_query_zero_results(registry, 1), key=lambda view: view.shown or view.hidden)


def _query_zero_results(registry: Registry, min_days: int) -> list[ZeroResultView]:
    count, days = func.sum(ZeroResultSearch.number), func.count(func.distinct(ZeroResultSearch.day))
    hidden = func.max(case((ZeroResultSearch.hidden, 1), else_=0))
    shown = func.max(case((ZeroResultSearch.shown, 1), else_=0))
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(ZeroResultSearch.text, ZeroResultSearch.lang, count, days, hidden, shown)
            .where(ZeroResultSearch.day > clock.today() - dt.timedelta(days=PUBLISHED_DAYS))
            .group_by(ZeroResultSearch.text, ZeroResultSearch.lang)
            .having(days >= min_days)
            .order_by(count.desc(), ZeroResultSearch.text, ZeroResultSearch.lang)
            .limit(MAX_LISTED)
        ).all()
    return [
        ZeroResultView(
            text, lang, int(searches), int(on_days), bool(is_hidden), bool(is_shown) and not is_hidden
        )
        for text, lang, searches, on_days, is_hidden, is_shown in rows
    ]


def hide_zero_result(registry: Registry, actor: Actor, text: str, *, hidden: bool) -> None:
    """Keep a text off the public page, or let it stand there. Raises `NotFound`."""
    require(actor, Action.MANAGE_SYNONYMS)
    with unit_of_work(registry.engine) as connection:
        changed = connection.execute(
            update(ZeroResultSearch)
            .where(ZeroResultSearch.text == storable_text(text))
            .values(hidden=hidden, shown=not hidden)
        )
        if not changed.rowcount:
            raise NotFound("search", text)
        audit_log.record(connection, actor, "search_hidden" if hidden else "search_shown", subject=text)


def purge_zero_results(registry: Registry) -> None:
    """Delete searches without results that are older than `RETENTION_DAYS`."""
    require(SYSTEM, Action.RELAY)
    with unit_of_work(registry.engine) as connection:
        connection.execute(
            delete(ZeroResultSearch).where(
                ZeroResultSearch.day < clock.today() - dt.timedelta(days=RETENTION_DAYS)
            )
        )
