"""Codes in pictures: what is read, how large a picture may be, and a process that fails or is too slow."""

from __future__ import annotations

import io
import struct
import subprocess
import zlib
from pathlib import Path
from typing import Any

import pytest
import segno
from PIL import Image

from registry.attachments import sandbox, slots
from registry.attachments.codes_in_picture import MAX_PIXELS, read_codes
from registry.attachments.rejection import RejectedFile
from registry.errors import Unavailable

pytestmark = pytest.mark.once


def photograph(*texts: str, kind: str = "JPEG", angle: int = 0, mode: str = "RGB") -> bytes:
    """A picture with some QR codes below each other."""
    sheet = Image.new("RGB", (1200, 500 * max(1, len(texts))), "white")
    for place, text in enumerate(texts):
        code = io.BytesIO()
        segno.make(text).save(code, kind="png", scale=6)
        with Image.open(code) as picture:
            turned = picture.convert("RGB").rotate(angle, expand=True, fillcolor="white")
        sheet.paste(turned, (300, 500 * place + 60))
    written = io.BytesIO()
    sheet.convert(mode).save(written, kind)
    return written.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("angle", [0, 20, 90])
def test_a_code_is_read_as_it_was_photographed(kind: str, angle: int) -> None:
    assert read_codes(photograph("TB-2006-00001-A", kind=kind, angle=angle)) == {"codes": ["TB-2006-00001-A"]}


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA"])
def test_colours_do_not_matter(mode: str) -> None:
    assert read_codes(photograph("A1", kind="PNG", mode=mode)) == {"codes": ["A1"]}


def test_each_code_is_read_once_and_no_code_is_no_error() -> None:
    assert set(read_codes(photograph("A1", "B2", "A1"))["codes"]) == {"A1", "B2"}  # type: ignore[call-overload]
    assert read_codes(photograph()) == {"codes": []}


def bomb(width: int, height: int) -> bytes:
    """A PNG that claims a size and has nothing in it."""
    chunks = (b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0), b"IDAT", b"IEND")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


def test_a_picture_that_claims_too_many_dots_is_not_unpacked() -> None:
    assert read_codes(bomb(MAX_PIXELS // 1000 + 1, 1000))["code"] == "picture_size"
    assert read_codes(bomb(MAX_PIXELS // 1000, 1000))["code"] == "picture_unreadable"
    assert read_codes(bomb(2**31 - 1, 2**31 - 1))["code"] in ("picture_size", "picture_unreadable")


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"GIF89a" + bytes(40), photograph("A1")[:300]])
def test_what_is_no_picture_is_told(data: bytes, tmp_path: Path) -> None:
    with pytest.raises(RejectedFile, match="picture_unreadable"):
        sandbox.read_codes(data, tmp_path)


def test_a_process_that_fails_or_is_too_slow_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(problem: subprocess.SubprocessError) -> Any:
        def run(*_arguments: object, **_options: object) -> None:
            raise problem

        return run

    for problem in (subprocess.TimeoutExpired("x", 1), subprocess.CalledProcessError(-24, "x")):
        monkeypatch.setattr(subprocess, "run", failing(problem))
        with pytest.raises(RejectedFile, match="picture_too_slow"):
            sandbox.read_codes(b"x", tmp_path)


def test_only_so_many_pictures_are_read_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "WAIT_SECONDS", 0.0)
    with (
        slots.hold_slot(tmp_path, "codes", busy="pictures_busy"),
        slots.hold_slot(tmp_path, "codes", busy="pictures_busy"),
        pytest.raises(Unavailable),
    ):
        sandbox.read_codes(b"x", tmp_path)
