from __future__ import annotations

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.reference.identifiers import standard_numbers
from registry.reference.identifiers.standard_numbers import canonical_or_written, parse, url_slug
from registry.reference.text.folding import fold_number
from tests.shared_data import SHARED, needs_shared, sheet

CANONICAL = {
    "GB 32100-2015": "national_mandatory",
    "GB 18580-2017": "national_mandatory",
    "GB 12021.2-2015": "national_mandatory",
    "GB 8954-88": "national_mandatory",
    "GBJ 16-87": "national_mandatory",
    "GBZ 2.1-2007": "national_mandatory",
    "GB/T 35607-2024": "national_voluntary",
    "GB/T 35607": "national_voluntary",
    "GB/T 1.1-2020": "national_voluntary",
    "GBZ/T 240-2011": "national_voluntary",
    "GB/Z 18480.1": "national_guidance",
    "QB/T 1951.1-2010": "sector",
    "FZ/T 73023-2006": "sector",
    "WM 1-1999": "sector",
    "HJ 2537-2014": "sector",
    "TB 10001-2016": "sector",
    "GM/T 0054-2018": "sector",
    "JGJ 100-2015": "sector",
    "JGJ/T 67-2019": "sector",
    "CJJ 1-2008": "sector",
    "CJJ/T 8-2011": "sector",
    "JG/T 1-2008": "sector",
    "CJ 1-2008": "sector",
    "JJG 1001-2011": "sector",
    "JJF 1059.1-2012": "sector",
    "DB23/T 3649.5-2023": "local",
    "DB3301/T 0277-2018": "local",
    "DB31 199-2018": "local",
    "DGJ08-20-2019": "local",
    "DG/TJ08-9-2023": "local",
    "DG/TJ08-2291B-2022": "local",
    "DGJ32/J 67-2008": "local",
    "DGJ32/TJ 124-2011": "local",
    "DBJ 50-053-2013": "local",
    "DBJ/T 15-92-2013": "local",
    "DBJ50/T-071-2020": "local",
    "DBJ41/T 075-2016": "local",
    "T/XZYC 0076-2025": "association",
    "T/ZZB 0001-2014": "association",
    "CECS 200:2006": "association",
    "Q/ABCDE 0001-2008": "enterprise",
    "Q/ABCDE 0001S-2008": "enterprise",
    "Q/SH1020 1234-2015": "enterprise",
    "ISO 9001:2015": "international",
    "ISO/IEC 17065:2012": "international",
    "IEC 60335-1:2020": "international",
    "EN 71-3:2019": "international",
    "EN ISO 9001:2015": "international",
    "GB 50016-2014(2018年版)": "national_mandatory",
    "GB/T 4754-2017/XG1-2019": "national_voluntary",
}

WRITTEN = {
    "gbt 35607": "GB/T 35607",
    "GB/T35607—2024": "GB/T 35607-2024",
    "ＧＢ／Ｔ　３５６０７－２０１７": "GB/T 35607-2017",
    "GBT35607-2024": "GB/T 35607-2024",
    "GB-T 35607": "GB/T 35607",
    "GB T 35607-2024": "GB/T 35607-2024",
    " GB / T 35607 – 2024 ": "GB/T 35607-2024",
    "GB-T-35607-2024": "GB/T 35607-2024",
    "GB/T 19001:2016": "GB/T 19001-2016",
    "GB-Z 18480.1": "GB/Z 18480.1",
    "GBZT 240-2011": "GBZ/T 240-2011",
    "GMT 0054-2018": "GM/T 0054-2018",
    "QBT 1951.1-2010": "QB/T 1951.1-2010",
    "FZT73023": "FZ/T 73023",
    "NYT 391-2021": "NY/T 391-2021",
    "TBT 3001": "TB/T 3001",
    "JTT 1-2008": "JT/T 1-2008",
    "JGJT 67-2019": "JGJ/T 67-2019",
    "CJJT8-2011": "CJJ/T 8-2011",
    "DB11-T 123-2020": "DB11/T 123-2020",
    "DB 11/T 123-2020": "DB11/T 123-2020",
    "DB3301T 0277-2018": "DB3301/T 0277-2018",
    "DB31/199-2018": "DB31 199-2018",
    "DG/TJ 08-9-2023": "DG/TJ08-9-2023",
    "DGTJ08-9-2023": "DG/TJ08-9-2023",
    "DGJ 08-20-2019": "DGJ08-20-2019",
    "DBJT 15-92-2013": "DBJ/T 15-92-2013",
    "T/ZZB0001-2014": "T/ZZB 0001-2014",
    "T-ZZB-0001-2014": "T/ZZB 0001-2014",
    "q/abc 0001s-2020": "Q/ABC 0001S-2020",
    "Q-320100-001-2020": "Q/320100 001-2020",
    "ISO9001:2015": "ISO 9001:2015",
    "ISO 9001-2015": "ISO 9001:2015",
    "ISO-IEC-17065:2012": "ISO/IEC 17065:2012",
    "iso/iec 17065：2012": "ISO/IEC 17065:2012",
    "GB 50016-2014（2018年版）": "GB 50016-2014(2018年版)",
    "GB 50016-2014 [2018年版]": "GB 50016-2014(2018年版)",
    "GB50016—2014〔2018 年版〕": "GB 50016-2014(2018年版)",
    "JGJ16—2008（2016年版）": "JGJ 16-2008(2016年版)",
    "JGJ/T16": "JGJ/T 16",
    "CJJ128-2009": "CJJ 128-2009",
    "DGJ08－20—2019": "DGJ08-20-2019",
    "DG/TJ 08—2004A—2014": "DG/TJ08-2004A-2014",
    "Q/ABC0001S-2021": "Q/ABC 0001S-2021",
    "Q/12AB3C001-2020": "Q/12AB3C 001-2020",
}

NO_NUMBERS = [
    "",
    "GB/T",
    "35607",
    "GB/X 123-2020",
    "Q/ 001-2020",
    "T/ 1-2020",
    "GB/T 35607-20177",
    "GB/T 35607-1817",
    "DEMO-TS 001-2025",
    "DEMO-CGP-2025-000123",
    "TB-2025-00012-3",
    "TB-2025-00012",
    "GP-2026-000123-3",
    "91110000101461180X",
    "CNCA-R-2002-001",
    "企业标准",
    "GB/T 35607-2024 家具",
    "GB" * 500,
]


@pytest.mark.parametrize(("canonical", "kind"), CANONICAL.items())
def test_canonical_spellings_are_unchanged_and_have_their_kind(canonical: str, kind: str) -> None:
    parsed = parse(canonical)
    assert parsed is not None
    assert (parsed.canonical, parsed.kind) == (canonical, kind)
    assert canonical_or_written(canonical) == (canonical, True)


@pytest.mark.parametrize(("written", "canonical"), WRITTEN.items())
def test_spellings_are_normalised(written: str, canonical: str) -> None:
    parsed = parse(written)
    assert parsed is not None
    assert parsed.canonical == canonical


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_unknown_forms_stay_as_written(text: str) -> None:
    assert parse(text) is None
    assert canonical_or_written(text) == (text, False)


def test_unknown_forms_are_cleaned() -> None:
    assert canonical_or_written("\u3000FTMS　D1234-20 ") == ("FTMS D1234-20", False)


def test_parts() -> None:
    parsed = parse("GB 50016-2014（2018年版）")
    assert parsed is not None
    assert (parsed.code, parsed.number, parsed.year, parsed.full_year) == ("GB", "50016", "2014", 2014)
    assert (parsed.edition, parsed.without_year, parsed.digits) == ("(2018年版)", "GB 50016", "50016")
    old = parse("GB 8954-88")
    assert old is not None
    assert (old.year, old.full_year) == ("88", 1988)
    construction = parse("DG/TJ08-9-2023")
    assert construction is not None
    assert (construction.code, construction.number, construction.without_year) == (
        "DG/TJ08",
        "9",
        "DG/TJ08-9",
    )


def test_search_forms() -> None:
    parsed = parse("GB/T 35607-2024")
    assert parsed is not None
    assert parsed.search_forms() == ("GB/T 35607-2024", "GB/T 35607", "GBT35607-2024", "GBT35607", "35607")
    without = parse("GB/T 35607")
    assert without is not None
    assert without.search_forms() == ("GB/T 35607", "GBT35607", "35607")
    edition = parse("GB 50016-2014(2018年版)")
    assert edition is not None
    assert "GB 50016-2014" in edition.search_forms()


def test_gbz_is_not_guidance() -> None:
    one, other = parse("GBZ 2.1-2007"), parse("GB/Z 2.1-2007")
    assert one is not None
    assert other is not None
    assert one.canonical != other.canonical
    assert one.compact == other.compact  # a search finds both


@pytest.mark.parametrize("canonical", CANONICAL)
def test_the_form_in_urls_is_parsed_back(canonical: str) -> None:
    address = url_slug(canonical)
    assert "/" not in address
    assert " " not in address
    assert fold_number(address) == fold_number(canonical)


def test_slug() -> None:
    assert url_slug("GB/T 35607-2024") == "GB-T-35607-2024"


@given(
    st.sampled_from(
        ["GB", "GB/T", "GB/Z", "GBZ", "QB/T", "JGJ/T", "DB11/T", "DB3301/T", "T/ZZB", "Q/ABC", "HJ", "JJF"]
    ),
    st.integers(1, 999_999),
    st.none() | st.integers(1, 99),
    st.none() | st.integers(1900, 2099),
    st.sampled_from(["{}", " {} ", "\u3000{}"]),
    st.sampled_from("-—–－"),
    st.booleans(),
)
def test_any_spelling_of_a_chinese_number(
    code: str, number: int, part: int | None, year: int | None, around: str, dash: str, capitals: bool
) -> None:
    canonical = f"{code} {number}" + (f".{part}" if part else "") + (f"-{year}" if year else "")
    written = around.format(canonical.replace("-", dash) if capitals else canonical.replace(" ", "").lower())
    for text in (canonical, written):
        parsed = parse(text)
        assert parsed is not None
        assert parsed.canonical == canonical
        assert parsed.full_year == year


@given(st.text(alphabet="GBTQZISO/ -:.0123456789DJ()年版", max_size=24))
def test_parsing_a_canonical_number_changes_nothing(text: str) -> None:
    canonical, known = canonical_or_written(text)
    assert canonical_or_written(canonical) == (canonical, known)
    parsed = parse(text)
    if parsed:
        assert parse(parsed.canonical) == parsed


@needs_shared
def test_every_number_of_the_real_lists() -> None:
    folder = SHARED / "data" / "standards"
    written = [row["number"] for row in sheet("standards")]
    for name, column in (
        ("standards_arch_gb", "编号"),
        ("standards_shanghai_local", "编号"),
        ("standards_gmt_filenames", "number"),
    ):
        with (folder / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            written += [row[column] for row in csv.DictReader(file) if row[column]]
    assert len(written) > 300
    unknown = [text for text in written if not canonical_or_written(text)[1]]
    assert unknown == []
    changed = {text for text in written if canonical_or_written(text)[0] != text}
    assert {text[:4] for text in changed} <= {"GMT "}


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("GB/T 18186-00", 2000),
        ("GB/T 18186-29", 2029),
        ("GB 8954-50", 1950),
        ("GB 8954-99", 1999),
        ("ISO 9001:08", 2008),
        ("GB/T 18186-30", None),  # no year of this century yet: a part of the number
        ("GB/T 18186-2000", 2000),
        ("Q/NAFU 015-25", None),  # enterprises and associations number parts like that
        ("T/ZLFJ 01-02", None),
    ],
)
def test_years_in_two_figures(text: str, year: int | None) -> None:
    parsed = parse(text)
    assert parsed is not None
    assert parsed.full_year == year


@pytest.mark.parametrize(
    ("number", "full_year", "with_full_year"),
    [
        ("GB 3100-93", 1993, "GB 3100-1993"),
        ("GB 3100-50", 1950, "GB 3100-1950"),  # the first year of the last century
        ("GB 3100-29", 2029, "GB 3100-2029"),
        ("GB 3100-00", 2000, "GB 3100-2000"),
        ("GB 3100-1993", 1993, "GB 3100-1993"),
        ("GB 3100", None, "GB 3100"),
        ("ISO 9001:87", 1987, "ISO 9001:1987"),
        ("ASTM F963-49", 2049, "ASTM F963-2049"),
        ("ASTM F963-50", 1950, "ASTM F963-1950"),
        ("ASTM D4236-94(2021)", 1994, "ASTM D4236-1994(2021)"),
    ],
)
def test_years_as_four_figures(number: str, full_year: int | None, with_full_year: str) -> None:
    parsed = parse(number)
    assert parsed is not None
    assert (parsed.full_year, parsed.with_full_year) == (full_year, with_full_year)


@pytest.mark.parametrize("number", ["GB 3100-30", "GB 3100-49", "GB 3100-3", "Q/ABC 1-12"])
def test_figures_that_are_no_year(number: str) -> None:
    parsed = parse(number)
    assert parsed is None or parsed.year is None


@pytest.mark.parametrize(
    ("number", "forms"),
    [
        (
            "GB/T 35607-2024",
            ("GB/T 35607-2024", "GB/T 35607", "GBT35607-2024", "GBT35607", "35607"),
        ),
        ("GB/T 35607", ("GB/T 35607", "GBT35607", "35607")),
        ("ISO 9001:2015", ("ISO 9001:2015", "ISO 9001", "ISO9001:2015", "ISO9001", "9001")),
        (
            "GB 50016-2014(2018年版)",
            ("GB 50016-2014(2018年版)", "GB 50016-2014", "GB 50016", "GB50016-2014", "GB50016", "50016"),
        ),
    ],
)
def test_forms_by_which_people_search(number: str, forms: tuple[str, ...]) -> None:
    parsed = parse(number)
    assert parsed is not None
    assert parsed.search_forms() == forms


@pytest.mark.parametrize(
    ("number", "in_construction"),
    [("JGJ/T 67-2019", True), ("DBJ 50-053-2013", True), ("DG/TJ08-9-2023", True), ("JG/T 1-2008", False)],
)
def test_codes_of_construction(number: str, in_construction: bool) -> None:
    parsed = parse(number)
    assert parsed is not None
    assert parsed.in_construction is in_construction


def test_a_text_of_sixty_characters_is_read_and_one_more_is_not() -> None:
    number = "GB 50016-2014(2018年版)"
    longest = "GB 50016-2014(" + "1" * 20 + "版" + "1" * 8 + ")"
    assert parse(number) is not None
    assert parse(longest) is not None  # the longest edition
    assert parse("GB 50016-2014(" + "1" * 21 + "版)") is None
    filled = "Q/" + "A" * 20 + " 123456" + ".123" * 8  # 61 characters
    assert len(filled) == 61
    assert parse(filled) is None
    assert parse(filled.replace("AA", "A", 1)) is not None


def found(text: str) -> list[str]:
    return [each.number.canonical for each in standard_numbers.find(text)]


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("执行标准：GB/T 35607-2024 绿色产品评价", ["GB/T 35607-2024"]),
        ("GB/T 7714-2015/ISO 690:2010", ["GB/T 7714-2015", "ISO 690:2010"]),
        ("GB 18580-2017、GB/T 35607-2024", ["GB 18580-2017", "GB/T 35607-2024"]),
        ("GB 18580-2017/家具", ["GB 18580-2017"]),
        ("XGB 18580-2017", []),  # the code begins within a word
        ("", []),
    ],
)
def test_numbers_in_a_text(text: str, numbers: list[str]) -> None:
    assert found(text) == numbers
    plain = standard_numbers.plain_text(text)
    for each in standard_numbers.find(text):
        assert parse(plain[each.start : each.end]) == each.number


def test_a_text_is_read_so_far_and_no_farther() -> None:
    number = "GB 18580-2017"
    blank = "、" * (standard_numbers.MAX_SEARCHED - len(number))
    assert found(blank + number) == [number]
    assert found(blank + "、" + number) == []
    assert found("AB C、" * (standard_numbers.MAX_STARTS - 1) + number) == [number]
    assert found("AB C、" * standard_numbers.MAX_STARTS + number) == []


@pytest.mark.parametrize(
    "number",
    [
        "GB/T 35607-2024", "GB 3100-93", "GB 3100 - 93", "GB 12021.2-2015", "GB 6675.1-2014/XG1-2020", "JGJ 16-2008（2016 年版）",
        "DG/TJ08-2291B-2022", "ISO/IEC 17065:2012", "EN 71-3:2019+A1:2021", "ISO 9001:2015/AMD 1:2024", "ASTM D4236-94(2021)",
        "JIS A 1460:2015", "CXS 1-1985",
    ],
)  # fmt: skip
def test_of_a_number_that_a_cut_divides_the_beginning_is_no_number(number: str) -> None:
    canonical = parse(number)
    assert canonical is not None
    for left in range(len(number) + 1):
        before = "、" * (standard_numbers.MAX_SEARCHED - left)
        whole, shorter = f"{before}{number}、", f"GB 1-2020、{before[10:]}{number}、"
        assert found(whole) in ([], [canonical.canonical])
        assert found(shorter)[0] == "GB 1-2020"  # what stands before is found all the same
        assert found(f"{before[2:]}{number}、、")[:1] in ([], [canonical.canonical])
        assert standard_numbers.find(f"、{number[:left]}", is_cut=True) == []


@pytest.mark.parametrize("behind", [" 绿色", "绿", " AND", "/ISO 69", "(1)家具", "）"])
def test_a_number_before_other_words_is_found_although_the_text_goes_on(behind: str) -> None:
    number = "JGJ 16-2008"
    before = "、" * (standard_numbers.MAX_SEARCHED - len(number + behind))
    assert found(f"{before}{number}{behind}0000") == [number]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("GB/T 35607", "GB/T 35607"),
        ("依据 GB/T 35607-2024", "GB/T 35607-2024"),
        ("依据 GB/T 35607", None),  # in a text, only one with its year
        ("依据标准", None),
        ("GB/T 7714-2015/ISO 690:2010", "GB/T 7714-2015"),
    ],
)
def test_the_standard_that_a_text_names(text: str, number: str | None) -> None:
    named = standard_numbers.named_standard(text)
    assert (named.canonical if named else None) == number
