"""Services and doors know what a register is, and none by name: what differs is data or a hook of its definition."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue, organisation_register

ROOT = Path(__file__).resolve().parents[2]
CODE = sorted(path for folder in ("registry/services", "portal") for path in (ROOT / folder).rglob("*.py"))
TEMPLATES = sorted((ROOT / "portal/templates").rglob("*.html"))
SLUGS = set(catalogue())
# `/workspace/organisations/…` is an address of the workspace, not of the register.
IN_ADDRESSES = SLUGS - {organisation_register().slug}
# What a filer should look at again has this name in the public answer of the API, and so on pages: no register is meant.
NOTICES_TO_FILERS = {
    "portal/api/applications.py",
    "portal/api/filing.py",
    "portal/workspace/draft_pages.py",
    "portal/workspace/sheets.py",
}
JINJA_TEXT = re.compile(r'"([^"\n]*)"')


def strings(source: str) -> Iterator[str]:
    """Every string of a module, docstrings too, and the fixed parts of f-strings."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def named_registers(texts: Iterator[str]) -> set[str]:
    """Slugs that stand alone in a string, or as a part of an address."""
    found: set[str] = set()
    for text in texts:
        if text in SLUGS:
            found.add(text)
        if " " not in text and "/" in text:
            found |= IN_ADDRESSES & set(re.split(r"[/.?]", text))
    return found


def own_names(register: RegisterDefinition) -> set[str]:
    """States, fields and relations that belong to this register alone and are more than a plain word."""
    return {
        name
        for name in (
            *(state.code for state in register.life_cycle.states),
            *register.schema.register_fields(),
            *(link.relation for link in register.links),
        )
        if "_" in name
    }


def within(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("path", CODE, ids=within)
def test_no_code_names_a_register(path: Path) -> None:
    found = named_registers(strings(path.read_text("utf-8")))
    assert found == ({"notices"} if within(path) in NOTICES_TO_FILERS else set())


@pytest.mark.parametrize("path", TEMPLATES, ids=within)
def test_no_template_names_a_register(path: Path) -> None:
    assert named_registers(iter(JINJA_TEXT.findall(path.read_text("utf-8")))) == set()


def test_no_code_names_what_only_a_filed_register_has() -> None:
    shared = {
        name for register in catalogue().values() if register.filing is None for name in own_names(register)
    }
    names = {
        name for register in catalogue().values() if register.filing for name in own_names(register)
    } - shared
    assert names
    wrong = {within(path): found for path in CODE if (found := names & set(strings(path.read_text("utf-8"))))}
    assert wrong == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('REGISTER = "declarations"', {"declarations"}),
        ('path = f"/workspace/organisations/{org}/declarations"', {"declarations"}),
        ('path = f"/workspace/organisations/{org}/people"', set()),
        ('_("Standards that brands declare")', set()),
    ],
)
def test_named_registers_are_noticed(source: str, found: set[str]) -> None:
    assert named_registers(strings(source)) == found
