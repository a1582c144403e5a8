"""Invented standards, so that every state and field of an edition can be seen; and sheets of real ones."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from registry.kit.demonstration import Demonstration, InventedWorld, Row, SourceSheet

DATA_DIR = Path(__file__).parent / "demonstration_data"
INVENTED_STANDARD: Row = {"department": "演示标准化委员会", "demo": "true"}


def standards(world: InventedWorld) -> Iterator[Row]:
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
            "product_categories": "0701|0708",
            "indicators": [
                {
                    "name_zh": "含水率",
                    "name_en": "Moisture content",
                    "operator": "in",
                    "value": 8,
                    "value_to": 12,
                    "unit": "%",
                    "force": "voluntary",
                    "clause": "5.2",
                }
            ],
            "status": "in_force",
        },
        "DB33/T 99991-2023": {"issued_on": "2023-03-01", "in_force_on": "2023-06-01", "status": "in_force"},
        "GB/Z 99991-2020": {"issued_on": "2020-03-01", "in_force_on": "2020-06-01", "status": "in_force"},
        "GB/T 99992-2021": {"issued_on": "2021-03-01", "in_force_on": "2021-10-01", "status": "in_force"},
    }
    facts |= {
        number: {"issued_on": "2022-03-01", "in_force_on": "2022-06-01", "status": "in_force"}
        for number in world.standard_titles
        if number.startswith("T/DEMO 001")
    }
    for number, more in facts.items():
        title_zh, title_en = world.standard_titles[number]
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
        "legal_basis": "演示公告 2022 年第 1 号",
        "status": "withdrawn",
    }


DEMONSTRATION = Demonstration(
    rows=standards,
    known_from="issued_on",
    sheets=(
        SourceSheet(DATA_DIR / "standards_named.csv"),
        SourceSheet(DATA_DIR / "standards_gmt_filenames.csv", mapping="standards_gmt_filenames"),
    ),
)
