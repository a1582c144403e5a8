"""Applications as programs of their holders read them (the API): a list, one with what it waits for, its files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, true
from sqlalchemy.sql.elements import ColumnElement

from registry.accounts.policy import Action, Actor, require
from registry.kit.application_case import Application
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.applying import cases, evidence, moves, reading
from registry.services.applying.sent_by_program import ApplicationAddress, require_applied, require_own
from registry.services.applying.views import ApplicationLine, ApplicationView
from registry.services.bootstrap import Registry
from registry.services.deciding.desk_lists import decode_id, encode_place
from registry.services.filing import draft_views
from registry.services.people import deciding_rights
from registry.services.people.tokens import TokenBearer, require_filing_scope
from registry.services.records.full_texts import TextView
from registry.services.records.past.versions import ROLE_MESSAGES
from registry.store.unit_of_work import read_transaction


@dataclass(frozen=True, slots=True)
class OwnApplication:
    """An application of the bearer's organisation.

    `document`: the answers as a program may send them back; `opinion`, `to_correct` (field, or `evidence.` with a kind → what is wrong): of
    the return that waits for a correction; `waits_for`: message ids of the roles whose step is next, none where it is over or to be corrected.
    """

    view: ApplicationView
    document: Mapping[str, Any]
    opinion: str
    to_correct: Mapping[str, str]
    waits_for: tuple[str, ...]


def list_own_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, register: str, *, token: str | None, limit: int
) -> tuple[tuple[ApplicationLine, ...], str | None]:
    """Return a page of the applications of the organisations that the token acts for, newest first, and the token of the next page.

    Raises `NotFound` for a register in which nothing is applied for, `Invalid` for a wrong token of a page.
    """
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=False)
    definition = require_applied(register)
    behind: ColumnElement[bool] = true() if token is None else Application.id < decode_id(token)
    with read_transaction(registry.engine) as connection:
        mine = set(deciding_rights.bounds_of(connection, actor).memberships)
        own: ColumnElement[bool] = Application.organisation_id.in_(mine)
        if bearer.filer is not None:
            named = (Record.register == bearer.filer.register) & (Record.slug == bearer.filer.slug)
            own &= Application.organisation_id.in_(select(Record.id).where(named))
        rows = connection.execute(
            cases.select_applications()
            .where(own, Application.register == definition.slug, behind)
            .order_by(Application.id.desc())
            .limit(limit + 1)
        ).all()
    lines = tuple(reading.application_line(row) for row in rows[:limit])
    return lines, encode_place(str(lines[-1].id)) if len(rows) > limit else None


def get_own_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, address: ApplicationAddress, *, lang: str
) -> OwnApplication:
    """Return an application of an organisation that the token acts for, without who acted on it at the authority. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=False)
    with read_transaction(registry.engine) as connection:
        case = require_own(connection, actor, bearer, address)
        row, definition = case.row, catalogue()[case.row.register]
        may_act = case.mine.role in deciding_rights.ACTING_ROLES
        view = reading.view_for_holder(connection, row, lang, may_act=may_act)
        open_again = row.record_id is None and moves.submission_from(definition, row.status) is not None
        returned = evidence.last_return(connection, row.id) if open_again else None
    waits_for = {
        ROLE_MESSAGES[role]
        for move in moves.desk_steps(definition)
        for role in move.roles
        if move.before == row.status and row.record_id is None and not open_again and role in moves.DESK_ROLES
    }
    return OwnApplication(
        view=view,
        document=draft_views.typed_as_raw(definition, view.typed),
        opinion=returned.opinion if returned is not None else "",
        to_correct=json.loads(returned.reasons) if returned is not None else {},
        waits_for=tuple(sorted(waits_for)),
    )


def get_own_file_by_program(
    registry: Registry, actor: Actor, bearer: TokenBearer, address: ApplicationAddress, *, file_id: int
) -> TextView:
    """Return a file that was handed in with an application. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    require_filing_scope(bearer, publishes=False)
    with read_transaction(registry.engine) as connection:
        case = require_own(connection, actor, bearer, address)
        return evidence.open_file(registry, connection, case.row.id, file_id)
