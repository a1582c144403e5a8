"""Documents for paper: the only room that knows the typesetter and the fonts that it embeds."""

from __future__ import annotations

from pathlib import Path

import registry.printing.messages  # noqa: F401 - declares the words of the codes of this room

FONT = Path(__file__).parent / "fonts" / "NotoSansSC-Regular.otf"  # Chinese and Latin characters
FONT_FAMILY = "Noto Sans CJK SC"
