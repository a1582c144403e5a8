"""The register of green certificates, put together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from registry.i18n import _, format_day
from registry.kit.cautions import overdue
from registry.kit.definition import (
    DerivedFact,
    Layout,
    Numbering,
    ProductFields,
    RegisterDefinition,
    SearchSpec,
    Section,
    Title,
    key_of,
)
from registry.kit.display import Words
from registry.kit.links import LinkSpec, Party
from registry.kit.near_doubles import NearDouble, without_confused_letters
from registry.kit.random_check import CheckRules
from registry.reference.text.folding import fold_number
from registry.registers.green_products.cautions import (
    CAUTIONS,
    DUE_DATES,
    ISSUER,
    LINKED_DUE_DATES,
    next_surveillance,
)
from registry.registers.green_products.codes import LEVELS, surveillance_interval
from registry.registers.green_products.conflicts import CONFLICTS
from registry.registers.green_products.filing import FILING
from registry.registers.green_products.filing import MESSAGES as FILING_MESSAGES
from registry.registers.green_products.life_cycle import LIFE_CYCLE
from registry.registers.green_products.marking import MARKING
from registry.registers.green_products.rules import MESSAGES, RULES
from registry.registers.green_products.samples import SAMPLES
from registry.registers.green_products.schema import GreenProductSchema
from registry.registers.green_products.statistics import STATISTICS


def rank(values: Mapping[str, Any]) -> int:
    """Rank of the level, 1 = best, 0 where the scheme has none."""
    level = LEVELS.get(str(values.get("level") or ""))
    return level.rank if level else 0


LABEL_FORMS = {"1": Words("基本样式", "basic design"), "2": Words("变形样式", "variant design")}


def label_form(values: Mapping[str, Any], status: str) -> Words | None:
    """Route 1 has the basic design, route 2 the variant; each scheme of route 3 sets its own."""
    del status
    return LABEL_FORMS.get(str(values.get("route") or ""))


def surveillance_plan(values: Mapping[str, Any], status: str, day: dt.date) -> Words | None:
    """The interval that the scheme lays down where the certificate states none, and the last day of the next surveillance."""
    due = next_surveillance(values) if status == "valid" else None
    months = None if values.get("surveillance_months") else surveillance_interval(values)
    if due is None or due < day:  # what is overdue is said as a caution
        following = None
    else:
        following = Words(
            f"下一次不晚于{format_day(due.isoformat(), 'zh')}",
            f"the next one by {format_day(due.isoformat(), 'en')}",
        )
    by_scheme = (
        Words(f"每{months}个月一次（认证制度规定）", f"every {months} months, as the scheme lays down")
        if months and values.get("surveillance")
        else None
    )
    told = [each for each in (by_scheme, following) if each]
    return Words("；".join(each.zh for each in told), "; ".join(each.en for each in told)) if told else None


# Sources as mappings and sheets name them, so that pages name them in both languages.
SOURCES = (_("U.S. EPA ENERGY STAR certified residential refrigerators (open data)"),)

WORDS_FOR_STARS = {
    word: (("level", code),)
    for code, figure, english, number in (
        ("one_star", "一", "one", 1),
        ("two_star", "二", "two", 2),
        ("two_star", "两", "two", 2),
        ("three_star", "三", "three", 3),
    )
    for word in (
        f"{figure}星级",
        f"{number}星级",
        f"{figure}颗星",
        f"{figure}个星",
        f"{number}颗星",
        *(
            f"{count}{kind}"
            for count in (english, str(number))
            for kind in ("-star", " star", " stars", " star rating")
        ),
    )
}

REGISTER = RegisterDefinition(
    slug="green-products",
    position=2,
    mark="绿",
    kind="core",
    label=_("Green-product certificates"),
    label_one=_("Green-product certificate"),
    about=_(
        "Certificates of green products and green attributes: number, body, holder, models, limits and status."
    ),
    schema=GreenProductSchema,
    key=key_of("cert_no", "body_approval_no", fold=fold_number),
    numbering=Numbering(prefix="GP", digits=6, year_field="issued_on"),
    title=Title(
        zh=("product_name_zh",),
        en=("product_name_en",),
        told_apart_by="models",
        told_apart_by_holder=True,
    ),
    life_cycle=LIFE_CYCLE,
    holder=Party(
        "held_by", "organisations", "applicant_uscc", zh="applicant_name_zh", en="applicant_name_en"
    ),
    issuer=Party(
        "certified_by",
        "bodies",
        "body_approval_no",
        zh="body_name_zh",
        label=_("Certified by"),
        role=_("certification body"),
    ),
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "cert_no",
                    "scheme",
                    "level",
                    "route",
                    "models",
                    "models_ended",
                    "unit_code",
                    "manufacturer",
                    "manufacturer_uscc",
                    "factory",
                    "region_code",
                    "gtin",
                    "attributes",
                    "label_form",
                ),
            ),
            Section(
                "validity",
                _("Validity"),
                (
                    "issued_on",
                    "reissued_on",
                    "valid_to",
                    "status_reason",
                    "suspended_until",
                    "decided_on",
                    "replaces_cert_no",
                ),
            ),
            Section(
                "basis",
                _("What was assessed"),
                (
                    "standard_edition",
                    "rule_no",
                    "mode",
                    "test_body",
                    "test_body_approval_no",
                    "report_no",
                    "report_date",
                    "indicators",
                    "surveillance_months",
                    "surveillance_plan",
                    "surveillance",
                ),
            ),
            Section(
                "carbon",
                _("Carbon footprint"),
                ("carbon_kg", "carbon_unit", "carbon_boundary", "carbon_method", "carbon_verifier"),
            ),
        ),
        result_fields=("cert_no", "standard_edition", "valid_to"),
        kicker="scheme",
        key_facts=("status_reason", "issued_on", "valid_to"),
        only_in_states={
            "status_reason": ("suspended", "revoked", "cancelled"),
            "suspended_until": ("suspended",),
        },
        struck_through=("models_ended",),
    ),
    folder=Path(__file__).parent,
    valid_from="issued_on",
    valid_to="valid_to",
    identifiers=("cert_no", "body_approval_no"),
    exact_lookup_fields=("cert_no",),
    kept_completely=("demo",),
    links=(
        LinkSpec(
            "made_by",
            "organisations",
            "manufacturer_uscc",
            _("Made by"),
            _("Certified products made here"),
            role=_("manufacturer"),
        ),
        LinkSpec(
            "tested_by",
            "bodies",
            "test_body_approval_no",
            _("Tested by"),
            _("Certificates tested here"),
            role=_("laboratory"),
        ),
        LinkSpec(
            "based_on",
            "standards",
            "standard_edition",
            _("Certified to the standard"),
            _("Certified to this standard"),
        ),
    ),
    rules=RULES,
    product=ProductFields(models="models", barcodes="gtin", makers=("held_by", "made_by")),
    search=SearchSpec(
        facets=("scheme", "level", "attributes"),
        rank=rank,
        rank_within="scheme",
        date_field="issued_on",
        date_label=_("Issued between"),
        subjects=("product_name_zh", "product_name_en", "status_reason"),
        register_words=(
            "证书",
            "认证证书",
            "认证",
            "认证产品",
            "绿色认证",
            "绿色产品认证",
            "certification",
            "certifications",
            "certified products",
            "certificate",
            "certificates",
            "green certificates",
            "green-product certificate",
        ),
        meanings={
            **dict.fromkeys(
                ("绿色建材", "green building material", "green building materials"),
                (("scheme", "green_building_material"),),
            ),
            **WORDS_FOR_STARS,
        },
    ),
    cautions=(*CAUTIONS, overdue(LIFE_CYCLE)),
    duties=ISSUER,
    due_dates=DUE_DATES,
    linked_due_dates=LINKED_DUE_DATES,
    conflicts=CONFLICTS,
    derived=(
        DerivedFact("label_form", _("Form of the label"), label_form),
        DerivedFact("surveillance_plan", _("Surveillance plan"), surveillance_plan, takes_day=True),
    ),
    marking=MARKING,
    samples=SAMPLES,
    statistics=STATISTICS,
    checks=CheckRules(  # the certification body or the registrar decides on the certificate
        states=("valid",),
        basis=Words("《认证认可条例》", "Regulations on Certification and Accreditation"),
    ),
    near_doubles=(
        NearDouble(
            "near_double",
            "cert_no",
            lambda values: without_confused_letters(str(values.get("cert_no") or "")),
        ),
    ),
    messages={**MESSAGES, **FILING_MESSAGES},
    filing=FILING,
    not_covered=_("Green food (绿色食品) is another scheme and not kept here."),
)
