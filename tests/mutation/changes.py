"""The small changes that are tried on a module, each as code objects that can stand in for those of running functions.

The changes are those of mutmut (less the two that only change the case of a text) and three of our own: a condition
turned round, a call left out, a result withheld.
"""

from __future__ import annotations
import __future__

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation import mutators

FUTURE = __future__.annotations.compiler_flag
DECISIVE = (
    cst.BaseNumber, cst.ComparisonTarget, cst.BooleanOperation, cst.UnaryOperation, cst.BinaryOperation, cst.AugAssign,
    cst.If, cst.CompIf, cst.IfExp, cst.Is, cst.IsNot, cst.In, cst.NotIn, cst.Break, cst.Continue,
)  # fmt: skip
CALLED_AS_THEY_ARE = {"len", "isinstance", "cast", "TypeVar", "NewType"}


@dataclasses.dataclass(frozen=True)
class Change:
    """One change of a module: where, what it is, and the code that differs by it."""

    path: str
    line: int
    before: str
    after: str
    codes: tuple[tuple[CodeType, CodeType], ...]  # of functions: as it is, as changed; outer ones first


def changes_of(path: Path, name: str, *, boundaries: bool = False) -> Iterator[Change]:
    """All changes of a module. `name`: its path as its code objects have it.

    `boundaries`: of numbers, comparisons and conditions only, which are the fewest and tell the most.
    """
    source = path.read_text("utf-8")
    wrapper = MetadataWrapper(cst.parse_module(source), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    for statement in wrapper.module.body:
        if isinstance(statement, cst.SimpleStatementLine) and _imports_or_text(statement):
            continue
        decorators = getattr(statement, "decorators", ())
        first = min(positions[part].start.line for part in (statement, *decorators))
        original = _compile(statement, first, name)
        if original is None:
            continue
        for node in _nodes(statement):
            if boundaries and not isinstance(node, DECISIVE):
                continue
            for after in _changes_of_node(node):
                changed = statement.deep_replace(node, after)  # type: ignore[arg-type]
                code = _compile(changed, first, name)  # type: ignore[arg-type]
                if code is None or code == original:
                    continue
                yield Change(
                    path=str(path),
                    line=positions[node].start.line,
                    before=_text(node),
                    after=_text(after),
                    codes=tuple(_differing(original, code)),
                )


def _imports_or_text(statement: cst.SimpleStatementLine) -> bool:
    return all(
        isinstance(part, (cst.Import, cst.ImportFrom))
        or (isinstance(part, cst.Expr) and isinstance(part.value, cst.BaseString))
        for part in statement.body
    )


def _text(node: cst.CSTNode) -> str:
    text = " ".join(cst.Module(body=[]).code_for_node(node).split())
    return text if len(text) <= 160 else f"{text[:120]} … {text[-38:]}"


def _compile(statement: cst.CSTNode, first: int, name: str) -> CodeType | None:
    """The code of one statement of a module, with the lines that it has there; None if it cannot be compiled."""
    text = cst.Module(body=[]).code_for_node(statement)
    lines = text.split("\n")
    start = 0
    while start < len(lines) and (not lines[start].strip() or lines[start].lstrip().startswith("#")):
        start += 1
    try:
        return compile("\n" * (first - 1) + "\n".join(lines[start:]), name, "exec", FUTURE, dont_inherit=True)
    except (SyntaxError, ValueError):
        return None


def _nodes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The nodes that may be changed: no annotations, decorators or texts that only explain."""
    if isinstance(node, (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom, cst.Assert)):
        return
    if (
        isinstance(node, cst.Call)
        and isinstance(node.func, cst.Name)
        and node.func.value in CALLED_AS_THEY_ARE
    ):
        for argument in node.args:
            yield from _nodes(argument)
        return
    if isinstance(node, cst.SimpleStatementLine) and _imports_or_text(node):
        return
    yield node
    for child in node.children:
        yield from _nodes(child)


def _changes_of_node(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    for kind, operator in mutators.mutation_operators:
        if isinstance(node, kind):
            made = list(operator(node))
            # Of a text: one other text. That its case matters is the same finding.
            yield from made[:1] if operator is mutators.operator_string else made
    for own in OWN:
        yield from own(node)


def _condition_turned_round(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, (cst.If, cst.CompIf)) and not isinstance(
        node.test, (cst.Comparison, cst.UnaryOperation, cst.BooleanOperation)
    ):
        turned = cst.UnaryOperation(
            cst.Not(), node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        )
        yield node.with_changes(test=turned)


def _call_left_out(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Expr) and isinstance(node.value, cst.Call):
        yield cst.Pass()


def _result_withheld(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.Return) and node.value is not None and not isinstance(node.value, cst.Name):
        yield node.with_changes(value=cst.Name("None"), whitespace_after_return=cst.SimpleWhitespace(" "))


OWN: tuple[Callable[[cst.CSTNode], Iterator[cst.CSTNode]], ...] = (
    _condition_turned_round,
    _call_left_out,
    _result_withheld,
)


def _differing(original: CodeType, changed: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """The functions in two versions of a piece of code that differ: each as it is and as changed."""
    pairs = zip(_inner(original), _inner(changed), strict=False)
    for before, after in pairs:
        if before == after:
            continue
        if (
            before.co_flags & 0x0002 and before.co_freevars == after.co_freevars
        ):  # CO_NEWLOCALS: of a function
            yield before, after
        yield from _differing(before, after)


def _inner(code: CodeType) -> list[CodeType]:
    return [constant for constant in code.co_consts if isinstance(constant, CodeType)]
