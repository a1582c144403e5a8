"""Invented records for demonstration: firms that do not exist, with valid check digits, and what they hold.

Deterministic: the same rows every day on every machine. Every state and every field of the core registers occurs;
names end in （演示） / (demo), certificate numbers begin with DEMO-, `demo` is set on every row.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Iterator, Mapping

from registry.registers import catalogue
from registry.services.invented_firms import BODIES, CORES, SEED, Firm, Row, Trade, firms

GREEN, GRADES, DECLARATIONS = 960, 560, 860
FIRST_DAY, LAST_DAY = dt.date(2019, 6, 1), dt.date(2026, 8, 20)


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


def green_products() -> Iterator[Row]:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret
    definition = catalogue()["green-products"]
    states = itertools.cycle(state.code for state in definition.life_cycle.public_states())
    for number, firm in zip(range(GREEN), itertools.cycle(firms()), strict=False):
        state = "valid" if number % 3 else next(states)
        years = 5
        issued = _day(chance) if state != "expired" else _day(chance, dt.date(2020, 12, 1))
        product = chance.choice(firm.trade.products)
        scheme, level, route = _scheme(number, firm.trade)
        edition = firm.trade.green[0] if issued >= dt.date(2025, 6, 1) else firm.trade.green[-1]
        body = BODIES[number % 3]
        row: Row = {
            "cert_no": f"DEMO-CGP-{issued.year}-{200000 + number}",
            "scheme": scheme,
            "route": route,
            "level": level if scheme != "green_product" or edition == "GB/T 35607-2024" else "",
            "body_approval_no": body["approval_no"],
            "body_name_zh": body["name_zh"],
            **_holder("applicant", firm),
            "manufacturer": firm.zh,
            "factory": f"{firm.zh.removesuffix('（演示）')}第一工厂（演示）",
            "region_code": firm.region,
            **_product(product, firm, number),
            "standard_edition": edition,
            "mode": "初始检查+产品抽样检验+获证后监督",
            "attributes": "resource|energy|environment|quality",
            "indicators": [_item(chance, firm.trade)],
            "test_body": BODIES[1]["name_zh"],
            "report_no": f"DEMO-R-{issued.year}-{number:05d}",
            "issued_on": issued.isoformat(),
            "valid_to": (issued.replace(day=min(issued.day, 28), year=issued.year + years)).isoformat(),
            "surveillance": [{"due_on": _later(issued, 1), "done_on": _later(issued, 1), "result": "pass"}],
            "demo": "true",
            "status": state,
        }
        if state in ("suspended", "revoked", "cancelled"):
            row["status_reason"] = {
                "suspended": "surveillance_overdue",
                "revoked": "serious_quality_problem",
                "cancelled": "holder_asked_end",
            }[state]
        yield {name: value for name, value in row.items() if value != ""}


def grades() -> Iterator[Row]:
    chance = random.Random(SEED + 1)  # noqa: S311
    definition = catalogue()["grades"]
    states = itertools.cycle(state.code for state in definition.life_cycle.public_states())
    scales = {"茶叶分等": ("特级", "一级", "二级")}
    for number, firm in zip(range(GRADES), itertools.cycle(firms()), strict=False):
        state = "valid" if number % 3 == 0 else next(states)
        in_force = state in ("valid", "under_check", "downgraded", "suspended", "publicity")
        graded = _day(chance, dt.date(2025, 12, 20)) if not in_force else _recent(chance)
        grade = chance.choice(scales.get(firm.trade.grading, ("AAAAA", "AAAA", "AAA", "AA", "A")))
        row: Row = {
            "result_no": f"DEMO-ZLFJ-{graded.year}-{200000 + number}",
            "scheme": firm.trade.grading,
            "subject_type": "product",
            **_holder("org", firm),
            "region_code": firm.region,
            **_product(chance.choice(firm.trade.products), firm, number),
            "grade": grade,
            "grader_approval_no": BODIES[number % 3]["approval_no"],
            "grader_name_zh": BODIES[number % 3]["name_zh"],
            "qualified": "true",
            "indicators": [_item(chance, firm.trade) | {"level": grade}],
            "evidence": [
                {
                    "type": "test_report",
                    "number": f"DEMO-R-{graded.year}-{number:05d}",
                    "date": graded.isoformat(),
                }
            ],
            "graded_on": graded.isoformat(),
            "valid_to": _later(graded, 1),
            "demo": "true",
            "status": state,
        }
        yield row


def declarations() -> Iterator[Row]:
    chance = random.Random(SEED + 2)  # noqa: S311
    definition = catalogue()["declarations"]
    states = itertools.cycle(state.code for state in definition.life_cycle.public_states())
    seen: set[tuple[str, str, str]] = set()
    for number, firm in zip(range(DECLARATIONS * 2), itertools.cycle(firms()), strict=False):
        state = "active" if number % 2 else next(states)
        declared = _day(chance, dt.date(2026, 8, 1))
        own = number % 3 == 0
        product = firm.trade.products[number // 60 % len(firm.trade.products)]
        series = f"{number // 60 + 1:03d}"
        name = product[0] if number < 240 else f"{product[0]}（{series}系列）"
        number_of = f"Q/{firm.letters} {series}-{declared.year}" if own else _standard(number, firm.trade)
        if (firm.uscc, number_of, name) in seen or len(seen) >= DECLARATIONS:
            continue
        seen.add((firm.uscc, number_of, name))
        row: Row = {
            **_holder("org", firm),
            "region_code": firm.region,
            "std_kind": "enterprise" if own else _kind(number_of),
            "std_no": number_of,
            "std_name_zh": product[0] if own else "",
            "std_name_en": product[1] if own else "",
            **_product((name, product[1]), firm, number),
            "category": firm.trade.zh,
            "production_mode": "own",
            "declared_on": declared.isoformat(),
            "effective_from": declared.isoformat() if state != "scheduled" else "2027-03-01",
            "commitment": "承诺声明内容真实、准确、合法。",
            "signer_post": "质量负责人",
            "fulltext_public": "false",
            "channel": "register",
            "indicators": [_item(chance, firm.trade, declared=True)] if own else [],
            "demo": "true",
            "status": state,
        }
        if state == "correction_ordered":
            row["correct_until"] = "2026-12-31"
        yield {key: value for key, value in row.items() if value not in ("", [])}


def brands() -> Iterator[Row]:
    """Invented brands, so that every state of a title can be seen."""
    states = [state.code for state in catalogue()["brands"].life_cycle.public_states()]
    for number, firm in enumerate(firms()[:21]):
        state = states[number % len(states)]
        core, english = CORES[number % len(CORES)]
        row: Row = {
            "scheme": f"provincial:{firm.region[:2]}0000",
            "brand_name_zh": f"演示·{core}记{'' if number < len(CORES) else '新号'}",
            "brand_name_en": f"Demo {english}",
            "en_source": "enterprise",
            "pinyin": f"yan shi {english.lower()} ji",
            "holder_name_zh": firm.zh,
            "holder_name_en": firm.en,
            "holder_uscc": firm.uscc,
            "region_code": firm.region,
            "founded_year": 1880 + number * 3,
            "founded_era": "演示年号",
            "industry_code": firm.trade.industry,
            "category": "crafts",
            "products": firm.trade.products[0][0],
            "batch": 1,
            "right_basis": "trademark_owned",
            "trademarks": [{"number": f"{9990000 + number}", "nice_class": 20, "owner": firm.zh}],
            "story_zh": "演示故事，并非真实品牌。",
            "demo": "true",
            "status": state,
        }
        if state not in ("publicity", "publicity_hold", "rejected"):
            row["recognised_on"] = f"{2010 + number % 10}-06-01"
        if state == "rectifying":
            row["rectify_until"] = "2026-12-31"
        if state == "removed":
            row["removed_reason"] = "review_failed"
        yield row


def _holder(prefix: str, firm: Firm) -> Row:
    return {f"{prefix}_uscc": firm.uscc, f"{prefix}_name_zh": firm.zh, f"{prefix}_name_en": firm.en}


def _product(product: tuple[str, str], firm: Firm, number: int) -> Row:
    return {
        "product_name_zh": product[0],
        "product_name_en": product[1],
        "en_source": "enterprise",
        "models": f"{firm.letters}-{100 + number % 900}|{firm.letters}-{100 + number % 900}Pro",
    }


def _item(chance: random.Random, trade: Trade, *, declared: bool = False) -> Row:
    zh, en, unit, limit, method = trade.item
    least = zh == "绒子含量"
    value = round(limit * (chance.uniform(1.0, 1.04) if least else chance.uniform(0.3, 0.95)), 3)
    operator = ">=" if least else "<="
    row: Row = {
        "name_zh": zh,
        "name_en": en,
        "operator": operator,
        "value": value,
        "unit": unit,
        "method": method,
    }
    return row | ({"kind": "performance"} if declared else {"limit": limit})


def _scheme(number: int, trade: Trade) -> tuple[str, str, str]:
    """(scheme, level, route); one in four is a building material, water, energy or other scheme."""
    others = (
        "water_saving",
        "energy_saving",
        "environmental_label",
        "low_carbon",
        "rohs",
        "recycled",
        "other",
        "organic",
    )
    if number % 4 == 3:
        return others[number // 4 % len(others)], "", "2"
    if trade.zh in ("涂料", "卫浴", "地板") and number % 2:
        return "green_building_material", ("three_star", "two_star", "one_star")[number % 3], "1"
    return "green_product", ("benchmark", "green")[number % 2], "1"


def _standard(number: int, trade: Trade) -> str:
    return (
        trade.voluntary,
        "GB 18580-2017",
        "T/DEMO 0001-2024",
        "DB33/T 0001-2023",
        "ISO 9001:2015",
        "GB/Z 99991-2020",
    )[number % 6 if number % 5 == 0 else 0]


def _kind(number: str) -> str:
    starts: Mapping[str, str] = {
        "GB/T": "national_voluntary", "GB/Z": "national_guidance", "GB ": "national_mandatory",
        "T/": "association", "DB": "local", "ISO": "international",
    }  # fmt: skip
    return next((kind for start, kind in starts.items() if number.startswith(start)), "sector")


def _day(chance: random.Random, last: dt.date = LAST_DAY) -> dt.date:
    return FIRST_DAY + dt.timedelta(days=chance.randrange((last - FIRST_DAY).days))


def _recent(chance: random.Random) -> dt.date:
    """A day within the last months before the data end: a grade of that day holds long enough to be seen."""
    return LAST_DAY - dt.timedelta(days=chance.randrange(1, 120))


def _later(day: dt.date, years: int) -> str:
    return day.replace(year=day.year + years, day=min(day.day, 28)).isoformat()


def standards() -> Iterator[Row]:
    """Two association standards that do not exist: every state and field of an edition."""
    yield {
        "number": "T/DEMO 0001-2024",
        "title_zh": "演示产品通用要求（演示）",
        "title_en": "General requirements for demonstration products (demo)",
        "en_source": "platform",
        "kind": "association",
        "department": "演示标准化委员会",
        "issued_on": "2024-01-05",
        "in_force_on": "2024-03-01",
        "replaces": "T/DEMO 0001-2018",
        "demo": "true",
        "status": "in_force",
    }
    yield {
        "number": "T/DEMO 0001-2018",
        "title_zh": "演示产品通用要求（演示）",
        "kind": "association",
        "in_force_on": "2018-06-01",
        "withdrawn_on": "2024-03-01",
        "transition_until": "2024-08-31",
        "replaced_by": "T/DEMO 0001-2024",
        "remarks": "演示标准，并非真实标准。",
        "demo": "true",
        "status": "withdrawn",
    }


# What a source says of itself, on the first sample of each register, so that it can be seen there.
ORIGIN: Row = {
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
