"""How the holder of a brand applies for a title: questions, evidence, and what bars an application.

Conditions and proofs: 《中华老字号示范创建管理办法》 (商流通规发〔2023〕6号). Local titles use the same form; what they lay down
differs by title (`schemes`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from registry.i18n import _
from registry.kit.application import Applications, HeldRecord, HolderReports
from registry.kit.filing import Filing, FilingStep, FilingWords, Start
from registry.kit.issues import Issue
from registry.reference import working_days
from registry.reference.text.folding import fold_name
from registry.registers.brands import dates
from registry.registers.brands.schema import EVIDENCE, FIGURES

LEGAL_BASIS = "《中华老字号示范创建管理办法》（商流通规发〔2023〕6号）"
REPORTING_STATES = ("listed", "rectifying", "suspended")
REQUIRED_EVIDENCE = frozenset({"licence", "trademark", "founding", "figures"})


def same_brand(values: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """True for the same title and name, however it is written."""
    one, two = (fold_name(str(each.get("brand_name_zh") or "")) for each in (values, other))
    return one == two != "" and values.get("scheme") == other.get("scheme")


def find_bars(values: Mapping[str, Any], held: Sequence[HeldRecord], today: dt.date) -> Iterable[Issue]:
    """A title that the holder has or is proposed for, and application periods that must pass after a removal."""
    for record in held:
        if not same_brand(values, record.values):
            continue
        if record.standing != "ended":
            yield Issue("title_held_already", "brand_name_zh", {"number": record.number})
            continue
        end = dates.barred_until(record.values) if record.status == "removed" else None
        if end is not None and today <= end:
            yield Issue("barred_after_removal", "brand_name_zh", {"end": end.isoformat()})


def suggest_notice(values: Mapping[str, Any], today: dt.date) -> Mapping[str, str]:
    """The notice of today, and the last of the working days for which its title leaves it open for objections."""
    days = dates.rules_of(values).objection_working_days
    suggested = {"notice_date": today.isoformat(), "legal_basis": LEGAL_BASIS}
    if days:
        suggested["objections_until"] = working_days.add_working_days(today, days).isoformat()
    return suggested


FILING = Filing(
    steps=(
        FilingStep(
            "title",
            _("Brand and title"),
            _("Which title is applied for, and what the brand is called"),
            (
                "scheme",
                "promoted_from",
                "brand_name_zh",
                "brand_name_en",
                "pinyin",
                "trad_name",
                "former_names",
                "category",
                "industry_code",
                "products",
            ),
        ),
        FilingStep(
            "origin",
            _("Origin and business"),
            _("When and where it was founded, and since when its main business goes on"),
            (
                "founded_year",
                "founded_circa",
                "founded_era",
                "founded_region_code",
                "founded_place",
                "business_since",
                "story_zh",
                "story_en",
            ),
        ),
        FilingStep(
            "rights",
            _("Rights and heritage"),
            _("By what right the name is used, and what is protected as heritage"),
            ("right_basis", "holder_from", "trademarks", "ich", "relics"),
        ),
    ),
    organisation_fields={
        "holder_uscc": "uscc",
        "holder_name_zh": "name_zh",
        "holder_name_en": "name_en",
        "region_code": "region_code",
    },
    filing_date_field="",
    start=Start("submitted", "submitted"),
    legal_basis=LEGAL_BASIS,
    amendable_states=(),
    required_by_rules=(
        "brand_name_zh",
        "industry_code",
        "founded_year",
        "founded_place",
        "story_zh",
        "right_basis",
        "holder_from",
    ),
    required_hints={"business_since": _("(for the national title)")},
    defaults={"scheme": "national"},
    application=Applications(
        evidence=EVIDENCE,
        required=REQUIRED_EVIDENCE,
        commitment=_(
            "I declare for the applicant that all answers and files are true, and that no dispute about the brand is known."
        ),
        appeal=_(
            "Against this decision you may ask the authority above for reconsideration within 60 days (Administrative "
            "Reconsideration Law, Article 20), or bring an action within six months (Administrative Procedure Law, Article 46)."
        ),
        hinder=find_bars,
        suggest=suggest_notice,
        evidence_field="published_evidence",
    ),
    reports=HolderReports(
        years_field="annual_reports",
        states=REPORTING_STATES,
        transition="reported",
        figures=FIGURES,
        hint=_("That the year was reported is public. The figures are not: only the authority sees them."),
    ),
    words=FilingWords(
        file=_("Apply for recognition of a brand"),
        publish=_("Submit the application"),
        goal=_("Submit"),
        check=_("Check your answers and submit"),
        before=_("Before you submit"),
        not_yet=_("This cannot be submitted yet: what is marked below comes first."),
        public_at_once=_(
            "The application is examined. Nothing of it is public before it is proposed in a public notice."
        ),
        all_records=_("Brands and applications of the organisation"),
        records=_("Brands"),
        none_yet=_("No application was made yet."),
        before_publishing=(
            _(
                "Local authorities give an opinion first, then experts review the brand; a public notice of some working days follows."
            ),
            _("Files stay with the authority, except those that you mark as public."),
            _("If something is missing, the application comes back to you with what is to be corrected."),
        ),
    ),
)
