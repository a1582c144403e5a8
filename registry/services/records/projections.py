"""The JSON of the API: one projection of a record, for single records, lists and search alike."""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CompoundSelect, Connection, bindparam

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import gettext
from registry.kit import english_sources
from registry.kit.cautions import CautionView
from registry.kit.definition import RegisterDefinition
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.schema import FORMER_NUMBERS
from registry.ledger.canonical import format_instant
from registry.reference.identifiers.number_families import NumberFamily
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.issue_messages import issue_message
from registry.services.publication import conflicts, record_queries
from registry.services.records import cautions, pictures, titles
from registry.services.records.facets import facet_names
from registry.services.records.numbers import lookup
from registry.services.records.past import as_of
from registry.services.records.reading import Pointer, get_definition, identifiers_of, list_registers
from registry.services.records.views import PartyView, PictureView, RegionView, RegisterView
from registry.store.base import FetchedRow
from registry.store.prepared import PreparedSelect, read_only_transaction
from registry.store.unit_of_work import read_transaction

Json = dict[str, Any]
RECORDS_KEPT = 1024  # of some ten thousand characters each
FIELD_KINDS = {"date": "date", "number": "number", "flag": "boolean", "list": "list", "rows": "table"}


def record_json(registry: Registry, actor: Actor, pointer: Pointer, at: dt.date | None = None) -> Json:
    """Return one record as JSON; `at`: as of the end of that day in Shanghai, today as without it.

    Raises `NotFound` (code `before_first_entry` for a day before its first entry).
    """
    require(actor, Action.READ)
    base_url = registry.settings.base_url
    if at is None or at == clock.today():
        with read_only_transaction(registry.engine) as connection:
            row = record_queries.fetch_record(connection, pointer.record_id)
            links = _links_of_record().all(connection, record_id=pointer.record_id)
        if row is None:
            raise NotFound("record", pointer.slug_number)
        return _record_json(base_url, row, links)
    with read_transaction(registry.engine) as connection:
        row = record_queries.fetch_record(connection, pointer.record_id)
        if row is None:
            raise NotFound("record", pointer.slug_number)
        then = as_of.record_as_of(connection, get_definition(row.register), row, at)
    past = _json_on_day(base_url, then.row, tuple(then.links), at, past=tuple(then.cautions))
    return {**past, "at": at.isoformat(), "permalink_at": f"{past['permalink']}?at={at.isoformat()}"}


def record_json_in_transaction(registry: Registry, connection: Connection, record_id: int) -> Json:
    """Return one record as JSON, as a transaction has just left it."""
    row = record_queries.fetch_record(connection, record_id)
    assert row is not None
    links = _links_by_record(connection, [record_id]).get(record_id, [])
    return _record_json(registry.settings.base_url, row, links)


def _record_json(base_url: str, row: FetchedRow, links: Sequence[Any]) -> Json:
    """Return a record as JSON, as it is today; the caller may add keys, and changes none."""
    return dict(_json_today(base_url, row, tuple(links), clock.today()))


@functools.lru_cache(RECORDS_KEPT)
def _json_today(base_url: str, row: FetchedRow, links: tuple[Any, ...], day: dt.date) -> Json:
    """Return the JSON that hangs on nothing but these: all that the database has on the record, and the day."""
    projection = _json_on_day(base_url, row, links, day)
    if picture := pictures.picture_of(row):
        projection["picture"] = _picture_json(base_url, picture)
    return projection


def _json_on_day(
    base_url: str,
    row: Any,
    links: Sequence[Any],
    day: dt.date,
    *,
    past: Sequence[CautionView] | None = None,
) -> Json:
    """`row`: a record with its latest entry, or as of `day`. Its dates are judged on that day.

    `past`: the cautions of a past day, None for today.
    """
    definition = catalogue()[row.register]
    values: Mapping[str, Any] = json.loads(row.document)
    code, since = definition.life_cycle.status_and_since_on(row.status, values, day)
    found = past if past is not None else cautions.cautions_of(definition, code, values, links=links, day=day)
    holder = titles.holder_view(row)
    region = titles.region_of_record(row)
    projection: Json = {
        "register": row.register,
        "number": row.number,
        "version": row.version,
        "status": code,
        "standing": definition.life_cycle.state(code).standing,
        "status_since": (since or row.status_since).isoformat(),
        "status_since_is": "decision"
        if since or definition.life_cycle.is_decision_day(code, values, row.status_since)
        else "first_shown",
        "title": _title_json(row),
        "region": {"code": region.code, "zh": region.zh, "en": region.en} if region else None,
        "identifiers": identifiers_of(definition, row.number, values),
        "holder": _party_json(holder.number, holder.name) if holder else None,
        "valid_from": row.valid_from or None,
        "valid_to": row.valid_to or None,
        "en_sources": _english_sources_json(definition, values, holder, region),
    }
    if values.get(FORMER_NUMBERS):
        projection["former_numbers"] = values[FORMER_NUMBERS]
    projection |= {
        "document": values,
        "links": [
            {
                "relation": link.relation,
                "register": link.to_register,
                "number": link.number or link.to_key,
                "title": _title_json(link),
            }
            for link in links
            if link.relation not in conflicts.conflict_sides()
        ],
        "warnings": [
            {
                **issue.as_json(),
                "message": issue_message(issue, "en", definition),
            }
            for issue in (
                Issue(each["code"], each["field"], each["params"]) for each in json.loads(row.warnings)
            )
        ],
        "cautions": cautions.cautions_json(found),
        "demo": row.demo,
        "entry": {
            "index": row.entry_index,
            "recorded_at": format_instant(row.recorded_at),
            "hash": row.document_hash,
        },
        "permalink": f"{base_url}/r/{row.slug}",
    }
    return projection


def _picture_json(base_url: str, picture: PictureView) -> Json:
    """A picture that the holder has supplied: no part of the document, so that no past day has it."""
    return {
        "url": f"{base_url}{picture.path}",
        "width": picture.width,
        "height": picture.height,
        "alt": {"zh": picture.alt.zh, "en": picture.alt.en},
    }


def _title_json(row: Any) -> Json:
    """The bare title; its three keys are always present, null where missing."""
    return {
        "zh": row.title_zh or None,
        "en": row.title_en or None,
        "en_source": row.en_source if row.title_en else None,
    }


def _english_sources_json(
    definition: RegisterDefinition,
    values: Mapping[str, Any],
    holder: PartyView | None,
    region: RegionView | None,
) -> Json:
    """Where each English text of the record is from, by its path in the document; of holder and region too."""
    sources: Json = english_sources.sources_by_path(definition, values)
    if holder and holder.name.en and holder.name.en_source != "romanised":
        sources["holder"] = holder.name.en_source
    if region:
        sources["region"] = region.en_source
    return sources


def _party_json(number: str, name: Words) -> Json:
    english = name.en if name.en_source != "romanised" else None
    return {"number": number or None, "name": {"zh": name.zh or None, "en": english or None}}


@functools.cache
def _links_of_records() -> CompoundSelect[*tuple[Any, ...]]:
    return cautions.select_links_and_conflicts(cautions.one_of_these).order_by("link_id")


@functools.cache
def _links_of_record() -> PreparedSelect:
    """The links of one record, the most frequent case: read by the driver."""
    links = cautions.select_links_and_conflicts(lambda column: column == bindparam("record_id"))
    return PreparedSelect(links.order_by("link_id"))


def _links_by_record(connection: Any, record_ids: Sequence[int]) -> dict[int, list[FetchedRow]]:
    links: dict[int, list[FetchedRow]] = {}
    for link in connection.execute(_links_of_records(), {"record_ids": list(record_ids)}):
        links.setdefault(link.from_id, []).append(link)
    return links


def records_json(
    registry: Registry, record_ids: Sequence[int], *, document: bool, extras: Mapping[int, Json] | None = None
) -> list[Json]:
    """Return records as JSON in the order of `record_ids`, as the database has them now.

    `extras`: further keys of single records.
    """
    if not record_ids:
        return []
    with read_transaction(registry.engine) as connection:
        rows = record_queries.fetch_records(connection, record_ids)
        links = _links_by_record(connection, [row.id for row in rows])
    records = [
        _record_json(registry.settings.base_url, row, links.get(row.id, ())) | (extras or {}).get(row.id, {})
        for row in rows
    ]
    if not document:
        for record in records:
            del record["document"]
    return records


def registers_json(registry: Registry, actor: Actor) -> Json:
    """Return all registers with their numbers of records, as `GET /registers` gives them."""
    return {"items": [_register_json(view) for view in list_registers(registry, actor)], "next": None}


def register_json(registry: Registry, actor: Actor, slug: str) -> Json:
    """Return a register as JSON, with its states, fields and facets.

    Raises `NotFound`.
    """
    definition = get_definition(slug)
    view = next(view for view in list_registers(registry, actor) if view.slug == slug)
    return {
        **_register_json(view),
        "natural_key": list(definition.key.fields),
        "states": [
            {"code": state.code, "zh": state.zh, "en": state.en, "standing": state.standing}
            for state in definition.life_cycle.public_states()
        ],
        "fields": [_field_json(definition, name) for name in definition.schema.register_fields()],
        "facets": list(facet_names.available_facets(slug)),
    }


def _register_json(view: RegisterView) -> Json:
    return {
        "register": view.slug,
        "kind": view.kind,
        "label": {"zh": gettext(view.label, "zh"), "en": gettext(view.label, "en")},
        "about": {"zh": gettext(view.about, "zh"), "en": gettext(view.about, "en")},
        "total": view.total,
        "standings": dict(view.standings),
        "demo": _counts_json(view.demo_standings),
        "abroad": _counts_json(view.foreign_standings),
        "own": _counts_json(view.own_standings),
    }


def _counts_json(standings: Mapping[str, int]) -> Json:
    return {
        "total": sum(standings.values()),
        "standings": {name: number for name, number in standings.items() if number},
    }


def _field_json(definition: RegisterDefinition, name: str) -> Json:
    field = definition.schema.register_fields()[name]
    label = field.info.label
    return {
        "name": name,
        "kind": FIELD_KINDS.get(field.kind, "text"),
        "required": field.is_required,
        "label": {"zh": gettext(label, "zh"), "en": gettext(label, "en")},
    }


def _family_json(family: NumberFamily | None) -> Json | None:
    """The family of a number: what it is called, who keeps it, and where it can be looked up."""
    if family is None:
        return None
    return {
        "code": family.code,
        "name": {"zh": family.name_zh, "en": family.name_en},
        "keeper": {"zh": family.keeper_zh or None, "en": family.keeper_en or None},
        "look_up": family.look_up or None,
    }


def number_json(answer: lookup.NumberAnswer) -> Json:
    """Return what a number was answered, without the records that it names."""
    return {
        "answer": answer.answer,
        "read_as": answer.read_as or None,
        "parts_not_held": list(answer.parts_not_held),
        "family": _family_json(answer.family),
        "near": [
            {"register": row.register, "number": row.number, "title": _title_json(row)} for row in answer.near
        ],
    }


def check_json(registry: Registry, actor: Actor, numbers: Sequence[str]) -> list[Json]:
    """Return what `POST /check` answers: one object for each number, in the order asked."""
    answers = lookup.check_numbers(registry, actor, numbers)
    with read_transaction(registry.engine) as connection:
        links = _links_by_record(connection, list({row.id for answer in answers for row in answer.records}))
    return [
        {
            "number": answer.number,
            **number_json(answer),
            "records": [
                _record_json(registry.settings.base_url, row, links.get(row.id, ())) for row in answer.records
            ],
        }
        for answer in answers
    ]
