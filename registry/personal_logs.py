"""Logs never repeat the number of a person's identity card: it is masked in every line and traceback."""

from __future__ import annotations

import logging
import traceback
from typing import Any

from registry.reference.identifiers import personal


class MaskedRecord(logging.LogRecord):
    """A line of a log with numbers of people masked."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0]:
            lines = traceback.format_exception(*self.exc_info)
            self.exc_text = personal.mask_resident_ids("".join(lines).rstrip("\n"))

    def getMessage(self) -> str:  # noqa: N802 - the name of the library
        return personal.mask_resident_ids(super().getMessage())


def mask_logs() -> None:
    """Mask all lines that this process logs from now on."""
    logging.setLogRecordFactory(MaskedRecord)
