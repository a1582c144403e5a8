"""The port: what the rest of the registry asks of a search engine. The embedded engine or PostgreSQL stands behind it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from registry.search.analysis.document import SearchDocument
from registry.search.analysis.explanation import Explanation
from registry.search.analysis.synonyms import Synonyms

STRICT_STAGES = ("exact", "words", "browse")  # every word was found
RELAXED_STAGES = ("spelling", "most")  # other words than those typed were taken, or not all of them
NEAR_STAGE = "meaning"  # no record has the words: texts of those found are near them in meaning
Sort = Literal["relevance", "date", "-date", "name", "rank"]


class NearText(NamedTuple):
    """A text of the index that is near a search in meaning: `similarity` 1 for the same."""

    text: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for, and which page of it.

    `filters`: facet → values, any of which may match; different facets must all match. `synonyms`: the built-in ones,
    unless others are given. `since`, `until`: dates of records as numbers (20240131), 0 for any. `near`: texts of records
    that come behind all that the words find; `near_first`: before those that the words only come near to. `near_within`: what comes near the words is looked for among the records that
    pass the filters, where none of these has every word. `explain`: the result says why its records stand where they do.
    """

    text: str = ""
    lang: str = "zh"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    include_ended: bool = False
    sort: str = "relevance"
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = ()
    synonyms: Synonyms | None = None
    since: int = 0
    until: int = 0
    near: tuple[NearText, ...] = ()
    near_first: bool = False
    near_within: bool = False
    explain: bool = False

    @property
    def key(self) -> tuple[Hashable, ...]:
        """Equal for queries with the same result."""
        filters = tuple(sorted((name, tuple(sorted(values))) for name, values in self.filters.items()))
        return (
            self.text,
            self.lang,
            filters,
            self.include_ended,
            self.sort,
            self.offset,
            self.limit,
            self.facets,
            self.synonyms,
            self.since,
            self.until,
            self.near,
            self.near_first,
            self.near_within,
            self.explain,
        )

    @property
    def filters_by_status(self) -> bool:
        """Return True if a status is filtered by: then records that have it are shown, ended or not."""
        return bool(self.filters.get("status") or self.filters.get("standing"))


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One page of matches. `facets`: counts of every value as if its own facet were not filtered, most first.

    `ended_hidden`: further matches that are hidden because they have ended. `highlights`: words to mark.
    `stage`: how the matches were found (exact, words, most, spelling, meaning, browse, none). `synonyms`: pairs of a word as typed
    and another of the same meaning by which records are found too. `demo_total`: how many of the matches are invented;
    `demo_facets`: how many of each count are, without the values that have none. `near_texts`: record of this page that no
    word finds → the text of it that is near in meaning.
    """

    total: int = 0
    ids: list[int] = field(default_factory=list)
    facets: Mapping[str, list[tuple[str, int]]] = field(default_factory=dict)
    ended_hidden: int = 0
    highlights: tuple[str, ...] = ()
    stage: str = "none"
    synonyms: tuple[tuple[str, str], ...] = ()
    demo_total: int = 0
    demo_facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    near_texts: Mapping[int, str] = field(default_factory=dict)
    explanation: Explanation | None = None


class RebuildStopped(Exception):
    """The build of a new index was given up because the caller wanted it; the old index stands."""


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """`documents` is None while there is no usable index. `suspect`: a process could not read the present one.

    `path`: its folder, or its first table.
    """

    documents: int | None
    generation: str
    size_bytes: int
    path: Path
    suspect: bool = False


class NameMatches(NamedTuple):
    """How many records a text names: `exact`: as a whole; `prefix`: as a whole or by the beginning of their name."""

    exact: int
    prefix: int


class SearchPort(Protocol):
    """Every method may raise `Unavailable` when there is no usable index."""

    def write(self, upserts: Iterable[SearchDocument], deletes: Iterable[int]) -> None:
        """Insert, replace and delete documents in one commit.

        A missing index is not created: it would lack all other documents.
        """

    def find(self, query: Query) -> SearchResult:
        """Return one page of matches; no text makes it fail."""

    def ids_after(self, query: Query, last_id: int) -> list[int]:
        """Return ids above `last_id` that pass the query's filters, ascending, at most `query.limit`."""

    def count_name_matches(self, text: str) -> NameMatches:
        """Count the records that the whole text names, ended ones included."""

    def filter_matching(self, query: Query, ids: Iterable[int]) -> list[int]:
        """Return which of these records a query finds strictly, by the words as typed; ended ones included."""

    def suggest(self, text: str, lang: str, limit: int) -> list[int]:
        """Return ids of records whose name or number begins with the text, or whose name contains it; best first."""

    def rebuild(
        self, documents: Iterable[SearchDocument], stopped: Callable[[], bool] = lambda: False
    ) -> int:
        """Build a new index beside the present one and swap them; return the number of documents.

        Readers see the old index or the new one, never half of one. `stopped` is asked several times a second: once it
        says True, the build is given up and `RebuildStopped` raised.
        """

    def index_versions(self) -> Iterator[tuple[int, int]]:
        """Yield (id, index version) of every document."""

    def subjects(self, known: Collection[str]) -> list[tuple[str, list[str]]]:
        """Return the parts of the index as (name, subjects of its records), for those that are `known` without subjects.

        A part of one name never changes. Subjects of deleted records may be among them.
        """

    def status(self) -> IndexStatus:
        """Return the state of the index; never raises."""

    def verify(self) -> bool:
        """Read the whole index again: False if there is none or a part cannot be read; True ends a suspicion.

        Raises `Unavailable` where the system has no descriptor or space left to find that out.
        """

    def close(self) -> None:
        """Close open files and connections."""
