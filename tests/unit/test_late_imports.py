"""Large libraries are loaded when they are used, so that commands start without them."""

from __future__ import annotations

import subprocess
import sys

import pytest

from registry.late_imports import LateModule
from tests.faults.server import ROOT

pytestmark = pytest.mark.once
LATE = ("alembic", "email_validator", "ftfy", "pypinyin", "rjieba", "xlsxwriter", "zxcvbn")
LOADED = "import sys; print(*(name for name in {names!r} if name in sys.modules))"


def loaded_after(statement: str, *names: str) -> list[str]:
    """Those of these modules that a process has loaded after a statement."""
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\n{LOADED.format(names=names)}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


def test_the_application_is_imported_without_large_libraries() -> None:
    assert loaded_after("import portal.generation", *LATE, "psycopg") == []


def test_help_loads_neither_the_store_nor_babel() -> None:
    assert loaded_after("import portal.cli", *LATE, "babel", "sqlalchemy", "stdnum") == []


def test_what_a_search_needs_is_loaded_before_processes_are_forked() -> None:
    statement = "from registry.late_imports import load_late_modules; load_late_modules()"
    assert loaded_after(statement, *LATE) == ["pypinyin", "rjieba"]


def test_a_late_module_has_the_names_of_the_module() -> None:
    late = LateModule("string")
    assert late.digits == late.digits == "0123456789"
    with pytest.raises(AttributeError):
        _ = late.no_such_name
