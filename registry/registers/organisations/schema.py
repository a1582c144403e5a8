"""Fields of an organisation (GB 32100-2015 for the code)."""

from __future__ import annotations

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.codes import Code, CodeList
from registry.kit.schema import SourcedSchema
from registry.registers.organisations.headers import HEADER_WORDS

OWNERSHIP = CodeList(
    Code("state", "国有", "state-owned", ("国有企业", "中央国有企业", "地方国有企业", "中央企业", "国企")),
    Code("private", "民营", "private", ("民营企业", "私营企业", "私企")),
    Code("collective", "集体", "collective", ("集体企业",)),
    Code("foreign", "外资", "foreign-invested", ("外资企业", "外商独资", "中外合资", "港澳台资")),
    Code("public", "公众", "publicly held", ("公众企业",)),
    Code("institution", "事业单位", "public institution", ()),
    Code("association", "社会团体", "association", ("协会",)),
    Code("other", "其他", "other", ("其他企业",)),
)


class OrganisationSchema(SourcedSchema):
    header_words = HEADER_WORDS

    uscc = f.credit_code(_("Unified social credit code"), search="code")
    country = f.country_code(_("Country"))
    foreign_reg_no = f.foreign_registration_number(
        _("Foreign registration number"), country="country", search="code"
    )
    name_zh = f.text(_("Name (Chinese)"), max_length=200, min_length=2, search="name")
    name_en = f.text(_("Name (English)"), max_length=200, search="name")
    short_name_zh = f.text(_("Short name"), max_length=60, search="name")
    former_names = f.rows(
        _("Former names"),
        columns={
            "name_zh": f.text(_("Name"), max_length=200),
            "name_en": f.text(_("Name"), max_length=200),
            "used_from": f.day(_("From")),
            "used_until": f.day(_("To")),
            "replaced_on": f.day(_("Replaced here on")),
        },
        help=_("Filled in when an organisation is renamed."),
    )
    region_code = f.region_code(_("Region"))
    address = f.text(_("Address"), max_length=300, search="words")
    industry_code = f.industry_code(_("Industry"))
    founded_on = f.day(_("Founded"))
    deregistered_on = f.day(_("Deregistered on"))
    ownership = f.choice(_("Ownership"), OWNERSHIP, open_list=True, facet=True, search="words")
    scope = f.long_text(_("Business scope"), max_length=5000, search="words")
    products = f.text(_("Main products"), max_length=3000, search="words")
