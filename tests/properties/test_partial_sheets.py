"""Any sequence of partial sheets, status sheets, renames and sheets that come in again loses no fact; each changes nothing
the second time."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from registry.accounts.policy import REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.exchange.results import ImportResult
from registry.services.publication.existing_records import find_existing_records
from registry.store.unit_of_work import read_transaction

Step = Mapping[str, str]  # column → cell, of a sheet with one row
SOME_STEPS = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FACTS = {
    "address": ["文一路1号", "文二路2号"],
    "short_name_zh": ["半行", "试样"],
    "founded_on": ["2010", "2010-05-06"],
    "scope": ["糕点", "茶叶\n饮料"],
    "demo": ["true"],
}
NAMES = ["杭州甲试样有限公司", "杭州乙糖果有限公司", "杭州丙茶叶有限公司"]

facts = st.fixed_dictionaries(
    {}, optional={name: st.sampled_from([*cells, "", "-"]) for name, cells in FACTS.items()}
)
partial_sheets = facts.filter(bool)
status_sheets = st.sampled_from(["active", "deregistered", ""]).map(lambda status: {"status": status})
renames = st.sampled_from(NAMES).map(lambda name: {"name_zh": name})
sheets = st.one_of(
    partial_sheets, status_sheets, renames, st.builds(lambda *parts: {**parts[0], **parts[1]}, facts, renames)
)
sequences = st.lists(sheets | st.integers(0, 5), min_size=1, max_size=6)
stated = st.fixed_dictionaries(
    {"short_name_zh": st.sampled_from(FACTS["short_name_zh"])},
    optional={name: st.sampled_from(FACTS[name]) for name in ("address", "founded_on", "scope")},
)
orders = st.lists(st.integers(0, 1), min_size=2, max_size=5).filter(lambda order: set(order) == {0, 1})
# Three publications of different years, each of which states some of the facts, or that one of them no longer holds.
dated = st.fixed_dictionaries(
    {},
    optional={name: st.sampled_from([*cells, "-"]) for name, cells in FACTS.items() if name != "demo"}
    | {"status": st.sampled_from(["active", "deregistered"])},
).filter(lambda facts: any(cell != "-" for cell in facts.values()))
PUBLICATIONS = (("登记公报", "2019"), ("行业名录", "2021-03"), ("企业年报", "2023-06-30"))
dated_orders = st.lists(st.integers(0, 2), min_size=3, max_size=7).filter(
    lambda order: set(order) == {0, 1, 2}
)
numbers = itertools.count(1)


@dataclass
class Model:
    """What a record must say after the sheets so far: what no sheet has contradicted."""

    facts: dict[str, Any] = field(default_factory=dict)
    former: list[str] = field(default_factory=list)

    def apply(self, step: Step) -> None:
        for name, cell in step.items():
            if cell == "":
                continue
            if cell == "-":
                self.facts.pop(name, None)
            elif name == "name_zh":
                self._rename(cell)
            else:
                self.facts[name] = True if name == "demo" else cell

    def _rename(self, name: str) -> None:
        """A sheet that states a former name is an old one."""
        current = self.facts.get("name_zh")
        if name == current or name in self.former:
            return
        if current:
            self.former.append(current)
        self.facts["name_zh"] = name


def code(number: int) -> str:
    """A credit code of its own for each example."""
    organisation = f"{number:08d}"
    figure = 11 - sum(int(c) * w for c, w in zip(organisation, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    written = f"91330106{organisation}{ {10: 'X', 11: '0'}.get(figure, figure) }"
    return written + uscc.calc_check_digit(written)


def bring(registry: Registry, folder: Path, key: str, step: Step) -> ImportResult:
    path = folder / "sheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ["uscc", *step])
        writer.writeheader()
        writer.writerow({"uscc": key, **step})
    result = import_files(registry, REGISTRAR, "organisations", [path])
    assert result.refused == 0, result.first_issues
    return result


def state_of(registry: Registry, key: str) -> tuple[dict[str, Any], list[str], int]:
    """The facts of the record with its status, its former names, its version."""
    with read_transaction(registry.engine) as connection:
        found = find_existing_records(connection, catalogue()["organisations"], [key], [])
    record = found.by_key[key]
    values = {**record.values, "status": record.status}
    former = [row["name_zh"] for row in values.pop("former_names", [])]
    return {name: value for name, value in values.items() if name != "uscc"}, former, record.version


@given(sequences)
@SOME_STEPS
def test_no_sequence_of_sheets_loses_a_fact(
    registry: Registry, tmp_path: Path, sequence: Sequence[Step | int]
) -> None:
    key, model = code(next(numbers)), Model()
    first: Step = {"name_zh": NAMES[0], "address": "文一路1号", "demo": "true", "status": "active"}
    steps: list[Step] = []
    for given_step in (first, *sequence):
        step = steps[given_step % len(steps)] if isinstance(given_step, int) else given_step
        steps.append(step)
        bring(registry, tmp_path, key, step)
        model.apply(step)
        facts_now, former, version = state_of(registry, key)
        assert (facts_now, former) == (model.facts, model.former)
        again = bring(registry, tmp_path, key, step)
        assert (again.updated, again.unchanged) == (0, 1)
        assert state_of(registry, key) == (facts_now, former, version)


@given(stated, stated, orders)
@SOME_STEPS
def test_two_dated_sources_say_the_same_in_any_order(
    registry: Registry, tmp_path: Path, earlier: Step, later: Step, order: Sequence[int]
) -> None:
    key = code(next(numbers))
    seed = {"name_zh": NAMES[0], "status": "active"}
    bring(registry, tmp_path, key, seed)
    sources = (
        {**earlier, "source": "登记公报", "source_date": "2020"},
        {**later, "source": "企业年报", "source_date": "2022-05"},
    )
    for index in order:
        bring(registry, tmp_path, key, sources[index])
    facts_now, _former, version = state_of(registry, key)
    for name in ("other_sources", "field_sources"):
        facts_now.pop(name, None)
    assert facts_now == {**seed, **earlier, **sources[1]}
    for source in sources:
        assert bring(registry, tmp_path, key, source).unchanged == 1
    assert state_of(registry, key)[2] == version


@given(st.tuples(dated, dated, dated), dated_orders)
@example(
    ({"address": "文一路1号"}, {"address": "-", "status": "active"}, {"short_name_zh": "半行"}), [2, 1, 0]
)  # a source empties what is empty, before an earlier one states it
@SOME_STEPS
def test_each_field_has_what_the_latest_source_of_it_states(
    registry: Registry, tmp_path: Path, statements: Sequence[Step], order: Sequence[int]
) -> None:
    """Sources may come in any order, and again: none overwrites a field that a later one states, whatever else that states."""
    statements = [{**each} for each in statements]
    last = ""
    for each in statements:  # the life cycle leads to the end and not back
        if last == "deregistered":
            each.pop("status", None)
        last = each.get("status", last)
    key, seed = code(next(numbers)), {"name_zh": NAMES[0], "status": "active"}
    bring(registry, tmp_path, key, seed)
    sheets = [
        {**statement, "source": name, "source_date": date}
        for statement, (name, date) in zip(statements, PUBLICATIONS, strict=True)
    ]
    for index in order:
        bring(registry, tmp_path, key, sheets[index])
    expected: dict[str, str] = dict(seed)
    sources: dict[str, str] = {}
    for statement, (_name, date) in zip(statements, PUBLICATIONS, strict=True):
        for name, cell in statement.items():
            sources[name] = date
            if cell == "-":
                expected.pop(name, None)
            else:
                expected[name] = cell
    facts_now, _former, version = state_of(registry, key)
    origin = {
        name: facts_now.pop(name, None)
        for name in ("source", "source_date", "other_sources", "field_sources")
    }
    assert facts_now == expected
    fields = origin["field_sources"] or {}
    for name in expected.keys() & sources.keys():
        assert fields.get(name, origin)["source_date"] == sources[name], name
    for sheet in (*sheets, *reversed(sheets)):
        assert bring(registry, tmp_path, key, sheet).unchanged == 1
    assert state_of(registry, key)[2] == version
