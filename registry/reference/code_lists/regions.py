"""Regions: GB/T 2260 codes, their names in both languages, and the way from names as written to codes.

The list and its labels are in `region_list`, the finding in `region_names`; callers use this module.
"""

from __future__ import annotations

from registry.reference.code_lists.region_list import (
    NATIONAL,
    Level,
    Region,
    all_regions,
    ancestors,
    children,
    en_is_official,
    label,
    province_of,
    provinces,
    region,
    region_path,
    short_label,
)
from registry.reference.code_lists.region_names import find_code, find_code_in_address, short_form

__all__ = [
    "NATIONAL",
    "Level",
    "Region",
    "all_regions",
    "ancestors",
    "children",
    "en_is_official",
    "find_code",
    "find_code_in_address",
    "label",
    "province_of",
    "provinces",
    "region",
    "region_path",
    "short_form",
    "short_label",
]
