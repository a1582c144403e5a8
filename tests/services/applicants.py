"""Applications for a title, for tests: what a holder answers and hands in, and the people of the authority who examine it."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from registry import clock
from registry.accounts.policy import Actor
from registry.kit.record import Record
from registry.services import applying, deciding
from registry.services.applying import HandedInFile, StatedStep
from registry.services.bootstrap import Registry
from registry.services.filing import (
    DraftSubmission,
    NewDraft,
    UploadedFile,
    get_draft,
    open_draft,
    save_draft,
)
from registry.services.people.sessions import UserSession
from registry.store.unit_of_work import read_transaction
from tests.services import deciders
from tests.services.members import SLUG, sign_up_owner
from tests.services.people import ONE_PIXEL_PNG

MONDAY = dt.datetime(2026, 11, 30, 9, tzinfo=clock.SHANGHAI)
BRAND = "青屿坊"
ANSWERS: dict[str, Any] = {
    "scheme": "中华老字号",
    "brand_name_zh": BRAND,
    "category": "crafts",
    "industry_code": "C2110",
    "products": "红木家具",
    "founded_year": "1903",
    "founded_place": "杭州",
    "business_since": "1951",
    "story_zh": "金丝雀故事。",
    "right_basis": "trademark_owned",
    "holder_from": "2001-05-01",
    "trademarks": [{"number": "171188", "nice_class": "20", "owner": "杭州青屿", "valid_to": "2030-01-01"}],
}
EVIDENCE = ("licence", "trademark", "founding", "figures")


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """A day with known holidays after it: fifteen working days later it is 21 December."""
    with clock.frozen_at(MONDAY):
        yield


@pytest.fixture
def mei(firm: Registry) -> UserSession:
    """The owner of the firm that applies."""
    return sign_up_owner(firm)


@pytest.fixture
def people(firm: Registry) -> dict[str, Actor]:
    """The people of the authority."""
    return examiners(firm)


def brands(registry: Registry) -> list[tuple[str, str]]:
    """Number and status of each brand."""
    with read_transaction(registry.engine) as connection:
        of_register = select(Record.number, Record.status).where(Record.register == "brands")
        return [(row.number, row.status) for row in connection.execute(of_register.order_by(Record.id))]


def hand_in(
    registry: Registry, actor: Actor, draft: int, kind: str, *, public: bool = False, name: str = ""
) -> None:
    file = UploadedFile(name or f"{kind}.png", io.BytesIO(ONE_PIXEL_PNG))
    applying.attach_evidence(registry, actor, SLUG, draft, file=HandedInFile(kind, public, file))


def begin(registry: Registry, user: UserSession, register: str = "brands", **answers: Any) -> int:
    """A draft with answers and evidence."""
    draft = open_draft(registry, user.actor, SLUG, NewDraft(register))
    save_draft(registry, user.actor, SLUG, draft, revision=1, typed={**ANSWERS, **answers})
    for kind in EVIDENCE:
        hand_in(registry, user.actor, draft, kind, public=kind == "licence")
    return draft


def submit(registry: Registry, user: UserSession, draft: int) -> int:
    revision = get_draft(registry, user.actor, SLUG, draft).revision
    submitted = DraftSubmission(revision, "王强")
    return applying.submit_application(registry, user.actor, SLUG, draft, submitted=submitted)


def apply_for(registry: Registry, user: UserSession, **answers: Any) -> int:
    """An application as it was submitted."""
    return submit(registry, user, begin(registry, user, **answers))


def step(registry: Registry, actor: Actor, application: int, key: str, **given: Any) -> str:
    """Make a step with papers for whatever it asks for; returns its state."""
    form = applying.get_step_form(registry, actor, application, key, lang="zh")
    papers = dict.fromkeys(form.move.evidence, "杭商字〔2026〕1号")
    suggested = {field.name: field.suggested for field in form.fields if field.suggested}
    stated = {**suggested, **given.pop("stated", {})}
    made = StatedStep(key, form.application.revision, papers=papers, stated=stated, **given)
    return applying.make_step(registry, actor, application, made)


def take(registry: Registry, actor: Actor, application: int) -> None:
    """Take the step that waits for a second person."""
    view = applying.get_application(registry, actor, application, lang="zh")
    assert view.pending is not None
    applying.take_step(registry, actor, application, view.pending.id)


def examiners(registry: Registry) -> dict[str, Actor]:
    """Two people of each level; "other": a reviewer of another city."""
    return {
        "city": deciders.staff(registry, "reviewer_city", region="330100"),
        "other": deciders.staff(registry, "reviewer_city", region="320100"),
        "province": deciders.staff(registry, "reviewer_province", region="330000"),
        "national": deciders.staff(registry, "reviewer_national"),
        "second": deciders.staff(registry, "reviewer_national"),
        "auditor": deciders.staff(registry, "auditor"),
    }


def prepare_notice(registry: Registry, people: dict[str, Actor], application: int, **stated: str) -> None:
    """Bring an application from its submission to the public notice, which waits for a second person."""
    step(registry, people["city"], application, "passed_city")
    step(registry, people["province"], application, "passed_locally")
    step(registry, people["national"], application, "passed_experts")
    step(registry, people["national"], application, "announced", stated={"batch": "4", **stated})


def propose(registry: Registry, people: dict[str, Actor], application: int, **stated: str) -> None:
    """Bring an application from its submission to the public notice."""
    prepare_notice(registry, people, application, **stated)
    take(registry, people["second"], application)


def decide(registry: Registry, people: dict[str, Actor], number: str, key: str, **stated: str) -> None:
    """A decision by two people. Names of columns have `__` for the dot."""
    filled = {name.replace("__", "."): text for name, text in stated.items()}
    form = deciding.get_decision_form(registry, people["national"], "brands", number, key=key, lang="en")
    suggested = {field.name: field.suggested for field in form.fields if field.suggested}
    draft = deciders.draft("brands", key, number, stated=suggested | filled)
    decision = deciding.prepare_decision(registry, people["national"], draft)
    assert deciding.take_decision(registry, people["second"], decision) == ()
