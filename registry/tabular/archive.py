"""Check a zip before a library opens it: zip bombs are refused by their directory or while their parts are inflated.

The declared sizes are not trusted: every part is inflated once, in small chunks, and must end where it says.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from registry.observing.recent_trouble import note_system_error
from registry.tabular.errors import SheetError

MAX_ENTRIES = 2_000  # a workbook of ours has ten parts; one with pictures some hundred
MAX_DIRECTORY = 1 << 20  # bytes of the central directory: room for the entries above with long names
MAX_TOTAL = 400 << 20  # bytes inflated: 200,000 rows of 25 columns are some 250 MB of XML
MAX_RATIO = 200  # honest sheets shrink 5 to 40 times; a sheet of zeros 1,000 times
MIN_SIZE_FOR_RATIO = 1 << 20  # bytes: below this size any ratio is harmless
CHUNK_SIZE = 1 << 18
MAX_TEXT_BETWEEN_TAGS = 4 << 20  # bytes between two tags: a cell of Excel holds 32,767 characters

DOCTYPE_OR_ENTITY = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
END_RECORD_SIGNATURE = b"PK\x05\x06"


def is_zip(first_bytes: bytes) -> bool:
    """Return True if these bytes begin a zip."""
    return first_bytes.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"))


def checked_entries(path: Path) -> list[zipfile.ZipInfo]:
    """The directory of a zip that is plausible for a spreadsheet.

    Raises `SheetError`: `zip_bomb`, or `not_a_spreadsheet` for a broken or foreign zip.
    """
    _check_directory(path)
    try:
        with zipfile.ZipFile(path) as archive:
            infos = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, UnicodeDecodeError) as problem:
        if note_system_error(problem):  # says nothing about the file
            raise
        raise SheetError("not_a_spreadsheet") from problem
    if len(infos) > MAX_ENTRIES:
        raise SheetError("zip_bomb", reason="entries")
    if sum(info.file_size for info in infos) > MAX_TOTAL:
        raise SheetError("zip_bomb", reason="size")
    for info in infos:
        if info.file_size > MIN_SIZE_FOR_RATIO and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise SheetError("zip_bomb", reason="ratio")
        if info.flag_bits & 1 or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise SheetError("not_a_spreadsheet")
    return infos


def _check_directory(path: Path) -> None:
    """Check count and size of the directory by the end record alone, before the directory is read."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - (1 << 16) - 22))
        tail = file.read()
    start = tail.rfind(END_RECORD_SIGNATURE)
    if start < 0 or len(tail) < start + 22:
        raise SheetError("not_a_spreadsheet")
    count, directory = struct.unpack("<10xHI", tail[start : start + 16])
    if count > MAX_ENTRIES:
        raise SheetError("zip_bomb", reason="entries")
    if directory > MAX_DIRECTORY:
        raise SheetError("zip_bomb", reason="directory")


def inflate_chunks(file: BinaryIO, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A part of the zip, inflated in chunks. Raises `SheetError` where it does not end at its declared size."""
    file.seek(info.header_offset)
    head = file.read(30)
    if len(head) < 30 or not head.startswith(b"PK\x03\x04"):
        raise SheetError("not_a_spreadsheet")
    name_length, extra_length = struct.unpack("<26xHH", head)
    file.seek(name_length + extra_length, 1)
    remaining, inflated = info.compress_size, 0
    inflate = zlib.decompressobj(-15) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while remaining > 0:
        raw = file.read(min(CHUNK_SIZE, remaining))
        if not raw:
            raise SheetError("not_a_spreadsheet")
        remaining -= len(raw)
        while raw:
            try:
                chunk = inflate.decompress(raw, CHUNK_SIZE) if inflate else raw
            except zlib.error as problem:
                raise SheetError("not_a_spreadsheet") from problem
            raw = inflate.unconsumed_tail if inflate else b""
            inflated += len(chunk)
            if inflated > info.file_size:
                raise SheetError("zip_bomb", reason="size")
            if chunk:
                yield chunk
            elif inflate and inflate.eof:
                break


def split_after_tags(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in chunks that end behind a `>`, so that no XML tag is divided; the last may end anywhere.

    Raises `SheetError` for a text between two tags that is longer than any cell.
    """
    rest = b""
    for following in chunks:
        chunk = rest + following
        cut = chunk.rfind(b">") + 1
        rest = chunk[cut:]
        if len(rest) > MAX_TEXT_BETWEEN_TAGS:
            raise SheetError("zip_bomb", reason="size")
        if cut:
            yield chunk[:cut]
    if rest:
        yield rest


def reject_entities(chunk: bytes) -> None:
    """Refuse a document type: entities could grow without end, and no spreadsheet program writes one.

    Raises `SheetError`.
    """
    if DOCTYPE_OR_ENTITY.search(chunk):
        raise SheetError("zip_bomb", reason="entities")
