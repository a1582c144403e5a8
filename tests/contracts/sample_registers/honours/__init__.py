"""A sample of a register in which holders apply for a decision: model workshops. One folder and nothing else."""

from __future__ import annotations

from pathlib import Path

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.application import Applications
from registry.kit.codes import Code, CodeList
from registry.kit.definition import Layout, Numbering, RegisterDefinition, SearchSpec, Section, Title, key_of
from registry.kit.filing import Filing, FilingStep, FilingWords, Start
from registry.kit.life_cycle import LifeCycle, State, Transition
from registry.kit.links import Party
from registry.kit.schema import SourcedSchema
from registry.reference.text.folding import fold_name

EVIDENCE = CodeList(Code("plan", "车间平面图", "Plan of the workshop"), Code("photo", "照片", "Photograph"))


class HonourSchema(SourcedSchema):
    org_uscc = f.credit_code(_("Credit code of the enterprise"), required=True, search="mention")
    org_name_zh = f.text(_("Enterprise (Chinese)"), search="party")
    region_code = f.region_code(_("Region"))
    title_zh = f.text(_("Workshop"), required=True, search="name")
    craft = f.long_text(_("Craft"), required=True, search="words")
    given_on = f.day(_("Given on"))


REGISTER = RegisterDefinition(
    slug="honours",
    mark="模",
    kind="core",
    label=_("Model workshops"),
    label_one=_("Model workshop"),
    about=_("Workshops that a province has named as models."),
    schema=HonourSchema,
    key=key_of("org_uscc", "title_zh", fold=fold_name),
    numbering=Numbering(prefix="MW", digits=5, year_field="given_on"),
    title=Title(zh=("title_zh",), en=()),
    holder=Party("held_by", "organisations", "org_uscc", zh="org_name_zh"),
    life_cycle=LifeCycle(
        states=(
            State(code="begun", zh="草稿", en="Begun", standing="unpublished", badge=""),
            State(code="sent", zh="已递交", en="Sent in", standing="unpublished", badge=""),
            State(code="back", zh="已退回", en="Sent back", standing="unpublished", badge=""),
            State(code="seen", zh="已查看", en="Visited", standing="unpublished", badge=""),
            State(code="no", zh="未命名", en="Turned down", standing="unpublished", badge=""),
            State(
                code="named",
                zh="已命名",
                en="Named",
                standing="in_force",
                badge="live",
                explanation=_("Today (%(today)s) this workshop is a model."),
            ),
        ),
        transitions=(
            Transition(name="begun", before="", after="begun", zh="起草", en="Begun", roles=("enterprise",)),
            Transition(
                name="sent", before="begun", after="sent", zh="递交", en="Sent in", roles=("enterprise",)
            ),
            Transition(
                name="sent_again",
                before="back",
                after="sent",
                zh="再次递交",
                en="Sent in again",
                roles=("enterprise",),
            ),
            Transition(
                name="sent_back",
                before="sent",
                after="back",
                zh="退回",
                en="Sent back",
                roles=("reviewer_province",),
            ),
            Transition(
                name="visited",
                before="sent",
                after="seen",
                zh="现场查看",
                en="Visited",
                roles=("reviewer_province",),
                evidence=(_("Report of the visit"),),
            ),
            Transition(
                name="turned_down",
                before="seen",
                after="no",
                zh="不予命名",
                en="Turned down",
                roles=("reviewer_province",),
            ),
            Transition(
                name="named",
                before="seen",
                after="named",
                zh="命名",
                en="Named",
                roles=("reviewer_province",),
                needs=("given_on", "legal_basis"),
                public_notice=_("The whole entry."),
            ),
        ),
        default_status="named",
    ),
    layout=Layout(
        sections=(Section("facts", _("Facts"), ("craft", "region_code", "given_on")),),
        result_fields=("craft",),
        key_facts=("given_on",),
    ),
    folder=Path(__file__).parent,
    valid_from="given_on",
    search=SearchSpec(),
    filing=Filing(
        steps=(FilingStep("workshop", _("The workshop"), _("In plain words"), ("title_zh", "craft")),),
        organisation_fields={"org_uscc": "uscc", "org_name_zh": "name_zh", "region_code": "region_code"},
        filing_date_field="",
        start=Start("sent", "sent"),
        legal_basis="register",
        amendable_states=(),
        application=Applications(
            evidence=EVIDENCE,
            required=frozenset({"plan"}),
            commitment=_("All of this is true."),
            appeal=_("Write to the province within 60 days."),
        ),
        words=FilingWords(file=_("Propose a workshop")),
    ),
)
