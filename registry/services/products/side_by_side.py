"""Up to four records of one register side by side: facts, indicators, status; what differs, and what must not be concluded."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.i18n import _
from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Piece, TableView, Words, foreign_language
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.products.indicator_rows import indicator_rows, is_indicator_table
from registry.services.products.views import (
    ComparedCell,
    ComparedRow,
    ComparedTable,
    NumberProblem,
    SideBySideView,
)
from registry.services.records import reading, titles
from registry.services.records.numbers import lookup
from registry.services.records.presentation import day_prefixes
from registry.services.records.reading import Pointer
from registry.services.records.views import FieldView, LinkedRecordView, RecordView, RegisterView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_COMPARED = 4
MAX_ASKED = 20  # numbers of one address that are looked at; more are too many as well
MAX_NUMBER_LENGTH = 120
REGION = _("Region")
DIFFERENT_SCALES = _(
    "These records were graded or certified by different schemes. A level of one scheme is neither better nor worse than a level "
    "of another; nothing here ranks them."
)
NO_RANKING = _("The register puts no record before another. Figures are shown as the records state them.")


def compare_records(registry: Registry, actor: Actor, typed: Iterable[str], lang: str) -> SideBySideView:
    """Compare the records that these numbers name, in this order; each counts once.

    Costs a statement or two for the numbers, and at most four for each record.
    """
    require(actor, Action.READ)
    numbers = list(
        dict.fromkeys(text for each in typed if (text := each.replace("\0", "").strip()[:MAX_NUMBER_LENGTH]))
    )
    rows, problems = _rows_named(registry, numbers[:MAX_ASKED])
    found = _by_register(rows)
    pointers = [Pointer(row.id, row.register, row.slug, row.page_version, row.document_hash) for row in rows]
    if len(rows) > MAX_COMPARED or len(numbers) > MAX_ASKED:
        return SideBySideView("too_many", problems=problems, found=found)
    if len(found) > 1:
        return SideBySideView("registers", problems=problems, found=found)
    views = tuple(reading.get_record(registry, actor, pointer, lang) for pointer in pointers)
    if len(views) < 2:
        answer = "unknown" if problems else "one" if views else "none"
        return SideBySideView(answer, views, problems=problems, found=found)
    definition = catalogue()[rows[0].register]
    return SideBySideView(
        "compared",
        views,
        _tables(definition, views, lang),
        _remarks(definition, views),
        problems,
        found,
    )


def _rows_named(
    registry: Registry, numbers: Sequence[str]
) -> tuple[list[FetchedRow], tuple[NumberProblem, ...]]:
    """Return the records that the numbers name, each once, and the numbers that name none or several."""
    if not numbers:
        return [], ()
    with read_transaction(registry.engine) as connection:
        answers = lookup.answer_numbers(connection, numbers)
    rows: dict[int, FetchedRow] = {}
    problems = []
    for answer in answers:
        if len(answer.records) == 1:
            rows.setdefault(answer.records[0].id, answer.records[0])
        else:
            problems.append(NumberProblem(answer.number, "several" if answer.records else "unknown"))
    return list(rows.values()), tuple(problems)


def _by_register(
    rows: Iterable[FetchedRow],
) -> tuple[tuple[RegisterView, tuple[LinkedRecordView, ...]], ...]:
    today = clock.today()
    groups: dict[str, list[LinkedRecordView]] = {}
    for row in rows:
        groups.setdefault(row.register, []).append(_line(row, today))
    return tuple((titles.register_view(catalogue()[slug]), tuple(lines)) for slug, lines in groups.items())


def _line(row: FetchedRow, today: dt.date) -> LinkedRecordView:
    definition = catalogue()[row.register]
    holder = titles.holder_view(row)
    return LinkedRecordView(
        register=titles.register_view(definition),
        number=row.number,
        path=titles.record_path(row.register, row.slug),
        title=titles.title_of(definition, row),
        status=titles.status_on_day(definition, row.status, json.loads(row.document), today),
        holder=holder.name if holder else None,
    )


def _remarks(definition: RegisterDefinition, views: Sequence[RecordView]) -> tuple[str, ...]:
    """Return what a reader must not conclude: schemes that differ are never ranked."""
    scheme = definition.schemes.scheme_field if definition.schemes else definition.search.rank_within
    schemes = {str(view.document.get(scheme) or "") for view in views} if scheme else set()
    return (DIFFERENT_SCALES,) if len(schemes) > 1 else (NO_RANKING,)


def _tables(
    definition: RegisterDefinition, views: Sequence[RecordView], lang: str
) -> tuple[ComparedTable, ...]:
    """Return parties, main facts, indicators and the other facts, in this order."""
    parties = ComparedTable("parties", "", tuple(_party_rows(definition, views)))
    sections = _sections(definition, views, lang)
    ordered = [parties, *sections[:1], *_indicators(definition, views, lang), *sections[1:]]
    return tuple(table for table in ordered if table.rows)


def _fields_told(view: RecordView) -> dict[str, FieldView]:
    """Return the fields that a record's page tells, those of its banner among them."""
    told = {
        name: FieldView(name, fact.label, fact.pieces) for fact in view.plate.facts for name in fact.fields
    }
    return told | {field.name: field for section in view.sections for field in section.fields}


def _sections(definition: RegisterDefinition, views: Sequence[RecordView], lang: str) -> list[ComparedTable]:
    """Return the parts of the records' pages with their fields side by side, those that any record states."""
    fields = [_fields_told(view) for view in views]
    tables = [{table.name: table for section in view.sections for table in section.tables} for view in views]
    of_register = definition.schema.register_fields()
    parts = []
    for section in definition.layout.sections:
        rows = []
        for name in section.fields:
            field = of_register.get(name)
            if is_indicator_table(field):
                continue
            if any(name in each for each in fields):
                rows.append(_field_row(name, [each.get(name) for each in fields], views))
            elif isinstance(field, kinds.Rows) and any(name in each for each in tables):
                prefixes = day_prefixes(field, lang)
                rows.append(_table_row([each.get(name) for each in tables], views, prefixes, lang))
        if rows:
            parts.append(ComparedTable(section.key, section.title, tuple(rows)))
    return parts


def _party_rows(definition: RegisterDefinition, views: Sequence[RecordView]) -> Iterable[ComparedRow]:
    """Yield holder, issuer and region where any record has them; the region only where no field of the page is it."""
    for name, parties in (
        ("holder", [view.holder for view in views]),
        ("issuer", [view.issuer for view in views]),
    ):
        if any(parties):
            cells = tuple(
                ComparedCell(words=each.name, path=each.path) if each else ComparedCell() for each in parties
            )
            label = next(each.label for each in parties if each)
            names = {each.number or each.name.zh or each.name.en if each else "" for each in parties}
            yield ComparedRow(name, label, cells, len(names) > 1)
    regions = [view.region for view in views]
    is_field = any(definition.region in section.fields for section in definition.layout.sections)
    if any(regions) and not is_field:
        cells = tuple(
            ComparedCell(words=Words(each.zh, each.en, each.en_source)) if each else ComparedCell()
            for each in regions
        )
        yield ComparedRow("region", REGION, cells, len({each.code if each else "" for each in regions}) > 1)


def _field_row(name: str, cells: Sequence[FieldView | None], views: Sequence[RecordView]) -> ComparedRow:
    label = next(each.label for each in cells if each)
    stated = {
        _stated(view.document, name, each.pieces if each else ())
        for each, view in zip(cells, views, strict=True)
    }
    return ComparedRow(
        name,
        label,
        tuple(
            ComparedCell(each.pieces, separate=each.separate) if each else ComparedCell() for each in cells
        ),
        len(stated) > 1,
    )


def _stated(document: Mapping[str, Any], name: str, pieces: Sequence[Piece]) -> str:
    """Return what a record states, so that two can be compared: the order of a list does not matter."""
    value = document.get(name)
    if isinstance(value, list):
        return json.dumps(sorted(map(str, value)), ensure_ascii=False)
    return str(value) if value is not None else " ".join(piece.text for piece in pieces)


def _table_row(
    tables: Sequence[TableView | None],
    views: Sequence[RecordView],
    prefixes: Mapping[str, str],
    lang: str,
) -> ComparedRow:
    """Return a table that is no table of indicators as one line of text for each of its rows.

    `prefixes`: what stands before a cell, by the heading of its column.
    """
    name, label = next((each.name, each.label) for each in tables if each)
    cells = []
    for table in tables:
        lines = []
        heads = table.columns if table else ()
        for row in table.rows if table else ():
            text = " · ".join(
                prefixes.get(head, "") + piece.text
                for head, cell in zip(heads, row, strict=True)
                for piece in cell.pieces
            )
            lines.append(Piece(text, foreign_language(text, lang)))
        cells.append(ComparedCell(tuple(lines), separate=True))
    stated = {json.dumps(view.document.get(name), ensure_ascii=False, sort_keys=True) for view in views}
    return ComparedRow(name, label, tuple(cells), len(stated) > 1)


def _indicators(
    definition: RegisterDefinition, views: Sequence[RecordView], lang: str
) -> Iterable[ComparedTable]:
    for name, field in definition.schema.register_fields().items():
        if not isinstance(field, kinds.Rows) or not is_indicator_table(field):
            continue
        stated: list[Any] = [view.document.get(name) or () for view in views]
        if rows := indicator_rows(field, stated, lang):
            yield ComparedTable(name, field.info.label, rows, indicators=True)
