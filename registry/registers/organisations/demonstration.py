"""The invented firms as organisations."""

from __future__ import annotations

from collections.abc import Iterator

from registry.kit.demonstration import Demonstration, InventedWorld, Row


def organisations(world: InventedWorld) -> Iterator[Row]:
    for number, firm in enumerate(world.firms):
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


DEMONSTRATION = Demonstration(rows=organisations)
