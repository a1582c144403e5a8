"""Declarations filed by enterprises: drafts, two editors, what is refused and how, publication, and life after it."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR, SYSTEM
from registry.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from registry.kit.draft import Draft, Receipt
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.services import (
    claims,
    declared,
    draft_differences,
    drafts,
    finding,
    lookup,
    projections,
    reading,
    relay,
)
from registry.services.amending import Amendment
from registry.services.finding import SearchRequest
from registry.services.imports import import_files
from registry.services.questions import issue_in_words, questions
from registry.services.signing_in import Signed
from registry.services.wiring import Registry
from registry.store.unit_of_work import reading as read
from tests.services import people, samples
from tests.services.people import mails
from tests.services.test_organisations_of_people import FIRM, LIN, SLUG, WEI, claim, joined, owner

NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
OTHER_FIRM = "91110000101461180X"
INDICATORS = [
    {
        "kind": "performance",
        "name_zh": "甲醛释放量",
        "name_en": "Formaldehyde emission",
        "operator": "<=",
        "value": "0.04",
        "unit": "mg/m³",
        "method": "GB/T 17657-2022",
    },
    {"name_zh": "抗弯强度", "operator": ">=", "value": "35", "unit": "MPa", "method": "GB/T 17657-2022"},
]
BETTER = [{**INDICATORS[0], "value": "0.03"}, INDICATORS[1]]
OWN = {
    "std_no": "Q/HZQY 0003-2026",
    "std_name_zh": "实木餐桌技术要求",
    "issued_on": "2026-01-31",
    "in_force_on": "2026-03-01",
    "product_name_zh": "实木餐桌",
    "product_name_en": "Solid wood dining table",
    "models": "QY-10\nQY-20",
    "category": "家具",
    "production_mode": "own",
    "indicators": INDICATORS,
    "effective_from": "2026-03-01",
    "commitment": "本单位承诺所公开的信息真实、准确、合法。",
    "signer_post": "总经理",
}
STATE = {
    **{name: value for name, value in OWN.items() if name not in ("std_name_zh", "issued_on", "in_force_on")},
    "std_no": "gb/t35607-2024",
    "indicators": [],
}
ENDED, MANDATORY = "GB/T 35607-2017", "GB 18584-2024"
CATALOGUE = (
    {
        "number": "GB/T 35607-2024",
        "title_zh": "绿色产品评价 家具",
        "title_en": "Furniture",
        "status": "in_force",
    },
    {"number": ENDED, "title_zh": "绿色产品评价 家具", "status": "superseded", "withdrawn_on": "2025-01-01"},
    {"number": MANDATORY, "title_zh": "家具中有害物质限量", "status": "in_force"},
)


FIRMS = (
    {
        "uscc": FIRM,
        "name_zh": "杭州青屿家具有限公司（演示）",
        "name_en": "Hangzhou Qingyu",
        "region_code": "330100",
    },
    {"uscc": OTHER_FIRM, "name_zh": "中国北京同仁堂（集团）有限责任公司"},
)


@pytest.fixture
def firm(registry: Registry, tmp_path: Path) -> Registry:
    """A registry with two enterprises and a small catalogue of standards."""
    for slug, given in (("organisations", FIRMS), ("standards", CATALOGUE)):
        sheet = samples.write_sheet(tmp_path / f"{slug}.csv", slug, given)
        import_files(registry, REGISTRAR, slug, [sheet])
    return registry


def drafted(registry: Registry, who: Signed, typed: dict[str, Any]) -> int:
    draft = drafts.begin(registry, who.actor, SLUG)
    drafts.save(registry, who.actor, SLUG, draft, 1, typed)
    return draft


def filed(registry: Registry, who: Signed, typed: dict[str, Any]) -> str:
    draft = drafted(registry, who, typed)
    return drafts.file(registry, who.actor, SLUG, draft, 2, "王强")


def amended(
    registry: Registry, who: Signed, number: str, typed: dict[str, Any], why: Amendment | None = None
) -> str:
    """Change a declaration; `seen` is filled in."""
    draft = drafts.begin(registry, who.actor, SLUG, amend=number)
    revision = drafts.save(registry, who.actor, SLUG, draft, 1, typed)
    shown = draft_differences.look(registry, who.actor, SLUG, draft, "en")
    assert shown is not None
    given = replace(why or Amendment("amended_indicators"), seen=shown.version)
    return drafts.file(registry, who.actor, SLUG, draft, revision, "王强", given)


def issues_of(registry: Registry, who: Signed, typed: dict[str, Any]) -> set[tuple[str, str]]:
    draft = drafted(registry, who, typed)
    found = {(issue.code, issue.field) for issue in drafts.draft(registry, who.actor, SLUG, draft).issues}
    drafts.discard(registry, who.actor, SLUG, draft)
    return found


def test_an_own_standard_is_public_at_once_with_a_receipt(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    relay.run_once(firm)
    [found] = finding.find(firm, ANONYMOUS, SearchRequest("QY-20"), "zh").rows
    assert found.number == number
    pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
    shown = projections.record_json(firm, ANONYMOUS, pointer)
    assert (shown["status"], shown["holder"]["number"]) == ("active", FIRM)
    assert shown["document"]["models"] == ["QY-10", "QY-20"]
    assert shown["document"]["indicators"][0]["value"] == 0.04
    assert shown["document"]["declared_on"] == clock.today().isoformat()
    assert shown["document"]["below_voluntary"] is False
    receipt = declared.receipt(firm, mei.actor, SLUG, number)
    assert (receipt.number, receipt.hash, receipt.index, receipt.signer, receipt.fresh) == (
        number,
        shown["entry"]["hash"],
        shown["entry"]["index"],
        "王强",
        True,
    )
    view = reading.record(firm, ANONYMOUS, pointer, "en")
    assert [(step.reason, step.actor_role) for step in view.history] == [("Declared", "Enterprise")]
    assert view.history[0].legal_basis.startswith("《中华人民共和国标准化法》第二十七条")
    assert mails(firm)[-1]["Subject"] == f"Receipt for {number}"
    assert drafts.lines(firm, mei.actor, SLUG) == ()


def test_the_signer_is_never_published(firm: Registry) -> None:
    filed(firm, owner(firm), OWN)
    with read(firm.engine) as work:
        documents = "".join(work.execute(select(Item.document)).scalars())
        entries = str(work.execute(text("SELECT * FROM entry")).all())
        assert work.execute(select(Receipt.signer)).scalar() == "王强"
    assert "王强" not in documents + entries
    assert "总经理" in documents


def test_a_state_standard_is_named_by_the_catalogue_whatever_was_typed(firm: Registry) -> None:
    mei = owner(firm)
    typed = {
        **STATE,
        "std_name_zh": "绿色家具",
        "std_kind": "enterprise",
        "org_uscc": OTHER_FIRM,
        "channel": "other",
    }
    number = filed(firm, mei, typed)
    document = projections.record_json(
        firm, ANONYMOUS, reading.locate(firm, ANONYMOUS, "declarations", number)
    )["document"]
    assert (document["std_no"], document["std_kind"]) == ("GB/T 35607-2024", "national_voluntary")
    assert (document["std_name_zh"], document["std_name_en"]) == ("绿色产品评价 家具", "Furniture")
    assert (document["org_uscc"], document["channel"]) == (FIRM, "register")


def test_what_begins_later_is_scheduled(firm: Registry) -> None:
    with clock.fixed(NOW):
        mei = owner(firm)
        number = filed(firm, mei, {**OWN, "effective_from": "2026-06-01"})
        pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
        assert reading.record(firm, ANONYMOUS, pointer, "en").status.code == "scheduled"
    with clock.fixed(NOW + dt.timedelta(days=40)):
        relay.run_once(firm)
        assert reading.record(firm, ANONYMOUS, pointer, "en").status.code == "active"


WRONG: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "no standard": ({"std_no": ""}, ("required", "std_no")),
    "no product": ({"product_name_zh": ""}, ("required", "product_name_zh")),
    "no models": ({"models": " \n "}, ("required", "models")),
    "no category": ({"category": ""}, ("required", "category")),
    "no way of production": ({"production_mode": ""}, ("required", "production_mode")),
    "unknown way of production": ({"production_mode": "magic"}, ("unknown_word", "production_mode")),
    "no commitment": ({"commitment": ""}, ("required", "commitment")),
    "no post": ({"signer_post": ""}, ("required", "signer_post")),
    "no beginning": ({"effective_from": ""}, ("required", "effective_from")),
    "own without dates": ({"issued_on": ""}, ("required", "issued_on")),
    "own without day in force": ({"in_force_on": ""}, ("required", "in_force_on")),
    "own without title": ({"std_name_zh": ""}, ("required", "std_name_zh")),
    "own without indicators": ({"indicators": []}, ("indicators_missing", "indicators")),
    "a day that is none": ({"issued_on": "2026-02-31"}, ("date_does_not_exist", "issued_on")),
    "no day at all": ({"issued_on": "soon"}, ("date_shape", "issued_on")),
    "year of another number": ({"issued_on": "2025-12-31"}, ("year_differs", "std_no")),
    "in force before issue": ({"in_force_on": "2026-01-01"}, ("ends_before_start", "in_force_on")),
    "used before issue": ({"effective_from": "2026-01-01"}, ("used_before_issue", "effective_from")),
    "number of nobody": ({"std_no": "Q/ 001-2020"}, ("standard_number_unknown_form", "std_no")),
    "not in the catalogue": ({"std_no": "GB/T 99999-2020"}, ("standard_not_known", "std_no")),
    "ended": ({"std_no": ENDED}, ("standard_ended", "std_no")),
    "a barcode that is none": ({"gtin": "6901234567890"}, ("gtin_check_digit", "gtin")),
    "a code of the customs that is none": ({"hs_code": "94035"}, ("hs_code_form", "hs_code")),
    "commissioned by nobody": ({"production_mode": "commissioned"}, ("required", "principal")),
    "too long": ({"product_name_zh": "桌" * 201}, ("too_long", "product_name_zh")),
    "a lower value, not said": (
        {
            "benchmarks": [
                {
                    "name_zh": "甲醛释放量",
                    "standard": "GB/T 35607-2024",
                    "other_value": "0.03",
                    "relation": "below",
                }
            ]
        },
        ("below_not_stated", "below_voluntary"),
    ),
    "lower than what is mandatory": (
        {
            "benchmarks": [
                {"name_zh": "甲醛释放量", "standard": MANDATORY, "other_value": "0.03", "relation": "below"}
            ]
        },
        ("below_mandatory", "benchmarks"),
    ),
    "a relation that the numbers deny": (
        {
            "benchmarks": [
                {
                    "name_zh": "甲醛释放量",
                    "standard": "GB/T 35607-2024",
                    "other_value": "0.05",
                    "relation": "equal",
                }
            ]
        },
        ("relation_differs", "benchmarks"),
    ),
    "stated without what": ({"below_voluntary": "true"}, ("required", "below_statement")),
    "edition of another": ({"edition_of": "Q/OTHER 1-2020"}, ("no_earlier_edition", "edition_of")),
    "a value that is none": (
        {"indicators": [{**INDICATORS[0], "value": "x1"}]},
        ("not_a_number", "indicators"),
    ),
    "no unit": ({"indicators": [{**INDICATORS[0], "unit": ""}]}, ("unit_missing", "indicators")),
    "no method": ({"indicators": [{**INDICATORS[0], "method": ""}]}, ("method_missing", "indicators")),
    "an open range": ({"indicators": [{**INDICATORS[0], "operator": "in"}]}, ("range_open", "indicators")),
    "a personal number": ({"commitment": "联系人 13800138000"}, ("personal_masked", "commitment")),
}


@pytest.mark.once
@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_of_the_field(firm: Registry, case: str) -> None:
    change, wanted = WRONG[case]
    mei = owner(firm)
    typed = {**OWN, **change}
    found = issues_of(firm, mei, typed)
    assert wanted in found
    draft = drafted(firm, mei, typed)
    with pytest.raises(Invalid) as refused:
        drafts.file(firm, mei.actor, SLUG, draft, 2, "王强")
    for lang in ("zh", "en"):
        for issue in refused.value.issues:
            assert "%(" not in issue_in_words(issue, "declarations", lang)
    kept = drafts.draft(firm, mei.actor, SLUG, draft).typed
    assert kept == {name: value for name, value in typed.items() if value}


def test_a_cell_of_a_table_is_named_by_row_and_column(firm: Registry) -> None:
    mei = owner(firm)
    rows = [INDICATORS[0], {**INDICATORS[1], "value": "viel"}]
    draft = drafted(firm, mei, {**OWN, "indicators": rows})
    [issue] = [
        each for each in drafts.draft(firm, mei.actor, SLUG, draft).issues if each.field == "indicators"
    ]
    assert issue_in_words(issue, "declarations", "en") == "Row 2, Value: “viel” is not a number."
    assert issue_in_words(issue, "declarations", "zh").startswith("第 2 行，")


def test_nothing_is_filed_without_a_signer(firm: Registry) -> None:
    mei = owner(firm)
    draft = drafted(firm, mei, OWN)
    for signer, code in ((" ", "required"), ("王" * 81, "too_long")):
        with pytest.raises(Invalid) as refused:
            drafts.file(firm, mei.actor, SLUG, draft, 2, signer)
        assert [(issue.code, issue.field) for issue in refused.value.issues] == [(code, "signer")]


def test_the_same_is_not_declared_twice_but_amended(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    assert issues_of(firm, mei, OWN) == {("filed_already", "product_name_zh")}
    draft = drafts.begin(firm, mei.actor, SLUG, amend=number)
    assert drafts.begin(firm, mei.actor, SLUG, amend=number) == draft  # one amendment at a time
    view = drafts.draft(firm, mei.actor, SLUG, draft)
    assert (view.amends, view.ready, view.typed["models"]) == (number, True, "QY-10\nQY-20")
    assert amended(firm, mei, number, {"indicators": BETTER}) == number
    pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
    history = reading.history(firm, ANONYMOUS, pointer, "en").history
    assert [step.reason for step in history] == ["Indicators changed", "Declared"]
    other = drafts.begin(firm, mei.actor, SLUG, amend=number)
    drafts.save(firm, mei.actor, SLUG, other, 1, {"product_name_zh": "实木餐椅"})
    found = {issue.code for issue in drafts.draft(firm, mei.actor, SLUG, other).issues}
    assert found == {"another_record"}


def test_what_is_in_force_is_not_made_to_begin_later(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    draft = drafts.begin(firm, mei.actor, SLUG, amend=number)
    later = (clock.today() + dt.timedelta(days=30)).isoformat()
    drafts.save(firm, mei.actor, SLUG, draft, 1, {"effective_from": later})
    [issue] = drafts.draft(firm, mei.actor, SLUG, draft).issues
    assert (issue.code, issue.field) == ("begins_later", "effective_from")


def test_a_copy_leaves_the_product_open(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    view = drafts.draft(firm, mei.actor, SLUG, drafts.begin(firm, mei.actor, SLUG, copy=number))
    assert view.amends == ""
    assert view.typed["std_no"] == "Q/HZQY 0003-2026"
    assert len(view.typed["indicators"]) == 2
    assert {"product_name_zh", "models", "effective_from"} & set(view.typed) == set()


def test_who_is_behind_another_editor_overwrites_nothing(firm: Registry) -> None:
    mei = owner(firm)
    wei = joined(firm, mei, WEI, "editor")
    draft = drafts.begin(firm, mei.actor, SLUG)
    assert drafts.save(firm, wei.actor, SLUG, draft, 1, {"product_name_zh": "餐桌", "category": "家具"}) == 2
    with pytest.raises(Stale):
        drafts.save(firm, mei.actor, SLUG, draft, 1, {"product_name_zh": "书柜", "spec": "大"})
    view = drafts.draft(firm, mei.actor, SLUG, draft)
    assert (view.revision, view.typed) == (2, {"product_name_zh": "餐桌", "category": "家具"})
    # Another part of the draft, and the same answer, stand in nobody's way.
    assert (
        drafts.save(firm, mei.actor, SLUG, draft, 1, {"std_no": "GB/T 35607-2024", "category": "家具"}) == 3
    )
    assert drafts.save(firm, mei.actor, SLUG, draft, 3, {"std_no": "GB/T 35607-2024"}) == 3
    with pytest.raises(Stale):
        drafts.file(firm, wei.actor, SLUG, draft, 2, "王强")


def test_a_draft_keeps_what_was_typed_right_or_wrong(firm: Registry) -> None:
    mei = owner(firm)
    typed = {
        "issued_on": "31/02/2026",
        "indicators": [{"value": "x"}],
        "models": "a\n\nb",
        "secret": "no field",
    }
    draft = drafted(firm, mei, typed)
    view = drafts.draft(firm, mei.actor, SLUG, draft)
    assert view.typed == {name: value for name, value in typed.items() if name != "secret"}
    assert {step.key: step.state for step in view.steps} == {
        "standard": "wrong",
        "product": "begun",
        "indicators": "wrong",
        "comparison": "optional",
        "promise": "empty",
    }
    with pytest.raises(Invalid):
        drafts.save(firm, mei.actor, SLUG, draft, 2, {"commitment": "x" * drafts.LONGEST_DRAFT})
    drafts.save(firm, mei.actor, SLUG, draft, 2, {"issued_on": ""})
    assert "issued_on" not in drafts.draft(firm, mei.actor, SLUG, draft).typed


def test_a_declaration_is_withdrawn_with_a_reason_and_stays(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    with pytest.raises(Invalid):
        declared.withdraw(firm, mei.actor, SLUG, number, " ")
    amendment = drafts.begin(firm, mei.actor, SLUG, amend=number)
    declared.withdraw(firm, mei.actor, SLUG, number, "产品停产")
    pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
    view = reading.record(firm, ANONYMOUS, pointer, "zh")
    assert view.status.code == "withdrawn"
    shown = projections.record_json(firm, ANONYMOUS, pointer)["document"]
    assert (shown["status_reason"], shown["withdrawn_on"]) == ("产品停产", clock.today().isoformat())
    for act in (
        lambda: declared.withdraw(firm, mei.actor, SLUG, number, "again"),
        lambda: declared.confirm_still_true(firm, mei.actor, SLUG, number),
        lambda: declared.mark_misfiled(firm, mei.actor, SLUG, number),
        lambda: drafts.begin(firm, mei.actor, SLUG, amend=number),
    ):
        with pytest.raises(Conflict):
            act()
    assert {issue.code for issue in drafts.draft(firm, mei.actor, SLUG, amendment).issues} == {"not_open"}
    row = declared.listed(firm, mei.actor, SLUG).rows[0]
    assert (row.number, row.status.code, row.open) == (number, "withdrawn", False)


def test_a_mistake_is_marked_within_a_day_and_no_longer(firm: Registry) -> None:
    with clock.fixed(NOW):
        mei = owner(firm)
        early, late = filed(firm, mei, OWN), filed(firm, mei, {**OWN, "product_name_zh": "书柜"})
    with clock.fixed(NOW + dt.timedelta(hours=23)):
        declared.mark_misfiled(firm, mei.actor, SLUG, early)
        pointer = reading.locate(firm, ANONYMOUS, "declarations", early)
        assert reading.record(firm, ANONYMOUS, pointer, "en").status.code == "misfiled"
    with clock.fixed(NOW + dt.timedelta(hours=24)), pytest.raises(Conflict):
        declared.mark_misfiled(firm, mei.actor, SLUG, late)


def test_a_declaration_is_confirmed_as_still_true(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    declared.confirm_still_true(firm, mei.actor, SLUG, number)
    document = projections.record_json(
        firm, ANONYMOUS, reading.locate(firm, ANONYMOUS, "declarations", number)
    )
    assert (document["version"], document["document"]["still_true_on"]) == (2, clock.today().isoformat())


def test_declarers_are_told_when_their_standard_ends(firm: Registry, tmp_path: Path) -> None:
    mei = owner(firm)
    joined(firm, mei, LIN, "viewer")
    number = filed(firm, mei, STATE)
    relay.run_once(firm)
    end = {"status": "withdrawn", "withdrawn_on": clock.today().isoformat()}
    sheet = samples.write_sheet(tmp_path / "ended.csv", "standards", [{**CATALOGUE[0], **end}])
    import_files(firm, REGISTRAR, "standards", [sheet])
    relay.run_once(firm)
    told = [mail for mail in mails(firm) if "has ended" in mail["Subject"]]
    assert [mail["To"] for mail in told] == [mei.email]  # who only looks on need not act
    assert number in told[0].get_content()
    [row] = declared.listed(firm, mei.actor, SLUG).rows
    assert (row.status.code, row.open) == ("standard_ended", True)
    relay.run_once(firm)
    assert len([mail for mail in mails(firm) if "has ended" in mail["Subject"]]) == 1


Act = Callable[[Registry, Signed, str, int], Any]
WRITING: dict[str, Act] = {
    "begin": lambda registry, who, number, draft: drafts.begin(registry, who.actor, SLUG),
    "amend": lambda registry, who, number, draft: drafts.begin(registry, who.actor, SLUG, amend=number),
    "save": lambda registry, who, number, draft: drafts.save(registry, who.actor, SLUG, draft, 2, {}),
    "discard": lambda registry, who, number, draft: drafts.discard(registry, who.actor, SLUG, draft),
    "file": lambda registry, who, number, draft: drafts.file(registry, who.actor, SLUG, draft, 2, "王"),
    "withdraw": lambda registry, who, number, draft: declared.withdraw(
        registry, who.actor, SLUG, number, "x"
    ),
    "still true": lambda registry, who, number, draft: declared.confirm_still_true(
        registry, who.actor, SLUG, number
    ),
    "misfiled": lambda registry, who, number, draft: declared.mark_misfiled(
        registry, who.actor, SLUG, number
    ),
}
READING: dict[str, Act] = {
    "lines": lambda registry, who, number, draft: drafts.lines(registry, who.actor, SLUG),
    "draft": lambda registry, who, number, draft: drafts.draft(registry, who.actor, SLUG, draft),
    "listed": lambda registry, who, number, draft: declared.listed(registry, who.actor, SLUG),
    "receipt": lambda registry, who, number, draft: declared.receipt(registry, who.actor, SLUG, number),
}


@pytest.mark.parametrize("act", [*WRITING, *READING])
def test_roles_and_strangers(firm: Registry, act: str) -> None:
    """Viewers read, strangers find nothing, visitors may not even ask."""
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    draft = drafted(firm, mei, {**OWN, "product_name_zh": "书柜"})
    viewer, stranger = joined(firm, mei, LIN, "viewer"), people.sign_up(firm, "stranger@example.com")
    do = {**WRITING, **READING}[act]
    with pytest.raises(NotFound):
        do(firm, stranger, number, draft)
    if act in WRITING:
        with pytest.raises(Forbidden):
            do(firm, viewer, number, draft)
    else:
        do(firm, viewer, number, draft)
    with pytest.raises(Forbidden):
        do(firm, people.nobody(mei), number, draft)
    with read(firm.engine) as work:
        assert work.execute(select(func.count()).select_from(Draft)).scalar() == 1
        assert work.execute(select(Record.status).where(Record.number == number)).scalar() == "active"


def test_the_declarations_of_others_are_out_of_reach(firm: Registry) -> None:
    """An owner of one enterprise names the numbers and drafts of another."""
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    draft = drafted(firm, mei, {**OWN, "product_name_zh": "书柜"})
    wei = people.sign_up(firm, WEI)
    claims.decide(firm, SYSTEM, claim(firm, wei, OTHER_FIRM), confirmed=True)
    for act in (
        lambda: drafts.draft(firm, wei.actor, OTHER_FIRM, draft),
        lambda: drafts.save(firm, wei.actor, OTHER_FIRM, draft, 2, {}),
        lambda: drafts.file(firm, wei.actor, OTHER_FIRM, draft, 2, "x"),
        lambda: drafts.discard(firm, wei.actor, OTHER_FIRM, draft),
        lambda: drafts.begin(firm, wei.actor, OTHER_FIRM, copy=number),
        lambda: drafts.begin(firm, wei.actor, OTHER_FIRM, amend=number),
        lambda: declared.withdraw(firm, wei.actor, OTHER_FIRM, number, "x"),
        lambda: declared.receipt(firm, wei.actor, OTHER_FIRM, number),
    ):
        with pytest.raises(NotFound):
            act()
    assert declared.listed(firm, wei.actor, OTHER_FIRM).total == 0


def test_questions_are_a_projection_of_the_one_field_list() -> None:
    asked = {
        each.name: each
        for each in questions("declarations", ("models", "production_mode", "indicators", "spec"))
    }
    assert [each.kind for each in asked.values()] == ["long", "radio", "rows", "text"]
    assert asked["models"].wanted
    assert [code for code, _words in asked["production_mode"].choices] == [
        "own",
        "commissioned",
        "import_agent",
    ]
    columns = {each.name: each for each in asked["indicators"].columns}
    assert columns["value"].numeric
    assert [words.zh for _code, words in columns["operator"].choices][:2] == ["≤", "≥"]


def test_a_number_that_was_filed_is_looked_up(firm: Registry) -> None:
    number = filed(firm, owner(firm), OWN)
    [answer] = lookup.check(firm, ANONYMOUS, [number.lower()])
    assert answer["answer"] == "in_force"


def test_two_drafts_of_one_product_filed_at_one_moment_are_one_record(firm: Registry) -> None:
    """Whoever is second is told, on both databases: nobody's filing becomes a version of another's."""
    mei = owner(firm)
    ids = [drafted(firm, mei, OWN) for _turn in range(2)]
    start = threading.Barrier(2)

    def file(draft: int) -> str:
        start.wait()
        try:
            return drafts.file(firm, mei.actor, SLUG, draft, 2, "王强")
        except Invalid as refused:
            return refused.issues[0].code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(file, ids))
    assert answers[1] == "filed_already"
    assert answers[0].startswith("SD-")
    assert declared.listed(firm, mei.actor, SLUG).total == 1


def test_an_enterprise_that_has_ended_files_no_more(firm: Registry, tmp_path: Path) -> None:
    mei = owner(firm)
    end = {"uscc": FIRM, "name_zh": "杭州青屿家具有限公司（演示）", "status": "deregistered"}
    sheet = samples.write_sheet(tmp_path / "ended.csv", "organisations", [end])
    import_files(firm, REGISTRAR, "organisations", [sheet])
    assert ("organisation_ended", "") in issues_of(firm, mei, OWN)


def test_the_button_pressed_twice_gives_the_same_number(firm: Registry) -> None:
    """One after the other and at one moment; an id that was published is never given again."""
    mei = owner(firm)
    draft = drafted(firm, mei, OWN)
    start = threading.Barrier(2)

    def press(_turn: int) -> str:
        start.wait()
        return drafts.file(firm, mei.actor, SLUG, draft, 2, "王强")

    with ThreadPoolExecutor(2) as pool:
        [number, other] = pool.map(press, range(2))
    assert number == other == drafts.file(firm, mei.actor, SLUG, draft, 2, "王强")
    assert drafts.published_as(firm, mei.actor, SLUG, draft) == number
    assert drafts.begin(firm, mei.actor, SLUG) > draft
    assert len([mail for mail in mails(firm) if "Receipt" in mail["Subject"]]) == 1
    stranger = people.sign_up(firm, "stranger@example.com")
    with pytest.raises(NotFound):
        drafts.published_as(firm, stranger.actor, SLUG, draft)


def test_receipts_are_found_again(firm: Registry, tmp_path: Path) -> None:
    with clock.fixed(NOW):
        mei = owner(firm)
        number = filed(firm, mei, OWN)
        [line] = declared.recent(firm, mei.actor)
        assert (line.number, line.path) == (
            number,
            f"/workspace/organisations/{SLUG}/declarations/{number}/receipt",
        )
        assert line.path in mails(firm)[-1].get_content()
        [row] = declared.listed(firm, mei.actor, SLUG).rows
        assert (row.receipt, row.fresh) == (True, True)
        assert declared.recent(firm, people.sign_up(firm, "stranger@example.com").actor) == ()
    with clock.fixed(NOW + dt.timedelta(hours=25)):
        [row] = declared.listed(firm, mei.actor, SLUG).rows
        assert (row.receipt, row.fresh) == (True, False)
    with clock.fixed(NOW + dt.timedelta(days=8)):
        assert declared.recent(firm, mei.actor) == ()
    entered = {
        "org_uscc": FIRM,
        **{k: v for k, v in STATE.items() if v},
        "models": "A",
        "declared_on": "2026-01-01",
    }
    sheet = samples.write_sheet(tmp_path / "entered.csv", "declarations", [entered])
    import_files(firm, REGISTRAR, "declarations", [sheet])
    assert sorted(row.receipt for row in declared.listed(firm, mei.actor, SLUG).rows) == [False, True]


def test_an_amendment_says_why(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    for why, wanted in (
        (Amendment(""), ("amended_because", "amended_because")),
        (Amendment("declared"), ("amended_because", "amended_because")),
        (Amendment("amended_otherwise", " "), ("amended_how", "amended_note")),
        (Amendment("amended_models", "长" * 301), ("too_long", "amended_note")),
        (Amendment("amended_models", "电话 13800138000"), ("personal_masked", "amended_note")),
    ):
        with pytest.raises(Invalid) as refused:
            amended(firm, mei, number, {"indicators": BETTER}, why)
        assert [(issue.code, issue.field) for issue in refused.value.issues] == [wanted]
        drafts.discard(firm, mei.actor, SLUG, drafts.begin(firm, mei.actor, SLUG, amend=number))
    amended(firm, mei, number, {"indicators": BETTER}, Amendment("amended_otherwise", "换了检测机构"))
    pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
    zh, en = (reading.history(firm, ANONYMOUS, pointer, lang).history[0] for lang in ("zh", "en"))
    assert (zh.reason, en.reason) == ("其他原因", "Another reason")
    assert [each.after for each in en.changes if each.label == "Note on the amendment"] == ["换了检测机构"]
    [changed] = [each for each in en.changes if each.label == "Indicators"]
    assert ("0.04" in changed.before, "0.03" in changed.after) == (True, True)
    assert "抗弯强度" not in changed.before + changed.after  # of tables only the rows that differ
    amended(firm, mei, number, {"indicators": INDICATORS})
    document = projections.record_json(firm, ANONYMOUS, pointer)["document"]
    assert "change_note" not in document  # a note belongs to its own amendment


def test_an_amendment_that_changes_nothing_is_none(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    with pytest.raises(Invalid) as refused:
        amended(firm, mei, number, {})
    assert [issue.code for issue in refused.value.issues] == ["nothing_changed"]


def test_an_amendment_looks_at_the_version_of_the_record(firm: Registry, tmp_path: Path) -> None:
    """The registrar changes the record while a draft waits: the filer is told, shown it, and may take it over."""
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    draft = drafts.begin(firm, mei.actor, SLUG, amend=number)
    drafts.save(firm, mei.actor, SLUG, draft, 1, {"indicators": BETTER})
    shown = draft_differences.look(firm, mei.actor, SLUG, draft, "en")
    assert shown is not None
    assert (shown.version, shown.moved, [each.label for each in shown.changes]) == (1, False, ["Indicators"])
    document = dict(
        projections.record_json(firm, ANONYMOUS, reading.locate(firm, ANONYMOUS, "declarations", number))[
            "document"
        ]
    )
    sheet = samples.write_sheet(
        tmp_path / "changed.csv", "declarations", [{**document, "category": "木质家具", "status": "active"}]
    )
    import_files(firm, REGISTRAR, "declarations", [sheet])
    with pytest.raises(Invalid) as refused:
        drafts.file(
            firm, mei.actor, SLUG, draft, 2, "王强", Amendment("amended_indicators", "", shown.version)
        )
    assert [issue.code for issue in refused.value.issues] == ["record_moved"]
    shown = draft_differences.look(firm, mei.actor, SLUG, draft, "en")
    assert shown is not None
    assert (shown.version, shown.moved) == (2, True)
    assert [(each.label, each.before, each.after) for each in shown.meanwhile] == [
        ("Product category", "家具", "木质家具")
    ]
    draft_differences.follow(firm, mei.actor, SLUG, draft)
    view = drafts.draft(firm, mei.actor, SLUG, draft)
    assert (view.revision, view.typed["category"], view.typed["indicators"]) == (3, "木质家具", BETTER)
    shown = draft_differences.look(firm, mei.actor, SLUG, draft, "en")
    assert shown is not None
    assert (shown.moved, shown.meanwhile) == (False, ())
    drafts.file(firm, mei.actor, SLUG, draft, 3, "王强", Amendment("amended_indicators", "", shown.version))
    pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
    assert projections.record_json(firm, ANONYMOUS, pointer)["document"]["category"] == "木质家具"


def test_an_amendment_of_another_standard_is_told_at_the_standard(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, OWN)
    draft = drafts.begin(firm, mei.actor, SLUG, amend=number)
    drafts.save(firm, mei.actor, SLUG, draft, 1, {"std_no": "Q/HZQY 0004-2026"})
    found = [(issue.code, issue.field) for issue in drafts.draft(firm, mei.actor, SLUG, draft).issues]
    assert found == [("another_record", "std_no")]


@pytest.mark.parametrize("written", ["A-1，A-2、A,3；A 4;A/5", "A-1\nA-2\n\nA,3\nA 4\nA/5\n"])
def test_models_are_told_apart_however_people_list_them(firm: Registry, written: str) -> None:
    mei = owner(firm)
    number = filed(firm, mei, {**OWN, "models": written})
    pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
    models = projections.record_json(firm, ANONYMOUS, pointer)["document"]["models"]
    assert models == ["A-1", "A-2", "A,3", "A 4", "A/5"]


def test_a_cell_that_is_none_hides_nothing_else_of_its_table(firm: Registry) -> None:
    rows = [
        {**INDICATORS[0], "value": "x1", "unit": ""},
        {**INDICATORS[1], "method": ""},
        {**INDICATORS[0], "operator": "in", "value": "1", "value_to": "viel"},
    ]
    mei = owner(firm)
    draft = drafted(firm, mei, {**OWN, "indicators": rows})
    found = {
        (issue.code, issue.params["row"])
        for issue in drafts.draft(firm, mei.actor, SLUG, draft).issues
        if issue.field == "indicators"
    }
    # The open range of row 3 is not held against it: its end is there, but no number.
    assert found == {("not_a_number", 1), ("unit_missing", 1), ("method_missing", 2), ("not_a_number", 3)}


def test_a_copy_that_nobody_has_touched_is_nowhere_wrong(firm: Registry) -> None:
    mei = owner(firm)
    number = filed(firm, mei, {**STATE, "compared_std": "GB/T 35607-2024"})
    view = drafts.draft(firm, mei.actor, SLUG, drafts.begin(firm, mei.actor, SLUG, copy=number))
    assert "wrong" not in {step.state for step in view.steps}


def test_questions_say_when_an_answer_is_compulsory() -> None:
    asked = questions(
        "declarations", ("issued_on", "indicators", "principal", "compared_std", "spec", "models")
    )
    assert [each.when for each in asked] == [
        "(compulsory for an own standard)",
        "(compulsory for an own standard)",
        "(compulsory where another one makes it)",
        "(compulsory where something is fewer or lower)",
        "",
        "",
    ]


def test_a_ratio_has_the_unit_one_and_per_cent_is_a_unit(firm: Registry) -> None:
    mei = owner(firm)
    rows = [{**INDICATORS[0], "unit": unit} for unit in ("1", "%", "‰", "％")]
    assert issues_of(firm, mei, {**OWN, "indicators": rows}) == set()


def test_an_organisation_without_a_credit_code_cannot_declare(firm: Registry, tmp_path: Path) -> None:
    rows = [{"country": "US", "foreign_reg_no": "DE123", "name_en": "Acme Inc.", "name_zh": "Acme"}]
    import_files(
        firm, REGISTRAR, "organisations", [samples.write_sheet(tmp_path / "f.csv", "organisations", rows)]
    )
    wei = people.sign_up(firm, WEI)
    claims.decide(firm, SYSTEM, claim(firm, wei, "F-US-DE123"), confirmed=True)
    view = declared.listed(firm, wei.actor, "F-US-DE123")
    assert view.organisation.foreign
    with pytest.raises(Invalid) as refused:
        drafts.begin(firm, wei.actor, "F-US-DE123")
    assert [issue.code for issue in refused.value.issues] == ["credit_code_needed"]


def test_what_is_not_possible_says_in_what_state_it_is(firm: Registry) -> None:
    with clock.fixed(NOW):
        mei = owner(firm)
        number = filed(firm, mei, OWN)
        state = declared.state(firm, mei.actor, SLUG, number)
        assert (state.open, state.fresh, state.status.code) == (True, True, "active")
        declared.withdraw(firm, mei.actor, SLUG, number, "产品停产")
        state = declared.state(firm, mei.actor, SLUG, number)
        assert (state.open, state.fresh, state.reason, state.since) == (
            False,
            False,
            "产品停产",
            "2026-05-04",
        )
        with pytest.raises(NotFound):
            declared.state(firm, mei.actor, SLUG, "SD-2026-999999-X")
