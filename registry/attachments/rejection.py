"""The one error of this room: a file that is not taken, with the code of the reason."""

from __future__ import annotations


class RejectedFile(Exception):
    """A file is not taken. `code` is an issue code of the kit, `params` fit its words."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params
