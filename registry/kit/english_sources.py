"""Where the English of each value of a record comes from: stated for the record as a whole, and for single values.

A path names a value: a field (`product_name_en`), or a cell of a table by row, from 1, and column
(`indicators[2].name_en`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry.kit.definition import RegisterDefinition

ENGLISH_SUFFIX = "_en"
FIELD = "en_sources"
OWN = "enterprise"  # the source of what a filer types
ACCEPTED_ENGLISH = "accepted_english"  # where a draft keeps suggestions that were taken: English → source


def english_values(values: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield (path, English, the Chinese beside it) for every English text of a document; "" where there is no Chinese."""
    for name, value in values.items():
        if isinstance(value, str):
            if name[-3:] == ENGLISH_SUFFIX:
                yield name, value, _chinese(values, name)
        elif isinstance(value, list):
            for number, row in enumerate(value, start=1):
                if isinstance(row, dict):
                    for column, cell in row.items():
                        if column[-3:] == ENGLISH_SUFFIX and isinstance(cell, str):
                            yield cell_path(name, number, column), cell, _chinese(row, column)


def _chinese(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name.removesuffix(ENGLISH_SUFFIX) + "_zh") or "")


def cell_path(table: str, number: int, column: str) -> str:
    """The path of a cell; `number`: of its row, from 1."""
    return f"{table}[{number}].{column}"


def general_source(definition: RegisterDefinition, values: Mapping[str, Any]) -> str:
    """Where the English of a record comes from unless its single values say otherwise."""
    return str(values.get("en_source") or definition.title.default_en_source)


def source_of(definition: RegisterDefinition, values: Mapping[str, Any], path: str) -> str:
    """Where the English at a path comes from."""
    return str((values.get(FIELD) or {}).get(path) or general_source(definition, values))


def sources_by_path(definition: RegisterDefinition, values: Mapping[str, Any]) -> dict[str, str]:
    """The source of every English text of a document, by path."""
    stated = values.get(FIELD) or {}
    general = general_source(definition, values)
    sources = {}
    for name, value in values.items():  # as `english_values`: each record of a list comes by here
        if type(value) is str:
            if name[-3:] == ENGLISH_SUFFIX:
                sources[name] = stated.get(name) or general
        elif type(value) is list:
            for number, row in enumerate(value, start=1):
                if type(row) is dict:
                    for column, cell in row.items():
                        if column[-3:] == ENGLISH_SUFFIX and type(cell) is str:
                            path = cell_path(name, number, column)
                            sources[path] = stated.get(path) or general
    return sources


def english_sources_of(values: Mapping[str, Any], accepted: Any, known: Mapping[str, str]) -> dict[str, str]:
    """The `en_sources` of a filing: of every English text that its holder has not supplied.

    `accepted`: what a draft keeps under `ACCEPTED_ENGLISH`, None for none; `known`: sources by path.
    """
    taken = accepted if isinstance(accepted, Mapping) else {}
    sources = {path: str(taken.get(en) or known.get(path) or OWN) for path, en, _zh in english_values(values)}
    return {path: source for path, source in sources.items() if source != OWN}


def accepted_english_in(document: Mapping[str, Any]) -> dict[str, str]:
    """The English of a published document that its holder has not supplied → its source."""
    stated = document.get(FIELD) or {}
    return {en: stated[path] for path, en, _zh in english_values(document) if path in stated}


def without_outdated(old: Mapping[str, Any], new: Mapping[str, Any]) -> Mapping[str, Any]:
    """A document without the sources of English that is no longer what they were stated for.

    `old`: the document before, from which `new` has taken its sources over.
    """
    stated = new.get(FIELD)
    if not stated or stated != old.get(FIELD):
        return new
    before = {path: en for path, en, _zh in english_values(old)}
    after = {path: en for path, en, _zh in english_values(new)}
    kept = {
        path: source for path, source in stated.items() if path in after and after[path] == before.get(path)
    }
    if kept == stated:
        return new
    others = {name: value for name, value in new.items() if name != FIELD}
    return {**others, FIELD: kept} if kept else others
