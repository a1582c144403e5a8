"""A desk to learn at: an account for each role, and cases in its queues. Only for a store that this machine alone can reach.

Everything is made as people make it, by the same services, so that nothing here is a second way past their rules.
"""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import select

from registry import clock
from registry.accounts import second_factor
from registry.accounts.bounds import LEVELS_OF_ROLE
from registry.accounts.model import User
from registry.accounts.policy import ALLOWED, ANONYMOUS, STAFF, SYSTEM, Action, Actor
from registry.demonstration import (
    training_applications,
    training_entries,
    training_imports,
    training_parties,
    training_sheets,
)
from registry.errors import Conflict, Forbidden, Invalid, NotFound, Refusal
from registry.kit.record import Record
from registry.registers import catalogue, organisation_register, represented_registers
from registry.services import deciding, people, reports
from registry.services.bootstrap import Registry
from registry.services.deciding import DecisionDraft, DeskRequest
from registry.services.people import ClaimForm
from registry.services.reports import ReportDraft
from registry.store.unit_of_work import read_transaction

DOMAIN = "training.example.com"
REGIONS = {"province": "330000", "prefecture": "330400", "county": "330482"}  # where most invented firms are
PREPARED_BY_ROLE = 2  # decisions that wait for another person
LOOKED_AT = 6  # records of a queue, until that many are prepared
SHOWN_CODES = 2  # recovery codes of each account; more are made in the browser


@dataclass(frozen=True, slots=True)
class TrainingAccount:
    """How to sign in with one role. `secret`: of the second factor, in base32; `codes`: each replaces it once. Both empty for an enterprise."""

    role: str
    email: str
    password: str
    secret: str
    codes: tuple[str, ...]


def open_training_desk(registry: Registry) -> tuple[TrainingAccount, ...]:
    """Make an account for each role and cases for it; return how to sign in, nothing for accounts that were there before.

    Passwords are random and stored as hashes only. Raises `Conflict` (`training_in_public`) unless the register is reached by this machine alone.
    """
    if registry.settings.production:
        raise Conflict("training_in_public", address=registry.settings.base_url)
    known = _known_accounts(registry)
    roles = [role for role in ("enterprise", *sorted(STAFF)) if address_of(role) not in known]
    made = tuple(_make_account(registry, role) for role in roles)
    if made:
        actors = {role: Actor(role, _user_of(registry, address_of(role))) for role in ("enterprise", *STAFF)}
        _report(registry)
        _claim(registry, actors["enterprise"])
        examiners = [actors[role] for role in sorted(STAFF) if _decides(role)]
        training_applications.make_applications(registry, actors["enterprise"], examiners)
        training_imports.make_import(registry, f"colleague@{DOMAIN}")
        for role in sorted(STAFF):
            if _decides(role):
                others = [each for each in actors.values() if each.role != role]
                _prepare(registry, actors[role], [each for each in others if _decides(each.role)])
        training_sheets.make_sheet(registry, f"colleague@{DOMAIN}")
        training_entries.make_entry(registry, f"colleague@{DOMAIN}")
        training_parties.make_request(registry, actors["enterprise"])
        training_parties.put_question(registry, actors["enterprise"], actors["registrar"])
    return made


def _decides(role: str) -> bool:
    return Action.TAKE_DECISIONS in ALLOWED[role]


def address_of(role: str) -> str:
    """Return the address of the account of a role."""
    return f"{role.replace('_', '-')}@{DOMAIN}"


def _known_accounts(registry: Registry) -> frozenset[str]:
    with read_transaction(registry.engine) as connection:
        found = select(User.email).where(User.email.like(f"%@{DOMAIN}"))
        return frozenset(connection.execute(found).scalars())


def _user_of(registry: Registry, email: str) -> int:
    return people.find_account_by_email(registry, SYSTEM, email)


def _make_account(registry: Registry, role: str) -> TrainingAccount:
    """Make an account as an administrator does, choose its password and set up its second factor as its owner does."""
    email, password = address_of(role), secrets.token_urlsafe(15)
    link = people.assign_account_role(
        registry, SYSTEM, email, role, lang="zh", organisation=_represented(registry, role)
    )
    people.reset_password(registry, ANONYMOUS, link.rpartition("/")[2], password)
    if role in LEVELS_OF_ROLE:
        [code] = {REGIONS[level] for level in LEVELS_OF_ROLE[role] if level in REGIONS}
        people.set_account_region(registry, SYSTEM, _user_of(registry, email), code)
    if role not in STAFF:
        return TrainingAccount(role, email, password, "", ())
    key = people.sign_in(registry, ANONYMOUS, email, password, user_agent="training", network="training")
    session = people.resolve_session(registry, ANONYMOUS, key)
    assert session is not None
    setup = people.begin_second_factor(registry, session.actor, session.session_id)
    code = second_factor.present_code(setup.secret, clock.now())
    factor = people.confirm_second_factor(registry, session.actor, session.session_id, code)
    return TrainingAccount(role, email, password, setup.secret, tuple(factor.recovery_codes[:SHOWN_CODES]))


def _represented(registry: Registry, role: str) -> str:
    """The number of an invented organisation or body in force for whose records an account of this role acts, "" for none.

    One of the county of the reviewers comes first: they are who examines what it applies for.
    """
    registers = [
        each
        for each in represented_registers()
        if each.representation is not None and each.representation.role == role
    ]
    for definition in registers:
        in_force = [
            state.code for state in definition.life_cycle.public_states() if state.standing == "in_force"
        ]
        found = (
            select(Record.number)
            .where(Record.register == definition.slug, Record.status.in_(in_force), Record.demo)
            .order_by(Record.region_code != REGIONS["county"], Record.number)
            .limit(1)
        )
        with read_transaction(registry.engine) as connection:
            if number := connection.execute(found).scalar():
                return str(number)
    return ""


def _report(registry: Registry) -> None:
    """Hand in a report of an error, one of a fake that names no record, and an objection where something is in publicity."""
    with clock.frozen_at(clock.now() - dt.timedelta(hours=1)):
        stamps = [reports.keep_stamp(registry, ANONYMOUS, "") for _each in range(3)]
    wrong, proposed = _invented(registry, proposed=False), _invented(registry, proposed=True)
    texts = (
        ("error", wrong, "页面上的型号与证书原件不符，原件第 2 页写明另一型号（演示）。"),
        ("fake", ("", "GP-2023-999999-B"), "市场上销售的床垫贴有此编号的标识，登记簿中查无此号（演示）。"),
        ("objection", proposed, "该商号的创立年代有误，县志记载的年代晚于公示年代（演示）。"),
    )
    for stamp, (kind, about, statement) in zip(stamps, texts, strict=True):
        if about is None:
            continue
        draft = ReportDraft(kind, *about, statement, "", "", "zh", f"training {kind}", stamp)
        try:
            reports.hand_in_report(registry, ANONYMOUS, draft)
        except Invalid:  # such as an objection whose time has ended
            continue


def _invented(registry: Registry, *, proposed: bool) -> tuple[str, str] | None:
    """Register and number of an invented record that is in publicity, or of one that is in force; None where there is none."""
    for slug, definition in catalogue().items():
        states = [
            state.code
            for state in definition.life_cycle.public_states()
            if (state.takes_objections if proposed else state.standing == "in_force")
        ]
        of_register = (Record.register == slug) & Record.status.in_(states) & Record.demo
        found = select(Record.slug).where(of_register).order_by(Record.id.desc())
        with read_transaction(registry.engine) as connection:
            numbers = connection.execute(found.limit(LOOKED_AT)).scalars().all() if states else []
        for number in numbers:
            if (
                not proposed
                or reports.get_challenge(
                    registry, ANONYMOUS, _record_id(registry, slug, number)
                ).takes_objections
            ):
                return slug, str(number)
    return None


def _record_id(registry: Registry, slug: str, number: str) -> int:
    with read_transaction(registry.engine) as connection:
        found = select(Record.id).where(Record.register == slug, Record.slug == number)
        return int(connection.execute(found).scalar_one())


def _claim(registry: Registry, actor: Actor) -> None:
    """Claim a second organisation for the enterprise, with a blank picture as its proof."""
    slug = organisation_register().slug
    found = (
        select(Record.number)
        .where(Record.register == slug, Record.demo)
        .order_by(Record.number.desc())
        .limit(1)
    )
    with read_transaction(registry.engine) as connection:
        number = connection.execute(found).scalar()
    if number is None:
        return
    file = people.upload_attachment(registry, actor, "演示证明.png", training_entries.blank_page())
    try:
        people.submit_claim(registry, actor, ClaimForm(str(number), "", "", "质量经理（演示）", file.id))
    except Invalid:  # it is theirs already
        return


def _prepare(registry: Registry, actor: Actor, others: list[Actor]) -> None:
    """Prepare decisions on records that wait for a role and that the account of another role may take."""
    left = PREPARED_BY_ROLE
    for case in deciding.get_desk(registry, actor, DeskRequest("zh")).cases[:LOOKED_AT]:
        slug, number = case.record.register.slug, case.record.slug
        own = _keys(registry, actor, slug, number) if left else ()
        theirs = (_keys(registry, other, slug, number) for other in others if own)
        shared = next((key for keys in theirs for key in own if key in keys), "")
        if shared:
            left -= _prepare_one(registry, actor, slug, number, key=shared)


def _keys(registry: Registry, actor: Actor, slug: str, number: str) -> tuple[str, ...]:
    """The decisions that an account may take on a record."""
    try:
        return tuple(
            move.key for move in deciding.get_case_of_record(registry, actor, slug, number, lang="zh").mine
        )
    except (Forbidden, NotFound):
        return ()


def _prepare_one(registry: Registry, actor: Actor, slug: str, number: str, *, key: str) -> bool:
    """Prepare a decision; return False where the rules of its register want more than can be made up."""
    form = deciding.get_decision_form(registry, actor, slug, number, key=key, lang="zh")
    stated = dict(training_sheets.stated_for(slug, {each.name: each.suggested for each in form.fields}))
    try:
        decision = deciding.prepare_decision(
            registry, actor, DecisionDraft(slug, key, (number,), stated, training_sheets.EVIDENCE, "")
        )
        training_entries.add_file(registry, actor, decision)
    except (Invalid, Refusal):
        return False
    return True
