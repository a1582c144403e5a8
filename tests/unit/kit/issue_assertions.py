"""Checks that issues which come out of the kit are declared with their parameters."""

from __future__ import annotations

from collections.abc import Iterable

from registry.kit.issues import Issue
from registry.messages import find_message


def codes_of(issues: Iterable[Issue]) -> list[str]:
    """The codes of issues, in order; asserts that each has exactly the parameters that its message declares."""
    codes = []
    for issue in issues:
        message = find_message(issue.code)
        assert message is not None, issue.code
        optional = {"row", "column", *message.optional}
        assert set(issue.params) - optional == set(message.params) - optional, issue
        codes.append(issue.code)
    return codes
