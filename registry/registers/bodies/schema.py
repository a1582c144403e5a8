"""Fields of a certification, testing or assessing body."""

from __future__ import annotations

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.approvals import BODY_KINDS, SANCTION_KINDS
from registry.kit.schema import SourcedSchema
from registry.reference.identifiers import certificate_numbers as numbers
from registry.registers.bodies.headers import HEADER_WORDS


def check_approval_number(value: str) -> str | None:
    return None if value.startswith("F-") or numbers.is_body_approval(value) else "approval_no_form"


def approval_number(label: str, *, required: bool = False, search: f.SearchRole = "code") -> f.NormalisedText:
    """`CNCA-R-2002-001`, or `F-<ISO 3166>-<short name>` for a foreign body."""
    return f.NormalisedText(
        f.FieldInfo(label, search=search),
        f.IdentifierForm(normalise=normalise_approval, soft_check=check_approval_number),
        required=required,
        max_length=60,
    )


def normalise_approval(text: str) -> str:
    return numbers.body_approval(text)


class BodySchema(SourcedSchema):
    header_words = HEADER_WORDS

    approval_no = approval_number(_("Approval number"), required=True)
    name_zh = f.text(_("Name (Chinese)"), required=True, max_length=200, min_length=2, search="name")
    name_en = f.text(_("Name (English)"), max_length=200, search="name")
    kind = f.choice(_("Kind of body"), BODY_KINDS, facet=True, search="words")
    uscc = f.credit_code(_("Unified social credit code"), search="mention")
    region_code = f.region_code(_("Region"))
    scope = f.long_text(_("Scope of approval"), search="words")
    cma_no = f.NormalisedText(
        f.FieldInfo(_("CMA certificate number"), search="code"),
        f.IdentifierForm(soft_check=lambda value: None if numbers.is_cma_number(value) else "cma_no_form"),
    )
    cnas_no = f.NormalisedText(
        f.FieldInfo(_("CNAS number"), search="code"),
        f.IdentifierForm(soft_check=lambda value: None if numbers.is_cnas_number(value) else "cnas_no_form"),
    )
    website = f.web_address(_("Website"))
    valid_from = f.day(_("Valid from"))
    valid_to = f.day(_("Valid until"))
    sanctions = f.rows(
        _("Sanctions"),
        columns={
            "kind": f.choice(_("Kind of sanction"), SANCTION_KINDS),
            "from_on": f.day(_("From")),
            "to_on": f.day(_("To")),
            "decision": f.text(_("Decision"), max_length=200),
            "reason_zh": f.text(_("Reason (Chinese)"), max_length=500),
            "reason_en": f.text(_("Reason (English)"), max_length=500),
        },
    )
