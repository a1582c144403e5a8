"""Fields of a notice. Number, authority and day name it; its text stands in the languages in which it exists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.display import Words
from registry.kit.kinds import FieldInfo, Text
from registry.kit.schema import SourcedSchema
from registry.registers.notices.headers import HEADER_WORDS

MAX_TEXT = 30_000  # characters of a text in one language


class BothLanguages(Text):
    """A text that another field has in English."""

    def __init__(self, info: FieldInfo, *, english: str, max_length: int) -> None:
        super().__init__(info, required=True, max_length=max_length)
        self.english = english

    def words_in_record(self, value: str, values: Mapping[str, Any]) -> Words:
        """The text with its English, where the record has it."""
        return Words(value, str(values.get(self.english) or ""))


class NoticeSchema(SourcedSchema):
    header_words = HEADER_WORDS

    notice_no = BothLanguages(
        FieldInfo(
            _("Number of the notice"),
            search="code",
            help=_("As it is printed on the notice, with the authority or the code of its office."),
        ),
        english="notice_no_en",
        max_length=120,
    )
    notice_no_en = f.text(_("Number of the notice (English)"), max_length=120, search="code")
    title_zh = f.text(_("Title of the notice (Chinese)"), max_length=300, search="name")
    title_en = f.text(_("Title of the notice (English)"), max_length=400, search="name")
    authority_zh = BothLanguages(
        FieldInfo(_("Authority"), search="words"), english="authority_en", max_length=200
    )
    authority_en = f.text(_("Authority (English)"), max_length=200, search="words")
    issued_on = f.day(_("Issued"), required=True)
    region_code = f.region_code(_("Region"))
    text_zh = f.long_text(
        _("Text (Chinese)"),
        max_length=MAX_TEXT,
        search="words",
        help=_("The whole text. One language is enough where the notice exists in one only."),
    )
    text_en = f.long_text(_("Text (English)"), max_length=MAX_TEXT, search="words")
    files = f.rows(
        _("File of the notice"),
        columns={
            "name": f.text(_("File"), max_length=200),
            "sha256": f.text(_("Hash of the file (SHA-256)"), max_length=64),
        },
        max_rows=5,
    )
    repealed_on = f.day(_("Repealed on"))
    repealed_by = f.text(_("Repealed by"), max_length=300)
