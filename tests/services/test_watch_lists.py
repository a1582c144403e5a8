"""Watch lists: what is listed on which day, who sees it, and what it leads to."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.membership import Membership
from registry.accounts.policy import ANONYMOUS, Actor
from registry.errors import Forbidden
from registry.kit.record import Record
from registry.kit.watched import WatchItem
from registry.registers import catalogue
from registry.services import watch_lists
from registry.services.bootstrap import Registry
from registry.services.finding.projections import PageOfItems, search_json
from registry.services.finding.requests import SearchRequest
from registry.services.finding.scope import search_scope
from registry.services.operations import indexing, relay
from registry.services.watch_lists import WatchListsView, WatchQuery, keeping, lists
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.deciders import staff
from tests.services.watched import (
    CERTIFICATES,
    FIRM,
    NOW,
    OLD,
    OTHER_BODY,
    OTHER_FIRM,
    certificate,
    day,
    load,
    world,
)


@pytest.fixture
def watched(registry: Registry, tmp_path: Path) -> Iterator[Registry]:
    """A registry with bodies, firms and standards, on the day of `NOW`."""
    with clock.frozen_at(NOW):
        world(registry, tmp_path)
        yield registry


def seen(registry: Registry, actor: Actor, **query: str) -> list[tuple[str, str, int | None]]:
    """What a list shows: the last characters of the number in the title, the list, the days left."""
    view = watch_lists.get_desk_watch_lists(registry, actor, WatchQuery(**query))
    return [(row.title.zh[-3:], row.watch, row.days_left) for row in view.rows]


def member(registry: Registry, number: str, role: str = "owner", account: str = "enterprise") -> Actor:
    """A new account with a membership in the organisation or body of this natural number."""
    actor = staff(registry, account)
    with unit_of_work(registry.engine) as connection:
        record = connection.execute(select(Record.id).where(Record.number == number)).scalar_one()
        connection.execute(
            Membership.__table__.insert().values(
                record_id=record, user_id=actor.user_id, role=role, agent=False, since=clock.now()
            )
        )
    return actor


def test_ends_are_listed_from_ninety_days_before_to_the_last_day(watched: Registry, tmp_path: Path) -> None:
    rows = [
        certificate(f"DEMO-CGP-2025-00{100 + number}", valid_to=day(days))
        for number, days in enumerate((0, 1, 2, 90, 91))
    ]
    load(watched, tmp_path, CERTIFICATES, rows)
    registrar = staff(watched, "registrar")
    assert seen(watched, registrar) == [
        ("100", "ends", 0),
        ("101", "ends", 1),
        ("102", "ends", 2),
        ("103", "ends", 90),
    ]
    with clock.frozen_at(NOW + dt.timedelta(days=1)):
        relay.run_relay_once(watched, confirmed=True)
        assert seen(watched, registrar) == [
            ("101", "ends", 0),
            ("102", "ends", 1),
            ("103", "ends", 89),
            ("104", "ends", 90),
        ]


def test_what_is_overdue_comes_first_and_ties_by_record(watched: Registry, tmp_path: Path) -> None:
    due = [(100, 5), (101, -1), (102, 0), (103, -1), (104, -40)]
    rows = [
        certificate(f"DEMO-CGP-2025-00{number}", surveillance=[{"due_on": day(days)}]) for number, days in due
    ]
    load(watched, tmp_path, CERTIFICATES, rows)
    registrar = staff(watched, "registrar")
    assert [(number, left) for number, _watch, left in seen(watched, registrar)] == [
        ("104", -40),
        ("101", -1),
        ("103", -1),
        ("102", 0),
        ("100", 5),
    ]
    view = watch_lists.get_desk_watch_lists(watched, registrar, WatchQuery())
    assert view.counts["when"] == {"overdue": 3, "soon": 2}
    marks = [row.mark.en if row.mark else "" for row in view.rows]
    assert marks == ["Surveillance overdue"] * 3 + ["", ""]
    assert [act.path.rpartition("/")[2] for act in view.rows[0].acts] == ["suspended", "revoked"]
    assert seen(watched, registrar, when="overdue") == seen(watched, registrar)[:3]
    assert seen(watched, registrar, when="never") == []


def test_an_amendment_takes_a_thing_off_and_brings_another(watched: Registry, tmp_path: Path) -> None:
    number = "DEMO-CGP-2025-00100"
    load(watched, tmp_path, CERTIFICATES, [certificate(number, surveillance=[{"due_on": day(-3)}])])
    registrar = staff(watched, "registrar")
    assert seen(watched, registrar) == [("100", "surveillance", -3)]
    done = [{"due_on": day(-3), "done_on": day(-1), "result": "合格"}, {"due_on": day(300)}]
    load(watched, tmp_path, CERTIFICATES, [certificate(number, surveillance=done)])
    assert seen(watched, registrar) == []
    failed = [{"due_on": day(-3), "done_on": day(-1), "result": "不合格"}]
    load(watched, tmp_path, CERTIFICATES, [certificate(number, surveillance=failed)])
    assert seen(watched, registrar) == [("100", "surveillance", None)]
    load(
        watched,
        tmp_path,
        CERTIFICATES,
        [
            certificate(
                number, surveillance=failed, status="revoked", status_reason="严重质量问题", legal_basis="x"
            )
        ],
    )
    assert seen(watched, registrar) == []


def test_a_new_edition_lists_who_must_change(watched: Registry, tmp_path: Path) -> None:
    """By the day of the transition: before the old edition has ended, after it, and where no day is stated."""
    load(
        watched,
        tmp_path,
        CERTIFICATES,
        [certificate("DEMO-CGP-2025-00100"), certificate("DEMO-CGP-2025-00101", standard_edition=OLD)],
    )
    registrar = staff(watched, "registrar")
    old = {"number": OLD, "title_zh": "绿色产品评价 家具", "replaced_by": "GB/T 35607-2024"}
    assert ("101", "standard", None) in seen(watched, registrar)
    for row, left in (
        ({**old, "withdrawn_on": day(5), "transition_until": day(40), "status": "in_force"}, 40),
        ({**old, "withdrawn_on": day(-5), "transition_until": day(40), "status": "superseded"}, 40),
        ({**old, "withdrawn_on": day(-5), "transition_until": day(-1), "status": "superseded"}, -1),
    ):
        load(watched, tmp_path, "standards", [row])
        assert ("101", "standard", left) in seen(watched, registrar)
        assert [each for each in seen(watched, registrar) if each[0] == "100"] == []
    for named, count in (
        (OLD, 1),
        ("gbt 35607—2017", 1),
        ("CNCA-R-2099-101", 1),
        (FIRM, 1),
        (OTHER_FIRM, 0),
        ("!", 0),
    ):
        assert len(seen(watched, registrar, named=named)) == count
    assert seen(watched, registrar, named=OLD, watch="ends") == []


def test_holders_and_contradictions_are_listed_without_a_day(watched: Registry, tmp_path: Path) -> None:
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", applicant_uscc=OTHER_FIRM)])
    registrar = staff(watched, "registrar")
    assert seen(watched, registrar) == []
    ended = {"uscc": OTHER_FIRM, "name_zh": "北京旧屿家具有限公司（演示）", "region_code": "110000"}
    load(watched, tmp_path, "organisations", [{**ended, "status": "deregistered"}])
    assert seen(watched, registrar) == [("100", "party", None)]
    body = {**catalogue()["bodies"].samples[0], "scope": "有机"}
    load(watched, tmp_path, "bodies", [body])
    assert {watch for _number, watch, _left in seen(watched, registrar)} == {"party", "contradiction"}


def test_near_doubles_stand_on_the_list_of_both(watched: Registry, tmp_path: Path) -> None:
    rows = [certificate("DEMO-CGP-2025-0O100"), certificate("DEMO-CGP-2025-00100")]
    load(watched, tmp_path, CERTIFICATES, rows)
    found = [row for row in seen(watched, staff(watched, "registrar")) if row[1] == "double"]
    assert len(found) == 2


def test_lists_are_bounded_like_the_desk(watched: Registry, tmp_path: Path) -> None:
    plan = {"surveillance": [{"due_on": day(3)}]}
    rows = [
        certificate("DEMO-CGP-2025-00100", **plan),
        certificate("DEMO-CGP-2025-00101", **plan, region_code="110000", body_approval_no=OTHER_BODY),
        certificate("DEMO-CGP-2025-00102", **plan, region_code="", applicant_uscc=OTHER_FIRM),
    ]
    load(watched, tmp_path, CERTIFICATES, rows)
    here, elsewhere, nowhere = (
        staff(watched, "reviewer_province", region=region) for region in ("330000", "110000", "")
    )
    assert [number for number, *_rest in seen(watched, here)] == ["100"]
    # a record without a region has that of its holder
    assert [number for number, *_rest in seen(watched, elsewhere)] == ["101", "102"]
    assert seen(watched, nowhere) == []
    body = member(watched, OTHER_BODY, account="body")
    assert [number for number, *_rest in seen(watched, body)] == ["101"]
    assert len(seen(watched, staff(watched, "auditor"))) == 3
    for role in ("enterprise", "visitor", "inspector", "admin"):
        with pytest.raises(Forbidden):
            watch_lists.get_desk_watch_lists(watched, Actor(role, 1), WatchQuery())
        with pytest.raises(Forbidden):
            watch_lists.export_desk_watch_lists(watched, Actor(role, 1), WatchQuery(), "en")
    with pytest.raises(Forbidden):
        watch_lists.get_own_watch_lists(watched, ANONYMOUS, WatchQuery())
    with pytest.raises(Forbidden):
        watch_lists.export_own_watch_lists(watched, ANONYMOUS, WatchQuery(), "en")


def test_organisations_and_bodies_see_their_own(watched: Registry, tmp_path: Path) -> None:
    rows = [
        certificate("DEMO-CGP-2025-00100", valid_to=day(3)),
        certificate("DEMO-CGP-2025-00101", valid_to=day(3), applicant_uscc=OTHER_FIRM),
        certificate("DEMO-CGP-2025-0O101", valid_to="2029-01-01", body_approval_no=OTHER_BODY),
    ]
    load(watched, tmp_path, CERTIFICATES, rows)

    def own(actor: Actor) -> WatchListsView:
        return watch_lists.get_own_watch_lists(watched, actor, WatchQuery())

    firm, viewer, body = (
        member(watched, FIRM),
        member(watched, OTHER_FIRM, "viewer"),
        member(watched, "CNCA-R-2099-101", account="body"),
    )
    assert [row.title.zh[-3:] for row in own(firm).rows] == ["100"]
    assert [row.title.zh[-3:] for row in own(viewer).rows] == [
        "101"
    ]  # a possible double is for the authority
    assert [row.title.zh[-3:] for row in own(body).rows] == ["100", "101"]
    assert own(staff(watched, "enterprise")).rows == ()
    assert watch_lists.count_own_overdue(watched, firm) == (1, 0)
    # the body files certificates: it changes them; their holder does not
    assert [act.path for act in own(body).rows[0].acts] == [
        f"/workspace/bodies/CNCA-R-2099-101/{CERTIFICATES}?find={own(body).rows[0].number}"
    ]
    assert own(firm).rows[0].acts == ()


def test_filters_pages_and_the_file(
    watched: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        certificate(f"DEMO-CGP-2025-00{100 + number}", surveillance=[{"due_on": day(number - 2)}])
        for number in range(5)
    ]
    rows[0] |= {"valid_to": day(40)}
    rows[1] |= {"region_code": "110000"}
    load(watched, tmp_path, CERTIFICATES, rows)
    registrar = staff(watched, "registrar")
    assert [number for number, *_rest in seen(watched, registrar, region="11")] == ["101"]
    assert [number for number, *_rest in seen(watched, registrar, watch="ends")] == ["100"]
    assert seen(watched, registrar, register="brands") == []
    view = watch_lists.get_desk_watch_lists(watched, registrar, WatchQuery(watch="surveillance", region="33"))
    assert view.total == 4
    # each filter counts what passes the others
    assert view.counts["watch"] == {"surveillance": 4, "ends": 1}
    assert view.counts["region"] == {"33": 4, "11": 1}
    assert view.counts["register"] == {CERTIFICATES: 4}
    assert view.regions["33"].zh == "浙江省"
    monkeypatch.setattr(lists, "PAGE_SIZE", 2)
    monkeypatch.setattr(lists, "EXPORT_BATCH", 2)
    shown = []
    for page in (1, 2, 3):
        query = WatchQuery(watch="surveillance", page=page)
        found = watch_lists.get_desk_watch_lists(watched, registrar, query)
        assert (found.page, found.pages) == (page, 3)
        shown += [row.number for row in found.rows]
    assert len(set(shown)) == 5
    last = watch_lists.get_desk_watch_lists(watched, registrar, replace(query, page=99))
    assert (last.page, len(last.rows)) == (3, 1)
    file = b"".join(
        watch_lists.export_desk_watch_lists(watched, registrar, WatchQuery(watch="surveillance"), "en")
    )
    lines = list(csv.DictReader(io.StringIO(file.decode("utf-8-sig"))))
    assert [line["Number"] for line in lines] == shown
    assert lines[0]["What is due"] == "Surveillance (Surveillance overdue)"
    assert (lines[0]["Date"], lines[0]["Days left"], lines[0]["Region"]) == (
        day(-2),
        "-2",
        "Hangzhou, Zhejiang",
    )


def test_all_records_are_looked_at_when_registers_declare_other_things(
    watched: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", valid_to=day(3))])
    assert keeping.keep_lists(watched) == 0
    with unit_of_work(watched.engine) as connection:  # as after an upgrade
        connection.execute(WatchItem.__table__.delete())
    monkeypatch.setattr(keeping, "_declared", lambda: "other")
    monkeypatch.setattr(keeping, "BATCH_SIZE", 5)
    with read_transaction(watched.engine) as connection:
        records = len(connection.execute(select(Record.id)).all())
    assert keeping.keep_lists(watched) == records
    assert keeping.keep_lists(watched) == 0
    assert seen(watched, staff(watched, "registrar")) == [("100", "ends", 3)]


def test_another_interval_of_a_scheme_is_something_else_that_is_declared(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    declared, own = keeping._declared(), catalogue()[CERTIFICATES]
    assert keeping._declared() == declared
    [due] = own.due_dates
    assert "green_product=12" in due.basis
    other = replace(own, due_dates=(replace(due, basis=due.basis.replace("=12", "=6", 1)),))
    monkeypatch.setattr(keeping, "catalogue", lambda: {**catalogue(), CERTIFICATES: other})
    assert keeping._declared() != declared


def test_a_rebuilt_index_brings_the_lists(watched: Registry, tmp_path: Path) -> None:
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", valid_to=day(3))])
    with unit_of_work(watched.engine) as connection:
        connection.execute(WatchItem.__table__.delete())
    indexing.rebuild_index(watched)
    assert seen(watched, staff(watched, "registrar")) == [("100", "ends", 3)]


def test_a_record_without_a_region_goes_where_its_holder_moves(watched: Registry, tmp_path: Path) -> None:
    load(
        watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", region_code="", valid_to=day(5))]
    )
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00101", valid_to=day(5))])
    before, after = (staff(watched, "reviewer_province", region=code) for code in ("330000", "110000"))
    assert [number for number, _watch, _left in seen(watched, before)] == ["100", "101"]
    assert seen(watched, after) == []
    load(watched, tmp_path, "organisations", [{"uscc": FIRM, "region_code": "110000"}])
    for days in (0, 1):
        with clock.frozen_at(NOW + dt.timedelta(days=days)):
            relay.run_relay_once(watched, confirmed=True)
            assert [number for number, _watch, _left in seen(watched, before)] == ["101"]
            assert [number for number, _watch, _left in seen(watched, after)] == ["100"]
            found = search_json(
                watched,
                ANONYMOUS,
                SearchRequest(scope=search_scope(CERTIFICATES), filters={"region": ("110000",)}),
                PageOfItems(10),
                lang="en",
            )
            assert [item["title"]["zh"][-3:] for item in found["items"]] == ["100"]
