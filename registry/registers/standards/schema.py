"""Fields of a standard's edition. The number names the edition; without a year, the standard."""

from __future__ import annotations

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.indicators import indicator_columns
from registry.kit.product_categories import Category
from registry.kit.schema import SourcedSchema
from registry.kit.standard_kinds import STANDARD_KINDS, Adoption
from registry.registers.standards.headers import HEADER_WORDS


class StandardSchema(SourcedSchema):
    header_words = HEADER_WORDS

    number = f.standard_number(_("Standard number"), required=True, edition=True, search="code")
    title_zh = f.text(_("Title (Chinese)"), required=True, max_length=300, search="name")
    title_en = f.text(_("Title (English)"), max_length=400, search="name")
    kind = f.choice(_("Kind of standard"), STANDARD_KINDS, facet=True, search="words")
    ics = f.many(f.ics_code(_("ICS")), search="words")
    ccs = f.many(f.ccs_code(_("CCS")))
    issued_on = f.day(_("Issued"))
    in_force_on = f.day(_("In force from"))
    withdrawn_on = f.day(_("Withdrawn on"))
    transition_until = f.day(_("Older edition usable until"))
    replaces = f.many(f.standard_number(_("Replaces")), search="mention")
    replaced_by = f.many(f.standard_number(_("Replaced by")), search="mention")
    adopts = f.many(Adoption(f.FieldInfo(_("Adopts"), search="mention"), max_length=120))
    product_categories = f.many(Category(f.FieldInfo(_("Limits for the products"))))
    indicators = f.rows(
        _("Indicators and limits"),
        help=_("A limit holds for the category in its row, else for all those of the standard."),
        columns=indicator_columns(
            "name_zh",
            "name_en",
            "category",
            "operator",
            "value",
            "value_to",
            "unit",
            "conditions",
            "force",
            "clause",
        ),
    )
    department = f.text(_("Department"), max_length=120, search="words")
    remarks = f.long_text(_("Remarks of the source"), max_length=1000, search="words")
