"""Every sheet has its source in a SOURCES.md; NOTICE names it, unless the SOURCES.md lies with the register it belongs to."""

from __future__ import annotations

import pytest

from tests.packaging.conftest import ROOT

pytestmark = pytest.mark.once
PACKAGES = ("registry", "portal")


def names_of(*patterns: str) -> set[str]:
    """Names of the files of the packages that fit one of the patterns."""
    return {
        path.name for package in PACKAGES for pattern in patterns for path in (ROOT / package).rglob(pattern)
    }


def test_notice_names_every_sheet_and_the_licence_of_the_fonts() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    sheets = names_of("*.csv", "*.npz", "*.arrays")
    assert sheets
    own = "".join(path.read_text("utf-8") for path in (ROOT / "registry" / "registers").rglob("SOURCES.md"))
    assert {name for name in sheets if name not in notice and f"`{name}`" not in own} == set()
    fonts = {path.parent.relative_to(ROOT) for path in (ROOT / "portal" / "static").rglob("*.woff2")}
    assert {folder for folder in fonts if f"{folder}/OFL.txt" not in notice} == set()


def test_sources_are_stated_for_every_sheet() -> None:
    stated = "".join(path.read_text("utf-8") for path in (ROOT / "registry").rglob("SOURCES.md"))
    assert {name for name in names_of("*.csv", "*.npz", "*.arrays") if f"`{name}`" not in stated} == set()
