"""What goes back: the rows of a sheet of decisions with what became of them, and the empty sheet of a transition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from registry.accounts.policy import Action, Actor, require
from registry.i18n import LOCALES, Lang, _, gettext
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import desk, moves
from registry.services.decision_sheets import columns, sheets, views
from registry.services.decision_sheets.columns import NOTE, NUMBER, PAPERS, TRANSITION
from registry.services.exchange.results import CHINESE_COLUMNS
from registry.services.exchange.stored_results import load_issues
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction
from registry.tabular.tables import table_chunks
from registry.tabular.template import ExplanationPage, TemplateColumn, template_chunks

SheetFormat = Literal["csv", "xlsx"]
RESULT_COLUMNS = ("row", "result", "field", "code", "message")
NOT_POSSIBLE, READY = _("Not possible"), _("Possible")
REQUIRED_WORDS = {True: _("Compulsory"), False: _("If it applies")}
EXPLANATION = _("Explanation")
EXPLANATION_HEADER = (_("Column"), _("In the other language"), _("Compulsory"), _("What to write"))


def export_decision_sheet(
    registry: Registry,
    actor: Actor,
    sheet_id: int,
    *,
    lang: Lang,
    file_format: SheetFormat,
    refused_only: bool,
) -> Iterator[bytes]:
    """Return the rows with what became of each, or those alone that are refused: corrected, they can be handed in again.

    Raises `NotFound`.
    """
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        sheet, found = views.visible_rows(connection, actor, sheet_id, refused_only=refused_only)
    header, lines = _table(sheet, found, lang)
    return table_chunks(file_format, header, lines)


def empty_decision_sheet(
    registry: Registry, actor: Actor, register: str, key: str, *, lang: Lang, file_format: SheetFormat
) -> Iterator[bytes]:
    """Return the empty sheet of a transition: a workbook with notes and drop-downs, or the header alone.

    Raises `NotFound` (no such transition), `Forbidden` (another role's).
    """
    require(actor, Action.TAKE_DECISIONS)
    definition = sheets.require_register(actor, register)
    form = desk.get_batch_form(registry, actor, register, key)
    move = moves.moves_by_key(definition, key)[0]
    found = columns.template_columns(definition, move, [(each.name, each.required) for each in form.fields])
    if file_format == "csv":
        return table_chunks("csv", [column.labels[lang] for column in found], ())
    title = getattr(form.move.name, lang)[:30]
    header = tuple(gettext(head, lang) for head in EXPLANATION_HEADER)
    page = ExplanationPage(gettext(EXPLANATION, lang), header)
    return template_chunks([_template_column(column, lang) for column in found], title, page)


def _template_column(column: columns.SheetColumn, lang: Lang) -> TemplateColumn:
    other: Lang = next(each for each in LOCALES if each != lang)
    required = {each: gettext(REQUIRED_WORDS[column.required], each) for each in LOCALES}
    note = "\n".join(
        f"{column.labels[each]}\n{required[each]}{'。' if each == 'zh' else '.'} {column.hints[each]}".rstrip()
        for each in (lang, other)
    )
    explanation = (column.labels[lang], column.labels[other], required[lang], column.hints[lang])
    return TemplateColumn(
        column.labels[lang], note, column.required, column.choices.get(lang, ()), explanation
    )


def _table(
    sheet: FetchedRow, found: Sequence[FetchedRow], lang: Lang
) -> tuple[list[str], Iterator[list[object]]]:
    definition = catalogue()[sheet.register]
    written = {row.row: row for row in sheets.complete_rows(sheet, found)}
    known = {*definition.schema.register_fields()}
    stated = list(
        dict.fromkeys(
            name
            for row in written.values()
            for name in row.stated
            if name in known or definition.schema.find_column(name)
        )
    )
    names = (NUMBER, TRANSITION, *stated, PAPERS, NOTE)
    results = [CHINESE_COLUMNS.get(name, name) if lang == "zh" else name for name in RESULT_COLUMNS]
    header = [*results, *(columns.label_of(definition, name, lang) for name in names)]

    def lines() -> Iterator[list[object]]:
        for row in found:
            of = written[row.row]
            issues = load_issues(row.issues)
            badge = views.DECISION_BADGES.get(row.decision_state)
            result = gettext(NOT_POSSIBLE if issues else READY, lang)
            if badge is not None:
                result = badge.zh if lang == "zh" else badge.en
            fields = [views.name_of_column(issue.field, definition, lang) for issue in issues]
            yield [
                row.place,
                result,
                "; ".join(dict.fromkeys(filter(None, fields))),
                "; ".join(dict.fromkeys(issue.code for issue in issues)),
                " ".join(views.describe_issue(issue, definition, lang) for issue in issues),
                of.number,
                of.transition,
                *(of.stated.get(name, "") for name in stated),
                of.evidence,
                of.note,
            ]

    return header, lines()
