"""Declarations filed by enterprises: drafts, two editors, what is refused and how, publication, and life after it."""

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
from registry.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from registry.kit.draft import Draft, Receipt
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.services import claims, declared, drafts, finding, lookup, projections, reading, relay
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
    better = [{**INDICATORS[0], "value": "0.03"}, INDICATORS[1]]
    drafts.save(firm, mei.actor, SLUG, draft, 1, {"indicators": better})
    assert drafts.file(firm, mei.actor, SLUG, draft, 2, "王强") == number
    pointer = reading.locate(firm, ANONYMOUS, "declarations", number)
    history = reading.history(firm, ANONYMOUS, pointer, "en").history
    assert [step.reason for step in history] == ["Facts amended", "Declared"]
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
