"""The invented corpus of the benchmarks is the same every time, in the shares that such registers have."""

from __future__ import annotations

import collections
import itertools

from registry.reference.identifiers import credit_codes
from registry.search.analysis.document_terms import terms_of
from tests.bench.search import corpus, queries

SIZE = 4_000


def test_the_corpus_is_reproducible_and_has_the_intended_shares() -> None:
    made = list(corpus.documents(SIZE))
    assert made == list(corpus.documents(SIZE))
    assert [each.id for each in made] == list(range(1, SIZE + 1))
    shares = {
        name: count / SIZE for name, count in collections.Counter(each.register for each in made).items()
    }
    for register, share in corpus.SHARES.items():
        assert abs(shares[register] - share) < 0.015
    assert all(credit_codes.error_code(each.mentions[0]) is None for each in made[:100])


def test_word_frequencies_follow_zipf() -> None:
    counted = collections.Counter(
        term for document in corpus.documents(SIZE) for term in set(terms_of(document)["words"])
    )
    first, *_others, last = (counted[word] for word in corpus.vocabulary()[:200:20] if len(word) == 2)
    assert first > 5 * last > 0


def test_every_kind_of_query_has_examples() -> None:
    mix = queries.mix(itertools.islice(corpus.documents(SIZE), 2_000))
    assert len(mix) == 12
    assert min(map(len, mix.values())) >= 8
