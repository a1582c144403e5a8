"""Cautions: found by rules, shown in words, and never beside a plain badge where they forbid it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from registry.kit.cautions import (
    Caution,
    CautionKind,
    CautionRule,
    Day,
    LinkedFacts,
    Subject,
    caution_view,
    find_cautions,
    linked_in_state,
    next_caution_day,
    qualified_status,
)
from registry.kit.display import StatusView, Words

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
