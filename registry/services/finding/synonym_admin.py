"""The words of searches: synonyms, those that staff add included, and what was searched for in vain. Public, kept at the desk."""

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
from registry.search.analysis.synonyms import Entry, built_in
from registry.search.analysis.tokens import folded, runs
from registry.search.words.model import AddedSynonym, MissedSearch
from registry.search.words.staff_synonyms import chinese_word
from registry.search.words.zero_result_log import kept_text
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import reading, unit_of_work

LONGEST_WORD, MOST_WORDS, SHORTEST_CHINESE = 60, 10, 2
MOST_ADDED = 2_000
BETWEEN = re.compile(r"[\n=＝/、，,;；]+")
DAYS, ON_DAYS = 30, 3  # published: what was searched for on that many of so many days
SHOWN = 100
KEPT_DAYS = 62


@dataclass(frozen=True, slots=True)
class AddedView:
    """Words of one meaning that staff have added."""

    id: int
    english: tuple[str, ...]
    chinese: tuple[str, ...]
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class MissedView:
    """A text that was searched for in vain: how often, on how many days. `hidden`: staff keep it off the public page."""

    text: str
    lang: str
    number: int
    days: int
    hidden: bool


# --- synonyms ---------------------------------------------------------------------------------------------------


def added(registry: Registry, actor: Actor) -> list[AddedView]:
    """The synonyms that staff have added, newest first."""
    require(actor, Action.READ)
    with reading(registry.engine) as connection:
        rows = connection.execute(
            select(AddedSynonym.id, AddedSynonym.english, AddedSynonym.chinese, AddedSynonym.added_at)
            .where(AddedSynonym.removed_at.is_(None))
            .order_by(AddedSynonym.id.desc())
        ).all()
    return [
        AddedView(row.id, tuple(row.english.splitlines()), tuple(row.chinese.splitlines()), row.added_at)
        for row in rows
    ]


def given(actor: Actor) -> tuple[Entry, ...]:
    """The synonyms that come with the registry."""
    require(actor, Action.READ)
    return built_in().entries


def add(registry: Registry, actor: Actor, written: str) -> int:
    """Words of one meaning, `=`, comma or line between them; records are found by any of them from now on. Returns its id.

    Raises `Invalid` and `Forbidden`.
    """
    require(actor, Action.WORD)
    words = _words(written)
    english = [word for word in words if not chinese_word(word)]
    chinese = [word for word in words if chinese_word(word)]
    with unit_of_work(registry.engine) as connection:
        number = connection.execute(
            select(func.count()).select_from(AddedSynonym).where(AddedSynonym.removed_at.is_(None))
        ).scalar_one()
        if number >= MOST_ADDED:
            raise Invalid((Issue("too_many_synonyms", "words", {"at_most": MOST_ADDED}),))
        made = connection.execute(
            insert(AddedSynonym)
            .values(
                english="\n".join(english),
                chinese="\n".join(chinese),
                added_by=actor.user_id,
                added_at=clock.now(),
            )
            .returning(AddedSynonym.id)
        ).scalar_one()
        audit_log.note(connection, actor.role, "synonym_added", actor.user_id, str(made), " = ".join(words))
    registry.synonyms.look_again()
    return int(made)


def remove(registry: Registry, actor: Actor, synonym: int) -> None:
    """Take words out again that staff have added. Raises `NotFound`, and `Conflict` where it is done already."""
    require(actor, Action.WORD)
    with unit_of_work(registry.engine) as connection:
        row = connection.execute(select(AddedSynonym.removed_at).where(AddedSynonym.id == synonym)).first()
        if row is None:
            raise NotFound("synonym", str(synonym))
        if row.removed_at is not None:
            raise Conflict("these words were taken out already")
        connection.execute(
            update(AddedSynonym)
            .where(AddedSynonym.id == synonym)
            .values(removed_at=clock.now(), removed_by=actor.user_id)
        )
        audit_log.note(connection, actor.role, "synonym_removed", actor.user_id, str(synonym))
    registry.synonyms.look_again()


def _words(written: str) -> list[str]:
    """The words, each once. Raises `Invalid` with all that is wrong."""
    words = [" ".join(part.split()) for part in BETWEEN.split(written)]
    words = list({folded(word): word for word in words if word}.values())
    issues = list(_wrong(words))
    if issues:
        raise Invalid(tuple(issues))
    return words


def _wrong(words: list[str]) -> Iterable[Issue]:
    if len(words) < 2:
        yield Issue("too_few_words", "words")
    if len(words) > MOST_WORDS:
        yield Issue("too_many_words", "words", {"at_most": MOST_WORDS, "number": len(words)})
    for word in words:
        parts = runs(word)
        short = chinese_word(word) and len(word) < SHORTEST_CHINESE
        if not parts or short or all(part in query_parser.IDLE for part in parts):
            yield Issue("word_without_meaning", "words", {"value": word[:LONGEST_WORD]})
        elif len(word) > LONGEST_WORD:
            yield Issue("too_long", "words", {"length": len(word), "at_most": LONGEST_WORD})


# --- searches without an answer ------------------------------------------------------------------------------------


def missed(registry: Registry, actor: Actor) -> list[MissedView]:
    """What was searched for in vain on at least three of the last thirty days, most often first."""
    require(actor, Action.READ)
    return [each for each in _missed(registry, ON_DAYS) if not each.hidden]


def missed_at_all(registry: Registry, actor: Actor) -> list[MissedView]:
    """What was searched for in vain within the last thirty days, hidden ones included, most often first."""
    require(actor, Action.WORD)
    return _missed(registry, 1)


def _missed(registry: Registry, on_days: int) -> list[MissedView]:
    number, days = func.sum(MissedSearch.number), func.count(func.distinct(MissedSearch.day))
    hidden = func.max(case((MissedSearch.hidden, 1), else_=0))
    with reading(registry.engine) as connection:
        rows = connection.execute(
            select(MissedSearch.text, MissedSearch.lang, number, days, hidden)
            .where(MissedSearch.day > clock.today() - dt.timedelta(days=DAYS))
            .group_by(MissedSearch.text, MissedSearch.lang)
            .having(days >= on_days)
            .order_by(number.desc(), MissedSearch.text, MissedSearch.lang)
            .limit(SHOWN)
        ).all()
    return [
        MissedView(text, lang, int(many), int(on), bool(kept_off)) for text, lang, many, on, kept_off in rows
    ]


def hide(registry: Registry, actor: Actor, text: str, *, hidden: bool) -> None:
    """Keep a text off the public page, or let it appear again. Raises `NotFound`."""
    require(actor, Action.WORD)
    with unit_of_work(registry.engine) as connection:
        done = connection.execute(
            update(MissedSearch).where(MissedSearch.text == kept_text(text)).values(hidden=hidden)
        )
        if not done.rowcount:
            raise NotFound("search", text)
        audit_log.note(
            connection, actor.role, "search_hidden" if hidden else "search_shown", actor.user_id, text
        )


def tidy(registry: Registry) -> None:
    """Forget old searches without an answer."""
    require(SYSTEM, Action.RELAY)
    with unit_of_work(registry.engine) as connection:
        connection.execute(
            delete(MissedSearch).where(MissedSearch.day < clock.today() - dt.timedelta(days=KEPT_DAYS))
        )
