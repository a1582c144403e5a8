"""Pictures are redrawn: small, upright, without metadata, whatever the file was like."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from registry.attachments import picture_redrawing, pictures
from tests.unit.attachments.files import VALID_FILES


def encoded(picture: Image.Image, form: str, **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def noise(width: int, height: int) -> Image.Image:
    return Image.effect_noise((width, height), 100).convert("RGB")


@pytest.mark.parametrize(
    ("data", "kind", "size"),
    [
        (encoded(noise(3000, 2000), "JPEG"), "jpeg", (640, 427)),
        (encoded(Image.new("RGB", (400, 100), "red"), "PNG"), "png", (400, 100)),
        (encoded(Image.new("RGBA", (400, 900), (255, 0, 0, 90)), "PNG"), "png", (284, 640)),
        (encoded(noise(100, 60).convert("CMYK"), "JPEG"), "png", (100, 60)),
        (encoded(Image.new("1", (32, 32)), "PNG"), "png", (32, 32)),
        (encoded(Image.new("I;16", (64, 40)), "PNG"), "png", (64, 40)),
    ],
)
def test_a_picture_is_small_and_of_a_checked_kind(data: bytes, kind: str, size: tuple[int, int]) -> None:
    answer, redrawn = picture_redrawing.redraw(data)
    assert answer == {"kind": kind, "width": size[0], "height": size[1]}
    assert len(redrawn) <= picture_redrawing.MAX_BYTES
    {"jpeg": pictures.check_jpeg, "png": pictures.check_png}[kind](redrawn)
    assert pictures.dimensions(redrawn) == size


def test_what_the_camera_wrote_is_gone_and_the_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned
    exif[0x010F] = "a camera"
    exif.get_ifd(0x8825)[1] = "N"
    taken = encoded(noise(300, 100), "JPEG", exif=exif, comment=b"secret place")
    answer, redrawn = picture_redrawing.redraw(taken)
    assert (answer["width"], answer["height"]) == (100, 300)
    assert b"secret" not in redrawn
    assert b"camera" not in redrawn
    assert dict(Image.open(io.BytesIO(redrawn)).getexif()) == {}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture_damaged"),
        (b"GIF89a", "picture_damaged"),
        (encoded(noise(200, 200), "JPEG")[:900], "picture_damaged"),
        (encoded(Image.new("L", (31, 400)), "PNG"), "picture_small"),
        (encoded(Image.new("1", (9000, 9000)), "PNG"), "picture_size"),
        (VALID_FILES["png"], "picture_small"),
    ],
)
def test_what_cannot_be_shown_is_refused(data: bytes, code: str) -> None:
    answer, redrawn = picture_redrawing.redraw(data)
    assert (answer["code"], redrawn) == (code, b"")
