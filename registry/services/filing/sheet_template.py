"""The empty sheet of a register that enterprises file to: a projection of its field list, in one language, noted in both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from registry.accounts.policy import Action, Actor, require
from registry.i18n import LOCALES, Lang, _, gettext
from registry.kit import kinds
from registry.kit.codes import Code
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.registers import catalogue
from registry.services.exchange.headers import field_label, table_column_label
from registry.services.filing import amendment_reasons
from registry.services.filing.questions import KIND_HINTS, YES_NO
from registry.services.filing.submission import filing_of
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
NUMBER_LABEL = _("Register number")


def empty_sheet_xlsx(actor: Actor, register: str, lang: Lang) -> Iterator[bytes]:
    """The empty sheet with notes and drop-downs. Raises `ValueError` for a register that nobody files to himself."""
    require(actor, Action.ACT_FOR)
    header = tuple(gettext(head, lang) for head in EXPLANATION_HEADER)
    return template_chunks(
        _columns(catalogue()[register], lang),
        gettext(filing_of(catalogue()[register]).words.records, lang),
        ExplanationPage(gettext(EXPLANATION, lang), header),
    )


def empty_sheet_csv(actor: Actor, register: str, lang: Lang) -> Iterator[bytes]:
    """Its header alone."""
    require(actor, Action.ACT_FOR)
    return csv_chunks([column.header for column in _columns(catalogue()[register], lang)], ())


def _columns(definition: RegisterDefinition, lang: Lang) -> list[TemplateColumn]:
    filing = filing_of(definition)
    kept = definition.schema.register_fields()
    sample = _fullest_sample(definition)
    columns: list[TemplateColumn] = []
    for name in filing.fields():
        field, example = kept[name], sample.get(name, "")
        if isinstance(field, kinds.Rows):
            columns += _table_columns(field, filing.sheet_table_rows.get(name, MIN_TABLE_ROWS), example, lang)
        else:
            wanted = field.is_required or name in filing.required_by_rules
            labels = {each: field_label(definition, name, each) for each in LOCALES}
            columns.append(_column(labels, field, _as_cell(field, example), lang, wanted=wanted))
    labels = {each: gettext(NUMBER_LABEL, each) for each in LOCALES}
    columns.append(_column_with_note(labels, (), (filing.words.sheet_number_hint,), "", lang, wanted=False))
    for name, label in amendment_reasons.AMENDMENT_LABELS.items():
        labels = {each: gettext(label, each) for each in LOCALES}
        reasons = filing.amendments.reasons if filing.amendments else ()
        codes = reasons if name == amendment_reasons.AMENDMENT_REASON else ()
        columns.append(
            _column_with_note(
                labels, codes, (amendment_reasons.AMENDMENT_HINTS[name],), "", lang, wanted=False
            )
        )
    return columns


def _fullest_sample(definition: RegisterDefinition) -> Mapping[str, Any]:
    """The sample for the examples: the first with a table of the form, else the first."""
    tables = filing_of(definition).sheet_table_rows
    samples = [sample for sample in definition.samples if any(sample.get(name) for name in tables)]
    return next(iter((*samples, *definition.samples)), {})


def _table_columns(field: kinds.Rows, places: int, example: Any, lang: Lang) -> list[TemplateColumn]:
    """The columns of a table, once for each of its first rows."""
    rows = example if isinstance(example, list) else []
    columns = []
    for place in range(1, places + 1):
        row = rows[place - 1] if place <= len(rows) else {}
        for name, column in field.columns.items():
            labels = {each: table_column_label(field, place, name, each) for each in LOCALES}
            cell = _as_cell(column, row.get(name, ""))
            columns.append(
                _column(labels, column, cell, lang, wanted=column.is_required, last=place == places)
            )
    return columns


def _column(
    labels: Mapping[Lang, str],
    field: kinds.RegisterField,
    example: str,
    lang: Lang,
    *,
    wanted: bool,
    last: bool = False,
) -> TemplateColumn:
    hints = [hint for hint in (field.info.help, KIND_HINTS.get(field.kind, "")) if hint]
    if isinstance(field, kinds.Many):
        hints = [LIST_HINT]
    if last:
        hints.append(MORE_ROWS_HINT)
    return _column_with_note(labels, _codes(field), hints, example, lang, wanted=wanted)


def _column_with_note(
    labels: Mapping[Lang, str],
    codes: Iterable[Words | Code],
    hints: Any,
    example: str,
    lang: Lang,
    *,
    wanted: bool,
) -> TemplateColumn:
    choices = {each: tuple([getattr(code, each) for code in codes]) for each in LOCALES}
    notes = {
        each: " ".join(
            [
                gettext(REQUIRED_WORDS[wanted], each) + ("。" if each == "zh" else "."),
                *(gettext(hint, each) for hint in hints),
            ]
            + ([gettext(CHOICES_HINT, each, choices=", ".join(choices[each]))] if choices[each] else [])
        )
        for each in LOCALES
    }
    other = next(each for each in LOCALES if each != lang)
    note = "\n".join(f"{labels[each]}\n{notes[each]}" for each in (lang, other))
    told = notes[lang].partition(" ")[2]
    explained = (labels[lang], labels[other], gettext(REQUIRED_WORDS[wanted], lang), told, example)
    return TemplateColumn(labels[lang], note, wanted, choices[lang], explained)


def _codes(field: kinds.RegisterField) -> tuple[Words | Code, ...]:
    """The words that a column may hold, where it may hold no others."""
    if isinstance(field, kinds.Flag):
        return tuple(words for _code, words in YES_NO)
    return tuple(field.codes) if isinstance(field, kinds.Choice) else ()


def _as_cell(field: kinds.RegisterField, value: Any) -> str:
    if value in ("", None, []):
        return ""
    return str(field.to_cell(value))
