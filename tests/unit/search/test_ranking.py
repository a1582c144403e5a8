"""The order of results at its limits: records without a rank, equal values, many documents, last pages, single days."""

from __future__ import annotations

import random

import numpy as np
import pytest

from registry.search.analysis import joined_synonyms, scoring
from registry.search.analysis.query_parser import Alternative
from registry.search.embedded import building, ranking
from registry.search.port import SearchPort
from tests.unit.search.sample_documents import ids, record, search


def test_records_without_a_rank_stand_behind_all_others(empty_engine: SearchPort) -> None:
    ranks = {1: 0, 2: 5, 3: 1, 4: 0, 5: 2}
    empty_engine.rebuild([record(number, "同仁堂", rank=rank) for number, rank in ranks.items()])
    assert ids(empty_engine, "", sort="rank") == [3, 5, 2, 1, 4]


def test_equal_records_stand_newest_first_then_by_name_then_by_id(empty_engine: SearchPort) -> None:
    empty_engine.rebuild(
        [
            record(4, "b", date=20240101),
            record(3, "a", date=20240101),
            record(2, "a", date=20240101),
            record(1, "a", date=20240102),
        ]
    )
    assert ids(empty_engine, "") == [1, 2, 3, 4]
    assert ids(empty_engine, "", sort="date") == [2, 3, 4, 1]
    assert ids(empty_engine, "", sort="name") == [1, 2, 3, 4]


def test_names_that_agree_in_their_first_sixteen_bytes_are_compared_as_a_whole(
    empty_engine: SearchPort,
) -> None:
    start = "x" * 16
    names = {1: start + "c", 2: start + "a", 3: start, 4: start + "b"}
    empty_engine.rebuild([record(number, name) for number, name in names.items()])
    assert ids(empty_engine, "", sort="name") == [3, 2, 4, 1]


@pytest.mark.parametrize(
    ("offset", "limit", "expected"),
    [(0, 3, [1, 2, 3]), (2, 2, [3]), (3, 2, []), (4, 2, []), (0, 0, []), (0, 1, [1])],
)
def test_pages_at_the_end_and_beyond(
    empty_engine: SearchPort, offset: int, limit: int, expected: list[int]
) -> None:
    empty_engine.rebuild([record(number, "同仁堂") for number in (1, 2, 3)])
    assert ids(empty_engine, "同仁堂", offset=offset, limit=limit) == expected


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (20240229, 20240229, [2]),
        (20240228, 20240301, [1, 2, 3]),
        (20240229, 0, [2, 3]),
        (0, 20240229, [1, 2]),
        (20240302, 20240302, []),
        (0, 0, [1, 2, 3, 4]),
    ],
)
def test_both_days_of_a_range_count_and_records_without_a_date_pass_none(
    empty_engine: SearchPort, since: int, until: int, expected: list[int]
) -> None:
    dates = {1: 20240228, 2: 20240229, 3: 20240301, 4: 0}
    empty_engine.rebuild([record(number, "同仁堂", date=date) for number, date in dates.items()])
    assert sorted(ids(empty_engine, "", since=since, until=until)) == expected


@pytest.mark.once
def test_pages_of_many_documents_equal_a_full_sort(empty_engine: SearchPort) -> None:
    """More documents than the threshold from which candidates are sampled, in several segments."""
    chance = random.Random(3)
    count = ranking.SAMPLING_THRESHOLD + 500
    dates = {number: chance.randrange(20200101, 20200131) for number in range(1, count + 1)}
    names = {number: chance.choice("abcdefgh") * 3 for number in dates}
    documents = [record(number, names[number], date=date) for number, date in dates.items()]
    empty_engine.rebuild(documents[:-100])
    empty_engine.write(documents[-100:], [])
    full = sorted(dates, key=lambda number: (-dates[number], names[number], number))
    for offset in (0, 20, 980, count - 20):
        assert ids(empty_engine, "", sort="-date", offset=offset, limit=20) == full[offset : offset + 20]


@pytest.mark.once
def test_a_few_results_of_a_large_index_are_sorted_by_name_across_segments(empty_engine: SearchPort) -> None:
    """Too few to join the sort keys of all segments for them."""
    empty_engine.rebuild([record(number, f"name{number % 7}") for number in range(1, 201)])
    empty_engine.write([record(301, "zeta lamp"), record(302, "alpha lamp")], [])
    empty_engine.write([record(303, "mid lamp")], [])
    assert ids(empty_engine, "lamp", sort="name") == [302, 303, 301]


@pytest.mark.once
def test_more_ties_than_are_compared_still_fill_the_page(
    empty_engine: SearchPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "MAX_TIES", 5)
    empty_engine.rebuild([record(number, "同仁堂") for number in range(1, 41)])
    page = ids(empty_engine, "", limit=10)
    assert len(set(page)) == 10
    assert search(empty_engine, "").total == 40


def test_values_with_equal_counts_are_in_the_order_of_their_names(empty_engine: SearchPort) -> None:
    empty_engine.rebuild(
        [record(number, "x", facets={"year": (year,)}) for number, year in enumerate("3122", start=1)]
    )
    assert search(empty_engine, "", facets=("year",)).facets["year"] == [("2", 2), ("1", 1), ("3", 1)]


def test_a_sample_that_misjudges_the_smallest_values_is_not_used() -> None:
    count, step = 20, ranking.SAMPLING_THRESHOLD // ranking.SAMPLE_SIZE
    values = np.full(ranking.SAMPLING_THRESHOLD, 10_000)
    values[::step] = np.arange(ranking.SAMPLE_SIZE)  # the sample has all small values: too few pass its limit
    assert ranking._sampled_candidates(values, count) is None
    even = np.arange(ranking.SAMPLING_THRESHOLD)
    candidates = ranking._sampled_candidates(even, count)
    assert candidates is not None
    assert set(range(count)) <= set(candidates.tolist())
    assert ranking._sampled_candidates(even[:-1], count) is None  # below the threshold
    assert ranking._sampled_candidates(even, ranking.SAMPLING_THRESHOLD) is None


def test_the_prefix_of_a_name_ranks_above_the_prefix_of_its_pinyin(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([record(1, "同仁"), record(2, "tongxyz")])
    assert empty_engine.suggest("tong", "zh", 8) == [2, 1]


def test_an_unknown_part_of_a_chinese_text_has_no_relaxed_results(sample_engine: SearchPort) -> None:
    assert search(sample_engine, "同仁堂 齉龘").stage == "none"
    assert search(sample_engine, "tongrentang qxzvbnm").stage == "most"


def test_real_records_stand_before_equal_invented_ones(empty_engine: SearchPort) -> None:
    invented = {"demo": ("1",)}
    empty_engine.rebuild(
        [
            record(1, "床垫", date=20240103, facets=invented),
            record(2, "床垫", date=20240101),
            record(3, "床垫", date=20240102, facets=invented),
            record(4, "床垫", date=20240102),
            record(5, "床", date=20240109, facets=invented),
        ]
    )
    assert ids(empty_engine, "床垫") == [4, 2, 1, 3]
    assert ids(empty_engine, "床")[0] == 5  # named as a whole: it is not equal to the others
    assert ids(empty_engine, "") == [4, 2, 5, 1, 3]
    assert ids(empty_engine, "", sort="-date") == [5, 1, 4, 3, 2]
    assert ids(empty_engine, "", sort="date") == [2, 4, 3, 1, 5]
    assert ids(empty_engine, "", sort="name") == [5, 2, 4, 1, 3]
    assert empty_engine.suggest("床垫", "zh", 3) == [4, 2, 1]


def test_invented_records_are_counted_apart(empty_engine: SearchPort) -> None:
    empty_engine.rebuild(
        [
            record(1, "床垫", facets={"demo": ("1",), "year": ("2024",)}),
            record(2, "床垫", facets={"year": ("2024",)}),
            record(3, "床垫", facets={"demo": ("1",), "year": ("2025",)}),
            record(4, "桌", facets={"demo": ("1",), "year": ("2025",)}),
        ]
    )
    found = search(empty_engine, "床垫", facets=("year",))
    assert (found.total, found.demo_total) == (3, 2)
    assert dict(found.facets["year"]) == {"2024": 2, "2025": 1}
    assert found.demo_facets == {"year": {"2024": 1, "2025": 1}}
    found = search(empty_engine, "床垫", facets=("year",), filters={"year": ("2024",)})
    assert (found.total, found.demo_total, found.demo_facets) == (2, 1, {"year": {"2024": 1, "2025": 1}})


def test_a_store_without_invented_records_counts_none(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([record(1, "床垫", facets={"year": ("2024",)})])
    found = search(empty_engine, "床垫", facets=("year",))
    assert (found.total, found.demo_total, found.demo_facets) == (1, 0, {})


def test_a_full_text_scores_below_every_other_field(empty_engine: SearchPort) -> None:
    """However rare its word is, and however common elsewhere; synonyms in other fields stand above it too."""
    others = [record(number, "扇", words=("furniture",)) for number in range(10, 60)]
    empty_engine.rebuild(
        [
            record(1, "a", full_text="家具 furniture 鸡翅木", date=20250101),
            record(2, "家具"),
            record(3, "b", parties=("家具",)),
            record(4, "c", mentions=("家具",)),
            *others,
        ]
    )
    found = ids(empty_engine, "家具", limit=60)
    assert found[:3] == [2, 3, 4]
    assert found[-1] == 1
    assert len(found) == 54
    assert ids(empty_engine, "鸡翅木") == [1]


def test_the_rarest_word_of_a_full_text_scores_below_the_weakest_synonym_of_a_common_word() -> None:
    records = 1_000_000
    typed, weakest = Alternative(("a",)), Alternative(("a",), weight=joined_synonyms.NEAR_WEIGHT)
    in_full_text = scoring.field_score(typed, "full_text", records, 1)
    others = [field for field in scoring.FIELD_WEIGHTS if field != "full_text"]
    assert all(in_full_text < scoring.field_score(weakest, field, records, records) for field in others)


def test_words_of_different_fields_add_up_with_those_of_a_full_text(empty_engine: SearchPort) -> None:
    empty_engine.rebuild(
        [record(1, "家具", full_text="鸡翅木"), record(2, "家具"), record(3, "扇", full_text="鸡翅木")]
    )
    assert ids(empty_engine, "家具 鸡翅木") == [1]
    assert ids(empty_engine, "家具 -鸡翅木") == [2]


def test_full_texts_are_divided_among_segments(
    empty_engine: SearchPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a build holds of them in memory is bounded."""
    monkeypatch.setattr(building, "MAX_SEGMENT_TEXT", 10)
    empty_engine.rebuild([record(number, "扇", full_text="檀香扇子" * number) for number in range(1, 6)])
    assert sorted(ids(empty_engine, "檀香")) == [1, 2, 3, 4, 5]
    assert sorted(ids(empty_engine, "扇")) == [1, 2, 3, 4, 5]


def test_full_texts_count_only_where_every_word_is_found(empty_engine: SearchPort) -> None:
    """A long text has some of the words of any search: it never stands beside what comes nearest."""
    text = "家具 椅子 鸡翅木 榫卯 furniture chairs"
    empty_engine.rebuild([record(1, "家具厂"), record(2, "扇", full_text=text), record(3, "榫卯工坊")])
    assert ids(empty_engine, "家具 鸡翅木") == [2]
    assert ids(empty_engine, "家具 龙井") == []  # nothing is held of the second part
    assert 2 not in ids(empty_engine, "家具厂的龙井鸡翅木")
    assert ids(empty_engine, "chiars") == []
