"""Bounds of roles: on whose records an account may act, and which region a reviewer may be given.

What a bound is held against, the record and the account, is fetched by `services.people.deciding_rights`.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping

from registry.reference.code_lists import regions
from registry.reference.code_lists.regions import Level


class Bound(enum.Enum):
    """On which records a role may make the transitions that the life cycles give it. The values name it in documents."""

    NONE = "none"  # on no record
    HOLDER = "holder"  # on those held by an organisation for which the account files
    ISSUER = "issuer"  # on those issued by a body for which the account acts, while it is approved, within its scope
    REGION = "region"  # on those of the region of the account
    DRAWN = "drawn"  # on those for whose random check the account was drawn as inspector, until the result is public
    ALL = "all"


BOUND_OF: Mapping[str, Bound] = {
    "visitor": Bound.NONE,
    "enterprise": Bound.HOLDER,
    "body": Bound.ISSUER,
    "reviewer_county": Bound.REGION,
    "reviewer_city": Bound.REGION,
    "reviewer_province": Bound.REGION,
    "reviewer_national": Bound.ALL,
    "publisher": Bound.ALL,
    "inspector": Bound.DRAWN,
    "auditor": Bound.NONE,
    "admin": Bound.NONE,
    "registrar": Bound.ALL,
    "system": Bound.ALL,
}
LEVELS_OF_ROLE: Mapping[str, tuple[Level, ...]] = {
    "reviewer_county": ("county", "zone"),
    "reviewer_city": ("prefecture",),
    "reviewer_province": ("province",),
}
# How many digits of a code name a division of this level (GB/T 2260, 4.1): PP, PPCC, PPCCDD.
DIGITS_OF_LEVEL: Mapping[Level, int] = {"province": 2, "prefecture": 4, "county": 6, "zone": 6}


def takes_region(role: str) -> bool:
    """Return True if an account of this role is bounded by a region."""
    return role in LEVELS_OF_ROLE


def fits_role(code: str, role: str) -> bool:
    """Return True if the code is that of a division in force, of the level of the role."""
    found = regions.region(code)
    return found is not None and not found.abolished and found.level in LEVELS_OF_ROLE.get(role, ())


def covers_region(bound: str, code: str) -> bool:
    """Return True if a division covers another or is the same: 330000 and 330400 cover 330482. False for "" and unknown bounds.

    A code that was given away since is still covered by the division above it, as old records have it.
    """
    prefix = prefix_of(bound)
    return bool(prefix) and len(code) == 6 and code.startswith(prefix)


def prefix_of(bound: str) -> str:
    """Return the digits with which the codes of all regions within a division begin; "" for an unknown one."""
    division = regions.region(bound)
    return bound[: DIGITS_OF_LEVEL.get(division.level, 0)] if division else ""
