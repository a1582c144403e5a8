"""Invented entries that exercise every field and state."""

from __future__ import annotations

SAMPLES = (
    {
        "kind": "product",
        "product_name_zh": "无霜冷藏冷冻箱（演示）",
        "product_name_en": "Frost-free fridge-freezer (demo)",
        "models": ["DEMO-500", "DEMO-520W"],
        "category_zh": "家用电冰箱",
        "holder_name_zh": "青屿家电（演示）有限公司",
        "holder_name_en": "Qingyu Appliances (demo) Ltd",
        "holder_uscc": "91110100MADEM01XXB",
        "region_code": "110000",
        "standards": ["T/CAGP 0003-2016", "T/CAB 0003-2016"],
        "highlights_zh": "采用环保制冷剂，可再生利用率不低于 73%（演示）",
        "recommended_by": "北京市经济和信息化局（演示）",
        "batch": "5",
        "listed_on": "2020-10-16",
        "demo": "true",
        "status": "listed",
    },
    {
        "kind": "factory",
        "holder_name_zh": "云杉板材（演示）有限公司",
        "holder_name_en": "Yunshan Boards (demo) Ltd",
        "region_code": "330100",
        "industry_zh": "建材",
        "assessor_zh": "南桥评价（演示）中心",
        "batch": "2021",
        "listed_on": "2022-01-15",
        "removed_on": "2024-05-06",
        "removal_reason_zh": "停产（演示）",
        "legal_basis": "演示决定〔2024〕5号（演示）",
        "demo": "true",
        "status": "removed",
    },
)
