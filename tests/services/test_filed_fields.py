"""What an enterprise files and what it does not: categories, services, the commitment, and fields refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from portal.app import create_app
from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.filing.questions import describe_issue, list_questions, possible_answers
from registry.services.people import tokens
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from tests.api.test_filing_api import DOCUMENT, RECORDS, Program
from tests.services.filers import NATIONAL_STANDARD, NOW, OWN_STANDARD, file_declaration, firm, issues_of
from tests.services.filing_sheets import get_job, hand_in_and_run, results, to_cells
from tests.services.members import SLUG, sign_up_owner
from tests.services.people import PASSWORD

__all__ = ["firm"]
OTHER_PARTNER = "91110000101461180X"


def program_of(registry: Registry, user: UserSession) -> Program:
    key = tokens.create_token(registry, user.actor, PASSWORD, tokens.TokenRequest("ERP", "declare", 30, SLUG))
    return Program(create_app(registry=registry), key)


NOT_FILED: list[tuple[dict[str, Any], tuple[str, str]]] = [
    ({"channel": "other"}, ("filled_in", "channel")),
    ({"channel_url": "https://example.com/"}, ("not_filed", "channel_url")),
    ({"channel_snapshot": "0" * 64}, ("not_filed", "channel_snapshot")),
    ({"declared_on": "2020-01-01"}, ("filled_in", "declared_on")),
    ({"org_name_zh": "另一家企业"}, ("filled_in", "org_name_zh")),
    ({"region_code": "110000"}, ("filled_in", "region_code")),
    ({"std_kind": "sector"}, ("filled_in", "std_kind")),
    ({"still_true_on": "2026-05-04"}, ("not_filed", "still_true_on")),
    ({"correct_until": "2026-06-01"}, ("not_filed", "correct_until")),
    ({"ordered_by": "某局"}, ("not_filed", "ordered_by")),
    ({"withdrawn_on": "2026-05-04"}, ("not_filed", "withdrawn_on")),
    ({"legal_basis": "某法"}, ("not_filed", "legal_basis")),
    ({"demo": True}, ("not_filed", "demo")),
    ({"source": "某网站"}, ("not_filed", "source")),
]


def test_what_is_not_filed_is_refused_by_name(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        program = program_of(firm, mei)
        for change, wanted in NOT_FILED:
            answer = program.post({**DOCUMENT, **change}, f"{RECORDS}?dry_run=1")
            found = [(each["code"], each["field"]) for each in answer.get_json()["issues"]]
            assert found == [wanted], change
        rows = [
            to_cells({**OWN_STANDARD, "product_name_zh": f"桌{place}"}) | {name: str(value).lower()}
            for place, (change, _wanted) in enumerate(NOT_FILED)
            for name, value in change.items()
        ]
        job = hand_in_and_run(firm, mei, rows)
        assert get_job(firm, mei, job).refused == len(NOT_FILED)
        told = [(row["code"], row["field"]) for row in results(firm, mei, job)]
        assert told == [wanted for _change, wanted in NOT_FILED]


def test_what_the_register_fills_in_may_be_sent_as_it_stands(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        program = program_of(firm, mei)
        same = {
            "channel": "本平台",
            "declared_on": "2026-05-04",
            "org_name_zh": "杭州青屿家具有限公司 (演示)",
        }
        record = program.post({**DOCUMENT, **same, "std_kind": "enterprise"}).get_json()
        read_back = dict(record["document"])
        assert program.put(record["number"], read_back, If_Match="*").status_code == 200
        assert program.put(record["number"], {**read_back, "spec": "两件装"}, If_Match="*").status_code == 200


def test_a_title_that_is_not_the_catalogues_is_told(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        program = program_of(firm, mei)
        document = {**NATIONAL_STANDARD, "models": ["QY-1"]}
        for title, wanted in (("绿色产品评价　家具", []), ("家具通用要求", ["filled_in"])):
            answer = program.post({**document, "std_name_zh": title}, f"{RECORDS}?dry_run=1")
            assert [each["code"] for each in answer.get_json()["issues"]] == wanted


def test_partners_are_filed_at_every_door(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(firm, mei, {**OWN_STANDARD, "joint_with": OTHER_PARTNER})
        row = to_cells({**OWN_STANDARD, "product_name_zh": "书桌", "joint_with": OTHER_PARTNER})
        assert get_job(firm, mei, hand_in_and_run(firm, mei, [row])).created == 1
        document = {**DOCUMENT, "product_name_zh": "椅", "joint_with": [OTHER_PARTNER]}
        assert program_of(firm, mei).post(document).get_json()["document"]["joint_with"] == [OTHER_PARTNER]
        pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
        assert reading.get_record(firm, ANONYMOUS, pointer, "en").document["joint_with"] == [OTHER_PARTNER]


@pytest.mark.parametrize("category", ["8101", "养老照护服务", "Elderly care services"])
def test_a_service_is_declared_without_models(firm: Registry, category: str) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        service = {**OWN_STANDARD, "product_name_zh": "养老照护服务", "category": category, "models": ""}
        assert issues_of(firm, mei, service) == set()
        assert issues_of(firm, mei, {**service, "category": "0701"}) == {("required", "models")}


@pytest.mark.parametrize(
    ("word", "code", "meant"),
    [
        ("家具", "category_too_broad", ["0701", "0702", "0703", "0704"]),
        ("07", "category_too_broad", ["0701", "0702", "0703", "0704"]),
        ("木头家具", "unknown_word", ["0701"]),
        ("随便什么", "unknown_word", []),
    ],
)
def test_a_word_that_is_no_category_brings_those_that_it_may_mean(
    firm: Registry, word: str, code: str, meant: list[str]
) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        assert issues_of(firm, mei, {**OWN_STANDARD, "category": word}) == {(code, "category")}
    issue = Issue(code, "category", {"value": word})
    possible = possible_answers(issue, "declarations")
    words = describe_issue(issue, "declarations", "zh")
    assert possible[: len(meant)] == meant if meant else len(possible) > 200
    assert ("您要填的是不是" in words) is bool(meant)


def test_categories_stand_under_headings() -> None:
    [question] = list_questions("declarations", ("category",))
    assert (question.kind, question.required) == ("choice", True)
    heading, choices = question.choice_groups[6]
    assert (heading.zh, choices[0][0], choices[0][1].en) == ("家具", "0701", "Wooden furniture")


@pytest.mark.parametrize("word", ["true_accurate_lawful", "是", "承诺", "true"])
def test_the_commitment_is_the_prescribed_one_and_more(firm: Registry, word: str) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        number = file_declaration(
            firm, mei, {**OWN_STANDARD, "commitment": word, "commitment_more": "保修五年。"}
        )
        pointer = reading.locate_record(firm, ANONYMOUS, "declarations", number)
        document = reading.get_record(firm, ANONYMOUS, pointer, "en").document
        assert (document["commitment"], document["commitment_more"]) == ("true_accurate_lawful", "保修五年。")


def test_other_words_are_no_commitment(firm: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(firm)
        assert issues_of(firm, mei, {**OWN_STANDARD, "commitment": "好"}) == {("unknown_word", "commitment")}
