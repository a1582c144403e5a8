"""Reports and objections: handed in by anyone, answered within bounds by the authority, forgotten in time, never telling who."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import func, select, update

from registry import clock
from registry.accounts.model import AuditEntry, User
from registry.accounts.policy import ALLOWED, ANONYMOUS, ROLES, Action, Actor
from registry.attachments.model import Attachment
from registry.errors import Conflict, Forbidden, Invalid, NotFound, TooManyAttempts
from registry.kit.life_cycle import DECIDED_HERE
from registry.kit.record import Record
from registry.kit.report import OUTCOMES, Report
from registry.reference import working_days
from registry.registers import catalogue
from registry.services import records, reports
from registry.services.bootstrap import Registry
from registry.services.operations.daily_jobs import run_daily_jobs
from registry.services.people import attachments
from registry.services.reports import ReportAnswer, ReportsRequest, SentFile, handing_in, retention
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import samples
from tests.services.deciders import set_status, staff
from tests.services.people import DECIDING, read_mails
from tests.services.reporters import STATEMENT, hand_in, page_version, record_id, row_of, stamp_of, typed
from tests.services.samples import NOON
from tests.unit.attachments.files import pdf

pytestmark = pytest.mark.usefixtures("noon")

UPHELD = ReportAnswer(
    "upheld",
    "核对原件后更正。",
    "经核对，证书所列型号有误，已更正。",
    "The model was wrong and is put right.",
)
ANSWERERS = {role for role in ROLES if Action.ANSWER_REPORTS in ALLOWED.get(role, ())} - {"system"}


@pytest.fixture(scope="module")
def wang(store: Registry) -> Actor:
    return staff(store, "reviewer_national", "王强")


@pytest.fixture(scope="module")
def lin(store: Registry) -> Actor:
    return staff(store, "reviewer_national", "Lin Mei")


@pytest.fixture
def brand(store: Registry) -> str:
    return set_status(store, "brands", "listed")


def codes(refused: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    return {(issue.field, issue.code) for issue in refused.value.issues}


def own(store: Registry, row: object) -> reports.own_reports.OwnReportView:  # type: ignore[name-defined]
    path = reports.handing_in.report_links.report_path(store, row.number, row.nonce, "en")  # type: ignore[attr-defined]
    _empty, _lang, _reports, number, token = path.split("/")
    return reports.get_own_report(store, ANONYMOUS, number, token)


@pytest.mark.parametrize("kind", ["error", "fake"])
@pytest.mark.parametrize("slug", sorted(catalogue()))
def test_anyone_reports_a_record_of_any_register(store: Registry, slug: str, kind: str) -> None:
    number = samples.number_of(store, slug)
    row = hand_in(store, kind, number, register=slug)
    assert (row.register, row.subject, row.kind, row.state) == (slug, number, kind, "open")
    assert re.fullmatch(r"RP-2026-\d{6}-[0-9A-Z]", row.number)
    assert row.due_on == working_days.add_working_days(NOON.date(), reports.ANSWER_WORKING_DAYS[kind])
    shown = own(store, row)
    assert (shown.statement, shown.state, shown.admitted_on) == (STATEMENT, "open", "")


@pytest.mark.parametrize("subject", ["", "GP-2023-999999-B", "随便什么 <b>", "x" * 500])
def test_what_names_no_record_is_taken_as_typed(store: Registry, subject: str) -> None:
    row = hand_in(store, "fake", subject, seen_at="杭州某市场")
    assert (row.register, row.record_id, row.subject) == ("", None, subject[:200])
    assert row.seen_at == "杭州某市场"


def test_where_a_fake_was_seen_is_not_asked_of_an_error(store: Registry) -> None:
    assert hand_in(store, "error", seen_at="杭州").seen_at == ""


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"statement": ""}, "statement", "required"),
        ({"statement": "   \n "}, "statement", "required"),
        ({"statement": "123456789"}, "statement", "statement_short"),
        ({"statement": "x" * 4001}, "statement", "too_long"),
        ({"seen_at": "x" * 501}, "seen_at", "too_long"),
        ({"email": "nobody"}, "email", "email_form"),
        ({"trap": "http://cheap.example"}, "website", "report_trap"),
        ({"stamp": ""}, "", "report_form_old"),
        ({"stamp": "1790000000." + "0" * 32 + "." + "A" * 43}, "", "report_form_old"),
        ({"file": SentFile(token="7-" + "0" * 32)}, "file", "file_lost"),
        ({"file": SentFile(token="0-" + "0" * 32)}, "file", "file_lost"),
        ({"file": SentFile("a.txt", io.BytesIO(b"no picture"))}, "file", "file_kind"),
    ],
)
def test_what_is_wrong_is_told_beside_its_question(
    store: Registry, changed: dict[str, object], field: str, code: str
) -> None:
    before = count(store)
    with pytest.raises(Invalid) as refused:
        hand_in(store, "fake", **changed)
    assert (field, code) in codes(refused)
    assert count(store) == before


@pytest.mark.parametrize(("length", "taken"), [(9, False), (10, True), (4000, True), (4001, False)])
def test_the_bounds_of_a_statement(store: Registry, length: int, taken: bool) -> None:
    if taken:
        assert len(hand_in(store, "error", statement="x" * length).statement) == length
    else:
        with pytest.raises(Invalid):
            hand_in(store, "error", statement="x" * length)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(0, "report_too_quick"), (3, "report_too_quick"), (4, ""), (86_400, ""), (86_402, "report_form_old")],
)
def test_a_form_is_open_for_a_while(store: Registry, seconds: float, code: str) -> None:
    draft = typed(store, "error", stamp=stamp_of(store, seconds=seconds))
    if not code:
        assert reports.hand_in_report(store, ANONYMOUS, draft)
        return
    with pytest.raises(Invalid) as refused:
        reports.hand_in_report(store, ANONYMOUS, draft)
    assert codes(refused) == {("", code)}


def test_a_quick_press_is_told_which_field_is_empty(store: Registry) -> None:
    draft = typed(store, "error", stamp=stamp_of(store, seconds=0), statement="")
    with pytest.raises(Invalid) as refused:
        reports.hand_in_report(store, ANONYMOUS, draft)
    assert codes(refused) == {("statement", "required")}


def test_the_stamp_stays_with_its_form_until_it_is_old(store: Registry) -> None:
    quick, old = stamp_of(store, seconds=0), stamp_of(store, seconds=86_402)
    assert reports.keep_stamp(store, ANONYMOUS, quick) == quick
    assert reports.keep_stamp(store, ANONYMOUS, old) != old
    rotated = replace(
        store,
        settings=replace(
            store.settings, secret_key="n" * 40, former_secret_keys=(store.settings.secret_key,)
        ),
    )
    assert reports.keep_stamp(rotated, ANONYMOUS, quick) == quick


def test_the_same_form_sent_twice_is_one_report(store: Registry) -> None:
    draft = typed(store, "error", email="twice@example.com")
    first = reports.hand_in_report(store, ANONYMOUS, draft)
    before, mails = count(store), len(read_mails(store))
    assert reports.hand_in_report(store, ANONYMOUS, replace(draft, statement=STATEMENT * 2)) == first
    assert (count(store), len(read_mails(store))) == (before, mails)


def test_a_network_reports_ten_times_an_hour(store: Registry) -> None:
    for _each in range(10):
        hand_in(store, "error", network="10.9.9.0")
    with pytest.raises(TooManyAttempts):
        hand_in(store, "error", network="10.9.9.0")
    hand_in(store, "error", network="10.9.8.0")
    with clock.frozen_at(NOON + dt.timedelta(hours=1, seconds=1)):
        hand_in(store, "error", network="10.9.9.0")


def test_nothing_is_stored_of_a_file_beyond_the_limit(store: Registry) -> None:
    for _each in range(10):
        hand_in(store, "error", network="10.7.7.0")
    before = count_files(store)
    with pytest.raises(TooManyAttempts):
        hand_in(store, "error", network="10.7.7.0", file=SentFile("a.pdf", io.BytesIO(pdf())))
    assert count_files(store) == before


def test_an_address_is_told_in_its_language_without_the_statement(store: Registry, wang: Actor) -> None:
    row = hand_in(store, "error", email="Reader@Example.com", lang="zh")
    received = read_mails(store)[-1]
    assert received["To"] == "Reader@example.com"
    assert (row.number in received["Subject"], received["Content-Language"]) == (True, "zh")
    text = received.get_content()
    assert f"/zh/reports/{row.number}/" in text
    assert STATEMENT not in text
    reports.answer_report(store, wang, row.id, replace(UPHELD, outcome="not_upheld"))
    answered = read_mails(store)[-1]
    assert (answered["To"], UPHELD.reply in answered.get_content()) == ("Reader@example.com", False)
    assert f"/zh/reports/{row.number}/" in answered.get_content()


def test_the_page_opens_with_its_link_only(store: Registry) -> None:
    row, other = hand_in(store, "error"), hand_in(store, "error")
    link = reports.handing_in.report_links
    good = link.report_path(store, row.number, row.nonce, "en").rpartition("/")[2]
    assert reports.get_own_report(store, ANONYMOUS, row.number, good).number == row.number
    for number, token in (
        (other.number, good),
        (row.number, ""),
        (row.number, good[:-1]),
        (row.number, good + "A"),
        ("RP-2026-999999-X", good),
    ):
        with pytest.raises(NotFound) as refused:
            reports.get_own_report(store, ANONYMOUS, number, token)
        assert refused.value.code == "link_void"


def test_who_withdraws_takes_everything_back(store: Registry, brand: str, wang: Actor) -> None:
    row = hand_in(store, "error", brand, email="gone@example.com", file=SentFile("a.pdf", io.BytesIO(pdf())))
    reports.admit_report(store, wang, row.id)
    assert reports.get_challenge(store, ANONYMOUS, row.record_id).since
    version = page_version(store, row.record_id)
    token = reports.handing_in.report_links.report_path(store, row.number, row.nonce, "en").rpartition("/")[2]
    reports.withdraw_report(store, ANONYMOUS, row.number, token)
    after = row_of(store, row.number)
    assert (after.state, after.statement, after.email, after.attachment_id) == ("withdrawn", "", "", None)
    assert page_version(store, row.record_id) > version
    with read_transaction(store.engine) as connection:
        assert (
            connection.execute(select(Attachment.id).where(Attachment.id == row.attachment_id)).first()
            is None
        )
    assert reports.get_challenge(store, ANONYMOUS, row.record_id).since == ""
    with pytest.raises(Conflict):
        reports.withdraw_report(store, ANONYMOUS, row.number, token)
    with pytest.raises(Conflict):
        reports.answer_report(store, wang, row.id, UPHELD)


# --- objections


def publicity_states() -> list[tuple[str, str]]:
    return [
        (slug, state.code)
        for slug, definition in catalogue().items()
        for state in definition.life_cycle.public_states()
        if state.takes_objections
    ]


def test_some_registers_have_a_publicity() -> None:
    assert {slug for slug, _state in publicity_states()} >= {"brands", "grades"}


@pytest.mark.parametrize(("slug", "state"), publicity_states())
def test_anyone_objects_while_a_record_is_in_publicity(store: Registry, slug: str, state: str) -> None:
    number = set_status(store, slug, state, index=1)
    record = record_id(store, slug, number)
    with read_transaction(store.engine) as connection:
        row = reports.subjects.fetch_subjects(connection, [record])[record]
    life_cycle = catalogue()[slug].life_cycle
    last = life_cycle.objections_until(state, json.loads(row.document))
    day = NOON if last is None else dt.datetime.combine(last, dt.time(23, 59), clock.SHANGHAI)
    with clock.frozen_at(day):
        assert reports.get_challenge(store, ANONYMOUS, record).takes_objections
        assert hand_in(store, "objection", number, register=slug).record_id == record
    if last is not None:
        with clock.frozen_at(day + dt.timedelta(minutes=1)):
            assert not reports.get_challenge(store, ANONYMOUS, record).takes_objections
            with pytest.raises(Invalid) as refused:
                hand_in(store, "objection", number, register=slug)
            assert codes(refused) == {("n", "objections_over")}


@pytest.mark.parametrize(
    ("source", "is_open"), [(None, True), (DECIDED_HERE, True), ("北京市商务局公告 (notice)", False)]
)
def test_without_a_known_end_only_a_notice_of_this_register_takes_objections(
    source: str | None, *, is_open: bool
) -> None:
    document = json.dumps({"brand_name_zh": "甲", "source": source})
    row: Any = SimpleNamespace(register="brands", status="publicity", number="TB-1", document=document)
    assert reports.subjects.takes_objections("brands", "publicity", lambda: json.loads(document)) is is_open
    if is_open:
        assert reports.subjects.require_objections_open(row) is None
    else:
        with pytest.raises(Invalid) as refused:
            reports.subjects.require_objections_open(row)
        assert codes(refused) == {("n", "objections_end_unknown")}


def test_an_objection_needs_a_record_in_publicity(store: Registry, brand: str) -> None:
    with pytest.raises(Invalid) as refused:
        hand_in(store, "objection", brand)
    assert codes(refused) == {("n", "objections_not_open")}
    with pytest.raises(Invalid) as refused:
        hand_in(store, "objection", "TB-2006-99999-9")
    assert codes(refused) == {("n", "objection_without_record")}


def test_what_comes_of_an_objection_is_always_public(store: Registry, wang: Actor) -> None:
    slug, state = publicity_states()[0]
    number = set_status(store, slug, state, index=2)
    row = hand_in(store, "error", number, register=slug)
    with unit_of_work(store.engine) as connection:  # whatever day the sample states for the end of objections
        connection.execute(update(Report).where(Report.id == row.id).values(kind="objection"))
    with pytest.raises(Invalid) as refused:
        reports.answer_report(store, wang, row.id, ReportAnswer("not_upheld", "理由不成立。"))
    assert codes(refused) == {("public_zh", "public_answer_wanted")}
    said = ReportAnswer("not_upheld", "理由不成立。", "异议理由不成立。")
    reports.answer_report(store, wang, row.id, said)
    [answer] = reports.get_challenge(store, ANONYMOUS, row.record_id).answers
    pointer = records.locate_record(store, ANONYMOUS, slug, number)
    page = records.get_record(store, ANONYMOUS, pointer, "en")
    assert reports.get_challenge(store, ANONYMOUS, row.record_id, page=page).answers == (answer,)
    assert (answer.outcome, answer.words.zh, answer.words.en) == ("not_upheld", "异议理由不成立。", "")


# --- at the desk


@pytest.mark.parametrize("role", sorted(ROLES - {"visitor", "system"}))
def test_only_the_authority_answers(store: Registry, role: str) -> None:
    row = hand_in(store, "error", "GP-2023-999999-B")
    actor = staff(
        store,
        role,
        region={"reviewer_county": "110101", "reviewer_city": "110100", "reviewer_province": "110000"}.get(
            role, ""
        ),
    )
    if role not in ANSWERERS:
        for act in (reports.claim_report, reports.release_report, reports.admit_report):
            with pytest.raises(Forbidden):
                act(store, actor, row.id)
        with pytest.raises(Forbidden):
            reports.answer_report(store, actor, row.id, UPHELD)
    if Action.SEE_REPORTS not in ALLOWED[role]:
        with pytest.raises(Forbidden):
            reports.list_reports(store, actor, ReportsRequest())
        with pytest.raises(Forbidden):
            reports.get_report(store, actor, row.id)


def test_what_names_no_record_waits_for_who_acts_on_all(store: Registry, wang: Actor) -> None:
    row = hand_in(store, "fake", "GP-2023-999999-B")
    county = staff(store, "reviewer_county", region="110101")
    with pytest.raises(NotFound):
        reports.get_report(store, county, row.id)
    with pytest.raises(NotFound):
        reports.answer_report(store, county, row.id, UPHELD)
    assert reports.get_report(store, wang, row.id).obstacle == ""


def test_a_reviewer_sees_the_reports_of_the_region(store: Registry) -> None:
    with unit_of_work(store.engine) as connection:
        [here, there] = connection.execute(
            select(Record.id, Record.number).where(Record.register == "brands").order_by(Record.id).limit(2)
        ).all()
        connection.execute(update(Record).where(Record.id == here.id).values(region_code="330482"))
        connection.execute(update(Record).where(Record.id == there.id).values(region_code="110101"))
    mine, other = hand_in(store, "error", here.number), hand_in(store, "error", there.number)
    city = staff(store, "reviewer_city", region="330400")
    listed = {line.number for line in reports.list_reports(store, city, ReportsRequest()).lines}
    assert mine.number in listed
    assert other.number not in listed
    with pytest.raises(NotFound):
        reports.claim_report(store, city, other.id)
    reports.claim_report(store, city, mine.id)
    bare = staff(store, "reviewer_city")
    assert reports.list_reports(store, bare, ReportsRequest()).lines == ()


def test_an_auditor_reads_and_acts_on_nothing(store: Registry, brand: str) -> None:
    row = hand_in(store, "error", brand)
    auditor = staff(store, "auditor")
    assert reports.list_reports(store, auditor, ReportsRequest()).reads_only
    shown = reports.get_report(store, auditor, row.id)
    assert (shown.obstacle, shown.statement) == ("desk_reads_only", STATEMENT)


def test_a_suspended_account_and_another_role_act_no_more(store: Registry) -> None:
    row = hand_in(store, "error")
    leaving = staff(store, "publisher")
    with unit_of_work(store.engine) as connection:
        connection.execute(update(User).where(User.id == leaving.user_id).values(suspended_at=clock.now()))
    with pytest.raises(Forbidden, match="account_suspended"):
        reports.claim_report(store, leaving, row.id)
    with unit_of_work(store.engine) as connection:
        changed = {"suspended_at": None, "role": "enterprise"}
        connection.execute(update(User).where(User.id == leaving.user_id).values(**changed))
    with pytest.raises(Forbidden, match="role_changed_meanwhile"):
        reports.answer_report(store, leaving, row.id, UPHELD)


def test_of_two_who_act_one_is_told(store: Registry, brand: str, wang: Actor, lin: Actor) -> None:
    row = hand_in(store, "error", brand)
    reports.claim_report(store, wang, row.id)
    with pytest.raises(Conflict) as told:
        reports.answer_report(store, lin, row.id, UPHELD)
    assert (told.value.reason, told.value.params) == ("report_claimed", {"name": "王强"})
    reports.release_report(store, lin, row.id)  # it is not theirs
    with pytest.raises(Conflict):
        reports.claim_report(store, lin, row.id)
    with clock.frozen_at(NOON + dt.timedelta(hours=4)):  # it lapses
        reports.claim_report(store, lin, row.id)
        reports.answer_report(store, lin, row.id, UPHELD)
        with pytest.raises(Conflict) as told:
            reports.answer_report(store, wang, row.id, UPHELD)
    assert told.value.reason == "report_ended"


def test_a_record_is_challenged_only_by_what_staff_found_admissible(
    store: Registry, brand: str, wang: Actor
) -> None:
    record = record_id(store, "brands", brand)
    with unit_of_work(store.engine) as connection:
        connection.execute(update(Report).where(Report.record_id == record).values(state="withdrawn"))
    rows = [hand_in(store, kind, brand) for kind in ("error", "fake")]
    assert reports.get_challenge(store, ANONYMOUS, record).since == ""
    version = page_version(store, record)
    with clock.frozen_at(NOON + dt.timedelta(days=1)):
        reports.admit_report(store, wang, rows[0].id)
        with pytest.raises(Conflict):
            reports.admit_report(store, wang, rows[0].id)
    with clock.frozen_at(NOON + dt.timedelta(days=3)):
        reports.admit_report(store, wang, rows[1].id)
    challenge = reports.get_challenge(store, ANONYMOUS, record)
    assert (challenge.since, challenge.kinds) == ("2026-11-25", ("error", "fake"))
    assert page_version(store, record) == version + 2
    reports.answer_report(store, wang, rows[0].id, UPHELD)
    assert reports.get_challenge(store, ANONYMOUS, record).since == "2026-11-27"
    reports.answer_report(
        store, wang, rows[1].id, ReportAnswer("sent_on", "已移送。", sent_to="浙江省市场监督管理局")
    )
    challenge = reports.get_challenge(store, ANONYMOUS, record)
    assert (challenge.since, page_version(store, record)) == ("", version + 4)
    assert {answer.outcome for answer in challenge.answers} >= {"upheld"}
    assert "sent_on" not in {answer.outcome for answer in challenge.answers}
    with pytest.raises(Conflict):
        reports.admit_report(store, wang, hand_in(store, "fake", "x").id)


@pytest.mark.parametrize(
    ("answer", "field", "code"),
    [
        (replace(UPHELD, outcome=""), "outcome", "outcome_wanted"),
        (replace(UPHELD, outcome="open"), "outcome", "outcome_wanted"),
        (replace(UPHELD, reply=" "), "reply", "reply_to_reporter_wanted"),
        (replace(UPHELD, public_zh=" "), "public_zh", "public_answer_wanted"),
        (replace(UPHELD, outcome="partly", public_zh=""), "public_zh", "public_answer_wanted"),
        (replace(UPHELD, public_zh="由 mei@example.com 反映"), "public_zh", "names_the_reporter"),
        (replace(UPHELD, public_en="Told by 13812345678."), "public_en", "names_the_reporter"),
        (replace(UPHELD, outcome="sent_on"), "sent_to", "authority_wanted"),
        (replace(UPHELD, reply="x" * 4001), "reply", "too_long"),
        (replace(UPHELD, public_zh="x" * 1001), "public_zh", "too_long"),
    ],
)
def test_an_answer_is_whole(
    store: Registry, brand: str, wang: Actor, answer: ReportAnswer, field: str, code: str
) -> None:
    row = hand_in(store, "error", brand)
    with pytest.raises(Invalid) as refused:
        reports.answer_report(store, wang, row.id, answer)
    assert (field, code) in codes(refused)
    assert row_of(store, row.number).state == "open"


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_sender_reads_the_answer_and_the_log_has_the_act(
    store: Registry, brand: str, wang: Actor, outcome: str
) -> None:
    row = hand_in(store, "error", brand)
    reports.answer_report(store, wang, row.id, replace(UPHELD, outcome=outcome, sent_to="某局"))
    shown = own(store, row)
    assert (shown.state, shown.outcome, shown.reply) == ("answered", outcome, UPHELD.reply)
    assert shown.sent_to == ("某局" if outcome == "sent_on" else "")
    with read_transaction(store.engine) as connection:
        entry = connection.execute(
            select(AuditEntry.action, AuditEntry.user_id, AuditEntry.details).where(
                AuditEntry.subject == row.number
            )
        ).one()
    assert tuple(entry) == ("report_answered", wang.user_id, outcome)


def test_the_file_is_for_the_desk_and_each_look_is_logged(store: Registry, brand: str, wang: Actor) -> None:
    row = hand_in(store, "fake", brand, file=SentFile("照片.pdf", io.BytesIO(pdf())))
    file = reports.open_report_file(store, wang, row.id, reason=DECIDING)
    assert (file.name, file.path.read_bytes()) == ("照片.pdf", pdf())
    with pytest.raises(NotFound):
        reports.open_report_file(store, wang, hand_in(store, "error", brand).id, reason=DECIDING)
    with pytest.raises(Forbidden):
        reports.open_report_file(store, staff(store, "body"), row.id, reason=DECIDING)
    with read_transaction(store.engine) as connection:
        seen = select(func.count()).where(
            AuditEntry.subject == row.number, AuditEntry.action == "report_file_seen"
        )
        assert connection.execute(seen).scalar() == 1


# --- forgetting and figures


def test_what_was_written_is_forgotten_in_time(store: Registry, wang: Actor) -> None:
    number = set_status(store, "brands", "listed", index=2)
    file = SentFile("a.pdf", io.BytesIO(pdf(b"/Note (x)")))
    row = hand_in(store, "fake", number, email="late@example.com", seen_at="某处", file=file)
    unnamed, waiting = hand_in(store, "fake", "张三的证书"), hand_in(store, "error", number)
    reports.answer_report(store, wang, row.id, UPHELD)
    reports.answer_report(store, wang, unnamed.id, UPHELD)
    with clock.frozen_at(NOON + reports.RETENTION):
        retention.forget_reports(store)
        assert row_of(store, row.number).statement == STATEMENT
    with clock.frozen_at(NOON + reports.RETENTION + dt.timedelta(seconds=1)):
        assert retention.forget_reports(store) >= 2
        assert retention.forget_reports(store) == 0
    after = row_of(store, row.number)
    assert (after.statement, after.seen_at, after.email, after.reply, after.attachment_id) == (
        "",
        "",
        "",
        "",
        None,
    )
    assert (after.subject, after.outcome, after.public_zh) == (number, "upheld", UPHELD.public_zh)
    assert row_of(store, unnamed.number).subject == ""
    assert row_of(store, waiting.number).statement == STATEMENT
    assert own(store, row).forgotten_at is not None
    assert "forget reports" in {job.name for job in run_daily_jobs.__globals__["DAILY_JOBS"]}


def test_a_file_that_was_never_sent_with_a_report_is_purged(store: Registry) -> None:
    stored = handing_in._store_file(store, SentFile("a.pdf", io.BytesIO(pdf(b"/Note (lost)"))))
    with clock.frozen_at(NOON + attachments.UNUSED_AFTER + dt.timedelta(minutes=1)):
        attachments.purge_attachments(store)
    with read_transaction(store.engine) as connection:
        assert connection.execute(select(Attachment.id).where(Attachment.id == stored)).first() is None


def count(store: Registry) -> int:
    with read_transaction(store.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(Report)).scalar_one())


def count_files(store: Registry) -> int:
    with read_transaction(store.engine) as connection:
        return int(connection.execute(select(func.count()).select_from(Attachment)).scalar_one())
