"""The letter that tells the people of a holder of a decision on their record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from registry.accounts.membership import Membership
from registry.registers import catalogue
from registry.services.deciding.checking import CheckedCase, StatedDecision
from registry.services.people import memberships
from registry.store.base import FetchedRow

LETTER = "record_decided"


def tell_holders(connection: Connection, decision: StatedDecision, decided: Sequence[CheckedCase]) -> None:
    """Queue a letter to the editors and owners of the holder of each record, where it has any."""
    holders = {case.record.id: _holder_of(case.record) for case in decided}
    acted_for = set(
        connection.execute(
            select(Membership.record_id)
            .where(Membership.record_id.in_({holder for holder in holders.values() if holder}))
            .distinct()
        ).scalars()
    )
    move = decision.moves[0]
    for case in decided:
        holder = holders[case.record.id]
        if holder is not None and holder in acted_for:
            memberships.notify_members(
                connection,
                holder,
                LETTER,
                number=case.record.number,
                decision=f"{move.zh} ({move.en})",
                record=case.record.slug,
            )


def _holder_of(record: FetchedRow) -> int | None:
    """The organisation that holds a record; a record that people act for is told of itself."""
    if catalogue()[record.register].representation is not None:
        return int(record.id)
    return None if record.holder_id is None else int(record.holder_id)
