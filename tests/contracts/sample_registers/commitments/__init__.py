"""A sample of a register that enterprises file to themselves: quality commitments. One folder and nothing else."""

from __future__ import annotations

from pathlib import Path

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.codes import Code, CodeList
from registry.kit.definition import Layout, Numbering, RegisterDefinition, SearchSpec, Section, Title, key_of
from registry.kit.filing import Amendments, Filing, FilingStep, FilingWords, Start, Withdrawal
from registry.kit.life_cycle import DateChange, LifeCycle, State, Transition
from registry.kit.links import Party
from registry.kit.rules import order_of_dates
from registry.kit.schema import SourcedSchema
from registry.reference.text.folding import fold_name

SCOPES = CodeList(
    Code("goods", "商品", "goods"),
    Code("services", "服务", "services"),
)
AMENDMENTS = CodeList(
    Code("wording", "措辞调整", "Wording changed"),
    Code("otherwise", "其他原因", "Another reason"),
)


class CommitmentSchema(SourcedSchema):
    org_uscc = f.credit_code(_("Credit code of the enterprise"), required=True, search="mention")
    org_name_zh = f.text(_("Enterprise (Chinese)"), search="party")
    region_code = f.region_code(_("Region"))
    title_zh = f.text(_("Commitment in short"), required=True, search="name")
    text = f.long_text(_("Text of the commitment"), required=True, search="words")
    scope = f.choice(_("Scope"), SCOPES, required=True, facet=True)
    promised_on = f.day(_("Promised"), required=True)
    valid_until = f.day(_("Valid until"), required=True)
    post = f.text(_("Post of the signer"), required=True, max_length=40)
    change_note = f.text(_("Note on the change"))
    ended_on = f.day(_("Ended on"))
    end_reason = f.text(_("Why it ended"))


REGISTER = RegisterDefinition(
    slug="commitments",
    mark="诺",
    kind="core",
    label=_("Quality commitments"),
    label_one=_("Quality commitment"),
    about=_("What enterprises promise of themselves."),
    schema=CommitmentSchema,
    key=key_of("org_uscc", "title_zh", fold=fold_name),
    numbering=Numbering(prefix="QC", digits=5, year_field="promised_on"),
    title=Title(zh=("title_zh",), en=()),
    holder=Party("held_by", "organisations", "org_uscc", zh="org_name_zh"),
    life_cycle=LifeCycle(
        states=(
            State(
                code="kept",
                zh="履行中",
                en="In effect",
                standing="in_force",
                badge="live",
                explanation=_("Today (%(today)s) the enterprise stands by this commitment."),
            ),
            State(
                code="lapsed",
                zh="已到期",
                en="Lapsed",
                standing="ended",
                badge="past",
                explanation=_("This commitment lapsed on %(since)s."),
            ),
            State(
                code="given_up",
                zh="已撤回",
                en="Given up",
                standing="ended",
                badge="past",
                explanation=_("The enterprise gave this commitment up. Shown since %(since)s."),
            ),
        ),
        transitions=(
            Transition(
                name="promised",
                before="",
                after="kept",
                zh="承诺",
                en="Promised",
                roles=("enterprise", "registrar"),
            ),
            Transition(
                name="lapsed", before="kept", after="lapsed", zh="到期", en="Lapsed", roles=("system",)
            ),
            Transition(
                name="given_up",
                before="kept",
                after="given_up",
                zh="撤回",
                en="Given up",
                roles=("enterprise", "registrar"),
            ),
        ),
        default_status="kept",
        date_changes=(
            DateChange(transition="lapsed", before=("kept",), after="lapsed", field="valid_until"),
        ),
    ),
    layout=Layout(
        sections=(
            Section("facts", _("Facts"), ("text", "scope", "region_code", "post")),
            Section(
                "validity",
                _("Validity"),
                ("promised_on", "valid_until", "change_note", "ended_on", "end_reason"),
            ),
        ),
        result_fields=("scope", "promised_on"),
        key_facts=("valid_until",),
    ),
    folder=Path(__file__).parent,
    valid_from="promised_on",
    valid_to="valid_until",
    rules=(order_of_dates("promised_on", "valid_until", source="register"),),
    search=SearchSpec(facets=("scope",), date_field="promised_on"),
    filing=Filing(
        steps=(
            FilingStep("promise", _("What is promised"), _("In plain words"), ("title_zh", "text", "scope")),
            FilingStep("period", _("For how long"), _("And who signs"), ("valid_until", "post")),
        ),
        organisation_fields={
            "org_uscc": "uscc",
            "org_name_zh": "name_zh",
            "region_code": "region_code",
        },
        filing_date_field="promised_on",
        start=Start("kept", "promised"),
        legal_basis="register",
        amendable_states=("kept",),
        signer_post_field="post",
        amendments=Amendments(AMENDMENTS, reason_needing_note="otherwise", note_field="change_note"),
        withdrawal=Withdrawal("given_up", date_field="ended_on", reason_field="end_reason"),
        words=FilingWords(file=_("Make a commitment")),
    ),
)
