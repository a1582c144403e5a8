"""Statistics of any corpus equal what SQL counts in the store, and every number is that of the list it leads to."""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections import Counter
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Invalid
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services import finding, statistics
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import relay
from registry.services.statistics import ORIGINS, StatisticsView
from registry.services.statistics.views import ChartView
from registry.store.unit_of_work import read_transaction
from tests.properties.test_partial_sheets import code

REGISTER = "organisations"
SOME_CORPORA = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
COLUMNS = ("uscc", "name_zh", "region_code", "founded_on", "status", "demo")
organisations = st.fixed_dictionaries(
    {
        "uscc": st.integers(0, 30).map(code),
        "name_zh": st.sampled_from(["杭州甲试样有限公司", "上海乙糖果有限公司"]),
        "region_code": st.sampled_from(["", "330100", "310000", "710000", "820000", "100000"]),
        "founded_on": st.sampled_from(["", "1851", "1999-01", "1999-01-31", "2024-12-31", "2026"]),
        "status": st.sampled_from(["active", "deregistered"]),
        "demo": st.sampled_from(["", "true"]),
    }
)
corpora = st.lists(organisations, min_size=1, max_size=12, unique_by=lambda row: row["uscc"])


def numbers(chart: ChartView) -> dict[str, int]:
    """The numbers of a chart that are not 0."""
    return {each.value: each.count for each in chart.counts if each.count}


def grouped(registry: Registry, origin: str, column: object) -> Counter[str]:
    """What SQL counts of the real or the invented records of the register, by a column."""
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(column, func.count())  # type: ignore[call-overload]
            .where(Record.register == REGISTER, Record.demo == (origin == "demonstration"))
            .group_by(column)
        )
        return Counter({str(value): number for value, number in rows})


def view(registry: Registry, origin: str, day: dt.date | None = None) -> StatisticsView:
    return statistics.read_statistics(registry, ANONYMOUS, REGISTER, origin=origin, day=day)


@SOME_CORPORA
@given(corpus=corpora)
def test_statistics_equal_what_sql_counts(
    registry: Registry, tmp_path: Path, corpus: list[dict[str, str]]
) -> None:
    path = tmp_path / "sheet.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(corpus)
    import_files(registry, REGISTRAR, REGISTER, [path])
    random.seed()  # Hypothesis seeds it alike for every example, and segments of the index are named by it
    relay.run_relay_once(registry)
    for origin in ("real", "demonstration"):
        shown = view(registry, origin)
        by_status = grouped(registry, origin, Record.status)
        assert shown.total == sum(by_status.values())
        charts = {chart.name: chart for chart in shown.charts}
        assert numbers(charts["status"]) == by_status
        provinces = grouped(registry, origin, func.substr(Record.region_code, 1, 2))
        known = {prefix: number for prefix, number in provinces.items() if prefix}
        assert numbers(charts["region"]) == {f"{prefix}0000": number for prefix, number in known.items()}
        assert charts["region"].unknown == shown.total - sum(known.values())
        years = grouped(registry, origin, func.substr(Record.valid_from, 1, 4))
        if "year" in charts:
            decades = Counter[str]()
            for year, number in years.items():
                decades[year if charts["year"].title == "By year" else f"{year[:3]}0"] += (
                    number if year else 0
                )
            assert numbers(charts["year"]) == +Counter({y: n for y, n in decades.items() if y != "0"})
            assert charts["year"].unknown == years[""]
        for each in (*shown.standings, *(count for chart in shown.charts for count in chart.counts)):
            assert bool(each.path) == bool(each.count), each
            if each.path:
                assert listed(registry, each.path) == each.count, each
        for chart in shown.charts:
            if chart.unknown_path:
                assert listed(registry, chart.unknown_path) == chart.unknown, chart


def listed(registry: Registry, path: str) -> int:
    """How many records the list of a path has."""
    page, _sign, query = path.partition("?")
    scope = finding.search_scope("" if page == "/search" else page.strip("/"))
    request = finding.parse_request(scope, parse_qsl(query))
    return finding.find_records(registry, ANONYMOUS, request, "en").total


def test_every_number_of_every_register_is_that_of_its_list(filled: Registry) -> None:
    for slug in ("", *catalogue()):
        for origin in ORIGINS:
            shown = statistics.read_statistics(filled, ANONYMOUS, slug, origin=origin)
            counts = [*shown.standings, *(count for chart in shown.charts for count in chart.counts)]
            wrong = [each for each in counts if each.path and listed(filled, each.path) != each.count]
            assert wrong == []
            for share in shown.shares:
                assert share.part <= share.whole
                for path, number in ((share.part_path, share.part), (share.whole_path, share.whole)):
                    assert (listed(filled, path) if path else 0) == number


def test_a_past_day_is_counted_from_its_entries(registry: Registry, tmp_path: Path) -> None:
    def bring(day: str, *rows: str) -> None:
        path = tmp_path / "sheet.csv"
        path.write_text("\n".join(("uscc,name_zh,region_code,status", *rows)), "utf-8")
        with clock.frozen_at(dt.datetime.fromisoformat(f"{day}T23:59:59+08:00")):
            import_files(registry, REGISTRAR, REGISTER, [path])
            relay.run_relay_once(registry)

    first, second = code(901), code(902)
    bring("2024-03-01", f"{first},杭州甲试样有限公司,330100,active")
    bring(
        "2024-03-02",
        f"{first},杭州甲试样有限公司,330100,deregistered",
        f"{second},上海乙糖果有限公司,,active",
    )
    by_day = {
        day: numbers(view(registry, "real", dt.date.fromisoformat(day)).charts[1])
        for day in ("2024-03-01", "2024-03-02")
    }
    assert by_day == {"2024-03-01": {"active": 1}, "2024-03-02": {"active": 1, "deregistered": 1}}
    before = view(registry, "real", dt.date(2024, 2, 29))
    assert (before.total, before.entry, before.recorded_at) == (0, None, None)
    then = view(registry, "real", dt.date(2024, 3, 1))
    assert then.is_past
    assert then.entry is not None
    assert not any(each.path for chart in then.charts for each in chart.counts)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Entry)).scalar() == 3
    # A day that has not come is today.
    assert not view(registry, "real", clock.today() + dt.timedelta(days=1)).is_past


def test_today_and_its_own_end_agree(filled: Registry) -> None:
    """What the index counts today is what the entries say of the same day, read tomorrow."""
    today = clock.today()
    now = {
        (slug, origin): statistics.read_statistics(filled, ANONYMOUS, slug, origin=origin)
        for slug in catalogue()
        for origin in ORIGINS
    }
    with clock.frozen_at(clock.now() + dt.timedelta(days=1)):
        for (slug, origin), shown in now.items():
            then = statistics.read_statistics(filled, ANONYMOUS, slug, origin=origin, day=today)
            assert then.is_past
            assert then.total == shown.total
            charts = {chart.name: numbers(chart) for chart in shown.charts if chart.name != "caution"}
            assert {
                chart.name: numbers(chart) for chart in then.charts if chart.name != "caution"
            } == charts, slug


def test_an_origin_that_there_is_not_is_refused(filled: Registry) -> None:
    with pytest.raises(Invalid):
        statistics.read_statistics(filled, ANONYMOUS, origin="nowhere")
