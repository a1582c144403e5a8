"""What contradicts a certificate in other registers: a brand that was removed, a grade of a model whose certificate ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit.cautions import CautionKind
from registry.kit.conflicts import ConflictRule
from registry.reference.text.folding import fold_name, fold_number

LEAST_BRAND_LENGTH = 2  # characters: a brand of one would be found in any name


def carries_brand(certificate: Mapping[str, Any], brand: Mapping[str, Any]) -> bool:
    """Whether the name of the certified product has the name of the brand in it."""
    pairs = (("product_name_zh", "brand_name_zh"), ("product_name_en", "brand_name_en"))
    return any(
        len(name) >= LEAST_BRAND_LENGTH and name in fold_name(str(certificate.get(product) or ""))
        for product, of_brand in pairs
        if (name := fold_name(str(brand.get(of_brand) or "")))
    )


def shares_model(certificate: Mapping[str, Any], graded: Mapping[str, Any]) -> bool:
    """Whether a certificate and a grade name one model, in any spelling."""
    return not _models(certificate).isdisjoint(_models(graded))


def _models(values: Mapping[str, Any]) -> set[str]:
    return {fold_number(str(model)) for model in values.get("models") or ()} - {""}


CONFLICTS = (
    ConflictRule(
        statuses=("valid", "suspended"),
        other_register="brands",
        other_statuses=("removed",),
        is_about_same=carries_brand,
        caution=CautionKind(
            code="brand_removed",
            zh="所用老字号已移出名录",
            en="Names a brand that was removed",
            sentence=_(
                "The product is named after %(title)s (%(number)s), a brand of the same holder that was removed from "
                "the list: it may no longer be offered as a time-honoured brand."
            ),
            dated=_(
                "The product is named after %(title)s (%(number)s), a brand of the same holder that was removed from "
                "the list on %(since)s: it may no longer be offered as a time-honoured brand."
            ),
        ),
        other_caution=CautionKind(
            code="certificate_names_removed_brand",
            zh="仍有证书使用该名称",
            en="A certificate still uses the name",
            sentence=_(
                "The certificate %(number)s of the same holder is in force for a product that is named after this "
                "brand, which was removed from the list."
            ),
        ),
    ),
    ConflictRule(
        statuses=("revoked", "suspended"),  # one that its holder gave up contradicts nothing
        other_register="grades",
        other_statuses=("valid", "downgraded"),
        is_about_same=shares_model,
        caution=CautionKind(
            code="grade_outlives_certificate",
            zh="同型号分级结果仍有效",
            en="A grade of the same model goes on",
            sentence=_(
                "The grade %(number)s of the same model is still in force although this certificate is not. Neither "
                "record decides about the other."
            ),
        ),
        other_caution=CautionKind(
            code="certificate_of_model_ended",
            zh="同型号证书已撤销或暂停",
            en="Certificate of the same model no longer in force",
            sentence=_(
                "The green certificate %(number)s of the same model was suspended or revoked. Ask whether "
                "what it was based on still holds for this grade."
            ),
        ),
    ),
)
