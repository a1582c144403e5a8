"""The functions of data classes are compiled once and kept; what is damaged, or cannot be kept, is compiled again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal import kept_classes
from portal.kept_classes import kept_class_functions
from registry import prepared_files
from registry.prepared_files import keep_prepared_files

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    keep_prepared_files(tmp_path)
    yield tmp_path / prepared_files.FOLDER / kept_classes.FOLDER
    prepared_files._folders.clear()


def make_class() -> Any:
    @dataclasses.dataclass(frozen=True, slots=True, order=True)
    class Point:
        x: int
        y: int = 2

    return Point


def check(made: Any) -> None:
    point = made(1)
    assert (point, hash(point), repr(point).rpartition(".")[2]) == (
        made(1, 2),
        hash(made(1)),
        "Point(x=1, y=2)",
    )
    assert point < made(1, 3)
    with pytest.raises(dataclasses.FrozenInstanceError):
        point.x = 3


def compile_never(*given: object) -> None:
    raise AssertionError("it is kept")


def test_a_second_start_compiles_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with kept_class_functions():
        check(make_class())
    assert not hasattr(dataclasses, "exec")
    monkeypatch.setattr(kept_classes, "compile", compile_never, raising=False)
    with kept_class_functions():
        check(make_class())
    [file] = folder.rglob(kept_classes.FILE)
    kept = file.read_bytes()
    file.write_bytes(kept[:-1])
    with pytest.raises(AssertionError, match="it is kept"), kept_class_functions():
        make_class()
    assert not hasattr(dataclasses, "exec")
    monkeypatch.undo()
    with kept_class_functions():
        check(make_class())
    assert file.read_bytes() == kept


def test_without_a_data_directory_classes_are_as_always(folder: Path) -> None:
    prepared_files._folders.clear()
    with kept_class_functions():
        check(make_class())
    assert not folder.exists()
