"""The words of the codes about statistics."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import Messages, declare

MESSAGES: Messages = {
    "chart_font_missing": _(
        "This server has no font with the characters of this chart, so it cannot be drawn as PNG. Take it as SVG, which is "
        "drawn with the fonts of your own computer."
    ),
}

declare(__name__, MESSAGES)
