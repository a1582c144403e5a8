"""Invented records for demonstration: firms that do not exist, with valid check digits, and what they hold.

Deterministic: the same rows every day on every machine. Every state and every field of the core registers occurs;
names end in （演示） / (demo), certificate numbers begin with DEMO-, `demo` is set on every row.
"""

from __future__ import annotations

from collections.abc import Iterator

from registry.demonstration.brands import brands
from registry.demonstration.certificates import green_products
from registry.demonstration.declarations import declarations
from registry.demonstration.firms import BODIES, TITLES, Row, firms
from registry.demonstration.grades import grades


def organisations() -> Iterator[Row]:
    for number, firm in enumerate(firms()):
        yield {
            "uscc": firm.uscc,
            "name_zh": firm.zh,
            "name_en": firm.en,
            "en_source": "enterprise",
            "region_code": firm.region,
            "industry_code": firm.trade.industry,
            "founded_on": f"{1985 + number % 35}",
            "ownership": "private",
            "products": "、".join(zh for zh, _en in firm.trade.products),
            "demo": "true",
            "status": "deregistered" if number % 20 == 19 else "active",
        }


def standards() -> Iterator[Row]:
    """Standards that do not exist: every state and field of an edition."""
    facts: dict[str, Row] = {
        "T/DEMO 0001-2018": {
            "in_force_on": "2018-06-01",
            "withdrawn_on": "2024-03-01",
            "transition_until": "2024-08-31",
            "replaced_by": "T/DEMO 0001-2024",
            "remarks": "演示标准，并非真实标准。",
            "status": "superseded",
        },
        "T/DEMO 0001-2024": {
            "issued_on": "2024-01-05",
            "in_force_on": "2024-03-01",
            "replaces": "T/DEMO 0001-2018",
            "ics": "97.140",
            "ccs": "Y80",
            "adopts": "NEQ ISO 9001:2015",
            "status": "in_force",
        },
        "DB33/T 99991-2023": {"issued_on": "2023-03-01", "in_force_on": "2023-06-01", "status": "in_force"},
        "GB/Z 99991-2020": {"issued_on": "2020-03-01", "in_force_on": "2020-06-01", "status": "in_force"},
    }
    for number, more in facts.items():
        title_zh, title_en = TITLES[number]
        yield {
            "number": number,
            "title_zh": title_zh,
            "title_en": title_en,
            "en_source": "platform",
            **INVENTED_STANDARD,
            **more,
        }
    yield {
        "number": "T/DEMO 0002-2026",
        "title_zh": "演示产品包装要求（演示）",
        "issued_on": "2026-08-03",
        "in_force_on": "2027-06-01",
        **INVENTED_STANDARD,
        "status": "upcoming",
    }
    yield {
        "number": "T/DEMO 0003-2015",
        "title_zh": "演示产品运输要求（演示）",
        "in_force_on": "2015-06-01",
        "withdrawn_on": "2023-01-01",
        **INVENTED_STANDARD,
        "status": "withdrawn",
    }


INVENTED_STANDARD: Row = {"department": "演示标准化委员会", "demo": "true"}

# What a source says of itself, on the first sample of each register, so that it can be seen there.
SOURCE_FIELDS: Row = {
    "legal_basis": "演示依据（演示）",
    "source": "演示来源 Demonstration source",
    "source_url": "https://demo.example/",
    "source_date": "2024-05",
    "source_status": "演示",
}

ROWS = {
    "standards": standards,
    "organisations": organisations,
    "bodies": lambda: iter(BODIES),
    "brands": brands,
    "green-products": green_products,
    "grades": grades,
    "declarations": declarations,
}
