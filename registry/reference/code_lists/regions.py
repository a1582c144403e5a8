"""Regions: GB/T 2260 codes, their names in both languages, and the codes of names as sources write them.

Callers use this module; the list is in `region_list`, the look-up by name in `region_names`.
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
from registry.reference.code_lists.region_names import (
    find_code,
    find_code_in_address,
    is_region_name,
    short_form,
)

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
    "is_region_name",
    "label",
    "province_of",
    "provinces",
    "region",
    "region_path",
    "short_form",
    "short_label",
]
