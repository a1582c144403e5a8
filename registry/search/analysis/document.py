"""Search documents: texts by role, facets and sort keys of a record. Made by the services, read by every engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

# Facets that filter but are not counted: almost every record has values of its own.
UNCOUNTED_FACETS = ("linked",)
# Facet of invented records, with one value: they are counted beside the others, and stand behind equal ones.
DEMO_FACET, DEMO_VALUE = "demo", "1"
# Filters by where a record is from, by the name of the source as the record has it, and by what it lacks or leaves in doubt
# (`field.code` of its standing warnings). Never counted in lists.
SOURCE_FACET, GAP_FACET = "source", "gap"
MAX_SOURCE_LENGTH = 100  # characters of a source in a filter
# Value of a facet for records that do not say: they can be counted and filtered by like the others.
UNSTATED = "unknown"
# Filter that tells real, invented and foreign records apart, as the figures of the first page do.
ORIGIN_FACET, REAL, INVENTED, ABROAD = "origin", "real", "demonstration", "abroad"


@dataclass(frozen=True, slots=True)
class SearchDocument:
    """What is searched of one record.

    `index_version` rises whenever anything here may have changed; `date` is yyyymmdd, 0 for none.
    """

    id: int
    index_version: int
    register: str
    number: str
    status: str
    standing: str  # in_force | restricted | pending | ended
    names: tuple[str, ...] = ()  # own names in both scripts, former and traditional forms
    parties: tuple[str, ...] = ()  # holder and issuer
    codes: tuple[str, ...] = ()  # identifiers that name this very record
    mentions: tuple[str, ...] = ()  # identifiers of other things: cited standards, models, credit codes
    words: tuple[str, ...] = ()  # everything else worth finding
    full_text: str = ""  # of a file that the record makes public, as `registry.attachments.pdf_text` reads it
    subjects: tuple[str, ...] = ()  # what the record is about, folded: compared with searches in meaning
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    date: int = 0
    title_sort_zh: str = ""
    title_sort_en: str = ""
    rank: int = 0  # grade, 1 = best, 0 = none
