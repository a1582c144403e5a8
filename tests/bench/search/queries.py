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
class Question:
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


def mix(documents: Iterable[SearchDocument]) -> dict[str, list[Question]]:
    """Kind → questions. `documents`: some of the corpus, of which numbers and names are taken."""
    chance = random.Random(11)
    known = [document for document in documents if document.register != "brands"]
    pairs = [word for word in corpus.vocabulary() if len(word) == 2]
    common, rare = pairs[:INSTANCES], pairs[4000 : 4000 + INSTANCES]
    some = chance.sample(known, INSTANCES)
    in_force = {"status": IN_FORCE}
    return {
        "exact number": [Question("exact number", each.number, (each.number,)) for each in some],
        "rare": [Question("rare", word, (word,)) for word in rare],
        "common": [Question("common", word, (word,)) for word in common],
        "and": [
            Question("and", f"{one} {other}", (one, other))
            for one, other in zip(common, common[1:] + common[:1], strict=True)
        ],
        "phrase": [
            Question("phrase", f'"{each.names[0][:4]}"', _pairs(each.names[0][:4]))
            for each in some
            if len(each.names[0]) >= 4
        ],
        "prefix": [Question("prefix", each.names[0][:3], (each.names[0][:3],)) for each in some],
        "fuzzy": [Question("fuzzy", _slip(word), (_slip(word),)) for word in corpus.ENGLISH if len(word) > 5],
        "filtered": [Question("filtered", word, (word,), {**in_force, "region": PLACE}) for word in common],
        "sorted": [Question("sorted", word, (word,), sort="-date") for word in common],
        "facets": [Question("facets", word, (word,), facets=FACETS) for word in common],
        "page 50": [Question("page 50", word, (word,), offset=980) for word in common],
        "portal page": [Question("portal page", word, (word,), in_force, FACETS) for word in common],
    }


def _pairs(text: str) -> tuple[str, ...]:
    return tuple(text[at : at + 2] for at in range(len(text) - 1))


def _slip(word: str) -> str:
    """A letter dropped in the middle."""
    return word[:3] + word[4:]
