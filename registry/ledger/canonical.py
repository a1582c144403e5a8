"""Canonical JSON (RFC 8785) and the hashes of the log (RFC 6962, section 2.1)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

import orjson
import rfc8785

LEAF_PREFIX = b"\x00"


def canonical_json(document: Mapping[str, Any]) -> bytes:
    """The RFC 8785 bytes of a JSON object.

    orjson writes the same bytes for the documents we keep (string keys inside the Basic Multilingual Plane,
    integers below 2**53, fractions of everyday size); other floats are left to the reference implementation,
    whose number format the RFC fixes.
    """
    return (
        rfc8785.dumps(document)
        if _needs_reference(document)
        else orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    )


def _needs_reference(value: Any) -> bool:
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
    return hashlib.sha256(data).hexdigest()


def leaf_hash(leaf: bytes) -> str:
    """RFC 6962: SHA-256 over a zero byte and the leaf."""
    return hashlib.sha256(LEAF_PREFIX + leaf).hexdigest()


def format_instant(moment: dt.datetime) -> str:
    """UTC to the microsecond, always with six digits: one moment has one spelling."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def leaf(  # the argument list is the leaf's definition
    *,
    register: str,
    number: str,
    version: int,
    schema_version: int,
    status: str,
    reason: str,
    legal_basis: str,
    actor_role: str,
    recorded_at: dt.datetime,
    document_hash: str,
) -> bytes:
    """The leaf of an entry: canonical JSON over what was published, and nothing personal."""
    return canonical_json(
        {
            "register": register,
            "number": number,
            "version": version,
            "schema_version": schema_version,
            "status": status,
            "reason": reason,
            "legal_basis": legal_basis,
            "actor_role": actor_role,
            "recorded_at": format_instant(recorded_at),
            "document_hash": document_hash,
        }
    )
