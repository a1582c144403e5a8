"""Constructors of fields: a register's schema has one line for each field. The types behind them are in `kit.kinds`.

Every constructor takes the label, a message id, and further `FieldInfo` by keyword.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from registry.kit.codes import Code, CodeList
from registry.kit.kinds import (
    MAX_ITEMS,
    MAX_ROWS,
    Choice,
    Day,
    FieldInfo,
    Flag,
    IdentifierForm,
    Integer,
    LongText,
    Many,
    NormalisedText,
    Number,
    RegisterField,
    Rows,
    SearchRole,
    Text,
    Year,
)
from registry.kit.person_names import PersonName
from registry.kit.source_kinds import EnglishSources, FieldSources
from registry.reference.code_lists import countries, ics, industries, regions
from registry.reference.identifiers import (
    certificate_numbers,
    credit_codes,
    foreign_numbers,
    standard_numbers,
)
from registry.reference.text.folding import clean_cell

__all__ = [
    "FieldInfo",
    "IdentifierForm",
    "NormalisedText",
    "SearchRole",
    "Text",
    "barcode",
    "ccs_code",
    "choice",
    "country_code",
    "credit_code",
    "day",
    "english_sources",
    "field_sources",
    "flag",
    "foreign_registration_number",
    "hs_code",
    "ics_code",
    "industry_code",
    "integer",
    "long_text",
    "many",
    "number",
    "organisation_number",
    "person_name",
    "region_code",
    "rows",
    "standard_number",
    "text",
    "web_address",
]


class DependentText(Text):
    """A text whose canonical spelling depends on another field of the same row: `normalise(text, that field as written)`."""

    def __init__(
        self, info: FieldInfo, depends_on: str, normalise: Callable[[str, str], str], *, max_length: int = 500
    ) -> None:
        super().__init__(info, max_length=max_length)
        self.depends_on = depends_on
        self.normalise = normalise

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        other = data.get(self.depends_on) if isinstance(data, Mapping) else None
        return self.normalise(text, clean_cell(str(other or "")))


def text(
    label: str,
    *,
    required: bool = False,
    max_length: int = 500,
    min_length: int = 0,
    pattern: str = "",
    example: str = "",
    **info: Any,
) -> Text:
    return Text(
        FieldInfo(label, **info),
        required=required,
        max_length=max_length,
        min_length=min_length,
        pattern=pattern,
        example=example,
    )


def person_name(label: str, *, required: bool = False, **info: Any) -> PersonName:
    """The name of a person. It is published masked, whichever door it comes by (个人信息保护法, Art. 25)."""
    return PersonName(FieldInfo(label, **info), required=required, max_length=120)


def long_text(label: str, *, required: bool = False, max_length: int = 3000, **info: Any) -> LongText:
    return LongText(FieldInfo(label, **info), required=required, max_length=max_length)


def choice(
    label: str, codes: CodeList, *, required: bool = False, open_list: bool = False, **info: Any
) -> Choice:
    return Choice(FieldInfo(label, **info), codes, required=required, open_list=open_list)


def day(label: str, *, required: bool = False, not_after_today: bool = False, **info: Any) -> Day:
    return Day(FieldInfo(label, **info), required=required, not_after_today=not_after_today)


def integer(
    label: str,
    *,
    required: bool = False,
    minimum: int | None = None,
    maximum: int | None = None,
    **info: Any,
) -> Integer:
    return Integer(FieldInfo(label, **info), required=required, minimum=minimum, maximum=maximum)


def year(label: str, *, required: bool = False, minimum: int, maximum: int, **info: Any) -> Year:
    return Year(FieldInfo(label, **info), required=required, minimum=minimum, maximum=maximum)


def number(
    label: str,
    *,
    required: bool = False,
    minimum: int | None = None,
    maximum: int | None = None,
    **info: Any,
) -> Number:
    return Number(FieldInfo(label, **info), required=required, minimum=minimum, maximum=maximum)


def flag(label: str, *, required: bool = False, **info: Any) -> Flag:
    return Flag(FieldInfo(label, **info), required=required)


def many(
    inner: RegisterField,
    *,
    required: bool = False,
    min_items: int = 0,
    max_items: int = MAX_ITEMS,
    **info: Any,
) -> Many:
    """A list of values of one type, with the label and the search role of `inner`."""
    given = {name: getattr(inner.info, name) for name in FieldInfo.__slots__} | info
    return Many(FieldInfo(**given), inner, required=required, min_items=min_items, max_items=max_items)


def rows(
    label: str,
    *,
    required: bool = False,
    columns: Mapping[str, RegisterField],
    max_rows: int = MAX_ROWS,
    **info: Any,
) -> Rows:
    return Rows(FieldInfo(label, **info), columns, required=required, max_rows=max_rows)


def _details_of_code(issue_code: str, value: str) -> dict[str, object]:
    """What the message of an issue of a credit code says besides the code."""
    return {"letters": credit_codes.wrong_characters(value)} if issue_code == "credit_code_characters" else {}


def credit_code(label: str, *, required: bool = False, **info: Any) -> NormalisedText:
    """A unified social credit code (GB 32100-2015); an unusual class or organisation code inside it is only doubtful."""

    def check(code: str) -> str | None:
        if credit_codes.class_is_unknown(code):
            return "credit_code_class"
        return "organisation_code_check_digit" if credit_codes.organisation_code_is_suspect(code) else None

    return NormalisedText(
        FieldInfo(label, legal="GB 32100-2015", **info),
        IdentifierForm(credit_codes.normalise, credit_codes.refusal_code, check, details=_details_of_code),
        required=required,
    )


def organisation_number(label: str, *, required: bool = False, **info: Any) -> NormalisedText:
    """The number of an organisation: a unified social credit code, or `F-<ISO 3166>-<registration number>` abroad."""

    def is_foreign(value: str) -> bool:
        return value.startswith(foreign_numbers.PREFIX)

    def hard_check(value: str) -> str | None:
        return None if is_foreign(value) else credit_codes.error_code(value)

    def soft_check(value: str) -> str | None:
        if is_foreign(value):
            if not foreign_numbers.is_well_formed(value):
                return "foreign_number_shape"
            return None if foreign_numbers.has_known_country(value) else "country_unknown"
        return "organisation_code_check_digit" if credit_codes.organisation_code_is_suspect(value) else None

    return NormalisedText(
        FieldInfo(label, legal="GB 32100-2015", **info),
        IdentifierForm(
            normalise=lambda text: foreign_numbers.normalise(text) or credit_codes.normalise(text),
            hard_check=hard_check,
            soft_check=soft_check,
            details=_details_of_code,
        ),
        required=required,
    )


def standard_number(
    label: str, *, required: bool = False, edition: bool = False, **info: Any
) -> NormalisedText:
    """A standard number in its canonical spelling; one of unknown form stays as written, with a soft issue.

    `edition`: a number without a year is doubtful too.
    """

    def check(value: str) -> str | None:
        parsed = standard_numbers.parse(value)
        if parsed is None:
            return "standard_number_unknown_form"
        return "standard_number_without_year" if edition and parsed.year is None else None

    return NormalisedText(
        FieldInfo(label, **info),
        IdentifierForm(
            normalise=lambda value: standard_numbers.canonical_or_written(value)[0], soft_check=check
        ),
        required=required,
    )


def barcode(label: str, *, required: bool = False) -> NormalisedText:
    """A GTIN-8, -12, -13 or -14 (GS1 General Specifications) as 14 digits, shown with as many as the package has.

    A wrong check digit is refused; another shape is only doubtful.
    """

    def check_for(code: str) -> Callable[[str], str | None]:
        return lambda value: code if certificate_numbers.gtin_error_code(value) == code else None

    return NormalisedText(
        FieldInfo(label, search="mention"),
        IdentifierForm(
            normalise=certificate_numbers.gtin,
            hard_check=check_for("gtin_check_digit"),
            soft_check=check_for("gtin_shape"),
            names_record=True,
            printed=certificate_numbers.printed_gtin,
        ),
        required=required,
    )


def region_code(label: str, *, required: bool = False, **info: Any) -> NormalisedText:
    """A code of GB/T 2260; the name of a region, from the province down, is read too."""

    def check(value: str) -> str | None:
        region = regions.region(value)
        if region is None:
            return "region_unknown"
        return "region_abolished" if region.abolished else None

    def code_of(written: str) -> str:
        """The code of a region given by its name; what is neither code nor name stays as written."""
        return written if written.isdecimal() else regions.find_code_in_address(written) or written

    field = NormalisedText(
        FieldInfo(label, legal="GB/T 2260", **info),
        IdentifierForm(normalise=code_of, soft_check=check),
        required=required,
        max_length=6,
    )
    field.kind = "region"
    return field


def industry_code(label: str, *, required: bool = False, **info: Any) -> NormalisedText:
    """An industry of GB/T 4754: a division (`C14`) or deeper, because a section alone says too little; its name is read too."""

    def check(value: str) -> str | None:
        industry = industries.industry(value)
        if industry is None:
            return "industry_unknown"
        return "industry_too_broad" if len(industry.code) == 1 else None

    def code_of(written: str) -> str:
        """The code of an industry given by its name; a code, and what is neither, stays as written, in capitals."""
        upper = written.upper()
        return upper if industries.canonical(upper) else industries.find_code(written) or upper

    def similar(written: str) -> tuple[Code, ...]:
        return tuple(Code(each.code, each.zh, each.en) for each in industries.find_similar(written))

    field = NormalisedText(
        FieldInfo(label, legal="GB/T 4754-2017", **info),
        IdentifierForm(normalise=code_of, soft_check=check, suggest=similar),
        required=required,
        max_length=5,
    )
    field.kind = "industry"
    return field


def country_code(label: str, *, required: bool = False, **info: Any) -> NormalisedText:
    """An alpha-2 code of ISO 3166-1; other codes, names and former names of a country are read too."""
    field = NormalisedText(
        FieldInfo(label, legal="ISO 3166-1", **info),
        IdentifierForm(
            normalise=lambda value: (
                countries.find_code(value) or (value.upper() if len(value) == 2 else value)
            ),
            soft_check=lambda value: None if countries.country(value) else "country_unknown",
        ),
        required=required,
        max_length=2,
    )
    field.kind = "country"
    return field


def foreign_registration_number(label: str, *, country: str, **info: Any) -> DependentText:
    """The number of an organisation in the register of its country; `country`: the field that names that country."""

    def normalise(number: str, of_country: str) -> str:
        return foreign_numbers.registration_number(countries.find_code(of_country) or "", number)

    return DependentText(FieldInfo(label, **info), country, normalise, max_length=60)


def ccs_code(label: str, **info: Any) -> NormalisedText:
    """A class of the Chinese classification for standards (中国标准文献分类), `Y80`; `Z 04` is read too."""
    return NormalisedText(
        FieldInfo(label, **info),
        IdentifierForm(normalise=lambda value: value.upper().replace(" ", "")),
        pattern=r"[A-Z]\d{2}(/\d{2})?",
        example="Y80",
        max_length=12,
    )


def hs_code(label: str, **info: Any) -> NormalisedText:
    """A code of the Harmonized System: 4, 6, 8 or 10 digits, without dots."""
    return NormalisedText(
        FieldInfo(label, **info),
        IdentifierForm(
            normalise=certificate_numbers.hs_code,
            soft_check=lambda value: None if certificate_numbers.is_hs_code(value) else "hs_code_form",
        ),
        max_length=14,
    )


def ics_code(label: str, **info: Any) -> NormalisedText:
    """A code of the International Classification for Standards."""
    field = NormalisedText(
        FieldInfo(label, **info),
        IdentifierForm(soft_check=lambda value: None if ics.ics(value) else "ics_unknown"),
        max_length=12,
    )
    field.kind = "ics"
    return field


def field_sources(label: str, **info: Any) -> FieldSources:
    """Where single fields come from, if not from the source of the record."""
    return FieldSources(FieldInfo(label, **info))


def english_sources(label: str, codes: CodeList, **info: Any) -> EnglishSources:
    """Where the English of single fields and cells comes from, where it is not that of the whole record."""
    return EnglishSources(FieldInfo(label, **info), codes)


def web_address(label: str, **info: Any) -> Text:
    """An address that begins with http:// or https://."""
    field = Text(
        FieldInfo(label, **info),
        max_length=2000,
        pattern=r"https?://[^\s<>\"']+",
        example="https://example.org/",
    )
    field.kind = "url"
    return field
