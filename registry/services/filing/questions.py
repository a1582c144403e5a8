"""The fields of a register as questions of a form: the projection of the one field list that forms are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from registry.i18n import _, gettext
from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.issue_messages import issue_message

MAX_RADIOS = 4  # choices that stand side by side; more go into a list
KIND_HINTS = {
    "date": _("For example 2026-01-31"),
    "list": _("One a line, or with 、 or ； between them"),
}
COLUMN_OF_ISSUE = {  # where an issue about a whole row of a table is mended
    "unit_missing": "unit",
    "method_missing": "method",
    "method_not_known": "method",
    "method_ended": "method",
    "range_open": "value_to",
    "range_backwards": "value_to",
    "below_mandatory": "other_value",
    "relation_differs": "relation",
    "units_differ": "other_value",
}
# What the registrar's import keeps as the source wrote it, whoever files must mend.
FILER_WORDS = {
    "unknown_word": _("“%(value)s” is not one of the possible answers. Choose one of them."),
    "standard_number_unknown_form": _(
        "“%(value)s” matches no known form of a standard number, such as GB/T 35607-2024."
    ),
    "standard_number_without_year": _("“%(value)s” names no edition: add the year, as in GB/T 35607-2024."),
}
LOOKUP_HINT = _("Its number, such as GB/T 35607-2024, or words of its title to find it by")
FULL_TEXT_LABEL = _("Full text of the own standard (PDF)")
FULL_TEXT_HINT = _(
    "At most 20 MB; nobody must hand it in. If it is not public, only its SHA-256 stands on the page: with it you can show later which text you had."
)
YES_NO = (("true", Words("是", "Yes")), ("false", Words("否", "No")))
MIN_WIDE_LENGTH = 60  # characters: a longer answer gets the whole width


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of a table of answers. `choices`: (code, words)."""

    name: str
    label: str  # message id
    choices: tuple[tuple[str, Words], ...]
    numeric: bool


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question. `kind`: text, long, choice, radio, file or rows; `label`, `hint`, `legal`: message ids and texts."""

    name: str
    label: str
    hint: str
    legal: str
    kind: str
    required: bool
    wide: bool
    choices: tuple[tuple[str, Words], ...] = ()
    columns: tuple[ColumnView, ...] = ()
    required_when: str = ""  # message id: in which case a rule asks for it
    lookup_register: str = ""  # the register in which its answer can be looked up by words


def list_questions(register: str, names: tuple[str, ...]) -> tuple[QuestionView, ...]:
    """The questions for some fields of a register, in this order."""
    definition = catalogue()[register]
    kept = definition.schema.register_fields()
    filing = definition.filing
    asked = filing.required_by_rules if filing else ()
    when = filing.required_hints if filing else {}
    picked = filing.lookup_registers if filing else {}
    made = (_question(name, kept[name], kept[name].is_required or name in asked) for name in names)
    return tuple(
        replace(each, kind="file", label=FULL_TEXT_LABEL, hint=FULL_TEXT_HINT)
        if filing and each.name == filing.text_hash_field
        else replace(
            each,
            hint=each.hint or (LOOKUP_HINT if each.name in picked else ""),
            required_when=when.get(each.name, ""),
            lookup_register=picked.get(each.name, ""),
        )
        for each in made
    )


def _question(name: str, field: kinds.RegisterField, required: bool) -> QuestionView:
    facts = field.info
    hint = facts.help or KIND_HINTS.get(field.kind, "")
    kind = "text"
    choices: tuple[tuple[str, Words], ...] = ()
    columns: tuple[ColumnView, ...] = ()
    if isinstance(field, kinds.Rows):
        kind = "rows"
        columns = tuple(
            ColumnView(each, column.info.label, _choices(column), column.kind == "number")
            for each, column in field.columns.items()
        )
    elif isinstance(field, kinds.Many | kinds.LongText):
        kind = "long"
    elif isinstance(field, kinds.Choice | kinds.Flag):
        choices = _choices(field)
        kind = "radio" if len(choices) <= MAX_RADIOS else "choice"
    wide = kind == "text" and getattr(field, "at_most", 0) > MIN_WIDE_LENGTH
    return QuestionView(name, facts.label, hint, facts.legal, kind, required, wide, choices, columns)


def _choices(field: kinds.RegisterField) -> tuple[tuple[str, Words], ...]:
    if isinstance(field, kinds.Flag):
        return YES_NO
    if isinstance(field, kinds.Choice):
        return tuple((code.code, Words(code.zh, code.en)) for code in field.codes)
    return ()


def possible_answers(issue: Issue, register: str) -> list[str]:
    """The codes that a field, or a column of its table, takes where an issue says that a word is none of them."""
    if issue.code != "unknown_word":
        return []
    kept = catalogue()[register].schema.register_fields()[issue.field]
    if isinstance(kept, kinds.Rows):
        kept = kept.columns[str(issue.params["column"])]
    if isinstance(kept, kinds.Many):
        kept = kept.inner
    return [code for code, _words in _choices(kept)]


def describe_issue(issue: Issue, register: str, lang: str, *, with_field: bool = False) -> str:
    """What stands against an answer, with the row and the column where it stands in a table.

    `named`: with the field as well, where it is shown apart from its question.
    """
    definition = catalogue()[register]
    words = FILER_WORDS.get(issue.code, "")
    words = gettext(words, lang, **issue.params) if words else issue_message(issue, lang, definition)
    column = issue.params.get("column")
    kept = definition.schema.register_fields()
    colon = "：" if lang == "zh" else ": "
    label = gettext(kept[issue.field].info.label, lang) if issue.field in kept else ""
    if column is not None:
        of_column = gettext(_column_label(definition, issue.field, str(column)), lang)
        place = gettext(_("Row %(row)s, %(column)s"), lang, row=issue.params["row"], column=of_column)
        words = f"{place}{colon}{words}"
    if label and (with_field or (column is None and issue.code == "required")):
        return f"{label}{colon}{words}"
    return words


def list_amendment_reasons(register: str) -> tuple[tuple[str, Words], ...]:
    """Why a record of this register may be amended by its enterprise: code and words."""
    definition = catalogue()[register]
    found = definition.filing.amendment_reasons if definition.filing else ()
    return tuple((each.code, Words(each.zh, each.en)) for each in found)


def issue_anchor(issue: Issue) -> str:
    """The id of the part of a form where an issue is to be mended: its question, or the cell of a table."""
    row = issue.params.get("row")
    column = issue.params.get("column") or COLUMN_OF_ISSUE.get(issue.code)
    return f"{issue.field}-{int(str(row)) - 1}-{column}" if row and column else issue.field


def _column_label(definition: RegisterDefinition, field: str, column: str) -> str:
    rows: Any = definition.schema.register_fields()[field]
    columns: Mapping[str, kinds.RegisterField] = rows.columns
    return columns[column].info.label
