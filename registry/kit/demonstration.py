"""What a register shows on a first visit: invented records, and sheets of real public data.

A register that has something to show keeps a module `demonstration` in its folder with a `DEMONSTRATION`; the room
`registry.demonstration` loads them all. Invented records tell of one invented world of firms and bodies, which is
handed to them, so that the records of all registers belong together.

Invented records are deterministic: the same rows on every day and machine. Every state and field of a core register
occurs among them; names end in （演示） / (demo), numbers of certificates begin with DEMO-, each row sets `demo`.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from registry.kit.codes import CodeList
from registry.kit.life_cycle import LifeCycle
from registry.reference.identifiers import certificate_numbers

Row: TypeAlias = dict[str, Any]

FIRST_DAY, LAST_DAY = dt.date(2019, 6, 1), dt.date(2026, 8, 20)
DECIDED_ON = dt.date(2026, 8, 28)  # what changed a record was decided just before the last stage


class Indicator(NamedTuple):
    """What is measured of a product. `is_minimum`: the limit is the least, else the greatest value."""

    zh: str
    en: str
    unit: str
    limit: float
    method: str
    is_minimum: bool = False


class Product(NamedTuple):
    """A kind of goods, and what belongs to it.

    `category`: of `product_categories`; `voluntary`: the standard it is declared to; `grading`: its grading scheme; `green`:
    editions of its green-product standard, newest first; `looks`: what an own standard asks of its appearance; `further`:
    places in the world's further indicators that fit; `schemes`: schemes of green certification that fit, beside those
    for everything; `size`: its specification, the same in both languages.
    """

    zh: str
    en: str
    category: str = ""
    hs_code: str = ""
    voluntary: str = ""
    grading: str = ""
    green: tuple[str, ...] = ()
    indicator: Indicator | None = None
    looks: str = ""
    further: tuple[int, ...] = ()
    schemes: tuple[str, ...] = ()
    size: str = ""


@dataclass(frozen=True, slots=True)
class Trade:
    """What a kind of firm makes. `nice_class`: of its trademarks."""

    zh: str
    en: str
    industry: str
    nice_class: int
    products: tuple[Product, ...]


@dataclass(frozen=True, slots=True)
class Firm:
    """An invented firm. `letters`: its own code in standard and model numbers; `ended_on`: the end of its registration."""

    uscc: str
    zh: str
    en: str
    region: str
    trade: Trade
    letters: str
    city: str
    ended_on: str = ""


class BrandFirm(NamedTuple):
    """A firm that may hold a brand, and the category of its brand."""

    category: str
    firm: Firm


@dataclass(frozen=True, slots=True)
class InventedWorld:
    """Firms, bodies and standards that invented records name. None of them exists, but for some of the standards.

    `firms`: holders of certificates, grades and declarations. `brand_firms`: these, then some that hold nothing but brands.
    `care_firms`: homes for the elderly. `mandatory`: category → the mandatory standard
    and the day since which it is in force.
    """

    seed: int
    firms: tuple[Firm, ...]
    brand_firms: tuple[BrandFirm, ...]
    care_firms: tuple[Firm, ...]
    bodies: tuple[Row, ...]
    standard_titles: Mapping[str, tuple[str, str]]  # number → title in Chinese, in English
    name_cores: tuple[tuple[str, str], ...]  # the distinctive part of a firm's name: Chinese, English
    further_indicators: tuple[Row, ...]
    mandatory: Mapping[str, tuple[str, str]]
    compared_standard: str  # the voluntary one that own standards are compared with

    def binding_standard(self, product: Product, day: dt.date) -> str:
        """The mandatory standard for a product that is in force on a day, "" for none."""
        number, since = self.mandatory.get(product.category, ("", ""))
        return number if since <= day.isoformat() else ""

    def further_indicator(self, product: Product, number: int) -> Row:
        """One of the further indicators that fit a product, another one for each record in turn."""
        return self.further_indicators[product.further[number % len(product.further)]]


@dataclass(frozen=True, slots=True)
class SourceSheet:
    """A sheet of real public data. `mapping`: name of the register's mapping that reads its columns, "" for none."""

    path: Path
    mapping: str = ""


@dataclass(frozen=True, slots=True)
class Demonstration:
    """What one register shows.

    `fields_of_last_state`: fields that only the last state of a record brought; its earlier versions are without them.
    `values_before`: field → the field that names its value before the last state. `said_by`: a row as it could be told on
    a day, without what was still to come; a later stage tells the rest. `known_from`: of a reference register, the field with
    the day before which a row was not known.
    """

    rows: Callable[[InventedWorld], Iterable[Row]] | None = None
    sheets: tuple[SourceSheet, ...] = ()
    fields_of_last_state: frozenset[str] = frozenset()
    values_before: Mapping[str, str] = field(default_factory=dict)
    said_by: Callable[[Row, dt.date], Row] | None = None
    known_from: str = ""


def cycle_states(life_cycle: LifeCycle) -> Iterator[str]:
    """Every public state of a register, again and again."""
    return cycle(state.code for state in life_cycle.public_states())


def cycle_codes(code_list: CodeList) -> Iterator[str]:
    """Every code of a list, again and again."""
    return cycle(code.code for code in code_list)


def without_empty(row: Row) -> Row:
    """Without what is empty: a field that is not given is absent."""
    return {name: value for name, value in row.items() if value not in ("", [], None)}


def party_fields(prefix: str, firm: Firm) -> Row:
    """Code and names of a firm in the fields of a party, as `holder_uscc`."""
    return {f"{prefix}_uscc": firm.uscc, f"{prefix}_name_zh": firm.zh, f"{prefix}_name_en": firm.en}


def product_fields(product: Product, firm: Firm, number: int) -> Row:
    """Names of a product in Chinese and English, and models of the firm's own numbering."""
    model = f"{firm.letters}-{100 + number % 900}"
    return {
        "product_name_zh": product.zh,
        "product_name_en": product.en,
        "en_source": ("enterprise", "platform")[number % 5 == 4],
        "models": f"{model}|{model}Pro",
    }


def barcode(number: int) -> str:
    """A barcode with its check digit, from the block of prefixes that no firm holds here."""
    return certificate_numbers.make_gtin(f"69999{number:07d}")


def indicator_row(chance: random.Random, product: Product) -> Row:
    """The main indicator of a product, measured, with a value that keeps its limit."""
    indicator = product.indicator
    if indicator is None:
        raise ValueError(product.zh)
    share = chance.uniform(1.0, 1.04) if indicator.is_minimum else chance.uniform(0.3, 0.95)
    return {
        "name_zh": indicator.zh,
        "name_en": indicator.en,
        "operator": ">=" if indicator.is_minimum else "<=",
        "limit": indicator.limit,
        "value": round(indicator.limit * share, 3),
        "unit": indicator.unit,
        "method": indicator.method,
    }


def random_day(chance: random.Random, last: dt.date = LAST_DAY, first: dt.date = FIRST_DAY) -> dt.date:
    """A day from `first` to the day before `last`."""
    return first + dt.timedelta(days=chance.randrange((last - first).days))


def random_recent_day(chance: random.Random, last: dt.date = LAST_DAY) -> dt.date:
    """A day within the last months before the data end: a grade of that day holds long enough to be seen."""
    return random_day(chance, last, dt.date(2026, 4, 1))


def years_later(start: dt.date, years: int) -> str:
    """The same day `years` later, the 28th at the latest, as ISO date."""
    return start.replace(year=start.year + years, day=min(start.day, 28)).isoformat()


def days_before(start: dt.date, days: int) -> str:
    """The day `days` before, as ISO date."""
    return (start - dt.timedelta(days=days)).isoformat()


def keep_columns(rows: Iterable[Row], names: tuple[str, ...]) -> list[Row]:
    """Rows with these columns only."""
    return [{name: row[name] for name in names if name in row} for row in rows]
