"""The texts of a value by which its record is found: of a code, its words in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry.kit import kinds
from registry.kit.definition import RegisterDefinition
from registry.services.records.presentation import code_words


def iterate_searched_texts(definition: RegisterDefinition, values: Mapping[str, Any]) -> Iterator[str]:
    """Yield every text of a document by which its record is found."""
    for name, field in definition.schema.register_fields().items():
        if field.info.search and name in values:
            yield from texts_in_record(field, values[name], values)


def texts_in_record(field: kinds.RegisterField, value: Any, values: Mapping[str, Any]) -> list[str]:
    """Return the texts of a field by which its record is found; a grade is called what its own scheme calls it."""
    describe = getattr(field, "plain_words_in_record", None)
    if describe is None:
        return _field_texts(field, value)
    words = describe(str(value), values)
    return [words.zh, words.en]


def _field_texts(field: kinds.RegisterField, value: Any) -> list[str]:
    """Return the texts of a value by which a record is found: of a code, its words in both languages."""
    if isinstance(field, kinds.Many):
        return [text for item in value for text in _field_texts(field.inner, item)]
    if isinstance(field, kinds.Rows):
        return [
            text
            for row in value
            for name, column in field.columns.items()
            if name in row and isinstance(row[name], str)
            for text in _field_texts(column, row[name])
        ]
    if isinstance(field, kinds.Choice) or hasattr(field, "words"):
        words = code_words(field, value)
        return [words.zh, words.en]
    return [str(value)]
