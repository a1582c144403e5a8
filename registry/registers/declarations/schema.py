"""Fields of a declaration (《企业标准化促进办法》, SAMR Order No. 83, Arts. 14–16)."""

from __future__ import annotations

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.indicators import indicator_columns
from registry.kit.product_categories import Category
from registry.kit.schema import SourcedSchema
from registry.kit.standard_kinds import ADOPTION_DEGREES, STANDARD_KINDS
from registry.registers.declarations.codes import CHANNELS, COMMITMENTS, PRODUCTION_MODES
from registry.registers.declarations.headers import HEADER_WORDS

ORDER_83 = "《企业标准化促进办法》 (SAMR Order No. 83)"


class DeclarationSchema(SourcedSchema):
    header_words = HEADER_WORDS

    org_uscc = f.credit_code(_("Credit code of the enterprise"), required=True, search="mention")
    org_name_zh = f.text(_("Enterprise (Chinese)"), max_length=200, min_length=2, search="party")
    org_name_en = f.text(_("Enterprise (English)"), max_length=200, search="party")
    region_code = f.region_code(_("Region"))
    std_kind = f.choice(_("Kind of standard"), STANDARD_KINDS, required=True, facet=True, search="words")
    std_no = f.standard_number(_("Standard"), required=True, edition=True, search="mention")
    std_name_zh = f.text(_("Title of the standard (Chinese)"), required=True, max_length=300, search="words")
    std_name_en = f.text(_("Title of the standard (English)"), max_length=400, search="words")
    product_name_zh = f.text(_("Product or service (Chinese)"), required=True, max_length=200, search="name")
    product_name_en = f.text(_("Product or service (English)"), max_length=200, search="name")
    models = f.many(f.text(_("Models"), max_length=100), search="mention")
    category = Category(f.FieldInfo(_("Product category"), search="words"))
    hs_code = f.many(f.hs_code(_("HS codes"), search="mention"))
    spec = f.text(_("Specification"), max_length=200)
    gtin = f.many(f.barcode(_("Barcodes (GTIN)")))
    common_name = f.text(_("Common name"), max_length=120, search="words")
    production_mode = f.choice(_("Production"), PRODUCTION_MODES)
    principal = f.text(_("Principal"), max_length=200, search="party")
    contractor = f.text(_("Contractor"), max_length=200, search="party")
    below_voluntary = f.flag(
        _("Indicators fewer or lower than in the voluntary standard"),
        legal=_("Measures for the Promotion of Enterprise Standardization (SAMR Order No. 83), Article 14"),
    )
    compared_std = f.standard_number(_("Compared with"), search="mention")
    below_statement = f.long_text(_("What is lower"), max_length=1000)
    channel = f.choice(_("Where it is published"), CHANNELS)
    channel_url = f.web_address(_("Address of the other channel"))
    channel_snapshot = f.text(
        _("Snapshot of the other channel (SHA-256)"), max_length=64, pattern=r"[0-9a-f]{64}"
    )
    fulltext_public = f.flag(_("Full text public"))
    text_hash = f.text(_("Hash of the text (SHA-256)"), max_length=64, pattern=r"[0-9a-f]{64}")
    declared_on = f.day(_("Declared"), required=True)
    effective_from = f.day(_("In use from"))
    withdrawn_on = f.day(_("Withdrawn on"))
    commitment = f.choice(_("Commitment"), COMMITMENTS)
    commitment_more = f.long_text(_("Further commitments"), max_length=1000)
    signer_post = f.text(_("Post of the signer"), max_length=80)
    indicators = f.rows(
        _("Indicators"),
        help=_("The unit of a ratio is 1; % and ‰ are units too."),
        columns=indicator_columns(
            "kind",
            "name_zh",
            "name_en",
            "operator",
            "value",
            "value_to",
            "text",
            "unit",
            "conditions",
            "method",
        ),
    )
    benchmarks = f.rows(
        _("Compared indicators"),
        columns=indicator_columns("name_zh", "name_en", "standard", "other_value", "relation"),
    )
    edition_of = f.standard_number(_("Takes the place of"), search="mention")
    issued_on = f.day(_("Own standard issued"))
    in_force_on = f.day(_("Own standard in force from"))
    joint_with = f.many(
        f.credit_code(
            _("Jointly made with"), help=_("Unified social credit codes of the other enterprises, one a line")
        ),
        search="mention",
    )
    adopts = f.rows(
        _("Adopted standards"),
        columns={
            "standard": f.standard_number(_("Standard")),
            "degree": f.choice(_("Degree"), ADOPTION_DEGREES),
        },
    )
    status_reason = f.text(_("Reason of the status"), max_length=300, search="words")
    correct_until = f.day(_("Correct until"))
    decided_on = f.day(_("Decided on"))
    ordered_by = f.text(_("Decided by"), max_length=120)
    correction_submitted_on = f.day(_("Correction submitted"))
    checked_on = f.day(_("Checked without objection"))
    still_true_on = f.day(_("Last confirmed"))
    change_note = f.text(_("Note on the amendment"), max_length=300)
