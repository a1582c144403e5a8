"""Records side by side: symmetric in what it says, in the order asked, units converted exactly, nothing ranked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from registry.accounts.policy import ANONYMOUS
from registry.kit import kinds
from registry.kit.indicator_names import are_same, joined_by_quantity
from registry.kit.units import in_unit
from registry.registers import catalogue
from registry.services.bootstrap import Registry, open_registry
from registry.services.products import MAX_COMPARED, SideBySideView, compare_records, comparison_csv
from registry.services.products.indicator_rows import (
    OTHER_METHODS,
    OTHER_UNITS,
    exact_decimal,
    indicator_rows,
    is_indicator_table,
)
from registry.services.products.side_by_side import DIFFERENT_SCALES, NO_RANKING
from registry.services.products.views import ComparedRow
from tests.databases import Template
from tests.services import samples
from tests.services.test_record_limits import bring
from tests.statements import asked

BODY = "CNCA-R-2099-101"
FIRM = "91330100MAWY010175"


def certificate(number: int, value: float, unit: str, **more: Any) -> dict[str, Any]:
    row = {
        "name_zh": "甲醛释放量",
        "name_en": "Formaldehyde emission",
        "operator": "<=",
        "value": value,
        "unit": unit,
    }
    row |= {"limit": more.pop("limit", value * 2), "method": more.pop("method", "GB/T 17657-2022")}
    return {
        "cert_no": f"DEMO-CGP-2025-0004{number:02}",
        "scheme": "绿色产品",
        "body_approval_no": BODY,
        "applicant_uscc": FIRM,
        "product_name_zh": "=餐桌",
        "models": f"QY-{number}|QY-9",
        "standard_edition": "GB/T 35607-2024",
        "issued_on": "2025-03-01",
        "valid_to": "2029-03-01",
        "indicators": [row],
        "demo": "true",
        "status": "valid",
        **more,
    }


CERTIFICATES = (
    certificate(1, 0.02, "mg/m³", limit=0.05),
    certificate(2, 20, "µg/m³", limit=50),
    certificate(3, 0.02, "mg/L", limit=0.05),
    certificate(4, 0.02, "mg/m³", limit=0.05, method="GB/T 39600-2021"),
    certificate(5, 0.02, "mg/m³", limit=0.05, scheme="节水"),
)


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("side-by-side")
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        samples.load(registry, folder, ["bodies", "grades"])
        for row in CERTIFICATES:
            bring(registry, folder, "green-products", row)
        yield registry
        registry.search.close()


def compared(registry: Registry, *typed: str, lang: str = "en") -> SideBySideView:
    return compare_records(registry, ANONYMOUS, typed, lang)


def cert(number: int) -> str:
    return f"DEMO-CGP-2025-0004{number:02}"


def indicators(view: SideBySideView) -> tuple[ComparedRow, ...]:
    return next(table.rows for table in view.tables if table.indicators)


def test_one_quantity_in_two_units_does_not_differ_and_shows_what_is_written(store: Registry) -> None:
    [row] = indicators(compared(store, cert(1), cert(2)))
    assert (row.label, row.differs, row.note) == ("Formaldehyde emission", False, "")
    values = [" ".join(piece.text for piece in cell.pieces) for cell in row.cells]
    assert values[0] == values[1]
    assert sorted(bool(cell.as_written) for cell in row.cells) == [False, True]


def test_units_that_do_not_convert_are_said(store: Registry) -> None:
    [row] = indicators(compared(store, cert(1), cert(3)))
    assert (row.differs, row.note) == (True, OTHER_UNITS)


def test_methods_that_differ_are_said(store: Registry) -> None:
    [row] = indicators(compared(store, cert(1), cert(4)))
    assert row.note == OTHER_METHODS


def test_schemes_that_differ_are_never_ranked(store: Registry) -> None:
    assert compared(store, cert(1), cert(5)).remarks == (DIFFERENT_SCALES,)
    assert compared(store, cert(1), cert(2)).remarks == (NO_RANKING,)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ((), "none"),
        (("", "  "), "none"),
        ((cert(1),), "one"),
        ((cert(1), cert(1)), "one"),
        ((cert(1), "QQ-1"), "unknown"),
        (("QQ-1", "\0"), "unknown"),
        ((cert(1), BODY), "registers"),
        (tuple(map(cert, range(1, 6))), "too_many"),
        (tuple(map(cert, range(1, 5))), "compared"),
        (tuple(f"QQ-{number}" for number in range(21)), "too_many"),
    ],
)
def test_each_kind_of_request_has_its_answer(store: Registry, typed: tuple[str, ...], answer: str) -> None:
    assert compared(store, *typed).answer == answer
    assert MAX_COMPARED == 4


def test_an_unknown_number_beside_two_known_ones_is_named(store: Registry) -> None:
    view = compared(store, cert(1), "QQ-1", cert(2))
    assert (view.answer, [each.typed for each in view.problems]) == ("compared", ["QQ-1"])


def test_columns_keep_the_order_asked_and_the_rest_does_not_hang_on_it(store: Registry) -> None:
    one, other = compared(store, cert(1), cert(2), cert(3)), compared(store, cert(3), cert(1), cert(2))
    assert [record.document["cert_no"] for record in other.records] == [cert(3), cert(1), cert(2)]
    turned = {
        (row.name, row.differs, row.note, tuple(row.cells[at] for at in (1, 2, 0)))
        for table in other.tables
        for row in table.rows
    }
    assert turned == {
        (row.name, row.differs, row.note, row.cells) for table in one.tables for row in table.rows
    }


def test_a_comparison_of_four_costs_a_bounded_number_of_statements(store: Registry) -> None:
    with asked(store.engine) as statements:
        compared(store, *map(cert, range(1, 5)))
    assert len(statements) <= 4 * 4 + 2


def test_no_cell_of_the_sheet_is_a_formula(store: Registry) -> None:
    text = comparison_csv(compared(store, cert(1), cert(2), lang="zh"), "zh").decode("utf-8-sig")
    assert "'=餐桌" in text
    assert "\n=餐桌" not in text
    assert "甲醛释放量" in text


NAMES = ("甲醛释放量", "甲醛", "游离甲醛", "含水率", "VOC", "铅")
UNITS = ("mg/m³", "µg/m³", "mg/L", "%", "ppm", "g/kg")
ROWS = st.fixed_dictionaries(
    {"name_zh": st.sampled_from(NAMES), "unit": st.sampled_from(UNITS), "value": st.integers(0, 20)},
    optional={"method": st.sampled_from(("GB/T 1", "GB/T 2")), "operator": st.sampled_from(("<=", ">="))},
)
TABLES = st.lists(st.lists(ROWS, max_size=4), min_size=2, max_size=4)


def indicator_table() -> kinds.Rows:
    fields = [field for each in catalogue().values() for field in each.schema.register_fields().values()]
    return next(
        field
        for field in fields
        if isinstance(field, kinds.Rows)
        and is_indicator_table(field)
        and "method" in field.columns
        and "text" in field.columns
    )


@given(TABLES, st.randoms(use_true_random=False))
def test_a_comparison_of_indicators_is_symmetric(tables: list[list[Mapping[str, Any]]], random: Any) -> None:
    order = list(range(len(tables)))
    random.shuffle(order)
    turned = indicator_rows(indicator_table(), [tables[at] for at in order], "zh")
    back = [order.index(at) for at in range(len(tables))]

    def facts(row: ComparedRow, places: list[int]) -> tuple[Any, ...]:
        return (row.differs, row.note, tuple(row.cells[at] for at in places))

    expected = sorted(
        map(
            repr,
            (facts(row, list(range(len(tables)))) for row in indicator_rows(indicator_table(), tables, "zh")),
        )
    )
    assert sorted(repr(facts(row, back)) for row in turned) == expected
    assert sum(cell.is_stated for row in turned for cell in row.cells) == sum(
        map(len, tables)
    )  # none is lost


LOOSELY_NAMED = st.fixed_dictionaries(
    {},
    optional={
        "name_zh": st.sampled_from((*NAMES, "甲醛含量", "总铅（Pb）", "限值", "含水率（%）")),
        "name_en": st.sampled_from(("formaldehyde", "free formaldehyde", "lead", "VOC content", "colour")),
    },
)


@given(st.lists(st.lists(LOOSELY_NAMED, max_size=5), min_size=2, max_size=4))
def test_indicators_are_joined_as_when_each_is_held_against_each(
    tables: list[list[Mapping[str, Any]]],
) -> None:
    named = [row for rows in tables for row in rows if row]
    together = [{at} for at in range(len(named))]
    for one, other in itertools.combinations(range(len(named)), 2):
        if are_same(named[one], named[other]):
            joined = together[one] | together[other]
            together = [joined if group & joined else group for group in together]
    expected = {frozenset(group) for group in together}
    place = {id(row): at for at, row in enumerate(named)}
    groups = joined_by_quantity(named, lambda row: row)
    assert {frozenset(place[id(row)] for row in group) for group in groups} == expected
    assert [row for group in groups for row in group] == sorted(
        named,
        key=lambda row: (min(next(group for group in expected if place[id(row)] in group)), place[id(row)]),
    )


@given(st.integers(-(10**6), 10**6), st.integers(0, 6))
def test_a_decimal_is_exact_or_not_given(digits: int, places: int) -> None:
    figure = Fraction(digits, 10**places)
    decimal = exact_decimal(figure)
    assert decimal is not None
    assert Fraction(decimal) == figure
    assert exact_decimal(figure / 3) is None or Fraction(exact_decimal(figure / 3)) == figure / 3  # type: ignore[arg-type]
    assert in_unit(1, "mg/m³", "mg/L") is None
