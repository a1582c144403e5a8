"""Copied texts: which records say nearly the same as those of another holder. For the watch list of the staff, never public.

A daily job makes a signature of what is new or has changed, and looks for others that share a band with it. Full texts that are not public are read in
the sandbox as well; of them only the signature is kept, from which no word can be read.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson
from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Connection,
    Select,
    bindparam,
    delete,
    insert,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased

from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.attachments import file_store, sandbox
from registry.attachments.model import AttachmentText
from registry.errors import Conflict, NotFound
from registry.kit.definition import RegisterDefinition
from registry.kit.record import Record
from registry.kit.text_signature import AlikeText, TextBand, TextSignature
from registry.kit.watch_lists import COPIED
from registry.kit.watched import WatchItem, WatchNotice
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import persons
from registry.services.publication import record_queries
from registry.services.records import full_texts, titles
from registry.services.watch_lists import text_signatures as texts
from registry.services.watch_lists.text_signatures import FACTS, TEXT
from registry.services.watch_lists.views import AlikeTextView
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.locks import Lock, hold_lock
from registry.store.state import read_state, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work

log = logging.getLogger(__name__)
BATCH_SIZE = 100
MAX_FILES_A_NIGHT = 500  # full texts that one night reads; the others wait for the next
SIGNED_TOGETHER = 25  # records in one transaction, so that others that write do not wait long
MAX_CANDIDATES = 200  # records that one is compared with, those that share most bands first
MAX_SHARING = (
    100  # records; a band that more of them have is of words that a trade has in common, and tells little
)
MAX_SHOWN = 20  # on the page of a record
COMPARISON_LOCK = Lock("comparison-of-texts")  # held by the one process that compares them
STATE_NAME = "copied_texts"  # how the signatures were made
FIRST_DAY = dt.date(1, 1, 1)


def find_copied_texts(registry: Registry) -> int:
    """Compare what is new or has changed with what is there; return how many texts were compared, 0 while another process compares them."""
    require(SYSTEM, Action.RELAY)
    try:
        with hold_lock(COMPARISON_LOCK, registry.settings.data_dir, registry.engine):
            return _compare(registry)
    except Conflict:
        log.info("the texts are being compared by another process")
        return 0


def _compare(registry: Registry) -> int:
    _begin_again_where_needed(registry)
    compared, files = 0, 0
    for definition in catalogue().values():
        if definition.copied_text is None:
            continue
        last = 0
        while True:
            with read_transaction(registry.engine) as connection:
                rows = _unsigned(connection, definition, last)
            if not rows:
                break
            last = rows[-1].id
            for some in batches(rows, SIGNED_TOGETHER):
                prepared = []
                for row in some:
                    signed, read = _prepare(registry, definition, row, may_read=files < MAX_FILES_A_NIGHT)
                    prepared += [_Signed(row.id, *each) for each in signed]
                    files += read
                compared += _keep(registry, prepared)
    with unit_of_work(registry.engine) as connection:
        _list_again(connection)
    return compared


def compare_texts_again(registry: Registry) -> int:
    """Forget what was compared, and compare the texts of all records again; return how many texts were compared.

    For a store whose comparisons do not follow from its records any more. Full texts whose words are not kept are read again, as
    many in one round as in one night, until none waits. Where it is stopped, the next daily work goes on. Raises `Conflict`
    (`lock_held`) while another process compares them.
    """
    require(SYSTEM, Action.RELAY)
    with hold_lock(COMPARISON_LOCK, registry.settings.data_dir, registry.engine):
        with unit_of_work(registry.engine) as connection:
            write_state(connection, STATE_NAME, "")
        compared, waits = 0, True
        while waits:
            compared += _compare(registry)
            with read_transaction(registry.engine) as connection:
                waits = any(
                    _unsigned(connection, definition, 0)
                    for definition in catalogue().values()
                    if definition.copied_text is not None
                )
        return compared


def list_alike_texts(registry: Registry, actor: Actor, record_id: int) -> tuple[AlikeTextView, ...]:
    """Return the records whose texts are nearly those of a record, the most alike first; none for those beyond the actor's bounds."""
    require(actor, Action.SEE_DESK)
    statement = (
        select(*record_queries.TITLE_COLUMNS, AlikeText.kind, AlikeText.common)
        .join(AlikeText, AlikeText.other_id == Record.id)
        .where(AlikeText.record_id == record_id)
        .order_by(AlikeText.common.desc(), Record.id)
        .limit(MAX_SHOWN)
    )
    with read_transaction(registry.engine) as connection:
        bounds = persons.records_in_bounds(connection, actor)
        seen = select(Record.id).where(Record.id == record_id, bounds)
        if connection.execute(seen).first() is None:
            return ()
        rows = connection.execute(statement).all()
    return tuple(
        AlikeTextView(
            row.number,
            f"/desk/{row.register}/{row.slug}",
            titles.title_of(catalogue()[row.register], row),
            row.kind,
            round(100 * row.common / texts.SIZE),
        )
        for row in rows
    )


def _begin_again_where_needed(registry: Registry) -> None:
    """Forget signatures that were made in another way: they cannot be compared with new ones."""
    with unit_of_work(registry.engine) as connection:
        if read_state(connection, STATE_NAME) == texts.algorithm():
            return
        for table in (AlikeText, TextBand, TextSignature):
            connection.execute(delete(table))
        connection.execute(delete(WatchItem).where(WatchItem.watch == COPIED))
        write_state(connection, STATE_NAME, texts.algorithm())


def _unsigned(connection: Connection, definition: RegisterDefinition, after: int) -> Sequence[FetchedRow]:
    """The next records whose document has another hash than the one that was looked at."""
    signed = aliased(TextSignature)
    return connection.execute(
        select(Record.id, Record.holder_id, Record.holder_zh, Record.document_hash, Item.document)
        .join(Item, Item.hash == Record.document_hash)
        .outerjoin(signed, (signed.record_id == Record.id) & (signed.kind == FACTS))
        .where(
            Record.register == definition.slug,
            Record.id > after,
            or_(signed.source.is_(None), signed.source != Record.document_hash),
        )
        .order_by(Record.id)
        .limit(BATCH_SIZE)
    ).all()


class _Signed(NamedTuple):
    """A signature to be kept of a record. `source`: the hash of what it was made from."""

    record_id: int
    kind: str
    source: str
    signature: bytes


def _keep(registry: Registry, signed: Sequence[_Signed]) -> int:
    """Keep signatures, compare them, and list what is alike; return how many were compared."""
    if not signed:
        return 0
    with unit_of_work(registry.engine) as connection:
        concerned = {each.record_id for each in signed}
        for each in signed:
            concerned |= _sign(connection, each)
        _list(connection, concerned)
    return sum(1 for each in signed if each.signature)


def _prepare(
    registry: Registry, definition: RegisterDefinition, row: FetchedRow, *, may_read: bool
) -> tuple[list[tuple[str, str, bytes]], int]:
    """Return the new signatures of a record, of its facts and its full text, as (kind, source, signature), and how many files were read."""
    copied = definition.copied_text
    assert copied is not None
    values = orjson.loads(row.document)
    facts = texts.signature_of(copied.facts(values))
    with read_transaction(registry.engine) as connection:
        filed = full_texts.find_filed_text(connection, definition, row.id, values)
        known = connection.execute(
            select(TextSignature.source).where(TextSignature.record_id == row.id, TextSignature.kind == TEXT)
        ).scalar()
        stored = (
            connection.execute(
                select(AttachmentText.text).where(AttachmentText.sha256 == filed.sha256)
            ).scalar()
            if filed
            else None
        )
    new = filed if filed is not None and filed.sha256 != known else None
    if new is not None and stored is None and not may_read:
        return [], 0  # the whole record waits for the next night
    signed = [(FACTS, row.document_hash, facts)]
    if new is not None:
        text = stored if stored is not None else _read_file(registry, new.sha256)
        signed.append((TEXT, new.sha256, texts.signature_of(text)))
    elif filed is None and known is not None:
        signed.append((TEXT, "", b""))
    return signed, int(new is not None and stored is None)


def _read_file(registry: Registry, sha256: str) -> str:
    """The words of a file, "" where it has none or cannot be read."""
    try:
        path = file_store.path_of(registry.settings.attachments_dir, sha256)
        return sandbox.read_pdf_text(path) or ""
    except NotFound:
        log.warning("the file of full text %s is missing", sha256)
        return ""


def _sign(connection: Connection, signed: _Signed) -> set[int]:
    """Keep a signature in the place of the former one, with what it is alike; return the other records concerned."""
    record_id, kind, source, signature = signed
    alike = (AlikeText.record_id == record_id) | (AlikeText.other_id == record_id)
    former = connection.execute(
        select(AlikeText.other_id).where(AlikeText.record_id == record_id, AlikeText.kind == kind)
    ).scalars()
    concerned = set(former)
    connection.execute(delete(AlikeText).where(alike, AlikeText.kind == kind))
    for table in (TextBand, TextSignature):
        connection.execute(delete(table).where(table.record_id == record_id, table.kind == kind))
    row = {"record_id": record_id, "kind": kind}
    connection.execute(insert(TextSignature), [{**row, "source": source, "signature": signature}])
    if not signature:
        return concerned
    bands = list(texts.bands_of(signature))
    found = {
        other: common
        for other, other_signature in _candidates(connection, record_id, kind, bands)
        if texts.are_alike(common := texts.common_values(signature, other_signature))
    }
    connection.execute(insert(TextBand), [{**row, "band": band, "value": value} for band, value in bands])
    pairs = [
        {"record_id": one, "other_id": two, "kind": kind, "common": common}
        for other, common in found.items()
        for one, two in ((record_id, other), (other, record_id))
    ]
    if pairs:
        connection.execute(insert(AlikeText), pairs)
    return concerned | set(found)


def _candidates(
    connection: Connection, record_id: int, kind: str, bands: Iterable[tuple[int, int]]
) -> list[tuple[int, bytes]]:
    """Records of other holders that share a band, those that share most first, with their signatures."""
    sharing: dict[int, list[int]] = {}
    of_bands = {f"value_{band}": value for band, value in bands}
    rows = connection.execute(_sharing_any_band(), {"kind": kind, **of_bands})
    for band, other in rows:
        sharing.setdefault(band, []).append(other)
    telling = [others for others in sharing.values() if len(others) <= MAX_SHARING] or sharing.values()
    shared = Counter(other for others in telling for other in others)
    most = sorted(shared, key=lambda each: (-shared[each], each))[:MAX_CANDIDATES]
    own = connection.execute(
        select(Record.register, Record.holder_id, Record.holder_zh).where(Record.id == record_id)
    ).one()
    others = connection.execute(
        select(Record.id, Record.holder_id, Record.holder_zh, TextSignature.signature)
        .join(TextSignature, (TextSignature.record_id == Record.id) & (TextSignature.kind == kind))
        .where(Record.id.in_(most), Record.id != record_id, Record.register == own.register)
    )
    return [(row.id, row.signature) for row in others if not _same_holder(own, row)]


@functools.cache
def _sharing_any_band() -> CompoundSelect[int, int]:
    """The records that share each band of a signature, no more of each than tell that it is a common one.

    Made once: of so many parts the statement takes longer to write than to run.
    """
    return union_all(*map(_sharing, range(texts.BANDS)))


def _sharing(band: int) -> Select[int, int]:
    value = bindparam(f"value_{band}", type_=BigInteger)
    same = (TextBand.kind == bindparam("kind")) & (TextBand.band == band) & (TextBand.value == value)
    some = select(TextBand.record_id).where(same).limit(MAX_SHARING + 1).subquery()
    return select(literal(band).label("band"), some.c.record_id)


def _same_holder(one: FetchedRow, other: FetchedRow) -> bool:
    """True for two records of one enterprise: by its record, else by its name."""
    if one.holder_id is not None and other.holder_id is not None:
        return bool(one.holder_id == other.holder_id)
    return bool(one.holder_zh == other.holder_zh)


def _list(connection: Connection, record_ids: Iterable[int]) -> None:
    """Put on the watch list those of these records that are alike another one and have not ended; take off the others."""
    ids = sorted(record_ids)
    connection.execute(delete(WatchItem).where(WatchItem.record_id.in_(ids), WatchItem.watch == COPIED))
    rows = connection.execute(
        select(
            Record.id,
            Record.register,
            Record.status,
            Record.region_code,
            Record.holder_id,
            Record.issuer_id,
            record_queries.Holder.region_code.label("holder_region"),
        )
        .outerjoin(record_queries.Holder, record_queries.Holder.id == Record.holder_id)
        .where(Record.id.in_(select(AlikeText.record_id).where(AlikeText.record_id.in_(ids))))
    )
    listed = []
    for row in rows:
        definition = catalogue()[row.register]
        if definition.copied_text is None or definition.life_cycle.state(row.status).standing == "ended":
            continue
        listed.append(
            {
                "record_id": row.id,
                "watch": COPIED,
                "code": definition.copied_text.code,
                "due_on": None,
                "listed_from": FIRST_DAY,
                "register": row.register,
                "region_code": row.region_code or row.holder_region or "",
                "holder_id": row.holder_id,
                "issuer_id": row.issuer_id,
            }
        )
    if listed:
        connection.execute(insert(WatchItem), listed)
    over = set(ids).difference(row["record_id"] for row in listed)
    connection.execute(  # should it come back, it is told again
        delete(WatchNotice).where(WatchNotice.record_id.in_(over), WatchNotice.watch == COPIED)
    )


def _list_again(connection: Connection) -> None:
    """Look at all alike records again: some have ended since they were compared, some were restored."""
    last = 0
    while True:
        ids = connection.execute(
            select(AlikeText.record_id)
            .where(AlikeText.record_id > last)
            .distinct()
            .order_by(AlikeText.record_id)
            .limit(BATCH_SIZE)
        )
        found = list(ids.scalars())
        if not found:
            return
        _list(connection, found)
        last = found[-1]
