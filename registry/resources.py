"""Where `migrations` and `translations` lie: beside the packages in a checkout, inside `registry` once installed."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def resource_folder(name: str) -> Path:
    """Return the folder of this name that came with the code, installed or not."""
    installed = PACKAGE / name
    return installed if installed.is_dir() else PACKAGE.parent / name
