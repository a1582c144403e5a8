"""Where a page of results ends and the next one begins, while records come and go between the two requests.

A `next` token holds the position and the last records shown. The next page begins behind the last of them that is still
in the list, so that what was inserted or removed before it neither repeats a record nor skips one.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from registry.errors import Invalid
from registry.kit.issues import Issue

MAX_ANCHORS = 12  # records of the page before that a token names
WINDOW = 100  # how many records may have come or gone in between
MAX_TOKEN_LENGTH = 400
MAX_POSITION = 2**63 - 1


@dataclass(frozen=True, slots=True)
class ResultPosition:
    """How many results were shown (`offset`), and the ids of the last ones (`anchors`), newest last."""

    offset: int = 0
    anchors: tuple[int, ...] = ()

    @property
    def window_offset(self) -> int:
        """From which result on the list is read again."""
        return max(0, self.offset - WINDOW)

    def window_limit(self, limit: int) -> int:
        """How many results are read again, for a page of `limit` of them."""
        return limit if not self.offset else self.offset - self.window_offset + limit + WINDOW

    def start_in(self, ids: Sequence[int]) -> int:
        """Where in the results that were read again the page begins."""
        places = [place for place, record_id in enumerate(ids) if record_id in self.anchors]
        return places[-1] + 1 if places else self.offset - self.window_offset

    def after(self, shown: Sequence[int], offset: int) -> ResultPosition:
        """The position behind a page of these ids."""
        return ResultPosition(offset, (*self.anchors, *shown)[-MAX_ANCHORS:])

    def token(self) -> str:
        """The position as text for an address."""
        written = ".".join(map(str, (self.offset, *self.anchors)))
        return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def read_position(token: str | None) -> ResultPosition:
    """Return the position of a `next` token, the first one for None. Raises `Invalid` for what `token` has not made."""
    if token is None:
        return ResultPosition()
    typed = token[:MAX_TOKEN_LENGTH]
    try:
        written = base64.urlsafe_b64decode(typed + "=" * (-len(typed) % 4)).decode("ascii")
        offset, *anchors = map(int, written.split("."))
    except (ValueError, binascii.Error):
        offset, anchors = 0, []
    position = ResultPosition(offset, tuple(anchors))
    if not 0 < offset <= MAX_POSITION or position.token() != token:
        raise Invalid((Issue("bad_token", "next", {"value": typed[:40]}),))
    return position
