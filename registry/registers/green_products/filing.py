"""How a certification body files certificates: what it is asked, what other records answer, what a change may not touch.

A body reports to the platform what it has certified (《绿色产品标识使用管理办法》, SAMR Announcement 2019 No. 20): product
and holder, mode, bodies, certificate, basis, items assessed and their limits. Suspension, restoring, revocation and
cancellation are decisions of two persons at the desk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from registry.i18n import _, plural
from registry.kit.filing import AnswerLookup, Filing, FilingStep, FilingWords, Start
from registry.kit.issues import Issue
from registry.kit.rules import RecordLookup
from registry.registers.green_products.codes import rules_of_scheme
from registry.registers.green_products.life_cycle import is_reissue
from registry.registers.green_products.rules import WANTED_IN_CHINA

LEGAL_BASIS = "《绿色产品标识使用管理办法》（市场监管总局公告2019年第20号）"
# What the certificate itself says: where one of these changes, the certificate is issued again.
CERTIFIED_FACTS = (
    "applicant_uscc",
    "manufacturer",
    "manufacturer_uscc",
    "factory",
    "product_name_zh",
    "standard_edition",
    "scheme",
    "level",
)
VALIDITY = ("issued_on", "valid_to")  # kept when a certificate is changed


def derive_values(values: Mapping[str, Any], others: RecordLookup) -> Mapping[str, Any]:
    """Return names, region and laboratory as the registers of organisations and bodies have them."""
    derived: dict[str, Any] = {}
    if holder := _find(others, "organisations", values.get("applicant_uscc")):
        derived |= {
            "applicant_name_zh": holder.get("name_zh"),
            "applicant_name_en": holder.get("name_en"),
            "region_code": holder.get("region_code"),
        }
        derived["en_sources"] = {"applicant_name_en": str(holder.get("en_source") or "enterprise")}
    if maker := _find(others, "organisations", values.get("manufacturer_uscc")):
        derived["manufacturer"] = maker.get("name_zh") or maker.get("name_en")
    if laboratory := _find(others, "bodies", values.get("test_body_approval_no")):
        derived["test_body"] = laboratory.get("name_zh")
    return {name: value for name, value in derived.items() if value}


def _find(others: RecordLookup, register: str, number: Any) -> Mapping[str, Any] | None:
    written = str(number or "").strip()
    return others.find_record(register, written) if written else None


def check_change(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Issue]:
    """Yield what stands against a changed certificate.

    It keeps its validity, and has a day of re-issue where a certified fact changes; a model that is no longer covered is
    listed with its day, unless it is only written otherwise.
    """
    for name in VALIDITY:
        if before.get(name) != after.get(name):
            yield Issue("validity_kept", name, {"value": str(before.get(name) or "")})
    if not is_reissue(before, after) and any(before.get(each) != after.get(each) for each in CERTIFIED_FACTS):
        yield Issue("reissue_undated", "reissued_on")
    models, covered = set(before.get("models") or ()), set(after.get("models") or ())
    ended = {str(row.get("model")) for row in after.get("models_ended") or ()}
    dropped = sorted(models - covered - ended)
    if len(dropped) > len(covered - models):
        yield from (Issue("model_dropped", "models", {"value": model}) for model in dropped)


ORGANISATION_LOOKUP = AnswerLookup(
    register="organisations",
    hint=_(
        "Its unified social credit code, or words of its name to find it by. Abroad: F-, country and registration number, such as F-DE-HRB12345."
    ),
    heading=_("From the register of organisations"),
    not_found=_(
        "Type its credit code in full; abroad F-, the country’s two letters and the number under which it is registered there."
    ),
    ended=plural(
        "%(count)s deregistered organisation has it; nothing new is issued to it.",
        "%(count)s deregistered organisations have it; nothing new is issued to them.",
    ),
)
BODY_LOOKUP = AnswerLookup(
    register="bodies",
    hint=_("Its approval number, or words of its name to find it by"),
    heading=_("From the register of bodies"),
    not_found=_("Type its approval number in full, such as CNCA-R-2002-001."),
    ended=plural(
        "%(count)s body has it whose approval has ended.",
        "%(count)s bodies have it whose approvals have ended.",
    ),
)
STANDARD_LOOKUP = AnswerLookup(
    register="standards",
    hint=_("Its number with the year, such as GB/T 35607-2024, or words of its title to find it by"),
    heading=_("From the register of standards"),
    not_found=_("Type its number in full, with the year of the edition."),
    ended=plural(
        "%(count)s ended standard has it; nothing new is certified to it.",
        "%(count)s ended standards have it; nothing new is certified to them.",
    ),
)
IF_UNKNOWN = _("(compulsory where the register does not hold the applicant)")
IF_ABROAD = _("(compulsory for an applicant from abroad)")

MESSAGES = {
    "validity_kept": _(
        "A changed certificate keeps its days of issue and end; here it says %(value)s. A renewal is decided at the desk, a mistake is corrected by the registrar."
    ),
    "reissue_undated": _(
        "What the certificate says has changed: give the day on which it was issued again. Number and validity stay."
    ),
    "model_dropped": _(
        "The model “%(value)s” was covered: list it under “Models no longer covered” with the day on which that ended."
    ),
    "status_not_filed": _(
        "“%(value)s” is decided at the desk, by two persons of the body, with reason and evidence. Leave it empty."
    ),
    "not_filed": _("This is not filed with a certificate: it is decided at the desk. Leave it out."),
    "filed_already": _("The body has filed this certificate already: %(number)s. Amend that one instead."),
}


def interval_of_scheme(values: Mapping[str, Any]) -> str:
    """The months from one surveillance to the next that the scheme lays down, "" for none."""
    return str(rules_of_scheme(values).surveillance_months or "")


FILING = Filing(
    filer="issuer",
    steps=(
        FilingStep(
            "certificate",
            _("The certificate"),
            _("Number, scheme, standard and validity"),
            (
                "cert_no",
                "scheme",
                "route",
                "level",
                "standard_edition",
                "rule_no",
                "mode",
                "issued_on",
                "reissued_on",
                "valid_to",
                "replaces_cert_no",
            ),
        ),
        FilingStep(
            "holder",
            _("Holder, manufacturer and factory"),
            _("By credit code; organisations from abroad by country and number"),
            (
                "applicant_uscc",
                "applicant_name_zh",
                "applicant_name_en",
                "manufacturer_uscc",
                "manufacturer",
                "factory",
            ),
        ),
        FilingStep(
            "product",
            _("The product"),
            _("Name, unit, models and green attributes"),
            (
                "product_name_zh",
                "product_name_en",
                "unit_code",
                "models",
                "models_ended",
                "gtin",
                "attributes",
            ),
        ),
        FilingStep(
            "assessment",
            _("What was assessed"),
            _("Laboratory, report, items with limits, and the plan of surveillance"),
            (
                "test_body_approval_no",
                "test_body",
                "report_no",
                "report_date",
                "indicators",
                "surveillance_months",
                "surveillance",
            ),
        ),
        FilingStep(
            "carbon",
            _("Carbon footprint"),
            _("If it was worked out: all of it or nothing"),
            ("carbon_kg", "carbon_unit", "carbon_boundary", "carbon_method", "carbon_verifier"),
        ),
    ),
    defaults={"surveillance_months": interval_of_scheme},
    organisation_fields={"body_approval_no": "approval_no", "body_name_zh": "name_zh"},
    derive=derive_values,
    check_amendment=check_change,
    may_stand=frozenset({"surveillance_failed_yet_valid"}),  # what follows is decided at the desk
    start=Start("valid", "reported"),
    legal_basis=LEGAL_BASIS,
    amendable_states=("valid",),
    subject_field="cert_no",
    closed_hints={
        "suspended": _(
            "The certificate is suspended. Restore, revoke or cancel it at the desk; it can be changed when it is restored."
        ),
    },
    required_by_rules=WANTED_IN_CHINA,
    required_hints={"applicant_name_zh": IF_UNKNOWN, "applicant_name_en": IF_ABROAD},
    not_copied=(
        "cert_no",
        "product_name_zh",
        "product_name_en",
        "models",
        "models_ended",
        "gtin",
        "report_no",
        "report_date",
        "issued_on",
        "reissued_on",
        "valid_to",
        "surveillance",
        "replaces_cert_no",
    ),
    lookups={
        "applicant_uscc": ORGANISATION_LOOKUP,
        "manufacturer_uscc": ORGANISATION_LOOKUP,
        "test_body_approval_no": BODY_LOOKUP,
        "standard_edition": STANDARD_LOOKUP,
    },
    sheet_table_rows={"indicators": 5, "surveillance": 4},
    folded_columns={"indicators": ("name_en", "limit_to")},
    issue_columns={"unit_missing": "unit", "range_open": "limit_to", "range_backwards": "limit_to"},
    words=FilingWords(
        file=_("File a certificate"),
        amend=_("Change a certificate"),
        publish=_("Publish the certificate"),
        published=_("The certificate is public"),
        amended=_("The changed certificate is public"),
        public_at_once=_("The certificate is public immediately and stays on record."),
        changed_meanwhile=_("The public certificate has changed since this draft was begun"),
        all_records=_("All certificates of the body"),
        records=_("Certificates"),
        none_yet=_("No certificate is filed yet."),
        title_label=_("Product"),
        derived_answer=_("Taken from the register; it cannot be changed here."),
        by_sheet=_("File many certificates in one sheet"),
        sheet_rows=_("Fill it in, one certificate a row. Yellow columns are compulsory."),
        sheet_number_hint=_(
            "Only to change a certificate: its register number. Leave it empty for a new one."
        ),
        filed=_("Filed"),
        can_be_filed=_("Can be filed"),
        events={
            "filed": _("A certificate was filed"),
            "amended": _("A certificate was changed"),
        },
        before_publishing=(
            _(
                "A certificate is public immediately. The body answers for it; it cannot be deleted, and what it said before stays on record."
            ),
            _("Only what the approval of the body covers, on days on which it is approved, can be filed."),
            _("Suspension, restoring, revocation and cancellation are decided at the desk, by two persons."),
        ),
    ),
)
