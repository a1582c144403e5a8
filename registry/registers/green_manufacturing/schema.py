"""Fields of an entry in the green manufacturing lists."""

from __future__ import annotations

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.codes import Code, CodeList
from registry.kit.schema import SourcedSchema
from registry.registers.green_manufacturing.headers import HEADER_WORDS

KINDS = CodeList(
    Code("product", "绿色设计产品", "green design product", ("绿色产品设计", "生态设计产品")),
    Code("factory", "绿色工厂", "green factory"),
    Code(
        "supply_chain",
        "绿色供应链管理企业",
        "green supply-chain enterprise",
        ("绿色供应链管理示范企业", "绿色供应链"),
    ),
)
# As the ministry counts: by number till 2020, by year since.
BATCHES = CodeList(
    Code("1", "第一批", "1", ("第1批", "batch 1")),
    Code("2", "第二批", "2", ("第2批", "batch 2")),
    Code("3", "第三批", "3", ("第3批", "batch 3")),
    Code("4", "第四批", "4", ("第4批", "batch 4")),
    Code("5", "第五批", "5", ("第5批", "batch 5")),
    *(
        Code(str(year), f"{year}年度", f"{year}", (f"{year}年", f"{year}年度名单"))
        for year in range(2021, 2031)
    ),
)


class GreenManufacturingSchema(SourcedSchema):
    header_words = HEADER_WORDS

    kind = f.choice(_("List"), KINDS, required=True, facet=True, search="words")
    product_name_zh = f.text(_("Product (Chinese)"), max_length=300, search="name")
    product_name_en = f.text(_("Product (English)"), max_length=200, search="name")
    models = f.many(f.text(_("Models"), max_length=200), search="mention")
    category_zh = f.text(_("Kind of product"), max_length=120, search="words")
    holder_name_zh = f.text(
        _("Enterprise (Chinese)"), required=True, max_length=200, min_length=2, search="party"
    )
    holder_name_en = f.text(_("Enterprise (English)"), max_length=200, search="party")
    holder_uscc = f.credit_code(_("Credit code of the enterprise"), search="mention")
    region_code = f.region_code(_("Region"))
    industry_zh = f.text(_("Industry"), max_length=60, search="words")
    standards = f.many(f.standard_number(_("Standards of the assessment")), search="mention")
    highlights_zh = f.long_text(_("What is green about it"), max_length=1000, search="words")
    recommended_by = f.text(_("Recommended by"), max_length=120)
    assessor_zh = f.text(_("Third-party assessor"), max_length=200, search="party")
    batch = f.choice(_("Batch"), BATCHES, required=True, facet=True)
    listed_on = f.day(_("Listed on"), required=True)
    removed_on = f.day(_("Removed on"))
    removal_reason_zh = f.text(_("Reason of the removal"), max_length=300)
