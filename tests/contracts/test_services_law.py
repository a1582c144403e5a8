"""Contract of the services: permission first, no web framework, no store of their own, a docstring for callers.

Checked in the source of every module of `registry.services` and of the doors that call them; nothing is run.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from registry.accounts.policy import Action

ROOT = Path(__file__).resolve().parents[2]
SERVICES = "registry.services"
REQUIRE = "registry.accounts.policy.require"
ACTIONS = {f"Action.{action.name}" for action in Action}
WEB = {"flask", "werkzeug", "jinja2", "portal"}
OPENING = {"create_engine", "engine_for", "open_engine", "sqlite3.connect", "psycopg.connect", "connect"}
MAY_OPEN = {
    "registry.services.bootstrap": "opens the registry",
    "registry.services.operations.migrating": "makes and changes the tables before a registry can be opened",
    "registry.services.operations.backup.restoring": "brings a store back before there is a registry of it",
    "registry.services.exchange.duplicate_keys": "keeps the keys of one sheet in a file of its own, not in the store",
    "registry.services.exchange.foreseen_doubles": "keeps the rows of a dry run in a file of its own, not in the store",
}
OPEN_TO_ALL = {
    "registry.services.operations.check_readiness": "health, which tells nothing of any record",
    "registry.services.operations.report_operation": "health, which tells nothing of any record",
    "registry.services.operations.read_gauges": "health, which tells nothing of any record",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source:
    """Modules by name as syntax trees, and what each name in them refers to."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.trees = {name: ast.parse(text) for name, text in modules.items()}
        self.functions = {
            f"{name}.{function.name}": function
            for name, tree in self.trees.items()
            for function in tree.body
            if isinstance(function, Function)
        }

    def full_name(self, module: str, called: ast.expr) -> str:
        """What a call refers to: `records.get_record` in a door is `registry.services.records.get_record`."""
        first, dot, rest = ast.unparse(called).partition(".")
        return self._names(module).get(first, f"{module}.{first}") + dot + rest

    def _names(self, module: str) -> dict[str, str]:
        return {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(self.trees[module])
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def checks_permission(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """True if this function calls `require` first, or passes the actor to a function that does."""
        function = self.functions.get(name)
        if function is None or name in seen:
            return False
        module = name.rpartition(".")[0]
        if self._requires_first(module, function):
            return True
        return any(
            self.checks_permission(self.full_name(module, call.func), seen | {name})
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and passes(call, "actor")
        )

    def _requires_first(self, module: str, function: Function) -> bool:
        """The first statement after the docstring is `require(actor, Action.…)`."""
        body = function.body[1:] if ast.get_docstring(function) is not None else function.body
        first = body[0].value if body and isinstance(body[0], ast.Expr) else None
        return (
            isinstance(first, ast.Call)
            and self.full_name(module, first.func) == REQUIRE
            and [ast.unparse(argument) for argument in first.args[:1]] == ["actor"]
            and {ast.unparse(argument) for argument in first.args[1:]} <= ACTIONS
        )

    def without_permission_check(self) -> list[str]:
        """Public functions that take an actor and never check what they may do."""
        return [
            name
            for name, function in self.functions.items()
            if not function.name.startswith("_")
            and "actor" in parameters(function)
            and not self.checks_permission(name)
        ]

    def methods_with_actor(self) -> list[str]:
        """Public methods of public classes that take an actor: a use case is a function. Protocols only describe functions."""
        return [
            f"{module}.{class_.name}.{method.name}"
            for module, tree in self.trees.items()
            for class_ in tree.body
            if isinstance(class_, ast.ClassDef)
            and not class_.name.startswith("_")
            and not is_protocol(class_)
            for method in class_.body
            if isinstance(method, Function) and "actor" in parameters(method)
        ]

    def imported(self) -> Iterator[tuple[str, str]]:
        """(module, package it imports), imports inside functions included."""
        for name, tree in self.trees.items():
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    yield from ((name, alias.name) for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield name, node.module or ""

    def modules_opening_stores(self) -> set[str]:
        """Modules that open a database or an index."""
        return {
            name
            for name, tree in self.trees.items()
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and ast.unparse(call.func) in OPENING
        }

    def without_docstring(self) -> list[str]:
        """Public functions and classes that take a registry and have no docstring."""
        return [
            f"{name}.{node.name}"
            for name, tree in self.trees.items()
            for node in tree.body
            if isinstance(node, Function | ast.ClassDef)
            and not node.name.startswith("_")
            and takes_registry(node)
            and not ast.get_docstring(node)
        ]

    def calls_without_actor(self) -> set[str]:
        """Services that a door calls with the registry but without an actor."""
        return {
            name
            for module, tree in self.trees.items()
            for call in ast.walk(tree)
            if isinstance(call, ast.Call)
            and call.args
            and ast.unparse(call.args[0]).rpartition(".")[2].lstrip("_") == "registry"
            and (name := self.full_name(module, call.func)).startswith(SERVICES)
            and not any(passes(call, name_of_actor) for name_of_actor in ("ANONYMOUS", "actor"))
        }


def passes(call: ast.Call, name: str) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        (isinstance(each, ast.Name) and each.id == name)
        or (isinstance(each, ast.Attribute) and each.attr == name)  # `user.actor`
        for each in given
    )


def arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def parameters(function: Function) -> list[str]:
    return [each.arg for each in arguments(function)]


def is_protocol(node: ast.ClassDef) -> bool:
    return any(ast.unparse(base) == "Protocol" for base in node.bases)


def takes_registry(node: Function | ast.ClassDef) -> bool:
    """A function with a parameter of type `Registry`, or a class whose constructor has one."""
    if isinstance(node, ast.ClassDef):
        constructors = [each for each in node.body if isinstance(each, Function) and each.name == "__init__"]
        return any(takes_registry(constructor) for constructor in constructors)
    return any(each.annotation and ast.unparse(each.annotation) == "Registry" for each in arguments(node))


def read(*folders: str) -> Source:
    return Source(
        {
            ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text(
                "utf-8"
            )
            for folder in folders
            for path in sorted((ROOT / folder).rglob("*.py"))
        }
    )


@pytest.fixture(scope="module")
def services() -> Source:
    return read("registry/services")


@pytest.fixture(scope="module")
def doors() -> Source:
    return read(*(f"portal/{room}" for room in ("web", "public", "account", "workspace", "desk", "api")))


def test_functions_with_an_actor_check_permission_first(services: Source) -> None:
    checking = [name for name in services.functions if services.checks_permission(name)]
    assert "registry.services.exchange.importer.import_files" in checking
    assert services.without_permission_check() == []
    assert services.methods_with_actor() == []


def test_doors_pass_an_actor(doors: Source) -> None:
    assert any(name.startswith(SERVICES) for _module, name in doors.imported())
    assert doors.calls_without_actor() == set(OPEN_TO_ALL)


def test_services_import_no_web_framework(services: Source) -> None:
    imported = list(services.imported())
    assert ("registry.services.bootstrap", "sqlalchemy") in imported
    assert [(module, name) for module, name in imported if name.partition(".")[0] in WEB] == []


def test_only_bootstrap_and_maintenance_open_the_store(services: Source) -> None:
    assert services.modules_opening_stores() == set(MAY_OPEN)


def test_functions_with_a_registry_have_a_docstring(services: Source) -> None:
    assert services.without_docstring() == []


EXAMPLE = '''
from flask import request
from registry.accounts.policy import Action, require
from registry.services import other

def requires(registry: Registry, actor, slug):
    """Good."""
    require(actor, Action.READ)

def delegates(registry: Registry, actor):
    return other.good(registry, actor=actor)

def requires_late(registry: Registry, actor):
    if registry:
        require(actor, Action.READ)

def requires_for_another_actor(actor):
    require(SYSTEM, Action.READ)

def requires_an_unknown_action(actor):
    require(actor, Action.FLY)

def calls_only_itself(actor):
    calls_only_itself(actor)

def never(registry: Registry, *, actor):
    create_engine("sqlite://")

def _private(actor):
    """Private."""

class Case:
    def __init__(self, registry: Registry) -> None:
        ...

    def settle(self, actor):
        ...
'''
OTHER = """
from registry.accounts.policy import Action, require
from registry.services import example

def good(registry, actor):
    require(actor, Action.READ)

def door(site):
    example.requires(site.registry, "brands")
    example.requires(site.registry, ANONYMOUS)
    example.never(self._registry, actor)
"""


def test_the_checker_detects_violations() -> None:
    source = Source({f"{SERVICES}.example": EXAMPLE, f"{SERVICES}.other": OTHER})
    wrong = [
        "requires_late",
        "requires_for_another_actor",
        "requires_an_unknown_action",
        "calls_only_itself",
        "never",
    ]
    assert source.without_permission_check() == [f"{SERVICES}.example.{name}" for name in wrong]
    assert source.methods_with_actor() == [f"{SERVICES}.example.Case.settle"]
    assert source.modules_opening_stores() == {f"{SERVICES}.example"}
    assert (f"{SERVICES}.example", "flask") in source.imported()
    assert source.calls_without_actor() == {f"{SERVICES}.example.requires"}
    assert source.without_docstring() == [
        f"{SERVICES}.example.{name}" for name in ("delegates", "requires_late", "never", "Case")
    ]
