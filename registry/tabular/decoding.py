"""Detect the encoding of a CSV file by one pass over its bytes, in bounded memory.

The rule, in this order: byte order mark, strict UTF-8, then the encoding in which the text is most plausible (see
`encodings`). What is nonsense in all of them is refused.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from registry.tabular.encodings import MAX_SAMPLE, most_plausible
from registry.tabular.errors import SheetError

CHUNK_SIZE = 1 << 20
MAX_LINE_BYTES = (
    10_000_000  # bytes between two line ends: a record of ours is a few kB, a hostile line is all of memory
)
MAX_LINES = (
    1_048_576  # rows of an Excel sheet; a larger file cannot be opened there by the people who send it
)
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
    """Python's name of an encoding. Not `complete`: the file ends inside a character, as half a file does."""

    name: str
    complete: bool = True


@dataclass(frozen=True, slots=True)
class _DecodingFailure:
    """Where strict decoding fails first. `offset`: byte from 0; `line`: from 1.

    `at_end`: only the last character is wrong, its end is missing. `ascii_before`: all before it is ASCII.
    """

    offset: int
    line: int
    at_end: bool
    ascii_before: bool


def detect_encoding(path: Path) -> Encoding:
    """The encoding of a file. A file cut in the middle of a character is not taken for one in another encoding.

    Raises `SheetError`: `empty_file`, `not_a_spreadsheet`, `line_too_long`, `too_many_rows`, `encoding`,
    `encoding_unclear`.
    """
    with path.open("rb") as file:
        first_bytes = file.read(1024)
    if not first_bytes.strip(b"\xef\xbb\xbf \t\r\n"):
        _reject_blank(path)
    if first_bytes.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(MARKUP_PREFIXES):
        raise SheetError("not_a_spreadsheet")
    marked = next((name for mark, name in BYTE_ORDER_MARKS if first_bytes.startswith(mark)), None)
    if marked != "utf-16":
        _check_lines(path)
    failures: dict[str, _DecodingFailure] = {}
    for name in (marked,) if marked else ("utf-8", "gb18030"):
        failure = _first_failure(path, name)
        if name == "gb18030" and not (failures["utf-8"].at_end and not failures["utf-8"].ascii_before):
            likely = most_plausible(_sample(path))
            if likely not in (None, name) and _first_failure(path, likely) is None:
                return Encoding(likely)
            if likely is None and failure is None:
                raise SheetError("encoding_unclear", line=failures["utf-8"].line)
        if failure is None:
            return Encoding(name)
        if failure.at_end and not failure.ascii_before:
            return Encoding(name, complete=False)
        failures[name] = failure
    if cut := next((name for name, failure in failures.items() if failure.at_end), None):
        return Encoding(cut, complete=False)
    # Text in the one encoding soon breaks the other: the true one is that which got further.
    furthest = max(failures.values(), key=lambda failure: failure.offset)
    raise SheetError("encoding", offset=furthest.offset, line=furthest.line)


def _sample(path: Path) -> bytes:
    """Lines of a file that are not ASCII, the first ones."""
    lines: list[bytes] = []
    size = 0
    with path.open("rb") as file:
        while size < MAX_SAMPLE and (line := file.readline(CHUNK_SIZE)):
            if not line.isascii():
                lines.append(line)
                size += len(line)
    return b"".join(lines)


def _reject_blank(path: Path) -> None:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_SIZE):
            if chunk.strip(b"\xef\xbb\xbf \t\r\n"):
                return
    raise SheetError("empty_file")


def _check_lines(path: Path) -> None:
    """Refuse NUL bytes (a program, an image), an endless line, and too many lines."""
    lines = length = 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_SIZE):
            if b"\0" in chunk:
                raise SheetError("not_a_spreadsheet")
            ends = [index for index in (chunk.find(b"\n"), chunk.find(b"\r")) if index >= 0]
            length += min(ends) if ends else len(chunk)
            if length > MAX_LINE_BYTES:
                raise SheetError("line_too_long", line=lines + 1, at_most=MAX_LINE_BYTES)
            if ends:
                length = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            lines += chunk.count(b"\n")
    if lines > MAX_LINES:
        raise SheetError("too_many_rows", rows=lines, at_most=MAX_LINES)


def _first_failure(path: Path, encoding: str) -> _DecodingFailure | None:
    """Where strict decoding fails first; None where it does not."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    read = line = pending = 0  # `pending`: bytes of a character that the last chunk has cut
    ascii_only = True
    with path.open("rb") as file:
        while True:
            chunk = file.read(CHUNK_SIZE)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as problem:
                start = read - pending + problem.start
                before = chunk[: max(0, start - read)]
                return _DecodingFailure(
                    start, line + 1 + before.count(b"\n"), not chunk, ascii_only and before.isascii()
                )
            if not chunk:
                return None
            ascii_only = ascii_only and text.isascii()
            state = decoder.getstate()[0]
            pending = len(state) if isinstance(state, bytes) else 0
            read += len(chunk)
            line += chunk.count(b"\n")
