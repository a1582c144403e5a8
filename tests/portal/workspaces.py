"""An enterprise with a confirmed claim, ready to file, and its drafts filled in through the pages."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from registry.accounts.policy import REGISTRAR
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.operations import relay
from tests.databases import Template
from tests.portal.people import Person
from tests.services import people, samples
from tests.services.filers import CATALOGUE, FIRM_NUMBER, INDICATORS, OWN_STANDARD

BASE = f"workspace/organisations/{FIRM_NUMBER}"


@pytest.fixture
def opened(template: Template, tmp_path: Path) -> Iterator[Registry]:
    with template.copy(tmp_path / "data") as settings:
        registry = open_registry(settings)
        rows = [
            {"uscc": FIRM_NUMBER, "name_zh": "杭州青屿家具有限公司（演示）", "name_en": "Hangzhou Qingyu"}
        ]
        for slug, given in (("organisations", rows), ("standards", CATALOGUE)):
            sheet = samples.write_sheet(tmp_path / f"{slug}.csv", slug, given)
            import_files(registry, REGISTRAR, slug, [sheet])
        relay.run_relay_once(registry)
        yield registry
        registry.search.close()


@pytest.fixture
def app(opened: Registry) -> Flask:
    return create_app(registry=opened)


def proof() -> tuple[io.BytesIO, str]:
    return io.BytesIO(people.ONE_PIXEL_PNG), "营业执照.png"


def owner(app: Flask, registry: Registry, lang: str = "en") -> Person:
    """A user whose claim a registrar has confirmed, all through the pages."""
    mei, wang = Person(app, lang), Person(app, lang)
    mei.sign_up(registry, "mei@example.com")
    sent = mei.send("workspace/claim", number=FIRM_NUMBER, post="质量经理", file=proof())
    assert str(sent.location).startswith(f"/{lang}/workspace/home?claimed=")
    wang.appointed(registry, "wang@example.com", "registrar")
    case = re.search(r'href="(/\w\w/desk/claims/\d+)"', wang.text("desk/claims"))
    assert case is not None
    assert wang.send(case[1], decision="confirm", reason="").status_code == 200  # asks first
    assert wang.send(case[1], decision="confirm", reason="", sure="1").status_code == 303
    return mei


def cells(rows: list[dict[str, str]]) -> dict[str, str]:
    return {
        f"indicators-{index}-{name}": cell for index, row in enumerate(rows) for name, cell in row.items()
    }


def fill_in_draft(mei: Person, **change: str) -> str:
    """Fill in a draft page by page; return its address."""
    draft = str(mei.send(f"{BASE}/declarations/begin").location)
    answers = {name: value for name, value in OWN_STANDARD.items() if isinstance(value, str)} | change
    revision = 1
    for step in ("standard", "product", "indicators", "comparison", "promise"):
        names = set(re.findall(r' name="([a-z_]+)"', mei.text(f"{draft}/{step}")))
        typed = {name: value for name, value in answers.items() if name in names}
        typed |= cells(INDICATORS) if step == "indicators" else {}
        done = mei.send(f"{draft}/{step}", revision=str(revision), go="next", **typed)
        assert done.status_code == 303, step
        revision = int(re.findall(r'name="revision" value="(\d+)"', mei.text(f"{draft}/promise"))[0])
    return draft


def publish_draft(mei: Person, draft: str) -> str:
    """Publish a draft; return the number of the record."""
    revision = re.findall(r'name="revision" value="(\d+)"', mei.text(f"{draft}/check"))[0]
    done = mei.send(f"{draft}/check", revision=revision, signer="王强")
    assert done.status_code == 303, done.get_data(as_text=True)
    return str(done.location).split("/")[-2]


def is_found(person: Person, words: str, number: str) -> bool:
    """True if the search finds the number. A new generation of the index is noticed within a fraction of a second."""
    return any(number in person.text(f"search?q={words}") or time.sleep(0.1) for _turn in range(50))
