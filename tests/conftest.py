"""Deselects what cannot run here, and says why in one line each (design, section 11: never skipped)."""

from __future__ import annotations

import os
import shutil

import pytest

from tests.shared_data import SHARED

REASONS = {
    "shared": (SHARED.is_dir, "the developers' real data (../shared) is not beside this checkout"),
    "browser": (lambda: bool(find_chromium()), "no Chromium found: install Debian's package `chromium`, or set CHROMIUM to its path"),
}


def find_chromium() -> str | None:
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for marker, (is_there, reason) in REASONS.items():
        if is_there():
            continue
        left_out = [item for item in items if item.get_closest_marker(marker)]
        if left_out:
            config.hook.pytest_deselected(items=left_out)
            items[:] = [item for item in items if item not in left_out]
            config.stash.setdefault(NOTES, []).append(f"{len(left_out)} tests did not run: {reason}")


NOTES: pytest.StashKey[list[str]] = pytest.StashKey()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for note in config.stash.get(NOTES, []):
        terminalreporter.write_line(note)
