"""Parts that invented records share: holders, products, days, measured items."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterable, Iterator
from itertools import cycle

from registry.demonstration.firms import Firm, Row, Trade
from registry.kit.codes import CodeList
from registry.reference.identifiers import certificate_numbers
from registry.registers import catalogue

FIRST_DAY, LAST_DAY = dt.date(2019, 6, 1), dt.date(2026, 8, 20)
DECIDED_ON = dt.date(2026, 8, 28)  # what changed a record was decided just before the last stage


def cycle_states(register: str) -> Iterator[str]:
    """Every public state of a register, again and again."""
    return cycle(state.code for state in catalogue()[register].life_cycle.public_states())


def cycle_codes(of: CodeList) -> Iterator[str]:
    return cycle(code.code for code in of)


def without_empty(row: Row) -> Row:
    """Without what is empty: a field that is not given is not there."""
    return {name: value for name, value in row.items() if value not in ("", [], None)}


def party_fields(prefix: str, firm: Firm) -> Row:
    return {f"{prefix}_uscc": firm.uscc, f"{prefix}_name_zh": firm.zh, f"{prefix}_name_en": firm.en}


def product_fields(names: tuple[str, str], firm: Firm, number: int) -> Row:
    model = f"{firm.letters}-{100 + number % 900}"
    return {
        "product_name_zh": names[0],
        "product_name_en": names[1],
        "en_source": ("enterprise", "platform")[number % 5 == 4],
        "models": f"{model}|{model}Pro",
    }


def barcode(number: int) -> str:
    """A barcode with its check digit, from the block of prefixes that no firm holds here."""
    return certificate_numbers.make_gtin(f"69999{number:07d}")


def indicator_row(chance: random.Random, trade: Trade) -> Row:
    zh, en, unit, limit, method = trade.indicator
    least = zh == "绒子含量"
    value = round(limit * (chance.uniform(1.0, 1.04) if least else chance.uniform(0.3, 0.95)), 3)
    return {
        "name_zh": zh,
        "name_en": en,
        "operator": ">=" if least else "<=",
        "limit": limit,
        "value": value,
        "unit": unit,
        "method": method,
    }


# Further items, one a record in turn, so that every comparison can be seen: (operator, limits, value …)
FURTHER_INDICATORS: tuple[Row, ...] = (
    {"name_zh": "含水率", "name_en": "Moisture content", "operator": "in", "limit": 8, "limit_to": 12, "value": 9.5,
     "unit": "%", "method": "GB/T 17657-2022"},
    {"name_zh": "重金属（铅）", "name_en": "Heavy metals (lead)", "operator": "<", "limit": 90, "value": 12,
     "unit": "mg/kg", "method": "GB/T 22048-2022"},
    {"name_zh": "耐久性", "name_en": "Endurance", "operator": ">", "limit": 10000, "value": 25000, "unit": "次",
     "method": "GB/T 10357.1-2013"},
    {"name_zh": "检出禁用物质种数", "name_en": "Banned substances found", "operator": "=", "limit": 0, "value": 0,
     "unit": "1", "method": "GB/T 26125-2011"},
)  # fmt: skip


def random_day(chance: random.Random, last: dt.date = LAST_DAY, first: dt.date = FIRST_DAY) -> dt.date:
    return first + dt.timedelta(days=chance.randrange((last - first).days))


def random_recent_day(chance: random.Random, last: dt.date = LAST_DAY) -> dt.date:
    """A day within the last months before the data end: a grade of that day holds long enough to be seen."""
    return random_day(chance, last, dt.date(2026, 4, 1))


def years_later(start: dt.date, years: int) -> str:
    return start.replace(year=start.year + years, day=min(start.day, 28)).isoformat()


def days_before(start: dt.date, days: int) -> str:
    return (start - dt.timedelta(days=days)).isoformat()


def keep_columns(rows: Iterable[Row], names: tuple[str, ...]) -> list[Row]:
    """Rows with these columns only."""
    return [{name: row[name] for name in names if name in row} for row in rows]
