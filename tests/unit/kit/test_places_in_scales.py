"""The place of a level in its scale, in words, for scales of any length."""

from __future__ import annotations

import pytest

from registry.kit.grading import Level, Scheme


def scale(count: int) -> Scheme:
    levels = tuple(Level(f"L{rank}", f"第{rank}档", f"step {rank}", rank) for rank in range(1, count + 1))
    return Scheme("demo", "演示分级", "Demo", "demo", levels)


@pytest.mark.parametrize(
    ("count", "rank", "zh", "en"),
    [
        (1, 1, "第1档（唯一等级）", "step 1, the only level"),
        (2, 2, "第2档（共两个等级，最低）", "step 2, the lowest of two"),
        (7, 1, "第1档（共七个等级，最高）", "step 1, the highest of seven"),
        (7, 2, "第2档（共七个等级，从高到低第二）", "step 2, second highest of seven"),
        (7, 4, "第4档（共七个等级，从高到低第四）", "step 4, fourth highest of seven"),
        (7, 6, "第6档（共七个等级，从低到高第二）", "step 6, second lowest of seven"),
        (7, 7, "第7档（共七个等级，最低）", "step 7, the lowest of seven"),
        (12, 6, "第6档（共12个等级，从高到低第6）", "step 6, number 6 from the highest of 12"),
        (12, 11, "第11档（共12个等级，从低到高第二）", "step 11, second lowest of 12"),
    ],
)
def test_the_place_of_a_level(count: int, rank: int, zh: str, en: str) -> None:
    words = scale(count).placed_words(f"L{rank}")
    assert (words.zh, words.en) == (zh, en)
