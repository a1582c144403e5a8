"""The audit log: who acted and through which door, what a question finds, files, and the hash of each finished day."""

from __future__ import annotations

import ast
import csv
import datetime as dt
import hashlib
import json
from pathlib import Path

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

import registry as package
from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import AuditDay, AuditEntry
from registry.accounts.policy import ALLOWED, ANONYMOUS, ROLES, SYSTEM, Action, Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.observing.work import begin_work, end_work
from registry.registers import catalogue
from registry.services import auditing
from registry.services.auditing import AuditQuery, days, export, places, trail
from registry.services.bootstrap import Registry
from registry.services.operations import maintenance
from registry.services.people import account_deletion
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people

AUDITOR = Actor("auditor", 4712)
ADMIN = Actor("admin", 4711)
FIRST_DAY = dt.date(2026, 3, 2)
NOON = dt.timedelta(hours=-12)
RECORDING = ("audit_log.record", "audit_log.record_all", "_audit")
DISABLE_TRIGGERS = {
    "sqlite": (
        "DROP TRIGGER audit_kept",
        "DROP TRIGGER audit_unchanged",
        "DROP TRIGGER audit_day_kept",
        "DROP TRIGGER audit_day_unchanged",
    ),
    "postgresql": ("ALTER TABLE audit DISABLE TRIGGER USER", "ALTER TABLE audit_day DISABLE TRIGGER USER"),
}


def at_noon(day: dt.date) -> dt.datetime:
    return clock.end_of_day(day) + NOON


def act(registry: Registry, actor: Actor, action: str, account: int | None = None, **more: str) -> None:
    with unit_of_work(registry.engine) as connection:
        audit_log.record(connection, actor, action, account, **more)


def asked(registry: Registry, **query: str | int) -> list[str]:
    """Subjects of the entries that a question finds."""
    found = auditing.get_audit_trail(registry, AUDITOR, AuditQuery(**query))  # type: ignore[arg-type]
    return [entry.subject for entry in found.entries]


def test_an_entry_says_who_acted_on_which_account_and_through_which_door(registry: Registry) -> None:
    act(registry, ADMIN, "suspended", 12, details="离职")
    act(registry, SYSTEM, "factor_keys_rotated")
    for path in ("/api/v1/registers", "/<lang>/desk"):
        begin_work("3f" * 40).path = path
        act(registry, ANONYMOUS, "sign_in_failed")
        end_work()
    page, program, machine, command = auditing.get_audit_trail(registry, AUDITOR, AuditQuery()).entries
    assert (command.by, command.account, command.details, command.door) == (
        "#4711",
        "#12",
        "离职",
        "Command on the server",
    )
    assert (machine.by, machine.account, machine.role) == ("", "", "The register itself")
    assert (machine.door, machine.request_id) == ("The register itself", "")
    assert (program.door, page.door, page.role) == ("API", "Page", "Not signed in")
    assert page.request_id == "3f" * 32  # as long as the column


def test_only_auditors_read_it() -> None:
    assert {role for role in ROLES if Action.READ_AUDIT in ALLOWED[role]} == {"auditor", "system"}
    for read in (
        lambda: auditing.get_audit_trail(None, ADMIN, AuditQuery()),  # type: ignore[arg-type]
        lambda: auditing.export_trail(None, ADMIN, AuditQuery(), "en"),  # type: ignore[arg-type]
        lambda: auditing.export_day(None, ADMIN, FIRST_DAY),  # type: ignore[arg-type]
    ):
        with pytest.raises(Forbidden):
            read()


def test_each_part_of_a_question_narrows_it(registry: Registry) -> None:
    with clock.frozen_at(clock.end_of_day(FIRST_DAY) - dt.timedelta(microseconds=1)):
        act(registry, ADMIN, "suspended", 7, subject="last moment")
    with clock.frozen_at(clock.end_of_day(FIRST_DAY)):
        act(registry, Actor("enterprise", 7), "filed", subject="SD-1")
    act(registry, Actor("enterprise", 8), "filed", subject="SD-2")
    assert asked(registry) == ["SD-2", "SD-1", "last moment"]
    assert asked(registry, until="2026-03-02") == ["last moment"]
    assert asked(registry, since="2026-03-03", until="2026-03") == ["SD-1"]
    assert asked(registry, since="2026年3月3日") == ["SD-2", "SD-1"]
    assert asked(registry, account="7") == asked(registry, account="#7") == ["SD-1", "last moment"]
    assert asked(registry, account="4711") == ["last moment"]
    assert asked(registry, action="filed", role="enterprise", door="command") == ["SD-2", "SD-1"]
    assert asked(registry, subject="SD-2") == ["SD-2"]
    assert asked(registry, subject="SD") == []
    with pytest.raises(Invalid) as wrong:
        asked(registry, since="yesterday", until="2026-02-30", account="nobody@example.com")
    assert [(issue.code, issue.field) for issue in wrong.value.issues] == [
        ("date_shape", "since"),
        ("date_does_not_exist", "until"),
        ("account_unknown", "account"),
    ]
    with pytest.raises(Invalid) as turned:
        asked(registry, since="2026-03-03", until="2026-03-02")
    assert turned.value.issues[0].code == "ends_before_start"
    assert asked(registry, since="2026-03-02", until="2026-03-02") == ["last moment"]


def test_pages_follow_one_another_without_gap_or_repetition(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "PAGE_SIZE", 2)
    for number in range(4):
        act(registry, ADMIN, "suspended", subject=str(number))
    first = auditing.get_audit_trail(registry, AUDITOR, AuditQuery())
    assert [entry.subject for entry in first.entries] == ["3", "2"]
    second = auditing.get_audit_trail(registry, AUDITOR, AuditQuery(before=first.older))
    assert ([entry.subject for entry in second.entries], second.older) == (["1", "0"], 0)


def test_accounts_are_named_by_their_address_until_they_are_deleted(registry: Registry) -> None:
    user = people.sign_up(registry, "mei@example.com")
    act(registry, ADMIN, "appointed", user.user_id)
    appointed = auditing.get_audit_trail(registry, AUDITOR, AuditQuery(account=" Mei@example.com")).entries[0]
    assert (appointed.by, appointed.account) == ("#4711", f"m***@example.com #{user.user_id}")
    account_deletion.delete_account(registry, user.actor, people.PASSWORD)
    gone = auditing.get_audit_trail(registry, AUDITOR, AuditQuery(account=f"#{user.user_id}")).entries
    assert {entry.by for entry in gone} == {f"#{user.user_id}", "#4711"}


def test_the_file_of_a_question_has_every_entry_and_is_an_act_itself(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "BATCH_SIZE", 2)
    for number in range(5):
        act(registry, ADMIN, "suspended", subject=str(number), details="=1+1")
    chunks = auditing.export_trail(registry, AUDITOR, AuditQuery(action="suspended", before=2), "zh")
    lines = list(csv.reader(b"".join(chunks).decode("utf-8-sig").splitlines()))
    assert lines[0][:4] == ["编号", "时间", "行为", "角色"]
    assert [line[6] for line in lines[1:]] == ["4", "3", "2", "1", "0"]
    assert {line[7] for line in lines[1:]} == {"'=1+1"}  # no cell becomes a formula
    (own,) = auditing.get_audit_trail(registry, AUDITOR, AuditQuery(action="audit_exported")).entries
    assert (own.by, own.details) == ("#4712", "action=suspended")
    with pytest.raises(Invalid):
        auditing.export_trail(registry, AUDITOR, AuditQuery(since="x"), "zh")


def test_a_file_is_bounded(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BATCH_SIZE", 2)
    monkeypatch.setattr(export, "MAX_EXPORTED", 3)
    for _each in range(5):
        act(registry, ADMIN, "suspended")
    chunks = auditing.export_trail(registry, AUDITOR, AuditQuery(action="suspended"), "en")
    assert len(b"".join(chunks).splitlines()) == 1 + 3


def closed(registry: Registry, now: dt.datetime) -> list[tuple[dt.date, int]]:
    with clock.frozen_at(now):
        days.close_days(registry)
    return [(each.day, each.entries) for each in auditing.list_days(registry, ANONYMOUS)]


def test_a_day_is_closed_an_hour_after_its_end_and_once(registry: Registry) -> None:
    with clock.frozen_at(at_noon(FIRST_DAY)):
        act(registry, ADMIN, "suspended", subject="1")
        act(registry, ADMIN, "restored", subject="2")
    hour_later = clock.end_of_day(FIRST_DAY) + dt.timedelta(hours=1)
    assert closed(registry, hour_later - dt.timedelta(seconds=1)) == []
    first = closed(registry, hour_later)
    assert first == [(FIRST_DAY, 2)]
    with clock.frozen_at(hour_later):
        act(registry, ADMIN, "suspended", subject="3")
    assert closed(registry, hour_later) == first
    third_day = FIRST_DAY + dt.timedelta(days=2)
    assert closed(registry, clock.end_of_day(third_day) + dt.timedelta(hours=1)) == [
        (third_day, 0),
        (FIRST_DAY + dt.timedelta(days=1), 1),
        (FIRST_DAY, 2),
    ]
    assert list(maintenance.check_store(registry)) == []


def test_without_entries_there_is_no_day(registry: Registry) -> None:
    assert closed(registry, clock.now()) == []


def test_an_entry_that_a_wrong_clock_dates_back_belongs_to_the_next_day_that_is_closed(
    registry: Registry,
) -> None:
    with clock.frozen_at(at_noon(FIRST_DAY)):
        act(registry, ADMIN, "suspended", subject="1")
    assert closed(registry, clock.end_of_day(FIRST_DAY) + dt.timedelta(hours=2)) == [(FIRST_DAY, 1)]
    with clock.frozen_at(at_noon(FIRST_DAY) - dt.timedelta(days=30)):
        act(registry, ADMIN, "restored", subject="2")
    next_day = FIRST_DAY + dt.timedelta(days=1)
    assert closed(registry, clock.end_of_day(next_day) + dt.timedelta(hours=2))[0] == (next_day, 1)
    assert list(maintenance.check_store(registry)) == []


def test_the_hash_of_a_day_is_that_of_its_file_and_includes_the_day_before(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(days, "BATCH_SIZE", 2)
    for later in range(2):
        with clock.frozen_at(at_noon(FIRST_DAY + dt.timedelta(days=later))):
            for number in range(3):
                act(registry, ADMIN, "suspended", 7, subject=f"{later}{number}", details="理由 “引号”")
    closed(registry, clock.end_of_day(FIRST_DAY + dt.timedelta(days=1)) + dt.timedelta(hours=1))
    second, first = auditing.list_days(registry, ANONYMOUS)
    before = "0" * 64
    for day in (first, second):
        content = b"".join(auditing.export_day(registry, AUDITOR, day.day))
        assert hashlib.sha256(content).hexdigest() == day.hash
        head, *lines = content.decode().splitlines()
        assert head == before
        assert [json.loads(line)["subject"][1] for line in lines] == ["0", "1", "2"]
        before = day.hash
    with pytest.raises(NotFound):
        auditing.export_day(registry, AUDITOR, FIRST_DAY + dt.timedelta(days=2))


@pytest.mark.parametrize(
    "change",
    [
        update(AuditEntry).where(AuditEntry.subject == "1").values(details="x"),
        update(AuditEntry).where(AuditEntry.subject == "1").values(acted_by=1),
        delete(AuditEntry).where(AuditEntry.subject == "1"),
        update(AuditDay).values(entries=9),
        delete(AuditDay).where(AuditDay.day == FIRST_DAY),
    ],
)
def test_a_change_behind_the_register_is_found(registry: Registry, change: object) -> None:
    for later in range(2):
        with clock.frozen_at(at_noon(FIRST_DAY + dt.timedelta(days=later))):
            act(registry, ADMIN, "suspended", subject=str(later + 1))
    closed(registry, clock.end_of_day(FIRST_DAY + dt.timedelta(days=1)) + dt.timedelta(hours=1))
    with unit_of_work(registry.engine) as connection:
        for disable in DISABLE_TRIGGERS[connection.dialect.name]:
            connection.execute(text(disable))
    with unit_of_work(registry.engine) as connection:
        connection.execute(change)  # type: ignore[call-overload]
    assert "audit log: the entries of" in "\n".join(maintenance.check_store(registry))


def test_a_closed_day_cannot_be_changed(registry: Registry) -> None:
    with clock.frozen_at(at_noon(FIRST_DAY)):
        act(registry, ADMIN, "suspended")
    closed(registry, clock.end_of_day(FIRST_DAY) + dt.timedelta(hours=1))
    for statement in (update(AuditDay).values(hash="x"), delete(AuditDay)):
        with pytest.raises(DBAPIError), unit_of_work(registry.engine) as connection:
            connection.execute(statement)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(AuditDay.entries)).scalars().all() == [1]


def test_every_act_in_the_code_has_words() -> None:
    labels = auditing.known_actions()
    recorded = {
        argument.value
        for path in Path(package.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) in ("audit_log.record", "audit_log.record_all")
        for argument in call.args[2:3]
        if isinstance(argument, ast.Constant)
    }
    assert "suspended" in recorded
    assert sorted(recorded - set(labels)) == []


@pytest.mark.parametrize(
    ("action", "subject", "details", "page"),
    [
        ("decision_prepared", "TB-2006-00001-B", "suspended 12", "/desk/decisions/12"),
        ("decision_taken", "TB-2006-00001-B", "removed 12", "/desk/decisions/12"),
        ("decision_taken", "TB-2006-00001-B", "removed sheet 7", "/desk/sheets/7"),
        ("decision_file_seen", "brands 12", "suspended 0123", "/desk/decisions/12"),
        ("decision_sheet_prepared", "brands", "7", "/desk/sheets/7"),
        ("application_submitted", "91330100MAWY010175", "brands 5", "/desk/applications/5"),
        ("evidence_seen", "brands 5", "7 00ff", "/desk/applications/5"),
        ("entry_taken", "演商公告〔2026〕9号", "notices 3", "/desk/entries/3"),
        ("import_started", "brands", "4", "/desk/imports/4"),
        ("filed", "SD 1/2", "", "/desk/find?number=SD%201%2F2"),
        ("signed_in", "", "12", ""),
        ("decision_prepared", "", "", ""),
        ("filed", "", "", ""),
    ],
)
def test_an_entry_leads_to_what_it_is_about(action: str, subject: str, details: str, page: str) -> None:
    assert places.page_of(action, subject, details) == page


def test_the_role_of_an_account_is_told_before_and_after(registry: Registry) -> None:
    act(registry, ADMIN, "appointed", 7, details=audit_log.change_of("", "auditor"))
    act(registry, ADMIN, "region_set", 7, details=audit_log.change_of("330100", "330000"))
    act(registry, ADMIN, "appointed", 7, details="auditor")  # as it was kept before
    before, region, made = auditing.get_audit_trail(registry, AUDITOR, AuditQuery()).entries
    assert (before.change, before.details, region.change, region.details) == (
        None,
        "auditor",
        None,
        "330100 → 330000",
    )
    assert made.change == ("–", trail.ROLE_LABELS["auditor"])


def test_a_subject_that_names_a_register_says_its_label(registry: Registry) -> None:
    for subject in ("brands", "notices 3", "TB-2006-00001-B", ""):
        act(registry, ADMIN, "decision_file_seen", None, subject=subject)
    entries = auditing.get_audit_trail(registry, AUDITOR, AuditQuery()).entries[:4]
    told = [(each.subject, each.register, each.behind) for each in reversed(entries)]
    assert told == [
        ("brands", catalogue()["brands"].label, ""),
        ("notices 3", catalogue()["notices"].label, "3"),
        ("TB-2006-00001-B", "", ""),
        ("", "", ""),
    ]
