"""The full text of an own standard: uploaded with a step of the draft, private unless its enterprise publishes it."""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any

import pytest
from flask import Flask

from registry.services.bootstrap import Registry
from tests.portal.people import Person
from tests.portal.workspaces import BASE, app, fill_in_draft, opened, owner, publish_draft
from tests.services import people
from tests.unit.attachments.files import pdf

__all__ = ["app", "opened"]
pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases
TEXT = pdf()
HASH = hashlib.sha256(TEXT).hexdigest()


def revision_of(mei: Person, page: str) -> str:
    return re.findall(r'name="revision" value="(\d+)"', mei.text(page))[0]


def handed_in(
    mei: Person, draft: str, content: bytes = TEXT, go: str = "next", name: str = "标准.pdf", **typed: Any
) -> Any:
    page = f"{draft}/promise"
    sent = {
        "text_hash": (io.BytesIO(content), name),
        "commitment": "true_accurate_lawful",  # a browser sends the chosen one with the page
        **typed,
    }
    return mei.send(page, revision=revision_of(mei, page), go=go, **sent)


@pytest.mark.parametrize("public", ["false", "true"])
def test_a_full_text_is_stored_with_its_hash_and_public_only_on_request(
    app: Flask, opened: Registry, public: str
) -> None:
    mei, stranger = owner(app, opened), Person(app)
    draft = fill_in_draft(mei)
    assert handed_in(mei, draft, fulltext_public=public).status_code == 303
    for step in ("promise", "check"):
        shown = mei.text(f"{draft}/{step}")
        assert ("标准.pdf" in shown, "1 kB" in shown, HASH[:8] in shown) == (True, True, False)
    number = publish_draft(mei, draft)
    page = stranger.text(f"declarations/{number}")
    assert HASH[:8] in page.replace(" ", "")
    outside = stranger.open(f"/texts/{HASH}")
    own = mei.open(f"{BASE}/declarations/{number}/text")
    assert (own.status_code, own.data) == (200, TEXT)
    assert f'/declarations/{number}/text"' in mei.text(f"{BASE}/declarations/{number}/receipt")
    assert stranger.open(f"{BASE}/declarations/{number}/text").status_code == 303  # to the sign-in
    if public == "true":
        assert f'href="/texts/{HASH}"' in page
        assert (outside.status_code, outside.data) == (200, TEXT)
        assert outside.headers["Content-Disposition"].startswith("attachment")
        assert outside.headers["Content-Type"] == "application/octet-stream"
        assert outside.headers["X-Content-Type-Options"] == "nosniff"
    else:
        assert "/texts/" not in page
        assert "this hash lets the holder prove" in page
        assert outside.status_code == 404


def test_a_text_is_disclosed_and_held_back_again_by_amendments(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = fill_in_draft(mei)
    handed_in(mei, draft)
    number = publish_draft(mei, draft)
    for public, status in (("true", 200), ("false", 404)):
        draft = str(mei.send(f"{BASE}/declarations/begin", amend=number).location)
        revision = revision_of(mei, f"{draft}/promise")
        mei.send(
            f"{draft}/promise",
            revision=revision,
            go="next",
            fulltext_public=public,
            commitment="true_accurate_lawful",
        )
        revision, seen = (
            re.findall(rf'name="{each}" value="(\d+)"', mei.text(f"{draft}/check"))[0]
            for each in ("revision", "seen")
        )
        why = {"amended_because": "amended_standard_text", "amended_note": ""}
        done = mei.send(f"{draft}/check", revision=revision, seen=seen, signer="王强", **why)
        assert done.status_code == 303
        assert mei.open(f"/texts/{HASH}").status_code == status
        assert mei.open(f"{BASE}/declarations/{number}/text").data == TEXT


def test_a_file_that_is_no_pdf_is_refused_and_the_answers_are_saved(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = fill_in_draft(mei)
    for content, name, words in (
        (people.ONE_PIXEL_PNG, "a.png", "Submit it as PDF"),
        (b"<script>", "a.pdf", "neither PDF"),
        (pdf(catalog=b"/OpenAction << /S /JavaScript /JS (app.alert(1)) >>"), "a.pdf", "script"),
    ):
        refused = handed_in(mei, draft, content, name=name, signer_post="厂长")
        page = refused.get_data(as_text=True)
        assert refused.status_code == 400, name
        assert words in page
        assert 'href="#text_hash"' in page
        assert 'value="厂长"' in page
    assert "厂长" in mei.text(f"{draft}/check")
    too_large = mei.open(f"{draft}/promise?too_large=1")
    assert (too_large.status_code, "20 MB" in too_large.get_data(as_text=True)) == (400, True)


def test_a_text_is_removed_replaced_and_not_copied(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = fill_in_draft(mei)
    handed_in(mei, draft, go="look")
    revision = revision_of(mei, f"{draft}/promise")
    removed = mei.send(f"{draft}/promise", revision=revision, go="discard-text_hash")
    assert HASH[:8] not in removed.get_data(as_text=True)
    other = pdf(page=b"/Rotate 90")
    handed_in(mei, draft, other)
    number = publish_draft(mei, draft)
    assert mei.open(f"{BASE}/declarations/{number}/text").data == other
    copy = str(mei.send(f"{BASE}/declarations/begin", copy=number).location)
    assert hashlib.sha256(other).hexdigest()[:8] not in mei.text(f"{copy}/promise")


def test_the_hash_of_anothers_text_does_not_publish_it(app: Flask, opened: Registry) -> None:
    """A filer who knows a hash, by sheet or program, gets no hold of the file."""
    mei = owner(app, opened)
    draft = fill_in_draft(mei)
    handed_in(mei, draft)
    publish_draft(mei, draft)
    other = fill_in_draft(mei, product_name_zh="书柜", text_hash=HASH, fulltext_public="true")
    number = publish_draft(mei, other)
    assert mei.open(f"/texts/{HASH}").status_code == 404
    assert mei.open(f"{BASE}/declarations/{number}/text").status_code == 404
