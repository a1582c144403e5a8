"""Issues: what is wrong with a value, as a code with parameters; and the messages of the codes of fields and rules."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from registry.i18n import _
from registry.messages import Message, declare
from registry.reference.identifiers import personal

MAX_ISSUES = 100  # that one answer names

Severity = Literal["blocks", "doubts", "warns"]


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding: `field` is a field's name or "" for the whole record; `params` fit the code's message.

    `severity`: "doubts" is a warning for the registrar's import and blocks those who file. A parameter never repeats the
    number of a person's identity card: it is masked. `of_source`: it was found in what a source wrote or left out, not in the values that are kept, so that it stands
    until a source states the field again.
    """

    code: str
    field: str = ""
    params: dict[str, object] = dataclasses.field(default_factory=dict)
    severity: Severity = "blocks"
    of_source: bool = False

    def __post_init__(self) -> None:
        if not self.params:
            return
        for name, value in self.params.items():
            if isinstance(value, str) and len(value) >= personal.MIN_LENGTH:
                masked = personal.mask_resident_ids(value)
                if masked != value:
                    object.__setattr__(self, "params", {**self.params, name: masked})

    def as_warning(self) -> Issue:
        return Issue(self.code, self.field, self.params, "warns", self.of_source)

    def as_doubt(self) -> Issue:
        return Issue(self.code, self.field, self.params, "doubts", self.of_source)

    def in_cell(self, row: int, column: str) -> Issue:
        """The issue in a cell of the table that its field is. `row`: from 1."""
        return dataclasses.replace(self, params={**self.params, "row": row, "column": column})

    def as_json(self) -> dict[str, object]:
        stored: dict[str, object] = {"code": self.code, "field": self.field, "params": self.params}
        return stored | {"of_source": True} if self.of_source else stored


def too_many_items(count: int, at_most: int) -> Issue:
    """The issue of a list or table with more entries than its field takes."""
    return Issue("too_many_items", params={"count": count, "at_most": at_most})


def first_issues(issues: Iterable[Issue], at_most: int = MAX_ISSUES) -> tuple[Issue, ...]:
    """At most so many issues in their order; the last one then says that there are more.

    The first of each code and field is among them, as far as they fit: a thousand bad rows of one table hide no other fault.
    """
    found = tuple(issues)
    if len(found) <= at_most:
        return found
    firsts: dict[tuple[str, str], int] = {}
    for place, issue in enumerate(found):
        firsts.setdefault((issue.field, issue.code), place)
    places = dict.fromkeys((*firsts.values(), *range(len(found))))
    kept = sorted(islice(places, at_most - 1))
    return (*(found[place] for place in kept), Issue("more_issues", params={"count": len(kept)}))


def without_repetition(issues: Iterable[Issue]) -> tuple[Issue, ...]:
    """The first issue of each field and code, and of each source where sources differ.

    The tenth bad item of a list says no more than the first.
    """
    first: dict[tuple[object, ...], Issue] = {}
    for issue in issues:
        first.setdefault((issue.field, issue.code, issue.params.get("source")), issue)
    return tuple(first.values())


MESSAGES: dict[str, Message | str] = {
    "more_issues": _(
        "More is wrong than can be told here: these are %(count)s of the issues. Mend them, then send it again."
    ),
    # shape of one value
    "required": _("This is missing. Please fill it in."),
    "not_stated": _("The source does not state this."),
    "wrong_type": _("“%(value)s” is not the kind of value this field takes."),
    "too_long": _("This is %(length)s characters long; at most %(at_most)s fit."),
    "too_many_items": _(
        "%(count)s entries are given; at most %(at_most)s fit here. Give fewer, or divide them over several records."
    ),
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
    "text_damaged": _(
        "“%(value)s” was damaged on its way: characters are lost or were read in the wrong encoding."
    ),
    "text_private_use": _(
        "“%(value)s” has characters of the private use area, which other computers show differently or not."
    ),
    "digits_lost": _(
        "The cell holds “%(value)s”: spreadsheet programs keep 15 figures of a number, the others are lost. "
        "Format the column as text and type it again."
    ),
    "date_in_text": _("The cell holds the date %(value)s; “%(shown)s”, as the sheet shows it, was taken."),
    "number_in_text": _("The cell holds the number %(value)s; zeros at its end may be lost."),
    "boolean_in_text": _("The cell holds the truth value %(value)s and no text."),
    "personal_number": _(
        "“%(value)s” is the number of a person's identity card: it does not belong in a public register and was not kept."
    ),
    "credit_code_length": _("A unified social credit code has 18 characters; “%(value)s” does not."),
    "credit_code_characters": _(
        "“%(value)s” has %(letters)s: a unified social credit code has figures and capital letters, "
        "without I, O, S, V and Z. 1 and 0 are often mistaken for letters."
    ),
    "credit_code_region": _(
        "Characters 3 to 8 of the unified social credit code “%(value)s” are no region of GB/T 2260."
    ),
    "credit_code_department": _(
        "The first character of the unified social credit code “%(value)s” is no registering department of GB 32100."
    ),
    "credit_code_class": _(
        "The second character of the unified social credit code “%(value)s” is no class of its registering department."
    ),
    "credit_code_several": _("“%(value)s” holds several unified social credit codes; one is wanted."),
    "licence_number_given": _(
        "“%(value)s” is the number of a business licence from before 2015; the unified social credit code is wanted."
    ),
    "organisation_code_given": _(
        "“%(value)s” is an organisation code; the unified social credit code, which contains it, is wanted."
    ),
    "credit_code_check_digit": _(
        "One character of the unified social credit code “%(value)s” is wrong: the check digit does not fit."
    ),
    "organisation_code_check_digit": Message(
        _("Characters 9 to 17 of the credit code do not pass the older organisation code's check."),
        unspoken=("value",),
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
    "country_unknown": _(
        "“%(value)s” names no country or area of ISO 3166-1 as it is today. Give the present one, by code or name."
    ),
    "ics_unknown": _("“%(value)s” is not an ICS code."),
    "personal_masked": _(
        "A personal number was masked: numbers of people do not belong in a public register."
    ),
    # several fields
    "ends_before_start": _("The end, %(end)s, lies before the start, %(start)s."),
    "after_today": _("%(value)s lies in the future."),
}


declare(__name__, MESSAGES)
