"""The error of this room: a file that is not accepted, with the issue code of the reason."""

from __future__ import annotations


class RejectedFile(Exception):
    """A file is not accepted. `code`: an issue code; `params`: the placeholders of its message."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
