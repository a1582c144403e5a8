"""Segments are merged when there are many, lose deleted documents, and are checked to the last byte."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from whoosh import index

from registry.search.analysis.document_terms import MAX_CACHED_LENGTH, terms_of
from registry.search.embedded import building
from registry.search.embedded import writer as writing
from registry.search.embedded.engine import open_engine
from registry.search.embedded.segment import ArrayCodec, DocumentsReader
from registry.search.port import Query, SearchPort
from tests.unit.search import sample_documents as sample
from tests.unit.search.sample_documents import DOCUMENTS, ids, record

pytestmark = pytest.mark.once  # of files


def segments(engine: SearchPort) -> list[int]:
    """Living documents of each segment, largest first."""
    reader = index.open_dir(str(engine.status().path)).reader()
    found = [leaf.segment() for leaf, _offset in reader.leaf_readers()]
    reader.close()
    return sorted((each.doc_count() for each in found if each is not None), reverse=True)


def test_segments_stay_few_and_keep_all_documents(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([])
    for number in range(1, 101):
        empty_engine.write([record(number, f"同仁堂{number}", index_version=number)], deletes=[])
        assert len(segments(empty_engine)) <= 3 * 4  # 3 of each size: 1, 4, 16, 64
    assert segments(empty_engine) == [64, 16, 16, 4]
    assert sorted(empty_engine.index_versions()) == [(number, number) for number in range(1, 101)]
    assert sorted(ids(empty_engine, "同仁堂", limit=200)) == list(range(1, 101))
    assert empty_engine.verify()


def test_deleted_documents_disappear_with_the_next_merge(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([record(number, "同仁堂") for number in range(1, 9)])
    empty_engine.write([], deletes=range(1, 8))
    assert segments(empty_engine) == [1]
    reader = index.open_dir(str(empty_engine.status().path)).reader()
    assert reader.doc_count_all() == 8
    reader.close()
    for number in range(11, 14):
        empty_engine.write([record(number, "同仁堂")], deletes=[])
    reader = index.open_dir(str(empty_engine.status().path)).reader()
    assert (reader.doc_count_all(), reader.doc_count()) == (4, 4)
    reader.close()
    assert sorted(ids(empty_engine, "同仁堂")) == [8, 11, 12, 13]
    empty_engine.write([], deletes=[8, 11, 12, 13])
    assert (empty_engine.status().documents, ids(empty_engine, "同仁堂")) == (0, [])
    assert segments(empty_engine) == []  # no living document, no segment


def test_no_segment_exceeds_its_limit(empty_engine: SearchPort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "MAX_MERGED_DOCUMENTS", 20)
    monkeypatch.setattr(building, "MAX_SEGMENT_DOCUMENTS", 20)
    assert empty_engine.rebuild([record(number, "同仁堂") for number in range(1, 51)]) == 50
    assert segments(empty_engine) == [20, 20, 10]
    for number in range(51, 91, 5):
        empty_engine.write([record(each, "同仁堂") for each in range(number, number + 5)], deletes=[])
    assert segments(empty_engine) == [20, 20, 20, 20, 10]
    assert len(ids(empty_engine, "同仁堂", limit=200)) == 90


def test_many_writes_give_the_results_of_one_build(empty_engine: SearchPort, tmp_path: Path) -> None:
    chance = random.Random(7)
    letters = "天地玄黄宇宙洪荒"
    documents = {
        number: record(
            number, "".join(chance.choices(letters, k=4)), parties=("杭州青屿家具有限公司",), date=number
        )
        for number in range(1, 121)
    }
    empty_engine.rebuild([])
    alive: dict[int, object] = {}
    for _commit in range(60):
        put = chance.sample(sorted(documents), 3)
        gone = [number for number in chance.sample(sorted(documents), 2) if number not in put]
        empty_engine.write([documents[number] for number in put], deletes=gone)
        alive |= dict.fromkeys(put)
        alive = {number: None for number in alive if number not in gone}
    whole = open_engine(tmp_path / "whole")
    whole.rebuild([documents[number] for number in sorted(alive)])
    for text in (
        "",
        *letters,
        "天地",
        "洪荒 宇",
        "青屿",
        "tiandi",
        "TH-2026-000050-X",
        "TH-2026-00010",
        "天玄",
    ):
        query = Query(text, limit=500, facets=("register",), sort="date")
        first, second = empty_engine.find(query), whole.find(query)
        assert (first.total, first.stage, first.ids) == (second.total, second.stage, second.ids), text
        assert first.facets == second.facets
    whole.close()


def test_a_changed_byte_is_detected(empty_engine: SearchPort) -> None:
    empty_engine.rebuild(DOCUMENTS)
    for path in empty_engine.status().path.iterdir():
        if path.suffix in (".trm", ".pst", ".doc"):
            kept = bytearray(path.read_bytes())
            for place in (0, 5, 9, len(kept) // 2, len(kept) - 1):
                changed = bytearray(kept)
                changed[place] ^= 0xFF
                path.write_bytes(changed)
                assert not empty_engine.verify(), (path.suffix, place)
            path.write_bytes(kept)
    assert empty_engine.verify()


def test_a_document_is_stored_unchanged(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([record(1 << 40, "同仁堂"), record(2, "")])
    opened = index.open_dir(str(empty_engine.status().path))
    reader = opened.reader()
    [(leaf, _offset)] = reader.leaf_readers()
    assert isinstance(leaf.codec(), ArrayCodec)
    documents = DocumentsReader(leaf.storage(), leaf.segment())
    assert list(documents.columns.ids) == [1 << 40, 2]
    assert documents.columns.facets["register"].sets == ((), ("brands",))
    reader.close()


def test_cached_terms_equal_those_of_the_text() -> None:
    for text in ("杭州青屿家具有限公司", "GB/T 35607-2024", "长" * (MAX_CACHED_LENGTH + 1) + "短"):
        again = [
            list(terms_of(record(1, text, parties=(text,), mentions=(text,)))["parties"]) for _ in range(2)
        ]
        assert again[0] == again[1] == list(dict.fromkeys(again[0]))
        assert text[:2] in again[0] or "gb" in again[0]
    assert terms_of(sample.DOCUMENTS[0])["names"] is not terms_of(sample.DOCUMENTS[0])["names"]


@pytest.mark.parametrize(("documents", "size"), [(0, 0), (1, 0), (3, 0), (4, 1), (15, 1), (16, 2), (17, 2)])
def test_size_classes_are_powers_of_the_merge_factor(documents: int, size: int) -> None:
    assert writing._size_class(documents) == size


@pytest.mark.parametrize(("commits", "expected"), [(3, [1, 1, 1]), (4, [4]), (5, [4, 1])])
def test_the_fourth_segment_of_a_size_causes_a_merge(
    empty_engine: SearchPort, commits: int, expected: list[int]
) -> None:
    empty_engine.rebuild([])
    for number in range(1, commits + 1):
        empty_engine.write([record(number, "同仁堂")], [])
    assert segments(empty_engine) == expected


@pytest.mark.parametrize(("deleted", "rewritten"), [(15, False), (16, True)])
def test_a_large_segment_is_rewritten_when_more_than_half_of_it_is_deleted(
    empty_engine: SearchPort, monkeypatch: pytest.MonkeyPatch, deleted: int, rewritten: bool
) -> None:
    monkeypatch.setattr(writing, "MAX_MERGED_DOCUMENTS", 20)
    empty_engine.rebuild([record(number, "同仁堂") for number in range(1, 31)])
    empty_engine.write([], range(1, deleted + 1))
    reader = index.open_dir(str(empty_engine.status().path)).reader()
    assert reader.doc_count_all() == (30 - deleted if rewritten else 30)
    reader.close()
