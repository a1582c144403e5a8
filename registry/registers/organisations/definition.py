"""The register of organisations, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from registry.i18n import _
from registry.kit.definition import (
    KeyMissing,
    Layout,
    NaturalKey,
    Numbering,
    RegisterDefinition,
    SearchSpec,
    Section,
    Title,
)
from registry.kit.display import Words
from registry.kit.former_values import FormerValues
from registry.kit.issues import Issue
from registry.kit.near_doubles import NearDouble
from registry.kit.representation import Representation, RepresentationWords
from registry.kit.rules import RuleContext, not_after_today, order_of_dates, rule
from registry.reference.code_lists import countries, industries
from registry.reference.identifiers import credit_codes, foreign_numbers
from registry.reference.text.folding import fold_number
from registry.registers.organisations.life_cycle import LIFE_CYCLE
from registry.registers.organisations.samples import SAMPLES
from registry.registers.organisations.schema import OrganisationSchema

FOREIGN, MAINLAND = foreign_numbers.PREFIX, "CN"


def number_of(values: Mapping[str, Any]) -> str:
    """The credit code; for foreign organisations `F-<ISO 3166>-<registration number>`.

    Raises `KeyMissing`, also where the country is none of today or mainland China, whose organisations have a credit code.
    """
    if values.get("uscc"):
        return str(values["uscc"])
    missing = [name for name in ("country", "foreign_reg_no") if not values.get(name)]
    if missing:
        raise KeyMissing(*(("uscc",) if len(missing) == 2 else missing))
    if values["country"] == MAINLAND:
        raise KeyMissing("uscc")
    if countries.country(str(values["country"])) is None:
        raise KeyMissing("country")
    return f"{FOREIGN}{values['country']}-{values['foreign_reg_no']}"


def key_from_text(text: str) -> str:
    """The key for what another record writes: a credit code or a foreign number, in any spelling."""
    if text.isascii() and text.isalnum():
        return text.upper()  # a credit code, as in every row of most sheets
    return fold_number(foreign_numbers.normalise(text)) or credit_codes.normalise(text)


def _key(values: Mapping[str, Any]) -> str:
    return key_from_text(number_of(values))


@rule("identified_once", fields=("uscc", "country", "foreign_reg_no"), source="GB 32100-2015, 4")
def identified_once(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A mainland organisation has a credit code and no foreign number."""
    del context
    if values.get("uscc") and values.get("foreign_reg_no") and values.get("country") == "CN":
        yield Issue("two_identities", "foreign_reg_no")


def foreign_number_without_zeros(values: Mapping[str, Any]) -> str:
    """Country and registration number without the zeros before its figures, "" for an organisation with a credit code."""
    country, number = values.get("country"), values.get("foreign_reg_no")
    if values.get("uscc") or not country or not number:
        return ""
    return f"{country}|{fold_number(foreign_numbers.without_zeros(str(number)))}"


def former_names(values: Mapping[str, Any]) -> tuple[str, ...]:
    """The names that an organisation had before, in both languages."""
    rows = values.get("former_names") or ()
    return tuple(str(row[name]) for row in rows for name in ("name_zh", "name_en") if row.get(name))


@rule(
    "named",
    fields=("name_zh", "name_en", "country", "uscc"),
    source="《企业名称登记管理规定》 (State Council Order 734 of 2020), Art. 5",
)
def named(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
    """A Chinese organisation has a Chinese name; one abroad has its own, and need not invent a Chinese one."""
    del context
    if values.get("name_zh"):
        return
    is_abroad = not values.get("uscc") and values.get("country") not in (None, "", "CN")
    if not is_abroad:
        yield Issue("required", "name_zh")
    elif not values.get("name_en"):
        yield Issue("required", "name_en")


DIVISION = 3  # characters of the code of a division, C14
INDUSTRY_WORDS = {
    each.code: Words(each.zh, each.en)
    for each in industries.all_industries().values()
    if len(each.code) <= DIVISION
}


def section_of(code: str) -> str:
    """The section of an industry's division, "" for a section."""
    return code[:1] if len(code) > 1 else ""


def section_and_division(values: Mapping[str, Any]) -> Mapping[str, tuple[str, ...]]:
    """The division of an organisation's industry and the section above it."""
    above = industries.ancestors(str(values.get("industry_code") or ""))
    return {"industry": tuple(code for code in above if len(code) <= DIVISION)} if above else {}


REPRESENTATION = Representation(
    role="enterprise",
    unknown="organisation_unknown",
    ended="organisation_ended",
    files=True,
    words=RepresentationWords(
        claim=_("Claim an organisation"),
        find=_("Name or code of the organisation"),
        find_hint=_(
            "In Chinese, English or pinyin; or the 18 characters of the business licence. Foreign organisations: F-country-registration number, for example F-DE-HRB12345."
        ),
        number=_("Unified social credit code"),
        number_hint=_(
            "18 characters, as on the business licence. Foreign organisations: F-country-registration number, for example F-DE-HRB12345."
        ),
        proof_hint=_(
            "Business licence with the seal, or a letter of authority: PDF, OFD, JPEG or PNG. Only the registrar sees it; it is deleted 90 days after the decision, or a week after you sent it if you do not claim."
        ),
        afterwards=_(
            "The registrar compares the proof with the business register and decides within %(days)s working days; you get an e-mail. You can then file for the organisation and invite colleagues."
        ),
        not_found=_("The register holds no organisation with “%(words)s”."),
        not_listed=_(
            "Not among them? Type its unified social credit code above: an organisation that the register does not hold yet can be claimed as well."
        ),
        members=_("Who acts for the organisation"),
    ),
)
REGISTER = RegisterDefinition(
    slug="organisations",
    position=6,
    mark="单",
    kind="reference",
    label=_("Organisations"),
    label_one=_("Organisation"),
    about=_("Enterprises and other bodies that hold, declare and make what the other registers list."),
    schema=OrganisationSchema,
    key=NaturalKey(("uscc",), _key, key_from_text),
    numbering=Numbering(derive=number_of),
    title=Title(zh=("name_zh",), en=("name_en",), distinguish_by_region=True, romanise="company"),
    life_cycle=LIFE_CYCLE,
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "uscc",
                    "country",
                    "foreign_reg_no",
                    "short_name_zh",
                    "region_code",
                    "address",
                    "industry_code",
                    "ownership",
                    "founded_on",
                    "deregistered_on",
                ),
            ),
            Section("names", _("Former names"), ("former_names",)),
            Section("business", _("Business"), ("products", "scope")),
        ),
        result_fields=("uscc", "industry_code"),
        key_facts=("uscc", "founded_on", "deregistered_on"),
        only_in_states={"deregistered_on": ("deregistered",)},
    ),
    folder=Path(__file__).parent,
    representation=REPRESENTATION,
    valid_from="founded_on",
    identifiers=("uscc",),
    exact_lookup_fields=("uscc", "foreign_reg_no"),
    rules=(
        identified_once,
        named,
        not_after_today("founded_on", source="register"),
        not_after_today("deregistered_on", source="register"),
        order_of_dates("founded_on", "deregistered_on", source="register"),
    ),
    search=SearchSpec(
        facets=("ownership",),
        computed_facets=section_and_division,
        computed_labels={"industry": _("Industry")},
        computed_words={"industry": INDUSTRY_WORDS},
        parents={"industry": section_of},
        date_field="founded_on",
        date_label=_("Founded between"),
        subjects=("products",),
        extra_names=former_names,
        founded="founded_on",
        register_words=("企业", "enterprise", "enterprises", "company", "companies", "organizations"),
    ),
    samples=SAMPLES,
    near_doubles=(NearDouble("near_double", "foreign_reg_no", foreign_number_without_zeros),),
    former_values=(
        FormerValues(
            fields=("name_zh",),
            table="former_names",
            columns={"name_zh": "name_zh", "name_en": "name_en"},
            replaced_on="replaced_on",
        ),
        FormerValues(  # an organisation abroad without a Chinese name
            fields=("name_en",),
            table="former_names",
            columns={"name_en": "name_en"},
            replaced_on="replaced_on",
            unless="name_zh",
        ),
    ),
    messages={"two_identities": _("A mainland organisation is named by its credit code alone.")},
)
