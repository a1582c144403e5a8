"""Structure of JPEG (ITU-T T.81) and PNG (W3C PNG, 5) files, read from the first byte to the last.

Nothing is decompressed or rendered. The structure must end where the file does: nothing may follow the picture.
"""

from __future__ import annotations

import re
import zlib

from registry.attachments.rejection import RejectedFile

JPEG_SIGNATURE = b"\xff\xd8\xff"
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
MAX_PIXELS = 100_000_000  # a scan of an A3 page at 600 dpi has 70 million
MAX_SIDE = 30_000

FRAME_MARKERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}  # SOF markers: they hold height and width
START_OF_SCAN, END_OF_IMAGE = 0xDA, 0xD9
# Within a scan FF is followed by 00, by a restart marker or by another FF; anything else ends the scan.
SCAN_END = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]")
# Markers without a segment; outside scans, where restart markers are legal, none may occur.
STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD9)})


def check_jpeg(data: bytes) -> None:
    """Raise `RejectedFile` (file_damaged, file_mixed, picture_size) unless this is exactly one JPEG picture."""
    offset, framed, scanned = 2, False, False
    while True:
        marker, offset = _read_marker(data, offset)
        if marker == END_OF_IMAGE:
            break
        if marker in STANDALONE_MARKERS:
            raise RejectedFile("file_damaged", kind="JPEG")
        length = int.from_bytes(data[offset : offset + 2], "big")
        if length < 2 or offset + length > len(data):
            raise RejectedFile("file_damaged", kind="JPEG")
        if marker in FRAME_MARKERS:
            _check_frame(data[offset : offset + length])
            framed = True
        offset += length
        if marker == START_OF_SCAN:
            offset, scanned = _end_of_scan(data, offset), True
    if not (framed and scanned):
        raise RejectedFile("file_damaged", kind="JPEG")
    if offset != len(data):
        raise RejectedFile("file_mixed", kind="JPEG")


def _read_marker(data: bytes, offset: int) -> tuple[int, int]:
    """Return the marker at this offset, fill bytes skipped, and the offset behind it."""
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
    match = SCAN_END.search(data, offset)
    if match is None:
        raise RejectedFile("file_damaged", kind="JPEG")
    return match.start()


def dimensions(data: bytes) -> tuple[int, int]:
    """Return width and height of a JPEG or PNG that has been checked."""
    if data.startswith(PNG_SIGNATURE):
        return int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
    offset = 2
    while True:
        marker, offset = _read_marker(data, offset)
        if marker in FRAME_MARKERS:
            height, width = data[offset + 3 : offset + 5], data[offset + 5 : offset + 7]
            return int.from_bytes(width, "big"), int.from_bytes(height, "big")
        offset += int.from_bytes(data[offset : offset + 2], "big")


def check_png(data: bytes) -> None:
    """Raise `RejectedFile` (file_damaged, file_mixed, picture_size) unless this is exactly one PNG picture.

    Every chunk's checksum is verified; IHDR comes first, IEND last, with image data between them.
    """
    offset, kinds = len(PNG_SIGNATURE), list[bytes]()
    while not kinds or kinds[-1] != b"IEND":
        kind, content, offset = _read_chunk(data, offset)
        if (kind == b"IHDR") != (not kinds):
            raise RejectedFile("file_damaged", kind="PNG")
        if kind == b"IHDR":
            _check_header(content)
        kinds.append(kind)
    if b"IDAT" not in kinds:
        raise RejectedFile("file_damaged", kind="PNG")
    if offset != len(data):
        raise RejectedFile("file_mixed", kind="PNG")


def _read_chunk(data: bytes, offset: int) -> tuple[bytes, bytes, int]:
    """Return kind and content of the chunk at this offset, and the offset behind it."""
    length = int.from_bytes(data[offset : offset + 4], "big")
    end = offset + 8 + length
    checksum = int.from_bytes(data[end : end + 4], "big")
    if end + 4 > len(data) or zlib.crc32(data[offset + 4 : end]) != checksum:
        raise RejectedFile("file_damaged", kind="PNG")
    return data[offset + 4 : offset + 8], data[offset + 8 : end], end + 4


def _check_header(content: bytes) -> None:
    if len(content) != 13:
        raise RejectedFile("file_damaged", kind="PNG")
    _check_dimensions("PNG", int.from_bytes(content[:4], "big"), int.from_bytes(content[4:8], "big"))


def _check_dimensions(kind: str, width: int, height: int) -> None:
    """Refuse dimensions that would exhaust the memory of a viewer: a small file can claim any size."""
    if not width or not height:
        raise RejectedFile("file_damaged", kind=kind)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise RejectedFile("picture_size", width=width, height=height, at_most=MAX_PIXELS // 1_000_000)
