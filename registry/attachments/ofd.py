"""OFD, the Chinese layout document (GB/T 33190-2016): a ZIP archive whose root holds OFD.xml.

The archive's directory is checked; nothing is unpacked but the beginning of OFD.xml.
"""

from __future__ import annotations

import io
import re
import struct
import zipfile
import zlib

from registry.attachments.rejection import RejectedFile

ZIP_HEADER = b"PK\x03\x04"
END_RECORD = struct.Struct("<4sHHHHIIH")  # end of central directory record (APPNOTE 4.3.16)
END_MARK = b"PK\x05\x06"
MAX_ENTRIES = 5_000
MAX_DIRECTORY_BYTES_PER_ENTRY = 46 + 1024  # header, name and extra fields
LOCAL_HEADER_SIZE = 30
MEGABYTE = 1024 * 1024
MAX_UNPACKED_BYTES = 200 * MEGABYTE
MAX_COMPRESSION_RATIO = 200  # XML compresses to a twentieth; the maximum of DEFLATE is 1032
RATIO_EXEMPT_BYTES = MEGABYTE
ENCRYPTED_FLAG = 0x1
COMPRESSION_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
ROOT = "OFD.xml"
ROOT_READ_BYTES = 65_536
ROOT_ELEMENT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?OFD[\s>]")
NAMESPACE = b"http://www.ofdspec.org/2016"
ENTITY_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)


def check(data: bytes) -> None:
    """Raise `RejectedFile` unless this is an OFD document that is safe to unpack.

    Codes: file_kind (another archive), file_damaged, file_mixed, ofd_paths, ofd_too_large.
    """
    if ROOT.encode() not in data:  # names are not compressed: without it, this is no OFD, damaged or not
        raise RejectedFile("file_kind")
    directory = _directory_offset(data)
    entries = _entries(data)
    for entry in entries:
        _check_name(entry.orig_filename)
        if entry.flag_bits & ENCRYPTED_FLAG or entry.compress_type not in COMPRESSION_METHODS:
            raise RejectedFile("file_damaged", kind="OFD")
    _check_sizes(entries)
    _check_offsets(entries, directory)
    _check_root(data, entries)


def _directory_offset(data: bytes) -> int:
    """Return the offset of the central directory.

    Directory and end record must be the last parts of the file, without a comment.
    """
    if len(data) < END_RECORD.size or data[-END_RECORD.size :][:4] != END_MARK:
        raise RejectedFile("file_mixed" if END_MARK in data else "file_damaged", kind="OFD")
    _, disk, first_disk, on_disk, count, size, offset, comment = END_RECORD.unpack(data[-END_RECORD.size :])
    if disk or first_disk or comment or on_disk != count or not count:
        raise RejectedFile("file_damaged", kind="OFD")
    if count > MAX_ENTRIES or size > count * MAX_DIRECTORY_BYTES_PER_ENTRY:
        raise RejectedFile("ofd_too_large", at_most=MAX_UNPACKED_BYTES // MEGABYTE, entries=MAX_ENTRIES)
    if offset + size != len(data) - END_RECORD.size:
        raise RejectedFile("file_mixed", kind="OFD")
    return int(offset)


def _entries(data: bytes) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return archive.infolist()
    # All that zipfile raises for a directory that it cannot read, invalid names and dates included.
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error, OSError, EOFError) as error:
        raise RejectedFile("file_damaged", kind="OFD") from error


def _check_name(name: str) -> None:
    """Refuse path traversal: a name that leads out of the folder it is unpacked into (CWE-22)."""
    unsafe = name.startswith("/") or ":" in name or "\\" in name or any(char < " " for char in name)
    if unsafe or not name or ".." in name.split("/"):
        raise RejectedFile("ofd_paths")


def _check_sizes(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if unpacked > MAX_UNPACKED_BYTES or (
        unpacked > RATIO_EXEMPT_BYTES and unpacked > packed * MAX_COMPRESSION_RATIO
    ):
        raise RejectedFile("ofd_too_large", at_most=MAX_UNPACKED_BYTES // MEGABYTE, entries=MAX_ENTRIES)


def _check_offsets(entries: list[zipfile.ZipInfo], directory: int) -> None:
    """Refuse duplicate names and overlapping entries, of which the greatest zip bombs are made."""
    if len({entry.filename.casefold() for entry in entries}) != len(entries):
        raise RejectedFile("file_damaged", kind="OFD")
    ordered = sorted(entries, key=lambda entry: entry.header_offset)
    ends = [entry.header_offset + LOCAL_HEADER_SIZE + entry.compress_size for entry in ordered]
    starts = [entry.header_offset for entry in ordered[1:]] + [directory]
    if any(end > start for end, start in zip(ends, starts, strict=True)) or ordered[0].header_offset:
        raise RejectedFile("file_damaged", kind="OFD")


def _check_root(data: bytes, entries: list[zipfile.ZipInfo]) -> None:
    """Refuse an archive whose OFD.xml is missing, is no OFD document, or declares entities."""
    if ROOT not in {entry.filename for entry in entries}:
        raise RejectedFile("file_kind")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(ROOT) as file:
            text = file.read(ROOT_READ_BYTES)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError, EOFError, zlib.error) as error:
        raise RejectedFile("file_damaged", kind="OFD") from error
    if ENTITY_DECLARATION.search(text) or NAMESPACE not in text or not ROOT_ELEMENT.search(text):
        raise RejectedFile("file_damaged", kind="OFD")
