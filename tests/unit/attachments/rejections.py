"""The rejection of a file as tests compare it."""

from __future__ import annotations

from collections.abc import Callable

from registry.attachments.rejection import RejectedFile


def rejection_code(check: Callable[[bytes], object], data: bytes) -> str:
    """Return the code with which a check rejects the data, or "" if it accepts it."""
    try:
        check(data)
    except RejectedFile as rejection:
        return rejection.code
    return ""
