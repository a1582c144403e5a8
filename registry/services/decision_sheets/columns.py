"""The columns of a sheet of decisions: the number, the decision, what it states, what it is based on; read, and as an empty sheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from registry.errors import Invalid
from registry.i18n import LOCALES, Lang, _, gettext
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.reference.identifiers import personal
from registry.reference.text.folding import fold_name
from registry.services.deciding import moves
from registry.services.exchange.headers import (
    RECORD_COLUMN_LABELS,
    HeaderVocabulary,
    alias_words,
    field_label,
    fold_header,
    header_words,
    label_words,
)
from registry.services.exchange.results import CHINESE_COLUMNS, RESULTS_COLUMNS
from registry.services.filing import list_questions
from registry.tabular.errors import SheetError
from registry.tabular.reading import Sheet, open_sheet
from registry.tabular.rows import Cell, Row, plain_cell
from registry.tabular.workbook import WorkbookLimits

NUMBER = "number"
TRANSITION, PAPERS, NOTE = "decision", "decision_papers", "decision_note"  # beside the fields of a register
OWN_LABELS = {
    TRANSITION: _("Decision"),
    PAPERS: _("What it is based on"),
    NOTE: _("Note for your colleagues"),
}
LIMITS = WorkbookLimits(cells=100_000, inflated=40_000_000)  # a thousand rows of a hundred columns
TABLE_COLUMN = _("%(table)s: %(column)s")
MAX_TEXT = 4_000  # characters of a cell
MAX_QUOTED = 60


@dataclass(frozen=True, slots=True)
class WrittenRow:
    """A row as it is written. `place`: where its sender finds it; `stated`: field → text; `issues`: of reading it."""

    row: int
    place: str = ""
    number: str = ""
    transition: str = ""
    stated: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    note: str = ""
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """A column of the empty sheet in both languages. `choices`: the words that it takes, by language."""

    labels: Mapping[Lang, str]
    hints: Mapping[Lang, str]
    required: bool
    choices: Mapping[Lang, tuple[str, ...]] = field(default_factory=dict)


def open_decisions(
    definition: RegisterDefinition, path: Path
) -> tuple[Sheet, tuple[str, ...], Iterator[WrittenRow]]:
    """Open a sheet: it, the columns that mean nothing here, and its rows. Raises `Invalid` with issues of the field `file`."""
    vocabulary = _vocabulary(definition)
    try:
        sheet = open_sheet(path, vocabulary, limits=LIMITS)
    except SheetError as problem:
        raise Invalid((Issue(problem.code, "file", problem.params),)) from problem
    header = vocabulary.match(sheet.header)
    issues = [] if header else [Issue("no_header", "file")]
    issues += [Issue("duplicate_header", "file", {"column": name}) for name in header.repeated()]
    if header and (missing := vocabulary.missing_columns(header)):
        issues.append(Issue("key_columns_missing", "file", {"missing": missing}))
    if issues:
        raise Invalid(tuple(issues))
    return sheet, header.left_out, (_written(definition, row, header.fields) for row in sheet)


def names_of_transition(definition: RegisterDefinition, move: Transition) -> tuple[str, ...]:
    """What a sheet may call a transition: its key, its name in both languages, and the name with the state it leads to."""
    after = definition.life_cycle.state(move.after)
    return (
        moves.move_key(definition, move),
        move.zh,
        move.en,
        f"{move.zh} → {after.zh}",
        f"{move.en} → {after.en}",
    )


def find_key(definition: RegisterDefinition, written: str) -> tuple[str, ...]:
    """The keys of the transitions that a cell may mean: the key that it is, else those of that name, which may be several."""
    word = fold_name(written)
    if written.strip() in {moves.move_key(definition, move) for move in moves.desk_moves(definition)}:
        return (written.strip(),)
    found = {
        moves.move_key(definition, move): None
        for move in moves.desk_moves(definition)
        if word in {fold_name(name) for name in names_of_transition(definition, move)}
    }
    return tuple(found)


def name_of_transition(definition: RegisterDefinition, move: Transition, lang: Lang) -> str:
    """The name of a transition by which a sheet finds it again, in a language."""
    names = names_of_transition(definition, move)
    short, long = (names[1], names[3]) if lang == "zh" else (names[2], names[4])
    return short if len(find_key(definition, short)) == 1 else long


def template_columns(
    definition: RegisterDefinition, move: Transition, fields: Iterable[tuple[str, bool]]
) -> tuple[SheetColumn, ...]:
    """The columns of the empty sheet of a transition. `fields`: of its form, each with whether it is required."""
    named = dict(fields)
    questions = {each.name: each for each in list_questions(definition.slug, tuple(named))}
    zh, en = RECORD_COLUMN_LABELS[NUMBER][1], RECORD_COLUMN_LABELS[NUMBER][-1]
    columns = [
        SheetColumn({"zh": zh, "en": en}, _in_both(_("Of the record, in any spelling.")), required=True),
        SheetColumn(
            _in_both(OWN_LABELS[TRANSITION]),
            _in_both(_("Which decision the row is.")),
            required=True,
            choices={lang: (name_of_transition(definition, move, lang),) for lang in LOCALES},
        ),
    ]
    for name, required in named.items():
        question = questions[name]
        choices = {lang: tuple(getattr(words, lang) for _code, words in question.choices) for lang in LOCALES}
        labels = {lang: _label(definition, name, lang) for lang in LOCALES}
        hints = {lang: gettext(question.hint, lang) if question.hint else "" for lang in LOCALES}
        columns.append(SheetColumn(labels, hints, required, choices))
    papers = [gettext(each, "zh") for each in move.evidence], [gettext(each, "en") for each in move.evidence]
    columns.append(
        SheetColumn(
            _in_both(OWN_LABELS[PAPERS]),
            {"zh": "、".join(papers[0]), "en": ", ".join(papers[1])},
            required=bool(move.evidence),
        )
    )
    columns.append(
        SheetColumn(_in_both(OWN_LABELS[NOTE]), _in_both(_("Not public.")), required=False),
    )
    return tuple(columns)


def label_of(definition: RegisterDefinition, name: str, lang: Lang) -> str:
    """What a column is called in a language, for its own columns and for fields."""
    if name in OWN_LABELS:
        return gettext(OWN_LABELS[name], lang)
    if name == NUMBER:
        return RECORD_COLUMN_LABELS[NUMBER][1 if lang == "zh" else -1]
    return _label(definition, name, lang)


def _label(definition: RegisterDefinition, name: str, lang: Lang) -> str:
    table, _dot, column = name.partition(".")
    fields = definition.schema.register_fields()
    if column and (of_table := definition.schema.find_column(name)):
        words = {
            "table": gettext(fields[table].info.label, lang),
            "column": gettext(of_table.info.label, lang),
        }
        return gettext(TABLE_COLUMN, lang, **words)
    return field_label(definition, name, lang)


def _vocabulary(definition: RegisterDefinition) -> HeaderVocabulary:
    """The words of the register, of what a decision states in a row of a table, and of the sheet's own columns."""
    stated = {name for move in moves.desk_moves(definition) for name in moves.form_fields(definition, move)}
    of_rows = {name for name in stated if "." in name}
    fields = {word: name for word, name in header_words(definition).items() if name != "status"}
    for name in sorted(of_rows):
        fields |= {
            fold_header(word): name for word in (name, *(_label(definition, name, lang) for lang in LOCALES))
        }
    fields |= label_words(OWN_LABELS)
    aliases = {word: name for word, name in alias_words(definition).items() if name != "status"}
    aliases |= {fold_header(word): TRANSITION for word in ("transition", "事项", "决定事项")}
    aliases |= {fold_header(word): PAPERS for word in ("evidence", "papers", "依据材料")}
    ignored = (*RESULTS_COLUMNS, *(CHINESE_COLUMNS[name] for name in RESULTS_COLUMNS))
    return HeaderVocabulary(
        fields,
        ignored=ignored,
        aliases={word: name for word, name in aliases.items() if word not in fields},
        missing=lambda columns: () if NUMBER in columns else (NUMBER,),
    )


def _written(definition: RegisterDefinition, row: Row, fields: Mapping[str, str]) -> WrittenRow:
    """A row of a sheet by what its columns mean. Numbers of persons are not kept; credit codes that look like them are."""
    numbers = definition.schema.register_fields().values()
    texts = {name: _text(row.cells.get(cell, "")) for cell, name in fields.items()}
    issues = [Issue(code, fields.get(column, ""), params) for code, column, params in row.issues]
    for name, text in texts.items():
        if len(text) > MAX_TEXT:
            issues.append(Issue("too_long", name, {"length": len(text), "at_most": MAX_TEXT}))
        found = personal.find_resident_id(text)
        if found and (name in OWN_LABELS or not any(each.takes(found) for each in numbers)):
            issues.append(Issue("personal_number", name, {"value": personal.mask_resident_ids(found)}))
            texts[name] = personal.mask_resident_ids(text)
    kept = {name: text[:MAX_TEXT] for name, text in texts.items() if text}
    own = {name: kept.pop(name, "") for name in (NUMBER, TRANSITION, PAPERS, NOTE)}
    return WrittenRow(
        row.number,
        str(row.shown_number()),
        own[NUMBER][:120],
        own[TRANSITION][:200],
        kept,
        own[PAPERS],
        own[NOTE],
        tuple(issues),
    )


def _text(cell: Cell) -> str:
    """What a cell says, as it would be typed into a form."""
    plain = plain_cell(cell)
    if isinstance(plain, bool):
        return str(plain).lower()
    if isinstance(plain, dt.datetime):
        return plain.date().isoformat()
    if isinstance(plain, dt.date):
        return plain.isoformat()
    if isinstance(plain, float) and plain.is_integer():
        return str(int(plain))
    return str(plain).strip()


def _in_both(message: str) -> dict[Lang, str]:
    return {lang: gettext(message, lang) for lang in LOCALES}
