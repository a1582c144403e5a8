"""Random checks for tests: declarations to draw from, an announcement, a draw, results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, Actor
from registry.errors import Invalid
from registry.kit.issues import Issue
from registry.services import random_checks
from registry.services.bootstrap import Registry
from registry.services.operations import relay
from registry.services.people.sessions import UserSession
from registry.services.random_checks import CheckDraft, ResultDraft
from tests.services.deciders import staff
from tests.services.filers import NOW, OWN_STANDARD, file_declaration
from tests.services.members import sign_up_owner

NAMES = "周敏\n吴刚"
FIGURE = "3,105.60"
DRAFT = CheckDraft(
    register="declarations",
    query="",
    title_zh="2026年家具企业标准声明抽查（演示）",
    title_en="Check of declared furniture standards 2026 (demo)",
    size="2",
    names=NAMES,
    figure_zh="上证综合指数收盘点位",
    figure_en="Closing value of the SSE Composite Index",
    source="https://www.sse.com.cn/",
    seed_on="2026-05-07",
    results_until="2026-06-30",
)
PASSED = ResultDraft("passed", "2026-05-08")
FAILED = ResultDraft(
    "failed",
    "2026-05-08",
    findings="甲醛释放量的试验方法有误（演示）。",
    findings_en="The test method for formaldehyde is wrong (demo).",
    article="《标准化法》第三十八条",
    fields={"correct_until": "2026-06-08", "ordered_by": "杭州市市场监督管理局"},
)
DRAW_DAY = NOW + dt.timedelta(days=3)
CHECK_DAY = NOW + dt.timedelta(days=5)
NOT_POSSIBLE = ResultDraft("not_possible", "2026-05-08", reason="not_found")


@pytest.fixture(autouse=True)
def fixed_now() -> Iterator[None]:
    """The clock stands at the day on which the checks are announced."""
    with clock.frozen_at(NOW):
        yield


@pytest.fixture
def owner(firm: Registry) -> UserSession:
    """The owner of the organisation whose declarations are drawn."""
    return sign_up_owner(firm)


@pytest.fixture
def numbers(firm: Registry, owner: UserSession) -> list[str]:
    """Numbers of the declarations that may be drawn."""
    return declare(firm, owner)


@pytest.fixture
def reviewers(firm: Registry) -> tuple[Actor, Actor]:
    """Two reviewers: what one prepares the other takes."""
    return staff(firm, "reviewer_national"), staff(firm, "reviewer_national")


def codes(invalid: pytest.ExceptionInfo[Invalid]) -> set[tuple[str, str]]:
    """Field and code of each issue."""
    issues: tuple[Issue, ...] = invalid.value.issues
    return {(issue.field, issue.code) for issue in issues}


def on_check_day(result: ResultDraft) -> ResultDraft:
    """The result as of the day of the check."""
    return replace(result, done_on=CHECK_DAY.date().isoformat())


def declare(registry: Registry, owner: UserSession, count: int = 3) -> list[str]:
    """Publish declarations of one firm, each of another product; return their numbers."""
    numbers = [
        file_declaration(
            registry,
            owner,
            {
                **OWN_STANDARD,
                "std_no": f"Q/HZQY {100 + index:04}-2026",
                "product_name_zh": f"演示餐桌{index}号",
            },
        )
        for index in range(count)
    ]
    relay.run_relay_once(registry)
    return numbers


def announce(registry: Registry, actor: Actor, **changes: Any) -> int:
    check = random_checks.announce_check(registry, actor, replace(DRAFT, **changes))
    relay.run_relay_once(registry)
    return check


def drawn_check(registry: Registry, **changes: Any) -> tuple[int, Actor, Actor]:
    """A check that was announced by one reviewer and drawn by another on the day of the figure."""
    first, second = staff(registry, "reviewer_national"), staff(registry, "reviewer_national")
    check = announce(registry, first, **changes)
    with clock.frozen_at(NOW + dt.timedelta(days=3)):
        random_checks.draw_check(registry, second, check, FIGURE)
    return check, first, second


def number_of(registry: Registry, actor: Actor, check: int) -> str:
    view, _drawn = random_checks.get_desk_check(registry, actor, check)
    return view.line.number


def page_of(registry: Registry, actor: Actor, check: int) -> random_checks.CheckPageView:
    return random_checks.get_check(registry, ANONYMOUS, number_of(registry, actor, check))
