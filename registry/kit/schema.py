"""The base of every register's schema, which is the one list of its fields."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType
from typing import Any, ClassVar, NamedTuple

import marshmallow as ma

from registry.i18n import _
from registry.kit.cells import FormattedCell
from registry.kit.codes import Code, CodeList
from registry.kit.fields import choice, day, english_sources, field_sources, flag, many, text, web_address
from registry.kit.header_words import ORIGIN
from registry.kit.issues import MAX_ISSUES, Issue
from registry.kit.kinds import (
    MAX_QUOTED,
    FieldInfo,
    RegisterField,
    Rows,
    is_short_text,
    issues_of_error,
)
from registry.reference.identifiers import personal

CellPosition = tuple[str, object, object]  # field, row from 1, column
KeptReading = tuple[Any, tuple[Issue, ...]]  # value and issues of a cell that was read before
EMPTY_VALUES: tuple[object, ...] = (None, "", [])  # what counts as "not given"
MAX_KEPT_OF_FIELD = 256  # cells of a field

EN_SOURCES = CodeList(
    Code("official", "官方译名", "official", ("官方",)),
    Code("enterprise", "单位提供", "supplied by the holder", ("企业提供", "enterprise supplied")),
    Code("platform", "平台翻译", "translated by the register", ("平台", "translated by the platform")),
    Code("romanised", "平台音译", "romanised", ("音译",)),
)


NO_TABLES: Mapping[str, Any] = MappingProxyType({})


class LoadResult(NamedTuple):
    """What loading has made of the input.

    `values`: normalised values of the fields that could be read whole, in the order of the schema. `issues`: what is
    wrong or doubtful. `refused_fields`: fields whose value was left out. `partial_tables`: those of them that are
    tables, with the cells that could be read. `unreadable_cells`: the other cells of these tables.
    """

    values: dict[str, Any]
    issues: tuple[Issue, ...]
    refused_fields: frozenset[str]
    partial_tables: Mapping[str, Any] = NO_TABLES
    unreadable_cells: frozenset[CellPosition] = frozenset()


class RecordSchema(ma.Schema):
    """Fields only. Rules over several fields are in the register's `rules.py` and are run by the service.

    `version` of the schema goes into each entry of the log; it rises when the meaning of a field changes.
    `header_words`: words of sheets for fields, each ending at a semicolon; they become the aliases of the fields.
    """

    class Meta:
        unknown = ma.EXCLUDE  # unknown names are reported by `load_values`, with the name as a parameter

    version: ClassVar[int] = 1
    header_words: ClassVar[Mapping[str, str]] = {}

    @classmethod
    @functools.cache
    def register_fields(cls) -> Mapping[str, RegisterField]:
        """Field name → field, in the order written. Made once for each schema: that costs 60 µs."""
        fields = {name: field for name, field in cls().fields.items() if isinstance(field, RegisterField)}
        for name, words in cls._all_header_words().items():
            info = fields[name].info
            given = tuple(filter(None, (word.strip() for word in words.split(";"))))
            fields[name].info = dataclasses.replace(info, aliases=(*info.aliases, *given))
        return fields

    @classmethod
    def find_column(cls, name: str) -> RegisterField | None:
        """The column of a table by `table.column`, None where there is none."""
        table, _dot, column = name.partition(".")
        field = cls.register_fields().get(table) if column else None
        return field.columns.get(column) if isinstance(field, Rows) else None

    @classmethod
    def _all_header_words(cls) -> dict[str, str]:
        """The words of this schema and of those that it is derived from."""
        words: dict[str, str] = {}
        for base in reversed(cls.__mro__):
            words |= getattr(base, "__dict__", {}).get("header_words", {})
        return words

    @classmethod
    def info(cls, name: str) -> FieldInfo:
        """Label, help and roles of a field. Raises `KeyError` for an unknown name."""
        return cls.register_fields()[name].info

    @classmethod
    def is_required(cls, name: str) -> bool:
        """True if a complete record has this field. Raises `KeyError` for an unknown name."""
        return cls.register_fields()[name].is_required

    @classmethod
    def load_values(cls, raw: Mapping[str, Any], *, complete: bool) -> LoadResult:
        """Check and normalise `raw` (cells, JSON or form values). Never raises on bad input.

        Types always hold; required fields are asked for only when `complete`, because a draft may lack any. Empty
        values ("", None, []) count as missing.
        """
        values: dict[str, Any] = {}
        issues: list[Issue] = []
        refused: set[str] = set()
        partial_tables: dict[str, Any] = {}
        fields = cls.register_fields()
        for name, field, read_before in cls._reading_order():
            given = raw.get(name)
            if type(given) is str and (known := read_before.get(given)):
                values[name] = known[0]
                issues += known[1]
                continue
            if given is None or given in EMPTY_VALUES:
                if complete and field.is_required:
                    issues.append(Issue("required", name))
                continue
            if too_large := field.size_issue(given):
                issues.append(Issue(too_large.code, name, too_large.params))
                refused.add(name)
                continue
            if (not isinstance(given, str) or len(given) >= personal.MIN_LENGTH) and (
                resident := _resident_id_in(given, field)
            ):
                issues.append(Issue("personal_number", name, {"value": resident}))
                refused.add(name)
                continue
            try:
                cell = given
                if isinstance(given, FormattedCell):
                    cell = field.value_of_cell(given)
                value = field.deserialize(cell, name, raw)
            except ma.ValidationError as error:
                issues += _refused_value(error, field, name, values=values, partial_tables=partial_tables)
                refused.add(name)
                continue
            if value not in EMPTY_VALUES:
                values[name] = value
                found = [
                    Issue(issue.code, name, issue.params, issue.severity)
                    for issue in field.soft_issues(value)
                ]
                issues += found
                if is_short_text(field, given):
                    _keep_reading(read_before, given, value, found)
                if isinstance(given, FormattedCell | dt.date):  # of a workbook
                    doubts = _in_field(field.cell_doubts(given, value), name)
                    issues += [dataclasses.replace(issue.as_doubt(), of_source=True) for issue in doubts]
            elif complete and field.is_required:
                issues.append(Issue("required", name))
        unknown = (name for name, given in raw.items() if name not in fields and given not in EMPTY_VALUES)
        issues += [unknown_field(name) for name in islice(unknown, MAX_ISSUES)]
        cells = frozenset(
            (issue.field, issue.params.get("row"), issue.params.get("column"))
            for issue in issues
            if issue.field in partial_tables
        )
        return LoadResult(values, tuple(issues), frozenset(refused), partial_tables, cells)

    @classmethod
    @functools.cache
    def _reading_order(cls) -> tuple[tuple[str, RegisterField, dict[str, KeptReading]], ...]:
        """Name, field and what was read of its short cells, in the order written.

        Most columns of a sheet repeat a few words row after row: they are read once.
        """
        return tuple((name, field, {}) for name, field in cls.register_fields().items())

    @classmethod
    def size_issues(cls, raw: Mapping[str, Any]) -> Iterator[Issue]:
        """Yield what is too large to be read at all, before anything is made of it."""
        fields = cls.register_fields()
        for name, given in raw.items():
            field = fields.get(name)
            if field is None or is_short_text(field, given):
                continue
            if too_large := field.size_issue(given):
                yield Issue(too_large.code, name, too_large.params)

    @classmethod
    def complete_with(cls, loaded: LoadResult, kept: Mapping[str, Any]) -> LoadResult:
        """What was loaded, completed by values that a record has already (`kept`): these are not read again.

        A field that is missing, or whose value could not be read, keeps what the record says of it.
        """
        fields = cls.register_fields()
        taken = {name: value for name, value in kept.items() if name in fields and name not in loaded.values}
        if not taken:
            return loaded
        values = {
            name: loaded.values[name] if name in loaded.values else taken[name]
            for name in fields
            if name in loaded.values or name in taken
        }
        issues = [issue for issue in loaded.issues if not (issue.code == "required" and issue.field in taken)]
        for name, value in taken.items():
            issues += [
                issue.as_doubt()
                if issue.code == "text_damaged"
                else issue  # it stands in the register already
                for issue in _in_field(fields[name].soft_issues(value), name)
            ]
        return loaded._replace(
            values=values,
            issues=tuple(issues),
            refused_fields=loaded.refused_fields.difference(taken),
        )


def _refused_value(
    error: ma.ValidationError,
    field: RegisterField,
    name: str,
    *,
    values: dict[str, Any],
    partial_tables: dict[str, Any],
) -> list[Issue]:
    """What is wrong with a value; of a table, the rows that could be read are kept in `partial_tables`, and in `values` if they do."""
    found = _as_doubts(_in_field(issues_of_error(error), name), field)
    if not isinstance(error.valid_data, list):
        return found
    partial_tables[name] = error.valid_data
    if any(error.valid_data) and all(issue.severity == "doubts" for issue in found):
        values[name] = error.valid_data
    return [*found, *_in_field(field.soft_issues(error.valid_data), name)]


def _keep_reading(
    read_before: dict[str, KeptReading], given: str, value: Any, issues: Iterable[Issue]
) -> None:
    """Keep what was read of a cell; a column in which each row says something else pushes out no other one."""
    if len(read_before) >= MAX_KEPT_OF_FIELD:
        read_before.clear()
    read_before[given] = (value, tuple(issues))


def unknown_field(name: object) -> Issue:
    """The issue of a field that the register does not have."""
    shown = str(name)[:MAX_QUOTED]
    return Issue("unknown_field", shown, {"name": shown})


# What leaves an optional field empty with a doubt, where it would send back the row for a required one.
DOUBTFUL_IF_OPTIONAL = frozenset({"date_shape", "date_does_not_exist", "digits_lost"})


def _in_field(issues: Iterable[Issue], name: str) -> list[Issue]:
    return [Issue(issue.code, name, issue.params, issue.severity, issue.of_source) for issue in issues]


def _as_doubts(issues: list[Issue], field: RegisterField) -> list[Issue]:
    """The issues of a value that could not be read; of an optional one they are doubts where nothing else is at stake."""
    if field.is_required or not all(issue.code in DOUBTFUL_IF_OPTIONAL for issue in issues):
        return issues
    return [dataclasses.replace(issue.as_doubt(), of_source=True) for issue in issues]


SMALLEST_RESIDENT_ID = 10 ** (personal.MIN_LENGTH - 1)


def _resident_id_in(given: Any, field: RegisterField) -> str | None:
    """The number of a person's identity card in a value of any kind, as written; None where it has none.

    Valid credit codes of figures alone, which look alike now and then, are none where a code is asked for.
    """
    if isinstance(given, str):
        found = personal.find_resident_id(given)
    elif isinstance(given, list | dict) or (isinstance(given, int) and given >= SMALLEST_RESIDENT_ID):
        found = personal.find_resident_id(str(given))
    else:
        return None
    return found if found and not field.takes(found) else None


class SourcedSchema(RecordSchema):
    """The fields that say where a record comes from; every register has them, last on its page."""

    header_words = ORIGIN

    en_source = choice(_("Source of the English"), EN_SOURCES)
    en_sources = english_sources(_("Sources of the English, by field"), EN_SOURCES)
    legal_basis = text(_("Legal basis"))
    source = text(_("Source"))
    source_url = web_address(_("Address of the source"))
    source_date = day(_("Date of the source"))
    other_sources = many(text(_("Other sources")))
    field_sources = field_sources(_("Sources of single facts"))
    source_status = text(_("Status in the source's own words"), max_length=60)
    former_numbers = many(text(_("Former numbers")))
    demo = flag(_("Demonstration data"))


ORIGIN_FIELDS = tuple(SourcedSchema.register_fields())
FORMER_NUMBERS = (
    "former_numbers"  # by which the record was known before: of one merged into it, or stated wrongly
)
