"""The language of the terminal, as its environment says it."""

from __future__ import annotations

import os
from collections.abc import Mapping

from registry.i18n import Lang


def terminal_language(environ: Mapping[str, str] = os.environ) -> Lang:
    """Return the language that POSIX gives a terminal: LC_ALL, else LC_MESSAGES, else LANG; English by default."""
    locale = next(filter(None, map(environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if locale.lower().startswith("zh") else "en"
