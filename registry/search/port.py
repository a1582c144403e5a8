"""The port: what the rest of the registry asks of a search engine. Whoosh stands behind it, another engine may."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NamedTuple, Protocol

from registry.search.analysis.document import SearchDocument
from registry.search.analysis.synonyms import Synonyms

STRICT_STAGES = ("exact", "words", "browse")  # stages in which every word was found
RELAXED_STAGES = ("spelling", "most")  # stages in which other words than those typed were taken
Sort = Literal["relevance", "date", "-date", "name", "rank"]


@dataclass(frozen=True, slots=True)
class Query:
    """`filters`: facet → values, any of which may match; different facets must all match. `synonyms`: the built-in ones,
    unless others are given."""

    text: str = ""
    lang: str = "zh"
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    include_ended: bool = False
    sort: str = "relevance"
    offset: int = 0
    limit: int = 20
    facets: tuple[str, ...] = ()
    synonyms: Synonyms | None = None
    since: int = 0  # dates of records, as 20240131; 0: any
    until: int = 0

    @property
    def key(self) -> tuple[Hashable, ...]:
        """Equal for queries with the same answer."""
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
        )


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`ids` of one page; `facets` count every value as if its own facet were not filtered.

    `ended_hidden`: further hits that are hidden because they have ended. `terms`: what to highlight.
    `stage`: how the hits were found (exact, words, most, spelling, browse, none). `meant`: words as typed, and others of the same
    meaning by which records are found too.
    """

    total: int = 0
    ids: list[int] = field(default_factory=list)
    facets: Mapping[str, list[tuple[str, int]]] = field(default_factory=dict)
    ended_hidden: int = 0
    highlights: tuple[str, ...] = ()
    stage: str = "none"
    synonyms: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """`documents` is None while there is no usable index. `doubted`: some process could not read the present one."""

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
        """Put and delete documents in one commit. A missing index is not made: it would lack all the others."""

    def find(self, query: Query) -> SearchResult:
        """One page of hits; never raises on what the text contains."""

    def ids_after(self, query: Query, last_id: int) -> list[int]:
        """Ids above `last` that pass the query's filters, ascending, at most `query.limit`."""

    def count_name_matches(self, text: str) -> NameMatches:
        """Count the records that the whole text names, ended ones included."""

    def filter_matching(self, query: Query, ids: Iterable[int]) -> list[int]:
        """Which of these records the query finds, ended ones included, when it takes no other words than those typed."""

    def suggest(self, text: str, lang: str, limit: int) -> list[int]:
        """Ids of records whose name or number begins with what was typed so far, or has it in its name; best first."""

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        """Build beside the present index and swap; readers never meet half an index. Returns the count."""

    def index_versions(self) -> Iterator[tuple[int, int]]:
        """(id, stamp) of every document."""

    def status(self) -> IndexStatus:
        """The state of the index; never raises."""

    def verify(self) -> bool:
        """Read the whole index afresh: False when there is none or a part of it cannot be read; ends doubt if True."""

    def close(self) -> None:
        """Let go of files."""
