"""The letter that tells the people of a holder of a decision on their record."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from registry.accounts.membership import Membership
from registry.accounts.model import User
from registry.i18n import gettext
from registry.kit.appeals import appeal_against
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.deciding.checking import CheckedCase, StatedDecision
from registry.services.deciding.moves import DESK_ROLES
from registry.services.mail import letters
from registry.services.people import memberships
from registry.services.people.deciding_rights import ACTING_ROLES
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.store.base import FetchedRow

LETTER = "record_decided"


def tell_holders(
    connection: Connection, decision: StatedDecision, decided: Sequence[CheckedCase], *, role: str
) -> None:
    """Queue a letter, in their language, to the editors and owners of the holder of each record. `role`: who has decided.

    It says what becomes of what is printed with the record, and how to appeal.
    """
    holders = {case.record.id: _holder_of(case.record) for case in decided}
    people = connection.execute(
        select(*TITLE_COLUMNS, User.email, User.lang)
        .join(Membership, Membership.record_id == Record.id)
        .join(User, User.id == Membership.user_id)
        .where(Record.id.in_({holder for holder in holders.values() if holder}))
        .where(Membership.role.in_(ACTING_ROLES))
        .order_by(Membership.id)
    ).all()
    move, marking = decision.moves[0], decision.definition.marking
    for case in decided:
        after = decision.definition.life_cycle.state(case.status)
        stop = marking.stop_message(after.code) if marking else ""
        appeal = appeal_against(after, role, DESK_ROLES)
        for person in people:
            if person.id == holders[case.record.id]:
                letters.enqueue_letter(
                    connection,
                    LETTER,
                    person.lang,
                    person.email,
                    organisation=memberships.organisation_name(person, person.lang),
                    number=case.record.number,
                    record=case.record.slug,
                    page=f"{case.record.register}/{case.record.slug}",
                    decision=move.zh if person.lang == "zh" else move.en,
                    stop=gettext(stop, person.lang) if stop else "",
                    appeal=gettext(appeal, person.lang) if appeal else "",
                )


def _holder_of(record: FetchedRow) -> int | None:
    """The organisation that holds a record; a record that people act for is told of itself."""
    if catalogue()[record.register].representation is not None:
        return int(record.id)
    return None if record.holder_id is None else int(record.holder_id)
