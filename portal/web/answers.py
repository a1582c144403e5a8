"""The questions of a filing under their headings, to show answers by."""

from __future__ import annotations

from registry.kit.filing import FilingStep
from registry.registers import catalogue
from registry.services import filing
from registry.services.filing import QuestionView


def answer_groups(register: str) -> list[tuple[FilingStep, tuple[QuestionView, ...]]]:
    """Return the pages of questions of a register, each with its questions."""
    steps = filing.filing_of(catalogue()[register]).steps
    return [(step, filing.list_questions(register, step.fields)) for step in steps]
