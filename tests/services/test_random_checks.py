"""Random checks: announced before anybody can know what is drawn, drawn by rule, results published by two persons with what follows."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from registry import clock
from registry.accounts.model import User
from registry.accounts.policy import ANONYMOUS, ROLES, Action, Actor, may
from registry.accounts.standing_aside import DeclaredInterest
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.random_check import CheckInspector, CheckPopulation, DrawnInspector
from registry.kit.record import Record
from registry.services import random_checks
from registry.services.bootstrap import Registry
from registry.services.filing import filed_records
from registry.services.operations import relay
from registry.services.operations.integrity_check import check_store
from registry.services.people.sessions import UserSession
from registry.services.random_checks import public_pages
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.checks import (
    CHECK_DAY,
    DRAFT,
    DRAW_DAY,
    FAILED,
    FIGURE,
    PASSED,
    announce,
    codes,
    drawn_check,
    fixed_now,
    number_of,
    numbers,
    on_check_day,
    owner,
    page_of,
    reviewers,
)
from tests.services.deciders import staff, status_of
from tests.services.filers import (
    DECLARATIONS,
    NOW,
    at,
    firm,
)
from tests.services.members import FIRM_NUMBER

__all__ = ["firm", "fixed_now", "numbers", "owner", "reviewers"]


def recomputed(registry: Registry, folder: Path, number: str, **changed: Any) -> tuple[int, str]:
    """What the published script says of the published files. `changed`: keys of the population file."""
    script = folder / "recompute_draw.py"
    script.write_bytes(random_checks.recomputing_script(ANONYMOUS))
    check = json.dumps(random_checks.check_json(registry, ANONYMOUS, number))
    population = json.dumps(random_checks.population_json(registry, ANONYMOUS, number) | changed)
    for name, text in (("check.json", check), ("population.json", population)):
        (folder / name).write_text(text, encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-I", script, folder / "check.json", folder / "population.json"],
        capture_output=True,
        text=True,
        check=False,
    )
    return run.returncode, run.stderr.strip()


# Announcing


def test_an_announcement_is_an_entry_of_the_log(
    firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    preview = random_checks.preview_check(firm, reviewers[0], DRAFT)
    assert (preview.population, preview.sample, preview.first) == (3, 2, tuple(sorted(numbers)))
    check = announce(firm, reviewers[0])
    page = page_of(firm, reviewers[0], check)
    assert (page.line.state, page.population, page.sample, page.inspectors) == ("announced", 3, 2, 2)
    assert page.population_hash == preview.population_hash
    assert page.draw is None
    [entry] = page.entries
    assert entry.index is not None
    population = random_checks.population_json(firm, ANONYMOUS, page.line.number)
    assert population["numbers"] == sorted(numbers)
    public = json.dumps(random_checks.check_json(firm, ANONYMOUS, page.line.number), ensure_ascii=False)
    assert "周敏" not in public
    assert list(check_store(firm)) == []
    [line] = random_checks.list_checks(firm, ANONYMOUS)[0]
    assert line.number == page.line.number
    assert list(random_checks.list_check_paths(firm, ANONYMOUS)) == [line.path]
    with pytest.raises(NotFound):
        random_checks.get_check(firm, ANONYMOUS, "RC-2026-000999-0")


@pytest.mark.once
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title_zh": " "}, ("title_zh", "required")),
        ({"title_zh": "查" * 201}, ("title_zh", "too_long")),
        ({"figure_zh": ""}, ("figure_zh", "required")),
        ({"source": ""}, ("source", "required")),
        ({"size": ""}, ("size", "size_or_share")),
        ({"share": "5"}, ("size", "size_or_share")),
        ({"size": "0"}, ("size", "size_not_whole")),
        ({"size": "1001"}, ("size", "size_not_whole")),
        ({"size": "", "share": "0"}, ("share", "share_not_possible")),
        ({"size": "", "share": "101"}, ("share", "share_not_possible")),
        ({"size": "", "share": "NaN"}, ("share", "share_not_possible")),
        ({"figure_count": "0"}, ("figure_count", "size_not_whole")),
        ({"figure_count": "21"}, ("figure_count", "size_not_whole")),
        ({"names": "周敏"}, ("names", "too_few_inspectors")),
        ({"names": "\n".join(map(str, range(201)))}, ("names", "too_many_inspectors")),
        ({"accounts": (1_000_000,)}, ("accounts", "inspector_unknown")),
        ({"seed_on": "2026-05-04"}, ("seed_on", "seed_day_too_early")),
        ({"seed_on": ""}, ("seed_on", "required")),
        ({"seed_on": "soon"}, ("seed_on", "date_shape")),
        ({"seed_on": "2026-06"}, ("seed_on", "whole_day")),
        ({"results_until": "2026-05-07"}, ("results_until", "results_before_draw")),
        ({"results_until": "2027-05-06"}, ("results_until", "day_too_far")),
        ({"register": "standards"}, ("register", "check_not_possible")),
        ({"query": "region=110000"}, ("register", "population_empty")),
    ],
)
def test_what_cannot_be_announced_is_told(
    firm: Registry,
    numbers: list[str],
    reviewers: tuple[Actor, Actor],
    changes: dict[str, Any],
    problem: tuple[str, str],
) -> None:
    del numbers
    with pytest.raises(Invalid) as refused:
        random_checks.announce_check(firm, reviewers[0], replace(DRAFT, **changes))
    assert problem in codes(refused)
    assert random_checks.list_checks(firm, ANONYMOUS)[0] == ()


def test_the_day_after_and_the_share_at_their_ends_are_taken(
    firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    changes: dict[str, Any] = {"size": "", "share": "0.1％", "seed_on": "2026-05-05"}
    preview = random_checks.preview_check(firm, reviewers[0], replace(DRAFT, **changes))
    assert preview.sample == 1  # a share is rounded up
    whole = random_checks.preview_check(firm, reviewers[0], replace(DRAFT, size="", share="100"))
    assert whole.sample == len(numbers)
    more = random_checks.preview_check(firm, reviewers[0], replace(DRAFT, size="1000"))
    assert more.sample == len(numbers)  # a sample larger than the population is all of it


def test_only_records_in_the_states_of_the_register_are_drawn_from(
    firm: Registry, owner: UserSession, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    filed_records.withdraw_record(firm, owner.actor, at(numbers[0]), reason="停产（演示）")
    relay.run_relay_once(firm)
    for query in ("", "ended=1", "status=withdrawn", "q=餐桌0号"):
        preview = random_checks.preview_check(firm, reviewers[0], replace(DRAFT, query=query))
        assert preview.first == tuple(sorted(numbers[1:]))


# Roles and bounds


def test_roles(firm: Registry, numbers: list[str]) -> None:
    del numbers
    for role in sorted(ROLES - {"visitor", "system"}):
        actor = staff(
            firm,
            role,
            region={"reviewer_county": "330102", "reviewer_city": "330100"}.get(
                role, "330000" if role == "reviewer_province" else ""
            ),
        )
        region = {"reviewer_county": "330102"}.get(role, "330100")
        attempt = replace(DRAFT, query=f"region={region}")
        if may(actor, Action.ANNOUNCE_CHECKS):
            assert role.startswith("reviewer") or role == "registrar"
            if role != "reviewer_county":  # of whose county there is no record
                assert random_checks.preview_check(firm, actor, attempt).population == 3
        else:
            with pytest.raises(Forbidden):
                random_checks.announce_check(firm, actor, attempt)
        if may(actor, Action.SEE_CHECKS):
            assert random_checks.list_desk_checks(firm, actor) == ()
        else:
            assert role in {"enterprise", "body", "publisher", "admin"}
            with pytest.raises(Forbidden):
                random_checks.list_desk_checks(firm, actor)


@pytest.mark.parametrize(
    ("own", "query", "possible"),
    [
        ("330000", "region=330100", True),
        ("330000", "region=330000", True),
        ("330000", "", False),
        ("330000", "region=330100&region=110000", False),
        ("440000", "region=330100", False),
        ("", "region=330100", False),
    ],
)
def test_a_reviewer_of_a_region_announces_within_it(
    firm: Registry, numbers: list[str], own: str, query: str, possible: bool
) -> None:
    del numbers
    actor = staff(firm, "reviewer_province", region=own)
    attempt = replace(DRAFT, query=query)
    if possible:
        assert random_checks.preview_check(firm, actor, attempt).population == 3
        return
    with pytest.raises(Invalid) as refused:
        random_checks.announce_check(firm, actor, attempt)
    assert codes(refused) == {("region", "check_outside_region")}


def test_a_suspended_account_announces_nothing(
    firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    del numbers
    with unit_of_work(firm.engine) as connection:
        connection.execute(
            update(User).where(User.id == reviewers[0].user_id).values(suspended_at=clock.now())
        )
    with pytest.raises(Forbidden):
        random_checks.announce_check(firm, reviewers[0], DRAFT)


# Drawing


def test_anybody_recomputes_the_draw(firm: Registry, numbers: list[str], tmp_path: Path) -> None:
    check, first, _second = drawn_check(firm)
    page = page_of(firm, first, check)
    assert page.draw is not None
    assert page.draw.figure == "3105.6"
    assert len(page.records) == 2
    assert {each.record.number for each in page.records} < set(numbers)
    assert all(len(each.inspectors) == 2 for each in page.records)
    assert recomputed(firm, tmp_path, page.line.number) == (0, "")
    relay.run_relay_once(firm)
    assert list(check_store(firm)) == []
    document = random_checks.check_json(firm, ANONYMOUS, page.line.number)
    assert document["draw"]["checkpoint"]["leaf"]["recorded_at"] < "2026-05-06T16"  # Shanghai's midnight
    assert len(public_pages.SCRIPT.read_text("utf-8").splitlines()) <= 30


def test_one_changed_byte_of_the_population_is_noticed(
    firm: Registry, numbers: list[str], tmp_path: Path
) -> None:
    check, first, _second = drawn_check(firm)
    number = number_of(firm, first, check)
    changed = sorted(numbers)
    changed[0] = changed[0][:-1] + ("0" if changed[0][-1] != "0" else "1")
    for population in (changed, sorted(numbers)[1:], sorted(numbers, reverse=True), [*numbers, numbers[0]]):
        status, said = recomputed(firm, tmp_path, number, numbers=population)
        assert (status, said) == (1, "not the population that was announced")


def test_a_population_changed_in_the_store_is_not_drawn(
    firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    check = announce(firm, reviewers[0])
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(CheckPopulation).values(numbers="\n".join(sorted(numbers)[1:])))
    with clock.frozen_at(DRAW_DAY), pytest.raises(Conflict) as refused:
        random_checks.draw_check(firm, reviewers[1], check, FIGURE)
    assert refused.value.reason == "population_changed"


def test_who_draws_and_when(firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]) -> None:
    del numbers
    first, second = reviewers
    check = announce(firm, first)
    with clock.frozen_at(DRAW_DAY.replace(hour=0) - dt.timedelta(seconds=1)):
        with pytest.raises(Conflict) as early:
            random_checks.draw_check(firm, second, check, FIGURE)
        assert early.value.reason == "draw_too_early"
    with clock.frozen_at(DRAW_DAY.replace(hour=0)):
        for actor, reason in ((first, "check_is_own"), (staff(firm, "inspector"), "role_may_not")):
            with pytest.raises(Forbidden) as refused:
                random_checks.draw_check(firm, actor, check, FIGURE)
            assert refused.value.reason == reason
        elsewhere = staff(firm, "reviewer_province", region="440000")
        with pytest.raises(Forbidden):
            random_checks.draw_check(firm, elsewhere, check, FIGURE)
        for figure, code in (("", "figure_shape"), ("3105,6x", "figure_shape"), ("3 8", "figure_count")):
            with pytest.raises(Invalid) as wrong:
                random_checks.draw_check(firm, second, check, figure)
            assert codes(wrong) == {("figure", code)}
        random_checks.draw_check(firm, second, check, FIGURE)
        with pytest.raises(Conflict):
            random_checks.draw_check(firm, second, check, FIGURE)
        with pytest.raises(Conflict):
            random_checks.cancel_check(firm, second, check, "晚了（演示）")


def test_nothing_written_on_the_day_of_the_figure_changes_the_seed(
    firm: Registry, owner: UserSession, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    check = announce(firm, reviewers[0])
    with clock.frozen_at(DRAW_DAY):
        filed_records.withdraw_record(firm, owner.actor, at(numbers[0]), reason="停产（演示）")
        relay.run_relay_once(firm)
        random_checks.draw_check(firm, reviewers[1], check, FIGURE)
    [announcement, *_draw] = page_of(firm, reviewers[0], check).entries
    draw = page_of(firm, reviewers[0], check).draw
    assert draw is not None
    assert (draw.checkpoint_index, draw.checkpoint_hash) == (announcement.index, announcement.leaf_hash)


def test_an_unsealed_log_is_waited_for(
    firm: Registry, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    del numbers
    check = random_checks.announce_check(firm, reviewers[0], DRAFT)
    with clock.frozen_at(DRAW_DAY), pytest.raises(Conflict) as refused:
        random_checks.draw_check(firm, reviewers[1], check, FIGURE)
    assert refused.value.reason == "checkpoint_not_sealed"


def test_who_withdraws_after_the_announcement_stays_in(
    firm: Registry, owner: UserSession, numbers: list[str], reviewers: tuple[Actor, Actor]
) -> None:
    check = announce(firm, reviewers[0], size="3")
    with clock.frozen_at(NOW + dt.timedelta(days=1)):
        filed_records.withdraw_record(firm, owner.actor, at(numbers[0]), reason="停产（演示）")
        relay.run_relay_once(firm)
    with clock.frozen_at(CHECK_DAY):
        random_checks.draw_check(firm, reviewers[1], check, FIGURE)
        filed_records.withdraw_record(firm, owner.actor, at(numbers[1]), reason="停产（演示）")
        page = page_of(firm, reviewers[0], check)
        assert {each.record.number for each in page.records} == set(numbers)
        places = {each.record.number: each.place for each in page.records}
        for number in numbers[:2]:
            random_checks.record_result(firm, reviewers[0], check, places[number], draft=on_check_day(FAILED))
            random_checks.publish_result(firm, reviewers[1], check, places[number])
            assert status_of(firm, DECLARATIONS, number) == "withdrawn"
        page = page_of(firm, reviewers[0], check)
        told = {each.record.number: each.result for each in page.records}
        result = told[numbers[0]]
        assert result is not None
        assert (result.result, result.no_order, result.order_ends_on) == ("failed", True, "")


def test_a_conflict_of_interest_excludes_an_inspector(firm: Registry, numbers: list[str]) -> None:
    inspectors = [staff(firm, "inspector") for _each in range(3)]
    with unit_of_work(firm.engine) as connection:
        holder = connection.execute(select(Record.id).where(Record.natural_key == FIRM_NUMBER)).scalar_one()
        connection.execute(
            insert(DeclaredInterest).values(
                user_id=inspectors[0].user_id, record_id=holder, reason="", declared_at=clock.now()
            )
        )
    check, first, _second = drawn_check(
        firm, size="3", names="", accounts=tuple(each.user_id for each in inspectors)
    )
    page = page_of(firm, first, check)
    assert page.draw is not None
    assert page.draw.exclusions == len(numbers)
    assert all(each.excluded == 1 for each in page.records)
    public = random_checks.check_json(firm, ANONYMOUS, page.line.number)
    reasons = {out["reason"] for each in public["draw"]["sample"] for out in each["excluded"]}
    assert reasons == {"conflict_of_interest"}
    with read_transaction(firm.engine) as connection:
        label = connection.execute(
            select(CheckInspector.label).where(CheckInspector.user_id == inspectors[0].user_id)
        ).scalar_one()
        assert label not in set(connection.execute(select(DrawnInspector.label)).scalars())
    with clock.frozen_at(CHECK_DAY), pytest.raises(Forbidden) as refused:
        random_checks.record_result(firm, inspectors[0], check, 1, draft=on_check_day(PASSED))
    assert refused.value.reason == "conflict_declared"
