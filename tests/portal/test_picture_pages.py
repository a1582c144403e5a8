"""The picture of an organisation: sent with one form, shown on the public page, removed again."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from PIL import Image

from registry.services.bootstrap import Registry
from tests.portal.people import Person
from tests.portal.workspaces import BASE, app, opened, owner
from tests.services.members import SLUG

__all__ = ["app", "opened"]
pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases
PAGE = f"{BASE}/pictures"


def test_a_picture_is_sent_shown_and_removed(app: Flask, opened: Registry) -> None:
    mei, stranger = owner(app, opened), Person(app)
    written = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(written, "PNG")
    said = {"alt_zh": "红色标志", "rights": "yes"}
    refused = mei.send(PAGE, file=(io.BytesIO(written.getvalue()), "标志.png"), **said)
    page = refused.get_data(as_text=True)
    assert (refused.status_code, 'href="#alt_en"' in page, "标志.png" in page) == (400, True, True)
    [kept] = re.findall(r'name="kept" value="(\d+)"', page)
    assert "<img" not in stranger.text(f"organisations/{SLUG}")
    sent = mei.send(PAGE, kept=kept, kept_name="标志.png", alt_en="A red sign", **said)
    assert (sent.status_code, sent.location) == (303, f"/en/organisations/{SLUG}")
    public = stranger.text(f"organisations/{SLUG}")
    [address] = re.findall(
        r'<img src="(/pictures/[0-9a-f]{64})" alt="A red sign" width="60" height="40">', public
    )
    assert "supplied by the holder" in public
    served = stranger.open(address)
    assert (served.status_code, served.mimetype) == (200, "image/png")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert address in stranger.text(f"/zh/organisations/{SLUG}")
    small = f'<img class="pz-result__picture" src="{address}/small" alt="Picture supplied by the holder: A red sign"'
    assert small in stranger.text(f"search?q={SLUG}")
    assert stranger.open(f"{address}/small").mimetype == "image/webp"
    [record] = re.findall(r"/pictures/(\d+)/remove", mei.text(PAGE))
    assert mei.send(f"{PAGE}/{record}/remove").status_code == 303
    assert stranger.open(address).status_code == 404
    assert "<img" not in stranger.text(f"organisations/{SLUG}")
    assert "at most 10 MB are taken" in mei.text(f"{PAGE}?too_large=1")
