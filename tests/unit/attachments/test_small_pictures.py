"""Pictures as lists show them: small, whatever their form, see-through parts kept."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from registry.attachments.picture_redrawing import redraw
from registry.attachments.small_pictures import SIDE, draw_small


@pytest.mark.parametrize(
    ("mode", "form", "size", "small"),
    [
        ("RGB", "JPEG", (900, 600), (SIDE, SIDE * 2 // 3)),
        ("RGB", "PNG", (300, 600), (SIDE // 2, SIDE)),
        ("RGBA", "PNG", (40, 40), (40, 40)),
    ],
)
def test_what_was_redrawn_is_drawn_small(
    mode: str, form: str, size: tuple[int, int], small: tuple[int, int]
) -> None:
    sent = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(sent, form)
    _said, redrawn = redraw(sent.getvalue())
    drawn = draw_small(redrawn)
    assert len(drawn) < 12_000
    with Image.open(io.BytesIO(drawn)) as picture:
        assert (picture.format, picture.size) == ("WEBP", small)


def test_see_through_parts_stay_so() -> None:
    sent = io.BytesIO()
    Image.new("RGBA", (64, 64), (255, 0, 0, 0)).save(sent, "PNG")
    _said, redrawn = redraw(sent.getvalue())
    with Image.open(io.BytesIO(draw_small(redrawn))) as picture:
        assert picture.convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
