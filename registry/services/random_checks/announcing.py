"""Announcing a check before anybody can know what it will draw, and cancelling one that was not drawn.

The announcement is one entry of the log: rule, hash and number of the population, size of the sample, inspectors by label, and
where the seed comes from. What is drawn later follows from it and from the seed.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy import Connection, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.random_check import ANNOUNCED, CANCELLED, CheckInspector, CheckPopulation, RandomCheck
from registry.ledger.model import RANDOM_CHECKS
from registry.reference.identifiers import register_numbers
from registry.reference.text import sparse_dates
from registry.services.bootstrap import Registry
from registry.services.publication import publishing
from registry.services.random_checks import drawing, log_entries, persons, populations
from registry.services.random_checks.log_entries import LogAct
from registry.services.random_checks.populations import PopulationRule
from registry.store import counters
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

PREFIX = "RC"
PER_RECORD = 2  # inspectors (Administrative Penalty Law, Art. 42: not fewer than two)
MAX_INSPECTORS = 200
MAX_SAMPLE = 1_000  # records of one check
MAX_TITLE, MAX_TEXT, MAX_REASON = 200, 500, 500  # characters
LONGEST = dt.timedelta(days=366)  # from the announcement to the last day for results
LABEL = "I-{:03}"


@dataclass(frozen=True, slots=True)
class CheckDraft:
    """A check as it is typed. `query`: filters of the population as a list's address has them; `size` or `share` (percent).

    `accounts`: of the inspectors among whom it is drawn; `names`: those without an account, one a line. `figure_zh`,
    `figure_en`: what the public figure is; `figure_count`: how many numbers it has; `source`: where it is published.
    Days are ISO.
    """

    register: str
    query: str
    title_zh: str
    title_en: str = ""
    size: str = ""
    share: str = ""
    accounts: tuple[int, ...] = ()
    names: str = ""
    figure_zh: str = ""
    figure_en: str = ""
    figure_count: str = "1"
    source: str = ""
    seed_on: str = ""
    results_until: str = ""
    legal_basis: str = ""


@dataclass(frozen=True, slots=True)
class CheckPreview:
    """What an announcement would say. `first`: some numbers of the population; `list_path`: the list of it, without the language."""

    population: int
    population_hash: str
    sample: int
    inspectors: int
    first: tuple[str, ...]
    list_path: str


@dataclass(frozen=True, slots=True)
class _Plan:
    """A draft that was understood."""

    rule: PopulationRule
    size: int
    share: Decimal | None
    figure_count: int
    seed_on: dt.date
    results_until: dt.date
    names: tuple[str, ...]


def preview_check(registry: Registry, actor: Actor, draft: CheckDraft) -> CheckPreview:
    """Return what a draft would announce; nothing is kept. Raises `Invalid`, `Unavailable` and `Forbidden`."""
    require(actor, Action.ANNOUNCE_CHECKS)
    plan = _plan_of(draft)
    ids = populations.find_population(registry, actor, plan.rule)
    with read_transaction(registry.engine) as connection:
        persons.require_account(connection, actor)
        _require_bounds(connection, actor, plan.rule)
        numbers = populations.read_numbers(connection, plan.rule, ids)
        members = _pool(connection, plan, draft)
    return CheckPreview(
        population=len(numbers),
        population_hash=drawing.population_hash(numbers),
        sample=_sample_size(plan, len(numbers)),
        inspectors=len(members),
        first=numbers[:10],
        list_path=populations.list_address(plan.rule),
    )


def announce_check(registry: Registry, actor: Actor, draft: CheckDraft) -> int:
    """Announce a check: population, rule and source of the seed become an entry. Returns its id. Raises as `preview_check`."""
    require(actor, Action.ANNOUNCE_CHECKS)
    plan = _plan_of(draft)
    ids = populations.find_population(registry, actor, plan.rule)
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)  # the population is as it is at this moment of the log
        person = persons.require_account(connection, actor)
        _require_bounds(connection, actor, plan.rule)
        numbers = populations.read_numbers(connection, plan.rule, ids)
        members = _pool(connection, plan, draft)
        key = secrets.token_hex(32)
        year = clock.today().year
        sequence = counters.take(connection, f"{RANDOM_CHECKS}/{year}")
        number = register_numbers.make_number(PREFIX, year, sequence)
        document = _announcement(number, draft, plan, numbers=numbers, members=members, key=key)
        act = LogAct(number, ANNOUNCED, document, actor.role, document["legal_basis"])
        entry = log_entries.write_entry(connection, act)
        values = {
            "number": number,
            "register": plan.rule.register,
            "state": ANNOUNCED,
            "title_zh": document["title"]["zh"],
            "title_en": document["title"]["en"],
            "query": plan.rule.request.query_string(),
            "region_code": plan.rule.region_code,
            "seed_on": plan.seed_on,
            "results_until": plan.results_until,
            "pool_key": key,
            "log_id": entry.log_id,
            "version": entry.version,
            "entry_id": entry.entry_id,
            "document_hash": entry.document_hash,
            "announced_by": person,
            "announced_at": entry.moment,
        }
        inserted = insert(RandomCheck).values(**values).returning(RandomCheck.id)
        check_id = int(connection.execute(inserted).scalar_one())
        connection.execute(insert(CheckPopulation), [{"check_id": check_id, "numbers": "\n".join(numbers)}])
        connection.execute(
            insert(CheckInspector),
            [
                {"check_id": check_id, "label": label, "user_id": user_id, "name": name}
                for label, (user_id, name) in members.items()
            ],
        )
        audit_log.record(connection, actor, "check_announced", subject=number, details=plan.rule.register)
    return check_id


def cancel_check(registry: Registry, actor: Actor, check_id: int, reason: str) -> None:
    """Cancel a check that was not drawn, with a reason that is public. Raises `NotFound`, `Conflict`, `Forbidden`, `Invalid`."""
    require(actor, Action.ANNOUNCE_CHECKS)
    reason = " ".join(reason.split())
    if problem := _text_problem("reason", reason, MAX_REASON, required=True):
        raise Invalid((problem,))
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        check = load_check(connection, check_id)
        person = persons.require_account(connection, actor)
        require_open_check(connection, actor, check)
        [*_before, last] = log_entries.read_entries(connection, check.log_id)
        document = {"number": check.number, "announced": last.document_hash, "reason": reason}
        act = LogAct(check.number, CANCELLED, document, actor.role)
        entry = log_entries.write_entry(connection, act, log_id=check.log_id)
        settle_check(connection, check, entry, state=CANCELLED, person=person)
        audit_log.record(connection, actor, "check_cancelled", subject=check.number)


def load_check(connection: Connection, check_id: int, *, lock: bool = True) -> FetchedRow:
    """Return a check. `lock`: until the end of the transaction. Raises `NotFound`."""
    statement = select(*RandomCheck.__table__.columns).where(RandomCheck.id == check_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("check", str(check_id))
    return row


def require_open_check(connection: Connection, actor: Actor, check: FetchedRow) -> None:
    """Raise unless the check waits for its draw and lies within the bounds of the actor: `Conflict`, `Forbidden`."""
    require(actor, Action.ANNOUNCE_CHECKS)
    if check.state != ANNOUNCED:
        raise Conflict("check_settled")
    if not persons.may_announce_for(connection, actor, check.region_code):
        raise Forbidden("check_outside_region")


def settle_check(
    connection: Connection,
    check: FetchedRow,
    entry: log_entries.WrittenEntry,
    *,
    state: str,
    person: int | None = None,
) -> None:
    """Bring a check into a state by the entry that says so. `person`: who drew or cancelled it."""
    values: dict[str, Any] = {
        "state": state,
        "version": entry.version,
        "entry_id": entry.entry_id,
        "document_hash": entry.document_hash,
    }
    if person is not None:
        values |= {"settled_by": person, "settled_at": entry.moment}
    still = (RandomCheck.id == check.id) & (RandomCheck.version == check.version)
    if not connection.execute(update(RandomCheck).where(still).values(**values)).rowcount:
        raise Conflict("check_settled")


def _plan_of(draft: CheckDraft) -> _Plan:
    """What a draft says, understood. Raises `Invalid` with everything that is wrong with it."""
    rule = populations.parse_rule(draft.register, draft.query)
    issues: list[Issue] = [*_text_problems(draft)]
    size, share, problem = _amount(draft)
    count = _whole(draft.figure_count, drawing.MAX_FIGURES)
    seed_on, seed_problem = _day("seed_on", draft.seed_on)
    results_until, results_problem = _day("results_until", draft.results_until)
    issues += filter(None, (problem, seed_problem, results_problem))
    if count is None:
        params = {"value": draft.figure_count[:20], "at_most": drawing.MAX_FIGURES}
        issues.append(Issue("size_not_whole", "figure_count", params))
    if not (seed_problem or results_problem) and results_until <= seed_on:
        issues.append(Issue("results_before_draw", "results_until"))
    if issues:
        raise Invalid(tuple(issues))
    assert count is not None
    names = tuple(
        dict.fromkeys(name for line in draft.names.splitlines() if (name := " ".join(line.split())))
    )
    return _Plan(rule, size, share, count, seed_on, results_until, names)


def _text_problems(draft: CheckDraft) -> Iterator[Issue]:
    for name, at_most, required in (
        ("title_zh", MAX_TITLE, True),
        ("title_en", MAX_TITLE, False),
        ("figure_zh", MAX_TITLE, True),
        ("figure_en", MAX_TITLE, False),
        ("source", MAX_TEXT, True),
        ("legal_basis", MAX_TEXT, False),
    ):
        if problem := _text_problem(name, getattr(draft, name).strip(), at_most, required=required):
            yield problem
    if any(len(line) > 120 for line in draft.names.splitlines()):
        yield Issue("too_long", "names", {"length": max(map(len, draft.names.splitlines())), "at_most": 120})


def _text_problem(name: str, text: str, at_most: int, *, required: bool) -> Issue | None:
    if required and not text:
        return Issue("required", name)
    return Issue("too_long", name, {"length": len(text), "at_most": at_most}) if len(text) > at_most else None


def _amount(draft: CheckDraft) -> tuple[int, Decimal | None, Issue | None]:
    """How many records are drawn: a number or a share, and what is wrong with it."""
    size, share = draft.size.strip(), draft.share.strip().rstrip("%％").strip()
    if bool(size) == bool(share):
        return 0, None, Issue("size_or_share", "size")
    if size:
        whole = _whole(size, MAX_SAMPLE)
        problem = Issue("size_not_whole", "size", {"value": size[:20], "at_most": MAX_SAMPLE})
        return (whole, None, None) if whole else (0, None, problem)
    try:
        percent = Decimal(share)
    except InvalidOperation:
        percent = Decimal(0)
    if not (percent.is_finite() and 0 < percent <= drawing.PERCENT and len(share) <= 8):
        return 0, None, Issue("share_not_possible", "share", {"value": share[:20]})
    return 0, percent, None


def _whole(text: str, at_most: int) -> int | None:
    text = text.strip()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= 6 else 0
    return number if 1 <= number <= at_most else None


def _day(name: str, text: str) -> tuple[dt.date, Issue | None]:
    """A later day as it is typed, and what is wrong with it."""
    text, today = text.strip(), clock.today()
    if not text:
        return today, Issue("required", name)
    try:
        written = sparse_dates.parse(text)
    except sparse_dates.DateError as problem:
        return today, Issue(problem.code, name, {"value": text[:40]})
    if len(written) < len(today.isoformat()):
        return today, Issue("whole_day", name, {"value": text[:40]})
    day = sparse_dates.first_day(written)
    if day <= today:
        return day, Issue("seed_day_too_early", name)
    return day, Issue("day_too_far", name) if day > today + LONGEST else None


def _require_bounds(connection: Connection, actor: Actor, rule: PopulationRule) -> None:
    require(actor, Action.ANNOUNCE_CHECKS)
    if not persons.may_announce_for(connection, actor, rule.region_code):
        raise Invalid((Issue("check_outside_region", populations.REGION),))


def _sample_size(plan: _Plan, population: int) -> int:
    size = drawing.sample_size(population, plan.size, plan.share)
    if size > MAX_SAMPLE:
        raise Invalid((Issue("size_not_whole", "share", {"value": str(size), "at_most": MAX_SAMPLE}),))
    return size


def _pool(connection: Connection, plan: _Plan, draft: CheckDraft) -> dict[str, tuple[int | None, str]]:
    """The inspectors among whom is drawn: label → account and name."""
    active = {row.id for row in persons.list_inspectors(connection)}
    accounts = sorted(set(draft.accounts))
    if not active.issuperset(accounts):
        raise Invalid((Issue("inspector_unknown", "accounts"),))
    members: list[tuple[int | None, str]] = [(each, "") for each in accounts]
    members += ((None, name) for name in plan.names)
    if len(members) < PER_RECORD:
        raise Invalid((Issue("too_few_inspectors", "names", {"at_least": PER_RECORD}),))
    if len(members) > MAX_INSPECTORS:
        raise Invalid((Issue("too_many_inspectors", "names", {"at_most": MAX_INSPECTORS}),))
    secrets.SystemRandom().shuffle(members)  # a label says nothing of who has it
    return {LABEL.format(index): member for index, member in enumerate(members, start=1)}


def _announcement(
    number: str,
    draft: CheckDraft,
    plan: _Plan,
    *,
    numbers: Sequence[str],
    members: Mapping[str, tuple[int | None, str]],
    key: str,
) -> dict[str, Any]:
    """The document of the entry."""
    basis = draft.legal_basis.strip() or plan.rule.rules.basis.zh
    pool = {label: f"account {user}" if user else name for label, (user, name) in members.items()}
    return {
        "number": number,
        "title": {"zh": draft.title_zh.strip(), "en": draft.title_en.strip()},
        "register": plan.rule.register,
        "legal_basis": basis,
        "rule": {"query": plan.rule.request.query_string(), "states": list(plan.rule.rules.states)},
        "region": plan.rule.region_code,
        "population": {"count": len(numbers), "sha256": drawing.population_hash(numbers)},
        "sample": {
            "size": _sample_size(plan, len(numbers)),
            "percent": None if plan.share is None else f"{plan.share.normalize():f}",
        },
        "inspectors": {
            "labels": list(members),
            "per_record": PER_RECORD,
            "hmac_sha256": persons.hash_pool(key, pool),
        },
        "seed": {
            "figure": {"zh": draft.figure_zh.strip(), "en": draft.figure_en.strip()},
            "numbers": plan.figure_count,
            "source": draft.source.strip(),
            "day": plan.seed_on.isoformat(),
            "checkpoint": "the last entry of the log before that day began in Shanghai",
        },
        "algorithm": drawing.ALGORITHM,
        "results_until": plan.results_until.isoformat(),
    }
