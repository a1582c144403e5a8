"""An engine behind the port: results, order, counts, and how an index survives damage."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from whoosh.index import TOC, EmptyIndexError

from registry.errors import Unavailable
from registry.search.analysis.document import SearchDocument
from registry.search.embedded.engine import open_engine
from registry.search.port import Query, SearchPort
from tests.descriptors import no_descriptor_left
from tests.unit.search import sample_documents as sample
from tests.unit.search.sample_documents import DOCUMENTS, ids, record, search


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("同仁堂", sample.TONGRENTANG),
        ("tongrentang", sample.TONGRENTANG),
        ("trt", sample.TONGRENTANG),
        ("同仁堂药铺", sample.TONGRENTANG),
        ("GB/T 35607-2024", sample.STANDARD),
        ("gbt35607", sample.STANDARD),
        ("DEMO-CGP-2025-000124", sample.CERTIFICATE),
        ("91330100MAWY010175", sample.FIRM),
        ("color lamp", sample.LAMP),
        ("furniture assessment", sample.STANDARD),
        ("全聚德", sample.QUANJUDE),
    ],
)
def test_the_expected_record_is_first(sample_engine: SearchPort, typed: str, first: int) -> None:
    assert ids(sample_engine, typed, include_ended=True)[0] == first


def test_ended_records_are_hidden_and_counted_unless_named(sample_engine: SearchPort) -> None:
    found = search(sample_engine, "杭州市")
    assert sample.ZHANG_HANGZHOU in found.ids
    assert sample.RENAMED not in found.ids
    assert found.ended_hidden == 1
    assert sample.RENAMED in ids(sample_engine, "杭州市", include_ended=True)
    assert ids(sample_engine, "张小泉") == [sample.ZHANG_HANGZHOU, sample.ZHANG_SHANGHAI]


def test_ended_records_are_shown_when_no_other_matches(sample_engine: SearchPort) -> None:
    found = search(sample_engine, "剪刀")
    assert (found.ids, found.ended_hidden) == ([sample.ZHANG_SHANGHAI], 0)


def test_a_facet_is_counted_without_its_own_filter(sample_engine: SearchPort) -> None:
    found = search(
        sample_engine, "家具", filters={"register": ("green-products",)}, facets=("register", "year")
    )
    assert set(found.ids) == {sample.CERTIFICATE, sample.WARDROBE}
    assert dict(found.facets["register"])["standards"] == 1
    assert dict(found.facets["year"]) == {"2024": 1, "2025": 1}


def test_values_of_one_facet_are_alternatives_and_facets_must_all_match(sample_engine: SearchPort) -> None:
    both = ids(sample_engine, "", filters={"year": ("2024", "2025"), "register": ("green-products",)})
    assert set(both) == {sample.CERTIFICATE, sample.LAMP, sample.WARDROBE}
    assert ids(sample_engine, "", filters={"year": ("2024",), "register": ("green-products",)}) == [
        sample.WARDROBE
    ]


def test_sort_orders(sample_engine: SearchPort) -> None:
    brands = {"register": ("brands",)}
    newest = ids(sample_engine, "", filters=brands, sort="-date", include_ended=True)
    assert newest[:2] == [sample.PIANYIFANG, sample.QUANJUDE]
    by_rank = ids(sample_engine, "", filters={"register": ("green-products",)}, sort="rank")
    assert by_rank == [sample.CERTIFICATE, sample.WARDROBE, sample.LAMP]
    named = {"filters": {"region": ("110000",)}, "sort": "name"}
    assert ids(sample_engine, "", **named) == [sample.PIANYIFANG, sample.QUANJUDE, sample.TONGRENTANG]


def test_pages_cover_all_results_once(sample_engine: SearchPort) -> None:
    whole = ids(sample_engine, "", include_ended=True, limit=100)
    assert len(whole) == len(DOCUMENTS)
    paged = [
        one
        for at in range(0, len(whole), 4)
        for one in ids(sample_engine, "", include_ended=True, offset=at, limit=4)
    ]
    assert paged == whole


def test_ids_after_passes_the_filters(sample_engine: SearchPort) -> None:
    query = Query(filters={"register": ("green-products",)}, limit=2)
    first = sample_engine.ids_after(query, 0)
    assert first == [sample.CERTIFICATE, sample.LAMP]
    assert sample_engine.ids_after(query, first[-1]) == [sample.WARDROBE]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("同人堂", sample.TONGRENTANG), ("全聚得", sample.QUANJUDE), ("tongrantang", sample.TONGRENTANG)],
)
def test_a_misspelt_name_is_found_by_spelling(sample_engine: SearchPort, typed: str, expected: int) -> None:
    found = search(sample_engine, typed)
    assert (found.stage, found.ids[0]) == ("spelling", expected)


def test_the_beginning_of_a_name_is_not_a_misspelling(sample_engine: SearchPort) -> None:
    found = search(sample_engine, "tongrentan")
    assert (found.stage, found.ids) == ("words", [sample.TONGRENTANG])


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "*",
        "?" * 500,
        "(((((",
        '"',
        "AND OR NOT",
        "[a TO",
        "a:b",
        "\x00",
        "\\",
        "~2",
        "^",
        "-",
        "a" * 5000,
        "😀",
        "ﷺ",
    ],
)
def test_no_text_makes_a_search_fail(sample_engine: SearchPort, typed: str) -> None:
    found = search(sample_engine, typed)
    assert found.total >= 0


def test_nonsense_has_no_results(sample_engine: SearchPort) -> None:
    found = search(sample_engine, "qxzvbnm 齉龘")
    assert (found.total, found.ids, found.stage) == (0, [], "none")


def test_writing_a_document_replaces_its_older_version(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([record(1, "旧名")])
    empty_engine.write([record(1, "新名", index_version=2)], deletes=[])
    assert ids(empty_engine, "旧名") == []
    assert ids(empty_engine, "新名") == [1]
    assert list(empty_engine.index_versions()) == [(1, 2)]
    empty_engine.write([], deletes=[1])
    assert list(empty_engine.index_versions()) == []


@pytest.mark.once  # of files
def test_an_engine_sees_what_another_one_writes(empty_engine: SearchPort, tmp_path: Path) -> None:
    empty_engine.rebuild([record(1, "同仁堂")])
    other = open_engine(tmp_path / "index")
    assert ids(other, "同仁堂") == [1]
    empty_engine.write([record(2, "全聚德")], deletes=[])
    assert other.status().documents == 2  # reads the newest generation; a search does so once a second
    assert ids(other, "全聚德") == [2]
    other.close()


def test_rebuilding_swaps_the_index_atomically(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([record(1, "同仁堂"), record(2, "全聚德")])
    before = empty_engine.status().generation
    assert empty_engine.rebuild([record(2, "全聚德")]) == 1
    assert empty_engine.status().generation != before
    assert ids(empty_engine, "同仁堂") == []
    assert empty_engine.status().documents == 1


@pytest.mark.parametrize("typed", ["", "同仁堂", "tongrentang", "GB/T 35607", "91330100MAWY010175", "-x"])
def test_an_empty_index_can_be_searched_and_written(empty_engine: SearchPort, typed: str) -> None:
    assert empty_engine.rebuild([]) == 0
    assert empty_engine.status().documents == 0
    found = search(empty_engine, typed, facets=("year",), filters={"year": ("2024",)}, sort="name")
    assert (found.total, found.ids, dict(found.facets)) == (0, [], {"year": []})
    assert empty_engine.ids_after(Query(), 0) == []
    assert list(empty_engine.index_versions()) == []
    empty_engine.write([record(1, "同仁堂")], deletes=[])
    assert empty_engine.status().documents == 1


def test_a_rebuild_that_fails_leaves_the_old_index(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([record(1, "同仁堂")])

    def broken() -> object:
        yield record(2, "全聚德")
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        empty_engine.rebuild(broken())  # type: ignore[arg-type]
    assert ids(empty_engine, "同仁堂") == [1]
    assert empty_engine.status().documents == 1


@pytest.mark.once  # of files
def test_a_lost_index_is_reported_and_can_be_rebuilt(empty_engine: SearchPort, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        search(empty_engine, "同仁堂")
    assert empty_engine.status().documents is None
    empty_engine.rebuild([record(1, "同仁堂")])
    empty_engine.close()
    shutil.rmtree(tmp_path / "index")
    assert empty_engine.status().documents is None
    with pytest.raises(Unavailable):  # an index of this one document alone would pass for a whole one
        empty_engine.write([record(2, "全聚德")], deletes=[])
    assert not empty_engine.verify()
    assert empty_engine.rebuild([record(1, "同仁堂")]) == 1
    assert ids(empty_engine, "同仁堂") == [1]


@pytest.mark.once  # of files
@pytest.mark.parametrize("after", [0, len(DOCUMENTS) - 1, len(DOCUMENTS)])
def test_an_index_that_is_removed_while_it_is_built_can_be_built_again(tmp_path: Path, after: int) -> None:
    engine = open_engine(tmp_path / "index")

    def removing() -> Iterator[SearchDocument]:
        for number, document in enumerate(DOCUMENTS):
            if number == after:
                shutil.rmtree(tmp_path / "index")
            yield document
        if after == len(DOCUMENTS):
            shutil.rmtree(tmp_path / "index")

    with pytest.raises(Unavailable):
        engine.rebuild(removing())
    assert engine.status().documents is None
    assert engine.rebuild(DOCUMENTS) == len(DOCUMENTS)
    assert ids(engine, "同仁堂") == [sample.TONGRENTANG]
    engine.close()


@pytest.mark.once  # of files
def test_an_index_that_cannot_be_opened_for_the_moment_is_no_lost_one(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "index")
    engine.rebuild(DOCUMENTS)
    reader = open_engine(tmp_path / "index")
    with no_descriptor_left():
        with pytest.raises(Unavailable):
            search(reader, "同仁堂")
        assert reader.status().documents is None
        with pytest.raises(Unavailable):  # neither whole nor damaged
            reader.verify()
        with pytest.raises(Unavailable):
            reader.write([record(99, "全聚德")], deletes=[])
        with pytest.raises(OSError, match="Too many open files"):
            reader.rebuild(DOCUMENTS[:1])
    assert reader.verify()
    assert not reader.status().suspect
    assert reader.status().documents == len(DOCUMENTS)
    reader.close()
    engine.close()


@pytest.mark.once  # of files
def test_a_folder_that_cannot_be_listed_is_no_folder_without_index(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoosh looks for the table of contents in a list of the folder, after other files could be opened."""
    engine = open_engine(tmp_path / "index")
    engine.rebuild(DOCUMENTS)
    with monkeypatch.context() as patch:

        def listdir(_path: object) -> list[str]:
            raise OSError(errno.EMFILE, "Too many open files")

        patch.setattr(os, "listdir", listdir)
        with pytest.raises(Unavailable):
            search(engine, "同仁堂")
        with pytest.raises(Unavailable):
            engine.verify()
        with pytest.raises(OSError, match="Too many open files"):
            engine.rebuild(DOCUMENTS)
    assert engine.verify()
    assert not engine.status().suspect
    engine.close()


# Whoosh leaves files open that it had opened before it met the damage; they are closed when collected.
LEFT_OPEN = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture
def collected() -> Iterator[None]:
    """Files left open are closed before the test is over."""
    yield
    gc.collect()


@pytest.mark.once  # of files
@LEFT_OPEN
@pytest.mark.usefixtures("collected")
@pytest.mark.parametrize("kind", [".pst", ".trm", ".doc", ".toc"])
@pytest.mark.parametrize("harm", ["cut", "overwritten", "gone"])
def test_damage_raises_unavailable_and_is_detected(tmp_path: Path, kind: str, harm: str) -> None:
    whole = open_engine(tmp_path / "index")
    whole.rebuild(DOCUMENTS)
    assert whole.verify()
    folder = whole.status().path
    whole.close()
    [path] = [each for each in folder.iterdir() if each.name.endswith(kind)]
    if harm == "gone":
        path.unlink()
    else:
        size = path.stat().st_size
        path.write_bytes(path.read_bytes()[: size // 2] if harm == "cut" else b"\x55" * size)
    damaged = open_engine(tmp_path / "index")
    assert not damaged.verify()
    for text in ("同仁堂", "tongrentang", "家具", "91330100MAWY010175"):
        with contextlib.suppress(Unavailable):  # a part may still be read, but nothing else may be raised
            search(damaged, text)
    status = damaged.status()
    assert status.documents is None or not damaged.verify()
    damaged.rebuild(DOCUMENTS)
    assert damaged.verify()
    assert not damaged.status().suspect
    assert ids(damaged, "同仁堂") == [sample.TONGRENTANG]
    damaged.close()


@pytest.mark.parametrize(
    "gone", [FileNotFoundError(2, "No such file"), EmptyIndexError("between two tables")]
)
@pytest.mark.once  # of files
def test_a_table_of_contents_that_a_commit_replaces_is_no_damage(
    empty_engine: SearchPort, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gone: Exception
) -> None:
    empty_engine.rebuild(DOCUMENTS)
    read_table, asked = TOC.read, [0]

    def read(*given: object, **named: object) -> TOC:
        asked[0] += 1
        if asked[0] in (1, 3, 4):  # when the index is opened, and when its files are
            raise gone
        return read_table(*given, **named)

    monkeypatch.setattr(TOC, "read", read)
    reader = open_engine(tmp_path / "index")
    assert ids(reader, "同仁堂") == [sample.TONGRENTANG]
    assert asked[0] > 4
    assert not reader.status().suspect
    reader.close()


@LEFT_OPEN
@pytest.mark.usefixtures("collected")
@pytest.mark.once  # of files
def test_a_reader_that_meets_damage_marks_the_index_suspect(empty_engine: SearchPort, tmp_path: Path) -> None:
    empty_engine.rebuild(DOCUMENTS)
    folder = empty_engine.status().path
    [postings] = [each for each in folder.iterdir() if each.suffix == ".pst"]
    kept = postings.read_bytes()
    postings.write_bytes(b"\x55" * len(kept))
    reader = open_engine(tmp_path / "index")
    with pytest.raises(Unavailable):
        search(reader, "tongrentang")
    assert empty_engine.status().suspect
    assert not empty_engine.verify()
    postings.write_bytes(kept)
    assert empty_engine.verify()
    assert not empty_engine.status().suspect
    reader.close()
