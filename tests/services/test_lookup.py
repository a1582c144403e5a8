"""Look up numbers: near ones, editions of a standard, and the best of several answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import NotFound
from registry.kit import fields as f
from registry.kit.schema import RecordSchema
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange import import_files
from registry.services.publication import record_columns
from registry.services.records.numbers import lookup, number_targets
from tests.services import samples

ROW = {"name_zh": "甲", "status": "valid"}


def bring_bodies(registry: Registry, folder: Path, numbers: Iterable[str]) -> None:
    rows = [{**ROW, "approval_no": number, "name_zh": f"机构{number}"} for number in numbers]
    sheet = samples.write_sheet(folder / "bodies.csv", "bodies", rows)
    assert import_files(registry, REGISTRAR, "bodies", [sheet]).refused == 0


def near(registry: Registry, typed: str, slug: str | None = "bodies") -> list[str]:
    view = lookup.explain_not_found(registry, ANONYMOUS, slug, typed, lang="en")
    return [record.number for record in view.near]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("CNCA-R-2099-302", True),  # one character replaced
        ("CNCA-R-2099-312", True),  # two
        ("CNCA-R-2099-412", False),  # three
        ("CNCA-R-2099-3011", True),  # one put in
        ("CNCA-R-2099-30111", True),  # two
        ("CNCA-R-2099-301111", False),  # three
        ("CNCA-R-2099-30", True),  # one left out
        ("CNCA-R-2099-3", True),  # two
        ("CNCA-R-2099", False),  # three
        ("XNCA-R-2099-301", False),  # another beginning
    ],
)
def test_a_number_within_two_characters_is_near(
    registry: Registry, tmp_path: Path, typed: str, found: bool
) -> None:
    bring_bodies(registry, tmp_path, ["CNCA-R-2099-301"])
    assert near(registry, typed) == (["CNCA-R-2099-301"] if found else [])


def test_the_nearest_numbers_come_first_and_five_at_most(registry: Registry, tmp_path: Path) -> None:
    bring_bodies(
        registry, tmp_path, [f"CNCA-R-2099-{number}" for number in (311, 322, 312, 301, 302, 303, 304)]
    )
    shown = near(registry, "CNCA-R-2099-300")
    assert len(shown) == lookup.MAX_NEAR_NUMBERS == 5
    assert sorted(shown[:4]) == [f"CNCA-R-2099-30{last}" for last in (1, 2, 3, 4)]


def test_near_numbers_are_those_of_the_register_that_was_asked(registry: Registry, tmp_path: Path) -> None:
    bring_bodies(registry, tmp_path, ["CNCA-R-2099-301"])
    assert near(registry, "CNCA-R-2099-302", "standards") == []
    assert near(registry, "CNCA-R-2099-302", None) == ["CNCA-R-2099-301"]


def test_a_number_that_is_too_short_has_no_near_ones(registry: Registry, tmp_path: Path) -> None:
    bring_bodies(registry, tmp_path, ["AB-123", "AB-12"])
    assert near(registry, "AB-1234") == ["AB-123", "AB-12"]
    assert near(registry, "AB-124") == []  # five characters without the hyphen


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("A1234", "not_covered"),
        ("ABCDEF", "not_covered"),
        ("91110000101461180X", "not_covered"),  # organisations and standards are kept in part
        ("911100001014611800", "check_digit"),
        ("GB/T 1-1999", "not_covered"),
        ("GP-2023-999999-B", "never_registered"),
        ("GP-2023-999999-C", "check_digit"),
        ("GP-2023-9999999999-C", "never_registered"),  # it begins as ours do: no such number was ever issued
        ("DEMO-CGP-2026-999999", "never_registered"),
        ("SD128", "not_covered"),  # a model
        ("TB 20101-2016", "not_covered"),  # a standard of railways
        ("TB-2025-00012", "never_registered"),  # without its check character
        ("", "not_covered"),
    ],
)
def test_a_number_that_no_record_has_is_answered_by_its_form(
    registry: Registry, typed: str, answer: str
) -> None:
    assert [each.answer for each in lookup.check_numbers(registry, ANONYMOUS, [typed])] == [answer]


def bring_standards(registry: Registry, folder: Path, *rows: tuple[str, str]) -> None:
    sheet = samples.write_sheet(
        folder / "standards.csv",
        "standards",
        [{"number": number, "title_zh": "标准", "status": status} for number, status in rows],
    )
    assert import_files(registry, REGISTRAR, "standards", [sheet]).refused == 0


def test_a_standard_without_its_year_names_all_editions_newest_first(
    registry: Registry, tmp_path: Path
) -> None:
    bring_standards(
        registry,
        tmp_path,
        ("GB/T 99901-2009", "withdrawn"),
        ("GB/T 99901-2024", "upcoming"),
        ("GB/T 99901-2017", "in_force"),
        ("GB/T 99901.1-2020", "in_force"),  # a part is another standard
        ("GB/T 999010-2020", "in_force"),
    )
    [answer] = lookup.check_numbers(registry, ANONYMOUS, ["gbt99901"])
    assert [row.number for row in answer.records] == [f"GB/T 99901-{year}" for year in (2024, 2017, 2009)]
    assert answer.answer == "in_force"
    assert near(registry, "GB/T 99901", "standards") == [row.number for row in answer.records]


@pytest.mark.parametrize(
    ("states", "best"),
    [
        (("withdrawn", "upcoming"), "pending"),
        (("superseded", "withdrawn"), "ended"),
        (("upcoming", "in_force", "withdrawn"), "in_force"),
    ],
)
def test_the_answer_for_several_editions_is_that_of_the_best(
    registry: Registry, tmp_path: Path, states: tuple[str, ...], best: str
) -> None:
    rows = [(f"GB/T 99902-{2010 + index}", state) for index, state in enumerate(states)]
    bring_standards(registry, tmp_path, *rows)
    [answer] = lookup.check_numbers(registry, ANONYMOUS, ["GB/T 99902"])
    assert answer.answer == best


def test_the_day_of_the_first_entry_has_the_record_already(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(dt.datetime(2026, 3, 1, 0, 0, tzinfo=clock.SHANGHAI)):
        bring_bodies(registry, tmp_path, ["CNCA-R-2099-301"])
    early = lookup.not_found_error(registry, ANONYMOUS, "bodies", "CNCA-R-2099-301", at=dt.date(2026, 2, 28))
    assert (early.code, early.params["first"]) == ("before_first_entry", "2026-03-01")


@pytest.mark.parametrize(
    ("held", "typed", "answer"),
    [
        ("GB 3100-1993", "GB 3100-93", "in_force"),
        ("GB 3100-93", "GB 3100-1993", "in_force"),
        ("GB/T 7714-2015", "GB/T 7714-2015/ISO 690:2010", "in_force"),
        ("ISO 690:2010", "GB/T 7714-2015/ISO 690:2010", "in_force"),  # the second where the first is not held
        ("ISO 690:2021", "ISO 690:2021(E)", "in_force"),
        ("GB 2760-2014", "GB/T 2760-2014", "near"),
        ("GB 2760-2014", "GB 2760-2024", "near"),
        ("GB 2760-2014", "GB 27601-2014", "not_covered"),
        ("GB 12021", "GB 1-2021", "not_covered"),  # with the same letters and figures
        ("GB 1-2021", "GB 12021", "not_covered"),
    ],
)
def test_a_standard_is_known_in_every_spelling(
    registry: Registry, tmp_path: Path, held: str, typed: str, answer: str
) -> None:
    bring_standards(registry, tmp_path, (held, "in_force"))
    [found] = lookup.check_numbers(registry, ANONYMOUS, [typed])
    assert found.answer == answer
    assert [row.number for row in found.records or found.near] == ([] if answer == "not_covered" else [held])


def test_a_document_names_a_standard_in_every_spelling() -> None:
    key = catalogue()["standards"].key
    for named in ("GB 3100-93", "《GB 3100-1993》", "GB 3100-1993/ISO 1000:1992"):
        assert key.parse(named) == key.compute({"number": "GB 3100-93"}) == "GB 3100-1993"


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("gbt 35607-2024", "GB-T-35607-2024"),
        ("GB-T-35607-2024", "GB-T-35607-2024"),
        ("gp2023999999b", "GP-2023-999999-B"),
        ("F-DE-HRB 1", "F-DE-HRB 1"),
    ],
)
def test_a_filter_by_a_linked_record_takes_every_spelling(typed: str, address: str) -> None:
    assert lookup.address_of(typed) == address


def test_a_barcode_in_a_table_names_the_record() -> None:
    class Packs(RecordSchema):
        packs = f.rows("packs", columns={"code": f.barcode("code"), "size": f.text("size")})
        codes = f.many(f.barcode("codes"))

    definition = replace(catalogue()["bodies"], schema=Packs, exact_lookup_fields=())
    values = {"packs": [{"code": "06999900008886", "size": "1"}, {"size": "2"}], "codes": ["00000096385074"]}
    assert record_columns.identifier_keys(definition, "X-1", values) == {
        "X1",
        "06999900008886",
        "00000096385074",
    }


def test_no_permalink_for_a_number_that_names_nothing(registry: Registry) -> None:
    with pytest.raises(NotFound):
        number_targets.find_permalink(registry, ANONYMOUS, "CNCA-R-2099-301")
    with pytest.raises(NotFound):
        number_targets.find_permalink(registry, ANONYMOUS, " ")


def test_no_numbers_have_no_answers(registry: Registry) -> None:
    assert lookup.check_numbers(registry, ANONYMOUS, []) == []
