"""Detects active content in PDF files: scripts, launch actions, forms that submit, embedded files (ISO 32000-1, 12.6).

Such files are refused, not repaired: the person who uploads one should know, and a repaired file is no longer what they
signed. Two independent checks: of the raw bytes, for names anywhere, and of the structure of every object. Objects that
only older revisions, or no cross-reference table, list are checked too, since readers that repair a file find them.

`examination` runs it in a process of its own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader, apply_configuration
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NullObject,
    StreamObject,
    read_object,
)

from registry.attachments.rejection import RejectedFile

MAX_OBJECTS = 200_000
MAX_VALUES = 5_000_000  # values inspected in all
MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # of all object streams together; also of any one stream
MAX_FILTERS = 4
# Bytes read to look for objects that no table lists, as a multiple of the file: honest files have few of them.
UNLISTED_READ_FACTOR = 8
MIN_UNLISTED_BYTES = 1024 * 1024
CPU_SECONDS = 5
MEMORY_BYTES = 768 * 1024 * 1024  # bytes of address space

OBJECT_HEADER = re.compile(rb"(?<![0-9])([0-9]{1,10})[\0\t\n\f\r ]+[0-9]{1,5}[\0\t\n\f\r ]+obj")
NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
# Names long enough not to occur in compressed bytes by chance.
ACTIVE_NAME_PATTERN = re.compile(
    rb"/(JavaScript|Launch|EmbeddedFiles?|RichMedia|XFA|SubmitForm|ImportData|GoToE|Encrypt)"
    rb"(?=[\0\t\n\f\r ()<>\[\]{}/%]|$)"
)
ENCRYPT_KEY = "/Encrypt"
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/AA", "/XFA", "/EmbeddedFiles", "/EF", "/RichMediaContent"})
# Values of /S: actions that run, send, fetch or open something else.
ACTIVE_ACTIONS = frozenset(
    {
        "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie",
        "/Sound", "/RichMediaExecute", "/GoTo3DView",
    }
)  # fmt: skip
ACTIVE_TYPES = frozenset(
    {"/EmbeddedFile", "/RichMedia", "/FileAttachment", "/Movie", "/Sound", "/Screen", "/3D"}
)


def check_pdf(data: bytes) -> None:
    """Raise `RejectedFile` if the file has active content or cannot be checked.

    Codes: pdf_encrypted, pdf_active (`found`: names), pdf_unreadable, pdf_too_complex. No other exception is raised.
    """
    names = _names_in_bytes(data)
    if ENCRYPT_KEY in names:
        raise RejectedFile("pdf_encrypted")
    try:
        with apply_configuration(
            zlib_maximum_output_length=MAX_UNPACKED_BYTES,
            lzw_maximum_output_length=MAX_UNPACKED_BYTES,
            run_length_maximum_output_length=MAX_UNPACKED_BYTES,
            stream_filters_maximum_length=MAX_FILTERS,
        ):
            names |= _ObjectScan(data).active_names()
    except RejectedFile:
        raise
    except Exception as error:  # the library raises many kinds, RecursionError included: none may pass
        raise RejectedFile("pdf_unreadable") from error
    if names:
        raise RejectedFile("pdf_active", found=", ".join(sorted(names)))


def _names_in_bytes(data: bytes) -> set[str]:
    """Return active names anywhere in the bytes, also escaped, as /J#61vaScript (ISO 32000-1, 7.3.5)."""
    unescaped = NAME_ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), data)
    return {match[0].decode() for text in (data, unescaped) for match in ACTIVE_NAME_PATTERN.finditer(text)}


class _MeteredBytes(io.BytesIO):
    """Bytes of which only so many may be read, counting those that are read again. Then reading fails."""

    def __init__(self, data: bytes, bytes_left: int) -> None:
        super().__init__(data)
        self.bytes_left = bytes_left

    def read(self, size: int | None = -1, /) -> bytes:
        chunk = super().read(size)
        self.bytes_left -= len(chunk)
        if self.bytes_left < 0:
            raise RejectedFile("pdf_too_complex")
        return chunk


class _ObjectScan:
    """One scan of all objects of a file, within a budget of objects, values and bytes."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._reader = PdfReader(io.BytesIO(data), strict=False)
        if self._reader.is_encrypted or ENCRYPT_KEY in self._reader.trailer:
            raise RejectedFile("pdf_encrypted")
        if not isinstance(self._reader.trailer["/Root"], DictionaryObject):
            raise RejectedFile("pdf_unreadable")
        self._objects_left, self._values_left, self._bytes_left = MAX_OBJECTS, MAX_VALUES, MAX_UNPACKED_BYTES
        self._object_stream_numbers = {number for number, _ in self._reader.xref_objStm.values()}
        self._unpacked_numbers: set[int] = set()

    def active_names(self) -> set[str]:
        """Return the names of active content in the trailer and in every object."""
        names = self._active_names_in(self._reader.trailer)
        for number, value in self._walk_objects():
            self._objects_left = _spend(self._objects_left, 1)
            names |= self._active_names_in(value)
            if isinstance(value, StreamObject) and self._is_object_stream(number, value):
                for inner in self._unpack_object_stream(value):
                    self._objects_left = _spend(self._objects_left, 1)
                    names |= self._active_names_in(inner)
        # The cross-reference table lists an object stream that is none.
        if not self._object_stream_numbers <= self._unpacked_numbers:
            raise RejectedFile("pdf_unreadable")
        return names

    def _walk_objects(self) -> Iterator[tuple[int, Any]]:
        """Yield (number, value) of the objects that the tables list, then of those that they do not."""
        listed_offsets = set[int]()
        for generation, objects in list(self._reader.xref.items()):
            for number, offset in list(objects.items()):
                if offset not in listed_offsets:  # the same bytes are the same object
                    listed_offsets.add(offset)
                    yield number, self._reader.get_object(IndirectObject(number, generation, self._reader))
        unlisted = _MeteredBytes(self._data, MIN_UNLISTED_BYTES + UNLISTED_READ_FACTOR * len(self._data))
        for header in OBJECT_HEADER.finditer(self._data):
            if header.start() not in listed_offsets:
                yield from self._parse_unlisted(header, unlisted)

    def _parse_unlisted(self, header: re.Match[bytes], stream: _MeteredBytes) -> Iterator[tuple[int, Any]]:
        """Yield the object that begins here though no table lists it.

        Compressed bytes may look like a header by chance: what cannot be parsed is no object. The bytes that were read
        count either way. Raises `RejectedFile` when they are spent.
        """
        stream.seek(header.end())
        value: Any = None
        try:
            while (byte := stream.read(1)) and byte in b"\0\t\n\f\r ":
                pass
            stream.seek(-1, io.SEEK_CUR)
            value = read_object(stream, self._reader)
        except Exception:  # noqa: BLE001 - as above
            value = None
        if stream.bytes_left < 0:
            raise RejectedFile("pdf_too_complex")
        if value is not None:
            yield int(header[1]), value

    def _is_object_stream(self, number: int, stream: StreamObject) -> bool:
        if number in self._object_stream_numbers:
            self._unpacked_numbers.add(number)
            return True
        return stream.get("/Type") == "/ObjStm" or ("/First" in stream and "/N" in stream)

    def _unpack_object_stream(self, stream: StreamObject) -> Iterator[Any]:
        """Yield the objects of an object stream (ISO 32000-1, 7.5.7): pairs of number and offset, then the objects."""
        data = stream.get_data()
        self._bytes_left = _spend(self._bytes_left, len(data))
        first = int(stream["/First"])  # type: ignore[call-overload]
        offsets = [int(word) for word in data[:first].split()[1::2]]
        if first < 0 or len(offsets) < int(stream["/N"]):  # type: ignore[call-overload]
            raise RejectedFile("pdf_unreadable")
        text = io.BytesIO(data)
        for offset in offsets:
            text.seek(first + offset)
            yield read_object(text, self._reader)

    def _active_names_in(self, value: Any) -> set[str]:
        """Return active names in one object. References are not followed, since every object is visited."""
        names, pending = set[str](), [value]
        while pending:
            self._values_left = _spend(self._values_left, 1)
            part = pending.pop()
            if isinstance(part, DictionaryObject):
                names |= _active_names_of(part)
                pending.extend(part.values())
            elif isinstance(part, ArrayObject):
                pending.extend(part)
        return names


def _spend(remaining: int, amount: int) -> int:
    """Return what remains of a budget. Raises `RejectedFile` (pdf_too_complex) if it is exceeded."""
    if remaining < amount:
        raise RejectedFile("pdf_too_complex")
    return remaining - amount


def _active_names_of(dictionary: DictionaryObject) -> set[str]:
    """Return the names in one dictionary that stand for active content."""
    names = {str(key) for key in dictionary if key in ACTIVE_KEYS}
    for key, active_values in (("/S", ACTIVE_ACTIONS), ("/Type", ACTIVE_TYPES), ("/Subtype", ACTIVE_TYPES)):
        value = _resolve(dictionary, key)
        if isinstance(value, NameObject) and value in active_values:
            names.add(str(value))
    if "/OpenAction" in dictionary and not _only_navigates(_resolve(dictionary, "/OpenAction")):
        names.add("/OpenAction")
    return names


def _resolve(dictionary: DictionaryObject, key: str) -> Any:
    """Return a value of a dictionary, with a reference followed; None if the key is missing."""
    value = dictionary.raw_get(key) if key in dictionary else None
    return value.get_object() if isinstance(value, IndirectObject) else value


def _only_navigates(action: Any) -> bool:
    """Return True for a destination in the document, or an action that goes to one and has no next action."""
    if isinstance(action, DictionaryObject):
        return _resolve(action, "/S") == "/GoTo" and "/Next" not in action
    return action is None or isinstance(action, ArrayObject | NullObject)
