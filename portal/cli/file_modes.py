"""Files of the register are readable by its own account only: the store holds addresses, hashes and names of signers."""

from __future__ import annotations

import functools
import os

PRIVATE_UMASK = 0o077


@functools.cache
def make_files_private() -> int:
    """Let every file and directory that this process makes from now on be private. Returns the umask before that.

    The earlier umask holds for a file that the caller names and means for others, such as an export.
    """
    return os.umask(PRIVATE_UMASK)
