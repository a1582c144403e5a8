"""Declarations filed by enterprises: drafts, two editors, what is refused and how, publication."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, SYSTEM
from registry.errors import Forbidden, Invalid, NotFound, Stale
from registry.kit.draft import Draft, Receipt
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import (
    annual_confirmation,
    drafts,
    filed_lists,
    filed_records,
    receipts,
    submission,
)
from registry.services.filing.drafts import DraftSubmission, NewDraft, PublishedDraft
from registry.services.filing.questions import describe_issue, list_questions
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.operations import relay
from registry.services.people import claims
from registry.services.people.sessions import UserSession
from registry.services.records import projections, reading
from registry.store.unit_of_work import read_transaction as read
from tests.services import people, samples
from tests.services.filers import (
    DECLARATIONS,
    INDICATORS,
    INVALID_DRAFTS,
    NATIONAL_STANDARD,
    NOW,
    OTHER_FIRM_NUMBER,
    OWN_STANDARD,
    at,
    file_declaration,
    firm,
    issues_of,
    save_draft,
)
from tests.services.members import FIRM_NUMBER, LIN, SLUG, WEI, sign_up_member, sign_up_owner, submit_claim
from tests.services.people import read_mails

__all__ = ["firm"]


def test_an_own_standard_is_published_immediately_with_a_receipt(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    relay.run_relay_once(firm)
    [found] = search.find_records(firm, ANONYMOUS, SearchRequest("QY-20"), "zh").rows
    assert found.number == number
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
    shown = projections.record_json(firm, ANONYMOUS, pointer)
    assert (shown["status"], shown["holder"]["number"]) == ("active", FIRM_NUMBER)
    assert shown["document"]["models"] == ["QY-10", "QY-20"]
    assert shown["document"]["indicators"][0]["value"] == 0.04
    assert shown["document"]["declared_on"] == clock.today().isoformat()
    assert shown["document"]["below_voluntary"] is False
    receipt = receipts.get_receipt(firm, mei.actor, at(number))
    assert (receipt.number, receipt.hash, receipt.index, receipt.signer, receipt.retractable) == (
        number,
        shown["entry"]["hash"],
        shown["entry"]["index"],
        "王强",
        True,
    )
    view = reading.get_record(firm, ANONYMOUS, pointer, "en")
    assert [(step.reason, step.actor_role) for step in view.history] == [("Declared", "Enterprise")]
    assert view.history[0].legal_basis.startswith("《中华人民共和国标准化法》第二十七条")
    assert read_mails(firm)[-1]["Subject"] == f"Receipt for {number}"
    assert drafts.list_drafts(firm, mei.actor, SLUG, DECLARATIONS) == ()


def test_what_an_invented_firm_files_is_marked_as_invented(firm: Registry, tmp_path: Path) -> None:
    mei = sign_up_owner(firm)
    before = file_declaration(firm, mei, OWN_STANDARD)
    name = {"uscc": FIRM_NUMBER, "name_zh": "杭州青屿家具有限公司（演示）", "demo": "true"}
    sheet = samples.write_sheet(tmp_path / "organisations.csv", "organisations", [name])
    import_files(firm, REGISTRAR, "organisations", [sheet])
    after = file_declaration(firm, mei, NATIONAL_STANDARD)
    shown = {
        number: projections.record_json(
            firm, ANONYMOUS, reading.locate_record(firm, ANONYMOUS, DECLARATIONS, number)
        )
        for number in (before, after)
    }
    assert [shown[number]["demo"] for number in (before, after)] == [False, True]
    assert shown[after]["document"]["demo"] is True


def test_the_signer_is_never_published(firm: Registry) -> None:
    file_declaration(firm, sign_up_owner(firm), OWN_STANDARD)
    with read(firm.engine) as connection:
        documents = "".join(connection.execute(select(Item.document)).scalars())
        entries = str(connection.execute(text("SELECT * FROM entry")).all())
        assert connection.execute(select(Receipt.signer)).scalar() == "王强"
    assert "王强" not in documents + entries
    assert "总经理" in documents


def test_a_state_standard_is_named_by_the_catalogue_whatever_was_typed(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    typed = {
        **NATIONAL_STANDARD,
        "std_name_zh": "绿色家具",
        "std_kind": "enterprise",
        "org_uscc": OTHER_FIRM_NUMBER,
        "channel": "other",
    }
    number = file_declaration(firm, mei, typed)
    document = projections.record_json(
        firm, ANONYMOUS, reading.locate_record(firm, ANONYMOUS, "declarations", number)
    )["document"]
    assert (document["std_no"], document["std_kind"]) == ("GB/T 35607-2024", "national_voluntary")
    assert (document["std_name_zh"], document["std_name_en"]) == ("绿色产品评价 家具", "Furniture")
    assert (document["org_uscc"], document["channel"]) == (FIRM_NUMBER, "register")


def test_what_begins_later_is_scheduled(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, {**OWN_STANDARD, "effective_from": "2026-06-01"})
        pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
        assert reading.get_record(firm, ANONYMOUS, pointer, "en").status.code == "scheduled"
    with clock.frozen_at(NOW + dt.timedelta(days=40)):
        relay.run_relay_once(firm)
        assert reading.get_record(firm, ANONYMOUS, pointer, "en").status.code == "active"


@pytest.mark.once
@pytest.mark.parametrize("case", INVALID_DRAFTS)
def test_each_error_is_reported_at_its_field(firm: Registry, case: str) -> None:
    change, wanted = INVALID_DRAFTS[case]
    mei = sign_up_owner(firm)
    typed = {**OWN_STANDARD, **change}
    found = issues_of(firm, mei, typed)
    assert wanted in found
    draft = save_draft(firm, mei, typed)
    with pytest.raises(Invalid) as refused:
        drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(2, "王强"))
    for lang in ("zh", "en"):
        for issue in refused.value.issues:
            assert "%(" not in describe_issue(issue, "declarations", lang)
    kept = drafts.get_draft(firm, mei.actor, SLUG, draft).typed
    assert kept == {name: value for name, value in typed.items() if value}


def test_each_missing_field_is_reported_once(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS))
    issues = drafts.get_draft(firm, mei.actor, SLUG, draft).issues
    required = [issue.field for issue in issues if issue.code == "required"]
    assert {"std_no", "product_name_zh"} <= set(required)  # parts of the key
    assert len(required) == len(set(required))
    assert "key_missing" not in {issue.code for issue in issues}


@pytest.mark.parametrize(("days", "state"), [(-1, "active"), (0, "active"), (1, "scheduled")])
def test_what_begins_tomorrow_is_scheduled(firm: Registry, days: int, state: str) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        begins = (NOW.date() + dt.timedelta(days=days)).isoformat()
        number = file_declaration(firm, mei, {**OWN_STANDARD, "effective_from": begins})
        assert filed_records.get_filed_record_state(firm, mei.actor, at(number)).status.code == state


def test_a_signer_has_at_most_eighty_characters() -> None:
    assert submission.signer_issues("王" * submission.MAX_SIGNER_LENGTH) == ()
    [issue] = submission.signer_issues("王" * (submission.MAX_SIGNER_LENGTH + 1))
    assert (issue.code, issue.params["length"]) == ("too_long", 81)


def test_errors_in_tables_name_row_and_column(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    rows = [INDICATORS[0], {**INDICATORS[1], "value": "viel"}]
    draft = save_draft(firm, mei, {**OWN_STANDARD, "indicators": rows})
    [issue] = [
        each for each in drafts.get_draft(firm, mei.actor, SLUG, draft).issues if each.field == "indicators"
    ]
    assert describe_issue(issue, "declarations", "en") == "Row 2, Value: “viel” is not a number."
    assert describe_issue(issue, "declarations", "zh").startswith("第 2 行，")


def test_nothing_is_filed_without_a_signer(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    draft = save_draft(firm, mei, OWN_STANDARD)
    for signer, code in ((" ", "required"), ("王" * 81, "too_long")):
        with pytest.raises(Invalid) as refused:
            drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(2, signer))
        assert [(issue.code, issue.field) for issue in refused.value.issues] == [(code, "signer")]


def test_a_copy_leaves_the_product_open(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    view = drafts.get_draft(
        firm, mei.actor, SLUG, drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, copy=number))
    )
    assert view.amends == ""
    assert view.typed["std_no"] == "Q/HZQY 0003-2026"
    assert len(view.typed["indicators"]) == 2
    assert {"product_name_zh", "models", "effective_from"} & set(view.typed) == set()


def test_a_stale_save_overwrites_nothing(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    wei = sign_up_member(firm, mei, WEI, "editor")
    draft = drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS))
    assert (
        drafts.save_draft(
            firm, wei.actor, SLUG, draft, revision=1, typed={"product_name_zh": "餐桌", "category": "0701"}
        )
        == 2
    )
    with pytest.raises(Stale):
        drafts.save_draft(
            firm, mei.actor, SLUG, draft, revision=1, typed={"product_name_zh": "书柜", "spec": "大"}
        )
    view = drafts.get_draft(firm, mei.actor, SLUG, draft)
    assert (view.revision, view.typed) == (2, {"product_name_zh": "餐桌", "category": "0701"})
    # Another part of the draft, and the same answer, stand in nobody's way.
    assert (
        drafts.save_draft(
            firm, mei.actor, SLUG, draft, revision=1, typed={"std_no": "GB/T 35607-2024", "category": "0701"}
        )
        == 3
    )
    assert (
        drafts.save_draft(firm, mei.actor, SLUG, draft, revision=3, typed={"std_no": "GB/T 35607-2024"}) == 3
    )
    with pytest.raises(Stale):
        drafts.file_draft(firm, wei.actor, SLUG, draft, submitted=DraftSubmission(2, "王强"))


def test_a_draft_keeps_what_was_typed_right_or_wrong(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    typed = {
        "issued_on": "31/02/2026",
        "indicators": [{"value": "x"}],
        "models": "a\n\nb",
        "secret": "no field",
    }
    draft = save_draft(firm, mei, typed)
    view = drafts.get_draft(firm, mei.actor, SLUG, draft)
    assert view.typed == {name: value for name, value in typed.items() if name != "secret"}
    assert {step.key: step.state for step in view.steps} == {
        "standard": "wrong",
        "product": "begun",
        "indicators": "wrong",
        "comparison": "open",
        "promise": "empty",
    }
    with pytest.raises(Invalid):
        drafts.save_draft(
            firm, mei.actor, SLUG, draft, revision=2, typed={"commitment": "x" * drafts.MAX_DRAFT_LENGTH}
        )
    drafts.save_draft(firm, mei.actor, SLUG, draft, revision=2, typed={"issued_on": ""})
    assert "issued_on" not in drafts.get_draft(firm, mei.actor, SLUG, draft).typed


Act = Callable[[Registry, UserSession, str, int], Any]


WRITING: dict[str, Act] = {
    "begin": lambda registry, who, number, draft: drafts.open_draft(
        registry, who.actor, SLUG, NewDraft(DECLARATIONS)
    ),
    "amend": lambda registry, who, number, draft: drafts.open_draft(
        registry, who.actor, SLUG, NewDraft(DECLARATIONS, amend=number)
    ),
    "save": lambda registry, who, number, draft: drafts.save_draft(
        registry, who.actor, SLUG, draft, revision=2, typed={}
    ),
    "discard": lambda registry, who, number, draft: drafts.discard_draft(registry, who.actor, SLUG, draft),
    "file": lambda registry, who, number, draft: drafts.file_draft(
        registry, who.actor, SLUG, draft, submitted=DraftSubmission(2, "王")
    ),
    "withdraw": lambda registry, who, number, draft: filed_records.withdraw_record(
        registry, who.actor, at(number), "x"
    ),
    "still true": lambda registry, who, number, draft: annual_confirmation.confirm_records(
        registry, who.actor, SLUG, (number,)
    ),
    "misfiled": lambda registry, who, number, draft: filed_records.retract_record(
        registry, who.actor, at(number)
    ),
}


READING: dict[str, Act] = {
    "lines": lambda registry, who, number, draft: drafts.list_drafts(registry, who.actor, SLUG, DECLARATIONS),
    "due": lambda registry, who, number, draft: annual_confirmation.list_due_confirmations(
        registry, who.actor, SLUG
    ),
    "draft": lambda registry, who, number, draft: drafts.get_draft(registry, who.actor, SLUG, draft),
    "listed": lambda registry, who, number, draft: filed_lists.list_filed_records(
        registry, who.actor, SLUG, DECLARATIONS
    ),
    "receipt": lambda registry, who, number, draft: receipts.get_receipt(registry, who.actor, at(number)),
}


@pytest.mark.parametrize("act", [*WRITING, *READING])
def test_only_editors_file_and_only_members_see_drafts(firm: Registry, act: str) -> None:
    """Viewers read, strangers find nothing, visitors may not even ask."""
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    draft = save_draft(firm, mei, {**OWN_STANDARD, "product_name_zh": "书柜"})
    viewer, stranger = sign_up_member(firm, mei, LIN, "viewer"), people.sign_up(firm, "stranger@example.com")
    do = {**WRITING, **READING}[act]
    with pytest.raises(NotFound):
        do(firm, stranger, number, draft)
    if act in WRITING:
        with pytest.raises(Forbidden):
            do(firm, viewer, number, draft)
    else:
        do(firm, viewer, number, draft)
    with pytest.raises(Forbidden):
        do(firm, people.as_anonymous(mei), number, draft)
    with read(firm.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Draft)).scalar() == 1
        assert connection.execute(select(Record.status).where(Record.number == number)).scalar() == "active"


def test_questions_are_made_from_the_schema() -> None:
    asked = {
        each.name: each
        for each in list_questions("declarations", ("models", "production_mode", "indicators", "spec"))
    }
    assert [each.kind for each in asked.values()] == ["long", "radio", "rows", "text"]
    assert not asked["models"].required  # a service has none
    assert [code for code, _words in asked["production_mode"].choices] == [
        "own",
        "commissioned",
        "import_agent",
    ]
    columns = {each.name: each for each in asked["indicators"].columns}
    assert columns["value"].numeric
    assert [words.zh for _code, words in columns["operator"].choices][:2] == ["≤", "≥"]


def test_two_drafts_of_one_product_filed_concurrently_make_one_record(firm: Registry) -> None:
    """Whoever is second is told, on both databases: nobody's filing becomes a version of another's."""
    mei = sign_up_owner(firm)
    ids = [save_draft(firm, mei, OWN_STANDARD) for _turn in range(2)]
    start = threading.Barrier(2)

    def file(draft: int) -> str:
        start.wait()
        try:
            return drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(2, "王强"))
        except Invalid as refused:
            return refused.issues[0].code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(file, ids))
    assert answers[1] == "filed_already"
    assert answers[0].startswith("SD-")
    assert filed_lists.list_filed_records(firm, mei.actor, SLUG, DECLARATIONS).total == 1


def test_an_enterprise_that_has_ended_files_no_more(firm: Registry, tmp_path: Path) -> None:
    mei = sign_up_owner(firm)
    end = {"uscc": FIRM_NUMBER, "name_zh": "杭州青屿家具有限公司（演示）", "status": "deregistered"}
    sheet = samples.write_sheet(tmp_path / "ended.csv", "organisations", [end])
    import_files(firm, REGISTRAR, "organisations", [sheet])
    assert ("organisation_ended", "") in issues_of(firm, mei, OWN_STANDARD)


def test_filing_a_draft_twice_gives_the_same_number(firm: Registry) -> None:
    """One after the other and at one moment; an id that was published is never given again."""
    mei = sign_up_owner(firm)
    draft = save_draft(firm, mei, OWN_STANDARD)
    start = threading.Barrier(2)

    def press(_turn: int) -> str:
        start.wait()
        return drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(2, "王强"))

    with ThreadPoolExecutor(2) as pool:
        [number, other] = pool.map(press, range(2))
    assert (
        number
        == other
        == drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(2, "王强"))
    )
    assert drafts.find_published_draft(firm, mei.actor, SLUG, draft) == PublishedDraft(DECLARATIONS, number)
    assert drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS)) > draft
    assert len([mail for mail in read_mails(firm) if "Receipt" in mail["Subject"]]) == 1
    stranger = people.sign_up(firm, "stranger@example.com")
    with pytest.raises(NotFound):
        drafts.find_published_draft(firm, stranger.actor, SLUG, draft)


@pytest.mark.parametrize("written", ["A-1，A-2、A,3；A 4;A/5", "A-1\nA-2\n\nA,3\nA 4\nA/5\n"])
def test_lists_of_models_are_split_at_common_separators(firm: Registry, written: str) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, {**OWN_STANDARD, "models": written})
    pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
    models = projections.record_json(firm, ANONYMOUS, pointer)["document"]["models"]
    assert models == ["A-1", "A-2", "A,3", "A 4", "A/5"]


def test_an_unreadable_cell_does_not_hide_other_errors_of_its_table(firm: Registry) -> None:
    rows = [
        {**INDICATORS[0], "value": "x1", "unit": ""},
        {**INDICATORS[1], "method": ""},
        {**INDICATORS[0], "operator": "in", "value": "1", "value_to": "viel"},
    ]
    mei = sign_up_owner(firm)
    draft = save_draft(firm, mei, {**OWN_STANDARD, "indicators": rows})
    found = {
        (issue.code, issue.params["row"])
        for issue in drafts.get_draft(firm, mei.actor, SLUG, draft).issues
        if issue.field == "indicators"
    }
    # The open range of row 3 is not held against it: its end is there, but no number.
    assert found == {("not_a_number", 1), ("unit_missing", 1), ("method_missing", 2), ("not_a_number", 3)}


def test_an_unchanged_copy_shows_no_errors(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, {**NATIONAL_STANDARD, "compared_std": "GB/T 35607-2024"})
    view = drafts.get_draft(
        firm, mei.actor, SLUG, drafts.open_draft(firm, mei.actor, SLUG, NewDraft(DECLARATIONS, copy=number))
    )
    assert "wrong" not in {step.state for step in view.steps}


def test_questions_say_when_an_answer_is_compulsory() -> None:
    asked = list_questions(
        "declarations", ("issued_on", "indicators", "principal", "compared_std", "spec", "models")
    )
    assert [each.required_when for each in asked] == [
        "(compulsory for an own standard)",
        "(compulsory for an own standard)",
        "(compulsory where another one makes it)",
        "(compulsory where something is fewer or lower)",
        "",
        "(compulsory for a product; a service has none)",
    ]


def test_a_ratio_has_the_unit_one_and_per_cent_is_a_unit(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    rows = [{**INDICATORS[0], "unit": unit} for unit in ("1", "%", "‰", "％")]
    assert issues_of(firm, mei, {**OWN_STANDARD, "indicators": rows}) == set()


def test_an_organisation_without_a_credit_code_cannot_declare(firm: Registry, tmp_path: Path) -> None:
    rows = [{"country": "US", "foreign_reg_no": "DE123", "name_en": "Acme Inc.", "name_zh": "Acme"}]
    import_files(
        firm, REGISTRAR, "organisations", [samples.write_sheet(tmp_path / "f.csv", "organisations", rows)]
    )
    wei = people.sign_up(firm, WEI)
    claims.decide_claim(firm, SYSTEM, submit_claim(firm, wei, "F-US-DE123"), confirmed=True)
    view = filed_lists.list_filed_records(firm, wei.actor, "F-US-DE123", DECLARATIONS)
    assert view.organisation.is_foreign
    with pytest.raises(Invalid) as refused:
        drafts.open_draft(firm, wei.actor, "F-US-DE123", NewDraft(DECLARATIONS))
    assert [issue.code for issue in refused.value.issues] == ["credit_code_needed"]


@pytest.mark.parametrize(("days", "told"), [(30, False), (31, True)])
def test_who_declares_long_after_the_first_use_is_told_and_nobody_else(
    firm: Registry, days: int, told: bool
) -> None:
    begins = (NOW.date() - dt.timedelta(days=days)).isoformat()
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        draft = save_draft(firm, mei, {**OWN_STANDARD, "effective_from": begins})
        view = drafts.get_draft(firm, mei.actor, SLUG, draft)
        assert [issue.code for issue in view.notices] == ["disclosed_late"] * told
        number = drafts.file_draft(firm, mei.actor, SLUG, draft, submitted=DraftSubmission(2, "王强"))
        assert ("long before the declaration" in read_mails(firm)[-1].get_content()) is told
        pointer = reading.locate_record(firm, ANONYMOUS, DECLARATIONS, number)
        record = reading.get_record(firm, ANONYMOUS, pointer, "en")
    assert record.warnings == ()
    assert record.cautions == ()
