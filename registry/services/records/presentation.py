"""Documents as people read them: fields, tables, limit bars, sentences of states, in the language asked for."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from registry import i18n
from registry.i18n import _
from registry.kit import english_sources, indicator_comparison, kinds
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
from registry.kit.grading import Scheme, thresholds_in_words
from registry.kit.indicators import RANGES
from registry.kit.kinds import RegisterField
from registry.reference.code_lists import countries, ics, industries, regions, units
from registry.reference.identifiers import certificate_numbers
from registry.registers import catalogue
from registry.services.records.translations import NOTHING_LINKED, LinkedTexts, english_pieces
from registry.services.records.views import FactView, RegionView

YES, NO = _("Yes"), _("No")
COMPARED_WITH_LIMIT = _("Against the limit")
COMPUTED_BY_REGISTER = _("Worked out by the register")
UNKNOWN_DAY = _("not given by the source")
LEVEL_COLUMN, THRESHOLDS_COLUMN = "level", "thresholds"  # of graded records: in the words of their scheme
MERGED_COLUMNS = ("operator", "unit")  # shown with the figure that they belong to, as the end of a range is
FIGURE_COLUMNS = ("value", "limit")
END_OF_RANGE = dict(RANGES)
IS_UPPER_LIMIT = {"<=": True, "<": True, "≤": True, ">=": False, ">": False, "≥": False}


class StatusOnDay(NamedTuple):
    """The code of a record's status, and the day on which it is looked at."""

    status: str
    day: dt.date


ValueFormatter = Callable[[Any, LinkedTexts], tuple[Piece, ...]]


def piece(text: str, lang: str, **more: Any) -> Piece:
    """Make a run of text that says its language where it is not the page's."""
    return Piece(text, foreign_language(text, lang), **more)


def english_piece(text: str, lang: str, source: str = "") -> Piece:
    """Make a run of English text; `source`: of the English, as in `Words.en_source`."""
    return Piece(text, "" if lang == "en" else "en", source)


def region_view(code: str) -> RegionView | None:
    """Return a region by its code, for title lines; None for no code or an unknown one."""
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
    """Return a coded value in both languages; a word that the code list lacks stays as the source wrote it."""
    describe = getattr(field, "words", None)
    if describe is not None:
        words: Words = describe(str(value))
        return words
    code = field.codes.get(str(value)) if isinstance(field, kinds.Choice) else None
    if code is None:
        return Words(str(value), str(value) if not CHINESE.search(str(value)) else "", "missing")
    return Words(code.zh, code.en)


def sentence_case(words: Words) -> str:
    """Return the English of a code with a capital, for use on its own: code lists have it as inside a sentence."""
    return words.en if words.en_source == "missing" else words.en[:1].upper() + words.en[1:]


@functools.cache
def value_formatter(name: str, field: RegisterField, lang: str) -> ValueFormatter:
    """Return the function that puts values of a field into pieces of text. Cached: a page has dozens of fields."""
    if isinstance(field, kinds.Many):
        inner = value_formatter(name, field.inner, lang)
        return lambda value, linked: tuple([part for item in value for part in inner(item, linked)])
    kind = field.kind
    if isinstance(field, kinds.Choice) or hasattr(field, "words"):
        return _code_formatter(name, field, lang)
    if kind == "date":
        return lambda value, _linked: (Piece(i18n.format_day(str(value), lang), style="n"),)
    if kind == "number":
        if isinstance(field, kinds.Year):
            return lambda value, _linked: (Piece(str(value), style="n"),)
        return lambda value, _linked: (Piece(i18n.format_number(value, lang), style="n"),)
    if kind == "flag":
        return lambda value, _linked: (Piece(i18n.gettext(YES if value else NO, lang)),)
    if kind == "url":
        return lambda value, _linked: (Piece(str(value), url=str(value)),)
    if kind in CODE_LISTS:
        code_pieces = CODE_LISTS[kind]
        return lambda value, _linked: code_pieces(str(value), lang)
    if kind != "identifier" and name.endswith("_en"):
        return lambda value, _linked: (english_piece(str(value), lang),)
    style = "n" if kind == "identifier" else ""
    printed = field.form.printed if isinstance(field, kinds.NormalisedText) else str

    def format_text(value: Any, linked: LinkedTexts) -> tuple[Piece, ...]:
        text = str(value)
        if lang == "en" and CHINESE.search(text):
            return english_pieces(name, field, text, linked)
        return (piece(printed(text), lang, path=linked.paths.get((name, text), ""), style=style),)

    return format_text


def _code_formatter(name: str, field: RegisterField, lang: str) -> ValueFormatter:
    def format_code(value: Any, linked: LinkedTexts) -> tuple[Piece, ...]:
        words = code_words(field, value)
        if lang == "en" and not words.en:
            return english_pieces(name, field, str(value), linked)
        text = words.zh if lang == "zh" else sentence_case(words)
        return (piece(text, lang, path=linked.paths.get((name, str(value)), "")),)

    return format_code


def _region_pieces(code: str, lang: str) -> tuple[Piece, ...]:
    region = region_view(code)
    if region is None:
        return (Piece(code, style="n"),)
    if lang == "zh":
        return (Piece(region.zh), Piece(code, style="n"))
    return (
        Piece(region.en, source="romanised" if region.en_source == "romanised" else ""),
        Piece(code, style="n"),
    )


def _industry_pieces(code: str, lang: str) -> tuple[Piece, ...]:
    industry = industries.industry(code)
    if industry is None:
        return (Piece(code, style="n"),)
    return (Piece(industry.code, style="n"), Piece(industry.zh if lang == "zh" else industry.en))


def _country_pieces(code: str, lang: str) -> tuple[Piece, ...]:
    country = countries.country(code)
    return (Piece(getattr(country, lang)) if country else Piece(code),)


def _ics_pieces(code: str, lang: str) -> tuple[Piece, ...]:
    group = ics.ics(code)
    if group is None:
        return (Piece(code, style="n"),)
    return (Piece(code, style="n"), Piece(ics.label(code, lang)))


CODE_LISTS = {
    "region": _region_pieces,
    "industry": _industry_pieces,
    "country": _country_pieces,
    "ics": _ics_pieces,
}


def field_text(name: str, field: RegisterField, values: Mapping[str, Any], lang: str) -> str:
    """Return a field of a record as one line of text; words that depend on another field are those of this record."""
    words = words_in_record(field, values[name], values)
    if words is None and isinstance(field, kinds.Rows):
        return value_text(name, field, _rows_in_words(values[name], values, lang), lang)
    if words is None:
        return value_text(name, field, values[name], lang)
    return words.zh if lang == "zh" else sentence_case(words) or words.zh


def words_in_record(field: RegisterField, value: Any, values: Mapping[str, Any]) -> Words | None:
    """Return the words of a value whose meaning hangs on another field (a grade on its scheme), None for others."""
    describe = getattr(field, "words_in_record", None)
    return describe(str(value), values) if describe is not None else None


def scheme_path(definition: RegisterDefinition, values: Mapping[str, Any]) -> str:
    """Return the path of the page of a record's grading scheme, without language; "" where it has none."""
    scheme = definition.schemes.of_record(values) if definition.schemes else None
    return f"/{definition.slug}/schemes/{scheme.code}" if scheme else ""


def product_path(definition: RegisterDefinition, values: Mapping[str, Any], name: str, text: str) -> str:
    """Return the path of the page of a product by one of its barcodes or models, without language; "" without a maker."""
    product, holder = definition.product, definition.holder
    if product is not None and name == product.barcodes:
        return f"/products/{quote(certificate_numbers.gtin(text), safe='')}"
    maker = str(values.get(holder.key) or "") if holder else ""
    return f"/products?{urlencode({'maker': maker, 'model': text})}" if maker else ""


@functools.cache
def _fields_with_pages(register: str) -> frozenset[str]:
    """The fields whose values have a page of their own: the grading scheme, models and barcodes."""
    definition = catalogue()[register]
    product = definition.product
    names = [definition.schemes.scheme_field if definition.schemes else ""]
    names += [product.models, product.barcodes] if product else []
    return frozenset(names) - {""}


def _led_to_pages(
    definition: RegisterDefinition, values: Mapping[str, Any], name: str, pieces: Iterable[Piece]
) -> tuple[Piece, ...]:
    """The pieces of such a field with the paths of those pages."""
    if definition.schemes and name == definition.schemes.scheme_field:
        path = scheme_path(definition, values)
        return tuple([part._replace(path=path) for part in pieces])
    return tuple([part._replace(path=product_path(definition, values, name, part.text)) for part in pieces])


def value_text(name: str, field: RegisterField, value: Any, lang: str) -> str:
    """Return a value as one line of text, for result lines and differences."""
    if isinstance(field, kinds.Rows):
        return ("；" if lang == "zh" else "; ").join(_row_text(field, row, lang) for row in value)
    if isinstance(field, kinds.Many):
        return ("、" if lang == "zh" else ", ").join(
            value_text(name, field.inner, item, lang) for item in value
        )
    return " ".join(part.text for part in value_formatter(name, field, lang)(value, NOTHING_LINKED))


def labelled_facts(
    definition: RegisterDefinition,
    names: Iterable[str],
    values: Mapping[str, Any],
    lang: str,
    *,
    on: StatusOnDay,
    linked: LinkedTexts,
) -> tuple[FactView, ...]:
    """Return fields and derived facts as a banner has them, those that there is something to say of.

    `on`: for which status and day.
    """
    fields = definition.schema.register_fields()
    derived = {fact.name: fact for fact in definition.derived}
    facts = []
    for name in names:
        if name in derived:
            words = derived[name].words(values, on.status, on.day)
            if words is None:
                continue
            if of_field := derived[name].of_field:
                pieces = value_formatter(of_field, fields[of_field], lang)(values[of_field], linked)
            else:
                pieces = (piece(words.zh if lang == "zh" else sentence_case(words), lang),)
            told = tuple(filter(None, (name, derived[name].of_field)))
            facts.append(FactView(derived[name].label, pieces, told))
        elif name in values and definition.layout.is_shown(name, on.status):
            facts.append(
                FactView(
                    fields[name].info.label,
                    field_pieces(name, fields[name], values, lang, linked=linked),
                    (name,),
                )
            )
    return tuple(facts)


def field_pieces(
    name: str, field: RegisterField, values: Mapping[str, Any], lang: str, *, linked: LinkedTexts
) -> tuple[Piece, ...]:
    """Return a field of a record as pieces; words that depend on another field are those of this record."""
    words = words_in_record(field, values[name], values)
    if words is not None and (lang == "zh" or words.en):
        return (piece(words.zh if lang == "zh" else sentence_case(words), lang),)
    if isinstance(field, kinds.Rows):
        return (piece(field_text(name, field, values, lang), lang),)
    return value_formatter(name, field, lang)(values[name], linked)


def _row_text(table: kinds.Rows, row: Mapping[str, Any], lang: str) -> str:
    prefixes = day_prefixes(table, lang)
    texts = {
        name: prefixes.get(column.info.label, "") + value_text(name, column, row[name], lang)
        for name, column in table.columns.items()
        if name in row
    }
    return " ".join(
        text
        for name, text in texts.items()
        if not name.endswith("_zh") or text != texts.get(f"{name.removesuffix('_zh')}_en")  # translated
    )


def day_prefixes(table: kinds.Rows, lang: str) -> Mapping[str, str]:
    """Return what stands before the days of a table whose row is written as one line, by the label of the column.

    Empty for a table with one column of days or none: only two days beside one another need to be told apart.
    """
    labels = [column.info.label for column in table.columns.values() if isinstance(column, kinds.Day)]
    after = "：" if lang == "zh" else " "
    return {label: i18n.gettext(label, lang) + after for label in labels} if len(labels) > 1 else {}


def section_views(
    definition: RegisterDefinition,
    values: Mapping[str, Any],
    lang: str,
    *,
    on: StatusOnDay,
    linked: LinkedTexts,
    told: Collection[str] = (),
) -> tuple[SectionView, ...]:
    """Return the parts of a record's page that are not empty; what the source does not state is left to the warnings.

    `on`: for which status and day. `told`: fields and derived facts that the page tells already.
    """
    views = []
    fields = definition.schema.register_fields()
    derived = {each.name: each for each in definition.derived}
    status, day = on
    limited = definition.layout.only_in_states  # asked of every field: without a call for most
    scheme = definition.schemes.of_record(values) if definition.schemes else None
    sources: Mapping[str, str] = (values.get(english_sources.FIELD) or {}) if lang == "en" else {}
    with_pages = _fields_with_pages(definition.slug)
    for section in definition.layout.sections:
        lines: list[FieldView] = []
        tables: list[TableView] = []
        for name in [each for each in section.fields if each not in told]:
            if name in derived:
                words = derived[name].words(values, status, day)
                if words is not None:
                    text = piece(words.zh if lang == "zh" else sentence_case(words), lang)
                    lines.append(FieldView(name, derived[name].label, (text,)))
                continue
            field = fields[name]
            value = values.get(name)
            if value is None or (name in limited and not definition.layout.is_shown(name, status)):
                continue
            if isinstance(field, kinds.Rows):
                if value:
                    rows = list(_in_words_of(scheme, value, lang)) if scheme else value
                    table = _table_view(name, field, rows, lang, linked=linked, sources=sources)
                    comparison = definition.layout.comparison
                    if comparison and name == comparison.benchmarks:
                        own = values.get(comparison.own) or ()
                        table = _add_comparisons(table, compare(own, value), lang)
                    if name in definition.layout.struck_through:
                        table = _strike_through(table)
                    tables.append(table)
                continue
            words = words_in_record(field, value, values) if hasattr(field, "words_in_record") else None
            if words is not None and (lang == "zh" or words.en):
                shown = words.zh if lang == "zh" else sentence_case(words)
                pieces: tuple[Piece, ...] = (piece(shown, lang),)
            elif lang == "en" and values.get(english_sibling(name)):  # the Chinese beside the English
                pieces = (Piece(str(value), foreign_language(str(value), lang)),)
            else:
                pieces = value_formatter(name, field, lang)(value, linked)
            if name in sources:
                pieces = (*pieces[:-1], pieces[-1]._replace(source=sources[name]))
            if name in with_pages:
                pieces = _led_to_pages(definition, values, name, pieces)
            if name in definition.layout.emphasised:
                pieces = tuple([part._replace(style="strong") for part in pieces])
            lines.append(FieldView(name, field.info.label, pieces, isinstance(field, kinds.Many)))
        if lines or tables:
            views.append(SectionView(section.key, section.title, tuple(lines), tuple(tables)))
    return tuple(views)


def english_sibling(name: str) -> str:
    """Return the field that has the English of a field with Chinese, "" for any other field."""
    return name[:-3] + "_en" if name.endswith("_zh") else ""


def _table_view(
    name: str,
    table: kinds.Rows,
    rows: Iterable[Mapping[str, Any]],
    lang: str,
    *,
    linked: LinkedTexts,
    sources: Mapping[str, str],
) -> TableView:
    """`sources`: of English texts by path, where they are not those of the whole record."""
    rows = list(rows)
    stated = frozenset().union(*rows)
    ends = tuple(
        [end for start, end in RANGES if end in stated and all(start in row for row in rows if end in row)]
    )
    columns, formatters, numeric = _column_plan(table, stated, ends, lang)
    has_figures = "value" in columns or "limit" in columns
    bars = [limit_bar(row) if has_figures else None for row in rows]
    has_bars = any(bars)
    lines = []
    for number, (row, bar) in enumerate(zip(rows, bars, strict=True), start=1):
        line: list[Cell] = []
        for column in columns:
            value = row.get(column)
            if value is None:
                pieces = _in_other_language(table, column, row, lang)
            elif column in FIGURE_COLUMNS:
                pieces = measurement(table, column, row, lang)
            else:
                pieces = formatters[column](value, linked)
                if sources and (source := sources.get(english_sources.cell_path(name, number, column))):
                    pieces = (*pieces[:-1], pieces[-1]._replace(source=source))
            line.append(Cell(pieces, None, "num" if line and column in numeric else ""))
            if has_bars and column == "value":
                line.append(Cell((), bar))
        lines.append(tuple(line))
    heads = [table.columns[column].info.label for column in columns]
    if has_bars:
        heads.insert(columns.index("value") + 1, COMPARED_WITH_LIMIT)
    return TableView(name, table.info.label, tuple(heads), tuple(lines), has_bars)


@functools.lru_cache(maxsize=1024)
def _column_plan(
    table: kinds.Rows, stated: frozenset[str], ends: tuple[str, ...], lang: str
) -> tuple[tuple[str, ...], Mapping[str, ValueFormatter], frozenset[str]]:
    """Return the columns that a table shows, how their values are put into words, and which hold figures.

    `stated`: the columns that its rows have; `ends`: those that are shown with the figure at which a range begins.
    """
    columns = _columns_in_language([column for column in table.columns if column in stated], lang)
    if "value" in columns or "limit" in columns:
        columns = [column for column in columns if column not in (*MERGED_COLUMNS, *ends)]
    formatters = {column: value_formatter(column, table.columns[column], lang) for column in columns}
    numeric = frozenset(column for column in columns if _is_figure(table.columns[column]))
    return tuple(columns), formatters, numeric


def _strike_through(table: TableView) -> TableView:
    """The table with its first column struck through: what it names is no longer so."""
    rows = []
    for first, *others in table.rows:
        struck = first._replace(pieces=tuple(part._replace(style="ended") for part in first.pieces))
        rows.append((struck, *others))
    return table._replace(rows=tuple(rows))


def _in_words_of(scheme: Scheme, rows: Iterable[Mapping[str, Any]], lang: str) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of a table with their levels in the words of the scheme."""
    for row in rows:
        told = dict(row)
        if LEVEL_COLUMN in row:
            words = scheme.level_words(str(row[LEVEL_COLUMN]))
            told[LEVEL_COLUMN] = words.zh if lang == "zh" else sentence_case(words) or words.zh
        if THRESHOLDS_COLUMN in row:
            told[THRESHOLDS_COLUMN] = thresholds_in_words(scheme, str(row[THRESHOLDS_COLUMN]), lang)
        yield told


def _rows_in_words(
    rows: Sequence[Mapping[str, Any]], values: Mapping[str, Any], lang: str
) -> Sequence[Mapping[str, Any]]:
    """The rows of a table with their levels in the words of the scheme of their record, if it has one."""
    graded = (each.schemes for each in catalogue().values() if each.schemes)
    scheme = next((found for schemes in graded if (found := schemes.of_record(values))), None)
    return list(_in_words_of(scheme, rows, lang)) if scheme else rows


def _is_figure(field: RegisterField) -> bool:
    return field.kind == "number" and not isinstance(field, kinds.Year)


def _in_other_language(
    table: kinds.Rows, column: str, row: Mapping[str, Any], lang: str
) -> tuple[Piece, ...]:
    """The text of a cell that is empty in the page's language: that of the other language rather than nothing."""
    if not column.endswith(("_zh", "_en")):
        return ()
    other = column[:-3] + ("_en" if column.endswith("_zh") else "_zh")
    if row.get(other) is None:
        return ()
    return value_formatter(other, table.columns[other], lang)(row[other], NOTHING_LINKED)


def _add_comparisons(table: TableView, comparisons: Iterable[Comparison], lang: str) -> TableView:
    """The table of other standards' values, with what the arithmetic says beside each."""
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


def measurement(table: kinds.Rows, column: str, row: Mapping[str, Any], lang: str) -> tuple[Piece, ...]:
    """A figure with its unit, and with the sign of comparison, which is the limit's where there is one."""
    figure = value_formatter(column, table.columns[column], lang)(row[column], NOTHING_LINKED)[0].text
    end = END_OF_RANGE[column]
    if end in row:
        figure += f"–{value_formatter(end, table.columns[end], lang)(row[end], NOTHING_LINKED)[0].text}"
    elif "operator" in row and column == ("limit" if "limit" in row else "value"):
        sign = code_words(table.columns["operator"], row["operator"])
        figure = f"{sign.zh if lang == 'zh' else sign.en} {figure}"
    unit = str(row.get("unit") or "1")
    if unit == "1":  # a ratio
        return (Piece(figure, style="n"),)
    if unit in ("%", "‰"):
        return (Piece(figure + unit, style="n"),)
    return (Piece(figure, style="n"), piece(units.unit_in(unit, lang), lang))


def _columns_in_language(columns: list[str], lang: str) -> list[str]:
    """The columns without those that repeat another one in the other language (`name_zh`, `name_en`)."""
    other = "_en" if lang == "zh" else "_zh"
    return [
        column for column in columns if not (column.endswith(other) and f"{column[:-3]}_{lang}" in columns)
    ]


def limit_bar(row: Mapping[str, Any]) -> LimitBar | None:
    """Return a result against its limit as a bar, None where they cannot be compared.

    The bar ends at 1.4 times an upper limit, or 1.5 times a lower one.
    """
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
    """Return the parameters of a state's sentence: days in words; `since` and `until` are sparse ISO dates or ""."""
    unknown = i18n.gettext(UNKNOWN_DAY, lang)
    return {
        "today": i18n.format_day(today.isoformat(), lang),
        "since": i18n.format_day(since, lang) if since else unknown,
        "until": i18n.format_day(until, lang) if until else unknown,
    }
