"""Every move between the states of a declaration: by the registrar's sheet, and by its enterprise at each door."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from portal.app import create_app
from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Conflict
from registry.kit import rules
from registry.registers.declarations import REGISTER
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.filing import annual_confirmation, drafts, filed_lists, filed_records
from registry.services.filing.drafts import NewDraft
from registry.services.people import tokens
from registry.services.people.sessions import UserSession
from registry.services.publication import validation
from registry.services.publication.validation import RefusedRow
from registry.services.records import reading
from registry.store.unit_of_work import read_transaction
from tests.api.test_filing_api import DOCUMENT, Program, codes
from tests.databases import Template
from tests.services import samples
from tests.services.filers import (
    CATALOGUE,
    DECLARATIONS,
    FIRMS,
    INVALID_DRAFTS,
    OTHER_FIRM_NUMBER,
    OWN_STANDARD,
    at,
)
from tests.services.filing_sheets import hand_in_and_run, results, to_cells
from tests.services.members import FIRM_NUMBER, SLUG, sign_up_owner
from tests.services.people import PASSWORD

NOW = dt.datetime(2026, 11, 20, 9, tzinfo=clock.SHANGHAI)
CYCLE = REGISTER.life_cycle
PUBLIC = [state.code for state in CYCLE.public_states()]
PAIRS = [(before, after) for before in PUBLIC for after in PUBLIC if before != after]
# What a state needs beside its name, so that the row itself is beyond doubt.
FACTS: dict[str, dict[str, str]] = {
    "scheduled": {"effective_from": "2027-03-01"},
    "correction_ordered": {"decided_on": "2026-11-01", "correct_until": "2026-12-31"},
    "publicised": {"decided_on": "2026-09-01", "correct_until": "2026-10-31"},
    "withdrawn": {"withdrawn_on": "2026-11-19"},
    "number_revoked": {"decided_on": "2026-11-19"},
    "abolished": {"decided_on": "2026-11-19"},
}
GROUNDS = {"status_reason": "理由", "legal_basis": "《中华人民共和国标准化法》第三十九条"}
AMENDED = {"active", "scheduled", "standard_ended", "correction_ordered", "publicised"}
WITHDRAWN = {"active", "scheduled", "standard_ended"}


def row(holder: str, name: str, status: str) -> dict[str, Any]:
    typed = {**OWN_STANDARD, "org_uscc": holder, "product_name_zh": name, "models": "QY-1"}
    if status == "standard_ended":  # an own standard is in no catalogue that could end it
        typed |= {
            "std_no": "GB/T 35607-2017",
            "std_kind": "national_voluntary",
            "issued_on": "",
            "in_force_on": "",
        }
    else:
        typed |= {"std_kind": "enterprise"}
    return {**typed, "declared_on": "2024-06-01", **GROUNDS, **FACTS.get(status, {}), "status": status}


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """A declaration for each move, of a firm whose people do nothing, and one in each state of a firm that files."""
    folder = tmp_path_factory.mktemp("life")
    with template.copy(folder / "data") as settings, clock.frozen_at(NOW - dt.timedelta(days=40)):
        opened = open_registry(settings)
        rows = [row(OTHER_FIRM_NUMBER, f"{before}到{after}", before) for before, after in PAIRS]
        rows += [row(FIRM_NUMBER, f"品{place}", state) for place, state in enumerate(PUBLIC)]
        for slug, given in (("organisations", FIRMS), ("standards", CATALOGUE), (DECLARATIONS, rows)):
            sheet = samples.write_sheet(folder / f"{slug}.csv", slug, given)
            report = import_files(opened, REGISTRAR, slug, [sheet])
            assert report.refused == 0, report.first_issues
        yield opened
        opened.search.close()


@pytest.fixture(scope="module")
def moved(
    store: Registry, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], tuple[str, str]]:
    """(before, after) → status and newest reason after the registrar's sheet has asked for every move at once."""
    folder = tmp_path_factory.mktemp("moves")
    with clock.frozen_at(NOW):
        rows = [
            {**row(OTHER_FIRM_NUMBER, f"{before}到{after}", before), **FACTS.get(after, {}), "status": after}
            for before, after in PAIRS
        ]
        import_files(
            store, REGISTRAR, DECLARATIONS, [samples.write_sheet(folder / "m.csv", DECLARATIONS, rows)]
        )
        found = {}
        for view in all_views(store):
            before, _, after = view.title.zh.partition("到")
            if after:
                found[before, after] = (view.status.code, view.history[0].reason)
    return found


def all_views(registry: Registry) -> Iterator[Any]:
    paths = [path for path in reading.iterate_record_paths(registry, ANONYMOUS) if DECLARATIONS in path]
    for path in paths:
        pointer = reading.locate_record(registry, ANONYMOUS, DECLARATIONS, path.rsplit("/", 1)[1])
        yield reading.get_record(registry, ANONYMOUS, pointer, "en")


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_the_registrars_sheet_makes_the_moves_of_the_table_and_no_others(
    moved: dict[tuple[str, str], tuple[str, str]], before: str, after: str
) -> None:
    move = CYCLE.find_transition(before, after)
    status, reason = moved[before, after]
    pinned = (before, after) == ("standard_ended", "active")  # as long as the standard has ended
    if move is None or pinned or move.within_hours is not None:  # forty days are more than any of them allows
        assert status == before
    else:
        assert (status, reason) == (after, move.en)


@pytest.fixture(scope="module")
def mei(store: Registry) -> UserSession:
    return sign_up_owner(store)


@pytest.fixture(scope="module")
def own(store: Registry, mei: UserSession) -> dict[str, str]:
    """State → number of the declaration of the firm that files."""
    with clock.frozen_at(NOW):
        listed = filed_lists.list_filed_records(store, mei.actor, SLUG, DECLARATIONS).rows
    return {each.status.code: each.number for each in listed}


@pytest.fixture(scope="module")
def by_sheet(store: Registry, mei: UserSession, own: dict[str, str]) -> dict[str, str]:
    """State → code of what the sheet says of an amendment, "" where it takes it."""
    with clock.frozen_at(NOW):
        rows = [to_cells(amended(state)) | {"number": own[state]} for state in PUBLIC]
        job = hand_in_and_run(store, mei, rows, dry_run=True)
        return {line["number"]: line["code"] for line in results(store, mei, job)} | {
            own[state]: line["code"] for state, line in zip(PUBLIC, results(store, mei, job), strict=True)
        }


def amended(state: str) -> dict[str, Any]:
    known = row(FIRM_NUMBER, f"品{PUBLIC.index(state)}", state)
    typed = {name: known[name] for name in OWN_STANDARD if known[name]}
    return {**typed, "spec": "两件装", "std_no": known["std_no"]}


@pytest.mark.parametrize("state", PUBLIC)
def test_form_sheet_and_program_amend_in_the_same_states(
    *, store: Registry, mei: UserSession, own: dict[str, str], by_sheet: dict[str, str], state: str
) -> None:
    number, allowed = own[state], state in AMENDED
    with clock.frozen_at(NOW):
        try:
            draft = drafts.open_draft(store, mei.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
        except Conflict:
            assert not allowed
        else:
            assert allowed
            drafts.discard_draft(store, mei.actor, SLUG, draft)
        key = tokens.create_token(store, mei.actor, PASSWORD, tokens.TokenRequest("t", "check", 30, SLUG))
        document = {**DOCUMENT, **amended(state), "models": ["QY-1"]}
        answer = Program(create_app(registry=store), key).put(f"{number}?dry_run=1", document, If_Match="*")
    closed = "not_open"
    assert (by_sheet[number] == closed) is not allowed
    found = {code for code, _name in codes(answer)} if answer.status_code != 200 else set()
    assert (closed in found) is not allowed


@pytest.mark.parametrize("state", PUBLIC)
def test_an_enterprise_withdraws_confirms_and_retracts_where_the_table_says_so(
    store: Registry, mei: UserSession, own: dict[str, str], state: str
) -> None:
    with clock.frozen_at(NOW):
        view = filed_records.get_filed_record_state(store, mei.actor, at(own[state]))
        assert (view.amendable, view.correctable) == (
            state in WITHDRAWN,
            state in ("correction_ordered", "publicised"),
        )
        assert not view.retractable  # filed longer than a day ago
        if state not in WITHDRAWN:
            for act in (
                lambda: filed_records.withdraw_record(store, mei.actor, at(own[state]), "停产"),
                lambda: annual_confirmation.confirm_record(store, mei.actor, at(own[state])),
                lambda: filed_records.retract_record(store, mei.actor, at(own[state])),
            ):
                with pytest.raises(Conflict):
                    act()


@pytest.mark.parametrize("case", INVALID_DRAFTS)
def test_what_those_who_file_are_refused_the_registrar_keeps_as_a_doubt(store: Registry, case: str) -> None:
    change, (code, name) = INVALID_DRAFTS[case]
    raw = {**row(FIRM_NUMBER, "另一品", "active"), "declared_on": "2026-11-01", **change}
    if code == "filed_already":
        return
    with clock.frozen_at(NOW), read_transaction(store.engine) as connection:
        context = validation.rule_context(connection)
        found = validation.validate_row(REGISTER, 1, raw, context, registrar=True)
    expected = "not_stated" if code == "required" else code
    if isinstance(found, RefusedRow):
        blocking = {issue.code for issue in found.issues if issue.severity == "blocks"}
        assert blocking <= rules.ALWAYS_BLOCKING
    else:
        assert (expected, name) in {(issue.code, issue.field) for issue in found.warnings}
