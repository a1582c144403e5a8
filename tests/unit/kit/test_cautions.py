"""Cautions: found by rules, shown in words, and never beside a plain badge where they forbid it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from registry.kit.cautions import (
    Caution,
    CautionKind,
    CautionRule,
    Day,
    LinkedFacts,
    Since,
    Subject,
    caution_view,
    days_after,
    find_cautions,
    linked_in_state,
    next_caution_day,
    qualified_status,
)
from registry.kit.cautions import overdue as overdue_by_deadlines
from registry.kit.display import StatusView, Words
from registry.kit.life_cycle import Deadline, LifeCycle, State

TODAY = dt.date(2026, 11, 29)
VALID = StatusView("valid", "有效", "Valid", "in_force", "live")
REVOKED = CautionKind(code="gone", zh="已撤销", en="Gone", sentence="%(number)s is gone.", not_plain=True)
OVERDUE = CautionKind(code="overdue", zh="逾期", en="Overdue", sentence="Due since %(day)s.")


def overdue(subject: Subject) -> Iterator[Caution]:
    due = dt.date.fromisoformat(subject.values["due_on"])
    if due < subject.today:
        yield Caution("overdue", {"day": Day(due.isoformat())})


OVERDUE_RULE = CautionRule(
    kinds=(OVERDUE,),
    check=overdue,
    days=lambda values: [dt.date.fromisoformat(values["due_on"]) + dt.timedelta(days=1)],
)


def linked(status: str) -> LinkedFacts:
    return LinkedFacts("by", "bodies", "B1", "B-1", status, "ended", Words("甲", "A"), {})


def test_a_rule_sees_the_record_the_day_and_what_it_links_to() -> None:
    rules = (linked_in_state(REVOKED, "by", ("revoked",)), OVERDUE_RULE)
    subject = Subject({"due_on": "2026-11-28"}, "valid", TODAY, [linked("revoked")])
    found = find_cautions(rules, subject, "in_force")
    assert [each.code for each in found] == ["gone", "overdue"]
    assert found[0].message("en") == "B-1 is gone."
    assert found[1].message("en") == "Due since 28 November 2026."


def test_what_is_due_today_is_not_overdue() -> None:
    subject = Subject({"due_on": "2026-11-29"}, "valid", TODAY)
    assert find_cautions((OVERDUE_RULE,), subject, "in_force") == ()


def test_an_ended_record_has_none_unless_the_rule_says_so() -> None:
    subject = Subject({}, "revoked", TODAY, [linked("revoked")])
    assert find_cautions((linked_in_state(REVOKED, "by", ("revoked",)),), subject, "ended") == ()
    always = linked_in_state(REVOKED, "by", ("revoked",), standings=("ended",))
    assert [each.code for each in find_cautions((always,), subject, "ended")] == ["gone"]


def test_two_linked_records_give_one_mark() -> None:
    subject = Subject({}, "valid", TODAY, [linked("revoked"), linked("revoked")])
    assert len(find_cautions((linked_in_state(REVOKED, "by", ("revoked",)),), subject, "in_force")) == 1


def test_a_record_in_force_elsewhere_has_words_and_badge_of_its_own() -> None:
    abroad = CautionKind(
        code="abroad", zh="境外", en="Abroad", sentence="", in_force=Words("境外有效", "In force abroad")
    )
    rule = linked_in_state(abroad, "by", ("revoked",))
    subject = Subject({}, "valid", TODAY, [linked("revoked")])
    found = find_cautions((rule,), subject, "in_force")
    assert qualified_status(VALID, found) == VALID._replace(
        zh="境外有效", en="In force abroad", badge="abroad"
    )
    assert found[0].qualifies
    suspended = VALID._replace(badge="hold")
    assert qualified_status(suspended, found) == suspended  # what it no longer is, it is not abroad either
    doubted = find_cautions((rule, linked_in_state(REVOKED, "by", ("revoked",))), subject, "in_force")
    assert qualified_status(VALID, doubted).badge == "act"
    exact = caution_view(abroad, {"in_force": Words("甲国有效", "In force in A")})
    assert qualified_status(VALID, (exact,)).en == "In force in A"


def test_the_plain_badge_gives_way() -> None:
    subject = Subject({"due_on": "2026-01-01"}, "valid", TODAY, [linked("revoked")])
    doubted = find_cautions((linked_in_state(REVOKED, "by", ("revoked",)),), subject, "in_force")
    assert qualified_status(VALID, doubted).badge == "act"
    marked = find_cautions((OVERDUE_RULE,), subject, "in_force")
    assert qualified_status(VALID, marked).badge == "live"
    suspended = VALID._replace(badge="hold")
    assert qualified_status(suspended, doubted).badge == "hold"


def test_the_next_day_on_which_a_date_matters() -> None:
    values = {"due_on": "2026-11-29"}
    assert next_caution_day((OVERDUE_RULE,), values, TODAY) == dt.date(2026, 11, 30)
    assert next_caution_day((OVERDUE_RULE,), values, dt.date(2026, 11, 30)) is None


@pytest.mark.parametrize(
    ("since", "dated", "sentences"),
    [
        (Since("2026-05-02", is_decided=True), "Gone on %(since)s.", ["Gone on 2 May 2026.", "Note."]),
        (Since("2026-05-02", is_decided=False), "Gone on %(since)s.", ["Gone.", "Shown here since 2 May 2026.", "Note."]),
        (Since("2026-05-02", is_decided=True), "", ["Gone.", "Note."]),
        (None, "Gone on %(since)s.", ["Gone.", "Note."]),
    ],
)  # fmt: skip
def test_since_when_a_linked_record_is_in_its_state(
    since: Since | None, dated: str, sentences: list[str]
) -> None:
    kind = CautionKind(code="gone", zh="已撤销", en="Gone", sentence="Gone.", dated=dated)
    view = caution_view(kind, {"since": since}, ("Note.",))
    assert view.message("en") == " ".join(sentences)


def test_sentences_stand_with_blanks_between_in_english_only() -> None:
    view = caution_view(REVOKED, {"number": Words("甲", "")}, ("Note %(number)s.",))
    assert view.message("en") == "甲 is gone. Note 甲."
    assert view.message("zh") == "甲 is gone.Note 甲."
    later = view._replace(learned_later=True)
    assert later.message("en") == "甲 is gone. Note 甲. The register learned this only after that day."
    other = caution_view(REVOKED, {"number": Words("", "A")})
    assert other.message("zh") == "A is gone."


def test_the_day_after_each_date_that_is_stated() -> None:
    assert days_after("2026-02", "", None, "2025-12-31") == [dt.date(2026, 3, 1), dt.date(2026, 1, 1)]
    assert days_after("9999-12-31", "9999-12-30") == [dt.date(9999, 12, 31)]


def test_a_deadline_is_a_caution_from_the_day_after_it() -> None:
    state = State(code="valid", zh="", en="", standing="in_force", badge="live", explanation="")
    review = Deadline(
        code="late", states=("valid",), zh="迟", en="Late", meaning="Due by %(due)s.", field="review_by"
    )
    rule = overdue_by_deadlines(
        LifeCycle(states=(state,), transitions=(), default_status="valid", deadlines=(review,))
    )
    values = {"review_by": "2026-11-29"}
    assert find_cautions((rule,), Subject(values, "valid", TODAY), "in_force") == ()
    assert next_caution_day((rule,), values, TODAY) == dt.date(2026, 11, 30)
    (late,) = find_cautions((rule,), Subject(values, "valid", dt.date(2026, 11, 30)), "in_force")
    assert late.message("en") == "Due by 29 November 2026."
    for written in ("9999-12-31", ""):  # no day comes after it, or there is none
        assert next_caution_day((rule,), {"review_by": written}, TODAY) is None
