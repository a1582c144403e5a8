"""The engine behind the port: what is found, in which order, with which counts; and what an index survives."""

from __future__ import annotations

import contextlib
import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.errors import Unavailable
from registry.search.embedded.engine import open_engine
from registry.search.port import Query, SearchPort
from tests.unit.search import shelf as on
from tests.unit.search.shelf import SHELF, ids, record, search


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("同仁堂", on.TONGRENTANG),
        ("tongrentang", on.TONGRENTANG),
        ("trt", on.TONGRENTANG),
        ("同仁堂药铺", on.TONGRENTANG),
        ("GB/T 35607-2024", on.STANDARD),
        ("gbt35607", on.STANDARD),
        ("DEMO-CGP-2025-000124", on.CERTIFICATE),
        ("91330100MAWY010175", on.FIRM),
        ("color lamp", on.LAMP),
        ("furniture assessment", on.STANDARD),
        ("全聚德", on.QUANJUDE),
    ],
)
def test_the_right_record_is_first(shelf: SearchPort, typed: str, first: int) -> None:
    assert ids(shelf, typed, include_ended=True)[0] == first


def test_ended_records_are_hidden_and_counted_unless_named(shelf: SearchPort) -> None:
    found = search(shelf, "杭州市")
    assert on.ZHANG_HANGZHOU in found.ids
    assert on.RENAMED not in found.ids
    assert found.ended_hidden == 1
    assert on.RENAMED in ids(shelf, "杭州市", include_ended=True)
    assert ids(shelf, "张小泉") == [on.ZHANG_HANGZHOU, on.ZHANG_SHANGHAI]


def test_where_all_hits_have_ended_they_are_shown(shelf: SearchPort) -> None:
    found = search(shelf, "剪刀")
    assert (found.ids, found.ended_hidden) == ([on.ZHANG_SHANGHAI], 0)


def test_facets_count_as_if_their_own_filter_were_not_set(shelf: SearchPort) -> None:
    found = search(shelf, "家具", filters={"register": ("green-products",)}, facets=("register", "year"))
    assert set(found.ids) == {on.CERTIFICATE, on.WARDROBE}
    assert dict(found.facets["register"])["standards"] == 1
    assert dict(found.facets["year"]) == {"2024": 1, "2025": 1}


def test_values_of_a_facet_widen_and_facets_narrow(shelf: SearchPort) -> None:
    both = ids(shelf, "", filters={"year": ("2024", "2025"), "register": ("green-products",)})
    assert set(both) == {on.CERTIFICATE, on.LAMP, on.WARDROBE}
    assert ids(shelf, "", filters={"year": ("2024",), "register": ("green-products",)}) == [on.WARDROBE]


def test_sorts(shelf: SearchPort) -> None:
    brands = {"register": ("brands",)}
    newest = ids(shelf, "", filters=brands, sort="-date", include_ended=True)
    assert newest[:2] == [on.PIANYIFANG, on.QUANJUDE]
    by_rank = ids(shelf, "", filters={"register": ("green-products",)}, sort="rank")
    assert by_rank == [on.CERTIFICATE, on.WARDROBE, on.LAMP]
    named = {"filters": {"region": ("110000",)}, "sort": "name"}
    assert ids(shelf, "", **named) == [on.PIANYIFANG, on.QUANJUDE, on.TONGRENTANG]


def test_pages_follow_one_another(shelf: SearchPort) -> None:
    whole = ids(shelf, "", include_ended=True, limit=100)
    assert len(whole) == len(SHELF)
    paged = [
        one
        for at in range(0, len(whole), 4)
        for one in ids(shelf, "", include_ended=True, offset=at, limit=4)
    ]
    assert paged == whole


def test_pages_by_id_pass_the_filters(shelf: SearchPort) -> None:
    query = Query(filters={"register": ("green-products",)}, limit=2)
    first = shelf.ids_after(query, 0)
    assert first == [on.CERTIFICATE, on.LAMP]
    assert shelf.ids_after(query, first[-1]) == [on.WARDROBE]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("同人堂", on.TONGRENTANG), ("全聚得", on.QUANJUDE), ("tongrantang", on.TONGRENTANG)],
)
def test_a_slip_is_put_right(shelf: SearchPort, typed: str, meant: int) -> None:
    found = search(shelf, typed)
    assert (found.stage, found.ids[0]) == ("spelling", meant)


def test_the_beginning_of_a_name_is_no_slip(shelf: SearchPort) -> None:
    found = search(shelf, "tongrentan")
    assert (found.stage, found.ids) == ("words", [on.TONGRENTANG])


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
def test_no_text_fails(shelf: SearchPort, typed: str) -> None:
    found = search(shelf, typed)
    assert found.total >= 0


def test_nothing_is_found_for_nonsense(shelf: SearchPort) -> None:
    found = search(shelf, "qxzvbnm 齉龘")
    assert (found.total, found.ids, found.stage) == (0, [], "none")


def test_a_written_document_takes_the_place_of_its_former_self(fresh: SearchPort) -> None:
    fresh.rebuild([record(1, "旧名")])
    fresh.write([record(1, "新名", stamp=2)], deletes=[])
    assert ids(fresh, "旧名") == []
    assert ids(fresh, "新名") == [1]
    assert list(fresh.index_versions()) == [(1, 2)]
    fresh.write([], deletes=[1])
    assert list(fresh.index_versions()) == []


@pytest.mark.once  # of files
def test_an_engine_sees_what_another_one_writes(fresh: SearchPort, tmp_path: Path) -> None:
    fresh.rebuild([record(1, "同仁堂")])
    other = open_engine(tmp_path / "index")
    assert ids(other, "同仁堂") == [1]
    fresh.write([record(2, "全聚德")], deletes=[])
    assert other.status().documents == 2  # looks at once; a search does so once a second
    assert ids(other, "全聚德") == [2]
    other.close()


def test_rebuilding_swaps_in_one_step(fresh: SearchPort) -> None:
    fresh.rebuild([record(1, "同仁堂"), record(2, "全聚德")])
    before = fresh.status().generation
    assert fresh.rebuild([record(2, "全聚德")]) == 1
    assert fresh.status().generation != before
    assert ids(fresh, "同仁堂") == []
    assert fresh.status().documents == 1


@pytest.mark.parametrize("typed", ["", "同仁堂", "tongrentang", "GB/T 35607", "91330100MAWY010175", "-x"])
def test_an_index_without_documents_is_an_index(fresh: SearchPort, typed: str) -> None:
    assert fresh.rebuild([]) == 0
    assert fresh.status().documents == 0
    found = search(fresh, typed, facets=("year",), filters={"year": ("2024",)}, sort="name")
    assert (found.total, found.ids, dict(found.facets)) == (0, [], {"year": []})
    assert fresh.ids_after(Query(), 0) == []
    assert list(fresh.index_versions()) == []
    fresh.write([record(1, "同仁堂")], deletes=[])
    assert fresh.status().documents == 1


def test_a_rebuild_that_fails_leaves_the_old_index(fresh: SearchPort) -> None:
    fresh.rebuild([record(1, "同仁堂")])

    def broken() -> object:
        yield record(2, "全聚德")
        raise RuntimeError("the source broke off")

    with pytest.raises(RuntimeError, match="broke off"):
        fresh.rebuild(broken())  # type: ignore[arg-type]
    assert ids(fresh, "同仁堂") == [1]
    assert fresh.status().documents == 1


@pytest.mark.once  # of files
def test_a_lost_index_is_said_and_made_again(fresh: SearchPort, tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        search(fresh, "同仁堂")
    assert fresh.status().documents is None
    fresh.rebuild([record(1, "同仁堂")])
    fresh.close()
    shutil.rmtree(tmp_path / "index")
    assert fresh.status().documents is None
    with pytest.raises(Unavailable):  # an index of this one document alone would pass for a whole one
        fresh.write([record(2, "全聚德")], deletes=[])
    assert not fresh.verify()
    assert fresh.rebuild([record(1, "同仁堂")]) == 1
    assert ids(fresh, "同仁堂") == [1]


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
def test_damage_is_met_with_unavailable_and_told(tmp_path: Path, kind: str, harm: str) -> None:
    whole = open_engine(tmp_path / "index")
    whole.rebuild(SHELF)
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
    damaged.rebuild(SHELF)
    assert damaged.verify()
    assert not damaged.status().suspect
    assert ids(damaged, "同仁堂") == [on.TONGRENTANG]
    damaged.close()


@LEFT_OPEN
@pytest.mark.usefixtures("collected")
@pytest.mark.once  # of files
def test_who_cannot_read_an_index_leaves_word_of_it(fresh: SearchPort, tmp_path: Path) -> None:
    fresh.rebuild(SHELF)
    folder = fresh.status().path
    [postings] = [each for each in folder.iterdir() if each.suffix == ".pst"]
    kept = postings.read_bytes()
    postings.write_bytes(b"\x55" * len(kept))
    reader = open_engine(tmp_path / "index")
    with pytest.raises(Unavailable):
        search(reader, "tongrentang")
    assert fresh.status().suspect
    assert not fresh.verify()
    postings.write_bytes(kept)
    assert fresh.verify()
    assert not fresh.status().suspect
    reader.close()
