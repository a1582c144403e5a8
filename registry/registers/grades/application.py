"""How an enterprise applies for a grade: it enters product, values and evidence; the body that it names confirms or returns it.

The enterprise enters the data and answers for them, a third-party body confirms the grade from results of the last year (draft
opinion of SAMR of 2024-09-26). The publisher then announces it for objections, or publishes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from registry.i18n import _
from registry.kit.application import Applications
from registry.kit.codes import Code, CodeList
from registry.kit.filing import AnswerLookup, Filing, FilingStep, FilingWords, Notice, Start
from registry.kit.rules import RecordLookup
from registry.registers.grades import filing

FILES = CodeList(
    Code("report", "检验报告", "test reports"),
    Code("certificate", "认证证书", "certificates"),
    Code("calculation", "计算说明", "calculation of the level"),
    Code("other", "其他材料", "other papers"),
)
BODY_LOOKUP = AnswerLookup(
    register="bodies",
    hint=_("The number of its approval, or words of its name to find it by."),
    heading=_("From the register of bodies"),
    not_found=_("Type the number of its approval in full."),
    ended=filing.ORGANISATION_LOOKUP.ended,
)


def derive_values(values: Mapping[str, Any], others: RecordLookup) -> Mapping[str, Any]:
    """Return the level as it is worked out, and the name of the body from the register of bodies."""
    derived: dict[str, Any] = {}
    if working := filing.work_out(values):
        derived["grade"] = working.level.code
    number = str(values.get("grader_approval_no") or "").strip()
    if known := others.find_record("bodies", number) if number else None:
        derived["grader_name_zh"] = known.get("name_zh")
    return {name: value for name, value in derived.items() if value}


APPLICATION = Filing(
    steps=(
        FilingStep(
            "subject",
            _("Product and body"),
            _("What is to be graded, by which scheme, and by which body"),
            (
                "grader_approval_no",
                "scheme",
                "subject_type",
                "standard_edition",
                "product_name_zh",
                "product_name_en",
                "models",
                "service_site",
            ),
        ),
        filing.VALUES,
        replace(filing.EVIDENCE, key="papers"),  # files have a page `evidence` of their own
    ),
    organisation_fields={
        "org_uscc": "uscc",
        "org_name_zh": "name_zh",
        "org_name_en": "name_en",
        "region_code": "region_code",
    },
    derive=derive_values,
    advise=filing.tell_working,
    start=Start("submitted", "submitted"),
    notice=Notice("objections_until", filing.NOTICE_DAYS),
    legal_basis=filing.LEGAL_BASIS,
    amendable_states=(),
    subject_field="grader_approval_no",
    required_by_rules=(
        "subject_type",
        "grade_claimed",
        "qualified",
        "conformity_report",
        "evidence",
        "indicators",
    ),
    lookups={"grader_approval_no": BODY_LOOKUP, "standard_edition": filing.STANDARD_LOOKUP},
    folded_columns=filing.FILING.folded_columns,
    issue_columns=filing.FILING.issue_columns,
    application=Applications(
        evidence=FILES,
        required=frozenset({"report"}),
        commitment=_("I declare for the applicant that all values, papers and files are true and complete."),
        appeal=_("Ask the body that has graded, or the authority that supervises it, to examine it again."),
    ),
    words=FilingWords(
        file=_("Apply for a grade"),
        publish=_("Submit the application"),
        goal=_("Submit"),
        check=_("Check your answers and submit"),
        before=_("Before you submit"),
        not_yet=_("This cannot be submitted yet: what is marked below comes first."),
        public_at_once=_(
            "The body confirms the grade or returns the application. Nothing of it is public before it is announced or published."
        ),
        all_records=_("Grades and applications of the organisation"),
        records=_("Grades"),
        none_yet=_("No application was made yet."),
        title_label=_("Product or service"),
        derived_answer=_(
            "Worked out from the values, or taken from the register; it cannot be changed here."
        ),
        before_publishing=(
            _(
                "The body that you name looks at values and evidence, and confirms the grade or returns the application."
            ),
            _(
                "A confirmed grade is announced for objections, or published; a level better than the one worked out is refused."
            ),
            _("Files stay with the body and the authority."),
        ),
    ),
)
