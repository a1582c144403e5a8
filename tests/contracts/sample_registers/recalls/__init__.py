"""A sample of a register that is only imported: recalls. One folder and nothing else."""

from __future__ import annotations

from pathlib import Path

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.codes import Code, CodeList
from registry.kit.definition import Layout, Numbering, RegisterDefinition, SearchSpec, Section, Title, key_of
from registry.kit.life_cycle import LifeCycle, State, Transition
from registry.kit.links import LinkSpec, Party
from registry.kit.rules import not_after_today
from registry.kit.schema import SourcedSchema
from registry.reference.text.folding import fold_number

MEASURES = CodeList(
    Code("repair", "修理", "repair"),
    Code("replace", "更换", "replacement"),
    Code("refund", "退货", "refund"),
)


class RecallSchema(SourcedSchema):
    notice_no = f.text(_("Notice number"), required=True, max_length=40, search="code")
    product_name_zh = f.text(_("Product"), required=True, search="name")
    product_name_en = f.text(_("Product in English"), search="name")
    producer_uscc = f.credit_code(_("Producer's credit code"), required=True, search="mention")
    producer_name_zh = f.text(_("Producer"), search="party")
    std_no = f.standard_number(_("Standard"), search="mention")
    defect = f.long_text(_("Defect"), required=True, search="words")
    measure = f.choice(_("Measure"), MEASURES, required=True, facet=True, search="words")
    quantity = f.integer(_("Quantity"), minimum=1)
    announced_on = f.day(_("Announced"), required=True)


REGISTER = RegisterDefinition(
    slug="recalls",
    mark="召",
    kind="core",
    label=_("Product recalls"),
    label_one=_("Product recall"),
    about=_("Products called back by their makers."),
    schema=RecallSchema,
    key=key_of("notice_no", fold=fold_number),
    numbering=Numbering(prefix="RC", digits=5, year_field="announced_on"),
    title=Title(zh=("product_name_zh",), en=("product_name_en",)),
    holder=Party("held_by", "organisations", "producer_uscc", zh="producer_name_zh"),
    links=(
        LinkSpec("about", "standards", "std_no", _("About the standard"), _("Recalls about this standard")),
    ),
    life_cycle=LifeCycle(
        states=(
            State(
                code="running",
                zh="召回中",
                en="Running",
                standing="in_force",
                badge="act",
                explanation=_("Today (%(today)s) this recall is running."),
            ),
            State(
                code="closed",
                zh="已结束",
                en="Closed",
                standing="ended",
                badge="past",
                explanation=_("This recall ended on %(since)s."),
            ),
        ),
        transitions=(
            Transition(
                name="opened", before="", after="running", zh="发布", en="Announced", roles=("registrar",)
            ),
            Transition(
                name="closed", before="running", after="closed", zh="结束", en="Closed", roles=("registrar",)
            ),
        ),
        default_status="running",
    ),
    layout=Layout(
        sections=(
            Section(
                "facts", _("Facts"), ("notice_no", "std_no", "defect", "measure", "quantity", "announced_on")
            ),
        ),
        result_fields=("measure", "announced_on"),
        key_facts=("measure",),
    ),
    folder=Path(__file__).parent,
    valid_from="announced_on",
    identifiers=("notice_no",),
    exact_lookup_fields=("notice_no",),
    rules=(not_after_today("announced_on", source="register"),),
    search=SearchSpec(facets=("measure",), date_field="announced_on"),
)
