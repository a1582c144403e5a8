"""Rules of the lists: what an entry of each kind must name, and days that agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext, not_after_today, order_of_dates, rule
from registry.messages import Message

SOURCE = "《工业和信息化部办公厅关于开展绿色制造体系建设的通知》 (工信厅节函〔2016〕586号)"


@rule("subject_named", fields=("product_name_zh",), source=SOURCE)
def subject_named(values: Mapping[str, Any], _context: RuleContext) -> Iterable[Issue]:
    """A product is named; of a factory or an enterprise the list names no product."""
    product = values.get("product_name_zh")
    if values.get("kind") == "product" and not product:
        yield Issue("list_product_missing", "product_name_zh")
    elif product and values.get("kind") != "product":
        yield Issue("list_product_unexpected", "product_name_zh", {"value": product})


@rule("removal_dated", fields=("removed_on",), source=SOURCE)
def removal_dated(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A removal has a day, and what is on the list has none."""
    removed = values.get("removed_on")
    if context.status == "removed" and not removed:
        yield Issue("removal_without_day", "removed_on")
    elif context.status == "listed" and removed:
        yield Issue("removal_of_listed", "removed_on", {"value": removed})


RULES = (
    subject_named,
    removal_dated,
    not_after_today("listed_on", source="register"),
    order_of_dates("listed_on", "removed_on", source="register"),
)
MESSAGES: dict[str, Message | str] = {
    "list_product_missing": _("An entry of the list of green design products names its product."),
    "list_product_unexpected": _(
        "The list of factories and supply chains names no product, but “%(value)s” is given. Is it a green design product?"
    ),
    "removal_without_day": _("The source does not state when it was removed from the list."),
    "removal_of_listed": _("It is on the list, but a day of removal is given: %(value)s."),
}
