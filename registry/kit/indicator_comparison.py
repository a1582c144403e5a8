"""Comparisons in words: the two figures, and what follows from them by arithmetic."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.i18n import _, format_number, gettext
from registry.kit.comparison import Comparison
from registry.kit.definition import RegisterDefinition
from registry.kit.indicators import OPERATORS, indicator_name

STRICTER, WEAKER, SAME = _("%(share)s stricter"), _("%(share)s weaker"), _("the same")
STRICTER_THAN_NONE, WEAKER_THAN_NONE = _("stricter"), _("weaker")  # than a limit of nought
FIGURES = _("declared %(own)s, compared %(other)s: %(outcome)s")
OBSTACLE_MESSAGES = {
    "indicator": _("No indicator has this name, so the numbers cannot be compared."),
    "figure": _("Not a single number on each side, so the numbers cannot be compared."),
    "unit": _("Another unit than that of the indicator, so the numbers cannot be compared."),
    "direction": _("One is an upper limit, the other is not, so the numbers cannot be compared."),
}
PERCENT_DIGITS = 3  # significant ones


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """One comparison as its filer sees it beside the table. `relation`: above, equal, below or "" (unknown)."""

    row_number: int
    name: str
    words: str
    relation: str


def comparison_lines(
    definition: RegisterDefinition, comparisons: Iterable[Comparison], lang: str
) -> Mapping[str, tuple[ComparisonLine, ...]]:
    """The comparisons of a filing by the field of the table that they belong to."""
    names = definition.layout.comparison
    made = tuple(
        ComparisonLine(
            each.row_number, indicator_name(each.row), comparison_message(each, lang), each.relation
        )
        for each in comparisons
        if each.row.get("other_value")
    )
    return {names.benchmarks: made} if names and made else {}


def comparison_message(comparison: Comparison, lang: str) -> str:
    """What the arithmetic says, as one phrase; why it says nothing where it cannot."""
    if comparison.obstacle:
        return gettext(OBSTACLE_MESSAGES[comparison.obstacle], lang)
    return gettext(
        FIGURES,
        lang,
        own=_promised(comparison, lang),
        other=str(comparison.row["other_value"]),
        outcome=_outcome(comparison, lang),
    )


def _promised(comparison: Comparison, lang: str) -> str:
    own = comparison.own
    sign = OPERATORS.get(str(own["operator"]))
    unit = str(own.get("unit") or "1")
    figure = f"{getattr(sign, lang)} {format_number(own['value'], lang)}"
    return figure if unit == "1" else f"{figure}{unit}" if unit in ("%", "‰") else f"{figure} {unit}"


def _outcome(comparison: Comparison, lang: str) -> str:
    if comparison.relation == "equal":
        return gettext(SAME, lang)
    above = comparison.relation == "above"
    if comparison.margin is None:
        return gettext(STRICTER_THAN_NONE if above else WEAKER_THAN_NONE, lang)
    percent = float(f"{abs(comparison.margin) * 100:.{PERCENT_DIGITS}g}")
    share = format_number(int(percent) if percent.is_integer() else percent, lang)
    return gettext(STRICTER if above else WEAKER, lang, share=f"{share} %")
