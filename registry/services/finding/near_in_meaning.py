"""Near in meaning: the last stage of a search, where its words find fewer than three records, or records with most of them only."""

from __future__ import annotations

from dataclasses import replace

from registry.reference.text.syllables import are_syllables
from registry.search.analysis.lexicon_spelling import respelled
from registry.search.analysis.query_parser import EXCLUDED_PATTERN, parse_query
from registry.search.analysis.translated_searches import names_known_thing
from registry.search.port import RELAXED_STAGES, STRICT_STAGES, Query, SearchResult
from registry.services.bootstrap import Registry

FEW_RECORDS = 3
NearMatch = tuple[str, str]  # (search as typed, text of the record that is near it in meaning)


def add_near_in_meaning(
    registry: Registry, query: Query, result: SearchResult, typed: str = ""
) -> SearchResult:
    """Return the result with records behind it that are near the query in meaning; as it is where it has enough.

    `typed`: the whole search, where words of it became filters: it is compared where nothing is near the rest.
    Words in quotation marks are meant as typed; and in another order than by relevance what is only near would stand
    among what was found. Raises `Unavailable`.
    """
    if not result.total or result.stage in RELAXED_STAGES:
        result = _respelled(registry, query) or result
    is_partial = result.stage == "most"
    is_enough = result.total >= FEW_RECORDS and not is_partial
    if is_enough or query.sort != "relevance":
        return result
    is_pinyin = are_syllables(query.text.lower().split())  # of which the model knows nothing
    if is_pinyin or parse_query(query.text, query.synonyms).phrases:
        return result
    text = EXCLUDED_PATTERN.sub(" ", query.text)
    near = registry.near_texts.near(text, is_known=not result.total and names_known_thing(text))
    if not near and not result.total and typed:
        near = registry.near_texts.near(typed)
    return registry.search.find(replace(query, near=near, near_first=is_partial)) if near else result


def _respelled(registry: Registry, query: Query) -> SearchResult | None:
    """Return what the words find as the lexicon spells them; None where that is no more than what was typed."""
    if parse_query(query.text, query.synonyms).phrases:
        return None
    for text in respelled(query.text):
        result = registry.search.find(replace(query, text=text))
        if result.total and result.stage in STRICT_STAGES:
            return replace(result, stage="spelling")
    return None


def near_matches(query: Query, result: SearchResult) -> dict[int, NearMatch]:
    """Return, for each record that no word finds, what was searched for and the text of the record that is near it."""
    typed = " ".join(query.text.split())
    return {record_id: (typed, text) for record_id, text in result.near_texts.items()}
