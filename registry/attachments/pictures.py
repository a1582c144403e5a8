"""The structure of JPEG (ITU-T T.81) and PNG (W3C PNG, 5) files, walked from the first byte to the last.

Nothing is unpacked or drawn. The walk must end with the file: what stands behind a picture is no part of it.
"""

from __future__ import annotations

import re
import zlib

from registry.attachments.rejection import Refused

JPEG = b"\xff\xd8\xff"
PNG = b"\x89PNG\r\n\x1a\n"
MOST_DOTS = 100_000_000  # a page of A3 at 600 dots an inch has 70 million
LONGEST_SIDE = 30_000

FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF markers: they hold height and width
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
# Within a scan FF is followed by 00, by a restart marker or by another FF; anything else ends the scan.
AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
BARE = frozenset(
    {0x01, *range(0xD0, 0xD9)}
)  # markers without a segment; only restarts inside scans are lawful


def check_jpeg(data: bytes) -> None:
    """Raises `Refused` (file_damaged, file_mixed, picture_size) unless this is one whole JPEG picture."""
    place, framed, scanned = 2, False, False
    while True:
        marker, place = _marker(data, place)
        if marker == END_OF_IMAGE:
            break
        if marker in BARE:
            raise Refused("file_damaged", kind="JPEG")
        length = int.from_bytes(data[place : place + 2], "big")
        if length < 2 or place + length > len(data):
            raise Refused("file_damaged", kind="JPEG")
        if marker in FRAMES:
            _check_frame(data[place : place + length])
            framed = True
        place += length
        if marker == START_OF_SCAN:
            place, scanned = _end_of_scan(data, place), True
    if not (framed and scanned):
        raise Refused("file_damaged", kind="JPEG")
    if place != len(data):
        raise Refused("file_mixed", kind="JPEG")


def _marker(data: bytes, place: int) -> tuple[int, int]:
    """The marker at this place, fill bytes left out, and the place behind it."""
    if data[place : place + 1] != b"\xff":
        raise Refused("file_damaged", kind="JPEG")
    while data[place : place + 1] == b"\xff":
        place += 1
    if place >= len(data):
        raise Refused("file_damaged", kind="JPEG")
    return data[place], place + 1


def _check_frame(segment: bytes) -> None:
    if len(segment) < 8:
        raise Refused("file_damaged", kind="JPEG")
    height, width = int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[5:7], "big")
    _check_dots("JPEG", width, height)


def _end_of_scan(data: bytes, place: int) -> int:
    found = AFTER_SCAN.search(data, place)
    if found is None:
        raise Refused("file_damaged", kind="JPEG")
    return found.start()


def check_png(data: bytes) -> None:
    """Raises `Refused` (file_damaged, file_mixed, picture_size) unless this is one whole PNG picture.

    Every chunk's check sum is looked at; IHDR comes first, IEND last, with image data between them.
    """
    place, kinds = len(PNG), list[bytes]()
    while not kinds or kinds[-1] != b"IEND":
        kind, content, place = _chunk(data, place)
        if (kind == b"IHDR") != (not kinds):
            raise Refused("file_damaged", kind="PNG")
        if kind == b"IHDR":
            _check_header(content)
        kinds.append(kind)
    if b"IDAT" not in kinds:
        raise Refused("file_damaged", kind="PNG")
    if place != len(data):
        raise Refused("file_mixed", kind="PNG")


def _chunk(data: bytes, place: int) -> tuple[bytes, bytes, int]:
    """Kind and content of the chunk at this place, and the place behind it."""
    length = int.from_bytes(data[place : place + 4], "big")
    end = place + 8 + length
    if end + 4 > len(data) or zlib.crc32(data[place + 4 : end]) != int.from_bytes(data[end : end + 4], "big"):
        raise Refused("file_damaged", kind="PNG")
    return data[place + 4 : place + 8], data[place + 8 : end], end + 4


def _check_header(content: bytes) -> None:
    if len(content) != 13:
        raise Refused("file_damaged", kind="PNG")
    _check_dots("PNG", int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big"))


def _check_dots(kind: str, width: int, height: int) -> None:
    """A small file can claim a picture that fills the memory of whoever opens it."""
    if not width or not height:
        raise Refused("file_damaged", kind=kind)
    if max(width, height) > LONGEST_SIDE or width * height > MOST_DOTS:
        raise Refused("picture_size", width=width, height=height, at_most=MOST_DOTS // 1_000_000)
