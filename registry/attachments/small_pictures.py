"""Draw the pictures of records small, for lists. They are our own drawings (`picture_redrawing`), not a sender's bytes."""

from __future__ import annotations

import io

from PIL import Image

FORMATS = ("JPEG", "PNG")
SIDE = 144  # dots of the longer side; lists show half of that
QUALITY = 80


def draw_small(data: bytes) -> bytes:
    """Return a redrawn picture (JPEG or PNG) as WebP of `SIDE` dots at most; see-through parts stay so."""
    with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
        picture.draft("RGB", (SIDE, SIDE))  # a JPEG is decoded at a fraction of its size
        smaller = picture.convert("RGBA")
    smaller.thumbnail((SIDE, SIDE))
    written = io.BytesIO()
    smaller.save(written, "WEBP", quality=QUALITY)
    return written.getvalue()
