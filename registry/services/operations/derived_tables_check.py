"""Tables that are worked out from records, held against the records: watch lists, copied texts, conflicts between registers.

They are written a little later than the records: by the relay, and at night. What still waits for either is not looked at.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from registry import clock
from registry.kit.record import Conflict, Record
from registry.kit.text_signature import AlikeText, TextBand, TextSignature
from registry.kit.watch_lists import COPIED
from registry.kit.watched import WatchItem
from registry.outbox.model import RECORD_TOPIC, Message
from registry.registers import catalogue
from registry.services import watch_lists
from registry.services.publication import conflicts, record_queries
from registry.services.records import cautions
from registry.store.base import FetchedRow

BATCH_SIZE = 500
ONE_DAY = dt.timedelta(days=1)
KEPT = tuple(WatchItem.__table__.columns)
REPAIR_OF_TEXTS = "pinzheng compare-texts makes it again"


def check_derived_tables(connection: Connection) -> Iterator[str]:
    """Yield where a table beside the records does not say what follows from them, one line each."""
    yield from _check_watch_lists(connection)
    yield from _check_signatures(connection)
    yield from _check_bands(connection)
    yield from _check_alike_texts(connection)
    yield from _check_copied_items(connection)
    yield from _check_conflicts(connection)


def _check_watch_lists(connection: Connection) -> Iterator[str]:
    """What stands on the lists for each record is what stands there today, or stood there yesterday: dates act at night."""
    today = clock.today()
    for rows in _record_batches(connection):
        links = cautions.fetch_links_for_cautions(connection, rows)
        ids = [row.id for row in rows]
        waiting = set(
            connection.execute(
                select(Message.subject).where(Message.topic == RECORD_TOPIC, Message.subject.in_(ids))
            ).scalars()
        )
        stored: dict[int, set[tuple[Any, ...]]] = {}
        for row in connection.execute(
            select(*KEPT).where(WatchItem.record_id.in_(ids), WatchItem.watch != COPIED)
        ):
            stored.setdefault(row.record_id, set()).add(tuple(row))
        possible = [
            watch_lists.rows_of_items(connection, watch_lists.items_of_rows(rows, links, day))
            for day in (today, today - ONE_DAY)
        ]
        for row in rows:
            told = stored.get(row.id, set())
            if row.id not in waiting and all(told != made.get(row.id, set()) for made in possible):
                yield f"{row.register} {row.number}: watch list and record disagree; pinzheng index rebuild writes it again"


def _record_batches(connection: Connection) -> Iterator[list[FetchedRow]]:
    last = 0
    while rows := connection.execute(
        record_queries.select_records()
        .where(Record.id > last, record_queries.IS_PRESENT)
        .order_by(Record.id)
        .limit(BATCH_SIZE)
    ).all():
        yield list(rows)
        last = rows[-1].id


def _check_signatures(connection: Connection) -> Iterator[str]:
    """Signatures have the bands that follow from them, and belong to registers that compare texts."""
    last = (0, "")
    while rows := connection.execute(
        select(TextSignature.record_id, TextSignature.kind, TextSignature.signature, Record.register)
        .outerjoin(Record, Record.id == TextSignature.record_id)
        .where(
            (TextSignature.record_id > last[0])
            | ((TextSignature.record_id == last[0]) & (TextSignature.kind > last[1]))
        )
        .order_by(TextSignature.record_id, TextSignature.kind)
        .limit(BATCH_SIZE)
    ).all():
        bands: dict[tuple[int, str], set[tuple[int, int]]] = {}
        for band in connection.execute(
            select(TextBand).where(TextBand.record_id.in_({row.record_id for row in rows}))
        ):
            bands.setdefault((band.record_id, band.kind), set()).add((band.band, band.value))
        for row in rows:
            definition = catalogue().get(row.register)
            if definition is None or definition.copied_text is None:
                yield f"record {row.record_id}: its text is compared, though its register compares none; {REPAIR_OF_TEXTS}"
            expected = set(watch_lists.bands_of(row.signature)) if row.signature else set()
            if bands.get((row.record_id, row.kind), set()) != expected:
                yield f"record {row.record_id}: bands and signature of its text disagree ({row.kind}); {REPAIR_OF_TEXTS}"
        last = (rows[-1].record_id, rows[-1].kind)


def _check_bands(connection: Connection) -> Iterator[str]:
    """No band is kept without the signature that it is of."""
    signed = (TextSignature.record_id == TextBand.record_id) & (TextSignature.kind == TextBand.kind)
    lost = (
        select(TextBand.record_id).where(~select(TextSignature.record_id).where(signed).exists()).distinct()
    )
    for record_id in connection.execute(lost).scalars():
        yield f"record {record_id}: bands of a text are kept, and no signature of it; {REPAIR_OF_TEXTS}"


def _check_alike_texts(connection: Connection) -> Iterator[str]:
    """Alike texts are alike by their signatures, and each of both names the other one."""
    one, two, back = aliased(TextSignature), aliased(TextSignature), aliased(AlikeText)
    last = (0, 0, "")
    while rows := connection.execute(
        select(
            AlikeText.record_id,
            AlikeText.other_id,
            AlikeText.kind,
            AlikeText.common,
            one.signature.label("own"),
            two.signature.label("others"),
            back.common.label("back"),
        )
        .outerjoin(one, (one.record_id == AlikeText.record_id) & (one.kind == AlikeText.kind))
        .outerjoin(two, (two.record_id == AlikeText.other_id) & (two.kind == AlikeText.kind))
        .outerjoin(
            back,
            (back.record_id == AlikeText.other_id)
            & (back.other_id == AlikeText.record_id)
            & (back.kind == AlikeText.kind),
        )
        .where(
            (AlikeText.record_id > last[0])
            | ((AlikeText.record_id == last[0]) & (AlikeText.other_id > last[1]))
            | (
                (AlikeText.record_id == last[0])
                & (AlikeText.other_id == last[1])
                & (AlikeText.kind > last[2])
            )
        )
        .order_by(AlikeText.record_id, AlikeText.other_id, AlikeText.kind)
        .limit(BATCH_SIZE)
    ).all():
        for row in rows:
            common = watch_lists.common_values(row.own, row.others) if row.own and row.others else -1
            if row.common != common or row.back != common or not watch_lists.are_alike(common):
                yield f"record {row.record_id}: alike texts and signatures disagree (record {row.other_id}, {row.kind}); {REPAIR_OF_TEXTS}"
        last = (rows[-1].record_id, rows[-1].other_id, rows[-1].kind)


def _check_copied_items(connection: Connection) -> Iterator[str]:
    """What the list of copied texts names is alike another record."""
    alike = select(AlikeText.record_id)
    lost = connection.execute(
        select(WatchItem.record_id).where(WatchItem.watch == COPIED, WatchItem.record_id.not_in(alike))
    )
    for record_id in lost.scalars():
        yield f"record {record_id}: on the list of copied texts, and alike no other one; {REPAIR_OF_TEXTS}"


def _check_conflicts(connection: Connection) -> Iterator[str]:
    """Conflicts that are kept are of kinds that registers declare, between records of these registers, from both sides."""
    here, there, back = aliased(Record), aliased(Record), aliased(Conflict)
    sides = conflicts.conflict_sides()
    rows = connection.execute(
        select(
            Conflict.record_id,
            Conflict.code,
            Conflict.other_id,
            here.register.label("here"),
            there.register.label("there"),
            back.code.label("back"),
        )
        .outerjoin(here, here.id == Conflict.record_id)
        .outerjoin(there, there.id == Conflict.other_id)
        .outerjoin(back, (back.record_id == Conflict.other_id) & (back.other_id == Conflict.record_id))
    )
    found: dict[tuple[int, str, int], list[FetchedRow]] = {}
    for row in rows:
        found.setdefault((row.record_id, row.code, row.other_id), []).append(row)
    for (record_id, code, other_id), each in found.items():
        side = sides.get(code)
        registers = (side.register, side.opposite_register) if side else ()
        if (each[0].here, each[0].there) != registers or not _has_other_side(code, each):
            yield f"record {record_id}: its conflict {code} with record {other_id} follows from no rule"


def _has_other_side(code: str, rows: Iterable[FetchedRow]) -> bool:
    sides = conflicts.conflict_sides()
    own = sides[code]
    return any(
        row.back in sides
        and (sides[row.back].register, sides[row.back].opposite_register)
        == (own.opposite_register, own.register)
        for row in rows
    )
