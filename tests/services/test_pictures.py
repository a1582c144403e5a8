"""Pictures of records: who may supply one, where it is shown, and how it goes away."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from sqlalchemy import func, select, update

from registry.accounts.policy import ANONYMOUS, SYSTEM
from registry.attachments.model import Attachment, Picture
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.record import Record
from registry.services.bootstrap import Registry
from registry.services.filing import pictures
from registry.services.filing.pictures import PictureForm
from registry.services.finding.results.result_lines import result_rows
from registry.services.people import attachments
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from registry.services.records.pictures import find_picture, find_small_picture
from registry.services.records.projections import record_json, records_json
from registry.services.records.views import PictureView
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import people
from tests.services.filers import DECLARATIONS, OWN_STANDARD, file_declaration, firm
from tests.services.members import LIN, SLUG, WEI, sign_up_member, sign_up_owner
from tests.unit.attachments.files import pdf

__all__ = ["firm"]
SAID = {"alt_zh": "实木餐桌", "alt_en": "A solid wood table", "has_rights": True}


def drawn(colour: str = "red") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(written, "PNG")
    return written.getvalue()


def uploaded(registry: Registry, who: UserSession, data: bytes = b"") -> int:
    stream = io.BytesIO(data or drawn())
    return attachments.upload_attachment(registry, who.actor, "logo.png", stream, is_picture=True).id


def supply(
    registry: Registry, who: UserSession, number: str = "", *, colour: str = "red", org: str = SLUG
) -> str:
    form = PictureForm(number, **SAID, file_id=uploaded(registry, who, drawn(colour)))  # type: ignore[arg-type]
    return pictures.supply_picture(registry, who.actor, org, form)


def shown(registry: Registry, register: str, number: str) -> PictureView | None:
    pointer = reading.locate_record(registry, ANONYMOUS, register, number)
    return reading.get_record(registry, ANONYMOUS, pointer, "en").picture


def test_a_picture_stands_beside_the_organisation_and_its_records(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    before = reading.locate_record(firm, ANONYMOUS, DECLARATIONS, number)
    assert shown(firm, DECLARATIONS, number) is None
    assert supply(firm, mei) == f"/organisations/{SLUG}"
    assert supply(firm, mei, number.lower(), colour="blue") == f"/{DECLARATIONS}/{number}"
    after = reading.locate_record(firm, ANONYMOUS, DECLARATIONS, number)
    assert (after.page_version, after.document_hash) == (before.page_version + 1, before.document_hash)
    logo, product = shown(firm, "organisations", SLUG), shown(firm, DECLARATIONS, number)
    assert logo is not None
    assert product is not None
    assert (product.alt.en, product.width, product.height) == ("A solid wood table", 60, 40)
    kind, path = find_picture(firm, ANONYMOUS, product.sha256)
    with Image.open(path) as picture:
        assert picture.format == kind.upper()
    assert [each.number for each in pictures.list_pictures(firm, mei.actor, SLUG).pictures] == [number, SLUG]


def test_a_later_picture_takes_the_place_of_an_earlier_one_whose_bytes_go(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    supply(firm, mei)
    first = shown(firm, "organisations", SLUG)
    supply(firm, mei, colour="blue")
    second = shown(firm, "organisations", SLUG)
    assert first is not None
    assert second is not None
    attachments.purge_attachments(firm)
    with pytest.raises(NotFound):
        find_picture(firm, ANONYMOUS, first.sha256)
    assert find_picture(firm, ANONYMOUS, second.sha256)[1].exists()
    record_id = pictures.list_pictures(firm, mei.actor, SLUG).pictures[0].record_id
    pictures.remove_picture(firm, mei.actor, SLUG, record_id)
    assert shown(firm, "organisations", SLUG) is None
    with pytest.raises(NotFound):
        pictures.remove_picture(firm, mei.actor, SLUG, record_id)
    with read_transaction(firm.engine) as connection:
        assert connection.execute(select(func.count()).select_from(Picture)).scalar_one() == 0


def test_only_who_files_for_the_holder_supplies_and_removes(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    lin, wei = sign_up_member(firm, mei, LIN, "viewer"), people.sign_up(firm, WEI)
    supply(firm, mei)
    [mine] = pictures.list_pictures(firm, lin.actor, SLUG).pictures
    for who, error in ((lin, Forbidden), (wei, NotFound)):
        with pytest.raises(error):
            supply(firm, who)
        with pytest.raises(error):
            pictures.remove_picture(firm, who.actor, SLUG, mine.record_id)
    with pytest.raises(Forbidden):
        pictures.take_down_picture(firm, mei.actor, SLUG, "no")


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"alt_zh": " "}, {"alt_zh"}),
        ({"alt_en": "a" * 121, "has_rights": False}, {"alt_en", "rights"}),
        ({"alt_zh": "11010519491231002X"}, {"alt_zh"}),
        ({"number": "91110000101461180X"}, {"number"}),
        ({"number": "GB/T 35607-2024"}, {"number"}),
        ({"number": "nothing"}, {"number"}),
        ({"file_id": 0}, {"file"}),
        ({"file_id": 999_999}, {"file"}),
    ],
)
def test_what_is_missing_or_of_others_is_refused(
    firm: Registry, changes: dict[str, object], fields: set[str]
) -> None:
    mei = sign_up_owner(firm)
    said = {"number": "", **SAID, "file_id": uploaded(firm, mei), **changes}
    with pytest.raises(Invalid) as refused:
        pictures.supply_picture(firm, mei.actor, SLUG, PictureForm(**said))  # type: ignore[arg-type]
    assert {issue.field for issue in refused.value.issues} == fields


def test_a_file_of_somebody_else_or_of_another_kind_is_no_picture(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    lin = sign_up_member(firm, mei, LIN, "editor")
    stream = io.BytesIO(pdf())
    with pytest.raises(Invalid) as refused:
        attachments.upload_attachment(firm, mei.actor, "a.pdf", stream, is_picture=True)
    assert refused.value.issues[0].code == "file_of_another_kind"
    proof = attachments.upload_attachment(firm, mei.actor, "a.pdf", io.BytesIO(pdf()))
    for file_id in (uploaded(firm, lin), proof.id):
        with pytest.raises(Invalid):
            pictures.supply_picture(firm, mei.actor, SLUG, PictureForm("", **SAID, file_id=file_id))  # type: ignore[arg-type]
    assert proof.published is False


def test_a_picture_does_not_stay_with_a_record_that_another_organisation_holds(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    supply(firm, mei, number)
    picture = shown(firm, DECLARATIONS, number)
    assert picture is not None
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Record).where(Record.number == number).values(holder_id=None))
    assert shown(firm, DECLARATIONS, number) is None
    with pytest.raises(NotFound):
        find_picture(firm, ANONYMOUS, picture.sha256)


def test_lists_and_the_api_name_the_picture_of_today(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    number = file_declaration(firm, mei, OWN_STANDARD)
    supply(firm, mei, number)
    pointer = reading.locate_record(firm, ANONYMOUS, DECLARATIONS, number)
    [line] = result_rows(firm, [pointer.record_id], "en")
    assert line.picture == shown(firm, DECLARATIONS, number)
    assert line.picture is not None
    with Image.open(io.BytesIO(find_small_picture(firm, ANONYMOUS, line.picture.sha256))) as picture:
        assert (picture.format, picture.size) == ("WEBP", (60, 40))
    [listed] = records_json(firm, [pointer.record_id], document=False)
    alone = record_json(firm, ANONYMOUS, pointer)
    assert (
        listed["picture"]
        == alone["picture"]
        == {
            "url": f"{firm.settings.base_url}/pictures/{line.picture.sha256}",
            "width": 60,
            "height": 40,
            "alt": {"zh": SAID["alt_zh"], "en": SAID["alt_en"]},
        }
    )
    assert "picture" not in alone["document"]
    with unit_of_work(firm.engine) as connection:
        connection.execute(update(Record).where(Record.number == number).values(holder_id=None))
    assert result_rows(firm, [pointer.record_id], "en")[0].picture is None
    assert "picture" not in record_json(firm, ANONYMOUS, pointer)
    with pytest.raises(NotFound):
        find_small_picture(firm, ANONYMOUS, line.picture.sha256)


def test_staff_take_a_picture_down_with_a_reason(firm: Registry) -> None:
    mei = sign_up_owner(firm)
    supply(firm, mei)
    with pytest.raises(Invalid):
        pictures.take_down_picture(firm, SYSTEM, SLUG, " ")
    assert pictures.take_down_picture(firm, SYSTEM, SLUG, "of a competitor") == SLUG
    assert shown(firm, "organisations", SLUG) is None
    with pytest.raises(NotFound):
        pictures.take_down_picture(firm, SYSTEM, SLUG, "again")
    with read_transaction(firm.engine) as connection:
        assert (
            connection.execute(
                select(func.count()).select_from(Attachment).where(Attachment.published)
            ).scalar_one()
            == 0
        )
