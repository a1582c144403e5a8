"""The law of settings: what is read is documented, what is documented is read, and secrets stay secret.

Read from the source of registry and portal, from docs/settings.md, and from `Settings` itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from registry.config import SECRET_FILE, Settings, ensure_secret, write_served_address
from registry.errors import Misconfigured

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "settings.md"
VARIABLE = re.compile(r"PINZHENG_[A-Z_]+")
ROW = re.compile(r"^\| `(PINZHENG_[A-Z_]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
SECRET = re.compile(r"secret|password|token|key")
READERS = {
    "registry/config.py": "the settings",
    "portal/cli/terminal.py": "the language of the terminal, which is no setting of ours (POSIX)",
    "registry/registers/__init__.py": "folders with further registers, wanted before there are settings",
}
PUBLIC = {"PINZHENG_BASE_URL": "https://pinzheng.example"}


def sources() -> dict[str, ast.Module]:
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
        for folder in ("registry", "portal")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def documented() -> dict[str, str]:
    """Variable → default, as the table says."""
    return {name: default.strip("`") for name, default, _meaning in ROW.findall(TABLE.read_text("utf-8"))}


def variables(node: ast.AST, *, complaints: bool = False) -> Iterator[str]:
    """Variables that the code names; those it only complains of are left out unless asked for."""
    for child in ast.iter_child_nodes(node):
        if (
            isinstance(child, ast.Constant)
            and isinstance(child.value, str)
            and VARIABLE.fullmatch(child.value)
        ):
            yield child.value
        complains = isinstance(child, ast.Call) and ast.unparse(child.func).endswith("Misconfigured")
        if complaints or not complains:
            yield from variables(child, complaints=complaints)


def reads_environment(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Attribute) and ast.unparse(node) in ("os.environ", "os.getenv", "os.environb")
        for node in ast.walk(tree)
    ) or any(
        isinstance(node, ast.ImportFrom)
        and node.module == "os"
        and {alias.name for alias in node.names} & {"environ", "getenv"}
        for node in ast.walk(tree)
    )


def test_what_is_read_is_documented_and_the_other_way_round() -> None:
    read = {name for tree in sources().values() for name in variables(tree)}
    assert read
    assert read == set(documented())


def test_every_variable_that_is_named_is_one() -> None:
    known = set(documented())
    assert {name for tree in sources().values() for name in variables(tree, complaints=True)} <= known
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {name for page in pages for name in VARIABLE.findall(page.read_text("utf-8"))}
    assert named - known == set()


def test_the_environment_is_read_in_one_place() -> None:
    assert {name for name, tree in sources().items() if reads_environment(tree)} == set(READERS)


def test_defaults_are_as_documented() -> None:
    made = Settings.from_environment({})
    given = documented()
    assert made.base_url == given["PINZHENG_BASE_URL"]
    assert made.data_dir == Path(given["PINZHENG_DATA_DIR"]).absolute()
    assert made.database_url == f"sqlite:///{made.data_dir / 'pinzheng.sqlite3'}"
    assert str(made.page_cache_mb) == given["PINZHENG_PAGE_CACHE_MB"]
    assert str(made.search_cache_mb) == given["PINZHENG_SEARCH_CACHE_MB"]
    assert ", ".join(map(str, made.trusted_proxies)) == given["PINZHENG_TRUSTED_PROXIES"]
    assert not made.production


def test_a_secret_has_no_default() -> None:
    secrets = [each for each in fields(Settings) if SECRET.search(each.name)]
    assert [each.name for each in secrets] == ["secret_key"]
    assert [each.name for each in secrets if (each.default, each.default_factory) != (MISSING, MISSING)] == []


@pytest.mark.parametrize("given", [{}, {"PINZHENG_SECRET_KEY": ""}])
def test_production_does_not_start_without_a_secret(tmp_path: Path, given: dict[str, str]) -> None:
    ensure_secret(tmp_path)  # the one of a trial on this machine is not taken for it
    environ = {"PINZHENG_DATA_DIR": str(tmp_path), **given}
    assert Settings.from_environment(environ).secret_key
    with pytest.raises(Misconfigured) as stopped:
        Settings.from_environment(environ | PUBLIC)
    assert stopped.value.setting == "PINZHENG_SECRET_KEY"
    assert "\n" not in str(stopped.value)
    assert Settings.from_environment(environ | PUBLIC | {"PINZHENG_SECRET_KEY": "x" * 32}).production


def test_links_of_a_command_lead_to_where_the_server_last_listened(tmp_path: Path) -> None:
    environ = {"PINZHENG_DATA_DIR": str(tmp_path)}
    assert Settings.from_environment(environ).base_url == "http://127.0.0.1:8000"
    write_served_address(tmp_path, "http://127.0.0.1:8080")
    assert Settings.from_environment(environ).base_url == "http://127.0.0.1:8080"
    assert Settings.from_environment(environ, "http://[::1]:81").base_url == "http://[::1]:81"
    assert Settings.from_environment(environ | PUBLIC | {"PINZHENG_SECRET_KEY": "x" * 32}).production


def test_the_secret_that_is_kept_is_random_and_private(tmp_path: Path) -> None:
    kept = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        ensure_secret(tmp_path / name)
        path = tmp_path / name / SECRET_FILE
        assert path.stat().st_mode & 0o777 == 0o600
        kept.append(path.read_text("utf-8").strip())
    assert len(set(kept)) == 2
    assert min(map(len, kept)) >= 32


def test_settings_do_not_show_their_secrets() -> None:
    settings = Settings(
        Path("/nowhere"), "postgresql+psycopg://clerk:open-sesame@db.example/pinzheng", "a-secret-key", ""
    )
    shown = f"{settings!r} {settings}"
    assert [secret for secret in ("open-sesame", "a-secret-key") if secret in shown] == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"PINZHENG_DATABASE_URL": "mysql://clerk:open-sesame@db.example/pinzheng"},
        {"PINZHENG_BASE_URL": "ftp://pinzheng.example", "PINZHENG_SECRET_KEY": "open-sesame"},
        {"PINZHENG_PAGE_CACHE_MB": "much"},
        {"PINZHENG_TRUSTED_PROXIES": "10.0.0.1/8"},
    ],
)
def test_a_wrong_setting_is_named_in_one_line_without_secrets(wrong: dict[str, str]) -> None:
    with pytest.raises(Misconfigured) as stopped:
        Settings.from_environment(wrong)
    assert stopped.value.setting == next(iter(wrong))
    assert "open-sesame" not in str(stopped.value)
    assert "\n" not in str(stopped.value)


SPECIMEN = """
import os
A = os.environ.get("PINZHENG_ONE")
B = helper(environ, "PINZHENG_TWO")
raise Misconfigured("PINZHENG_THREE", "PINZHENG_FOUR is a sentence")
"""


def test_the_law_has_eyes() -> None:
    tree = ast.parse(SPECIMEN)
    assert list(variables(tree)) == ["PINZHENG_ONE", "PINZHENG_TWO"]
    assert list(variables(tree, complaints=True)) == ["PINZHENG_ONE", "PINZHENG_TWO", "PINZHENG_THREE"]
    assert reads_environment(tree)
    assert reads_environment(ast.parse("from os import getenv"))
    assert not reads_environment(ast.parse("request.environ.get('HTTP_HOST')"))
    assert ROW.findall("| `PINZHENG_X` | `1` | a word |") == [("PINZHENG_X", "`1`", "a word")]
