"""Decisions at the desk: by exactly the roles of the life cycles, by two persons, on the record as it is, or not at all."""

from __future__ import annotations

import datetime as dt
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.model import AuditEntry, User
from registry.accounts.policy import ANONYMOUS, REGISTRAR, ROLES, Action, Actor, may
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.decision import DecidedRecord, Decision
from registry.kit.draft import Receipt
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.deciding import DeskRequest, moves, preparing
from registry.services.records import reading
from registry.services.records.views import RecordView
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.deciders import EVIDENCE, draft, filled_in, set_status, staff, status_of
from tests.services.people import read_mails
from tests.services.samples import NOON

pytestmark = pytest.mark.usefixtures("noon")

SUSPENSION = {
    "status_reason": "侵犯他人商标权（演示）",
    "legal_basis": "《中华老字号示范创建管理办法》第二十二条",
    "decided_on": "2026-11-24",
}
REMOVAL = {"removed_reason": "review_failed", "legal_basis": "演商字〔2026〕1号", "decided_on": "2026-11-24"}
MOVES = [
    (definition.slug, move) for definition in catalogue().values() for move in moves.desk_moves(definition)
]


@pytest.fixture(scope="module")
def by_role(store: Registry) -> dict[str, Actor]:
    return {role: staff(store, role) for role in sorted(ROLES - {"visitor", "system"})}


@pytest.fixture(scope="module")
def pair(store: Registry) -> tuple[Actor, Actor]:
    """Two national reviewers."""
    return staff(store, "reviewer_national", "王强"), staff(store, "reviewer_national", "Lin Mei")


@pytest.fixture
def listed(store: Registry) -> str:
    """The number of a brand that is on the list, without a decision that waits."""
    number = set_status(store, "brands", "listed")
    with unit_of_work(store.engine) as connection:
        connection.execute(update(Decision).where(Decision.state == "prepared").values(state="taken_back"))
    return number


def shown(store: Registry, slug: str, number: str) -> RecordView:
    return reading.get_record(store, ANONYMOUS, reading.locate_record(store, ANONYMOUS, slug, number), "en")


def entries(store: Registry) -> int:
    with read_transaction(store.engine) as connection:
        return connection.execute(select(func.count()).select_from(Entry)).scalar_one()


# Roles


def test_desk_roles_are_those_of_the_tables() -> None:
    assert {role for role in ROLES if may(Actor(role), Action.TAKE_DECISIONS)} - {
        "system"
    } == moves.DESK_ROLES
    named = {role for _slug, move in MOVES for role in move.roles} & moves.DESK_ROLES
    assert named >= {"reviewer_national", "reviewer_province", "body", "registrar", "publisher"}
    assert not {"auditor", "admin", "enterprise", "visitor"} & moves.DESK_ROLES


@pytest.mark.parametrize(
    ("slug", "move"), MOVES, ids=lambda each: each if isinstance(each, str) else f"{each.name}-{each.before}"
)
def test_a_decision_is_possible_for_the_roles_of_the_table_only(
    store: Registry, by_role: dict[str, Actor], slug: str, move: Transition
) -> None:
    number = set_status(store, slug, move.before)
    key = moves.move_key(catalogue()[slug], move)
    wanted = draft(slug, key, number)
    with unit_of_work(store.engine) as connection:
        values = {"register": slug, "transition": move.name, "after": move.after, "stated": "{}"}
        values |= {"evidence": "", "note": "", "state": "prepared", "prepared_at": clock.now()}
        values["prepared_by"] = by_role["auditor"].user_id
        kept = connection.execute(insert(Decision).values(**values).returning(Decision.id)).scalar_one()
    before = entries(store)
    for role, actor in by_role.items():
        roles_of_key = {each for same in moves.moves_by_key(catalogue()[slug], key) for each in same.roles}
        if role in roles_of_key & moves.DESK_ROLES:
            try:
                found = deciding.preview_decision(store, actor, wanted, "en").refused
            except Invalid as problem:
                codes = {issue.code for issue in problem.issues}
            else:
                codes = {issue.code for each in found for issue in each.issues}
            assert ("transition_not_allowed" in codes) == (role not in move.roles and bool(codes))
        else:
            for refused in (deciding.preview_decision, deciding.prepare_decision):
                with pytest.raises(Forbidden):
                    refused(store, actor, wanted, *(("en",) if refused is deciding.preview_decision else ()))
            with pytest.raises(Forbidden):
                deciding.take_decision(store, actor, kept)
            with pytest.raises(Forbidden):
                deciding.return_decision(store, actor, kept, "x")
    assert entries(store) == before
    with unit_of_work(store.engine) as connection:
        connection.execute(update(Decision).where(Decision.id == kept).values(state="taken_back"))


@pytest.mark.parametrize("actor", [ANONYMOUS, REGISTRAR, Actor("registrar", 999_999)])
def test_a_decision_needs_a_person(store: Registry, listed: str, actor: Actor) -> None:
    with pytest.raises(Forbidden):
        deciding.prepare_decision(store, actor, draft("brands", "suspended", listed, stated=SUSPENSION))


def test_a_body_decides_on_what_it_has_issued(store: Registry) -> None:
    number = set_status(store, "green-products", "valid")
    body = staff(store, "body")
    stated = {"status_reason": "not_corrected", "legal_basis": "x", "decided_on": "2026-11-20"}
    wanted = draft("green-products", "revoked", number, stated=stated)
    [refused] = deciding.preview_decision(store, body, wanted, "en").refused
    assert [issue.code for issue in refused.issues] == ["bound_body_missing"]
    with unit_of_work(store.engine) as connection:
        issuer = connection.execute(
            select(Record.issuer_id).where(Record.register == "green-products", Record.number == number)
        ).scalar_one()
        mine = {"record_id": issuer, "user_id": body.user_id, "role": "owner", "agent": False}
        connection.execute(insert(Membership).values(**mine, since=clock.now()))
    found = deciding.preview_decision(store, body, wanted, "en")
    codes = {issue.code for each in found.refused for issue in each.issues}
    assert not codes & {"bound_body_missing", "issued_by_another"}


# Two persons


def test_a_decision_is_prepared_by_one_and_taken_by_another(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    first, second = pair
    before = entries(store)
    decision = deciding.prepare_decision(
        store, first, draft("brands", "suspended", listed, stated=SUSPENSION)
    )
    assert (entries(store), status_of(store, "brands", listed)) == (before, "listed")
    with pytest.raises(Forbidden, match="decision_is_own"):
        deciding.take_decision(store, first, decision)
    [waiting] = deciding.get_desk(store, second, DeskRequest("en")).to_take
    assert (waiting.id, waiting.prepared_by, waiting.total) == (decision, "王强", 1)
    assert [line.id for line in deciding.get_desk(store, first, DeskRequest("en")).prepared] == [decision]
    view = deciding.get_decision(store, second, decision, "en")
    assert (view.obstacle, view.refused) == ("", ())
    assert "must not be used" in view.effects[0].sentences["en"]
    assert "暂停" in view.effects[0].sentences["zh"]
    assert {change.label: change.after for change in view.effects[0].changes}["Status"] == "Suspended"
    assert deciding.take_decision(store, second, decision) == ()
    record = shown(store, "brands", listed)
    assert (record.status.code, record.history[0].reason) == ("suspended", "Suspended")
    assert record.history[0].legal_basis == SUSPENSION["legal_basis"]
    assert record.document["decided_on"] == "2026-11-24"
    assert entries(store) == before + 1
    with read_transaction(store.engine) as connection:
        newest = connection.execute(
            select(Entry.actor_role, Entry.status).order_by(Entry.id.desc()).limit(1)
        ).one()
        told = connection.execute(
            select(AuditEntry.action, AuditEntry.user_id, AuditEntry.subject)
            .order_by(AuditEntry.id.desc())
            .limit(2)
        ).all()
    assert tuple(newest) == ("reviewer_national", "suspended")
    assert [tuple(row) for row in told] == [
        ("decision_taken", second.user_id, listed),
        ("decision_prepared", first.user_id, listed),
    ]


def test_a_decision_taken_twice_is_told(store: Registry, pair: tuple[Actor, Actor], listed: str) -> None:
    first, second = pair
    decision = deciding.prepare_decision(
        store, first, draft("brands", "suspended", listed, stated=SUSPENSION)
    )
    assert deciding.take_decision(store, second, decision) == ()
    before = entries(store)
    third = staff(store, "reviewer_national")
    for again in (
        lambda: deciding.take_decision(store, third, decision),
        lambda: deciding.return_decision(store, third, decision, "late"),
        lambda: deciding.take_back_decision(store, first, decision),
        lambda: deciding.claim_decision(store, third, decision),
    ):
        with pytest.raises(Conflict, match="decision_settled"):
            again()
    assert entries(store) == before


def test_of_two_who_decide_at_the_same_time_one_is_told(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    first, second = pair
    third = staff(store, "registrar")
    decision = deciding.prepare_decision(
        store, first, draft("brands", "suspended", listed, stated=SUSPENSION)
    )
    before, ready = entries(store), threading.Barrier(2)

    def take(actor: Actor) -> str:
        ready.wait()
        try:
            return "taken" if deciding.take_decision(store, actor, decision) == () else "refused"
        except Conflict as told:
            return told.reason

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(take, (second, third))) == ["decision_settled", "taken"]
    assert entries(store) == before + 1


def test_who_filed_a_record_or_acts_for_its_holder_does_not_decide(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    first, number = pair[0], listed
    decision = deciding.prepare_decision(
        store, first, draft("brands", "suspended", number, stated=SUSPENSION)
    )
    filer, member = (staff(store, "reviewer_national") for _each in range(2))
    with unit_of_work(store.engine) as connection:
        row = connection.execute(select(Record.id, Record.holder_id).where(Record.number == number)).one()
        filed = {"record_id": row.id, "version": 1, "organisation_id": row.holder_id, "signer": ""}
        connection.execute(insert(Receipt).values(**filed, user_id=filer.user_id, made_at=clock.now()))
        mine = {"record_id": row.holder_id, "user_id": member.user_id, "role": "viewer", "agent": True}
        connection.execute(insert(Membership).values(**mine, since=clock.now()))
    for actor, code in ((filer, "filed_by_you"), (member, "own_organisation")):
        [refused] = deciding.take_decision(store, actor, decision)
        assert [issue.code for issue in refused.issues] == [code]
    assert deciding.get_case_of_record(store, member, "brands", number, lang="en").mine == ()
    deciding.take_back_decision(store, first, decision)
    with pytest.raises(Invalid, match="own_organisation"):
        deciding.prepare_decision(store, member, draft("brands", "rectify", number))
    assert status_of(store, "brands", number) == "listed"


def test_a_suspended_account_decides_nothing(store: Registry, pair: tuple[Actor, Actor], listed: str) -> None:
    first, _second = pair
    wanted = draft("brands", "suspended", listed, stated=SUSPENSION)
    decision = deciding.prepare_decision(store, first, wanted)
    ended, moved = staff(store, "reviewer_national"), staff(store, "reviewer_national")
    with unit_of_work(store.engine) as connection:
        connection.execute(update(User).where(User.id == ended.user_id).values(suspended_at=clock.now()))
        connection.execute(update(User).where(User.id == moved.user_id).values(role="auditor"))
    for actor, code in ((ended, "account_suspended"), (moved, "role_changed_meanwhile")):
        for act in (
            lambda who: deciding.take_decision(store, who, decision),
            lambda who: deciding.claim_decision(store, who, decision),
            lambda who: deciding.return_decision(store, who, decision, "x"),
            lambda who: deciding.prepare_decision(store, who, wanted),
        ):
            with pytest.raises(Forbidden, match=code):
                act(actor)
    assert status_of(store, "brands", listed) == "listed"


def test_a_decision_is_returned_with_a_note_and_prepared_again(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    first, second = pair
    wanted = draft("brands", "suspended", listed, stated=SUSPENSION)
    decision = deciding.prepare_decision(store, first, wanted)
    with pytest.raises(Invalid, match="reply_wanted"):
        deciding.return_decision(store, second, decision, " ")
    with pytest.raises(Invalid, match="too_long"):
        deciding.return_decision(store, second, decision, "字" * 501)
    deciding.return_decision(store, second, decision, "字" * 500)
    mine = deciding.get_desk(store, first, DeskRequest("en"))
    assert decision in [line.id for line in mine.returned]
    kept = deciding.get_own_draft(store, first, decision)
    assert (kept.numbers, kept.stated, kept.evidence) == ((listed,), SUSPENSION, EVIDENCE)
    with pytest.raises(Forbidden, match="decision_of_another"):
        deciding.get_own_draft(store, second, decision)
    again = deciding.prepare_decision(store, first, kept)
    with pytest.raises(Forbidden, match="decision_of_another"):
        deciding.take_back_decision(store, second, again)
    deciding.take_back_decision(store, first, again)
    assert deciding.get_decision(store, first, again, "en").state == "taken_back"


def test_two_people_on_one_case_are_told(store: Registry, pair: tuple[Actor, Actor], listed: str) -> None:
    first, second = pair
    third = staff(store, "registrar")
    wanted = draft("brands", "suspended", listed, stated=SUSPENSION)
    decision = deciding.prepare_decision(store, first, wanted)
    with pytest.raises(Invalid, match="decision_waits"):
        deciding.prepare_decision(store, third, draft("brands", "removed", listed, stated=REMOVAL))
    deciding.claim_decision(store, second, decision)
    with pytest.raises(Conflict, match="decision_claimed"):
        deciding.take_decision(store, third, decision)
    view = deciding.get_decision(store, third, decision, "en")
    assert (view.obstacle, view.obstacle_params, view.claimed_by) == (
        "decision_claimed",
        {"name": "Lin Mei"},
        "Lin Mei",
    )
    deciding.release_decision(store, third, decision)  # of another: nothing happens
    with pytest.raises(Conflict, match="decision_claimed"):
        deciding.claim_decision(store, third, decision)
    with clock.frozen_at(NOON + dt.timedelta(hours=4)):  # it lapses
        assert deciding.get_decision(store, third, decision, "en").obstacle == ""
    deciding.release_decision(store, second, decision)
    assert deciding.take_decision(store, third, decision) == ()


# The record as it is


def test_a_record_that_has_changed_is_told_and_nothing_is_done(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    first, second = pair
    version = shown(store, "brands", listed).version
    wanted = draft("brands", "suspended", listed, stated=SUSPENSION, version=version)
    decision = deciding.prepare_decision(store, first, wanted)
    with unit_of_work(store.engine) as connection:
        moved = update(Record).where(Record.number == listed).values(version=Record.version + 1)
        connection.execute(moved)
    [refused] = deciding.take_decision(store, second, decision)
    assert [issue.code for issue in refused.issues] == ["record_changed"]
    assert status_of(store, "brands", listed) == "listed"
    assert deciding.get_decision(store, second, decision, "en").state == "prepared"
    deciding.return_decision(store, second, decision, "changed")
    with pytest.raises(Invalid, match="record_changed"):
        deciding.prepare_decision(store, first, wanted)  # looked at before it changed
    with unit_of_work(store.engine) as connection:
        connection.execute(moved.values(version=Record.version - 1))


def test_a_transition_that_is_not_open_any_more_is_refused(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    first, second = pair
    decision = deciding.prepare_decision(
        store, first, draft("brands", "suspended", listed, stated=SUSPENSION)
    )
    set_status(store, "brands", "removed")
    [refused] = deciding.take_decision(store, second, decision)
    assert [issue.code for issue in refused.issues] == ["not_a_transition"]
    deciding.take_back_decision(store, first, decision)
    with pytest.raises(NotFound):
        deciding.take_decision(store, second, 10**6)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"status_reason": ""}, "status_reason: required"),
        ({"legal_basis": " "}, "legal_basis: required"),
        ({"decided_on": "2026-11-25"}, "decided_on: after_today"),
        ({"decided_on": "yesterday"}, "decided_on: date_shape"),
        ({"brand_name_zh": "别的"}, ": field_not_of_decision"),
        ({"status_reason": "长" * 301}, "status_reason: too_long"),
    ],
)
def test_what_a_decision_states_is_checked(
    store: Registry, pair: tuple[Actor, Actor], listed: str, change: dict[str, str], code: str
) -> None:
    wanted = draft("brands", "suspended", listed, stated=SUSPENSION | change)
    with pytest.raises(Invalid) as refused:
        deciding.prepare_decision(store, pair[0], wanted)
    assert code in str(refused.value)


def test_what_is_stated_on_the_last_day_of_its_bound_is_taken(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    today = SUSPENSION | {"decided_on": "2026-11-24", "status_reason": "长" * 300}
    assert deciding.preview_decision(
        store, pair[0], draft("brands", "suspended", listed, stated=today), "en"
    ).possible


@pytest.mark.parametrize("evidence", ["", " ", "字" * 2_001])
def test_evidence_is_wanted(store: Registry, pair: tuple[Actor, Actor], listed: str, evidence: str) -> None:
    wanted = deciding.DecisionDraft("brands", "suspended", (listed,), SUSPENSION, evidence)
    with pytest.raises(Invalid, match="evidence"):
        deciding.prepare_decision(store, pair[0], wanted)


def test_the_grounds_of_a_state_end_with_it_and_stay_in_the_history(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    first, second = pair
    for day, (key, stated) in enumerate(
        (("suspended", SUSPENSION), ("restored", {"decided_on": "2026-11-24"})), start=1
    ):
        with clock.frozen_at(NOON + dt.timedelta(days=day)):  # next day
            decision = deciding.prepare_decision(store, first, draft("brands", key, listed, stated=stated))
            assert deciding.take_decision(store, second, decision) == ()
    record = shown(store, "brands", listed)
    assert (record.status.code, record.document.get("status_reason")) == ("listed", None)
    assert record.document.get("legal_basis") is None
    told = {change.label: change.before for change in record.history[0].changes}
    assert told["Reason of the status"] == SUSPENSION["status_reason"]
    assert record.history[1].legal_basis == SUSPENSION["legal_basis"]


def test_the_people_of_the_holder_get_a_letter(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    (first, second), number = pair, listed
    owner = staff(store, "enterprise")
    with unit_of_work(store.engine) as connection:
        holder = select(Record.holder_id).where(Record.number == number)
        mine = {"record_id": connection.execute(holder).scalar_one(), "user_id": owner.user_id}
        connection.execute(insert(Membership).values(**mine, role="owner", agent=False, since=clock.now()))
    decision = deciding.prepare_decision(
        store, first, draft("brands", "suspended", number, stated=SUSPENSION)
    )
    assert deciding.take_decision(store, second, decision) == ()
    [mail] = [mail for mail in read_mails(store) if number in mail["Subject"]]
    assert mail["Subject"] == f"A decision on {number}: Suspended"
    assert f"/r/{number}" in mail.get_content()


def test_a_brand_changes_hands(store: Registry, pair: tuple[Actor, Actor], listed: str) -> None:
    first, second = staff(store, "reviewer_province", region="110000"), staff(store, "registrar")
    elsewhere = staff(store, "reviewer_province", region="330000")
    with pytest.raises(Invalid, match="outside_region"):
        deciding.prepare_decision(store, elsewhere, draft("brands", "transferred", listed))
    old = shown(store, "brands", listed).document["holder_name_zh"]
    stated = {"holder_name_zh": "北京新持有人有限公司（演示）", "holder_uscc": "91330100MAWY02001Q"}
    with pytest.raises(Invalid, match="decision_changes_nothing"):
        deciding.prepare_decision(store, first, draft("brands", "transferred", listed))
    decision = deciding.prepare_decision(store, first, draft("brands", "transferred", listed, stated=stated))
    assert deciding.take_decision(store, second, decision) == ()
    record = shown(store, "brands", listed)
    assert (record.status.code, record.history[0].reason) == ("listed", "Transferred")
    assert old in json.dumps(record.document["former_holders"], ensure_ascii=False)
    with pytest.raises(Forbidden):
        deciding.prepare_decision(store, pair[0], draft("brands", "transferred", listed, stated=stated))


# Many records


def test_many_records_are_one_act_with_what_is_refused_told_before(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    first, second = pair
    other = set_status(store, "brands", "suspended", index=1)
    wanted = draft(
        "brands", "removed", listed, f" {other.lower()} ", listed, "TB-2000-00000-0", stated=REMOVAL
    )
    preview = deciding.preview_decision(store, first, wanted, "en")
    assert (preview.possible, [each.number for each in preview.refused]) == (2, ["TB-2000-00000-0"])
    decision = deciding.prepare_decision(store, first, wanted)
    assert deciding.get_decision(store, second, decision, "en").total == 2
    set_status(store, "brands", "removed", index=1)
    before = entries(store)
    [refused] = deciding.take_decision(store, second, decision)
    assert (refused.number, entries(store)) == (other, before)
    assert deciding.take_decision(store, second, decision, leave_out=True) == ()
    assert entries(store) == before + 1
    view = deciding.get_decision(store, second, decision, "en")
    assert (view.state, view.left_out) == ("taken", (other,))
    with read_transaction(store.engine) as connection:
        outcomes = connection.execute(
            select(DecidedRecord.outcome).where(DecidedRecord.decision_id == decision)
        ).scalars()
        assert sorted(outcomes) == ["left_out", "published"]


@pytest.mark.parametrize(("count", "refused"), [(1_000, "number_unknown_here"), (1_001, "too_many_records")])
def test_one_act_takes_a_thousand_numbers(
    store: Registry, pair: tuple[Actor, Actor], count: int, refused: str
) -> None:
    wanted = draft("brands", "removed", *(f"X{each}" for each in range(count)), stated=REMOVAL)
    with pytest.raises(Invalid, match=refused):
        deciding.preview_decision(store, pair[0], wanted, "en")


def test_no_number_is_told(store: Registry, pair: tuple[Actor, Actor]) -> None:
    with pytest.raises(Invalid, match="no_record_named"):
        deciding.prepare_decision(store, pair[0], draft("brands", "removed", stated=REMOVAL))


# What waits


def test_the_desk_shows_what_waits_for_a_role_most_overdue_first(store: Registry, listed: str) -> None:
    number = set_status(store, "brands", "suspended")
    reviewer, auditor = staff(store, "reviewer_national"), staff(store, "auditor")
    desk = deciding.get_desk(store, reviewer, DeskRequest("en", register="brands"))
    assert number in [case.record.number for case in desk.cases]
    order = [("overdue", "soon", "waiting").index(case.kind) for case in desk.cases]
    assert order == sorted(order)
    assert sum(desk.counts.values()) == desk.total
    assert deciding.get_desk(store, reviewer, DeskRequest("en", register="grades")).cases == ()
    seen = deciding.get_desk(store, auditor, DeskRequest("en", kind="waiting"))
    assert seen.reads_only
    assert number in [case.record.number for case in seen.cases]
    assert {each.register.slug for each in seen.registers} == set(catalogue())
    with pytest.raises(Forbidden):
        deciding.get_desk(store, staff(store, "enterprise"), DeskRequest("en"))
    with pytest.raises(Forbidden):
        deciding.get_desk(store, staff(store, "admin"), DeskRequest("en"))


def test_an_auditor_sees_a_decision_and_changes_nothing(
    store: Registry, pair: tuple[Actor, Actor], listed: str
) -> None:
    auditor = staff(store, "auditor")
    decision = deciding.prepare_decision(
        store, pair[0], draft("brands", "suspended", listed, stated=SUSPENSION)
    )
    assert [line.id for line in deciding.get_desk(store, auditor, DeskRequest("en")).to_take] == [decision]
    view = deciding.get_decision(store, auditor, decision, "en")
    assert (view.evidence, view.obstacle) == (EVIDENCE, "role_may_not")
    case = deciding.get_case_of_record(store, auditor, "brands", listed, lang="en")
    assert case.mine == ()
    assert case.obstacle == Issue("desk_reads_only")
    for act in (
        lambda: deciding.take_decision(store, auditor, decision),
        lambda: deciding.claim_decision(store, auditor, decision),
        lambda: deciding.release_decision(store, auditor, decision),
        lambda: deciding.take_back_decision(store, auditor, decision),
        lambda: deciding.return_decision(store, auditor, decision, "x"),
    ):
        with pytest.raises(Forbidden):
            act()


@pytest.mark.parametrize(
    ("slug", "move"), MOVES, ids=lambda each: each if isinstance(each, str) else f"{each.name}-{each.before}"
)
def test_every_transition_has_a_form_of_its_register(
    store: Registry, by_role: dict[str, Actor], slug: str, move: Transition
) -> None:
    number = set_status(store, slug, move.before)
    role = next(iter(moves.DESK_ROLES & set(move.roles)))
    key = moves.move_key(catalogue()[slug], move)
    form = deciding.get_decision_form(store, by_role[role], slug, number, key=key, lang="zh")
    names = {each.name for each in form.fields}
    assert set(move.needs) <= names
    of_row = move.adds_row.questions() if move.adds_row else ()
    assert {each.name for each in form.fields if each.required} == {*move.needs, *of_row}
    assert filled_in(store, by_role[role], slug, number, key).keys() <= names


def test_what_was_published_between_checking_and_preparing_is_noticed(
    store: Registry, pair: tuple[Actor, Actor], listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The check reads without keeping others from writing; under the lock it holds only if nothing was published since."""
    mei, wei = pair
    check = preparing.check_draft

    def checked_then_decided(*asked: Any) -> preparing.CheckedDraft:
        found = check(*asked)
        monkeypatch.setattr(preparing, "check_draft", check)
        other = deciding.prepare_decision(store, wei, draft("brands", "suspended", listed, stated=SUSPENSION))
        assert deciding.take_decision(store, mei, other) == ()
        return found

    monkeypatch.setattr(preparing, "check_draft", checked_then_decided)
    with pytest.raises(Invalid, match="not_a_transition"):
        deciding.prepare_decision(store, mei, draft("brands", "suspended", listed, stated=SUSPENSION))


def test_what_waits_since_the_check_is_noticed_although_nothing_was_published(
    store: Registry, pair: tuple[Actor, Actor], listed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    mei, wei = pair
    check = preparing.check_draft

    def checked_then_prepared(*asked: Any) -> preparing.CheckedDraft:
        found = check(*asked)
        monkeypatch.setattr(preparing, "check_draft", check)
        deciding.prepare_decision(store, wei, draft("brands", "suspended", listed, stated=SUSPENSION))
        return found

    monkeypatch.setattr(preparing, "check_draft", checked_then_prepared)
    with pytest.raises(Invalid, match="decision_waits"):
        deciding.prepare_decision(store, mei, draft("brands", "suspended", listed, stated=SUSPENSION))
