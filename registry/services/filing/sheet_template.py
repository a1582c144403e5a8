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
from registry.services.filing import amendment_reasons
from registry.services.filing.questions import HINTS, YES_NO
from registry.services.filing.sheet_columns import group_label, label_of
from registry.services.filing.submission import filing_of
from registry.tabular.template import Column, template_chunks
from registry.tabular.writing import csv_chunks

GROUPS = 5  # rows of a table that the template has columns for; more columns may be added
GROUPS_OF: Mapping[str, int] = {"indicators": GROUPS}
FEW_GROUPS = 2
TITLE = _("Declarations")
EXPLANATION = _("Explanation")
HEADS = (_("Column"), _("In the other language"), _("Compulsory"), _("What to write"), _("For example"))
WANTED = {True: _("Compulsory"), False: _("If it applies")}
SEVERAL = _("Several in one cell are separated by |")
MORE = _("Further rows of this table: add columns with the next numbers.")
PICK = _("One of: %(choices)s")
NUMBER = (_("Register number"), _("Only to amend a declaration: its number. Leave it empty to declare anew."))


def as_xlsx(actor: Actor, register: str, lang: Lang) -> Iterator[bytes]:
    """The empty sheet with notes and drop-downs. Raises `ValueError` for a register that nobody files to himself."""
    require(actor, Action.ACT_FOR)
    heads = [gettext(head, lang) for head in HEADS]
    return template_chunks(
        _columns(catalogue()[register], lang), gettext(TITLE, lang), gettext(EXPLANATION, lang), heads
    )


def as_csv(actor: Actor, register: str, lang: Lang) -> Iterator[bytes]:
    """Its header alone."""
    require(actor, Action.ACT_FOR)
    return csv_chunks([column.header for column in _columns(catalogue()[register], lang)], ())


def _columns(definition: RegisterDefinition, lang: Lang) -> list[Column]:
    filing = filing_of(definition)
    kept = definition.schema.kept()
    sample = next((each for each in definition.samples if each.get("indicators")), definition.samples[0])
    columns: list[Column] = []
    for name in filing.fields():
        field, example = kept[name], sample.get(name, "")
        if isinstance(field, kinds.Rows):
            columns += _group(field, GROUPS_OF.get(name, FEW_GROUPS), example, lang)
        else:
            wanted = field.wanted or name in filing.wanted
            labels = {each: label_of(definition, name, each) for each in LOCALES}
            columns.append(_column(labels, field, _as_cell(field, example), lang, wanted=wanted))
    labels = {each: gettext(NUMBER[0], each) for each in LOCALES}
    columns.append(_noted(labels, (), (NUMBER[1],), "", lang, wanted=False))
    for name, label in amendment_reasons.LABELS.items():
        labels = {each: gettext(label, each) for each in LOCALES}
        codes = filing.amendments if name == amendment_reasons.REASON else ()
        columns.append(_noted(labels, codes, (amendment_reasons.HINTS[name],), "", lang, wanted=False))
    return columns


def _group(field: kinds.Rows, places: int, example: Any, lang: Lang) -> list[Column]:
    """The columns of a table, once for each of its first rows."""
    rows = example if isinstance(example, list) else []
    columns = []
    for place in range(1, places + 1):
        row = rows[place - 1] if place <= len(rows) else {}
        for name, column in field.columns.items():
            labels = {each: group_label(field, place, name, each) for each in LOCALES}
            cell = _as_cell(column, row.get(name, ""))
            columns.append(_column(labels, column, cell, lang, wanted=column.wanted, last=place == places))
    return columns


def _column(
    labels: Mapping[Lang, str],
    field: kinds.Kept,
    example: str,
    lang: Lang,
    *,
    wanted: bool,
    last: bool = False,
) -> Column:
    hints = [hint for hint in (field.facts.help, HINTS.get(field.kind, "")) if hint]
    if isinstance(field, kinds.Many):
        hints = [SEVERAL]
    if last:
        hints.append(MORE)
    return _noted(labels, _codes(field), hints, example, lang, wanted=wanted)


def _noted(
    labels: Mapping[Lang, str],
    codes: Iterable[Words | Code],
    hints: Any,
    example: str,
    lang: Lang,
    *,
    wanted: bool,
) -> Column:
    choices = {each: tuple([getattr(code, each) for code in codes]) for each in LOCALES}
    notes = {
        each: " ".join(
            [
                gettext(WANTED[wanted], each) + ("。" if each == "zh" else "."),
                *(gettext(hint, each) for hint in hints),
            ]
            + ([gettext(PICK, each, choices=", ".join(choices[each]))] if choices[each] else [])
        )
        for each in LOCALES
    }
    other = next(each for each in LOCALES if each != lang)
    note = "\n".join(f"{labels[each]}\n{notes[each]}" for each in (lang, other))
    told = notes[lang].partition(" ")[2]
    explained = (labels[lang], labels[other], gettext(WANTED[wanted], lang), told, example)
    return Column(labels[lang], note, wanted, choices[lang], explained)


def _codes(field: kinds.Kept) -> tuple[Words | Code, ...]:
    """The words that a column may hold, where it may hold no others."""
    if isinstance(field, kinds.Flag):
        return tuple(words for _code, words in YES_NO)
    return tuple(field.codes) if isinstance(field, kinds.Choice) else ()


def _as_cell(field: kinds.Kept, value: Any) -> str:
    if value in ("", None, []):
        return ""
    return str(field.to_cell(value))
