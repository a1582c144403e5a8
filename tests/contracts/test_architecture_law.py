"""Contract of the files: named for what they hold, with a docstring, imports at the top.

Holds for every Python file of registry and portal, and the decisions in docs.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("registry", "portal")
LONGEST = 600  # lines: beyond, a file holds more than one thing
VAGUE_NAME = re.compile(r"(?:.*_)?(?:utils?|helpers?|common|misc|managers?)(?:_.*)?")
DECISION = re.compile(r"(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md")
MAX_MODULES = 20  # in a package of the services: more than that is a heap, not a room
IMPORTS_INSIDE: dict[str, str] = {}  # file → why an import stands in a function: none does


def python_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def within(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def vaguely_named(paths: Iterable[Path]) -> list[Path]:
    """Files and folders whose name does not say what they hold."""
    return [path for path in paths if any(VAGUE_NAME.fullmatch(Path(part).stem) for part in path.parts)]


def without_docstring(source: str) -> bool:
    """True for a module without a docstring, unless it is empty."""
    return bool(source.strip()) and not ast.get_docstring(ast.parse(source))


def imports_inside(tree: ast.Module) -> list[str]:
    """Imports inside functions."""
    return [
        ast.unparse(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]


def calls(tree: ast.Module) -> set[str]:
    """The last names of everything called: `create_all` for `Base.metadata.create_all(engine)`."""
    return {
        ast.unparse(node.func).rpartition(".")[2] for node in ast.walk(tree) if isinstance(node, ast.Call)
    }


def wrongly_numbered(names: list[str]) -> list[str]:
    """Names of decisions that do not follow 0001, 0002 … each once."""
    matches = [DECISION.fullmatch(name) for name in sorted(names)]
    return [
        name
        for number, (name, match) in enumerate(zip(sorted(names), matches, strict=True), start=1)
        if not match or int(match[1]) != number
    ]


@pytest.fixture(scope="module")
def trees() -> dict[str, ast.Module]:
    return {within(path): ast.parse(path.read_text("utf-8")) for path in python_files(*PRODUCT)}


def test_no_package_of_the_services_is_a_heap() -> None:
    packages = [path.parent for path in python_files("registry/services") if path.name == "__init__.py"]
    modules = {within(folder): len(list(folder.glob("*.py"))) - 1 for folder in packages}
    assert len(modules) > 15
    assert {name: count for name, count in modules.items() if count > MAX_MODULES} == {}


def test_every_file_is_named_for_what_it_holds() -> None:
    paths = [path.relative_to(ROOT) for path in python_files(*PRODUCT, "migrations", "tests")]
    assert len(paths) > 100
    assert vaguely_named(paths) == []


@pytest.mark.parametrize("path", python_files(*PRODUCT), ids=within)
def test_every_file_has_a_docstring(path: Path) -> None:
    source = path.read_text("utf-8")
    assert not without_docstring(source)
    assert len(source.splitlines()) <= LONGEST


def test_imports_are_at_the_top(trees: dict[str, ast.Module]) -> None:
    assert {name: hidden for name, tree in trees.items() if (hidden := imports_inside(tree))}.keys() == (
        IMPORTS_INSIDE.keys()
    )


def test_tables_come_from_migrations_only() -> None:
    files = python_files(*PRODUCT, "migrations", "tests")
    making = [within(path) for path in files if "create_all" in calls(ast.parse(path.read_text("utf-8")))]
    assert making == []


def test_only_the_command_line_prints(trees: dict[str, ast.Module]) -> None:
    printing = {name for name, tree in trees.items() if "print" in calls(tree)}
    assert {name for name in printing if not name.startswith("portal/cli/")} == set()


def test_decisions_are_numbered_without_a_gap() -> None:
    names = [path.name for path in (ROOT / "docs" / "decisions").iterdir()]
    assert names
    assert wrongly_numbered(names) == []
    untitled = [
        path.name
        for path in (ROOT / "docs" / "decisions").iterdir()
        if not path.read_text("utf-8").startswith("# ")
    ]
    assert untitled == []


def test_the_checker_detects_violations() -> None:
    named = [
        Path("registry/kit/date_utils.py"),
        Path("common/x.py"),
        Path("x/helpers/y.py"),
        Path("x/utility.py"),
    ]
    assert vaguely_named(named) == named[:3]
    assert without_docstring("x = 1")
    assert not without_docstring("")
    hidden = ast.parse("import a\nclass B:\n    def c(self):\n        if self:\n            from d import e")
    assert imports_inside(hidden) == ["from d import e"]
    assert calls(ast.parse("Base.metadata.create_all(engine)\nprint(x)")) == {"create_all", "print"}
    assert wrongly_numbered(["0001-a.md", "0002-b-c.md", "0004-d.md", "notes.md"]) == [
        "0004-d.md",
        "notes.md",
    ]
    assert wrongly_numbered(["0001-a.md", "0001-b.md"]) == ["0001-b.md"]
