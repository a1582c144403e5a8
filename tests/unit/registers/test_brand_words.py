"""Names of lists and era dates in English."""

from __future__ import annotations

import pytest

from registry.registers.brands import eras, list_names


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("第三批中华老字号名单", "China Time-honored Brands, batch 3"),
        ("中华老字号复核结果", "China Time-honored Brands, results of the review"),
        (
            "第一批“福建老字号”公示名单(福州)",
            "Fujian time-honoured brands, batch 1, open for objections (Fuzhou)",
        ),
        ("首批“南通老字号”", "Nantong time-honoured brands, first batch"),
        ("新一批中华老字号拟认定名单", "China Time-honored Brands, new batch, proposed for recognition"),
        ("第二批某某老字号", ""),
        ("2023年名单", ""),
        ("", ""),
    ],
)
def test_names_of_lists(zh: str, en: str) -> None:
    assert list_names.english_of(zh) == en


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("清光绪28年", "Guangxu 28 (Qing)"),
        ("清·光緒二十八年", "Guangxu 28 (Qing)"),
        ("民国20年", "year 20 of the Republic of China"),
        ("康熙元年", "Kangxi 1"),
        ("1896年", ""),
        ("清末", ""),
    ],
)
def test_era_dates(zh: str, en: str) -> None:
    assert eras.english_of(zh) == en
