"""What stands against a file, for tests to compare."""

from __future__ import annotations

from collections.abc import Callable

from registry.attachments.rejection import RejectedFile


def code_for(check: Callable[[bytes], object], data: bytes) -> str:
    """The code with which a check refuses, "" when it does not."""
    try:
        check(data)
    except RejectedFile as refused:
        return refused.code
    return ""
