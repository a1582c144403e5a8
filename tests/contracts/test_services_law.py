"""The law of services: permission first, no web framework, no store of their own, and words for who calls them.

Read from the source of every module of `registry.services` and of the doors that call them; nothing is run.
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
    "registry.services.operations.maintenance": "makes the store before there is a registry",
    "registry.services.exchange.duplicate_keys": "keeps the keys of one sheet in a file of its own, not in the store",
}
OPEN_TO_ALL = {
    "registry.services.operations.check_readiness": "health, which tells nothing of any record",
    "registry.services.operations.lag_seconds": "health, which tells nothing of any record",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Source:
    """Modules by name as syntax trees, with what each name in them stands for."""

    def __init__(self, modules: Mapping[str, str]) -> None:
        self.trees = {name: ast.parse(text) for name, text in modules.items()}
        self.functions = {
            f"{name}.{function.name}": function
            for name, tree in self.trees.items()
            for function in tree.body
            if isinstance(function, Function)
        }

    def full_name(self, module: str, called: ast.expr) -> str:
        """What a call names: `reading.locate` in a door is `registry.services.reading.locate`."""
        first, dot, rest = ast.unparse(called).partition(".")
        return self._names(module).get(first, f"{module}.{first}") + dot + rest

    def _names(self, module: str) -> dict[str, str]:
        return {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(self.trees[module])
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }

    def asks(self, name: str, seen: frozenset[str] = frozenset()) -> bool:
        """True when this function asks the policy first, or hands the actor to one that does."""
        function = self.functions.get(name)
        if function is None or name in seen:
            return False
        module = name.rpartition(".")[0]
        if self._asks_first(module, function):
            return True
        return any(
            self.asks(self.full_name(module, call.func), seen | {name})
            for call in ast.walk(function)
            if isinstance(call, ast.Call) and passes(call, "actor")
        )

    def _asks_first(self, module: str, function: Function) -> bool:
        """The first statement after the docstring is `require(actor, Action.…)`."""
        body = function.body[1:] if ast.get_docstring(function) is not None else function.body
        first = body[0].value if body and isinstance(body[0], ast.Expr) else None
        return (
            isinstance(first, ast.Call)
            and self.full_name(module, first.func) == REQUIRE
            and [ast.unparse(each) for each in first.args[:1]] == ["actor"]
            and {ast.unparse(each) for each in first.args[1:]} <= ACTIONS
        )

    def unasked(self) -> list[str]:
        """Public functions that are given an actor and never ask what he may do."""
        return [
            name
            for name, function in self.functions.items()
            if not function.name.startswith("_") and "actor" in parameters(function) and not self.asks(name)
        ]

    def methods_with_actor(self) -> list[str]:
        """Public methods of public classes that are given an actor: a use case is a function."""
        return [
            f"{module}.{made.name}.{method.name}"
            for module, tree in self.trees.items()
            for made in tree.body
            if isinstance(made, ast.ClassDef) and not made.name.startswith("_")
            for method in made.body
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

    def opened(self) -> set[str]:
        """Modules that open a database or an index."""
        return {
            name
            for name, tree in self.trees.items()
            for call in ast.walk(tree)
            if isinstance(call, ast.Call) and ast.unparse(call.func) in OPENING
        }

    def untold(self) -> list[str]:
        """Public functions and classes that take a registry and do not say what for."""
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
        """Services that a door hands the registry without saying who asks."""
        return {
            name
            for module, tree in self.trees.items()
            for call in ast.walk(tree)
            if isinstance(call, ast.Call)
            and call.args
            and ast.unparse(call.args[0]).rpartition(".")[2].lstrip("_") == "registry"
            and (name := self.full_name(module, call.func)).startswith(SERVICES)
            and not any(passes(call, who) for who in ("ANONYMOUS", "actor"))
        }


def passes(call: ast.Call, name: str) -> bool:
    given = [*call.args, *(keyword.value for keyword in call.keywords)]
    return any(
        (isinstance(each, ast.Name) and each.id == name)
        or (isinstance(each, ast.Attribute) and each.attr == name)  # `who.actor`, whose session it is
        for each in given
    )


def arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


def parameters(function: Function) -> list[str]:
    return [each.arg for each in arguments(function)]


def takes_registry(node: Function | ast.ClassDef) -> bool:
    """A function with a parameter of type `Registry`, or a class whose constructor has one."""
    if isinstance(node, ast.ClassDef):
        made = [each for each in node.body if isinstance(each, Function) and each.name == "__init__"]
        return any(takes_registry(each) for each in made)
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


def test_whoever_is_given_an_actor_asks_what_he_may_do(services: Source) -> None:
    asking = [name for name in services.functions if services.asks(name)]
    assert "registry.services.exchange.importer.import_files" in asking
    assert services.unasked() == []
    assert services.methods_with_actor() == []


def test_doors_say_who_asks(doors: Source) -> None:
    assert any(name.startswith(SERVICES) for _module, name in doors.imported())
    assert doors.calls_without_actor() == set(OPEN_TO_ALL)


def test_services_know_no_web(services: Source) -> None:
    found = list(services.imported())
    assert ("registry.services.bootstrap", "sqlalchemy") in found
    assert [(module, name) for module, name in found if name.partition(".")[0] in WEB] == []


def test_only_wiring_and_upkeep_open_the_store(services: Source) -> None:
    assert services.opened() == set(MAY_OPEN)


def test_what_takes_a_registry_says_what_it_does(services: Source) -> None:
    assert services.untold() == []


SPECIMEN = '''
from flask import request
from registry.accounts.policy import Action, require
from registry.services import other

def asks(registry: Registry, actor, slug):
    """Good."""
    require(actor, Action.READ)

def hands_on(registry: Registry, actor):
    return other.good(registry, actor=actor)

def asks_late(registry: Registry, actor):
    if registry:
        require(actor, Action.READ)

def asks_for_another(actor):
    require(SYSTEM, Action.READ)

def wants_the_unknown(actor):
    require(actor, Action.FLY)

def hands_to_itself(actor):
    hands_to_itself(actor)

def never(registry: Registry, *, actor):
    create_engine("sqlite://")

def _private(actor):
    """Nobody's business."""

class Case:
    def __init__(self, registry: Registry) -> None:
        ...

    def settle(self, actor):
        ...
'''
OTHER = """
from registry.accounts.policy import Action, require
from registry.services import specimen

def good(registry, actor):
    require(actor, Action.READ)

def door(site):
    specimen.asks(site.registry, "brands")
    specimen.asks(site.registry, ANONYMOUS)
    specimen.never(self._registry, actor)
"""


def test_the_law_has_eyes() -> None:
    source = Source({f"{SERVICES}.specimen": SPECIMEN, f"{SERVICES}.other": OTHER})
    wrong = ["asks_late", "asks_for_another", "wants_the_unknown", "hands_to_itself", "never"]
    assert source.unasked() == [f"{SERVICES}.specimen.{name}" for name in wrong]
    assert source.methods_with_actor() == [f"{SERVICES}.specimen.Case.settle"]
    assert source.opened() == {f"{SERVICES}.specimen"}
    assert (f"{SERVICES}.specimen", "flask") in source.imported()
    assert source.calls_without_actor() == {f"{SERVICES}.specimen.asks"}
    assert source.untold() == [
        f"{SERVICES}.specimen.{name}" for name in ("hands_on", "asks_late", "never", "Case")
    ]
