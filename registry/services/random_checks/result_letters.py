"""The letter that tells the people of a holder what the check of their record came to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from registry.accounts.membership import Membership
from registry.accounts.model import User
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.mail import letters
from registry.services.people import memberships
from registry.services.people.deciding_rights import ACTING_ROLES
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.random_checks.outcomes import OUTCOMES, words_of
from registry.store.base import FetchedRow

LETTER = "check_result"


def tell_holder(
    connection: Connection, record_id: int, check: FetchedRow, document: Mapping[str, Any]
) -> None:
    """Queue a letter, in their language, to the editors and owners of the holder of a record that was checked."""
    record = connection.execute(
        select(Record.id, Record.slug, Record.number, Record.holder_id).where(Record.id == record_id)
    ).one()
    represented = catalogue()[check.register].representation is not None
    holder = record.id if represented else record.holder_id
    people = connection.execute(
        select(*TITLE_COLUMNS, User.email, User.lang)
        .join(Membership, Membership.record_id == Record.id)
        .join(User, User.id == Membership.user_id)
        .where(Record.id == holder, Membership.role.in_(ACTING_ROLES))
        .order_by(Membership.id)
    ).all()
    result = words_of(OUTCOMES, document["result"])
    assert result is not None
    for person in people:
        letters.enqueue_letter(
            connection,
            LETTER,
            person.lang,
            person.email,
            organisation=memberships.organisation_name(person, person.lang),
            number=record.number,
            record=record.slug,
            check=check.number,
            result=result.zh if person.lang == "zh" else result.en,
        )
