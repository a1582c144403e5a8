"""Reading: a record as its page and the API show it, its past, its neighbours, look-up by number.

The names below are the face of the room: what doors may call.
"""

from __future__ import annotations

from registry.services.records.changes import (
    count_recent_changes,
    find_record_of_the_day,
    get_newest_entry,
    list_changes,
)
from registry.services.records.citations import Citations, cite_record
from registry.services.records.facets.facet_names import available_facets
from registry.services.records.full_texts import find_public_text
from registry.services.records.glossary import list_letters, look_up_words, read_glossary, words_by_letter
from registry.services.records.numbers.checked_numbers import (
    MAX_PICTURE_MEGABYTES,
    PICTURE_FIELD,
    checked_numbers_csv,
    count_answers,
    list_checked_numbers,
    picture_too_large,
    read_picture,
    split_numbers,
)
from registry.services.records.numbers.lookup import (
    MAX_CHECKED_NUMBERS,
    NOT_FOUND_ANSWERS,
    explain_not_found,
    not_found_error,
    not_found_sentence,
)
from registry.services.records.numbers.number_targets import find_permalink, find_target, leads_to_record
from registry.services.records.pictures import find_picture, find_small_picture
from registry.services.records.printed_records import typeset_record
from registry.services.records.projections import check_json, record_json, register_json, registers_json
from registry.services.records.quality import list_platforms, list_quality_gaps
from registry.services.records.reading import (
    MergedPointer,
    Pointer,
    find_merged,
    get_definition,
    get_history,
    get_record,
    has_demo_records,
    iterate_record_paths,
    latest_record_id,
    list_registers,
    locate_on_day,
    locate_record,
    one_moment,
)
from registry.services.records.schemes import get_scheme, list_schemes
from registry.services.records.translations import legal_basis_pieces, text_pieces
from registry.services.records.views import (
    CautionView,
    CheckedNumberView,
    FieldView,
    LabelledText,
    Piece,
    PlatformView,
    RecordView,
    StatusView,
    TableView,
    VersionView,
    Words,
    foreign_language,
)

__all__ = [
    "MAX_CHECKED_NUMBERS",
    "MAX_PICTURE_MEGABYTES",
    "NOT_FOUND_ANSWERS",
    "PICTURE_FIELD",
    "CautionView",
    "CheckedNumberView",
    "Citations",
    "FieldView",
    "LabelledText",
    "MergedPointer",
    "Piece",
    "PlatformView",
    "Pointer",
    "RecordView",
    "StatusView",
    "TableView",
    "VersionView",
    "Words",
    "available_facets",
    "check_json",
    "checked_numbers_csv",
    "cite_record",
    "count_answers",
    "count_recent_changes",
    "explain_not_found",
    "find_merged",
    "find_permalink",
    "find_picture",
    "find_public_text",
    "find_record_of_the_day",
    "find_small_picture",
    "find_target",
    "foreign_language",
    "get_definition",
    "get_history",
    "get_newest_entry",
    "get_record",
    "get_scheme",
    "has_demo_records",
    "iterate_record_paths",
    "latest_record_id",
    "leads_to_record",
    "legal_basis_pieces",
    "list_changes",
    "list_checked_numbers",
    "list_letters",
    "list_platforms",
    "list_quality_gaps",
    "list_registers",
    "list_schemes",
    "locate_on_day",
    "locate_record",
    "look_up_words",
    "not_found_error",
    "not_found_sentence",
    "one_moment",
    "picture_too_large",
    "read_glossary",
    "read_picture",
    "record_json",
    "register_json",
    "registers_json",
    "split_numbers",
    "text_pieces",
    "typeset_record",
    "words_by_letter",
]
