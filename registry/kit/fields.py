"""Field constructors: one line a field in each register's schema. The types behind them stand in `kit.kinds`;
those that registers build on themselves can be had here too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from registry.kit.codes import CodeList
from registry.kit.kinds import (
    Choice,
    Day,
    FieldInfo,
    Flag,
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
from registry.reference.code_lists import countries, ics, industries, regions
from registry.reference.identifiers import certificate_numbers, credit_codes, standard_numbers

__all__ = [
    "FieldInfo",
    "NormalisedText",
    "SearchRole",
    "Text",
    "barcode",
    "ccs_code",
    "choice",
    "country_code",
    "credit_code",
    "day",
    "flag",
    "hs_code",
    "ics_code",
    "industry_code",
    "integer",
    "long_text",
    "many",
    "number",
    "region_code",
    "rows",
    "standard_number",
    "text",
    "web_address",
]


def text(
    label: str,
    *,
    required: bool = False,
    max_length: int = 500,
    min_length: int = 0,
    pattern: str = "",
    example: str = "",
    **facts: Any,
) -> Text:
    return Text(
        FieldInfo(label, **facts),
        required=required,
        max_length=max_length,
        min_length=min_length,
        pattern=pattern,
        example=example,
    )


def long_text(label: str, *, required: bool = False, max_length: int = 3000, **facts: Any) -> LongText:
    return LongText(FieldInfo(label, **facts), required=required, max_length=max_length)


def choice(
    label: str, codes: CodeList, *, required: bool = False, open_list: bool = False, **facts: Any
) -> Choice:
    return Choice(FieldInfo(label, **facts), codes, required=required, open_list=open_list)


def day(label: str, *, required: bool = False, not_after_today: bool = False, **facts: Any) -> Day:
    return Day(FieldInfo(label, **facts), required=required, not_after_today=not_after_today)


def integer(
    label: str,
    *,
    required: bool = False,
    minimum: int | None = None,
    maximum: int | None = None,
    **facts: Any,
) -> Integer:
    return Integer(FieldInfo(label, **facts), required=required, minimum=minimum, maximum=maximum)


def year(label: str, *, required: bool = False, minimum: int, maximum: int, **facts: Any) -> Year:
    return Year(FieldInfo(label, **facts), required=required, minimum=minimum, maximum=maximum)


def number(
    label: str,
    *,
    required: bool = False,
    minimum: int | None = None,
    maximum: int | None = None,
    **facts: Any,
) -> Number:
    return Number(FieldInfo(label, **facts), required=required, minimum=minimum, maximum=maximum)


def flag(label: str, *, required: bool = False, **facts: Any) -> Flag:
    return Flag(FieldInfo(label, **facts), required=required)


def many(inner: RegisterField, *, required: bool = False, min_items: int = 0, **facts: Any) -> Many:
    """A list of `inner`; takes label and search role from it."""
    given = {name: getattr(inner.info, name) for name in FieldInfo.__slots__} | facts
    return Many(FieldInfo(**given), inner, required=required, min_items=min_items)


def rows(label: str, *, required: bool = False, columns: Mapping[str, RegisterField], **facts: Any) -> Rows:
    return Rows(FieldInfo(label, **facts), columns, required=required)


def credit_code(label: str, *, required: bool = False, **facts: Any) -> NormalisedText:
    """Unified social credit code, GB 32100-2015; the organisation code inside it is only a warning."""
    return NormalisedText(
        FieldInfo(label, legal="GB 32100-2015", **facts),
        normalise=credit_codes.normalise,
        hard_check=credit_codes.error_code,
        soft_check=lambda code: (
            "organisation_code_check_digit" if credit_codes.organisation_code_is_suspect(code) else None
        ),
        required=required,
    )


def standard_number(
    label: str, *, required: bool = False, edition: bool = False, **facts: Any
) -> NormalisedText:
    """A standard number in canonical spelling; one of unknown form is kept as written, with a warning."""

    def doubt(value: str) -> str | None:
        parsed = standard_numbers.parse(value)
        if parsed is None:
            return "standard_number_unknown_form"
        return "standard_number_without_year" if edition and parsed.year is None else None

    return NormalisedText(
        FieldInfo(label, **facts),
        normalise=lambda value: standard_numbers.canonical_or_written(value)[0],
        soft_check=doubt,
        required=required,
    )


def barcode(label: str, *, required: bool = False) -> NormalisedText:
    """GTIN-8/12/13/14 (GS1 General Specifications), kept as 14 digits: a wrong check digit refuses, another shape warns."""

    def only(code: str) -> Callable[[str], str | None]:
        return lambda value: code if certificate_numbers.gtin_error_code(value) == code else None

    return NormalisedText(
        FieldInfo(label, search="mention"),
        normalise=certificate_numbers.gtin,
        hard_check=only("gtin_check_digit"),
        soft_check=only("gtin_shape"),
        required=required,
    )


def region_code(label: str, *, required: bool = False, **facts: Any) -> NormalisedText:
    """A code of GB/T 2260, or the name of the place, from the province down."""

    def doubt(value: str) -> str | None:
        region = regions.region(value)
        if region is None:
            return "region_unknown"
        return "region_abolished" if region.abolished else None

    def code_of(written: str) -> str:
        """The code of a place given by its name; what is neither stays as written, with a warning."""
        return written if written.isdecimal() else regions.find_code_in_address(written) or written

    field = NormalisedText(
        FieldInfo(label, legal="GB/T 2260", **facts),
        normalise=code_of,
        soft_check=doubt,
        required=required,
        max_length=6,
    )
    field.kind = "region"
    return field


def industry_code(label: str, *, required: bool = False, **facts: Any) -> NormalisedText:
    """A division (`C14`) or deeper; a section alone says too little."""

    def doubt(value: str) -> str | None:
        found = industries.industry(value)
        if found is None:
            return "industry_unknown"
        return "industry_too_broad" if found.code == found.code[:1] else None

    field = NormalisedText(
        FieldInfo(label, legal="GB/T 4754-2017", **facts),
        normalise=str.upper,
        soft_check=doubt,
        required=required,
        max_length=5,
    )
    field.kind = "industry"
    return field


def country_code(label: str, *, required: bool = False, **facts: Any) -> NormalisedText:
    field = NormalisedText(
        FieldInfo(label, legal="ISO 3166-1", **facts),
        normalise=str.upper,
        soft_check=lambda value: None if countries.country(value) else "country_unknown",
        required=required,
        max_length=2,
    )
    field.kind = "country"
    return field


def ccs_code(label: str, **facts: Any) -> NormalisedText:
    """A class of the Chinese classification (中国标准文献分类), `Y80`; some pages print `Z 04`."""
    return NormalisedText(
        FieldInfo(label, **facts),
        normalise=lambda value: value.upper().replace(" ", ""),
        pattern=r"[A-Z]\d{2}(/\d{2})?",
        example="Y80",
        max_length=12,
    )


def hs_code(label: str, **facts: Any) -> NormalisedText:
    """A code of the Harmonized System with 4 to 10 digits, kept without dots."""
    return NormalisedText(
        FieldInfo(label, **facts),
        normalise=certificate_numbers.hs_code,
        soft_check=lambda value: None if certificate_numbers.is_hs_code(value) else "hs_code_form",
        max_length=14,
    )


def ics_code(label: str, **facts: Any) -> NormalisedText:
    field = NormalisedText(
        FieldInfo(label, **facts),
        soft_check=lambda value: None if ics.ics(value) else "ics_unknown",
        max_length=12,
    )
    field.kind = "ics"
    return field


def web_address(label: str, **facts: Any) -> Text:
    field = Text(
        FieldInfo(label, **facts),
        max_length=2000,
        pattern=r"https?://[^\s<>\"']+",
        example="https://example.org/",
    )
    field.kind = "url"
    return field
