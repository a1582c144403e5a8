"""Codes in words: the language of the reader, names and statuses in it, and messages that can never break a page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.errors import Conflict, Forbidden, Stale
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services.issue_messages import issue_message, issues_as_json, refusal_issue, refusal_message


def test_an_issue_in_either_language() -> None:
    issue = Issue("after_today", "founded_on", {"value": "2030-01-01"})
    assert issue_message(issue, "en") == "2030-01-01 lies in the future."
    assert "2030-01-01" in issue_message(issue, "zh")
    assert issue_message(issue, "zh") != issue_message(issue, "en")


def test_a_day_is_told_in_words_and_what_was_written_is_quoted() -> None:
    over = Issue("objections_over", "n", {"number": "2026-01-02", "due": "2026-09-15"})
    assert "to 2026-01-02 ended on 15 September 2026." in issue_message(over, "en")
    assert "2026年9月15日" in issue_message(over, "zh")
    for odd in ("2026-09-31x", "2026-09", "２０２６-09-15"):
        assert odd in issue_message(replace(over, params={"number": "1", "due": odd}), "zh")


def test_a_row_has_its_english_name_for_readers_of_english_only() -> None:
    issue = Issue("unit_missing", "indicators", {"row": 1, "name": "甲醛", "name_en": "Formaldehyde"})
    assert "Formaldehyde" in issue_message(issue, "en")
    assert "甲醛" in issue_message(issue, "zh")
    assert "Formaldehyde" not in issue_message(issue, "zh")


def test_a_row_without_an_english_name_has_the_one_that_tables_show() -> None:
    params = {"row": 1, "name": "甲醛释放量"}
    assert "“Formaldehyde emission”" in issue_message(Issue("unit_missing", "indicators", params), "en")
    unknown = {"row": 1, "name": "某某指标"}
    assert "“某某指标”" in issue_message(Issue("unit_missing", "indicators", unknown), "en")


def test_a_status_is_told_by_its_word() -> None:
    brands = catalogue()["brands"]
    listed = brands.life_cycle.state(brands.life_cycle.default_status)
    issue = Issue("not_a_transition", "status", {"before": listed.code, "after": "no state"})
    assert f"“{listed.en}”" in issue_message(issue, "en", brands)
    assert f"“{listed.zh}”" in issue_message(issue, "zh", brands)
    assert "no state" in issue_message(issue, "en", brands)
    assert f"“{listed.code}”" in issue_message(issue, "en")  # no register, no words


def test_a_register_words_its_own_codes() -> None:
    issue = Issue("valid_too_long", "valid_to", {"years": 5})
    assert "5 years" in issue_message(issue, "en", catalogue()["green-products"])
    assert issue_message(issue, "en") == "valid_too_long"  # another register may mean something else


@pytest.mark.parametrize("params", [{}, {"other": 1}])
def test_a_missing_parameter_breaks_no_message(params: dict[str, object]) -> None:
    assert issue_message(Issue("after_today", "day", params), "en").startswith(
        "%(value)s lies in the future."
    )


def test_a_refusal_in_either_language_and_as_an_issue() -> None:
    refusal = Stale("draft_saved_meanwhile", name="Mei")
    assert refusal_message(refusal, "en") == "Mei has saved this draft meanwhile."
    assert refusal_message(refusal, "zh").startswith("Mei")
    assert refusal_issue(refusal) == Issue("draft_saved_meanwhile", "", {"name": "Mei"})
    assert refusal_message(Conflict("claim_decided"), "en").endswith(".")


def test_the_log_shows_code_and_parameters_of_a_refusal() -> None:
    assert str(Forbidden("own_claim")) == "own_claim"
    assert str(Stale("draft_saved_meanwhile", name="Mei")) == "draft_saved_meanwhile {'name': 'Mei'}"


def test_issues_for_programs() -> None:
    [told] = issues_as_json([Issue("after_today", "day", {"value": "2030"})])
    assert told == {
        "code": "after_today",
        "field": "day",
        "params": {"value": "2030"},
        "message": "2030 lies in the future.",
    }
