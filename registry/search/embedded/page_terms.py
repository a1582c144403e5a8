"""What the embedded engine tells of the records of one page, for the explanation of their order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from registry.search.embedded.columns import Mask
from registry.search.embedded.matching import Matches
from registry.search.embedded.snapshot import Snapshot, membership_mask


class SnapshotPageTerms:
    """The records `ids` of a page; `found`: all that the query finds."""

    def __init__(self, snapshot: Snapshot, found: Matches, ids: Sequence[int]) -> None:
        self._snapshot = snapshot
        position_of = {record_id: place for place, record_id in enumerate(ids)}
        places = np.flatnonzero(np.isin(snapshot.ids[found.docs], np.array(ids, np.int64)))
        self._docs = found.docs[places]
        of_docs = snapshot.ids[self._docs].tolist()
        self._id_of = dict(zip(self._docs.tolist(), of_docs, strict=True))
        scores = dict(zip(of_docs, found.scores[places].tolist(), strict=True))
        self.scores: Mapping[int, float] = {
            record_id: scores[record_id] for record_id in sorted(scores, key=position_of.__getitem__)
        }
        self.document_count = snapshot.document_count
        self.ended: Collection[int] = self._ids(snapshot.ended[self._docs])
        self.demo: Collection[int] = set() if snapshot.demo is None else self._ids(snapshot.demo[self._docs])

    def _ids(self, mask: Mask) -> set[int]:
        return {self._id_of[doc] for doc in self._docs[mask].tolist()}

    def having(self, field: str, terms: tuple[str, ...]) -> tuple[Collection[int], int]:
        docs = self._snapshot.docs(field, terms)
        return self._ids(membership_mask(self._docs, docs, self.document_count)), len(docs)

    def beginning(self, prefix: str) -> Mapping[int, int]:
        docs, lengths = self._snapshot.prefix_documents("exact", prefix)
        wanted = np.isin(docs, self._docs)
        return {
            self._id_of[doc]: length
            for doc, length in zip(docs[wanted].tolist(), lengths[wanted].tolist(), strict=True)
        }

    def near_terms(self, field: str, word: str) -> list[str]:
        return self._snapshot.near_terms(field, word)
