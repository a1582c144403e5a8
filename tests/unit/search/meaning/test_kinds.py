"""Kinds of goods, shops and services: numbered so that those below one follow it, compared by the vectors of their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from registry.search.meaning import kinds, make_kinds
from registry.search.meaning.encoder import VERSION, Encoder, prepare_model
from registry.search.meaning.kinds import KINDS_OF_TEXT, KindTable, NearKind, kind_table
from registry.search.meaning.near_texts import NearTexts, kinds_asked_for

SUBJECTS = ("奶酪", "黄油", "订书机", "沙发", "篮球", "空气净化器", "铁锅")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("meaning")
    prepare_model(made)
    return made


@pytest.fixture(scope="module")
def filled(folder: Path) -> NearTexts:
    found = NearTexts(folder, is_on=True)
    found.prepare()
    assert found.encode(SUBJECTS, lambda: True)
    return found


def nearest(folder: Path, text: str) -> NearKind:
    vectors = Encoder(folder).encode([text])
    assert vectors is not None
    return kinds_asked_for(kind_table().around(vectors))[0]


def test_the_table_is_of_the_model_that_is_installed() -> None:
    assert kind_table().model == VERSION, "make the kinds again: registry.search.meaning.make_kinds"


@pytest.mark.parametrize(
    "name", ["sofas", "沙发", "cheese", "奶酪", "hair salon", "理发店", "sporting goods"]
)
def test_a_name_of_a_kind_is_nearest_to_it(folder: Path, name: str) -> None:
    assert nearest(folder, name).nearness > 0.9


def test_in_both_languages_a_name_is_of_the_same_kind(folder: Path) -> None:
    for english, chinese in (("sofas", "沙发"), ("wheelchairs", "轮椅"), ("tents", "帐篷")):
        assert nearest(folder, english).number == nearest(folder, chinese).number


def test_what_is_less_near_than_the_nearest_is_another_thing(folder: Path) -> None:
    vectors = Encoder(folder).encode(["床垫"])
    assert vectors is not None
    [(near, _crowd)] = kind_table().around(vectors)
    assert near[0].nearness - near[-1].nearness <= kinds.MARGIN


def test_of_a_kind_are_it_and_those_below_it_alone() -> None:
    numbers, ends = make_kinds.numbered([("b",), ("a",), ("a", "2"), ("a", "1", "1"), ("a", "1"), ("a",)])
    assert numbers == {("a",): 0, ("a", "1"): 1, ("a", "1", "1"): 2, ("a", "2"): 3, ("b",): 4}
    assert ends == [4, 3, 3, 4, 5]
    none = np.zeros(0)
    table = KindTable("", none, none, none, none, np.array(ends, np.uint16))  # type: ignore[arg-type]
    assert table.ranges([1]).nonzero()[0].tolist() == [1, 2]
    assert table.ranges([1, 4]).tolist() == [False, True, True, False, True, False]
    assert not table.ranges([]).any()


def test_what_is_of_the_kind_asked_for_is_near_though_it_is_less_similar(filled: NearTexts) -> None:
    assert filled.near("dairy")[0].text == "奶酪"
    assert {each.text for each in filled.near("dairy")} <= {"奶酪", "黄油"}
    assert filled.near(" Dairy ") == filled.near("dairy") == filled.near("dairy", is_known=True)
    assert filled.near("sporting goods")[0].text == "篮球"


@pytest.mark.parametrize("typed", ["", "7", "passport", "吉他", "soap", "zzz qqq"])
def test_of_another_kind_or_of_none_nothing_is_found(filled: NearTexts, typed: str) -> None:
    assert filled.near(typed) == ()


def test_turned_off_or_without_a_model_nothing_is_of_a_kind(folder: Path, tmp_path: Path) -> None:
    assert NearTexts(folder, is_on=False).near("dairy") == ()
    assert NearTexts(tmp_path, is_on=True).near("dairy") == ()


def test_a_table_is_made_from_the_lists_and_read_as_written(folder: Path, tmp_path: Path) -> None:
    texts = ["sofas", "沙发", "cheese", "奶酪", "milk", "牛奶"]
    vectors = make_kinds.encoded(Encoder(folder), texts)
    assert make_kinds.main_directions(vectors).shape == (512, len(texts))
    names = np.array([[3, -3, 0], [1, 2, 3]], np.int8)
    numbers = np.zeros(2, np.uint16)
    signs = kinds.signs_of(np.ones((2, 64))).T
    arrays = {"directions": vectors, "names": names, "signs": signs, "kinds": numbers, "ends": numbers}
    kinds.write(tmp_path / "made", arrays, "1.0")
    written = kinds.read(tmp_path / "made")
    assert (written.model, written.names.tolist(), written.signs.shape) == ("1.0", names.tolist(), (1, 2))
    with pytest.raises(FileNotFoundError):
        make_kinds.encoded(Encoder(tmp_path), ["沙发"])


def test_a_vector_of_zeros_is_near_nothing() -> None:
    [(near, crowd)] = kind_table().around(np.zeros((1, 512), np.float32))
    assert 0 <= crowd < 0.1
    assert all(0 <= kind.nearness < 0.1 for kind in near)
    assert len(near) <= KINDS_OF_TEXT


def test_the_signs_of_the_names_are_those_of_their_vectors() -> None:
    table = kind_table()
    assert (table.signs == kinds.signs_of(table.names).T).all()


def test_around_what_the_model_does_not_know_it_is_more_crowded_than_around_a_thing(folder: Path) -> None:
    vectors = Encoder(folder).encode(["zzyx", "合同能源管理标准"])
    assert vectors is not None
    unknown, far = kind_table().around(vectors)
    assert unknown.crowd > far.crowd


def test_what_is_as_near_to_many_others_counts_less_and_little_is_added_where_few_are() -> None:
    usual = kinds.USUAL_OF_TEXTS, kinds.USUAL_OF_SEARCHES
    similarities = np.array([0.6, 0.6, 0.6], np.float32)
    of_texts = np.array([usual[0], usual[0] + 0.2, 0.0], np.float32)
    assert kinds.less_crowd(similarities, of_texts, usual[1]).tolist() == pytest.approx([0.6, 0.52, 0.7])
    assert kinds.less_crowd(similarities, of_texts, usual[1] + 0.1).tolist() == pytest.approx(
        [0.56, 0.48, 0.7]
    )
