"""How a grading body files grades: values are entered, the level is worked out, and the publisher decides after a notice.

Third-party bodies confirm grades from results of the last year, and a product is not marked higher than it was graded
(draft opinion of SAMR of 2024-09-26). What a body files is proposed and open for objections; it is not in force before the
publisher has decided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from registry.i18n import _, plural
from registry.kit.filing import AnswerLookup, Filing, FilingStep, FilingWords, Notice, Start
from registry.kit.grading import Level, Scheme, WorkedOut, weighted_rank, work_out_levels
from registry.kit.indicators import indicator_name
from registry.kit.issues import Issue
from registry.kit.rules import RecordLookup
from registry.messages import Message, Messages
from registry.registers.grades import scales
from registry.registers.grades.schema import GradeSchema

LEGAL_BASIS = "《关于开展产品质量分级的实施意见（征求意见稿）》（市场监管总局，2024年9月26日）"
NOTICE_DAYS = 7  # the draft names no number
OF_THE_LEVEL = ("scheme", "overall_rule", "indicators", "level_thresholds")


class Working(NamedTuple):
    """A grade as it is worked out: the level of each indicator with its weight, and the level that follows."""

    scheme: Scheme
    rows: Sequence[Mapping[str, Any]]
    levels: Sequence[WorkedOut]
    level: Level
    is_weighted: bool


def work_out(values: Mapping[str, Any]) -> Working | None:
    """Return how the level follows from what was entered, None where an indicator lacks its level or weight.

    The worst indicator decides, or the weighted mean, rounded to a whole level, a half to the worse one (GB/T 44164-2024).
    """
    entered = {name: values[name] for name in OF_THE_LEVEL if values.get(name)}
    loaded = GradeSchema.load_values(entered, complete=False)
    read = {**loaded.partial_tables, **loaded.values}
    scheme, rule = scales.SCHEMES.of_record(read), read.get("overall_rule")
    rows = read.get("indicators") or ()
    if scheme is None or not rows or rule not in ("min", "weighted"):
        return None
    worked_out = work_out_levels(scheme, rows, read.get("level_thresholds") or ())
    levels = [each.level for each in worked_out if each.level is not None]
    if len(levels) < len(rows):
        return None
    if rule == "min":
        return Working(scheme, rows, worked_out, max(levels, key=lambda level: level.rank), False)
    weights = [row["weight"] for row in rows if isinstance(row.get("weight"), int | float)]
    if len(weights) < len(rows) or not sum(weights) > 0:
        return None
    rank = weighted_rank(levels, weights)
    return Working(scheme, rows, worked_out, scheme.levels[rank - 1], True)


def derive_values(values: Mapping[str, Any], others: RecordLookup) -> Mapping[str, Any]:
    """Return the level as it is worked out, and names and region of the enterprise from the register of organisations."""
    derived: dict[str, Any] = {}
    if working := work_out(values):
        derived["grade"] = working.level.code
    number = str(values.get("org_uscc") or "").strip()
    if known := others.find_record("organisations", number) if number else None:
        derived |= {
            "org_name_zh": known.get("name_zh"),
            "org_name_en": known.get("name_en"),
            "region_code": known.get("region_code"),
        }
        derived["en_sources"] = {"org_name_en": str(known.get("en_source") or "enterprise")}
    return {name: value for name, value in derived.items() if value}


def tell_working(values: Mapping[str, Any], others: RecordLookup) -> Iterator[Issue]:
    """Yield the arithmetic of the level, indicator by indicator."""
    del others
    working = work_out(values)
    if working is None:
        return
    lines, lines_en = [], []
    for row, each in zip(working.rows, working.levels, strict=True):
        figure = f"{row.get('value', '')}{row.get('unit') or ''}"
        weight = f" × {row['weight']:g}" if working.is_weighted else ""
        level = each.level
        name_en = working.scheme.indicator_in_english(row)
        lines.append(f"{indicator_name(row)} {figure} → {level.code if level else ''}{weight}")
        lines_en.append(f"{name_en} {figure} → {level.en_alone if level else ''}{weight}")
    code = "grade_by_weights" if working.is_weighted else "grade_by_worst"
    told: dict[str, object] = {"lines": "; ".join(lines), "value": working.level.code}
    in_english: dict[str, object] = {"lines_en": "; ".join(lines_en), "value_en": working.level.en_alone}
    yield Issue(code, "grade", told | in_english)


ORGANISATION_LOOKUP = AnswerLookup(
    register="organisations",
    hint=_("Its unified social credit code, or words of its name to find it by."),
    heading=_("From the register of organisations"),
    not_found=_("Type its credit code in full."),
    ended=plural(
        "%(count)s deregistered organisation has it; nothing new is issued to it.",
        "%(count)s deregistered organisations have it; nothing new is issued to them.",
    ),
)
STANDARD_LOOKUP = AnswerLookup(
    register="standards",
    hint=_("Its number with the year, or words of its title to find it by"),
    heading=_("From the register of standards"),
    not_found=_("Type its number in full, with the year of the edition."),
    ended=plural("%(count)s ended standard has it.", "%(count)s ended standards have it."),
)
MESSAGES: Messages = {
    "grade_by_worst": Message(
        _("Worked out: %(lines)s. The worst indicator decides: %(value)s."), unspoken=("lines_en", "value_en")
    ),
    "grade_by_weights": Message(
        _(
            "Worked out: %(lines)s. The weighted mean, rounded to a level and a half to the worse one, gives %(value)s."
        ),
        unspoken=("lines_en", "value_en"),
    ),
    "status_not_filed": _("“%(value)s” is decided at the desk, with reason and evidence. Leave it empty."),
    "not_filed": _("This is not filed with a grade: it is decided at the desk. Leave it out."),
    "filed_already": _("The body has filed this grade already: %(number)s."),
}

VALUES = FilingStep(
    "values",
    _("Values and levels"),
    _("Each indicator with its value; the level is worked out"),
    ("overall_rule", "indicators", "level_thresholds", "grade", "grade_claimed"),
    depends_on=("scheme",),
)
EVIDENCE = FilingStep(
    "evidence",
    _("Evidence"),
    _("Certificates and reports of the last year, and that the product is qualified"),
    ("evidence", "qualified", "conformity_report"),
)
FILING = Filing(
    filer="issuer",
    steps=(
        FilingStep(
            "result",
            _("The result"),
            _("Number, scheme, standard and validity"),
            ("result_no", "scheme", "subject_type", "standard_edition", "graded_on", "valid_to"),
        ),
        FilingStep(
            "subject",
            _("Enterprise and product"),
            _("Whose product or service, which models or which site"),
            (
                "org_uscc",
                "org_name_zh",
                "org_name_en",
                "product_name_zh",
                "product_name_en",
                "models",
                "service_site",
            ),
        ),
        VALUES,
        EVIDENCE,
    ),
    organisation_fields={"grader_approval_no": "approval_no", "grader_name_zh": "name_zh"},
    derive=derive_values,
    advise=tell_working,
    start=Start("publicity", "proposed"),
    notice=Notice("objections_until", NOTICE_DAYS),
    legal_basis=LEGAL_BASIS,
    amendable_states=(),
    subject_field="result_no",
    required_by_rules=(
        "subject_type",
        "grade_claimed",
        "qualified",
        "conformity_report",
        "evidence",
        "indicators",
    ),
    not_copied=(
        "result_no",
        "product_name_zh",
        "product_name_en",
        "models",
        "graded_on",
        "valid_to",
        "grade",
        "grade_claimed",
        "evidence",
        "conformity_report",
    ),
    lookups={"org_uscc": ORGANISATION_LOOKUP, "standard_edition": STANDARD_LOOKUP},
    sheet_table_rows={"indicators": 5, "evidence": 2},
    folded_columns={"indicators": ("name_en", "operator", "limit", "limit_to", "thresholds", "method")},
    issue_columns={
        "unit_missing": "unit",
        "range_open": "limit_to",
        "range_backwards": "limit_to",
        "weight_missing": "weight",
        "level_differs": "level",
        "level_not_reached": "level",
        "indicator_below_grade": "level",
    },
    words=FilingWords(
        file=_("File a grade"),
        publish=_("Propose the grade"),
        published=_("The grade is proposed"),
        public_at_once=_(
            "The grade is public as proposed, open for objections, and in force when the publisher has decided."
        ),
        all_records=_("All grades of the body"),
        records=_("Grades"),
        none_yet=_("No grade is filed yet."),
        title_label=_("Product or service"),
        derived_answer=_(
            "Worked out from the values, or taken from the register; it cannot be changed here."
        ),
        by_sheet=_("File many grades in one sheet"),
        sheet_rows=_("Fill it in, one grade a row. Yellow columns are compulsory."),
        sheet_number_hint=_("Leave it empty: a grade is not changed by sheet."),
        filed=_("Filed"),
        can_be_filed=_("Can be filed"),
        events={"filed": _("A grade was filed")},
        before_publishing=(
            _(
                "A grade is public as proposed and open for objections; the publisher decides afterwards whether it comes into force."
            ),
            _("A level better than the one worked out cannot be filed, and none better can be marked."),
            _("Only what the approval of the body covers, on days on which it is approved, can be filed."),
        ),
    ),
)
