"""Redraw a picture small and without metadata: what `sandbox.redraw` runs in a process of its own.

Arguments: the path of a JPEG or PNG file, and the path to write to. Standard output: one JSON object, `kind`, `width` and
`height`, or `code` and `params` of a rejection. It imports nothing of this project.
"""

from __future__ import annotations

import io
import json
import resource
import sys
import warnings
from pathlib import Path

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG")
MAX_PIXELS = 50_000_000  # as phones take them
SIDES = (640, 480, 320)  # dots of the longer side, tried in this order; pages show half of that
MIN_SIDE = 32
MAX_BYTES = 80_000  # of what is stored: a page with it stays below 150 kB
QUALITIES = (85, 75, 65)
COLOURS = 256
CPU_SECONDS = 5
MEMORY_BYTES = 800_000_000


def redraw(data: bytes) -> tuple[dict[str, object], bytes]:
    """Return kind and size of the new picture with its bytes, or `code` and `params` of a rejection and nothing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # the limit of dots below is lower than the one that Pillow warns of
            picture: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
            width, height = picture.size
            if width * height > MAX_PIXELS:
                at_most = MAX_PIXELS // 1_000_000
                return _rejection("picture_size", width=width, height=height, at_most=at_most)
            if min(width, height) < MIN_SIDE:
                return _rejection("picture_small", width=width, height=height, at_least=MIN_SIDE)
            picture.draft("RGB", (SIDES[0], SIDES[0]))  # a JPEG is decoded at a fraction of its size
            picture = ImageOps.exif_transpose(picture).convert("RGBA")
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError):
        return _rejection("picture_damaged")
    for side in SIDES:
        smaller = picture.copy()
        smaller.thumbnail((side, side))
        for kind, encoded in _encodings(smaller):
            if len(encoded) <= MAX_BYTES:
                return {"kind": kind, "width": smaller.width, "height": smaller.height}, encoded
    return _rejection("picture_damaged")  # cannot be: 320 dots take less at the lowest quality


def _encodings(picture: Image.Image) -> list[tuple[str, bytes]]:
    """Return the picture as PNG where it is drawn or see-through, and as JPEG of falling quality on white."""
    found = []
    is_opaque = picture.getchannel("A").getextrema() == (255, 255)
    if not is_opaque or picture.getcolors(COLOURS * 16) is not None:
        palette = picture.quantize(COLOURS, Image.Quantize.FASTOCTREE)
        found.append(("png", _saved(palette, "PNG", optimize=True)))
    paper = Image.new("RGB", picture.size, "white")
    paper.paste(picture, mask=picture.getchannel("A"))
    return found + [
        ("jpeg", _saved(paper, "JPEG", quality=quality, optimize=True, progressive=True))
        for quality in QUALITIES
    ]


def _saved(picture: Image.Image, form: str, **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def _rejection(code: str, **params: object) -> tuple[dict[str, object], bytes]:
    return {"code": code, "params": params}, b""


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    answer, redrawn = redraw(Path(sys.argv[1]).read_bytes())
    Path(sys.argv[2]).write_bytes(redrawn)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    _main()
