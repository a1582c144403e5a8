"""Invented brands, so that every state of a title, every ground of removal and every field can be seen."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

from registry.kit.demonstration import (
    DECIDED_ON,
    Demonstration,
    InventedWorld,
    Row,
    SourceSheet,
    cycle_codes,
    cycle_states,
    without_empty,
)
from registry.reference.identifiers import credit_codes
from registry.reference.text import romanise
from registry.registers.brands import schema
from registry.registers.brands.life_cycle import LIFE_CYCLE

DATA_DIR = Path(__file__).parent / "demonstration_data"
BRANDS = 98
ENDINGS = "记坊斋堂楼号园"
REVIEWS: dict[str, Row] = {
    "listed": {"year": 2024, "result": "pass"},
    "rectifying": {"year": 2026, "result": "conditional", "deadline": "2027-02-28"},
    "suspended": {"year": 2024, "result": "pass"},
    "removed": {"year": 2026, "result": "fail"},
}
HELD_SINCE = 1998  # the holders, or since a year after they were founded
REASONS_OF_MARKS = ("trademark_lost", "deregistered", "bankrupt", "closed")  # whose trademarks ended too
OF_THE_BRAND = (
    "brand_name_zh",
    "brand_name_en",
    "pinyin",
    "holder_name_zh",
    "holder_name_en",
    "holder_uscc",
    "region_code",
    "founded_year",
    "founded_raw",
    "founded_era",
    "founded_place",
    "business_since",
    "industry_code",
    "category",
    "products",
    "holder_from",
    "former_holders",
)
DECIDED_STATES = ("rectifying", "suspended", "removed")


def brands(world: InventedWorld) -> Iterator[Row]:
    state_of = cycle_states(LIFE_CYCLE)
    reasons, rights = cycle_codes(schema.REMOVAL_REASONS), cycle_codes(schema.RIGHTS)
    ended = cycle(each for each in world.brand_firms if each.firm.ended_on)
    levels, kinds = cycle_codes(schema.HERITAGE_LEVELS), cycle_codes(schema.EVIDENCE)
    before: Row = {}
    for number, planned in zip(range(BRANDS), cycle(world.brand_firms), strict=False):
        state, founded, right = next(state_of), 1880 + number % 70, next(rights)
        reason = next(reasons) if state == "removed" else ""
        holder = planned
        if reason == "deregistered":
            holder = next(ended)
        elif planned.firm.ended_on and state not in ("listed", "rejected"):
            holder = world.brand_firms[number % len(world.brand_firms) - 1]
        category, firm = holder
        held = max(HELD_SINCE, 1986 + world.brand_firms.index(holder) % 20)
        core, english = world.name_cores[number % len(world.name_cores)]
        name = f"演示·{core}{ENDINGS[number // len(world.name_cores)]}"
        proposed = state in ("publicity", "publicity_hold", "rejected")
        recognised = "" if proposed else f"{2010 + number % 10}-06-01"
        row: Row = {
            "scheme": f"provincial:{firm.region[:2]}0000",
            "brand_name_zh": name,
            "brand_name_en": f"Demo {english}",
            "en_source": "enterprise",
            "pinyin": romanise.pinyin_toned(name.removeprefix("演示·")).join(("Yǎnshì ", "")),
            "trad_name": "" if number % 4 else f"演示·{core}號",
            "former_names": "" if number % 3 else f"{core}老号（演示）|{core}庄（演示）",
            "holder_name_zh": firm.zh,
            "holder_name_en": firm.en,
            "holder_uscc": firm.uscc,
            "holder_from": f"{held}-03-01",
            "holder_to": (firm.ended_on or "2026-06-30") if state == "removed" else "",
            "former_holders": []
            if number % 3
            else [
                {
                    "name_zh": f"{core}旧厂（演示）",
                    "uscc": old_works_code(firm.region, number),
                    "held_from": "1956",
                    "held_to": f"{held}-02-28",
                }
            ],
            "region_code": firm.region,
            "founded_year": founded,
            "founded_circa": "true" if number % 6 == 5 else "",
            "founded_raw": f"约{founded}年" if number % 6 == 5 else f"{founded}年",
            "founded_era": era_name(founded),
            "founded_place": f"{firm.city}（演示）",
            "business_since": founded + 1,
            "industry_code": firm.trade.industry,
            "category": category,
            "trademarks": []
            if right == "trade_name"
            else [
                {
                    "number": f"{9990000 + number}",
                    "nice_class": firm.trade.nice_class,
                    "owner": firm.zh,
                    "valid_to": "2031-12-31",
                    "state": ("cancelled", "invalidated")[number % 2]
                    if reason in REASONS_OF_MARKS
                    else "registered",
                }
            ],
            "right_basis": right,
            "products": "|".join(product.zh for product in firm.trade.products),
            "ich": []
            if number % 2
            else [
                {
                    "level": next(levels),
                    "code": f"Ⅷ-{900 + number}",
                    "name_zh": f"{core}技艺（演示）",
                    "name_en": f"{english} craft (demo)",
                    "year": 2008 + number % 12,
                }
            ],
            "relics": "" if number % 7 else "早年账册一册（演示）",
            "batch": 1 + number % 3,
            "batch_document": f"演商字〔{2010 + number % 10}〕{1 + number}号（演示）",
            "plaque_no": "" if proposed else f"DEMO-{firm.region[:2]}-{1000 + number}",
            "recognised_on": recognised,
            "published_evidence": [published_file(next(kinds), name)] if number % 2 else [],
            "list_name": f"老字号名单第{1 + number % 3}批（演示）",
            "notice_date": "2026-08-25" if proposed else f"{2010 + number % 10}-05-06",
            "objections_until": "2026-09-15" if proposed else f"{2010 + number % 10}-05-27",
            "review": [] if proposed else [REVIEWS[state]],
            "annual_reports": "" if proposed else "2022|2023|2024",
            "story_zh": "演示故事，并非真实品牌。",
            "story_en": "A demonstration story, not of a real brand.",
            "source_note": "演示备注。" if number % 8 == 0 else "",
            "demo": "true",
            "status": state,
        }
        if state in DECIDED_STATES:
            decided = firm.ended_on if reason == "deregistered" else DECIDED_ON.isoformat()
            row |= {"decided_on": decided, "status_reason": "复核中发现的问题（演示）"}
        if state == "rectifying":
            row["rectify_until"] = "2027-02-28"
        if state == "removed":
            row["removed_reason"] = reason
        if (
            number % 9 == 0 and before.get("plaque_no") and not proposed
        ):  # its local title rose to the national one
            row |= {name: before.get(name, "") for name in OF_THE_BRAND}
            row |= {"scheme": "national", "promoted_from": before["plaque_no"]}
        before = without_empty(row)
        yield before


def old_works_code(region: str, number: int) -> str:
    """The code of a works that held a brand before; both check digits are right."""
    return credit_codes.make_credit_code(
        f"91{region}{credit_codes.make_organisation_code(f'MAXE{number:04d}')}"
    )


def published_file(kind: str, brand: str) -> Row:
    """A file that the holder of an invented brand made public: its hash is of no file."""
    name = f"{schema.EVIDENCE.codes[kind].zh}（演示）.pdf"
    return {"kind": kind, "name": name, "sha256": hashlib.sha256(f"{name} {brand}".encode()).hexdigest()}


def era_name(year: int) -> str:
    """The era of a founding year between 1875 and 1949."""
    name, first = next(
        (name, first) for name, first in (("民国", 1912), ("清宣统", 1909), ("清光绪", 1875)) if year >= first
    )
    return f"{name}{year - first + 1}年"


DEMONSTRATION = Demonstration(
    rows=brands,
    sheets=(SourceSheet(DATA_DIR / "laozihao_notices.csv", mapping="laozihao_notices"),),
    fields_of_last_state=frozenset(
        {"status_reason", "decided_on", "rectify_until", "removed_reason", "holder_to"}
    ),
)
