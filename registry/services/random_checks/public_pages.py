"""Checks as everybody sees them: the list, a page for each, the files from which a draw is recomputed, and what a record's page says.

Documents come from the log, so that a page says what the entries say.
"""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import LOCALES
from registry.kit.display import Words
from registry.kit.random_check import (
    ANNOUNCED,
    CANCELLED,
    DRAWN,
    FAILED,
    PUBLISHED,
    CheckPopulation,
    DrawnInspector,
    DrawnRecord,
    RandomCheck,
)
from registry.kit.record import Record
from registry.ledger.canonical import format_instant
from registry.ledger.model import ACTS, Item
from registry.reference.code_lists import regions
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding import cases, previews
from registry.services.finding.requests import describe_request
from registry.services.random_checks import log_entries, populations
from registry.services.random_checks.outcomes import OUTCOMES, REASONS, words_of
from registry.services.random_checks.views import (
    CheckLineView,
    CheckPageView,
    DrawnRecordView,
    DrawView,
    LogEntryView,
    PublicResultView,
    RecordCheckView,
)
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.prepared import PreparedSelect, read_only_transaction
from registry.store.unit_of_work import read_transaction

PAGE_SIZE = 50
MAX_NUMBER_LENGTH = 40
SCRIPT = Path(__file__).with_name("recompute_draw.py")
LINES = (
    select(
        *RandomCheck.__table__.columns,
        func.count(DrawnRecord.place).label("drawn"),
        func.count(DrawnRecord.published_at).label("published"),
        func.coalesce(func.sum(Record.page_version), 0).label("page_versions"),
    )
    .outerjoin(DrawnRecord, DrawnRecord.check_id == RandomCheck.id)
    .outerjoin(Record, Record.id == DrawnRecord.record_id)
    .group_by(*RandomCheck.__table__.columns)
)
RESULTS = select(
    *DrawnRecord.__table__.columns,
    Item.document.label("document"),
).outerjoin(Item, Item.hash == DrawnRecord.document_hash)
OF_RECORD = PreparedSelect(
    RESULTS.add_columns(
        RandomCheck.number, RandomCheck.title_zh, RandomCheck.title_en, RandomCheck.settled_at
    )
    .join(RandomCheck, RandomCheck.id == DrawnRecord.check_id)
    .where(DrawnRecord.record_id == bindparam("record_id"))
    .order_by(RandomCheck.id.desc())
)


def list_checks(registry: Registry, actor: Actor, *, page: int = 1) -> tuple[tuple[CheckLineView, ...], int]:
    """Return a page of the checks, the newest first, and how many pages there are."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        total = connection.execute(select(func.count()).select_from(RandomCheck)).scalar_one()
        statement = LINES.order_by(RandomCheck.id.desc()).limit(PAGE_SIZE).offset(PAGE_SIZE * (page - 1))
        rows = connection.execute(statement).all()
    return tuple(line_view(row) for row in rows), max(1, -(-total // PAGE_SIZE))


def find_check(registry: Registry, actor: Actor, number: str) -> CheckLineView:
    """Return a check by its number. Raises `NotFound`."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        return line_view(_row_of(connection, number))


def get_check(registry: Registry, actor: Actor, number: str) -> CheckPageView:
    """Return a check for its page. Raises `NotFound`."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        row = _row_of(connection, number)
        entries = log_entries.read_entries(connection, row.log_id)
        documents = {entry.status: json.loads(entry.document) for entry in entries}
        draw = documents.get(DRAWN)
        records = tuple(_drawn_records(connection, row, draw)) if draw else ()
        checkpoint_path = _checkpoint_path(connection, draw["checkpoint"]["leaf"]) if draw else ""
    announced = documents[ANNOUNCED]
    rule = populations.parse_rule(row.register, row.query)
    counts = Counter(each.result.result for each in records if each.result)
    return CheckPageView(
        line=line_view(row),
        region=_region_words(row.region_code),
        rule={lang: describe_request(rule.request, lang) for lang in LOCALES},
        list_path=populations.list_address(rule),
        basis=announced["legal_basis"],
        population=announced["population"]["count"],
        population_hash=announced["population"]["sha256"],
        sample=announced["sample"]["size"],
        percent=announced["sample"]["percent"] or "",
        inspectors=len(announced["inspectors"]["labels"]),
        per_record=announced["inspectors"]["per_record"],
        pool_hash=announced["inspectors"]["hmac_sha256"],
        figure=_words(announced["seed"]["figure"]),
        figure_count=announced["seed"]["numbers"],
        source=announced["seed"]["source"],
        draw=_draw_view(draw, checkpoint_path) if draw else None,
        records=records,
        counts=tuple((Words(code.zh, code.en), counts[code.code]) for code in OUTCOMES),
        cancelled_because=documents.get(CANCELLED, {}).get("reason", ""),
        entries=tuple(
            LogEntryView(
                entry.status,
                entry.recorded_at,
                entry.log_index,
                entry.leaf_hash or "",
                entry.document_hash,
            )
            for entry in entries
        ),
    )


def check_json(registry: Registry, actor: Actor, number: str) -> dict[str, Any]:
    """Return a check as JSON: the documents of its entries as they stand in the log, and the public results. Raises `NotFound`."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        row = _row_of(connection, number)
        entries = log_entries.read_entries(connection, row.log_id)
        results = connection.execute(
            RESULTS.where(DrawnRecord.check_id == row.id, DrawnRecord.state == PUBLISHED).order_by(
                DrawnRecord.place
            )
        ).all()
    documents = {entry.status: json.loads(entry.document) for entry in entries}
    return {
        "number": row.number,
        "state": row.state,
        "announcement": documents[ANNOUNCED],
        "draw": documents.get(DRAWN),
        "cancelled": documents.get(CANCELLED),
        "results": [
            {**json.loads(each.document), "published_at": format_instant(each.published_at)}
            for each in results
        ],
        "entries": [
            {
                "index": entry.log_index,
                "leaf_hash": entry.leaf_hash,
                "leaf": log_entries.leaf_of(entry),
                "document_hash": entry.document_hash,
            }
            for entry in entries
        ],
        "population": f"{registry.settings.base_url}/checks/{row.number}/population.json",
        "page": {lang: f"{registry.settings.base_url}/{lang}/checks/{row.number}" for lang in LOCALES},
    }


def population_json(registry: Registry, actor: Actor, number: str) -> dict[str, Any]:
    """Return the numbers among which a check draws, in the order in which they are hashed. Raises `NotFound`."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        row = _row_of(connection, number)
        kept = select(CheckPopulation.numbers).where(CheckPopulation.check_id == row.id)
        numbers = str(connection.execute(kept).scalar_one()).split("\n")
    return {"check": row.number, "register": row.register, "numbers": numbers}


def checks_json(registry: Registry, actor: Actor, *, page: int = 1) -> dict[str, Any]:
    """Return a page of the checks as JSON."""
    require(actor, Action.READ)
    lines, pages = list_checks(registry, actor, page=page)
    base = registry.settings.base_url
    return {
        "page": page,
        "pages": pages,
        "checks": [
            {
                "number": line.number,
                "title": {"zh": line.title.zh, "en": line.title.en or None},
                "register": line.register.slug,
                "state": line.state,
                "announced_on": line.announced_on.isoformat(),
                "seed_on": line.seed_on.isoformat(),
                "results_until": line.results_until.isoformat(),
                "drawn": line.drawn,
                "published": line.published,
                "check": f"{base}/checks/{line.number}/check.json",
                "population": f"{base}/checks/{line.number}/population.json",
            }
            for line in lines
        ],
    }


def recomputing_script(actor: Actor) -> bytes:
    """Return the program with which anybody recomputes a draw from the JSON files of its check."""
    require(actor, Action.READ)
    return SCRIPT.read_bytes()


def list_check_paths(registry: Registry, actor: Actor) -> Iterator[str]:
    """Yield the addresses of all checks, without the language."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        numbers = connection.execute(select(RandomCheck.number).order_by(RandomCheck.id)).scalars().all()
    yield from (f"/checks/{number}" for number in numbers)


def list_checks_of_record(
    registry: Registry, actor: Actor, record_id: int, *, at: dt.date | None = None
) -> tuple[RecordCheckView, ...]:
    """Return the checks for which a record was drawn, the newest first. `at`: as they stood on a past day."""
    require(actor, Action.READ)
    with read_only_transaction(registry.engine) as connection:
        rows = OF_RECORD.all(connection, record_id=record_id)
    views = []
    for row in rows:
        drawn_on = _day_of(row.settled_at)
        if at is not None and drawn_on > at:
            continue
        result = _result_view(row)
        if at is not None and result is not None and result.published_on > at:
            result = None
        title = _words({"zh": row.title_zh, "en": row.title_en})
        views.append(RecordCheckView(row.number, f"/checks/{row.number}", title, drawn_on, result))
    return tuple(views)


def line_view(row: FetchedRow) -> CheckLineView:
    """Return a row of `LINES` as a line."""
    return CheckLineView(
        id=row.id,
        number=row.number,
        register=titles.register_view(catalogue()[row.register]),
        title=_words({"zh": row.title_zh, "en": row.title_en}),
        state=row.state,
        announced_on=_day_of(row.announced_at),
        seed_on=row.seed_on,
        results_until=row.results_until,
        drawn=row.drawn,
        published=row.published,
        page_version=int(row.version + row.page_versions),
    )


def _row_of(connection: Connection, number: str) -> FetchedRow:
    typed = number.strip().upper()[:MAX_NUMBER_LENGTH]
    row = connection.execute(LINES.where(RandomCheck.number == typed)).one_or_none()
    if row is None:
        raise NotFound("check", number)
    return row


def _drawn_records(
    connection: Connection, check: FetchedRow, draw: Mapping[str, Any]
) -> Iterator[DrawnRecordView]:
    rows = connection.execute(
        RESULTS.where(DrawnRecord.check_id == check.id).order_by(DrawnRecord.place)
    ).all()
    records = {row.id: row for row in cases.fetch_cases(connection, [row.record_id for row in rows])}
    inspectors = _inspectors_of(connection, check.id)
    for row, drawn in zip(rows, draw["sample"], strict=True):
        record = previews.titled(records[row.record_id])
        yield DrawnRecordView(
            place=row.place,
            record=record,
            path=f"/{record.register.slug}/{record.slug}",
            inspectors=tuple(inspectors.get(row.place, ())),
            excluded=len(drawn["excluded"]),
            result=_result_view(row),
        )


def _inspectors_of(connection: Connection, check_id: int) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    rows = connection.execute(
        select(DrawnInspector.place, DrawnInspector.label)
        .where(DrawnInspector.check_id == check_id)
        .order_by(DrawnInspector.place, DrawnInspector.label)
    )
    for row in rows:
        found.setdefault(row.place, []).append(row.label)
    return found


def _result_view(row: FetchedRow) -> PublicResultView | None:
    """The result of a drawn record, None while it is not public."""
    if row.state != PUBLISHED:
        return None
    document = json.loads(row.document)
    words = words_of(OUTCOMES, document["result"])
    assert words is not None
    return PublicResultView(
        result=document["result"],
        words=words,
        done_on=document["done_on"],
        findings=_words(document["findings"]),
        article=document["article"],
        reason=words_of(REASONS, document["reason"]),
        order_ends_on=document["order_ends_on"],
        published_on=_day_of(row.published_at),
        no_order=document["result"] == FAILED and not document["transitions"],
    )


def _draw_view(draw: Mapping[str, Any], checkpoint_path: str) -> DrawView:
    return DrawView(
        drawn_at=dt.datetime.fromisoformat(draw["drawn_at"]),
        figure=draw["figure"],
        source=draw["source"],
        seed=draw["seed"],
        checkpoint_index=draw["checkpoint"]["index"],
        checkpoint_hash=draw["checkpoint"]["leaf_hash"],
        checkpoint_path=checkpoint_path,
        exclusions=draw["exclusions"],
    )


def _checkpoint_path(connection: Connection, leaf: Mapping[str, Any]) -> str:
    """The page that shows the entry of the checkpoint, "" where no page of its own does."""
    if leaf["register"] in ACTS:
        return f"/checks/{leaf['number'].partition('/')[0]}"
    slug = connection.execute(
        select(Record.slug).where(Record.register == leaf["register"], Record.number == leaf["number"])
    ).scalar()
    return f"/{leaf['register']}/{slug}/history" if slug else ""


def _region_words(code: str) -> Words | None:
    return Words(regions.label(code, "zh"), regions.label(code, "en")) if code else None


def _words(texts: Mapping[str, str]) -> Words:
    return Words(texts["zh"], texts["en"], "platform" if texts["en"] else "missing")


def _day_of(moment: dt.datetime) -> dt.date:
    return moment.astimezone(clock.SHANGHAI).date()
