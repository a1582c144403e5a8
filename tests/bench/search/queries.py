"""The mix of questions: twelve of each kind, drawn from the corpus, the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from registry.search.analysis.document import SearchDocument
from registry.search.port import Query
from tests.bench.search import corpus

FACETS = ("register", "status", "region", "year")
INSTANCES = 12
IN_FORCE, PLACE = "in_force", "330000"


@dataclass(frozen=True, slots=True)
class BenchQuery:
    """What every engine is asked. `terms`: words (or the beginning of a name, or a number) in our spelling of terms.

    `include_ended`: ours hides ended records by default, which costs a filter that the others are not asked for.
    """

    kind: str
    text: str
    terms: tuple[str, ...]
    filters: Mapping[str, str] = field(default_factory=dict)
    facets: tuple[str, ...] = ()
    sort: str = "relevance"
    offset: int = 0
    limit: int = 20

    def ours(self) -> Query:
        return Query(
            self.text,
            filters={name: (value,) for name, value in self.filters.items()},
            facets=self.facets,
            sort=self.sort,
            offset=self.offset,
            limit=self.limit,
            include_ended=True,
        )


def mix(documents: Iterable[SearchDocument]) -> dict[str, list[BenchQuery]]:
    """Kind → questions. `documents`: some of the corpus, of which numbers and names are taken."""
    chance = random.Random(11)
    known = [document for document in documents if document.register != "brands"]
    pairs = [word for word in corpus.vocabulary() if len(word) == 2]
    common, rare = pairs[:INSTANCES], pairs[4000 : 4000 + INSTANCES]
    some = chance.sample(known, INSTANCES)
    in_force = {"status": IN_FORCE}
    return {
        "exact number": [BenchQuery("exact number", each.number, (each.number,)) for each in some],
        "rare": [BenchQuery("rare", word, (word,)) for word in rare],
        "common": [BenchQuery("common", word, (word,)) for word in common],
        "and": [
            BenchQuery("and", f"{one} {other}", (one, other))
            for one, other in zip(common, common[1:] + common[:1], strict=True)
        ],
        "phrase": [
            BenchQuery("phrase", f'"{each.names[0][:4]}"', _pairs(each.names[0][:4]))
            for each in some
            if len(each.names[0]) >= 4
        ],
        "prefix": [BenchQuery("prefix", each.names[0][:3], (each.names[0][:3],)) for each in some],
        "fuzzy": [
            BenchQuery("fuzzy", _slip(word), (_slip(word),)) for word in corpus.ENGLISH if len(word) > 5
        ],
        "filtered": [BenchQuery("filtered", word, (word,), {**in_force, "region": PLACE}) for word in common],
        "sorted": [BenchQuery("sorted", word, (word,), sort="-date") for word in common],
        "facets": [BenchQuery("facets", word, (word,), facets=FACETS) for word in common],
        "page 50": [BenchQuery("page 50", word, (word,), offset=980) for word in common],
        "portal page": [BenchQuery("portal page", word, (word,), in_force, FACETS) for word in common],
    }


def _pairs(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 2] for at in range(len(text) - 1))


def _slip(word: str) -> str:
    """A letter dropped in the middle."""
    return word[:3] + word[4:]
