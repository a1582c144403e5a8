"""For which party of a published record somebody acts: its holder, the body that issued it, or the record's own organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, case, select

from registry.accounts.membership import Membership
from registry.accounts.policy import Action, Actor, require
from registry.errors import Forbidden
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.people.deciding_rights import ACTING_ROLES
from registry.services.people.memberships import Represented
from registry.services.publication.record_queries import TITLE_COLUMNS, document_of
from registry.services.records import titles
from registry.store.base import FetchedRow

Side = Literal["holder", "issuer"]
HOLDER: Side = "holder"
ISSUER: Side = "issuer"


@dataclass(frozen=True, slots=True)
class Party:
    """The party of a record for which somebody acts. `acts`: as editor or owner, who may ask and answer; others only look."""

    record_id: int
    register: str
    slug: str
    number: str
    name: Words
    side: Side
    acts: bool

    @property
    def path(self) -> str:
        """The address of its pages in the workspace, without the language."""
        return f"/workspace/{self.register}/{self.slug}"


@dataclass(frozen=True, slots=True)
class RecordAddress:
    """A record as an address names it: its register, and its number in any spelling."""

    register: str
    number: str


@dataclass(frozen=True, slots=True)
class OwnRecord:
    """A published record with its values, and the party for which the reader acts."""

    row: FetchedRow
    definition: RegisterDefinition
    values: Mapping[str, Any]
    party: Party


def require_own_record(
    connection: Connection, actor: Actor, record_id: int, *, party: Represented | None = None
) -> OwnRecord:
    """Return a record for somebody who acts for its holder or its issuer; as holder where they act for both.

    `party`: the only one for which they act here, as a token of one organisation does; None for all of theirs. Raises `Forbidden` (`record_of_others`).
    """
    require(actor, Action.ACT_FOR)
    statement = (
        select(
            *TITLE_COLUMNS,
            Record.status,
            Record.version,
            Record.holder_id,
            Record.issuer_id,
            Item.document,
        )
        .join(Item, Item.hash == Record.document_hash)
        .where(Record.id == record_id)
    )
    row = connection.execute(statement).one()
    definition = catalogue()[row.register]
    # An organisation or a body holds its own record.
    sides: dict[int, Side] = {row.issuer_id: ISSUER} if row.issuer_id else {}
    sides[row.id if definition.representation else row.holder_id] = HOLDER
    acted_for = [Membership.user_id == actor.user_id, Record.id.in_(each for each in sides if each)]
    if party is not None:
        acted_for += [Record.register == party.register, Record.slug == party.slug]
    memberships = connection.execute(
        select(*TITLE_COLUMNS, Membership.role)
        .join(Membership, Membership.record_id == Record.id)
        .where(*acted_for)
        .order_by(case((Membership.role.in_(ACTING_ROLES), 0), else_=1), Record.id)
    ).all()
    if not memberships:
        raise Forbidden("record_of_others")
    found = min(memberships, key=lambda each: (each.role not in ACTING_ROLES, sides[each.id] != HOLDER))
    acting = Party(
        record_id=found.id,
        register=found.register,
        slug=found.slug,
        number=found.number,
        name=titles.title_of(catalogue()[found.register], found),
        side=sides[found.id],
        acts=found.role in ACTING_ROLES,
    )
    return OwnRecord(row, definition, document_of(row), acting)
