"""The table of all codes with their parameters, from the declarations; and every place in the code that raises one.

`python -m tests.contracts.issue_codes` prints `docs/issue-codes.md`.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import portal
import registry
from registry.messages import Message, all_messages, as_message
from registry.registers import catalogue

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "issue-codes.md"
COMMON_PARAMS = frozenset({"row", "column", "file"})  # of cells in a table of a record, of imported files
# Constructors whose first argument is a code → whether the parameters are keyword arguments.
CONSTRUCTORS = {
    "Issue": False,
    "blocking_error": True,
    "SheetError": True,
    "RejectedFile": True,
    "Conflict": True,
    "Forbidden": True,
    "Stale": True,
    "Unavailable": True,
}
HEAD = """# Issue codes

Whatever is refused or doubted has a code and parameters; words are made from them where they are shown. The API gives
both, as `{"code", "field", "params", "message"}`. This page lists every code with its parameters and its English
message. It is made from the declarations (`messages.py` of each room, `messages` of each register's definition) by
`python -m tests.contracts.issue_codes`; a test compares it with them, and with every place that raises a code.

Parameters in brackets come only where they apply. An issue about a cell of a table inside a record (an indicator, a
review) has `row`, counted from 1, and `column` besides; one about a file that a command imports has `file`. Numbers
are JSON numbers; dates are ISO 8601, as far as the source states them.
"""


@dataclass(frozen=True, slots=True)
class Raised:
    """One place that raises a code: `params` is None where they are not written out there."""

    where: str
    code: str
    params: frozenset[str] | None


@cache
def declared() -> Mapping[str, Message]:
    """The messages of all rooms, once every module has been imported."""
    for package in (registry, portal):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    return {code: message for _room, code, message in all_messages()}


def messages_of(code: str, path: Path) -> list[Message]:
    """The messages that a code raised in this file may have: its register's own, else the one that a room declares."""
    own = [
        as_message(register.messages[code])
        for register in catalogue().values()
        if code in register.messages and path.is_relative_to(register.folder)
    ]
    return own or [message for message in [declared().get(code)] if message]


def raised() -> Iterator[tuple[Path, Raised]]:
    """Every call that makes an issue or an error of a code written out in the call."""
    for folder in ("registry", "portal"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in CONSTRUCTORS and node.args:
                    where = f"{path.relative_to(ROOT)}:{node.lineno}"
                    for code in _codes(node.args[0]):
                        yield path, Raised(where, code, _params(node))


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _codes(first: ast.expr) -> list[str]:
    parts = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]


def _params(call: ast.Call) -> frozenset[str] | None:
    if CONSTRUCTORS[_name(call.func)]:
        names = [keyword.arg for keyword in call.keywords]
        return None if None in names else frozenset(name for name in names if name)
    given = [*call.args[2:3], *(each.value for each in call.keywords if each.arg == "params")]
    if not given:
        return frozenset()
    if not isinstance(given[0], ast.Dict):
        return None
    keys = [key.value if isinstance(key, ast.Constant) else None for key in given[0].keys]
    return None if None in keys else frozenset(map(str, keys))


def page() -> str:
    """The text of `docs/issue-codes.md`."""
    declared()
    lines = [HEAD]
    rooms: dict[str, list[tuple[str, Message]]] = {}
    for room, code, message in all_messages():
        rooms.setdefault(room.removesuffix(".messages"), []).append((code, message))
    for slug, register in sorted(catalogue().items()):
        own = [(code, as_message(message)) for code, message in sorted(register.messages.items())]
        rooms.setdefault(f"Register `{slug}`", []).extend(own)
    for room, messages in rooms.items():
        if messages:
            title = room if room.startswith("Register") else f"`{room}`"
            lines += [f"\n## {title}\n", "| Code | Parameters | Message |", "|---|---|---|"]
            lines += [_line(code, message) for code, message in messages]
    return "\n".join(lines) + "\n"


def _line(code: str, message: Message) -> str:
    params = [f"`{name}`" for name in message.params] + [f"[`{name}`]" for name in message.optional]
    return f"| `{code}` | {', '.join(params)} | {message.text.replace('|', chr(92) + '|')} |"


if __name__ == "__main__":
    print(page(), end="")
