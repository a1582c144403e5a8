"""The structure of JPEG (ITU-T T.81) and PNG (W3C PNG, 5) files, walked from the first byte to the last.

Nothing is unpacked or drawn. The walk must end with the file: what stands behind a picture is no part of it.
"""

from __future__ import annotations

import re
import zlib

from registry.attachments.rejection import RejectedFile

JPEG_SIGNATURE = b"\xff\xd8\xff"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS = 100_000_000  # a page of A3 at 600 dots an inch has 70 million
MAX_SIDE = 30_000

FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF markers: they hold height and width
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
# Within a scan FF is followed by 00, by a restart marker or by another FF; anything else ends the scan.
SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
STANDALONE_MARKERS = frozenset(
    {0x01, *range(0xD0, 0xD9)}
)  # markers without a segment; only restarts inside scans are lawful


def check_jpeg(data: bytes) -> None:
    """Raises `Refused` (file_damaged, file_mixed, picture_size) unless this is one whole JPEG picture."""
    place, framed, scanned = 2, False, False
    while True:
        marker, place = _read_marker(data, place)
        if marker == END_OF_IMAGE:
            break
        if marker in STANDALONE_MARKERS:
            raise RejectedFile("file_damaged", kind="JPEG")
        length = int.from_bytes(data[place : place + 2], "big")
        if length < 2 or place + length > len(data):
            raise RejectedFile("file_damaged", kind="JPEG")
        if marker in FRAME_MARKERS:
            _check_frame(data[place : place + length])
            framed = True
        place += length
        if marker == START_OF_SCAN:
            place, scanned = _end_of_scan(data, place), True
    if not (framed and scanned):
        raise RejectedFile("file_damaged", kind="JPEG")
    if place != len(data):
        raise RejectedFile("file_mixed", kind="JPEG")


def _read_marker(data: bytes, offset: int) -> tuple[int, int]:
    """The marker at this place, fill bytes left out, and the place behind it."""
    if data[offset : offset + 1] != b"\xff":
        raise RejectedFile("file_damaged", kind="JPEG")
    while data[offset : offset + 1] == b"\xff":
        offset += 1
    if offset >= len(data):
        raise RejectedFile("file_damaged", kind="JPEG")
    return data[offset], offset + 1


def _check_frame(segment: bytes) -> None:
    if len(segment) < 8:
        raise RejectedFile("file_damaged", kind="JPEG")
    height, width = int.from_bytes(segment[3:5], "big"), int.from_bytes(segment[5:7], "big")
    _check_dimensions("JPEG", width, height)


def _end_of_scan(data: bytes, offset: int) -> int:
    found = SCAN_END.search(data, offset)
    if found is None:
        raise RejectedFile("file_damaged", kind="JPEG")
    return found.start()


def check_png(data: bytes) -> None:
    """Raises `Refused` (file_damaged, file_mixed, picture_size) unless this is one whole PNG picture.

    Every chunk's check sum is looked at; IHDR comes first, IEND last, with image data between them.
    """
    place, kinds = len(PNG_SIGNATURE), list[bytes]()
    while not kinds or kinds[-1] != b"IEND":
        kind, content, place = _read_chunk(data, place)
        if (kind == b"IHDR") != (not kinds):
            raise RejectedFile("file_damaged", kind="PNG")
        if kind == b"IHDR":
            _check_header(content)
        kinds.append(kind)
    if b"IDAT" not in kinds:
        raise RejectedFile("file_damaged", kind="PNG")
    if place != len(data):
        raise RejectedFile("file_mixed", kind="PNG")


def _read_chunk(data: bytes, offset: int) -> tuple[bytes, bytes, int]:
    """Kind and content of the chunk at this place, and the place behind it."""
    length = int.from_bytes(data[offset : offset + 4], "big")
    end = offset + 8 + length
    if end + 4 > len(data) or zlib.crc32(data[offset + 4 : end]) != int.from_bytes(
        data[end : end + 4], "big"
    ):
        raise RejectedFile("file_damaged", kind="PNG")
    return data[offset + 4 : offset + 8], data[offset + 8 : end], end + 4


def _check_header(content: bytes) -> None:
    if len(content) != 13:
        raise RejectedFile("file_damaged", kind="PNG")
    _check_dimensions("PNG", int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big"))


def _check_dimensions(kind: str, width: int, height: int) -> None:
    """A small file can claim a picture that fills the memory of whoever opens it."""
    if not width or not height:
        raise RejectedFile("file_damaged", kind=kind)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise RejectedFile("picture_size", width=width, height=height, at_most=MAX_PIXELS // 1_000_000)
