"""Entries of the audit log as files: what a question asks for as CSV with words, and a finished day as the lines that its hash is made of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from sqlalchemy import select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import AuditDay, AuditEntry
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import Lang, _, gettext
from registry.services.auditing import days
from registry.services.auditing.trail import AuditQuery, conditions_of, entry_views
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import read_transaction, unit_of_work
from registry.tabular.writing import csv_chunks

BATCH_SIZE = 1000
MAX_EXPORTED = 1_000_000  # entries of one file
HEADER = (
    _("Number"),
    _("Moment"),
    _("Act"),
    _("Role"),
    _("Who acted"),
    _("Account concerned"),
    _("Acted on"),
    _("Details"),
    _("Reason of the look"),
    _("In their words"),
    _("Channel"),
    _("Number of the request"),
)


def export_trail(registry: Registry, actor: Actor, query: AuditQuery, lang: Lang) -> Iterator[bytes]:
    """Return a CSV file of the entries that a question asks for, newest first, at most `MAX_EXPORTED`, in chunks.

    The export is an act that the log records. Raises as `get_audit_trail`.
    """
    require(actor, Action.READ_AUDIT)
    query = replace(query, before=0)
    with unit_of_work(registry.engine) as connection:
        conditions_of(connection, query)
        audit_log.record(connection, actor, "audit_exported", details=_described(query))
    header = [gettext(each, lang) for each in HEADER]
    return csv_chunks(header, _rows(registry, query, lang))


def export_day(registry: Registry, actor: Actor, day: dt.date) -> Iterator[bytes]:
    """Return the lines that the hash of a finished day is made of, with that of the day before as the first, in chunks.

    The export is an act that the log records. Raises `NotFound` for a day without a hash.
    """
    require(actor, Action.READ_AUDIT)
    with unit_of_work(registry.engine) as connection:
        own, before = (
            connection.execute(
                select(AuditDay.hash, AuditDay.last_id).where(AuditDay.day == each)
            ).one_or_none()
            for each in (day, day - dt.timedelta(days=1))
        )
        if own is None:
            raise NotFound("audit_day", day.isoformat())
        audit_log.record(connection, actor, "audit_exported", details=day.isoformat())
    head = f"{before.hash if before else days.BEFORE_THE_FIRST}\n".encode()
    return _lines(registry, head, before.last_id if before else 0, own.last_id)


def _lines(registry: Registry, head: bytes, after: int, last_id: int) -> Iterator[bytes]:
    yield head
    # Each batch has a transaction of its own: a slow reader holds none open.
    while after < last_id:
        with read_transaction(registry.engine) as connection:
            rows = days.rows_between(connection, after, last_id)
        if not rows:
            return
        yield b"".join(map(days.line_of, rows))
        after = rows[-1].id


def _rows(registry: Registry, query: AuditQuery, lang: Lang) -> Iterator[tuple[object, ...]]:
    left = MAX_EXPORTED
    while left > 0:
        with read_transaction(registry.engine) as connection:
            rows = connection.execute(
                select(*days.COLUMNS)
                .where(*conditions_of(connection, query))
                .order_by(AuditEntry.id.desc())
                .limit(min(BATCH_SIZE, left))
            ).all()
            views = list(entry_views(connection, rows))
        for view in views:
            yield (
                view.id,
                view.at.astimezone(clock.SHANGHAI),
                *(gettext(each, lang) for each in (view.action, view.role)),
                *(view.by, view.account, view.subject, view.details),
                *(getattr(view.reason, lang) if view.reason else "", view.words),
                gettext(view.door, lang) if view.door else "",
                view.request_id,
            )
        if len(rows) < BATCH_SIZE:
            return
        left -= len(rows)
        query = replace(query, before=rows[-1].id)


def _described(query: AuditQuery) -> str:
    """Return a question as the log keeps it: the parts that were asked for, never a text longer than the page takes."""
    parts = {name: getattr(query, name) for name in query.__dataclass_fields__ if name != "before"}
    return " ".join(f"{name}={value}" for name, value in parts.items() if value)
