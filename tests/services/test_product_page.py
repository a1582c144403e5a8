"""The page of a product finds what SQL finds: every record that states the barcode, or is the maker's and states the model."""

from __future__ import annotations

import json
from collections.abc import Iterator

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings
from sqlalchemy import select

from registry.accounts.policy import ANONYMOUS
from registry.errors import NotFound
from registry.kit.demonstration import barcode
from registry.kit.record import Record
from registry.ledger.model import Item
from registry.reference.text.folding import fold_number
from registry.services.bootstrap import Registry, open_registry
from registry.services.products import find_product_by_barcode, find_product_by_model
from registry.services.products.views import ProductView
from registry.services.records.numbers import lookup, number_targets
from registry.store.unit_of_work import read_transaction
from tests.databases import Template
from tests.services import samples
from tests.services.test_record_limits import bring
from tests.services.test_side_by_side import FIRM, certificate

OTHER_FIRM = "91110000101461180X"
CODES = (barcode(7), barcode(8))
MODELS = ("QY-1", "QY-2", "QY-3", "QY-9", "XX-1", "qy 1")


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("product")
    with template.copy(folder / "data") as made:
        registry = open_registry(made)
        samples.load(registry, folder, ["bodies"])
        firms = [
            {"uscc": each, "name_zh": f"演示单位{each[-4:]}", "status": "active"}
            for each in (FIRM, OTHER_FIRM)
        ]
        bring(registry, folder, "organisations", *firms)
        certificates = [
            certificate(1, 1, "mg/L", gtin=CODES[0]),
            certificate(2, 1, "mg/L", gtin=f"{CODES[0]}|{CODES[1]}"),
            certificate(3, 1, "mg/L", applicant_uscc=OTHER_FIRM, manufacturer_uscc=FIRM),
            certificate(4, 1, "mg/L", applicant_uscc=OTHER_FIRM, gtin=CODES[1]),
        ]
        bring(registry, folder, "green-products", *certificates)
        declared = {"std_no": "GB/T 3324-2017", "std_kind": "national_voluntary", "declared_on": "2026-01-05"}
        declared |= {"status": "active", "org_uscc": FIRM, "models": "QY-1", "gtin": CODES[0]}
        bring(registry, folder, "declarations", {**declared, "product_name_zh": "餐桌"})
        yield registry
        registry.search.close()


def numbers(view: ProductView) -> set[str]:
    return {line.record.number for each in view.lists for line in each.lines}


def documents(registry: Registry) -> list[tuple[str, dict[str, object]]]:
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(Record.number, Item.document).join(Item, Item.hash == Record.document_hash)
        ).all()
    return [(row.number, json.loads(row.document)) for row in rows]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from((FIRM, OTHER_FIRM)), st.sampled_from(MODELS))
def test_maker_and_model_find_what_sql_finds(store: Registry, maker: str, model: str) -> None:
    expected = {
        number
        for number, values in documents(store)
        if maker in (values.get("applicant_uscc"), values.get("manufacturer_uscc"), values.get("org_uscc"))
        and fold_number(model) in {fold_number(str(each)) for each in values.get("models") or ()}  # type: ignore[attr-defined]
    }
    try:
        found = numbers(find_product_by_model(store, ANONYMOUS, maker, model, lang="en"))
    except NotFound:
        found = set()
    assert found == expected


@pytest.mark.parametrize("code", CODES)
def test_a_barcode_in_any_length_finds_what_sql_finds(store: Registry, code: str) -> None:
    padded = code.zfill(14)
    expected = {number for number, values in documents(store) if padded in (values.get("gtin") or ())}  # type: ignore[operator]
    for typed in (code, padded, f"{code[:1]} {code[1:7]}-{code[7:]}"):
        view = find_product_by_barcode(store, ANONYMOUS, typed, "zh")
        assert (view.gtin, numbers(view)) == (padded, expected)
    assert len(expected) > 1


def test_a_barcode_of_several_records_leads_to_the_product(store: Registry) -> None:
    for typed in (CODES[0], CODES[0].zfill(14)):
        assert number_targets.find_permalink(store, ANONYMOUS, typed) == f"/products/{CODES[0].zfill(14)}"
    assert not number_targets.leads_to_record(f"/products/{CODES[0]}")
    in_register = number_targets.find_target(store, ANONYMOUS, "green-products", CODES[0])
    assert in_register.startswith("/green-products?q=")
    only = number_targets.find_target(store, ANONYMOUS, "declarations", CODES[0])
    assert number_targets.leads_to_record(only)
    typed_code = lookup.answer_typed(store, ANONYMOUS, CODES[0])
    typed_firm = lookup.answer_typed(store, ANONYMOUS, FIRM)
    assert typed_code is not None
    assert typed_firm is not None
    assert number_targets.product_path(typed_code) == f"/products/{CODES[0].zfill(14)}"
    assert number_targets.product_path(typed_firm) == ""


def test_a_barcode_of_two_holders_says_so(store: Registry) -> None:
    assert len(find_product_by_barcode(store, ANONYMOUS, CODES[1], "en").makers) == 2
    assert len(find_product_by_barcode(store, ANONYMOUS, CODES[0], "en").makers) == 1


@pytest.mark.parametrize("typed", ["", "\0", "12345670", "not a barcode", "9" * 500])
def test_what_no_record_states_is_not_found(store: Registry, typed: str) -> None:
    with pytest.raises(NotFound):
        find_product_by_barcode(store, ANONYMOUS, typed, "en")
    with pytest.raises(NotFound):
        find_product_by_model(store, ANONYMOUS, FIRM, typed, lang="en")
