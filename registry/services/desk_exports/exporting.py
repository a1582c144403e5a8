"""A list of the desk becomes a file: read within the bounds of the reader, with personal data masked, and kept in the audit log."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Mapping

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import Lang, gettext
from registry.observing.masking import mask_text
from registry.reference.identifiers.personal import mask_numbers
from registry.services.bootstrap import Registry
from registry.services.desk_exports.queues import QUEUES, Asked
from registry.store.unit_of_work import unit_of_work
from registry.tabular.tables import TableFormat, table_chunks

MAX_LINES = 20_000  # of one file
MAX_FILTER_LENGTH = 60  # characters of a filter in the audit log


def export_list(
    registry: Registry,
    actor: Actor,
    queue: str,
    file_format: TableFormat,
    *,
    filters: Mapping[str, str],
    lang: Lang,
) -> Iterator[bytes]:
    """Return a file with what a queue of the desk holds for the reader, at most `MAX_LINES` lines, in chunks.

    `queue`: a key of `QUEUES`; `filters`: those of its page, what it does not know is left out. The export is an act that the
    audit log records. Raises `NotFound`, `Forbidden`, and `Invalid` for an unknown filter value where the page does too.
    """
    require(actor, Action.SIGN_IN)
    if queue not in QUEUES:
        raise NotFound("list", queue)
    wanted = QUEUES[queue]
    require(actor, wanted.action)
    asked = {name: value for name in wanted.filters if (value := filters.get(name, ""))}
    lines = wanted.lines(registry, actor, Asked(asked, lang))
    rows = [tuple(map(_cell, line)) for line in itertools.islice(lines, MAX_LINES)]
    details = [f"{name}={value[:MAX_FILTER_LENGTH]}" for name, value in asked.items()]
    with unit_of_work(registry.engine) as connection:
        audit_log.record(
            connection,
            actor,
            "list_exported",
            subject=queue,
            details=" ".join([*details, f"format={file_format}", f"lines={len(rows)}"]),
        )
    return table_chunks(file_format, [gettext(each, lang) for each in wanted.header], rows)


def _cell(value: object) -> object:
    """A cell without what identifies a person: addresses and numbers of identity cards and mobile telephones."""
    if isinstance(value, dt.datetime):
        return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return mask_text(mask_numbers(value)) if isinstance(value, str) else value
