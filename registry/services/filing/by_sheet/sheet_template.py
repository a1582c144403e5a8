"""The empty sheet of a register that enterprises file to: its questions as columns, in one language, with notes in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from registry.accounts.policy import Action, Actor, require
from registry.i18n import LOCALES, Lang, _, gettext
from registry.kit import kinds
from registry.kit.codes import Code
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.registers import catalogue
from registry.services.exchange.headers import RECORD_COLUMN_LABELS, field_label, table_column_label
from registry.services.filing.amendment_reasons import (
    AMENDMENT_HINTS,
    AMENDMENT_LABELS,
    AMENDMENT_REASON,
)
from registry.services.filing.questions import KIND_HINTS, YES_NO
from registry.services.filing.submission import filing_of
from registry.services.filing.withdrawals import STATUS
from registry.tabular.template import ExplanationPage, TemplateColumn, template_chunks
from registry.tabular.writing import csv_chunks

MIN_TABLE_ROWS = 2  # rows of a table that the template has columns for; more columns may be added
EXPLANATION = _("Explanation")
EXPLANATION_HEADER = (
    _("Column"),
    _("In the other language"),
    _("Compulsory"),
    _("What to write"),
    _("For example"),
)
REQUIRED_WORDS = {True: _("Compulsory"), False: _("If it applies")}
LIST_HINT = _("Several in one cell are separated by |")
MORE_ROWS_HINT = _("Further rows of this table: add columns with the next numbers.")
CHOICES_HINT = _("One of: %(choices)s")
LONG_LIST_HINT = _("Choose from the list of the cell.")
MAX_CHOICES_NAMED = 30
NUMBER_LABEL = _("Register number")


@dataclass(frozen=True, slots=True)
class _Column:
    """A column before it is put into one language. `hints`: message ids; `choices`: the only words it may hold."""

    labels: Mapping[Lang, str]
    hints: tuple[str, ...]
    choices: tuple[Words | Code, ...] = ()
    example: str = ""
    required: bool = False


def empty_sheet_xlsx(actor: Actor, register: str, lang: Lang) -> Iterator[bytes]:
    """The empty sheet with notes and drop-downs, in chunks.

    Raises `ValueError` for a register that enterprises do not file to.
    """
    require(actor, Action.ACT_FOR)
    definition = catalogue()[register]
    columns = [_template_column(column, lang) for column in _columns(definition)]
    title = gettext(filing_of(definition).words.records, lang)
    header = tuple(gettext(head, lang) for head in EXPLANATION_HEADER)
    return template_chunks(columns, title, ExplanationPage(gettext(EXPLANATION, lang), header))


def empty_sheet_csv(actor: Actor, register: str, lang: Lang) -> Iterator[bytes]:
    """The header of the empty sheet alone."""
    require(actor, Action.ACT_FOR)
    return csv_chunks(empty_sheet_header(catalogue()[register], lang), ())


def empty_sheet_header(definition: RegisterDefinition, lang: Lang) -> list[str]:
    """The headers of the empty sheet in one language."""
    return [column.labels[lang] for column in _columns(definition)]


def _columns(definition: RegisterDefinition) -> Iterator[_Column]:
    filing = filing_of(definition)
    fields = definition.schema.register_fields()
    sample = _example_sample(definition)
    for name in filing.fields():
        field, example = fields[name], sample.get(name, "")
        if isinstance(field, kinds.Rows):
            rows = filing.sheet_table_rows.get(name, MIN_TABLE_ROWS)
            yield from _table_columns(field, rows, example)
        else:
            labels = {lang: field_label(definition, name, lang) for lang in LOCALES}
            required = field.is_required or name in filing.required_by_rules
            yield _Column(labels, _hints(field), _choices(field), _to_cell(field, example), required)
    yield _Column(_in_all_languages(NUMBER_LABEL), (filing.words.sheet_number_hint,))
    if filing.withdrawal:
        yield from _withdrawal_columns(definition)
    if filing.amendments:
        for name, label in AMENDMENT_LABELS.items():
            choices = tuple(filing.amendments.reasons) if name == AMENDMENT_REASON else ()
            yield _Column(_in_all_languages(label), (AMENDMENT_HINTS[name],), choices)


def _withdrawal_columns(definition: RegisterDefinition) -> Iterator[_Column]:
    """The columns by which a record is withdrawn: its status then, and the public reason."""
    filing = filing_of(definition)
    withdrawal = filing.withdrawal
    assert withdrawal is not None
    view = definition.life_cycle.state(withdrawal.status).view()
    zh, en = RECORD_COLUMN_LABELS[STATUS]
    yield _Column({"zh": zh, "en": en}, (filing.words.sheet_status_hint,), (Words(view.zh, view.en),))
    labels = {lang: field_label(definition, withdrawal.reason_field, lang) for lang in LOCALES}
    yield _Column(labels, (withdrawal.hint,))


def _example_sample(definition: RegisterDefinition) -> Mapping[str, Any]:
    """The sample that the examples are taken from: the first with a large table, else the first."""
    tables = filing_of(definition).sheet_table_rows
    with_table = (sample for sample in definition.samples if any(sample.get(name) for name in tables))
    return next(with_table, next(iter(definition.samples), {}))


def _table_columns(table: kinds.Rows, row_count: int, example: Any) -> Iterator[_Column]:
    """The columns of a table, once for each of its first rows."""
    rows = example if isinstance(example, list) else []
    for index in range(1, row_count + 1):
        row = rows[index - 1] if index <= len(rows) else {}
        for name, field in table.columns.items():
            labels = {lang: table_column_label(table, index, name, lang) for lang in LOCALES}
            hints = (*_hints(field), *((MORE_ROWS_HINT,) if index == row_count else ()))
            cell = _to_cell(field, row.get(name, ""))
            yield _Column(labels, hints, _choices(field), cell, field.is_required)


def _template_column(column: _Column, lang: Lang) -> TemplateColumn:
    choices = {each: tuple(getattr(choice, each) for choice in column.choices) for each in LOCALES}
    required = {each: gettext(REQUIRED_WORDS[column.required], each) for each in LOCALES}
    hints = {each: " ".join(_hint_texts(column.hints, choices[each], each)) for each in LOCALES}
    other = next(each for each in LOCALES if each != lang)
    notes = [
        f"{column.labels[each]}\n{required[each]}{'。' if each == 'zh' else '.'} {hints[each]}".rstrip(" ")
        for each in (lang, other)
    ]
    explanation = (column.labels[lang], column.labels[other], required[lang], hints[lang], column.example)
    return TemplateColumn(column.labels[lang], "\n".join(notes), column.required, choices[lang], explanation)


def _hint_texts(hints: Iterable[str], choices: tuple[str, ...], lang: Lang) -> Iterator[str]:
    yield from (gettext(hint, lang) for hint in hints)
    if len(choices) > MAX_CHOICES_NAMED:
        yield gettext(LONG_LIST_HINT, lang)
    elif choices:
        yield gettext(CHOICES_HINT, lang, choices=", ".join(choices))


def _in_all_languages(message: str) -> dict[Lang, str]:
    return {lang: gettext(message, lang) for lang in LOCALES}


def _hints(field: kinds.RegisterField) -> tuple[str, ...]:
    if isinstance(field, kinds.Many):
        return (LIST_HINT,)
    return tuple(hint for hint in (field.info.help, KIND_HINTS.get(field.kind, "")) if hint)


def _choices(field: kinds.RegisterField) -> tuple[Words | Code, ...]:
    """The words that a column may hold, where it may hold no others."""
    if isinstance(field, kinds.Flag):
        return tuple(words for _code, words in YES_NO)
    return tuple(field.codes) if isinstance(field, kinds.Choice) else ()


def _to_cell(field: kinds.RegisterField, value: Any) -> str:
    return "" if value in ("", None, []) else str(field.as_printed(value))
