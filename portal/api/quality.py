"""Figures on the quality of the register in the API: reports and their answers, looks at confidential parts. The same as the page shows."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import fields as f

from portal.api.answers import BilingualSchema
from registry.accounts.policy import ANONYMOUS
from registry.services import confidential, reports
from registry.services.bootstrap import Registry
from registry.services.confidential import LookYearView
from registry.services.reports import ReportFiguresView

Json = dict[str, Any]


class CodedSchema(BilingualSchema):
    """A code with its words."""

    code = f.String(required=True)


class ReportFiguresSchema(ma.Schema):
    """Reports of one kind. `challenging`: open ones that have put a record under challenge; `answered`, `median_working_days`, `outcomes`: of those answered within a year."""

    kind = f.String(required=True)
    open = f.Integer(required=True)
    overdue = f.Integer(required=True)
    challenging = f.Integer(required=True)
    answered = f.Integer(required=True)
    median_working_days = f.Integer(required=True, allow_none=True)
    outcomes = f.Dict(keys=f.String(), values=f.Integer(), required=True)


class LooksForReasonSchema(ma.Schema):
    """How often a reason was given."""

    reason = f.Nested(CodedSchema, required=True)
    looks = f.Integer(required=True)


class LooksAtKindSchema(ma.Schema):
    """How often one kind of confidential thing was looked at, and for which reasons."""

    kind = f.Nested(CodedSchema, required=True)
    looks = f.Integer(required=True)
    reasons = f.List(f.Nested(LooksForReasonSchema), required=True)


class LooksOfYearSchema(ma.Schema):
    """The looks at confidential parts in a year in the time of China; of this year, up to now."""

    year = f.Integer(required=True)
    looks = f.Integer(required=True)
    kinds = f.List(f.Nested(LooksAtKindSchema), required=True)


class QualitySchema(ma.Schema):
    """Figures on how the register is kept. `confidential_looks`: of the last ten years with looks, the newest first."""

    reports = f.List(f.Nested(ReportFiguresSchema), required=True)
    confidential_looks = f.List(f.Nested(LooksOfYearSchema), required=True)


def quality_json(registry: Registry) -> Json:
    """Return the figures of the quality page for programs; no person is in them."""
    return {
        "reports": [_reports(each) for each in reports.list_report_figures(registry, ANONYMOUS)],
        "confidential_looks": [_looks(each) for each in confidential.list_look_figures(registry, ANONYMOUS)],
    }


def _reports(each: ReportFiguresView) -> Json:
    return {
        "kind": each.kind,
        "open": each.open,
        "overdue": each.overdue,
        "challenging": each.challenging,
        "answered": each.answered,
        "median_working_days": each.median_days,
        "outcomes": dict(each.outcomes),
    }


def _looks(year: LookYearView) -> Json:
    return {
        "year": year.year,
        "looks": year.looks,
        "kinds": [
            {
                "kind": {"code": each.code, "zh": each.kind.zh, "en": each.kind.en},
                "looks": each.looks,
                "reasons": [
                    {
                        "reason": {"code": given.code, "zh": given.words.zh, "en": given.words.en},
                        "looks": given.looks,
                    }
                    for given in each.reasons
                ],
            }
            for each in year.figures
        ],
    }
