"""All that registers have on record about one product: by a barcode, or by its maker and a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Connection, Select, select

from registry import clock, i18n
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.kit.cautions import qualified_status
from registry.kit.record import Identifier, Link
from registry.reference.identifiers import certificate_numbers
from registry.reference.text.folding import fold_number
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.products.side_by_side import MAX_COMPARED
from registry.services.products.views import ProductLineView, ProductListView, ProductView
from registry.services.publication import record_columns, record_queries
from registry.services.records import cautions, titles
from registry.services.records.numbers import lookup
from registry.services.records.views import LinkedRecordView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_LISTED = 40  # records of one register on the page
MAX_READ = 1000  # records of one product, the newest
MAX_MODEL_LENGTH = 100


def find_product_by_barcode(registry: Registry, actor: Actor, typed: str, lang: str) -> ProductView:
    """Return the product of a GTIN of 8, 12, 13 or 14 digits. Raises `NotFound` where no record states it."""
    require(actor, Action.READ)
    gtin = certificate_numbers.gtin(typed)
    with read_transaction(registry.engine) as connection:
        named = select(Identifier.record_id).where(Identifier.key == fold_number(gtin))
        rows = [
            row
            for row in _newest(connection, named)
            if gtin in _stated(row.register, row.document, "barcodes")
        ]
        return _product_view(connection, rows, lang, gtin=gtin)


def find_product_by_model(
    registry: Registry, actor: Actor, maker: str, model: str, *, lang: str
) -> ProductView:
    """Return the product of a maker (number of its record) and a model, in any spelling. Raises `NotFound`."""
    require(actor, Action.READ)
    wanted = fold_number(model[:MAX_MODEL_LENGTH])
    with read_transaction(registry.engine) as connection:
        [answer] = lookup.answer_numbers(connection, [maker])
        makers = [row.id for row in answer.records]
        if not wanted or not makers:
            raise NotFound("product", f"{maker} {model}")
        rows = _newest(connection, _of_model(wanted, makers))
        return _product_view(connection, rows, lang, model=model.strip())


def _of_model(model: str, makers: Sequence[int]) -> Select[int]:
    """Select the records that state this model (folded) and of which these organisations are the makers."""
    products = {slug: each.product for slug, each in catalogue().items() if each.product}
    relations = {relation for product in products.values() for relation in product.makers}
    keys = [record_columns.model_identifier(slug, model) for slug in products]
    linked = select(Link.from_id).where(Link.to_id.in_(makers), Link.relation.in_(sorted(relations)))
    return select(Identifier.record_id).where(Identifier.key.in_(keys), Identifier.record_id.in_(linked))


def _newest(connection: Connection, named: Select[int]) -> list[FetchedRow]:
    """Return the records with the selected ids, at most one more than `MAX_READ`."""
    newest = named.order_by(Identifier.record_id.desc()).limit(MAX_READ + 1)
    return record_queries.fetch_records(connection, list(connection.execute(newest).scalars()))


def _stated(register: str, document: str, part: str) -> list[str]:
    """Return the models or the barcodes (`part`) that a document states."""
    product = catalogue()[register].product
    name = getattr(product, part) if product else ""
    values: Mapping[str, Any] = json.loads(document) if name else {}
    return [str(each) for each in values.get(name) or ()]


def _product_view(
    connection: Connection,
    rows: Sequence[FetchedRow],
    lang: str,
    *,
    gtin: str = "",
    model: str = "",
) -> ProductView:
    if not rows:
        raise NotFound("product", gtin or model)
    links = cautions.fetch_links_for_cautions(connection, rows)
    is_complete = len(rows) <= MAX_READ
    ordered = sorted(rows, key=lambda row: (row.valid_from, row.id), reverse=True)[:MAX_READ]
    lists = []
    for slug in catalogue():
        of_register = [row for row in ordered if row.register == slug]
        if of_register:
            lines = tuple(_line(row, links.get(row.id, ()), lang) for row in of_register[:MAX_LISTED])
            numbers = [("n", row.number) for row in of_register[:MAX_COMPARED]]
            compare = urlencode(numbers) if len(numbers) > 1 else ""
            view = titles.register_view(catalogue()[slug])
            lists.append(ProductListView(view, lines, len(of_register), compare))
    newest = ordered[0]
    makers = {party.number or party.name.zh: party for row in ordered if (party := titles.holder_view(row))}
    title = titles.title_of(catalogue()[newest.register], newest)
    return ProductView(title, tuple(lists), tuple(makers.values()), gtin, model, is_complete)


def _line(row: FetchedRow, links: Iterable[Any], lang: str) -> ProductLineView:
    definition, values, today = catalogue()[row.register], record_queries.document_of(row), clock.today()
    status = titles.status_on_day(definition, row.status, values, today)
    found = cautions.cautions_of(definition, status.code, values, links=links, day=today)
    record = LinkedRecordView(
        register=titles.register_view(definition),
        number=row.number,
        path=titles.record_path(row.register, row.slug),
        title=titles.title_of(definition, row),
        status=qualified_status(status, found),
        date=i18n.format_day(row.valid_from, lang) if row.valid_from else "",
    )
    return ProductLineView(record, found, bool(row.demo))
