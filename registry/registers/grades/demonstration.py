"""Invented grading results: every state, subject and field, on several scales."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

from registry.kit.demonstration import (
    DECIDED_ON,
    Demonstration,
    Firm,
    InventedWorld,
    Product,
    Row,
    cycle_codes,
    cycle_states,
    days_before,
    indicator_row,
    keep_columns,
    party_fields,
    product_fields,
    random_day,
    random_recent_day,
    without_empty,
    years_later,
)
from registry.kit.grading import Level, Scheme
from registry.kit.indicators import OPERATORS
from registry.registers.grades import scales, schema
from registry.registers.grades.life_cycle import LIFE_CYCLE

RESULTS = 560
INDICATOR_COLUMNS = ("name_zh", "name_en", "operator", "limit", "limit_to", "value", "unit", "method")
CARE_SCHEME = "养老机构等级"
WEIGHTS = (0.6, 0.4)
RENEWED = 100_000  # added to the number of a result for the newer one of the same product
STEP = 0.1  # from the threshold of a level to the next, as a share
STATES_WITH_REASON = ("downgraded", "suspended", "revoked")


def grades(world: InventedWorld) -> Iterator[Row]:
    chance = random.Random(world.seed + 1)  # noqa: S311 - repeatable, not secret
    state_of = cycle_states(LIFE_CYCLE)
    evidence, overall = cycle_codes(schema.EVIDENCE), cycle_codes(schema.OVERALL)
    for number, maker in zip(range(RESULTS), cycle(world.firms), strict=False):
        state = "valid" if number % 3 == 0 else next(state_of)
        graded = grading_day(chance, state)
        firm = maker
        if number % 14 == 13:  # one in fourteen is of a home for the elderly or its service
            firm = world.care_firms[number // 14 % len(world.care_firms)]
        goods, subject = goods_and_subject(number, firm, chance)
        name = goods.grading
        scheme = scheme_named(name)
        level = chance.choice(scheme.levels[1:] if state == "downgraded" else scheme.levels)
        worse = scheme.levels[min(scheme.levels.index(level) + 1, len(scheme.levels) - 1)]
        kind, rule = next(evidence), next(overall)
        measured = keep_columns(
            [indicator_row(chance, goods), world.further_indicator(goods, number)], INDICATOR_COLUMNS
        )
        row: Row = {
            "result_no": f"DEMO-ZLFJ-{graded.year}-{200000 + number}",
            "scheme": name,
            "subject_type": subject,
            **party_fields("org", firm),
            "region_code": firm.region,
            **product_fields(goods, firm, number),
            "grade": level.code,
            "grade_claimed": (level if number % 4 else worse).code,
            "grader_approval_no": world.bodies[0]["approval_no"],
            "grader_name_zh": world.bodies[0]["name_zh"],
            "standard_edition": scheme.standards[0] if scheme.standards else "",
            "qualified": "true",
            "conformity_report": f"DEMO-C-{graded.year}-{number:05d}",
            "overall_rule": rule,
            "indicators": [
                row
                | {"level": level.code, "thresholds": f"{level.code} {_threshold(row)}"}
                | ({"weight": weight} if rule == "weighted" else {})
                for row, weight in zip(measured, WEIGHTS, strict=True)
            ],
            "level_thresholds": [
                threshold for row in measured for threshold in thresholds_of(row, scheme, level)
            ],
            "evidence": [
                {
                    "type": kind,
                    "number": f"DEMO-R-{graded.year}-{number:05d}",
                    "date": days_before(graded, 60),
                }
                | (
                    {"valid_to": years_later(graded, max(3, scheme.validity_months // 12))}
                    if kind == "certificate"
                    else {}
                )
            ],
            "graded_on": graded.isoformat(),
            "valid_to": years_later(graded, scheme.validity_months // 12),
            "mark_download": (graded + dt.timedelta(days=3)).isoformat() if state != "publicity" else "",
            "objections_until": (graded + dt.timedelta(days=7)).isoformat()
            if state == "publicity" or number % 5 == 0
            else "",
            "demo": "true",
            "status": state,
        }
        if subject in ("service", "institution"):
            row |= {"service_site": f"{firm.city}演示路{1 + number}号（演示）", "models": ""}
        if state == "publicity":
            row["objections_until"] = "2026-09-16"
        if state in STATES_WITH_REASON:
            row |= {"status_reason": "核查发现的问题（演示）", "decided_on": DECIDED_ON.isoformat()}
            row["complaints"] = [
                {
                    "received_on": "2026-08-21",
                    "about": "指标与标注不符（演示）",
                    "finding": "异议成立（演示）",
                    "answered_on": DECIDED_ON.isoformat(),
                }
            ]
        elif "status_reason" in LIFE_CYCLE.needs_of_state(state):
            row["status_reason"] = "企业申请（演示）"
        if state == "downgraded":
            better = scheme.levels[scheme.levels.index(level) - 1]
            row |= {"grade_before": better.code, "grade_claimed": level.code}
        yield without_empty(row)
        if state == "superseded":
            yield without_empty(newer_result(row, graded))


def newer_result(older: Row, graded: dt.date) -> Row:
    """The result that takes the place of an older one: the same product, graded again some months later."""
    again = graded + dt.timedelta(days=75)
    number = str(older["result_no"])
    return {
        **{name: value for name, value in older.items() if name != "complaints"},
        "result_no": f"DEMO-ZLFJ-{again.year}-{int(number[-6:]) + RENEWED:06d}",
        "evidence": [
            {**row, "number": f"{row['number']}B", "date": days_before(again, 30)}
            for row in older["evidence"]
        ],
        "graded_on": again.isoformat(),
        "valid_to": older["valid_to"],
        "mark_download": (again + dt.timedelta(days=3)).isoformat(),
        "objections_until": "",
        "supersedes": number,
        "status": "valid",
    }


def grading_day(chance: random.Random, state: str) -> dt.date:
    """What holds, holds still; what has changed since was graded early enough to show what it was before."""
    if state == "expired":
        return random_day(chance, dt.date(2025, 8, 20))
    return (
        random_recent_day(chance)
        if state in ("valid", "publicity")
        else random_recent_day(chance, dt.date(2026, 5, 25))
    )


def goods_and_subject(number: int, firm: Firm, chance: random.Random) -> tuple[Product, str]:
    """What is graded, and as what."""
    if firm.trade.products[0].grading == CARE_SCHEME:
        return firm.trade.products[0], ("institution", "service")[number // 14 % 2]
    goods = chance.choice(firm.trade.products)
    return goods, scheme_named(goods.grading).subject


def scheme_named(name: str) -> Scheme:
    """The scheme of this name. Raises `KeyError` for one that is not kept."""
    scheme = scales.SCHEMES.find(name)
    if scheme is None:
        raise KeyError(name)
    return scheme


def thresholds_of(row: Row, scheme: Scheme, reached: Level) -> Iterator[Row]:
    """What the levels ask of an indicator, so that its value reaches just this one; of a range, of this level only."""
    named = {name: row[name] for name in ("name_zh", "name_en", "operator", "unit")}
    if row["operator"] in ("in", "="):
        limits: Row = {name: row[name] for name in ("limit", "limit_to") if name in row}
        yield {"level": reached.code, **named, **limits}
        return
    sign = -1 if row["operator"] in ("<=", "<") else 1
    for level in scheme.levels:
        steps = reached.rank - level.rank  # above 0: a better level
        base = row["value"] if steps > 0 else row["limit"]
        yield {"level": level.code, **named, "limit": round(base * (1 + sign * STEP * steps), 4)}


def _threshold(row: Mapping[str, Any]) -> str:
    """What a level asks of an indicator, in signs: `≤ 0.05`, `8–12`."""
    if row["operator"] == "in":
        return f"{row['limit']:g}–{row['limit_to']:g}"
    return f"{OPERATORS.codes[row['operator']].zh} {row['limit']:g}"


DEMONSTRATION = Demonstration(
    rows=grades,
    fields_of_last_state=frozenset({"status_reason", "decided_on", "grade_before", "complaints"}),
    values_before={"grade": "grade_before"},
)
