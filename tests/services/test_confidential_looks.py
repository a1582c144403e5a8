"""Confidential parts: opened for a reason only, by those whose case it is; each look logged with it and counted for the public."""

from __future__ import annotations

import ast
import datetime as dt
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

import registry as package
from portal.app import create_app
from registry import clock
from registry.accounts.model import AuditEntry, ConfidentialLook
from registry.accounts.policy import ALLOWED, ANONYMOUS, STAFF, Action, Actor
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.report import Report
from registry.services import applying, auditing, confidential, reports
from registry.services.auditing import AuditQuery
from registry.services.bootstrap import Registry
from registry.services.confidential import NO_REASON, LookReason, looks
from registry.services.confidential.reasons import LOOK_REASONS, LOOKS, MAX_WORDS
from registry.services.filing import draft_texts, drafts
from registry.services.filing.draft_texts import UploadedFile
from registry.services.filing.drafts import DraftSubmission
from registry.services.people import claims
from registry.services.people.own_account import AUDIT_LABELS
from registry.services.reports import SentFile
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import applicants, people
from tests.services.deciders import set_status, staff
from tests.services.filers import OWN_STANDARD, firm, save_draft
from tests.services.members import MEI, SLUG, sign_in_registrar, sign_up_owner, submit_claim
from tests.services.people import DECIDING
from tests.services.reporters import hand_in, record_id
from tests.unit.attachments.files import pdf

__all__ = ["firm"]
WORDS = "法院来函〔2026〕12号"
ASKED = LookReason("authority", WORDS)
DESK = {"SEE_DESK", "DECIDE", "SEE_REPORTS", "ANSWER_REPORTS", "READ_AUDIT", "TAKE_DECISIONS"}
FILES = {"TextView", "ReportFile", "ProofFile"}


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    with clock.frozen_at(applicants.MONDAY):
        yield


@dataclass(frozen=True)
class Door:
    """One thing to look at: who may, and the call that opens it."""

    kind: str
    actor: Actor
    subject: str
    open: Callable[[LookReason], Any]


def of_claim(registry: Registry) -> Iterator[Door]:
    user, wang = people.sign_up(registry, MEI), sign_in_registrar(registry).actor
    claim = submit_claim(registry, user)
    number = claims.get_claim(registry, wang, claim).number
    yield Door("proof", wang, number, lambda why: claims.open_claim_proof(registry, wang, claim, reason=why))
    yield Door("claimant", wang, number, lambda why: claims.open_claimant(registry, wang, claim, reason=why))


def of_application(registry: Registry) -> Iterator[Door]:
    application = applicants.apply_for(registry, sign_up_owner(registry))
    city = staff(registry, "reviewer_city", region="330100")
    file = applying.get_application(registry, city, application, lang="en").evidence[0].files[0].id
    subject = f"brands {application}"
    yield Door(
        "evidence",
        city,
        subject,
        lambda why: applying.get_file_for_desk(registry, city, application, file, reason=why),
    )
    yield Door(
        "signer", city, subject, lambda why: applying.open_signer(registry, city, application, reason=why)
    )


def of_declaration(registry: Registry) -> Iterator[Door]:
    mei = sign_up_owner(registry)
    draft = save_draft(registry, mei, OWN_STANDARD)
    text = UploadedFile("text.pdf", io.BytesIO(pdf()))
    draft_texts.attach_full_text(registry, mei.actor, SLUG, draft, file=text)
    number = drafts.file_draft(registry, mei.actor, SLUG, draft, submitted=DraftSubmission(3, "王强"))
    record, wang = record_id(registry, "declarations", number), sign_in_registrar(registry).actor
    yield Door(
        "private_text",
        wang,
        number,
        lambda why: draft_texts.open_private_text(registry, wang, record, reason=why),
    )


def of_account(registry: Registry) -> Iterator[Door]:
    mei, auditor = sign_up_owner(registry), staff(registry, "auditor")
    account = mei.actor.user_id
    assert account is not None
    yield Door(
        "account",
        auditor,
        f"#{account}",
        lambda why: auditing.open_account(registry, auditor, account, reason=why),
    )


def kept(registry: Registry) -> list[tuple[str, str, str]]:
    """Act, subject and details of every look in the audit log."""
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.details)
            .where(AuditEntry.action.in_([f"{each.code}_seen" for each in LOOKS]))
            .order_by(AuditEntry.id)
        )
        return [tuple(row) for row in rows]


def counted(registry: Registry) -> int:
    with read_transaction(registry.engine) as connection:
        return connection.execute(select(func.count()).select_from(ConfidentialLook)).scalar_one()


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(Invalid) as refused:
        act()
    [issue] = refused.value.issues
    return str(issue.code)


@pytest.mark.parametrize("world", [of_claim, of_application, of_declaration, of_account])
def test_it_opens_for_a_reason_which_holds_for_an_hour(
    firm: Registry, world: Callable[[Registry], Iterator[Door]]
) -> None:
    for door in world(firm):
        before, looked = kept(firm), counted(firm)
        assert code_of(lambda door=door: door.open(NO_REASON)) == "look_reason_wanted"  # type: ignore[misc]
        assert (kept(firm), counted(firm)) == (before, looked)
        door.open(ASKED)
        action, subject, details = kept(firm)[-1]
        assert (action, subject) == (f"{door.kind}_seen", door.subject)
        assert details.endswith(f"reason=authority {WORDS}")
        door.open(NO_REASON)
        assert kept(firm)[-1] == (action, subject, details)
        assert counted(firm) == looked + 2
        with clock.frozen_at(clock.now() + looks.HOLDS):
            assert code_of(lambda door=door: door.open(NO_REASON)) == "look_reason_wanted"  # type: ignore[misc]


def test_a_reason_holds_for_its_person_role_case_and_kind_only(firm: Registry) -> None:
    wang, lin = staff(firm, "registrar"), staff(firm, "registrar")
    evidence = looks.Look("evidence", "brands 1", "7")

    def look(actor: Actor, wanted: looks.Look, reason: LookReason = NO_REASON) -> None:
        with unit_of_work(firm.engine) as connection:
            looks.record_look(connection, actor, wanted, reason)

    look(wang, evidence, DECIDING)
    look(wang, looks.Look("evidence", "brands 1", "8"))
    for actor, wanted in (
        (lin, evidence),
        (Actor("publisher", wang.user_id), evidence),
        (wang, looks.Look("evidence", "brands 2")),
        (wang, looks.Look("signer", "brands 1")),
        (Actor("registrar"), evidence),
    ):
        assert code_of(lambda actor=actor, wanted=wanted: look(actor, wanted)) == "look_reason_wanted"  # type: ignore[misc]
    look(Actor("registrar"), evidence, DECIDING)  # a program of the operator has no account


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (LookReason("", "just so, please"), "look_reason_wanted"),
        (LookReason("curious"), "look_reason_unknown"),
        (LookReason("other"), "look_words_wanted"),
        (LookReason("supervision", " 四个字啊 "), "look_words_wanted"),
        (LookReason("contact", "x" * (MAX_WORDS + 1)), "too_long"),
    ],
)
def test_a_reason_is_of_the_list_and_says_what_it_is(firm: Registry, reason: LookReason, code: str) -> None:
    wang = staff(firm, "registrar")
    with unit_of_work(firm.engine) as connection:
        act = lambda: looks.record_look(connection, wang, looks.Look("proof", "1"), reason)  # noqa: E731
        assert code_of(act) == code
        five = LookReason("other", "五个字正好")
        looks.record_look(connection, wang, looks.Look("proof", "1"), five)
        looks.record_look(connection, wang, looks.Look("proof", "2"), LookReason("asked", "w" * MAX_WORDS))


def test_words_of_a_reason_keep_no_number_of_a_person(firm: Registry) -> None:
    wang = staff(firm, "registrar")
    with unit_of_work(firm.engine) as connection:
        given = LookReason("contact", "call 13812345678 reason=other now")
        looks.record_look(connection, wang, looks.Look("proof", "1", "7 reason=x"), given)
    [(_action, _subject, details)] = kept(firm)
    assert looks.split_reason(details) == (
        "7 reason=x",
        LookReason("contact", "call 138****5678 reason other now"),
    )
    rest, reason = looks.split_reason("7 abc reason=contact about the file")
    assert (rest, reason) == ("7 abc", LookReason("contact", "about the file"))
    assert looks.split_reason("reason=deciding") == ("", LookReason("deciding", ""))
    assert looks.split_reason("suspended 12") == ("suspended 12", NO_REASON)
    assert looks.split_reason("7 reason=unknown x") == ("7 reason=unknown x", NO_REASON)


def test_names_and_addresses_are_masked_until_then(firm: Registry) -> None:
    user, wang = people.sign_up(firm, MEI), sign_in_registrar(firm)
    claim = submit_claim(firm, user)
    shown = claims.get_claim(firm, wang.actor, claim)
    full = claims.open_claimant(firm, wang.actor, claim, reason=DECIDING)
    assert full.email == MEI
    assert (shown.email, shown.person) == (f"{MEI[0]}***@{MEI.partition('@')[2]}", f"{full.person[0]}*")
    assert MEI not in str(claims.list_claims(firm, wang.actor))
    auditor = staff(firm, "auditor")
    page = auditing.get_audit_trail(firm, auditor, AuditQuery(account=MEI))
    assert page.entries
    assert MEI not in str(page)
    file = b"".join(auditing.export_trail(firm, auditor, AuditQuery(account=f"#{user.actor.user_id}"), "en"))
    assert MEI.encode() not in file
    with pytest.raises(NotFound):
        auditing.open_account(firm, auditor, 999_999, reason=DECIDING)
    with pytest.raises(Forbidden):
        auditing.open_account(firm, wang.actor, 1, reason=DECIDING)


def test_the_audit_log_shows_the_reason_apart_from_the_details(firm: Registry) -> None:
    auditor = staff(firm, "auditor")
    with unit_of_work(firm.engine) as connection:
        looks.record_look(connection, auditor, looks.Look("evidence", "brands 5", "7 ab"), ASKED)
    [entry] = auditing.get_audit_trail(firm, auditor, AuditQuery(action="evidence_seen")).entries
    assert entry.reason is not None
    assert (entry.details, entry.reason.zh, entry.words) == ("7 ab", "有权机关依法调取", WORDS)
    file = b"".join(auditing.export_trail(firm, auditor, AuditQuery(action="evidence_seen"), "zh")).decode()
    assert f"有权机关依法调取,{WORDS}" in file


def test_a_reporter_is_shown_to_who_may_answer_and_an_objector_never(store: Registry) -> None:
    number = set_status(store, "brands", "listed", index=1)
    wang = staff(store, "registrar")
    given = hand_in(
        store, "fake", number, email="late@example.com", file=SentFile("a.pdf", io.BytesIO(pdf()))
    )
    assert reports.get_report(store, wang, given.id).address == "l***@example.com"
    assert (
        code_of(lambda: reports.open_reporter(store, wang, given.id, reason=NO_REASON))
        == "look_reason_wanted"
    )
    assert reports.open_reporter(store, wang, given.id, reason=DECIDING) == "late@example.com"
    silent = hand_in(store, "error", number)
    with pytest.raises(NotFound):
        reports.open_reporter(store, wang, silent.id, reason=DECIDING)
    for role in ("auditor", "body", "admin"):
        with pytest.raises(Forbidden):
            reports.open_reporter(store, staff(store, role), given.id, reason=DECIDING)
    objection = hand_in(store, "error", number, email="late@example.com")
    with unit_of_work(store.engine) as connection:
        connection.execute(update(Report).where(Report.id == objection.id).values(kind="objection"))
    assert reports.get_report(store, wang, objection.id).address == ""
    with pytest.raises(Forbidden, match="objector_never_shown"):
        reports.open_reporter(store, wang, objection.id, reason=DECIDING)


def test_only_those_whose_case_it_is_open_a_private_text(firm: Registry) -> None:
    [door] = of_declaration(firm)
    record = record_id(firm, "declarations", door.subject)
    far, near, auditor = (
        staff(firm, "reviewer_city", region="320100"),
        staff(firm, "reviewer_city", region="330100"),
        staff(firm, "auditor"),
    )
    assert [draft_texts.has_private_text(firm, each, record) for each in (far, near, auditor)] == [
        False,
        True,
        True,
    ]
    with pytest.raises(NotFound):
        draft_texts.open_private_text(firm, far, record, reason=DECIDING)
    with pytest.raises(NotFound):
        draft_texts.open_private_text(firm, near, record + 1000, reason=DECIDING)
    assert draft_texts.open_private_text(firm, auditor, record, reason=DECIDING).path.read_bytes() == pdf()


def test_the_public_reads_how_often_by_year_kind_and_reason(firm: Registry) -> None:
    wang = staff(firm, "registrar")
    new_year = dt.datetime(2027, 1, 1, tzinfo=clock.SHANGHAI)
    for moment, kind, reason in (
        (new_year - dt.timedelta(seconds=1), "proof", DECIDING),
        (new_year, "proof", LookReason("other", "needed so")),
        (new_year, "proof", DECIDING),
        (new_year, "evidence", DECIDING),
    ):
        with clock.frozen_at(moment), unit_of_work(firm.engine) as connection:
            looks.record_look(connection, wang, looks.Look(kind, "1"), reason)
    assert [
        (
            year.year,
            year.looks,
            [(each.kind.en, each.looks, [reason.looks for reason in each.reasons]) for each in year.figures],
        )
        for year in confidential.list_look_figures(firm, ANONYMOUS)
    ] == [
        (2027, 3, [("Files of applications", 1, [1]), ("Documents that prove a claim", 2, [1, 1])]),
        (2026, 1, [("Documents that prove a claim", 1, [1])]),
    ]
    told = create_app(registry=firm).test_client().get("/api/v1/quality").get_json()["confidential_looks"]
    assert [(year["year"], year["looks"]) for year in told] == [(2027, 3), (2026, 1)]
    assert [(each["kind"]["code"], each["looks"]) for each in told[1]["kinds"]] == [("proof", 1)]
    assert told[1]["kinds"][0]["reasons"][0]["reason"]["code"] == DECIDING.code


def test_every_kind_of_look_has_its_act_in_words_and_staff_alone_look() -> None:
    assert [each.code for each in LOOKS if f"{each.code}_seen" not in AUDIT_LABELS] == []
    seen = {action.removesuffix("_seen") for action in AUDIT_LABELS if action.endswith("_seen")}
    assert seen == set(LOOKS.codes)
    assert max(len(f"{each.code}_seen") for each in LOOKS) <= 40
    assert max(len(each.code) for each in LOOK_REASONS) <= 20
    assert {role for role in ALLOWED if Action.LOOK in ALLOWED[role]} == STAFF | {"system"}


def test_no_service_gives_a_private_file_to_the_desk_without_a_reason() -> None:
    """Law: what staff may open returns no file unless it asks for a reason and records the look."""
    opened, wrong = [], []
    for path in (Path(package.__file__).parent / "services").rglob("*.py"):
        for node in ast.parse(path.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_") or node.returns is None:
                continue
            source = ast.unparse(node)
            required = {action for action in DESK if f"require(actor, Action.{action})" in source}
            if required and ast.unparse(node.returns) in FILES:
                opened.append(node.name)
                if "record_look(" not in source or "reason" not in {
                    each.arg for each in node.args.kwonlyargs
                }:
                    wrong.append(f"{path.name}: {node.name}")
    assert len(opened) >= 6
    assert wrong == []
