"""What holders print: by whom, in which states, what stands in the files, and that the code leads to the record."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
import resvg_py
from sqlalchemy import select

from registry import clock
from registry.accounts.model import AuditEntry
from registry.accounts.policy import Actor
from registry.attachments import codes_in_picture
from registry.errors import Conflict, Forbidden, NotFound
from registry.kit.marking import NOT_IN_FORCE
from registry.registers import catalogue
from registry.services import own_records
from registry.services.bootstrap import Registry
from registry.services.own_records import RecordAddress, artwork
from registry.store.unit_of_work import read_transaction
from tests.services.deciders import set_status, staff
from tests.services.test_watch_lists import member
from tests.services.watched import CERTIFICATES, FIRM, NOW, OTHER_BODY, OTHER_FIRM, certificate, load, world

pytestmark = pytest.mark.once
MARKED = sorted(slug for slug, definition in catalogue().items() if definition.marking)
BODY = "CNCA-R-2099-101"


@pytest.fixture
def printed(registry: Registry, tmp_path: Path) -> Iterator[tuple[Registry, str]]:
    """A certificate of a firm and a body; with its number."""
    with clock.frozen_at(NOW):
        world(registry, tmp_path)
        load(registry, tmp_path, CERTIFICATES, [certificate("DEMO-CGP-2025-00100")])
        yield registry, set_status(registry, CERTIFICATES, "valid")


def downloads(registry: Registry) -> list[tuple[str, str]]:
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(AuditEntry.subject, AuditEntry.details).where(AuditEntry.action == "artwork_downloaded")
        )
        return [(row.subject, row.details) for row in rows]


def test_holder_and_issuing_body_print_what_nobody_else_does(printed: tuple[Registry, str]) -> None:
    registry, number = printed
    for actor, side in ((member(registry, FIRM), "holder"), (member(registry, BODY), "issuer")):
        view = own_records.get_artwork(registry, actor, RecordAddress(CERTIFICATES, number), "en")
        assert (view.refusal, view.party.side, view.number) == ("", side, number)
    strangers = [member(registry, OTHER_FIRM), member(registry, OTHER_BODY), staff(registry, "registrar")]
    for actor in (*strangers, Actor("enterprise", None)):
        with pytest.raises(Forbidden, match="record_of_others"):
            own_records.get_artwork(registry, actor, RecordAddress(CERTIFICATES, number), "en")
        with pytest.raises(Forbidden, match="record_of_others"):
            own_records.draw_artwork(registry, actor, RecordAddress(CERTIFICATES, number), "medium.svg")
    assert downloads(registry) == []


def test_the_code_in_the_file_leads_to_the_record_at_every_size(printed: tuple[Registry, str]) -> None:
    registry, number = printed
    holder = member(registry, FIRM)
    for size in artwork.SIZES:
        file = own_records.draw_artwork(
            registry,
            holder,
            RecordAddress(CERTIFICATES, number),
            f"{size.code}.svg",
            seen=size.code == "small",
        )
        root = ET.fromstring(file.body)
        in_mm = [
            round(float(root.attrib[side].removesuffix("pt")) / 72 * 25.4, 1) for side in ("width", "height")
        ]
        assert in_mm == [size.width, size.height]
        assert not [each for each in root.iter() if each.tag.endswith("}text")]  # letters are drawn
        picture = bytes(resvg_py.svg_to_bytes(svg_string=file.body.decode(), dpi=600))
        assert codes_in_picture.read_codes(picture) == {"codes": [f"http://127.0.0.1:8000/r/{number}"]}
        assert file.name == f"{number}-{size.width}x{size.height}mm.svg"
    told = [(number, f"{size.code}.svg") for size in artwork.SIZES if size.code != "small"]
    assert downloads(registry) == told


def test_a_label_says_in_both_languages_what_the_register_says(printed: tuple[Registry, str]) -> None:
    registry, number = printed
    file = own_records.draw_artwork(
        registry, member(registry, FIRM), RecordAddress(CERTIFICATES, number), "large.pdf"
    )
    page = pypdf.PdfReader(io.BytesIO(file.body)).pages[0]
    assert [round(float(side) / 72 * 25.4) for side in page.mediabox[2:]] == [125, 50]
    text = re.sub(r"\s+", " ", page.extract_text())
    for words in (
        number,
        "绿色产品认证证书",
        "Green-product certificate",
        "DEMO-CGP-2025-00100",
        "实木餐桌",
        "杭州青屿家具有限公司（演示）",
        "GB/T 35607-2024",
        "扫码查今日状态",
    ):
        assert words in text, text


@pytest.mark.parametrize(
    "status", [state.code for state in catalogue()[CERTIFICATES].life_cycle.public_states()]
)
def test_what_is_not_in_force_is_not_printed_and_its_holder_is_told_to_stop(
    printed: tuple[Registry, str], status: str
) -> None:
    registry, number = printed
    set_status(registry, CERTIFICATES, status)
    holder = member(registry, FIRM)
    view = own_records.get_artwork(registry, holder, RecordAddress(CERTIFICATES, number), "en")
    if status == "valid":
        assert not view.refusal
        return
    assert ("Stop" in view.refusal) == (status in ("suspended", "revoked"))
    assert view.refusal
    with pytest.raises(Conflict, match="artwork_refused"):
        own_records.draw_artwork(registry, holder, RecordAddress(CERTIFICATES, number), "medium.pdf")


def test_another_size_or_kind_and_a_register_without_a_marking_are_not_found(
    printed: tuple[Registry, str],
) -> None:
    registry, number = printed
    holder = member(registry, FIRM)
    for name in ("huge.pdf", "medium.png", "medium", ""):
        with pytest.raises(NotFound):
            own_records.draw_artwork(registry, holder, RecordAddress(CERTIFICATES, number), name)
    with pytest.raises(NotFound):
        own_records.get_artwork(registry, holder, RecordAddress("organisations", FIRM), "en")
    with pytest.raises(NotFound):
        own_records.get_artwork(registry, holder, RecordAddress(CERTIFICATES, "GP-1900-000001"), "en")


@pytest.mark.parametrize("slug", MARKED)
def test_each_register_refuses_in_every_state_that_is_not_in_force(slug: str) -> None:
    definition = catalogue()[slug]
    marking = definition.marking
    assert marking is not None
    with clock.frozen_at(NOW):
        for state in definition.life_cycle.public_states():
            refusal = marking.refusal({}, state.code, NOW.date())
            if state.standing in ("ended", "pending"):
                assert refusal, state.code
            if state.code in marking.states:
                assert not refusal or refusal != NOT_IN_FORCE


def test_a_certificate_from_abroad_and_a_brand_of_an_old_source_have_none() -> None:
    certificates, brands = catalogue()[CERTIFICATES].marking, catalogue()["brands"].marking
    assert certificates is not None
    assert brands is not None
    with clock.frozen_at(NOW):
        today = NOW.date()
        assert "abroad" in certificates.refusal({"scheme": "energy_star"}, "valid", today)
        assert not brands.refusal({}, "listed", today)
        assert not brands.refusal({"source_date": "2025-11-29"}, "listed", today)
        assert "not known here" in brands.refusal({"source_date": "2024-01-01"}, "listed", today)


def test_the_registers_of_the_state_say_what_is_printed() -> None:
    assert {"brands", "declarations", "grades", "green-products"} <= set(MARKED)
