"""English suggested where only the Chinese of an answer was typed: a proposal, no answer until it is accepted.

What no glossary and no earlier filing has is not suggested: pinyin of common nouns is not English. Where a suggestion is
taken the record says so, value by value, in its `en_sources`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from registry.kit.english_sources import ACCEPTED_ENGLISH, FIELD, OWN, english_values
from registry.kit.kinds import RegisterField, Rows
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.reference.text.folding import clean_cell, fold_name
from registry.registers import catalogue
from registry.services.filing.submission import filing_of
from registry.services.publication.record_queries import filer_column
from registry.services.records.translations import translated

CHINESE_SUFFIX, ENGLISH_SUFFIX = "_zh", "_en"
MAX_EARLIER_FILINGS = 50  # filings of an organisation whose English is looked through


@dataclass(frozen=True, slots=True)
class Suggestion:
    """`source`: enterprise (from an earlier filing of the organisation) or platform (the glossary).

    `en_source`: where the English comes from in the end, as in `Words.en_source`.
    """

    en: str
    source: str
    en_source: str


@dataclass(frozen=True, slots=True)
class MissingTranslation:
    """An English answer that is missing beside its Chinese one: of a question, or in a row (from 1) of a table."""

    field: str
    row: int
    column: str
    zh: str

    @property
    def anchor(self) -> str:
        """The id of its input in a form."""
        return f"{self.field}-{self.row - 1}-{self.column}" if self.row else self.field


def suggest_translations(
    connection: Connection, register: str, organisation_id: int, answers: Mapping[str, Any]
) -> dict[str, Suggestion]:
    """Return suggestions by the id of the input they are for. `answers`: as typed, tables as rows of texts."""
    missing = list(missing_translations(register, answers))
    earlier = _earlier_translations(connection, register, organisation_id) if missing else {}
    suggestions = {translation.anchor: _suggestion_for(translation.zh, earlier) for translation in missing}
    return {anchor: suggestion for anchor, suggestion in suggestions.items() if suggestion}


def accept_suggestions(
    register: str, answers: Mapping[str, Any], suggestions: Mapping[str, Suggestion], name: str
) -> dict[str, Any]:
    """Return the answer to one question with the suggestions for it filled in, and where all accepted English is from."""
    answer = answers.get(name)
    accepted = dict(answers.get(ACCEPTED_ENGLISH) or {})
    for missing in missing_translations(register, answers):
        if missing.field != name or missing.anchor not in suggestions:
            continue
        suggestion = suggestions[missing.anchor]
        accepted[suggestion.en] = suggestion.en_source
        if not missing.row:
            answer = suggestion.en
            continue
        answer = [dict(row) for row in answer or ()]
        answer[missing.row - 1][missing.column] = suggestion.en
    return {name: answer, ACCEPTED_ENGLISH: accepted}


def missing_translations(register: str, answers: Mapping[str, Any]) -> Iterator[MissingTranslation]:
    """Yield every English answer that is missing while the Chinese one is there."""
    definition = catalogue()[register]
    all_fields = definition.schema.register_fields()
    fields = {name: all_fields[name] for name in filing_of(definition).fields()}
    for name, field in fields.items():
        if isinstance(field, Rows):
            for row_number, row in enumerate(answers.get(name) or (), start=1):
                yield from (
                    MissingTranslation(name, row_number, column, zh)
                    for column, zh in _missing_in(field.columns, row)
                )
    yield from (MissingTranslation(name, 0, "", zh) for name, zh in _missing_in(fields, answers))


def _missing_in(fields: Mapping[str, RegisterField], answers: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in fields:
        zh = (
            answers.get(name.removesuffix(ENGLISH_SUFFIX) + CHINESE_SUFFIX)
            if name.endswith(ENGLISH_SUFFIX)
            else None
        )
        if zh and clean_cell(str(zh)) and not answers.get(name):
            yield name, clean_cell(str(zh))


def _suggestion_for(zh: str, earlier: Mapping[str, Suggestion]) -> Suggestion | None:
    """The organisation's own words for it, else the glossary's; None where neither has any."""
    if known := earlier.get(fold_name(zh)):
        return known
    words = translated(zh)
    return Suggestion(words.en, words.en_source, words.en_source) if words.en else None


def _earlier_translations(
    connection: Connection, register: str, organisation_id: int
) -> dict[str, Suggestion]:
    """Chinese (folded) → English, as the organisation itself has filed it, the newest filing first."""
    documents = connection.execute(
        select(Item.document)
        .join(Record, Record.document_hash == Item.hash)
        .where(Record.register == register, filer_column(catalogue()[register]) == organisation_id)
        .order_by(Record.id.desc())
        .limit(MAX_EARLIER_FILINGS)
    ).scalars()
    translations: dict[str, Suggestion] = {}
    for document in documents:
        values = json.loads(document)
        stated = values.get(FIELD) or {}
        for path, en, zh in english_values(values):
            if zh:
                suggestion = Suggestion(en, OWN, stated.get(path, OWN))
                translations.setdefault(fold_name(zh), suggestion)
    return translations
