"""Numbers of organisations abroad, and the field that takes them beside credit codes."""

from __future__ import annotations

import pytest

from registry.kit import fields as f
from registry.kit.kinds import NormalisedText
from registry.kit.schema import RecordSchema
from registry.reference.identifiers import foreign_numbers


class HolderSchema(RecordSchema):
    holder: NormalisedText = f.organisation_number("Holder")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("F-DE-HRB12345", "F-DE-HRB12345"),
        ("f-de-hrb12345", "F-DE-HRB12345"),
        ("Ｆ－ＤＥ－ＨＲＢ１２３４５", "F-DE-HRB12345"),
        (" F – DE – HRB 12345 ", "F-DE-HRB 12345"),
        ("F-HK-12345678", "F-HK-12345678"),
        ("91330100MAWY010175", ""),
        ("FDEHRB12345", ""),
        ("", ""),
    ],
)
def test_spellings(written: str, number: str) -> None:
    assert foreign_numbers.normalise(written) == number


@pytest.mark.parametrize("number", ["F-CN-1", "F-DE-", "F-DE-../x", "F-D-1", "F-DE"])
def test_what_is_no_number_of_an_organisation_abroad(number: str) -> None:
    assert not foreign_numbers.is_well_formed(number)


@pytest.mark.parametrize(
    ("written", "value", "codes"),
    [
        ("f-de-HRB12345", "F-DE-HRB12345", []),
        ("91330100MAWY010175", "91330100MAWY010175", []),
        ("F-XX-1", "F-XX-1", ["country_unknown"]),
        ("F-CN-1", "F-CN-1", ["foreign_number_shape"]),
        ("91330100MAWY010176", None, ["credit_code_check_digit"]),
    ],
)
def test_a_holder_by_either_number(written: str, value: str | None, codes: list[str]) -> None:
    loaded = HolderSchema.load_values({"holder": written}, complete=True)
    assert loaded.values.get("holder") == value
    assert [issue.code for issue in loaded.issues] == codes


@pytest.mark.parametrize(
    ("country", "written", "number"),
    [
        ("GB", "1", "00000001"),
        ("GB", "12345678", "12345678"),  # as long as it may be
        ("GB", "123456789", "123456789"),  # one more
        ("GB", "SC12345", "SC012345"),
        ("GB", "SC123456", "SC123456"),
        ("GB", "SC1234567", "SC1234567"),
        ("GB", "gb1", "00000001"),  # the country's own letters are none of the number
        ("FR", "FR123456789", "123456789"),
        ("FR", "AB12345", "AB12345"),  # letters where the register has none
        ("BE", "0403.170.701", "0403170701"),
        ("BE", "403170701", "0403170701"),
        ("CZ", "123-456", "00123456"),
        ("HK", "12345", "0012345"),
        ("DE", "HRB 00123", "HRB 123"),
        ("DE", "HRB 10023", "HRB 10023"),  # zeros within stay
        ("DE", "HRB 000", "HRB 0"),  # the last one too
        ("US", "00123", "00123"),  # of which nothing is known
    ],
)
def test_zeros_before_a_number_are_as_its_register_writes_them(
    country: str, written: str, number: str
) -> None:
    assert foreign_numbers.registration_number(country, written) == number
    assert foreign_numbers.registration_number(country, number) == number


@pytest.mark.parametrize(
    ("written", "number", "well_formed", "known"),
    [
        ("F-Germany-HRB 1", "F-DE-HRB 1", True, True),
        ("F-英国-123", "F-GB-00000123", True, True),
        ("F-us-a  b", "F-US-A B", True, True),
        ("F-DE", "F-DE", False, True),
        ("F--1", "F--1", False, False),
        ("X F-GB-1", "", False, False),
        ("F-DE-" + "A" * 42, "F-DE-" + "A" * 42, True, True),  # the longest
        ("F-DE-" + "A" * 43, "F-DE-" + "A" * 43, False, True),
        ("F-DE-A.", "F-DE-A.", False, True),  # a sign at the end
        ("F-CA-A", "F-CA-A", True, True),  # near to CN
    ],
)
def test_shapes_of_numbers(written: str, number: str, well_formed: bool, known: bool) -> None:
    assert foreign_numbers.normalise(written) == number
    assert foreign_numbers.is_well_formed(number) is well_formed
    assert foreign_numbers.has_known_country(number) is known
