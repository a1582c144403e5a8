"""What the first page tells of the log: changes of status folded, the newest entry, and an old record for each day."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import relay
from registry.services.records import (
    changes,
    count_recent_changes,
    find_record_of_the_day,
    get_newest_entry,
    list_changes,
)
from tests.statements import asked

HEADER = "brand_name_zh,scheme,holder_name_zh,region_code,recognised_on,founded_year,status,demo\n"


def load(registry: Registry, folder: Path, *rows: str) -> None:
    sheet = folder / "brands.csv"
    sheet.write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    assert import_files(registry, REGISTRAR, "brands", [sheet]).refused == 0
    relay.run_relay_once(registry)


def row(name: str, status: str = "listed", founded: str = "", demo: str = "") -> str:
    return f"{name},national,{name}有限公司,110000,2006年,{founded},{status},{demo}"


def test_equal_changes_are_one_line_and_new_records_come_last(registry: Registry, tmp_path: Path) -> None:
    assert list_changes(registry, ANONYMOUS, "en") == ()
    load(registry, tmp_path, *(row(name) for name in ("甲号", "乙号", "丙号")), row("丁号", demo="true"))
    new, invented = list_changes(registry, ANONYMOUS, "en")
    assert (new.before, new.after.code, new.others) == (None, "listed", 2)
    assert (invented.record.demo, invented.others) == (True, 0)
    load(
        registry,
        tmp_path,
        row("甲号", "suspended"),
        row("乙号", "suspended"),
        row("丁号", "suspended", demo="true"),
    )
    changes = list_changes(registry, ANONYMOUS, "zh")
    assert [(each.before.code if each.before else "", each.after.code, each.others) for each in changes] == [
        ("listed", "suspended", 1),
        ("listed", "suspended", 0),
        ("", "listed", 2),
        ("", "listed", 0),
    ]
    assert [each.record.demo for each in changes] == [False, True, False, True]
    assert changes[0].record.title.zh == "乙号"


def test_a_line_counts_one_day_only(registry: Registry, tmp_path: Path) -> None:
    """The last one of its kind on a day, with the others of that day; those of the day before are not told as of today."""
    with clock.frozen_at(clock.now() - dt.timedelta(3)):
        load(registry, tmp_path, *(row(f"{name}号") for name in "甲乙丙丁"))
    with clock.frozen_at(clock.now() - dt.timedelta(1)):
        load(registry, tmp_path, row("甲号", "suspended"), row("乙号", "suspended"), row("丁号", "removed"))
    load(registry, tmp_path, row("丙号", "suspended"))
    changes = list_changes(registry, ANONYMOUS, "zh")
    found = [(each.after.code, each.record.title.zh, each.others, each.date) for each in changes]
    days = [(clock.today() - dt.timedelta(back)).isoformat() for back in (0, 1, 3)]
    assert found == [
        ("suspended", "丙号", 0, days[0]),
        ("removed", "丁号", 0, days[1]),
        ("listed", "丁号", 3, days[2]),
    ]


def test_the_newest_entry_is_that_of_the_log(registry: Registry, tmp_path: Path) -> None:
    assert get_newest_entry(registry, ANONYMOUS) is None
    registry.newest_entry.get(lambda: None)
    load(registry, tmp_path, row("甲号"), row("乙号"))
    registry.newest_entry._computed = None
    newest = get_newest_entry(registry, ANONYMOUS)
    assert newest is not None
    assert newest.index == 1


def test_a_day_has_one_old_real_record_in_force(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = clock.today()
    assert find_record_of_the_day(registry, ANONYMOUS, "zh") is None
    registry.record_of_the_day._computed = None
    load(
        registry,
        tmp_path,
        *(row(f"老{name}", founded=str(today.year - 100)) for name in "甲乙丙丁戊"),
        row("未满号", founded=str(today.year - 99)),
        row("无年号"),
        row("移出号", "removed", founded="1800"),
        row("虚构号", founded="1800", demo="true"),
    )
    shown = set()
    for days in range(30):
        monkeypatch.setattr(clock, "today", lambda days=days: today + dt.timedelta(days=days))
        first = find_record_of_the_day(registry, ANONYMOUS, "zh")
        registry.record_of_the_day._computed = None
        again = find_record_of_the_day(registry, ANONYMOUS, "en")
        assert first is not None
        assert again is not None
        assert first.record.number == again.record.number
        assert first.years >= 100
        assert first.story == ()
        shown.add(first.record.title.zh)
    assert shown <= {f"老{name}" for name in "甲乙丙丁戊"} | {"未满号"}  # which is old enough next year
    assert len(shown) > 2


def counted(registry: Registry) -> dict[str, tuple[int, int]]:
    recent = count_recent_changes(registry, ANONYMOUS)
    assert recent is not None
    return {each.status.code if each.status else each.kind: (each.real, each.demo) for each in recent.counts}


def test_the_past_seven_days_are_counted(registry: Registry, tmp_path: Path) -> None:
    """Real and invented ones apart; the eighth day is no longer counted, the first minute of the first one is."""
    assert count_recent_changes(registry, ANONYMOUS) is None
    today = clock.today()
    first = dt.datetime.combine(today - dt.timedelta(6), dt.time(0, 0), clock.SHANGHAI)
    with clock.frozen_at(first - dt.timedelta(minutes=1)):
        load(registry, tmp_path, row("甲号"), row("乙号"))
    with clock.frozen_at(first):
        load(registry, tmp_path, row("丙号"), row("丁号", demo="true"))
    assert counted(registry) == {"new": (1, 1)}
    load(registry, tmp_path, row("甲号", "suspended"), row("丁号", "suspended", demo="true"))
    load(registry, tmp_path, row("乙号", founded="1900"), row("丙号", "removed"))
    assert counted(registry) == {"new": (1, 1), "amended": (1, 0), "suspended": (1, 1), "removed": (1, 0)}
    load(registry, tmp_path, row("甲号"), row("丁号", demo="true"))
    after = counted(registry)
    assert list(after) == ["new", "amended", "restored", "suspended", "removed"]
    assert after["restored"] == (1, 1)
    recent = count_recent_changes(registry, ANONYMOUS)
    assert recent is not None
    days = (recent.days, recent.since, recent.until)
    assert days == (7, (today - dt.timedelta(6)).isoformat(), today.isoformat())


def test_a_fast_log_is_counted_in_whole_days(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day of the first entry that is left out is not counted, nor are those before it."""
    for days in (4, 2, 1, 0):
        with clock.frozen_at(clock.now() - dt.timedelta(days)):
            load(registry, tmp_path, row(f"号{days}"), row(f"又{days}"))
    windows = {100: (7, 8), 8: (7, 8), 7: (4, 6), 6: (4, 6), 5: (2, 4), 4: (2, 4), 3: (1, 2), 2: (1, 2)}
    for window, expected in windows.items():
        monkeypatch.setattr(changes, "CHANGES_WINDOW", window)
        recent = count_recent_changes(registry, ANONYMOUS)
        assert recent is not None
        assert (recent.days, recent.counts[0].real) == expected, window
    monkeypatch.setattr(changes, "CHANGES_WINDOW", 1)
    assert count_recent_changes(registry, ANONYMOUS) is None


def test_the_log_is_looked_through_once_for_an_entry_and_a_day(registry: Registry, tmp_path: Path) -> None:
    def scans() -> int:
        with asked(registry.engine) as statements:
            for lang in ("zh", "en"):
                list_changes(registry, ANONYMOUS, lang)
                count_recent_changes(registry, ANONYMOUS)
        return sum("LEFT OUTER JOIN entry " in each for each in statements)

    load(registry, tmp_path, row("甲号"))
    assert (scans(), scans()) == (2, 0)
    load(registry, tmp_path, row("甲号", "suspended"))
    assert scans() == 2
    assert [each.after.code for each in list_changes(registry, ANONYMOUS, "en")] == ["suspended", "listed"]
    with clock.frozen_at(clock.now() + dt.timedelta(days=8)):
        assert count_recent_changes(registry, ANONYMOUS) is None
        assert len(list_changes(registry, ANONYMOUS, "en")) == 2
