"""Field types that say where single values of a record come from: its English, and its facts."""

from __future__ import annotations

import json
import re
from typing import Any

import marshmallow as ma

from registry.kit.codes import CodeList
from registry.kit.issues import Issue, too_many_items
from registry.kit.kinds import (
    MAX_QUOTED,
    MAX_QUOTED_NUMBER,
    FieldInfo,
    RegisterField,
    blocking_error,
)
from registry.kit.list_cells import SEPARATOR, split_cell
from registry.reference.identifiers import personal
from registry.reference.text import sparse_dates
from registry.reference.text.folding import clean_cell

# English may stand in several columns of several tables of five hundred rows each.
MAX_ENGLISH_SOURCES, MAX_FIELD_SOURCES, MAX_SOURCE_LENGTH = 5000, 200, 500
ENGLISH_VALUE = re.compile(r"[a-z][a-z0-9_]{0,60}(?:\[[1-9][0-9]{0,3}\]\.[a-z][a-z0-9_]{0,60})?")
FIELD_NAME = re.compile("[a-z][a-z0-9_]{0,60}")


def _too_many(given: Any, at_most: int) -> Issue | None:
    return too_many_items(len(given), at_most) if isinstance(given, dict) and len(given) > at_most else None


class EnglishSources(RegisterField):
    """Where the English of single values comes from: field, or cell of a table (`indicators[2].name_en`) → source.

    In a sheet `product_name_en=platform|indicators[2].name_en=platform`.
    """

    kind = "map"

    def __init__(self, info: FieldInfo, codes: CodeList) -> None:
        super().__init__(info)
        self.codes = codes

    def size_issue(self, given: Any) -> Issue | None:
        return _too_many(given, MAX_ENGLISH_SOURCES) or super().size_issue(given)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        if isinstance(value, str):
            parts = [part.partition("=") for part in split_cell(value) if part.strip()]
            value = {path.strip(): source.strip() for path, _sign, source in parts}
        if not isinstance(value, dict):
            raise blocking_error("wrong_type", value=str(value)[:MAX_QUOTED])
        if too_many := _too_many(value, MAX_ENGLISH_SOURCES):
            raise ma.ValidationError([too_many])
        sources: dict[str, str] = {}
        for path, written in value.items():
            code = self.codes.find(str(written))
            if code is None or not ENGLISH_VALUE.fullmatch(str(path)):
                raise blocking_error("wrong_type", value=f"{path}={written}"[:MAX_QUOTED])
            sources[str(path)] = code
        return sources

    def to_cell(self, value: Any) -> str | int | float | bool:
        return SEPARATOR.join(f"{path}={source}" for path, source in value.items())


class FieldSources(RegisterField):
    """The sources of single fields, where they are not that of the record: field → `source` and `source_date`.

    Neither of them: the source of that field is not known. In a sheet the same as JSON.
    """

    kind = "map"

    def size_issue(self, given: Any) -> Issue | None:
        return _too_many(given, MAX_FIELD_SOURCES) or super().size_issue(given)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        del attr, data, kwargs
        wrong = blocking_error("wrong_type", value=str(value)[:MAX_QUOTED])
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise wrong from None
        if not isinstance(value, dict):
            raise wrong
        if too_many := _too_many(value, MAX_FIELD_SOURCES):
            raise ma.ValidationError([too_many])
        sources: dict[str, dict[str, str]] = {}
        for name, stated in value.items():
            parts = dict(stated) if isinstance(stated, dict) else {"": ""}
            if not FIELD_NAME.fullmatch(str(name)) or not parts.keys() <= {"source", "source_date"}:
                raise wrong
            sources[str(name)] = {part: self._part(part, parts[part]) for part in sorted(parts)}
        return dict(sorted(sources.items()))

    def _part(self, part: str, written: Any) -> str:
        text = clean_cell(str(written or ""))[:MAX_SOURCE_LENGTH]
        if part == "source":
            return personal.mask_numbers(text)
        try:
            return sparse_dates.parse(text)
        except sparse_dates.DateError as error:
            raise blocking_error(error.code, value=text[:MAX_QUOTED_NUMBER]) from None
