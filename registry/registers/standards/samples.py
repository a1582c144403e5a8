"""Editions that exercise every field, with facts of public announcements."""

from __future__ import annotations

SAMPLES = (
    {
        "number": "GB/T 35607-2024",
        "title_zh": "绿色产品评价 家具",
        "title_en": "Green product assessment—Furniture",
        "kind": "national_voluntary",
        "ics": "97.140",
        "ccs": "Y80",
        "in_force_on": "2025-01-01",
        "replaces": "GB/T 35607-2017",
        "product_categories": ["0701"],
        "indicators": [
            {
                "name_zh": "示例指标",
                "name_en": "Sample indicator",
                "operator": "<=",
                "value": 1,
                "unit": "mg/m³",
                "force": "voluntary",
                "clause": "4.1",
            }
        ],
        "status": "in_force",
    },
    {
        "number": "GB/T 35607-2017",
        "title_zh": "绿色产品评价 家具",
        "issued_on": "2017-12-08",
        "withdrawn_on": "2025-01-01",
        "transition_until": "2025-12-31",
        "replaced_by": "GB/T 35607-2024",
        "remarks": "2025年1月1日起由 GB/T 35607-2024 代替。",
        "status": "superseded",
    },
    {
        "number": "GB/T 4754-2017",
        "title_zh": "国民经济行业分类",
        "adopts": "ISIC Rev.4 NEQ",
        "department": "国家统计局",
        "status": "in_force",
    },
)
