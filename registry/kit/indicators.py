"""Indicators: measured or promised values with their limits, a table that several registers share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.codes import Code, CodeList
from registry.kit.issues import Issue
from registry.kit.kinds import RegisterField
from registry.kit.limits import FORCES
from registry.kit.product_categories import Category
from registry.kit.rules import Rule, RuleContext
from registry.messages import Message, declare
from registry.reference.code_lists import glossary

OPERATORS = CodeList(
    Code("<=", "≤", "≤", ("≤", "不大于", "at most")),
    Code(">=", "≥", "≥", ("≥", "不小于", "at least")),
    Code("<", "<", "<", ("＜",)),
    Code(">", ">", ">", ("＞",)),
    Code("=", "=", "=", ("＝",)),
    Code("in", "范围内", "within", ("within",)),
)

KINDS = CodeList(
    Code("functional", "功能", "functional"),
    Code("performance", "性能", "performance"),
    Code("safety", "安全", "safety"),
    Code("health", "健康", "health"),
    Code("environment", "环保", "environmental"),
)

# Of a promised value to that of another standard. "Above" is stricter: of an upper limit that is the lower number.
RELATIONS = CodeList(
    Code("above", "严于", "stricter than", ("高于", "更严", "优于", "above", "stricter", "higher")),
    Code("equal", "等于", "equal to", ("相同", "一致", "等同", "the same")),
    Code("below", "宽于", "less strict than", ("低于", "更宽", "宽松于", "below", "weaker", "lower")),
)


RANGES = (("limit", "limit_to"), ("value", "value_to"))


def indicator_columns(*names: str, required: tuple[str, ...] = ()) -> dict[str, RegisterField]:
    """The columns of an indicator table, in this order. `required`: those that each row must have."""
    available: dict[str, RegisterField] = {
        "kind": f.choice(_("Kind"), KINDS),
        "name_zh": f.text(_("Indicator"), max_length=120),
        "name_en": f.text(_("Indicator"), max_length=120),
        "operator": f.choice(_("Operator"), OPERATORS),
        "limit": f.number(_("Limit")),
        "limit_to": f.number(_("Upper limit")),  # of a range, where `limit` is the lower one
        "value": f.number(_("Value")),
        "value_to": f.number(_("Upper value")),
        "text": f.text(_("Value in words"), max_length=200),
        "unit": f.text(_("Unit"), max_length=40),
        "conditions": f.text(_("Conditions"), max_length=200),
        "method": f.text(_("Method"), max_length=200),
        "thresholds": f.text(_("Thresholds of the levels"), max_length=300),
        "level": f.text(_("Level reached"), max_length=40),
        "weight": f.number(_("Weight"), minimum=0),
        "standard": f.standard_number(_("Compared standard")),
        "other_value": f.text(_("Its value"), max_length=120),
        "relation": f.choice(_("Relation"), RELATIONS),
        "category": Category(f.FieldInfo(_("Product category"))),
        "force": f.choice(_("Force"), FORCES),
        "clause": f.text(_("Clause"), max_length=60),
    }
    columns = {name: available[name] for name in names}
    for name in required:
        columns[name].is_required = True
    return columns


def threshold_columns() -> dict[str, RegisterField]:
    """The columns of a table of thresholds: what each level asks of each indicator."""
    return {
        "level": f.text(_("Level"), max_length=40),
        **indicator_columns("name_zh", "name_en", "operator", "limit", "limit_to", "unit"),
    }


def require_units(field: str, *, source: str) -> Rule:
    """A value needs its unit (`1` for ratios)."""

    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        for number, row in enumerate(values.get(field) or (), start=1):
            has_value = "value" in row or (field, number, "value") in context.unreadable_cells
            if has_value and not row.get("unit"):
                yield Issue("unit_missing", field, row_params(number, row))

    return Rule(f"{field}_have_units", (field,), source, check)


def within_limits(field: str, *, source: str) -> Rule:
    """A value must keep the limit in its row."""

    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        del context
        for number, row in enumerate(values.get(field) or (), start=1):
            if meets_limit(row) is False:
                params = {**row_params(number, row), "value": row["value"], "limit": row["limit"]}
                yield Issue("limit_not_met", field, params)

    return Rule(f"{field}_within_limits", (field,), source, check)


def ranges_in_order(field: str, *, source: str) -> Rule:
    """A range needs both ends, the lower one first."""

    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        for number, row in enumerate(values.get(field) or (), start=1):
            ends = [(row.get(low), row.get(high)) for low, high in RANGES]
            if row.get("operator") == "in" and not any(None not in pair for pair in ends):
                cells = {(field, number, name) for pair in RANGES for name in pair}
                if context.unreadable_cells.isdisjoint(cells):
                    yield Issue("range_open", field, row_params(number, row))
            if any(low is not None and high is not None and low > high for low, high in ends):
                yield Issue("range_backwards", field, row_params(number, row))

    return Rule(f"{field}_ranges_in_order", (field,), source, check)


def meets_limit(row: Mapping[str, Any]) -> bool | None:
    """True if a row's value keeps the limit in the row, None if there is nothing to compare."""
    value, limit, operator = row.get("value"), row.get("limit"), row.get("operator")
    if not isinstance(value, int | float) or not isinstance(limit, int | float):
        return None
    upper = row.get("limit_to")
    answers = {
        "<=": value <= limit,
        ">=": value >= limit,
        "<": value < limit,
        ">": value > limit,
        "=": value == limit,
        "in": limit <= value <= upper if isinstance(upper, int | float) else None,
    }
    return answers.get(str(operator))


def indicator_name(row: Mapping[str, Any]) -> str:
    """The name of a row's indicator, in Chinese if it has both."""
    return str(row.get("name_zh") or row.get("name_en") or "")


def name_in_english(row: Mapping[str, Any]) -> str:
    """The English name of a row's indicator: as it states it, else as the glossary has the Chinese; else the Chinese."""
    name = indicator_name(row)
    en = str(row.get("name_en") or "") or glossary.translate(name)
    return en[:1].upper() + en[1:] if en else name


def row_params(row_number: int, row: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters that tell which row an issue is about: `row`, `name`, and `name_en` if the row has one."""
    english = row.get("name_en")
    return {"row": row_number, "name": indicator_name(row), **({"name_en": english} if english else {})}


MESSAGES = {
    "unit_missing": Message(_("Row %(row)s, “%(name)s”: a number needs its unit."), optional=("name_en",)),
    "range_open": Message(
        _("Row %(row)s, “%(name)s”: a range needs its lower and its upper end."), optional=("name_en",)
    ),
    "range_backwards": Message(
        _("Row %(row)s, “%(name)s”: the lower end lies above the upper one."), optional=("name_en",)
    ),
    "limit_not_met": Message(
        _("Row %(row)s, “%(name)s”: the value %(value)s does not keep the limit %(limit)s."),
        optional=("name_en",),
    ),
}

declare(__name__, MESSAGES)
