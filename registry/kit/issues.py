"""Issues: what is wrong with a value, as a code with parameters; and the messages of the codes of fields and rules."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from registry.i18n import _
from registry.messages import Message, declare

Severity = Literal["blocks", "warns"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: `field` is a field's name or "" for the whole record; `params` fit the code's message.

    `of_source`: it was found in what a source wrote or left out, not in the values that are kept, so that it stands
    until a source states the field again.
    """

    code: str
    field: str = ""
    params: dict[str, object] = dataclasses.field(default_factory=dict)
    severity: Severity = "blocks"
    of_source: bool = False

    def as_warning(self) -> Issue:
        return Issue(self.code, self.field, self.params, "warns", self.of_source)

    def as_json(self) -> dict[str, object]:
        stored: dict[str, object] = {"code": self.code, "field": self.field, "params": self.params}
        return stored | {"of_source": True} if self.of_source else stored


MESSAGES: dict[str, Message | str] = {
    # shape of one value
    "required": _("This fact is missing. Please give it."),
    "not_stated": _("The source does not state this."),
    "wrong_type": _("“%(value)s” is not the kind of value this field takes."),
    "too_long": _("This is %(length)s characters long; at most %(at_most)s fit."),
    "too_short": _("This is %(length)s characters long; at least %(at_least)s are needed."),
    "pattern": _("“%(value)s” does not have the form of this identifier, for example %(example)s."),
    "unknown_word": _("“%(value)s” is not in the list of this field; it is kept as the source wrote it."),
    "category_too_broad": _("“%(value)s” is a group of categories; it is kept as the source wrote it."),
    "unknown_field": _("The register has no field “%(name)s”."),
    "not_a_number": _("“%(value)s” is not a number."),
    "below_least": _("%(value)s is below the least value, %(least)s."),
    "above_most": _("%(value)s is above the greatest value, %(most)s."),
    "date_shape": _("“%(value)s” is not a date. Write it like 2025-01-31, 2025-01 or 2025."),
    "date_does_not_exist": _("The day “%(value)s” does not exist."),
    # identifiers
    "credit_code_length": _("A unified social credit code has 18 characters; “%(value)s” does not."),
    "credit_code_characters": _("A unified social credit code has no letters I, O, S, V or Z: “%(value)s”."),
    "credit_code_check_digit": _(
        "One character of the unified social credit code “%(value)s” is wrong: the check digit does not fit."
    ),
    "organisation_code_check_digit": _(
        "Characters 9 to 17 of the credit code do not pass the older organisation code's check."
    ),
    "foreign_number_shape": _(
        "“%(value)s” is not a number of an organisation abroad: F, country and registration number, F-DE-HRB12345."
    ),
    "number_shape": _("“%(value)s” does not have the form of a number of this register."),
    "gtin_shape": _("“%(value)s” is not a barcode of 8, 12, 13 or 14 digits."),
    "gtin_check_digit": _("One digit of the barcode “%(value)s” is wrong: the check digit does not fit."),
    "number_check_digit": _("One character of “%(value)s” is wrong: the check character does not fit."),
    "standard_number_unknown_form": _(
        "“%(value)s” matches no known form of a standard number; it is kept as written."
    ),
    "standard_number_without_year": _("“%(value)s” names no edition: the year is missing."),
    "region_unknown": _("The region code “%(value)s” is not in the list of GB/T 2260."),
    "region_abolished": _("The region code “%(value)s” has been abolished."),
    "industry_unknown": _("The industry code “%(value)s” is not in GB/T 4754."),
    "industry_too_broad": _("“%(value)s” names a section only; give the division or a deeper code, C14."),
    "hs_code_form": _("“%(value)s” is not an HS code of 4, 6, 8 or 10 digits."),
    "country_unknown": _("The country code “%(value)s” is not in ISO 3166."),
    "ics_unknown": _("“%(value)s” is not an ICS code."),
    "personal_masked": _(
        "A personal number was masked: numbers of people do not belong in a public register."
    ),
    # several fields
    "ends_before_start": _("The end, %(end)s, lies before the start, %(start)s."),
    "after_today": _("%(value)s lies in the future."),
}


declare(__name__, MESSAGES)
