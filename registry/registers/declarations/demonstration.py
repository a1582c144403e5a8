"""Invented declarations: every state, kind of standard, channel and field."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from itertools import cycle

from registry.kit import indicators
from registry.kit.demonstration import (
    DECIDED_ON,
    Demonstration,
    Firm,
    InventedWorld,
    Row,
    barcode,
    cycle_codes,
    cycle_states,
    indicator_row,
    party_fields,
    product_fields,
    random_day,
    without_empty,
)
from registry.kit.standard_kinds import ADOPTION_DEGREES
from registry.reference.identifiers import standard_numbers
from registry.registers.declarations import codes as declared_codes
from registry.registers.declarations.filing import LEGAL_BASIS
from registry.registers.declarations.life_cycle import LIFE_CYCLE

DECLARATIONS = 860
OWN_ONLY = ("number_revoked", "abolished")
STATES_WITH_REASON = ("withdrawn", "number_revoked", "abolished", "misfiled")
CATEGORY_OF_PRODUCT = {
    "实木餐桌": "0701", "布艺沙发": "0702", "书柜": "0701", "床垫": "0703", "内墙乳胶漆": "0901", "水性木器漆": "0903",
    "智能坐便器": "1202", "陶瓷洗面盆": "1203", "节水水嘴": "1204", "强化木地板": "0602", "实木复合地板": "0603", "胶合板": "0601",
    "轻薄羽绒服": "0406", "儿童羽绒服": "0407", "对开门电冰箱": "1301", "滚筒洗衣机": "1302", "扫地机器人": "1307",
    "复印纸": "0801", "面巾纸": "0802", "龙井绿茶": "0211", "工夫红茶": "0211",
}  # fmt: skip
HS_CODES = {"家具": "9403.60", "涂料": "3209.10", "卫浴": "6910.10", "地板": "4412.31", "羽绒": "6201.40",
      "电器": "8418.10", "纸业": "4802.56", "茶业": "0902"}  # fmt: skip


def declarations(world: InventedWorld) -> Iterator[Row]:
    chance = random.Random(world.seed + 2)  # noqa: S311 - repeatable, not secret
    state_of = cycle_states(LIFE_CYCLE)
    modes, degrees, kinds = (
        cycle_codes(declared_codes.PRODUCTION_MODES),
        cycle_codes(ADOPTION_DEGREES),
        cycle_codes(indicators.KINDS),
    )
    seen: set[tuple[str, str, str]] = set()
    for number, firm in zip(range(DECLARATIONS * 2), cycle(world.firms), strict=False):
        if number % len(world.firms) == 0:
            next(state_of)  # or the same firms would always have the same states
        state = "active" if number % 2 else next(state_of)
        # A standard of 2024 cannot be declared before its edition is in force.
        first = dt.date(2025, 6, 15) if firm.trade.voluntary.endswith("-2024") else dt.date(2024, 2, 1)
        declared = random_day(chance, dt.date(2026, 8, 1), first)
        if state == "standard_ended":  # before its standard ended
            declared = dt.date(2024, 2, 1) + dt.timedelta(days=number % 28)
        own = state in OWN_ONLY or (
            number % 3 == 0 and state != "standard_ended"
        )  # own ones are in no catalogue
        goods = firm.trade.products[number // 60 % len(firm.trade.products)]
        series = f"{number // 60 + 1:03d}"
        name = goods[0] if number < 240 else f"{goods[0]}（{series}系列）"
        standard = (
            f"Q/{firm.letters} {series}-{declared.year}" if own else standard_for_state(number, firm, state)
        )
        if (firm.uscc, standard, name) in seen or len(seen) >= DECLARATIONS:
            continue
        seen.add((firm.uscc, standard, name))
        parsed = standard_numbers.parse(standard)
        row: Row = {
            **party_fields("org", firm),
            "region_code": firm.region,
            "std_kind": parsed.kind if parsed else "",
            "std_no": standard,
            "std_name_zh": goods[0] if own else world.standard_titles.get(standard, ("", ""))[0],
            "std_name_en": goods[1] if own else world.standard_titles.get(standard, ("", ""))[1],
            **product_fields((name, goods[1]), firm, number),
            "category": CATEGORY_OF_PRODUCT[goods[0]],
            "hs_code": HS_CODES[firm.trade.zh],
            "spec": f"{1 + number % 9} 件装" if number % 5 == 0 else "",
            "gtin": barcode(10_000 + number) if number % 4 == 0 else "",
            "common_name": goods[0] if number % 6 == 0 else "",
            **production_fields(next(modes), firm),
            "below_voluntary": "false",
            **channel_fields(number),
            "fulltext_public": "true" if own and number % 9 == 0 else "false",
            "declared_on": declared.isoformat(),
            "effective_from": declared.isoformat() if state != "scheduled" else "2027-03-01",
            "still_true_on": "2026-07-01" if number % 7 == 0 else "",
            "commitment": "true_accurate_lawful",
            "commitment_more": "产品自售出之日起质保两年（演示）。" if number % 11 == 0 else "",
            "signer_post": "质量负责人",
            "demo": "true",
            "status": state,
        }
        if own:
            row |= own_standard_fields(number, declared, standard)
            further = world.further_indicators[number // 3 % len(world.further_indicators)]
            if firm.trade.zh == "茶业" and further["name_zh"].startswith("重金属"):
                further = world.further_indicators[0]  # tea has a stricter mandatory limit
            row |= indicator_fields(number, firm, indicator_row(chance, firm.trade), further)
            row["joint_with"] = world.firms[(number + 1) % 60].uscc if number % 15 == 0 else ""
            row["indicators"][0]["kind"] = next(kinds)
            row["adopts"] = (
                [{"standard": "ISO 9001:2015", "degree": next(degrees)}] if number % 2 == 0 else []
            )
        yield without_empty(row | fields_of_state(state))


def fields_of_state(state: str) -> Row:
    """What a state brings with it."""
    facts: Row = {}
    if state in ("correction_ordered", "publicised"):
        facts |= {"correct_until": "2026-08-15" if state == "publicised" else "2026-12-31"}
        facts |= {"status_reason": "指标名称与试验方法不一致，责令改正（演示）"}
    if state in STATES_WITH_REASON:
        facts |= {"status_reason": "停止执行（演示）" if state == "withdrawn" else "核查结论（演示）"}
    if state in (*OWN_ONLY, "correction_ordered", "publicised"):
        facts |= {"decided_on": DECIDED_ON.isoformat(), "ordered_by": "演示市场监督管理局（演示）"}
        facts |= {"legal_basis": "《中华人民共和国标准化法》第三十九条"}
    if state == "withdrawn":
        facts |= {"legal_basis": LEGAL_BASIS}
        facts |= {"withdrawn_on": DECIDED_ON.isoformat()}
    return facts


def own_standard_fields(number: int, declared: dt.date, standard: str) -> Row:
    """Dates, edition and full text of an own standard."""
    issued = f"{declared.year}-01-02" if declared.month > 1 else declared.isoformat()
    return {
        "issued_on": issued,
        "in_force_on": issued,
        "edition_of": f"{standard[:-4]}{declared.year - 4}" if number % 12 == 0 else "",
        "text_hash": f"{number:064x}",
    }


def indicator_fields(number: int, firm: Firm, main: Row, further: Row) -> Row:
    """Indicators and comparisons of an own standard; every sixth says plainly what is lower."""
    limit, low = main.pop("limit"), number % 18 == 0
    stricter = main["operator"] == "<="
    other = round(limit * (0.2 if stricter else 1.2) if low else limit * (1.5 if stricter else 0.5), 3)
    compared = firm.trade.green[0]
    plain = {name: value for name, value in further.items() if name not in ("limit", "limit_to", "value")}
    ranged = further["operator"] == "in"
    promised = {"value": further["limit"]} | ({"value_to": further["limit_to"]} if ranged else {})
    row: Row = {
        "indicators": [
            {**main, "conditions": "23 °C"},
            {**plain, **promised, "kind": "functional"},
            {
                "kind": "performance",
                "name_zh": "外观",
                "name_en": "Appearance",
                "text": "无裂纹",
                "method": "目测",
            },
        ],
        "benchmarks": [
            {
                "name_zh": main["name_zh"],
                "name_en": main["name_en"],
                "standard": compared,
                "other_value": f"{'≤' if stricter else '≥'} {other} {main['unit']}",
                "relation": "below" if low else "above",
            }
        ],
    }
    if number % 27 == 0:  # the same value, said to be equal
        row["benchmarks"][0] |= {"other_value": f"{main['value']} {main['unit']}", "relation": "equal"}
    elif low:
        row |= {
            "below_voluntary": "true",
            "compared_std": compared,
            "below_statement": f"{main['name_zh']}低于 {compared} 的要求（演示）。",
        }
    return row


def production_fields(mode: str, firm: Firm) -> Row:
    if mode == "own":
        return {"production_mode": mode}
    other = f"{firm.city}演示第二工厂（演示）" if mode == "commissioned" else "演示境外制造商（演示）"
    return {"production_mode": mode, "principal": firm.zh, "contractor": other}


def channel_fields(number: int) -> Row:
    if number % 10 != 7:
        return {"channel": "register"}
    address = f"https://demo.example/standards/{number}"
    return {"channel": "other", "channel_url": address, "channel_snapshot": f"{number * 7919:064x}"}


def standard_for_state(number: int, firm: Firm, state: str) -> str:
    """A standard of others that holds on the day, but for the one whose end brought the state."""
    if state == "standard_ended":
        return "T/DEMO 0001-2018"
    others = (
        firm.trade.voluntary,
        "GB 18580-2017",
        "T/DEMO 0001-2024",
        "DB33/T 99991-2023",
        "ISO 9001:2015",
        "GB/Z 99991-2020",
    )
    return others[number // 25 % len(others)] if number % 5 == 0 else firm.trade.voluntary


DEMONSTRATION = Demonstration(
    rows=declarations,
    fields_of_last_state=frozenset(
        {"status_reason", "decided_on", "ordered_by", "legal_basis", "correct_until", "withdrawn_on"}
    ),
)
