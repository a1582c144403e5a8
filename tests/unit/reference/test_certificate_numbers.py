from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import ean

from registry.reference.identifiers import certificate_numbers as numbers
from tests.shared_data import needs_shared, sheet


@pytest.mark.parametrize(
    ("cert_no", "family"),
    [
        ("2016010901123456", "ccc"),
        ("001OP1600123", "organic"),
        ("F12OP1200001", "organic"),
        ("9001OP2400001-12", "organic"),
        ("12324000000000001", "organic_code"),
        ("CQC12345678901", "cqc"),
        ("cqc １２３４５６７８９０１", "cqc"),
        ("DEMO-CGP-2025-000123", "demo"),
        ("DEMO-CGP-2025-1", None),
        ("CEC-2024-ELP-0001", None),
        ("1016010901123456", None),
        ("", None),
    ],
)
def test_families(cert_no: str, family: str | None) -> None:
    assert numbers.family(cert_no) == family


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("CNCA-R-2002-001", "CNCA-R-2002-001"),
        ("cnca-rf-2004-33", "CNCA-RF-2004-33"),
        ("CNCA R 2002 001", "CNCA-R-2002-001"),
        ("ＣＮＣＡ－Ｒ－２００２－００１", "CNCA-R-2002-001"),
        ("CNCA—R—2002—001", "CNCA-R-2002-001"),
    ],
)
def test_approvals_of_bodies(written: str, number: str) -> None:
    assert numbers.body_approval(written) == number
    assert numbers.is_body_approval(number)


def test_other_approvals_are_cleaned_only() -> None:
    assert numbers.body_approval(" F-US-EPA ") == "F-US-EPA"
    assert not numbers.is_body_approval("F-US-EPA")


def test_laboratories_and_trademarks() -> None:
    assert numbers.is_cma_number("220012345678")
    assert not numbers.is_cma_number("22001234567")
    assert not numbers.is_cma_number("2200123456789")
    assert numbers.is_cnas_number("CNAS L1234")
    assert not numbers.is_cnas_number("CNAS X1")
    assert numbers.trademark_number("第171188号") == "171188"
    assert numbers.is_trademark_number("171188")
    assert numbers.is_trademark_number("1234567A")
    assert numbers.is_trademark_number(numbers.trademark_number("g1234567"))
    assert not numbers.is_trademark_number("1234567890")
    assert not numbers.is_trademark_number("商标")


@pytest.mark.parametrize(
    ("written", "canonical", "fits"),
    [
        ("9401.61", "940161", True),
        ("0902", "0902", True),
        ("2208.90", "220890", True),
        ("9403.50.99.10", "9403509910", True),
        ("94035", "94035", False),
        ("9403.5", "9403.5", False),
        ("家具", "家具", False),
    ],
)
def test_hs_codes_are_digits(written: str, canonical: str, *, fits: bool) -> None:
    assert numbers.hs_code(written) == canonical
    assert numbers.is_hs_code(canonical) is fits


@pytest.mark.parametrize(
    "number", ["6901234567892", "6923456789012", "6970123456784", "4006381333931", "96385074", "036000291452"]
)
def test_gtins_have_14_digits(number: str) -> None:
    canonical = numbers.gtin(f" {number[:3]} {number[3:]}")
    assert len(canonical) == 14
    assert numbers.gtin_error_code(canonical) is None
    assert numbers.gtin(canonical) == canonical


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("6901234567892", "6901234567892"),
        ("06901234567892", "6901234567892"),
        ("036000291452", "036000291452"),  # UPC-A
        ("0036000291452", "036000291452"),
        ("96385074", "96385074"),
        ("00000096385074", "96385074"),
        ("00012345600012", "012345600012"),
        ("00000123456784", "000123456784"),  # five noughts: still a UPC-A
        ("16901234567899", "16901234567899"),
        ("00000000000000", "00000000"),
        ("690123", "690123"),
        ("٠٦٩٠١٢٣٤٥٦٧٨٩٢", "٠٦٩٠١٢٣٤٥٦٧٨٩٢"),
        ("", ""),
    ],
)
def test_a_barcode_is_printed_with_the_digits_of_the_package(typed: str, printed: str) -> None:
    canonical = numbers.gtin(typed)
    assert numbers.printed_gtin(canonical) == printed
    assert numbers.gtin(numbers.printed_gtin(canonical)) == canonical


@given(st.integers(0, 10**13 - 1))
def test_what_is_printed_is_read_as_the_same_barcode(first: int) -> None:
    number = str(first).zfill(13)
    number += ean.calc_check_digit(number)
    printed = numbers.printed_gtin(number)
    assert len(printed) in numbers.GTIN_LENGTHS
    assert numbers.gtin(printed) == number


def test_barcodes_are_made_with_their_check_digit() -> None:
    assert numbers.make_gtin("690123456789") == "6901234567892"
    with pytest.raises(ValueError, match="first 12 digits"):
        numbers.make_gtin("69012345678")


def test_wrong_gtins() -> None:
    assert numbers.gtin_error_code(numbers.gtin("6901234567890")) == "gtin_check_digit"
    assert numbers.gtin_error_code(numbers.gtin("690123")) == "gtin_shape"
    assert numbers.gtin_error_code("") == "gtin_shape"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    for normalise in (
        numbers.normalise,
        numbers.body_approval,
        numbers.gtin,
        numbers.hs_code,
        numbers.rule_number,
        numbers.trademark_number,
    ):
        assert normalise(normalise(text)) == normalise(text)


@needs_shared
def test_numbers_of_the_example_sheets() -> None:
    for row in sheet("green-products"):
        assert numbers.normalise(row["cert_no"]) == row["cert_no"]
    for row in sheet("bodies"):
        assert numbers.body_approval(row["approval_no"]) == row["approval_no"]


@pytest.mark.parametrize(
    ("written", "gtin", "code"),
    [
        ("96385074", "00000096385074", None),
        ("036000291452", "00036000291452", None),
        ("6901234567892", "06901234567892", None),
        ("16901234567899", "16901234567899", None),
        ("9638507", "9638507", "gtin_shape"),
        ("963850741", "963850741", "gtin_shape"),  # 9, 10, 11 and 15 figures are no barcode
        ("9638507412", "9638507412", "gtin_shape"),
        ("96385074123", "96385074123", "gtin_shape"),
        ("169012345678990", "169012345678990", "gtin_shape"),
        ("6901-2345 67892", "06901234567892", None),
        ("690123456789A", "690123456789A", "gtin_shape"),
        ("690123456789２", "06901234567892", None),
        ("١٢٣٤٥٦٧٨", "١٢٣٤٥٦٧٨", "gtin_shape"),  # figures of another script
    ],
)
def test_lengths_of_barcodes(written: str, gtin: str, code: str | None) -> None:
    assert numbers.gtin(written) == gtin
    assert numbers.gtin_error_code(gtin) == code


@pytest.mark.parametrize("wrong", ["69012345678", "6901234567890", "69012345678A", ""])
def test_barcodes_are_made_of_12_figures_only(wrong: str) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        numbers.make_gtin(wrong)


@pytest.mark.parametrize(
    ("number", "cma", "trademark", "hs"),
    [
        ("12345678901", False, False, False),
        ("123456789012", True, False, False),
        ("1234567890123", False, False, False),
        ("1", False, True, False),
        ("123456789", False, True, False),
        ("1234567890", False, False, True),
        ("123456789A", False, True, False),
        ("G12345", False, False, False),
        ("G123456", False, True, False),
        ("G1234567A", False, True, False),
        ("G12345678", False, False, False),
        ("1234", False, True, True),
        ("12345", False, True, False),
        ("123456789012A", False, False, False),
        ("", False, False, False),
    ],
)
def test_lengths_of_other_numbers(number: str, cma: bool, trademark: bool, hs: bool) -> None:
    assert numbers.is_cma_number(number) is cma
    assert numbers.is_trademark_number(number) is trademark
    assert numbers.is_hs_code(number) is hs


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("CNCA-CGP-04-2020 ", "CNCA-CGP-04-2020"),
        ("cnca cgp 13：2025", "CNCACGP13:2025"),
        ("规则 1", "规则 1"),
        ("abc 1", "abc 1"),
    ],
)
def test_numbers_of_rules(written: str, number: str) -> None:
    assert numbers.rule_number(written) == number


@pytest.mark.parametrize(
    ("written", "kept"),
    [("见 商标 注册证", "见 商标 注册证"), ("no. 5", "no. 5"), ("12 34", "1234"), ("第 12 号", "12")],
)
def test_what_is_no_number_of_a_trademark_stays_as_written(written: str, kept: str) -> None:
    assert numbers.trademark_number(written) == kept
