"""OFD, the Chinese layout document (GB/T 33190-2016): a ZIP archive whose root holds OFD.xml.

The archive's directory is read and judged; nothing is unpacked but the beginning of OFD.xml.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from registry.attachments.rejection import Refused

ZIP = b"PK\x03\x04"
END = struct.Struct("<4sHHHHIIH")  # end of central directory record (APPNOTE 4.3.16)
END_MARK = b"PK\x05\x06"
MOST_ENTRIES = 5_000
MOST_FOR_AN_ENTRY = 46 + 1024  # bytes in the directory: its header, name and extras
LOCAL_HEADER = 30
MEGABYTE = 1024 * 1024
MOST_UNPACKED = 200 * MEGABYTE
MOST_RATIO = 200  # XML packs to a twentieth; DEFLATE cannot do more than 1032
FREE_OF_RATIO = MEGABYTE
ENCRYPTED = 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ROOT = "OFD.xml"
ROOT_READ = 65_536
ROOT_ELEMENT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?OFD[\s>]")
NAMESPACE = b"http://www.ofdspec.org/2016"
DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def check(data: bytes) -> None:
    """Raises `Refused` unless this is an OFD document that can be unpacked without harm.

    Codes: file_kind (another archive), file_damaged, file_mixed, ofd_paths, ofd_too_large.
    """
    if ROOT.encode() not in data:  # names stand in the clear: whatever this is, damaged or not, it is no OFD
        raise Refused("file_kind")
    directory = _directory_place(data)
    entries = _entries(data)
    for entry in entries:
        _check_name(entry.orig_filename)
        if entry.flag_bits & ENCRYPTED or entry.compress_type not in METHODS:
            raise Refused("file_damaged", kind="OFD")
    _check_sizes(entries)
    _check_places(entries, directory)
    _check_root(data, entries)


def _directory_place(data: bytes) -> int:
    """Where the directory begins. It and its end record must be the last of the file, with no comment behind."""
    if len(data) < END.size or data[-END.size :][:4] != END_MARK:
        raise Refused("file_mixed" if END_MARK in data else "file_damaged", kind="OFD")
    _, disk, first_disk, here, count, size, place, comment = END.unpack(data[-END.size :])
    if disk or first_disk or comment or here != count or not count:
        raise Refused("file_damaged", kind="OFD")
    if count > MOST_ENTRIES or size > count * MOST_FOR_AN_ENTRY:
        raise Refused("ofd_too_large", at_most=MOST_UNPACKED // MEGABYTE, entries=MOST_ENTRIES)
    if place + size != len(data) - END.size:
        raise Refused("file_mixed", kind="OFD")
    return int(place)


def _entries(data: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist()
    # What zipfile raises for a directory that it cannot read, odd names and dates included.
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError, EOFError) as problem:
        raise Refused("file_damaged", kind="OFD") from problem


def _check_name(name: str) -> None:
    """No path that leads out of the folder into which somebody unpacks (CWE-22)."""
    odd = name.startswith("/") or ":" in name or "\\" in name or any(char < " " for char in name)
    if odd or not name or ".." in name.split("/"):
        raise Refused("ofd_paths")


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MOST_UNPACKED or (unpacked > FREE_OF_RATIO and unpacked > packed * MOST_RATIO):
        raise Refused("ofd_too_large", at_most=MOST_UNPACKED // MEGABYTE, entries=MOST_ENTRIES)


def _check_places(entries: list[zipfile.ZipInfo], directory: int) -> None:
    """Each name once, and no entry inside another: that is how the greatest bombs are made."""
    if len({entry.filename.casefold() for entry in entries}) != len(entries):
        raise Refused("file_damaged", kind="OFD")
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [entry.header_offset + LOCAL_HEADER + entry.compress_size for entry in ordered]
    begins = [entry.header_offset for entry in ordered[1:]] + [directory]
    if any(end > begin for end, begin in zip(ends, begins, strict=True)) or ordered[0].header_offset:
        raise Refused("file_damaged", kind="OFD")


def _check_root(data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """OFD.xml is what it should be, and declares no entities of its own."""
    if ROOT not in {entry.filename for entry in entries}:
        raise Refused("file_kind")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(ROOT) as file:
            text = file.read(ROOT_READ)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, zlib.error) as problem:
        raise Refused("file_damaged", kind="OFD") from problem
    if DECLARATION.search(text) or NAMESPACE not in text or not ROOT_ELEMENT.search(text):
        raise Refused("file_damaged", kind="OFD")
