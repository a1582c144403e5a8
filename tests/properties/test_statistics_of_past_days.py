"""What is counted of a past day is what the entries say when each of them is read anew, wherever the blocks end."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Unavailable
from registry.ledger.entry_blocks import EntryBlock
from registry.ledger.model import Entry, Item
from registry.registers import catalogue
from registry.search.analysis.document import UNSTATED
from registry.services import statistics
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import indexing, relay
from registry.services.records.facets import facet_values
from registry.services.statistics import entry_blocks
from registry.services.statistics.charts import counted_facets
from registry.services.statistics.entry_blocks import read_history
from registry.services.statistics.tallies import Tally, tallies_of_past_day
from registry.store.unit_of_work import read_transaction
from tests.properties.test_partial_sheets import code

HISTORIES = settings(
    max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
FIRST = dt.date(2024, 2, 28)  # a leap year
ENTERPRISE = ("organisations", "uscc,name_zh,region_code,status")
CERTIFICATE = (
    "green-products",
    "cert_no,scheme,body_approval_no,body_name_zh,applicant_uscc,applicant_name_zh,product_name_zh,issued_on,valid_to,status",
)
enterprises = st.tuples(
    st.just(ENTERPRISE),
    st.builds(
        "{},杭州甲试样有限公司,{},{}".format,
        st.integers(0, 3).map(code),
        st.sampled_from(["330100", "310000", "110000"]),
        st.sampled_from(["active", "deregistered"]),
    ),
)
certificates = st.tuples(
    st.just(CERTIFICATE),
    st.builds(
        "DEMO-CGP-2023-00000{},绿色产品,{},青衡认证（演示）有限公司,{},杭州甲试样有限公司,{},2023-02-22,{},valid".format,
        st.integers(1, 3),
        st.sampled_from(["CNCA-R-2099-101", "F-00012"]),
        st.integers(0, 3).map(code),
        st.sampled_from(["实木餐桌", "实木餐椅"]),
        st.sampled_from(["2024-02-29", "2024-03-01", "2024-03-02", "2024-12-31"]),
    ),
)
changes = st.tuples(
    st.integers(0, 4),  # days after the first
    st.sampled_from(["00:00:00", "12:00:00", "23:59:59.999999"]),
    st.one_of(enterprises, certificates),
    st.booleans(),  # the relay runs then
)
histories = st.lists(changes, min_size=1, max_size=10).map(lambda steps: sorted(steps, key=lambda s: s[:2]))


def bring(registry: Registry, folder: Path, steps: list[Any]) -> None:
    path = folder / "sheet.csv"
    for days, time, ((register, header), row), relayed in steps:
        path.write_text(f"{header}\n{row}\n", "utf-8")
        moment = dt.datetime.fromisoformat(f"{FIRST + dt.timedelta(days)}T{time}+08:00")
        with clock.frozen_at(moment):
            import_files(registry, REGISTRAR, register, [path])
            if relayed:
                random.seed()  # Hypothesis seeds it alike for every example, and segments are named by it
                relay.run_relay_once(registry, confirmed=True)


def log(registry: Registry) -> list[tuple[Any, Any]]:
    """Every entry with its document, in order."""
    with read_transaction(registry.engine) as connection:
        entries = connection.execute(
            select(Entry.record_id, Entry.register, Entry.status, Entry.recorded_at, Item.document)
            .join(Item, Item.hash == Entry.document_hash)
            .order_by(Entry.id)
        )
        return [(entry, json.loads(entry.document)) for entry in entries]


def replayed(log: list[tuple[Any, Any]], register: str, origin: str, day: dt.date) -> Tally:
    """The tally of a register ("": of all) on a day, by reading every entry of every record."""
    last = {
        entry.record_id: (entry, values) for entry, values in log if entry.recorded_at < clock.end_of_day(day)
    }
    regions = {values["uscc"]: values["region_code"] for entry, values in last.values() if "uscc" in values}
    facets: dict[str, Counter[str]] = {
        name: Counter() for name in counted_facets(catalogue()[register] if register else None)
    }
    total = 0
    for entry, values in last.values():
        definition = catalogue()[entry.register]
        issuer = values.get(definition.issuer.key) if definition.issuer else None
        own = facet_values.origin_of(demo=values.get("demo", False), issuer_number=issuer)
        if own != origin or register not in ("", entry.register):
            continue
        total += 1
        holder = regions.get(values.get(definition.holder.key)) if definition.holder else None
        found = facet_values.facets_of(
            definition,
            values,
            region=values.get(definition.region) or holder or "",
            date=facet_values.date_of(definition, values),
        )
        state = definition.life_cycle.state(definition.life_cycle.status_on(entry.status, values, day))
        found |= {"register": (entry.register,), "status": (state.code,), "standing": (state.standing,)}
        for name, counter in facets.items():
            counter.update(found.get(name, ()))
    return Tally(total, facets)


def counted(registry: Registry, register: str, origin: str, day: dt.date) -> Tally:
    with read_transaction(registry.engine) as connection:
        tallies = tallies_of_past_day(read_history(registry, connection, clock.end_of_day(day)), day)
    base = {"origin": (origin,)} | ({"register": (register,)} if register else {})
    return tallies.count(base, counted_facets(catalogue()[register] if register else None))


@HISTORIES
@given(history=histories, step=st.integers(1, 5))
def test_a_past_day_is_what_its_entries_say(
    registry: Registry, tmp_path: Path, history: list[Any], step: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(entry_blocks, "STEP", step)
        bring(registry, tmp_path, history)
        entries = log(registry)
        days = [FIRST + dt.timedelta(days) for days in (-1, 0, 1, 2, 3, 4, 400)]
        for register, origin, day in itertools.product(
            ("", "organisations", "green-products"), ("real", "abroad"), days
        ):
            tally = counted(registry, register, origin, day)
            assert tally == replayed(entries, register, origin, day), (register, origin, day)
        shown = statistics.read_statistics(registry, ANONYMOUS, day=FIRST)
        assert shown.total == replayed(entries, "", "real", FIRST).total


def test_a_certificate_is_counted_where_its_holder_was_and_as_its_dates_made_it(
    registry: Registry, tmp_path: Path
) -> None:
    certificate = f"DEMO-CGP-2023-000001,绿色产品,F-00012,青衡认证（演示）有限公司,{code(1)},杭州甲试样有限公司,实木餐桌,2023-02-22,2024-03-01,valid"
    for days, time, sheet, row in (
        (0, "12:00:00", CERTIFICATE, certificate),
        (1, "00:00:00", ENTERPRISE, f"{code(1)},杭州甲试样有限公司,330100,active"),
        (1, "23:59:59", ENTERPRISE, f"{code(1)},杭州甲试样有限公司,310000,active"),
        (3, "12:00:00", ENTERPRISE, f"{code(1)},杭州甲试样有限公司,110000,active"),
    ):
        bring(registry, tmp_path, [(days, time, (sheet, row), days == 1)])
    seen = []
    for days in range(5):
        tally = counted(registry, "green-products", "abroad", FIRST + dt.timedelta(days))
        seen.append((tally.total, next(iter(tally.facets["region"])), dict(tally.facets["standing"])))
    assert seen == [
        (1, UNSTATED, {"in_force": 1}),
        (1, "310000", {"in_force": 1}),
        (1, "310000", {"in_force": 1}),
        (1, "110000", {"ended": 1}),
        (1, "110000", {"ended": 1}),
    ]


def blocks(registry: Registry) -> list[tuple[int, int]]:
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(EntryBlock.first_entry, EntryBlock.last_entry).order_by(EntryBlock.first_entry)
        )
        return [(row.first_entry, row.last_entry) for row in rows]


def test_blocks_follow_the_log_without_a_gap_and_stay_few(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry_blocks, "STEP", 2)
    sheet = "\n".join(f"{code(number)},杭州甲试样有限公司,330100,active" for number in range(23))
    bring(registry, tmp_path, [(0, "12:00:00", (ENTERPRISE, sheet), True)])
    made = blocks(registry)
    assert (made[0][0], made[-1][1]) == (1, 23)
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(made))
    assert len(made) <= 5
    expected = replayed(log(registry), "", "real", FIRST)
    assert counted(registry, "", "real", FIRST) == expected
    # With the index they are dropped, and the relay makes them anew; until then readers read the log.
    indexing.rebuild_index(registry)
    assert blocks(registry) == []
    assert counted(registry, "", "real", FIRST) == expected
    relay.run_relay_once(registry, confirmed=True)
    assert blocks(registry)[-1][1] == 23
    # Blocks of another form are not read, and those behind a gap neither.
    monkeypatch.setattr(entry_blocks, "FORMAT", 0)
    assert counted(registry, "", "real", FIRST) == expected
    assert entry_blocks.extend_history(registry) == 2
    assert blocks(registry) == [(1, 2)]


def test_what_no_block_holds_yet_is_read_up_to_a_limit_and_not_what_came_later(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry_blocks, "MAX_UNREAD", 3)
    rows = [f"{code(number)},杭州甲试样有限公司,330100,active" for number in range(7)]
    bring(registry, tmp_path, [(0, "23:59:59", (ENTERPRISE, "\n".join(rows[:3])), False)])
    bring(registry, tmp_path, [(1, "00:00:00", (ENTERPRISE, "\n".join(rows[3:])), False)])
    assert counted(registry, "", "real", FIRST).total == 3
    with pytest.raises(Unavailable, match="days_being_counted"):
        counted(registry, "", "real", FIRST + dt.timedelta(1))
    relay.run_relay_once(registry, confirmed=True)
    assert counted(registry, "", "real", FIRST + dt.timedelta(1)).total == 7
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Entry)).scalar() == 7
