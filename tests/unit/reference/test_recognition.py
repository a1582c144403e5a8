"""What a text may name, before any store is asked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.reference.identifiers import number_families
from registry.reference.identifiers.lookalikes import MAX_KEYS, confused_keys
from registry.reference.identifiers.recognition import (
    MAX_LENGTH,
    MAX_READINGS,
    RecognisedText,
    recognise,
    stored_keys,
)
from registry.reference.text.folding import fold_number

PREFIXES = frozenset({"GP", "TB", "SD", "QG"})


def recognised(text: str) -> RecognisedText:
    return recognise(text, PREFIXES)


def first(text: str) -> tuple[str, str]:
    reading = recognised(text).first
    return (reading.kind, reading.number) if reading else ("", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("GP-2023-999999-B", ("own", "GP-2023-999999-B")),
        ("gp2023999999b", ("own", "GP-2023-999999-B")),
        ("XX-2023-999999-B", ("other", "XX-2023-999999-B")),  # another scheme's number may have the same form
        ("96385074", ("barcode", "00000096385074")),
        ("036000291452", ("barcode", "00036000291452")),
        ("230020349767", ("family", "230020349767")),  # twelve figures without a check digit: a testing body
        ("MAXQ0001-9", ("organisation_code", "MAXQ0001-9")),
        ("MAXQ0001-8", ("other", "MAXQ0001-8")),
        ("GB/T 7714-2015/ISO 690:2010", ("standard", "GB/T 7714-2015")),
        ("ISO 690:2021(E)", ("standard", "ISO 690:2021")),
        ("ASTM D4236-94(2021)", ("standard", "ASTM D4236-94(2021)")),
        ("jis a1460:2015", ("standard", "JIS A 1460:2015")),
        ("DIN EN ISO 9001:2015-11", ("standard", "DIN EN ISO 9001:2015-11")),
        ("BS EN 71-3:2019+A1:2021", ("standard", "BS EN 71-3:2019+A1:2021")),
        ("CODEX STAN 1-1985", ("standard", "CODEX STAN 1-1985")),
        ("UL 94", ("standard", "UL 94")),
        ("BS2082", ("other", "BS2082")),  # a model
        ("hs 9403 furniture", ("other", "HS 9403 FURNITURE")),
        ("床垫", ("other", "床垫")),
        ("", ("", "")),
        ("。", ("", "")),
    ],
)
def test_the_most_certain_reading(text: str, expected: tuple[str, str]) -> None:
    assert first(text) == expected


@pytest.mark.parametrize(
    ("text", "number", "is_wrong"),
    [
        ("5D-2026-998877-Q", "SD-2026-998877-Q", False),
        ("GP-2O23-999999-C", "GP-2023-999999-C", True),
        ("69999OOOO8886", "06999900008886", True),
    ],
)
def test_a_number_with_letters_for_figures_is_read_as_meant_and_shown_as_typed(
    text: str, number: str, is_wrong: bool
) -> None:
    reading = recognised(text).first
    assert reading is not None
    assert (reading.number, reading.is_wrong, reading.shown) == (number, is_wrong, text)


def test_keys_of_like_numbers_are_few_and_never_the_number_itself() -> None:
    for text in ("B8S5Z2O0I1L" * 3, "DEMO-CGP-2026-200888", "床垫2008B8", "B" * 41):
        keys = confused_keys(text)
        assert len(keys) <= MAX_KEYS
        assert fold_number(text) not in keys
    assert confused_keys("床垫2008B8") == confused_keys("B" * 41) == ()


@pytest.mark.parametrize(
    ("text", "is_about_number"),
    [
        ("69999000008886 床垫", True),
        ("XYZ-2031-77-A 实木餐桌", True),
        ("GB/T 99998-2031 绿色产品评价", True),
        ("编号 京ICP备12345678号-1", True),
        ("国药准字Z10900001 感冒药", True),
        ("MDRT663FGF", True),
        ("美的MDRT663FGF", False),
        ("iphone15 pro max", False),
        ("furniture makers 2024001", False),
        ("hello", False),
    ],
)
def test_words_with_figures_are_not_about_a_number(text: str, is_about_number: bool) -> None:
    assert recognised(text).is_about_number is is_about_number


@pytest.mark.parametrize(
    ("text", "is_number_only"),
    [
        ("证书编号：DEMO-CGP-2026-200888。", True),
        ("DEMO CGP 2026 200888", True),
        ("GB/T 35607-2024", True),
        ("GB/T 35607-2024 家具", False),
        ("NAFU-988床垫", False),
        ("美的MDRT663FGF", False),
        ("furniture makers 2024001", False),
        ("hello", False),
    ],
)
def test_a_number_alone_is_told_from_a_number_among_words(text: str, is_number_only: bool) -> None:
    assert recognised(text).is_number_only is is_number_only


@pytest.mark.parametrize(
    ("text", "is_guess"),
    [("310000", True), ("230020349767", True), ("商标注册号：98765432", False), ("SC10144030500001", False)],
)
def test_figures_that_may_be_many_things_are_a_guess(text: str, is_guess: bool) -> None:
    reading = recognised(text).first
    assert reading is not None
    assert reading.is_guess is is_guess
    assert reading.is_sure is not is_guess


def test_years_in_two_and_four_figures_have_each_other_s_key() -> None:
    short, long = recognised("GB 3100-93").first, recognised("GB 3100-1993").first
    assert short is not None
    assert long is not None
    assert {"GB310093", "GB31001993"} <= set(short.keys) & set(long.keys)
    modern = recognised("GB/T 35607-2024").first
    assert modern is not None
    assert modern.keys == ("GBT356072024",)  # nobody wrote 24 for 2024


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("DEMO-CGP-2026-2OO888", "DEMOCGP2026200888"),
        ("DEMO-CGP-2026-20O888", "DEMOCGP2026200888"),
        ("DEM0-CGP-2026-200888", "DEMOCGP2026200888"),
        ("DEMOCGP20262OO888", "DEMOCGP2026200888"),
        ("DЕMO-CGP-2026-200888", "DEMOCGP2026200888"),  # a Cyrillic letter
        ("9144O6OOMAXDOO551T", "914406" + "00MAXD00551T"),
        ("91440600MAXD00SS1T", "91440600MAXD00551T"),
        ("DEMO-CGP-2026-2008B8", "DEMOCGP2026200888"),
        ("DEMO-CGP-Z0Z6-Z00BBB", "DEMOCGP2026200888"),
        ("69999OOOO8886", "06999900008886"),
        ("5D-2026-998877-Q", "SD2026998877Q"),
        ("GP-2O23-999999-B", "GP2023999999B"),
        ("GP-2023-999999-8", "GP2023999999B"),
        ("GB/T 3S607-2O24", "GBT356072024"),
        ("G8/T 35607-2024", "GBT356072024"),
        ("1S0 9001:2015", "ISO90012015"),
        ("GB 35607-2024", "GBT356072024"),
        ("GB/T 35607-2024", "GBZ356072024"),
        ("GB/T 35607-2025", "GBT35607"),  # its other editions
        ("QB/T 1951.1-2010", "QB1951.12010"),
        ("16999900008883", "06999900008886"),  # a case of the item
    ],
)
def test_what_is_easily_confused(text: str, near: str) -> None:
    assert near in {key for reading in recognised(text).readings for key in reading.near}


def test_keys_under_which_a_number_is_stored() -> None:
    assert list(stored_keys("91440600MAXD00551T")) == ["91440600MAXD00551T", "MAXD00551"]
    assert list(stored_keys("Q/NAFU 015-2025")) == ["QNAFU0152025", "QNAFU015"]
    assert list(stored_keys("GB/T 35607")) == ["GBT35607"]
    assert list(stored_keys("06999900008886")) == ["06999900008886"]
    assert list(stored_keys(" - ")) == []


@pytest.mark.parametrize(
    ("label", "family"),
    [
        ("商标注册号：", "trademark"), ("CCC 证书编号：", "ccc"), ("有机码", "organic_code"), ("编号：", None), ("", None),
    ],
)  # fmt: skip
def test_the_family_that_a_label_names(label: str, family: str | None) -> None:
    named = number_families.family_by_words(label)
    assert (named.code if named else None) == family


@pytest.mark.parametrize(
    "number",
    [
        "GB/T 35607-2024",
        "GP-2023-999999-B",
        "CQC24001234567",
        "6901234567892",
        "SC10133010200123",
        "（01）06901234567892",
    ],
)
def test_of_a_number_that_the_end_of_the_text_divides_nothing_is_read(number: str) -> None:
    """What is left of it would be another number: a barcode of 8 figures out of one of 13."""
    whole = {fold_number(reading.number) for reading in recognised(number).readings}
    for left in range(len(number) + 1):
        before = "家" * (MAX_LENGTH - left)
        readings = recognised(f"{before}{number}具").readings
        assert {fold_number(each.number) for each in readings if "家" not in each.number} <= whole


def test_a_long_address_names_its_record_although_its_query_is_cut() -> None:
    address = "https://example.org/r/GP-2023-999999-B?from=" + "a" * MAX_LENGTH
    assert first(address) == ("own", "GP-2023-999999-B")
    link = "https://example.org/" + "a" * (MAX_LENGTH - 32) + "/01/06901234567892"
    assert len(link) == MAX_LENGTH + 6
    assert recognised(link).readings == ()  # eight digits of fourteen


@given(st.text(max_size=3 * MAX_LENGTH))
def test_no_text_fails(text: str) -> None:
    readings = recognised(text).readings
    assert len(readings) <= MAX_READINGS
    assert all(len(key) <= MAX_LENGTH for reading in readings for key in (*reading.keys, *reading.near))


@given(
    st.from_regex(r"\A(?:[A-Z]{1,4}[-/ ]){1,4}[0-9]{1,12}(?:[-:.][0-9]{1,4}){0,3}\Z"),
    st.sampled_from("。.)>」 \n"),
)
def test_closing_signs_change_nothing(number: str, sign: str) -> None:
    plain, closed = recognised(number).first, recognised(number + sign).first
    assert (plain is None) is (closed is None)
    if plain is not None and closed is not None and plain.kind != "other":
        assert (closed.kind, closed.number) == (plain.kind, plain.number)


def test_no_form_repeats_inside_a_repetition() -> None:
    """Such a pattern may take for ever (ReDoS)."""
    nested = re.compile(r"[+*}]\)[+*{]")
    assert [each.code for each in number_families.FAMILIES if nested.search(each.form)] == []


def test_every_family_has_both_names_and_a_form_or_words() -> None:
    codes = [each.code for each in (*number_families.FAMILIES, *number_families.KEPT_IN_PART)]
    assert len(codes) == len(set(codes))
    for each in number_families.FAMILIES:
        assert each.name_zh
        assert each.name_en
        assert each.form or each.words
        assert each.look_up.startswith(("http://", "https://")) or each.code == "demo"


@pytest.mark.parametrize(
    ("text", "is_number", "names_editions"),
    [
        ("ABCDEF", False, False),  # words that a record may have as its number all the same
        ("XYZ-2031-77", True, False),
        ("6901234567892", True, False),
        ("GB/T 35607", True, True),
        ("GB/T 35607-2024", True, False),
    ],
)
def test_what_a_reading_is(text: str, *, is_number: bool, names_editions: bool) -> None:
    reading = recognised(text).first
    assert reading is not None
    assert (reading.is_number, reading.names_editions) == (is_number, names_editions)


def test_a_number_is_read_behind_its_label_and_as_it_is_written() -> None:
    readings = recognised("编号：XYZ-2031-77").readings
    assert [(each.number, each.keys) for each in readings] == [
        ("XYZ-2031-77", ("XYZ203177",)),
        ("XYZ-2031-77", ("编号XYZ203177",)),
    ]
    assert first("SC: 10133010200123") == ("family", "SC 10133010200123")  # no label, but its own beginning
    assert first("第1234567号") == ("family", "第1234567号")
    assert recognised("第1234567号").readings[0].keys == ("第1234567号", "1234567")
    assert recognised("CQC24001234567").readings[0].keys == ("CQC24001234567",)


def test_of_several_numbers_side_by_side_each_is_read() -> None:
    numbers = [each.number for each in recognised("看 ABC1234567 CQC24001234567 说明").readings]
    assert numbers[0] == "CQC24001234567"
    assert {"ABC1234567 CQC24001234567", "ABC1234567"} < set(numbers)
    assert recognised("见XYZ-2031-77 说明").readings[-1].number == "XYZ-2031-77"


def test_nine_figures_are_an_organisation_code_with_its_hyphen_only() -> None:
    assert first("10001461-0") == ("organisation_code", "10001461-0")
    assert first("100014610") == ("family", "100014610")  # may be a trademark's
    assert first("10001461-1")[0] != "organisation_code"  # the check digit


@pytest.mark.parametrize(
    ("text", "number", "is_wrong"),
    [
        ("6901234567890", "06901234567890", True),  # 13 figures are a barcode
        ("06901234567893", "06901234567893", True),  # 14 with a nought before them are 13
        ("16901234567899", "16901234567899", False),
        ("16901234567890", None, False),  # other figures where the check digit fits
        ("036000291453", None, False),
        ("96385075", None, False),
        ("条码 96385075", "00000096385075", True),  # or where a word says so
        ("条码 036000291453", "00036000291453", True),
        ("69O1234567892", "06901234567892", True),
        ("9638S074", None, False),
        ("条码 9638S074", "00000096385074", True),
        ("69O1Z3456789Z", "06901234567892", True),
        ("6GO12E4SG7B9Z", None, False),
        ("(01)06901234567893", "06901234567893", True),
        ("(01)16901234567890", "16901234567890", True),
        ("01069012345678921012", "06901234567892", False),
        ("]C10106901234567892", "06901234567892", False),
        ("0106901234567893", None, False),  # a scanner reads no wrong ones
    ],
)
def test_which_figures_are_a_barcode(text: str, number: str | None, *, is_wrong: bool) -> None:
    reading = recognised(text).first
    assert reading is not None
    assert (reading.number if reading.kind == "barcode" else None) == number
    assert reading.is_wrong is is_wrong


def test_a_case_of_goods_is_near_the_item_in_it() -> None:
    assert [recognised(text).readings[0].near for text in ("16901234567899", "06901234567892", "6901234567890")] == [
        ("06901234567892",), (), (),
    ]  # fmt: skip
    assert recognised("条码 16901234567890").readings[0].near == ()


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("see QB/T 1951.1 and more", ["QB/T 1951.1"]),
        ("see QB 1951 and more", []),  # without its year it may be a model
        ("see QB 1951-1994 and more", ["QB 1951-1994"]),
        ("see GB 18580 and more", ["GB 18580"]),
        ("see as 9 and hs 9403 as well", []),
    ],
)
def test_standards_in_running_text(text: str, numbers: list[str]) -> None:
    assert [each.number for each in recognised(text).readings if each.kind == "standard"] == numbers


def test_short_words_do_not_hide_a_number_behind_them() -> None:
    numbers = [each.number for each in recognised("家具 a1 b2 c3 d4 e5 furniture XYZ-2031-77 说明").readings]
    assert "XYZ-2031-77" in numbers
    numbers = [each.number for each in recognised("a1，b2，c3，d4，e5，furniture，家具XYZ-2031-77").readings]
    assert "XYZ-2031-77" in numbers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("NO.GB/T 35607", ("standard", "GB/T 35607")),  # no address
        ("example.org/r/GP-2023-999999-B", ("own", "GP-2023-999999-B")),
        ("https://example.org/r/GP-2023-999999-B and more", ("own", "GP-2023-999999-B")),
        ("https://example.org/r/GP-2023%20999999-B", ("own", "GP-2023-999999-B")),
        ("https://example.org/zh/things/GB-T-35607", ("standard", "GB/T 35607")),
        ("/r/GP-2023-999999-B", ("own", "GP-2023-999999-B")),
        ("https://example.org/p/XYZ-2031-77", ("other", "XYZ-2031-77")),
        ("/p/XYZ-2031-77", ("other", "P/XYZ-2031-77")),  # no address that is known
        ("XYZ/r/GP-2023-999999-B", ("other", "XYZ/R/GP-2023-999999-B")),
    ],
)
def test_numbers_in_addresses(text: str, expected: tuple[str, str]) -> None:
    assert first(text) == expected
    assert recognised(text).is_number_only


@pytest.mark.parametrize(
    ("text", "near", "is_wrong"),
    [
        ("91110000101461180X", (), False),
        ("911100001014611801", (), True),  # another check digit
        ("9111OOO0101461180X", ("91110000101461180X",), True),  # letters that it cannot have
    ],
)
def test_credit_codes_and_what_they_may_be_meant_for(
    text: str, near: tuple[str, ...], *, is_wrong: bool
) -> None:
    reading = recognised(text).first
    assert reading is not None
    assert (reading.kind, reading.near, reading.is_wrong) == ("credit_code", near, is_wrong)


def test_eighteen_other_signs_are_no_credit_code() -> None:
    assert first("MODEL7VARIANT3GREEN"[:18])[0] == "other"


def test_numbers_are_read_in_their_order_and_without_labels() -> None:
    readings = recognised("见GB 1-2020，CQC24001234567，GB 2-2020。").readings
    assert [each.number for each in readings[:3]] == ["GB 1-2020", "CQC24001234567", "GB 2-2020"]
    assert "XYZ-2031-77" in [each.number for each in recognised("家具 type:XYZ-2031-77 说明").readings]
    assert first("证书编号DEMO-CGP-2026-200888") == ("family", "DEMO-CGP-2026-200888")
    assert first("国药准字Z10900001") == ("family", "国药准字Z10900001")  # these words are a part of it


def test_a_label_names_the_family_of_what_may_be_many_things() -> None:
    assert first("商标注册号：6901234567892")[0] == "barcode"  # the check digit says more
    assert recognised("商标注册号：6901234567890").readings[0].family == "trademark"
    assert recognised("商标注册号：XYZ-2031-77").readings[0].family == "trademark"
    assert first("商标注册号：GP-2023-999999-B")[0] == "own"
