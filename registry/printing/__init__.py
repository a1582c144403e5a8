"""Documents for paper: the only room that knows the typesetter and the fonts that it embeds."""

from __future__ import annotations

import registry.printing.messages  # noqa: F401 - declares the words of the codes of this room
