"""Thresholds of a record in the words of its scheme: the labels are put into words, the rest stays as written."""

from __future__ import annotations

import pytest

from registry.kit.grading import thresholds_in_words
from registry.registers.grades import scales


@pytest.mark.parametrize(
    ("scheme", "text", "zh", "en"),
    [
        ("茶叶分等", "五级 ≤ 7", "五级 ≤ 7", "Grade 5 ≤ 7"),
        ("养老机构等级", "五级 ≤ 7；四级 ≤ 9", "五级 ≤ 7；四级 ≤ 9", "Level 5 ≤ 7; Level 4 ≤ 9"),
        (
            "房间空气调节器能效等级",
            "1级：≥ 5.0, 一级 5–6",
            "1级：≥ 5.0；1级 5–6",
            "Grade 1：≥ 5.0; Grade 1 5–6",
        ),
        (
            "家具质量分级",
            "AAAAA ≤ 0.01; 5A ≤ 0.01 mg/m³",
            "AAAAA ≤ 0.01；AAAAA ≤ 0.01 mg/m³",
            "AAAAA ≤ 0.01; AAAAA ≤ 0.01 mg/m³",
        ),
        ("家具质量分级", "特级 ≤ 7", "特级 ≤ 7", "特级 ≤ 7"),  # no level of this scheme
        ("家具质量分级", "", "", ""),
    ],
)
def test_levels_are_those_of_the_scheme(scheme: str, text: str, zh: str, en: str) -> None:
    found = scales.SCHEMES.find(scheme)
    assert found is not None
    assert thresholds_in_words(found, text, "zh") == zh
    assert thresholds_in_words(found, text, "en") == en
