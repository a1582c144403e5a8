"""Fields of a green certificate."""

from __future__ import annotations

import re

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.indicators import indicator_columns
from registry.kit.schema import SourcedSchema
from registry.reference.identifiers import certificate_numbers as numbers
from registry.registers.green_products.codes import ATTRIBUTES, LEVELS, REASONS, RESULTS, ROUTES, SCHEMES
from registry.registers.green_products.headers import HEADER_WORDS

CERTIFICATE = re.compile(r"[A-Z0-9][A-Z0-9\-./()]{5,39}")  # each body has a form of its own


def check_certificate_number(value: str) -> str | None:
    return None if CERTIFICATE.fullmatch(value) else "certificate_no_form"


CNCA_RULE = re.compile(r"CNCA-[A-Z0-9]+-\d{2}[:\-]\d{4}")


def check_rule_number(value: str) -> str | None:
    """A rule of CNCA has one form (`CNCA-CGP-04-2020`); bodies number their own as they like."""
    return "rule_no_form" if value.startswith("CNCA-") and not CNCA_RULE.fullmatch(value) else None


def check_approval_number(value: str) -> str | None:
    """Approval numbers of bodies in China have one form; bodies abroad are `F-<ISO 3166>-<short name>`."""
    return None if value.startswith("F-") or numbers.is_body_approval(value) else "approval_no_form"


class GreenProductSchema(SourcedSchema):
    header_words = HEADER_WORDS

    cert_no = f.NormalisedText(
        f.FieldInfo(_("Certificate number"), search="code"),
        f.IdentifierForm(normalise=numbers.normalise, soft_check=check_certificate_number),
        required=True,
        max_length=40,
    )
    scheme = f.choice(_("Scheme"), SCHEMES, required=True, facet=True, search="words")
    route = f.choice(_("Kind of certification"), ROUTES)
    body_approval_no = f.NormalisedText(
        f.FieldInfo(_("Approval number of the body"), search="mention"),
        f.IdentifierForm(normalise=numbers.body_approval, soft_check=check_approval_number),
        required=True,
    )
    body_name_zh = f.text(_("Certification body"), max_length=200, search="party")
    applicant_uscc = f.organisation_number(_("Credit code of the applicant"), required=True, search="mention")
    applicant_name_zh = f.text(_("Applicant (Chinese)"), max_length=200, min_length=2, search="party")
    applicant_name_en = f.text(_("Applicant (English)"), max_length=200, search="party")
    manufacturer = f.text(_("Manufacturer"), max_length=200, search="party")
    manufacturer_uscc = f.organisation_number(_("Credit code of the manufacturer"), search="mention")
    factory = f.text(_("Factory and its address"), max_length=300, search="words")
    region_code = f.region_code(_("Region"))
    product_name_zh = f.text(_("Product (Chinese)"), required=True, max_length=200, search="name")
    product_name_en = f.text(_("Product (English)"), max_length=200, search="name")
    unit_code = f.text(_("Certification unit"), max_length=120, search="words")
    models = f.many(f.text(_("Models"), max_length=100), required=True, search="mention")
    models_ended = f.rows(
        _("Models no longer covered"),
        columns={"model": f.text(_("Model"), max_length=100), "ended_on": f.day(_("Ended"))},
        search="mention",
    )
    gtin = f.many(f.barcode(_("Barcodes (GTIN)")))
    standard_edition = f.standard_number(_("Standard"), required=True, edition=True, search="mention")
    rule_no = f.NormalisedText(
        f.FieldInfo(_("Certification rule"), search="mention"),
        f.IdentifierForm(normalise=numbers.rule_number, soft_check=check_rule_number),
        max_length=80,
    )
    mode = f.text(_("Certification mode"), max_length=120)
    level = f.choice(_("Level"), LEVELS, facet=True, search="words")
    attributes = f.many(f.choice(_("Green attributes"), ATTRIBUTES), facet=True)
    indicators = f.rows(
        _("Items assessed"),
        columns=indicator_columns(
            "name_zh", "name_en", "operator", "limit", "limit_to", "value", "unit", "method"
        ),
    )
    carbon_kg = f.number(_("Carbon footprint (kg CO₂e)"), minimum=0)
    carbon_unit = f.text(_("Footprint per"), max_length=80)
    carbon_boundary = f.text(_("Boundary of the footprint"), max_length=120)
    carbon_method = f.text(_("Method of the footprint"), max_length=120)
    carbon_verifier = f.text(_("Verifier of the footprint"), max_length=120)
    test_body = f.text(_("Laboratory"), max_length=200, search="party")
    test_body_approval_no = f.NormalisedText(
        f.FieldInfo(_("Approval number of the laboratory"), search="mention"),
        f.IdentifierForm(normalise=numbers.body_approval, soft_check=check_approval_number),
    )
    report_no = f.text(_("Test report"), max_length=80, search="mention")
    report_date = f.day(_("Date of the test report"))
    issued_on = f.day(_("Date of issue"), required=True)
    reissued_on = f.day(_("Re-issued"))
    valid_to = f.day(_("Valid until"), required=True)
    surveillance_months = f.integer(_("Months from one surveillance to the next"), minimum=1, maximum=60)
    surveillance = f.rows(
        _("Surveillance"),
        columns={
            "due_on": f.day(_("Due")),
            "done_on": f.day(_("Done")),
            "result": f.choice(_("Result"), RESULTS),
            "report": f.text(_("Report"), max_length=80),
        },
    )
    status_reason = f.choice(_("Reason of the status"), REASONS, search="words")
    suspended_until = f.day(_("Suspended until"))
    decided_on = f.day(_("Decided on"))
    replaces_cert_no = f.text(_("Follows certificate"), max_length=40, search="mention")
