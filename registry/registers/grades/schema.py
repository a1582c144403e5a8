"""Fields of a grading result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit import fields as f
from registry.kit.codes import Code, CodeList
from registry.kit.display import Words
from registry.kit.indicators import indicator_columns, threshold_columns
from registry.kit.schema import SourcedSchema
from registry.reference.identifiers import certificate_numbers as numbers
from registry.registers.grades import scales
from registry.registers.grades.headers import HEADER_WORDS

SUBJECTS = CodeList(
    Code("product", "产品", "product"),
    Code("service", "服务", "service"),
    Code("farm_produce", "农产品", "farm produce"),
    Code("institution", "机构", "institution"),
)

EVIDENCE = CodeList(
    Code("certificate", "认证证书", "certificate", ("证书",)),
    Code("test_report", "检验报告", "test report", ("检测报告", "报告")),
)

OVERALL = CodeList(
    Code("min", "最低项定级", "the worst indicator decides"), Code("weighted", "加权", "weighted")
)


class SchemeName(f.Text):
    """The name of a grading scheme; those we know have English, a scale and a page of their own."""

    @staticmethod
    def words(value: str) -> Words:
        return scales.scheme_words(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return scales.name_of(str(super()._deserialize(value, attr, data, **kwargs)))


class Grade(f.Text):
    """A label of a scheme's scale. Its words are those of the scheme that stands in the same record."""

    @staticmethod
    def words(value: str) -> Words:
        return scales.grade_words(value)

    @staticmethod
    def words_in_record(value: str, values: Mapping[str, Any]) -> Words:
        """The words of the level with its place in the scale: `Level 1, the lowest of five`."""
        return scales.SCHEMES.placed_words(str(values.get("scheme") or ""), value)

    @staticmethod
    def plain_words_in_record(value: str, values: Mapping[str, Any]) -> Words:
        """The words of the level alone: `Level 1`."""
        scheme = scales.SCHEMES.of_record(values)
        return scheme.level_words(value) if scheme else scales.grade_words(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        written = str(super()._deserialize(value, attr, data, **kwargs))
        scheme = data.get("scheme") if isinstance(data, Mapping) else None
        return scales.label_of(str(scheme or ""), written)


def check_approval_number(value: str) -> str | None:
    """Approval numbers of bodies in China have one form; bodies abroad are `F-<ISO 3166>-<short name>`."""
    return None if value.startswith("F-") or numbers.is_body_approval(value) else "approval_no_form"


class GradeSchema(SourcedSchema):
    header_words = HEADER_WORDS

    result_no = f.text(
        _("Result number"),
        required=True,
        max_length=40,
        search="code",
        pattern=r"(DEMO-)?ZLFJ-\d{4}-\d{6}",  # our own form; others are kept with a warning
        example="ZLFJ-2026-000123",
    )
    scheme = SchemeName(
        f.FieldInfo(_("Grading scheme"), facet=True, search="words"), required=True, max_length=80
    )
    subject_type = f.choice(_("Subject"), SUBJECTS)
    org_uscc = f.credit_code(_("Credit code of the enterprise"), required=True, search="mention")
    org_name_zh = f.text(_("Enterprise (Chinese)"), max_length=200, min_length=2, search="party")
    org_name_en = f.text(_("Enterprise (English)"), max_length=200, search="party")
    region_code = f.region_code(_("Region"))
    product_name_zh = f.text(_("Product or service (Chinese)"), required=True, max_length=200, search="name")
    product_name_en = f.text(_("Product or service (English)"), max_length=200, search="name")
    models = f.many(f.text(_("Models"), max_length=100), search="mention")
    service_site = f.text(_("Site of the service"), max_length=300, search="words")
    grade = Grade(f.FieldInfo(_("Grade"), facet=True, search="words"), required=True, max_length=20)
    grade_claimed = Grade(f.FieldInfo(_("Grade marked by the enterprise")), max_length=20)
    grader_approval_no = f.NormalisedText(
        f.FieldInfo(_("Approval number of the grading body"), search="mention"),
        f.IdentifierForm(normalise=numbers.body_approval, soft_check=check_approval_number),
        required=True,
    )
    grader_name_zh = f.text(_("Grading body"), max_length=200, search="party")
    standard_edition = f.standard_number(_("Grading standard"), edition=True, search="mention")
    qualified = f.flag(_("Meets the compulsory standard"))
    conformity_report = f.text(_("Conformity report"), max_length=120, search="mention")
    overall_rule = f.choice(_("How the grade follows"), OVERALL)
    indicators = f.rows(
        _("Graded indicators"),
        columns=indicator_columns(
            "name_zh",
            "name_en",
            "operator",
            "limit",
            "limit_to",
            "value",
            "unit",
            "thresholds",
            "level",
            "weight",
            "method",
        ),
    )
    level_thresholds = f.rows(_("Thresholds of the levels"), columns=threshold_columns())
    evidence = f.rows(
        _("Evidence"),
        columns={
            "type": f.choice(_("Type"), EVIDENCE),
            "number": f.text(_("Number"), max_length=80, search="mention"),
            "date": f.day(_("Date")),
            "valid_to": f.day(_("Valid until")),
        },
    )
    graded_on = f.day(_("Graded"), required=True)
    valid_to = f.day(_("Valid until"), required=True)
    mark_download = f.day(_("Mark issued"))
    objections_until = f.day(_("Open for objections until"))
    complaints = f.rows(
        _("Objections"),
        columns={
            "received_on": f.day(_("Received")),
            "about": f.text(_("About"), max_length=200),
            "finding": f.text(_("Finding"), max_length=300),
            "answered_on": f.day(_("Answered")),
        },
    )
    status_reason = f.text(_("Reason of the status"), max_length=200, search="words")
    grade_before = Grade(f.FieldInfo(_("Grade before")), max_length=20)
    decided_on = f.day(_("Decided on"))
    supersedes = f.many(f.text(_("Takes the place of the results"), max_length=40), search="mention")
