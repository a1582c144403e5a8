"""The records that an organisation has filed, as a list: by tab, found by words, in an order, a page at a time."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Connection, case, func, or_, select
from sqlalchemy.sql.elements import ColumnElement

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView, Words
from registry.kit.draft import Receipt
from registry.kit.filing import FilingWords
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.reference.text.folding import fold_number
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import needed_actions
from registry.services.filing.filed_records import touched_today
from registry.services.filing.needed_actions import NeededAction
from registry.services.filing.submission import filing_of
from registry.services.filing.withdrawals import retractable_ids
from registry.services.people.memberships import (
    FilerAddress,
    OrganisationView,
    organisation_view,
    require_filer,
)
from registry.services.publication.record_queries import TITLE_COLUMNS, filer_column
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.json_text import json_text
from registry.store.unit_of_work import read_transaction

PAGE_SIZE = 25
MAX_FIND_LENGTH = 120

FiledTab = Literal["all", "act", "open", "ended", "drafts"]
FiledOrder = Literal["urgent", "newest", "oldest"]
TABS: tuple[FiledTab, ...] = get_args(FiledTab)
ORDERS: tuple[FiledOrder, ...] = get_args(FiledOrder)


@dataclass(frozen=True, slots=True)
class FiledListRequest:
    """Which filed records are asked for. `find`: words, or a part of a number, "" for all.

    Tabs: all of them; those that need an action; those that have not ended and need none; those that have ended. The tab of
    drafts lists no records.
    """

    tab: FiledTab = "all"
    find: str = ""
    order: FiledOrder = "urgent"
    page: int = 1

    @classmethod
    def read(cls, tab: str = "", find: str = "", order: str = "", page: int = 1) -> FiledListRequest:
        """Return what an address asks for; an unknown tab or order counts as none."""
        return cls(
            tab if tab in TABS else "all",
            " ".join(find.split())[:MAX_FIND_LENGTH],
            order if order in ORDERS else "urgent",
            page,
        )


@dataclass(frozen=True, slots=True)
class FiledRecordView:
    """A filed record as its enterprise sees it in the list. `action`: what it needs, None for nothing."""

    number: str
    slug: str
    title: Words
    subject: str  # what it is about beside the title: the number of a standard
    status: StatusView
    filed_on: str
    action: NeededAction | None
    amendable: bool  # and may be withdrawn
    confirmable: bool  # it was neither filed nor confirmed today
    correctable: bool = False  # an order of the authority stands, which an amendment answers
    has_receipt: bool = False  # it was filed here, not entered by the registrar
    retractable: bool = False  # may still be marked as filed by mistake
    has_editions: bool = False  # there may be a new edition of what it is about


@dataclass(frozen=True, slots=True)
class FiledRecordsView:
    """A page of the records of one register that an organisation or body has filed. `label`, `..._label`: message ids.

    `counts`: tab → how many records it has, of those that are found; `total`: of the chosen tab.
    """

    organisation: OrganisationView
    register: str
    label: str
    members_label: str
    words: FilingWords
    subject_label: str  # "" where the register has no subject beside the title
    filed_on_label: str
    can_withdraw: bool  # the register knows withdrawals
    decides: bool  # who files decides on its records at the desk as well
    may_be_printed: bool  # the register says what holders may print beside goods
    request: FiledListRequest
    counts: dict[str, int]
    rows: tuple[FiledRecordView, ...]
    total: int
    page: int
    pages: int


def list_filed_records(
    registry: Registry,
    actor: Actor,
    org: FilerAddress,
    register: str,
    *,
    wanted: FiledListRequest | None = None,
) -> FiledRecordsView:
    """Return one page of what an organisation holds or a body has issued in a register that it files.

    Raises `NotFound` for an actor who does not act for the organisation.
    """
    require(actor, Action.ACT_FOR)
    definition = catalogue()[register]
    wanted = wanted or FiledListRequest()
    with read_transaction(registry.engine) as connection:
        mine = require_filer(connection, actor, org, register)
        needing = needed_actions.needs_action(connection, definition, mine.id)
        own = (Record.register == register) & (filer_column(definition) == mine.id)
        if wanted.find:
            own &= _is_found(connection, definition, wanted.find)
        counts = _count_tabs(connection, definition, own, needing)
        total = counts[wanted.tab] if wanted.tab != "drafts" else 0
        pages = max(1, -(-total // PAGE_SIZE))
        page = min(max(wanted.page, 1), pages)
        rows = (
            []
            if not total
            else connection.execute(
                select(*TITLE_COLUMNS, Record.status, Record.status_since, Record.valid_from, Item.document)
                .join(Item, Item.hash == Record.document_hash)
                .where(own, *_in_tab(definition, wanted.tab, needing))
                .order_by(*_order(wanted.order, needing))
                .limit(PAGE_SIZE)
                .offset((page - 1) * PAGE_SIZE)
            ).all()
        )
        views = _row_views(connection, definition, rows)
    filing, fields = filing_of(definition), definition.schema.register_fields()
    representation = catalogue()[mine.register].representation
    return FiledRecordsView(
        organisation=organisation_view(mine),
        register=register,
        label=definition.label,
        members_label=representation.words.members if representation else "",
        words=filing.words,
        subject_label=fields[filing.subject_field].info.label if filing.subject_field else "",
        filed_on_label=fields[filing.filing_date_field or definition.valid_from].info.label,
        can_withdraw=filing.withdrawal is not None,
        decides=filing.filer == "issuer",
        may_be_printed=definition.marking is not None,
        request=wanted,
        counts=counts,
        rows=views,
        total=total,
        page=page,
        pages=pages,
    )


def _is_found(connection: Connection, definition: RegisterDefinition, find: str) -> ColumnElement[bool]:
    """Records whose title, number or subject has what was typed, whatever its case or width."""
    plain = unicodedata.normalize("NFKC", find)
    texts: list[ColumnElement[str]] = [Record.title_zh.expression, Record.title_en.expression]
    texts.append(Record.number.expression)
    subject = filing_of(definition).subject_field
    if subject:
        about = select(json_text(connection, Item.document.expression, subject))
        texts.append(about.where(Item.hash == Record.document_hash).correlate(Record).scalar_subquery())
    found = or_(*(text.icontains(word, autoescape=True) for text in texts for word in {find, plain}))
    bare = fold_number(find)
    return found | (func.replace(Record.number, "-", "") == bare) if bare else found


def _ended_states(definition: RegisterDefinition) -> list[str]:
    return [state.code for state in definition.life_cycle.public_states() if state.standing == "ended"]


def _in_tab(
    definition: RegisterDefinition, tab: FiledTab, needing: ColumnElement[bool]
) -> list[ColumnElement[bool]]:
    ended = Record.status.in_(_ended_states(definition))
    conditions: dict[FiledTab, list[ColumnElement[bool]]] = {
        "act": [needing],
        "open": [~ended, ~needing],
        "ended": [ended],
    }
    return conditions.get(tab, [])


def _count_tabs(
    connection: Connection,
    definition: RegisterDefinition,
    own: ColumnElement[bool],
    needing: ColumnElement[bool],
) -> dict[str, int]:
    """How many records each tab has; the drafts are counted by who lists them."""
    ended = Record.status.in_(_ended_states(definition))
    of_tab = case((needing, "act"), (ended, "ended"), else_="open").label("tab")
    counted = select(of_tab, func.count()).where(own).group_by(of_tab)
    counts = {str(row[0]): int(row[1]) for row in connection.execute(counted)}
    act, ended_count, still_open = (counts.get(tab, 0) for tab in ("act", "ended", "open"))
    return {"all": act + ended_count + still_open, "act": act, "open": still_open, "ended": ended_count}


def _order(order: FiledOrder, needing: ColumnElement[bool]) -> list[ColumnElement[Any]]:
    if order == "oldest":
        return [Record.id.asc()]
    if order == "newest":
        return [Record.id.desc()]
    return [case((needing, 0), else_=1), Record.id.desc()]


def _row_views(
    connection: Connection, definition: RegisterDefinition, rows: Sequence[FetchedRow]
) -> tuple[FiledRecordView, ...]:
    filing, today = filing_of(definition), clock.today()
    ids = [int(row.id) for row in rows]
    actions = needed_actions.actions_of_records(connection, definition, rows)
    receipts = select(Receipt.record_id).where(Receipt.record_id.in_(ids))
    with_receipt = set(connection.execute(receipts).scalars())
    retractable = retractable_ids(connection, definition, {row.id: row.status for row in rows})
    touched = touched_today(connection, ids)
    views = []
    for row in rows:
        document = json.loads(row.document)
        amendable = row.status in filing.amendable_states
        views.append(
            FiledRecordView(
                number=row.number,
                slug=row.slug,
                title=titles.title_of(definition, row),
                subject=str(document.get(filing.subject_field) or ""),
                status=titles.status_on_day(definition, row.status, document, today),
                filed_on=row.valid_from,
                action=actions.get(row.id),
                amendable=amendable,
                confirmable=amendable and filing.confirmation is not None and row.id not in touched,
                correctable=filing.takes_corrections(row.status),
                has_receipt=row.id in with_receipt,
                retractable=row.id in retractable,
                has_editions=filing.new_edition is not None and filing.new_edition.applies(document),
            )
        )
    return tuple(views)
