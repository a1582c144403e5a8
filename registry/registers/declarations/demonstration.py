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
    Product,
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
ENDED_BEFORE = (
    *OWN_ONLY,
    "superseded",
    "withdrawn",
    "misfiled",
)  # the end of the firm changes nothing of these
ENDED_STANDARD = "T/DEMO 0001-2018"
STATES_WITH_REASON = ("withdrawn", "number_revoked", "abolished", "misfiled")
INTERNATIONAL = "IEC 60335-1:2020"  # of household appliances


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
        planned = "active" if number % 2 else next(state_of)
        state = state_of_holder(planned, firm)
        goods = firm.trade.products[number // 60 % len(firm.trade.products)]
        # A standard of 2024 cannot be declared before its edition is in force.
        first = dt.date(2025, 6, 15) if goods.voluntary.endswith("-2024") else dt.date(2024, 2, 1)
        declared = random_day(chance, dt.date(2026, 8, 1), first)
        if planned == "standard_ended":  # before its standard ended
            declared = dt.date(2024, 2, 1) + dt.timedelta(days=number % 28)
        own = planned in OWN_ONLY or (
            number % 3 == 0 and planned != "standard_ended"
        )  # own ones are in no catalogue
        series = f"{number // 60 + 1:03d}"
        name = goods.zh if number < 240 else f"{goods.zh}（{series}系列）"
        standard = (
            f"Q/{firm.letters} {series}-{declared.year}"
            if own
            else ENDED_STANDARD
            if planned == "standard_ended"
            else standard_of(number, firm, goods, world.binding_standard(goods, declared))
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
            "std_name_zh": goods.zh if own else world.standard_titles.get(standard, ("", ""))[0],
            "std_name_en": goods.en if own else world.standard_titles.get(standard, ("", ""))[1],
            **product_fields(goods._replace(zh=name), firm, number),
            "category": goods.category,
            "hs_code": goods.hs_code,
            "spec": goods.size if number % 5 == 0 else "",
            "gtin": barcode(10_000 + number) if number % 4 == 0 else "",
            "common_name": goods.zh if number % 6 == 0 else "",
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
            further = world.further_indicator(goods, number // 3)
            main = indicator_row(chance, goods)
            row |= indicator_fields(number, goods, (main, further), world.compared_standard)
            row["joint_with"] = maker_of_the_same(world, firm, number).uscc if number % 15 == 0 else ""
            row["indicators"][0]["kind"] = next(kinds)
            row["adopts"] = (
                [{"standard": INTERNATIONAL, "degree": next(degrees)}] if firm.trade.zh == "电器" else []
            )
        yield without_empty(row | fields_of_state(state))


def state_of_holder(planned: str, firm: Firm) -> str:
    """The planned state, but for what the end of a firm brings: what was open then has ended with it, nothing else has."""
    if firm.ended_on:
        return planned if planned in ENDED_BEFORE else "ended"
    return "active" if planned == "ended" else planned


def maker_of_the_same(world: InventedWorld, firm: Firm, number: int) -> Firm:
    """Another firm of the same trade."""
    others = [each for each in world.firms if each.trade == firm.trade and each != firm and not each.ended_on]
    return others[number % len(others)]


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


def indicator_fields(number: int, goods: Product, measured: tuple[Row, Row], compared: str) -> Row:
    """Indicators and comparisons of an own standard; every sixth says plainly what is lower. `measured`: main one first."""
    main, further = measured
    limit, low = main.pop("limit"), number % 18 == 0
    stricter = main["operator"] == "<="
    other = round(limit * (0.2 if stricter else 1.2) if low else limit * (1.5 if stricter else 0.5), 3)
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
                "text": goods.looks,
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
            "below_statement": f"{main['name_zh']}宽于 {compared} 的要求（演示）。",
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


def standard_of(number: int, firm: Firm, goods: Product, binding: str) -> str:
    """A standard of others that is for the product and holds in its region. `binding`: the mandatory one, "" for none."""
    if number % 5:
        return goods.voluntary
    others = (
        goods.voluntary,
        binding,
        "T/DEMO 0001-2024",
        "DB33/T 99991-2023" if firm.region.startswith("33") else "",
        INTERNATIONAL if firm.trade.zh == "电器" else "",
        "GB/Z 99991-2020",
    )
    return others[(number // 25 + number // 60) % len(others)] or goods.voluntary


DEMONSTRATION = Demonstration(
    rows=declarations,
    fields_of_last_state=frozenset(
        {"status_reason", "decided_on", "ordered_by", "legal_basis", "correct_until", "withdrawn_on"}
    ),
)
