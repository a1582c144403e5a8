"""The desk by program: what a browser can do there, by a token that was made for it, and nothing that a browser could not do."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator
from sqlalchemy import func, select, update

from portal.api import description
from portal.app import create_app
from registry.accounts.model import AuditEntry, User
from registry.accounts.policy import Actor
from registry.kit.decision import Decision
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.api.programs import DeskProgram, codes_of, program_of
from tests.services.deciders import EVIDENCE, draft, set_status, staff, status_of
from tests.services.samples import NOON
from tests.services.transition_tables import application_in

pytestmark = pytest.mark.usefixtures("noon")

SUSPENSION = {
    "status_reason": "侵犯他人商标权（演示）",
    "legal_basis": "《中华老字号示范创建管理办法》第二十二条",
    "decided_on": "2026-11-24",
}
REMOVAL = {"removed_reason": "review_failed", "legal_basis": "演商字〔2026〕1号", "decided_on": "2026-11-24"}


@pytest.fixture(scope="module")
def app(store: Registry) -> Flask:
    return create_app(registry=store)


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    return description.openapi()


@pytest.fixture(scope="module")
def people(store: Registry) -> tuple[Actor, Actor]:
    """Two national reviewers."""
    return staff(store, "reviewer_national", "王强"), staff(store, "reviewer_national", "Lin Mei")


@pytest.fixture(scope="module")
def wang(app: Flask, store: Registry, people: tuple[Actor, Actor]) -> DeskProgram:
    return program_of(app, store, people[0])


@pytest.fixture(scope="module")
def lin(app: Flask, store: Registry, people: tuple[Actor, Actor]) -> DeskProgram:
    return program_of(app, store, people[1])


@pytest.fixture
def listed(store: Registry) -> str:
    """The number of a brand that is on the list, without a decision that waits."""
    number = set_status(store, "brands", "listed")
    with unit_of_work(store.engine) as connection:
        connection.execute(update(Decision).where(Decision.state == "prepared").values(state="taken_back"))
    return number


def suspension(number: str, **more: Any) -> dict[str, Any]:
    body = {"register": "brands", "transition": "suspended", "numbers": [number], "evidence": EVIDENCE}
    return {**body, "stated": SUSPENSION, **more}


def prepared(program: DeskProgram, number: str) -> int:
    answer = program.post("decisions", suspension(number))
    assert answer.status_code == 201, answer.text
    return int(answer.get_json()["decision"])


def problems(
    described: dict[str, Any], path: str, answer: Any, method: str = "get", status: int = 200
) -> list[str]:
    """Where an answer is not as its schema says."""
    content = described["paths"][path][method]["responses"][str(status)]["content"]
    (schema,) = (each["schema"] for each in content.values())
    whole = {**schema, "components": described["components"]}
    found = [
        f"{each.json_path}: {each.message[:200]}" for each in Draft202012Validator(whole).iter_errors(answer)
    ]
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        found += sorted(set(answer) - set(described["components"]["schemas"][name]["properties"]))
    return found


def decisions(store: Registry) -> int:
    with read_transaction(store.engine) as connection:
        return connection.execute(select(func.count()).select_from(Decision)).scalar_one()


def doors(store: Registry, action: str) -> list[str]:
    with read_transaction(store.engine) as connection:
        found = select(AuditEntry.door).where(AuditEntry.action == action).order_by(AuditEntry.id)
        return list(connection.execute(found).scalars())


def test_a_decision_from_the_queue_to_the_public_page(
    store: Registry, wang: DeskProgram, lin: DeskProgram, listed: str, described: dict[str, Any]
) -> None:
    case = wang.read(f"registers/brands/records/{listed}")
    assert problems(described, "/desk/registers/{register}/records/{number}", case) == []
    offered = {each["key"]: each for each in case["transitions"]}
    assert case["record"]["status"] == "listed"
    assert offered["suspended"]["after"]["code"] == "suspended"
    fields = {each["name"]: each for each in offered["removed"]["fields"]}
    assert fields["removed_reason"]["required"]
    assert {"review_failed", "bankrupt"} & {each["code"] for each in fields["removed_reason"]["codes"]}
    assert all(each["zh"] and each["en"] for each in fields["removed_reason"]["codes"])
    assert fields["decided_on"]["suggested"] == "2026-11-24"

    before = decisions(store)
    tried = wang.post("decisions?dry_run=1", suspension(listed), Accept_Language="en").get_json()
    assert problems(described, "/desk/decisions", tried, "post") == []
    assert (tried["possible"], tried["refused"], decisions(store)) == (1, [], before)
    assert "must not be used" in tried["effects"][0]["sentences"]["en"]
    assert {change["label"]["en"]: change["after"] for change in tried["effects"][0]["changes"]}[
        "Status"
    ] == "Suspended"

    made = wang.post("decisions", suspension(listed), Idempotency_Key="act-1")
    assert (made.status_code, made.headers["Cache-Control"]) == (201, "no-store")
    assert problems(described, "/desk/decisions", made.get_json(), "post", 201) == []
    decision = made.get_json()["decision"]
    assert made.headers["Location"] == f"/api/v1/desk/decisions/{decision}"
    again = wang.post("decisions", suspension(listed), Idempotency_Key="act-1")
    assert (again.get_json(), again.headers["Idempotent-Replayed"]) == (made.get_json(), "true")
    assert decisions(store) == before + 1
    other = wang.post("decisions", suspension(listed, note="another"), Idempotency_Key="act-1")
    assert (other.status_code, codes_of(other)) == (422, {("idempotency_key_reused", "")})

    [line] = [each for each in lin.read("decisions")["items"] if each["id"] == decision]
    assert (line["number"], line["prepared_by"], line["records"]) == (listed, "王强", 1)
    assert decision in [each["id"] for each in wang.read("decisions?queue=prepared")["items"]]
    view = lin.read(f"decisions/{decision}")
    assert problems(described, "/desk/decisions/{decision}", view) == []
    assert (view["obstacle"], view["own"], view["refused"]) == (None, False, [])
    own = wang.read(f"decisions/{decision}")
    assert (own["own"], own["obstacle"]["code"]) == (True, "decision_is_own")
    refused = wang.post(f"decisions/{decision}/take")
    assert (refused.status_code, codes_of(refused)) == (403, {("decision_is_own", "")})
    assert status_of(store, "brands", listed) == "listed"

    assert lin.post(f"decisions/{decision}/claim").get_json()["state"] == "prepared"
    taken = lin.post(f"decisions/{decision}/take", Idempotency_Key="take-1")
    assert problems(described, "/desk/decisions/{decision}/take", taken.get_json(), "post") == []
    assert (taken.status_code, taken.get_json()["state"]) == (200, "taken")
    assert status_of(store, "brands", listed) == "suspended"
    repeated = lin.post(f"decisions/{decision}/take", Idempotency_Key="take-1")
    assert (repeated.status_code, repeated.headers["Idempotent-Replayed"]) == (200, "true")
    late = lin.post(f"decisions/{decision}/take", Idempotency_Key="take-2")
    assert (late.status_code, codes_of(late)) == (409, {("decision_settled", "")})
    for action in ("decision_prepared", "decision_claimed", "decision_taken"):
        assert doors(store, action)[-1] == "api"


def test_a_decision_is_returned_taken_back_and_let_go(
    store: Registry, wang: DeskProgram, lin: DeskProgram, listed: str
) -> None:
    decision = prepared(wang, listed)
    silent = lin.post(f"decisions/{decision}/return", {"reply": " "})
    assert (silent.status_code, codes_of(silent)) == (422, {("reply_wanted", "reply")})
    assert lin.post(f"decisions/{decision}/return").status_code == 422
    assert lin.post(f"decisions/{decision}/return", {"reply": "请补充文号"}).get_json()["state"] == "returned"
    [mine] = [each for each in wang.read("decisions?queue=returned")["items"] if each["id"] == decision]
    assert mine["reply"] == "请补充文号"
    second = prepared(wang, listed)
    assert lin.post(f"decisions/{second}/claim").status_code == 200
    assert lin.post(f"decisions/{second}/release").status_code == 200
    theirs = lin.post(f"decisions/{second}/take-back")
    assert (theirs.status_code, codes_of(theirs)) == (403, {("decision_of_another", "")})
    assert wang.post(f"decisions/{second}/take-back").get_json()["state"] == "taken_back"
    assert wang.post(f"decisions/{second}/take-back").status_code == 409
    assert lin.post("decisions/999999/take").status_code == 404
    assert status_of(store, "brands", listed) == "listed"


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        (b"{", 400, {("not_json", "")}),
        ([1], 400, {("fields_wanted", "")}),
        ({"status": "removed"}, 422, {("unknown_field", "status")}),
        ({"numbers": "TB-1"}, 422, {("wrong_type", "numbers")}),
        ({"stated": {"a": ["b"]}}, 422, {("wrong_type", "stated")}),
        ({"stated": {"a": True}}, 422, {("wrong_type", "stated")}),
        ({"version": -1}, 422, {("wrong_type", "version")}),
        ({"version": True}, 422, {("wrong_type", "version")}),
        ({"leave_out": 1}, 422, {("wrong_type", "leave_out")}),
        ({"evidence": "a\u0007b"}, 422, {("control_characters", "evidence")}),
        ({"numbers": []}, 422, {("no_record_named", "numbers")}),
        ({"numbers": ["TB-1"]}, 422, {("number_unknown_here", "numbers")}),
        ({"numbers": ["TB-1"] * 1001}, 422, {("too_many_records", "numbers")}),
        ({"evidence": ""}, 422, {("evidence_wanted", "evidence")}),
        ({"evidence": "字" * 2001}, 422, {("too_long", "evidence")}),
        ({"stated": {**SUSPENSION, "story_zh": "另一个故事"}}, 422, {("field_not_of_decision", "")}),
        ({"stated": {**SUSPENSION, "decided_on": "2026-11-25"}}, 422, {("after_today", "decided_on")}),
        ({"stated": {**SUSPENSION, "status_reason": ""}}, 422, {("required", "status_reason")}),
        ({"version": 999}, 422, {("record_changed", "")}),
    ],
)
def test_what_is_wrong_with_a_request_is_named(
    store: Registry, wang: DeskProgram, listed: str, body: Any, status: int, expected: set[tuple[str, str]]
) -> None:
    before = decisions(store)
    sent = suspension(listed, **body) if isinstance(body, dict) else body
    answer = wang.post("decisions", sent, Accept_Language="zh")
    assert (answer.status_code, codes_of(answer)) == (status, expected)
    assert all(issue["message"] for issue in answer.get_json()["issues"])
    assert decisions(store) == before


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("cases?page=2", 400),
        ("cases?kind=never", 400),
        ("cases?register=nothing", 400),
        ("cases?limit=101", 400),
        ("cases?next=x", 400),
        ("decisions?queue=all", 400),
        ("decisions?next=b25l", 400),
        ("applications?next=b25l", 400),
        ("registers/nothing/records/1", 404),
        ("registers/brands/records/TB-1", 404),
        ("decisions/99999", 404),
        ("applications/99999", 404),
        ("nothing", 404),
    ],
)
def test_an_address_or_a_parameter_that_there_is_not(wang: DeskProgram, path: str, status: int) -> None:
    answer = wang.get(path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


def test_a_transition_that_is_not_there_or_another_roles(app: Flask, store: Registry, listed: str) -> None:
    province = program_of(app, store, staff(store, "reviewer_province", region="110000"))
    other = province.post("decisions", suspension(listed))
    assert (other.status_code, codes_of(other)) == (403, {("transition_of_others", "")})
    assert province.post("decisions", suspension(listed, transition="melted")).status_code == 404
    assert province.post("decisions", suspension(listed, register="melted")).status_code == 404
    assert province.post("decisions?dry_run=2", suspension(listed)).status_code == 400


def test_the_scope_of_a_token_bounds_what_it_does(
    app: Flask, store: Registry, people: tuple[Actor, Actor], listed: str
) -> None:
    reader = program_of(app, store, people[0], "see_desk")
    assert reader.get("cases").status_code == 200
    assert reader.post("decisions?dry_run=1", suspension(listed)).status_code == 200
    refused = reader.post("decisions", suspension(listed))
    assert (refused.status_code, codes_of(refused)) == (403, {("token_only_reads", "")})
    assert refused.headers["WWW-Authenticate"].endswith('error="insufficient_scope", scope="decide"')
    filing = program_of(app, store, people[0], "declare")
    for path in ("registers", "cases", "decisions", "applications", f"registers/brands/records/{listed}"):
        answer = filing.get(path)
        assert (answer.status_code, codes_of(answer)) == (403, {("token_not_of_desk", "")})
    files = program_of(app, store, people[0]).post(
        "/api/v1/registers/declarations/records?dry_run=1", {"document": {}}
    )
    assert (files.status_code, codes_of(files)) == (403, {("token_does_not_file", "")})


@pytest.mark.parametrize("key", ["", "pz_nothing"])
def test_without_a_valid_token_nothing_is_said(app: Flask, listed: str, key: str) -> None:
    stranger = DeskProgram(app, key)
    for method, path in (
        ("GET", "cases"), ("GET", f"registers/brands/records/{listed}"), ("POST", "decisions"), ("POST", "decisions/1/take"),
        ("GET", "applications/1/files/1"), ("POST", "applications/1/steps"),
    ):  # fmt: skip
        answer = stranger.open(method, path)
        assert (answer.status_code, answer.mimetype) == (401, "application/problem+json")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "change",
    [
        {"suspended_at": NOON},
        {"factor_since": None},
    ],
)
def test_a_token_ends_with_its_account_and_with_the_second_factor(
    app: Flask, store: Registry, change: dict[str, Any]
) -> None:
    actor = staff(store, "reviewer_national")
    program = program_of(app, store, actor)
    assert program.get("cases").status_code == 200
    with unit_of_work(store.engine) as connection:
        connection.execute(update(User).where(User.id == actor.user_id).values(**change))
    assert program.get("cases").status_code == 401


def test_many_records_at_once_are_all_or_none_unless_some_are_left_out(
    store: Registry, wang: DeskProgram, lin: DeskProgram, listed: str
) -> None:
    second = set_status(store, "brands", "listed", index=1)
    ended = set_status(store, "brands", "removed", index=2)
    body = {
        "register": "brands",
        "transition": "removed",
        "numbers": [listed, second, ended, "TB-1"],
        "stated": REMOVAL,
        "evidence": EVIDENCE,
    }
    tried = wang.post("decisions?dry_run=1", body).get_json()
    assert (tried["possible"], sorted(each["number"] for each in tried["refused"])) == (
        2,
        sorted([ended, "TB-1"]),
    )
    before = decisions(store)
    refused = wang.post("decisions", body)
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invalid")
    told = {(issue["number"], issue["code"]) for issue in refused.get_json()["issues"]}
    assert told == {(ended, "not_a_transition"), ("TB-1", "number_unknown_here")}
    assert decisions(store) == before
    made = wang.post("decisions", {**body, "leave_out": True})
    assert (made.status_code, made.get_json()["records"]) == (201, 2)
    assert sorted(made.get_json()["left_out"]) == sorted([ended, "TB-1"])
    decision = made.get_json()["decision"]
    with unit_of_work(store.engine) as connection:
        changed = (Record.register == "brands") & (Record.number == second)
        connection.execute(update(Record).where(changed).values(version=Record.version + 1))
    stale = lin.post(f"decisions/{decision}/take")
    assert stale.status_code == 409
    assert [(issue["number"], issue["code"]) for issue in stale.get_json()["issues"]] == [
        (second, "record_changed")
    ]
    assert status_of(store, "brands", listed) == "listed"
    taken = lin.post(f"decisions/{decision}/take", {"leave_out": True})
    assert taken.get_json() == {"decision": decision, "state": "taken", "left_out": [second]}
    assert (status_of(store, "brands", listed), status_of(store, "brands", second)) == ("removed", "listed")


def test_lists_go_on_behind_the_last_line_whatever_has_left_them(
    store: Registry, wang: DeskProgram, described: dict[str, Any]
) -> None:
    for index, status in enumerate(("publicity", "suspended", "rectifying")):
        set_status(store, "brands", status, index=index)
    set_status(store, "declarations", "under_check")
    whole = wang.read("cases?limit=100")
    assert problems(described, "/desk/cases", whole) == []
    assert whole["total"] == len(whole["items"]) >= 4
    assert sum(whole["counts"].values()) == whole["total"]
    numbers = [each["number"] for each in whole["items"]]
    first = wang.get("cases?limit=2")
    assert [each["number"] for each in first.get_json()["items"]] == numbers[:2]
    link = re.fullmatch(r'<(/api/v1/desk/cases\?limit=2&next=[^>]+)>; rel="next"', first.headers["Link"])
    assert link is not None
    with unit_of_work(store.engine) as connection:  # the first one is decided on meanwhile
        connection.execute(update(Record).where(Record.number == numbers[0]).values(status="removed"))
    seen, path = [], link[1]
    while path:
        page = wang.read(path)
        seen += [each["number"] for each in page["items"]]
        path = f"cases?limit=2&next={page['next']}" if page["next"] else ""
    assert seen == numbers[2:]
    of_brands = wang.read("cases?register=brands&kind=waiting&limit=100")["items"]
    assert {(each["register"], each["kind"]) for each in of_brands} == {("brands", "waiting")}


def test_decisions_are_listed_page_by_page(store: Registry, wang: DeskProgram, listed: str) -> None:
    ids = [prepared(wang, set_status(store, "brands", "listed", index=index)) for index in range(3)]
    first = wang.read("decisions?queue=prepared&limit=2")
    assert [each["id"] for each in first["items"]] == ids[:2]
    rest = wang.read(f"decisions?queue=prepared&limit=2&next={first['next']}")
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (ids[2:], None)
    assert wang.read("decisions?queue=prepared&register=grades")["items"] == []


def test_an_auditor_reads_everything_and_changes_nothing(
    app: Flask, store: Registry, wang: DeskProgram, listed: str
) -> None:
    auditor = program_of(app, store, staff(store, "auditor"), "see_desk")
    decision = prepared(wang, listed)
    assert decision in [each["id"] for each in auditor.read("decisions")["items"]]
    assert auditor.read(f"decisions/{decision}")["evidence"] == EVIDENCE
    case = auditor.read(f"registers/brands/records/{listed}")
    assert (case["transitions"], case["obstacle"]["code"]) == ([], "desk_reads_only")
    assert decision in [each["id"] for each in case["decisions"]]
    for path, sent in (
        ("decisions", suspension(listed)),
        ("decisions?dry_run=1", suspension(listed)),
        (f"decisions/{decision}/take", None),
        (f"decisions/{decision}/claim", None),
    ):
        assert auditor.post(path, sent).status_code == 403


def test_what_lies_outside_the_bounds_of_an_account_is_not_shown_nor_ended(
    app: Flask, store: Registry
) -> None:
    """A decision on a record of Beijing, prepared by a reviewer of Beijing; the other is of Zhejiang."""
    number = set_status(store, "declarations", "active")
    with unit_of_work(store.engine) as connection:
        here = (Record.register == "declarations") & (Record.number == number)
        connection.execute(update(Record).where(here).values(region_code="110000"))
    here_first, here_second, elsewhere = (
        program_of(app, store, staff(store, "reviewer_province", region=region))
        for region in ("110000", "110000", "330000")
    )
    body = {
        "register": "declarations",
        "transition": "check_opened",
        "numbers": [number],
        "evidence": EVIDENCE,
    }
    made = here_first.post("decisions", body)
    assert made.status_code == 201, made.text
    decision = made.get_json()["decision"]
    case = elsewhere.read(f"registers/declarations/records/{number}")
    assert (case["transitions"], case["obstacle"]["code"], case["decisions"]) == ([], "outside_region", [])
    assert elsewhere.get(f"decisions/{decision}").status_code == 404
    assert decision not in [each["id"] for each in elsewhere.read("decisions?limit=100")["items"]]
    for act, sent in (("return", {"reply": "x"}), ("claim", None)):
        answer = elsewhere.post(f"decisions/{decision}/{act}", sent)
        assert (answer.status_code, codes_of(answer)) == (403, {("outside_region", "")})
    refused = elsewhere.post(f"decisions/{decision}/take")
    assert (refused.status_code, codes_of(refused)) == (409, {("outside_region", "")})
    assert decision in [each["id"] for each in here_second.read("decisions?limit=100")["items"]]
    assert here_second.post(f"decisions/{decision}/take").status_code == 200


def test_registers_and_their_transitions_are_those_of_the_role(
    wang: DeskProgram, people: tuple[Actor, Actor], store: Registry, described: dict[str, Any]
) -> None:
    found = wang.read("registers")
    assert problems(described, "/desk/registers", found) == []
    for each in found["items"]:
        assert each["register"] in catalogue()
        assert all(move["mine"] for move in each["transitions"])
    assert "brands" in [each["register"] for each in found["items"]]


def test_a_large_body_is_not_read(wang: DeskProgram) -> None:
    assert wang.post("decisions", b"[" + b" " * 1_000_001).status_code == 413


def test_the_browser_and_the_program_see_the_same_decision(
    store: Registry, wang: DeskProgram, people: tuple[Actor, Actor], listed: str
) -> None:
    """What is prepared through the page is taken by program."""
    decision = deciding.prepare_decision(
        store, people[1], draft("brands", "suspended", listed, stated=SUSPENSION)
    )
    assert wang.post(f"decisions/{decision}/take").status_code == 200
    assert status_of(store, "brands", listed) == "suspended"


def test_applications_are_led_on_by_program(
    app: Flask, store: Registry, described: dict[str, Any], wang: DeskProgram, lin: DeskProgram
) -> None:
    holder = staff(store, "enterprise")
    city = program_of(app, store, staff(store, "reviewer_city", region="330100"))
    one, two = (application_in(store, "brands", "submitted", holder) for _each in range(2))
    page = city.read("applications?limit=1")
    assert problems(described, "/desk/applications", page) == []
    assert [each["id"] for each in page["items"]] == [one]
    view = city.read(f"applications/{one}")
    assert problems(described, "/desk/applications/{application}", view) == []
    assert {each["key"] for each in view["transitions"]} == {"passed_city", "returned"}

    steps = f"applications/{one}/steps"
    step = {
        "transition": "passed_city",
        "revision": view["revision"],
        "opinion": "同意",
        "papers": ["核查表", "意见"],
    }
    wrong: tuple[tuple[dict[str, Any], set[tuple[str, str]]], ...] = (
        ({"papers": []}, {("paper_wanted", "paper-0"), ("paper_wanted", "paper-1")}),
        ({"papers": ["a"] * 3}, {("too_many_items", "papers")}),
        ({"reasons": {"brand_name_zh": "x"}}, {("not_asked_in_step", "reasons")}),
        ({"stated": {"batch": "4"}}, {("not_asked_in_step", "stated")}),
        ({"opinion": "长" * 2001}, {("too_long", "opinion")}),
    )
    for changes, expected in wrong:
        answer = city.post(steps, {**step, **changes})
        assert (answer.status_code, codes_of(answer)) == (422, expected)
    stale = city.post(steps, {**step, "revision": 99})
    assert (stale.status_code, codes_of(stale)) == (409, {("application_moved", "")})
    done = city.post(steps, step, Idempotency_Key="step-1")
    assert problems(described, "/desk/applications/{application}/steps", done.get_json(), "post", 201) == []
    assert (done.status_code, done.get_json()["state"]) == (201, "taken")
    assert city.post(steps, step, Idempotency_Key="step-1").headers["Idempotent-Replayed"] == "true"
    rest = city.read(
        f"applications?limit=1&next={page['next']}"
    )  # goes on, though the first one has moved on
    assert ([each["id"] for each in rest["items"]], rest["next"]) == ([two], None)
    back = city.post(
        f"applications/{two}/steps",
        {"transition": "returned", "revision": 1, "papers": ["核查表", "意见"], "reasons": {"nonsense": "x"}},
    )
    assert (back.status_code, codes_of(back)) == (
        422,
        {("not_asked_in_step", "reasons"), ("reasons_wanted", "opinion")},
    )


def test_a_refusal_of_an_application_is_two_peoples(
    store: Registry, wang: DeskProgram, lin: DeskProgram
) -> None:
    application = application_in(store, "brands", "local_ok", staff(store, "enterprise"))
    path = f"applications/{application}"

    def prepare() -> int:
        body = {"transition": "declined", "revision": wang.read(path)["revision"], "opinion": "不符合条件"}
        made = wang.post(f"{path}/steps", {**body, "papers": ["会议纪要", "评分表"]})
        assert (made.status_code, made.get_json()["state"]) == (201, "prepared"), made.text
        return int(made.get_json()["step"])

    step = prepare()
    own = wang.post(f"{path}/steps/{step}/take")
    assert (own.status_code, codes_of(own)) == (403, {("decision_is_own", "")})
    assert lin.post(f"{path}/steps/{step}/return", {"reply": "请补充"}).get_json()["state"] == "returned"
    assert wang.post(f"{path}/steps/{prepare()}/take-back").get_json()["state"] == "taken_back"
    step = prepare()
    assert lin.read(path)["pending"]["id"] == step
    taken = lin.post(f"{path}/steps/{step}/take")
    assert (taken.status_code, taken.get_json()["state"]) == (200, "taken")
    assert lin.post(f"{path}/steps/{step}/take").status_code == 409
    assert lin.post(f"{path}/steps/999999/take").status_code == 404
    assert wang.read(path)["status"]["code"] == "declined"
    assert doors(store, "application_step_taken")[-1] == "api"


def test_a_late_fault_of_an_application_can_be_corrected(store: Registry, wang: DeskProgram) -> None:
    """The national level returns what a city and a province have passed on, also after the experts."""
    for status in ("local_ok", "expert_ok"):
        application = application_in(store, "brands", status, staff(store, "enterprise"))
        body = {"transition": "returned", "revision": 1, "opinion": "请更新商标证明"}
        done = wang.post(f"applications/{application}/steps", {**body, "papers": ["核查表", "意见"]})
        assert (done.status_code, done.get_json()["state"]) == (201, "taken"), done.text
        assert wang.read(f"applications/{application}")["status"]["code"] == "returned"


def test_decisions_with_grounds_of_their_own_are_prepared_and_taken_together(
    store: Registry, app: Flask
) -> None:
    one, other = set_status(store, "brands", "listed"), set_status(store, "brands", "listed", index=1)
    with unit_of_work(store.engine) as connection:
        connection.execute(update(Decision).where(Decision.state == "prepared").values(state="taken_back"))
    mei, wei = (program_of(app, store, staff(store, "registrar")) for _each in range(2))
    row = {"stated": {"status_reason": "拒绝整改", "legal_basis": "演示〔2026〕1号"}}
    body = {
        "register": "brands",
        "transition": "suspended",
        "evidence": EVIDENCE,
        "rows": [{"number": one, **row}, {"number": other, **row}, {"number": "TB-2006-99999-9", **row}],
    }
    refused = mei.post("sheets", body)
    assert (refused.status_code, codes_of(refused)) == (422, {("number_unknown_here", "number")})
    assert [(each["row"], each["number"]) for each in refused.get_json()["issues"]] == [
        (3, "TB-2006-99999-9")
    ]
    made = mei.post("sheets", {**body, "leave_out": True}, Idempotency_Key="a")
    assert (made.status_code, made.get_json()["decisions"]) == (201, 2), made.text
    again = mei.post("sheets", {**body, "leave_out": True}, Idempotency_Key="a")
    assert (again.get_json(), again.headers["Idempotent-Replayed"]) == (made.get_json(), "true")
    sheet = made.get_json()["sheet"]
    own = mei.post(f"sheets/{sheet}/take")
    assert (own.status_code, codes_of(own)) == (403, {("decision_is_own", "")})
    taken = wei.post(f"sheets/{sheet}/take")
    assert (taken.status_code, taken.get_json()["states"]) == (200, {"taken": 2}), taken.text
    assert {status_of(store, "brands", number) for number in (one, other)} == {"suspended"}
    assert wei.post(f"sheets/{sheet}/return", {"reply": "x"}).status_code == 409
    assert mei.post(f"sheets/{sheet}/take-back").status_code == 409


@pytest.mark.parametrize(
    ("rows", "issue"),
    [
        ([{"numbers": "1"}], ("unknown_field", "rows[1].numbers")),
        ([{"number": 1}], ("wrong_type", "rows[1].number")),
        ([], ("no_record_named", "rows")),
        ([{"number": "1"}] * 1001, ("too_many_rows", "rows")),
    ],
)
def test_rows_of_a_wrong_form(store: Registry, app: Flask, rows: list[Any], issue: tuple[str, str]) -> None:
    mei = program_of(app, store, staff(store, "registrar"))
    answer = mei.post("sheets", {"register": "brands", "rows": rows})
    assert (answer.status_code, codes_of(answer)) == (422, {issue}), answer.text
