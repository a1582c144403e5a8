"""The base of every register's schema: the one list of its fields, loaded as draft or complete."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import marshmallow as ma

from registry.i18n import _
from registry.kit.codes import Code, CodeList
from registry.kit.fields import choice, day, flag, text, web_address
from registry.kit.issues import Issue
from registry.kit.kinds import FieldInfo, RegisterField

CellPosition = tuple[str, object, object]  # field, row from 1, column
EMPTY_VALUES: tuple[object, ...] = (None, "", [])  # what counts as "not given"

EN_SOURCES = CodeList(
    Code("official", "官方译名", "official", ("官方",)),
    Code("enterprise", "单位提供", "supplied by the holder", ("企业提供", "enterprise supplied")),
    Code("platform", "平台翻译", "translated by the register", ("平台", "translated by the platform")),
    Code("romanised", "平台音译", "romanised", ("音译",)),
)


@dataclass(frozen=True, slots=True)
class LoadResult:
    """`values` hold only whole, valid fields, in the order of the schema; `issues` name what is wrong.

    Issues whose code is in `HARD` concern values that were left out; all others concern values that are kept.
    """

    values: dict[str, Any]
    issues: tuple[Issue, ...]
    refused_fields: frozenset[str]  # fields whose value could not be taken at all
    partial_tables: Mapping[str, Any] = dataclasses.field(
        default_factory=dict
    )  # of those the tables, as far as read
    unreadable_cells: frozenset[CellPosition] = frozenset()  # the cells of those that could not be read


class RecordSchema(ma.Schema):
    """Fields only. Rules over several fields live in the register's `rules.py` and are run by the service."""

    class Meta:
        unknown = ma.EXCLUDE  # unknown names are reported by `load_values`, with the name as a parameter

    version: ClassVar[int] = 1

    @classmethod
    @functools.cache
    def register_fields(cls) -> Mapping[str, RegisterField]:
        """Field name → field, in the order written. Constructed once: a schema costs 60 µs."""
        return {name: field for name, field in cls().fields.items() if isinstance(field, RegisterField)}

    @classmethod
    def info(cls, name: str) -> FieldInfo:
        return cls.register_fields()[name].info

    @classmethod
    def load_values(cls, raw: Mapping[str, Any], *, complete: bool) -> LoadResult:
        """Check and normalise `raw` (cells, JSON or form values).

        A draft may lack, not lie: types always hold, required fields only when `complete`. Empty values
        ("", None, []) count as missing. Never raises on bad input.
        """
        values: dict[str, Any] = {}
        issues: list[Issue] = []
        refused: set[str] = set()
        partly: dict[str, Any] = {}
        fields = cls.register_fields()
        for name, field in fields.items():
            given = raw.get(name)
            if given in EMPTY_VALUES:
                if complete and field.is_required:
                    issues.append(Issue("required", name))
                continue
            try:
                value = field.deserialize(given, name, raw)
            except ma.ValidationError as problem:
                issues += _issues_of_field(problem, name)
                refused.add(name)
                if isinstance(problem.valid_data, list):
                    partly[name] = problem.valid_data
                    issues += [
                        Issue(soft.code, name, soft.params) for soft in field.soft_issues(partly[name])
                    ]
                continue
            if value in EMPTY_VALUES:
                if complete and field.is_required:
                    issues.append(Issue("required", name))
                continue
            values[name] = value
            issues += [Issue(issue.code, name, issue.params) for issue in field.soft_issues(value)]
        issues += [
            Issue("unknown_field", str(name), {"name": str(name)[:60]})
            for name, given in raw.items()
            if name not in fields and given not in EMPTY_VALUES
        ]
        cells = (
            (each.field, each.params.get("row"), each.params.get("column"))
            for each in issues
            if each.field in partly
        )
        return LoadResult(values, tuple(issues), frozenset(refused), partly, frozenset(cells))


class SourcedSchema(RecordSchema):
    """What every register's record says of its own origin, shown together at the end of its page."""

    en_source = choice(_("Source of the English"), EN_SOURCES)
    legal_basis = text(_("Legal basis"))
    source = text(_("Source"))
    source_url = web_address(_("Address of the source"))
    source_date = day(_("Date of the source"))
    source_status = text(_("Status in the source's own words"), max_length=60)
    demo = flag(_("Demonstration data"))


ORIGIN_FIELDS = tuple(SourcedSchema.register_fields())


def _issues_of_field(problem: ma.ValidationError, name: str) -> list[Issue]:
    """The issues inside a marshmallow error, with the field's name; nested lists keep theirs."""
    found = problem.messages if isinstance(problem.messages, list) else [problem.messages]
    return [
        Issue(part.code, name, part.params)
        if isinstance(part, Issue)
        else Issue("wrong_type", name, {"value": str(part)[:60]})
        for part in found
    ]
