"""What is made of the program's own files is kept for the next start, and made again where it is not whole."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry import i18n, prepared_files
from registry.prepared_files import (
    MAX_VERSIONS,
    digest_of,
    keep_prepared_files,
    prepared_folder,
    read_or_make,
)


@pytest.fixture(autouse=True)
def kept(tmp_path: Path) -> Iterator[Path]:
    keep_prepared_files(tmp_path)
    yield tmp_path / prepared_files.FOLDER
    prepared_files._folders.clear()


def make_never() -> bytes:
    raise AssertionError("it is kept")


def folder_of(digest: str) -> Path:
    folder = prepared_folder("words", digest)
    assert folder is not None
    return folder


def test_what_was_made_is_found_again() -> None:
    path = folder_of("a") / "file"
    assert read_or_make(path, lambda: b"made") == b"made"
    assert read_or_make(path, make_never) == b"made"
    assert read_or_make(folder_of("b") / "file", lambda: b"of other sources") == b"of other sources"


@pytest.mark.parametrize("damaged", [b"", b"made", b"0" * 24 + b"made"])
def test_a_file_that_is_not_whole_is_made_again(damaged: bytes) -> None:
    path = folder_of("a") / "file"
    path.write_bytes(damaged)
    assert read_or_make(path, lambda: b"made") == b"made"
    assert read_or_make(path, make_never) == b"made"


def test_without_a_folder_it_is_made_each_time() -> None:
    prepared_files._folders.clear()
    assert prepared_folder("words", "a") is None
    assert read_or_make(None, lambda: b"made") == b"made"


def test_a_folder_that_cannot_be_made_stops_nothing(kept: Path) -> None:
    kept.write_bytes(b"a file stands in its place")
    assert read_or_make(folder_of("a") / "file", lambda: b"made") == b"made"


def test_only_files_of_the_newest_versions_are_kept(kept: Path) -> None:
    for number in range(MAX_VERSIONS + 2):
        read_or_make(folder_of(f"{number}") / "file", lambda: b"made")
    assert len(list((kept / "words").iterdir())) == MAX_VERSIONS
    assert (folder_of(f"{MAX_VERSIONS + 1}") / "file").exists()


def test_parts_are_told_apart_in_a_digest() -> None:
    assert digest_of([b"ab", b"c"]) != digest_of([b"a", b"bc"])


def test_a_catalogue_that_was_kept_says_the_same(kept: Path) -> None:
    i18n.catalogue.cache_clear()
    made = i18n.catalogue("zh").gettext("Search")
    assert list(kept.rglob("zh.mo"))
    i18n.catalogue.cache_clear()
    assert i18n.catalogue("zh").gettext("Search") == made != "Search"
    i18n.catalogue.cache_clear()
