"""Documents that are near a query in meaning: those with a subject that is, behind all that its words find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from registry.search.analysis import scoring
from registry.search.embedded.columns import Mask
from registry.search.embedded.matching import Matches, Scores, apply_penalties
from registry.search.embedded.snapshot import EMPTY, Snapshot, membership_mask
from registry.search.port import NEAR_STAGE, NearText


def similarities_of(snapshot: Snapshot, near: Sequence[NearText]) -> Scores:
    """Return, for every document, how near the nearest of these texts is that it has among its subjects; 0 for none."""
    scores = np.zeros(snapshot.document_count, np.float32)
    for text, similarity in reversed(near):  # the nearest comes last and stays
        scores[snapshot.docs("subjects", (text,))] = similarity
    return scores * snapshot.live


def behind_near(matches: Matches, similarities: Scores) -> Matches:
    """Return matches in a weak way so that those that are near in meaning too come first, the others behind all near ones."""
    similarity = similarities[matches.docs]
    lowered = np.where(similarity > 0, scoring.NEAR_WEIGHT * similarity, np.float32(-scoring.BEHIND_NEAR))
    return Matches(matches.docs, matches.scores + lowered.astype(np.float32), matches.exact, matches.stage)


def near_matches(snapshot: Snapshot, similarities: Scores, *, without: Matches) -> Matches:
    """Return the live documents that are near, each with the score of its nearest text.

    `without`: what the words of the query find; none of it comes again.
    """
    scores = similarities.copy()
    scores[without.docs] = 0
    docs = np.flatnonzero(scores).astype(np.int32)
    matches = Matches(docs, scoring.near_score(scores[docs]))
    return Matches(docs, apply_penalties(snapshot, matches), stage=NEAR_STAGE)


def join(words: Matches, near: Matches) -> Matches:
    """Return the matches of both, which have no document in common; the stage is that of the words, if they find any."""
    if not len(near.docs):
        return words
    docs = np.concatenate([words.docs, near.docs])
    order = np.argsort(docs, kind="stable")
    scores = np.concatenate([words.scores, near.scores])
    stage = words.stage if words.stage != "none" else NEAR_STAGE
    return Matches(docs[order], scores[order], words.exact, stage)


def near_texts_of(
    snapshot: Snapshot, near: Sequence[NearText], found: Matches, ids: Sequence[int]
) -> Mapping[int, str]:
    """Return, for those of these records that were found by a subject, the nearest text that they have."""
    wanted = np.isin(snapshot.ids[found.docs], np.array(ids, np.int64))
    docs = found.docs[wanted] if len(ids) else EMPTY
    texts: dict[int, str] = {}
    for text, _similarity in near:
        having: Mask = membership_mask(docs, snapshot.docs("subjects", (text,)), snapshot.document_count)
        for record_id in snapshot.ids[docs[having]].tolist():
            texts.setdefault(record_id, text)
    return texts
