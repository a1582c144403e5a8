"""What a change of synonyms does, before it is made: what searches for the words find now, and what they would find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from registry.accounts.policy import ANONYMOUS, Action, Actor, require
from registry.kit.display import Words
from registry.search.words.model import MAX_ZERO_RESULT_TEXT
from registry.search.words.staff_synonyms import PreviewedSynonyms, StaffWords
from registry.search.words.zero_result_log import UncountedSearches
from registry.services.bootstrap import Registry
from registry.services.finding import zero_results
from registry.services.finding.requests import SearchRequest
from registry.services.finding.search import find_records
from registry.services.finding.synonym_admin import WordsDraft, get_staff_words, parse_words, require_reason
from registry.services.finding.zero_results import ZeroResultView

SHOWN_RESULTS = 3
MAX_SEARCHES_WITHOUT_RESULTS = 5


@dataclass(frozen=True, slots=True)
class FoundView:
    """What a search finds: how many records, and the first of them as (title, path)."""

    total: int
    first: tuple[tuple[Words, str], ...]


@dataclass(frozen=True, slots=True)
class SearchChangeView:
    """A search with what it finds now and what it would find. `missed`: readers searched for it and found nothing."""

    text: str
    before: FoundView
    after: FoundView
    missed: bool = False


@dataclass(frozen=True, slots=True)
class WordsPreview:
    """What an act on words would change: the words before and after it (None: there are none that count), and the searches concerned."""

    before: StaffWords | None
    after: StaffWords | None
    searches: tuple[SearchChangeView, ...]


def preview_words(
    registry: Registry,
    actor: Actor,
    lang: str,
    *,
    synonym_id: int | None = None,
    draft: WordsDraft | None = None,
    reason: str = "",
) -> WordsPreview:
    """Return what would change if words were added (a draft alone), changed (both), or ended or restored (an id alone).

    Each word concerned is searched for as it is now and as it would be, and so are searches without results that have one of
    them. `reason`: of ending and restoring; a draft has its own. Nothing is kept. Raises `Invalid` and `NotFound`.
    """
    require(actor, Action.MANAGE_SYNONYMS)
    if draft is None:
        require_reason(reason)
    entry = get_staff_words(registry, actor, synonym_id) if synonym_id is not None else None
    counts = entry is not None and entry.ended_at is None
    before = entry.words if entry is not None and counts else None
    if draft is not None:
        after: StaffWords | None = parse_words(draft)
    else:
        after = entry.words if entry is not None and not counts else None
    changed = registry.synonyms.replaced(synonym_id, after)
    quiet = replace(registry, zero_result_log=UncountedSearches(registry.engine))
    then = replace(quiet, synonyms=PreviewedSynonyms(registry.engine, changed))
    words = dict.fromkeys(word for each in (after, before) if each for word in each.words)
    views = zero_results.list_all_zero_results(registry, actor)
    missed = [text for text in _missed_texts(views, words) if text not in words]
    searches = tuple(
        SearchChangeView(text, _found(quiet, text, lang), _found(then, text, lang), text in missed)
        for text in (*words, *missed)
    )
    return WordsPreview(before, after, searches)


def _missed_texts(views: Iterable[ZeroResultView], words: Iterable[str]) -> list[str]:
    """Return the searches without results of the last days that have one of the words, the most frequent first."""
    folded = [word.lower()[:MAX_ZERO_RESULT_TEXT] for word in words]
    having = [view.text for view in views if any(word in view.text for word in folded)]
    return list(dict.fromkeys(having))[:MAX_SEARCHES_WITHOUT_RESULTS]


def _found(registry: Registry, text: str, lang: str) -> FoundView:
    found = find_records(registry, ANONYMOUS, SearchRequest(text, size=SHOWN_RESULTS), lang)
    return FoundView(found.total, tuple((row.title, row.path) for row in found.rows[:SHOWN_RESULTS]))
