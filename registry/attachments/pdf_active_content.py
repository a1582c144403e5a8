"""Finds what a PDF would do by itself: scripts, programs, forms that send, files inside (ISO 32000-1, 12.6).

Such files are refused, not repaired: who handed one in should know, and a repaired file is no longer what he signed.
Two looks that do not trust each other: at the bytes, for names anywhere, and at every object, for its structure;
objects that only older revisions or no table name count too, since readers that repair a file find them.

Run as `python -m registry.attachments.pdf_active_content PATH` it limits itself and answers with one line of JSON:
{"code": …, "params": {…}}.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
from collections.abc import Iterator
from pathlib import Path
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
MAX_VALUES = 5_000_000  # values looked at in all
MAX_UNPACKED_BYTES = 64 * 1024 * 1024  # bytes of object streams, in all; also of any one stream
MAX_FILTERS = 4
CPU_SECONDS = 20
MEMORY_BYTES = 1024 * 1024 * 1024  # bytes of address space

OBJECT_HEADER = re.compile(rb"(?<![0-9])([0-9]{1,10})[\0\t\n\f\r ]+[0-9]{1,5}[\0\t\n\f\r ]+obj")
NAME_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
# Long enough not to stand in packed bytes by chance.
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
    """Raises `Refused`: pdf_encrypted, pdf_active (`found`: names), pdf_unreadable, pdf_too_complex; nothing else."""
    found = _names_in_bytes(data)
    if ENCRYPT_KEY in found:
        raise RejectedFile("pdf_encrypted")
    try:
        with apply_configuration(
            zlib_maximum_output_length=MAX_UNPACKED_BYTES,
            lzw_maximum_output_length=MAX_UNPACKED_BYTES,
            run_length_maximum_output_length=MAX_UNPACKED_BYTES,
            stream_filters_maximum_length=MAX_FILTERS,
        ):
            found |= _ObjectScan(data).active_names()
    except RejectedFile:
        raise
    except Exception as problem:  # the library's many, and deep nesting: none may pass
        raise RejectedFile("pdf_unreadable") from problem
    if found:
        raise RejectedFile("pdf_active", found=", ".join(sorted(found)))


def _names_in_bytes(data: bytes) -> set[str]:
    """Telling names anywhere in the bytes, also written as /J#61vaScript (ISO 32000-1, 7.3.5)."""
    plain = NAME_ESCAPE.sub(lambda match: bytes.fromhex(match[1].decode()), data)
    return {match[0].decode() for text in (data, plain) for match in ACTIVE_NAME_PATTERN.finditer(text)}


class _ObjectScan:
    """One look at all objects of a file, with what may still be spent on it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._reader = PdfReader(io.BytesIO(data), strict=False)
        if self._reader.is_encrypted or ENCRYPT_KEY in self._reader.trailer:
            raise RejectedFile("pdf_encrypted")
        if not isinstance(self._reader.trailer["/Root"], DictionaryObject):
            raise RejectedFile("pdf_unreadable")
        self._objects_left, self._values_left, self._bytes_left = MAX_OBJECTS, MAX_VALUES, MAX_UNPACKED_BYTES
        self._object_stream_numbers = {holder for holder, _ in self._reader.xref_objStm.values()}
        self._unpacked_numbers: set[int] = set()

    def active_names(self) -> set[str]:
        found = self._active_names_in(self._reader.trailer)
        for number, value in self._walk_objects():
            self._objects_left = _spend(self._objects_left, 1)
            found |= self._active_names_in(value)
            if isinstance(value, StreamObject) and self._is_object_stream(number, value):
                for inner in self._unpack_object_stream(value):
                    self._objects_left = _spend(self._objects_left, 1)
                    found |= self._active_names_in(inner)
        if (
            not self._object_stream_numbers <= self._unpacked_numbers
        ):  # the table names an object stream that is none
            raise RejectedFile("pdf_unreadable")
        return found

    def _walk_objects(self) -> Iterator[tuple[int, Any]]:
        """(number, value) of what the tables name, then of what they do not."""
        places = set[int]()
        for generation, objects in list(self._reader.xref.items()):
            for number, place in list(objects.items()):
                places.add(place)
                yield number, self._reader.get_object(IndirectObject(number, generation, self._reader))
        for header in OBJECT_HEADER.finditer(self._data):
            if header.start() not in places:
                yield from self._parse_unlisted(header)

    def _parse_unlisted(self, header: re.Match[bytes]) -> Iterator[tuple[int, Any]]:
        """An object that no table names. Packed bytes may look like the beginning of one: then it is none."""
        stream = io.BytesIO(self._data)
        stream.seek(header.end())
        try:
            while (byte := stream.read(1)) and byte in b"\0\t\n\f\r ":
                pass
            stream.seek(-1, io.SEEK_CUR)
            value = read_object(stream, self._reader)
        except Exception:  # noqa: BLE001 - as above
            return
        yield int(header[1]), value

    def _is_object_stream(self, number: int, stream: StreamObject) -> bool:
        if number in self._object_stream_numbers:
            self._unpacked_numbers.add(number)
            return True
        return stream.get("/Type") == "/ObjStm" or ("/First" in stream and "/N" in stream)

    def _unpack_object_stream(self, stream: StreamObject) -> Iterator[Any]:
        """The objects in an object stream (ISO 32000-1, 7.5.7): pairs of number and place, then the objects."""
        data = stream.get_data()
        self._bytes_left = _spend(self._bytes_left, len(data))
        first = int(stream["/First"])  # type: ignore[call-overload]
        places = [int(word) for word in data[:first].split()[1::2]]
        if first < 0 or len(places) < int(stream["/N"]):  # type: ignore[call-overload]
            raise RejectedFile("pdf_unreadable")
        text = io.BytesIO(data)
        for place in places:
            text.seek(first + place)
            yield read_object(text, self._reader)

    def _active_names_in(self, value: Any) -> set[str]:
        """What is found in one object, without following references: every object has its own turn."""
        found, waiting = set[str](), [value]
        while waiting:
            self._values_left = _spend(self._values_left, 1)
            each = waiting.pop()
            if isinstance(each, DictionaryObject):
                found |= _active_names_of(each)
                waiting.extend(each.values())
            elif isinstance(each, ArrayObject):
                waiting.extend(each)
        return found


def _spend(remaining: int, amount: int) -> int:
    if remaining < amount:
        raise RejectedFile("pdf_too_complex")
    return remaining - amount


def _active_names_of(dictionary: DictionaryObject) -> set[str]:
    """Names in one dictionary that stand for something active."""
    found = {str(key) for key in dictionary if key in ACTIVE_KEYS}
    for key, telling in (("/S", ACTIVE_ACTIONS), ("/Type", ACTIVE_TYPES), ("/Subtype", ACTIVE_TYPES)):
        value = _resolve(dictionary, key)
        if isinstance(value, NameObject) and value in telling:
            found.add(str(value))
    if "/OpenAction" in dictionary and not _only_navigates(_resolve(dictionary, "/OpenAction")):
        found.add("/OpenAction")
    return found


def _resolve(dictionary: DictionaryObject, key: str) -> Any:
    """A value of a dictionary, followed if it is a reference; None when it is not there."""
    value = dictionary.raw_get(key) if key in dictionary else None
    return value.get_object() if isinstance(value, IndirectObject) else value


def _only_navigates(action: Any) -> bool:
    """True for a place in the document, or the action to go to one with nothing after it."""
    if isinstance(action, DictionaryObject):
        return _resolve(action, "/S") == "/GoTo" and "/Next" not in action
    return action is None or isinstance(action, ArrayObject | NullObject)


def verdict(path: Path) -> dict[str, object]:
    """What the process says of a file; `code` is "" when nothing stands against it."""
    try:
        check_pdf(path.read_bytes())
    except RejectedFile as refused:
        return {"code": refused.code, "params": refused.params}
    return {"code": "", "params": {}}


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sys.stdout.write(json.dumps(verdict(Path(sys.argv[1]))))


if __name__ == "__main__":
    _main()
