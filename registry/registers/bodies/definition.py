"""The register of bodies, put together."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.i18n import _
from registry.kit.definition import (
    KeyMissing,
    Layout,
    NaturalKey,
    Numbering,
    RegisterDefinition,
    SearchSpec,
    Section,
    Title,
)
from registry.kit.representation import Representation, RepresentationWords
from registry.reference.text.folding import fold_number
from registry.registers.bodies.cautions import CAUTIONS, DUE_DATES
from registry.registers.bodies.life_cycle import LIFE_CYCLE
from registry.registers.bodies.rules import MESSAGES, RULES
from registry.registers.bodies.samples import SAMPLES
from registry.registers.bodies.schema import BodySchema


def number_of(values: Mapping[str, Any]) -> str:
    """Raises `KeyMissing`."""
    if not values.get("approval_no"):
        raise KeyMissing("approval_no")
    return str(values["approval_no"])


# Sources as mappings and sheets name them, so that pages name them in both languages.
SOURCES = (_("ENERGY STAR program of the U.S. EPA"),)

REPRESENTATION = Representation(
    role="body",
    unknown="body_unknown",
    ended="body_ended",
    words=RepresentationWords(
        claim=_("Claim a certification or testing body"),
        find=_("Name or approval number of the body"),
        find_hint=_("In Chinese or English; or the number of its approval, for example CNCA-R-2002-001."),
        number=_("Approval number"),
        number_hint=_("As the register writes it, for example CNCA-R-2002-001."),
        proof_hint=_(
            "A letter of authority with the seal of the body: PDF, OFD, JPEG or PNG. Only the registrar sees it; it is deleted 90 days after the decision, or a week after you sent it if you do not claim."
        ),
        afterwards=_(
            "The registrar compares the proof with the approval and decides within %(days)s working days; you get an e-mail. You are then signed out, sign in with a second factor, act on what the body has issued, within its scope, and can invite colleagues."
        ),
        not_found=_("The register holds no body with “%(words)s”."),
        not_listed=_("Not among them? The registrar enters bodies with their approval; ask for that first."),
        members=_("Who acts for the body"),
    ),
)
REGISTER = RegisterDefinition(
    slug="bodies",
    position=8,
    mark="机",
    kind="reference",
    label=_("Certification and testing bodies"),
    label_one=_("Certification or testing body"),
    about=_("Bodies that certify, test and grade, with the number and the state of their approval."),
    schema=BodySchema,
    key=NaturalKey(("approval_no",), lambda values: fold_number(number_of(values)), fold_number),
    numbering=Numbering(derive=number_of),
    title=Title(zh=("name_zh",), en=("name_en",), distinguish_by_region=True, romanise="company"),
    life_cycle=LIFE_CYCLE,
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "approval_no",
                    "kind",
                    "uscc",
                    "region_code",
                    "scope",
                    "cma_no",
                    "cnas_no",
                    "website",
                    "valid_from",
                    "valid_to",
                ),
            ),
            Section("sanctions", _("Sanctions"), ("sanctions",)),
        ),
        result_fields=("kind", "valid_to"),
        key_facts=("kind", "valid_from", "valid_to"),
    ),
    folder=Path(__file__).parent,
    representation=REPRESENTATION,
    valid_from="valid_from",
    valid_to="valid_to",
    identifiers=("approval_no",),
    exact_lookup_fields=("approval_no", "cma_no", "cnas_no"),
    rules=RULES,
    cautions=CAUTIONS,
    due_dates=DUE_DATES,
    search=SearchSpec(
        facets=("kind",),
        date_field="valid_from",
        date_label=_("Approved between"),
        register_words=(
            "认证机构",
            "检测机构",
            "certification bodies",
            "certification body",
            "testing bodies",
            "testing body",
        ),
    ),
    samples=SAMPLES,
    messages=MESSAGES,
)
