"""The invented firms as organisations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from registry.kit.demonstration import Demonstration, InventedWorld, Row


def organisations(world: InventedWorld) -> Iterator[Row]:
    more = [each.firm for each in world.brand_firms if each.firm not in world.firms]
    for number, firm in enumerate((*world.firms, *more, *world.care_firms)):
        yield {
            "uscc": firm.uscc,
            "name_zh": firm.zh,
            "name_en": firm.en,
            "en_source": "enterprise",
            "region_code": firm.region,
            "industry_code": firm.trade.industry,
            "founded_on": f"{1985 + number % 20}",
            "ownership": "private",
            "products": "、".join(product.zh for product in firm.trade.products),
            "demo": "true",
            "deregistered_on": firm.ended_on,
            "status": "deregistered" if firm.ended_on else "active",
        }


def said_by(row: Row, day: dt.date) -> Row:
    """A firm as it could be told on a day: not deregistered yet before its day."""
    if str(row.get("deregistered_on") or "") <= day.isoformat():
        return row
    return {**row, "deregistered_on": "", "status": "active"}


DEMONSTRATION = Demonstration(rows=organisations, said_by=said_by)
