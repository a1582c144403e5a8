"""The desk to learn at: an account for each role that can sign in, cases that wait, nothing in a register that others reach."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update

from registry import clock
from registry.accounts import second_factor
from registry.accounts.model import User
from registry.accounts.policy import ALLOWED, ANONYMOUS, STAFF, Action, Actor, may
from registry.demonstration import training_desk, training_entries, training_parties
from registry.demonstration.training_desk import TrainingAccount
from registry.errors import Conflict
from registry.i18n import gettext
from registry.kit.decision import Decision, DecisionFile
from registry.kit.record import Record
from registry.kit.record_entry import DeskEntry
from registry.kit.report import Report
from registry.services import deciding, decision_sheets, desk_exports, people, reports
from registry.services.bootstrap import Registry
from registry.services.deciding import DeskRequest
from registry.services.reports import ReportsRequest
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.databases import Template
from tests.services import samples
from tests.services.deciders import staff


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    with samples.opened(filled_template, tmp_path_factory.mktemp("training")) as opened:
        with unit_of_work(opened.engine) as connection:
            connection.execute(update(Record).values(demo=True))
        yield opened


@pytest.fixture(scope="module")
def made(store: Registry) -> tuple[TrainingAccount, ...]:
    return training_desk.open_training_desk(store)


def test_every_role_of_the_staff_has_an_account(made: tuple[TrainingAccount, ...]) -> None:
    assert {each.role for each in made} == {*STAFF, "enterprise"}
    assert len({each.password for each in made}) == len(made)


def signed_in(store: Registry, account: TrainingAccount) -> Actor:
    """Sign in with what is printed, with a recovery code where a second factor is asked for."""
    key = people.sign_in(
        store, ANONYMOUS, account.email, account.password, user_agent="", network=account.role
    )
    if account.codes:
        key = people.verify_second_factor(store, ANONYMOUS, key, account.codes[0])
    session = people.resolve_session(store, ANONYMOUS, key)
    assert session is not None
    assert session.stage == "complete"
    return session.actor


def test_each_account_signs_in_and_has_what_bounds_it(
    store: Registry, made: tuple[TrainingAccount, ...]
) -> None:
    for account in made:
        actor = signed_in(store, account)
        assert actor.role == account.role
        assert len(account.codes) == (training_desk.SHOWN_CODES if account.role in STAFF else 0)
        if account.secret:
            code = second_factor.present_code(account.secret, clock.now())
            assert second_factor.matching_step(account.secret, code, clock.now(), 0) is not None
        if Action.SEE_DESK in ALLOWED[account.role]:
            assert people.get_own_bounds(store, actor).missing == ""


def test_cases_wait_in_the_queues(store: Registry, made: tuple[TrainingAccount, ...]) -> None:
    del made
    with read_transaction(store.engine) as connection:
        prepared = connection.execute(select(Decision.prepared_by).where(Decision.state == "prepared")).all()
        with_file = connection.execute(select(func.count()).select_from(DecisionFile)).scalar_one()
        files = connection.execute(select(DeskEntry.attachment_id)).scalars().all()
        reported = connection.execute(select(Report.kind)).scalars().all()
        national = connection.execute(
            select(User.id).where(User.email == training_desk.address_of("reviewer_national"))
        ).scalar_one()
        registrar = connection.execute(
            select(User.id).where(User.email == training_desk.address_of("registrar"))
        ).scalar_one()
    assert with_file
    assert files
    assert all(files)
    assert len(prepared) > with_file  # those of a sheet have none
    assert {"error", "fake"} <= set(reported)
    [sheet] = decision_sheets.list_sheets_to_take(store, Actor("registrar", registrar))
    assert (sheet.waiting > 0, sheet.refused) == (True, 1)
    reader = Actor("reviewer_national", national)
    assert reports.list_reports(store, reader, ReportsRequest()).total >= 2
    assert deciding.list_requests(store, Actor("registrar", registrar))
    with read_transaction(store.engine) as connection:
        put = (
            connection.execute(select(Report.put_to_parties).where(Report.put_to_parties != ""))
            .scalars()
            .all()
        )
    assert len(put) == 1
    desk = deciding.get_desk(store, reader, DeskRequest("en"))
    assert desk.to_take or desk.prepared


def test_where_nothing_is_left_to_make_nothing_is_made(
    store: Registry, made: tuple[TrainingAccount, ...]
) -> None:
    assert made
    colleague = f"colleague@{training_desk.DOMAIN}"
    entered = {training_entries.make_entry(store, colleague) for _each in range(9)}
    assert None in entered
    with read_transaction(store.engine) as connection:
        holder = connection.execute(
            select(User.id).where(User.email == training_desk.address_of("enterprise"))
        ).scalar_one()
    owner = Actor("enterprise", holder)
    for _each in range(100):
        if training_parties.make_request(store, owner) is None:
            break
    assert training_parties.make_request(store, owner) is None
    stranger, registrar = staff(store, "enterprise"), staff(store, "registrar")
    assert training_parties.make_request(store, stranger) is None
    assert training_parties.put_question(store, stranger, registrar) is None


def test_a_second_time_makes_nothing(store: Registry, made: tuple[TrainingAccount, ...]) -> None:
    assert made
    with read_transaction(store.engine) as connection:
        before = connection.execute(select(Report.id)).all(), connection.execute(select(User.id)).all()
    assert training_desk.open_training_desk(store) == ()
    with read_transaction(store.engine) as connection:
        assert before == (
            connection.execute(select(Report.id)).all(),
            connection.execute(select(User.id)).all(),
        )


def test_a_register_that_others_reach_has_no_accounts_for_training(store: Registry) -> None:
    public = replace(store, settings=replace(store.settings, base_url="https://pinzheng.example"))
    with pytest.raises(Conflict) as refused:
        training_desk.open_training_desk(public)
    assert refused.value.reason == "training_in_public"


def test_each_queue_of_the_desk_is_a_file_with_its_lines(
    store: Registry, made: tuple[TrainingAccount, ...]
) -> None:
    with read_transaction(store.engine) as connection:
        ids = {row.email: row.id for row in connection.execute(select(User.id, User.email))}
    held: set[str] = set()
    for account in made:
        actor = Actor(account.role, ids[account.email])
        for name, queue in desk_exports.QUEUES.items():
            if not may(actor, queue.action):
                continue
            file = desk_exports.export_list(store, actor, name, "csv", filters={}, lang="zh")
            header, *lines = csv.reader(io.StringIO(b"".join(file).decode("utf-8-sig")))
            assert header == [gettext(each, "zh") for each in queue.header]
            assert all(len(line) == len(header) for line in lines)
            if lines:
                held.add(name)
    assert held == desk_exports.QUEUES.keys() - {"claims"}  # there are no claims in training
