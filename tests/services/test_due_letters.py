"""Letters of what is due: each thing once at each threshold, to those whom it concerns, in their language, while they want them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from sqlalchemy import select, update

from registry import clock
from registry.accounts.model import User
from registry.accounts.policy import Actor
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from registry.services.people import own_account
from registry.services.watch_lists import digests
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services.deciders import staff
from tests.services.people import read_mails
from tests.services.test_watch_lists import member
from tests.services.watched import (
    CERTIFICATES,
    FIRM,
    NOW,
    OTHER_FIRM,
    certificate,
    day,
    load,
    world,
)


@pytest.fixture
def watched(registry: Registry, tmp_path: Path) -> Iterator[Registry]:
    with clock.frozen_at(NOW):
        world(registry, tmp_path)
        yield registry


def address_of(registry: Registry, actor: Actor) -> str:
    with read_transaction(registry.engine) as connection:
        return str(connection.execute(select(User.email).where(User.id == actor.user_id)).scalar_one())


def letters_to(registry: Registry, actor: Actor) -> list[EmailMessage]:
    address = address_of(registry, actor)
    return [mail for mail in read_mails(registry) if mail["To"] == address]


def relay_on(registry: Registry, days: int) -> None:
    with clock.frozen_at(NOW + dt.timedelta(days=days)):
        relay.run_relay_once(registry, confirmed=True)


def test_each_threshold_is_told_once(watched: Registry, tmp_path: Path) -> None:
    holder = member(watched, FIRM)
    plan = [{"due_on": day(91)}]
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", surveillance=plan)])
    told = []
    for days in (0, 1, 1, 2, 60, 61, 62, 83, 84, 85, 91, 92, 93, 400):
        relay_on(watched, days)
        told.append(len(letters_to(watched, holder)))
    assert told == [0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4]
    first, *_others, last = letters_to(watched, holder)
    assert "Surveillance, by 1 March 2027: GP-2025-" in first.get_content()
    assert "overdue" in last.get_content()
    assert "/en/workspace/watch" in last.get_content()
    assert "/en/account/due-letters" in last.get_content()


def test_only_the_nearest_threshold_is_told_of_what_comes_late(watched: Registry, tmp_path: Path) -> None:
    holder = member(watched, FIRM)
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", valid_to=day(5))])
    assert len(letters_to(watched, holder)) == 1
    relay_on(watched, 1)
    assert len(letters_to(watched, holder)) == 1
    relay_on(watched, 6)  # it has expired: there is nothing to do any more
    assert len(letters_to(watched, holder)) == 1


def test_another_day_is_another_thing(watched: Registry, tmp_path: Path) -> None:
    holder, number = member(watched, FIRM), "DEMO-CGP-2025-00100"
    for days, count in ((5, 1), (6, 2), (5, 2)):
        load(watched, tmp_path, CERTIFICATES, [certificate(number, surveillance=[{"due_on": day(days)}])])
        assert len(letters_to(watched, holder)) == count


def test_what_has_no_day_is_told_again_when_it_comes_back(watched: Registry, tmp_path: Path) -> None:
    body = member(watched, "CNCA-R-2099-101", account="body")
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", applicant_uscc=OTHER_FIRM)])
    firm = {"uscc": OTHER_FIRM, "name_zh": "北京旧屿家具有限公司（演示）", "region_code": "110000"}
    for status, count in (("deregistered", 1), ("deregistered", 1), ("active", 1), ("deregistered", 2)):
        load(watched, tmp_path, "organisations", [{**firm, "status": status}])
        relay.run_relay_once(watched, confirmed=True)
        assert len(letters_to(watched, body)) == count


def test_one_letter_tells_of_everything_in_the_language_of_the_reader(
    watched: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = member(watched, FIRM)
    with unit_of_work(watched.engine) as connection:
        connection.execute(update(User).where(User.id == holder.user_id).values(lang="zh"))
    monkeypatch.setattr(digests, "MAX_LINES", 2)
    rows = [
        certificate(f"DEMO-CGP-2025-00{100 + number}", surveillance=[{"due_on": day(5 - number)}])
        for number in range(4)
    ]
    load(watched, tmp_path, CERTIFICATES, rows)
    [letter] = letters_to(watched, holder)
    content = letter.get_content()
    assert "4" in letter["Subject"]
    assert content.index("2026年12月2日") < content.index("2026年12月3日")
    assert "2026年12月4日" not in content  # the list has all
    assert "获证后监督" in content


def test_who_ended_them_or_has_nothing_to_do_with_it_gets_none(watched: Registry, tmp_path: Path) -> None:
    quiet, viewer, stranger, suspended = (
        member(watched, FIRM),
        member(watched, FIRM, "viewer"),
        member(watched, OTHER_FIRM),
        member(watched, FIRM),
    )
    own_account.choose_due_letters(watched, quiet, wanted=False)
    with unit_of_work(watched.engine) as connection:
        connection.execute(update(User).where(User.id == suspended.user_id).values(suspended_at=clock.now()))
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", valid_to=day(5))])
    for each in (quiet, viewer, stranger, suspended):
        assert letters_to(watched, each) == []
    own_account.choose_due_letters(watched, quiet, wanted=True)
    relay.run_relay_once(watched, confirmed=True)
    assert letters_to(watched, quiet) == []  # it was told when they wanted none
    load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00101", valid_to=day(5))])
    assert len(letters_to(watched, quiet)) == 1


def test_staff_hear_of_what_they_decide_within_their_bounds(watched: Registry, tmp_path: Path) -> None:
    national, here, elsewhere, auditor = (
        staff(watched, "reviewer_national"),
        staff(watched, "reviewer_province", region="370000"),
        staff(watched, "reviewer_province", region="330000"),
        staff(watched, "auditor"),
    )
    brand = {
        "scheme": "national",
        "brand_name_zh": "青屿坊",
        "holder_name_zh": "青屿",
        "region_code": "370100",
        "founded_year": "1903",
        "recognised_on": "2024",
        "status": "rectifying",
        "rectify_until": day(5),
        "legal_basis": "演示",
    }
    load(watched, tmp_path, "brands", [brand])
    assert [len(letters_to(watched, each)) for each in (national, here, elsewhere, auditor)] == [1, 1, 0, 0]
    [letter] = letters_to(watched, here)
    assert "Rectification or correction, by 5 December 2026" in letter.get_content()
    assert "/en/desk/watch" in letter.get_content()


def test_a_run_that_ends_before_its_letters_are_queued_tells_everything_again(
    watched: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = member(watched, FIRM)

    def fail(*_given: object, **_named: object) -> None:
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr(digests.letters, "enqueue_letter", fail)
        with pytest.raises(RuntimeError):
            load(watched, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100", valid_to=day(5))])
    assert letters_to(watched, holder) == []
    assert digests.write_digests(watched) == 1
    assert digests.write_digests(watched) == 0
    assert len(letters_to(watched, holder)) == 1
