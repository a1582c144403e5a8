"""Issues: numbers of people in what they quote, and how many of them are told."""

from __future__ import annotations

import pytest

from registry.kit.issues import Issue, first_issues

RESIDENT = "11010519491231002X"


def test_what_an_issue_quotes_has_no_number_of_a_person() -> None:
    issue = Issue("wrong_type", "note", {"row": 1, "value": f"a {RESIDENT}", "other": RESIDENT})
    assert issue.params == {"row": 1, "value": "a 1101**********002X", "other": "1101**********002X"}
    plain = {"value": "110105194912310021", "row": 1}
    assert Issue("wrong_type", "note", plain).params == plain


@pytest.mark.parametrize(("count", "told"), [(0, []), (2, [0, 1]), (3, [0, 1, 2])])
def test_so_many_issues_are_told_as_they_are(count: int, told: list[int]) -> None:
    issues = [Issue("wrong_type", "note", {"row": row}) for row in range(count)]
    assert first_issues(issues, 3) == tuple(issues[row] for row in told)


def test_of_more_issues_the_first_of_each_kind_are_told() -> None:
    issues = [Issue("wrong_type", "note", {"row": row}) for row in range(4)] + [Issue("required", "name")]
    assert first_issues(issues, 4) == (
        issues[0], issues[1], issues[4], Issue("more_issues", params={"count": 3}),
    )  # fmt: skip
    assert first_issues(issues, 5) == tuple(issues)


def test_an_issue_as_it_is_stored_and_softened() -> None:
    issue = Issue("wrong_type", "note", {"row": 1})
    stored = {"code": "wrong_type", "field": "note", "params": {"row": 1}}
    assert issue.as_json() == stored
    assert Issue("wrong_type", "note", {"row": 1}, of_source=True).as_json() == {**stored, "of_source": True}
    assert (issue.severity, issue.as_warning().severity, issue.as_doubt().severity) == (
        "blocks",
        "warns",
        "doubts",
    )
