"""What the check of a drawn record came to: recorded by one person, published by another, with what follows from it.

Publishing writes record, entries, letters and the audit log in one transaction, or nothing of it. The last result concludes the
check.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.life_cycle import Transition
from registry.kit.random_check import (
    CONCLUDED,
    DRAWN,
    FAILED,
    NOT_POSSIBLE,
    PUBLISHED,
    RECORDED,
    RETURNED,
    DrawnRecord,
)
from registry.kit.record import Record
from registry.reference import working_days
from registry.reference.text import sparse_dates
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding.persons import require_reply
from registry.services.publication import publishing
from registry.services.random_checks import log_entries, persons, result_letters, steps
from registry.services.random_checks.announcing import load_check, settle_check
from registry.services.random_checks.log_entries import LogAct
from registry.services.random_checks.outcomes import OUTCOMES, REASONS
from registry.services.random_checks.steps import Grounds
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

MAX_FINDINGS, MAX_ARTICLE, MAX_REPLY, MAX_FIELD = 500, 300, 500, 500  # characters
PUBLISH_WITHIN = 20  # working days


@dataclass(frozen=True, slots=True)
class ResultDraft:
    """A result as it is typed. `result`: of `OUTCOMES`; `reason`: of `REASONS`, where it could not be done.

    `findings`, `article`: what was found against which provision; `fields`: of the register, as `steps.asked_fields` names them.
    """

    result: str
    done_on: str = ""
    findings: str = ""
    findings_en: str = ""
    article: str = ""
    reason: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)


def record_result(registry: Registry, actor: Actor, check_id: int, place: int, *, draft: ResultDraft) -> None:
    """Record what the check of a drawn record came to; nothing is public before another person publishes it.

    What would follow from it is tried, so that what stands against it is told now. Raises `NotFound`, `Conflict` (public
    already), `Forbidden` (out of bounds, not drawn, a conflict of interest) and `Invalid`.
    """
    require(actor, Action.RECORD_CHECKS)
    draft = _tidy(draft)
    with unit_of_work(registry.engine, commit=False) as connection:  # a trial
        publishing.acquire_publish_lock(connection)
        check, drawn = _load(connection, check_id, place)
        _require_may_act(connection, actor, drawn)
        if issues := (*_problems(check, draft), *_foreign_fields(connection, drawn, draft)):
            raise Invalid(issues)
        steps.publish_steps(
            connection,
            actor,
            drawn.record_id,
            grounds=_grounds(draft),
            any_role=True,
        )
    with unit_of_work(registry.engine) as connection:
        check, drawn = _load(connection, check_id, place)
        person = _require_may_act(connection, actor, drawn)
        values = {
            "state": RECORDED,
            "stated": json.dumps(asdict(draft), ensure_ascii=False),
            "reply": "",
            "recorded_by": person,
            "recorded_at": clock.now(),
        }
        _write(connection, drawn, **values)
        _audit(connection, actor, "check_result_recorded", f"{check.number}/{place}")


def return_result(registry: Registry, actor: Actor, check_id: int, place: int, *, reply: str) -> None:
    """Send a recorded result back with a note. Raises as `publish_result`, and `Invalid` without a note."""
    require(actor, Action.RECORD_CHECKS)
    reply = require_reply(" ".join(reply.split()), at_most=MAX_REPLY)
    with unit_of_work(registry.engine) as connection:
        check, drawn = _load(connection, check_id, place)
        _require_second_person(connection, actor, drawn)
        _write(connection, drawn, state=RETURNED, reply=reply)
        _audit(connection, actor, "check_result_returned", f"{check.number}/{place}")


def publish_result(registry: Registry, actor: Actor, check_id: int, place: int) -> None:
    """Publish a result that another person has recorded, with what follows from it for the record.

    Raises `NotFound`, `Conflict` (nothing recorded; public already), `Forbidden` (recorded by the actor, out of bounds,
    a transition of another role) and `Invalid` (not possible on the record as it is now).
    """
    require(actor, Action.RECORD_CHECKS)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        check, drawn = _load(connection, check_id, place)
        person = _require_second_person(connection, actor, drawn)
        draft = ResultDraft(**json.loads(drawn.stated))
        taken = steps.publish_steps(
            connection,
            actor,
            drawn.record_id,
            grounds=_grounds(draft),
        )
        record = connection.execute(
            select(Record.number, Record.version, Record.status).where(Record.id == drawn.record_id)
        ).one()
        document = _document(check, drawn, draft, record=record, taken=taken)
        act = LogAct(f"{check.number}/{place}", draft.result, document, actor.role, draft.article)
        entry = log_entries.write_entry(connection, act)
        values = {
            "state": PUBLISHED,
            "result": draft.result,
            "published_by": person,
            "published_at": entry.moment,
            "log_id": entry.log_id,
            "document_hash": entry.document_hash,
        }
        _write(connection, drawn, **values)
        connection.execute(
            update(Record).where(Record.id == drawn.record_id).values(page_version=Record.page_version + 1)
        )
        result_letters.tell_holder(connection, drawn.record_id, check, document)
        _conclude(connection, actor, check)
        _audit(connection, actor, "check_result_published", f"{check.number}/{place}")


def publish_by(draft: ResultDraft) -> dt.date:
    """Return the last day to publish a recorded result: 20 working days after the check (Open Government Information Regulations, Art. 26)."""
    return working_days.add_working_days(sparse_dates.first_day(_iso(draft.done_on)), PUBLISH_WITHIN)


def find_drawn(connection: Connection, check_id: int, place: int, *, lock: bool = False) -> FetchedRow:
    """Return a drawn record. `lock`: until the end of the transaction. Raises `NotFound`."""
    statement = select(*DrawnRecord.__table__.columns).where(
        DrawnRecord.check_id == check_id, DrawnRecord.place == place
    )
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("drawn record", str(place))
    return row


def stated_result(drawn: FetchedRow) -> ResultDraft | None:
    """Return what was recorded for a drawn record, None for nothing yet."""
    stated = json.loads(drawn.stated)
    return ResultDraft(**stated) if stated else None


def _load(connection: Connection, check_id: int, place: int) -> tuple[FetchedRow, FetchedRow]:
    """A check and one of its records, locked, while the result is not public."""
    check = load_check(connection, check_id)
    drawn = find_drawn(connection, check_id, place, lock=True)
    if drawn.state == PUBLISHED:
        raise Conflict("result_public")
    return check, drawn


def _require_may_act(connection: Connection, actor: Actor, drawn: FetchedRow) -> int:
    require(actor, Action.RECORD_CHECKS)
    person = persons.require_account(connection, actor)
    hindrance = persons.find_hindrance(connection, actor, drawn.record_id)
    if hindrance is not None:
        raise Forbidden(hindrance.code, **hindrance.params)
    return person


def _require_second_person(connection: Connection, actor: Actor, drawn: FetchedRow) -> int:
    require(actor, Action.RECORD_CHECKS)
    person = _require_may_act(connection, actor, drawn)
    if drawn.state != RECORDED:
        raise Conflict("result_not_recorded")
    if drawn.recorded_by == person:
        raise Forbidden("result_is_own")
    return person


def _tidy(draft: ResultDraft) -> ResultDraft:
    """What counts of a draft: nothing that its result does not ask for."""
    failed, without = draft.result == FAILED, draft.result == NOT_POSSIBLE
    return ResultDraft(
        result=draft.result,
        done_on=draft.done_on.strip(),
        findings=draft.findings.strip() if failed or without else "",
        findings_en=draft.findings_en.strip() if failed or without else "",
        article=draft.article.strip() if failed else "",
        reason=draft.reason if without else "",
        fields={name: text.strip() for name, text in draft.fields.items() if text.strip()} if failed else {},
    )


def _problems(check: FetchedRow, draft: ResultDraft) -> tuple[Issue, ...]:
    issues = []
    if draft.result not in OUTCOMES:
        issues.append(Issue("result_wanted", "result"))
    if draft.result == FAILED:
        issues += [Issue("required", name) for name in ("findings", "article") if not getattr(draft, name)]
    if draft.result == NOT_POSSIBLE and draft.reason not in REASONS:
        issues.append(Issue("required", "reason"))
    if draft.result == NOT_POSSIBLE and draft.reason == "other" and not draft.findings:
        issues.append(Issue("required", "findings"))
    sizes = {"findings": MAX_FINDINGS, "findings_en": MAX_FINDINGS, "article": MAX_ARTICLE}
    texts = {name: (getattr(draft, name), at_most) for name, at_most in sizes.items()}
    texts |= {name: (text, MAX_FIELD) for name, text in draft.fields.items()}
    issues += [
        Issue("too_long", name, {"length": len(text), "at_most": at_most})
        for name, (text, at_most) in texts.items()
        if len(text) > at_most
    ]
    return (*issues, *_day_problems(check, draft.done_on))


def _foreign_fields(connection: Connection, drawn: FetchedRow, draft: ResultDraft) -> tuple[Issue, ...]:
    """Fields of the register that a result does not state: it corrects no other facts."""
    row = connection.execute(select(Record.register, Record.status).where(Record.id == drawn.record_id)).one()
    asked = steps.asked_fields(catalogue()[row.register], row.status)
    foreign = set(draft.fields).difference(asked) if asked else set()
    return tuple(Issue("field_not_of_decision", "", {"name": name[:60]}) for name in sorted(foreign))


def _day_problems(check: FetchedRow, text: str) -> tuple[Issue, ...]:
    """What is wrong with the day of the check: it lies between the draw and today."""
    if not text:
        return (Issue("required", "done_on"),)
    try:
        written = sparse_dates.parse(text)
    except sparse_dates.DateError as problem:
        return (Issue(problem.code, "done_on", {"value": text[:40]}),)
    day = sparse_dates.first_day(written)
    drawn_on = check.settled_at.astimezone(clock.SHANGHAI).date()
    if len(written) < len("2026-01-01"):
        return (Issue("whole_day", "done_on", {"value": text[:40]}),)
    if day > clock.today():
        return (Issue("after_today", "done_on", {"value": written}),)
    if day < drawn_on:
        return (Issue("check_day_before_draw", "done_on", {"day": drawn_on.isoformat()}),)
    return ()


def _grounds(draft: ResultDraft) -> Grounds:
    return Grounds(draft.result, _iso(draft.done_on), draft.article, draft.findings, draft.fields)


def _iso(text: str) -> str:
    return sparse_dates.parse(text)


def _document(
    check: FetchedRow,
    drawn: FetchedRow,
    draft: ResultDraft,
    *,
    record: FetchedRow,
    taken: Sequence[Transition],
) -> dict[str, Any]:
    """The public document of a result: nothing in it names a person."""
    rules = catalogue()[check.register].checks
    deadline = steps.deadline_of(rules, draft.fields) if rules and taken else ""
    return {
        "check": check.number,
        "place": drawn.place,
        "record": record.number,
        "result": draft.result,
        "done_on": _iso(draft.done_on),
        "findings": {"zh": draft.findings, "en": draft.findings_en},
        "article": draft.article,
        "reason": draft.reason,
        "transitions": [step.name for step in taken],
        "status": record.status,
        "record_version": record.version,
        "order_ends_on": sparse_dates.parse(deadline) if deadline else "",
    }


def _conclude(connection: Connection, actor: Actor, check: FetchedRow) -> None:
    """Conclude a check of which every result is public: one entry names all of them by hash."""
    require(actor, Action.RECORD_CHECKS)
    rows = connection.execute(
        select(DrawnRecord.place, DrawnRecord.state, DrawnRecord.result, DrawnRecord.document_hash)
        .where(DrawnRecord.check_id == check.id)
        .order_by(DrawnRecord.place)
    ).all()
    if check.state != DRAWN or any(row.state != PUBLISHED for row in rows):
        return
    counts = Counter(row.result for row in rows)
    document = {
        "number": check.number,
        "drawn": check.document_hash,
        "results": {code.code: counts[code.code] for code in OUTCOMES},
        "documents": [row.document_hash for row in rows],
    }
    act = LogAct(check.number, CONCLUDED, document, actor.role)
    entry = log_entries.write_entry(connection, act, log_id=check.log_id)
    settle_check(connection, check, entry, state=CONCLUDED)


def _write(connection: Connection, drawn: FetchedRow, **values: Any) -> None:
    """Change a result that is not public, as it was read: of two people who act at the same time, one is told."""
    still = (
        (DrawnRecord.check_id == drawn.check_id)
        & (DrawnRecord.place == drawn.place)
        & (DrawnRecord.state == drawn.state)
        & (DrawnRecord.stated == drawn.stated)
    )
    if not connection.execute(update(DrawnRecord).where(still).values(**values)).rowcount:
        raise Conflict("result_public")


def _audit(connection: Connection, actor: Actor, action: str, subject: str) -> None:
    require(actor, Action.RECORD_CHECKS)
    audit_log.record(connection, actor, action, subject=subject)
