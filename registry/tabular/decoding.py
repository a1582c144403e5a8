"""Which encoding a CSV file is in, told by one pass over its bytes in bounded memory.

The rule, in this order: byte order mark, strict UTF-8, strict GB18030 (GB 18030-2022). It never guesses.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from registry.tabular.errors import SheetError

CHUNK_SIZE = 1 << 20
MAX_LINE_BYTES = (
    10_000_000  # bytes between two line ends: a record of ours is a few kB, a hostile line is all of memory
)
MAX_LINES = 1_048_576  # rows of an Excel sheet; what is larger cannot be looked at by the people who send it
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),  # Excel's "Unicode text"
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MARKUP_PREFIXES = (
    b"<!doctype",
    b"<html",
    b"<?xml",
    b"%pdf",
    b"{\\rtf",
)  # web pages and others under the name of a sheet


@dataclass(frozen=True, slots=True)
class Encoding:
    """Python's name of an encoding. Not `whole`: the file ends inside a character, as half a file does."""

    name: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class _DecodingFailure:
    offset: int
    line: int
    at_end: bool  # only the last character is wrong: its end is missing
    ascii_before: bool  # nothing but ASCII before it


def detect_encoding(path: Path) -> Encoding:
    """The file's encoding. A file cut in the middle of a character is no file in another encoding.

    Raises `SheetError`: `empty_file`, `not_a_spreadsheet`, `line_too_long`, `too_many_rows`, `encoding`.
    """
    with path.open("rb") as file:
        start = file.read(1024)
    if not start.strip(b"\xef\xbb\xbf \t\r\n"):
        _reject_blank(path)
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP_PREFIXES):
        raise SheetError("not_a_spreadsheet")
    marked = next((name for mark, name in BYTE_ORDER_MARKS if start.startswith(mark)), None)
    if marked != "utf-16":
        _check_lines(path)
    failures = {}
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        failure = _first_failure(path, name)
        if failure is None:
            return Encoding(name)
        if failure.at_end and not failure.ascii_before:
            return Encoding(name, complete=False)
        failures[name] = failure
    if cut := next((name for name, failure in failures.items() if failure.at_end), None):
        return Encoding(cut, complete=False)
    # Text in the one encoding soon breaks the other: the true one is that which got further.
    worst = max(failures.values(), key=lambda failure: failure.offset)
    raise SheetError("encoding", offset=worst.offset, line=worst.line)


def _reject_blank(path: Path) -> None:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_SIZE):
            if chunk.strip(b"\xef\xbb\xbf \t\r\n"):
                return
    raise SheetError("empty_file")


def _check_lines(path: Path) -> None:
    """No NUL bytes (a program, an image), no endless line, not too many lines."""
    lines = length = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_SIZE):
            if b"\0" in chunk:
                raise SheetError("not_a_spreadsheet")
            ends = [place for place in (chunk.find(b"\n"), chunk.find(b"\r")) if place >= 0]
            length += min(ends) if ends else len(chunk)
            if length > MAX_LINE_BYTES:
                raise SheetError("line_too_long", line=lines + 1, at_most=MAX_LINE_BYTES)
            if ends:
                length = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            lines += chunk.count(b"\n")
    if lines > MAX_LINES:
        raise SheetError("too_many_rows", rows=lines, at_most=MAX_LINES)


def _first_failure(path: Path, encoding: str) -> _DecodingFailure | None:
    """Where strict decoding first fails."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    read = line = held = 0  # `held`: bytes of a character that the last chunk cut
    plain = True
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_SIZE)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as problem:
                start = read - held + problem.start
                before = chunk[: max(0, start - read)]
                return _DecodingFailure(
                    start, line + 1 + before.count(b"\n"), not chunk, plain and before.isascii()
                )
            if not chunk:
                return None
            plain = plain and text.isascii()
            state = decoder.getstate()[0]
            held = len(state) if isinstance(state, bytes) else 0
            read += len(chunk)
            line += chunk.count(b"\n")
