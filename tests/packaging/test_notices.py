"""Every file that was taken from elsewhere is named in NOTICE, and every sheet with its source in a SOURCES.md."""

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
    sheets = names_of("*.csv")
    assert sheets
    assert {name for name in sheets if name not in notice} == set()
    fonts = {path.parent.relative_to(ROOT) for path in (ROOT / "portal").rglob("*.woff2")}
    assert {folder for folder in fonts if f"{folder}/OFL.txt" not in notice} == set()


def test_sources_are_stated_for_every_sheet() -> None:
    stated = "".join(path.read_text("utf-8") for path in (ROOT / "registry").rglob("SOURCES.md"))
    assert {name for name in names_of("*.csv") if f"`{name}`" not in stated} == set()
