"""Signs that are taken for one another, and the numbers that may have been meant."""

from __future__ import annotations

import pytest

from registry.reference.identifiers import lookalikes


@pytest.mark.parametrize(
    ("sign", "twins", "skeleton"),
    [
        ("0", "0O", "0"), ("O", "O0", "0"), ("Q", "Q0O", "0"), ("1", "1IL", "1"), ("I", "I1L", "1"), ("L", "L1I", "1"),
        ("8", "8B", "8"), ("B", "B8", "8"), ("5", "5S", "5"), ("S", "S5", "5"), ("2", "2Z", "2"), ("Z", "Z2", "2"),
        ("A", "A", "A"), ("9", "9", "9"),
    ],
)  # fmt: skip
def test_twins_of_a_sign(sign: str, twins: str, skeleton: str) -> None:
    assert lookalikes.twins(sign) == twins
    assert lookalikes.skeleton(sign) == skeleton


@pytest.mark.parametrize(
    ("written", "keys"),
    [
        ("1S0 9001", ("1509001", "ISO9001", "IS09001", "LS09001", "1SO9001")),
        ("GB 1234", ("G81234", "GBI234", "GBL234")),
        ("S", ("5",)),
        ("5D", ("SD",)),
        ("SD", ("5D",)),
        ("О12", ("O12", "012", "OIZ", "OI2", "OL2")),  # the Cyrillic letter
        ("C0C", ("COC",)),
        ("CCC-0I", ("CCC01", "CCC0L", "CCCOI")),
        ("A5B", ("ASB", "A58")),
        # A part that ends with a figure and begins with what looks like one is a number, others are words.
        ("BOX SAO9", ("BOX5A09", "BOXSA09", "80X5A09", "8OXSAO9", "B0XSAO9", "BOX5AO9")),
        ("BOX IAXS", ("80X1AX5", "8OXIAXS", "B0XIAXS", "BOX1AXS", "BOXLAXS", "BOXIAX5")),
        ("BOX AAO9", ("BOXAA09", "80XAA09", "8OXAAO9", "B0XAAO9")),
        ("ACE", ()),  # nothing doubtful in it
        ("国S1", ()),
        ("1" * lookalikes.MAX_LENGTH, ()),  # figures among figures are not doubted
    ],
)
def test_numbers_that_may_have_been_meant(written: str, keys: tuple[str, ...]) -> None:
    assert lookalikes.confused_keys(written) == keys


def test_the_longest_number_still_has_keys_and_never_too_many() -> None:
    keys = lookalikes.confused_keys("B" * lookalikes.MAX_LENGTH)
    assert len(keys) == lookalikes.MAX_KEYS
    assert keys[0] == "8" * lookalikes.MAX_LENGTH
    assert lookalikes.confused_keys("B" * (lookalikes.MAX_LENGTH + 1)) == ()
    # Signs that are no part of a number do not count.
    assert lookalikes.confused_keys("-".join("B" * lookalikes.MAX_LENGTH))
