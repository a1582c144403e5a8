"""A sample of a register that bodies file to: attestations of premises. One folder and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.approvals import IssuerDuties
from registry.kit.codes import Code, CodeList
from registry.kit.definition import (
    Layout,
    Numbering,
    RegisterDefinition,
    SearchSpec,
    Section,
    Title,
    key_of,
)
from registry.kit.display import Words
from registry.kit.filing import Filing, FilingStep, FilingWords, Start
from registry.kit.issues import Issue
from registry.kit.life_cycle import DateChange, DueDate, LifeCycle, State, Transition
from registry.kit.links import Party
from registry.kit.marking import Marking
from registry.kit.rules import order_of_dates
from registry.kit.schema import SourcedSchema
from registry.reference.text.folding import fold_number

SUBJECTS = CodeList(
    Code("warehouse", "仓库", "warehouse"),
    Code("kitchen", "厨房", "kitchen"),
)


class AttestationSchema(SourcedSchema):
    paper_no = f.text(_("Number of the paper"), required=True, max_length=40, search="code")
    subject = f.choice(_("Subject"), SUBJECTS, required=True, facet=True)
    title_zh = f.text(_("What was attested"), required=True, search="name")
    body_no = f.text(_("Number of the body"), required=True, search="mention")
    body_zh = f.text(_("Name of the body"), search="party")
    owner_no = f.organisation_number(_("Number of the owner"), required=True, search="mention")
    owner_zh = f.text(_("Owner (Chinese)"), search="party")
    owner_en = f.text(_("Owner (English)"), search="party")
    region_code = f.region_code(_("Region"))
    attested_on = f.day(_("Attested"), required=True)
    valid_until = f.day(_("Valid until"), required=True)
    visit_by = f.day(_("To be visited by"))
    legal_reason = f.text(_("Why it was taken back"))
    taken_back_on = f.day(_("Taken back on"))


def covers(values: Mapping[str, Any], scope: str) -> bool:
    code = SUBJECTS.get(str(values.get("subject") or ""))
    return code is None or code.zh in scope


def same_paper(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterable[Issue]:
    if before.get("subject") != after.get("subject"):
        yield Issue("subject_kept", "subject")


REGISTER = RegisterDefinition(
    slug="attestations",
    mark="证",
    kind="core",
    label=_("Attestations of premises"),
    label_one=_("Attestation of premises"),
    about=_("What bodies attest of premises."),
    schema=AttestationSchema,
    key=key_of("paper_no", "body_no", fold=fold_number),
    numbering=Numbering(prefix="AP", digits=5, year_field="attested_on"),
    title=Title(zh=("title_zh",), en=()),
    holder=Party("held_by", "organisations", "owner_no", zh="owner_zh", en="owner_en"),
    issuer=Party("attested_by", "bodies", "body_no", zh="body_zh", label=_("Attested by"), role=_("body")),
    life_cycle=LifeCycle(
        states=(
            State(
                code="good",
                zh="有效",
                en="Good",
                standing="in_force",
                badge="live",
                explanation=_("Today (%(today)s) this attestation is good."),
            ),
            State(
                code="run_out",
                zh="已到期",
                en="Run out",
                standing="ended",
                badge="past",
                explanation=_("This attestation ran out on %(since)s."),
            ),
            State(
                code="taken_back",
                zh="已收回",
                en="Taken back",
                standing="ended",
                badge="stop",
                explanation=_("This attestation was taken back. Shown since %(since)s."),
                decided=("taken_back_on",),
            ),
        ),
        transitions=(
            Transition(name="attested", before="", after="good", zh="出具", en="Attested", roles=("body",)),
            Transition(
                name="run_out", before="good", after="run_out", zh="到期", en="Run out", roles=("system",)
            ),
            Transition(
                name="taken_back",
                before="good",
                after="taken_back",
                zh="收回",
                en="Taken back",
                roles=("body",),
                needs=("legal_reason", "legal_basis"),
            ),
        ),
        default_status="good",
        date_changes=(
            DateChange(transition="run_out", before=("good",), after="run_out", field="valid_until"),
        ),
    ),
    layout=Layout(
        sections=(
            Section("facts", _("Facts"), ("paper_no", "subject", "region_code")),
            Section(
                "validity",
                _("Validity"),
                ("attested_on", "valid_until", "visit_by", "legal_reason", "taken_back_on"),
            ),
        ),
        result_fields=("subject", "attested_on"),
        key_facts=("valid_until",),
    ),
    folder=Path(__file__).parent,
    valid_from="attested_on",
    valid_to="valid_until",
    duties=IssuerDuties(
        relation="attested_by",
        day_fields=("attested_on",),
        may_issue=lambda values, body: True,
        covers=covers,
        scope_fields=("subject",),
    ),
    due_dates=(
        DueDate(
            code="visit_overdue",
            watch="surveillance",
            states=("good",),
            zh="走访逾期",
            en="Visit overdue",
            field="visit_by",
            resolved_by=("taken_back",),
        ),
    ),
    rules=(order_of_dates("attested_on", "valid_until", source="register"),),
    marking=Marking(
        name=Words("场所证明", "Attestation of premises"),
        states=("good",),
        fields=("paper_no", "subject"),
        official=_("No authority has a mark for it."),
        rules=(_("Only at the place that it names."),),
    ),
    search=SearchSpec(facets=("subject",), date_field="attested_on"),
    messages={"subject_kept": _("An attestation stays about what it was about.")},
    filing=Filing(
        filer="issuer",
        steps=(
            FilingStep("paper", _("The paper"), _("Number and subject"), ("paper_no", "subject", "title_zh")),
            FilingStep("owner", _("The owner"), _("By number"), ("owner_no", "owner_zh", "owner_en")),
            FilingStep(
                "period", _("For how long"), _("From the day"), ("attested_on", "valid_until", "visit_by")
            ),
        ),
        organisation_fields={"body_no": "approval_no", "body_zh": "name_zh"},
        start=Start("good", "attested"),
        legal_basis="register",
        amendable_states=("good",),
        subject_field="paper_no",
        check_amendment=same_paper,
        words=FilingWords(file=_("File an attestation")),
    ),
)
