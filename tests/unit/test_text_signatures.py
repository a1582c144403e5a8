"""Signatures of texts: as alike as the texts, the threshold at its boundary, and none for what says too little."""

from __future__ import annotations

from array import array

import pytest

from registry.services.watch_lists.text_signatures import (
    ALIKE,
    BANDS,
    LEAST_RUNS,
    RUN,
    SIZE,
    are_alike,
    bands_of,
    common_values,
    signature_of,
)

TEXT = "".join(chr(0x4E00 + number) for number in range(1_000))  # a thousand different characters
OTHER = "".join(chr(0x6000 + number) for number in range(1_000))


def signature(*values: int) -> bytes:
    return array("I", values).tobytes()


@pytest.mark.parametrize(("agree", "alike"), [(ALIKE - 1, False), (ALIKE, True), (SIZE, True), (0, False)])
def test_the_threshold_is_a_number_of_values_that_agree(agree: int, alike: bool) -> None:
    one = signature(*range(SIZE))
    other = signature(*range(agree), *(1_000 + each for each in range(SIZE - agree)))
    assert common_values(one, other) == agree
    assert are_alike(common_values(one, other)) is alike


@pytest.mark.parametrize(("share", "alike"), [(1.0, True), (0.95, True), (0.7, False), (0.0, False)])
def test_texts_are_alike_by_what_they_have_in_common(share: float, alike: bool) -> None:
    kept = int(len(TEXT) * share)
    common = common_values(signature_of(TEXT), signature_of(TEXT[:kept] + OTHER[kept:]))
    assert are_alike(common) is alike
    runs = max(0, kept - RUN + 1)
    assert abs(common / SIZE - runs / (2 * (len(TEXT) - RUN + 1) - runs)) < 0.12


def test_blanks_brackets_width_and_traditional_characters_make_no_difference() -> None:
    text = "本标准规定了木家具的技术要求、试验方法（含甲醛释放量）、检验规则和标志、包装、运输、贮存的全部内容与判定规则"
    other = "本標準規定了 木傢具的技術要求、試驗方法(含甲醛釋放量)、\n檢驗規則和標誌、包裝、運輸、貯存的全部內容與判定規則"
    assert common_values(signature_of(text), signature_of(other)) > SIZE // 2
    assert signature_of(text) == signature_of(f" {text.replace('（', '(').replace('）', ')')} ")


def test_a_text_that_says_too_little_has_no_signature() -> None:
    assert signature_of(TEXT[: LEAST_RUNS + RUN - 2]) == b""
    assert len(signature_of(TEXT[: LEAST_RUNS + RUN - 1])) == 4 * SIZE
    assert signature_of("同" * 10_000) == b""
    assert signature_of("") == b""


def test_alike_texts_share_a_band_and_bands_are_numbers_that_every_database_takes() -> None:
    bands, others = (dict(bands_of(signature_of(text))) for text in (TEXT, TEXT[:950] + OTHER[950:]))
    assert len(bands) == BANDS
    assert set(bands.items()) & set(others.items())
    assert all(0 <= value < 2**63 for value in bands.values())
    assert not set(bands.items()) & set(bands_of(signature_of(OTHER)))
