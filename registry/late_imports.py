"""Libraries that take long to load, for their dictionaries mostly: each is imported when it is first used.

A command that reads one table starts without them. `load_late_modules` is for processes that serve readers.
"""

from __future__ import annotations

import importlib
from typing import Any


class LateModule:
    """A module that is imported when one of its names is first used."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self._name), name)
        setattr(self, name, value)  # found without this function from now on
        return value

    def load(self) -> None:
        """Import it now."""
        importlib.import_module(self._name)


pypinyin = LateModule("pypinyin")  # readings of 47,000 phrases
rensa = LateModule("rensa")  # signatures of texts, which the daily job alone makes
rjieba = LateModule("rjieba")  # 350,000 Chinese words with their frequencies


def load_late_modules() -> None:
    """Import those that a search in Chinese needs."""
    for module in (pypinyin, rjieba):
        module.load()
