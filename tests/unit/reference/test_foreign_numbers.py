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
