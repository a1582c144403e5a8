"""Every transition through the form and the API, by a role of the table and by one that is not: the same answer at both doors.

Which role stands for the others changes from transition to transition. Two persons are asked for at each door.
"""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.web.access import SESSION_KEY
from registry import clock
from registry.accounts import tokens_and_hashes
from registry.accounts.membership import Membership
from registry.accounts.model import Session
from registry.accounts.policy import Action, Actor, may
from registry.errors import Forbidden, Invalid
from registry.kit.random_check import FAILED, PASSED
from registry.kit.record import Record
from registry.registers import applied_registers, catalogue, filed_registers
from registry.services import deciding, decision_sheets
from registry.services.bootstrap import Registry
from registry.services.deciding import moves
from registry.services.decision_sheets import DecisionUpload, rows
from registry.services.decision_sheets.columns import WrittenRow
from registry.services.publication import publishing
from registry.services.random_checks import steps
from registry.services.random_checks.steps import Grounds
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.api.programs import DeskProgram, codes_of, program_of
from tests.portal.people import Person
from tests.services import transition_tables
from tests.services.deciders import EVIDENCE, desk_key, draft, filled_in, status_of
from tests.services.transition_tables import (
    ACCOUNTS,
    DECIDING,
    application_in,
    decisions,
    every_state,
    expected_steps,
    private_states,
    sample_in,
)

# Once: the services are asked on both databases.
pytestmark = [pytest.mark.once, pytest.mark.usefixtures("noon")]
MOVES = [(slug, move) for slug, definition in sorted(catalogue().items()) for move in decisions(definition)]
CORE = ("brands", "green-products", "grades", "declarations")
NO_ACCOUNT = "no account"


def pairs() -> list[tuple[str, str]]:
    """For each transition a role of the table, and one that may not make it: those that were asked least so far."""
    asked: Counter[str] = Counter()
    turned_away: Counter[str] = Counter()
    found = []
    for _slug, move in MOVES:
        allowed = min((role for role in sorted(move.roles) if role in DECIDING), key=lambda role: asked[role])
        others = (role for role in (*ACCOUNTS, NO_ACCOUNT) if role not in move.roles or role not in DECIDING)
        other = min(others, key=lambda role: turned_away[role])
        asked[allowed] += 1
        turned_away[other] += 1
        found.append((allowed, other))
    return found


PAIRS = pairs()
ROLE_CODES = {"transition_of_others", "transition_not_allowed", "role_may_not"}


@pytest.fixture(scope="module")
def app(store: Registry) -> Flask:
    return create_app(registry=store)


@pytest.fixture(scope="module")
def people(store: Registry) -> dict[str, Actor]:
    return transition_tables.accounts(store)


@pytest.fixture(scope="module")
def programs(app: Flask, store: Registry, people: dict[str, Actor]) -> dict[str, DeskProgram]:
    """A program of each account: also of roles that could make no such token, as when their role has changed."""
    return {NO_ACCOUNT: DeskProgram(app, "")} | {
        name: program_of(app, store, actor) for name, actor in people.items()
    }


@pytest.fixture(scope="module")
def browsers(app: Flask, store: Registry, people: dict[str, Actor]) -> dict[str, Person]:
    """A browser of each account, signed in with both factors."""
    found = {NO_ACCOUNT: Person(app)}
    for name, actor in people.items():
        found[name] = Person(app)
        key = tokens_and_hashes.generate_key()
        times = {"created_at": clock.now(), "seen_at": clock.now()}
        with unit_of_work(store.engine) as connection:
            session = {
                "key_hash": tokens_and_hashes.hash_key(key),
                "user_id": actor.user_id,
                "complete": True,
            }
            connection.execute(insert(Session).values(**session, **times))
        with found[name].browser.session_transaction() as cookie:
            cookie[SESSION_KEY] = key
    return found


@pytest.mark.parametrize(
    "index",
    range(len(MOVES)),
    ids=lambda index: "-".join((MOVES[index][0], MOVES[index][1].name, MOVES[index][1].before)),
)
def test_form_and_program_let_the_roles_of_the_table_prepare_it(
    store: Registry, programs: dict[str, DeskProgram], browsers: dict[str, Person], index: int
) -> None:
    slug, move = MOVES[index]
    allowed, other = PAIRS[index]
    number = sample_in(store, slug, move.before)
    key = moves.move_key(catalogue()[slug], move)
    body = {"register": slug, "transition": key, "numbers": [number], "evidence": EVIDENCE}
    page = f"desk/{slug}/{number.replace('/', '-').replace(' ', '-')}/{key}"

    assert browsers[allowed].open(page).status_code == 200
    assert browsers[other].open(page).status_code == (303 if other == NO_ACCOUNT else 404)
    tried = programs[allowed].post("decisions?dry_run=1", body)
    assert tried.status_code in (200, 422), tried.text
    found = tried.get_json()
    told = [found] if tried.status_code == 422 else found["refused"]
    assert not ROLE_CODES & {issue["code"] for each in told for issue in each["issues"]}
    for path in ("decisions?dry_run=1", "decisions"):
        refused = programs[other].post(path, body)
        if (
            other in DECIDING and refused.status_code == 422
        ):  # the table gives it this name from another state
            assert {code for code, _field in codes_of(refused)} & ROLE_CODES
        elif other in DECIDING and path != "decisions":
            assert refused.status_code == 403 or ROLE_CODES & {
                issue["code"] for each in refused.get_json()["refused"] for issue in each["issues"]
            }
        else:
            assert refused.status_code == (401 if other == NO_ACCOUNT else 403), refused.text


@pytest.mark.parametrize("slug", sorted({slug for slug, _move in MOVES}))
def test_a_sheet_lets_the_roles_of_the_table_decide(
    store: Registry, people: dict[str, Actor], slug: str
) -> None:
    """Each row of a sheet is refused for its role exactly where the table refuses it, from each state, for every role."""
    definition = catalogue()[slug]
    keys = dict.fromkeys(moves.move_key(definition, move) for move in decisions(definition))
    for status in every_state(slug):
        number = sample_in(store, slug, status)
        written = [
            WrittenRow(row, str(row), number, key, evidence=EVIDENCE) for row, key in enumerate(keys, start=1)
        ]
        for role in ACCOUNTS:
            if role not in DECIDING or not any(role in move.roles for move in decisions(definition)):
                upload = DecisionUpload(slug, "a.csv", io.BytesIO(f"number\n{number}\n".encode()))
                with pytest.raises(Forbidden, match=r"role_may_not|transition_of_others"):
                    decision_sheets.hand_in_decisions(store, people[role], upload)
                continue
            wanted = {
                moves.move_key(definition, move)
                for move in decisions(definition)
                if move.before == status and role in move.roles
            }
            with read_transaction(store.engine) as connection:
                found = [
                    rows.check_rows(connection, people[role], definition, [row], prepared=True)[0]
                    for row in written
                ]
            told = {row.written.transition: {issue.code for issue in row.issues} for row in found}
            open_to_them = {
                key for key, codes in told.items() if not codes & {*ROLE_CODES, "not_a_transition"}
            }
            assert open_to_them == wanted, (status, role)


@pytest.mark.parametrize("slug", [slug for slug, each in sorted(catalogue().items()) if each.checks])
@pytest.mark.parametrize("result", [PASSED, FAILED])
def test_a_result_of_a_check_makes_the_transitions_of_the_table(
    store: Registry, people: dict[str, Actor], slug: str, result: str
) -> None:
    """The door of inspectors: a result is followed by transitions of the role that publishes it, and by no other."""
    definition = catalogue()[slug]
    assert definition.checks is not None
    for status in definition.checks.states:
        number = sample_in(store, slug, status)
        following = steps.steps_of(definition, result, status)
        for role in ACCOUNTS:
            grounds = Grounds(result, clock.today().isoformat(), "第十五条", "标识与登记不符", {})
            told: set[str] = set()
            with unit_of_work(store.engine, commit=False) as connection:
                named = select(Record.id).where(Record.register == slug, Record.number == number)
                record = connection.execute(named).scalar_one()
                publishing.acquire_publish_lock(connection)
                try:
                    steps.publish_steps(connection, people[role], record, grounds=grounds)
                except Forbidden as refused:
                    told = {refused.reason}
                except Invalid as refused:
                    told = {issue.code for issue in refused.issues}
            if not may(people[role], Action.RECORD_CHECKS):
                assert told == {"role_may_not"}, (status, role)
            else:
                allowed = all(role in step.roles for step in following)
                assert bool(told & ROLE_CODES) != allowed, (status, role, told)


def possible_decision(store: Registry, actor: Actor, slug: str) -> Any:
    """A decision that this account can prepare on some record of a register with what a form would hold; None for none."""
    for move in decisions(catalogue()[slug]):
        if actor.role not in move.roles:
            continue
        key, number = moves.move_key(catalogue()[slug], move), sample_in(store, slug, move.before)
        stated = filled_in(store, actor, slug, number, key)
        wanted = draft(slug, key, number, stated=stated)
        try:
            preview = deciding.preview_decision(store, actor, wanted, "en")
        except Invalid:
            continue
        if preview.possible:
            return wanted
    return None


@pytest.mark.parametrize("slug", sorted({slug for slug, _move in MOVES}))
def test_who_has_prepared_a_decision_takes_it_through_no_door(
    store: Registry,
    people: dict[str, Actor],
    programs: dict[str, DeskProgram],
    browsers: dict[str, Person],
    slug: str,
) -> None:
    wanted = possible_decision(store, people["registrar"], slug)
    assert wanted is not None
    body = {
        "register": slug,
        "transition": wanted.key,
        "numbers": list(wanted.numbers),
        "stated": dict(wanted.stated),
    }
    made = programs["registrar"].post("decisions", {**body, "evidence": EVIDENCE})
    assert made.status_code == 201, made.text
    decision, number = made.get_json()["decision"], wanted.numbers[0]
    before = status_of(store, slug, number)
    own = programs["registrar"].post(f"decisions/{decision}/take")
    assert (own.status_code, codes_of(own)) == (403, {("decision_is_own", "")})
    page = f"desk/decisions/{decision}"
    assert browsers["registrar"].send(page, act="taken").status_code == 403
    for who in ("auditor", "admin", "enterprise", "inspector"):
        assert programs[who].post(f"decisions/{decision}/take").status_code == 403
        assert browsers[who].send(page, act="taken").status_code in (403, 404)
    assert status_of(store, slug, number) == before
    taken = programs["registrar 2"].post(f"decisions/{decision}/take")
    assert (taken.status_code, taken.get_json()["state"]) == (200, "taken")
    assert (
        status_of(store, slug, number)
        == catalogue()[slug].life_cycle.refined(
            deciding.get_decision(store, people["registrar"], decision, "en").move.after.code, {}
        )
        or slug == "grades"
    )


@pytest.mark.parametrize(
    ("slug", "status"),
    [(each.slug, status) for each in applied_registers() for status in private_states(each)],
)
def test_applications_answer_each_role_at_both_doors_as_the_table_says(
    store: Registry,
    people: dict[str, Actor],
    programs: dict[str, DeskProgram],
    browsers: dict[str, Person],
    slug: str,
    status: str,
) -> None:
    application = application_in(store, slug, status, people["enterprise"])
    definition = catalogue()[slug]
    led_on = {(move.name, move.after) for move in definition.life_cycle.transitions if move.before == status}
    for role in (*ACCOUNTS, NO_ACCOUNT):
        seen = (
            any(expected_steps(definition, each, role) for each in private_states(definition))
            or role == "auditor"
        )
        path = f"applications/{application}"
        answer = programs[role].get(path)
        page = browsers[role].open(f"desk/{path}")
        if role == NO_ACCOUNT:
            assert (answer.status_code, page.status_code) == (401, 303)
        elif not seen:
            assert (answer.status_code in (403, 404), page.status_code) == (True, 404)
        else:
            assert (answer.status_code, page.status_code) == (200, 200), role
            wanted = expected_steps(definition, status, role)
            offered = {(each["key"], each["after"]["code"]) for each in answer.get_json()["transitions"]}
            assert offered == set(wanted), role
        for name, after in led_on:
            allowed = (name, after) in expected_steps(definition, status, role)
            form = browsers[role].open(f"desk/{path}/{name}").status_code
            assert form == (200 if allowed else 303 if role == NO_ACCOUNT else 404), (role, name)
            if not allowed:
                refused = programs[role].post(f"{path}/steps", {"transition": name, "revision": 1})
                assert refused.status_code in ((401,) if role == NO_ACCOUNT else (403, 404)), (role, name)


@pytest.mark.parametrize("slug", [each.slug for each in filed_registers()])
def test_a_program_of_the_desk_files_nothing_whatever_its_role(
    programs: dict[str, DeskProgram], slug: str
) -> None:
    for role in (*ACCOUNTS, NO_ACCOUNT):
        for query in ("", "?dry_run=1"):
            answer = programs[role].post(
                f"/api/v1/registers/{slug}/records{query}", {"document": {}, "signer": "x"}
            )
            assert answer.status_code == (401 if role == NO_ACCOUNT else 403), role


HOLDERS = [
    (each.slug, move)
    for each in applied_registers()
    for move in each.life_cycle.transitions
    if "enterprise" in move.roles
    and all(code and not each.life_cycle.state(code).is_public for code in (move.before, move.after))
]


@pytest.fixture(scope="module")
def holders(app: Flask, store: Registry, people: dict[str, Actor]) -> dict[str, DeskProgram]:
    """A program of each account with a token that files; only the account of an enterprise acts for the organisation that applies."""
    with unit_of_work(store.engine) as connection:
        first = select(Record.id).where(Record.register == "organisations").order_by(Record.id).limit(1)
        member = {
            "record_id": connection.execute(first).scalar_one(),
            "user_id": people["enterprise"].user_id,
        }
        since = {"role": "editor", "agent": False, "since": clock.now()}
        connection.execute(insert(Membership).values(**member, **since))
    keys = {name: desk_key(store, actor, "declare") for name, actor in people.items()}
    return {NO_ACCOUNT: DeskProgram(app, "")} | {name: DeskProgram(app, key) for name, key in keys.items()}


@pytest.mark.parametrize(
    "index",
    range(len(HOLDERS)),
    ids=lambda index: "-".join((HOLDERS[index][0], HOLDERS[index][1].name, HOLDERS[index][1].before)),
)
def test_steps_of_holders_by_program_are_those_of_the_table(
    store: Registry,
    people: dict[str, Actor],
    programs: dict[str, DeskProgram],
    holders: dict[str, DeskProgram],
    index: int,
) -> None:
    """Handing in, correcting and withdrawing: by who acts for the enterprise, from the states of the table, and by no other role or token."""
    slug, move = HOLDERS[index]
    definition = catalogue()[slug]
    base = f"/api/v1/registers/{definition.published_in}/applications"
    body = {"document": {}, "signer": "王强", "files": []}
    resubmits = move.after == definition.filing.start.status  # type: ignore[union-attr]
    application = application_in(store, slug, move.before, people["enterprise"])
    if resubmits and move.name == "submitted":
        requests = [("POST", f"{base}?dry_run=1"), ("POST", base)]
    elif resubmits:
        requests = [("PUT", f"{base}/{application}?dry_run=1"), ("PUT", f"{base}/{application}")]
    else:
        requests = [("POST", f"{base}/{application}/withdraw")]
    for role in (*ACCOUNTS, NO_ACCOUNT):
        for method, path in requests:
            of_desk = programs[role].open(
                method, path, body if "withdraw" not in path else None, If_Match="*"
            )
            assert of_desk.status_code == (401 if role == NO_ACCOUNT else 403), (role, of_desk.text)
            if role == "enterprise":
                continue
            refused = holders[role].open(method, path, body if "withdraw" not in path else None, If_Match="*")
            if role == NO_ACCOUNT:
                assert refused.status_code == 401
            elif method == "POST" and path.startswith(base) and "withdraw" not in path:
                assert told_to_no_filer(refused, definition.filer.key), (role, refused.text)  # type: ignore[union-attr]
            else:
                assert refused.status_code == 404, (role, refused.text)
    for method, path in requests:
        answer = holders["enterprise"].open(
            method, path, body if "withdraw" not in path else None, If_Match="*"
        )
        if "withdraw" in path:
            assert (answer.status_code, answer.get_json()["status"]) == (200, move.after), answer.text
        else:  # nothing is answered: it is asked for answers and files, and not turned away
            assert answer.status_code == 422
            codes = {code for code, _field in codes_of(answer)}
            assert "evidence_missing" in codes
            assert not codes & ROLE_CODES
    ended = {each.before for each in definition.life_cycle.transitions if each.name == move.name}
    for status in private_states(definition):
        if status not in ended and "POST" in requests[0][0] and "withdraw" in requests[0][1]:
            other = application_in(store, slug, status, people["enterprise"])
            assert holders["enterprise"].post(f"{base}/{other}/withdraw").status_code == 409, status
        elif status != move.before and requests[0][0] == "PUT":
            other = application_in(store, slug, status, people["enterprise"])
            assert (
                holders["enterprise"].open("PUT", f"{base}/{other}", body, If_Match="*").status_code == 409
            ), status


def told_to_no_filer(answer: TestResponse, key: str) -> bool:
    """True where a program is told that it acts for no organisation."""
    return answer.status_code == 422 and codes_of(answer) == {("required", key)}


def test_every_role_was_asked_and_every_core_register() -> None:
    assert {allowed for allowed, _other in PAIRS} == {
        role for _slug, move in MOVES for role in move.roles if role in DECIDING
    }
    assert {other for _allowed, other in PAIRS} == {*ACCOUNTS, NO_ACCOUNT} - {
        "registrar"
    }  # whose are all of them
    assert set(CORE) <= {slug for slug, _move in MOVES}
    asked = {(catalogue()[slug].published_in, move.name) for slug, move in HOLDERS}
    assert {slug for slug, _name in asked} == {each.published_in for each in applied_registers()}
    assert {name for _slug, name in asked} == {"submitted", "resubmitted", "application_withdrawn"}
