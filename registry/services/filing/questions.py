"""The fields of a register as questions of a form: the view of the one field list that forms are made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from registry.i18n import _, gettext
from registry.kit import kinds
from registry.kit.codes import Code
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.filing import AnswerLookup, Filing
from registry.kit.issues import MESSAGES as SHAPE_MESSAGES
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.filing.submission import filing_of
from registry.services.issue_messages import issue_message

MAX_RADIOS = 4  # choices that stand side by side; more go into a list
MAX_TICKS = 12  # choices of which several may be ticked; more are typed
KIND_HINTS = {
    "date": _("For example 2026-01-31"),
    "list": _("One a line, or with 、 or ； between them"),
    "region": _("The name in Chinese, or the code"),
    "industry": _("The name in Chinese, or the code"),
}
# What the registrar's import keeps as the source wrote it must be mended by those who file.
FILER_WORDS = {
    "unknown_word": _("“%(value)s” is not one of the possible answers. Choose one of them."),
    "industry_unknown": _("“%(value)s” is neither the name nor the code of an industry of GB/T 4754-2017."),
    "industry_too_broad": _("“%(value)s” names a section only. Choose a division or a class in it."),
    "region_unknown": _("“%(value)s” is neither the name nor the code of a region of GB/T 2260."),
    "category_too_broad": _("“%(value)s” is a group of categories. Choose one in it."),
    "standard_number_unknown_form": _(
        "“%(value)s” matches no known form of a standard number, such as GB/T 35607-2024."
    ),
    "standard_number_without_year": _("“%(value)s” names no edition: add the year, as in GB/T 35607-2024."),
}
WORD_ISSUES = ("unknown_word", "category_too_broad", "industry_unknown")
MAYBE_MEANT = _(" Did you mean: %(names)s?")
YES_NO = (("true", Words("是", "Yes")), ("false", Words("否", "No")))
MIN_WIDE_LENGTH = 60  # characters: a longer answer gets the whole width


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of a table of answers. `choices`: (code, words); `folded`: the form shows it on demand; `is_day`: of dates."""

    name: str
    label: str  # message id
    choices: tuple[tuple[str, Words], ...]
    numeric: bool
    folded: bool = False
    is_day: bool = False


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question. `kind`: text, long, choice, radio, file or rows; `label`, `hint`, `legal`: message ids and texts.

    A long one with `choices` takes several of them, one a line.
    """

    name: str
    label: str
    hint: str
    legal: str
    kind: str
    required: bool
    wide: bool
    choices: tuple[tuple[str, Words], ...] = ()
    choice_groups: tuple[
        tuple[Words, tuple[tuple[str, Words], ...]], ...
    ] = ()  # of a long list, under headings
    columns: tuple[ColumnView, ...] = ()
    required_when: str = ""  # message id: in which case a rule asks for it
    lookup: AnswerLookup | None = None  # where its answer can be looked up by words
    offered: tuple[tuple[str, Words], ...] = ()  # a short list of values, offered while one is typed

    @property
    def is_ticked(self) -> bool:
        """True where several of a few choices are ticked."""
        return self.kind == "long" and 0 < len(self.choices) <= MAX_TICKS


def list_questions(register: str, names: tuple[str, ...]) -> tuple[QuestionView, ...]:
    """Return the questions for some fields of a register, or columns of its tables (`table.column`), in this order."""
    definition = catalogue()[register]
    columns = {name: column for name in names if (column := definition.schema.find_column(name))}
    fields = {**definition.schema.register_fields(), **columns}
    filing = definition.filing
    if filing is None:
        return tuple(_question(name, fields[name], required=fields[name].is_required) for name in names)
    return tuple(_filing_question(filing, name, fields[name]) for name in names)


def _filing_question(filing: Filing, name: str, field: kinds.RegisterField) -> QuestionView:
    """A field as a question, with what the filing of the register says of it."""
    question = _question(name, field, required=field.is_required or name in filing.required_by_rules)
    if filing.full_text and name == filing.full_text.hash_field:
        return replace(question, kind="file", label=filing.full_text.label, hint=filing.full_text.hint)
    lookup = filing.lookups.get(name)
    folded = filing.folded_columns.get(name, ())
    return replace(
        question,
        columns=tuple(replace(column, folded=column.name in folded) for column in question.columns),
        hint=question.hint or (lookup.hint if lookup else ""),
        required_when=filing.required_hints.get(name, ""),
        lookup=lookup,
    )


def _question(name: str, field: kinds.RegisterField, *, required: bool) -> QuestionView:
    info = field.info
    hint = info.help or KIND_HINTS.get(field.kind, "")
    kind = "text"
    choices: tuple[tuple[str, Words], ...] = ()
    columns: tuple[ColumnView, ...] = ()
    groups: tuple[tuple[Words, tuple[tuple[str, Words], ...]], ...] = ()
    if isinstance(field, kinds.Rows):
        kind = "rows"
        columns = tuple(
            ColumnView(
                column_name,
                column.info.label,
                _choices(column),
                column.kind == "number",
                is_day=column.kind == "date",
            )
            for column_name, column in field.columns.items()
        )
    elif isinstance(field, kinds.Many | kinds.LongText):
        kind = "long"
        if isinstance(field, kinds.Many) and isinstance(field.inner, kinds.Choice):
            choices = _choices(field.inner)
    elif isinstance(field, kinds.Choice | kinds.Flag):
        choices = _choices(field)
        kind = "radio" if len(choices) <= MAX_RADIOS else "choice"
        groups = _choice_groups(field)
    wide = kind == "text" and getattr(field, "max_length", 0) > MIN_WIDE_LENGTH
    offered = field.form.offers() if isinstance(field, kinds.NormalisedText) else ()
    return QuestionView(
        name=name,
        label=info.label,
        hint=hint,
        legal=info.legal,
        kind=kind,
        required=required,
        wide=wide,
        choices=choices,
        choice_groups=groups,
        columns=columns,
        offered=tuple((code.code, Words(code.zh, code.en)) for code in offered),
    )


def _choices(field: kinds.RegisterField) -> tuple[tuple[str, Words], ...]:
    if isinstance(field, kinds.Flag):
        return YES_NO
    if isinstance(field, kinds.Choice):
        return tuple((code.code, Words(code.zh, code.en)) for code in field.codes)
    return ()


def _choice_groups(
    field: kinds.RegisterField,
) -> tuple[tuple[Words, tuple[tuple[str, Words], ...]], ...]:
    """The choices of a list that has headings, under them; none for a plain list."""
    groups: dict[tuple[str, str], list[tuple[str, Words]]] = {}
    for code in field.codes if isinstance(field, kinds.Choice) else ():
        if code.group[0]:
            groups.setdefault(code.group, []).append((code.code, Words(code.zh, code.en)))
    return tuple((Words(*heading), tuple(codes)) for heading, codes in groups.items())


def possible_answers(issue: Issue, register: str) -> list[str]:
    """Return the codes that a field, or a column of its table, takes where an issue says that a word is none of them.

    Of a long list: those that the word may mean, if there are any.
    """
    if issue.code not in WORD_ISSUES:
        return []
    field = _field_of(issue, register)
    return [code.code for code in _suggested(issue, field)] or [code for code, _words in _choices(field)]


def _field_of(issue: Issue, register: str) -> kinds.RegisterField:
    """The field, or the column of a table, that an issue is about."""
    field = catalogue()[register].schema.register_fields()[issue.field]
    if isinstance(field, kinds.Rows) and "column" in issue.params:
        field = field.columns[str(issue.params["column"])]
    return field.inner if isinstance(field, kinds.Many) else field


def _suggested(issue: Issue, field: kinds.RegisterField) -> tuple[Code, ...]:
    """The codes of a long list that a word may mean."""
    word = str(issue.params.get("value", ""))
    if isinstance(field, kinds.NormalisedText):
        return field.form.suggest(word)
    return field.suggest(word) if isinstance(field, kinds.Choice) else ()


def describe_issue(
    issue: Issue,
    register: str,
    lang: str,
    *,
    with_field: bool = False,
    beside_question: bool = False,
    in_summary: bool = False,
) -> str:
    """Return what stands against an answer in words, with the row and the column if it stands in a table.

    `with_field`: with the label of the field as well, for a place where the question is not shown; `beside_question`: never
    with it, for the place where it stands already; `in_summary`: before messages about the shape of one value, which do
    not say what it is the value of, and before rows where several tables are asked for.
    """
    definition = catalogue()[register]
    words = FILER_WORDS.get(issue.code, "")
    words = gettext(words, lang, **issue.params) if words else issue_message(issue, lang, definition)
    if issue.code in WORD_ISSUES and (codes := _suggested(issue, _field_of(issue, register))):
        names = ("、" if lang == "zh" else ", ").join(
            f"{getattr(code, lang)} ({code.code})" for code in codes
        )
        words = f"{words}{gettext(MAYBE_MEANT, lang, names=names)}"
    column = issue.params.get("column")
    fields = definition.schema.register_fields()
    colon = "：" if lang == "zh" else ": "
    label = gettext(_question_label(definition, issue.field), lang) if issue.field in fields else ""
    if column is not None:
        column_label = gettext(_column_label(definition, issue.field, str(column)), lang)
        row = issue.params["row"]
        if in_summary and _asks_several_tables(definition):
            cell = gettext(
                _("%(table)s, row %(row)s, %(column)s"), lang, table=label, row=row, column=column_label
            )
        else:
            cell = gettext(_("Row %(row)s, %(column)s"), lang, row=row, column=column_label)
        words = f"{cell}{colon}{words}"
    names_none = issue.code == "required" or (in_summary and issue.code in SHAPE_MESSAGES)
    if label and (with_field or (column is None and names_none and not beside_question)):
        return f"{label}{colon}{words}"
    return words


def _asks_several_tables(definition: RegisterDefinition) -> bool:
    """True where the row of a table does not say which table it is in."""
    asked = definition.filing.fields() if definition.filing else ()
    fields = definition.schema.register_fields()
    return sum(isinstance(fields[name], kinds.Rows) for name in asked) > 1


def _question_label(definition: RegisterDefinition, name: str) -> str:
    """The label of a field as the form has it, as a message id."""
    full_text = definition.filing.full_text if definition.filing else None
    if full_text is not None and full_text.hash_field == name:
        return full_text.label
    return definition.schema.register_fields()[name].info.label


def list_amendment_reasons(register: str) -> tuple[tuple[str, Words], ...]:
    """Return why a record of this register may be amended by its enterprise, as (code, words); none: it is not asked."""
    amendments = filing_of(catalogue()[register]).amendments
    if amendments is None:
        return ()
    return tuple((reason.code, Words(reason.zh, reason.en)) for reason in amendments.reasons)


def issue_anchor(issue: Issue, register: str) -> str:
    """Return the id of the part of a form where an issue is to be mended: its question, or the cell of a table."""
    row = issue.params.get("row")
    columns = filing_of(catalogue()[register]).issue_columns
    by_code = columns.get(f"{issue.field}.{issue.code}") or columns.get(issue.code)
    column = issue.params.get("column") or by_code
    return f"{issue.field}-{int(str(row)) - 1}-{column}" if row and column else issue.field


def _column_label(definition: RegisterDefinition, field: str, column: str) -> str:
    rows: Any = definition.schema.register_fields()[field]
    columns: Mapping[str, kinds.RegisterField] = rows.columns
    return columns[column].info.label
