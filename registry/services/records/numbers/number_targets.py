"""Where a number leads: to the record that it names, to the page of a product, or to the list of the records that carry it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote, urlencode

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.kit.life_cycle import STANDINGS
from registry.reference.identifiers import certificate_numbers, standard_numbers
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication import record_queries
from registry.services.records import titles
from registry.services.records.numbers.lookup import NumberAnswer, answer_numbers
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

PRODUCT_PAGES = "/products/"  # the GTIN behind it


def find_target(registry: Registry, actor: Actor, slug: str | None, typed: str) -> str:
    """Return where a number leads: the path, without language.

    It is the record that the number names in the register (None: in any), else the page of the product whose barcode it
    is on several records, else the list of those that carry it. A standard without its year leads to the edition that is
    in force, else to the newest. Raises `NotFound`.
    """
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        answer = answer_numbers(connection, [typed])[0]
    records = [row for row in answer.records if slug is None or row.register == slug]
    if not records or answer.reading is None:
        raise NotFound("record", typed)
    if answer.reading.names_editions and len({row.register for row in records}) == 1:
        today = clock.today()
        best = min(
            records,
            key=lambda row: STANDINGS.index(
                titles.status_on_day(
                    catalogue()[row.register], row.status, record_queries.document_of(row), today
                ).standing
            ),
        )
        if standard_numbers.parse(best.number):
            return titles.record_path(best.register, best.slug)
    if len(records) == 1:
        return titles.record_path(records[0].register, records[0].slug)
    if slug is None and (product := product_path(answer)):
        return product
    registers = {row.register for row in records}
    query = urlencode({"q": answer.read_as, "ended": 1})
    return f"/{slug or (registers.pop() if len(registers) == 1 else 'search')}?{query}"


def find_permalink(registry: Registry, actor: Actor, number: str) -> str:
    """Return the path, without language, of the record that a printed number or identifier names.

    Of the product or the list, where several carry it. Raises `NotFound`.
    """
    return find_target(registry, actor, None, number)


def leads_to_record(path: str) -> bool:
    """True if a path from here is that of one record, which has a past; a product and a list have none."""
    return "?" not in path and not path.startswith(PRODUCT_PAGES)


def product_path(answer: NumberAnswer) -> str:
    """Return the path, without language, of the product whose barcode several records state; "" for any other number."""
    if answer.reading is None or answer.reading.kind != "barcode" or len(answer.records) < 2:
        return ""
    gtin = certificate_numbers.gtin(answer.read_as)
    stating = [row for row in answer.records if gtin in _barcodes(row)]
    return PRODUCT_PAGES + quote(gtin) if len(stating) > 1 else ""


def _barcodes(row: FetchedRow) -> Sequence[str]:
    """Return the barcodes that a record states, as 14 digits."""
    product = catalogue()[row.register].product
    if product is None or not product.barcodes:
        return ()
    written = record_queries.document_of(row).get(product.barcodes) or ()
    return [str(each) for each in (written if isinstance(written, list) else [written])]
