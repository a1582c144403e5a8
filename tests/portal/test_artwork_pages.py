"""The page of what may be printed: for the holder, in both languages, refused with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal.app import create_app
from registry import clock
from registry.services.bootstrap import Registry, open_registry
from tests.databases import Template
from tests.portal.people import Person
from tests.portal.workspaces import owner
from tests.services.deciders import set_status
from tests.services.watched import CERTIFICATES, NOW, certificate, load, world

pytestmark = pytest.mark.once


@pytest.fixture
def printed(template: Template, tmp_path: Path) -> Iterator[Registry]:
    with clock.frozen_at(NOW), template.copy(tmp_path / "data") as settings:
        registry = open_registry(settings)
        world(registry, tmp_path)
        load(registry, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100")])
        yield registry
        registry.search.close()


@pytest.fixture
def app(printed: Registry) -> Flask:
    return create_app(registry=printed)


def test_the_holder_comes_from_the_record_to_the_files_and_others_are_told_why_not(
    app: Flask, printed: Registry
) -> None:
    number = set_status(printed, CERTIFICATES, "valid")
    mei, stranger = owner(app, printed), Person(app)
    address = f"workspace/artwork/{CERTIFICATES}/{number}"
    assert f'href="/en/{address}"' in mei.text(f"{CERTIFICATES}/{number}")
    page = mei.text(address)
    for words in ("50 × 20 mm", "not part of this artwork", "Product Quality Law, Article 53", "models that"):
        assert words in page
    shown = mei.open(f"/en/{address}/shown.svg")
    assert (shown.status_code, shown.content_type) == (200, "image/svg+xml")
    assert "Content-Disposition" not in shown.headers
    saved = mei.open(f"/en/{address}/code.pdf")
    assert (saved.status_code, saved.content_type, saved.get_data()[:5]) == (200, "application/pdf", b"%PDF-")
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{number}-20x26mm.pdf"'
    assert saved.headers["Cache-Control"] == "no-store"
    assert mei.open(f"/en/{address}/huge.pdf").status_code == 404
    mei.lang = "zh"
    assert "75 × 30 毫米" in mei.text(address)

    assert str(stranger.open(address).location) == f"/en/account/sign-in?next=/en/{address}"
    stranger.sign_up(printed, "stranger@example.com")
    for path in (address, f"{address}/medium.svg"):
        refused = stranger.open(path)
        assert refused.status_code == 404
        assert "neither for the holder" in refused.get_data(as_text=True)

    mei.lang = "en"
    set_status(printed, CERTIFICATES, "suspended")
    page = mei.text(address)
    assert "The certificate is suspended. Stop printing" in page
    assert "medium.svg" not in page
    refused = mei.open(f"{address}/medium.svg")
    assert (refused.status_code, "Stop printing" in refused.get_data(as_text=True)) == (409, True)
