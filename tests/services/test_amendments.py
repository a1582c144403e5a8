"""What is public is amended: with a reason, knowingly, and never into another record."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Invalid
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import draft_differences, drafts
from registry.services.filing.amendment_reasons import Amendment
from registry.services.filing.drafts import DraftSubmission, NewDraft
from registry.services.records import projections, reading
from tests.services import samples
from tests.services.filers import (
    DECLARATIONS,
    INDICATORS,
    INVALID_AMENDMENTS,
    OWN_STANDARD,
    STRICTER_INDICATORS,
    amend_declaration,
    file_declaration,
    firm,
    issues_of,
)
from tests.services.members import SLUG, sign_up_owner

__all__ = ["firm"]


def test_a_record_of_the_same_key_is_amended_not_filed_twice(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    assert issues_of(firm, mei, OWN_STANDARD) == {("filed_already", "product_name_zh")}
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    assert (
        drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number)) == draft
    )  # one amendment at a time
    view = drafts.get_draft(firm, mei.actor, SLUG, draft)
    assert (view.amends, view.ready, view.typed["models"]) == (number, True, "QY-10\nQY-20")
    assert amend_declaration(firm, mei, number, {"indicators": STRICTER_INDICATORS}) == number
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
    history = reading.get_history(firm, ANONYMOUS, pointer, "en").history
    assert [step.reason for step in history] == ["Indicators changed", "Declared"]
    other = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    drafts.save_draft(firm, mei.actor, SLUG, other, revision=1, typed={"product_name_zh": "实木餐椅"})
    found = {issue.code for issue in drafts.get_draft(firm, mei.actor, SLUG, other).issues}
    assert found == {"another_record"}


def test_an_amendment_cannot_postpone_a_record_in_force(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    later = (clock.today() + dt.timedelta(days=30)).isoformat()
    drafts.save_draft(firm, mei.actor, SLUG, draft, revision=1, typed={"effective_from": later})
    [issue] = drafts.get_draft(firm, mei.actor, SLUG, draft).issues
    assert (issue.code, issue.field) == ("begins_later", "effective_from")


def test_an_amendment_needs_a_reason(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    missing = ("", "", ("amended_because", "amended_because"))
    for reason, note, wanted in (missing, *INVALID_AMENDMENTS):
        with pytest.raises(Invalid) as refused:
            amend_declaration(firm, mei, number, {"indicators": STRICTER_INDICATORS}, Amendment(reason, note))
        assert [(issue.code, issue.field) for issue in refused.value.issues] == [wanted]
        drafts.discard_draft(
            firm,
            mei.actor,
            SLUG,
            drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number)),
        )
    amend_declaration(
        firm, mei, number, {"indicators": STRICTER_INDICATORS}, Amendment("amended_otherwise", "换了检测机构")
    )
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
    zh, en = (reading.get_history(firm, ANONYMOUS, pointer, lang).history[0] for lang in ("zh", "en"))
    assert (zh.reason, en.reason) == ("其他原因", "Another reason")
    assert [each.after for each in en.changes if each.label == "Note on the amendment"] == ["换了检测机构"]
    [changed] = [each for each in en.changes if each.label == "Indicators"]
    assert ("0.04" in changed.before, "0.03" in changed.after) == (True, True)
    assert "抗弯强度" not in changed.before + changed.after  # of tables only the rows that differ
    amend_declaration(firm, mei, number, {"indicators": INDICATORS})
    document = projections.record_json(firm, ANONYMOUS, pointer)["document"]
    assert "change_note" not in document  # a note belongs to its own amendment


def test_an_amendment_without_changes_is_refused(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    with pytest.raises(Invalid) as refused:
        amend_declaration(firm, mei, number, {})
    assert [issue.code for issue in refused.value.issues] == ["nothing_changed"]


def test_an_amendment_of_a_stale_version_is_refused(firm: Registry, tmp_path: Path) -> None:
    """The registrar changes the record while a draft waits: the filer is told, shown it, and may take it over."""
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    drafts.save_draft(firm, mei.actor, SLUG, draft, revision=1, typed={"indicators": STRICTER_INDICATORS})
    shown = draft_differences.compare_draft_with_record(firm, mei.actor, SLUG, draft, lang="en")
    assert shown is not None
    assert (shown.version, shown.record_changed, [each.label for each in shown.changes]) == (
        1,
        False,
        ["Indicators"],
    )
    document = dict(
        projections.record_json(
            firm, ANONYMOUS, reading.locate_record(firm, ANONYMOUS, "declarations", number)
        )["document"]
    )
    sheet = samples.write_sheet(
        tmp_path / "changed.csv", "declarations", [{**document, "category": "0704", "status": "active"}]
    )
    import_files(firm, REGISTRAR, "declarations", [sheet])
    with pytest.raises(Invalid) as refused:
        drafts.file_draft(
            firm,
            mei.actor,
            SLUG,
            draft,
            submitted=DraftSubmission(2, "王强", Amendment("amended_indicators", "", shown.version)),
        )
    assert [issue.code for issue in refused.value.issues] == ["record_moved"]
    shown = draft_differences.compare_draft_with_record(firm, mei.actor, SLUG, draft, lang="en")
    assert shown is not None
    assert (shown.version, shown.record_changed) == (2, True)
    assert [(each.label, each.before, each.after) for each in shown.record_changes] == [
        ("Product category", "Wooden furniture", "Metal furniture")
    ]
    draft_differences.rebase_draft(firm, mei.actor, SLUG, draft)
    view = drafts.get_draft(firm, mei.actor, SLUG, draft)
    assert (view.revision, view.typed["category"], view.typed["indicators"]) == (
        3,
        "0704",
        STRICTER_INDICATORS,
    )
    shown = draft_differences.compare_draft_with_record(firm, mei.actor, SLUG, draft, lang="en")
    assert shown is not None
    assert (shown.record_changed, shown.record_changes) == (False, ())
    drafts.file_draft(
        firm,
        mei.actor,
        SLUG,
        draft,
        submitted=DraftSubmission(3, "王强", Amendment("amended_indicators", "", shown.version)),
    )
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
    assert projections.record_json(firm, ANONYMOUS, pointer)["document"]["category"] == "0704"


def test_an_amendment_with_another_key_is_reported_at_the_key_field(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    drafts.save_draft(firm, mei.actor, SLUG, draft, revision=1, typed={"std_no": "Q/HZQY 0004-2026"})
    found = [(issue.code, issue.field) for issue in drafts.get_draft(firm, mei.actor, SLUG, draft).issues]
    assert found == [("another_record", "std_no")]
