"""Products: records of one register side by side, and all that registers have on record about one product.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

from registry.services.products.comparison_sheet import comparison_csv
from registry.services.products.product_page import find_product_by_barcode, find_product_by_model
from registry.services.products.side_by_side import (
    MAX_ASKED,
    MAX_COMPARED,
    MAX_NUMBER_LENGTH,
    compare_records,
)
from registry.services.products.views import SideBySideView

__all__ = [
    "MAX_ASKED",
    "MAX_COMPARED",
    "MAX_NUMBER_LENGTH",
    "SideBySideView",
    "compare_records",
    "comparison_csv",
    "find_product_by_barcode",
    "find_product_by_model",
]
