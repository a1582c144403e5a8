"""Invented green certificates of firms that do not exist: every state, scheme, reason and field."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path

from registry.kit.demonstration import (
    DECIDED_ON,
    Demonstration,
    InventedWorld,
    Product,
    Row,
    SourceSheet,
    Trade,
    barcode,
    cycle_states,
    days_before,
    indicator_row,
    keep_columns,
    party_fields,
    product_fields,
    random_day,
    without_empty,
    years_later,
)
from registry.registers.green_products import codes as green
from registry.registers.green_products.life_cycle import LIFE_CYCLE

DATA_DIR = Path(__file__).parent / "demonstration_data"
CERTIFICATES = 960
FIRST_PENDING_AUDIT = "2027-01-01"  # from here on an audit of the demonstration is pending, not overdue
LAST_AUDIT = "2026-08-25"  # what was due in the months after the data end was done early
# The days from which new editions are certified to.
IN_FORCE_SINCE = {
    "GB/T 33761-2024": dt.date(2024, 11, 28),
    "GB/T 35601-2024": dt.date(2025, 6, 1),
    "GB/T 35607-2024": dt.date(2025, 1, 1),
    "GB/T 35613-2024": dt.date(2025, 4, 1),
}
REISSUED_TILL = dt.date(
    2023, 6, 1
)  # a year later, when a certificate is re-issued, its edition is still in force
# What the surveillances show where they are the ground of a decision.
GROUNDS = {
    "surveillance_failed": [{"due_on": "2026-08-10", "done_on": "2026-08-10", "result": "fail"}],
    "surveillance_overdue": [{"due_on": "2026-07-10", "result": "pending"}],
}
HOLDER_ENDED, ENDED = "holder_deregistered", ("revoked", "cancelled", "expired")
MODEL_ENDED_ON = "2026-03-01"
# The rules of the invented bodies, one for each trade.
RULES = ("家具", "涂料", "卫浴", "地板", "羽绒", "电器", "纸业", "茶业")
ANY_GOODS = ("low_carbon", "other", "foreign")  # schemes for every product
FOREIGN_CRITERIA = "ISO 14024:2018"  # what programmes of environmental labels abroad follow
FIRST_DUE = dt.date(2026, 7, 1)
INDICATOR_COLUMNS = ("name_zh", "name_en", "operator", "limit", "limit_to", "value", "unit", "method")
OTHER_SCHEMES = (
    "water_saving",
    "energy_saving",
    "environmental_label",
    "low_carbon",
    "rohs",
    "recycled",
    "other",
    "organic",
    "foreign",
)


def green_products(world: InventedWorld) -> Iterator[Row]:
    chance = random.Random(world.seed)  # noqa: S311 - repeatable, not secret
    state_of = cycle_states(LIFE_CYCLE)
    reasons = {state: cycle(sorted(given)) for state, given in green.REASONS_OF.items()}
    for number, firm in zip(range(CERTIFICATES), cycle(world.firms), strict=False):
        if number % len(world.firms) == 0:
            next(state_of)  # or the same firms would always have the same states
        state = "valid" if number % 3 else next(state_of)
        planned = planned_scheme(number, firm.trade)
        years = green.SCHEME_RULES.get(planned, green.SchemeRules()).years
        issued = issue_day(chance, state, years)
        if state in reasons and years_later(issued, years) <= DECIDED_ON.isoformat():
            issued = dt.date.fromisoformat(
                years_later(issued, 3)
            )  # or it would have run out before the decision
        goods = chance.choice(firm.trade.products)
        scheme = scheme_that_fits(planned, goods, number)
        if scheme == "organic" != planned:  # organic certificates hold for one year
            years, issued = 1, last_organic_day(number, state)
        edition = (
            FOREIGN_CRITERIA
            if scheme == "foreign"
            else next(each for each in goods.green if issued >= IN_FORCE_SINCE.get(each, dt.date.min))
        )
        # One body's approval ran out at the end of 2025: what it certified till then stands. The other one was suspended
        # for some time before 2022.
        early = issued < dt.date(2022, 1, 1) or (number % 2 == 0 and issued < dt.date(2026, 1, 1))
        body = world.bodies[5] if early else world.bodies[0]
        if scheme == "foreign":
            body = world.bodies[-1]
        laboratory = world.bodies[1]
        reissued = number % 10 == 9 and state == "valid" and issued < REISSUED_TILL
        until = years_later(issued, years)
        row: Row = {
            "cert_no": f"DEMO-CGP-{issued.year}-{200000 + number}",
            "scheme": scheme,
            **level_and_route(scheme, number, edition),
            "body_approval_no": body["approval_no"],
            "body_name_zh": body["name_zh"],
            **party_fields("applicant", firm),
            "manufacturer": firm.zh,
            "manufacturer_uscc": firm.uscc,
            "factory": f"{firm.zh.removesuffix('（演示）')}第一工厂，{firm.city}（演示）",
            "region_code": firm.region,
            **product_fields(goods, firm, number),
            "models_ended": [{"model": f"{firm.letters}-{100 + number % 900}S", "ended_on": MODEL_ENDED_ON}]
            if number % 12 == 8 and issued.isoformat() < MODEL_ENDED_ON < until
            else [],
            "unit_code": f"{firm.trade.zh}（演示单元）",
            "gtin": barcode(number) if number % 4 == 0 else "",
            "standard_edition": edition,
            "rule_no": "" if scheme == "foreign" else f"CNCA-CGP-{91 + RULES.index(firm.trade.zh)}:2020",
            "mode": "初始检查+产品抽样检验+获证后监督",
            "attributes": "resource|energy|environment|quality" + ("|carbon" if number % 5 == 0 else ""),
            "indicators": keep_columns(
                [indicator_row(chance, goods), world.further_indicator(goods, number)], INDICATOR_COLUMNS
            ),
            "test_body": laboratory["name_zh"],
            "test_body_approval_no": laboratory["approval_no"],
            "report_no": f"DEMO-R-{issued.year}-{number:05d}",
            "report_date": days_before(issued, 30),
            "issued_on": issued.isoformat(),
            "reissued_on": years_later(issued, 1) if reissued else "",
            "valid_to": until,
            "surveillance": surveillance(issued, dt.date.fromisoformat(until)),
            "replaces_cert_no": f"DEMO-CGP-{issued.year - 5}-{100000 + number}" if number % 11 == 0 else "",
            "demo": "true",
            "status": state,
        }
        if number % 6 == 0:
            row |= {
                "carbon_kg": round(chance.uniform(2, 90), 1),
                "carbon_unit": "1 件",
                "carbon_boundary": "从摇篮到大门",
                "carbon_method": "GB/T 24067-2024",
                "carbon_verifier": world.bodies[0]["name_zh"],
            }
        if state in reasons:
            reason = next(reasons[state])
            if firm.ended_on and state == "cancelled":
                reason = HOLDER_ENDED
            elif reason == HOLDER_ENDED:
                reason = next(reasons[state])
            elif (
                reason in GROUNDS and issued >= FIRST_DUE
            ):  # too new for a surveillance to be overdue or failed
                reason = "holder_asked_suspension"
            decided = firm.ended_on if reason == HOLDER_ENDED else DECIDED_ON.isoformat()
            row |= {"status_reason": reason, "decided_on": decided}
            row["surveillance"] = [*row["surveillance"][:-1], *GROUNDS.get(reason, row["surveillance"][-1:])]
        if state in ENDED:  # no surveillance is to come
            done = [each for each in row["surveillance"] if each["result"] != "pending"]
            row["surveillance"] = done or [{"due_on": LAST_AUDIT, "done_on": LAST_AUDIT, "result": "pass"}]
        if state == "suspended":
            row["suspended_until"] = "2027-02-28"
        yield without_empty(row)


def scheme_that_fits(planned: str, goods: Product, number: int) -> str:
    """The planned scheme if it is one for this product, else one that is: no tea is certified as saving water.

    One product of the catalogue in five is certified for one green attribute only.
    """
    own = goods.schemes[number // 36 % len(goods.schemes)]
    if planned == "green_product":
        return own if number // 60 % 5 == 2 else planned
    return planned if planned in ("green_building_material", *ANY_GOODS, *goods.schemes) else own


def last_organic_day(number: int, state: str) -> dt.date:
    """When a certificate of one year was issued: so that it still holds, or has run out where it has expired."""
    return dt.date(2025, 5 if state == "expired" else 11, 1) + dt.timedelta(days=number % 28)


def issue_day(chance: random.Random, state: str, years: int) -> dt.date:
    """Late enough for the state to be seen: what has run out was issued more than its validity ago."""
    if state == "expired":
        return random_day(chance, dt.date(2026 - years, 6, 1), dt.date(2025 - years, 6, 1))
    return random_day(chance) if years > 1 else random_day(chance, first=dt.date(2025, 11, 1))


def surveillance(issued: dt.date, until: dt.date) -> list[Row]:
    """One a year, passed on its day or some weeks before, a few with nonconformities; the next one to come is pending."""
    rows: list[Row] = []
    for years in count(1):
        due = years_later(issued, years)
        if due >= until.isoformat() and not rows:  # a certificate of one year is looked at half-way
            due = (issued + (until - issued) / 2).isoformat()
        if due >= until.isoformat() and rows:
            break
        if due >= FIRST_PENDING_AUDIT:
            rows.append({"due_on": due, "result": "pending"})
            break
        result = "nonconformities" if years == 1 and issued.day % 10 == 0 else "pass"
        rows.append({"due_on": due, "done_on": min(due, LAST_AUDIT), "result": result})
    return rows


def said_by(row: Row, day: dt.date) -> Row:
    """The certificate as it could be told on a day: without what was still to come, the next surveillance pending."""
    told = {**row}
    for name in ("reissued_on",):
        if str(row.get(name) or "") > day.isoformat():
            del told[name]
    done = [each for each in row.get("surveillance", ()) if each.get("done_on", "") <= day.isoformat()]
    to_come = [each for each in row.get("surveillance", ()) if each not in done]
    pending = [{"due_on": each["due_on"], "result": "pending"} for each in to_come[:1]]
    ended = [each for each in row.get("models_ended", ()) if each["ended_on"] <= day.isoformat()]
    return without_empty({**told, "surveillance": done + pending, "models_ended": ended})


def planned_scheme(number: int, trade: Trade) -> str:
    """A scheme; one in four is a building material, water, energy or other scheme, whether or not it fits the product."""
    if number % 4 == 3:
        return OTHER_SCHEMES[number // 4 % len(OTHER_SCHEMES)]
    if trade.zh in ("涂料", "卫浴", "地板") and number % 2:
        return "green_building_material"
    return "green_product"


def level_and_route(scheme: str, number: int, edition: str) -> Row:
    """The level where the scheme and the edition of its standard have levels, and the route of certification."""
    if scheme == "green_building_material":
        return {"level": ("three_star", "two_star", "one_star")[number % 3], "route": "1"}
    if scheme == "green_product":
        has_levels = edition in green.EDITIONS_WITH_LEVELS
        return {"level": ("benchmark", "green")[number // 60 % 2] if has_levels else "", "route": "1"}
    return {"route": "3" if scheme == "foreign" else ("2", "3")[number // 4 % 5 == 4]}


DEMONSTRATION = Demonstration(
    rows=green_products,
    sheets=(SourceSheet(DATA_DIR / "energystar_refrigerators.csv", mapping="energystar_refrigerators"),),
    fields_of_last_state=frozenset({"status_reason", "suspended_until", "decided_on"}),
    said_by=said_by,
)
