"""What the tables of a build hold: terms with the number of their records, and records by their names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from registry.search.analysis import lexicon, tokens
from registry.search.analysis.document_terms import WORD_FIELDS
from registry.search.analysis.sized_cache import SizedCache
from registry.search.postgresql.tables import SCHEMA, prefixed_term

MAX_NAME_MATCHES = 2_000
MAX_PARTIAL_CODES = 50
MAX_CHARACTER = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class CurrentBuild:
    """The build that is read, how often it was written to, and how many documents it has."""

    build: str
    generation: int
    documents: int


class BuildReader:
    """Reads the tables of one build, over one connection: how many records have a term, which ones a name."""

    def __init__(self, connection: Connection, build: CurrentBuild, cache: SizedCache) -> None:
        self._connection, self._build, self._cache = connection, build, cache
        self._names, self._words = f"{SCHEMA}.name_{build.build}", f"{SCHEMA}.word_{build.build}"

    def document_frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """Return how many records have each term; terms that no record has are left out."""
        requested = sorted(terms)
        if not requested:
            return {}
        rows = self._connection.execute(
            text(
                f"SELECT term, holding FROM {self._words}"
                " WHERE term = ANY(CAST(:terms AS text[])) AND holding > 0"
            ),
            {"terms": requested},
        )
        return {row.term: row.holding for row in rows}

    def occurring(self, words: Collection[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Return the words of which a field has all terms: a word of either language, if not of one record."""
        in_fields = {
            word: [[prefixed_term(field, term) for term in word] for field in WORD_FIELDS] for word in words
        }
        frequencies = self.document_frequencies(
            {term for fields in in_fields.values() for terms in fields for term in terms}
        )
        return [
            word
            for word, fields in in_fields.items()
            if any(all(term in frequencies for term in terms) for terms in fields)
        ]

    def ids_with_term(self, term: str) -> list[int]:
        """Return records with this name or number."""
        return list(
            self._connection.execute(
                text(f"SELECT DISTINCT id FROM {self._names} WHERE term = :term"), {"term": term}
            ).scalars()
        )

    def ids_with_prefix(self, prefix: str) -> list[tuple[int, int]]:
        """Return records with a name or number that begins so, and the bytes of the shortest of each."""
        rows = self._connection.execute(
            text(
                f"SELECT id, min(octet_length(term)) - 1 AS size FROM {self._names}"
                " WHERE term >= :first AND term < :last GROUP BY id ORDER BY size, id LIMIT :limit"
            ),
            {"first": prefix, "last": prefix + MAX_CHARACTER, "limit": MAX_NAME_MATCHES},
        )
        return [(row.id, row.size) for row in rows]

    def codes_containing(self, part: str) -> list[str]:
        """Return identifiers that contain this text, at most `MAX_PARTIAL_CODES`."""
        prefix = prefixed_term("code", "")
        rows = self._connection.execute(
            text(
                f"SELECT term FROM {self._words} WHERE term >= :first AND term < :last"
                " AND position(:part IN term) > 1 AND holding > 0 ORDER BY term LIMIT :limit"
            ),
            {"first": prefix, "last": prefix + MAX_CHARACTER, "part": part, "limit": MAX_PARTIAL_CODES},
        )
        return [row.term[1:] for row in rows]

    def ids_by_pinyin(self, pinyin: str) -> list[int]:
        marked = tokens.PINYIN_MARK + pinyin[: tokens.MAX_TERM_LENGTH]
        return self.ids_with_term(prefixed_term("exact", marked))

    def near_terms(self, field: str, word: str) -> list[str]:
        """Return terms of a field that are spelled almost like this word, nearest first."""
        key = ("lexicon", self._build.build, self._build.documents, field)
        words = lexicon.cached_words(self._cache, key, field, lambda: self.terms_of(field))
        distances = lexicon.near_words(words, word)
        return sorted(distances, key=lambda term: (distances[term], term))

    def terms_of(self, field: str) -> Iterator[bytes]:
        """Return every term of a field."""
        prefix = prefixed_term(field, "")
        rows = self._connection.execute(
            text(f"SELECT term FROM {self._words} WHERE term >= :first AND term < :last AND holding > 0"),
            {"first": prefix, "last": prefix + MAX_CHARACTER},
        )
        return (row.term[1:].encode() for row in rows)

    def common_terms(self, prefix: str, limit: int) -> list[str]:
        """Return the terms, with the prefix of their field, that begin so: those that most records have."""
        rows = self._connection.execute(
            text(
                f"SELECT term FROM {self._words} WHERE term >= :first AND term < :last"
                " AND holding > 0 ORDER BY holding DESC LIMIT :limit"
            ),
            {"first": prefix, "last": prefix + MAX_CHARACTER, "limit": limit},
        )
        return [row.term for row in rows]
