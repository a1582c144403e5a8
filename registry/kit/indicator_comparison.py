"""Comparisons of indicators in words: the two values, and which is stricter by how much."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from registry.i18n import _, format_number, gettext
from registry.kit.comparison import Comparison
from registry.kit.definition import RegisterDefinition
from registry.kit.indicators import OPERATORS, indicator_name
from registry.kit.limits import LimitComparison, quantity_text

STRICTER, WEAKER, SAME = _("%(share)s stricter"), _("%(share)s weaker"), _("the same")
STRICTER_THAN_ZERO, WEAKER_THAN_ZERO = _("stricter"), _("weaker")
FIGURES = _("declared %(own)s, compared %(other)s: %(outcome)s")
OBSTACLE_MESSAGES = {
    "indicator": _("No indicator has this name, so the numbers cannot be compared."),
    "figure": _("Not a single number on each side, so the numbers cannot be compared."),
    "unit": _("Another unit than that of the indicator, so the numbers cannot be compared."),
    "direction": _("One is an upper limit, the other is not, so the numbers cannot be compared."),
}
LIMIT_FIGURES = _("declared %(own)s; %(standard)s (%(force)s) %(limit)s: %(outcome)s")
MANDATORY, VOLUNTARY = _("mandatory"), _("voluntary")
LIMIT_OUTCOMES = {
    "above": _("stricter"),
    "equal": _("the same"),
    "below": _("weaker"),
    "": _("cannot be compared"),
}
PERCENT_DIGITS = 3  # significant ones


@dataclass(frozen=True, slots=True)
class ComparisonLine:
    """One comparison as the filer sees it beside the table. `relation`: above, equal, below or "" (unknown)."""

    row_number: int
    name: str
    words: str
    relation: str


def comparison_lines(
    definition: RegisterDefinition, comparisons: Iterable[Comparison], lang: str
) -> dict[str, tuple[ComparisonLine, ...]]:
    """The comparisons of a filing, by the field of the table that they belong to; rows without a value have none."""
    tables = definition.layout.comparison
    lines = tuple(
        ComparisonLine(
            comparison.row_number,
            indicator_name(comparison.row),
            comparison_message(comparison, lang),
            comparison.relation,
        )
        for comparison in comparisons
        if comparison.row.get("other_value")
    )
    return {tables.benchmarks: lines} if tables and lines else {}


def limit_lines(
    definition: RegisterDefinition, comparisons: Iterable[LimitComparison], lang: str
) -> dict[str, tuple[ComparisonLine, ...]]:
    """The promised values against the limits of standards, by the field of the table of promises."""
    tables = definition.layout.comparison
    lines = tuple(
        ComparisonLine(
            each.row_number,
            indicator_name(each.row),
            gettext(
                LIMIT_FIGURES,
                lang,
                own=quantity_text(each.row),
                limit=each.limit.text(),
                standard=each.limit.source(),
                force=gettext(MANDATORY if each.limit.mandatory else VOLUNTARY, lang),
                outcome=gettext(LIMIT_OUTCOMES[each.relation], lang),
            ),
            each.relation,
        )
        for each in comparisons
        if each.obstacle != "figure"
    )
    return {tables.own: lines} if tables and lines else {}


def comparison_message(comparison: Comparison, lang: str) -> str:
    """The two values and the outcome as one phrase, or why they cannot be compared."""
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
    """The promised value with its sign and unit: `≤ 0.05 mg/L`, `≥ 90%`, `≤ 2` for a ratio."""
    own = comparison.own
    sign = OPERATORS.get(str(own["operator"]))
    unit = str(own.get("unit") or "1")
    value = f"{getattr(sign, lang)} {format_number(own['value'], lang)}"
    if unit == "1":
        return value
    return f"{value}{unit}" if unit in ("%", "‰") else f"{value} {unit}"


def _outcome(comparison: Comparison, lang: str) -> str:
    if comparison.relation == "equal":
        return gettext(SAME, lang)
    above = comparison.relation == "above"
    if comparison.margin is None:
        return gettext(STRICTER_THAN_ZERO if above else WEAKER_THAN_ZERO, lang)
    percent = float(f"{abs(comparison.margin) * 100:.{PERCENT_DIGITS}g}")
    share = format_number(int(percent) if percent.is_integer() else percent, lang)
    return gettext(STRICTER if above else WEAKER, lang, share=f"{share} %")
