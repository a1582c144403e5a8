"""Documents as people read them: fields, tables, limit bars, status sentences, in the language asked for."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from registry import i18n
from registry.i18n import _
from registry.kit import indicator_comparison, kinds
from registry.kit.comparison import Comparison, compare
from registry.kit.definition import RegisterDefinition
from registry.kit.display import (
    CHINESE,
    Cell,
    FieldView,
    LimitBar,
    Piece,
    SectionView,
    TableView,
    Words,
    foreign_language,
)
from registry.kit.indicators import RANGES
from registry.kit.kinds import RegisterField
from registry.reference.code_lists import countries, ics, industries, regions
from registry.services.records.views import RegionView

YES, NO = _("Yes"), _("No")
COMPARED_WITH_LIMIT = _("Against the limit")
COMPUTED_BY_REGISTER = _("Worked out by the register")
MERGED_COLUMNS = (
    "operator",
    "unit",
)  # columns that stand with the figure they belong to, as does the end of a range
IS_UPPER_LIMIT = {"<=": True, "<": True, "≤": True, ">=": False, ">": False, "≥": False}
PathsByText = Mapping[tuple[str, str], str]  # (field, text as written) → path of the record it names
ValueFormatter = Callable[[Any, PathsByText], tuple[Piece, ...]]
NO_PATHS: PathsByText = {}


def piece(text: str, lang: str, **more: Any) -> Piece:
    """A run of text that says its language where it is not the page's."""
    return Piece(text, foreign_language(text, lang), **more)


def english_piece(text: str, lang: str, source: str = "") -> Piece:
    return Piece(text, "" if lang == "en" else "en", source)


def region_view(code: str) -> RegionView | None:
    """The place of a region code, for title lines; None for none or an unknown code."""
    region = regions.region(code) if code else None
    if region is None:
        return None
    return _region_view(code)


@functools.lru_cache(maxsize=8192)
def _region_view(code: str) -> RegionView:
    region = regions.region(code)
    assert region is not None
    return RegionView(code, regions.label(code, "zh"), regions.label(code, "en"), region.en_source)


def code_words(field: RegisterField, value: Any) -> Words:
    """An enumeration's value in both languages; a word our lists lack stays as the source wrote it."""
    describe = getattr(field, "words", None)
    if describe is not None:
        words: Words = describe(str(value))
        return words
    code = field.codes.get(str(value)) if isinstance(field, kinds.Choice) else None
    if code is None:
        return Words(str(value), str(value) if not CHINESE.search(str(value)) else "", "missing")
    return Words(code.zh, code.en)


def sentence_case(words: Words) -> str:
    """The English of a code where it stands alone: lists keep it as inside a sentence."""
    return words.en if words.en_source == "missing" else words.en[:1].upper() + words.en[1:]


@functools.cache
def value_formatter(name: str, field: RegisterField, lang: str) -> ValueFormatter:
    """How the values of a field read in a language, worked out once for each field: pages have dozens of them."""
    if isinstance(field, kinds.Many):
        inner = value_formatter(name, field.inner, lang)
        return lambda value, paths: tuple([part for item in value for part in inner(item, paths)])
    kind = field.kind
    if isinstance(field, kinds.Choice) or hasattr(field, "words"):
        return _code_formatter(name, field, lang)
    if kind == "date":
        return lambda value, _paths: (Piece(i18n.format_day(str(value), lang), style="n"),)
    if kind == "number":
        in_words = (lambda value, _lang: str(value)) if isinstance(field, kinds.Year) else i18n.format_number
        return lambda value, _paths: (Piece(in_words(value, lang), style="n"),)
    if kind == "flag":
        return lambda value, _paths: (Piece(i18n.gettext(YES if value else NO, lang)),)
    if kind == "url":
        return lambda value, _paths: (Piece(str(value), url=str(value)),)
    if kind in CODE_LISTS:
        of_list = CODE_LISTS[kind]
        return lambda value, _paths: of_list(str(value), lang)
    if kind != "identifier" and name.endswith("_en"):
        return lambda value, _paths: (english_piece(str(value), lang),)
    style = "n" if kind == "identifier" else ""

    def written(value: Any, paths: PathsByText) -> tuple[Piece, ...]:
        text = str(value)
        return (piece(text, lang, path=paths.get((name, text), ""), style=style),)

    return written


def _code_formatter(name: str, field: RegisterField, lang: str) -> ValueFormatter:
    def coded(value: Any, paths: PathsByText) -> tuple[Piece, ...]:
        words = code_words(field, value)
        text = words.zh if lang == "zh" else sentence_case(words) or words.zh
        return (piece(text, lang, path=paths.get((name, str(value)), "")),)

    return coded


def _region_pieces(code: str, lang: str) -> tuple[Piece, ...]:
    where = region_view(code)
    if where is None:
        return (Piece(code, style="n"),)
    if lang == "zh":
        return (Piece(where.zh), Piece(code, style="n"))
    return (
        Piece(where.en, source="romanised" if where.en_source == "romanised" else ""),
        Piece(code, style="n"),
    )


def _industry_pieces(code: str, lang: str) -> tuple[Piece, ...]:
    found = industries.industry(code)
    if found is None:
        return (Piece(code, style="n"),)
    if lang == "zh":
        return (Piece(found.code, style="n"), Piece(found.zh))
    return (Piece(found.code, style="n"), Piece(found.en))


def _country_pieces(code: str, lang: str) -> tuple[Piece, ...]:
    found = countries.country(code)
    return (Piece(getattr(found, lang)) if found else Piece(code),)


def _ics_pieces(code: str, lang: str) -> tuple[Piece, ...]:
    found = ics.ics(code)
    if found is None:
        return (Piece(code, style="n"),)
    if lang == "zh" and found.zh:
        return (Piece(code, style="n"), Piece(found.zh))
    return (Piece(code, style="n"), english_piece(found.en, lang))


CODE_LISTS = {
    "region": _region_pieces,
    "industry": _industry_pieces,
    "country": _country_pieces,
    "ics": _ics_pieces,
}


def value_text(name: str, field: RegisterField, value: Any, lang: str) -> str:
    """The value as one line of text (result lines, differences)."""
    if isinstance(field, kinds.Rows):
        return "; ".join(_row_text(field, row, lang) for row in value)
    if isinstance(field, kinds.Many):
        return ("、" if lang == "zh" else ", ").join(
            value_text(name, field.inner, item, lang) for item in value
        )
    return " ".join(part.text for part in value_formatter(name, field, lang)(value, NO_PATHS))


def _row_text(table: kinds.Rows, row: Mapping[str, Any], lang: str) -> str:
    return " ".join(
        value_text(name, column, row[name], lang) for name, column in table.columns.items() if name in row
    )


def section_views(
    definition: RegisterDefinition, values: Mapping[str, Any], lang: str, *, status: str, paths: PathsByText
) -> tuple[SectionView, ...]:
    """The parts of a record's page that hold something; what the source does not state is left to the warnings."""
    views = []
    kept = definition.schema.register_fields()
    derived = {each.name: each for each in definition.derived}
    for section in definition.layout.sections:
        lines: list[FieldView] = []
        tables: list[TableView] = []
        for name in section.fields:
            if name in derived:
                words = derived[name].compute(values, status)
                if words is not None:
                    said = piece(words.zh if lang == "zh" else sentence_case(words), lang)
                    lines.append(FieldView(name, derived[name].label, (said,)))
                continue
            field = kept[name]
            value = values.get(name)
            if value is None:
                continue
            if isinstance(field, kinds.Rows):
                if value:
                    table = _table_view(name, field, value, lang)
                    compared = definition.layout.comparison
                    if compared and name == compared.benchmarks:
                        table = _add_comparisons(table, compare(values.get(compared.own) or (), value), lang)
                    tables.append(table)
                continue
            pieces = value_formatter(name, field, lang)(value, paths)
            if name in definition.layout.emphasised:
                pieces = tuple([part._replace(style="strong") for part in pieces])
            lines.append(FieldView(name, field.info.label, pieces, isinstance(field, kinds.Many)))
        if lines or tables:
            views.append(SectionView(section.key, section.title, tuple(lines), tuple(tables)))
    return tuple(views)


def _table_view(name: str, field: kinds.Rows, rows: Iterable[Mapping[str, Any]], lang: str) -> TableView:
    rows = list(rows)
    used = _columns_in_language(
        [column for column in field.columns if any(column in row for row in rows)], lang
    )
    measured = "value" in used or "limit" in used
    if measured:
        ends = [end for start, end in RANGES if all(start in row for row in rows if end in row)]
        used = [column for column in used if column not in (*MERGED_COLUMNS, *ends)]
    bars = [limit_bar(row) if measured else None for row in rows]
    barred = any(bars)
    cells = []
    for row, bar in zip(rows, bars, strict=True):
        line: list[Cell] = []
        for column in used:
            known = field.columns[column]
            given = row.get(column)
            if given is None and column.endswith(("_zh", "_en")):  # the other language rather than nothing
                column = column[:-3] + ("_en" if column.endswith("_zh") else "_zh")  # noqa: PLW2901
                given, known = row.get(column), field.columns.get(column, known)
            if given is None:
                shown: tuple[Piece, ...] = ()
            elif measured and column in ("value", "limit"):
                shown = _measurement(column, field, row, lang)
            else:
                shown = value_formatter(column, known, lang)(given, NO_PATHS)
            figure = known.kind == "number" and line and not isinstance(known, kinds.Year)
            line.append(Cell(shown, None, "num" if figure else ""))
            if barred and column == "value":
                line.append(Cell((), bar))
        cells.append(tuple(line))
    heads = [field.columns[column].info.label for column in used]
    if barred:
        heads.insert(used.index("value") + 1, COMPARED_WITH_LIMIT)
    return TableView(name, field.info.label, tuple(heads), tuple(cells), barred)


def _add_comparisons(table: TableView, comparisons: Iterable[Comparison], lang: str) -> TableView:
    """A table of other standards' values with what the arithmetic says beside each."""
    cells = [
        Cell(
            (Piece(indicator_comparison.comparison_message(each, lang)),),
            None,
            "bad" if each.relation == "below" else "",
        )
        for each in comparisons
    ]
    rows = tuple([(*row, cell) for row, cell in zip(table.rows, cells, strict=True)])
    return table._replace(columns=(*table.columns, COMPUTED_BY_REGISTER), rows=rows)


def _measurement(column: str, field: kinds.Rows, row: Mapping[str, Any], lang: str) -> tuple[Piece, ...]:
    """A figure with its unit, and with the sign of comparison, which is the limit's where there is one."""
    figure = value_formatter(column, field.columns[column], lang)(row[column], NO_PATHS)[0].text
    end = dict(RANGES)[column]
    if end in row:
        figure += f"–{value_formatter(end, field.columns[end], lang)(row[end], NO_PATHS)[0].text}"
    elif "operator" in row and column == ("limit" if "limit" in row else "value"):
        sign = code_words(field.columns["operator"], row["operator"])
        figure = f"{sign.zh if lang == 'zh' else sign.en} {figure}"
    unit = str(row.get("unit") or "1")
    if unit == "1":  # a ratio
        return (Piece(figure, style="n"),)
    if unit in ("%", "‰"):
        return (Piece(figure + unit, style="n"),)
    return (Piece(figure, style="n"), piece(unit, lang))


def _columns_in_language(used: list[str], lang: str) -> list[str]:
    """Of a pair of columns `x_zh`, `x_en`, the page's language is enough."""
    other = "_en" if lang == "zh" else "_zh"
    mine = f"_{lang}"
    return [column for column in used if not (column.endswith(other) and column[:-3] + mine in used)]


def limit_bar(row: Mapping[str, Any]) -> LimitBar | None:
    """Result against limit, where both are numbers; scale: limit × 1.4 for ≤, × 1.5 for ≥."""
    value, limit, operator = row.get("value"), row.get("limit"), str(row.get("operator") or "")
    value, limit = _as_number(value), _as_number(limit)
    if value is None or limit is None or limit <= 0 or value < 0 or operator not in IS_UPPER_LIMIT:
        return None
    upper = IS_UPPER_LIMIT[operator]
    scale = limit * (1.4 if upper else 1.5)
    meets = value <= limit if upper else value >= limit
    return LimitBar(min(value / scale, 1.0), limit / scale, "<=" if upper else ">=", meets)


def _as_number(value: Any) -> float | None:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return float(str(value))
    except ValueError:
        return None


def status_sentence_params(today: dt.date, *, since: str, until: str, lang: str) -> dict[str, str]:
    """Parameters of a state's sentence, as days in words."""
    unknown = i18n.gettext("not stated", lang)
    return {
        "today": i18n.format_day(today.isoformat(), lang),
        "since": i18n.format_day(since, lang) if since else unknown,
        "until": i18n.format_day(until, lang) if until else unknown,
    }
