"""Canonical JSON (RFC 8785) and the hashes of the log (RFC 6962, section 2.1)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
import rfc8785

LEAF_PREFIX = b"\x00"


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """The RFC 8785 bytes of a JSON object.

    orjson, which is faster, writes the same bytes for most documents (keys inside the Basic Multilingual Plane,
    integers below 2**53, fractions of everyday size). Others go to the reference implementation, whose number format
    the RFC fixes.
    """
    return (
        rfc8785.dumps(document)
        if _needs_reference(document)
        else orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    )


def _needs_reference(value: Any) -> bool:
    """True if orjson may write a value in another way than RFC 8785 wants."""
    kind = type(value)
    if kind is str or value is None or kind is bool:
        return False
    if kind is int:
        return not -(2**53) < value < 2**53
    if kind is dict:
        for key, part in value.items():
            # RFC 8785 sorts keys by UTF-16 units, orjson by code points: equal below U+E000.
            if not key.isascii() and max(key) >= "\ue000":
                return True
            if type(part) is not str and _needs_reference(part):
                return True
        return False
    if kind is list or kind is tuple:
        return any(type(part) is not str and _needs_reference(part) for part in value)
    # Both write the shortest decimal form of a fraction in this range; whole floats differ ("1.0" against "1").
    return not (kind is float and 1e-4 < abs(value) < 1e15 and not value.is_integer())


def document_hash(data: bytes) -> str:
    """The SHA-256 of a document's canonical JSON, in hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def content_hash(document: Mapping[str, Any]) -> str:
    """A text of 64 characters that is equal for documents that say the same, for comparing them: not the hash that the log has."""
    return document_hash(orjson.dumps(document, option=orjson.OPT_SORT_KEYS))


def leaf_hash(leaf: bytes) -> str:
    """The leaf hash of RFC 6962: SHA-256 over a zero byte and the leaf, in hexadecimal."""
    return hashlib.sha256(LEAF_PREFIX + leaf).hexdigest()


def format_instant(moment: dt.datetime) -> str:
    """An instant in UTC, always with six digits of a second, so that it has one spelling only."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLeaf:
    """What the log says of an entry: exactly what was published, and nothing personal."""

    register: str
    number: str
    version: int
    schema_version: int
    status: str
    reason: str
    legal_basis: str
    actor_role: str
    recorded_at: dt.datetime
    document_hash: str

    def encode(self) -> bytes:
        """The canonical JSON of the leaf, whose keys are the names of its fields."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return canonical_json({**values, "recorded_at": format_instant(self.recorded_at)})
