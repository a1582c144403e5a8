"""May this person act on this record? The one answer, by role, bounds, membership, conflict of interest and substitution.

Every service that makes a transition of a record for somebody calls `require_may_decide` in the transaction of the act;
lists and pages read the bounds of the reader once, with `bounds_of`, and ask `find_hindrance` for each record. Which
transitions a role has at all is data of the life cycles (`LifeCycle.allowed_transition`); which bound a role has,
`accounts.bounds.BOUND_OF`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Connection, and_, false, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.bounds import BOUND_OF, Bound, covers_region, prefix_of
from registry.accounts.membership import Membership
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, may, require
from registry.accounts.standing_aside import DeclaredInterest, Substitution
from registry.errors import Forbidden, NotFound
from registry.kit.approvals import APPROVED, approval_on, scope_of
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.random_check import PUBLISHED, CheckInspector, DrawnInspector, DrawnRecord
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.reference.code_lists import regions
from registry.reference.text.folding import fold_name
from registry.registers import catalogue
from registry.services.publication.existing_records import by_present_or_former_key
from registry.services.publication.record_queries import TITLE_COLUMNS, document_of
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.batching import batches

BATCH_SIZE = 500
ACTING_ROLES = ("editor", "owner")  # of members who may act for an organisation or a body
HolderRecord = aliased(Record, name="holder_record")


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the bounds of an account are held against.

    `record_id`: None before a record is published for the first time. `region`: its own, else that of its holder, "" if
    neither is known. `holder_id`, `issuer_id`: the records of both, None for one that the register does not know.
    `prepared_by`: the accounts that filed or prepared what is to be decided (four eyes); empty where a person only goes
    on with what they file.
    """

    register: str
    values: Mapping[str, Any] = field(default_factory=dict)
    record_id: int | None = None
    region: str = ""
    holder_id: int | None = None
    holder_name: str = ""
    issuer_id: int | None = None
    prepared_by: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class BodyFacts:
    """A body for which the account acts: its record's values and state. `membership`: the role in it."""

    number: str
    slug: str
    name: Words
    values: Mapping[str, Any]
    status: str
    in_force: bool
    membership: str


@dataclass(frozen=True, slots=True)
class ActorBounds:
    """Within what an account may act today.

    `regions`: its own, and those of the reviewers whom it stands in for. `memberships`: role by id of the organisation or
    body. `bodies`: those among them that issue records. `interests`: ids of the organisations and bodies with which it has
    declared a conflict. `drawn`: ids of the records for whose random check it was drawn as inspector.
    """

    role: str
    user_id: int | None = None
    regions: tuple[str, ...] = ()
    memberships: Mapping[int, str] = field(default_factory=dict)
    bodies: Mapping[int, BodyFacts] = field(default_factory=dict)
    interests: frozenset[int] = frozenset()
    drawn: frozenset[int] = frozenset()

    def has_conflict(self, facts: RecordFacts) -> bool:
        """Return True if the account acts for a party of the record, or has declared a conflict with one."""
        own = {facts.record_id, facts.holder_id, facts.issuer_id}
        return bool(own & (self.interests | self.memberships.keys()))


@dataclass(frozen=True, slots=True)
class Hindrance:
    """Why an account may not act on a record: a declared code with its parameters."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def require_may_decide(
    connection: Connection, actor: Actor, facts: RecordFacts, *, day: dt.date | None = None
) -> None:
    """Let the actor go on if they may act on this record on a day (today), whatever the transition; else raise.

    Raises `Forbidden`: `role_may_not`, `bound_region_missing`, `bound_body_missing`, `outside_region`,
    `record_without_region`, `issued_by_another`, `body_not_approved`, `body_not_entitled`, `body_scope_exceeded`,
    `membership_role_too_low`, `held_by_another`, `own_organisation`, `conflict_declared`, `prepared_by_decider`,
    `not_drawn_for_record`.
    """
    require(actor, Action.ACT_FOR)
    on = day or clock.today()
    hindrance = find_hindrance(_read_bounds(connection, actor, on), facts, on)
    if hindrance is not None:
        raise Forbidden(hindrance.code, **hindrance.params)


def may_read(connection: Connection, actor: Actor, record_id: int) -> bool:
    """True if what is confidential of a record may be opened by the actor: within their bounds, or by who only reads, everything.

    Raises `NotFound`.
    """
    require(actor, Action.SEE_DESK)
    if not may(actor, Action.TAKE_DECISIONS):
        return True
    facts = read_facts(connection, record_id)
    return find_hindrance(bounds_of(connection, actor), facts, clock.today()) is None


def bounds_of(connection: Connection, actor: Actor, *, day: dt.date | None = None) -> ActorBounds:
    """Return within what the actor may act on a day (today): for lists, which ask `find_hindrance` for each record."""
    require(actor, Action.ACT_FOR)
    return _read_bounds(connection, actor, day or clock.today())


def find_hindrance(bounds: ActorBounds, facts: RecordFacts, day: dt.date) -> Hindrance | None:
    """Return why an account with these bounds may not act on a record on a day, None if it may."""
    bound = BOUND_OF[bounds.role]
    if bound is Bound.NONE:
        return Hindrance("role_may_not", {"role": bounds.role, "action": Action.ACT_FOR.value})
    if bounds.user_id is not None and bounds.user_id in facts.prepared_by:
        return Hindrance("prepared_by_decider")
    if bound is Bound.HOLDER:
        return _hindrance_of_holder(bounds, facts)
    if hindrance := find_missing_bound(bounds):
        return hindrance
    own = {facts.record_id, facts.holder_id, facts.issuer_id}
    if own & bounds.interests:
        return Hindrance("conflict_declared")
    if bound is Bound.ISSUER:
        own -= {facts.issuer_id}
    if own & bounds.memberships.keys():
        return Hindrance("own_organisation")
    if bound is Bound.DRAWN:
        return None if facts.record_id in bounds.drawn else Hindrance("not_drawn_for_record")
    if bound is Bound.REGION:
        return _hindrance_of_region(bounds, facts)
    return _hindrance_of_body(bounds, facts, day) if bound is Bound.ISSUER else None


def find_missing_bound(bounds: ActorBounds) -> Hindrance | None:
    """Return what an account lacks before it may act on any record: its region, its body; None where nothing is lacking."""
    bound = BOUND_OF[bounds.role]
    if bound is Bound.REGION and not bounds.regions:
        return Hindrance("bound_region_missing")
    if bound is Bound.ISSUER and not bounds.bodies:
        return Hindrance("bound_body_missing")
    return None


def find_interests(connection: Connection, actor: Actor, *, besides: int) -> frozenset[tuple[str, str]]:
    """Return register and natural key of what the actor acts for or has declared a conflict with, but for one record.

    What a body files about one of them is for somebody else to file.
    """
    require(actor, Action.ACT_FOR)
    memberships = select(Membership.record_id).where(Membership.user_id == actor.user_id)
    declared = select(DeclaredInterest.record_id).where(
        DeclaredInterest.user_id == actor.user_id, DeclaredInterest.ended_at.is_(None)
    )
    rows = connection.execute(
        select(Record.register, Record.natural_key).where(
            or_(Record.id.in_(memberships), Record.id.in_(declared)), Record.id != besides
        )
    )
    return frozenset((row.register, row.natural_key) for row in rows)


@dataclass(frozen=True, slots=True)
class BoundColumns:
    """The columns by which a list is bounded: of the record, its holder and issuer, and its region, else that of its holder."""

    id: Any
    holder_id: Any
    issuer_id: Any
    region: Any


def of_records() -> BoundColumns:
    """Return the columns of a list that is selected from the records themselves."""
    of_holder = select(HolderRecord.region_code).where(HolderRecord.id == Record.holder_id).scalar_subquery()
    region = func.coalesce(func.nullif(Record.region_code, ""), of_holder, "")
    return BoundColumns(Record.id, Record.holder_id, Record.issuer_id, region)


def within_bounds(bounds: ActorBounds, of: BoundColumns | None = None) -> ColumnElement[bool]:
    """Return the condition for the records that may be within these bounds, for lists: by region, issuer, holder and conflicts.

    `of`: where the list has these columns, by default in the records. Whether a body is approved, and whether its scope covers a
    record, `find_hindrance` says of each.
    """
    bound, of = BOUND_OF[bounds.role], of or of_records()
    if bound is Bound.NONE:
        return false()
    acting = [each for each, role in bounds.memberships.items() if role in ACTING_ROLES]
    if bound is Bound.HOLDER:
        return cast("ColumnElement[bool]", of.holder_id.in_(acting))
    own = {*bounds.memberships, *bounds.interests}
    conditions: list[ColumnElement[bool]] = [
        of.id.not_in(own),
        func.coalesce(of.holder_id, 0).not_in(own),
    ]
    if bound is Bound.ISSUER:
        conditions.append(of.issuer_id.in_([each for each in bounds.bodies if each in acting]))
        conditions.append(func.coalesce(of.issuer_id, 0).not_in(bounds.interests))
        return and_(*conditions)
    conditions.append(func.coalesce(of.issuer_id, 0).not_in(own))
    if bound is Bound.DRAWN:
        conditions.append(of.id.in_(bounds.drawn))
    if bound is Bound.REGION:
        prefixes = filter(None, map(prefix_of, bounds.regions))
        conditions.append(or_(false(), *(of.region.like(f"{prefix}%") for prefix in prefixes)))
    return and_(*conditions)


def read_facts(connection: Connection, record_id: int, *, prepared_by: Collection[int] = ()) -> RecordFacts:
    """Return the facts of a published record. Raises `NotFound`."""
    found = read_facts_of_many(connection, (record_id,), prepared_by=prepared_by)
    if record_id not in found:
        raise NotFound("record", str(record_id))
    return found[record_id]


def read_facts_of_many(
    connection: Connection, ids: Collection[int], *, prepared_by: Collection[int] = ()
) -> dict[int, RecordFacts]:
    """Return the facts of published records by id; those that are gone are left out."""
    statement = (
        select(
            Record.id,
            Record.register,
            Record.region_code,
            Record.holder_id,
            Record.holder_zh,
            Record.issuer_id,
            Item.document,
        )
        .add_columns(
            HolderRecord.region_code.label("holder_region"), HolderRecord.title_zh.label("holder_title")
        )
        .join(Item, Item.hash == Record.document_hash)
        .outerjoin(HolderRecord, HolderRecord.id == Record.holder_id)
    )
    rows = (
        row
        for batch in batches(sorted(ids), BATCH_SIZE)
        for row in connection.execute(statement.where(Record.id.in_(batch)))
    )
    return {
        row.id: RecordFacts(
            register=row.register,
            values=document_of(row),
            record_id=row.id,
            region=row.region_code or row.holder_region or "",
            holder_id=row.holder_id,
            holder_name=row.holder_title or row.holder_zh,
            issuer_id=row.issuer_id,
            prepared_by=frozenset(prepared_by),
        )
        for row in rows
    }


def facts_of_values(
    connection: Connection,
    definition: RegisterDefinition,
    values: Mapping[str, Any],
    *,
    prepared_by: Collection[int] = (),
) -> RecordFacts:
    """Return the facts of a record that is not published yet, from its values: an application, a draft."""
    holder = _find_party(connection, definition, "holder", values)
    issuer = _find_party(connection, definition, "issuer", values)
    region = str(values.get(definition.region) or "")
    stated = str(values.get(definition.holder.zh) or "") if definition.holder else ""
    return RecordFacts(
        register=definition.slug,
        values=values,
        region=region or (holder.region_code if holder else ""),
        holder_id=holder.id if holder else None,
        holder_name=holder.title_zh if holder else stated,
        issuer_id=issuer.id if issuer else None,
        prepared_by=frozenset(prepared_by),
    )


def _find_party(
    connection: Connection, definition: RegisterDefinition, which: str, values: Mapping[str, Any]
) -> FetchedRow | None:
    party = definition.holder if which == "holder" else definition.issuer
    named = str(values.get(party.key) or "") if party else ""
    if not named or party is None:
        return None
    key = catalogue()[party.register].key.parse(named)
    found = by_present_or_former_key(select(Record.id, Record.region_code, Record.title_zh))
    return connection.execute(found, {"register": party.register, "key": key}).one_or_none()


def _read_bounds(connection: Connection, actor: Actor, day: dt.date) -> ActorBounds:
    """Return the bounds of an actor; the register's own work and the operator's commands have no account and no bounds."""
    if actor.user_id is None:
        return ActorBounds(actor.role)
    memberships = connection.execute(
        select(Membership.record_id, Membership.role, Record.register)
        .join(Record, Record.id == Membership.record_id)
        .where(Membership.user_id == actor.user_id)
    ).all()
    interests = select(DeclaredInterest.record_id).where(
        DeclaredInterest.user_id == actor.user_id, DeclaredInterest.ended_at.is_(None)
    )
    bound = BOUND_OF[actor.role]
    issuing = [row.record_id for row in memberships if not _files(row.register)]
    roles = {int(row.record_id): str(row.role) for row in memberships}
    return ActorBounds(
        role=actor.role,
        user_id=actor.user_id,
        regions=_read_regions(connection, actor, day) if bound is Bound.REGION else (),
        memberships=roles,
        bodies=read_bodies(connection, issuing, roles) if bound is Bound.ISSUER and issuing else {},
        interests=frozenset(connection.execute(interests).scalars()),
        drawn=_read_drawn(connection, actor) if bound is Bound.DRAWN else frozenset(),
    )


def _read_drawn(connection: Connection, actor: Actor) -> frozenset[int]:
    """Return the records that the account was drawn to inspect, and whose results are not public yet."""
    drawn = (
        select(DrawnRecord.record_id)
        .join(
            DrawnInspector,
            (DrawnInspector.check_id == DrawnRecord.check_id) & (DrawnInspector.place == DrawnRecord.place),
        )
        .join(
            CheckInspector,
            (CheckInspector.check_id == DrawnInspector.check_id)
            & (CheckInspector.label == DrawnInspector.label),
        )
        .where(CheckInspector.user_id == actor.user_id, DrawnRecord.state != PUBLISHED)
    )
    return frozenset(connection.execute(drawn).scalars())


def _files(register: str) -> bool:
    """True for the register of the organisations, whose members file; the others issue."""
    representation = catalogue()[register].representation
    return representation is not None and representation.files


def _read_regions(connection: Connection, actor: Actor, day: dt.date) -> tuple[str, ...]:
    """Return the region of a reviewer, and those of reviewers of the same role whom they stand in for."""
    stands_in = select(Substitution.user_id).where(
        Substitution.substitute_id == actor.user_id,
        Substitution.ended_at.is_(None),
        Substitution.from_on <= day,
        Substitution.until_on >= day,
    )
    codes = connection.execute(
        select(User.region_code)
        .where(or_(User.id == actor.user_id, User.id.in_(stands_in)), User.role == actor.role)
        .where(User.region_code != "")
        .order_by(User.region_code)
    )
    return tuple(dict.fromkeys(codes.scalars()))


def read_bodies(
    connection: Connection, ids: Collection[int], roles: Mapping[int, str]
) -> dict[int, BodyFacts]:
    """Return bodies by the ids of their records. `roles`: of the account in each of them."""
    rows = connection.execute(
        select(*TITLE_COLUMNS, Record.status, Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.id.in_(list(ids)))
        .order_by(Record.number)
    )
    return {
        row.id: BodyFacts(
            number=row.number,
            slug=row.slug,
            name=titles.title_of(catalogue()[row.register], row),
            values=document_of(row),
            status=row.status,
            in_force=catalogue()[row.register].life_cycle.state(row.status).standing == "in_force",
            membership=roles[row.id],
        )
        for row in rows
    }


def _hindrance_of_holder(bounds: ActorBounds, facts: RecordFacts) -> Hindrance | None:
    role = bounds.memberships.get(facts.holder_id) if facts.holder_id is not None else None
    if role is None:
        return Hindrance("held_by_another")
    return None if role in ACTING_ROLES else Hindrance("membership_role_too_low", {"role": role})


def _hindrance_of_region(bounds: ActorBounds, facts: RecordFacts) -> Hindrance | None:
    if not facts.region:
        return Hindrance("record_without_region")
    if any(covers_region(bound, facts.region) for bound in bounds.regions):
        return None
    return Hindrance(
        "outside_region",
        {
            "region": regions.label(facts.region, "zh"),
            "region_en": regions.label(facts.region, "en"),
            "own": "、".join(regions.label(each, "zh") for each in bounds.regions),
            "own_en": "; ".join(regions.label(each, "en") for each in bounds.regions),
        },
    )


def _hindrance_of_body(bounds: ActorBounds, facts: RecordFacts, day: dt.date) -> Hindrance | None:
    body = bounds.bodies.get(facts.issuer_id) if facts.issuer_id is not None else None
    if body is None:
        return Hindrance("issued_by_another")
    if body.membership not in ACTING_ROLES:
        return Hindrance("membership_role_too_low", {"role": body.membership})
    named = {"name": body.name.zh or body.name.en, "name_en": body.name.en or body.name.zh}
    if not is_approved(body, day):
        return Hindrance("body_not_approved", named)
    if facts.holder_name and fold_name(facts.holder_name) == fold_name(body.name.zh):
        return Hindrance("own_organisation")
    duties = catalogue()[facts.register].duties
    if duties is None:
        return None
    if not duties.may_issue(facts.values, body.values):
        return Hindrance("body_not_entitled", named)
    if not duties.covers(facts.values, scope_of(body.values)):
        return Hindrance("body_scope_exceeded", named)
    return None


def is_approved(body: BodyFacts, day: dt.date) -> bool:
    """Return True if a body may issue on a day: its record is in force, and no day or sanction takes its approval away."""
    return body.in_force and approval_on(body.values, body.status, day.isoformat()).state == APPROVED
