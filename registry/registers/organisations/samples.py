"""Organisations that exercise every field: a real one with public facts only, and an invented foreign one."""

from __future__ import annotations

SAMPLES = (
    {
        "uscc": "91110000101461180X",
        "name_zh": "中国北京同仁堂(集团)有限责任公司",
        "region_code": "110000",
        "industry_code": "C27",
        "status": "active",
    },
    {
        "country": "DE",
        "foreign_reg_no": "HRB 000001",
        "name_zh": "示例家具有限公司（演示）",
        "name_en": "Beispielmöbel GmbH (demo)",
        "short_name_zh": "示例家具",
        "former_names": [
            {
                "name_zh": "示例木器厂（演示）",
                "name_en": "Beispiel-Tischlerei (demo)",
                "used_from": "1999-05",
                "used_until": "2008",
                "replaced_on": "2024-05-20",
            }
        ],
        "address": "Musterstraße 1, Musterstadt",
        "founded_on": "1999-05",
        "ownership": "private",
        "scope": "家具的设计、制造和销售。",
        "products": "实木餐桌、书柜",
        "demo": "true",
        "status": "active",
    },
    {
        "country": "FR",
        "foreign_reg_no": "RCS 000002",
        "name_zh": "示例灯具公司（演示）",
        "name_en": "Lampes Exemple SARL (demo)",
        "founded_on": "2001",
        "deregistered_on": "2024-03-03",
        "demo": "true",
        "status": "deregistered",
    },
)
