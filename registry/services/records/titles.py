"""Names for pages: titles and parties in both languages, with the source of their English; paths and marks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.reference.text import romanise
from registry.registers import catalogue
from registry.services.records.presentation import region_view
from registry.services.records.views import PartyView, RegionView, RegisterView
from registry.store.base import FetchedRow


def bilingual_name(zh: str, en: str, source: str, style: str) -> Words:
    """A name in both languages; missing English is romanised and marked so. `how`: name, company or words."""
    if en:
        return Words(zh or en, en, source if source != "missing" else "enterprise")
    if not zh:
        return Words("", "", "missing")
    return Words(zh, romanise_name(zh, style), "romanised")


def romanise_name(zh: str, style: str) -> str:
    if style == "company" or (style == "name" and romanise.is_company_name(zh)):
        return romanise.company_name(zh)
    if style == "name":
        return romanise.pinyin_name(zh)
    return " ".join(romanise.pinyin_words(zh)).capitalize()


def title_of(definition: RegisterDefinition, row: FetchedRow) -> Words:
    return bilingual_name(
        row.title_zh, row.title_en, row.en_source, romanisation_style(definition, row.title_zh)
    )


def linked_title(register: str, zh: str, en: str, source: str) -> Words:
    return bilingual_name(zh, en, source, romanisation_style(catalogue()[register], zh))


def romanisation_style(definition: RegisterDefinition, zh: str) -> str:
    """How a title is romanised: a brand known only by its holder has a company's name."""
    how = definition.title.romanise
    return "company" if how == "name" and romanise.is_company_name(zh) else how


def record_path(register: str, slug: str) -> str:
    return f"/{register}/{slug}"


def holder_view(row: FetchedRow) -> PartyView | None:
    """The holder as linked, else as the source wrote it."""
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
    """The record's own region, else the holder's."""
    return region_view(row.region_code or row.holder_region_code or "")


def status_on_day(
    definition: RegisterDefinition, status: str, values: Mapping[str, Any], day: dt.date
) -> StatusView:
    """The status as a reader meets it on that day: dates already passed count as ended."""
    return definition.life_cycle.state(definition.life_cycle.status_on(status, values, day)).view()


def badges_of(
    definition: RegisterDefinition, linked: set[tuple[str, str]], standing: str
) -> tuple[StatusView, ...]:
    """Further marks beside the status; an ended record needs none."""
    if standing == "ended":
        return ()
    return tuple(
        StatusView(mark.code, mark.zh, mark.en, "", mark.badge)
        for mark in definition.marks
        if any(relation == mark.relation and status in mark.linked_statuses for relation, status in linked)
    )


def register_view(definition: RegisterDefinition, counts: Mapping[str, int] | None = None) -> RegisterView:
    """A register with its numbers of records by standing."""
    numbers = counts or {}
    return RegisterView(
        slug=definition.slug,
        mark=definition.mark,
        label=definition.label,
        label_one=definition.label_one,
        kind=definition.kind,
        about=definition.about,
        total=sum(numbers.values()),
        in_force=numbers.get("in_force", 0),
        standings=numbers,
    )
