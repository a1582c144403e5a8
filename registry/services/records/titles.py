"""Titles and parties in both languages, with the source of their English; paths and states."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Mapping
from typing import Any

from registry.kit.definition import RegisterDefinition
from registry.kit.display import CHINESE, StatusView, Words
from registry.reference.text import romanise
from registry.registers import catalogue
from registry.services.publication.record_columns import columns_of
from registry.services.records.presentation import region_view
from registry.services.records.translations import translated
from registry.services.records.views import PartyView, RegionView, RegisterView
from registry.store.base import FetchedRow

MAX_MODELS_IN_TITLE = 2
MAX_MODEL_CHARACTERS = 40  # of each of them: some sources state many models as one text


def bilingual_name(zh: str, en: str, source: str, style: str) -> Words:
    """Return a name in both languages. `source`: of the English, as in `Words.en_source`.

    `style` says what stands for missing English, as in `Title.romanise`: a proper name is romanised and marked so; words
    are translated if the glossary has them as a whole, else they have no English.
    """
    if en:
        return Words(zh or en, en, source if source != "missing" else "enterprise")
    if not zh:
        return Words("", "", "missing")
    if style == "words":
        return translated(zh)
    return Words(zh, romanise_name(zh, style), "romanised")


def romanise_name(zh: str, style: str) -> str:
    """Return a proper name in Latin letters: as an English company name, or as one word of pinyin.

    `style`: company or name; a company's name stays one.
    """
    if style == "company" or romanise.is_company_name(zh):
        return romanise.company_name(zh)
    return romanise.pinyin_name(zh)


def title_of(definition: RegisterDefinition, row: FetchedRow) -> Words:
    """Return the title of a record in both languages."""
    return bilingual_name(
        row.title_zh, row.title_en, row.en_source, romanisation_style(definition, row.title_zh)
    )


def title_of_answers(definition: RegisterDefinition, answers: Mapping[str, Any], kept: str = "") -> Words:
    """Return the title that a record would have by what was typed, in both languages; without text where nothing names it.

    `kept`: a title that was kept apart from the answers, for when those are deleted.
    """
    columns = columns_of(definition, answers)
    zh, en = columns["title_zh"], columns["title_en"]
    if not (zh or en):
        zh, en = (kept, "") if CHINESE.search(kept) else ("", kept)
    return bilingual_name(zh, en, columns["en_source"], romanisation_style(definition, zh))


def told_apart_by(definition: RegisterDefinition, row: FetchedRow, values: Mapping[str, Any]) -> Words | None:
    """Return what stands behind the title because others have the same: the first models, else the holder's name.

    None where the title says it already, and in registers whose titles tell their records apart.
    """
    title = definition.title
    value = values.get(title.told_apart_by) or ()
    texts = [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []
    if texts:
        shown = texts[:MAX_MODELS_IN_TITLE]
        if any(text in row.title_zh or text in row.title_en for text in shown):
            return None
        cut = [
            text if len(text) <= MAX_MODEL_CHARACTERS else f"{text[:MAX_MODEL_CHARACTERS]}…" for text in shown
        ]
        text = ", ".join(cut) + (" …" if len(texts) > MAX_MODELS_IN_TITLE else "")
        return Words(text, text)
    holder = holder_view(row) if title.told_apart_by_holder else None
    if holder is None:
        return None
    said = any(
        name and name in of_record
        for name, of_record in ((holder.name.zh, row.title_zh), (holder.name.en, row.title_en))
    )
    return None if said else holder.name


def linked_title(register: str, zh: str, en: str, source: str) -> Words:
    """Return the title of a linked record of another register in both languages."""
    return bilingual_name(zh, en, source, romanisation_style(catalogue()[register], zh))


def romanisation_style(definition: RegisterDefinition, zh: str) -> str:
    """Return how a title is romanised: name, company or words."""
    style = definition.title.romanise
    return "company" if style == "name" and romanise.is_company_name(zh) else style


def record_path(register: str, slug: str) -> str:
    """Return the path of a record's page, without language."""
    return f"/{register}/{slug}"


def holder_view(row: FetchedRow) -> PartyView | None:
    """Return the holder as linked, else as the source wrote it; None where there is none."""
    party = catalogue()[row.register].holder
    if party is None:
        return None
    if row.holder_number:
        name = bilingual_name(row.holder_title_zh, row.holder_title_en, row.holder_en_source, "company")
        if row.holder_zh and row.holder_zh != row.holder_title_zh:
            name = bilingual_name(row.holder_zh, row.holder_en or name.en, row.holder_en_source, "company")
        path = record_path(row.holder_register, row.holder_slug)
        return PartyView(party.label, name, path, row.holder_number, region_view(row.holder_region_code))
    if row.holder_zh or row.holder_en:
        return PartyView(party.label, bilingual_name(row.holder_zh, row.holder_en, "enterprise", "company"))
    return None


def issuer_view(row: FetchedRow) -> PartyView | None:
    """Return the issuer as linked, else as the source wrote it; None where there is none."""
    party = catalogue()[row.register].issuer
    if party is None:
        return None
    if row.issuer_number:
        name = bilingual_name(row.issuer_title_zh, row.issuer_title_en, row.issuer_en_source, "company")
        return PartyView(
            party.label, name, record_path(row.issuer_register, row.issuer_slug), row.issuer_number
        )
    return PartyView(party.label, bilingual_name(row.issuer_zh, "", "", "company")) if row.issuer_zh else None


def region_of_record(row: FetchedRow) -> RegionView | None:
    """Return the record's own region, else the holder's."""
    return region_view(row.region_code or row.holder_region_code or "")


def status_on_day(
    definition: RegisterDefinition, status: str, values: Mapping[str, Any], day: dt.date
) -> StatusView:
    """Return the status as a reader meets it on that day, with the changes that dates have brought by then."""
    return definition.life_cycle.state(definition.life_cycle.status_on(status, values, day)).view()


def register_view(definition: RegisterDefinition) -> RegisterView:
    """Return a register without its numbers of records."""
    return _register_view(definition.slug)


@functools.cache
def _register_view(slug: str) -> RegisterView:
    return counted_register_view(catalogue()[slug], {})


def counted_register_view(
    definition: RegisterDefinition,
    counts: Mapping[str, int],
    *,
    demo: Mapping[str, int] | None = None,
    foreign: Mapping[str, int] | None = None,
) -> RegisterView:
    """Return a register with its numbers of records by standing: `counts` of all, `demo` and `foreign` among them."""
    invented, abroad = demo or {}, foreign or {}
    return RegisterView(
        slug=definition.slug,
        mark=definition.mark,
        label=definition.label,
        label_one=definition.label_one,
        kind=definition.kind,
        about=definition.about,
        total=sum(counts.values()),
        in_force=counts.get("in_force", 0),
        standings=counts,
        own_standings={
            standing: number - invented.get(standing, 0) - abroad.get(standing, 0)
            for standing, number in counts.items()
        },
        demo_standings=invented,
        foreign_standings=abroad,
    )
