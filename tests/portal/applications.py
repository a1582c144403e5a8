"""An application filled in, handed in and submitted through its pages."""

from __future__ import annotations

import io
import re

from PIL import Image

from tests.portal.people import Person
from tests.services.applicants import EVIDENCE
from tests.services.members import SLUG

BASE = f"workspace/organisations/{SLUG}"
CANARY = "霁蓝阁"
ROMANISED = "Jilange"  # as English pages name it
STORY = "秘色瓷样章"
TITLE = {
    "scheme": "中华老字号",
    "brand_name_zh": CANARY,
    "category": "crafts",
    "industry_code": "C2110",
    "products": STORY,
}
ORIGIN = {
    "founded_year": "1903",
    "founded_place": "杭州",
    "business_since": "1951",
    "story_zh": STORY,
}
RIGHTS = {
    "right_basis": "trademark_owned",
    "holder_from": "2001-05-01",
    "trademarks-0-number": "171188",
    "trademarks-0-nice_class": "20",
    "trademarks-0-owner": "杭州青屿",
    "trademarks-0-valid_to": "2030-01-01",
}


def hidden(name: str, page: str) -> str:
    return re.findall(rf'name="{name}" value="(\d+)"', page)[0]


def answer(person: Person, draft: str, **steps: dict[str, str]) -> None:
    for key, answers in steps.items():
        page = f"{draft}/{key}"
        sent = person.send(page, revision=hidden("revision", person.text(page)), go="next", **answers)
        assert sent.status_code == 303, key


def content(kind: str) -> bytes:
    """The bytes of the file of a kind: a picture of a size of its own."""
    picture = io.BytesIO()
    Image.new("RGB", (2 + EVIDENCE.index(kind), 1)).save(picture, "PNG")
    return picture.getvalue()


def hand_in(person: Person, draft: str, kind: str, **more: str) -> None:
    file = (io.BytesIO(content(kind)), f"{kind}.png")
    assert person.send(f"{draft}/evidence", kind=kind, file=file, **more).status_code == 303


def submit(person: Person, draft: str) -> str:
    check = person.text(f"{draft}/check")
    sent = person.send(f"{draft}/check", revision=hidden("revision", check), signer="王强")
    assert sent.status_code == 303, sent.text
    return str(sent.location)


def begin(person: Person) -> str:
    draft = str(person.send(f"{BASE}/brands/begin").location)
    answer(person, draft, title=TITLE, origin=ORIGIN, rights=RIGHTS)
    return draft


def apply_for(person: Person) -> str:
    """An application with one file of each kind; returns its address."""
    draft = begin(person)
    for kind in EVIDENCE:
        hand_in(person, draft, kind)
    return submit(person, draft)
