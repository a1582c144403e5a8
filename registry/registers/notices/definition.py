"""The register of notices, put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.i18n import _
from registry.kit.definition import (
    DeskEntry,
    KeyMissing,
    Layout,
    NaturalKey,
    Numbering,
    RegisterDefinition,
    SearchSpec,
    Section,
    Title,
)
from registry.kit.links import NamedInTexts
from registry.reference.identifiers import notice_numbers
from registry.registers.notices.life_cycle import LIFE_CYCLE
from registry.registers.notices.rules import MESSAGES, RULES
from registry.registers.notices.samples import SAMPLES
from registry.registers.notices.schema import NoticeSchema


def key_of_values(values: Mapping[str, Any]) -> str:
    """The number in its one spelling, with the authority where the number does not say whose it is. Raises `KeyMissing`."""
    if not values.get("notice_no"):
        raise KeyMissing("notice_no")
    return notice_numbers.key_of(str(values["notice_no"]), str(values.get("authority_zh") or ""))


def canonical_numbers(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The number as texts name it: what is typed in any of its spellings finds the notice."""
    number = str(values.get("notice_no") or "")
    return (notice_numbers.canonical_number(number, str(values.get("authority_zh") or "")),) if number else ()


REGISTER = RegisterDefinition(
    slug="notices",
    position=8,
    mark="告",
    kind="reference",
    label=_("Notices"),
    label_one=_("Notice"),
    about=_(
        "Notices of authorities with number, date and text, and all records that their decisions touched."
    ),
    schema=NoticeSchema,
    key=NaturalKey(("notice_no",), key_of_values, notice_numbers.key_of),
    numbering=Numbering(prefix="NT", digits=5, year_field="issued_on"),
    title=Title(zh=("title_zh", "notice_no"), en=("title_en",), default_en_source="official"),
    life_cycle=LIFE_CYCLE,
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "notice_no",
                    "notice_no_en",
                    "authority_zh",
                    "authority_en",
                    "issued_on",
                    "region_code",
                    "repealed_on",
                    "repealed_by",
                ),
            ),
            Section("text", _("Text of the notice"), ("text_zh", "text_en", "files")),
        ),
        result_fields=("notice_no", "authority_zh", "issued_on"),
        key_facts=("notice_no", "authority_zh", "issued_on"),
        only_in_states={"repealed_on": ("repealed",), "repealed_by": ("repealed",)},
    ),
    folder=Path(__file__).parent,
    valid_from="issued_on",
    identifiers=("notice_no",),
    exact_lookup_fields=("notice_no", "notice_no_en"),
    further_numbers=canonical_numbers,
    rules=RULES,
    search=SearchSpec(
        date_field="issued_on",
        date_label=_("Issued between"),
        subjects=("title_zh", "title_en"),
        register_words=("公告", "通告", "公告文号", "notices", "notice of an authority"),
        date_words=("公告日期", "announced"),
    ),
    samples=SAMPLES,
    messages=MESSAGES,
    named_in_texts=NamedInTexts(
        relation="under_notice",
        fields=("legal_basis", "source", "other_sources"),
        parts=notice_numbers.find_numbers,
        outgoing=_("Notices"),
        role=_("notice"),
    ),
    desk_entry=DeskEntry(transition="issued", files="files"),
)
