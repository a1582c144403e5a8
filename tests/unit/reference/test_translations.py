"""Known words, units, laws and classes of standards in both languages."""

from __future__ import annotations

import pytest

from registry.reference.code_lists import glossary, ics, laws, units


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("床垫", "mattress"),
        ("稳定性", "Stability"),
        ("床垫、书柜", "mattress, bookcase"),
        ("型式试验+工厂检查", "type test + factory inspection"),
        ("型式试验 ＋ 初始工厂检查 ＋ 获证后监督", "type test + initial factory inspection + surveillance after certification"),
        ("从摇篮到大门", "cradle to gate"),
        ("地板（强化木地板）", "flooring (laminate flooring)"),
        ("1 件", "1 piece"),
        ("6 件装", "pack of 6 pieces"),
        ("每吨", "per t"),
        ("约3台", "about 3 units"),
        ("床垫、无名之物", ""),
        ("无名之物（床垫）", ""),
        ("件", ""),
        ("", ""),
        ("床" * 300, ""),
    ],
)  # fmt: skip
def test_a_text_is_translated_as_a_whole_or_not_at_all(zh: str, en: str) -> None:
    assert glossary.translate(zh) == en


@pytest.mark.parametrize(
    ("unit", "en", "zh"),
    [
        ("次", "cycles", "次"),
        ("次/分钟", "cycles/min", "次/分钟"),
        ("kWh/yr", "kWh/yr", "kWh/年"),
        ("ft³", "ft³", "立方英尺"),
        ("mg/m³", "mg/m³", "mg/m³"),
        ("pieces", "pieces", "件"),
        ("dB(A)", "dB(A)", "dB(A)"),
        ("亩", "亩", "亩"),
    ],
)
def test_units_in_both_languages(unit: str, en: str, zh: str) -> None:
    assert (units.unit_in(unit, "en"), units.unit_in(unit, "zh")) == (en, zh)


STATE = "of the People's Republic of China"


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        (
            "《中华人民共和国标准化法》第二十七条；《企业标准化促进办法》第十四条",
            f"Standardization Law {STATE}, Article 27; Measures for the Promotion of Enterprise Standardization, Article 14",
        ),
        ("《标准化法》第二十七条第二款", "Standardization Law, Article 27(2)"),
        ("《产品质量法》第五十条、第五十一条", "Product Quality Law, Articles 50 and 51"),
        ("《产品质量法》第一百零三条之一", "Product Quality Law, Article 103-1"),
        ("《企业标准化促进办法》第14条第1款第（三）项", "Measures for the Promotion of Enterprise Standardization, Article 14(1)(3)"),
        ("《标准化法》、《产品质量法》", "Standardization Law; Product Quality Law"),
        ("《关于开展产品质量分级的实施意见（征求意见稿）》", "Implementation Opinions on Carrying Out Product Quality Grading (draft for comment)"),
        ("《产品质量法》（2018修正）第五条", "Product Quality Law (2018), Article 5"),
        ("《产品质量法（2018修正）》第五条", "Product Quality Law (2018), Article 5"),
        ("《不知道的办法》第三条", ""),
        ("依法处理", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_legal_bases_in_english(zh: str, en: str) -> None:
    assert laws.legal_basis_in_english(zh) == en


@pytest.mark.parametrize(
    ("code", "zh"),
    [("97", "家用和商用设备、文娱、体育"), ("97.140", "家具"), ("13.020.50", "环境保护"), ("99", "99")],
)
def test_classes_of_standards_have_a_chinese_name_at_two_levels(code: str, zh: str) -> None:
    assert ics.label(code, "zh") == zh


def test_every_group_of_standards_has_a_chinese_name() -> None:
    assert not [known.code for known in ics.all_ics().values() if len(known.code) < 7 and not known.zh]
