"""Contract of the settings: what is read is documented, what is documented is read, and secrets stay secret.

Checked in the source of registry and portal, from docs/settings.md, and from `Settings` itself.
"""

from __future__ import annotations

import ast
import functools
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
    "registry/store/snapshot.py": "what the programs of PostgreSQL inherit",
    "portal/cli/backup.py": "the address of another database, read as that of the settings",
    "portal/cli/settings_in_force.py": "folders with further registers, printed beside the settings",
    "registry/config.py": "the settings",
    "registry/observing/shared_files.py": "where processes count together, a variable of the library that they inherit",
    "portal/cli/terminal.py": "the language of the terminal, which is no setting of ours (POSIX)",
    "registry/registers/__init__.py": "folders with further registers, needed before there are settings",
}
PUBLIC = {"PINZHENG_BASE_URL": "https://pinzheng.example"}


@functools.cache
def sources() -> dict[str, ast.Module]:
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8"))
        for folder in ("registry", "portal")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }


def documented() -> dict[str, str]:
    """Variable → default, as the table says."""
    return {name: default.strip("`") for name, default, _meaning in ROW.findall(TABLE.read_text("utf-8"))}


def variables(node: ast.AST, *, with_errors: bool = False) -> Iterator[str]:
    """Variables that the code names; those only named in errors are left out unless requested."""
    for child in ast.iter_child_nodes(node):
        if (
            isinstance(child, ast.Constant)
            and isinstance(child.value, str)
            and VARIABLE.fullmatch(child.value)
        ):
            yield child.value
        is_error = isinstance(child, ast.Call) and ast.unparse(child.func).endswith("Misconfigured")
        if with_errors or not is_error:
            yield from variables(child, with_errors=with_errors)


def reads_environment(tree: ast.Module) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in ("environ", "getenv", "environb")
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        for node in ast.walk(tree)
    ) or any(
        isinstance(node, ast.ImportFrom)
        and node.module == "os"
        and {alias.name for alias in node.names} & {"environ", "getenv"}
        for node in ast.walk(tree)
    )


def test_variables_read_and_variables_documented_are_the_same() -> None:
    read = {name for tree in sources().values() for name in variables(tree)}
    assert read
    assert read == set(documented())


def test_every_variable_named_anywhere_exists() -> None:
    known = set(documented())
    assert {name for tree in sources().values() for name in variables(tree, with_errors=True)} <= known
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    named = {name for page in pages for name in VARIABLE.findall(page.read_text("utf-8"))}
    assert named - known == set()


def test_only_the_listed_modules_read_the_environment() -> None:
    assert {name for name, tree in sources().items() if reads_environment(tree)} == set(READERS)


def test_defaults_are_as_documented(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where no server has left its address
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
    secrets = [setting for setting in fields(Settings) if SECRET.search(setting.name)]
    assert [setting.name for setting in secrets] == ["secret_key", "former_secret_keys", "metrics_token"]
    assert [setting.name for setting in secrets if setting.default not in (MISSING, "", ())] == []


def test_a_secret_may_be_a_list(tmp_path: Path) -> None:
    def secrets(given: str) -> tuple[str, ...]:
        environ = {"PINZHENG_DATA_DIR": str(tmp_path), "PINZHENG_SECRET_KEY": given}
        return Settings.from_environment(environ).secret_keys

    assert secrets("a") == ("a",)
    assert secrets(" b c , a,,a") == ("b c", "a")
    assert secrets("") == ("",)
    (tmp_path / "secret-key").write_text("b\na\n")
    assert secrets("") == ("b", "a")


@pytest.mark.parametrize("given", [None, "", "x" * 31, f"{'x' * 32},{'y' * 31}"])
def test_production_does_not_start_without_a_secret(tmp_path: Path, given: str | None) -> None:
    ensure_secret(tmp_path)  # the stored one of a trial on this machine does not count
    environ = {"PINZHENG_DATA_DIR": str(tmp_path)}
    if given is not None:
        environ["PINZHENG_SECRET_KEY"] = given
    assert Settings.from_environment(environ).secret_key
    with pytest.raises(Misconfigured) as stopped:
        Settings.from_environment(environ | PUBLIC)
    assert stopped.value.setting == "PINZHENG_SECRET_KEY"
    assert "\n" not in str(stopped.value)
    assert Settings.from_environment(environ | PUBLIC | {"PINZHENG_SECRET_KEY": "x" * 32}).production


def test_a_command_takes_the_base_url_from_where_the_server_last_listened(tmp_path: Path) -> None:
    environ = {"PINZHENG_DATA_DIR": str(tmp_path)}
    assert Settings.from_environment(environ).base_url == "http://127.0.0.1:8000"
    write_served_address(tmp_path, "http://127.0.0.1:8080")
    assert Settings.from_environment(environ).base_url == "http://127.0.0.1:8080"
    assert Settings.from_environment(environ, "http://[::1]:81").base_url == "http://[::1]:81"
    assert Settings.from_environment(environ | PUBLIC | {"PINZHENG_SECRET_KEY": "x" * 32}).production


def test_the_stored_secret_is_random_and_private(tmp_path: Path) -> None:
    secrets = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        ensure_secret(tmp_path / name)
        path = tmp_path / name / SECRET_FILE
        assert path.stat().st_mode & 0o777 == 0o600
        secrets.append(path.read_text("utf-8").strip())
    assert len(set(secrets)) == 2
    assert min(map(len, secrets)) >= 32


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


EXAMPLE = """
import os
A = os.environ.get("PINZHENG_ONE")
B = helper(environ, "PINZHENG_TWO")
raise Misconfigured("PINZHENG_THREE", "PINZHENG_FOUR is a sentence")
"""


def test_the_checker_detects_violations() -> None:
    tree = ast.parse(EXAMPLE)
    assert list(variables(tree)) == ["PINZHENG_ONE", "PINZHENG_TWO"]
    assert list(variables(tree, with_errors=True)) == ["PINZHENG_ONE", "PINZHENG_TWO", "PINZHENG_THREE"]
    assert reads_environment(tree)
    assert reads_environment(ast.parse("from os import getenv"))
    assert not reads_environment(ast.parse("request.environ.get('HTTP_HOST')"))
    assert ROW.findall("| `PINZHENG_X` | `1` | a word |") == [("PINZHENG_X", "`1`", "a word")]
