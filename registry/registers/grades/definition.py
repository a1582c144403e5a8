"""The register of grading results, put together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from registry.i18n import _
from registry.kit.definition import (
    DerivedFact,
    Layout,
    Numbering,
    ProductFields,
    RegisterDefinition,
    SearchSpec,
    Section,
    Succession,
    Title,
    key_of,
)
from registry.kit.display import Words
from registry.kit.links import LinkSpec, Party
from registry.kit.near_doubles import NearDouble, without_confused_letters
from registry.kit.random_check import CheckRules
from registry.reference.text.folding import fold_name, fold_number
from registry.registers.grades import scales
from registry.registers.grades.application import APPLICATION
from registry.registers.grades.cautions import CAUTIONS, GRADER, LINKED_DUE_DATES
from registry.registers.grades.filing import FILING
from registry.registers.grades.filing import MESSAGES as FILING_MESSAGES
from registry.registers.grades.life_cycle import LIFE_CYCLE
from registry.registers.grades.marking import MARKING
from registry.registers.grades.rules import MESSAGES, RULES
from registry.registers.grades.samples import SAMPLES
from registry.registers.grades.schema import GradeSchema


def rank(values: Mapping[str, Any]) -> int:
    """Rank within the scheme's scale, 1 = best; 0 where the scheme or grade is not known."""
    found = scales.SCHEMES.level_of(values)
    return found.rank if found else 0


def subjects(values: Mapping[str, Any]) -> Iterator[tuple[str, ...]]:
    """What a result is about: holder, scheme and each model; of a service or an institution its name and site."""
    holder, scheme = str(values.get("org_uscc") or ""), str(values.get("scheme") or "")
    if not holder or not scheme:
        return
    if models := values.get("models"):
        yield from ((scheme, holder, fold_name(str(model))) for model in models)
    elif site := values.get("service_site"):
        yield scheme, holder, fold_name(str(values.get("product_name_zh") or "")), fold_name(str(site))


def subjects_of_day(values: Mapping[str, Any]) -> tuple[str, ...]:
    """What a result is about, with the day of grading: two results under one such key are not told apart by their dates."""
    day = str(values.get("graded_on") or "")
    return tuple("|".join((*subject, day)) for subject in subjects(values)) if day else ()


MARK_USES = {
    "valid": Words("可使用", "may be used"),
    "downgraded": Words("仅可使用现等级标识", "only with the grade now in force"),
    "under_check": Words("可使用", "may be used"),
    "suspended": Words("暂停使用", "suspended"),
}
NO_USE = Words("不得使用", "must not be used")


def mark_use(values: Mapping[str, Any], status: str) -> Words:
    """What the state of the grade allows (draft opinion of SAMR of 2024-09-26)."""
    del values
    return MARK_USES.get(status, NO_USE)


FIGURES = "一二三四五"
# What people call the labels of usual scales: AAAAA is 5个A, grade 1 of an energy label is 一级能效.
WORDS_FOR_GRADES = {
    **{
        word: (("grade", "A" * count),)
        for count, figure in enumerate(FIGURES, start=1)
        for word in (
            *(f"{number}{letter}" for number in (str(count), figure) for letter in ("个A", "A级", "A级别")),
            f"{'A' * count}级",
            *((f"{count}A", "A" * count) if count > 1 else ()),
        )
    },
    **{
        word: (("grade", str(count)),)
        for count, figure in enumerate(FIGURES, start=1)
        for word in (
            *(
                text
                for number in (str(count), figure)
                for kind in ("能效", "水效", "能耗")
                for text in (f"{number}级{kind}", f"{kind}{number}级", f"{kind}等级{number}级")
            ),
            *(
                text
                for level in ("grade", "level", "class")
                for kind in ("energy efficiency", "energy", "water efficiency")
                for text in (f"{level} {count} {kind}", f"{kind} {level} {count}")
            ),
        )
    },
}

REGISTER = RegisterDefinition(
    slug="grades",
    position=3,
    mark="级",
    kind="core",
    label=_("Quality grades"),
    label_one=_("Quality grade"),
    about=_(
        "Quality grades of products and services: the scheme, the grading body, the evidence and how long the grade is valid."
    ),
    schema=GradeSchema,
    key=key_of("result_no", fold=fold_number),
    numbering=Numbering(prefix="QG", digits=6, year_field="graded_on"),
    title=Title(
        zh=("product_name_zh",),
        en=("product_name_en",),
        told_apart_by="models",
        told_apart_by_holder=True,
    ),
    life_cycle=LIFE_CYCLE,
    holder=Party("held_by", "organisations", "org_uscc", zh="org_name_zh", en="org_name_en"),
    issuer=Party(
        "graded_by",
        "bodies",
        "grader_approval_no",
        zh="grader_name_zh",
        label=_("Graded by"),
        role=_("grading body"),
    ),
    layout=Layout(
        sections=(
            Section(
                "facts",
                _("Main facts"),
                (
                    "result_no",
                    "grade",
                    "scheme",
                    "grade_claimed",
                    "grade_before",
                    "subject_type",
                    "models",
                    "service_site",
                    "region_code",
                ),
            ),
            Section(
                "validity",
                _("Validity"),
                (
                    "graded_on",
                    "valid_to",
                    "mark_use",
                    "mark_download",
                    "objections_until",
                    "status_reason",
                    "decided_on",
                    "complaints",
                    "supersedes",
                ),
            ),
            Section(
                "basis",
                _("How it was graded"),
                (
                    "standard_edition",
                    "qualified",
                    "conformity_report",
                    "overall_rule",
                    "indicators",
                    "level_thresholds",
                    "evidence",
                ),
            ),
        ),
        result_fields=("grade", "scheme", "valid_to"),
        kicker="scheme",
        key_facts=("grade", "graded_on", "valid_to", "objections_until"),
    ),
    folder=Path(__file__).parent,
    valid_from="graded_on",
    valid_to="valid_to",
    identifiers=("result_no",),
    exact_lookup_fields=("result_no",),
    kept_completely=("demo",),
    links=(
        LinkSpec(
            "based_on",
            "standards",
            "standard_edition",
            _("Graded by the standard"),
            _("Graded by this standard"),
        ),
        LinkSpec(
            "supersedes",
            "grades",
            "supersedes",
            _("Takes the place of the older result"),
            _("Its place has been taken by the newer result"),
        ),
        LinkSpec(  # made by the succession alone: no field states it
            "supersedes_in_part",
            "grades",
            "models",
            _("Takes the place of an older result for some of its models"),
            _("A newer result takes its place for some of the models"),
            key=lambda _values: "",
        ),
    ),
    succession=Succession("supersedes", "supersedes_in_part", subjects),
    rules=RULES,
    cautions=CAUTIONS,
    linked_due_dates=LINKED_DUE_DATES,
    duties=GRADER,
    schemes=scales.SCHEMES,
    product=ProductFields(models="models", makers=("held_by",)),
    search=SearchSpec(
        facets=("scheme", "grade"),
        rank=rank,
        date_field="graded_on",
        date_label=_("Graded between"),
        subjects=("product_name_zh", "product_name_en"),
        date_words=("定级", "graded"),
        register_words=(
            "分级",
            "质量分级",
            "分级结果",
            "评级",
            "评级结果",
            "质量等级",
            "quality grade",
            "grade",
            "grades",
            "gradings",
            "graded products",
            "ratings",
        ),
        meanings=WORDS_FOR_GRADES,
    ),
    derived=(DerivedFact("mark_use", _("Use of the mark"), mark_use),),
    checks=CheckRules(
        states=("valid", "downgraded"),
        failed="check_opened",  # the body then keeps, lowers or revokes the grade
        basis=Words("《产品质量法》第十五条", "Product Quality Law, Art. 15"),
    ),
    marking=MARKING,
    samples=SAMPLES,
    near_doubles=(
        NearDouble(
            "near_double",
            "result_no",
            lambda values: without_confused_letters(str(values.get("result_no") or "")),
        ),
        NearDouble("graded_twice", "graded_on", subjects_of_day, both_stand=True),
    ),
    messages={**MESSAGES, **FILING_MESSAGES},
    filing=FILING,
    application_filing=APPLICATION,
)
