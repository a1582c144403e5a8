"""The store of vectors: kept by text, whole or not there at all, bounded, and merged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from registry.search.meaning import vectors
from registry.search.meaning.kinds import MOST_ADDED, kind_table
from registry.search.meaning.vectors import DIMENSIONS, Least, Search, VectorStore


def vectors_of(count: int, seed: int = 1) -> vectors.Vectors:
    found = np.random.default_rng(seed).normal(size=(count, DIMENSIONS)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def texts_of(count: int, mark: str = "文") -> list[str]:
    return [f"{mark}{number}" for number in range(count)]


@pytest.fixture
def store(tmp_path: Path) -> VectorStore:
    opened = VectorStore(tmp_path)
    opened.open_for_writing()
    return opened


def reader_of(folder: Path) -> VectorStore:
    return VectorStore(folder)


def nearest(store: VectorStore, vector: vectors.Vectors, floor: float, limit: int) -> list[tuple[str, float]]:
    """The texts near a vector, without what is usual and without kinds."""
    search = Search(vector[None], -1.0, np.zeros(len(kind_table().ends) + 1, np.bool_))
    found = store.near(search, Least(floor + MOST_ADDED, 1.0, 1.0), limit)
    return [(each.text, each.nearness - MOST_ADDED) for each in found]


def files_in(folder: Path) -> list[Path]:
    return sorted(folder.glob(f"*{vectors.SUFFIX}"))


def test_a_text_is_found_by_its_own_vector_and_by_one_near_it(store: VectorStore, tmp_path: Path) -> None:
    texts, given = texts_of(20), vectors_of(20)
    store.add(texts, given)
    [(text, similarity)] = nearest(reader_of(tmp_path), given[7], 0.9, 10)
    assert (text, similarity) == ("文7", pytest.approx(1, abs=0.001))
    between = (given[3] * 2 + given[4]) / np.linalg.norm(given[3] * 2 + given[4])
    found = nearest(reader_of(tmp_path), between, 0.3, 10)
    assert [text for text, _similarity in found] == ["文3", "文4"]
    for (_text, similarity), exact in zip(found, (given[3] @ between, given[4] @ between), strict=True):
        assert similarity == pytest.approx(exact, abs=0.005)


def test_the_floor_is_a_floor_and_the_limit_a_limit(store: VectorStore) -> None:
    store.add(texts_of(5), vectors_of(5))
    asked = vectors_of(5)[0]
    assert nearest(store, asked, 1.01, 10) == []
    assert len(nearest(store, asked, -1, 3)) == 3


def test_only_texts_without_a_vector_are_missing_also_in_a_new_process(
    store: VectorStore, tmp_path: Path
) -> None:
    store.add(["糕点", "酱油"], vectors_of(2))
    again = VectorStore(tmp_path)
    again.open_for_writing()
    assert again.missing(["酱油", "陈醋", "糕点", ""]) == ["陈醋", ""]


def test_among_many_texts_the_signs_choose_what_is_compared(store: VectorStore) -> None:
    count = vectors.CANDIDATES * 3
    given = vectors_of(count)
    store.add(texts_of(count), given)
    for index in (0, count // 2, count - 1):
        assert nearest(store, given[index], 0.6, 10)[0][0] == f"文{index}"


def test_many_small_files_become_few(store: VectorStore, tmp_path: Path) -> None:
    for number in range(20):
        store.add([f"词{number}"], vectors_of(1, number))
    assert len(files_in(tmp_path)) < 2 * vectors.MERGE_FACTOR
    assert len(store) == 20
    assert nearest(store, vectors_of(1, 13)[0], 0.9, 1)[0][0] == "词13"


def test_no_more_than_the_most_are_kept(store: VectorStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vectors, "MAX_TEXTS", 3)
    store.add(texts_of(2), vectors_of(2))
    store.add(texts_of(4, "又"), vectors_of(4))
    assert (len(store), store.room()) == (3, 0)


def test_what_no_record_is_about_any_more_is_dropped(store: VectorStore, tmp_path: Path) -> None:
    given = vectors_of(6)
    store.add(texts_of(3), given[:3])
    store.add(texts_of(3, "又"), given[3:])
    store.keep_only({"文1"})
    assert len(store) == 1
    assert [text for text, _similarity in nearest(reader_of(tmp_path), given[1], -1, 10)] == ["文1"]
    store.keep_only(set())
    assert files_in(tmp_path) == []


@pytest.mark.parametrize("kept", [0, 3, 40, 0.5, -1])
def test_a_file_that_is_cut_off_is_passed_over_by_readers_and_removed_by_the_relay(
    store: VectorStore, tmp_path: Path, kept: float
) -> None:
    store.add(["完整"], vectors_of(1))
    whole = set(files_in(tmp_path))
    store.add(["残缺"], vectors_of(1, 2))
    [cut] = set(files_in(tmp_path)) - whole
    content = cut.read_bytes()
    cut.write_bytes(content[: int(kept * len(content)) if isinstance(kept, float) else kept])
    assert [text for text, _similarity in nearest(reader_of(tmp_path), vectors_of(1)[0], 0.9, 5)] == ["完整"]
    assert cut.exists()
    again = VectorStore(tmp_path)
    again.open_for_writing()
    assert not cut.exists()
    assert again.missing(["完整", "残缺"]) == ["残缺"]


def test_a_changed_byte_is_noticed_by_the_relay(store: VectorStore, tmp_path: Path) -> None:
    store.add(["糕点"], vectors_of(1))
    [path] = files_in(tmp_path)
    content = bytearray(path.read_bytes())
    content[-300] ^= 0xFF
    path.write_bytes(content)
    again = VectorStore(tmp_path)
    again.open_for_writing()
    assert again.missing(["糕点"]) == ["糕点"]


def test_half_written_files_and_those_of_another_model_are_removed(
    store: VectorStore, tmp_path: Path
) -> None:
    store.add(["糕点"], vectors_of(1))
    for name in (f"x-{vectors.MODEL}{vectors.SUFFIX}.part", f"x-0.0.0-0{vectors.SUFFIX}"):
        (tmp_path / name).write_bytes(b"half")
    VectorStore(tmp_path).open_for_writing()
    assert len(list(tmp_path.iterdir())) == 1


def test_a_reader_sees_what_is_added_and_merged_meanwhile(
    store: VectorStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vectors, "REFRESH_SECONDS", 0.0)
    reader = reader_of(tmp_path)
    assert nearest(reader, vectors_of(1)[0], 0.5, 5) == []
    for number in range(9):
        store.add([f"词{number}"], vectors_of(1, number))
        assert nearest(reader, vectors_of(1, number)[0], 0.9, 5)[0][0] == f"词{number}"


def test_a_folder_that_does_not_exist_has_no_texts(tmp_path: Path) -> None:
    assert nearest(VectorStore(tmp_path / "none"), vectors_of(1)[0], 0.0, 5) == []
