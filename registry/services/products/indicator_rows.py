"""Indicators of several records in one table: matched by name, in one unit where the conversion is exact, never ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Context, Decimal, Inexact
from fractions import Fraction
from typing import Any, NamedTuple

from registry.i18n import _
from registry.kit import kinds
from registry.kit.display import foreign_language
from registry.kit.indicator_names import joined_by_quantity
from registry.kit.indicators import RANGES, indicator_name
from registry.kit.units import exact, in_unit, spell
from registry.reference.text.folding import fold_name, fold_number
from registry.services.products.views import ComparedCell, ComparedRow
from registry.services.records import presentation
from registry.services.records.translations import NOTHING_LINKED

FIGURES = tuple(name for pair in RANGES for name in pair)  # of a row, all in its unit
MAX_DECIMALS = 6  # of a converted figure: a longer one is shown as it is written
EXACT = Context(prec=15, traps=[Inexact])
OTHER_METHODS = _("Measured by different methods: the figures cannot be held against each other.")
OTHER_UNITS = _(
    "In units that do not convert into each other: the figures cannot be held against each other."
)
IndicatorLine = Mapping[str, Any]


class _Placed(NamedTuple):
    """A row of a record's table: which record, which row."""

    column: int
    number: int
    row: IndicatorLine


def is_indicator_table(field: object) -> bool:
    """Return True for a table of measured, promised or limited values, each with its name and unit."""
    if not isinstance(field, kinds.Rows):
        return False
    columns = field.columns
    is_of_values = {"name_zh", "unit"} <= columns.keys() and not columns.keys().isdisjoint({"value", "limit"})
    return is_of_values and "other_value" not in columns and next(iter(columns)) != "level"


def indicator_rows(
    table: kinds.Rows, tables: Sequence[Sequence[IndicatorLine]], lang: str
) -> tuple[ComparedRow, ...]:
    """Return one row for each indicator that any of the tables has, with a cell for each table, in their order.

    Which rows belong together, what differs and in which unit they are shown does not hang on the order of the tables.
    """
    return tuple(_compared_row(table, group, len(tables), lang) for group in _groups_of_same(tables) if group)


def _groups_of_same(tables: Sequence[Sequence[IndicatorLine]]) -> Iterator[list[_Placed]]:
    """Yield the rows of each indicator; rows of one record that are alike in name are kept apart by their written names."""
    placed = [
        _Placed(column, number, row)
        for column, rows in enumerate(tables)
        for number, row in enumerate(rows)
        if indicator_name(row)
    ]
    for members in joined_by_quantity(placed, lambda each: each.row):
        if max(Counter(each.column for each in members).values()) == 1:
            yield members
        else:
            yield from _by_written_name(members)


def _by_written_name(members: Sequence[_Placed]) -> Iterator[list[_Placed]]:
    """Yield the rows by name and conditions; a second one of a record with both alike stands in a row of its own."""
    by_name: dict[tuple[str, str, int], list[_Placed]] = {}
    seen: Counter[tuple[int, str, str]] = Counter()
    for each in members:
        name = fold_name(indicator_name(each.row))
        conditions = fold_name(str(each.row.get("conditions") or ""))
        key = (each.column, name, conditions)
        by_name.setdefault((name, conditions, seen[key]), []).append(each)
        seen[key] += 1
    yield from by_name.values()


def _compared_row(table: kinds.Rows, group: Sequence[_Placed], columns: int, lang: str) -> ComparedRow:
    rows = {each.column: each.row for each in group}
    unit = _common_unit(rows.values())
    figures = {column: _figures_in(row, unit) for column, row in rows.items()}
    name, name_lang = _name_of(next(iter(rows.values())), lang)
    is_measured = any("value" in row for row in rows.values())
    methods = {fold_number(str(row["method"])) for row in rows.values() if row.get("method")}
    note = ""
    if unit is None:
        note = OTHER_UNITS
    elif is_measured and len(methods) > 1:
        note = OTHER_METHODS
    stated = {
        (_what_is_stated(row, figures[column]), unit is None and spell(str(row.get("unit") or "")))
        for column, row in rows.items()
    }
    return ComparedRow(
        name=name,
        label=name,
        cells=tuple(
            _cell(table, rows[column], unit, lang) if column in rows else ComparedCell()
            for column in range(columns)
        ),
        differs=len(stated) > 1 or len(rows) < columns,
        label_lang=name_lang,
        note=note,
    )


def _name_of(row: IndicatorLine, lang: str) -> tuple[str, str]:
    """Return the name of an indicator in the language if it has one, and its language where it is the other."""
    name = str(row.get(f"name_{lang}") or indicator_name(row))
    return name, foreign_language(name, lang)


def _common_unit(rows: Any) -> str | None:
    """Return the unit in which all figures can be shown: the most frequent one, "" for none; None if there is no such unit."""
    units = Counter(str(row.get("unit") or "") for row in rows if any(name in row for name in FIGURES))
    if not units:
        return ""
    wanted = min(units, key=lambda unit: (-units[unit], len(unit), unit))
    if all(in_unit(1, unit, wanted) is not None for unit in units):
        return wanted
    return None


def _figures_in(row: IndicatorLine, unit: str | None) -> tuple[Fraction | None, ...]:
    """Return the figures of a row in a unit, exactly; as they are written where there is none."""
    own = str(row.get("unit") or "")
    wanted = own if unit is None else unit
    return tuple(
        (in_unit(row[name], own, wanted) if spell(own) != spell(wanted) else exact(row[name]))
        if isinstance(row.get(name), int | float)
        else None
        for name in FIGURES
    )


def _what_is_stated(row: IndicatorLine, figures: tuple[Fraction | None, ...]) -> tuple[object, ...]:
    """Return what two rows must share not to differ; a value in words counts as it is written."""
    return (figures, str(row.get("operator") or ""), fold_name(str(row.get("text") or "")))


def _cell(table: kinds.Rows, row: IndicatorLine, unit: str | None, lang: str) -> ComparedCell:
    shown = _converted(row, unit)
    columns = table.columns
    value = presentation.measurement(table, "value", shown, lang) if "value" in shown else ()
    if not value and row.get("text"):
        value = presentation.value_formatter("text", columns["text"], lang)(row["text"], NOTHING_LINKED)
    limit = presentation.measurement(table, "limit", shown, lang) if "limit" in shown else ()
    method = (
        presentation.value_formatter("method", columns["method"], lang)(row["method"], NOTHING_LINKED)
        if row.get("method") and "method" in columns
        else ()
    )
    as_written = ""
    if shown is not row:
        name = "value" if "value" in row else "limit"
        as_written = " ".join(part.text for part in presentation.measurement(table, name, row, lang))
    return ComparedCell(value, limit, method, as_written)


def _converted(row: IndicatorLine, unit: str | None) -> IndicatorLine:
    """Return the row in a unit where each of its figures has few decimals there, else the row itself."""
    own = str(row.get("unit") or "")
    if not unit or spell(own) == spell(unit):
        return row
    figures: dict[str, float] = {}
    for name in FIGURES:
        if not isinstance(row.get(name), int | float):
            continue
        figure = in_unit(row[name], own, unit)
        decimal = exact_decimal(figure) if figure is not None else None
        if decimal is None or max(-int(decimal.as_tuple().exponent), 0) > MAX_DECIMALS:
            return row
        figures[name] = int(decimal) if decimal == decimal.to_integral_value() else float(decimal)
    return {**row, **figures, "unit": unit}


def exact_decimal(figure: Fraction) -> Decimal | None:
    """Return a figure as a decimal of at most 15 digits, None where that would not be exact."""
    try:
        return EXACT.divide(Decimal(figure.numerator), Decimal(figure.denominator)).normalize(EXACT)
    except Inexact:
        return None
